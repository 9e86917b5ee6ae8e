/* The store: changes and their refusals, a file of format 1, and deleted text that leaves the files: with a reader in the
 * way, and when the process is killed meanwhile. */
#include "store/store_private.h"
#include "store_kit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "loop/loop.h"

#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void sql(const char *path, const char *statement)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, statement, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static int one_turn(void *ctx, const anima_turn *t)
{
    buf_printf(ctx, "%d:%s r%d v%d/%d%s|", (int)t->seq, t->text, t->revision, t->variant, t->variants,
               t->edited ? "*" : "");
    return 0;
}

static void expect(struct fixture *f, const char *wanted)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(store_turn_list(f->store, "a", 0, 500, one_turn, &b, NULL), 0);
    assert_string_equal(buf_str(&b), wanted);
    buf_finish(&b);
}

static void add(struct fixture *f, const char *conversation, int64_t seq, const char *text)
{
    const anima_turn t = { .seq = seq,
                           .role = seq % 2 ? ANIMA_ROLE_PERSON : ANIMA_ROLE_CHARACTER,
                           .state = ANIMA_TURN_DONE,
                           .text = text,
                           .created_ms = 1000 + seq };
    assert_int_equal(kit_result(f, store_turn_add(f->store, conversation, &t, NULL, kit_done, f, NULL)), 0);
}

static void begin(struct fixture *f, const char *id)
{
    anima_conversation_info info = { .character = "lin", .created_ms = 1, .updated_ms = 1 };
    snprintf(info.id, sizeof(info.id), "%s", id);
    assert_int_equal(kit_result(f, store_conversation_add(f->store, &info, kit_done, f, NULL)), 0);
}

static bool somewhere(const struct fixture *f, const char *word)
{
    char command[160];
    snprintf(command, sizeof(command), "grep -rqa %s %s", word, f->dir);
    return system(command) == 0;
}

/* The tables as the first release made them. */
static const char format_1[] =
    "PRAGMA journal_mode=WAL;"
    "CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE conversation(id TEXT PRIMARY KEY, character TEXT NOT NULL, title TEXT NOT NULL,"
    "  created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, turns INTEGER NOT NULL, last_text TEXT NOT NULL)"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX conversation_by_time ON conversation(updated_ms DESC, id);"
    "CREATE TABLE turn(conversation TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE, seq INTEGER NOT NULL,"
    "  role INTEGER NOT NULL, person INTEGER NOT NULL, state INTEGER NOT NULL, text TEXT NOT NULL,"
    "  client_id TEXT NOT NULL, model TEXT NOT NULL, finish TEXT NOT NULL, error_code INTEGER NOT NULL,"
    "  error TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, ttft_ms REAL NOT NULL,"
    "  tokens_per_s REAL NOT NULL, created_ms INTEGER NOT NULL, UNIQUE(conversation, seq)) STRICT;"
    "CREATE UNIQUE INDEX turn_by_client ON turn(conversation, client_id) WHERE client_id <> '';"
    "CREATE INDEX turn_unfinished ON turn(conversation, seq) WHERE state < 2;"
    "INSERT INTO conversation VALUES('a', 'lin', 'old', 1, 2, 2, 'two');"
    "INSERT INTO turn VALUES('a', 1, 0, 1, 2, 'one', 'k', '', '', 0, '', 0, 0, 0, 0, 5);"
    "INSERT INTO turn VALUES('a', 2, 1, 0, 2, 'two', '', 'm', 'stop', 0, '', 3, 4, 5.5, 6.5, 6);"
    "PRAGMA user_version=1; PRAGMA application_id=1634625901";

static void test_a_file_of_format_1(void **state)
{
    struct fixture *f = *state;
    anima_conversation_info info;
    sql(f->path, format_1);
    kit_open(f);
    expect(f, "1:one r0 v0/1|2:two r0 v0/1|");
    assert_int_equal(store_conversation_get(f->store, "a", &info, NULL), 0);
    assert_string_equal(info.title, "old");
    assert_string_equal(info.parent, "");
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 2, "new", 0, kit_done, f, NULL)), 0);
    expect(f, "1:one r0 v0/1|2:new r1 v0/1*|");
    kit_close(f);
    kit_open(f); /* a second time it takes no step */
    expect(f, "1:one r0 v0/1|2:new r1 v0/1*|");
}

static void test_revisions(void **state)
{
    struct fixture *f = *state;
    kit_open(f);
    begin(f, "a");
    add(f, "a", 1, "one");
    add(f, "a", 2, "two");
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 1, "x", 0, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 1, "y", 0, kit_done, f, NULL)), ANIMA_E_CONFLICT);
    assert_int_equal(kit_result(f, store_turn_renew(f->store, "a", 2, 3, 9, kit_done, f, NULL)), ANIMA_E_CONFLICT);
    assert_int_equal(kit_result(f, store_turn_remove(f->store, "a", 1, 5, kit_done, f, NULL)), ANIMA_E_CONFLICT);
    assert_int_equal(kit_result(f, store_turn_choose(f->store, "a", 2, 1, 0, kit_done, f, NULL)), ANIMA_E_NOT_FOUND);
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 5, "y", -1, kit_done, f, NULL)), ANIMA_E_NOT_FOUND);
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "b", 1, "y", -1, kit_done, f, NULL)), ANIMA_E_NOT_FOUND);
    expect(f, "1:x r1 v0/1*|2:two r0 v0/1|");
}

static void test_renew_and_revert(void **state)
{
    struct fixture *f = *state;
    kit_open(f);
    begin(f, "a");
    add(f, "a", 1, "one");
    add(f, "a", 2, "two");
    const anima_turn nothing = { .seq = 2, .text = "", .state = ANIMA_TURN_CANCELLED, .finish = "cancelled" };
    assert_int_equal(kit_result(f, store_turn_renew(f->store, "a", 2, 0, 9, kit_done, f, NULL)), 0);
    expect(f, "1:one r0 v0/1|2: r1 v1/2|");
    assert_int_equal(kit_result(f, store_turn_revert(f->store, "a", &nothing, kit_done, f, NULL)), 0);
    expect(f, "1:one r0 v0/1|2:two r1 v0/1|");
    assert_int_equal(kit_result(f, store_turn_revert(f->store, "a", &nothing, kit_done, f, NULL)), 0); /* to nothing */
    expect(f, "1:one r0 v0/1|2: r1 v0/1|");
    assert_int_equal(kit_result(f, store_turn_renew(f->store, "a", 2, 1, 9, kit_done, f, NULL)), 0);
    expect(f, "1:one r0 v0/1|2: r2 v0/1|"); /* what is empty is no alternative */
}

static struct store_log *new_log(const char *id, anima_turn *turns, size_t n)
{
    struct store_log *log = mem_zero(1, sizeof(*log));
    *log = (struct store_log){ .turns = turns, .n_turns = n, .owner = log, .release = mem_free };
    snprintf(log->info.id, sizeof(log->info.id), "%s", id);
    return log;
}

static void test_import_is_whole_or_nothing(void **state)
{
    struct fixture *f = *state;
    kit_open(f);
    const anima_turn empty = { .client_id = "", .model = "", .finish = "", .error = "" };
    anima_turn turns[3] = { empty, empty, empty };
    turns[0].seq = 1;
    turns[1].seq = turns[2].seq = 2;
    turns[0].text = "one";
    turns[1].text = turns[2].text = "two";
    turns[1].variant = 1;
    assert_int_equal(kit_result(f, store_conversation_import(f->store, new_log("a", turns, 3), kit_done, f, NULL)),
                     ANIMA_E_INVALID);
    anima_conversation_info info;
    assert_int_equal(store_conversation_get(f->store, "a", &info, NULL), ANIMA_E_NOT_FOUND);
    expect(f, "");
    assert_int_equal(kit_result(f, store_conversation_import(f->store, new_log("a", turns, 2), kit_done, f, NULL)), 0);
    expect(f, "1:one r0 v0/1|2:two r0 v1/1|");
    assert_int_equal(store_conversation_get(f->store, "a", &info, NULL), 0);
    assert_int_equal(info.turns, 2);
}

static int one_summary(void *ctx, const struct store_summary *s)
{
    buf_printf(ctx, "%d%s%s:%s|", (int)s->seq, s->language, s->late ? "!" : "", s->text);
    return 0;
}

static void expect_summaries(struct fixture *f, const char *conversation, const char *wanted)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(store_summary_list(f->store, conversation, 16, one_summary, &b, NULL), 0);
    assert_string_equal(buf_str(&b), wanted);
    buf_finish(&b);
}

static void sum_up(struct fixture *f, int64_t seq, const char *language, const char *text)
{
    const struct store_summary s = { seq, language, seq == 4, text, 7 };
    assert_int_equal(kit_result(f, store_summary_put(f->store, "a", &s, kit_done, f, NULL)), 0);
}

/* A summary says what turns say: it goes with them, and when one of them becomes another. */
static void test_summaries(void **state)
{
    struct fixture *f = *state;
    kit_open(f);
    begin(f, "a");
    for (int i = 1; i <= 8; i++)
        add(f, "a", i, "words");
    sum_up(f, 2, "en", "first");
    sum_up(f, 4, "en", "zebrafish");
    sum_up(f, 4, "zh", "second");
    sum_up(f, 4, "en", "crocodile"); /* in place of the other */
    sum_up(f, 6, "en", "third");
    expect_summaries(f, "a", "6en:third|4en!:crocodile|4zh!:second|2en:first|");

    anima_conversation_info fork = { .id = "b", .character = "lin", .created_ms = 1, .updated_ms = 1 };
    assert_int_equal(kit_result(f, store_conversation_fork(f->store, "a", 5, &fork, kit_done, f, NULL)), 0);
    expect_summaries(f, "b", "4en!:crocodile|4zh!:second|2en:first|");

    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 7, "other", -1, kit_done, f, NULL)), 0);
    expect_summaries(f, "a", "6en:third|4en!:crocodile|4zh!:second|2en:first|");
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 5, "words", -1, kit_done, f, NULL)),
                     0); /* to the same */
    expect_summaries(f, "a", "6en:third|4en!:crocodile|4zh!:second|2en:first|");
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 6, "other", -1, kit_done, f, NULL)), 0);
    expect_summaries(f, "a", "4en!:crocodile|4zh!:second|2en:first|");
    assert_int_equal(kit_result(f, store_turn_remove(f->store, "a", 4, -1, kit_done, f, NULL)), 0);
    expect_summaries(f, "a", "2en:first|");
    assert_true(somewhere(f, "crocodile")); /* the fork has it */
    assert_int_equal(kit_result(f, store_summary_remove(f->store, "b", 0, kit_done, f, NULL)), 0);
    expect_summaries(f, "b", "");
    assert_false(somewhere(f, "crocodile"));
    assert_false(somewhere(f, "zebrafish"));
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "a", false, kit_done, f, NULL)), 0);
    expect_summaries(f, "a", "");
    const struct store_summary s = { 2, "en", false, "nothing", 7 };
    assert_int_not_equal(kit_result(f, store_summary_put(f->store, "a", &s, kit_done, f, NULL)),
                         0); /* of no conversation */
}

/* Somebody else is in the middle of a look: it is said, and done as soon as that is over. */
static void test_purge_waits_for_readers(void **state)
{
    struct fixture *f = *state;
    sqlite3 *other;
    kit_open(f);
    begin(f, "a");
    begin(f, "b");
    add(f, "a", 1, "oldwords");
    add(f, "b", 1, "others");
    assert_int_equal(sqlite3_open_v2(f->path, &other, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN; SELECT count(*) FROM turn", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "a", false, kit_done, f, NULL)), 0);
    assert_int_equal(f->err.code, ANIMA_E_BUSY);
    assert_true(somewhere(f, "oldwords"));
    add(f, "b", 2, "meanwhile"); /* writing goes on */
    sqlite3_close(other);
    time_t end = time(NULL) + 20;
    while (somewhere(f, "oldwords") && time(NULL) < end)
        usleep(100000);
    assert_false(somewhere(f, "oldwords"));
    assert_true(somewhere(f, "meanwhile"));
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "a", false, kit_done, f, NULL)),
                     ANIMA_E_NOT_FOUND);
}

/* A file of more than 32 MiB: it is said that it takes a moment, and it is done when nobody writes. */
static void test_purge_of_a_large_file(void **state)
{
    struct fixture *f = *state;
    char *text = mem_zero(1, 60001);
    memset(text, 'x', 60000);
    kit_open(f);
    begin(f, "a");
    begin(f, "b");
    sql(f->path, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO turn"
                 "(conversation, seq, role, person, state, text, client_id, model, finish, error_code, error,"
                 " prompt_tokens, completion_tokens, ttft_ms, tokens_per_s, created_ms)"
                 " SELECT 'b', i, 0, 1, 2, printf('%060000d', i), '', '', '', 0, '', 0, 0, 0, 0, 1 FROM n");
    for (int n = 1; n < 60; n++) { /* small ones, that share pages with others */
        char words[80];
        snprintf(words, sizeof(words), "oldwords%d %.*s", n, n, text);
        add(f, "a", n, words);
        snprintf(words, sizeof(words), "others%d", n);
        add(f, "b", 1000 + n, words);
    }
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "a", false, kit_done, f, NULL)), 0);
    assert_int_equal(f->err.code, ANIMA_E_BUSY);
    assert_non_null(strstr(f->err.message, "large"));
    time_t end = time(NULL) + 30;
    while (somewhere(f, "oldwords") && time(NULL) < end)
        usleep(100000);
    assert_false(somewhere(f, "oldwords"));
    assert_true(somewhere(f, "others59"));
    add(f, "b", 2000, "oldwords"); /* deleted, and closed at once: it is gone, too */
    assert_int_equal(kit_result(f, store_turn_remove(f->store, "b", 2000, -1, kit_done, f, NULL)), 0);
    kit_close(f);
    assert_false(somewhere(f, "oldwords"));
    mem_free(text);
}

/* Killed at some moment of a deletion: afterwards the conversation is there as a whole, or no byte of it is. */
static void test_kill_while_deleting(void **state)
{
    struct fixture *f = *state;
    char *text = mem_zero(1, 4001);
    srand(5);
    int gone = 0;
    for (int round = 0; round < 20; round++) {
        int n = 0;
        memset(text, ' ', 4000);
        memcpy(text, "oldwords", 8);
        kit_open(f);
        anima_conversation_info info;
        if (store_conversation_get(f->store, "a", &info, NULL)) {
            begin(f, "a");
            for (n = 1; n <= 20; n++)
                add(f, "a", n, text);
        }
        kit_close(f);
        pid_t pid = fork();
        if (pid == 0) {
            struct fixture mine = { 0 };
            memcpy(mine.path, f->path, sizeof(mine.path));
            if (loop_create(&mine.loop, NULL) || store_open(mine.path, false, mine.loop, &mine.store, NULL) ||
                store_conversation_delete(mine.store, "a", false, NULL, NULL, NULL))
                _exit(1);
            for (;;)
                pause();
        }
        usleep((useconds_t)(rand() % 12000 + round * 4000)); /* a slow build takes longer to get that far */
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        kit_open(f);
        int rc = store_conversation_get(f->store, "a", &info, NULL);
        assert_true(rc == 0 ? info.turns == 20 : !somewhere(f, "oldwords"));
        gone += rc != 0;
        assert_int_equal(store_check(f->store, NULL), 0);
        kit_close(f);
    }
    assert_true(gone > 0);
    mem_free(text);
}

/* Several more at a time, numbered on; a turn that is not there gets none. */
static void test_more_alternatives(void **state)
{
    struct fixture *f = *state;
    anima_turn more[] = { { .text = "a", .state = ANIMA_TURN_DONE }, { .text = "b", .state = ANIMA_TURN_CANCELLED } };
    int64_t changes, first, last;
    kit_open(f);
    begin(f, "a");
    add(f, "a", 1, "one");
    add(f, "a", 2, "two");
    assert_int_equal(kit_result(f, store_turn_add_variants(f->store, "a", 2, more, 2, kit_done, f, NULL)), 0);
    expect(f, "1:one r0 v0/1|2:two r1 v0/3|");
    assert_int_equal(store_turn_changes(f->store, "a", 0, &changes, &first, &last, NULL), 0);
    assert_int_equal(first, 2);
    assert_int_equal(kit_result(f, store_turn_choose(f->store, "a", 2, 1, 1, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_turn_add_variants(f->store, "a", 2, more + 1, 1, kit_done, f, NULL)), 0);
    expect(f, "1:one r0 v0/1|2:a r3 v1/4|");
    assert_int_equal(kit_result(f, store_turn_choose(f->store, "a", 2, 3, 3, kit_done, f, NULL)), 0);
    expect(f, "1:one r0 v0/1|2:b r4 v3/4|");
    assert_int_equal(kit_result(f, store_turn_add_variants(f->store, "a", 9, more, 2, kit_done, f, NULL)),
                     ANIMA_E_NOT_FOUND);
    expect(f, "1:one r0 v0/1|2:b r4 v3/4|");
}

/* ---- the tree of forks ---- */

static void fork_at(struct fixture *f, const char *from, int64_t seq, const char *id)
{
    static int64_t created = 10;
    anima_conversation_info info = { .character = "lin", .created_ms = created++, .updated_ms = 1, .parent_seq = seq };
    snprintf(info.id, sizeof(info.id), "%s", id);
    snprintf(info.parent, sizeof(info.parent), "%s", from);
    assert_int_equal(kit_result(f, store_conversation_fork(f->store, from, seq, &info, kit_done, f, NULL)), 0);
}

static int one_branch(void *ctx, const anima_timeline *t)
{
    buf_printf(ctx, "%s<%s@%d '%s' own %d '%s'|", t->info.id, t->info.parent, (int)t->info.parent_seq, t->from_text,
               (int)t->own_seq, t->own_text);
    return 0;
}

static void expect_tree(struct fixture *f, const char *id, int limit, const char *wanted)
{
    struct buf b;
    bool more;
    buf_init(&b, 1 << 20);
    assert_int_equal(store_conversation_tree(f->store, id, limit, one_branch, &b, &more, NULL), 0);
    buf_puts(&b, more ? "more" : "");
    assert_string_equal(buf_str(&b), wanted);
    buf_finish(&b);
}

static void grow_a_tree(struct fixture *f)
{
    begin(f, "other");
    begin(f, "a");
    add(f, "a", 1, "one"); /* a person's, since it is odd */
    add(f, "a", 2, "two");
    add(f, "a", 3, "three");
    fork_at(f, "a", 2, "b");
    add(f, "b", 3, "another three");
    fork_at(f, "b", 3, "c");
    fork_at(f, "a", 3, "d");
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "d", 3, "three, said otherwise", -1, kit_done, f, NULL)),
                     0);
}

static void test_the_tree(void **state)
{
    struct fixture *f = *state;
    bool more;
    kit_open(f);
    grow_a_tree(f);
    static const char whole[] = "a<@0 '' own 1 'one'|b<a@2 'two' own 3 'another three'|c<b@3 'another three' own 0 ''|"
                                "d<a@3 'three' own 3 'three, said otherwise'|";
    expect_tree(f, "a", 500, whole);
    expect_tree(f, "c", 500, whole); /* whoever of them is asked */
    expect_tree(f, "c", 2, "a<@0 '' own 1 'one'|b<a@2 'two' own 3 'another three'|more");
    expect_tree(f, "other", 500, "other<@0 '' own 0 ''|");
    assert_int_equal(store_conversation_tree(f->store, "none", 500, one_branch, NULL, &more, NULL), ANIMA_E_NOT_FOUND);
    /* Without its parent a fork is a root, and its forks are still its own. */
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "a", false, kit_done, f, NULL)), 0);
    expect_tree(f, "c", 500, "b<a@2 '' own 2 'two'|c<b@3 'another three' own 0 ''|");
    expect_tree(f, "d", 500, "d<a@3 '' own 3 'three, said otherwise'|");
}

/* How much the database has to do for a tree does not depend on how many other conversations there are. */
static void test_the_tree_is_found_by_its_index(void **state)
{
    struct fixture *f = *state;
    struct buf b;
    int steps[2];
    bool more;
    char many[200];
    kit_open(f);
    grow_a_tree(f);
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_conversation_tree(f->store, "c", 500, one_branch, &b, &more, NULL), 0);
        steps[i] = sqlite3_stmt_status(f->store->reader.statements[SQL_TREE], SQLITE_STMTSTATUS_VM_STEP, 1);
        snprintf(many, sizeof(many),
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
                 " INSERT INTO conversation SELECT 'x' || i, 'lin', '', 1, 1, 0, '', 'y' || i, 1, 0 FROM n");
        if (i == 0)
            sql(f->path, many);
    }
    assert_true(steps[0] > 0);
    assert_true(steps[1] < steps[0] + 100);
    buf_finish(&b);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, kit_set_up_closed, kit_tear_down)
    const struct CMUnitTest tests[] = {
        T(test_a_file_of_format_1),
        T(test_revisions),
        T(test_renew_and_revert),
        T(test_import_is_whole_or_nothing),
        T(test_purge_waits_for_readers),
        T(test_purge_of_a_large_file),
        T(test_kill_while_deleting),
        T(test_more_alternatives),
        T(test_the_tree),
        T(test_the_tree_is_found_by_its_index),
        T(test_summaries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
