/* blind_door.c — what people see of a round, and choose in it. Until it is done nothing tells which reply is which: neither a name, nor a
 * count, nor the seed. */
#include "agent/blind_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define MAX_NOTE 400

static void hide(anima_blind *r)
{
    if (strcmp(r->state, "done") == 0) {
        blind_result(r);
        return;
    }
    r->seed = -1;
    r->trained = r->prompted = r->same = 0;
}

/* ---- looking ---- */

static int take(void *ctx, const anima_blind *round)
{
    *(anima_blind *)ctx = *round;
    return 1;
}

int blind_read(anima_home *home, const char *id, anima_blind *out, anima_error *err)
{
    *out = (anima_blind){ .id = "" };
    int rc = *id ? store_blind_list(home->store, id, "", "", 1, take, out, err) : ANIMA_OK;
    return rc || *out->id ? rc : err_set(err, ANIMA_E_NOT_FOUND, "there is no round \"%.64s\" of blind pairs", id);
}

int anima_blind_get(anima_home *home, const char *id, anima_blind *out, anima_error *err)
{
    int rc = blind_read(home, id, out, err);
    if (!rc)
        hide(out);
    return rc;
}

void blind_tell(anima_home *home, const char *id)
{
    anima_blind round;
    anima_event event = { .type = ANIMA_EVENT_BLIND_CHANGED, .blind = &round };
    if (!anima_blind_get(home, id, &round, NULL))
        event_emit(home, NULL, &event);
}

struct listing {
    anima_blind_cb *cb;
    void *ctx;
};

static int list_one(void *ctx, const anima_blind *round)
{
    const struct listing *l = ctx;
    anima_blind shown = *round;
    hide(&shown);
    return l->cb(l->ctx, &shown);
}

int anima_blind_list(anima_home *home, const char *character, anima_blind_cb *cb, void *ctx, anima_error *err)
{
    struct listing l = { cb, ctx };
    return store_blind_list(home->store, "", character ? character : "", "", BLIND_KEPT, list_one, &l, err);
}

struct showing {
    anima_blind_pair_cb *cb;
    void *ctx;
    bool done;
};

static int show_one(void *ctx, const anima_blind_pair *pair)
{
    const struct showing *s = ctx;
    anima_blind_pair shown = *pair;
    if (!pair->left || !pair->right)
        return 0;
    if (!s->done)
        shown.trained = "";
    return s->cb(s->ctx, &shown);
}

int anima_blind_pairs(anima_home *home, const char *id, anima_blind_pair_cb *cb, void *ctx, anima_error *err)
{
    anima_blind round;
    int rc = blind_read(home, id, &round, err);
    struct showing s = { cb, ctx, strcmp(round.state, "done") == 0 };
    return rc ? rc : store_blind_pairs(home->store, id, false, show_one, &s, err);
}

/* ---- choosing ---- */

static int told(struct op *op, anima_error *err)
{
    (void)err;
    blind_tell(op->home, op->id);
    return ANIMA_OK;
}

int blind_op(anima_home *home, const char *id, int (*end)(struct op *op, anima_error *err), anima_done *done, void *ctx,
             struct op **out, anima_error *err)
{
    if (home->read_only)
        return home_looked_at_only(err);
    int rc = op_new(home, NULL, done, ctx, out, err);
    if (rc)
        return rc;
    (*out)->end = end ? end : told;
    snprintf((*out)->id, sizeof((*out)->id), "%s", id);
    return ANIMA_OK;
}

static int check_choice(const char *choice, const char *note, anima_error *err)
{
    size_t n = strlen(note);
    if (strcmp(choice, "left") != 0 && strcmp(choice, "right") != 0 && strcmp(choice, "same") != 0)
        return err_set(err, ANIMA_E_INVALID, "the choice is left, right or same");
    if (n > MAX_NOTE || !utf8_valid(note, n))
        return err_set(err, ANIMA_E_INVALID, "a note is UTF-8 text of at most %d bytes", MAX_NOTE);
    return ANIMA_OK;
}

int anima_blind_choose(anima_home *home, const char *id, int64_t n, const char *choice, const char *note,
                       anima_done *done, void *ctx, anima_error *err)
{
    anima_blind round;
    struct op *op;
    int rc = check_choice(choice, note ? note : "", err);
    if (!rc)
        rc = blind_read(home, id, &round, err);
    if (!rc && strcmp(round.state, "done") == 0)
        rc = err_set(err, ANIMA_E_CONFLICT, "this round is over: which reply was which has been told");
    if (!rc && (n < 1 || n > round.pairs))
        rc = err_set(err, ANIMA_E_NOT_FOUND, "this round has the pairs 1 to %d", round.pairs);
    if (!rc)
        rc = blind_op(home, id, NULL, done, ctx, &op, err);
    if (rc)
        return rc;
    const anima_blind_pair pair = {
        .n = (int)n, .choice = choice, .note = note ? note : "", .chosen_ms = clock_wall_ms()
    };
    const struct store_blind_change change = {
        .what = STORE_BLIND_CHOOSE, .round = &round, .pairs = &pair, .n_pairs = 1
    };
    return op_queued(op, store_blind_change(home->store, &change, op_written, op, err));
}

static int removed(struct op *op, anima_error *err)
{
    (void)err; /* may say that the log is not empty yet: passed on */
    blind_forget(op->home->blinds, op->id);
    anima_event event = { .type = ANIMA_EVENT_BLIND_REMOVED, .id = op->id };
    event_emit(op->home, NULL, &event);
    return ANIMA_OK;
}

int anima_blind_remove(anima_home *home, const char *id, anima_done *done, void *ctx, anima_error *err)
{
    anima_blind round;
    struct op *op;
    int rc = blind_read(home, id, &round, err);
    if (!rc)
        rc = blind_op(home, id, removed, done, ctx, &op, err);
    if (rc)
        return rc;
    blind_forget(home->blinds, id);
    return op_queued(op, store_blind_remove(home->store, id, op_written, op, err));
}
