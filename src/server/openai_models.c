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

void openai_failed(struct openai_failure *f, int code, const char *message, const char *param)
{
    bool too_long = code == ANIMA_E_LIMIT;
    *f = (struct openai_failure){ .status = too_long ? 400 : http_status_of(code), .param = too_long ? param : NULL };
    snprintf(f->message, sizeof(f->message), "%s", message && *message ? message : anima_error_name(code));
    f->code = too_long                        ? "context_length_exceeded"
              : code == ANIMA_E_LIMIT_REACHED ? "insufficient_quota" /* what OpenAI says when the money is spent */
              : f->status >= 500              ? anima_error_name(code)
                                              : NULL;
}

void openai_reply_failure(const struct call *call, const struct openai_failure *f)
{
    struct buf body;
    struct jw w;
    buf_init(&body, 8192);
    jw_init(&w, &body);
    openai_error(&w, f->status, f->message, f->param, f->code);
    reply_json(call, f->status, &body);
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
    struct object_reply answer;
    const anima_character *c;
    object_begin(&answer, ANSWER_MAX);
    jw_str(&answer.w, "object", "list");
    jw_arr(&answer.w, "data");
    for (size_t i = 0; (c = anima_character_at(call->server->home, i)); i++)
        put_model(&answer.w, call, c);
    jw_end_arr(&answer.w);
    object_end(call, &answer, 200);
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
