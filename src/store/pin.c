/* pin.c — what people want kept in mind, and how often what is remembered was recalled: what forgetting by itself goes by. */
#include "store/store_private.h"

#include "base/err.h"

int store_pin(struct store *s, const char *conversation, int64_t seq, int64_t at_ms, store_done *done, void *ctx,
              anima_error *err)
{
    struct job *job = job_new(s, JOB_PIN, conversation, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->id = seq;
    job->at_ms = at_ms;
    return job_queue(s, job);
}

int pin_run(struct store *s, struct job *job)
{
    sqlite3_stmt *q = store_prepare(&s->writer, job->at_ms ? SQL_PIN : SQL_UNPIN, s->path, &job->err);
    if (!q)
        return job->err.code;
    store_bind_text(q, 1, job->conversation);
    sqlite3_bind_int64(q, 2, job->id);
    if (job->at_ms)
        sqlite3_bind_int64(q, 3, job->at_ms);
    return writer_run(s, q, job->at_ms ? "turn" : "pin", &job->err);
}

int store_strength_list(struct store *s, const char *character, int64_t after, int64_t to, store_strength_cb *cb,
                        void *ctx, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_STRENGTHS, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, character);
    sqlite3_bind_int64(q, 2, after);
    sqlite3_bind_int64(q, 3, to);
    sqlite3_bind_int(q, 4, 500);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        const struct store_strength one = { .id = sqlite3_column_int64(q, 0),
                                            .pinned = sqlite3_column_int(q, 1) != 0,
                                            .recalls = sqlite3_column_int(q, 2),
                                            .recalled_ms = sqlite3_column_int64(q, 3) };
        cb(ctx, &one);
    }
    return store_end_read(s, q, rc, err);
}
