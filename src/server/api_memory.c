/* api_memory.c — what is remembered: search it, ask what would come to mind, see what a reply was told, make it anew; what is known of people:
 * see it, correct it. */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"

#define ANSWER_MAX (16u << 20)

static int put_memory(void *ctx, const anima_memory *memory)
{
    view_memory(ctx, NULL, memory);
    return 0;
}

void api_memory(const struct call *call)
{
    anima_error err;
    struct list_reply answer;
    const char *character = call->words[1];
    list_begin(&answer, ANSWER_MAX, "memories");
    int rc = anima_memory_search(call->server->home, *character ? character : NULL, call->words[0], (int)call->query[2],
                                 put_memory, &answer.w, &err);
    list_end(call, &answer, rc, &err);
}

static int put_told(void *ctx, const anima_memory *memory)
{
    view_told(ctx, memory);
    return 0;
}

static int put_passage(void *ctx, const anima_passage *passage)
{
    view_passage(ctx, passage);
    return 0;
}

void api_turn_memory(const struct call *call)
{
    anima_error err;
    struct list_reply answer;
    list_begin(&answer, ANSWER_MAX, "items");
    int rc = anima_memory_told(call->server->home, call->id, call->seq, put_told, &answer.w, &err);
    jw_end_arr(&answer.w);
    jw_arr(&answer.w, "passages");
    rc = rc ? rc : anima_document_told(call->server->home, call->id, call->seq, put_passage, &answer.w, &err);
    list_end(call, &answer, rc, &err);
}

static void recollected(void *ctx, int code, const anima_error *err, const anima_recollection *found)
{
    struct call call;
    struct buf body;
    struct jw w;
    if (pending_over(ctx, code, err, &call))
        return;
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    view_recollection(&w, found);
    reply_json(&call, 200, &body);
}

void api_recall(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    int rc = anima_memory_recall(call->server->home, call->id, call->words[1], call->words[0], recollected, p, &err);
    pending_keep(p, rc, &err);
}

void api_memory_status(const struct call *call)
{
    anima_error err;
    anima_memory_state state;
    struct buf body;
    struct jw w;
    if (anima_memory_status(call->server->home, &state, &err)) {
        reply_code(call, &err);
        return;
    }
    buf_init(&body, 4096);
    jw_init(&w, &body);
    view_memory_state(&w, &state);
    reply_json(call, 200, &body);
}

static void answer_begun(struct pending *p, const anima_error *note, anima_conversation *made)
{
    (void)note;
    (void)made;
    reply_true(&p->call, p->call.route->status, "begun");
}

void api_memory_anew(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_begun;
    pending_keep(p, anima_memory_anew(call->server->home, pending_done, p, &err), &err);
}

static int put_known(void *ctx, const anima_known *known)
{
    view_known(ctx, NULL, known);
    return 0;
}

void api_known(const struct call *call)
{
    anima_error err;
    struct list_reply answer;
    list_begin(&answer, ANSWER_MAX, "known");
    int rc = anima_known_list(call->server->home, call->id, call->words[0], call->words[1], put_known, &answer.w, &err);
    list_end(call, &answer, rc, &err);
}

static int put_topic(void *ctx, const anima_topic *topic)
{
    view_topic(ctx, NULL, topic);
    return 0;
}

void api_topics(const struct call *call)
{
    anima_error err;
    struct list_reply answer;
    list_begin(&answer, ANSWER_MAX, "topics");
    int rc = anima_topic_list(call->server->home, call->id, call->words[0], put_topic, &answer.w, &err);
    list_end(call, &answer, rc, &err);
}

/* The number in the path; what is none finds no fact. */
static void change_known(const struct call *call, const char *value)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_changed;
    pending_keep(p, anima_known_change(call->server->home, call_number(call), value, pending_done, p, &err), &err);
}

void api_known_change(const struct call *call) { change_known(call, json_str(call->body, "value", "")); }
void api_known_remove(const struct call *call) { change_known(call, NULL); }

static void change_topic(const struct call *call, const char *text)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_changed;
    pending_keep(p, anima_topic_change(call->server->home, call_number(call), text, pending_done, p, &err), &err);
}

void api_topic_change(const struct call *call) { change_topic(call, json_str(call->body, "text", "")); }
void api_topic_remove(const struct call *call) { change_topic(call, NULL); }
