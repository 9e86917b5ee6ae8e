/* ops.h — what takes the place of nodes of ggml's graph (graph.h). */
#ifndef TRAIN_OPS_H
#define TRAIN_OPS_H
#include "train/matmul.h"
#include "train/model.h"

#include <stdatomic.h>

struct ggml_cgraph;
struct ggml_tensor;

#define OPS_MAX_THREADS 64

/* What the ops of one graph share. */
struct ops {
    enum matmul_kind kind;
    const struct train_model *model;
    int rank;
    int n_count; /* rows of the head that count */
    const int *label;
    float *loss, *norm; /* of each such row */
    void *scratch[OPS_MAX_THREADS];
};

/* A frozen weight of the graph: tensor is a stand-in that is never read. */
struct ops_weight {
    struct ops *ops;
    const struct train_weight *weight;
    const struct ggml_tensor *tensor;
    atomic_int
        taken[2]; /* chunks of outputs that threads have taken, forward and back; 0 before the graph is computed */
};

/* Replaces nodes; weights: n of them. Returns how many. */
int ops_replace(struct ops *ops, struct ggml_cgraph *graph, struct ops_weight *weights, int n);
/* Before every computation of the graph, on its caller's thread. */
void ops_begin(struct ops_weight *weights, int n);
#endif
