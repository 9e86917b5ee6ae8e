/* Requests for scores, and snapshots of samplers, against a fake engine that misbehaves on demand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "engine_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wish {
    struct engine_job *job;
    int done, code;
    size_t n;
    struct engine_score scores[ENGINE_MAX_CANDIDATES];
    anima_usage usage;
    char message[508], snapshot[256], text[256];
    bool after; /* the snapshot came when it was over */
};

static void on_scores(void *ctx, int code, const struct engine_score *scores, size_t n, const anima_usage *usage,
                      const char *message)
{
    struct wish *t = ctx;
    t->done++;
    t->code = code;
    t->n = n;
    t->usage = *usage;
    assert_true(code == ANIMA_OK || !scores);
    if (scores)
        memcpy(t->scores, scores, n * sizeof(*scores));
    snprintf(t->message, sizeof(t->message), "%s", message);
    engine_cancel(t->job); /* both are harmless here */
    engine_abandon(t->job);
}

static int ask(struct world *w, struct wish *t, const char *model, size_t n, anima_error *err)
{
    static const anima_chat_message hello[] = { { "heard", NULL, "你好 \"you\"" } };
    static const char *candidates[ENGINE_MAX_CANDIDATES + 1];
    for (size_t i = 0; i <= ENGINE_MAX_CANDIDATES; i++)
        candidates[i] = i % 2 ? "二" : "one \"1\"";
    const struct engine_request r = {
        .messages = hello, .n_messages = 1, .stream = "s1", .sampling = unset, .logprobs = -1
    };
    *t = (struct wish){ 0 };
    return engine_score(w->set, model, &r, candidates, n, on_scores, t, &t->job, err);
}

static void the_scores_arrive(void **state)
{
    (void)state;
    struct world w;
    struct wish t;
    make_world(&w);
    assert_int_equal(ask(&w, &t, "", 3, NULL), ANIMA_OK);
    wait_flag(&w, &t.done);
    assert_int_equal(t.code, ANIMA_OK);
    assert_int_equal(t.n, 3);
    assert_true(t.scores[0].logprob == -1 && t.scores[2].logprob == -3 && t.scores[2].tokens == 1);
    assert_int_equal(t.usage.prompt_tokens, 10);
    assert_int_equal(t.usage.cached_tokens, 8);
    assert_int_equal(logged(&w, "\"candidates\":[\"one \\\"1\\\"\",\"二\",\"one \\\"1\\\"\"]"), 1);
    ask(&w, &t, "", ENGINE_MAX_CANDIDATES, NULL); /* of the stream nothing travels again */
    wait_flag(&w, &t.done);
    assert_int_equal(t.n, ENGINE_MAX_CANDIDATES);
    assert_int_equal(logged(&w, "\"keep\":1,\"class\":\"chat\",\"messages\":[]"), 1);
    end_world(&w);
}

static void bad_requests(void **state)
{
    (void)state;
    struct world w;
    struct wish t;
    anima_error err;
    make_world(&w);
    assert_int_equal(ask(&w, &t, "", 0, &err), ANIMA_E_INVALID);
    assert_int_equal(ask(&w, &t, "", ENGINE_MAX_CANDIDATES + 1, &err), ANIMA_E_INVALID);
    assert_int_equal(ask(&w, &t, "unknown", 1, &err), ANIMA_E_NOT_FOUND);
    end_world(&w);
}

/* Whatever is wrong with it: the engine is killed, and the next one answers. */
static void broken_answers(void **state)
{
    (void)state;
    static const char *const trouble[] = { "die-score", "scores", "score-count", "score-done" };
    for (size_t i = 0; i < sizeof(trouble) / sizeof(trouble[0]); i++) {
        struct world w;
        struct wish t;
        char model[100];
        make_world(&w);
        snprintf(model, sizeof(model), "\"trouble\":\"%s\",\"starts\":1", trouble[i]);
        ask(&w, &t, model, 2, NULL);
        wait_flag(&w, &t.done);
        assert_int_equal(t.code, ANIMA_OK);
        assert_int_equal(t.done, 1);
        assert_int_equal(logged(&w, "start\n"), 2);
        end_world(&w);
    }
}

static void given_up(void **state)
{
    (void)state;
    struct world w;
    struct wish t;
    make_world(&w);
    ask(&w, &t, "\"trouble\":\"die-score\"", 2, NULL);
    wait_flag(&w, &t.done);
    assert_int_equal(t.code, ANIMA_E_ENGINE);
    ask(&w, &t, "\"load_ms\":300", 2, NULL);
    engine_abandon(t.job);
    steps(&w, 400);
    assert_int_equal(t.done, 0);
    end_world(&w);
}

static void on_snapshot(void *ctx, const char *state, size_t n)
{
    struct wish *t = ctx;
    snprintf(t->snapshot, sizeof(t->snapshot), "%.*s", (int)n, state);
    t->after = t->done != 0;
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    (void)logprobs;
    (void)logprobs_len;
    struct wish *t = ctx;
    strncat(t->text, text, n);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    (void)finish;
    (void)usage;
    (void)message;
    struct wish *t = ctx;
    t->code = code;
    t->done++;
}

static void say(struct world *w, struct wish *t, const char *model, const char *resume, const char *resumed)
{
    static const anima_completion_callbacks cb = { .words = on_words, .done = on_done, .snapshot = on_snapshot };
    static const anima_chat_message hello[] = { { "heard", NULL, "hello" } };
    struct engine_request r = { .messages = hello, .n_messages = 1, .sampling = unset, .logprobs = -1 };
    r.snapshot = true;
    r.resume = resume;
    r.resumed = resumed;
    r.into = ENGINE_THOUGHT;
    *t = (struct wish){ 0 };
    assert_int_equal(engine_generate(w->set, model, &r, &cb, t, &t->job, NULL), ANIMA_OK);
    wait_flag(w, &t->done);
}

static void snapshots_arrive(void **state)
{
    (void)state;
    struct world w;
    struct wish t;
    make_world(&w);
    say(&w, &t, "", NULL, NULL);
    assert_string_equal(t.snapshot, "{\"seed\":7,\"draws\":5,\"tokens\":[]}");
    assert_false(t.after);
    assert_int_equal(logged(&w, "\"into\":\"thought\""), 1);
    say(&w, &t, "", "{\"seed\":7,\"draws\":5,\"tokens\":[]}", "one ");
    assert_int_equal(logged(&w, "\"resume\":{\"seed\":7,\"draws\":5,\"tokens\":[]}"), 1);
    end_world(&w);
    make_world(&w);
    say(&w, &t, "\"trouble\":\"snapshot\",\"starts\":1", NULL, NULL); /* it is none: the engine is killed */
    assert_int_equal(t.code, ANIMA_OK);
    assert_int_equal(logged(&w, "start\n"), 2);
    end_world(&w);
}

/* The engine dies behind words of a request that was resumed: it goes on from all the words there are. */
static void resumed_and_died(void **state)
{
    (void)state;
    struct world w;
    struct wish t;
    make_world(&w);
    say(&w, &t, "\"trouble\":\"die\",\"at\":2,\"starts\":1", "{\"seed\":1,\"draws\":1,\"tokens\":[5]}", "zero ");
    assert_int_equal(t.code, ANIMA_OK);
    assert_int_equal(logged(&w, "\"prefix\":\"zero one two \""), 1);
    assert_int_equal(logged(&w, "\"resume\""), 1);
    end_world(&w);
}

static void memory_runs_out(void **state)
{
    (void)state;
    for (long n = 1; n < 80; n++) {
        struct world w;
        struct wish t;
        make_world(&w);
        mem_fail_at(n, 0);
        int rc = ask(&w, &t, "", 2, NULL);
        if (!rc)
            wait_flag(&w, &t.done);
        bool reached = mem_count() >= n;
        mem_fail_at(0, 0);
        assert_true(rc == 0 || rc == ANIMA_E_NOMEM);
        end_world(&w);
        if (!reached)
            return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_scores_arrive), cmocka_unit_test(bad_requests),     cmocka_unit_test(broken_answers),
        cmocka_unit_test(given_up),          cmocka_unit_test(snapshots_arrive), cmocka_unit_test(resumed_and_died),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
