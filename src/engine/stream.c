/* stream.c — what each engine process has of each stream, by the hashes of its messages: so that only new ones travel. It
 * follows from what was sent, since an engine takes frames in order; it is forgotten when the process ends. Should an
 * engine know less than we think, it says that the request is stale, and gets all of it. */
#include "base/mem.h"
#include "engine/engine_private.h"

#include <string.h>

static struct engine_stream *find(const struct engine *e, const char *name)
{
    for (size_t i = 0; i < e->n_streams; i++)
        if (strcmp(e->streams[i].name, name) == 0)
            return &e->streams[i];
    return NULL;
}

size_t stream_known(struct engine *e, const struct engine_job *job)
{
    const struct engine_stream *s = job->stream ? find(e, job->stream) : NULL;
    size_t n = 0;
    while (s && n < s->n && n < job->n_messages && s->hashes[n] == job->marks[n].hash)
        n++;
    return n;
}

static struct engine_stream *make(struct engine *e, const char *name)
{
    struct engine_stream *list = mem_grow(e->streams, e->n_streams, &e->max_streams, sizeof(*list));
    if (!list)
        return NULL;
    e->streams = list;
    struct engine_stream *s = &list[e->n_streams];
    *s = (struct engine_stream){ .name = mem_strdup(name) };
    e->n_streams += s->name != NULL;
    return s->name ? s : NULL;
}

void stream_sent(struct engine *e, const struct engine_job *job)
{
    if (!job->stream)
        return;
    struct engine_stream *s = find(e, job->stream);
    if (!s)
        s = make(e, job->stream);
    uint64_t *hashes = s ? mem_realloc(s->hashes, (job->n_messages + 1) * sizeof(*hashes)) : NULL;
    if (!hashes) {
        stream_forget(e, job->stream);
        return;
    }
    s->hashes = hashes;
    s->n = job->n_messages;
    for (size_t i = 0; i < s->n; i++)
        hashes[i] = job->marks[i].hash;
}

static void finish(struct engine_stream *s)
{
    mem_free(s->name);
    mem_free(s->hashes);
}

void stream_forget(struct engine *e, const char *beginning)
{
    for (size_t i = e->n_streams; i-- > 0;)
        if (strncmp(e->streams[i].name, beginning, strlen(beginning)) == 0) {
            finish(&e->streams[i]);
            e->streams[i] = e->streams[--e->n_streams];
        }
}

void streams_forget(struct engine *e)
{
    for (size_t i = 0; i < e->n_streams; i++)
        finish(&e->streams[i]);
    mem_free(e->streams);
    e->streams = NULL;
    e->n_streams = e->max_streams = 0;
}
