/* The llama driver with a real small model: schemas that llama.cpp must accept, probabilities, requests side by side, and a
 * cancel while a long prompt is read. ANIMA_TEST_MODEL: a GGUF file; skipped without it. ANIMA_TEST_MODEL_ZH: one that
 * speaks Chinese, for one short answer. */
#include "base/utf8.h"
#include "engine_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define GREEDY(n) ",\"sampling\":{\"temperature\":0,\"max_tokens\":" #n "}"

static struct peer peer;
static int next_id = 1;

static const char *model_at(const char *variable)
{
    const char *path = getenv(variable);
    return path && *path && access(path, R_OK) == 0 ? path : NULL;
}

static void need_model(void)
{
    const char *model = model_at("ANIMA_TEST_MODEL");
    if (!model)
        skip();
    if (peer.pid)
        return;
    peer_start(&peer, "llm_llama", model, "{\"context\":1024,\"slots\":2}", NULL);
    assert_true(peer_until(&peer, "ready"));
}

static int ask(const char *text, const char *more)
{
    peer_send(&peer, "{\"type\":\"generate\",\"id\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}",
              next_id, text, more);
    return next_id++;
}

static void answer(const char *text, const char *more, struct peer_answer *a)
{
    assert_true(peer_collect(&peer, ask(text, more), a));
}

static void test_schemas(void **state)
{
    (void)state;
    need_model();
    static const char *const schemas[] = {
        "{}",
        "{\"type\":\"integer\"}",
        "{\"type\":[\"string\",\"null\"]}",
        "{\"type\":\"string\",\"minLength\":2,\"maxLength\":5}",
        "{\"type\":\"string\",\"minLength\":3}",
        "{\"enum\":[\"a\\\"b\",\"c\\\\d\",\"你\",3,null,{\"x\":[1]}]}",
        "{\"const\":{\"a\":\"\\n\"}}",
        "{\"type\":\"array\",\"items\":{\"type\":\"number\"}}",
        "{\"type\":\"array\",\"minItems\":2,\"maxItems\":4}",
        "{\"type\":\"array\",\"maxItems\":0}",
        "{\"type\":\"array\",\"items\":{\"type\":\"boolean\"},\"maxItems\":1}",
        "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"object\",\"properties\":{\"a\":{}}}]}",
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"integer\"},\"c\":{}},"
        "\"required\":[\"b\"]}",
        "{\"type\":\"object\",\"properties\":{\"a\":{\"const\":1}},\"additionalProperties\":true}",
        "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}}",
        "{\"type\":\"object\",\"properties\":{\"a\":{}},\"required\":[\"a\"],\"additionalProperties\":{\"type\":"
        "\"null\"}}",
        ("{\"$defs\":{\"node\":{\"type\":\"object\",\"properties\":{\"v\":{\"type\":\"integer\"},\"next\":{\"anyOf\":[{"
         "\"$ref\":"
         "\"#/$defs/node\"},{\"type\":\"null\"}]}},\"required\":[\"v\",\"next\"]}},\"$ref\":\"#/$defs/node\"}"),
    };
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        char more[1024];
        struct peer_answer a;
        snprintf(more, sizeof(more), ",\"json_schema\":%s" GREEDY(3), schemas[i]);
        answer("Give me an example.", more, &a);
        if (*a.code)
            fail_msg("%s: %s %s", schemas[i], a.code, a.message);
        peer_answer_finish(&a);
    }
}

/* Each answer must be JSON and be bound to its schema in what a grammar can bind. */
static void test_schema_answers(void **state)
{
    (void)state;
    need_model();
    for (int seed = 0; seed < 4; seed++) {
        char more[600];
        struct peer_answer a;
        yyjson_doc *doc = NULL;
        anima_error err = { 0 };
        snprintf(more, sizeof(more),
                 ",\"json_schema\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\","
                 "\"maxLength\":12},\"age\":{\"type\":\"integer\"},\"mood\":{\"enum\":[\"happy\",\"sad\"]}},"
                 "\"required\":[\"name\","
                 "\"age\",\"mood\"],\"additionalProperties\":false},\"sampling\":{\"temperature\":1,\"seed\":%d,\"max_"
                 "tokens\":150}",
                 seed);
        answer("Describe Ann, who is 31.", more, &a);
        assert_string_equal(a.finish, "stop");
        if (json_parse(a.text.data, a.text.len, 1 << 20, "the answer", &doc, &err))
            fail_msg("%s: %s", err.message, buf_str(&a.text));
        yyjson_val *root = yyjson_doc_get_root(doc);
        assert_int_equal(yyjson_obj_size(root), 3);
        assert_true(yyjson_is_int(yyjson_obj_get(root, "age")));
        yyjson_doc_free(doc);
        peer_answer_finish(&a);
    }
}

static void test_grammar_prefix(void **state)
{
    (void)state;
    need_model();
    struct peer_answer a;
    answer("Is water wet?", ",\"grammar\":\"root ::= \\\"yes it is\\\" | \\\"no\\\"\",\"prefix\":\"yes\"" GREEDY(10),
           &a);
    assert_string_equal(buf_str(&a.text), " it is");
    assert_string_equal(a.finish, "stop");
    peer_answer_finish(&a);
}

static void test_logprobs(void **state)
{
    (void)state;
    need_model();
    struct peer_answer a;
    answer("Name a colour.", ",\"logprobs\":20" GREEDY(8), &a);
    assert_int_equal(a.logprobs, a.completion_tokens);
    assert_true(a.most_top_sum <= 1.0001 && a.least_top_sum > 0.1);
    peer_answer_finish(&a);
}

static void test_side_by_side(void **state)
{
    (void)state;
    need_model();
    static const char *const texts[] = { "Name a colour.", "Name an animal.", "Name a city." };
    struct peer_answer alone[3], beside[3];
    int ids[3];
    for (int i = 0; i < 3; i++)
        answer(texts[i], GREEDY(12), &alone[i]);
    for (int i = 0; i < 3; i++)
        ids[i] = ask(texts[i], GREEDY(12));
    bool ended[3] = { false, false, false };
    int same = 0;
    for (int i = 0; i < 3; i++)
        buf_init(&beside[i].text, 1 << 20);
    for (int left = 3; left && peer_receive(&peer);) {
        int64_t id = json_int(peer.head, "id", -1);
        const char *type = json_str(peer.head, "type", "");
        assert_true(strcmp(type, "error") != 0);
        for (int i = 0; i < 3; i++) {
            if (id != ids[i])
                continue;
            buf_puts(&beside[i].text, json_str(peer.head, "text", ""));
            ended[i] = strcmp(type, "done") == 0;
            left -= ended[i];
        }
    }
    for (int i = 0; i < 3; i++) {
        assert_true(ended[i] && beside[i].text.len > 0);
        same += strcmp(buf_str(&alone[i].text), buf_str(&beside[i].text)) == 0;
        peer_answer_finish(&alone[i]);
        peer_answer_finish(&beside[i]);
    }
    assert_true(same >= 2); /* a batch rounds a little differently, but it must not mix requests */
}

static void test_too_long(void **state)
{
    (void)state;
    need_model();
    struct buf text;
    struct peer_answer a;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 3000; i++)
        buf_puts(&text, "word ");
    answer(buf_str(&text), GREEDY(4), &a);
    assert_string_equal(a.code, "limit");
    assert_non_null(strstr(a.message, "tokens"));
    peer_answer_finish(&a);
    buf_finish(&text);
}

static void test_end(void **state)
{
    (void)state;
    if (!peer.pid)
        skip();
    peer_send(&peer, "{\"type\":\"stop\"}");
    assert_int_equal(peer_end(&peer), 0);
    peer.pid = 0;
}

static void test_chinese(void **state)
{
    (void)state;
    const char *model = model_at("ANIMA_TEST_MODEL_ZH");
    if (!model)
        skip();
    struct peer_answer a;
    peer_start(&peer, "llm_llama", model, "{\"context\":512,\"slots\":1}", NULL);
    assert_true(peer_until(&peer, "ready"));
    answer("用一句话介绍杭州。", GREEDY(24), &a);
    assert_int_equal(*a.code, 0);
    assert_true(utf8_valid(buf_str(&a.text), a.text.len));
    assert_non_null(strstr(buf_str(&a.text), "杭州"));
    peer_answer_finish(&a);
    peer_end(&peer);
    peer.pid = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schemas),  cmocka_unit_test(test_schema_answers), cmocka_unit_test(test_grammar_prefix),
        cmocka_unit_test(test_logprobs), cmocka_unit_test(test_side_by_side),   cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_end),      cmocka_unit_test(test_chinese),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
