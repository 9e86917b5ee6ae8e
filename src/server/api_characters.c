/* api_characters.c — who lives in the home, and cards in and out. Cards are taken apart on another thread: the answer goes out
 * when that is done, if somebody still waits for it. */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define ANSWER_MAX (16u << 20)
#define CARD_MAX (128u << 20)

void api_characters(const struct call *call)
{
    struct buf body;
    struct jw w;
    const anima_character *c;
    anima_characters_refresh(call->server->home);
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    jw_arr(&w, "characters");
    for (size_t i = 0; (c = anima_character_at(call->server->home, i)); i++)
        view_character(&w, NULL, c);
    jw_end_arr(&w);
    jw_end_obj(&w);
    reply_json(call, 200, &body);
}

/* ---- a request that waits for the other thread ---- */

struct waiting {
    struct call call; /* conn and route of the request; the rest is gone */
    bool gone;        /* so is who asked */
    char id[80], format[8];
};

static struct waiting *wait_for(const struct call *call)
{
    struct waiting *w = mem_zero(1, sizeof(*w));
    if (w)
        w->call = (struct call){ .server = call->server, .conn = call->conn, .route = call->route };
    return w;
}

static void on_closed(void *ctx) { ((struct waiting *)ctx)->gone = true; }

/* The work has begun, or it has not: then the error is the answer. */
static void begun(const struct call *call, struct waiting *w, int rc, const anima_error *err)
{
    if (!rc) {
        call->conn->owner = (struct http_owner){ .ctx = w, .closed = on_closed };
        return;
    }
    mem_free(w);
    reply_code(call, err);
}

/* ---- in ---- */

static void on_imported(void *ctx, int code, const anima_character *character, const anima_error *err)
{
    struct waiting *waiting = ctx;
    struct buf body;
    struct jw w;
    if (!waiting->gone && code) {
        reply_code(&waiting->call, err);
    } else if (!waiting->gone) {
        buf_init(&body, ANSWER_MAX);
        jw_init(&w, &body);
        jw_obj(&w, NULL);
        view_character(&w, "character", character);
        jw_end_obj(&w);
        reply_json(&waiting->call, 201, &body);
    }
    mem_free(waiting);
}

void api_character_import(const struct call *call)
{
    anima_error err;
    struct waiting *w = wait_for(call);
    int rc = w ? anima_character_import(call->server->home, call->request->body, call->request->body_len,
                                        call->query[0] != 0, on_imported, w, &err)
               : err_set(&err, ANIMA_E_NOMEM, "out of memory for the card");
    begun(call, w, rc, &err);
}

void api_character_remove(const struct call *call)
{
    anima_error err;
    struct buf body;
    if (anima_character_remove(call->server->home, call->id, &err)) {
        reply_code(call, &err);
        return;
    }
    buf_init(&body, 256);
    buf_puts(&body, "{\"removed\":true}");
    reply_json(call, 200, &body);
}

/* ---- out ---- */

static void on_exported(void *ctx, int code, const void *data, size_t n, const anima_error *err)
{
    struct waiting *w = ctx;
    struct buf body;
    char name[100];
    const char *type = strcmp(w->format, "png") == 0     ? "image/png"
                       : strcmp(w->format, "charx") == 0 ? "application/zip"
                                                         : "application/json";
    if (!w->gone && code) {
        reply_code(&w->call, err);
    } else if (!w->gone) {
        buf_init(&body, CARD_MAX);
        buf_append(&body, data, n);
        snprintf(name, sizeof(name), "%s.%s", w->id, w->format);
        reply_file(&w->call, type, name, &body);
    }
    mem_free(w);
}

void api_character_card(const struct call *call)
{
    anima_error err;
    struct waiting *w = wait_for(call);
    int rc = w ? ANIMA_OK : err_set(&err, ANIMA_E_NOMEM, "out of memory for the card");
    if (!rc) {
        snprintf(w->id, sizeof(w->id), "%s", call->id);
        snprintf(w->format, sizeof(w->format), "%s", *call->words[0] ? call->words[0] : "json");
        rc = anima_character_export(call->server->home, w->id, w->format, on_exported, w, &err);
    }
    begun(call, w, rc, &err);
}
