/* pdf_lines.h — what a PDF's pages say, line by line, with where each line stands: what src/document/pdf.c makes paragraphs and headings of. A line
 * each, its parts between tabs; lengths are whole tenths of a point, from the page's left and top:
 *
 *   T  title                                what the file says it is called, if it does
 *   B  level  page  title                   a bookmark: level 1 …, page 1 … (0: of none)
 *   P  width  height                        a page begins
 *   L  left  right  base  size  text        a line of it, in the order of the file; base: where its letters stand
 *
 * Texts are UTF-8 without control characters. A line that ends within a word ends with U+00AD. */
#ifndef HOST_PDF_LINES_H
#define HOST_PDF_LINES_H
#include "base/buf.h"
#include "host/pdfium.h"

/* T and B, behind what out has. */
void pdf_lines_head(const struct pdfium *p, FPDF_DOCUMENT document, struct buf *out);
/* P and its L of the page at index, behind what out has; of a page that is damaged only P. */
void pdf_lines_page(const struct pdfium *p, FPDF_DOCUMENT document, int index, struct buf *out);
#endif
