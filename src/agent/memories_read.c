/* memories_read.c — what a character remembers, read from the store into its index and kept in step with it. What is a little behind is
 * read at once. What is far behind (the first look after a start, or after much was brought in) is read by another thread, from a store of
 * its own; that thread has the mind for itself then, one mind at a time. Nothing is written of classes and meanings meanwhile, and
 * none begins while something of them is under way: so what it reads is still true when it is back. Turns that come, change or
 * go in that time are caught up with afterwards. Loop thread, but for read_on and what it calls. */
#include "agent/memories_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

#include <string.h>

#define AT_ONCE 500              /* items in one look at the store; as many may be read on the loop's thread, */
#define BYTES_AT_ONCE (1u << 17) /* if all their text is no more: some ten milliseconds */

struct reading {
    struct mind *mind;
    struct words *words;
    const atomic_bool *stop;
    size_t most; /* bytes of text in one look */
    size_t bytes;
    int n;
    bool more;   /* there may be, behind those that came */
    bool failed; /* out of memory */
};

/* A mind that is read on by the other thread. */
struct catching_up {
    struct memories *all; /* NULL: the home is being closed */
    struct mind *mind;
    const atomic_bool *stop;
    char *path;
    int rc;
    anima_error err;
};

static int take_item(void *ctx, const struct store_memory *item)
{
    struct reading *r = ctx;
    struct mind *m = r->mind;
    size_t n = strlen(item->text);
    anima_error err;
    r->more = r->bytes + n > r->most || r->n + 1 == AT_ONCE;
    if (r->bytes + n > r->most || atomic_load(r->stop))
        return 1;
    uint32_t audience = memories_audience_of(m, item);
    const struct index_turn turn = { .id = item->id,
                                     .conversation = memories_conversation(item->conversation),
                                     .speaker = item->speaker,
                                     .at_ms = item->at_ms,
                                     .offset_min = clock_offset_min(item->at_ms),
                                     .audience = audience,
                                     .text = item->text,
                                     .n = n };
    if (audience == UINT32_MAX || index_add(&m->index, r->words, &turn, &err)) {
        r->failed = true;
        return 1;
    }
    if (item->row)
        index_vector(&m->index, item->id, item->row, item->factor);
    m->last = item->id;
    r->bytes += n;
    r->n++;
    return 0;
}

static void take_strength(void *ctx, const struct store_strength *s)
{
    index_strength(ctx, s->id, s->pinned, (uint32_t)s->recalls, s->recalled_ms);
}

static int read_some(struct reading *r, struct store *store, anima_error *err)
{
    int64_t after = r->mind->last;
    r->n = 0;
    r->bytes = 0;
    r->more = false;
    int rc = store_memory_list(store, r->mind->character, r->mind->last, AT_ONCE, take_item, r, err);
    if (!rc && r->mind->last > after)
        rc = store_strength_list(store, r->mind->character, after, r->mind->last, take_strength, &r->mind->index, err);
    return r->failed ? err_set(err, ANIMA_E_NOMEM, "out of memory for what %s remembers", r->mind->character) : rc;
}

/* ---- the other thread ---- */

static void read_on(void *ctx)
{
    struct catching_up *c = ctx;
    struct store *store = NULL;
    struct reading r = { .mind = c->mind, .stop = c->stop, .most = SIZE_MAX };
    c->rc = store_open(c->path, true, NULL, &store, &c->err);
    if (!c->rc)
        c->rc = words_create(&r.words, &c->err);
    do
        c->rc = c->rc ? c->rc : read_some(&r, store, &c->err);
    while (!c->rc && r.more && !atomic_load(c->stop));
    words_free(r.words);
    store_close(store);
}

/* ---- the loop's thread ---- */

static void catching_up_free(struct catching_up *c)
{
    mem_free(c->path);
    mem_free(c);
}

static int catch_up(struct memories *all, struct mind *m, anima_error *err);
static void come_back(void *ctx);

/* The next mind that is far behind goes to the other thread, if that is free and nothing is being written. */
void memories_read_on(struct memories *all)
{
    struct mind *m = all->minds;
    anima_error err;
    while (m && !m->behind)
        m = m->next;
    if (!m || all->away || all->writing)
        return;
    struct catching_up *c = mem_zero(1, sizeof(*c));
    if (c)
        *c = (struct catching_up){
            .all = all, .mind = m, .stop = &all->home->stop, .path = fs_join(all->home->path, "anima.db", (char *)NULL)
        };
    if (!c || !c->path || loop_work(all->home->loop, read_on, come_back, c, &err)) {
        m->behind = false; /* whoever asks next tries again */
        if (c)
            catching_up_free(c);
        return;
    }
    all->away = c;
}

static void come_back(void *ctx)
{
    struct catching_up *c = ctx;
    struct memories *all = c->all;
    anima_error err;
    if (all) {
        all->away = NULL;
        c->mind->behind = false;
        if (c->rc)
            log_warn("agent", "what %s remembers is not read: %s", c->mind->character, c->err.message);
        else
            catch_up(all, c->mind, &err);
        memories_read_on(all);
        for (struct memories_waiter *w = all->waiters; w; w = w->next)
            w->there(w->ctx);
        memories_resume(all);
    }
    catching_up_free(c);
}

void memories_leave(struct memories *all)
{
    if (all->away)
        all->away->all = NULL;
    all->away = NULL;
}

static void take_gone(void *ctx, int64_t n, int64_t id)
{
    struct mind *m = ctx;
    index_forget(&m->index, id);
    m->gone = n;
}

/* What is new is added, what went is forgotten. ANIMA_E_BUSY: it is far behind, and read on by the other thread. */
static int catch_up(struct memories *all, struct mind *m, anima_error *err)
{
    struct reading r = { .mind = m, .words = all->words, .stop = &all->home->stop, .most = BYTES_AT_ONCE };
    int rc = m->behind ? ANIMA_OK : read_some(&r, all->home->store, err);
    if (!rc && r.more) {
        m->behind = true;
        memories_read_on(all);
    }
    if (!rc && m->behind)
        return err_set(err, ANIMA_E_BUSY, "what %s remembers is being read", m->character);
    return rc ? rc : store_memory_gone(all->home->store, m->gone, take_gone, m, err);
}

static struct mind *make_mind(struct memories *all, const char *character)
{
    struct mind *m = mem_zero(1, sizeof(*m));
    if (!m || !(m->character = mem_strdup(character))) {
        mem_free(m);
        return NULL;
    }
    index_init(&m->index, STORE_VECTOR);
    m->next = all->minds;
    return all->minds = m;
}

struct memory_index *memories_index(struct memories *all, const char *character, anima_error *err)
{
    struct mind *m = memories_mind(all, character);
    if (!m && !(m = make_mind(all, character))) {
        err_set(err, ANIMA_E_NOMEM, "out of memory for what %s remembers", character);
        return NULL;
    }
    return catch_up(all, m, err) ? NULL : &m->index;
}

struct memory_index *memories_there(struct memories *all, const char *character)
{
    struct mind *m = memories_mind(all, character);
    return m && !m->behind ? &m->index : NULL;
}

void memories_visit(struct memories *all, const char *character)
{
    anima_error err;
    if (all && strcmp(settings_get(all->home->settings, "memory.recall"), "off") != 0)
        memories_index(all, character, &err);
}

size_t memories_behind(const struct memories *all)
{
    size_t n = 0;
    for (const struct mind *m = all->minds; m; m = m->next)
        n += m->behind;
    return n;
}

void memories_await(struct memories *all, struct memories_waiter *waiter)
{
    waiter->next = all->waiters;
    all->waiters = waiter;
}

void memories_unawait(struct memories *all, struct memories_waiter *waiter)
{
    struct memories_waiter **p = &all->waiters;
    while (*p && *p != waiter)
        p = &(*p)->next;
    if (*p)
        *p = waiter->next;
}
