/* change.c — what people change in what was said: jobs (loop thread), and how the writer runs them. A job is one
 * transaction or part of one, so that it happens as a whole or not at all; whoever saw an older revision is told. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

#include <string.h>

/* ---- making jobs ---- */

static int queue_change(struct store *s, enum job_kind kind, const char *conversation, const anima_turn *what,
                        store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, kind, conversation, done, ctx, err);
    if (!job)
        return job_none(err, s);
    return job_add_turn(job, what) ? job_not_made(job, err) : job_queue(s, job);
}

int store_turn_edit(struct store *s, const char *conversation, int64_t seq, const char *text, int revision,
                    store_done *done, void *ctx, anima_error *err)
{
    const anima_turn what = { .seq = seq, .text = text, .revision = revision };
    return queue_change(s, JOB_EDIT, conversation, &what, done, ctx, err);
}

int store_turn_choose(struct store *s, const char *conversation, int64_t seq, int variant, int revision,
                      store_done *done, void *ctx, anima_error *err)
{
    const anima_turn what = { .seq = seq, .variant = variant, .revision = revision };
    return queue_change(s, JOB_CHOOSE, conversation, &what, done, ctx, err);
}

int store_turn_renew(struct store *s, const char *conversation, int64_t seq, int revision, int64_t now_ms,
                     store_done *done, void *ctx, anima_error *err)
{
    const anima_turn what = { .seq = seq, .revision = revision, .created_ms = now_ms };
    return queue_change(s, JOB_RENEW, conversation, &what, done, ctx, err);
}

int store_turn_add_variants(struct store *s, const char *conversation, int64_t seq, const anima_turn *variants, int n,
                            store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_VARIANTS, conversation, done, ctx, err);
    if (!job)
        return job_none(err, s);
    for (int i = 0; i < n && i < STORE_MAX_VARIANTS; i++) {
        anima_turn variant = variants[i];
        variant.seq = seq;
        variant.revision = -1;
        if (job_add_turn(job, &variant))
            return job_not_made(job, err);
    }
    return job_queue(s, job);
}

int store_turn_revert(struct store *s, const char *conversation, const anima_turn *turn, store_done *done, void *ctx,
                      anima_error *err)
{
    return queue_change(s, JOB_REVERT, conversation, turn, done, ctx, err);
}

int store_turn_remove(struct store *s, const char *conversation, int64_t seq, int revision, store_done *done, void *ctx,
                      anima_error *err)
{
    const anima_turn what = { .seq = seq, .revision = revision };
    return queue_change(s, JOB_REMOVE, conversation, &what, done, ctx, err);
}

int store_conversation_delete(struct store *s, const char *id, bool keep_notes, store_done *done, void *ctx,
                              anima_error *err)
{
    struct job *job = job_new(s, JOB_DELETE, id, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->id = keep_notes;
    return job_queue(s, job);
}

int store_conversation_fork(struct store *s, const char *from, int64_t seq, const anima_conversation_info *info,
                            store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_FORK, from, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->id = seq;
    job->info = mem_alloc(sizeof(*info));
    if (!job->info)
        return job_not_made(job, err);
    *job->info = *info;
    return job_queue(s, job);
}

int store_conversation_import(struct store *s, struct store_log *log, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_IMPORT, log->info.id, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->log = log;
    return job_queue(s, job);
}

/* ---- running them: the writer thread ---- */

static sqlite3_stmt *prepare(struct store *s, struct job *job, enum store_sql which, const char *conversation,
                             int64_t seq)
{
    sqlite3_stmt *q = store_prepare(&s->writer, which, s->path, &job->err);
    if (q) {
        sqlite3_bind_text(q, 1, conversation, -1, SQLITE_STATIC);
        sqlite3_bind_int64(q, 2, seq);
    }
    return q;
}

/* A statement that is about the job's turn and needs no more; it may change nothing. */
static int run_plain(struct store *s, struct job *job, enum store_sql which)
{
    sqlite3_stmt *q = prepare(s, job, which, job->conversation, job->turns[0].seq);
    return q ? writer_step(s, q, &job->err) : job->err.code;
}

/* Whether the turn is there as the caller saw it; *variant: the one it shows. */
static int check_standing(struct store *s, struct job *job, int *variant)
{
    const anima_turn *wanted = &job->turns[0];
    sqlite3_stmt *q = prepare(s, job, SQL_STANDING, job->conversation, wanted->seq);
    if (!q)
        return job->err.code;
    int rc = sqlite3_step(q), revision = sqlite3_column_int(q, 0);
    *variant = sqlite3_column_int(q, 1);
    int result = rc == SQLITE_ROW    ? ANIMA_OK
                 : rc == SQLITE_DONE ? err_set(&job->err, ANIMA_E_NOT_FOUND, "there is no such turn")
                                     : store_error(s->writer.db, rc, s->path, &job->err);
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
    if (!result && wanted->revision >= 0 && wanted->revision != revision)
        result = err_set(&job->err, ANIMA_E_CONFLICT, "somebody else changed this turn first (revision %d, not %d)",
                         revision, wanted->revision);
    return result;
}

int writer_recount(struct store *s, struct job *job, const char *conversation)
{
    sqlite3_stmt *last = prepare(s, job, SQL_LAST_SAID, conversation, 0);
    sqlite3_stmt *q = last ? store_prepare(&s->writer, SQL_RECOUNT, s->path, &job->err) : NULL;
    if (!q)
        return job->err.code;
    const char *text = sqlite3_step(last) == SQLITE_ROW ? store_text_at(last, 0) : "";
    sqlite3_bind_text(q, 1, conversation, -1, SQLITE_STATIC);
    writer_bind_last(q, 2, text);
    sqlite3_reset(last);
    sqlite3_clear_bindings(last);
    return writer_run(s, q, "conversation", &job->err);
}

static int run_edit(struct store *s, struct job *job)
{
    int variant, rc = check_standing(s, job, &variant);
    sqlite3_stmt *q = rc ? NULL : prepare(s, job, SQL_EDIT, job->conversation, job->turns[0].seq);
    if (!q)
        return rc ? rc : job->err.code;
    sqlite3_bind_text(q, 3, job->turns[0].text, -1, SQLITE_STATIC);
    rc = writer_run(s, q, "turn", &job->err);
    return rc ? rc : writer_recount(s, job, job->conversation);
}

/* An alternative takes the turn's place: that of this number, or with a negative one the former. */
static int take_variant(struct store *s, struct job *job, int variant)
{
    sqlite3_stmt *q = prepare(s, job, SQL_TAKE, job->conversation, job->turns[0].seq);
    if (!q)
        return job->err.code;
    if (variant >= 0)
        sqlite3_bind_int(q, 3, variant);
    sqlite3_bind_int(q, 4, variant >= 0);
    int rc = writer_run(s, q, "alternative", &job->err);
    return rc ? rc : run_plain(s, job, SQL_DROP);
}

static int run_choose(struct store *s, struct job *job)
{
    int variant, rc = check_standing(s, job, &variant);
    if (rc || variant == job->turns[0].variant)
        return rc;
    rc = run_plain(s, job, SQL_KEEP);
    if (!rc)
        rc = take_variant(s, job, job->turns[0].variant);
    return rc ? rc : writer_recount(s, job, job->conversation);
}

static int run_renew(struct store *s, struct job *job)
{
    int variant, rc = check_standing(s, job, &variant);
    if (!rc)
        rc = run_plain(s, job, SQL_KEEP);
    sqlite3_stmt *q = rc ? NULL : prepare(s, job, SQL_RENEW, job->conversation, job->turns[0].seq);
    if (!q)
        return rc ? rc : job->err.code;
    sqlite3_bind_int64(q, 3, job->turns[0].created_ms);
    return writer_run(s, q, "turn", &job->err);
}

static int run_variants(struct store *s, struct job *job)
{
    sqlite3_stmt *q;
    int variant, rc = check_standing(s, job, &variant);
    for (int i = 0; i < job->n_turns && !rc; i++) {
        rc = writer_bind_turn(s, SQL_NEXT_VARIANT, job->conversation, &job->turns[i], &q, &job->err);
        if (!rc)
            rc = writer_step(s, q, &job->err);
    }
    return rc ? rc : run_plain(s, job, SQL_REVISE); /* so that whoever comes back hears of it */
}

static int run_revert(struct store *s, struct job *job)
{
    sqlite3_stmt *q;
    int rc = take_variant(s, job, -1);
    if (rc != ANIMA_E_NOT_FOUND)
        return rc;
    job->err = (anima_error){ 0 };
    rc = writer_bind_turn(s, SQL_UPDATE_TURN, job->conversation, &job->turns[0], &q, &job->err);
    return rc ? rc : writer_run(s, q, "turn", &job->err); /* it had no alternative after all */
}

int writer_remember_purge(struct store *s, struct job *job)
{
    int rc = sqlite3_exec(s->writer.db, "INSERT OR IGNORE INTO due VALUES('purge')", NULL, NULL, NULL);
    return rc == SQLITE_OK ? ANIMA_OK : store_error(s->writer.db, rc, s->path, &job->err);
}

static int run_remove(struct store *s, struct job *job)
{
    static const enum store_sql steps[] = { SQL_MEMORY_OF_FORKS, SQL_FORGET_TITLE, SQL_REMOVE_VARIANTS,
                                            SQL_REMOVE_TURNS, SQL_FORGET_NOTES };
    int variant, rc = check_standing(s, job, &variant);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !rc; i++)
        rc = run_plain(s, job, steps[i]);
    if (!rc)
        rc = writer_recount(s, job, job->conversation);
    return rc ? rc : writer_remember_purge(s, job);
}

static int run_delete(struct store *s, struct job *job)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_DELETE, s->path, &job->err);
    if (!q)
        return job->err.code;
    sqlite3_bind_text(q, 1, job->conversation, -1, SQLITE_STATIC);
    int rc = writer_run(s, q, "conversation", &job->err); /* its turns go with it */
    if (!rc)
        rc = note_run_forget(s, job->conversation, job->id != 0, &job->err);
    return rc ? rc : writer_remember_purge(s, job);
}

static int run_fork(struct store *s, struct job *job)
{
    static const enum store_sql steps[] = { SQL_FORK_TURNS, SQL_FORK_VARIANTS, SQL_FORK_SUMMARIES,    SQL_FORK_TOLD,
                                            SQL_FORK_PINS,  SQL_FORK_HEARD,    SQL_FORK_TOLD_PASSAGES };
    int rc = writer_add_conversation(s, job, job->info);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !rc; i++) {
        sqlite3_stmt *q = prepare(s, job, steps[i], job->conversation, job->id);
        if (!q)
            return job->err.code;
        sqlite3_bind_text(q, 3, job->info->id, -1, SQLITE_STATIC);
        rc = writer_step(s, q, &job->err);
    }
    return rc ? rc : writer_recount(s, job, job->info->id);
}

static int run_import(struct store *s, struct job *job)
{
    const struct store_log *log = job->log;
    sqlite3_stmt *q;
    int rc = writer_add_conversation(s, job, &log->info);
    for (size_t i = 0; i < log->n_turns && !rc; i++) {
        rc = writer_bind_turn(s, SQL_ADD_TURN, log->info.id, &log->turns[i], &q, &job->err);
        if (!rc)
            rc = writer_run(s, q, "conversation", &job->err);
    }
    for (size_t i = 0; i < log->n_variants && !rc; i++) {
        rc = writer_bind_turn(s, SQL_ADD_VARIANT, log->info.id, &log->variants[i], &q, &job->err);
        if (!rc)
            rc = writer_run(s, q, "conversation", &job->err);
    }
    return rc ? rc : writer_recount(s, job, log->info.id);
}

int change_run(struct store *s, struct job *job)
{
    switch (job->kind) {
    case JOB_EDIT: return run_edit(s, job);
    case JOB_CHOOSE: return run_choose(s, job);
    case JOB_RENEW: return run_renew(s, job);
    case JOB_REVERT: return run_revert(s, job);
    case JOB_VARIANTS: return run_variants(s, job);
    case JOB_REMOVE: return run_remove(s, job);
    case JOB_DELETE: return run_delete(s, job);
    case JOB_FORK: return run_fork(s, job);
    case JOB_IMPORT: return run_import(s, job);
    default: return err_set(&job->err, ANIMA_E_INVALID, "no such job");
    }
}
