/* The store: what was said is found by its words as soon as it is written, changes and goes with its turn, and can be made anew. */
#include "store_kit.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void add(struct fixture *f, const char *conversation, int64_t seq, anima_turn_state state, const char *text)
{
    const anima_turn t = { .seq = seq,
                           .role = seq % 2 ? ANIMA_ROLE_PERSON : ANIMA_ROLE_CHARACTER,
                           .person = seq % 2 ? 1 + seq / 2 % 2 : 0,
                           .state = state,
                           .text = text,
                           .created_ms = 1000 + seq };
    assert_int_equal(kit_result(f, store_turn_add(f->store, conversation, &t, NULL, kit_done, f, NULL)), 0);
}

static void begin(struct fixture *f, const char *id, const char *character)
{
    anima_conversation_info info = { .created_ms = 1, .updated_ms = 1 };
    snprintf(info.id, sizeof(info.id), "%s", id);
    snprintf(info.character, sizeof(info.character), "%s", character);
    assert_int_equal(kit_result(f, store_conversation_add(f->store, &info, kit_done, f, NULL)), 0);
}

struct found {
    int n;
    int64_t id, seq, speaker;
    char conversation[24], witnesses[40], text[200];
    bool vector;
};

static int one(void *ctx, const struct store_memory *item)
{
    struct found *out = ctx;
    out->n++;
    out->id = item->id;
    out->seq = item->seq;
    out->speaker = item->speaker;
    out->vector = item->row && item->row[1] == 7 && item->factor == 0.5f;
    snprintf(out->conversation, sizeof(out->conversation), "%s", item->conversation);
    snprintf(out->witnesses, sizeof(out->witnesses), "%s", item->witnesses);
    snprintf(out->text, sizeof(out->text), "%s", item->text);
    return 0;
}

static struct found search(struct fixture *f, const char *match)
{
    struct found found = { .n = 0 };
    anima_error err;
    if (store_memory_search(f->store, NULL, match, 50, one, &found, &err))
        fail_msg("%s", err.message);
    return found;
}

static bool somewhere(const struct fixture *f, const char *word)
{
    char command[160];
    snprintf(command, sizeof(command), "grep -rqai %s %s", word, f->dir);
    return system(command) == 0;
}

static void found_as_soon_as_it_is_written(void **state)
{
    struct fixture *f = *state;
    begin(f, "a", "lin");
    add(f, "a", 1, ANIMA_TURN_DONE, "I am looking for an apartment with a balcony.");
    struct found found = search(f, "\"balcony\"");
    assert_int_equal(found.n, 1);
    assert_int_equal(found.seq, 1);
    assert_string_equal(found.witnesses, "1");
    add(f, "a", 3, ANIMA_TURN_DONE, "我想找个有阳台的房子。");
    found = search(f, "\"阳台\"");
    assert_int_equal(found.n, 1);
    assert_string_equal(found.witnesses, "1,2"); /* who has spoken here by then */
    assert_int_equal(search(f, "\"balconies\"").n, 1);
}

static void a_reply_when_it_is_over(void **state)
{
    struct fixture *f = *state;
    begin(f, "a", "lin");
    add(f, "a", 1, ANIMA_TURN_DONE, "Hello.");
    add(f, "a", 2, ANIMA_TURN_STREAMING, "The lighthouse");
    assert_int_equal(search(f, "\"lighthouse\"").n, 0);
    const anima_turn over = {
        .seq = 2, .role = ANIMA_ROLE_CHARACTER, .state = ANIMA_TURN_DONE, .text = "The lighthouse keeper."
    };
    assert_int_equal(kit_result(f, store_turn_finish(f->store, "a", &over, false, NULL, kit_done, f, NULL)), 0);
    struct found found = search(f, "\"keeper\"");
    assert_int_equal(found.n, 1);
    assert_int_equal(found.speaker, 0);
}

static void gone(void *ctx, int64_t n, int64_t id)
{
    (void)n;
    *(int64_t *)ctx = id;
}

static void changed_with_its_turn(void **state)
{
    struct fixture *f = *state;
    int64_t went = 0;
    begin(f, "a", "lin");
    add(f, "a", 1, ANIMA_TURN_DONE, "My sister lives in Lisbon.");
    struct found before = search(f, "\"lisbon\"");
    assert_int_equal(
        kit_result(f, store_turn_edit(f->store, "a", 1, "My sister lives in Porto.", 0, kit_done, f, NULL)), 0);
    struct found after = search(f, "\"porto\"");
    assert_int_equal(search(f, "\"lisbon\"").n, 0);
    assert_int_equal(after.n, 1);
    assert_true(after.id > before.id);
    assert_int_equal(store_memory_gone(f->store, 0, gone, &went, NULL), 0);
    assert_int_equal(went, before.id);
}

static void nothing_is_left_of_what_is_deleted(void **state)
{
    struct fixture *f = *state;
    begin(f, "a", "lin");
    begin(f, "b", "lin");
    add(f, "a", 1, ANIMA_TURN_DONE, "The password is rhododendron.");
    add(f, "b", 1, ANIMA_TURN_DONE, "Something else.");
    assert_int_equal(search(f, "\"rhododendron\"").n, 1);
    assert_true(somewhere(f, "rhododendron"));
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "a", false, kit_done, f, NULL)), 0);
    assert_int_equal(search(f, "\"rhododendron\"").n, 0);
    assert_int_equal(search(f, "\"else\"").n, 1);
    kit_close(f);
    assert_false(somewhere(f, "rhododendron"));
    assert_true(somewhere(f, "something"));
    kit_open(f);
}

static void a_fork_remembers_only_what_is_its_own(void **state)
{
    struct fixture *f = *state;
    begin(f, "a", "lin");
    add(f, "a", 1, ANIMA_TURN_DONE, "We met at the harbour.");
    anima_conversation_info info = { .id = "b", .character = "lin", .parent = "a", .parent_seq = 1, .created_ms = 2 };
    assert_int_equal(kit_result(f, store_conversation_fork(f->store, "a", 1, &info, kit_done, f, NULL)), 0);
    add(f, "b", 2, ANIMA_TURN_DONE, "At the harbour, yes.");
    assert_int_equal(search(f, "\"harbour\"").n, 2);
    assert_int_equal(search(f, "\"met\"").n, 1);
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "a", false, kit_done, f, NULL)), 0);
    struct found found = search(f, "\"met\""); /* now it is the only one that knows */
    assert_int_equal(found.n, 1);
    assert_string_equal(found.conversation, "b");
}

static void vectors_stay(void **state)
{
    struct fixture *f = *state;
    struct store_memory_vector v = { .row = { 0, 7 }, .factor = 0.5f };
    struct found found = { .n = 0 };
    int64_t due, bare;
    begin(f, "a", "lin");
    add(f, "a", 1, ANIMA_TURN_DONE, "One.");
    add(f, "a", 3, ANIMA_TURN_DONE, "Two.");
    assert_int_equal(store_memory_bare(f->store, 10, one, &found, NULL), 0);
    assert_int_equal(found.n, 2);
    v.id = search(f, "\"one\"").id;
    assert_int_equal(kit_result(f, store_memory_vectors(f->store, &v, 1, kit_done, f, NULL)), 0);
    assert_int_equal(store_memory_waits(f->store, &due, &bare, NULL), 0);
    assert_int_equal(due, 0);
    assert_int_equal(bare, 1);
    assert_true(search(f, "\"one\"").vector);
    assert_false(search(f, "\"two\"").vector);
    v.id = 999; /* it went meanwhile */
    assert_int_equal(kit_result(f, store_memory_vectors(f->store, &v, 1, kit_done, f, NULL)), 0);
}

static void wait_until_found(struct fixture *f, const char *match, int n)
{
    time_t until = time(NULL) + 20;
    while (search(f, match).n < n && time(NULL) < until)
        loop_step(f->loop, 20);
    assert_int_equal(search(f, match).n, n);
}

/* Somebody took the index away: it is made again from the turns. */
static void made_again_from_the_evidence(void **state)
{
    struct fixture *f = *state;
    char text[80];
    sqlite3 *db;
    begin(f, "a", "lin");
    for (int i = 0; i < 1203; i++) {
        const anima_turn t = { .seq = i + 1, .state = ANIMA_TURN_DONE, .text = text, .person = 1, .created_ms = i };
        snprintf(text, sizeof(text), "Line %d about the garden.", i);
        assert_int_equal(store_turn_add(f->store, "a", &t, NULL, i == 1202 ? kit_done : NULL, f, NULL), 0);
    }
    kit_wait(f, f->reports + 1);
    wait_until_found(f, "\"garden\"", 50);
    kit_close(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    static const char away[] = "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'memory_words';"
                               "PRAGMA writable_schema = OFF";
    assert_int_equal(sqlite3_exec(db, away, NULL, NULL, NULL), SQLITE_OK);
    static const char *const parts[] = { "data", "idx", "content", "docsize", "config" };
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        snprintf(text, sizeof(text), "DROP TABLE memory_words_%s", parts[i]);
        assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    }
    sqlite3_close(db);
    kit_open(f);
    wait_until_found(f, "\"garden\"", 50);
    wait_until_found(f, "\"1202\"", 1);
    assert_int_equal(kit_result(f, store_memory_anew(f->store, kit_done, f, NULL)), 0);
    wait_until_found(f, "\"1202\"", 1);
    wait_until_found(f, "\"0\"", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(found_as_soon_as_it_is_written, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(a_reply_when_it_is_over, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(changed_with_its_turn, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_left_of_what_is_deleted, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(a_fork_remembers_only_what_is_its_own, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(vectors_stay, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(made_again_from_the_evidence, kit_set_up, kit_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
