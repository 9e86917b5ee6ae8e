/* Who may be told what: cases one by one, and what has to hold for any items, people and rules (drawn at random, the same
 * every time). */
#include "base/mem.h"
#include "memory/visible.h"

#include "anima/anima.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SET(...)                                                                                                       \
    (struct visible_set)                                                                                               \
    {                                                                                                                  \
        (const int64_t[]){ __VA_ARGS__ }, sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t)                   \
    }

enum { ANN = 1, BEN, CAT, DAN };

static const struct visible_rules ask = { VISIBLE_RULE_ALL, VISIBLE_RULE_ASK, NULL, 0 };

static enum visible_reason told(struct visible_item item, struct visible_set present, struct visible_rules rules)
{
    return visible_to(&item, present, &rules).reason;
}

static void test_classes(void **state)
{
    (void)state;
    struct visible_item item = { MEMORY_KNOWLEDGE, false,       SET(ANN),    SET(ANN),
                                 { NULL, 0 },      { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    assert_int_equal(told(item, SET(BEN), ask), VISIBLE);
    item.class = MEMORY_PERSONAL;
    assert_int_equal(told(item, SET(ANN), ask), VISIBLE);
    assert_int_equal(told(item, SET(BEN), ask), VISIBLE_NOT_ASKED);
    item.allowed = SET(BEN);
    assert_int_equal(told(item, SET(BEN), ask), VISIBLE);
    assert_int_equal(told(item, SET(ANN, BEN), ask), VISIBLE);
    assert_int_equal(told(item, SET(ANN, BEN, CAT), ask), VISIBLE_NOT_ASKED);
    item.everyone = true;
    assert_int_equal(told(item, SET(CAT), ask), VISIBLE);
    item.class = MEMORY_SECRET;
    assert_int_equal(told(item, SET(CAT), ask), VISIBLE_SECRET); /* everyone is for what is personal */
    assert_int_equal(told(item, SET(BEN), ask), VISIBLE);        /* "tell Ben too" */
    item.excluded = SET(ANN, BEN);
    assert_int_equal(told(item, SET(BEN), ask), VISIBLE_EXCLUDED);
    assert_int_equal(told(item, SET(ANN), ask), VISIBLE_EXCLUDED); /* a witness, too */
    item.class = MEMORY_KNOWLEDGE;
    assert_int_equal(told(item, SET(BEN), ask), VISIBLE_EXCLUDED);
    assert_int_equal(told(item, SET(CAT), ask), VISIBLE);
}

static void test_rules(void **state)
{
    (void)state;
    struct visible_item item = { MEMORY_PERSONAL, false,    SET(ANN),    SET(ANN),
                                 { NULL, 0 },     SET(DAN), { NULL, 0 }, { NULL, 0 } };
    const struct visible_person_rule open[] = { { ANN, VISIBLE_RULE_ALL, { NULL, 0 } } },
                                     shut[] = { { ANN, VISIBLE_RULE_NOBODY, { NULL, 0 } } };
    const struct visible_person_rule both[] = { { ANN, VISIBLE_RULE_ALL, { NULL, 0 } },
                                                { ANN, VISIBLE_RULE_NOBODY, { NULL, 0 } } };
    struct visible_rules rules = { VISIBLE_RULE_ALL, VISIBLE_RULE_ASK, open, 1 };
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE);
    rules.character = VISIBLE_RULE_ASK; /* the character is more careful than its people */
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_NOT_ASKED);
    assert_int_equal(told(item, SET(DAN), rules), VISIBLE);
    rules.character = VISIBLE_RULE_NOBODY;
    assert_int_equal(told(item, SET(DAN), rules), VISIBLE_RULE_FORBIDS);
    assert_int_equal(told(item, SET(ANN), rules), VISIBLE);
    rules = (struct visible_rules){ VISIBLE_RULE_ALL, VISIBLE_RULE_ALL, shut, 1 };
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_RULE_FORBIDS);
    rules.people = both;
    rules.n_people = 2;
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_RULE_FORBIDS);
    /* Of two owners the stricter decides; what nobody owns goes by the rule for the others. */
    rules = (struct visible_rules){ VISIBLE_RULE_ALL, VISIBLE_RULE_ASK, open, 1 };
    item.owners = SET(ANN, CAT);
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_NOT_ASKED);
    item.owners = (struct visible_set){ NULL, 0 };
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_NOT_ASKED);
    /* Knowledge has no owner's rule; a secret no rule that opens it. */
    item.class = MEMORY_KNOWLEDGE;
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE);
    item.class = MEMORY_SECRET;
    item.owners = SET(ANN);
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_SECRET);
}

/* What people set: nothing goes to anybody else, or somebody may be told; the stricter wins. */
static void test_rules_of_people(void **state)
{
    (void)state;
    struct arena arena;
    const struct visible_person_rule never[] = { { ANN, VISIBLE_RULE_NEVER, { NULL, 0 } } };
    const struct visible_person_rule allow[] = { { ANN, VISIBLE_RULE_ASK, SET(BEN) } };
    const struct visible_person_rule both[] = { { ANN, VISIBLE_RULE_ASK, SET(BEN) },
                                                { ANN, VISIBLE_RULE_NEVER, { NULL, 0 } } };
    struct visible_rules rules = { VISIBLE_RULE_ASK, VISIBLE_RULE_ASK, never, 1 };
    struct visible_item item = {
        .class = MEMORY_KNOWLEDGE, .everyone = true, .owners = SET(ANN), .witnesses = SET(ANN, DAN), .allowed = SET(CAT)
    };
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_RULE_FORBIDS); /* not even a tip */
    assert_int_equal(told(item, SET(CAT), rules), VISIBLE_RULE_FORBIDS);
    assert_int_equal(told(item, SET(DAN), rules), VISIBLE); /* who heard it has heard it */
    item.class = MEMORY_SECRET;
    assert_int_equal(told(item, SET(CAT), rules), VISIBLE_SECRET);
    /* A tip of hers in a summary of somebody else's affairs. */
    struct visible_item joined, parts[] = {
        { .class = MEMORY_KNOWLEDGE, .owners = SET(ANN), .witnesses = SET(ANN, BEN) },
        { .class = MEMORY_PERSONAL, .everyone = true, .owners = SET(BEN), .witnesses = SET(ANN, BEN) },
    };
    arena_init(&arena, 1 << 16);
    assert_int_equal(visible_join(&arena, parts, 2, &joined), 0);
    assert_int_equal(told(joined, SET(CAT), rules), VISIBLE_RULE_FORBIDS);
    assert_int_equal(told(joined, SET(ANN), rules), VISIBLE);
    rules.n_people = 0;
    assert_int_equal(told(joined, SET(CAT), rules), VISIBLE);
    arena_finish(&arena);
    /* Ben may know what is personal, and no secret; of two owners both have to say so. */
    rules = (struct visible_rules){ VISIBLE_RULE_ASK, VISIBLE_RULE_ASK, allow, 1 };
    item = (struct visible_item){ .class = MEMORY_PERSONAL, .owners = SET(ANN), .witnesses = SET(ANN) };
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE);
    assert_int_equal(told(item, SET(CAT), rules), VISIBLE_NOT_ASKED);
    assert_int_equal(told(item, SET(BEN, CAT), rules), VISIBLE_NOT_ASKED);
    item.excluded = SET(BEN);
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_EXCLUDED);
    item.excluded.n = 0;
    item.owners = SET(ANN, DAN);
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_NOT_ASKED);
    item.owners = SET(ANN);
    item.class = MEMORY_SECRET;
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_SECRET);
    item.class = MEMORY_PERSONAL;
    rules = (struct visible_rules){ VISIBLE_RULE_ASK, VISIBLE_RULE_ASK, both, 2 };
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_RULE_FORBIDS);
    rules = (struct visible_rules){ VISIBLE_RULE_NOBODY, VISIBLE_RULE_ASK, allow, 1 };
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_RULE_FORBIDS);
}

/* Numbers that no version wrote count as the strictest. */
static void test_damaged(void **state)
{
    (void)state;
    struct visible_item item = { (enum memory_class)7, true,        SET(ANN),    SET(ANN),
                                 { NULL, 0 },          { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    struct visible_rules rules = { VISIBLE_RULE_ALL, VISIBLE_RULE_ALL, NULL, 0 };
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_SECRET);
    item.class = (enum memory_class) - 1;
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_SECRET);
    item.class = MEMORY_PERSONAL;
    rules.others = (enum visible_rule)9;
    assert_int_equal(told(item, SET(BEN), rules), VISIBLE_RULE_FORBIDS);
    item.witnesses = SET(DAN, ANN, CAT, ANN); /* in no order, twice */
    assert_int_equal(told(item, SET(CAT), rules), VISIBLE);
    for (int i = 0; i < VISIBLE_REASONS; i++) {
        assert_true(strlen(visible_reason_text(i, "zh")) > 0 && strlen(visible_reason_text(i, "en")) > 0);
        assert_string_not_equal(visible_reason_text(i, "zh"), visible_reason_text(i, "en"));
    }
    assert_string_equal(visible_reason_text(VISIBLE_REASONS, "en"), "");
    assert_string_equal(visible_reason_text((enum visible_reason) - 1, NULL), "");
}

static bool same_set(struct visible_set a, struct visible_set b)
{
    return a.n == b.n && (!a.n || memcmp(a.ids, b.ids, a.n * sizeof(*a.ids)) == 0);
}

static bool same_item(const struct visible_item *a, const struct visible_item *b)
{
    return a->class == b->class && a->everyone == b->everyone && same_set(a->owners, b->owners) &&
           same_set(a->witnesses, b->witnesses) && same_set(a->excluded, b->excluded) &&
           same_set(a->allowed, b->allowed);
}

static void test_joining(void **state)
{
    (void)state;
    struct arena arena;
    struct visible_item out, items[] = {
        { MEMORY_PERSONAL, true, SET(BEN), SET(BEN, ANN), { NULL, 0 }, SET(CAT, DAN), { NULL, 0 }, { NULL, 0 } },
        { MEMORY_KNOWLEDGE, false, SET(DAN), SET(DAN), SET(CAT), { NULL, 0 }, { NULL, 0 }, { NULL, 0 } },
        { MEMORY_SECRET, false, SET(ANN), SET(CAT, ANN), SET(DAN), SET(DAN), { NULL, 0 }, { NULL, 0 } },
    };
    arena_init(&arena, 1 << 16);
    assert_int_equal(visible_join(&arena, items, 3, &out), 0);
    assert_true(out.class == MEMORY_SECRET && !out.everyone);
    assert_true(same_set(out.owners, SET(ANN, BEN)) && same_set(out.witnesses, SET(ANN)));
    assert_true(same_set(out.excluded, SET(CAT, DAN)) && same_set(out.allowed, SET(DAN)));
    /* Of one item: the same, in order. Of none: nobody's. */
    assert_int_equal(visible_join(&arena, items, 1, &out), 0);
    assert_true(out.class == MEMORY_PERSONAL && out.everyone && same_set(out.witnesses, SET(ANN, BEN)));
    assert_int_equal(visible_join(&arena, NULL, 0, &out), 0);
    assert_true(out.class == MEMORY_SECRET && !out.witnesses.n && !out.allowed.n && !out.everyone);
    arena_finish(&arena);
    /* Without memory, too. */
    arena_init(&arena, 32);
    assert_int_equal(visible_join(&arena, items, 3, &out), ANIMA_E_NOMEM);
    assert_true(out.class == MEMORY_SECRET && !out.witnesses.n && !out.allowed.n);
    arena_finish(&arena);
}

/* ---- whatever is drawn ---- */

#define PEOPLE 6
#define ITEMS 4
#define ROUNDS 4000

static uint32_t seed;

static uint32_t draw(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u; /* Numerical Recipes */
    return (seed >> 8) % n;
}

static struct visible_set draw_set(int64_t *room, uint32_t most)
{
    size_t n = draw(most + 1);
    for (size_t i = 0; i < n; i++)
        room[i] = 1 + draw(PEOPLE);
    return (struct visible_set){ room, n };
}

struct world {
    int64_t room[ITEMS][4][PEOPLE], allowed[3][PEOPLE];
    struct visible_item items[ITEMS];
    size_t n;
    struct visible_person_rule people[3];
    struct visible_rules rules;
};

static void draw_world(struct world *w)
{
    w->n = 1 + draw(ITEMS);
    for (size_t i = 0; i < w->n; i++)
        w->items[i] = (struct visible_item){ (enum memory_class)draw(3),
                                             draw(2),
                                             draw_set(w->room[i][0], 2),
                                             draw_set(w->room[i][1], PEOPLE),
                                             draw_set(w->room[i][2], 1),
                                             draw_set(w->room[i][3], 3),
                                             { NULL, 0 },
                                             { NULL, 0 } };
    for (size_t i = 0; i < 3; i++)
        w->people[i] = (struct visible_person_rule){ 1 + draw(PEOPLE), (enum visible_rule)draw(4),
                                                     draw_set(w->allowed[i], 2) };
    w->rules = (struct visible_rules){ (enum visible_rule)draw(4), (enum visible_rule)draw(4), w->people, draw(4) };
}

/* What can be seen of what was joined could be seen of every part. */
static void test_joining_never_widens(void **state)
{
    (void)state;
    struct world w;
    size_t seen = 0;
    seed = 7;
    for (int round = 0; round < ROUNDS; round++) {
        struct arena arena;
        struct visible_item all;
        arena_init(&arena, 1 << 16);
        draw_world(&w);
        assert_int_equal(visible_join(&arena, w.items, w.n, &all), 0);
        for (int64_t person = 1; person <= PEOPLE; person++) {
            if (told(all, SET(person), w.rules) != VISIBLE)
                continue;
            seen++;
            for (size_t i = 0; i < w.n; i++)
                assert_int_equal(told(w.items[i], SET(person), w.rules), VISIBLE);
        }
        arena_finish(&arena);
    }
    assert_true(seen > ROUNDS / 4); /* so that it was tried at all */
}

static void test_more_people_see_less(void **state)
{
    (void)state;
    struct world w;
    size_t fewer = 0;
    seed = 11;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t present[PEOPLE + 1];
        draw_world(&w);
        size_t n = draw_set(present, PEOPLE).n;
        bool before = told(w.items[0], (struct visible_set){ present, n }, w.rules) == VISIBLE;
        present[n] = 1 + draw(PEOPLE);
        bool after = told(w.items[0], (struct visible_set){ present, n + 1 }, w.rules) == VISIBLE;
        assert_false(after && !before);
        fewer += before && !after;
    }
    assert_true(fewer > ROUNDS / 40);
}

static void shuffle(void *list, size_t n, size_t size)
{
    char spare[sizeof(struct visible_item)], *at = list;
    for (size_t i = n; i > 1; i--) {
        size_t k = draw((uint32_t)i);
        memcpy(spare, at + (i - 1) * size, size);
        memmove(at + (i - 1) * size, at + k * size, size);
        memcpy(at + k * size, spare, size);
    }
}

static void test_order_does_not_matter(void **state)
{
    (void)state;
    struct world w;
    seed = 13;
    for (int round = 0; round < ROUNDS; round++) {
        struct arena arena;
        struct visible_item all, again, part, two[2];
        int64_t present[PEOPLE];
        arena_init(&arena, 1 << 16);
        draw_world(&w);
        size_t n = draw_set(present, PEOPLE).n;
        struct visible_answer first = visible_to(&w.items[0], (struct visible_set){ present, n }, &w.rules);
        shuffle(present, n, sizeof(*present));
        struct visible_answer second = visible_to(&w.items[0], (struct visible_set){ present, n }, &w.rules);
        assert_true(first.reason == second.reason && first.person == second.person);
        assert_int_equal(visible_join(&arena, w.items, w.n, &all), 0);
        shuffle(w.items, w.n, sizeof(*w.items));
        assert_int_equal(visible_join(&arena, w.items, w.n, &again), 0);
        assert_true(same_item(&all, &again));
        /* Nor in which steps: a summary of a summary inherits the same. */
        assert_int_equal(visible_join(&arena, w.items, w.n - 1 ? w.n - 1 : 1, &part), 0);
        two[0] = part;
        two[1] = w.items[w.n - 1];
        assert_int_equal(visible_join(&arena, two, 2, &again), 0);
        assert_true(w.n == 1 || same_item(&all, &again));
        arena_finish(&arena);
    }
}

/* Nobody who was excluded anywhere, and nobody who did not witness every secret or was allowed to know it, sees a thing. */
static void test_secrets_are_inherited(void **state)
{
    (void)state;
    struct world w;
    size_t secrets = 0;
    seed = 17;
    for (int round = 0; round < ROUNDS; round++) {
        struct arena arena;
        struct visible_item all;
        arena_init(&arena, 1 << 16);
        draw_world(&w);
        w.items[0].class = MEMORY_SECRET;
        w.items[0].allowed.n = 0;
        assert_int_equal(visible_join(&arena, w.items, w.n, &all), 0);
        assert_int_equal(all.class, MEMORY_SECRET);
        for (int64_t person = 1; person <= PEOPLE; person++) {
            bool witness = false;
            for (size_t i = 0; i < w.items[0].witnesses.n; i++)
                witness |= w.items[0].witnesses.ids[i] == person;
            secrets += !witness;
            if (!witness)
                assert_int_not_equal(told(all, SET(person), w.rules), VISIBLE);
        }
        arena_finish(&arena);
    }
    assert_true(secrets > ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_rules_of_people),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_joining),
        cmocka_unit_test(test_joining_never_widens),
        cmocka_unit_test(test_more_people_see_less),
        cmocka_unit_test(test_order_does_not_matter),
        cmocka_unit_test(test_secrets_are_inherited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
