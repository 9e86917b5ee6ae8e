#include "agent/sampling.h"

#include "base/err.h"

#include <math.h>
#include <string.h>

enum type { REAL, WHOLE, LONG };

static const struct number {
    const char *name;
    double least, most;
    enum type type;
    size_t offset;
} numbers[] = {
    { "temperature", 0, 2, REAL, offsetof(anima_sampling, temperature) },
    { "top_p", 0, 1, REAL, offsetof(anima_sampling, top_p) },
    { "min_p", 0, 1, REAL, offsetof(anima_sampling, min_p) },
    { "repeat_penalty", 0, 10, REAL, offsetof(anima_sampling, repeat_penalty) },
    { "frequency_penalty", -2, 2, REAL, offsetof(anima_sampling, frequency_penalty) },
    { "presence_penalty", -2, 2, REAL, offsetof(anima_sampling, presence_penalty) },
    { "dry_multiplier", 0, 10, REAL, offsetof(anima_sampling, dry_multiplier) },
    { "top_k", 0, 1000000, WHOLE, offsetof(anima_sampling, top_k) },
    { "max_tokens", 1, 100000000, WHOLE, offsetof(anima_sampling, max_tokens) },
    { "seed", 0, 0, LONG, offsetof(anima_sampling, seed) },
};
#define N_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static int read_number(anima_sampling *into, const struct number *n, yyjson_val *v, const char *name, anima_error *err)
{
    char *field = (char *)into + n->offset;
    if (n->type == LONG) {
        if (!yyjson_is_int(v))
            return err_set(err, ANIMA_E_INVALID, "\"%s\" must be a whole number", name);
        *(int64_t *)(void *)field = yyjson_get_sint(v) & INT64_MAX;
        return ANIMA_OK;
    }
    double d = yyjson_is_num(v) ? yyjson_get_num(v) : NAN;
    if (!(d >= n->least && d <= n->most) || (n->type == WHOLE && d != floor(d)))
        return err_set(err, ANIMA_E_INVALID, "\"%s\" must be a %s from %g to %g", name,
                       n->type == WHOLE ? "whole number" : "number", n->least, n->most);
    if (n->type == WHOLE)
        *(int *)(void *)field = (int)d;
    else
        *(double *)(void *)field = d;
    return ANIMA_OK;
}

static int read_member(anima_sampling *into, const struct number *n, yyjson_val *obj, const char *name,
                       anima_error *err)
{
    yyjson_val *v = yyjson_obj_get(obj, name);
    return !v || yyjson_is_null(v) ? ANIMA_OK : read_number(into, n, v, name, err);
}

int sampling_read(anima_sampling *into, yyjson_val *obj, const char **member, anima_error *err)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < N_NUMBERS && !rc; i++) {
        *member = numbers[i].name;
        rc = read_member(into, &numbers[i], obj, numbers[i].name, err);
    }
    return rc;
}

int sampling_read_as(anima_sampling *into, const char *member, yyjson_val *obj, const char *name, anima_error *err)
{
    for (size_t i = 0; i < N_NUMBERS; i++)
        if (strcmp(numbers[i].name, member) == 0)
            return read_member(into, &numbers[i], obj, name, err);
    return err_set(err, ANIMA_E_INVALID, "there is no \"%s\" of sampling", member);
}

void sampling_write(struct jw *w, const anima_sampling *s)
{
    for (size_t i = 0; i < N_NUMBERS; i++) {
        const char *field = (const char *)s + numbers[i].offset;
        double real = numbers[i].type == REAL ? *(const double *)(const void *)field : 0;
        int whole = numbers[i].type == WHOLE ? *(const int *)(const void *)field : 0;
        if (numbers[i].type == REAL && real != ANIMA_UNSET)
            jw_num(w, numbers[i].name, real);
        else if (numbers[i].type == WHOLE && whole >= numbers[i].least)
            jw_int(w, numbers[i].name, whole);
    }
    if (s->seed >= 0)
        jw_int(w, "seed", s->seed);
    if (!s->stop || !s->stop[0])
        return;
    jw_arr(w, "stop");
    for (int i = 0; s->stop[i]; i++)
        jw_str(w, NULL, s->stop[i]);
    jw_end_arr(w);
}
