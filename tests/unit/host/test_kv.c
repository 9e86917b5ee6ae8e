/* kv.c with a real model: a stream that leaves its seat and comes back goes on bit for bit as one that stayed; so does one
 * that comes from the disk. ANIMA_TEST_MODEL: a GGUF file; skipped without it. */
#include "kv_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROMPT 150
#define TURNS 10
#define TURN 12

enum how { STAYS, LEAVES, RESTARTS };

/* A conversation in turns; the logits behind each. */
static void live(enum how how, float *logits)
{
    llama_token tokens[PROMPT + TURNS * TURN];
    kit_tokens(tokens, PROMPT + TURNS * TURN, 0);
    struct kv *kv = kit_start(how == RESTARTS ? kit.folder : "", 1024, 1u << 30);
    for (int turn = 0; turn <= TURNS; turn++) {
        struct kv_stream *s = kv_stream(kv, "exact");
        int had = s->n, n = PROMPT + turn * TURN;
        memcpy(logits + (size_t)turn * (size_t)kit.vocab, kit_feed(kv, s, tokens, n),
               (size_t)kit.vocab * sizeof(float));
        assert_int_equal(had, turn ? n - TURN : 0); /* nothing was read again */
        if (how == LEAVES)
            assert_int_equal(kv_unseat(kv, s, NULL), 0);
        if (how == RESTARTS) {
            kit_write(kv);
            kit_stop(kv);
            kv = kit_start(kit.folder, 1024, 1u << 30);
        }
    }
    kv_drop(kv, kv_stream(kv, "exact"));
    kit_stop(kv);
}

static void test_exact(void **state)
{
    (void)state;
    if (!kit.model)
        skip();
    size_t n = (size_t)(TURNS + 1) * (size_t)kit.vocab;
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
    if (!kit.model)
        skip();
    struct kv *kv = kit_start("", 512, 1u << 30);
    llama_token tokens[400];
    struct kv_stats stats;
    char name[16];
    for (int turn = 0; turn < 3; turn++)
        for (int who = 0; who < 12; who++) {
            snprintf(name, sizeof(name), "many%d", who);
            struct kv_stream *s = kv_stream(kv, name);
            kit_tokens(tokens, 400, who);
            assert_int_equal(s->n, turn ? 90 + turn * 10 : 0);
            kit_feed(kv, s, tokens, 100 + turn * 10);
        }
    kv_statistics(kv, &stats);
    assert_int_equal(stats.streams, 12);
    assert_true(stats.seated < 8 && stats.cells_used <= 512 && stats.evicted > 20);
    kit_stop(kv);
}

/* RAM for two: the others go to the disk, or, without one, are read anew. */
static void test_little_ram(void **state)
{
    (void)state;
    if (!kit.model)
        skip();
    llama_token tokens[200];
    char name[16];
    for (int disk = 0; disk < 2; disk++) {
        struct kv *kv = kit_start(disk ? kit.folder : "", 256, 8u << 20);
        struct kv_stats stats;
        int had = 0;
        for (int turn = 0; turn < 2; turn++)
            for (int who = 0; who < 6; who++) {
                snprintf(name, sizeof(name), "little%d", who);
                struct kv_stream *s = kv_stream(kv, name);
                kit_tokens(tokens, 200, who);
                had += turn && s->n == 150;
                kit_feed(kv, s, tokens, 150 + turn * 10);
            }
        kv_statistics(kv, &stats);
        assert_true(stats.ram_bytes <= 12u << 20);
        assert_true(disk ? had == 6 : had < 6);
        for (int who = 0; who < 6; who++) {
            snprintf(name, sizeof(name), "little%d", who);
            kv_drop(kv, kv_stream(kv, name));
        }
        kit_stop(kv);
    }
}

/* What two streams begin with is computed once; each goes on by itself, and one that is cut back keeps only what is wanted. */
static void test_shared_and_cut(void **state)
{
    (void)state;
    if (!kit.model)
        skip();
    struct kv *kv = kit_start(kit.folder, 2048, 1u << 30);
    llama_token a[300], b[300];
    kit_tokens(a, 300, 1);
    kit_tokens(b, 300, 2);
    memcpy(b, a, 200 * sizeof(*a));
    struct kv_stream *one = kv_stream(kv, "one"), *two = kv_stream(kv, "two");
    kit_feed(kv, one, a, 250);
    assert_int_equal(kv_seat(kv, two, 0, b, 260, 260, NULL), 0);
    assert_int_equal(two->n, 200);
    kv_rest(kv, two);
    kit_feed(kv, two, b, 260);
    assert_memory_equal(two->tokens, b, 260 * sizeof(*b));
    assert_memory_equal(one->tokens, a, 250 * sizeof(*a));
    kit_write(kv);
    kv_drop(kv, one); /* the other's beginning stays */
    kv_unseat(kv, two, NULL);
    kit_feed(kv, two, b, 270);
    assert_int_equal(two->n, 270);
    kit_feed(kv, two, a, 230); /* it changes from token 200 on */
    assert_int_equal(two->n, 230);
    assert_memory_equal(two->tokens, a, 230 * sizeof(*a));
    kv_drop(kv, two);
    kit_stop(kv);
}

static void test_limits(void **state)
{
    (void)state;
    if (!kit.model)
        skip();
    struct kv *kv = kit_start("", 256, 1u << 30);
    llama_token tokens[300];
    kit_tokens(tokens, 300, 3);
    struct kv_stream *s = kv_stream(kv, "a"), *other = kv_stream(kv, "b");
    assert_int_equal(kv_seat(kv, s, 0, tokens, 300, 300, NULL), ANIMA_E_LIMIT);
    assert_int_equal(kv_seat(kv, s, 0, tokens, 100, 200, NULL), 0);
    assert_int_equal(kv_seat(kv, other, 0, tokens + 1, 100, 100, NULL), KV_WAIT); /* a is at work */
    kv_rest(kv, s);
    assert_int_equal(kv_seat(kv, other, 0, tokens + 1, 100, 100, NULL), 0);
    kv_rest(kv, other);
    kit_stop(kv);
}

/* Where streams are, as people are told. */
static void test_places(void **state)
{
    (void)state;
    if (!kit.model)
        skip();
    struct kv *kv = kit_start(kit.folder, 256, 1u << 30);
    llama_token tokens[150];
    const struct kv_stream *recent[4];
    size_t bytes;
    uint64_t disk, limit, before;
    kit_tokens(tokens, 150, 21);
    kv_disk(kv, &before, &limit);
    assert_int_equal(limit, 1u << 30);
    struct kv_stream *s = kv_stream(kv, "places"), *other = kv_stream(kv, "places2");
    assert_string_equal(kv_place(s, &bytes), "");
    kit_feed(kv, s, tokens, 100);
    assert_string_equal(kv_place(s, &bytes), "seated");
    assert_int_equal(bytes, 0);
    assert_int_equal(kv_unseat(kv, s, NULL), 0);
    assert_string_equal(kv_place(s, &bytes), "ram");
    assert_true(bytes > 100 * 20000);
    kit_write(kv);
    kv_disk(kv, &disk, &limit);
    assert_true(disk >= before + bytes);
    kit_feed(kv, other, tokens + 1, 100);
    assert_int_equal(kv_recent(kv, recent, 4), 2);
    assert_ptr_equal(recent[0], other);
    assert_ptr_equal(recent[1], s);
    assert_int_equal(kv_recent(kv, recent, 1), 1);
    assert_ptr_equal(recent[0], other);
    kv_drop(kv, other);
    kit_stop(kv);
    kv = kit_start(kit.folder, 256, 1u << 30); /* the next run finds it there */
    s = kv_stream(kv, "places");
    assert_string_equal(kv_place(s, &bytes), "disk");
    kv_drop(kv, s);
    kv_disk(kv, &disk, &limit);
    assert_int_equal(disk, before);
    kit_stop(kv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),          cmocka_unit_test(test_many),   cmocka_unit_test(test_little_ram),
        cmocka_unit_test(test_shared_and_cut), cmocka_unit_test(test_limits), cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
