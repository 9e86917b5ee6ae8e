/* The scan: every kind gives the same numbers, and they are the cosines but for a small error. */
#include "memory/vectors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define DIM 384
#define N 700 /* more than the scan takes at a time, and not a multiple of it */

static uint32_t seed = 12345;
static float number(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) / (1u << 24) - 0.5f;
}

static void unit(float *v)
{
    double sum = 0;
    for (int i = 0; i < DIM; i++) {
        v[i] = number();
        sum += (double)v[i] * v[i];
    }
    for (int i = 0; i < DIM; i++)
        v[i] = (float)(v[i] / sqrt(sum));
}

static void every_kind_gives_the_cosines(void **state)
{
    (void)state;
    struct vectors v;
    vectors_init(&v, DIM);
    float(*exact)[DIM] = malloc(N * sizeof(*exact)), query[DIM], first[N];
    int8_t row[DIM], asked[DIM];
    for (int i = 0; i < N; i++) {
        unit(exact[i]);
        float factor = vectors_quantise(exact[i], DIM, row);
        assert_int_equal(vectors_add(&v, row, factor), 0);
    }
    unit(query);
    float factor = vectors_quantise(query, DIM, asked);
    for (int kind = VECTORS_PLAIN; kind < VECTORS_KINDS; kind++) {
        if (!vectors_has(kind))
            continue;
        float out[N];
        v.kind = kind;
        vectors_scan(&v, asked, factor, out);
        if (kind == VECTORS_PLAIN)
            memcpy(first, out, sizeof(out));
        assert_memory_equal(first, out, sizeof(out));
        for (int i = 0; i < N; i++) {
            double cosine = 0;
            for (int j = 0; j < DIM; j++)
                cosine += (double)exact[i][j] * query[j];
            assert_true(fabs(cosine - out[i]) < 0.005);
        }
    }
    free(exact);
    vectors_finish(&v);
}

/* The largest products there are: nothing saturates, in no kind. */
static void extremes_do_not_overflow(void **state)
{
    (void)state;
    struct vectors v;
    vectors_init(&v, DIM);
    int8_t high[DIM], low[DIM];
    memset(high, 127, sizeof(high));
    memset(low, -127, sizeof(low));
    assert_int_equal(vectors_add(&v, high, 1), 0);
    assert_int_equal(vectors_add(&v, low, 1), 0);
    for (int kind = VECTORS_PLAIN; kind < VECTORS_KINDS; kind++) {
        float out[2];
        if (!vectors_has(kind))
            continue;
        v.kind = kind;
        vectors_scan(&v, high, 1, out);
        assert_true(out[0] == 127.0f * 127 * DIM && out[1] == -127.0f * 127 * DIM);
        vectors_scan(&v, low, 1, out);
        assert_true(out[0] == -127.0f * 127 * DIM && out[1] == 127.0f * 127 * DIM);
    }
    vectors_finish(&v);
}

static void a_place_can_be_empty(void **state)
{
    (void)state;
    struct vectors v;
    vectors_init(&v, DIM);
    float one[DIM], nothing[DIM] = { 0 }, out[2];
    int8_t row[DIM], none[DIM];
    unit(one);
    float factor = vectors_quantise(one, DIM, row);
    assert_true(vectors_quantise(nothing, DIM, none) == 0);
    nothing[7] = NAN;
    assert_true(vectors_quantise(nothing, DIM, none) == 0);
    assert_int_equal(vectors_add(&v, NULL, 0), 0);
    assert_int_equal(vectors_add(&v, row, factor), 0);
    vectors_scan(&v, row, factor, out);
    assert_true(out[0] == 0 && out[1] > 0.99f);
    vectors_set(&v, 1, NULL, 0);
    vectors_set(&v, 0, row, factor);
    vectors_scan(&v, row, factor, out);
    assert_true(out[1] == 0 && out[0] > 0.99f);
    vectors_finish(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_gives_the_cosines),
        cmocka_unit_test(extremes_do_not_overflow),
        cmocka_unit_test(a_place_can_be_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
