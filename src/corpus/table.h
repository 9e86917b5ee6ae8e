/* table.h — texts with a count each, or something else that is known about them, and texts folded so that what a person takes for the same is the same. Lives in an arena. */
#ifndef CORPUS_TABLE_H
#define CORPUS_TABLE_H
#include "base/arena.h"

#include <stdint.h>

struct corpus_entry {
    const char *key;
    size_t count;
    size_t mark; /* the caller's: where it was counted last */
    void *about; /* the caller's */
    uint64_t hash;
    struct corpus_entry *next;
};

/* Start with { .arena = … }. */
struct corpus_table {
    struct arena *arena;
    struct corpus_entry **slots;
    size_t n_slots, n;
    uint64_t secret[2]; /* of the hash: others may choose the keys */
};

/* The entry of a key (n bytes, copied); a new one has count 0. NULL: out of memory. */
struct corpus_entry *corpus_table_put(struct corpus_table *t, const char *key, size_t n);
/* NULL: it is not there. */
struct corpus_entry *corpus_table_find(const struct corpus_table *t, const char *key, size_t n);
/* Small letters for capitals, half width for full width. NULL: out of memory. */
char *corpus_small(struct arena *arena, const char *text);
/* The same without white space. */
char *corpus_fold(struct arena *arena, const char *text);
/* That without the marks at its end: "who are you" and "Who are you?" are one question. */
char *corpus_fold_question(struct arena *arena, const char *text);
#endif
