/* working.c — what turns showed of moods and of what somebody wanted, promises and questions that are open, and what a person put in the place of
 * what that comes to. It is made of turns and goes with them, and with another text of one (schema.c); which turns nobody has looked at yet,
 * and how often somebody thanked, triggers keep. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* What one job writes: what a turn shows, or what a person changed: of a state (part), or of the one of job->id. */
struct store_working_change {
    struct store_working_turn turn; /* memory 0: none. In the arrays below, strings owned */
    struct store_working_open opens[STORE_WORKING_OPENS];
    struct store_working_close closes[STORE_WORKING_OPENS];
    struct store_working_hand hand; /* part "": none */
    char state[12];                 /* of job->id: "" leaves it as it is; "gone": it is deleted */
};

/* ---- queueing (loop thread) ---- */

void working_change_free(struct store_working_change *change)
{
    for (size_t i = 0; change && i < STORE_WORKING_OPENS; i++)
        mem_free((char *)(uintptr_t)change->opens[i].text);
    if (change)
        mem_free((char *)(uintptr_t)change->turn.topic);
    mem_free(change);
}

static struct job *new_job(struct store *s, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_WORKING, NULL, done, ctx, err);
    if (job && !(job->working = mem_zero(1, sizeof(*job->working)))) {
        job_not_made(job, err);
        return NULL;
    }
    return job;
}

/* False: out of memory; what there is goes with the job. */
static bool copy_turn(struct store_working_change *change, const struct store_working_turn *turn)
{
    struct store_working_turn *out = &change->turn;
    *out = *turn;
    out->n_opens = turn->n_opens < STORE_WORKING_OPENS ? turn->n_opens : STORE_WORKING_OPENS;
    out->n_closes = turn->n_closes < STORE_WORKING_OPENS ? turn->n_closes : STORE_WORKING_OPENS;
    out->topic = mem_strdup(turn->topic ? turn->topic : "");
    bool whole = out->topic != NULL;
    for (size_t i = 0; i < out->n_opens; i++) {
        change->opens[i] = turn->opens[i];
        change->opens[i].text = mem_strdup(turn->opens[i].text);
        whole = whole && change->opens[i].text;
    }
    if (out->n_closes)
        memcpy(change->closes, turn->closes, out->n_closes * sizeof(*turn->closes));
    out->opens = change->opens;
    out->closes = change->closes;
    return whole;
}

int store_working_put(struct store *s, const struct store_working_turn *turn, store_done *done, void *ctx,
                      anima_error *err)
{
    struct job *job = new_job(s, done, ctx, err);
    if (!job)
        return job_none(err, s);
    return copy_turn(job->working, turn) ? job_queue(s, job) : job_not_made(job, err);
}

int store_working_hand(struct store *s, const struct store_working_hand *hand, store_done *done, void *ctx,
                       anima_error *err)
{
    struct job *job = new_job(s, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->working->hand = *hand;
    return job_queue(s, job);
}

int store_working_change_open(struct store *s, int64_t id, const char *text, const char *state, int64_t now_ms,
                              store_done *done, void *ctx, anima_error *err)
{
    struct job *job = new_job(s, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->id = id;
    job->at_ms = now_ms;
    snprintf(job->working->state, sizeof(job->working->state), "%s", state ? state : "");
    job->text = mem_strdup(text ? text : "");
    return job->text ? job_queue(s, job) : job_not_made(job, err);
}

/* ---- writing (writer thread) ---- */

static int run_of_memory(struct store *s, enum store_sql which, int64_t memory, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, which, s->path, err);
    if (q)
        sqlite3_bind_int64(q, 1, memory);
    return q ? writer_step(s, q, err) : err->code;
}

static int add_turn(struct store *s, const struct store_working_turn *t, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_WORKING_ADD, s->path, err);
    if (!q)
        return err->code;
    sqlite3_bind_int64(q, 1, t->memory);
    sqlite3_bind_int64(q, 2, t->person);
    sqlite3_bind_int64(q, 3, t->day);
    store_bind_text(q, 4, t->mood);
    sqlite3_bind_double(q, 5, t->intensity);
    sqlite3_bind_double(q, 6, t->confidence);
    store_bind_text(q, 7, t->intent);
    sqlite3_bind_double(q, 8, t->intent_confidence);
    store_bind_text(q, 9, t->own_mood);
    sqlite3_bind_double(q, 10, t->own_intensity);
    sqlite3_bind_double(q, 11, t->own_confidence);
    sqlite3_bind_int64(q, 12, t->events);
    store_bind_text(q, 13, t->topic);
    return writer_step(s, q, err);
}

static int add_open(struct store *s, const struct store_working_turn *t, const struct store_working_open *o,
                    anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_WORKING_OPEN, s->path, err);
    if (!q)
        return err->code;
    sqlite3_bind_int64(q, 1, t->memory);
    sqlite3_bind_int64(q, 2, t->person);
    store_bind_text(q, 3, o->kind);
    sqlite3_bind_int(q, 4, o->own);
    store_bind_text(q, 5, o->text);
    sqlite3_bind_int64(q, 6, o->from_ms);
    sqlite3_bind_int64(q, 7, o->to_ms);
    return writer_step(s, q, err);
}

static int close_open(struct store *s, const struct store_working_close *c, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_WORKING_CLOSE, s->path, err);
    if (!q)
        return err->code;
    sqlite3_bind_int64(q, 1, c->id);
    store_bind_text(q, 2, c->state);
    sqlite3_bind_int64(q, 3, c->at_ms);
    return writer_step(s, q, err);
}

/* A turn that has become another meanwhile has another row of "memory": then nothing is written. */
static int put_turn(struct store *s, const struct store_working_turn *t, anima_error *err)
{
    int rc = add_turn(s, t, err);
    bool added = sqlite3_changes(s->writer.db) > 0;
    for (size_t i = 0; i < t->n_opens && !rc && added; i++)
        rc = add_open(s, t, &t->opens[i], err);
    for (size_t i = 0; i < t->n_closes && !rc && added; i++)
        rc = close_open(s, &t->closes[i], err);
    return rc ? rc : run_of_memory(s, SQL_WORKING_DONE, t->memory, err);
}

static int put_hand(struct store *s, const struct store_working_hand *h, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->writer, SQL_WORKING_HAND, s->path, err);
    if (!q)
        return err->code;
    store_bind_text(q, 1, h->character);
    sqlite3_bind_int64(q, 2, h->person);
    store_bind_text(q, 3, h->part);
    store_bind_text(q, 4, h->value);
    sqlite3_bind_double(q, 5, h->amount);
    sqlite3_bind_int64(q, 6, h->at_ms);
    return writer_step(s, q, err);
}

int working_run(struct store *s, struct job *job)
{
    const struct store_working_change *change = job->working;
    if (change->turn.memory)
        return put_turn(s, &change->turn, &job->err);
    if (*change->hand.part)
        return put_hand(s, &change->hand, &job->err);
    bool gone = strcmp(change->state, "gone") == 0;
    sqlite3_stmt *q = store_prepare(&s->writer, gone ? SQL_WORKING_REMOVE : SQL_WORKING_CHANGE, s->path, &job->err);
    if (!q)
        return job->err.code;
    sqlite3_bind_int64(q, 1, job->id);
    if (!gone) {
        store_bind_text(q, 2, job->text);
        store_bind_text(q, 3, change->state);
        sqlite3_bind_int64(q, 4, job->at_ms);
    }
    return writer_run(s, q, "promise or question", &job->err);
}

/* ---- reading ---- */

/* A statement whose ?1 is a character and ?2 a person. NULL: *rc says why. */
static sqlite3_stmt *read_of(struct store *s, enum store_sql which, const char *character, int64_t person, int *rc,
                             anima_error *err)
{
    sqlite3_stmt *q = store_prepare_read(s, which, rc, err);
    if (!q)
        return NULL;
    store_bind_text(q, 1, character);
    sqlite3_bind_int64(q, 2, person);
    return q;
}

/* The first columns, as memory_read has them; whether it is pinned is not among them. */
static struct store_memory turn_of(sqlite3_stmt *q)
{
    struct store_memory turn;
    memory_read(q, &turn);
    turn.pinned = false;
    return turn;
}

int store_working_due(struct store *s, struct store_working_due *out, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_WORKING_DUE, &rc, err);
    *out = (struct store_working_due){ .memory = 0 };
    if (!q)
        return rc;
    rc = sqlite3_step(q);
    if (rc == SQLITE_ROW) {
        out->memory = sqlite3_column_int64(q, 0);
        store_copy_text(out->conversation, sizeof(out->conversation), q, 1);
        out->seq = sqlite3_column_int64(q, 2);
        store_copy_text(out->character, sizeof(out->character), q, 3);
        out->speaker = sqlite3_column_int64(q, 4);
        out->at_ms = sqlite3_column_int64(q, 5);
        out->class = sqlite3_column_int(q, 6);
    }
    return store_end_read(s, q, rc, err);
}

int store_working_list(struct store *s, const char *character, int64_t person, int limit, store_working_cb *cb,
                       void *ctx, anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = read_of(s, SQL_WORKING, character, person, &rc, err);
    if (!q)
        return rc;
    sqlite3_bind_int(q, 3, limit);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const struct store_memory turn = turn_of(q);
        const struct store_working_turn shown = { .memory = turn.id,
                                                  .person = person,
                                                  .mood = store_text_at(q, 14),
                                                  .intensity = sqlite3_column_double(q, 15),
                                                  .confidence = sqlite3_column_double(q, 16),
                                                  .intent = store_text_at(q, 17),
                                                  .intent_confidence = sqlite3_column_double(q, 18),
                                                  .own_mood = store_text_at(q, 19),
                                                  .own_intensity = sqlite3_column_double(q, 20),
                                                  .own_confidence = sqlite3_column_double(q, 21),
                                                  .events = sqlite3_column_int64(q, 22),
                                                  .topic = store_text_at(q, 23) };
        stop = cb(ctx, &shown, &turn);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

int store_working_opens(struct store *s, const char *character, int64_t person, int limit, store_working_open_cb *cb,
                        void *ctx, anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = read_of(s, SQL_WORKING_OPENS, character, person, &rc, err);
    if (!q)
        return rc;
    sqlite3_bind_int(q, 3, limit);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const struct store_memory turn = turn_of(q);
        const struct store_working_open open = { .id = sqlite3_column_int64(q, 14),
                                                 .kind = store_text_at(q, 15),
                                                 .own = sqlite3_column_int(q, 16) != 0,
                                                 .text = store_text_at(q, 17),
                                                 .from_ms = sqlite3_column_int64(q, 18),
                                                 .to_ms = sqlite3_column_int64(q, 19),
                                                 .state = store_text_at(q, 20),
                                                 .changed_ms = sqlite3_column_int64(q, 21),
                                                 .hand_ms = sqlite3_column_int64(q, 22) };
        stop = cb(ctx, &open, &turn);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

int store_working_hands(struct store *s, const char *character, int64_t person, store_working_hand_cb *cb, void *ctx,
                        anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = read_of(s, SQL_WORKING_HANDS, character, person, &rc, err);
    if (!q)
        return rc;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        struct store_working_hand hand = { .person = person,
                                           .amount = sqlite3_column_double(q, 2),
                                           .at_ms = sqlite3_column_int64(q, 3) };
        snprintf(hand.character, sizeof(hand.character), "%s", character);
        store_copy_text(hand.part, sizeof(hand.part), q, 0);
        store_copy_text(hand.value, sizeof(hand.value), q, 1);
        stop = cb(ctx, &hand);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

int store_working_sum(struct store *s, const char *character, int64_t person, struct store_working_sum *out,
                      anima_error *err)
{
    int rc;
    sqlite3_stmt *q = read_of(s, SQL_WORKING_SUM, character, person, &rc, err);
    *out = (struct store_working_sum){ .days = 0 };
    if (!q)
        return rc;
    rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        *out = (struct store_working_sum){ sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1),
                                           sqlite3_column_int64(q, 2), sqlite3_column_int64(q, 3),
                                           sqlite3_column_int64(q, 4), sqlite3_column_int64(q, 5),
                                           sqlite3_column_int64(q, 6) };
    return store_end_read(s, q, rc, err);
}
