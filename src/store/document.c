/* document.c — what characters were given to read. A document comes whole, in one transaction: its row, its outline, its passages, whose texts side
 * by side are its text; what they mean comes later. It is never changed, and goes as a whole, with what replies were told of it. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"
#include "document/document.h"

#include <string.h>

enum what { ADD, VECTORS, TELL };

struct store_document_change {
    enum what what;
    struct store_document about; /* its texts are owned */
    struct document *read;
    struct store_memory_vector *vectors;
    size_t n_vectors;
    int variant; /* TELL */
    int64_t seq;
    struct store_told_passage told[STORE_TOLD_PASSAGES];
    size_t n_told;
};

void document_change_free(struct store_document_change *c)
{
    if (!c)
        return;
    const struct store_document *d = &c->about;
    const char *const texts[] = { d->id, d->character, d->title, d->name, d->form, d->hash, d->allowed };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        mem_free((char *)(uintptr_t)texts[i]);
    document_free(c->read);
    mem_free(c->vectors);
    mem_free(c);
}

/* ---- making jobs ---- */

static struct job *new_job(struct store *s, enum what what, const char *conversation, store_done *done, void *ctx,
                           anima_error *err)
{
    struct job *job = job_new(s, JOB_DOCUMENT, conversation, done, ctx, err);
    if (job && !(job->document = mem_zero(1, sizeof(*job->document)))) {
        job_not_made(job, err);
        return NULL;
    }
    if (job)
        job->document->what = what;
    return job;
}

int store_document_add(struct store *s, const struct store_document *document, struct document *read, store_done *done,
                       void *ctx, anima_error *err)
{
    struct job *job = new_job(s, ADD, NULL, done, ctx, err);
    if (!job)
        return job_none(err, s);
    struct store_document *to = &job->document->about;
    *to = *document;
    to->id = mem_strdup(document->id);
    to->character = mem_strdup(document->character);
    to->title = mem_strdup(document->title);
    to->name = mem_strdup(document->name);
    to->form = mem_strdup(document->form);
    to->hash = mem_strdup(document->hash);
    to->allowed = mem_strdup(document->allowed);
    if (!to->id || !to->character || !to->title || !to->name || !to->form || !to->hash || !to->allowed)
        return job_not_made(job, err);
    job->document->read = read;
    return job_queue(s, job);
}

int store_document_remove(struct store *s, const char *id, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_UNDOCUMENT, NULL, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->text = mem_strdup(id);
    return job->text ? job_queue(s, job) : job_not_made(job, err);
}

int store_passage_vectors(struct store *s, const struct store_memory_vector *vectors, size_t n, store_done *done,
                          void *ctx, anima_error *err)
{
    struct job *job = new_job(s, VECTORS, NULL, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->document->vectors = mem_alloc(n * sizeof(*vectors));
    if (!job->document->vectors)
        return job_not_made(job, err);
    memcpy(job->document->vectors, vectors, n * sizeof(*vectors));
    job->document->n_vectors = n;
    return job_queue(s, job);
}

int store_told_passages_put(struct store *s, const char *conversation, int64_t seq, int variant,
                            const struct store_told_passage *told, size_t n, anima_error *err)
{
    struct job *job = new_job(s, TELL, conversation, NULL, NULL, err);
    if (!job)
        return job_none(err, s);
    job->document->seq = seq;
    job->document->variant = variant;
    job->document->n_told = n < STORE_TOLD_PASSAGES ? n : STORE_TOLD_PASSAGES;
    if (n)
        memcpy(job->document->told, told, job->document->n_told * sizeof(*told));
    return job_queue(s, job);
}

/* ---- writing (writer thread) ---- */

static int add_row(struct store *s, const struct store_document *d, const struct document *read, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_ADD_DOCUMENT, s->path, err);
    if (!q)
        return err->code;
    store_bind_text(q, 1, d->id);
    store_bind_text(q, 2, d->character);
    store_bind_text(q, 3, d->title);
    store_bind_text(q, 4, d->name);
    store_bind_text(q, 5, d->form);
    store_bind_text(q, 6, d->hash);
    sqlite3_bind_int64(q, 7, d->giver);
    sqlite3_bind_int64(q, 8, d->at_ms);
    sqlite3_bind_int(q, 9, d->everyone);
    store_bind_text(q, 10, d->allowed);
    sqlite3_bind_int(q, 11, read->pages);
    sqlite3_bind_int64(q, 12, (int64_t)read->n);
    sqlite3_bind_int64(q, 13, (int64_t)read->n_passages);
    int rc = writer_step(s, q, err);
    /* Given twice at once, both were looked up before either was written. */
    return rc || sqlite3_changes(s->writer.db) ? rc : err_set(err, ANIMA_E_CONFLICT, "it is there already");
}

static int add_section(struct store *s, const char *id, const struct document *read, size_t i, anima_error *err)
{
    const struct document_section *section = &read->sections[i];
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_ADD_SECTION, s->path, err);
    if (!q)
        return err->code;
    store_bind_text(q, 1, id);
    sqlite3_bind_int64(q, 2, (int64_t)i);
    sqlite3_bind_int(q, 3, section->level);
    sqlite3_bind_int(q, 4, section->parent);
    sqlite3_bind_int(q, 5, section->page);
    sqlite3_bind_int64(q, 6, (int64_t)section->start);
    sqlite3_bind_int64(q, 7, (int64_t)section->end);
    store_bind_text(q, 8, section->number);
    store_bind_text(q, 9, section->title);
    return writer_step(s, q, err);
}

static int add_passage(struct store *s, const char *id, const struct document *read, size_t i, anima_error *err)
{
    const struct document_passage *p = &read->passages[i];
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_ADD_PASSAGE, s->path, err);
    if (!q)
        return err->code;
    store_bind_text(q, 1, id);
    sqlite3_bind_int64(q, 2, (int64_t)i);
    sqlite3_bind_int(q, 3, p->section);
    sqlite3_bind_int(q, 4, p->page);
    sqlite3_bind_int(q, 5, p->first);
    sqlite3_bind_int(q, 6, p->last);
    sqlite3_bind_int64(q, 7, (int64_t)p->start);
    sqlite3_bind_int64(q, 8, (int64_t)p->head);
    sqlite3_bind_text(q, 9, read->text + p->start, (int)(p->end - p->start), SQLITE_STATIC);
    return writer_step(s, q, err);
}

static int add_all(struct store *s, const struct store_document_change *c, anima_error *err)
{
    int rc = add_row(s, &c->about, c->read, err);
    for (size_t i = 0; i < c->read->n_sections && !rc; i++)
        rc = add_section(s, c->about.id, c->read, i, err);
    for (size_t i = 0; i < c->read->n_passages && !rc; i++)
        rc = add_passage(s, c->about.id, c->read, i, err);
    return rc;
}

static int add_vectors(struct store *s, const struct store_document_change *c, anima_error *err)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < c->n_vectors && !rc; i++) {
        sqlite3_stmt *q = store_prepare(&s->writer, SQL_PASSAGE_VECTOR, s->path, err);
        if (!q)
            return err->code;
        sqlite3_bind_int64(q, 1, c->vectors[i].id);
        sqlite3_bind_blob(q, 2, c->vectors[i].row, STORE_VECTOR, SQLITE_STATIC);
        sqlite3_bind_double(q, 3, (double)c->vectors[i].factor);
        rc = writer_step(s, q, err);
    }
    return rc;
}

static int tell(struct store *s, struct job *job)
{
    const struct store_document_change *c = job->document;
    int rc = ANIMA_OK;
    for (size_t i = 0; i <= c->n_told && !rc; i++) { /* first what was told before goes */
        sqlite3_stmt *q = store_prepare(&s->writer, i ? SQL_TELL_PASSAGE : SQL_UNTELL_PASSAGES, s->path, &job->err);
        if (!q)
            return job->err.code;
        store_bind_text(q, 1, job->conversation);
        sqlite3_bind_int64(q, 2, c->seq);
        sqlite3_bind_int(q, 3, c->variant);
        if (i) {
            sqlite3_bind_int64(q, 4, (int64_t)i - 1);
            sqlite3_bind_int64(q, 5, c->told[i - 1].passage);
            sqlite3_bind_double(q, 6, c->told[i - 1].score);
        }
        rc = writer_step(s, q, &job->err);
    }
    return rc;
}

int document_run(struct store *s, struct job *job)
{
    if (job->kind == JOB_UNDOCUMENT) {
        sqlite3_stmt *q = store_prepare(&s->writer, SQL_REMOVE_DOCUMENT, s->path, &job->err);
        if (!q)
            return job->err.code;
        store_bind_text(q, 1, job->text);
        int rc = writer_run(s, q, "document", &job->err);
        return rc ? rc : writer_remember_purge(s, job);
    }
    switch (job->document->what) {
    case ADD: return add_all(s, job->document, &job->err);
    case VECTORS: return add_vectors(s, job->document, &job->err);
    case TELL: break;
    }
    return tell(s, job);
}

/* ---- reading ---- */

static int read_documents(struct store *s, sqlite3_stmt *q, store_document_cb *cb, void *ctx, anima_error *err)
{
    int rc = SQLITE_DONE, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const struct store_document d = { .id = store_text_at(q, 0),
                                          .character = store_text_at(q, 1),
                                          .title = store_text_at(q, 2),
                                          .name = store_text_at(q, 3),
                                          .form = store_text_at(q, 4),
                                          .hash = "",
                                          .giver = sqlite3_column_int64(q, 5),
                                          .at_ms = sqlite3_column_int64(q, 6),
                                          .everyone = sqlite3_column_int(q, 7) != 0,
                                          .allowed = store_text_at(q, 8),
                                          .pages = sqlite3_column_int(q, 9),
                                          .bytes = sqlite3_column_int64(q, 10),
                                          .passages = sqlite3_column_int64(q, 11),
                                          .without_vector = sqlite3_column_int64(q, 12) };
        stop = cb(ctx, &d);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

int store_document_list(struct store *s, const char *character, store_document_cb *cb, void *ctx, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_DOCUMENTS, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, character);
    return read_documents(s, q, cb, ctx, err);
}

int store_document_get(struct store *s, const char *id, store_document_cb *cb, void *ctx, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_DOCUMENT, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, id);
    return read_documents(s, q, cb, ctx, err);
}

int store_document_known(struct store *s, const char *character, int64_t giver, const char *hash, store_document_cb *cb,
                         void *ctx, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_DOCUMENT_KNOWN, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, character);
    sqlite3_bind_int64(q, 2, giver);
    store_bind_text(q, 3, hash);
    return read_documents(s, q, cb, ctx, err);
}

int store_section_list(struct store *s, const char *document, store_section_cb *cb, void *ctx, anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_SECTIONS, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, document);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const struct document_section section = { .level = sqlite3_column_int(q, 0),
                                                  .parent = sqlite3_column_int(q, 1),
                                                  .page = sqlite3_column_int(q, 2),
                                                  .start = (size_t)sqlite3_column_int64(q, 3),
                                                  .end = (size_t)sqlite3_column_int64(q, 4),
                                                  .body = (size_t)sqlite3_column_int64(q, 3),
                                                  .number = store_text_at(q, 5),
                                                  .title = store_text_at(q, 6) };
        stop = cb(ctx, &section);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

static void read_passage(sqlite3_stmt *q, struct store_passage *p)
{
    *p = (struct store_passage){ .id = sqlite3_column_int64(q, 0),
                                 .document = store_text_at(q, 1),
                                 .place = sqlite3_column_int(q, 2),
                                 .section = sqlite3_column_int(q, 3),
                                 .page = sqlite3_column_int(q, 4),
                                 .first = sqlite3_column_int(q, 5),
                                 .last = sqlite3_column_int(q, 6),
                                 .start = sqlite3_column_int64(q, 7),
                                 .head = (size_t)sqlite3_column_int64(q, 8),
                                 .text = store_text_at(q, 9),
                                 .character = store_text_at(q, 12) };
    if (sqlite3_column_bytes(q, 10) == STORE_VECTOR) {
        p->row = sqlite3_column_blob(q, 10);
        p->factor = (float)sqlite3_column_double(q, 11);
    }
}

static int read_passages(struct store *s, sqlite3_stmt *q, store_passage_cb *cb, void *ctx, anima_error *err)
{
    int rc = SQLITE_DONE, stop = 0;
    struct store_passage p;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        read_passage(q, &p);
        stop = cb(ctx, &p);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

int store_passage_list(struct store *s, const char *document, int after, store_passage_cb *cb, void *ctx,
                       anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_PASSAGES, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, document);
    sqlite3_bind_int(q, 2, after);
    return read_passages(s, q, cb, ctx, err);
}

int store_passage_get(struct store *s, int64_t id, store_passage_cb *cb, void *ctx, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_PASSAGE, &rc, err);
    if (!q)
        return rc;
    sqlite3_bind_int64(q, 1, id);
    return read_passages(s, q, cb, ctx, err);
}

int store_passage_bare(struct store *s, int limit, store_passage_cb *cb, void *ctx, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_PASSAGES_BARE, &rc, err);
    if (!q)
        return rc;
    sqlite3_bind_int(q, 1, limit);
    return read_passages(s, q, cb, ctx, err);
}

int store_told_passages_list(struct store *s, const char *conversation, int64_t seq, store_told_passage_cb *cb,
                             void *ctx, anima_error *err)
{
    int rc, stop = 0;
    struct store_passage p;
    sqlite3_stmt *q = store_prepare_read(s, SQL_TOLD_PASSAGES, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, conversation);
    sqlite3_bind_int64(q, 2, seq);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        read_passage(q, &p);
        stop = cb(ctx, &p, sqlite3_column_double(q, 13));
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}
