/* recall_meaning.c — how near items are to what a question means. */
#include "memory/recall_private.h"

#include <math.h>
#include <string.h>

struct sums {
    double sum, squares;
};

static void add_to(struct sums *s, float value)
{
    s->sum += value;
    s->squares += (double)value * value;
}

static struct recall_spread spread_of(const struct recall *r, const struct sums *s)
{
    double mean = r->n_open ? s->sum / (double)r->n_open : 0;
    double variance = r->n_open ? s->squares / (double)r->n_open - mean * mean : 0;
    return (struct recall_spread){ (float)mean, (float)sqrt(variance > 1e-12 ? variance : 1e-12) };
}

/* What has no vector yet is as near as the others are: it was said a moment ago, or brought in, and its words may speak for it. What may not be
 * told is 0, and nobody's place, too: they add nothing to a window. */
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
    float mean = n ? (float)(sum / (double)n) : 0;
    for (size_t i = 0; i < index->n; i++)
        r->meaning[i] = !r->open[i] ? 0 : factors[i] == 0 ? mean : r->meaning[i];
    float *arrays[] = { r->meaning, r->meaning3, r->meaning5 };
    for (size_t k = 0; k < sizeof(arrays) / sizeof(*arrays); k++)
        memset(arrays[k] + index->n, 0, (RECALL_ROOM(index->n) - index->n) * sizeof(float));
    r->by_meaning = n > 0;
    r->whole = n == r->n_open;
}

/* The mean of the cosines around an item: that of the window's mean vector, but for its length. */
static void measure_windows(struct recall *r, size_t i)
{
    const uint32_t *around = r->places[i].around, nobody = (uint32_t)r->index->n;
    int n = 1 + (around[0] != nobody) + (around[1] != nobody);
    float sum = r->meaning[i] + r->meaning[around[0]] + r->meaning[around[1]];
    r->meaning3[i] = sum / (float)n;
    n += (around[2] != nobody) + (around[3] != nobody);
    sum = sum + r->meaning[around[2]] + r->meaning[around[3]];
    r->meaning5[i] = sum / (float)n;
}

void recall_measure_meaning(struct recall *r)
{
    const struct memory_index *index = r->index;
    struct sums of_item = { 0 }, of_window3 = { 0 }, of_window5 = { 0 }, of_session = { 0 };
    float best = 0, best5 = 0;
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
    for (size_t i = 0; i < index->n; i++) {
        r->meaning3[i] = r->meaning5[i] = 0;
        if (!r->open[i])
            continue;
        measure_windows(r, i);
        float *most = &r->session_meaning[r->places[i].session];
        *most = recall_larger(r->meaning[i], *most);
        best = recall_larger(r->meaning[i], best);
        best5 = recall_larger(r->meaning5[i], best5);
        add_to(&of_item, r->meaning[i]);
        add_to(&of_window3, r->meaning3[i]);
        add_to(&of_window5, r->meaning5[i]);
    }
    r->best_meaning = best;
    r->best_meaning5 = best5;
    for (size_t i = 0; i < index->n; i++)
        if (r->open[i])
            add_to(&of_session, r->session_meaning[r->places[i].session]);
    r->of_meaning = spread_of(r, &of_item);
    r->of_meaning3 = spread_of(r, &of_window3);
    r->of_meaning5 = spread_of(r, &of_window5);
    r->of_session = spread_of(r, &of_session);
}
