/* document.h — a file that somebody gives a character, read: its text, its outline (headings with numbers, titles and pages), and the passages
 * it is searched by. The pure part of documents; any thread.
 *
 *   text       UTF-8, UTF-16 with its mark, GB18030 where that is plain. Form feeds (as pdftotext makes them) begin pages. Kept byte by byte,
 *              but for its encoding.
 *   Markdown   the same; headings are #, ##, … and underlined lines. One without any is read as text.
 *   HTML       its readable words: headings h1 to h6, a block a line; no scripts, styles, navigation. Pages where it says so (doc-pagebreak).
 *   EPUB       the chapters of its spine, in their order, each read as HTML; nothing that is encrypted.
 *   PDF        is taken apart by another process (src/host/driver_pdf.c) into lines and where they stand; these become paragraphs, pages and headings
 *              here. Running heads and the numbers of pages are left out, words that the end of a line had cut are whole again.
 *   the rest   is refused with what to do: Office files, pictures.
 *
 * Headings of text are lines that look like it, in Chinese and English: "Chapter 2: Rent", "第二章 租金", "3.2 Deposit", "§ 4", "Appendix A",
 * "一、总则", "Introduction", 前言, lines of capitals. An article that goes on in its line ("4. Deposit. The tenant pays …", 第三条 …) begins a
 * section, too, and its line belongs to the text. Lines of a table of contents are none.
 *
 * Passages lie side by side and are the whole text: of a section and a page, of whole paragraphs while these are short. */
#ifndef DOCUMENT_DOCUMENT_H
#define DOCUMENT_DOCUMENT_H
#include "anima/anima.h"
#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

#define DOCUMENT_MAX_FILE ((size_t)32 << 20) /* bytes of a file */
#define DOCUMENT_MAX_TEXT ((size_t)6 << 20)  /* of the text that is in it: some twenty novels are more */
#define DOCUMENT_MAX_SECTIONS 4000
#define DOCUMENT_MAX_PASSAGES 30000
#define DOCUMENT_MAX_TITLE 200 /* bytes */
#define DOCUMENT_MAX_NUMBER 48 /* bytes of "第一百二十三章" */
#define DOCUMENT_LEVELS 12
#define DOCUMENT_PASSAGE 640 /* bytes of a passage, at most; blanks at its end do not count */

enum document_form { DOCUMENT_TEXT, DOCUMENT_MARKDOWN, DOCUMENT_HTML, DOCUMENT_EPUB, DOCUMENT_PDF };
extern const char *const document_form_names[5]; /* "text", "markdown", "html", "epub", "pdf" */

struct document_section {
    int level;          /* 1 …: a smaller one holds those behind it that are larger */
    int parent;         /* place of the section it is in; -1: none */
    int page;           /* where it begins; 0: the document has no pages */
    size_t start, end;  /* bytes of the text, with the sections in it; the heading stands at start, */
    size_t body;        /* and its text begins here; start: the heading stands in its line */
    const char *number; /* "3.2", "Chapter 2", "第二章"; "": none */
    const char *title;  /* "": none; one of both is there */
};

struct document_passage {
    int section;       /* the innermost; -1: in front of all */
    int page;          /* 0: no pages */
    int first, last;   /* paragraphs of the document, from 1 */
    size_t start, end; /* bytes of the text */
    size_t head;       /* of them, so many are the heading it begins with */
};

struct document {
    struct arena arena; /* all of it */
    enum document_form form;
    const char *title; /* what it calls itself; "": it does not */
    const char *text;  /* n bytes of UTF-8 without NUL */
    size_t n;
    int pages; /* the number of the last one; 0: it has none */
    struct document_section *sections;
    size_t n_sections;
    struct document_passage *passages; /* passages[0].start is 0, each begins where the one before it ends */
    size_t n_passages;
};

/* Reads n bytes of a file of that name (which may say what it is; "": unknown). ANIMA_E_INVALID: it is damaged, or nothing is in it;
 * ANIMA_E_UNSUPPORTED: it is of a kind that is not read; ANIMA_E_LIMIT; ANIMA_E_NOMEM. *out is yours to document_free. */
int document_read(const char *name, const char *data, size_t n, struct document **out, anima_error *err);
/* Whether n bytes are a PDF: document_read refuses one. */
bool document_is_pdf(const char *data, size_t n);
/* The same for what the process that reads PDFs told of one. ANIMA_E_UNSUPPORTED: there is no text in it. */
int document_read_pdf(const char *lines, size_t n, struct document **out, anima_error *err);
void document_free(struct document *d); /* NULL is legal */
#endif
