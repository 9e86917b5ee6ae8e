/* openai_models.c — GET /v1/models: the characters, as models; and the error form of all OpenAI routes. */
#include "server/openai.h"
#include "server/server_private.h"

#include "base/err.h"

#include <stdio.h>

#define ANSWER_MAX (4u << 20)

void openai_error(struct jw *w, int status, const char *message, const char *param, const char *code)
{
    const char *type = status == 401   ? "authentication_error"
                       : status == 403 ? "permission_error"
                       : status == 429 ? code ? code : "rate_limit_error"
                       : status >= 500 ? "server_error"
                                       : "invalid_request_error";
    if (!code && status == 401)
        code = "invalid_api_key";
    jw_obj(w, NULL);
    jw_obj(w, "error");
    jw_str(w, "message", message);
    jw_str(w, "type", type);
    jw_str(w, "param", param);
    jw_str(w, "code", code);
    jw_end_obj(w);
    jw_end_obj(w);
}

static void put_model(struct jw *w, const struct call *call, const anima_character *c)
{
    jw_obj(w, NULL);
    jw_str(w, "id", c->id);
    jw_str(w, "object", "model");
    jw_int(w, "created", call->server->started_s);
    jw_str(w, "owned_by", "anima");
    jw_end_obj(w);
}

void openai_models(const struct call *call)
{
    struct buf body;
    struct jw w;
    const anima_character *c;
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    jw_str(&w, "object", "list");
    jw_arr(&w, "data");
    for (size_t i = 0; (c = anima_character_at(call->server->home, i)); i++)
        put_model(&w, call, c);
    jw_end_arr(&w);
    jw_end_obj(&w);
    reply_json(call, 200, &body);
}

void openai_model(const struct call *call)
{
    struct buf body;
    struct jw w;
    char message[160];
    const anima_character *c = anima_character_find(call->server->home, call->id);
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    if (c) {
        put_model(&w, call, c);
    } else {
        snprintf(message, sizeof(message), "The model '%s' does not exist: there is no such character", call->id);
        openai_error(&w, 404, message, "model", "model_not_found");
    }
    reply_json(call, c ? 200 : 404, &body);
}
