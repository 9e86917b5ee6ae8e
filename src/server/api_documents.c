/* api_documents.c — documents of a character: give one, list them, see an outline, search, delete. */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"

#define ANSWER_MAX (16u << 20)

static int put_document(void *ctx, const anima_document *document)
{
    view_document(ctx, NULL, document);
    return 0;
}

void api_documents(const struct call *call)
{
    anima_error err;
    struct list_reply answer;
    list_begin(&answer, ANSWER_MAX, "documents");
    list_end(call, &answer, anima_document_list(call->server->home, call->id, put_document, &answer.w, &err), &err);
}

static void added(void *ctx, int code, const anima_error *err, const anima_document *document)
{
    struct call call;
    struct buf body;
    struct jw w;
    if (pending_over(ctx, code, err, &call))
        return;
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    view_document(&w, "document", document);
    jw_end_obj(&w);
    reply_json(&call, call.route->status, &body);
}

void api_document_add(const struct call *call)
{
    anima_error err;
    const struct http_request *r = call->request;
    const anima_document_wish wish = { .character = call->id,
                                       .name = call->words[0],
                                       .title = call->words[1],
                                       .giver = call->words[2],
                                       .for_whom = call->words[3] };
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    pending_keep(p, anima_document_add(call->server->home, &wish, r->body, r->body_len, added, p, &err), &err);
}

static int put_named(void *ctx, const anima_document *document)
{
    view_document(ctx, "document", document);
    return 0;
}

static int put_section(void *ctx, const anima_section *section)
{
    view_section(ctx, section);
    return 0;
}

void api_document(const struct call *call)
{
    anima_error err;
    struct buf body;
    struct jw w;
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    int rc = anima_document_get(call->server->home, call->id, put_named, &w, &err);
    jw_arr(&w, "sections");
    rc = rc ? rc : anima_document_outline(call->server->home, call->id, put_section, &w, &err);
    jw_end_arr(&w);
    jw_end_obj(&w);
    if (!rc) {
        reply_json(call, 200, &body);
        return;
    }
    buf_finish(&body);
    reply_code(call, &err);
}

void api_document_remove(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_purged;
    pending_keep(p, anima_document_remove(call->server->home, call->id, pending_done, p, &err), &err);
}

static void found(void *ctx, int code, const anima_error *err, const anima_passage *passages, size_t n)
{
    struct call call;
    struct buf body;
    struct jw w;
    if (pending_over(ctx, code, err, &call))
        return;
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    jw_arr(&w, "passages");
    for (size_t i = 0; i < n; i++)
        view_passage(&w, &passages[i]);
    jw_end_arr(&w);
    jw_end_obj(&w);
    reply_json(&call, 200, &body);
}

void api_passages(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    int rc = anima_document_search(call->server->home, call->id, call->words[1], call->words[0], found, p, &err);
    pending_keep(p, rc, &err);
}
