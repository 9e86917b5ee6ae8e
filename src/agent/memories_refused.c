/* memories_refused.c — what was near a message and its reply was not told, and why: everything is measured once more, whoever may hear it, and
 * of the nearest what stays is looked at. It is reckoned with the classes, rules and pins as they are now, in one ranking of all that there
 * is; what was told had a ranking of what may be told, so the numbers differ. Nothing of it gets anywhere near a prompt: for the home's owner
 * only, when they ask. Loop thread. */
#include "agent/memories_private.h"
#include "agent/recollection.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define BEHIND 500 /* turns in front of a reply that are looked at */
#define MAX_PEOPLE 64
#define MOST_FAR 2   /* of those that may be told, but are too far */
#define MAX_AUDITS 8 /* under way at the same time */
#define ANSWER_ARENA (8u << 20)

/* ---- looking ---- */

struct taking {
    struct recollected *to;
    int64_t before_ms;
};

static int take_text(void *ctx, const struct store_memory *item)
{
    struct taking *t = ctx;
    if (item->at_ms >= t->before_ms)
        return 1;
    t->to->text = mem_strdup(item->text);
    t->to->seq = item->seq;
    t->to->speaker = item->speaker;
    t->to->at_ms = item->at_ms;
    snprintf(t->to->conversation, sizeof(t->to->conversation), "%s", item->conversation);
    return 0;
}

void recollection_look_at_refused(struct memories *all, const struct recollection_question *q,
                                  const struct memory_index *index, struct recollection *found)
{
    struct recall_hit hits[RECALL_MOST];
    size_t n = recall_best(memories_recall(all), RECALL_MOST, hits);
    size_t looked = 0, far = 0;
    float best = 0;
    for (size_t i = 0; i < n && found->n < RECOLLECTION_MOST; i++) {
        struct recollected *to = &found->items[found->n];
        struct taking t = { to, q->audit_ms };
        *to = (struct recollected){ .id = hits[i].id, .score = hits[i].score, .faded = hits[i].faded };
        store_memory_get(memories_home(all)->store, hits[i].id, take_text, &t, NULL);
        if (!to->text)
            continue;
        best = looked++ ? best : hits[i].score + hits[i].faded;
        bool near = hits[i].score + hits[i].faded >= best - RECOLLECTION_WITHIN;
        to->far = found->none || hits[i].score < best - RECOLLECTION_WITHIN;
        to->refused = memories_refusal(all, q->character, index->links[hits[i].place].audience, q->people, q->n_people);
        bool open = to->refused.reason == VISIBLE;
        if (open ? to->far && far++ >= MOST_FAR : !near) /* what is far is shown as an example only */
            mem_free(to->text);
        else
            found->n++;
    }
}

/* ---- the door ---- */

struct audit {
    anima_home *home;
    anima_refusal *done;
    void *ctx;
    char conversation[24];
    int64_t seq;
    struct recollecting *recollecting;
    struct loop_timer *later; /* for the answer that there is nothing */
    struct audit *next;
    /* the reply, and what was said to it */
    char *message;
    int64_t people[MAX_PEOPLE], asker, at_ms;
    size_t n_people;
    bool found;
};

static void audit_free(struct audit *a)
{
    struct audit **p = &a->home->memories->audits;
    while (*p && *p != a)
        p = &(*p)->next;
    if (*p)
        *p = a->next;
    recollection_abandon(a->recollecting);
    loop_timer_destroy(a->later);
    mem_free(a->message);
    mem_free(a);
}

struct answering {
    struct audit *audit;
    struct arena arena;
    anima_refused items[RECOLLECTION_MOST];
    size_t n;
    int64_t told[STORE_TOLD];
    size_t n_told;
};

static int take_told(void *ctx, const struct store_memory *item, double score, bool changed)
{
    struct answering *a = ctx;
    (void)score;
    (void)changed;
    if (a->n_told < STORE_TOLD)
        a->told[a->n_told++] = item->id;
    return 0;
}

static int keep(void *ctx, const struct store_memory *item)
{
    struct answering *a = ctx;
    const char **names = arena_alloc(&a->arena, MEMORIES_WITNESSES * sizeof(*names));
    anima_memory *m = &a->items[a->n].memory;
    if (!names)
        return 1;
    *m = memories_describe(a->audit->home, item, names);
    m->conversation = arena_strdup(&a->arena, m->conversation);
    m->character = arena_strdup(&a->arena, m->character);
    m->text = arena_strdup(&a->arena, m->text);
    return !m->conversation || !m->character || !m->text;
}

/* Whoever may not be told comes first: how far it is does not matter then. */
static void say_why(const anima_home *home, const struct recollected *item, anima_refused *to)
{
    static const char *const names[VISIBLE_REASONS] = { "far", "not_asked", "rule", "secret", "excluded" };
    enum visible_reason reason = item->refused.reason;
    bool faded = reason == VISIBLE && item->far && item->faded > 0;
    to->reason = faded ? "faded" : names[reason];
    to->person_name = item->refused.person ? home_person_name(home, item->refused.person) : "";
    to->why_en = reason != VISIBLE ? visible_reason_text(reason, "en")
                 : faded           ? "it was not recalled for long, and has faded"
                 : item->far       ? "too far from what was said to be worth telling"
                                   : "there was no room for it";
    to->why_zh = reason != VISIBLE ? visible_reason_text(reason, "zh")
                 : faded           ? "太久没有想起，已经淡了"
                 : item->far       ? "离这句话太远，不值得说"
                                   : "放不下了";
}

static bool was_told(const struct answering *a, int64_t id)
{
    for (size_t i = 0; i < a->n_told; i++)
        if (a->told[i] == id)
            return true;
    return false;
}

static int keep_all(struct answering *a, const struct recollection *found, anima_error *err)
{
    const struct audit *audit = a->audit;
    int rc = store_told_list(audit->home->store, audit->conversation, audit->seq, take_told, a, err);
    for (size_t i = 0; found && i < found->n && !rc; i++) {
        const struct recollected *item = &found->items[i];
        if (was_told(a, item->id))
            continue;
        a->items[a->n] = (anima_refused){ .memory = { .id = 0 } };
        rc = store_memory_get(audit->home->store, item->id, keep, a, err);
        if (rc || !a->items[a->n].memory.id || !a->items[a->n].memory.text)
            continue;
        a->items[a->n].memory.score = (double)item->score;
        say_why(audit->home, item, &a->items[a->n]);
        a->n++;
    }
    return rc;
}

static void answer(struct audit *audit, const struct recollection *found)
{
    struct answering a = { .audit = audit };
    anima_error err = { 0 };
    arena_init(&a.arena, ANSWER_ARENA);
    int rc = keep_all(&a, found, &err);
    const anima_refusals all = { a.items, a.n, found && found->by_meaning };
    audit->done(audit->ctx, rc, &err, rc ? NULL : &all);
    arena_finish(&a.arena);
    audit_free(audit);
}

static void on_nothing(void *ctx) { answer(ctx, NULL); }

static void on_recollected(void *ctx, struct recollection *found)
{
    struct audit *a = ctx;
    a->recollecting = NULL;
    answer(a, found);
    recollection_free(found);
}

void memories_end_audits(struct memories *all)
{
    anima_error err;
    err_set(&err, ANIMA_E_CANCELLED, "the home is being closed");
    while (all->audits) {
        all->audits->done(all->audits->ctx, err.code, &err, NULL);
        audit_free(all->audits);
    }
}

/* Whoever had spoken there by then, the one who is answered first; what they said last. */
static int take_turn(void *ctx, const anima_turn *turn)
{
    struct audit *a = ctx;
    if (turn->seq >= a->seq) {
        a->found = turn->seq == a->seq && turn->role == ANIMA_ROLE_CHARACTER;
        a->at_ms = turn->created_ms;
        return 1;
    }
    if (turn->role != ANIMA_ROLE_PERSON || !*turn->text)
        return 0;
    mem_free(a->message);
    a->message = mem_strdup(turn->text);
    a->asker = turn->person;
    for (size_t i = 0; i < a->n_people; i++)
        if (a->people[i] == turn->person)
            return 0;
    if (a->n_people < MAX_PEOPLE)
        a->people[a->n_people++] = turn->person;
    return 0;
}

static int read_reply(struct audit *a, anima_error *err)
{
    int64_t after = a->seq > BEHIND ? a->seq - BEHIND : 0;
    int rc = store_turn_list(a->home->store, a->conversation, after, BEHIND, take_turn, a, err);
    if (!rc && (!a->found || !a->n_people || !a->message))
        rc = err_set(err, ANIMA_E_NOT_FOUND, "turn %lld answers nothing", (long long)a->seq);
    for (size_t i = 0; !rc && i < a->n_people; i++)
        if (a->people[i] == a->asker) {
            a->people[i] = a->people[0];
            a->people[0] = a->asker;
        }
    return rc;
}

int anima_memory_refused(anima_home *home, const char *conversation, int64_t seq, anima_refusal *done, void *ctx,
                         anima_error *err)
{
    anima_conversation_info info;
    if (!home->memories)
        return home_looked_at_only(err);
    size_t n = 0;
    for (const struct audit *other = home->memories->audits; other; other = other->next)
        n++;
    if (n >= MAX_AUDITS)
        return err_set(err, ANIMA_E_BUSY, "%d questions are under way already", MAX_AUDITS);
    int rc = store_conversation_get(home->store, conversation, &info, err);
    struct audit *a = rc ? NULL : mem_zero(1, sizeof(*a));
    if (!a)
        return rc ? rc : err_set(err, ANIMA_E_NOMEM, "out of memory for the question");
    *a = (struct audit){ .home = home, .done = done, .ctx = ctx, .seq = seq };
    snprintf(a->conversation, sizeof(a->conversation), "%s", info.id);
    rc = read_reply(a, err);
    if (!rc)
        rc = loop_timer_create(home->loop, on_nothing, a, &a->later, err);
    if (rc) {
        audit_free(a);
        return rc;
    }
    a->next = home->memories->audits;
    home->memories->audits = a;
    const struct recollection_question q = { .character = info.character,
                                             .message = a->message,
                                             .conversation = a->conversation,
                                             .people = a->people,
                                             .n_people = a->n_people,
                                             .waits = true,
                                             .audit_ms = a->at_ms };
    if (!recollection_begin(home->memories, &q, on_recollected, a, &a->recollecting))
        loop_timer_start(a->later, 0);
    return ANIMA_OK;
}
