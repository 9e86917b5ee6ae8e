/* The engine client against a fake engine that misbehaves on demand. Each test makes one world: a loop, a set, and
 * models whose names are the fake engine's options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "engine_world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WHOLE "one two three four five "

struct talk {
    struct world *w;
    struct engine_job *job;
    const char *model;
    char text[4096], logprobs[1024], message[508], finish[32];
    int started, done, code;
    anima_usage usage;
    int abandon_at; /* 1: in started, 2: in the first words */
    int cancel_at;  /* in words number … */
    int words;
    bool again; /* ask again in done */
};

static int ask_for(struct talk *t, const char *model, const struct engine_request *request, anima_error *err);
static int ask(struct talk *t, struct world *w, const char *model, int max_tokens);

static void on_started(void *ctx, const anima_usage *usage)
{
    struct talk *t = ctx;
    t->w->calls_inside += t->w->inside;
    t->started++;
    t->usage = *usage;
    if (t->abandon_at == 1)
        engine_abandon(t->job);
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    struct talk *t = ctx;
    t->w->calls_inside += t->w->inside;
    assert_int_equal(t->done, 0);
    assert_true(n > 0);
    strncat(t->text, text, n);
    snprintf(t->logprobs, sizeof(t->logprobs), "%.*s", (int)logprobs_len, logprobs ? logprobs : "");
    t->words++;
    if (t->abandon_at == 2)
        engine_abandon(t->job);
    if (t->cancel_at == t->words)
        engine_cancel(t->job);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    struct talk *t = ctx;
    t->w->calls_inside += t->w->inside;
    t->done++;
    t->code = code;
    t->usage = *usage;
    snprintf(t->finish, sizeof(t->finish), "%s", finish);
    snprintf(t->message, sizeof(t->message), "%s", message);
    engine_cancel(t->job); /* both are harmless here */
    engine_abandon(t->job);
    if (t->again) {
        t->again = false;
        t->done = 0;
        assert_int_equal(ask(t, t->w, t->model, 0), ANIMA_OK);
    }
}

static int ask_for(struct talk *t, const char *model, const struct engine_request *request, anima_error *err)
{
    static const anima_completion_callbacks callbacks = { .started = on_started, .words = on_words, .done = on_done };
    t->model = model;
    t->w->inside = true;
    int rc = engine_generate(t->w->set, model, request, &callbacks, t, &t->job, err);
    t->w->inside = false;
    return rc;
}

static const anima_chat_message hello[] = { { .role = "user", .name = "Ann", .text = "hello \"you\"" } };

static int ask(struct talk *t, struct world *w, const char *model, int max_tokens)
{
    struct engine_request r = { .messages = hello, .n_messages = 1, .sampling = unset, .logprobs = -1 };
    r.sampling.max_tokens = max_tokens;
    t->w = w;
    return ask_for(t, model, &r, NULL);
}

static void wait_done(struct talk *t)
{
    wait_flag(t->w, &t->done);
    assert_int_equal(t->done, 1);
}

static void the_words_arrive(void **state)
{
    (void)state;
    struct world w;
    struct talk t = { 0 };
    make_world(&w);
    assert_int_equal(ask(&t, &w, "", 0), ANIMA_OK);
    assert_int_equal(t.done, 0);
    wait_done(&t);
    assert_string_equal(t.text, WHOLE);
    assert_string_equal(t.finish, "stop");
    assert_int_equal(t.code, ANIMA_OK);
    assert_int_equal(t.started, 1);
    assert_int_equal(t.usage.prompt_tokens, 10);
    assert_int_equal(t.usage.completion_tokens, 5);
    assert_int_equal(t.usage.context_size, 4096);
    assert_int_equal(t.usage.dropped_messages, 1);
    assert_int_equal(t.usage.restarts, 0);
    assert_string_equal(w.states, "starting loading ready ");
    anima_engine_info info;
    assert_true(engine_state_at(w.set, 0, &info));
    assert_string_equal(info.state, "ready");
    assert_true(info.pid > 0 && info.running == 0 && info.waiting == 0);
    assert_non_null(strstr(info.info, "\"driver\":\"fake\""));
    assert_false(engine_state_at(w.set, 1, &info));
    assert_int_equal(logged(&w, "\"messages\":[{\"role\":\"user\",\"name\":\"Ann\","
                                "\"content\":\"hello \\\"you\\\"\"}]"),
                     1);
    assert_int_equal(logged(&w, "\"sampling\":{}"), 1);
    end_world(&w);
}

static void every_member_is_sent(void **state)
{
    (void)state;
    struct world w;
    make_world(&w);
    struct talk t = { .w = &w };
    const char *stop[] = { "\n", "停", NULL };
    struct engine_request r = { .messages = hello,
                                .n_messages = 1,
                                .prefix = "one ",
                                .grammar = "root ::= \"x\"",
                                .json_schema = "{\"type\":\"object\"}",
                                .logprobs = 3,
                                .drop_oldest = true,
                                .adapter = "ann.gguf",
                                .adapter_scale = 0.5,
                                .sampling = { 0.5, 0.9, 0.05, 40, 1.1, -0.5, 0.25, 0.8, 42, 3, stop } };
    assert_int_equal(ask_for(&t, "\"logprobs\":true", &r, NULL), ANIMA_OK);
    wait_done(&t);
    assert_string_equal(t.text, "two three four ");
    assert_string_equal(t.finish, "length");
    assert_string_equal(t.logprobs, "[{\"token\":\"w\",\"logprob\":-0.5,\"bytes\":[119],\"top_logprobs\":"
                                    "[{\"token\":\"v\",\"logprob\":-1.5,\"bytes\":null}]}]");
    const char *sent = "\"grammar\":\"root ::= \\\"x\\\"\",\"json_schema\":{\"type\":\"object\"},\"logprobs\":3,"
                       "\"drop_oldest\":true,\"adapter\":\"ann.gguf\",\"adapter_scale\":0.5,\"sampling\":{"
                       "\"temperature\":0.5,\"top_p\":0.9,\"min_p\":0.05,"
                       "\"top_k\":40,\"repeat_penalty\":1.1,\"frequency_penalty\":-0.5,"
                       "\"presence_penalty\":0.25,\"dry_multiplier\":0.8,\"seed\":42,"
                       "\"stop\":[\"\\n\",\"停\"],\"max_tokens\":3},\"id\":1,\"prefix\":\"one \"}";
    assert_int_equal(logged(&w, sent), 1);
    end_world(&w);
}

static void bad_requests(void **state)
{
    (void)state;
    struct world w;
    make_world(&w);
    struct talk t = { .w = &w };
    anima_error err;
    struct engine_request good = { .messages = hello, .n_messages = 1, .sampling = unset, .logprobs = -1 }, r = good;
    assert_int_equal(ask_for(&t, "unknown", &r, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(engine_warm(w.set, "unknown", &err), ANIMA_E_NOT_FOUND);
    r.json_schema = "{} , \"id\": 7";
    assert_int_equal(ask_for(&t, "", &r, &err), ANIMA_E_INVALID);
    r.json_schema = "[]";
    assert_int_equal(ask_for(&t, "", &r, &err), ANIMA_E_INVALID);
    r = good;
    r.prefix = "\xff";
    assert_int_equal(ask_for(&t, "", &r, &err), ANIMA_E_INVALID);
    r = good;
    anima_chat_message broken = { .role = "user", .text = "\xc3(" };
    r.messages = &broken;
    assert_int_equal(ask_for(&t, "", &r, &err), ANIMA_E_INVALID);
    size_t n = 17u << 20;
    char *huge = malloc(n + 1);
    memset(huge, 'x', n);
    huge[n] = '\0';
    broken.text = huge;
    assert_int_equal(ask_for(&t, "", &r, &err), ANIMA_E_LIMIT);
    free(huge);
    anima_engine_info info;
    assert_false(engine_state_at(w.set, 0, &info));
    end_world(&w);
}

static void several_at_once(void **state)
{
    (void)state;
    struct world w;
    struct talk t[20] = { 0 };
    make_world(&w);
    for (int i = 0; i < 20; i++)
        assert_int_equal(ask(&t[i], &w, "\"word_ms\":2", 0), ANIMA_OK);
    anima_engine_info info;
    engine_state_at(w.set, 0, &info);
    assert_int_equal(info.waiting, 20);
    assert_string_equal(info.state, "starting");
    for (int i = 0; i < 20; i++) {
        wait_done(&t[i]);
        assert_string_equal(t[i].text, WHOLE);
    }
    assert_int_equal(logged(&w, "start\n"), 1);
    end_world(&w);
}

/* It dies at a word: started once, every word once, restarts counted, max_tokens reduced. */
static void dies_in_the_middle(void **state)
{
    (void)state;
    const char *models[] = { "\"trouble\":\"die\",\"at\":2,\"starts\":1",
                             "\"trouble\":\"exit\",\"at\":2,\"starts\":1" };
    for (int i = 0; i < 2; i++) {
        struct world w;
        struct talk t = { 0 };
        make_world(&w);
        ask(&t, &w, models[i], 4);
        wait_done(&t);
        assert_string_equal(t.text, "one two three four ");
        assert_string_equal(t.finish, "length");
        assert_int_equal(t.started, 1);
        assert_int_equal(t.usage.restarts, 1);
        assert_int_equal(t.usage.completion_tokens, 4);
        assert_string_equal(w.states, "starting loading ready restarting restarting restarting ready ");
        assert_int_equal(logged(&w, "\"sampling\":{\"max_tokens\":2},\"id\":2,\"prefix\":\"one two \"}"), 1);
        anima_engine_info info;
        engine_state_at(w.set, 0, &info);
        assert_int_equal(info.restarts, 1);
        end_world(&w);
    }
}

static void dies_at_every_word_in_turn(void **state)
{
    (void)state;
    struct world w;
    struct talk t = { 0 };
    make_world(&w);
    /* at 0 it dies before any word, twice; then it behaves */
    ask(&t, &w, "\"trouble\":\"die\",\"at\":0,\"starts\":2", 0);
    wait_done(&t);
    assert_string_equal(t.text, WHOLE);
    assert_int_equal(t.usage.restarts, 2);
    end_world(&w);
}

static void all_said_but_the_end(void **state)
{
    (void)state;
    struct world w;
    struct talk t = { 0 };
    make_world(&w);
    ask(&t, &w, "\"trouble\":\"no-done\",\"at\":3,\"starts\":1", 3);
    wait_done(&t);
    assert_string_equal(t.text, "one two three ");
    assert_string_equal(t.finish, "length");
    assert_int_equal(t.code, ANIMA_OK);
    assert_int_equal(t.usage.completion_tokens, 3);
    end_world(&w);
}

static void dies_too_often(void **state)
{
    (void)state;
    const char *models[] = { "\"trouble\":\"die\",\"at\":0", "\"trouble\":\"die-load\"", "\"trouble\":\"exit-load\"",
                             "\"trouble\":\"early\"" };
    for (int i = 0; i < 4; i++) {
        struct world w;
        struct talk t = { 0 };
        make_world(&w);
        ask(&t, &w, models[i], 0);
        wait_done(&t);
        assert_int_equal(t.code, ANIMA_E_ENGINE);
        assert_string_equal(t.finish, "error");
        assert_string_equal(t.text, "");
        assert_int_equal(logged(&w, "start\n"), 3);
        if (i < 2)
            assert_non_null(strstr(t.message, "GGML_ASSERT(fake) failed"));
        anima_engine_info info;
        engine_state_at(w.set, 0, &info);
        assert_string_equal(info.state, "failed");
        assert_string_equal(info.message, t.message);
        t = (struct talk){ 0 };
        ask(&t, &w, models[i], 0); /* the next request tries from the beginning */
        wait_done(&t);
        assert_int_equal(logged(&w, "start\n"), 6);
        end_world(&w);
    }
}

static void broken_frames(void **state)
{
    (void)state;
    const char *kinds[] = { "garbage", "huge", "utf8",    "nul",      "id",      "done-id", "finish",
                            "tokens",  "type", "untyped", "logprobs", "trained", "hang" };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct world w;
        struct talk t = { 0 };
        char model[100];
        make_world(&w);
        snprintf(model, sizeof(model), "\"trouble\":\"%s\",\"at\":3,\"starts\":1", kinds[i]);
        if (!strcmp(kinds[i], "hang"))
            set_patience(&w, 400, 5000);
        ask(&t, &w, model, 0);
        wait_done(&t);
        assert_string_equal(t.text, WHOLE);
        assert_int_equal(t.usage.restarts, 1);
        end_world(&w);
    }
}

static void a_model_that_fails(void **state)
{
    (void)state;
    struct world w;
    struct talk t = { .again = true }, u = { 0 };
    make_world(&w);
    ask(&t, &w, "\"trouble\":\"failed\"", 0);
    ask(&u, &w, "\"trouble\":\"failed\"", 0);
    wait_done(&u);
    wait_done(&t); /* it asked again in its done */
    assert_int_equal(t.code, ANIMA_E_MODEL);
    assert_string_equal(t.message, "not a GGUF file");
    assert_int_equal(u.code, ANIMA_E_MODEL);
    assert_int_equal(logged(&w, "start\n"), 2); /* no retry of our own */
    end_world(&w);
    make_world(&w);
    t = (struct talk){ 0 };
    ask(&t, &w, "\"trouble\":\"protocol\"", 0);
    wait_done(&t);
    assert_int_equal(t.code, ANIMA_E_ENGINE);
    assert_int_equal(logged(&w, "start\n"), 1);
    end_world(&w);
}

static void loading_hangs(void **state)
{
    (void)state;
    struct world w;
    struct talk t = { 0 };
    make_world(&w);
    set_patience(&w, 5000, 500);
    ask(&t, &w, "\"trouble\":\"hang-load\",\"starts\":1", 0);
    wait_done(&t);
    assert_string_equal(t.text, WHOLE);
    end_world(&w);
}

static void no_such_program(void **state)
{
    (void)state;
    struct world w;
    struct talk t = { .again = true };
    make_world_of(&w, "/no/such/engine", 1);
    ask(&t, &w, "", 0);
    wait_done(&t);
    assert_int_equal(t.code, ANIMA_E_ENGINE);
    assert_non_null(strstr(t.message, "/no/such/engine"));
    end_world(&w);
}

static void an_engine_refuses(void **state)
{
    (void)state;
    struct world w;
    struct talk t = { 0 };
    make_world(&w);
    ask(&t, &w, "\"trouble\":\"refuse\",\"at\":1", 0);
    wait_done(&t);
    assert_int_equal(t.code, ANIMA_E_LIMIT);
    assert_string_equal(t.message, "too long by half");
    assert_string_equal(t.text, "one ");
    assert_int_equal(t.usage.completion_tokens, 1);
    assert_int_equal(logged(&w, "start\n"), 1);
    end_world(&w);
}

static void cancelled(void **state)
{
    (void)state;
    struct world w;
    struct talk t = { .cancel_at = 2 }, u = { 0 }, v = { 0 };
    make_world(&w);
    ask(&t, &w, "\"word_ms\":20", 0);
    ask(&u, &w, "\"word_ms\":20", 0);
    engine_cancel(u.job); /* before it was sent */
    assert_int_equal(u.done, 0);
    wait_done(&u);
    assert_int_equal(u.code, ANIMA_E_CANCELLED);
    assert_string_equal(u.finish, "cancelled");
    wait_done(&t);
    assert_int_equal(t.code, ANIMA_E_CANCELLED);
    assert_true(t.words >= 2 && t.words <= 3);
    ask(&v, &w, "\"word_ms\":20", 0);
    wait_done(&v);
    assert_string_equal(v.text, WHOLE);
    end_world(&w);
    make_world(&w); /* it dies before it could obey */
    set_patience(&w, 400, 5000);
    t = (struct talk){ .cancel_at = 1 };
    ask(&t, &w, "\"deaf\":true,\"trouble\":\"hang\",\"at\":1", 0);
    wait_done(&t);
    assert_int_equal(t.code, ANIMA_E_CANCELLED);
    end_world(&w);
}

static void abandoned(void **state)
{
    (void)state;
    struct world w;
    for (int at = 0; at <= 2; at++) {
        struct talk t = { .abandon_at = at }, u = { 0 };
        make_world(&w);
        ask(&t, &w, "\"word_ms\":5", 0);
        ask(&u, &w, "\"word_ms\":5", 0);
        if (!at)
            engine_abandon(t.job);
        wait_done(&u);
        assert_string_equal(u.text, WHOLE);
        assert_int_equal(t.done, 0);
        assert_int_equal(t.words, at == 2);
        anima_engine_info info;
        engine_state_at(w.set, 0, &info);
        assert_int_equal(info.running + info.waiting, 0);
        end_world(&w);
    }
    engine_abandon(NULL);
}

static void a_slow_engine_is_not_killed(void **state)
{
    (void)state;
    struct world w;
    struct talk t = { 0 };
    make_world(&w);
    set_patience(&w, 1000, 5000);
    ask(&t, &w, "\"word_ms\":1500", 2); /* longer than hang_ms between two words, but it answers pings */
    wait_done(&t);
    assert_int_equal(t.usage.restarts, 0);
    assert_true(logged(&w, "\"ping\"") > 3);
    end_world(&w);
}

static void an_idle_engine_comes_back(void **state)
{
    (void)state;
    struct world w;
    anima_engine_info info;
    make_world(&w);
    assert_int_equal(engine_warm(w.set, "", NULL), ANIMA_OK);
    assert_int_equal(engine_warm(w.set, "", NULL), ANIMA_OK);
    wait_states(&w, "ready");
    engine_state_at(w.set, 0, &info);
    int pid = info.pid;
    assert_string_equal(info.state, "ready");
    kill(pid, SIGKILL);
    wait_states(&w, "restarting ready");
    engine_state_at(w.set, 0, &info);
    assert_string_equal(info.state, "ready");
    assert_true(info.pid != pid && info.restarts == 1);
    end_world(&w);
}

static const char *state_of(struct world *w, size_t i)
{
    anima_engine_info info;
    assert_true(engine_state_at(w->set, i, &info));
    return info.state;
}

static void only_so_many_are_loaded(void **state)
{
    (void)state;
    struct world w;
    struct talk a = { 0 }, b = { 0 }, c = { 0 };
    make_world(&w); /* two */
    ask(&a, &w, "\"text\":\"a \"", 0);
    wait_done(&a);
    steps(&w, 5);
    ask(&b, &w, "\"text\":\"b \"", 0);
    wait_done(&b);
    ask(&c, &w, "\"text\":\"c \"", 0);
    wait_done(&c);
    assert_string_equal(state_of(&w, 0), "stopped"); /* the longest idle */
    assert_string_equal(state_of(&w, 1), "ready");
    assert_string_equal(state_of(&w, 2), "ready");
    a = (struct talk){ 0 };
    ask(&a, &w, "\"text\":\"a \"", 0); /* and back */
    wait_done(&a);
    assert_string_equal(a.text, "a ");
    assert_string_equal(state_of(&w, 1), "stopped");
    assert_int_equal(logged(&w, "start\n"), 4);
    end_world(&w);
}

/* Two busy models and room for one: each gets its turn, also if the one in place lingers. */
static void busy_models_take_turns(void **state)
{
    (void)state;
    struct world w;
    struct talk a[8] = { 0 }, b[8] = { 0 };
    make_world_of(&w, getenv("FAKE_ENGINE"), 1);
    for (int i = 0; i < 8; i++) {
        ask(&a[i], &w, "\"word_ms\":3,\"slots\":1,\"linger\":true", 0);
        ask(&b[i], &w, "\"word_ms\":3,\"slots\":1,\"text\":\"b \"", 0);
    }
    for (int i = 0; i < 8; i++) {
        wait_done(&a[i]);
        wait_done(&b[i]);
        assert_string_equal(a[i].text, WHOLE);
        assert_string_equal(b[i].text, "b ");
        assert_int_equal(a[i].usage.restarts + b[i].usage.restarts, 0);
    }
    assert_null(strstr(w.states, "restarting"));
    end_world(&w);
}

static void destroyed_at_any_time(void **state)
{
    (void)state;
    for (int ms = 0; ms < 60; ms += 4) {
        struct world w;
        struct talk t[4] = { 0 };
        make_world(&w);
        for (int i = 0; i < 4; i++)
            ask(&t[i], &w, "\"word_ms\":4,\"load_ms\":10,\"trouble\":\"die\",\"at\":3", 0);
        engine_cancel(t[3].job);
        steps(&w, ms);
        end_world(&w);
    }
}

/* Each allocation fails once: an error or a whole answer, never a crash or a leak. */
static const anima_chat_message said[] = { { .role = "system", .text = "be Ann" },
                                           { .role = "user", .text = "one?" },
                                           { .role = "assistant", .text = "one." },
                                           { .role = "user", .text = "two?" } };

static void talk_on(struct world *w, const char *model, const anima_chat_message *messages, size_t n)
{
    struct talk t = { .w = w };
    struct engine_request r = {
        .messages = messages, .n_messages = n, .stream = "c-1", .class = ENGINE_CHAT, .sampling = unset, .logprobs = -1
    };
    assert_int_equal(ask_for(&t, model, &r, NULL), ANIMA_OK);
    wait_done(&t);
    assert_int_equal(t.code, ANIMA_OK);
    assert_string_equal(t.text, "one two three four five ");
}

/* Of a stream only what the engine does not have travels. */
static void streams_send_what_is_new(void **state)
{
    (void)state;
    struct world w;
    make_world(&w);
    talk_on(&w, "", said, 2);
    assert_int_equal(logged(&w, "\"stream\":\"c-1\",\"keep\":0,\"class\":\"chat\",\"messages\":[{\"role\":\"system\""),
                     1);
    talk_on(&w, "", said, 4);
    assert_int_equal(logged(&w, "\"keep\":2,\"class\":\"chat\",\"messages\":[{\"role\":\"assistant\""), 1);
    assert_int_equal(logged(&w, "be Ann"), 1);
    talk_on(&w, "", said, 4);
    assert_int_equal(logged(&w, "\"keep\":4,\"class\":\"chat\",\"messages\":[]"), 1);
    anima_chat_message changed[4];
    memcpy(changed, said, sizeof(said));
    changed[1].text = "one, please?";
    talk_on(&w, "", changed, 4);
    assert_int_equal(
        logged(&w, "\"keep\":1,\"class\":\"chat\",\"messages\":[{\"role\":\"user\",\"content\":\"one, please?\""), 1);
    struct engine_request ahead = { .messages = changed,
                                    .n_messages = 3,
                                    .stream = "c-1",
                                    .class = ENGINE_BACKGROUND,
                                    .open = true,
                                    .sampling = unset,
                                    .logprobs = -1 };
    engine_read(w.set, "", &ahead);
    steps(&w, 50);
    assert_int_equal(
        logged(
            &w,
            "\"type\":\"read\",\"stream\":\"c-1\",\"keep\":3,\"class\":\"background\",\"open\":true,\"messages\":[]"),
        1);
    talk_on(&w, "", changed, 4);
    assert_int_equal(logged(&w, "\"keep\":3,\"class\":\"chat\",\"messages\":[{\"role\":\"user\",\"content\":\"two?\""),
                     1);
    engine_drop(w.set, "c-");
    talk_on(&w, "", changed, 4);
    assert_int_equal(logged(&w, "\"type\":\"drop\""), 1);
    assert_int_equal(logged(&w, "be Ann"), 2);
    engine_read(w.set, "not running", &ahead);
    assert_int_equal(w.set->n_engines, 1);
    end_world(&w);
}

/* An engine that died, or that forgot, gets all of it again. */
static void streams_are_sent_again(void **state)
{
    (void)state;
    struct world w;
    make_world(&w);
    const char *dies = "\"trouble\":\"die\",\"at\":2,\"starts\":1", *forgets = "\"trouble\":\"stale\"";
    talk_on(&w, dies, said, 4);
    assert_int_equal(logged(&w, "be Ann"), 2);
    talk_on(&w, forgets, said, 2);
    talk_on(&w, forgets, said, 4);
    assert_true(logged(&w, "\"keep\":2") == 1 && logged(&w, "be Ann") >= 4); /* more, if one was slow and was killed */
    end_world(&w);
}

static void memory_runs_out(void **state)
{
    (void)state;
    for (long n = 1; n < 60; n++) {
        struct world w;
        struct talk t = { .w = &w };
        make_world(&w);
        mem_fail_at(n, 0);
        int rc = ask(&t, &w, "", 0);
        if (!rc)
            wait_done(&t);
        bool reached = mem_count() >= n;
        mem_fail_at(0, 0);
        assert_true(rc == 0 || rc == ANIMA_E_NOMEM);
        if (!rc && t.code == ANIMA_OK)
            assert_string_equal(t.text, WHOLE);
        end_world(&w);
        if (!reached)
            return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_arrive),
        cmocka_unit_test(every_member_is_sent),
        cmocka_unit_test(bad_requests),
        cmocka_unit_test(several_at_once),
        cmocka_unit_test(dies_in_the_middle),
        cmocka_unit_test(dies_at_every_word_in_turn),
        cmocka_unit_test(all_said_but_the_end),
        cmocka_unit_test(dies_too_often),
        cmocka_unit_test(broken_frames),
        cmocka_unit_test(a_model_that_fails),
        cmocka_unit_test(loading_hangs),
        cmocka_unit_test(no_such_program),
        cmocka_unit_test(an_engine_refuses),
        cmocka_unit_test(cancelled),
        cmocka_unit_test(abandoned),
        cmocka_unit_test(a_slow_engine_is_not_killed),
        cmocka_unit_test(an_idle_engine_comes_back),
        cmocka_unit_test(only_so_many_are_loaded),
        cmocka_unit_test(busy_models_take_turns),
        cmocka_unit_test(destroyed_at_any_time),
        cmocka_unit_test(streams_send_what_is_new),
        cmocka_unit_test(streams_are_sent_again),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
