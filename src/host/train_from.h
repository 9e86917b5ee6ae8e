/* train_from.h — an adapter's file as the beginning of another training: its matrices instead of random numbers and zeros. Foreign input,
 * read with bounds (gguf_check.h). */
#ifndef HOST_TRAIN_FROM_H
#define HOST_TRAIN_FROM_H
#include "train/graph.h"

/* Fills the values of n params (train_run_params). ANIMA_E_CONFLICT: the adapter has another rank, strength or other places, or is
 * another model's; the message says what it has. ANIMA_E_MODEL: no adapter, or damaged. On an error the values are undefined. */
int train_from_read(const char *path, const struct train_shape *shape, struct train_param *params, int n,
                    anima_error *err);
#endif
