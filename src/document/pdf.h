/* pdf.h — the lines of a PDF's pages, as the process that reads PDFs tells them (src/host/pdf_lines.h has the form; docs/engine-protocol.md, "lines"),
 * while they become a text. Private to pdf*.c. Nothing of what is told is believed: it comes from a process that has read foreign bytes. */
#ifndef DOCUMENT_PDF_H
#define DOCUMENT_PDF_H
#include "base/arena.h"
#include "document/private.h"

#include <stdint.h>

#define PDF_MAX_PAGES 10000
#define PDF_MAX_LINES 1000000
#define PDF_MAX_BOOKMARKS 4000 /* those behind are left out */

/* Lengths are tenths of a point; base grows down the page. */
struct pdf_line {
    const char *text; /* n bytes, at least one, without blanks at its ends; it may end with U+00AD: a word goes on */
    size_t n;
    int left, right, base, size;
    int page;     /* from 0 */
    bool dropped; /* a running head, or a page's number */
};

struct pdf_bookmark {
    int level, page; /* page from 0; -1: none */
    const char *title;
    size_t n;
};

struct pdf {
    struct arena arena; /* texts */
    char title[DOCUMENT_MAX_TITLE + 1];
    struct pdf_line *lines; /* of all pages, in the order of the file */
    size_t n_lines, max_lines;
    size_t *pages; /* of each the place of its first line */
    size_t n_pages, max_pages;
    struct pdf_bookmark *bookmarks; /* in the order of their pages */
    size_t n_bookmarks, max_bookmarks;
    size_t letters, nameless; /* characters on the pages; of them, those that name no letter */
    int body;                 /* the size of most letters */
};

/* pdf_told.c. *out is to be pdf_finish'ed in every case. ANIMA_E_INVALID: that is not the form. */
int pdf_told(const char *lines, size_t n, struct pdf *out, anima_error *err);
void pdf_finish(struct pdf *p);
/* The line behind the last one of a page. */
size_t pdf_page_end(const struct pdf *p, size_t page);
/* pdf_heads.c: drops what repeats at the edges of pages. false: out of memory. */
bool pdf_drop_heads(struct pdf *p);
/* pdf_flow.c: from one base to the next within a paragraph, in hundredths of the size. 0: out of memory. */
int pdf_pitch(const struct pdf *p);
/* Whether line b goes on with the paragraph of line a, which is the one in front of it of those that were kept. */
bool pdf_goes_on(const struct pdf *p, size_t a, size_t b, int pitch);
/* A sentence, or a part of one, ends there. */
bool pdf_ends_sentence(const char *s, size_t n);
/* A line of a table of contents, with its points. */
bool pdf_leads(const char *s, size_t n);
/* pdf_join.c: puts a line behind the paragraph in text, which ends with another line. */
void pdf_join(struct buf *text, const char *s, size_t n);
#endif
