/* memories_rules.c — what people set about passing on: "what Anna tells stays between us", "Anna's affairs may be told to Ben", for all
 * characters or for one. They are few and lie in memory; memory/visible.h decides by them, before anything is ranked. Loop thread. */
#include "agent/memories_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define MOST_RULES 1000

/* ---- as memory/visible.h takes them ---- */

static bool holds_for(const struct store_rule *rule, const char *character)
{
    return !*rule->character || strcmp(rule->character, character) == 0;
}

/* The one of a person, which is there or comes. */
static struct visible_person_rule *rule_of(struct visible_person_rule *list, size_t *n, int64_t person)
{
    for (size_t i = 0; i < *n; i++)
        if (list[i].person == person)
            return &list[i];
    list[*n] = (struct visible_person_rule){ .person = person, .rule = VISIBLE_RULE_ASK };
    return &list[(*n)++];
}

int memories_rules(const struct memories *all, const char *character, struct arena *arena, struct visible_rules *out)
{
    struct visible_person_rule *list = arena_alloc(arena, (all->rules.n + 1) * sizeof(*list));
    size_t n = 0;
    if (!list)
        return ANIMA_E_NOMEM;
    for (size_t i = 0; i < all->rules.n; i++) {
        const struct store_rule *rule = &all->rules.list[i];
        if (!holds_for(rule, character))
            continue;
        struct visible_person_rule *of = rule_of(list, &n, rule->person);
        if (!rule->other) {
            of->rule = VISIBLE_RULE_NEVER;
            continue;
        }
        int64_t *ids = arena_alloc(arena, (of->allowed.n + 1) * sizeof(*ids));
        if (!ids)
            return ANIMA_E_NOMEM;
        if (of->allowed.n)
            memcpy(ids, of->allowed.ids, of->allowed.n * sizeof(*ids));
        ids[of->allowed.n] = rule->other;
        of->allowed = (struct visible_set){ ids, of->allowed.n + 1 };
    }
    *out = (struct visible_rules){ VISIBLE_RULE_ASK, VISIBLE_RULE_ASK, list, n };
    return ANIMA_OK;
}

bool memories_never(const struct memories *all, const char *character, int64_t person)
{
    for (size_t i = 0; all && i < all->rules.n; i++)
        if (all->rules.list[i].person == person && !all->rules.list[i].other &&
            holds_for(&all->rules.list[i], character))
            return true;
    return false;
}

/* ---- in memory ---- */

static int keep(void *ctx, const struct store_rule *rule)
{
    struct rule_list *rules = ctx;
    struct store_rule *list = mem_grow(rules->list, rules->n, &rules->max, sizeof(*list));
    if (!list)
        return ANIMA_E_NOMEM;
    rules->list = list;
    list[rules->n++] = *rule;
    return 0;
}

int memories_rules_read(struct memories *all, anima_error *err)
{
    struct rule_list fresh = { .list = NULL };
    int rc = store_rule_list(all->home->store, keep, &fresh, err);
    mem_free(rc ? fresh.list : all->rules.list); /* the old ones hold if the new ones cannot be read */
    if (!rc)
        all->rules = fresh;
    return rc == ANIMA_E_NOMEM ? err_set(err, rc, "out of memory for the rules") : rc;
}

/* ---- the door ---- */

struct showing {
    const anima_home *home;
    anima_rule_cb *cb;
    void *ctx;
};

static int show(void *ctx, const struct store_rule *r)
{
    const struct showing *s = ctx;
    const anima_rule rule = { r->id, home_person_name(s->home, r->person), r->character,
                              r->other ? home_person_name(s->home, r->other) : "", r->at_ms };
    return s->cb(s->ctx, &rule) != 0;
}

int anima_rule_list(anima_home *home, anima_rule_cb *cb, void *ctx, anima_error *err)
{
    struct showing s = { home, cb, ctx };
    return store_rule_list(home->store, show, &s, err);
}

/* It is in the store: it holds from now on. One that is stricter held before that (see anima_rule_add). */
static int changed(struct op *op, anima_error *err) { return memories_rules_read(op->home->memories, err); }

static void not_changed(struct op *op, int rc, const anima_error *err)
{
    (void)rc;
    (void)err;
    memories_rules_read(op->home->memories, NULL);
}

static int find_people(anima_home *home, const anima_rule *wish, struct store_rule *rule, anima_error *err)
{
    const anima_person *who = home_person_find(home, wish->person), *other = NULL;
    if (*wish->other)
        other = home_person_find(home, wish->other);
    if (!who || (*wish->other && !other))
        return err_set(err, ANIMA_E_NOT_FOUND, "nobody called \"%.64s\" has talked here",
                       who            ? wish->other
                       : wish->person ? wish->person
                                      : home->owner);
    if (*wish->character && !anima_character_find(home, wish->character))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", wish->character);
    if (other && other->id == who->id)
        return err_set(err, ANIMA_E_INVALID, "%.64s knows their own affairs: name somebody else", who->name);
    rule->person = who->id;
    rule->other = other ? other->id : 0;
    snprintf(rule->character, sizeof(rule->character), "%s", wish->character);
    return ANIMA_OK;
}

int anima_rule_add(anima_home *home, const anima_rule *wish, anima_done *done, void *ctx, anima_error *err)
{
    struct op *op;
    struct store_rule rule = { .at_ms = clock_wall_ms() };
    if (home->read_only)
        return home_looked_at_only(err);
    int rc = find_people(home, wish, &rule, err);
    if (!rc && home->memories->rules.n >= MOST_RULES)
        rc = err_set(err, ANIMA_E_LIMIT, "%d rules are kept; delete some", MOST_RULES);
    if (!rc)
        rc = op_new(home, NULL, done, ctx, &op, err);
    if (rc)
        return rc;
    op->end = changed;
    op->failed = not_changed;
    rc = store_rule_put(home->store, &rule, op_written, op, err);
    if (!rc && !rule.other)
        keep(&home->memories->rules, &rule); /* nothing slips out until it is written */
    return op_queued(op, rc);
}

int anima_rule_remove(anima_home *home, int64_t id, anima_done *done, void *ctx, anima_error *err)
{
    struct op *op;
    if (home->read_only)
        return home_looked_at_only(err);
    int rc = op_new(home, NULL, done, ctx, &op, err);
    if (rc)
        return rc;
    op->end = changed;
    return op_queued(op, store_rule_remove(home->store, id, op_written, op, err));
}
