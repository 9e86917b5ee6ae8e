/* html.c — the words of a page, of which mails and toots are made: lines by its blocks, entities as what they stand for. */
#include "base/entity.h"
#include "base/utf8.h"
#include "twin/read_private.h"

#include <ctype.h>
#include <string.h>

#define LONGEST_TAG 10000 /* bytes: what does not end within is text */
#define LONGEST_ENTITY 12

struct page {
    const char *at, *end;
    struct buf *out;
    size_t from; /* of out, where the page begins */
    int quoted;  /* blockquotes around this place */
};

static void put(struct page *p, const char *s, size_t n)
{
    if (!p->quoted)
        buf_append(p->out, s, n);
}

/* Blanks of a page are one, and none at a line's beginning. */
static void put_blank(struct page *p)
{
    char last = p->out->len > p->from ? p->out->data[p->out->len - 1] : '\n';
    if (last != ' ' && last != '\n')
        put(p, " ", 1);
}

static void put_break(struct page *p)
{
    if (p->out->len > p->from)
        put(p, "\n", 1);
}

/* ---- entities ---- */

static bool entity(struct page *p)
{
    size_t left = (size_t)(p->end - p->at);
    const char *semicolon = *p->at == '&' ? memchr(p->at, ';', left < LONGEST_ENTITY ? left : LONGEST_ENTITY) : NULL;
    uint32_t c = semicolon ? entity_meant(p->at + 1, (size_t)(semicolon - p->at) - 1) : 0;
    char bytes[4];
    if (!c)
        return false;
    if (c == ' ')
        put_blank(p);
    else
        put(p, bytes, utf8_encode(c, bytes));
    p->at = semicolon + 1;
    return true;
}

/* ---- tags ---- */

/* The name of a tag is this word. */
static bool is(const char *tag, size_t n, const char *word)
{
    size_t len = strlen(word);
    return twin_begins_caseless(tag, n, word) && (n == len || !isalnum((unsigned char)tag[len]));
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
    for (const char *s = from; (s = memchr(s, '<', (size_t)(end - s))); s++)
        if (end - s > 2 && s[1] == '/' && is(s + 2, (size_t)(end - s) - 2, word))
            return s;
    return end;
}

static bool tag(struct page *p)
{
    static const char *const blocks[] = { "br", "p",  "div", "li", "tr",    "h1", "h2",
                                          "h3", "h4", "ul",  "ol", "table", "hr", NULL };
    static const char *const silent[] = { "script", "style", "head", "title", NULL };
    size_t left = (size_t)(p->end - p->at);
    if (*p->at != '<' || left < 2)
        return false;
    if (twin_begins(p->at, left, "<!--")) {
        const char *close = memmem(p->at, left, "-->", 3);
        p->at = close ? close + 3 : p->end;
        return true;
    }
    const char *close = memchr(p->at, '>', left < LONGEST_TAG ? left : LONGEST_TAG);
    bool ends = p->at[1] == '/';
    const char *name = p->at + 1 + ends;
    if (!close || name >= close || !(isalpha((unsigned char)*name) || *name == '!' || *name == '?'))
        return false;
    size_t n = (size_t)(close - name);
    p->at = close + 1;
    for (size_t i = 0; silent[i] && !ends; i++)
        if (is(name, n, silent[i]))
            p->at = behind(p->at, p->end, silent[i]);
    if (is(name, n, "blockquote"))
        p->quoted += ends ? (p->quoted ? -1 : 0) : 1;
    else if (is_any(name, n, blocks) && !(ends && is(name, n, "li")))
        put_break(p);
    return true;
}

void twin_html(const char *s, size_t n, struct buf *out)
{
    struct page p = { .at = s, .end = s + n, .out = out, .from = out->len };
    while (p.at < p.end && !out->failed) {
        if (tag(&p) || entity(&p))
            continue;
        if (isspace((unsigned char)*p.at))
            put_blank(&p);
        else
            put(&p, p.at, 1);
        p.at++;
    }
}

void twin_unescape(const char *s, size_t n, struct buf *out)
{
    static const char *const codes[] = { "&amp;", "&lt;", "&gt;" };
    size_t run = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = s[i] == '&' ? 0 : 3;
        while (k < 3 && !twin_begins(s + i, n - i, codes[k]))
            k++;
        if (k == 3)
            continue;
        buf_append(out, s + run, i - run);
        buf_append(out, &"&<>"[k], 1);
        i += strlen(codes[k]) - 1;
        run = i + 1;
    }
    buf_append(out, s + run, n - run);
}
