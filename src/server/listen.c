/* listen.c — we listen ourselves instead of letting libwebsockets do it: so a taken port is an error with a cure, port
 * 0 works, the backlog is long, and too many connections wait instead of being dropped. When descriptors run out,
 * accept is tried again after a while, because level-triggered polling would spin. */
#include "server/listen.h"

#include "base/err.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024
#define ACCEPTS_PER_ROUND 64
#define RETRY_MS 200

struct listener {
    uv_poll_t poll;
    struct loop_timer *retry;
    int fd, port;
    bool paused;
    listener_cb *cb;
    void *ctx;
};

static bool parse_address(const char *address, int port, struct sockaddr_storage *out, socklen_t *len)
{
    memset(out, 0, sizeof(*out));
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    if (strcmp(address, "localhost") == 0)
        address = "127.0.0.1";
    if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        *len = sizeof(*v4);
        return true;
    }
    if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        *len = sizeof(*v6);
        return true;
    }
    return false;
}

bool listen_is_address(const char *address)
{
    struct sockaddr_storage a;
    socklen_t len;
    return parse_address(address, 0, &a, &len);
}

bool listen_is_loopback(const char *address)
{
    struct sockaddr_storage a;
    socklen_t len;
    if (!parse_address(address, 0, &a, &len))
        return false;
    if (a.ss_family == AF_INET)
        return ntohl(((struct sockaddr_in *)&a)->sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&a)->sin6_addr);
}

static void prepare_socket(int fd)
{
    /* No delay: words shall arrive one by one. Keep-alive: a peer that vanished must not hold its subscription for
     * good. */
    int on = 1, idle = 60, interval = 15, probes = 4;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct listener *l = poll->data;
    (void)events;
    for (int i = 0; status == 0 && i < ACCEPTS_PER_ROUND && !l->paused; i++) {
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            prepare_socket(fd);
            l->cb(l->ctx, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            uv_poll_stop(&l->poll);
            loop_timer_start(l->retry, RETRY_MS);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

static void watch(void *ctx)
{
    struct listener *l = ctx;
    if (!l->paused)
        uv_poll_start(&l->poll, UV_READABLE, on_readable);
}

static int open_socket(const char *address, int port, int *out_fd, int *out_port, anima_error *err)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof(a);
    if (!parse_address(address, port, &a, &len))
        return err_set(err, ANIMA_E_INVALID, "server.bind is \"%s\"; it must be an IP address such as 127.0.0.1",
                       address);
    int on = 1, rc = ANIMA_OK;
    int fd = socket(a.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_errno(err, errno, "cannot make a socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&a, len) || listen(fd, BACKLOG)) {
        if (errno == EADDRINUSE)
            rc = err_set(err, ANIMA_E_BUSY,
                         "port %d on %s is taken by another program; use another one with "
                         "--set server.port=%d, or --set server.port=0 for any free one",
                         port, address, port + 1);
        else
            rc = err_errno(err, errno, "cannot listen on %s port %d", address, port);
    } else if (getsockname(fd, (struct sockaddr *)&a, &len)) {
        rc = err_errno(err, errno, "cannot listen on %s port %d", address, port);
    }
    if (rc) {
        close(fd);
        return rc;
    }
    *out_fd = fd;
    *out_port = ntohs(a.ss_family == AF_INET ? ((struct sockaddr_in *)&a)->sin_port
                                             : ((struct sockaddr_in6 *)&a)->sin6_port);
    return ANIMA_OK;
}

int listener_open(struct loop *loop, const char *address, int port, listener_cb *cb, void *ctx, struct listener **out,
                  anima_error *err)
{
    *out = NULL;
    int fd = -1, bound = 0;
    int rc = open_socket(address, port, &fd, &bound, err);
    if (rc)
        return rc;
    struct listener *l = mem_zero(1, sizeof(*l));
    if (!l) {
        close(fd);
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    *l = (struct listener){ .fd = fd, .port = bound, .cb = cb, .ctx = ctx };
    rc = loop_timer_create(loop, watch, l, &l->retry, err);
    if (!rc && uv_poll_init(loop_uv(loop), &l->poll, fd))
        rc = err_set(err, ANIMA_E_IO, "cannot watch the listening socket");
    if (rc) {
        loop_timer_destroy(l->retry);
        close(fd);
        mem_free(l);
        return rc;
    }
    l->poll.data = l;
    watch(l);
    *out = l;
    return ANIMA_OK;
}

int listener_port(const struct listener *l) { return l->port; }

void listener_pause(struct listener *l, bool pause)
{
    if (!l || l->paused == pause)
        return;
    l->paused = pause;
    if (pause)
        uv_poll_stop(&l->poll);
    else
        watch(l);
}

static void on_closed(uv_handle_t *handle)
{
    struct listener *l = handle->data;
    close(l->fd);
    mem_free(l);
}

void listener_close(struct listener *l)
{
    if (!l)
        return;
    loop_timer_destroy(l->retry);
    uv_close((uv_handle_t *)&l->poll, on_closed);
}
