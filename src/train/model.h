/* model.h — the frozen model that an adapter is trained for: sizes from the GGUF's head, weights packed for matmul.h.
 * Architectures llama and qwen2 (rotary positions of either style, grouped heads, biases at q, k, v, head tied to the embedding or
 * not), of any quantisation. The file must have passed gguf_check. Memory: twice 2 bytes for every number of a matrix. */
#ifndef TRAIN_MODEL_H
#define TRAIN_MODEL_H
#include "anima/anima.h"

#include <stdint.h>

/* Where an adapter may be, in the order of a layer. */
enum train_place { TRAIN_Q, TRAIN_K, TRAIN_V, TRAIN_O, TRAIN_GATE, TRAIN_UP, TRAIN_DOWN, TRAIN_PLACES };
extern const char *const train_place_names[TRAIN_PLACES]; /* "attn_q", … as in GGUF */

struct train_weight {
    uint16_t *forward, *back; /* packed */
    int in, out;
    float *bias; /* or NULL */
};

struct train_layer {
    struct train_weight at[TRAIN_PLACES];
    float *attn_norm, *ffn_norm;
};

struct train_model {
    char architecture[32];
    int layers, width, heads, kv_heads, head_size, ffn, vocab, context;
    int rope_size;
    bool neox; /* style of the rotary positions */
    float rope_base, eps;
    float *rope_factors; /* rope_size / 2, or NULL */
    struct train_layer *layer;
    struct train_weight head;
    float *output_norm;
    /* The embedding stays as it is in the file. */
    const unsigned char *file;
    size_t file_size;
    const unsigned char *embedding;
    size_t embedding_row;
    int embedding_type;
};

typedef void train_progress(void *ctx, double done);

/* ANIMA_E_UNSUPPORTED: another architecture, or sizes that are no multiples of 32. train_model_free in any case. */
int train_model_load(const char *path, train_progress *progress, void *ctx, struct train_model *out, anima_error *err);
void train_model_free(struct train_model *m);
/* The embedding of a token: width numbers. */
void train_model_embed(const struct train_model *m, int token, float *out);
#endif
