/* http_lws.c — http.h over libwebsockets 4.1.6, on the home's own loop. The only file that knows libwebsockets.
 *
 * What it must know about that library:
 *   - Asking for its WRITEABLE callback costs two changes of the poll set, four system calls. So streams and sockets
 *     write without asking, once per round of the loop (flush_round). What the socket does not take at once the library
 *     keeps; until WRITEABLE says that this is gone, everything stays in our queue, which is what the reader has not
 *     taken (HTTP_QUEUE_MAX). The rest (replies that come later, ends, drained) goes through WRITEABLE.
 *   - While a request without a body is being answered, the library neither reads nor notices that the peer is gone. So
 *     an event stream also watches a duplicate of its socket: the peer has nothing more to say, hence anything readable
 *     there (end of file, too) ends the stream.
 *   - A POST without Content-Length is read until the peer closes. We answer 411 instead.
 *   - WebSocket frames are made here, so that many messages go out in one write; LWS_WRITE_HTTP passes them unchanged.
 *   - Its libuv part is a plug-in that it unloads while returning into it: we keep that loaded.
 *   - With a loop that is not its own, destroying its context needs rounds of the loop and a second call.
 *
 * States of an exchange:  BODY → WAITING → (reply: gone) | STREAM | SOCKET;  STREAM, SOCKET → ENDING → gone */
#include "server/http.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/listen.h"

#include <dlfcn.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define HEAD_TIMEOUT_S 15      /* for a request's head, and between two parts of its body */
#define BODY_TIMEOUT_S 60      /* for a whole body */
#define IDLE_TIMEOUT_S 60      /* a kept-alive connection without a request */
#define STUCK_TIMEOUT_S 30     /* a reader that takes nothing */
#define SLOWEST_BYTES_S 32768  /* a peer that takes or sends less is let go */
#define DRAIN_MAX (64ll << 20) /* a larger body than this is not read to its end before 413 */
#define KEPT_BUFFER 4096       /* a larger empty queue gives its memory back */
#define STOP_GRACE_MS 300
/* A stream may send at once, but on average only so often: a fast engine's words then leave several to a packet, and
 * nobody sees the difference. */
#define SEND_EVERY_US 5000
#define SEND_BURST 12

enum conn_state { CONN_BODY, CONN_WAITING, CONN_REPLY, CONN_STREAM, CONN_SOCKET, CONN_ENDING };

struct conn {
    struct http_conn pub; /* first: a struct http_conn is its conn */
    struct http *http;
    struct lws *wsi;
    struct conn *prev, *next;
    struct conn *next_dirty;
    int64_t paid_until_us; /* sending costs SEND_EVERY_US; at most SEND_BURST of that in advance */
    enum conn_state state;
    bool in_request; /* inside the callback that brought the request: writing is allowed */
    bool head;       /* HEAD: no body goes out */
    bool close;      /* the connection ends with this exchange */
    bool overflow;
    bool stuck;         /* the library still has some of what we gave it */
    bool notify;        /* owner.drained is asked for */
    bool dirty;         /* in http->dirty: has something to send at the end of this round */
    long long expected; /* length of the body */
    struct http_request request;
    char *strings;    /* what request points to */
    struct buf body;  /* the request's body, then a WebSocket message in parts */
    struct buf out;   /* LWS_PRE bytes, then what is to be sent */
    uv_poll_t *watch; /* on a duplicate of the socket */
};

struct http {
    struct loop *loop;
    struct http_handler handler;
    struct lws_context *lws;
    struct lws_vhost *vhost;
    struct listener *listener;
    struct conn *conns;
    struct conn *dirty, *later; /* to be sent at the end of this round; when pace has run out */
    uv_prepare_t *before_wait;
    uv_check_t *after_wait;
    struct loop_timer *pace; /* runs while a stream may not send yet */
    int n_sockets, max_sockets;
    bool stopping;
};

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

static const struct lws_protocols protocols[] = {
    { "http", callback, 0, HTTP_MESSAGE_MAX, 0, NULL, 0 },
    { NULL, NULL, 0, 0, 0, NULL, 0 },
};

const char *http_status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        { 200, "OK" },
        { 201, "Created" },
        { 202, "Accepted" },
        { 204, "No Content" },
        { 304, "Not Modified" },
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 409, "Conflict" },
        { 411, "Length Required" },
        { 413, "Content Too Large" },
        { 415, "Unsupported Media Type" },
        { 426, "Upgrade Required" },
        { 429, "Too Many Requests" },
        { 500, "Internal Server Error" },
        { 501, "Not Implemented" },
        { 503, "Service Unavailable" },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "Unknown";
}

/* ---- an exchange's life ---- */

static struct conn *conn_new(struct http *http, struct lws *wsi)
{
    struct conn *c = mem_zero(1, sizeof(*c));
    if (!c)
        return NULL;
    c->http = http;
    c->wsi = wsi;
    buf_init(&c->body, HTTP_BODY_MAX);
    buf_init(&c->out, (size_t)64 << 20);
    c->next = http->conns;
    if (c->next)
        c->next->prev = c;
    http->conns = c;
    lws_set_opaque_user_data(wsi, c);
    return c;
}

static void on_watch_closed(uv_handle_t *handle)
{
    close((int)(intptr_t)handle->data);
    mem_free(handle);
}

static void unwatch(struct conn *c)
{
    uv_os_fd_t fd;
    if (!c->watch)
        return;
    uv_fileno((uv_handle_t *)c->watch, &fd);
    c->watch->data = (void *)(intptr_t)fd;
    uv_close((uv_handle_t *)c->watch, on_watch_closed);
    c->watch = NULL;
}

static void take_out(struct conn **list, const struct conn *c)
{
    while (*list && *list != c)
        list = &(*list)->next_dirty;
    if (*list)
        *list = c->next_dirty;
}

static void conn_free(struct conn *c)
{
    unwatch(c);
    if (c->dirty) {
        take_out(&c->http->dirty, c);
        take_out(&c->http->later, c);
    }
    if (c->prev)
        c->prev->next = c->next;
    else
        c->http->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    lws_set_opaque_user_data(c->wsi, NULL);
    mem_free(c->strings);
    buf_finish(&c->body);
    buf_finish(&c->out);
    mem_free(c);
}

/* The peer is gone. */
static void conn_lost(struct conn *c)
{
    struct http_owner owner = c->pub.owner;
    conn_free(c);
    if (owner.closed)
        owner.closed(owner.ctx);
}

static void kill_soon(struct conn *c) { lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC); }

/* ---- sending ---- */

static void out_add(struct conn *c, const void *data, size_t n)
{
    static const char pre[LWS_PRE];
    if (!c->out.len)
        buf_append(&c->out, pre, sizeof(pre));
    buf_append(&c->out, data, n);
}

static void mark_dirty(struct conn *c)
{
    if (c->dirty || c->stuck)
        return;
    c->dirty = true;
    c->next_dirty = c->http->dirty;
    c->http->dirty = c;
}

static bool out_empty(const struct conn *c) { return c->out.len <= LWS_PRE; }

/* Hands the whole queue to the library; negative: the connection is dead. */
static int flush(struct conn *c)
{
    if (c->out.failed)
        return -1;
    if (out_empty(c))
        return 0;
    size_t n = c->out.len - LWS_PRE;
    int sent = lws_write(c->wsi, (unsigned char *)c->out.data + LWS_PRE, n, LWS_WRITE_HTTP);
    if (c->out.size > KEPT_BUFFER)
        buf_finish(&c->out);
    else
        buf_reset(&c->out);
    return sent < (int)n ? -1 : 0;
}

static void put_head(struct conn *c, int status, const char *type, long long length, const char *headers)
{
    char line[256];
    int n = snprintf(line, sizeof(line), "HTTP/1.1 %d %s\r\n%s", status, http_status_text(status),
                     c->close ? "Connection: close\r\n" : "");
    out_add(c, line, (size_t)n);
    if (type) {
        n = snprintf(line, sizeof(line), "Content-Type: %.200s\r\n", type);
        out_add(c, line, (size_t)n);
    }
    if (length >= 0 && status != 204 && status != 304) {
        n = snprintf(line, sizeof(line), "Content-Length: %lld\r\n", length);
        out_add(c, line, (size_t)n);
    }
    if (headers)
        out_add(c, headers, strlen(headers));
    out_add(c, "\r\n", 2);
}

/* Sends a reply and gives the exchange back; the value is the callback's: negative closes the connection. */
static int finish_reply(struct conn *c)
{
    struct lws *wsi = c->wsi;
    bool close_it = c->close;
    int seconds = STUCK_TIMEOUT_S + (int)(c->out.len / SLOWEST_BYTES_S);
    int rc = flush(c);
    conn_free(c);
    if (rc || close_it)
        return -1;
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, seconds);
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static void op_reply(struct http_conn *pub, const struct http_reply *reply)
{
    struct conn *c = (struct conn *)pub;
    c->pub.owner = (struct http_owner){ 0 };
    c->state = CONN_REPLY;
    put_head(c, reply->status, reply->type, (long long)reply->len, reply->headers);
    if (!c->head && reply->len)
        out_add(c, reply->body, reply->len);
    if (!c->in_request)
        lws_callback_on_writable(c->wsi);
}

static void on_watch(uv_poll_t *watch, int status, int events)
{
    (void)status;
    (void)events;
    struct conn *c = watch->data;
    uv_poll_stop(watch);
    kill_soon(c);
}

/* See the head of this file. Without a descriptor to spare, only the next write notices that the peer is gone. */
static void watch_peer(struct conn *c)
{
    int fd = fcntl(lws_get_socket_fd(c->wsi), F_DUPFD_CLOEXEC, 0);
    c->watch = fd >= 0 ? mem_zero(1, sizeof(*c->watch)) : NULL;
    if (!c->watch || uv_poll_init(loop_uv(c->http->loop), c->watch, fd)) {
        mem_free(c->watch);
        c->watch = NULL;
        if (fd >= 0)
            close(fd);
        return;
    }
    c->watch->data = c;
    uv_poll_start(c->watch, UV_READABLE, on_watch);
}

static void op_stream(struct http_conn *pub, const char *type)
{
    struct conn *c = (struct conn *)pub;
    c->state = CONN_STREAM;
    c->close = true; /* the end of the stream is the end of the connection */
    put_head(c, 200, type, -1, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
    lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
    if (strcmp(c->request.method, "GET") == 0)
        watch_peer(c);
    mark_dirty(c);
}

static void op_accept(struct http_conn *pub)
{
    struct conn *c = (struct conn *)pub;
    c->state = CONN_SOCKET;
}

/* An unmasked text frame with FIN, as a server sends it (RFC 6455, 5.2). */
static size_t frame_head(unsigned char out[10], size_t n)
{
    out[0] = 0x81;
    if (n < 126) {
        out[1] = (unsigned char)n;
        return 2;
    }
    int bytes = n < 65536 ? 2 : 8;
    out[1] = bytes == 2 ? 126 : 127;
    for (int i = 0; i < bytes; i++)
        out[2 + i] = (unsigned char)(n >> (8 * (bytes - 1 - i)));
    return (size_t)(2 + bytes);
}

static void op_write(struct http_conn *pub, const void *data, size_t n)
{
    struct conn *c = (struct conn *)pub;
    if (c->overflow || c->state == CONN_ENDING)
        return;
    if (c->out.len > HTTP_QUEUE_MAX) { /* one message of any size may come on top */
        log_info("server", "a reader is too slow: its stream is ended");
        c->overflow = true;
        kill_soon(c);
        return;
    }
    if (c->state == CONN_SOCKET) {
        unsigned char head[10];
        out_add(c, head, frame_head(head, n));
    }
    out_add(c, data, n);
    mark_dirty(c);
}

static void op_notify(struct http_conn *pub)
{
    struct conn *c = (struct conn *)pub;
    c->notify = true;
    lws_callback_on_writable(c->wsi);
}

static void op_end(struct http_conn *pub)
{
    struct conn *c = (struct conn *)pub;
    if (c->state == CONN_SOCKET)
        lws_close_reason(c->wsi, LWS_CLOSE_STATUS_GOINGAWAY, NULL, 0);
    c->pub.owner = (struct http_owner){ 0 };
    c->state = CONN_ENDING;
    lws_callback_on_writable(c->wsi);
}

static const struct http_ops ops = { op_reply, op_stream, op_accept, op_write, op_notify, op_end };

/* Sends what waits; negative: the connection is dead. */
static int pump(struct conn *c)
{
    if (flush(c))
        return -1;
    bool stuck = lws_partial_buffered(c->wsi) != 0;
    if (stuck) {
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, STUCK_TIMEOUT_S);
        lws_callback_on_writable(c->wsi); /* comes when the rest is gone */
    } else if (c->stuck) {
        lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
    }
    c->stuck = stuck;
    return 0;
}

static int on_writeable(struct conn *c)
{
    if (!c)
        return 0;
    if (c->state == CONN_REPLY)
        return finish_reply(c);
    if (c->overflow || pump(c))
        return -1;
    if (c->stuck)
        return 0;
    if (c->state == CONN_ENDING)
        return -1;
    bool notify = c->notify && c->pub.owner.drained;
    c->notify = false;
    if (notify)
        c->pub.owner.drained(c->pub.owner.ctx);
    return 0;
}

static bool may_send(struct conn *c, int64_t now_us)
{
    if (c->paid_until_us > now_us + SEND_EVERY_US * SEND_BURST)
        return false;
    c->paid_until_us = (c->paid_until_us > now_us ? c->paid_until_us : now_us) + SEND_EVERY_US;
    return true;
}

static void flush_round(struct http *http)
{
    while (http->dirty) {
        struct conn *c = http->dirty;
        http->dirty = c->next_dirty;
        c->dirty = false;
        if ((c->state != CONN_STREAM && c->state != CONN_SOCKET) || c->overflow)
            continue;
        if (may_send(c, (int64_t)(uv_hrtime() / 1000))) {
            if (pump(c))
                kill_soon(c);
            continue;
        }
        if (!http->later)
            loop_timer_start(http->pace, SEND_EVERY_US / 1000);
        c->dirty = true;
        c->next_dirty = http->later;
        http->later = c;
    }
}

/* What had to wait is sent at the end of this round. Loop thread. */
static void on_pace(void *ctx)
{
    struct http *http = ctx;
    struct conn **end = &http->dirty;
    while (*end)
        end = &(*end)->next_dirty;
    *end = http->later;
    http->later = NULL;
}

static void on_before_wait(uv_prepare_t *handle) { flush_round(handle->data); }

static void on_after_wait(uv_check_t *handle) { flush_round(handle->data); }

/* ---- receiving ---- */

static const struct {
    enum lws_token_indexes token;
    size_t offset;
} headers[] = {
    { WSI_TOKEN_HOST, offsetof(struct http_request, host) },
    { WSI_TOKEN_ORIGIN, offsetof(struct http_request, origin) },
    { WSI_TOKEN_HTTP_CONTENT_TYPE, offsetof(struct http_request, content_type) },
    { WSI_TOKEN_HTTP_AUTHORIZATION, offsetof(struct http_request, authorization) },
    { WSI_TOKEN_HTTP_COOKIE, offsetof(struct http_request, cookie) },
    { WSI_TOKEN_HTTP_IF_NONE_MATCH, offsetof(struct http_request, if_none_match) },
};
#define N_HEADERS (sizeof(headers) / sizeof(headers[0]))

static const char *method_name(int index)
{
    switch (index) {
    case LWSHUMETH_GET: return "GET";
    case LWSHUMETH_POST: return "POST";
    case LWSHUMETH_OPTIONS: return "OPTIONS";
    case LWSHUMETH_PUT: return "PUT";
    case LWSHUMETH_PATCH: return "PATCH";
    case LWSHUMETH_DELETE: return "DELETE";
    case LWSHUMETH_HEAD: return "HEAD";
    default: return NULL;
    }
}

/* The library has taken the query apart and decoded it; put together again it is encoded, so that a "%26" stays one. */
static char *encode_query(char *p, const char *s, int n)
{
    static const char hex[] = "0123456789ABCDEF";
    for (; n > 0; n--, s++) {
        unsigned char byte = (unsigned char)*s;
        if (strchr("%&+;", byte) || byte <= ' ' || byte == 0x7F) {
            *p++ = '%';
            *p++ = hex[byte >> 4];
            *p++ = hex[byte & 15];
        } else {
            *p++ = *s;
        }
    }
    return p;
}

static char *take_query(struct conn *c, char *p)
{
    char part[8192];
    c->request.query = p;
    for (int i = 0;; i++) {
        int n = lws_hdr_copy_fragment(c->wsi, part, (int)sizeof(part), WSI_TOKEN_HTTP_URI_ARGS, i);
        if (n < 0)
            break;
        p = encode_query(p, part, n);
        *p++ = '&';
    }
    if (p > c->request.query)
        p--;
    *p++ = '\0';
    return p;
}

/* Copies head and query out of the library's table, which is gone when the body has come. */
static bool take_head(struct conn *c)
{
    char *path;
    int path_len;
    c->request.method = method_name(lws_http_get_uri_and_method(c->wsi, &path, &path_len));
    if (!c->request.method || path_len < 1)
        return false;
    size_t size = (size_t)path_len + 1 + 3 * (size_t)lws_hdr_total_length(c->wsi, WSI_TOKEN_HTTP_URI_ARGS) + 64;
    for (size_t i = 0; i < N_HEADERS; i++)
        size += (size_t)lws_hdr_total_length(c->wsi, headers[i].token) + 2;
    static const char site[] = "sec-fetch-site:";
    int n_site = lws_hdr_custom_length(c->wsi, site, sizeof(site) - 1);
    size += n_site > 0 ? (size_t)n_site + 2 : 0;
    char *p = c->strings = mem_zero(1, size), *end = p + size;
    if (!p)
        return false;
    c->request.path = memcpy(p, path, (size_t)path_len);
    p = take_query(c, p + path_len + 1);
    for (size_t i = 0; i < N_HEADERS; i++) {
        int n = lws_hdr_total_length(c->wsi, headers[i].token);
        if (n <= 0 || end - p < n + 2 || lws_hdr_copy(c->wsi, p, n + 1, headers[i].token) < 0)
            continue;
        *(const char **)((char *)&c->request + headers[i].offset) = p;
        p += n + 1;
    }
    if (n_site > 0 && end - p >= n_site + 2 && lws_hdr_custom_copy(c->wsi, p, n_site + 1, site, sizeof(site) - 1) >= 0)
        c->request.fetch_site = p;
    c->head = strcmp(c->request.method, "HEAD") == 0;
    return true;
}

static void dispatch(struct conn *c)
{
    c->state = CONN_WAITING;
    c->in_request = true;
    c->http->handler.request(c->http->handler.ctx, &c->pub, &c->request);
    c->in_request = false;
    if (c->state == CONN_WAITING) /* the library's timeout was for a body; the answer may take longer */
        lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
}

static int refuse(struct conn *c, int status, const char *json)
{
    const struct http_reply reply = { .status = status, .type = "application/json", .body = json, .len = strlen(json) };
    c->close = true;
    c->in_request = true;
    op_reply(&c->pub, &reply);
    return finish_reply(c);
}

static int on_request(struct http *http, struct lws *wsi)
{
    struct conn *c = lws_get_opaque_user_data(wsi);
    if (c)
        return -1; /* a second request while the first is under way */
    c = conn_new(http, wsi);
    if (!c)
        return -1;
    c->pub.ops = &ops;
    if (!take_head(c)) {
        conn_free(c);
        return -1;
    }
    bool must = strcmp(c->request.method, "POST") == 0 || strcmp(c->request.method, "PATCH") == 0;
    char length[24] = "";
    bool known = lws_hdr_copy(wsi, length, sizeof(length), WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;
    c->expected = known ? atoll(length) : 0;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0 || (must && !known) || c->expected < 0)
        return refuse(c, 411, "{\"error\":{\"code\":\"invalid\",\"message\":\"send the body with a Content-Length\"}}");
    if (c->expected > DRAIN_MAX)
        return refuse(c, 413, "{\"error\":{\"code\":\"limit\",\"message\":\"the body is far too large\"}}");
    size_t most = c->http->handler.body_max(c->http->handler.ctx, &c->request);
    c->request.too_large = c->expected > (long long)most;
    buf_init(&c->body, most);
    bool may = strcmp(c->request.method, "DELETE") == 0 || strcmp(c->request.method, "PUT") == 0;
    if (must || (may && c->expected > 0)) {
        c->state = CONN_BODY;
        long long wanted = c->request.too_large ? 0 : c->expected;
        lws_set_timer_usecs(wsi, (BODY_TIMEOUT_S + wanted / SLOWEST_BYTES_S) * LWS_US_PER_SEC);
        return 0;
    }
    /* No other method of ours has a body: whatever comes behind the head is not read. */
    c->close = c->expected > 0 || strcmp(c->request.method, "PUT") == 0;
    dispatch(c);
    return c->state == CONN_REPLY ? finish_reply(c) : 0;
}

static int on_body(struct conn *c, const void *data, size_t n)
{
    if (!c || c->state != CONN_BODY)
        return -1;
    if (!c->request.too_large && n)
        buf_append(&c->body, data, n);
    return c->body.failed ? -1 : 0;
}

static int on_body_end(struct conn *c)
{
    if (!c || c->state != CONN_BODY)
        return -1; /* more bytes behind a request that is still being answered */
    lws_set_timer_usecs(c->wsi, LWS_SET_TIMER_USEC_CANCEL);
    c->request.body = buf_str(&c->body);
    c->request.body_len = c->body.len;
    dispatch(c);
    return c->state == CONN_REPLY ? finish_reply(c) : 0;
}

/* 0: let the library upgrade; 1: answered; -1: hang up. */
static int on_upgrade(struct http *http, struct lws *wsi, const char *protocol)
{
    static const char only[] =
        "{\"error\":{\"code\":\"unsupported\",\"message\":\"only HTTP/1.1 is spoken here: do not ask for "
        "an upgrade to HTTP/2\"}}";
    struct conn *c = lws_get_opaque_user_data(wsi);
    /* Of an unknown protocol the library has answered by itself, and the header's text may be gone with its table. */
    if (c || lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) <= 0 || !(c = conn_new(http, wsi)))
        return -1;
    c->pub.ops = &ops;
    if (strcasecmp(protocol, "websocket") != 0) {
        const struct http_reply reply = {
            .status = 400, .type = "application/json", .body = only, .len = sizeof(only) - 1
        };
        c->in_request = true;
        op_reply(&c->pub, &reply);
    } else if (take_head(c)) {
        c->request.websocket = true;
        dispatch(c);
    } else {
        conn_free(c);
        return -1;
    }
    if (c->state == CONN_SOCKET)
        return 0;
    if (c->state != CONN_REPLY)
        return -1;
    c->close = true;
    flush(c);
    conn_free(c);
    return -1;
}

static int on_message_part(struct conn *c, const void *data, size_t n)
{
    if (!c || c->state != CONN_SOCKET)
        return -1;
    bool whole = lws_is_final_fragment(c->wsi) && !lws_remaining_packet_payload(c->wsi);
    if (lws_frame_is_binary(c->wsi)) {
        lws_close_reason(c->wsi, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, NULL, 0);
        return -1;
    }
    if (c->body.len + n > HTTP_MESSAGE_MAX || buf_append(&c->body, data, n)) {
        lws_close_reason(c->wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
        return -1;
    }
    if (whole && c->pub.owner.message)
        c->pub.owner.message(c->pub.owner.ctx, buf_str(&c->body), c->body.len);
    if (whole)
        buf_finish(&c->body);
    return 0;
}

static void socket_gone(struct http *http, struct lws *wsi)
{
    struct conn *c = lws_get_opaque_user_data(wsi);
    if (c)
        conn_lost(c);
    if (http->n_sockets > 0)
        http->n_sockets--;
    if (!http->stopping && http->n_sockets < http->max_sockets)
        listener_pause(http->listener, false);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)user;
    struct lws_context *context = wsi ? lws_get_context(wsi) : NULL;
    struct http *http = context ? lws_context_user(context) : NULL;
    if (!http)
        return 0;
    struct conn *c = lws_get_opaque_user_data(wsi);
    switch (reason) {
    case LWS_CALLBACK_HTTP: return on_request(http, wsi);
    case LWS_CALLBACK_HTTP_BODY: return on_body(c, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: return on_body_end(c);
    case LWS_CALLBACK_HTTP_WRITEABLE:
    case LWS_CALLBACK_SERVER_WRITEABLE: return on_writeable(c);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return on_upgrade(http, wsi, in);
    case LWS_CALLBACK_ESTABLISHED: lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0); return c ? 0 : -1;
    case LWS_CALLBACK_RECEIVE: return on_message_part(c, in, len);
    case LWS_CALLBACK_TIMER: /* the body did not come in time */ return c && c->state == CONN_BODY ? -1 : 0;
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_CLOSED:
        if (c)
            conn_lost(c);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY: socket_gone(http, wsi); return 0;
    default: return 0;
    }
}

/* ---- starting and stopping ---- */

static void on_connection(void *ctx, int fd)
{
    struct http *http = ctx;
    if (!lws_adopt_socket_vhost(http->vhost, fd))
        return; /* it closed fd */
    http->n_sockets++;
    if (http->n_sockets >= http->max_sockets)
        listener_pause(http->listener, true);
}

static void on_log(int level, const char *line)
{
    (void)level;
    size_t n = strcspn(line, "\n");
    log_info("lws", "%.*s", (int)n, line);
}

/* Two descriptors for each connection (see watch_peer). The library sizes its tables by the limit, so that it is also
 * brought down to what is needed. */
static void set_descriptor_limit(int connections)
{
    struct rlimit limit;
    rlim_t need = (rlim_t)connections * 2 + 512;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    limit.rlim_cur = limit.rlim_max != RLIM_INFINITY && need > limit.rlim_max ? limit.rlim_max : need;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < need)
        log_warn("server",
                 "only %llu descriptors are allowed: fewer than server.max_connections=%d connections will be "
                 "served (ulimit -n)",
                 (unsigned long long)limit.rlim_cur, connections);
}

static int create_context(struct http *http, anima_error *err)
{
    void *loops[1] = { loop_uv(http->loop) };
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME | LWS_SERVER_OPTION_DISABLE_IPV6,
        .foreign_loops = loops,
        .user = http,
        .pcontext = &http->lws,
        .gid = -1,
        .uid = -1,
        .max_http_header_data2 = 8192,
        .max_http_header_pool2 = (unsigned)http->max_sockets,
        .timeout_secs = HEAD_TIMEOUT_S,
        .keepalive_timeout = IDLE_TIMEOUT_S,
        .pt_serv_buf_size = 16384,
        .vhost_name = "anima",
    };
    lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
    if (!dlopen("libwebsockets-evlib_uv.so", RTLD_NOW | RTLD_NODELETE))
        return err_set(err, ANIMA_E_UNSUPPORTED,
                       "libwebsockets has no libuv part here; install the package "
                       "libwebsockets-evlib-uv (%s)",
                       dlerror());
    http->lws = lws_create_context(&info);
    http->vhost = http->lws ? lws_create_vhost(http->lws, &info) : NULL;
    return http->vhost ? ANIMA_OK : err_set(err, ANIMA_E_IO, "the web server could not be started");
}

static int watch_rounds(struct http *http, anima_error *err)
{
    http->before_wait = mem_zero(1, sizeof(*http->before_wait));
    http->after_wait = mem_zero(1, sizeof(*http->after_wait));
    if (!http->before_wait || !http->after_wait) {
        mem_free(http->before_wait);
        mem_free(http->after_wait);
        http->before_wait = NULL;
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the web server");
    }
    int rc = loop_timer_create(http->loop, on_pace, http, &http->pace, err);
    if (rc) {
        mem_free(http->before_wait);
        mem_free(http->after_wait);
        http->before_wait = NULL;
        return rc;
    }
    uv_prepare_init(loop_uv(http->loop), http->before_wait);
    uv_check_init(loop_uv(http->loop), http->after_wait);
    http->before_wait->data = http->after_wait->data = http;
    uv_prepare_start(http->before_wait, on_before_wait);
    uv_check_start(http->after_wait, on_after_wait);
    return ANIMA_OK;
}

static void on_handle_closed(uv_handle_t *handle) { mem_free(handle); }

static void unwatch_rounds(struct http *http)
{
    if (!http->before_wait)
        return;
    loop_timer_destroy(http->pace);
    uv_close((uv_handle_t *)http->before_wait, on_handle_closed);
    uv_close((uv_handle_t *)http->after_wait, on_handle_closed);
}

int http_start(struct loop *loop, const char *address, int port, int max_connections,
               const struct http_handler *handler, struct http **out, anima_error *err)
{
    *out = NULL;
    struct http *http = mem_zero(1, sizeof(*http));
    if (!http)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the web server");
    *http = (struct http){ .loop = loop, .handler = *handler, .max_sockets = max_connections };
    set_descriptor_limit(max_connections);
    int rc = watch_rounds(http, err);
    if (!rc)
        rc = listener_open(loop, address, port, on_connection, http, &http->listener, err);
    if (!rc)
        rc = create_context(http, err);
    if (rc) {
        http_stop(http);
        return rc;
    }
    *out = http;
    return ANIMA_OK;
}

int http_port(const struct http *http) { return listener_port(http->listener); }

int http_connections(const struct http *http) { return http->n_sockets; }

static void end_exchanges(struct http *http)
{
    struct conn *next;
    for (struct conn *c = http->conns; c; c = next) {
        next = c->next;
        struct http_owner owner = c->pub.owner;
        if (c->state == CONN_STREAM || c->state == CONN_SOCKET) {
            op_end(&c->pub);
            if (owner.closed)
                owner.closed(owner.ctx);
        }
    }
}

void http_stop(struct http *http)
{
    if (!http)
        return;
    http->stopping = true;
    listener_close(http->listener);
    http->listener = NULL;
    end_exchanges(http);
    uint64_t until = uv_hrtime() + STOP_GRACE_MS * 1000000ull;
    while (http->conns && uv_hrtime() < until)
        loop_step(http->loop, 10);
    if (http->lws)
        lws_context_destroy(http->lws);
    for (int i = 0; i < 50 && http->n_sockets > 0 && http->lws; i++)
        loop_step(http->loop, 5);
    for (int i = 0; i < 3; i++)
        loop_step(http->loop, 0);
    if (http->lws)
        lws_context_destroy(http->lws);
    while (http->conns)
        conn_lost(http->conns);
    unwatch_rounds(http);
    mem_free(http);
}
