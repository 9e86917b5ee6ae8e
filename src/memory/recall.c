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

void recall_free(struct recall *r)
{
    if (!r)
        return;
    mem_free(r->room);
    mem_free(r);
}

/* The next array of the room, n of a size; room NULL: how much there has to be is only added up. */
static void *take_room(char *room, size_t *used, size_t n, size_t size)
{
    void *at = room ? room + *used : NULL;
    *used += (n * size + 63) / 64 * 64;
    return at;
}

#define TAKE(array, n) ((array) = take_room(room, &used, n, sizeof(*(array))))

static size_t lay_out(struct recall *r, char *room, size_t items, size_t sessions)
{
    size_t used = 0;
    float **of_items[] = { &r->words, &r->words3,  &r->words5,   &r->covered, &r->idf1,
                           &r->idf5,  &r->meaning, &r->meaning3, &r->meaning5 };
    for (size_t i = 0; i < sizeof(of_items) / sizeof(*of_items); i++)
        TAKE(*of_items[i], items);
    TAKE(r->open, items);
    TAKE(r->around, items);
    TAKE(r->session, items);
    TAKE(r->length, items);
    TAKE(r->length3, items);
    TAKE(r->length5, items);
    TAKE(r->count, items);
    TAKE(r->touched, items);
    TAKE(r->session_words, sessions);
    TAKE(r->session_meaning, sessions);
    TAKE(r->session_length, sessions);
    TAKE(r->session_count, sessions);
    TAKE(r->session_touched, sessions);
    return used;
}

static bool make_room(struct recall *r, size_t items, size_t sessions)
{
    if (r->room && items <= r->max_items && sessions <= r->max_sessions)
        return true;
    mem_free(r->room);
    r->max_items = items + items / 4 + 64;
    r->max_sessions = sessions + sessions / 4 + 64;
    size_t n = RECALL_ROOM(r->max_items), s = r->max_sessions + 1;
    r->room = mem_alloc_large(lay_out(r, NULL, n, s));
    if (!r->room)
        return false;
    lay_out(r, r->room, n, s);
    memset(r->count, 0, n * sizeof(*r->count));
    memset(r->session_count, 0, s * sizeof(*r->session_count));
    return true;
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
    size_t shown_from = q->shown_from ? index_from(index, q->shown_from) : index->n;
    r->n_open = 0;
    for (size_t i = 0; i < index->n; i++) {
        const struct index_item *item = &index->items[i];
        bool told = !q->audiences || (item->audience < q->n_audiences && q->audiences[item->audience]);
        bool shown = i >= shown_from && index->sessions[item->session].conversation == q->shown_conversation;
        r->open[i] = told && !shown && !(item->flags & ITEM_GONE);
        r->length[i] = r->open[i] ? item->words : 0;
        r->session[i] = item->session;
        r->n_open += r->open[i];
    }
    r->open[index->n] = false;
    r->length[index->n] = 0;
}

static uint32_t place_of(const struct recall *r, uint32_t place)
{
    return place != INDEX_NONE && r->open[place] ? place : (uint32_t)r->index->n;
}

/* Windows reach across what may not be told, and do not have it. */
static void look_around(struct recall *r)
{
    const struct index_item *items = r->index->items;
    for (size_t i = 0; i < r->index->n; i++) {
        if (!r->open[i])
            continue;
        uint32_t before = items[i].before, after = items[i].after;
        uint32_t before2 = before != INDEX_NONE ? items[before].before : INDEX_NONE,
                 after2 = after != INDEX_NONE ? items[after].after : INDEX_NONE;
        r->around[i] = (struct recall_around){ { place_of(r, before), place_of(r, after), place_of(r, before2),
                                                 place_of(r, after2) } };
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
    look_around(r);
    recall_measure_words(r);
    recall_measure_meaning(r);
    rank(r);
    return ANIMA_OK;
}

bool recall_open(const struct recall *r, uint32_t place) { return place < r->index->n && r->open[place]; }

/* ---- features ---- */

/* Of some items, from a place on: a row for each feature, so that several of them are reckoned at once. */
typedef float feature_rows[RECALL_FEATURES][RECALL_BLOCK];

static float share(float value, float most) { return most > 0 ? value / most : 0; }

static void shares(float *restrict out, const float *restrict values, float most)
{
    if (!(most > 0)) {
        memset(out, 0, RECALL_BLOCK * sizeof(*out));
        return;
    }
    for (int j = 0; j < RECALL_BLOCK; j++)
        out[j] = values[j] / most;
}

#define SCORE(value, spread) (((value) - (spread).mean) / (spread).deviation)

static void scores(float *restrict out, const float *restrict values, struct recall_spread spread)
{
    for (int j = 0; j < RECALL_BLOCK; j++)
        out[j] = SCORE(values[j], spread);
}

static void only(float *restrict out, const float *restrict where)
{
    for (int j = 0; j < RECALL_BLOCK; j++)
        out[j] = where[j] != 0 ? out[j] : 0;
}

/* Of those that stand in a talk the first, of the others the second. */
static void either(float *restrict talk, float *restrict alone, const float *restrict in_talk)
{
    for (int j = 0; j < RECALL_BLOCK; j++) {
        alone[j] = in_talk[j] != 0 ? 0 : talk[j];
        talk[j] = in_talk[j] != 0 ? talk[j] : 0;
    }
}

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
#define NOTHING 104 /* exp(-104) is smaller than any float but 0 */

/* 1: it was said, or speaks of, within the time asked about; less, the farther away. */
static float of_date(const struct recall *r, const struct index_item *item)
{
    if (!r->dated)
        return 0;
    const struct when *a = &r->asked;
    if (item->flags & ITEM_TIMED && item->from_ms < a->to_ms && item->to_ms > a->from_ms)
        return 1;
    double said = item->at_ms < a->from_ms  ? (double)(a->from_ms - item->at_ms)
                  : item->at_ms >= a->to_ms ? (double)(item->at_ms - a->to_ms)
                                            : 0;
    double width = (double)(a->to_ms - a->from_ms) / DAY_MS, away = said / DAY_MS;
    double far = away / (width > 3 ? width : 3);
    return far > NOTHING ? 0 : (float)exp(-far);
}

static void of_words(const struct recall *r, size_t from, feature_rows out)
{
    shares(out[RECALL_words], r->words + from, r->best_words);
    shares(out[RECALL_words3], r->words3 + from, r->best_words3);
    shares(out[RECALL_words5], r->words5 + from, r->best_words5);
    shares(out[RECALL_covered], r->covered + from, (float)r->n_terms);
}

static void of_meaning(const struct recall *r, size_t from, feature_rows out)
{
    scores(out[RECALL_meaning], r->meaning + from, r->of_meaning);
    scores(out[RECALL_meaning3], r->meaning3 + from, r->of_meaning3);
    scores(out[RECALL_meaning5], r->meaning5 + from, r->of_meaning5);
}

/* What stands in a talk is measured by it, too; what stands alone by itself only. */
static void in_talk(feature_rows out, const float talk[RECALL_BLOCK])
{
    static const enum recall_feature of_talk[] = { RECALL_words3,   RECALL_words5,   RECALL_session_words,
                                                   RECALL_meaning3, RECALL_meaning5, RECALL_session_meaning,
                                                   RECALL_length };
    for (size_t f = 0; f < sizeof(of_talk) / sizeof(*of_talk); f++)
        only(out[of_talk[f]], talk);
    either(out[RECALL_words], out[RECALL_alone_words], talk);
    either(out[RECALL_covered], out[RECALL_alone_covered], talk);
    either(out[RECALL_meaning], out[RECALL_alone_meaning], talk);
}

/* Of those from a place on; behind the last one there is nothing of meaning. */
static void measure_block(const struct recall *r, size_t from, feature_rows out)
{
    const struct memory_index *index = r->index;
    float talk[RECALL_BLOCK] = { 0 };
    memset(out, 0, sizeof(feature_rows));
    of_words(r, from, out);
    if (r->by_meaning)
        of_meaning(r, from, out);
    for (size_t j = 0; j < RECALL_BLOCK && from + j < index->n; j++) {
        const struct index_item *item = &index->items[from + j];
        uint32_t session = r->session[from + j];
        talk[j] = index->sessions[session].n > 1;
        out[RECALL_session_words][j] = share(r->session_words[session], r->best_session);
        if (r->by_meaning)
            out[RECALL_session_meaning][j] = SCORE(r->session_meaning[session], r->of_session);
        out[RECALL_length][j] = item->log_words;
        out[RECALL_speaker][j] = of_speaker(r, item->speaker);
        out[RECALL_asks][j] = item->flags & ITEM_ASKS ? 1 : 0;
        out[RECALL_answers][j] = item->flags & ITEM_AFTER && item->before != INDEX_NONE && r->open[item->before] ? 1
                                                                                                                 : 0;
        out[RECALL_opening][j] = item->log_place;
        out[RECALL_timed][j] = r->asks_when && item->flags & ITEM_TIMED ? 1 : 0;
        out[RECALL_date][j] = of_date(r, item);
    }
    in_talk(out, talk);
}

void recall_features(const struct recall *r, uint32_t place, float out[RECALL_FEATURES])
{
    feature_rows rows;
    measure_block(r, place / RECALL_BLOCK * RECALL_BLOCK, rows);
    for (int f = 0; f < RECALL_FEATURES; f++)
        out[f] = rows[f][place % RECALL_BLOCK];
}

/* ---- the best ---- */

static void add_up(const struct recall *r, feature_rows features, float out[RECALL_BLOCK])
{
    const float *weights = r->query.weights ? r->query.weights : recall_weights;
    memset(out, 0, RECALL_BLOCK * sizeof(*out));
    for (int f = 0; f < RECALL_FEATURES; f++)
        for (int j = 0; j < RECALL_BLOCK; j++)
            out[j] += weights[f] * features[f][j];
}

static void take_in(struct recall *r, uint32_t place, float score)
{
    struct recall_hit *best = r->best;
    if (r->n_best == RECALL_MOST && score <= best[r->n_best - 1].score)
        return;
    size_t at = r->n_best < RECALL_MOST ? r->n_best++ : r->n_best - 1;
    for (; at && best[at - 1].score < score; at--)
        best[at] = best[at - 1];
    best[at] = (struct recall_hit){ .id = r->index->items[place].id, .place = place, .score = score };
}

static void rank(struct recall *r)
{
    feature_rows features;
    float sums[RECALL_BLOCK];
    r->n_best = 0;
    for (size_t from = 0; from < r->index->n; from += RECALL_BLOCK) {
        measure_block(r, from, features);
        add_up(r, features, sums);
        for (size_t j = 0; j < RECALL_BLOCK && from + j < r->index->n; j++)
            if (r->open[from + j])
                take_in(r, (uint32_t)(from + j), sums[j]);
    }
    for (size_t i = 0; i < r->n_best; i++)
        recall_features(r, r->best[i].place, r->best[i].features);
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
