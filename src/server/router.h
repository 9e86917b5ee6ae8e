/* router.h — from a request to its handler. One table (routes.c) says which routes there are, what they take and what
 * they give; it routes, it validates, and docs/api.md is made from it. To add a route: a line there and a handler.
 *
 * A query parameter is a whole number (MEMBER_INT, from least to most) or a text (MEMBER_STRING, at most most bytes).
 * A path may hold one {id} (a text) and one {seq} (a number).
 *
 * Order of checks: guard (Host, Origin, token) → path (404) → method (405) → content type (415) → size (413) → JSON
 * (400) → members: unknown, missing, of the wrong type (400) → handler. */
#ifndef SERVER_ROUTER_H
#define SERVER_ROUTER_H
#include "base/json.h"
#include "server/http.h"

struct server;

enum member_type { MEMBER_STRING, MEMBER_INT, MEMBER_NUMBER, MEMBER_BOOL, MEMBER_OBJECT, MEMBER_ARRAY, MEMBER_ANY };

struct member {
    const char *name; /* NULL ends a list */
    enum member_type type;
    bool required; /* in a request; in a response: always there */
    const char *meaning;
    int64_t least, most; /* of a query; otherwise is the default of a MEMBER_INT, a MEMBER_STRING's is "" */
    int64_t otherwise;
};

#define CALL_QUERY_MAX 5

/* One request on its way through a handler. Lives during the call. */
struct call {
    struct server *server;
    struct http_conn *conn;
    const struct http_request *request;
    const struct route *route;
    char id[80];                       /* what stands for {id} in the path */
    int64_t seq;                       /* what stands for {seq} */
    yyjson_val *body;                  /* an object that fits route->takes, or NULL; of a ROUTE_RAW it is in request */
    int64_t query[CALL_QUERY_MAX];     /* in the order of route->query */
    const char *words[CALL_QUERY_MAX]; /* the same of texts, decoded: UTF-8 without control characters; else "" */
};

typedef void route_fn(const struct call *call);

enum {
    ROUTE_OPEN = 1,   /* needs no token */
    ROUTE_OPENAI = 2, /* errors in OpenAI's form, unknown members are ignored, bodies are checked by the handler */
    ROUTE_STREAM = 4, /* answers with an event stream */
    ROUTE_SOCKET = 8, /* a WebSocket */
    ROUTE_RAW = 16,   /* the body is a file of up to HTTP_RAW_MAX: any type but those that only forms have */
    ROUTE_LARGE = 32  /* the body may have up to HTTP_LARGE_MAX */
};

struct route {
    const char *method, *path;
    route_fn *handler;
    int flags;
    int status; /* of success */
    const char *summary;
    const struct member *query, *takes, *gives;
};

extern const struct route routes[];
extern const size_t routes_count;

/* How large a body may be, by its head alone: a file only for those who may send one. */
size_t router_body_max(const struct server *server, const struct http_request *head);
void router_dispatch(struct server *server, struct http_conn *conn, const struct http_request *request);

/* A number of a body for whom an int is enough: what is too large or too small for one stays so. */
static inline int small_int(yyjson_val *body, const char *key, int otherwise)
{
    int64_t n = json_int(body, key, otherwise);
    return n < 0 ? -1 : n > INT32_MAX ? INT32_MAX : (int)n;
}

/* ---- answering ---- */

/* Replies with what was written into body (JSON); body is finished. A failed body becomes a 500. */
void reply_json(const struct call *call, int status, struct buf *body);
/* An object of max bytes at most: write its members into w between both. */
struct object_reply {
    struct buf body;
    struct jw w;
};
void object_begin(struct object_reply *object, size_t max);
void object_end(const struct call *call, struct object_reply *object, int status);
/* {"KEY": true}. */
void reply_true(const struct call *call, int status, const char *key);
/* {"KEY": [ … ]}, of max bytes at most: write into w between both. rc: not ANIMA_OK, and the error is the answer instead. */
struct list_reply {
    struct buf body;
    struct jw w;
};
void list_begin(struct list_reply *list, size_t max, const char *key);
void list_end(const struct call *call, struct list_reply *list, int rc, const anima_error *err);
/* Replies with a file to be saved under that name (UTF-8); body is finished. */
void reply_file(const struct call *call, const char *type, const char *name, struct buf *body);
/* The error in the form of the route: own {"error":{code,message}} or OpenAI's. */
void reply_error(const struct call *call, int status, const anima_error *err);
/* The same with the HTTP status that belongs to the code. */
void reply_code(const struct call *call, const anima_error *err);
int http_status_of(int code);
#endif
