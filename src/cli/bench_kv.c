/* bench_kv.c — what streams bring and what they cost: out of the cells and back, against a copy of memory and against reading
 * the prompt again; turns of hundreds of streams; the scheduler against a bare loop; what an hour of a character costs.
 * tests/bench/kv_bench.c does the rounds, with the engine's own kv.c and llama_tasks.c. Then conversations with the daemon,
 * against llama.cpp's own server (bench_kv_server.c). */
#include "agent/home.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench.h"
#include "cli/bench_kv_server.h"
#include "cli/bench_peer.h"
#include "cli/bench_talks.h"
#include "cli/progress.h"
#include "engine/models.h"

#include <stdlib.h>
#include <string.h>

#define SMALL "smollm2-135m"
#define MAX_NUMBERS 4096
#define ROUNDS 9
#define PARTS "swap, disk, delta, exact, hundreds, lora, overhead, partial, busy, hour, turns, writes, crowd"

/* How much is done: as the figures are meant, or a little of each, to see that it works. */
struct kv_sizes {
    int thousand, four_thousand; /* tokens of the streams that are called so */
    int deltas, streams, stream_tokens, budget_mb, turns, adapters, steps, busy_tokens;
    int hour_prompt, hour_turn, speakers;
    int talks, first_turn, hundreds, talk_tokens, hundreds_mb, hundreds_turns, saved;
};

static const struct kv_sizes whole = { .thousand = 1024,
                                       .four_thousand = 4096,
                                       .deltas = 24,
                                       .streams = 400,
                                       .stream_tokens = 1024,
                                       .budget_mb = 6144,
                                       .turns = 225,
                                       .adapters = 32,
                                       .steps = 96,
                                       .busy_tokens = 24,
                                       .hour_prompt = 8000,
                                       .hour_turn = 8,
                                       .speakers = 8,
                                       .talks = 8,
                                       .first_turn = 20,
                                       .hundreds = 400,
                                       .talk_tokens = 1000,
                                       .hundreds_mb = 6144,
                                       .hundreds_turns = 100,
                                       .saved = 4000 };
static const struct kv_sizes quick = { .thousand = 256,
                                       .four_thousand = 512,
                                       .deltas = 8,
                                       .streams = 12,
                                       .stream_tokens = 128,
                                       .budget_mb = 16,
                                       .turns = 12,
                                       .adapters = 4,
                                       .steps = 6,
                                       .busy_tokens = 1,
                                       .hour_prompt = 256,
                                       .hour_turn = 2,
                                       .speakers = 2,
                                       .talks = 2,
                                       .first_turn = 2,
                                       .hundreds = 5,
                                       .talk_tokens = 150,
                                       .hundreds_mb = 8,
                                       .hundreds_turns = 3,
                                       .saved = 300 };

struct kv_run {
    struct bench_peer peer;
    struct bench_report *report;
    const struct kv_sizes *sizes;
    const char *only; /* parts, separated by commas; NULL: all */
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
static int swap_of(struct kv_run *k, int tokens, const char *against_copy, const char *against_reading, double goal)
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
    double ratio[MAX_NUMBERS], took[MAX_NUMBERS], alone[MAX_NUMBERS];
    snprintf(line, sizeof(line), "disk %d %d", k->sizes->thousand, k->rounds);
    int rc = ask(k, line), n = (k->n - 1) / 2;
    for (int i = 0; i < n && !rc; i++) {
        took[i] = k->numbers[1 + 2 * i];
        alone[i] = k->numbers[2 + 2 * i];
        ratio[i] = k->numbers[0] / took[i];
    }
    if (rc)
        return rc;
    add(k, "resume_disk_ratio", "times", "reading the prompt again; the file is in no cache", ratio, n, 60, true);
    add(k, "resume_disk_ms", "ms", "of a stream of 1K tokens", took, n, 0, false);
    add(k, "resume_disk_read_ms", "ms", "of it, what the disk needs: reading the file and nothing else", alone, n, 0,
        false);
    return ANIMA_OK;
}

static int delta(struct kv_run *k)
{
    char line[64];
    double fraction[MAX_NUMBERS], sum = 0;
    snprintf(line, sizeof(line), "delta %d 32 %d", k->sizes->four_thousand, k->sizes->deltas);
    int rc = ask(k, line), n = k->n - 1;
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
    const struct kv_sizes *z = k->sizes;
    char line[64];
    snprintf(line, sizeof(line), "many %d %d %d %d", z->streams, z->stream_tokens, z->turns, z->budget_mb);
    int rc = ask(k, line);
    if (rc)
        return rc;
    add_one(k, "swap_share", "of the time", "400 streams of 1K tokens in 6 GiB, 16 tokens in, 16 out",
            k->numbers[1] / k->numbers[0], 0.03, false);
    add_one(k, "swap_moves_per_turn", "moves", "streams that left their seat", k->numbers[2] / z->turns, 0, false);
    return ANIMA_OK;
}

static int overhead(struct kv_run *k)
{
    static const int speakers[] = { 1, 8, 16 };
    static const char *const keys[] = { "overhead_1", "overhead_8", "overhead_16" };
    double worst = -1;
    for (int i = 0; i < 3; i++) {
        char line[64];
        double ratio[MAX_NUMBERS], min, p95;
        for (int round = 0; round < k->rounds; round++) {
            snprintf(line, sizeof(line), "overhead %d %d", speakers[i], k->sizes->steps);
            int rc = ask(k, line);
            if (rc)
                return rc;
            ratio[round] = k->numbers[0] / k->numbers[1] - 1;
        }
        double median = bench_median(ratio, k->rounds, &min, &p95);
        add(k, keys[i], "of the time", "a bare loop over libllama; one speaker, 8, 16", ratio, k->rounds, 0, false);
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
    char line[64];
    double ratio[MAX_NUMBERS];
    int rc = ANIMA_OK;
    snprintf(line, sizeof(line), "busy %d", k->sizes->busy_tokens);
    for (int i = 0; i < k->rounds && !rc; i++) {
        rc = ask(k, line);
        ratio[i] = k->numbers[0] / k->numbers[1];
    }
    if (!rc)
        add(k, "busy_ratio", "times", "2 threads, two processes spinning beside", ratio, k->rounds, 3, true);
    return rc;
}

static int adapters(struct kv_run *k)
{
    char line[64];
    double ratio[MAX_NUMBERS], cost[MAX_NUMBERS], idle[MAX_NUMBERS];
    snprintf(line, sizeof(line), "lora %d 8 %d", k->sizes->adapters, k->rounds);
    int rc = ask(k, line), n = k->n / 4;
    for (int i = 0; i < n && !rc; i++) {
        const double *round = &k->numbers[4 * i];
        ratio[i] = round[1] / round[0];
        cost[i] = round[0] / round[2];
        idle[i] = round[3] / round[2] - 1;
    }
    if (rc)
        return rc;
    add(k, "lora32_ratio", "times faster", "32 streams, 32 adapters of rank 8, by llama_set_adapters_lora in turn",
        ratio, n, 3, true);
    add(k, "lora32_cost", "times", "the same batch without adapters", cost, n, 0, false);
    add(k, "lora_idle", "of the time", "a batch without adapters, where nothing could have any", idle, n, 0, false);
    return ANIMA_OK;
}

static int exact(struct kv_run *k)
{
    char line[64];
    snprintf(line, sizeof(line), "exact %d 24", k->sizes->thousand);
    int rc = ask(k, line);
    if (!rc)
        add_one(k, "restore_max_dlogit", "", "a stream that never left its seat", k->numbers[0], BENCH_NONE, false);
    return rc;
}

#define HOUR_TURNS 300 /* as in the talk: five a minute, 8K tokens of context, 500 said */
#define HOUR_SAID 500

/* What an hour of a character costs in seconds of this machine, of pieces that were measured: a stateless server reads the
 * whole context for every turn, a stream comes back and reads what is new. Words cost both the same: the cheaper of alone and in
 * one batch. */
static int hour(struct kv_run *k)
{
    static const char *const against = "reading the whole context for every turn";
    char line[64];
    snprintf(line, sizeof(line), "hour %d %d %d", k->sizes->hour_prompt, k->sizes->hour_turn, k->sizes->speakers);
    int rc = ask(k, line);
    if (rc || k->n < 5)
        return rc;
    const double *ms = k->numbers; /* prefill, resume, read, a token alone, a step together */
    double together = ms[4] / k->sizes->speakers, token = ms[3] < together ? ms[3] : together;
    double said = HOUR_SAID * token, back = ms[1] + ms[2], to_s = HOUR_TURNS / 1000.0;
    double stateful = back + said, stateless = ms[0] + said;
    add_one(k, "npc_hour_ratio", "times cheaper", against, stateless / stateful, 4, true);
    add_one(k, "npc_hour_input_ratio", "times cheaper", "the same, without what is said: it costs both as much",
            ms[0] / back, 0, true);
    add_one(k, "npc_hour_s", "s of machine", "300 turns, 8K tokens of context, 500 said", stateful * to_s, 0, false);
    add_one(k, "npc_hour_stateless_s", "s of machine", against, stateless * to_s, 0, false);
    add_one(k, "npc_read_context_ms", "ms", "a turn, stateless: reading 8K tokens", ms[0], 0, false);
    add_one(k, "npc_resume_ms", "ms", "a turn, stateful: out and back", ms[1], 0, false);
    add_one(k, "npc_read_new_ms", "ms", "a turn, stateful: 100 tokens that are new", ms[2], 0, false);
    add_one(k, "npc_token_alone_ms", "ms", "a token said behind 8K, alone", ms[3], 0, false);
    add_one(k, "npc_token_together_ms", "ms", "a token said behind 8K, eight at once", together, 0, false);
    return ANIMA_OK;
}

static int swap(struct kv_run *k)
{
    int rc = swap_of(k, k->sizes->thousand, "swap_vs_memcpy", "resume_ratio_1k", 250);
    return rc ? rc : swap_of(k, k->sizes->four_thousand, NULL, "resume_ratio_4k", 500);
}

static int swap_default(struct kv_run *k)
{
    return swap_of(k, k->sizes->thousand, NULL, "resume_ratio_1k_default", 750);
}

static const struct part {
    const char *name;
    bool small; /* with the small model; else with the default one */
    int (*measure)(struct kv_run *k);
} parts[] = {
    { "swap", true, swap },          { "disk", true, from_disk },    { "delta", true, delta },
    { "exact", true, exact },        { "hundreds", true, hundreds }, { "lora", true, adapters },
    { "overhead", true, overhead },  { "partial", true, partial },   { "busy", true, busy },
    { "swap", false, swap_default }, { "hour", false, hour },
};

static bool wanted(const struct kv_run *k, const char *part) { return !k->only || bench_named(k->only, part); }

static int measure_parts(struct kv_run *k, bool small)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && !rc; i++)
        if (parts[i].small == small && wanted(k, parts[i].name))
            rc = parts[i].measure(k);
    return rc;
}

static int find_model(struct kv_run *k, anima_home *home, const char *name, const struct model **out)
{
    *out = models_find(home_models(home), name);
    return *out && model_present(*out) ? ANIMA_OK
                                       : err_set(&k->err, ANIMA_E_NOT_FOUND,
                                                 "this bench needs the model %s: `anima models fetch %s`", name, name);
}

static int with_model(struct kv_run *k, anima_home *home, const char *name, const char *folder, bool small)
{
    const struct model *model;
    bool any = false;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        any |= parts[i].small == small && wanted(k, parts[i].name);
    int rc = any ? find_model(k, home, name, &model) : ANIMA_OK;
    if (rc || !any)
        return rc;
    fprintf(stderr, "%s\n", name);
    char *runtime = models_runtime_folder(home_models(home));
    const char *const arguments[] = { model->file, runtime ? runtime : "", folder, NULL };
    rc = runtime ? bench_peer_start(&k->peer, "anima-kv-bench", runtime, arguments, &k->err)
                 : err_set(&k->err, ANIMA_E_NOT_FOUND, "llama.cpp's libraries are missing; `anima doctor`");
    if (!rc)
        rc = measure_parts(k, small);
    bench_peer_stop(&k->peer);
    mem_free(runtime);
    return rc;
}

/* Left out where llama.cpp's server is not there: it is a tool of this bench only. */
static int against_server(struct kv_run *k, anima_home *home, const char *name, const char *folder)
{
    const struct kv_sizes *z = k->sizes;
    const struct model *model;
    char *server = bench_llama_server();
    bool there = server != NULL;
    mem_free(server);
    bool turns = wanted(k, "turns"), writes = wanted(k, "writes"), crowd = wanted(k, "crowd");
    if (!turns && !writes && !crowd)
        return ANIMA_OK;
    if (!there) {
        fputs("the rows against llama.cpp's server are left out: `tools/setup --peer` builds it\n", stderr);
        return ANIMA_OK;
    }
    int rc = find_model(k, home, name, &model);
    if (rc)
        return rc;
    const struct bench_kv_server config = { .dir = folder,
                                            .model = name,
                                            .model_file = model->file,
                                            .turns = turns,
                                            .writes = writes,
                                            .crowd = crowd,
                                            .talks = z->talks,
                                            .rounds = k->rounds < 3 ? k->rounds : 3,
                                            .first = z->first_turn,
                                            .hundreds = z->hundreds,
                                            .talk_tokens = z->talk_tokens,
                                            .budget_mb = z->hundreds_mb,
                                            .crowd_turns = z->hundreds_turns,
                                            .saved = z->saved };
    return bench_kv_server(&config, k->report, &k->err);
}

static int measure_all(struct kv_run *k, anima_home *home, const char *dir, const char *server_model)
{
    int rc = with_model(k, home, SMALL, dir, true);
    if (!rc)
        rc = with_model(k, home, anima_home_setting(home, "model.default"), dir, false);
    return rc ? rc : against_server(k, home, server_model ? server_model : SMALL, dir);
}

static int run(struct cli *cli, struct bench_report *report)
{
    static const char *const names[] = { "swap",    "disk", "delta", "exact", "hundreds", "lora",  "overhead",
                                         "partial", "busy", "hour",  "turns", "writes",   "crowd", NULL };
    const char *given = cli_value(cli, "n");
    char dir[sizeof(BENCH_FOLDER)];
    int status;
    struct kv_run *k = mem_zero(1, sizeof(*k));
    struct cli with = *cli;
    anima_error err;
    if (!k)
        return CLI_FAILED;
    if (bench_folder(dir, &err)) {
        mem_free(k);
        return cli_error(cli, &err);
    }
    with.home = dir;
    k->sizes = cli_value(cli, "quick") ? &quick : &whole;
    k->only = cli_value(cli, "only");
    k->rounds = given ? atoi(given) : k->sizes == &quick ? 1 : ROUNDS;
    k->report = report;
    if (k->rounds < 1 || k->rounds > 100)
        return cli_usage(cli, "--n is 1 to 100");
    if (k->only && !bench_all_known(k->only, names))
        return cli_usage(cli, "--only takes " PARTS ", with commas between them");
    progress_catch_interrupt();
    anima_home *home = cli_open_home(&with, false, &status);
    if (!home)
        return status;
    report->command = "anima bench kv";
    report->n = k->rounds;
    bench_model(report, home);
    int rc = measure_all(k, home, dir, cli_value(cli, "model"));
    anima_home_close(home);
    bench_remove(dir);
    err = k->err;
    mem_free(k);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_kv = {
    "kv", "streams: out of the engine's cells and back, hundreds of them, against llama.cpp's server", run
};
