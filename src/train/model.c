#include "train/model.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "train/matmul.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ggml.h>
#include <gguf.h>

const char *const train_place_names[TRAIN_PLACES] = { "attn_q",   "attn_k", "attn_v",  "attn_output",
                                                      "ffn_gate", "ffn_up", "ffn_down" };

struct loading {
    struct train_model *m;
    struct gguf_context *head;
    struct ggml_context *tensors; /* shapes only */
    train_progress *progress;
    void *ctx;
    double done, all; /* numbers packed, to be packed */
    anima_error *err;
};

/* ---- the head ---- */

static double number(const struct loading *l, const char *key, double otherwise)
{
    char name[128];
    snprintf(name, sizeof(name), "%s.%s", l->m->architecture, key);
    int64_t id = gguf_find_key(l->head, name);
    if (id < 0)
        return otherwise;
    switch (gguf_get_kv_type(l->head, id)) {
    case GGUF_TYPE_UINT32: return gguf_get_val_u32(l->head, id);
    case GGUF_TYPE_INT32: return gguf_get_val_i32(l->head, id);
    case GGUF_TYPE_UINT64: return (double)gguf_get_val_u64(l->head, id);
    case GGUF_TYPE_FLOAT32: return (double)gguf_get_val_f32(l->head, id);
    default: return otherwise;
    }
}

static int whole(const struct loading *l, const char *key, double otherwise)
{
    double x = number(l, key, otherwise);
    return x >= 0 && x <= 1 << 24 ? (int)x : 0;
}

static int read_sizes(struct loading *l)
{
    struct train_model *m = l->m;
    int64_t id = gguf_find_key(l->head, "general.architecture");
    if (id >= 0 && gguf_get_kv_type(l->head, id) == GGUF_TYPE_STRING)
        snprintf(m->architecture, sizeof(m->architecture), "%s", gguf_get_val_str(l->head, id));
    m->neox = strcmp(m->architecture, "qwen2") == 0;
    if (!m->neox && strcmp(m->architecture, "llama") != 0)
        return err_set(l->err, ANIMA_E_UNSUPPORTED,
                       "adapters are trained for models of the architectures llama and qwen2, not \"%s\"",
                       m->architecture);
    m->layers = whole(l, "block_count", 0);
    m->width = whole(l, "embedding_length", 0);
    m->heads = whole(l, "attention.head_count", 0);
    m->kv_heads = whole(l, "attention.head_count_kv", m->heads);
    m->head_size = whole(l, "attention.key_length", m->heads ? m->width / m->heads : 0);
    m->ffn = whole(l, "feed_forward_length", 0);
    m->context = whole(l, "context_length", 0);
    m->rope_size = whole(l, "rope.dimension_count", m->head_size);
    m->rope_base = (float)number(l, "rope.freq_base", 10000);
    m->eps = (float)number(l, "attention.layer_norm_rms_epsilon", 1e-5);
    struct ggml_tensor *embedding = ggml_get_tensor(l->tensors, "token_embd.weight");
    m->vocab = embedding ? (int)embedding->ne[1] : 0;
    if (!m->layers || !m->kv_heads || !m->ffn || !embedding || embedding->ne[0] != m->width)
        return err_set(l->err, ANIMA_E_MODEL, "the model does not say how large it is");
    int q = m->heads * m->head_size, kv = m->kv_heads * m->head_size;
    if (m->width % MATMUL_UNIT || m->ffn % MATMUL_UNIT || q % MATMUL_UNIT || kv % MATMUL_UNIT ||
        m->vocab % MATMUL_UNIT || m->head_size % 2 || m->heads % m->kv_heads)
        return err_set(l->err, ANIMA_E_UNSUPPORTED,
                       "this model cannot be trained here: its sizes are no multiples of %d", MATMUL_UNIT);
    return ANIMA_OK;
}

/* ---- the weights ---- */

/* A tensor as f32, yours; NULL with *missing: there is none. */
static float *read_numbers(struct loading *l, const char *name, int64_t n0, int64_t n1, bool *missing)
{
    struct ggml_tensor *t = ggml_get_tensor(l->tensors, name);
    int64_t id = gguf_find_tensor(l->head, name);
    *missing = !t || id < 0;
    if (*missing)
        return NULL;
    const struct ggml_type_traits *traits = ggml_get_type_traits(t->type);
    size_t at = gguf_get_data_offset(l->head) + gguf_get_tensor_offset(l->head, id);
    if (t->ne[0] != n0 || t->ne[1] != n1 || t->ne[2] != 1 || at > l->m->file_size ||
        ggml_nbytes(t) > l->m->file_size - at || (t->type != GGML_TYPE_F32 && !traits->to_float)) {
        err_set(l->err, ANIMA_E_MODEL, "the model's tensor %s has another shape or type than is known", name);
        return NULL;
    }
    float *f = mem_alloc((size_t)(n0 * n1) * sizeof(*f));
    if (!f)
        err_set(l->err, ANIMA_E_NOMEM, "out of memory for the model");
    else if (t->type == GGML_TYPE_F32)
        memcpy(f, l->m->file + at, (size_t)(n0 * n1) * sizeof(*f));
    else
        traits->to_float(l->m->file + at, f, n0 * n1);
    return f;
}

static int read_vector(struct loading *l, const char *name, int n, bool needed, float **out)
{
    bool missing;
    *out = read_numbers(l, name, n, 1, &missing);
    if (missing && needed)
        return err_set(l->err, ANIMA_E_MODEL, "the model has no tensor %s", name);
    return *out || missing ? ANIMA_OK : l->err->code;
}

static uint16_t *pack(const float *f, int in, int out, bool across)
{
    uint16_t *packed = aligned_alloc(64, matmul_bytes(in, out)); /* a multiple of 64, since the sizes are of 32 */
    if (packed)
        matmul_pack(f, in, out, across, packed);
    return packed;
}

static int read_matrix(struct loading *l, const char *name, int in, int out, struct train_weight *w)
{
    bool missing;
    float *f = read_numbers(l, name, in, out, &missing);
    if (!f)
        return missing ? err_set(l->err, ANIMA_E_MODEL, "the model has no tensor %s", name) : l->err->code;
    w->in = in;
    w->out = out;
    w->forward = pack(f, in, out, false);
    w->back = w->forward ? pack(f, in, out, true) : NULL;
    mem_free(f);
    l->done += (double)in * out;
    if (l->progress)
        l->progress(l->ctx, l->done / l->all);
    return w->back ? ANIMA_OK : err_set(l->err, ANIMA_E_NOMEM, "out of memory for the model");
}

static int read_layer(struct loading *l, int i)
{
    const struct train_model *m = l->m;
    struct train_layer *layer = &m->layer[i];
    int q = m->heads * m->head_size, kv = m->kv_heads * m->head_size, w = m->width;
    const int in[TRAIN_PLACES] = { w, w, w, q, w, w, m->ffn }, out[TRAIN_PLACES] = { q, kv, kv, w, m->ffn, m->ffn, w };
    char name[64];
    snprintf(name, sizeof(name), "blk.%d.attn_norm.weight", i);
    int rc = read_vector(l, name, w, true, &layer->attn_norm);
    snprintf(name, sizeof(name), "blk.%d.ffn_norm.weight", i);
    if (!rc)
        rc = read_vector(l, name, w, true, &layer->ffn_norm);
    for (int p = 0; p < TRAIN_PLACES && !rc; p++) {
        snprintf(name, sizeof(name), "blk.%d.%s.weight", i, train_place_names[p]);
        rc = read_matrix(l, name, in[p], out[p], &layer->at[p]);
        snprintf(name, sizeof(name), "blk.%d.%s.bias", i, train_place_names[p]);
        if (!rc)
            rc = read_vector(l, name, out[p], false, &layer->at[p].bias);
    }
    return rc;
}

static int read_weights(struct loading *l)
{
    struct train_model *m = l->m;
    double q = m->heads * m->head_size, kv = m->kv_heads * m->head_size;
    l->all = (double)m->layers * m->width * (2 * q + 2 * kv + 3.0 * m->ffn) + (double)m->vocab * m->width;
    m->layer = mem_zero((size_t)m->layers, sizeof(*m->layer));
    if (!m->layer)
        return err_set(l->err, ANIMA_E_NOMEM, "out of memory for the model");
    int rc = read_vector(l, "output_norm.weight", m->width, true, &m->output_norm);
    if (!rc)
        rc = read_vector(l, "rope_freqs.weight", m->rope_size / 2, false, &m->rope_factors);
    bool tied = gguf_find_tensor(l->head, "output.weight") < 0;
    if (!rc)
        rc = read_matrix(l, tied ? "token_embd.weight" : "output.weight", m->width, m->vocab, &m->head);
    for (int i = 0; i < m->layers && !rc; i++)
        rc = read_layer(l, i);
    return rc;
}

static int find_embedding(struct loading *l)
{
    struct train_model *m = l->m;
    struct ggml_tensor *t = ggml_get_tensor(l->tensors, "token_embd.weight");
    size_t at = gguf_get_data_offset(l->head) +
                gguf_get_tensor_offset(l->head, gguf_find_tensor(l->head, "token_embd.weight"));
    if (at > m->file_size || ggml_nbytes(t) > m->file_size - at ||
        (t->type != GGML_TYPE_F32 && !ggml_get_type_traits(t->type)->to_float))
        return err_set(l->err, ANIMA_E_MODEL, "the model's embedding cannot be read");
    m->embedding = m->file + at;
    m->embedding_row = t->nb[1];
    m->embedding_type = (int)t->type;
    return ANIMA_OK;
}

int train_model_load(const char *path, train_progress *progress, void *ctx, struct train_model *out, anima_error *err)
{
    anima_error own = { 0 };
    struct loading l = { .m = out, .progress = progress, .ctx = ctx, .err = err ? err : &own };
    const struct gguf_init_params params = { .no_alloc = true, .ctx = &l.tensors };
    *out = (struct train_model){ 0 };
    int rc = fs_map(path, "the model", &out->file, &out->file_size, l.err);
    if (rc)
        return rc;
    l.head = gguf_init_from_file(path, params);
    if (!l.head)
        return err_set(err, ANIMA_E_MODEL, "%s is no GGUF file that can be read", path);
    rc = read_sizes(&l);
    if (!rc)
        rc = find_embedding(&l);
    if (!rc)
        rc = read_weights(&l);
    gguf_free(l.head);
    ggml_free(l.tensors);
    return rc;
}

static void free_weight(struct train_weight *w)
{
    free(w->forward);
    free(w->back);
    mem_free(w->bias);
}

void train_model_free(struct train_model *m)
{
    for (int i = 0; m->layer && i < m->layers; i++) {
        for (int p = 0; p < TRAIN_PLACES; p++)
            free_weight(&m->layer[i].at[p]);
        mem_free(m->layer[i].attn_norm);
        mem_free(m->layer[i].ffn_norm);
    }
    free_weight(&m->head);
    mem_free(m->layer);
    mem_free(m->output_norm);
    mem_free(m->rope_factors);
    if (m->file)
        fs_unmap(m->file, m->file_size);
    *m = (struct train_model){ 0 };
}

void train_model_embed(const struct train_model *m, int token, float *out)
{
    const unsigned char *row = m->embedding + (size_t)token * m->embedding_row;
    if (m->embedding_type == GGML_TYPE_F32)
        memcpy(out, row, (size_t)m->width * sizeof(*out));
    else
        ggml_get_type_traits((enum ggml_type)m->embedding_type)->to_float(row, out, m->width);
}
