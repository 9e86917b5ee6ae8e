#include "agent/memories_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"

#include <string.h>

#define AT_ONCE 500    /* items in one look at the store */
#define SOON_MS 200    /* after something was said */
#define AGAIN_MS 30000 /* after the model failed */

/* ---- the index of a character ---- */

int64_t memories_conversation(const char *id) { return (int64_t)(hash_bytes(id, strlen(id)) >> 1); }

struct reading_items {
    struct memories *all;
    struct mind *mind;
    int n;
};

static int take_item(void *ctx, const struct store_memory *item)
{
    struct reading_items *r = ctx;
    struct mind *m = r->mind;
    anima_error err;
    uint32_t audience = memories_audience_of(m, item);
    const struct index_turn turn = { .id = item->id,
                                     .conversation = memories_conversation(item->conversation),
                                     .speaker = item->speaker,
                                     .at_ms = item->at_ms,
                                     .offset_min = clock_offset_min(item->at_ms),
                                     .audience = audience,
                                     .text = item->text,
                                     .n = strlen(item->text) };
    if (audience == UINT32_MAX || index_add(&m->index, r->all->words, &turn, &err)) {
        m->failed = true;
        return 1;
    }
    if (item->row)
        index_vector(&m->index, item->id, item->row, item->factor);
    m->last = item->id;
    r->n++;
    return 0;
}

static void take_gone(void *ctx, int64_t n, int64_t id)
{
    struct mind *m = ctx;
    index_forget(&m->index, id);
    m->gone = n;
}

struct mind *memories_mind(struct memories *all, const char *character)
{
    struct mind *m = all->minds;
    while (m && strcmp(m->character, character) != 0)
        m = m->next;
    return m;
}

static void mind_free(struct mind *m)
{
    memories_audiences_free(m);
    mem_free(m->character);
    index_finish(&m->index);
    mem_free(m);
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

/* What is new is added, what went is forgotten. */
static int catch_up(struct memories *all, struct mind *m, anima_error *err)
{
    struct reading_items r = { .all = all, .mind = m };
    int rc = ANIMA_OK;
    do {
        r.n = 0;
        rc = store_memory_list(all->home->store, m->character, m->last, AT_ONCE, take_item, &r, err);
    } while (!rc && !m->failed && r.n == AT_ONCE);
    if (!rc)
        rc = store_memory_gone(all->home->store, m->gone, take_gone, m, err);
    if (m->failed) {
        m->failed = false;
        return err_set(err, ANIMA_E_NOMEM, "out of memory for what %s remembers", m->character);
    }
    return rc;
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

anima_home *memories_home(const struct memories *all) { return all->home; }
struct words *memories_words(struct memories *all) { return all->words; }
struct recall *memories_recall(struct memories *all) { return all->recall; }

/* ---- meanings ---- */

/* What is on the disk does not come again as something without a vector. */
static void on_kept(void *ctx, int rc, const anima_error *err)
{
    struct memories *all = ctx;
    if (rc)
        log_warn("agent", "vectors are not kept: %s", err->message);
    loop_timer_start(all->timer, rc ? AGAIN_MS : 1);
}

static void on_vectors(void *ctx, int code, const float *vectors, size_t n, size_t dim, const char *message)
{
    struct memories *all = ctx;
    all->job = NULL;
    if (code || dim != STORE_VECTOR || n != all->n_waiting) {
        if (!all->told)
            log_info("agent", "what was said is found by its words only: %s",
                     message && *message ? message : "no vectors");
        all->told = true;
        loop_timer_start(all->timer, AGAIN_MS);
        return;
    }
    all->told = false;
    for (size_t i = 0; i < n; i++) {
        struct store_memory_vector *v = &all->waiting[i];
        v->factor = vectors_quantise(vectors + i * dim, dim, v->row);
        for (struct mind *m = all->minds; m; m = m->next)
            index_vector(&m->index, v->id, v->row, v->factor);
    }
    anima_error err;
    if (store_memory_vectors(all->home->store, all->waiting, n, on_kept, all, &err))
        on_kept(all, err.code, &err);
}

struct collecting {
    struct memories *all;
    char *texts[EMBED_AT_ONCE];
};

static int collect(void *ctx, const struct store_memory *item)
{
    struct collecting *c = ctx;
    struct memories *all = c->all;
    c->texts[all->n_waiting] = mem_strdup(item->text);
    if (!c->texts[all->n_waiting])
        return 1;
    all->waiting[all->n_waiting++].id = item->id;
    return 0;
}

/* The vectors of what was said last come first: that is what people go on talking about. */
static void embed_some(void *ctx)
{
    struct memories *all = ctx;
    struct collecting c = { .all = all };
    anima_error err;
    if (all->job)
        return;
    if (memories_classify(all)) {
        loop_timer_start(all->timer, SOON_MS);
        return;
    }
    if (!*settings_get(all->home->settings, "embed.model"))
        return;
    all->n_waiting = 0;
    int rc = store_memory_bare(all->home->store, EMBED_AT_ONCE, collect, &c, &err);
    if (!rc && all->n_waiting)
        rc = engine_embed(all->home->engines, settings_get(all->home->settings, "embed.model"), false,
                          (const char *const *)c.texts, all->n_waiting, on_vectors, all, &all->job, &err);
    if (rc)
        loop_timer_start(all->timer, AGAIN_MS);
    for (size_t i = 0; i < all->n_waiting; i++)
        mem_free(c.texts[i]);
}

void memories_notice(struct memories *all)
{
    if (all && !all->job)
        loop_timer_start(all->timer, SOON_MS);
}

/* ---- all of them ---- */

int memories_create(anima_home *home, struct memories **out, anima_error *err)
{
    struct memories *all = *out = mem_zero(1, sizeof(*all));
    if (!all)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for what is remembered");
    all->home = home;
    int rc = words_create(&all->words, err);
    if (!rc)
        rc = recall_create(&all->recall, err);
    if (!rc)
        rc = classifier_create(&all->classifier, err);
    if (!rc)
        rc = loop_timer_create(home->loop, embed_some, all, &all->timer, err);
    return rc;
}

void memories_destroy(struct memories *all)
{
    if (!all)
        return;
    memories_end_asked(all);
    if (all->job)
        engine_abandon(all->job);
    loop_timer_destroy(all->timer);
    while (all->minds) {
        struct mind *m = all->minds;
        all->minds = m->next;
        mind_free(m);
    }
    classifier_destroy(all->classifier);
    recall_free(all->recall);
    words_free(all->words);
    mem_free(all);
}
