#include "server/server_private.h"

#include "agent/home.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "server/listen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int server_init(struct server *s, anima_home *home, const char *bind, anima_error *err)
{
    *s = (struct server){ .home = home, .started_us = clock_mono_us(), .started_s = clock_wall_ms() / 1000 };
    const char *token_file = anima_home_setting(home, "server.token_file");
    const char *allowed = anima_home_setting(home, "server.allowed_hosts");
    return guard_init(&s->guard, bind, token_file ? token_file : "", allowed ? allowed : "", err);
}

void server_finish(struct server *s) { guard_finish(&s->guard); }

static void on_request(void *ctx, struct http_conn *conn, const struct http_request *request)
{
    router_dispatch(ctx, conn, request);
}

static size_t body_max(void *ctx, const struct http_request *head) { return router_body_max(ctx, head); }

/* An address to open here; "any address" is none. */
static void make_url(struct server *s, const char *bind)
{
    bool v6 = strchr(bind, ':') != NULL;
    if (strcmp(bind, "0.0.0.0") == 0)
        bind = "127.0.0.1";
    else if (strcmp(bind, "::") == 0)
        bind = "::1";
    snprintf(s->url, sizeof(s->url), v6 ? "http://[%.64s]:%d" : "http://%.64s:%d", bind, http_port(s->http));
}

static int setting_int(anima_home *home, const char *key, int otherwise)
{
    const char *text = anima_home_setting(home, key);
    return text && *text ? atoi(text) : otherwise;
}

int server_start(anima_home *home, const struct server_options *options, struct server **out, anima_error *err)
{
    *out = NULL;
    const char *bind = options && options->bind ? options->bind : anima_home_setting(home, "server.bind");
    int port = options && options->port >= 0 ? options->port : setting_int(home, "server.port", 26462);
    struct server *s = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the web server");
    int rc = server_init(s, home, bind, err);
    if (!rc) {
        const struct http_handler handler = { s, on_request, body_max };
        rc = http_start(home_loop(home), bind, port, setting_int(home, "server.max_connections", 2000), &handler,
                        &s->http, err);
    }
    if (!rc) {
        make_url(s, bind);
        rc = home_publish_url(home, s->url, err);
    }
    if (rc) {
        server_stop(s);
        return rc;
    }
    *out = s;
    return ANIMA_OK;
}

const char *server_url(const struct server *s) { return s->url; }

void server_stop(struct server *s)
{
    if (!s)
        return;
    if (*s->url)
        home_publish_url(s->home, "", NULL);
    http_stop(s->http);
    server_finish(s);
    mem_free(s);
}
