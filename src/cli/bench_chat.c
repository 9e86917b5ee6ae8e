/* bench_chat.c — what a model loses by living in anima: tokens/s and time to first token of the default model through the
 * daemon's library, its engine process and frames, against a bare loop over libllama (tests/bench/bare_llama.c) with as many
 * prompt tokens, new tokens and threads, in turn: anima, bare, anima, bare … */
#include "agent/home.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench.h"
#include "cli/bench_peer.h"
#include "cli/progress.h"
#include "engine/models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEW_TOKENS 64
#define WAIT_S 300

struct round {
    bool done;
    int code;
    int prompt_tokens, tokens;
    int64_t began_us, first_us, end_us;
    char message[300];
};

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    struct round *r = ctx;
    (void)text;
    (void)n;
    (void)logprobs;
    (void)logprobs_len;
    if (!r->first_us)
        r->first_us = clock_mono_us();
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    struct round *r = ctx;
    (void)finish;
    r->done = true;
    r->code = code;
    r->end_us = clock_mono_us();
    r->prompt_tokens = usage->prompt_tokens;
    r->tokens = usage->completion_tokens;
    snprintf(r->message, sizeof(r->message), "%s", message ? message : "");
}

static int ask(anima_home *home, struct round *r, anima_error *err)
{
    static const anima_completion_callbacks callbacks = { .words = on_words, .done = on_done };
    const anima_chat_message message = { .role = "user",
                                         .text = "Count from one to two hundred in words, with commas." };
    anima_completion *completion;
    anima_completion_request request = {
        .character = anima_character_at(home, 0)->id, .messages = &message, .n_messages = 1, .logprobs = -1
    };
    anima_sampling_default(&request.sampling);
    request.sampling.seed = 1;
    request.sampling.temperature = 0.7;
    request.sampling.dry_multiplier = 0;
    request.sampling.max_tokens = NEW_TOKENS;
    *r = (struct round){ .began_us = clock_mono_us() };
    int rc = anima_complete(home, &request, &callbacks, r, &completion, err);
    if (rc)
        return rc;
    while (!r->done && clock_mono_us() - r->began_us < WAIT_S * 1000000LL && !progress_interrupted())
        anima_home_step(home, 100);
    if (!r->done)
        anima_completion_abandon(completion);
    if (!r->done)
        return err_set(err, ANIMA_E_TIMEOUT, "the model did not answer in time");
    return r->code ? err_set(err, r->code, "%s", r->message) : ANIMA_OK;
}

/* ---- the bare loop, a child that does one round for each line we write ---- */

static int bare_round(struct bench_peer *b, int prompt_tokens, int tokens, double *first_ms, double *rate,
                      anima_error *err)
{
    char line[64];
    double numbers[2];
    int n;
    snprintf(line, sizeof(line), "%d %d", prompt_tokens, tokens);
    int rc = bench_peer_ask(b, line, numbers, 2, &n, err);
    if (!rc && n < 2)
        rc = err_set(err, ANIMA_E_ENGINE, "anima-bare answered something else");
    *first_ms = rc ? 0 : numbers[0];
    *rate = rc ? 0 : numbers[1];
    return rc;
}

/* ---- the bench ---- */

static int measure(anima_home *home, struct bench_peer *b, int n, struct bench_report *report, anima_error *err)
{
    double ours[64], bare[64], ratio[64], ttft[64], bare_ttft[64], min, p95;
    struct round r;
    int rc = ask(home, &r, err), tokens = r.tokens; /* warms both; not counted */
    if (!rc)
        rc = bare_round(b, r.prompt_tokens, tokens, &bare_ttft[0], &bare[0], err);
    for (int i = 0; i < n && !rc; i++) {
        rc = ask(home, &r, err);
        if (!rc)
            rc = bare_round(b, r.prompt_tokens, r.tokens, &bare_ttft[i], &bare[i], err);
        ours[i] = (r.tokens - 1) * 1e6 / (double)(r.end_us - r.first_us);
        ttft[i] = (double)(r.first_us - r.began_us) / 1000;
        ratio[i] = ours[i] / bare[i];
        fprintf(stderr, "round %d of %d: %.2f and %.2f tokens/s\n", i + 1, n, ours[i], bare[i]);
    }
    if (rc)
        return rc;
    char *const against = "bare libllama loop, same run";
    double value = bench_median(ratio, n, &min, &p95);
    bench_add(report, (struct bench_result){ "tokens_per_s_ratio", "of bare", against, value, 0.97, true, min, p95 });
    value = bench_median(ours, n, &min, &p95);
    bench_add(report, (struct bench_result){ "tokens_per_s", "tokens/s", "through anima", value, 0, true, min, p95 });
    value = bench_median(bare, n, &min, &p95);
    bench_add(report, (struct bench_result){ "bare_tokens_per_s", "tokens/s", against, value, 0, true, min, p95 });
    value = bench_median(ttft, n, &min, &p95);
    bench_add(report,
              (struct bench_result){ "ttft_ms_p50", "ms", "request to first words", value, 0, false, min, p95 });
    value = bench_median(bare_ttft, n, &min, &p95);
    bench_add(report, (struct bench_result){ "bare_ttft_ms_p50", "ms", against, value, 0, false, min, p95 });
    bench_add(report, (struct bench_result){ "prompt_tokens", "tokens", "", r.prompt_tokens, 0, true, 0, 0 });
    return ANIMA_OK;
}

static int run(struct cli *cli, struct bench_report *report)
{
    const char *given = cli_value(cli, "n");
    int n = given ? atoi(given) : 7, status;
    char dir[sizeof(BENCH_FOLDER)], threads_set[40], count[20];
    struct cli with = *cli;
    struct bench_peer bare = { 0 };
    anima_error err;
    if (n < 1 || n > 60)
        return cli_usage(cli, "--n is 1 to 60");
    long threads = sysconf(_SC_NPROCESSORS_ONLN);
    size_t k = 0;
    while (with.set[k])
        k++;
    snprintf(threads_set, sizeof(threads_set), "engine.threads=%ld", threads);
    with.set[k++] = "engine.slots=1";
    with.set[k++] = threads_set;
    with.set[k] = NULL;
    if (bench_folder(dir, &err))
        return cli_error(cli, &err);
    with.home = dir;
    progress_catch_interrupt();
    anima_home *home = cli_open_home(&with, false, &status);
    if (!home)
        return status;
    report->command = "anima bench chat";
    report->n = n;
    const char *name = anima_home_setting(home, "model.default");
    const struct model *model = models_find(home_models(home), name);
    bench_model(report, home);
    char *runtime = models_runtime_folder(home_models(home));
    snprintf(count, sizeof(count), "%ld", threads);
    const char *const arguments[] = { model ? model->file : "", runtime ? runtime : "", count, NULL };
    int rc = model && runtime
                 ? bench_peer_start(&bare, "anima-bare", runtime, arguments, &err)
                 : err_set(&err, ANIMA_E_NOT_FOUND, "this bench needs a model file and llama.cpp; `anima doctor`");
    if (!rc)
        rc = measure(home, &bare, n, report, &err);
    bench_peer_stop(&bare);
    mem_free(runtime);
    anima_home_close(home);
    bench_remove(dir);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_chat = { "chat", "tokens/s and first token of the default model, against a bare libllama loop",
                                  run };
