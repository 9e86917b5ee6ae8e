#include "base/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static atomic_long made;    /* allocations so far */
static atomic_long fail_at; /* 0: never */
static atomic_int fail_for_good;

__attribute__((constructor)) static void mem_init(void)
{
    const char *n = getenv("ANIMA_FAULT_ALLOC");
    if (n)
        mem_fail_at(atol(n), 0);
}

void mem_fail_at(long n, int for_good)
{
    atomic_store(&made, 0);
    atomic_store(&fail_at, n);
    atomic_store(&fail_for_good, for_good);
}

long mem_count(void) { return atomic_load(&made); }

static int must_fail(void)
{
    long n = atomic_fetch_add_explicit(&made, 1, memory_order_relaxed) + 1;
    long at = atomic_load_explicit(&fail_at, memory_order_relaxed);
    return at > 0 && (n == at || (n > at && atomic_load(&fail_for_good)));
}

void *mem_alloc(size_t size) { return must_fail() ? NULL : malloc(size ? size : 1); }

#define LARGE_PAGE ((uintptr_t)2 << 20)

/* Asks for large pages where whole ones lie within. */
static void ask_for_large_pages(const void *p, size_t size)
{
    uintptr_t first = ((uintptr_t)p + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1),
              end = ((uintptr_t)p + size) & ~(LARGE_PAGE - 1);
    if (p && end > first)
        madvise((void *)first, end - first, MADV_HUGEPAGE);
}

void *mem_alloc_large(size_t size)
{
    void *p = mem_alloc(size);
    ask_for_large_pages(p, size);
    return p;
}

void *mem_zero(size_t count, size_t size) { return must_fail() ? NULL : calloc(count ? count : 1, size ? size : 1); }

void *mem_realloc(void *p, size_t size) { return must_fail() ? NULL : realloc(p, size ? size : 1); }

void *mem_grow(void *list, size_t n, size_t *max, size_t size)
{
    if (n < *max)
        return list;
    size_t more = *max ? 2 * *max : 16;
    void *grown = more <= SIZE_MAX / size ? mem_realloc(list, more * size) : NULL;
    if (!grown)
        return NULL;
    *max = more;
    if (more * size >= 2 * LARGE_PAGE)
        ask_for_large_pages(grown, more * size);
    return grown;
}

void mem_free(void *p) { free(p); }

char *mem_strndup(const char *s, size_t n)
{
    if (!s)
        return NULL;
    char *copy = mem_alloc(n + 1);
    if (copy) {
        memcpy(copy, s, n);
        copy[n] = '\0';
    }
    return copy;
}

char *mem_strdup(const char *s) { return s ? mem_strndup(s, strlen(s)) : NULL; }
