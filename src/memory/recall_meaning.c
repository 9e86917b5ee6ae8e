/* recall_meaning.c — how near items are to what a question means. */
#include "memory/recall_private.h"

#include <math.h>

/* The mean of the cosines around an item: that of the window's mean vector, but for its length. */
static float around(const struct recall *r, uint32_t i, int reach)
{
    const struct index_item *items = r->index->items;
    float sum = r->meaning[i];
    int n = 1;
    uint32_t before = items[i].before, after = items[i].after;
    for (int step = 0; step < reach; step++) {
        if (before != INDEX_NONE && r->open[before]) {
            sum += r->meaning[before];
            n++;
        }
        if (after != INDEX_NONE && r->open[after]) {
            sum += r->meaning[after];
            n++;
        }
        before = before != INDEX_NONE ? items[before].before : INDEX_NONE;
        after = after != INDEX_NONE ? items[after].after : INDEX_NONE;
    }
    return sum / (float)n;
}

#define SPREAD(r, array, into)                                                                                         \
    do {                                                                                                               \
        double sum = 0, squares = 0;                                                                                   \
        for (size_t i = 0; i < (r)->index->n; i++)                                                                     \
            if ((r)->open[i]) {                                                                                        \
                sum += array;                                                                                          \
                squares += (double)(array) * (array);                                                                  \
            }                                                                                                          \
        double mean = (r)->n_open ? sum / (double)(r)->n_open : 0;                                                     \
        double variance = (r)->n_open ? squares / (double)(r)->n_open - mean * mean : 0;                               \
        (into).mean = (float)mean;                                                                                     \
        (into).deviation = (float)sqrt(variance > 1e-12 ? variance : 1e-12);                                           \
    } while (0)

/* What has no vector yet is as near as the others are: it was said a moment ago, or brought in, and its words may speak for it. */
static void even_out(struct recall *r)
{
    const struct memory_index *index = r->index;
    const float *factors = index->vectors.factors;
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < index->n; i++)
        if (r->open[i] && factors[i] != 0) {
            sum += (double)r->meaning[i];
            n++;
        }
    for (size_t i = 0; i < index->n; i++)
        if (r->open[i] && factors[i] == 0)
            r->meaning[i] = n ? (float)(sum / (double)n) : 0;
    r->by_meaning = n > 0;
    r->whole = n == r->n_open;
}

void recall_measure_meaning(struct recall *r)
{
    const struct memory_index *index = r->index;
    r->best_meaning = r->best_meaning5 = 0;
    r->whole = false;
    if (!r->by_meaning)
        return;
    vectors_scan(&index->vectors, r->query.vector, r->query.factor, r->meaning);
    even_out(r);
    if (!r->by_meaning)
        return;
    for (size_t s = 0; s < index->n_sessions; s++)
        r->session_meaning[s] = -1;
    for (uint32_t i = 0; i < index->n; i++) {
        if (!r->open[i])
            continue;
        r->meaning3[i] = around(r, i, 1);
        r->meaning5[i] = around(r, i, 2);
        float *most = &r->session_meaning[index->items[i].session];
        *most = r->meaning[i] > *most ? r->meaning[i] : *most;
        r->best_meaning = r->meaning[i] > r->best_meaning ? r->meaning[i] : r->best_meaning;
        r->best_meaning5 = r->meaning5[i] > r->best_meaning5 ? r->meaning5[i] : r->best_meaning5;
    }
    SPREAD(r, r->meaning[i], r->of_meaning);
    SPREAD(r, r->meaning3[i], r->of_meaning3);
    SPREAD(r, r->meaning5[i], r->of_meaning5);
    SPREAD(r, r->session_meaning[index->items[i].session], r->of_session);
}
