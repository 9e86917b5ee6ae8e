/* stream_change.c — streams of other programs change: appended to, cut back, deleted, expired. A change is made in memory at
 * once and written behind; if the store refuses one, memory is read again. */
#include "agent/streams.h"

#include "agent/reading.h"

#include "base/clock.h"
#include "base/err.h"

#include <stdio.h>

#define EXPIRED_AT_ONCE 8

static void forget(anima_home *home, const char *id)
{
    char name[STREAM_NAME];
    stream_name(name, id);
    reading_forget_all(home, name);
}

void stream_changed(anima_stream *s)
{
    if (!stream_read_ahead(s))
        forget(s->home, s->info.id);
}

int stream_check(anima_stream *s, anima_error *err)
{
    if (s->home->read_only)
        return home_looked_at_only(err);
    if (s->gone)
        return err_set(err, ANIMA_E_NOT_FOUND, "the stream was deleted");
    if (s->generation)
        return err_set(err, ANIMA_E_BUSY, "a generation is under way: stop it, or wait for its end");
    if (s->stale && s->writing)
        return err_set(err, ANIMA_E_BUSY, "the last change could not be stored; try again in a moment");
    return s->stale ? stream_load(s, err) : ANIMA_OK;
}

int stream_write(anima_stream *s, const struct stream_write *w, store_done *done, void *ctx, anima_error *err)
{
    anima_stream_info info = s->info;
    int64_t now = clock_wall_ms();
    info.expires_ms += info.expires_ms ? now - info.used_ms : 0;
    info.used_ms = now;
    const struct store_stream_change change = { .info = &info,
                                                .made = !s->made,
                                                .after = s->made ? w->after : 0,
                                                .keep = s->made ? w->keep : 0,
                                                .purge = w->purge,
                                                .segments = w->add,
                                                .n_segments = w->n_add,
                                                .response = w->response };
    int rc = store_stream_change(s->home->store, &change, done, ctx, err);
    if (rc)
        return rc;
    s->info.used_ms = info.used_ms;
    s->info.expires_ms = info.expires_ms;
    s->made = true;
    s->writing++;
    return ANIMA_OK;
}

void stream_written(anima_stream *s, int rc)
{
    s->writing--;
    s->stale |= rc != 0;
}

void stream_op_written(void *ctx, int rc, const anima_error *err)
{
    struct op *op = ctx;
    stream_written(op->stream, rc);
    op_written(op, rc, err);
}

int stream_op(anima_stream *s, anima_done *done, void *ctx, struct op **out, anima_error *err)
{
    int rc = stream_check(s, err);
    if (!rc)
        rc = op_new(s->home, NULL, done, ctx, out, err);
    if (rc)
        return rc;
    (*out)->stream = s;
    s->refs++;
    return ANIMA_OK;
}

static int appended(struct op *op, anima_error *err)
{
    (void)err;
    stream_read_ahead(op->stream);
    return ANIMA_OK;
}

int anima_stream_append(anima_stream *s, const anima_segment *segments, size_t n, anima_done *done, void *ctx,
                        anima_error *err)
{
    struct op *op;
    int rc = stream_op(s, done, ctx, &op, err);
    if (rc)
        return rc;
    size_t before = s->n;
    rc = stream_add(s, segments, n, err);
    if (!rc) {
        size_t first = s->made ? before : 0; /* a new one comes to the store as a whole */
        const struct stream_write w = {
            .after = (int64_t)before, .keep = (int64_t)before, .add = s->segments + first, .n_add = s->n - first
        };
        op->end = appended;
        rc = stream_write(s, &w, stream_op_written, op, err);
        if (rc)
            stream_cut(s, (int64_t)before);
    }
    return op_queued(op, rc);
}

static int retracted(struct op *op, anima_error *err)
{
    (void)err;
    stream_changed(op->stream);
    return ANIMA_OK;
}

int anima_stream_retract(anima_stream *s, int64_t seq, anima_done *done, void *ctx, anima_error *err)
{
    struct op *op;
    int rc = stream_op(s, done, ctx, &op, err);
    if (rc)
        return rc;
    if (seq < 0 || seq > (int64_t)s->n)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is no segment %lld; the last one is %zu", (long long)seq, s->n);
    if (!rc && !s->made)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "the stream is not in the store yet");
    const struct stream_write w = { .after = (int64_t)s->n, .keep = seq, .purge = true };
    if (!rc)
        rc = stream_write(s, &w, stream_op_written, op, err);
    if (!rc)
        stream_cut(s, seq);
    op->end = retracted;
    return op_queued(op, rc);
}

/* ---- deleting ---- */

static int deleted(struct op *op, anima_error *err)
{
    (void)err;
    forget(op->home, op->stream->info.id);
    return ANIMA_OK;
}

static void not_deleted(struct op *op, int rc, const anima_error *err)
{
    (void)err;
    op->stream->gone = rc == ANIMA_E_NOT_FOUND;
}

int anima_stream_delete(anima_stream *s, anima_done *done, void *ctx, anima_error *err)
{
    struct op *op;
    int rc = stream_op(s, done, ctx, &op, err);
    if (rc)
        return rc;
    op->end = deleted;
    op->failed = not_deleted;
    rc = store_stream_delete(s->home->store, s->info.id, op_written, op, err);
    s->gone = !rc;
    return op_queued(op, rc);
}

struct expired {
    anima_home *home;
    int n;
    char ids[EXPIRED_AT_ONCE][24];
};

static int take_expired(void *ctx, const char *id)
{
    struct expired *e = ctx;
    snprintf(e->ids[e->n++], sizeof(e->ids[0]), "%s", id);
    return 0;
}

static void on_expired(void *ctx, int rc, const anima_error *err)
{
    anima_home *home = ctx;
    (void)err;
    if (!rc && !home->closing)
        streams_expire(home); /* there may be more */
}

void streams_expire(anima_home *home)
{
    struct expired e = { .home = home };
    if (home->read_only || store_stream_expired(home->store, clock_wall_ms(), EXPIRED_AT_ONCE, take_expired, &e, NULL))
        return;
    for (int i = 0; i < e.n; i++)
        if (!stream_find(home, e.ids[i]) &&
            !store_stream_delete(home->store, e.ids[i], i + 1 == EXPIRED_AT_ONCE ? on_expired : NULL, home, NULL))
            forget(home, e.ids[i]);
}
