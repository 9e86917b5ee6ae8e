/* pdf.c — a PDF that another process took apart becomes a text as one would read it: paragraphs of one line each, an empty line between them, a form
 * feed between pages; words and numbers at the edges that are the pages' are left out. Headings are what bookmarks name, and short lines in letters
 * larger than most; numbered ones are found as in any text (outline.c). */
#include "document/pdf.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "document/place.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGER 115         /* hundredths of the body's size from which a line may be a heading */
#define TITLE 130          /* and from which the first one may be the title */
#define LONGEST 160        /* bytes of a heading */
#define MOST_HEADINGS 1500 /* more of them are none: it is set in many sizes */
#define STEP 5             /* tenths of a point that are one size */
#define DEEPEST 6

struct heading {
    size_t at, end;
    int size, level; /* level 0: no bookmark names it */
    int page;
};

struct writing {
    const struct pdf *p;
    struct document_reading *r;
    int pitch;
    size_t mark; /* the first bookmark that is not behind */
    struct heading *headings;
    size_t n_headings, max_headings;
    bool failed;
};

/* ---- headings ---- */

/* Whether two texts are the same but for blanks and capitals. */
static bool same_words(const char *a, size_t n, const char *b, size_t m)
{
    size_t i = 0, k = 0, la, lb;
    for (;;) {
        while (i < n && a[i] == ' ')
            i++;
        while (k < m && b[k] == ' ')
            k++;
        if (i >= n || k >= m)
            return i >= n && k >= m;
        if (utf8_small(utf8_decode(a + i, n - i, &la)) != utf8_small(utf8_decode(b + k, m - k, &lb)))
            return false;
        i += la;
        k += lb;
    }
}

/* The level of the bookmark that names these words on this page; 0: there is none. */
static int named(struct writing *w, const char *s, size_t n, int page)
{
    const struct pdf *p = w->p;
    if (!n || n > LONGEST)
        return 0;
    while (w->mark < p->n_bookmarks && p->bookmarks[w->mark].page < page)
        w->mark++;
    for (size_t i = w->mark; i < p->n_bookmarks && p->bookmarks[i].page == page; i++)
        if (p->bookmarks[i].n && same_words(s, n, p->bookmarks[i].title, p->bookmarks[i].n))
            return p->bookmarks[i].level;
    return 0;
}

static bool is_large(const struct writing *w, const char *s, size_t n, int size)
{
    return n && n <= LONGEST && (int64_t)size * 100 >= (int64_t)w->p->body * LARGER && !pdf_ends_sentence(s, n) &&
           s[n - 1] != ',' && (n < 3 || memcmp(s + n - 3, "，", 3) != 0);
}

/* A paragraph is whole: bytes from at on. */
static void look_at(struct writing *w, size_t at, int size, int page)
{
    const char *s = buf_str(&w->r->text) + at;
    size_t n = w->r->text.len - at;
    int level = w->r->text.failed ? 0 : named(w, s, n, page);
    if (w->r->text.failed || (!level && !is_large(w, s, n, size)) || pdf_leads(s, n))
        return;
    struct heading *list = mem_grow(w->headings, w->n_headings, &w->max_headings, sizeof(*list));
    w->failed = w->failed || !list;
    if (!list)
        return;
    w->headings = list;
    list[w->n_headings++] = (struct heading){ at, at + n, size / STEP, level, page };
}

/* How many sizes of headings are larger than that, but for the first of them. */
static int larger_ones(const struct writing *w, size_t from, int size)
{
    int sizes[DEEPEST], n = 0;
    for (size_t i = from; i < w->n_headings && n < DEEPEST; i++) {
        bool known = w->headings[i].size <= size;
        for (int k = 0; k < n; k++)
            known = known || sizes[k] == w->headings[i].size;
        if (!known)
            sizes[n++] = w->headings[i].size;
    }
    return n;
}

/* The first heading is the title: it stands on the first page, and no other is as large. */
static bool has_title(const struct writing *w)
{
    const struct heading *first = w->headings;
    struct place_number number;
    const char *s = buf_str(&w->r->text);
    if (!w->n_headings || first->page || first->size * STEP * 100 < w->p->body * TITLE ||
        place_number(s + first->at, first->end - first->at, &number) ||
        place_named(s + first->at, first->end - first->at))
        return false;
    for (size_t i = 1; i < w->n_headings; i++)
        if (w->headings[i].size >= first->size)
            return false;
    return true;
}

/* Of a heading than which so many sizes are larger: 2.1 lies in 2, and an article in a chapter, also where they are set alike. Where bookmarks
 * name headings, the others lie in those, but for numbers. */
static int level_of(const char *s, size_t n, bool marked, int larger)
{
    struct place_number number = { .kind = PLACE_NONE };
    int least = 2;
    if (place_number(s, n, &number))
        least = number.kind == PLACE_BARE ? 1 + number.n : place_level(&number);
    if (marked)
        return number.kind == PLACE_BARE ? least : DEEPEST;
    return 2 + larger > least ? 2 + larger : least;
}

static void add_marks(struct writing *w)
{
    const char *s = buf_str(&w->r->text);
    bool marked = false, title = has_title(w);
    for (size_t i = 0; i < w->n_headings; i++)
        marked = marked || w->headings[i].level;
    if (title && !*w->r->title)
        document_one_line(s + w->headings[0].at, w->headings[0].end - w->headings[0].at, w->r->title,
                          sizeof(w->r->title));
    for (size_t i = title; i < w->n_headings; i++) {
        const struct heading *h = &w->headings[i];
        if (h->level)
            document_add_mark(w->r, h->at, h->end, 1 + h->level);
        else if (w->n_headings <= MOST_HEADINGS)
            document_add_mark(w->r, h->at, h->end,
                              level_of(s + h->at, h->end - h->at, marked, larger_ones(w, title, h->size)));
    }
}

/* ---- the text ---- */

/* A word that goes on elsewhere keeps its stroke. */
static void end_word(struct buf *text)
{
    if (!text->failed && text->len > 2 && memcmp(text->data + text->len - 2, "\u00AD", 2) == 0) {
        text->len -= 2;
        buf_puts(text, "-");
    }
}

static void write_page(struct writing *w, size_t page)
{
    const struct pdf *p = w->p;
    struct buf *text = &w->r->text;
    size_t last = SIZE_MAX, at = text->len, to = pdf_page_end(p, page);
    for (size_t i = p->pages[page]; i < to && !text->failed; i++) {
        const struct pdf_line *l = &p->lines[i];
        if (l->dropped)
            continue;
        if (last != SIZE_MAX && !pdf_goes_on(p, last, i, w->pitch)) {
            end_word(text);
            look_at(w, at, p->lines[last].size, (int)page);
            buf_puts(text, "\n\n");
            at = text->len;
        }
        pdf_join(text, l->text, l->n);
        last = i;
    }
    if (last != SIZE_MAX) {
        end_word(text);
        look_at(w, at, p->lines[last].size, (int)page);
        buf_puts(text, "\n\n");
    }
}

/* "Microsoft Word - lease.docx" is what a program called it. */
static void take_title(struct document_reading *r, const char *told)
{
    static const char *const by_programs[] = { "Microsoft Word - ", "Microsoft PowerPoint - ", NULL };
    static const char *const none[] = { "untitled", "title", "document", "无标题", "about:blank", NULL };
    for (size_t i = 0; by_programs[i]; i++)
        if (strncmp(told, by_programs[i], strlen(by_programs[i])) == 0)
            told += strlen(by_programs[i]);
    snprintf(r->title, sizeof(r->title), "%s", told);
    char *dot = strrchr(r->title, '.');
    if (dot && dot > r->title && isalpha((unsigned char)dot[1]) && strlen(dot) <= 5 && strlen(dot) > 2 &&
        !strchr(dot, ' '))
        *dot = '\0';
    for (size_t i = 0; none[i]; i++)
        if (strcasecmp(r->title, none[i]) == 0)
            *r->title = '\0';
}

static int refuse_empty(const struct pdf *p, anima_error *err)
{
    if (p->letters > p->nameless * 2)
        return ANIMA_OK;
    return err_set(err, ANIMA_E_UNSUPPORTED,
                   "there is no text in this PDF, only %s; a program that reads pictures (OCR) puts text into it, for "
                   "example ocrmypdf FILE.pdf NEW.pdf, and then it can be given",
                   p->letters ? "shapes of letters without their names" : "pictures of its pages");
}

static int write_text(struct writing *w, anima_error *err)
{
    w->pitch = pdf_pitch(w->p);
    for (size_t i = 0; i < w->p->n_pages && !w->r->text.failed; i++) {
        if (i)
            buf_puts(&w->r->text, "\f");
        write_page(w, i);
    }
    add_marks(w);
    return w->failed || w->r->failed || !w->pitch ? err_set(err, ANIMA_E_NOMEM, "out of memory for the PDF") : ANIMA_OK;
}

int document_pdf(struct document_reading *r, const char *lines, size_t n, anima_error *err)
{
    struct pdf p;
    struct writing w = { .p = &p, .r = r };
    int rc = pdf_told(lines, n, &p, err);
    rc = rc ? rc : refuse_empty(&p, err);
    if (!rc && !pdf_drop_heads(&p))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the PDF");
    if (!rc) {
        take_title(r, p.title);
        rc = write_text(&w, err);
    }
    mem_free(w.headings);
    pdf_finish(&p);
    return rc;
}
