/* bench_memory_junk.h — whether what lies in the memory of a home is worth having: its store is opened from outside, and every item looked
 * at. Any thread. */
#ifndef CLI_BENCH_MEMORY_JUNK_H
#define CLI_BENCH_MEMORY_JUNK_H
#include "anima/anima.h"

/* An item counts once, as the first of these that it is. */
struct memory_junk {
    size_t items;
    size_t unborne; /* no turn of that place, by that speaker, has that text */
    size_t twice;   /* the same turn again; or what the speaker had said before, word for word (24 bytes and more) */
    size_t
        echoes; /* what was remembered, stored again: how memories are told to a model, or the whole text (40 bytes and more) of
                      something that was said elsewhere before */
};
/* Of n characters' memories, in the home of that path. */
int memory_junk_count(const char *home, const char *const *characters, size_t n, struct memory_junk *out,
                      anima_error *err);
#endif
