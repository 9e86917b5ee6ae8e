/* recall_private.h — a question under way, as recall.c and its parts for words and meaning know it. */
#ifndef MEMORY_RECALL_PRIVATE_H
#define MEMORY_RECALL_PRIVATE_H
#include "memory/recall.h"

struct asked_term {
    uint64_t hash;
    const struct term *term; /* NULL: nobody said it */
    float times;             /* in the question, 2 at most */
    float idf;               /* of items */
};

/* Items are measured so many at a time. Behind the last one an array has room for one more, nobody's, and then for a whole block. */
#define RECALL_BLOCK 32
#define RECALL_ROOM(n) (((n) / RECALL_BLOCK + 1) * RECALL_BLOCK)

/* The places around an item: before it, after it, and one farther on either side. Nobody's stands for what is not there or may not be told. */
struct recall_around {
    uint32_t at[4];
};

/* What BM25 makes of how often a word stands in so many words; of the usual numbers it is looked up, since a division for each window of each
 * word takes longer than everything else. */
#define RECALL_TIMES 8
#define RECALL_LENGTHS 512
struct recall_saturation {
    double mean; /* length */
    float of[RECALL_TIMES][RECALL_LENGTHS];
};

/* Arrays have a number for each item, or for each session; they lie in room. */
struct recall {
    const struct memory_index *index;
    struct recall_query query; /* a copy; its texts and vector only live while it is measured */
    bool by_meaning;
    char *room;
    size_t max_items, max_sessions;
    uint8_t *open; /* may be told, and is there */
    struct recall_around *around;
    uint32_t *session;
    uint32_t *length, *length3, *length5; /* words of it, and of the windows around it, that may be told */
    float *words, *words3, *words5, *trail, *covered, *idf1, *idf5, *meaning, *meaning3, *meaning5, *session_words,
        *session_meaning;
    uint32_t *session_length; /* words of it that may be told */
    struct recall_saturation of_item, of_window3, of_window5;
    double session_mean; /* length */
    size_t n_sessions;
    uint16_t *count;   /* scratch: of one term in both windows around each item; all 0 between terms */
    uint32_t *touched; /* the items around which it is */
    uint32_t *session_count, *session_touched;
    struct asked_term terms[RECALL_TERMS];
    size_t n_terms, n_open;
    uint16_t longest; /* words of one */
    float best_words, best_words3, best_words5, best_session;
    struct recall_spread {
        float mean, deviation;
    } of_meaning, of_meaning3, of_meaning5, of_session;
    float idf_sum, unheard, best_idf, best_idf5, best_meaning, best_meaning5;
    int64_t named[RECALL_NAMES];
    size_t n_named;
    struct recall_hit best[RECALL_MOST];
    size_t n_best;
    bool asks_when, asks_many, common, whole;
    struct when asked;
    bool dated;
};

#define RECALL_SCORE(value, spread) (((value) - (spread).mean) / (spread).deviation)
static inline float recall_share(float value, float most) { return most > 0 ? value / most : 0; }
static inline float recall_larger(float a, float b) { return a > b ? a : b; }
/* Before both, open, n_open, around, session, length and terms are filled in. */
void recall_measure_words(struct recall *r);
void recall_measure_meaning(struct recall *r);
/* Behind both: the best. */
void recall_rank(struct recall *r);
#endif
