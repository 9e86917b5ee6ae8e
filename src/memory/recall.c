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
    TAKE(r->open, items);
    TAKE(r->flags, items);
    TAKE(r->places, items);
    TAKE(r->heard, items);
    TAKE(r->meaning, items);
    TAKE(r->meaning3, items);
    TAKE(r->meaning5, items);
    TAKE(r->count, items);
    TAKE(r->touched, items);
    TAKE(r->block_most, items / RECALL_BLOCK + 1);
    TAKE(r->session_words, sessions);
    TAKE(r->session_most, sessions);
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
    const size_t n = index->n, shown_from = q->shown_from ? index_from(index, q->shown_from) : n;
    const size_t parent_from = q->shown_parent_from ? index_from(index, q->shown_parent_from) : n,
                 parent_to = q->shown_parent_to ? index_from(index, q->shown_parent_to) : n;
    const struct index_link *links = index->links;
    const bool *audiences = q->audiences;
    const size_t n_audiences = q->n_audiences;
    uint8_t *open = r->open, *all_flags = r->flags;
    size_t n_open = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t flags = links[i].flags;
        bool told = !audiences || (links[i].audience < n_audiences && audiences[links[i].audience]);
        bool shown = i >= shown_from && index->sessions[links[i].session].conversation == q->shown_conversation;
        if (i >= parent_from && i < parent_to)
            shown = shown || index->sessions[links[i].session].conversation == q->shown_parent;
        all_flags[i] = flags;
        open[i] = told && !shown && !(flags & ITEM_GONE);
        n_open += open[i];
    }
    r->n_open = n_open;
    open[n] = false;
    memset(&r->places[n], 0, sizeof(*r->places));
}

/* Nobody's place where it is not there or may not be told, and the words of it. */
static inline uint32_t place_of(const struct recall *r, uint32_t place, uint32_t *words)
{
    if (place == INDEX_NONE || !r->open[place])
        return (uint32_t)r->index->n;
    *words += r->index->links[place].words;
    return place;
}

/* Windows reach across what may not be told, and do not have it. How long what may be told is gets summed up for each question: something is
 * nearly always left out, if only what the prompt shows. */
static void look_around(struct recall *r)
{
    const struct index_link *links = r->index->links;
    uint64_t words = 0, words3 = 0, words5 = 0;
    uint32_t longest = 0;
    for (size_t i = 0; i < r->index->n; i++) {
        struct recall_place *place = &r->places[i];
        place->session = links[i].session;
        if (!r->open[i])
            continue;
        uint32_t before = links[i].before, after = links[i].after, length = links[i].words;
        longest = length > longest ? length : longest;
        place->length = length;
        words += length;
        place->around[0] = place_of(r, before, &length);
        place->around[1] = place_of(r, after, &length);
        place->length3 = length;
        words3 += length;
        place->around[2] = place_of(r, before != INDEX_NONE ? links[before].before : INDEX_NONE, &length);
        place->around[3] = place_of(r, after != INDEX_NONE ? links[after].after : INDEX_NONE, &length);
        place->length5 = length;
        words5 += length;
    }
    r->longest = (uint16_t)longest;
    r->all_words = (double)words;
    r->all_words3 = (double)words3;
    r->all_words5 = (double)words5;
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
    about.is[RECALL_ABOUT_covered] = recall_share(r->most.idf5, r->idf_sum);
    about.is[RECALL_ABOUT_together] = recall_share(r->most.idf1, r->idf_sum);
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
