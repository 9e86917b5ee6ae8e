/* What somebody types is read while they type: when they send it, only what is new is left to be read. With the real engine
 * process and written answers, which tell how much of a prompt had been read before.
 * ANIMA_TEST_ENGINE is the path of anima-engine (the build sets it). */
#include "anima/anima.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

#define AROUND 4 /* tokens of the template around a message */
#define IN_ZH 11 /* "answer in Chinese", behind the first messages in Chinese */

struct fixture {
    struct scratch at;
    anima_conversation *c;
    char reply[4000];
    int ended, left, told; /* tokens of the last prompt that were left to be read; of its last message */
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    if (e->type != ANIMA_EVENT_TURN_DONE || e->turn->role != ANIMA_ROLE_CHARACTER)
        return;
    f->ended++;
    snprintf(f->reply, sizeof(f->reply), "%s", e->turn->text);
}

static void idle(struct fixture *f) { scratch_rest(f->at.home, 400); }

static void say(struct fixture *f, const char *text)
{
    const anima_message m = { .text = text };
    int64_t seq;
    int cached, prompt;
    assert_int_equal(anima_send(f->c, &m, &seq, NULL), 0);
    scratch_until(&f->at, &f->ended, f->ended + 1);
    if (sscanf(f->reply, "%d of %d", &cached, &prompt) != 2)
        fail_msg("%s", f->reply);
    f->left = prompt - cached;
    const char *told = strstr(f->reply, "told: ") + strlen("told: ");
    f->told = AROUND;
    for (const char *p = told; *p; p++) /* words and line breaks */
        f->told += p == told || *p == ' ' || *p == '\n' || p[-1] == '\n';
    idle(f);
}

static void type(struct fixture *f, const char *text)
{
    anima_typing(f->c, NULL, text);
    idle(f);
}

static void begin_with(struct fixture *f, const char *const *settings)
{
    scratch_make(&f->at, "say: {cached} of {prompt}, told: {told}\n");
    scratch_open(&f->at, settings, on_event, f);
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &f->c, NULL), 0);
    say(f, "Good morning.");
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

static const char *const plain[] = { "speech.without=examples", NULL };

/* What was typed is what is sent: nothing of it is left. Without typing, all of it is. */
static void test_sent_as_typed(void **state)
{
    struct fixture *f = *state;
    begin_with(f, plain);
    say(f, "The copper kettle shines almost like the sun.");
    assert_int_equal(f->left, f->told);
    assert_int_equal(f->told, AROUND + 8);
    type(f, "The velvet");
    type(f, "The velvet cushion fades");
    type(f, "The velvet cushion fades in the sun.");
    say(f, "The velvet cushion fades in the sun.");
    assert_true(f->left <= AROUND);
    type(f, "A marble bench");
    say(f, "A marble bench cracks in the cold.");
    assert_true(f->left <= AROUND + 4); /* the words that came after the last pause */
    type(f, "银色的水壶在太阳下");
    say(f, "银色的水壶在太阳下发光。");
    assert_true(f->left <= AROUND + 3 + IN_ZH);
}

/* Changed in the middle, only what comes behind the change is read again; thrown away, all of it. */
static void test_changed(void **state)
{
    struct fixture *f = *state;
    begin_with(f, plain);
    type(f, "The velvet cushion fades in the sun.");
    type(f, "The velvet curtain fades in the sun.");
    say(f, "The velvet curtain fades in the paint-coloured light.");
    assert_int_equal(f->left, AROUND + 2);
    type(f, "The velvet cushion fades in the sun.");
    say(f, "The bamboo fence bends in the wind.");
    assert_int_equal(f->left, AROUND + 6);
    type(f, "Gravel");
    say(f, "Wool floats.");
    assert_int_equal(f->left, AROUND + 2);
    say(f, "Quartz is hard."); /* what was typed before is not in the way */
    assert_int_equal(f->left, AROUND + 3);
}

/* What the last word calls for stands in front of the message: then the message is read as if it had not been typed, and
 * nothing but the message. */
static void test_called_for_at_the_end(void **state)
{
    struct fixture *f = *state;
    begin_with(f, plain);
    type(f, "Well, I must say that I like the");
    say(f, "Well, I must say that I like the rain.");
    assert_non_null(strstr(f->reply, "In the rains of 2024"));
    assert_int_equal(f->left, f->told);
    type(f, "And the rain at night, with a window");
    say(f, "And the rain at night, with a window open.");
    assert_true(f->left <= AROUND + 1);
}

/* A stranger's typing, too much, nothing, or while a reply is under way: nothing happens. */
static void test_not_read(void **state)
{
    struct fixture *f = *state;
    static char endless[70000];
    begin_with(f, plain);
    memset(endless, 'a', sizeof(endless) - 1);
    anima_typing(f->c, "Nobody", "The velvet cushion fades.");
    anima_typing(f->c, NULL, endless);
    anima_typing(f->c, NULL, "");
    anima_typing(f->c, NULL, "The velvet \xff cushion fades.");
    idle(f);
    say(f, "The velvet cushion fades.");
    assert_int_equal(f->left, f->told);
    assert_null(anima_person_at(f->at.home, 1));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_sent_as_typed),
        T(test_changed),
        T(test_called_for_at_the_end),
        T(test_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
