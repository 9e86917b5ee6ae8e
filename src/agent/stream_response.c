/* stream_response.c — names of places in streams: what a program was answered under a name, it goes on from under that name. */
#include "agent/streams.h"

#include "base/err.h"

#include <string.h>

int anima_response_find(anima_home *home, const char *response, char stream[24], int64_t *seq, anima_error *err)
{
    return store_response_find(home->store, response, stream, seq, err);
}

/* The last place that has another name; 0: none has. */
static int64_t last_named(const anima_stream *s, const char *but)
{
    for (size_t i = s->n; i-- > 0;)
        if (*s->segments[i].response && strcmp(s->segments[i].response, but) != 0)
            return s->segments[i].seq;
    return 0;
}

static int forgotten(struct op *op, anima_error *err)
{
    (void)err;
    stream_changed(op->stream);
    return ANIMA_OK;
}

/* Segments up to keep stay; none has the name any more. */
static int forget_name(anima_stream *s, const char *response, int64_t keep, anima_done *done, void *ctx,
                       anima_error *err)
{
    struct op *op;
    int rc = stream_op(s, done, ctx, &op, err);
    if (rc)
        return rc;
    const struct stream_write w = { .after = (int64_t)s->n, .keep = keep, .purge = true, .response = response };
    op->end = forgotten;
    rc = stream_write(s, &w, stream_op_written, op, err);
    if (!rc)
        stream_cut(s, keep);
    for (size_t i = 0; i < s->n && !rc; i++)
        if (strcmp(s->segments[i].response, response) == 0)
            s->segments[i].response = s->segments[i].meta = "";
    return op_queued(op, rc);
}

int anima_response_delete(anima_home *home, const char *response, anima_done *done, void *ctx, anima_error *err)
{
    char id[24];
    int64_t seq;
    anima_stream *s;
    int rc = anima_response_find(home, response, id, &seq, err);
    if (!rc)
        rc = anima_stream_open(home, id, &s, err);
    if (rc)
        return rc;
    int64_t keep = last_named(s, response);
    rc = keep ? forget_name(s, response, keep, done, ctx, err) : anima_stream_delete(s, done, ctx, err);
    anima_stream_close(s);
    return rc;
}
