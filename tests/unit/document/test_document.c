/* Documents as they come: outlines, pages, passages and their places, what is refused, and an allocation that fails anywhere. */
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
#include <zip.h>

#include <cmocka.h>

static struct document *read_of(const char *name, const char *text)
{
    struct document *d;
    anima_error err = { 0 };
    int rc = document_read(name, text, strlen(text), &d, &err);
    if (rc)
        fail_msg("%s", err.message);
    return d;
}

/* "level number|title@page" a section, one behind the other. */
static void assert_outline(const struct document *d, const char *expected)
{
    char all[4096] = "";
    for (size_t i = 0; i < d->n_sections; i++) {
        const struct document_section *s = &d->sections[i];
        int depth = 0;
        for (int p = s->parent; p >= 0; p = d->sections[p].parent)
            depth++;
        snprintf(all + strlen(all), sizeof(all) - strlen(all), "%d %s|%s", depth, s->number, s->title);
        if (s->page)
            snprintf(all + strlen(all), sizeof(all) - strlen(all), "@%d", s->page);
        strcat(all, "\n");
    }
    assert_string_equal(all, expected);
}

/* What document.h promises of passages. */
static void check(const struct document *d)
{
    size_t at = 0;
    int paragraph = 0;
    assert_true(d->n_passages > 0);
    for (size_t i = 0; i < d->n_passages; i++) {
        const struct document_passage *p = &d->passages[i];
        assert_int_equal(p->start, at);
        assert_true(p->end > p->start && p->head <= p->end - p->start);
        assert_true(p->section >= -1 && p->section < (int)d->n_sections);
        assert_true(utf8_valid(d->text + p->start, p->end - p->start));
        assert_true(p->first >= paragraph && p->last >= p->first);
        paragraph = p->last;
        at = p->end;
    }
    assert_int_equal(at, d->n);
}

/* The passage in which these words stand. */
static const struct document_passage *passage_of(const struct document *d, const char *words)
{
    const char *at = strstr(d->text, words);
    assert_non_null(at);
    for (size_t i = 0; i < d->n_passages; i++)
        if ((size_t)(at - d->text) < d->passages[i].end)
            return &d->passages[i];
    fail_msg("\"%s\" is in no passage", words);
    return NULL;
}

static const char *section_of(const struct document *d, const char *words)
{
    int section = passage_of(d, words)->section;
    return section < 0 ? "-" : *d->sections[section].number ? d->sections[section].number : d->sections[section].title;
}

static const char lease[] = "RESIDENTIAL LEASE\n\nThis lease is made between Ms Hart and Mr Cole.\n\n"
                            "1. The Flat\n\nThe flat is number 7, Mill Lane.\n\n"
                            "2. Rent\n\n2.1 Amount\n\nThe rent is 940 pounds a month, due on the third.\n\n"
                            "2.2 Late payment\n\nAfter ten days a fee of 25 pounds is due.\n\f"
                            "3. Deposit. The tenant pays a deposit of 1,200 pounds.\n\n"
                            "The house rules are:\n1. No drums.\n2. No geese.\n3. Quiet after ten.\n\n"
                            "Section 8 applies if the roof leaks.\n\n"
                            "Appendix A: Keys\n\nThere are three keys.\n";

static void test_lease(void **state)
{
    (void)state;
    struct document *d = read_of("lease.txt", lease);
    assert_int_equal(d->form, DOCUMENT_TEXT);
    assert_outline(d, "0 |RESIDENTIAL LEASE@1\n1 1.|The Flat@1\n1 2.|Rent@1\n2 2.1|Amount@1\n2 2.2|Late payment@1\n"
                      "1 3.|Deposit@2\n0 Appendix A|Keys@2\n");
    check(d);
    assert_int_equal(d->pages, 2);
    assert_string_equal(section_of(d, "940 pounds"), "2.1");
    assert_string_equal(section_of(d, "fee of 25"), "2.2");
    assert_string_equal(section_of(d, "deposit of"), "3.");
    assert_string_equal(section_of(d, "No geese"), "3.");
    assert_string_equal(section_of(d, "roof leaks"), "3.");
    assert_int_equal(passage_of(d, "deposit of")->page, 2);
    assert_int_equal(passage_of(d, "deposit of")->head, 0);
    assert_int_equal(passage_of(d, "940 pounds")->head, strlen("2.1 Amount\n"));
    assert_string_equal(d->text, lease);
    document_free(d);
}

static void test_chinese(void **state)
{
    (void)state;
    struct document *d = read_of(
        "合同.txt", "房屋租赁合同\n\n第一章 总则\n\n第一条 甲方把房子租给乙方。\n第二条 租期为两年。\n\n"
                    "第二章　租金和押金\n\n第一节 租金\n租金每月三千二百元。\n\n第二节 押金\n押金为六千元。\n\n"
                    "三、其他\n\n（一）宠物\n不得养鹅。\n\n附录一 钥匙\n\n共三把。\n");
    assert_outline(d, "0 第一章|总则\n1 第一条|\n1 第二条|\n0 第二章|租金和押金\n1 第一节|租金\n1 第二节|押金\n"
                      "2 三、|其他\n2 （一）|宠物\n0 附录一|钥匙\n");
    check(d);
    assert_string_equal(section_of(d, "三千二百元"), "第一节");
    assert_string_equal(section_of(d, "两年"), "第二条");
    assert_string_equal(section_of(d, "不得养鹅"), "（一）");
    document_free(d);
}

static void test_novel(void **state)
{
    (void)state;
    struct document *d = read_of("a.txt", "Contents\n\nChapter 1 ........ 3\nChapter 2 ........ 9\n\n"
                                          "Chapter One\n\nThe Harbour\n\nIt rained. Chapter two would be worse.\n\n"
                                          "CHAPTER II: The Goose\n\nIt stopped.\n\nEpilogue\n\nAll was well.\n");
    assert_outline(d, "0 |Contents\n0 Chapter One|The Harbour\n0 CHAPTER II|The Goose\n0 |Epilogue\n");
    check(d);
    document_free(d);
}

static void test_markdown(void **state)
{
    (void)state;
    struct document *d = read_of(
        "a.md", "# The Manual\n\nHello.\n\n## 1 Setting up ##\n\n```\n# no heading\n```\n\n### 1.2 Wires\n\nRed.\n\n"
                "Care\n----\n\nDust it.\n");
    assert_int_equal(d->form, DOCUMENT_MARKDOWN);
    assert_string_equal(d->title, "The Manual");
    assert_outline(d, "0 |The Manual\n1 |1 Setting up\n2 1.2|Wires\n1 |Care\n");
    check(d);
    document_free(d);
}

static void test_page(void **state)
{
    (void)state;
    struct document *d = read_of(
        "", "<!DOCTYPE html><html><head><title>Bees &amp; honey</title><style>p{}</style></head><body><nav>Home</nav>"
            "<h1>Bees</h1><p>They fly.<p>All <b>day</b>.<h2>2. Honey&nbsp;and wax</h2>"
            "<span role=\"doc-pagebreak\" aria-label=\"7\"></span><ul><li>sweet<li>gold</ul>"
            "<table><tr><td>a<td>b</table><script>alert('<h1>no</h1>')</script></body>");
    assert_int_equal(d->form, DOCUMENT_HTML);
    assert_string_equal(d->title, "Bees & honey");
    assert_outline(d, "0 |Bees\n1 2.|Honey and wax\n");
    check(d);
    assert_null(strstr(d->text, "Home"));
    assert_null(strstr(d->text, "alert"));
    assert_non_null(strstr(d->text, "All day."));
    assert_non_null(strstr(d->text, "- sweet\n- gold"));
    assert_non_null(strstr(d->text, "a | b"));
    assert_int_equal(passage_of(d, "- gold")->page, 7);
    document_free(d);
}

static void put_file(zip_t *zip, const char *path, const char *text)
{
    zip_source_t *s = zip_source_buffer(zip, text, strlen(text), 0);
    assert_true(zip_file_add(zip, path, s, ZIP_FL_ENC_UTF_8) >= 0);
}

static const char *package; /* in place of the usual one */

/* A small book; its bytes are the caller's to free. */
static char *make_book(size_t *n, const char *chapter)
{
    zip_error_t e;
    zip_error_init(&e);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &e);
    zip_t *zip = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &e);
    zip_source_keep(source);
    put_file(zip, "mimetype", "application/epub+zip");
    put_file(
        zip, "META-INF/container.xml",
        "<?xml version=\"1.0\"?><container><rootfiles><rootfile full-path=\"OPS/book.opf\"/></rootfiles></container>");
    put_file(zip, "OPS/book.opf",
             package ? package
                     : "<package><metadata><dc:title>The Goose &amp; I</dc:title></metadata><manifest>"
                       "<item id=\"b\" href=\"two%20.xhtml\" media-type=\"application/xhtml+xml\"/>"
                       "<item id=\"a\" href=\"one.xhtml\" media-type=\"application/xhtml+xml\"/>"
                       "<item id=\"c\" href=\"cover.png\" media-type=\"image/png\"/></manifest>"
                       "<spine><itemref idref=\"a\"/><itemref idref=\"b\"/><itemref idref=\"c\"/></spine></package>");
    put_file(zip, "OPS/one.xhtml", chapter);
    put_file(zip, "OPS/two .xhtml", "<html><body><h1>Chapter 2</h1><p>It hissed.</p></body></html>");
    assert_int_equal(zip_close(zip), 0);
    zip_stat_t stat;
    assert_int_equal(zip_source_stat(source, &stat), 0);
    char *data = malloc(stat.size);
    assert_int_equal(zip_source_open(source), 0);
    assert_int_equal(zip_source_read(source, data, stat.size), (zip_int64_t)stat.size);
    zip_source_close(source);
    zip_source_free(source);
    *n = stat.size;
    return data;
}

static void test_book(void **state)
{
    (void)state;
    struct document *d;
    anima_error err = { 0 };
    size_t n;
    char *data = make_book(
        &n, "<html><head><title>no</title></head><body><h1>Chapter 1</h1><p>I met it.</p></body></html>");
    assert_int_equal(document_read("a.epub", data, n, &d, &err), 0);
    assert_int_equal(d->form, DOCUMENT_EPUB);
    assert_string_equal(d->title, "The Goose & I");
    assert_outline(d, "0 Chapter 1|\n0 Chapter 2|\n");
    check(d);
    assert_true(strstr(d->text, "I met it.") < strstr(d->text, "It hissed."));
    document_free(d);
    for (size_t cut = 1; cut < n; cut += 37) { /* a file that was not copied to its end */
        if (!document_read("a.epub", data, cut, &d, &err))
            document_free(d);
        else
            assert_true(*err.message);
    }
    free(data);
}

static void test_encodings(void **state)
{
    (void)state;
    struct document *d;
    anima_error err = { 0 };
    static const char gbk[] = "\xd7\xe2\xbd\xf0\xc3\xbf\xd4\xc2\xc8\xfd\xc7\xa7\xd4\xaa"; /* 租金每月三千元 */
    assert_int_equal(document_read("a.txt", gbk, strlen(gbk), &d, &err), 0);
    assert_string_equal(d->text, "租金每月三千元");
    document_free(d);
    static const char wide[] = "\xff\xfeh\0i\0\x31\x72"; /* "hi爱" */
    assert_int_equal(document_read("a.txt", wide, 8, &d, &err), 0);
    assert_string_equal(d->text, "hi爱");
    document_free(d);
    static const char page[] = "<html><meta charset=\"iso-8859-1\"><p>caf\xe9";
    assert_int_equal(document_read("", page, strlen(page), &d, &err), 0);
    assert_non_null(strstr(d->text, "café"));
    document_free(d);
    static const char latin[] = "caf\xe9 and so on, in letters";
    assert_int_equal(document_read("a.txt", latin, strlen(latin), &d, &err), ANIMA_E_INVALID);
    assert_int_equal(document_read("a.bin", "\0\1\2\0\0\0\0\0abc\0\0\0", 14, &d, &err), ANIMA_E_UNSUPPORTED);
}

static void refused(const char *data, size_t n, int code, const char *why)
{
    struct document *d;
    anima_error err = { 0 };
    assert_int_equal(document_read("a", data, n, &d, &err), code);
    assert_null(d);
    if (!strstr(err.message, why))
        fail_msg("\"%s\" does not say %s", err.message, why);
}

static void test_refused(void **state)
{
    (void)state;
    refused("%PDF-1.7 …", 10, ANIMA_E_UNSUPPORTED, "process of its own");
    refused("PK\3\4nothing", 11, ANIMA_E_INVALID, "archive");
    refused("\xD0\xCF\x11\xE0....", 8, ANIMA_E_UNSUPPORTED, "Office");
    refused("", 0, ANIMA_E_INVALID, "no text");
    refused(" \n\f \n", 5, ANIMA_E_INVALID, "no text");
    size_t n = DOCUMENT_MAX_TEXT + 2;
    char *much = malloc(n);
    memset(much, 'a', n);
    refused(much, n, ANIMA_E_LIMIT, "6 MiB");
    for (size_t i = 0; i + 4 < DOCUMENT_MAX_TEXT; i += 4)
        memcpy(much + i, "# a\n", 4);
    struct document *d;
    anima_error err = { 0 };
    assert_int_equal(document_read("a.md", much, 4 * (DOCUMENT_MAX_SECTIONS + 5), &d, &err), ANIMA_E_LIMIT);
    assert_non_null(strstr(err.message, "headings"));
    free(much);
}

/* Long paragraphs end at sentences, and what has none at characters. */
static void test_long(void **state)
{
    (void)state;
    char text[40000] = "";
    for (int i = 0; i < 60; i++)
        strcat(text, "This is one sentence of many that stand side by side. ");
    strcat(text, "\n\n");
    for (int i = 0; i < 1500; i++)
        strcat(text, "字");
    strcat(text, "\n\n\n   \n");
    struct document *d = read_of("a.txt", text);
    check(d);
    assert_true(d->n_passages > 8);
    for (size_t i = 0; i + 1 < d->n_passages; i++)
        assert_true(d->passages[i].end - d->passages[i].start <= DOCUMENT_PASSAGE + 2);
    for (size_t i = 0; d->passages[i].end < 3000; i++)
        assert_int_equal(d->text[d->passages[i].end - 2], '.');
    assert_int_equal(d->passages[d->n_passages - 1].last, 2);
    document_free(d);
}

/* What would be gone through again and again: blank lines without end, a megabyte of blanks, a row of "<". Each of these took hours. */
static void test_rows(void **state)
{
    (void)state;
    size_t n = (size_t)2 << 20;
    char *text = malloc(n + 8);
    anima_error err;
    struct document *d;
    memcpy(text, "a\n", 2);
    for (size_t i = 2; i < n; i++)
        text[i] = i % 2 ? '\n' : ' ';
    memcpy(text + n, "x", 2);
    assert_int_equal(document_read("a.txt", text, n + 1, &d, &err), 0);
    check(d);
    document_free(d);
    memset(text + 5, ' ', n - 5);
    memcpy(text, "hello", 5);
    assert_int_equal(document_read("a.txt", text, n, &d, &err), 0);
    check(d);
    document_free(d);
    free(text);
}

static void test_xml_row(void **state)
{
    (void)state;
    size_t n, most = (size_t)1 << 20;
    anima_error err;
    struct document *d;
    char *row = malloc(most + 2);
    memset(row, '<', most);
    memcpy(row + most, ">", 2);
    package = row;
    char *data = make_book(&n, "<html><body><p>x</p></body></html>");
    package = NULL;
    assert_int_not_equal(document_read("a.epub", data, n, &d, &err), 0);
    free(data);
    free(row);
}

/* A paragraph that was set as a heading is text. */
static void test_long_heading(void **state)
{
    (void)state;
    char text[2000] = "# ";
    for (int i = 0; i < 40; i++)
        strcat(text, "This heading is never closed. ");
    struct document *d = read_of("a.md", text);
    check(d);
    assert_true(d->n_passages > 1 && d->passages[0].head <= 2); /* "# " */
    document_free(d);
}

static void test_memory(void **state)
{
    (void)state;
    size_t n;
    char *book = make_book(&n, "<html><body><h1>Chapter 1</h1><p>I met it.</p></body></html>");
    const struct {
        const char *name, *data;
        size_t n;
    } files[] = { { "a.txt", lease, strlen(lease) }, { "a.epub", book, n }, { "a.md", "# A\n\nb\n\n## C\n\nd\n", 16 } };
    for (size_t f = 0; f < 3; f++) {
        bool over = false;
        for (long k = 1; !over; k++) {
            struct document *d;
            anima_error err = { 0 };
            mem_fail_at(k, 0);
            int rc = document_read(files[f].name, files[f].data, files[f].n, &d, &err);
            over = mem_count() < k;
            mem_fail_at(0, 0);
            if (rc && rc != ANIMA_E_NOMEM)
                fail_msg("%s, allocation %ld: %s", files[f].name, k, err.message);
            assert_true(!over || rc == 0);
            if (!rc)
                check(d);
            document_free(d);
        }
    }
    free(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lease),     cmocka_unit_test(test_chinese), cmocka_unit_test(test_novel),
        cmocka_unit_test(test_markdown),  cmocka_unit_test(test_page),    cmocka_unit_test(test_book),
        cmocka_unit_test(test_encodings), cmocka_unit_test(test_refused), cmocka_unit_test(test_long),
        cmocka_unit_test(test_rows),      cmocka_unit_test(test_xml_row), cmocka_unit_test(test_long_heading),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
