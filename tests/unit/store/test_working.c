/* The store: what turns showed goes with them, and with another text of them, and so does what is counted; it is not looked at again when what is
 * remembered is made anew; promises are closed, corrected and deleted; and a file of the format before. */
#include "store_kit.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY 86400000LL

static void begin(struct fixture *f, const char *id)
{
    anima_conversation_info info = { .character = "lin", .created_ms = 1, .updated_ms = 1 };
    snprintf(info.id, sizeof(info.id), "%s", id);
    assert_int_equal(kit_result(f, store_conversation_add(f->store, &info, kit_done, f, NULL)), 0);
}

static void add(struct fixture *f, const char *conversation, int64_t seq, bool own, int64_t at_ms, const char *text)
{
    const anima_turn t = { .seq = seq,
                           .role = own ? ANIMA_ROLE_CHARACTER : ANIMA_ROLE_PERSON,
                           .person = own ? 0 : 1,
                           .state = ANIMA_TURN_DONE,
                           .text = text,
                           .created_ms = at_ms };
    assert_int_equal(kit_result(f, store_turn_add(f->store, conversation, &t, NULL, kit_done, f, NULL)), 0);
}

static struct store_working_due due(struct fixture *f)
{
    struct store_working_due out;
    assert_int_equal(store_working_due(f->store, &out, NULL), 0);
    return out;
}

/* The next turn that nobody has looked at shows this. */
static void look(struct fixture *f, int64_t seq, const char *mood, int64_t events, const char *promise)
{
    struct store_working_due next = due(f);
    assert_int_equal(next.seq, seq);
    const struct store_working_open open = { .kind = "promise", .text = promise, .from_ms = 5, .to_ms = 6 };
    const struct store_working_turn turn = { .memory = next.memory,
                                             .person = 1,
                                             .day = next.at_ms / DAY,
                                             .mood = mood,
                                             .intensity = 0.8,
                                             .confidence = 0.9,
                                             .intent = "chat",
                                             .own_mood = "worried",
                                             .events = events,
                                             .topic = "marmalade",
                                             .opens = &open,
                                             .n_opens = promise != NULL };
    assert_int_equal(kit_result(f, store_working_put(f->store, &turn, kit_done, f, NULL)), 0);
}

static int append(void *ctx, const struct store_working_turn *shown, const struct store_memory *turn)
{
    char *out = ctx;
    size_t n = strlen(out);
    assert_true(shown->intensity == 0.8 || !*shown->mood);
    snprintf(out + n, 400 - n, "%s%lld:%s", n ? "|" : "", (long long)turn->seq, shown->mood);
    return 0;
}

static int append_open(void *ctx, const struct store_working_open *open, const struct store_memory *turn)
{
    char *out = ctx;
    size_t n = strlen(out);
    snprintf(out + n, 400 - n, "%s%lld:%s %s%s", n ? "|" : "", (long long)turn->seq, open->text, open->state,
             open->hand_ms ? " by hand" : "");
    return 0;
}

static int take_id(void *ctx, const struct store_working_open *open, const struct store_memory *turn)
{
    (void)turn;
    *(int64_t *)ctx = open->id;
    return 1;
}

static void expect(struct fixture *f, const char *shown, const char *opens)
{
    char out[400] = "";
    assert_int_equal(store_working_list(f->store, "lin", 1, 100, append, out, NULL), 0);
    assert_string_equal(out, shown);
    *out = '\0';
    assert_int_equal(store_working_opens(f->store, "lin", 1, 100, append_open, out, NULL), 0);
    assert_string_equal(out, opens);
}

static void counted(struct fixture *f, int64_t exchanges, int64_t days, int64_t thanks, int64_t insults)
{
    struct store_working_sum sum;
    assert_int_equal(store_working_sum(f->store, "lin", 1, &sum, NULL), 0);
    assert_int_equal(sum.exchanges, exchanges);
    assert_int_equal(sum.days, days);
    assert_int_equal(sum.thanks, thanks);
    assert_int_equal(sum.insults, insults);
}

static bool somewhere(const struct fixture *f, const char *word)
{
    char command[160];
    snprintf(command, sizeof(command), "grep -rqai %s %s", word, f->dir);
    return system(command) == 0;
}

static void goes_with_its_turn(void **state)
{
    struct fixture *f = *state;
    begin(f, "a");
    assert_int_equal(due(f).memory, 0);
    add(f, "a", 1, false, 1000, "My cat died.");
    add(f, "a", 2, true, 1500, "Oh no.");
    add(f, "a", 3, false, DAY + 1000, "I'll bring you jam tomorrow.");
    look(f, 1, "sad", 1, NULL);
    look(f, 2, "", 0, "I'll ask you again.");
    look(f, 3, "glad", 2, "I'll bring you quincejam tomorrow.");
    assert_int_equal(due(f).memory, 0);
    expect(f, "3:glad|1:sad", "3:I'll bring you quincejam tomorrow. open|2:I'll ask you again. open");
    counted(f, 2, 2, 1, 1);
    /* Another text is another turn, that nobody has looked at. */
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 1, "My cat sleeps.", 0, kit_done, f, NULL)), 0);
    expect(f, "3:glad", "3:I'll bring you quincejam tomorrow. open|2:I'll ask you again. open");
    counted(f, 1, 1, 0, 1);
    look(f, 1, "calm", 0, NULL);
    counted(f, 2, 2, 0, 1);
    assert_int_equal(kit_result(f, store_turn_remove(f->store, "a", 3, -1, kit_done, f, NULL)), 0);
    expect(f, "1:calm", "2:I'll ask you again. open");
    counted(f, 1, 1, 0, 0);
    assert_false(somewhere(f, "quincejam"));
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "a", false, kit_done, f, NULL)), 0);
    expect(f, "", "");
    counted(f, 0, 0, 0, 0);
    assert_false(somewhere(f, "marmalade"));
}

static void forgotten(void **state)
{
    struct fixture *f = *state;
    begin(f, "a");
    add(f, "a", 1, false, 1000, "I am sad, my quince died.");
    look(f, 1, "sad", 4, "I'll show you the quinces.");
    const struct store_forgotten place = { .conversation = "a", .seq = 1, .variant = -1 };
    assert_int_equal(kit_result(f, store_forget(f->store, &place, 1, NULL, 0, 0, kit_done, f, NULL)), 0);
    expect(f, "", "");
    counted(f, 0, 0, 0, 0);
    assert_int_equal(due(f).memory, 0);
    assert_false(somewhere(f, "quince"));
    assert_false(somewhere(f, "marmalade"));
}

static void not_looked_at_twice(void **state)
{
    struct fixture *f = *state;
    begin(f, "a");
    add(f, "a", 1, false, 1000, "Hm.");
    struct store_working_due first = due(f);
    look(f, 1, "sad", 1, "I promise.");
    const struct store_working_turn again = {
        .memory = first.memory, .person = 1, .mood = "glad", .intent = "", .own_mood = ""
    };
    assert_int_equal(kit_result(f, store_working_put(f->store, &again, kit_done, f, NULL)), 0);
    expect(f, "1:sad", "1:I promise. open");
    counted(f, 1, 1, 1, 0);
    assert_int_equal(kit_result(f, store_memory_anew(f->store, kit_done, f, NULL)), 0);
    kit_close(f);
    kit_open(f);
    assert_int_equal(kit_result(f, store_conversation_title(f->store, "a", "", kit_done, f, NULL)), 0); /* behind it */
    expect(f, "1:sad", "1:I promise. open");
    assert_int_equal(due(f).memory, 0);
    counted(f, 1, 1, 1, 0);
    /* One that has become another meanwhile. */
    add(f, "a", 2, false, 2000, "Well.");
    struct store_working_due second = due(f);
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 2, "Well, well.", 0, kit_done, f, NULL)), 0);
    struct store_working_turn late = again;
    late.memory = second.memory;
    assert_int_equal(kit_result(f, store_working_put(f->store, &late, kit_done, f, NULL)), 0);
    expect(f, "1:sad", "1:I promise. open");
    assert_int_equal(due(f).seq, 2);
}

static void promises(void **state)
{
    struct fixture *f = *state;
    struct store_working_sum sum;
    int64_t id = 0;
    begin(f, "a");
    add(f, "a", 1, false, 1000, "Hm.");
    add(f, "a", 2, true, 1000, "Hm?");
    look(f, 1, "sad", 0, "I'll call you.");
    assert_int_equal(store_working_opens(f->store, "lin", 1, 1, take_id, &id, NULL), 0);
    const struct store_working_close close = { id, "kept", 77 };
    const struct store_working_turn closing = {
        .memory = due(f).memory, .person = 1, .mood = "", .intent = "", .own_mood = "", .closes = &close, .n_closes = 1
    };
    assert_int_equal(kit_result(f, store_working_put(f->store, &closing, kit_done, f, NULL)), 0);
    expect(f, "1:sad", "1:I'll call you. kept");
    assert_int_equal(store_working_sum(f->store, "lin", 1, &sum, NULL), 0);
    assert_true(sum.kept == 1 && sum.broken == 0);
    assert_int_equal(
        kit_result(f, store_working_change_open(f->store, id, "I'll write.", "broken", 88, kit_done, f, NULL)), 0);
    expect(f, "1:sad", "1:I'll write. broken by hand");
    assert_int_equal(store_working_sum(f->store, "lin", 1, &sum, NULL), 0);
    assert_true(sum.kept == 0 && sum.broken == 1);
    assert_int_equal(kit_result(f, store_working_change_open(f->store, id, NULL, "gone", 89, kit_done, f, NULL)), 0);
    expect(f, "1:sad", "");
    assert_int_equal(kit_result(f, store_working_change_open(f->store, id, "x", NULL, 90, kit_done, f, NULL)),
                     ANIMA_E_NOT_FOUND);
}

static int one_hand(void *ctx, const struct store_working_hand *hand)
{
    char *out = ctx;
    size_t n = strlen(out);
    snprintf(out + n, 200 - n, "%s=%s %.1f;", hand->part, hand->value, hand->amount);
    return 0;
}

static void by_hand(void **state)
{
    struct fixture *f = *state;
    char out[200] = "";
    struct store_working_hand hand = {
        .character = "lin", .person = 1, .part = "mood", .value = "glad", .amount = 0.5, .at_ms = 5
    };
    assert_int_equal(kit_result(f, store_working_hand(f->store, &hand, kit_done, f, NULL)), 0);
    snprintf(hand.value, sizeof(hand.value), "%s", "");
    assert_int_equal(kit_result(f, store_working_hand(f->store, &hand, kit_done, f, NULL)), 0);
    snprintf(hand.part, sizeof(hand.part), "%s", "trust");
    hand.amount = -0.2;
    assert_int_equal(kit_result(f, store_working_hand(f->store, &hand, kit_done, f, NULL)), 0);
    assert_int_equal(store_working_hands(f->store, "lin", 1, one_hand, out, NULL), 0);
    assert_string_equal(out, "mood= 0.5;trust= -0.2;");
    *out = '\0';
    assert_int_equal(store_working_hands(f->store, "lin", 2, one_hand, out, NULL), 0);
    assert_string_equal(out, "");
}

/* What was said before is counted, and not looked at. */
static void of_the_format_before(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    begin(f, "a");
    add(f, "a", 1, false, 1000, "Hm.");
    add(f, "a", 2, true, 1500, "Hm.");
    add(f, "a", 3, false, 2000, "Hm.");
    add(f, "a", 4, false, 3 * DAY, "Hm.");
    kit_close(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "DROP TRIGGER working_of_new; DROP TRIGGER working_of_another; DROP TABLE working;"
                                  "DROP TABLE working_open; DROP TABLE working_hand; DROP TABLE working_sum;"
                                  "DROP TABLE working_due; PRAGMA user_version=16",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    kit_open(f);
    counted(f, 3, 2, 0, 0);
    assert_int_equal(due(f).memory, 0);
    add(f, "a", 5, false, 4 * DAY, "Hm.");
    look(f, 5, "sad", 1, NULL);
    counted(f, 4, 3, 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(goes_with_its_turn, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(forgotten, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(not_looked_at_twice, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(promises, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(by_hand, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(of_the_format_before, kit_set_up, kit_tear_down),
    };
    return cmocka_run_group_tests_name("store: working", tests, NULL, NULL);
}
