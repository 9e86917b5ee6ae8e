/* Examples in batches: none is lost or doubled, batches are fuller than in the order as it fell, and the same order makes the same one. */
#include "base/draw.h"
#include "train/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N 400

static const struct train_shape shape = { .tokens = 256, .answers = 160 };
static int32_t tokens[256];
static unsigned char counts[N][256];
static struct train_example examples[N];

/* Lengths as lessons have them: many short ones, some that nearly fill a batch. */
static int set_up(void **state)
{
    (void)state;
    uint64_t random = 3;
    for (int i = 0; i < N; i++) {
        int n = 12 + (int)(draw_u64(&random) % (i % 5 ? 90 : 244));
        memset(counts[i] + n / 2, 1, (size_t)(n - n / 2));
        examples[i] = (struct train_example){ .token = tokens, .counts = counts[i], .n = n };
    }
    return 0;
}

static int batches(const int *order, int from, int to)
{
    struct train_batch b;
    int n = 0;
    assert_int_equal(train_batch_make(&shape, &b, NULL), 0);
    for (int at = from; at < to; n++) {
        int next = train_batch_fill(&b, &shape, examples, order, at, to);
        assert_true(next > at && b.n <= shape.tokens && b.n_answers <= shape.answers);
        at = next;
    }
    train_batch_free(&b);
    return n;
}

static void fuller(void **state)
{
    (void)state;
    int before[N], order[N], again[N], seen[N] = { 0 }, all = 0;
    for (int i = 0; i < N; i++) {
        before[i] = order[i] = again[i] = i;
        all += examples[i].n;
    }
    train_order_fit(&shape, examples, order, 0, N);
    train_order_fit(&shape, examples, again, 0, N);
    assert_memory_equal(order, again, sizeof(order));
    for (int i = 0; i < N; i++)
        seen[order[i]]++;
    for (int i = 0; i < N; i++)
        assert_int_equal(seen[i], 1);
    assert_true(batches(order, 0, N) < batches(before, 0, N));
    assert_true(batches(order, 0, N) * shape.tokens * 9 < all * 10); /* nine tenths of a batch are used */
}

/* What lies outside stays where it is; nothing, and one alone. */
static void a_part(void **state)
{
    (void)state;
    int order[N];
    for (int i = 0; i < N; i++)
        order[i] = i;
    train_order_fit(&shape, examples, order, 100, 300);
    for (int i = 0; i < N; i++)
        assert_true((order[i] == i || (i >= 100 && i < 300)) && (order[i] >= 100) == (i >= 100) &&
                    (order[i] < 300) == (i < 300));
    int kept[N];
    memcpy(kept, order, sizeof(order));
    train_order_fit(&shape, examples, order, 7, 7);
    train_order_fit(&shape, examples, order, 7, 8);
    assert_memory_equal(order, kept, sizeof(order));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(fuller), cmocka_unit_test(a_part) };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
