#include "train/graph.h"

#include "base/draw.h"
#include "base/err.h"
#include "base/mem.h"
#include "train/ops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ggml-alloc.h>
#include <ggml-backend.h>
#include <ggml.h>

#define NODES 65536

typedef struct ggml_tensor tensor;

struct train_graph {
    const struct train_model *model;
    struct train_shape shape;
    struct ops ops;
    struct ops_weight *weights;
    int n_weights, n_params;
    struct train_param *params;
    tensor **param_tensors;
    struct ggml_context *frozen; /* stand-ins, whose data ggml never reads, and vectors of the model */
    struct ggml_context *own;    /* inputs and parameters, with their data */
    struct ggml_context *nodes;
    struct ggml_cgraph *graph, *forward; /* forward: its first part, for a loss without gradients */
    int max_threads;                     /* that have scratch */
    tensor *embedded, *position, *chosen, *mask, *dropped[3], *loss_gradient;
    ggml_backend_t backend;
    ggml_backend_set_n_threads_t set_threads;
    ggml_gallocr_t buffers;
    uint64_t random;
};

/* ---- leaves ---- */

/* Tensors of the model that ggml reads: vectors. */
static tensor *vector(struct train_graph *g, float *data, int n)
{
    tensor *t = ggml_new_tensor_1d(g->frozen, GGML_TYPE_F32, n);
    t->data = data;
    return t;
}

static tensor *frozen(struct train_graph *g, const struct train_weight *w)
{
    tensor *t = ggml_new_tensor_2d(g->frozen, GGML_TYPE_BF16, w->in, w->out);
    t->data = w->forward; /* something that is there; only our ops read it */
    g->weights[g->n_weights++] = (struct ops_weight){ .ops = &g->ops, .weight = w, .tensor = t };
    return t;
}

static float uniform(uint64_t *state) { return (float)(draw_u64(state) >> 40) * 0x1p-24f; }

static tensor *param(struct train_graph *g, int columns, int rows, float spread, int layer, int place, char half)
{
    tensor *t = ggml_new_tensor_2d(g->own, GGML_TYPE_F32, columns, rows);
    struct train_param *p = &g->params[g->n_params];
    g->param_tensors[g->n_params++] = t;
    snprintf(p->name, sizeof(p->name), "blk.%d.%s.weight.lora_%c", layer, train_place_names[place], half);
    ggml_set_name(t, p->name);
    ggml_set_param(t);
    p->columns = columns;
    p->rows = rows;
    p->value = t->data;
    for (int i = 0; i < columns * rows; i++)
        p->value[i] = spread > 0 ? (2 * uniform(&g->random) - 1) * spread : 0;
    return t;
}

/* ---- the forward pass ---- */

static tensor *linear(struct train_graph *g, int layer, enum train_place place, tensor *x, tensor *dropped)
{
    struct ggml_context *c = g->nodes;
    const struct train_weight *w = &g->model->layer[layer].at[place];
    tensor *y = ggml_mul_mat(c, frozen(g, w), x);
    if (w->bias)
        y = ggml_add(c, y, vector(g, w->bias, w->out));
    if (!(g->shape.places >> place & 1))
        return y;
    tensor *a = param(g, w->in, g->shape.rank, 1 / sqrtf((float)w->in), layer, (int)place, 'a');
    tensor *b = param(g, g->shape.rank, w->out, 0, layer, (int)place, 'b');
    tensor *u = ggml_mul_mat(c, a, dropped ? ggml_mul(c, x, dropped) : x);
    return ggml_add(c, y, ggml_mul_mat(c, b, ggml_scale(c, u, g->shape.alpha / (float)g->shape.rank)));
}

static tensor *norm(struct train_graph *g, tensor *x, float *weight)
{
    return ggml_mul(g->nodes, ggml_rms_norm(g->nodes, x, g->model->eps), vector(g, weight, g->model->width));
}

/* Rows of heads with their positions, ordered by head. */
static tensor *heads(struct train_graph *g, tensor *x, int n)
{
    const struct train_model *m = g->model;
    tensor *factors = m->rope_factors ? vector(g, m->rope_factors, m->rope_size / 2) : NULL;
    x = ggml_reshape_3d(g->nodes, x, m->head_size, n, g->shape.tokens);
    x = ggml_rope_ext(g->nodes, x, g->position, factors, m->rope_size, m->neox ? GGML_ROPE_TYPE_NEOX : 0, 0,
                      m->rope_base, 1, 0, 1, 32, 1);
    return ggml_cont(g->nodes, ggml_permute(g->nodes, x, 0, 2, 1, 3));
}

static tensor *attention(struct train_graph *g, int layer, tensor *x)
{
    const struct train_model *m = g->model;
    struct ggml_context *c = g->nodes;
    tensor *h = norm(g, x, m->layer[layer].attn_norm), *narrow = g->dropped[0];
    tensor *q = heads(g, linear(g, layer, TRAIN_Q, h, narrow), m->heads);
    tensor *k = heads(g, linear(g, layer, TRAIN_K, h, narrow), m->kv_heads);
    tensor *v = ggml_reshape_3d(c, linear(g, layer, TRAIN_V, h, narrow), m->head_size, m->kv_heads, g->shape.tokens);
    v = ggml_cont(c, ggml_permute(c, v, 1, 2, 0, 3));
    tensor *scores = ggml_soft_max_ext(c, ggml_mul_mat(c, k, q), g->mask, 1 / sqrtf((float)m->head_size), 0);
    tensor *o = ggml_cont(c, ggml_permute(c, ggml_mul_mat(c, v, scores), 0, 2, 1, 3));
    o = ggml_reshape_2d(c, o, m->heads * m->head_size, g->shape.tokens);
    return ggml_add(c, x, linear(g, layer, TRAIN_O, o, g->dropped[1]));
}

static tensor *feed_forward(struct train_graph *g, int layer, tensor *x)
{
    tensor *h = norm(g, x, g->model->layer[layer].ffn_norm), *narrow = g->dropped[0];
    tensor *gate = linear(g, layer, TRAIN_GATE, h, narrow), *up = linear(g, layer, TRAIN_UP, h, narrow);
    tensor *inner = ggml_swiglu_split(g->nodes, gate, up);
    return ggml_add(g->nodes, x, linear(g, layer, TRAIN_DOWN, inner, g->dropped[2]));
}

static tensor *whole_pass(struct train_graph *g)
{
    const struct train_model *m = g->model;
    tensor *x = g->embedded;
    for (int i = 0; i < m->layers; i++)
        x = feed_forward(g, i, attention(g, i, x));
    x = norm(g, ggml_get_rows(g->nodes, x, g->chosen), m->output_norm);
    tensor *logits = ggml_mul_mat(g->nodes, frozen(g, &m->head), x);
    tensor *labels = ggml_new_tensor_2d(g->frozen, GGML_TYPE_F32, m->vocab, g->shape.answers);
    labels->data = g->embedded->data; /* a stand-in, too: our loss knows the labels */
    return ggml_cross_entropy_loss(g->nodes, logits, labels);
}

/* ---- making it ---- */

static size_t own_bytes(const struct train_graph *g)
{
    const struct train_model *m = g->model;
    const struct train_shape *s = &g->shape;
    size_t q = (size_t)m->heads * (size_t)m->head_size, t = (size_t)s->tokens, numbers = 0;
    for (int p = 0; p < TRAIN_PLACES; p++)
        if (s->places >> p & 1)
            numbers += (size_t)(m->layer[0].at[p].in + m->layer[0].at[p].out) * (size_t)s->rank;
    numbers = numbers * (size_t)m->layers + t * t + t * (size_t)m->width + t + (size_t)s->answers;
    numbers += s->dropout > 0 ? t * ((size_t)m->width + q + (size_t)m->ffn) : 0;
    return numbers * sizeof(float) + (size_t)(m->layers * TRAIN_PLACES * 2 + 16) * (ggml_tensor_overhead() + 64);
}

static bool make_leaves(struct train_graph *g)
{
    const struct train_model *m = g->model;
    int t = g->shape.tokens, sizes[3] = { m->width, m->heads * m->head_size, m->ffn };
    size_t stand_ins = (size_t)(m->layers * 20 + 32);
    struct ggml_init_params frozen_params = { stand_ins * ggml_tensor_overhead(), NULL, true };
    struct ggml_init_params own_params = { own_bytes(g), NULL, false };
    struct ggml_init_params node_params = {
        NODES * 3 * ggml_tensor_overhead() + 3 * ggml_graph_overhead_custom(NODES, true), NULL, true
    };
    g->frozen = ggml_init(frozen_params);
    g->own = ggml_init(own_params);
    g->nodes = ggml_init(node_params);
    if (!g->frozen || !g->own || !g->nodes)
        return false;
    g->embedded = ggml_new_tensor_2d(g->own, GGML_TYPE_F32, m->width, t);
    g->position = ggml_new_tensor_1d(g->own, GGML_TYPE_I32, t);
    g->chosen = ggml_new_tensor_1d(g->own, GGML_TYPE_I32, g->shape.answers);
    g->mask = ggml_new_tensor_2d(g->own, GGML_TYPE_F32, t, t);
    for (int i = 0; i < 3 && g->shape.dropout > 0; i++)
        g->dropped[i] = ggml_new_tensor_2d(g->own, GGML_TYPE_F32, sizes[i], t);
    return true;
}

static int build(struct train_graph *g, anima_error *err)
{
    tensor *loss = whole_pass(g);
    ggml_set_loss(loss);
    ggml_set_output(loss);
    g->forward = ggml_new_graph_custom(g->nodes, NODES, false);
    ggml_build_forward_expand(g->forward, loss);
    g->graph = ggml_new_graph_custom(g->nodes, NODES, true);
    ggml_build_forward_expand(g->graph, loss);
    ggml_build_backward_expand(g->nodes, g->graph, NULL);
    ops_replace(&g->ops, g->graph, g->weights, g->n_weights);
    for (int i = 0; i < g->n_params; i++) {
        tensor *gradient = ggml_graph_get_grad(g->graph, g->param_tensors[i]);
        if (!gradient)
            return err_set(err, ANIMA_E_UNSUPPORTED, "ggml gives no gradient for %s", g->params[i].name);
        ggml_set_output(gradient);
    }
    g->loss_gradient = ggml_graph_get_grad(g->graph, loss);
    if (g->loss_gradient)
        ggml_set_output(g->loss_gradient);
    return ANIMA_OK;
}

static int allocate(struct train_graph *g, int max_threads, anima_error *err)
{
    g->backend = ggml_backend_init_by_type(GGML_BACKEND_DEVICE_TYPE_CPU, NULL);
    if (!g->backend)
        return err_set(err, ANIMA_E_ENGINE, "ggml has no CPU backend here");
    ggml_backend_reg_t reg = ggml_backend_dev_backend_reg(ggml_backend_get_device(g->backend));
    g->set_threads = (ggml_backend_set_n_threads_t)ggml_backend_reg_get_proc_address(reg, "ggml_backend_set_n_threads");
    g->buffers = ggml_gallocr_new(ggml_backend_get_default_buffer_type(g->backend));
    if (!g->buffers || !ggml_gallocr_alloc_graph(g->buffers, g->graph))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for training");
    for (int i = 0; i < g->n_params; i++)
        g->params[i].gradient = ggml_graph_get_grad(g->graph, g->param_tensors[i])->data;
    size_t scratch = matmul_scratch(g->shape.tokens > g->shape.answers ? g->shape.tokens : g->shape.answers);
    g->max_threads = max_threads < OPS_MAX_THREADS ? max_threads : OPS_MAX_THREADS;
    for (int i = 0; i < g->max_threads; i++)
        if (!(g->ops.scratch[i] = aligned_alloc(64, scratch)))
            return err_set(err, ANIMA_E_NOMEM, "out of memory for training");
    return ANIMA_OK;
}

int train_graph_create(const struct train_model *model, const struct train_shape *shape, enum matmul_kind kind,
                       int max_threads, struct train_graph **out, anima_error *err)
{
    struct train_graph *g = *out = mem_zero(1, sizeof(*g));
    if (!g)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for training");
    size_t places = (size_t)model->layers * TRAIN_PLACES;
    g->model = model;
    g->shape = *shape;
    g->random = shape->seed;
    g->ops = (struct ops){ .kind = kind, .model = model, .rank = shape->rank };
    g->weights = mem_zero(places + 1, sizeof(*g->weights));
    g->params = mem_zero(2 * places, sizeof(*g->params));
    g->param_tensors = mem_zero(2 * places, sizeof(*g->param_tensors));
    g->ops.loss = mem_zero((size_t)shape->answers, sizeof(float));
    g->ops.norm = mem_zero((size_t)shape->answers, sizeof(float));
    if (!g->weights || !g->params || !g->param_tensors || !g->ops.loss || !g->ops.norm || !make_leaves(g))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for training");
    int rc = build(g, err);
    return rc ? rc : allocate(g, max_threads, err);
}

void train_graph_destroy(struct train_graph *g)
{
    if (!g)
        return;
    for (int i = 0; i < OPS_MAX_THREADS; i++)
        free(g->ops.scratch[i]);
    if (g->buffers)
        ggml_gallocr_free(g->buffers);
    if (g->backend)
        ggml_backend_free(g->backend);
    ggml_free(g->frozen);
    ggml_free(g->own);
    ggml_free(g->nodes);
    mem_free(g->weights);
    mem_free(g->params);
    mem_free(g->param_tensors);
    mem_free(g->ops.loss);
    mem_free(g->ops.norm);
    mem_free(g);
}

/* ---- running it ---- */

static void fill_mask(struct train_graph *g, const struct train_batch *b)
{
    int t = g->shape.tokens;
    float *mask = g->mask->data;
    for (int i = 0; i < t; i++)
        for (int j = 0; j < t; j++) {
            bool seen = i < b->n ? j <= i && b->example[j] == b->example[i] : i == j;
            mask[(size_t)i * (size_t)t + (size_t)j] = seen ? 0 : -INFINITY;
        }
}

static void fill_dropped(struct train_graph *g, uint64_t seed)
{
    bool all = seed == 0;
    float kept = 1 / (1 - g->shape.dropout);
    for (int i = 0; i < 3 && g->dropped[i]; i++) {
        float *d = g->dropped[i]->data;
        for (int64_t k = 0; k < ggml_nelements(g->dropped[i]); k++)
            d[k] = all ? 1 : uniform(&seed) < g->shape.dropout ? 0 : kept;
    }
}

static void fill(struct train_graph *g, const struct train_batch *b)
{
    int t = g->shape.tokens;
    int32_t *position = g->position->data, *chosen = g->chosen->data;
    float *embedded = g->embedded->data;
    for (int i = 0; i < t; i++) {
        position[i] = i < b->n ? b->position[i] : 0;
        train_model_embed(g->model, i < b->n ? b->token[i] : 0, embedded + (size_t)i * (size_t)g->model->width);
    }
    for (int i = 0; i < g->shape.answers; i++)
        chosen[i] = i < b->n_answers ? b->at[i] : t - 1;
    fill_mask(g, b);
    fill_dropped(g, b->seed);
    if (g->loss_gradient)
        *(float *)g->loss_gradient->data = 1;
}

double train_graph_run(struct train_graph *g, const struct train_batch *batch, bool learn, int threads, float *losses)
{
    if (!batch->n_answers)
        return 0;
    fill(g, batch);
    g->ops.n_count = batch->n_answers;
    g->ops.label = batch->label;
    ops_begin(g->weights, g->n_weights);
    if (g->set_threads)
        g->set_threads(g->backend, threads < g->max_threads ? threads : g->max_threads);
    ggml_backend_graph_compute(g->backend, learn ? g->graph : g->forward);
    double sum = 0;
    for (int i = 0; i < batch->n_answers; i++)
        sum += (double)g->ops.loss[i];
    if (losses)
        memcpy(losses, g->ops.loss, (size_t)batch->n_answers * sizeof(*losses));
    return sum / batch->n_answers;
}

struct train_param *train_graph_params(struct train_graph *g, int *n)
{
    *n = g->n_params;
    return g->params;
}

size_t train_graph_bytes(const struct train_graph *g) { return ggml_gallocr_get_buffer_size(g->buffers, 0); }
