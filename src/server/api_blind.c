/* api_blind.c — blind pairs: begin a round, look, choose, delete. */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"

#include <stdio.h>

#define ANSWER_MAX (16u << 20)

static int list_one(void *ctx, const anima_blind *round)
{
    view_blind(ctx, NULL, round);
    return 0;
}

static void list(const struct call *call, const char *character)
{
    anima_error err;
    struct list_reply answer;
    list_begin(&answer, ANSWER_MAX, "blinds");
    int rc = anima_blind_list(call->server->home, character, list_one, &answer.w, &err);
    list_end(call, &answer, rc, &err);
}

void api_blinds(const struct call *call) { list(call, NULL); }

void api_blinds_of(const struct call *call)
{
    anima_error err;
    if (anima_character_find(call->server->home, call->id)) {
        list(call, call->id);
        return;
    }
    err_set(&err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", call->id);
    reply_code(call, &err);
}

static int pair_one(void *ctx, const anima_blind_pair *pair)
{
    view_blind_pair(ctx, NULL, pair);
    return 0;
}

void api_blind(const struct call *call)
{
    anima_error err;
    anima_blind round;
    struct buf body;
    struct jw w;
    if (anima_blind_get(call->server->home, call->id, &round, &err)) {
        reply_code(call, &err);
        return;
    }
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    view_blind(&w, "blind", &round);
    jw_arr(&w, "pairs");
    int rc = anima_blind_pairs(call->server->home, call->id, pair_one, &w, &err);
    jw_end_arr(&w);
    jw_end_obj(&w);
    if (rc) {
        buf_finish(&body);
        reply_code(call, &err);
        return;
    }
    reply_json(call, 200, &body);
}

/* ---- what is answered when it is on the disk: the call's id is the round's ---- */

static void answer_round(struct pending *p, const anima_error *note, anima_conversation *made)
{
    anima_error err;
    anima_blind round;
    struct object_reply answer;
    (void)note;
    (void)made;
    if (anima_blind_get(p->call.server->home, p->call.id, &round, &err)) {
        reply_code(&p->call, &err);
        return;
    }
    object_begin(&answer, ANSWER_MAX);
    view_blind(&answer.w, "blind", &round);
    object_end(&p->call, &answer, p->call.route->status);
}

/* What is no small number is no number of pairs: refused. */
static int pairs_of(const struct call *call)
{
    int64_t pairs = json_int(call->body, "pairs", 0);
    return pairs < 0 || pairs > ANIMA_BLIND_MOST || (!pairs && yyjson_is_int(yyjson_obj_get(call->body, "pairs")))
               ? ANIMA_BLIND_MOST + 1
               : (int)pairs;
}

void api_blind_start(const struct call *call)
{
    anima_error err;
    char id[24] = "";
    struct pending *p = pending_new(call, false);
    const anima_blind_options options = { .language = json_str(call->body, "language", NULL),
                                          .pairs = pairs_of(call),
                                          .seed = json_int(call->body, "seed", 0) };
    if (!p)
        return;
    p->answer = answer_round;
    int rc = anima_blind_start(call->server->home, call->id, &options, id, pending_done, p, &err);
    if (!rc)
        snprintf(p->call.id, sizeof(p->call.id), "%s", id);
    pending_keep(p, rc, &err);
}

void api_blind_choose(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_round;
    pending_keep(p,
                 anima_blind_choose(call->server->home, call->id, call->seq, json_str(call->body, "choice", ""),
                                    json_str(call->body, "note", NULL), pending_done, p, &err),
                 &err);
}

void api_blind_remove(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_purged;
    pending_keep(p, anima_blind_remove(call->server->home, call->id, pending_done, p, &err), &err);
}
