/* llama_tasks.c with a real model, step by step, in a time that only the test moves: who is served before whom, who gives
 * way, and what becomes of it. The way out (host.c) is played here. ANIMA_TEST_MODEL: a GGUF file; skipped without it. */
#include "base/buf.h"
#include "base/clock.h"
#include "host/llama_tasks.h"
#include "host/llama_threads.h"

#include "kv_kit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_IDS 64
#define FOR_EVER "root ::= [a-z ] root" /* the answer never ends by itself */

/* What a request was told. */
struct told {
    int started_at, done_at; /* in the order of all that was told; 0: not yet */
    char finish[16], error[160];
    struct host_count count;
    struct buf text;
};

static struct told told[MAX_IDS];
static int moment; /* counts what was told */
static int64_t now_us;

static struct threads *threads;
static struct kv *kv;
static struct tasks *tasks;

/* ---- the way out ---- */

void host_started(struct host *host, int64_t id, const struct host_count *count)
{
    (void)host;
    assert_int_equal(told[id].started_at, 0);
    told[id].started_at = ++moment;
    told[id].count = *count;
}

void host_words(struct host *host, int64_t id, const char *text, size_t n, int tokens, const struct buf *logprobs)
{
    (void)host;
    (void)tokens;
    (void)logprobs;
    assert_true(told[id].started_at && !told[id].done_at);
    buf_append(&told[id].text, text, n);
}

void host_done(struct host *host, int64_t id, const char *finish, const struct host_count *count)
{
    (void)host;
    assert_int_equal(told[id].done_at, 0);
    told[id].done_at = ++moment;
    told[id].count = *count;
    snprintf(told[id].finish, sizeof(told[id].finish), "%s", finish);
}

void host_fail(struct host *host, int64_t id, int code, const char *message)
{
    (void)host;
    assert_int_equal(told[id].done_at, 0);
    told[id].done_at = ++moment;
    snprintf(told[id].error, sizeof(told[id].error), "%s: %s", anima_error_name(code), message);
}

void host_scores(struct host *host, int64_t id, const struct buf *scores, const struct host_count *count)
{
    buf_append(&told[id].text, scores->data, scores->len);
    host_done(host, id, "scored", count);
}

void host_snapshot(struct host *host, int64_t id, const struct buf *state)
{
    (void)host;
    (void)state;
    assert_int_equal(told[id].done_at, 0);
}

/* ---- set-up ---- */

static int set_up(void **state)
{
    threads = threads_create(1);
    return threads ? kit_set_up(state) : -1;
}

static int tear_down(void **state)
{
    threads_destroy(threads);
    return kit_tear_down(state);
}

/* context_size: tokens of a request; there are slots times as many cells. */
static void begin(int context_size, int slots)
{
    if (!kit.model)
        skip();
    const struct kv_config kc = { "", 42, context_size * slots, KIT_SEATS, 1u << 30, 0 };
    kv = kit_start_as(&kc);
    const struct tasks_config tc = { NULL, kit.model, kit.context, kv, threads, NULL, context_size, slots };
    assert_int_equal(tasks_create(&tc, &tasks, NULL), 0);
    memset(told, 0, sizeof(told));
    for (int i = 0; i < MAX_IDS; i++)
        buf_init(&told[i].text, 1 << 20);
    moment = 0;
    now_us = 1000000;
    clock_fake(0, now_us);
}

static void end(void)
{
    tasks_destroy(tasks);
    kit_stop(kv);
    for (int i = 0; i < MAX_IDS; i++)
        buf_finish(&told[i].text);
    clock_fake(-1, 0);
}

static void pass(int64_t seconds)
{
    now_us += seconds * 1000000;
    clock_fake(0, now_us);
}

/* more: further members of the frame, or "". */
static int try_ask(int id, const char *type, const char *class, const char *text, const char *more, anima_error *err)
{
    struct buf head;
    struct request *r;
    buf_init(&head, 1 << 20);
    buf_printf(&head,
               "{\"type\":\"%s\",\"id\":%d,\"class\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}",
               type, id, class, text, more);
    assert_int_equal(request_parse(head.data, head.len, &r, NULL), 0);
    buf_finish(&head);
    return tasks_add(tasks, r, err);
}

static void ask(int id, const char *class, const char *text, const char *more)
{
    assert_int_equal(try_ask(id, "generate", class, text, more, NULL), 0);
}

#define GREEDY(n) ",\"sampling\":{\"temperature\":0,\"max_tokens\":" #n "}"
#define ENDLESS(n) GREEDY(n) ",\"grammar\":\"" FOR_EVER "\""

/* A long prompt. */
static const char *story(int words)
{
    static char text[8192];
    size_t n = 0;
    for (int i = 0; i < words; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "word%d ", i % 10);
    return text;
}

static void until_started(int id)
{
    for (int i = 0; i < 2000 && !told[id].started_at; i++)
        tasks_step(tasks);
    assert_true(told[id].started_at > 0);
}

static void until_done(int id)
{
    for (int i = 0; i < 2000 && !told[id].done_at; i++)
        tasks_step(tasks);
    assert_true(told[id].done_at > 0);
}

/* ---- who comes first ---- */

static void test_voice_overtakes(void **state)
{
    (void)state;
    begin(1024, 2);
    ask(1, "background", story(250), GREEDY(8));
    ask(2, "compaction", story(240), GREEDY(8));
    tasks_step(tasks);
    tasks_step(tasks);
    ask(3, "chat", "Name a colour.", GREEDY(8));
    ask(4, "voice", "Name a city.", GREEDY(8));
    until_done(3);
    assert_true(told[4].done_at > 0 && told[4].started_at <= told[3].started_at);
    assert_int_equal(told[1].started_at + told[2].started_at, 0); /* they wait, with what they have read */
    until_done(1);
    until_done(2);
    assert_true(told[1].done_at < told[2].done_at);
    assert_string_equal(told[1].finish, "length");
    end();
}

/* A voice is answered though all places are taken by those whom somebody waits for, too. */
static void test_voice_has_a_place(void **state)
{
    (void)state;
    begin(512, 2);
    ask(1, "chat", "Tell me of bees.", ENDLESS(100));
    ask(2, "chat", "Tell me of rivers.", ENDLESS(100));
    until_started(1);
    until_started(2);
    ask(3, "chat", "Name a city.", GREEDY(4));
    ask(4, "voice", "Name a colour.", GREEDY(4));
    until_done(4);
    assert_int_equal(told[1].done_at + told[2].done_at + told[3].started_at, 0);
    until_done(3);
    end();
}

/* With nobody else there it is worked on at once. */
static void test_background_alone(void **state)
{
    (void)state;
    begin(1024, 1);
    ask(1, "background", story(250), GREEDY(4));
    until_done(1);
    assert_string_equal(told[1].finish, "length");
    end();
}

/* One that is interrupted in mid-answer goes on behind what it has said. */
static void test_interrupted(void **state)
{
    (void)state;
    char alone[1024];
    begin(512, 1);
    ask(1, "background", "Tell me of the sea.", ENDLESS(40));
    until_done(1);
    snprintf(alone, sizeof(alone), "%s", buf_str(&told[1].text));
    end();
    begin(512, 1);
    ask(1, "background", "Tell me of the sea.", ENDLESS(40));
    until_started(1);
    for (int i = 0; i < 10; i++)
        tasks_step(tasks);
    size_t said = told[1].text.len;
    assert_true(said > 0);
    ask(2, "chat", "Name a colour.", ENDLESS(12)); /* the one place and most cells are taken */
    until_done(2);
    assert_int_equal(told[1].done_at, 0);
    assert_int_equal(told[1].text.len, said);
    until_done(1);
    assert_string_equal(buf_str(&told[1].text), alone);
    assert_string_equal(told[1].finish, "length");
    assert_int_equal(told[1].count.completion_tokens, 40);
    assert_int_equal(told[1].count.cached_tokens, 0);
    end();
}

#define CANDIDATES ",\"candidates\":[\"yes\",\"a much longer answer\",\"no\"]"

static void scores_of(int id, double out[3])
{
    const char *at = buf_str(&told[id].text);
    for (int i = 0; i < 3; i++) {
        at = strstr(at, "logprob\":");
        assert_non_null(at);
        at += strlen("logprob\":");
        out[i] = strtod(at, NULL);
    }
}

/* So it is with one that scores: its prompt is read around a chat, and what it finds is the same, but for the last digits of
 * batches of another shape. */
static void test_interrupted_scoring(void **state)
{
    (void)state;
    double alone[3], around[3];
    begin(1024, 1);
    assert_int_equal(try_ask(1, "score", "background", story(250), CANDIDATES, NULL), 0);
    until_done(1);
    scores_of(1, alone);
    end();
    begin(1024, 1);
    assert_int_equal(try_ask(1, "score", "background", story(250), CANDIDATES, NULL), 0);
    tasks_step(tasks);
    ask(2, "chat", "Name a colour.", GREEDY(4));
    until_done(2);
    assert_int_equal(told[1].done_at, 0);
    until_done(1);
    scores_of(1, around);
    for (int i = 0; i < 3; i++)
        assert_true(alone[i] < -1 && fabs(alone[i] - around[i]) < 1);
    end();
}

/* Chats without end, the next one always there before one has ended: what waits in the background has its turn when its
 * deadline has come, and not before. */
static void starve(const char *type, const char *class, int deadline)
{
    begin(512, 1);
    int chats = 0;
    ask(2, "chat", "Count to 3.", GREEDY(3));
    assert_int_equal(try_ask(1, type, class, story(60), GREEDY(3), NULL), 0);
    for (; !told[1].done_at && chats < 40; chats++) {
        ask(3 + chats, "chat", "Count to 3.", GREEDY(3));
        for (int i = 0; i < 100 && !told[2 + chats].done_at && !told[1].done_at; i++)
            tasks_step(tasks);
        pass(deadline / 10);
    }
    assert_true(told[1].done_at > 0);
    assert_true(chats >= 9 && chats <= 13);
    end();
}

static void test_no_starvation(void **state)
{
    (void)state;
    starve("generate", "background", 60);
    starve("generate", "compaction", 300);
    starve("read", "background", 60);
}

/* ---- cells ---- */

/* The whole context is asked for, again and again: what the stream itself has is not counted twice. */
static void test_turns_in_few_cells(void **state)
{
    (void)state;
    begin(512, 1);
    ask(1, "chat", "Name a colour.", ",\"stream\":\"s\"" GREEDY(0));
    until_done(1);
    ask(2, "chat", "Name a colour. Or two.", ",\"stream\":\"s\"" GREEDY(0));
    until_done(2);
    assert_true(told[2].count.cached_tokens > 4);
    assert_string_equal(told[2].error, "");
    end();
}

/* More requests without a stream than places and kept streams. */
static void test_many_at_once(void **state)
{
    (void)state;
    char text[64];
    begin(256, 2);
    for (int id = 1; id <= 40; id++) {
        snprintf(text, sizeof(text), "Count from %d.", id);
        ask(id, "chat", text, GREEDY(3));
    }
    for (int id = 1; id <= 40; id++) {
        until_done(id);
        assert_string_equal(told[id].error, "");
        assert_int_equal(told[id].count.completion_tokens, 3);
    }
    struct kv_stats stats;
    kv_statistics(kv, &stats);
    assert_true(stats.streams <= 17);
    end();
}

static void test_cancel_frees_cells(void **state)
{
    (void)state;
    struct kv_stats stats;
    begin(512, 2);
    ask(1, "chat", "Tell me of bees.", ENDLESS(0));
    ask(2, "chat", "Tell me of rivers.", ENDLESS(0));
    until_started(1);
    until_started(2);
    kv_statistics(kv, &stats);
    assert_int_equal(stats.cells_used, 1024);
    ask(3, "voice", "Name a colour.", GREEDY(4));
    tasks_step(tasks);
    assert_int_equal(told[3].started_at, 0); /* no cells */
    tasks_cancel(tasks, 1);
    assert_string_equal(told[1].finish, "cancelled");
    until_done(3);
    assert_int_equal(told[2].done_at, 0);
    tasks_cancel(tasks, 2);
    tasks_leave(tasks, "nobody");
    kv_statistics(kv, &stats);
    assert_true(stats.cells_used < 1024);
    end();
}

/* ---- the end of the context ---- */

static void test_context_ends(void **state)
{
    (void)state;
    begin(256, 1);
    ask(1, "chat", "Tell me of bees.", ENDLESS(0));
    until_done(1);
    assert_string_equal(told[1].finish, "length");
    assert_int_equal(told[1].count.prompt_tokens + told[1].count.completion_tokens, 256);
    assert_true(told[1].count.context_used <= 256);
    ask(2, "chat", "Tell me of bees.", ENDLESS(100000));
    until_done(2);
    assert_string_equal(told[2].finish, "length");
    assert_int_equal(told[2].count.prompt_tokens + told[2].count.completion_tokens, 256);
    anima_error err;
    assert_int_equal(try_ask(3, "generate", "chat", story(300), GREEDY(4), &err), ANIMA_E_LIMIT);
    assert_non_null(strstr(err.message, "only 252 fit"));
    ask(4, "chat", "Name a colour.", GREEDY(4)); /* and all else goes on */
    until_done(4);
    assert_string_equal(told[4].error, "");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_voice_overtakes),     cmocka_unit_test(test_voice_has_a_place),
        cmocka_unit_test(test_background_alone),    cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_interrupted_scoring), cmocka_unit_test(test_no_starvation),
        cmocka_unit_test(test_turns_in_few_cells),  cmocka_unit_test(test_many_at_once),
        cmocka_unit_test(test_cancel_frees_cells),  cmocka_unit_test(test_context_ends),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
