/* The store: words that go for good with all that was made of them, in one transaction; pins and strengths; rules. */
#include "store_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void begin(struct fixture *f, const char *id, const char *title)
{
    anima_conversation_info info = { .character = "lin", .created_ms = 1, .updated_ms = 1 };
    snprintf(info.id, sizeof(info.id), "%s", id);
    snprintf(info.title, sizeof(info.title), "%s", title);
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

static int append(void *ctx, const anima_turn *t)
{
    char *out = ctx;
    size_t n = strlen(out);
    snprintf(out + n, 300 - n, "%lld:%s%s%s|", (long long)t->seq, t->text,
             t->state == ANIMA_TURN_FORGOTTEN ? "forgotten" : "", t->forgot ? " forgot" : "");
    return 0;
}

static void turns_are(struct fixture *f, const char *conversation, const char *expected)
{
    char out[300] = "";
    assert_int_equal(store_turn_list(f->store, conversation, 0, 100, append, out, NULL), 0);
    assert_string_equal(out, expected);
}

static bool in_file(const struct fixture *f, const char *words)
{
    char command[300];
    snprintf(command, sizeof(command), "grep -rqai '%s' %s", words, f->dir);
    return system(command) == 0;
}

static void title(struct fixture *f, const char *id, const char *expected)
{
    anima_conversation_info info;
    assert_int_equal(store_conversation_get(f->store, id, &info, NULL), 0);
    assert_string_equal(info.title, expected);
}

static int count_told(void *ctx, const struct store_memory *item, double score, bool changed)
{
    (void)item;
    (void)score;
    (void)changed;
    ++*(int *)ctx;
    return 0;
}

static int count_notes(void *ctx, const struct store_note *note)
{
    (void)note;
    ++*(int *)ctx;
    return 0;
}

static int forget(struct fixture *f, const struct store_forgotten *places, size_t n, int64_t asked)
{
    return kit_result(f, store_forget(f->store, places, n, "a", asked, (int)n, kit_done, f, NULL));
}

static void nothing_is_left(void **state)
{
    struct fixture *f = *state;
    begin(f, "a", "The marmalade");
    add(f, "a", 1, "The marmalade stands in the cellar.");
    add(f, "a", 2, "Marmalade, then.");
    add(f, "a", 3, "Forget the marmalade.");
    begin(f, "b", "The marmalade (2)");
    add(f, "b", 1, "The marmalade stands in the cellar.");
    begin(f, "c", "Other");
    add(f, "c", 1, "where?");
    add(f, "c", 2, "there");
    const struct store_told told[] = { { "a", 1, 5 } };
    const struct store_note note = { 1, "lin", 1, 1, "the marmalade", "the marmalade", "a", 1, 5, true };
    const struct store_summary summary = { 2, "en", false, "They like marmalade.", 5 };
    const anima_turn variant = { .text = "Ah, marmalade.", .state = ANIMA_TURN_DONE, .revision = -1 };
    assert_int_equal(store_told_put(f->store, "c", 2, 0, told, 1, NULL), 0);
    assert_int_equal(store_note_put(f->store, &note, NULL), 0);
    assert_int_equal(kit_result(f, store_summary_put(f->store, "a", &summary, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_turn_add_variants(f->store, "a", 2, &variant, 1, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_pin(f->store, "a", 1, 9, kit_done, f, NULL)), 0);
    assert_true(in_file(f, "marmalade"));
    const struct store_forgotten places[] = { { "a", 1, -1, NULL },
                                              { "a", 2, -1, NULL },
                                              { "b", 1, -1, NULL },
                                              { "a", 3, -1, "Forget the …." },
                                              { "gone", 1, -1, NULL } };
    assert_int_equal(forget(f, places, 5, 3), 0);
    turns_are(f, "a", "1:forgotten|2:forgotten|3:Forget the …. forgot|");
    turns_are(f, "b", "1:forgotten|");
    title(f, "a", "");
    title(f, "b", "");
    title(f, "c", "Other");
    int n = 0;
    store_told_list(f->store, "c", 2, count_told, &n, NULL);
    store_note_list(f->store, count_notes, &n, NULL);
    assert_int_equal(n, 0);
    assert_false(in_file(f, "marmalade"));
    kit_close(f);
    kit_open(f);
    turns_are(f, "a", "1:forgotten|2:forgotten|3:Forget the …. forgot|");
    assert_false(in_file(f, "marmalade"));
}

static int variant_text(void *ctx, const anima_turn *t)
{
    char *out = ctx;
    size_t n = strlen(out);
    snprintf(out + n, 100 - n, "%d:%s|", t->variant, t->text);
    return 0;
}

/* An alternative keeps its number; the turn that shows another one stays. */
static void one_alternative(void **state)
{
    struct fixture *f = *state;
    char out[100] = "";
    begin(f, "a", "");
    add(f, "a", 1, "where?");
    add(f, "a", 2, "there");
    const anima_turn variant = { .text = "In the cellar.", .state = ANIMA_TURN_DONE, .revision = -1 };
    assert_int_equal(kit_result(f, store_turn_add_variants(f->store, "a", 2, &variant, 1, kit_done, f, NULL)), 0);
    const struct store_forgotten place = { "a", 2, 1, NULL };
    assert_int_equal(forget(f, &place, 1, 0), 0);
    assert_int_equal(store_variant_list(f->store, "a", 2, variant_text, out, NULL), 0);
    assert_string_equal(out, "0:there|1:|");
    turns_are(f, "a", "1:where?|2:there|");
    assert_false(in_file(f, "cellar"));
}

static void take_strength(void *ctx, const struct store_strength *s)
{
    char *out = ctx;
    size_t n = strlen(out);
    snprintf(out + n, 100 - n, "%s%d %lld|", s->pinned ? "pinned " : "", s->recalls, (long long)s->recalled_ms);
}

static void pins_and_strengths(void **state)
{
    struct fixture *f = *state;
    char out[100] = "";
    begin(f, "a", "");
    add(f, "a", 1, "tea");
    add(f, "a", 3, "tin");
    begin(f, "b", "");
    add(f, "b", 1, "where?");
    add(f, "b", 2, "there");
    const struct store_told told[] = { { "a", 3, 5 } };
    assert_int_equal(store_told_put(f->store, "b", 2, 0, told, 1, NULL), 0);
    assert_int_equal(kit_result(f, store_pin(f->store, "a", 1, 9, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_pin(f->store, "a", 1, 10, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_pin(f->store, "a", 7, 9, kit_done, f, NULL)), ANIMA_E_NOT_FOUND);
    assert_int_equal(store_strength_list(f->store, "lin", 0, INT64_MAX, take_strength, out, NULL), 0);
    assert_string_equal(out, "pinned 0 0|1 1002|");
    anima_conversation_info fork = { .character = "lin", .id = "f", .parent = "a", .parent_seq = 3 };
    assert_int_equal(kit_result(f, store_conversation_fork(f->store, "a", 3, &fork, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_pin(f->store, "f", 1, 0, kit_done, f, NULL)), 0); /* the fork had it, too */
    assert_int_equal(kit_result(f, store_pin(f->store, "a", 1, 0, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_pin(f->store, "a", 1, 0, kit_done, f, NULL)), ANIMA_E_NOT_FOUND);
}

static int take_rule(void *ctx, const struct store_rule *r)
{
    char *out = ctx;
    size_t n = strlen(out);
    snprintf(out + n, 100 - n, "%lld:%lld %s %lld|", (long long)r->id, (long long)r->person, r->character,
             (long long)r->other);
    return 0;
}

static void rules(void **state)
{
    struct fixture *f = *state;
    char out[100] = "";
    const struct store_rule never = { .person = 1, .character = "lin", .at_ms = 4 },
                            allow = { .person = 1, .other = 2, .at_ms = 5 };
    assert_int_equal(kit_result(f, store_rule_put(f->store, &never, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_rule_put(f->store, &allow, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_rule_put(f->store, &never, kit_done, f, NULL)), 0);
    assert_int_equal(store_rule_list(f->store, take_rule, out, NULL), 0);
    assert_string_equal(out, "1:1 lin 0|2:1  2|");
    assert_int_equal(kit_result(f, store_rule_remove(f->store, 1, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_rule_remove(f->store, 1, kit_done, f, NULL)), ANIMA_E_NOT_FOUND);
    *out = '\0';
    assert_int_equal(store_rule_list(f->store, take_rule, out, NULL), 0);
    assert_string_equal(out, "2:1  2|");
}

#define T(test) cmocka_unit_test_setup_teardown(test, kit_set_up, kit_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = { T(nothing_is_left), T(one_alternative), T(pins_and_strengths), T(rules) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
