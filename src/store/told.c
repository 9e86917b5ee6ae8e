/* told.c — what a reply was told of what is remembered: so that one can see why it was said. Only places are kept, no texts; when either turn
 * goes, the row goes with it (schema.c). */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

#include <string.h>

int store_told_put(struct store *s, const char *conversation, int64_t seq, int variant, const struct store_told *told,
                   size_t n, anima_error *err)
{
    struct job *job = job_new(s, JOB_TOLD, conversation, NULL, NULL, err);
    if (!job)
        return job_none(err, s);
    job->id = seq;
    job->told = mem_zero(1, sizeof(*job->told));
    if (!job->told)
        return job_not_made(job, err);
    job->told->variant = variant;
    job->told->n = n < STORE_TOLD ? n : STORE_TOLD;
    if (n)
        memcpy(job->told->items, told, job->told->n * sizeof(*told));
    return job_queue(s, job);
}

static sqlite3_stmt *of_variant(struct store *s, struct job *job, enum store_sql which)
{
    sqlite3_stmt *q = store_prepare(&s->writer, which, s->path, &job->err);
    if (q) {
        store_bind_text(q, 1, job->conversation);
        sqlite3_bind_int64(q, 2, job->id);
        sqlite3_bind_int(q, 3, job->told->variant);
    }
    return q;
}

int told_run(struct store *s, struct job *job)
{
    sqlite3_stmt *q = of_variant(s, job, SQL_UNTELL);
    int rc = q ? writer_step(s, q, &job->err) : job->err.code;
    for (size_t i = 0; i < job->told->n && !rc; i++) {
        const struct store_told *item = &job->told->items[i];
        q = of_variant(s, job, SQL_TELL);
        if (!q)
            return job->err.code;
        sqlite3_bind_int64(q, 4, (int64_t)i);
        store_bind_text(q, 5, item->conversation);
        sqlite3_bind_int64(q, 6, item->seq);
        sqlite3_bind_double(q, 7, item->score);
        rc = writer_step(s, q, &job->err);
    }
    return rc;
}

int store_told_of(struct store *s, const char *conversation, int64_t seq, int limit, store_told_of_cb *cb, void *ctx,
                  anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_TOLD_OF, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, conversation);
    sqlite3_bind_int64(q, 2, seq);
    sqlite3_bind_int(q, 3, limit);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW)
        stop = cb(ctx, store_text_at(q, 0), sqlite3_column_int64(q, 1), sqlite3_column_int(q, 2));
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

int store_told_list(struct store *s, const char *conversation, int64_t seq, store_told_cb *cb, void *ctx,
                    anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_TOLD, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, conversation);
    sqlite3_bind_int64(q, 2, seq);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        struct store_memory item;
        memory_read(q, &item);
        stop = cb(ctx, &item, sqlite3_column_double(q, 14), sqlite3_column_int(q, 15) != 0);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}
