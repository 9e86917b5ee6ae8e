/* private.h — a document while it is read: what the readers of the forms hand to the outline and the cutter. */
#ifndef DOCUMENT_PRIVATE_H
#define DOCUMENT_PRIVATE_H
#include "base/buf.h"
#include "document/document.h"

/* A heading that the form says is one: bytes [at, end) of the text. */
struct document_mark {
    size_t at, end;
    int level;
};

/* A page begins. */
struct document_page {
    size_t at;
    int number;
};

struct document_reading {
    struct buf text;
    char title[DOCUMENT_MAX_TITLE + 1];
    struct document_mark *marks; /* ascending */
    size_t n_marks, max_marks;
    struct document_page *pages; /* ascending */
    size_t n_pages, max_pages;
    bool failed; /* out of memory */
};

void document_reading_init(struct document_reading *r);
void document_reading_finish(struct document_reading *r);
void document_add_mark(struct document_reading *r, size_t at, size_t end, int level);
void document_add_page(struct document_reading *r, size_t at, int number);

/* decode.c: the text of n bytes, as UTF-8 behind what out has. charset: what the file says of itself, or NULL. ANIMA_E_INVALID: it is none. */
int document_decode(const char *data, size_t n, const char *charset, struct buf *out, anima_error *err);
/* html.c: n bytes of a page in UTF-8, behind what r has. */
void document_html(struct document_reading *r, const char *s, size_t n);
/* The charset that a page says it is in; "": it does not. */
void document_html_charset(const char *s, size_t n, char out[32]);
/* The value of an attribute of a tag (n bytes from its name on), in out (size bytes with the NUL); "": it is not there. */
void document_attribute(const char *tag, size_t n, const char *name, char *out, size_t size);
/* Copies a line into out (size bytes with the NUL): blanks are one, none at its ends, cut at a character. */
void document_one_line(const char *s, size_t n, char *out, size_t size);
/* epub.c */
int document_epub(struct document_reading *r, const char *data, size_t n, anima_error *err);
/* pdf.c: what the process that reads PDFs told of one (pdf.h). */
int document_pdf(struct document_reading *r, const char *lines, size_t n, anima_error *err);
/* outline.c: the sections and, of text, its pages and the headings of Markdown. false: out of memory. */
bool document_outline(struct document *d, struct document_reading *r, anima_error *err);
/* cut.c: the passages, by sections and pages. */
int document_cut(struct document *d, const struct document_reading *r, anima_error *err);
#endif
