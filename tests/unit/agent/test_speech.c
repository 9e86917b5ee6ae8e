/* What breaks a character is taken back before anybody hears it: with the real engine process and written replies, which
 * here are checked like any others (speech.check=always). */
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

#include <cmocka.h>

#include "scratch.h"

static const char script[] = "match: again: say\nsay: Something new.\n\n"
                             "match: my uncle\nsay: Your uncle Bob lives in Paris.\n\n"
                             "match: Say what you remember\nsay: No, I don't remember your cat.\n\n"
                             "match: my cat is called\nsay: Of course. Your cat is called Rex.\n\n"
                             "match: a kitten\nsay: That's a nice name.\n\n"
                             "match: my kitten\nsay: Yes, I do. It is Momo, the white one.\n\n"
                             "match: old friend talks\nsay: Then eat something first.\n\n"
                             "match: who made you\nsay: made by Qwen. I am Qwen.\n\n"
                             "match: hungry\nsay: How can I help you today? Tell me.\n\n"
                             "match: sleepy\nsay: Go to bed early. Feel free to ask me anything else.\n\n"
                             "match: fine\nsay: ok.\n\n"
                             "match: the river\nsay: longer than the road to my house, and much colder in the "
                             "winter.\n\n"
                             "match: hello\nsay: Hello to you. How are you?\n";

struct fixture {
    struct scratch at;
    anima_conversation *conversation;
    struct buf heard;
    char reply[400];
    int over;
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    if (e->turn && e->turn->seq == 1)
        return; /* the greeting */
    if (e->type == ANIMA_EVENT_TURN_DELTA) {
        assert_int_equal(e->offset, f->heard.len); /* what was heard is never taken back */
        buf_puts(&f->heard, e->delta);
    }
    if (e->type == ANIMA_EVENT_TURN_DONE) {
        f->over++;
        snprintf(f->reply, sizeof(f->reply), "%s", e->turn->text);
        assert_int_equal(e->turn->state, ANIMA_TURN_DONE);
        assert_string_equal(f->reply, buf_str(&f->heard));
    }
}

static int open_with(void **state, const char *embed)
{
    const char *const settings[] = { "speech.check=always", embed, NULL };
    struct fixture *f = mem_zero(1, sizeof(*f));
    buf_init(&f->heard, 1 << 20);
    scratch_make(&f->at, script);
    scratch_open(&f->at, settings, on_event, f);
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &f->conversation, NULL), 0);
    *state = f;
    return 0;
}

static int set_up(void **state) { return open_with(state, "embed.model="); }

static int tear_down(void **state)
{
    struct fixture *f = *state;
    anima_conversation_close(f->conversation);
    int rc = scratch_remove(&f->at);
    buf_finish(&f->heard);
    mem_free(f);
    return rc;
}

static const char *say(struct fixture *f, const char *text)
{
    const anima_message m = { .text = text };
    int64_t seq;
    buf_reset(&f->heard);
    f->over = 0;
    assert_int_equal(anima_send(f->conversation, &m, &seq, NULL), 0);
    scratch_until(&f->at, &f->over, 1);
    return f->reply;
}

static void test_said_before(void **state)
{
    assert_string_equal(say(*state, "hello"), "Hello to you. How are you?");
    assert_string_equal(say(*state, "hello there, my friend"), "Something new.");
}

static void test_phrases_of_a_service(void **state)
{
    assert_string_equal(say(*state, "I am hungry"), "Then eat something first.");
    assert_string_equal(say(*state, "I am sleepy"), "Go to bed early."); /* what was good stands */
}

/* Asked for what nobody told it, it does not make it up; what stands in front of it, it may say. */
static void test_no_memory_is_invented(void **state)
{
    /* its first words are given; what names a cat behind them is not heard */
    assert_string_equal(say(*state, "Do you remember what my cat is called?"),
                        "I don't know, you never told me, Of course.");
    say(*state, "I got a kitten, Momo, all white.");
    assert_string_equal(say(*state, "Do you remember my kitten?"), "Yes, I do. It is Momo, the white one.");
    assert_string_equal(say(*state, "Did I ever tell you where my uncle lives?"),
                        "I don't remember that. I don't think you told me.");
}

/* The script says nothing else, however often it is asked. */
static void test_never_a_false_name(void **state)
{
    for (int i = 0; i < 6; i++) {
        const char *reply = say(*state, "who made you, tell me");
        if (!strstr(reply, "Lin"))
            fail_msg("round %d: %s", i, reply); /* its beginning, or the last resort */
        assert_null(strstr(reply, "Qwen"));
    }
}

/* Asked for something short it may say it again once nothing else comes. */
static void test_rather_clumsy_than_silent(void **state)
{
    assert_string_equal(say(*state, "fine"), "ok.");
    assert_true(strlen(say(*state, "fine, I said")) > 0);
}

static int letters(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += (*text | 32) >= 'a' && (*text | 32) <= 'z';
    return n;
}

/* The same question again: noticed in the character's manner, never the same words, never more of them. */
static void test_asked_again(void **state)
{
    char before[5][400];
    for (int i = 0; i < 5; i++) {
        snprintf(before[i], sizeof(before[i]), "%s", say(*state, "How long is the river?"));
        for (int k = 0; k < i; k++)
            assert_string_not_equal(before[i], before[k]);
        assert_true(i == 0 || letters(before[i]) <= letters(before[i - 1]));
    }
    assert_string_equal(before[0], "longer than the road to my house, and much colder in the winter.");
    /* begun with a phrase of the character, gone on with by the model, ended where it is short enough */
    assert_string_equal(before[1], "You just asked me that, longer than the road to my house.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_said_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_phrases_of_a_service, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_never_a_false_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_memory_is_invented, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_asked_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rather_clumsy_than_silent, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
