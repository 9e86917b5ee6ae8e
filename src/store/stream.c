/* stream.c — streams of other programs: their rows and segments. Segments are numbered from 1 without gaps: a change says
 * which one it takes for the last, and is refused if it is another. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* ---- segments in memory ---- */

int store_segment_copy(const anima_segment *from, anima_segment *to)
{
    const char *const texts[] = { from->name,     from->text, from->finish, from->state,
                                  from->response, from->meta, from->kind };
    const char **fields[] = { &to->name, &to->text, &to->finish, &to->state, &to->response, &to->meta, &to->kind };
    size_t n = sizeof(texts) / sizeof(texts[0]), bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += (texts[i] ? strlen(texts[i]) : 0) + 1;
    char *block = mem_alloc(bytes);
    if (!block)
        return ANIMA_E_NOMEM;
    *to = *from;
    for (size_t i = 0; i < n; i++) {
        const char *text = texts[i] ? texts[i] : "";
        size_t len = strlen(text) + 1;
        *fields[i] = memcpy(block, text, len);
        block += len;
    }
    return ANIMA_OK;
}

void store_segment_free(anima_segment *segment)
{
    mem_free((char *)segment->name); /* all texts are in one block, and it is the first */
    *segment = (anima_segment){ 0 };
}

/* ---- queueing (loop thread) ---- */

void stream_change_free(struct store_stream_change *change)
{
    if (!change)
        return;
    for (size_t i = 0; i < change->n_segments; i++)
        store_segment_free((anima_segment *)&change->segments[i]);
    mem_free((anima_segment *)change->segments);
    mem_free((anima_stream_info *)change->info);
    mem_free((char *)change->response);
    mem_free(change);
}

static struct store_stream_change *copy_change(const struct store_stream_change *from)
{
    struct store_stream_change *c = mem_alloc(sizeof(*c));
    anima_segment *segments = mem_zero(from->n_segments + 1, sizeof(*segments));
    anima_stream_info *info = mem_alloc(sizeof(*info));
    char *response = mem_strdup(from->response);
    bool failed = !c || !segments || !info || (from->response && !response);
    if (failed) {
        mem_free(c);
        mem_free(segments);
        mem_free(info);
        mem_free(response);
        return NULL;
    }
    *info = *from->info;
    *c = *from;
    c->info = info;
    c->segments = segments;
    c->response = response;
    for (c->n_segments = 0; c->n_segments < from->n_segments; c->n_segments++)
        if (store_segment_copy(&from->segments[c->n_segments], &segments[c->n_segments])) {
            stream_change_free(c);
            return NULL;
        }
    return c;
}

int store_stream_change(struct store *s, const struct store_stream_change *change, store_done *done, void *ctx,
                        anima_error *err)
{
    struct job *job = job_new(s, JOB_STREAM, change->info->id, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->stream = copy_change(change);
    return job->stream ? job_queue(s, job) : job_not_made(job, err);
}

int store_stream_delete(struct store *s, const char *id, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_DELETE_STREAM, id, done, ctx, err);
    return job ? job_queue(s, job) : job_none(err, s);
}

/* ---- writing (writer thread) ---- */

static sqlite3_stmt *prepare(struct store *s, struct job *job, enum store_sql which, const char *first)
{
    sqlite3_stmt *q = store_prepare(&s->writer, which, s->path, &job->err);
    if (q)
        store_bind_text(q, 1, first);
    return q;
}

static int put_row(struct store *s, struct job *job)
{
    const anima_stream_info *i = job->stream->info;
    sqlite3_stmt *q = prepare(s, job, job->stream->made ? SQL_ADD_STREAM : SQL_USE_STREAM, i->id);
    if (!q)
        return job->err.code;
    if (!job->stream->made) {
        sqlite3_bind_int64(q, 2, i->used_ms);
        sqlite3_bind_int64(q, 3, i->expires_ms);
        return writer_run(s, q, "stream", &job->err);
    }
    store_bind_text(q, 2, i->character);
    store_bind_text(q, 3, i->model);
    store_bind_text(q, 4, i->adapter);
    sqlite3_bind_double(q, 5, i->adapter_scale);
    store_bind_text(q, 6, i->parent);
    sqlite3_bind_int64(q, 7, i->parent_seq);
    sqlite3_bind_int64(q, 8, i->created_ms);
    sqlite3_bind_int64(q, 9, i->used_ms);
    sqlite3_bind_int64(q, 10, i->expires_ms);
    return writer_run(s, q, "stream", &job->err);
}

/* Whether the stream ends where the caller believes. */
static int check_last(struct store *s, struct job *job)
{
    sqlite3_stmt *q = prepare(s, job, SQL_LAST_SEGMENT, job->conversation);
    if (!q)
        return job->err.code;
    int rc = sqlite3_step(q);
    int64_t last = sqlite3_column_int64(q, 0);
    int result = rc == SQLITE_ROW ? ANIMA_OK : store_error(s->writer.db, rc, s->path, &job->err);
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
    if (!result && last != job->stream->after)
        result = err_set(&job->err, ANIMA_E_CONFLICT, "stream %s ends with segment %lld by now, not %lld",
                         job->conversation, (long long)last, (long long)job->stream->after);
    return result;
}

static int put_segment(struct store *s, struct job *job, const anima_segment *g)
{
    sqlite3_stmt *q = prepare(s, job, SQL_ADD_SEGMENT, job->conversation);
    if (!q)
        return job->err.code;
    sqlite3_bind_int64(q, 2, g->seq);
    store_bind_text(q, 3, g->kind);
    store_bind_text(q, 4, g->name);
    store_bind_text(q, 5, g->text);
    store_bind_text(q, 6, g->finish);
    store_bind_text(q, 7, g->state);
    store_bind_text(q, 8, g->response);
    store_bind_text(q, 9, g->meta);
    sqlite3_bind_int(q, 10, g->prompt_tokens);
    sqlite3_bind_int(q, 11, g->cached_tokens);
    sqlite3_bind_int(q, 12, g->completion_tokens);
    sqlite3_bind_int64(q, 13, g->created_ms);
    return writer_run(s, q, "segment", &job->err);
}

static int cut(struct store *s, struct job *job)
{
    sqlite3_stmt *q = prepare(s, job, SQL_CUT_STREAM, job->conversation);
    if (!q)
        return job->err.code;
    sqlite3_bind_int64(q, 2, job->stream->keep);
    int rc = writer_step(s, q, &job->err);
    return rc || !job->stream->purge ? rc : writer_remember_purge(s, job);
}

/* A statement that may change nothing. */
static int run_plain(struct store *s, struct job *job, enum store_sql which, const char *first)
{
    sqlite3_stmt *q = prepare(s, job, which, first);
    return q ? writer_step(s, q, &job->err) : job->err.code;
}

static int run_change(struct store *s, struct job *job)
{
    const struct store_stream_change *c = job->stream;
    int rc = put_row(s, job);
    if (!rc)
        rc = check_last(s, job);
    if (!rc && c->response)
        rc = run_plain(s, job, SQL_FORGET_RESPONSE, c->response);
    if (!rc && c->keep < c->after)
        rc = cut(s, job);
    if (!rc && c->n_segments) /* only the last segment can go on */
        rc = run_plain(s, job, SQL_OLD_STATES, job->conversation);
    for (size_t i = 0; i < c->n_segments && !rc; i++)
        rc = put_segment(s, job, &c->segments[i]);
    return rc;
}

int stream_run(struct store *s, struct job *job)
{
    if (job->kind == JOB_STREAM)
        return run_change(s, job);
    sqlite3_stmt *q = prepare(s, job, SQL_DELETE_STREAM, job->conversation);
    if (!q)
        return job->err.code;
    int rc = writer_run(s, q, "stream", &job->err); /* its segments go with it */
    return rc ? rc : writer_remember_purge(s, job);
}

/* ---- reading ---- */

static void read_info(sqlite3_stmt *q, anima_stream_info *out)
{
    *out = (anima_stream_info){ .adapter_scale = sqlite3_column_double(q, 4),
                                .parent_seq = sqlite3_column_int64(q, 6),
                                .created_ms = sqlite3_column_int64(q, 7),
                                .used_ms = sqlite3_column_int64(q, 8),
                                .expires_ms = sqlite3_column_int64(q, 9),
                                .segments = sqlite3_column_int64(q, 10) };
    store_copy_text(out->id, sizeof(out->id), q, 0);
    store_copy_text(out->character, sizeof(out->character), q, 1);
    store_copy_text(out->model, sizeof(out->model), q, 2);
    store_copy_text(out->adapter, sizeof(out->adapter), q, 3);
    store_copy_text(out->parent, sizeof(out->parent), q, 5);
}

int store_stream_get(struct store *s, const char *id, anima_stream_info *out, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_STREAM, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, id);
    rc = sqlite3_step(q);
    bool found = rc == SQLITE_ROW;
    if (found)
        read_info(q, out);
    int result = store_end_read(s, q, rc, err);
    return result || found ? result : err_set(err, ANIMA_E_NOT_FOUND, "there is no stream \"%.64s\"", id);
}

int store_stream_list(struct store *s, int limit, int64_t before_ms, anima_stream_cb *cb, void *ctx, anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_STREAMS, &rc, err);
    if (!q)
        return rc;
    sqlite3_bind_int64(q, 1, before_ms > 0 ? before_ms : INT64_MAX);
    sqlite3_bind_int(q, 2, limit);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        anima_stream_info info;
        read_info(q, &info);
        stop = cb(ctx, &info);
    }
    return store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
}

int store_stream_count(struct store *s, int64_t *out, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_STREAM_COUNT, &rc, err);
    if (!q)
        return rc;
    rc = sqlite3_step(q);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
    return store_end_read(s, q, rc, err);
}

int store_stream_expired(struct store *s, int64_t now_ms, int limit, store_id_cb *cb, void *ctx, anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_STREAM_EXPIRED, &rc, err);
    if (!q)
        return rc;
    sqlite3_bind_int64(q, 1, now_ms);
    sqlite3_bind_int(q, 2, limit);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW)
        stop = cb(ctx, store_text_at(q, 0));
    return store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
}

static void read_segment(sqlite3_stmt *q, anima_segment *out)
{
    *out = (anima_segment){ .seq = sqlite3_column_int64(q, 0),
                            .kind = store_text_at(q, 1),
                            .name = store_text_at(q, 2),
                            .text = store_text_at(q, 3),
                            .finish = store_text_at(q, 4),
                            .state = store_text_at(q, 5),
                            .response = store_text_at(q, 6),
                            .meta = store_text_at(q, 7),
                            .prompt_tokens = sqlite3_column_int(q, 8),
                            .cached_tokens = sqlite3_column_int(q, 9),
                            .completion_tokens = sqlite3_column_int(q, 10),
                            .created_ms = sqlite3_column_int64(q, 11) };
}

int store_segment_list(struct store *s, const char *stream, int64_t after, int limit, anima_segment_cb *cb, void *ctx,
                       anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_SEGMENTS, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, stream);
    sqlite3_bind_int64(q, 2, after);
    sqlite3_bind_int(q, 3, limit);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        anima_segment segment;
        read_segment(q, &segment);
        stop = cb(ctx, &segment);
    }
    int result = store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

int store_response_find(struct store *s, const char *response, char stream[24], int64_t *seq, anima_error *err)
{
    int rc;
    sqlite3_stmt *q = store_prepare_read(s, SQL_RESPONSE, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, response);
    rc = sqlite3_step(q);
    bool found = rc == SQLITE_ROW;
    if (found) {
        store_copy_text(stream, 24, q, 0);
        *seq = sqlite3_column_int64(q, 1);
    }
    int result = store_end_read(s, q, rc, err);
    return result || found ? result : err_set(err, ANIMA_E_NOT_FOUND, "there is no response \"%.64s\"", response);
}
