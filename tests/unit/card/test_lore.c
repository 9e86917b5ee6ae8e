/* Which pieces of lore apply. */
#include "base/buf.h"
#include "card/lore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int count(const char *text, size_t n, void *ctx)
{
    (void)text;
    (void)ctx;
    return (int)n;
}

/* The contents that apply to these messages, joined by "|". Messages at odd places are the character's. */
static void finds(const char *book, const char *const *messages, const char *wanted)
{
    struct lore *lore = NULL;
    struct lore_message said[20];
    struct lore_hit hits[20];
    size_t n = 0, n_hits;
    anima_error err = { 0 };
    yyjson_doc *doc = yyjson_read(book, strlen(book), 0);
    assert_non_null(doc);
    if (lore_parse(yyjson_doc_get_root(doc), &lore, &err))
        fail_msg("%s", err.message);
    for (; messages[n]; n++)
        said[n] = (struct lore_message){ messages[n], n % 2 == 1 };
    const struct lore_scene scene = { said, n, 0, count, NULL };
    struct buf out;
    buf_init(&out, 10000);
    for (int again = 0; again < 2; again++) { /* the second search is as good as the first */
        buf_reset(&out);
        assert_int_equal(lore_find(lore, &scene, hits, 20, &n_hits, &err), 0);
        for (size_t i = 0; i < n_hits; i++)
            buf_printf(&out, "%s%s", i ? "|" : "", hits[i].content);
        assert_string_equal(buf_str(&out), wanted);
    }
    buf_finish(&out);
    lore_free(lore);
    yyjson_doc_free(doc);
}

#define SAID(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void test_keys(void **state)
{
    (void)state;
    static const char book[] =
        "{\"entries\":[{\"keys\":[\"Cat\",\"猫\"],\"content\":\"cat\",\"insertion_order\":2},"
        "{\"keys\":[\"dog\"],\"case_sensitive\":true,\"content\":\"dog\",\"insertion_order\":1},"
        "{\"keys\":[\"tea\"],\"secondary_keys\":[\"milk\"],\"selective\":true,\"content\":\"tea\"},"
        "{\"keys\":[],\"constant\":true,\"content\":\"always\",\"insertion_order\":0},"
        "{\"keys\":[\"cat\"],\"enabled\":false,\"content\":\"off\"}]}";
    finds(book, SAID("nothing"), "always");
    finds(book, SAID("a CAT"), "always|cat");
    finds(book, SAID("我的猫", "dog"), "always|dog|cat");
    finds(book, SAID("Dog"), "always");
    finds(book, SAID("tea"), "always");
    finds(book, SAID("tea", "with milk"), "always|tea");
    finds(book, SAID("cat", "1", "2", "3", "4"), "always"); /* four messages are searched */
}

static void test_regex(void **state)
{
    (void)state;
    static const char book[] =
        "{\"scan_depth\":10,\"entries\":[{\"keys\":[\"/colou?r\\\\b/i\"],\"content\":\"c\"},"
        "{\"keys\":[\"^b.d$\"],\"use_regex\":true,\"content\":\"b\"},"
        "{\"keys\":[\"/(a+)+$/\"],\"content\":\"slow\"},{\"keys\":[\"/not/a/path\"],\"content\":\"plain\"}]}";
    finds(book, SAID("COLOR"), "c");
    finds(book, SAID("see /not/a/path there"), "plain");
    finds(book, SAID("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"),
          ""); /* backtracks without end: it is given up */
}

static void test_budget_and_order(void **state)
{
    (void)state;
    static const char book[] = "{\"token_budget\":10,\"entries\":[{\"keys\":[\"x\"],\"content\":\"aaaaaa\","
                               "\"priority\":1,\"insertion_order\":3},"
                               "{\"keys\":[\"x\"],\"content\":\"bbbbbb\",\"priority\":2,\"insertion_order\":9},"
                               "{\"keys\":[\"x\"],\"content\":\"cccc\",\"priority\":0,\"insertion_order\":1}]}";
    finds(book, SAID("x"), "cccc|bbbbbb");
}

static void test_recursion(void **state)
{
    (void)state;
    static const char off[] =
        "{\"entries\":[{\"keys\":[\"a\"],\"content\":\"b\"},{\"keys\":[\"b\"],\"content\":\"c\"}]}";
    static const char on[] =
        "{\"recursive_scanning\":true,\"entries\":[{\"keys\":[\"c\"],\"content\":\"a b c\",\"insertion_order\":3},"
        "{\"keys\":[\"a\"],\"content\":\"b\",\"insertion_order\":1},{\"keys\":[\"b\"],\"content\":\"c\",\"insertion_"
        "order\":2}]}";
    finds(off, SAID("a"), "b");
    finds(on, SAID("a"), "b|c|a b c");
}

static void test_decorators(void **state)
{
    (void)state;
    static const char book[] =
        "{\"entries\":[{\"keys\":[\"x\"],\"content\":\"@@depth 2\\n@@role user\\nat depth\",\"insertion_order\":1},"
        "{\"keys\":[\"x\"],\"content\":\"@@activate_only_after 2\\nlate\",\"insertion_order\":2},"
        "{\"keys\":[\"x\"],\"content\":\"@@exclude_keys quiet, still\\nloud\",\"insertion_order\":3},"
        "{\"keys\":[\"never said\"],\"content\":\"@@activate\\nforced\",\"insertion_order\":4},"
        "{\"keys\":[\"x\"],\"content\":\"@@dont_activate\\nnever\",\"insertion_order\":5},"
        "{\"keys\":[\"x\"],\"content\":\"@@unheard_of 1\\n@@@is_greeting 3\\nother greeting\",\"insertion_order\":6},"
        "{\"keys\":[\"x\"],\"content\":\"@@additional_keys y\\nboth\",\"insertion_order\":7}]}";
    finds(book, SAID("x"), "at depth|loud|forced");
    finds(book, SAID("x", "quiet"), "at depth|forced");
    finds(book, SAID("x", "1", "x y", "2", "x y"), "at depth|late|loud|forced|both");
    struct lore *lore;
    struct lore_hit hits[20];
    size_t n;
    yyjson_doc *doc = yyjson_read(book, strlen(book), 0);
    assert_int_equal(lore_parse(yyjson_doc_get_root(doc), &lore, NULL), 0);
    const struct lore_message said = { "x", false };
    const struct lore_scene scene = { &said, 1, 0, count, NULL };
    assert_int_equal(lore_find(lore, &scene, hits, 20, &n, NULL), 0);
    assert_int_equal(hits[0].place, LORE_AT_DEPTH);
    assert_int_equal(hits[0].depth, 2);
    assert_string_equal(hits[0].role, "user");
    lore_free(lore);
    yyjson_doc_free(doc);
}

/* What SPEC_V3 says of decorators beside each other. */
static void test_decorators_as_specified(void **state)
{
    (void)state;
    finds("{\"entries\":[{\"keys\":[\"no\"],\"content\":\"@@dont_activate\\n@@activate\\nforced\"}]}", SAID("x"),
          "forced");
    finds("{\"entries\":[{\"keys\":[\"x\"],\"enabled\":false,\"content\":\"@@activate\\noff\"}]}", SAID("x"), "");
    /* a value that is none: the fallback counts; the first of a name counts; blank lines around them go */
    finds("{\"entries\":[{\"keys\":[\"x\"],\"content\":\"\\n@@is_greeting two\\n@@@is_greeting 3\\n\\nno\"},"
          "{\"keys\":[\"x\"],\"content\":\"@@is_greeting 0\\n@@is_greeting 3\\n\\nyes\"}]}",
          SAID("x"), "yes");
    finds("{\"entries\":[{\"keys\":[\"x\"],\"content\":\"@@instruct_depth 4\\n@@@unheard_of\\n@@@is_greeting 3\\nno\"},"
          "{\"keys\":[\"x\"],\"content\":\"@@is_user_icon me\\n@@disable_ui_prompt system_prompt\\nyes\"}]}",
          SAID("x"), "yes");
    finds("{\"entries\":[{\"keys\":[\"x\"],\"content\":\"@@role user\"}]}", SAID("x"), ""); /* nothing to be added */
    /* without room the expendable go first, whatever their priority */
    finds("{\"token_budget\":4,\"entries\":[{\"keys\":[\"x\"],\"priority\":9,\"content\":\"@@ignore_on_max_"
          "context\\naaaa\"},"
          "{\"keys\":[\"x\"],\"content\":\"bbbb\"}]}",
          SAID("x"), "bbbb");
}

static void test_after_a_match(void **state)
{
    (void)state;
    static const char book[] =
        "{\"scan_depth\":1,\"entries\":[{\"keys\":[\"x\"],\"content\":\"@@keep_activate_after_match\\nstays\"},"
        "{\"keys\":[\"x\"],\"content\":\"@@dont_activate_after_match\\nonce\"},{\"keys\":[\"x\"],\"content\":\"now\"}]"
        "}";
    finds(book, SAID("a", "b"), "");
    finds(book, SAID("a", "x"), "stays|once|now");
    finds(book, SAID("x", "b", "c"), "stays");
    finds(book, SAID("x", "b", "x"), "stays|now");
}

static struct lore *parse(const struct buf *book)
{
    struct lore *lore = NULL;
    anima_error err = { 0 };
    yyjson_doc *doc = yyjson_read(book->data, book->len, 0);
    assert_non_null(doc);
    if (lore_parse(yyjson_doc_get_root(doc), &lore, &err))
        fail_msg("%s", err.message);
    yyjson_doc_free(doc);
    return lore;
}

/* A thousand entries with fifty keys each of eighteen bytes, each of which is a program of 60 KiB or more: 3 GB in all. */
static void test_expressions_that_fill_the_memory(void **state)
{
    (void)state;
    struct buf book;
    buf_init(&book, 8u << 20);
    buf_puts(&book, "{\"entries\":[{\"keys\":[\"x\"],\"content\":\"good\"}");
    for (int i = 0; i < 1000; i++) {
        buf_puts(&book, ",{\"content\":\"bad\",\"keys\":[\"y\"");
        for (int k = 0; k < 50; k++)
            buf_puts(&book, ",\"/((ab|c){60}){60}/\"");
        buf_puts(&book, "]}");
    }
    buf_puts(&book, "]}");
    struct lore *lore = parse(&book);
    if (lore_size(lore) < 1 || lore_size(lore) > 20)
        fail_msg("%zu entries: %s", lore_size(lore), lore_complaints(lore));
    assert_non_null(strstr(lore_complaints(lore), "too much memory"));
    lore_free(lore);
    buf_finish(&book);
}

/* Each key gives up after its share; all of them together would take several times as long as a search may. That it ends is what is
 * tested: the last entry is not reached, though its word is there. On a text of one letter they take little. */
static void test_a_search_ends(void **state)
{
    (void)state;
    struct buf book, text;
    struct lore_hit hits[20];
    size_t n;
    buf_init(&book, 8u << 20);
    buf_init(&text, 300000);
    buf_puts(&book, "{\"entries\":[");
    for (int i = 0; i < 1000; i++)
        buf_puts(&book, "{\"content\":\"bad\",\"keys\":[\"/(.*a){20}$/\",\"/(.*a){21}$/\"]},");
    buf_puts(&book, "{\"keys\":[\"b\"],\"content\":\"last\"}]}");
    while (text.len < 250000)
        buf_puts(&text, "aaaaaaaaaaaaaaab");
    buf_puts(&text, " b");
    struct lore *lore = parse(&book);
    const struct lore_message said = { buf_str(&text), false };
    const struct lore_scene scene = { &said, 1, 0, count, NULL };
    assert_int_equal(lore_find(lore, &scene, hits, 20, &n, NULL), 0);
    assert_int_equal(n, 0);
    const struct lore_message word = { "b", false };
    const struct lore_scene next = { &word, 1, 0, count, NULL };
    assert_int_equal(lore_find(lore, &next, hits, 20, &n, NULL), 0); /* the next one begins with all its time */
    assert_int_equal(n, 1);
    lore_free(lore);
    buf_finish(&text);
    buf_finish(&book);
}

static void test_a_wrong_entry_is_left_out(void **state)
{
    (void)state;
    static const char *const books[] = {
        "{\"entries\":[7,{\"keys\":[\"x\"],\"content\":\"good\"}]}",
        "{\"entries\":[{\"keys\":[\"/(/\"],\"content\":\"\"},{\"keys\":[\"x\"],\"content\":\"good\"}]}",
        "{\"entries\":[{\"keys\":[\"[\"],\"use_regex\":true,\"content\":\"\"},{\"keys\":[\"x\"],\"content\":\"good\"}]"
        "}",
    };
    for (size_t i = 0; i < 3; i++) {
        struct lore *lore = NULL;
        anima_error err = { 0 };
        yyjson_doc *doc = yyjson_read(books[i], strlen(books[i]), 0);
        assert_int_equal(lore_parse(yyjson_doc_get_root(doc), &lore, &err), 0);
        assert_int_equal(lore_size(lore), 1);
        assert_non_null(strstr(lore_complaints(lore), "entry"));
        lore_free(lore);
        yyjson_doc_free(doc);
    }
    finds(books[1], SAID("x"), "good");
    finds("{}", SAID("x"), "");
    finds("{\"entries\":{}}", SAID("x"), "");
}

/* "rent" is not in "parents", nor "lease" in "please"; Chinese has no blanks between words. */
static void test_whole_words(void **state)
{
    (void)state;
    static const char book[] = "{\"entries\":[{\"keys\":[\"rent\",\"lease\"],\"content\":\"house\",\"enabled\":true},"
                               "{\"keys\":[\"房租\"],\"content\":\"房子\",\"enabled\":true}]}";
    finds(book, (const char *const[]){ "my parents, please, at present", NULL }, "");
    finds(book, (const char *const[]){ "The rent!", NULL }, "house");
    finds(book, (const char *const[]){ "Rents go up", NULL }, "house");
    finds(book, (const char *const[]){ "这个月房租又涨了", NULL }, "房子");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_whole_words),
                                        cmocka_unit_test(test_keys),
                                        cmocka_unit_test(test_regex),
                                        cmocka_unit_test(test_budget_and_order),
                                        cmocka_unit_test(test_recursion),
                                        cmocka_unit_test(test_decorators),
                                        cmocka_unit_test(test_decorators_as_specified),
                                        cmocka_unit_test(test_after_a_match),
                                        cmocka_unit_test(test_expressions_that_fill_the_memory),
                                        cmocka_unit_test(test_a_search_ends),
                                        cmocka_unit_test(test_a_wrong_entry_is_left_out) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
