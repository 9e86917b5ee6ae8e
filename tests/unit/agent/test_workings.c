/* What is on a character's mind of the people it talks to, with the real engine process and written answers: noted when nobody waits, told to the one it
 * is about and to nobody who did not hear it, gone with its turns, set by hand, there after a restart; and nobody waits for it. */
#include "agent/memories.h"
#include "agent/workings.h"
#include "anima/anima.h"
#include "base/clock.h"
#include "base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "scratch.h"

#define HOUR (3600LL * 1000)

static const char script[] =
    "match: marmalade\nstream: w-mood\nsay: D\n\n"
    "match: Oslo\nstream: w-mood\nfirst_ms: 1500\nsay: C\n\n"
    "match: violet\nstream: w-mood\nerror: internal broken\n\n"
    "stream: w-mood\nsay: A\n\n"
    "match: marmalade\nstream: w-intent\nsay: C\n\n"
    "stream: w-intent\nsay: A\n\n"
    "match: ??\nsay: [{told}]\n\n"
    "match: when was the bridge\nsay: Let me think about it.\n\n"
    "match: meet at the lake\nsay: OK, sounds lovely.\n\n"
    "match: have lunch\nsay: Sorry, I have to mind the shop.\n\n"
    "match: bored\nsay: Let's bake a plum cake together tomorrow.\n\n"
    "match: The interview is\nsay: I'll ask you about the interview tomorrow. Are you ready?\n\n"
    "say: Well, well.\n";
static const char *const settings[] = { "memory.working=always", "memory.recall=off",
                                        "embed.model=", "speech.without=examples", NULL };
static const char *const only_scripts[] = { "memory.recall=off", "embed.model=", "speech.without=examples", NULL };
static const char *const left_out[] = { "memory.working=always", "memory.recall=off",
                                        "embed.model=", "speech.without=examples,working", NULL };

struct fixture {
    struct scratch at;
    int done, answers, code;
    char reply[8000], list[4000];
    const char *part; /* only this one is listed; NULL: all */
    int64_t id;       /* of the first promise or question that was listed */
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

static void restart(struct fixture *f, const char *const *with)
{
    anima_home_close(f->at.home);
    scratch_open(&f->at, with, on_event, f);
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

static void ago(double hours)
{
    clock_fake(-1, 0);
    if (hours > 0)
        clock_fake(clock_wall_ms() - (int64_t)(hours * (double)HOUR), clock_mono_us());
}

/* Somebody, alone, in a conversation of its own; its id, and what was answered. */
static const char *tell(struct fixture *f, double hours, const char *person, const char *text, char id[24])
{
    anima_conversation_info info;
    ago(hours);
    anima_conversation *c = begin(f);
    const char *reply = say(f, c, person, text);
    anima_conversation_describe(c, &info);
    if (id)
        snprintf(id, 24, "%s", info.id);
    anima_conversation_close(c);
    ago(0);
    return reply;
}

static int append(void *ctx, const anima_working *w)
{
    struct fixture *f = ctx;
    size_t n = strlen(f->list);
    assert_true(w->amount >= 0 && w->amount <= 1 && w->confidence >= 0 && w->confidence <= 1);
    if (f->part ? strcmp(w->part, f->part) != 0 : strcmp(w->part, "closeness") == 0 || strcmp(w->part, "trust") == 0)
        return 0;
    f->id = f->id ? f->id : w->id;
    snprintf(f->list + n, sizeof(f->list) - n, "%s%s%s=%s%s%s%s", n ? "|" : "", w->own ? "own " : "", w->part, w->value,
             *w->state ? " " : "", w->state, w->by_hand ? " by hand" : "");
    assert_true(!w->cause || (*w->cause->conversation && w->cause->seq > 0));
    return 0;
}

static const char *listed(struct fixture *f, const char *person)
{
    *f->list = '\0';
    f->id = 0;
    if (anima_working_list(f->at.home, "lin", person, append, f, NULL))
        snprintf(f->list, sizeof(f->list), "nobody");
    return f->list;
}

/* Serves events until that is what there is of a part (NULL: of all but the relation). */
static void expect(struct fixture *f, const char *person, const char *part, const char *expected)
{
    f->part = part;
    for (int64_t end = clock_wall_ms() + 20000; clock_wall_ms() < end && strcmp(listed(f, person), expected) != 0;)
        anima_home_step(f->at.home, 20);
    assert_string_equal(listed(f, person), expected);
}

static void serve_for(struct fixture *f, int64_t ms)
{
    for (int64_t end = clock_wall_ms() + ms; clock_wall_ms() < end;)
        anima_home_step(f->at.home, 20);
}

static void noted_and_told(void **state)
{
    struct fixture *f = *state;
    tell(f, 1, "Ann", "I'm so sad, my cat died.", NULL);
    expect(f, "Ann", NULL, "mood=sad|intent=chat|topic=cat died|own_mood=worried|own_intent=comfort");
    const char *told = tell(f, 0, "Ann", "Good morning??", NULL);
    assert_non_null(strstr(told, "Ann is sad: \"I'm so sad, my cat died.\"."));
    assert_non_null(strstr(told, "You are worried about Ann."));
    /* Where its words are in sight they are not told again; and who says how they feel now has said it. */
    anima_conversation *c = begin(f);
    say(f, c, "Ann", "I'm so worried about the trip.");
    expect(f, "Ann", "mood", "mood=worried");
    told = say(f, c, "Ann", "Well??");
    assert_non_null(strstr(told, "Ann is worried."));
    told = say(f, c, "Ann", "I'm happy. You??");
    assert_null(strstr(told, "Ann is"));
    anima_conversation_close(c);
    /* Nobody else is told. */
    told = tell(f, 0, "Bob", "Good morning??", NULL);
    assert_null(strstr(told, "sad"));
    assert_null(strstr(told, "worried"));
    expect(f, "Bob", "mood", "");
}

static void model_asked(void **state)
{
    struct fixture *f = *state;
    tell(f, 0, "Ann", "The marmalade is all gone since the funeral.", NULL);
    expect(f, "Ann", NULL, "mood=sad|intent=comfort|topic=marmalade gone funeral|own_mood=worried|own_intent=comfort");
}

static void in_a_group(void **state)
{
    struct fixture *f = *state;
    tell(f, 1, "Ann", "I'm so sad, my cat died.", NULL);
    expect(f, "Ann", "mood", "mood=sad");
    anima_conversation *c = begin(f);
    say(f, c, "Bob", "Hello, here is Bob.");
    assert_null(strstr(say(f, c, "Ann", "Here is Ann??"), "sad")); /* Bob did not hear it */
    say(f, c, "Ann", "I'm so angry with the landlord.");
    serve_for(f, 2000);
    expect(f, "Ann", "mood", "mood=angry");
    assert_non_null(strstr(say(f, c, "Ann", "Well??"), "Ann is angry.")); /* that he did */
    say(f, c, "Cleo", "Here is Cleo.");
    assert_null(strstr(say(f, c, "Ann", "So??"), "angry")); /* she did not */
    anima_conversation_close(c);
}

static void gone_with_its_turn(void **state)
{
    struct fixture *f = *state;
    char id[24];
    anima_conversation *c;
    tell(f, 1, "Ann", "I'm so sad, my cat died.", id);
    expect(f, "Ann", "mood", "mood=sad");
    assert_int_equal(anima_conversation_open(f->at.home, id, &c, NULL), 0);
    assert_int_equal(result(f, anima_turn_edit(c, 2, "I'm so happy, my cat is back.", -1, on_done, f, NULL)), 0);
    expect(f, "Ann", "mood", "mood=glad");
    assert_int_equal(result(f, anima_turn_take_back(c, 2, -1, on_done, f, NULL)), 0);
    expect(f, "Ann", NULL, "");
    say(f, c, "Ann", "I'm so tired of the quince. I'll bring you the book tomorrow.");
    expect(f, "Ann", "mood", "mood=tired");
    expect(f, "Ann", "promise", "promise=I'll bring you the book tomorrow. open");
    say(f, c, "Ann", "Forget that.");
    expect(f, "Ann", "mood", "");
    expect(f, "Ann", "promise", "");
    assert_int_equal(result(f, anima_conversation_delete(c, false, on_done, f, NULL)), 0);
    anima_conversation_close(c);
    expect(f, "Ann", NULL, "");
}

static void promises(void **state)
{
    struct fixture *f = *state;
    tell(f, 24, "Ann", "The interview is tomorrow.", NULL);
    expect(f, "Ann", "promise", "own promise=I'll ask you about the interview tomorrow. open");
    expect(f, "Ann", "question", "own question=Are you ready? open");
    const char *told = tell(f, 0, "Ann", "Good morning??", NULL);
    assert_non_null(strstr(told, "You promised Ann "));
    assert_non_null(strstr(told, "\"I'll ask you about the interview tomorrow.\" (that is now)."));
    assert_non_null(strstr(told, "You asked Ann \"Are you ready?\" and have no answer yet."));
    tell(f, 0, "Ann", "when was the bridge built?", NULL);
    expect(f, "Ann", "question", "question=when was the bridge built? open|own question=Are you ready? open");
    /* Kept by whoever made it, when it is spoken of again: that reply had it in it. */
    const char *own = "own promise=I'll ask you about the interview tomorrow. kept";
    char both[200];
    expect(f, "Ann", "promise", own);
    tell(f, 0, "Ann", "I promise the lemon cake is coming.", NULL);
    snprintf(both, sizeof(both), "promise=I promise the lemon cake is coming. open|%s", own);
    expect(f, "Ann", "promise", both);
    tell(f, 0, "Ann", "Here, your lemon cake.", NULL);
    snprintf(both, sizeof(both), "promise=I promise the lemon cake is coming. kept|%s", own);
    expect(f, "Ann", "promise", both);
    int64_t id = f->id;
    assert_int_equal(result(f, anima_working_change(f->at.home, id, "A cake.", "broken", on_done, f, NULL)), 0);
    snprintf(both, sizeof(both), "promise=A cake. broken by hand|%s", own);
    expect(f, "Ann", "promise", both);
    assert_int_equal(anima_working_change(f->at.home, id, " ", NULL, on_done, f, NULL), ANIMA_E_INVALID);
    assert_int_equal(anima_working_change(f->at.home, id, NULL, "lost", on_done, f, NULL), ANIMA_E_INVALID);
    assert_int_equal(result(f, anima_working_change(f->at.home, id, NULL, NULL, on_done, f, NULL)), 0);
    assert_int_equal(result(f, anima_working_change(f->at.home, id, NULL, NULL, on_done, f, NULL)), ANIMA_E_NOT_FOUND);
    expect(f, "Ann", "promise", own);
}

/* What one proposes and the other agrees to in the next words: told near its day, to those who heard it; gone with either turn. */
static void plans(void **state)
{
    struct fixture *f = *state;
    char id[24], bob[24];
    const char *lake = "plan=Let's meet at the lake tomorrow. open",
               *cake = "own plan=Let's bake a plum cake together tomorrow. open";
    tell(f, 2, "Ann", "Let's meet at the lake tomorrow.", id);
    expect(f, "Ann", "plan", lake);
    tell(f, 2, "Ann", "Let's have lunch tomorrow.", NULL); /* only one of the two wants that */
    anima_conversation *c = begin(f);
    say(f, c, "Bob", "I am bored.");
    say(f, c, "Cleo", "I am bored, too.");
    say(f, c, "Cleo", "Yes, I'd love to!"); /* Bob did not say so */
    anima_conversation_close(c);
    expect(f, "Cleo", "plan", cake);
    expect(f, "Bob", "plan", "");
    const char *told = tell(f, 0, "Ann", "Good morning??", NULL);
    assert_non_null(strstr(told, "You and Ann agreed "));
    assert_non_null(strstr(told, "\"Let's meet at the lake tomorrow.\" (that is tomorrow)."));
    assert_null(strstr(told, "lunch"));
    assert_null(strstr(tell(f, 0, "Bob", "Good morning??", bob), "lake"));
    c = begin(f);
    say(f, c, "Bob", "Hello.");
    assert_null(strstr(say(f, c, "Ann", "Good morning??"), "lake"));
    anima_conversation_close(c);
    /* By hand, called off, decided anew. */
    expect(f, "Ann", "plan", lake);
    assert_int_equal(result(f, anima_working_change(f->at.home, f->id, NULL, "kept", on_done, f, NULL)), 0);
    expect(f, "Ann", "plan", "plan=Let's meet at the lake tomorrow. kept by hand");
    assert_int_equal(result(f, anima_working_change(f->at.home, f->id, NULL, "open", on_done, f, NULL)), 0);
    tell(f, 0, "Ann", "I can't come to the lake, I have a cold.", NULL);
    expect(f, "Ann", "plan", "plan=Let's meet at the lake tomorrow. dropped by hand");
    assert_null(strstr(tell(f, 0, "Ann", "Good morning??", NULL), "agreed"));
    /* With the proposal the plan goes, though the answer stays; an edited one is another plan. */
    assert_int_equal(anima_conversation_open(f->at.home, id, &c, NULL), 0);
    assert_int_equal(
        result(f, anima_turn_edit(c, 2, "Let's meet at the lake on the day after tomorrow.", -1, on_done, f, NULL)), 0);
    expect(f, "Ann", "plan", "plan=Let's meet at the lake on the day after tomorrow. open");
    assert_int_equal(result(f, anima_turn_edit(c, 2, "The lake was cold.", -1, on_done, f, NULL)), 0);
    expect(f, "Ann", "plan", "");
    anima_conversation_close(c);
}

static void annoyed(void **state)
{
    struct fixture *f = *state;
    tell(f, 0, "Ann", "You are so stupid.", NULL);
    expect(f, "Ann", "own_mood", "own_mood=annoyed");
    assert_non_null(strstr(tell(f, 0, "Ann", "Well??", NULL), "You are still annoyed with Ann."));
    tell(f, 0, "Ann", "I'm sorry.", NULL);
    expect(f, "Ann", "own_mood", "own_mood=calm");
}

static double amount;
static int take_amount(void *ctx, const anima_working *w)
{
    struct fixture *f = ctx;
    amount = strcmp(w->part, f->part) == 0 ? w->amount : amount;
    return 0;
}

static double amount_of(struct fixture *f, const char *part)
{
    amount = -1;
    f->part = part;
    assert_int_equal(anima_working_list(f->at.home, "lin", "Ann", take_amount, f, NULL), 0);
    return amount;
}

static int set(struct fixture *f, const char *part, const char *value, double x)
{
    return anima_working_set(f->at.home, "lin", "Ann", part, value, x, on_done, f, NULL);
}

static void by_hand(void **state)
{
    struct fixture *f = *state;
    tell(f, 1, "Ann", "I'm so sad, my cat died.", NULL);
    expect(f, "Ann", "mood", "mood=sad");
    assert_int_equal(result(f, set(f, "mood", "excited", 0.9)), 0);
    expect(f, "Ann", "mood", "mood=excited by hand");
    assert_int_equal(result(f, set(f, "topic", "the cat", 0)), 0);
    expect(f, "Ann", "topic", "topic=the cat by hand");
    assert_int_equal(result(f, set(f, "intent", "advice", 0)), 0);
    expect(f, "Ann", "intent", "intent=advice by hand");
    double before = amount_of(f, "trust");
    assert_int_equal(result(f, set(f, "trust", "set", 0.75)), 0);
    assert_true(fabs(amount_of(f, "trust") - 0.75) < 1e-6 && before < 0.4);
    assert_int_equal(result(f, set(f, "closeness", "set", 0.5)), 0);
    assert_true(fabs(amount_of(f, "closeness") - 0.5) < 1e-6);
    restart(f, settings); /* it is all there */
    expect(f, "Ann", "mood", "mood=excited by hand");
    assert_true(fabs(amount_of(f, "closeness") - 0.5) < 1e-6);
    /* What is said later goes on from there. */
    tell(f, 0, "Ann", "I'm so angry!", NULL);
    expect(f, "Ann", "mood", "mood=angry");
    assert_true(amount_of(f, "closeness") > 0.5);
    assert_int_equal(result(f, set(f, "mood", NULL, 0)), 0);
    expect(f, "Ann", "mood", "");
    assert_int_equal(result(f, set(f, "closeness", NULL, 0)), 0);
    assert_true(amount_of(f, "closeness") < 1e-6);
    assert_int_equal(set(f, "mood", "purple", 0.5), ANIMA_E_INVALID);
    assert_int_equal(set(f, "mood", "sad", NAN), ANIMA_E_INVALID);
    assert_int_equal(set(f, "trust", "set", 1.5), ANIMA_E_INVALID);
    assert_int_equal(set(f, "topic", " ", 0), ANIMA_E_INVALID);
    assert_int_equal(set(f, "promise", "x", 0), ANIMA_E_INVALID);
    assert_int_equal(set(f, "intent", "conquer", 0), ANIMA_E_INVALID);
    assert_int_equal(anima_working_set(f->at.home, "none", "Ann", "mood", "sad", 1, on_done, f, NULL),
                     ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_working_set(f->at.home, "lin", "Nobody", "mood", "sad", 1, on_done, f, NULL),
                     ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_working_list(f->at.home, "none", NULL, append, f, NULL), ANIMA_E_NOT_FOUND);
}

/* The model takes its time; somebody says something meanwhile, which is answered at once; then it goes on. */
static void nobody_waits(void **state)
{
    struct fixture *f = *state;
    serve_for(f, 2500);
    tell(f, 0, "Ann", "The plan is Oslo in March.", NULL);
    serve_for(f, 900); /* it is being asked by now */
    int64_t before = clock_wall_ms();
    tell(f, 0, "Ann", "Good morning.", NULL);
    assert_true(clock_wall_ms() - before < 1000);
    expect(f, "Ann", "mood", "mood=excited");
    /* One that breaks costs no more than that it tells nothing. */
    tell(f, 0, "Ann", "The violet is in the garden.", NULL);
    tell(f, 0, "Ann", "I'm so angry with them!", NULL);
    expect(f, "Ann", "mood", "mood=angry");
}

static void switched_off(void **state)
{
    struct fixture *f = *state;
    restart(f, only_scripts);
    tell(f, 0, "Ann", "I'm so sad, my cat died.", NULL);
    serve_for(f, 3500);
    expect(f, "Ann", NULL, "");
    assert_null(strstr(tell(f, 0, "Ann", "Well??", NULL), "sad"));
    restart(f, settings);
    tell(f, 0, "Ann", "I'm so sad, my cat died.", NULL);
    expect(f, "Ann", "mood", "mood=sad");
    restart(f, left_out);
    assert_null(strstr(tell(f, 0, "Ann", "Well??", NULL), "sad"));
}

/* Each allocation fails in turn: there is a state, or a reason. */
static void without_memory(void **state)
{
    struct fixture *f = *state;
    const anima_person *ann;
    anima_error err;
    tell(f, 1, "Ann", "I'm so sad, my cat died. I'll show you a picture tomorrow.", NULL);
    expect(f, "Ann", "mood", "mood=sad");
    assert_int_equal(anima_person_get(f->at.home, "Ann", &ann, NULL), 0);
    int rc = ANIMA_E_NOMEM;
    for (long n = 1; rc; n++) {
        struct working_state state_of;
        err.message[0] = '\0';
        mem_fail_at(n, 0);
        rc = workings_read(f->at.home, "lin", ann->id, &ann->id, 1, clock_wall_ms(), &state_of, &err);
        mem_fail_at(0, 0);
        assert_true(rc == 0 || (err.message[0] && n < 10000));
        assert_true(rc || (state_of.theirs.mood == MOOD_SAD && state_of.n_items == 1));
        workings_finish(&state_of);
    }
}

/* What was said some hours ago is said on the same day, whenever this runs: it is noon. */
static void make_it_noon(void)
{
    char zone[16];
    struct tm utc;
    time_t now = time(NULL);
    gmtime_r(&now, &utc);
    snprintf(zone, sizeof(zone), "UTC%+d", utc.tm_hour - 12);
    setenv("TZ", zone, 1);
    tzset();
}

int main(void)
{
    make_it_noon();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(noted_and_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(model_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(in_a_group, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gone_with_its_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(promises, set_up, tear_down),
        cmocka_unit_test_setup_teardown(plans, set_up, tear_down),
        cmocka_unit_test_setup_teardown(annoyed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(by_hand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(switched_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("workings", tests, NULL, NULL);
}
