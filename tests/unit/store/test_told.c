/* The store: what a reply was told of what is remembered: per alternative, without any text, gone with either turn. */
#include "store_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void begin(struct fixture *f, const char *id)
{
    anima_conversation_info info = { .character = "lin", .created_ms = 1, .updated_ms = 1 };
    snprintf(info.id, sizeof(info.id), "%s", id);
    assert_int_equal(kit_result(f, store_conversation_add(f->store, &info, kit_done, f, NULL)), 0);
}

static void add(struct fixture *f, const char *conversation, int64_t seq, const char *text)
{
    const anima_turn t = { .seq = seq,
                           .role = seq % 2 ? ANIMA_ROLE_PERSON : ANIMA_ROLE_CHARACTER,
                           .person = seq % 2,
                           .state = ANIMA_TURN_DONE,
                           .text = text,
                           .created_ms = 1000 + seq };
    assert_int_equal(kit_result(f, store_turn_add(f->store, conversation, &t, NULL, kit_done, f, NULL)), 0);
}

static int append(void *ctx, const struct store_memory *item, double score, bool changed)
{
    char *out = ctx;
    size_t n = strlen(out);
    snprintf(out + n, 200 - n, "%s%lld:%s %.1f%s%s|", item->conversation, (long long)item->seq, item->text, score,
             changed ? " changed" : "", item->id ? "" : " anew");
    return 0;
}

static void expect(struct fixture *f, const char *conversation, int64_t seq, const char *expected)
{
    char out[200] = "";
    assert_int_equal(store_told_list(f->store, conversation, seq, append, out, NULL), 0);
    assert_string_equal(out, expected);
}

static int count(void *ctx, const anima_turn *turn)
{
    *(int *)ctx = turn->recalled;
    return 0;
}

static int recalled(struct fixture *f, const char *conversation, int64_t seq)
{
    int n = -1;
    assert_int_equal(store_turn_list(f->store, conversation, seq - 1, 1, count, &n, NULL), 0);
    return n;
}

static void tell(struct fixture *f, int variant, const struct store_told *told, size_t n)
{
    anima_error err;
    if (store_told_put(f->store, "b", 2, variant, told, n, &err))
        fail_msg("%s", err.message);
    assert_int_equal(kit_result(f, store_conversation_title(f->store, "b", "", kit_done, f, NULL)), 0); /* behind it */
}

static const struct store_told two[] = { { "a", 1, 5.5 }, { "a", 3, 4 } };

static void prepare(struct fixture *f)
{
    begin(f, "a");
    add(f, "a", 1, "tea");
    add(f, "a", 3, "tin");
    begin(f, "b");
    add(f, "b", 1, "where?");
    add(f, "b", 2, "there");
    tell(f, 0, two, 2);
}

static void told_with_the_reply(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    expect(f, "b", 2, "a1:tea 5.5|a3:tin 4.0|");
    expect(f, "b", 1, "");
    assert_int_equal(recalled(f, "b", 2), 2);
    assert_int_equal(recalled(f, "b", 1), 0);
    tell(f, 0, two + 1, 1);
    expect(f, "b", 2, "a3:tin 4.0|");
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 3, "box", -1, kit_done, f, NULL)), 0);
    expect(f, "b", 2, "a3:box 4.0 changed|");
    tell(f, 0, NULL, 0);
    expect(f, "b", 2, "");
    const struct store_told none = { "z", 9, 1 };
    tell(f, 0, &none, 1); /* the turn is gone by then */
    expect(f, "b", 2, "");
}

static void of_the_alternative_that_is_shown(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    assert_int_equal(kit_result(f, store_turn_renew(f->store, "b", 2, -1, 9, kit_done, f, NULL)), 0);
    assert_int_equal(recalled(f, "b", 2), 0);
    tell(f, 1, two + 1, 1);
    const anima_turn over = { .seq = 2, .state = ANIMA_TURN_DONE, .text = "here", .variant = 1 };
    assert_int_equal(kit_result(f, store_turn_finish(f->store, "b", &over, false, NULL, kit_done, f, NULL)), 0);
    expect(f, "b", 2, "a3:tin 4.0|");
    assert_int_equal(kit_result(f, store_turn_choose(f->store, "b", 2, 0, -1, kit_done, f, NULL)), 0);
    expect(f, "b", 2, "a1:tea 5.5|a3:tin 4.0|");
}

static void gone_with_either_turn(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    assert_int_equal(kit_result(f, store_turn_remove(f->store, "a", 3, -1, kit_done, f, NULL)), 0);
    expect(f, "b", 2, "a1:tea 5.5|");
    assert_int_equal(recalled(f, "b", 2), 1);
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "a", false, kit_done, f, NULL)), 0);
    expect(f, "b", 2, "");
    const struct store_told again = { "b", 1, 2 };
    tell(f, 0, &again, 1);
    assert_int_equal(kit_result(f, store_turn_remove(f->store, "b", 2, -1, kit_done, f, NULL)), 0);
    add(f, "b", 2, "another");
    expect(f, "b", 2, "");
}

static void of_a_fork_too(void **state)
{
    struct fixture *f = *state;
    anima_conversation_info info = { .id = "c", .character = "lin", .parent = "b", .parent_seq = 2 };
    prepare(f);
    assert_int_equal(kit_result(f, store_conversation_fork(f->store, "b", 2, &info, kit_done, f, NULL)), 0);
    expect(f, "c", 2, "a1:tea 5.5|a3:tin 4.0|");
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "b", false, kit_done, f, NULL)), 0);
    expect(f, "c", 2, "a1:tea 5.5|a3:tin 4.0|");
}

static void over_a_restart_and_anew(void **state)
{
    struct fixture *f = *state;
    prepare(f);
    assert_int_equal(kit_result(f, store_memory_anew(f->store, kit_done, f, NULL)), 0);
    kit_close(f);
    kit_open(f);
    assert_int_equal(kit_result(f, store_conversation_title(f->store, "b", "", kit_done, f, NULL)), 0);
    expect(f, "b", 2, "a1:tea 5.5|a3:tin 4.0|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(told_with_the_reply, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(of_the_alternative_that_is_shown, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(gone_with_either_turn, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(of_a_fork_too, kit_set_up, kit_tear_down),
        cmocka_unit_test_setup_teardown(over_a_restart_and_anew, kit_set_up, kit_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
