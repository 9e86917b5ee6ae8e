/* PDFs as the process that reads them tells of them: paragraphs, words that were cut, columns, running heads, headings, titles; what is refused; an
 * allocation that fails anywhere. */
#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "document/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A page as it is set: lines of 11 points, 14 apart, 450 points wide where they are full. */
struct setting {
    struct buf told;
    int y;
};

static void set_up(struct setting *s) { buf_init(&s->told, 1 << 24); }

static void page(struct setting *s)
{
    buf_puts(&s->told, "P\t5950\t8420\n");
    s->y = 800;
}

static void put(struct setting *s, int left, int width, int base, int size, const char *text)
{
    buf_printf(&s->told, "L\t%d\t%d\t%d\t%d\t%s\n", left, left + width, base, size, text);
}

static void full(struct setting *s, const char *text) { put(s, 720, 4500, s->y += 140, 110, text); }

/* Of its own width, 50 tenths a byte. */
static void part(struct setting *s, const char *text) { put(s, 720, 50 * (int)strlen(text), s->y += 140, 110, text); }

static void heading(struct setting *s, int size, const char *text)
{
    put(s, 720, size / 2 * (int)strlen(text), s->y += 3 * size, size, text);
    s->y += 60;
}

static void gap(struct setting *s) { s->y += 100; }

static struct document *read_told(struct setting *s)
{
    struct document *d;
    anima_error err = { 0 };
    int rc = document_read_pdf(buf_str(&s->told), s->told.len, &d, &err);
    buf_finish(&s->told);
    if (rc)
        fail_msg("%s", err.message);
    assert_int_equal(d->form, DOCUMENT_PDF);
    assert_true(utf8_valid(d->text, d->n));
    return d;
}

static void assert_text(struct setting *s, const char *expected)
{
    struct document *d = read_told(s);
    size_t n = d->n;
    while (n && strchr("\n", d->text[n - 1]))
        n--;
    char *text = strndup(d->text, n);
    assert_string_equal(text, expected);
    free(text);
    document_free(d);
}

static void test_paragraphs(void **state)
{
    (void)state;
    struct setting s;
    set_up(&s);
    page(&s);
    full(&s, "The rent is 940 pounds a month and");
    full(&s, "is due on the third day of each");
    part(&s, "month.");
    part(&s, "A short line ends its paragraph.");
    gap(&s);
    full(&s, "Behind a gap another one begins, of");
    full(&s, "two lines.");
    put(&s, 840, 4380, s.y += 140, 110, "And this one is indented, behind a full line");
    full(&s, "that had an end.");
    assert_text(&s, "The rent is 940 pounds a month and is due on the third day of each month.\n\nA short line ends "
                    "its paragraph.\n\n"
                    "Behind a gap another one begins, of two lines.\n\nAnd this one is indented, behind a full line "
                    "that had an end.");
}

static void test_words(void **state)
{
    (void)state;
    struct setting s;
    set_up(&s);
    page(&s);
    full(&s, "It is a well-known impor\u00AD");
    full(&s, "tance of the Anglo\u00AD");
    full(&s, "American well\u00AD");
    full(&s, "known o\uFB03ce of self-");
    part(&s, "ish people.");
    assert_text(&s, "It is a well-known importance of the Anglo-American well-known office of selfish people.");
    set_up(&s);
    page(&s);
    full(&s, "甲方把桂花巷的房子租给乙方，乙方按");
    full(&s, "月付租金，租金为 3,200");
    full(&s, "元。\u2F83来⻔前");
    part(&s, "有 office。");
    gap(&s);
    put(&s, 2000, 800, s.y += 140, 110, "租 房 合 同");
    gap(&s);
    part(&s, "姓名 电话");
    assert_text(
        &s, "甲方把桂花巷的房子租给乙方，乙方按月付租金，租金为 3,200元。自来门前有 office。\n\n租房合同\n\n姓名 电话");
}

static void test_items(void **state)
{
    (void)state;
    struct setting s;
    set_up(&s);
    page(&s);
    full(&s, "The following are not allowed here:");
    full(&s, "• geese, which are loud and go on");
    put(&s, 820, 4000, s.y += 140, 110, "and on,");
    full(&s, "• drums.");
    full(&s, "(a) Somebody who has both is asked.");
    full(&s, "2.1 Whoever has none is not, and as of");
    full(&s, "2024 nobody has.");
    full(&s, "Rent . . . . . . . . . . 3");
    full(&s, "Deposit . . . . . . . . . . 4");
    assert_text(&s, "The following are not allowed here:\n\n• geese, which are loud and go on and on,\n\n• "
                    "drums.\n\n(a) Somebody who has both is "
                    "asked.\n\n2.1 Whoever has none is not, and as of 2024 nobody has.\n\nRent . . . . . . . . . . "
                    "3\n\nDeposit . . . . . . "
                    ". . . . 4");
}

static void test_columns(void **state)
{
    (void)state;
    struct setting s;
    set_up(&s);
    page(&s);
    put(&s, 720, 2200, 1000, 110, "The left column ends in the middle of");
    put(&s, 720, 2200, 1140, 110, "a sentence and");
    put(&s, 3100, 2200, 1000, 110, "goes on in the right one.");
    put(&s, 3100, 2200, 1300, 110, "Another.");
    assert_text(&s, "The left column ends in the middle of a sentence and goes on in the right one.\n\nAnother.");
}

/* Six pages with a head, a number, and a "Chapter" of their own. */
static void test_heads(void **state)
{
    (void)state;
    struct setting s;
    char line[100];
    static const char *const last[] = { "One.", "Two.", "Three.", "Four.", "More.", "Six." };
    set_up(&s);
    for (int i = 1; i <= 6; i++) {
        page(&s);
        put(&s, 720, 2000, 400, 90, i % 2 ? "The lease of Mill Lane" : "House of Ms Hart");
        snprintf(line, sizeof(line), "Chapter %d", i);
        put(&s, 720, 800, 700, 110, line);
        snprintf(line, sizeof(line), "In chapter %d there are %d geese.", i, i * i);
        put(&s, 720, 3000, 1200, 110, line);
        put(&s, 720, 1000, 1600, 110, "Thank you.");
        put(&s, 720, 1000, 1900, 110, last[i - 1]);
        snprintf(line, sizeof(line), i % 2 ? "– %d –" : "第%d页", i + 4);
        put(&s, 2900, 200, 8000, 90, line);
    }
    struct document *d = read_told(&s);
    assert_int_equal(d->pages, 6);
    assert_null(strstr(d->text, "Mill Lane"));
    assert_null(strstr(d->text, "Ms Hart"));
    assert_null(strstr(d->text, "–"));
    assert_null(strstr(d->text, "页"));
    assert_non_null(strstr(d->text, "\fChapter 5\n\nIn chapter 5 there are 25 geese.\n\nThank you.\n\nMore."));
    assert_int_equal(d->n_sections, 6);
    assert_string_equal(d->sections[3].number, "Chapter 4");
    assert_int_equal(d->sections[3].page, 4);
    document_free(d);
}

/* What stands beside a page's number is a head also where it changes, and one number is no page's. */
static void test_numbered_heads(void **state)
{
    (void)state;
    static const char *const heads[] = { "Rent 1", "2 Mill Lane", "Deposit 3", "4 Mill Lane", "Pets 5", "99 balloons" };
    struct setting s;
    set_up(&s);
    for (int i = 0; i < 6; i++) {
        page(&s);
        put(&s, 720, 2000, 400, 90, heads[i]);
        for (int k = 0; k < 5; k++)
            full(&s, "This line is one of several that say little.");
    }
    struct document *d = read_told(&s);
    assert_null(strstr(d->text, "Rent 1"));
    assert_null(strstr(d->text, "Mill Lane"));
    assert_null(strstr(d->text, "Pets"));
    assert_non_null(strstr(d->text, "99 balloons"));
    assert_non_null(strstr(d->text, "This line is one"));
    document_free(d);
}

/* "depth number|title@page" a section. */
static void assert_outline(const struct document *d, const char *expected)
{
    char all[2048] = "";
    for (size_t i = 0; i < d->n_sections; i++) {
        int depth = 0;
        for (int p = d->sections[i].parent; p >= 0; p = d->sections[p].parent)
            depth++;
        snprintf(all + strlen(all), sizeof(all) - strlen(all), "%d %s|%s@%d\n", depth, d->sections[i].number,
                 d->sections[i].title, d->sections[i].page);
    }
    assert_string_equal(all, expected);
}

static void test_headings(void **state)
{
    (void)state;
    struct setting s;
    set_up(&s);
    page(&s);
    heading(&s, 220, "Bees");
    heading(&s, 160, "Honey");
    full(&s, "They make it of what flowers give, and");
    part(&s, "they keep it.");
    heading(&s, 130, "In winter");
    part(&s, "They eat it.");
    heading(&s, 160, "2 Wax and what is made of it is a long, winding");
    put(&s, 720, 800, s.y + 100, 160, "title");
    s.y += 160;
    part(&s, "It is yellow.");
    part(&s, "THIS IS SHOUTED AND NO HEADING");
    page(&s);
    heading(&s, 160, "2.1 Candles");
    part(&s, "They burn.");
    heading(&s, 160, "第三章 蜂蜡");
    part(&s, "蜂蜡是黄色的。");
    heading(&s, 160, "This is a sentence in large letters.");
    struct document *d = read_told(&s);
    assert_string_equal(d->title, "Bees");
    assert_outline(d, "0 |Honey@1\n1 |In winter@1\n0 2|Wax and what is made of it is a long, winding title@1\n"
                      "1 2.1|Candles@2\n0 第三章|蜂蜡@2\n");
    document_free(d);
    /* Bookmarks name what is no larger. */
    set_up(&s);
    buf_puts(&s.told, "T\tMicrosoft Word - bees and wax.docx\nB\t1\t1\tHONEY\nB\t2\t1\tIn  "
                      "winter\nB\t1\t2\tnowhere\nB\t1\t0\tno page\n");
    page(&s);
    part(&s, "Honey");
    gap(&s);
    full(&s, "They make it of what flowers");
    full(&s, "give, and they keep it in");
    part(&s, "the comb.");
    gap(&s);
    part(&s, "In winter");
    gap(&s);
    part(&s, "They eat it.");
    d = read_told(&s);
    assert_string_equal(d->title, "bees and wax");
    assert_outline(d, "0 |Honey@1\n1 |In winter@1\n");
    assert_int_equal(d->pages, 1);
    document_free(d);
    /* They need not be in the order of their pages. A title's year is no ending; a word cut at a page's end keeps its stroke. */
    set_up(&s);
    buf_puts(&s.told, "T\tReport 31.12.2023\nB\t1\t2\tWax\nB\t1\t1\tHoney\n");
    page(&s);
    part(&s, "Honey");
    gap(&s);
    full(&s, "They make it of what flowers");
    part(&s, "give; it is well\u00AD");
    page(&s);
    part(&s, "Wax");
    gap(&s);
    part(&s, "It is yellow.");
    d = read_told(&s);
    assert_string_equal(d->title, "Report 31.12.2023");
    assert_outline(d, "0 |Honey@1\n0 |Wax@2\n");
    assert_non_null(strstr(d->text, "it is well-\n"));
    document_free(d);
}

static void test_pages(void **state)
{
    (void)state;
    struct setting s;
    set_up(&s);
    page(&s);
    part(&s, "One.");
    page(&s);
    page(&s);
    part(&s, "Three.");
    struct document *d = read_told(&s);
    assert_int_equal(d->pages, 3);
    assert_int_equal(d->passages[d->n_passages - 1].page, 3);
    document_free(d);
}

static void refused(const char *told, size_t n, int code, const char *why)
{
    struct document *d;
    anima_error err = { 0 };
    assert_int_equal(document_read_pdf(told, n, &d, &err), code);
    assert_null(d);
    if (!strstr(err.message, why))
        fail_msg("\"%s\" does not say %s", err.message, why);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const none[] = { "L\t1\t2\t3\t4\tno page\n",
                                        "P\t1\t2\nL\t1\t2\t3\tfour\n",
                                        "P\t1\t2\nL\t1\t2\t3\t-4\ta\n",
                                        "P\t1\t2\nL\t1\t2\t3\t99999999999\ta\n",
                                        "P\t1\n",
                                        "Q\tx\n",
                                        "hello",
                                        "P\t1\t2\nL\t1\t2\t3\t4\ta",
                                        "P\t1\t2\nL\t1\t2\t3\t4\ta\fb\n",
                                        "P\t1\t2\nL\t1\t2\t3\t4\ta\fb\tc\n",
                                        "B\t1\t1\ta\x1b\tb\n",
                                        "T\ta\x7f\n",
                                        "B\t0\t1\ta\n",
                                        "B\t1\t-1\ta\n",
                                        "\n",
                                        "P\t1\t2\nL\t1\t2\t3\t4\t\xff\n" };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        refused(none[i], strlen(none[i]), ANIMA_E_INVALID, "gave something back that is none");
    refused("P\t1\t2\nL\t1\t2\t3\t4\ta\0b\n", 19, ANIMA_E_INVALID, "none");
    refused("", 0, ANIMA_E_UNSUPPORTED, "ocrmypdf");
    refused("T\tBees\nB\t1\t1\tWax\nP\t1\t2\nP\t1\t2\n", 29, ANIMA_E_UNSUPPORTED, "pictures of its pages");
    static const char shapes[] = "P\t1\t2\nL\t1\t2\t3\t4\t\uE001\uE002\uE003 a\n";
    refused(shapes, strlen(shapes), ANIMA_E_UNSUPPORTED, "without their names");
    struct buf many;
    buf_init(&many, 1 << 24);
    for (int i = 0; i < 10001; i++)
        buf_puts(&many, "P\t1\t2\n");
    refused(many.data, many.len, ANIMA_E_INVALID, "none");
    buf_finish(&many);
    assert_true(document_is_pdf("%PDF-1.7", 8) && document_is_pdf("\xEF\xBB\xBF \n%PDF-", 10));
    assert_false(document_is_pdf("PDF", 3) || document_is_pdf("%PD", 3) || document_is_pdf("a %PDF-1.7", 10) ||
                 document_is_pdf("", 0));
}

static void test_memory(void **state)
{
    (void)state;
    struct setting s;
    set_up(&s);
    buf_puts(&s.told, "T\tBees\nB\t1\t1\tHoney\n");
    for (int i = 0; i < 3; i++) {
        page(&s);
        heading(&s, 160, "Honey");
        full(&s, "They make it of what flow\u00AD");
        full(&s, "ers give, \uFB01rst, and");
        part(&s, "keep it.");
    }
    bool done = false;
    for (long n = 1; !done; n++) {
        struct document *d;
        anima_error err = { 0 };
        mem_fail_at(n, 0);
        int rc = document_read_pdf(s.told.data, s.told.len, &d, &err);
        bool reached = mem_count() >= n;
        mem_fail_at(0, 0);
        assert_true(rc ? !d && rc == ANIMA_E_NOMEM && *err.message : d != NULL);
        document_free(d);
        done = !rc && !reached;
        assert_true(n < 2000);
    }
    buf_finish(&s.told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paragraphs), cmocka_unit_test(test_words), cmocka_unit_test(test_items),
        cmocka_unit_test(test_columns),    cmocka_unit_test(test_heads), cmocka_unit_test(test_numbered_heads),
        cmocka_unit_test(test_headings),   cmocka_unit_test(test_pages), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
