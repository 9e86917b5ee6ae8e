/* conversation_edit.c — people change what was said: rename, delete, fork; edit, choose, regenerate, take back.
 *
 * Each is an op: checked here, written by the store (which alone knows whether the revision is still right), then memory
 * follows, listeners hear of it, and the caller is told. While an op is under way its conversation is held open. */
#include "agent/memories.h"
#include "agent/notes.h"
#include "agent/reading.h"
#include "agent/state.h"
#include "agent/summary.h"
#include "agent/topics.h"
#include "agent/workings.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rnd.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- ops ---- */

int op_new(anima_home *home, anima_conversation *c, anima_done *done, void *ctx, struct op **out, anima_error *err)
{
    struct op *op = *out = mem_zero(1, sizeof(*op));
    if (!op)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the change");
    *op = (struct op){ .next = home->ops, .home = home, .conversation = c, .done = done, .ctx = ctx };
    home->ops = op;
    if (c)
        c->refs++;
    return ANIMA_OK;
}

void op_free(struct op *op)
{
    struct op **p = &op->home->ops;
    while (*p != op)
        p = &(*p)->next;
    *p = op->next;
    anima_conversation_close(op->conversation);
    anima_stream_close(op->stream);
    mem_free(op->text);
    mem_free(op);
}

static void tell(struct op *op, int rc, const anima_error *err)
{
    anima_conversation *made = NULL;
    anima_error why = { 0 };
    if (!rc && op->made)
        rc = anima_conversation_open(op->home, op->id, &made, &why);
    if (op->made)
        op->made(op->ctx, rc, why.code ? &why : err, made);
    else if (op->done)
        op->done(op->ctx, rc, err);
    anima_conversation_close(made);
}

void op_written(void *ctx, int rc, const anima_error *err)
{
    struct op *op = ctx;
    anima_error why = *err;
    if (!rc && op->end)
        rc = op->end(op, &why);
    else if (rc && op->failed)
        op->failed(op, rc, err);
    tell(op, rc, &why);
    op_free(op);
}

void op_end_all(anima_home *home)
{
    anima_error err;
    err_set(&err, ANIMA_E_CANCELLED, "the home is being closed");
    while (home->ops) {
        struct op *op = home->ops;
        if (op->made)
            op->made(op->ctx, err.code, &err, NULL);
        else if (op->done)
            op->done(op->ctx, err.code, &err);
        op_free(op);
    }
}

int op_queued(struct op *op, int rc)
{
    if (rc)
        op_free(op);
    return rc;
}

static int check_free(const anima_conversation *c, anima_error *err)
{
    if (c->home->read_only)
        return home_looked_at_only(err);
    if (c->gone)
        return err_set(err, ANIMA_E_NOT_FOUND, "the conversation was deleted");
    if (c->replies)
        return err_set(err, ANIMA_E_BUSY, "a reply is under way: stop it, or wait for its end");
    if (c->candidates)
        return err_set(err, ANIMA_E_BUSY,
                       "the last reply is being said in other ways: stop them, or wait for their end");
    if (c->removing)
        return err_set(err, ANIMA_E_BUSY, "turns are being taken back; try again in a moment");
    return ANIMA_OK;
}

/* ---- one turn, as it is now ---- */

struct wanted {
    int64_t seq;
    int (*use)(void *ctx, const anima_turn *turn);
    void *ctx;
    bool found;
};

static int is_wanted(void *ctx, const anima_turn *turn)
{
    struct wanted *w = ctx;
    w->found = turn->seq == w->seq;
    if (w->found)
        w->use(w->ctx, turn);
    return 1;
}

static int with_turn(anima_conversation *c, int64_t seq, anima_turn_cb *use, void *ctx, anima_error *err)
{
    struct wanted w = { seq, use, ctx, false };
    int rc = seq < 1 ? ANIMA_OK : anima_conversation_turns(c, seq - 1, 1, is_wanted, &w, err);
    return rc || w.found ? rc : err_set(err, ANIMA_E_NOT_FOUND, "there is no turn %lld", (long long)seq);
}

static int nothing(void *ctx, const anima_turn *turn)
{
    (void)ctx;
    (void)turn;
    return 0;
}

/* ---- the conversation itself ---- */

static int renamed(struct op *op, anima_error *err)
{
    (void)err;
    anima_conversation *c = op->conversation;
    snprintf(c->info.title, sizeof(c->info.title), "%s", op->text);
    event_conversation(c);
    return ANIMA_OK;
}

int anima_conversation_rename(anima_conversation *c, const char *title, anima_done *done, void *ctx, anima_error *err)
{
    struct op *op;
    if (c->home->read_only)
        return home_looked_at_only(err);
    int rc = c->gone ? err_set(err, ANIMA_E_NOT_FOUND, "the conversation was deleted")
                     : conversation_check_title(title, err);
    if (!rc)
        rc = op_new(c->home, c, done, ctx, &op, err);
    if (rc)
        return rc;
    op->end = renamed;
    op->text = mem_strdup(title);
    if (!op->text)
        return op_queued(op, err_set(err, ANIMA_E_NOMEM, "out of memory for the title"));
    return op_queued(op, store_conversation_title(c->home->store, c->info.id, title, op_written, op, err));
}

static int deleted(struct op *op, anima_error *err)
{
    (void)err; /* may say that the log is not empty yet: passed on */
    summary_changed(op->conversation, 0);
    topics_changed(op->home->topics, op->conversation->info.id);
    workings_changed(op->home->workings, op->conversation->info.id);
    reading_forget(op->home, op->conversation->info.id);
    if (op->keep_notes)
        notes_freed(op->home, op->conversation->info.id);
    else
        notes_gone(op->home, op->conversation->info.id, 0);
    anima_event event = { .type = ANIMA_EVENT_DELETED };
    event_emit(op->home, op->conversation, &event);
    return ANIMA_OK;
}

static void not_deleted(struct op *op, int rc, const anima_error *err)
{
    (void)err;
    op->conversation->gone = rc == ANIMA_E_NOT_FOUND;
}

int anima_conversation_delete(anima_conversation *c, bool keep_notes, anima_done *done, void *ctx, anima_error *err)
{
    struct op *op;
    int rc = check_free(c, err);
    if (!rc)
        rc = op_new(c->home, c, done, ctx, &op, err);
    if (rc)
        return rc;
    op->end = deleted;
    op->keep_notes = keep_notes;
    op->failed = not_deleted;
    reading_forget(c->home, c->info.id); /* first: a kill behind the store's commit leaves nothing with engines */
    rc = store_conversation_delete(c->home->store, c->info.id, keep_notes, op_written, op, err);
    c->gone = !rc;
    return op_queued(op, rc);
}

int op_made(struct op *op, anima_error *err)
{
    anima_conversation *c;
    int rc = anima_conversation_open(op->home, op->id, &c, err);
    if (rc)
        return rc;
    event_conversation(c);
    anima_conversation_close(c);
    memories_notice(op->home->memories);
    return ANIMA_OK;
}

/* "Title" becomes "Title (2)", and that "Title (3)". */
static void count_up(const char *title, char *out, size_t size)
{
    const char *open = strrchr(title, '(');
    char *end, tail[32];
    long n = open && open > title && open[-1] == ' ' ? strtol(open + 1, &end, 10) : 0;
    bool counted = n > 1 && n < 1000000 && strcmp(end, ")") == 0;
    size_t stem = counted ? (size_t)(open - 1 - title) : strlen(title);
    snprintf(tail, sizeof(tail), " (%ld)", counted ? n + 1 : 2);
    stem = utf8_cut(title, stem, size - 1 - strlen(tail));
    snprintf(out, size, "%.*s%s", (int)stem, title, *title ? tail : "");
}

int anima_conversation_fork(anima_conversation *c, int64_t seq, const char *title, anima_made *done, void *ctx,
                            anima_error *err)
{
    struct op *op;
    anima_conversation_info info = { .parent_seq = seq };
    int rc = check_free(c, err);
    if (!rc)
        rc = with_turn(c, seq, nothing, NULL, err);
    if (!rc && title)
        rc = conversation_check_title(title, err);
    if (!rc)
        rc = op_new(c->home, NULL, NULL, ctx, &op, err);
    if (rc)
        return rc;
    rnd_name(info.id, 16);
    snprintf(info.character, sizeof(info.character), "%s", c->info.character);
    snprintf(info.parent, sizeof(info.parent), "%s", c->info.id);
    snprintf(op->id, sizeof(op->id), "%s", info.id);
    if (title)
        snprintf(info.title, sizeof(info.title), "%s", title);
    else
        count_up(c->info.title, info.title, sizeof(info.title));
    info.created_ms = info.updated_ms = clock_wall_ms();
    op->made = done;
    op->end = op_made;
    return op_queued(op, store_conversation_fork(c->home->store, c->info.id, seq, &info, op_written, op, err));
}

/* ---- its turns ---- */

static int announce_turn(void *ctx, const anima_turn *turn)
{
    anima_conversation *c = ctx;
    bool last = turn->seq + 1 == c->next_seq;
    anima_event event = { .type = ANIMA_EVENT_TURN_CHANGED, .turn = turn };
    notes_edited(c->home, c->info.id, turn->seq, turn->text);
    bool in_mind = c->n_said && c->said[0].seq <= turn->seq; /* older ones are in no prompt */
    if (in_mind && conversation_remember(c, turn->seq, turn->person, turn->text))
        c->said_loaded = false; /* out of memory: read it again when it is needed */
    if (last)
        conversation_touch(c, c->info.turns, turn->text, c->info.updated_ms);
    event_emit(c->home, c, &event);
    return last;
}

static int changed(struct op *op, anima_error *err)
{
    (void)err;
    anima_conversation *c = op->conversation;
    with_turn(c, op->seq, announce_turn, c, NULL);
    if (op->seq + 1 == c->next_seq)
        event_conversation(c);
    summary_changed(c, op->seq);
    topics_changed(c->home->topics, c->info.id);
    workings_changed(c->home->workings, c->info.id);
    reading_changed(c);
    memories_notice(c->home->memories);
    return ANIMA_OK;
}

void conversation_changed(anima_conversation *c, int64_t seq)
{
    anima_conversation_info there;
    if (!store_conversation_get(c->home->store, c->info.id, &there, NULL)) {
        memcpy(c->info.title, there.title, sizeof(there.title));
        memcpy(c->info.last_text, there.last_text, sizeof(there.last_text));
    }
    with_turn(c, seq, announce_turn, c, NULL);
    event_conversation(c);
    summary_changed(c, seq);
}

int anima_turn_edit(anima_conversation *c, int64_t seq, const char *text, int revision, anima_done *done, void *ctx,
                    anima_error *err)
{
    struct op *op;
    size_t n = strlen(text);
    int rc = check_free(c, err);
    if (!rc && (n == 0 || !utf8_valid(text, n)))
        rc = err_set(err, ANIMA_E_INVALID, "a turn's text is UTF-8, and not empty");
    if (!rc && n > MAX_MESSAGE)
        rc = err_set(err, ANIMA_E_LIMIT, "a turn's text has at most %d bytes; this one has %zu", MAX_MESSAGE, n);
    if (!rc)
        rc = op_new(c->home, c, done, ctx, &op, err);
    if (rc)
        return rc;
    op->seq = seq;
    op->end = changed;
    return op_queued(op, store_turn_edit(c->home->store, c->info.id, seq, text, revision, op_written, op, err));
}

struct overlay {
    const anima_conversation *c;
    anima_turn_cb *cb;
    void *ctx;
};

/* The one that is being said has more words here than in the store. */
static int overlay_variant(void *ctx, const anima_turn *stored)
{
    const struct overlay *o = ctx;
    anima_turn turn = *stored;
    for (const struct reply *r = o->c->replies; r; r = r->next)
        if (r->seq == turn.seq && r->variant == turn.variant)
            reply_show(r, &turn);
    return o->cb(o->ctx, &turn);
}

int anima_turn_variants(anima_conversation *c, int64_t seq, anima_turn_cb *cb, void *ctx, anima_error *err)
{
    struct overlay o = { c, cb, ctx };
    int rc = with_turn(c, seq, nothing, NULL, err);
    return rc ? rc : store_variant_list(c->home->store, c->info.id, seq, overlay_variant, &o, err);
}

int anima_turn_choose(anima_conversation *c, int64_t seq, int variant, int revision, anima_done *done, void *ctx,
                      anima_error *err)
{
    struct op *op;
    int rc = check_free(c, err);
    if (!rc && variant < 0)
        rc = err_set(err, ANIMA_E_INVALID, "alternatives are counted from 0");
    if (!rc)
        rc = op_new(c->home, c, done, ctx, &op, err);
    if (rc)
        return rc;
    op->seq = seq;
    op->end = changed;
    return op_queued(op, store_turn_choose(c->home->store, c->info.id, seq, variant, revision, op_written, op, err));
}

static int begun(struct op *op, anima_error *err)
{
    (void)err;
    reply_renewed(op->reply, true);
    return ANIMA_OK;
}

static void not_begun(struct op *op, int rc, const anima_error *err)
{
    (void)rc;
    (void)err;
    reply_renewed(op->reply, false);
}

/* n: how many alternatives more there would be. */
static int check_renewable(const anima_conversation *c, const anima_turn *turn, int revision, int n, anima_error *err)
{
    if (turn->role != ANIMA_ROLE_CHARACTER || turn->seq + 1 != c->next_seq)
        return err_set(err, ANIMA_E_INVALID, "only the last turn can be said anew, and only if it is a reply");
    if (turn->seq == 1)
        return err_set(err, ANIMA_E_INVALID, "a greeting answers nothing: there is nothing to say anew");
    if (revision >= 0 && revision != turn->revision)
        return err_set(err, ANIMA_E_CONFLICT, "somebody else changed this turn first (revision %d, not %d)",
                       turn->revision, revision);
    if (turn->variants + n > MAX_VARIANTS)
        return err_set(err, ANIMA_E_LIMIT, "a turn has at most %d alternatives", MAX_VARIANTS);
    return ANIMA_OK;
}

struct renewing {
    anima_conversation *conversation;
    struct op *op;
    int revision, rc;
    anima_error *err;
};

static int renew(void *ctx, const anima_turn *turn)
{
    struct renewing *n = ctx;
    n->rc = check_renewable(n->conversation, turn, n->revision, 1, n->err);
    if (!n->rc)
        n->rc = reply_renew(n->conversation, turn, &n->op->reply, n->err);
    n->revision = turn->revision;
    return 0;
}

int anima_turn_regenerate(anima_conversation *c, int64_t seq, int revision, anima_done *done, void *ctx,
                          anima_error *err)
{
    struct op *op;
    int rc = check_free(c, err);
    if (!rc)
        rc = op_new(c->home, c, done, ctx, &op, err);
    if (rc)
        return rc;
    struct renewing n = { .conversation = c, .op = op, .revision = revision, .err = err };
    op->end = begun;
    op->failed = not_begun;
    rc = with_turn(c, seq, renew, &n, err);
    if (!rc)
        rc = n.rc;
    if (!rc) {
        rc = store_turn_renew(c->home->store, c->info.id, seq, n.revision, op->reply->created_ms, op_written, op, err);
        if (rc)
            reply_renewed(op->reply, false);
    }
    return op_queued(op, rc);
}

struct more_ways {
    anima_conversation *conversation;
    int n, revision, rc;
    anima_error *err;
};

static int say_in_ways(void *ctx, const anima_turn *turn)
{
    struct more_ways *w = ctx;
    w->rc = check_renewable(w->conversation, turn, w->revision, w->n, w->err);
    if (!w->rc && !*turn->text)
        w->rc = err_set(w->err, ANIMA_E_INVALID, "this reply has no words yet: let it be tried again");
    if (!w->rc)
        w->rc = candidates_begin(w->conversation, turn, w->n, w->err);
    return 0;
}

int anima_turn_candidates(anima_conversation *c, int64_t seq, int n, int revision, anima_error *err)
{
    struct more_ways w = { c, n, revision, ANIMA_OK, err };
    int rc = check_free(c, err);
    if (!rc && (n < 2 || n > ANIMA_MAX_CANDIDATES))
        rc = err_set(err, ANIMA_E_INVALID, "a reply is said in 2 to %d ways at a time, not in %d", ANIMA_MAX_CANDIDATES,
                     n);
    if (!rc)
        rc = with_turn(c, seq, say_in_ways, &w, err);
    return rc ? rc : w.rc;
}

static int taken_back(struct op *op, anima_error *err)
{
    (void)err;
    anima_conversation *c = op->conversation;
    anima_event event = { .type = ANIMA_EVENT_TURNS_REMOVED, .after = op->seq - 1 };
    c->removing = false;
    notes_gone(c->home, c->info.id, op->seq);
    conversation_forget_after(c, op->seq - 1);
    summary_changed(c, op->seq);
    topics_changed(c->home->topics, c->info.id);
    workings_changed(c->home->workings, c->info.id);
    reading_changed(c);
    conversation_refresh(c);
    event_emit(c->home, c, &event);
    event_conversation(c);
    return ANIMA_OK;
}

static void not_taken_back(struct op *op, int rc, const anima_error *err)
{
    (void)rc;
    (void)err;
    op->conversation->removing = false;
}

int anima_turn_take_back(anima_conversation *c, int64_t seq, int revision, anima_done *done, void *ctx,
                         anima_error *err)
{
    struct op *op;
    int rc = check_free(c, err);
    if (!rc)
        rc = op_new(c->home, c, done, ctx, &op, err);
    if (rc)
        return rc;
    op->seq = seq;
    op->end = taken_back;
    op->failed = not_taken_back;
    rc = store_turn_remove(c->home->store, c->info.id, seq, revision, op_written, op, err);
    c->removing = !rc;
    return op_queued(op, rc);
}
