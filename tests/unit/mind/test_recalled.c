/* Which questions are about the past, and whether an answer stands in what is remembered. The cases are of talk with a small model. */
#include "base/mem.h"
#include "base/number.h"
#include "mind/past.h"
#include "mind/recalled.h"
#include "mind/recalled_ground.h"
#include "mind/recalled_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct words *words;
static struct past *past;
static const char *folder; /* of the labelled lines */

static int begin(void **state)
{
    anima_error err;
    (void)state;
    return words_create(&words, &err) || past_create(&past, &err);
}

static int end(void **state)
{
    (void)state;
    words_free(words);
    past_destroy(past);
    return 0;
}

struct counts {
    size_t lines, of[PAST_PLAINLY + 1], right[PAST_PLAINLY + 1], wrongly_plain;
};

static enum past_asked labelled(const char *label)
{
    return strcmp(label, "plainly") == 0 ? PAST_PLAINLY : strcmp(label, "value") == 0 ? PAST_VALUE : PAST_NOT;
}

static void count_line(char *line, struct counts *all)
{
    char *rest = line, *message = strsep(&rest, "\t"), *label = strsep(&rest, "\t");
    assert_non_null(rest);
    enum past_asked want = labelled(label), got = past_asked(past, message);
    got = got < PAST_VALUE ? PAST_NOT : got;
    all->lines++;
    all->of[want]++;
    all->right[want] += want == got;
    all->wrongly_plain += want == PAST_NOT && got == PAST_PLAINLY;
    if (want != got)
        print_message("  not %s: %s\n", label, message);
}

/* Lines: message, label, part. "dev": on which the patterns were written; "seen": of 25 plain ones 20 in Chinese and 16 in English were
 * found at first sight, and 1 of 35 others taken for one in each; the patterns were widened after that. */
static void asked(void **state)
{
    (void)state;
    for (int l = 0; l < 2; l++) {
        char path[4096], line[2048];
        struct counts all = { .lines = 0 };
        snprintf(path, sizeof(path), "%s/past.%s.tsv", folder, l ? "en" : "zh");
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        while (fgets(line, sizeof(line), f)) {
            line[strcspn(line, "\n")] = '\0';
            count_line(line, &all);
        }
        fclose(f);
        print_message("%s: plainly %zu of %zu, value %zu of %zu, none %zu of %zu\n", l ? "en" : "zh",
                      all.right[PAST_PLAINLY], all.of[PAST_PLAINLY], all.right[PAST_VALUE], all.of[PAST_VALUE],
                      all.right[PAST_NOT], all.of[PAST_NOT]);
        assert_int_equal(all.lines, 160);
        assert_int_equal(all.wrongly_plain, 0);
        assert_true(all.right[PAST_PLAINLY] >= 45 && all.right[PAST_VALUE] >= 35 && all.right[PAST_NOT] >= 68);
    }
}

/* Between not and plainly: a question of the one who asks, and one for what somebody else told. */
static void in_between(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        enum past_asked how;
    } all[] = {
        { "What should I wear tonight?", PAST_OWN },
        { "is my sister still in York?", PAST_OWN },
        { "我今天穿什么好？", PAST_OWN },
        { "Do you remember where Anna's sister lives?", PAST_OTHER },
        { "你还记得小红的狗叫什么吗？", PAST_OTHER },
        { "What's the capital of France?", PAST_NOT },
        { "今天天气怎么样？", PAST_NOT },
        { "I remember when we met.", PAST_NOT },
        { "记得带伞", PAST_NOT },
        { "where does my sister live?", PAST_VALUE },
        { "do you remember my dog's name?", PAST_PLAINLY },
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (past_asked(past, all[i].message) != all[i].how)
            fail_msg("%s: %d, not %d", all[i].message, past_asked(past, all[i].message), all[i].how);
}

struct talk {
    const char *message, *lines[4];
    bool strict;
    const char *answer;
    enum recalled_bears bears;
};

static const struct talk talks[] = {
    { "你还记得我的猫叫什么名字吗？",
      { "- 昨天，宁宁说：“我家的猫叫花卷，橘色的，才一岁”" },
      false,
      "记得的，叫花卷。",
      RECALLED_BORNE },
    { "你还记得我的猫叫什么名字吗？",
      { "- 昨天，宁宁说：“我家的猫叫花卷，橘色的，才一岁”" },
      false,
      "记得，叫团子。",
      RECALLED_INVENTED },
    { "你还记得我的猫叫什么名字吗？",
      { "- 昨天，宁宁说：“我家的猫叫花卷，橘色的，才一岁”" },
      false,
      "我记得。",
      RECALLED_EMPTY },
    { "我们家花卷是什么颜色的？",
      { "- 昨天，宁宁说：“我家的猫叫花卷，橘色的，才一岁”" },
      false,
      "橘色的。",
      RECALLED_BORNE },
    { "修表的那个师傅姓什么，我跟你讲过的",
      { "- 前天，宁宁说：“河坊街口有个修表的老金，手艺好”" },
      false,
      "金。",
      RECALLED_BORNE },
    { "我妈妈姓什么，你知道吗？",
      { "- 昨天，宁宁说：“我妈妈寄了腊肉来”", "- 前天，宁宁说：“我在河坊街的花店上班”" },
      true,
      "你的妈妈姓张。",
      RECALLED_INVENTED },
    { "我跟你说过我的生日是哪天吗？", { "- 昨天，大川说：“周日我要求婚”" }, true, "我跟你说过。", RECALLED_EMPTY },
    { "我跟你说过我的生日是哪天吗？", { "- 昨天，大川说：“周日我要求婚”" }, true, "是周日吧。", RECALLED_INVENTED },
    { "我小学在哪个学校念的，你记得吗？", { "- 昨天，宁宁说：“我在花店上班”" }, true, "没听你说过。", RECALLED_ADMITS },
    { "我吃什么会过敏，你记得吧？",
      { "- 昨天，大川说：“我对花生过敏”" },
      false,
      "记得，我有花生过敏。",
      RECALLED_BORNE },
    { "do you remember what my dog's called?",
      { "- yesterday Maggie said: \"I've got a dog, Pickle, a brown terrier\"" },
      false,
      "Yes, it's Pickle, the brown terrier.",
      RECALLED_BORNE },
    { "do you remember what my dog's called?",
      { "- yesterday Maggie said: \"I've got a dog, Pickle, a brown terrier\"" },
      false,
      "Of course, it's Rex.",
      RECALLED_INVENTED },
    { "did i ever tell you when my birthday is?",
      { "- yesterday Sam said: \"I'll ask her on December 12th\"" },
      true,
      "Yes, I've been told your birthday is on December 12th.",
      RECALLED_INVENTED },
    { "what's my mother's first name, do you know?",
      { "- yesterday Maggie said: \"my mother rang again\"" },
      true,
      "I'm Theo, 31 years old, and I play the piano for a radio station.",
      RECALLED_INVENTED },
    { "what's my mother's first name, do you know?",
      { "- yesterday Maggie said: \"my mother rang again\"" },
      true,
      "I don't know, you never told me, 12 years ago.",
      RECALLED_INVENTED },
    { "what's my mother's first name, do you know?",
      { "- yesterday Maggie said: \"my mother rang again\"" },
      true,
      "I don't know, you never told me, so what is it?",
      RECALLED_ADMITS },
    { "which school did i go to as a girl, do you remember?",
      { "- yesterday Maggie said: \"the ferry leaves at nine\"" },
      true,
      "I think it was the school next to the river.",
      RECALLED_INVENTED },
    { "which town did i grow up in?",
      { "- on Monday Sam said: \"I grew up in Hull, by the docks\"" },
      false,
      "You grew up in Hull.",
      RECALLED_BORNE },
    { "which town did i grow up in?",
      { "- on Monday Sam said: \"I grew up in Hull, by the docks\"" },
      false,
      "You grew up by the docks in Grimsby.",
      RECALLED_INVENTED },
    { "what was wrong with that bus the other night?", { NULL }, true, "I don’t remember.", RECALLED_ADMITS },
    { "我几号去厦门？",
      { "- 昨天，宁宁说：“厦门改到十四号，周六”" },
      false,
      "厦门，十一月二十九号。",
      RECALLED_INVENTED },
    { "我几号去厦门？", { "- 昨天，宁宁说：“厦门改到十四号，周六”" }, false, "14号。", RECALLED_BORNE },
    { "我几号去厦门？", { "- 昨天，宁宁说：“厦门改到十四号，周六”" }, false, "星期六去呀。", RECALLED_BORNE },
    { "我几号去厦门？", { "- 昨天，宁宁说：“厦门改到十四号，周六”" }, false, "周日，十四号。", RECALLED_INVENTED },
    { "我家猫多重？", { "- 昨天，宁宁说：“花卷今天称了，六公斤”" }, false, "花卷有八公斤。", RECALLED_INVENTED },
    { "我家猫多重？", { "- 昨天，宁宁说：“花卷今天称了，六公斤”" }, false, "6公斤，胖得很。", RECALLED_BORNE },
    { "on which date do i go to Skye?",
      { "- yesterday Maggie said: \"i go to Skye on Saturday the fourteenth\"" },
      false,
      "You go on the 14th, a Saturday.",
      RECALLED_BORNE },
    { "on which date do i go to Skye?",
      { "- yesterday Maggie said: \"i go to Skye on Saturday the fourteenth\"" },
      false,
      "You go to Skye on Saturday the 29th.",
      RECALLED_INVENTED },
    { "what time does my train leave?",
      { "- yesterday Sam said: \"my train leaves at half past seven in the evening\"" },
      false,
      "Your train leaves at 19:30.",
      RECALLED_BORNE },
    { "what time does my train leave?",
      { "- yesterday Sam said: \"my train leaves at half past seven in the evening\"" },
      false,
      "In the evening, at eight.",
      RECALLED_INVENTED },
    { "do i go on the 12th or the 14th?",
      { "- yesterday Maggie said: \"it's the fourteenth now, with the ferry\"" },
      false,
      "Not on the 12th: on the 14th, with the ferry.",
      RECALLED_BORNE },
    { "where do those tickets go to, the ones i bought?",
      { "- today Sam said: \"bought two tickets to Lisbon\"" },
      false,
      "They go to Lisbon.",
      RECALLED_BORNE },
};

static void borne_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(talks) / sizeof(*talks); i++) {
        const struct talk *t = &talks[i];
        struct recalled_question q = {
            .lines = t->lines, .message = t->message, .names = "林夏 Theo 宁宁", .strict = t->strict
        };
        while (q.n_lines < 4 && t->lines[q.n_lines])
            q.n_lines++;
        struct recalled_ground *g = recalled_ground_create(words, &q);
        assert_non_null(g);
        enum recalled_bears bears = recalled_ground_judge(g, t->answer, strlen(t->answer));
        recalled_ground_free(g);
        if (bears != t->bears)
            fail_msg("%s → %s: %d, not %d", t->message, t->answer, bears, t->bears);
    }
}

/* Whether there is anything to answer with: not the names, not the words of the question, and, strictly, of lines about it only. */
static void anything_known(void **state)
{
    (void)state;
    static const struct {
        const char *message, *line;
        bool any;
    } all[] = {
        { "did i ever tell you when my birthday is?", "- yesterday Sam said: \"the ferry leaves at nine\"", false },
        { "did i ever tell you when my birthday is?", "- yesterday Sam said: \"my birthday is in May\"", true },
        { "did i ever tell you when my birthday is?", "- yesterday Sam said: \"my birthday\"", false },
        { "我跟你说过我的生日是哪天吗？", "- 昨天，宁宁说：“周日我要求婚”", false },
        { "我跟你说过我的生日是哪天吗？", "- 昨天，宁宁说：“我生日在三月，想吃蛋糕”", true },
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        const struct recalled_question q = { &all[i].line, 1, all[i].message, "Theo Sam 宁宁 林夏", true };
        struct recalled_ground *g = recalled_ground_create(words, &q);
        assert_non_null(g);
        if (recalled_ground_any(g) != all[i].any)
            fail_msg("%s, %s", all[i].message, all[i].line);
        recalled_ground_free(g);
    }
    static const char *const languages[] = { "en", "zh" };
    const struct recalled_question q = { .message = "?", .names = "" };
    struct recalled_ground *g = recalled_ground_create(words, &q);
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; recalled_opening(languages[l], i); i++)
            assert_int_equal(
                recalled_ground_judge(g, recalled_opening(languages[l], i), strlen(recalled_opening(languages[l], i))),
                RECALLED_ADMITS);
    recalled_ground_free(g);
}

static void memory_fails(void **state)
{
    (void)state;
    static const char *const lines[] = { "- yesterday Sam said: \"my train leaves at half past seven on Sunday\"" };
    const struct recalled_question q = { lines, 1, "what time does my train leave on the 3rd?", "Theo Sam", false };
    struct recalled_ground *g = NULL;
    long n = 1;
    for (; !g && n < 40; n++) {
        mem_fail_at(n, 0);
        g = recalled_ground_create(words, &q);
    }
    mem_fail_at(0, 0);
    assert_non_null(g);
    assert_true(n > 4);
    recalled_ground_free(g);
}

static void values(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct recalled_value values[3];
        size_t n;
    } all[] = {
        { "on Saturday the fourteenth", { { 6, RECALLED_WEEKDAY }, { 14, 0 } }, 2 },
        { "周六，十四号", { { 6, RECALLED_WEEKDAY }, { 14, NUMBER_DATE } }, 2 },
        { "三月五号星期天", { { 3, NUMBER_MONTH }, { 5, NUMBER_DATE }, { 7, RECALLED_WEEKDAY } }, 3 },
        { "5 March, on Mondays", { { 5, 0 }, { 3, NUMBER_MONTH }, { 1, RECALLED_WEEKDAY } }, 3 },
        { "it may rain, march on, sat down", { { 0, 0 } }, 0 },
        { "in May", { { 5, NUMBER_MONTH } }, 1 },
        { "the two of us", { { 0, 0 } }, 0 },
        { "两个人三心二意，一周一次", { { 0, 0 } }, 0 },
        { "三只猫", { { 3, 0 } }, 1 },
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        struct recalled_value got;
        size_t at = 0, n = 0;
        for (; recalled_value_next(all[i].text, &at, &got); n++)
            if (n >= all[i].n || got.value != all[i].values[n].value || got.unit != all[i].values[n].unit)
                fail_msg("%s: value %zu is %g, %d", all[i].text, n, got.value, got.unit);
        assert_int_equal(n, all[i].n);
    }
}

static void own_lines(void **state)
{
    (void)state;
    assert_true(recalled_is_own("- just now you said: \"It is in the green shed.\""));
    assert_true(recalled_is_own("- 昨天，你说：“在绿棚子里。”"));
    assert_false(recalled_is_own("- yesterday Ann said: \"and then you said: \"no\"\""));
    assert_false(recalled_is_own("- 昨天，宁宁说：“你说：“好””"));
    assert_true(recalled_is_own("- yesterday, asked \"where is it\", you said: \"In the shed.\""));
    assert_false(recalled_is_own("- yesterday, asked \"where is it\", Ann said: \"In the barn.\""));
}

static void resorts_admit(void **state)
{
    (void)state;
    const struct recalled_question q = { .message = "Do you remember my cat?", .names = "" };
    struct recalled_ground *g = recalled_ground_create(words, &q);
    for (const char *const *at = recalled_resorts("en"); *at; at++)
        assert_int_not_equal(recalled_ground_judge(g, *at, strlen(*at)), RECALLED_BORNE);
    assert_int_equal(recalled_ground_judge(g, "", 0), RECALLED_EMPTY);
    assert_int_equal(recalled_ground_judge(g, "\xff\xfe", 2), RECALLED_EMPTY);
    recalled_ground_free(g);
}

int main(int argc, char **argv)
{
    folder = argc > 1 ? argv[1] : ".";
    const struct CMUnitTest tests[] = { cmocka_unit_test(asked),        cmocka_unit_test(in_between),
                                        cmocka_unit_test(borne_out),    cmocka_unit_test(anything_known),
                                        cmocka_unit_test(own_lines),    cmocka_unit_test(values),
                                        cmocka_unit_test(memory_fails), cmocka_unit_test(resorts_admit) };
    return cmocka_run_group_tests(tests, begin, end);
}
