/* openai_request.c — reading a chat request. Pure: a JSON value in, a completion request out. */
#include "server/openai.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_CAP (8u << 20)
#define STOP_MAX 256

static int refuse(struct openai_failure *f, const char *param, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static int refuse(struct openai_failure *f, const char *param, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(f->message, sizeof(f->message), fmt, ap);
    va_end(ap);
    f->param = param;
    f->code = code;
    return f->status = 400;
}

static int no_memory(struct openai_failure *f)
{
    refuse(f, NULL, NULL, "the request is too large");
    return f->status = 503;
}

/* A string without NUL characters. */
static const char *plain(yyjson_val *v)
{
    const char *s = yyjson_get_str(v);
    return s && strlen(s) == yyjson_get_len(v) ? s : NULL;
}

/* The member, or NULL if it is absent or null. */
static yyjson_val *member(yyjson_val *obj, const char *name)
{
    yyjson_val *v = yyjson_obj_get(obj, name);
    return yyjson_is_null(v) ? NULL : v;
}

/* ---- messages ---- */

static int join_parts(struct openai_request *r, yyjson_val *parts, const char **out, struct openai_failure *f)
{
    size_t i, max, n = 1;
    yyjson_val *part;
    yyjson_arr_foreach (parts, i, max, part) {
        const char *type = json_str(part, "type", "");
        if (strcmp(type, "text") != 0)
            return refuse(f, "messages", "unsupported_value",
                          "content parts of type \"%.40s\" are not supported, only text", type);
        if (!plain(yyjson_obj_get(part, "text")))
            return refuse(f, "messages", NULL, "a content part of type text needs a string \"text\"");
        n += yyjson_get_len(yyjson_obj_get(part, "text")) + 1;
    }
    char *text = arena_alloc(&r->arena, n), *p = text;
    if (!text)
        return no_memory(f);
    yyjson_arr_foreach (parts, i, max, part) {
        yyjson_val *v = yyjson_obj_get(part, "text");
        if (i)
            *p++ = '\n';
        memcpy(p, yyjson_get_str(v), yyjson_get_len(v));
        p += yyjson_get_len(v);
    }
    *p = '\0';
    *out = text;
    return 0;
}

static int read_message(struct openai_request *r, yyjson_val *m, anima_chat_message *out, struct openai_failure *f)
{
    const char *role = json_str(m, "role", NULL);
    yyjson_val *content = yyjson_obj_get(m, "content"), *name = member(m, "name");
    if (!yyjson_is_obj(m) || !role)
        return refuse(f, "messages", NULL, "every message is an object with \"role\" and \"content\"");
    if (strcmp(role, "tool") == 0 || strcmp(role, "function") == 0 || member(m, "tool_calls"))
        return refuse(f, "messages", "unsupported_value", "tool calls are not supported");
    out->role = strcmp(role, "developer") == 0 ? "system" : role;
    if (strcmp(out->role, "system") != 0 && strcmp(role, "user") != 0 && strcmp(role, "assistant") != 0)
        return refuse(f, "messages", "invalid_value", "a role is system, developer, user or assistant, not \"%.40s\"",
                      role);
    if (name && !plain(name))
        return refuse(f, "messages", NULL, "a message's \"name\" must be a string");
    out->name = name ? yyjson_get_str(name) : NULL;
    if (yyjson_is_arr(content))
        return join_parts(r, content, &out->text, f);
    out->text = plain(content);
    if (!out->text)
        return refuse(f, "messages", NULL, "a message's \"content\" must be a string or a list of text parts");
    return 0;
}

static int read_messages(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    size_t i, max;
    yyjson_val *v, *list = yyjson_obj_get(body, "messages");
    if (!yyjson_is_arr(list) || yyjson_arr_size(list) == 0)
        return refuse(f, "messages", NULL, "\"messages\" must be a list with at least one message");
    anima_chat_message *messages = arena_alloc(&r->arena, yyjson_arr_size(list) * sizeof(*messages));
    if (!messages)
        return no_memory(f);
    yyjson_arr_foreach (list, i, max, v) {
        int status = read_message(r, v, &messages[i], f);
        if (status)
            return status;
    }
    r->completion.messages = messages;
    r->completion.n_messages = yyjson_arr_size(list);
    return 0;
}

/* ---- numbers ---- */

static const struct number {
    const char *name;
    double least, most;
    enum { REAL, WHOLE } kind;
    size_t offset;
} numbers[] = {
    { "temperature", 0, 2, REAL, offsetof(anima_sampling, temperature) },
    { "top_p", 0, 1, REAL, offsetof(anima_sampling, top_p) },
    { "min_p", 0, 1, REAL, offsetof(anima_sampling, min_p) },
    { "repeat_penalty", 0, 10, REAL, offsetof(anima_sampling, repeat_penalty) },
    { "frequency_penalty", -2, 2, REAL, offsetof(anima_sampling, frequency_penalty) },
    { "presence_penalty", -2, 2, REAL, offsetof(anima_sampling, presence_penalty) },
    { "dry_multiplier", 0, 10, REAL, offsetof(anima_sampling, dry_multiplier) },
    { "top_k", 0, 1000000, WHOLE, offsetof(anima_sampling, top_k) },
    { "max_tokens", 1, 100000000, WHOLE, offsetof(anima_sampling, max_tokens) },
    { "max_completion_tokens", 1, 100000000, WHOLE, offsetof(anima_sampling, max_tokens) },
};

static int read_numbers(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const struct number *n = &numbers[i];
        yyjson_val *v = member(body, n->name);
        if (!v)
            continue;
        double d = yyjson_is_num(v) ? yyjson_get_num(v) : NAN;
        if (!(d >= n->least && d <= n->most) || (n->kind == WHOLE && d != floor(d)))
            return refuse(f, n->name, yyjson_is_num(v) ? "invalid_value" : "invalid_type",
                          "\"%s\" must be a %s from %g to %g", n->name, n->kind == WHOLE ? "whole number" : "number",
                          n->least, n->most);
        char *field = (char *)&r->completion.sampling + n->offset;
        if (n->kind == WHOLE)
            *(int *)(void *)field = (int)d;
        else
            *(double *)(void *)field = d;
    }
    yyjson_val *seed = member(body, "seed"), *choices = member(body, "n");
    if (seed && !yyjson_is_int(seed))
        return refuse(f, "seed", "invalid_type", "\"seed\" must be a whole number");
    if (seed)
        r->completion.sampling.seed = yyjson_get_sint(seed) & INT64_MAX;
    if (choices && !(yyjson_is_int(choices) && yyjson_get_sint(choices) == 1))
        return refuse(f, "n", "unsupported_value", "only n = 1 is supported");
    return 0;
}

/* ---- the rest ---- */

static int read_stop(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    yyjson_val *stop = member(body, "stop");
    size_t n = yyjson_is_arr(stop) ? yyjson_arr_size(stop) : stop ? 1 : 0;
    if (n > OPENAI_STOPS_MAX)
        return refuse(f, "stop", "array_above_max_length", "at most %d stop strings", OPENAI_STOPS_MAX);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *one = yyjson_is_arr(stop) ? yyjson_arr_get(stop, i) : stop;
        r->stops[i] = plain(one);
        if (!r->stops[i] || !*r->stops[i] || yyjson_get_len(one) > STOP_MAX)
            return refuse(f, "stop", "invalid_value", "\"stop\" must be a string of 1 to %d bytes, or a list of such",
                          STOP_MAX);
    }
    if (n)
        r->completion.sampling.stop = r->stops;
    return 0;
}

static int read_format(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    yyjson_val *format = member(body, "response_format");
    const char *type = json_str(format, "type", "");
    if (!format || strcmp(type, "text") == 0)
        return 0;
    if (strcmp(type, "json_object") == 0) {
        r->completion.json_schema = "{}";
        return 0;
    }
    if (strcmp(type, "json_schema") != 0)
        return refuse(f, "response_format", "invalid_value",
                      "a response_format's type is text, json_object or json_schema");
    yyjson_val *schema = yyjson_obj_get(yyjson_obj_get(format, "json_schema"), "schema");
    if (!yyjson_is_obj(schema))
        return refuse(f, "response_format", "invalid_type", "response_format.json_schema.schema must be an object");
    size_t n;
    char *json = yyjson_val_write(schema, 0, &n);
    r->completion.json_schema = json ? arena_strndup(&r->arena, json, n) : NULL;
    free(json); /* yyjson's own allocator */
    return r->completion.json_schema ? 0 : no_memory(f);
}

static int read_bool(yyjson_val *body, const char *name, bool *out, struct openai_failure *f)
{
    yyjson_val *v = member(body, name);
    if (v && !yyjson_is_bool(v))
        return refuse(f, name, "invalid_type", "\"%s\" must be true or false", name);
    *out = v && yyjson_get_bool(v);
    return 0;
}

static int read_logprobs(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    bool wanted;
    yyjson_val *top = member(body, "top_logprobs");
    int status = read_bool(body, "logprobs", &wanted, f);
    if (status)
        return status;
    if (top && !(yyjson_is_int(top) && yyjson_get_sint(top) >= 0 && yyjson_get_sint(top) <= 20))
        return refuse(f, "top_logprobs", "invalid_value", "\"top_logprobs\" must be a whole number from 0 to 20");
    if (top && !wanted)
        return refuse(f, "top_logprobs", "invalid_value", "\"top_logprobs\" needs \"logprobs\": true");
    r->completion.logprobs = wanted ? (int)yyjson_get_sint(top) : -1;
    return 0;
}

static int read_stream(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    yyjson_val *options = member(body, "stream_options");
    int status = read_bool(body, "stream", &r->stream, f);
    if (status || !options)
        return status;
    if (!yyjson_is_obj(options))
        return refuse(f, "stream_options", "invalid_type", "\"stream_options\" must be an object");
    if (!r->stream)
        return refuse(f, "stream_options", "invalid_value", "\"stream_options\" needs \"stream\": true");
    return read_bool(options, "include_usage", &r->include_usage, f);
}

static int read_unsupported(yyjson_val *body, struct openai_failure *f)
{
    static const char *const refused[] = { "tools", "functions", "tool_choice", "function_call", "audio" };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        yyjson_val *v = member(body, refused[i]);
        bool off = yyjson_is_arr(v) ? yyjson_arr_size(v) == 0
                                    : yyjson_is_str(v) && strcmp(yyjson_get_str(v), "none") == 0;
        if (v && !off)
            return refuse(f, refused[i], "unsupported_parameter",
                          "\"%s\" is not supported: characters answer in words; use "
                          "response_format for JSON",
                          refused[i]);
    }
    return 0;
}

int openai_request_read(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    *r = (struct openai_request){ .completion = { .logprobs = -1 } };
    *f = (struct openai_failure){ 0 };
    arena_init(&r->arena, ARENA_CAP);
    anima_sampling_default(&r->completion.sampling);
    if (!yyjson_is_obj(body))
        return refuse(f, NULL, NULL, "the body must be a JSON object");
    r->model = plain(yyjson_obj_get(body, "model"));
    if (!r->model)
        return refuse(f, "model", NULL, "\"model\" must be a string: the id of a character");
    r->completion.character = r->model;
    int status = read_messages(r, body, f);
    if (!status)
        status = read_unsupported(body, f);
    if (!status)
        status = read_numbers(r, body, f);
    if (!status)
        status = read_stop(r, body, f);
    if (!status)
        status = read_format(r, body, f);
    if (!status)
        status = read_logprobs(r, body, f);
    return status ? status : read_stream(r, body, f);
}

void openai_request_finish(struct openai_request *r) { arena_finish(&r->arena); }
