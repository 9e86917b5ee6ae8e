#include "train/pack.h"

#include "base/err.h"
#include "base/mem.h"

#include <string.h>

#define LOOK_AHEAD 64 /* examples among which one that still fits is looked for */

int train_answers(const struct train_example *e)
{
    int n = 0;
    for (int i = 1; i < e->n; i++) /* nothing comes before the first, so it cannot be learnt */
        n += e->counts[i] != 0;
    return n;
}

bool train_too_long(const struct train_example *e, const struct train_shape *shape)
{
    return e->n > shape->tokens || train_answers(e) > shape->answers;
}

int train_batch_make(const struct train_shape *shape, struct train_batch *out, anima_error *err)
{
    size_t t = (size_t)shape->tokens, k = (size_t)shape->answers;
    int *all = mem_zero(3 * t + 2 * k, sizeof(*all));
    *out = (struct train_batch){ .token = all };
    if (!all)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a batch");
    out->position = all + t;
    out->example = all + 2 * t;
    out->at = all + 3 * t;
    out->label = all + 3 * t + k;
    return ANIMA_OK;
}

void train_batch_free(struct train_batch *b)
{
    mem_free(b->token);
    *b = (struct train_batch){ 0 };
}

static void put(struct train_batch *b, const struct train_example *e, int number)
{
    for (int i = 0; i < e->n; i++) {
        b->token[b->n + i] = e->token[i];
        b->position[b->n + i] = i;
        b->example[b->n + i] = number;
        if (i && e->counts[i]) {
            b->at[b->n_answers] = b->n + i - 1;
            b->label[b->n_answers++] = e->token[i];
        }
    }
    b->n += e->n;
}

int train_batch_fill(struct train_batch *b, const struct train_shape *shape, const struct train_example *examples,
                     const int *order, int from, int to)
{
    b->n = b->n_answers = 0;
    int i = from;
    for (; i < to; i++) {
        const struct train_example *e = &examples[order[i]];
        if (train_too_long(e, shape))
            continue;
        if (b->n + e->n > shape->tokens || b->n_answers + train_answers(e) > shape->answers)
            break;
        put(b, e, i);
    }
    return i;
}

/* The first of order[at … to) that has room beside what is there, among those next to come; to if there is none. */
static int find_room(const struct train_shape *shape, const struct train_example *examples, const int *order, int at,
                     int to, int tokens, int answers)
{
    int end = to - at > LOOK_AHEAD ? at + LOOK_AHEAD : to;
    for (int i = at; i < end; i++) {
        const struct train_example *e = &examples[order[i]];
        if (tokens + e->n <= shape->tokens && answers + train_answers(e) <= shape->answers)
            return i;
    }
    return to;
}

void train_order_fit(const struct train_shape *shape, const struct train_example *examples, int *order, int from,
                     int to)
{
    int tokens = 0, answers = 0;
    for (int at = from; at < to; at++) {
        int next = find_room(shape, examples, order, at, to, tokens, answers);
        if (next == to) { /* the batch is full: the next example begins another */
            tokens = answers = 0;
            next = at;
        }
        int found = order[next];
        memmove(order + at + 1, order + at, (size_t)(next - at) * sizeof(*order));
        order[at] = found;
        tokens += examples[found].n;
        answers += train_answers(&examples[found]);
    }
}
