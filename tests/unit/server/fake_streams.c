/* Streams of the home in memory (fake_home.h): there is one, "flow", with two segments, of which the second is the response
 * "resp_a". Changes, generations and scores are reported in fake_home_step. */
#include "base/err.h"
#include "fake_home.h"

#include <stdio.h>
#include <string.h>

#define MAX_WAITING 16

struct anima_stream {
    int64_t seq;
};

static struct anima_stream flow;
static const anima_segment segments[] = {
    { .seq = 1, .kind = "heard", .name = "", .text = "Hi.", .finish = "", .state = "", .response = "", .meta = "" },
    { .seq = 2,
      .kind = "said",
      .name = "",
      .text = "Hello \"you\".",
      .finish = "length",
      .state = "{}",
      .response = "resp_a",
      .meta = "{\"created_at\":1,\"model\":\"lin\"}" },
};

static struct {
    anima_done *done;
    void *ctx;
} changes[MAX_WAITING];
static int n_changes;

static struct {
    anima_completion_callbacks callbacks;
    void *ctx;
    bool logprobs;
} generation;

struct anima_scoring_job {
    anima_scores *done;
    void *ctx;
    size_t n;
};
static struct anima_scoring_job scoring;

void fake_streams_reset(void)
{
    n_changes = 0;
    generation.callbacks = (anima_completion_callbacks){ .words = NULL };
    scoring.done = NULL;
}

/* ---- later ---- */

static void finish_generation(void)
{
    static const anima_usage usage = { .prompt_tokens = 7, .cached_tokens = 5, .completion_tokens = 2 };
    static const char scores[] = "[{\"token\":\"one\",\"logprob\":-1}]";
    const anima_completion_callbacks cb = generation.callbacks;
    size_t n = generation.logprobs ? sizeof(scores) - 1 : 0;
    generation.callbacks = (anima_completion_callbacks){ .words = NULL };
    if (fake_home.completion_fails) {
        cb.done(generation.ctx, fake_home.completion_fails, "error", &usage, "it failed");
        return;
    }
    cb.started(generation.ctx, &usage);
    cb.words(generation.ctx, "one", 3, n ? scores : NULL, n);
    cb.words(generation.ctx, " \"two\"", 6, n ? scores : NULL, n);
    cb.done(generation.ctx, ANIMA_OK, "length", &usage, NULL);
}

void fake_streams_step(void)
{
    anima_error err = { .code = 0 };
    while (n_changes) {
        n_changes--;
        if (fake_home.change_fails)
            err_set(&err, fake_home.change_fails, "it was refused");
        changes[n_changes].done(changes[n_changes].ctx, fake_home.change_fails, &err);
    }
    if (generation.callbacks.done)
        finish_generation();
    if (scoring.done) {
        static const anima_score scores[64] = { { -1.5, 2 } };
        static const anima_usage usage = { .prompt_tokens = 3 };
        anima_scores *done = scoring.done;
        scoring.done = NULL;
        done(scoring.ctx, ANIMA_OK, scores, scoring.n, &usage, "");
    }
}

static int change(anima_done *done, void *ctx, anima_error *err)
{
    if (n_changes == MAX_WAITING)
        return err_set(err, ANIMA_E_BUSY, "the fake is busy");
    changes[n_changes].done = done;
    changes[n_changes++].ctx = ctx;
    return ANIMA_OK;
}

static void note(const char *what, const anima_segment *list, size_t n)
{
    char *out = fake_home.appended;
    size_t at = strlen(out), size = sizeof(fake_home.appended);
    at += (size_t)snprintf(out + at, size - at, "%s|", what);
    for (size_t i = 0; i < n && at < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%s:%.60s|", list[i].kind, list[i].text);
}

/* ---- anima.h ---- */

int anima_stream_create(anima_home *home, const anima_stream_options *options, anima_stream **out, anima_error *err)
{
    const char *model = options->model ? options->model : "";
    if (options->character && *options->character && !anima_character_find(home, options->character))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", options->character);
    if (*model && strcmp(model, "m") != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no model \"%.64s\"", model);
    *out = &flow;
    note("create", NULL, 0);
    return ANIMA_OK;
}

int anima_stream_open(anima_home *home, const char *id, anima_stream **out, anima_error *err)
{
    (void)home;
    *out = &flow;
    return strcmp(id, "flow") == 0 ? ANIMA_OK : err_set(err, ANIMA_E_NOT_FOUND, "there is no stream \"%.64s\"", id);
}

void anima_stream_close(anima_stream *s) { (void)s; }

void anima_stream_describe(const anima_stream *s, anima_stream_info *out)
{
    (void)s;
    *out = (anima_stream_info){ .id = "flow", .model = "m", .character = "lin", .segments = 2, .created_ms = 1 };
}

int anima_stream_list(anima_home *home, int limit, int64_t before_ms, anima_stream_cb *cb, void *ctx, anima_error *err)
{
    (void)home;
    (void)limit;
    (void)before_ms;
    (void)err;
    anima_stream_info info;
    anima_stream_describe(&flow, &info);
    cb(ctx, &info);
    return ANIMA_OK;
}

int anima_stream_segments(const anima_stream *s, int64_t after, size_t limit, anima_segment_cb *cb, void *ctx)
{
    (void)s;
    for (size_t i = after < 0 ? 0 : (size_t)after; i < 2 && limit; i++, limit--)
        if (cb(ctx, &segments[i]))
            break;
    return ANIMA_OK;
}

int anima_stream_append(anima_stream *s, const anima_segment *list, size_t n, anima_done *done, void *ctx,
                        anima_error *err)
{
    (void)s;
    note("append", list, n);
    return change(done, ctx, err);
}

int anima_stream_retract(anima_stream *s, int64_t seq, anima_done *done, void *ctx, anima_error *err)
{
    (void)s;
    if (seq < 0 || seq > 2)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no segment %lld", (long long)seq);
    return change(done, ctx, err);
}

int anima_stream_fork(anima_stream *s, int64_t seq, anima_stream **out, anima_error *err)
{
    *out = s;
    note("fork", NULL, 0);
    return seq < 0 || seq > 2 ? err_set(err, ANIMA_E_NOT_FOUND, "there is no segment %lld", (long long)seq) : ANIMA_OK;
}

int anima_stream_delete(anima_stream *s, anima_done *done, void *ctx, anima_error *err)
{
    (void)s;
    return change(done, ctx, err);
}

int anima_stream_generate(anima_stream *s, const anima_generation *wanted, const anima_completion_callbacks *callbacks,
                          void *ctx, anima_error *err)
{
    (void)s;
    if (fake_home.complete_refuses)
        return err_set(err, fake_home.complete_refuses, "not today");
    if (generation.callbacks.done)
        return err_set(err, ANIMA_E_BUSY, "a generation is under way");
    note("generate", wanted->append, wanted->n_append);
    fake_home.generated = *wanted;
    generation.callbacks = *callbacks;
    generation.ctx = ctx;
    generation.logprobs = wanted->logprobs >= 0;
    return ANIMA_OK;
}

int anima_stream_cancel(anima_stream *s, anima_error *err)
{
    (void)s;
    return generation.callbacks.done ? ANIMA_OK : err_set(err, ANIMA_E_NOT_FOUND, "nothing is being generated");
}

void anima_stream_abandon(anima_stream *s)
{
    (void)s;
    generation.callbacks = (anima_completion_callbacks){ .words = NULL };
}

int anima_stream_score(anima_stream *s, const anima_scoring *wanted, anima_scores *done, void *ctx,
                       anima_scoring_job **out, anima_error *err)
{
    (void)s;
    if (scoring.done)
        return err_set(err, ANIMA_E_BUSY, "the fake is busy");
    scoring = (struct anima_scoring_job){ done, ctx, wanted->n_candidates };
    *out = &scoring;
    return ANIMA_OK;
}

void anima_scoring_abandon(anima_scoring_job *job) { job->done = NULL; }

int anima_stream_snapshot(anima_stream *s, anima_exported *done, void *ctx, anima_error *err)
{
    (void)s;
    (void)err;
    done(ctx, ANIMA_OK, NULL, "{\"anima_stream\":1}", 18);
    return ANIMA_OK;
}

int anima_stream_restore(anima_home *home, const char *json, size_t n, anima_stream **out, anima_error *err)
{
    (void)home;
    (void)json;
    *out = &flow;
    return n > 2 ? ANIMA_OK : err_set(err, ANIMA_E_INVALID, "this is no snapshot of a stream");
}

int anima_response_find(anima_home *home, const char *response, char stream[24], int64_t *seq, anima_error *err)
{
    (void)home;
    strcpy(stream, "flow");
    *seq = 2;
    return strcmp(response, "resp_a") == 0
               ? ANIMA_OK
               : err_set(err, ANIMA_E_NOT_FOUND, "there is no response \"%.64s\"", response);
}

int anima_response_delete(anima_home *home, const char *response, anima_done *done, void *ctx, anima_error *err)
{
    char stream[24];
    int64_t seq;
    int rc = anima_response_find(home, response, stream, &seq, err);
    return rc ? rc : change(done, ctx, err);
}
