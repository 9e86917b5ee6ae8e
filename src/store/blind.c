/* blind.c — rounds of blind pairs. What of a round is told before its end is no matter of the store (agent/blind_door.c). */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* ---- queueing (loop thread) ---- */

void blind_change_free(struct store_blind_change *change)
{
    if (!change)
        return;
    for (size_t i = 0; change->pairs && i < change->n_pairs; i++) {
        const anima_blind_pair *p = &change->pairs[i];
        mem_free((char *)p->context);
        mem_free((char *)p->left);
        mem_free((char *)p->right);
        mem_free((char *)p->choice);
        mem_free((char *)p->note);
    }
    mem_free((anima_blind_pair *)change->pairs);
    mem_free((anima_blind *)change->round);
    mem_free(change);
}

static const char *copy(const char *text, bool *failed)
{
    char *c = mem_strdup(text);
    *failed |= text && !c;
    return c;
}

static struct store_blind_change *copy_change(const struct store_blind_change *from)
{
    struct store_blind_change *c = mem_alloc(sizeof(*c));
    anima_blind *round = mem_alloc(sizeof(*round));
    anima_blind_pair *pairs = mem_zero(from->n_pairs + 1, sizeof(*pairs));
    bool failed = !c || !round || !pairs;
    if (failed) {
        mem_free(c);
        mem_free(round);
        mem_free(pairs);
        return NULL;
    }
    *round = *from->round;
    *c = (struct store_blind_change){ from->what, round, pairs, from->n_pairs };
    for (size_t i = 0; i < from->n_pairs; i++) {
        const anima_blind_pair *p = &from->pairs[i];
        pairs[i] = (anima_blind_pair){ .n = p->n,
                                       .own = p->own,
                                       .context = copy(p->context, &failed),
                                       .left = copy(p->left, &failed),
                                       .right = copy(p->right, &failed),
                                       .choice = copy(p->choice, &failed),
                                       .note = copy(p->note, &failed),
                                       .chosen_ms = p->chosen_ms,
                                       .trained = p->trained && strcmp(p->trained, "left") == 0 ? "left" : "right" };
    }
    if (!failed)
        return c;
    blind_change_free(c);
    return NULL;
}

int store_blind_change(struct store *s, const struct store_blind_change *change, store_done *done, void *ctx,
                       anima_error *err)
{
    struct job *job = job_new(s, JOB_BLIND, change->round->id, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->blind = copy_change(change);
    return job->blind ? job_queue(s, job) : job_not_made(job, err);
}

int store_blind_remove(struct store *s, const char *id, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_UNBLIND, id, done, ctx, err);
    return job ? job_queue(s, job) : job_none(err, s);
}

/* ---- writing (writer thread) ---- */

static sqlite3_stmt *prepare(struct store *s, struct job *job, enum store_sql which)
{
    sqlite3_stmt *q = store_prepare(&s->writer, which, s->path, &job->err);
    if (q)
        store_bind_text(q, 1, job->conversation);
    return q;
}

static int put_round(struct store *s, struct job *job)
{
    const anima_blind *r = job->blind->round;
    sqlite3_stmt *q = prepare(s, job, SQL_ADD_BLIND);
    if (!q)
        return job->err.code;
    store_bind_text(q, 2, r->character);
    store_bind_text(q, 3, r->language);
    store_bind_text(q, 4, r->state);
    store_bind_text(q, 5, r->model);
    store_bind_text(q, 6, r->adapter);
    store_bind_text(q, 7, r->adapter_sha256);
    sqlite3_bind_int64(q, 8, r->seed);
    sqlite3_bind_int64(q, 9, r->made_ms);
    sqlite3_bind_int(q, 10, r->code);
    store_bind_text(q, 11, r->message);
    return writer_run(s, q, "round", &job->err);
}

static int put_pair(struct store *s, struct job *job, const anima_blind_pair *p)
{
    sqlite3_stmt *q = prepare(s, job, SQL_ADD_BLIND_PAIR);
    if (!q)
        return job->err.code;
    sqlite3_bind_int(q, 2, p->n);
    sqlite3_bind_int(q, 3, p->own);
    store_bind_text(q, 4, p->context);
    sqlite3_bind_int(q, 5, strcmp(p->trained, "left") == 0);
    return writer_run(s, q, "round", &job->err);
}

static int put_state(struct store *s, struct job *job)
{
    const anima_blind *r = job->blind->round;
    sqlite3_stmt *q = prepare(s, job, SQL_BLIND_STATE);
    if (!q)
        return job->err.code;
    store_bind_text(q, 2, r->state);
    sqlite3_bind_int(q, 3, r->code);
    store_bind_text(q, 4, r->message);
    return writer_run(s, q, "round", &job->err);
}

/* A statement about the round that may change nothing. */
static int advance(struct store *s, struct job *job, enum store_sql which)
{
    sqlite3_stmt *q = prepare(s, job, which);
    return q ? writer_step(s, q, &job->err) : job->err.code;
}

static int put_reply(struct store *s, struct job *job, const anima_blind_pair *p)
{
    sqlite3_stmt *q = prepare(s, job, SQL_BLIND_REPLY);
    if (!q)
        return job->err.code;
    sqlite3_bind_int(q, 2, p->n);
    store_bind_text(q, 3, p->left);
    store_bind_text(q, 4, p->right);
    int rc = writer_run(s, q, "pair", &job->err);
    return rc ? rc : advance(s, job, SQL_BLIND_MADE);
}

static int put_choice(struct store *s, struct job *job, const anima_blind_pair *p)
{
    sqlite3_stmt *q = prepare(s, job, SQL_BLIND_CHOOSE);
    if (!q)
        return job->err.code;
    sqlite3_bind_int(q, 2, p->n);
    store_bind_text(q, 3, p->choice);
    store_bind_text(q, 4, p->note);
    sqlite3_bind_int64(q, 5, p->chosen_ms);
    int rc = writer_run(s, q, "pair to choose in", &job->err);
    return rc ? rc : advance(s, job, SQL_BLIND_CHOSEN);
}

static int take_away(struct store *s, struct job *job)
{
    sqlite3_stmt *q = prepare(s, job, SQL_DELETE_BLIND);
    if (!q)
        return job->err.code;
    int rc = writer_run(s, q, "round", &job->err); /* its pairs go with it */
    return rc ? rc : writer_remember_purge(s, job);
}

int blind_run(struct store *s, struct job *job)
{
    if (job->kind == JOB_UNBLIND)
        return take_away(s, job);
    const struct store_blind_change *c = job->blind;
    int rc = ANIMA_OK;
    switch (c->what) {
    case STORE_BLIND_STATE: return put_state(s, job);
    case STORE_BLIND_REPLY: return put_reply(s, job, c->pairs);
    case STORE_BLIND_CHOOSE: return put_choice(s, job, c->pairs);
    case STORE_BLIND_ADD: rc = put_round(s, job); break;
    }
    for (size_t i = 0; i < c->n_pairs && !rc; i++)
        rc = put_pair(s, job, &c->pairs[i]);
    return rc;
}

/* ---- reading ---- */

static void read_round(sqlite3_stmt *q, anima_blind *out)
{
    *out = (anima_blind){ .seed = sqlite3_column_int64(q, 7),
                          .made_ms = sqlite3_column_int64(q, 8),
                          .code = sqlite3_column_int(q, 9),
                          .pairs = sqlite3_column_int(q, 11),
                          .made = sqlite3_column_int(q, 12),
                          .chosen = sqlite3_column_int(q, 13),
                          .trained = sqlite3_column_int(q, 14),
                          .prompted = sqlite3_column_int(q, 15),
                          .same = sqlite3_column_int(q, 16) };
    store_copy_text(out->id, sizeof(out->id), q, 0);
    store_copy_text(out->character, sizeof(out->character), q, 1);
    store_copy_text(out->language, sizeof(out->language), q, 2);
    store_copy_text(out->state, sizeof(out->state), q, 3);
    store_copy_text(out->model, sizeof(out->model), q, 4);
    store_copy_text(out->adapter, sizeof(out->adapter), q, 5);
    store_copy_text(out->adapter_sha256, sizeof(out->adapter_sha256), q, 6);
    store_copy_text(out->message, sizeof(out->message), q, 10);
}

int store_blind_list(struct store *s, const char *id, const char *character, const char *state, int limit,
                     anima_blind_cb *cb, void *ctx, anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_BLINDS, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, id);
    store_bind_text(q, 2, character);
    store_bind_text(q, 3, state);
    sqlite3_bind_int(q, 4, limit);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        anima_blind round;
        read_round(q, &round);
        stop = cb(ctx, &round);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

/* NULL where it is NULL. */
static const char *maybe_text(sqlite3_stmt *q, int column)
{
    return sqlite3_column_type(q, column) == SQLITE_NULL ? NULL : store_text_at(q, column);
}

int store_blind_pairs(struct store *s, const char *id, bool unmade, anima_blind_pair_cb *cb, void *ctx,
                      anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_BLIND_PAIRS, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, id);
    sqlite3_bind_int(q, 2, unmade);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const anima_blind_pair pair = { .n = sqlite3_column_int(q, 0),
                                        .own = sqlite3_column_int(q, 1) != 0,
                                        .context = store_text_at(q, 2),
                                        .left = maybe_text(q, 3),
                                        .right = maybe_text(q, 4),
                                        .choice = store_text_at(q, 5),
                                        .note = store_text_at(q, 6),
                                        .chosen_ms = sqlite3_column_int64(q, 7),
                                        .trained = sqlite3_column_int(q, 8) ? "left" : "right" };
        stop = cb(ctx, &pair);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}
