/* The router and all handlers (server/router.h), without a network and on a home in memory (unit/server/fake_home.h).
 * The input is written like a request: "METHOD PATH?QUERY", lines "Name: value", an empty line, the body. With the line
 * "Upgrade: websocket" each line of the body is one message. Every request gets an answer, and JSON where it says so. */
#include "base/json.h"
#include "base/utf8.h"
#include "fake_home.h"
#include "fuzz.h"

#include <strings.h>

static void take_header(struct http_request *r, char *line)
{
    const struct {
        const char *name;
        const char **field;
    } fields[] = { { "Host", &r->host },
                   { "Origin", &r->origin },
                   { "Content-Type", &r->content_type },
                   { "Authorization", &r->authorization },
                   { "Cookie", &r->cookie },
                   { "If-None-Match", &r->if_none_match } };
    char *value = strchr(line, ':');
    if (!value)
        return;
    *value++ = '\0';
    value += *value == ' ';
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (strcasecmp(line, fields[i].name) == 0)
            *fields[i].field = value;
    r->websocket |= strcasecmp(line, "Upgrade") == 0;
    r->too_large |= strcasecmp(line, "Too-Large") == 0;
}

static void take_first(struct http_request *r, char *line)
{
    char *path = strchr(line, ' ');
    if (!path)
        return;
    *path++ = '\0';
    r->method = line;
    r->path = path;
    char *query = strchr(path, '?');
    if (query)
        *query++ = '\0';
    r->query = query ? query : "";
}

/* Takes the text apart in place. */
static struct http_request take_apart(char *text, size_t size)
{
    struct http_request r = { .method = "GET", .path = "/", .query = "", .host = "localhost", .body = "" };
    char *line = text, *end = text + size, *eol;
    while ((eol = memchr(line, '\n', (size_t)(end - line))) && eol != line) {
        *eol = '\0';
        if (line == text)
            take_first(&r, line);
        else
            take_header(&r, line);
        line = eol + 1;
    }
    if (eol) {
        r.body = eol + 1;
        r.body_len = (size_t)(end - r.body);
    }
    return r;
}

static void step(struct fake_peer *p)
{
    fake_home_step();
    while (p->notify && !p->ended && p->conn.owner.drained) {
        p->notify = false;
        p->conn.owner.drained(p->conn.owner.ctx);
    }
}

static void messages(struct fake_peer *p, const char *body, size_t n)
{
    while (n && !p->ended && p->conn.owner.message) {
        const char *eol = memchr(body, '\n', n);
        size_t len = eol ? (size_t)(eol - body) : n, used = len + (eol != NULL);
        char *exact = fuzz_copy(body, len);
        if (utf8_valid(exact, len)) /* the transport refuses anything else */
            p->conn.owner.message(p->conn.owner.ctx, exact, len);
        free(exact);
        step(p);
        body += used;
        n -= used;
    }
}

static void check_answer(const struct fake_peer *p)
{
    CHECK(p->status >= 100 && p->status < 600);
    if (p->accepted || p->streaming || !p->body.len || strncmp(p->type, "application/json", 16) != 0)
        return;
    yyjson_doc *doc;
    CHECK(json_parse(p->body.data, p->body.len, p->body.len, "the answer", &doc, NULL) == 0);
    yyjson_doc_free(doc);
}

static void serve(struct server *server, const struct http_request *request)
{
    struct fake_peer peer;
    fake_peer_init(&peer);
    router_dispatch(server, &peer.conn, request);
    step(&peer);
    step(&peer);
    if (peer.accepted)
        messages(&peer, request->body, request->body_len);
    check_answer(&peer);
    fake_peer_finish(&peer);
    CHECK(fake_home.subscriptions == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct server server;
    char *text = fuzz_copy(data, size);
    struct http_request request = take_apart(text, size);
    char *body = fuzz_copy(request.body, request.body_len);
    request.body = body;
    CHECK(server_init(&server, fake_home_new(), "127.0.0.1", NULL) == 0);
    serve(&server, &request);
    fake_home_free();
    server_finish(&server);
    free(body);
    free(text);
    return 0;
}
