/* What is remembered, through the door: searched, asked for, told; refused where it cannot be; whoever waits is always answered. */
#include "anima/anima.h"

#include "agent/home.h"
#include "base/buf.h"
#include "base/mem.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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
    pthread_mutex_t gate; /* held: the only thread for work does nothing else */
    char id[24];
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
    assert_int_equal(s.turns, 2); /* the greeting is none: nobody was there */
    assert_int_equal(s.due, 0);
    assert_int_equal(s.without_vector, 2);
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
    assert_in_range(s.turns + s.due, 2, 3); /* the greeting is due until it was looked at */
    assert_int_equal(recall(f, NULL, "Where is the tea?"), 0);
    until_answered(f, 2);
    assert_string_equal(f->first, TEA);
}

/* ---- what is far behind is read by another thread ---- */

#define MUCH 1100 /* turns: more than are read at once */

static void brought_in(void *ctx, int code, const anima_error *err, anima_conversation *c)
{
    struct fixture *f = ctx;
    anima_conversation_info info;
    (void)err;
    assert_int_equal(code, 0);
    anima_conversation_describe(c, &info);
    snprintf(f->id, sizeof(f->id), "%s", info.id);
    f->answers++;
}

/* Lines that say nothing, but for the one of that number. The home is opened anew: nobody has visited anybody. */
static void bring_in(struct fixture *f, int lines, int where, const char *nothing)
{
    struct buf file;
    anima_memory_state s;
    int before = f->answers;
    buf_init(&file, 1u << 20);
    for (int i = 1; i <= lines; i++)
        buf_printf(&file, "{\"name\":\"Ann\",\"is_user\":true,\"mes\":\"%s %d\"}\n", i == where ? TEA : nothing, i);
    assert_int_equal(anima_import(f->at.home, "lin", buf_str(&file), file.len, brought_in, f, NULL), 0);
    until_answered(f, before + 1);
    buf_finish(&file);
    do {
        anima_home_step(f->at.home, 20);
        assert_int_equal(anima_memory_status(f->at.home, &s, NULL), 0);
    } while (s.due);
    anima_home_close(f->at.home);
    open_home(f);
    assert_int_equal(anima_memory_status(f->at.home, &s, NULL), 0);
    assert_int_equal(s.turns, lines);
    assert_int_equal(s.reading, 0);
}

static void wait_at_the_gate(void *ctx)
{
    struct fixture *f = ctx;
    pthread_mutex_lock(&f->gate);
    pthread_mutex_unlock(&f->gate);
}

static void through_the_gate(void *ctx) { (void)ctx; }

static void shut_the_gate(struct fixture *f)
{
    pthread_mutex_init(&f->gate, NULL);
    pthread_mutex_lock(&f->gate);
    assert_int_equal(loop_work(home_loop(f->at.home), wait_at_the_gate, through_the_gate, f, NULL), 0);
}

static int64_t being_read(struct fixture *f)
{
    anima_memory_state s;
    assert_int_equal(anima_memory_status(f->at.home, &s, NULL), 0);
    return s.reading;
}

/* Who asks for the memory itself waits; who only answers goes without, and the loop goes on. */
static void read_elsewhere(void **state)
{
    struct fixture *f = *state;
    bring_in(f, MUCH, MUCH, "It rains.");
    shut_the_gate(f);
    f->answers = 0;
    assert_int_equal(recall(f, NULL, "Where is the tea?"), 0);
    assert_int_equal(being_read(f), 1);
    say(f, "The red box holds my coffee.", NULL);
    say(f, "Which tin is blue?", NULL);
    assert_int_equal(f->recalled, 0);
    assert_int_equal(f->answers, 0);
    pthread_mutex_unlock(&f->gate);
    until_answered(f, 1);
    assert_true(f->code == 0 && f->about && strncmp(f->first, TEA, strlen(TEA)) == 0);
    assert_int_equal(being_read(f), 0);
    assert_int_equal(recall(f, NULL, "What does the red box hold?"), 0); /* said while it was read */
    until_answered(f, 2);
    assert_string_equal(f->first, "The red box holds my coffee.");
    say(f, "Where is the blue tin?", NULL);
    assert_true(f->recalled > 0);
    pthread_mutex_destroy(&f->gate);
}

static void large_turns_are_read_elsewhere(void **state)
{
    struct fixture *f = *state;
    static char large[20000];
    for (size_t i = 0; i + 1 < sizeof(large); i++)
        large[i] = i % 6 ? 'a' : ' ';
    bring_in(f, 9, 9, large);
    f->answers = 0;
    assert_int_equal(recall(f, NULL, "Where is the tea?"), 0);
    assert_int_equal(being_read(f), 1);
    until_answered(f, 1);
    assert_true(f->code == 0 && f->about);
}

/* It was read before: of the conversation that goes meanwhile nothing is left in the index. */
static void gone_while_it_is_read(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c;
    bring_in(f, MUCH, 5, "It rains.");
    shut_the_gate(f);
    f->answers = 0;
    assert_int_equal(recall(f, NULL, "Where is the tea?"), 0);
    assert_int_equal(being_read(f), 1);
    assert_int_equal(anima_conversation_open(f->at.home, f->id, &c, NULL), 0);
    assert_int_equal(anima_conversation_delete(c, false, made, f, NULL), 0);
    anima_conversation_close(c);
    until_answered(f, 1);
    pthread_mutex_unlock(&f->gate);
    until_answered(f, 2);
    assert_true(f->code == 0 && f->n == 0 && !f->about);
    pthread_mutex_destroy(&f->gate);
}

static void closed_while_it_is_read(void **state)
{
    struct fixture *f = *state;
    bring_in(f, MUCH, MUCH, "It rains.");
    f->answers = 0;
    assert_int_equal(recall(f, NULL, "Where is the tea?"), 0);
    assert_int_equal(being_read(f), 1);
    anima_home_close(f->at.home);
    f->at.home = NULL;
    assert_int_equal(f->answers, 1);
    assert_int_equal(f->code, ANIMA_E_CANCELLED);
}

int main(void)
{
    setenv("UV_THREADPOOL_SIZE", "1", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(found_and_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(not_of_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_to_remember, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_home_is_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(looking_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(made_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(read_elsewhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(large_turns_are_read_elsewhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gone_while_it_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closed_while_it_is_read, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
