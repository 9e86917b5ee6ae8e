/* recall_words.c — how far items have the words of a question: by themselves, with their neighbours, in their session. */
#include "memory/recall_private.h"

#include <math.h>
#include <string.h>

/* BM25's usual constants. */
#define K1 1.2
#define B 0.75
/* Postings that are walked for one question: of 100,000 turns the commonest words go first. */
#define MOST_POSTINGS 200000

static float idf(double n, double with) { return (float)log(1 + (n - with + 0.5) / (with + 0.5)); }

static float saturated(double times, double length, double mean)
{
    return (float)(times * (K1 + 1) / (times + K1 * (1 - B + B * length / (mean > 0 ? mean : 1))));
}

static uint32_t words_around(const struct recall *r, uint32_t i, int reach)
{
    const struct index_item *items = r->index->items, *item = &items[i];
    uint32_t n = item->words, before = item->before, after = item->after;
    for (int step = 0; step < reach; step++) {
        if (before != INDEX_NONE) {
            n += r->open[before] ? items[before].words : 0;
            before = items[before].before;
        }
        if (after != INDEX_NONE) {
            n += r->open[after] ? items[after].words : 0;
            after = items[after].after;
        }
    }
    return n;
}

/* How long what may be told is, on average. Something is nearly always left out, if only what the prompt shows: so the index keeps no sums. */
static void measure_lengths(struct recall *r)
{
    const struct memory_index *index = r->index;
    double words = 0, words3 = 0, words5 = 0;
    size_t sessions = 0;
    memset(r->session_length, 0, index->n_sessions * sizeof(*r->session_length));
    for (uint32_t i = 0; i < index->n; i++) {
        if (!r->open[i])
            continue;
        uint32_t *length = &r->session_length[index->items[i].session];
        sessions += !*length;
        *length += index->items[i].words ? index->items[i].words : 1;
        words += index->items[i].words;
        words3 += words_around(r, i, 1);
        words5 += words_around(r, i, 2);
    }
    double n = r->n_open ? (double)r->n_open : 1;
    r->length = words / n;
    r->length3 = words3 / n;
    r->length5 = words5 / n;
    r->n_sessions = sessions;
    r->length_session = sessions ? words / (double)sessions : 1;
}

static void touch(struct recall *r, size_t *n, uint32_t place, unsigned times)
{
    if (!r->count[place])
        r->touched[(*n)++] = place;
    r->count[place] = (uint16_t)(r->count[place] + times);
}

/* How many have it. */
static size_t by_item(struct recall *r, struct asked_term *t)
{
    const struct memory_index *index = r->index;
    size_t with = 0;
    for (uint32_t k = 0; k < t->term->n; k++)
        with += r->open[POSTING_TURN(t->term->postings[k])];
    t->idf = idf((double)r->n_open, (double)with);
    for (uint32_t k = 0; k < t->term->n && with; k++) {
        uint32_t i = POSTING_TURN(t->term->postings[k]);
        if (!r->open[i])
            continue;
        r->words[i] += t->times * t->idf *
                       saturated(POSTING_TIMES(t->term->postings[k]), index->items[i].words, r->length);
        r->covered[i] += 1;
        r->idf1[i] += t->idf;
    }
    return with;
}

/* All windows that reach so far to both sides, and have the term. */
static void by_window(struct recall *r, const struct asked_term *t, int reach, double mean, float *out, float *sum_idf)
{
    const struct memory_index *index = r->index;
    size_t n = 0;
    for (uint32_t k = 0; k < t->term->n; k++) {
        uint32_t i = POSTING_TURN(t->term->postings[k]);
        unsigned times = POSTING_TIMES(t->term->postings[k]);
        if (!r->open[i])
            continue;
        touch(r, &n, i, times);
        uint32_t before = index->items[i].before, after = index->items[i].after;
        for (int step = 0; step < reach; step++) {
            if (before != INDEX_NONE) {
                if (r->open[before])
                    touch(r, &n, before, times);
                before = index->items[before].before;
            }
            if (after != INDEX_NONE) {
                if (r->open[after])
                    touch(r, &n, after, times);
                after = index->items[after].after;
            }
        }
    }
    float weight = t->times * idf((double)r->n_open, (double)n);
    for (size_t k = 0; k < n; k++) {
        uint32_t i = r->touched[k];
        out[i] += weight * saturated(r->count[i], words_around(r, i, reach), mean);
        if (sum_idf)
            sum_idf[i] += t->idf;
        r->count[i] = 0;
    }
}

static void by_session(struct recall *r, const struct asked_term *t)
{
    const struct memory_index *index = r->index;
    size_t n = 0;
    for (uint32_t k = 0; k < t->term->n; k++) {
        uint32_t i = POSTING_TURN(t->term->postings[k]);
        if (r->open[i])
            touch(r, &n, index->items[i].session, POSTING_TIMES(t->term->postings[k]));
    }
    float weight = t->times * idf((double)r->n_sessions, (double)n);
    for (size_t k = 0; k < n; k++) {
        uint32_t s = r->touched[k];
        r->session_words[s] += weight * saturated(r->count[s], r->session_length[s], r->length_session);
        r->count[s] = 0;
    }
}

/* Of too many postings the commonest words are left out, but for one. */
static void find_terms(struct recall *r)
{
    size_t all = 0, left = 0;
    for (size_t i = 0; i < r->n_terms; i++) {
        r->terms[i].term = terms_find(&r->index->terms, r->terms[i].hash);
        all += r->terms[i].term ? r->terms[i].term->n : 0;
        left += r->terms[i].term != NULL;
    }
    while (all > MOST_POSTINGS && left > 1) {
        struct asked_term *most = NULL;
        for (size_t i = 0; i < r->n_terms; i++)
            if (r->terms[i].term && (!most || r->terms[i].term->n > most->term->n))
                most = &r->terms[i];
        all -= most->term->n;
        most->term = NULL;
        left--;
    }
}

static float largest(const float *a, size_t n)
{
    float most = 0;
    for (size_t i = 0; i < n; i++)
        most = a[i] > most ? a[i] : most;
    return most;
}

void recall_measure_words(struct recall *r)
{
    const struct memory_index *index = r->index;
    size_t n = index->n;
    float *arrays[] = { r->words, r->words3, r->words5, r->covered, r->idf1, r->idf5 };
    for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++)
        memset(arrays[i], 0, n * sizeof(float));
    memset(r->session_words, 0, index->n_sessions * sizeof(float));
    find_terms(r);
    measure_lengths(r);
    r->idf_sum = r->unheard = 0;
    for (size_t i = 0; i < r->n_terms; i++) {
        struct asked_term *t = &r->terms[i];
        if (!t->term) {
            t->idf = idf((double)r->n_open, 0);
            r->idf_sum += t->idf;
            r->unheard += t->idf;
            continue;
        }
        if (!by_item(r, t))
            r->unheard += t->idf;
        r->idf_sum += t->idf;
        by_window(r, t, 1, r->length3, r->words3, NULL);
        by_window(r, t, 2, r->length5, r->words5, r->idf5);
        by_session(r, t);
    }
    r->best_words = largest(r->words, n);
    r->best_words3 = largest(r->words3, n);
    r->best_words5 = largest(r->words5, n);
    r->best_idf = largest(r->idf1, n);
    r->best_idf5 = largest(r->idf5, n);
    r->best_session = largest(r->session_words, index->n_sessions);
}
