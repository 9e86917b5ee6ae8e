#include "cli/bench_ask.h"

#include "agent/home.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "cli/progress.h"
#include "engine/engine.h"

#include <stdio.h>
#include <unistd.h>

#define AT_ONCE 4 /* one for each seat of an engine, as it is set up */
#define MAX_REPLY (1u << 20)
#define PATIENCE_US 600000000 /* without an answer */

struct flight {
    struct bench_ask *ask; /* NULL: free */
    struct engine_job *job;
    struct buf said;
    bool over;
    int code;
    char why[200];
};

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    (void)logprobs;
    (void)logprobs_len;
    struct flight *f = ctx;
    buf_append(&f->said, text, n);
}

static void end(struct flight *f, int code, const char *message)
{
    f->over = true;
    f->code = code;
    snprintf(f->why, sizeof(f->why), "%s", message ? message : "");
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    (void)finish;
    struct flight *f = ctx;
    f->ask->prompt_tokens = usage ? (int)usage->prompt_tokens : 0;
    end(f, code, message);
}

static void on_scores(void *ctx, int code, const struct engine_score *scores, size_t n, const anima_usage *usage,
                      const char *message)
{
    (void)usage;
    struct flight *f = ctx;
    struct bench_ask *a = f->ask;
    end(f, code, message);
    a->best = 0;
    for (size_t i = 0; i < n && scores && !code; i++) {
        a->logprob[i] = scores[i].logprob;
        a->best = a->logprob[i] > a->logprob[a->best] ? i : a->best;
    }
}

static int take_off(struct bench_room *room, struct flight *f, struct bench_ask *a, anima_error *err)
{
    static const anima_completion_callbacks ours = { .words = on_words, .done = on_done };
    const char *model = anima_home_setting(room->home, "model.default");
    const struct engine_request request = { .messages = a->messages,
                                            .n_messages = a->n_messages,
                                            .stream = a->stream,
                                            .adapter = a->adapter,
                                            .adapter_scale = a->adapter_scale,
                                            .sampling = *a->sampling,
                                            .logprobs = -1 };
    f->ask = a;
    f->over = false;
    buf_reset(&f->said);
    a->reply = "";
    int rc = a->n_candidates ? engine_score(home_engines(room->home), model, &request, a->candidates, a->n_candidates,
                                            on_scores, f, &f->job, err)
                             : engine_generate(home_engines(room->home), model, &request, &ours, f, &f->job, err);
    if (rc)
        f->ask = NULL;
    return rc;
}

static int land(struct flight *f, struct arena *arena, anima_error *err)
{
    struct bench_ask *a = f->ask;
    f->ask = NULL;
    f->job = NULL;
    if (f->code)
        return err_set(err, f->code, "%s", *f->why ? f->why : "the engine has ended");
    a->reply = arena_strndup(arena, buf_str(&f->said), f->said.len);
    if (a->reply && !f->said.failed)
        return ANIMA_OK;
    a->reply = "";
    return err_set(err, ANIMA_E_NOMEM, "out of memory for a reply");
}

static void show(const char *what, size_t done, size_t n)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%s, %zu of %zu%s", what, done, n, done == n ? "\r\033[K" : "\r");
}

static int wait_for(struct bench_room *room, int64_t since, anima_error *err)
{
    anima_home_step(room->home, 50);
    if (progress_interrupted())
        return err_set(err, ANIMA_E_CANCELLED, "stopped");
    if (clock_mono_us() - since > PATIENCE_US)
        return err_set(err, ANIMA_E_TIMEOUT, "no reply within ten minutes");
    return ANIMA_OK;
}

int bench_ask_all(struct bench_room *room, struct arena *arena, const char *what, struct bench_ask *asks, size_t n,
                  anima_error *err)
{
    struct flight flights[AT_ONCE] = { 0 };
    size_t next = 0, done = 0;
    int rc = ANIMA_OK;
    int64_t since = clock_mono_us();
    for (int i = 0; i < AT_ONCE; i++)
        buf_init(&flights[i].said, MAX_REPLY);
    while (!rc && done < n) {
        for (int i = 0; i < AT_ONCE && !rc; i++) {
            struct flight *f = &flights[i];
            if (f->ask && f->over) {
                rc = land(f, arena, err);
                since = clock_mono_us();
                show(what, ++done, n);
            }
            if (!rc && !f->ask && next < n)
                rc = take_off(room, f, &asks[next++], err);
        }
        if (!rc && done < n)
            rc = wait_for(room, since, err);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        if (flights[i].ask && !flights[i].over)
            engine_abandon(flights[i].job);
        buf_finish(&flights[i].said);
    }
    return rc;
}
