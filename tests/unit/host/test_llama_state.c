/* What a stream can do beside speaking, with a real small model: thoughts, scores of candidates, snapshots that go on token
 * for token. ANIMA_TEST_MODEL: a GGUF file; skipped without it. */
#include "engine_peer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SYSTEM "{\"role\":\"persona\",\"content\":\"You are Ann, a gardener. You like short sentences.\"}"
#define HEARD "{\"role\":\"heard\",\"content\":\"What is the capital of France?\"}"

static struct peer peer;
static int next_id = 1;

static void need_model(void)
{
    const char *model = getenv("ANIMA_TEST_MODEL");
    if (!model || access(model, R_OK) != 0)
        skip();
    if (peer.pid)
        return;
    peer_start(&peer, "llm_llama", model, "{\"context\":1024,\"slots\":2,\"threads\":1}", NULL);
    assert_true(peer_until(&peer, "ready"));
}

static int send(const char *type, const char *stream, const char *messages, const char *more)
{
    peer_send(&peer, "{\"type\":\"%s\",\"id\":%d,\"stream\":\"%s\",\"messages\":[%s]%s}", type, next_id, stream,
              messages, more);
    return next_id++;
}

/* ---- scores ---- */

/* The scores of n candidates; false and the error's code in code if there are none. */
static bool scored(const char *stream, const char *messages, const char *more, int n, double *out, char code[24])
{
    const char *type;
    int id = send("score", stream, messages, more);
    while ((type = peer_receive(&peer)) && json_int(peer.head, "id", 0) != id)
        continue;
    assert_non_null(type);
    if (strcmp(type, "error") == 0) {
        snprintf(code, 24, "%s", json_str(peer.head, "code", ""));
        return false;
    }
    assert_string_equal(type, "scores");
    yyjson_val *list = yyjson_obj_get(peer.head, "scores"), *one;
    size_t i, max;
    assert_int_equal(yyjson_arr_size(list), n);
    yyjson_arr_foreach (list, i, max, one) {
        out[i] = json_num(one, "logprob", NAN);
        assert_true(out[i] <= 0 && json_int(one, "tokens", 0) > 0);
    }
    return true;
}

static void test_scores(void **state)
{
    (void)state;
    need_model();
    char code[24] = "";
    double s[3];
    assert_true(scored("s1", SYSTEM "," HEARD,
                       ",\"candidates\":[\"The capital of France is Paris.\","
                       "\"Purple umbrella seventeen of.\",\"The\"]",
                       3, s, code));
    assert_true(s[0] > s[1]);
    assert_true(s[2] > s[0]); /* its beginning alone is likelier */
    /* Behind a prefix; what follows is scored as in one piece. */
    double whole[1], rest[1], first[1];
    assert_true(scored("s1", SYSTEM "," HEARD, ",\"candidates\":[\"The capital of\"]", 1, first, code));
    assert_true(scored("s1", SYSTEM "," HEARD, ",\"candidates\":[\"The capital of France\"]", 1, whole, code));
    assert_true(
        scored("s1", SYSTEM "," HEARD, ",\"prefix\":\"The capital of\",\"candidates\":[\" France\"]", 1, rest, code));
    assert_true(fabs(whole[0] - first[0] - rest[0]) < 0.05);
}

/* Scoring leaves the stream as it was, and the score is the one that the answer's own tokens have. */
static void test_score_of_answer(void **state)
{
    (void)state;
    need_model();
    char code[24] = "", more[600];
    struct peer_answer a, b;
    const char *greedy = ",\"sampling\":{\"temperature\":0,\"max_tokens\":8},\"logprobs\":0";
    assert_true(peer_collect(&peer, send("generate", "s2", SYSTEM "," HEARD, greedy), &a));
    double s[2];
    snprintf(more, sizeof(more), ",\"candidates\":[\"%s\",\"Bananas are my\"]", buf_str(&a.text));
    assert_true(scored("s2", SYSTEM "," HEARD, more, 2, s, code));
    assert_true(s[0] > s[1]);
    assert_true(peer_collect(&peer, send("generate", "s2", SYSTEM "," HEARD, greedy), &b));
    assert_string_equal(buf_str(&a.text), buf_str(&b.text));
    peer_answer_finish(&a);
    peer_answer_finish(&b);
}

static void test_score_limits(void **state)
{
    (void)state;
    need_model();
    char code[24], more[4096] = ",\"candidates\":[\"";
    double s[1];
    assert_false(scored("s3", HEARD, ",\"candidates\":[]", 0, s, code));
    assert_string_equal(code, "invalid");
    assert_false(scored("s3", HEARD, ",\"candidates\":[\"\"]", 0, s, code));
    assert_string_equal(code, "invalid");
    for (int i = 0; i < 600; i++)
        strcat(more, "word ");
    strcat(more, "\"]");
    assert_false(scored("s3", HEARD, more, 0, s, code));
    assert_string_equal(code, "limit");
}

/* ---- thoughts ---- */

/* A thought of an earlier turn stands in the stream; what is thought is not what is said. */
static void test_thoughts(void **state)
{
    (void)state;
    need_model();
    struct peer_answer a, b;
    const char *greedy = ",\"sampling\":{\"temperature\":0,\"max_tokens\":12}";
    const char *think = ",\"into\":\"thought\",\"sampling\":{\"temperature\":0,\"max_tokens\":12}";
    const char *thought = SYSTEM "," HEARD ",{\"role\":\"thought\",\"content\":\"He is testing me.\"}";
    assert_true(peer_collect(&peer, send("generate", "t1", SYSTEM "," HEARD, greedy), &a));
    int plain = a.prompt_tokens;
    peer_answer_finish(&a);
    assert_true(peer_collect(&peer, send("generate", "t2", SYSTEM "," HEARD, think), &a));
    assert_int_equal(*a.code, 0);
    assert_true(a.words > 0);
    assert_true(peer_collect(&peer, send("generate", "t3", thought, greedy), &b));
    assert_int_equal(*b.code, 0);
    assert_true(b.prompt_tokens > plain + 5);
    peer_answer_finish(&a);
    peer_answer_finish(&b);
}

/* ---- snapshots ---- */

struct cut {
    struct buf text, state;
    char finish[16], code[24];
};

static void collect(int id, struct cut *out)
{
    *out = (struct cut){ 0 };
    buf_init(&out->text, 1 << 20);
    buf_init(&out->state, 1 << 20);
    for (const char *type; (type = peer_receive(&peer));) {
        if (json_int(peer.head, "id", 0) != id)
            continue;
        if (strcmp(type, "words") == 0)
            buf_puts(&out->text, json_str(peer.head, "text", ""));
        if (strcmp(type, "snapshot") == 0) {
            char *state = yyjson_val_write(yyjson_obj_get(peer.head, "state"), 0, NULL);
            buf_puts(&out->state, state);
            free(state);
        }
        snprintf(out->code, sizeof(out->code), "%s", json_str(peer.head, "code", ""));
        snprintf(out->finish, sizeof(out->finish), "%s", json_str(peer.head, "finish", ""));
        if (strcmp(type, "done") == 0 || strcmp(type, "error") == 0)
            return;
    }
    fail_msg("the engine ended");
}

static void cut_finish(struct cut *c)
{
    buf_finish(&c->text);
    buf_finish(&c->state);
}

/* Said at once, and with an interruption after k tokens; other requests come between. */
static void check_resumed(const char *messages, const char *sampling, const char *more, int k, int n)
{
    struct cut whole, first, rest;
    char members[8192];
    snprintf(members, sizeof(members), ",\"sampling\":{%s,\"max_tokens\":%d}%s", sampling, n, more);
    collect(send("generate", "n1", messages, members), &whole);
    snprintf(members, sizeof(members), ",\"snapshot\":true,\"sampling\":{%s,\"max_tokens\":%d}%s", sampling, k, more);
    collect(send("generate", "n1", messages, members), &first);
    if (strcmp(first.finish, "length") != 0)
        fail_msg("it ended before %d tokens: %s", k, buf_str(&first.text));
    assert_true(first.state.len > 0);
    collect(send("generate", "n2", HEARD, ",\"sampling\":{\"max_tokens\":5}"), &rest);
    cut_finish(&rest);
    snprintf(members, sizeof(members), ",\"resume\":%s,\"sampling\":{%s,\"max_tokens\":%d}%s", buf_str(&first.state),
             sampling, n - k, more);
    collect(send("generate", "n1", messages, members), &rest);
    assert_string_equal(rest.code, "");
    buf_append(&first.text, rest.text.data, rest.text.len);
    assert_string_equal(buf_str(&first.text), buf_str(&whole.text));
    cut_finish(&whole);
    cut_finish(&first);
    cut_finish(&rest);
}

static void test_snapshots(void **state)
{
    (void)state;
    need_model();
    const char *story = SYSTEM ",{\"role\":\"heard\",\"content\":\"Tell me a long story about your garden.\"}";
    const char *emoji = ",\"grammar\":\"root ::= [🌸-🌻世界你好]+\"";
    check_resumed(story, "\"temperature\":1,\"seed\":7", "", 15, 40);
    check_resumed(story, "\"temperature\":1.3,\"top_k\":1,\"seed\":8", "", 9, 20);
    check_resumed(story, "\"temperature\":0", "", 5, 20);
    check_resumed(story, "\"temperature\":1,\"seed\":9,\"repeat_penalty\":1.2,\"dry_multiplier\":0.8", "", 20, 40);
    check_resumed(story, "\"temperature\":1,\"seed\":10", ",\"grammar\":\"root ::= ([a-z]+ \\\" \\\")+ \\\"0\\\"\"", 6,
                  20);
    for (int k = 3; k < 8; k++) /* cut inside characters, too */
        check_resumed(story, "\"temperature\":1,\"seed\":3", emoji, k, 24);
}

static void test_bad_snapshots(void **state)
{
    (void)state;
    need_model();
    static const char *const bad[] = {
        ",\"resume\":{\"seed\":1,\"draws\":1,\"tokens\":[99999999]}",
        ",\"resume\":{\"seed\":1,\"draws\":1,\"tokens\":[-1]}",
        ",\"resume\":{\"seed\":1,\"draws\":-1,\"tokens\":[5]}",
        ",\"resume\":{\"seed\":1,\"draws\":99999999999,\"tokens\":[5]}",
        ",\"resume\":{\"seed\":1,\"draws\":1,\"tokens\":[\"x\"]}",
        ",\"resume\":{\"seed\":1,\"draws\":1,\"tokens\":[5,6]},\"grammar\":\"root ::= \\\"never\\\"\"",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cut c;
        collect(send("generate", "n3", HEARD, bad[i]), &c);
        assert_string_equal(c.code, "invalid");
        cut_finish(&c);
    }
}

static void test_end(void **state)
{
    (void)state;
    if (!peer.pid)
        skip();
    peer_send(&peer, "{\"type\":\"stop\"}");
    assert_int_equal(peer_end(&peer), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scores),   cmocka_unit_test(test_score_of_answer), cmocka_unit_test(test_score_limits),
        cmocka_unit_test(test_thoughts), cmocka_unit_test(test_snapshots),       cmocka_unit_test(test_bad_snapshots),
        cmocka_unit_test(test_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
