/* What was said before in other words is not said again: with the real engine process, written replies, and written
 * meanings (`means:` of driver_script.c). ANIMA_TEST_ENGINE is the path of anima-engine (the build sets it). */
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

/* "something else" stands in the hint with which a reply is asked for again. */
static const char script[] =
    "match: something else\nsay: My landlord wants to talk about the roof.\n\n"
    "match: 说点别的\nsay: 房东说屋顶要修了，我在想怎么办。\n\n"
    "match: slowly\nfirst_ms: 1500\ndelay_ms: 150\nsay: Then the waterside path took me home very slowly because it "
    "was late.\n\n"
    "match: hello\nsay: I spent the whole morning walking by the river.\n\n"
    "match: ramble\nsay: Tea first, that much is certain. Before noon I wandered along the waterside path.\n\n"
    "match: chatter\nsay: The kettle is whistling in the kitchen. A parcel of poetry arrived at breakfast. My "
    "neighbour sings "
    "opera on the stairs. Tonight I cook lentils with ginger. Sunday brings the flea market.\n\n"
    "match: nod\nsay: Oh, waterside.\n\n"
    "match: 早\nsay: 早上我一直在河边慢慢走来走去。\n\n"
    "match: 后来\nsay: 今天一大早去水岸边转了好几圈。\n\n"
    "say: Before noon I wandered along the waterside path.\n";

/* Messages mean nothing in common, but for those about the day. */
static const char means[] = "match: your day\nmeans: the question\n\n"
                            "match: the day go\nmeans: the question\n\n"
                            "match: river\nmeans: water\n\n"
                            "match: waterside\nmeans: water\n\n"
                            "match: 河\nmeans: water\n\n"
                            "match: 水岸\nmeans: water\n";

struct fixture {
    char dir[64];
    anima_home *home;
    anima_conversation *conversation;
    struct buf heard;
    char reply[400];
    anima_turn_state state;
    bool over;
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    if (e->type == ANIMA_EVENT_TURN_DELTA) {
        assert_int_equal(e->offset, f->heard.len); /* what was heard is never taken back */
        buf_puts(&f->heard, e->delta);
    }
    if (e->type == ANIMA_EVENT_TURN_DONE) {
        f->over = true;
        f->state = e->turn->state;
        snprintf(f->reply, sizeof(f->reply), "%s", e->turn->text);
        assert_string_equal(f->reply, buf_str(&f->heard));
    }
}

static void write_file(const struct fixture *f, const char *name, const char *text)
{
    char *file = fs_join(f->dir, name, (char *)NULL);
    assert_int_equal(fs_write(file, text, strlen(text), 0600, NULL), 0);
    mem_free(file);
}

static void begin(struct fixture *f, const char *meanings, const char *patience)
{
    char program[300], model[120], embed[120];
    anima_error err;
    anima_subscription *s;
    *f = (struct fixture){ .dir = "/tmp/anima-meaning-XXXXXX" };
    assert_non_null(mkdtemp(f->dir));
    write_file(f, "script.txt", script);
    write_file(f, "means.txt", meanings);
    snprintf(program, sizeof(program), "engine.program=%s", getenv("ANIMA_TEST_ENGINE"));
    snprintf(model, sizeof(model), "model.default=script:%s/script.txt", f->dir);
    snprintf(embed, sizeof(embed), "embed.model=script:%s/means.txt", f->dir);
    const char *set[] = { program, model, "person.name=Ann", "speech.check=always", embed, patience, NULL };
    const anima_home_options options = { .path = f->dir, .set = set };
    if (anima_home_open(&options, &f->home, &err) ||
        anima_conversation_create(f->home, "lin", NULL, &f->conversation, &err))
        fail_msg("open: %s", err.message);
    buf_init(&f->heard, 1 << 20);
    anima_conversation_info info;
    anima_conversation_describe(f->conversation, &info);
    assert_int_equal(anima_subscribe(f->home, info.id, on_event, f, &s, &err), 0);
}

static void end(struct fixture *f)
{
    char command[100];
    anima_conversation_close(f->conversation);
    anima_home_close(f->home);
    buf_finish(&f->heard);
    snprintf(command, sizeof(command), "rm -rf %s", f->dir);
    assert_int_equal(system(command), 0);
}

static void ask(struct fixture *f, const char *text)
{
    const anima_message m = { .text = text };
    int64_t seq;
    buf_reset(&f->heard);
    f->over = false;
    assert_int_equal(anima_send(f->conversation, &m, &seq, NULL), 0);
}

static const char *wait_reply(struct fixture *f)
{
    time_t until = time(NULL) + 30;
    while (!f->over && time(NULL) < until)
        anima_home_step(f->home, 100);
    assert_true(f->over);
    return f->reply;
}

static const char *say(struct fixture *f, const char *text)
{
    ask(f, text);
    return wait_reply(f);
}

#define PATIENT "embed.patience_ms=20000"
#define HASTY "embed.patience_ms=30"
#define FIRST "I spent the whole morning walking by the river."
#define OTHER_WORDS "Before noon I wandered along the waterside path."

/* The sentence behind the last one that is said is still looked at when the reply is long enough: that ends it, too. */
static void test_more_than_is_said(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, means, PATIENT);
    say(&f, "hello");
    assert_non_null(strstr(say(&f, "chatter"), "Tonight I cook lentils"));
    assert_int_equal(f.state, ANIMA_TURN_DONE);
    assert_null(strstr(f.reply, "Sunday"));
    end(&f);
}

static void test_other_words(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, means, PATIENT);
    assert_string_equal(say(&f, "hello"), FIRST);
    const char *reply = say(&f, "and what then?");
    if (strncmp(reply, "Before noon", 11) == 0 || strstr(reply, "path") || !strstr(reply, "landlord"))
        fail_msg("%s", reply); /* a first word may have been heard */
    end(&f);
}

static void test_chinese(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, means, PATIENT);
    assert_string_equal(say(&f, "早啊，你好"), "早上我一直在河边慢慢走来走去。");
    assert_string_equal(say(&f, "后来怎么样了"), "房东说屋顶要修了，我在想怎么办。");
    end(&f);
}

/* What stands before it was heard, and is enough. */
static void test_a_later_sentence(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, means, PATIENT);
    say(&f, "hello");
    assert_string_equal(say(&f, "ramble a bit"), "Tea first, that much is certain.");
    end(&f);
}

/* Words that come one by one are heard until they come near to something said before. */
static void test_while_it_is_said(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, means, PATIENT);
    say(&f, "hello");
    const char *reply = say(&f, "slowly now");
    if (strncmp(reply, "Then the", 8) != 0 || strstr(reply, "late") || !strstr(reply, "landlord"))
        fail_msg("%s", reply);
    end(&f);
}

static void test_short_words_may_come_again(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, means, PATIENT);
    say(&f, "hello");
    assert_string_equal(say(&f, "nod"), "Oh, waterside.");
    end(&f);
}

/* Whoever asks the same again in other words gets the same answer. */
static void test_asked_again(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, means, PATIENT);
    assert_string_equal(say(&f, "hello, how was your day?"), FIRST);
    assert_string_equal(say(&f, "tell me, how did the day go"), OTHER_WORDS);
    end(&f);
}

/* Whatever is wrong with the model of meanings: a reply is heard, unchecked. */
static void test_goes_on_without(void **state)
{
    (void)state;
    static const char *const broken[] = { "means: x\ndie: 0\n",
                                          "means: x\nhang: 0\n",
                                          "means: x\nfirst_ms: 3600000\n",
                                          "means: x\nerror: busy not now\n",
                                          "fail_load: model no\n\nmeans: x\n",
                                          "this is no script" };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct fixture f;
        begin(&f, broken[i], HASTY);
        assert_string_equal(say(&f, "hello"), FIRST);
        assert_string_equal(say(&f, "and what then?"), OTHER_WORDS);
        assert_string_equal(say(&f, "ramble a bit"), "Tea first, that much is certain."); /* by its letters */
        end(&f);
    }
}

static void test_stopped_while_it_is_held(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "match: waterside\nmeans: water\nfirst_ms: 3600000\n", PATIENT);
    say(&f, "hello");
    ask(&f, "and what then?");
    scratch_rest(f.home, 400);
    assert_false(f.over);
    assert_int_equal(anima_cancel(f.conversation, NULL), 0);
    assert_null(strstr(wait_reply(&f), "noon"));
    assert_int_equal(f.state, ANIMA_TURN_CANCELLED);
    assert_string_equal(say(&f, "nod"), "Oh, waterside.");
    ask(&f, "and what then, at last?"); /* and closed while it is held */
    scratch_rest(f.home, 400);
    assert_false(f.over);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_than_is_said),
        cmocka_unit_test(test_other_words),
        cmocka_unit_test(test_chinese),
        cmocka_unit_test(test_a_later_sentence),
        cmocka_unit_test(test_while_it_is_said),
        cmocka_unit_test(test_asked_again),
        cmocka_unit_test(test_short_words_may_come_again),
        cmocka_unit_test(test_goes_on_without),
        cmocka_unit_test(test_stopped_while_it_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
