/* api_conversations.c — listing, making, reading, stopping and retrying. Saying something is api_message.c. */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (64u << 20) /* 500 turns of 64 KiB, escaped */

static int list_one(void *ctx, const anima_conversation_info *info)
{
    view_conversation(ctx, NULL, info);
    return 0;
}

static int turn_one(void *ctx, const anima_turn *turn)
{
    view_turn(ctx, NULL, turn);
    return 0;
}

void api_conversations(const struct call *call)
{
    struct list_reply answer;
    anima_error err;
    list_begin(&answer, ANSWER_MAX, "conversations");
    int rc = anima_conversation_list_of(call->server->home, call->words[2], (int)call->query[0], call->query[1],
                                        list_one, &answer.w, &err);
    list_end(call, &answer, rc, &err);
}

void api_conversation_new(const struct call *call)
{
    anima_error err;
    anima_conversation *c;
    anima_conversation_info info;
    int64_t greeting = json_int(call->body, "greeting", 0);
    if (greeting < 0)
        greeting = INT32_MAX; /* as wrong as any number that is too large */
    if (anima_conversation_create_with(call->server->home, json_str(call->body, "character", ""),
                                       json_str(call->body, "title", NULL), (size_t)greeting, &c, &err)) {
        reply_code(call, &err);
        return;
    }
    anima_conversation_describe(c, &info);
    anima_conversation_close(c);
    struct object_reply answer;
    object_begin(&answer, ANSWER_MAX);
    view_conversation(&answer.w, "conversation", &info);
    object_end(call, &answer, 201);
}

int64_t call_number(const struct call *call)
{
    char *end;
    long long id = strtoll(call->id, &end, 10);
    return *end ? -1 : id;
}

anima_conversation *call_conversation(const struct call *call)
{
    anima_error err;
    anima_conversation *c;
    if (anima_conversation_open(call->server->home, call->id, &c, &err) == ANIMA_OK)
        return c;
    reply_code(call, &err);
    return NULL;
}

void api_conversation(const struct call *call)
{
    anima_error err;
    anima_conversation *c = call_conversation(call);
    anima_conversation_info info;
    struct buf body;
    struct jw w;
    if (!c)
        return;
    anima_conversation_describe(c, &info);
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    view_conversation(&w, "conversation", &info);
    jw_arr(&w, "turns");
    int rc = anima_conversation_turns(c, call->query[0], (int)call->query[1], turn_one, &w, &err);
    jw_end_arr(&w);
    jw_end_obj(&w);
    anima_conversation_close(c);
    if (rc) {
        buf_finish(&body);
        reply_code(call, &err);
        return;
    }
    reply_json(call, 200, &body);
}

static int branch_one(void *ctx, const anima_timeline *timeline)
{
    view_timeline(ctx, timeline);
    return 0;
}

void api_conversation_tree(const struct call *call)
{
    struct buf body;
    struct jw w;
    anima_error err;
    bool more = false;
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    jw_arr(&w, "timelines");
    int rc = anima_conversation_tree(call->server->home, call->id, (int)call->query[0], branch_one, &w, &more, &err);
    jw_end_arr(&w);
    jw_bool(&w, "more", more);
    jw_end_obj(&w);
    if (rc) {
        buf_finish(&body);
        reply_code(call, &err);
        return;
    }
    reply_json(call, 200, &body);
}

/* Opens {id}, calls what, replies with the error; true: it went well and *info is how the conversation is now. */
static bool command(const struct call *call, int (*what)(anima_conversation *, anima_error *),
                    anima_conversation_info *info)
{
    anima_error err;
    anima_conversation *c;
    int rc = anima_conversation_open(call->server->home, call->id, &c, &err);
    if (!rc) {
        rc = what(c, &err);
        anima_conversation_describe(c, info);
        anima_conversation_close(c);
    }
    if (rc)
        reply_error(call, rc == ANIMA_E_BUSY ? 409 : http_status_of(rc), &err);
    return rc == ANIMA_OK;
}

void api_conversation_cancel(const struct call *call)
{
    anima_conversation_info info;
    if (!command(call, anima_cancel, &info))
        return;
    reply_true(call, 200, "cancelled");
}

void api_conversation_retry(const struct call *call)
{
    anima_conversation_info info;
    if (!command(call, anima_retry, &info))
        return;
    struct object_reply answer;
    object_begin(&answer, 256);
    jw_int(&answer.w, "reply", info.turns); /* seq counts from 1 without gaps, and the last reply is the last turn */
    object_end(call, &answer, 202);
}
