#include "host/train_from.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "host/gguf_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <ggml.h>

/* Where in the file the matrix of a param lies. */
struct place {
    uint64_t offset;
    int type;
    bool there;
};

struct reading {
    struct train_param *params;
    struct place *places; /* one for each param */
    int n, found, unknown;
    uint64_t rank; /* that the file has */
};

static bool on_tensor(void *ctx, const struct gguf_tensor *t)
{
    struct reading *r = ctx;
    char name[128];
    snprintf(name, sizeof(name), "%.*s", (int)t->length, t->name);
    size_t length = strlen(name);
    if (length > 7 && strcmp(name + length - 7, ".lora_a") == 0)
        r->rank = t->size[1];
    for (int i = 0; i < r->n; i++) {
        const struct train_param *p = &r->params[i];
        if (strcmp(p->name, name) != 0)
            continue;
        bool fits = t->size[0] == (uint64_t)p->columns && t->size[1] == (uint64_t)p->rows && t->size[2] == 1 &&
                    t->size[3] == 1 && !r->places[i].there;
        if (!fits)
            break; /* another shape, or there twice */
        r->places[i] = (struct place){ t->offset, t->type, true };
        r->found++;
        return true;
    }
    r->unknown++;
    return true;
}

static bool take_numbers(const unsigned char *data, const struct gguf_facts *facts, const struct place *at,
                         struct train_param *p)
{
    const struct ggml_type_traits *traits = ggml_get_type_traits((enum ggml_type)at->type);
    const unsigned char *from = data + facts->data_start + at->offset;
    int64_t n = (int64_t)p->columns * p->rows;
    if (at->type == GGML_TYPE_F32)
        memcpy(p->value, from, (size_t)n * sizeof(*p->value));
    else if (traits->to_float)
        traits->to_float(from, p->value, n);
    else
        return false;
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(p->value[i]))
            return false;
    return true;
}

static int check(const struct reading *r, const struct gguf_facts *facts, const struct train_shape *shape,
                 const char *path, anima_error *err)
{
    if (strcmp(facts->type, "adapter") != 0 || strcmp(facts->adapter_type, "lora") != 0)
        return err_set(err, ANIMA_E_MODEL, "%s is no LoRA adapter", path);
    if (facts->alpha != (double)shape->alpha || (r->rank && r->rank != (uint64_t)shape->rank))
        return err_set(err, ANIMA_E_CONFLICT,
                       "the adapter to go on from has rank %llu and alpha %g: --rank %llu --alpha %g",
                       (unsigned long long)r->rank, facts->alpha, (unsigned long long)r->rank, facts->alpha);
    if (r->found != r->n || r->unknown)
        return err_set(err, ANIMA_E_CONFLICT,
                       "%s has other places than are to be trained, or is another model's: %d of %d matrices fit, %d "
                       "are others",
                       path, r->found, r->n, r->unknown);
    return ANIMA_OK;
}

int train_from_read(const char *path, const struct train_shape *shape, struct train_param *params, int n,
                    anima_error *err)
{
    const unsigned char *data;
    size_t size;
    struct gguf_facts facts = { .alpha = 0 };
    int rc = fs_map(path, "the adapter to go on from", &data, &size, err);
    if (rc)
        return rc;
    struct reading r = { .params = params, .n = n, .places = mem_zero((size_t)n + 1, sizeof(*r.places)) };
    rc = r.places ? gguf_read(data, size, size, path, on_tensor, &r, &facts, err)
                  : err_set(err, ANIMA_E_NOMEM, "out of memory for an adapter");
    if (!rc)
        rc = check(&r, &facts, shape, path, err);
    for (int i = 0; i < n && !rc; i++)
        if (!take_numbers(data, &facts, &r.places[i], &params[i]))
            rc = err_set(err, ANIMA_E_MODEL, "%s: the numbers of %s cannot be used", path, params[i].name);
    fs_unmap(data, size);
    mem_free(r.places);
    return rc;
}
