/* rule.c — what may be passed on of what a person told: to nobody, or to somebody. They are few. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

static struct job *new_job(struct store *s, bool put, const struct store_rule *rule, store_done *done, void *ctx,
                           anima_error *err)
{
    struct job *job = job_new(s, JOB_RULE, NULL, done, ctx, err);
    if (job && !(job->rule = mem_zero(1, sizeof(*job->rule)))) {
        job_not_made(job, err);
        return NULL;
    }
    if (job)
        *job->rule = (struct store_rule_change){ put, *rule };
    return job;
}

int store_rule_put(struct store *s, const struct store_rule *rule, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = new_job(s, true, rule, done, ctx, err);
    return job ? job_queue(s, job) : job_none(err, s);
}

int store_rule_remove(struct store *s, int64_t id, store_done *done, void *ctx, anima_error *err)
{
    const struct store_rule rule = { .id = id };
    struct job *job = new_job(s, false, &rule, done, ctx, err);
    return job ? job_queue(s, job) : job_none(err, s);
}

int rule_run(struct store *s, struct job *job)
{
    const struct store_rule *r = &job->rule->rule;
    sqlite3_stmt *q = store_prepare(&s->writer, job->rule->put ? SQL_PUT_RULE : SQL_REMOVE_RULE, s->path, &job->err);
    if (!q)
        return job->err.code;
    sqlite3_bind_int64(q, 1, job->rule->put ? r->person : r->id);
    if (!job->rule->put)
        return writer_run(s, q, "rule", &job->err);
    store_bind_text(q, 2, r->character);
    sqlite3_bind_int64(q, 3, r->other);
    sqlite3_bind_int64(q, 4, r->at_ms);
    return writer_step(s, q, &job->err);
}

int store_rule_list(struct store *s, store_rule_cb *cb, void *ctx, anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_RULES, &rc, err);
    if (!q)
        return rc;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        struct store_rule rule = { .id = sqlite3_column_int64(q, 0),
                                   .person = sqlite3_column_int64(q, 1),
                                   .other = sqlite3_column_int64(q, 3),
                                   .at_ms = sqlite3_column_int64(q, 4) };
        store_copy_text(rule.character, sizeof(rule.character), q, 2);
        stop = cb(ctx, &rule);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}
