/* Products with packed weights, of every kind that this processor has, against plain sums in double. */
#include "base/mem.h"
#include "train/matmul.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static uint32_t seed;

static float any(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)((seed >> 8) * (1.0 / 8388608) - 1);
}

static float *numbers(size_t n)
{
    float *f = aligned_alloc(64, (n * sizeof(*f) + 63) & ~(size_t)63);
    for (size_t i = 0; i < n; i++)
        f[i] = any();
    return f;
}

static float bf16(float f)
{
    uint32_t u;
    memcpy(&u, &f, sizeof(u));
    u = (u + 0x7fff + (u >> 16 & 1)) & 0xffff0000;
    memcpy(&f, &u, sizeof(f));
    return f;
}

/* y = W·x or x' = Wᵀ·y', with rows that lie apart, in `parts` parts. */
static void check(enum matmul_kind kind, int in, int out, int rows, bool across, int parts)
{
    int k = across ? out : in, n = across ? in : out;
    size_t xs = (size_t)k + 16, ys = (size_t)n + 16;
    float *w = numbers((size_t)in * (size_t)out), *x = numbers((size_t)rows * xs), *y = numbers((size_t)rows * ys);
    uint16_t *packed = aligned_alloc(64, matmul_bytes(in, out));
    void *scratch = aligned_alloc(64, matmul_scratch(rows));
    float beside = y[n];
    matmul_pack(w, in, out, across, packed);
    for (int part = 0; part < parts; part++)
        matmul_run(kind, packed, k, n, x, xs, y, ys, rows, part, parts, scratch);
    for (int r = 0; r < rows; r++)
        for (int j = 0; j < n; j++) {
            double sum = 0, size = 0;
            for (int i = 0; i < k; i++) {
                float wi = bf16(across ? w[(size_t)i * (size_t)in + (size_t)j] : w[(size_t)j * (size_t)in + (size_t)i]);
                float xi = x[(size_t)r * xs + (size_t)i];
                xi = kind == MATMUL_AMX ? bf16(xi) : xi;
                sum += (double)wi * xi;
                size += fabs((double)wi * xi);
            }
            if (fabs(sum - y[(size_t)r * ys + (size_t)j]) > 1e-5 * size + 1e-5)
                fail_msg("%s %d x %d, row %d, output %d: %g, not %g", matmul_name(kind), in, out, r, j,
                         (double)y[(size_t)r * ys + (size_t)j], sum);
        }
    assert_true(y[n] == beside);
    free(w);
    free(x);
    free(y);
    free(packed);
    free(scratch);
}

static void products(void **state)
{
    (void)state;
    for (int kind = 0; kind < MATMUL_KINDS; kind++) {
        if (!matmul_has((enum matmul_kind)kind))
            continue;
        for (int across = 0; across < 2; across++) {
            check(kind, 32, 32, 32, across, 1);
            check(kind, 64, 160, 64, across, 3);
            check(kind, 1536, 96, 32, across, 2);
            check(kind, 96, 2080, 96, across, 5);
        }
    }
}

static void check_outer(enum matmul_kind kind)
{
    static const int sizes[][3] = { { 1, 1, 1 }, { 8, 100, 33 }, { 130, 8, 64 }, { 64, 64, 256 } };
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
        for (int turned = 0; turned < 2; turned++) {
            int n0 = sizes[s][0], n1 = sizes[s][1], k = sizes[s][2];
            size_t stride = turned ? 1 : (size_t)n1, step = turned ? (size_t)k : 1;
            float *a = numbers((size_t)n0 * (size_t)k), *b = numbers((size_t)n1 * (size_t)k),
                  *out = numbers((size_t)n0 * (size_t)n1);
            for (int part = 0; part < 3; part++)
                matmul_outer(kind, a, (size_t)n0, b, stride, step, k, out, (size_t)n0, n0, n1, part, 3);
            for (int i = 0; i < n0; i++)
                for (int j = 0; j < n1; j++) {
                    double sum = 0;
                    for (int t = 0; t < k; t++)
                        sum += (double)a[t * n0 + i] * b[(size_t)t * stride + (size_t)j * step];
                    assert_true(fabs(sum - out[j * n0 + i]) < 1e-4);
                }
            free(a);
            free(b);
            free(out);
        }
}

static void check_expand(enum matmul_kind kind)
{
    static const int sizes[][3] = { { 1, 1, 1 }, { 100, 8, 33 }, { 192, 64, 6 }, { 64, 3, 4 } };
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        int n = sizes[s][0], rank = sizes[s][1], rows = sizes[s][2];
        float *b = numbers((size_t)n * (size_t)rank), *u = numbers((size_t)rows * (size_t)rank),
              *y = numbers((size_t)n * (size_t)rows);
        for (int part = 0; part < 3; part++)
            matmul_expand(kind, b, rank, u, (size_t)rank, y, (size_t)n, n, rows, part, 3);
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < n; i++) {
                double sum = 0;
                for (int q = 0; q < rank; q++)
                    sum += (double)b[i * rank + q] * u[r * rank + q];
                assert_true(fabs(sum - y[r * n + i]) < 1e-4);
            }
        free(b);
        free(u);
        free(y);
    }
}

static void outer(void **state)
{
    (void)state;
    for (int kind = 0; kind < MATMUL_KINDS; kind++)
        if (matmul_has((enum matmul_kind)kind))
            check_outer((enum matmul_kind)kind);
}

static void expand(void **state)
{
    (void)state;
    for (int kind = 0; kind < MATMUL_KINDS; kind++)
        if (matmul_has((enum matmul_kind)kind))
            check_expand((enum matmul_kind)kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(products), cmocka_unit_test(outer), cmocka_unit_test(expand) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
