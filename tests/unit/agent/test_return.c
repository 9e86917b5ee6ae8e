/* Who comes back hears what changed meanwhile; who looks sees a reply as over only when it can be changed; a message that
 * nobody answered is answered when somebody asks for it. */
#include "anima/anima.h"

#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "scratch.h"

struct fixture {
    struct scratch at;
    anima_conversation *c;
    int ended, reports, code;
    char made[24];
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    f->ended += e->type == ANIMA_EVENT_TURN_DONE && e->turn->role == ANIMA_ROLE_CHARACTER;
}

static void done(void *ctx, int code, const anima_error *err)
{
    struct fixture *f = ctx;
    (void)err;
    f->reports++;
    f->code = code;
}

static void made(void *ctx, int code, const anima_error *err, anima_conversation *c)
{
    struct fixture *f = ctx;
    anima_conversation_info info;
    done(ctx, code, err);
    assert_non_null(c);
    anima_conversation_describe(c, &info);
    snprintf(f->made, sizeof(f->made), "%s", info.id);
}

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    scratch_make(&f->at, "match: fail\nerror: engine it is broken\n\nsay: You said {last}.\n");
    scratch_open(&f->at, NULL, on_event, f);
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &f->c, NULL), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    anima_conversation_close(f->c);
    int rc = scratch_remove(&f->at);
    mem_free(f);
    return rc;
}

static void finish(struct fixture *f, int rc)
{
    assert_int_equal(rc, 0);
    scratch_until(&f->at, &f->reports, f->reports + 1);
    assert_int_equal(f->code, 0);
}

static void say(struct fixture *f, const char *text)
{
    const anima_message m = { .text = text };
    int64_t seq;
    assert_int_equal(anima_send(f->c, &m, &seq, NULL), 0);
    scratch_until(&f->at, &f->ended, f->ended + 1);
}

/* What changed since then: the first turn and the last; the count becomes the new `since`. */
static void changed(struct fixture *f, int64_t *since, int first, int last)
{
    int64_t now, a, b;
    assert_int_equal(anima_conversation_changes(f->c, *since, &now, &a, &b, NULL), 0);
    assert_int_equal(a, first);
    assert_int_equal(b, last);
    *since = now;
}

static void test_what_changed(void **state)
{
    struct fixture *f = *state;
    int64_t since = 0, before;
    say(f, "one");
    say(f, "two");
    changed(f, &since, 0, 5); /* saying something changes nothing that was there */
    finish(f, anima_turn_edit(f->c, 4, "second", 0, done, f, NULL));
    finish(f, anima_turn_edit(f->c, 2, "first", 0, done, f, NULL));
    before = since;
    changed(f, &since, 2, 5);
    changed(f, &since, 0, 5);
    changed(f, &before, 2, 5); /* whoever was away longer hears of it, too */
    finish(f, anima_turn_regenerate(f->c, 5, 0, done, f, NULL));
    scratch_until(&f->at, &f->ended, 3);
    changed(f, &since, 5, 5);
    finish(f, anima_turn_choose(f->c, 5, 0, 1, done, f, NULL));
    changed(f, &since, 5, 5);
    finish(f, anima_turn_take_back(f->c, 4, -1, done, f, NULL));
    before = since;
    changed(f, &since, 0, 3);
    say(f, "something else"); /* has the places of others */
    changed(f, &before, 4, 5);
    changed(f, &since, 0, 5);
}

static void test_a_retried_reply_has_changed(void **state)
{
    struct fixture *f = *state;
    int64_t since = 0;
    say(f, "fail");
    changed(f, &since, 0, 3);
    finish(f, anima_turn_edit(f->c, 2, "better", 0, done, f, NULL));
    changed(f, &since, 2, 3);
    assert_int_equal(anima_retry(f->c, NULL), 0);
    scratch_until(&f->at, &f->ended, 2);
    changed(f, &since, 3, 3);
}

static int state_of(void *ctx, const anima_turn *turn)
{
    *(anima_turn_state *)ctx = turn->state;
    return 0;
}

/* From the first moment at which a reply is seen as over, it can be changed. */
static void test_over_means_over(void **state)
{
    struct fixture *f = *state;
    const anima_message m = { .text = "hello" };
    anima_turn_state seen = ANIMA_TURN_WAITING;
    time_t end = time(NULL) + 30;
    int64_t seq;
    assert_int_equal(anima_send(f->c, &m, &seq, NULL), 0);
    while (seen < ANIMA_TURN_DONE && time(NULL) < end) {
        anima_home_step(f->at.home, 1);
        anima_conversation_turns(f->c, 2, 1, state_of, &seen, NULL);
    }
    assert_int_equal(seen, ANIMA_TURN_DONE);
    finish(f, anima_turn_edit(f->c, 3, "changed", 0, done, f, NULL));
}

static void last_is(struct fixture *f, const char *id, const char *text, int64_t turns)
{
    anima_conversation *c;
    anima_conversation_info info;
    assert_int_equal(anima_conversation_open(f->at.home, id, &c, NULL), 0);
    anima_conversation_describe(c, &info);
    anima_conversation_close(c);
    assert_string_equal(info.last_text, text);
    assert_int_equal(info.turns, turns);
}

static void test_a_message_without_an_answer(void **state)
{
    struct fixture *f = *state;
    anima_conversation *fork;
    say(f, "one");
    assert_int_equal(anima_retry(f->c, NULL), ANIMA_E_INVALID);
    finish(f, anima_conversation_fork(f->c, 2, NULL, made, f, NULL));
    assert_int_equal(anima_conversation_open(f->at.home, f->made, &fork, NULL), 0);
    last_is(f, f->made, "one", 2);
    assert_int_equal(anima_retry(fork, NULL), 0);
    assert_int_equal(anima_retry(fork, NULL), ANIMA_E_BUSY);
    scratch_until(&f->at, &f->ended, 2);
    last_is(f, f->made, "You said one.", 3);
    assert_int_equal(anima_retry(fork, NULL), ANIMA_E_INVALID);
    finish(f, anima_turn_take_back(fork, 3, -1, done, f, NULL)); /* and once more, after it was taken back */
    assert_int_equal(anima_retry(fork, NULL), 0);
    scratch_until(&f->at, &f->ended, 3);
    last_is(f, f->made, "You said one.", 3);
    anima_conversation_close(fork);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_what_changed),
        T(test_a_retried_reply_has_changed),
        T(test_over_means_over),
        T(test_a_message_without_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
