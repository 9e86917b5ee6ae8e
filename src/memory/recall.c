#include "memory/recall_private.h"

#include "base/err.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

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

int recall_create(struct recall **out, anima_error *err)
{
    *out = mem_zero(1, sizeof(**out));
    return *out ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for a question");
}

static void free_arrays(struct recall *r)
{
    void *arrays[] = { r->open,  r->words,          r->words3,   r->words5,   r->covered,       r->idf1,
                       r->idf5,  r->meaning,        r->meaning3, r->meaning5, r->session_words, r->session_meaning,
                       r->count, r->session_length, r->touched };
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
    if (r->open && items <= r->max_items && sessions <= r->max_sessions)
        return true;
    free_arrays(r);
    size_t n = items + items / 4 + 64, s = sessions + sessions / 4 + 64, most = n > s ? n : s;
    r->open = mem_alloc(n);
    float **of_items[] = { &r->words, &r->words3,  &r->words5,   &r->covered, &r->idf1,
                           &r->idf5,  &r->meaning, &r->meaning3, &r->meaning5 };
    bool whole = r->open != NULL;
    for (size_t i = 0; i < sizeof(of_items) / sizeof(*of_items); i++)
        whole = (*of_items[i] = mem_alloc(n * sizeof(float))) && whole;
    whole = (r->session_words = mem_alloc(s * sizeof(float))) && whole;
    whole = (r->session_meaning = mem_alloc(s * sizeof(float))) && whole;
    whole = (r->session_length = mem_alloc(s * sizeof(*r->session_length))) && whole;
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

/* Also "Anna's". */
static bool is_name(const struct recall_query *q, const char *token, size_t n)
{
    if (n > 2 && (token[n - 1] | 32) == 's' && token[n - 2] == '\'')
        n -= 2;
    else if (n > 4 && (token[n - 1] | 32) == 's' && memcmp(token + n - 4, "’", 3) == 0)
        n -= 4;
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
    const char *surface = r->query.text + token->start;
    if (is_name(&r->query, surface, token->end - token->start))
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
    const struct recall_query *q = &r->query;
    r->n_named = 0;
    for (size_t i = 0; i < q->n_names && r->n_named < RECALL_NAMES; i++)
        if (names_it(q->text, q->n, q->names[i]))
            r->named[r->n_named++] = q->people[i];
}

static int read_question(struct recall *r, struct words *words, anima_error *err)
{
    const struct recall_query *q = &r->query;
    struct reading reading = { .r = r };
    r->n_terms = 0;
    int rc = words_each(words, q->text, q->n, WORDS_PAIRS, read_word, &reading);
    reading.all = r->common = !r->n_terms;
    if (!rc && r->common)
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
    const struct recall_query *q = &r->query;
    r->n_open = 0;
    for (size_t i = 0; i < index->n; i++) {
        const struct index_item *item = &index->items[i];
        bool told = !q->audiences || (item->audience < q->n_audiences && q->audiences[item->audience]);
        bool shown = q->shown_from && item->id >= q->shown_from &&
                     index->sessions[item->session].conversation == q->shown_conversation;
        r->open[i] = told && !shown && !(item->flags & ITEM_GONE);
        r->n_open += r->open[i];
    }
}

static void rank(struct recall *r);

int recall_measure(struct recall *r, struct words *words, const struct memory_index *index,
                   const struct recall_query *query, anima_error *err)
{
    r->index = index;
    r->query = *query;
    r->by_meaning = query->vector != NULL;
    if (!make_room(r, index->n, index->n_sessions))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a question");
    int rc = read_question(r, words, err);
    if (rc)
        return rc;
    open_items(r);
    recall_measure_words(r);
    recall_measure_meaning(r);
    rank(r);
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

/* Within a talk. */
static void in_session(const struct recall *r, uint32_t i, float out[RECALL_FEATURES])
{
    uint32_t session = r->index->items[i].session;
    out[RECALL_words] = share(r->words[i], r->best_words);
    out[RECALL_words3] = share(r->words3[i], r->best_words3);
    out[RECALL_words5] = share(r->words5[i], r->best_words5);
    out[RECALL_session_words] = share(r->session_words[session], r->best_session);
    out[RECALL_covered] = r->n_terms ? r->covered[i] / (float)r->n_terms : 0;
    out[RECALL_length] = r->index->items[i].log_words;
    if (!r->by_meaning)
        return;
    out[RECALL_meaning] = SCORE(r->meaning[i], r->of_meaning);
    out[RECALL_meaning3] = SCORE(r->meaning3[i], r->of_meaning3);
    out[RECALL_meaning5] = SCORE(r->meaning5[i], r->of_meaning5);
    out[RECALL_session_meaning] = SCORE(r->session_meaning[session], r->of_session);
}

static void alone(const struct recall *r, uint32_t i, float out[RECALL_FEATURES])
{
    out[RECALL_alone_words] = share(r->words[i], r->best_words);
    out[RECALL_alone_covered] = r->n_terms ? r->covered[i] / (float)r->n_terms : 0;
    out[RECALL_alone_meaning] = r->by_meaning ? SCORE(r->meaning[i], r->of_meaning) : 0;
}

void recall_features(const struct recall *r, uint32_t i, float out[RECALL_FEATURES])
{
    const struct index_item *item = &r->index->items[i];
    memset(out, 0, RECALL_FEATURES * sizeof(*out));
    if (r->index->sessions[item->session].n > 1)
        in_session(r, i, out);
    else
        alone(r, i, out);
    out[RECALL_speaker] = of_speaker(r, item->speaker);
    out[RECALL_asks] = item->flags & ITEM_ASKS ? 1 : 0;
    out[RECALL_answers] = item->flags & ITEM_AFTER && item->before != INDEX_NONE && r->open[item->before] ? 1 : 0;
    out[RECALL_opening] = item->log_place;
    out[RECALL_timed] = r->asks_when && item->flags & ITEM_TIMED ? 1 : 0;
    out[RECALL_date] = of_date(r, item);
}

/* ---- the best ---- */

static float total(const struct recall *r, const float features[RECALL_FEATURES])
{
    const float *weights = r->query.weights ? r->query.weights : recall_weights;
    float sum = 0;
    for (int f = 0; f < RECALL_FEATURES; f++)
        sum += weights[f] * features[f];
    return sum;
}

static void rank(struct recall *r)
{
    struct recall_hit hit, *best = r->best;
    size_t n = 0;
    for (uint32_t i = 0; i < r->index->n; i++) {
        if (!r->open[i])
            continue;
        recall_features(r, i, hit.features);
        hit.score = total(r, hit.features);
        if (n == RECALL_MOST && hit.score <= best[n - 1].score)
            continue;
        hit.id = r->index->items[i].id;
        hit.place = i;
        size_t at = n < RECALL_MOST ? n++ : n - 1;
        for (; at && best[at - 1].score < hit.score; at--)
            best[at] = best[at - 1];
        best[at] = hit;
    }
    r->n_best = n;
}

size_t recall_best(const struct recall *r, size_t k, struct recall_hit *out)
{
    size_t n = k < r->n_best ? k : r->n_best;
    memcpy(out, r->best, n * sizeof(*out));
    return n;
}

const char *const recall_about_names[RECALL_ABOUT] = {
#define FLOOR(name, weight, about) #name,
#include "memory/floor.def"
#undef FLOOR
};

#define LEAD 10 /* hits */
/* Cosines of texts that have nothing to do with each other lie around 0.8 (multilingual-e5). */
#define TENTHS(cosine) (10 * ((cosine)-0.8f))

struct recall_about recall_about(const struct recall *r)
{
    struct recall_about about = {
        .n_terms = r->n_terms, .n_open = r->n_open, .whole = r->by_meaning && r->whole, .common = r->common
    };
    about.is[RECALL_ABOUT_covered] = share(r->best_idf5, r->idf_sum);
    about.is[RECALL_ABOUT_together] = share(r->best_idf, r->idf_sum);
    about.is[RECALL_ABOUT_unheard] = share(r->unheard, r->idf_sum);
    about.is[RECALL_ABOUT_meaning] = r->by_meaning ? TENTHS(r->best_meaning) : 0;
    about.is[RECALL_ABOUT_meaning5] = r->by_meaning ? TENTHS(r->best_meaning5) : 0;
    about.is[RECALL_ABOUT_apart] = r->by_meaning ? SCORE(r->best_meaning, r->of_meaning) : 0;
    size_t tenth = r->n_best < LEAD ? r->n_best : LEAD;
    about.is[RECALL_ABOUT_agreement] = tenth ? r->best[0].score : 0;
    about.is[RECALL_ABOUT_lead] = tenth ? r->best[0].score - r->best[tenth - 1].score : 0;
    return about;
}

/* By words alone this refuses 59 % of what nobody here can answer, and loses 9 % of the rest (LoCoMo). */
#define WORDS_FLOOR 0.35f

bool recall_is_about(const struct recall_about *about)
{
    static const float weights[RECALL_ABOUT] = {
#define FLOOR(name, weight, what) weight,
#include "memory/floor.def"
#undef FLOOR
    };
    static const float least =
#define FLOOR(name, weight, what)
#define FLOOR_LEAST(number) number
#include "memory/floor.def"
#undef FLOOR
#undef FLOOR_LEAST
        ;
    float sum = 0;
    for (int i = 0; i < RECALL_ABOUT; i++)
        sum += weights[i] * about->is[i];
    return sum >= least || (!about->whole && about->is[RECALL_ABOUT_covered] >= WORDS_FLOOR);
}
