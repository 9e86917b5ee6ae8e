#include "memory/visible.h"

#include "anima/anima.h"

#include <stdlib.h>
#include <string.h>

/* Linear: the sets are a handful of people, and a set that is not in order must not let anybody through. */
static bool has(struct visible_set set, int64_t id)
{
    for (size_t i = 0; i < set.n; i++)
        if (set.ids[i] == id)
            return true;
    return false;
}

static enum memory_class class_of(const struct visible_item *item)
{
    /* A number that a later version or a damaged row brought is the strictest; the sign of an enum is the compiler's. */
    int class = (int)item->class;
    return class == MEMORY_KNOWLEDGE || class == MEMORY_PERSONAL ? item->class : MEMORY_SECRET;
}

static enum visible_rule stricter(enum visible_rule a, enum visible_rule b)
{
    int rule = (int)b;
    if (rule < VISIBLE_RULE_ALL || rule > VISIBLE_RULE_NEVER)
        return VISIBLE_RULE_NEVER;
    return a > b ? a : b;
}

static enum visible_rule rule_of(int64_t owner, const struct visible_rules *rules)
{
    enum visible_rule rule = VISIBLE_RULE_ALL;
    bool found = false;
    for (size_t i = 0; i < rules->n_people; i++)
        if (rules->people[i].person == owner) {
            rule = stricter(rule, rules->people[i].rule);
            found = true;
        }
    return found ? rule : stricter(VISIBLE_RULE_ALL, rules->others);
}

/* What nobody owns goes by the rule for those who have none of their own. */
static enum visible_rule rule_for(const struct visible_item *item, const struct visible_rules *rules)
{
    enum visible_rule rule = stricter(VISIBLE_RULE_ALL, rules->character);
    for (size_t i = 0; i < item->owners.n; i++)
        rule = stricter(rule, rule_of(item->owners.ids[i], rules));
    return item->owners.n ? rule : stricter(rule, rules->others);
}

static bool allows(int64_t owner, int64_t person, const struct visible_rules *rules)
{
    for (size_t i = 0; i < rules->n_people; i++)
        if (rules->people[i].person == owner && has(rules->people[i].allowed, person))
            return true;
    return false;
}

static bool all_allow(struct visible_set owners, int64_t person, const struct visible_rules *rules)
{
    for (size_t i = 0; i < owners.n; i++)
        if (!allows(owners.ids[i], person, rules))
            return false;
    return owners.n > 0;
}

/* Somebody else taught part of it, who says that nobody is to hear of what they tell. */
static bool keeps_taught(const struct visible_item *item, int64_t person, const struct visible_rules *rules)
{
    bool keeps = stricter(VISIBLE_RULE_ALL, rules->character) == VISIBLE_RULE_NEVER;
    for (size_t i = 0; i < item->taught.n && !keeps; i++)
        keeps = rule_of(item->taught.ids[i], rules) == VISIBLE_RULE_NEVER;
    return keeps && item->taught.n && !has(item->heard, person);
}

static enum visible_reason reason_for(const struct visible_item *item, int64_t person, enum visible_rule rule,
                                      const struct visible_rules *rules)
{
    enum memory_class class = class_of(item);
    if (has(item->excluded, person))
        return VISIBLE_EXCLUDED;
    if (keeps_taught(item, person, rules))
        return VISIBLE_RULE_FORBIDS;
    if (rule == VISIBLE_RULE_NEVER)
        return has(item->witnesses, person) ? VISIBLE : class == MEMORY_SECRET ? VISIBLE_SECRET : VISIBLE_RULE_FORBIDS;
    if (class == MEMORY_KNOWLEDGE || has(item->witnesses, person))
        return VISIBLE;
    if (rule != VISIBLE_RULE_NOBODY && has(item->allowed, person))
        return VISIBLE;
    if (class == MEMORY_SECRET)
        return VISIBLE_SECRET;
    if (rule == VISIBLE_RULE_NOBODY)
        return VISIBLE_RULE_FORBIDS;
    bool told = item->everyone || rule == VISIBLE_RULE_ALL || all_allow(item->owners, person, rules);
    return told ? VISIBLE : VISIBLE_NOT_ASKED;
}

struct visible_answer visible_to(const struct visible_item *item, struct visible_set present,
                                 const struct visible_rules *rules)
{
    struct visible_answer answer = { VISIBLE, 0 };
    enum visible_rule rule = rule_for(item, rules);
    for (size_t i = 0; i < present.n; i++) {
        enum visible_reason reason = reason_for(item, present.ids[i], rule, rules);
        bool heavier = reason > answer.reason;
        if (heavier || (reason != VISIBLE && reason == answer.reason && present.ids[i] < answer.person))
            answer = (struct visible_answer){ reason, present.ids[i] };
    }
    return answer;
}

/* ---- what is inferred ---- */

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static struct visible_set in_order(int64_t *ids, size_t n)
{
    size_t kept = 0;
    if (n)
        qsort(ids, n, sizeof(*ids), by_id);
    for (size_t i = 0; i < n; i++)
        if (!kept || ids[kept - 1] != ids[i])
            ids[kept++] = ids[i];
    return (struct visible_set){ ids, kept };
}

static int set_union(struct arena *arena, struct visible_set a, struct visible_set b, struct visible_set *out)
{
    int64_t *ids = a.n + b.n ? arena_alloc(arena, (a.n + b.n) * sizeof(*ids)) : NULL;
    if (!ids && a.n + b.n)
        return ANIMA_E_NOMEM;
    if (a.n)
        memcpy(ids, a.ids, a.n * sizeof(*ids));
    if (b.n)
        memcpy(ids + a.n, b.ids, b.n * sizeof(*ids));
    *out = in_order(ids, a.n + b.n);
    return ANIMA_OK;
}

static int set_common(struct arena *arena, struct visible_set a, struct visible_set b, struct visible_set *out)
{
    int64_t *ids = a.n ? arena_alloc(arena, a.n * sizeof(*ids)) : NULL;
    size_t n = 0;
    if (!ids && a.n)
        return ANIMA_E_NOMEM;
    for (size_t i = 0; i < a.n; i++)
        if (has(b, a.ids[i]))
            ids[n++] = a.ids[i];
    *out = in_order(ids, n);
    return ANIMA_OK;
}

/* What nobody owns must not go by the rule of whoever owns what it is joined with. */
static struct visible_item owned(struct visible_item item)
{
    static const int64_t unknown[] = { VISIBLE_UNKNOWN };
    if (!item.owners.n)
        item.owners = (struct visible_set){ unknown, 1 };
    return item;
}

/* The knowledge in both; an item that is knowledge itself is all of it. */
static int join_taught(struct arena *arena, const struct visible_item *a, const struct visible_item *b,
                       struct visible_item *out)
{
    int rc = set_union(arena, a->taught, b->taught, &out->taught);
    if (rc || (a->taught.n && b->taught.n))
        return rc ? rc : set_common(arena, a->heard, b->heard, &out->heard);
    out->heard = a->taught.n ? a->heard : b->heard;
    return ANIMA_OK;
}

static int join_two(struct arena *arena, struct visible_item a, struct visible_item b, struct visible_item *out)
{
    b.class = class_of(&b);
    /* Between knowledge and what is not, the other one decides who may hear it; a rule of whoever taught it still counts. */
    if ((a.class == MEMORY_KNOWLEDGE) != (b.class == MEMORY_KNOWLEDGE)) {
        const struct visible_item *taught = a.class == MEMORY_KNOWLEDGE ? &a : &b;
        const struct visible_item other = a.class == MEMORY_KNOWLEDGE ? b : a;
        const struct visible_item own = { .taught = taught->owners, .heard = taught->witnesses };
        struct visible_item all = other;
        int rc = join_taught(arena, taught, &own, &all);
        *out = other;
        rc = rc ? rc : join_taught(arena, &other, &all, out);
        return rc ? rc : set_union(arena, a.excluded, b.excluded, &out->excluded);
    }
    int rc = join_taught(arena, &a, &b, out);
    out->class = a.class > b.class ? a.class : b.class;
    out->everyone = a.everyone && b.everyone;
    rc = rc ? rc : set_union(arena, a.owners, b.owners, &out->owners);
    rc = rc ? rc : set_union(arena, a.excluded, b.excluded, &out->excluded);
    rc = rc ? rc : set_common(arena, a.witnesses, b.witnesses, &out->witnesses);
    return rc ? rc : set_common(arena, a.allowed, b.allowed, &out->allowed);
}

/* Every set in order and in the arena. */
static int settle(struct arena *arena, struct visible_item *item)
{
    static const struct visible_set none = { NULL, 0 };
    int rc = set_union(arena, item->owners, none, &item->owners);
    rc = rc ? rc : set_union(arena, item->witnesses, none, &item->witnesses);
    rc = rc ? rc : set_union(arena, item->excluded, none, &item->excluded);
    rc = rc ? rc : set_union(arena, item->taught, none, &item->taught);
    rc = rc ? rc : set_union(arena, item->heard, none, &item->heard);
    return rc ? rc : set_union(arena, item->allowed, none, &item->allowed);
}

int visible_join(struct arena *arena, const struct visible_item *items, size_t n, struct visible_item *out)
{
    static const struct visible_item nobodys = { .class = MEMORY_SECRET };
    struct visible_item all = n ? owned(items[0]) : nobodys;
    int rc = ANIMA_OK;
    all.class = class_of(&all);
    for (size_t i = 1; i < n && !rc; i++) {
        struct visible_item joined = nobodys;
        rc = join_two(arena, all, owned(items[i]), &joined);
        all = joined;
    }
    rc = rc ? rc : settle(arena, &all);
    *out = rc ? nobodys : all;
    return rc;
}

const char *visible_reason_text(enum visible_reason reason, const char *language)
{
    static const char *const texts[VISIBLE_REASONS][2] = {
        [VISIBLE] = { "may be told to everyone present", "在场的人都可以知道" },
        [VISIBLE_NOT_ASKED] = { "personal: its owner has not said that this person may know it",
                                "私事：当事人没说过可以让这个人知道" },
        [VISIBLE_RULE_FORBIDS] = { "a rule says that nobody else may know it", "按设定，不告诉别的任何人" },
        [VISIBLE_SECRET] = { "a secret: this person was not there when it was told", "秘密：说的时候这个人不在场" },
        [VISIBLE_EXCLUDED] = { "this person was named as one who must not know it", "说过不能让这个人知道" },
    };
    if ((int)reason < 0 || (int)reason >= VISIBLE_REASONS)
        return "";
    return texts[reason][language && strcmp(language, "zh") == 0];
}
