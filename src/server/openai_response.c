/* openai_response.c — /v1/responses: a thin layer over streams. A response is a place in a stream, found again by its id. One
 * that goes on from the last place of a stream extends that; from any other place, or with another model, a new stream begins
 * with what stands before.
 *
 *   asked → started → words … → stored → the reply, or the end of the events
 *   at any time: the peer is gone        nothing has happened, unless it is being stored */
#include "server/openai.h"
#include "server/server_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rnd.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX (16u << 20)
#define META_MAX (1u << 20)
#define KEEP_MS (30ll * 24 * 3600 * 1000) /* as OpenAI's server does */

struct respond {
    struct call call; /* conn and route; the request is gone */
    anima_stream *stream;
    bool events, begun;
    char id[40], item[48];
    int64_t number; /* of the next event */
    struct buf meta, text;
    struct buf out; /* the event being written */
};

static void respond_free(struct respond *r)
{
    buf_finish(&r->meta);
    buf_finish(&r->text);
    buf_finish(&r->out);
    anima_stream_close(r->stream);
    mem_free(r);
}

static void on_closed(void *ctx)
{
    struct respond *r = ctx;
    anima_stream_abandon(r->stream);
    respond_free(r);
}

/* ---- events ---- */

static void event_begin(struct respond *r, struct jw *w, const char *type)
{
    sse_begin(&r->out, w, type);
    jw_str(w, "type", type);
    jw_int(w, "sequence_number", r->number++);
}

static void event_send(struct respond *r, struct jw *w)
{
    sse_end(&r->out, w);
    if (!r->out.failed)
        http_write(r->call.conn, r->out.data, r->out.len);
}

/* An event about the message, or with a part, about its part. */
static void begin_about(struct respond *r, struct jw *w, const char *type, bool part)
{
    event_begin(r, w, type);
    if (part)
        jw_str(w, "item_id", r->item);
    jw_int(w, "output_index", 0);
    if (part)
        jw_int(w, "content_index", 0);
}

static void send_response(struct respond *r, const char *type, const char *status, const char *text,
                          const anima_usage *usage, const char *error)
{
    struct jw w;
    const struct openai_response_view view = { .id = r->id,
                                               .meta = buf_str(&r->meta),
                                               .status = status,
                                               .text = text,
                                               .len = text ? r->text.len : 0,
                                               .usage = usage,
                                               .error = error };
    event_begin(r, &w, type);
    openai_response_put(&w, "response", &view);
    event_send(r, &w);
}

static void begin_events(struct respond *r)
{
    struct jw w;
    if (r->begun)
        return;
    r->begun = true;
    http_stream(r->call.conn, "text/event-stream; charset=utf-8");
    send_response(r, "response.created", "in_progress", NULL, NULL, NULL);
    send_response(r, "response.in_progress", "in_progress", NULL, NULL, NULL);
    begin_about(r, &w, "response.output_item.added", false);
    openai_response_put_item(&w, "item", r->id, "in_progress", NULL, 0);
    event_send(r, &w);
    begin_about(r, &w, "response.content_part.added", true);
    openai_response_put_part(&w, "part", "", 0);
    event_send(r, &w);
}

static void end_events(struct respond *r, const char *status, const anima_usage *usage)
{
    struct jw w;
    const char *text = buf_str(&r->text);
    bool whole = strcmp(status, "completed") == 0;
    begin_events(r);
    begin_about(r, &w, "response.output_text.done", true);
    jw_strn(&w, "text", text, r->text.len);
    jw_arr(&w, "logprobs");
    jw_end_arr(&w);
    event_send(r, &w);
    begin_about(r, &w, "response.content_part.done", true);
    openai_response_put_part(&w, "part", text, r->text.len);
    event_send(r, &w);
    begin_about(r, &w, "response.output_item.done", false);
    openai_response_put_item(&w, "item", r->id, status, text, r->text.len);
    event_send(r, &w);
    send_response(r, whole ? "response.completed" : "response.incomplete", status, text, usage, NULL);
    http_end(r->call.conn);
}

/* ---- the generation's side ---- */

static void on_started(void *ctx, const anima_usage *usage)
{
    struct respond *r = ctx;
    (void)usage;
    if (r->events)
        begin_events(r);
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    struct respond *r = ctx;
    struct jw w;
    (void)logprobs;
    (void)logprobs_len;
    buf_append(&r->text, text, n);
    if (!r->events)
        return;
    begin_events(r);
    begin_about(r, &w, "response.output_text.delta", true);
    jw_strn(&w, "delta", text, n);
    jw_arr(&w, "logprobs");
    jw_end_arr(&w);
    event_send(r, &w);
}

static void fail(struct respond *r, int code, const char *message)
{
    struct openai_failure f;
    openai_failed(&f, code, message, "input");
    if (!r->begun) {
        openai_reply_failure(&r->call, &f);
        return;
    }
    send_response(r, "response.failed", "failed", NULL, NULL, f.message);
    http_end(r->call.conn);
}

static void reply_whole(const struct call *call, const struct openai_response_view *view)
{
    struct buf body;
    struct jw w;
    buf_init(&body, 4 * TEXT_MAX);
    jw_init(&w, &body);
    openai_response_put(&w, NULL, view);
    reply_json(call, 200, &body);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    struct respond *r = ctx;
    const char *status = finish && strcmp(finish, "length") == 0 ? "incomplete" : "completed";
    const struct openai_response_view view = { .id = r->id,
                                               .meta = buf_str(&r->meta),
                                               .status = status,
                                               .text = buf_str(&r->text),
                                               .len = r->text.len,
                                               .usage = usage };
    if (code || r->text.failed)
        fail(r, code ? code : r->text.failed, message);
    else if (r->events)
        end_events(r, status, usage);
    else
        reply_whole(&r->call, &view);
    respond_free(r);
}

/* ---- where it goes on ---- */

static int create(const struct call *call, const struct openai_response_request *r, anima_stream **out,
                  anima_error *err)
{
    bool character = anima_character_find(call->server->home, r->model) != NULL;
    const anima_stream_options options = { .character = character ? r->model : NULL,
                                           .model = character ? NULL : r->model,
                                           .keep_ms = KEEP_MS };
    return anima_stream_create(call->server->home, &options, out, err);
}

struct taking {
    struct openai_response_request *request;
    anima_segment *all;
    size_t n;
    bool failed;
};

static int take_segment(void *ctx, const anima_segment *g)
{
    struct taking *t = ctx;
    struct arena *arena = &t->request->arena;
    anima_segment *copy = &t->all[t->n++];
    *copy = (anima_segment){ .kind = arena_strdup(arena, g->kind),
                             .name = arena_strdup(arena, g->name),
                             .text = arena_strdup(arena, g->text) };
    t->failed |= !copy->kind || !copy->name || !copy->text;
    return t->failed;
}

/* What stands up to seq comes in front of the input: for a stream of another model. */
static int take_history(struct openai_response_request *r, const anima_stream *from, int64_t seq, anima_error *err)
{
    struct taking t = { .request = r };
    t.all = arena_alloc(&r->arena, ((size_t)seq + r->n_input) * sizeof(*t.all));
    if (t.all)
        anima_stream_segments(from, 0, (size_t)seq, take_segment, &t);
    if (!t.all || t.failed)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the request");
    memcpy(t.all + t.n, r->input, r->n_input * sizeof(*t.all));
    r->input = t.all;
    r->n_input += t.n;
    return ANIMA_OK;
}

/* Behind segment seq of from. */
static int go_on(const struct call *call, struct openai_response_request *r, anima_stream *from, int64_t seq,
                 anima_stream **out, anima_error *err)
{
    anima_stream_info info;
    anima_stream_describe(from, &info);
    bool same = strcmp(*info.character ? info.character : info.model, r->model) == 0;
    if (same && seq == info.segments && !info.generating)
        return anima_stream_open(call->server->home, info.id, out, err);
    if (same)
        return anima_stream_fork(from, seq, out, err);
    int rc = create(call, r, out, err);
    if (!rc)
        rc = take_history(r, from, seq, err);
    if (rc)
        anima_stream_close(*out);
    return rc;
}

static int open_response(const struct call *call, const char *response, anima_stream **out, int64_t *seq,
                         anima_error *err)
{
    char id[24];
    int rc = anima_response_find(call->server->home, response, id, seq, err);
    return rc ? rc : anima_stream_open(call->server->home, id, out, err);
}

/* 0, or the status of the refusal. */
static int find_stream(const struct call *call, struct openai_response_request *r, anima_stream **out,
                       struct openai_failure *f)
{
    anima_error err;
    int64_t seq;
    anima_stream *from = NULL;
    int rc = r->previous ? open_response(call, r->previous, &from, &seq, &err) : ANIMA_OK;
    if (rc == ANIMA_E_NOT_FOUND)
        return openai_refuse(f, "previous_response_id", "previous_response_not_found",
                             "Previous response with id '%.80s' not found", r->previous);
    if (!rc)
        rc = from ? go_on(call, r, from, seq, out, &err) : create(call, r, out, &err);
    anima_stream_close(from);
    if (rc == ANIMA_E_NOT_FOUND) {
        openai_refuse(f, "model", "model_not_found", "The model '%.80s' does not exist: %.200s", r->model, err.message);
        f->status = 404;
    } else if (rc) {
        openai_failed(f, rc, err.message, "input");
    }
    return rc ? f->status : 0;
}

/* ---- the request ---- */

static struct respond *respond_new(const struct call *call, const struct openai_response_request *request,
                                   anima_stream *stream)
{
    struct respond *r = mem_zero(1, sizeof(*r));
    if (!r)
        return NULL;
    r->call = (struct call){ .server = call->server, .conn = call->conn, .route = call->route };
    r->stream = stream;
    r->events = request->stream;
    strcpy(r->id, "resp_");
    rnd_name(r->id + strlen(r->id), 26);
    openai_response_item_id(r->item, r->id);
    buf_init(&r->meta, META_MAX);
    buf_init(&r->text, TEXT_MAX);
    buf_init(&r->out, 4 * TEXT_MAX);
    return r;
}

static int ask(const struct call *call, struct openai_response_request *request, anima_stream *stream,
               struct openai_failure *f)
{
    static const anima_completion_callbacks callbacks = { .started = on_started, .words = on_words, .done = on_done };
    anima_error err;
    anima_generation *g = &request->generation;
    struct respond *r = respond_new(call, request, stream);
    int rc = r ? openai_response_meta(&r->meta, request, clock_wall_ms() / 1000) : ANIMA_E_NOMEM;
    if (rc) {
        err_set(&err, rc, "out of memory for the request");
    } else {
        g->append = request->input;
        g->n_append = request->n_input;
        g->response = request->store ? r->id : NULL;
        g->meta = request->store ? buf_str(&r->meta) : NULL;
        rc = anima_stream_generate(stream, g, &callbacks, r, &err);
    }
    if (!rc) {
        call->conn->owner = (struct http_owner){ .ctx = r, .closed = on_closed };
        return 0;
    }
    if (r)
        respond_free(r);
    else
        anima_stream_close(stream);
    openai_failed(f, rc, err.message, "input");
    return f->status;
}

void openai_respond(const struct call *call)
{
    struct openai_response_request r;
    struct openai_failure f;
    anima_stream *stream;
    int status = openai_response_read(&r, call->body, &f);
    if (!status)
        status = find_stream(call, &r, &stream, &f);
    if (!status)
        status = ask(call, &r, stream, &f);
    if (status)
        openai_reply_failure(call, &f);
    openai_response_request_finish(&r);
}

/* ---- one that is kept ---- */

struct showing {
    const struct call *call;
    bool shown;
};

static int show(void *ctx, const anima_segment *g)
{
    struct showing *one = ctx;
    const anima_usage usage = { .prompt_tokens = g->prompt_tokens,
                                .cached_tokens = g->cached_tokens,
                                .completion_tokens = g->completion_tokens };
    const struct openai_response_view view = { .id = g->response,
                                               .meta = g->meta,
                                               .status = strcmp(g->finish, "length") == 0 ? "incomplete" : "completed",
                                               .text = g->text,
                                               .len = strlen(g->text),
                                               .usage = &usage };
    one->shown = strcmp(g->response, one->call->id) == 0;
    if (one->shown)
        reply_whole(one->call, &view);
    return 1;
}

void openai_response(const struct call *call)
{
    int64_t seq;
    anima_stream *s = NULL;
    anima_error err;
    struct openai_failure f;
    struct showing one = { .call = call };
    int rc = open_response(call, call->id, &s, &seq, &err);
    if (!rc)
        anima_stream_segments(s, seq - 1, 1, show, &one);
    anima_stream_close(s);
    if (one.shown)
        return;
    openai_failed(&f, rc ? rc : ANIMA_E_NOT_FOUND, rc ? err.message : NULL, NULL);
    openai_reply_failure(call, &f);
}

static void answer_deleted(struct pending *p, const anima_error *note, anima_conversation *made)
{
    struct object_reply answer;
    (void)note;
    (void)made;
    object_begin(&answer, 512);
    jw_str(&answer.w, "id", p->call.id);
    jw_str(&answer.w, "object", "response");
    jw_bool(&answer.w, "deleted", true);
    object_end(&p->call, &answer, 200);
}

void openai_response_delete(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_deleted;
    pending_keep(p, anima_response_delete(call->server->home, call->id, pending_done, p, &err), &err);
}
