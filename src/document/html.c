/* html.c — the readable words of a page: a block is a line with an empty one around it, headings are marked, what nobody reads is left out. */
#include "base/entity.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "document/private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_TAG 500000 /* bytes, with pictures in it: what does not end within is text */
#define LONGEST_ENTITY 12

struct page {
    struct document_reading *r;
    const char *at, *end;
    const char *close; /* the first '>' behind at, once it was looked for; end: there is none */
    size_t from;       /* of the text, where this page begins */
    int level;         /* of the heading we are in; 0: none */
    size_t heading;
};

static void put(struct page *p, const char *s, size_t n) { buf_append(&p->r->text, s, n); }

static char last_of(const struct page *p)
{
    const struct buf *b = &p->r->text;
    return b->len > p->from ? b->data[b->len - 1] : '\n';
}

/* Blanks of a page are one, and none at a line's beginning. */
static void put_blank(struct page *p)
{
    char last = last_of(p);
    if (last != ' ' && last != '\n')
        put(p, " ", 1);
}

static void put_line(struct page *p)
{
    if (last_of(p) != '\n')
        put(p, "\n", 1);
}

static void put_block(struct page *p)
{
    const struct buf *b = &p->r->text;
    put_line(p);
    if (b->len > p->from + 1 && b->data[b->len - 2] != '\n')
        put(p, "\n", 1);
}

static bool entity(struct page *p)
{
    size_t left = (size_t)(p->end - p->at);
    const char *semicolon = *p->at == '&' ? memchr(p->at, ';', left < LONGEST_ENTITY ? left : LONGEST_ENTITY) : NULL;
    uint32_t c = semicolon ? entity_meant(p->at + 1, (size_t)(semicolon - p->at) - 1) : 0;
    char bytes[4];
    if (!c)
        return false;
    if (c <= ' ' || c == 0x7F || c == 0xA0)
        put_blank(p);
    else
        put(p, bytes, utf8_encode(c, bytes));
    p->at = semicolon + 1;
    return true;
}

/* ---- tags ---- */

static bool is(const char *tag, size_t n, const char *word)
{
    size_t len = strlen(word);
    return n >= len && strncasecmp(tag, word, len) == 0 && (n == len || !isalnum((unsigned char)tag[len]));
}

static bool is_any(const char *tag, size_t n, const char *const *words)
{
    for (; *words; words++)
        if (is(tag, n, *words))
            return true;
    return false;
}

/* Behind "</word"; the end if there is none. */
static const char *behind(const char *from, const char *end, const char *word)
{
    for (const char *s = from; s < end && (s = memchr(s, '<', (size_t)(end - s))); s++)
        if (end - s > 2 && s[1] == '/' && is(s + 2, (size_t)(end - s) - 2, word))
            return s;
    return end;
}

/* The value of an attribute, in out (size bytes); "": it is not there. */
void document_attribute(const char *tag, size_t n, const char *name, char *out, size_t size)
{
    size_t len = strlen(name);
    *out = '\0';
    for (size_t i = 1; i + len + 1 < n; i++) {
        if (!isspace((unsigned char)tag[i - 1]) || strncasecmp(tag + i, name, len) != 0)
            continue;
        size_t k = i + len;
        if (tag[k] != '=')
            continue;
        char quote = tag[++k];
        bool quoted = k < n && (quote == '"' || quote == '\'');
        size_t from = k + quoted, to = from;
        while (to < n && (quoted ? tag[to] != quote : !isspace((unsigned char)tag[to]) && tag[to] != '>'))
            to++;
        document_one_line(tag + from, to - from, out, size);
        return;
    }
}

/* <span role="doc-pagebreak" aria-label="12">, <span epub:type="pagebreak" title="12">. */
static void page_break(struct page *p, const char *tag, size_t n)
{
    char value[64];
    document_attribute(tag, n, "epub:type", value, sizeof(value));
    bool is_break = strcmp(value, "pagebreak") == 0;
    document_attribute(tag, n, "role", value, sizeof(value));
    if (!is_break && strcmp(value, "doc-pagebreak") != 0)
        return;
    document_attribute(tag, n, "aria-label", value, sizeof(value));
    if (!isdigit((unsigned char)*value))
        document_attribute(tag, n, "title", value, sizeof(value));
    int number = isdigit((unsigned char)*value) ? atoi(value) : 0;
    if (number > 0 && number < 100000)
        document_add_page(p->r, p->r->text.len, number);
}

static void begin_heading(struct page *p, int level)
{
    put_block(p);
    p->level = level;
    p->heading = p->r->text.len;
}

static void end_heading(struct page *p)
{
    if (p->level && p->r->text.len > p->heading)
        document_add_mark(p->r, p->heading, p->r->text.len, p->level);
    p->level = 0;
    put_block(p);
}

static void take_title(struct page *p)
{
    const char *close = behind(p->at, p->end, "title");
    struct document_reading inner;
    if (*p->r->title)
        return;
    document_reading_init(&inner);
    struct page t = { .r = &inner, .at = p->at, .end = close };
    for (; t.at < t.end && inner.text.len < DOCUMENT_MAX_TITLE;)
        if (!entity(&t))
            put(&t, t.at++, 1);
    document_one_line(buf_str(&inner.text), inner.text.len, p->r->title, sizeof(p->r->title));
    document_reading_finish(&inner);
}

static void act(struct page *p, const char *name, size_t n, bool ends)
{
    static const char *const blocks[] = { "p",          "div",    "ul",      "ol",     "table", "section", "article",
                                          "main",       "header", "footer",  "figure", "pre",   "dl",      "dd",
                                          "blockquote", "hr",     "details", "body",   NULL };
    static const char *const lines[] = { "br", "li", "tr", "dt", NULL };
    static const char *const silent[] = { "script",   "style",  "nav",    "template", "svg",
                                          "noscript", "select", "iframe", NULL };
    static const char *const cells[] = { "td", "th", NULL };
    for (size_t i = 0; silent[i] && !ends; i++)
        if (is(name, n, silent[i]) && name[n - 1] != '/')
            p->at = behind(p->at, p->end, silent[i]);
    if (is(name, n, "title") && !ends) {
        take_title(p);
        p->at = behind(p->at, p->end, "title");
    } else if (n >= 2 && (*name | 32) == 'h' && name[1] >= '1' && name[1] <= '6' && is(name + 2, n - 2, "")) {
        end_heading(p);
        if (!ends)
            begin_heading(p, name[1] - '0');
    } else if (is_any(name, n, blocks)) {
        if (p->level)
            put_blank(p);
        else
            put_block(p);
    } else if (is_any(name, n, lines) && !ends) {
        if (p->level)
            put_blank(p);
        else
            put_line(p);
        if (is(name, n, "li"))
            put(p, "- ", 2);
    } else if (is_any(name, n, cells) && !ends && last_of(p) != '\n')
        put(p, " | ", 3);
    if (!ends)
        page_break(p, name, n);
}

static bool tag(struct page *p)
{
    size_t left = (size_t)(p->end - p->at);
    if (*p->at != '<' || left < 2)
        return false;
    if (left >= 4 && memcmp(p->at, "<!--", 4) == 0) {
        const char *close = memmem(p->at, left, "-->", 3);
        p->at = close ? close + 3 : p->end;
        return true;
    }
    if (!p->close || p->close < p->at) {
        p->close = memchr(p->at, '>', left);
        p->close = p->close ? p->close : p->end;
    }
    const char *close = p->close - p->at < LONGEST_TAG ? p->close : p->end;
    bool ends = p->at[1] == '/';
    const char *name = p->at + 1 + ends;
    if (close == p->end || name >= close || !(isalpha((unsigned char)*name) || *name == '!' || *name == '?'))
        return false;
    p->at = close + 1;
    act(p, name, (size_t)(close - name), ends);
    return true;
}

void document_html(struct document_reading *r, const char *s, size_t n)
{
    struct page p = { .r = r, .at = s, .end = s + n, .from = r->text.len };
    while (p.at < p.end && !r->text.failed) {
        if (tag(&p) || entity(&p))
            continue;
        if (isspace((unsigned char)*p.at))
            put_blank(&p);
        else
            put(&p, p.at, 1);
        p.at++;
    }
    end_heading(&p);
}

void document_html_charset(const char *s, size_t n, char out[32])
{
    size_t most = n < 4096 ? n : 4096;
    *out = '\0';
    for (size_t i = 0; i + 8 < most; i++) {
        if (strncasecmp(s + i, "charset=", 8) != 0)
            continue;
        size_t from = i + 8, to;
        while (from < most && strchr("\"' ", s[from]))
            from++;
        for (to = from; to < most && to - from < 31 && (isalnum((unsigned char)s[to]) || strchr("-_", s[to]));)
            to++;
        memcpy(out, s + from, to - from);
        out[to - from] = '\0';
        return;
    }
}
