/* memories_door.c — what is remembered, shown to people: searched, asked for, what a reply was told, how far it is. Loop thread. */
#include "agent/memories_private.h"
#include "agent/recollection.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "memory/fts.h"

#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 512 /* bytes of a search */
#define MAX_ASKED_TEXT 4096
#define MAX_ASKED 8 /* under way at the same time */
#define MATCH_MAX 65536
#define ANSWER_ARENA (8u << 20)

/* ---- an item as people see it ---- */

const char *memories_class_name(int class)
{
    static const char *const names[] = { "knowledge", "personal", "secret" };
    return class < 0 ? "unread" : class > MEMORY_SECRET ? "secret" : names[class];
}

anima_memory memories_describe(const anima_home *home, const struct store_memory *item, const char **names)
{
    size_t n = 0;
    const char *at = item->witnesses;
    for (int64_t id; n < MEMORIES_WITNESSES && (id = store_people_next(&at));)
        names[n++] = home_person_name(home, id);
    return (anima_memory){ .id = item->id,
                           .conversation = item->conversation,
                           .seq = item->seq,
                           .character = item->character,
                           .person_name = item->speaker ? home_person_name(home, item->speaker) : "",
                           .at_ms = item->at_ms,
                           .text = item->text,
                           .kind = memories_class_name(item->class),
                           .pinned = item->pinned,
                           .witnesses = names,
                           .n_witnesses = n };
}

struct showing {
    anima_home *home;
    anima_memory_cb *cb;
    void *ctx;
    const char *names[MEMORIES_WITNESSES];
};

static int show(void *ctx, const struct store_memory *item)
{
    struct showing *s = ctx;
    const anima_memory memory = memories_describe(s->home, item, s->names);
    return s->cb(s->ctx, &memory);
}

/* ---- by words ---- */

/* A home for looking only has no words of its own. */
static int match_of(anima_home *home, const char *typed, struct buf *out, anima_error *err)
{
    struct words *words = home->memories ? memories_words(home->memories) : NULL, *own = NULL;
    size_t phrases = 0;
    int rc = words ? ANIMA_OK : words_create(&own, err);
    if (!rc)
        rc = fts_match(words ? words : own, typed, strlen(typed), FTS_ALL, out, &phrases, err);
    words_free(own);
    return rc || phrases ? rc : err_set(err, ANIMA_E_INVALID, "what shall be looked for?");
}

int anima_memory_search(anima_home *home, const char *character, const char *words, int limit, anima_memory_cb *cb,
                        void *ctx, anima_error *err)
{
    struct buf match;
    struct showing s = { .home = home, .cb = cb, .ctx = ctx };
    size_t n = strlen(words);
    if (limit < 1 || limit > 200)
        return err_set(err, ANIMA_E_INVALID, "limit is 1 to 200, not %d", limit);
    if (n > MAX_WORDS || !utf8_valid(words, n))
        return err_set(err, ANIMA_E_INVALID, "a search has at most %d bytes of UTF-8", MAX_WORDS);
    buf_init(&match, MATCH_MAX);
    int rc = match_of(home, words, &match, err);
    if (!rc)
        rc = store_memory_search(home->store, character, buf_str(&match), limit, show, &s, err);
    buf_finish(&match);
    return rc;
}

/* ---- what a reply was told ---- */

static int show_told(void *ctx, const struct store_memory *item, double score, bool changed)
{
    struct showing *s = ctx;
    anima_memory memory = memories_describe(s->home, item, s->names);
    memory.score = score;
    memory.changed = changed;
    return s->cb(s->ctx, &memory);
}

static int is_there(void *ctx, const anima_turn *turn)
{
    int64_t *seq = ctx;
    *seq = turn->seq == *seq ? 0 : *seq;
    return 1;
}

int anima_memory_told(anima_home *home, const char *conversation, int64_t seq, anima_memory_cb *cb, void *ctx,
                      anima_error *err)
{
    anima_conversation_info info;
    struct showing s = { .home = home, .cb = cb, .ctx = ctx };
    int64_t missing = seq < 1 ? -1 : seq;
    int rc = store_conversation_get(home->store, conversation, &info, err);
    if (!rc && missing > 0)
        rc = store_turn_list(home->store, conversation, seq - 1, 1, is_there, &missing, err);
    if (!rc && missing)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is no turn %lld", (long long)seq);
    return rc ? rc : store_told_list(home->store, conversation, seq, show_told, &s, err);
}

/* ---- what would come to mind ---- */

struct asked {
    struct memories *all;
    anima_recollected *done;
    void *ctx;
    struct recollecting *recollecting;
    struct loop_timer *later; /* for the answer that nothing does */
    struct asked *next;
};

static void asked_free(struct asked *a)
{
    struct asked **p = &a->all->asked;
    while (*p && *p != a)
        p = &(*p)->next;
    if (*p)
        *p = a->next;
    recollection_abandon(a->recollecting);
    loop_timer_destroy(a->later);
    mem_free(a);
}

struct answering {
    anima_home *home;
    struct arena arena;
    anima_recalled items[RECOLLECTION_MOST];
    size_t n;
    bool failed;
};

static int by_points(const void *a, const void *b)
{
    const anima_memory_reason *x = a, *y = b;
    return (x->points < y->points) - (x->points > y->points);
}

static const anima_memory_reason *reasons_of(struct arena *arena, const float features[RECALL_FEATURES], size_t *n)
{
    anima_memory_reason *list = arena_alloc(arena, RECALL_FEATURES * sizeof(*list));
    *n = 0;
    for (size_t i = 0; list && i < RECALL_FEATURES; i++) {
        double points = (double)features[i] * (double)recall_weights[i];
        if (points > 0)
            list[(*n)++] = (anima_memory_reason){ recall_feature_names[i], recall_feature_about[i], points };
    }
    if (list)
        qsort(list, *n, sizeof(*list), by_points);
    return list;
}

/* Into the arena: several are shown at once. */
static int keep(void *ctx, const struct store_memory *item)
{
    struct answering *a = ctx;
    const char **names = arena_alloc(&a->arena, MEMORIES_WITNESSES * sizeof(*names));
    anima_memory *m = &a->items[a->n].memory;
    if (!names)
        return 1;
    *m = memories_describe(a->home, item, names);
    m->conversation = arena_strdup(&a->arena, m->conversation);
    m->character = arena_strdup(&a->arena, m->character);
    m->text = arena_strdup(&a->arena, m->text);
    return 0;
}

static int keep_all(struct answering *a, const struct recollection *found, anima_error *err)
{
    size_t worth = recollection_worth(found);
    for (size_t i = 0; i < found->n; i++) {
        anima_recalled *to = &a->items[a->n];
        const struct recollected *from = &found->items[i];
        *to = (anima_recalled){ .before = from->before ? from->before : "", .told = i < worth };
        int rc = store_memory_get(a->home->store, from->id, keep, a, err);
        if (rc)
            return rc;
        if (!to->memory.id)
            continue; /* it went meanwhile, */
        to->memory.score = (double)from->score;
        to->reasons = reasons_of(&a->arena, from->features, &to->n_reasons);
        if (!to->memory.conversation || !to->memory.character || !to->memory.text || !to->reasons)
            return err_set(err, ANIMA_E_NOMEM, "out of memory for what comes to mind");
        a->n++;
    }
    return ANIMA_OK;
}

/* Tells whoever asked; found NULL: nothing comes. */
static void answer(struct asked *asked, const struct recollection *found)
{
    anima_error err = { 0 };
    struct answering a = { .home = asked->all->home };
    arena_init(&a.arena, ANSWER_ARENA);
    int rc = found ? keep_all(&a, found, &err) : ANIMA_OK;
    const anima_recollection all = {
        .items = a.items, .n = a.n, .about = found && !found->none, .by_meaning = found && found->by_meaning
    };
    asked->done(asked->ctx, rc, &err, rc ? NULL : &all);
    arena_finish(&a.arena);
    asked_free(asked);
}

static void on_nothing(void *ctx) { answer(ctx, NULL); }

static void on_recollected(void *ctx, struct recollection *found)
{
    struct asked *asked = ctx;
    asked->recollecting = NULL;
    answer(asked, found);
    recollection_free(found);
}

void memories_end_asked(struct memories *all)
{
    anima_error err;
    err_set(&err, ANIMA_E_CANCELLED, "the home is being closed");
    while (all->asked) {
        all->asked->done(all->asked->ctx, err.code, &err, NULL);
        asked_free(all->asked);
    }
}

static int ask(struct memories *all, const struct recollection_question *question, anima_recollected *done, void *ctx,
               anima_error *err)
{
    size_t n = 0;
    for (const struct asked *a = all->asked; a; a = a->next)
        n++;
    if (n >= MAX_ASKED)
        return err_set(err, ANIMA_E_BUSY, "%d questions are under way already", MAX_ASKED);
    struct asked *a = mem_zero(1, sizeof(*a));
    if (!a)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the question");
    *a = (struct asked){ .all = all, .done = done, .ctx = ctx };
    int rc = loop_timer_create(all->home->loop, on_nothing, a, &a->later, err);
    if (rc) {
        mem_free(a);
        return rc;
    }
    a->next = all->asked;
    all->asked = a;
    if (!recollection_begin(all, question, on_recollected, a, &a->recollecting))
        loop_timer_start(a->later, 0);
    return ANIMA_OK;
}

int anima_memory_recall(anima_home *home, const char *character, const char *person, const char *text,
                        anima_recollected *done, void *ctx, anima_error *err)
{
    size_t n = strlen(text);
    if (!home->memories)
        return home_looked_at_only(err);
    if (!n || n > MAX_ASKED_TEXT || !utf8_valid(text, n))
        return err_set(err, ANIMA_E_INVALID, "what is said is UTF-8 text of 1 to %d bytes", MAX_ASKED_TEXT);
    if (!anima_character_find(home, character))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    const anima_person *who;
    if (home_person_known(home, person, &who, err))
        return ANIMA_E_NOT_FOUND;
    const struct recollection_question question = {
        .character = character, .message = text, .conversation = "", .people = &who->id, .n_people = 1, .waits = true
    };
    return ask(home->memories, &question, done, ctx, err);
}

/* ---- how far it is ---- */

int anima_memory_status(anima_home *home, anima_memory_state *out, anima_error *err)
{
    *out = (anima_memory_state){ .model = settings_get(home->settings, "embed.model"),
                                 .reading = home->memories ? (int64_t)memories_behind(home->memories) : 0 };
    int rc = store_memory_waits(home->store, &out->due, &out->without_vector, err);
    return rc ? rc : store_memory_count(home->store, &out->turns, &out->unread, err);
}

static int begun(struct op *op, anima_error *err)
{
    (void)err;
    memories_notice(op->home->memories);
    return ANIMA_OK;
}

int anima_memory_anew(anima_home *home, anima_done *done, void *ctx, anima_error *err)
{
    struct op *op;
    if (home->read_only)
        return home_looked_at_only(err);
    int rc = op_new(home, NULL, done, ctx, &op, err);
    if (rc)
        return rc;
    op->end = begun;
    return op_queued(op, store_memory_anew(home->store, op_written, op, err));
}
