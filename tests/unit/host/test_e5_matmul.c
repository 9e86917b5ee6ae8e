/* The product of multilingual-e5 against the sum as its definition says, in both kinds. */
#include "host/e5_matmul.h"

#include "base/mem.h"

#ifdef HAVE_E5_AVX2
#include <cpuid.h>
#endif
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

typedef void product(const struct e5_block *, const float *, const int8_t *, const float *, const int32_t *, float *,
                     int, int, int);
product e5_plain_matmul;
#ifdef HAVE_E5_AVX2
product e5_avx2_matmul;
#endif

#define LEAST_HALF 0x0001 /* 2^-24 */
#define ONE_HALF 0x3C00

struct matrices {
    int rows, nout, nin;
    struct e5_block *w;
    float *bias, *scale, *y;
    int8_t *x;
    int32_t *sum;
};

/* The same bytes every time. */
static void fill(void *to, size_t n, uint32_t *state)
{
    for (size_t i = 0; i < n; i++) {
        *state = *state * 1664525u + 1013904223u;
        ((uint8_t *)to)[i] = (uint8_t)(*state >> 24);
    }
}

static void make(struct matrices *m, int rows, int nout, int nin)
{
    size_t blocks = (size_t)nin / E5_BLOCK;
    *m = (struct matrices){ rows,
                            nout,
                            nin,
                            mem_zero((size_t)nout * blocks, sizeof(*m->w)),
                            mem_zero((size_t)nout, sizeof(*m->bias)),
                            mem_zero((size_t)rows * blocks, sizeof(*m->scale)),
                            mem_zero((size_t)rows * (size_t)nout, sizeof(*m->y)),
                            mem_zero((size_t)rows * (size_t)nin, 1),
                            mem_zero((size_t)rows * blocks, sizeof(*m->sum)) };
    uint32_t state = (uint32_t)(rows + nout + nin);
    fill(m->x, (size_t)rows * (size_t)nin, &state);
    for (size_t i = 0; i < (size_t)nout * blocks; i++) {
        fill(m->w[i].qs, sizeof(m->w[i].qs), &state);
        m->w[i].d = i % 7 ? (uint16_t)(ONE_HALF + i % 900) : LEAST_HALF;
        if (i % 3 == 0)
            m->w[i].d |= 0x8000;
    }
    for (size_t i = 0; i < (size_t)nout; i++)
        m->bias[i] = (float)i;
    for (size_t i = 0; i < (size_t)rows * (size_t)nin; i++) {
        m->sum[i / E5_BLOCK] += m->x[i];
        m->scale[i / E5_BLOCK] = 0.01F * (float)(i / E5_BLOCK % 5);
    }
}

static void drop(struct matrices *m)
{
    mem_free(m->w);
    mem_free(m->bias);
    mem_free(m->scale);
    mem_free(m->y);
    mem_free(m->x);
    mem_free(m->sum);
}

static double half(uint16_t h)
{
    double value = h >> 10 & 31 ? ldexp((h & 1023) | 1024, (h >> 10 & 31) - 25) : ldexp(h & 1023, -24);
    return h & 0x8000 ? -value : value;
}

static double wanted(const struct matrices *m, int t, int o, bool bias, double *size)
{
    double sum = bias ? m->bias[o] : 0;
    *size = fabs(sum);
    for (int i = 0; i < m->nin; i++) {
        const struct e5_block *b = m->w + o * (m->nin / E5_BLOCK) + i / E5_BLOCK;
        int j = i % E5_BLOCK, q = j < E5_BLOCK / 2 ? b->qs[j] & 15 : b->qs[j - E5_BLOCK / 2] >> 4;
        double one = half(b->d) * (q - 8) * m->scale[t * (m->nin / E5_BLOCK) + i / E5_BLOCK] * m->x[t * m->nin + i];
        sum += one;
        *size += fabs(one);
    }
    return sum;
}

static void compare(product *p, int rows, int nout, int nin, bool bias)
{
    struct matrices m;
    make(&m, rows, nout, nin);
    p(m.w, bias ? m.bias : NULL, m.x, m.scale, m.sum, m.y, rows, nout, nin);
    for (int t = 0; t < rows; t++)
        for (int o = 0; o < nout; o++) {
            double size, sum = wanted(&m, t, o, bias, &size);
            assert_true(fabs(m.y[t * nout + o] - sum) <= 1e-5 * size + 1e-6);
        }
    drop(&m);
}

static void compare_all(product *p)
{
    compare(p, 1, 8, 32, false);
    compare(p, 3, 16, 384, true);
    compare(p, 13, 384, 384, true);
    compare(p, 2, 24, 1536, true);
    compare(p, 1, 8, E5_MOST, false);
    compare(p, 0, 8, 32, true);
}

static void plain_is_right(void **state)
{
    (void)state;
    compare_all(e5_plain_matmul);
}

static void avx2_is_right(void **state)
{
    (void)state;
#ifdef HAVE_E5_AVX2
    __builtin_cpu_init();
    unsigned a, b, c, d;
    bool f16c = __get_cpuid(1, &a, &b, &c, &d) && c & bit_F16C;
    if (f16c && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        compare_all(e5_avx2_matmul);
        return;
    }
#endif
    skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(plain_is_right), cmocka_unit_test(avx2_is_right) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
