/* /v1/streams and /v1/responses, without network and on a home in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "fake_home.h"

#include <stdio.h>
#include <string.h>

#define FLOW "/v1/streams/flow"
#define RESPONSES "/v1/responses"

/* Asks, lets the home report, and gives the status; the peer is the caller's to finish. */
static int settled(struct fake_peer *p, const char *method, const char *path, const char *body)
{
    fake_ask(&fake_server, p, method, path, body);
    fake_home_step();
    return p->status;
}

static void paths_and_bodies(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path, *body;
        int status;
        const char *asked; /* of the home */
    } cases[] = {
        { "POST", "/v1/streams", "{}", 201, "create|append|" },
        { "POST", "/v1/streams", "{\"segments\":[{\"kind\":\"heard\",\"text\":\"a\"}]}", 201,
          "create|append|heard:a|" },
        { "POST", "/v1/streams", "{\"segments\":[{\"kind\":\"heard\",\"text\":7}]}", 400, "create|" },
        { "POST", "/v1/streams", "{\"segments\":[{\"colour\":\"red\"}]}", 400, "create|" },
        { "POST", "/v1/streams", "{\"segments\":[[]]}", 400, "create|" },
        { "POST", "/v1/streams", "{\"character\":\"nobody\"}", 404, "" },
        { "POST", "/v1/streams", "{\"keep_days\":-1}", 400, "" },
        { "POST", "/v1/streams", "{\"snapshot\":{\"a\":1}}", 201, "append|" },
        { "POST", "/v1/streams", "{\"snapshot\":{}}", 400, "" },
        { "POST", "/v1/streams", "{\"snapshot\":{\"a\":1},\"model\":\"m\"}", 400, "" },
        { "POST", "/v1/streams", "{\"colour\":1}", 400, "" },
        { "GET", "/v1/streams?limit=501", NULL, 400, "" },
        { "GET", FLOW, NULL, 200, "" },
        { "GET", FLOW "?after=1&limit=1", NULL, 200, "" },
        { "GET", "/v1/streams/none", NULL, 404, "" },
        { "POST", FLOW "/append", "{\"segments\":[{\"kind\":\"heard\",\"text\":\"a\",\"name\":null}]}", 200,
          "append|heard:a|" },
        { "POST", FLOW "/append", "{}", 400, "" },
        { "POST", FLOW "/retract", "{\"seq\":1}", 200, "" },
        { "POST", FLOW "/retract", "{\"seq\":3}", 404, "" },
        { "POST", FLOW "/fork", "{\"seq\":1}", 201, "fork|append|" },
        { "POST", FLOW "/fork", "{}", 201, "fork|append|" },
        { "POST", FLOW "/fork", "{\"seq\":-1}", 404, "fork|" },
        { "POST", FLOW "/score", "{\"candidates\":[\"a\"]}", 200, "" },
        { "POST", FLOW "/score", "{\"candidates\":[\"\"]}", 400, "" },
        { "POST", FLOW "/score", "{\"candidates\":[]}", 400, "" },
        { "POST", FLOW "/snapshot", NULL, 200, "" },
        { "POST", FLOW "/cancel", NULL, 404, "" },
        { "DELETE", FLOW, NULL, 200, "" },
        { "POST", FLOW "/generate", "{\"temperature\":3}", 400, "" },
        { "POST", FLOW "/generate", "{\"stop\":[\"\"]}", 400, "" },
        { "POST", FLOW "/generate", "{\"logprobs\":21}", 400, "" },
        { "POST", FLOW "/generate", "{\"append\":[{\"kind\":\"heard\",\"text\":\"a\"}]}", 200, "generate|heard:a|" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_peer p;
        *fake_home.appended = '\0';
        settled(&p, cases[i].method, cases[i].path, cases[i].body);
        if (p.status != cases[i].status || strcmp(fake_home.appended, cases[i].asked) != 0)
            fail_msg("%s %s %s: %d, %s", cases[i].method, cases[i].path, cases[i].body ? cases[i].body : "", p.status,
                     fake_home.appended);
        fake_peer_finish(&p);
    }
}

static void what_generating_passes_on(void **state)
{
    (void)state;
    struct fake_peer p;
    assert_int_equal(settled(&p, "POST", FLOW "/generate",
                             "{\"into\":\"thought\",\"max_tokens\":5,\"temperature\":0.5,\"top_k\":3,\"seed\":9,"
                             "\"resume\":true,\"forget\":true,\"drop_oldest\":true,\"logprobs\":0}"),
                     200);
    const anima_generation *g = &fake_home.generated;
    assert_true(g->sampling.max_tokens == 5 && g->sampling.temperature == 0.5 && g->sampling.top_k == 3);
    assert_true(g->sampling.seed == 9 && g->sampling.top_p == ANIMA_UNSET);
    assert_true(g->resume && g->forget && g->drop_oldest && g->logprobs == 0);
    assert_non_null(strstr(buf_str(&p.body), "{\"text\":\"one \\\"two\\\"\",\"finish\":\"length\",\"segment\":null,"
                                             "\"logprobs\":[{\"token\":\"one\",\"logprob\":-1},{"));
    fake_peer_finish(&p);
}

static void events_of_generating(void **state)
{
    (void)state;
    struct fake_peer p;
    settled(&p, "POST", FLOW "/generate", "{\"stream\":true}");
    assert_true(p.streaming && p.ended);
    const char *at = buf_str(&p.body);
    static const char *const wanted[] = { "event: started\ndata: {\"usage\":{\"prompt_tokens\":7,\"cached_tokens\":5,",
                                          "event: words\ndata: {\"text\":\"one\"}\n\n",
                                          "event: words\ndata: {\"text\":\" \\\"two\\\"\"}\n\n",
                                          "event: done\ndata: {\"text\":\"one \\\"two\\\"\",\"finish\":\"length\","
                                          "\"segment\":{\"seq\":2," };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        at = strstr(at, wanted[i]);
        assert_non_null(at);
    }
    fake_peer_finish(&p);
    fake_home.completion_fails = ANIMA_E_LIMIT;
    assert_int_equal(settled(&p, "POST", FLOW "/generate", "{\"stream\":true}"), 413); /* nothing was sent yet */
    fake_peer_finish(&p);
    fake_home.completion_fails = 0;
    fake_ask(&fake_server, &p, "POST", FLOW "/generate", "{\"stream\":true}");
    fake_peer_finish(&p); /* the peer leaves: the next one finds the stream free */
    assert_int_equal(settled(&p, "POST", FLOW "/generate", "{}"), 200);
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "POST", FLOW "/generate", "{}");
    struct fake_peer second;
    assert_int_equal(settled(&second, "POST", FLOW "/generate", "{}"), 409);
    fake_peer_finish(&second);
    fake_peer_finish(&p);
}

static void changes_that_fail(void **state)
{
    (void)state;
    struct fake_peer p;
    fake_home.change_fails = ANIMA_E_FULL;
    assert_int_equal(settled(&p, "POST", FLOW "/append", "{\"segments\":[]}"), 503);
    fake_peer_finish(&p);
    fake_ask(&fake_server, &p, "POST", FLOW "/append", "{\"segments\":[]}");
    fake_peer_finish(&p); /* gone before it is stored */
    fake_home_step();
    fake_ask(&fake_server, &p, "POST", FLOW "/score", "{\"candidates\":[\"a\"]}");
    fake_peer_finish(&p);
    fake_home_step();
    fake_home.change_fails = ANIMA_E_BUSY;
    assert_int_equal(settled(&p, "POST", FLOW "/retract", "{\"seq\":0}"), 409);
    fake_peer_finish(&p);
}

/* ---- responses ---- */

static void a_response(void **state)
{
    (void)state;
    struct fake_peer p;
    assert_int_equal(settled(&p, "POST", RESPONSES,
                             "{\"model\":\"lin\",\"instructions\":\"i\",\"max_output_tokens\":4,\"top_p\":0.5,"
                             "\"metadata\":{\"a\":\"b\"},\"input\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":"
                             "\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"x\"}]},{\"type\":"
                             "\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"y\"},{"
                             "\"type\":\"input_text\",\"text\":\"z\"}]}],\"something_new\":1}"),
                     200);
    assert_string_equal(fake_home.appended, "create|generate|persona:s|said:x|heard:y\nz|");
    assert_true(fake_home.generated.sampling.max_tokens == 4 && fake_home.generated.sampling.top_p == 0.5);
    assert_false(fake_home.generated.forget);
    yyjson_doc *doc = yyjson_read(p.body.data, p.body.len, 0);
    yyjson_val *root = yyjson_doc_get_root(doc), *usage = yyjson_obj_get(root, "usage");
    assert_string_equal(json_str(root, "status", ""), "incomplete");
    assert_string_equal(json_str(yyjson_obj_get(root, "incomplete_details"), "reason", ""), "max_output_tokens");
    assert_string_equal(json_str(yyjson_obj_get(root, "metadata"), "a", ""), "b");
    assert_string_equal(json_str(root, "instructions", ""), "i");
    assert_int_equal(json_int(usage, "input_tokens", 0), 7);
    assert_int_equal(json_int(yyjson_obj_get(usage, "input_tokens_details"), "cached_tokens", 0), 5);
    yyjson_val *item = yyjson_arr_get_first(yyjson_obj_get(root, "output"));
    assert_string_equal(json_str(yyjson_arr_get_first(yyjson_obj_get(item, "content")), "text", ""), "one \"two\"");
    yyjson_doc_free(doc);
    fake_peer_finish(&p);
}

static void goes_on(void **state)
{
    (void)state;
    static const struct {
        const char *body, *asked;
    } cases[] = {
        { "{\"model\":\"lin\",\"input\":\"a\",\"previous_response_id\":\"resp_a\"}", "generate|heard:a|" },
        /* another model begins with what stands before */
        { "{\"model\":\"m\",\"input\":\"a\",\"previous_response_id\":\"resp_a\"}",
          "create|generate|heard:Hi.|said:Hello \"you\".|heard:a|" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_peer p;
        *fake_home.appended = '\0';
        assert_int_equal(settled(&p, "POST", RESPONSES, cases[i].body), 200);
        assert_string_equal(fake_home.appended, cases[i].asked);
        fake_peer_finish(&p);
    }
    struct fake_peer p;
    assert_int_equal(settled(&p, "POST", RESPONSES, "{\"model\":\"lin\",\"input\":\"a\",\"store\":false}"), 200);
    assert_true(fake_home.generated.forget && !fake_home.generated.response);
    fake_peer_finish(&p);
    assert_int_equal(settled(&p, "GET", RESPONSES "/resp_a", NULL), 200);
    assert_non_null(strstr(buf_str(&p.body), "\"text\":\"Hello \\\"you\\\".\""));
    fake_peer_finish(&p);
    assert_int_equal(settled(&p, "DELETE", RESPONSES "/resp_a", NULL), 200);
    assert_string_equal(buf_str(&p.body), "{\"id\":\"resp_a\",\"object\":\"response\",\"deleted\":true}");
    fake_peer_finish(&p);
    assert_int_equal(settled(&p, "DELETE", RESPONSES "/resp_b", NULL), 404);
    fake_peer_finish(&p);
}

static void events_of_a_response(void **state)
{
    (void)state;
    struct fake_peer p;
    settled(&p, "POST", RESPONSES, "{\"model\":\"lin\",\"input\":\"a\",\"stream\":true}");
    assert_true(p.streaming && p.ended);
    static const char *const types[] = { "response.created",           "response.in_progress",
                                         "response.output_item.added", "response.content_part.added",
                                         "response.output_text.delta", "response.output_text.delta",
                                         "response.output_text.done",  "response.content_part.done",
                                         "response.output_item.done",  "response.incomplete" };
    const char *at = buf_str(&p.body);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        char wanted[120];
        snprintf(wanted, sizeof(wanted), "event: %s\ndata: {\"type\":\"%s\",\"sequence_number\":%zu,", types[i],
                 types[i], i);
        if (!strstr(at, wanted))
            fail_msg("no %s in %s", wanted, at);
        at = strstr(at, wanted) + 1;
    }
    assert_null(strstr(at, "event: "));
    fake_peer_finish(&p);
}

static void responses_that_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int status;
        const char *param;
    } cases[] = {
        { "{\"input\":\"a\"}", 400, "model" },
        { "{\"model\":\"lin\"}", 400, "input" },
        { "{\"model\":\"lin\",\"input\":[]}", 400, "input" },
        { "{\"model\":\"lin\",\"input\":[\"a\"]}", 400, "input" },
        { "{\"model\":\"lin\",\"input\":\"a\\u0000b\"}", 400, "input" },
        { "{\"model\":\"lin\",\"input\":[{\"role\":\"king\",\"content\":\"a\"}]}", 400, "input" },
        { "{\"model\":\"lin\",\"input\":[{\"type\":\"item_reference\",\"id\":\"a\"}]}", 400, "input" },
        { "{\"model\":\"lin\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\"}]}]}", 400,
          "input" },
        { "{\"model\":\"lin\",\"input\":\"a\",\"metadata\":{\"a\":1}}", 400, "metadata" },
        { "{\"model\":\"lin\",\"input\":\"a\",\"metadata\":[]}", 400, "metadata" },
        { "{\"model\":\"lin\",\"input\":\"a\",\"text\":{\"format\":{\"type\":\"xml\"}}}", 400, "text.format" },
        { "{\"model\":\"lin\",\"input\":\"a\",\"background\":true}", 400, "background" },
        { "{\"model\":\"lin\",\"input\":\"a\",\"tools\":[{}]}", 400, "tools" },
        { "{\"model\":\"lin\",\"input\":\"a\",\"store\":1}", 400, "store" },
        { "{\"model\":\"lin\",\"input\":\"a\",\"truncation\":\"some\"}", 400, "truncation" },
        { "{\"model\":\"lin\",\"input\":\"a\",\"max_output_tokens\":0}", 400, "max_output_tokens" },
        { "{\"model\":\"nobody\",\"input\":\"a\"}", 404, "model" },
        { "{\"model\":\"nobody\",\"input\":\"a\",\"previous_response_id\":\"resp_a\"}", 404, "model" },
        { "{\"model\":\"lin\",\"input\":\"a\",\"previous_response_id\":\"resp_b\"}", 400, "previous_response_id" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_peer p;
        char wanted[64];
        snprintf(wanted, sizeof(wanted), "\"param\":\"%s\"", cases[i].param);
        settled(&p, "POST", RESPONSES, cases[i].body);
        if (p.status != cases[i].status || !strstr(buf_str(&p.body), wanted))
            fail_msg("%s: %d %s", cases[i].body, p.status, buf_str(&p.body));
        fake_peer_finish(&p);
    }
    struct fake_peer p;
    fake_home.complete_refuses = ANIMA_E_LIMIT_REACHED;
    assert_int_equal(settled(&p, "POST", RESPONSES, "{\"model\":\"lin\",\"input\":\"a\"}"), 429);
    assert_non_null(strstr(buf_str(&p.body), "insufficient_quota"));
    fake_peer_finish(&p);
    fake_home.complete_refuses = 0;
    fake_home.completion_fails = ANIMA_E_LIMIT;
    assert_int_equal(settled(&p, "POST", RESPONSES, "{\"model\":\"lin\",\"input\":\"a\"}"), 400);
    assert_non_null(strstr(buf_str(&p.body), "context_length_exceeded"));
    fake_peer_finish(&p);
}

/* The n-th allocation fails: an answer all the same, and nothing is left behind. */
static void out_of_memory(void **state)
{
    (void)state;
    static const char *const bodies[][2] = {
        { "/v1/streams", "{\"segments\":[{\"kind\":\"heard\",\"text\":\"a\"}]}" },
        { FLOW "/generate", "{\"append\":[{\"kind\":\"heard\",\"text\":\"a\"}],\"json_schema\":{},\"logprobs\":1}" },
        { FLOW "/generate", "{\"stream\":true}" },
        { FLOW "/score", "{\"candidates\":[\"a\"]}" },
        { RESPONSES, "{\"model\":\"lin\",\"input\":[{\"role\":\"user\",\"content\":[]},{\"role\":\"user\",\"content\":"
                     "\"a\"}],\"metadata\":{},\"previous_response_id\":\"resp_a\"}" },
        { RESPONSES, "{\"model\":\"m\",\"input\":\"a\",\"stream\":true,\"previous_response_id\":\"resp_a\"}" },
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        for (long n = 1; n < 40; n++) {
            struct fake_peer p;
            mem_fail_at(n, 0);
            settled(&p, "POST", bodies[i][0], bodies[i][1]);
            mem_fail_at(0, 0);
            fake_home_step();
            assert_true(p.status != 0);
            fake_peer_finish(&p);
        }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)
    const struct CMUnitTest tests[] = {
        T(paths_and_bodies),     T(what_generating_passes_on),
        T(events_of_generating), T(changes_that_fail),
        T(a_response),           T(goes_on),
        T(events_of_a_response), T(responses_that_are_refused),
        T(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
