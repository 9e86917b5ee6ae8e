/* api_forget.c — forget for good, keep in mind, what may be passed on, what was not told and why. */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"

#define ANSWER_MAX (64u << 20)
#define MOST_TURNS 64

/* ---- forgetting ---- */

static void forgotten(void *ctx, int code, const anima_error *err, const anima_forgotten *what)
{
    struct pending *p = ctx;
    struct call call;
    struct object_reply answer;
    bool done = !p->format;
    if (code) { /* what is busy is a state that does not go with it */
        pending_made(p, code, err, NULL);
        return;
    }
    if (pending_over(p, code, err, &call))
        return;
    object_begin(&answer, ANSWER_MAX);
    view_forgotten(&answer.w, what, done, !err->code);
    object_end(&call, &answer, 200);
}

/* The turns that are named; n: -1, one of them is not named well. */
static int read_places(yyjson_val *list, anima_place places[MOST_TURNS])
{
    size_t i, max;
    yyjson_val *turn;
    int n = 0;
    if (yyjson_arr_size(list) > MOST_TURNS)
        return -1;
    yyjson_arr_foreach (list, i, max, turn) {
        places[n] = (anima_place){ json_str(turn, "conversation", ""), json_int(turn, "seq", 0) };
        if (!*places[n].conversation || places[n].seq < 1)
            return -1;
        n++;
    }
    return n;
}

void api_forget(const struct call *call)
{
    anima_error err;
    anima_place places[MOST_TURNS];
    int n = read_places(yyjson_obj_get(call->body, "turns"), places);
    struct pending *p = n < 0 ? NULL : pending_new(call, false);
    if (n < 0) {
        err_set(&err, ANIMA_E_INVALID, "turns are 1 to %d of {conversation, seq}", MOST_TURNS);
        reply_code(call, &err);
    }
    if (!p)
        return;
    bool look = json_bool(call->body, "look", false);
    p->format = look;
    int rc = anima_memory_forget(call->server->home, places, (size_t)n, look, forgotten, p, &err);
    pending_keep(p, rc, &err);
}

/* ---- pins ---- */

static void answer_pinned(struct pending *p, const anima_error *note, anima_conversation *made)
{
    struct object_reply answer;
    (void)note;
    (void)made;
    object_begin(&answer, 256);
    jw_bool(&answer.w, "pinned", p->format);
    object_end(&p->call, &answer, 200);
}

static void pin(const struct call *call, bool pinned)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_pinned;
    p->format = pinned;
    pending_keep(p, anima_memory_pin(call->server->home, call->id, call->seq, pinned, pending_done, p, &err), &err);
}

void api_pin(const struct call *call) { pin(call, true); }
void api_unpin(const struct call *call) { pin(call, false); }

/* ---- rules ---- */

static int put_rule(void *ctx, const anima_rule *rule)
{
    view_rule(ctx, rule);
    return 0;
}

static void list_rules(const struct call *call)
{
    anima_error err;
    struct list_reply answer;
    list_begin(&answer, ANSWER_MAX, "rules");
    list_end(call, &answer, anima_rule_list(call->server->home, put_rule, &answer.w, &err), &err);
}

void api_rules(const struct call *call) { list_rules(call); }

static void answer_rules(struct pending *p, const anima_error *note, anima_conversation *made)
{
    (void)note;
    (void)made;
    list_rules(&p->call);
}

void api_rule_new(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    const anima_rule rule = { .person = json_str(call->body, "person", NULL),
                              .character = json_str(call->body, "character", ""),
                              .other = json_str(call->body, "other", "") };
    if (!p)
        return;
    p->answer = answer_rules;
    pending_keep(p, anima_rule_add(call->server->home, &rule, pending_done, p, &err), &err);
}

void api_rule_remove(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_rules;
    pending_keep(p, anima_rule_remove(call->server->home, call_number(call), pending_done, p, &err), &err);
}

/* ---- what was not told ---- */

static void refused(void *ctx, int code, const anima_error *err, const anima_refusals *found)
{
    struct call call;
    struct object_reply answer;
    if (pending_over(ctx, code, err, &call))
        return;
    object_begin(&answer, ANSWER_MAX);
    view_refusals(&answer.w, found);
    object_end(&call, &answer, 200);
}

void api_refused(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    pending_keep(p, anima_memory_refused(call->server->home, call->id, call->seq, refused, p, &err), &err);
}
