/* answer.c — the frames that come from an engine. The engine has read a foreign model file, so its words are foreign
 * too: every handler checks what it takes and returns NULL, or what is wrong with it; then the engine is killed and
 * started again, and its requests go on. A frame of words is the hot path: yyjson reads it in the set's pool, and its
 * text goes to the owner from there. */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_private.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TEXT (1u << 20)  /* bytes in one frame of words */
#define MAX_COUNT 1000000000 /* no model has as many tokens */
#define MAX_SLOTS 1024
#define MAX_INFO (64u << 10)
#define MAX_LOGPROBS 4096
#define MAX_TOP 20

static int count(yyjson_val *head, const char *key)
{
    int64_t n = json_int(head, key, 0);
    return n < 0 ? 0 : n > MAX_COUNT ? MAX_COUNT : (int)n;
}

static double duration(yyjson_val *head, const char *key)
{
    double ms = json_num(head, key, 0);
    return ms > 0 && ms < 1e12 ? ms : 0;
}

static void take_message(yyjson_val *head, const char *otherwise, char *out, size_t size)
{
    const char *message = json_str(head, "message", otherwise);
    utf8_clean(message, strlen(message), out, size); /* cut between characters */
}

struct engine_job *answer_find(const struct engine *e, int64_t id)
{
    for (struct engine_job *job = e->jobs.first; job; job = job->next)
        if (job->id == id && id > 0)
            return job;
    return NULL;
}

/* A request for words: only of such a one an engine may say that it has begun, or has words. */
static bool for_words(const struct engine_job *job) { return !job->n_texts && !job->n_candidates; }

static struct engine_job *find_talk(const struct engine *e, int64_t id)
{
    struct engine_job *job = answer_find(e, id);
    return job && for_words(job) ? job : NULL;
}

/* ---- about the engine ---- */

static const char *on_loading(struct engine *e, yyjson_val *head, const struct frame *f)
{
    (void)f;
    if (e->phase != PHASE_STARTING && e->phase != PHASE_LOADING)
        return "it says that it loads, at the wrong time";
    double progress = json_num(head, "progress", 0);
    bool first = e->phase == PHASE_STARTING;
    if (!first && !(progress >= e->progress + 0.01 && progress <= 1))
        return NULL;
    e->phase = PHASE_LOADING;
    e->progress = progress > 0 && progress <= 1 ? progress : 0;
    engine_arm(e, e->set->times.load_ms);
    engine_notify(e);
    return NULL;
}

/* The head as it is kept and shown: checked for depth and size, written anew. */
static char *keep_info(const struct frame *f)
{
    yyjson_doc *doc;
    if (json_parse(f->head, f->head_len, MAX_INFO, "the engine's description", &doc, NULL))
        return NULL;
    size_t n;
    char *json = yyjson_write(doc, 0, &n);
    char *info = json ? mem_strndup(json, n) : NULL;
    free(json); /* yyjson's own allocator */
    yyjson_doc_free(doc);
    return info;
}

static const char *on_ready(struct engine *e, yyjson_val *head, const struct frame *f)
{
    if (e->phase != PHASE_STARTING && e->phase != PHASE_LOADING)
        return "it says that it is ready, at the wrong time";
    if (json_int(head, "protocol", 0) != 1) {
        engine_fail(e, ANIMA_E_ENGINE,
                    "the engine speaks another protocol: anima and anima-engine are of different "
                    "versions; install both from one build");
        return NULL;
    }
    char *info = keep_info(f);
    if (!info)
        return "its description is too large or too deep";
    mem_free(e->info);
    e->info = info;
    e->reads = json_bool(head, "reads", false);
    e->context = count(head, "context_size");
    int slots = count(head, "slots");
    slots = slots < 1 ? 1 : slots > MAX_SLOTS ? MAX_SLOTS : slots;
    e->max_in_flight = slots * 2; /* enough that no slot waits for us, few enough that the rest can still turn back */
    e->phase = PHASE_READY;
    e->restarting = false;
    e->ready_since_us = e->idle_since_us = clock_mono_us();
    e->watching = false;
    loop_timer_stop(e->timer);
    engine_notify(e);
    jobs_send(e);
    if (e->set->n_queued)
        engine_kick(e->set);
    return NULL;
}

static const char *on_failed(struct engine *e, yyjson_val *head, const struct frame *f)
{
    (void)f;
    char message[400];
    take_message(head, "the engine failed without a reason", message, sizeof(message));
    int code = err_code(json_str(head, "code", "engine"));
    engine_fail(e, code == ANIMA_OK ? ANIMA_E_ENGINE : code, message);
    return NULL;
}

static const char *on_nothing(struct engine *e, yyjson_val *head, const struct frame *f)
{
    (void)e;
    (void)head;
    (void)f;
    return NULL;
}

/* ---- about a request ---- */

static void begin(struct engine_job *job)
{
    if (job->started || job->ghost)
        return;
    job->started = true;
    if (job->cb.started)
        job->cb.started(job->ctx, &job->usage);
}

void answer_counts(struct engine_job *job, yyjson_val *head)
{
    anima_usage *u = &job->usage;
    if (!job->started) { /* later sendings count our own words as prompt */
        u->prompt_tokens = count(head, "prompt_tokens");
        u->cached_tokens = count(head, "cached_tokens");
        u->dropped_messages = count(head, "dropped_messages");
    }
    u->context_used = count(head, "context_used");
    u->context_size = count(head, "context_size");
    u->prefill_ms = job->prefill_ms + duration(head, "prefill_ms");
}

static const char *on_started(struct engine *e, yyjson_val *head, const struct frame *f)
{
    (void)f;
    struct engine_job *job = find_talk(e, json_int(head, "id", 0));
    if (!job)
        return "it names a request that it was not given";
    job->running = true;
    answer_counts(job, head);
    begin(job);
    return NULL;
}

/* A sampler's state: handed on as it came, since only an engine reads it again. */
static const char *on_snapshot(struct engine *e, yyjson_val *head, const struct frame *f)
{
    (void)f;
    struct engine_job *job = find_talk(e, json_int(head, "id", 0));
    yyjson_val *state = yyjson_obj_get(head, "state");
    if (!job || !yyjson_is_obj(state))
        return "it sent a snapshot that is none, or of a request that it was not given";
    size_t n;
    char *json = job->cb.snapshot ? yyjson_val_write(state, 0, &n) : NULL;
    if (json)
        job->cb.snapshot(job->ctx, json, n);
    free(json); /* yyjson's own allocator */
    return NULL;
}

static bool put_bytes(struct jw *w, yyjson_val *bytes)
{
    if (!yyjson_is_arr(bytes)) {
        jw_null(w, "bytes");
        return true;
    }
    size_t i, n;
    yyjson_val *v;
    jw_arr(w, "bytes");
    yyjson_arr_foreach (bytes, i, n, v) {
        if (!yyjson_is_uint(v) || yyjson_get_uint(v) > 255)
            return false;
        jw_int(w, NULL, (int64_t)yyjson_get_uint(v));
    }
    jw_end_arr(w);
    return true;
}

/* One token's members, into an open object. */
static bool put_token(struct jw *w, yyjson_val *token)
{
    yyjson_val *text = yyjson_obj_get(token, "token"), *logprob = yyjson_obj_get(token, "logprob");
    if (!yyjson_is_str(text) || !yyjson_is_num(logprob))
        return false;
    jw_strn(w, "token", yyjson_get_str(text), yyjson_get_len(text));
    jw_num(w, "logprob", yyjson_get_num(logprob));
    return put_bytes(w, yyjson_obj_get(token, "bytes"));
}

/* Written anew member by member: what goes on to clients has the known shape and no other. False: it has another. */
static bool put_logprobs(struct jw *w, yyjson_val *list)
{
    size_t i, n, j, m;
    yyjson_val *token, *other;
    if (!yyjson_is_arr(list) || yyjson_arr_size(list) > MAX_LOGPROBS)
        return false;
    jw_arr(w, NULL);
    yyjson_arr_foreach (list, i, n, token) {
        yyjson_val *top = yyjson_obj_get(token, "top_logprobs");
        jw_obj(w, NULL);
        if (!put_token(w, token) || yyjson_arr_size(top) > MAX_TOP)
            return false;
        jw_arr(w, "top_logprobs");
        yyjson_arr_foreach (top, j, m, other) {
            jw_obj(w, NULL);
            if (!put_token(w, other))
                return false;
            jw_end_obj(w);
        }
        jw_end_arr(w);
        jw_end_obj(w);
    }
    jw_end_arr(w);
    return true;
}

/* Keeps the words for a restart and hands them to the owner. logprobs: empty, or the array to hand on. */
static void take_words(struct engine_job *job, const char *text, size_t n, int tokens, const struct buf *logprobs)
{
    job->running = true;
    job->tokens += tokens;
    if (!n)
        return;
    job->engine->n_deaths = 0;
    int rc = logprobs->failed ? logprobs->failed : buf_append(&job->said, text, n);
    if (rc)
        job_give_up(job, rc, rc == ANIMA_E_LIMIT ? "the answer grew too long" : "out of memory for the answer");
    else if (job->cb.words)
        job->cb.words(job->ctx, text, n, logprobs->data, logprobs->len);
}

static const char *on_words(struct engine *e, yyjson_val *head, const struct frame *f)
{
    (void)f;
    struct engine_job *job = find_talk(e, json_int(head, "id", 0));
    if (!job)
        return "it names a request that it was not given";
    yyjson_val *value = yyjson_obj_get(head, "text");
    const char *text = yyjson_get_str(value);
    size_t n = yyjson_get_len(value);
    if (!text || n > MAX_TEXT || memchr(text, '\0', n))
        return "its words are no text, too many, or hold a NUL byte";
    int64_t tokens = json_int(head, "tokens", 1);
    if (tokens < 0 || tokens > MAX_COUNT - job->tokens)
        return "its words have an impossible number of tokens";
    if (job->ghost)
        return NULL;
    yyjson_val *list = yyjson_obj_get(head, "logprobs");
    struct buf logprobs;
    struct jw w;
    buf_init(&logprobs, FRAME_MAX_HEAD);
    jw_init(&w, &logprobs);
    if (list && !yyjson_is_null(list) && !put_logprobs(&w, list)) {
        buf_finish(&logprobs);
        return "its log probabilities do not have the agreed form";
    }
    begin(job);
    if (!job->ghost) /* else its owner left during the call */
        take_words(job, text, n, (int)tokens, &logprobs);
    buf_finish(&logprobs);
    return NULL;
}

/* A last word about a request that is over already is legal: our cancel and its done may cross. */
static const char *unknown(const struct engine *e, int64_t id)
{
    return id > 0 && id < e->next_id ? NULL : "it names a request that it was not given";
}

static void left(struct engine *e, const struct engine_job *job)
{
    e->in_flight--;
    e->reading -= job->read;
}

static const char *on_done(struct engine *e, yyjson_val *head, const struct frame *f)
{
    (void)f;
    int64_t id = json_int(head, "id", 0);
    struct engine_job *job = answer_find(e, id);
    if (!job)
        return unknown(e, id);
    static const char *const finishes[] = { "stop", "length", "cancelled" };
    const char *said = json_str(head, "finish", ""), *finish = NULL;
    for (size_t i = 0; i < 3; i++)
        if (strcmp(said, finishes[i]) == 0)
            finish = finishes[i];
    if (!finish)
        return "it ended a request in an unknown way";
    bool cancelled = job->cancelled || strcmp(finish, "cancelled") == 0;
    if (!for_words(job) && !cancelled)
        return "it ended a request for vectors or scores without them";
    anima_usage *u = &job->usage;
    if (!u->prompt_tokens)
        u->prompt_tokens = count(head, "prompt_tokens");
    u->completion_tokens = job->sent_tokens + count(head, "completion_tokens");
    u->context_used = count(head, "context_used");
    u->prefill_ms = job->prefill_ms + duration(head, "prefill_ms");
    u->decode_ms = job->decode_ms + duration(head, "decode_ms");
    if (!cancelled)
        begin(job); /* an empty answer */
    left(e, job);
    job_end(job, cancelled ? ANIMA_E_CANCELLED : ANIMA_OK, cancelled ? "cancelled" : finish, NULL);
    engine_job_left(e);
    return NULL;
}

static const char *on_error(struct engine *e, yyjson_val *head, const struct frame *f)
{
    (void)f;
    int64_t id = json_int(head, "id", 0);
    char message[400];
    take_message(head, "the engine refused without a reason", message, sizeof(message));
    struct engine_job *job = answer_find(e, id);
    if (!job) {
        log_warn("engine", "%s complains: %s", e->model, message);
        if (id == 0 && train_trouble(e, err_code(json_str(head, "code", "engine")), message))
            return NULL;
        return id == 0 ? "it could not read what it was told" : unknown(e, id);
    }
    int code = err_code(json_str(head, "code", "engine"));
    left(e, job);
    if (code == ANIMA_E_CONFLICT && job->stream)
        stream_forget(e, job->stream);
    if (code == ANIMA_E_CONFLICT && job->stream && !job->stale && !job->ghost) {
        job->stale = true; /* it had forgotten the stream: now it gets all of it */
        job->id = 0;
        engine_job_left(e); /* sends it, or makes room if another engine waits */
        return NULL;
    }
    job_end(job, code == ANIMA_OK ? ANIMA_E_ENGINE : code, code == ANIMA_E_CANCELLED ? "cancelled" : "error", message);
    engine_job_left(e);
    return NULL;
}

/* ---- the door ---- */

typedef const char *handler(struct engine *e, yyjson_val *head, const struct frame *f);

static const struct {
    const char *type;
    handler *handle;
} handlers[] = {
    { "words", on_words },     { "started", on_started },   { "done", on_done },         { "pong", on_nothing },
    { "error", on_error },     { "loading", on_loading },   { "ready", on_ready },       { "failed", on_failed },
    { "tokens", on_nothing },  { "vectors", embed_answer }, { "snapshot", on_snapshot }, { "scores", score_answer },
    { "stats", stats_answer }, { "trained", train_answer },
};

static const char *dispatch(struct engine *e, yyjson_val *head, const struct frame *f)
{
    const char *type = yyjson_get_str(yyjson_obj_get(head, "type"));
    if (!type)
        return "it sent a frame without a type";
    for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
        if (strcmp(type, handlers[i].type) == 0)
            return handlers[i].handle(e, head, f);
    return "it sent a frame of an unknown type";
}

void answer_frame(void *ctx, const struct frame *f)
{
    struct engine *e = ctx;
    if (e->broken)
        return;
    e->heard = true;
    yyjson_alc pool;
    const yyjson_alc *alc = NULL;
    if (yyjson_read_max_memory_usage(f->head_len, 0) <= sizeof(e->set->pool) &&
        yyjson_alc_pool_init(&pool, e->set->pool, sizeof(e->set->pool)))
        alc = &pool;
    /* yyjson does not write to its input without YYJSON_READ_INSITU, so the cast is safe. */
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)f->head, f->head_len, 0, alc, NULL);
    const char *wrong = doc ? dispatch(e, yyjson_doc_get_root(doc), f) : "it sent a frame that is not JSON";
    yyjson_doc_free(doc);
    if (wrong)
        engine_kill(e, wrong);
}
