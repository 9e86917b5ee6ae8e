/* note.c — what characters noted of people's wishes. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

/* ---- queueing (loop thread) ---- */

void note_free(struct store_note *note)
{
    if (!note)
        return;
    mem_free((char *)note->character);
    mem_free((char *)note->text);
    mem_free((char *)note->said);
    mem_free(note);
}

int store_note_put(struct store *s, const struct store_note *note, anima_error *err)
{
    struct job *job = job_new(s, JOB_NOTE, note->conversation, NULL, NULL, err);
    if (!job)
        return job_none(err, s);
    struct store_note *copy = job->note = mem_alloc(sizeof(*copy));
    if (!copy)
        return job_not_made(job, err);
    *copy = *note;
    copy->character = mem_strdup(note->character);
    copy->text = mem_strdup(note->text);
    copy->said = mem_strdup(note->said);
    copy->conversation = job->conversation;
    return copy->character && copy->text && copy->said ? job_queue(s, job) : job_not_made(job, err);
}

int store_note_remove(struct store *s, int64_t id, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_UNNOTE, NULL, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->id = id;
    return job_queue(s, job);
}

/* ---- writing (writer thread) ---- */

int note_run(struct store *s, struct job *job)
{
    bool put = job->kind == JOB_NOTE;
    sqlite3_stmt *q = store_prepare(&s->writer, put ? SQL_PUT_NOTE : SQL_REMOVE_NOTE, s->path, &job->err);
    if (!q)
        return job->err.code;
    sqlite3_bind_int64(q, 1, put ? job->note->id : job->id);
    if (put) {
        const struct store_note *n = job->note;
        store_bind_text(q, 2, n->character);
        sqlite3_bind_int64(q, 3, n->person);
        sqlite3_bind_int(q, 4, n->kind);
        store_bind_text(q, 5, n->text);
        store_bind_text(q, 6, n->said);
        store_bind_text(q, 7, n->conversation);
        sqlite3_bind_int64(q, 8, n->seq);
        sqlite3_bind_int64(q, 9, n->created_ms);
        sqlite3_bind_int(q, 10, n->active);
    }
    int rc = writer_run(s, q, "note", &job->err);
    return rc || put ? rc : writer_remember_purge(s, job);
}

int note_run_forget(struct store *s, const char *conversation, bool keep, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, keep ? SQL_FREE_NOTES : SQL_FORGET_NOTES, s->path, err);
    if (!q)
        return err->code;
    store_bind_text(q, 1, conversation);
    sqlite3_bind_int64(q, 2, 0);
    return writer_step(s, q, err);
}

/* ---- reading ---- */

int store_note_list(struct store *s, store_note_cb *cb, void *ctx, anima_error *err)
{
    anima_error why;
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_NOTES, s->path, &why);
    if (!q)
        return err_set(err, why.code, "%s", why.message);
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const struct store_note note = { .id = sqlite3_column_int64(q, 0),
                                         .character = store_text_at(q, 1),
                                         .person = sqlite3_column_int64(q, 2),
                                         .kind = sqlite3_column_int(q, 3),
                                         .text = store_text_at(q, 4),
                                         .said = store_text_at(q, 5),
                                         .conversation = store_text_at(q, 6),
                                         .seq = sqlite3_column_int64(q, 7),
                                         .created_ms = sqlite3_column_int64(q, 8),
                                         .active = sqlite3_column_int(q, 9) != 0 };
        stop = cb(ctx, &note);
    }
    int result = stop || rc == SQLITE_DONE ? ANIMA_OK : store_error(s->reader.db, rc, s->path, err);
    sqlite3_reset(q);
    return stop < 0 ? stop : result;
}
