#include "agent/forget.h"

#include "agent/memories.h"
#include "agent/notes.h"
#include "agent/reading.h"
#include "agent/recollection.h"
#include "agent/summary.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define AGAIN_MS 200
#define PATIENCE_US 30000000ll /* of one that waits */
#define MOST_LOOKS 8           /* what is said meanwhile is looked at, too */

struct forgetting {
    anima_home *home;
    struct forgetting *next;
    struct forget_plan *plan;
    bool look, waits;
    int looks;
    int64_t since_us;
    struct loop_timer *again;
    forget_done *done; /* NULL: nobody is told */
    void *ctx;
};

/* ---- the life of one ---- */

struct forget_plan *forget_plan_new(anima_home *home)
{
    struct forget_plan *plan = mem_zero(1, sizeof(*plan));
    size_t max = home->n_people + home->cast.n + 1;
    if (!plan)
        return NULL;
    plan->stop = &home->stop;
    plan->path = fs_join(home->path, "anima.db", (char *)NULL);
    plan->names = mem_zero(max, sizeof(*plan->names));
    bool whole = plan->path && plan->names;
    for (size_t i = 0; i < home->n_people && whole; i++)
        whole = (plan->names[plan->n_names++] = mem_strdup(home->people[i]->name)) != NULL;
    for (size_t i = 0; i < home->cast.n && whole; i++)
        whole = (plan->names[plan->n_names++] = mem_strdup(character_called(home->cast.all[i]))) != NULL;
    if (whole)
        return plan;
    forget_plan_finish(plan);
    return NULL;
}

static void destroy(struct forgetting *f)
{
    struct forgetting **p = &f->home->forgettings;
    while (*p && *p != f)
        p = &(*p)->next;
    if (*p)
        *p = f->next;
    loop_timer_destroy(f->again);
    forget_plan_finish(f->plan);
    mem_free(f);
}

static void end(struct forgetting *f, int code, const anima_error *err)
{
    if (f->done)
        f->done(f->ctx, code, err, code ? NULL : f->plan);
    destroy(f);
}

void forget_abandon(struct forgetting *f)
{
    if (f)
        f->done = NULL;
}

/* Those on another thread end when that is back. */
void forget_end_all(anima_home *home)
{
    for (struct forgetting *f = home->forgettings, *next; f; f = next) {
        next = f->next;
        loop_timer_destroy(f->again);
        f->again = NULL;
        if (f->looks < 0)
            destroy(f);
    }
}

/* ---- may it be done now? ---- */

static const anima_conversation *find_open(anima_home *home, const char *id)
{
    anima_conversation *c = conversation_find(home, id);
    return c && !c->gone ? c : NULL;
}

static bool is_asked_here(const struct forget_plan *plan, const char *id)
{
    return plan->request.seq && strcmp(plan->request.conversation, id) == 0;
}

/* A reply under way of one of these characters may be about to hear it. */
static int check_calm(struct forgetting *f, anima_error *err)
{
    const struct forget_plan *plan = f->plan;
    for (size_t i = 0; i < plan->n_scans; i++) {
        const anima_conversation *c = find_open(f->home, plan->scans[i].id);
        bool here = is_asked_here(plan, plan->scans[i].id);
        if (c && ((c->replies && !here) || c->candidates || c->removing))
            return err_set(err, ANIMA_E_BUSY,
                           "somebody is being answered in a conversation that has it: wait for the "
                           "end of the reply, or stop it, then ask again");
        const char *character = plan->scans[i].character;
        if (conversation_answers(f->home, character, plan->request.seq ? plan->request.conversation : ""))
            return err_set(err, ANIMA_E_BUSY,
                           "%s is answering somebody: wait for the end of the reply, or stop it, "
                           "then ask again",
                           character);
    }
    return ANIMA_OK;
}

/* Something was said, or changed, since it was looked at. */
static bool is_old(struct forgetting *f)
{
    const struct forget_plan *plan = f->plan;
    for (size_t i = 0; i < plan->n_scans; i++) {
        const struct forget_scan *scan = &plan->scans[i];
        int64_t changes = -1, first, last = -1;
        if (!scan->done)
            continue; /* only that with the request is none that has it */
        if (store_turn_changes(f->home->store, scan->id, 0, &changes, &first, &last, NULL) ||
            changes != scan->changes || last != scan->last)
            return true;
    }
    return false;
}

/* ---- it is done ---- */

static void drop_read(struct forgetting *f)
{
    for (size_t i = 0; i < f->plan->n_scans; i++)
        reading_forget(f->home, f->plan->scans[i].id);
}

/* What is in memory follows. */
static void follow(struct forgetting *f)
{
    anima_home *home = f->home;
    for (size_t i = 0; i < f->plan->n; i++) {
        const struct store_forgotten *place = &f->plan->items[i].place;
        anima_conversation *c;
        if (place->variant < 0)
            notes_gone_at(home, place->conversation, place->seq);
        if (anima_conversation_open(home, place->conversation, &c, NULL))
            continue;
        conversation_changed(c, place->seq);
        anima_conversation_close(c);
    }
    anima_conversation *asked;
    if (f->plan->request.seq && !anima_conversation_open(home, f->plan->request.conversation, &asked, NULL)) {
        conversation_changed(asked, f->plan->request.seq);
        anima_conversation_close(asked);
    }
    drop_read(f);
    memories_notice(home->memories);
}

static void on_forgotten(void *ctx, int code, const anima_error *err)
{
    struct forgetting *f = ctx;
    if (!code)
        follow(f);
    end(f, code, err);
}

static int count(const struct forget_plan *plan, bool replies)
{
    int n = 0;
    for (size_t i = 0; i < plan->n; i++)
        n += plan->items[i].reply == replies && plan->items[i].why != FORGET_REQUEST;
    return n;
}

/* Engines forget first: a kill behind this costs them some reading, and a kill behind the store's commit leaves nothing of it with them. */
static int forget(struct forgetting *f, anima_error *err)
{
    const struct forget_plan *plan = f->plan;
    struct store_forgotten *places = mem_zero(plan->n + 1, sizeof(*places));
    struct op *op;
    int rc = places ? op_new(f->home, NULL, on_forgotten, f, &op, err)
                    : err_set(err, ANIMA_E_NOMEM, "out of memory for what is to be forgotten");
    for (size_t i = 0; i < plan->n && !rc; i++)
        places[i] = plan->items[i].place;
    if (!rc) {
        drop_read(f);
        rc = op_queued(op, store_forget(f->home->store, places, plan->n, plan->request.conversation, plan->request.seq,
                                        count(plan, false) + count(plan, true), op_written, op, err));
    }
    mem_free(places);
    return rc;
}

/* ---- looking ---- */

static void look(void *ctx)
{
    struct forgetting *f = ctx;
    forget_plan_make(f->plan);
}

static void looked(void *ctx);

static int look_again(struct forgetting *f, anima_error *err)
{
    f->looks++;
    int rc = loop_work(f->home->loop, look, looked, f, err);
    f->home->works += !rc;
    return rc;
}

static void on_again(void *ctx)
{
    struct forgetting *f = ctx;
    anima_error err;
    f->looks = 0;
    if (look_again(f, &err))
        end(f, err.code, &err);
}

static void wait_for_calm(struct forgetting *f)
{
    f->looks = -1;
    loop_timer_start(f->again, AGAIN_MS);
}

static void looked(void *ctx)
{
    struct forgetting *f = ctx;
    anima_home *home = f->home;
    anima_error err = f->plan->err;
    home->works--;
    int rc = home->closing ? err_set(&err, ANIMA_E_CANCELLED, "the home is being closed") : f->plan->rc;
    if (rc || f->look || !f->plan->n) {
        end(f, rc, &err);
        return;
    }
    rc = check_calm(f, &err);
    if (!rc && is_old(f)) {
        rc = f->looks < MOST_LOOKS ? look_again(f, &err)
                                   : err_set(&err, ANIMA_E_BUSY, "much is being said: ask again in a moment");
        if (!rc)
            return;
    }
    if (rc == ANIMA_E_BUSY && f->waits && clock_mono_us() - f->since_us < PATIENCE_US) {
        wait_for_calm(f);
        return;
    }
    if (!rc)
        rc = forget(f, &err);
    if (rc)
        end(f, rc, &err);
}

int forget_begin(anima_home *home, struct forget_plan *plan, bool look_only, bool waits, forget_done *done, void *ctx,
                 struct forgetting **out, anima_error *err)
{
    struct forgetting *f = home->works < MAX_WORKS ? mem_zero(1, sizeof(*f)) : NULL;
    int rc = f ? ANIMA_OK
             : home->works >= MAX_WORKS
                 ? err_set(err, ANIMA_E_BUSY, "%d searches and exports are running already", MAX_WORKS)
                 : err_set(err, ANIMA_E_NOMEM, "out of memory for what is to be forgotten");
    if (rc) {
        forget_plan_finish(plan);
        return rc;
    }
    *f = (struct forgetting){ .home = home,
                              .next = home->forgettings,
                              .plan = plan,
                              .look = look_only,
                              .waits = waits,
                              .since_us = clock_mono_us(),
                              .done = done,
                              .ctx = ctx };
    home->forgettings = f;
    rc = loop_timer_create(home->loop, on_again, f, &f->again, err);
    if (!rc)
        rc = look_again(f, err);
    if (rc)
        destroy(f);
    else if (out)
        *out = f;
    return rc;
}

/* ---- the door ---- */

struct asking {
    anima_home *home;
    anima_forgot *done;
    void *ctx;
};

static const char *const why_names[] = { "asked", "copy", "repeats", "request" };

static void tell(void *ctx, int code, const anima_error *err, const struct forget_plan *plan)
{
    struct asking *a = ctx;
    size_t n = plan ? plan->n : 0;
    anima_forgotten_turn *turns = mem_zero(n + 1, sizeof(*turns));
    anima_error why = *err;
    for (size_t i = 0; i < n && turns; i++) {
        const struct forget_item *item = &plan->items[i];
        turns[i] = (anima_forgotten_turn){ item->place.conversation,
                                           item->place.seq,
                                           item->place.variant,
                                           item->character,
                                           item->reply ? "" : home_person_name(a->home, item->person),
                                           item->at_ms,
                                           item->text,
                                           why_names[item->why] };
    }
    if (!turns) /* it is done all the same */
        code = code ? code : err_set(&why, ANIMA_E_NOMEM, "it is done, but memory ran out for telling what it was");
    const anima_forgotten what = { turns, n, plan ? count(plan, false) : 0, plan ? count(plan, true) : 0 };
    a->done(a->ctx, code, &why, code ? NULL : &what);
    mem_free(turns);
    mem_free(a);
}

int anima_memory_forget(anima_home *home, const anima_place *places, size_t n, bool look_only, anima_forgot *done,
                        void *ctx, anima_error *err)
{
    if (home->read_only)
        return home_looked_at_only(err);
    if (!n || n > FORGET_MOST)
        return err_set(err, ANIMA_E_INVALID, "name 1 to %d turns that are to be forgotten, not %zu", FORGET_MOST, n);
    struct forget_plan *plan = forget_plan_new(home);
    struct asking *a = plan ? mem_alloc(sizeof(*a)) : NULL;
    if (!a) {
        forget_plan_finish(plan);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for what is to be forgotten");
    }
    *a = (struct asking){ home, done, ctx };
    for (; plan->n_places < n; plan->n_places++) {
        struct forget_place *to = &plan->places[plan->n_places];
        snprintf(to->conversation, sizeof(to->conversation), "%s", places[plan->n_places].conversation);
        to->seq = places[plan->n_places].seq;
    }
    int rc = forget_begin(home, plan, look_only, false, tell, a, NULL, err);
    if (rc)
        mem_free(a);
    return rc;
}
