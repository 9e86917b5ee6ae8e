/* epub.c — an EPUB: a zip in which META-INF/container.xml names the package, the package its files (manifest) and their order (spine). Every
 * size is checked while it is unpacked; nothing an archive says of itself is believed. */
#include "document/private.h"

#include "base/err.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#define MAX_ITEMS 4000
#define MAX_PACKAGE ((size_t)4 << 20)
#define MAX_CHAPTER ((size_t)8 << 20)
#define MAX_UNPACKED ((size_t)64 << 20)
#define MAX_PATH 256

struct item {
    char id[128], path[MAX_PATH];
};

struct book {
    zip_t *zip;
    struct document_reading *r;
    size_t unpacked;
    char folder[MAX_PATH]; /* of the package, with its slash; or "" */
    struct item *items;
    size_t n_items, max_items;
};

/* One file, at most max bytes, into out; ANIMA_E_NOT_FOUND: there is none of that name. */
static int unpack(struct book *b, const char *path, size_t max, struct buf *out, anima_error *err)
{
    char chunk[16384];
    zip_int64_t got = -1, i = zip_name_locate(b->zip, path, 0);
    zip_file_t *f = i < 0 ? NULL : zip_fopen_index(b->zip, (zip_uint64_t)i, 0);
    if (i < 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "the book has no \"%.100s\"", path);
    buf_init(out, max);
    while (f && (got = zip_fread(f, chunk, sizeof(chunk))) > 0 && !out->failed) {
        buf_append(out, chunk, (size_t)got);
        b->unpacked += (size_t)got;
    }
    if (f)
        zip_fclose(f);
    if (out->failed == ANIMA_E_LIMIT || b->unpacked > MAX_UNPACKED)
        return err_set(err, ANIMA_E_LIMIT, "\"%.100s\" in the book is too large", path);
    if (out->failed)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the book");
    return f && got >= 0 ? ANIMA_OK
                         : err_set(err, ANIMA_E_INVALID, "\"%.100s\" in the book is damaged, or encrypted", path);
}

/* %20 in a link, and what stands behind a '#'. */
static void path_of(const char *folder, const char *href, char out[MAX_PATH])
{
    size_t n = strlen(folder);
    memcpy(out, folder, n + 1);
    for (const char *s = href; *s && *s != '#' && n + 1 < MAX_PATH; s++) {
        char hex[3] = { s[0] == '%' ? s[1] : '\0', s[0] == '%' && s[1] ? s[2] : '\0', '\0' };
        bool coded = isxdigit((unsigned char)hex[0]) && isxdigit((unsigned char)hex[1]);
        out[n++] = coded ? (char)strtol(hex, NULL, 16) : *s;
        s += coded ? 2 : 0;
    }
    out[n] = '\0';
}

/* The next tag of that name (with or without a prefix) behind *at: its length from its name on; 0: there is none. */
static size_t next_tag(const char **at, const char *end, const char *name, const char **tag)
{
    size_t len = strlen(name);
    const char *close = NULL; /* a row of "<" is gone through once */
    for (const char *s = *at; s < end && (s = memchr(s, '<', (size_t)(end - s))); s++) {
        if (!close || close < s)
            close = memchr(s, '>', (size_t)(end - s));
        if (!close)
            return 0;
        const char *word = s + 1;
        const char *colon = memchr(word, ':', (size_t)(close - word) < 20 ? (size_t)(close - word) : 20);
        word = colon && colon < close && !memchr(word, ' ', (size_t)(colon - word)) ? colon + 1 : word;
        if ((size_t)(close - word) >= len && memcmp(word, name, len) == 0 && !isalnum((unsigned char)word[len])) {
            *at = close + 1;
            *tag = word;
            return (size_t)(close - word);
        }
    }
    return 0;
}

static bool read_manifest(struct book *b, const char *at, const char *end)
{
    const char *tag;
    char href[MAX_PATH], type[64];
    for (size_t n; b->n_items < MAX_ITEMS && (n = next_tag(&at, end, "item", &tag));) {
        struct item *list = mem_grow(b->items, b->n_items, &b->max_items, sizeof(*list));
        if (!list)
            return false;
        b->items = list;
        struct item *item = &list[b->n_items];
        document_attribute(tag, n, "id", item->id, sizeof(item->id));
        document_attribute(tag, n, "href", href, sizeof(href));
        document_attribute(tag, n, "media-type", type, sizeof(type));
        if (!*item->id || !*href || !strstr(type, "html"))
            continue;
        path_of(b->folder, href, item->path);
        b->n_items++;
    }
    return true;
}

static int read_chapter(struct book *b, const char *path, anima_error *err)
{
    struct buf raw, text;
    char charset[32];
    int rc = unpack(b, path, MAX_CHAPTER, &raw, err);
    if (rc == ANIMA_E_NOT_FOUND)
        return ANIMA_OK; /* a book lacks a page */
    buf_init(&text, MAX_CHAPTER * 2);
    if (!rc)
        document_html_charset(buf_str(&raw), raw.len, charset);
    rc = rc ? rc : document_decode(buf_str(&raw), raw.len, charset, &text, err);
    if (!rc) {
        if (b->r->text.len)
            buf_puts(&b->r->text, "\n");
        document_html(b->r, buf_str(&text), text.len);
    }
    buf_finish(&raw);
    buf_finish(&text);
    return rc;
}

static int read_spine(struct book *b, const char *at, const char *end, anima_error *err)
{
    const char *tag;
    char id[128];
    int rc = ANIMA_OK;
    size_t chapters = 0;
    for (size_t n; !rc && chapters < MAX_ITEMS && (n = next_tag(&at, end, "itemref", &tag)); chapters++) {
        document_attribute(tag, n, "idref", id, sizeof(id));
        for (size_t i = 0; i < b->n_items && !rc; i++)
            if (strcmp(b->items[i].id, id) == 0) {
                rc = read_chapter(b, b->items[i].path, err);
                break;
            }
    }
    return rc;
}

static void take_title(struct book *b, const char *at, const char *end)
{
    const char *tag;
    *b->r->title = '\0'; /* a chapter's */
    if (!next_tag(&at, end, "title", &tag))
        return;
    struct document_reading inner;
    const char *close = memchr(at, '<', (size_t)(end - at));
    document_reading_init(&inner);
    if (close && close - at < 4096)
        document_html(&inner, at, (size_t)(close - at));
    document_one_line(buf_str(&inner.text), inner.text.len, b->r->title, sizeof(b->r->title));
    document_reading_finish(&inner);
}

static int read_package(struct book *b, const char *path, anima_error *err)
{
    struct buf package;
    int rc = unpack(b, path, MAX_PACKAGE, &package, err);
    if (rc == ANIMA_E_NOT_FOUND)
        return rc;
    const char *slash = strrchr(path, '/');
    snprintf(b->folder, sizeof(b->folder), "%.*s", slash ? (int)(slash - path) + 1 : 0, path);
    const char *at = buf_str(&package), *end = at + package.len;
    if (!rc && !read_manifest(b, at, end))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the book");
    rc = rc ? rc : read_spine(b, at, end, err);
    if (!rc)
        take_title(b, at, end);
    buf_finish(&package);
    return rc;
}

static int read_book(struct book *b, anima_error *err)
{
    struct buf container;
    char path[MAX_PATH] = "";
    const char *tag;
    if (zip_name_locate(b->zip, "META-INF/rights.xml", 0) >= 0 || zip_name_locate(b->zip, "META-INF/sinf.xml", 0) >= 0)
        return err_set(err, ANIMA_E_UNSUPPORTED, "the book is protected against copying");
    int rc = unpack(b, "META-INF/container.xml", MAX_PACKAGE, &container, err);
    if (rc == ANIMA_E_NOT_FOUND)
        return err_set(err, ANIMA_E_UNSUPPORTED,
                       "it is an archive, but no EPUB; of an Office file or an archive give the text that is in it");
    const char *at = buf_str(&container), *end = at + container.len;
    size_t n = rc ? 0 : next_tag(&at, end, "rootfile", &tag);
    if (n)
        document_attribute(tag, n, "full-path", path, sizeof(path));
    buf_finish(&container);
    if (!rc && !*path)
        rc = err_set(err, ANIMA_E_INVALID, "the book does not say where its package is");
    rc = rc ? rc : read_package(b, path, err);
    return rc == ANIMA_E_NOT_FOUND ? err_set(err, ANIMA_E_INVALID, "the book has no package \"%.100s\"", path) : rc;
}

int document_epub(struct document_reading *r, const char *data, size_t n, anima_error *err)
{
    struct book b = { .r = r };
    zip_error_t e;
    zip_error_init(&e);
    zip_source_t *source = zip_source_buffer_create(data, n, 0, &e);
    b.zip = source ? zip_open_from_source(source, ZIP_RDONLY, &e) : NULL;
    int rc = b.zip ? read_book(&b, err)
                   : err_set(err, zip_error_code_zip(&e) == ZIP_ER_MEMORY ? ANIMA_E_NOMEM : ANIMA_E_INVALID,
                             "the archive cannot be read: %s", zip_error_strerror(&e));
    if (b.zip)
        zip_discard(b.zip);
    else if (source)
        zip_source_free(source);
    zip_error_fini(&e);
    mem_free(b.items);
    return rc;
}
