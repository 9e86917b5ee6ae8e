/* stream_generate.c — the model goes on with a stream. A generation is
 *
 *   asked → started → words … → said → written → done
 *
 * Nothing of the stream changes before it is written: a generation that fails, or whose owner leaves, has not been. While
 * it is under way the stream takes no other change. */
#include "agent/complete.h"
#include "agent/streams.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rnd.h"

#include <string.h>

#define REQUEST_ARENA (16u << 20)
#define STATE_MAX (8u << 20)
#define SEED_MAX 0x7FFFFFFFu

struct generation {
    anima_stream *stream; /* held open */
    anima_completion *completion;
    anima_completion_callbacks callbacks;
    void *ctx;
    anima_segment *add; /* copies of what comes in front of the reply, and room for the reply */
    size_t n_add;
    size_t keep; /* segments of the stream that stay in front of all: all, but for one that goes on */
    anima_segment reply;
    char *response, *meta;
    struct buf text;   /* the reply, with what was there before */
    size_t before;     /* bytes of it that were */
    struct buf engine; /* its sampler's state */
    struct buf record; /* the whole state as it is stored */
    struct stream_state state;
    const struct character *who; /* or NULL */
    const char *finish;
    anima_usage usage;
    bool forget, cancelled;
};

/* ---- the end ---- */

void generation_free(struct generation *g)
{
    if (!g)
        return;
    anima_completion_abandon(g->completion);
    for (size_t i = 0; i < g->n_add; i++)
        store_segment_free(&g->add[i]);
    mem_free(g->add);
    mem_free(g->response);
    mem_free(g->meta);
    buf_finish(&g->text);
    buf_finish(&g->engine);
    buf_finish(&g->record);
    stream_state_finish(&g->state);
    mem_free(g);
}

static void end(struct generation *g, int code, const char *message)
{
    anima_stream *s = g->stream;
    const anima_completion_callbacks callbacks = g->callbacks;
    const anima_usage usage = g->usage;
    const char *finish = g->finish;
    void *ctx = g->ctx;
    bool settle = g->who && !code && !g->forget;
    s->generation = NULL;
    generation_free(g);
    if (callbacks.done)
        callbacks.done(ctx, code, finish, &usage, message);
    if (settle) /* what a character is told beside a question is not part of the stream */
        stream_read_ahead(s);
    anima_stream_close(s);
}

/* ---- writing ---- */

static int take_over(struct generation *g)
{
    anima_stream *s = g->stream;
    stream_cut(s, (int64_t)g->keep);
    for (size_t i = 0; i < g->n_add; i++)
        if (stream_push(s, &g->add[i]))
            return ANIMA_E_NOMEM;
    return stream_push(s, &g->reply);
}

static void on_written(void *ctx, int rc, const anima_error *err)
{
    struct generation *g = ctx;
    stream_written(g->stream, rc);
    if (!rc && take_over(g))
        g->stream->stale = true; /* it is in the store: read there before it is used */
    end(g, rc, rc ? err->message : NULL);
}

static int describe_reply(struct generation *g)
{
    anima_segment *r = &g->reply;
    g->state.engine = g->engine.len ? buf_str(&g->engine) : NULL;
    int rc = strcmp(g->finish, "stop") != 0 ? stream_state_write(&g->record, &g->state) : ANIMA_OK;
    if (rc || g->engine.failed || g->text.failed)
        return rc ? rc : ANIMA_E_NOMEM;
    r->seq = (int64_t)(g->keep + g->n_add) + 1;
    r->text = buf_str(&g->text);
    r->finish = g->finish;
    r->state = buf_str(&g->record);
    r->response = g->response ? g->response : "";
    r->meta = g->meta ? g->meta : "";
    r->prompt_tokens = g->usage.prompt_tokens;
    r->cached_tokens = g->usage.cached_tokens;
    r->completion_tokens += g->usage.completion_tokens;
    r->created_ms = clock_wall_ms();
    return ANIMA_OK;
}

/* A stream that is not in the store yet comes there as a whole. */
static int write_all(struct generation *g, anima_error *err)
{
    anima_stream *s = g->stream;
    size_t front = s->made ? 0 : g->keep;
    anima_segment *all = mem_alloc((front + g->n_add + 1) * sizeof(*all));
    if (!all)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for what was said");
    if (front)
        memcpy(all, s->segments, front * sizeof(*all));
    if (g->n_add)
        memcpy(all + front, g->add, g->n_add * sizeof(*all));
    all[front + g->n_add] = g->reply;
    const struct stream_write w = {
        .after = (int64_t)s->n, .keep = (int64_t)g->keep, .add = all, .n_add = front + g->n_add + 1
    };
    int rc = stream_write(s, &w, on_written, g, err);
    mem_free(all);
    return rc;
}

/* ---- what the model says ---- */

static void on_started(void *ctx, const anima_usage *usage)
{
    const struct generation *g = ctx;
    if (g->callbacks.started)
        g->callbacks.started(g->ctx, usage);
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    struct generation *g = ctx;
    if (buf_append(&g->text, text, n) == ANIMA_OK)
        g->callbacks.words(g->ctx, text, n, logprobs, logprobs_len);
    else if (!g->cancelled)
        completion_cancel(g->completion);
}

static void on_snapshot(void *ctx, const char *state, size_t n)
{
    struct generation *g = ctx;
    buf_reset(&g->engine);
    buf_append(&g->engine, state, n);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    struct generation *g = ctx;
    anima_error err;
    g->completion = NULL;
    g->usage = *usage;
    bool cut = code == ANIMA_E_CANCELLED && g->cancelled && g->text.len > g->before;
    g->finish = cut ? "cancelled" : code ? "error" : strcmp(finish, "length") == 0 ? "length" : "stop";
    if (g->text.failed) {
        end(g, g->text.failed, "the answer grew too long, or memory ran out");
    } else if (code && !cut) {
        end(g, code, message);
    } else if (g->forget) {
        end(g, ANIMA_OK, NULL);
    } else {
        int rc = describe_reply(g);
        rc = rc ? err_set(&err, rc, "out of memory for what was said") : write_all(g, &err);
        if (rc)
            end(g, rc, err.message);
    }
}

/* ---- the request ---- */

int generation_into(const char *kind, enum engine_into *out, anima_error *err)
{
    bool thought = kind && strcmp(kind, "thought") == 0;
    *out = thought ? ENGINE_THOUGHT : ENGINE_SAID;
    return thought || !kind || strcmp(kind, "said") == 0
               ? ANIMA_OK
               : err_set(err, ANIMA_E_INVALID, "a model can go on with \"said\" or \"thought\", not \"%.40s\"", kind);
}

static int class_of(const char *name, enum engine_class *out, anima_error *err)
{
    static const char *const names[] = { "chat", "voice", "group", "background" };
    for (int i = 0; i < 4; i++)
        if (!name || strcmp(name, names[i]) == 0) {
            *out = (enum engine_class)i;
            return ANIMA_OK;
        }
    return err_set(err, ANIMA_E_INVALID, "\"class\" is voice, chat, group or background, not \"%.40s\"", name);
}

static int copy_append(struct generation *g, const anima_generation *wanted, anima_error *err)
{
    int rc = stream_check_room(g->stream, wanted->append, wanted->n_append, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < wanted->n_append; i++) {
        anima_segment one = { .seq = (int64_t)(g->keep + i) + 1,
                              .kind = wanted->append[i].kind,
                              .name = wanted->append[i].name,
                              .text = wanted->append[i].text,
                              .created_ms = clock_wall_ms() };
        if (store_segment_copy(&one, &g->add[g->n_add]))
            return err_set(err, ANIMA_E_NOMEM, "out of memory for a segment");
        g->n_add++;
    }
    return ANIMA_OK;
}

/* A seed that nobody has chosen is chosen here, so that it is known. */
static int sample_as(struct generation *g, const anima_generation *wanted, anima_error *err)
{
    if (stream_state_copy(&g->state, &wanted->sampling, wanted->grammar, wanted->json_schema))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the request");
    if (g->who)
        sampling_merge(&g->state.sampling, &g->who->sampling);
    if (g->state.sampling.seed < 0)
        g->state.sampling.seed = (int64_t)(rnd_u64() & SEED_MAX);
    return ANIMA_OK;
}

/* The last segment goes on: its text is what was said before, and its state says how. */
static int take_up(struct generation *g, const anima_generation *wanted, anima_error *err)
{
    const anima_stream *s = g->stream;
    const anima_segment *last = s->n ? &s->segments[s->n - 1] : NULL;
    if (!last || !*last->state)
        return err_set(err, ANIMA_E_INVALID,
                       "the last segment is no generation that was cut off: there is nothing to "
                       "go on with");
    if (wanted->n_append)
        return err_set(err, ANIMA_E_INVALID, "what goes on has nothing appended in front of it");
    int rc = stream_state_read(&g->state, last->state, strlen(last->state), err);
    g->keep = s->n - 1;
    g->reply.kind = stream_kind(last->kind);
    g->reply.completion_tokens = last->completion_tokens;
    g->response = mem_strdup(last->response);
    g->meta = mem_strdup(last->meta);
    if (!rc && (!g->response || !g->meta || buf_puts(&g->text, last->text)))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the request");
    g->before = g->text.len;
    return rc;
}

static int prepare(struct generation *g, const anima_generation *wanted, anima_error *err)
{
    int rc = stream_character(g->stream, &g->who, err);
    if (!rc && wanted->resume)
        return take_up(g, wanted, err);
    g->reply.kind = wanted->into && strcmp(wanted->into, "thought") == 0 ? "thought" : "said";
    g->response = mem_strdup(wanted->response);
    g->meta = mem_strdup(wanted->meta);
    if (!rc && ((wanted->response && !g->response) || (wanted->meta && !g->meta)))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the request");
    if (!rc)
        rc = copy_append(g, wanted, err);
    return rc ? rc : sample_as(g, wanted, err);
}

static int ask(struct generation *g, const anima_generation *wanted, anima_error *err)
{
    static const anima_completion_callbacks ours = {
        .started = on_started, .words = on_words, .done = on_done, .snapshot = on_snapshot
    };
    anima_stream *s = g->stream;
    struct arena arena;
    char name[STREAM_NAME];
    struct completion_ask ask = { .who = g->who, .model = s->info.model, .stream = s->info.id };
    struct engine_request *r = &ask.request;
    r->sampling = g->state.sampling;
    r->sampling.max_tokens = wanted->sampling.max_tokens;
    r->grammar = g->state.grammar;
    r->json_schema = g->state.json_schema;
    r->logprobs = wanted->logprobs;
    r->drop_oldest = wanted->drop_oldest;
    bool named = g->response && *g->response; /* what has a name is whole: nothing is held back for later */
    r->snapshot = !g->forget && !named;
    if (g->state.engine) {
        r->resume = g->state.engine;
        r->resumed = buf_str(&g->text);
    } else if (g->before) {
        r->prefix = buf_str(&g->text);
    }
    stream_name(name, s->info.id);
    r->stream = g->forget ? NULL : name; /* what is forgotten leaves nothing behind */
    arena_init(&arena, REQUEST_ARENA);
    int rc = generation_into(g->reply.kind, &r->into, err);
    if (!rc)
        rc = class_of(wanted->urgency, &r->class, err);
    if (!rc)
        rc = stream_messages(s, g->keep, wanted->instructions, g->add, g->n_add, &arena, r, err);
    if (!rc && !r->n_messages)
        rc = err_set(err, ANIMA_E_INVALID, "the stream is empty: append something first");
    if (!rc)
        rc = completion_start(s->home, &ask, &ours, g, &g->completion, err);
    arena_finish(&arena);
    return rc;
}

int anima_stream_generate(anima_stream *s, const anima_generation *wanted, const anima_completion_callbacks *callbacks,
                          void *ctx, anima_error *err)
{
    enum engine_into into;
    int rc = stream_check(s, err);
    if (!rc)
        rc = generation_into(wanted->into, &into, err);
    if (rc)
        return rc;
    struct generation *g = mem_zero(1, sizeof(*g));
    if (g)
        g->add = mem_zero(wanted->n_append + 1, sizeof(*g->add));
    if (!g || !g->add) {
        mem_free(g);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a generation");
    }
    g->stream = s;
    g->callbacks = *callbacks;
    g->ctx = ctx;
    g->keep = s->n;
    g->forget = wanted->forget;
    buf_init(&g->text, ANIMA_STREAM_MAX_SEGMENT);
    buf_init(&g->engine, STATE_MAX);
    buf_init(&g->record, 2 * STATE_MAX);
    rc = prepare(g, wanted, err);
    if (!rc)
        rc = ask(g, wanted, err);
    if (rc) {
        generation_free(g);
        return rc;
    }
    s->generation = g;
    s->refs++;
    return ANIMA_OK;
}

int anima_stream_cancel(anima_stream *s, anima_error *err)
{
    struct generation *g = s->generation;
    if (!g || !g->completion)
        return err_set(err, ANIMA_E_NOT_FOUND, "nothing is being generated");
    g->cancelled = true;
    completion_cancel(g->completion);
    return ANIMA_OK;
}

void anima_stream_abandon(anima_stream *s)
{
    struct generation *g = s->generation;
    if (!g)
        return;
    g->callbacks = (anima_completion_callbacks){ .words = NULL };
    if (!g->completion)
        return; /* it is being written: that ends by itself */
    s->generation = NULL;
    generation_free(g);
    anima_stream_close(s);
}
