/* bench_train.c — how fast an adapter is trained: against libllama's own training on a small model, and tokens a second of one core
 * on the default model. tests/bench/train_bench.c does the rounds. */
#include "agent/home.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/bench.h"
#include "cli/bench_peer.h"
#include "cli/progress.h"
#include "engine/models.h"

#include <stdlib.h>
#include <string.h>

#define SMALL "smollm2-135m"
#define MAX_ROUNDS 100
#define ROUNDS 5
#define TOKENS                                                                                                         \
    256 /* of a batch, as trainings have by default, and the least that libllama takes; of them half are learnt */
#define KINDS 4

/* What a core with such instructions should do (src/train/matmul.h); 0: no goal. */
static const double goals[KINDS] = { 0, 12, 12, 40 };
static const char *const kinds[KINDS] = { "plain C", "AVX2", "AVX-512", "AMX-BF16" };

struct train_bench {
    struct bench_peer peer;
    struct bench_report *report;
    char *runtime;
    const char *folder;
    int rounds;
    double numbers[MAX_ROUNDS + 1];
    int n;
    anima_error err;
};

static int ask(struct train_bench *b, const char *line)
{
    fprintf(stderr, "%s\n", line);
    if (progress_interrupted())
        return err_set(&b->err, ANIMA_E_CANCELLED, "stopped");
    return bench_peer_ask(&b->peer, line, b->numbers, MAX_ROUNDS + 1, &b->n, &b->err);
}

static void add(struct train_bench *b, const char *key, const char *unit, const char *against, double *values, int n,
                double goal)
{
    double min, p95, value = bench_median(values, n, &min, &p95);
    bench_add(b->report,
              (struct bench_result){ key, unit, against, value, goal, true, n > 1 ? min : 0, n > 1 ? p95 : 0 });
}

static int begin(struct train_bench *b, anima_home *home, const char *name)
{
    const struct model *model = models_find(home_models(home), name);
    if (!model || !model_present(model))
        return err_set(&b->err, ANIMA_E_NOT_FOUND, "this bench needs the model %s: `anima models fetch %s`", name,
                       name);
    fprintf(stderr, "%s\n", name);
    const char *const arguments[] = { model->file, b->runtime, b->folder, NULL };
    return bench_peer_start(&b->peer, "anima-train-bench", b->runtime, arguments, &b->err);
}

/* Side by side, everything learnt on both sides. */
static int against_libllama(struct train_bench *b)
{
    char line[64];
    double theirs[MAX_ROUNDS], ratio[MAX_ROUNDS], ours[MAX_ROUNDS];
    snprintf(line, sizeof(line), "libllama %d %d", TOKENS, b->rounds);
    int rc = ask(b, line), n = b->n;
    memcpy(theirs, b->numbers, sizeof(theirs));
    snprintf(line, sizeof(line), "ours best %d %d %d", TOKENS, TOKENS, b->rounds);
    if (!rc)
        rc = ask(b, line);
    if (rc || !n || b->n != n + 1)
        return rc ? rc : err_set(&b->err, ANIMA_E_ENGINE, "the rounds of both sides are not as many");
    for (int i = 0; i < n; i++) {
        ours[i] = b->numbers[i + 1];
        ratio[i] = ours[i] / theirs[i];
    }
    add(b, "train_ratio", "times", "llama_opt_epoch on the same tokens, adapter and thread; " SMALL, ratio, n, 2);
    add(b, "train_small_tokens_per_s", "tokens/s", SMALL ", all tokens learnt", ours, n, 0);
    add(b, "libllama_tokens_per_s", "tokens/s", "llama_opt_epoch", theirs, n, 0);
    return ANIMA_OK;
}

static int speed(struct train_bench *b, const char *kind, const char *key)
{
    char line[64];
    snprintf(line, sizeof(line), "ours %s %d %d %d", kind, TOKENS, TOKENS / 2, b->rounds);
    int rc = ask(b, line), which = rc || !b->n ? -1 : (int)b->numbers[0];
    if (which >= 0 && which < KINDS)
        add(b, key, "tokens/s", kinds[which], b->numbers + 1, b->n - 1, goals[which]);
    return rc;
}

static int measure(struct train_bench *b, anima_home *home, bool quick)
{
    b->runtime = models_runtime_folder(home_models(home));
    int rc = b->runtime ? begin(b, home, SMALL)
                        : err_set(&b->err, ANIMA_E_NOT_FOUND, "llama.cpp's libraries are missing; `anima doctor`");
    if (!rc)
        rc = against_libllama(b);
    bench_peer_stop(&b->peer);
    if (!rc)
        rc = begin(b, home, quick ? SMALL : anima_home_setting(home, "model.default"));
    if (!rc)
        rc = speed(b, "best", "train_tokens_per_s");
    if (!rc)
        rc = speed(b, "AVX2", "train_tokens_per_s_avx2");
    bench_peer_stop(&b->peer);
    mem_free(b->runtime);
    return rc;
}

static int run(struct cli *cli, struct bench_report *report)
{
    const char *given = cli_value(cli, "n");
    bool quick = cli_value(cli, "quick");
    char dir[sizeof(BENCH_FOLDER)];
    struct train_bench b = { .report = report, .folder = dir, .rounds = given ? atoi(given) : quick ? 1 : ROUNDS };
    struct cli with = *cli;
    int status;
    if (b.rounds < 1 || b.rounds > MAX_ROUNDS)
        return cli_usage(cli, "--n is 1 to 100");
    anima_error err;
    if (bench_folder(dir, &err))
        return cli_error(cli, &err);
    with.home = dir;
    progress_catch_interrupt();
    anima_home *home = cli_open_home(&with, false, &status);
    if (!home)
        return status;
    report->command = "anima bench train";
    report->n = b.rounds;
    bench_model(report, home);
    int rc = measure(&b, home, quick);
    anima_home_close(home);
    bench_remove(dir);
    return rc ? cli_error(cli, &b.err) : CLI_OK;
}

const struct bench bench_train = { "train",
                                   "training an adapter: against libllama's own, and tokens a second of a core", run };
