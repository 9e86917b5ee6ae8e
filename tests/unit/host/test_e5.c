/* The embedding driver with the real model: the same in other words is nearer than something else, in both languages; both
 * ways of computing agree; a file that is another one is refused. ANIMA_TEST_E5: e5-small-q4.bin; skipped without it. */
#include "base/fs.h"
#include "base/mem.h"
#include "engine_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DIM 384
#define SHA "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

static const char *model(void)
{
    const char *path = getenv("ANIMA_TEST_E5");
    if (!path || access(path, R_OK) != 0)
        skip();
    return path;
}

static void start(struct peer *p, const char *more)
{
    char options[200];
    snprintf(options, sizeof(options), "{\"sha256\":\"" SHA "\"%s}", more);
    peer_start(p, "embed_e5", model(), options, NULL);
    assert_true(peer_until(p, "ready"));
    assert_int_equal(json_int(p->head, "dim", 0), DIM);
}

static const float *embed(struct peer *p, const char *kind, const char *texts, size_t n)
{
    static float vectors[64 * DIM];
    peer_send(p, "{\"type\":\"embed\",\"id\":1,\"kind\":\"%s\",\"texts\":[%s]}", kind, texts);
    assert_true(peer_until(p, "vectors"));
    assert_int_equal(json_int(p->head, "n", 0), n);
    assert_int_equal(p->raw_len, n * DIM * sizeof(float));
    memcpy(vectors, p->raw, p->raw_len);
    return vectors;
}

static double cosine(const float *a, const float *b)
{
    double sum = 0;
    for (int i = 0; i < DIM; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

static void test_meaning(void **state)
{
    (void)state;
    static const char *const triples[] = {
        "\"I spent the morning down by the river, watching the boats.\",\"This morning I sat at the riverside and "
        "looked at "
        "boats go by.\",\"My landlord wants to raise the rent.\"",
        "\"今天搬了一天箱子，腰都快断了。\",\"从早到晚都在扛纸箱，我的腰疼死了。\",\"明天要不要一起去看电影？\"",
        "\"The shop was empty today.\",\"今天店里没什么人。\",\"He plays the violin badly.\"", /* across languages */
    };
    struct peer p;
    start(&p, "");
    for (size_t i = 0; i < sizeof(triples) / sizeof(triples[0]); i++)
        for (int k = 0; k < 2; k++) {
            const float *v = embed(&p, k ? "passage" : "query", triples[i], 3);
            double same = cosine(v, v + DIM), other = cosine(v, v + (size_t)2 * DIM);
            if (!(same > other + 0.03 && cosine(v, v) > 0.999 && cosine(v, v) < 1.001))
                fail_msg("triple %zu: %.3f for the same, %.3f for something else", i, same, other);
        }
    peer_end(&p);
}

/* What searches and what is searched are read differently, but find each other. */
static void test_query_and_passage(void **state)
{
    (void)state;
    static float query[DIM];
    struct peer p;
    start(&p, "");
    memcpy(query, embed(&p, "query", "\"Where does she work?\"", 1), sizeof(query));
    const float *v = embed(&p, "passage",
                           "\"Where does she work?\",\"She sells second-hand books in a small shop.\",\"The soup "
                           "is burnt again.\"",
                           3);
    assert_true(cosine(query, v) < 0.9999);
    assert_true(cosine(query, v + DIM) > cosine(query, v + (size_t)2 * DIM));
    peer_end(&p);
}

static void test_plain_code_agrees(void **state)
{
    (void)state;
    static float fast[2 * DIM];
    static const char texts[] = "\"A small shop, a lot of dust.\",\"小店，灰很多。\"";
    struct peer p;
    start(&p, "");
    memcpy(fast, embed(&p, "query", texts, 2), sizeof(fast));
    peer_end(&p);
    start(&p, ",\"plain\":1");
    assert_string_equal(json_str(p.head, "backend", ""), "CPU, plain C");
    const float *v = embed(&p, "query", texts, 2);
    assert_true(cosine(fast, v) > 0.995 && cosine(fast + DIM, v + DIM) > 0.995);
    peer_end(&p);
}

/* Long texts, empty ones, and the character that e5.c has no room for. */
static void test_odd_texts(void **state)
{
    (void)state;
    struct buf texts;
    struct peer p;
    buf_init(&texts, 1 << 20);
    buf_puts(&texts, "\"\",\"");
    for (int i = 0; i < 3000; i++)
        buf_puts(&texts, "\xEF\xB7\xBA");
    buf_puts(&texts, "\",\"");
    for (int i = 0; i < 4000; i++)
        buf_puts(&texts, i % 3 ? "长" : "long ");
    buf_puts(&texts, "\"");
    start(&p, "");
    const float *v = embed(&p, "passage", buf_str(&texts), 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(cosine(v + i * DIM, v + i * DIM) > 0.999);
    buf_finish(&texts);
    peer_end(&p);
}

static void refused(const char *path, const char *options, const char *why)
{
    struct peer p;
    peer_start(&p, "embed_e5", path, options, NULL);
    assert_true(peer_until(&p, "failed"));
    if (!strstr(json_str(p.head, "message", ""), why))
        fail_msg("%s: %s", why, json_str(p.head, "message", ""));
    assert_int_equal(peer_end(&p), 1);
}

static void test_other_files(void **state)
{
    (void)state;
    static const char right[] = "{\"sha256\":\"" SHA "\"}";
    char path[] = "/tmp/anima-e5-XXXXXX", *data;
    size_t n;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    refused(path, right, "cannot be read"); /* empty */
    assert_int_equal(fs_write(path, "E5S1 and nothing else", 21, 0600, NULL), 0);
    refused(path, right, "is not the model");
    refused(path, "{}", "sha256 is known");
    refused("/nowhere/e5.bin", right, "cannot be read");
    if (getenv("ANIMA_TEST_E5") && fs_read(getenv("ANIMA_TEST_E5"), 100u << 20, &data, &n, NULL) == 0) {
        assert_int_equal(fs_write(path, data, n / 2, 0600, NULL), 0);
        refused(path, right, "is not the model"); /* cut short */
        data[n - 1] ^= 1;
        assert_int_equal(fs_write(path, data, n, 0600, NULL), 0);
        refused(path, right, "is not the model"); /* one bit */
        mem_free(data);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_files),       cmocka_unit_test(test_meaning),
        cmocka_unit_test(test_query_and_passage), cmocka_unit_test(test_plain_code_agrees),
        cmocka_unit_test(test_odd_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
