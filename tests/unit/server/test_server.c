/* Router, guard, own API, events and OpenAI's API, without network and without a real home. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "fake_home.h"
#include "server/openai.h"
#include "server/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int ask(const char *method, const char *path, const char *body)
{
    struct fake_peer p;
    int status = fake_ask(&fake_server, &p, method, path, body);
    fake_peer_finish(&p);
    return status;
}

static void routing(void **state)
{
    (void)state;
    assert_int_equal(ask("GET", "/api/v1/status", NULL), 200);
    assert_int_equal(ask("HEAD", "/api/v1/status", NULL), 200);
    assert_int_equal(ask("GET", "/api/v1/status/", NULL), 404);
    assert_int_equal(ask("GET", "/api/v1/conversations/talk", NULL), 200);
    assert_int_equal(ask("GET", "/api/v1/conversations/", NULL), 404);
    assert_int_equal(ask("GET", "/api/v1/conversations/talk/more", NULL), 404);
    assert_int_equal(ask("DELETE", "/api/v1/conversations", NULL), 405);
    assert_int_equal(ask("HEAD", "/api/v1/events", NULL), 405);
    assert_int_equal(ask("GET", "/api/v1/ws", NULL), 426);
    assert_int_equal(ask("GET", "/no/page", NULL), 404);
    assert_int_equal(ask("OPTIONS", "/api/v1/conversations", NULL), 204);
    struct fake_peer p;
    assert_int_equal(fake_ask(&fake_server, &p, "PUT", "/api/v1/conversations", NULL), 405);
    assert_non_null(strstr(p.headers, "Allow: GET, HEAD, POST, OPTIONS"));
    fake_peer_finish(&p);
}

static void queries_and_bodies(void **state)
{
    (void)state;
    assert_int_equal(ask("GET", "/api/v1/conversations?limit=5&before_ms=9", NULL), 200);
    static const char *const bad[] = {
        "limit=0", "limit=501", "limit=", "limit=a", "limit=5x", "other=1", "limit", "=", "limit=99999999999999999999",
        "&"
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char path[96];
        snprintf(path, sizeof(path), "/api/v1/conversations?%s", bad[i]);
        assert_int_equal(ask("GET", path, NULL), 400);
    }
    assert_int_equal(ask("POST", "/api/v1/conversations", "{\"character\":\"lin\",\"title\":null}"), 201);
    static const char *const bodies[] = { "{",
                                          "[]",
                                          "{}",
                                          "{\"character\":1}",
                                          "{\"character\":\"lin\",\"x\":1}",
                                          "\"a\"",
                                          "{\"character\":null}",
                                          "{\"character\":\"a\\u0000b\"}",
                                          "{\"character\":\"\xff\"}",
                                          "{\"character\":\"lin\",\"title\":[]}",
                                          "" };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_int_equal(ask("POST", "/api/v1/conversations", bodies[i]), 400);
    assert_int_equal(ask("POST", "/api/v1/conversations", "{\"character\":\"nobody\"}"), 404);
    assert_int_equal(ask("POST", "/api/v1/conversations", NULL), 415);
}

static void texts_in_queries(void **state)
{
    (void)state;
    struct fake_peer p;
    fake_ask(&fake_server, &p, "GET", "/api/v1/search?q=%E4%BD%A0%e5%a5%bd+a%26b%25&limit=7", NULL);
    fake_peer_finish(&p);
    assert_string_equal(fake_home.changed, "search 7 你好 a&b%|");
    fake_ask(&fake_server, &p, "GET", "/api/v1/search?limit=7&q", NULL);
    assert_int_equal(p.status, 400); /* nothing to look for */
    fake_peer_finish(&p);
    static const char *const bad[] = { "q=%", "q=%4", "q=%zz", "q=%00", "q=%0a", "q=%ff", "q=a&x=1", "%71=a&q%3d=b" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char path[96];
        snprintf(path, sizeof(path), "/api/v1/search?%s", bad[i]);
        assert_int_equal(ask("GET", path, NULL), 400);
    }
    assert_int_equal(ask("GET", "/api/v1/conversations?character=nobody", NULL), 200);
    char longer[700] = "/api/v1/search?q=";
    memset(longer + strlen(longer), 'x', 600);
    assert_int_equal(ask("GET", longer, NULL), 400);
    assert_int_equal(ask("GET", "/api/v1/conversations/talk/export?format=word", NULL), 400);
    fake_home_step();
}

/* What asks for a change, what reaches libanima, and the answer. */
static void changes(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path, *body, *asked;
        int status;
    } cases[] = {
        { "PATCH", "", "{\"title\":\"新\"}", "rename 新|", 200 },
        { "PATCH", "", "{}", "", 400 },
        { "PATCH", "", "{\"title\":1}", "", 400 },
        { "PATCH", "", NULL, "", 415 },
        { "DELETE", "", NULL, "delete|", 200 },
        { "DELETE", "", "{\"x\":1}", "", 400 },
        { "POST", "/fork", "{\"seq\":2}", "fork 2 -|", 201 },
        { "POST", "/fork", "{\"seq\":2,\"title\":\"b\"}", "fork 2 b|", 201 },
        { "POST", "/fork", "{}", "fork 2 -|", 201 },
        { "POST", "/fork", "{\"seq\":\"2\"}", "", 400 },
        { "PATCH", "/turns/2", "{\"text\":\"b\",\"revision\":3}", "edit 2 3 b|", 200 },
        { "PATCH", "/turns/2", "{\"text\":\"b\"}", "", 400 },
        { "PATCH", "/turns/2", "{\"text\":\"b\",\"revision\":-1}", "", 400 },
        { "PATCH", "/turns/9", "{\"text\":\"b\",\"revision\":0}", "", 404 },
        { "PATCH", "/turns/x", "{\"text\":\"b\",\"revision\":0}", "", 404 },
        { "PATCH", "/turns/-2", "{\"text\":\"b\",\"revision\":0}", "", 404 },
        { "PATCH", "/turns/99999999999999999999", "{\"text\":\"b\",\"revision\":0}", "", 404 },
        { "GET", "/turns/2/variants", NULL, "", 200 },
        { "GET", "/turns/5/variants", NULL, "", 404 },
        { "POST", "/turns/2/variant", "{\"variant\":1,\"revision\":0}", "choose 2 1 0|", 200 },
        { "POST", "/turns/2/regenerate", "{\"revision\":1}", "regenerate 2 1|", 202 },
        { "POST", "/turns/2/regenerate", "{}", "", 400 },
        { "DELETE", "/turns/2", NULL, "take back 2 -1|", 200 },
        { "DELETE", "/turns/2", "{\"revision\":4}", "take back 2 4|", 200 },
        { "GET", "/export?format=markdown", NULL, "export 1|", 200 },
        { "PUT", "/turns/2", NULL, "", 405 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char path[128];
        struct fake_peer p;
        *fake_home.changed = '\0';
        snprintf(path, sizeof(path), "/api/v1/conversations/talk%s", cases[i].path);
        fake_ask(&fake_server, &p, cases[i].method, path, cases[i].body);
        assert_true(!*cases[i].asked || !p.status); /* not before it is stored */
        fake_home_step();
        if (p.status != cases[i].status || strcmp(fake_home.changed, cases[i].asked) != 0)
            fail_msg("%s %s gives %d: %s", cases[i].method, path, p.status, fake_home.changed);
        fake_peer_finish(&p);
    }
}

static void changes_that_fail(void **state)
{
    (void)state;
    static const struct {
        int code, status;
        const char *name;
    } cases[] = { { ANIMA_E_CONFLICT, 409, "\"code\":\"conflict\"" },
                  { ANIMA_E_BUSY, 409, "\"code\":\"busy\"" },
                  { ANIMA_E_NOT_FOUND, 404, "\"code\":\"not_found\"" },
                  { ANIMA_E_FULL, 503, "\"code\":\"disk_full\"" } };
    struct fake_peer p;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_ask(&fake_server, &p, "PATCH", "/api/v1/conversations/talk/turns/2", "{\"text\":\"b\",\"revision\":3}");
        fake_home.change_fails = cases[i].code;
        fake_home_step();
        assert_int_equal(p.status, cases[i].status);
        assert_non_null(strstr(buf_str(&p.body), cases[i].name));
        fake_peer_finish(&p);
    }
    fake_home.change_fails = 0;
    fake_home.change_note = ANIMA_E_BUSY; /* deleted, but somebody reads the log */
    fake_ask(&fake_server, &p, "DELETE", "/api/v1/conversations/talk", NULL);
    fake_home_step();
    assert_string_equal(buf_str(&p.body), "{\"deleted\":true,\"purged\":false}");
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "DELETE", "/api/v1/conversations/talk", NULL);
    fake_peer_finish(&p); /* the peer leaves while it waits */
    fake_home_step();
}

static int send_file(struct fake_peer *p, const char *origin, const char *type, const char *body, bool too_large)
{
    struct http_request r = { .method = "POST",
                              .path = "/api/v1/conversations/import",
                              .query = "character=lin",
                              .host = "localhost:5",
                              .origin = origin,
                              .content_type = type,
                              .body = body,
                              .body_len = strlen(body),
                              .too_large = too_large };
    assert_int_equal(router_body_max(&fake_server, &r), origin ? 0 : HTTP_RAW_MAX);
    fake_peer_init(p);
    router_dispatch(&fake_server, &p->conn, &r);
    fake_home_step();
    int status = p->status;
    fake_peer_finish(p);
    return status;
}

static void files_as_bodies(void **state)
{
    (void)state;
    struct fake_peer p;
    assert_int_equal(send_file(&p, NULL, "text/plain", "{not json", false), 201);
    assert_string_equal(fake_home.changed, "import lin 9|");
    assert_int_equal(send_file(&p, NULL, "application/octet-stream", "x", false), 201);
    assert_int_equal(send_file(&p, NULL, NULL, "x", false), 415);
    assert_int_equal(send_file(&p, NULL, "application/x-www-form-urlencoded", "x", false), 415);
    assert_int_equal(send_file(&p, NULL, "multipart/form-data; boundary=x", "x", false), 415);
    assert_int_equal(send_file(&p, NULL, "text/plain", "", false), 400);
    assert_int_equal(send_file(&p, NULL, "text/plain", "", true), 413);
    assert_int_equal(send_file(&p, "http://evil.example", "text/plain", "x", false), 403);
    assert_int_equal(send_file(&p, "null", "text/plain", "x", false), 403);
    struct http_request other = {
        .method = "POST", .path = "/api/v1/conversations", .query = "", .host = "localhost:5", .body = ""
    };
    assert_int_equal(router_body_max(&fake_server, &other), HTTP_BODY_MAX);
    other.method = "PATCH";
    other.path = "/api/v1/conversations/import";
    assert_int_equal(router_body_max(&fake_server, &other), HTTP_BODY_MAX);
    fake_ask(&fake_server, &p, "GET", "/api/v1/conversations/talk/export", NULL);
    fake_home_step();
    assert_string_equal(buf_str(&p.body), "{}\n");
    assert_non_null(strstr(p.headers, "attachment; filename=\"A talk.jsonl\"; filename*=UTF-8''A%20talk.jsonl\r\n"));
    fake_peer_finish(&p);
}

static int ask_as(const char *host, const char *origin, const char *authorization, const char *cookie)
{
    struct fake_peer p;
    struct http_request r = { .method = "GET",
                              .path = "/api/v1/people",
                              .query = "",
                              .host = host,
                              .origin = origin,
                              .authorization = authorization,
                              .cookie = cookie };
    fake_peer_init(&p);
    router_dispatch(&fake_server, &p.conn, &r);
    int status = p.status;
    fake_peer_finish(&p);
    return status;
}

/* What a browser says of a page that asks without an Origin: an image of another site, fetch without CORS. */
static int ask_from(const char *path, const char *site)
{
    struct fake_peer p;
    struct http_request r = { .method = "GET", .path = path, .query = "", .host = "localhost", .fetch_site = site };
    fake_peer_init(&p);
    router_dispatch(&fake_server, &p.conn, &r);
    int status = p.status;
    fake_peer_finish(&p);
    return status;
}

static void hosts_and_origins(void **state)
{
    (void)state;
    assert_int_equal(ask_from("/api/v1/people", "cross-site"), 403);
    assert_int_equal(ask_from("/api/v1/people", "same-site"), 403);
    assert_int_equal(ask_from("/api/v1/people", "same-origin"), 200);
    assert_int_equal(ask_from("/api/v1/people", "none"), 200);
    assert_int_equal(ask_from("/", "cross-site"), 200); /* a link to the page */
    assert_int_equal(ask_as("localhost", NULL, NULL, NULL), 200);
    assert_int_equal(ask_as("LocalHost:80", NULL, NULL, NULL), 200);
    assert_int_equal(ask_as("127.0.0.2:5", NULL, NULL, NULL), 200);
    assert_int_equal(ask_as("[::1]:5", NULL, NULL, NULL), 200);
    static const char *const bad[] = { "evil.example", "127.evil.example", "10.0.0.1", "localhost.", "[::2]" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(ask_as(bad[i], NULL, NULL, NULL), 403);
    static const char *const malformed[] = { "", ":80", "localhost:x", "a:b", "[::1", "localhost:123456", "a:1:2" };
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        assert_in_range(ask_as(malformed[i], NULL, NULL, NULL), 400, 403);
    assert_int_equal(ask_as(NULL, NULL, NULL, NULL), 400);
    assert_int_equal(ask_as("localhost:5", "http://localhost:5", NULL, NULL), 200);
    static const char *const foreign[] = { "http://localhost",
                                           "http://localhost:6",
                                           "null",
                                           "file://",
                                           "http://evil.example",
                                           "",
                                           "ftp://localhost:5",
                                           "http://localhost:5.evil.example" };
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        assert_int_equal(ask_as("localhost:5", foreign[i], NULL, NULL), 403);
    server_finish(&fake_server);
    anima_home *home = fake_home_new();
    fake_home.allowed_hosts = "Anima.Example , other.example";
    assert_int_equal(server_init(&fake_server, home, "127.0.0.1", NULL), 0);
    assert_int_equal(ask_as("anima.example:443", "https://anima.example", NULL, NULL), 200);
    assert_int_equal(ask_as("example", NULL, NULL, NULL), 403);
}

static void tokens(void **state)
{
    (void)state;
    char file[] = "/tmp/anima-token-XXXXXX", cookie[128], bad[160];
    anima_error err;
    close(mkstemp(file));
    assert_int_equal(fs_write(file, "correct horse\nrest\n", 19, 0600, &err), 0);
    server_finish(&fake_server);
    anima_home *home = fake_home_new();
    assert_int_equal(server_init(&fake_server, home, "0.0.0.0", &err), ANIMA_E_FORBIDDEN);
    server_finish(&fake_server);
    fake_home.token_file = file;
    assert_int_equal(server_init(&fake_server, home, "0.0.0.0", &err), 0);
    assert_int_equal(ask_as("192.168.0.5:80", NULL, NULL, NULL), 401);
    assert_int_equal(ask_as("evil.example", NULL, "Bearer correct horse", NULL), 403);
    assert_int_equal(ask_as("192.168.0.5:80", NULL, "Bearer correct horse", NULL), 200);
    assert_int_equal(ask_as("localhost", NULL, "bearer correct horse", NULL), 200);
    assert_int_equal(ask_as("localhost", NULL, "Bearer correct hors", NULL), 401);
    assert_int_equal(ask_as("localhost", NULL, "Bearer ", NULL), 401);
    assert_int_equal(ask_as("localhost", NULL, "Basic correct horse", NULL), 401);
    struct fake_peer p;
    assert_int_equal(fake_ask(&fake_server, &p, "POST", "/api/v1/login", "{\"token\":\"correct horse\"}"), 200);
    const char *set = strstr(p.headers, "Set-Cookie: ");
    assert_non_null(set);
    snprintf(cookie, sizeof(cookie), "%.*s", (int)strcspn(set + 12, ";"), set + 12);
    fake_peer_finish(&p);
    snprintf(bad, sizeof(bad), "a=b; %s; c=d", cookie);
    assert_int_equal(ask_as("localhost", NULL, NULL, bad), 200);
    bad[strlen("a=b; anima_session=")] ^= 1;
    assert_int_equal(ask_as("localhost", NULL, NULL, bad), 401);
    assert_int_equal(ask_as("localhost", NULL, NULL, "anima_session="), 401);
    for (int i = 0; i < 8; i++) /* and two wrong ones above, as Bearer */
        assert_int_equal(ask("POST", "/api/v1/login", "{\"token\":\"wrong\"}"), 401);
    assert_int_equal(ask("POST", "/api/v1/login", "{\"token\":\"correct horse\"}"), 429);
    assert_int_equal(ask_as("localhost", NULL, "Bearer correct horse", NULL), 429);
    unlink(file);
}

static void messages(void **state)
{
    (void)state;
    struct fake_peer p;
    const char *path = "/api/v1/conversations/talk/messages";
    assert_int_equal(fake_ask(&fake_server, &p, "POST", path, "{\"text\":\"hi\"}"), 0); /* not before it is stored */
    fake_home_step();
    assert_int_equal(p.status, 202);
    assert_string_equal(buf_str(&p.body), "{\"seq\":3,\"reply\":4}");
    fake_peer_finish(&p);
    assert_int_equal(fake_ask(&fake_server, &p, "POST", path, "{\"text\":\"hi\",\"client_id\":\"again\"}"), 202);
    assert_string_equal(buf_str(&p.body), "{\"seq\":2,\"reply\":3}");
    fake_peer_finish(&p);
    fake_home.store_fails = ANIMA_E_FULL;
    fake_ask(&fake_server, &p, "POST", path, "{\"text\":\"hi\"}");
    fake_home_step();
    assert_int_equal(p.status, 503);
    assert_non_null(strstr(buf_str(&p.body), "\"code\":\"disk_full\""));
    fake_peer_finish(&p);
    fake_home.store_fails = 0;
    fake_ask(&fake_server, &p, "POST", path, "{\"text\":\"hi\"}");
    fake_peer_finish(&p); /* the peer leaves while it waits */
    fake_home_step();
    fake_home.send_fails = ANIMA_E_BUSY;
    assert_int_equal(ask("POST", path, "{\"text\":\"hi\"}"), 429);
    assert_int_equal(ask("POST", "/api/v1/conversations/none/messages", "{\"text\":\"hi\"}"), 404);
    assert_int_equal(ask("POST", "/api/v1/conversations/talk/cancel", NULL), 404);
    assert_int_equal(ask("POST", "/api/v1/conversations/talk/retry", NULL), 202);
    assert_int_equal(fake_home.subscriptions, 0);
}

static void event_streams(void **state)
{
    (void)state;
    struct fake_peer one, two, home;
    assert_int_equal(fake_ask(&fake_server, &one, "GET", "/api/v1/conversations/talk/events?after=1", NULL), 200);
    assert_int_equal(fake_ask(&fake_server, &two, "GET", "/api/v1/conversations/talk/events", NULL), 200);
    assert_int_equal(fake_ask(&fake_server, &home, "GET", "/api/v1/events", NULL), 200);
    assert_string_equal(one.type, "text/event-stream");
    assert_int_equal(fake_home.subscriptions, 2); /* one feed for both, one for the home */
    assert_int_equal(
        strncmp(buf_str(&one.body), "event: sync\ndata: {\"type\":\"sync\",\"conversation\":{\"id\":\"talk\"", 60), 0);
    assert_null(strstr(buf_str(&one.body), "\"seq\":1,"));
    assert_non_null(strstr(buf_str(&two.body), "\"seq\":1,"));
    assert_non_null(strstr(buf_str(&home.body), "event: engine.state\n"));
    buf_reset(&one.body);
    buf_reset(&two.body);
    ask("POST", "/api/v1/conversations/talk/messages", "{\"text\":\"hi\"}");
    fake_home_step();
    assert_non_null(strstr(buf_str(&one.body),
                           "event: turn.delta\ndata: {\"type\":\"turn.delta\",\"conversation\":\"talk\","
                           "\"seq\":4,\"offset\":0,\"text\":\"a\\\"\"}\n\n"));
    assert_string_equal(buf_str(&one.body), buf_str(&two.body));
    assert_non_null(strstr(buf_str(&home.body), "conversation.updated"));
    assert_null(strstr(buf_str(&home.body), "turn.delta"));
    fake_peer_finish(&one);
    fake_peer_finish(&two);
    fake_peer_finish(&home);
    assert_int_equal(fake_home.subscriptions, 0);
    assert_int_equal(ask("GET", "/api/v1/conversations/none/events", NULL), 404);
}

static void say_to(struct fake_peer *p, const char *text)
{
    buf_reset(&p->body);
    p->conn.owner.message(p->conn.owner.ctx, text, strlen(text));
}

static void web_sockets(void **state)
{
    (void)state;
    struct fake_peer p;
    struct http_request r = {
        .method = "GET", .path = "/api/v1/ws", .query = "", .host = "localhost", .websocket = true
    };
    fake_peer_init(&p);
    router_dispatch(&fake_server, &p.conn, &r);
    assert_int_equal(p.status, 101);
    say_to(&p, "{\"type\":\"ping\"}");
    assert_string_equal(buf_str(&p.body), "{\"type\":\"pong\"}\n");
    static const char *const bad[] = {
        "",
        "x",
        "[]",
        "{}",
        "{\"type\":5}",
        "{\"type\":\"subscribe\",\"conversation\":\"none\"}",
        "{\"type\":\"subscribe\",\"conversation\":\"a conversation with a long name\"}"
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        say_to(&p, bad[i]);
        assert_int_equal(strncmp(buf_str(&p.body), "{\"type\":\"error\",", 16), 0);
    }
    say_to(&p, "{\"type\":\"subscribe\",\"conversation\":\"talk\",\"after\":0}");
    assert_int_equal(strncmp(buf_str(&p.body), "{\"type\":\"sync\",", 15), 0);
    say_to(&p, "{\"type\":\"subscribe\",\"conversation\":\"talk\",\"after\":2}"); /* again: in place of the first */
    say_to(&p, "{\"type\":\"subscribe\"}");
    assert_int_equal(fake_home.subscriptions, 2);
    assert_null(strstr(buf_str(&p.body), "\"after\":2")); /* one page at a time */
    fake_peer_drained(&p);
    fake_peer_drained(&p);
    assert_non_null(strstr(buf_str(&p.body), "\"after\":2"));
    assert_false(p.notify && (fake_peer_drained(&p), p.notify));
    ask("POST", "/api/v1/conversations/talk/messages", "{\"text\":\"hi\"}");
    fake_home_step();
    assert_non_null(
        strstr(buf_str(&p.body),
               "{\"type\":\"turn.delta\",\"conversation\":\"talk\",\"seq\":4,\"offset\":2,\"text\":\"\\n\"}\n"));
    say_to(&p, "{\"type\":\"unsubscribe\",\"conversation\":\"talk\"}");
    assert_int_equal(fake_home.subscriptions, 1);
    fake_peer_finish(&p);
    assert_int_equal(fake_home.subscriptions, 0);
    r.path = "/api/v1/status";
    fake_peer_init(&p);
    router_dispatch(&fake_server, &p.conn, &r);
    assert_int_equal(p.status, 400);
    fake_peer_finish(&p);
}

/* ---- answers and the table agree ---- */

static void has_members(yyjson_val *value, const struct member *members)
{
    size_t i, max, wanted = 0;
    yyjson_val *key, *v;
    assert_true(yyjson_is_obj(value));
    for (const struct member *m = members; m->name; m++)
        if (m->required && !yyjson_obj_get(value, m->name))
            fail_msg("%s is missing", m->name);
    yyjson_obj_foreach (value, i, max, key, v) {
        const struct member *m = members;
        while (m->name && strcmp(m->name, yyjson_get_str(key)) != 0)
            m++;
        if (!m->name)
            fail_msg("%s is not in the table", yyjson_get_str(key));
        bool fits = yyjson_is_null(v) || m->type == MEMBER_ANY || (m->type == MEMBER_STRING && yyjson_is_str(v)) ||
                    (m->type == MEMBER_INT && yyjson_is_int(v)) || (m->type == MEMBER_NUMBER && yyjson_is_num(v)) ||
                    (m->type == MEMBER_BOOL && yyjson_is_bool(v)) || (m->type == MEMBER_OBJECT && yyjson_is_obj(v)) ||
                    (m->type == MEMBER_ARRAY && yyjson_is_arr(v));
        if (!fits)
            fail_msg("%s has another type than in the table", m->name);
        wanted++;
        for (size_t s = 0; s < shapes_count; s++) { /* a member named like a shape, or a list of them */
            char plural[32];
            snprintf(plural, sizeof(plural), "%ss", shapes[s].name);
            if (yyjson_is_obj(v) && strcmp(m->name, shapes[s].name) == 0)
                has_members(v, shapes[s].members);
            else if (yyjson_is_arr(v) && strcmp(m->name, plural) == 0)
                has_members(yyjson_arr_get_first(v), shapes[s].members);
        }
    }
    assert_true(wanted > 0);
}

/* The path of a route, with something in place of {id} and {seq}. */
static void example_path(const struct route *r, char *out, size_t size)
{
    const char *p = r->path;
    size_t n = 0;
    while (*p) {
        size_t plain = strcspn(p, "{");
        const char *filled = strncmp(p + plain, "{seq}", 5) == 0            ? "2"
                             : strncmp(p + plain, "{id}", 4) != 0           ? ""
                             : strstr(r->path, "models")                    ? "lin"
                             : strstr(r->path, "/streams")                  ? "flow"
                             : strstr(r->path, "/responses")                ? "resp_a"
                             : strstr(r->path, "characters/{id}/notes")     ? "lin"
                             : strstr(r->path, "/training")                 ? "lin"
                             : strstr(r->path, "/facts")                    ? "lin"
                             : strstr(r->path, "/recall")                   ? "lin"
                             : strstr(r->path, "characters/{id}/blind")     ? "lin"
                             : strstr(r->path, "/blind")                    ? "round"
                             : strstr(r->path, "/imports")                  ? "i1"
                             : strstr(r->path, "characters/{id}/known")     ? "lin"
                             : strstr(r->path, "/known")                    ? "5"
                             : strstr(r->path, "characters/{id}/topics")    ? "lin"
                             : strstr(r->path, "/topics")                   ? "7"
                             : strstr(r->path, "characters/{id}/working")   ? "lin"
                             : strstr(r->path, "/working")                  ? "8"
                             : strstr(r->path, "characters/{id}/documents") ? "lin"
                             : strstr(r->path, "/documents")                ? "d1"
                             : strstr(r->path, "/passages")                 ? "lin"
                             : strstr(r->path, "/notes")                    ? "7"
                             : strstr(r->path, "characters")                ? "mine"
                                                                            : "talk";
        n += (size_t)snprintf(out + n, size - n, "%.*s%s", (int)plain, p, filled);
        p += plain;
        p += strcspn(p, "}") + (*p != '\0');
    }
    if (strcmp(r->path, "/api/v1/search") == 0 || strcmp(r->path, "/api/v1/memory") == 0 ||
        strstr(r->path, "/recall") || strstr(r->path, "/passages"))
        snprintf(out + n, size - n, "?q=a");
    if (strcmp(r->path, "/api/v1/characters/{id}/working") == 0 && strcmp(r->method, "DELETE") == 0)
        snprintf(out + n, size - n, "?part=mood");
    if (strcmp(r->path, "/api/v1/memory/import") == 0)
        snprintf(out + n, size - n, "?character=lin");
}

static void answers_fit_the_table(void **state)
{
    (void)state;
    static const struct {
        const char *method, *end, *body;
    } examples[] = {
        { "POST", "/login", "{\"token\":\"x\"}" },
        { "POST", "/conversations", "{\"character\":\"lin\"}" },
        { "POST", "/messages", "{\"text\":\"a\"}" },
        { "POST", "/typing", "{\"text\":\"a\"}" },
        { "POST", "/completions", "{\"model\":\"lin\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}" },
        { "POST", "/characters", "{\"name\":\"Lin\"}" },
        { "PATCH", "/talk", "{\"title\":\"t\"}" },
        { "PATCH", "/turns/2", "{\"text\":\"t\",\"revision\":0}" },
        { "POST", "/fork", "{\"seq\":2}" },
        { "POST", "/import", "{}" },
        { "POST", "/import?character=lin", "{}" },
        { "POST", "/variant", "{\"variant\":0,\"revision\":0}" },
        { "POST", "/regenerate", "{\"revision\":0}" },
        { "POST", "/candidates", "{\"revision\":0}" },
        { "POST", "/training", "{\"rank\":4}" },
        { "POST", "/facts", "{\"questions\":2}" },
        { "POST", "/blind", "{\"pairs\":2}" },
        { "PUT", "/pairs/2", "{\"choice\":\"left\"}" },
        { "POST", "/documents", "{}" },
        { "POST", "/notes", "{\"text\":\"t\"}" },
        { "PATCH", "/7", "{\"active\":true}" },
        { "PATCH", "/5", "{\"value\":\"York\"}" },
        { "POST", "/forget", "{\"turns\":[{\"conversation\":\"talk\",\"seq\":1}]}" },
        { "PUT", "/pin", "{}" },
        { "POST", "/rules", "{}" },
        { "PATCH", "/topics/7", "{\"text\":\"t\"}" },
        { "PUT", "/working", "{\"part\":\"topic\",\"value\":\"tea\"}" },
        { "PATCH", "/working/8", "{\"state\":\"kept\"}" },
        { "POST", "/streams", "{}" },
        { "POST", "/append", "{\"segments\":[]}" },
        { "POST", "/generate", "{\"logprobs\":1}" },
        { "POST", "/retract", "{\"seq\":1}" },
        { "POST", "/score", "{\"candidates\":[\"a\"]}" },
        { "POST", "/responses", "{\"model\":\"lin\",\"input\":\"a\"}" },
    };
    int checked = 0;
    for (size_t i = 0; i < routes_count; i++) {
        const char *body = NULL;
        char path[128];
        struct fake_peer p;
        if (!routes[i].gives || strstr(routes[i].path, "/cancel"))
            continue;
        example_path(&routes[i], path, sizeof(path));
        for (size_t e = 0; e < sizeof(examples) / sizeof(examples[0]); e++) {
            size_t n = strlen(path), end = strlen(examples[e].end);
            if (strcmp(routes[i].method, examples[e].method) == 0 && n > end &&
                strcmp(path + n - end, examples[e].end) == 0)
                body = examples[e].body;
        }
        fake_ask(&fake_server, &p, routes[i].method, path, body);
        fake_home_step();
        if (p.status != routes[i].status)
            fail_msg("%s %s gives %d: %s", routes[i].method, path, p.status, buf_str(&p.body));
        yyjson_doc *doc = yyjson_read(p.body.data, p.body.len, 0);
        has_members(yyjson_doc_get_root(doc), routes[i].gives);
        yyjson_doc_free(doc);
        fake_peer_finish(&p);
        checked++;
    }
    assert_true(checked > 20);
}

static void events_fit_the_table(void **state)
{
    (void)state;
    struct fake_peer p;
    int checked = 0;
    fake_ask(&fake_server, &p, "GET", "/api/v1/conversations/talk/events", NULL);
    buf_reset(&p.body);
    ask("POST", "/api/v1/conversations/talk/messages", "{\"text\":\"hi\"}");
    fake_home_step();
    ask("POST", "/api/v1/conversations/talk/turns/2/candidates", "{\"revision\":0}");
    assert_non_null(strstr(buf_str(&p.body), "\"numbers\":[1,null,2]"));
    for (const char *data = strstr(buf_str(&p.body), "data: "); data; data = strstr(data, "data: ")) {
        data += 6;
        yyjson_doc *doc = yyjson_read(data, strcspn(data, "\n"), 0);
        yyjson_val *e = yyjson_doc_get_root(doc);
        for (int type = 0; type < ANIMA_EVENT_COUNT; type++) {
            static const char *const names[] = {
#define ANIMA_EVENT(symbol, name, meaning) name,
#include "anima/events.def"
#undef ANIMA_EVENT
            };
            if (strcmp(names[type], json_str(e, "type", "")) != 0)
                continue;
            for (const struct member *m = event_members[type]; m->name; m++)
                if (!yyjson_obj_get(e, m->name))
                    fail_msg("%s of %s is missing", m->name, names[type]);
            checked++;
        }
        yyjson_doc_free(doc);
    }
    assert_int_equal(checked, 8);
    fake_peer_finish(&p);
}

static void ways_to_say_it(void **state)
{
    (void)state;
    static const struct {
        const char *body, *asked;
        int status;
    } cases[] = {
        { "{\"revision\":2}", "candidates 2 3 2|", 202 },
        { "{\"n\":4,\"revision\":0}", "candidates 2 4 0|", 202 },
        { "{\"n\":5,\"revision\":0}", "", 400 },
        { "{\"n\":-3,\"revision\":0}", "", 400 },
        { "{\"n\":99999999999,\"revision\":0}", "", 400 },
        { "{\"n\":\"3\",\"revision\":0}", "", 400 },
        { "{\"revision\":-1}", "", 400 },
        { "{}", "", 400 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        *fake_home.changed = '\0';
        assert_int_equal(ask("POST", "/api/v1/conversations/talk/turns/2/candidates", cases[i].body), cases[i].status);
        assert_string_equal(fake_home.changed, cases[i].asked);
    }
    /* Whoever comes while they are under way is told. */
    struct fake_peer p;
    fake_home.candidates = true;
    fake_ask(&fake_server, &p, "GET", "/api/v1/conversations/talk/events", NULL);
    assert_non_null(strstr(buf_str(&p.body), "\"candidates\":[{\"candidate\":1,\"candidates\":2,\"turn\":{\"seq\":1,"));
    fake_peer_finish(&p);
}

/* ---- characters and costs ---- */

static int ask_and_step(const char *method, const char *path, const char *body, struct fake_peer *p)
{
    fake_ask(&fake_server, p, method, path, body);
    assert_int_equal(p->status == 0, fake_home.import.cb || fake_home.export.cb);
    fake_home_step();
    return p->status;
}

static void cards(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path, *body;
        int status;
        const char *word;
    } cases[] = {
        { "POST", "/api/v1/characters", "{\"name\":\"Lin\"}", 201, "\"greetings\":[\"Hello.\",\"Evening.\"]" },
        { "POST", "/api/v1/characters", "[]", 409, "\"code\":\"exists\"" },
        { "POST", "/api/v1/characters?replace=1", "[]", 201, "\"own\":false" },
        { "POST", "/api/v1/characters?replace=2", "[]", 400, "replace" },
        { "POST", "/api/v1/characters", "{}", 400, "no name" },
        { "POST", "/api/v1/characters", "", 400, "empty" },
        { "POST", "/api/v1/characters", "1", 400, "no card" },
        { "DELETE", "/api/v1/characters/lin", NULL, 403, "comes with anima" },
        { "DELETE", "/api/v1/characters/mine", NULL, 200, "{\"removed\":true}" },
        { "DELETE", "/api/v1/characters/none", NULL, 404, "not_found" },
        { "GET", "/api/v1/characters/lin/card", NULL, 200, "{\"card\":1}" },
        { "GET", "/api/v1/characters/lin/card?format=png", NULL, 200, "{\"card\":1}" },
        { "GET", "/api/v1/characters/lin/card?format=gif", NULL, 400, "json, png or charx" },
        { "GET", "/api/v1/characters/none/card", NULL, 404, "not_found" },
        { "POST", "/api/v1/conversations", "{\"character\":\"lin\",\"greeting\":1}", 201, "talk" },
        { "POST", "/api/v1/conversations", "{\"character\":\"lin\",\"greeting\":2}", 400, "2 greetings" },
        { "POST", "/api/v1/conversations", "{\"character\":\"lin\",\"greeting\":-1}", 400, "2 greetings" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_peer p;
        assert_int_equal(ask_and_step(cases[i].method, cases[i].path, cases[i].body, &p), cases[i].status);
        assert_non_null(strstr(buf_str(&p.body), cases[i].word));
        fake_peer_finish(&p);
    }
    struct fake_peer p;
    ask_and_step("GET", "/api/v1/characters/lin/card?format=charx", NULL, &p);
    assert_string_equal(p.type, "application/zip");
    assert_non_null(strstr(p.headers, "filename=\"lin.charx\""));
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "POST", "/api/v1/characters", "{\"name\":\"Lin\"}");
    fake_peer_finish(&p); /* whoever asked is gone before it is done */
    fake_home_step();
}

static void costs(void **state)
{
    (void)state;
    struct fake_peer p;
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/cost?days=7&by=person", NULL), 0);
    fake_home_step();
    assert_int_equal(p.status, 200);
    yyjson_doc *doc = yyjson_read(p.body.data, p.body.len, 0);
    yyjson_val *root = yyjson_doc_get_root(doc), *total = yyjson_obj_get(root, "total");
    assert_int_equal(json_int(root, "since_ms", 0), 7);
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "rows")), 2);
    assert_int_equal(json_int(total, "prompt_tokens", 0), 30);
    assert_true(json_num(total, "money", 0) == 6);
    assert_string_equal(json_str(yyjson_arr_get_first(yyjson_obj_get(root, "limits")), "per", ""), "day");
    yyjson_doc_free(doc);
    fake_peer_finish(&p);
    assert_int_equal(ask("GET", "/api/v1/cost?by=moon", NULL), 400);
    assert_int_equal(ask("GET", "/api/v1/cost?days=0", NULL), 400);
    assert_int_equal(ask("GET", "/api/v1/cost?by=model", NULL), 500);
}

static void what_engines_do(void **state)
{
    (void)state;
    struct fake_peer p;
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/engines/stats", NULL), 0);
    fake_home_step();
    assert_int_equal(p.status, 200);
    yyjson_doc *doc = yyjson_read(p.body.data, p.body.len, 0);
    yyjson_val *engines = yyjson_obj_get(yyjson_doc_get_root(doc), "reports"), *first = yyjson_arr_get(engines, 0),
               *stream = yyjson_arr_get_first(yyjson_obj_get(first, "engine_streams"));
    assert_int_equal(yyjson_arr_size(engines), 2);
    assert_string_equal(json_str(yyjson_obj_get(first, "engine"), "model", ""), "m");
    assert_true(json_num(first, "busy", 0) == 0.25 && json_num(yyjson_obj_get(first, "kv"), "moved_s", 0) == 1.5);
    assert_int_equal(json_int(yyjson_obj_get(first, "kv"), "cells", 0), 4096);
    assert_string_equal(json_str(stream, "title", ""), "茶");
    assert_string_equal(json_str(stream, "class", ""), "chat");
    assert_true(json_num(stream, "deadline_s", 0) == -0.5 && json_int(stream, "said", 0) == 3);
    assert_true(json_num(yyjson_arr_get(engines, 1), "age_s", 0) < 0);
    yyjson_doc_free(doc);
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "GET", "/api/v1/engines/stats", NULL);
    fake_peer_finish(&p); /* whoever asked is gone before it is told */
    fake_home_step();
}

static void notes_over_the_api(void **state)
{
    (void)state;
    struct fake_peer p;
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/characters/lin/notes", NULL), 200);
    assert_non_null(strstr(buf_str(&p.body), "\"text\":\"Call me Ann.\""));
    fake_peer_finish(&p);
    assert_int_equal(ask("GET", "/api/v1/characters/nobody/notes", NULL), 404);
    assert_int_equal(ask("POST", "/api/v1/characters/lin/notes", "{\"text\":\"Speak softly.\"}"), 201);
    assert_int_equal(ask("POST", "/api/v1/characters/lin/notes", "{\"text\":\"\"}"), 400);
    assert_int_equal(ask("POST", "/api/v1/characters/lin/notes", "{}"), 400);
    assert_int_equal(fake_ask(&fake_server, &p, "PATCH", "/api/v1/notes/7", "{\"active\":false}"), 200);
    assert_non_null(strstr(buf_str(&p.body), "\"active\":false"));
    fake_peer_finish(&p);
    assert_int_equal(ask("PATCH", "/api/v1/notes/8", "{\"active\":false}"), 404);
    assert_int_equal(ask("PATCH", "/api/v1/notes/7x", "{\"active\":false}"), 404);
    assert_int_equal(ask("PATCH", "/api/v1/notes/7", "{\"active\":1}"), 400);
    assert_int_equal(ask("DELETE", "/api/v1/notes/7", NULL), 200);
    assert_int_equal(ask("DELETE", "/api/v1/notes/8", NULL), 404);
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/abilities", NULL), 200);
    assert_non_null(strstr(buf_str(&p.body), "\"on\":true"));
    fake_peer_finish(&p);
}

static void training_over_the_api(void **state)
{
    (void)state;
    struct fake_peer p;
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/characters/lin/training", NULL), 200);
    assert_non_null(strstr(buf_str(&p.body), "\"state\":\"none\""));
    fake_peer_finish(&p);
    assert_int_equal(ask("GET", "/api/v1/characters/nobody/training", NULL), 404);
    assert_int_equal(ask("DELETE", "/api/v1/characters/lin/training", NULL), 404);
    assert_int_equal(ask("POST", "/api/v1/characters/nobody/training", "{}"), 404);
    assert_int_equal(ask("POST", "/api/v1/characters/lin/training", "{\"rank\":\"4\"}"), 400);
    assert_int_equal(ask("POST", "/api/v1/characters/lin/training", "{\"files\":[\"/etc/passwd\"]}"), 400);
    assert_int_equal(ask("POST", "/api/v1/characters/lin/training", "{\"model\":\"m\",\"rank\":4,\"rate\":0.5}"), 202);
    assert_string_equal(fake_home.changed, "train m 4 0.5");
    assert_int_equal(ask("POST", "/api/v1/characters/lin/training", "{}"), 429);
    assert_int_equal(fake_ask(&fake_server, &p, "DELETE", "/api/v1/characters/lin/training", NULL), 200);
    assert_non_null(strstr(buf_str(&p.body), "\"state\":\"none\""));
    fake_peer_finish(&p);
}

static void facts_over_the_api(void **state)
{
    (void)state;
    struct fake_peer p;
    static const char at[] = "/api/v1/characters/lin/facts";
    assert_int_equal(fake_ask(&fake_server, &p, "GET", at, NULL), 200);
    assert_non_null(strstr(buf_str(&p.body), "\"state\":\"none\""));
    assert_non_null(strstr(buf_str(&p.body), "\"passages\":7"));
    fake_peer_finish(&p);
    assert_int_equal(ask("GET", "/api/v1/characters/nobody/facts", NULL), 404);
    assert_int_equal(ask("DELETE", at, NULL), 404);
    assert_int_equal(ask("POST", at, "{\"questions\":\"4\"}"), 400);
    assert_int_equal(ask("POST", at, "{\"texts\":[\"/etc/passwd\"]}"), 400);
    assert_int_equal(ask("POST", at, "{\"model\":\"m\",\"questions\":3}"), 202);
    assert_string_equal(fake_home.changed, "facts m 3");
    assert_int_equal(ask("POST", at, "{}"), 429);
    assert_int_equal(ask("DELETE", at, NULL), 200);
}

static void blind_pairs_over_the_api(void **state)
{
    (void)state;
    struct fake_peer p;
    static const char at[] = "/api/v1/characters/lin/blind", pair[] = "/api/v1/blind/round/pairs/2";
    fake_ask(&fake_server, &p, "POST", at, "{\"pairs\":3,\"language\":\"zh\",\"seed\":4}");
    assert_int_equal(p.status, 0); /* answered when it is on the disk */
    fake_home_step();
    assert_int_equal(p.status, 202);
    assert_string_equal(fake_home.changed, "blind zh 3 4");
    assert_non_null(strstr(buf_str(&p.body), "\"id\":\"round\""));
    fake_peer_finish(&p);
    assert_int_equal(ask("POST", at, "{\"pairs\":\"3\"}"), 400);
    assert_int_equal(ask("POST", at, "{\"pairs\":0}"), 400);
    assert_int_equal(ask("POST", at, "{\"pairs\":99999999999}"), 400);
    assert_int_equal(ask("POST", at, "{\"seed\":9}"), 409);
    assert_int_equal(ask("POST", "/api/v1/characters/nobody/blind", "{}"), 404);
    assert_int_equal(ask("GET", "/api/v1/characters/nobody/blind", NULL), 404);
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/blind/round", NULL), 200);
    assert_non_null(strstr(buf_str(&p.body), "\"seed\":null,\"result\":null"));
    assert_non_null(strstr(buf_str(&p.body), "\"choice\":\"left\",\"note\":\"warm\",\"chosen_ms\":6,\"trained\":null"));
    assert_non_null(strstr(buf_str(&p.body), "\"context\":[{\"role\":\"person\",\"text\":\"Hi?\"}]"));
    fake_peer_finish(&p);
    assert_int_equal(ask("GET", "/api/v1/blind/none", NULL), 404);
    assert_int_equal(ask("PUT", pair, "{\"note\":\"x\"}"), 400);
    assert_int_equal(ask("PUT", pair, NULL), 415);
    assert_int_equal(ask("PUT", "/api/v1/blind/none/pairs/2", "{\"choice\":\"left\"}"), 404);
    fake_ask(&fake_server, &p, "PUT", pair, "{\"choice\":\"same\",\"note\":\"hm\"}");
    fake_home_step();
    assert_int_equal(p.status, 200);
    assert_string_equal(fake_home.changed, "choose 2 same hm");
    fake_peer_finish(&p);
    fake_home.blind_done = true;
    assert_int_equal(ask("PUT", pair, "{\"choice\":\"left\"}"), 409);
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/blind/round", NULL), 200);
    assert_non_null(strstr(buf_str(&p.body), "\"seed\":7,\"result\":{\"trained\":1,\"prompted\":0,\"same\":1,\"p\":1"));
    assert_non_null(strstr(buf_str(&p.body), "\"trained\":\"right\""));
    fake_peer_finish(&p);
    assert_int_equal(ask("DELETE", "/api/v1/blind/none", NULL), 404);
    fake_ask(&fake_server, &p, "DELETE", "/api/v1/blind/round", NULL);
    fake_home_step();
    assert_string_equal(buf_str(&p.body), "{\"deleted\":true,\"purged\":true}");
    fake_peer_finish(&p);
}

/* The members of a shape, by its name. */
static const struct member *shape_members(const char *name)
{
    for (size_t s = 0; s < shapes_count; s++)
        if (strcmp(shapes[s].name, name) == 0)
            return shapes[s].members;
    fail_msg("there is no shape %s", name);
    return NULL;
}

static void expect_change(const char *method, const char *path, const char *body, const char *changed,
                          const char *answer)
{
    struct fake_peer p;
    fake_ask(&fake_server, &p, method, path, body);
    fake_home_step();
    assert_int_equal(p.status, 200);
    assert_string_equal(fake_home.changed, changed);
    if (!strstr(buf_str(&p.body), answer))
        fail_msg("%s", buf_str(&p.body));
    fake_peer_finish(&p);
}

static void forgetting_over_the_api(void **state)
{
    (void)state;
    static const char forget[] = "/api/v1/memory/forget", turn[] = "/api/v1/conversations/talk/turns/2";
    char at[100];
    expect_change("POST", forget, "{\"turns\":[{\"conversation\":\"talk\",\"seq\":1}],\"look\":true}",
                  "forget talk 1 look", "\"said\":1,\"replies\":1,\"forgotten\":false,\"purged\":false");
    expect_change("POST", forget, "{\"turns\":[{\"conversation\":\"talk\",\"seq\":1}]}", "forget talk 1",
                  "\"variant\":1,\"character\":\"lin\",\"person\":null");
    static const char *const bad[] = { "{}",
                                       "{\"turns\":1}",
                                       "{\"turns\":[]}",
                                       "{\"turns\":[{\"seq\":1}]}",
                                       "{\"turns\":[{\"conversation\":\"talk\"}]}",
                                       "{\"turns\":[7]}",
                                       "{\"turns\":[{\"conversation\":\"talk\",\"seq\":1}],\"look\":\"yes\"}" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(ask("POST", forget, bad[i]), 400);
    snprintf(at, sizeof(at), "%s/pin", turn);
    expect_change("PUT", at, "{}", "pin talk 2", "{\"pinned\":true}");
    expect_change("DELETE", at, NULL, "unpin talk 2", "{\"pinned\":false}");
    expect_change("POST", "/api/v1/memory/rules", "{\"person\":\"Ann\",\"other\":\"Ben\"}", "rule Ann - Ben",
                  "\"character\":\"lin\",\"other\":\"Ann\"");
    expect_change("DELETE", "/api/v1/memory/rules/2", NULL, "no rule 2", "\"character\":null,\"other\":null");
    assert_int_equal(ask("POST", "/api/v1/memory/rules", "{\"other\":\"Nobody\"}"), 404);
    assert_int_equal(ask("POST", "/api/v1/memory/rules", "{\"other\":7}"), 400);
    snprintf(at, sizeof(at), "%s/memory/refused", turn);
    expect_change("GET", at, NULL, "no rule 2", "\"reason\":\"secret\",\"why_en\":\"a secret\"");
    assert_int_equal(ask("GET", "/api/v1/conversations/talk/turns/1/memory/refused", NULL), 404);
}

static void known_over_the_api(void **state)
{
    (void)state;
    struct fake_peer p;
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/characters/lin/known?person=Ann&language=zh", NULL),
                     200);
    assert_string_equal(fake_home.changed, "known Ann zh");
    yyjson_doc *doc = yyjson_read(p.body.data, p.body.len, 0);
    has_members(yyjson_arr_get_first(yyjson_obj_get(yyjson_doc_get_root(doc), "known")), shape_members("known"));
    yyjson_doc_free(doc);
    assert_non_null(strstr(buf_str(&p.body), "\"text\":\"sister: lives in York\",\"from_ms\":1000,\"until_ms\":0"));
    fake_peer_finish(&p);
    assert_int_equal(ask("GET", "/api/v1/characters/nobody/known", NULL), 404);
    fake_ask(&fake_server, &p, "PATCH", "/api/v1/known/5", "{\"value\":\"Leeds\"}");
    assert_string_equal(fake_home.changed, "known 5 = Leeds");
    fake_home_step();
    assert_int_equal(p.status, 200);
    fake_peer_finish(&p);
    assert_int_equal(ask("PATCH", "/api/v1/known/5", "{}"), 400);
    assert_int_equal(ask("PATCH", "/api/v1/known/5", "{\"value\":\"\"}"), 400);
    fake_ask(&fake_server, &p, "DELETE", "/api/v1/known/5", NULL);
    assert_string_equal(fake_home.changed, "known 5 = -");
    fake_home_step();
    assert_int_equal(p.status, 200);
    fake_peer_finish(&p);
}

static void topics_over_the_api(void **state)
{
    (void)state;
    struct fake_peer p;
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/characters/lin/topics?person=Ann", NULL), 200);
    assert_string_equal(fake_home.changed, "topics Ann");
    yyjson_doc *doc = yyjson_read(p.body.data, p.body.len, 0);
    yyjson_val *topic = yyjson_arr_get_first(yyjson_obj_get(yyjson_doc_get_root(doc), "topics"));
    has_members(topic, shape_members("topic"));
    has_members(yyjson_arr_get_first(yyjson_obj_get(topic, "sources")), shape_members("memory"));
    yyjson_doc_free(doc);
    assert_non_null(strstr(buf_str(&p.body), "\"about\":9,"));
    assert_non_null(strstr(buf_str(&p.body), "\"until_ms\":2000,\"holds\":false"));
    fake_peer_finish(&p);
    assert_int_equal(ask("GET", "/api/v1/characters/nobody/topics", NULL), 404);
    fake_ask(&fake_server, &p, "PATCH", "/api/v1/topics/7", "{\"text\":\"me drinks coffee.\"}");
    assert_string_equal(fake_home.changed, "topic 7 = me drinks coffee.");
    fake_home_step();
    assert_int_equal(p.status, 200);
    fake_peer_finish(&p);
    assert_int_equal(ask("PATCH", "/api/v1/topics/7", "{}"), 400);
    assert_int_equal(ask("PATCH", "/api/v1/topics/7", "{\"text\":\"\"}"), 400);
    fake_ask(&fake_server, &p, "DELETE", "/api/v1/topics/7", NULL);
    assert_string_equal(fake_home.changed, "topic 7 = -");
    fake_home_step();
    assert_int_equal(p.status, 200);
    fake_peer_finish(&p);
}

static void working_over_the_api(void **state)
{
    (void)state;
    struct fake_peer p;
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/characters/lin/working?person=Ann", NULL), 200);
    assert_string_equal(fake_home.changed, "working Ann");
    yyjson_doc *doc = yyjson_read(p.body.data, p.body.len, 0);
    yyjson_val *list = yyjson_obj_get(yyjson_doc_get_root(doc), "working"), *part = yyjson_arr_get_first(list);
    has_members(part, shape_members("working"));
    has_members(yyjson_obj_get(part, "cause"), shape_members("memory"));
    assert_true(yyjson_is_null(yyjson_obj_get(yyjson_arr_get_last(list), "cause")));
    yyjson_doc_free(doc);
    fake_peer_finish(&p);
    assert_int_equal(ask("GET", "/api/v1/characters/nobody/working", NULL), 404);
    static const struct {
        const char *method, *path, *body, *changed;
    } changes[] = {
        { "PUT", "/api/v1/characters/lin/working",
          "{\"person\":\"Ann\",\"part\":\"mood\",\"value\":\"glad\",\"amount\":0.5}",
          "working lin Ann mood = glad 0.5" },
        { "DELETE", "/api/v1/characters/lin/working?person=Ann&part=mood", NULL, "working lin Ann mood = - 0.0" },
        { "PATCH", "/api/v1/working/8", "{\"state\":\"kept\"}", "working 8 = - kept" },
        { "PATCH", "/api/v1/working/8", "{\"text\":\"I'll call.\"}", "working 8 = I'll call. -" },
        { "DELETE", "/api/v1/working/8", NULL, "working 8 = - -" },
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        fake_ask(&fake_server, &p, changes[i].method, changes[i].path, changes[i].body);
        assert_string_equal(fake_home.changed, changes[i].changed);
        fake_home_step();
        assert_int_equal(p.status, 200);
        fake_peer_finish(&p);
    }
    assert_int_equal(ask("PATCH", "/api/v1/working/8", "{}"), 400);
    assert_int_equal(ask("PUT", "/api/v1/characters/lin/working", "{}"), 400);
    assert_int_equal(ask("DELETE", "/api/v1/characters/lin/working", NULL), 400);
}

static void memory_over_the_api(void **state)
{
    (void)state;
    struct fake_peer p;
    static const char recall[] = "/api/v1/characters/lin/recall?q=%E8%8C%B6&person=Ann";
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/memory?q=%E8%8C%B6&character=lin&limit=5", NULL), 200);
    assert_string_equal(fake_home.changed, "search lin 茶 5");
    yyjson_doc *doc = yyjson_read(p.body.data, p.body.len, 0);
    has_members(yyjson_arr_get_first(yyjson_obj_get(yyjson_doc_get_root(doc), "memories")), shape_members("memory"));
    yyjson_doc_free(doc);
    assert_non_null(strstr(buf_str(&p.body), "\"class\":\"secret\",\"witnesses\":[\"me\",\"Ann\"]"));
    fake_peer_finish(&p);
    assert_int_equal(ask("GET", "/api/v1/memory?q=a", NULL), 200);
    assert_string_equal(fake_home.changed, "search - a 50");
    assert_int_equal(ask("GET", "/api/v1/memory", NULL), 400);
    assert_int_equal(ask("GET", "/api/v1/memory?q=a&limit=201", NULL), 400);
    fake_ask(&fake_server, &p, "GET", recall, NULL);
    assert_int_equal(p.status, 0); /* answered when it has come to mind */
    fake_home_step();
    assert_int_equal(p.status, 200);
    assert_string_equal(fake_home.changed, "recall Ann 茶");
    assert_non_null(strstr(buf_str(&p.body), "\"about\":true,\"by_meaning\":false"));
    assert_non_null(strstr(buf_str(&p.body), "\"score\":4.5,\"told\":true,\"before\":\"Where is it?\",\"reasons\":[{"
                                             "\"name\":\"words5\",\"about\":\"the words around it\",\"points\":3"));
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "GET", recall, NULL);
    fake_peer_finish(&p); /* whoever asked is gone before it comes */
    fake_home_step();
    assert_int_equal(ask("GET", "/api/v1/characters/nobody/recall?q=a", NULL), 404);
    assert_int_equal(ask("GET", "/api/v1/characters/lin/recall", NULL), 400);
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/conversations/talk/turns/2/memory", NULL), 200);
    assert_non_null(strstr(buf_str(&p.body), "\"score\":4.5,\"changed\":true"));
    fake_peer_finish(&p);
    assert_int_equal(ask("GET", "/api/v1/conversations/talk/turns/9/memory", NULL), 404);
    assert_int_equal(ask("GET", "/api/v1/conversations/none/turns/2/memory", NULL), 404);
    fake_ask(&fake_server, &p, "POST", "/api/v1/memory/anew", NULL);
    fake_home_step();
    assert_int_equal(p.status, 202);
    fake_peer_finish(&p);
    assert_int_equal(ask("GET", "/api/v1/memory/anew", NULL), 405);
}

static void documents_over_the_api(void **state)
{
    (void)state;
    struct fake_peer p;
    fake_ask(&fake_server, &p, "POST", "/api/v1/characters/lin/documents?name=a.txt&title=Lease&giver=Ann&for=everyone",
             "words");
    fake_home_step();
    assert_int_equal(p.status, 201);
    assert_string_equal(fake_home.changed, "document a.txt title=Lease giver=Ann for=everyone words");
    assert_non_null(strstr(buf_str(&p.body), "\"title\":\"Lease\""));
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "POST", "/api/v1/characters/none/documents", "words");
    assert_int_equal(p.status, 404);
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "GET", "/api/v1/documents/d1", NULL);
    assert_int_equal(p.status, 200);
    assert_non_null(strstr(buf_str(&p.body), "\"number\":\"3.2\",\"title\":\"Deposit\",\"page\":2"));
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "GET", "/api/v1/documents/d2", NULL);
    assert_int_equal(p.status, 404);
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "GET", "/api/v1/characters/lin/passages?q=%E6%8A%BC%E9%87%91", NULL);
    fake_home_step();
    assert_int_equal(p.status, 200);
    assert_string_equal(fake_home.changed, "passages 押金");
    assert_non_null(strstr(buf_str(&p.body), "\"text\":\"It is 1200.\""));
    fake_peer_finish(&p);
    fake_home.change_fails = ANIMA_E_UNSUPPORTED;
    fake_ask(&fake_server, &p, "POST", "/api/v1/characters/lin/documents?name=a.pdf", "%PDF");
    fake_home_step();
    assert_int_equal(p.status, 400);
    fake_peer_finish(&p);
    fake_home.change_fails = 0;
}

static void chats_over_the_api(void **state)
{
    (void)state;
    struct fake_peer p;
    static const char import[] = "/api/v1/memory/import?character=lin&name=a.txt&me=Ann&giver=me&look=1";
    fake_ask(&fake_server, &p, "POST", import, "words");
    assert_int_equal(p.status, 0); /* answered when it is read */
    assert_string_equal(fake_home.changed, "chats a.txt me=Ann giver=me look words");
    assert_int_equal(ask("POST", import, "words"), 409);
    fake_home_step();
    assert_int_equal(p.status, 202);
    assert_non_null(
        strstr(buf_str(&p.body), "{\"found\":{\"id\":\"i1\",\"chats\":1,\"messages\":3,\"conversations\":1"));
    assert_non_null(strstr(buf_str(&p.body), "{\"name\":\"Ben\",\"messages\":1,\"giver\":false}"));
    assert_non_null(strstr(buf_str(&p.body), "\"format\":\"whatsapp\",\"messages\":3,\"notices\":1,\"trouble\":\"\""));
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "POST", import, "words");
    fake_peer_finish(&p); /* whoever gave it is gone before it is read */
    fake_home_step();
    fake_home.change_fails = ANIMA_E_INVALID;
    fake_ask(&fake_server, &p, "POST", import, "words");
    fake_home_step();
    assert_int_equal(p.status, 400);
    fake_peer_finish(&p);
    fake_home.change_fails = 0;
    assert_int_equal(ask("POST", "/api/v1/memory/import?character=none", "words"), 404);
    assert_int_equal(ask("POST", "/api/v1/memory/import?character=lin&look=2", "words"), 400);
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/memory/imports", NULL), 200);
    assert_non_null(strstr(buf_str(&p.body), "\"state\":\"unfinished\",\"at_ms\":0,\"messages\":3,\"done\":1"));
    assert_non_null(strstr(buf_str(&p.body), "\"error\":{\"code\":\"disk_full\""));
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "DELETE", "/api/v1/memory/imports/i1", NULL);
    fake_home_step();
    assert_int_equal(p.status, 200);
    assert_string_equal(buf_str(&p.body), "{\"deleted\":true,\"purged\":true}");
    fake_peer_finish(&p);
    assert_int_equal(ask("DELETE", "/api/v1/memory/imports/other", NULL), 404);
}

static void summary_over_the_api(void **state)
{
    (void)state;
    struct fake_peer p;
    assert_int_equal(fake_ask(&fake_server, &p, "GET", "/api/v1/conversations/talk/summary", NULL), 200);
    assert_string_equal(buf_str(&p.body),
                        "{\"summary\":{\"seq\":1,\"language\":\"en\",\"text\":\"Ann likes tea.\",\"made_ms\":5}}");
    fake_peer_finish(&p);
    assert_int_equal(ask("GET", "/api/v1/conversations/none/summary", NULL), 404);
    assert_int_equal(ask("DELETE", "/api/v1/conversations/none/summary", NULL), 404);
    fake_home.changed[0] = '\0';
    fake_ask(&fake_server, &p, "DELETE", "/api/v1/conversations/talk/summary", NULL);
    fake_home_step();
    assert_int_equal(p.status, 200);
    assert_string_equal(buf_str(&p.body), "{\"deleted\":true,\"purged\":true}");
    assert_string_equal(fake_home.changed, "forget|");
    fake_peer_finish(&p);
}

static void a_limit_is_told_as_openai_does(void **state)
{
    (void)state;
    struct fake_peer p;
    fake_home.complete_refuses = ANIMA_E_LIMIT_REACHED;
    assert_int_equal(fake_ask(&fake_server, &p, "POST", "/v1/chat/completions",
                              "{\"model\":\"lin\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}"),
                     429);
    assert_non_null(
        strstr(buf_str(&p.body), "\"type\":\"insufficient_quota\",\"param\":null,\"code\":\"insufficient_quota"));
    fake_peer_finish(&p);
}

/* ---- OpenAI ---- */

#define CHAT "/v1/chat/completions"
#define HELLO "\"model\":\"lin\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"

static void chat_whole(void **state)
{
    (void)state;
    struct fake_peer p;
    assert_int_equal(fake_ask(&fake_server, &p, "POST", CHAT,
                              "{\"model\":\"lin\",\"messages\":[{\"role\":\"developer\",\"content\":\"d\"},{\"role\":"
                              "\"user\",\"content\":[{\"type\":\"text\","
                              "\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}],\"temperature\":0.5,\"top_k\":3,"
                              "\"max_tokens\":5,\"seed\":-1,"
                              "\"stop\":[\"x\",\"y\"],\"logprobs\":true,\"top_logprobs\":2,\"response_format\":{"
                              "\"type\":\"json_schema\",\"json_schema\":"
                              "{\"name\":\"n\",\"schema\":{\"type\":\"object\"}}},\"unknown\":1,\"user\":\"u\"}"),
                     0);
    const struct fake_completion *f = &fake_home.completion;
    assert_string_equal(f->messages, "system:d|user:a\nb|");
    assert_true(f->sampling.temperature == 0.5 && f->sampling.top_k == 3 && f->sampling.max_tokens == 5);
    assert_true(f->sampling.seed == INT64_MAX && f->sampling.top_p == ANIMA_UNSET);
    assert_string_equal(f->stop, "x|y|");
    assert_string_equal(f->json_schema, "{\"type\":\"object\"}");
    assert_int_equal(f->logprobs, 2);
    fake_home_step();
    assert_int_equal(p.status, 200);
    assert_non_null(strstr(buf_str(&p.body),
                           "\"message\":{\"role\":\"assistant\",\"content\":\"one \\\"two\\\"\",\"refusal\":null}"));
    assert_non_null(strstr(buf_str(&p.body),
                           "\"content\":[{\"token\":\"one\",\"logprob\":-1},{\"token\":\"one\",\"logprob\":-1}]"));
    assert_non_null(strstr(buf_str(&p.body),
                           "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,\"total_tokens\":9,"
                           "\"prompt_tokens_details\":{\"cached_tokens\":0}}"));
    fake_peer_finish(&p);
}

static void chat_stream(void **state)
{
    (void)state;
    struct fake_peer p;
    fake_ask(&fake_server, &p, "POST", CHAT, "{" HELLO ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
    fake_home_step();
    const char *text = buf_str(&p.body);
    assert_true(p.streaming && p.ended);
    assert_non_null(strstr(
        text, "\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n"));
    assert_non_null(
        strstr(text, "\"delta\":{\"content\":\" \\\"two\\\"\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n"));
    assert_non_null(strstr(text, "\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n"));
    assert_non_null(strstr(text, "\"choices\":[],\"usage\":{"));
    assert_string_equal(text + strlen(text) - 14, "data: [DONE]\n\n");
    for (const char *data = strstr(text, "data: {"); data; data = strstr(data, "data: {")) {
        data += 6;
        yyjson_doc *doc = yyjson_read(data, strcspn(data, "\n"), 0);
        assert_non_null(doc);
        yyjson_doc_free(doc);
    }
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "POST", CHAT, "{" HELLO ",\"stream\":true}");
    fake_peer_finish(&p); /* the peer leaves */
    assert_true(fake_home.completion.abandoned);
    fake_home.completion_fails = ANIMA_E_LIMIT;
    fake_ask(&fake_server, &p, "POST", CHAT, "{" HELLO ",\"stream\":true}");
    fake_home_step();
    assert_int_equal(p.status, 400);
    assert_non_null(strstr(buf_str(&p.body), "\"code\":\"context_length_exceeded\""));
    fake_peer_finish(&p);
}

static void chat_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *body, *param;
        int status;
    } bad[] = {
        { "[]", "null", 400 },
        { "{}", "\"model\"", 400 },
        { "{\"model\":\"lin\"}", "\"messages\"", 400 },
        { "{\"model\":\"lin\",\"messages\":[1]}", "\"messages\"", 400 },
        { "{\"model\":\"lin\",\"messages\":[{\"role\":\"user\"}]}", "\"messages\"", 400 },
        { "{\"model\":\"lin\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}",
          "\"messages\"", 400 },
        { "{\"model\":\"lin\",\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}", "\"messages\"", 400 },
        { "{\"model\":\"lin\",\"messages\":[{\"role\":\"user\",\"content\":\"a\\u0000\"}]}", "\"messages\"", 400 },
        { "{\"model\":\"nobody\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", "\"model\"", 404 },
        { "{" HELLO ",\"temperature\":2.1}", "\"temperature\"", 400 },
        { "{" HELLO ",\"temperature\":\"1\"}", "\"temperature\"", 400 },
        { "{" HELLO ",\"max_tokens\":0}", "\"max_tokens\"", 400 },
        { "{" HELLO ",\"max_tokens\":1.5}", "\"max_tokens\"", 400 },
        { "{" HELLO ",\"n\":2}", "\"n\"", 400 },
        { "{" HELLO ",\"seed\":1.5}", "\"seed\"", 400 },
        { "{" HELLO ",\"stop\":5}", "\"stop\"", 400 },
        { "{" HELLO ",\"stop\":\"\"}", "\"stop\"", 400 },
        { "{" HELLO ",\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}", "\"stop\"", 400 },
        { "{" HELLO ",\"logprobs\":1}", "\"logprobs\"", 400 },
        { "{" HELLO ",\"logprobs\":true,\"top_logprobs\":21}", "\"top_logprobs\"", 400 },
        { "{" HELLO ",\"stream\":\"yes\"}", "\"stream\"", 400 },
        { "{" HELLO ",\"stream_options\":{}}", "\"stream_options\"", 400 },
        { "{" HELLO ",\"response_format\":{\"type\":\"json_schema\"}}", "\"response_format\"", 400 },
        { "{" HELLO ",\"tools\":[{}]}", "\"tools\"", 400 },
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct fake_peer p;
        char param[64];
        assert_int_equal(fake_ask(&fake_server, &p, "POST", CHAT, bad[i].body), bad[i].status);
        snprintf(param, sizeof(param), "\"type\":\"invalid_request_error\",\"param\":%s", bad[i].param);
        assert_non_null(strstr(buf_str(&p.body), param));
        fake_peer_finish(&p);
    }
    struct fake_peer p;
    assert_int_equal(fake_ask(&fake_server, &p, "POST", CHAT, "{\"model\":"), 400);
    assert_non_null(strstr(buf_str(&p.body), "\"type\":\"invalid_request_error\""));
    fake_peer_finish(&p);
    assert_int_equal(ask("POST", CHAT, "{" HELLO ",\"tools\":[],\"tool_choice\":\"none\",\"temperature\":null}"), 0);
}

/* ---- the n-th allocation fails ---- */

static void use_everything(void)
{
    struct fake_peer sse, socket;
    struct http_request upgrade = {
        .method = "GET", .path = "/api/v1/ws", .query = "", .host = "localhost", .websocket = true
    };
    fake_peer_init(&socket);
    router_dispatch(&fake_server, &socket.conn, &upgrade);
    if (socket.accepted)
        say_to(&socket, "{\"type\":\"subscribe\",\"conversation\":\"talk\"}");
    fake_ask(&fake_server, &sse, "GET", "/api/v1/conversations/talk/events", NULL);
    ask("GET", "/api/v1/status", NULL);
    ask("POST", "/api/v1/conversations", "{\"character\":\"lin\"}");
    ask("GET", "/api/v1/conversations/talk", NULL);
    ask("GET", "/api/v1/characters", NULL);
    ask("GET", "/api/v1/cost", NULL);
    ask("GET", "/api/v1/engines/stats", NULL);
    fake_home_step();
    struct fake_peer said, chat, card;
    fake_ask(&fake_server, &card, "POST", "/api/v1/characters", "{\"name\":\"Lin\"}");
    fake_home_step();
    fake_peer_finish(&card);
    fake_ask(&fake_server, &card, "GET", "/api/v1/characters/lin/card", NULL);
    fake_home_step();
    fake_peer_finish(&card);
    fake_ask(&fake_server, &said, "POST", "/api/v1/conversations/talk/messages", "{\"text\":\"hi\"}");
    fake_ask(&fake_server, &chat, "POST", CHAT, "{" HELLO ",\"stream\":true,\"logprobs\":true}");
    fake_home_step();
    fake_peer_finish(&said);
    fake_peer_finish(&chat);
    fake_ask(&fake_server, &chat, "POST", CHAT, "{" HELLO ",\"logprobs\":true}");
    fake_home_step();
    fake_peer_finish(&chat);
    fake_peer_finish(&sse);
    fake_peer_finish(&socket);
}

static void out_of_memory(void **state)
{
    (void)state;
    for (long n = 1; n < 400; n++)
        for (int for_good = 0; for_good < 2; for_good++) {
            fake_server.home = fake_home_new();
            mem_fail_at(n, for_good);
            use_everything();
            mem_fail_at(0, 0);
            assert_int_equal(fake_home.subscriptions, 0);
            assert_null(fake_server.feeds);
        }
    fake_server.home = fake_home_new();
    assert_int_equal(ask("GET", "/api/v1/status", NULL), 200);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)
    const struct CMUnitTest tests[] = {
        T(routing),
        T(queries_and_bodies),
        T(texts_in_queries),
        T(changes),
        T(changes_that_fail),
        T(files_as_bodies),
        T(hosts_and_origins),
        T(tokens),
        T(messages),
        T(event_streams),
        T(web_sockets),
        T(answers_fit_the_table),
        T(events_fit_the_table),
        T(ways_to_say_it),
        T(cards),
        T(costs),
        T(what_engines_do),
        T(notes_over_the_api),
        T(training_over_the_api),
        T(facts_over_the_api),
        T(blind_pairs_over_the_api),
        T(known_over_the_api),
        T(forgetting_over_the_api),
        T(topics_over_the_api),
        T(working_over_the_api),
        T(memory_over_the_api),
        T(documents_over_the_api),
        T(chats_over_the_api),
        T(summary_over_the_api),
        T(a_limit_is_told_as_openai_does),
        T(chat_whole),
        T(chat_stream),
        T(chat_refusals),
        T(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
