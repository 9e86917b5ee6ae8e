/* pdf_heads.c — running heads and the numbers of pages: what stands in one of the outermost lines of most pages, or of most of some that follow each
 * other, the same each time, or the same but for a number that grows with the page; and where most pages have their number there, whatever stands beside
 * it. Larger letters are headings, and so is a bare "Chapter 3", even where every page begins with one. */
#include "base/mem.h"
#include "document/pdf.h"
#include "document/place.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define EDGE 2      /* lines at the top and at the bottom that are looked at */
#define LONGEST 160 /* bytes of such a line */
#define FEWEST 3    /* pages that have it; of two both */
#define NUMBERED 50 /* percent of the pages that have their number */
#define MOST 40     /* percent of all, or half of those from its first to its last */

/* A line at an edge: its words, its words without their numbers, and how far its number is from the page's. */
struct edge {
    uint64_t words, between;
    size_t line;
    int page, shift;
    bool bare;  /* nothing but a number is said */
    bool outer; /* the number stands at an end of the line */
};

static bool says(const char *s, size_t n, const char *word)
{
    size_t len = strlen(word);
    return n >= len && strncasecmp(s, word, len) == 0;
}

/* What stands around the number of a page. */
static size_t around_number(const char *s, size_t n)
{
    static const char *const words[] = { "page", "seite", "of", "/", "-", "|", " ", "第",
                                         "页",   "頁",    "共", "·", "–", "—", NULL };
    for (size_t i = 0; words[i]; i++)
        if (says(s, n, words[i]))
            return strlen(words[i]);
    return 0;
}

static uint64_t mixed(uint64_t hash, char c) { return (hash ^ (unsigned char)c) * 1099511628211u; }

/* The number that a line has first, and that it has last; false: none. */
static bool numbers_of(const struct pdf_line *l, int *first, int *last)
{
    bool any = false;
    for (size_t i = 0; i < l->n; i++) {
        if (!isdigit((unsigned char)l->text[i]))
            continue;
        for (*last = 0; i < l->n && isdigit((unsigned char)l->text[i]) && *last < 100000; i++)
            *last = *last * 10 + (l->text[i] - '0');
        *first = any ? *first : *last;
        any = true;
    }
    return any;
}

/* Whether nothing is said but the number of a page. */
static bool is_bare(const struct pdf_line *l)
{
    for (size_t i = 0, n; i < l->n; i += n) {
        n = isdigit((unsigned char)l->text[i]) ? 1 : around_number(l->text + i, l->n - i);
        if (!n)
            return false;
    }
    return true;
}

static struct edge edge_of(const struct pdf *p, size_t line)
{
    const struct pdf_line *l = &p->lines[line];
    struct edge e = { .words = 1, .between = 1, .line = line, .page = l->page };
    int first = 0, last = 0;
    bool numbered = numbers_of(l, &first, &last), digit = false;
    for (size_t i = 0; i < l->n; i++) {
        bool before = digit;
        digit = isdigit((unsigned char)l->text[i]) != 0;
        e.words = mixed(e.words, l->text[i]);
        if (!digit || !before)
            e.between = mixed(e.between, digit ? '#' : l->text[i]);
    }
    e.bare = numbered && is_bare(l);
    e.outer = numbered && (isdigit((unsigned char)*l->text) || isdigit((unsigned char)l->text[l->n - 1]));
    e.shift = (e.bare || !isdigit((unsigned char)l->text[l->n - 1]) ? first : last) - l->page;
    /* A number that names a chapter, or none, grows with no page. */
    struct place_number number;
    size_t n = place_number(l->text, l->n, &number);
    if (!numbered || (n == l->n && number.kind != PLACE_BARE))
        e.between = 0;
    return e;
}

/* The outermost lines of a page, by where they stand: first those at the top. */
static size_t edges_of(const struct pdf *p, size_t page, struct edge *out)
{
    size_t from = p->pages[page], to = pdf_page_end(p, page), found[2 * EDGE], n = 0;
    for (int side = 0; side < 2; side++)
        for (int k = 0; k < EDGE; k++) {
            size_t best = to;
            for (size_t i = from; i < to; i++) {
                bool taken = false;
                for (size_t j = 0; j < n; j++)
                    taken = taken || found[j] == i;
                if (!taken && (best == to || (side ? p->lines[i].base > p->lines[best].base
                                                   : p->lines[i].base < p->lines[best].base)))
                    best = i;
            }
            if (best < to)
                found[n++] = best;
        }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (p->lines[found[i]].n <= LONGEST && (int64_t)p->lines[found[i]].size * 100 <= (int64_t)p->body * 115)
            out[kept++] = edge_of(p, found[i]);
    return kept;
}

static int by_words(const void *x, const void *y)
{
    const struct edge *a = x, *b = y;
    return a->words != b->words ? (a->words < b->words ? -1 : 1) : (a->page > b->page) - (a->page < b->page);
}

static int by_shift(const void *x, const void *y)
{
    const struct edge *a = x, *b = y;
    if (a->between != b->between)
        return a->between < b->between ? -1 : 1;
    return a->shift != b->shift ? (a->shift < b->shift ? -1 : 1) : (a->page > b->page) - (a->page < b->page);
}

/* Those of n edges that are the same, in the order of their pages, are dropped if there are enough of them. */
static void drop(struct pdf *p, const struct edge *edges, size_t n)
{
    size_t pages = 0, fewest = edges->bare || p->n_pages < FEWEST ? 2 : FEWEST;
    for (size_t i = 0; i < n; i++)
        pages += !i || edges[i].page != edges[i - 1].page;
    size_t span = (size_t)(edges[n - 1].page - edges[0].page) + 1;
    if (pages < fewest || (pages * 100 < p->n_pages * MOST && pages * 2 < span))
        return;
    for (size_t i = 0; i < n; i++)
        p->lines[edges[i].line].dropped = true;
}

static int by_number(const void *x, const void *y)
{
    const struct edge *a = x, *b = y;
    return a->shift != b->shift ? (a->shift < b->shift ? -1 : 1) : (a->page > b->page) - (a->page < b->page);
}

/* Where most pages have their number at an edge, a line there that begins or ends with its page's is a head, whatever it says. */
static void drop_numbered(struct pdf *p, struct edge *edges, size_t n)
{
    size_t kept = 0, best = 0, best_pages = 0;
    for (size_t i = 0; i < n; i++)
        if (edges[i].outer && edges[i].between)
            edges[kept++] = edges[i];
    if (kept)
        qsort(edges, kept, sizeof(*edges), by_number);
    for (size_t i = 0, next; i < kept; i = next) {
        size_t pages = 0;
        for (next = i; next < kept && edges[next].shift == edges[i].shift; next++)
            pages += next == i || edges[next].page != edges[next - 1].page;
        if (pages > best_pages) {
            best = i;
            best_pages = pages;
        }
    }
    if (best_pages < FEWEST || best_pages * 100 < p->n_pages * NUMBERED)
        return;
    for (size_t i = best; i < kept && edges[i].shift == edges[best].shift; i++)
        p->lines[edges[i].line].dropped = true;
}

bool pdf_drop_heads(struct pdf *p)
{
    struct edge *edges = mem_alloc((p->n_pages * 2 * EDGE + 1) * sizeof(*edges));
    size_t n = 0;
    if (!edges)
        return false;
    for (size_t page = 0; page < p->n_pages; page++)
        n += edges_of(p, page, edges + n);
    for (int shifted = 0; shifted < 2 && n; shifted++) {
        qsort(edges, n, sizeof(*edges), shifted ? by_shift : by_words);
        for (size_t i = 0, next; i < n; i = next) {
            for (next = i + 1;
                 next < n && (shifted ? edges[next].between == edges[i].between && edges[next].shift == edges[i].shift
                                      : edges[next].words == edges[i].words);)
                next++;
            if (!shifted || edges[i].between)
                drop(p, edges + i, next - i);
        }
    }
    drop_numbered(p, edges, n);
    mem_free(edges);
    return true;
}
