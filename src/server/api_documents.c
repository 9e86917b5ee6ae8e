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
    struct object_reply answer;
    if (pending_over(ctx, code, err, &call))
        return;
    object_begin(&answer, ANSWER_MAX);
    view_document(&answer.w, "document", document);
    object_end(&call, &answer, call.route->status);
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
    struct object_reply answer;
    object_begin(&answer, ANSWER_MAX);
    int rc = anima_document_get(call->server->home, call->id, put_named, &answer.w, &err);
    jw_arr(&answer.w, "sections");
    rc = rc ? rc : anima_document_outline(call->server->home, call->id, put_section, &answer.w, &err);
    jw_end_arr(&answer.w);
    if (!rc) {
        object_end(call, &answer, 200);
        return;
    }
    buf_finish(&answer.body);
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
    struct list_reply answer;
    if (pending_over(ctx, code, err, &call))
        return;
    list_begin(&answer, ANSWER_MAX, "passages");
    for (size_t i = 0; i < n; i++)
        view_passage(&answer.w, &passages[i]);
    list_end(&call, &answer, ANIMA_OK, err);
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
