/* bench_memory_mem0.c — against the published package mem0ai on the same turns and questions: the first turns of the first conversation in
 * LoCoMo's form, and the questions that they answer. tests/bench/mem0_side.py runs the package with local models and says how it does
 * that; ours is the ranker of this build over the same turns. A write of ours: from sending until it is found (bench_memory_write.c). */
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench_memory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURNS 40
#define QUICK_TURNS 6

struct side {
    double recall, write_ms, calls;
    int stored, questions;
};

/* The last line that it prints. */
static int read_side(FILE *from, struct side *out, anima_error *err)
{
    char line[300];
    bool found = false;
    while (fgets(line, sizeof(line), from))
        found = sscanf(line, "%lf %lf %lf %d %d", &out->recall, &out->write_ms, &out->calls, &out->stored,
                       &out->questions) == 5;
    return found ? ANIMA_OK : err_set(err, ANIMA_E_ENGINE, "mem0 said nothing of use");
}

static int run_side(char *const *argv, struct side *out, anima_error *err)
{
    int from[2], status = 0;
    if (pipe(from))
        return err_set(err, ANIMA_E_IO, "no pipe");
    pid_t pid = fork();
    if (pid == 0) {
        dup2(from[1], STDOUT_FILENO);
        close(from[0]);
        execv(argv[0], argv);
        _exit(127);
    }
    close(from[1]);
    FILE *f = pid > 0 ? fdopen(from[0], "r") : NULL;
    int rc = f ? read_side(f, out, err) : err_set(err, ANIMA_E_IO, "mem0 does not start");
    if (f)
        fclose(f);
    if (pid > 0)
        waitpid(pid, &status, 0);
    return rc || !status ? rc : err_set(err, ANIMA_E_ENGINE, "mem0 ended with an error");
}

/* The first file in LoCoMo's form; yours to mem_free. */
static char *first_file(const char *data)
{
    char *folder = fs_join(data, "locomo", (char *)NULL), *path = NULL;
    struct dirent **names = NULL;
    int n = folder ? scandir(folder, &names, NULL, alphasort) : -1;
    for (int i = 0; i < n; i++) {
        const char *dot = strrchr(names[i]->d_name, '.');
        if (!path && dot && strcmp(dot, ".json") == 0)
            path = fs_join(folder, names[i]->d_name, (char *)NULL);
        free(names[i]);
    }
    free(names);
    mem_free(folder);
    return path;
}

/* Its language model is ours: the settings of this call are its settings. */
static void pass_settings(const struct cli *cli, char *model, size_t size, char **argv, size_t n)
{
    const char *given = cli_value(cli, "model");
    snprintf(model, size, "model.default=%s", given ? given : "");
    for (size_t i = 0; cli->set[i]; i++) {
        argv[n++] = "--set";
        argv[n++] = (char *)(uintptr_t)cli->set[i];
    }
    if (given) {
        argv[n++] = "--set";
        argv[n++] = model;
    }
    argv[n] = NULL;
}

static int run_mem0(struct memory_bench *b, struct side *out, anima_error *err)
{
    char self[500], turns[20], model[150], *argv[2 * CLI_MAX_SET + 10],
        *cache = fs_cache_dir(), *share = fs_share_dir(), *file = first_file(b->data);
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[n > 0 ? n : 0] = '\0';
    char *python = cache ? fs_join(cache, "mem0env/bin/python", (char *)NULL) : NULL;
    char *program = share ? fs_join(share, "../tests/bench/mem0_side.py", (char *)NULL) : NULL;
    snprintf(turns, sizeof(turns), "%zu", b->slice);
    argv[0] = python;
    argv[1] = program;
    argv[2] = self;
    argv[3] = file;
    argv[4] = turns;
    pass_settings(b->cli, model, sizeof(model), argv, 5);
    int rc = python && program ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for a path");
    if (!rc && !file)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is nothing in LoCoMo's form in %s/locomo", b->data);
    if (!rc && (!fs_exists(python) || !fs_exists(program)))
        rc = err_set(err, ANIMA_E_NOT_FOUND, "this needs a checkout and the package mem0ai: `tools/setup --mem0`");
    if (!rc)
        rc = run_side(argv, out, err);
    mem_free(python);
    mem_free(program);
    mem_free(cache);
    mem_free(share);
    mem_free(file);
    return rc;
}

int memory_mem0(struct memory_bench *b, anima_error *err)
{
    const char *given = cli_value(b->cli, "n");
    const char *model = cli_value(b->cli, "model");
    struct side side = { .recall = 0 };
    if (model) {
        snprintf(b->report->model, sizeof(b->report->model), "%s", model);
        *b->report->model_sha256 = '\0';
    }
    int rc = b->write_ms > 0 ? ANIMA_OK : memory_write(b, err);
    memory_forget(b);
    b->slice = given && atoi(given) > 0 ? (size_t)atoi(given) : cli_value(b->cli, "quick") ? QUICK_TURNS : TURNS;
    if (!rc)
        rc = run_mem0(b, &side, err);
    if (!rc)
        rc = memory_locomo(b, err);
    if (rc)
        return rc;
    /* Where it found nothing at all, a thousand stands for the ratio. */
    double ours = memory_recall_at(b, recall_weights, MEMORY_LOCOMO, 0);
    fprintf(stderr, "%zu turns, %zu and %d questions: recall@%d %.1f and %.1f (mem0, %d memories)\n", b->slice, b->n,
            side.questions, MEMORY_AT, ours, side.recall, side.stored);
    memory_add(b, "mem0_recall_ratio", "of mem0's", "evidence turns among the first ten, the same questions",
               side.recall > 0 ? ours / side.recall : 1000, 1, true);
    memory_add(b, "mem0_recall", "%", "mem0's", side.recall, 0, true);
    memory_add(b, "mem0_recall_ours", "%", "ours", ours, 0, true);
    memory_add(b, "mem0_write_ms_ratio", "times less", "a turn until it is found", side.write_ms / b->write_ms, 1,
               true);
    memory_add(b, "mem0_write_ms", "ms", "mem0's", side.write_ms, 0, false);
    memory_add(b, "mem0_write_calls", "calls", "of a language model, a turn; ours: write_model_calls", side.calls, 0,
               false);
    return ANIMA_OK;
}
