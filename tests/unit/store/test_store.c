/* The store: what is reported written is there, in order, once; what cannot be written is told. */
#include "store_kit.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "loop/loop.h"

#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static anima_turn message(int64_t seq, const char *text, const char *client_id)
{
    return (anima_turn){ .seq = seq,
                         .role = ANIMA_ROLE_PERSON,
                         .state = ANIMA_TURN_DONE,
                         .text = text,
                         .person = 1,
                         .client_id = client_id,
                         .model = "",
                         .finish = "",
                         .error = "",
                         .created_ms = 1000 + seq };
}

static anima_turn reply(int64_t seq, const char *text, anima_turn_state turn_state)
{
    return (anima_turn){ .seq = seq,
                         .role = ANIMA_ROLE_CHARACTER,
                         .state = turn_state,
                         .text = text,
                         .client_id = "",
                         .model = "m",
                         .finish = "",
                         .error = "",
                         .created_ms = 1000 + seq };
}

static void begin(struct fixture *f, const char *id)
{
    anima_conversation_info info = { .created_ms = 1000, .updated_ms = 1000 };
    snprintf(info.id, sizeof(info.id), "%s", id);
    strcpy(info.character, "lin");
    assert_int_equal(store_conversation_add(f->store, &info, kit_done, f, NULL), 0);
}

static int list_one(void *ctx, const anima_turn *t)
{
    buf_printf(ctx, "%d:%s:%d ", (int)t->seq, t->text, t->state);
    return 0;
}

static char *list(struct fixture *f, const char *conversation, int64_t after, int limit)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(store_turn_list(f->store, conversation, after, limit, list_one, &b, NULL), 0);
    return buf_take(&b);
}

static void expect(struct fixture *f, const char *conversation, const char *wanted)
{
    char *all = list(f, conversation, 0, 500);
    assert_string_equal(all, wanted);
    mem_free(all);
}

static int count_info(void *ctx, const anima_conversation_info *info)
{
    buf_printf(ctx, "%s:%d:%s ", info->id, (int)info->turns, info->last_text);
    return 0;
}

static int count_unfinished(void *ctx, const char *conversation, int64_t seq)
{
    buf_printf(ctx, "%s/%d ", conversation, (int)seq);
    return 0;
}

static void test_writing_and_reading(void **state)
{
    struct fixture *f = *state;
    begin(f, "a");
    begin(f, "b");
    assert_int_equal(store_person_add(f->store, 1, "安", kit_done, f, NULL), 0);
    anima_turn m = message(1, "你好", "k1"), r = reply(2, "", ANIMA_TURN_WAITING);
    store_turn_add(f->store, "a", &m, &r, kit_done, f, NULL);
    kit_wait(f, 4);
    assert_int_equal(f->failures, 0);
    expect(f, "a", "1:你好:2 2::0 ");
    struct buf b;
    buf_init(&b, 1000);
    store_turn_unfinished(f->store, count_unfinished, &b, NULL);
    assert_string_equal(buf_str(&b), "a/2 ");
    buf_reset(&b);
    r = reply(2, "你好呀。", ANIMA_TURN_DONE);
    store_turn_update(f->store, "a", &r, kit_done, f, NULL);
    kit_wait(f, 5);
    expect(f, "a", "1:你好:2 2:你好呀。:2 ");
    store_conversation_list(f->store, 10, 0, count_info, &b, NULL);
    assert_string_equal(buf_str(&b), "a:2:你好呀。 b:0: ");
    buf_finish(&b);
    int64_t seq = 0;
    assert_int_equal(store_turn_by_client(f->store, "a", "k1", &seq, NULL), 0);
    assert_int_equal(seq, 1);
    assert_int_equal(store_turn_by_client(f->store, "b", "k1", &seq, NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(store_turn_by_client(f->store, "a", "", &seq, NULL), ANIMA_E_NOT_FOUND);
    char *page = list(f, "a", 1, 1);
    assert_string_equal(page, "2:你好呀。:2 ");
    mem_free(page);
}

static void test_one_that_fails_takes_nobody_along(void **state)
{
    struct fixture *f = *state;
    begin(f, "a");
    anima_turn m = message(1, "one", "k"), again = message(2, "two", "k"), third = message(3, "three", "");
    store_turn_add(f->store, "a", &m, NULL, kit_done, f, NULL);
    store_turn_add(f->store, "a", &again, NULL, kit_done, f, NULL);      /* the same client_id */
    store_turn_add(f->store, "nosuch", &third, NULL, kit_done, f, NULL); /* no such conversation */
    store_turn_add(f->store, "a", &third, NULL, kit_done, f, NULL);
    store_turn_update(f->store, "a", &again, kit_done, f, NULL); /* no such turn */
    kit_wait(f, 6);
    assert_int_equal(f->failures, 3);
    expect(f, "a", "1:one:2 3:three:2 ");
    anima_conversation_info info;
    assert_int_equal(store_conversation_get(f->store, "a", &info, NULL), 0);
    assert_int_equal(info.turns, 2);
}

static void test_updates_are_coalesced(void **state)
{
    struct fixture *f = *state;
    begin(f, "a");
    anima_turn r = reply(1, "", ANIMA_TURN_WAITING);
    store_turn_add(f->store, "a", NULL, &r, kit_done, f, NULL);
    for (int i = 0; i < 50; i++) {
        char text[20];
        snprintf(text, sizeof(text), "words %d", i);
        r = reply(1, text, i == 49 ? ANIMA_TURN_DONE : ANIMA_TURN_STREAMING);
        store_turn_update(f->store, "a", &r, kit_done, f, NULL);
    }
    kit_wait(f, 52);
    assert_int_equal(f->failures, 0);
    expect(f, "a", "1:words 49:2 ");
}

static void test_closing_writes_what_is_queued(void **state)
{
    struct fixture *f = *state;
    begin(f, "a");
    for (int i = 1; i <= 200; i++) {
        anima_turn m = message(i, "x", "");
        store_turn_add(f->store, "a", &m, NULL, kit_done, f, NULL);
    }
    kit_close(f);
    assert_int_equal(f->reports, 0);
    kit_open(f);
    anima_conversation_info info;
    assert_int_equal(store_conversation_get(f->store, "a", &info, NULL), 0);
    assert_int_equal(info.turns, 200);
}

static int sum_one(void *ctx, const struct store_cost_sum *sum)
{
    buf_printf(ctx, "%s:%lld:%lld:%.1f ", sum->key, (long long)sum->turns,
               (long long)(sum->prompt_tokens + sum->completion_tokens), sum->money);
    return 0;
}

static void expect_costs(struct fixture *f, enum store_cost_by by, int64_t since, const char *wanted)
{
    struct buf b;
    buf_init(&b, 1000);
    assert_int_equal(store_cost_list(f->store, by, since, sum_one, &b, NULL), 0);
    assert_string_equal(buf_str(&b), wanted);
    buf_finish(&b);
}

static int has_cost(void *ctx, const anima_turn *t)
{
    *(double *)ctx = t->money;
    return 0;
}

static void test_ledger(void **state)
{
    struct fixture *f = *state;
    begin(f, "a");
    anima_turn r = reply(1, "", ANIMA_TURN_WAITING);
    store_turn_add(f->store, "a", NULL, &r, kit_done, f, NULL);
    struct store_cost cost = { 5000, "a", "lin", 1, "m", 10, 5, 1.5, 0.1, 0.5 };
    r = reply(1, "Well.", ANIMA_TURN_DONE);
    r.money = 0.5;
    store_turn_finish(f->store, "a", &r, false, &cost, kit_done, f, NULL);
    r.money = 1;
    store_turn_finish(f->store, "a", &r, false, &cost, kit_done, f, NULL);  /* the second does not swallow the first */
    store_turn_finish(f->store, "no", &r, false, &cost, kit_done, f, NULL); /* fails as a whole */
    kit_wait(f, 5);
    assert_int_equal(f->failures, 1);
    cost = (struct store_cost){ 86400000 * 3ll, "", "eve", 0, "n", 1, 1, 0, 0, 0 };
    store_cost_add(f->store, &cost, NULL);
    kit_close(f);
    kit_open(f);
    expect_costs(f, STORE_COST_BY_CHARACTER, 0, "eve:1:2:0.0 lin:2:30:1.0 ");
    expect_costs(f, STORE_COST_BY_PERSON, 0, "0:1:2:0.0 1:2:30:1.0 ");
    expect_costs(f, STORE_COST_BY_MODEL, 5001, "n:1:2:0.0 ");
    double money = 0;
    store_turn_list(f->store, "a", 0, 1, has_cost, &money, NULL);
    assert_true(money == 1);
}

static void sql(const char *path, const char *statement)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, statement, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void test_files_that_are_not_ours(void **state)
{
    struct fixture *f = *state;
    struct store *s;
    anima_error err;
    kit_close(f);
    assert_int_equal(loop_create(&f->loop, &err), 0);
    sql(f->path, "PRAGMA user_version=99");
    assert_int_equal(store_open(f->path, false, f->loop, &s, &err), ANIMA_E_UNSUPPORTED);
    assert_non_null(strstr(err.message, "newer anima"));
    sql(f->path, "PRAGMA user_version=0; PRAGMA application_id=5");
    assert_int_equal(store_open(f->path, false, f->loop, &s, &err), ANIMA_E_INVALID);
    FILE *file = fopen(f->path, "r+");
    fwrite("this is not a database at all, truly not", 1, 40, file);
    fclose(file);
    assert_int_equal(store_open(f->path, false, f->loop, &s, &err), ANIMA_E_IO);
    assert_non_null(strstr(err.message, "damaged"));
    assert_int_equal(store_open("/nowhere/anima.db", false, f->loop, &s, &err), ANIMA_E_IO);
    assert_int_equal(store_open("/nowhere/anima.db", true, f->loop, &s, &err), ANIMA_E_NOT_FOUND);
    loop_destroy(f->loop);
    f->loop = NULL;
}

static void test_looking_only(void **state)
{
    struct fixture *f = *state;
    begin(f, "a");
    kit_wait(f, 1);
    struct store *s;
    anima_error err;
    assert_int_equal(store_open(f->path, true, f->loop, &s, &err), 0); /* beside the one that writes */
    anima_conversation_info info;
    assert_int_equal(store_conversation_get(s, "a", &info, &err), 0);
    assert_int_equal(store_person_add(s, 1, "x", kit_done, f, &err), ANIMA_E_UNSUPPORTED);
    assert_int_equal(store_check(s, &err), 0);
    assert_int_equal(store_check(f->store, &err), 0);
    store_close(s);
}

/* A real full disk: a file system of 1 MiB that only this process sees. */
static int full_disk(const char *dir)
{
    char command[200];
    snprintf(command, sizeof(command), "mount -t tmpfs -o size=1m none %s 2>/dev/null", dir);
    return system(command);
}

static void test_full_disk(void **state)
{
    struct fixture *f = *state;
    kit_close(f);
    if (full_disk(f->dir)) {
        print_message("skipped: no file system can be mounted here\n");
        return;
    }
    kit_open(f);
    begin(f, "a");
    kit_wait(f, 1);
    char *big = mem_zero(1, 60001);
    memset(big, 'x', 60000);
    int n = 0;
    while (!f->failures && n < 100) {
        anima_turn m = message(++n, big, "");
        store_turn_add(f->store, "a", &m, NULL, kit_done, f, NULL);
        kit_wait(f, n + 1);
    }
    assert_int_equal(f->rc, ANIMA_E_FULL);
    assert_non_null(strstr(f->err.message, "disk is full"));
    char command[100];
    snprintf(command, sizeof(command), "mount -o remount,size=8m %s", f->dir);
    assert_int_equal(system(command), 0);
    anima_turn m = message(n, "there is room again", "");
    store_turn_add(f->store, "a", &m, NULL, kit_done, f, NULL);
    kit_wait(f, n + 2);
    assert_int_equal(f->rc, 0);
    anima_conversation_info info;
    assert_int_equal(store_conversation_get(f->store, "a", &info, NULL), 0);
    assert_int_equal(info.turns, n);
    mem_free(big);
    kit_close(f);
    snprintf(command, sizeof(command), "umount -l %s", f->dir);
    assert_int_equal(system(command), 0);
}

/* The child writes turns and notes in shared memory which ones were reported; it is killed at a random moment. */
static void write_until_killed(const char *path, volatile int64_t *acknowledged)
{
    struct fixture f = { 0 };
    snprintf(f.path, sizeof(f.path), "%s", path);
    if (loop_create(&f.loop, NULL) || store_open(path, false, f.loop, &f.store, NULL))
        _exit(1);
    for (int64_t seq = *acknowledged + 1;; seq++) {
        anima_turn m = message(seq, "some words that matter", "");
        f.reports = 0;
        store_turn_add(f.store, "a", &m, NULL, kit_done, &f, NULL);
        while (!f.reports)
            loop_step(f.loop, 100);
        if (f.rc)
            _exit(2);
        *acknowledged = seq;
    }
}

static int count_turns(void *ctx, const anima_turn *t)
{
    int64_t *last = ctx;
    assert_int_equal(t->seq, *last + 1); /* none missing, none twice */
    *last = t->seq;
    return 0;
}

static void test_kill_at_any_moment(void **state)
{
    struct fixture *f = *state;
    begin(f, "a");
    kit_wait(f, 1);
    kit_close(f);
    volatile int64_t *acknowledged = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                                          0);
    srand(7);
    for (int round = 0; round < 25; round++) {
        pid_t pid = fork();
        if (pid == 0)
            write_until_killed(f->path, acknowledged);
        usleep(2000 + (useconds_t)(rand() % 60000));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        kit_open(f);
        int64_t last = 0;
        while (true) {
            int64_t before = last;
            assert_int_equal(store_turn_list(f->store, "a", last, 500, count_turns, &last, NULL), 0);
            if (last == before)
                break;
        }
        assert_true(last == *acknowledged || last == *acknowledged + 1); /* the one in flight may have arrived */
        *acknowledged = last;
        assert_int_equal(store_check(f->store, NULL), 0);
        kit_close(f);
    }
    assert_true(*acknowledged > 0);
    munmap((void *)acknowledged, sizeof(int64_t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_writing_and_reading, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(test_one_that_fails_takes_nobody_along, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(test_updates_are_coalesced, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(test_closing_writes_what_is_queued, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(test_files_that_are_not_ours, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(test_looking_only, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(test_ledger, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(test_full_disk, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(test_kill_at_any_moment, kit_set_up, kit_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
