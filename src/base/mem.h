/* mem.h — every allocation of anima goes through here, so that tests can make the n-th one fail (torture tests).
 * The libraries we call (SQLite, libuv, yyjson) are given these functions too where they allow it. Any thread. */
#ifndef BASE_MEM_H
#define BASE_MEM_H
#include <stddef.h>

void *mem_alloc(size_t size); /* NULL on failure; size 0 gives a valid pointer */
/* As mem_alloc, for many megabytes that are about to be filled: in pages of 2 MiB where the system gives such, since the first
 * touch of small ones takes longer than a copy of what goes in (of 24 MiB 11 ms against 4). */
void *mem_alloc_large(size_t size);
void *mem_zero(size_t count, size_t size); /* zeroed; overflow-checked */
void *mem_realloc(void *p, size_t size);
/* list with room for one more behind its n elements of a size: list itself, or twice as large (*max elements). NULL: out of
 * memory, and list stays as it is. */
void *mem_grow(void *list, size_t n, size_t *max, size_t size);
void mem_free(void *p);
char *mem_strdup(const char *s); /* NULL stays NULL */
char *mem_strndup(const char *s, size_t n);

/* The n-th allocation from now on fails, once (n ≥ 1) or for good; 0 switches it off. Also read from the environment
 * at start: ANIMA_FAULT_ALLOC=n. Only for tests. */
void mem_fail_at(long n, int for_good);
/* How many allocations were made since mem_fail_at or the start. */
long mem_count(void);
#endif
