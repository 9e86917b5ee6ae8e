/* What is read after a reply, while nobody waits; and what is left of turns that are not read any more: with the real engine
 * process and written answers, which tell what the engine was given to read, and what it had read before.
 * ANIMA_TEST_ENGINE is the path of anima-engine (the build sets it). */
#include "anima/anima.h"

#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "scratch.h"

/* A context so small that turns have about 400 tokens: a successor is chosen after five exchanges, and two later it takes over. */
#define HEAD "context: 1400\n\n"
/* What begins with the person's name is a piece that is to be put into other words. */
#define PIECES                                                                                                         \
    "match: Ann: My dog is called Biscuit\nsay: Ann's dog is called Biscuit.\n\n"                                      \
    "match: Ann: My dog is called Rex\nsay: Ann's dog is called Rex.\n\n"                                              \
    "match: Ann: I live\nsay: Ann lives in Paris.\n\n" /* not true: it is quoted */                                    \
    "match: Ann: \nsay: -\n\n"
#define REPLIES                                                                                                        \
    "match: show streams\nsay: {streams}\n\n"                                                                          \
    "match: show system\nsay: {system}\n\n"                                                                            \
    "say: {cached} of {prompt} in {n}. Well, that is a thing one can answer with quite a number of words.\n"
static const char script[] = HEAD PIECES REPLIES;
static const char refuses[] = HEAD "match: Ann: \nerror: limit too much\n\n" REPLIES;
static const char slow[] = HEAD "match: Ann: \nfirst_ms: 3600000\nsay: -\n\n" REPLIES;
static const char slower[] = HEAD "match: Ann: \nfirst_ms: 500\nsay: -\n\n" REPLIES;
static const char *const settings[] = { "engine.summary=always", "engine.context=1400", "speech.without=examples",
                                        NULL };

struct fixture {
    struct scratch at;
    anima_conversation *c;
    char id[24], reply[8000];
    int ended, reports, code;
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    if (e->type != ANIMA_EVENT_TURN_DONE || e->turn->role != ANIMA_ROLE_CHARACTER)
        return;
    f->ended++;
    snprintf(f->reply, sizeof(f->reply), "%s", e->turn->text);
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
    anima_conversation_describe(c, &info);
    snprintf(f->id, sizeof(f->id), "%s", info.id);
}

static void open_conversation(struct fixture *f)
{
    assert_int_equal(anima_conversation_open(f->at.home, f->id, &f->c, NULL), 0);
}

static void begin_with(struct fixture *f, const char *replies, const char *const *set)
{
    anima_conversation_info info;
    scratch_make(&f->at, replies);
    scratch_open(&f->at, set, on_event, f);
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &f->c, NULL), 0);
    anima_conversation_describe(f->c, &info);
    snprintf(f->id, sizeof(f->id), "%s", info.id);
}

static void close_home(struct fixture *f)
{
    anima_conversation_close(f->c);
    anima_home_close(f->at.home);
    f->at.home = NULL;
}

static void open_again(struct fixture *f)
{
    scratch_open(&f->at, settings, on_event, f);
    open_conversation(f);
}

static int set_up(void **state)
{
    *state = mem_zero(1, sizeof(struct fixture));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    anima_conversation_close(f->c);
    int rc = scratch_remove(&f->at);
    mem_free(f);
    return rc;
}

static const char *say(struct fixture *f, const char *text)
{
    const anima_message m = { .text = text };
    int64_t seq;
    assert_int_equal(anima_send(f->c, &m, &seq, NULL), 0);
    scratch_until(&f->at, &f->ended, f->ended + 1);
    return f->reply;
}

static void finish(struct fixture *f, int rc)
{
    assert_int_equal(rc, 0);
    scratch_until(&f->at, &f->reports, f->reports + 1);
    assert_int_equal(f->code, 0);
}

/* What the engine has read, told in a conversation that is soon over. */
static const char *streams(struct fixture *f)
{
    anima_conversation *c = f->c;
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &f->c, NULL), 0);
    say(f, "show streams");
    anima_conversation_close(f->c);
    f->c = c;
    return f->reply;
}

/* Serves events until there is a summary about more than so many turns; its text, or NULL after half a minute. */
static const char *summary_behind(struct fixture *f, int64_t seq)
{
    anima_summary s;
    for (time_t end = time(NULL) + 30; time(NULL) < end; anima_home_step(f->at.home, 20))
        if (!anima_conversation_summary(f->c, &s, NULL) && s.seq > seq)
            return s.text;
    return NULL;
}

static int64_t last_of_summary(struct fixture *f)
{
    anima_summary s;
    return anima_conversation_summary(f->c, &s, NULL) ? 0 : s.seq;
}

/* Lets everything happen that is going to happen without anybody saying something. */
static void idle(struct fixture *f) { scratch_rest(f->at.home, 600); }

static int add_turns(void *ctx, const anima_cost *row)
{
    *(int *)ctx += (int)row->turns;
    return 0;
}

/* Rows of the ledger: replies, and summaries that took something. */
static int booked(struct fixture *f)
{
    int n = 0;
    assert_int_equal(anima_cost_list(f->at.home, ANIMA_COST_DAY, 0, add_turns, &n, NULL), 0);
    return n;
}

static void tell_life(struct fixture *f)
{
    say(f, "My dog is called Biscuit.");
    say(f, "I live in Leeds with my sister.");
}

/* Nothing that is worth keeping, calls for lore, or was said before in nearly the same words: nothing stands beside it. */
static int small_talk(struct fixture *f, int n)
{
    static const char *const things[] = { "Copper", "Velvet", "Gravel", "Bamboo", "Marble", "Wool", "Quartz" };
    static const char *const does[] = { "shines", "bends", "fades", "floats", "cracks" };
    static const char *const like[] = { "a kite", "old paint", "the sun", "brass knobs", "fog",
                                        "jam",    "a drum",    "ice",     "mud" };
    static unsigned k;
    char text[100];
    for (int i = 0; i < n; i++, k++) {
        snprintf(text, sizeof(text), "%s %s almost like %s, and so it will stay for good.", things[k % 7],
                 does[k * 3 % 5], like[k * 2 % 9]);
        say(f, text);
    }
    return n;
}

/* Of the last reply: tokens of its prompt that were read before, tokens, messages. */
static void read_reply(const struct fixture *f, int *cached, int *prompt, int *messages)
{
    if (sscanf(f->reply, "%d of %d in %d", cached, prompt, messages) != 3)
        fail_msg("%s", f->reply);
}

/* Talks until the window has moved. rest: with time in between, in which what can be made ahead is made. */
static void until_moved(struct fixture *f, bool rest)
{
    int cached, prompt, before, messages = 0, said = 0;
    do {
        before = messages;
        if (rest)
            idle(f);
        said += small_talk(f, 1);
        read_reply(f, &cached, &prompt, &messages);
    } while (messages >= before && said < 20);
    assert_true(said < 20);
}

/* What stood beside a message is read out of the stream again, so that only the next message is left to be read. */
static void test_settles(void **state)
{
    struct fixture *f = *state;
    int cached, prompt, last = 4; /* tokens around a message */
    begin_with(f, HEAD "say: {cached} of {prompt}, told: {told}\n", settings);
    say(f, "Do you like rain, my friend?");
    assert_non_null(strstr(f->reply, "(In the rains of 2024")); /* lore, beside the message */
    idle(f);
    say(f, "And tea?");
    assert_int_equal(sscanf(f->reply, "%d of %d", &cached, &prompt), 2);
    const char *told = strstr(f->reply, "told: ") + strlen("told: ");
    for (const char *p = told; *p; p++) /* words and line breaks */
        last += p == told || *p == ' ' || *p == '\n' || p[-1] == '\n';
    assert_int_equal(cached, prompt - last);
}

/* The successor is read before it is needed, with its summary, which is asked for once. */
static void test_successor(void **state)
{
    struct fixture *f = *state;
    char name[64];
    int cached, prompt, messages = 0, before = 0, said = 2;
    begin_with(f, script, settings);
    tell_life(f);
    for (; said < 9 && !last_of_summary(f); idle(f))
        said += small_talk(f, 1);
    int64_t seq = last_of_summary(f);
    assert_true(seq >= 5);
    assert_int_equal(booked(f), said + 1);
    assert_string_equal(summary_behind(f, 0), "Ann's dog is called Biscuit.\n"
                                              "Ann said: \"I live in Leeds with my sister.\"");
    snprintf(name, sizeof(name), "c-%s-en-%d ", f->id, (int)seq + 1);
    for (; messages >= before && said < 20; said++) {
        assert_non_null(strstr(streams(f), name)); /* it has been read, and waits for its turn */
        assert_null(strstr(f->reply, "-summary"));
        before = messages;
        small_talk(f, 1);
        read_reply(f, &cached, &prompt, &messages);
        assert_true(cached >= prompt - 20); /* of several hundred; the rest is the message */
        idle(f);
    }
    assert_true(messages < before);
    assert_non_null(strstr(say(f, "show system"), "What was said before, in short:\n- Ann's dog is called Biscuit.\n"
                                                  "- Ann said: \"I live in Leeds with my sister.\""));
}

/* From window to window: what is worth keeping stays, and no message ever finds its window unread. */
static void test_generations(void **state)
{
    struct fixture *f = *state;
    int64_t seq = 0;
    int windows = 0, cached, prompt, messages;
    begin_with(f, script, settings);
    tell_life(f);
    for (int i = 0; i < 40 && windows < 4; i++) {
        idle(f);
        small_talk(f, 1);
        read_reply(f, &cached, &prompt, &messages);
        assert_true(cached >=
                    prompt - 80); /* the message, and at times that it was said before; a window has 130 more */
        windows += last_of_summary(f) > seq;
        seq = last_of_summary(f);
    }
    assert_int_equal(windows, 4);
    assert_non_null(strstr(summary_behind(f, 0), "Biscuit"));
}

/* A summary outlives the program; it is not asked for again. */
static void test_restart(void **state)
{
    struct fixture *f = *state;
    begin_with(f, script, settings);
    tell_life(f);
    while (!last_of_summary(f)) {
        small_talk(f, 1);
        idle(f);
    }
    int64_t seq = last_of_summary(f);
    close_home(f);
    open_again(f);
    int before = booked(f);
    assert_int_equal(last_of_summary(f), seq);
    int said = small_talk(f, 1);
    idle(f);
    assert_int_equal(booked(f), before + said); /* no summary again */
    for (; last_of_summary(f) == seq && said < 20; idle(f))
        said += small_talk(f, 1);
    assert_non_null(strstr(summary_behind(f, seq), "Biscuit"));
    assert_non_null(strstr(say(f, "show system"), "Biscuit"));
}

/* What is said in a changed turn is not kept in other words; the summary is made anew, and taken at once. */
static void test_edit(void **state)
{
    struct fixture *f = *state;
    begin_with(f, script, settings);
    say(f, "My dog is called Biscuit.");
    while (!last_of_summary(f)) {
        small_talk(f, 1);
        idle(f);
    }
    until_moved(f, true);
    idle(f);
    assert_int_equal(anima_turn_edit(f->c, 2, "My dog is called Rex.", -1, done, f, NULL), 0);
    scratch_until(&f->at, &f->reports, 1);
    assert_int_equal(last_of_summary(f), 0);
    assert_string_equal(summary_behind(f, 0), "Ann's dog is called Rex.");
    idle(f);
    const char *told = say(f, "show system");
    assert_non_null(strstr(told, "Rex"));
    assert_null(strstr(told, "Biscuit"));
    finish(f, anima_turn_take_back(f->c, 2, -1, done, f, NULL));
    idle(f);
    assert_int_equal(last_of_summary(f), 0);
    close_home(f);
    char command[120];
    snprintf(command, sizeof(command), "grep -rqa Rex %s --include=anima.db*", f->at.dir);
    assert_int_not_equal(system(command), 0);
    open_again(f);
}

/* Somebody deletes it: it is made anew from the turns. A fork has its own. */
static void test_removed_and_forked(void **state)
{
    struct fixture *f = *state;
    anima_summary s;
    begin_with(f, script, settings);
    tell_life(f);
    while (!last_of_summary(f)) {
        small_talk(f, 1);
        idle(f);
    }
    int64_t seq = last_of_summary(f);
    assert_int_equal(anima_conversation_summary(f->c, &s, NULL), 0);
    assert_string_equal(s.language, "en");
    assert_true(s.made_ms > 0);
    finish(f, anima_conversation_fork(f->c, seq + 1, NULL, made, f, NULL));
    assert_int_equal(anima_conversation_summary_remove(f->c, done, f, NULL), 0);
    scratch_until(&f->at, &f->reports, f->reports + 1);
    assert_non_null(strstr(summary_behind(f, 0), "Biscuit"));
    anima_conversation_close(f->c);
    open_conversation(f); /* the fork */
    assert_int_equal(last_of_summary(f), seq);
    assert_int_equal(anima_conversation_delete(f->c, false, done, f, NULL), 0);
    scratch_until(&f->at, &f->reports, f->reports + 1);
}

/* Whoever says something does not wait for a summary; and a home that is closed takes it along. */
static void test_nobody_waits(void **state)
{
    struct fixture *f = *state;
    begin_with(f, slow, settings);
    tell_life(f);
    for (int i = 0; i < 8; i++) {
        small_talk(f, 1);
        idle(f);
    }
    assert_int_equal(last_of_summary(f), 0);
    assert_null(strstr(say(f, "show system"), "What was said before"));
    assert_int_equal(booked(f), 2 + 8 + 1);
    idle(f); /* it is under way */
    assert_int_equal(anima_turn_take_back(f->c, 3, -1, done, f, NULL), 0);
    scratch_until(&f->at, &f->reports, f->reports + 1);
    small_talk(f, 4);
    idle(f);
}

/* It comes when the window has moved: that window stays as it is, the next one has it. */
static void test_late(void **state)
{
    struct fixture *f = *state;
    begin_with(f, slower, settings);
    tell_life(f);
    say(f, "My cat is called Momo, and my brother is called Max.");
    say(f, "My mother has her birthday on the 9th, and I have an exam on the 3rd.");
    until_moved(f, false); /* no half second without somebody who waits */
    assert_int_equal(last_of_summary(f), 0);
    const char *text = summary_behind(f, 0);
    assert_non_null(text);
    assert_non_null(strstr(text, "Biscuit"));
    idle(f);
    assert_null(strstr(say(f, "show system"), "What was said before"));
    until_moved(f, true);
    assert_non_null(strstr(say(f, "show system"), "Biscuit"));
}

/* A model that cannot do it is not asked again and again. */
static void test_refused(void **state)
{
    struct fixture *f = *state;
    begin_with(f, refuses, settings);
    tell_life(f);
    for (int i = 0; i < 5; i++) {
        small_talk(f, 1);
        idle(f);
    }
    assert_int_equal(last_of_summary(f), 0);
    assert_int_equal(f->ended, 7);
}

/* A script is not asked, unless it shall be; and it can be left out. */
static void test_left_out(void **state)
{
    static const char *const out[] = { "engine.summary=off", "speech.without=examples", NULL };
    struct fixture *f = *state;
    begin_with(f, script, out);
    tell_life(f);
    small_talk(f, 6);
    idle(f);
    assert_int_equal(last_of_summary(f), 0);
    assert_int_equal(booked(f), 8);
    close_home(f);
    scratch_open(&f->at, NULL, on_event, f);
    open_conversation(f);
    small_talk(f, 2);
    idle(f);
    assert_int_equal(last_of_summary(f), 0);
    assert_int_equal(booked(f), 10);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_settles), T(test_successor),          T(test_generations),  T(test_restart), T(test_edit),
        T(test_late),    T(test_removed_and_forked), T(test_nobody_waits), T(test_refused), T(test_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
