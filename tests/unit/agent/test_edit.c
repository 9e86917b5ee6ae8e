/* People change what was said, through anima.h alone, with the real engine process and written replies: edit, alternatives,
 * regenerate, take back, fork, rename, delete for good, search, export and import; and what is refused. */
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
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

static const char script[] = "match: slow\n"
                             "delay_ms: 20\n"
                             "say: one two three. four five six. seven eight nine. ten eleven twelve.\n"
                             "\n"
                             "match: again\n"
                             "say: First answer.\n"
                             "\n"
                             "match: break\n"
                             "error: engine it is broken\n"
                             "\n"
                             "say: You said {last}.\n";

struct fixture {
    struct scratch at;
    struct buf log;
    int ended; /* turns */
    /* of the last report */
    int reports, code;
    anima_error err;
    char made[24];
    struct buf text; /* hits or a file */
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    if (e->type == ANIMA_EVENT_TURN_DONE)
        f->ended += e->turn->role == ANIMA_ROLE_CHARACTER;
    else if (e->type == ANIMA_EVENT_TURN_CHANGED)
        buf_printf(&f->log, "changed %d:%s ", (int)e->turn->seq, e->turn->text);
    else if (e->type == ANIMA_EVENT_TURNS_REMOVED)
        buf_printf(&f->log, "removed after %d ", (int)e->after);
    else if (e->type == ANIMA_EVENT_DELETED)
        buf_printf(&f->log, "deleted ");
}

static void done(void *ctx, int code, const anima_error *err)
{
    struct fixture *f = ctx;
    f->reports++;
    f->code = code;
    f->err = *err;
}

static void made(void *ctx, int code, const anima_error *err, anima_conversation *c)
{
    struct fixture *f = ctx;
    anima_conversation_info info;
    done(ctx, code, err);
    assert_true((c != NULL) == (code == 0));
    if (c) {
        anima_conversation_describe(c, &info);
        snprintf(f->made, sizeof(f->made), "%s", info.id);
    }
}

static void found(void *ctx, int code, const anima_error *err, const anima_hit *hits, size_t n, bool more)
{
    struct fixture *f = ctx;
    done(ctx, code, err);
    buf_reset(&f->text);
    for (size_t i = 0; i < n; i++)
        buf_printf(&f->text, "%d:%s[%s]%s|", (int)hits[i].seq, hits[i].before, hits[i].match, hits[i].after);
    buf_puts(&f->text, more ? "more" : "");
}

static void exported(void *ctx, int code, const anima_error *err, const char *data, size_t n)
{
    struct fixture *f = ctx;
    done(ctx, code, err);
    buf_reset(&f->text);
    buf_append(&f->text, data, n);
}

static void open_home(struct fixture *f) { scratch_open(&f->at, NULL, on_event, f); }

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    buf_init(&f->log, 1 << 20);
    buf_init(&f->text, 64 << 20);
    scratch_make(&f->at, script);
    open_home(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    int rc = scratch_remove(&f->at);
    buf_finish(&f->log);
    buf_finish(&f->text);
    mem_free(f);
    return rc;
}

/* The code of a change: what it returns at once, or what is reported. */
static int finish(struct fixture *f, int rc)
{
    int before = f->reports;
    if (rc)
        return rc;
    scratch_until(&f->at, &f->reports, before + 1);
    assert_int_equal(f->reports, before + 1);
    return f->code;
}

static void until_ended(struct fixture *f, int n)
{
    scratch_until(&f->at, &f->ended, n);
    assert_int_equal(f->ended, n);
}

static anima_conversation *begin(struct fixture *f)
{
    anima_conversation *c;
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &c, NULL), 0);
    return c;
}

static int64_t say(struct fixture *f, anima_conversation *c, const char *text)
{
    anima_message m = { .text = text };
    int64_t seq = 0;
    anima_error err;
    int before = f->ended;
    if (anima_send(c, &m, &seq, &err))
        fail_msg("send: %s", err.message);
    until_ended(f, before + 1);
    return seq;
}

static int one_turn(void *ctx, const anima_turn *t)
{
    buf_printf(ctx, "%d:%s%s r%d v%d/%d|", (int)t->seq, t->text, t->edited ? "*" : "", t->revision, t->variant,
               t->variants);
    return 0;
}

static int one_variant(void *ctx, const anima_turn *t)
{
    buf_printf(ctx, "%d:%s|", t->variant, t->text);
    return 0;
}

static void expect(anima_conversation *c, int64_t after, const char *wanted)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(anima_conversation_turns(c, after, 100, one_turn, &b, NULL), 0);
    assert_string_equal(buf_str(&b), wanted);
    buf_finish(&b);
}

static void expect_variants(anima_conversation *c, int64_t seq, const char *wanted)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(anima_turn_variants(c, seq, one_variant, &b, NULL), 0);
    assert_string_equal(buf_str(&b), wanted);
    buf_finish(&b);
}

static void test_edit(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_conversation_info info;
    anima_error err;
    say(f, c, "hello");
    assert_int_equal(finish(f, anima_turn_edit(c, 2, "你好", 0, done, f, &err)), 0);
    expect(c, 1, "2:你好* r1 v0/1|3:You said hello. r0 v0/1|");
    assert_int_equal(finish(f, anima_turn_edit(c, 3, "Mine.", 0, done, f, &err)), 0);
    anima_conversation_describe(c, &info);
    assert_string_equal(info.last_text, "Mine.");
    assert_string_equal(buf_str(&f->log), "changed 2:你好 changed 3:Mine. ");
    assert_int_equal(say(f, c, "again"), 4);
    expect(c, 3, "4:again r0 v0/1|5:First answer. r0 v0/1|");
    assert_int_equal(finish(f, anima_turn_edit(c, 9, "x", 0, done, f, &err)), ANIMA_E_NOT_FOUND);
    assert_int_equal(finish(f, anima_turn_edit(c, 2, "", 0, done, f, &err)), ANIMA_E_INVALID);
    assert_int_equal(finish(f, anima_turn_edit(c, 2, "\xFF", 0, done, f, &err)), ANIMA_E_INVALID);
    char *huge = mem_zero(1, 70001);
    memset(huge, 'x', 70000);
    assert_int_equal(finish(f, anima_turn_edit(c, 2, huge, 0, done, f, &err)), ANIMA_E_LIMIT);
    mem_free(huge);
    anima_conversation_close(c);
}

static void test_two_editors(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    say(f, c, "hello");
    assert_int_equal(anima_turn_edit(c, 2, "one", 0, done, f, NULL), 0);
    assert_int_equal(anima_turn_edit(c, 2, "two", 0, done, f, NULL), 0);
    time_t end = time(NULL) + 30;
    while (f->reports < 2 && time(NULL) < end)
        anima_home_step(f->at.home, 100);
    assert_int_equal(f->code, ANIMA_E_CONFLICT); /* the second is told */
    expect(c, 1, "2:one* r1 v0/1|3:You said hello. r0 v0/1|");
    assert_int_equal(finish(f, anima_turn_edit(c, 2, "two", 1, done, f, NULL)), 0);
    assert_int_equal(finish(f, anima_turn_edit(c, 2, "whatever it is", -1, done, f, NULL)), 0);
    assert_int_equal(finish(f, anima_turn_take_back(c, 2, 1, done, f, NULL)), ANIMA_E_CONFLICT);
    assert_int_equal(finish(f, anima_turn_regenerate(c, 3, 7, done, f, NULL)), ANIMA_E_CONFLICT);
    anima_conversation_close(c);
}

static void test_alternatives(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_error err;
    say(f, c, "again");
    assert_int_equal(finish(f, anima_turn_edit(c, 2, "other", 0, done, f, &err)), 0);
    assert_int_equal(finish(f, anima_turn_regenerate(c, 3, 0, done, f, &err)), 0);
    until_ended(f, 2);
    expect(c, 2, "3:You said other. r1 v1/2|");
    expect_variants(c, 3, "0:First answer.|1:You said other.|");
    assert_int_equal(finish(f, anima_turn_choose(c, 3, 0, 1, done, f, &err)), 0);
    expect(c, 2, "3:First answer. r2 v0/2|");
    assert_int_equal(finish(f, anima_turn_choose(c, 3, 0, 2, done, f, &err)), 0); /* it is shown already */
    expect(c, 2, "3:First answer. r2 v0/2|");
    assert_int_equal(finish(f, anima_turn_regenerate(c, 3, 2, done, f, &err)), 0);
    until_ended(f, 3);
    expect_variants(c, 3, "0:First answer.|1:You said other.|2:You said other.|");
    say(f, c, "next");
    assert_int_equal(finish(f, anima_turn_choose(c, 3, 0, -1, done, f, &err)), 0); /* an earlier one, too */
    expect(c, 2, "3:First answer. r4 v0/3|4:next r0 v0/1|5:You said next. r0 v0/1|");
    assert_int_equal(finish(f, anima_turn_choose(c, 3, 3, -1, done, f, &err)), ANIMA_E_NOT_FOUND);
    assert_int_equal(finish(f, anima_turn_choose(c, 3, -1, -1, done, f, &err)), ANIMA_E_INVALID);
    assert_int_equal(finish(f, anima_turn_regenerate(c, 3, -1, done, f, &err)), ANIMA_E_INVALID); /* not the last */
    assert_int_equal(finish(f, anima_turn_regenerate(c, 4, -1, done, f, &err)), ANIMA_E_INVALID); /* not a reply */
    assert_int_equal(anima_turn_variants(c, 8, one_variant, NULL, &err), ANIMA_E_NOT_FOUND);
    anima_conversation_close(c);
    c = begin(f);
    assert_int_equal(finish(f, anima_conversation_rename(c, "it is stored", done, f, &err)), 0);
    assert_int_equal(finish(f, anima_turn_regenerate(c, 1, -1, done, f, &err)), ANIMA_E_INVALID); /* a greeting */
    anima_conversation_close(c);
}

/* Nothing that was said is lost if nothing is said anew. */
static void test_regenerate_in_vain(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_error err;
    say(f, c, "again");
    assert_int_equal(finish(f, anima_turn_edit(c, 2, "break", 0, done, f, &err)), 0);
    assert_int_equal(finish(f, anima_turn_regenerate(c, 3, 0, done, f, &err)), 0);
    until_ended(f, 2);
    anima_home_step(f->at.home, 0);
    expect(c, 2, "3:First answer. r1 v0/1|");
    assert_non_null(strstr(buf_str(&f->log), "changed 3:First answer. "));
    assert_int_equal(finish(f, anima_turn_edit(c, 2, "slow", 1, done, f, &err)), 0);
    assert_int_equal(anima_turn_regenerate(c, 3, 1, done, f, &err), 0);
    assert_int_equal(anima_cancel(c, &err), 0); /* before it began */
    until_ended(f, 3);
    expect(c, 2, "3:First answer. r2 v0/1|");
    say(f, c, "and on");
    expect(c, 4, "5:You said and on. r0 v0/1|");
    anima_conversation_close(c);
}

static void test_regenerate_over_a_restart(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_conversation_info info;
    anima_conversation_describe(c, &info);
    say(f, c, "again");
    assert_int_equal(finish(f, anima_turn_edit(c, 2, "slow", 0, done, f, NULL)), 0);
    assert_int_equal(finish(f, anima_turn_regenerate(c, 3, 0, done, f, NULL)), 0);
    scratch_rest(f->at.home, 200);
    anima_conversation_close(c);
    anima_home_close(f->at.home); /* in mid-reply */
    open_home(f);
    assert_int_equal(anima_conversation_open(f->at.home, info.id, &c, NULL), 0);
    until_ended(f, 2);
    expect(c, 2, "3:one two three. four five six. seven eight nine. ten eleven twelve. r1 v1/2|");
    expect_variants(c, 3, "0:First answer.|1:one two three. four five six. seven eight nine. ten eleven twelve.|");
    anima_conversation_close(c);
}

static void test_busy(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_error err;
    anima_message m = { .text = "slow" };
    int64_t seq;
    assert_int_equal(anima_send(c, &m, &seq, &err), 0);
    anima_home_step(f->at.home, 50);
    assert_int_equal(anima_turn_edit(c, 1, "x", -1, done, f, &err), ANIMA_E_BUSY);
    assert_int_equal(anima_turn_choose(c, 1, 0, -1, done, f, &err), ANIMA_E_BUSY);
    assert_int_equal(anima_turn_regenerate(c, 3, -1, done, f, &err), ANIMA_E_BUSY);
    assert_int_equal(anima_turn_take_back(c, 2, -1, done, f, &err), ANIMA_E_BUSY);
    assert_int_equal(anima_conversation_fork(c, 1, NULL, made, f, &err), ANIMA_E_BUSY);
    assert_int_equal(anima_conversation_delete(c, false, done, f, &err), ANIMA_E_BUSY);
    assert_int_equal(finish(f, anima_conversation_rename(c, "a name", done, f, &err)), 0);
    anima_cancel(c, NULL);
    until_ended(f, 1);
    anima_conversation_close(c);
}

static void test_take_back(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_conversation_info info;
    anima_error err;
    say(f, c, "secretword one");
    say(f, c, "two");
    assert_int_equal(finish(f, anima_turn_take_back(c, 4, 0, done, f, &err)), 0);
    anima_conversation_describe(c, &info);
    assert_int_equal(info.turns, 3);
    assert_string_equal(info.last_text, "You said secretword one.");
    assert_string_equal(info.title, "secretword one");
    assert_int_equal(say(f, c, "three"), 4);
    expect(c, 3, "4:three r0 v0/1|5:You said three. r0 v0/1|");
    assert_int_equal(anima_turn_take_back(c, 2, -1, done, f, &err), 0);
    int64_t seq;
    anima_message m = { .text = "meanwhile" };
    assert_int_equal(anima_send(c, &m, &seq, &err), ANIMA_E_BUSY);
    assert_int_equal(finish(f, 0), 0);
    anima_conversation_describe(c, &info);
    assert_string_equal(info.title, ""); /* it was the words that were taken back */
    assert_int_equal(info.turns, 1);
    char command[120];
    snprintf(command, sizeof(command), "! grep -rq secretword %s", f->at.dir);
    assert_int_equal(system(command), 0);
    assert_int_equal(say(f, c, "again"), 2);
    expect(c, 1, "2:again r0 v0/1|3:First answer. r0 v0/1|");
    assert_int_equal(finish(f, anima_turn_take_back(c, 7, -1, done, f, &err)), ANIMA_E_NOT_FOUND);
    assert_non_null(strstr(buf_str(&f->log), "removed after 3 removed after 1 "));
    anima_conversation_close(c);
}

static void test_fork(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f), *fork;
    anima_conversation_info info, other;
    anima_error err;
    say(f, c, "again");
    assert_int_equal(finish(f, anima_turn_regenerate(c, 3, 0, done, f, &err)), 0);
    until_ended(f, 2);
    say(f, c, "more");
    assert_int_equal(finish(f, anima_conversation_fork(c, 3, NULL, made, f, &err)), 0);
    anima_conversation_describe(c, &info);
    assert_int_equal(anima_conversation_open(f->at.home, f->made, &fork, &err), 0);
    anima_conversation_describe(fork, &other);
    assert_string_equal(other.parent, info.id);
    assert_int_equal(other.parent_seq, 3);
    assert_string_equal(other.title, "again (2)");
    assert_int_equal(other.turns, 3);
    expect(fork, 1, "2:again r0 v0/1|3:First answer. r1 v1/2|");
    expect_variants(fork, 3, "0:First answer.|1:First answer.|");
    assert_int_equal(say(f, fork, "elsewhere"), 4);
    expect(c, 3, "4:more r0 v0/1|5:You said more. r0 v0/1|");
    assert_int_equal(finish(f, anima_conversation_fork(fork, 1, NULL, made, f, &err)), 0);
    anima_conversation_close(fork);
    assert_int_equal(anima_conversation_open(f->at.home, f->made, &fork, &err), 0);
    anima_conversation_describe(fork, &other);
    assert_string_equal(other.title, "again (3)");
    anima_conversation_close(fork);
    assert_int_equal(finish(f, anima_conversation_fork(c, 9, NULL, made, f, &err)), ANIMA_E_NOT_FOUND);
    assert_int_equal(finish(f, anima_conversation_fork(c, 0, NULL, made, f, &err)), ANIMA_E_NOT_FOUND);
    assert_int_equal(finish(f, anima_conversation_fork(c, 1, "a\nb", made, f, &err)), ANIMA_E_INVALID);
    anima_conversation_close(c);
}

static void test_rename(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_conversation_info info;
    char longer[200];
    memset(longer, 'x', sizeof(longer));
    longer[199] = '\0';
    assert_int_equal(finish(f, anima_conversation_rename(c, "书店里", done, f, NULL)), 0);
    anima_conversation_describe(c, &info);
    assert_string_equal(info.title, "书店里");
    assert_int_equal(finish(f, anima_conversation_rename(c, longer, done, f, NULL)), ANIMA_E_INVALID);
    assert_int_equal(finish(f, anima_conversation_rename(c, "\xC3", done, f, NULL)), ANIMA_E_INVALID);
    anima_conversation_close(c);
}

/* Many conversations, so that pages are shared; some are deleted; not a byte of them is in any file. */
static void test_delete_for_good(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    char ids[12][24], text[6000], command[200];
    for (int i = 0; i < 12; i++) {
        anima_conversation *c = begin(f);
        anima_conversation_info info;
        anima_conversation_describe(c, &info);
        snprintf(ids[i], sizeof(ids[i]), "%s", info.id);
        size_t n = (size_t)snprintf(text, sizeof(text), "%s number %d ", i % 2 ? "keepthis" : "forgetthis", i);
        if (i % 3 == 0)
            for (; n + 20 < sizeof(text); n += 10)
                snprintf(text + n, sizeof(text) - n, "%s", i % 2 ? "keepthis  " : "forgetthis");
        say(f, c, text);
        finish(f, anima_turn_regenerate(c, 3, 0, done, f, &err));
        until_ended(f, 2 * i + 2);
        anima_conversation_close(c);
    }
    snprintf(command, sizeof(command), "! grep -rq forgetthis %s", f->at.dir);
    assert_int_not_equal(system(command), 0);
    for (int i = 0; i < 12; i += 2) {
        anima_conversation *c, *gone;
        assert_int_equal(anima_conversation_open(f->at.home, ids[i], &c, &err), 0);
        assert_int_equal(anima_conversation_delete(c, false, done, f, &err), 0);
        assert_int_equal(anima_conversation_open(f->at.home, ids[i], &gone, &err), ANIMA_E_NOT_FOUND);
        assert_int_equal(anima_conversation_delete(c, false, done, f, &err), ANIMA_E_NOT_FOUND);
        assert_int_equal(finish(f, 0), 0);
        assert_int_equal(f->err.code, 0); /* the log is empty */
        int64_t seq;
        anima_message m = { .text = "too late" };
        assert_int_equal(anima_send(c, &m, &seq, &err), ANIMA_E_NOT_FOUND);
        anima_conversation_close(c);
    }
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof(command), "grep -rq keepthis %s", f->at.dir);
    assert_int_equal(system(command), 0);
    assert_non_null(strstr(buf_str(&f->log), "deleted "));
}

static int stop_at_first(void *ctx, const anima_conversation_info *info)
{
    snprintf(ctx, 24, "%s", info->id);
    return 1;
}

static void test_list_of_a_character(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    char id[24] = "";
    anima_home_step(f->at.home, 100);
    assert_int_equal(finish(f, anima_conversation_rename(c, "x", done, f, NULL)), 0);
    assert_int_equal(anima_conversation_list_of(f->at.home, "mo", 10, 0, stop_at_first, id, NULL), 0);
    assert_string_equal(id, "");
    assert_int_equal(anima_conversation_list_of(f->at.home, "lin", 10, 0, stop_at_first, id, NULL), 0);
    assert_int_equal(strlen(id), 16);
    assert_int_equal(anima_conversation_list_of(f->at.home, "lin", 0, 0, stop_at_first, id, NULL), ANIMA_E_INVALID);
    anima_conversation_close(c);
}

static void search(struct fixture *f, const char *query, int limit, const char *wanted)
{
    assert_int_equal(finish(f, anima_search(f->at.home, query, limit, found, f, NULL)), 0);
    assert_string_equal(buf_str(&f->text), wanted);
}

static void test_search(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_error err;
    finish(f, anima_conversation_rename(c, "茶馆 talk", done, f, &err));
    say(f, c, "我昨天在茶馆里看见一只很大的白猫，它睡在窗台上。");
    say(f, c, "我昨天看见一个很大的茶壶 Big TEAPOT");
    search(f, "白猫", 5,
           "3:You said 我昨天在茶馆里看见一只很大的[白猫]，它睡在窗台上。.|"
           "2:我昨天在茶馆里看见一只很大的[白猫]，它睡在窗台上。|");
    search(f, "tea　BIG", 5,
           "5:You said 我昨天看见一个很大的茶壶 Big [TEA]POT.|4:我昨天看见一个很大的茶壶 Big [TEA]POT|");
    search(f, "白猫", 1, "3:You said 我昨天在茶馆里看见一只很大的[白猫]，它睡在窗台上。.|more");
    search(f, "TALK", 5, "0:茶馆 [talk]|");
    search(f, "100%_", 5, "");
    search(f, "big 白猫", 5, "");
    char around[600] = "", query[600];
    for (int i = 0; i < 60; i++)
        strcat(around, "字");
    strcat(around, "needle");
    for (int i = 0; i < 60; i++)
        strcat(around, "é");
    say(f, c, around);
    assert_int_equal(finish(f, anima_search(f->at.home, "needle", 1, found, f, &err)), 0);
    assert_int_equal(strcspn(buf_str(&f->text), "["), 2 + 40 * 3);
    assert_int_equal(finish(f, anima_search(f->at.home, "", 5, found, f, &err)), ANIMA_E_INVALID);
    assert_int_equal(finish(f, anima_search(f->at.home, " \t　", 5, found, f, &err)), ANIMA_E_INVALID);
    assert_int_equal(finish(f, anima_search(f->at.home, "\xE4", 5, found, f, &err)), ANIMA_E_INVALID);
    assert_int_equal(finish(f, anima_search(f->at.home, "a", 201, found, f, &err)), ANIMA_E_INVALID);
    memset(query, 'a', sizeof(query));
    query[599] = '\0';
    assert_int_equal(finish(f, anima_search(f->at.home, query, 5, found, f, &err)), ANIMA_E_INVALID);
    int before = f->reports;
    while (!anima_search(f->at.home, "a", 5, found, f, &err)) /* more than run at once */
        before++;
    assert_int_equal(err.code, ANIMA_E_BUSY);
    while (f->reports < before)
        anima_home_step(f->at.home, 100);
    anima_search(f->at.home, "a", 5, found, f, &err); /* the home is closed while it runs */
    anima_export(c, ANIMA_EXPORT_JSONL, exported, f, &err);
    anima_conversation_close(c);
}

/* What comes out goes in again, in both forms. */
static void round_trip(struct fixture *f, anima_conversation *c, anima_export_format format, const char *wanted)
{
    anima_conversation *copy;
    anima_error err;
    assert_int_equal(finish(f, anima_export(c, format, exported, f, &err)), 0);
    char *file = mem_strndup(buf_str(&f->text), f->text.len);
    size_t n = f->text.len;
    if (finish(f, anima_import(f->at.home, "lin", file, n, made, f, &err)))
        fail_msg("%s", f->err.message);
    assert_int_equal(anima_conversation_open(f->at.home, f->made, &copy, &err), 0);
    expect(copy, 0, wanted);
    expect_variants(copy, 3, "0:First answer.|1:Mine.|");
    anima_conversation_info info, was;
    anima_conversation_describe(copy, &info);
    anima_conversation_describe(c, &was);
    assert_int_equal(info.turns, 5);
    assert_string_equal(info.last_text, was.last_text);
    assert_true(info.created_ms == was.created_ms);
    if (format == ANIMA_EXPORT_JSONL) {
        assert_string_equal(info.title, was.title);
        assert_int_equal(finish(f, anima_export(copy, format, exported, f, &err)), 0);
        const char *a = strchr(file, '\n'), *b = strchr(buf_str(&f->text), '\n');
        size_t same = 0;
        while (a[same] && a[same] == b[same])
            same++;
        if (a[same] || b[same]) /* all but the head, which has another id */
            fail_msg("they part at: %.80s | %.80s", a + (same > 20 ? same - 20 : 0), b + (same > 20 ? same - 20 : 0));
    }
    mem_free(file);
    anima_conversation_close(copy);
}

static void test_export_and_import(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    anima_error err;
    say(f, c, "again");
    assert_int_equal(finish(f, anima_turn_regenerate(c, 3, 0, done, f, &err)), 0);
    until_ended(f, 2);
    assert_int_equal(finish(f, anima_turn_edit(c, 3, "Mine.", 1, done, f, &err)), 0);
    anima_message m = { .text = "两个\n\"quotes\"", .person = "安", .client_id = "k" };
    int64_t seq;
    assert_int_equal(anima_send(c, &m, &seq, &err), 0);
    until_ended(f, 3);
    struct buf all;
    buf_init(&all, 1 << 20);
    assert_int_equal(anima_conversation_turns(c, 0, 100, one_turn, &all, NULL), 0);
    round_trip(f, c, ANIMA_EXPORT_JSONL, buf_str(&all));
    buf_finish(&all);
    assert_int_equal(finish(f, anima_export(c, ANIMA_EXPORT_MARKDOWN, exported, f, &err)), 0);
    assert_non_null(strstr(buf_str(&f->text), "# again\n"));
    assert_non_null(strstr(buf_str(&f->text), "\n\n两个\n\"quotes\"\n"));
    assert_int_equal(finish(f, anima_export(c, ANIMA_EXPORT_SILLYTAVERN, exported, f, &err)), 0);
    assert_non_null(strstr(buf_str(&f->text), "\"swipes\":[\"First answer.\",\"Mine.\"]"));
    anima_conversation_close(c);
}

static int same_text(void *ctx, const anima_turn *t)
{
    buf_printf(ctx, "%s %s %lld|", t->person_name, t->text, (long long)t->created_ms);
    return 0;
}

static void test_import_of_sillytavern(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c;
    anima_error err;
    static const char file[] =
        "{\"user_name\":\"Bob\",\"character_name\":\"Lin\",\"create_date\":\"2024-03-01T10:00:00Z\",\"chat_metadata\":{"
        "}}\n"
        "{\"name\":\"Lin\",\"is_user\":false,\"mes\":\"Hi\",\"send_date\":\"2024-03-01T10:00:01.500Z\",\"swipes\":["
        "\"Hi\","
        "\"Ho\",\"\"],\"swipe_id\":0}\r\n"
        "\n"
        "{\"name\":\"Bob\",\"is_user\":true,\"mes\":\"你好\",\"send_date\":1709287205000,\"extra\":{\"x\":[1]}}\n"
        "{\"name\":\"System\",\"is_system\":true,\"mes\":\"hidden\"}\n"
        "{\"name\":\"Lin\",\"is_user\":false,\"mes\":\"And you?\",\"send_date\":\"some day\"}";
    if (finish(f, anima_import(f->at.home, "lin", file, sizeof(file) - 1, made, f, &err)))
        fail_msg("%s", f->err.message);
    assert_int_equal(anima_conversation_open(f->at.home, f->made, &c, &err), 0);
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(anima_conversation_turns(c, 0, 100, same_text, &b, NULL), 0);
    assert_string_equal(buf_str(&b), " Hi 1709287201500|Bob 你好 1709287205000| And you? 1709287205000|");
    buf_finish(&b);
    expect_variants(c, 1, "0:Hi|1:Ho|");
    say(f, c, "hello");
    expect(c, 3, "4:hello r0 v0/1|5:You said Ann: hello. r0 v0/1|");
    anima_conversation_close(c);
    static const struct {
        const char *character, *data;
        int code;
    } bad[] = { { "nobody", file, ANIMA_E_NOT_FOUND },
                { "", file, ANIMA_E_INVALID }, /* SillyTavern's do not say with whom */
                { "lin", "", ANIMA_E_INVALID },
                { "lin", "{\"a\":1}", ANIMA_E_INVALID },
                { "lin", "{\"mes\":\"a\"}\n{\"mes\":", ANIMA_E_INVALID },
                { "lin", "{\"mes\":\"a\"}\n[]", ANIMA_E_INVALID },
                { "lin", "{\"mes\":\"a\\u0000b\"}", ANIMA_E_INVALID },
                { "lin", "{\"user_name\":\"x\"}\n", ANIMA_E_INVALID },
                { "lin", "{\"anima\":2}\n", ANIMA_E_UNSUPPORTED } };
    int conversations = 0;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (finish(f, anima_import(f->at.home, bad[i].character, bad[i].data, strlen(bad[i].data), made, f, &err)) !=
            bad[i].code)
            fail_msg("case %zu: %d %s", i, f->code, f->err.message);
    (void)conversations;
}

static void test_looking_only(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f), *same;
    anima_conversation_info info;
    anima_home *home = f->at.home, *looking;
    anima_error err;
    anima_conversation_describe(c, &info);
    say(f, c, "hello");
    anima_home_options options = { .path = f->at.dir, .read_only = true };
    assert_int_equal(anima_home_open(&options, &looking, &err), 0);
    f->at.home = looking;
    assert_int_equal(anima_conversation_open(looking, info.id, &same, &err), 0);
    search(f, "hello", 1, "3:You said [hello].|more");
    assert_int_equal(finish(f, anima_export(same, ANIMA_EXPORT_JSONL, exported, f, &err)), 0);
    assert_int_equal(anima_turn_edit(same, 2, "x", -1, done, f, &err), ANIMA_E_UNSUPPORTED);
    assert_int_equal(anima_conversation_rename(same, "x", done, f, &err), ANIMA_E_UNSUPPORTED);
    assert_int_equal(anima_conversation_delete(same, false, done, f, &err), ANIMA_E_UNSUPPORTED);
    assert_int_equal(anima_import(looking, "lin", "{}", 2, made, f, &err), ANIMA_E_UNSUPPORTED);
    anima_conversation_close(same);
    f->at.home = home;
    anima_home_close(looking);
    anima_conversation_close(c);
}

/* A home that is closed tells everybody who waits. */
static void test_closing(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c = begin(f);
    say(f, c, "hello");
    int before = f->reports;
    assert_int_equal(anima_turn_edit(c, 2, "x", -1, done, f, NULL), 0);
    assert_int_equal(anima_conversation_fork(c, 1, NULL, made, f, NULL), 0);
    assert_int_equal(anima_search(f->at.home, "x", 5, found, f, NULL), 0);
    assert_int_equal(anima_import(f->at.home, "lin", "{\"mes\":\"a\"}", 11, made, f, NULL), 0);
    anima_conversation_close(c);
    anima_home_close(f->at.home);
    assert_int_equal(f->reports, before + 4);
    open_home(f);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_edit),
        T(test_two_editors),
        T(test_alternatives),
        T(test_regenerate_in_vain),
        T(test_regenerate_over_a_restart),
        T(test_busy),
        T(test_take_back),
        T(test_fork),
        T(test_rename),
        T(test_delete_for_good),
        T(test_list_of_a_character),
        T(test_search),
        T(test_export_and_import),
        T(test_import_of_sillytavern),
        T(test_looking_only),
        T(test_closing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
