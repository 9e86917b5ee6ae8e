#include "base/rnd.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

static void fill(unsigned char *out, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t k = getrandom(out + done, n - done, 0);
        if (k > 0)
            done += (size_t)k;
        else if (errno != EINTR)
            abort(); /* no kernel we run on lacks it */
    }
}

void rnd_name(char *out, size_t n)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    fill((unsigned char *)out, n);
    for (size_t i = 0; i < n; i++)
        out[i] = alphabet[(unsigned char)out[i] & 31];
    out[n] = '\0';
}

uint64_t rnd_u64(void)
{
    uint64_t x;
    fill((unsigned char *)&x, sizeof(x));
    return x;
}

int rnd_equal(const void *a, const void *b, size_t n)
{
    const volatile unsigned char *x = a, *y = b;
    unsigned char d = 0;
    for (size_t i = 0; i < n; i++)
        d |= x[i] ^ y[i];
    return d == 0;
}
