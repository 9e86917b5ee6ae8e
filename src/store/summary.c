/* summary.c — what is left of turns that are not read any more. Which rows go when a turn is changed or deleted, triggers
 * decide (schema.c). */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

/* ---- queueing (loop thread) ---- */

void summary_free(struct store_summary *summary)
{
    if (!summary)
        return;
    mem_free((char *)summary->language);
    mem_free((char *)summary->text);
    mem_free(summary);
}

int store_summary_put(struct store *s, const char *conversation, const struct store_summary *summary, store_done *done,
                      void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_SUMMARY, conversation, done, ctx, err);
    if (!job)
        return job_none(err, s);
    struct store_summary *copy = job->summary = mem_alloc(sizeof(*copy));
    if (!copy)
        return job_not_made(job, err);
    *copy = *summary;
    copy->language = mem_strdup(summary->language);
    copy->text = mem_strdup(summary->text);
    return copy->language && copy->text ? job_queue(s, job) : job_not_made(job, err);
}

int store_summary_remove(struct store *s, const char *conversation, int64_t seq, store_done *done, void *ctx,
                         anima_error *err)
{
    struct job *job = job_new(s, JOB_UNSUMMARY, conversation, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->id = seq;
    return job_queue(s, job);
}

/* ---- writing (writer thread) ---- */

static void bind_text(sqlite3_stmt *q, int i, const char *s) { sqlite3_bind_text(q, i, s, -1, SQLITE_STATIC); }

int summary_run(struct store *s, struct job *job)
{
    bool put = job->kind == JOB_SUMMARY;
    sqlite3_stmt *q = store_prepare(&s->writer, put ? SQL_PUT_SUMMARY : SQL_REMOVE_SUMMARIES, s->path, &job->err);
    if (!q)
        return job->err.code;
    bind_text(q, 1, job->conversation);
    sqlite3_bind_int64(q, 2, put ? job->summary->seq : job->id);
    if (put) {
        bind_text(q, 3, job->summary->language);
        sqlite3_bind_int(q, 4, job->summary->late);
        bind_text(q, 5, job->summary->text);
        sqlite3_bind_int64(q, 6, job->summary->made_ms);
    }
    int rc = writer_step(s, q, &job->err);
    return rc || put ? rc : writer_remember_purge(s, job);
}

/* ---- reading ---- */

int store_summary_list(struct store *s, const char *conversation, int limit, store_summary_cb *cb, void *ctx,
                       anima_error *err)
{
    anima_error why;
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_SUMMARIES, s->path, &why);
    if (!q)
        return err_set(err, why.code, "%s", why.message);
    bind_text(q, 1, conversation);
    sqlite3_bind_int(q, 2, limit);
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const struct store_summary summary = { .seq = sqlite3_column_int64(q, 0),
                                               .language = store_text_at(q, 1),
                                               .late = sqlite3_column_int(q, 2) != 0,
                                               .text = store_text_at(q, 3),
                                               .made_ms = sqlite3_column_int64(q, 4) };
        stop = cb(ctx, &summary);
    }
    int result = stop || rc == SQLITE_DONE ? ANIMA_OK : store_error(s->reader.db, rc, s->path, err);
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
    return stop < 0 ? stop : result;
}
