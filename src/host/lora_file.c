#include "host/lora_file.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "host/gguf_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ggml.h>

#define MAX_SIZE (1 << 24) /* of a weight's side */

/* ---- the model's weights ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct lora_weight *)a)->name, ((const struct lora_weight *)b)->name);
}

static bool take_weight(void *list, const struct gguf_tensor *t)
{
    struct lora_weight w = { .in = 0 };
    if (t->size[0] > MAX_SIZE || t->size[1] > MAX_SIZE)
        return true; /* nothing an adapter could change */
    memcpy(w.name, t->name, t->length);
    w.in = (int)t->size[0];
    w.out = (int)t->size[1];
    w.plain = t->size[1] > 1 && t->size[2] == 1 && t->size[3] == 1 && strcmp(w.name, "token_embd.weight") != 0;
    return buf_append(list, &w, sizeof(w)) == 0;
}

int lora_weights_read(const char *model, struct lora_weights *out, anima_error *err)
{
    const unsigned char *data = NULL;
    size_t n = 0;
    struct gguf_facts facts;
    struct buf list;
    *out = (struct lora_weights){ .n = 0 };
    int rc = fs_map(model, "the model", &data, &n, err);
    if (rc)
        return rc;
    buf_init(&list, 65536 * sizeof(struct lora_weight));
    rc = gguf_read(data, n, n, model, take_weight, &list, &facts, err);
    fs_unmap(data, n);
    out->n = (int)(list.len / sizeof(struct lora_weight));
    out->list = (struct lora_weight *)(void *)buf_take(&list);
    memcpy(out->architecture, facts.architecture, sizeof(out->architecture));
    if (!rc && !out->list)
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (out->list)
        qsort(out->list, (size_t)out->n, sizeof(*out->list), by_name);
    return rc;
}

void lora_weights_free(struct lora_weights *w)
{
    mem_free(w->list);
    w->list = NULL;
    w->n = 0;
}

int lora_weight_find(const struct lora_weights *w, const char *name, size_t n)
{
    struct lora_weight wanted;
    if (n >= sizeof(wanted.name))
        return -1;
    memcpy(wanted.name, name, n);
    wanted.name[n] = '\0';
    const struct lora_weight *found = w->n ? bsearch(&wanted, w->list, (size_t)w->n, sizeof(wanted), by_name) : NULL;
    return found ? (int)(found - w->list) : -1;
}

/* ---- the adapter's tensors ---- */

/* Both halves of what an adapter adds at one weight, as they lie in the file. */
struct halves {
    struct gguf_tensor a, b; /* bytes 0: not there */
};

struct reading {
    const char *name;
    const struct lora_weights *weights;
    struct halves *halves; /* one for each weight */
    anima_error *err;
    int rc;
};

static bool refuse(struct reading *r, const struct gguf_tensor *t, const char *why)
{
    r->rc = err_set(r->err, ANIMA_E_MODEL, "the adapter %s does not fit this model: %.*s %s", r->name, (int)t->length,
                    t->name, why);
    return false;
}

static bool can_read(int type)
{
    return type == GGML_TYPE_F32 || ggml_get_type_traits((enum ggml_type)type)->to_float != NULL;
}

static bool take_half(void *ctx, const struct gguf_tensor *t)
{
    struct reading *r = ctx;
    size_t n = t->length;
    bool a = n > 7 && memcmp(t->name + n - 7, ".lora_a", 7) == 0, b = n > 7 && !memcmp(t->name + n - 7, ".lora_b", 7);
    if (!a && !b)
        return refuse(r, t, "is no part of a LoRA");
    int i = lora_weight_find(r->weights, t->name, n - 7);
    if (i < 0)
        return refuse(r, t, "changes a weight that the model does not have");
    const struct lora_weight *w = &r->weights->list[i];
    if (!w->plain)
        return refuse(r, t, "changes a weight that is no matrix of a layer; such adapters cannot be used here");
    if (t->size[2] != 1 || t->size[3] != 1 || (a ? t->size[0] != (uint64_t)w->in : t->size[1] != (uint64_t)w->out))
        return refuse(r, t, "has another shape than the model's weight");
    if (t->size[a ? 1 : 0] > LORA_MAX_RANK)
        return refuse(r, t, "has a rank above 512");
    if (!can_read(t->type))
        return refuse(r, t, "has a type that cannot be read");
    struct gguf_tensor *half = a ? &r->halves[i].a : &r->halves[i].b;
    if (half->bytes)
        return refuse(r, t, "is there twice");
    *half = *t;
    return true;
}

static int check_head(const struct gguf_facts *f, const char *name, const struct lora_weights *weights,
                      anima_error *err)
{
    if (strcmp(f->type, "adapter") != 0 || strcmp(f->adapter_type, "lora") != 0)
        return err_set(err, ANIMA_E_MODEL, "%s is no LoRA adapter (general.type \"%s\", adapter.type \"%s\")", name,
                       f->type, f->adapter_type);
    if (strcmp(f->architecture, weights->architecture) != 0)
        return err_set(err, ANIMA_E_MODEL, "the adapter %s is for models of the architecture %s, this one is %s", name,
                       f->architecture, weights->architecture);
    if (f->invoked)
        return err_set(err, ANIMA_E_UNSUPPORTED,
                       "the adapter %s works behind certain tokens only (aLoRA); such adapters cannot be used here",
                       name);
    if (!isfinite(f->alpha))
        return err_set(err, ANIMA_E_MODEL, "the adapter %s is damaged: its alpha is no number", name);
    return ANIMA_OK;
}

static size_t padded(int out) { return ((size_t)out + LORA_LANES - 1) / LORA_LANES * LORA_LANES; }

static bool is_half(const struct halves *h) { return h->a.type == GGML_TYPE_F16 && h->b.type == GGML_TYPE_F16; }

/* Bytes of both as they will lie in memory: always whole lines of it. */
static size_t bytes_of(const struct halves *h, const struct lora_weight *w)
{
    size_t numbers = h->a.bytes ? (size_t)h->a.size[1] * ((size_t)w->in + padded(w->out)) : 0;
    return (numbers * (is_half(h) ? 2 : 4) + 63) / 64 * 64;
}

/* ---- its numbers ---- */

static bool finite_floats(const float *x, size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n; i++)
        good &= isfinite(x[i]) != 0;
    return good;
}

static bool finite_halves(const uint16_t *x, size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n; i++)
        good &= (x[i] & 0x7c00) != 0x7c00;
    return good;
}

/* A tensor's rows as f16 or f32. False: out of memory, or they hold what is no number. */
static bool read_numbers(const unsigned char *data, const struct gguf_tensor *t, bool half, void *out)
{
    size_t n = (size_t)t->size[0] * (size_t)t->size[1];
    if (half || t->type == GGML_TYPE_F32) {
        memcpy(out, data, t->bytes);
    } else {
        void *aligned = mem_alloc(t->bytes);
        if (!aligned)
            return false;
        memcpy(aligned, data, t->bytes);
        ggml_get_type_traits((enum ggml_type)t->type)->to_float(aligned, out, (int64_t)n);
        mem_free(aligned);
    }
    return half ? finite_halves(out, n) : finite_floats(out, n);
}

/* In the file B has a row of rank numbers for every output. size: bytes of a number. */
static void lay_out(const char *b, size_t size, size_t rank, size_t rows, char *out)
{
    for (size_t j = 0; j < rows; j += LORA_LANES)
        for (size_t k = 0; k < rank; k++)
            for (size_t lane = 0; lane < LORA_LANES; lane++, out += size)
                if (j + lane < rows)
                    memcpy(out, b + ((j + lane) * rank + k) * size, size);
                else
                    memset(out, 0, size);
}

static bool fill_part(const unsigned char *tensors, const struct halves *h, float alpha, const struct lora_weight *w,
                      char *at, struct lora_part *part)
{
    bool half = is_half(h);
    size_t rank = (size_t)h->a.size[1], rows = (size_t)w->out, size = half ? 2 : 4;
    char *b = mem_alloc(rank * rows * size), *behind = at + rank * (size_t)w->in * size;
    bool good = b && read_numbers(tensors + h->a.offset, &h->a, half, at) &&
                read_numbers(tensors + h->b.offset, &h->b, half, b);
    if (good)
        lay_out(b, size, rank, rows, behind);
    mem_free(b);
    *part = (struct lora_part){ (int)rank, alpha != 0 ? alpha / (float)rank : 1, half, at, behind };
    return good;
}

static int fill(const unsigned char *tensors, const struct reading *r, float alpha, struct lora_parts *out)
{
    const struct lora_weights *weights = r->weights;
    for (int i = 0; i < weights->n; i++)
        out->bytes += bytes_of(&r->halves[i], &weights->list[i]);
    out->list = mem_zero((size_t)weights->n, sizeof(*out->list));
    out->block = mem_alloc(out->bytes);
    if (!out->list || !out->block)
        return err_set(r->err, ANIMA_E_NOMEM, "out of memory for the adapter %s", r->name);
    char *at = out->block;
    for (int i = 0; i < weights->n; i++) {
        const struct halves *h = &r->halves[i];
        const struct lora_weight *w = &weights->list[i];
        if (!h->a.bytes)
            continue;
        if (!fill_part(tensors, h, alpha, w, at, &out->list[i]))
            return err_set(r->err, ANIMA_E_MODEL, "the adapter %s is damaged: %s has values that are no numbers",
                           r->name, w->name);
        at += bytes_of(h, w);
        out->n++;
    }
    return ANIMA_OK;
}

/* What cannot be said of one tensor alone. */
static int check_pairs(const struct reading *r)
{
    for (int i = 0; i < r->weights->n; i++) {
        const struct halves *h = &r->halves[i];
        if (!h->a.bytes != !h->b.bytes || (h->a.bytes && h->a.size[1] != h->b.size[0]))
            return err_set(r->err, ANIMA_E_MODEL, "the adapter %s is damaged: A and B for %s do not fit each other",
                           r->name, r->weights->list[i].name);
    }
    return ANIMA_OK;
}

int lora_parse(const unsigned char *data, size_t n, const char *name, const struct lora_weights *weights,
               struct lora_parts *out, anima_error *err)
{
    struct gguf_facts facts;
    struct reading r = { name, weights, mem_zero((size_t)weights->n + 1, sizeof(*r.halves)), err, ANIMA_OK };
    *out = (struct lora_parts){ .n = 0 };
    if (!r.halves)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the adapter %s", name);
    anima_error why = { 0 };
    int rc = gguf_read(data, n, n, name, take_half, &r, &facts, &why);
    if (rc && !r.rc)
        err_set(err, rc, "%s", why.message);
    if (!rc)
        rc = check_head(&facts, name, weights, err);
    if (!rc)
        rc = check_pairs(&r);
    if (!rc)
        rc = fill(data + facts.data_start, &r, (float)facts.alpha, out);
    mem_free(r.halves);
    if (rc)
        lora_parts_free(out);
    return rc;
}

void lora_parts_free(struct lora_parts *p)
{
    mem_free(p->list);
    mem_free(p->block);
    *p = (struct lora_parts){ .n = 0 };
}
