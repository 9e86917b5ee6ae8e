/* The engine process with written replies: start and end, one request and many, cancel, prefix, stop, errors, and each way
 * of dying. ANIMA_TEST_ENGINE is the path of anima-engine (the build sets it). */
#include "engine_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/anima-script-XXXXXX";

/* A small request that makes a large answer: 80 times what was said. */
#define LAST_8 "{last}{last}{last}{last}{last}{last}{last}{last}"
#define LAST_80 LAST_8 LAST_8 LAST_8 LAST_8 LAST_8 LAST_8 LAST_8 LAST_8 LAST_8 LAST_8

static const char script[] = "slots: 2\ncontext: 2000\n\n"
                             "match: count\nsay: {cached} of {prompt}\n\n"
                             "match: list\nsay: {streams}\n\n"
                             "match: hello\nsay: Hello to you, my friend.\n\n"
                             "match: 你好\nsay: 你好呀。\n\n"
                             "match: slow\ndelay_ms: 20\nsay: one two three four five six seven eight nine ten\n\n"
                             "match: broken\nerror: limit too much\n\n"
                             "match: once\ndie_once: 2\nsay: alpha beta gamma delta\n\n"
                             "match: always\ndie: 1\nsay: alpha beta gamma delta\n\n"
                             "match: garbage\ngarbage: 1\nsay: alpha beta gamma\n\n"
                             "match: river\nmeans: water\n\n"
                             "match: stream\nmeans: water\n\n"
                             "match: refused\nmeans: nothing\nerror: busy not now\n\n"
                             "match: late\nmeans: late\nfirst_ms: 3600000\n\n"
                             "match: poison\nmeans: death\ndie: 0\n\n"
                             "match: flood\nsay: " LAST_80 "\n";

static int write_script(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    bool good = fd >= 0 && write(fd, script, sizeof(script) - 1) == (ssize_t)sizeof(script) - 1;
    close(fd);
    return good ? 0 : -1;
}

static int remove_script(void **state)
{
    (void)state;
    return unlink(path);
}

static void start(struct peer *p)
{
    peer_start(p, "script", path, NULL, NULL);
    assert_true(peer_until(p, "ready"));
}

static void ask(struct peer *p, int id, const char *text, const char *more)
{
    peer_send(p, "{\"type\":\"generate\",\"id\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}", id, text,
              more);
}

static void say(struct peer *p, int id, const char *text, const char *more, struct peer_answer *a)
{
    ask(p, id, text, more);
    assert_true(peer_collect(p, id, a));
}

static void test_ready(void **state)
{
    (void)state;
    struct peer p;
    start(&p);
    yyjson_val *jail = yyjson_obj_get(p.head, "jail");
    assert_int_equal(json_int(p.head, "protocol", 0), 1);
    assert_int_equal(json_int(p.head, "slots", 0), 2);
    assert_true(json_int(jail, "landlock", 0) > 0 && json_bool(jail, "seccomp", false) &&
                !json_bool(jail, "network", true));
    peer_send(&p, "{\"type\":\"ping\",\"id\":9}");
    assert_true(peer_until(&p, "pong"));
    assert_int_equal(json_int(p.head, "id", 0), 9);
    peer_send(&p, "{\"type\":\"tokenize\",\"id\":10,\"text\":\"one two\"}");
    assert_true(peer_until(&p, "tokens"));
    assert_int_equal(json_int(p.head, "n", 0), 2);
    peer_send(&p, "{\"type\":\"stop\"}");
    assert_int_equal(peer_end(&p), 0);
    start(&p);
    assert_int_equal(peer_end(&p), 0); /* a closed socket is an order to end */
}

static void test_answers(void **state)
{
    (void)state;
    struct peer p;
    struct peer_answer a;
    start(&p);
    say(&p, 1, "hello", "", &a);
    assert_string_equal(buf_str(&a.text), "Hello to you, my friend.");
    assert_string_equal(a.finish, "stop");
    assert_int_equal(a.tokens, a.completion_tokens);
    assert_true(a.words > 1);
    peer_answer_finish(&a);
    say(&p, 2, "你好", "", &a);
    assert_string_equal(buf_str(&a.text), "你好呀。");
    peer_answer_finish(&a);
    say(&p, 3, "hello", ",\"sampling\":{\"max_tokens\":2}", &a);
    assert_string_equal(buf_str(&a.text), "Hello to");
    assert_string_equal(a.finish, "length");
    peer_answer_finish(&a);
    say(&p, 4, "hello", ",\"sampling\":{\"stop\":[\"my\"]}", &a);
    assert_string_equal(buf_str(&a.text), "Hello to you, ");
    assert_string_equal(a.finish, "stop");
    peer_answer_finish(&a);
    say(&p, 5, "hello", ",\"prefix\":\"Hello to\"", &a);
    assert_string_equal(buf_str(&a.text), " you, my friend.");
    peer_answer_finish(&a);
    say(&p, 6, "hello", ",\"logprobs\":2", &a);
    assert_int_equal(a.logprobs, a.completion_tokens);
    assert_true(a.most_top_sum <= 1);
    peer_answer_finish(&a);
    peer_end(&p);
}

static void test_errors(void **state)
{
    (void)state;
    struct peer p;
    struct peer_answer a;
    start(&p);
    say(&p, 1, "broken", "", &a);
    assert_string_equal(a.code, "limit");
    assert_string_equal(a.message, "too much");
    peer_answer_finish(&a);
    peer_send(&p, "{\"type\":\"generate\",\"id\":2,\"messages\":[]}");
    assert_true(peer_collect(&p, 2, &a));
    assert_string_equal(a.code, "invalid");
    peer_answer_finish(&a);
    peer_send(&p, "{\"type\":\"sing\",\"id\":3}");
    assert_true(peer_collect(&p, 3, &a));
    assert_string_equal(a.code, "unsupported");
    peer_answer_finish(&a);
    peer_send(&p, "not JSON");
    assert_true(peer_until(&p, "error"));
    say(&p, 4, "hello", "", &a); /* none of them harmed it */
    assert_string_equal(a.finish, "stop");
    peer_answer_finish(&a);
    peer_end(&p);
}

static void test_cancel(void **state)
{
    (void)state;
    struct peer p;
    struct peer_answer a;
    start(&p);
    ask(&p, 1, "slow", "");
    ask(&p, 2, "slow", "");
    ask(&p, 3, "slow", ""); /* waits: there are two slots */
    assert_true(peer_until(&p, "words"));
    peer_send(&p, "{\"type\":\"cancel\",\"id\":3}");
    assert_true(peer_collect(&p, 3, &a));
    assert_string_equal(a.finish, "cancelled");
    assert_int_equal(a.words, 0);
    peer_answer_finish(&a);
    peer_send(&p, "{\"type\":\"cancel\",\"id\":1}");
    assert_true(peer_collect(&p, 1, &a));
    assert_string_equal(a.finish, "cancelled");
    assert_true(a.words <= 2);
    peer_answer_finish(&a);
    peer_send(&p, "{\"type\":\"cancel\",\"id\":77}"); /* crossing a done is legal */
    assert_true(peer_collect(&p, 2, &a));
    assert_string_equal(a.finish, "stop");
    peer_answer_finish(&a);
    peer_end(&p);
}

static void embed(struct peer *p, int id, const char *texts)
{
    peer_send(p, "{\"type\":\"embed\",\"id\":%d,\"kind\":\"query\",\"texts\":[%s]}", id, texts);
}

static double cosine(const float *a, const float *b)
{
    double sum = 0;
    for (int i = 0; i < 384; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

static void test_vectors(void **state)
{
    (void)state;
    static float v[4 * 384];
    struct peer p;
    start(&p);
    embed(&p, 1, "\"by the river\",\"the stream\",\"a hat\",\"a hat\"");
    assert_true(peer_until(&p, "vectors"));
    assert_int_equal(json_int(p.head, "id", 0), 1);
    assert_int_equal(json_int(p.head, "n", 0), 4);
    assert_int_equal(json_int(p.head, "dim", 0), 384);
    assert_int_equal(p.raw_len, sizeof(v));
    memcpy(v, p.raw, sizeof(v));
    assert_true(cosine(v, v) > 0.999 && cosine(v, v) < 1.001);
    assert_true(cosine(v, v + 384) > 0.999);   /* the same meaning */
    assert_true(cosine(v, v + 2 * 384) < 0.3); /* another */
    assert_true(cosine(v + 2 * 384, v + 3 * 384) > 0.999);
    embed(&p, 2, "\"refused\"");
    assert_true(peer_until(&p, "error"));
    assert_string_equal(json_str(p.head, "code", ""), "busy");
    embed(&p, 3, "\"late\"");
    peer_send(&p, "{\"type\":\"cancel\",\"id\":3}");
    assert_true(peer_until(&p, "done"));
    assert_string_equal(json_str(p.head, "finish", ""), "cancelled");
    static const char *const bad[] = { "", "1", "\"a\\u0000b\"" };
    for (int i = 0; i < 3; i++) {
        embed(&p, 4 + i, bad[i]);
        assert_true(peer_until(&p, "error"));
        assert_int_equal(json_int(p.head, "id", 0), 4 + i);
        assert_string_equal(json_str(p.head, "code", ""), "invalid");
    }
    peer_send(&p, "{\"type\":\"embed\",\"id\":8,\"kind\":\"song\",\"texts\":[\"a\"]}");
    assert_true(peer_until(&p, "error"));
    assert_non_null(strstr(json_str(p.head, "message", ""), "song"));
    embed(&p, 9, "\"a hat\",\"poison\"");
    assert_null(peer_receive(&p));
    assert_int_equal(peer_end(&p), 3);
}

/* The frame "stats": what is running and waiting. */
static void test_stats(void **state)
{
    (void)state;
    struct peer p;
    start(&p);
    peer_send(&p, "{\"type\":\"stats\",\"id\":1}");
    assert_true(peer_until(&p, "stats"));
    assert_int_equal(json_int(p.head, "id", 0), 1);
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(p.head, "streams")), 0);
    ask(&p, 2, "slow", ",\"stream\":\"c-a-en\"");
    ask(&p, 3, "slow", ",\"stream\":\"c-b-en\",\"class\":\"voice\"");
    ask(&p, 4, "slow", ",\"class\":\"group\"");
    assert_true(peer_until(&p, "words"));
    peer_send(&p, "{\"type\":\"stats\",\"id\":9}");
    assert_true(peer_until(&p, "stats"));
    yyjson_val *streams = yyjson_obj_get(p.head, "streams");
    assert_int_equal(yyjson_arr_size(streams), 3);
    yyjson_val *first = yyjson_arr_get(streams, 0), *second = yyjson_arr_get(streams, 1),
               *third = yyjson_arr_get(streams, 2);
    assert_string_equal(json_str(first, "name", ""), "c-a-en");
    assert_string_equal(json_str(first, "state", ""), "speaking");
    assert_string_equal(json_str(first, "class", ""), "chat");
    assert_true(json_int(first, "said", 0) >= 1 && json_int(first, "want", 0) == json_int(first, "read", -1));
    assert_string_equal(json_str(second, "class", ""), "voice");
    assert_string_equal(json_str(third, "state", ""), "waiting"); /* there are two slots */
    assert_string_equal(json_str(third, "name", "-"), "");
    assert_true(json_int(p.head, "said_tokens", 0) >= 1 && json_int(p.head, "read_tokens", 0) >= 5);
    assert_int_equal(peer_end(&p), 0);
}

static void test_deaths(void **state)
{
    (void)state;
    struct peer p;
    struct peer_answer a;
    start(&p);
    ask(&p, 1, "once", "");
    assert_false(peer_collect(&p, 1, &a));
    assert_string_equal(buf_str(&a.text), "alpha beta"); /* its last words arrive */
    peer_answer_finish(&a);
    assert_true(peer_end(&p) != 0);
    start(&p);
    say(&p, 1, "once", ",\"prefix\":\"alpha beta\"", &a);
    assert_string_equal(buf_str(&a.text), " gamma delta");
    peer_answer_finish(&a);
    ask(&p, 2, "always", ",\"prefix\":\"alpha\"");
    assert_false(peer_collect(&p, 2, &a));
    peer_answer_finish(&a);
    assert_true(peer_end(&p) != 0);
    start(&p);
    ask(&p, 1, "garbage", "");
    assert_false(peer_collect(&p, 1, &a));
    assert_true(p.broken);
    peer_answer_finish(&a);
    peer_end(&p);
}

static void test_broken_frames(void **state)
{
    (void)state;
    struct peer p;
    start(&p);
    assert_int_equal(send(p.fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, MSG_NOSIGNAL), 8);
    assert_null(peer_receive(&p)); /* no byte after it can be trusted */
    assert_int_equal(peer_end(&p), 0);
}

static long anonymous_kb(pid_t pid)
{
    char path_[64], line[256];
    long kb = 0;
    snprintf(path_, sizeof(path_), "/proc/%d/status", (int)pid);
    FILE *f = fopen(path_, "r");
    while (f && fgets(line, sizeof(line), f))
        sscanf(line, "RssAnon: %ld", &kb);
    if (f)
        fclose(f);
    return kb;
}

/* A daemon that does not read stalls its engine at some 256 KiB of output instead of the 11 MiB that this answer makes;
 * and all of it is there when it reads again. The request is small, so that only output can take much memory. */
static void test_back_pressure(void **state)
{
    (void)state;
    enum { WORDS = 2000, TIMES = 80 };
    struct peer p;
    struct peer_answer a;
    const struct timespec nap = { .tv_sec = 1 };
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_puts(&text, "flood ");
    for (int i = 1; i < WORDS; i++)
        buf_puts(&text, "word ");
    start(&p);
    long before = anonymous_kb(p.pid);
    ask(&p, 1, buf_str(&text), "");
    nanosleep(&nap, NULL);
    long grown = anonymous_kb(p.pid) - before;
    assert_true(peer_collect(&p, 1, &a));
    assert_true(a.text.len >= (size_t)WORDS * TIMES * 5 && a.tokens >= WORDS * TIMES);
    if (grown >= 6000)
        fail_msg("the engine grew by %ld KiB while nobody read", grown);
    peer_answer_finish(&a);
    buf_finish(&text);
    peer_end(&p);
}

static void expect(struct peer *p, int id, const char *request, const char *wanted)
{
    struct peer_answer a;
    peer_send(p, "%s", request);
    assert_true(peer_collect(p, id, &a));
    assert_string_equal(buf_str(&a.text), wanted);
    peer_answer_finish(&a);
}

/* It counts what it had read of a stream, from the beginning to the first word that is another; what it was given to read
 * and what it said count alike. */
static void test_memory(void **state)
{
    (void)state;
    struct peer p;
    start(&p);
    assert_int_equal(json_int(p.head, "context_size", 0), 2000);
#define STREAM(type, id, keep, messages)                                                                               \
    "{\"type\":\"" type "\",\"id\":" id ",\"stream\":\"s-1\",\"keep\":" keep ",\"messages\":[" messages "]}"
#define SAYS(role, text) "{\"role\":\"" role "\",\"content\":\"" text "\"}"
    peer_send(&p, STREAM("read", "1", "0", SAYS("user", "one two three")));
    expect(&p, 2, STREAM("generate", "2", "0", SAYS("user", "one two count")),
           "2 of 7"); /* in the middle of a message */
    expect(&p, 3, STREAM("generate", "3", "1", SAYS("assistant", "2 of 7") "," SAYS("user", "count")), "14 of 19");
    expect(&p, 4, STREAM("generate", "4", "0", SAYS("user", "list")), "s-1 4: 14 of 19");
    peer_send(&p, "{\"type\":\"drop\",\"id\":5,\"streams\":\"s-\"}");
    expect(&p, 6, STREAM("generate", "6", "0", SAYS("user", "count")), "0 of 5");
    assert_int_equal(peer_end(&p), 0);
}

static void test_cannot_start(void **state)
{
    (void)state;
    struct peer p;
    peer_start(&p, "script", "/nowhere/script.txt", NULL, NULL);
    assert_true(peer_until(&p, "failed"));
    assert_true(*json_str(p.head, "message", ""));
    assert_int_equal(peer_end(&p), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ready),         cmocka_unit_test(test_answers),      cmocka_unit_test(test_errors),
        cmocka_unit_test(test_cancel),        cmocka_unit_test(test_deaths),       cmocka_unit_test(test_broken_frames),
        cmocka_unit_test(test_back_pressure), cmocka_unit_test(test_cannot_start), cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_memory),        cmocka_unit_test(test_stats),
    };
    return cmocka_run_group_tests(tests, write_script, remove_script);
}
