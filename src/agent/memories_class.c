/* memories_class.c — what may be told to whom. What a turn tells is looked at once, soon after it was said (memory/class.h), together
 * with the turns around it, and kept in the store, with the facts it states (memory/facts.h); until then it is a secret of those who heard
 * it. The decision itself is memory/visible.h's; it is made for every audience there is, before anything is searched. */
#include "agent/memories_private.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "memory/called.h"

#include <stdio.h>
#include <string.h>

#define MAX_KEY 1024
#define MAX_IDS 64
#define BEFORE                                                                                                         \
    12 /* turns in front of the first one that nobody has looked at: a silence can cover them, or begin there */
#define AT_ONCE 64
#define MAX_TEXT                                                                                                       \
    MAX_MESSAGE /* bytes of a turn that are looked at: silence is often asked for at the end of a long letter */
_Static_assert(AT_ONCE + BEFORE <= MARKS_AT_ONCE, "all that are looked at may be marked");

/* ---- audiences ---- */

static struct visible_set ids_of(const char *numbers, int64_t *out, size_t max)
{
    size_t n = 0;
    while (n < max && (out[n] = store_people_next(&numbers)))
        n++;
    return (struct visible_set){ out, n };
}

static void fill(struct audience *a, const struct store_memory *item)
{
    int64_t *ids = a->ids;
    struct visible_item *v = &a->item;
    v->class = item->class >= MEMORY_KNOWLEDGE && item->class <= MEMORY_SECRET ? (enum memory_class)item->class
                                                                               : MEMORY_SECRET;
    v->everyone = item->everyone;
    v->witnesses = ids_of(item->witnesses, ids, MAX_IDS);
    v->excluded = ids_of(item->excluded, ids += v->witnesses.n, MAX_IDS);
    v->allowed = ids_of(item->allowed, ids += v->excluded.n, MAX_IDS);
    ids += v->allowed.n;
    ids[0] = item->speaker;
    /* What a character says is about those it says it to. */
    v->owners = item->speaker ? (struct visible_set){ ids, 1 } : v->witnesses;
}

uint32_t memories_audience_of(struct mind *m, const struct store_memory *item)
{
    char key[MAX_KEY];
    snprintf(key, sizeof(key), "%d;%d;%lld;%s;%s;%s", item->class, item->everyone, (long long)item->speaker,
             item->excluded, item->allowed, item->witnesses); /* the longest last: what is cut off counts for nobody */
    uint64_t hash = hash_bytes(key, strlen(key));
    uint32_t known = places_find(&m->known, hash);
    if (known != PLACES_NONE && strcmp(m->audiences[known].key, key) == 0)
        return known;
    struct audience *list = mem_grow(m->audiences, m->n_audiences, &m->max_audiences, sizeof(*list));
    struct audience made = { .key = mem_strdup(key), .ids = mem_zero(3 * MAX_IDS + 1, sizeof(int64_t)) };
    if (list)
        m->audiences = list;
    if (!list || !made.key || !made.ids || places_put(&m->known, hash, (uint32_t)m->n_audiences)) {
        mem_free(made.key);
        mem_free(made.ids);
        return UINT32_MAX;
    }
    fill(&made, item);
    list[m->n_audiences] = made;
    return (uint32_t)m->n_audiences++;
}

void memories_audiences_free(struct mind *m)
{
    for (size_t i = 0; i < m->n_audiences; i++) {
        mem_free(m->audiences[i].key);
        mem_free(m->audiences[i].ids);
    }
    mem_free(m->audiences);
    places_finish(&m->known);
    mem_free(m->told);
}

#define RULES_ARENA (4u << 20)

const bool *memories_audiences(struct memories *all, const char *character, const int64_t *people, size_t n_people,
                               size_t *n)
{
    struct mind *m = memories_mind(all, character);
    bool *told = m ? mem_realloc(m->told, (m->n_audiences + 1) * sizeof(*told)) : NULL;
    struct arena arena;
    struct visible_rules rules;
    *n = 0;
    if (!told)
        return NULL;
    m->told = told;
    arena_init(&arena, RULES_ARENA);
    int rc = memories_rules(all, character, &arena, &rules);
    for (size_t i = 0; i < m->n_audiences && !rc; i++)
        told[i] = n_people &&
                  visible_to(&m->audiences[i].item, (struct visible_set){ people, n_people }, &rules).reason == VISIBLE;
    arena_finish(&arena);
    *n = m->n_audiences;
    return rc ? NULL : told;
}

struct visible_answer memories_refusal(struct memories *all, const char *character, uint32_t audience,
                                       const int64_t *people, size_t n_people)
{
    const struct mind *m = memories_mind(all, character);
    struct visible_answer answer = { VISIBLE_SECRET, 0 };
    struct arena arena;
    struct visible_rules rules;
    arena_init(&arena, RULES_ARENA);
    if (m && audience < m->n_audiences && !memories_rules(all, character, &arena, &rules))
        answer = visible_to(&m->audiences[audience].item, (struct visible_set){ people, n_people }, &rules);
    arena_finish(&arena);
    return answer;
}

/* ---- what a turn tells ---- */

struct looking {
    struct memories *all;
    struct store_memory items[AT_ONCE + BEFORE]; /* strings owned */
    size_t n;
    bool unread; /* one of them at least */
};

static int take(void *ctx, const struct store_memory *item)
{
    struct looking *l = ctx;
    struct store_memory *copy = &l->items[l->n];
    *copy = *item;
    copy->text = mem_strdup(item->text);
    copy->witnesses = mem_strdup(item->witnesses);
    copy->excluded = mem_strdup(item->excluded);
    copy->allowed = mem_strdup(item->allowed);
    copy->character = mem_strdup(item->character);
    copy->conversation = mem_strdup(item->conversation);
    l->n++;
    l->unread = l->unread || item->class < 0;
    return !copy->text || !copy->witnesses || !copy->excluded || !copy->allowed || !copy->character ||
           !copy->conversation || l->n == sizeof(l->items) / sizeof(*l->items);
}

static void looking_free(struct looking *l)
{
    for (size_t i = 0; i < l->n; i++) {
        mem_free((char *)(uintptr_t)l->items[i].text);
        mem_free((char *)(uintptr_t)l->items[i].witnesses);
        mem_free((char *)(uintptr_t)l->items[i].excluded);
        mem_free((char *)(uintptr_t)l->items[i].allowed);
        mem_free((char *)(uintptr_t)l->items[i].character);
        mem_free((char *)(uintptr_t)l->items[i].conversation);
    }
    mem_free(l);
}

static void write_ids(char out[STORE_PEOPLE], const struct class_people *people)
{
    *out = '\0';
    for (size_t i = 0; i < people->n && store_people_add(out, people->ids[i]);)
        i++;
}

static bool same_mark(const struct store_memory *item, const struct store_memory_mark *mark)
{
    return item->class == mark->class && item->everyone == mark->everyone &&
           strcmp(item->excluded, mark->excluded) == 0 && strcmp(item->allowed, mark->allowed) == 0;
}

/* What everybody is called. */
static int collect_names(const anima_home *home, struct class_known **out)
{
    struct called called;
    int rc = ANIMA_OK;
    called_init(&called);
    for (size_t i = 0; i < home->n_people && !rc; i++)
        rc = called_add(&called, home->people[i]->name, home->people[i]->id);
    if (!rc)
        rc = called_settle(&called);
    struct class_name *names = rc ? NULL : mem_alloc((called.n + 1) * sizeof(*names));
    for (size_t i = 0; i < called.n && names; i++)
        names[i] = (struct class_name){ called.texts[i], called.people[i], !called.list[i].name };
    rc = names ? class_known_create(names, called.n, out) : ANIMA_E_NOMEM;
    mem_free(names);
    called_finish(&called);
    return rc;
}

static int read_turns(struct looking *l, struct class_turn *turns, struct class_mark *marks)
{
    struct class_known *known = NULL;
    int rc = collect_names(l->all->home, &known);
    for (size_t i = 0; i < l->n && !rc; i++) {
        size_t len = strlen(l->items[i].text);
        turns[i] = (struct class_turn){ .text = l->items[i].text, .n = len < MAX_TEXT ? len : MAX_TEXT };
        rc = class_read(l->all->classifier, turns[i].text, turns[i].n, !l->items[i].speaker, known, &turns[i].found);
        marks[i] = (struct class_mark){ .class = turns[i].found.class };
    }
    class_known_destroy(known);
    return rc;
}

/* Of several people in a conversation each one's silence reaches over the turns; the strictest word counts, whoever spoke first. */
static int look_at(struct looking *l, struct class_mark *marks)
{
    struct class_turn turns[AT_ONCE + BEFORE];
    struct class_mark of_one[AT_ONCE + BEFORE];
    struct class_mark of_others[AT_ONCE + BEFORE] = { { .class = MEMORY_KNOWLEDGE } };
    int rc = read_turns(l, turns, marks);
    for (size_t k = 0; k < l->n && !rc; k++) {
        bool first = l->items[k].speaker != 0;
        for (size_t j = 0; j < k; j++)
            first = first && l->items[j].speaker != l->items[k].speaker;
        if (!first)
            continue;
        for (size_t i = 0; i < l->n; i++)
            turns[i].speaker = l->items[i].speaker == l->items[k].speaker;
        rc = class_scope(l->all->classifier, turns, l->n, of_one);
        for (size_t i = 0; i < l->n && !rc; i++)
            if (turns[i].speaker)
                marks[i] = of_one[i];
            else if (of_one[i].class > turns[i].found.class && of_one[i].class > of_others[i].class)
                of_others[i] = of_one[i];
    }
    for (size_t i = 0; i < l->n && !rc; i++)
        if (of_others[i].class > marks[i].class)
            marks[i] = of_others[i];
    return rc;
}

static int mark_again(void *ctx, const struct store_memory *item)
{
    struct memories *all = ctx;
    struct mind *m = memories_mind(all, item->character);
    if (m && !m->behind) /* out of memory: a number that nobody has, and nobody is told */
        index_audience(&m->index, item->id, memories_audience_of(m, item));
    return 0;
}

/* What was read from the store while the classes were on their way has those from before. */
static void on_marked(void *ctx, int rc, const anima_error *err)
{
    struct memories *all = ctx;
    if (rc)
        log_warn("agent", "what was said stays a secret of those who heard it: %s", err->message);
    for (size_t i = 0; i < all->n_marked && !rc; i++)
        store_memory_get(all->home->store, all->marked[i], mark_again, all, NULL);
    all->writing = false;
    memories_resume(all);
}

static struct store_fact store_fact_of(const struct fact *f, int64_t memory, int place)
{
    struct store_fact out = { .memory = memory,
                              .place = place,
                              .confidence = (double)f->confidence,
                              .change = f->change,
                              .ends = f->ends,
                              .since_ms = f->since_ms,
                              .day_ms = f->day_ms,
                              .was_ms = f->was_ms };
    snprintf(out.about, sizeof(out.about), "%s", fact_names[f->about]);
    snprintf(out.whose, sizeof(out.whose), "%s", f->whose);
    snprintf(out.topic, sizeof(out.topic), "%s", f->topic);
    snprintf(out.value, sizeof(out.value), "%s", f->value);
    return out;
}

/* The facts that people stated in turns that are looked at for the first time. mem_free it; NULL: there are none. */
static struct store_fact *read_facts(const struct looking *l, size_t *n)
{
    struct store_fact *list = NULL;
    struct fact found[FACTS_MOST];
    size_t max = 0;
    *n = 0;
    for (size_t i = 0; i < l->n; i++) {
        const struct store_memory *item = &l->items[i];
        const struct when_anchor said = { item->at_ms, clock_offset_min(item->at_ms) };
        size_t k = item->class >= 0 || !item->speaker
                       ? 0
                       : facts_read(l->all->facts, l->all->words, item->text, strlen(item->text), said, found);
        for (size_t j = 0; j < k; j++) {
            struct store_fact *grown = mem_grow(list, *n, &max, sizeof(*grown));
            if (!grown)
                return list;
            list = grown;
            list[(*n)++] = store_fact_of(&found[j], item->id, (int)j);
        }
    }
    return list;
}

/* What is known of them now, also in the index. */
static void keep_marks(struct looking *l, const struct class_mark *marks)
{
    struct store_memory_mark changed[AT_ONCE + BEFORE];
    size_t n = 0;
    anima_error err;
    const char *own = "";
    for (size_t i = 0; i < l->n; i++)
        own = l->items[i].class < 0 ? l->items[i].conversation : own;
    for (size_t i = 0; i < l->n; i++) {
        struct store_memory *item = &l->items[i];
        struct store_memory_mark mark = { .id = item->id, .class = (int)marks[i].class, .everyone = marks[i].everyone };
        write_ids(mark.excluded, &marks[i].excluded);
        write_ids(mark.allowed, &marks[i].allowed);
        /* What was looked at in front of it does not become less of a secret because the window begins here. */
        bool looser = item->class >= 0 && mark.class < item->class && !marks[i].everyone && !marks[i].allowed.n;
        /* Of the conversation that a fork is of what was said behind it there is not seen: what came of that stands. */
        bool known = strcmp(item->conversation, own) != 0 &&
                     (item->everyone || (mark.class <= item->class && !marks[i].everyone && !marks[i].allowed.n));
        if (looser || known || same_mark(item, &mark))
            continue;
        l->all->marked[n] = item->id;
        changed[n++] = mark;
        struct store_memory now = *item;
        now.class = mark.class;
        now.everyone = mark.everyone;
        now.excluded = mark.excluded;
        now.allowed = mark.allowed;
        mark_again(l->all, &now);
    }
    l->all->n_marked = n;
    l->all->writing = n > 0;
    size_t n_facts;
    struct store_fact *facts = read_facts(l, &n_facts);
    if (n && store_memory_marks(l->all->home->store, changed, n, facts, n_facts, on_marked, l->all, &err))
        on_marked(l->all, err.code, &err);
    mem_free(facts);
}

bool memories_classify(struct memories *all)
{
    struct class_mark marks[AT_ONCE + BEFORE];
    struct looking *l = mem_zero(1, sizeof(*l));
    if (!l)
        return false;
    l->all = all;
    int rc = store_memory_unread(all->home->store, BEFORE, AT_ONCE + BEFORE, take, l, NULL);
    bool found = !rc && l->unread && !look_at(l, marks);
    if (found)
        keep_marks(l, marks);
    looking_free(l);
    return found;
}
