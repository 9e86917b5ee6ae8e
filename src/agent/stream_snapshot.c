/* stream_snapshot.c — a stream as one JSON record, and how a generation was sampled as another, which is part of the first:
 *
 *   {"anima_stream":1, "model", "character"?, "adapter"?, "adapter_scale"?, "created_ms", "segments":[{"kind", "name"?, "text",
 *    "finish"?, "completion_tokens"?, "created_ms"}], "state"?}
 *   state: {"sampling":{…,"seed","stop"}, "grammar"?, "json_schema"?, "engine"?}
 *
 * "state" is that of the last segment, if it was cut off. "engine" is the sampler's own (docs/engine-protocol.md). */
#include "agent/sampling.h"
#include "agent/streams.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_VERSION 1
#define RECORD_MAX (64u << 20)
#define STATE_ARENA (16u << 20)
#define MAX_STOPS 16

/* ---- how it was sampled ---- */

static int copy_stops(struct stream_state *s, const char *const *from)
{
    size_t n = 0;
    while (from && from[n])
        n++;
    const char **stops = n ? arena_alloc(&s->arena, (n + 1) * sizeof(*stops)) : NULL;
    for (size_t i = 0; stops && i < n; i++)
        if (!(stops[i] = arena_strdup(&s->arena, from[i])))
            return ANIMA_E_NOMEM;
    s->sampling.stop = stops;
    return n && !stops ? ANIMA_E_NOMEM : ANIMA_OK;
}

static int copy_text(struct stream_state *s, const char *from, const char **to)
{
    *to = from ? arena_strdup(&s->arena, from) : NULL;
    return from && !*to ? ANIMA_E_NOMEM : ANIMA_OK;
}

int stream_state_copy(struct stream_state *out, const anima_sampling *sampling, const char *grammar,
                      const char *json_schema)
{
    *out = (struct stream_state){ .sampling = *sampling };
    arena_init(&out->arena, STATE_ARENA);
    out->sampling.max_tokens = 0;
    int rc = copy_stops(out, sampling->stop);
    if (!rc)
        rc = copy_text(out, grammar, &out->grammar);
    return rc ? rc : copy_text(out, json_schema, &out->json_schema);
}

int stream_state_write(struct buf *out, const struct stream_state *s)
{
    struct jw w;
    jw_init(&w, out);
    jw_obj(&w, NULL);
    jw_obj(&w, "sampling");
    sampling_write(&w, &s->sampling);
    jw_end_obj(&w);
    if (s->grammar)
        jw_str(&w, "grammar", s->grammar);
    if (s->json_schema)
        jw_str(&w, "json_schema", s->json_schema);
    if (s->engine)
        jw_raw(&w, "engine", s->engine, strlen(s->engine));
    jw_end_obj(&w);
    return out->failed;
}

static int read_stops(struct stream_state *s, yyjson_val *list, anima_error *err)
{
    const char *stops[MAX_STOPS + 1] = { NULL };
    size_t i, n;
    yyjson_val *one;
    if (yyjson_arr_size(list) > MAX_STOPS)
        return err_set(err, ANIMA_E_LIMIT, "more than %d stop strings", MAX_STOPS);
    yyjson_arr_foreach (list, i, n, one) {
        if (!(stops[i] = yyjson_get_str(one)) || !*stops[i])
            return err_set(err, ANIMA_E_INVALID, "a stop string is a text");
    }
    return copy_stops(s, stops) ? err_set(err, ANIMA_E_NOMEM, "out of memory for the state") : ANIMA_OK;
}

/* A member that is an object, as text. */
static int keep_object(struct stream_state *s, yyjson_val *v, const char **out)
{
    size_t n;
    char *json = yyjson_is_obj(v) ? yyjson_val_write(v, 0, &n) : NULL;
    *out = json ? arena_strndup(&s->arena, json, n) : NULL;
    free(json); /* yyjson's own allocator */
    return yyjson_is_obj(v) && !*out ? ANIMA_E_NOMEM : ANIMA_OK;
}

static int read_state(struct stream_state *out, yyjson_val *root, anima_error *err)
{
    const char *member;
    yyjson_val *sampling = yyjson_obj_get(root, "sampling");
    *out = (struct stream_state){ .engine = NULL };
    arena_init(&out->arena, STATE_ARENA);
    anima_sampling_default(&out->sampling);
    if (!yyjson_is_obj(root) || !yyjson_is_obj(sampling))
        return err_set(err, ANIMA_E_INVALID, "a state is an object with \"sampling\"");
    int rc = sampling_read(&out->sampling, sampling, &member, err);
    if (!rc)
        rc = read_stops(out, yyjson_obj_get(sampling, "stop"), err);
    if (rc)
        return rc;
    out->sampling.max_tokens = 0;
    if (copy_text(out, json_str(root, "grammar", NULL), &out->grammar) ||
        copy_text(out, json_str(root, "json_schema", NULL), &out->json_schema) ||
        keep_object(out, yyjson_obj_get(root, "engine"), &out->engine))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the state");
    return ANIMA_OK;
}

int stream_state_read(struct stream_state *out, const char *json, size_t n, anima_error *err)
{
    yyjson_doc *doc;
    *out = (struct stream_state){ .engine = NULL };
    int rc = json_parse(json, n, RECORD_MAX, "the state", &doc, err);
    if (rc)
        return rc;
    rc = read_state(out, yyjson_doc_get_root(doc), err);
    yyjson_doc_free(doc);
    return rc;
}

void stream_state_finish(struct stream_state *s) { arena_finish(&s->arena); }

/* ---- the record ---- */

static void put_segment(struct jw *w, const anima_segment *g)
{
    jw_obj(w, NULL);
    jw_str(w, "kind", g->kind);
    if (*g->name)
        jw_str(w, "name", g->name);
    jw_str(w, "text", g->text);
    if (*g->finish)
        jw_str(w, "finish", g->finish);
    if (g->completion_tokens)
        jw_int(w, "completion_tokens", g->completion_tokens);
    jw_int(w, "created_ms", g->created_ms);
    jw_end_obj(w);
}

static void put_record(struct jw *w, const anima_stream *s)
{
    jw_obj(w, NULL);
    jw_int(w, "anima_stream", RECORD_VERSION);
    jw_str(w, "model", s->info.model);
    if (*s->info.character)
        jw_str(w, "character", s->info.character);
    if (*s->info.adapter) {
        jw_str(w, "adapter", s->info.adapter);
        jw_num(w, "adapter_scale", s->info.adapter_scale);
    }
    jw_int(w, "created_ms", s->info.created_ms);
    jw_arr(w, "segments");
    for (size_t i = 0; i < s->n; i++)
        put_segment(w, &s->segments[i]);
    jw_end_arr(w);
    const char *state = s->n ? s->segments[s->n - 1].state : "";
    if (*state)
        jw_raw(w, "state", state, strlen(state));
    jw_end_obj(w);
}

int anima_stream_snapshot(anima_stream *s, anima_exported *done, void *ctx, anima_error *err)
{
    struct buf out;
    struct jw w;
    int rc = stream_check(s, err);
    if (rc)
        return rc;
    buf_init(&out, RECORD_MAX);
    jw_init(&w, &out);
    put_record(&w, s);
    rc = out.failed;
    if (rc)
        err_set(err, rc, "out of memory for the record");
    else
        done(ctx, ANIMA_OK, NULL, out.data, out.len);
    buf_finish(&out);
    return rc;
}

/* ---- back ---- */

static const char *finish_of(yyjson_val *one)
{
    static const char *const finishes[] = { "stop", "length", "cancelled" };
    const char *finish = json_str(one, "finish", "");
    for (size_t i = 0; i < sizeof(finishes) / sizeof(finishes[0]); i++)
        if (strcmp(finish, finishes[i]) == 0)
            return finishes[i];
    return "";
}

static int take_segment(anima_stream *s, yyjson_val *one, const char *state, anima_error *err)
{
    int64_t tokens = json_int(one, "completion_tokens", 0), created = json_int(one, "created_ms", 0);
    const char *text = json_str(one, "text", "");
    const anima_segment segment = { .kind = json_str(one, "kind", ""),
                                    .name = json_str(one, "name", ""),
                                    .text = text,
                                    .finish = finish_of(one),
                                    .state = state,
                                    .completion_tokens = tokens > 0 && tokens < INT32_MAX ? (int)tokens : 0,
                                    .created_ms = created > 0 ? created : 0 };
    if (strlen(text) != yyjson_get_len(yyjson_obj_get(one, "text")))
        return err_set(err, ANIMA_E_INVALID, "a segment has a NUL character");
    return stream_add(s, &segment, 1, err);
}

static int take_segments(anima_stream *s, yyjson_val *root, anima_error *err)
{
    yyjson_val *list = yyjson_obj_get(root, "segments"), *state = yyjson_obj_get(root, "state"), *one;
    size_t i, n, len;
    struct stream_state checked;
    if (!yyjson_is_arr(list))
        return err_set(err, ANIMA_E_INVALID, "the record has no list \"segments\"");
    int rc = state ? read_state(&checked, state, err) : ANIMA_OK;
    if (state)
        stream_state_finish(&checked);
    char *json = rc || !state ? NULL : yyjson_val_write(state, 0, &len);
    if (!rc && state && !json)
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the record");
    yyjson_arr_foreach (list, i, n, one) {
        if (!rc)
            rc = take_segment(s, one, json && i + 1 == n ? json : "", err);
    }
    free(json); /* yyjson's own allocator */
    return rc;
}

static int take_record(anima_home *home, yyjson_val *root, anima_stream **out, anima_error *err)
{
    int64_t version = json_int(root, "anima_stream", 0);
    if (version < 1)
        return err_set(err, ANIMA_E_INVALID, "this is no snapshot of a stream: it lacks \"anima_stream\"");
    if (version > RECORD_VERSION)
        return err_set(err, ANIMA_E_UNSUPPORTED, "the snapshot was written by a newer anima: install that one");
    const anima_stream_options options = { .character = json_str(root, "character", ""),
                                           .model = json_str(root, "model", ""),
                                           .adapter = json_str(root, "adapter", ""),
                                           .adapter_scale = json_num(root, "adapter_scale", 1) };
    int rc = anima_stream_create(home, &options, out, err);
    if (!rc)
        rc = take_segments(*out, root, err);
    if (rc) {
        anima_stream_close(*out);
        *out = NULL;
    }
    return rc;
}

int anima_stream_restore(anima_home *home, const char *json, size_t n, anima_stream **out, anima_error *err)
{
    yyjson_doc *doc;
    *out = NULL;
    int rc = json_parse(json, n, RECORD_MAX, "the snapshot", &doc, err);
    if (rc)
        return rc;
    rc = take_record(home, yyjson_doc_get_root(doc), out, err);
    yyjson_doc_free(doc);
    return rc;
}
