#include "host/pdf_lines.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <math.h>
#include <stdint.h>

#define MAX_TITLE 1024 /* bytes of UTF-16 */
#define MAX_BOOKMARKS 4000
#define MAX_DEPTH 12
#define MAX_PAGE_CHARS 400000
#define SHY 0x00AD
#define FAR 1000000.0

/* ---- letters ---- */

/* Letters that name none: what fonts keep for themselves, half pairs, controls, marks of order. */
static bool is_letter(uint32_t c)
{
    return c > 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0) && !(c >= 0xD800 && c < 0xE000) && c != 0xFEFF &&
           c != 0xFFFE && c != 0xFFFF && c <= 0x10FFFF && c != SHY;
}

static void put(struct buf *out, uint32_t c)
{
    char bytes[4];
    buf_append(out, bytes, utf8_encode(c, bytes));
}

/* Titles: UTF-16LE, n bytes with the NUL. Whatever is no letter is a blank. */
static void put_wide(struct buf *out, const unsigned char *s, unsigned long n)
{
    for (unsigned long i = 0; i + 1 < n; i += 2) {
        uint32_t c = (uint32_t)(s[i] | s[i + 1] << 8), low = i + 3 < n ? (uint32_t)(s[i + 2] | s[i + 3] << 8) : 0;
        if (!c)
            return;
        if (c >= 0xD800 && c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        }
        put(out, is_letter(c) ? c : ' ');
    }
}

/* ---- what stands in front of the pages ---- */

struct marking {
    const struct pdfium *p;
    FPDF_DOCUMENT document;
    struct buf *out;
    int left; /* bookmarks; a file may have them in a circle */
};

static void put_bookmark(struct marking *m, FPDF_BOOKMARK mark, int level)
{
    unsigned char title[MAX_TITLE];
    unsigned long n = m->p->FPDFBookmark_GetTitle(mark, title, sizeof(title));
    FPDF_DEST to = m->p->FPDFBookmark_GetDest(m->document, mark);
    int page = to ? m->p->FPDFDest_GetDestPageIndex(m->document, to) + 1 : 0;
    if (!n || n > sizeof(title))
        return;
    buf_printf(m->out, "B\t%d\t%d\t", level, page > 0 ? page : 0);
    put_wide(m->out, title, n);
    buf_puts(m->out, "\n");
}

static void put_bookmarks(struct marking *m, FPDF_BOOKMARK parent, int level)
{
    FPDF_BOOKMARK mark = m->p->FPDFBookmark_GetFirstChild(m->document, parent);
    for (; mark && m->left-- > 0; mark = m->p->FPDFBookmark_GetNextSibling(m->document, mark)) {
        put_bookmark(m, mark, level);
        if (level < MAX_DEPTH)
            put_bookmarks(m, mark, level + 1);
    }
}

void pdf_lines_head(const struct pdfium *p, FPDF_DOCUMENT document, struct buf *out)
{
    unsigned char title[MAX_TITLE];
    unsigned long n = p->FPDF_GetMetaText(document, "Title", title, sizeof(title));
    if (n > 2 && n <= sizeof(title)) {
        buf_puts(out, "T\t");
        put_wide(out, title, n);
        buf_puts(out, "\n");
    }
    struct marking m = { p, document, out, MAX_BOOKMARKS };
    put_bookmarks(&m, NULL, 1);
}

/* ---- pages ---- */

struct place {
    double left, right, base, size; /* from the left and the top of the page as it is looked at */
};

struct walking {
    const struct pdfium *p;
    FPDF_TEXTPAGE text;
    struct buf *out;
    int rotation;
    double width, height; /* as it is looked at */
    struct buf line;
    struct place at;
    double sizes; /* the sum over its letters */
    int letters;
    bool gap; /* a blank is due */
};

static int tenths(double x) { return isfinite(x) ? (int)lround(fmax(-FAR, fmin(FAR, x)) * 10) : 0; }

/* A point of the page becomes one of what is looked at, from its top. */
static void turn(const struct walking *w, double x, double y, double *right, double *down)
{
    switch (w->rotation) {
    case 1:
        *right = y;
        *down = x;
        return;
    case 2:
        *right = w->width - x;
        *down = y;
        return;
    case 3:
        *right = w->width - y;
        *down = w->height - x;
        return;
    default: *right = x; *down = w->height - y;
    }
}

static bool place_of(const struct walking *w, int i, struct place *out)
{
    FS_RECTF box;
    double x, y, x1, y1, x2, y2, right;
    if (!w->p->FPDFText_GetLooseCharBox(w->text, i, &box) || !w->p->FPDFText_GetCharOrigin(w->text, i, &x, &y))
        return false;
    turn(w, box.left, box.bottom, &x1, &y1);
    turn(w, box.right, box.top, &x2, &y2);
    turn(w, x, y, &right, &out->base);
    out->left = fmin(x1, x2);
    out->right = fmax(x1, x2);
    out->size = fabs(y2 - y1);
    return isfinite(out->left + out->right + out->base + out->size);
}

static void end_line(struct walking *w)
{
    if (w->letters) {
        buf_printf(w->out, "L\t%d\t%d\t%d\t%d\t", tenths(w->at.left), tenths(w->at.right), tenths(w->at.base),
                   tenths(w->sizes / w->letters));
        buf_append(w->out, buf_str(&w->line), w->line.len);
        buf_puts(w->out, "\n");
    }
    if (w->line.failed && !w->out->failed)
        w->out->failed = w->line.failed;
    buf_reset(&w->line);
    w->letters = 0;
    w->sizes = 0;
    w->gap = false;
}

static void add_letter(struct walking *w, int i, uint32_t c)
{
    struct place at;
    bool placed = place_of(w, i, &at);
    if (!w->letters && !placed)
        return; /* a line that is nowhere */
    if (w->gap && w->letters)
        put(&w->line, ' ');
    w->gap = false;
    put(&w->line, c);
    if (!w->letters)
        w->at = at;
    if (placed) {
        w->at.left = fmin(w->at.left, at.left);
        w->at.right = fmax(w->at.right, at.right);
    }
    w->sizes += placed ? at.size : w->sizes / w->letters;
    w->letters++;
}

/* PDFium has put a word together that a line's end had cut: the line ends here all the same, so that each has its place. */
static void end_in_word(struct walking *w)
{
    if (w->letters)
        put(&w->line, SHY);
    end_line(w);
}

static void walk(struct walking *w, int n)
{
    for (int i = 0; i < n && !w->out->failed; i++) {
        uint32_t c = w->p->FPDFText_GetUnicode(w->text, i), low = 0;
        if (c == '\n' || c == '\r')
            end_line(w);
        else if (c == 2 || c == 0xFFFE || w->p->FPDFText_IsHyphen(w->text, i) == 1)
            end_in_word(w);
        else if (c == ' ' || c == '\t' || c == 0xA0 || c == 0x3000)
            w->gap = true;
        else if (c >= 0xD800 && c < 0xDC00 && i + 1 < n &&
                 (low = w->p->FPDFText_GetUnicode(w->text, i + 1)) >= 0xDC00 && low < 0xE000)
            add_letter(w, i++, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
        else if (is_letter(c))
            add_letter(w, i, c);
    }
    end_line(w);
}

void pdf_lines_page(const struct pdfium *p, FPDF_DOCUMENT document, int index, struct buf *out)
{
    FPDF_PAGE page = p->FPDF_LoadPage(document, index);
    struct walking w = { .p = p, .out = out };
    if (page) {
        w.rotation = p->FPDFPage_GetRotation(page);
        w.width = p->FPDF_GetPageWidthF(page);
        w.height = p->FPDF_GetPageHeightF(page);
        w.text = p->FPDFText_LoadPage(page);
    }
    buf_printf(out, "P\t%d\t%d\n", tenths(w.width), tenths(w.height));
    if (w.text) {
        int n = p->FPDFText_CountChars(w.text);
        buf_init(&w.line, MAX_PAGE_CHARS * 4);
        if (n > MAX_PAGE_CHARS)
            out->failed = ANIMA_E_LIMIT; /* better none of it than a part that nobody knows to be one */
        else
            walk(&w, n);
        buf_finish(&w.line);
        p->FPDFText_ClosePage(w.text);
    }
    if (page)
        p->FPDF_ClosePage(page);
}
