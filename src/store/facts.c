/* facts.c — what is known of people: made of what they said (memory/facts.h), gone with it, made anew with it; and what a person put in its place
 * by hand, which stays. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>

/* ---- writing (writer thread) ---- */

static int add_fact(struct store *s, const struct store_fact *f, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_ADD_FACT, s->path, err);
    if (!q)
        return err->code;
    sqlite3_bind_int64(q, 1, f->memory);
    sqlite3_bind_int(q, 2, f->place);
    store_bind_text(q, 3, f->about);
    store_bind_text(q, 4, f->whose);
    store_bind_text(q, 5, f->topic);
    store_bind_text(q, 6, f->value);
    sqlite3_bind_double(q, 7, f->confidence);
    sqlite3_bind_int(q, 8, f->change);
    sqlite3_bind_int(q, 9, f->ends);
    sqlite3_bind_int64(q, 10, f->since_ms);
    sqlite3_bind_int64(q, 11, f->day_ms);
    sqlite3_bind_int64(q, 12, f->was_ms);
    return writer_step(s, q, err);
}

int facts_run(struct store *s, const struct store_memory_change *change, anima_error *err)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < change->n_facts && !rc; i++)
        rc = add_fact(s, &change->facts[i], err);
    return rc;
}

int fact_job_run(struct store *s, struct job *job)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_FACT_HAND, s->path, &job->err);
    if (!q)
        return job->err.code;
    sqlite3_bind_int64(q, 1, job->id);
    store_bind_text(q, 2, job->text);
    sqlite3_bind_int64(q, 3, job->at_ms);
    return writer_run(s, q, "fact", &job->err);
}

int store_fact_change(struct store *s, int64_t id, const char *value, int64_t now_ms, store_done *done, void *ctx,
                      anima_error *err)
{
    struct job *job = job_new(s, JOB_FACT, NULL, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->id = id;
    job->at_ms = now_ms;
    job->text = mem_strdup(value ? value : "");
    return job->text ? job_queue(s, job) : job_not_made(job, err);
}

/* ---- reading ---- */

static void read_fact(sqlite3_stmt *q, const struct store_memory *item, struct store_fact *out)
{
    *out = (struct store_fact){ .memory = item->id,
                                .place = sqlite3_column_int(q, 15),
                                .confidence = sqlite3_column_double(q, 20),
                                .change = sqlite3_column_int(q, 21) != 0,
                                .ends = sqlite3_column_int(q, 22) != 0,
                                .since_ms = sqlite3_column_int64(q, 23),
                                .day_ms = sqlite3_column_int64(q, 24),
                                .was_ms = sqlite3_column_int64(q, 25) };
    store_copy_text(out->about, sizeof(out->about), q, 16);
    store_copy_text(out->whose, sizeof(out->whose), q, 17);
    store_copy_text(out->topic, sizeof(out->topic), q, 18);
    store_copy_text(out->value, sizeof(out->value), q, 19);
}

static int read_facts(struct store *s, sqlite3_stmt *q, store_fact_cb *cb, void *ctx, anima_error *err)
{
    int rc = SQLITE_DONE, stop = 0;
    struct store_memory item;
    struct store_fact fact;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        memory_read(q, &item);
        read_fact(q, &item, &fact);
        stop = cb(ctx, sqlite3_column_int64(q, 14), &fact, sqlite3_column_int64(q, 26), &item);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

int store_fact_list(struct store *s, const char *character, int64_t person, int limit, store_fact_cb *cb, void *ctx,
                    anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_FACTS, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, character);
    sqlite3_bind_int64(q, 2, person);
    sqlite3_bind_int(q, 3, limit);
    return read_facts(s, q, cb, ctx, err);
}

int store_fact_get(struct store *s, int64_t id, store_fact_cb *cb, void *ctx, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_FACT_OF, &rc, err);
    if (!q)
        return rc;
    sqlite3_bind_int64(q, 1, id);
    return read_facts(s, q, cb, ctx, err);
}
