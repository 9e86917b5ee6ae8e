/* openai_response_request.c — reading a response request. Pure: a JSON value in, segments and a generation out. */
#include "server/openai.h"

#include <string.h>

#define ARENA_CAP (8u << 20)
#define METADATA_MAX 16

static const char *kind_of(const char *role)
{
    static const char *const kinds[][2] = {
        { "user", "heard" }, { "assistant", "said" }, { "system", "persona" }, { "developer", "persona" }
    };
    for (size_t i = 0; role && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(role, kinds[i][0]) == 0)
            return kinds[i][1];
    return NULL;
}

static int read_item(struct openai_response_request *r, yyjson_val *item, anima_segment *out, struct openai_failure *f)
{
    static const char *const types[] = { "input_text", "output_text", "text", NULL };
    yyjson_val *content = yyjson_obj_get(item, "content");
    const char *type = json_str(item, "type", "message"), *role = json_str(item, "role", NULL);
    if (!yyjson_is_obj(item))
        return openai_refuse(f, "input", "invalid_type", "\"input\" is a text, or a list of messages");
    if (strcmp(type, "message") != 0)
        return openai_refuse(f, "input", "unsupported_value",
                             "items of type \"%.40s\" are not supported, only messages", type);
    *out = (anima_segment){ .kind = kind_of(role), .name = "" };
    if (!out->kind)
        return openai_refuse(f, "input", "invalid_value",
                             "a role is user, assistant, system or developer, not \"%.40s\"", role ? role : "");
    if (yyjson_is_arr(content))
        return openai_parts(&r->arena, content, "input", types, &out->text, f);
    out->text = openai_text(content);
    return out->text ? 0
                     : openai_refuse(f, "input", "invalid_type",
                                     "a message's \"content\" must be a string or a list of parts of type input_text");
}

static int read_input(struct openai_response_request *r, yyjson_val *body, struct openai_failure *f)
{
    yyjson_val *input = openai_member(body, "input"), *one;
    bool list = yyjson_is_arr(input);
    size_t i, max, n = list ? yyjson_arr_size(input) : 1;
    if (!list && !openai_text(input))
        return openai_refuse(f, "input", input ? "invalid_type" : "missing_required_parameter",
                             "\"input\" must be a text, or a list of messages");
    if (n < 1 || n > ANIMA_STREAM_MAX_SEGMENTS)
        return openai_refuse(f, "input", "invalid_value", "\"input\" has 1 to %d messages", ANIMA_STREAM_MAX_SEGMENTS);
    r->input = arena_alloc(&r->arena, n * sizeof(*r->input));
    if (!r->input)
        return openai_no_memory(f);
    r->n_input = n;
    if (!list)
        r->input[0] = (anima_segment){ .kind = "heard", .name = "", .text = openai_text(input) };
    yyjson_arr_foreach (input, i, max, one) {
        int status = read_item(r, one, &r->input[i], f);
        if (status)
            return status;
    }
    for (i = 0; i < n; i++)
        if (!*r->input[i].text)
            return openai_refuse(f, "input", "invalid_value", "message %zu of \"input\" is empty", i);
    return 0;
}

static int read_format(struct openai_response_request *r, yyjson_val *body, struct openai_failure *f)
{
    yyjson_val *text = openai_member(body, "text"), *format = openai_member(text, "format");
    const char *type = format ? json_str(format, "type", "") : "text";
    r->format = format;
    if (text && !yyjson_is_obj(text))
        return openai_refuse(f, "text", "invalid_type", "\"text\" must be an object");
    if (strcmp(type, "text") == 0)
        return 0;
    if (strcmp(type, "json_object") == 0) {
        r->generation.json_schema = "{}";
        return 0;
    }
    if (strcmp(type, "json_schema") != 0)
        return openai_refuse(f, "text.format", "invalid_value", "a format's type is text, json_object or json_schema");
    return openai_schema(&r->arena, yyjson_obj_get(format, "schema"), "text.format.schema", &r->generation.json_schema,
                         f);
}

static int read_metadata(struct openai_response_request *r, yyjson_val *body, struct openai_failure *f)
{
    size_t i, max;
    yyjson_val *key, *v;
    r->metadata = openai_member(body, "metadata");
    if (!r->metadata)
        return 0;
    if (!yyjson_is_obj(r->metadata))
        return openai_refuse(f, "metadata", "invalid_type", "\"metadata\" must be an object");
    if (yyjson_obj_size(r->metadata) > METADATA_MAX)
        return openai_refuse(f, "metadata", "object_above_max_properties", "\"metadata\" has at most %d members",
                             METADATA_MAX);
    yyjson_obj_foreach (r->metadata, i, max, key, v) {
        if (yyjson_get_len(key) > 64 || !yyjson_is_str(v) || yyjson_get_len(v) > 512)
            return openai_refuse(f, "metadata", "invalid_value",
                                 "\"metadata\" holds texts of at most 512 bytes under names of at most 64");
    }
    return 0;
}

static int read_string(yyjson_val *body, const char *name, const char **out, struct openai_failure *f)
{
    yyjson_val *v = openai_member(body, name);
    *out = openai_text(v);
    return !v || *out ? 0 : openai_refuse(f, name, "invalid_type", "\"%s\" must be a string", name);
}

static int read_rest(struct openai_response_request *r, yyjson_val *body, struct openai_failure *f)
{
    static const char *const refused[] = { "tools", "tool_choice", "background", "conversation", "prompt", NULL };
    const char *truncation;
    int status = openai_unsupported(body, refused, f);
    if (!status)
        status = read_string(body, "previous_response_id", &r->previous, f);
    if (!status)
        status = read_string(body, "instructions", &r->generation.instructions, f);
    if (!status)
        status = read_string(body, "truncation", &truncation, f);
    if (!status && truncation && strcmp(truncation, "auto") != 0 && strcmp(truncation, "disabled") != 0)
        status = openai_refuse(f, "truncation", "invalid_value", "\"truncation\" is auto or disabled");
    r->generation.drop_oldest = !status && truncation && strcmp(truncation, "auto") == 0;
    if (!status)
        status = openai_bool(body, "store", true, &r->store, f);
    return status ? status : openai_bool(body, "stream", false, &r->stream, f);
}

int openai_response_read(struct openai_response_request *r, yyjson_val *body, struct openai_failure *f)
{
    *r = (struct openai_response_request){ .generation = { .logprobs = -1 } };
    *f = (struct openai_failure){ 0 };
    arena_init(&r->arena, ARENA_CAP);
    anima_sampling_default(&r->generation.sampling);
    if (!yyjson_is_obj(body))
        return openai_refuse(f, NULL, NULL, "the body must be a JSON object");
    r->model = openai_text(yyjson_obj_get(body, "model"));
    if (!r->model)
        return openai_refuse(f, "model", NULL, "\"model\" must be a string: the id of a character, or a model's name");
    int status = read_input(r, body, f);
    if (!status)
        status = openai_numbers(&r->generation.sampling, body, "max_output_tokens", f);
    if (!status)
        status = read_format(r, body, f);
    if (!status)
        status = read_metadata(r, body, f);
    if (!status)
        status = read_rest(r, body, f);
    r->generation.forget = !r->store;
    return status;
}

void openai_response_request_finish(struct openai_response_request *r) { arena_finish(&r->arena); }
