/* places.h — a hash table from keys to places in somebody's list: what stands there is the caller's. Open addressing, at most two thirds used.
 * Starts as { 0 }. One thread at a time. */
#ifndef BASE_PLACES_H
#define BASE_PLACES_H
#include <stddef.h>
#include <stdint.h>

#define PLACES_NONE UINT32_MAX

struct places {
    struct places_slot {
        uint64_t key; /* any number; its bits should be spread (base/hash.h) */
        uint32_t place;
    } * slots;
    size_t n, size; /* keys; slots, a power of two */
};

void places_finish(struct places *p);
/* PLACES_NONE: the key is not there. */
uint32_t places_find(const struct places *p, uint64_t key);
/* In place of the one it has, if it has one. -1: out of memory, and nothing has changed. */
int places_put(struct places *p, uint64_t key, uint32_t place);
#endif
