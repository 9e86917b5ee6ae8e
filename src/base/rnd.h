/* rnd.h — unguessable names and numbers (getrandom). Any thread. */
#ifndef BASE_RND_H
#define BASE_RND_H
#include <stddef.h>
#include <stdint.h>

/* n characters of a-z2-7 (5 bits each) and a NUL: out holds n + 1 bytes. */
void rnd_name(char *out, size_t n);
uint64_t rnd_u64(void);
/* Compares n bytes in a time that does not depend on them. */
int rnd_equal(const void *a, const void *b, size_t n);
#endif
