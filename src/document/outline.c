/* outline.c — the headings of a document become sections: a tree, laid out in the order of the text. Of HTML headings are marked; of text they
 * are the lines that look like it (document.h), which is decided line by line, with the line before and behind it. */
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "document/place.h"
#include "document/private.h"

#include <ctype.h>
#include <string.h>

#define LONGEST_HEADING 160 /* bytes of a line */
#define LONGEST_RUN_IN 60   /* of what stands in front of the first point of an article */
#define WIDEST 84           /* columns */

struct line {
    size_t at, n;  /* without its break and the blanks around it */
    size_t indent; /* from where it begins */
    size_t next;   /* the next line begins here */
};

struct outlining {
    struct document *d;
    size_t max;
    bool failed, full;
};

/* ---- lines ---- */

static struct line line_at(const struct document *d, size_t at)
{
    struct line l = { .at = at };
    const char *end = memchr(d->text + at, '\n', d->n - at);
    l.next = end ? (size_t)(end - d->text) + 1 : d->n;
    l.n = l.next - at - (end != NULL);
    for (; l.n; l.at++, l.n--, l.indent++) {
        if (strchr(" \t\r\f", d->text[l.at]))
            continue;
        if (l.n < 3 || memcmp(d->text + l.at, "\u3000", 3) != 0)
            break;
        l.at += 2;
        l.n -= 2;
    }
    while (l.n && strchr(" \t\r\f", d->text[l.at + l.n - 1]))
        l.n--;
    return l;
}

static bool ends(const char *s, size_t n, const char *with)
{
    size_t len = strlen(with);
    return n >= len && memcmp(s + n - len, with, len) == 0;
}

static bool has(const char *s, size_t n, const char *words) { return s && memmem(s, n, words, strlen(words)) != NULL; }

/* "Deposit ........ 4", "押金……………4", "Deposit      4". */
static bool is_of_contents(const char *s, size_t n)
{
    size_t digits = 0;
    while (digits < n && isdigit((unsigned char)s[n - 1 - digits]))
        digits++;
    return digits && digits < n &&
           (has(s, n, "....") || has(s, n, ". . .") || has(s, n, "……") || has(s, n, "···") ||
            ends(s, n - digits, "   ") || ends(s, n - digits, "\t"));
}

/* What a title looks like: short, and no sentence. */
static bool is_title(const char *s, size_t n)
{
    static const char *const sentence[] = { ".", ",", ";", "。", "，", "；", "、", "…", NULL };
    size_t len;
    if (!n || n > LONGEST_HEADING || utf8_width(s, n) > WIDEST || is_of_contents(s, n))
        return false;
    for (size_t i = 0; sentence[i]; i++)
        if (ends(s, n, sentence[i]))
            return false;
    uint32_t first = utf8_decode(s, n, &len);
    return utf8_small(first) != first || first >= 0x80 || isdigit((unsigned char)*s) || *s == '"' || *s == '(';
}

static bool is_capitals(const char *s, size_t n)
{
    size_t capitals = 0;
    for (size_t i = 0; i < n; i++) {
        if (islower((unsigned char)s[i]) || (s[i] & 0x80))
            return false;
        capitals += isupper((unsigned char)s[i]) != 0;
    }
    return capitals >= 4 && n <= 60 && !strchr(".:,;|*=-_", s[n - 1]) && !is_of_contents(s, n);
}

/* ---- sections ---- */

static void add(struct outlining *o, int level, struct line l, size_t number, size_t title, size_t title_n, size_t body)
{
    struct document *d = o->d;
    char buf[DOCUMENT_MAX_TITLE + 1], num[DOCUMENT_MAX_NUMBER + 1];
    o->full = o->full || d->n_sections == DOCUMENT_MAX_SECTIONS;
    if (o->full)
        return;
    struct document_section *list = mem_grow(d->sections, d->n_sections, &o->max, sizeof(*list));
    if (list)
        d->sections = list;
    document_one_line(d->text + l.at, number, num, sizeof(num));
    document_one_line(d->text + title, title_n, buf, sizeof(buf));
    if (!*num && !*buf)
        return; /* strokes */
    if (title_n > DOCUMENT_MAX_TITLE)
        body = l.at; /* what the title leaves out is text */
    char *kept_num = arena_strdup(&d->arena, num), *kept = arena_strdup(&d->arena, buf);
    o->failed = o->failed || !list || !kept || !kept_num;
    if (!o->failed)
        list[d->n_sections++] = (struct document_section){
            .level = level, .parent = -1, .start = l.at, .body = body, .number = kept_num, .title = kept
        };
}

/* Behind a number: blanks, points and strokes do not belong to the title. */
static size_t skip_separators(const char *s, size_t n)
{
    static const char *const more[] = { "：", "、", "．", "—", "–", "　", "·", "】", NULL };
    size_t i = 0;
    for (bool go = true; go && i < n;) {
        go = strchr(" \t:.-", s[i]) != NULL;
        i += go;
        for (size_t k = 0; more[k] && !go; k++)
            if (n - i >= strlen(more[k]) && memcmp(s + i, more[k], strlen(more[k])) == 0) {
                i += strlen(more[k]);
                go = true;
            }
    }
    return i;
}

/* A heading that is one: its number, if it begins with one, and its title. */
static void add_heading(struct outlining *o, int level, struct line l, size_t body)
{
    struct place_number number;
    const char *s = o->d->text + l.at;
    size_t n = place_number(s, l.n, &number), gap = n ? skip_separators(s + n, l.n - n) : 0;
    if (l.n)
        add(o, level, l, n, l.at + n + gap, l.n - n - gap, body);
}

/* "4. Deposit. The tenant pays …": the article's title ends where its first point is. */
static size_t run_in(const char *s, size_t n)
{
    static const char *const stops[] = { ". ", ": ", "：", "。", " — ", " – ", "　", "  ", NULL };
    size_t best = 0;
    for (size_t i = 0; stops[i]; i++) {
        const char *at = memmem(s, n < LONGEST_RUN_IN ? n : LONGEST_RUN_IN, stops[i], strlen(stops[i]));
        if (at && at > s && (size_t)(at - s) + strlen(stops[i]) < n && (!best || (size_t)(at - s) < best))
            best = (size_t)(at - s);
    }
    return best && is_title(s, best) ? best : 0;
}

static bool is_strong(enum place_kind kind)
{
    return kind == PLACE_PART || kind == PLACE_CHAPTER || kind == PLACE_APPENDIX;
}

/* The title of a chapter may stand in the next line. */
static size_t title_below(const struct document *d, struct line l, struct line *title)
{
    *title = line_at(d, l.next < d->n ? l.next : d->n);
    for (int i = 0; i < 2 && !title->n && title->next < d->n; i++)
        *title = line_at(d, title->next);
    struct place_number number;
    struct line behind = line_at(d, title->next < d->n ? title->next : d->n);
    bool fits = title->n && title->n <= 70 && !behind.n && is_title(d->text + title->at, title->n) &&
                !place_number(d->text + title->at, title->n, &number);
    return fits ? title->next : 0;
}

/* A line that begins with a number. first: a paragraph begins here. */
static size_t numbered(struct outlining *o, struct line l, bool first, const struct place_number *number, size_t n)
{
    const struct document *d = o->d;
    const char *s = d->text + l.at;
    size_t gap = skip_separators(s + n, l.n - n), title = l.at + n + gap, title_n = l.n - n - gap, below;
    struct line next = line_at(d, l.next < d->n ? l.next : d->n), lower;
    struct place_number other;
    bool bare = number->kind == PLACE_BARE, strong = is_strong(number->kind);
    if (is_of_contents(s, l.n) || (bare && !gap && number->n > 1 && isalpha((unsigned char)s[n])))
        return 0;
    if (!title_n) {
        below = strong ? title_below(d, l, &lower) : 0;
        if (bare || !first)
            return 0;
        add(o, place_level(number), l, n, below ? lower.at : l.at, below ? lower.n : 0, below ? below : l.next);
        return below ? below : l.next;
    }
    bool list = bare && number->n == 1 && next.n && place_number(d->text + next.at, next.n, &other) &&
                other.kind == PLACE_BARE && other.n == 1;
    bool whole = is_title(s + n + gap, title_n) && (gap || (s[n] & 0x80));
    if (list || (!first && !(whole && (strong || number->n > 1 || number->kind == PLACE_ARTICLE))))
        return 0;
    if (whole) {
        add(o, place_level(number), l, n, title, title_n, l.next);
        return l.next;
    }
    size_t run = run_in(s + n + gap, title_n);
    bool article = number->kind == PLACE_ARTICLE || number->kind == PLACE_SECTION || bare;
    /* "Section 8 applies if …" is a sentence about it. */
    bool apart = (s[n] & 0x80) || (gap && s[n] != ' ') || s[n - 1] == '.' || s[n - 1] == ')' || (s[n - 1] & 0x80);
    if (!article || !apart || (bare && number->n == 1 && !run))
        return 0;
    add(o, place_level(number), l, n, title, run, l.at);
    return l.next;
}

/* A line of a text, as it stands: where to go on behind it, if it is a heading; 0: it is none. */
static size_t read_line(struct outlining *o, struct line l, bool first, bool alone)
{
    struct place_number number;
    const struct document *d = o->d;
    const char *s = d->text + l.at;
    size_t n = l.n ? place_number(s, l.n, &number) : 0;
    if (n)
        return numbered(o, l, first, &number, n);
    if (!l.n || l.n > LONGEST_HEADING || !first)
        return 0;
    if (!place_named(s, l.n) && !(alone && is_capitals(s, l.n)))
        return 0;
    add(o, 2, l, 0, l.at, l.n, l.next);
    return l.next;
}

/* "2 Rent" is numbered, where it is known to be a heading. */
static void add_marked(struct outlining *o, int level, struct line l)
{
    const char *s = o->d->text + l.at;
    struct place_number number;
    size_t n = 0;
    while (n < l.n && n < 3 && isdigit((unsigned char)s[n]))
        n++;
    if (n && n + 1 < l.n && s[n] == ' ' && !place_number(s, l.n, &number))
        add(o, level, l, n, l.at + n + 1, l.n - n - 1, l.next);
    else
        add_heading(o, level, l, l.next);
}

/* With the headings that the form says are ones among them. */
static void read_text(struct outlining *o, const struct document_reading *r)
{
    const struct document *d = o->d;
    bool first = true;
    size_t mark = 0;
    for (size_t at = 0; at < d->n && !o->failed && !o->full;) {
        struct line l = line_at(d, at);
        while (mark < r->n_marks && r->marks[mark].at < l.at)
            mark++;
        bool marked = mark < r->n_marks && r->marks[mark].at == l.at;
        bool alone = first && !r->n_marks && (l.next >= d->n || !line_at(d, l.next).n);
        size_t next = marked ? l.next : read_line(o, l, first || memchr(d->text + at, '\f', l.at - at), alone);
        if (marked)
            add_marked(o, r->marks[mark].level, l);
        first = !l.n || next;
        at = next ? next : l.next;
    }
}

/* ---- Markdown ---- */

static int hashes(const char *s, size_t n)
{
    int level = 0;
    while ((size_t)level < n && s[level] == '#')
        level++;
    return level >= 1 && level <= 6 && (size_t)level < n && (s[level] == ' ' || s[level] == '\t') ? level : 0;
}

static int underlined(const char *s, size_t n)
{
    size_t same = 0;
    while (same < n && s[same] == s[0])
        same++;
    return n < 3 || same < n ? 0 : s[0] == '=' ? 1 : s[0] == '-' ? 2 : 0;
}

static void read_markdown(struct outlining *o)
{
    const struct document *d = o->d;
    bool code = false, first = true;
    for (size_t at = 0; at < d->n && !o->failed && !o->full;) {
        struct line l = line_at(d, at), below = line_at(d, l.next < d->n ? l.next : d->n);
        const char *s = d->text + l.at;
        int level = 0, under = 0;
        code = code != (l.n >= 3 && (memcmp(s, "```", 3) == 0 || memcmp(s, "~~~", 3) == 0));
        if (!code && l.indent < 4 && l.n)
            level = hashes(s, l.n);
        if (!code && !level && l.n && first && l.n <= LONGEST_HEADING && below.n)
            under = underlined(d->text + below.at, below.n);
        size_t next = under ? below.next : l.next, start = l.at;
        if (level || under) {
            l.at += (size_t)level + (level ? strspn(s + level, " \t") : 0);
            l.n -= l.at - start;
            while (level && l.n && strchr("# \t", d->text[l.at + l.n - 1]))
                l.n--;
            size_t n = d->n_sections;
            add_heading(o, level ? level : under, l, next);
            if (d->n_sections > n)
                d->sections[n].start = start;
        }
        first = !l.n || level || under;
        at = next;
    }
}

static void read_marks(struct outlining *o, const struct document_reading *r)
{
    for (size_t i = 0; i < r->n_marks && !o->failed && !o->full; i++) {
        const struct document_mark *m = &r->marks[i];
        size_t end = m->end;
        while (end > m->at && o->d->text[end - 1] == ' ')
            end--;
        struct line l = { .at = m->at, .n = end - m->at };
        add_heading(o, m->level, l, m->end);
    }
}

/* ---- all of them ---- */

static int page_of(const struct document_reading *r, size_t at)
{
    size_t low = 0, high = r->n_pages;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (r->pages[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? r->pages[low - 1].number : 0;
}

/* Form feeds begin pages; the first one is there from the beginning. */
static void find_pages(struct document *d, struct document_reading *r)
{
    const char *s = d->text;
    int number = 1;
    for (const char *at = memchr(s, '\f', d->n); at; at = memchr(at + 1, '\f', d->n - (size_t)(at + 1 - s))) {
        if (number == 1)
            document_add_page(r, 0, 1);
        if ((size_t)(at + 1 - s) < d->n)
            document_add_page(r, (size_t)(at + 1 - s), ++number);
    }
    if (d->form == DOCUMENT_PDF && number == 1)
        document_add_page(r, 0, 1); /* the only one */
}

/* Levels become a tree: whoever comes before with a smaller level holds it. */
static void build(struct document *d, const struct document_reading *r)
{
    int open[DOCUMENT_LEVELS];
    int depth = 0;
    for (size_t i = 0; i < d->n_sections; i++) {
        struct document_section *s = &d->sections[i];
        while (depth && d->sections[open[depth - 1]].level >= s->level)
            d->sections[open[--depth]].end = s->start;
        s->parent = depth ? open[depth - 1] : -1;
        s->page = page_of(r, s->start);
        s->end = d->n;
        if (depth < DOCUMENT_LEVELS)
            open[depth++] = (int)i;
    }
}

bool document_outline(struct document *d, struct document_reading *r, anima_error *err)
{
    struct outlining o = { .d = d };
    if (d->form == DOCUMENT_TEXT || d->form == DOCUMENT_MARKDOWN || d->form == DOCUMENT_PDF)
        find_pages(d, r);
    if (r->n_marks && d->form != DOCUMENT_PDF)
        read_marks(&o, r);
    else if (d->form == DOCUMENT_MARKDOWN)
        read_markdown(&o);
    if (!d->n_sections)
        read_text(&o, r);
    d->title = "";
    if (*r->title)
        d->title = arena_strdup(&d->arena, r->title);
    else if (d->n_sections && d->form != DOCUMENT_PDF && (r->n_marks || d->form == DOCUMENT_MARKDOWN) &&
             d->sections[0].level == 1 && !*d->sections[0].number)
        d->title = d->sections[0].title;
    if (o.full) {
        err_set(err, ANIMA_E_LIMIT, "it has more than %d headings; give it in parts", DOCUMENT_MAX_SECTIONS);
        return false;
    }
    if (o.failed || r->failed || !d->title) {
        err_set(err, ANIMA_E_NOMEM, "out of memory for the outline");
        return false;
    }
    build(d, r);
    d->pages = r->n_pages ? r->pages[r->n_pages - 1].number : 0;
    return true;
}
