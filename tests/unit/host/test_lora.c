/* lora.c with real models: many adapters in one batch compute what llama_set_adapters_lora computes with each; adapters come
 * and go while others run; what one adapter computed is not used with another.
 * ANIMA_TEST_MODEL, ANIMA_TEST_MODEL_ZH: GGUF files; what needs one skips without it. */
#include "base/fs.h"
#include "host/kv.h"
#include "host/llama_batch.h"
#include "host/lora.h"
#include "host/lora_file.h"
#include "make_adapter.h"

#include <dlfcn.h>
#include <libgen.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <ggml-backend.h>
#include <ggml.h>

#define SEQUENCES 4
#define PROMPT 24
#define SAID 4 /* tokens decoded behind the prompt, one a step */
#define CELLS 512

static struct llama_model *model;
static const char *model_path;
static struct llama_batch batch;
static int vocab;
static char folder[64];
static bool exact; /* contexts compute in f32 throughout */

/* The sequences' adapters: none, and files of different rank, type, alpha and scale. */
static const struct {
    const char *name;
    float scale;
    struct make_adapter how;
} with[SEQUENCES] = {
    { NULL, 0, { .rank = 0 } },
    { "four.gguf", 1, { .rank = 4, .seed = 1, .size = 0.08, .alpha = 8 } },
    { "sixteen.gguf", 0.5f, { .rank = 16, .seed = 2, .type = MAKE_F16, .size = 0.08, .alpha = 16 } },
    { "quantised.gguf", 1, { .rank = 8, .seed = 3, .size = 0.08, .type = MAKE_QUANTISED } },
};

static void quiet(enum ggml_log_level level, const char *text, void *ctx)
{
    (void)level;
    (void)text;
    (void)ctx;
}

static char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

/* strength: of the adapters' numbers. A strong random adapter makes a model's sums so wild that roundings grow. */
static bool use_model(const char *path, double strength)
{
    if (!path || access(path, R_OK))
        return false;
    if (model && strcmp(model_path, path) == 0)
        return true;
    llama_model_free(model);
    model_path = path;
    model = llama_model_load_from_file(path, llama_model_default_params());
    assert_non_null(model);
    vocab = llama_vocab_n_tokens(llama_model_get_vocab(model));
    for (int s = 1; s < SEQUENCES; s++) {
        struct make_adapter how = with[s].how;
        how.size *= strength;
        assert_int_equal(make_adapter(path, path_of(with[s].name), &how), 0);
    }
    return true;
}

static int set_up(void **state)
{
    (void)state;
    Dl_info info;
    char where[512];
    llama_log_set(quiet, NULL);
    dladdr((void *)(uintptr_t)llama_backend_init, &info);
    snprintf(where, sizeof(where), "%s", info.dli_fname);
    ggml_backend_load_all_from_path(dirname(where));
    batch = llama_batch_init(CELLS, 0, 1);
    snprintf(folder, sizeof(folder), "test-lora-%d", (int)getpid());
    return fs_mkdirs(folder, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    llama_batch_free(batch);
    llama_model_free(model);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

static struct llama_context *open_context(struct lora *l)
{
    struct llama_context_params cp = llama_context_default_params();
    cp.n_ctx = CELLS;
    cp.n_batch = cp.n_ubatch = CELLS;
    cp.n_seq_max = SEQUENCES + 1;
    cp.kv_unified = true;
    cp.n_threads = cp.n_threads_batch = 1;
    if (exact) {
        cp.type_k = cp.type_v = GGML_TYPE_F32;
        cp.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    }
    if (l) {
        cp.cb_eval = lora_callback;
        cp.cb_eval_user_data = l;
    }
    struct llama_context *context = llama_init_from_model(model, cp);
    assert_non_null(context);
    return context;
}

static struct lora *open_lora(size_t budget)
{
    struct lora *l;
    anima_error err = { 0 };
    if (lora_create(model_path, folder, budget, CELLS, &l, &err))
        fail_msg("%s", err.message);
    return l;
}

static llama_token token_at(int sequence, int i)
{
    return (llama_token)(1000 + (sequence * 7919 + i * 104729) % (vocab - 2000));
}

/* ---- the same as libllama's own ---- */

struct result {
    float *logits; /* of each sequence: the prompt's last token, and each of SAID */
};

#define AT(r, s, step) ((r)->logits + ((size_t)(s) * (SAID + 1) + (size_t)(step)) * (size_t)vocab)

static void result_init(struct result *r)
{
    r->logits = calloc((size_t)SEQUENCES * (SAID + 1) * (size_t)vocab, sizeof(float));
    assert_non_null(r->logits);
}

/* The rows of all sequences from..to-1 interleaved, as streams that read and speak at once have them. */
static void put_rows(int from, int to, int p0, int p1, struct lora_row *rows, const struct lora_row *of)
{
    batch.n_tokens = 0;
    for (int p = p0; p < p1; p++)
        for (int s = from; s < to; s++) {
            int i = batch_put(&batch, token_at(s, p), p, s, p + 1 == p1);
            if (rows)
                rows[i] = of[s];
        }
}

/* Computes sequences from..to-1 together; keeps the logits of those that `keep` names (-1: all). */
static void compute(struct llama_context *context, struct lora *l, const struct lora_row *of, int from, int to,
                    int keep, struct result *out)
{
    struct lora_row rows[CELLS];
    llama_memory_clear(llama_get_memory(context), true);
    for (int step = 0; step <= SAID; step++) {
        int p0 = step ? PROMPT + step - 1 : 0, p1 = PROMPT + step;
        put_rows(from, to, p0, p1, l ? rows : NULL, of);
        if (l)
            lora_batch(l, &batch, rows);
        assert_int_equal(llama_decode(context, batch), 0);
        if (l && lora_trouble(l))
            fail_msg("%s", lora_trouble(l));
        for (int s = from; s < to; s++) {
            const float *logits = llama_get_logits_ith(context, batch.n_tokens - (to - s));
            if (keep < 0 || keep == s)
                memcpy(AT(out, s, step), logits, (size_t)vocab * sizeof(float));
        }
    }
}

struct distance {
    double most, rms;
};

static struct distance distance(const struct result *a, const struct result *b, int s)
{
    struct distance d = { 0, 0 };
    for (int step = 0; step <= SAID; step++)
        for (int i = 0; i < vocab; i++) {
            double x = fabs((double)AT(a, s, step)[i] - (double)AT(b, s, step)[i]);
            d.most = fmax(d.most, x);
            d.rms += x * x / ((double)vocab * (SAID + 1));
        }
    d.rms = sqrt(d.rms);
    return d;
}

/* libllama's own: once with each adapter over the same batch, whose other rows then do not count, and each sequence alone. */
static void compute_own(struct result *same_batch, struct result *alone)
{
    struct llama_context *context = open_context(NULL);
    for (int s = 0; s < SEQUENCES; s++) {
        struct llama_adapter_lora *own = s ? llama_adapter_lora_init(model, path_of(with[s].name)) : NULL;
        float scale = with[s].scale;
        assert_true(!s || own);
        assert_int_equal(llama_set_adapters_lora(context, &own, s ? 1 : 0, &scale), 0);
        compute(context, NULL, NULL, 0, SEQUENCES, s, same_batch);
        compute(context, NULL, NULL, s, s + 1, s, alone);
    }
    llama_free(context);
}

/* Without any of them. */
static void compute_bare(struct result *together)
{
    struct llama_context *context = open_context(NULL);
    compute(context, NULL, NULL, 0, SEQUENCES, -1, together);
    llama_free(context);
}

static void get_all(struct lora *l, struct lora_row *rows)
{
    anima_error err = { 0 };
    rows[0] = (struct lora_row){ NULL, 1 };
    for (int s = 1; s < SEQUENCES; s++) {
        if (lora_get(l, with[s].name, &rows[s].adapter, &err))
            fail_msg("%s", err.message);
        rows[s].scale = with[s].scale;
    }
}

/* least_effect: how much more than batch composition an adapter has to change, so that the test means something. */
static void equal(double least_effect)
{
    struct result ours, own, own_alone, bare;
    struct lora *l = open_lora(0);
    struct lora_row rows[SEQUENCES];
    struct lora_stats stats;
    result_init(&ours);
    result_init(&own);
    result_init(&own_alone);
    result_init(&bare);
    get_all(l, rows);
    struct llama_context *context = open_context(l);
    compute(context, l, rows, 0, SEQUENCES, -1, &ours);
    lora_statistics(l, &stats);
    assert_int_equal(stats.products, (SAID + 1) * 7 * llama_model_n_layer(model)); /* none was missed */
    llama_free(context);
    compute_own(&own, &own_alone);
    compute_bare(&bare);
    for (int s = 0; s < SEQUENCES; s++) {
        struct distance same = distance(&ours, &own, s), alone = distance(&ours, &own_alone, s),
                        noise = distance(&own, &own_alone, s), effect = distance(&own, &bare, s);
        print_message(
            "%-14s to llama_set_adapters_lora: max|dlogit| %.6f (rms %.6f) in the same batch, %.6f (%.6f) alone; "
            "batch composition alone: %.6f (%.6f); what it changes: %.3f (%.3f)\n",
            s ? with[s].name : "no adapter", same.most, same.rms, alone.most, alone.rms, noise.most, noise.rms,
            effect.most, effect.rms);
        /* libllama rounds activations to the type of A, f16 or 8 bits; we do not. */
        double rounding = exact && with[s].how.type ? effect.rms / 50 : 0;
        assert_true(same.most <= 3 * noise.most + 10 * rounding && same.rms <= 2.5 * noise.rms + rounding);
        assert_true(alone.most <= 3 * noise.most + 10 * rounding && alone.rms <= 2.5 * noise.rms + rounding);
        assert_true(s ? effect.rms > least_effect * noise.rms : same.most == 0);
    }
    free(ours.logits);
    free(own.logits);
    free(own_alone.logits);
    free(bare.logits);
    for (int s = 1; s < SEQUENCES; s++)
        lora_release(l, rows[s].adapter);
    lora_destroy(l);
}

static void test_equal(void **state)
{
    (void)state;
    if (!use_model(getenv("ANIMA_TEST_MODEL"), 1))
        skip();
    equal(3);
}

static void test_equal_zh(void **state)
{
    (void)state;
    if (!use_model(getenv("ANIMA_TEST_MODEL_ZH"), 0.4))
        skip();
    equal(3);
}

/* The same model with f32 weights, whose activations are not rounded to 8 bits: there is next to no noise to hide in. */
static void test_equal_exact(void **state)
{
    (void)state;
    const char *path = getenv("ANIMA_TEST_MODEL");
    struct llama_model_quantize_params how = llama_model_quantize_default_params();
    how.ftype = LLAMA_FTYPE_ALL_F32;
    how.allow_requantize = true;
    if (!path || access(path, R_OK))
        skip();
    static char f32[256];
    snprintf(f32, sizeof(f32), "%s", path_of("f32.model"));
    assert_int_equal(llama_model_quantize(path, f32, &how), 0);
    assert_true(use_model(f32, 1));
    exact = true;
    equal(300);
    exact = false;
    unlink(f32);
}

/* ---- streams ---- */

static const float *feed(struct llama_context *context, struct lora *l, struct kv *kv, struct kv_stream *s,
                         const struct lora_row *row, int n)
{
    llama_token want[CELLS];
    struct lora_row rows[CELLS];
    for (int p = 0; p < n; p++)
        want[p] = token_at(0, p);
    assert_int_equal(kv_seat(kv, s, lora_identity(row), want, n, n, NULL), 0);
    batch.n_tokens = 0;
    for (int p = s->n; p < n; p++)
        rows[batch_put(&batch, want[p], p, kv_seat_id(s), p + 1 == n)] = *row;
    lora_batch(l, &batch, rows);
    assert_int_equal(llama_decode(context, batch), 0);
    assert_null(lora_trouble(l));
    for (int p = s->n; p < n; p++)
        assert_int_equal(kv_grew(s, want[p]), 0);
    kv_rest(kv, s);
    return llama_get_logits_ith(context, -1);
}

/* How many of n tokens a seat brings. */
static int known(struct kv *kv, const char *name, const struct lora_row *row, int n)
{
    llama_token want[CELLS];
    struct kv_stream *s = kv_stream(kv, name);
    for (int p = 0; p < n; p++)
        want[p] = token_at(0, p);
    assert_int_equal(kv_seat(kv, s, lora_identity(row), want, n, n, NULL), 0);
    kv_rest(kv, s);
    return s->n;
}

/* The same tokens under other adapters: none begins with what another computed, in the cells, in RAM or on the disk. */
static void test_streams(void **state)
{
    (void)state;
    if (!use_model(getenv("ANIMA_TEST_MODEL"), 1))
        skip();
    struct lora *l = open_lora(1u << 30);
    struct lora_row rows[SEQUENCES];
    get_all(l, rows);
    const struct lora_row half = { rows[1].adapter, 0.5f };
    struct llama_context *context = open_context(l);
    const struct kv_config config = { path_of("kv"), 42, CELLS, SEQUENCES, 1u << 30, 1u << 30 };
    assert_int_equal(mkdir(config.folder, 0700), 0);
    struct kv *kv;
    assert_int_equal(kv_create(context, model, &config, &kv, NULL), 0);
    feed(context, l, kv, kv_stream(kv, "one"), &rows[1], 80);
    assert_int_equal(known(kv, "one", &rows[1], 100), 80);
    assert_int_equal(known(kv, "same", &rows[1], 100), 80); /* a donor with the same adapter */
    assert_int_equal(known(kv, "two", &rows[2], 100), 0);
    assert_int_equal(known(kv, "none", &rows[0], 100), 0);
    assert_int_equal(known(kv, "half", &half, 100), 0);
    while (kv_idle(kv, 0))
        continue;
    kv_destroy(kv);
    assert_int_equal(kv_create(context, model, &config, &kv, NULL), 0);
    assert_int_equal(known(kv, "three", &rows[3], 100), 0);
    assert_int_equal(known(kv, "none", &rows[0], 100), 0);
    assert_int_equal(known(kv, "one", &rows[1], 100), 80);
    /* Another adapter: anew, and what was on the disk under the name is not taken up again. */
    feed(context, l, kv, kv_stream(kv, "one"), &rows[2], 60);
    assert_int_equal(known(kv, "one", &rows[2], 100), 60);
    while (kv_idle(kv, 0))
        continue;
    kv_destroy(kv);
    assert_int_equal(kv_create(context, model, &config, &kv, NULL), 0);
    assert_int_equal(kv_stream(kv, "one")->n, 60);
    assert_int_equal(known(kv, "one", &rows[1], 100), 80); /* "same" still has that beginning */
    kv_drop_all(kv, "same");
    assert_int_equal(known(kv, "two", &rows[1], 100), 80);
    kv_destroy(kv);
    llama_free(context);
    for (int s = 1; s < SEQUENCES; s++)
        lora_release(l, rows[s].adapter);
    lora_destroy(l);
}

/* One adapter leaves, and its memory with it, while the others go on: they compute what they computed with it beside them. */
static void test_unload(void **state)
{
    (void)state;
    if (!use_model(getenv("ANIMA_TEST_MODEL"), 1))
        skip();
    struct lora *l = open_lora(0);
    struct lora_row rows[SEQUENCES];
    struct lora_stats stats;
    struct result before, after;
    result_init(&before);
    result_init(&after);
    get_all(l, rows);
    struct llama_context *context = open_context(l);
    compute(context, l, rows, 0, SEQUENCES, -1, &before);
    lora_release(l, rows[3].adapter);
    rows[3].adapter = NULL;
    lora_statistics(l, &stats);
    assert_int_equal(stats.adapters, 2);
    compute(context, l, rows, 0, SEQUENCES, -1, &after);
    for (int s = 0; s < 3; s++)
        assert_true(distance(&before, &after, s).most == 0);
    assert_true(distance(&before, &after, 3).most > 0);
    assert_int_equal(lora_get(l, with[3].name, &rows[3].adapter, NULL), 0);
    compute(context, l, rows, 0, SEQUENCES, -1, &after);
    assert_true(distance(&before, &after, 3).most == 0);
    llama_free(context);
    for (int s = 1; s < SEQUENCES; s++)
        lora_release(l, rows[s].adapter);
    lora_destroy(l);
    free(before.logits);
    free(after.logits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_exact), cmocka_unit_test(test_equal),    cmocka_unit_test(test_streams),
        cmocka_unit_test(test_unload),      cmocka_unit_test(test_equal_zh),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
