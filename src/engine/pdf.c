/* pdf.c — the daemon's half of reading a PDF.
 *
 * Life:  started → ("ready") the file is sent → "lines" … → "done"
 * In every state "failed", "error", the end of the process and the end of the time end it, once; then the process is let go of, which closes its
 * socket and kills it 2 s later if it is still there. One that took too long is killed at once. */
#include "engine/pdf.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_private.h"
#include "loop/child.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ID 1
#define MAX_LINES ((size_t)64 << 20) /* of all pages: a text of 6 MiB has some 12 */
#define MAX_HEAD 65536

struct pdf_reading {
    struct child *child;
    struct loop_timer *timer;
    pdf_told_fn *cb;
    void *ctx;
    char *file; /* until it is sent */
    size_t n;
    int seconds;
    struct buf lines;
    bool sent;
};

static void reading_free(struct pdf_reading *r)
{
    child_release(r->child);
    loop_timer_destroy(r->timer);
    buf_finish(&r->lines);
    mem_free(r->file);
    mem_free(r);
}

static void end(struct pdf_reading *r, int rc, const anima_error *err)
{
    r->cb(r->ctx, rc, err, rc ? NULL : buf_str(&r->lines), rc ? 0 : r->lines.len);
    reading_free(r);
}

/* ---- what it tells ---- */

/* Its own words for what is wrong: foreign, like all it says. */
static void end_as_told(struct pdf_reading *r, yyjson_val *head)
{
    static const int codes[] = { ANIMA_E_INVALID,   ANIMA_E_UNSUPPORTED, ANIMA_E_LIMIT,
                                 ANIMA_E_FORBIDDEN, ANIMA_E_NOT_FOUND,   ANIMA_E_NOMEM };
    const char *code = json_str(head, "code", ""), *message = json_str(head, "message", "");
    char text[256];
    anima_error err;
    int rc = ANIMA_E_ENGINE;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (strcmp(code, anima_error_name(codes[i])) == 0)
            rc = codes[i];
    utf8_clean(message, strlen(message), text, sizeof(text));
    end(r, rc, (err_set(&err, rc, "%s", *text ? text : "what reads PDFs gave up and did not say why"), &err));
}

static void send_file(struct pdf_reading *r)
{
    char head[48];
    anima_error err;
    int len = snprintf(head, sizeof(head), "{\"type\":\"document\",\"id\":%d}", ID);
    int rc = r->sent ? err_set(&err, ANIMA_E_ENGINE, "what reads PDFs said twice that it is ready")
                     : child_send(r->child, head, (size_t)len, r->file, r->n, &err);
    r->sent = true;
    mem_free(r->file);
    r->file = NULL;
    if (rc)
        end(r, rc, &err);
}

static void take_lines(struct pdf_reading *r, const struct frame *f)
{
    anima_error err;
    if (!r->sent) {
        err_set(&err, ANIMA_E_ENGINE, "what reads PDFs told of a PDF that it was not given");
        end(r, err.code, &err);
        return;
    }
    int rc = f->raw_len ? buf_append(&r->lines, f->raw, f->raw_len) : ANIMA_OK;
    if (rc == ANIMA_E_LIMIT)
        end(r, rc, (err_set(&err, rc, "the PDF has too much text; give it in parts"), &err));
    else if (rc)
        end(r, rc, (err_set(&err, rc, "out of memory for the PDF"), &err));
}

static void on_frame(void *ctx, const struct frame *f)
{
    struct pdf_reading *r = ctx;
    yyjson_doc *doc;
    anima_error err;
    int rc = json_parse(f->head, f->head_len, MAX_HEAD, "what reads PDFs", &doc, &err);
    if (rc) {
        end(r, ANIMA_E_ENGINE, &err);
        return;
    }
    yyjson_val *head = yyjson_doc_get_root(doc);
    const char *type = json_str(head, "type", "");
    if (strcmp(type, "ready") == 0)
        send_file(r);
    else if (strcmp(type, "lines") == 0)
        take_lines(r, f);
    else if (strcmp(type, "failed") == 0 || strcmp(type, "error") == 0)
        end_as_told(r, head);
    else if (strcmp(type, "done") == 0 && r->sent)
        end(r, ANIMA_OK, (err_set(&err, ANIMA_OK, "%s", ""), &err));
    else if (strcmp(type, "loading") != 0)
        end(r, ANIMA_E_ENGINE, (err_set(&err, ANIMA_E_ENGINE, "what reads PDFs said what it never says"), &err));
    yyjson_doc_free(doc);
}

/* ---- its end ---- */

static void say_slow(const struct pdf_reading *r, anima_error *err)
{
    err_set(err, ANIMA_E_LIMIT,
            "reading the PDF took more than %d s and was given up; give it in parts, or allow it more time "
            "(document.pdf_seconds)",
            r->seconds);
}

static void on_gone(void *ctx, int status, int signal, const char *last_words)
{
    struct pdf_reading *r = ctx;
    anima_error err;
    if (signal == SIGXCPU)
        say_slow(r, &err);
    else if (signal)
        err_set(
            &err, ANIMA_E_ENGINE,
            "what reads PDFs died of this one (signal %d): it is damaged, or meant to do harm; it was jailed, nothing "
            "else is touched%s%.100s",
            signal, *last_words ? ". It said: " : "", last_words);
    else
        err_set(&err, ANIMA_E_ENGINE, "what reads PDFs ended before its time (status %d)%s%.150s", status,
                *last_words ? ": " : "", last_words);
    end(r, err.code, &err);
}

static void on_late(void *ctx)
{
    struct pdf_reading *r = ctx;
    anima_error err;
    child_kill(r->child, SIGKILL);
    say_slow(r, &err);
    end(r, err.code, &err);
}

/* ---- its beginning ---- */

static int start(struct pdf_reading *r, struct loop *loop, const struct pdf_reader *reader, anima_error *err)
{
    static const struct child_callbacks callbacks = { on_frame, on_gone };
    char options[64], *path = reader->runtime ? engine_library_path(reader->runtime) : NULL;
    snprintf(options, sizeof(options), "{\"cpu_limit_s\":%d}", reader->seconds);
    const char *argv[] = { reader->program, "--driver", "pdf", "--model", reader->library, "--options", options, NULL };
    const char *env[] = { path, NULL };
    int rc = reader->runtime && !path ? err_set(err, ANIMA_E_NOMEM, "out of memory for reading the PDF")
                                      : child_spawn(loop, argv, path ? env : NULL, &callbacks, r, &r->child, err);
    mem_free(path);
    return rc;
}

int pdf_read(struct loop *loop, const struct pdf_reader *reader, const char *data, size_t n, pdf_told_fn *cb, void *ctx,
             struct pdf_reading **out, anima_error *err)
{
    *out = NULL;
    if (!reader->library)
        return err_set(err, ANIMA_E_UNSUPPORTED,
                       "what reads PDFs is not here: `tools/setup` fetches it (PDFium, 3 MB); or make text of the PDF, "
                       "which keeps its pages: pdftotext -layout FILE.pdf FILE.txt (package poppler-utils)");
    struct pdf_reading *r = mem_zero(1, sizeof(*r));
    if (!r)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for reading the PDF");
    *r = (struct pdf_reading){ .cb = cb, .ctx = ctx, .n = n, .seconds = reader->seconds, .file = mem_alloc(n + 1) };
    buf_init(&r->lines, MAX_LINES);
    int rc = r->file ? loop_timer_create(loop, on_late, r, &r->timer, err)
                     : err_set(err, ANIMA_E_NOMEM, "out of memory for reading the PDF");
    if (!rc) {
        memcpy(r->file, data, n);
        rc = start(r, loop, reader, err);
    }
    if (rc) {
        reading_free(r);
        return rc;
    }
    loop_timer_start(r->timer, (int64_t)reader->seconds * 1000);
    *out = r;
    return ANIMA_OK;
}

void pdf_abandon(struct pdf_reading *r)
{
    if (!r)
        return;
    child_kill(r->child, SIGKILL);
    reading_free(r);
}
