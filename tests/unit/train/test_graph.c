/* One step of training on a real small model: the untrained loss against libllama's own logits, and gradients against finite
 * differences. ANIMA_TEST_MODEL: a GGUF file of the architecture llama; ANIMA_TEST_MODEL_ZH: one of qwen2. Skipped without. */
#include "train/graph.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <ggml-backend.h>
#include <llama.h>

#define TOKENS 64
#define ANSWERS 32

static const char text[] =
    "The old bridge over the river was closed in spring, because its stones had begun to move. Now people "
    "walk to the next village, and the baker is angry about it.";

static int token[TOKENS], position[TOKENS], example[TOKENS], at[ANSWERS], label[ANSWERS];

static const char *model_at(const char *variable)
{
    const char *path = getenv(variable);
    if (!path || access(path, R_OK) != 0)
        skip();
    static bool loaded;
    if (!loaded)
        ggml_backend_load_all_from_path(getenv("ANIMA_TEST_LIBS"));
    loaded = true;
    return path;
}

static void quiet(enum ggml_log_level level, const char *message, void *ctx)
{
    (void)ctx;
    if (level >= GGML_LOG_LEVEL_ERROR)
        fputs(message, stderr);
}

static struct llama_model *load(const char *path)
{
    llama_log_set(quiet, NULL);
    struct llama_model *m = llama_model_load_from_file(path, llama_model_default_params());
    assert_non_null(m);
    return m;
}

/* The text twice, as two examples of which the second is cut; answers behind its middle. */
static void make_batch(const struct llama_model *m, struct train_batch *b)
{
    int n = llama_tokenize(llama_model_get_vocab(m), text, sizeof(text) - 1, token, TOKENS, false, false), k = 0;
    assert_true(n > 24 && n < 48);
    for (int i = n; i < TOKENS - 3; i++)
        token[i] = token[i - n];
    for (int i = 0; i < TOKENS; i++) {
        example[i] = i >= n;
        position[i] = i < n ? i : i - n;
    }
    for (int i = n / 2; i + 1 < n && k < ANSWERS; i++, k++) {
        at[k] = i;
        label[k] = token[i + 1];
    }
    *b = (struct train_batch){ TOKENS - 3, token, position, example, k, at, label, 0 };
}

static double loss_by_libllama(struct llama_model *m, const struct train_batch *b)
{
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = 512;
    params.n_threads = params.n_threads_batch = 1; /* more would wait for each other on a busy machine */
    struct llama_context *c = llama_init_from_model(m, params);
    struct llama_batch batch = llama_batch_init(TOKENS, 0, 1);
    int n_vocab = llama_vocab_n_tokens(llama_model_get_vocab(m));
    for (int i = 0; i <= b->at[b->n_answers - 1]; i++) {
        batch.token[i] = b->token[i];
        batch.pos[i] = i;
        batch.n_seq_id[i] = 1;
        batch.seq_id[i][0] = 0;
        batch.logits[i] = true;
        batch.n_tokens++;
    }
    assert_int_equal(llama_decode(c, batch), 0);
    double sum = 0;
    for (int k = 0; k < b->n_answers; k++) {
        const float *x = llama_get_logits_ith(c, b->at[k]);
        double all = 0, most = -INFINITY;
        for (int j = 0; j < n_vocab; j++)
            most = x[j] > most ? x[j] : most;
        for (int j = 0; j < n_vocab; j++)
            all += exp(x[j] - most);
        sum += most + log(all) - x[b->label[k]];
    }
    llama_batch_free(batch);
    llama_free(c);
    return sum / b->n_answers;
}

static struct train_graph *make_graph(const struct train_model *m, enum matmul_kind kind, float dropout)
{
    const struct train_shape shape = { .rank = 8,
                                       .alpha = 16,
                                       .places = (1u << TRAIN_PLACES) - 1,
                                       .dropout = dropout,
                                       .tokens = TOKENS,
                                       .answers = ANSWERS,
                                       .seed = 5 };
    struct train_graph *g;
    anima_error err = { 0 };
    if (train_graph_create(m, &shape, kind, 4, &g, &err))
        fail_msg("%s", err.message);
    return g;
}

static double norm(const float *f, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)f[i] * f[i];
    return sqrt(sum);
}

/* Along its own direction, a gradient's length is the loss's slope. */
static void check_slope(struct train_graph *g, const struct train_batch *b, struct train_param *p)
{
    int n = p->columns * p->rows;
    float *gradient = malloc((size_t)n * sizeof(*gradient)), *value = malloc((size_t)n * sizeof(*value));
    train_graph_run(g, b, true, 1, NULL);
    memcpy(gradient, p->gradient, (size_t)n * sizeof(*gradient));
    memcpy(value, p->value, (size_t)n * sizeof(*value));
    double length = norm(gradient, n), step = 0.02 / length, loss[2];
    step = step > 0.3 ? 0.3 : step;
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < n; i++)
            p->value[i] = (float)(value[i] + (side ? -step : step) * gradient[i] / length);
        loss[side] = train_graph_run(g, b, false, 1, NULL);
    }
    memcpy(p->value, value, (size_t)n * sizeof(*value));
    double slope = (loss[0] - loss[1]) / (2 * step);
    if (!(fabs(slope / length - 1) < 0.04))
        fail_msg("%s: slope %g, gradient %g", p->name, slope, length);
    free(gradient);
    free(value);
}

/* The fastest kind that does not round what it multiplies. */
static enum matmul_kind exact(void)
{
    return matmul_has(MATMUL_AVX512) ? MATMUL_AVX512 : matmul_has(MATMUL_AVX2) ? MATMUL_AVX2 : MATMUL_PLAIN;
}

/* B is not zero any more, so that A has a gradient, too. */
static struct train_param *fill_b(struct train_graph *g, int *n)
{
    struct train_param *p = train_graph_params(g, n);
    for (int i = 1; i < *n; i += 2)
        for (int k = 0; k < p[i].columns * p[i].rows; k++)
            p[i].value[k] = 0.02f * (float)((k * 7919 + i) % 17 - 8) / 8;
    return p;
}

/* all: at every place of an adapter, else only at k and v, to which libllama's own training gives no gradient. */
static void check_model(const char *path, double tolerance, bool all)
{
    struct llama_model *reference = load(path);
    struct train_model m;
    struct train_batch b;
    anima_error err = { 0 };
    make_batch(reference, &b);
    double expect = loss_by_libllama(reference, &b);
    llama_model_free(reference);
    if (train_model_load(path, NULL, NULL, &m, &err))
        fail_msg("%s", err.message);
    enum matmul_kind kind = exact();
    struct train_graph *g = make_graph(&m, kind, 0), *best = make_graph(&m, matmul_best(), 0);
    double loss = train_graph_run(g, &b, false, 1, NULL), rounded = train_graph_run(best, &b, false, 1, NULL);
    printf("loss: %.5f, with %s %.5f, libllama's %.5f\n", loss, matmul_name(matmul_best()), rounded, expect);
    assert_true(fabs(loss / expect - 1) < tolerance);
    assert_true(fabs(rounded / expect - 1) < tolerance);
    int n;
    struct train_param *p = fill_b(g, &n);
    for (int place = all ? 0 : TRAIN_K; place < (all ? TRAIN_PLACES : TRAIN_V + 1); place++)
        for (int half = 0; half < 2; half++)
            check_slope(g, &b, &p[(m.layers / 2 * TRAIN_PLACES + place) * 2 + half]);
    if (all) {
        check_slope(g, &b, &p[1]);
        check_slope(g, &b, &p[n - 1]);
    }
    train_graph_destroy(g);
    train_graph_destroy(best);
    train_model_free(&m);
}

static void llama_architecture(void **state)
{
    (void)state;
    check_model(model_at("ANIMA_TEST_MODEL"), 0.03, true);
}

static void qwen2_architecture(void **state)
{
    (void)state;
    check_model(model_at("ANIMA_TEST_MODEL_ZH"), 0.03, false);
}

/* By one seed the same inputs are left out, forward and backward; by another, others; by none, nothing is. */
static void dropout(void **state)
{
    (void)state;
    const char *path = model_at("ANIMA_TEST_MODEL");
    struct llama_model *reference = load(path);
    struct train_model m;
    struct train_batch b;
    anima_error err = { 0 };
    int n;
    make_batch(reference, &b);
    llama_model_free(reference);
    if (train_model_load(path, NULL, NULL, &m, &err))
        fail_msg("%s", err.message);
    struct train_graph *whole = make_graph(&m, exact(), 0), *g = make_graph(&m, exact(), 0.25f);
    fill_b(whole, &n);
    struct train_param *p = fill_b(g, &n);
    double all = train_graph_run(whole, &b, false, 1, NULL);
    assert_true(train_graph_run(g, &b, false, 1, NULL) == all);
    b.seed = 11;
    double some = train_graph_run(g, &b, false, 1, NULL);
    assert_true(some != all && train_graph_run(g, &b, false, 1, NULL) == some);
    check_slope(g, &b, &p[(m.layers / 2 * TRAIN_PLACES + TRAIN_Q) * 2]);
    check_slope(g, &b, &p[(m.layers / 2 * TRAIN_PLACES + TRAIN_O) * 2]);
    check_slope(g, &b, &p[(m.layers / 2 * TRAIN_PLACES + TRAIN_DOWN) * 2 + 1]);
    b.seed = 12;
    assert_true(train_graph_run(g, &b, false, 1, NULL) != some);
    train_graph_destroy(whole);
    train_graph_destroy(g);
    train_model_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(llama_architecture), cmocka_unit_test(qwen2_architecture),
                                        cmocka_unit_test(dropout) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
