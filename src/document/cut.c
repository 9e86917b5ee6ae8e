/* cut.c — the text becomes passages. Sections and pages are never crossed, paragraphs only where they are too long for one. */
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "document/private.h"

#include <ctype.h>
#include <string.h>

#define ENOUGH 400 /* bytes: a passage of so many ends with its paragraph */
#define LONG 120   /* bytes of a line that nobody broke: what follows is another paragraph */

struct cutting {
    struct document *d;
    size_t max;
    int paragraph; /* so many are behind us */
    int section, page;
    size_t head; /* of the next passage */
    int rc;
};

static bool is_blank(const char *s, size_t from, size_t to)
{
    while (from < to && (unsigned char)s[from] <= ' ')
        from++;
    return from >= to;
}

static void add(struct cutting *c, size_t from, size_t to, int first)
{
    struct document *d = c->d;
    if (c->rc)
        return;
    if (d->n_passages && is_blank(d->text, from, to)) {
        d->passages[d->n_passages - 1].end = to;
        return;
    }
    if (d->n_passages == DOCUMENT_MAX_PASSAGES) {
        c->rc = ANIMA_E_LIMIT;
        return;
    }
    struct document_passage *list = mem_grow(d->passages, d->n_passages, &c->max, sizeof(*list));
    if (!list) {
        c->rc = ANIMA_E_NOMEM;
        return;
    }
    d->passages = list;
    list[d->n_passages] = (struct document_passage){ .section = c->section,
                                                     .page = c->page,
                                                     .first = first,
                                                     .last = c->paragraph > first ? c->paragraph : first,
                                                     .start = from,
                                                     .end = to,
                                                     .head = c->head };
    d->n_passages++;
    c->head = 0;
}

/* Whether a new paragraph begins with the line at `at`, behind a line of n bytes. An empty one ends the one in front of it. */
static bool begins_paragraph(const char *s, size_t at, size_t to, size_t n)
{
    const char *end = memchr(s + at, '\n', to - at);
    if (n >= LONG || is_blank(s, at, end ? (size_t)(end - s) : to))
        return true;
    if (to - at >= 3 && memcmp(s + at, "\u3000", 3) == 0)
        return true;
    return strchr("-*#\n\r\t", s[at]) || (to - at > 4 && memcmp(s + at, "    ", 4) == 0);
}

/* Where the paragraph at `at` ends: behind its last line, and the empty ones behind that. */
static size_t paragraph_end(const char *s, size_t at, size_t to)
{
    while (at < to) {
        const char *end = memchr(s + at, '\n', to - at);
        size_t next = end ? (size_t)(end - s) + 1 : to;
        bool over = next >= to || begins_paragraph(s, next, to, next - at);
        at = next;
        if (over)
            break;
    }
    while (at < to && strchr("\n\r", s[at]))
        at++;
    return at;
}

/* Of a paragraph that is too long, the end of its last sentence that fits; else of its last word; else of its last character. */
static size_t sentence_end(const char *s, size_t from, size_t to)
{
    static const char *const stops[] = { "。", "！", "？", "；", "」", NULL };
    size_t most = utf8_cut(s + from, to - from, DOCUMENT_PASSAGE), word = 0;
    for (size_t i = most; i > most / 3; i--) {
        const char *at = s + from + i;
        if (i >= 2 && strchr(".!?", at[-2]) && at[-1] == ' ')
            return from + i;
        if (at[-1] == '\n')
            return from + i;
        for (size_t k = 0; stops[k]; k++)
            if (i >= 3 && memcmp(at - 3, stops[k], 3) == 0)
                return from + i;
        word = !word && at[-1] == ' ' ? i : word;
    }
    return from + (word ? word : most ? most : to - from);
}

/* From passage start `from`, a paragraph of [at, end) that is too long by itself. Returns where the rest begins. */
static size_t cut_long(struct cutting *c, size_t from, size_t at, size_t end, int first)
{
    size_t last = end; /* behind the last word */
    while (last > at && (unsigned char)c->d->text[last - 1] <= ' ')
        last--;
    while (last > at + DOCUMENT_PASSAGE) {
        size_t to = sentence_end(c->d->text, at, end);
        add(c, from, to, first);
        from = at = to;
        first = c->paragraph;
    }
    return from;
}

/* What stands between two boundaries. */
static void cut_between(struct cutting *c, size_t from, size_t to)
{
    const char *s = c->d->text;
    size_t start = from, at = from + c->head;
    int first = c->paragraph + 1;
    while (at < to && !c->rc) {
        size_t end = paragraph_end(s, at, to);
        if (is_blank(s, at, end)) {
            at = end;
            continue;
        }
        if (start + c->head < at && end - start > DOCUMENT_PASSAGE && !is_blank(s, start + c->head, at)) {
            add(c, start, at, first);
            start = at;
            first = c->paragraph + 1;
        }
        c->paragraph++;
        size_t rest = cut_long(c, start, at, end, first);
        if (rest != start) {
            start = rest;
            first = c->paragraph;
        }
        at = end;
        if (at - start >= ENOUGH) {
            add(c, start, at, first);
            start = at;
            first = c->paragraph + 1;
        }
    }
    if (start < to)
        add(c, start, to, first <= c->paragraph ? first : c->paragraph);
}

int document_cut(struct document *d, const struct document_reading *r, anima_error *err)
{
    struct cutting c = { .d = d, .section = -1 };
    size_t section = 0, page = 0, at = 0;
    while (at < d->n && !c.rc) {
        for (; page < r->n_pages && r->pages[page].at <= at; page++)
            c.page = r->pages[page].number;
        c.head = 0;
        for (; section < d->n_sections && d->sections[section].start <= at; section++) {
            c.section = (int)section;
            c.head = d->sections[section].start == at ? d->sections[section].body - at : 0;
        }
        size_t next = d->n;
        next = section < d->n_sections && d->sections[section].start < next ? d->sections[section].start : next;
        next = page < r->n_pages && r->pages[page].at < next ? r->pages[page].at : next;
        c.head = c.head < next - at ? c.head : next - at;
        /* Empty lines in front of the first words belong to what comes then. */
        if (!d->n_passages && is_blank(d->text, at, next) && next < d->n) {
            at = next;
            continue;
        }
        size_t from = d->n_passages ? at : 0;
        c.head += at - from;
        cut_between(&c, from, next);
        at = next;
    }
    if (c.rc == ANIMA_E_LIMIT)
        return err_set(err, c.rc, "it has more than %d passages; give it in parts", DOCUMENT_MAX_PASSAGES);
    return c.rc ? err_set(err, c.rc, "out of memory for the passages") : ANIMA_OK;
}
