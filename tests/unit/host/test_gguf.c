/* The check of model files against a small file built here: cut at every byte, with every bit turned, and with lengths
 * that lie. Whatever the bytes are, the check ends with an answer (the sanitizer builds see to the rest). */
#include "base/buf.h"
#include "base/utf8.h"
#include "host/gguf_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { U32 = 4, STRING = 8, ARRAY = 9 };

static void put(struct buf *b, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)(value >> (8 * i));
        buf_append(b, &c, 1);
    }
}

static void put_string(struct buf *b, const char *s)
{
    put(b, strlen(s), 8);
    buf_puts(b, s);
}

static void key_u32(struct buf *b, const char *key, uint32_t value)
{
    put_string(b, key);
    put(b, U32, 4);
    put(b, value, 4);
}

static void key_string(struct buf *b, const char *key, const char *value)
{
    put_string(b, key);
    put(b, STRING, 4);
    put_string(b, value);
}

/* A model with one F32 tensor of 8 x 4 = 128 bytes. */
static size_t build(struct buf *b, const char *name)
{
    buf_init(b, 1 << 20);
    buf_puts(b, "GGUF");
    put(b, 3, 4);
    put(b, 1, 8);
    put(b, 8, 8);
    key_string(b, "general.architecture", "llama");
    key_string(b, "general.name", name);
    key_u32(b, "llama.block_count", 30);
    key_u32(b, "llama.embedding_length", 576);
    key_u32(b, "llama.attention.head_count", 9);
    key_u32(b, "llama.attention.head_count_kv", 3);
    key_u32(b, "llama.context_length", 2048);
    put_string(b, "tokenizer.ggml.tokens");
    put(b, ARRAY, 4);
    put(b, STRING, 4);
    put(b, 2, 8);
    put_string(b, "a");
    put_string(b, "b");
    put_string(b, "token_embd.weight");
    put(b, 2, 4);
    put(b, 8, 8);
    put(b, 4, 8);
    put(b, 0, 4);
    put(b, 0, 8);
    size_t head = b->len;
    while (b->len % 32)
        put(b, 0, 1);
    for (int i = 0; i < 128; i++)
        put(b, 0, 1);
    return head;
}

static int check(const void *data, size_t n, struct gguf_facts *facts, anima_error *err)
{
    /* A copy of exactly n bytes, so that a read behind the end is seen. */
    unsigned char *copy = malloc(n ? n : 1);
    memcpy(copy, data, n);
    int rc = gguf_check(copy, n, n, "m.gguf", facts, err);
    free(copy);
    return rc;
}

static void test_facts(void **state)
{
    (void)state;
    struct buf b;
    struct gguf_facts f;
    anima_error err = { 0 };
    build(&b, "tiny");
    if (check(b.data, b.len, &f, &err))
        fail_msg("%s", err.message);
    assert_string_equal(f.architecture, "llama");
    assert_string_equal(f.name, "tiny");
    assert_int_equal(f.blocks, 30);
    assert_int_equal(f.context_train, 2048);
    assert_int_equal(f.data_end, b.len);
    assert_int_equal(gguf_kv_bytes_per_token(&f), 30 * 3 * 64 * 2 * 2); /* 23,040: what was measured for this shape */
    buf_finish(&b);
}

static void test_cut(void **state)
{
    (void)state;
    struct buf b;
    struct gguf_facts f;
    build(&b, "tiny");
    for (size_t n = 0; n < b.len; n++) {
        anima_error err = { 0 };
        assert_int_equal(check(b.data, n, &f, &err), ANIMA_E_MODEL);
        assert_non_null(strstr(err.message, "m.gguf"));
    }
    anima_error err = { 0 };
    check(b.data, b.len - 1, &f, &err);
    assert_non_null(strstr(err.message, "fetch it again"));
    buf_finish(&b);
}

static void test_bits(void **state)
{
    (void)state;
    struct buf b;
    struct gguf_facts f;
    size_t head = build(&b, "tiny");
    for (size_t i = 0; i < head; i++)
        for (int bit = 0; bit < 8; bit++) {
            anima_error err = { 0 };
            b.data[i] = (char)(b.data[i] ^ (1 << bit));
            int rc = check(b.data, b.len, &f, &err);
            assert_true(rc == ANIMA_OK || (rc == ANIMA_E_MODEL && *err.message));
            if (!rc)
                assert_true(f.data_end <= b.len);
            b.data[i] = (char)(b.data[i] ^ (1 << bit));
        }
    buf_finish(&b);
}

static void test_lies(void **state)
{
    (void)state;
    static const uint64_t lies[] = { UINT64_MAX, UINT64_MAX - 7, INT64_MAX, 1ULL << 32, 1ULL << 61, 0 };
    struct buf b;
    struct gguf_facts f;
    size_t head = build(&b, "tiny");
    for (size_t at = 8; at + 8 <= head; at++)
        for (size_t k = 0; k < sizeof(lies) / sizeof(lies[0]); k++) {
            anima_error err = { 0 };
            char kept[8];
            memcpy(kept, b.data + at, 8);
            memcpy(b.data + at, &lies[k], 8);
            int rc = check(b.data, b.len, &f, &err);
            assert_true(rc == ANIMA_OK || rc == ANIMA_E_MODEL);
            gguf_kv_bytes_per_token(&f);
            memcpy(b.data + at, kept, 8);
        }
    buf_finish(&b);
}

/* A name is foreign text that goes into frames: valid UTF-8, whatever the file holds. */
static void test_names(void **state)
{
    (void)state;
    /* broken bytes; a name longer than what is kept, whose cut would fall into a character; a plain one */
    char longest[301];
    for (int i = 0; i < 100; i++)
        memcpy(longest + i * 3, "模", 4);
    const char *const names[] = { "\xFF\xFE", longest, "ok" };
    for (size_t i = 0; i < 3; i++) {
        struct buf b;
        struct gguf_facts f;
        anima_error err = { 0 };
        build(&b, names[i]);
        assert_int_equal(check(b.data, b.len, &f, &err), 0);
        assert_true(*f.name && utf8_valid(f.name, strlen(f.name)));
        buf_finish(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_facts), cmocka_unit_test(test_cut),
                                        cmocka_unit_test(test_bits), cmocka_unit_test(test_lies),
                                        cmocka_unit_test(test_names) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
