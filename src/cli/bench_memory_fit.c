/* bench_memory_fit.c — the weights of the ranker, fitted to questions whose answers are known; and what any weights are worth.
 *
 * The loss of a question is the mean, over what it should find, of -log p(that one, among it and all that it should not find): so what
 * should be found does not compete with itself. To it comes a little of the weights' squares. It is convex; Adam (Kingma & Ba 2015) with
 * all questions in each step finds its bottom. */
#include "base/err.h"
#include "base/mem.h"
#include "cli/bench_memory.h"
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 600
#define RATE 0.05
#define DECAY 0.001
#define MAX_ITEMS 100000
#define LOST 0.09 /* of questions that can be answered: the floor is tried on others */

static float score(const float *weights, const float *features)
{
    float sum = 0;
    for (int f = 0; f < RECALL_FEATURES; f++)
        sum += weights[f] * features[f];
    return sum;
}

struct ranked {
    float score;
    uint32_t place;
};

static int better(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->score > y->score ? -1 : x->score < y->score ? 1 : x->place < y->place ? -1 : 1;
}

static struct ranked *ranking(const struct memory_question *q, const float *weights)
{
    struct ranked *r = mem_alloc((q->n + 1) * sizeof(*r));
    for (uint32_t i = 0; r && i < q->n; i++)
        r[i] = (struct ranked){ score(weights, q->features[i]), i };
    if (r)
        qsort(r, q->n, sizeof(*r), better);
    return r;
}

static double recall_of(const struct memory_question *q, const float *weights)
{
    struct ranked *r = ranking(q, weights);
    size_t found = 0;
    for (size_t k = 0; r && k < MEMORY_AT && k < q->n; k++)
        for (size_t g = 0; g < q->n_gold; g++)
            found += r[k].place == q->gold[g];
    mem_free(r);
    return (double)found / (double)q->n_gold;
}

/* Whether all sessions that have something of the answer are among the first ten. */
static bool sessions_of(const struct memory_question *q, const float *weights)
{
    struct ranked *r = ranking(q, weights);
    int64_t first[MEMORY_AT];
    size_t n = 0;
    for (size_t k = 0; r && k < q->n && n < MEMORY_AT; k++) {
        bool known = false;
        for (size_t i = 0; i < n; i++)
            known = known || first[i] == q->sessions[r[k].place];
        if (!known)
            first[n++] = q->sessions[r[k].place];
    }
    mem_free(r);
    bool all = true;
    for (size_t g = 0; g < q->n_gold; g++) {
        bool known = false;
        for (size_t i = 0; i < n; i++)
            known = known || first[i] == q->sessions[q->gold[g]];
        all = all && known;
    }
    return all;
}

double memory_recall_at(const struct memory_bench *b, const float *weights, enum memory_set set, int category)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        const struct memory_question *q = &b->questions[i];
        if (q->set != set || (category && q->category != category))
            continue;
        sum += recall_of(q, weights);
        n++;
    }
    return n ? 100 * sum / (double)n : 0;
}

double memory_sessions_at(const struct memory_bench *b, const float *weights)
{
    size_t all = 0, n = 0;
    for (size_t i = 0; i < b->n; i++)
        if (b->questions[i].set == MEMORY_LOCOMO) {
            all += sessions_of(&b->questions[i], weights);
            n++;
        }
    return n ? 100 * (double)all / (double)n : 0;
}

/* ---- fitting ---- */

static bool is_gold(const struct memory_question *q, uint32_t place)
{
    for (size_t g = 0; g < q->n_gold; g++)
        if (q->gold[g] == place)
            return true;
    return false;
}

/* Adds the slope of one question's loss; returns the loss. exps: room for n. */
static double slope_of(const struct memory_question *q, const float *weights, double *exps, double *slope)
{
    double most = -1e30, sum = 0, mean[RECALL_FEATURES] = { 0 }, loss = 0;
    for (uint32_t i = 0; i < q->n; i++) {
        exps[i] = is_gold(q, i) ? -1e30 : score(weights, q->features[i]);
        most = exps[i] > most ? exps[i] : most;
    }
    for (uint32_t i = 0; i < q->n; i++) {
        double e = exp(exps[i] - most);
        sum += e;
        for (int f = 0; e > 1e-9 && f < RECALL_FEATURES; f++)
            mean[f] += e * q->features[i][f];
    }
    for (size_t g = 0; g < q->n_gold; g++) {
        const float *gold = q->features[q->gold[g]];
        double behind = most + log(sum) - score(weights, gold), share = 1 / (1 + exp(-behind));
        loss += behind > 30 ? behind : log1p(exp(behind));
        for (int f = 0; f < RECALL_FEATURES; f++)
            slope[f] += share * (mean[f] / sum - gold[f]) / (double)q->n_gold;
    }
    return loss / (double)q->n_gold;
}

/* Of all questions that are not of the group left out (-1: none is). */
static int fit(const struct memory_bench *b, int left_out, float *weights, anima_error *err)
{
    double m[RECALL_FEATURES] = { 0 }, v[RECALL_FEATURES] = { 0 }, *exps = mem_alloc(MAX_ITEMS * sizeof(*exps));
    if (!exps)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a fit");
    memset(weights, 0, RECALL_FEATURES * sizeof(*weights));
    for (int step = 1; step <= STEPS && !progress_interrupted(); step++) {
        double slope[RECALL_FEATURES] = { 0 }, loss = 0;
        int n = 0;
        for (size_t i = 0; i < b->n; i++)
            if (b->questions[i].group != left_out && b->questions[i].n <= MAX_ITEMS) {
                loss += slope_of(&b->questions[i], weights, exps, slope);
                n++;
            }
        for (int f = 0; f < RECALL_FEATURES && n; f++) {
            double g = slope[f] / n + 2 * DECAY * weights[f];
            m[f] = 0.9 * m[f] + 0.1 * g;
            v[f] = 0.999 * v[f] + 0.001 * g * g;
            double rate = RATE * (step < STEPS / 2 ? 1 : 2 - 2.0 * step / STEPS);
            weights[f] -= (float)(rate * (m[f] / (1 - pow(0.9, step))) / (sqrt(v[f] / (1 - pow(0.999, step))) + 1e-9));
        }
        if (step == STEPS)
            fprintf(stderr, "loss %.4f of %d questions\n", n ? loss / n : 0, n);
    }
    mem_free(exps);
    return ANIMA_OK;
}

/* ---- the floor ---- */

static double weighed(const struct recall_about *a, const double weights[RECALL_ABOUT])
{
    double sum = 0;
    for (int f = 0; f < RECALL_ABOUT; f++)
        sum += weights[f] * a->is[f];
    return sum;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Logistic regression: asked here against asked elsewhere. A group is left out (-1: none). */
static void fit_about(const struct memory_bench *b, int left_out, double weights[RECALL_ABOUT], double *bias)
{
    double m[RECALL_ABOUT + 1] = { 0 }, v[RECALL_ABOUT + 1] = { 0 };
    memset(weights, 0, RECALL_ABOUT * sizeof(*weights));
    *bias = 0;
    for (int step = 1; step <= 10 * STEPS; step++) {
        double slope[RECALL_ABOUT + 1] = { 0 };
        for (size_t i = 0; i < b->n; i++)
            for (int here = 0; here < 2; here++) {
                const struct memory_question *q = &b->questions[i];
                const struct recall_about *a = here ? &q->about : &q->elsewhere;
                if (q->group == left_out || q->set != MEMORY_LOCOMO || !q->elsewhere.n_open)
                    continue;
                double wrong = 1 / (1 + exp(-weighed(a, weights) - *bias)) - here;
                for (int f = 0; f < RECALL_ABOUT; f++)
                    slope[f] += wrong * a->is[f] / (double)b->n;
                slope[RECALL_ABOUT] += wrong / (double)b->n;
            }
        for (int f = 0; f <= RECALL_ABOUT; f++) {
            double *w = f < RECALL_ABOUT ? &weights[f] : bias, g = slope[f] + 2 * DECAY * *w * (f < RECALL_ABOUT);
            m[f] = 0.9 * m[f] + 0.1 * g;
            v[f] = 0.999 * v[f] + 0.001 * g * g;
            *w -= RATE * (m[f] / (1 - pow(0.9, step))) / (sqrt(v[f] / (1 - pow(0.999, step))) + 1e-9);
        }
    }
}

/* The sum below which a tenth, less a little, of the questions lies that can be answered. */
static double floor_of(const struct memory_bench *b, int left_out, const double weights[RECALL_ABOUT], double *scores)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        if (b->questions[i].group != left_out && b->questions[i].set == MEMORY_LOCOMO)
            scores[n++] = weighed(&b->questions[i].about, weights);
    qsort(scores, n, sizeof(*scores), ascending);
    return n ? scores[(size_t)(LOST * (double)n)] : 0;
}

static int fit_floor(const struct memory_bench *b, anima_error *err)
{
    double weights[RECALL_ABOUT], bias, *scores = mem_alloc((b->n + 1) * sizeof(*scores));
    size_t refused = 0, others = 0, lost = 0, answerable = 0;
    if (!scores)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a fit");
    for (int group = 0; group < b->groups; group++) {
        fit_about(b, group, weights, &bias);
        double least = floor_of(b, group, weights, scores);
        for (size_t i = 0; i < b->n; i++) {
            const struct memory_question *q = &b->questions[i];
            if (q->group != group || q->set != MEMORY_LOCOMO)
                continue;
            answerable++;
            lost += weighed(&q->about, weights) < least;
            others += q->elsewhere.n_open > 0;
            refused += q->elsewhere.n_open > 0 && weighed(&q->elsewhere, weights) < least;
        }
    }
    fit_about(b, -1, weights, &bias);
    printf("The floor, each conversation by what was fitted to the others: refused %.1f %% of what nobody could know, "
           "lost %.1f %%\n",
           others ? 100 * (double)refused / (double)others : 0,
           answerable ? 100 * (double)lost / (double)answerable : 0);
    printf("Of all, for src/memory/floor.def:\n");
    for (int f = 0; f < RECALL_ABOUT; f++)
        printf("FLOOR(%s, %.4ff, …)\n", recall_about_names[f], weights[f]);
    printf("FLOOR_LEAST(%.4ff)\n", floor_of(b, -1, weights, scores));
    mem_free(scores);
    return ANIMA_OK;
}

int memory_fit(struct memory_bench *b, anima_error *err)
{
    float weights[RECALL_FEATURES];
    double sum[10] = { 0 };
    size_t count[10] = { 0 };
    int rc = ANIMA_OK;
    for (int group = 0; group < b->groups && !rc; group++) {
        rc = fit(b, group, weights, err);
        for (size_t i = 0; i < b->n && !rc; i++) {
            const struct memory_question *q = &b->questions[i];
            if (q->group != group)
                continue;
            double recall = recall_of(q, weights);
            int category = q->set == MEMORY_MADIAL              ? 7 + q->category
                           : q->category > 0 && q->category < 6 ? q->category
                                                                : 6;
            if (q->set == MEMORY_MADIAL) {
                sum[category] += recall;
                count[category]++;
                continue;
            }
            sum[0] += recall;
            count[0]++;
            sum[category] += recall;
            count[category]++;
            sum[7] += sessions_of(q, weights);
            count[7]++;
        }
    }
    if (rc || (rc = fit(b, -1, weights, err)))
        return rc;
    printf("Each conversation, or file, by weights that were fitted to the others: R@%d", MEMORY_AT);
    for (int c = 0; c < 10; c++)
        if (count[c])
            printf(" %s %.1f",
                   (const char *const[]){ "all", "1", "2", "3", "4", "5", "others", "sessions", "madial-en",
                                          "madial-zh" }[c],
                   100 * sum[c] / (double)count[c]);
    printf("\nOf all, for src/memory/features.def:\n");
    for (int f = 0; f < RECALL_FEATURES; f++)
        printf("FEATURE(%s, %.3ff, \"%s\")\n", recall_feature_names[f], weights[f], recall_feature_about[f]);
    return fit_floor(b, err);
}
