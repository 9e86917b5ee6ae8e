/* http.h — one HTTP request in, one reply, stream or WebSocket out. The rest of the server knows only this file; how
 * bytes travel is http_lws.c (libwebsockets), and in tests a fake that writes into memory.
 *
 * An exchange (struct http_conn) begins with http_handler.request and ends in one of three ways:
 *   - the server calls http_reply once,
 *   - the server calls http_stream, then http_write any number of times, then http_end,
 *   - the peer goes away, or reads so slowly that HTTP_QUEUE_MAX bytes wait: then owner.closed is called.
 * After any of the three the exchange belongs to the transport and must not be touched. owner.closed is the last call
 * and never comes from inside one of the functions below. Everything on the loop thread. */
#ifndef SERVER_HTTP_H
#define SERVER_HTTP_H
#include "anima/anima.h"
#include "loop/loop.h"

#define HTTP_BODY_MAX (1u << 20)     /* a larger body is answered with 413, but for … */
#define HTTP_LARGE_MAX (8u << 20)    /* … routes that take much, and … */
#define HTTP_RAW_MAX (32u << 20)     /* … routes that take a file */
#define HTTP_MESSAGE_MAX (64u << 10) /* a WebSocket message of a client */
#define HTTP_QUEUE_MAX (1u << 20)    /* bytes that may wait for one slow reader */

struct http_request {
    const char *method; /* "GET", … */
    const char *path;   /* without query, percent-decoded */
    const char *query;  /* "a=1&b=2", still percent-encoded, or "" */
    /* Headers; NULL if absent. */
    const char *host, *origin, *content_type, *authorization, *cookie, *if_none_match;
    const char *fetch_site; /* Sec-Fetch-Site: what a browser says of who asks */
    const char *body;
    size_t body_len;
    bool too_large; /* the body was over its limit (http_handler.body_max) and is gone */
    bool websocket; /* asks for an upgrade: answer with http_accept or http_reply */
};

struct http_reply {
    int status;
    const char *type;    /* Content-Type, or NULL without a body */
    const char *headers; /* further lines "Name: value\r\n", or NULL */
    const void *body;    /* copied */
    size_t len;
};

struct http_conn;
struct http_ops {
    void (*reply)(struct http_conn *conn, const struct http_reply *reply);
    void (*stream)(struct http_conn *conn, const char *type);
    void (*accept)(struct http_conn *conn);
    void (*write)(struct http_conn *conn, const void *data, size_t n);
    void (*notify)(struct http_conn *conn);
    void (*end)(struct http_conn *conn);
};

struct http_owner {
    void *ctx;
    void (*closed)(void *ctx);
    void (*drained)(void *ctx); /* once after each http_notify: everything written is with the operating system */
    void (*message)(void *ctx, const char *text, size_t n); /* a WebSocket message: valid UTF-8 */
};

struct http_conn {
    const struct http_ops *ops;
    struct http_owner owner; /* the server sets it when it keeps the exchange beyond the call */
};

static inline void http_reply(struct http_conn *c, const struct http_reply *reply) { c->ops->reply(c, reply); }
static inline void http_stream(struct http_conn *c, const char *type) { c->ops->stream(c, type); }
static inline void http_accept(struct http_conn *c) { c->ops->accept(c); }
/* Bytes of a stream, or one WebSocket message. What is written in one round of the loop leaves in one system call. */
static inline void http_write(struct http_conn *c, const void *data, size_t n) { c->ops->write(c, data, n); }
static inline void http_notify(struct http_conn *c) { c->ops->notify(c); }
static inline void http_end(struct http_conn *c) { c->ops->end(c); }

/* ---- the transport ---- */

struct http_handler {
    void *ctx;
    void (*request)(void *ctx, struct http_conn *conn, const struct http_request *request);
    /* How large the body of this request may be; its body has not come yet. */
    size_t (*body_max)(void *ctx, const struct http_request *head);
};

struct http;
/* Listens on address ("127.0.0.1", "::1", …) and port (0 picks one). ANIMA_E_BUSY if the port is taken. */
int http_start(struct loop *loop, const char *address, int port, int max_connections,
               const struct http_handler *handler, struct http **out, anima_error *err);
int http_port(const struct http *http);
int http_connections(const struct http *http);
/* Takes no more connections, ends streams, closes everything. NULL is legal. */
void http_stop(struct http *http);

/* "Not Found" for 404. */
const char *http_status_text(int status);
#endif
