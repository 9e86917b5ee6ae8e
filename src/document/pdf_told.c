/* pdf_told.c — what the process that reads PDFs tells becomes lines; letters that are told in a form of their own become the usual ones. */
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "document/pdf.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>

#define ARENA ((size_t)64 << 20)
#define FARTHEST 100000000
#define MAX_LEVEL 64
#define MAX_SIZE 4000 /* tenths of a point that are counted apart */
#define STEP 5

struct telling {
    struct pdf *p;
    const UNormalizer2 *normal;
    struct buf text;
};

/* ---- letters ---- */

/* Ligatures, radicals that stand for the characters they are of, forms for compatibility: fonts of PDFs are full of them, and nobody searches by
 * them. */
static bool is_form(uint32_t c)
{
    return (c >= 0xFB00 && c <= 0xFB06) || (c >= 0x2E80 && c <= 0x2FDF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x2F800 && c <= 0x2FA1F);
}

/* Of the supplement those that are whole characters, which Unicode does not decompose. */
static uint32_t of_radical(uint32_t c)
{
    static const struct {
        uint16_t radical, whole;
    } table[] = { { 0x2EA0, 0x6C11 }, { 0x2EA9, 0x738B }, { 0x2EAE, 0x7AF9 }, { 0x2EC5, 0x89C1 }, { 0x2EC6, 0x89D2 },
                  { 0x2EC9, 0x8D1D }, { 0x2ECB, 0x8F66 }, { 0x2ED1, 0x9577 }, { 0x2ED3, 0x957F }, { 0x2ED4, 0x95E8 },
                  { 0x2ED7, 0x96E8 }, { 0x2ED8, 0x9752 }, { 0x2ED9, 0x97E6 }, { 0x2EDA, 0x9875 }, { 0x2EDB, 0x98CE },
                  { 0x2EDC, 0x98DE }, { 0x2EDD, 0x98DF }, { 0x2EE2, 0x9A6C }, { 0x2EE3, 0x9AA8 }, { 0x2EE4, 0x9B3C },
                  { 0x2EE5, 0x9C7C }, { 0x2EE6, 0x9E1F }, { 0x2EE7, 0x5364 }, { 0x2EE8, 0x9EA6 }, { 0x2EE9, 0x9EC4 },
                  { 0x2EEA, 0x9EFE }, { 0x2EEC, 0x9F50 }, { 0x2EEE, 0x9F7F }, { 0x2EF0, 0x9F99 } };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].radical == c)
            return table[i].whole;
    return c;
}

static bool is_private(uint32_t c) { return (c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000; }

static void put(struct telling *t, uint32_t c)
{
    UChar usual[16];
    char bytes[4];
    UErrorCode e = U_ZERO_ERROR;
    int32_t n = is_form(c) ? unorm2_getDecomposition(t->normal, (UChar32)c, usual, 16, &e) : -1;
    if (n <= 0 || U_FAILURE(e)) {
        buf_append(&t->text, bytes, utf8_encode(of_radical(c), bytes));
        return;
    }
    for (int32_t i = 0; i < n;) {
        UChar32 one;
        U16_NEXT(usual, i, n, one);
        if (!U_IS_SURROGATE(one))
            buf_append(&t->text, bytes, utf8_encode((uint32_t)one, bytes));
    }
}

/* Of n bytes how often a blank stands between two Chinese characters, and how often none does. */
static void count_gaps(const char *s, size_t n, size_t *with, size_t *without)
{
    uint32_t before = 0, last = 0;
    size_t len;
    *with = *without = 0;
    for (size_t i = 0; i < n; i += len) {
        uint32_t c = utf8_decode(s + i, n - i, &len);
        *with += utf8_is_han(c) && last == ' ' && utf8_is_han(before);
        *without += utf8_is_han(c) && utf8_is_han(last);
        before = last;
        last = c;
    }
}

/* 租 房 合 同 is set wide, and is one word. */
static void close_gaps(struct telling *t, const char *s, size_t n)
{
    size_t with, without, len;
    uint32_t last = 0;
    count_gaps(s, n, &with, &without);
    bool wide = with >= 2 && !without;
    buf_reset(&t->text);
    for (size_t i = 0; i < n; i += len) {
        uint32_t c = utf8_decode(s + i, n - i, &len), next = 0;
        size_t more;
        if (i + len < n)
            next = utf8_decode(s + i + len, n - i - len, &more);
        if (!(wide && c == ' ' && utf8_is_han(last) && utf8_is_han(next)))
            buf_append(&t->text, s + i, len);
        last = c;
    }
}

/* The usual letters of n bytes, in t->text, without what has no name. */
static void usual(struct telling *t, const char *s, size_t n)
{
    size_t len;
    buf_reset(&t->text);
    for (size_t i = 0; i < n; i += len) {
        uint32_t c = utf8_decode(s + i, n - i, &len);
        if (c == 0xF0B7) /* the point of lists, in the font that has it */
            put(t, 0x2022);
        else if (!is_private(c))
            put(t, c);
    }
}

static void count_letters(struct pdf *p, const char *s, size_t n)
{
    size_t len;
    for (size_t i = 0; i < n; i += len) {
        uint32_t c = utf8_decode(s + i, n - i, &len);
        p->letters += c != ' ';
        p->nameless += is_private(c) || c == 0xFFFD;
    }
}

/* ---- the parts of a line ---- */

static bool take_number(const char **at, const char *end, int *out)
{
    const char *s = *at;
    bool minus = s < end && *s == '-';
    int64_t x = 0;
    s += minus;
    const char *first = s;
    for (; s < end && *s >= '0' && *s <= '9' && s - first < 10; s++)
        x = x * 10 + (*s - '0');
    if (s == first || s == end || *s != '\t' || x > FARTHEST)
        return false;
    *out = (int)(minus ? -x : x);
    *at = s + 1;
    return true;
}

static bool is_clean(const char *s, const char *end)
{
    for (; s < end; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7F)
            return false;
    return true;
}

static const char *kept(struct telling *t, size_t *n)
{
    const char *s = buf_str(&t->text);
    *n = t->text.len;
    while (*n && s[*n - 1] == ' ')
        --*n;
    for (; *n && *s == ' '; s++)
        --*n;
    return t->text.failed ? NULL : arena_strndup(&t->p->arena, s, *n);
}

/* ---- the kinds of lines ---- */

static int no_memory(anima_error *err) { return err_set(err, ANIMA_E_NOMEM, "out of memory for the PDF"); }

static int add_bookmark(struct telling *t, const char *s, const char *end, anima_error *err)
{
    struct pdf *p = t->p;
    struct pdf_bookmark mark;
    if (!take_number(&s, end, &mark.level) || !take_number(&s, end, &mark.page) || mark.level < 1 ||
        mark.level > MAX_LEVEL || mark.page < 0 || !is_clean(s, end))
        return ANIMA_E_INVALID;
    if (p->n_bookmarks == PDF_MAX_BOOKMARKS)
        return ANIMA_OK;
    struct pdf_bookmark *list = mem_grow(p->bookmarks, p->n_bookmarks, &p->max_bookmarks, sizeof(*list));
    if (!list)
        return no_memory(err);
    p->bookmarks = list;
    usual(t, s, (size_t)(end - s));
    mark.page--;
    mark.title = kept(t, &mark.n);
    if (!mark.title)
        return no_memory(err);
    list[p->n_bookmarks++] = mark;
    return ANIMA_OK;
}

static int add_page(struct telling *t, const char *s, const char *end, anima_error *err)
{
    struct pdf *p = t->p;
    int width;
    if (!take_number(&s, end, &width) || p->n_pages == PDF_MAX_PAGES)
        return ANIMA_E_INVALID;
    size_t *list = mem_grow(p->pages, p->n_pages, &p->max_pages, sizeof(*list));
    if (!list)
        return no_memory(err);
    p->pages = list;
    list[p->n_pages++] = p->n_lines;
    return ANIMA_OK;
}

static int add_line(struct telling *t, const char *s, const char *end, anima_error *err)
{
    struct pdf *p = t->p;
    struct pdf_line line = { .page = (int)p->n_pages - 1 };
    if (!p->n_pages || !take_number(&s, end, &line.left) || !take_number(&s, end, &line.right) ||
        !take_number(&s, end, &line.base) || !take_number(&s, end, &line.size) || line.size < 0 || !is_clean(s, end))
        return ANIMA_E_INVALID;
    if (p->n_lines == PDF_MAX_LINES)
        return err_set(err, ANIMA_E_LIMIT, "the PDF has more than %d lines; give it in parts", PDF_MAX_LINES);
    count_letters(p, s, (size_t)(end - s));
    usual(t, s, (size_t)(end - s));
    char *once = buf_take(&t->text);
    if (!once)
        return no_memory(err);
    close_gaps(t, once, strlen(once));
    mem_free(once);
    line.text = kept(t, &line.n);
    struct pdf_line *list = mem_grow(p->lines, p->n_lines, &p->max_lines, sizeof(*list));
    if (list)
        p->lines = list;
    if (!list || !line.text)
        return no_memory(err);
    if (line.n)
        list[p->n_lines++] = line;
    return ANIMA_OK;
}

static int take_line(struct telling *t, const char *s, const char *end, anima_error *err)
{
    if (end - s < 2 || s[1] != '\t')
        return ANIMA_E_INVALID;
    if (*s == 'P')
        return add_page(t, s + 2, end, err);
    if (*s == 'L')
        return add_line(t, s + 2, end, err);
    if (*s == 'B')
        return add_bookmark(t, s + 2, end, err);
    if (*s != 'T' || !is_clean(s + 2, end))
        return ANIMA_E_INVALID;
    usual(t, s + 2, (size_t)(end - s - 2));
    document_one_line(buf_str(&t->text), t->text.len, t->p->title, sizeof(t->p->title));
    return ANIMA_OK;
}

/* ---- all of it ---- */

/* The size of most letters. */
static int body_of(const struct pdf *p)
{
    size_t counts[MAX_SIZE / STEP + 1] = { 0 }, best = 0;
    for (size_t i = 0; i < p->n_lines; i++) {
        int size = p->lines[i].size < MAX_SIZE ? p->lines[i].size : MAX_SIZE;
        counts[size / STEP] += p->lines[i].n;
    }
    for (size_t i = 1; i < sizeof(counts) / sizeof(counts[0]); i++)
        best = counts[i] > counts[best] ? i : best;
    return (int)best * STEP + STEP / 2;
}

static int by_page(const void *a, const void *b)
{
    const struct pdf_bookmark *x = a, *y = b;
    return (x->page > y->page) - (x->page < y->page);
}

int pdf_told(const char *lines, size_t n, struct pdf *out, anima_error *err)
{
    UErrorCode e = U_ZERO_ERROR;
    struct telling t = { .p = out, .normal = unorm2_getNFKCInstance(&e) };
    int rc = U_FAILURE(e) || !utf8_valid(lines, n) ? ANIMA_E_INVALID : ANIMA_OK;
    *out = (struct pdf){ .body = 0 };
    arena_init(&out->arena, ARENA);
    buf_init(&t.text, DOCUMENT_MAX_FILE);
    for (const char *s = lines, *all = lines + n; s < all && !rc;) {
        const char *end = memchr(s, '\n', (size_t)(all - s));
        rc = end ? take_line(&t, s, end, err) : ANIMA_E_INVALID;
        s = end ? end + 1 : all;
    }
    buf_finish(&t.text);
    if (out->n_bookmarks)
        qsort(out->bookmarks, out->n_bookmarks, sizeof(*out->bookmarks), by_page);
    out->body = body_of(out);
    return rc == ANIMA_E_INVALID ? err_set(err, rc, "what reads PDFs gave something back that is none") : rc;
}

void pdf_finish(struct pdf *p)
{
    mem_free(p->lines);
    mem_free(p->pages);
    mem_free(p->bookmarks);
    arena_finish(&p->arena);
}

size_t pdf_page_end(const struct pdf *p, size_t page)
{
    return page + 1 < p->n_pages ? p->pages[page + 1] : p->n_lines;
}
