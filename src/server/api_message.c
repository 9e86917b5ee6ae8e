/* api_message.c — saying something. The answer (202) goes out when the message is safely on the disk: until then the
 * request waits for the event that says so. */
#include "server/server_private.h"

#include "base/err.h"
#include "base/mem.h"

struct waiting {
    struct call call; /* conn and route of the request; the rest is gone */
    anima_subscription *subscription;
    int64_t seq;
};

static void forget(struct waiting *m)
{
    anima_unsubscribe(m->subscription);
    mem_free(m);
}

static void reply_stored(struct waiting *m)
{
    struct object_reply answer;
    object_begin(&answer, 256);
    jw_int(&answer.w, "seq", m->seq);
    jw_int(&answer.w, "reply", m->seq + 1);
    object_end(&m->call, &answer, 202);
    forget(m);
}

static void on_event(void *ctx, const anima_event *event)
{
    struct waiting *m = ctx;
    if (!m->seq || !event->turn || event->turn->seq != m->seq)
        return;
    if (event->type == ANIMA_EVENT_TURN_CREATED) {
        reply_stored(m);
    } else if (event->type == ANIMA_EVENT_TURN_DONE && event->turn->state == ANIMA_TURN_FAILED) {
        anima_error err;
        err_set(&err, event->turn->error_code, "the message could not be stored: %s", event->turn->error);
        reply_code(&m->call, &err);
        forget(m);
    }
}

static void on_closed(void *ctx) { forget(ctx); }

static int is_seq(void *ctx, const anima_turn *turn)
{
    int64_t *seq = ctx;
    if (turn->seq == *seq)
        *seq = 0;
    return 1;
}

/* A message sent again (client_id) may be stored already: then no event will come. */
static bool is_stored(anima_conversation *c, int64_t seq)
{
    int64_t wanted = seq;
    return anima_conversation_turns(c, seq - 1, 1, is_seq, &wanted, NULL) == ANIMA_OK && wanted == 0;
}

static int say(struct waiting *m, const anima_message *message, const char *id, bool *stored, anima_error *err)
{
    anima_conversation *c;
    anima_home *home = m->call.server->home;
    int rc = anima_conversation_open(home, id, &c, err);
    if (rc)
        return rc;
    rc = anima_subscribe(home, id, on_event, m, &m->subscription, err);
    if (!rc)
        rc = anima_send(c, message, &m->seq, err);
    *stored = !rc && is_stored(c, m->seq);
    anima_conversation_close(c);
    return rc;
}

void api_message(const struct call *call)
{
    anima_error err;
    bool stored = false;
    const anima_message message = { .text = json_str(call->body, "text", ""),
                                    .person = json_str(call->body, "person", NULL),
                                    .client_id = json_str(call->body, "client_id", NULL) };
    struct waiting *m = mem_zero(1, sizeof(*m));
    int rc = m ? ANIMA_OK : err_set(&err, ANIMA_E_NOMEM, "out of memory for the message");
    if (m) {
        m->call = (struct call){ .server = call->server, .conn = call->conn, .route = call->route };
        rc = say(m, &message, call->id, &stored, &err);
    }
    if (rc) {
        if (m)
            forget(m);
        reply_code(call, &err);
    } else if (stored) {
        reply_stored(m);
    } else {
        call->conn->owner = (struct http_owner){ .ctx = m, .closed = on_closed };
    }
}

void api_typing(const struct call *call)
{
    anima_conversation *c = call_conversation(call);
    struct object_reply answer;
    if (!c)
        return;
    anima_typing(c, json_str(call->body, "person", NULL), json_str(call->body, "text", ""));
    anima_conversation_close(c);
    object_begin(&answer, 64);
    jw_bool(&answer.w, "ok", true);
    object_end(call, &answer, 200);
}
