/* What was talked about, with the real engine process and written answers: made when a conversation rests, told when somebody comes back, only
 * to those who may hear all its turns; what somebody may not hear neither hides nor shows anything; corrected for good; gone with its turns; and
 * nobody waits for it. */
#include "agent/memories.h"
#include "agent/topics.h"
#include "anima/anima.h"
#include "base/clock.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

#define HOUR (3600LL * 1000)

static const char script[] = "match: 1. Ann: I want to learn the cello\n"
                             "say: [1] Ann wants to learn the cello this winter.\\n[2] Ann bought a house in Rome.\n\n"
                             "match: 1. Ann: I want to learn the flute\n"
                             "say: [1] Ann wants to learn the flute this winter.\n\n"
                             "match: 1. Ann: My driving exam is\n"
                             "say: [1] Ann's driving exam is on the 14th of May.\n\n"
                             "match: 1. Ann: My driving exam was\n"
                             "say: [1] Ann's driving exam was moved to the 21st of May.\n\n"
                             "match: 1. Ann: I want to leave\n"
                             "say: [1] Ann wants to leave the bakery.\n\n"
                             "match: 1. Ann: I hope\n"
                             "first_ms: 1500\n"
                             "say: [1] Ann hopes to see Oslo in March.\n\n"
                             "match: 1. \n"
                             "say: -\n\n"
                             "match: ??\nsay: [{told}]\n\n"
                             "say: Well, well.\n";
static const char *const settings[] = { "memory.topics=always", "memory.recall=always",
                                        "embed.model=", "speech.without=examples", NULL };

struct fixture {
    struct scratch at;
    int done, answers, code;
    char reply[8000], list[2000];
    int64_t id; /* of the first that was listed */
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    if (e->type != ANIMA_EVENT_TURN_DONE)
        return;
    f->done++;
    if (e->turn->role == ANIMA_ROLE_CHARACTER)
        snprintf(f->reply, sizeof(f->reply), "%s", e->turn->text);
}

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    scratch_make(&f->at, script);
    scratch_open(&f->at, settings, on_event, f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    clock_fake(-1, 0);
    int rc = scratch_remove(&f->at);
    mem_free(f);
    return rc;
}

static void on_done(void *ctx, int code, const anima_error *err)
{
    struct fixture *f = ctx;
    (void)err;
    f->code = code;
    f->answers++;
}

static int result(struct fixture *f, int queued)
{
    assert_int_equal(queued, 0);
    scratch_until(&f->at, &f->answers, f->answers + 1);
    return f->code;
}

static anima_conversation *begin(struct fixture *f)
{
    anima_conversation *c;
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &c, NULL), 0);
    return c;
}

static const char *say(struct fixture *f, anima_conversation *c, const char *person, const char *text)
{
    const anima_message m = { .text = text, .person = person };
    int64_t seq;
    int before = f->done;
    assert_int_equal(anima_send(c, &m, &seq, NULL), 0);
    scratch_until(&f->at, &f->done, before + 1);
    return f->reply;
}

/* So long ago. */
static void ago(int64_t hours)
{
    clock_fake(-1, 0);
    if (hours)
        clock_fake(clock_wall_ms() - hours * HOUR, clock_mono_us());
}

/* Ann, alone, in a conversation of its own; its id. */
static void tell(struct fixture *f, int64_t hours, const char *text, char id[24])
{
    anima_conversation_info info;
    ago(hours);
    anima_conversation *c = begin(f);
    say(f, c, "Ann", text);
    anima_conversation_describe(c, &info);
    if (id)
        snprintf(id, 24, "%s", info.id);
    anima_conversation_close(c);
    ago(0);
}

static int append(void *ctx, const anima_topic *t)
{
    struct fixture *f = ctx;
    size_t n = strlen(f->list);
    f->id = n ? f->id : t->id;
    snprintf(f->list + n, sizeof(f->list) - n, "%s%s%s%s (%s)", n ? "|" : "", t->text, t->until_ms ? " before" : "",
             t->by_hand ? " by hand" : "", t->kind);
    assert_true(t->n_sources >= 1 && t->from_ms == t->sources[t->n_sources - 1].at_ms);
    return 0;
}

static const char *listed(struct fixture *f)
{
    *f->list = '\0';
    assert_int_equal(anima_topic_list(f->at.home, "lin", NULL, append, f, NULL), 0);
    return f->list;
}

/* Serves events until that is what there is. */
static void expect(struct fixture *f, const char *expected)
{
    for (int64_t end = clock_wall_ms() + 30000; clock_wall_ms() < end && strcmp(listed(f), expected) != 0;)
        anima_home_step(f->at.home, 20);
    assert_string_equal(listed(f), expected);
}

static void serve_for(struct fixture *f, int64_t ms)
{
    for (int64_t end = clock_wall_ms() + ms; clock_wall_ms() < end;)
        anima_home_step(f->at.home, 20);
}

static void made_and_told(void **state)
{
    struct fixture *f = *state;
    tell(f, 7, "I want to learn the cello this winter.", NULL);
    expect(f, "Ann wants to learn the cello this winter. (personal)"); /* nobody spoke of Rome */
    anima_conversation *c = begin(f);
    const char *told = say(f, c, "Ann", "Good morning??");
    assert_non_null(strstr(told, "\n- lately you talked about this, "));
    assert_non_null(strstr(told, ": Ann wants to learn the cello this winter."));
    assert_null(strstr(say(f, c, "Ann", "How are you??"), "\n- lately")); /* once */
    anima_conversation_close(c);
    c = begin(f);
    /* Where its turn is told in its own words, the sentence is not. */
    told = say(f, c, "Ann", "Do you remember that I want to learn the cello this winter??");
    assert_non_null(strstr(told, "said: \"I want to learn the cello"));
    assert_null(strstr(told, "\n- lately"));
    anima_conversation_close(c);
    c = begin(f);
    assert_null(strstr(say(f, c, "Bob", "Good morning??"), "cello")); /* nor to somebody else */
    anima_conversation_close(c);
}

static void comes_back(void **state)
{
    struct fixture *f = *state;
    tell(f, 20, "I want to learn the cello this winter.", NULL);
    expect(f, "Ann wants to learn the cello this winter. (personal)");
    ago(8);
    anima_conversation *c = begin(f);
    say(f, c, "Ann", "Hello.");
    assert_null(strstr(say(f, c, "Ann", "Hm??"), "\n- lately"));
    ago(0);
    assert_non_null(strstr(say(f, c, "Ann", "Good evening??"), "\n- lately"));
    anima_conversation_close(c);
}

/* What those who are there may hear, as text: id, text, how long it held, what it is chained to. */
static void for_whom(struct fixture *f, const char *who, const char *with, char out[1000])
{
    const anima_person *ann, *one, *other = NULL;
    struct topic_list topics;
    anima_error err;
    assert_int_equal(anima_person_get(f->at.home, "Ann", &ann, NULL), 0);
    assert_int_equal(anima_person_get(f->at.home, who, &one, NULL), 0);
    if (with)
        assert_int_equal(anima_person_get(f->at.home, with, &other, NULL), 0);
    const int64_t people[] = { one->id, other ? other->id : 0 };
    assert_non_null(memories_index(f->at.home->memories, "lin", NULL));
    if (topics_read_all(f->at.home, "lin", ann->id, people, other ? 2 : 1, 100, &topics, &err))
        fail_msg("%s", err.message);
    size_t n = 0;
    *out = '\0';
    for (size_t i = 0; i < topics.n; i++)
        n += (size_t)snprintf(out + n, 1000 - n, "%lld %lld %lld %s\n", (long long)topics.list[i].id,
                              (long long)topics.list[i].until_ms, (long long)topics.list[i].first, topics.list[i].text);
    topics_finish(&topics);
}

/* Each allocation fails in turn: there is an answer, or a reason. */
static void read_without_memory(struct fixture *f)
{
    const anima_person *ann;
    anima_error err;
    int rc = ANIMA_E_NOMEM;
    assert_int_equal(anima_person_get(f->at.home, "Ann", &ann, NULL), 0);
    for (long n = 1; rc; n++) {
        struct topic_list topics;
        err.message[0] = '\0';
        mem_fail_at(n, 0);
        rc = topics_read_all(f->at.home, "lin", ann->id, &ann->id, 1, 100, &topics, &err);
        mem_fail_at(0, 0);
        assert_true(rc == 0 || (err.message[0] && n < 10000));
        assert_true(rc || topics.n == 3);
        topics_finish(&topics);
    }
}

static void not_heard(void **state)
{
    struct fixture *f = *state;
    char before[1000], after[1000];
    ago(30);
    anima_conversation *c = begin(f);
    say(f, c, "Bob", "Hello, here is Bob.");
    say(f, c, "Ann", "My driving exam is on the 14th of May.");
    anima_conversation_close(c);
    ago(0);
    expect(f, "Ann's driving exam is on the 14th of May. (personal)");
    for_whom(f, "Bob", NULL, before);
    assert_non_null(strstr(before, " 0 ")); /* it holds */
    for_whom(f, "Cleo", NULL, after);
    assert_string_equal(after, ""); /* who was not there */
    tell(f, 20, "My driving exam was moved to the 21st of May.", NULL);
    ago(8);
    c = begin(f);
    say(f, c, "Ann", "I want to leave the bakery.");
    say(f, c, "Ann", "Please don't tell anyone about it.");
    anima_conversation_close(c);
    ago(0);
    expect(f, "Ann wants to leave the bakery. (secret)|Ann's driving exam was moved to the 21st of May. (personal)|"
              "Ann's driving exam is on the 14th of May. before (personal)");
    for_whom(f, "Bob", NULL, after);
    assert_string_equal(after, before); /* as if nothing had been said */
    for_whom(f, "Ann", "Bob", after);
    assert_string_equal(after, before); /* nor while he is there */
    for_whom(f, "Ann", NULL, after);
    assert_non_null(strstr(after, "leave the bakery"));
    assert_non_null(strstr(after, "21st of May"));
    read_without_memory(f);
}

static void corrected(void **state)
{
    struct fixture *f = *state;
    char id[24];
    anima_conversation *c;
    tell(f, 7, "I want to learn the cello this winter.", id);
    expect(f, "Ann wants to learn the cello this winter. (personal)");
    assert_int_equal(anima_topic_change(f->at.home, f->id, " ", on_done, f, NULL), ANIMA_E_INVALID);
    assert_int_equal(anima_topic_change(f->at.home, f->id, "\xff", on_done, f, NULL), ANIMA_E_INVALID);
    assert_int_equal(result(f, anima_topic_change(f->at.home, f->id + 9, "x", on_done, f, NULL)), ANIMA_E_NOT_FOUND);
    assert_int_equal(result(f, anima_topic_change(f->at.home, f->id, "Ann plays the cello.", on_done, f, NULL)), 0);
    expect(f, "Ann plays the cello. by hand (personal)");
    /* Another turn of the part becomes another, and it is looked at once more. */
    assert_int_equal(anima_conversation_open(f->at.home, id, &c, NULL), 0);
    assert_int_equal(result(f, anima_turn_edit(c, 3, "So be it.", -1, on_done, f, NULL)), 0);
    serve_for(f, 2500);
    expect(f, "Ann plays the cello. by hand (personal)");
    assert_int_equal(result(f, anima_topic_change(f->at.home, f->id, NULL, on_done, f, NULL)), 0);
    expect(f, "");
    assert_int_equal(result(f, anima_turn_edit(c, 3, "So be it, then.", -1, on_done, f, NULL)), 0);
    serve_for(f, 2500);
    expect(f, "");
    /* What is another turn by now has another sentence. */
    assert_int_equal(result(f, anima_turn_edit(c, 2, "I want to learn the flute this winter.", -1, on_done, f, NULL)),
                     0);
    expect(f, "Ann wants to learn the flute this winter. (personal)");
    assert_int_equal(result(f, anima_turn_take_back(c, 2, -1, on_done, f, NULL)), 0);
    expect(f, "");
    anima_conversation_close(c);
    assert_int_equal(anima_topic_list(f->at.home, "none", NULL, append, f, NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_topic_list(f->at.home, "lin", "Nobody", append, f, NULL), ANIMA_E_NOT_FOUND);
}

/* The model takes its time; somebody says something meanwhile, which is answered at once; then it goes on. */
static void nobody_waits(void **state)
{
    struct fixture *f = *state;
    tell(f, 7, "I hope to see Oslo in March.", NULL);
    serve_for(f, 4500); /* it is being made by now */
    int64_t before = clock_wall_ms();
    anima_conversation *c = begin(f);
    say(f, c, "Ann", "Good morning??");
    assert_true(clock_wall_ms() - before < 1400);
    anima_conversation_close(c);
    expect(f, "Ann hopes to see Oslo in March. (personal)");
}

/* A turn is taken back while something is made of it. */
static void taken_back_meanwhile(void **state)
{
    struct fixture *f = *state;
    char id[24];
    anima_conversation *c;
    tell(f, 7, "I hope to see Oslo in March.", id);
    serve_for(f, 4200);
    assert_int_equal(anima_conversation_open(f->at.home, id, &c, NULL), 0);
    assert_int_equal(result(f, anima_turn_take_back(c, 2, -1, on_done, f, NULL)), 0);
    anima_conversation_close(c);
    serve_for(f, 3000);
    expect(f, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(made_and_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(not_heard, set_up, tear_down),
        cmocka_unit_test_setup_teardown(corrected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(taken_back_meanwhile, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
