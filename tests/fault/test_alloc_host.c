/* The n-th allocation fails: the engine process's half, without a model. */
#include "base/json.h"
#include "host/gate.h"
#include "host/request.h"
#include "host/schema_gbnf.h"
#include "host/script.h"
#include "host/sse.h"
#include "torture.h"

#include <string.h>

static const char generate[] =
    "{\"type\":\"generate\",\"id\":1,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"sampling\":{\"stop\":["
    "\"a\"]},"
    "\"json_schema\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":{\"enum\":[1,\"b\"]}}}}}";

static void requests(void *ctx)
{
    (void)ctx;
    struct request *r = NULL;
    struct buf gbnf;
    anima_error err = { 0 };
    int rc = request_parse(generate, strlen(generate), &r, &err);
    FINE_OR_SAID(rc, err);
    assert_true((rc == 0) == (r != NULL));
    if (r) {
        buf_init(&gbnf, 1u << 20);
        rc = schema_to_gbnf(r->schema, &gbnf, &err);
        FINE_OR_SAID(rc, err);
        assert_true(rc || (!gbnf.failed && gbnf.len));
        buf_finish(&gbnf);
    }
    request_free(r);
}

static void scripts(void *ctx)
{
    (void)ctx;
    static const char text[] =
        "slots: 2\nfail_load: model no\n\nmatch: a\nsay: {last} {n}\nsay: two\n\nerror: busy later\n";
    anima_chat_message message = { "user", NULL, "a" };
    const struct request request = { .id = 1, .messages = &message, .n_messages = 1, .prefix = "", .adapter = "" };
    struct script *s = NULL;
    anima_error err = { 0 };
    int rc = script_parse(text, strlen(text), &s, &err);
    FINE_OR_SAID(rc, err);
    if (s) {
        char *said = script_say(script_find(s, "a", ""), &request, 1, NULL);
        assert_true(!said || strcmp(said, "a 1\ntwo") == 0);
        mem_free(said);
    }
    script_free(s);
}

static int on_event(void *ctx, const char *data, size_t n)
{
    *(size_t *)ctx += n;
    assert_true(data[0] == 'a' || data[0] == 'b');
    return 0;
}

static void streams(void *ctx)
{
    (void)ctx;
    struct sse s;
    size_t bytes = 0;
    sse_init(&s);
    int rc = sse_feed(&s, "data: a\n\ndata: b\ndata: ", 22, on_event, &bytes);
    rc = rc ? rc : sse_feed(&s, "bb\n\n", 4, on_event, &bytes);
    assert_true(rc < 0 || bytes == 5);
    sse_finish(&s);
    static const char *const stop[] = { "END" };
    struct gate g;
    gate_init(&g, stop, 1);
    for (int i = 0; i < 20; i++) {
        long n = gate_add(&g, "\xff\xe4\xbd\xa0 E", 6);
        if (n < 0)
            break;
        gate_take(&g, (size_t)n);
    }
    gate_finish(&g);
}

static void test_requests(void **state) { torture_both(requests, *state); }

static void test_scripts(void **state) { torture_both(scripts, *state); }

static void test_streams(void **state) { torture_both(streams, *state); }

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_requests), cmocka_unit_test(test_scripts),
                                        cmocka_unit_test(test_streams) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
