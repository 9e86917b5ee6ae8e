/* hash.h — a hash of bytes for tables that live as long as the process (FNV-1a, 64 bits: Fowler, Noll, Vo).
 * Not for what others may choose against us, nor for files. Any thread. */
#ifndef BASE_HASH_H
#define BASE_HASH_H
#include <stddef.h>
#include <stdint.h>

static inline uint64_t hash_bytes(const void *data, size_t n)
{
    uint64_t h = 14695981039346656037ull;
    for (size_t i = 0; i < n; i++)
        h = (h ^ ((const unsigned char *)data)[i]) * 1099511628211ull;
    return h;
}
#endif
