/* The store: sentences about what was talked about go with any of their turns, stay as a person corrected them, and are not written when a turn
 * is another by now; which conversations are due. */
#include "store_kit.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PAUSE 21600000

static void begin(struct fixture *f, const char *id)
{
    anima_conversation_info info = { .character = "lin", .created_ms = 1, .updated_ms = 1 };
    snprintf(info.id, sizeof(info.id), "%s", id);
    assert_int_equal(kit_result(f, store_conversation_add(f->store, &info, kit_done, f, NULL)), 0);
}

static void add(struct fixture *f, const char *id, int64_t seq, const char *text)
{
    const anima_turn t = { .seq = seq,
                           .role = ANIMA_ROLE_PERSON,
                           .person = 1,
                           .state = ANIMA_TURN_DONE,
                           .text = text,
                           .created_ms = 1000 + seq };
    assert_int_equal(kit_result(f, store_turn_add(f->store, id, &t, NULL, kit_done, f, NULL)), 0);
}

struct turns {
    int64_t first, last, count, newest;
};

static int take_turn(void *ctx, const struct store_memory *item)
{
    struct turns *t = ctx;
    t->first = t->count++ ? t->first : item->seq;
    t->last = item->seq;
    t->newest = item->id > t->newest ? item->id : t->newest;
    return 0;
}

/* Of the turns that nobody has looked at: which they are. */
static struct turns open_turns(struct fixture *f, const char *id)
{
    struct turns t = { .count = 0 };
    assert_int_equal(store_topic_turns(f->store, id, 100, take_turn, &t, NULL), 0);
    return t;
}

static const struct store_topic_sentence both = {
    .text = "Ann lives in Bathtown.", .language = "en", .person = 1, .at_ms = 1003, .cites = { 1, 3 }, .n_cites = 2
};
static const struct store_topic_sentence second = {
    .text = "Ann has a Beagle.", .language = "en", .person = 1, .at_ms = 1003, .cites = { 3 }, .n_cites = 1
};

static int put(struct fixture *f, struct turns t, const struct store_topic_sentence *sentences, size_t n)
{
    const struct store_topic_part part = { .conversation = "a",
                                           .character = "lin",
                                           .first = t.first,
                                           .last = t.last,
                                           .count = t.count,
                                           .newest = t.newest,
                                           .made_ms = 5,
                                           .sentences = sentences,
                                           .n = n };
    return kit_result(f, store_topic_put(f->store, &part, kit_done, f, NULL));
}

struct listed {
    char text[800];
    int64_t last, id; /* of the last one, of the first one */
};

static int append(void *ctx, const struct store_topic_line *line, const struct store_memory *turn)
{
    struct listed *out = ctx;
    size_t n = strlen(out->text);
    if (out->last == line->id)
        snprintf(out->text + n, sizeof(out->text) - n, ",%lld", (long long)turn->seq);
    else
        snprintf(out->text + n, sizeof(out->text) - n, "%s%s%s%s %lld", n ? "|" : "", line->text,
                 line->hand_ms ? " by hand" : "", line->row ? " v" : "", (long long)turn->seq);
    out->id = out->id ? out->id : line->id;
    out->last = line->id;
    return 0;
}

/* The id of the first. */
static int64_t expect(struct fixture *f, const char *expected)
{
    struct listed out = { .id = 0 };
    anima_error err;
    if (store_topic_list(f->store, "lin", 1, 100, append, &out, &err))
        fail_msg("%s", err.message);
    assert_string_equal(out.text, expected);
    return out.id;
}

static void talk(struct fixture *f)
{
    begin(f, "a");
    add(f, "a", 1, "I live in Bathtown.");
    add(f, "a", 3, "In Bathtown, with my Beagle.");
}

static void gone_with_any_turn(void **state)
{
    struct fixture *f = *state;
    const struct store_topic_sentence sentences[] = { both, second };
    talk(f);
    assert_int_equal(open_turns(f, "a").count, 2);
    assert_int_equal(put(f, open_turns(f, "a"), sentences, 2), 0);
    expect(f, "Ann has a Beagle. 3|Ann lives in Bathtown. 1,3");
    assert_int_equal(open_turns(f, "a").count, 0);
    /* The same text again changes nothing; another one takes along what was from it, and the part is looked at once more. */
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 1, "I live in Bathtown.", 0, kit_done, f, NULL)), 0);
    expect(f, "Ann has a Beagle. 3|Ann lives in Bathtown. 1,3");
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 1, "I live in a tent.", -1, kit_done, f, NULL)), 0);
    expect(f, "Ann has a Beagle. 3");
    assert_int_equal(open_turns(f, "a").count, 2);
    assert_int_equal(put(f, open_turns(f, "a"), &second, 1), 0); /* in place of what there was */
    expect(f, "Ann has a Beagle. 3");
    add(f, "a", 5, "Well.");
    assert_int_equal(open_turns(f, "a").first, 5);
    assert_int_equal(kit_result(f, store_turn_remove(f->store, "a", 3, -1, kit_done, f, NULL)), 0);
    expect(f, "");
    assert_int_equal(open_turns(f, "a").count, 0); /* what is left of the part stays looked at */
    add(f, "a", 3, "Something else.");
    assert_int_equal(open_turns(f, "a").first, 3);
    assert_int_equal(put(f, open_turns(f, "a"), &second, 1), 0);
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "a", false, kit_done, f, NULL)), 0);
    expect(f, "");
}

static void not_of_what_has_changed(void **state)
{
    struct fixture *f = *state;
    talk(f);
    struct turns t = open_turns(f, "a");
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 3, "I have no dog.", 0, kit_done, f, NULL)), 0);
    assert_int_equal(put(f, t, &second, 1), ANIMA_E_CONFLICT);
    expect(f, "");
    t = open_turns(f, "a");
    assert_int_equal(t.count, 2);
    assert_int_equal(kit_result(f, store_memory_anew(f->store, kit_done, f, NULL)), 0);
    assert_int_equal(put(f, t, &second, 1), ANIMA_E_CONFLICT); /* other rows by now */
    assert_int_equal(kit_result(f, store_conversation_title(f->store, "a", "", kit_done, f, NULL)), 0); /* behind it */
    assert_int_equal(put(f, open_turns(f, "a"), &second, 1), 0);
    expect(f, "Ann has a Beagle. 3");
    assert_int_equal(kit_result(f, store_memory_anew(f->store, kit_done, f, NULL)), 0); /* sentences are of turns */
    expect(f, "Ann has a Beagle. 3");
}

static int take_hand(void *ctx, const char *text)
{
    snprintf(ctx, 100, "%s", text);
    return 0;
}

static void corrected_for_good(void **state)
{
    struct fixture *f = *state;
    char hand[100] = "";
    talk(f);
    assert_int_equal(put(f, open_turns(f, "a"), &both, 1), 0);
    int64_t id = expect(f, "Ann lives in Bathtown. 1,3");
    assert_int_equal(store_topic_hands(f->store, "a", 1, 3, take_hand, hand, NULL), 0);
    assert_string_equal(hand, "");
    assert_int_equal(kit_result(f, store_topic_change(f->store, id, "Ann lives in Bath.", 7, kit_done, f, NULL)), 0);
    struct turns t = { 1, 3, 2, open_turns(f, "a").newest };
    expect(f, "Ann lives in Bath. by hand 1,3");
    assert_int_equal(store_topic_hands(f->store, "a", 1, 3, take_hand, hand, NULL), 0);
    assert_string_equal(hand, "Ann lives in Bathtown."); /* as it was made */
    add(f, "a", 5, "Well.");
    t = open_turns(f, "a");
    assert_int_equal(put(f, (struct turns){ 5, 5, 1, t.newest }, NULL, 0), 0);
    expect(f, "Ann lives in Bath. by hand 1,3");
    assert_int_equal(kit_result(f, store_topic_change(f->store, id, NULL, 8, kit_done, f, NULL)), 0);
    expect(f, "");
    assert_int_equal(kit_result(f, store_topic_change(f->store, id, "x", 9, kit_done, f, NULL)), ANIMA_E_NOT_FOUND);
    assert_int_equal(kit_result(f, store_topic_change(f->store, id + 9, NULL, 9, kit_done, f, NULL)),
                     ANIMA_E_NOT_FOUND);
    kit_close(f);
    kit_open(f);
    expect(f, "");
    assert_int_equal(store_topic_hands(f->store, "a", 1, 3, take_hand, hand, NULL), 0);
    assert_string_equal(hand, "Ann lives in Bathtown.");
}

static int take_bare(void *ctx, const struct store_topic_line *line)
{
    struct store_topic_vector *v = ctx;
    v->id = line->id;
    v->hand_ms = line->hand_ms;
    return 0;
}

static void meanings(void **state)
{
    struct fixture *f = *state;
    struct store_topic_vector v = { .factor = 1, .row = { 1 } };
    talk(f);
    assert_int_equal(put(f, open_turns(f, "a"), &both, 1), 0);
    assert_int_equal(store_topic_bare(f->store, 8, take_bare, &v, NULL), 0);
    assert_true(v.id > 0);
    assert_int_equal(kit_result(f, store_topic_vectors(f->store, &v, 1, kit_done, f, NULL)), 0);
    expect(f, "Ann lives in Bathtown. v 1,3");
    assert_int_equal(kit_result(f, store_topic_change(f->store, v.id, "Ann lives in Bath.", 7, kit_done, f, NULL)), 0);
    expect(f, "Ann lives in Bath. by hand 1,3"); /* another sentence means something else */
    assert_int_equal(kit_result(f, store_topic_vectors(f->store, &v, 1, kit_done, f, NULL)), 0);
    expect(f, "Ann lives in Bath. by hand 1,3"); /* that was for the one before */
    assert_int_equal(store_topic_bare(f->store, 8, take_bare, &v, NULL), 0);
    assert_int_equal(v.hand_ms, 7);
    assert_int_equal(kit_result(f, store_topic_vectors(f->store, &v, 1, kit_done, f, NULL)), 0);
    expect(f, "Ann lives in Bath. by hand v 1,3");
}

static struct store_topic_due due(struct fixture *f, int64_t now, int64_t next)
{
    struct store_topic_due d;
    int64_t at;
    assert_int_equal(store_topic_due(f->store, now, 40, &d, &at, NULL), 0);
    assert_int_equal(at, next);
    return d;
}

static void which_are_due(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(due(f, 1, 0).conversation, "");
    talk(f);
    assert_string_equal(due(f, 2000, 1003 + PAUSE).conversation, "");
    struct store_topic_due d = due(f, 1003 + PAUSE, 0);
    assert_string_equal(d.conversation, "a");
    assert_int_equal(d.turns, 2);
    add(f, "a", 5, "Something more."); /* meanwhile */
    assert_int_equal(kit_result(f, store_topic_settle(f->store, &d, 0, 0, kit_done, f, NULL)), 0);
    d = due(f, 1005 + PAUSE, 0);
    assert_int_equal(d.turns, 3);
    assert_int_equal(kit_result(f, store_topic_settle(f->store, &d, 5 + d.at_ms, 2, kit_done, f, NULL)), 0);
    assert_string_equal(due(f, d.at_ms, 5 + d.at_ms).conversation, "");
    d = due(f, 5 + d.at_ms, 0);
    assert_int_equal(kit_result(f, store_topic_settle(f->store, &d, 0, 0, kit_done, f, NULL)), 0);
    assert_string_equal(due(f, INT64_MAX, 0).conversation, "");
    for (int64_t seq = 7; seq < 7 + 40; seq++)
        add(f, "a", seq, "And on, and on.");
    assert_string_equal(due(f, 2000, 0).conversation, "a"); /* it has grown long */
}

static void of_the_format_before(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    talk(f);
    kit_close(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "DROP TABLE told_passage; DROP TABLE passage; DROP TABLE document_section; DROP TABLE document;"
                     "DROP TRIGGER topic_of_new; DROP TRIGGER topic_of_another; DROP TRIGGER topic_of_none;"
                     "DROP TABLE topic_due; DROP TABLE topic_cite; DROP TABLE topic_line; DROP TABLE "
                     "topic_part; PRAGMA user_version=14",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    kit_open(f);
    assert_int_equal(due(f, 1003 + PAUSE, 0).turns, 2);
    assert_int_equal(put(f, open_turns(f, "a"), &both, 1), 0);
    expect(f, "Ann lives in Bathtown. 1,3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gone_with_any_turn, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(not_of_what_has_changed, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(corrected_for_good, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(meanings, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(which_are_due, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(of_the_format_before, kit_set_up, kit_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
