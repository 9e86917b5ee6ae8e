/* forget.c — words that go for good: of turns that keep their place, of alternatives, with all that was made of them. What is remembered
 * follows by the triggers of turns (schema.c: memory with its facts, summaries); notes, pins, what replies were told and blind pairs
 * that show the words go here. Which turns these are is decided above (agent/forget.h). */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

#include <string.h>

/* ---- queueing (loop thread) ---- */

void forget_change_free(struct store_forget_change *change)
{
    for (size_t i = 0; change && i < change->n; i++)
        mem_free((char *)change->places[i].text);
    if (change)
        mem_free(change->places);
    mem_free(change);
}

static int copy_places(struct store_forget_change *change, const struct store_forgotten *places, size_t n)
{
    change->places = mem_zero(n + 1, sizeof(*places));
    if (!change->places)
        return ANIMA_E_NOMEM;
    for (; change->n < n; change->n++) {
        struct store_forgotten *to = &change->places[change->n];
        *to = places[change->n];
        to->text = to->text ? mem_strdup(to->text) : NULL;
        if (places[change->n].text && !to->text)
            return ANIMA_E_NOMEM;
    }
    return ANIMA_OK;
}

int store_forget(struct store *s, const struct store_forgotten *places, size_t n, const char *asked, int64_t asked_seq,
                 int forgot, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_FORGET, asked, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->forget = mem_zero(1, sizeof(*job->forget));
    if (!job->forget || copy_places(job->forget, places, n))
        return job_not_made(job, err);
    job->forget->seq = asked_seq;
    job->forget->forgot = forgot;
    return job_queue(s, job);
}

/* ---- writing (writer thread) ---- */

static sqlite3_stmt *of_place(struct store *s, struct job *job, enum store_sql which, const char *conversation,
                              int64_t seq)
{
    sqlite3_stmt *q = store_prepare(&s->writer, which, s->path, &job->err);
    if (q) {
        store_bind_text(q, 1, conversation);
        sqlite3_bind_int64(q, 2, seq);
    }
    return q;
}

static int run_plain(struct store *s, struct job *job, enum store_sql which, const struct store_forgotten *place)
{
    sqlite3_stmt *q = of_place(s, job, which, place->conversation, place->seq);
    return q ? writer_step(s, q, &job->err) : job->err.code;
}

/* Of an alternative, or (-1) of all. */
static int run_variants(struct store *s, struct job *job, enum store_sql which, const struct store_forgotten *place)
{
    sqlite3_stmt *q = of_place(s, job, which, place->conversation, place->seq);
    if (!q)
        return job->err.code;
    sqlite3_bind_int(q, 3, place->variant);
    return writer_step(s, q, &job->err);
}

static int forget_turn(struct store *s, struct job *job, const struct store_forgotten *place)
{
    static const enum store_sql before[] = { SQL_FORGET_PAIRS, SQL_FORGET_NAME, SQL_FORGET_NOTE, SQL_UNTELL_OF,
                                             SQL_UNPIN };
    int rc = ANIMA_OK;
    for (size_t i = 0; i < sizeof(before) / sizeof(*before) && !rc; i++)
        rc = run_plain(s, job, before[i], place);
    sqlite3_stmt *q = rc ? NULL : of_place(s, job, SQL_FORGET_TURN, place->conversation, place->seq);
    if (!q)
        return rc ? rc : job->err.code;
    store_bind_text(q, 3, place->text ? place->text : "");
    rc = writer_step(s, q, &job->err);
    return rc ? rc : writer_recount(s, job, place->conversation);
}

static int forget_place(struct store *s, struct job *job, const struct store_forgotten *place)
{
    int rc = run_variants(s, job, SQL_FORGET_VARIANTS, place);
    if (!rc)
        rc = run_variants(s, job, SQL_UNTELL_ALL, place);
    if (rc)
        return rc;
    return place->variant >= 0 ? run_plain(s, job, SQL_REVISE, place) : forget_turn(s, job, place);
}

static bool is_there(struct store *s, struct job *job, const char *conversation)
{
    sqlite3_stmt *q = of_place(s, job, SQL_CONVERSATION_IS_THERE, conversation, 0);
    bool there = q && sqlite3_step(q) == SQLITE_ROW;
    if (q)
        sqlite3_reset(q);
    return there;
}

int forget_run(struct store *s, struct job *job)
{
    const struct store_forget_change *change = job->forget;
    int rc = ANIMA_OK;
    for (size_t i = 0; i < change->n && !rc; i++)
        if (is_there(s, job, change->places[i].conversation))
            rc = forget_place(s, job, &change->places[i]);
    sqlite3_stmt *q = rc || !change->seq ? NULL : of_place(s, job, SQL_FORGOT, job->conversation, change->seq);
    if (q) {
        sqlite3_bind_int(q, 3, change->forgot);
        rc = writer_step(s, q, &job->err);
    } else if (change->seq && !rc) {
        rc = job->err.code;
    }
    return rc || !change->n ? rc : writer_remember_purge(s, job);
}
