/* lora_file.h — a LoRA adapter's file, checked and brought into the shape that lora_math.h computes with. Foreign input:
 * its head is read with bounds (gguf_check.h), and every tensor is held against the model's before a number of it is used.
 *
 * Format, as llama.cpp's convert_lora_to_gguf.py writes it: GGUF with general.type = adapter, adapter.type = lora,
 * general.architecture = the model's, adapter.lora.alpha (f32), and for each weight W (in x out) of the model that it
 * changes the tensors W.lora_a (in x rank) and W.lora_b (rank x out), of any type that ggml can turn into f32.
 * W·x becomes W·x + scale · alpha / rank · B·(A·x); without alpha (0) the factor is scale. Any thread. */
#ifndef HOST_LORA_FILE_H
#define HOST_LORA_FILE_H
#include "anima/anima.h"

#define LORA_MAX_RANK 512
#define LORA_LANES 16 /* outputs that lie side by side in memory */

/* The weights of a model that an adapter may change. */
struct lora_weight {
    char name[128];
    int in, out;
    bool plain; /* a matrix that is multiplied with activations: not an embedding, norm, bias, or one of experts */
};

struct lora_weights {
    struct lora_weight *list; /* by name */
    int n;
    char architecture[64];
};

/* Of a model's file. lora_weights_free it in any case. */
int lora_weights_read(const char *model, struct lora_weights *out, anima_error *err);
void lora_weights_free(struct lora_weights *w);
/* Its place in the list, -1: none. n bytes of name. */
int lora_weight_find(const struct lora_weights *w, const char *name, size_t n);

/* What an adapter adds at one weight. Numbers are f16 if the file has them so, else f32. */
struct lora_part {
    int rank;      /* 0: nothing */
    float factor;  /* alpha / rank */
    bool half;     /* a and b are f16 */
    const void *a; /* rank rows of `in` */
    /* B in blocks of LORA_LANES outputs (zeros behind the last), each a row of so many numbers for every k < rank: read
     * from one end to the other. */
    const void *b;
};

struct lora_parts {
    struct lora_part *list; /* one for each of the model's weights, in their order */
    void *block;            /* all numbers */
    size_t bytes;           /* of them */
    int n;                  /* parts that add something */
};

/* data: all n bytes of the file. name is for messages. On success *out is yours. ANIMA_E_MODEL says what does not fit. */
int lora_parse(const unsigned char *data, size_t n, const char *name, const struct lora_weights *weights,
               struct lora_parts *out, anima_error *err);
void lora_parts_free(struct lora_parts *p);
#endif
