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

static void fill_saturation(struct recall_saturation *s, double mean)
{
    s->mean = mean;
    for (int times = 0; times < RECALL_TIMES; times++)
        for (int length = 0; length < RECALL_LENGTHS; length++)
            s->of[times][length] = saturated(times, length, mean);
}

static inline float saturation(const struct recall_saturation *s, unsigned times, uint32_t length)
{
    return times < RECALL_TIMES && length < RECALL_LENGTHS ? s->of[times][length] : saturated(times, length, s->mean);
}

/* How long what may be told is, on average. Something is nearly always left out, if only what the prompt shows: so the index keeps no sums. */
static void measure_lengths(struct recall *r)
{
    uint64_t words = 0, words3 = 0, words5 = 0;
    size_t sessions = 0;
    memset(r->session_length, 0, r->index->n_sessions * sizeof(*r->session_length));
    for (size_t i = 0; i < r->index->n; i++) {
        if (!r->open[i])
            continue;
        const uint32_t *around = r->around[i].at, own = r->length[i];
        r->length3[i] = own + r->length[around[0]] + r->length[around[1]];
        r->length5[i] = r->length3[i] + r->length[around[2]] + r->length[around[3]];
        words += own;
        words3 += r->length3[i];
        words5 += r->length5[i];
        uint32_t *length = &r->session_length[r->session[i]];
        sessions += !*length;
        *length += own ? own : 1;
    }
    double n = r->n_open ? (double)r->n_open : 1;
    fill_saturation(&r->of_item, (double)words / n);
    fill_saturation(&r->of_window3, (double)words3 / n);
    fill_saturation(&r->of_window5, (double)words5 / n);
    r->n_sessions = sessions;
    r->session_mean = sessions ? (double)words / (double)sessions : 1;
}

/* ---- one term ---- */

/* How many have it: items, windows of three and of five, sessions. */
struct heard {
    size_t items, near, far, sessions;
};

/* In a count: once in the window of five is 1, once in that of three NEAR. A posting says 15 at most, so neither runs over into
 * the bits that say which is the nearest of the item and the two before it that has the word. */
#define NEAR 256u
#define FAR_COUNT(count) ((count)&0x7fu)
#define NEAR_COUNT(count) ((count) >> 8 & 0x3fu)
enum { HERE = 0x80, BEFORE = 0x4000, BEFORE_THAT = 0x8000 };

static void count_around(struct recall *r, struct heard *h, uint32_t place, unsigned times)
{
    const uint32_t *around = r->around[place].at, near[] = { place, around[0], around[1] };
    const unsigned has[] = { HERE, 0, BEFORE };
    r->count[r->index->n] = NEAR + 1; /* nobody's is never a new one */
    for (int k = 0; k < 3; k++) {
        uint16_t *count = &r->count[near[k]];
        r->touched[h->far] = near[k];
        h->far += !*count;
        h->near += !NEAR_COUNT(*count);
        *count = (uint16_t)((*count + times * (NEAR + 1)) | has[k]);
    }
    for (int k = 2; k < 4; k++) {
        uint16_t *count = &r->count[around[k]];
        r->touched[h->far] = around[k];
        h->far += !*count;
        *count = (uint16_t)((*count + times) | (k == 3 ? BEFORE_THAT : 0));
    }
}

static struct heard count_term(struct recall *r, const struct term *term)
{
    struct heard h = { 0 };
    for (uint32_t k = 0; k < term->n; k++) {
        uint32_t i = POSTING_TURN(term->postings[k]);
        unsigned times = POSTING_TIMES(term->postings[k]);
        if (!r->open[i])
            continue;
        h.items++;
        count_around(r, &h, i, times);
        uint32_t *count = &r->session_count[r->session[i]];
        r->session_touched[h.sessions] = r->session[i];
        h.sessions += !*count;
        *count += times;
    }
    return h;
}

static void add_to_items(struct recall *r, const struct asked_term *t)
{
    const float weight = t->times * t->idf;
    for (uint32_t k = 0; k < t->term->n; k++) {
        uint32_t i = POSTING_TURN(t->term->postings[k]);
        if (!r->open[i])
            continue;
        r->words[i] += weight * saturation(&r->of_item, POSTING_TIMES(t->term->postings[k]), r->length[i]);
        r->covered[i] += 1;
        r->idf1[i] += t->idf;
        r->best_words = recall_larger(r->words[i], r->best_words);
        r->best_idf = recall_larger(r->idf1[i], r->best_idf);
    }
}

/* What somebody asks about is often named in one turn and told of in the next ones. */
static float trail_of(unsigned count)
{
    return count & HERE ? 1 : count & BEFORE ? 0.9f : count & BEFORE_THAT ? 0.81f : 0;
}

static void add_to_windows(struct recall *r, const struct asked_term *t, const struct heard *h)
{
    const float weight3 = t->times * idf((double)r->n_open, (double)h->near),
                weight5 = t->times * idf((double)r->n_open, (double)h->far);
    for (size_t k = 0; k < h->far; k++) {
        uint32_t i = r->touched[k];
        unsigned count = r->count[i];
        r->count[i] = 0;
        r->words3[i] += weight3 * saturation(&r->of_window3, NEAR_COUNT(count), r->length3[i]);
        r->words5[i] += weight5 * saturation(&r->of_window5, FAR_COUNT(count), r->length5[i]);
        r->idf5[i] += t->idf;
        r->trail[i] += trail_of(count) * t->idf;
        r->best_words3 = recall_larger(r->words3[i], r->best_words3);
        r->best_words5 = recall_larger(r->words5[i], r->best_words5);
        r->best_idf5 = recall_larger(r->idf5[i], r->best_idf5);
    }
}

static void add_to_sessions(struct recall *r, const struct asked_term *t, const struct heard *h)
{
    const float weight = t->times * idf((double)r->n_sessions, (double)h->sessions);
    for (size_t k = 0; k < h->sessions; k++) {
        uint32_t s = r->session_touched[k];
        r->session_words[s] += weight * saturated(r->session_count[s], r->session_length[s], r->session_mean);
        r->session_count[s] = 0;
        r->best_session = recall_larger(r->session_words[s], r->best_session);
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

static void begin(struct recall *r)
{
    float *arrays[] = { r->words, r->words3, r->words5, r->trail, r->covered, r->idf1, r->idf5 };
    for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++)
        memset(arrays[i], 0, RECALL_ROOM(r->index->n) * sizeof(float));
    memset(r->session_words, 0, r->index->n_sessions * sizeof(float));
    r->best_words = r->best_words3 = r->best_words5 = r->best_session = 0;
    r->idf_sum = r->unheard = r->best_idf = r->best_idf5 = 0;
}

void recall_measure_words(struct recall *r)
{
    begin(r);
    find_terms(r);
    measure_lengths(r);
    for (size_t i = 0; i < r->n_terms; i++) {
        struct asked_term *t = &r->terms[i];
        struct heard h = { 0 };
        if (t->term)
            h = count_term(r, t->term);
        t->idf = idf((double)r->n_open, (double)h.items);
        r->idf_sum += t->idf;
        r->unheard += h.items ? 0 : t->idf;
        if (!h.items)
            continue;
        add_to_items(r, t);
        add_to_windows(r, t, &h);
        add_to_sessions(r, t, &h);
    }
}
