/* memory.c — what was said, made ready to be found again: a row of "memory" for every turn that is over, its words in the FTS5
 * table "memory_words", and, later, what it means (a vector).
 *
 * Evidence first: a turn is the truth, all this is made from it and can be made again. Triggers (schema.c) write down in "memory_due" which
 * turns came, changed or went, in the transaction in which they did; the writer works this off before the same commit, so that
 * a turn that is reported written is found by its words. What is too much at once (a home from before, an import) is worked off when
 * nobody writes. What was said before anybody had spoken (a greeting) nobody witnessed: it is none. A turn that a fork has from its
 * parent is remembered there, once.
 * A row is never changed but for its vector: a turn that becomes another gets another row, with a greater id; the ids of rows that went
 * stand in "memory_gone" until the next start, for indexes that have them. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 500 /* turns in one transaction */

/* ---- working off what is due (writer thread) ---- */

static sqlite3_stmt *of_turn(struct store *s, enum store_sql which, const char *conversation, int64_t seq,
                             anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, which, s->path, err);
    if (q) {
        store_bind_text(q, 1, conversation);
        sqlite3_bind_int64(q, 2, seq);
    }
    return q;
}

static int run_of_turn(struct store *s, enum store_sql which, const char *conversation, int64_t seq, anima_error *err)
{
    sqlite3_stmt *q = of_turn(s, which, conversation, seq, err);
    return q ? writer_step(s, q, err) : err->code;
}

/* What was made of the turn goes; if it is there, and over, and says something, it is made anew. */
static int make_anew(struct store *s, const char *conversation, int64_t seq, anima_error *err)
{
    static const enum store_sql steps[] = { SQL_MEMORY_GONE, SQL_MEMORY_UNWORD, SQL_MEMORY_REMOVE, SQL_MEMORY_ADD,
                                            SQL_MEMORY_WORD };
    int rc = ANIMA_OK;
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && !rc; i++)
        rc = run_of_turn(s, steps[i], conversation, seq, err);
    return rc;
}

static int work_off(struct store *s, int *n, anima_error *err)
{
    char conversation[24];
    int rc = ANIMA_OK;
    for (*n = 0; *n < AT_ONCE && !rc; ++*n) {
        sqlite3_stmt *q = store_prepare(&s->writer, SQL_MEMORY_DUE, s->path, err);
        if (!q)
            return err->code;
        int step = sqlite3_step(q);
        int64_t seq = step == SQLITE_ROW ? sqlite3_column_int64(q, 1) : 0;
        if (step == SQLITE_ROW)
            store_copy_text(conversation, sizeof(conversation), q, 0);
        rc = step == SQLITE_ROW || step == SQLITE_DONE ? ANIMA_OK : store_error(s->writer.db, step, s->path, err);
        sqlite3_reset(q);
        if (rc || step == SQLITE_DONE)
            break;
        rc = make_anew(s, conversation, seq, err);
        if (!rc)
            rc = run_of_turn(s, SQL_MEMORY_DONE, conversation, seq, err);
    }
    return rc;
}

void memory_run(struct store *s)
{
    anima_error err = { 0 };
    int n = 0;
    if (sqlite3_exec(s->writer.db, "SAVEPOINT memory", NULL, NULL, NULL) != SQLITE_OK)
        return;
    int rc = work_off(s, &n, &err);
    /* What cannot be remembered now stays due: the turn itself is written all the same. */
    if (rc && !sqlite3_get_autocommit(s->writer.db))
        sqlite3_exec(s->writer.db, "ROLLBACK TO memory", NULL, NULL, NULL);
    if (!sqlite3_get_autocommit(s->writer.db))
        sqlite3_exec(s->writer.db, "RELEASE memory", NULL, NULL, NULL);
    if (rc)
        log_warn("store", "what was said is not made ready to be found: %s", err.message);
    s->memory_due = !rc && n == AT_ONCE;
}

void memory_catch_up(struct store *s)
{
    if (sqlite3_exec(s->writer.db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
        s->memory_due = false; /* with the next thing that is written */
        return;
    }
    memory_run(s);
    if (sqlite3_exec(s->writer.db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
        s->memory_due = false;
        if (!sqlite3_get_autocommit(s->writer.db))
            sqlite3_exec(s->writer.db, "ROLLBACK", NULL, NULL, NULL);
    }
}

/* The words are a table of FTS5, which a damaged or older file may lack: then everything is due. */
int memory_at_open(struct store *s, anima_error *err)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(s->writer.db, "SELECT count(*) FROM sqlite_schema WHERE name = 'memory_words'", -1, &q,
                                NULL);
    bool there = rc == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW && sqlite3_column_int(q, 0);
    sqlite3_finalize(q);
    if (rc == SQLITE_OK && !there)
        rc = sqlite3_exec(s->writer.db,
                          "BEGIN IMMEDIATE;"
                          "CREATE VIRTUAL TABLE memory_words USING fts5(text, tokenize = 'anima');"
                          "INSERT OR IGNORE INTO memory_due SELECT conversation, seq FROM turn WHERE state >= 2;"
                          "COMMIT",
                          NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(s->writer.db, "DELETE FROM memory_gone", NULL, NULL, NULL);
    if (rc != SQLITE_OK && !sqlite3_get_autocommit(s->writer.db))
        sqlite3_exec(s->writer.db, "ROLLBACK", NULL, NULL, NULL);
    s->memory_due = true;
    return rc == SQLITE_OK ? ANIMA_OK : store_error(s->writer.db, rc, s->path, err);
}

/* ---- jobs ---- */

void memory_change_free(struct store_memory_change *change)
{
    if (!change)
        return;
    mem_free(change->vectors);
    mem_free(change->marks);
    mem_free(change->facts);
    mem_free(change);
}

static int vector_run(struct store *s, const struct store_memory_vector *v, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_MEMORY_VECTOR, s->path, err);
    if (!q)
        return err->code;
    sqlite3_bind_int64(q, 1, v->id);
    sqlite3_bind_blob(q, 2, v->row, STORE_VECTOR, SQLITE_STATIC);
    sqlite3_bind_double(q, 3, v->factor);
    return writer_step(s, q, err);
}

static int mark_run(struct store *s, const struct store_memory_mark *m, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_MEMORY_MARK, s->path, err);
    if (!q)
        return err->code;
    sqlite3_bind_int64(q, 1, m->id);
    sqlite3_bind_int(q, 2, m->class);
    sqlite3_bind_int(q, 3, m->everyone);
    store_bind_text(q, 4, m->excluded);
    store_bind_text(q, 5, m->allowed);
    return writer_step(s, q, err);
}

int memory_job_run(struct store *s, struct job *job)
{
    if (!job->memory->n_vectors && !job->memory->n_marks) { /* everything anew */
        static const char anew[] =
            "INSERT INTO memory_gone(id) SELECT id FROM memory; DELETE FROM memory_words; DELETE FROM memory;"
            "INSERT OR IGNORE INTO memory_due SELECT conversation, seq FROM turn WHERE state >= 2";
        int rc = sqlite3_exec(s->writer.db, anew, NULL, NULL, NULL);
        return rc == SQLITE_OK ? ANIMA_OK : store_error(s->writer.db, rc, s->path, &job->err);
    }
    int rc = ANIMA_OK;
    for (size_t i = 0; i < job->memory->n_vectors && !rc; i++)
        rc = vector_run(s, &job->memory->vectors[i], &job->err);
    for (size_t i = 0; i < job->memory->n_marks && !rc; i++)
        rc = mark_run(s, &job->memory->marks[i], &job->err);
    return rc ? rc : facts_run(s, job->memory, &job->err);
}

static struct job *new_job(struct store *s, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_MEMORY, NULL, done, ctx, err);
    if (job && !(job->memory = mem_zero(1, sizeof(*job->memory)))) {
        job_not_made(job, err);
        return NULL;
    }
    return job;
}

static void *copy_of(const void *list, size_t n, size_t size)
{
    void *copy = mem_alloc(n * size);
    return copy ? memcpy(copy, list, n * size) : NULL;
}

int store_memory_vectors(struct store *s, const struct store_memory_vector *vectors, size_t n, store_done *done,
                         void *ctx, anima_error *err)
{
    struct job *job = new_job(s, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->memory->vectors = copy_of(vectors, n, sizeof(*vectors));
    job->memory->n_vectors = n;
    return job->memory->vectors ? job_queue(s, job) : job_not_made(job, err);
}

int store_memory_marks(struct store *s, const struct store_memory_mark *marks, size_t n, const struct store_fact *facts,
                       size_t n_facts, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = new_job(s, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->memory->marks = copy_of(marks, n, sizeof(*marks));
    job->memory->n_marks = n;
    job->memory->facts = n_facts ? copy_of(facts, n_facts, sizeof(*facts)) : NULL;
    job->memory->n_facts = n_facts;
    return job->memory->marks && (job->memory->facts || !n_facts) ? job_queue(s, job) : job_not_made(job, err);
}

int store_memory_anew(struct store *s, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = new_job(s, done, ctx, err);
    return job ? job_queue(s, job) : job_none(err, s);
}

/* ---- reading ---- */

void memory_read(sqlite3_stmt *q, struct store_memory *out)
{
    *out = (struct store_memory){ .id = sqlite3_column_int64(q, 0),
                                  .conversation = store_text_at(q, 1),
                                  .seq = sqlite3_column_int64(q, 2),
                                  .character = store_text_at(q, 3),
                                  .speaker = sqlite3_column_int64(q, 4),
                                  .at_ms = sqlite3_column_int64(q, 5),
                                  .witnesses = store_text_at(q, 6),
                                  .text = store_text_at(q, 9),
                                  .class = sqlite3_column_int(q, 10),
                                  .everyone = sqlite3_column_int(q, 11) != 0,
                                  .excluded = store_text_at(q, 12),
                                  .allowed = store_text_at(q, 13),
                                  .pinned = sqlite3_column_int(q, sqlite3_column_count(q) - 1) != 0 };
    if (sqlite3_column_bytes(q, 7) == STORE_VECTOR) {
        out->row = sqlite3_column_blob(q, 7);
        out->factor = (float)sqlite3_column_double(q, 8);
    }
}

static int read_items(struct store *s, sqlite3_stmt *q, store_memory_cb *cb, void *ctx, anima_error *err)
{
    int rc = SQLITE_DONE, stop = 0;
    struct store_memory item;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        memory_read(q, &item);
        stop = cb(ctx, &item);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

int store_memory_list(struct store *s, const char *character, int64_t after, int limit, store_memory_cb *cb, void *ctx,
                      anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, character ? SQL_MEMORIES : SQL_MEMORIES_OF_ALL, &rc, err);
    if (!q)
        return rc;
    if (character)
        store_bind_text(q, 1, character);
    sqlite3_bind_int64(q, 2, after);
    sqlite3_bind_int(q, 3, limit);
    return read_items(s, q, cb, ctx, err);
}

int store_memory_get(struct store *s, int64_t id, store_memory_cb *cb, void *ctx, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_MEMORY_OF, &rc, err);
    if (!q)
        return rc;
    sqlite3_bind_int64(q, 1, id);
    return read_items(s, q, cb, ctx, err);
}

int store_memory_bare(struct store *s, int limit, store_memory_cb *cb, void *ctx, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_MEMORIES_BARE, &rc, err);
    if (!q)
        return rc;
    sqlite3_bind_int(q, 1, limit);
    return read_items(s, q, cb, ctx, err);
}

int store_memory_unread(struct store *s, int before, int limit, store_memory_cb *cb, void *ctx, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_MEMORIES_UNREAD, &rc, err);
    if (!q)
        return rc;
    sqlite3_bind_int(q, 1, before);
    sqlite3_bind_int(q, 2, limit);
    return read_items(s, q, cb, ctx, err);
}

int store_memory_gone(struct store *s, int64_t after, store_gone_cb *cb, void *ctx, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_MEMORIES_GONE, &rc, err);
    if (!q)
        return rc;
    sqlite3_bind_int64(q, 1, after);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW)
        cb(ctx, sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1));
    return store_end_read(s, q, rc, err);
}

int store_memory_search(struct store *s, const char *character, const char *match, int limit, store_memory_cb *cb,
                        void *ctx, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_MEMORY_SEARCH, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, match);
    store_bind_text(q, 2, character ? character : "");
    sqlite3_bind_int(q, 3, limit);
    return read_items(s, q, cb, ctx, err);
}

int store_memory_waits(struct store *s, int64_t *due, int64_t *without_vector, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_MEMORY_WAITS, &rc, err);
    if (!q)
        return rc;
    rc = sqlite3_step(q);
    *due = rc == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
    *without_vector = rc == SQLITE_ROW ? sqlite3_column_int64(q, 1) : 0;
    return store_end_read(s, q, rc, err);
}

int store_memory_count(struct store *s, int64_t *turns, int64_t *unread, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_MEMORY_COUNT, &rc, err);
    if (!q)
        return rc;
    rc = sqlite3_step(q);
    *turns = rc == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
    *unread = rc == SQLITE_ROW ? sqlite3_column_int64(q, 1) : 0;
    return store_end_read(s, q, rc, err);
}

int store_memory_first(struct store *s, const char *conversation, int64_t seq, int64_t *id, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_MEMORY_FIRST, &rc, err);
    *id = 0;
    if (!q)
        return rc;
    store_bind_text(q, 1, conversation);
    sqlite3_bind_int64(q, 2, seq);
    rc = sqlite3_step(q);
    *id = rc == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
    return store_end_read(s, q, rc, err);
}

int store_memory_of_turn(struct store *s, const char *conversation, int64_t seq, store_memory_cb *cb, void *ctx,
                         anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_MEMORY_OF_TURN, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, conversation);
    sqlite3_bind_int64(q, 2, seq);
    return read_items(s, q, cb, ctx, err);
}

/* ---- numbers of people ---- */

int64_t store_people_next(const char **at)
{
    int64_t id = strtoll(*at, NULL, 10);
    *at += strcspn(*at, ",");
    *at += **at == ',';
    return id;
}

bool store_people_have(const char *numbers, int64_t person)
{
    for (int64_t one; (one = store_people_next(&numbers));)
        if (one == person)
            return true;
    return false;
}

bool store_people_add(char numbers[STORE_PEOPLE], int64_t person)
{
    size_t used = strlen(numbers);
    int n = snprintf(numbers + used, STORE_PEOPLE - used, "%s%lld", used ? "," : "", (long long)person);
    bool whole = (size_t)n < STORE_PEOPLE - used;
    if (!whole)
        numbers[used] = '\0';
    return whole;
}
