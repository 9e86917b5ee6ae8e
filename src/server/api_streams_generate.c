/* api_streams_generate.c — POST /v1/streams/{id}/generate: one answer, or server-sent events
 *
 *   started {usage} · words {text, logprobs?} … · done {text, finish, segment, usage}
 *   at any time: error {error}, and the stream of events ends
 * The head of a stream of events goes out when the prompt was read, so that an error before is a plain one. */
#include "agent/sampling.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "server/api_streams.h"
#include "server/view.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (16u << 20)
#define STOPS_MAX 16
#define REQUEST_ARENA (2u << 20)

struct answer {
    struct call call; /* conn and route; the request is gone */
    anima_stream *stream;
    bool events, begun, forget, logprobs;
    struct buf text, scores; /* so far; scores: comma-separated */
    struct buf out;          /* the event being written */
};

static void answer_free(struct answer *a)
{
    buf_finish(&a->text);
    buf_finish(&a->scores);
    buf_finish(&a->out);
    anima_stream_close(a->stream);
    mem_free(a);
}

static void on_closed(void *ctx)
{
    struct answer *a = ctx;
    anima_stream_abandon(a->stream);
    answer_free(a);
}

/* ---- events ---- */

/* Begins an event whose data is an object. */
static void event_begin(struct answer *a, struct jw *w, const char *name)
{
    if (!a->begun)
        http_stream(a->call.conn, "text/event-stream; charset=utf-8");
    a->begun = true;
    sse_begin(&a->out, w, name);
}

static void event_send(struct answer *a, struct jw *w)
{
    sse_end(&a->out, w);
    if (!a->out.failed)
        http_write(a->call.conn, a->out.data, a->out.len);
}

static void on_started(void *ctx, const anima_usage *usage)
{
    struct answer *a = ctx;
    struct jw w;
    if (!a->events || a->begun)
        return;
    event_begin(a, &w, "started");
    view_usage(&w, usage);
    event_send(a, &w);
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    struct answer *a = ctx;
    struct jw w;
    buf_append(&a->text, text, n);
    if (!a->events && a->logprobs && logprobs_len > 2) { /* the list without its brackets */
        buf_puts(&a->scores, a->scores.len ? "," : "");
        buf_append(&a->scores, logprobs + 1, logprobs_len - 2);
    }
    if (!a->events)
        return;
    event_begin(a, &w, "words");
    jw_strn(&w, "text", text, n);
    if (a->logprobs && logprobs_len)
        jw_raw(&w, "logprobs", logprobs, logprobs_len);
    event_send(a, &w);
}

/* ---- the end ---- */

static int put_segment(void *ctx, const anima_segment *segment)
{
    view_segment(ctx, "segment", segment);
    return 0;
}

static void put_whole(struct answer *a, struct jw *w, const char *finish, const anima_usage *usage)
{
    anima_stream_info info;
    anima_stream_describe(a->stream, &info);
    jw_strn(w, "text", buf_str(&a->text), a->text.len);
    jw_str(w, "finish", finish);
    if (a->forget)
        jw_null(w, "segment");
    else
        anima_stream_segments(a->stream, info.segments - 1, 1, put_segment, w);
    if (a->logprobs && !a->events) {
        jw_arr(w, "logprobs");
        buf_append(w->out, buf_str(&a->scores), a->scores.len);
        jw_end_arr(w);
    }
    view_usage(w, usage);
}

static void fail(struct answer *a, int code, const char *message)
{
    anima_error err;
    struct jw w;
    err_set(&err, code, "%s", message && *message ? message : anima_error_name(code));
    if (!a->begun) {
        reply_change(&a->call, code, &err);
        return;
    }
    event_begin(a, &w, "error");
    jw_obj(&w, "error");
    jw_str(&w, "code", anima_error_name(code));
    jw_str(&w, "message", err.message);
    jw_end_obj(&w);
    event_send(a, &w);
    http_end(a->call.conn);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    struct answer *a = ctx;
    struct buf body;
    struct jw w;
    if (code) {
        fail(a, code, message);
    } else if (a->events) {
        event_begin(a, &w, "done");
        put_whole(a, &w, finish, usage);
        event_send(a, &w);
        http_end(a->call.conn);
    } else {
        buf_init(&body, 4 * TEXT_MAX);
        jw_init(&w, &body);
        jw_obj(&w, NULL);
        put_whole(a, &w, finish, usage);
        jw_end_obj(&w);
        body.failed |= a->text.failed | a->scores.failed;
        reply_json(&a->call, 200, &body);
    }
    answer_free(a);
}

/* ---- the request ---- */

struct wanted {
    struct arena arena;
    anima_generation generation; /* into the arena and the body */
    const char *stops[STOPS_MAX + 1];
    anima_segment *append;
};

static int read_stop(struct wanted *r, yyjson_val *stop, anima_error *err)
{
    size_t n = yyjson_is_arr(stop) ? yyjson_arr_size(stop) : stop && !yyjson_is_null(stop) ? 1 : 0;
    if (n > STOPS_MAX)
        return err_set(err, ANIMA_E_LIMIT, "at most %d stop strings", STOPS_MAX);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *one = yyjson_is_arr(stop) ? yyjson_arr_get(stop, i) : stop;
        const char *text = yyjson_get_str(one);
        if (!text || !*text || strlen(text) != yyjson_get_len(one))
            return err_set(err, ANIMA_E_INVALID, "\"stop\" must be a text, or a list of texts");
        r->stops[i] = text;
    }
    r->generation.sampling.stop = n ? r->stops : NULL;
    return ANIMA_OK;
}

static int read_schema(struct wanted *r, yyjson_val *schema, anima_error *err)
{
    size_t n;
    if (!yyjson_is_obj(schema))
        return ANIMA_OK;
    char *json = yyjson_val_write(schema, 0, &n);
    r->generation.json_schema = json ? arena_strndup(&r->arena, json, n) : NULL;
    free(json); /* yyjson's own allocator */
    return r->generation.json_schema ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the schema");
}

static int read_logprobs(struct wanted *r, yyjson_val *v, anima_error *err)
{
    r->generation.logprobs = -1;
    if (!v || yyjson_is_null(v))
        return ANIMA_OK;
    if (yyjson_get_sint(v) < 0 || yyjson_get_sint(v) > 20)
        return err_set(err, ANIMA_E_INVALID, "\"logprobs\" must be a whole number from 0 to 20");
    r->generation.logprobs = (int)yyjson_get_sint(v);
    return ANIMA_OK;
}

/* Free it in both cases. */
static int read_wanted(struct wanted *r, yyjson_val *body, anima_error *err)
{
    const char *member;
    anima_generation *g = &r->generation;
    *r = (struct wanted){ .generation = { .instructions = json_str(body, "instructions", NULL),
                                          .into = json_str(body, "into", NULL),
                                          .urgency = json_str(body, "class", NULL),
                                          .grammar = json_str(body, "grammar", NULL),
                                          .drop_oldest = json_bool(body, "drop_oldest", false),
                                          .resume = json_bool(body, "resume", false),
                                          .forget = json_bool(body, "forget", false) } };
    arena_init(&r->arena, REQUEST_ARENA);
    anima_sampling_default(&g->sampling);
    int rc = sampling_read(&g->sampling, body, &member, err);
    if (!rc)
        rc = read_stop(r, yyjson_obj_get(body, "stop"), err);
    if (!rc)
        rc = read_schema(r, yyjson_obj_get(body, "json_schema"), err);
    if (!rc)
        rc = read_logprobs(r, yyjson_obj_get(body, "logprobs"), err);
    if (!rc)
        rc = read_segments(yyjson_obj_get(body, "append"), "append", &r->append, &g->n_append, err);
    g->append = r->append;
    return rc;
}

static struct answer *answer_new(const struct call *call, anima_stream *s, const anima_generation *g)
{
    struct answer *a = mem_zero(1, sizeof(*a));
    if (!a)
        return NULL;
    a->call = (struct call){ .server = call->server, .conn = call->conn, .route = call->route };
    a->stream = s;
    a->events = json_bool(call->body, "stream", false);
    a->forget = g->forget;
    a->logprobs = g->logprobs >= 0;
    buf_init(&a->text, TEXT_MAX);
    buf_init(&a->scores, TEXT_MAX);
    buf_init(&a->out, TEXT_MAX);
    return a;
}

void api_stream_generate(const struct call *call)
{
    static const anima_completion_callbacks callbacks = { .started = on_started, .words = on_words, .done = on_done };
    anima_error err;
    struct wanted wanted;
    anima_stream *s = call_stream(call);
    if (!s)
        return;
    struct answer *a = NULL;
    int rc = read_wanted(&wanted, call->body, &err);
    if (!rc && !(a = answer_new(call, s, &wanted.generation)))
        rc = err_set(&err, ANIMA_E_NOMEM, "out of memory for the request");
    if (!rc)
        rc = anima_stream_generate(s, &wanted.generation, &callbacks, a, &err);
    arena_finish(&wanted.arena);
    mem_free(wanted.append);
    if (!rc) {
        call->conn->owner = (struct http_owner){ .ctx = a, .closed = on_closed };
        return;
    }
    reply_change(call, rc, &err);
    if (a)
        answer_free(a);
    else
        anima_stream_close(s);
}
