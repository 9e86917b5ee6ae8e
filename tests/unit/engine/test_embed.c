/* Requests for vectors against a fake engine that misbehaves on demand, and engines that run beside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "engine_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wish {
    struct engine_job *job;
    int done, code;
    size_t n, dim;
    float vectors[64 * 4];
    char message[508];
};

static void make_beside(struct world *w)
{
    make_world_of(w, getenv("FAKE_ENGINE"), 1);
    w->beside = true;
}

static void on_vectors(void *ctx, int code, const float *vectors, size_t n, size_t dim, const char *message)
{
    struct wish *t = ctx;
    t->done++;
    t->code = code;
    t->n = n;
    t->dim = dim;
    assert_true(code == ANIMA_OK || !vectors);
    if (vectors && dim == 4)
        memcpy(t->vectors, vectors, n * dim * sizeof(*vectors));
    snprintf(t->message, sizeof(t->message), "%s", message);
    engine_cancel(t->job); /* both are harmless here */
    engine_abandon(t->job);
}

static int ask(struct world *w, struct wish *t, const char *model, size_t n, anima_error *err)
{
    static const char *texts[80];
    for (size_t i = 0; i < 80; i++)
        texts[i] = i % 2 ? "二" : "one \"1\"";
    *t = (struct wish){ 0 };
    return engine_embed(w->set, model, true, texts, n, on_vectors, t, &t->job, err);
}

static void wait_done(struct world *w, struct wish *t)
{
    wait_flag(w, &t->done);
    assert_int_equal(t->done, 1);
}

static void the_vectors_arrive(void **state)
{
    (void)state;
    struct world w;
    struct wish t;
    make_beside(&w);
    assert_int_equal(ask(&w, &t, "", 3, NULL), ANIMA_OK);
    assert_int_equal(t.done, 0);
    wait_done(&w, &t);
    assert_int_equal(t.code, ANIMA_OK);
    assert_int_equal(t.n, 3);
    assert_int_equal(t.dim, 4);
    assert_true(t.vectors[0] == 1 && t.vectors[5] == 1 && t.vectors[10] == 1 && t.vectors[1] == 0);
    assert_int_equal(logged(&w, "{\"type\":\"embed\",\"kind\":\"query\",\"texts\":[\"one \\\"1\\\"\",\"二\",\"one "
                                "\\\"1\\\"\"],\"id\":1}"),
                     1);
    assert_string_equal(w.states, ""); /* it is no model that talks */
    anima_engine_info info;
    assert_false(engine_state_at(w.set, 0, &info));
    end_world(&w);
}

static void bad_requests(void **state)
{
    (void)state;
    struct world w;
    struct wish t;
    anima_error err;
    struct engine_job *job;
    const char *broken = "\xc3(";
    make_beside(&w);
    assert_int_equal(ask(&w, &t, "", 0, &err), ANIMA_E_INVALID);
    assert_int_equal(ask(&w, &t, "", FRAME_MAX_TEXTS + 1, &err), ANIMA_E_INVALID);
    assert_int_equal(ask(&w, &t, "unknown", 1, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(engine_embed(w.set, "", false, &broken, 1, on_vectors, &t, &job, &err), ANIMA_E_INVALID);
    /* A long text is cut between characters. */
    char *text = mem_alloc(FRAME_MAX_TEXT + 8);
    for (size_t i = 0; i < FRAME_MAX_TEXT + 6; i += 3)
        memcpy(text + i, "长", 3);
    text[FRAME_MAX_TEXT / 3 * 3 + 6] = '\0';
    const char *const texts[] = { text };
    assert_int_equal(engine_embed(w.set, "", false, texts, 1, on_vectors, &t, &t.job, &err), ANIMA_OK);
    wait_done(&w, &t);
    assert_int_equal(t.code, ANIMA_OK);
    assert_int_equal(logged(&w, "长"), FRAME_MAX_TEXT / 3);
    assert_int_equal(logged(&w, "\"kind\":\"passage\""), 1);
    mem_free(text);
    end_world(&w);
}

static void dies_in_the_middle(void **state)
{
    (void)state;
    struct world w;
    struct wish t;
    make_beside(&w);
    ask(&w, &t, "\"trouble\":\"die-embed\",\"starts\":2", 2, NULL);
    wait_done(&w, &t);
    assert_int_equal(t.code, ANIMA_OK);
    assert_int_equal(t.n, 2);
    assert_int_equal(logged(&w, "start\n"), 3);
    end_world(&w);
    make_beside(&w);
    ask(&w, &t, "\"trouble\":\"die-embed\"", 2, NULL);
    wait_done(&w, &t);
    assert_int_equal(t.code, ANIMA_E_ENGINE);
    assert_non_null(strstr(t.message, "in a row"));
    end_world(&w);
}

/* What is wrong kills the engine; the request survives and is answered by the next one. */
static void broken_answers(void **state)
{
    (void)state;
    static const char *const kinds[] = { "dim", "count", "long", "nan", "embed-done", "embed-words" };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct world w;
        struct wish t;
        char model[80];
        make_beside(&w);
        snprintf(model, sizeof(model), "\"trouble\":\"%s\",\"starts\":1", kinds[i]);
        ask(&w, &t, model, 3, NULL);
        wait_done(&w, &t);
        if (t.code || logged(&w, "start\n") != 2)
            fail_msg("%s: code %d, %d starts", kinds[i], t.code, logged(&w, "start\n"));
        assert_true(t.vectors[0] == 1);
        end_world(&w);
    }
}

static void cancelled_and_abandoned(void **state)
{
    (void)state;
    struct world w;
    struct wish t[3];
    make_beside(&w);
    for (int i = 0; i < 3; i++)
        ask(&w, &t[i], "\"trouble\":\"no-vectors\"", 1, NULL);
    engine_cancel(t[0].job); /* before it is sent */
    wait_done(&w, &t[0]);
    assert_int_equal(t[0].code, ANIMA_E_CANCELLED);
    for (uint64_t end = uv_hrtime() + PATIENCE; logged(&w, "embed") < 2 && uv_hrtime() < end;)
        loop_step(w.loop, 10);
    engine_abandon(t[1].job);
    engine_cancel(t[2].job);
    wait_done(&w, &t[2]);
    assert_int_equal(t[2].code, ANIMA_E_CANCELLED);
    steps(&w, 20);
    assert_int_equal(t[1].done, 0);
    end_world(&w);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    (void)finish;
    (void)usage;
    (void)message;
    *(int *)ctx = code ? -1 : 1;
}

/* There is room for one model that talks; an embedding model neither waits for it nor drives it out. */
static void runs_beside(void **state)
{
    (void)state;
    static const anima_completion_callbacks callbacks = { .done = on_done };
    const anima_chat_message hello = { .role = "user", .text = "hello" };
    struct engine_request r = { .messages = &hello, .n_messages = 1, .logprobs = -1 };
    struct engine_job *job;
    struct world w;
    struct wish t;
    anima_engine_info info;
    int over = 0;
    r.sampling = unset;
    make_beside(&w);
    assert_int_equal(engine_generate(w.set, " \"word_ms\":60000", &r, &callbacks, &over, &job, NULL), ANIMA_OK);
    ask(&w, &t, "", 1, NULL);
    wait_done(&w, &t);
    assert_int_equal(t.code, ANIMA_OK);
    for (uint64_t end = uv_hrtime() + PATIENCE; uv_hrtime() < end; loop_step(w.loop, 10))
        if (engine_state_at(w.set, 0, &info) && info.running == 1)
            break;
    assert_int_equal(info.running, 1);
    assert_string_equal(info.state, "ready");
    assert_false(engine_state_at(w.set, 1, &info));
    assert_int_equal(over, 0);
    engine_abandon(job);
    /* And another model that talks takes the place of the first, not of the embedding model. */
    assert_int_equal(engine_generate(w.set, " \"text\":\"b \"", &r, &callbacks, &over, &job, NULL), ANIMA_OK);
    for (uint64_t end = uv_hrtime() + PATIENCE; !over && uv_hrtime() < end;)
        loop_step(w.loop, 10);
    assert_int_equal(over, 1);
    ask(&w, &t, "", 1, NULL);
    wait_done(&w, &t);
    assert_int_equal(t.code, ANIMA_OK);
    assert_int_equal(logged(&w, "start\n"), 3);
    end_world(&w);
}

static void memory_runs_out(void **state)
{
    (void)state;
    for (long n = 1; n < 60; n++) {
        struct world w;
        struct wish t;
        make_beside(&w);
        mem_fail_at(n, 0);
        int rc = ask(&w, &t, "", 2, NULL);
        if (!rc)
            wait_done(&w, &t);
        bool reached = mem_count() >= n;
        mem_fail_at(0, 0);
        assert_true(rc == 0 || rc == ANIMA_E_NOMEM);
        if (!rc && t.code == ANIMA_OK)
            assert_true(t.n == 2 && t.vectors[5] == 1);
        end_world(&w);
        if (!reached)
            return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_arrive), cmocka_unit_test(bad_requests), cmocka_unit_test(dies_in_the_middle),
        cmocka_unit_test(broken_answers),     cmocka_unit_test(runs_beside),  cmocka_unit_test(cancelled_and_abandoned),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
