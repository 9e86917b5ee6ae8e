/* api_characters.c — who lives in the home, and cards in and out. Cards are taken apart on another thread: the answer goes out
 * when that is done (struct pending, api_turns.c). */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

#define ANSWER_MAX (16u << 20)
#define CARD_MAX (128u << 20)

void api_characters(const struct call *call)
{
    struct list_reply answer;
    const anima_character *c;
    anima_characters_refresh(call->server->home);
    list_begin(&answer, ANSWER_MAX, "characters");
    for (size_t i = 0; (c = anima_character_at(call->server->home, i)); i++)
        view_character(&answer.w, NULL, call->server->home, c);
    list_end(call, &answer, ANIMA_OK, NULL);
}

/* ---- in ---- */

static void imported(void *ctx, int code, const anima_error *err, const anima_character *made)
{
    struct call call;
    struct object_reply answer;
    if (pending_over(ctx, code, err, &call))
        return;
    object_begin(&answer, ANSWER_MAX);
    view_character(&answer.w, "character", call.server->home, made);
    object_end(&call, &answer, 201);
}

void api_character_import(const struct call *call)
{
    anima_error err;
    const struct http_request *r = call->request;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    int rc = anima_character_import(call->server->home, r->body, r->body_len, call->query[0] != 0, imported, p, &err);
    pending_keep(p, rc, &err);
}

void api_character_remove(const struct call *call)
{
    anima_error err;
    if (anima_character_remove(call->server->home, call->id, &err)) {
        reply_code(call, &err);
        return;
    }
    reply_true(call, 200, "removed");
}

/* ---- out ---- */

static const struct {
    const char *name, *type;
} formats[] = { { "json", "application/json" }, { "png", "image/png" }, { "charx", "application/zip" } };
#define N_FORMATS ((int)(sizeof(formats) / sizeof(formats[0])))

static void exported(void *ctx, int code, const anima_error *err, const void *data, size_t n)
{
    struct pending *p = ctx;
    struct call call;
    struct buf body;
    char name[100];
    int format = p->format;
    if (pending_over(p, code, err, &call))
        return;
    buf_init(&body, CARD_MAX);
    buf_append(&body, data, n);
    snprintf(name, sizeof(name), "%s.%s", call.id, formats[format].name);
    reply_file(&call, formats[format].type, name, &body);
}

void api_character_card(const struct call *call)
{
    anima_error err;
    int format = 0;
    while (format < N_FORMATS && *call->words[0] && strcmp(call->words[0], formats[format].name) != 0)
        format++;
    if (format == N_FORMATS) {
        err_set(&err, ANIMA_E_INVALID, "\"format\" is json, png or charx");
        reply_error(call, 400, &err);
        return;
    }
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->format = format;
    int rc = anima_character_export(call->server->home, call->id, formats[format].name, exported, p, &err);
    pending_keep(p, rc, &err);
}
