/* The base layer: text, buffers, JSON, INI, files. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/ini.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/places.h"
#include "base/rnd.h"
#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void test_utf8_letters(void **state)
{
    (void)state;
    static const char pairs[] = "AaZzÉéÞþ××ÿÿΩωЁёЯяĀāİİŹźŻżŸŸＡａ中中";
    size_t len;
    char out[4];
    for (const char *s = pairs; *s; s += len) {
        uint32_t capital = utf8_decode(s, strlen(s), &len);
        assert_int_equal(utf8_encode(capital, out), len);
        assert_memory_equal(out, s, len);
        s += len;
        assert_int_equal(utf8_small(capital), utf8_decode(s, strlen(s), &len));
    }
    for (uint32_t c = 0; c < 0x110000; c += c == 0xD7FF ? 0x801 : 1) {
        size_t n = utf8_encode(c, out);
        assert_true(utf8_valid(out, n) && utf8_decode(out, n, &len) == c && len == n);
        assert_true(utf8_encode(utf8_small(c), out) <= n);
    }
}

static void test_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool valid;
    } cases[] = {
        { "", true },
        { "plain", true },
        { "你好", true },
        { "\xF0\x9F\x98\x80", true },
        { "\xC0\x80", false },
        { "\xC1\xBF", false },
        { "\xE0\x80\x80", false },
        { "\xED\xA0\x80", false },
        { "\xF4\x90\x80\x80", false },
        { "\x80", false },
        { "\xE4\xBD", false },
        { "a\xFFz", false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(utf8_valid(cases[i].bytes, strlen(cases[i].bytes)), cases[i].valid);
    assert_int_equal(utf8_whole("ab\xE4\xBD", 4), 2);
    assert_int_equal(utf8_whole("ab\xE4\xBD\xA0", 5), 5);
    assert_int_equal(utf8_whole("\xF0\x9F\x98", 3), 0);
    assert_int_equal(utf8_whole("", 0), 0);
    assert_int_equal(utf8_cut("你好", 6, 5), 3);
    assert_int_equal(utf8_cut("你好", 6, 2), 0);
    assert_int_equal(utf8_cut("你好", 6, 9), 6);
    char out[16];
    assert_int_equal(utf8_clean("a\xFFz", 3, out, sizeof(out)), 5);
    assert_string_equal(out, "a\xEF\xBF\xBDz");
    assert_int_equal(utf8_clean("你好你好你好", 18, out, sizeof(out)), 15);
    assert_int_equal(utf8_width("a你", 4), 3);
    assert_int_equal(utf8_width("e\xCC\x81", 3), 1);
    assert_true(utf8_is_han(0x4F60) && utf8_is_han(0x3400) && utf8_is_han(0x20000) && utf8_is_han(0x30000));
    assert_false(utf8_is_han('a') || utf8_is_han(0x3042) || utf8_is_han(0xFF0C) || utf8_is_han(0x1F600));
}

static void test_buf(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    assert_string_equal(buf_str(&b), "");
    assert_int_equal(buf_puts(&b, "hello"), 0);
    assert_int_equal(buf_printf(&b, "%d", 12345), 0);
    assert_string_equal(buf_str(&b), "hello12345");
    assert_int_equal(buf_append(&b, "x", 1), ANIMA_E_LIMIT);
    assert_int_equal(buf_append(&b, "", 0), ANIMA_E_LIMIT); /* the first failure stays */
    buf_reset(&b);
    buf_puts(&b, "abcdef");
    buf_consume(&b, 2);
    assert_string_equal(buf_str(&b), "cdef");
    buf_consume(&b, 99);
    assert_int_equal(b.len, 0);
    char *taken = buf_take(&b);
    assert_string_equal(taken, "");
    mem_free(taken);
    buf_finish(&b);
    struct buf large;
    buf_init(&large, 100000);
    char text[1000];
    memset(text, 'y', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(buf_printf(&large, "%s", text), 0); /* longer than the buffer on the stack */
    assert_string_equal(buf_str(&large), text);
    buf_finish(&large);
}

static void test_arena(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 100000);
    char *first = arena_strdup(&a, "你好");
    for (int i = 0; i < 100; i++)
        assert_int_equal((uintptr_t)arena_alloc(&a, (size_t)i * 7) % 16, 0);
    assert_string_equal(first, "你好");
    assert_string_equal(arena_printf(&a, "%s-%d", "x", 5), "x-5");
    assert_non_null(arena_alloc(&a, 20000)); /* larger than a block */
    assert_null(arena_alloc(&a, 90000));
    assert_null(arena_alloc(&a, SIZE_MAX));
    arena_finish(&a);
}

static void test_json_reading(void **state)
{
    (void)state;
    yyjson_doc *doc;
    anima_error err;
    static const char good[] = "{\"s\":\"\xE4\xBD\xA0\",\"i\":3,\"w\":4.0,\"n\":-2.5,\"b\":true}";
    assert_int_equal(json_parse(good, strlen(good), 1000, "it", &doc, &err), 0);
    yyjson_val *root = yyjson_doc_get_root(doc);
    assert_string_equal(json_str(root, "s", ""), "你");
    assert_string_equal(json_str(root, "i", "other"), "other");
    assert_int_equal(json_int(root, "i", 0), 3);
    assert_int_equal(json_int(root, "w", 0), 4);
    assert_int_equal(json_int(root, "n", 7), 7);
    assert_true(json_num(root, "n", 0) == -2.5);
    assert_true(json_bool(root, "b", false));
    assert_int_equal(json_int(NULL, "i", 9), 9);
    yyjson_doc_free(doc);
    static const char *const bad[] = { "", "{", "{\"a\":}", "[1,]", "{\"a\":\"\xFF\"}", "nul", "{} x" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(json_parse(bad[i], strlen(bad[i]), 1000, "it", &doc, &err), ANIMA_E_INVALID);
    assert_int_equal(json_parse(good, strlen(good), 5, "it", &doc, &err), ANIMA_E_LIMIT);
    char deep[400];
    memset(deep, '[', sizeof(deep));
    assert_int_equal(json_parse(deep, sizeof(deep), 1000, "it", &doc, &err), ANIMA_E_LIMIT);
    assert_non_null(strstr(err.message, "nests deeper"));
}

static void test_json_writing(void **state)
{
    (void)state;
    struct buf b;
    struct jw w;
    buf_init(&b, 4096);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_str(&w, "a", "q\"\\\n\x01 你");
    jw_arr(&w, "l");
    jw_int(&w, NULL, -5);
    jw_num(&w, NULL, 0.25);
    jw_num(&w, NULL, NAN);
    jw_bool(&w, NULL, true);
    jw_str(&w, NULL, NULL);
    jw_end_arr(&w);
    jw_obj(&w, "o");
    jw_end_obj(&w);
    jw_raw(&w, "r", "[1]", 3);
    jw_end_obj(&w);
    assert_string_equal(buf_str(&b),
                        "{\"a\":\"q\\\"\\\\\\n\\u0001 你\",\"l\":[-5,0.25,null,true,null],\"o\":{},\"r\":[1]}");
    buf_finish(&b);
}

struct seen {
    char text[400];
};

static int on_line(void *ctx, const char *section, const char *key, const char *value, int line, anima_error *err)
{
    struct seen *s = ctx;
    size_t n = strlen(s->text);
    if (strcmp(key, "stop") == 0)
        return err_set(err, ANIMA_E_INVALID, "line %d", line);
    snprintf(s->text + n, sizeof(s->text) - n, "%s/%s=%s;", section, key, value);
    return 0;
}

static void test_ini(void **state)
{
    (void)state;
    struct seen s = { "" };
    anima_error err;
    static const char text[] =
        "top = 1\n# note\n[a b]\r\nkey=  value with = and \"quotes\" \r\nq = \" spaced \"\n;x\n[c]\nempty=";
    assert_int_equal(ini_parse(text, strlen(text), "it", on_line, &s, &err), 0);
    assert_string_equal(s.text, "/top=1;a b/key=value with = and \"quotes\";a b/q= spaced ;c/empty=;");
    static const char *const bad[] = { "[open", "no value", "= 3", "\xFF = 1" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(ini_parse(bad[i], strlen(bad[i]), "it", on_line, &s, &err), ANIMA_E_INVALID);
    assert_int_equal(ini_parse("a=1\nstop=1", 10, "it", on_line, &s, &err), ANIMA_E_INVALID);
    assert_string_equal(err.message, "line 2");
    char *longline = mem_zero(1, 6000);
    memset(longline, 'k', 5000);
    assert_int_equal(ini_parse(longline, 5000, "it", on_line, &s, &err), ANIMA_E_LIMIT);
    mem_free(longline);
}

static void test_files(void **state)
{
    (void)state;
    char dir[] = "/tmp/anima-base-XXXXXX";
    anima_error err;
    assert_non_null(mkdtemp(dir));
    char *deep = fs_join(dir, "a", "b/c", (char *)NULL);
    assert_int_equal(fs_mkdirs(deep, &err), 0);
    assert_int_equal(fs_mkdirs(deep, &err), 0);
    char *file = fs_join(deep, "f", (char *)NULL), *text;
    size_t n;
    assert_int_equal(fs_write(file, "hello", 5, 0600, &err), 0);
    assert_int_equal(fs_write(file, "hello you", 9, 0600, &err), 0);
    assert_int_equal(fs_read(file, 100, &text, &n, &err), 0);
    assert_int_equal(n, 9);
    assert_string_equal(text, "hello you");
    mem_free(text);
    assert_int_equal(fs_read(file, 8, &text, &n, &err), ANIMA_E_LIMIT);
    assert_int_equal(fs_read(deep, 8, &text, &n, &err), ANIMA_E_INVALID);
    assert_int_equal(fs_read("/nowhere/at/all", 8, &text, &n, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(fs_append(file, " there", 6, 0600, &err), 0);
    assert_int_equal(fs_read(file, 100, &text, &n, &err), 0);
    assert_string_equal(text, "hello you there");
    mem_free(text);
    assert_int_equal(fs_append(deep, "x", 1, 0600, &err), ANIMA_E_IO);
    assert_int_equal(fs_mkdirs(file, &err), ANIMA_E_INVALID);
    assert_true(fs_free_bytes(dir) > 0);
    /* A tree goes with all that lies in it; what a link in it leads to stays. */
    char *beside = fs_join(dir, "beside", (char *)NULL), *link = fs_join(dir, "a", "link", (char *)NULL),
         *tree = fs_join(dir, "a", (char *)NULL);
    assert_int_equal(fs_write(beside, "stays", 5, 0600, &err), 0);
    assert_int_equal(symlink(dir, link), 0);
    fs_remove_tree(tree);
    assert_false(fs_exists(tree));
    assert_true(fs_exists(beside));
    fs_remove_tree(dir);
    assert_false(fs_exists(dir));
    mem_free(beside);
    mem_free(link);
    mem_free(tree);
    mem_free(file);
    mem_free(deep);
}

static void test_errors(void **state)
{
    (void)state;
    anima_error err;
    assert_int_equal(err_set(&err, ANIMA_E_BUSY, "port %d", 5), ANIMA_E_BUSY);
    assert_string_equal(err.message, "port 5");
    assert_int_equal(err_errno(&err, ENOSPC, "writing"), ANIMA_E_FULL);
    assert_non_null(strstr(err.message, "writing: "));
    assert_int_equal(err_set(NULL, ANIMA_E_IO, "nobody listens"), ANIMA_E_IO);
    for (int code = 0; code >= ANIMA_E_CONFLICT; code--)
        assert_int_equal(err_code(anima_error_name(code)), code);
}

static void test_clock_and_names(void **state)
{
    (void)state;
    clock_fake(1000, 5);
    assert_int_equal(clock_wall_ms(), 1000);
    assert_int_equal(clock_mono_us(), 5);
    clock_fake(-1, 0);
    assert_true(clock_wall_ms() > 1600000000000);
    char a[17], b[17];
    rnd_name(a, 16);
    rnd_name(b, 16);
    assert_int_equal(strlen(a), 16);
    assert_int_equal(strspn(a, "abcdefghijklmnopqrstuvwxyz234567"), 16);
    assert_string_not_equal(a, b);
    assert_true(rnd_equal("abc", "abc", 3));
    assert_false(rnd_equal("abc", "abd", 3));
}

static void test_failing_memory(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    mem_fail_at(1, 0);
    assert_int_equal(buf_puts(&b, "x"), ANIMA_E_NOMEM);
    mem_fail_at(0, 0);
    buf_reset(&b);
    assert_int_equal(buf_puts(&b, "x"), 0);
    buf_finish(&b);
}

static void test_large(void **state)
{
    (void)state;
    const size_t sizes[] = { 1, 4096, (2u << 20) - 1, (5u << 20) + 3 };
    for (size_t i = 0; i < 4; i++) {
        unsigned char *p = mem_alloc_large(sizes[i]);
        assert_non_null(p);
        memset(p, 0xa5, sizes[i]);
        assert_int_equal(p[sizes[i] - 1], 0xa5);
        mem_free(p);
    }
    mem_fail_at(1, 0);
    assert_null(mem_alloc_large(5u << 20));
    mem_fail_at(0, 0);
}

static void test_grow(void **state)
{
    (void)state;
    int *list = NULL;
    size_t max = 0;
    for (size_t n = 0; n < 100; n++) {
        int *grown = mem_grow(list, n, &max, sizeof(*list));
        assert_non_null(grown);
        assert_true(max > n);
        list = grown;
        list[n] = (int)n;
    }
    for (int n = 0; n < 100; n++)
        assert_int_equal(list[n], n);
    size_t before = max;
    mem_fail_at(1, 1);
    assert_null(mem_grow(list, max, &max, sizeof(*list)));
    mem_fail_at(0, 0);
    assert_int_equal(max, before);
    assert_int_equal(list[99], 99);
    assert_null(mem_grow(list, max, &max, SIZE_MAX / 4));
    mem_free(list);
}

static void test_places(void **state)
{
    (void)state;
    struct places p = { 0 };
    assert_int_equal(places_find(&p, 0), PLACES_NONE);
    for (uint32_t i = 0; i < 5000; i++) /* 0, and keys of which the low half is the same */
        assert_int_equal(places_put(&p, (uint64_t)i << 32, i), 0);
    assert_int_equal(places_put(&p, 7ull << 32, 70000), 0);
    assert_int_equal(p.n, 5000);
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(places_find(&p, (uint64_t)i << 32), i == 7 ? 70000 : i);
    assert_int_equal(places_find(&p, 5000ull << 32), PLACES_NONE);
    assert_int_equal(places_find(&p, 1), PLACES_NONE);
    while (3 * p.n < 2 * p.size) /* until there must be more room */
        assert_int_equal(places_put(&p, p.n + 1, 1), 0);
    size_t n = p.n;
    mem_fail_at(1, 0);
    assert_int_equal(places_put(&p, UINT64_MAX, 1), -1);
    mem_fail_at(0, 0);
    assert_int_equal(p.n, n);
    assert_int_equal(places_find(&p, 4999ull << 32), 4999);
    places_finish(&p);
    assert_int_equal(places_find(&p, 0), PLACES_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grow),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_utf8_letters),
        cmocka_unit_test(test_buf),
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_json_reading),
        cmocka_unit_test(test_json_writing),
        cmocka_unit_test(test_ini),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_clock_and_names),
        cmocka_unit_test(test_failing_memory),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
