/* The picture of `anima top`: it fits every terminal, and shows what there is in the order that was asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "cli/top_view.h"

#include <string.h>

/* Two models; five streams, one of each state and one of no conversation. */
static const char answer[] =
    "{\"reports\":["
    "{\"engine\":{\"model\":\"m1\",\"state\":\"ready\",\"message\":\"\",\"running\":2,\"waiting\":1},\"age_s\":0.1,"
    "\"threads\":2,\"busy\":0.5,\"read_per_s\":12.5,\"said_per_s\":3,\"prefill_per_s\":95,"
    "\"kv\":{\"streams\":4,\"seated\":2,\"seats\":63,\"cells_used\":2048,\"cells\":4096,\"ram_bytes\":250000000,"
    "\"ram_limit\":1000000000,\"disk_bytes\":1,\"disk_limit\":2,\"restored\":5,\"evicted\":6,\"damaged\":7,"
    "\"shared\":8,\"moved_s\":1.5},"
    "\"engine_streams\":["
    "{\"name\":\"c-1-zh\",\"title\":\"在茶馆里说了很久很久的话\",\"state\":\"rest\",\"place\":\"disk\",\"tokens\":10,"
    "\"bytes\":500,\"rest_s\":8,\"character\":\"林\",\"language\":\"zh\"},"
    "{\"name\":\"c-2-en\",\"title\":\"Boats\",\"state\":\"waiting\",\"class\":\"chat\",\"deadline_s\":-0.5},"
    "{\"name\":\"letters\",\"title\":\"\",\"state\":\"rest\",\"place\":\"ram\",\"tokens\":900,\"bytes\":100,"
    "\"rest_s\":7200}]},"
    "{\"engine\":{\"model\":\"m2\",\"state\":\"loading\",\"message\":\"\"},\"age_s\":9,"
    "\"engine_streams\":["
    "{\"name\":\"c-3-en\",\"title\":\"\\u001b]0;evil\\u0007Rude\\u009b31m\",\"state\":\"speaking\",\"class\":\"voice\","
    "\"said\":42,\"tokens\":50,\"bytes\":9000000},"
    "{\"name\":\"c-4-en\",\"title\":\"Kites\",\"state\":\"reading\",\"read\":30,\"want\":120,\"tokens\":30,"
    "\"bytes\":700}]}]}";

static char picture[65536];

static void draw(struct top_view *v, const char *json)
{
    struct buf out;
    yyjson_doc *doc = yyjson_read(json, strlen(json), 0);
    assert_non_null(doc);
    buf_init(&out, sizeof(picture) - 1);
    top_render(yyjson_doc_get_root(doc), v, &out);
    assert_int_equal(out.failed, 0);
    strcpy(picture, buf_str(&out));
    buf_finish(&out);
    yyjson_doc_free(doc);
}

static size_t lines(void)
{
    size_t n = 0;
    for (const char *p = picture; (p = strchr(p, '\n')); p++)
        n++;
    return n;
}

/* Both stand there, a above b. */
static bool above(const char *a, const char *b)
{
    const char *x = strstr(picture, a), *y = strstr(picture, b);
    return x && y && x < y;
}

static void what_there_is(void **state)
{
    (void)state;
    struct top_view v = { .columns = 160 };
    draw(&v, answer);
    assert_int_equal(v.streams, 5);
    static const char *const words[] = { "m1  ready",
                                         "busy █████░░░░░ 50 %",
                                         "threads 2",
                                         "reads 12.5/s (95 while reading)",
                                         "says 3.0/s",
                                         "running 2, waiting 1",
                                         "cells █████░░░░░ 2048 of 4096",
                                         "250 MB of 1.0 GB",
                                         "seats 2 of 63",
                                         "brought back 5",
                                         "sent away 6",
                                         "damaged 7",
                                         "m2  loading",
                                         "9 s ago",
                                         "42 said",
                                         "25 % of 120",
                                         "late 0.5 s",
                                         "8 s ",
                                         "2 h ",
                                         "9.0 MB",
                                         "在茶馆里说了很久很久的话",
                                         "letters",
                                         "林",
                                         "voice" };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!strstr(picture, words[i]))
            fail_msg("\"%s\" is not in\n%s", words[i], picture);
    draw(&v, "{\"reports\":[]}");
    assert_non_null(strstr(picture, "No engine runs"));
    assert_int_equal(v.streams, 0);
}

static void it_fits(void **state)
{
    (void)state;
    for (size_t columns = 1; columns < 200; columns++)
        for (size_t rows = 0; rows < 20; rows++) {
            struct top_view v = { .columns = columns, .rows = rows, .keys = rows % 2 };
            draw(&v, answer);
            if (rows >= 9) /* the heads of two engines and of the table, and the keys, are always there */
                assert_true(lines() <= rows);
            for (const char *p = picture, *eol; *p; p = eol + 1) {
                eol = strchr(p, '\n');
                assert_true(utf8_valid(p, (size_t)(eol - p)));
                if (utf8_width(p, (size_t)(eol - p)) > columns)
                    fail_msg("%.*s is wider than %zu columns", (int)(eol - p), p, columns);
            }
        }
    struct top_view v = { .columns = 60 };
    draw(&v, answer);
    assert_non_null(strstr(picture, "在茶馆里")); /* Chinese titles are cut between characters, two columns each */
    assert_non_null(strstr(picture, "…"));
}

static void orders(void **state)
{
    (void)state;
    struct top_view v = { .columns = 160 };
    draw(&v, answer);
    assert_true(above("Rude", "Kites") && above("Kites", "Boats") && above("Boats", "在茶馆") &&
                above("在茶馆", "letters"));
    v.order = TOP_TOKENS;
    draw(&v, answer);
    assert_true(above("letters", "Rude") && above("Rude", "Kites") && above("Kites", "在茶馆") &&
                above("在茶馆", "Boats"));
    v.order = TOP_BYTES;
    draw(&v, answer);
    assert_true(above("Rude", "Kites") && above("Kites", "在茶馆") && above("在茶馆", "letters"));
    v.order = TOP_USE;
    draw(&v, answer);
    assert_true(above("Rude", "在茶馆") && above("在茶馆", "letters"));
    v.order = TOP_NAME;
    draw(&v, answer);
    assert_true(above("Boats", "Kites") && above("Kites", "letters") && above("letters", "在茶馆"));
    for (size_t i = 0; i < TOP_ORDERS; i++)
        assert_non_null(top_order_name(i));
    assert_null(top_order_name(TOP_ORDERS));
}

static void pages(void **state)
{
    (void)state;
    struct top_view v = { .columns = 160, .rows = 10, .keys = true, .first = 100 };
    draw(&v, answer); /* heads 4 + 2, the table's head, the keys: two streams */
    assert_int_equal(v.page, 2);
    assert_int_equal(v.first, 3);
    assert_non_null(strstr(picture, "4-5 of 5"));
    assert_null(strstr(picture, "Rude"));
    v.first = 0;
    draw(&v, answer);
    assert_non_null(strstr(picture, "1-2 of 5"));
    assert_non_null(strstr(picture, "Rude"));
    assert_null(strstr(picture, "letters"));
}

/* A title cannot command the terminal; escapes are only ours, and only if there are colours. */
static void commands(void **state)
{
    (void)state;
    struct top_view v = { .columns = 160, .keys = true };
    draw(&v, answer);
    assert_null(strchr(picture, '\033'));
    assert_null(strchr(picture, '\007'));
    assert_null(strstr(picture, "\xc2\x9b"));
    assert_non_null(strstr(picture, "]0;evilRude31m"));
    v.color = true;
    draw(&v, answer);
    assert_non_null(strstr(picture, "\033[32mspeaking"));
    assert_null(strstr(picture, "\033]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_there_is), cmocka_unit_test(it_fits),  cmocka_unit_test(orders),
        cmocka_unit_test(pages),         cmocka_unit_test(commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
