/* bench_chat.c — what a model loses by living in anima: tokens/s and time to first token of the default model through the
 * daemon's library, its engine process and frames, against a bare loop over libllama (tests/bench/bare_llama.c) with as many
 * prompt tokens, new tokens and threads, in turn: anima, bare, anima, bare … */
#include "agent/home.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench.h"
#include "cli/progress.h"
#include "engine/models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
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
    static const anima_completion_callbacks callbacks = { NULL, on_words, on_done };
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

struct bare {
    pid_t pid;
    FILE *in, *out;
};

static int start_bare(struct bare *b, const char *model, const char *runtime, long threads, anima_error *err)
{
    char *exe = fs_exe_dir(), program[600] = "", count[20];
    static const char *const places[] = { "tests/bench/anima-bare", "anima-bare", "../../tests/bench/anima-bare" };
    for (size_t i = 0; exe && i < 3; i++) {
        snprintf(program, sizeof(program), "%s/%s", exe, places[i]);
        if (access(program, X_OK) == 0)
            break;
    }
    mem_free(exe);
    if (access(program, X_OK))
        return err_set(err, ANIMA_E_NOT_FOUND, "anima-bare is not built; `make build` with the tests makes it");
    int to[2], from[2];
    if (pipe(to) || pipe(from))
        return err_set(err, ANIMA_E_IO, "no pipe");
    snprintf(count, sizeof(count), "%ld", threads);
    b->pid = fork();
    if (b->pid == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[1]);
        close(from[0]);
        setenv("LD_LIBRARY_PATH", runtime, 1);
        execl(program, program, model, runtime, count, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    b->in = fdopen(to[1], "w");
    b->out = fdopen(from[0], "r");
    char line[100];
    return b->in && b->out && fgets(line, sizeof(line), b->out) && strncmp(line, "ready", 5) == 0
               ? ANIMA_OK
               : err_set(err, ANIMA_E_ENGINE, "anima-bare does not start");
}

static int bare_round(struct bare *b, int prompt_tokens, int tokens, double *first_ms, double *rate, anima_error *err)
{
    char line[200];
    fprintf(b->in, "%d %d\n", prompt_tokens, tokens);
    fflush(b->in);
    if (!fgets(line, sizeof(line), b->out) || sscanf(line, "%lf %lf", first_ms, rate) != 2)
        return err_set(err, ANIMA_E_ENGINE, "anima-bare has gone");
    return ANIMA_OK;
}

static void stop_bare(struct bare *b)
{
    if (b->in)
        fclose(b->in);
    if (b->out)
        fclose(b->out);
    if (b->pid > 0)
        waitpid(b->pid, NULL, 0);
}

/* ---- the bench ---- */

static int measure(anima_home *home, struct bare *b, int n, struct bench_report *report, anima_error *err)
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
    char dir[] = "/tmp/anima-bench-XXXXXX", threads_set[40];
    struct cli with = *cli;
    struct bare bare = { 0 };
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
    with.home = mkdtemp(dir);
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
    int rc = model && runtime
                 ? start_bare(&bare, model->file, runtime, threads, &err)
                 : err_set(&err, ANIMA_E_NOT_FOUND, "this bench needs a model file and llama.cpp; `anima doctor`");
    if (!rc)
        rc = measure(home, &bare, n, report, &err);
    stop_bare(&bare);
    mem_free(runtime);
    anima_home_close(home);
    bench_remove(dir);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_chat = { "chat", "tokens/s and first token of the default model, against a bare libllama loop",
                                  run };
