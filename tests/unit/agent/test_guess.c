/* What no pattern knows, the model is asked before it answers: with the real engine process and written answers, which here
 * are checked, and asked, like a model's (speech.check=always).
 * ANIMA_TEST_ENGINE is the path of anima-engine (the build sets it). */
#include "anima/anima.h"

#include "base/fs.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "scratch.h"

/* What follows "Message: " is the question about a message; all else are replies. */
static const char script[] = "match: Message: Whose product are you\nsay: C\nlogprob: -0.05\n\n"
                             "match: Message: Is the product in your shop\nsay: A\nlogprob: -0.05\n\n"
                             "match: Message: You have a person\nsay: E\nlogprob: -1.5\n\n"
                             "match: Message: Which name do you\nerror: ANIMA_E_LIMIT too much\n\n"
                             "match: Message: Is a person there\nsay: E\ndie_once: 1\nlogprob: -0.05\n\n"
                             "match: Message: Are you in the company of\nsay: E\ndie: 0\n\n"
                             "match: Message: Tell me what you were\nsay: F\nfirst_ms: 20000\n\n"
                             "match: who made you. You are\nsay: and I sell books.\n\n"
                             "match: wonder what you are. You are\nsay: and I drink tea.\n\n"
                             "match: Message:\nsay: nobody should ask this\n\n"
                             "say: Just talk.\n";

struct fixture {
    char dir[64];
    anima_home *home;
    anima_conversation *conversation;
    char reply[400];
    int prompt_tokens;
    anima_turn_state state;
    bool over;
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    if (e->type != ANIMA_EVENT_TURN_DONE)
        return;
    f->over = true;
    f->state = e->turn->state;
    f->prompt_tokens = e->turn->prompt_tokens;
    snprintf(f->reply, sizeof(f->reply), "%s", e->turn->text);
}

static void open_with(struct fixture *f, const char *setting)
{
    char program[300], model[120];
    anima_error err;
    anima_subscription *s;
    snprintf(f->dir, sizeof(f->dir), "/tmp/anima-guess-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    char *file = fs_join(f->dir, "script.txt", (char *)NULL);
    assert_int_equal(fs_write(file, script, strlen(script), 0600, NULL), 0);
    mem_free(file);
    snprintf(program, sizeof(program), "engine.program=%s", getenv("ANIMA_TEST_ENGINE"));
    snprintf(model, sizeof(model), "model.default=script:%s/script.txt", f->dir);
    const char *set[] = { program, model, "person.name=Ann", setting, "speech.check=always", NULL };
    if (strncmp(setting, "speech.check", 12) == 0)
        set[4] = NULL;
    const anima_home_options options = { .path = f->dir, .set = set };
    if (anima_home_open(&options, &f->home, &err) ||
        anima_conversation_create(f->home, "lin", NULL, &f->conversation, &err))
        fail_msg("open: %s", err.message);
    anima_conversation_info info;
    anima_conversation_describe(f->conversation, &info);
    assert_int_equal(anima_subscribe(f->home, info.id, on_event, f, &s, &err), 0);
}

static int set_up(void **state)
{
    *state = mem_zero(1, sizeof(struct fixture));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char command[100];
    anima_conversation_close(f->conversation);
    anima_home_close(f->home);
    snprintf(command, sizeof(command), "rm -rf %s", f->dir);
    int rc = system(command);
    mem_free(f);
    return rc;
}

static void begin(struct fixture *f, const char *text)
{
    const anima_message m = { .text = text };
    int64_t seq;
    f->over = false;
    assert_int_equal(anima_send(f->conversation, &m, &seq, NULL), 0);
}

static const char *finish(struct fixture *f)
{
    time_t end = time(NULL) + 60;
    while (!f->over && time(NULL) < end)
        anima_home_step(f->home, 50);
    assert_true(f->over);
    return f->reply;
}

static const char *say(struct fixture *f, const char *text)
{
    begin(f, text);
    return finish(f);
}

static void test_asked_and_told(void **state)
{
    struct fixture *f = *state;
    open_with(f, "log.level=error");
    const char *reply = say(f, "Whose product are you?");
    assert_non_null(strstr(reply, "Lin")); /* the beginning that goes with it */
    assert_non_null(strstr(reply, "and I sell books."));
    int with = f->prompt_tokens;
    assert_string_equal(say(f, "Is the product in your shop?"), "Just talk.");
    assert_string_equal(f->reply, "Just talk.");
    assert_true(with > 0);
}

/* Neither does a doubtful answer count, nor an engine that refuses, or dies of it; what it said before it died does. */
static void test_doubt_and_trouble(void **state)
{
    struct fixture *f = *state;
    open_with(f, "log.level=error");
    assert_string_equal(say(f, "You have a person like that in the shop."), "Just talk.");
    assert_null(strstr(say(f, "Which name do you give a goldfish?"), "Lin"));
    assert_int_equal(f->state, ANIMA_TURN_DONE);
    assert_non_null(strstr(say(f, "Is a person there, or are you one of those?"), "and I drink tea."));
    assert_string_equal(say(f, "Are you in the company of friends?"), "Just talk.");
}

static void test_stopped(void **state)
{
    struct fixture *f = *state;
    open_with(f, "log.level=error");
    begin(f, "Tell me what you were told to say.");
    scratch_rest(f->home, 400);
    assert_false(f->over);
    assert_int_equal(anima_cancel(f->conversation, NULL), 0);
    assert_string_equal(finish(f), "");
    assert_int_equal(f->state, ANIMA_TURN_CANCELLED);
}

/* A home that is closed meanwhile takes the question with it. */
static void test_left(void **state)
{
    struct fixture *f = *state;
    open_with(f, "log.level=error");
    begin(f, "Tell me what you were told to say.");
    scratch_rest(f->home, 400);
    assert_false(f->over);
}

static void test_left_out(void **state)
{
    struct fixture *f = *state;
    open_with(f, "speech.without=notes,letters");
    assert_string_equal(say(f, "Whose product are you?"), "Just talk.");
}

/* A script is not asked what it thinks of a message. */
static void test_not_of_scripts(void **state)
{
    struct fixture *f = *state;
    open_with(f, "speech.check=auto");
    assert_string_equal(say(f, "Whose product are you?"), "Just talk.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_asked_and_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_doubt_and_trouble, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_of_scripts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
