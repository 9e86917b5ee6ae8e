/* api_streams.c — streams for other programs: making, listing, reading, appending, cutting back, forking, deleting. What
 * the model does with them is api_streams_generate.c and api_streams_score.c. */
#include "server/api_streams.h"
#include "server/view.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (64u << 20)
#define DAY_MS (24 * 3600 * 1000.0)
#define MAX_DAYS 36500.0

anima_stream *call_stream(const struct call *call)
{
    anima_error err;
    anima_stream *s;
    if (anima_stream_open(call->server->home, call->id, &s, &err) == ANIMA_OK)
        return s;
    reply_code(call, &err);
    return NULL;
}

/* ---- what is taken ---- */

static int read_segment(yyjson_val *one, const char *member, anima_segment *out, anima_error *err)
{
    size_t i, n;
    yyjson_val *key, *v;
    if (!yyjson_is_obj(one))
        return err_set(err, ANIMA_E_INVALID, "\"%s\" is a list of objects {kind, text, name}", member);
    *out = (anima_segment){ .kind = "", .name = "", .text = "" };
    yyjson_obj_foreach (one, i, n, key, v) {
        const char *name = yyjson_get_str(key), *text = yyjson_get_str(v);
        const char **field = strcmp(name, "kind") == 0   ? &out->kind
                             : strcmp(name, "text") == 0 ? &out->text
                             : strcmp(name, "name") == 0 ? &out->name
                                                         : NULL;
        if (!field)
            return err_set(err, ANIMA_E_INVALID, "unknown member \"%.64s\" of a segment", name);
        if (yyjson_is_null(v) && field == &out->name)
            continue;
        if (!text || strlen(text) != yyjson_get_len(v))
            return err_set(err, ANIMA_E_INVALID, "\"%s\" of a segment must be a text without NUL characters", name);
        *field = text;
    }
    return ANIMA_OK;
}

int read_segments(yyjson_val *list, const char *member, anima_segment **out, size_t *n, anima_error *err)
{
    size_t i, max;
    yyjson_val *one;
    *out = NULL;
    *n = yyjson_arr_size(list);
    if (*n > ANIMA_STREAM_MAX_SEGMENTS)
        return err_set(err, ANIMA_E_LIMIT, "at most %d segments", ANIMA_STREAM_MAX_SEGMENTS);
    anima_segment *segments = *out = mem_alloc((*n + 1) * sizeof(*segments));
    if (!segments)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the segments");
    int rc = ANIMA_OK;
    yyjson_arr_foreach (list, i, max, one) {
        rc = rc ? rc : read_segment(one, member, &segments[i], err);
    }
    return rc;
}

/* ---- what is given ---- */

static void put_stream(struct jw *w, const anima_stream *s)
{
    anima_stream_info info;
    anima_stream_describe(s, &info);
    view_stream(w, "stream", &info);
}

static void answer_stream(struct pending *p, const anima_error *note, anima_conversation *made)
{
    struct object_reply answer;
    (void)note;
    (void)made;
    object_begin(&answer, ANSWER_MAX);
    put_stream(&answer.w, p->stream);
    object_end(&p->call, &answer, p->call.route->status);
}

static int list_one(void *ctx, const anima_stream_info *info)
{
    view_stream(ctx, NULL, info);
    return 0;
}

void api_streams(const struct call *call)
{
    anima_error err;
    struct list_reply answer;
    list_begin(&answer, ANSWER_MAX, "streams");
    int rc = anima_stream_list(call->server->home, (int)call->query[0], call->query[1], list_one, &answer.w, &err);
    list_end(call, &answer, rc, &err);
}

static int segment_one(void *ctx, const anima_segment *segment)
{
    view_segment(ctx, NULL, segment);
    return 0;
}

void api_stream(const struct call *call)
{
    anima_stream *s = call_stream(call);
    struct buf body;
    struct jw w;
    if (!s)
        return;
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    put_stream(&w, s);
    jw_arr(&w, "segments");
    anima_stream_segments(s, call->query[0], (size_t)call->query[1], segment_one, &w);
    jw_end_arr(&w);
    jw_end_obj(&w);
    anima_stream_close(s);
    reply_json(call, 200, &body);
}

static void take_snapshot(void *ctx, int code, const anima_error *err, const char *data, size_t n)
{
    (void)code;
    (void)err;
    jw_raw(ctx, "snapshot", data, n);
}

void api_stream_snapshot(const struct call *call)
{
    anima_error err;
    anima_stream *s = call_stream(call);
    struct buf body;
    struct jw w;
    if (!s)
        return;
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    int rc = anima_stream_snapshot(s, take_snapshot, &w, &err);
    jw_end_obj(&w);
    anima_stream_close(s);
    if (rc) {
        buf_finish(&body);
        reply_change(call, rc, &err);
        return;
    }
    reply_json(call, 200, &body);
}

/* ---- changes ---- */

/* Appends the segments of member to s, which is closed at the end, and answers. */
static void append(const struct call *call, anima_stream *s, const char *member)
{
    anima_error err;
    anima_segment *segments;
    size_t n;
    struct pending *p = pending_stream(call, s);
    if (!p)
        return;
    int rc = read_segments(yyjson_obj_get(call->body, member), member, &segments, &n, &err);
    if (!rc)
        rc = anima_stream_append(s, segments, n, pending_done, p, &err);
    mem_free(segments);
    p->answer = answer_stream;
    pending_keep(p, rc, &err);
}

static int restore(const struct call *call, yyjson_val *snapshot, anima_stream **out, anima_error *err)
{
    size_t n;
    if (yyjson_obj_size(call->body) > 1)
        return err_set(err, ANIMA_E_INVALID, "a snapshot stands alone: it says itself what the stream is");
    char *json = yyjson_val_write(snapshot, 0, &n);
    int rc = json ? anima_stream_restore(call->server->home, json, n, out, err)
                  : err_set(err, ANIMA_E_NOMEM, "out of memory for the snapshot");
    free(json); /* yyjson's own allocator */
    return rc;
}

static int create(const struct call *call, anima_stream **out, anima_error *err)
{
    double days = json_num(call->body, "keep_days", 0);
    yyjson_val *snapshot = yyjson_obj_get(call->body, "snapshot");
    if (snapshot && !yyjson_is_null(snapshot))
        return restore(call, snapshot, out, err);
    if (!(days >= 0 && days <= MAX_DAYS))
        return err_set(err, ANIMA_E_INVALID, "\"keep_days\" must be a number from 0 to %g", MAX_DAYS);
    const anima_stream_options options = { .character = json_str(call->body, "character", ""),
                                           .model = json_str(call->body, "model", ""),
                                           .adapter = json_str(call->body, "adapter", ""),
                                           .adapter_scale = json_num(call->body, "adapter_scale", 1),
                                           .keep_ms = (int64_t)(days * DAY_MS) };
    return anima_stream_create(call->server->home, &options, out, err);
}

void api_stream_new(const struct call *call)
{
    anima_error err;
    anima_stream *s;
    if (create(call, &s, &err))
        reply_code(call, &err);
    else
        append(call, s, "segments");
}

void api_stream_append(const struct call *call)
{
    anima_stream *s = call_stream(call);
    if (s)
        append(call, s, "segments");
}

void api_stream_retract(const struct call *call)
{
    anima_error err;
    anima_stream *s = call_stream(call);
    struct pending *p = s ? pending_stream(call, s) : NULL;
    if (!p)
        return;
    p->answer = answer_stream;
    pending_keep(p, anima_stream_retract(s, json_int(call->body, "seq", -1), pending_done, p, &err), &err);
}

void api_stream_fork(const struct call *call)
{
    anima_error err;
    anima_stream_info info;
    anima_stream *s = call_stream(call), *made;
    if (!s)
        return;
    anima_stream_describe(s, &info);
    int rc = anima_stream_fork(s, json_int(call->body, "seq", info.segments), &made, &err);
    anima_stream_close(s);
    if (rc)
        reply_code(call, &err);
    else
        append(call, made, "");
}

static void answer_deleted(struct pending *p, const anima_error *note, anima_conversation *made)
{
    (void)note;
    (void)made;
    reply_true(&p->call, 200, "deleted");
}

void api_stream_delete(const struct call *call)
{
    anima_error err;
    anima_stream *s = call_stream(call);
    struct pending *p = s ? pending_stream(call, s) : NULL;
    if (!p)
        return;
    p->answer = answer_deleted;
    pending_keep(p, anima_stream_delete(s, pending_done, p, &err), &err);
}

void api_stream_cancel(const struct call *call)
{
    anima_error err;
    anima_stream *s = call_stream(call);
    if (!s)
        return;
    int rc = anima_stream_cancel(s, &err);
    anima_stream_close(s);
    if (rc) {
        reply_code(call, &err);
        return;
    }
    reply_true(call, 200, "cancelled");
}
