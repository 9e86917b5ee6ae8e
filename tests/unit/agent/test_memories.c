/* What is remembered, through the door: searched, asked for, told; refused where it cannot be; whoever waits is always answered. */
#include "anima/anima.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

#define TEA "The blue tin holds my tea."

struct fixture {
    struct scratch at;
    int64_t seq;
    int recalled, done, answers, code;
    size_t n;
    bool about;
    char first[80], reasons[400];
};

static const char *const settings[] = { "memory.recall=always", "embed.model=", NULL };

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    if (e->type != ANIMA_EVENT_TURN_DONE)
        return;
    f->done++;
    f->seq = e->turn->seq;
    f->recalled = e->turn->recalled;
}

static void open_home(struct fixture *f) { scratch_open(&f->at, settings, on_event, f); }

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    scratch_make(&f->at, "say: Well, well.\n");
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

/* In a new conversation, whose id is written down. */
static void say(struct fixture *f, const char *text, char id[24])
{
    anima_conversation_info info;
    anima_conversation *c;
    const anima_message m = { .text = text };
    int64_t seq;
    int before = f->done;
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &c, NULL), 0);
    anima_conversation_describe(c, &info);
    assert_int_equal(anima_send(c, &m, &seq, NULL), 0);
    scratch_until(&f->at, &f->done, before + 1);
    if (id)
        snprintf(id, 24, "%s", info.id);
    anima_conversation_close(c);
}

static int take(void *ctx, const anima_memory *m)
{
    struct fixture *f = ctx;
    if (!f->n++)
        snprintf(f->first, sizeof(f->first), "%s %s %s %s", m->person_name, m->kind,
                 m->n_witnesses == 1 ? m->witnesses[0] : "?", m->text);
    return 0;
}

static void recollected(void *ctx, int code, const anima_error *err, const anima_recollection *found)
{
    struct fixture *f = ctx;
    (void)err;
    f->answers++;
    f->code = code;
    f->n = found ? found->n : 0;
    f->about = found && found->about;
    *f->first = *f->reasons = '\0';
    if (!f->n)
        return;
    const anima_recalled *r = &found->items[0];
    snprintf(f->first, sizeof(f->first), "%s", r->memory.text);
    double before = 1e9;
    for (size_t i = 0; i < r->n_reasons; i++) {
        size_t n = strlen(f->reasons);
        assert_true(r->reasons[i].points > 0 && r->reasons[i].points <= before);
        before = r->reasons[i].points;
        snprintf(f->reasons + n, sizeof(f->reasons) - n, "%s,", r->reasons[i].name);
    }
}

static int recall(struct fixture *f, const char *person, const char *text)
{
    return anima_memory_recall(f->at.home, "lin", person, text, recollected, f, NULL);
}

static void until_answered(struct fixture *f, int n)
{
    scratch_until(&f->at, &f->answers, n);
    assert_int_equal(f->answers, n);
}

static void found_and_told(void **state)
{
    struct fixture *f = *state;
    char id[24];
    say(f, TEA, NULL);
    assert_int_equal(anima_memory_search(f->at.home, "lin", "tin", 10, take, f, NULL), 0);
    assert_int_equal(f->n, 1);
    assert_non_null(strstr(f->first, "Ann "));
    assert_non_null(strstr(f->first, " Ann " TEA));
    assert_int_equal(recall(f, NULL, "Where is the tea?"), 0);
    assert_int_equal(f->answers, 0); /* never during the call */
    until_answered(f, 1);
    assert_true(f->code == 0 && f->about);
    assert_string_equal(f->first, TEA);
    assert_non_null(strstr(f->reasons, "words5,"));
    say(f, "Where is the tea?", id);
    assert_true(f->recalled > 0);
    f->n = 0;
    assert_int_equal(anima_memory_told(f->at.home, id, f->seq, take, f, NULL), 0);
    assert_int_equal(f->n, f->recalled);
    assert_non_null(strstr(f->first, TEA));
    assert_int_equal(anima_memory_told(f->at.home, id, 77, take, f, NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_memory_told(f->at.home, id, -1, take, f, NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_memory_told(f->at.home, "none", 1, take, f, NULL), ANIMA_E_NOT_FOUND);
}

/* A message is remembered before it is answered; it is not what comes to mind. */
static void not_of_itself(void **state)
{
    struct fixture *f = *state;
    char id[24];
    say(f, "My zeppelin is in the shed.", id);
    assert_int_equal(f->recalled, 0);
    f->n = 0;
    assert_int_equal(anima_memory_told(f->at.home, id, f->seq, take, f, NULL), 0);
    assert_int_equal(f->n, 0);
    say(f, "Where is my zeppelin?", id);
    assert_true(f->recalled > 0);
    assert_int_equal(anima_memory_told(f->at.home, id, f->seq, take, f, NULL), 0);
    assert_non_null(strstr(f->first, "in the shed"));
}

static void refused(void **state)
{
    struct fixture *f = *state;
    static char large[5000];
    memset(large, 'a', sizeof(large) - 1);
    assert_int_equal(recall(f, "Nobody", "tea"), ANIMA_E_NOT_FOUND);
    say(f, "Hello.", NULL);
    assert_int_equal(anima_memory_recall(f->at.home, "none", NULL, "tea", recollected, f, NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(recall(f, NULL, ""), ANIMA_E_INVALID);
    assert_int_equal(recall(f, NULL, "\xff"), ANIMA_E_INVALID);
    assert_int_equal(recall(f, NULL, large), ANIMA_E_INVALID);
    assert_int_equal(anima_memory_search(f->at.home, NULL, "a", 0, take, f, NULL), ANIMA_E_INVALID);
    assert_int_equal(anima_memory_search(f->at.home, NULL, "a", 201, take, f, NULL), ANIMA_E_INVALID);
    assert_int_equal(anima_memory_search(f->at.home, NULL, "\"\" ,", 9, take, f, NULL), ANIMA_E_INVALID);
    assert_int_equal(anima_memory_search(f->at.home, NULL, "\xff", 9, take, f, NULL), ANIMA_E_INVALID);
    assert_int_equal(anima_memory_search(f->at.home, NULL, large, 9, take, f, NULL), ANIMA_E_INVALID);
    int asked = 0;
    while (asked < 50 && recall(f, NULL, "tea") == 0)
        asked++;
    assert_int_equal(asked, 8);
    assert_int_equal(recall(f, NULL, "tea"), ANIMA_E_BUSY);
    until_answered(f, asked);
    assert_int_equal(recall(f, NULL, "tea"), 0);
    until_answered(f, asked + 1);
}

/* Somebody else's mind is empty: that is an answer, too. */
static void nothing_to_remember(void **state)
{
    struct fixture *f = *state;
    say(f, TEA, NULL);
    assert_int_equal(anima_memory_recall(f->at.home, "theo", NULL, "Where is the tea?", recollected, f, NULL), 0);
    assert_int_equal(f->answers, 0);
    until_answered(f, 1);
    assert_true(f->code == 0 && f->n == 0 && !f->about);
}

static void the_home_is_closed(void **state)
{
    struct fixture *f = *state;
    say(f, TEA, NULL);
    assert_int_equal(recall(f, NULL, "Where is the tea?"), 0);
    assert_int_equal(anima_memory_recall(f->at.home, "theo", NULL, "tea", recollected, f, NULL), 0);
    anima_home_close(f->at.home);
    f->at.home = NULL;
    assert_int_equal(f->answers, 2);
    assert_int_equal(f->code, ANIMA_E_CANCELLED);
}

static void looking_only(void **state)
{
    struct fixture *f = *state;
    anima_memory_state s;
    say(f, TEA, NULL);
    const anima_home_options how = { .path = f->at.dir, .read_only = true };
    anima_home *other;
    assert_int_equal(anima_home_open(&how, &other, NULL), 0);
    assert_int_equal(anima_memory_search(other, NULL, "tin", 10, take, f, NULL), 0);
    assert_int_equal(f->n, 1);
    assert_int_equal(anima_memory_status(other, &s, NULL), 0);
    assert_int_equal(s.turns, 3); /* the greeting, too */
    assert_int_equal(s.due, 0);
    assert_int_equal(s.without_vector, 3);
    assert_int_equal(anima_memory_recall(other, "lin", NULL, "tea", recollected, f, NULL), ANIMA_E_UNSUPPORTED);
    assert_int_equal(anima_memory_anew(other, NULL, NULL, NULL), ANIMA_E_UNSUPPORTED);
    anima_home_close(other);
}

static void made(void *ctx, int code, const anima_error *err)
{
    struct fixture *f = ctx;
    (void)err;
    f->answers++;
    f->code = code;
}

static void made_anew(void **state)
{
    struct fixture *f = *state;
    anima_memory_state s;
    say(f, TEA, NULL);
    assert_int_equal(anima_memory_anew(f->at.home, made, f, NULL), 0);
    until_answered(f, 1);
    assert_int_equal(f->code, 0);
    assert_int_equal(anima_memory_status(f->at.home, &s, NULL), 0);
    assert_int_equal(s.turns + s.due, 3);
    assert_int_equal(recall(f, NULL, "Where is the tea?"), 0);
    until_answered(f, 2);
    assert_string_equal(f->first, TEA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(found_and_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(not_of_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_to_remember, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_home_is_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(looking_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(made_anew, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
