/* What lies in a memory that should not: seen in a store to which it was done. */
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench_memory_junk.h"
#include "mind/recalled.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

static const char *const characters[] = { "lin" };

static void on_done(void *ctx, int rc, const anima_error *err)
{
    (void)err;
    assert_int_equal(rc, ANIMA_OK);
    *(bool *)ctx = true;
}

static void wait_for(struct loop *loop, const bool *done)
{
    for (int i = 0; i < 2000 && !*done; i++)
        loop_step(loop, 10);
    assert_true(*done);
}

/* Two conversations of Ann's, with a reply. */
static void fill(struct store *s, struct loop *loop)
{
    static const char *const said[][2] = {
        { "aaaaaaaaaaaaaaaa", "My sister keeps nine hens behind the old mill in Otley." },
        { "bbbbbbbbbbbbbbbb", "The kettle is in the blue cupboard, beside the stove." }
    };
    bool done[5] = { false };
    assert_int_equal(store_person_add(s, 1, "Ann", on_done, &done[0], NULL), 0);
    for (int i = 0; i < 2; i++) {
        anima_conversation_info info = { .created_ms = 1000, .updated_ms = 1000 };
        snprintf(info.id, sizeof(info.id), "%s", said[i][0]);
        snprintf(info.character, sizeof(info.character), "lin");
        assert_int_equal(store_conversation_add(s, &info, on_done, &done[1 + i], NULL), 0);
        const anima_turn message = { .seq = 1,
                                     .role = ANIMA_ROLE_PERSON,
                                     .state = ANIMA_TURN_DONE,
                                     .person = 1,
                                     .text = said[i][1],
                                     .created_ms = 1000 };
        assert_int_equal(store_turn_add(s, said[i][0], &message, NULL, on_done, &done[3 + i], NULL), 0);
    }
    for (int i = 0; i < 5; i++)
        wait_for(loop, &done[i]);
}

static struct memory_junk look(const char *dir)
{
    struct memory_junk junk;
    anima_error err = { 0 };
    assert_int_equal(memory_junk_count(dir, characters, 1, &junk, &err), ANIMA_OK);
    return junk;
}

static void change(const char *path, const char *sql)
{
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s", why);
    sqlite3_close(db);
}

/* The second turn becomes what a model is told. */
static void tell(const char *path)
{
    struct arena arena;
    struct recalled_item item = { .who = "Ann", .text = "My sister keeps nine hens." };
    struct recalled_told one = { .items = &item, .n = 1 };
    sqlite3 *db;
    sqlite3_stmt *q;
    arena_init(&arena, 65536);
    const char *told = recalled_text(&arena, &one, 1000, 0, "en", 1000, false);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "UPDATE turn SET text = ? WHERE conversation = 'bbbbbbbbbbbbbbbb'", -1, &q, NULL),
        SQLITE_OK);
    sqlite3_bind_text(q, 1, told, -1, SQLITE_TRANSIENT);
    assert_int_equal(sqlite3_step(q), SQLITE_DONE);
    sqlite3_finalize(q);
    sqlite3_close(db);
    arena_finish(&arena);
}

static void test_junk(void **state)
{
    (void)state;
    char dir[] = "/tmp/anima-junk-XXXXXX";
    struct loop *loop;
    struct store *s;
    anima_error err = { 0 };
    assert_non_null(mkdtemp(dir));
    char *path = fs_join(dir, "anima.db", (char *)NULL);
    assert_int_equal(loop_create(&loop, &err), 0);
    assert_int_equal(store_open(path, false, loop, &s, &err), 0);
    fill(s, loop);
    struct memory_junk junk = look(dir);
    assert_int_equal(junk.items, 2);
    assert_int_equal(junk.unborne + junk.twice + junk.echoes, 0);
    store_close(s);
    loop_destroy(loop);

    change(path, "UPDATE memory SET speaker = 7 WHERE conversation = 'aaaaaaaaaaaaaaaa'");
    assert_int_equal(look(dir).unborne, 1);
    change(path, "UPDATE memory SET speaker = 1");
    change(path, "UPDATE turn SET text = 'You once told me: ' || (SELECT text FROM turn WHERE conversation = "
                 "'aaaaaaaaaaaaaaaa') WHERE conversation = 'bbbbbbbbbbbbbbbb'");
    assert_int_equal(look(dir).echoes, 1);
    change(path, "UPDATE turn SET text = (SELECT text FROM turn WHERE conversation = 'aaaaaaaaaaaaaaaa')");
    junk = look(dir);
    assert_int_equal(junk.twice, 1);
    assert_int_equal(junk.echoes, 0);
    tell(path);
    assert_int_equal(look(dir).echoes, 1);
    mem_free(path);
    fs_remove_tree(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_junk) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
