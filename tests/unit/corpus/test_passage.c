/* Long texts become passages: what is cleaned away, where they are cut, which are left out, and that each knows its place. */
#include "corpus/passage.h"

#include "base/buf.h"
#include "corpus/prose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct corpus_passages all;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64u << 20);
    all = (struct corpus_passages){ .arena = &arena };
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static void read(const char *text)
{
    anima_error err = { 0 };
    if (corpus_passages_add(&all, "a.md", text, strlen(text), NULL, &err))
        fail_msg("%s", err.message);
}

static void is(size_t i, int line, const char *heading, const char *text)
{
    assert_true(i < all.n);
    assert_string_equal(all.list[i].text, text);
    assert_string_equal(all.list[i].heading, heading);
    assert_int_equal(all.list[i].line, line);
    assert_string_equal(all.list[i].file, "a.md");
}

static void cleaned(const char *text, const char *expected)
{
    struct buf out;
    buf_init(&out, 1u << 20);
    assert_int_equal(prose_clean(text, strlen(text), &out), 0);
    assert_string_equal(buf_str(&out), expected);
    buf_finish(&out);
}

static void test_markup(void **state)
{
    (void)state;
    cleaned("She keeps [a shop](http://a.b/c_(d)) in **Leeds**.", "She keeps a shop in Leeds.");
    cleaned("![a cat](cat.png)A cat[^1] sat[2][3, 4] there[citation needed].", "A cat sat there.");
    cleaned("'''Ada''' was a [[Mathematics|mathematician]] from [[London]].<ref name=\"x\">A book</ref><ref name=y/>",
            "Ada was a mathematician from London.");
    cleaned("[[File:A.jpg|thumb|[[Ada]] at home]]Ada wrote.", "Ada wrote.");
    cleaned("{{Infobox|name={{nowrap|Ada}}\n|born=1815}}\nAda.", "\n\nAda.");
    cleaned("a<!-- no\nno -->b &amp; c&nbsp;d <b>e</b>", "a\nb & c d e");
    cleaned("see https://a.b/c?d=e here, [http://a.b the page]", "see  here, the page");
    cleaned("林夏[注 1]在[[杭州|杭州城]]开店。[1][来源请求]", "林夏在杭州城开店。");
    cleaned("2 * 3 and \\*star\\* and *so* on", "2 * 3 and *star* and so on");
    cleaned("```\ncode\n```\nwords", "\n\n\nwords");
}

/* What never ends takes nothing with it. */
static void test_broken_markup(void **state)
{
    (void)state;
    cleaned("{{ never ends. Words.", " never ends. Words.");
    cleaned("[[ never", "[[ never");
    cleaned("<ref>never", "never");
    cleaned("a [b](c", "a [b](c");
    cleaned("x < y and y > z", "x < y and y > z");
    cleaned("", "");
}

static void test_sentences(void **state)
{
    (void)state;
    read("# Lin\n\n## Work\nShe keeps a shop by the river. It has four thousand books. She opens at ten. She closes at "
         "eight, but on "
         "Tuesdays she does not open at all.\n\n## Home\nShe lives above it with no cat.\n");
    assert_int_equal(all.n, 3);
    is(0, 4, "Work", "She keeps a shop by the river. It has four thousand books.");
    is(1, 4, "Work", "She opens at ten. She closes at eight, but on Tuesdays she does not open at all.");
    is(2, 7, "Home", "She lives above it with no cat.");
    assert_string_equal(all.list[2].title, "Lin");
    assert_string_equal(all.list[2].language, "en");
    assert_string_not_equal(all.list[0].key, all.list[1].key);
}

static void test_chinese(void **state)
{
    (void)state;
    read("## "
         "工作\n店在中河边一条小巷里，三十八平方。上午十点半开门，晚上八点关！周二休息。名字是一本旧侦探小说给的；她不"
         "知道凶手是谁。\n");
    assert_int_equal(all.n, 2);
    is(0, 2, "工作", "店在中河边一条小巷里，三十八平方。上午十点半开门，晚上八点关！周二休息。");
    is(1, 2, "工作", "名字是一本旧侦探小说给的；她不知道凶手是谁。");
    assert_string_equal(all.list[0].language, "zh");
}

static void test_lines(void **state)
{
    (void)state;
    read("She was born in a small town in the north of the\ncountry, where her father kept a shop that sold nails.\n"
         "- She likes walking by the lake in the rain.\n* She hates the dentist and has done so for years.\n"
         "1. She opens the shop at half past ten every day.\n> She once said that nobody owes a book anything.\n"
         "bought some milk\nwent home\n");
    is(0, 1, "",
       "She was born in a small town in the north of the country, where her father kept a shop that sold nails.");
    is(1, 3, "", "She likes walking by the lake in the rain.");
    is(2, 4, "", "She hates the dentist and has done so for years.");
    is(3, 5, "", "She opens the shop at half past ten every day.");
    is(4, 6, "", "She once said that nobody owes a book anything.");
    assert_int_equal(all.n, 5);
    assert_int_equal(all.left_out[PASSAGE_SHORT], 2);
}

static void test_wiki(void **state)
{
    (void)state;
    read(
        "{{Infobox\n| name = Ada\n}}\n'''Ada''' was born in London in the year 1815, as [[Byron]]'s daughter.\n\n== "
        "Life ==\n"
        "{| class=x\n| a || b\n|}\nShe wrote the first program for a machine that was never built.\n\n== See also ==\n"
        "* A long list of other people who wrote programs.\n=== Also ===\nMore of the same that nobody wants to read.\n"
        "== 生平 ==\n她的母亲让她从小学数学，不许她读诗，也不让她见父亲。\n== 参考资料 "
        "==\n这里只有一些书名，没有人要读这些。\n");
    assert_int_equal(all.n, 3);
    is(0, 4, "", "Ada was born in London in the year 1815, as Byron's daughter.");
    is(1, 10, "Life", "She wrote the first program for a machine that was never built.");
    is(2, 17, "生平", "她的母亲让她从小学数学，不许她读诗，也不让她见父亲。");
}

static void test_front_matter_and_rules(void **state)
{
    (void)state;
    read("---\ntitle: My days\ndate: 2024-01-01\n---\nMy days by the sea\n==================\nIt rained on all of the "
         "days that I was there.\n"
         "\nThe nights\n---\nThere were stars above the harbour, and nobody on the pier.\n\n---\nThe end came with a "
         "letter from my aunt.\n");
    assert_int_equal(all.n, 3);
    is(0, 7, "", "It rained on all of the days that I was there.");
    assert_string_equal(all.list[0].title, "My days by the sea");
    is(1, 11, "The nights", "There were stars above the harbour, and nobody on the pier.");
}

static void test_left_out(void **state)
{
    (void)state;
    char *longest = arena_alloc(&arena, 4000);
    for (int i = 0; i < 500; i++)
        memcpy(longest + 6 * i, "words ", 6);
    read("She likes walking by the lake in the rain.\n\nShe likes  walking by the lake in the rain.\n\nNo.\n\n");
    read(longest);
    assert_int_equal(all.n, 1);
    assert_int_equal(all.left_out[PASSAGE_DUPLICATE], 1);
    assert_int_equal(all.left_out[PASSAGE_SHORT], 1);
    assert_int_equal(all.left_out[PASSAGE_LONG], 1);
    read("Write to her at lin@example.com if you want the old books.\n");
    assert_null(strstr(all.list[1].text, "example.com"));
    assert_int_equal(all.masked[CORPUS_MASK_MAIL], 1);
}

static void test_hostile(void **state)
{
    (void)state;
    anima_error err;
    assert_int_equal(corpus_passages_add(&all, "a.md", "\xff\xfe", 2, NULL, &err), ANIMA_E_INVALID);
    assert_int_equal(corpus_passages_add(&all, "a.md", "a\0b", 3, NULL, &err), ANIMA_E_INVALID);
    read("");
    read("###### \n####### seven\n==\n= =\n|\n!\n>\n-\n1.\n---");
    static char marks[200000];
    static const char *const open[] = { "{{", "[[", "<a", "<ref>", "{|", "![", "**", "`", "<!--" };
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        size_t n = strlen(open[i]), at = 0;
        for (; at + n < sizeof(marks); at += n)
            memcpy(marks + at, open[i], n);
        marks[at] = '\0';
        corpus_passages_add(&all, "a.md", marks, at, NULL, &err); /* it ends, and soon */
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_markup),  T(test_broken_markup), T(test_sentences), T(test_chinese),
        T(test_lines),   T(test_wiki),          T(test_left_out),  T(test_front_matter_and_rules),
        T(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
