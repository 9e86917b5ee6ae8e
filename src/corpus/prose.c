#include "corpus/prose.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define DEPTH 6          /* links in links */
#define LONGEST_LINK 600 /* bytes: what does not end within is no link */
#define NOTE (1u << 31)  /* of prose.endless */

struct prose {
    const char *at, *end;
    struct buf *out;
    int depth;
    unsigned endless; /* a bit for each kind of span of which one was found that does not end: no other is looked for */
};

static bool starts(const char *at, const char *end, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(end - at) >= n && strncasecmp(at, word, n) == 0;
}

static bool is(const struct prose *p, const char *word) { return starts(p->at, p->end, word); }

static const char *find(const char *from, const char *end, const char *word)
{
    for (; from < end; from++)
        if (starts(from, end, word))
            return from;
    return NULL;
}

/* Goes to `to`; of what is passed, only the ends of lines stay. */
static void pass(struct prose *p, const char *to)
{
    for (; p->at < to; p->at++)
        if (*p->at == '\n')
            buf_append(p->out, "\n", 1);
}

static int clean(const char *text, const char *end, struct buf *out, int depth);

/* ---- what is left out whole ---- */

/* Behind the end of something that may hold others of its kind; NULL: it does not end. */
static const char *behind_nested(const struct prose *p, const char *open, const char *close)
{
    int depth = 0;
    for (const char *at = p->at; at < p->end;) {
        if (starts(at, p->end, open)) {
            depth++;
            at += strlen(open);
        } else if (starts(at, p->end, close)) {
            at += strlen(close);
            if (--depth == 0)
                return at;
        } else {
            at++;
        }
    }
    return NULL;
}

static bool span(struct prose *p)
{
    static const struct {
        const char *open, *close;
        bool nested;
    } spans[] = {
        { "<!--", "-->", false },
        { "{{", "}}", true },
        { "{|", "|}", true },
        { "```", "```", false },
        { "<math", "</math>", false },
        { "<table", "</table>", false },
        { "<script", "</script>", false },
        { "<style", "</style>", false },
        { "<gallery", "</gallery>", false },
        { "<pre", "</pre>", false },
    };
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        if (!is(p, spans[i].open))
            continue;
        size_t n = strlen(spans[i].open);
        bool look = !(p->endless & 1u << i);
        const char *to = look && spans[i].nested ? behind_nested(p, spans[i].open, spans[i].close) : NULL;
        if (look && !spans[i].nested && (to = find(p->at + n, p->end, spans[i].close)))
            to += strlen(spans[i].close);
        p->endless |= to ? 0 : 1u << i;
        pass(p, to ? to : p->at + n); /* takes nothing with it */
        return true;
    }
    return false;
}

/* <ref name="x"/>, <ref>…</ref>, and tags, of which only the words between them stay. */
static bool tag(struct prose *p)
{
    if (*p->at != '<' || p->at + 1 == p->end || !(isalpha((unsigned char)p->at[1]) || p->at[1] == '/'))
        return false;
    size_t left = (size_t)(p->end - p->at);
    const char *close = memchr(p->at, '>', left < LONGEST_LINK ? left : LONGEST_LINK);
    if (!close)
        return false;
    bool note = is(p, "<ref") && close[-1] != '/' && !(p->endless & NOTE);
    const char *to = close + 1, *ref = note ? find(to, p->end, "</ref>") : NULL;
    p->endless |= note && !ref ? NOTE : 0;
    if (is(p, "<br"))
        buf_puts(p->out, " ");
    pass(p, ref ? ref + 6 : to);
    return true;
}

/* ---- brackets ---- */

/* The bracket that closes the one at from; NULL: there is none nearby. */
static const char *closing(const char *from, const char *end, char open, char close)
{
    int depth = 0;
    for (const char *at = from; at < end && at - from < LONGEST_LINK; at++) {
        depth += (*at == open) - (*at == close);
        if (*at == close && !depth)
            return at;
    }
    return NULL;
}

/* [[page]], [[page|words]], [[File:…]]: to is behind it. */
static void wiki_link(struct prose *p, const char *to)
{
    static const char *const things[] = { "[[file:", "[[image:", "[[category:", "[[文件:",
                                          "[[图像:", "[[分类:",  "[[media:" };
    const char *words = p->at + 2, *end = to - 2, *bar = memchr(words, '|', (size_t)(end - words));
    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++)
        if (is(p, things[i])) {
            pass(p, to);
            return;
        }
    clean(bar ? bar + 1 : words, end, p->out, p->depth + 1);
    p->at = to;
}

/* "[12]", "[注 3]", "[^1]", "[citation needed]" */
static bool is_note(const char *words, const char *end)
{
    static const char *const notes[] = {
        "citation needed", "来源请求", "原创研究", "clarification needed", "who?", "edit", "编辑", "note ", "注"
    };
    size_t n = (size_t)(end - words), digits = 0;
    while (digits < n && (isdigit((unsigned char)words[digits]) || strchr(", ", words[digits])))
        digits++;
    if (!n || digits == n || *words == '^')
        return true;
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
        if (n < 30 && strncasecmp(words, notes[i], strlen(notes[i])) == 0)
            return true;
    return false;
}

static bool bracket(struct prose *p)
{
    bool picture = *p->at == '!' && p->at + 1 < p->end && p->at[1] == '[';
    const char *open = p->at + picture, *close = *open == '[' ? closing(open, p->end, '[', ']') : NULL;
    if (!close || p->depth == DEPTH)
        return false;
    if (open[1] == '[' && close[-1] == ']') {
        wiki_link(p, close + 1);
        return true;
    }
    const char *to = close + 1, *words = open + 1, *blank = memchr(words, ' ', (size_t)(close - words));
    const char *address = to < p->end && *to == '(' ? closing(to, p->end, '(', ')') : NULL;
    bool outside = starts(words, close, "http") || starts(words, close, "//");
    if (address)
        to = address + 1;
    if (picture || (!address && is_note(words, close)) || (outside && !blank)) {
        pass(p, to);
        return true;
    }
    if (!address && !outside)
        return false;
    clean(outside && !address ? blank + 1 : words, close, p->out, p->depth + 1);
    p->at = to;
    return true;
}

/* ---- small things ---- */

static bool entity(struct prose *p)
{
    static const struct {
        const char *name, *c;
    } all[] = { { "&nbsp;", " " },  { "&amp;", "&" },    { "&lt;", "<" },    { "&gt;", ">" },
                { "&quot;", "\"" }, { "&#39;", "'" },    { "&apos;", "'" },  { "&mdash;", "—" },
                { "&ndash;", "–" }, { "&hellip;", "…" }, { "&middot;", "·" } };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (is(p, all[i].name)) {
            buf_puts(p->out, all[i].c);
            p->at += strlen(all[i].name);
            return true;
        }
    return false;
}

static bool address(struct prose *p)
{
    if (!is(p, "http://") && !is(p, "https://"))
        return false;
    while (p->at < p->end && (unsigned char)*p->at > ' ' && (unsigned char)*p->at < 0x80 && !strchr(")]>\"", *p->at))
        p->at++;
    return true;
}

/* Marks of emphasis: '' and ''' of a wiki, ** __ * ` of Markdown, and the backslash in front of a mark. */
static bool emphasis(struct prose *p)
{
    static const char *const marks[] = { "'''''", "'''", "''", "**", "__", "~~", "`" };
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (is(p, marks[i])) {
            p->at += strlen(marks[i]);
            return true;
        }
    bool line_begins = !p->out->len || p->out->data[p->out->len - 1] == '\n';
    bool star = *p->at == '*' && !line_begins && p->at + 1 < p->end &&
                !(p->at[1] == ' ' && p->out->data[p->out->len - 1] == ' ');
    bool slash = *p->at == '\\' && p->at + 1 < p->end && ispunct((unsigned char)p->at[1]);
    if (slash) {
        buf_append(p->out, p->at + 1, 1);
        p->at += 2;
    } else if (star) {
        p->at++;
    }
    return star || slash;
}

static int clean(const char *text, const char *end, struct buf *out, int depth)
{
    struct prose p = { .at = text, .end = end, .out = out, .depth = depth };
    while (p.at < end && !out->failed) {
        if (span(&p) || tag(&p) || bracket(&p) || entity(&p) || address(&p) || emphasis(&p))
            continue;
        buf_append(out, p.at++, 1);
    }
    return out->failed;
}

int prose_clean(const char *text, size_t n, struct buf *out) { return clean(text, text + n, out, 0); }
