/* graph.h — one step of training as a ggml graph: the model's forward pass over packed examples, the loss at the answers' tokens, and
 * the gradients of the adapter's matrices by ggml's own automatic differentiation. Afterwards the products with frozen weights
 * and the outer products are replaced by ours (matmul.h), and the loss by one that has only the rows that count; what they compute
 * is the same.
 *
 * W·x becomes W·x + alpha / rank · B·(A·x), A rank rows of `in`, B `out` rows of rank (Hu et al. 2021, arXiv:2106.09685). A begins at random, B with
 * zeros. One thread calls; ggml's threads compute. */
#ifndef TRAIN_GRAPH_H
#define TRAIN_GRAPH_H
#include "train/matmul.h"
#include "train/model.h"

#define TRAIN_MAX_RANK MATMUL_MAX_RANK

struct ggml_tensor;

struct train_shape {
    int rank;
    float alpha;
    unsigned places; /* bits of enum train_place */
    float dropout;   /* share of an adapter's inputs that are left out in a step */
    int tokens;      /* of a batch, a multiple of MATMUL_UNIT */
    int answers;     /* tokens of a batch that can count, a multiple of MATMUL_UNIT */
    uint64_t seed;
};

/* Examples side by side; a token sees those in front of it of the same example. */
struct train_batch {
    int n;
    int *token, *position, *example; /* n of shape.tokens */
    int n_answers;
    int *at, *label; /* the token behind row `at` is to be `label`; n_answers of shape.answers */
    uint64_t seed;   /* by which inputs are left out (shape.dropout); 0: none are */
};

/* One matrix of the adapter. */
struct train_param {
    char name[64]; /* blk.0.attn_q.weight.lora_a */
    int columns, rows;
    float *value, *gradient; /* rows x columns; gradient: of the last train_graph_run */
};

struct train_graph;

/* The model is borrowed. train_graph_destroy it in any case. */
int train_graph_create(const struct train_model *model, const struct train_shape *shape, enum matmul_kind kind,
                       int max_threads, struct train_graph **out, anima_error *err);
void train_graph_destroy(struct train_graph *g);
/* The mean loss (nats a token) over the batch's answers; with learn, also the gradients, of that mean. Each answer's own
 * loss is in losses, if it is not NULL. */
double train_graph_run(struct train_graph *g, const struct train_batch *batch, bool learn, int threads, float *losses);
struct train_param *train_graph_params(struct train_graph *g, int *n);
/* Bytes of the graph's buffers. */
size_t train_graph_bytes(const struct train_graph *g);
#endif
