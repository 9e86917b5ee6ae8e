/* pdf.h — a PDF is taken apart by a process that lives for that only: an anima-engine of the driver pdf, in the same jail as models. It gets the bytes,
 * tells lines and where they stand (src/host/pdf_lines.h), and ends; if it dies, or takes too long, that is told, and nothing else happens. Nothing it
 * tells is believed here: document_read_pdf checks it. Loop thread. */
#ifndef ENGINE_PDF_H
#define ENGINE_PDF_H
#include "anima/anima.h"
#include "loop/loop.h"

#include <stddef.h>

struct pdf_reading;

/* What is needed for it; borrowed during the call. */
struct pdf_reader {
    const char *program; /* anima-engine */
    const char *library; /* PDFium's; NULL: it is not here, and the answer says what to do */
    const char *runtime; /* NULL, or the folder of the libraries that anima-engine needs */
    int seconds;         /* for all of it, and of computing */
};

/* rc ANIMA_OK: n bytes of lines, valid during the call. ANIMA_E_LIMIT: it took too long, or is too large; ANIMA_E_ENGINE: the process died;
 * ANIMA_E_FORBIDDEN: this kernel has no jail for it; ANIMA_E_INVALID, ANIMA_E_UNSUPPORTED: what is wrong with the file. */
typedef void pdf_told_fn(void *ctx, int rc, const anima_error *err, const char *lines, size_t n);
/* Copies data. cb comes later, once, and not after pdf_abandon. */
int pdf_read(struct loop *loop, const struct pdf_reader *reader, const char *data, size_t n, pdf_told_fn *cb, void *ctx,
             struct pdf_reading **out, anima_error *err);
void pdf_abandon(struct pdf_reading *r); /* NULL is legal; not inside cb */
#endif
