/* The store: facts that people told go with their turns, and come again when what is remembered is made anew; what a person put in their place
 * stays; and a file of the format before them. */
#include "store_kit.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void begin(struct fixture *f)
{
    const anima_conversation_info info = { .id = "a", .character = "lin", .created_ms = 1, .updated_ms = 1 };
    assert_int_equal(kit_result(f, store_conversation_add(f->store, &info, kit_done, f, NULL)), 0);
}

static void add(struct fixture *f, int64_t seq, const char *text)
{
    const anima_turn t = { .seq = seq,
                           .role = ANIMA_ROLE_PERSON,
                           .person = 1,
                           .state = ANIMA_TURN_DONE,
                           .text = text,
                           .created_ms = 1000 + seq };
    assert_int_equal(kit_result(f, store_turn_add(f->store, "a", &t, NULL, kit_done, f, NULL)), 0);
}

static int take_id(void *ctx, const struct store_memory *item)
{
    *(int64_t *)ctx = item->id;
    return 0;
}

/* The row of what is remembered of a turn, by a word of it. */
static int64_t memory_of(struct fixture *f, const char *word)
{
    int64_t id = 0;
    assert_int_equal(store_memory_search(f->store, NULL, word, 1, take_id, &id, NULL), 0);
    assert_true(id > 0);
    return id;
}

/* The turn with this word was looked at, and tells that; "": nothing. */
static void look(struct fixture *f, const char *word, const char *value)
{
    const struct store_memory_mark mark = { .id = memory_of(f, word), .class = 1 };
    struct store_fact fact = { .memory = mark.id, .about = "home", .confidence = 0.9 };
    snprintf(fact.value, sizeof(fact.value), "%s", value);
    assert_int_equal(kit_result(f, store_memory_marks(f->store, &mark, 1, &fact, *value != '\0', kit_done, f, NULL)),
                     0);
}

struct listed {
    char text[400];
    int64_t id; /* of the last */
};

static int append(void *ctx, int64_t id, const struct store_fact *fact, int64_t hand_ms,
                  const struct store_memory *item)
{
    struct listed *out = ctx;
    size_t n = strlen(out->text);
    snprintf(out->text + n, sizeof(out->text) - n, "%s%lld:%s %s%s", n ? "|" : "", (long long)item->seq, fact->about,
             fact->value, hand_ms ? " by hand" : "");
    out->id = id;
    return 0;
}

static int64_t expect(struct fixture *f, const char *expected)
{
    struct listed out = { .id = 0 };
    anima_error err;
    if (store_fact_list(f->store, "lin", 1, 100, append, &out, &err))
        fail_msg("%s", err.message);
    assert_string_equal(out.text, expected);
    return out.id;
}

static bool somewhere(const struct fixture *f, const char *word)
{
    char command[160];
    snprintf(command, sizeof(command), "grep -rqai %s %s", word, f->dir);
    return system(command) == 0;
}

static void gone_with_their_turn(void **state)
{
    struct fixture *f = *state;
    begin(f);
    add(f, 1, "I live in Leedsburgh.");
    add(f, 3, "I moved to Yorkville.");
    look(f, "\"leedsburgh\"", "Leedsburgh");
    look(f, "\"yorkville\"", "Yorkville");
    expect(f, "1:home Leedsburgh|3:home Yorkville");
    look(f, "\"yorkville\"", "Yorkville"); /* looked at once more */
    expect(f, "1:home Leedsburgh|3:home Yorkville");
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 1, "I live in a tent.", 0, kit_done, f, NULL)), 0);
    expect(f, "3:home Yorkville");
    assert_int_equal(kit_result(f, store_turn_remove(f->store, "a", 3, -1, kit_done, f, NULL)), 0);
    expect(f, "");
    kit_close(f);
    assert_false(somewhere(f, "yorkville"));
    kit_open(f);
}

static void corrected_for_good(void **state)
{
    struct fixture *f = *state;
    begin(f);
    add(f, 1, "I live in Leedsburgh.");
    look(f, "\"leedsburgh\"", "Leedsburgh");
    int64_t id = expect(f, "1:home Leedsburgh");
    assert_int_equal(kit_result(f, store_fact_change(f->store, id, "Bath", 5, kit_done, f, NULL)), 0);
    assert_int_equal(expect(f, "1:home Bath by hand"), id);
    assert_int_equal(kit_result(f, store_memory_anew(f->store, kit_done, f, NULL)), 0);
    kit_close(f);
    kit_open(f);
    assert_int_equal(kit_result(f, store_conversation_title(f->store, "a", "", kit_done, f, NULL)), 0); /* behind it */
    expect(f, "");
    look(f, "\"leedsburgh\"", "Leedsburgh");
    id = expect(f, "1:home Bath by hand");
    assert_int_equal(kit_result(f, store_fact_change(f->store, id, NULL, 6, kit_done, f, NULL)), 0);
    expect(f, "");
    look(f, "\"leedsburgh\"", "Leedsburgh");
    expect(f, "");
    assert_int_equal(kit_result(f, store_fact_change(f->store, id + 99, "x", 7, kit_done, f, NULL)), ANIMA_E_NOT_FOUND);
    /* Another text is another statement. */
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 1, "Leedsburgh it is.", 0, kit_done, f, NULL)), 0);
    look(f, "\"leedsburgh\"", "Leedsburgh");
    expect(f, "1:home Leedsburgh");
}

/* The format before had no such tables; what it had stays, and is looked at once more. */
static void of_the_format_before(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    int64_t turns, unread;
    begin(f);
    add(f, 1, "I live in Leedsburgh.");
    look(f, "\"leedsburgh\"", "");
    assert_int_equal(store_memory_count(f->store, &turns, &unread, NULL), 0);
    assert_int_equal(unread, 0);
    kit_close(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "DROP TABLE told_passage; DROP TABLE passage; DROP TABLE document_section; DROP TABLE document;"
                     "DROP TRIGGER fact_hand_of_another; DROP TABLE fact_hand; DROP TABLE fact;"
                     "DROP TABLE pin; DROP TABLE rule; ALTER TABLE turn DROP COLUMN forgot;"
                     "PRAGMA user_version=12",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    kit_open(f);
    assert_int_equal(store_memory_count(f->store, &turns, &unread, NULL), 0);
    assert_int_equal(turns, 1);
    assert_int_equal(unread, 1);
    look(f, "\"leedsburgh\"", "Leedsburgh");
    expect(f, "1:home Leedsburgh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gone_with_their_turn, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(corrected_for_good, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(of_the_format_before, kit_set_up, kit_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
