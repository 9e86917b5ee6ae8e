/* topics.c — what was talked about: parts of conversations that were looked at, the sentences that were made of them, and the turns that each
 * sentence is from. Which sentences go when a turn is changed or deleted, and which conversations are due, triggers decide (schema.c). */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

#include <string.h>

/* What one job writes: a part, a conversation that is settled, vectors, or, with none of them, what a person put in the place of job->id. */
struct store_topic_change {
    struct store_topic_part part; /* conversation NULL: none. Strings owned */
    struct store_topic_due due;   /* "": none */
    int64_t at_ms, turns;         /* with due */
    struct store_topic_vector *vectors;
    size_t n_vectors;
};

/* ---- queueing (loop thread) ---- */

void topic_change_free(struct store_topic_change *change)
{
    if (!change)
        return;
    struct store_topic_sentence *list = (struct store_topic_sentence *)(uintptr_t)change->part.sentences;
    for (size_t i = 0; list && i < change->part.n; i++) {
        mem_free((char *)(uintptr_t)list[i].text);
        mem_free((char *)(uintptr_t)list[i].language);
    }
    mem_free(list);
    mem_free((char *)(uintptr_t)change->part.conversation);
    mem_free((char *)(uintptr_t)change->part.character);
    mem_free(change->vectors);
    mem_free(change);
}

static struct job *new_job(struct store *s, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_TOPIC, NULL, done, ctx, err);
    if (job && !(job->topic = mem_zero(1, sizeof(*job->topic)))) {
        job_not_made(job, err);
        return NULL;
    }
    return job;
}

/* False: out of memory; what there is goes with the job. */
static bool copy_part(struct store_topic_part *out, const struct store_topic_part *part)
{
    struct store_topic_sentence *list = mem_zero(part->n + 1, sizeof(*list));
    *out = *part;
    out->sentences = list;
    out->conversation = mem_strdup(part->conversation);
    out->character = mem_strdup(part->character);
    bool whole = list && out->conversation && out->character;
    out->n = 0;
    for (size_t i = 0; i < part->n && whole; i++) {
        list[i] = part->sentences[i];
        list[i].text = mem_strdup(part->sentences[i].text);
        list[i].language = mem_strdup(part->sentences[i].language);
        whole = list[i].text && list[i].language;
        out->n++;
    }
    return whole;
}

int store_topic_put(struct store *s, const struct store_topic_part *part, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = new_job(s, done, ctx, err);
    if (!job)
        return job_none(err, s);
    return copy_part(&job->topic->part, part) ? job_queue(s, job) : job_not_made(job, err);
}

int store_topic_settle(struct store *s, const struct store_topic_due *due, int64_t at_ms, int64_t turns,
                       store_done *done, void *ctx, anima_error *err)
{
    struct job *job = new_job(s, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->topic->due = *due;
    job->topic->at_ms = at_ms;
    job->topic->turns = turns;
    return job_queue(s, job);
}

int store_topic_vectors(struct store *s, const struct store_topic_vector *vectors, size_t n, store_done *done,
                        void *ctx, anima_error *err)
{
    struct job *job = new_job(s, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->topic->vectors = mem_alloc(n * sizeof(*vectors));
    if (!job->topic->vectors)
        return job_not_made(job, err);
    memcpy(job->topic->vectors, vectors, n * sizeof(*vectors));
    job->topic->n_vectors = n;
    return job_queue(s, job);
}

int store_topic_change(struct store *s, int64_t id, const char *text, int64_t now_ms, store_done *done, void *ctx,
                       anima_error *err)
{
    struct job *job = new_job(s, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->id = id;
    job->at_ms = now_ms;
    job->text = mem_strdup(text ? text : "");
    return job->text ? job_queue(s, job) : job_not_made(job, err);
}

/* ---- writing (writer thread) ---- */

static sqlite3_stmt *of_part(struct store *s, enum store_sql which, const struct store_topic_part *part,
                             anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, which, s->path, err);
    if (q) {
        store_bind_text(q, 1, part->conversation);
        sqlite3_bind_int64(q, 2, part->first);
        sqlite3_bind_int64(q, 3, part->last);
    }
    return q;
}

/* Its turns are those that it was made of. */
static int check_part(struct store *s, const struct store_topic_part *part, anima_error *err)
{
    sqlite3_stmt *q = of_part(s, SQL_TOPIC_STANDS, part, err);
    if (!q)
        return err->code;
    int step = sqlite3_step(q);
    bool stands = step == SQLITE_ROW && sqlite3_column_int64(q, 0) == part->count &&
                  sqlite3_column_int64(q, 1) == part->newest;
    int rc = step == SQLITE_ROW ? ANIMA_OK : store_error(s->writer.db, step, s->path, err);
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
    return rc || stands
               ? rc
               : err_set(err, ANIMA_E_CONFLICT, "turns of conversation %s have changed meanwhile", part->conversation);
}

static int add_sentence(struct store *s, const struct store_topic_part *part, const struct store_topic_sentence *one,
                        anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_TOPIC_ADD, s->path, err);
    if (!q)
        return err->code;
    store_bind_text(q, 1, part->conversation);
    sqlite3_bind_int64(q, 2, one->cites[0]);
    store_bind_text(q, 3, part->character);
    sqlite3_bind_int64(q, 4, one->person);
    sqlite3_bind_int64(q, 5, one->at_ms);
    store_bind_text(q, 6, one->language);
    store_bind_text(q, 7, one->text);
    int rc = writer_step(s, q, err);
    int64_t line = sqlite3_last_insert_rowid(s->writer.db);
    for (size_t i = 0; i < one->n_cites && !rc; i++) {
        q = store_prepare(&s->writer, SQL_TOPIC_CITE, s->path, err);
        if (!q)
            return err->code;
        sqlite3_bind_int64(q, 1, line);
        store_bind_text(q, 2, part->conversation);
        sqlite3_bind_int64(q, 3, one->cites[i]);
        rc = writer_step(s, q, err);
    }
    return rc;
}

static int put_part(struct store *s, const struct store_topic_part *part, anima_error *err)
{
    int rc = check_part(s, part, err);
    sqlite3_stmt *q = rc ? NULL : of_part(s, SQL_TOPIC_CLEAR, part, err);
    if (rc || !q)
        return err->code;
    rc = writer_step(s, q, err);
    q = rc ? NULL : of_part(s, SQL_TOPIC_PART, part, err);
    if (rc || !q)
        return err->code;
    sqlite3_bind_int64(q, 4, part->made_ms);
    rc = writer_step(s, q, err);
    for (size_t i = 0; i < part->n && !rc; i++)
        rc = add_sentence(s, part, &part->sentences[i], err);
    return rc;
}

static int settle(struct store *s, const struct store_topic_change *change, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, change->turns ? SQL_TOPIC_LATER : SQL_TOPIC_DONE, s->path, err);
    if (!q)
        return err->code;
    store_bind_text(q, 1, change->due.conversation);
    sqlite3_bind_int64(q, 2, change->due.at_ms);
    sqlite3_bind_int64(q, 3, change->due.turns);
    if (change->turns) {
        sqlite3_bind_int64(q, 4, change->at_ms);
        sqlite3_bind_int64(q, 5, change->turns);
    }
    return writer_step(s, q, err);
}

static int put_vector(struct store *s, const struct store_topic_vector *v, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_TOPIC_VECTOR, s->path, err);
    if (!q)
        return err->code;
    sqlite3_bind_int64(q, 1, v->id);
    sqlite3_bind_int64(q, 2, v->hand_ms);
    sqlite3_bind_blob(q, 3, v->row, STORE_VECTOR, SQLITE_STATIC);
    sqlite3_bind_double(q, 4, (double)v->factor);
    return writer_step(s, q, err);
}

int topic_run(struct store *s, struct job *job)
{
    const struct store_topic_change *change = job->topic;
    if (change->part.conversation)
        return put_part(s, &change->part, &job->err);
    if (*change->due.conversation)
        return settle(s, change, &job->err);
    int rc = ANIMA_OK;
    for (size_t i = 0; i < change->n_vectors && !rc; i++)
        rc = put_vector(s, &change->vectors[i], &job->err);
    if (rc || change->n_vectors)
        return rc;
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_TOPIC_CHANGE, s->path, &job->err);
    if (!q)
        return job->err.code;
    sqlite3_bind_int64(q, 1, job->id);
    store_bind_text(q, 2, job->text);
    sqlite3_bind_int64(q, 3, job->at_ms);
    return writer_run(s, q, "sentence", &job->err);
}

/* ---- reading ---- */

int store_topic_due(struct store *s, int64_t now_ms, int64_t many, struct store_topic_due *out, int64_t *next_ms,
                    anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_TOPIC_DUE, &rc, err);
    *out = (struct store_topic_due){ .at_ms = 0 };
    *next_ms = 0;
    if (!q)
        return rc;
    sqlite3_bind_int64(q, 1, now_ms);
    sqlite3_bind_int64(q, 2, many);
    rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        store_copy_text(out->conversation, sizeof(out->conversation), q, 0);
        out->at_ms = sqlite3_column_int64(q, 1);
        out->turns = sqlite3_column_int64(q, 2);
    }
    rc = store_end_read(s, q, rc, err);
    q = rc || *out->conversation ? NULL : store_prepare_read(s, SQL_TOPIC_NEXT, &rc, err);
    if (!q)
        return rc;
    rc = sqlite3_step(q);
    *next_ms = rc == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
    return store_end_read(s, q, rc, err);
}

int store_topic_turns(struct store *s, const char *conversation, int limit, store_memory_cb *cb, void *ctx,
                      anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_TOPIC_TURNS, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, conversation);
    sqlite3_bind_int(q, 2, limit);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        struct store_memory item;
        memory_read(q, &item);
        stop = cb(ctx, &item);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

int store_topic_hands(struct store *s, const char *conversation, int64_t first, int64_t last, store_topic_hand_cb *cb,
                      void *ctx, anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_TOPIC_HANDS, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, conversation);
    sqlite3_bind_int64(q, 2, first);
    sqlite3_bind_int64(q, 3, last);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW)
        stop = cb(ctx, store_text_at(q, 0));
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

int store_topic_list(struct store *s, const char *character, int64_t person, int limit, store_topic_cb *cb, void *ctx,
                     anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_TOPICS, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, character);
    sqlite3_bind_int64(q, 2, person);
    sqlite3_bind_int(q, 3, limit);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        struct store_memory turn;
        memory_read(q, &turn);
        struct store_topic_line line = { .id = sqlite3_column_int64(q, 14),
                                         .at_ms = sqlite3_column_int64(q, 15),
                                         .hand_ms = sqlite3_column_int64(q, 16),
                                         .language = store_text_at(q, 17),
                                         .text = store_text_at(q, 18) };
        if (sqlite3_column_bytes(q, 19) == STORE_VECTOR) {
            line.row = sqlite3_column_blob(q, 19);
            line.factor = (float)sqlite3_column_double(q, 20);
        }
        stop = cb(ctx, &line, &turn);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

int store_topic_bare(struct store *s, int limit, store_topic_bare_cb *cb, void *ctx, anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_TOPIC_BARE, &rc, err);
    if (!q)
        return rc;
    sqlite3_bind_int(q, 1, limit);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const struct store_topic_line line = { .id = sqlite3_column_int64(q, 0),
                                               .hand_ms = sqlite3_column_int64(q, 1),
                                               .text = store_text_at(q, 2) };
        stop = cb(ctx, &line);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}
