/* Chats of other programs, through the door: they come in, are listed, found, undone; refused where that cannot be; whoever waits is always
 * answered, also when the home is closed in the middle. */
#include "anima/anima.h"

#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "scratch.h"

#define CHAT                                                                                                           \
    "12/30/20, 11:58 PM - Anna L.: Did you find the spare key?\n"                                                      \
    "12/30/20, 11:59 PM - Ben: It hangs in the greenhouse.\n"                                                          \
    "1/2/21, 8:00 AM - Ben: 那个有阳台的房子\n"

struct fixture {
    struct scratch at;
    int answers, code, conversations; /* conversations: that were announced */
    int64_t messages;
    size_t people;
    char id[24], list[200], found[200];
};

static const char *const settings[] = { "embed.model=", NULL };

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    f->conversations += e->type == ANIMA_EVENT_CONVERSATION;
}

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    scratch_make(&f->at, "say: Well, well.\n");
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

static void on_found(void *ctx, int code, const anima_error *err, const anima_chats_found *found)
{
    struct fixture *f = ctx;
    f->answers++;
    f->code = code;
    assert_true(!code == (found != NULL) && (!code || *err->message));
    if (!found)
        return;
    f->messages = found->messages;
    f->people = found->n_people;
    snprintf(f->id, sizeof(f->id), "%s", found->id);
}

static void on_done(void *ctx, int code, const anima_error *err)
{
    struct fixture *f = ctx;
    (void)err;
    f->answers++;
    f->code = code;
}

static int bring(struct fixture *f, const char *text, bool look)
{
    const anima_chats_wish wish = {
        .character = "lin", .name = "WhatsApp Chat with Ben.txt", .me = "Anna L.", .look = look
    };
    return anima_chats_import(f->at.home, &wish, text, strlen(text), on_found, f, NULL);
}

static int put_chats(void *ctx, const anima_chats *c)
{
    struct fixture *f = ctx;
    size_t n = strlen(f->list);
    snprintf(f->list + n, sizeof(f->list) - n, "%s %s %lld/%lld %lld%s|", c->character, c->state, (long long)c->done,
             (long long)c->messages, (long long)c->conversations, c->code ? " failed" : "");
    return 0;
}

static const char *list(struct fixture *f)
{
    *f->list = '\0';
    assert_int_equal(anima_chats_list(f->at.home, put_chats, f, NULL), 0);
    return f->list;
}

static void until_over(struct fixture *f)
{
    time_t end = time(NULL) + 60; /* a slow disk: every few messages are made safe on it */
    while (strstr(list(f), "running") && time(NULL) < end)
        anima_home_step(f->at.home, 50);
    assert_null(strstr(list(f), "running"));
}

static int put_found(void *ctx, const anima_memory *m)
{
    struct fixture *f = ctx;
    size_t n = strlen(f->found);
    snprintf(f->found + n, sizeof(f->found) - n, "%s@%lld: %s [%zu]|", m->person_name, (long long)(m->at_ms > 0),
             m->text, m->n_witnesses);
    return 0;
}

static const char *search(struct fixture *f, const char *words)
{
    *f->found = '\0';
    assert_int_equal(anima_memory_search(f->at.home, "lin", words, 10, put_found, f, NULL), 0);
    return f->found;
}

static void comes_in(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(bring(f, CHAT, true), 0);
    assert_int_equal(f->answers, 0); /* never during the call */
    scratch_until(&f->at, &f->answers, 1);
    assert_true(f->code == 0 && f->messages == 3 && f->people == 2);
    assert_string_equal(list(f), "");
    assert_int_equal(bring(f, CHAT, false), 0);
    scratch_until(&f->at, &f->answers, 2);
    until_over(f);
    assert_string_equal(list(f), "lin done 3/3 2|");
    assert_int_equal(f->conversations, 2);
    assert_string_equal(search(f, "greenhouse"), "Ben@1: It hangs in the greenhouse. [2]|");
    assert_string_equal(search(f, "阳台"), "Ben@1: 那个有阳台的房子 [2]|");
    assert_string_equal(search(f, "find"), "Ann@1: Did you find the spare key? [2]|");
    /* again: nothing changes */
    assert_int_equal(bring(f, CHAT, false), 0);
    scratch_until(&f->at, &f->answers, 3);
    until_over(f);
    assert_string_equal(list(f), "lin done 3/3 2|");
    assert_int_equal(f->conversations, 2);
    /* undone */
    assert_int_equal(anima_chats_undo(f->at.home, f->id, on_done, f, NULL), 0);
    assert_int_equal(anima_chats_undo(f->at.home, f->id, on_done, f, NULL), ANIMA_E_BUSY);
    scratch_until(&f->at, &f->answers, 4);
    assert_int_equal(f->code, 0);
    assert_string_equal(list(f), "");
    assert_string_equal(search(f, "greenhouse"), "");
    assert_int_equal(anima_chats_undo(f->at.home, f->id, on_done, f, NULL), ANIMA_E_NOT_FOUND);
}

static void refused(void **state)
{
    struct fixture *f = *state;
    const anima_chats_wish nobody = { .character = "none", .name = "a.txt" };
    assert_int_equal(anima_chats_import(f->at.home, &nobody, "x", 1, on_found, f, NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(bring(f, "12/30/20, 11:58 PM - Zoe: hi\n", false), 0);
    scratch_until(&f->at, &f->answers, 1);
    assert_int_equal(f->code, ANIMA_E_NOT_FOUND); /* Anna L. is not in it */
    assert_int_equal(bring(f, "Buy milk.", false), 0);
    scratch_until(&f->at, &f->answers, 2);
    assert_int_equal(f->code, ANIMA_E_NOT_FOUND);
    assert_string_equal(list(f), "");
}

/* A chat of many months. */
static void make_long(struct buf *b, int n)
{
    buf_init(b, 8u << 20);
    for (int i = 0; i < n; i++)
        buf_printf(b, "{\"speaker\":\"%s\",\"text\":\"message %d\",\"at\":%lld}\n", i % 2 ? "Ben" : "Anna L.", i,
                   1500000000000ll + i * 86400000ll);
}

static void closed_in_the_middle(void **state)
{
    struct fixture *f = *state;
    struct buf text;
    make_long(&text, 2000);
    /* while it is read */
    assert_int_equal(bring(f, buf_str(&text), false), 0);
    anima_home_close(f->at.home);
    assert_int_equal(f->answers, 1);
    assert_int_equal(f->code, ANIMA_E_CANCELLED);
    /* while it comes in */
    scratch_open(&f->at, settings, on_event, f);
    assert_string_equal(list(f), "");
    assert_int_equal(bring(f, buf_str(&text), false), 0);
    scratch_until(&f->at, &f->answers, 2);
    assert_int_equal(f->code, 0);
    assert_int_equal(bring(f, CHAT, false), ANIMA_E_BUSY);
    assert_int_equal(anima_chats_undo(f->at.home, f->id, on_done, f, NULL), ANIMA_E_BUSY);
    anima_home_close(f->at.home);
    scratch_open(&f->at, settings, on_event, f);
    assert_non_null(strstr(list(f), "lin unfinished "));
    /* and on */
    assert_int_equal(bring(f, buf_str(&text), false), 0);
    scratch_until(&f->at, &f->answers, 3);
    until_over(f);
    assert_non_null(strstr(list(f), "lin done 2000/2000 "));
    /* while it goes */
    assert_int_equal(anima_chats_undo(f->at.home, f->id, on_done, f, NULL), 0);
    anima_home_close(f->at.home);
    assert_int_equal(f->answers, 4);
    assert_int_equal(f->code, ANIMA_E_CANCELLED);
    scratch_open(&f->at, settings, on_event, f);
    if (strstr(list(f), "lin")) {
        assert_int_equal(anima_chats_undo(f->at.home, f->id, on_done, f, NULL), 0);
        scratch_until(&f->at, &f->answers, 5);
    }
    assert_string_equal(list(f), "");
    buf_finish(&text);
}

static int put_line(void *ctx, const char *line, size_t n)
{
    struct buf *b = ctx;
    buf_append(b, line, n);
    buf_puts(b, "\n");
    return 0;
}

static void out_and_in(void **state)
{
    struct fixture *f = *state;
    struct buf all;
    assert_int_equal(bring(f, CHAT, false), 0);
    scratch_until(&f->at, &f->answers, 1);
    until_over(f);
    buf_init(&all, 1u << 20);
    assert_int_equal(anima_memory_export(f->at.home, "lin", NULL, put_line, &all, NULL), 0);
    assert_non_null(strstr(buf_str(&all), "{\"anima\":1,\"kind\":\"memory\"}\n{\"talk\":"));
    assert_non_null(strstr(buf_str(&all), "\"speaker\":\"Ben\",\"character\":false,\"at\":"));
    assert_non_null(strstr(buf_str(&all), "\"witnesses\":[\"Ann\",\"Ben\"]}\n"));
    buf_finish(&all);
    buf_init(&all, 1u << 20);
    assert_int_equal(anima_memory_export(f->at.home, "theo", NULL, put_line, &all, NULL), 0);
    assert_string_equal(buf_str(&all), "{\"anima\":1,\"kind\":\"memory\"}\n");
    buf_finish(&all);
    assert_int_equal(anima_memory_export(f->at.home, NULL, "Nobody", put_line, &all, NULL), ANIMA_E_NOT_FOUND);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = { T(comes_in), T(refused), T(closed_in_the_middle), T(out_and_in) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
