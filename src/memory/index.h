/* index.h — what one character remembers, laid out to be found again: of every turn its words (postings), its meaning (a vector), who
 * said it when, what stands before and behind it in its session. It is made from the store and holds no text.
 *
 * A session is what was said in one conversation without a pause of INDEX_PAUSE_MS. Items are added in the order of their ids. One that is
 * forgotten leaves its place empty: nothing of it counts any more. One thread at a time. */
#ifndef MEMORY_INDEX_H
#define MEMORY_INDEX_H
#include "memory/terms.h"
#include "memory/vectors.h"
#include "memory/words.h"

#define INDEX_PAUSE_MS (6 * 3600000ll)
#define INDEX_NONE UINT32_MAX

enum {
    ITEM_GONE = 1,
    ITEM_ASKS = 2,    /* ends with a question mark */
    ITEM_AFTER = 4,   /* what stands before it in its session has one near its end */
    ITEM_TIMED = 8,   /* names a time */
    ITEM_ASKED = 16,  /* has a question mark near its end */
    ITEM_PINNED = 32, /* a person wants it kept in mind */
    ITEM_OWN = 64,    /* whoever says it speaks of themselves: it has "I", "my", "we", 我 */
    ITEM_COUNTS = 128 /* has a number, in digits or as a word */
};

struct index_item {
    int64_t id, at_ms, speaker; /* speaker: a person; 0: the character */
    int64_t from_ms, to_ms;     /* the time it speaks of, the first one; with ITEM_TIMED */
    uint32_t recalls;           /* how often it was told, */
    int64_t recalled_ms;        /* and when last; 0: never */
    float log_words, log_place; /* log(1 + …), which would be taken for every item of every question */
};

/* What a question reads of every item, apart from what it reads of few: a walk over a large index takes as long as its bytes. */
struct index_link {
    uint32_t session, before, after; /* places; INDEX_NONE: there is none in this session */
    uint32_t audience;               /* who may be told; the caller's number */
    uint16_t words, place;           /* tokens; how many stand before it in its session */
    uint8_t flags;
};

struct index_session {
    int64_t conversation, last_ms;
    int64_t from_ms, to_ms; /* its earliest and its latest turn */
    uint32_t last;          /* item */
    uint32_t n, words;
};

struct memory_index {
    struct index_item *items;
    struct index_link *links; /* of items, at their places */
    struct index_session *sessions;
    size_t n, max_items, max_links, n_sessions, max_sessions, n_gone;
    struct places open; /* the session that is, by its conversation */
    struct terms terms;
    struct vectors vectors; /* of items, at their places */
};

void index_init(struct memory_index *index, size_t dim);
void index_finish(struct memory_index *index);

/* What is added. text: borrowed for the call. */
struct index_turn {
    int64_t id; /* greater than all before it */
    int64_t conversation, speaker, at_ms;
    int offset_min; /* of the local time it was said at, east of Greenwich */
    uint32_t audience;
    const char *text;
    size_t n;
};
/* ANIMA_E_NOMEM: nothing was added, but some of its words may point to the place that stays empty. ANIMA_E_LIMIT: too many. */
int index_add(struct memory_index *index, struct words *words, const struct index_turn *turn, anima_error *err);
/* The first place whose id is not smaller; n: there is none. */
size_t index_from(const struct memory_index *index, int64_t id);
/* The place of an id, or INDEX_NONE. */
uint32_t index_find(const struct memory_index *index, int64_t id);
/* Its vector has come (dim of 8-bit numbers and a factor, as vectors_quantise makes them). An id that is not there is ignored. */
void index_vector(struct memory_index *index, int64_t id, const int8_t *row, float factor);
/* It may be told to others now. */
void index_audience(struct memory_index *index, int64_t id, uint32_t audience);
/* What it fades by: whether it is pinned, how often it was told, when last. */
void index_strength(struct memory_index *index, int64_t id, bool pinned, uint32_t recalls, int64_t recalled_ms);
/* It was told once more. */
void index_recalled(struct memory_index *index, int64_t id, int64_t now_ms);
void index_forget(struct memory_index *index, int64_t id);

/* The hash under which a token stands in the postings. */
uint64_t index_hash(const struct words_token *token);
#endif
