/* forget.h — what was said is forgotten for good: the turns that were named, their copies in forks, and the replies that say it again.
 *
 *   forget_plan.c   which turns these are: looked for on another thread, in a store of its own
 *   forget.c        nobody may be answering in these conversations; what engines keep of them goes; the store forgets all of it in one
 *                   transaction (store/forget.c); what is in memory follows
 *   forget_wish.c   somebody asks for it in a conversation
 *
 * Replies repeat it (memory/repeats.h) that came behind it in its conversation or in a fork of that, and those that were told it, and what came
 * behind these. What people said again in other words stays, and is found by searching. Loop thread, but for forget_plan_make. */
#ifndef AGENT_FORGET_H
#define AGENT_FORGET_H
#include "agent/state.h"
#include "base/arena.h"

#define FORGET_MOST 64 /* turns that are named at once */

enum forget_why { FORGET_ASKED, FORGET_COPY, FORGET_REPEATS, FORGET_REQUEST };

/* ---- the plan ---- */
struct forget_item {
    struct store_forgotten place; /* its text: what comes in its place */
    enum forget_why why;
    bool reply;
    int64_t person, at_ms;
    char character[65];
    const char *text; /* what it says, in the plan's arena */
};

/* A conversation that was looked through, as it was then. */
struct forget_scan {
    char id[24], character[65];
    int64_t from; /* replies from this turn on */
    int64_t done; /* from this turn on they were looked at; 0: not yet */
    int64_t changes, last;
};

struct forget_place {
    char conversation[24];
    int64_t seq;
};

struct forget_plan {
    /* what is asked for */
    char *path; /* of the store */
    const atomic_bool *stop;
    struct forget_place places[FORGET_MOST], request; /* request: the message that asks for it; seq 0: none */
    size_t n_places, start, end;                      /* start, end: its bytes that name it */
    char **names;                                     /* that everybody has in their mouth here */
    size_t n_names;
    /* what comes of it */
    int rc;
    anima_error err;
    struct arena arena;
    struct forget_item *items;
    size_t n, max;
    struct forget_scan *scans;
    size_t n_scans, max_scans;
};

/* Any thread; the plan is that thread's. Sets rc and err. */
void forget_plan_make(struct forget_plan *plan);
void forget_plan_finish(struct forget_plan *plan);

/* ---- doing it ---- */
struct forgetting;
/* code 0 with err->code ANIMA_E_BUSY: done, but some bytes leave the files a little later. */
typedef void forget_done(void *ctx, int code, const anima_error *err, const struct forget_plan *plan);
/* plan: what is asked for; it becomes the forgetting's. look: nothing is forgotten. waits: until nobody is being answered who may be about
 * to hear it, half a minute at most; else that is ANIMA_E_BUSY. done comes later, once; unless it was abandoned by then. */
int forget_begin(anima_home *home, struct forget_plan *plan, bool look, bool waits, forget_done *done, void *ctx,
                 struct forgetting **out, anima_error *err);
struct forget_plan *forget_plan_new(anima_home *home); /* NULL: out of memory */
void forget_abandon(struct forgetting *f);             /* it goes on, nobody is told; NULL is legal */
void forget_end_all(anima_home *home);                 /* the home is being closed */

/* ---- asked for in a conversation ---- */
/* Before a reply is asked for: whether its message wants something forgotten. True: that is under way, and done comes; r->forgot says how
 * it went. False: r->forgot is set if that was done before, or if it is not clear what is meant. */
bool forget_wished(struct reply *r, void (*done)(void *ctx));
#endif
