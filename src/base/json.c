#include "base/json.h"

#include "base/err.h"

#include <math.h>
#include <string.h>

/* yyjson reads iteratively, but whoever walks the result recurses; so depth is bounded before anybody does. */
static int check_depth(const char *s, size_t n, const char *what, anima_error *err)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_MAX_DEPTH)
                return err_set(err, ANIMA_E_LIMIT, "%s nests deeper than %d levels", what, JSON_MAX_DEPTH);
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return ANIMA_OK;
}

int json_parse(const char *data, size_t n, size_t max, const char *what, yyjson_doc **out, anima_error *err)
{
    *out = NULL;
    if (n > max)
        return err_set(err, ANIMA_E_LIMIT, "%s has %zu bytes; at most %zu are accepted", what, n, max);
    int rc = check_depth(data, n, what, err);
    if (rc)
        return rc;
    yyjson_read_err e;
    /* yyjson never writes to its input without YYJSON_READ_INSITU, so the cast is safe. */
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)data, n, 0, NULL, &e);
    if (!doc && e.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
        return err_set(err, ANIMA_E_NOMEM, "out of memory while reading %s", what);
    if (!doc)
        return err_set(err, ANIMA_E_INVALID, "%s is not valid JSON: %s at byte %zu", what, e.msg, e.pos);
    *out = doc;
    return ANIMA_OK;
}

const char *json_str(yyjson_val *obj, const char *key, const char *otherwise)
{
    const char *s = yyjson_get_str(yyjson_obj_get(obj, key));
    return s ? s : otherwise;
}

int64_t json_int(yyjson_val *obj, const char *key, int64_t otherwise)
{
    yyjson_val *v = yyjson_obj_get(obj, key);
    if (yyjson_is_int(v))
        return yyjson_get_sint(v);
    double d = yyjson_is_real(v) ? yyjson_get_real(v) : NAN;
    return d == floor(d) && fabs(d) < 9e15 ? (int64_t)d : otherwise;
}

double json_num(yyjson_val *obj, const char *key, double otherwise)
{
    yyjson_val *v = yyjson_obj_get(obj, key);
    return yyjson_is_num(v) ? yyjson_get_num(v) : otherwise;
}

bool json_bool(yyjson_val *obj, const char *key, bool otherwise)
{
    yyjson_val *v = yyjson_obj_get(obj, key);
    return yyjson_is_bool(v) ? yyjson_get_bool(v) : otherwise;
}

/* ---- writing ---- */

static void put_escaped(struct buf *b, const char *s, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    size_t from = 0;
    buf_append(b, "\"", 1);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_append(b, s + from, i - from);
        from = i + 1;
        switch (c) {
        case '"': buf_append(b, "\\\"", 2); break;
        case '\\': buf_append(b, "\\\\", 2); break;
        case '\n': buf_append(b, "\\n", 2); break;
        case '\r': buf_append(b, "\\r", 2); break;
        case '\t': buf_append(b, "\\t", 2); break;
        default: {
            char u[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
            buf_append(b, u, sizeof(u));
        }
        }
    }
    buf_append(b, s + from, n - from);
    buf_append(b, "\"", 1);
}

void jw_init(struct jw *w, struct buf *out) { *w = (struct jw){ .out = out }; }

static void lead(struct jw *w, const char *key)
{
    if (w->comma)
        buf_append(w->out, ",", 1);
    w->comma = true;
    if (key) {
        put_escaped(w->out, key, strlen(key));
        buf_append(w->out, ":", 1);
    }
}

static void open_with(struct jw *w, const char *key, const char *bracket)
{
    lead(w, key);
    buf_append(w->out, bracket, 1);
    w->comma = false;
}

static void close_with(struct jw *w, const char *bracket)
{
    buf_append(w->out, bracket, 1);
    w->comma = true;
}

void jw_obj(struct jw *w, const char *key) { open_with(w, key, "{"); }
void jw_arr(struct jw *w, const char *key) { open_with(w, key, "["); }
void jw_end_obj(struct jw *w) { close_with(w, "}"); }
void jw_end_arr(struct jw *w) { close_with(w, "]"); }

void jw_raw(struct jw *w, const char *key, const char *json, size_t n)
{
    lead(w, key);
    buf_append(w->out, json, n);
}

void jw_strn(struct jw *w, const char *key, const char *value, size_t n)
{
    lead(w, key);
    put_escaped(w->out, value, n);
}

void jw_str(struct jw *w, const char *key, const char *value)
{
    if (value)
        jw_strn(w, key, value, strlen(value));
    else
        jw_null(w, key);
}

void jw_int(struct jw *w, const char *key, int64_t value)
{
    lead(w, key);
    buf_printf(w->out, "%lld", (long long)value);
}

void jw_num(struct jw *w, const char *key, double value)
{
    lead(w, key);
    if (!isfinite(value))
        buf_puts(w->out, "null");
    else if (value == floor(value) && fabs(value) < 1e15)
        buf_printf(w->out, "%.0f", value);
    else
        buf_printf(w->out, "%.6g", value);
}

void jw_bool(struct jw *w, const char *key, bool value)
{
    lead(w, key);
    buf_puts(w->out, value ? "true" : "false");
}

void jw_null(struct jw *w, const char *key)
{
    lead(w, key);
    buf_append(w->out, "null", 4);
}
