/* forget_wish.c — somebody asks in a conversation that something be forgotten (mind/unsay.h): "that" is what they said just before, "what I
 * said about …" is looked for by its words among what they told this character. One thing is forgotten before the reply is asked for; of
 * several nothing is, unless they want all of it, and the character asks which one they mean. */
#include "agent/forget.h"
#include "agent/memories.h"
#include "agent/notes.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "memory/fts.h"
#include "mind/unsay.h"

#include <stdio.h>
#include <string.h>

#define WISH_ARENA (1u << 20)
#define MATCH_MAX 65536

/* A message, and what it is about. */
struct wished {
    anima_conversation *conversation;
    const struct said *message;
    struct unsay unsay;
    struct unsays *unsays;
    struct arena *arena;
    struct forget_place found[FORGET_MOST];
    const char *texts[FORGET_MOST];
    size_t n;
    bool more; /* there are others, of other words, or too many */
};

static void add(struct wished *w, const char *conversation, int64_t seq, const char *text)
{
    if (w->n == FORGET_MOST) {
        w->more = true;
        return;
    }
    w->texts[w->n] = arena_strdup(w->arena, text);
    w->more = w->more || !w->texts[w->n] || (w->n && strcmp(w->texts[0], w->texts[w->n] ? w->texts[w->n] : "") != 0);
    snprintf(w->found[w->n].conversation, sizeof(w->found[0].conversation), "%s", conversation);
    w->found[w->n++].seq = seq;
}

/* What they said just before; what that asked for is undone by notes.c, and no more is meant. */
static void find_last(struct wished *w)
{
    const anima_conversation *c = w->conversation;
    const struct said *last = NULL;
    for (size_t i = 0; i < c->n_said && c->said[i].seq < w->message->seq; i++)
        if (c->said[i].person == w->message->person && *c->said[i].text)
            last = &c->said[i];
    if (last)
        add(w, c->info.id, last->seq, last->text);
}

static bool asks(const char *text)
{
    size_t n = strlen(text);
    return n && (text[n - 1] == '?' || (n >= 3 && strcmp(text + n - 3, "？") == 0));
}

static int take_found(void *ctx, const struct store_memory *item)
{
    struct wished *w = ctx;
    struct unsay again;
    bool here = strcmp(item->conversation, w->conversation->info.id) == 0;
    if (item->speaker != w->message->person || (here && item->seq >= w->message->seq))
        return 0;
    if (asks(item->text))
        return 0; /* it tells nothing */
    if (unsay_find(w->unsays, w->arena, item->text, &again) || again.what != UNSAY_NOT)
        return 0; /* a wish like this one, that was not clear */
    add(w, item->conversation, item->seq, item->text);
    return 0;
}

static void find_about(struct wished *w)
{
    anima_home *home = w->conversation->home;
    struct buf match;
    size_t phrases = 0;
    buf_init(&match, MATCH_MAX);
    int rc = fts_match(memories_words(home->memories), w->unsay.about, strlen(w->unsay.about), FTS_ALL, &match,
                       &phrases, NULL);
    if (!rc && phrases)
        store_memory_search(home->store, w->conversation->info.character, buf_str(&match), 200, take_found, w, NULL);
    buf_finish(&match);
}

static int unclear(struct op *op, anima_error *err)
{
    (void)err;
    conversation_changed(op->conversation, op->seq);
    return ANIMA_OK;
}

/* It is not clear what is meant, or could not be done: the page offers to choose. */
static void say_unclear(anima_conversation *c, int64_t seq)
{
    struct op *op;
    if (op_new(c->home, c, NULL, NULL, &op, NULL))
        return;
    op->seq = seq;
    op->end = unclear;
    op_queued(op, store_forget(c->home->store, NULL, 0, c->info.id, op->seq, -1, op_written, op, NULL));
}

static void on_forgotten(void *ctx, int code, const anima_error *err, const struct forget_plan *plan)
{
    struct reply *r = ctx;
    r->forgetting = NULL;
    r->forgot = 0;
    for (size_t i = 0; plan && i < plan->n; i++)
        r->forgot += plan->items[i].why != FORGET_REQUEST;
    if (code || !r->forgot) {
        log_warn("agent", "nothing is forgotten: %s", code ? err->message : "it was gone already");
        r->forgot = -1;
        const struct said *message = reply_answers(r);
        if (message)
            say_unclear(r->conversation, message->seq);
    }
    r->forgot_done(r);
}

static bool begin(struct reply *r, const struct wished *w)
{
    anima_home *home = r->conversation->home;
    anima_error err;
    struct forget_plan *plan = forget_plan_new(home);
    if (!plan)
        return false;
    memcpy(plan->places, w->found, w->n * sizeof(*w->found));
    plan->n_places = w->n;
    snprintf(plan->request.conversation, sizeof(plan->request.conversation), "%s", r->conversation->info.id);
    plan->request.seq = w->message->seq;
    plan->start = w->unsay.start;
    plan->end = w->unsay.end;
    return !forget_begin(home, plan, false, true, on_forgotten, r, &r->forgetting, &err);
}

static int take_forgot(void *ctx, const anima_turn *turn)
{
    *(int *)ctx = turn->forgot;
    return 1;
}

static bool look(struct reply *r, struct wished *w)
{
    anima_conversation *c = r->conversation;
    int before = 0;
    if (unsay_find(w->unsays, w->arena, w->message->text, &w->unsay) || w->unsay.what == UNSAY_NOT)
        return false;
    store_turn_list(c->home->store, c->info.id, w->message->seq - 1, 1, take_forgot, &before, NULL);
    if (before) { /* a reply that is said anew, or taken up */
        r->forgot = before;
        return false;
    }
    if (w->unsay.what == UNSAY_LAST)
        find_last(w);
    else
        find_about(w);
    if (w->unsay.what == UNSAY_LAST && w->n && notes_is_wish(c->home, c->info.id, w->found[0].seq))
        return false;
    if (w->n && (!w->more || (w->unsay.all && w->n < FORGET_MOST)) && begin(r, w))
        return true;
    r->forgot = -1;
    say_unclear(c, w->message->seq);
    return false;
}

bool forget_wished(struct reply *r, void (*done)(void *ctx))
{
    anima_home *home = r->conversation->home;
    struct arena arena;
    struct wished *w = home->memories && !r->text.len && !r->way ? mem_zero(1, sizeof(*w)) : NULL;
    if (!w)
        return false;
    r->forgot_done = done;
    arena_init(&arena, WISH_ARENA);
    *w = (struct wished){
        .conversation = r->conversation, .message = reply_answers(r), .unsays = home->unsays, .arena = &arena
    };
    bool waits = w->message && look(r, w);
    arena_finish(&arena);
    mem_free(w);
    return waits;
}
