/* What is left of turns that are not read any more: which pieces are kept, what the model may say of them, and how many
 * lines fit. The answers are those that the default model gave, right ones and wrong ones. */
#include "mind/summary.h"
#include "mind/summary_true.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define N(list) (sizeof(list) / sizeof((list)[0]))

static const struct {
    const char *speaker, *said, *answer;
    bool good;
} answers[] = {
    { "Tom", "Hi, I'm Tom. I just moved here from Leeds with my sister Ada.",
      "Tom moved here from Leeds with his sister Ada.", true },
    { "Tom", "I start my new job at the bakery on Monday, the 14th of March.",
      "Tom starts his new job at the bakery on Monday, the 14th of March.", true },
    { "Tom", "I have an exam tomorrow and I'm nervous.", "Tom has an exam tomorrow and is nervous.", true },
    { "Tom", "My dog is called Biscuit.", "Tom's dog is called Biscuit.", true },
    { "Maya", "I used to play the cello for twelve years before my wrist broke.",
      "Maya used to play the cello for twelve years before her wrist broke.", true },
    { "Maya", "My landlord Mr. Ellis wants 1,450 a month from September on.",
      "Maya's landlord Mr. Ellis wants 1,450 a month from September on.", true },
    { "小雨", "我下周三要去医院看牙，有点害怕。", "小雨下周三要去医院看牙，有点害怕。", true },
    { "小雨", "有十二箱书。我养了一只猫，叫豆豆，五岁了。", "小雨有十二箱书，养了一只猫，叫豆豆，五岁了。", true },
    { "阿强", "我女儿朵朵今年上三年级，数学考了62分，我有点发愁。",
      "阿强的女儿朵朵今年上三年级，数学考了62分，阿强有点发愁。", true },
    { "小雨", "今天老板批评我了，心情不好。", "小雨今天老板批评她了，心情不好。", true },
    /* what is not in the words */
    { "Tom", "Yes, from 2 in the morning. I'm a bit scared of it, honestly.", "Tom is scared of the storm.", false },
    { "小雨", "我的猫叫什么？", "小雨的猫叫小花。", false },
    { "Tom", "My dog is called Biscuit.", "Tom's dog is called Max.", false },
    { "Tom", "I start on Monday, the 14th.", "Tom starts on Monday, the 15th.", false },
    { "小雨", "我养了一只猫，五岁了。", "小雨养了一只猫，六岁了。", false },
    /* somewhere else, somebody else, not at all */
    { "Tom", "I just moved here from Leeds.", "Tom is moving to Leeds.", false },
    { "小雨", "十月十五号是我妈妈的生日，我想回成都给她过。", "小雨十月十五号过生日，想回成都给她过。", false },
    { "小雨", "我不吃花生。", "小雨吃花生。", false },
    { "Tom", "I can't swim.", "Tom can swim.", false },
    { "Tom", "Remind me of my mother's birthday.", "Tom reminds me of my mother's birthday.", false },
    { "小雨", "提醒我买票。", "小雨到时候提醒我买票。", false },
    /* what was only wanted */
    { "Tom", "I want to move to Bristol next year.", "Tom moves to Bristol next year.", false },
    { "Tom", "I want to move to Bristol next year.", "Tom wants to move to Bristol next year.", true },
    { "阿明", "我想去北京", "阿明去北京", false },
    { "阿明", "我特别不喜欢猫", "阿明特别喜欢猫", false },
    /* left out */
    { "Tom", "I go to Bristol with Ada on the 9th.", "Tom goes to Bristol with Ada.", false },
    { "Tom", "I go to Bristol with Ada on the 9th.", "Tom goes to Bristol on the 9th.", false },
    { "Tom", "My dog is called Biscuit.", "The dog is called Biscuit.", false },
};

static void test_true_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(answers); i++)
        if (true_to(answers[i].answer, answers[i].said, answers[i].speaker) != answers[i].good)
            fail_msg("%s: \"%s\" of \"%s\"", answers[i].good ? "true" : "not true", answers[i].answer, answers[i].said);
}

static void test_names_and_numbers(void **state)
{
    (void)state;
    assert_int_equal(true_names("Hello. We go to Leeds with Ada, and I'm glad."), 2);
    assert_int_equal(true_names("Tom said: \"It rains.\""), 0);
    assert_int_equal(true_numbers("1,450 a month, room 7"), 2);
    assert_int_equal(true_numbers("十月十五号，一只猫，三岁，62分"), 4);
    assert_int_equal(true_numbers("一起走一走"), 0);
    assert_int_equal(true_names("") + true_numbers(""), 0);
}

static void test_can_be_told(void **state)
{
    (void)state;
    static const char *const can[] = { "My dog Biscuit ate his food.", "I like hiking.", "我老婆在出差，她不知道。" };
    static const char *const cannot[] = { "Can you remind me?", "He ate one of my shoes.", "它总是半夜把我吵醒。",
                                          "你别跟她提。", "Promise me that you will come." };
    for (size_t i = 0; i < N(can); i++)
        if (!true_can_be_told(can[i]))
            fail_msg("it can: %s", can[i]);
    for (size_t i = 0; i < N(cannot); i++)
        if (true_can_be_told(cannot[i]))
            fail_msg("it cannot: %s", cannot[i]);
}

static size_t pieces_of(struct arena *a, const struct prompt_turn *turns, size_t n, struct summary_piece **out)
{
    size_t found;
    assert_int_equal(summary_pieces(a, turns, n, out, &found), 0);
    return found;
}

static void test_pieces(void **state)
{
    (void)state;
    static const struct prompt_turn turns[] = {
        { "Tom", "haha" },
        { NULL, "Leeds is a long way from my shop, 300 miles." }, /* the character's own life is in its lore */
        { "Tom", "What do you do all day? I like hiking." },
        { "Tom", "My dog is called Biscuit. OK. Can you remind me to call my mother before the weekend?" },
        { NULL, "I'll remind you on Friday." },
        { "小雨", "你好！我叫小雨，今天刚搬到杭州。你平时喜欢做什么？" },
        { "小雨", "电梯坏了，响得像鹅叫。八月十五号又加班到十一点半。" },
    };
    static const struct {
        const char *speaker, *text;
        bool asked;
    } wanted[] = {
        { "Tom", "I like hiking.", true },
        { "Tom", "My dog is called Biscuit.", true },
        { "Tom", "Can you remind me to call my mother before the weekend?", false },
        { NULL, "I'll remind you on Friday.", false },
        { "小雨", "我叫小雨，今天刚搬到杭州。", true },
        { "小雨", "八月十五号又加班到十一点半。", false }, /* of whom, only the words themselves tell */
    };
    struct arena a;
    struct summary_piece *list;
    arena_init(&a, 1u << 20);
    size_t n = pieces_of(&a, turns, N(turns), &list);
    for (size_t i = 0; i < n && i < N(wanted); i++) {
        assert_string_equal(list[i].text, wanted[i].text);
        assert_int_equal(list[i].asked, wanted[i].asked);
        if (wanted[i].speaker)
            assert_string_equal(list[i].speaker, wanted[i].speaker);
        else
            assert_null(list[i].speaker);
    }
    assert_int_equal(n, N(wanted));
    arena_finish(&a);
}

/* Of very much that was said, the worthiest; a sentence without end is cut; words without worth are nothing. */
static void test_too_much(void **state)
{
    (void)state;
    struct prompt_turn turns[60];
    char said[60][64], *endless = calloc(1, 60001);
    struct arena a;
    struct summary_piece *list;
    for (int i = 0; i < 60; i++) {
        snprintf(said[i], sizeof(said[i]), i == 7 ? "My cat is called Momo and is %d." : "I like tea number %d.", i);
        turns[i] = (struct prompt_turn){ "Tom", said[i] };
    }
    arena_init(&a, 8u << 20);
    assert_int_equal(pieces_of(&a, turns, 60, &list), SUMMARY_PIECES);
    assert_string_equal(list[0].text, said[7]);
    assert_string_equal(list[SUMMARY_PIECES - 1].text, said[59]);
    for (int i = 0; i + 12 < 60000; i += 12)
        memcpy(endless + i, "我有三只猫", 15 < 60000 - i ? 12 : 0);
    turns[0].text = endless;
    assert_int_equal(pieces_of(&a, turns, 1, &list), 1);
    assert_true(strlen(list[0].text) <= 360);
    turns[0].text = "";
    assert_int_equal(pieces_of(&a, turns, 1, &list), 0);
    assert_int_equal(pieces_of(&a, turns, 0, &list), 0);
    free(endless);
    arena_finish(&a);
}

static void test_lines(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1u << 20);
    const struct summary_piece dog = { "Tom", "My dog is called Biscuit.", 5, true, 0 },
                               tea = { "Tom", "I like tea.", 2, true, 0 };
    const struct summary_piece mum = { "小雨", "十五号是我妈妈的生日。", 5, true, 0 },
                               me = { NULL, "我会提醒你的。", 3, false, 0 };
    assert_string_equal(summary_line(&a, &dog, "- Tom's dog is called Biscuit.\nTom is 30."),
                        "Tom's dog is called Biscuit.");
    assert_string_equal(summary_line(&a, &dog, "Tom's dog is called Rex."), "Tom said: \"My dog is called Biscuit.\"");
    assert_string_equal(summary_line(&a, &dog, "-"), "Tom said: \"My dog is called Biscuit.\"");
    assert_string_equal(summary_line(&a, &dog, NULL), "Tom said: \"My dog is called Biscuit.\"");
    assert_string_equal(summary_line(&a, &tea, "Tom likes tea."), "Tom likes tea.");
    assert_string_equal(summary_line(&a, &tea, "Tom likes coffee."), ""); /* not worth a quotation */
    assert_string_equal(summary_line(&a, &mum, "小雨十五号过生日。"), "小雨说：“十五号是我妈妈的生日。”");
    assert_string_equal(summary_line(&a, &me, NULL), "你说过：“我会提醒你的。”");
    arena_finish(&a);
}

static void test_merge(void **state)
{
    (void)state;
    struct arena a;
    char many[20][40];
    const char *lines[20];
    arena_init(&a, 1u << 20);
    const char *two[] = { "Tom's dog is called Biscuit.", "", "Tom likes tea." };
    assert_string_equal(summary_merge(&a, NULL, two, 3), "Tom's dog is called Biscuit.\nTom likes tea.");
    assert_string_equal(summary_merge(&a, "", two, 0), "");
    assert_string_equal(
        summary_merge(&a, "Tom's dog is called Biscuit!\nTom has a sister Ada.", two, 3),
        "Tom has a sister Ada.\nTom's dog is called Biscuit.\nTom likes tea."); /* the same is said once */
    for (int i = 0; i < 20; i++) {
        static const char *const things[] = { "tea", "old trains", "quiet Sundays" };
        snprintf(many[i], sizeof(many[i]), "%c%c%c likes %s.", 'A' + i, 'z' - i, 'a' + i * 7 % 26, things[i % 3]);
        lines[i] = many[i];
    }
    const char *all = summary_merge(&a, "Tom's dog is called Biscuit.", lines, 20);
    size_t n = 1;
    for (const char *p = all; (p = strchr(p, '\n')); p++)
        n++;
    assert_true(n <= SUMMARY_LINES && n > SUMMARY_LINES / 2);
    assert_non_null(strstr(all, "Biscuit")); /* worth more than what is newer */
    assert_non_null(strstr(all, many[19]));
    assert_null(strstr(all, many[0]));
    arena_finish(&a);
}

static void test_prompt_and_told(void **state)
{
    (void)state;
    struct arena a;
    const anima_chat_message *one, *other;
    size_t n, m;
    const struct summary_piece dog = { "Tom", "My dog is called Biscuit.", 5, true, 0 },
                               tea = { "Ann", "I like tea.", 2, true, 0 };
    const struct summary_piece mum = { "小雨", "十五号是我妈妈的生日。", 5, true, 0 };
    arena_init(&a, 1u << 20);
    assert_int_equal(summary_prompt(&a, &dog, &one, &n), 0);
    assert_int_equal(summary_prompt(&a, &tea, &other, &m), 0);
    assert_int_equal(n, m);
    for (size_t i = 0; i < n - 1; i++) /* what an engine has read once */
        assert_string_equal(one[i].text, other[i].text);
    assert_string_equal(one[n - 1].text, "Tom: My dog is called Biscuit.");
    assert_int_equal(summary_prompt(&a, &mum, &other, &m), 0);
    assert_string_equal(other[m - 1].text, "小雨：十五号是我妈妈的生日。");
    assert_string_equal(summary_told(&a, "x\ny", "en"), "What was said before, in short:\n- x\n- y");
    assert_non_null(strstr(summary_told(&a, "x", "zh"), "\n- x"));
    arena_finish(&a);
}

/* The examples that the model is shown pass the test that its answers have to pass. */
static void test_examples_are_true(void **state)
{
    (void)state;
    struct arena a;
    const anima_chat_message *m;
    size_t n;
    arena_init(&a, 1u << 20);
    for (int zh = 0; zh < 2; zh++) {
        const struct summary_piece p = { "X", zh ? "我有猫。" : "I have a cat.", 5, true, 0 };
        assert_int_equal(summary_prompt(&a, &p, &m, &n), 0);
        for (size_t i = 1; i + 2 < n; i += 2) {
            const char *colon = strstr(m[i].text, zh ? "：" : ": ");
            char *speaker = arena_strndup(&a, m[i].text, (size_t)(colon - m[i].text));
            if (strcmp(m[i + 1].text, "-") != 0 && !true_to(m[i + 1].text, colon + (zh ? 3 : 2), speaker))
                fail_msg("%s", m[i + 1].text);
        }
    }
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_true_to),
        cmocka_unit_test(test_names_and_numbers),
        cmocka_unit_test(test_can_be_told),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_too_much),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_prompt_and_told),
        cmocka_unit_test(test_examples_are_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
