/* fuzz.h — what every fuzz target is: one function that takes any bytes. A clang build with -Dfuzz=true links it with
 * libFuzzer as fuzz-NAME; every other build links it with replay.c as replay-NAME, which runs the corpus and is a test.
 * A target must not leak, must not print, and stops with CHECK where a promise of the tested header is broken. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition);                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* A copy of exactly n bytes, so that AddressSanitizer sees a read behind the end. Yours to free. */
static inline char *fuzz_copy(const void *data, size_t n)
{
    char *copy = malloc(n ? n : 1);
    CHECK(copy);
    if (n)
        memcpy(copy, data, n);
    return copy;
}

#endif
