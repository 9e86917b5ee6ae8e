/* The engine's pieces that need no model and no process: what may leave (gate), events (sse), requests, scripts. */
#include "base/mem.h"
#include "base/utf8.h"
#include "host/gate.h"
#include "host/request.h"
#include "host/script.h"
#include "host/sse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- gate ---- */

/* Pushes text in pieces of k bytes; returns what left, yours to mem_free. Everything that leaves must be whole. */
static char *through(const char *text, size_t n, size_t k, const char *const *stops, size_t n_stops, bool *stopped)
{
    struct gate g;
    struct buf out;
    gate_init(&g, stops, n_stops);
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < n && !g.stopped; i += k) {
        long ready = gate_add(&g, text + i, n - i < k ? n - i : k);
        assert_true(ready >= 0);
        assert_true(utf8_valid(buf_str(&g.held), (size_t)ready));
        buf_append(&out, buf_str(&g.held), (size_t)ready);
        gate_take(&g, (size_t)ready);
    }
    if (!g.stopped)
        buf_append(&out, buf_str(&g.held), (size_t)gate_end(&g));
    *stopped = g.stopped;
    gate_finish(&g);
    return buf_take(&out);
}

static void test_gate_text(void **state)
{
    (void)state;
    const char *text = "Hello, 你好 — 😀!";
    bool stopped;
    for (size_t k = 1; k < 8; k++) {
        char *out = through(text, strlen(text), k, NULL, 0, &stopped);
        assert_string_equal(out, text);
        assert_false(stopped);
        mem_free(out);
    }
}

static void test_gate_stops(void **state)
{
    (void)state;
    const char *stops[] = { "STOP", "。。", "\nUser:" };
    static const struct {
        const char *text, *out;
        bool stopped;
    } cases[] = {
        { "abc STOP def", "abc ", true },
        { "abc STO", "abc STO", false },
        { "STSTOP", "ST", true },
        { "好。好。。好", "好。好", true },
        { "ok\nUser: hi", "ok", true },
        { "ok\nUsual", "ok\nUsual", false },
        { "STOP", "", true },
        { "", "", false },
        { "S", "S", false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (size_t k = 1; k < 6; k++) {
            bool stopped;
            char *out = through(cases[i].text, strlen(cases[i].text), k, stops, 3, &stopped);
            assert_string_equal(out, cases[i].out);
            assert_int_equal(stopped, cases[i].stopped);
            mem_free(out);
        }
}

static void test_gate_holds_back(void **state)
{
    (void)state;
    const char *stops[] = { "END" };
    struct gate g;
    gate_init(&g, stops, 1);
    assert_int_equal(gate_add(&g, "go E", 4), 3);
    gate_take(&g, 3);
    assert_int_equal(gate_add(&g, "N", 1), 0);
    assert_int_equal(gate_add(&g, "V", 1), 3);
    gate_take(&g, 3);
    assert_int_equal(gate_add(&g, "\xE4\xBD", 2), 0);
    assert_int_equal(gate_add(&g, "\xA0", 1), 3);
    gate_finish(&g);
}

static void test_gate_broken_bytes(void **state)
{
    (void)state;
    static const char *const texts[] = { "a\xFFz", "\x80\x80", "a\xC3(b", "\xED\xA0\x80 x", "\xF5\x80\x80\x80" };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        for (size_t k = 1; k < 4; k++) {
            bool stopped;
            char *out = through(texts[i], strlen(texts[i]), k, NULL, 0, &stopped);
            assert_true(utf8_valid(out, strlen(out)));
            assert_non_null(strstr(out, "\xEF\xBF\xBD"));
            mem_free(out);
        }
}

/* anima kills an engine whose words hold a NUL byte, and a model can make one. */
static void test_gate_nul(void **state)
{
    (void)state;
    struct gate g;
    gate_init(&g, NULL, 0);
    long n = gate_add(&g, "a\0b", 3);
    assert_int_equal(n, 5);
    assert_memory_equal(g.held.data,
                        "a\xEF\xBF\xBD"
                        "b",
                        5);
    gate_finish(&g);
}

/* ---- sse ---- */

static int collect(void *ctx, const char *data, size_t n)
{
    buf_printf(ctx, "[%.*s]", (int)n, data);
    return 0;
}

static void test_sse(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "data: one\n\ndata: two\n\n", "[one][two]" },
        { "data: one\r\n\r\ndata:two\r\r", "[one][two]" },
        { ": comment\nevent: x\nid: 3\ndata: a\ndata: b\n\n", "[a\nb]" },
        { "data: unfinished\n", "" },
        { "\n\n\ndata: x\n\n", "[x]" },
        { "database: no\n\ndata: [DONE]\n\n", "[[DONE]]" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (size_t k = 1; k < 10; k++) {
            struct sse s;
            struct buf out;
            sse_init(&s);
            buf_init(&out, 4096);
            size_t n = strlen(cases[i].in);
            for (size_t at = 0; at < n; at += k)
                assert_int_equal(sse_feed(&s, cases[i].in + at, n - at < k ? n - at : k, collect, &out), 0);
            assert_string_equal(buf_str(&out), cases[i].out);
            sse_finish(&s);
            buf_finish(&out);
        }
}

static int refuse(void *ctx, const char *data, size_t n)
{
    (void)ctx;
    (void)data;
    (void)n;
    return 7;
}

static void test_sse_limits(void **state)
{
    (void)state;
    struct sse s;
    char chunk[4096];
    int rc = 0;
    sse_init(&s);
    memset(chunk, 'x', sizeof(chunk));
    for (int i = 0; i < 1024 && !rc; i++)
        rc = sse_feed(&s, chunk, sizeof(chunk), refuse, NULL);
    assert_true(rc < 0); /* a line without an end is not collected for ever */
    sse_finish(&s);
    sse_init(&s);
    assert_int_equal(sse_feed(&s, "data: x\n\n", 9, refuse, NULL), 7);
    sse_finish(&s);
}

/* ---- requests ---- */

static int parse(const char *json, struct request **r, anima_error *err)
{
    return request_parse(json, strlen(json), r, err);
}

static void test_request(void **state)
{
    (void)state;
    struct request *r;
    anima_error err;
    assert_int_equal(
        parse("{\"id\":3,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":"
              "\"yes\"}]}",
              &r, &err),
        0);
    assert_int_equal(r->id, 3);
    assert_int_equal(r->n_messages, 2);
    assert_string_equal(request_last_user(r), "hi");
    assert_true(r->temperature == 0.7 && r->top_p == 0.9 && r->min_p == 0.05 && r->top_k == 40);
    assert_true(r->repeat_penalty == 1 && r->dry_multiplier == 0 && r->seed == -1 && r->max_tokens == 0);
    assert_int_equal(r->logprobs, -1);
    assert_string_equal(r->prefix, "");
    request_free(r);
    assert_int_equal(
        parse("{\"id\":1,\"messages\":[{\"role\":\"user\",\"content\":\"\"}],\"prefix\":\"A\",\"sampling\":{\"stop\":"
              "[\"x\",\"\",3],\"temperature\":99,\"seed\":5},\"logprobs\":50,\"drop_oldest\":true}",
              &r, &err),
        0);
    assert_int_equal(r->n_stop, 1); /* an empty stop string would end every answer */
    assert_true(r->temperature <= 5 && r->logprobs == 20 && r->drop_oldest && r->seed == 5);
    request_free(r);
}

static void test_request_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",
                                         "[]",
                                         "{}",
                                         "{\"id\":1}",
                                         "{\"id\":1,\"messages\":[]}",
                                         "{\"id\":1,\"messages\":[{}]}",
                                         "{\"id\":0,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
                                         "{\"id\":1,\"messages\":[{\"role\":\"user\",\"content\":5}]}" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct request *r;
        anima_error err = { 0 };
        assert_int_equal(parse(wrong[i], &r, &err), ANIMA_E_INVALID);
        assert_null(r);
        assert_true(*err.message);
    }
}

/* ---- scripts ---- */

static void test_script(void **state)
{
    (void)state;
    static const char text[] = "# a script\nslots: 2\n\nmatch: hello\nsay: Hi {last}\nsay: second\ndelay_ms: 5\n\n"
                               "error: busy later\n";
    struct script *s;
    anima_error err;
    assert_int_equal(script_parse(text, sizeof(text) - 1, &s, &err), 0);
    assert_int_equal(s->slots, 2);
    assert_int_equal(s->n_entries, 2);
    const struct script_entry *e = script_find(s, "well hello there", "");
    assert_non_null(e);
    assert_string_equal(e->say, "Hi {last}\nsecond");
    assert_int_equal(e->delay_ms, 5);
    assert_int_equal(e->die, -1);
    assert_int_equal(script_find(s, "anything", "c-1-en-k2")->error_code, ANIMA_E_BUSY);
    script_free(s);
}

static void test_script_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "no colon here\n", "match: a\ncolour: red\n", "match: a\nsay: \xFF\n" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct script *s;
        anima_error err = { 0 };
        assert_int_equal(script_parse(wrong[i], strlen(wrong[i]), &s, &err), ANIMA_E_INVALID);
        assert_null(s);
        assert_true(*err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate_text),       cmocka_unit_test(test_gate_stops),
        cmocka_unit_test(test_gate_holds_back), cmocka_unit_test(test_gate_broken_bytes),
        cmocka_unit_test(test_gate_nul),        cmocka_unit_test(test_sse),
        cmocka_unit_test(test_sse_limits),      cmocka_unit_test(test_request),
        cmocka_unit_test(test_request_refused), cmocka_unit_test(test_script),
        cmocka_unit_test(test_script_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
