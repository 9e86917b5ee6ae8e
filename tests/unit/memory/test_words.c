/* Text becomes tokens: what is one, where it stands, what it is folded to; and that any bytes do. */
#include "memory/words.h"

#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct words *words;

static int setup(void **state)
{
    (void)state;
    return words_create(&words, NULL);
}

static int teardown(void **state)
{
    (void)state;
    words_free(words);
    return 0;
}

/* "token token …"; a position that stays free is "_", what shares one with another stands behind '/'. */
struct list {
    struct buf out;
    size_t next; /* position */
};

static int put(void *ctx, const struct words_token *t)
{
    struct list *list = ctx;
    bool extra = t->kind == WORDS_SURFACE || t->kind == WORDS_PAIR;
    if (t->kind == WORDS_BREAK)
        return 0;
    for (; !extra && list->next < t->position; list->next++)
        buf_puts(&list->out, " _");
    buf_puts(&list->out, extra ? "/" : " ");
    buf_append(&list->out, t->bytes, t->n);
    if (!extra)
        list->next = t->position + 1;
    else
        buf_printf(&list->out, "@%zu", t->position);
    return 0;
}

static void check(const char *text, size_t n, unsigned flags, const char *want)
{
    struct list list = { .next = 0 };
    buf_init(&list.out, 8u << 20);
    assert_int_equal(words_each(words, text, n, flags, put, &list), 0);
    const char *got = list.out.len ? buf_str(&list.out) + 1 : "";
    if (strcmp(got, want) != 0)
        fail_msg("\"%s\" gives \"%s\", not \"%s\"", text, got, want);
    buf_finish(&list.out);
}

static void test_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "", "" },
        { " \n\t.,;!?—…()", "" },
        { "The cats were Running, happily.", "the cat were run happili" },
        { "Ann's dogs' toys; it’s what she'll do, I'm sure they'd've", "ann dog toy it what she do i sure theyd" },
        { "don't DON’T dont", "dont dont dont" },
        { "O'Brien rock'n'roll", "obrien rocknrol" },
        { "'s 'tis ''", "s tis" },
        { "The U.S.A. and the u.k., e.g. end.Next a.bc", "the usa and the uk eg end next a bc" },
        { "example.com/some_path?x=1", "exampl com some path x 1" },
        { "_really_ well-known", "realli well known" },
        { "café Café naïve Ångström nǐ hǎo", "cafe cafe naiv angstrom ni hao" },
        { "cafe\xCC\x81 e\xCC\x81\xCC\x82t", "cafe et" },
        { "Straße ﬁsh ŒUVRE", "strass fish œuvre" },
        { "ＩＰＨＯＮＥ１５　ｏｋ", "iphon 15 ok" },
        { "МОСКВА Αθήνα שלום مرحبا", "москва αθήνα שלום مرحبا" },
        /* numbers */
        { "2023, 3.5 10k 3rd 1990s 5kg 10min", "2023 3.5 10k 3rd 1990s 5kg 10 min" },
        { "30,000 1,234,567.89 1,2,3 1234,567 12,34", "30000 1234567.89 1 2 3 1234 567 12 34" },
        { "2023-05-01 10:30 192.168.1.1 $5 50%", "2023 05 01 10 30 192.168.1.1 5 50" },
        { "½ m² ① 5㎏", "1 2 m2 1 5kg" },
        { "covid19 COVID-19 mp3 b2b x86 h2o a1b2", "covid 19 covid 19 mp 3 b2b x86 h2o a1b2" },
        /* Chinese, kana, hangul */
        { "我喜欢北京", "我 喜 欢 北 京" },
        { "我喜欢北。京都很美", "我 喜 欢 北 _ 京 都 很 美" },
        { "，北，", "北" },
        { "台灣 台湾", "台 灣 _ 台 湾" },
        { "第二十三章〇々", "第 二 十 三 章 〇 々" },
        { "an\xE1\x86\xAB @\xE0\xB8\xB1 \xE0\xB8\xB1\xE0\xB8\x81", "an ᆫ ก" }, /* a loose final; marks on nothing */
        { "買ったコーヒー、한국어 말", "買 っ た コ ー ヒ ー _ 한 국 어 _ 말" },
        { "ﾊﾟｿｺﾝ 한", "パ ソ コ ン _ 한" },
        { "㍿", "株 式 会 社" },
        { "𠮷野家", "𠮷 野 家" },
        /* mixed */
        { "买了iPhone15，花了8,999元", "买 了 iphon 15 花 了 8999 元" },
        { "买了 iPhone 15", "买 了 iphon 15" },
        { "２０２３年５月", "2023 年 5 月" },
        { "北(1)京 北 a 京", "北 1 京 _ 北 a 京" },
        { "A计划B", "a 计 划 b" },
        /* emoji */
        { "好🎉🎉！", "好 🎉 🎉" },
        { "👨‍👩‍👧 👍🏽 👍 ❤️ ❤", "👨‍👩‍👧 👍 👍 ❤ ❤" },
        { "🇨🇳🇫🇷🇬", "🇨🇳 🇫🇷 🇬" },
        { "🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ iPhone™ ©2023", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 1 iphon 2023" },
        { "👨‍x", "👨 x" },
        /* what is not seen */
        { "a\xE2\x80\x8B"
          "b co\xC2\xAD"
          "op \xEF\xBB\xBFhi",
          "ab coop hi" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(cases[i].text, strlen(cases[i].text), 0, cases[i].want);
}

static void test_flags(void **state)
{
    (void)state;
    static const char text[] = "running 喜欢北京。上海 cats cat";
    check(text, strlen(text), WORDS_SURFACES, "run/running@0 喜 欢 北 京 _ 上 海 cat/cats@8 cat");
    check(text, strlen(text), WORDS_PAIRS, "run 喜 欢/喜欢@1 北/欢北@2 京/北京@3 _ 上 海/上海@6 cat cat");
}

/* The bytes that a token stands for. */
struct range {
    const char *token;
    size_t start, end, found;
};

static int find(void *ctx, const struct words_token *t)
{
    struct range *r = ctx;
    if (t->n == strlen(r->token) && memcmp(t->bytes, r->token, t->n) == 0) {
        assert_int_equal(t->start, r->start);
        assert_int_equal(t->end, r->end);
        r->found++;
    }
    return 0;
}

static void test_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct range range;
    } cases[] = {
        { "  Running!", { "run", 2, 9, 0 } },   { "去北京", { "京", 6, 9, 0 } },
        { "在Ａｂ里", { "ab", 3, 9, 0 } },      { "x e\xCC\x81t y", { "et", 2, 6, 0 } },
        { "a 30,000 b", { "30000", 2, 8, 0 } }, { "ok 👍🏽!", { "👍", 3, 11, 0 } },
        { "a㎏b", { "akgb", 0, 5, 0 } },        { "北。京", { ".", 3, 6, 0 } },
        { "北京", { "北京", 0, 6, 0 } },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct range r = cases[i].range;
        assert_int_equal(words_each(words, cases[i].text, strlen(cases[i].text), WORDS_BREAKS | WORDS_PAIRS, find, &r),
                         0);
        if (r.found != 1)
            fail_msg("\"%s\" gives \"%s\" %zu times", cases[i].text, r.token, r.found);
    }
}

static void test_bytes(void **state)
{
    (void)state;
    check("a\0b", 3, 0, "a b");
    check("ab\xFF\xFE"
          "cd\xE4\xB8",
          8, 0, "ab cd");
    check("\xE4\xB8\xAD\x80\xE6\x96\x87", 7, 0, "中 _ 文");
    check("\xED\xA0\x80 \xF4\x90\x80\x80 \xC0\xAF x", 13, 0, "x");
    assert_int_equal(words_each(words, "a", (size_t)INT32_MAX + 1, 0, put, NULL), ANIMA_E_LIMIT);
}

struct tally {
    size_t tokens, longest, stop;
    char last[WORDS_LONG];
    size_t n_last;
};

static int count(void *ctx, const struct words_token *t)
{
    struct tally *tally = ctx;
    tally->tokens++;
    tally->longest = t->n > tally->longest ? t->n : tally->longest;
    assert_in_range(t->n, 1, WORDS_LONG);
    memcpy(tally->last, t->bytes, t->n);
    tally->n_last = t->n;
    return tally->tokens == tally->stop ? 7 : 0;
}

static struct tally tally_of(const char *text, size_t n)
{
    struct tally tally = { 0 };
    assert_int_equal(words_each(words, text, n, WORDS_PAIRS | WORDS_BREAKS | WORDS_SURFACES, count, &tally), 0);
    return tally;
}

static void test_long(void **state)
{
    (void)state;
    char text[400];
    memset(text, 'q', sizeof(text));
    struct tally fits = tally_of(text, WORDS_LONG), one = tally_of(text, WORDS_LONG + 1);
    struct tally again = tally_of(text, WORDS_LONG + 1), other = tally_of(text, sizeof(text));
    assert_int_equal(fits.n_last, WORDS_LONG);
    assert_true(one.tokens == 1 && one.n_last == 17 && one.last[0] == '#');
    assert_memory_equal(one.last, again.last, 17);
    assert_memory_not_equal(one.last, other.last, 17);
}

/* A megabyte of one thing: what would be quadratic does not end. */
static void test_megabyte(void **state)
{
    (void)state;
    static const struct {
        const char *piece;
        size_t least, most; /* tokens */
    } cases[] = {
        { "q", 1, 1000 },
        { "\xCC\x81", 0, 0 },
        { "e\xCC\xA3\xCC\x81", 1, 1000 },
        { "👨\xE2\x80\x8D", 1, 1u << 18 },
        { "🇨", 1, 1u << 18 },
        { "'", 0, 0 },
        { "a.", 1, 1u << 20 },
        { "1,", 1, 1u << 20 },
        { "1,000,", 1, 1u << 20 },
        { "ก", 1, 1u << 20 },
        { "ﷺ", 1, 1u << 22 },
        { "\xFF", 0, 0 },
        { "汉", 600000, 700000 },
        { "word ", 209715, 209715 },
        { "a1", 1, 1000 },
    };
    size_t n = 1u << 20;
    char *text = mem_alloc(n);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t piece = strlen(cases[i].piece);
        for (size_t at = 0; at < n; at++)
            text[at] = cases[i].piece[at % piece];
        struct tally tally = tally_of(text, n - n % piece);
        if (tally.tokens < cases[i].least || tally.tokens > cases[i].most)
            fail_msg("a megabyte of \"%s\" gives %zu tokens", cases[i].piece, tally.tokens);
    }
    mem_free(text);
}

static void test_stop(void **state)
{
    (void)state;
    struct tally tally = { .stop = 2 };
    assert_int_equal(words_each(words, "one 二 three 四", 17, 0, count, &tally), 7);
    assert_int_equal(tally.tokens, 2);
    check("clean again", 11, 0, "clean again"); /* nothing of the walk that was ended is left */
}

static int is_common(void *ctx, const struct words_token *t)
{
    if (t->kind == WORDS_WORD || t->kind == WORDS_PAIR)
        *(int *)ctx += words_common(t->bytes, t->n) ? 1 : 100;
    return 0;
}

static int rate(const char *text)
{
    int common = 0;
    assert_int_equal(words_each(words, text, strlen(text), WORDS_PAIRS, is_common, &common), 0);
    return common;
}

static void test_common(void **state)
{
    (void)state;
    assert_int_equal(rate("The very because does wasn't Everybody's themselves remembering"), 8);
    assert_int_equal(rate("什么 我们 the"), 3);
    assert_int_equal(rate("Hamburg piano mother May 北京 妈妈"), 600);
    assert_true(words_common("的", 3) && words_common("a", 1) && words_common("都是", 6));
    assert_false(words_common("", 0) || words_common("猫", 3) || words_common("th", 2) || words_common("then\0", 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens), cmocka_unit_test(test_flags),  cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_bytes),  cmocka_unit_test(test_long),   cmocka_unit_test(test_megabyte),
        cmocka_unit_test(test_stop),   cmocka_unit_test(test_common),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
