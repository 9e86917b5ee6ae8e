/* The store: streams of programs. Changes as a whole or not at all, names of places, what is expired, and deleted text that
 * leaves the files. */
#include "store_kit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "loop/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static anima_segment segment(int64_t seq, const char *text, const char *response)
{
    return (anima_segment){ .seq = seq, .kind = "heard", .text = text, .state = "{}", .response = response };
}

static int change(struct fixture *f, const char *id, bool made, int64_t after, int64_t keep, const anima_segment *list,
                  size_t n)
{
    anima_stream_info info = { .model = "m", .used_ms = 10 + after, .expires_ms = 5000 };
    snprintf(info.id, sizeof(info.id), "%s", id);
    const struct store_stream_change c = {
        .info = &info, .made = made, .after = after, .keep = keep, .purge = true, .segments = list, .n_segments = n
    };
    return kit_result(f, store_stream_change(f->store, &c, kit_done, f, NULL));
}

static int put(void *ctx, const anima_segment *g)
{
    buf_printf(ctx, "%d:%s%s%s%s|", (int)g->seq, g->text, *g->state ? "+" : "", *g->response ? "@" : "", g->response);
    return 0;
}

static void expect(struct fixture *f, const char *id, const char *wanted)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(store_segment_list(f->store, id, 0, 500, put, &b, NULL), 0);
    assert_string_equal(buf_str(&b), wanted);
    buf_finish(&b);
}

static void changes(void **state)
{
    struct fixture *f = *state;
    const anima_segment first[] = { segment(1, "a", ""), segment(2, "b", "r1") };
    const anima_segment second[] = { segment(3, "c", "r2") };
    anima_stream_info info;
    assert_int_equal(change(f, "one", true, 0, 0, first, 2), 0);
    assert_int_equal(change(f, "one", false, 2, 2, second, 1), 0);
    expect(f, "one", "1:a|2:b@r1|3:c+@r2|"); /* only the last one can go on */
    assert_int_equal(store_stream_get(f->store, "one", &info, NULL), 0);
    assert_int_equal(info.segments, 3);
    assert_int_equal(info.used_ms, 12);
    /* whoever is mistaken about its end changes nothing */
    assert_int_equal(change(f, "one", false, 2, 0, second, 1), ANIMA_E_CONFLICT);
    assert_int_equal(change(f, "none", false, 0, 0, first, 1), ANIMA_E_NOT_FOUND);
    assert_int_equal(change(f, "one", true, 0, 0, first, 1), ANIMA_E_INVALID);
    /* a name is given once: the whole change is undone, its cut, too */
    const anima_segment again[] = { segment(2, "x", ""), segment(3, "y", "r1") };
    assert_int_equal(change(f, "two", true, 0, 0, first, 1), 0);
    assert_int_equal(change(f, "two", false, 1, 0, again, 2), ANIMA_E_INVALID);
    expect(f, "two", "1:a+|");
    expect(f, "one", "1:a|2:b@r1|3:c+@r2|");
    assert_int_equal(change(f, "one", false, 3, 1, NULL, 0), 0);
    expect(f, "one", "1:a|");
    kit_close(f);
    kit_open(f);
    expect(f, "one", "1:a|");
}

static int take_id(void *ctx, const char *id)
{
    buf_printf(ctx, "%s|", id);
    return 0;
}

static int take_info(void *ctx, const anima_stream_info *info)
{
    buf_printf(ctx, "%s:%d|", info->id, (int)info->segments);
    return 0;
}

static void names_and_lists(void **state)
{
    struct fixture *f = *state;
    char id[24];
    int64_t seq = 0, n = 0;
    struct buf b;
    const anima_segment first[] = { segment(1, "a", ""), segment(2, "b", "r1") };
    buf_init(&b, 1 << 20);
    assert_int_equal(change(f, "one", true, 0, 0, first, 2), 0);
    assert_int_equal(change(f, "two", true, 0, 0, first, 1), 0);
    assert_int_equal(change(f, "two", false, 1, 1, NULL, 0), 0); /* used */
    assert_int_equal(store_response_find(f->store, "r1", id, &seq, NULL), 0);
    assert_string_equal(id, "one");
    assert_int_equal(seq, 2);
    assert_int_equal(store_response_find(f->store, "", id, &seq, NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(store_stream_list(f->store, 10, 0, take_info, &b, NULL), 0);
    assert_string_equal(buf_str(&b), "two:1|one:2|");
    buf_reset(&b);
    assert_int_equal(store_stream_list(f->store, 10, 11, take_info, &b, NULL), 0);
    assert_string_equal(buf_str(&b), "one:2|");
    buf_reset(&b);
    assert_int_equal(store_stream_expired(f->store, 4999, 10, take_id, &b, NULL), 0);
    assert_string_equal(buf_str(&b), "");
    assert_int_equal(store_stream_expired(f->store, 5000, 1, take_id, &b, NULL), 0);
    assert_int_equal(b.len, 4);
    assert_int_equal(store_stream_count(f->store, &n, NULL), 0);
    assert_int_equal(n, 2);
    const anima_stream_info info = { .id = "one", .model = "m" };
    const struct store_stream_change forget = { .info = &info, .after = 2, .keep = 2, .response = "r1" };
    assert_int_equal(kit_result(f, store_stream_change(f->store, &forget, kit_done, f, NULL)), 0);
    assert_int_equal(store_response_find(f->store, "r1", id, &seq, NULL), ANIMA_E_NOT_FOUND);
    expect(f, "one", "1:a+|2:b+|");
    assert_int_equal(kit_result(f, store_stream_delete(f->store, "one", kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_stream_delete(f->store, "one", kit_done, f, NULL)), ANIMA_E_NOT_FOUND);
    assert_int_equal(store_stream_get(f->store, "one", &(anima_stream_info){ 0 }, NULL), ANIMA_E_NOT_FOUND);
    expect(f, "one", "");
    buf_finish(&b);
}

/* Whether a word is in the file or its log. */
static bool in_files(const struct fixture *f, const char *word)
{
    char command[300];
    snprintf(command, sizeof(command), "cat %s/anima.db* | grep -q -a %s", f->dir, word);
    return system(command) == 0;
}

static void deleted_text_leaves_the_files(void **state)
{
    struct fixture *f = *state;
    const anima_segment secret[] = { segment(1, "open-sesame-1", ""), segment(2, "open-sesame-2", "") };
    assert_int_equal(change(f, "one", true, 0, 0, secret, 2), 0);
    assert_int_equal(change(f, "two", true, 0, 0, secret, 1), 0);
    assert_true(in_files(f, "open-sesame-2"));
    assert_int_equal(change(f, "one", false, 2, 1, NULL, 0), 0);
    kit_close(f); /* at the latest now */
    assert_false(in_files(f, "open-sesame-2"));
    assert_true(in_files(f, "open-sesame-1"));
    kit_open(f);
    assert_int_equal(kit_result(f, store_stream_delete(f->store, "one", kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_stream_delete(f->store, "two", kit_done, f, NULL)), 0);
    time_t end = time(NULL) + 20; /* while it is open: when nobody has written for a while */
    while (in_files(f, "open-sesame-1") && time(NULL) < end)
        loop_step(f->loop, 100);
    assert_false(in_files(f, "open-sesame-1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(changes, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(names_and_lists, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(deleted_text_leaves_the_files, kit_set_up, kit_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
