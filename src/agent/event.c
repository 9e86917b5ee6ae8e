/* event.c — who hears what. A subscription may end, or a new one begin, inside a callback: ended ones stay in their list
 * until no callback runs over it. */
#include "agent/state.h"

#include "base/err.h"
#include "base/mem.h"

static void sweep(struct subscribers *s)
{
    if (!s->dirty || s->busy)
        return;
    s->dirty = false;
    for (struct anima_subscription **p = &s->first; *p;) {
        struct anima_subscription *one = *p;
        if (one->cb) {
            p = &one->next;
            continue;
        }
        *p = one->next;
        mem_free(one);
    }
}

static void tell(struct subscribers *s, const anima_event *event)
{
    s->busy++;
    for (struct anima_subscription *one = s->first; one; one = one->next)
        if (one->cb)
            one->cb(one->ctx, event);
    s->busy--;
    sweep(s);
}

void event_emit(anima_home *home, anima_conversation *c, anima_event *event)
{
    if (home->closing)
        return;
    if (c) {
        c->refs++;
        event->conversation = c->info.id;
        tell(&c->subscribers, event);
    }
    tell(&home->subscribers, event);
    anima_conversation_close(c);
}

void event_conversation(anima_conversation *c)
{
    anima_event event = { .type = ANIMA_EVENT_CONVERSATION };
    event_emit(c->home, c, &event);
}

void event_engine(void *ctx, const anima_engine_info *info)
{
    anima_event event = { .type = ANIMA_EVENT_ENGINE, .engine = info };
    event_emit(ctx, NULL, &event);
}

int anima_subscribe(anima_home *home, const char *conversation, anima_event_cb *cb, void *ctx, anima_subscription **out,
                    anima_error *err)
{
    *out = NULL;
    anima_conversation *c = NULL;
    if (conversation) {
        int rc = anima_conversation_open(home, conversation, &c, err);
        if (rc)
            return rc;
    }
    anima_subscription *s = mem_zero(1, sizeof(*s));
    if (!s) {
        anima_conversation_close(c);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for one more listener");
    }
    struct subscribers *list = c ? &c->subscribers : &home->subscribers;
    *s = (anima_subscription){ .home = home, .conversation = c, .cb = cb, .ctx = ctx, .next = list->first };
    list->first = s;
    *out = s;
    return ANIMA_OK;
}

void anima_unsubscribe(anima_subscription *s)
{
    if (!s)
        return;
    anima_conversation *c = s->conversation;
    struct subscribers *list = c ? &c->subscribers : &s->home->subscribers;
    s->cb = NULL;
    list->dirty = true;
    sweep(list);
    anima_conversation_close(c);
}
