#include "train/ops.h"

#include <math.h>
#include <string.h>

#include <ggml.h>

/* ggml's op_params of a custom node, as ggml_custom_4d writes them (v0.5.0). */
struct custom {
    ggml_custom_op_t compute;
    int n_tasks;
    void *ctx;
};

static void replace(struct ggml_tensor *node, ggml_custom_op_t compute, void *ctx)
{
    struct custom custom = { compute, GGML_N_TASKS_MAX, ctx };
    node->op = GGML_OP_CUSTOM;
    memset(node->op_params, 0, sizeof(node->op_params));
    memcpy(node->op_params, &custom, sizeof(custom));
}

static size_t stride(const struct ggml_tensor *t, int i) { return t->nb[i] / sizeof(float); }

/* ---- frozen weights ---- */

/* Outputs are taken in chunks by whichever thread is free: another program on its processor holds up a chunk, not the step.
 * AMX rounds the rows anew for each part, so there it is a part a thread. */
static int chunks_of(enum matmul_kind kind, int n, int parts)
{
    int chunks = n / (4 * MATMUL_UNIT);
    return kind == MATMUL_AMX || chunks < parts ? parts : chunks;
}

static void run_weight(struct ggml_tensor *y, int part, int parts, struct ops_weight *w, bool back)
{
    const struct ggml_tensor *x = y->src[1];
    int rows = (int)y->ne[1], k = back ? w->weight->out : w->weight->in, n = back ? w->weight->in : w->weight->out;
    const struct ops *ops = w->ops;
    if (w->weight == &ops->model->head) { /* rows that do not count are not computed */
        int count = (ops->n_count + MATMUL_UNIT - 1) / MATMUL_UNIT * MATMUL_UNIT;
        if (part == 0 && count < rows)
            memset((char *)y->data + (size_t)count * y->nb[1], 0, (size_t)(rows - count) * y->nb[1]);
        rows = count < rows ? count : rows;
    }
    int chunks = chunks_of(ops->kind, n, parts);
    for (int i; (i = atomic_fetch_add_explicit(&w->taken[back], 1, memory_order_relaxed)) < chunks;)
        matmul_run(ops->kind, back ? w->weight->back : w->weight->forward, k, n, x->data, stride(x, 1), y->data,
                   stride(y, 1), rows, i, chunks, ops->scratch[part]);
}

static void forward(struct ggml_tensor *y, int part, int parts, void *ctx) { run_weight(y, part, parts, ctx, false); }

static void backward(struct ggml_tensor *y, int part, int parts, void *ctx) { run_weight(y, part, parts, ctx, true); }

/* ---- the adapter ---- */

static void outer(struct ggml_tensor *out, int part, int parts, void *ctx)
{
    const struct ops *ops = ctx;
    const struct ggml_tensor *a = out->src[0], *b = out->src[1];
    int64_t shared = out->ne[2] / a->ne[2];
    for (int64_t i = 0; i < out->ne[2]; i++)
        matmul_outer(ops->kind, (const float *)(const void *)((const char *)a->data + (size_t)(i / shared) * a->nb[2]),
                     stride(a, 1), (const float *)(const void *)((const char *)b->data + (size_t)i * b->nb[2]),
                     stride(b, 1), stride(b, 0), (int)a->ne[1],
                     (float *)(void *)((char *)out->data + (size_t)i * out->nb[2]), stride(out, 1), (int)out->ne[0],
                     (int)out->ne[1], part, parts);
}

/* y = B·u: rank is small, so that ggml's inner products of `rank` numbers are mostly overhead. */
static void expand(struct ggml_tensor *y, int part, int parts, void *ctx)
{
    const struct ops *ops = ctx;
    const struct ggml_tensor *b = y->src[0], *u = y->src[1];
    matmul_expand(ops->kind, b->data, ops->rank, u->data, stride(u, 1), y->data, stride(y, 1), (int)y->ne[0],
                  (int)y->ne[1], part, parts);
}

/* ---- the loss ---- */

static void loss(struct ggml_tensor *out, int part, int parts, void *ctx)
{
    struct ops *ops = ctx;
    const struct ggml_tensor *logits = out->src[0];
    int n = (int)logits->ne[0];
    for (int i = part; i < ops->n_count; i += parts) {
        const float *x = (const float *)logits->data + (size_t)i * stride(logits, 1);
        float most = -INFINITY, sum = 0;
        for (int j = 0; j < n; j++)
            most = x[j] > most ? x[j] : most;
        for (int j = 0; j < n; j++)
            sum += expf(x[j] - most);
        ops->norm[i] = most + logf(sum);
        ops->loss[i] = ops->norm[i] - x[ops->label[i]];
    }
    if (part == 0)
        *(float *)out->data = 0;
}

static void loss_back(struct ggml_tensor *out, int part, int parts, void *ctx)
{
    struct ops *ops = ctx;
    const struct ggml_tensor *logits = out->src[1];
    int n = (int)out->ne[0];
    float share = 1.0f / (float)ops->n_count;
    for (int i = part; i < (int)out->ne[1]; i += parts) {
        float *y = (float *)out->data + (size_t)i * stride(out, 1);
        const float *x = (const float *)logits->data + (size_t)i * stride(logits, 1);
        if (i >= ops->n_count) {
            memset(y, 0, (size_t)n * sizeof(*y));
            continue;
        }
        for (int j = 0; j < n; j++)
            y[j] = expf(x[j] - ops->norm[i]) * share;
        y[ops->label[i]] -= share;
    }
}

/* ---- which nodes ---- */

static struct ops_weight *weight_of(struct ops_weight *weights, int n, const struct ggml_tensor *tensor)
{
    for (int i = 0; i < n; i++)
        if (weights[i].tensor == tensor)
            return &weights[i];
    return NULL;
}

static bool plain_outer(const struct ggml_tensor *node)
{
    return node->src[0]->type == GGML_TYPE_F32 && node->src[0]->nb[0] == sizeof(float) && node->ne[3] == 1 &&
           node->src[1]->ne[2] == node->ne[2];
}

static bool replace_one(struct ops *ops, struct ggml_tensor *node, struct ops_weight *w)
{
    bool is_expansion = node->op == GGML_OP_MUL_MAT && (node->src[0]->flags & GGML_TENSOR_FLAG_PARAM) &&
                        node->src[0]->ne[0] == ops->rank && strstr(ggml_get_name(node->src[0]), "lora_b");
    if (node->op == GGML_OP_MUL_MAT && w) {
        replace(node, forward, w);
    } else if (node->op == GGML_OP_OUT_PROD && w && node->src[1]->op == GGML_OP_TRANSPOSE) {
        node->src[1] = node->src[1]->src[0]; /* the rows as they lie */
        replace(node, backward, w);
    } else if (is_expansion) {
        replace(node, expand, ops);
    } else if (node->op == GGML_OP_OUT_PROD && !w && plain_outer(node)) {
        replace(node, outer, ops);
    } else if (node->op == GGML_OP_CROSS_ENTROPY_LOSS) {
        replace(node, loss, ops);
    } else if (node->op == GGML_OP_CROSS_ENTROPY_LOSS_BACK) {
        replace(node, loss_back, ops);
    } else {
        return false;
    }
    return true;
}

void ops_begin(struct ops_weight *weights, int n)
{
    for (int i = 0; i < n; i++)
        for (int way = 0; way < 2; way++)
            atomic_store_explicit(&weights[i].taken[way], 0, memory_order_relaxed);
}

int ops_replace(struct ops *ops, struct ggml_cgraph *graph, struct ops_weight *weights, int n)
{
    int replaced = 0;
    for (int i = 0; i < ggml_graph_n_nodes(graph); i++) {
        struct ggml_tensor *node = ggml_graph_node(graph, i);
        struct ops_weight *w = node->src[0] ? weight_of(weights, n, node->src[0]) : NULL;
        replaced += replace_one(ops, node, w);
    }
    return replaced;
}
