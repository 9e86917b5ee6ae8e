/* api_turns.c — changing what was said: edit, alternatives, regenerate, take back. Answered when libanima reports that it
 * is stored; until then the request is a struct pending. */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"
#include "base/mem.h"

#include <string.h>

#define ANSWER_MAX (64u << 20)

/* ---- requests that wait ---- */

static void on_left(void *ctx) { ((struct pending *)ctx)->left = true; }

void reply_change(const struct call *call, int code, const anima_error *err)
{
    reply_error(call, code == ANIMA_E_BUSY ? 409 : http_status_of(code), err);
}

struct pending *pending_new(const struct call *call, bool with_conversation)
{
    anima_error err;
    struct pending *p = mem_zero(1, sizeof(*p));
    int rc = p ? ANIMA_OK : err_set(&err, ANIMA_E_NOMEM, "out of memory for the request");
    if (p) {
        p->call = (struct call){ .server = call->server, .conn = call->conn, .route = call->route };
        memcpy(p->call.id, call->id, sizeof(call->id));
        p->seq = call->seq;
        if (with_conversation)
            rc = anima_conversation_open(call->server->home, call->id, &p->conversation, &err);
    }
    if (!rc)
        return p;
    reply_code(call, &err);
    mem_free(p);
    return NULL;
}

struct pending *pending_stream(const struct call *call, anima_stream *stream)
{
    struct pending *p = pending_new(call, false);
    if (p)
        p->stream = stream;
    else
        anima_stream_close(stream);
    return p;
}

static void pending_free(struct pending *p)
{
    anima_conversation_close(p->conversation);
    anima_stream_close(p->stream);
    mem_free(p);
}

void pending_keep(struct pending *p, int rc, const anima_error *err)
{
    if (rc) {
        reply_change(&p->call, rc, err);
        pending_free(p);
        return;
    }
    p->call.conn->owner = (struct http_owner){ .ctx = p, .closed = on_left };
}

void pending_made(void *ctx, int code, const anima_error *err, anima_conversation *made)
{
    struct pending *p = ctx;
    if (!p->left && code)
        reply_change(&p->call, code, err);
    else if (!p->left)
        p->answer(p, err, made);
    pending_free(p);
}

void pending_done(void *ctx, int code, const anima_error *err) { pending_made(ctx, code, err, NULL); }

bool pending_over(struct pending *p, int code, const anima_error *err, struct call *call)
{
    bool over = p->left || code;
    if (!p->left && code)
        reply_code(&p->call, err);
    *call = p->call;
    pending_free(p);
    return over;
}

/* ---- one turn ---- */

static int view_wanted(void *ctx, const anima_turn *turn)
{
    view_turn(ctx, "turn", turn);
    return 1;
}

static void answer_turn(struct pending *p, const anima_error *note, anima_conversation *made)
{
    struct buf body;
    struct jw w;
    anima_error err;
    (void)note;
    (void)made;
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    int rc = anima_conversation_turns(p->conversation, p->seq - 1, 1, view_wanted, &w, &err);
    jw_end_obj(&w);
    if (rc) {
        buf_finish(&body);
        reply_code(&p->call, &err);
        return;
    }
    reply_json(&p->call, 200, &body);
}

/* The revision of the body; what no turn can have is no revision. */
static int revision_of(const struct call *call)
{
    int64_t revision = json_int(call->body, "revision", -1);
    return revision < 0 ? -1 : revision > INT32_MAX ? INT32_MAX : (int)revision;
}

/* Only where it is asked for: a negative one would mean "any". */
static bool refuse_negative(const struct call *call)
{
    anima_error err;
    if (json_int(call->body, "revision", 0) >= 0)
        return false;
    err_set(&err, ANIMA_E_INVALID, "\"revision\" is counted from 0");
    reply_error(call, 400, &err);
    return true;
}

void api_turn_edit(const struct call *call)
{
    anima_error err;
    struct pending *p = refuse_negative(call) ? NULL : pending_new(call, true);
    if (!p)
        return;
    p->answer = answer_turn;
    pending_keep(p,
                 anima_turn_edit(p->conversation, p->seq, json_str(call->body, "text", ""), revision_of(call),
                                 pending_done, p, &err),
                 &err);
}

void api_turn_choose(const struct call *call)
{
    anima_error err;
    struct pending *p = refuse_negative(call) ? NULL : pending_new(call, true);
    if (!p)
        return;
    p->answer = answer_turn;
    pending_keep(p,
                 anima_turn_choose(p->conversation, p->seq, small_int(call->body, "variant", -1), revision_of(call),
                                   pending_done, p, &err),
                 &err);
}

static int one_variant(void *ctx, const anima_turn *turn)
{
    struct jw *w = ctx;
    jw_obj(w, NULL);
    jw_int(w, "variant", turn->variant);
    jw_str(w, "text", turn->text);
    jw_str(w, "model", turn->model);
    jw_int(w, "created_ms", turn->created_ms);
    jw_end_obj(w);
    return 0;
}

void api_turn_variants(const struct call *call)
{
    anima_error err;
    anima_conversation *c = call_conversation(call);
    struct buf body;
    struct jw w;
    if (!c)
        return;
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    jw_arr(&w, "variants");
    int rc = anima_turn_variants(c, call->seq, one_variant, &w, &err);
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

static int take_variant(void *ctx, const anima_turn *turn)
{
    *(int *)ctx = turn->variant;
    return 1;
}

static void answer_renewed(struct pending *p, const anima_error *note, anima_conversation *made)
{
    struct object_reply answer;
    int variant = 0;
    (void)note;
    (void)made;
    anima_conversation_turns(p->conversation, p->seq - 1, 1, take_variant, &variant, NULL);
    object_begin(&answer, 256);
    jw_int(&answer.w, "reply", p->seq);
    jw_int(&answer.w, "variant", variant);
    object_end(&p->call, &answer, 202);
}

void api_turn_regenerate(const struct call *call)
{
    anima_error err;
    struct pending *p = refuse_negative(call) ? NULL : pending_new(call, true);
    if (!p)
        return;
    p->answer = answer_renewed;
    pending_keep(p, anima_turn_regenerate(p->conversation, p->seq, revision_of(call), pending_done, p, &err), &err);
}

void api_turn_candidates(const struct call *call)
{
    anima_error err;
    anima_conversation *c = refuse_negative(call) ? NULL : call_conversation(call);
    int64_t n = json_int(call->body, "n", 3);
    if (!c)
        return;
    int rc = anima_turn_candidates(c, call->seq, n < 0 || n > INT32_MAX ? 0 : (int)n, revision_of(call), &err);
    anima_conversation_close(c);
    if (rc) {
        reply_change(call, rc, &err);
        return;
    }
    struct object_reply answer;
    object_begin(&answer, 256);
    jw_int(&answer.w, "reply", call->seq);
    jw_int(&answer.w, "candidates", n);
    object_end(call, &answer, 202);
}

static void answer_removed(struct pending *p, const anima_error *note, anima_conversation *made)
{
    anima_conversation_info info;
    struct object_reply answer;
    (void)note;
    (void)made;
    anima_conversation_describe(p->conversation, &info);
    object_begin(&answer, 256);
    jw_int(&answer.w, "turns", info.turns);
    object_end(&p->call, &answer, 200);
}

void api_turn_remove(const struct call *call)
{
    anima_error err;
    struct pending *p = refuse_negative(call) ? NULL : pending_new(call, true);
    if (!p)
        return;
    p->answer = answer_removed;
    pending_keep(p, anima_turn_take_back(p->conversation, p->seq, revision_of(call), pending_done, p, &err), &err);
}
