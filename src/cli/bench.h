/* bench.h — measuring anima against a named alternative, in one run on one machine. */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H
#include "cli/cli.h"

#define BENCH_MAX 64
#define BENCH_SAMPLES 4096
#define BENCH_NONE -1.0 /* as a goal: none at all (0 as a goal: there is no goal) */

struct bench_result {
    const char *key, *unit, *against;
    double value, goal;
    bool at_least;   /* pass: value ≥ goal; else value ≤ goal */
    double min, p95; /* 0, 0: not a series */
};

struct bench_report {
    const char *command; /* NULL: there is nothing to report */
    char model[128], model_sha256[65];
    int n;
    struct bench_result results[BENCH_MAX];
    int n_results;
};

struct bench {
    const char *name, *summary;
    int (*run)(struct cli *cli, struct bench_report *report);
};

extern const struct bench bench_server, bench_chat, bench_kv, bench_identity, bench_talk, bench_persona, bench_blind,
    bench_train, bench_memory;

/* Writes the default model's name and hash into the report. */
void bench_model(struct bench_report *r, anima_home *home);
/* A folder for a bench, of BENCH_FOLDER in dir. Never the home of whoever calls. */
#define BENCH_FOLDER "/tmp/anima-bench-XXXXXX"
int bench_folder(char dir[sizeof(BENCH_FOLDER)], anima_error *err);
/* Takes a bench's folder away; says so if it cannot. */
void bench_remove(const char *dir);

/* Names with commas between them: is this one of them; are all of them known (known ends with NULL)? */
bool bench_named(const char *list, const char *name);
bool bench_all_known(const char *list, const char *const *known);

void bench_add(struct bench_report *r, struct bench_result result);
/* Sorts samples and gives their median. */
double bench_median(double *samples, int n, double *min, double *p95);
#endif
