/* cost.c — the ledger: written with the reply that it is about, summed for whoever asks. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

/* ---- queueing (loop thread) ---- */

static bool copy_cost(struct job *job, const struct store_cost *cost)
{
    job->cost = mem_alloc(sizeof(*cost));
    if (job->cost)
        *job->cost = *cost;
    return job->cost != NULL;
}

int store_turn_finish(struct store *s, const char *conversation, const anima_turn *turn, bool revert,
                      const struct store_cost *cost, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, revert ? JOB_REVERT : JOB_UPDATE, conversation, done, ctx, err);
    if (!job)
        return job_none(err, s);
    bool copied = !job_add_turn(job, turn) && (!cost || copy_cost(job, cost));
    return copied ? job_queue(s, job) : job_not_made(job, err);
}

int store_cost_add(struct store *s, const struct store_cost *cost, anima_error *err)
{
    struct job *job = job_new(s, JOB_COST, NULL, NULL, NULL, err);
    if (!job)
        return job_none(err, s);
    return copy_cost(job, cost) ? job_queue(s, job) : job_not_made(job, err);
}

/* ---- writing (writer thread) ---- */

int cost_run(struct store *s, struct job *job)
{
    const struct store_cost *c = job->cost;
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_ADD_COST, s->path, &job->err);
    if (!q)
        return job->err.code;
    sqlite3_bind_int64(q, 1, c->at_ms);
    store_bind_text(q, 2, c->conversation);
    store_bind_text(q, 3, c->character);
    sqlite3_bind_int64(q, 4, c->person);
    store_bind_text(q, 5, c->model);
    sqlite3_bind_int(q, 6, c->prompt_tokens);
    sqlite3_bind_int(q, 7, c->completion_tokens);
    sqlite3_bind_double(q, 8, c->seconds);
    sqlite3_bind_double(q, 9, c->wh);
    sqlite3_bind_double(q, 10, c->money);
    return writer_run(s, q, "ledger", &job->err);
}

/* ---- reading ---- */

int store_cost_list(struct store *s, enum store_cost_by by, int64_t since_ms, store_cost_cb *cb, void *ctx,
                    anima_error *err)
{
    anima_error why;
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_COST_BY_DAY + (enum store_sql)by, s->path, &why);
    if (!q)
        return err_set(err, why.code, "%s", why.message);
    sqlite3_bind_int64(q, 1, since_ms);
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const struct store_cost_sum sum = { store_text_at(q, 0),         sqlite3_column_int64(q, 1),
                                            sqlite3_column_int64(q, 2),  sqlite3_column_int64(q, 3),
                                            sqlite3_column_double(q, 4), sqlite3_column_double(q, 5),
                                            sqlite3_column_double(q, 6) };
        stop = cb(ctx, &sum);
    }
    int result = stop || rc == SQLITE_DONE ? ANIMA_OK : store_error(s->reader.db, rc, s->path, err);
    sqlite3_reset(q);
    return stop < 0 ? stop : result;
}
