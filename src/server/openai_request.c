/* openai_request.c — reading a chat request. Pure: a JSON value in, a completion request out. */
#include "server/openai.h"

#include <string.h>

#define ARENA_CAP (8u << 20)
#define STOP_MAX 256

/* ---- messages ---- */

static int read_message(struct openai_request *r, yyjson_val *m, anima_chat_message *out, struct openai_failure *f)
{
    static const char *const types[] = { "text", NULL };
    const char *role = json_str(m, "role", NULL);
    yyjson_val *content = yyjson_obj_get(m, "content"), *name = openai_member(m, "name");
    if (!yyjson_is_obj(m) || !role)
        return openai_refuse(f, "messages", NULL, "every message is an object with \"role\" and \"content\"");
    if (strcmp(role, "tool") == 0 || strcmp(role, "function") == 0 || openai_member(m, "tool_calls"))
        return openai_refuse(f, "messages", "unsupported_value", "tool calls are not supported");
    out->role = strcmp(role, "developer") == 0 ? "system" : role;
    if (strcmp(out->role, "system") != 0 && strcmp(role, "user") != 0 && strcmp(role, "assistant") != 0)
        return openai_refuse(f, "messages", "invalid_value",
                             "a role is system, developer, user or assistant, not \"%.40s\"", role);
    if (name && !openai_text(name))
        return openai_refuse(f, "messages", NULL, "a message's \"name\" must be a string");
    out->name = name ? yyjson_get_str(name) : NULL;
    if (yyjson_is_arr(content))
        return openai_parts(&r->arena, content, "messages", types, &out->text, f);
    out->text = openai_text(content);
    if (!out->text)
        return openai_refuse(f, "messages", NULL, "a message's \"content\" must be a string or a list of text parts");
    return 0;
}

static int read_messages(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    size_t i, max;
    yyjson_val *v, *list = yyjson_obj_get(body, "messages");
    if (!yyjson_is_arr(list) || yyjson_arr_size(list) == 0)
        return openai_refuse(f, "messages", NULL, "\"messages\" must be a list with at least one message");
    anima_chat_message *messages = arena_alloc(&r->arena, yyjson_arr_size(list) * sizeof(*messages));
    if (!messages)
        return openai_no_memory(f);
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

static int read_numbers(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    yyjson_val *choices = openai_member(body, "n");
    int status = openai_numbers(&r->completion.sampling, body, "max_completion_tokens", f);
    if (!status && choices && !(yyjson_is_int(choices) && yyjson_get_sint(choices) == 1))
        return openai_refuse(f, "n", "unsupported_value", "only n = 1 is supported");
    return status;
}

/* ---- the rest ---- */

static int read_stop(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    yyjson_val *stop = openai_member(body, "stop");
    size_t n = yyjson_is_arr(stop) ? yyjson_arr_size(stop) : stop ? 1 : 0;
    if (n > OPENAI_STOPS_MAX)
        return openai_refuse(f, "stop", "array_above_max_length", "at most %d stop strings", OPENAI_STOPS_MAX);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *one = yyjson_is_arr(stop) ? yyjson_arr_get(stop, i) : stop;
        r->stops[i] = openai_text(one);
        if (!r->stops[i] || !*r->stops[i] || yyjson_get_len(one) > STOP_MAX)
            return openai_refuse(f, "stop", "invalid_value",
                                 "\"stop\" must be a string of 1 to %d bytes, or a list of such", STOP_MAX);
    }
    if (n)
        r->completion.sampling.stop = r->stops;
    return 0;
}

static int read_format(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    yyjson_val *format = openai_member(body, "response_format");
    const char *type = json_str(format, "type", "");
    if (!format || strcmp(type, "text") == 0)
        return 0;
    if (strcmp(type, "json_object") == 0) {
        r->completion.json_schema = "{}";
        return 0;
    }
    if (strcmp(type, "json_schema") != 0)
        return openai_refuse(f, "response_format", "invalid_value",
                             "a response_format's type is text, json_object or json_schema");
    return openai_schema(&r->arena, yyjson_obj_get(yyjson_obj_get(format, "json_schema"), "schema"), "response_format",
                         &r->completion.json_schema, f);
}

static int read_logprobs(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    bool wanted;
    yyjson_val *top = openai_member(body, "top_logprobs");
    int status = openai_bool(body, "logprobs", false, &wanted, f);
    if (status)
        return status;
    if (top && !(yyjson_is_int(top) && yyjson_get_sint(top) >= 0 && yyjson_get_sint(top) <= 20))
        return openai_refuse(f, "top_logprobs", "invalid_value",
                             "\"top_logprobs\" must be a whole number from 0 to 20");
    if (top && !wanted)
        return openai_refuse(f, "top_logprobs", "invalid_value", "\"top_logprobs\" needs \"logprobs\": true");
    r->completion.logprobs = wanted ? (int)yyjson_get_sint(top) : -1;
    return 0;
}

static int read_stream(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    yyjson_val *options = openai_member(body, "stream_options");
    int status = openai_bool(body, "stream", false, &r->stream, f);
    if (status || !options)
        return status;
    if (!yyjson_is_obj(options))
        return openai_refuse(f, "stream_options", "invalid_type", "\"stream_options\" must be an object");
    if (!r->stream)
        return openai_refuse(f, "stream_options", "invalid_value", "\"stream_options\" needs \"stream\": true");
    return openai_bool(options, "include_usage", false, &r->include_usage, f);
}

int openai_request_read(struct openai_request *r, yyjson_val *body, struct openai_failure *f)
{
    *r = (struct openai_request){ .completion = { .logprobs = -1 } };
    *f = (struct openai_failure){ 0 };
    arena_init(&r->arena, ARENA_CAP);
    anima_sampling_default(&r->completion.sampling);
    if (!yyjson_is_obj(body))
        return openai_refuse(f, NULL, NULL, "the body must be a JSON object");
    r->model = openai_text(yyjson_obj_get(body, "model"));
    if (!r->model)
        return openai_refuse(f, "model", NULL, "\"model\" must be a string: the id of a character");
    r->completion.character = r->model;
    static const char *const refused[] = { "tools", "functions", "tool_choice", "function_call", "audio", NULL };
    int status = read_messages(r, body, f);
    if (!status)
        status = openai_unsupported(body, refused, f);
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
