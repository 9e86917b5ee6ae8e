/* What would give somebody away is masked, in both languages; numbers of every day stay. */
#include "corpus/mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct masks *masks;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 16u << 20);
    return masks_create(&masks, NULL);
}

static int teardown(void **state)
{
    (void)state;
    masks_destroy(masks);
    arena_finish(&arena);
    return 0;
}

static const char *masked(const char *text, const char *language, size_t counts[CORPUS_MASKS])
{
    const char *out;
    anima_error err = { 0 };
    if (masks_apply(masks, &arena, text, language, counts, &out, &err))
        fail_msg("\"%s\": %s", text, err.message);
    return out;
}

static void test_masked(void **state)
{
    (void)state;
    static const struct {
        const char *language, *text, *want;
        enum corpus_mask mask;
    } cases[] = {
        { "zh", "我邮箱是abc.d-1@qq.com，发我。", "我邮箱是[邮箱]，发我。", CORPUS_MASK_MAIL },
        { "en", "Mail me: Jo.Smith+x@mail.example.co.uk.", "Mail me: [mail address].", CORPUS_MASK_MAIL },
        { "zh", "我电话13812345678你记一下", "我电话[电话号码]你记一下", CORPUS_MASK_PHONE },
        { "zh", "打138 1234 5678", "打[电话号码]", CORPUS_MASK_PHONE },
        { "zh", "打138-1234-5678。", "打[电话号码]。", CORPUS_MASK_PHONE },
        { "zh", "+86 138 1234 5678", "[电话号码]", CORPUS_MASK_PHONE },
        { "zh", "号码１３８１２３４５６７８", "号码[电话号码]", CORPUS_MASK_PHONE },
        { "zh", "座机0571-88123456转2", "座机[电话号码]转2", CORPUS_MASK_PHONE },
        { "zh", "座机（010）88123456", "座机[电话号码]", CORPUS_MASK_PHONE },
        { "en", "Call (555) 012-3456 now", "Call [phone number] now", CORPUS_MASK_PHONE },
        { "en", "555-012-3456", "[phone number]", CORPUS_MASK_PHONE },
        { "en", "It's 1-555-012-3456.", "It's [phone number].", CORPUS_MASK_PHONE },
        { "en", "+44 20 7946 0958", "[phone number]", CORPUS_MASK_PHONE },
        { "en", "+44 (0)20 7946 0958", "[phone number]", CORPUS_MASK_PHONE },
        { "en", "0049 30 901820", "[phone number]", CORPUS_MASK_PHONE },
        { "en", "ring 020 7946 0958", "ring [phone number]", CORPUS_MASK_PHONE },
        { "en", "07700 900123", "[phone number]", CORPUS_MASK_PHONE },
        { "zh", "身份证11010519491231002X", "身份证[证件号]", CORPUS_MASK_ID },
        { "zh", "身份证110105194912310021。", "身份证[证件号]。", CORPUS_MASK_ID },
        { "en", "My SSN is 078-05-1120", "My SSN is [ID number]", CORPUS_MASK_ID },
        { "en", "NI number QQ 12 34 56 C", "NI number [ID number]", CORPUS_MASK_ID },
        { "zh", "护照E12345678", "护照[证件号]", CORPUS_MASK_ID },
        { "zh", "护照EA1234567。", "护照[证件号]。", CORPUS_MASK_ID },
        { "zh", "卡号6222020200112230", "卡号[卡号]", CORPUS_MASK_CARD },
        { "en", "4111 1111 1111 1111", "[card number]", CORPUS_MASK_CARD },
        { "en", "4111-1111-1111-1111 exp 12/27", "[card number] exp 12/27", CORPUS_MASK_CARD },
        { "en", "amex 3782 822463 10005", "amex [card number]", CORPUS_MASK_CARD },
        { "zh", "卡号４１１１１１１１１１１１１１１１", "卡号[卡号]", CORPUS_MASK_CARD },
        { "en", "4111 1111 1111 1112", "[number]", CORPUS_MASK_NUMBER },
        { "en", "order 123456789", "order [number]", CORPUS_MASK_NUMBER },
        { "zh", "单号SF1234567890123", "单号SF[号码]", CORPUS_MASK_NUMBER },
        { "zh", "服务器192.168.1.20挂了", "服务器[IP 地址]挂了", CORPUS_MASK_IP },
        { "en", "ping 10.0.0.1.", "ping [IP address].", CORPUS_MASK_IP },
        { "en", "2001:db8::ff00:42:8329 is down", "[IP address] is down", CORPUS_MASK_IP },
        { "en", "2001:0db8:0000:0000:0000:ff00:0042:8329", "[IP address]", CORPUS_MASK_IP },
        { "en", "git at https://jo:hunter2@example.com/x.git!", "git at [link]", CORPUS_MASK_URL },
        { "zh", "打开https://example.com/a?id=3&token=abc123，", "打开[网址]，", CORPUS_MASK_URL },
        { "en", "http://example.com/#access_token=abc", "[link]", CORPUS_MASK_URL },
        { "en", "postgres://app:pw@db.example.com/x", "[link]", CORPUS_MASK_URL },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t counts[CORPUS_MASKS] = { 0 };
        const char *out = masked(cases[i].text, cases[i].language, counts);
        if (strcmp(out, cases[i].want) != 0 || counts[cases[i].mask] != 1)
            fail_msg("\"%s\" becomes \"%s\", not \"%s\" (%s %zu)", cases[i].text, out, cases[i].want,
                     corpus_mask_name(cases[i].mask), counts[cases[i].mask]);
    }
}

static void test_left(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "我1998年生的，今年27岁。",
        "长桥路128号3单元1502",
        "42 Baker Street, flat 12, London NW1 6XE",
        "早上9:30到17:45，2026-11-28那天",
        "On 28.11.2026 at 10:30:45",
        "It cost 1,299.00, not 12999.",
        "一共12345678块",
        "圆周率3.14159265358979",
        "Pi is 3.14159265358979, roughly.",
        "version 2.10.4",
        "count: 1 2 3 4 5 6 7 8 9 10 11 12 13 14",
        "Room 1001-1002, bus 315, flight CA1234",
        "打110，打12320，或者400-161-9995",
        "Ring 999, 116 123, 988 or 1-800-273-8255",
        "https://example.com/about?id=3&page=2",
        "me@home, @anna, 5@6",
        "ratio 3::4, a::b, std::string",
        "他-13度，我+10度",
        "16 * 1000000 = 16000000",
        "G7321次，8车12F",
        "KB5034441 failed with 0x80070643",
        "1984, 2001 and 2049",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t counts[CORPUS_MASKS] = { 0 };
        const char *out = masked(texts[i], "en", counts);
        if (out != texts[i])
            fail_msg("\"%s\" becomes \"%s\"", texts[i], out);
        for (size_t k = 0; k < CORPUS_MASKS; k++)
            assert_int_equal(counts[k], 0);
    }
}

static void test_several(void **state)
{
    (void)state;
    size_t counts[CORPUS_MASKS] = { 0 };
    assert_string_equal(masked("a@b.cn 13812345678 c@d.cn，13912345678", "zh", counts),
                        "[邮箱] [电话号码] [邮箱]，[电话号码]");
    assert_int_equal(counts[CORPUS_MASK_MAIL], 2);
    assert_int_equal(counts[CORPUS_MASK_PHONE], 2);
}

/* Long runs of what every expression begins with end in a bounded time. */
static void test_hostile(void **state)
{
    (void)state;
    static const char *const pieces[] = { "a",     "a.", "1",          "1 ", "1-",   "(0",  "+1",
                                          "1.",    "a:", "1:",         "a@", "a@b.", "://", "http://",
                                          "?a=b&", "９", "6222 0202 ", "00", "0571-" };
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        size_t n = strlen(pieces[i]), times = (16u << 10) / n;
        char *text = malloc(n * times + 1);
        assert_non_null(text);
        for (size_t k = 0; k < times; k++)
            memcpy(text + k * n, pieces[i], n);
        text[n * times] = '\0';
        size_t counts[CORPUS_MASKS] = { 0 };
        assert_non_null(masked(text, "en", counts));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_masked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_left, setup, teardown),
        cmocka_unit_test_setup_teardown(test_several, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hostile, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
