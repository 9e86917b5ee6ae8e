/* write.c — the one thread that writes.
 *
 * A job is a copy of what is to be written. The writer takes all jobs that wait, runs them in one transaction, each under
 * a savepoint of its own (one that fails does not take the others along), commits with one fsync, and posts the results
 * to the loop in order. If the commit itself fails, all of them failed.
 * Coalescing: an update of a turn that still waits when a newer update of the same turn comes right behind it is not
 * written; it is reported with the newer one's result.
 * Threads: store_* on the loop thread; run_* on the writer; report on the loop thread. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PURGE_AGAIN_S 2
/* ---- jobs ---- */

static void free_turn(anima_turn *t)
{
    mem_free((char *)t->text);
    mem_free((char *)t->client_id);
    mem_free((char *)t->model);
    mem_free((char *)t->finish);
    mem_free((char *)t->error);
}

static void free_job(struct job *job)
{
    if (job->log)
        job->log->release(job->log->owner);
    for (int i = 0; i < job->n_turns; i++)
        free_turn(&job->turns[i]);
    mem_free(job->text);
    mem_free(job->info);
    mem_free(job->cost);
    note_free(job->note);
    stream_change_free(job->stream);
    summary_free(job->summary);
    blind_change_free(job->blind);
    memory_change_free(job->memory);
    mem_free(job->told);
    bring_free(job->bring);
    forget_change_free(job->forget);
    mem_free(job->rule);
    topic_change_free(job->topic);
    working_change_free(job->working);
    document_change_free(job->document);
    mem_free(job);
}

static void free_jobs(struct job *jobs)
{
    struct job *next;
    for (; jobs; jobs = next) {
        next = jobs->next;
        free_job(jobs);
    }
}

struct job *job_new(struct store *s, enum job_kind kind, const char *conversation, store_done *done, void *ctx,
                    anima_error *err)
{
    if (s->read_only) {
        err_set(err, ANIMA_E_UNSUPPORTED, "this home was opened for looking only");
        return NULL;
    }
    struct job *job = mem_zero(1, sizeof(*job));
    if (!job) {
        err_set(err, ANIMA_E_NOMEM, "out of memory");
        return NULL;
    }
    job->kind = kind;
    job->done = done;
    job->ctx = ctx;
    snprintf(job->conversation, sizeof(job->conversation), "%s", conversation ? conversation : "");
    return job;
}

static char *copy(const char *s, bool *failed)
{
    char *c = mem_strdup(s ? s : "");
    *failed |= !c;
    return c;
}

int job_add_turn(struct job *job, const anima_turn *turn)
{
    bool failed = false;
    anima_turn *t = &job->turns[job->n_turns++];
    *t = *turn;
    t->person_name = "";
    t->text = copy(turn->text, &failed);
    t->client_id = copy(turn->client_id, &failed);
    t->model = copy(turn->model, &failed);
    t->finish = copy(turn->finish, &failed);
    t->error = copy(turn->error, &failed);
    return failed ? ANIMA_E_NOMEM : ANIMA_OK;
}

int job_queue(struct store *s, struct job *job)
{
    pthread_mutex_lock(&s->lock);
    struct job *last = s->last;
    if (last && job->kind == JOB_UPDATE && last->kind == JOB_UPDATE && last->turns[0].seq == job->turns[0].seq &&
        strcmp(last->conversation, job->conversation) == 0 && !last->cost)
        last->superseded = true;
    if (last)
        last->next = job;
    else
        s->first = job;
    s->last = job;
    pthread_mutex_unlock(&s->lock);
    pthread_cond_signal(&s->more);
    return ANIMA_OK;
}

int job_not_made(struct job *job, anima_error *err)
{
    free_job(job);
    return err_set(err, ANIMA_E_NOMEM, "out of memory");
}

int job_none(const anima_error *err, const struct store *s)
{
    return err ? err->code : s->read_only ? ANIMA_E_UNSUPPORTED : ANIMA_E_NOMEM;
}

int store_person_add(struct store *s, int64_t id, const char *name, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_PERSON, NULL, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->id = id;
    job->text = mem_strdup(name);
    return job->text ? job_queue(s, job) : job_not_made(job, err);
}

int store_conversation_add(struct store *s, const anima_conversation_info *info, store_done *done, void *ctx,
                           anima_error *err)
{
    struct job *job = job_new(s, JOB_CONVERSATION, info->id, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->info = mem_alloc(sizeof(*info));
    if (!job->info)
        return job_not_made(job, err);
    *job->info = *info;
    return job_queue(s, job);
}

int store_conversation_title(struct store *s, const char *id, const char *title, store_done *done, void *ctx,
                             anima_error *err)
{
    struct job *job = job_new(s, JOB_TITLE, id, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->text = mem_strdup(title);
    return job->text ? job_queue(s, job) : job_not_made(job, err);
}

int store_turn_add(struct store *s, const char *conversation, const anima_turn *message, const anima_turn *reply,
                   store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_TURNS, conversation, done, ctx, err);
    if (!job)
        return job_none(err, s);
    if ((message && job_add_turn(job, message)) || (reply && job_add_turn(job, reply)))
        return job_not_made(job, err);
    return job_queue(s, job);
}

int store_turn_update(struct store *s, const char *conversation, const anima_turn *turn, store_done *done, void *ctx,
                      anima_error *err)
{
    struct job *job = job_new(s, JOB_UPDATE, conversation, done, ctx, err);
    if (!job)
        return job_none(err, s);
    return job_add_turn(job, turn) ? job_not_made(job, err) : job_queue(s, job);
}

/* ---- the writer ---- */

/* Runs a bound statement. */
int writer_step(struct store *s, sqlite3_stmt *q, anima_error *err)
{
    int rc = sqlite3_step(q);
    int result = rc == SQLITE_DONE ? ANIMA_OK : store_error(s->writer.db, rc, s->path, err);
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
    return result;
}

/* The same; one that changes no row has missed what it is about. */
int writer_run(struct store *s, sqlite3_stmt *q, const char *what, anima_error *err)
{
    int result = writer_step(s, q, err);
    return result || sqlite3_changes(s->writer.db)
               ? result
               : err_set(err, ANIMA_E_NOT_FOUND, "there is no such %s in %s", what, s->path);
}

int writer_bind_turn(struct store *s, enum store_sql which, const char *conversation, const anima_turn *t,
                     sqlite3_stmt **out, anima_error *err)
{
    sqlite3_stmt *q = *out = store_prepare(&s->writer, which, s->path, err);
    if (!q)
        return err->code;
    store_bind_text(q, 1, conversation);
    sqlite3_bind_int64(q, 2, t->seq);
    if (which == SQL_ADD_TURN) {
        sqlite3_bind_int(q, 3, (int)t->role);
        sqlite3_bind_int64(q, 4, t->person);
        store_bind_text(q, 7, t->client_id);
        sqlite3_bind_int(q, 17, t->revision);
    }
    if (which != SQL_UPDATE_TURN) {
        sqlite3_bind_int64(q, 16, t->created_ms);
        sqlite3_bind_int(q, 18, t->variant);
        sqlite3_bind_int(q, 19, t->edited);
    }
    sqlite3_bind_int(q, 5, (int)t->state);
    store_bind_text(q, 6, t->text);
    store_bind_text(q, 8, t->model);
    store_bind_text(q, 9, t->finish);
    sqlite3_bind_int(q, 10, t->error_code);
    store_bind_text(q, 11, t->error);
    sqlite3_bind_int(q, 12, t->prompt_tokens);
    sqlite3_bind_int(q, 13, t->completion_tokens);
    sqlite3_bind_double(q, 14, t->ttft_ms);
    sqlite3_bind_double(q, 15, t->tokens_per_s);
    sqlite3_bind_double(q, 20, t->seconds);
    sqlite3_bind_double(q, 21, t->wh);
    sqlite3_bind_double(q, 22, t->money);
    return ANIMA_OK;
}

/* The conversation's last words, cut as anima_conversation_info holds them. */
size_t writer_last_size(const char *text)
{
    return utf8_cut(text, strlen(text), sizeof(((anima_conversation_info *)0)->last_text) - 1);
}

void writer_bind_last(sqlite3_stmt *q, int i, const char *text)
{
    sqlite3_bind_text(q, i, text, (int)writer_last_size(text), SQLITE_TRANSIENT);
}

static int run_turns(struct store *s, struct job *job)
{
    sqlite3_stmt *q;
    const anima_turn *last = NULL;
    for (int i = 0; i < job->n_turns; i++) {
        int rc = writer_bind_turn(s, SQL_ADD_TURN, job->conversation, &job->turns[i], &q, &job->err);
        if (!rc)
            rc = writer_run(s, q, "conversation", &job->err);
        if (rc)
            return rc;
        if (*job->turns[i].text)
            last = &job->turns[i];
    }
    q = store_prepare(&s->writer, SQL_COUNT_TURN, s->path, &job->err);
    if (!q)
        return job->err.code;
    store_bind_text(q, 1, job->conversation);
    sqlite3_bind_int(q, 2, job->n_turns);
    sqlite3_bind_int64(q, 3, job->turns[0].created_ms);
    if (last) /* a reply that is only to come leaves the words before it there */
        writer_bind_last(q, 4, last->text);
    return writer_run(s, q, "conversation", &job->err);
}

static int run_update(struct store *s, struct job *job)
{
    sqlite3_stmt *q;
    const anima_turn *t = &job->turns[0];
    int rc = writer_bind_turn(s, SQL_UPDATE_TURN, job->conversation, t, &q, &job->err);
    if (!rc)
        rc = writer_run(s, q, "turn", &job->err);
    if (rc || t->state < ANIMA_TURN_DONE || !*t->text)
        return rc; /* the list of conversations shows what is finished */
    q = store_prepare(&s->writer, SQL_LAST_TEXT, s->path, &job->err);
    if (!q)
        return job->err.code;
    store_bind_text(q, 1, job->conversation);
    writer_bind_last(q, 2, t->text);
    sqlite3_bind_int64(q, 3, t->created_ms);
    return writer_run(s, q, "conversation", &job->err);
}

int writer_add_conversation(struct store *s, struct job *job, const anima_conversation_info *info)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_ADD_CONVERSATION, s->path, &job->err);
    if (!q)
        return job->err.code;
    store_bind_text(q, 1, info->id);
    store_bind_text(q, 2, info->character);
    store_bind_text(q, 3, info->title);
    sqlite3_bind_int64(q, 4, info->created_ms);
    sqlite3_bind_int64(q, 5, info->updated_ms);
    sqlite3_bind_int64(q, 6, info->turns);
    store_bind_text(q, 7, info->last_text);
    store_bind_text(q, 8, info->parent);
    sqlite3_bind_int64(q, 9, info->parent_seq);
    return writer_run(s, q, "conversation", &job->err);
}

static int run_named(struct store *s, struct job *job)
{
    bool person = job->kind == JOB_PERSON;
    sqlite3_stmt *q = store_prepare(&s->writer, person ? SQL_ADD_PERSON : SQL_TITLE, s->path, &job->err);
    if (!q)
        return job->err.code;
    if (person)
        sqlite3_bind_int64(q, 1, job->id);
    else
        store_bind_text(q, 1, job->conversation);
    store_bind_text(q, 2, job->text);
    return writer_run(s, q, person ? "person" : "conversation", &job->err);
}

static int run_change(struct store *s, struct job *job)
{
    switch (job->kind) {
    case JOB_PERSON:
    case JOB_TITLE: return run_named(s, job);
    case JOB_CONVERSATION: return writer_add_conversation(s, job, job->info);
    case JOB_TURNS: return run_turns(s, job);
    case JOB_UPDATE: return run_update(s, job);
    case JOB_COST: return ANIMA_OK;
    case JOB_NOTE:
    case JOB_UNNOTE: return note_run(s, job);
    case JOB_STREAM:
    case JOB_DELETE_STREAM: return stream_run(s, job);
    case JOB_SUMMARY:
    case JOB_UNSUMMARY: return summary_run(s, job);
    case JOB_BLIND:
    case JOB_UNBLIND: return blind_run(s, job);
    case JOB_MEMORY: return memory_job_run(s, job);
    case JOB_TOLD: return told_run(s, job);
    case JOB_BRING: return bring_run(s, job);
    case JOB_FACT: return fact_job_run(s, job);
    case JOB_FORGET: return forget_run(s, job);
    case JOB_PIN: return pin_run(s, job);
    case JOB_RULE: return rule_run(s, job);
    case JOB_TOPIC: return topic_run(s, job);
    case JOB_WORKING: return working_run(s, job);
    case JOB_DOCUMENT:
    case JOB_UNDOCUMENT: return document_run(s, job);
    default: return change_run(s, job);
    }
}

static int run_job(struct store *s, struct job *job)
{
    int rc = run_change(s, job);
    return rc || !job->cost ? rc : cost_run(s, job);
}

static int exec(struct store *s, const char *statement, anima_error *err)
{
    int rc = sqlite3_exec(s->writer.db, statement, NULL, NULL, NULL);
    return rc == SQLITE_OK ? ANIMA_OK : store_error(s->writer.db, rc, s->path, err);
}

/* A prepared statement without parameters. */
static int step(struct store *s, enum store_sql which, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, which, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_NOMEM;
    int rc = sqlite3_step(q);
    int result = rc == SQLITE_DONE ? ANIMA_OK : store_error(s->writer.db, rc, s->path, err);
    sqlite3_reset(q);
    return result;
}

static void run_under_savepoint(struct store *s, struct job *job, bool alone)
{
    job->rc = alone ? ANIMA_OK : step(s, SQL_SAVEPOINT, &job->err);
    if (!job->rc)
        job->rc = run_job(s, job);
    /* A full disk ends the whole transaction by itself; then there is nothing to go back to. */
    if (job->rc && !sqlite3_get_autocommit(s->writer.db))
        exec(s, alone ? "ROLLBACK" : "ROLLBACK TO job; RELEASE job", NULL);
    else if (!job->rc && !alone)
        job->rc = step(s, SQL_RELEASE, &job->err);
}

static void fail_all(struct job *jobs, int rc, const anima_error *err)
{
    for (struct job *job = jobs; job; job = job->next)
        if (!job->rc) {
            job->rc = rc;
            job->err = *err;
        }
}

static bool only_words_under_way(const struct job *jobs)
{
    for (; jobs; jobs = jobs->next)
        if (jobs->kind != JOB_UPDATE || jobs->turns[0].state >= ANIMA_TURN_DONE)
            return false;
    return true;
}

/* A reply that still grows needs to survive a killed process, not a power cut: its commits go without an fsync, which in
 * WAL mode loses at most the last of them and never damages the file. Everything else waits for the disk. */
static int choose_durability(struct store *s, bool relaxed, anima_error *err)
{
    if (s->relaxed == relaxed)
        return ANIMA_OK;
    int rc = exec(s, relaxed ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL", err);
    if (!rc)
        s->relaxed = relaxed;
    return rc;
}

/* One transaction for all jobs of the list. If it breaks in the middle, what went before is undone: everything failed. */
static void run_all(struct store *s, struct job *jobs)
{
    anima_error err = { 0 };
    int rc = choose_durability(s, only_words_under_way(jobs), &err);
    if (!rc)
        rc = step(s, SQL_BEGIN, &err);
    const struct job *first = jobs;
    while (first->superseded)
        first = first->next;
    bool alone = !first->next;
    for (struct job *job = jobs; job && !rc; job = job->next) {
        if (job->superseded)
            continue;
        run_under_savepoint(s, job, alone);
        if (job->rc && sqlite3_get_autocommit(s->writer.db)) {
            rc = job->rc;
            err = job->err;
        }
    }
    if (!rc && !sqlite3_get_autocommit(s->writer.db)) {
        memory_run(s);
        rc = step(s, SQL_COMMIT, &err);
    }
    if (rc && !sqlite3_get_autocommit(s->writer.db))
        exec(s, "ROLLBACK", NULL);
    if (rc)
        fail_all(jobs, rc, &err);
    for (struct job *job = jobs; job; job = job->next) /* the newer one's result, which comes right behind */
        if (job->superseded && !job->rc) {
            const struct job *newer = job->next;
            while (newer->superseded)
                newer = newer->next;
            job->rc = newer->rc;
            job->err = newer->err;
        }
}

/* ---- reports ---- */

struct report {
    struct alive *alive;
    struct job *jobs;
};

static void alive_release(struct alive *a)
{
    pthread_mutex_lock(&a->lock);
    int left = --a->refs;
    pthread_mutex_unlock(&a->lock);
    if (left)
        return;
    pthread_mutex_destroy(&a->lock);
    mem_free(a);
}

static void report(void *ctx)
{
    struct report *r = ctx;
    for (struct job *job = r->jobs; job; job = job->next)
        if (r->alive->store && job->done)
            job->done(job->ctx, job->rc, &job->err);
    free_jobs(r->jobs);
    alive_release(r->alive);
    mem_free(r);
}

/* Memory for the report is taken before anything is written: what is on the disk can always be told. */
static struct report *new_report(struct store *s, struct job *jobs)
{
    struct report *r = mem_alloc(sizeof(*r));
    if (!r)
        return NULL;
    *r = (struct report){ s->alive, jobs };
    pthread_mutex_lock(&s->alive->lock);
    s->alive->refs++;
    pthread_mutex_unlock(&s->alive->lock);
    return r;
}

/* Waits for jobs; meanwhile it tries now and then to empty the log of what was deleted. */
static struct job *take_all(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    while (!s->first && !s->quit) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += PURGE_AGAIN_S;
        if (s->memory_due) {
            pthread_mutex_unlock(&s->lock);
            memory_catch_up(s);
            pthread_mutex_lock(&s->lock);
        } else if (!s->purge_due) {
            pthread_cond_wait(&s->more, &s->lock);
        } else if (pthread_cond_timedwait(&s->more, &s->lock, &until) == ETIMEDOUT) {
            pthread_mutex_unlock(&s->lock);
            purge_again(s);
            pthread_mutex_lock(&s->lock);
        }
    }
    struct job *jobs = s->first;
    s->first = s->last = NULL;
    pthread_mutex_unlock(&s->lock);
    return jobs;
}

static bool somebody_waits(const struct job *jobs)
{
    while (jobs && !jobs->done)
        jobs = jobs->next;
    return jobs != NULL;
}

static void *writer(void *ctx)
{
    struct store *s = ctx;
    struct job *jobs;
    while ((jobs = take_all(s))) {
        struct report *r = NULL;
        while (somebody_waits(jobs) && !(r = new_report(s, jobs)))
            sqlite3_sleep(10); /* nothing is lost: it is done when there is memory again */
        run_all(s, jobs);
        purge_run(s, jobs);
        if (!r)
            free_jobs(jobs);
        while (r && loop_post(s->loop, report, r))
            sqlite3_sleep(10);
    }
    if (s->purge_due)
        purge_again(s);
    return NULL;
}

int writer_start(struct store *s, anima_error *err)
{
    s->alive = mem_zero(1, sizeof(*s->alive));
    if (!s->alive)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    *s->alive = (struct alive){ .store = s, .refs = 1 };
    pthread_mutex_init(&s->alive->lock, NULL);
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->more, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int failed = pthread_create(&s->thread, NULL, writer, s);
    s->running = !failed;
    if (failed) {
        alive_release(s->alive);
        return err_errno(err, failed, "cannot start the writer thread");
    }
    return ANIMA_OK;
}

void writer_stop(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    s->quit = true;
    pthread_cond_signal(&s->more);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    s->running = false;
    s->alive->store = NULL;
    alive_release(s->alive);
    pthread_cond_destroy(&s->more);
    pthread_mutex_destroy(&s->lock);
}

/* ---- for doctor ---- */

int store_check(struct store *s, anima_error *err)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(s->reader.db, "PRAGMA quick_check(1)", -1, &q, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    bool good = rc == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(q, 0), "ok") == 0;
    int result = rc == SQLITE_ROW ? good ? ANIMA_OK : store_error(NULL, SQLITE_CORRUPT, s->path, err)
                                  : store_error(s->reader.db, rc, s->path, err);
    sqlite3_finalize(q);
    if (result || s->read_only)
        return result;
    /* A connection of its own: the writer's belongs to its thread. */
    sqlite3 *db = NULL;
    rc = sqlite3_open_v2(s->path, &db, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(db, 5000);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "BEGIN IMMEDIATE; INSERT INTO person(id, name) VALUES(-1, char(0) || 'check'); ROLLBACK",
                          NULL, NULL, NULL);
    result = rc == SQLITE_OK ? ANIMA_OK : store_error(db, rc, s->path, err);
    sqlite3_close(db);
    return result;
}
