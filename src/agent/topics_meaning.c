/* topics_meaning.c — what sentences mean, as vectors: asked for when nothing else is to be done. Loop thread. */
#include "agent/topics_private.h"

#include "base/clock.h"
#include "base/mem.h"
#include "memory/vectors.h"

static void on_vectors(void *ctx, int code, const float *vectors, size_t n, size_t dim, const char *message)
{
    struct topics *t = ctx;
    anima_error err = { 0 };
    (void)message;
    t->job = NULL;
    if (code || dim != STORE_VECTOR || n != t->n_waiting) {
        t->without_until = clock_wall_ms() + TOPICS_LATER_MS;
        topics_soon(t, TOPICS_SOON_MS);
        return;
    }
    for (size_t i = 0; i < n; i++)
        t->waiting[i].factor = vectors_quantise(vectors + i * dim, dim, t->waiting[i].row);
    topics_written(t, store_topic_vectors(t->home->store, t->waiting, n, topics_on_written, t, &err), &err);
}

struct bare {
    struct topics *topics;
    char *texts[TOPICS_AT_ONCE];
};

static int take_bare(void *ctx, const struct store_topic_line *line)
{
    struct bare *b = ctx;
    struct topics *t = b->topics;
    b->texts[t->n_waiting] = mem_strdup(line->text);
    if (!b->texts[t->n_waiting])
        return 1;
    t->waiting[t->n_waiting++] = (struct store_topic_vector){ .id = line->id, .hand_ms = line->hand_ms };
    return 0;
}

/* False: there is nothing, or no model for it. */
bool topics_ask_meanings(struct topics *t)
{
    struct bare b = { .topics = t };
    const char *model = settings_get(t->home->settings, "embed.model");
    t->n_waiting = 0;
    if (!*model || clock_wall_ms() < t->without_until)
        return false;
    int rc = store_topic_bare(t->home->store, TOPICS_AT_ONCE, take_bare, &b, NULL);
    if (!rc && t->n_waiting)
        rc = engine_embed(t->home->engines, model, true, (const char *const *)b.texts, t->n_waiting, on_vectors, t,
                          &t->job, NULL);
    for (size_t i = 0; i < t->n_waiting; i++)
        mem_free(b.texts[i]);
    if (rc)
        t->without_until = clock_wall_ms() + TOPICS_LATER_MS;
    return !rc && t->n_waiting;
}
