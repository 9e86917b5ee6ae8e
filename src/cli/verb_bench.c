/* verb_bench.c — the benches: which there are, and how their results look. */
#include "agent/home.h"
#include "base/err.h"
#include "cli/bench.h"
#include "engine/models.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const struct bench *const benches[] = { &bench_server,  &bench_chat,  &bench_kv,    &bench_identity, &bench_talk,
                                               &bench_persona, &bench_blind, &bench_train, &bench_memory,   NULL };

void bench_add(struct bench_report *r, struct bench_result result)
{
    if (r->n_results < BENCH_MAX)
        r->results[r->n_results++] = result;
}

/* The name at the beginning of a list is this one. */
static bool begins_with(const char *list, const char *name)
{
    size_t n = strlen(name);
    return strcspn(list, ",") == n && strncmp(list, name, n) == 0;
}

bool bench_named(const char *list, const char *name)
{
    for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',')
        if (begins_with(at, name))
            return true;
    return false;
}

bool bench_all_known(const char *list, const char *const *known)
{
    for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',') {
        size_t i = 0;
        while (known[i] && !begins_with(at, known[i]))
            i++;
        if (!known[i])
            return false;
    }
    return true;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double bench_median(double *samples, int n, double *min, double *p95)
{
    if (n <= 0) {
        *min = *p95 = 0;
        return 0;
    }
    qsort(samples, (size_t)n, sizeof(*samples), by_value);
    *min = samples[0];
    *p95 = samples[(n * 95) / 100 < n ? (n * 95) / 100 : n - 1];
    return n % 2 ? samples[n / 2] : (samples[n / 2 - 1] + samples[n / 2]) / 2;
}

void bench_model(struct bench_report *r, anima_home *home)
{
    const char *name = anima_home_setting(home, "model.default");
    const struct model *model = models_find(home_models(home), name);
    snprintf(r->model, sizeof(r->model), "%s", name);
    snprintf(r->model_sha256, sizeof(r->model_sha256), "%s", model ? model->sha256 : "");
}

int bench_folder(char dir[sizeof(BENCH_FOLDER)], anima_error *err)
{
    memcpy(dir, BENCH_FOLDER, sizeof(BENCH_FOLDER));
    return mkdtemp(dir) ? ANIMA_OK : err_errno(err, errno, "cannot make a folder in /tmp");
}

void bench_remove(const char *dir)
{
    char command[200];
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    if (system(command))
        fprintf(stderr, "anima: %s is left behind\n", dir);
}

static void machine(char *out, size_t size)
{
    struct utsname u = { 0 };
    char line[256], cpu[128] = "unknown processor";
    FILE *f = fopen("/proc/cpuinfo", "re");
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':')) {
            snprintf(cpu, sizeof(cpu), "%s", strchr(line, ':') + 2);
            cpu[strcspn(cpu, "\n")] = '\0';
            break;
        }
    if (f)
        fclose(f);
    uname(&u);
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    snprintf(out, size, "%s, %ld cores, %.0f GiB, Linux %.60s", cpu, sysconf(_SC_NPROCESSORS_ONLN),
             (double)pages * (double)page / (1 << 30), u.release);
}

static double goal_of(const struct bench_result *r) { return r->goal == BENCH_NONE ? 0 : r->goal; }

static bool passes(const struct bench_result *r)
{
    return r->at_least ? r->value >= goal_of(r) : r->value <= goal_of(r);
}

static int print_json(const struct bench_report *r, const char *where)
{
    struct buf out;
    struct jw w;
    buf_init(&out, 1u << 20);
    jw_init(&w, &out);
    jw_obj(&w, NULL);
    jw_str(&w, "command", r->command);
    jw_str(&w, "machine", where);
    jw_str(&w, "model", r->model);
    jw_str(&w, "model_sha256", r->model_sha256);
    jw_int(&w, "n", r->n);
    jw_obj(&w, "results");
    for (int i = 0; i < r->n_results; i++) {
        const struct bench_result *one = &r->results[i];
        jw_obj(&w, one->key);
        jw_num(&w, "value", one->value);
        jw_str(&w, "unit", one->unit);
        if (one->goal != 0)
            jw_num(&w, "goal", goal_of(one));
        else
            jw_null(&w, "goal");
        jw_bool(&w, "pass", one->goal == 0 || passes(one));
        jw_str(&w, "against", one->against);
        if (one->p95 != 0) {
            jw_num(&w, "min", one->min);
            jw_num(&w, "p95", one->p95);
        }
        jw_end_obj(&w);
    }
    jw_end_obj(&w);
    jw_end_obj(&w);
    return cli_print(&out);
}

static void print_table(const struct cli *cli, const struct bench_report *r, const char *where)
{
    printf("%s%s%s, n = %d\n%s\nmodel %s %.16s\n\n", cli_bold(cli), r->command, cli_plain(cli), r->n, where, r->model,
           r->model_sha256);
    for (int i = 0; i < r->n_results; i++) {
        const struct bench_result *one = &r->results[i];
        const char *verdict = one->goal == 0 ? "" : passes(one) ? "pass" : "MISS";
        printf("%-30s %10.3f %-12s", one->key, one->value, one->unit);
        if (one->goal != 0)
            printf(" %s%s%s (goal %s %g)", passes(one) ? cli_green(cli) : cli_red(cli), verdict, cli_plain(cli),
                   one->at_least ? "≥" : "≤", goal_of(one));
        if (one->p95 != 0)
            printf("  min %.3f  p95 %.3f", one->min, one->p95);
        printf("  %s%s%s\n", cli_dim(cli), one->against, cli_plain(cli));
    }
}

static int run(struct cli *cli)
{
    struct bench_report report = { 0 };
    char where[300];
    machine(where, sizeof(where));
    for (int i = 0; benches[i]; i++) {
        if (!cli->n_words) {
            printf("%-10s %s\n", benches[i]->name, benches[i]->summary);
            continue;
        }
        if (strcmp(cli->words[0], benches[i]->name) != 0)
            continue;
        int status = benches[i]->run(cli, &report);
        if (status || !report.command)
            return status;
        if (cli->json)
            return print_json(&report, where);
        print_table(cli, &report, where);
        return CLI_OK;
    }
    return cli->n_words ? cli_usage(cli, "there is no bench \"%s\"", cli->words[0]) : CLI_OK;
}

static const struct cli_option options[] = {
    { "n", "N", "how many turns, rounds or probes; persona: of each part and language" },
    { "probes", "FILE",
      "identity, talk: other lines than those in share/probes; persona: further probes of identity; memory: other "
      "secrets" },
    { "character", "ID", "identity, talk, persona, blind: with whom (lin)" },
    { "adapter", "FILE", "persona: the adapter (GGUF) that is measured (the one that came with the character)" },
    { "scale", "X", "persona: how strongly it works (as it says, or 1)" },
    { "bare", NULL, "persona: the model without an adapter in place of it" },
    { "parts", "NAMES",
      "persona: identity, style, facts, skills, coherence, manners, prompt (all of them); memory: sets, write, "
      "secrets, "
      "days (these), story, mem0" },
    { "system", "TEXT", "persona: a system prompt for the trained model (none)" },
    { "sampled", NULL, "persona: words as the character chooses them, by one seed, not the likeliest" },
    { "pairs", "N", "blind: begin a new round of N pairs (10)" },
    { "language", "zh|en", "blind: begin a new round in it (the character's own)" },
    { "results", NULL, "blind: all rounds, and what came of them" },
    { "only", "NAMES",
      "talk: the dialogues of that name, or language; kv: swap, disk, delta, exact, hundreds, lora, overhead, partial, "
      "busy, hour, turns, writes, crowd" },
    { "quick", NULL, "kv, train, memory: a little of each, to see that it works; no figures to quote" },
    { "model", "NAME",
      "kv: with which model llama.cpp's server is compared (smollm2-135m); memory: which answers the story and serves "
      "mem0 (the "
      "default)" },
    { "lang", "zh|en", "identity: only the probes of this language" },
    { "without", "PARTS", "identity, talk: parts of speaking that are left out (setting speech.without)" },
    { "data", "DIR", "memory: the folder with the sets" },
    { "fit", NULL, "memory: fit the ranker's weights to them, and print these" },
    { "show", NULL, "identity, talk, persona: show every reply; memory: answers of the story, and what leaked" },
    { NULL, NULL, NULL },
};

const struct cli_verb verb_bench = {
    .name = "bench",
    .summary = "measure anima against an alternative on this machine",
    .usage = "[server | chat | kv | identity | talk | persona | blind | train | memory] [--n N]",
    .options = options,
    .details = "Examples:\n  anima bench\n  anima bench server --json\n  anima bench chat --n 8",
    .run = run,
};
