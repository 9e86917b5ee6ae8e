/* openai_chat.c — POST /v1/chat/completions. A chat lives from the request to its last byte:
 *
 *   asked → started → words … → done       the reply, or the stream's end with [DONE]
 *   at any time: the peer is gone           the completion is abandoned
 * A stream's head goes out when the prompt was read, so that an error before (a prompt too long) is a plain 400. */
#include "server/openai.h"
#include "server/server_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rnd.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX (16u << 20)

struct chat {
    struct call call; /* conn and route; the request is gone */
    anima_completion *completion;
    bool stream, include_usage, logprobs, begun;
    char id[48];
    char model[72];
    int64_t created;
    struct buf head;   /* how each chunk of a stream begins, up to "choices" */
    struct buf text;   /* the answer; of a stream: the chunk being written */
    struct buf scores; /* logprobs so far, comma-separated */
};

static void chat_free(struct chat *c)
{
    buf_finish(&c->head);
    buf_finish(&c->text);
    buf_finish(&c->scores);
    mem_free(c);
}

static void on_closed(void *ctx)
{
    struct chat *c = ctx;
    anima_completion_abandon(c->completion);
    chat_free(c);
}

/* ---- shared pieces ---- */

static void put_head(struct jw *w, const struct chat *c, const char *object)
{
    jw_str(w, "id", c->id);
    jw_str(w, "object", object);
    jw_int(w, "created", c->created);
    jw_str(w, "model", c->model);
    jw_str(w, "system_fingerprint", OPENAI_FINGERPRINT);
}

static void put_usage(struct jw *w, const anima_usage *usage)
{
    jw_obj(w, "usage");
    jw_int(w, "prompt_tokens", usage->prompt_tokens);
    jw_int(w, "completion_tokens", usage->completion_tokens);
    jw_int(w, "total_tokens", usage->prompt_tokens + usage->completion_tokens);
    jw_obj(w, "prompt_tokens_details");
    jw_int(w, "cached_tokens", usage->cached_tokens);
    jw_end_obj(w);
    jw_end_obj(w);
}

static void put_logprobs(struct jw *w, const struct chat *c, const char *list, size_t n)
{
    if (!c->logprobs) {
        jw_null(w, "logprobs");
        return;
    }
    jw_obj(w, "logprobs");
    jw_raw(w, "content", list, n);
    jw_null(w, "refusal");
    jw_end_obj(w);
}

static void send_error(struct chat *c, int code, const char *message)
{
    struct buf body;
    struct jw w;
    struct openai_failure f;
    openai_failed(&f, code, message, "messages");
    if (!c->begun) {
        openai_reply_failure(&c->call, &f);
        return;
    }
    buf_init(&body, 8192);
    buf_puts(&body, "data: ");
    jw_init(&w, &body);
    openai_error(&w, f.status, f.message, f.param, f.code);
    buf_puts(&body, "\n\n");
    http_write(c->call.conn, buf_str(&body), body.len);
    http_end(c->call.conn);
    buf_finish(&body);
}

/* ---- streams ---- */

static void make_chunk_head(struct chat *c)
{
    struct jw w;
    buf_puts(&c->head, "data: ");
    jw_init(&w, &c->head);
    jw_obj(&w, NULL);
    put_head(&w, c, "chat.completion.chunk");
    if (c->include_usage)
        jw_null(&w, "usage");
    buf_puts(&c->head, ",\"choices\":[{\"index\":0,\"delta\":{");
}

/* Begins a chunk in c->text, inside its "delta". */
static void chunk_begin(struct chat *c, struct jw *w)
{
    buf_reset(&c->text);
    buf_append(&c->text, c->head.data, c->head.len);
    jw_init(w, &c->text);
}

/* Closes "delta" and sends the chunk. list NULL: no logprobs in this one. */
static void chunk_send(struct chat *c, struct jw *w, const char *list, size_t n, const char *finish)
{
    jw_end_obj(w);
    if (list)
        put_logprobs(w, c, list, n);
    else
        jw_null(w, "logprobs");
    jw_str(w, "finish_reason", finish);
    buf_puts(&c->text, "}]}\n\n");
    if (!c->text.failed)
        http_write(c->call.conn, c->text.data, c->text.len);
}

static void send_usage_chunk(struct chat *c, const anima_usage *usage)
{
    struct jw w;
    buf_reset(&c->text);
    buf_puts(&c->text, "data: ");
    jw_init(&w, &c->text);
    jw_obj(&w, NULL);
    put_head(&w, c, "chat.completion.chunk");
    jw_arr(&w, "choices");
    jw_end_arr(&w);
    put_usage(&w, usage);
    jw_end_obj(&w);
    buf_puts(&c->text, "\n\n");
    http_write(c->call.conn, buf_str(&c->text), c->text.len);
}

static void begin_stream(struct chat *c)
{
    struct jw w;
    if (c->begun)
        return; /* "started" comes again when the engine was brought back */
    c->begun = true;
    make_chunk_head(c);
    http_stream(c->call.conn, "text/event-stream; charset=utf-8");
    chunk_begin(c, &w);
    jw_str(&w, "role", "assistant");
    jw_str(&w, "content", "");
    chunk_send(c, &w, NULL, 0, NULL);
}

static void end_stream(struct chat *c, const char *finish, const anima_usage *usage)
{
    static const char last[] = "data: [DONE]\n\n";
    struct jw w;
    begin_stream(c);
    chunk_begin(c, &w);
    chunk_send(c, &w, NULL, 0, finish);
    if (c->include_usage)
        send_usage_chunk(c, usage);
    http_write(c->call.conn, last, sizeof(last) - 1);
    http_end(c->call.conn);
}

/* ---- whole answers ---- */

static void reply_whole(struct chat *c, const char *finish, const anima_usage *usage)
{
    struct buf body;
    struct jw w;
    buf_init(&body, TEXT_MAX * 2);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    put_head(&w, c, "chat.completion");
    jw_arr(&w, "choices");
    jw_obj(&w, NULL);
    jw_int(&w, "index", 0);
    jw_obj(&w, "message");
    jw_str(&w, "role", "assistant");
    jw_strn(&w, "content", buf_str(&c->text), c->text.len);
    jw_null(&w, "refusal");
    jw_end_obj(&w);
    buf_puts(&c->scores, "]");
    put_logprobs(&w, c, buf_str(&c->scores), c->scores.len);
    jw_str(&w, "finish_reason", finish);
    jw_end_obj(&w);
    jw_end_arr(&w);
    put_usage(&w, usage);
    jw_end_obj(&w);
    if (c->text.failed || c->scores.failed)
        body.failed = c->text.failed | c->scores.failed;
    reply_json(&c->call, 200, &body);
}

/* ---- the completion's side ---- */

static void on_started(void *ctx, const anima_usage *usage)
{
    (void)usage;
    struct chat *c = ctx;
    if (c->stream)
        begin_stream(c);
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    struct chat *c = ctx;
    struct jw w;
    if (!c->stream) {
        buf_append(&c->text, text, n);
        if (c->logprobs && logprobs_len > 2) { /* the list without its brackets */
            if (c->scores.len > 1)
                buf_puts(&c->scores, ",");
            buf_append(&c->scores, logprobs + 1, logprobs_len - 2);
        }
        return;
    }
    begin_stream(c);
    chunk_begin(c, &w);
    jw_strn(&w, "content", text, n);
    chunk_send(c, &w, logprobs, logprobs_len, NULL);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    static const anima_usage none;
    struct chat *c = ctx;
    finish = finish && strcmp(finish, "length") == 0 ? "length" : "stop";
    if (code)
        send_error(c, code, message && *message ? message : anima_error_name(code));
    else if (c->stream)
        end_stream(c, finish, usage ? usage : &none);
    else
        reply_whole(c, finish, usage ? usage : &none);
    chat_free(c);
}

/* ---- the request ---- */

static struct chat *chat_new(const struct call *call, const struct openai_request *r)
{
    struct chat *c = mem_zero(1, sizeof(*c));
    if (!c)
        return NULL;
    c->call = (struct call){ .server = call->server, .conn = call->conn, .route = call->route };
    c->stream = r->stream;
    c->include_usage = r->include_usage;
    c->logprobs = r->completion.logprobs >= 0;
    strcpy(c->id, "chatcmpl-");
    rnd_name(c->id + strlen(c->id), 26);
    snprintf(c->model, sizeof(c->model), "%s", r->model);
    c->created = clock_wall_ms() / 1000;
    buf_init(&c->head, 1024);
    buf_init(&c->text, TEXT_MAX);
    buf_init(&c->scores, TEXT_MAX);
    buf_puts(&c->scores, "[");
    return c;
}

static void ask(const struct call *call, const struct openai_request *r)
{
    static const anima_completion_callbacks callbacks = { .started = on_started, .words = on_words, .done = on_done };
    anima_error err;
    struct chat *c = chat_new(call, r);
    int rc = c ? anima_complete(call->server->home, &r->completion, &callbacks, c, &c->completion, &err)
               : err_set(&err, ANIMA_E_NOMEM, "out of memory for the request");
    if (!rc) {
        call->conn->owner = (struct http_owner){ .ctx = c, .closed = on_closed };
        return;
    }
    if (c)
        chat_free(c);
    struct openai_failure f;
    openai_failed(&f, rc, err.message, "messages");
    openai_reply_failure(call, &f);
}

void openai_chat(const struct call *call)
{
    struct openai_request r;
    struct openai_failure f;
    int status = openai_request_read(&r, call->body, &f);
    if (!status && !anima_character_find(call->server->home, r.model)) {
        openai_refuse(&f, "model", "model_not_found", "The model '%.80s' does not exist: there is no such character",
                      r.model);
        status = f.status = 404;
    }
    if (status)
        openai_reply_failure(call, &f);
    else
        ask(call, &r);
    openai_request_finish(&r);
}
