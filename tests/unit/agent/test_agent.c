/* A home from outside, through anima.h alone, with the real engine process and written replies: sending, events, stop,
 * retry, several people, the same message twice, and what a restart finds.
 * ANIMA_TEST_ENGINE is the path of anima-engine (the build sets it). */
#include "anima/anima.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

static const char script[] = "# replies for test_agent.c\n"
                             "match: slow\n"
                             "delay_ms: 20\n"
                             "say: one two three four five six seven eight nine ten. and so on and on and on and on.\n"
                             "\n"
                             "match: hello\n"
                             "say: Hello to you. How are you?\n"
                             "\n"
                             "match: 你好\n"
                             "say: 你好呀。今天怎么样？\n"
                             "\n"
                             "match: break\n"
                             "error: engine it is broken\n"
                             "\n"
                             "match: die\n"
                             "die_once: 3\n"
                             "say: alpha beta gamma delta epsilon zeta.\n";

struct fixture {
    struct scratch at;
    struct buf log;   /* one word per event */
    struct buf words; /* the words of the turn that spoke last */
    int64_t speaking; /* its seq */
    int done;         /* turns that ended */
    anima_turn_state state;
    char error[200];
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    static const char *const names[] = {
#define ANIMA_EVENT(symbol, name, meaning) name,
#include "anima/events.def"
#undef ANIMA_EVENT
    };
    if (!e->turn || e->turn->seq == 1)
        return; /* 1 is the greeting */
    if (e->type != ANIMA_EVENT_TURN_DELTA || !strstr(buf_str(&f->log), "delta"))
        buf_printf(&f->log, "%s:%d ", names[e->type] + 5, (int)e->turn->seq);
    if (e->type == ANIMA_EVENT_TURN_DELTA) {
        if (e->turn->seq != f->speaking) { /* what it said in an earlier run is in the turn */
            buf_reset(&f->words);
            buf_append(&f->words, e->turn->text, (size_t)e->offset);
        }
        f->speaking = e->turn->seq;
        assert_int_equal(e->offset, f->words.len); /* nothing missing, nothing twice */
        buf_puts(&f->words, e->delta);
    }
    if (e->type == ANIMA_EVENT_TURN_DONE) {
        f->done++;
        f->state = e->turn->state;
        snprintf(f->error, sizeof(f->error), "%s", e->turn->error);
    }
}

static void open_home(struct fixture *f)
{
    buf_init(&f->log, 1 << 20);
    buf_init(&f->words, 1 << 20);
    scratch_open(&f->at, NULL, on_event, f);
}

static void close_home(struct fixture *f)
{
    anima_home_close(f->at.home);
    buf_finish(&f->log);
    buf_finish(&f->words);
    f->at.home = NULL;
}

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    scratch_make(&f->at, script);
    open_home(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    close_home(f);
    int rc = scratch_remove(&f->at);
    mem_free(f);
    return rc;
}

static void until_done(struct fixture *f, int n)
{
    scratch_until(&f->at, &f->done, n);
    assert_int_equal(f->done, n);
}

static void until_words(struct fixture *f)
{
    time_t end = time(NULL) + 30;
    while (!f->words.len && time(NULL) < end)
        anima_home_step(f->at.home, 100);
    assert_true(f->words.len > 0);
}

static anima_conversation *begin(struct fixture *f)
{
    anima_conversation *c;
    anima_error err;
    if (anima_conversation_create(f->at.home, "lin", NULL, &c, &err))
        fail_msg("create: %s", err.message);
    return c;
}

static int64_t say(anima_conversation *c, const char *text, const char *person, const char *client_id)
{
    anima_message m = { .text = text, .person = person, .client_id = client_id };
    anima_error err;
    int64_t seq = 0;
    if (anima_send(c, &m, &seq, &err))
        fail_msg("send: %s", err.message);
    return seq;
}

static int one_turn(void *ctx, const anima_turn *t)
{
    buf_printf(ctx, "%d|%s|%s|%d\n", (int)t->seq, t->role == ANIMA_ROLE_PERSON ? t->person_name : "-", t->text,
               t->state);
    return 0;
}

static char *turns(anima_conversation *c)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(anima_conversation_turns(c, 1, 100, one_turn, &b, NULL), 0);
    return buf_take(&b);
}

static void test_a_turn_in_two_languages(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    say(c, "hello", NULL, NULL);
    until_done(f, 1);
    assert_string_equal(buf_str(&f->words), "Hello to you. How are you?");
    assert_string_equal(buf_str(&f->log), "created:2 created:3 started:3 delta:3 done:3 ");
    say(c, "你好", "安", NULL);
    until_done(f, 2);
    char *all = turns(c);
    assert_string_equal(all,
                        "2|Ann|hello|2\n3|-|Hello to you. How are you?|2\n4|安|你好|2\n5|-|你好呀。今天怎么样？|2\n");
    mem_free(all);
    anima_conversation_info info;
    anima_conversation_describe(c, &info);
    assert_string_equal(info.title, "hello");
    assert_int_equal(info.turns, 5);
    anima_conversation_close(c);
}

static void test_stop_and_retry(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_error err;
    assert_int_equal(anima_cancel(c, &err), ANIMA_E_NOT_FOUND);
    say(c, "slow", NULL, NULL);
    until_words(f);
    assert_int_equal(anima_cancel(c, &err), 0);
    until_done(f, 1);
    assert_int_equal(f->state, ANIMA_TURN_CANCELLED);
    char *all = turns(c);
    assert_non_null(strstr(all, "3|-|one"));
    assert_null(strstr(all, "on and on."));
    mem_free(all);
    assert_int_equal(anima_retry(c, &err), 0);
    until_done(f, 2);
    assert_int_equal(f->state, ANIMA_TURN_DONE);
    all = turns(c);
    assert_non_null(
        strstr(all, "3|-|one two three four five six seven eight nine ten. and so on and on and on and on.|2\n"));
    mem_free(all);
    assert_int_equal(anima_retry(c, &err), ANIMA_E_INVALID);
    anima_conversation_close(c);
}

static void test_stop_before_it_began(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    say(c, "slow", NULL, NULL);
    assert_int_equal(anima_cancel(c, NULL), 0);
    until_done(f, 1);
    assert_int_equal(f->state, ANIMA_TURN_CANCELLED);
    anima_conversation_close(c);
}

static void test_failure_is_told(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    say(c, "break", NULL, NULL);
    until_done(f, 1);
    assert_int_equal(f->state, ANIMA_TURN_FAILED);
    assert_non_null(strstr(f->error, "broken"));
    anima_conversation_close(c);
}

static void test_engine_dies_in_mid_reply(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    say(c, "die", NULL, NULL);
    until_done(f, 1);
    assert_int_equal(f->state, ANIMA_TURN_DONE);
    assert_string_equal(buf_str(&f->words), "alpha beta gamma delta epsilon zeta.");
    anima_conversation_close(c);
}

static void test_same_message_twice(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    int64_t seq = say(c, "hello", NULL, "m1");
    assert_int_equal(say(c, "hello", NULL, "m1"), seq); /* before it is stored */
    until_done(f, 1);
    assert_int_equal(say(c, "hello", NULL, "m1"), seq); /* and after */
    anima_home_step(f->at.home, 0);
    assert_non_null(strstr(buf_str(&f->log), "done:3 created:2 "));
    char *all = turns(c);
    assert_string_equal(all, "2|Ann|hello|2\n3|-|Hello to you. How are you?|2\n");
    mem_free(all);
    anima_conversation_close(c);
}

static void test_messages_wait_their_turn(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    for (int i = 0; i < 4; i++)
        say(c, i % 2 ? "hello" : "你好", i % 2 ? "Bob" : "Ann", NULL);
    until_done(f, 4);
    char *all = turns(c);
    assert_non_null(strstr(all, "8|Bob|hello|2\n9|-|Hello to you. How are you?|2\n"));
    mem_free(all);
    int sent = 0, rc;
    anima_error err;
    anima_message m = { .text = "slow" };
    int64_t seq;
    while (!(rc = anima_send(c, &m, &seq, &err)))
        sent++;
    assert_int_equal(rc, ANIMA_E_BUSY);
    assert_true(sent >= 16);
    anima_conversation_close(c);
}

static void test_bad_messages(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_error err;
    int64_t seq;
    char *huge = mem_zero(1, 70001);
    memset(huge, 'x', 70000);
    const struct {
        anima_message m;
        int code;
    } cases[] = {
        { { .text = "" }, ANIMA_E_INVALID },
        { { .text = NULL }, ANIMA_E_INVALID },
        { { .text = "\xFF" }, ANIMA_E_INVALID },
        { { .text = huge }, ANIMA_E_LIMIT },
        { { .text = "x", .person = "a\nb" }, ANIMA_E_INVALID },
        { { .text = "x", .person = "   " }, ANIMA_E_INVALID },
        { { .text = "x", .client_id = huge }, ANIMA_E_INVALID },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(anima_send(c, &cases[i].m, &seq, &err), cases[i].code);
    mem_free(huge);
    anima_conversation *none;
    assert_int_equal(anima_conversation_open(f->at.home, "nosuchconversation", &none, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_conversation_open(f->at.home, "far too long an id for any conversation", &none, &err),
                     ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_conversation_create(f->at.home, "nobody", NULL, &none, &err), ANIMA_E_NOT_FOUND);
    anima_conversation_close(c);
}

static void test_restart_takes_up_a_reply(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_conversation_info info;
    anima_conversation_describe(c, &info);
    say(c, "slow", NULL, NULL);
    time_t end = time(NULL) + 30;
    while (!strstr(buf_str(&f->words), "ten.") && time(NULL) < end)
        anima_home_step(f->at.home, 100);
    anima_conversation_close(c);
    close_home(f); /* in the middle of the second sentence */
    f->done = 0;
    f->speaking = 0;
    open_home(f);
    assert_int_equal(anima_conversation_open(f->at.home, info.id, &c, NULL), 0);
    until_done(f, 1);
    char *all = turns(c);
    assert_string_equal(
        all, "2|Ann|slow|2\n3|-|one two three four five six seven eight nine ten. and so on and on and on and on.|2\n");
    mem_free(all);
    anima_conversation_close(c);
}

static void test_two_homes_are_one_too_many(void **state)
{
    struct fixture *f = *state;
    anima_home_options options = { .path = f->at.dir };
    anima_home *second;
    anima_error err;
    assert_int_equal(anima_home_open(&options, &second, &err), ANIMA_E_BUSY);
    assert_non_null(strstr(err.message, f->at.dir));
    options.read_only = true;
    assert_int_equal(anima_home_open(&options, &second, &err), 0); /* looking is allowed */
    anima_conversation *c;
    assert_int_equal(anima_conversation_create(second, "lin", NULL, &c, &err), ANIMA_E_UNSUPPORTED);
    anima_home_close(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_turn_in_two_languages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stop_and_retry, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stop_before_it_began, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failure_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_engine_dies_in_mid_reply, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_message_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_messages_wait_their_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_messages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_restart_takes_up_a_reply, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_two_homes_are_one_too_many, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
