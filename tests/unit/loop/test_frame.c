/* Frames: whole, cut at every byte, over the limits, and arbitrary bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "loop/frame.h"

#include <stdlib.h>
#include <string.h>

static void round_trip(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(frame_write(&b, "{\"a\":1}", 7, "raw\0x", 5, NULL), ANIMA_OK);
    assert_int_equal(frame_write(&b, "{}", 2, NULL, 0, NULL), ANIMA_OK);
    assert_memory_equal(b.data, "\7\0\0\0\5\0\0\0{\"a\":1}raw\0x", 20);
    struct frame f;
    size_t used;
    assert_int_equal(frame_read(b.data, b.len, &f, &used, NULL), 1);
    assert_int_equal(used, 20);
    assert_int_equal(f.head_len, 7);
    assert_memory_equal(f.raw, "raw\0x", 5);
    assert_int_equal(frame_read(b.data + used, b.len - used, &f, &used, NULL), 1);
    assert_int_equal(f.head_len, 2);
    assert_null(f.raw);
    assert_int_equal(f.raw_len, 0);
    buf_finish(&b);
}

static void every_cut_asks_for_more(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    frame_write(&b, "{\"type\":\"x\"}", 12, "abc", 3, NULL);
    for (size_t n = 0; n < b.len; n++) {
        char *exact = malloc(n ? n : 1); /* the sanitizer sees a read behind the end */
        memcpy(exact, b.data, n);
        struct frame f;
        size_t used;
        assert_int_equal(frame_read(exact, n, &f, &used, NULL), 0);
        free(exact);
    }
    buf_finish(&b);
}

static void limits(void **state)
{
    (void)state;
    struct frame f;
    size_t used;
    anima_error err;
    assert_int_equal(frame_read("\0\0\0\0\0\0\0\0", 8, &f, &used, &err), ANIMA_E_LIMIT); /* empty head */
    assert_int_equal(frame_read("\1\0\0\1\0\0\0\0", 8, &f, &used, &err), ANIMA_E_LIMIT); /* head of 16 MiB + 1 */
    assert_int_equal(frame_read("\0\0\0\1\0\0\0\0", 8, &f, &used, &err), 0);             /* of 16 MiB */
    assert_int_equal(frame_read("\1\0\0\0\1\0\0\4", 8, &f, &used, &err), ANIMA_E_LIMIT); /* raw of 64 MiB + 1 */
    assert_int_equal(frame_read("\377\377\377\377\377\377\377\377", 8, &f, &used, &err), ANIMA_E_LIMIT);
    assert_non_null(strstr(err.message, "4294967295"));
    struct buf b;
    buf_init(&b, 64);
    assert_int_equal(frame_write(&b, "", 0, NULL, 0, &err), ANIMA_E_LIMIT);
    assert_int_equal(frame_write(&b, "{}", FRAME_MAX_HEAD + 1, NULL, 0, &err), ANIMA_E_LIMIT);
    assert_int_equal(b.len, 0);
    buf_finish(&b);
}

static void failed_write_leaves_no_half_frame(void **state)
{
    (void)state;
    struct buf b;
    anima_error err;
    buf_init(&b, 30);
    assert_int_equal(frame_write(&b, "{}", 2, NULL, 0, &err), ANIMA_OK);
    assert_int_equal(frame_write(&b, "{\"more\":\"than fits\"}", 20, NULL, 0, &err), ANIMA_E_LIMIT);
    assert_int_equal(b.len, 10);
    buf_finish(&b);
    buf_init(&b, 1000);
    mem_fail_at(1, 0);
    assert_int_equal(frame_write(&b, "{}", 2, NULL, 0, &err), ANIMA_E_NOMEM);
    mem_fail_at(0, 0);
    assert_int_equal(b.len, 0);
    buf_finish(&b);
}

static void garbage(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 20000; round++) {
        size_t n = (size_t)(rand() % 40);
        char *data = malloc(n ? n : 1);
        for (size_t i = 0; i < n; i++)
            data[i] = (char)(i % 4 ? 0 : rand() % 24); /* lengths that often fit */
        struct frame f;
        size_t used = 0;
        if (frame_read(data, n, &f, &used, NULL) == 1) {
            assert_true(used <= n && used == FRAME_PREFIX + f.head_len + f.raw_len);
            assert_true(f.head + f.head_len <= data + n);
        }
        free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip), cmocka_unit_test(every_cut_asks_for_more),
        cmocka_unit_test(limits),     cmocka_unit_test(failed_write_leaves_no_half_frame),
        cmocka_unit_test(garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
