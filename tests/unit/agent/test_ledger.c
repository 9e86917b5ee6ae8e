/* What replies cost: booked once per attempt, summed by day, character, person and model; limits of a day end replies, but
 * lose no message; the next day goes on. */
#include "anima/anima.h"

#include "base/buf.h"
#include "base/clock.h"
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

#define DAY_MS 86400000

static const char script[] = "match: slow\ndelay_ms: 30\nsay: one two three four five six seven eight nine ten.\n\n"
                             "match: break\nerror: engine it is broken\n\n"
                             "say: Hello to you. How are you?\n";

struct fixture {
    struct scratch at;
    anima_conversation *talk;
    int done;
    anima_turn_state state;
    int code;
    char error[508];
    double money, seconds;
    bool words;
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    f->words |= e->type == ANIMA_EVENT_TURN_DELTA;
    if (e->type != ANIMA_EVENT_TURN_DONE)
        return;
    f->done++;
    f->state = e->turn->state;
    f->code = e->turn->error_code;
    f->money = e->turn->money;
    f->seconds = e->turn->seconds;
    snprintf(f->error, sizeof(f->error), "%s", e->turn->error);
}

static void open_home(struct fixture *f, const char *limit)
{
    const char *const more[] = {
        "model.default=written", "cost.watts=3600", "cost.kwh_price=1000", "cost.currency=CNY", limit, NULL
    };
    scratch_open(&f->at, more, on_event, f);
}

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    char config[300];
    scratch_make(&f->at, script);
    snprintf(config, sizeof(config),
             "[model written]\ndriver = script\npath = %s/script.txt\nprice_in = 1000000\nprice_out = 2000000\n",
             f->at.dir);
    scratch_write(&f->at, "config.ini", config);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    clock_fake(-1, 0);
    anima_conversation_close(f->talk);
    int rc = scratch_remove(&f->at);
    mem_free(f);
    return rc;
}

static void until(struct fixture *f, int n)
{
    scratch_until(&f->at, &f->done, n);
    assert_int_equal(f->done, n);
}

static void say(struct fixture *f, const char *text, const char *person)
{
    anima_message m = { .text = text, .person = person };
    anima_error err;
    int64_t seq;
    if (!f->talk && anima_conversation_create(f->at.home, "lin", NULL, &f->talk, &err))
        fail_msg("create: %s", err.message);
    if (anima_send(f->talk, &m, &seq, &err))
        fail_msg("send: %s", err.message);
}

static void ask(struct fixture *f, const char *text, const char *person)
{
    int n = f->done + 1;
    say(f, text, person);
    until(f, n);
}

static int put_row(void *ctx, const anima_cost *row)
{
    buf_printf(ctx, "%s/%s:%lld ", row->key, row->name, (long long)row->turns);
    return 0;
}

static int add_money(void *ctx, const anima_cost *row)
{
    *(double *)ctx += row->money;
    return 0;
}

static double spent(struct fixture *f)
{
    double money = 0;
    assert_int_equal(anima_cost_list(f->at.home, ANIMA_COST_MODEL, 0, add_money, &money, NULL), 0);
    return money;
}

static void expect(struct fixture *f, anima_cost_by by, const char *wanted)
{
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(anima_cost_list(f->at.home, by, anima_cost_since(1), put_row, &b, NULL), 0);
    assert_string_equal(buf_str(&b), wanted);
    buf_finish(&b);
}

static void test_booking(void **state)
{
    struct fixture *f = *state;
    open_home(f, NULL);
    ask(f, "hello", NULL);
    assert_int_equal(f->state, ANIMA_TURN_DONE);
    assert_true(f->money > 0 && f->seconds > 0);
    double first = f->money;
    ask(f, "hello", "Bob");
    assert_true(spent(f) > first);
    expect(f, ANIMA_COST_CHARACTER, "lin/Lin:2 ");
    expect(f, ANIMA_COST_PERSON, "1/Ann:1 2/Bob:1 ");
    expect(f, ANIMA_COST_MODEL, "written/written:2 ");
    char day[40], wanted[100];
    time_t now = time(NULL);
    struct tm tm;
    strftime(day, sizeof(day), "%Y-%m-%d", localtime_r(&now, &tm));
    snprintf(wanted, sizeof(wanted), "%s/%s:2 ", day, day);
    expect(f, ANIMA_COST_DAY, wanted);
}

/* A stopped reply has cost what it had said; going on costs again, and the turn knows the sum. */
static void test_every_attempt_costs(void **state)
{
    struct fixture *f = *state;
    open_home(f, NULL);
    say(f, "slow", NULL);
    while (!f->words)
        anima_home_step(f->at.home, 100);
    assert_int_equal(anima_cancel(f->talk, NULL), 0);
    until(f, 1);
    assert_int_equal(f->state, ANIMA_TURN_CANCELLED);
    double first = f->money;
    assert_true(first > 0);
    assert_int_equal(anima_retry(f->talk, NULL), 0);
    until(f, 2);
    assert_int_equal(f->state, ANIMA_TURN_DONE);
    assert_true(f->money > first);
    expect(f, ANIMA_COST_PERSON, "1/Ann:2 ");
    double all = spent(f);
    assert_true(all > f->money * 0.999 && all < f->money * 1.001);
    assert_int_equal(anima_turn_regenerate(f->talk, 3, -1, NULL, NULL, NULL), 0);
    until(f, 3);
    assert_true(f->money > 0 && f->money < all); /* an alternative has its own cost */
    expect(f, ANIMA_COST_PERSON, "1/Ann:3 ");
    ask(f, "break", NULL); /* never reached the model */
    expect(f, ANIMA_COST_PERSON, "1/Ann:3 ");
}

static void restart(struct fixture *f, const char *limit)
{
    anima_conversation_info info;
    anima_conversation_describe(f->talk, &info);
    anima_conversation_close(f->talk);
    anima_home_close(f->at.home);
    open_home(f, limit);
    assert_int_equal(anima_conversation_open(f->at.home, info.id, &f->talk, NULL), 0);
}

static int put_limit(void *ctx, const anima_cost_limit *row)
{
    buf_printf(ctx, "%s %s %s %s %s/%.0f ", row->scope, row->key, row->name, row->what,
               row->used >= row->limit ? "over" : "free", row->limit);
    return 0;
}

static void test_a_persons_limit(void **state)
{
    struct fixture *f = *state;
    struct buf b;
    open_home(f, NULL);
    ask(f, "hello", NULL);
    restart(f, "limit.person_tokens_per_day=2"); /* what was used before counts */
    buf_init(&b, 10000);
    anima_cost_limits(f->at.home, put_limit, &b);
    assert_string_equal(buf_str(&b), "person 1 Ann tokens over/2 ");
    buf_finish(&b);
    ask(f, "你好呀", NULL);
    assert_int_equal(f->state, ANIMA_TURN_FAILED);
    assert_int_equal(f->code, ANIMA_E_LIMIT_REACHED);
    assert_non_null(strstr(f->error, "明天"));
    assert_non_null(strstr(f->error, "limit.person_tokens_per_day"));
    ask(f, "And now?", NULL);
    assert_non_null(strstr(f->error, "tomorrow"));
    ask(f, "And I?", "Bob"); /* everybody has a limit of their own */
    assert_int_equal(f->state, ANIMA_TURN_DONE);
    ask(f, "And I again?", "Bob");
    assert_int_equal(f->code, ANIMA_E_LIMIT_REACHED);
    clock_fake(clock_wall_ms() + DAY_MS, clock_mono_us());
    int n = f->done;
    assert_int_equal(anima_retry(f->talk, NULL), 0);
    until(f, n + 1);
    assert_int_equal(f->state, ANIMA_TURN_DONE);
}

static void test_a_characters_limit_of_money(void **state)
{
    struct fixture *f = *state;
    open_home(f, "limit.character_money_per_day=0.5");
    ask(f, "hello", NULL);
    assert_int_equal(f->state, ANIMA_TURN_DONE);
    ask(f, "hello", NULL);
    assert_int_equal(f->code, ANIMA_E_LIMIT_REACHED);
    assert_non_null(strstr(f->error, "Lin has used"));
    assert_non_null(strstr(f->error, "0.50 CNY"));
    anima_completion_request request = { .character = "lin",
                                         .messages = (anima_chat_message[]){ { .role = "user", .text = "hello" } },
                                         .n_messages = 1,
                                         .logprobs = -1 };
    static const anima_completion_callbacks none = { 0 };
    anima_completion *completion;
    anima_error err;
    anima_sampling_default(&request.sampling);
    assert_int_equal(anima_complete(f->at.home, &request, &none, NULL, &completion, &err), ANIMA_E_LIMIT_REACHED);
}

static void ignore_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t len)
{
    (void)ctx, (void)text, (void)n, (void)logprobs, (void)len;
}

static void note_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    (void)finish, (void)usage, (void)message;
    ((struct fixture *)ctx)->done++;
    ((struct fixture *)ctx)->code = code;
}

static void test_completions_are_booked(void **state)
{
    struct fixture *f = *state;
    open_home(f, NULL);
    anima_completion_request request = { .character = "lin",
                                         .messages = (anima_chat_message[]){ { .role = "user", .text = "hello" } },
                                         .n_messages = 1,
                                         .logprobs = -1 };
    static const anima_completion_callbacks callbacks = { .words = ignore_words, .done = note_done };
    anima_completion *completion;
    anima_sampling_default(&request.sampling);
    assert_int_equal(anima_complete(f->at.home, &request, &callbacks, f, &completion, NULL), 0);
    until(f, 1);
    assert_int_equal(f->code, ANIMA_OK);
    anima_home_close(f->at.home); /* waits for the writer */
    open_home(f, NULL);
    expect(f, ANIMA_COST_PERSON, "/:1 ");
    expect(f, ANIMA_COST_CHARACTER, "lin/Lin:1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_booking, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_attempt_costs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_persons_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_characters_limit_of_money, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_completions_are_booked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
