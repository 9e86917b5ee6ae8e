/* openai_response_view.c — responses as OpenAI's clients know them. */
#include "server/openai.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_real(struct jw *w, const char *key, double value)
{
    if (value == ANIMA_UNSET)
        jw_null(w, key);
    else
        jw_num(w, key, value);
}

static int put_value(struct jw *w, const char *key, yyjson_val *v, const char *otherwise)
{
    size_t n = strlen(otherwise);
    char *json = v ? yyjson_val_write(v, 0, &n) : NULL;
    if (v && !json)
        return ANIMA_E_NOMEM;
    jw_raw(w, key, v ? json : otherwise, n);
    free(json); /* yyjson's own allocator */
    return ANIMA_OK;
}

int openai_response_meta(struct buf *out, const struct openai_response_request *r, int64_t created_s)
{
    struct jw w;
    const anima_sampling *s = &r->generation.sampling;
    jw_init(&w, out);
    jw_obj(&w, NULL);
    jw_int(&w, "created_at", created_s);
    jw_str(&w, "model", r->model);
    jw_str(&w, "instructions", r->generation.instructions);
    jw_str(&w, "previous_response_id", r->previous);
    if (s->max_tokens > 0)
        jw_int(&w, "max_output_tokens", s->max_tokens);
    else
        jw_null(&w, "max_output_tokens");
    put_real(&w, "temperature", s->temperature);
    put_real(&w, "top_p", s->top_p);
    jw_str(&w, "truncation", r->generation.drop_oldest ? "auto" : "disabled");
    jw_bool(&w, "store", r->store);
    int rc = put_value(&w, "metadata", r->metadata, "{}");
    jw_obj(&w, "text");
    if (!rc)
        rc = put_value(&w, "format", r->format, "{\"type\":\"text\"}");
    jw_end_obj(&w);
    jw_end_obj(&w);
    return rc ? rc : out->failed;
}

void openai_response_item_id(char out[48], const char *id)
{
    const char *tail = strchr(id, '_');
    snprintf(out, 48, "msg_%.40s", tail ? tail + 1 : id);
}

void openai_response_put_part(struct jw *w, const char *key, const char *text, size_t len)
{
    jw_obj(w, key);
    jw_str(w, "type", "output_text");
    jw_strn(w, "text", text, len);
    jw_arr(w, "annotations");
    jw_end_arr(w);
    jw_arr(w, "logprobs");
    jw_end_arr(w);
    jw_end_obj(w);
}

void openai_response_put_item(struct jw *w, const char *key, const char *id, const char *status, const char *text,
                              size_t len)
{
    char item[48];
    openai_response_item_id(item, id);
    jw_obj(w, key);
    jw_str(w, "type", "message");
    jw_str(w, "id", item);
    jw_str(w, "status", status);
    jw_str(w, "role", "assistant");
    jw_arr(w, "content");
    if (text)
        openai_response_put_part(w, NULL, text, len);
    jw_end_arr(w);
    jw_end_obj(w);
}

static void put_usage(struct jw *w, const anima_usage *u)
{
    if (!u) {
        jw_null(w, "usage");
        return;
    }
    jw_obj(w, "usage");
    jw_int(w, "input_tokens", u->prompt_tokens);
    jw_obj(w, "input_tokens_details");
    jw_int(w, "cached_tokens", u->cached_tokens);
    jw_end_obj(w);
    jw_int(w, "output_tokens", u->completion_tokens);
    jw_obj(w, "output_tokens_details");
    jw_int(w, "reasoning_tokens", 0);
    jw_end_obj(w);
    jw_int(w, "total_tokens", u->prompt_tokens + u->completion_tokens);
    jw_end_obj(w);
}

static void put_reasons(struct jw *w, const struct openai_response_view *v)
{
    if (v->error) {
        jw_obj(w, "error");
        jw_str(w, "code", "server_error");
        jw_str(w, "message", v->error);
        jw_end_obj(w);
    } else {
        jw_null(w, "error");
    }
    if (strcmp(v->status, "incomplete") == 0) {
        jw_obj(w, "incomplete_details");
        jw_str(w, "reason", "max_output_tokens");
        jw_end_obj(w);
    } else {
        jw_null(w, "incomplete_details");
    }
}

/* The members of an object that we wrote ourselves, into another. */
static void put_members(struct jw *w, const char *object)
{
    size_t n = strlen(object);
    if (n <= 2)
        return;
    buf_puts(w->out, w->comma ? "," : "");
    buf_append(w->out, object + 1, n - 2);
    w->comma = true;
}

void openai_response_put(struct jw *w, const char *key, const struct openai_response_view *v)
{
    jw_obj(w, key);
    jw_str(w, "id", v->id);
    jw_str(w, "object", "response");
    jw_str(w, "status", v->status);
    put_members(w, v->meta);
    put_reasons(w, v);
    jw_arr(w, "output");
    if (v->text)
        openai_response_put_item(w, NULL, v->id, strcmp(v->status, "incomplete") == 0 ? "incomplete" : "completed",
                                 v->text, v->len);
    jw_end_arr(w);
    put_usage(w, v->usage);
    jw_bool(w, "background", false);
    jw_bool(w, "parallel_tool_calls", false);
    jw_str(w, "tool_choice", "none");
    jw_arr(w, "tools");
    jw_end_arr(w);
    jw_end_obj(w);
}
