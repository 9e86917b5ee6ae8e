#include "agent/memories_private.h"
#include "agent/topics.h"
#include "agent/workings.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"

#include <string.h>

#define SOON_MS 200    /* after something was said */
#define AGAIN_MS 30000 /* after the model failed */

/* ---- the index of a character ---- */

int64_t memories_conversation(const char *id) { return (int64_t)(hash_bytes(id, strlen(id)) >> 1); }

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

anima_home *memories_home(const struct memories *all) { return all->home; }
struct words *memories_words(struct memories *all) { return all->words; }
struct recall *memories_recall(struct memories *all) { return all->recall; }
struct fact_reader *memories_facts(struct memories *all) { return all->facts; }

/* ---- meanings ---- */

/* Also to what was read from the store before they were there. */
static void take_vectors(struct memories *all)
{
    for (size_t i = 0; i < all->n_waiting; i++)
        for (struct mind *m = all->minds; m; m = m->next)
            if (!m->behind)
                index_vector(&m->index, all->waiting[i].id, all->waiting[i].row, all->waiting[i].factor);
}

/* What is on the disk does not come again as something without a vector. */
static void on_kept(void *ctx, int rc, const anima_error *err)
{
    struct memories *all = ctx;
    if (rc)
        log_warn("agent", "vectors are not kept: %s", err->message);
    take_vectors(all);
    all->writing = false;
    memories_read_on(all);
    loop_timer_start(all->timer, rc ? AGAIN_MS : 1);
}

static void keep_vectors(struct memories *all)
{
    anima_error err;
    take_vectors(all);
    all->held = false;
    all->writing = true;
    if (store_memory_vectors(all->home->store, all->waiting, all->n_waiting, on_kept, all, &err))
        on_kept(all, err.code, &err);
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
    for (size_t i = 0; i < n; i++)
        all->waiting[i].factor = vectors_quantise(vectors + i * dim, dim, all->waiting[i].row);
    all->held = true;
    memories_resume(all);
}

void memories_resume(struct memories *all)
{
    memories_read_on(all);
    if (memories_behind(all) || all->writing)
        return;
    if (all->held)
        keep_vectors(all);
    else
        loop_timer_start(all->timer, SOON_MS);
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
    if (all->job || all->held || all->writing || memories_behind(all))
        return; /* memories_resume comes */
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
    if (!all)
        return;
    topics_notice(all->home->topics);
    workings_notice(all->home->workings);
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
        rc = fact_reader_create(&all->facts, err);
    if (!rc)
        rc = memories_rules_read(all, err);
    if (!rc)
        rc = loop_timer_create(home->loop, embed_some, all, &all->timer, err);
    return rc;
}

void memories_destroy(struct memories *all)
{
    if (!all)
        return;
    memories_end_asked(all);
    memories_end_audits(all);
    if (all->job)
        engine_abandon(all->job);
    memories_leave(all);
    loop_timer_destroy(all->timer);
    while (all->minds) {
        struct mind *m = all->minds;
        all->minds = m->next;
        mind_free(m);
    }
    classifier_destroy(all->classifier);
    fact_reader_destroy(all->facts);
    mem_free(all->rules.list);
    recall_free(all->recall);
    words_free(all->words);
    mem_free(all);
}
