/* recall_private.h — a question under way, as recall.c and its parts for words and meaning know it. */
#ifndef MEMORY_RECALL_PRIVATE_H
#define MEMORY_RECALL_PRIVATE_H
#include "memory/recall.h"

struct asked_term {
    uint64_t hash;
    const struct term *term; /* NULL: nobody said it */
    float times;             /* in the question, 2 at most */
    float idf;               /* of items */
    bool left_out;           /* too common to be walked: as if it had not been asked for */
};

/* Items are measured so many at a time. Behind the last one an array has room for one more, nobody's, and then for a whole block. */
#define RECALL_BLOCK 32
#define RECALL_ROOM(n) (((n) / RECALL_BLOCK + 1) * RECALL_BLOCK)

/* Where an item stands. around: the places before it, after it, and one farther on either side; nobody's stands for what is not there or may
 * not be told. Lengths are words that may be told: its own, and of the windows of three and of five around it. What is read together lies
 * together: a walk over 100,000 items waits for memory, not for sums. */
struct recall_place {
    uint32_t around[4];
    uint32_t session;
    uint32_t length, length3, length5;
};

/* What an item has of the words asked for: BM25 of it and of both windows, how many words it has, their idf in it and in the window of five,
 * and along the trail of it and the two before it. */
struct recall_heard {
    float words, words3, words5, trail, covered, idf1, idf5, spare;
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
    uint8_t *open;  /* may be told, and is there */
    uint8_t *flags; /* as the index has them */
    struct recall_place *places;
    struct recall_heard *heard;
    float *meaning, *meaning3, *meaning5, *session_words, *session_meaning;
    float *block_most, *session_most; /* what one of a block can be worth at most, and what a session adds to that */
    uint32_t *session_length;         /* words of it that may be told */
    struct recall_saturation of_item, of_window3, of_window5;
    double all_words, all_words3, all_words5; /* sums of lengths */
    double session_mean;                      /* length */
    size_t n_sessions;
    uint32_t *count;   /* scratch: of one term in both windows around each item; all 0 between terms */
    uint32_t *touched; /* the items around which it is */
    uint32_t *session_count, *session_touched;
    struct asked_term terms[RECALL_TERMS];
    size_t n_terms, n_open;
    uint16_t longest;         /* words of one */
    struct recall_heard most; /* of each, that an item has; not of the trail and of how many words */
    float best_session;
    struct recall_spread {
        float mean, deviation;
    } of_meaning, of_meaning3, of_meaning5, of_session;
    float idf_sum, unheard, best_meaning, best_meaning5;
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
/* Before both, open, n_open, places and terms are filled in, and how long what may be told is. */
void recall_measure_words(struct recall *r);
void recall_measure_meaning(struct recall *r);
/* Behind both: the best. */
void recall_rank(struct recall *r);
#endif
