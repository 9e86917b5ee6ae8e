/* driver_pdf.c — the words of a PDF through PDFium, which is C++ that reads foreign bytes: it never runs anywhere but here. The library is loaded
 * before the jail closes and before a byte of the file has come; then one file comes ("document"), and a page a step goes back as lines with their
 * places ("lines", host/pdf_lines.h). One file at a time, one thread. Files that never end are the caller's to kill; the limits of memory and of
 * time at the processor (cpu_limit_s) end the process by themselves. */
#include "host/driver.h"

#include "base/err.h"
#include "base/mem.h"
#include "host/pdf_lines.h"

#include <stdio.h>
#include <string.h>

#define MAX_PAGES 10000
#define MAX_LINES ((size_t)16 << 20) /* bytes of one page's lines */

struct pdf_state {
    struct host *host;
    struct pdfium pdfium;
    int64_t id; /* 0: nothing is read */
    char *file;
    FPDF_DOCUMENT document;
    int pages, next;
};

static const struct host_option options[] = {
    { "memory_limit_mb", "1024", "address space it may take, in MiB; 0: no limit" },
    { "cpu_limit_s", "120", "seconds of computing after which it is ended; 0: no limit" },
    { NULL, NULL, NULL },
};

/* The library, and those of the system that it is linked to. */
static size_t pdf_reads(const struct host_config *config, char paths[][512], size_t max)
{
    static const char *const system[] = { "/etc/ld.so.cache", "/lib", "/lib64", "/usr/lib" };
    size_t n = 0;
    for (; n < sizeof(system) / sizeof(system[0]) && n < max; n++)
        snprintf(paths[n], 512, "%s", system[n]);
    if (*config->model && n < max)
        snprintf(paths[n++], 512, "%s", config->model);
    return n;
}

static int pdf_open(struct host *host, const struct host_config *config, void **out, anima_error *err)
{
    struct pdf_state *s = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    *out = s;
    s->host = host;
    return pdfium_load(config->model, &s->pdfium, err);
}

static void pdf_describe(void *state, struct jw *w)
{
    (void)state;
    jw_int(w, "slots", 1);
    jw_str(w, "backend", "PDFium");
    jw_int(w, "threads", 1);
}

static void end(struct pdf_state *s)
{
    if (s->document)
        s->pdfium.FPDF_CloseDocument(s->document);
    mem_free(s->file);
    s->document = NULL;
    s->file = NULL;
    s->id = 0;
}

static int why_not(unsigned long why, anima_error *err)
{
    if (why == FPDF_ERR_PASSWORD || why == FPDF_ERR_SECURITY)
        return err_set(err, ANIMA_E_UNSUPPORTED,
                       "the PDF is encrypted and needs its password; save it without one and give that");
    return err_set(err, ANIMA_E_INVALID, "the PDF is damaged, or is none");
}

static int load(struct pdf_state *s, const void *data, size_t n, anima_error *err)
{
    s->file = mem_alloc(n + 1);
    if (!s->file)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the PDF");
    if (n)
        memcpy(s->file, data, n);
    s->document = s->pdfium.FPDF_LoadMemDocument64(s->file, n, NULL);
    if (!s->document)
        return why_not(s->pdfium.FPDF_GetLastError(), err);
    s->pages = s->pdfium.FPDF_GetPageCount(s->document);
    s->next = 0;
    if (s->pages < 1)
        return err_set(err, ANIMA_E_INVALID, "the PDF has no pages");
    return s->pages <= MAX_PAGES ? ANIMA_OK
                                 : err_set(err, ANIMA_E_LIMIT, "the PDF has %d pages, more than %d; give it in parts",
                                           s->pages, MAX_PAGES);
}

static int pdf_document(void *state, int64_t id, const void *data, size_t n, anima_error *err)
{
    struct pdf_state *s = state;
    if (s->id)
        return err_set(err, ANIMA_E_BUSY, "another PDF is being read");
    int rc = load(s, data, n, err);
    if (rc)
        end(s);
    else
        s->id = id;
    return rc;
}

static void pdf_cancel(void *state, int64_t id)
{
    struct pdf_state *s = state;
    if (!id || id != s->id)
        return;
    host_done(s->host, id, "cancelled", &(struct host_count){ 0 });
    end(s);
}

static int pdf_step(void *state)
{
    struct pdf_state *s = state;
    struct buf lines;
    if (!s->id)
        return -1;
    buf_init(&lines, MAX_LINES);
    if (!s->next)
        pdf_lines_head(&s->pdfium, s->document, &lines);
    pdf_lines_page(&s->pdfium, s->document, s->next++, &lines);
    bool over = lines.failed || s->next == s->pages;
    if (lines.failed)
        host_fail(s->host, s->id, lines.failed,
                  lines.failed == ANIMA_E_LIMIT ? "a page of the PDF has too much text"
                                                : "out of memory for a page of the PDF");
    else
        host_lines(s->host, s->id, s->next, s->pages, &lines);
    if (over && !lines.failed)
        host_done(s->host, s->id, "stop", &(struct host_count){ 0 });
    if (over)
        end(s);
    buf_finish(&lines);
    return over ? -1 : 0;
}

static void pdf_close(void *state)
{
    struct pdf_state *s = state;
    end(s);
    pdfium_unload(&s->pdfium);
    mem_free(s);
}

const struct host_driver driver_pdf = {
    .name = "pdf",
    .summary = "the words of a PDF, with their places; --model is PDFium's library",
    .options = options,
    .reads = pdf_reads,
    .open = pdf_open,
    .describe = pdf_describe,
    .document = pdf_document,
    .cancel = pdf_cancel,
    .step = pdf_step,
    .close = pdf_close,
};
