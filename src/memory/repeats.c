#include "memory/repeats.h"

#include "base/hash.h"
#include "base/mem.h"

#include <string.h>
#include <strings.h>

#define RUN_WORDS 3
#define RUN_CHARACTERS 5
#define LEAST_NAME 3 /* letters */
#define LEAST_DIGITS 3

struct token {
    uint64_t hash;
    size_t position;
    bool character, says; /* says: not a word that every talk is full of */
};

/* What a text says: its words, and its characters, that say something. */
struct repeats_text {
    struct places words, characters;
};

struct tokens {
    struct token *list;
    size_t n, max;
    /* for what stands out in a text that is added; else NULL */
    struct repeats *into;
    const char *text;
    const char *const *names;
    size_t n_names;
    bool failed;
};

void repeats_finish(struct repeats *r)
{
    places_finish(&r->runs);
    for (size_t i = 0; i <= REPEATS_VALUE; i++)
        places_finish(&r->values[i]);
    for (size_t i = 0; i < r->n; i++) {
        places_finish(&r->texts[i].words);
        places_finish(&r->texts[i].characters);
    }
    mem_free(r->texts);
    *r = (struct repeats){ .n = 0 };
}

/* ---- tokens ---- */

static uint64_t hash_of(const struct words_token *t) { return hash_bytes(t->bytes, t->n); }

static uint64_t hash_run(const struct token *first, size_t n)
{
    uint64_t hash = n;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ first[i].hash) * 1099511628211ull;
    return hash;
}

/* Side by side, without a free place between them. */
static bool side_by_side(const struct token *first, size_t n)
{
    return first[n - 1].position == first[0].position + n - 1;
}

static bool is_run(const struct token *first, size_t n)
{
    size_t says = 0, characters = 0;
    for (size_t i = 0; i < n; i++) {
        says += first[i].says;
        characters += first[i].character;
    }
    if (!side_by_side(first, n) || says < n - 1 - (n == RUN_CHARACTERS))
        return false;
    return n == RUN_WORDS ? !characters : characters > 0;
}

/* ---- what stands out ---- */

static bool begins_sentence(const char *text, size_t at)
{
    static const char *const ends[] = { "。", "！", "？", "：", "“", "「", "…" };
    while (at && strchr(" \t\"'(", text[at - 1]))
        at--;
    if (!at || strchr(".!?:\n\r", text[at - 1]))
        return true;
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        if (at >= strlen(ends[i]) && memcmp(text + at - strlen(ends[i]), ends[i], strlen(ends[i])) == 0)
            return true;
    return false;
}

static bool is_time(const char *surface, size_t n)
{
    static const char *const times[] = { "monday",   "tuesday",   "wednesday", "thursday", "friday",
                                         "saturday", "sunday",    "january",   "february", "march",
                                         "april",    "may",       "june",      "july",     "august",
                                         "october",  "september", "november",  "december" };
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
        if (strlen(times[i]) == n && strncasecmp(times[i], surface, n) == 0)
            return true;
    return false;
}

static bool is_known(const struct tokens *all, const char *surface, size_t n)
{
    for (size_t i = 0; i < all->n_names; i++)
        if (strlen(all->names[i]) == n && strncasecmp(all->names[i], surface, n) == 0)
            return true;
    return false;
}

static bool stands_out(const struct tokens *all, const struct words_token *t)
{
    const char *surface = all->text + t->start;
    size_t n = t->end - t->start, digits = 0, letters = 0;
    for (size_t i = 0; i < t->n; i++) {
        digits += t->bytes[i] >= '0' && t->bytes[i] <= '9';
        letters += t->bytes[i] >= 'a' && t->bytes[i] <= 'z';
    }
    if (digits >= LEAST_DIGITS || (digits && letters >= 2))
        return true;
    bool capital = surface[0] >= 'A' && surface[0] <= 'Z' && t->kind == WORDS_WORD;
    return capital && letters >= LEAST_NAME && !begins_sentence(all->text, t->start) && !words_common(t->bytes, t->n) &&
           !is_time(surface, n) && !is_known(all, surface, n);
}

static int put(struct places *p, uint64_t hash)
{
    return places_find(p, hash) != PLACES_NONE ? 0 : places_put(p, hash, 0);
}

static int take_token(void *ctx, const struct words_token *t)
{
    struct tokens *all = ctx;
    struct token *list = mem_grow(all->list, all->n, &all->max, sizeof(*list));
    if (!list) {
        all->failed = true;
        return 1;
    }
    all->list = list;
    list[all->n++] = (struct token){ hash_of(t), t->position, t->kind == WORDS_CHARACTER,
                                     !words_common(t->bytes, t->n) };
    if (all->into && stands_out(all, t) && put(&all->into->values[1], hash_run(&list[all->n - 1], 1)))
        all->failed = true;
    return all->failed;
}

static int read_tokens(struct tokens *all, struct words *words, const char *text)
{
    all->text = text;
    int rc = words_each(words, text, strlen(text), 0, take_token, all);
    return all->failed || rc ? ANIMA_E_NOMEM : ANIMA_OK;
}

/* ---- adding ---- */

static int add_runs(struct repeats *r, const struct tokens *all)
{
    static const size_t lengths[] = { RUN_WORDS, RUN_CHARACTERS };
    int rc = 0;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i + lengths[k] <= all->n && !rc; i++)
            if (is_run(&all->list[i], lengths[k]))
                rc = put(&r->runs, hash_run(&all->list[i], lengths[k]));
    return rc ? ANIMA_E_NOMEM : ANIMA_OK;
}

static int add_words(struct repeats *r, const struct tokens *all)
{
    struct repeats_text *list = mem_grow(r->texts, r->n, &r->max, sizeof(*list));
    int rc = list ? 0 : -1;
    if (rc)
        return ANIMA_E_NOMEM;
    r->texts = list;
    struct repeats_text *text = &list[r->n++];
    *text = (struct repeats_text){ .words = { 0 } };
    for (size_t i = 0; i < all->n && !rc; i++)
        if (all->list[i].says)
            rc = put(all->list[i].character ? &text->characters : &text->words, all->list[i].hash);
    return rc ? ANIMA_E_NOMEM : ANIMA_OK;
}

int repeats_add_value(struct repeats *r, struct words *words, const char *value)
{
    struct tokens all = { .list = NULL };
    bool says = false;
    int rc = read_tokens(&all, words, value);
    for (size_t i = 0; i < all.n; i++)
        says = says || all.list[i].says;
    if (!rc && says && all.n <= REPEATS_VALUE && put(&r->values[all.n], hash_run(all.list, all.n)))
        rc = ANIMA_E_NOMEM;
    mem_free(all.list);
    return rc;
}

int repeats_add(struct repeats *r, struct words *words, struct fact_reader *facts, const char *text,
                struct when_anchor said, const char *const *names, size_t n_names)
{
    struct tokens all = { .into = r, .names = names, .n_names = n_names };
    struct fact found[FACTS_MOST];
    int rc = read_tokens(&all, words, text);
    if (!rc)
        rc = add_runs(r, &all);
    if (!rc)
        rc = add_words(r, &all);
    mem_free(all.list);
    size_t n = rc || !facts ? 0 : facts_read(facts, words, text, strlen(text), said, found);
    for (size_t i = 0; i < n && !rc; i++)
        rc = found[i].about == FACT_ABOUT_day ? ANIMA_OK : repeats_add_value(r, words, found[i].value);
    return rc;
}

/* ---- looking ---- */

static bool has_run(const struct repeats *r, const struct tokens *all)
{
    for (size_t i = 0; i + RUN_WORDS <= all->n; i++)
        if (side_by_side(&all->list[i], RUN_WORDS) &&
            places_find(&r->runs, hash_run(&all->list[i], RUN_WORDS)) != PLACES_NONE)
            return true;
    for (size_t i = 0; i + RUN_CHARACTERS <= all->n; i++)
        if (side_by_side(&all->list[i], RUN_CHARACTERS) &&
            places_find(&r->runs, hash_run(&all->list[i], RUN_CHARACTERS)) != PLACES_NONE)
            return true;
    return false;
}

static bool has_value(const struct repeats *r, const struct tokens *all)
{
    for (size_t n = 1; n <= REPEATS_VALUE; n++)
        for (size_t i = 0; r->values[n].n && i + n <= all->n; i++)
            if (side_by_side(&all->list[i], n) && places_find(&r->values[n], hash_run(&all->list[i], n)) != PLACES_NONE)
                return true;
    return false;
}

/* How many of the others it has, each counted once. */
static size_t in_common(const struct places *of, const struct tokens *all, bool characters)
{
    struct places seen = { 0 };
    for (size_t i = 0; i < all->n && of->n; i++)
        if (all->list[i].character == characters && places_find(of, all->list[i].hash) != PLACES_NONE &&
            put(&seen, all->list[i].hash))
            break;
    size_t n = seen.n;
    places_finish(&seen);
    return n;
}

static bool has_most(const struct repeats_text *t, const struct tokens *all)
{
    size_t words = in_common(&t->words, all, false), characters = in_common(&t->characters, all, true);
    bool few = t->words.n == 1 && !t->characters.n;
    return (words && 5 * words >= 2 * t->words.n && (words >= 2 || few)) ||
           (characters >= 4 && 5 * characters >= 3 * t->characters.n);
}

bool repeats_in(const struct repeats *r, struct words *words, const char *text)
{
    struct tokens all = { .list = NULL };
    bool found = read_tokens(&all, words, text) || has_run(r, &all) || has_value(r, &all);
    for (size_t i = 0; i < r->n && !found; i++)
        found = has_most(&r->texts[i], &all);
    mem_free(all.list);
    return found;
}
