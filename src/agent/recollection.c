#include "agent/recollection.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "memory/called.h"

#include <stdio.h>
#include <string.h>

#define PATIENCE_MS 400 /* for the message's meaning, and for what is remembered to be read */
#define LOOKED 12       /* items, of which some may be gone */
#define MAX_PEOPLE 64
#define BESIDE_OF 3    /* hits */
#define BESIDE_STEPS 6 /* turns that are looked at */
#define BESIDE_BEHIND 2
#define SHORT_TEXT 40 /* bytes: what was said before it tells what it means */

struct recollecting {
    struct memories *all;
    anima_home *home;
    recollection_done *done;
    void *ctx;
    struct engine_job *job;
    struct loop_timer *patience;
    struct memories_waiter waiter;
    bool waits;
    int8_t row[STORE_VECTOR]; /* what the message means; factor 0: not known */
    float factor;
    char *character, *message, *conversation, *parent;
    int64_t shown_from, parent_seq;
    int64_t people[MAX_PEOPLE];
    size_t n_people;
    bool first, back;
    int64_t audit_ms;
};

void recollected_finish(struct recollected *item)
{
    mem_free(item->text);
    mem_free(item->before);
}

void recollection_free(struct recollection *r)
{
    for (size_t i = 0; r && i < r->n; i++)
        recollected_finish(&r->items[i]);
    for (size_t i = 0; r && i < r->n_beside; i++)
        recollected_finish(&r->beside[i]);
    if (r) {
        documents_found_finish(&r->documents);
        mem_free(r->source);
    }
    mem_free(r);
}

size_t recollection_worth(const struct recollection *r)
{
    size_t n = 0;
    bool own = r->how != PAST_NOT && r->how != PAST_OTHER;
    if ((r->none && !own) || !r->about.n_terms || r->about.common)
        return 0;
    while (n < r->n && n < RECOLLECTION_TOLD && r->items[n].score >= r->items[0].score - RECOLLECTION_WITHIN)
        n++;
    return n;
}

static void destroy(struct recollecting *r)
{
    memories_unawait(r->all, &r->waiter);
    loop_timer_destroy(r->patience);
    mem_free(r->character);
    mem_free(r->message);
    mem_free(r->conversation);
    mem_free(r->parent);
    mem_free(r);
}

/* ---- looking ---- */

/* What everybody is called; "I" is the one who asks, "you" the character. */
static int collect_names(const struct recollecting *r, struct called *names)
{
    static const char *const first[] = { "i", "my", "me", "mine", "我" }, *const second[] = { "you", "your", "你" };
    int rc = ANIMA_OK;
    for (size_t i = 0; i < sizeof(first) / sizeof(*first) && !rc; i++)
        rc = called_add_plain(names, first[i], r->people[0]);
    for (size_t i = 0; i < sizeof(second) / sizeof(*second) && !rc; i++)
        rc = called_add_plain(names, second[i], 0);
    for (size_t i = 0; i < r->home->n_people && !rc; i++)
        rc = called_add(names, r->home->people[i]->name, r->home->people[i]->id);
    const struct character *who = cast_find(&r->home->cast, r->character);
    if (who && !rc)
        rc = called_add(names, character_called(who), 0);
    return rc ? rc : called_settle(names);
}

static int take_text(void *ctx, const struct store_memory *item)
{
    struct recollected *out = ctx;
    out->text = mem_strdup(item->text);
    out->seq = item->seq;
    out->speaker = item->speaker;
    out->at_ms = item->at_ms;
    snprintf(out->conversation, sizeof(out->conversation), "%s", item->conversation);
    return 0;
}

static int take_before(void *ctx, const struct store_memory *item)
{
    struct recollected *out = ctx;
    out->before = mem_strdup(item->text);
    out->before_seq = item->seq;
    return 0;
}

/* The text of one that was found; false: it is gone. */
static bool take(struct recollecting *r, const struct memory_index *index, const struct recall_hit *hit,
                 struct recollected *out)
{
    *out = (struct recollected){ .id = hit->id, .score = hit->score, .faded = hit->faded };
    memcpy(out->features, hit->features, sizeof(out->features));
    store_memory_get(r->home->store, hit->id, take_text, out, NULL);
    if (!out->text)
        return false;
    const struct index_link *link = &index->links[hit->place];
    if (strlen(out->text) < SHORT_TEXT && link->flags & ITEM_AFTER && link->before != INDEX_NONE &&
        recall_open(memories_recall(r->all), link->before))
        store_memory_get(r->home->store, index->items[link->before].id, take_before, out, NULL);
    return true;
}

/* ---- what was said next to it ---- */

/* It is told anyway. */
static bool is_there(const struct recollection *found, int64_t id)
{
    bool there = false;
    size_t worth = recollection_worth(found);
    for (size_t i = 0; i < worth && !there; i++)
        there = found->items[i].id == id;
    for (size_t i = 0; i < found->n_beside && !there; i++)
        there = found->beside[i].id == id;
    return there;
}

/* The first `n` turns of people behind (or in front of) a turn of the same session, among the few next ones. An answer is often one of them:
 * "I twisted my ankle" – "Which one?" – "The left". */
static void take_beside(struct recollecting *r, const struct memory_index *index, const struct recollected *hit,
                        bool behind, size_t n, struct recollection *found)
{
    uint32_t place = index_find(index, hit->id);
    for (int steps = 0; steps < BESIDE_STEPS && place != INDEX_NONE && n && found->n_beside < RECOLLECTION_BESIDE;
         steps++) {
        place = behind ? index->links[place].after : index->links[place].before;
        const struct index_item *item = place != INDEX_NONE ? &index->items[place] : NULL;
        if (!item || !item->speaker || !recall_open(memories_recall(r->all), place) || is_there(found, item->id))
            continue;
        const struct recall_hit next = { .id = item->id, .place = place, .score = hit->score };
        found->n_beside += take(r, index, &next, &found->beside[found->n_beside]);
        n--;
    }
}

/* What follows is told before what went in front. */
static void look_beside(struct recollecting *r, const struct memory_index *index, struct recollection *found)
{
    size_t worth = recollection_worth(found), n = worth < BESIDE_OF ? worth : BESIDE_OF;
    for (size_t i = 0; i < n; i++)
        take_beside(r, index, &found->items[i], true, BESIDE_BEHIND, found);
    for (size_t i = 0; i < n; i++)
        take_beside(r, index, &found->items[i], false, 1, found);
}

bool recollection_in_sight(const struct recollection_question *q, const char *conversation, int64_t seq)
{
    bool forked = q->parent && strcmp(conversation, q->parent) == 0 && seq <= q->parent_seq;
    return seq >= q->shown_from && (forked || strcmp(conversation, q->conversation) == 0);
}

static struct recollection_question question_of(const struct recollecting *r)
{
    return (struct recollection_question){ .character = r->character,
                                           .message = r->message,
                                           .conversation = r->conversation,
                                           .shown_from = r->shown_from,
                                           .parent = r->parent,
                                           .parent_seq = r->parent_seq,
                                           .people = r->people,
                                           .n_people = r->n_people,
                                           .first = r->first,
                                           .back = r->back,
                                           .audit_ms = r->audit_ms };
}

static int look_with(struct recollecting *r, const struct memory_index *index, const struct called *names,
                     struct recollection *found, anima_error *err)
{
    struct recall_hit hits[LOOKED];
    size_t n_audiences;
    int64_t now = clock_wall_ms(), shown_from = 0, parent_from = 0, parent_to = 0;
    int rc = *r->conversation ? store_memory_first(r->home->store, r->conversation, r->shown_from, &shown_from, err)
                              : ANIMA_OK;
    if (!rc && *r->parent && r->shown_from <= r->parent_seq)
        rc = store_memory_first(r->home->store, r->parent, r->shown_from, &parent_from, err);
    if (!rc && parent_from)
        rc = store_memory_first(r->home->store, r->parent, r->parent_seq + 1, &parent_to, err);
    if (rc)
        return rc;
    struct recall_query q = { .text = r->message,
                              .n = strlen(r->message),
                              .vector = r->factor != 0 ? r->row : NULL,
                              .factor = r->factor,
                              .now = { now, clock_offset_min(now) },
                              .names = names->texts,
                              .people = names->people,
                              .n_names = names->n,
                              .asker = r->people[0],
                              .audiences = memories_audiences(r->all, r->character, r->people, r->n_people,
                                                              &n_audiences),
                              .n_audiences = n_audiences,
                              .shown_conversation = memories_conversation(r->conversation),
                              .shown_from = shown_from,
                              .shown_parent = memories_conversation(r->parent),
                              .shown_parent_from = parent_from,
                              .shown_parent_to = parent_to,
                              .fades = strcmp(settings_get(r->home->settings, "memory.fade"), "on") == 0 };
    if (!q.audiences)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for what is remembered");
    if (r->audit_ms)
        q.audiences = NULL; /* all of it is measured, and nothing is told */
    struct recall *recall = memories_recall(r->all);
    rc = recall_measure(recall, memories_words(r->all), index, &q, err);
    if (rc)
        return rc;
    found->by_meaning = r->factor != 0;
    found->about = recall_about(recall);
    found->none = !recall_is_about(&found->about);
    const struct recollection_question question = question_of(r);
    if (r->audit_ms) {
        recollection_look_at_refused(r->all, &question, index, found);
        return ANIMA_OK;
    }
    size_t n = recall_best(recall, LOOKED, hits);
    for (size_t i = 0; i < n && found->n < RECOLLECTION_MOST; i++)
        found->n += take(r, index, &hits[i], &found->items[found->n]);
    if (found->asks)
        look_beside(r, index, found);
    rc = recollection_look_up(r->all, &question, now, found, err);
    return rc || !(r->first || r->back) ? rc : recollection_lately(r->all, &question, now, found, err);
}

static int look(struct recollecting *r, const struct memory_index *index, struct recollection *found, anima_error *err)
{
    struct called names;
    called_init(&names);
    int rc = collect_names(r, &names) ? err_set(err, ANIMA_E_NOMEM, "out of memory for the names of people")
                                      : look_with(r, index, &names, found, err);
    called_finish(&names);
    return rc;
}

/* What stands in documents is no memory: it has a place of its own in what is found. */
static void look_in_documents(struct recollecting *r, struct recollection *found)
{
    anima_error err;
    const struct documents_question q = { .character = r->character,
                                          .message = r->message,
                                          .row = r->factor != 0 ? r->row : NULL,
                                          .factor = r->factor,
                                          .people = r->people,
                                          .n_people = r->n_people };
    if (r->home->documents && documents_find(r->home->documents, &q, &found->documents, &err))
        log_warn("agent", "nothing is looked up in documents: %s", err.message);
}

static void finish(struct recollecting *r)
{
    anima_error err;
    const struct memory_index *index = memories_there(r->all, r->character);
    bool documents = documents_any(r->home->documents, r->character);
    struct recollection *found = index || documents ? mem_zero(1, sizeof(*found)) : NULL;
    recollection_done *done = r->done;
    void *ctx = r->ctx;
    if (!index)
        log_info("agent", "nothing comes to mind: what %s remembers is still being read", r->character);
    if (found) {
        found->none = true;
        found->how = past_asked(r->home->past, r->message);
        found->asks = found->how != PAST_NOT || strchr(r->message, '?') || strstr(r->message, "？");
        found->dated = when_asks_back(r->message, strlen(r->message));
    }
    if (found && index && index->n > index->n_gone && look(r, index, found, &err))
        log_warn("agent", "nothing comes to mind: %s", err.message);
    if (found && documents)
        look_in_documents(r, found);
    destroy(r);
    done(ctx, found);
}

/* ---- the message's meaning, and what is remembered ---- */

static void on_vectors(void *ctx, int code, const float *vectors, size_t n, size_t dim, const char *message)
{
    struct recollecting *r = ctx;
    (void)message;
    r->job = NULL;
    if (!code && n == 1 && dim == STORE_VECTOR)
        r->factor = vectors_quantise(vectors, dim, r->row);
    if (memories_there(r->all, r->character))
        finish(r);
}

static void on_patience(void *ctx)
{
    struct recollecting *r = ctx;
    if (r->job)
        engine_abandon(r->job);
    r->job = NULL;
    if (!r->waits || memories_there(r->all, r->character))
        finish(r);
}

/* Something was read; if it was this, only its meaning is still waited for. */
static void on_there(void *ctx)
{
    struct recollecting *r = ctx;
    if (!r->job && memories_there(r->all, r->character))
        loop_timer_start(r->patience, 0);
}

static struct recollecting *make(struct memories *all, const struct recollection_question *q, anima_home *home)
{
    struct recollecting *r = mem_zero(1, sizeof(*r));
    if (!r)
        return NULL;
    r->all = all;
    r->home = home;
    r->waits = q->waits;
    r->waiter = (struct memories_waiter){ .there = on_there, .ctx = r };
    r->shown_from = q->shown_from;
    r->parent_seq = q->parent_seq;
    r->first = q->first;
    r->audit_ms = q->audit_ms;
    r->back = q->back;
    r->n_people = q->n_people < MAX_PEOPLE ? q->n_people : MAX_PEOPLE;
    memcpy(r->people, q->people, r->n_people * sizeof(*r->people));
    r->character = mem_strdup(q->character);
    r->message = mem_strdup(q->message);
    r->conversation = mem_strdup(q->conversation);
    r->parent = mem_strdup(q->parent ? q->parent : "");
    if (!r->character || !r->message || !r->conversation || !r->parent ||
        loop_timer_create(home->loop, on_patience, r, &r->patience, NULL)) {
        destroy(r);
        return NULL;
    }
    return r;
}

bool recollection_begin(struct memories *all, const struct recollection_question *q, recollection_done *done, void *ctx,
                        struct recollecting **out)
{
    anima_error err = { 0 };
    *out = NULL;
    if (!all || !q->n_people)
        return false;
    const struct memory_index *index = memories_index(all, q->character, &err);
    bool something = index ? index->n > index->n_gone : err.code == ANIMA_E_BUSY;
    something = something || documents_any(memories_home(all)->documents, q->character);
    struct recollecting *r = something ? make(all, q, memories_home(all)) : NULL;
    if (!r)
        return false;
    r->done = done;
    r->ctx = ctx;
    memories_await(all, &r->waiter);
    const char *model = settings_get(r->home->settings, "embed.model"), *text = r->message;
    int rc = *model ? engine_embed(r->home->engines, model, true, &text, 1, on_vectors, r, &r->job, &err) : 1;
    loop_timer_start(r->patience, rc && index ? 0 : PATIENCE_MS);
    *out = r;
    return true;
}

void recollection_abandon(struct recollecting *r)
{
    if (!r)
        return;
    if (r->job)
        engine_abandon(r->job);
    destroy(r);
}
