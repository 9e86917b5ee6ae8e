/* What is known of people, through the door and for whoever is there: the newer value holds, the one before keeps its dates, a correction stays,
 * and what somebody may not hear neither hides nor shows anything. */
#include "agent/profile.h"
#include "anima/anima.h"
#include "base/clock.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

struct fixture {
    struct scratch at;
    int done, answers, code;
    char list[1000];
    int64_t id; /* of the first */
};

static const char *const settings[] = { "memory.recall=always", "embed.model=", NULL };

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    f->done += e->type == ANIMA_EVENT_TURN_DONE;
}

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    scratch_make(&f->at, "say: Well, well.\n");
    scratch_open(&f->at, settings, on_event, f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    int rc = scratch_remove(&f->at);
    mem_free(f);
    return rc;
}

static void say(struct fixture *f, anima_conversation *c, const char *person, const char *text)
{
    const anima_message m = { .text = text, .person = person };
    int64_t seq;
    int before = f->done;
    assert_int_equal(anima_send(c, &m, &seq, NULL), 0);
    scratch_until(&f->at, &f->done, before + 1);
}

static anima_conversation *begin(struct fixture *f)
{
    anima_conversation *c;
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &c, NULL), 0);
    return c;
}

/* Ann, alone, in a new conversation. */
static void tell(struct fixture *f, const char *text)
{
    anima_conversation *c = begin(f);
    say(f, c, "Ann", text);
    anima_conversation_close(c);
}

/* What was said is looked at. */
static void ready(struct fixture *f)
{
    anima_memory_state s = { .unread = 1 };
    for (int64_t end = clock_wall_ms() + 30000; s.unread + s.due && clock_wall_ms() < end;) {
        anima_home_step(f->at.home, 20);
        assert_int_equal(anima_memory_status(f->at.home, &s, NULL), 0);
    }
    assert_int_equal(s.unread + s.due, 0);
}

static int append(void *ctx, const anima_known *k)
{
    struct fixture *f = ctx;
    size_t n = strlen(f->list);
    snprintf(f->list + n, sizeof(f->list) - n, "%s%s%s%s", n ? "; " : "", k->text, k->holds ? "" : " (before)",
             k->by_hand ? " (by hand)" : "");
    assert_true(k->source.seq > 0 && (k->until_ms == 0 || k->until_ms >= k->from_ms));
    f->id = n ? f->id : k->id;
    return 0;
}

static void known(struct fixture *f, const char *expected)
{
    *f->list = '\0';
    assert_int_equal(anima_known_list(f->at.home, "lin", NULL, "en", append, f, NULL), 0);
    assert_string_equal(f->list, expected);
}

static void changed(void *ctx, int code, const anima_error *err)
{
    struct fixture *f = ctx;
    (void)err;
    f->code = code;
    f->answers++;
}

static int change(struct fixture *f, int64_t id, const char *value)
{
    int before = f->answers;
    assert_int_equal(anima_known_change(f->at.home, id, value, changed, f, NULL), 0);
    scratch_until(&f->at, &f->answers, before + 1);
    return f->code;
}

static void the_newer_value(void **state)
{
    struct fixture *f = *state;
    tell(f, "My sister Jo lives in Bath.");
    tell(f, "My sister lives in York now. I'm allergic to nuts.");
    ready(f);
    known(f, "is allergic to nuts; sister: lives in York; sister: is called Jo; sister: lives in Bath (before)");
    assert_int_equal(anima_known_list(f->at.home, "none", NULL, "en", append, f, NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_known_list(f->at.home, "lin", "Nobody", "en", append, f, NULL), ANIMA_E_NOT_FOUND);
}

static void corrected(void **state)
{
    struct fixture *f = *state;
    tell(f, "I'm allergic to nuts.");
    ready(f);
    known(f, "is allergic to nuts");
    assert_int_equal(anima_known_change(f->at.home, f->id, "", changed, f, NULL), ANIMA_E_INVALID);
    assert_int_equal(anima_known_change(f->at.home, f->id, "\xff", changed, f, NULL), ANIMA_E_INVALID);
    assert_int_equal(change(f, f->id + 100, "kiwis"), ANIMA_E_NOT_FOUND);
    assert_int_equal(change(f, f->id, "walnuts"), 0);
    known(f, "is allergic to walnuts (by hand)");
    assert_int_equal(anima_memory_anew(f->at.home, changed, f, NULL), 0);
    scratch_until(&f->at, &f->answers, f->answers + 1);
    ready(f);
    known(f, "is allergic to walnuts (by hand)");
    assert_int_equal(change(f, f->id, NULL), 0);
    known(f, "");
}

static size_t for_whom(struct fixture *f, int64_t of, int64_t asks, struct profile *out)
{
    anima_error err;
    if (profile_read(f->at.home, "lin", of, &asks, 1, out, &err))
        fail_msg("%s", err.message);
    return out->n;
}

/* Bob was there when Ann lived in Leeds, and not when she told that she moved. */
static void not_heard(void **state)
{
    struct fixture *f = *state;
    struct profile p;
    const anima_person *ann, *bob;
    anima_conversation *c = begin(f);
    say(f, c, "Bob", "Hello, here is Bob.");
    say(f, c, "Ann", "I live in Leeds.");
    anima_conversation_close(c);
    tell(f, "We moved to York.");
    ready(f);
    assert_int_equal(anima_person_get(f->at.home, "Ann", &ann, NULL), 0);
    assert_int_equal(anima_person_get(f->at.home, "Bob", &bob, NULL), 0);
    assert_non_null(memories_index(f->at.home->memories, "lin", NULL));
    assert_int_equal(for_whom(f, ann->id, bob->id, &p), 1);
    assert_string_equal(p.list[0].fact.value, "Leeds");
    assert_true(fact_holds(&p.list[0], clock_wall_ms()) && p.list[0].until_ms == 0);
    profile_finish(&p);
    assert_int_equal(for_whom(f, ann->id, ann->id, &p), 2);
    assert_false(fact_holds(&p.list[0], clock_wall_ms()));
    assert_string_equal(profile_last(&p, &p.list[0])->fact.value, "York");
    profile_finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_newer_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(corrected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(not_heard, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
