#include "server/router.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "server/openai.h"
#include "server/server_private.h"
#include "server/static.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API_HEADERS "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"

/* ---- answering ---- */

int http_status_of(int code)
{
    switch (code) {
    case ANIMA_E_INVALID:
    case ANIMA_E_UNSUPPORTED: return 400;
    case ANIMA_E_FORBIDDEN: return 403;
    case ANIMA_E_NOT_FOUND: return 404;
    case ANIMA_E_CANCELLED: return 409;
    case ANIMA_E_LIMIT: return 413;
    case ANIMA_E_BUSY: return 429;
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

/* Whether path is pattern; {id} stands for one part of the path without '/'. */
static bool path_matches(const char *pattern, const char *path, char *id, size_t id_size)
{
    for (; *pattern && *pattern != '{'; pattern++, path++)
        if (*pattern != *path)
            return false;
    if (!*pattern)
        return !*path;
    size_t n = strcspn(path, "/");
    if (n == 0 || n >= id_size)
        return false;
    memcpy(id, path, n);
    id[n] = '\0';
    pattern = strchr(pattern, '}') + 1;
    return strcmp(pattern, path + n) == 0;
}

static bool method_matches(const struct route *r, const char *method)
{
    return strcmp(r->method, method) == 0 || (strcmp(method, "HEAD") == 0 && strcmp(r->method, "GET") == 0 &&
                                              !(r->flags & (ROUTE_STREAM | ROUTE_SOCKET)));
}

/* The methods of all routes with this path, as in an Allow header; "" if there is no such path. */
static void allowed_methods(const char *path, char *out, size_t size)
{
    char id[80];
    size_t n = 0;
    *out = '\0';
    for (size_t i = 0; i < routes_count; i++)
        if (path_matches(routes[i].path, path, id, sizeof(id)))
            n += (size_t)snprintf(out + n, size - n, "%s%s", routes[i].method,
                                  method_matches(&routes[i], "HEAD") ? ", HEAD, " : ", ");
    if (n)
        snprintf(out + n, size - n, "OPTIONS");
}

static const struct route *find_route(const struct http_request *r, char *id, size_t id_size, bool *other_method)
{
    const struct route *fallback = NULL;
    *other_method = false;
    for (size_t i = 0; i < routes_count; i++) {
        if (!path_matches(routes[i].path, r->path, id, id_size))
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

static int check_query(struct call *call, anima_error *err)
{
    const struct member *list = call->route->query;
    for (size_t i = 0; list && list[i].name; i++)
        call->query[i] = list[i].otherwise;
    for (const char *p = call->request->query; *p;) {
        char name[32], value[32], *end = "";
        size_t n = strcspn(p, "&"), eq = strcspn(p, "=&");
        snprintf(name, sizeof(name), "%.*s", (int)eq, p);
        snprintf(value, sizeof(value), "%.*s", (int)(eq < n ? n - eq - 1 : 0), p + eq + (eq < n));
        p += n + (p[n] == '&');
        const struct member *m = find_member(list, name);
        if (!m)
            return err_set(err, ANIMA_E_INVALID, "unknown query parameter \"%s\"", name);
        long long v = strtoll(value, &end, 10);
        if (!*value || *end || v < m->least || v > m->most)
            return err_set(err, ANIMA_E_INVALID, "\"%s\" must be a whole number from %lld to %lld", name,
                           (long long)m->least, (long long)m->most);
        call->query[m - list] = v;
    }
    return ANIMA_OK;
}

/* Reads the body into *doc; 0 or the HTTP status of the refusal. */
static int read_body(struct call *call, yyjson_doc **doc, anima_error *err)
{
    const struct http_request *r = call->request;
    bool empty = !r->body_len && !r->too_large;
    if (empty && !call->route->takes)
        return 0; /* a command without a body; other sites cannot send it unseen: it carries their Origin */
    if (!guard_is_json(r->content_type)) {
        err_set(err, ANIMA_E_INVALID, "the body must be JSON: send Content-Type: application/json");
        return 415;
    }
    if (r->too_large) {
        err_set(err, ANIMA_E_LIMIT, "the body is larger than %u bytes", HTTP_BODY_MAX);
        return 413;
    }
    if (empty)
        return 0;
    int rc = json_parse(r->body, r->body_len, HTTP_BODY_MAX, "the body", doc, err);
    return !rc ? 0 : rc == ANIMA_E_NOMEM ? 503 : 400;
}

static void run(struct call *call)
{
    anima_error err;
    yyjson_doc *doc = NULL;
    int status = 0;
    bool post = strcmp(call->request->method, "POST") == 0;
    if (check_query(call, &err))
        status = 400;
    else if (post)
        status = read_body(call, &doc, &err);
    if (!status && post && !(call->route->flags & ROUTE_OPENAI)) {
        if (doc ? check_members(call->route->takes, yyjson_doc_get_root(doc), &err)
            : call->route->takes && call->route->takes->required ? err_set(&err, ANIMA_E_INVALID, "the body is missing")
                                                                 : ANIMA_OK)
            status = 400;
    }
    if (status) {
        reply_error(call, status, &err);
    } else {
        call->body = yyjson_doc_get_root(doc);
        call->route->handler(call);
    }
    yyjson_doc_free(doc);
}

void router_dispatch(struct server *server, struct http_conn *conn, const struct http_request *request)
{
    anima_error err;
    bool other_method;
    struct call call = { .server = server, .conn = conn, .request = request };
    bool plain = utf8_valid(request->path, strlen(request->path));
    const struct route *route = plain ? find_route(request, call.id, sizeof(call.id), &other_method) : NULL;
    bool api = strncmp(request->path, "/api/", 5) == 0 || strncmp(request->path, "/v1/", 4) == 0;
    call.route = route;
    int status = guard_check(&server->guard, request, route ? route->flags & ROUTE_OPEN : !api, &err);
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
