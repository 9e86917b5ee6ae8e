/* kv.c with a real model: a stream that leaves its seat and comes back goes on bit for bit as one that stayed; so does one
 * that comes from the disk. ANIMA_TEST_MODEL: a GGUF file; skipped without it. */
#include "base/fs.h"
#include "host/kv.h"
#include "host/llama_batch.h"

#include <dlfcn.h>
#include <libgen.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <ggml-backend.h>

#define PROMPT 150
#define TURNS 10
#define TURN 12

static struct llama_model *model;
static struct llama_context *context;
static struct llama_batch batch;
static int vocab;
static char folder[64];

static void quiet(enum ggml_log_level level, const char *text, void *ctx)
{
    (void)level;
    (void)text;
    (void)ctx;
}

static int set_up(void **state)
{
    (void)state;
    const char *path = getenv("ANIMA_TEST_MODEL");
    Dl_info info;
    char where[512];
    if (!path || access(path, R_OK))
        return 0;
    llama_log_set(quiet, NULL);
    dladdr((void *)(uintptr_t)llama_backend_init, &info);
    snprintf(where, sizeof(where), "%s", info.dli_fname);
    ggml_backend_load_all_from_path(dirname(where));
    model = llama_model_load_from_file(path, llama_model_default_params());
    vocab = llama_vocab_n_tokens(llama_model_get_vocab(model));
    batch = llama_batch_init(512, 0, 1);
    snprintf(folder, sizeof(folder), "test-kv-%d", (int)getpid());
    return fs_mkdirs(folder, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    if (!model)
        return 0;
    llama_batch_free(batch);
    llama_model_free(model);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

static struct kv *start(const char *where, int cells, size_t ram)
{
    struct llama_context_params cp = llama_context_default_params();
    cp.n_ctx = (uint32_t)cells;
    cp.n_batch = cp.n_ubatch = 512;
    cp.n_seq_max = 9;
    cp.kv_unified = true;
    cp.n_threads = cp.n_threads_batch = 1;
    context = llama_init_from_model(model, cp);
    assert_non_null(context);
    const struct kv_config config = { where, 42, cells, 8, ram, 1u << 30 };
    struct kv *kv;
    assert_int_equal(kv_create(context, model, &config, &kv, NULL), 0);
    return kv;
}

static void stop(struct kv *kv)
{
    kv_destroy(kv);
    llama_free(context);
}

/* Reads what s lacks of the wanted tokens, as one batch; the logits of the last. */
static const float *feed(struct kv *kv, struct kv_stream *s, const llama_token *want, int n)
{
    assert_int_equal(kv_seat(kv, s, 0, want, n, n, NULL), 0);
    assert_true(s->n < n);
    batch.n_tokens = 0;
    for (int p = s->n; p < n; p++)
        batch_put(&batch, want[p], p, kv_seat_id(s), p + 1 == n);
    assert_int_equal(llama_decode(context, batch), 0);
    for (int p = s->n; p < n; p++)
        assert_int_equal(kv_grew(s, want[p]), 0);
    kv_rest(kv, s);
    return llama_get_logits_ith(context, -1);
}

static llama_token token_at(int i, int who)
{
    unsigned x = ((unsigned)i + 1) * 2654435761u ^ ((unsigned)who + 1) * 40503u * 65537u;
    return (llama_token)((x >> 8) % (unsigned)vocab);
}

static void make(llama_token *tokens, int n, int who)
{
    for (int i = 0; i < n; i++)
        tokens[i] = token_at(i, who);
}

enum how { STAYS, LEAVES, RESTARTS };

/* A conversation in turns; the logits behind each. */
static void live(enum how how, float *logits)
{
    llama_token tokens[PROMPT + TURNS * TURN];
    make(tokens, PROMPT + TURNS * TURN, 0);
    struct kv *kv = start(how == RESTARTS ? folder : "", 1024, 1u << 30);
    for (int turn = 0; turn <= TURNS; turn++) {
        struct kv_stream *s = kv_stream(kv, "exact");
        int had = s->n, n = PROMPT + turn * TURN;
        memcpy(logits + (size_t)turn * (size_t)vocab, feed(kv, s, tokens, n), (size_t)vocab * sizeof(float));
        assert_int_equal(had, turn ? n - TURN : 0); /* nothing was read again */
        if (how == LEAVES)
            assert_int_equal(kv_unseat(kv, s, NULL), 0);
        if (how == RESTARTS) {
            while (kv_idle(kv, 0))
                continue;
            stop(kv);
            kv = start(folder, 1024, 1u << 30);
        }
    }
    kv_drop(kv, kv_stream(kv, "exact"));
    stop(kv);
}

static void test_exact(void **state)
{
    (void)state;
    if (!model)
        skip();
    size_t n = (size_t)(TURNS + 1) * (size_t)vocab;
    float *stayed = malloc(n * sizeof(float)), *other = malloc(n * sizeof(float));
    live(STAYS, stayed);
    live(LEAVES, other);
    assert_memory_equal(stayed, other, n * sizeof(float));
    live(RESTARTS, other);
    assert_memory_equal(stayed, other, n * sizeof(float));
    free(stayed);
    free(other);
}

/* More streams than cells, in turns: none of them is read anew. */
static void test_many(void **state)
{
    (void)state;
    if (!model)
        skip();
    struct kv *kv = start("", 512, 1u << 30);
    llama_token tokens[400];
    struct kv_stats stats;
    char name[16];
    for (int turn = 0; turn < 3; turn++)
        for (int who = 0; who < 12; who++) {
            snprintf(name, sizeof(name), "many%d", who);
            struct kv_stream *s = kv_stream(kv, name);
            make(tokens, 400, who);
            assert_int_equal(s->n, turn ? 90 + turn * 10 : 0);
            feed(kv, s, tokens, 100 + turn * 10);
        }
    kv_statistics(kv, &stats);
    assert_int_equal(stats.streams, 12);
    assert_true(stats.seated < 8 && stats.cells_used <= 512 && stats.evicted > 20);
    stop(kv);
}

/* RAM for two: the others go to the disk, or, without one, are read anew. */
static void test_little_ram(void **state)
{
    (void)state;
    if (!model)
        skip();
    llama_token tokens[200];
    char name[16];
    for (int disk = 0; disk < 2; disk++) {
        struct kv *kv = start(disk ? folder : "", 256, 8u << 20);
        struct kv_stats stats;
        int had = 0;
        for (int turn = 0; turn < 2; turn++)
            for (int who = 0; who < 6; who++) {
                snprintf(name, sizeof(name), "little%d", who);
                struct kv_stream *s = kv_stream(kv, name);
                make(tokens, 200, who);
                had += turn && s->n == 150;
                feed(kv, s, tokens, 150 + turn * 10);
            }
        kv_statistics(kv, &stats);
        assert_true(stats.ram_bytes <= 12u << 20);
        assert_true(disk ? had == 6 : had < 6);
        for (int who = 0; who < 6; who++) {
            snprintf(name, sizeof(name), "little%d", who);
            kv_drop(kv, kv_stream(kv, name));
        }
        stop(kv);
    }
}

/* What two streams begin with is computed once; each goes on by itself, and one that is cut back keeps only what is wanted. */
static void test_shared_and_cut(void **state)
{
    (void)state;
    if (!model)
        skip();
    struct kv *kv = start(folder, 2048, 1u << 30);
    llama_token a[300], b[300];
    make(a, 300, 1);
    make(b, 300, 2);
    memcpy(b, a, 200 * sizeof(*a));
    struct kv_stream *one = kv_stream(kv, "one"), *two = kv_stream(kv, "two");
    feed(kv, one, a, 250);
    assert_int_equal(kv_seat(kv, two, 0, b, 260, 260, NULL), 0);
    assert_int_equal(two->n, 200);
    kv_rest(kv, two);
    feed(kv, two, b, 260);
    assert_memory_equal(two->tokens, b, 260 * sizeof(*b));
    assert_memory_equal(one->tokens, a, 250 * sizeof(*a));
    while (kv_idle(kv, 0))
        continue;
    kv_drop(kv, one); /* the other's beginning stays */
    kv_unseat(kv, two, NULL);
    feed(kv, two, b, 270);
    assert_int_equal(two->n, 270);
    feed(kv, two, a, 230); /* it changes from token 200 on */
    assert_int_equal(two->n, 230);
    assert_memory_equal(two->tokens, a, 230 * sizeof(*a));
    kv_drop(kv, two);
    stop(kv);
}

static void test_limits(void **state)
{
    (void)state;
    if (!model)
        skip();
    struct kv *kv = start("", 256, 1u << 30);
    llama_token tokens[300];
    make(tokens, 300, 3);
    struct kv_stream *s = kv_stream(kv, "a"), *other = kv_stream(kv, "b");
    assert_int_equal(kv_seat(kv, s, 0, tokens, 300, 300, NULL), ANIMA_E_LIMIT);
    assert_int_equal(kv_seat(kv, s, 0, tokens, 100, 200, NULL), 0);
    assert_int_equal(kv_seat(kv, other, 0, tokens + 1, 100, 100, NULL), KV_WAIT); /* a is at work */
    kv_rest(kv, s);
    assert_int_equal(kv_seat(kv, other, 0, tokens + 1, 100, 100, NULL), 0);
    kv_rest(kv, other);
    stop(kv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),          cmocka_unit_test(test_many),   cmocka_unit_test(test_little_ram),
        cmocka_unit_test(test_shared_and_cut), cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
