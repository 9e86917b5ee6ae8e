/* adapter.h — a trained adapter as a GGUF file, as llama.cpp's convert_lora_to_gguf.py writes it (general.type = adapter, adapter.type = lora,
 * adapter.lora.alpha, tensors W.lora_a and W.lora_b), so that llama_adapter_lora_init and src/host/lora.c read it. */
#ifndef TRAIN_ADAPTER_H
#define TRAIN_ADAPTER_H
#include "train/graph.h"

enum adapter_type { ADAPTER_F16, ADAPTER_Q8_0 }; /* Q8_0: where a matrix's columns are a multiple of 32, else F16 */

struct adapter_note {
    const char *key, *value; /* says how it was made: anima.KEY */
};

/* Written beside path and renamed. notes: ended by a NULL key; may be NULL. */
int adapter_write(const char *path, const struct train_model *model, const struct train_shape *shape,
                  const struct train_param *params, int n, enum adapter_type type, const struct adapter_note *notes,
                  anima_error *err);
#endif
