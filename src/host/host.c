/* host.c — the engine process: socket, frames, main loop. One thread.
 *
 * Order at start: arguments → files jail (only what the driver's open needs can be read) and system calls filter → open
 * (load the model) → jail closed (nothing can be opened any more) → "ready" → loop. Between two steps of the driver the
 * socket is looked at, so that a cancel is obeyed before the next token. While the other side does not read and more than
 * HIGH_WATER bytes wait, the driver is not stepped: its output cannot grow without bound.
 *
 * Words go out at once, but not more often than every WORDS_EVERY_US: those of a fast model travel together, as many as
 * come between two frames of a screen, which spares both processes most of their work. Every other frame takes the words
 * that wait along. */
#include "host/host.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "host/driver.h"
#include "host/jail.h"
#include "host/stream.h"
#include "loop/frame.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HIGH_WATER (256u << 10)
#define WORDS_EVERY_US 30000
#define WORDS_MAX (16u << 10) /* bytes for which no words wait */
#define LAST_WORDS_MS 5000
#define MAX_HELD 16

/* Words of one request that have not become a frame yet. */
struct held {
    int64_t id;
    int tokens;
    struct buf text;
};

struct host {
    int fd;
    const struct host_driver *driver;
    void *state;
    struct streams *streams;
    struct buf in, out;
    struct buf head; /* the head being written */
    struct held held[MAX_HELD];
    size_t n_held;
    int64_t words_us; /* when words became frames last */
    bool over;        /* the socket is gone, or "stop" came */
};

/* ---- out ---- */

static void flush(struct host *h)
{
    while (h->out.len && !h->over) {
        ssize_t n = send(h->fd, h->out.data, h->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0)
            buf_consume(&h->out, (size_t)n);
        else if (n < 0 && errno == EINTR)
            continue;
        else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        else
            h->over = true;
    }
}

/* The last words before an end: waits for room, for anima reads on; one that does not in LAST_WORDS_MS has gone. */
static void flush_all(struct host *h)
{
    struct pollfd p = { .fd = h->fd, .events = POLLOUT };
    for (flush(h); h->out.len && !h->over; flush(h)) {
        int n = poll(&p, 1, LAST_WORDS_MS);
        if (n == 0 || (n < 0 && errno != EINTR))
            return;
    }
}

/* With n bytes behind the head. */
static void end_with(struct host *h, struct jw *w, const void *bytes, size_t n)
{
    jw_end_obj(w);
    if (h->head.failed || frame_write(&h->out, h->head.data, h->head.len, bytes, n, NULL))
        h->over = true; /* a frame that cannot be told is a reason to end: anima starts a new engine */
}

static void end(struct host *h, struct jw *w) { end_with(h, w, NULL, 0); }

static void put_words(struct host *h, int64_t id, const char *text, size_t n, int tokens, const struct buf *logprobs)
{
    struct jw w;
    h->words_us = clock_mono_us();
    jw_init(&w, &h->head);
    buf_reset(&h->head);
    jw_obj(&w, NULL);
    jw_str(&w, "type", "words");
    jw_int(&w, "id", id);
    jw_strn(&w, "text", text, n);
    jw_int(&w, "tokens", tokens);
    if (logprobs && logprobs->len)
        jw_raw(&w, "logprobs", logprobs->data, logprobs->len);
    end(h, &w);
}

static void release_words(struct host *h)
{
    for (size_t i = 0; i < h->n_held; i++) {
        struct held *held = &h->held[i];
        put_words(h, held->id, buf_str(&held->text), held->text.len, held->tokens, NULL);
        h->over |= held->text.failed != 0;
        buf_reset(&held->text);
    }
    h->n_held = 0;
}

/* Every frame but "words" begins here. */
static void begin(struct host *h, struct jw *w, const char *type)
{
    release_words(h);
    buf_reset(&h->head);
    jw_init(w, &h->head);
    jw_obj(w, NULL);
    jw_str(w, "type", type);
}

static void put_count(struct jw *w, const struct host_count *c)
{
    jw_int(w, "prompt_tokens", c->prompt_tokens);
    jw_int(w, "cached_tokens", c->cached_tokens);
    jw_int(w, "completion_tokens", c->completion_tokens);
    jw_int(w, "context_used", c->context_used);
    jw_int(w, "context_size", c->context_size);
    jw_int(w, "dropped_messages", c->dropped_messages);
    jw_num(w, "prefill_ms", c->prefill_ms);
    jw_num(w, "decode_ms", c->decode_ms);
}

void host_loading(struct host *h, double progress)
{
    struct jw w;
    begin(h, &w, "loading");
    jw_num(&w, "progress", progress);
    end(h, &w);
    flush(h);
}

void host_started(struct host *h, int64_t id, const struct host_count *count)
{
    struct jw w;
    begin(h, &w, "started");
    jw_int(&w, "id", id);
    put_count(&w, count);
    end(h, &w);
}

void host_words(struct host *h, int64_t id, const char *text, size_t n, int tokens, const struct buf *logprobs)
{
    size_t i = 0;
    while (i < h->n_held && h->held[i].id != id)
        i++;
    if (i == MAX_HELD || n > WORDS_MAX || (logprobs && logprobs->len)) {
        release_words(h);
        put_words(h, id, text, n, tokens, logprobs);
        return;
    }
    struct held *held = &h->held[i];
    if (i == h->n_held) {
        h->n_held++;
        held->id = id;
        held->tokens = 0;
    }
    buf_append(&held->text, text, n);
    held->tokens += tokens;
    if (held->text.len > WORDS_MAX)
        release_words(h);
}

void host_done(struct host *h, int64_t id, const char *finish, const struct host_count *count)
{
    struct jw w;
    begin(h, &w, "done");
    jw_int(&w, "id", id);
    jw_str(&w, "finish", finish);
    put_count(&w, count);
    end(h, &w);
}

void host_scores(struct host *h, int64_t id, const struct buf *scores, const struct host_count *count)
{
    struct jw w;
    begin(h, &w, "scores");
    jw_int(&w, "id", id);
    put_count(&w, count);
    jw_raw(&w, "scores", scores->data, scores->len);
    end(h, &w);
}

void host_snapshot(struct host *h, int64_t id, const struct buf *state)
{
    struct jw w;
    begin(h, &w, "snapshot");
    jw_int(&w, "id", id);
    jw_raw(&w, "state", state->data, state->len);
    end(h, &w);
}

void host_trained(struct host *h, const struct buf *state)
{
    struct jw w;
    begin(h, &w, "trained");
    jw_raw(&w, "state", state->data, state->len);
    end(h, &w);
}

/* The numbers travel behind the head, as they lie in memory: little-endian, as every machine that anima runs on. */
void host_vectors(struct host *h, int64_t id, const float *vectors, int n, int dim)
{
    struct jw w;
    begin(h, &w, "vectors");
    jw_int(&w, "id", id);
    jw_int(&w, "dim", dim);
    jw_int(&w, "n", n);
    end_with(h, &w, vectors, (size_t)n * (size_t)dim * sizeof(*vectors));
}

void host_lines(struct host *h, int64_t id, int page, int pages, const struct buf *lines)
{
    struct jw w;
    begin(h, &w, "lines");
    jw_int(&w, "id", id);
    jw_int(&w, "page", page);
    jw_int(&w, "pages", pages);
    end_with(h, &w, buf_str(lines), lines->len);
}

void host_fail(struct host *h, int64_t id, int code, const char *message)
{
    struct jw w;
    begin(h, &w, "error");
    jw_int(&w, "id", id);
    jw_str(&w, "code", anima_error_name(code));
    jw_str(&w, "message", message);
    end(h, &w);
}

void host_tell(struct host *h)
{
    release_words(h);
    flush_all(h);
}

void host_garbage(struct host *h, const void *bytes, size_t n)
{
    release_words(h);
    buf_append(&h->out, bytes, n);
}

static void say_failed(struct host *h, const anima_error *err)
{
    struct jw w;
    begin(h, &w, "failed");
    jw_str(&w, "code", anima_error_name(err->code));
    jw_str(&w, "message", err->message);
    end(h, &w);
    flush_all(h);
}

static void say_ready(struct host *h, const struct jail_report *jail)
{
    struct jw w;
    begin(h, &w, "ready");
    jw_int(&w, "protocol", 1);
    jw_str(&w, "driver", h->driver->name);
    jw_bool(&w, "reads", h->driver->read != NULL);
    h->driver->describe(h->state, &w);
    jw_obj(&w, "jail");
    jw_int(&w, "landlock", jail->landlock);
    jw_bool(&w, "seccomp", jail->seccomp);
    jw_bool(&w, "network", h->driver->network);
    jw_num(&w, "memory_limit", (double)jail->memory_limit);
    jw_end_obj(&w);
    end(h, &w);
}

/* ---- in ---- */

static int hand_on(struct host *h, struct request *r, anima_error *err)
{
    if (r->read_only && !h->driver->read) {
        host_done(h, r->id, "stop", &(struct host_count){ 0 });
        request_free(r);
        return ANIMA_OK;
    }
    if ((r->candidates || r->resume) && !h->driver->score) {
        request_free(r);
        return err_set(err, ANIMA_E_UNSUPPORTED, "engines of the driver %s give no scores and resume nothing",
                       h->driver->name);
    }
    return (r->read_only ? h->driver->read : r->candidates ? h->driver->score : h->driver->generate)(h->state, r, err);
}

/* "generate", "read" and "score" */
static void on_request(struct host *h, const struct frame *f, int64_t id)
{
    struct request *request;
    anima_error err;
    int rc = request_parse(f->head, f->head_len, &request, &err);
    if (!rc) {
        id = request->id;
        rc = *request->adapter && !h->driver->adapters
                 ? err_set(&err, ANIMA_E_UNSUPPORTED, "engines of the driver %s have no adapters", h->driver->name)
                 : streams_join(h->streams, request, &err);
        if (rc)
            request_free(request);
        else
            rc = hand_on(h, request, &err);
    }
    if (rc)
        host_fail(h, id, rc, err.message);
}

static void on_embed(struct host *h, const struct frame *f, int64_t id)
{
    struct embed_request *request;
    anima_error err;
    int rc = embed_request_parse(f->head, f->head_len, &request, &err);
    if (!rc)
        rc = h->driver->embed(h->state, request, &err);
    if (rc)
        host_fail(h, id, rc, err.message);
}

static void on_document(struct host *h, const struct frame *f, int64_t id)
{
    anima_error err;
    int rc = id > 0 ? h->driver->document(h->state, id, f->raw, f->raw_len, &err)
                    : err_set(&err, ANIMA_E_INVALID, "a document needs an id above 0");
    if (rc)
        host_fail(h, id, rc, err.message);
}

static void on_drop(struct host *h, yyjson_val *head, int64_t id)
{
    const char *beginning = json_str(head, "streams", "");
    if (request_stream_valid(beginning)) {
        streams_drop(h->streams, beginning);
        if (h->driver->drop)
            h->driver->drop(h->state, beginning);
    }
    host_done(h, id, "stop", &(struct host_count){ 0 });
}

static void on_stats(struct host *h, int64_t id)
{
    struct jw w;
    begin(h, &w, "stats");
    jw_int(&w, "id", id);
    if (h->driver->stats)
        h->driver->stats(h->state, &w);
    end(h, &w);
}

static void on_frame(struct host *h, const struct frame *f)
{
    yyjson_doc *doc;
    anima_error err;
    struct jw w;
    if (json_parse(f->head, f->head_len, FRAME_MAX_HEAD, "a frame", &doc, &err)) {
        host_fail(h, 0, err.code, err.message);
        return;
    }
    yyjson_val *head = yyjson_doc_get_root(doc);
    const char *type = json_str(head, "type", "");
    int64_t id = json_int(head, "id", 0);
    bool asks = strcmp(type, "generate") == 0 || strcmp(type, "read") == 0 || strcmp(type, "score") == 0;
    if (asks && h->driver->generate) {
        on_request(h, f, id);
    } else if (strcmp(type, "embed") == 0 && h->driver->embed) {
        on_embed(h, f, id);
    } else if (strcmp(type, "document") == 0 && h->driver->document) {
        on_document(h, f, id);
    } else if (strcmp(type, "drop") == 0) {
        on_drop(h, head, id);
    } else if (strcmp(type, "cancel") == 0) {
        h->driver->cancel(h->state, id);
    } else if (strcmp(type, "ping") == 0) {
        begin(h, &w, "pong");
        jw_int(&w, "id", id);
        end(h, &w);
    } else if (strcmp(type, "stats") == 0) {
        on_stats(h, id);
    } else if (strcmp(type, "tokenize") == 0 && h->driver->tokenize) {
        const char *text = json_str(head, "text", "");
        begin(h, &w, "tokens");
        jw_int(&w, "id", id);
        jw_int(&w, "n", h->driver->tokenize(h->state, text, strlen(text)));
        end(h, &w);
    } else if (strcmp(type, "stop") == 0) {
        h->over = true;
    } else {
        host_fail(h, id, ANIMA_E_UNSUPPORTED, "this engine does not know that type of frame");
    }
    yyjson_doc_free(doc);
}

static void receive(struct host *h)
{
    char chunk[65536];
    ssize_t n;
    while ((n = recv(h->fd, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0)
        if (buf_append(&h->in, chunk, (size_t)n)) {
            h->over = true;
            return;
        }
    bool ended = n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    size_t at = 0, used;
    struct frame f;
    int rc;
    while (!h->over && at < h->in.len && (rc = frame_read(h->in.data + at, h->in.len - at, &f, &used, NULL)) != 0) {
        if (rc < 0) {
            h->over = true;
            return;
        }
        on_frame(h, &f);
        at += used;
    }
    buf_consume(&h->in, at);
    h->over |= ended; /* what came before the end counts, a "drop" above all */
}

/* ---- the loop ---- */

static void wait_for(struct host *h, int timeout_ms)
{
    struct pollfd p = { .fd = h->fd, .events = (short)(POLLIN | (h->out.len ? POLLOUT : 0)) };
    if (h->driver->wait && !h->out.len)
        h->driver->wait(h->state, h->fd, timeout_ms);
    else
        poll(&p, 1, timeout_ms);
}

/* Milliseconds for which held words may still wait; 0: no longer. */
static int may_hold(const struct host *h)
{
    int64_t left_us = h->words_us + WORDS_EVERY_US - clock_mono_us();
    return left_us > 0 ? (int)((left_us + 999) / 1000) : 0;
}

static void serve(struct host *h)
{
    while (!h->over) {
        receive(h);
        int next = 0; /* a step that was left out is still to be done once there is room: nothing else would wake us */
        if (!h->over && h->out.len < HIGH_WATER)
            next = h->driver->step(h->state);
        int hold = h->n_held ? may_hold(h) : 0;
        if (h->n_held && (!hold || h->out.len))
            release_words(h);
        if (h->out.len)
            flush(h);
        if (h->n_held && (next < 0 || hold < next))
            next = hold;
        if (!h->over && (next != 0 || h->out.len >= HIGH_WATER))
            wait_for(h, h->out.len >= HIGH_WATER ? -1 : next);
    }
}

int host_run(const struct host_driver *driver, const struct host_config *config, int fd, bool no_jail_ok)
{
    struct host h = { .fd = fd, .driver = driver };
    struct jail_report jail = { 0 };
    anima_error err = { 0 };
    buf_init(&h.in, FRAME_MAX_HEAD + FRAME_MAX_RAW);
    buf_init(&h.out, 64u << 20);
    buf_init(&h.head, FRAME_MAX_HEAD);
    for (size_t i = 0; i < MAX_HELD; i++)
        buf_init(&h.held[i].text, FRAME_MAX_HEAD);
    h.streams = streams_create();
    int rc = h.streams ? ANIMA_OK : err_set(&err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = jail_enter(driver, config, no_jail_ok, &jail, &err);
    if (!rc)
        rc = driver->open(&h, config, &h.state, &err);
    if (!rc)
        rc = jail_close(driver, config, &jail, &err);
    if (rc) {
        say_failed(&h, &err);
    } else {
        say_ready(&h, &jail);
        serve(&h);
        flush(&h);
    }
    if (h.state)
        driver->close(h.state);
    streams_destroy(h.streams);
    buf_finish(&h.in);
    buf_finish(&h.out);
    buf_finish(&h.head);
    for (size_t i = 0; i < MAX_HELD; i++)
        buf_finish(&h.held[i].text);
    return rc ? 1 : 0;
}
