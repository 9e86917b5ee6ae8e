/* bench_kv.c — what streams bring and what they cost: out of the cells and back, against a copy of memory and against reading
 * the prompt again; turns of hundreds of streams; the scheduler against a bare loop. tests/bench/kv_bench.c does the rounds,
 * with the engine's own kv.c and llama_tasks.c. */
#include "agent/home.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench.h"
#include "cli/bench_peer.h"
#include "cli/progress.h"
#include "engine/models.h"

#include <stdlib.h>
#include <string.h>

#define SMALL "smollm2-135m"
#define MAX_NUMBERS 4096
#define STREAMS 400
#define BUDGET_MB 6144

struct kv_run {
    struct bench_peer peer;
    struct bench_report *report;
    double numbers[MAX_NUMBERS];
    int n, rounds;
    anima_error err;
};

static int ask(struct kv_run *k, const char *line)
{
    fprintf(stderr, "%s\n", line);
    if (progress_interrupted())
        return err_set(&k->err, ANIMA_E_CANCELLED, "stopped");
    return bench_peer_ask(&k->peer, line, k->numbers, MAX_NUMBERS, &k->n, &k->err);
}

static void add(struct kv_run *k, const char *key, const char *unit, const char *against, double *values, int n,
                double goal, bool at_least)
{
    double min, p95, value = bench_median(values, n, &min, &p95);
    bench_add(k->report,
              (struct bench_result){ key, unit, against, value, goal, at_least, n > 1 ? min : 0, n > 1 ? p95 : 0 });
}

static void add_one(struct kv_run *k, const char *key, const char *unit, const char *against, double value, double goal,
                    bool at_least)
{
    add(k, key, unit, against, &value, 1, goal, at_least);
}

/* A stream of so many tokens out to RAM and back. */
static int swap(struct kv_run *k, int tokens, const char *against_copy, const char *against_reading, double goal)
{
    char line[64];
    double copy[MAX_NUMBERS], reading[MAX_NUMBERS];
    snprintf(line, sizeof(line), "swap %d %d", tokens, k->rounds);
    int rc = ask(k, line), n = (k->n - 2) / 3;
    if (rc)
        return rc;
    for (int i = 0; i < n; i++) {
        const double *round = &k->numbers[2 + 3 * i];
        copy[i] = (round[0] + round[1]) / round[2];
        reading[i] = k->numbers[0] / (round[0] + round[1]);
    }
    if (against_copy)
        add(k, against_copy, "times", "memcpy of the same bytes, out and in", copy, n, 2, false);
    add(k, against_reading, "times", "reading the prompt again", reading, n, goal, true);
    return ANIMA_OK;
}

static int from_disk(struct kv_run *k)
{
    char line[64];
    double ratio[MAX_NUMBERS];
    snprintf(line, sizeof(line), "disk 1024 %d", k->rounds);
    int rc = ask(k, line);
    for (int i = 1; i < k->n && !rc; i++)
        ratio[i - 1] = k->numbers[0] / k->numbers[i];
    if (!rc)
        add(k, "resume_disk_ratio", "times", "reading the prompt again; the file is in no cache", ratio, k->n - 1, 60,
            true);
    return rc;
}

static int delta(struct kv_run *k)
{
    double fraction[MAX_NUMBERS], sum = 0;
    int rc = ask(k, "delta 4096 32 24"), n = k->n - 1;
    for (int i = 0; i < n && !rc; i++) {
        fraction[i] = k->numbers[i + 1] / k->numbers[0];
        sum += fraction[i];
    }
    if (rc)
        return rc;
    add(k, "delta_bytes_fraction", "of the state", "writing the whole state of 4K tokens", fraction, n, 1.0 / 50,
        false);
    add_one(k, "write_ratio_whole", "times fewer", "bytes a turn against whole states, merges counted", n / sum, 20,
            true);
    return ANIMA_OK;
}

static int hundreds(struct kv_run *k)
{
    char line[64];
    snprintf(line, sizeof(line), "many %d 1024 %d %d", STREAMS, 25 * k->rounds, BUDGET_MB);
    int rc = ask(k, line);
    if (rc)
        return rc;
    add_one(k, "swap_share", "of the time", "400 streams of 1K tokens in 6 GiB, 16 tokens in, 16 out",
            k->numbers[1] / k->numbers[0], 0.03, false);
    add_one(k, "swap_moves_per_turn", "moves", "streams that left their seat", k->numbers[2] / (25.0 * k->rounds), 0,
            false);
    return ANIMA_OK;
}

static int overhead(struct kv_run *k)
{
    static const int speakers[] = { 1, 8, 16 };
    double worst = 0;
    for (int i = 0; i < 3; i++) {
        char line[64];
        double ratio[MAX_NUMBERS], min, p95;
        for (int round = 0; round < k->rounds; round++) {
            snprintf(line, sizeof(line), "overhead %d 48", speakers[i]);
            int rc = ask(k, line);
            if (rc)
                return rc;
            ratio[round] = k->numbers[0] / k->numbers[1] - 1;
        }
        double median = bench_median(ratio, k->rounds, &min, &p95);
        worst = median > worst ? median : worst;
    }
    add_one(k, "scheduler_overhead", "of the time", "a bare loop over libllama; 1, 8 and 16 speakers, the worst", worst,
            0.03, false);
    return ANIMA_OK;
}

static int partial(struct kv_run *k)
{
    char line[64];
    double ratio[MAX_NUMBERS];
    snprintf(line, sizeof(line), "partial 20 %d", k->rounds);
    int rc = ask(k, line);
    for (int i = 0; i + 1 < k->n && !rc; i += 2)
        ratio[i / 2] = k->numbers[i] / k->numbers[i + 1];
    if (!rc)
        add(k, "partial_prefill_ratio", "times sooner", "the same 20 words read at the end only", ratio, k->n / 2, 4,
            true);
    return rc;
}

static int busy(struct kv_run *k)
{
    double ratio[MAX_NUMBERS];
    int rc = ANIMA_OK;
    for (int i = 0; i < k->rounds && !rc; i++) {
        rc = ask(k, "busy 24");
        ratio[i] = k->numbers[0] / k->numbers[1];
    }
    if (!rc)
        add(k, "busy_ratio", "times", "2 threads, two processes spinning beside", ratio, k->rounds, 3, true);
    return rc;
}

static int exact(struct kv_run *k)
{
    int rc = ask(k, "exact 1000 24");
    if (!rc)
        add_one(k, "restore_max_dlogit", "", "a stream that never left its seat", k->numbers[0], BENCH_NONE, false);
    return rc;
}

static int small_model(struct kv_run *k)
{
    int rc = swap(k, 1024, "swap_vs_memcpy", "resume_ratio_1k", 250);
    if (!rc)
        rc = swap(k, 4096, NULL, "resume_ratio_4k", 500);
    if (!rc)
        rc = from_disk(k);
    if (!rc)
        rc = delta(k);
    if (!rc)
        rc = exact(k);
    if (!rc)
        rc = hundreds(k);
    if (!rc)
        rc = overhead(k);
    if (!rc)
        rc = partial(k);
    return rc ? rc : busy(k);
}

static int default_model(struct kv_run *k) { return swap(k, 1024, NULL, "resume_ratio_1k_default", 750); }

static int with_model(struct kv_run *k, anima_home *home, const char *name, const char *folder,
                      int (*measure)(struct kv_run *k))
{
    const struct model *model = models_find(home_models(home), name);
    char *runtime = models_runtime_folder(home_models(home));
    const char *const arguments[] = { model ? model->file : "", runtime ? runtime : "", folder, NULL };
    int rc = model && runtime && model_present(model)
                 ? bench_peer_start(&k->peer, "anima-kv-bench", runtime, arguments, &k->err)
                 : err_set(&k->err, ANIMA_E_NOT_FOUND, "this bench needs the model %s: `anima models fetch %s`", name,
                           name);
    fprintf(stderr, "%s\n", name);
    if (!rc)
        rc = measure(k);
    bench_peer_stop(&k->peer);
    mem_free(runtime);
    return rc;
}

static int run(struct cli *cli, struct bench_report *report)
{
    const char *given = cli_value(cli, "n");
    char dir[] = "/tmp/anima-bench-XXXXXX";
    int status;
    struct kv_run *k = mem_zero(1, sizeof(*k));
    struct cli with = *cli;
    with.home = mkdtemp(dir);
    if (!k || !with.home)
        return CLI_FAILED;
    k->rounds = given ? atoi(given) : 9;
    k->report = report;
    if (k->rounds < 1 || k->rounds > 100)
        return cli_usage(cli, "--n is 1 to 100");
    progress_catch_interrupt();
    anima_home *home = cli_open_home(&with, false, &status);
    if (!home)
        return status;
    report->command = "anima bench kv";
    report->n = k->rounds;
    bench_model(report, home);
    int rc = with_model(k, home, SMALL, dir, small_model);
    if (!rc)
        rc = with_model(k, home, anima_home_setting(home, "model.default"), dir, default_model);
    anima_home_close(home);
    bench_remove(dir);
    anima_error err = k->err;
    mem_free(k);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_kv = { "kv", "streams: out of the engine's cells and back, hundreds of them, the scheduler",
                                run };
