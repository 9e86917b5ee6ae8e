#include "memory/index.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "memory/when.h"

#include <math.h>
#include <string.h>

#define MAX_WORDS UINT16_MAX
#define ASKED_WITHIN 60 /* bytes */

void index_init(struct memory_index *index, size_t dim)
{
    memset(index, 0, sizeof(*index));
    vectors_init(&index->vectors, dim);
}

void index_finish(struct memory_index *index)
{
    mem_free(index->items);
    mem_free(index->links);
    mem_free(index->sessions);
    places_finish(&index->open);
    terms_finish(&index->terms);
    vectors_finish(&index->vectors);
    memset(index, 0, sizeof(*index));
}

/* ---- sessions ---- */

/* The session this turn belongs to, which may be a new one; NULL: out of memory. */
static struct index_session *session_of(struct memory_index *index, const struct index_turn *turn)
{
    uint64_t key = (uint64_t)turn->conversation;
    uint32_t place = places_find(&index->open, key);
    if (place != PLACES_NONE) {
        struct index_session *s = &index->sessions[place];
        int64_t pause = turn->at_ms - s->last_ms;
        if (pause <= INDEX_PAUSE_MS && pause >= -INDEX_PAUSE_MS)
            return s;
    }
    struct index_session *list = mem_grow(index->sessions, index->n_sessions, &index->max_sessions, sizeof(*list));
    if (list)
        index->sessions = list;
    if (!list || places_put(&index->open, key, (uint32_t)index->n_sessions))
        return NULL;
    list[index->n_sessions] = (struct index_session){ .conversation = turn->conversation,
                                                      .last_ms = turn->at_ms,
                                                      .from_ms = turn->at_ms,
                                                      .to_ms = turn->at_ms,
                                                      .last = INDEX_NONE };
    return &list[index->n_sessions++];
}

/* ---- items ---- */

uint64_t index_hash(const struct words_token *token) { return hash_bytes(token->bytes, token->n); }

struct adding {
    struct memory_index *index;
    uint32_t words;
    unsigned flags;
};

static bool is_one_of(const struct words_token *token, const char *const *list)
{
    for (; *list; list++)
        if (strlen(*list) == token->n && memcmp(*list, token->bytes, token->n) == 0)
            return true;
    return false;
}

#define LONGEST_FLAGGED 5 /* "three" */

/* As words.h gives them: folded, stemmed, characters one by one. 一 counts nothing in 一起 and a hundred other words. */
static unsigned flags_of(const struct words_token *token)
{
    static const char *const own[] = { "i", "my", "me", "we", "our", "我", "咱", NULL };
    static const char *const numbers[] = { "one",  "two", "three", "four", "five", "six", "seven", "eight",
                                           "nine", "ten", "两",    "二",   "三",   "四",  "五",    "六",
                                           "七",   "八",  "九",    "十",   "百",   NULL };
    if (token->kind == WORDS_NUMBER)
        return ITEM_COUNTS;
    if ((token->kind != WORDS_WORD && token->kind != WORDS_CHARACTER) || token->n > LONGEST_FLAGGED)
        return 0;
    return (is_one_of(token, own) ? ITEM_OWN : 0) | (is_one_of(token, numbers) ? ITEM_COUNTS : 0);
}

static int add_word(void *ctx, const struct words_token *token)
{
    struct adding *adding = ctx;
    if (token->kind != WORDS_PAIR)
        adding->words++;
    adding->flags |= flags_of(token);
    return terms_add(&adding->index->terms, index_hash(token), (uint32_t)adding->index->n);
}

/* Bytes of a text without what stands in brackets at its end, as "[shares a photo: …]". */
static size_t spoken(const char *text, size_t n)
{
    while (n && strchr(" \t\r\n\"')", text[n - 1]))
        n--;
    const char *bracket = n && text[n - 1] == ']' ? memrchr(text, '[', n) : NULL;
    return bracket && bracket > text ? spoken(text, (size_t)(bracket - text)) : n;
}

static bool asks(const char *text, size_t n)
{
    n = spoken(text, n);
    return (n >= 1 && text[n - 1] == '?') || (n >= 3 && memcmp(text + n - 3, "？", 3) == 0);
}

/* A question near its end: what follows may well be the answer. */
static bool asked_something(const char *text, size_t n)
{
    n = spoken(text, n);
    size_t from = n > ASKED_WITHIN ? n - ASKED_WITHIN : 0;
    return memchr(text + from, '?', n - from) || memmem(text + from, n - from, "？", 3);
}

/* The one behind all others. */
static void link_item(struct memory_index *index, struct index_session *s)
{
    struct index_item *item = &index->items[index->n];
    struct index_link *link = &index->links[index->n];
    link->session = (uint32_t)(s - index->sessions);
    link->before = s->last;
    link->after = INDEX_NONE;
    link->place = (uint16_t)(s->n < UINT16_MAX ? s->n : UINT16_MAX);
    item->log_words = log1pf(link->words);
    item->log_place = log1pf(link->place);
    if (s->last != INDEX_NONE) {
        index->links[s->last].after = (uint32_t)index->n;
        link->flags |= index->links[s->last].flags & ITEM_ASKED ? ITEM_AFTER : 0;
    }
    s->last = (uint32_t)index->n;
    s->last_ms = item->at_ms;
    s->from_ms = item->at_ms < s->from_ms ? item->at_ms : s->from_ms;
    s->to_ms = item->at_ms > s->to_ms ? item->at_ms : s->to_ms;
    s->n++;
    s->words += link->words;
}

/* Whether it names a time. */
static bool time_told(const struct index_turn *turn, struct index_item *item)
{
    struct when when;
    if (!when_find(turn->text, turn->n, (struct when_anchor){ turn->at_ms, turn->offset_min }, &when, 1))
        return false;
    item->from_ms = when.from_ms;
    item->to_ms = when.to_ms;
    return true;
}

static bool has_room(struct memory_index *index)
{
    struct index_item *items = mem_grow(index->items, index->n, &index->max_items, sizeof(*items));
    if (items)
        index->items = items;
    struct index_link *links = items ? mem_grow(index->links, index->n, &index->max_links, sizeof(*links)) : NULL;
    if (links)
        index->links = links;
    return links != NULL;
}

int index_add(struct memory_index *index, struct words *words, const struct index_turn *turn, anima_error *err)
{
    if (index->n >= TERMS_MAX_TURNS)
        return err_set(err, ANIMA_E_LIMIT, "a character remembers at most %u turns", TERMS_MAX_TURNS);
    struct index_session *s = has_room(index) ? session_of(index, turn) : NULL;
    struct adding adding = { .index = index };
    if (!s || words_each(words, turn->text, turn->n, WORDS_PAIRS, add_word, &adding) ||
        vectors_add(&index->vectors, NULL, 0))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for what is remembered");
    struct index_item *item = &index->items[index->n];
    *item = (struct index_item){ .id = turn->id, .at_ms = turn->at_ms, .speaker = turn->speaker };
    unsigned flags = adding.flags | (asks(turn->text, turn->n) ? ITEM_ASKS : 0) |
                     (asked_something(turn->text, turn->n) ? ITEM_ASKED : 0) | (time_told(turn, item) ? ITEM_TIMED : 0);
    index->links[index->n] = (struct index_link){ .audience = turn->audience,
                                                  .words = (uint16_t)(adding.words < MAX_WORDS ? adding.words
                                                                                               : MAX_WORDS),
                                                  .flags = (uint8_t)flags };
    link_item(index, s);
    index->n++;
    return ANIMA_OK;
}

size_t index_from(const struct memory_index *index, int64_t id)
{
    size_t low = 0, high = index->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (index->items[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t index_find(const struct memory_index *index, int64_t id)
{
    size_t place = index_from(index, id);
    return place < index->n && index->items[place].id == id ? (uint32_t)place : INDEX_NONE;
}

void index_vector(struct memory_index *index, int64_t id, const int8_t *row, float factor)
{
    uint32_t place = index_find(index, id);
    if (place != INDEX_NONE && !(index->links[place].flags & ITEM_GONE))
        vectors_set(&index->vectors, place, row, factor);
}

void index_audience(struct memory_index *index, int64_t id, uint32_t audience)
{
    uint32_t place = index_find(index, id);
    if (place != INDEX_NONE)
        index->links[place].audience = audience;
}

void index_strength(struct memory_index *index, int64_t id, bool pinned, uint32_t recalls, int64_t recalled_ms)
{
    uint32_t place = index_find(index, id);
    if (place == INDEX_NONE)
        return;
    struct index_link *link = &index->links[place];
    link->flags = (uint8_t)(pinned ? link->flags | ITEM_PINNED : link->flags & ~ITEM_PINNED);
    index->items[place].recalls = recalls;
    index->items[place].recalled_ms = recalled_ms;
}

void index_recalled(struct memory_index *index, int64_t id, int64_t now_ms)
{
    uint32_t place = index_find(index, id);
    if (place == INDEX_NONE)
        return;
    index->items[place].recalls++;
    index->items[place].recalled_ms = now_ms;
}

void index_forget(struct memory_index *index, int64_t id)
{
    uint32_t place = index_find(index, id);
    if (place == INDEX_NONE || index->links[place].flags & ITEM_GONE)
        return;
    struct index_link *link = &index->links[place];
    vectors_set(&index->vectors, place, NULL, 0);
    struct index_session *s = &index->sessions[link->session];
    s->words -= link->words;
    if (link->after != INDEX_NONE) {
        struct index_link *after = &index->links[link->after];
        bool asked = link->before != INDEX_NONE && index->links[link->before].flags & ITEM_ASKED;
        after->before = link->before;
        after->flags = (uint8_t)(asked ? after->flags | ITEM_AFTER : after->flags & ~ITEM_AFTER);
    }
    if (link->before != INDEX_NONE)
        index->links[link->before].after = link->after;
    if (s->last == place)
        s->last = link->before;
    link->flags |= ITEM_GONE;
    link->words = 0;
    index->n_gone++;
}
