/* The n-th allocation fails: a whole home with the real engine process. A message is sent and answered; each time another
 * allocation of the daemon's half fails. Afterwards the home is opened without faults, and must be whole: what was
 * acknowledged is there, once; the reply is complete, or failed with a reason and a beginning of its words.
 * ANIMA_TEST_ENGINE is the path of anima-engine (the build sets it). */
#include "base/fs.h"
#include "torture.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORDS "One two three. Four five six seven. Eight nine ten."
#define PATIENCE_S 20
#define EACH                                                                                                           \
    200 /* allocations of which each one fails; behind them one in STRIDE does: most are patterns that are compiled alike */
#define STRIDE 19

enum ending { NOT_OPEN, REFUSED, FAILED, COMPLETE, ENDINGS };

struct trial {
    char dir[64];
    bool acknowledged; /* the message was announced as stored */
    bool over;         /* its reply, or its refusal, was announced */
    char id[24];
    bool opened;
    int ended[ENDINGS];
};

static void on_event(void *ctx, const anima_event *e)
{
    struct trial *t = ctx;
    if (e->type == ANIMA_EVENT_TURN_CREATED && e->turn->role == ANIMA_ROLE_PERSON)
        t->acknowledged = true;
    if (e->type == ANIMA_EVENT_TURN_DONE)
        t->over = true;
}

static int open_home(struct trial *t, anima_home **home, anima_error *err)
{
    static char program[300], model[120];
    snprintf(program, sizeof(program), "engine.program=%s", getenv("ANIMA_TEST_ENGINE"));
    snprintf(model, sizeof(model), "model.default=script:%s/script.txt", t->dir);
    const char *set[] = { program, model, "person.name=Ann", "log.level=error", NULL };
    const anima_home_options options = { .path = t->dir, .set = set };
    return anima_home_open(&options, home, err);
}

static void wait_for(anima_home *home, const bool *flag)
{
    time_t end = time(NULL) + PATIENCE_S;
    while (!*flag && time(NULL) < end)
        anima_home_step(home, 100);
}

/* One message. Every step may fail with a reason; what did not fail must go on to an end. */
static void say(struct trial *t, anima_home *home)
{
    anima_conversation *c = NULL;
    anima_subscription *s = NULL;
    anima_error err = { 0 };
    const anima_message message = { .text = "hello", .client_id = "m1" };
    int64_t seq = 0;
    int rc = anima_subscribe(home, NULL, on_event, t, &s, &err);
    if (!rc)
        rc = anima_conversation_create(home, "lin", NULL, &c, &err);
    if (!rc) {
        anima_conversation_info info;
        anima_conversation_describe(c, &info);
        snprintf(t->id, sizeof(t->id), "%s", info.id);
        rc = anima_send(c, &message, &seq, &err);
    }
    FINE_OR_SAID(rc, err);
    if (!rc)
        wait_for(home, &t->over);
    anima_unsubscribe(s);
    anima_conversation_close(c);
    if (!rc && !t->over)
        fail_msg("allocation %ld: the reply has no end", mem_count());
}

struct found {
    int messages, replies;
    anima_turn_state state;
    char text[200], error[200];
};

static int on_turn(void *ctx, const anima_turn *turn)
{
    struct found *f = ctx;
    if (turn->role == ANIMA_ROLE_PERSON) {
        f->messages++;
        assert_string_equal(turn->text, "hello");
    } else if (f->messages) { /* not the greeting */
        f->replies++;
        f->state = turn->state;
        snprintf(f->text, sizeof(f->text), "%s", turn->text);
        snprintf(f->error, sizeof(f->error), "%s", turn->error);
    }
    return 0;
}

static void look(anima_conversation *c, struct found *f)
{
    anima_error err;
    *f = (struct found){ 0 };
    assert_int_equal(anima_conversation_turns(c, 0, 100, on_turn, f, &err), 0);
}

static void check_home(struct trial *t)
{
    anima_home *home;
    anima_conversation *c;
    anima_error err;
    struct found f = { 0 };
    if (open_home(t, &home, &err))
        fail_msg("the home does not open any more: %s", err.message);
    int rc = *t->id ? anima_conversation_open(home, t->id, &c, &err) : ANIMA_E_NOT_FOUND;
    assert_true(rc == 0 || (rc == ANIMA_E_NOT_FOUND && !t->acknowledged));
    if (!rc) {
        time_t end = time(NULL) + PATIENCE_S;
        for (look(c, &f); f.replies && f.state < ANIMA_TURN_DONE && time(NULL) < end; look(c, &f))
            anima_home_step(home, 50);
        assert_true(f.messages <= 1 && f.replies == f.messages && (f.messages || !t->acknowledged));
        if (f.messages && f.state == ANIMA_TURN_DONE)
            assert_string_equal(f.text, WORDS);
        else if (f.messages)
            assert_true(f.state == ANIMA_TURN_FAILED && *f.error && strncmp(f.text, WORDS, strlen(f.text)) == 0);
        anima_conversation_close(c);
    }
    anima_home_close(home);
    t->ended[!t->opened ? NOT_OPEN : !f.messages ? REFUSED : f.state == ANIMA_TURN_FAILED ? FAILED : COMPLETE]++;
}

static void one_run(void *ctx)
{
    struct trial *t = ctx;
    anima_home *home = NULL;
    anima_error err = { 0 };
    t->acknowledged = t->over = false;
    t->id[0] = '\0';
    int rc = open_home(t, &home, &err);
    FINE_OR_SAID(rc, err);
    t->opened = rc == 0;
    if (!rc)
        say(t, home);
    anima_home_close(home);
}

static void write_script(const struct trial *t)
{
    static const char script[] = "say: " WORDS "\n";
    char *file = fs_join(t->dir, "script.txt", (char *)NULL);
    assert_int_equal(fs_write(file, script, strlen(script), 0600, NULL), 0);
    mem_free(file);
}

static void test_home(void **state)
{
    (void)state;
    struct trial t = { .dir = "/tmp/anima-fault-XXXXXX" };
    char command[100];
    long made = 1;
    assert_non_null(mkdtemp(t.dir));
    write_script(&t);
    one_run(&t); /* makes the home and its person, so that each run has the same to do */
    assert_true(t.over);
    for (long n = 1; made >= n - STRIDE; n += n < EACH ? 1 : STRIDE) {
        mem_fail_at(n, 0);
        one_run(&t);
        made = mem_count();
        mem_fail_at(0, 0);
        check_home(&t);
    }
    print_message("%ld allocations: %d runs did not open, %d refused the message, %d replies failed, %d are complete\n",
                  made, t.ended[NOT_OPEN], t.ended[REFUSED], t.ended[FAILED], t.ended[COMPLETE]);
    assert_true(t.ended[NOT_OPEN] && t.ended[REFUSED] && t.ended[COMPLETE]); /* the faults were met on the whole way */
    snprintf(command, sizeof(command), "rm -rf %s", t.dir);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_home) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
