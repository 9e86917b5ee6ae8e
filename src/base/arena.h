/* arena.h — memory that lives exactly as long as one turn or one request: many small allocations, one release. One owner. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *blocks;
    size_t used; /* bytes handed out */
    size_t cap;  /* used never exceeds it */
};

void arena_init(struct arena *a, size_t cap);
void arena_finish(struct arena *a);
void *arena_alloc(struct arena *a, size_t n); /* zeroed, aligned to 16; NULL: memory or cap ran out */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#endif
