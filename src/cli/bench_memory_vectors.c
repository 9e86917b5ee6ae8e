/* bench_memory_vectors.c — the meanings of a set's texts. They are computed by the engine that anima itself uses, and kept in the
 * cache folder under the hash of the text, since a set is scored more than once. */
#include "agent/home.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/places.h"
#include "cli/bench_memory.h"
#include "cli/progress.h"
#include "engine/engine.h"
#include "engine/models.h"
#include "loop/frame.h"

#include <stdio.h>
#include <string.h>

#define MAX_CACHE (1u << 30)

struct entry {
    uint64_t hash;
    struct memory_vector vector;
};

struct memory_cache {
    struct entry *entries;
    size_t n, max;
    struct places places; /* of entries, by hash */
    char *path;
};

/* NULL: it was never computed. */
static const struct entry *find(const struct memory_cache *c, uint64_t hash)
{
    uint32_t place = places_find(&c->places, hash);
    return place != PLACES_NONE ? &c->entries[place] : NULL;
}

static int put(struct memory_cache *c, const struct entry *e)
{
    struct entry *entries = mem_grow(c->entries, c->n, &c->max, sizeof(*entries));
    if (entries)
        c->entries = entries;
    if (!entries || places_put(&c->places, e->hash, (uint32_t)c->n))
        return -1;
    entries[c->n++] = *e;
    return 0;
}

static uint64_t key_of(bool query, const char *text)
{
    uint64_t hash = hash_bytes(text, strlen(text));
    return (hash ^ (query ? 'q' : 'p')) * 1099511628211ull;
}

int memory_cache_open(struct memory_bench *b, struct memory_cache **out, anima_error *err)
{
    struct memory_cache *c = *out = mem_zero(1, sizeof(*c));
    /* Of which model they are: another one has other vectors. */
    const struct model *m = b->home ? models_find(home_models(b->home), anima_home_setting(b->home, "embed.model"))
                                    : NULL;
    char name[96];
    snprintf(name, sizeof(name), "%.64s.vectors", m && *m->sha256 ? m->sha256 : "none");
    char *cache = fs_cache_dir(), *folder = cache ? fs_join(cache, "bench", NULL) : NULL;
    mem_free(cache);
    if (c && folder)
        c->path = fs_join(folder, name, NULL);
    int rc = folder ? fs_mkdirs(folder, err) : err_set(err, ANIMA_E_NOMEM, "out of memory for vectors");
    mem_free(folder);
    char *data = NULL;
    size_t n = 0;
    if (!rc && c && c->path && fs_exists(c->path))
        rc = fs_read(c->path, MAX_CACHE, &data, &n, err);
    for (size_t i = 0; !rc && i + sizeof(struct entry) <= n; i += sizeof(struct entry)) {
        struct entry e;
        memcpy(&e, data + i, sizeof(e));
        if (put(c, &e))
            rc = err_set(err, ANIMA_E_NOMEM, "out of memory for vectors");
    }
    mem_free(data);
    return rc;
}

void memory_cache_close(struct memory_cache *c)
{
    if (!c)
        return;
    mem_free(c->entries);
    places_finish(&c->places);
    mem_free(c->path);
    mem_free(c);
}

struct waiting {
    bool done;
    int code;
    float vectors[FRAME_MAX_TEXTS][MEMORY_DIM];
    char message[200];
};

static void on_vectors(void *ctx, int code, const float *vectors, size_t n, size_t dim, const char *message)
{
    struct waiting *w = ctx;
    w->done = true;
    w->code = code;
    snprintf(w->message, sizeof(w->message), "%s", message ? message : "");
    if (!code && dim == MEMORY_DIM && n <= FRAME_MAX_TEXTS)
        memcpy(w->vectors, vectors, n * sizeof(w->vectors[0]));
    else if (!code)
        w->code = ANIMA_E_ENGINE;
}

static int compute(struct memory_bench *b, bool query, const char *const *texts, size_t n, anima_error *err)
{
    static struct waiting w;
    struct engine_job *job;
    w.done = false;
    int rc = engine_embed(home_engines(b->home), anima_home_setting(b->home, "embed.model"), query, texts, n,
                          on_vectors, &w, &job, err);
    while (!rc && !w.done && !progress_interrupted())
        anima_home_step(b->home, 100);
    if (rc || !w.done)
        return rc ? rc : err_set(err, ANIMA_E_CANCELLED, "stopped");
    if (w.code)
        return err_set(err, w.code, "%s", *w.message ? w.message : "the embedding model said nothing of use");
    struct entry made[FRAME_MAX_TEXTS];
    for (size_t i = 0; i < n; i++) {
        made[i].hash = key_of(query, texts[i]);
        made[i].vector.factor = vectors_quantise(w.vectors[i], MEMORY_DIM, made[i].vector.row);
        if (put(b->cache, &made[i]))
            return err_set(err, ANIMA_E_NOMEM, "out of memory for vectors");
    }
    return fs_append(b->cache->path, made, n * sizeof(made[0]), 0600, err);
}

int memory_vectors(struct memory_bench *b, bool query, const char *const *texts, size_t n, struct memory_vector *out,
                   anima_error *err)
{
    const char *batch[FRAME_MAX_TEXTS];
    size_t waiting = 0;
    int rc = ANIMA_OK;
    for (size_t i = 0; i < n && !rc; i++) {
        if (!find(b->cache, key_of(query, texts[i])))
            batch[waiting++] = texts[i];
        if (waiting == FRAME_MAX_TEXTS || (waiting && i + 1 == n)) {
            rc = compute(b, query, batch, waiting, err);
            waiting = 0;
            if (n > FRAME_MAX_TEXTS)
                fprintf(stderr, "\r%zu of %zu texts read%s", i + 1, n, i + 1 == n ? "\n" : "");
        }
    }
    if (!rc && waiting)
        rc = compute(b, query, batch, waiting, err);
    for (size_t i = 0; i < n && !rc; i++)
        out[i] = find(b->cache, key_of(query, texts[i]))->vector;
    return rc;
}
