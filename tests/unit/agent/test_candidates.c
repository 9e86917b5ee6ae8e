/* The last reply in several ways at the same time, through anima.h alone, with the real engine process and written replies: each on
 * a stream of its own, all of them alternatives afterwards; stopped, refused, failing, heard of by each other. */
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

static const char script[] = "match: slow\nstream: -k1\nsay: Quick.\n\n"
                             "match: slow\nstream: -k2\ndelay_ms: 30\n"
                             "say: one two three. four five six. seven eight nine. ten eleven twelve.\n\n"
                             "match: slow\nstream: -k3\nfirst_ms: 20000\nsay: never heard.\n\n"
                             "match: ill\nstream: -k2\nerror: engine it is ill\n\n"
                             "match: say something else\nstream: -k2\nsay: The second of them fishes.\n\n"
                             "match: say something else\nstream: -k3\nsay: And the third is asleep.\n\n"
                             "match: heron\nsay: The heron stands in the river.\n\n"
                             "match: break\nerror: engine it is broken\n\n"
                             "stream: -k1\nsay: First way.\n\n"
                             "stream: -k2\nsay: Second way.\n\n"
                             "stream: -k3\nsay: Third way.\n\n"
                             "say: You said {last}.\n";

struct fixture {
    struct scratch at;
    anima_conversation *c;
    struct buf log;
    int ended, candidates_done, reports, code, words;
};

static void on_event(void *ctx, const anima_event *e)
{
    static const char *const states[] = { "waiting", "streaming", "done", "cancelled", "failed" };
    struct fixture *f = ctx;
    if (e->type == ANIMA_EVENT_TURN_DONE)
        f->ended += e->turn->role == ANIMA_ROLE_CHARACTER;
    if (e->type == ANIMA_EVENT_CANDIDATE_DELTA) {
        f->words++;
        assert_int_equal(strlen(e->turn->text), e->offset + (int64_t)strlen(e->delta));
    }
    if (e->type == ANIMA_EVENT_CANDIDATE_CHANGED) {
        assert_int_equal(e->turn->variant, -1);
        buf_printf(&f->log, "%d/%d %s '%s' ", e->candidate, e->candidates, states[e->turn->state], e->turn->text);
    }
    if (e->type == ANIMA_EVENT_CANDIDATES_DONE) {
        buf_printf(&f->log, "all %d:", e->turn->variants);
        for (int i = 0; i < e->candidates; i++)
            buf_printf(&f->log, " %d", e->numbers[i]);
        f->candidates_done++;
    }
}

static void done(void *ctx, int code, const anima_error *err)
{
    struct fixture *f = ctx;
    (void)err;
    f->reports++;
    f->code = code;
}

static int set_up_with(void **state, const char *const *settings)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    buf_init(&f->log, 1 << 20);
    scratch_make(&f->at, script);
    scratch_open(&f->at, settings, on_event, f);
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &f->c, NULL), 0);
    *state = f;
    return 0;
}

static int set_up(void **state) { return set_up_with(state, NULL); }

static int set_up_checked(void **state)
{
    static const char *const settings[] = { "speech.check=always", "embed.model=none", NULL };
    return set_up_with(state, settings);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    anima_conversation_close(f->c);
    int rc = scratch_remove(&f->at);
    buf_finish(&f->log);
    mem_free(f);
    return rc;
}

static int finish(struct fixture *f, int rc)
{
    if (rc)
        return rc;
    scratch_until(&f->at, &f->reports, f->reports + 1);
    return f->code;
}

/* The reply's place. */
static int64_t say(struct fixture *f, const char *text)
{
    const anima_message m = { .text = text };
    int64_t seq;
    assert_int_equal(anima_send(f->c, &m, &seq, NULL), 0);
    scratch_until(&f->at, &f->ended, f->ended + 1);
    return seq + 1;
}

static int ways(struct fixture *f, int64_t seq, int n) { return anima_turn_candidates(f->c, seq, n, -1, NULL); }

static void until_done(struct fixture *f) { scratch_until(&f->at, &f->candidates_done, f->candidates_done + 1); }

static int put_turn(void *ctx, const anima_turn *t)
{
    buf_printf(ctx, "%s v%d/%d r%d", t->text, t->variant, t->variants, t->revision);
    return 1;
}

static int put_variant(void *ctx, const anima_turn *t)
{
    buf_printf(ctx, "%d:%s%s|", t->variant, t->text, t->state == ANIMA_TURN_CANCELLED ? " (stopped)" : "");
    return 0;
}

static void expect(struct fixture *f, int64_t seq, const char *shown, const char *alternatives)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(anima_conversation_turns(f->c, seq - 1, 1, put_turn, &b, NULL), 0);
    assert_string_equal(buf_str(&b), shown);
    buf_reset(&b);
    assert_int_equal(anima_turn_variants(f->c, seq, put_variant, &b, NULL), 0);
    assert_string_equal(buf_str(&b), alternatives);
    buf_finish(&b);
}

static int count_one(void *ctx, int candidate, int candidates, const anima_turn *turn)
{
    assert_int_equal(candidates, 3);
    assert_int_equal(turn->seq, 3);
    *(int *)ctx += candidate;
    return 0;
}

static void test_three_ways(void **state)
{
    struct fixture *f = *state;
    int sum = 0;
    assert_int_equal(say(f, "hello"), 3);
    assert_int_equal(ways(f, 3, 3), 0);
    anima_candidates(f->c, count_one, &sum);
    assert_int_equal(sum, 1 + 2 + 3);
    expect(f, 3, "You said hello. v0/1 r0", "0:You said hello.|"); /* as long as they come, it is as it was */
    until_done(f);
    anima_candidates(f->c, count_one, &sum);
    assert_int_equal(sum, 1 + 2 + 3); /* there are none any more */
    assert_true(f->words >= 3);
    assert_non_null(strstr(buf_str(&f->log), "1/3 waiting '' 2/3 waiting '' 3/3 waiting '' "));
    assert_non_null(strstr(buf_str(&f->log), "2/3 done 'Second way.' "));
    assert_non_null(strstr(buf_str(&f->log), "all 4: 1 2 3"));
    static const char all[] = "0:You said hello.|1:First way.|2:Second way.|3:Third way.|";
    expect(f, 3, "You said hello. v0/4 r1", all);
    assert_int_equal(finish(f, anima_turn_choose(f->c, 3, 2, 1, done, f, NULL)), 0);
    expect(f, 3, "Second way. v2/4 r2", all);
    /* Numbers go on without a gap, whatever is asked for next. */
    assert_int_equal(finish(f, anima_turn_regenerate(f->c, 3, 2, done, f, NULL)), 0);
    scratch_until(&f->at, &f->ended, f->ended + 1);
    assert_int_equal(ways(f, 3, 2), 0);
    until_done(f);
    expect(f, 3, "You said hello. v4/7 r4",
           "0:You said hello.|1:First way.|2:Second way.|3:Third way.|4:You said hello.|5:First way.|6:Second way.|");
}

static void test_stopped(void **state)
{
    struct fixture *f = *state;
    say(f, "slow one");
    assert_int_equal(ways(f, 3, 3), 0);
    scratch_until(&f->at, &f->words, 4);
    assert_int_equal(anima_cancel(f->c, NULL), 0);
    until_done(f);
    assert_non_null(strstr(buf_str(&f->log), "1/3 done 'Quick.' "));
    assert_non_null(strstr(buf_str(&f->log), "2/3 cancelled 'one"));
    assert_non_null(strstr(buf_str(&f->log), "3/3 cancelled '' "));
    assert_non_null(strstr(buf_str(&f->log), "all 3: 1 2 -1")); /* one without words is none */
    assert_int_equal(anima_cancel(f->c, NULL), ANIMA_E_NOT_FOUND);
    /* Stopped before they have begun. */
    buf_reset(&f->log);
    assert_int_equal(ways(f, 3, 2), 0);
    assert_int_equal(anima_cancel(f->c, NULL), 0);
    until_done(f);
    assert_non_null(strstr(buf_str(&f->log), "1/2 cancelled '' 2/2 cancelled '' all 3: -1 -1"));
}

/* Nothing else is changed meanwhile; a message stops them. */
static void test_busy(void **state)
{
    struct fixture *f = *state;
    say(f, "slow one");
    assert_int_equal(ways(f, 3, 3), 0);
    assert_int_equal(ways(f, 3, 3), ANIMA_E_BUSY);
    assert_int_equal(anima_turn_edit(f->c, 2, "x", -1, done, f, NULL), ANIMA_E_BUSY);
    assert_int_equal(anima_turn_take_back(f->c, 2, -1, done, f, NULL), ANIMA_E_BUSY);
    assert_int_equal(anima_conversation_delete(f->c, false, done, f, NULL), ANIMA_E_BUSY);
    assert_int_equal(anima_retry(f->c, NULL), ANIMA_E_BUSY);
    scratch_until(&f->at, &f->words, 4);
    assert_int_equal(say(f, "hello"), 5);
    if (!f->candidates_done)
        until_done(f);
    assert_non_null(strstr(buf_str(&f->log), "all 3: 1 2 -1"));
    assert_int_equal(finish(f, anima_turn_choose(f->c, 3, 1, -1, done, f, NULL)), 0);
    expect(f, 5, "You said hello. v0/1 r0", "0:You said hello.|");
}

static void test_refused(void **state)
{
    struct fixture *f = *state;
    say(f, "hello");
    assert_int_equal(ways(f, 3, 1), ANIMA_E_INVALID);
    assert_int_equal(ways(f, 3, ANIMA_MAX_CANDIDATES + 1), ANIMA_E_INVALID);
    assert_int_equal(ways(f, 2, 3), ANIMA_E_INVALID);
    assert_int_equal(ways(f, 1, 3), ANIMA_E_INVALID);
    assert_int_equal(ways(f, 9, 3), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_turn_candidates(f->c, 3, 3, 5, NULL), ANIMA_E_CONFLICT);
    say(f, "break");
    assert_int_equal(ways(f, 5, 3), ANIMA_E_INVALID); /* it has no words */
}

static void test_one_fails(void **state)
{
    struct fixture *f = *state;
    say(f, "ill now");
    assert_int_equal(ways(f, 3, 3), 0);
    until_done(f);
    assert_non_null(strstr(buf_str(&f->log), "2/3 failed '' "));
    assert_non_null(strstr(buf_str(&f->log), "all 3: 1 -1 2"));
    expect(f, 3, "You said ill now. v0/3 r1", "0:You said ill now.|1:First way.|2:Third way.|");
}

/* All would say the same: each hears of the others' sentences, and is asked again. */
static void test_they_differ(void **state)
{
    struct fixture *f = *state;
    say(f, "Where is that heron");
    assert_int_equal(finish(f, anima_turn_edit(f->c, 3, "By the mill.", -1, done, f, NULL)), 0);
    assert_int_equal(ways(f, 3, 3), 0);
    until_done(f);
    expect(f, 3, "By the mill. v0/4 r2",
           "0:By the mill.|1:The heron stands in the river.|2:The second of them fishes.|3:And the third is asleep.|");
}

static void test_the_home_is_closed_meanwhile(void **state)
{
    struct fixture *f = *state;
    anima_conversation_info info;
    say(f, "slow one");
    assert_int_equal(ways(f, 3, 3), 0);
    scratch_until(&f->at, &f->words, 3);
    anima_conversation_describe(f->c, &info);
    anima_conversation_close(f->c);
    anima_home_close(f->at.home);
    scratch_open(&f->at, NULL, on_event, f);
    assert_int_equal(anima_conversation_open(f->at.home, info.id, &f->c, NULL), 0);
    expect(f, 3, "You said slow one. v0/1 r0", "0:You said slow one.|");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_three_ways),
        T(test_stopped),
        T(test_busy),
        T(test_refused),
        T(test_one_fails),
        cmocka_unit_test_setup_teardown(test_they_differ, set_up_checked, tear_down),
        T(test_the_home_is_closed_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
