/* api_chats.c — conversations as wholes: rename, delete, fork, search, take out as a file, bring in from one. */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define ANSWER_MAX (4u << 20)
#define FILE_MAX (64u << 20)

static void reply_conversation(const struct call *call, int status, const anima_conversation *c, bool turns)
{
    anima_conversation_info info;
    struct object_reply answer;
    object_begin(&answer, ANSWER_MAX);
    view_conversation_now(&answer.w, c);
    anima_conversation_describe(c, &info);
    if (turns)
        jw_int(&answer.w, "turns", info.turns);
    object_end(call, &answer, status);
}

static void answer_renamed(struct pending *p, const anima_error *note, anima_conversation *made)
{
    (void)note;
    (void)made;
    reply_conversation(&p->call, 200, p->conversation, false);
}

void api_conversation_rename(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, true);
    if (!p)
        return;
    p->answer = answer_renamed;
    pending_keep(
        p, anima_conversation_rename(p->conversation, json_str(call->body, "title", ""), pending_done, p, &err), &err);
}

void answer_changed(struct pending *p, const anima_error *note, anima_conversation *made)
{
    (void)note;
    (void)made;
    reply_true(&p->call, p->call.route->status, "changed");
}

void answer_purged(struct pending *p, const anima_error *note, anima_conversation *made)
{
    struct buf body;
    (void)made;
    buf_init(&body, 256);
    buf_printf(&body, "{\"deleted\":true,\"purged\":%s}", note && note->code ? "false" : "true");
    reply_json(&p->call, 200, &body);
}

void api_conversation_delete(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, true);
    if (!p)
        return;
    p->answer = answer_purged;
    pending_keep(p, anima_conversation_delete(p->conversation, call->query[0] != 0, pending_done, p, &err), &err);
}

static void put_summary(struct jw *w, const anima_summary *s)
{
    jw_obj(w, "summary");
    jw_int(w, "seq", s->seq);
    jw_str(w, "language", s->language);
    jw_str(w, "text", s->text);
    jw_int(w, "made_ms", s->made_ms);
    jw_end_obj(w);
}

void api_summary(const struct call *call)
{
    anima_error err;
    anima_summary s;
    struct buf body;
    struct jw w;
    anima_conversation *c = call_conversation(call);
    if (!c)
        return;
    int rc = anima_conversation_summary(c, &s, &err);
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    if (rc)
        jw_null(&w, "summary");
    else
        put_summary(&w, &s);
    jw_end_obj(&w);
    anima_conversation_close(c);
    if (!rc || rc == ANIMA_E_NOT_FOUND) {
        reply_json(call, 200, &body);
        return;
    }
    buf_finish(&body);
    reply_code(call, &err);
}

void api_summary_remove(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, true);
    if (!p)
        return;
    p->answer = answer_purged;
    pending_keep(p, anima_conversation_summary_remove(p->conversation, pending_done, p, &err), &err);
}

static void answer_forked(struct pending *p, const anima_error *note, anima_conversation *made)
{
    (void)note;
    reply_conversation(&p->call, 201, made, false);
}

void api_conversation_fork(const struct call *call)
{
    anima_error err;
    anima_conversation_info info;
    struct pending *p = pending_new(call, true);
    if (!p)
        return;
    p->answer = answer_forked;
    anima_conversation_describe(p->conversation, &info); /* its turns are counted without gaps */
    pending_keep(p,
                 anima_conversation_fork(p->conversation, json_int(call->body, "seq", info.turns),
                                         json_str(call->body, "title", NULL), pending_made, p, &err),
                 &err);
}

static void answer_imported(struct pending *p, const anima_error *note, anima_conversation *made)
{
    (void)note;
    reply_conversation(&p->call, 201, made, true);
}

void api_conversation_import(const struct call *call)
{
    anima_error err;
    const struct http_request *r = call->request;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_imported;
    int rc = anima_import(call->server->home, call->words[0], r->body, r->body_len, pending_made, p, &err);
    pending_keep(p, rc, &err);
}

/* ---- a file ---- */

static const struct {
    const char *name, *type, *ending;
} formats[] = {
    [ANIMA_EXPORT_JSONL] = { "jsonl", "application/x-ndjson", "jsonl" },
    [ANIMA_EXPORT_MARKDOWN] = { "markdown", "text/markdown; charset=utf-8", "md" },
    [ANIMA_EXPORT_SILLYTAVERN] = { "sillytavern", "application/x-ndjson", "jsonl" },
};
#define N_FORMATS ((int)(sizeof(formats) / sizeof(formats[0])))

static void exported(void *ctx, int code, const anima_error *err, const char *data, size_t n)
{
    struct pending *p = ctx;
    struct call call;
    struct buf file;
    char name[160];
    anima_conversation_info info;
    int format = p->format;
    anima_conversation_describe(p->conversation, &info);
    if (pending_over(p, code, err, &call))
        return;
    snprintf(name, sizeof(name), "%s.%s", *info.title ? info.title : info.id, formats[format].ending);
    buf_init(&file, FILE_MAX);
    buf_append(&file, data, n);
    reply_file(&call, formats[format].type, name, &file);
}

void api_conversation_export(const struct call *call)
{
    anima_error err;
    int format = 0;
    while (format < N_FORMATS && *call->words[0] && strcmp(call->words[0], formats[format].name) != 0)
        format++;
    if (format == N_FORMATS) {
        err_set(&err, ANIMA_E_INVALID, "\"format\" is jsonl, markdown or sillytavern");
        reply_error(call, 400, &err);
        return;
    }
    struct pending *p = pending_new(call, true);
    if (!p)
        return;
    p->format = format;
    int rc = anima_export(p->conversation, (anima_export_format)format, exported, p, &err);
    pending_keep(p, rc, &err);
}

/* ---- searching ---- */

static void put_hit(struct jw *w, const anima_hit *hit)
{
    jw_obj(w, NULL);
    jw_str(w, "conversation", hit->conversation);
    jw_str(w, "character", hit->character);
    jw_str(w, "title", hit->title);
    jw_int(w, "seq", hit->seq);
    jw_str(w, "role", !hit->seq ? "title" : hit->role == ANIMA_ROLE_PERSON ? "person" : "character");
    jw_str(w, "person", hit->person);
    jw_int(w, "created_ms", hit->created_ms);
    jw_str(w, "before", hit->before);
    jw_str(w, "match", hit->match);
    jw_str(w, "after", hit->after);
    jw_end_obj(w);
}

static void found(void *ctx, int code, const anima_error *err, const anima_hit *hits, size_t n, bool more)
{
    struct call call;
    struct object_reply answer;
    if (pending_over(ctx, code, err, &call))
        return;
    object_begin(&answer, ANSWER_MAX);
    jw_arr(&answer.w, "hits");
    for (size_t i = 0; i < n; i++)
        put_hit(&answer.w, &hits[i]);
    jw_end_arr(&answer.w);
    jw_bool(&answer.w, "more", more);
    object_end(&call, &answer, 200);
}

void api_search(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    int rc = anima_search(call->server->home, call->words[0], (int)call->query[1], found, p, &err);
    pending_keep(p, rc, &err);
}
