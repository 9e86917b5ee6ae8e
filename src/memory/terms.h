/* terms.h — which turns have a word: postings in memory, from the hash of a token to the turns it stands in, oldest first. No text is
 * kept. One thread at a time. */
#ifndef MEMORY_TERMS_H
#define MEMORY_TERMS_H
#include "base/places.h"

/* A posting is the turn's place and how often the word stands in it, 15 at most. */
#define POSTING_TURN(p) ((p) >> 4)
#define POSTING_TIMES(p) ((p)&15u)
#define TERMS_MAX_TURNS (1u << 28)

struct term {
    uint32_t n, max;
    uint32_t *postings;
};

struct terms {
    struct term *list;
    size_t n, max;
    struct places places; /* in the list, by hash */
};

void terms_finish(struct terms *t);
/* The word stands once more in that turn, which is the newest or the same as at the last call for any word. -1: out of memory. */
int terms_add(struct terms *t, uint64_t hash, uint32_t turn);
/* NULL: nobody said it. Valid until the next terms_add. */
const struct term *terms_find(const struct terms *t, uint64_t hash);
#endif
