/* bench_memory.c — how well what was said is found again. No model judges: every set says itself which turns answer a question. */
#include "cli/bench_memory.h"

#include "agent/home.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (256u << 20)

int memory_files(struct memory_bench *b, const char *folder, memory_file_fn *one, anima_error *err)
{
    char *path = fs_join(b->data, folder, NULL);
    struct dirent **names = NULL;
    int n = path ? scandir(path, &names, NULL, alphasort) : -1, rc = ANIMA_OK;
    for (int i = 0; i < n; i++) {
        const char *dot = strrchr(names[i]->d_name, '.');
        char *file = !rc && dot && strcmp(dot, ".json") == 0 ? fs_join(path, names[i]->d_name, NULL) : NULL;
        char *data = NULL;
        size_t len = 0;
        if (file && !(rc = fs_read(file, MAX_FILE, &data, &len, err)))
            rc = one(b, names[i]->d_name, data, len, err);
        mem_free(data);
        mem_free(file);
        free(names[i]);
    }
    free(names);
    mem_free(path);
    return rc;
}

void memory_add(struct memory_bench *b, const char *key, const char *unit, const char *against, double value,
                double goal, bool at_least)
{
    bench_add(b->report, (struct bench_result){ key, unit, against, value, goal, at_least, 0, 0 });
}

/* The floor: of questions that nobody here can answer, how many are refused; of the others, how many are lost. */
static void add_floor(struct memory_bench *b)
{
    size_t refused = 0, lost = 0, n = 0, answerable = 0;
    for (size_t i = 0; i < b->n; i++) {
        const struct memory_question *q = &b->questions[i];
        if (q->set != MEMORY_LOCOMO)
            continue;
        lost += !recall_is_about(&q->about);
        answerable++;
        if (!q->elsewhere.n_open)
            continue;
        refused += !recall_is_about(&q->elsewhere);
        n++;
    }
    if (!n)
        return;
    memory_add(b, "refused_unanswerable", "%", "questions of another conversation, in the names of this one",
               100 * (double)refused / (double)n, 70, true);
    memory_add(b, "lost_answerable", "%", "the same questions asked where they were answered",
               100 * (double)lost / (double)answerable, 10, false);
}

static bool any(const struct memory_bench *b, enum memory_set set)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->questions[i].set == set)
            return true;
    return false;
}

static void add_locomo(struct memory_bench *b)
{
    if (!any(b, MEMORY_LOCOMO))
        return;
    float words_only[RECALL_FEATURES] = { 0 };
    words_only[RECALL_words] = 1;
    fprintf(stderr, "single turns by BM25 alone: R@%d %.1f\n", MEMORY_AT,
            memory_recall_at(b, words_only, MEMORY_LOCOMO, 0));
    memory_add(b, "locomo_turn_r10", "%", "evidence turns among the first ten",
               memory_recall_at(b, recall_weights, MEMORY_LOCOMO, 0), 88, true);
    memory_add(b, "locomo_multihop_r10", "%", "of questions that need several turns",
               memory_recall_at(b, recall_weights, MEMORY_LOCOMO, 1), 54, true);
    memory_add(b, "locomo_session_all10", "%", "all sessions with evidence among the first ten",
               memory_sessions_at(b, recall_weights), 94, true);
    add_floor(b);
}

static void add_madial(struct memory_bench *b)
{
    static const char *const keys[] = { "madial_en_r10", "madial_zh_r10" };
    static const double goals[] = { 73, 76 };
    for (int l = 1; l >= 0 && any(b, MEMORY_MADIAL); l--)
        memory_add(b, keys[l], "%", "what should come to mind among the first ten; the person's own memories",
                   memory_recall_at(b, recall_weights, MEMORY_MADIAL, 1 + l), goals[l], true);
}

int memory_sample_add(struct memory_sample **list, size_t *n, size_t *max, const char *text,
                      const struct memory_vector *vector, anima_error *err)
{
    struct memory_sample *more = mem_grow(*list, *n, max, sizeof(*more));
    char *copy = more ? mem_strdup(text) : NULL;
    if (more)
        *list = more;
    if (!copy)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a text");
    more[(*n)++] = (struct memory_sample){ copy, *vector };
    return ANIMA_OK;
}

int memory_keep(struct memory_bench *b, const struct memory_index *index, const struct memory_question *like,
                const uint32_t *gold, anima_error *err)
{
    struct memory_question *questions = mem_grow(b->questions, b->n, &b->max, sizeof(*questions));
    if (questions)
        b->questions = questions;
    struct memory_question q = *like;
    q.features = mem_alloc((index->n + 1) * sizeof(*q.features));
    q.sessions = mem_alloc((index->n + 1) * sizeof(*q.sessions));
    q.gold = mem_alloc((q.n_gold + 1) * sizeof(*q.gold));
    if (!questions || !q.features || !q.sessions || !q.gold) {
        mem_free(q.features);
        mem_free(q.sessions);
        mem_free(q.gold);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a question");
    }
    for (uint32_t i = 0; i < index->n; i++) {
        if (!recall_open(b->recall, i))
            continue;
        for (size_t g = 0; g < q.n_gold; g++)
            if (gold[g] == i)
                q.gold[g] = (uint32_t)q.n;
        recall_features(b->recall, i, q.features[q.n]);
        q.sessions[q.n++] = index->links[i].session;
    }
    q.about = recall_about(b->recall);
    b->questions[b->n++] = q;
    return ANIMA_OK;
}

/* LoCoMo, MADial, and how fast it is. */
static int of_sets(struct memory_bench *b, anima_error *err)
{
    int rc = memory_locomo(b, err);
    if (!rc)
        rc = memory_madial(b, err);
    if (!rc && cli_value(b->cli, "fit"))
        return memory_fit(b, err);
    if (!rc)
        add_locomo(b);
    if (!rc)
        add_madial(b);
    if (!rc)
        rc = memory_speed(b, err);
    b->report->n += (int)b->n;
    return rc;
}

static const struct part {
    const char *name;
    bool slow; /* only if it is named */
    int (*run)(struct memory_bench *b, anima_error *err);
} parts[] = { { "sets", false, of_sets },     { "write", false, memory_write },  { "secrets", false, memory_secrets },
              { "days", false, memory_days }, { "story", true, memory_answers }, { "mem0", true, memory_mem0 } };
enum { PARTS = sizeof(parts) / sizeof(*parts) };

/* One that was not asked for by name and cannot be had here is left out, with its reason. */
static int measure(struct memory_bench *b, anima_error *err)
{
    const char *named = cli_value(b->cli, "fit") ? "sets" : cli_value(b->cli, "parts");
    int rc = words_create(&b->words, err);
    if (!rc)
        rc = recall_create(&b->recall, err);
    if (!rc)
        rc = memory_cache_open(b, &b->cache, err);
    for (size_t i = 0; i < PARTS && !rc; i++) {
        if (named ? !bench_named(named, parts[i].name) : parts[i].slow)
            continue;
        rc = parts[i].run(b, err);
        if (rc == ANIMA_E_NOT_FOUND && !named) {
            fprintf(stderr, "the part %s is left out: %s\n", parts[i].name, err->message);
            rc = ANIMA_OK;
        }
    }
    return rc;
}

void memory_forget(struct memory_bench *b)
{
    for (size_t i = 0; i < b->n; i++) {
        mem_free(b->questions[i].features);
        mem_free(b->questions[i].sessions);
        mem_free(b->questions[i].gold);
    }
    for (size_t i = 0; i < b->n_samples; i++)
        mem_free(b->samples[i].text);
    for (size_t i = 0; i < b->n_asked; i++)
        mem_free(b->asked[i].text);
    b->n = b->n_samples = b->n_asked = 0;
}

static void finish(struct memory_bench *b)
{
    memory_forget(b);
    mem_free(b->questions);
    mem_free(b->samples);
    mem_free(b->asked);
    memory_cache_close(b->cache);
    recall_free(b->recall);
    words_free(b->words);
}

static int run(struct cli *cli, struct bench_report *report)
{
    struct memory_bench b = { .cli = cli, .report = report, .data = cli_value(cli, "data") };
    anima_error err;
    int status;
    const char *named = cli_value(cli, "parts"), *known[PARTS + 1] = { NULL };
    for (size_t i = 0; i < PARTS; i++)
        known[i] = parts[i].name;
    if (named && !bench_all_known(named, known))
        return cli_usage(cli, "--parts takes sets, write, secrets, days, story, mem0, with commas between them");
    bool needs = !named || bench_named(named, "sets") || bench_named(named, "mem0") || cli_value(cli, "fit");
    if (!b.data && needs)
        return cli_usage(cli, "--data DIR names the folder with the sets (locomo/, madial/, confaide/)");
    if (needs) { /* the others have homes of their own */
        b.home = cli_open_home(cli, false, &status);
        if (!b.home)
            return status;
        bench_model(report, b.home);
    }
    int rc = measure(&b, &err);
    if (!rc && !cli_value(cli, "fit"))
        report->command = "anima bench memory";
    finish(&b);
    anima_home_close(b.home);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_memory = { "memory", "is what was said found again, and only by whom it may be? (no judge)",
                                    run };
