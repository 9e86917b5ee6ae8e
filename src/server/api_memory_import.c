/* api_memory_import.c — chats of other programs: take an export in, see how far it is, undo it. */
#include "server/server_private.h"
#include "server/view.h"

#define ANSWER_MAX (4u << 20)

static void found(void *ctx, int code, const anima_error *err, const anima_chats_found *found)
{
    struct call call;
    struct object_reply answer;
    if (pending_over(ctx, code, err, &call))
        return;
    object_begin(&answer, ANSWER_MAX);
    view_chats_found(&answer.w, "found", found);
    object_end(&call, &answer, call.route->status);
}

void api_chats_import(const struct call *call)
{
    anima_error err;
    const struct http_request *r = call->request;
    const anima_chats_wish wish = { .character = call->words[0],
                                    .name = call->words[1],
                                    .me = call->words[2],
                                    .giver = call->words[3],
                                    .look = call->query[4] != 0 };
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    pending_keep(p, anima_chats_import(call->server->home, &wish, r->body, r->body_len, found, p, &err), &err);
}

static int put_one(void *ctx, const anima_chats *chats)
{
    view_chats(ctx, NULL, chats);
    return 0;
}

void api_chats_list(const struct call *call)
{
    anima_error err;
    struct list_reply answer;
    list_begin(&answer, ANSWER_MAX, "imports");
    list_end(call, &answer, anima_chats_list(call->server->home, put_one, &answer.w, &err), &err);
}

void api_chats_undo(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_purged;
    pending_keep(p, anima_chats_undo(call->server->home, call->id, pending_done, p, &err), &err);
}
