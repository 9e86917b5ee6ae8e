/* streams.c — streams of other programs: made, opened, forked, listed, and read by the engine. How they change is
 * stream_change.c; what the model says into them is stream_generate.c; the record of a whole one is stream_snapshot.c.
 *
 * A stream lives in memory as long as somebody holds it open or something of it is on its way. */
#include "agent/streams.h"

#include "agent/complete.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rnd.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define MAX_STREAMS 10000
#define MAX_NAME 64
#define READ_AT_ONCE 500
#define READ_ARENA (16u << 20)

void stream_name(char out[STREAM_NAME], const char *id) { snprintf(out, STREAM_NAME, "s-%.24s", id); }

const char *stream_kind(const char *kind)
{
    static const char *const kinds[] = { "persona", "profile", "memory", "heard", "thought", "said", "tool" };
    for (size_t i = 0; kind && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kind, kinds[i]) == 0)
            return kinds[i];
    return NULL;
}

/* ---- in memory ---- */

anima_stream *stream_find(anima_home *home, const char *id)
{
    anima_stream *s = home->streams;
    while (s && strcmp(s->info.id, id) != 0)
        s = s->next;
    return s;
}

int stream_new(anima_home *home, const anima_stream_info *info, anima_stream **out, anima_error *err)
{
    anima_stream *s = *out = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a stream");
    s->home = home;
    s->info = *info;
    s->refs = 1;
    s->next = home->streams;
    home->streams = s;
    return ANIMA_OK;
}

void stream_cut(anima_stream *s, int64_t seq)
{
    while (s->n && s->segments[s->n - 1].seq > seq) {
        anima_segment *last = &s->segments[--s->n];
        s->bytes -= strlen(last->text);
        store_segment_free(last);
    }
    s->info.segments = (int64_t)s->n;
}

static void free_stream(anima_stream *s)
{
    anima_stream **p = &s->home->streams;
    while (*p != s)
        p = &(*p)->next;
    *p = s->next;
    stream_cut(s, 0);
    mem_free(s->segments);
    mem_free(s);
}

int stream_push(anima_stream *s, const anima_segment *segment)
{
    anima_segment *list = mem_grow(s->segments, s->n, &s->max, sizeof(*list));
    if (!list)
        return ANIMA_E_NOMEM;
    s->segments = list;
    if (store_segment_copy(segment, &list[s->n]))
        return ANIMA_E_NOMEM;
    if (s->n)
        list[s->n - 1].state = ""; /* only the last one can go on */
    s->bytes += strlen(list[s->n++].text);
    s->info.segments = (int64_t)s->n;
    return ANIMA_OK;
}

static int check_segment(const anima_segment *g, anima_error *err)
{
    const char *name = g->name ? g->name : "";
    size_t n = g->text ? strlen(g->text) : 0;
    if (!stream_kind(g->kind))
        return err_set(err, ANIMA_E_INVALID,
                       "a segment's kind is persona, profile, memory, heard, thought, said or tool, not \"%.40s\"",
                       g->kind ? g->kind : "");
    if (n == 0 && !(g->finish && *g->finish))
        return err_set(err, ANIMA_E_INVALID, "a segment needs a text");
    if (n > ANIMA_STREAM_MAX_SEGMENT)
        return err_set(err, ANIMA_E_LIMIT, "a segment has at most %u bytes; this one has %zu: append it in parts",
                       ANIMA_STREAM_MAX_SEGMENT, n);
    if (!utf8_valid(g->text, n) || !utf8_valid(name, strlen(name)))
        return err_set(err, ANIMA_E_INVALID, "a segment is not valid UTF-8");
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7F || p - name >= MAX_NAME)
            return err_set(err, ANIMA_E_INVALID, "a segment's name is one line of at most %d bytes", MAX_NAME);
    return ANIMA_OK;
}

int stream_check_room(const anima_stream *s, const anima_segment *segments, size_t n, anima_error *err)
{
    size_t bytes = s->bytes;
    if (s->n + n > ANIMA_STREAM_MAX_SEGMENTS)
        return err_set(err, ANIMA_E_LIMIT, "a stream has at most %d segments: begin a new one with a summary",
                       ANIMA_STREAM_MAX_SEGMENTS);
    for (size_t i = 0; i < n; i++) {
        int rc = check_segment(&segments[i], err);
        if (rc)
            return rc;
        bytes += strlen(segments[i].text);
    }
    return bytes <= ANIMA_STREAM_MAX_TEXT ? ANIMA_OK
                                          : err_set(err, ANIMA_E_LIMIT,
                                                    "a stream has at most %u bytes of text: begin a new one with a "
                                                    "summary",
                                                    ANIMA_STREAM_MAX_TEXT);
}

int stream_add(anima_stream *s, const anima_segment *segments, size_t n, anima_error *err)
{
    int64_t before = (int64_t)s->n;
    int rc = stream_check_room(s, segments, n, err);
    for (size_t i = 0; i < n && !rc; i++) {
        anima_segment one = segments[i];
        one.seq = before + (int64_t)i + 1;
        one.created_ms = one.created_ms ? one.created_ms : clock_wall_ms();
        rc = stream_push(s, &one);
        if (rc)
            err_set(err, rc, "out of memory for a segment");
    }
    if (rc)
        stream_cut(s, before);
    return rc;
}

/* ---- from the store ---- */

static int load_one(void *ctx, const anima_segment *segment) { return stream_push(ctx, segment); }

int stream_load(anima_stream *s, anima_error *err)
{
    anima_stream_info info;
    int rc = store_stream_get(s->home->store, s->info.id, &info, err);
    if (rc)
        return rc;
    stream_cut(s, 0);
    size_t before;
    do {
        before = s->n;
        rc = store_segment_list(s->home->store, info.id, (int64_t)s->n, READ_AT_ONCE, load_one, s, err);
    } while (!rc && s->n == before + READ_AT_ONCE);
    s->info = info;
    s->info.segments = (int64_t)s->n;
    s->stale = rc != 0;
    return rc == ANIMA_E_NOMEM ? err_set(err, rc, "out of memory for stream %s", info.id) : rc;
}

int anima_stream_open(anima_home *home, const char *id, anima_stream **out, anima_error *err)
{
    *out = NULL;
    anima_stream *s = stream_find(home, id);
    if (s && (s->gone || !s->made))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no stream \"%.64s\"", id);
    if (s) {
        s->refs++;
        *out = s;
        return ANIMA_OK;
    }
    anima_stream_info info = { 0 };
    snprintf(info.id, sizeof(info.id), "%s", id);
    int rc = strlen(id) < sizeof(info.id) ? stream_new(home, &info, &s, err)
                                          : err_set(err, ANIMA_E_NOT_FOUND, "there is no stream \"%.64s\"", id);
    if (rc)
        return rc;
    s->made = true;
    rc = stream_load(s, err);
    if (!rc && s->info.expires_ms && s->info.expires_ms <= clock_wall_ms())
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is no stream \"%.64s\"", id);
    if (rc)
        anima_stream_close(s);
    else
        *out = s;
    return rc;
}

void anima_stream_close(anima_stream *s)
{
    if (s && --s->refs == 0 && !s->home->closing)
        free_stream(s);
}

void anima_stream_describe(const anima_stream *s, anima_stream_info *out)
{
    *out = s->info;
    out->generating = s->generation != NULL;
}

struct overlay {
    anima_home *home;
    anima_stream_cb *cb;
    void *ctx;
};

static int overlay_one(void *ctx, const anima_stream_info *stored)
{
    const struct overlay *o = ctx;
    anima_stream_info info = *stored;
    const anima_stream *s = stream_find(o->home, info.id);
    if (s && s->gone)
        return 0;
    if (s && !s->stale)
        anima_stream_describe(s, &info);
    return o->cb(o->ctx, &info);
}

int anima_stream_list(anima_home *home, int limit, int64_t before_ms, anima_stream_cb *cb, void *ctx, anima_error *err)
{
    struct overlay o = { home, cb, ctx };
    if (limit < 1 || limit > READ_AT_ONCE)
        return err_set(err, ANIMA_E_INVALID, "limit is 1 to %d, not %d", READ_AT_ONCE, limit);
    return store_stream_list(home->store, limit, before_ms, overlay_one, &o, err);
}

int anima_stream_segments(const anima_stream *s, int64_t after, size_t limit, anima_segment_cb *cb, void *ctx)
{
    int stop = 0;
    size_t first = after < 0 ? 0 : (size_t)after;
    for (size_t i = first; i < s->n && i - first < limit && !stop; i++)
        stop = cb(ctx, &s->segments[i]);
    return stop < 0 ? stop : ANIMA_OK;
}

void streams_drop(anima_home *home)
{
    for (anima_stream *s = home->streams; s; s = s->next) {
        generation_free(s->generation);
        s->generation = NULL;
        scorings_free(s);
    }
}

void streams_free_all(anima_home *home)
{
    while (home->streams)
        free_stream(home->streams);
}

/* ---- making ---- */

/* A model that a program may name: one that somebody has put on a list here, or the default one; not any file. */
static int check_model(anima_home *home, const char *model, anima_error *err)
{
    if (strlen(model) >= sizeof(((anima_stream_info *)0)->model) ||
        (strcmp(model, settings_get(home->settings, "model.default")) != 0 && !models_find(home->models, model)))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no model \"%.80s\": `anima models` lists those there are",
                       model);
    return ANIMA_OK;
}

static int check_adapter(const anima_stream_options *o, anima_error *err)
{
    size_t n = strlen(o->adapter);
    if (n >= sizeof(((anima_stream_info *)0)->adapter) || strchr(o->adapter, '/') || *o->adapter == '.' ||
        !utf8_valid(o->adapter, n))
        return err_set(err, ANIMA_E_INVALID, "an adapter is the name of a file in the home's folder \"adapters\"");
    if (!(o->adapter_scale >= -64 && o->adapter_scale <= 64))
        return err_set(err, ANIMA_E_INVALID, "\"adapter_scale\" must be a number from -64 to 64");
    return ANIMA_OK;
}

static int check_number(anima_home *home, anima_error *err)
{
    int64_t n;
    int rc = home->read_only ? home_looked_at_only(err) : store_stream_count(home->store, &n, err);
    if (!rc && n >= MAX_STREAMS)
        rc = err_set(err, ANIMA_E_BUSY, "there are %d streams already: delete some", MAX_STREAMS);
    return rc;
}

int anima_stream_create(anima_home *home, const anima_stream_options *options, anima_stream **out, anima_error *err)
{
    anima_stream_options o = *options;
    *out = NULL;
    o.character = o.character ? o.character : "";
    o.adapter = o.adapter ? o.adapter : "";
    const struct character *who = *o.character ? cast_find(&home->cast, o.character) : NULL;
    if (*o.character && !who)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", o.character);
    if (!o.model || !*o.model)
        o.model = who ? character_model(home, who) : settings_get(home->settings, "model.default");
    else if (check_model(home, o.model, err))
        return ANIMA_E_NOT_FOUND;
    streams_expire(home);
    int rc = check_number(home, err);
    if (!rc && *o.adapter)
        rc = check_adapter(&o, err);
    if (rc)
        return rc;
    anima_stream_info info = { .adapter_scale = *o.adapter ? o.adapter_scale : 0 };
    rnd_name(info.id, 16);
    snprintf(info.character, sizeof(info.character), "%s", o.character);
    snprintf(info.model, sizeof(info.model), "%s", o.model);
    snprintf(info.adapter, sizeof(info.adapter), "%s", o.adapter);
    info.created_ms = info.used_ms = clock_wall_ms();
    info.expires_ms = o.keep_ms > 0 ? info.created_ms + o.keep_ms : 0;
    return stream_new(home, &info, out, err);
}

int anima_stream_fork(anima_stream *s, int64_t seq, anima_stream **out, anima_error *err)
{
    *out = NULL;
    if (s->gone)
        return err_set(err, ANIMA_E_NOT_FOUND, "the stream was deleted");
    if (seq < 0 || seq > (int64_t)s->n)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no segment %lld; the last one is %zu", (long long)seq, s->n);
    anima_stream_info info = s->info;
    int rc = check_number(s->home, err);
    if (rc)
        return rc;
    rnd_name(info.id, 16);
    snprintf(info.parent, sizeof(info.parent), "%s", s->info.id);
    info.parent_seq = seq;
    info.segments = 0;
    info.created_ms = info.used_ms = clock_wall_ms();
    info.expires_ms += s->info.expires_ms ? info.used_ms - s->info.used_ms : 0;
    rc = stream_new(s->home, &info, out, err);
    for (int64_t i = 0; i < seq && !rc; i++) {
        anima_segment one = s->segments[i];
        one.response = one.meta = ""; /* the names are those of the first place */
        one.state = i + 1 == seq ? one.state : "";
        if (stream_push(*out, &one))
            rc = err_set(err, ANIMA_E_NOMEM, "out of memory for a stream");
    }
    if (rc) {
        anima_stream_close(*out);
        *out = NULL;
    }
    return rc;
}

/* ---- what the engine reads ---- */

int stream_character(const anima_stream *s, const struct character **out, anima_error *err)
{
    *out = *s->info.character ? cast_find(&s->home->cast, s->info.character) : NULL;
    if (*s->info.character && !*out)
        return err_set(err, ANIMA_E_NOT_FOUND, "the character \"%s\" of this stream is not there any more",
                       s->info.character);
    return ANIMA_OK;
}

static anima_chat_message message_of(const anima_segment *g)
{
    return (anima_chat_message){ .role = g->kind, .name = *g->name ? g->name : NULL, .text = g->text };
}

int stream_messages(const anima_stream *s, size_t n, const char *instructions, const anima_segment *more, size_t n_more,
                    struct arena *arena, struct engine_request *request, anima_error *err)
{
    anima_chat_message *messages = arena_alloc(arena, (n + n_more + 1) * sizeof(*messages));
    size_t count = 0;
    if (!messages)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the request");
    if (instructions && *instructions)
        messages[count++] = (anima_chat_message){ .role = "system", .text = instructions };
    for (size_t i = 0; i < n; i++)
        messages[count++] = message_of(&s->segments[i]);
    for (size_t i = 0; i < n_more; i++)
        messages[count++] = message_of(&more[i]);
    request->messages = messages;
    request->n_messages = count;
    if (*s->info.adapter) {
        request->adapter = s->info.adapter;
        request->adapter_scale = s->info.adapter_scale;
    }
    return ANIMA_OK;
}

bool stream_read_ahead(anima_stream *s)
{
    struct arena arena;
    const struct character *who;
    char name[STREAM_NAME];
    struct engine_request request = { .stream = name, .class = ENGINE_BACKGROUND, .logprobs = -1 };
    if (s->gone || s->stale || s->generation || !s->n || !s->home->engines ||
        !engine_reads(s->home->engines, s->info.model) || stream_character(s, &who, NULL))
        return false;
    arena_init(&arena, READ_ARENA);
    stream_name(name, s->info.id);
    anima_sampling_default(&request.sampling);
    /* One that was cut off has no end yet: it may go on. */
    size_t n = s->n - (*s->segments[s->n - 1].state != '\0');
    bool read = n && !stream_messages(s, n, NULL, NULL, 0, &arena, &request, NULL) &&
                !completion_messages(&arena, who, false, &request, NULL) &&
                engine_read(s->home->engines, s->info.model, &request);
    arena_finish(&arena);
    return read;
}
