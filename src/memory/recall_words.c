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

/* How long what may be told is, on average. */
static void measure_lengths(struct recall *r)
{
    size_t sessions = 0;
    memset(r->session_length, 0, r->index->n_sessions * sizeof(*r->session_length));
    for (size_t i = 0; i < r->index->n; i++) {
        if (!r->open[i])
            continue;
        uint32_t *length = &r->session_length[r->places[i].session], own = r->places[i].length;
        sessions += !*length;
        *length += own ? own : 1;
    }
    double n = r->n_open ? (double)r->n_open : 1;
    fill_saturation(&r->of_item, r->all_words / n);
    fill_saturation(&r->of_window3, r->all_words3 / n);
    fill_saturation(&r->of_window5, r->all_words5 / n);
    r->n_sessions = sessions;
    r->session_mean = sessions ? r->all_words / (double)sessions : 1;
}

/* ---- one term ---- */

/* How many have it: items, windows of three and of five, sessions. */
struct heard {
    size_t items, near, far, sessions;
};

/* In a count: once in the window of five is 1, once in that of three NEAR, once in the item itself OWN. A posting says 15 at most, so none runs
 * over into the next, nor into the bits that say whether the one before the item has the word, or the one before that. */
#define NEAR (1u << 8)
#define OWN (1u << 16)
#define FAR_COUNT(count) ((count)&0x7fu)
#define NEAR_COUNT(count) ((count) >> 8 & 0x3fu)
#define OWN_COUNT(count) ((count) >> 16 & 0xfu)
enum { BEFORE = 1 << 20, BEFORE_THAT = 1 << 21 };

/* Words stand in items here and there: what is known of an item is asked for while others are added up. */
#define AHEAD 16

static inline void count_at(struct recall *r, struct heard *h, uint32_t place, uint32_t more, uint32_t has)
{
    uint32_t count = r->count[place];
    r->touched[h->far] = place;
    h->far += !count;
    h->near += more >= NEAR && !NEAR_COUNT(count);
    r->count[place] = (count + more) | has;
}

static inline void count_around(struct recall *r, struct heard *h, uint32_t place, uint32_t times)
{
    const uint32_t *around = r->places[place].around;
    r->count[r->index->n] = NEAR + 1; /* nobody's is never a new one */
    count_at(r, h, place, times * (OWN + NEAR + 1), 0);
    count_at(r, h, around[0], times * (NEAR + 1), 0);
    count_at(r, h, around[1], times * (NEAR + 1), BEFORE);
    count_at(r, h, around[2], times, 0);
    count_at(r, h, around[3], times, BEFORE_THAT);
}

static struct heard count_term(struct recall *r, const struct term *term)
{
    struct heard h = { 0 };
    for (uint32_t k = 0; k < term->n; k++) {
        uint32_t i = POSTING_TURN(term->postings[k]);
        unsigned times = POSTING_TIMES(term->postings[k]);
        if (k + AHEAD < term->n)
            __builtin_prefetch(&r->places[POSTING_TURN(term->postings[k + AHEAD])]);
        if (!r->open[i])
            continue;
        h.items++;
        count_around(r, &h, i, times);
        uint32_t session = r->places[i].session, *count = &r->session_count[session];
        r->session_touched[h.sessions] = session;
        h.sessions += !*count;
        *count += times;
    }
    r->count[r->index->n] = 0; /* later, or of another index, an item is there */
    return h;
}

/* What somebody asks about is often named in one turn and told of in the next ones. */
static float trail_of(uint32_t count)
{
    return OWN_COUNT(count) ? 1 : count & BEFORE ? 0.9f : count & BEFORE_THAT ? 0.81f : 0;
}

static void add_to_items(struct recall *r, const struct asked_term *t, const struct heard *h)
{
    const float weight = t->times * t->idf, weight3 = t->times * idf((double)r->n_open, (double)h->near),
                weight5 = t->times * idf((double)r->n_open, (double)h->far);
    struct recall_heard most = r->most;
    for (size_t k = 0; k < h->far; k++) {
        uint32_t i = r->touched[k], count = r->count[i];
        const struct recall_place *place = &r->places[i];
        struct recall_heard *heard = &r->heard[i];
        if (k + AHEAD < h->far) {
            __builtin_prefetch(&r->places[r->touched[k + AHEAD]]);
            __builtin_prefetch(&r->heard[r->touched[k + AHEAD]], 1);
        }
        r->count[i] = 0;
        if (OWN_COUNT(count)) {
            heard->words += weight * saturation(&r->of_item, OWN_COUNT(count), place->length);
            heard->covered += 1;
            heard->idf1 += t->idf;
        }
        heard->words3 += weight3 * saturation(&r->of_window3, NEAR_COUNT(count), place->length3);
        heard->words5 += weight5 * saturation(&r->of_window5, FAR_COUNT(count), place->length5);
        heard->idf5 += t->idf;
        heard->trail += trail_of(count) * t->idf;
        most.words = recall_larger(heard->words, most.words);
        most.words3 = recall_larger(heard->words3, most.words3);
        most.words5 = recall_larger(heard->words5, most.words5);
        most.idf1 = recall_larger(heard->idf1, most.idf1);
        most.idf5 = recall_larger(heard->idf5, most.idf5);
    }
    r->most = most;
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
        most->left_out = true;
        left--;
    }
}

static void begin(struct recall *r)
{
    memset(r->heard, 0, RECALL_ROOM(r->index->n) * sizeof(*r->heard));
    memset(r->session_words, 0, r->index->n_sessions * sizeof(*r->session_words));
    memset(r->session_length, 0, r->index->n_sessions * sizeof(*r->session_length));
    r->most = (struct recall_heard){ .words = 0 };
    r->best_session = r->idf_sum = r->unheard = 0;
}

void recall_measure_words(struct recall *r)
{
    begin(r);
    find_terms(r);
    measure_lengths(r);
    for (size_t i = 0; i < r->n_terms; i++) {
        struct asked_term *t = &r->terms[i];
        struct heard h = { 0 };
        if (t->left_out)
            continue;
        if (t->term)
            h = count_term(r, t->term);
        t->idf = idf((double)r->n_open, (double)h.items);
        r->idf_sum += t->idf;
        r->unheard += h.items ? 0 : t->idf;
        if (!h.items)
            continue;
        add_to_items(r, t, &h);
        add_to_sessions(r, t, &h);
    }
}
