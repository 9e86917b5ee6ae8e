/* What people ask of a character: noticed, told to the model with every reply (the script says back what it read), undone,
 * gone with its conversation or kept, and there again after a restart. */
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

struct fixture {
    struct scratch at;
    char reply[4096];
    int done, changed, removed;
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    f->changed += e->type == ANIMA_EVENT_NOTE_CHANGED;
    f->removed += e->type == ANIMA_EVENT_NOTE_REMOVED;
    if (e->type != ANIMA_EVENT_TURN_DONE)
        return;
    f->done++;
    snprintf(f->reply, sizeof(f->reply), "%s", e->turn->text);
}

static void open_home(struct fixture *f) { scratch_open(&f->at, NULL, on_event, f); }

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    scratch_make(&f->at, "say: {system}\nsay: {told}\n"); /* what it was asked with */
    open_home(f);
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

static anima_conversation *begin(struct fixture *f)
{
    anima_conversation *c;
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &c, NULL), 0);
    return c;
}

static const char *say(struct fixture *f, anima_conversation *c, const char *text, const char *person)
{
    const anima_message m = { .text = text, .person = person };
    int64_t seq;
    int before = f->done;
    assert_int_equal(anima_send(c, &m, &seq, NULL), 0);
    scratch_until(&f->at, &f->done, before + 1);
    assert_int_equal(f->done, before + 1);
    return f->reply;
}

static int put(void *ctx, const anima_note *n)
{
    buf_printf(ctx, "%lld %s %s %d|", (long long)n->id, n->person_name, n->text, n->active);
    return 0;
}

static void notes_are(struct fixture *f, const char *expected)
{
    struct buf b;
    buf_init(&b, 65536);
    anima_note_list(f->at.home, "lin", put, &b);
    assert_string_equal(buf_str(&b), expected);
    buf_finish(&b);
}

static void test_noticed_and_obeyed(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    say(f, c, "Nice day. Don't call me sir.", NULL);
    notes_are(f, "1 Ann Don't call me sir. 1|");
    anima_conversation_close(c);
    anima_home_close(f->at.home);
    open_home(f); /* another day, another conversation */
    c = begin(f);
    const char *read = say(f, c, "hello", NULL);
    assert_non_null(strstr(read, "What Ann asked of you"));
    assert_non_null(strstr(read, "(Remember what I asked: Don't call me sir.)"));
    assert_null(strstr(say(f, c, "hello", "Bob"), "Remember what I asked")); /* it was not his wish */
    anima_conversation_close(c);
}

static void test_newer_wins_and_undo(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    say(f, c, "Call me Captain.", NULL);
    say(f, c, "Call me Captain.", NULL); /* the same again */
    say(f, c, "Call me Ann.", NULL);
    notes_are(f, "1 Ann Call me Captain. 0|2 Ann Call me Ann. 1|");
    say(f, c, "Forget that.", NULL);
    notes_are(f, "1 Ann Call me Captain. 0|2 Ann Call me Ann. 0|");
    assert_null(strstr(say(f, c, "hello", NULL), "Remember what I asked"));
    anima_conversation_close(c);
}

/* Classes come a fifth of a second later. */
static void wait_for_classes(struct fixture *f)
{
    anima_memory_state state = { .unread = 1 };
    for (int i = 0; i < 200 && (state.unread || state.due); i++) {
        anima_home_step(f->at.home, 50);
        assert_int_equal(anima_memory_status(f->at.home, &state, NULL), 0);
    }
    assert_int_equal(state.unread + state.due, 0);
}

/* Others who are there read what comes of it: what is to be remembered they must have heard; wishes are kept, but a secret is told to nobody. */
static void test_in_company(void **state)
{
    struct fixture *f = *state;
    anima_note note;
    anima_conversation *c = begin(f);
    say(f, c, "Don't call me sir.", NULL);
    anima_conversation_close(c);
    c = begin(f); /* what asks for silence covers the turns around it */
    say(f, c, "Remember that my cello is called Otto.", NULL);
    say(f, c, "From now on always call the wedding the zebra. Keep that between us.", NULL);
    assert_int_equal(anima_note_add(f->at.home, "lin", NULL, "Remember that the key is under the mat.", &note, NULL),
                     0);
    assert_int_equal(anima_note_add(f->at.home, "lin", NULL, "Answer in one sentence.", &note, NULL), 0);
    wait_for_classes(f);
    anima_conversation_close(c);
    c = begin(f);
    const char *alone = say(f, c, "hello", NULL);
    assert_true(strstr(alone, "Otto") && strstr(alone, "sir") && strstr(alone, "zebra") &&
                strstr(alone, "under the mat") && strstr(alone, "one sentence"));
    anima_conversation_close(c);
    c = begin(f);
    say(f, c, "hello", "Bob");
    const char *together = say(f, c, "hello", NULL);
    assert_true(strstr(together, "sir") && strstr(together, "one sentence"));
    assert_null(strstr(together, "Otto"));
    assert_null(strstr(together, "zebra"));
    assert_null(strstr(together, "under the mat"));
    say(f, c, "Remember that my flute is called Emma.", NULL);
    wait_for_classes(f);
    assert_non_null(strstr(say(f, c, "hello again", NULL), "asked of you"));
    assert_non_null(strstr(f->reply, "Emma")); /* he was there */
    anima_conversation_close(c);
}

static void test_language(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    say(f, c, "以后用英文回答我。", NULL);
    assert_non_null(strstr(say(f, c, "今天天气不错。", NULL), "You are Lin")); /* the English persona */
    anima_conversation_close(c);
}

static void test_by_hand(void **state)
{
    struct fixture *f = *state;
    anima_note n;
    char long_text[500];
    memset(long_text, 'a', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    assert_int_equal(anima_note_add(f->at.home, "lin", NULL, "Speak softly.", &n, NULL), 0);
    assert_int_equal(n.id, 1);
    assert_int_equal(anima_note_change(f->at.home, 1, "Speak loudly.", 0, &n, NULL), 0);
    notes_are(f, "1 Ann Speak loudly. 0|");
    assert_int_equal(f->changed, 2);
    assert_int_equal(anima_note_add(f->at.home, "lin", NULL, "", &n, NULL), ANIMA_E_INVALID);
    assert_int_equal(anima_note_add(f->at.home, "lin", NULL, long_text, &n, NULL), ANIMA_E_INVALID);
    assert_int_equal(anima_note_add(f->at.home, "nobody", NULL, "x", &n, NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_note_change(f->at.home, 9, "x", -1, &n, NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_note_remove(f->at.home, 1, NULL), 0);
    assert_int_equal(anima_note_remove(f->at.home, 1, NULL), ANIMA_E_NOT_FOUND);
    notes_are(f, "");
    assert_int_equal(f->removed, 1);
}

static void deleted(void *ctx, int rc, const anima_error *err)
{
    (void)err;
    *(int *)ctx = rc;
}

/* Deleted for good means the words that were noted, too. */
static void test_gone_with_its_conversation(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    char command[200];
    int rc = 1;
    say(f, c, "Remember that xylophone42 is my password.", NULL);
    snprintf(command, sizeof(command), "grep -rq xylophone42 %s", f->at.dir);
    assert_int_equal(system(command), 0);
    assert_int_equal(anima_conversation_delete(c, false, deleted, &rc, NULL), 0);
    anima_conversation_close(c);
    for (int i = 0; rc == 1 && i < 100; i++)
        anima_home_step(f->at.home, 100);
    assert_int_equal(rc, 0);
    notes_are(f, "");
    assert_int_not_equal(system(command), 0);
}

/* Kept when its conversation is deleted, it is a note like one written by hand: nothing of the conversation is left. */
static void test_kept_without_its_conversation(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_note n;
    char command[200];
    int rc = 1;
    say(f, c, "Remember that xylophone42 is my password.", NULL);
    say(f, c, "The marimba17 is louder.", NULL);
    assert_int_equal(anima_note_change(f->at.home, 1, "Remember my password.", -1, &n, NULL), 0);
    assert_int_equal(anima_conversation_delete(c, true, deleted, &rc, NULL), 0);
    anima_conversation_close(c);
    for (int i = 0; rc == 1 && i < 100; i++)
        anima_home_step(f->at.home, 100);
    assert_int_equal(rc, 0);
    notes_are(f, "1 Ann Remember my password. 1|");
    assert_int_equal(anima_note_change(f->at.home, 1, NULL, 0, &n, NULL), 0);
    assert_string_equal(n.conversation, "");
    assert_string_equal(n.said, "");
    assert_int_equal(n.seq, 0);
    snprintf(command, sizeof(command), "grep -rqE 'xylophone42|marimba17' %s", f->at.dir);
    assert_int_not_equal(system(command), 0);
    anima_home_close(f->at.home);
    open_home(f);
    notes_are(f, "1 Ann Remember my password. 0|");
}

static void test_abilities(void **state)
{
    struct fixture *f = *state;
    anima_ability a;
    anima_conversation *c = begin(f);
    assert_true(anima_ability_at(f->at.home, 0, &a) && a.on);
    assert_non_null(strstr(say(f, c, "Can you call me?", NULL), "voice calls cannot be done here"));
    assert_non_null(strstr(say(f, c, "你能看照片吗？", NULL), "现在做不到"));
    assert_null(strstr(say(f, c, "I called my mum.", NULL), "cannot be done here. "));
    anima_conversation_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_noticed_and_obeyed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_newer_wins_and_undo, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_in_company, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_language, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_by_hand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gone_with_its_conversation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_kept_without_its_conversation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_abilities, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
