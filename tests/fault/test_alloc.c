/* The n-th allocation fails: readers, writers and requests, from base to the router. */
#include "agent/settings.h"
#include "base/arena.h"
#include "base/fs.h"
#include "base/json.h"
#include "engine/models.h"
#include "fake_home.h"
#include "loop/frame.h"
#include "torture.h"

#include <stdlib.h>
#include <string.h>

static void buffers(void *ctx)
{
    (void)ctx;
    struct buf b;
    buf_init(&b, 1u << 20);
    for (int i = 0; i < 200; i++)
        buf_printf(&b, "%d and ", i);
    int failed = b.failed;
    char *taken = buf_take(&b);
    assert_true(failed ? !taken && failed == ANIMA_E_NOMEM : taken && strlen(taken) > 1000);
    mem_free(taken);
    buf_init(&b, 16);
    assert_true(buf_puts(&b, "more than sixteen bytes") < 0); /* the cap, or memory */
    buf_finish(&b);
    struct arena a;
    arena_init(&a, 4u << 20);
    for (int i = 0; i < 50; i++) {
        char *s = arena_printf(&a, "%1000d", i);
        assert_true(!s || strlen(s) == 1000);
    }
    arena_finish(&a);
}

static void frames(void *ctx)
{
    (void)ctx;
    struct buf out;
    anima_error err = { 0 };
    buf_init(&out, 1u << 20);
    size_t before = 0;
    for (int i = 0; i < 20; i++) {
        int rc = frame_write(&out, "{\"type\":\"ping\"}", 15, "raw", 3, &err);
        FINE_OR_SAID(rc, err);
        assert_int_equal(out.len - before, rc ? 0 : FRAME_PREFIX + 18); /* a whole frame or nothing */
        before = out.len;
    }
    struct frame f;
    size_t used;
    for (size_t at = 0; at < out.len; at += used)
        assert_int_equal(frame_read(out.data + at, out.len - at, &f, &used, &err), 1);
    buf_finish(&out);
}

static void json(void *ctx)
{
    (void)ctx;
    struct buf b;
    struct jw w;
    buf_init(&b, 1u << 20);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    for (int i = 0; i < 100; i++)
        jw_str(&w, "a \"key\"", "some\ntext");
    jw_end_obj(&w);
    yyjson_doc *doc = NULL;
    anima_error err = { 0 };
    if (!b.failed)
        assert_int_equal(json_parse(b.data, b.len, b.len, "it", &doc, &err), 0);
    yyjson_doc_free(doc);
    buf_finish(&b);
}

static int add_model(void *ctx, const char *model, const char *key, const char *value, anima_error *err)
{
    return models_add_own(ctx, model, key, value, err);
}

static void settings(void *ctx)
{
    (void)ctx;
    static const char text[] = "[server]\nport = 8\n[person]\nname = \"Ann\"\n[model mine]\ndriver = openai\n"
                               "base_url = http://127.0.0.1:1/v1\nmodel = m\n";
    const char *set[] = { "engine.slots=2", "server.bind=::1", NULL };
    struct settings *s = NULL;
    struct models *models = NULL;
    struct engine_spec spec = { 0 };
    anima_error err = { 0 };
    int rc = settings_parse(text, strlen(text), "config.ini", set, &s, &err);
    FINE_OR_SAID(rc, err);
    assert_true((rc == 0) == (s != NULL));
    if (s) {
        assert_int_equal(settings_int(s, "server.port"), 8);
        assert_int_equal(settings_int(s, "engine.slots"), 2);
        rc = models_open(getenv("ANIMA_SHARE"), "cache", NULL, &models, &err);
        FINE_OR_SAID(rc, err);
    }
    if (models) {
        rc = settings_models(s, add_model, models, &err);
        FINE_OR_SAID(rc, err);
        if (!rc)
            rc = models_resolve(models, "mine", &spec, &err);
        FINE_OR_SAID(rc, err);
    }
    engine_spec_finish(&spec);
    models_close(models);
    settings_free(s);
}

static void files(void *ctx)
{
    const char *path = ctx;
    char *text = NULL;
    size_t n = 0;
    anima_error err = { 0 };
    int rc = fs_write(path, "new", 3, 0600, &err);
    FINE_OR_SAID(rc, err);
    rc = fs_read(path, 100, &text, &n, &err);
    FINE_OR_SAID(rc, err);
    assert_true(rc || (n == 3 && (strcmp(text, "new") == 0 || strcmp(text, "old") == 0))); /* one or the other, whole */
    mem_free(text);
}

static void test_files(void **state)
{
    (void)state;
    char path[] = "/tmp/anima-fault-XXXXXX";
    assert_true(mkstemp(path) >= 0);
    assert_int_equal(fs_write(path, "old", 3, 0600, NULL), 0);
    torture_both(files, path);
    assert_int_equal(remove(path), 0);
}

/* ---- the router: each request is answered, whatever runs out ---- */

static const struct {
    const char *method, *path, *body;
} requests[] = {
    { "GET", "/api/v1/status", NULL },
    { "GET", "/api/v1/conversations?limit=5", NULL },
    { "GET", "/api/v1/conversations/talk", NULL },
    { "POST", "/api/v1/conversations", "{\"character\":\"lin\"}" },
    { "POST", "/api/v1/conversations/talk/messages", "{\"text\":\"hi\",\"client_id\":\"1\"}" },
    { "GET", "/api/v1/conversations/talk/events?after=0", NULL },
    { "GET", "/api/v1/events", NULL },
    { "GET", "/v1/models", NULL },
    { "POST", "/v1/chat/completions",
      "{\"model\":\"lin\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stop\":[\"x\"]}" },
    { "POST", "/v1/chat/completions",
      "{\"model\":\"lin\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}" },
    { "POST", "/api/v1/conversations", "{" },
    { "GET", "/no/page", NULL },
};

static void request(void *ctx)
{
    const size_t i = *(const size_t *)ctx;
    struct server server;
    struct fake_peer peer;
    anima_error err = { 0 };
    int rc = server_init(&server, fake_home_new(), "127.0.0.1", &err);
    FINE_OR_SAID(rc, err);
    if (!rc) {
        fake_ask(&server, &peer, requests[i].method, requests[i].path, requests[i].body);
        fake_home_step();
        fake_home_step();
        assert_true(peer.status >= 200 && peer.status < 600);
        fake_peer_finish(&peer);
        assert_int_equal(fake_home.subscriptions, 0);
    }
    fake_home_free();
    server_finish(&server);
}

static void test_router(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        torture_both(request, &i);
}

static void test_buffers(void **state) { torture_both(buffers, *state); }

static void test_frames(void **state) { torture_both(frames, *state); }

static void test_json(void **state) { torture_both(json, *state); }

static void test_settings(void **state) { torture_both(settings, *state); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffers),  cmocka_unit_test(test_frames), cmocka_unit_test(test_json),
        cmocka_unit_test(test_settings), cmocka_unit_test(test_files),  cmocka_unit_test(test_router),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
