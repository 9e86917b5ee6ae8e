/* The store: rounds of blind pairs, what advances them, and a file of the format before them. */
#include "store_kit.h"

#include "base/buf.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void sql(const char *path, const char *statements)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, statements, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static int change(struct fixture *f, enum store_blind_what what, const anima_blind *round,
                  const anima_blind_pair *pairs, size_t n)
{
    const struct store_blind_change c = { what, round, pairs, n };
    return kit_result(f, store_blind_change(f->store, &c, kit_done, f, NULL));
}

/* A round of two pairs. */
static int add(struct fixture *f, const char *id, const char *character, int64_t made_ms)
{
    anima_blind round = { .language = "en", .state = "making", .model = "m", .seed = 7, .made_ms = made_ms };
    const anima_blind_pair pairs[] = { { .n = 1, .own = true, .context = "[1]", .trained = "left" },
                                       { .n = 2, .context = "[2]", .trained = "right" } };
    snprintf(round.id, sizeof(round.id), "%s", id);
    snprintf(round.character, sizeof(round.character), "%s", character);
    return change(f, STORE_BLIND_ADD, &round, pairs, 2);
}

static int reply(struct fixture *f, const char *id, int n, const char *left, const char *right)
{
    anima_blind round = { .made_ms = 0 };
    const anima_blind_pair pair = { .n = n, .left = left, .right = right };
    snprintf(round.id, sizeof(round.id), "%s", id);
    return change(f, STORE_BLIND_REPLY, &round, &pair, 1);
}

static int choose(struct fixture *f, const char *id, int n, const char *choice, const char *note)
{
    anima_blind round = { .made_ms = 0 };
    const anima_blind_pair pair = { .n = n, .choice = choice, .note = note, .chosen_ms = 9 };
    snprintf(round.id, sizeof(round.id), "%s", id);
    return change(f, STORE_BLIND_CHOOSE, &round, &pair, 1);
}

static int put_round(void *ctx, const anima_blind *r)
{
    buf_printf(ctx, "%s %s %d/%d/%d t%d p%d s%d|", r->id, r->state, r->chosen, r->made, r->pairs, r->trained,
               r->prompted, r->same);
    return 0;
}

static void expect(struct fixture *f, const char *id, const char *character, const char *state, const char *wanted)
{
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(store_blind_list(f->store, id, character, state, 10, put_round, &b, NULL), 0);
    assert_string_equal(buf_str(&b), wanted);
    buf_finish(&b);
}

static int put_pair(void *ctx, const anima_blind_pair *p)
{
    buf_printf(ctx, "%d%s %s %s/%s %s %s %s|", p->n, p->own ? "" : "!", p->context, p->left ? p->left : "-",
               p->right ? p->right : "-", p->trained, p->choice, p->note);
    return 0;
}

static void expect_pairs(struct fixture *f, bool unmade, const char *wanted)
{
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(store_blind_pairs(f->store, "a", unmade, put_pair, &b, NULL), 0);
    assert_string_equal(buf_str(&b), wanted);
    buf_finish(&b);
}

static void test_a_round(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(add(f, "a", "lin", 1), 0);
    expect_pairs(f, true, "1 [1] -/- left  |2! [2] -/- right  |");
    assert_int_equal(choose(f, "a", 1, "left", ""), ANIMA_E_NOT_FOUND); /* it is not made */
    assert_int_equal(reply(f, "a", 1, "L1", NULL), 0);
    assert_int_equal(choose(f, "a", 1, "left", ""), ANIMA_E_NOT_FOUND); /* half of it is */
    assert_int_equal(reply(f, "a", 1, NULL, "R1"), 0);
    expect(f, "a", "", "", "a making 0/1/2 t0 p0 s0|");
    assert_int_equal(choose(f, "a", 1, "left", "warm"), 0);
    assert_int_equal(reply(f, "a", 2, "", NULL), 0); /* nothing said is a reply, too */
    expect_pairs(f, true, "2! [2] /- right  |");
    assert_int_equal(reply(f, "a", 2, NULL, "R2"), 0);
    expect_pairs(f, true, "");
    expect(f, "a", "", "", "a asking 1/2/2 t1 p0 s0|");
    assert_int_equal(choose(f, "a", 1, "right", ""), 0);
    expect(f, "a", "", "", "a asking 1/2/2 t0 p1 s0|");
    assert_int_equal(choose(f, "a", 1, "left", "warm"), 0);
    assert_int_equal(choose(f, "a", 2, "right", ""), 0);
    expect(f, "a", "", "", "a done 2/2/2 t2 p0 s0|");
    assert_int_equal(choose(f, "a", 2, "left", ""), ANIMA_E_NOT_FOUND); /* it is over */
    kit_close(f);
    kit_open(f);
    expect_pairs(f, false, "1 [1] L1/R1 left left warm|2! [2] /R2 right right |");
}

static void test_many(void **state)
{
    struct fixture *f = *state;
    anima_blind failed = { .id = "b", .state = "failed", .code = ANIMA_E_ENGINE, .message = "it died" };
    assert_int_equal(add(f, "a", "lin", 1), 0);
    assert_int_equal(add(f, "b", "mo", 2), 0);
    assert_int_equal(add(f, "a", "lin", 3), ANIMA_E_INVALID); /* there is one */
    assert_int_equal(change(f, STORE_BLIND_STATE, &failed, NULL, 0), 0);
    expect(f, "", "", "", "b failed 0/0/2 t0 p0 s0|a making 0/0/2 t0 p0 s0|");
    expect(f, "", "lin", "", "a making 0/0/2 t0 p0 s0|");
    expect(f, "", "", "making", "a making 0/0/2 t0 p0 s0|");
    expect(f, "", "mo", "making", "");
    snprintf(failed.id, sizeof(failed.id), "c");
    assert_int_equal(change(f, STORE_BLIND_STATE, &failed, NULL, 0), ANIMA_E_NOT_FOUND);
    assert_int_equal(reply(f, "c", 1, "x", NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(reply(f, "a", 3, "x", NULL), ANIMA_E_NOT_FOUND);
}

static void test_deleted(void **state)
{
    struct fixture *f = *state;
    char command[160];
    assert_int_equal(add(f, "a", "lin", 1), 0);
    assert_int_equal(reply(f, "a", 1, "rhododendron", NULL), 0);
    assert_int_equal(reply(f, "a", 1, NULL, "R1"), 0);
    assert_int_equal(kit_result(f, store_blind_remove(f->store, "a", kit_done, f, NULL)), 0);
    expect(f, "", "", "", "");
    expect_pairs(f, false, "");
    assert_int_equal(kit_result(f, store_blind_remove(f->store, "a", kit_done, f, NULL)), ANIMA_E_NOT_FOUND);
    snprintf(command, sizeof(command), "grep -rqa rhododendron %s", f->dir);
    assert_int_not_equal(system(command), 0);
}

/* The format before had no such tables; what it had stays. */
static void test_a_file_of_format_8(void **state)
{
    struct fixture *f = *state;
    anima_conversation_info info = { .id = "talk", .character = "lin", .title = "old" };
    assert_int_equal(kit_result(f, store_conversation_add(f->store, &info, kit_done, f, NULL)), 0);
    kit_close(f);
    sql(f->path,
        "DROP TRIGGER classed_of_another; DROP TABLE classed; DROP TABLE heard; DROP TABLE imported; DROP TABLE import;"
        "DROP TABLE blind_pair; DROP TABLE blind_round; DROP TRIGGER memory_of_new; DROP TRIGGER memory_of_another;"
        "DROP TRIGGER memory_of_none; DROP TRIGGER memory_of_forks; DROP TABLE told; DROP TABLE memory; DROP TABLE "
        "memory_due;"
        "DROP TABLE told_passage; DROP TABLE passage; DROP TABLE document_section; DROP TABLE document;"
        "DROP TABLE memory_gone; DROP TRIGGER fact_hand_of_another; DROP TABLE fact_hand; DROP TABLE fact;"
        "DROP TABLE pin; DROP TABLE rule; ALTER TABLE turn DROP COLUMN forgot;"
        "PRAGMA user_version=8");
    kit_open(f);
    assert_int_equal(store_conversation_get(f->store, "talk", &info, NULL), 0);
    assert_string_equal(info.title, "old");
    assert_int_equal(add(f, "a", "lin", 1), 0);
    expect(f, "", "", "", "a making 0/0/2 t0 p0 s0|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_round, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(test_many, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(test_deleted, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_of_format_8, kit_set_up, kit_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
