#include "memory/recall.h"

#include "base/err.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

/* BM25's usual constants. */
#define K1 1.2
#define B 0.75
/* Postings that are walked for one question: of 100,000 turns the commonest words go first. */
#define MOST_POSTINGS 200000

const char *const recall_feature_names[RECALL_FEATURES] = {
#define FEATURE(name, weight, about) #name,
#include "memory/features.def"
#undef FEATURE
};
const char *const recall_feature_about[RECALL_FEATURES] = {
#define FEATURE(name, weight, about) about,
#include "memory/features.def"
#undef FEATURE
};
const float recall_weights[RECALL_FEATURES] = {
#define FEATURE(name, weight, about) weight,
#include "memory/features.def"
#undef FEATURE
};

struct asked_term {
    uint64_t hash;
    const struct term *term; /* NULL: nobody said it */
    float times;             /* in the question, 2 at most */
    float idf;               /* of items */
};

/* Arrays have a number for each item, or for each session. */
struct recall {
    const struct memory_index *index;
    const struct recall_query *query;
    size_t max_items, max_sessions;
    uint8_t *open; /* may be told, and is there */
    float *words, *words3, *words5, *covered, *idf5, *meaning, *meaning3, *meaning5, *session_words, *session_meaning;
    uint16_t *count;   /* scratch: of one term in each window; all 0 between terms */
    uint32_t *touched; /* the windows that have it */
    struct asked_term terms[RECALL_TERMS];
    size_t n_terms, n_open;
    float best_words, best_words3, best_words5, best_session;
    struct {
        float mean, deviation;
    } of_meaning, of_meaning3, of_meaning5, of_session;
    float idf_sum, best_idf5, best_meaning;
    int64_t named[RECALL_NAMES];
    size_t n_named;
    bool asks_when;
    struct when asked;
    bool dated;
};

int recall_create(struct recall **out, anima_error *err)
{
    *out = mem_zero(1, sizeof(**out));
    return *out ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for a question");
}

static void free_arrays(struct recall *r)
{
    void *arrays[] = { r->open,    r->words,    r->words3,   r->words5,        r->covered,         r->idf5,
                       r->meaning, r->meaning3, r->meaning5, r->session_words, r->session_meaning, r->count,
                       r->touched };
    for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++)
        mem_free(arrays[i]);
}

void recall_free(struct recall *r)
{
    if (!r)
        return;
    free_arrays(r);
    mem_free(r);
}

static bool make_room(struct recall *r, size_t items, size_t sessions)
{
    if (items <= r->max_items && sessions <= r->max_sessions)
        return true;
    free_arrays(r);
    size_t n = items + items / 4 + 64, s = sessions + sessions / 4 + 64, most = n > s ? n : s;
    r->open = mem_alloc(n);
    float **of_items[] = { &r->words, &r->words3,  &r->words5,   &r->covered,
                           &r->idf5,  &r->meaning, &r->meaning3, &r->meaning5 };
    bool whole = r->open != NULL;
    for (size_t i = 0; i < sizeof(of_items) / sizeof(*of_items); i++)
        whole = (*of_items[i] = mem_alloc(n * sizeof(float))) && whole;
    whole = (r->session_words = mem_alloc(s * sizeof(float))) && whole;
    whole = (r->session_meaning = mem_alloc(s * sizeof(float))) && whole;
    whole = (r->count = mem_zero(most, sizeof(*r->count))) && whole;
    whole = (r->touched = mem_alloc(most * sizeof(*r->touched))) && whole;
    r->max_items = whole ? n : 0;
    r->max_sessions = whole ? s : 0;
    return whole;
}

/* ---- what is asked ---- */

struct reading {
    struct recall *r;
    bool all; /* also the words that every talk is full of */
};

static bool is_name(const struct recall_query *q, const char *token, size_t n)
{
    for (size_t i = 0; i < q->n_names; i++)
        if (strlen(q->names[i]) == n && strncasecmp(q->names[i], token, n) == 0)
            return true;
    return false;
}

static int read_word(void *ctx, const struct words_token *token)
{
    struct reading *reading = ctx;
    struct recall *r = reading->r;
    if ((!reading->all && words_common(token->bytes, token->n)) || token->kind == WORDS_BREAK)
        return 0;
    const char *surface = r->query->text + token->start;
    if (is_name(r->query, surface, token->end - token->start))
        return 0;
    uint64_t hash = index_hash(token);
    for (size_t i = 0; i < r->n_terms; i++)
        if (r->terms[i].hash == hash) {
            r->terms[i].times = 2;
            return 0;
        }
    if (r->n_terms < RECALL_TERMS)
        r->terms[r->n_terms++] = (struct asked_term){ .hash = hash, .times = 1 };
    return 0;
}

static bool starts_here(const char *text, size_t i)
{
    return !i || !(((unsigned char)text[i - 1] | 32) >= 'a' && ((unsigned char)text[i - 1] | 32) <= 'z');
}

/* Whether a name stands in the text; one of letters as a word of its own. */
static bool names_it(const char *text, size_t n, const char *name)
{
    size_t len = strlen(name);
    bool latin = len && !(name[0] & 0x80);
    for (size_t i = 0; len && i + len <= n; i++)
        if (strncasecmp(text + i, name, len) == 0 && (!latin || starts_here(text, i)) &&
            (!latin || i + len == n ||
             !(((unsigned char)text[i + len] | 32) >= 'a' && ((unsigned char)text[i + len] | 32) <= 'z')))
            return true;
    return false;
}

static void find_people(struct recall *r)
{
    const struct recall_query *q = r->query;
    r->n_named = 0;
    for (size_t i = 0; i < q->n_names && r->n_named < RECALL_NAMES; i++)
        if (names_it(q->text, q->n, q->names[i]))
            r->named[r->n_named++] = q->people[i];
}

static int read_question(struct recall *r, struct words *words, anima_error *err)
{
    const struct recall_query *q = r->query;
    struct reading reading = { .r = r };
    r->n_terms = 0;
    int rc = words_each(words, q->text, q->n, WORDS_PAIRS, read_word, &reading);
    reading.all = true;
    if (!rc && !r->n_terms)
        rc = words_each(words, q->text, q->n, WORDS_PAIRS, read_word, &reading);
    if (rc)
        return err_set(err, rc, "the words of a question could not be read");
    find_people(r);
    r->asks_when = when_asks(q->text, q->n);
    r->dated = when_find(q->text, q->n, q->now, &r->asked, 1) > 0;
    return ANIMA_OK;
}

/* ---- who may be told ---- */

static void open_items(struct recall *r)
{
    const struct memory_index *index = r->index;
    const struct recall_query *q = r->query;
    r->n_open = 0;
    for (size_t i = 0; i < index->n; i++) {
        const struct index_item *item = &index->items[i];
        bool told = !q->audiences || (item->audience < q->n_audiences && q->audiences[item->audience]);
        r->open[i] = told && !(item->flags & ITEM_GONE);
        r->n_open += r->open[i];
    }
}

/* ---- by words ---- */

static float idf(double n, double with) { return (float)log(1 + (n - with + 0.5) / (with + 0.5)); }

static float saturated(double times, double length, double mean)
{
    return (float)(times * (K1 + 1) / (times + K1 * (1 - B + B * length / (mean > 0 ? mean : 1))));
}

static uint32_t words_around(const struct memory_index *index, uint32_t i, int reach)
{
    const struct index_item *item = &index->items[i];
    uint32_t n = item->words, before = item->before, after = item->after;
    for (int step = 0; step < reach; step++) {
        if (before != INDEX_NONE) {
            n += index->items[before].words;
            before = index->items[before].before;
        }
        if (after != INDEX_NONE) {
            n += index->items[after].words;
            after = index->items[after].after;
        }
    }
    return n;
}

static void touch(struct recall *r, size_t *n, uint32_t place, unsigned times)
{
    if (!r->count[place])
        r->touched[(*n)++] = place;
    r->count[place] = (uint16_t)(r->count[place] + times);
}

static void by_item(struct recall *r, struct asked_term *t)
{
    const struct memory_index *index = r->index;
    double mean = index->words / (double)(index->n - index->n_gone);
    size_t with = 0;
    for (uint32_t k = 0; k < t->term->n; k++)
        with += r->open[POSTING_TURN(t->term->postings[k])];
    t->idf = idf((double)r->n_open, (double)with);
    for (uint32_t k = 0; k < t->term->n && with; k++) {
        uint32_t i = POSTING_TURN(t->term->postings[k]);
        if (!r->open[i])
            continue;
        r->words[i] += t->times * t->idf * saturated(POSTING_TIMES(t->term->postings[k]), index->items[i].words, mean);
        r->covered[i] += 1;
    }
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
        out[i] += weight * saturated(r->count[i], words_around(index, i, reach), mean);
        if (sum_idf)
            sum_idf[i] += t->idf;
        r->count[i] = 0;
    }
}

static void by_session(struct recall *r, const struct asked_term *t)
{
    const struct memory_index *index = r->index;
    size_t n = 0;
    double mean = index->words / (double)index->n_sessions;
    for (uint32_t k = 0; k < t->term->n; k++) {
        uint32_t i = POSTING_TURN(t->term->postings[k]);
        if (r->open[i])
            touch(r, &n, index->items[i].session, POSTING_TIMES(t->term->postings[k]));
    }
    float weight = t->times * idf((double)index->n_sessions, (double)n);
    for (size_t k = 0; k < n; k++) {
        uint32_t s = r->touched[k];
        r->session_words[s] += weight * saturated(r->count[s], index->sessions[s].words, mean);
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

static void measure_words(struct recall *r)
{
    const struct memory_index *index = r->index;
    size_t n = index->n;
    float *arrays[] = { r->words, r->words3, r->words5, r->covered, r->idf5 };
    for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++)
        memset(arrays[i], 0, n * sizeof(float));
    memset(r->session_words, 0, index->n_sessions * sizeof(float));
    find_terms(r);
    double there = (double)(n - index->n_gone);
    r->idf_sum = 0;
    for (size_t i = 0; i < r->n_terms; i++) {
        struct asked_term *t = &r->terms[i];
        if (!t->term) {
            r->idf_sum += idf((double)r->n_open, 0);
            continue;
        }
        by_item(r, t);
        r->idf_sum += t->idf;
        by_window(r, t, 1, index->words3 / there, r->words3, NULL);
        by_window(r, t, 2, index->words5 / there, r->words5, r->idf5);
        by_session(r, t);
    }
    r->best_words = largest(r->words, n);
    r->best_words3 = largest(r->words3, n);
    r->best_words5 = largest(r->words5, n);
    r->best_idf5 = largest(r->idf5, n);
    r->best_session = largest(r->session_words, index->n_sessions);
}

/* ---- by meaning ---- */

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

static void measure_meaning(struct recall *r)
{
    const struct memory_index *index = r->index;
    r->best_meaning = 0;
    if (!r->query->vector)
        return;
    vectors_scan(&index->vectors, r->query->vector, r->query->factor, r->meaning);
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
    }
    SPREAD(r, r->meaning[i], r->of_meaning);
    SPREAD(r, r->meaning3[i], r->of_meaning3);
    SPREAD(r, r->meaning5[i], r->of_meaning5);
    SPREAD(r, r->session_meaning[index->items[i].session], r->of_session);
}

int recall_measure(struct recall *r, struct words *words, const struct memory_index *index,
                   const struct recall_query *query, anima_error *err)
{
    r->index = index;
    r->query = query;
    if (!make_room(r, index->n, index->n_sessions))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a question");
    int rc = read_question(r, words, err);
    if (rc)
        return rc;
    open_items(r);
    measure_words(r);
    measure_meaning(r);
    return ANIMA_OK;
}

bool recall_open(const struct recall *r, uint32_t place) { return place < r->index->n && r->open[place]; }

/* ---- one item ---- */

static float share(float value, float most) { return most > 0 ? value / most : 0; }

#define SCORE(value, spread) (((value) - (spread).mean) / (spread).deviation)

static float of_speaker(const struct recall *r, int64_t speaker)
{
    if (!r->n_named)
        return 0;
    bool several = false;
    for (size_t i = 1; i < r->n_named; i++)
        several = several || r->named[i] != r->named[0];
    return several ? 0 : speaker == r->named[0] ? 1 : -1;
}

#define DAY_MS 86400000.0

/* 1: it was said, or speaks of, within the time asked about; less, the farther away. */
static float of_date(const struct recall *r, const struct index_item *item)
{
    if (!r->dated)
        return 0;
    const struct when *a = &r->asked;
    double said = item->at_ms < a->from_ms  ? (double)(a->from_ms - item->at_ms)
                  : item->at_ms >= a->to_ms ? (double)(item->at_ms - a->to_ms)
                                            : 0;
    double width = (double)(a->to_ms - a->from_ms) / DAY_MS, away = said / DAY_MS;
    double near = exp(-away / (width > 3 ? width : 3));
    if (item->flags & ITEM_TIMED && item->from_ms < a->to_ms && item->to_ms > a->from_ms)
        near = 1;
    return (float)near;
}

void recall_features(const struct recall *r, uint32_t i, float out[RECALL_FEATURES])
{
    const struct index_item *item = &r->index->items[i];
    memset(out, 0, RECALL_FEATURES * sizeof(*out));
    out[RECALL_words] = share(r->words[i], r->best_words);
    out[RECALL_words3] = share(r->words3[i], r->best_words3);
    out[RECALL_words5] = share(r->words5[i], r->best_words5);
    out[RECALL_session_words] = share(r->session_words[item->session], r->best_session);
    out[RECALL_covered] = r->n_terms ? r->covered[i] / (float)r->n_terms : 0;
    if (r->query->vector) {
        out[RECALL_meaning] = SCORE(r->meaning[i], r->of_meaning);
        out[RECALL_meaning3] = SCORE(r->meaning3[i], r->of_meaning3);
        out[RECALL_meaning5] = SCORE(r->meaning5[i], r->of_meaning5);
        out[RECALL_session_meaning] = SCORE(r->session_meaning[item->session], r->of_session);
    }
    out[RECALL_speaker] = of_speaker(r, item->speaker);
    out[RECALL_asks] = item->flags & ITEM_ASKS ? 1 : 0;
    out[RECALL_answers] = item->flags & ITEM_AFTER ? 1 : 0;
    out[RECALL_length] = log1pf(item->words);
    out[RECALL_opening] = log1pf(item->place);
    out[RECALL_timed] = r->asks_when && item->flags & ITEM_TIMED ? 1 : 0;
    out[RECALL_date] = of_date(r, item);
}

/* ---- the best ---- */

static float total(const struct recall *r, const float features[RECALL_FEATURES])
{
    const float *weights = r->query->weights ? r->query->weights : recall_weights;
    float sum = 0;
    for (int f = 0; f < RECALL_FEATURES; f++)
        sum += weights[f] * features[f];
    return sum;
}

size_t recall_best(struct recall *r, size_t k, struct recall_hit *out)
{
    size_t n = 0;
    struct recall_hit hit;
    k = k < RECALL_MOST ? k : RECALL_MOST;
    for (uint32_t i = 0; i < r->index->n && k; i++) {
        if (!r->open[i])
            continue;
        recall_features(r, i, hit.features);
        hit.score = total(r, hit.features);
        if (n == k && hit.score <= out[n - 1].score)
            continue;
        hit.id = r->index->items[i].id;
        hit.place = i;
        size_t at = n < k ? n++ : n - 1;
        for (; at && out[at - 1].score < hit.score; at--)
            out[at] = out[at - 1];
        out[at] = hit;
    }
    return n;
}

struct recall_about recall_about(const struct recall *r)
{
    return (struct recall_about){ .covered = share(r->best_idf5, r->idf_sum),
                                  .meaning = r->best_meaning,
                                  .n_terms = r->n_terms,
                                  .n_open = r->n_open };
}
