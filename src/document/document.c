#include "document/private.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

#define ARENA ((size_t)8 << 20)

const char *const document_form_names[5] = { "text", "markdown", "html", "epub", "pdf" };

/* ---- what the readers share ---- */

void document_reading_init(struct document_reading *r)
{
    *r = (struct document_reading){ .failed = false };
    buf_init(&r->text, DOCUMENT_MAX_TEXT);
}

void document_reading_finish(struct document_reading *r)
{
    buf_finish(&r->text);
    mem_free(r->marks);
    mem_free(r->pages);
}

void document_add_mark(struct document_reading *r, size_t at, size_t end, int level)
{
    struct document_mark *list = mem_grow(r->marks, r->n_marks, &r->max_marks, sizeof(*list));
    r->failed = r->failed || !list;
    if (!list)
        return;
    r->marks = list;
    list[r->n_marks++] = (struct document_mark){ at, end, level };
}

void document_add_page(struct document_reading *r, size_t at, int number)
{
    struct document_page *list = mem_grow(r->pages, r->n_pages, &r->max_pages, sizeof(*list));
    r->failed = r->failed || !list;
    if (!list)
        return;
    r->pages = list;
    if (r->n_pages && list[r->n_pages - 1].at == at)
        r->n_pages--; /* a page without a word */
    list[r->n_pages++] = (struct document_page){ at, number };
}

void document_one_line(const char *s, size_t n, char *out, size_t size)
{
    size_t used = 0;
    bool gap = false;
    for (size_t i = 0; i < n; i++) {
        bool blank = (unsigned char)s[i] <= ' ' || s[i] == 0x7F;
        if (blank) {
            gap = used > 0;
            continue;
        }
        if (used + 1 + gap >= size)
            break;
        if (gap)
            out[used++] = ' ';
        out[used++] = s[i];
        gap = false;
    }
    out[utf8_whole(out, used)] = '\0';
}

/* ---- which form it is ---- */

static bool ends_with(const char *name, const char *ending)
{
    size_t n = strlen(name), len = strlen(ending);
    return n > len && strcasecmp(name + n - len, ending) == 0;
}

static bool begins(const char *data, size_t n, const char *with)
{
    size_t len = strlen(with);
    return n >= len && strncasecmp(data, with, len) == 0;
}

static bool is_page(const char *name, const char *data, size_t n)
{
    size_t i = n >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (i < n && strchr(" \t\r\n", data[i]) && data[i])
        i++;
    return ends_with(name, ".html") || ends_with(name, ".htm") || ends_with(name, ".xhtml") ||
           begins(data + i, n - i, "<!doctype html") || begins(data + i, n - i, "<html") ||
           (begins(data + i, n - i, "<?xml") && memmem(data, n < 2048 ? n : 2048, "<html", 5));
}

bool document_is_pdf(const char *data, size_t n)
{
    size_t i = begins(data, n, "\xEF\xBB\xBF") ? 3 : 0;
    while (i < n && data[i] && strchr(" \t\r\n", data[i]))
        i++;
    return begins(data + i, n - i, "%PDF-");
}

static int form_of(const char *name, const char *data, size_t n, enum document_form *form, anima_error *err)
{
    if (document_is_pdf(data, n))
        return err_set(err, ANIMA_E_UNSUPPORTED, "a PDF is taken apart by a process of its own first");
    if (begins(data, n, "\xD0\xCF\x11\xE0") || begins(data, n, "{\\rtf"))
        return err_set(err, ANIMA_E_UNSUPPORTED, "Office files are not read here; save it as text or as a web page");
    if (begins(data, n, "PK\3\4"))
        *form = DOCUMENT_EPUB;
    else if (is_page(name, data, n))
        *form = DOCUMENT_HTML;
    else
        *form = ends_with(name, ".md") || ends_with(name, ".markdown") ? DOCUMENT_MARKDOWN : DOCUMENT_TEXT;
    return ANIMA_OK;
}

/* ---- reading ---- */

static int read_form(struct document_reading *r, enum document_form form, const char *data, size_t n, anima_error *err)
{
    struct buf page;
    char charset[32];
    if (form == DOCUMENT_PDF)
        return document_pdf(r, data, n, err);
    if (form == DOCUMENT_EPUB)
        return document_epub(r, data, n, err);
    if (form != DOCUMENT_HTML)
        return document_decode(data, n, NULL, &r->text, err);
    buf_init(&page, DOCUMENT_MAX_FILE * 2);
    document_html_charset(data, n, charset);
    int rc = document_decode(data, n, charset, &page, err);
    if (!rc)
        document_html(r, buf_str(&page), page.len);
    buf_finish(&page);
    return rc;
}

static bool says_something(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] > ' ')
            return true;
    return false;
}

/* The text becomes the document's. */
static int take_text(struct document *d, struct document_reading *r, anima_error *err)
{
    if (r->text.failed == ANIMA_E_LIMIT)
        return err_set(err, ANIMA_E_LIMIT, "it has more than %zu MiB of text; give it in parts",
                       DOCUMENT_MAX_TEXT >> 20);
    if (r->failed || r->text.failed)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the text");
    d->n = r->text.len;
    if (!says_something(buf_str(&r->text), d->n))
        return err_set(err, ANIMA_E_INVALID, "there is no text in it");
    if (!utf8_valid(buf_str(&r->text), d->n))
        return err_set(err, ANIMA_E_INVALID,
                       "its text is damaged"); /* a page that has bytes of no character in a tag */
    d->text = buf_take(&r->text);
    return d->text ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the text");
}

static int read_into(struct document *d, struct document_reading *r, const char *data, size_t n, anima_error *err)
{
    int rc = read_form(r, d->form, data, n, err);
    rc = rc ? rc : take_text(d, r, err);
    if (!rc && !document_outline(d, r, err))
        rc = err->code;
    return rc ? rc : document_cut(d, r, err);
}

static int read_as(enum document_form form, const char *data, size_t n, struct document **out, anima_error *err)
{
    struct document_reading r;
    struct document *d;
    if (!(d = mem_zero(1, sizeof(*d))))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the document");
    d->form = form;
    arena_init(&d->arena, ARENA);
    document_reading_init(&r);
    int rc = read_into(d, &r, data, n, err);
    document_reading_finish(&r);
    if (rc)
        document_free(d);
    else
        *out = d;
    return rc;
}

int document_read(const char *name, const char *data, size_t n, struct document **out, anima_error *err)
{
    enum document_form form = DOCUMENT_TEXT;
    *out = NULL;
    if (n > DOCUMENT_MAX_FILE)
        return err_set(err, ANIMA_E_LIMIT, "a document has at most %zu MiB", DOCUMENT_MAX_FILE >> 20);
    int rc = form_of(name, data, n, &form, err);
    return rc ? rc : read_as(form, data, n, out, err);
}

int document_read_pdf(const char *lines, size_t n, struct document **out, anima_error *err)
{
    *out = NULL;
    return read_as(DOCUMENT_PDF, lines, n, out, err);
}

void document_free(struct document *d)
{
    if (!d)
        return;
    mem_free((char *)(uintptr_t)d->text);
    mem_free(d->sections);
    mem_free(d->passages);
    arena_finish(&d->arena);
    mem_free(d);
}
