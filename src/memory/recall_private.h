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

/* Arrays have a number for each item, or for each session. */
struct recall {
    const struct memory_index *index;
    struct recall_query query; /* a copy; its texts and vector only live while it is measured */
    bool by_meaning;
    size_t max_items, max_sessions;
    uint8_t *open; /* may be told, and is there */
    float *words, *words3, *words5, *covered, *idf1, *idf5, *meaning, *meaning3, *meaning5, *session_words,
        *session_meaning;
    uint32_t *session_length; /* words of it that may be told */
    double length, length3, length5, length_session;
    size_t n_sessions;
    uint16_t *count;   /* scratch: of one term in each window; all 0 between terms */
    uint32_t *touched; /* the windows that have it */
    struct asked_term terms[RECALL_TERMS];
    size_t n_terms, n_open;
    float best_words, best_words3, best_words5, best_session;
    struct {
        float mean, deviation;
    } of_meaning, of_meaning3, of_meaning5, of_session;
    float idf_sum, unheard, best_idf, best_idf5, best_meaning, best_meaning5;
    int64_t named[RECALL_NAMES];
    size_t n_named;
    struct recall_hit best[RECALL_MOST];
    size_t n_best;
    bool asks_when, common, whole;
    struct when asked;
    bool dated;
};

/* Before both, open, n_open and terms are filled in. */
void recall_measure_words(struct recall *r);
void recall_measure_meaning(struct recall *r);
#endif
