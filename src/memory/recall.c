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
    float **of_items[] = { &r->words, &r->words3, &r->words5,  &r->trail,    &r->covered,
                           &r->idf1,  &r->idf5,   &r->meaning, &r->meaning3, &r->meaning5 };
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

/* Whether a number is the answer. */
static bool asks_many(const char *text, size_t n)
{
    static const char *const words[] = { "how many", "how much", "how long", "how old", "how often", "多少", "多久",
                                         "多大",     "多长",     "几个",     "几次",    "几只",      "几岁", "第几" };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (names_it(text, n, words[i]))
            return true;
    return false;
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
    r->asks_many = asks_many(q->text, q->n);
    r->dated = when_find(q->text, q->n, q->now, &r->asked, 1) > 0;
    return ANIMA_OK;
}

/* ---- who may be told ---- */

static void open_items(struct recall *r)
{
    const struct memory_index *index = r->index;
    const struct recall_query *q = &r->query;
    size_t shown_from = q->shown_from ? index_from(index, q->shown_from) : index->n;
    uint16_t longest = 0;
    r->n_open = 0;
    for (size_t i = 0; i < index->n; i++) {
        const struct index_item *item = &index->items[i];
        bool told = !q->audiences || (item->audience < q->n_audiences && q->audiences[item->audience]);
        bool shown = i >= shown_from && index->sessions[item->session].conversation == q->shown_conversation;
        r->open[i] = told && !shown && !(item->flags & ITEM_GONE);
        r->length[i] = r->open[i] ? item->words : 0;
        r->session[i] = item->session;
        r->n_open += r->open[i];
        longest = r->open[i] && item->words > longest ? item->words : longest;
    }
    r->longest = longest;
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
    recall_rank(r);
    return ANIMA_OK;
}

bool recall_open(const struct recall *r, uint32_t place) { return place < r->index->n && r->open[place]; }

/* ---- the best ---- */

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
    about.is[RECALL_ABOUT_covered] = recall_share(r->best_idf5, r->idf_sum);
    about.is[RECALL_ABOUT_together] = recall_share(r->best_idf, r->idf_sum);
    about.is[RECALL_ABOUT_unheard] = recall_share(r->unheard, r->idf_sum);
    about.is[RECALL_ABOUT_meaning] = r->by_meaning ? TENTHS(r->best_meaning) : 0;
    about.is[RECALL_ABOUT_meaning5] = r->by_meaning ? TENTHS(r->best_meaning5) : 0;
    about.is[RECALL_ABOUT_apart] = r->by_meaning ? RECALL_SCORE(r->best_meaning, r->of_meaning) : 0;
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
