/* Chats as files: dates in every form, what is refused with its line, and numbers of alternatives. */
#include "agent/chat_log.h"

#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void reads(const char *file, const char *wanted)
{
    struct chat_log *l;
    struct buf b;
    anima_error err;
    if (chat_log_parse(file, strlen(file), 7, &l, &err))
        fail_msg("%s", err.message);
    buf_init(&b, 1 << 20);
    buf_printf(&b, "%s@%lld|", l->log.info.title, (long long)l->log.info.created_ms);
    for (size_t i = 0; i < l->log.n_turns; i++) {
        const anima_turn *t = &l->log.turns[i];
        buf_printf(&b, "%d:%s%s%s@%lld v%d/%d|", (int)t->seq, t->person_name, *t->person_name ? ":" : "", t->text,
                   (long long)t->created_ms, t->variant, t->variants);
    }
    for (size_t i = 0; i < l->log.n_variants; i++)
        buf_printf(&b, "(%d %d:%s)", (int)l->log.variants[i].seq, l->log.variants[i].variant, l->log.variants[i].text);
    assert_string_equal(buf_str(&b), wanted);
    buf_finish(&b);
    chat_log_free(l);
}

static void test_what_is_read(void **state)
{
    (void)state;
    reads("\xEF\xBB\xBF{\"user_name\":\"A\",\"create_date\":1700000000000}\r\n{\"mes\":\"a\",\"swipes\":[\"x\",\"y\","
          "\"a\"],\"swipe_id\":2}",
          "@1700000000000|1:a@1700000000000 v2/3|(1 0:x)(1 1:y)");
    reads("{\"mes\":\"a\",\"swipes\":[\"a\",\"\",7,\"y\"],\"swipe_id\":0}", "@7|1:a@7 v0/2|(1 1:y)");
    reads("{\"mes\":\"a\",\"swipes\":[\"a\",\"b\"],\"swipe_id\":9}\n{\"mes\":\"b\",\"swipes\":\"b\"}",
          "@7|1:a@7 v0/1|2:b@7 v0/1|"); /* nonsense is no reason to refuse a chat */
    reads("{\"mes\":\"Say\\nit\",\"is_user\":true,\"name\":\" B\\u0007b \",\"swipes\":[\"x\",\"y\"]}",
          "Say@7|1:B_b:Say\nit@7 v0/1|");
    reads("{\"anima\":1,\"title\":\"T\",\"created_ms\":1700000000000}\n"
          "{\"role\":\"character\",\"text\":\"b\",\"variant\":1,\"alternatives\":[{\"text\":\"a\"},{\"text\":\"c\"}]}",
          "T@1700000000000|1:b@1700000000000 v1/3|(1 0:a)(1 2:c)");
}

static void refused(const char *data, size_t n, int code, const char *why)
{
    struct chat_log *l;
    anima_error err = { 0 };
    assert_int_equal(chat_log_parse(data, n, 7, &l, &err), code);
    assert_null(l);
    if (!strstr(err.message, why))
        fail_msg("%s", err.message);
}

static void test_limits(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64 << 20);
    for (int i = 0; i < CHAT_LOG_LINES + 1; i++)
        buf_puts(&b, "{\"mes\":\"a\"}\n");
    refused(buf_str(&b), b.len, ANIMA_E_LIMIT, "lines");
    buf_reset(&b);
    buf_puts(&b, "{\"mes\":\"a\"}\n{\"is_user\":true,\"mes\":\"");
    for (int i = 0; i < 70000; i++)
        buf_puts(&b, "x");
    buf_puts(&b, "\"}");
    refused(buf_str(&b), b.len, ANIMA_E_LIMIT, "line 2");
    buf_reset(&b);
    buf_puts(&b, "{\"mes\":\"a\",\"swipes\":[\"a\"");
    for (int i = 0; i < 300; i++)
        buf_puts(&b, ",\"b\"");
    buf_puts(&b, "],\"swipe_id\":0}");
    refused(buf_str(&b), b.len, ANIMA_E_LIMIT, "alternatives");
    buf_reset(&b);
    buf_puts(&b, "{\"mes\":\"a\",\"x\":");
    for (int i = 0; i < 100; i++)
        buf_puts(&b, "[");
    refused(buf_str(&b), b.len, ANIMA_E_LIMIT, "deeper");
    buf_finish(&b);
    char *huge = mem_zero(1, CHAT_LOG_MAX + 1);
    refused(huge, CHAT_LOG_MAX + 1, ANIMA_E_LIMIT, "MiB");
    mem_free(huge);
    refused("{\"mes\":\"\xff\"}", 11, ANIMA_E_INVALID, "line 1");
}

static void test_out_of_memory(void **state)
{
    (void)state;
    static const char file[] = "{\"anima\":1,\"title\":\"T\"}\n{\"role\":\"person\",\"text\":\"b\"}\n"
                               "{\"role\":\"character\",\"text\":\"b\",\"alternatives\":[{\"text\":\"a\"}]}";
    for (long n = 1; n < 30; n++) {
        struct chat_log *l;
        mem_fail_at(n, 0);
        int rc = chat_log_parse(file, sizeof(file) - 1, 7, &l, NULL);
        mem_fail_at(0, 0);
        assert_true(rc == 0 || rc == ANIMA_E_NOMEM);
        chat_log_free(l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_read),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
