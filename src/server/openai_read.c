/* openai_read.c — what reading a chat request and reading a response request have in common. Pure. */
#include "server/openai.h"

#include "agent/sampling.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int openai_refuse(struct openai_failure *f, const char *param, const char *code, const char *fmt, ...)
{
    va_list ap;
    char text[sizeof(f->message)]; /* it quotes foreign bytes and cuts them anywhere */
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    utf8_clean(text, strlen(text), f->message, sizeof(f->message));
    f->param = param;
    f->code = code;
    return f->status = 400;
}

int openai_no_memory(struct openai_failure *f)
{
    openai_refuse(f, NULL, NULL, "the request is too large");
    return f->status = 503;
}

const char *openai_text(yyjson_val *v)
{
    const char *s = yyjson_get_str(v);
    return s && strlen(s) == yyjson_get_len(v) ? s : NULL;
}

yyjson_val *openai_member(yyjson_val *obj, const char *name)
{
    yyjson_val *v = yyjson_obj_get(obj, name);
    return yyjson_is_null(v) ? NULL : v;
}

int openai_bool(yyjson_val *body, const char *name, bool otherwise, bool *out, struct openai_failure *f)
{
    yyjson_val *v = openai_member(body, name);
    if (v && !yyjson_is_bool(v))
        return openai_refuse(f, name, "invalid_type", "\"%s\" must be true or false", name);
    *out = v ? yyjson_get_bool(v) : otherwise;
    return 0;
}

static int refuse_number(yyjson_val *body, const char *name, const anima_error *err, struct openai_failure *f)
{
    return openai_refuse(f, name, yyjson_is_num(yyjson_obj_get(body, name)) ? "invalid_value" : "invalid_type", "%s",
                         err->message);
}

int openai_numbers(anima_sampling *sampling, yyjson_val *body, const char *max_tokens, struct openai_failure *f)
{
    anima_error err;
    const char *member;
    if (sampling_read(sampling, body, &member, &err))
        return refuse_number(body, member, &err, f);
    if (sampling_read_as(sampling, "max_tokens", body, max_tokens, &err))
        return refuse_number(body, max_tokens, &err, f);
    return 0;
}

int openai_schema(struct arena *arena, yyjson_val *schema, const char *param, const char **out,
                  struct openai_failure *f)
{
    size_t n;
    if (!yyjson_is_obj(schema))
        return openai_refuse(f, param, "invalid_type", "%s: the schema must be an object", param);
    char *json = yyjson_val_write(schema, 0, &n);
    *out = json ? arena_strndup(arena, json, n) : NULL;
    free(json); /* yyjson's own allocator */
    return *out ? 0 : openai_no_memory(f);
}

static bool is_type(const char *type, const char *const *types)
{
    while (*types && strcmp(type, *types) != 0)
        types++;
    return *types != NULL;
}

int openai_parts(struct arena *arena, yyjson_val *parts, const char *param, const char *const *types, const char **out,
                 struct openai_failure *f)
{
    size_t i, max, n = 1;
    yyjson_val *part;
    yyjson_arr_foreach (parts, i, max, part) {
        const char *type = json_str(part, "type", "");
        if (!is_type(type, types))
            return openai_refuse(f, param, "unsupported_value",
                                 "content parts of type \"%.40s\" are not supported, only text", type);
        if (!openai_text(yyjson_obj_get(part, "text")))
            return openai_refuse(f, param, NULL, "a content part of type %s needs a string \"text\"", type);
        n += yyjson_get_len(yyjson_obj_get(part, "text")) + 1;
    }
    char *text = arena_alloc(arena, n), *p = text;
    if (!text)
        return openai_no_memory(f);
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

int openai_unsupported(yyjson_val *body, const char *const *members, struct openai_failure *f)
{
    for (; *members; members++) {
        yyjson_val *v = openai_member(body, *members);
        bool off = yyjson_is_arr(v)
                       ? yyjson_arr_size(v) == 0
                       : yyjson_is_false(v) || (yyjson_is_str(v) && (strcmp(yyjson_get_str(v), "none") == 0 ||
                                                                     strcmp(yyjson_get_str(v), "auto") == 0));
        if (v && !off)
            return openai_refuse(
                f, *members, "unsupported_parameter",
                "\"%s\" is not supported: characters and models here answer in words; ask for JSON with "
                "a format",
                *members);
    }
    return 0;
}
