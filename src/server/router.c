#include "server/router.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "server/openai.h"
#include "server/server_private.h"
#include "server/static.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define API_HEADERS                                                                                                    \
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nCross-Origin-Resource-Policy: same-origin\r\n"

/* ---- answering ---- */

int http_status_of(int code)
{
    switch (code) {
    case ANIMA_E_INVALID:
    case ANIMA_E_UNSUPPORTED: return 400;
    case ANIMA_E_FORBIDDEN: return 403;
    case ANIMA_E_NOT_FOUND: return 404;
    case ANIMA_E_CONFLICT:
    case ANIMA_E_EXISTS:
    case ANIMA_E_CANCELLED: return 409;
    case ANIMA_E_LIMIT: return 413;
    case ANIMA_E_BUSY:
    case ANIMA_E_LIMIT_REACHED: return 429;
    case ANIMA_E_NOMEM:
    case ANIMA_E_ENGINE:
    case ANIMA_E_MODEL:
    case ANIMA_E_TIMEOUT:
    case ANIMA_E_FULL: return 503;
    default: return 500;
    }
}

static void reply_with(const struct call *call, int status, const char *headers, struct buf *body)
{
    static const char failed[] = "{\"error\":{\"code\":\"no_memory\",\"message\":\"out of memory for the answer\"}}";
    struct http_reply reply = { .status = status,
                                .type = "application/json; charset=utf-8",
                                .headers = headers,
                                .body = body->data,
                                .len = body->len };
    if (body->failed) {
        reply.status = 500;
        reply.body = failed;
        reply.len = sizeof(failed) - 1;
    }
    http_reply(call->conn, &reply);
    buf_finish(body);
}

void reply_json(const struct call *call, int status, struct buf *body) { reply_with(call, status, API_HEADERS, body); }

void object_begin(struct object_reply *object, size_t max)
{
    buf_init(&object->body, max);
    jw_init(&object->w, &object->body);
    jw_obj(&object->w, NULL);
}

void object_end(const struct call *call, struct object_reply *object, int status)
{
    jw_end_obj(&object->w);
    reply_json(call, status, &object->body);
}

void reply_true(const struct call *call, int status, const char *key)
{
    struct object_reply answer;
    object_begin(&answer, 256);
    jw_bool(&answer.w, key, true);
    object_end(call, &answer, status);
}

void list_begin(struct list_reply *list, size_t max, const char *key)
{
    buf_init(&list->body, max);
    jw_init(&list->w, &list->body);
    jw_obj(&list->w, NULL);
    jw_arr(&list->w, key);
}

void list_end(const struct call *call, struct list_reply *list, int rc, const anima_error *err)
{
    if (rc) {
        buf_finish(&list->body);
        reply_code(call, err);
        return;
    }
    jw_end_arr(&list->w);
    jw_end_obj(&list->w);
    reply_json(call, 200, &list->body);
}

/* A name for a header: ASCII for old readers, and the whole of it percent-encoded (RFC 6266, RFC 5987). */
static void put_file_name(struct buf *out, const char *name)
{
    buf_puts(out, "Content-Disposition: attachment; filename=\"");
    for (const char *p = name; *p; p++)
        if ((signed char)*p > 0)
            buf_printf(out, "%c", *p < ' ' || strchr("\"\\/:*?<>|\x7f", *p) ? '_' : *p);
    buf_puts(out, "\"; filename*=UTF-8''");
    for (const char *p = name; *p; p++)
        buf_printf(out, isalnum((unsigned char)*p) || strchr("-._", *p) ? "%c" : "%%%02X", (unsigned char)*p);
    buf_puts(out, "\r\n");
}

void reply_file(const struct call *call, const char *type, const char *name, struct buf *body)
{
    struct buf headers;
    buf_init(&headers, 8192);
    buf_puts(&headers, API_HEADERS);
    put_file_name(&headers, name);
    const struct http_reply reply = {
        .status = 200, .type = type, .headers = buf_str(&headers), .body = body->data, .len = body->len
    };
    if (body->failed || headers.failed)
        reply_with(call, 500, API_HEADERS, body);
    else
        http_reply(call->conn, &reply);
    buf_finish(&headers);
    buf_finish(body);
}

static void error_with(const struct call *call, int status, const char *headers, const anima_error *err)
{
    struct buf body;
    struct jw w;
    buf_init(&body, 8192);
    jw_init(&w, &body);
    if (call->route && call->route->flags & ROUTE_OPENAI) {
        openai_error(&w, status, err->message, NULL, NULL);
    } else {
        jw_obj(&w, NULL);
        jw_obj(&w, "error");
        jw_str(&w, "code", anima_error_name(err->code));
        jw_str(&w, "message", err->message);
        jw_end_obj(&w);
        jw_end_obj(&w);
    }
    reply_with(call, status, headers, &body);
}

void reply_error(const struct call *call, int status, const anima_error *err)
{
    error_with(call, status, status == 401 ? API_HEADERS "WWW-Authenticate: Bearer\r\n" : API_HEADERS, err);
}

void reply_code(const struct call *call, const anima_error *err) { reply_error(call, http_status_of(err->code), err); }

/* ---- finding the route ---- */

/* What stands for {id} and {seq} in a path. */
struct place {
    char id[80];
    int64_t seq;
};

static bool take_part(const char *name, const char *part, size_t n, struct place *place)
{
    char *end;
    if (n == 0 || n >= sizeof(place->id))
        return false;
    if (strncmp(name, "{seq}", 5) != 0) {
        memcpy(place->id, part, n);
        place->id[n] = '\0';
        return true;
    }
    errno = 0;
    place->seq = strtoll(part, &end, 10);
    return *part >= '0' && *part <= '9' && end == part + n && !errno;
}

/* Whether path is pattern; {id} and {seq} stand for one part of the path without '/'. */
static bool path_matches(const char *pattern, const char *path, struct place *place)
{
    *place = (struct place){ 0 };
    while (*pattern) {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        size_t n = strcspn(path, "/");
        if (!take_part(pattern, path, n, place))
            return false;
        pattern = strchr(pattern, '}') + 1;
        path += n;
    }
    return !*path;
}

static bool method_matches(const struct route *r, const char *method)
{
    return strcmp(r->method, method) == 0 || (strcmp(method, "HEAD") == 0 && strcmp(r->method, "GET") == 0 &&
                                              !(r->flags & (ROUTE_STREAM | ROUTE_SOCKET)));
}

/* The methods of all routes with this path, as in an Allow header; "" if there is no such path. */
static void allowed_methods(const char *path, char *out, size_t size)
{
    struct place place;
    size_t n = 0;
    *out = '\0';
    for (size_t i = 0; i < routes_count; i++)
        if (path_matches(routes[i].path, path, &place))
            n += (size_t)snprintf(out + n, size - n, "%s%s", routes[i].method,
                                  method_matches(&routes[i], "HEAD") ? ", HEAD, " : ", ");
    if (n)
        snprintf(out + n, size - n, "OPTIONS");
}

static const struct route *find_route(const struct http_request *r, struct place *place, bool *other_method)
{
    const struct route *fallback = NULL;
    *other_method = false;
    for (size_t i = 0; i < routes_count; i++) {
        if (!path_matches(routes[i].path, r->path, place))
            continue;
        if (method_matches(&routes[i], r->method))
            return &routes[i];
        *other_method = true;
        fallback = &routes[i];
    }
    return fallback;
}

static void reply_allow(const struct call *call, bool options)
{
    char methods[96], headers[256];
    allowed_methods(call->request->path, methods, sizeof(methods));
    snprintf(headers, sizeof(headers), "%sAllow: %s\r\n", API_HEADERS, methods);
    if (options) {
        const struct http_reply reply = { .status = 204, .headers = headers };
        http_reply(call->conn, &reply);
        return;
    }
    anima_error err;
    err_set(&err, ANIMA_E_UNSUPPORTED, "%s is not possible here; use %s", call->request->method, methods);
    error_with(call, 405, headers, &err);
}

/* ---- validating ---- */

static bool fits(yyjson_val *v, enum member_type type)
{
    switch (type) {
    case MEMBER_STRING: return yyjson_is_str(v);
    case MEMBER_INT: return yyjson_is_int(v);
    case MEMBER_NUMBER: return yyjson_is_num(v);
    case MEMBER_BOOL: return yyjson_is_bool(v);
    case MEMBER_OBJECT: return yyjson_is_obj(v);
    case MEMBER_ARRAY: return yyjson_is_arr(v);
    case MEMBER_ANY: return true;
    }
    return false;
}

const char *member_type_name(enum member_type type)
{
    static const char *const names[] = { "string", "integer", "number", "boolean", "object", "array", "any" };
    return names[type];
}

static const struct member *find_member(const struct member *list, const char *name)
{
    for (; list && list->name; list++)
        if (strcmp(list->name, name) == 0)
            return list;
    return NULL;
}

static int check_members(const struct member *takes, yyjson_val *body, anima_error *err)
{
    size_t i, max;
    yyjson_val *key, *v;
    if (!yyjson_is_obj(body))
        return err_set(err, ANIMA_E_INVALID, "the body must be a JSON object");
    yyjson_obj_foreach (body, i, max, key, v) {
        const struct member *m = find_member(takes, yyjson_get_str(key));
        if (!m)
            return err_set(err, ANIMA_E_INVALID, "unknown member \"%.64s\"", yyjson_get_str(key));
        if (yyjson_is_null(v) && !m->required)
            continue;
        if (!fits(v, m->type))
            return err_set(err, ANIMA_E_INVALID, "\"%s\" must be of type %s", m->name, member_type_name(m->type));
        if (yyjson_is_str(v) && strlen(yyjson_get_str(v)) != yyjson_get_len(v))
            return err_set(err, ANIMA_E_INVALID, "\"%s\" has a NUL character", m->name);
    }
    for (const struct member *m = takes; m && m->name; m++)
        if (m->required && !yyjson_obj_get(body, m->name))
            return err_set(err, ANIMA_E_INVALID, "\"%s\" is missing", m->name);
    return ANIMA_OK;
}

/* Decodes "%41" and '+' into out, which has room for n + 1 bytes; false: not UTF-8, or a control character. */
static bool decode(const char *s, size_t n, char *out)
{
    const char *begin = out;
    for (const char *end = s + n; s < end; s++) {
        unsigned byte = (unsigned char)*s;
        char hex[3] = { 0 };
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            if (end - s < 3 || !isxdigit((unsigned char)s[1]) || !isxdigit((unsigned char)s[2]))
                return false;
            memcpy(hex, s + 1, 2);
            byte = (unsigned)strtoul(hex, NULL, 16);
            s += 2;
        }
        if (byte < ' ' || byte == 0x7F)
            return false;
        *out++ = (char)byte;
    }
    *out = '\0';
    return utf8_valid(begin, (size_t)(out - begin));
}

/* value is decoded. */
static int take_parameter(struct call *call, const char *name, const char *value, anima_error *err)
{
    const struct member *list = call->route->query, *m = find_member(list, name);
    char *end = "";
    if (!m)
        return err_set(err, ANIMA_E_INVALID, "unknown query parameter \"%.64s\"", name);
    if (m->type == MEMBER_STRING) {
        if (strlen(value) > (size_t)m->most)
            return err_set(err, ANIMA_E_LIMIT, "\"%s\" has at most %lld bytes", m->name, (long long)m->most);
        call->words[m - list] = value;
        return ANIMA_OK;
    }
    long long v = strtoll(value, &end, 10);
    if (!*value || *end || v < m->least || v > m->most)
        return err_set(err, ANIMA_E_INVALID, "\"%s\" must be a whole number from %lld to %lld", m->name,
                       (long long)m->least, (long long)m->most);
    call->query[m - list] = v;
    return ANIMA_OK;
}

/* *strings holds what call->words points to. */
static int check_query(struct call *call, char **strings, anima_error *err)
{
    const struct member *list = call->route->query;
    for (size_t i = 0; list && list[i].name; i++) {
        call->query[i] = list[i].otherwise;
        call->words[i] = "";
    }
    char *room = *strings = mem_alloc(2 * strlen(call->request->query) + 4);
    if (!room)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the query");
    for (const char *p = call->request->query; *p;) {
        size_t n = strcspn(p, "&"), eq = strcspn(p, "=&");
        char *name = room, *value = room + eq + 1;
        if (!decode(p, eq, name) || !decode(p + eq + (eq < n), eq < n ? n - eq - 1 : 0, value))
            return err_set(err, ANIMA_E_INVALID, "the query is not percent-encoded UTF-8 text");
        room = value + (eq < n ? n - eq : 1); /* decoded it is not longer */
        p += n + (p[n] == '&');
        int rc = take_parameter(call, name, value, err);
        if (rc)
            return rc;
    }
    return ANIMA_OK;
}

/* A file: whoever sends it must say what it is. A form can still send text/plain: there the Origin keeps other sites out. */
static int check_file(const struct http_request *r, anima_error *err)
{
    const char *type = r->content_type;
    if (!type || strncasecmp(type, "application/x-www-form", 22) == 0 || strncasecmp(type, "multipart/", 10) == 0) {
        err_set(err, ANIMA_E_INVALID, "the body is the file itself: send Content-Type: application/octet-stream");
        return 415;
    }
    if (r->too_large) {
        err_set(err, ANIMA_E_LIMIT, "the file is larger than %u MiB", HTTP_RAW_MAX >> 20);
        return 413;
    }
    if (!r->body_len) {
        err_set(err, ANIMA_E_INVALID, "the file is empty");
        return 400;
    }
    return 0;
}

#define OPEN_MAX 4096 /* of those who need no token */

static size_t body_limit(const struct route *route)
{
    if (route->flags & ROUTE_OPEN)
        return OPEN_MAX;
    return route->flags & ROUTE_RAW ? HTTP_RAW_MAX : route->flags & ROUTE_LARGE ? HTTP_LARGE_MAX : HTTP_BODY_MAX;
}

/* Reads the body into *doc; 0 or the HTTP status of the refusal. */
static int read_body(struct call *call, yyjson_doc **doc, anima_error *err)
{
    const struct http_request *r = call->request;
    bool empty = !r->body_len && !r->too_large;
    if (call->route->flags & ROUTE_RAW)
        return check_file(r, err);
    if (empty && (!call->route->takes || strcmp(r->method, "DELETE") == 0))
        return 0; /* a command without a body; other sites cannot send it unseen: it carries their Origin */
    if (!guard_is_json(r->content_type)) {
        err_set(err, ANIMA_E_INVALID, "the body must be JSON: send Content-Type: application/json");
        return 415;
    }
    if (r->too_large) {
        err_set(err, ANIMA_E_LIMIT, "the body is larger than %zu bytes", body_limit(call->route));
        return 413;
    }
    if (empty)
        return 0;
    int rc = json_parse(r->body, r->body_len, body_limit(call->route), "the body", doc, err);
    return !rc ? 0 : rc == ANIMA_E_NOMEM ? 503 : 400;
}

static int check_body(const struct call *call, yyjson_doc *doc, anima_error *err)
{
    const struct route *route = call->route;
    if (route->flags & (ROUTE_OPENAI | ROUTE_RAW))
        return ANIMA_OK;
    if (doc)
        return check_members(route->takes, yyjson_doc_get_root(doc), err);
    for (const struct member *m = route->takes; m && m->name; m++)
        if (m->required)
            return err_set(err, ANIMA_E_INVALID, "the body is missing");
    return ANIMA_OK;
}

static bool has_body(const char *method)
{
    return strcmp(method, "POST") == 0 || strcmp(method, "PATCH") == 0 || strcmp(method, "PUT") == 0 ||
           strcmp(method, "DELETE") == 0;
}

static void run(struct call *call)
{
    anima_error err;
    yyjson_doc *doc = NULL;
    char *strings = NULL;
    int status = 0, rc = check_query(call, &strings, &err);
    if (rc)
        status = rc == ANIMA_E_NOMEM ? 503 : 400;
    else if (has_body(call->request->method))
        status = read_body(call, &doc, &err);
    if (!status && has_body(call->request->method) && check_body(call, doc, &err))
        status = 400;
    if (status) {
        reply_error(call, status, &err);
    } else {
        call->body = yyjson_doc_get_root(doc);
        call->route->handler(call);
    }
    yyjson_doc_free(doc);
    mem_free(strings);
}

size_t router_body_max(const struct server *server, const struct http_request *head)
{
    struct place place;
    bool other_method;
    const struct route *route = find_route(head, &place, &other_method);
    if (guard_check(&server->guard, head, route && route->flags & ROUTE_OPEN, NULL))
        return 0; /* it is refused anyway: nothing of the body is kept */
    return route && method_matches(route, head->method) ? body_limit(route) : HTTP_BODY_MAX;
}

void router_dispatch(struct server *server, struct http_conn *conn, const struct http_request *request)
{
    anima_error err;
    bool other_method;
    struct place place = { 0 };
    struct call call = { .server = server, .conn = conn, .request = request };
    bool plain = utf8_valid(request->path, strlen(request->path));
    const struct route *route = plain ? find_route(request, &place, &other_method) : NULL;
    bool api = strncmp(request->path, "/api/", 5) == 0 || strncmp(request->path, "/v1/", 4) == 0;
    call.route = route;
    call.seq = place.seq;
    memcpy(call.id, place.id, sizeof(call.id));
    int status = guard_check(&server->guard, request, route ? route->flags & ROUTE_OPEN : !api, &err);
    if (status == 401)
        guard_refused(&server->guard, request);
    if (status) {
        reply_error(&call, status, &err);
    } else if (!plain) {
        err_set(&err, ANIMA_E_INVALID, "the path is not valid UTF-8");
        reply_error(&call, 400, &err);
    } else if (!route && !api) {
        static_serve(&call);
    } else if (!route) {
        err_set(&err, ANIMA_E_NOT_FOUND, "there is nothing at %.200s; docs/api.md lists what there is", request->path);
        reply_error(&call, 404, &err);
    } else if (strcmp(request->method, "OPTIONS") == 0) {
        reply_allow(&call, true);
    } else if (other_method && !method_matches(route, request->method)) {
        reply_allow(&call, false);
    } else if (!!(route->flags & ROUTE_SOCKET) != request->websocket) {
        err_set(&err, ANIMA_E_UNSUPPORTED, request->websocket ? "there is no WebSocket here" : "this is a WebSocket");
        reply_error(&call, request->websocket ? 400 : 426, &err);
    } else {
        run(&call);
    }
}
