/* html.c — the words of a page, of which mails and toots are made: lines by its blocks, entities as what they stand for. */
#include "base/utf8.h"
#include "twin/read_private.h"

#include <ctype.h>
#include <stdlib.h>
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

/* "#8217", "#x2019", "amp": the character; 0: unknown. */
static uint32_t meant(const char *name, size_t n)
{
    static const struct {
        const char *name;
        uint32_t c;
    } known[] = { { "amp", '&' },       { "lt", '<' },       { "gt", '>' },       { "quot", '"' },
                  { "apos", '\'' },     { "nbsp", ' ' },     { "ndash", 0x2013 }, { "mdash", 0x2014 },
                  { "lsquo", 0x2018 },  { "rsquo", 0x2019 }, { "ldquo", 0x201C }, { "rdquo", 0x201D },
                  { "hellip", 0x2026 }, { "middot", 0xB7 },  { "euro", 0x20AC },  { "pound", 0xA3 },
                  { "copy", 0xA9 },     { "reg", 0xAE },     { "deg", 0xB0 },     { "laquo", 0xAB },
                  { "raquo", 0xBB },    { "auml", 0xE4 },    { "ouml", 0xF6 },    { "uuml", 0xFC },
                  { "Auml", 0xC4 },     { "Ouml", 0xD6 },    { "Uuml", 0xDC },    { "szlig", 0xDF },
                  { "eacute", 0xE9 },   { "egrave", 0xE8 },  { "agrave", 0xE0 },  { "ccedil", 0xE7 },
                  { "ntilde", 0xF1 },   { "times", 0xD7 },   { "bull", 0x2022 } };
    if (n > 1 && *name == '#') {
        bool hex = name[1] == 'x' || name[1] == 'X';
        unsigned long c = strtoul(name + 1 + hex, NULL, hex ? 16 : 10);
        return c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? 0 : (uint32_t)c;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strlen(known[i].name) == n && memcmp(known[i].name, name, n) == 0)
            return known[i].c;
    return 0;
}

static bool entity(struct page *p)
{
    size_t left = (size_t)(p->end - p->at);
    const char *semicolon = *p->at == '&' ? memchr(p->at, ';', left < LONGEST_ENTITY ? left : LONGEST_ENTITY) : NULL;
    uint32_t c = semicolon ? meant(p->at + 1, (size_t)(semicolon - p->at) - 1) : 0;
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
