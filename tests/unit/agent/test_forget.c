/* Forgetting through the door: what goes, what stays, whoever waits is always answered, a home that is closed meanwhile, memory that runs
 * out; and that a rule holds for what is known of a person as for what they said. */
#include "agent/profile.h"
#include "anima/anima.h"
#include "base/clock.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

struct fixture {
    struct scratch at;
    int done, answers, code, removed;
    char list[2000];
};

static const char *const settings[] = { "memory.recall=always", "embed.model=", NULL };

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    f->done += e->type == ANIMA_EVENT_TURN_DONE;
    f->removed += e->type == ANIMA_EVENT_NOTE_REMOVED;
}

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    scratch_make(&f->at, "match: pantry\nsay: On the lowest shelf of the pantry, then.\n\nsay: Well, well.\n");
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

static void id_of(const anima_conversation *c, char out[24])
{
    anima_conversation_info info;
    anima_conversation_describe(c, &info);
    memcpy(out, info.id, 24);
}

static void ready(struct fixture *f)
{
    anima_memory_state s = { .unread = 1 };
    for (int64_t end = clock_wall_ms() + 30000; s.unread + s.due && clock_wall_ms() < end;) {
        anima_home_step(f->at.home, 20);
        assert_int_equal(anima_memory_status(f->at.home, &s, NULL), 0);
    }
    assert_int_equal(s.unread + s.due, 0);
}

static void on_forgot(void *ctx, int code, const anima_error *err, const anima_forgotten *what)
{
    struct fixture *f = ctx;
    (void)err;
    f->code = code;
    f->answers++;
    *f->list = '\0';
    for (size_t i = 0; what && i < what->n; i++) {
        size_t n = strlen(f->list);
        snprintf(f->list + n, sizeof(f->list) - n, "%lld %s|", (long long)what->turns[i].seq, what->turns[i].why);
    }
}

static int forget(struct fixture *f, const char *id, int64_t seq, bool look)
{
    const anima_place place = { id, seq };
    int before = f->answers;
    anima_error err;
    int rc = anima_memory_forget(f->at.home, &place, 1, look, on_forgot, f, &err);
    if (rc)
        return rc;
    scratch_until(&f->at, &f->answers, before + 1);
    return f->code;
}

static int text_of(void *ctx, const anima_turn *t)
{
    struct fixture *f = ctx;
    size_t n = strlen(f->list);
    snprintf(f->list + n, sizeof(f->list) - n, "%s%s|", t->text, t->state == ANIMA_TURN_FORGOTTEN ? "forgotten" : "");
    return 0;
}

static void turns_are(struct fixture *f, anima_conversation *c, const char *expected)
{
    *f->list = '\0';
    assert_int_equal(anima_conversation_turns(c, 1, 100, text_of, f, NULL), 0); /* behind the greeting */
    assert_string_equal(f->list, expected);
}

static void what_goes(void **state)
{
    struct fixture *f = *state;
    char id[24];
    anima_conversation *c = begin(f);
    id_of(c, id);
    say(f, c, NULL, "Remember that the kettle is on the lowest shelf of the pantry.");
    say(f, c, NULL, "Good night.");
    ready(f);
    assert_int_equal(forget(f, id, 2, true), 0);
    assert_string_equal(f->list, "2 asked|3 repeats|");
    turns_are(f, c,
              "Remember that the kettle is on the lowest shelf of the pantry.|On the lowest shelf of the pantry, then."
              "|Good night.|Well, well.|");
    assert_int_equal(forget(f, id, 2, false), 0);
    turns_are(f, c, "forgotten|forgotten|Good night.|Well, well.|");
    assert_int_equal(f->removed, 1); /* the note, in memory, too */
    assert_int_equal(forget(f, id, 2, false), 0);
    assert_string_equal(f->list, "");
    assert_int_equal(forget(f, id, 44, false), ANIMA_E_NOT_FOUND);
    assert_int_equal(forget(f, "none", 2, false), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_memory_forget(f->at.home, NULL, 0, true, on_forgot, f, NULL), ANIMA_E_INVALID);
    say(f, c, NULL, "And what is in it?");
    turns_are(f, c, "forgotten|forgotten|Good night.|Well, well.|And what is in it?|Well, well.|");
    anima_conversation_close(c);
}

/* Whoever asked is told, when it ends in the middle, too. */
static void closed_meanwhile(void **state)
{
    struct fixture *f = *state;
    char id[24];
    anima_conversation *c = begin(f);
    id_of(c, id);
    say(f, c, NULL, "The kettle is on the lowest shelf of the pantry.");
    const anima_place place = { id, 2 };
    assert_int_equal(anima_memory_forget(f->at.home, &place, 1, false, on_forgot, f, NULL), 0);
    anima_conversation_close(c);
    anima_home_close(f->at.home);
    f->at.home = NULL;
    assert_int_equal(f->answers, 1);
    assert_true(f->code == 0 || f->code == ANIMA_E_CANCELLED);
    scratch_open(&f->at, settings, on_event, f);
}

/* Any allocation may fail: it is said, and it is all there, or all gone. */
static void without_memory(void **state)
{
    struct fixture *f = *state;
    char id[24];
    anima_conversation *c = begin(f);
    id_of(c, id);
    say(f, c, NULL, "The kettle is on the lowest shelf of the pantry.");
    ready(f);
    for (long n = 1; n < 60; n += 3) {
        mem_fail_at(n, 0);
        int rc = forget(f, id, 2, true);
        mem_fail_at(0, 0);
        assert_true(rc == 0 || rc == ANIMA_E_NOMEM || rc == ANIMA_E_IO);
    }
    assert_int_equal(forget(f, id, 2, false), 0);
    turns_are(f, c, "forgotten|forgotten|");
    anima_conversation_close(c);
}

/* ---- rules ---- */

static void on_done(void *ctx, int code, const anima_error *err)
{
    struct fixture *f = ctx;
    (void)err;
    f->code = code;
    f->answers++;
}

static void add_rule(struct fixture *f, const char *character, const char *other)
{
    const anima_rule rule = { .person = "Ann", .character = character, .other = other };
    int before = f->answers;
    anima_error err;
    if (anima_rule_add(f->at.home, &rule, on_done, f, &err))
        fail_msg("%s", err.message);
    scratch_until(&f->at, &f->answers, before + 1);
    assert_int_equal(f->code, 0);
}

/* What is known of Ann, as far as Bob may hear it. */
static size_t facts_for(struct fixture *f, int64_t ann, int64_t bob)
{
    struct profile p;
    assert_non_null(memories_index(f->at.home->memories, "lin", NULL));
    assert_int_equal(profile_read(f->at.home, "lin", ann, &bob, 1, &p, NULL), 0);
    size_t n = p.n;
    profile_finish(&p);
    return n;
}

static void rules_hold_for_facts(void **state)
{
    struct fixture *f = *state;
    const anima_person *ann, *bob;
    anima_conversation *c = begin(f);
    say(f, c, "Bob", "Hello.");
    anima_conversation_close(c);
    c = begin(f);
    say(f, c, "Ann", "I'm allergic to walnuts.");
    anima_conversation_close(c);
    ready(f);
    assert_int_equal(anima_person_get(f->at.home, "Ann", &ann, NULL), 0);
    assert_int_equal(anima_person_get(f->at.home, "Bob", &bob, NULL), 0);
    int64_t ann_id = ann->id, bob_id = bob->id;
    assert_int_equal(facts_for(f, ann_id, bob_id), 0);
    add_rule(f, "", "Bob");
    assert_int_equal(facts_for(f, ann_id, bob_id), 1);
    add_rule(f, "theo", ""); /* another character's */
    assert_int_equal(facts_for(f, ann_id, bob_id), 1);
    add_rule(f, "lin", "");
    assert_int_equal(facts_for(f, ann_id, bob_id), 0);
    assert_int_equal(facts_for(f, ann_id, ann_id), 1);
    anima_home_close(f->at.home);
    scratch_open(&f->at, settings, on_event, f);
    assert_int_equal(facts_for(f, ann_id, bob_id), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closed_meanwhile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rules_hold_for_facts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
