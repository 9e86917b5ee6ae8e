/* Which questions are about the past, and whether an answer stands in what is remembered. The cases are of talk with a small model. */
#include "mind/recalled_ground.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct words *words;

static int begin(void **state)
{
    anima_error err;
    (void)state;
    return words_create(&words, &err);
}

static int end(void **state)
{
    (void)state;
    words_free(words);
    return 0;
}

static void asked(void **state)
{
    static const struct {
        const char *message;
        enum recalled_asking how;
    } table[] = {
        { "你还记得我的猫叫什么名字吗？", RECALLED_ASKS_PLAINLY },
        { "我在什么店上班来着？", RECALLED_ASKS_PLAINLY },
        { "我跟你说过我的生日是哪天吗？", RECALLED_ASKS_PLAINLY },
        { "我妈妈姓什么，你知道吗？", RECALLED_ASKS_PLAINLY },
        { "我爸爱唱什么戏？", RECALLED_ASKS_VALUE },
        { "我老家是哪里？", RECALLED_ASKS_VALUE },
        { "我家的狗几岁了？", RECALLED_ASKS_VALUE },
        { "我几号去厦门？", RECALLED_ASKS_VALUE },
        { "do you remember what my dog's called?", RECALLED_ASKS_PLAINLY },
        { "did i ever tell you when my birthday is?", RECALLED_ASKS_PLAINLY },
        { "what's my mother's first name, do you know?", RECALLED_ASKS_PLAINLY },
        { "what instrument does my dad play?", RECALLED_ASKS_VALUE },
        { "When do I go to Skye?", RECALLED_ASKS_VALUE },
        { "我该怎么办？", RECALLED_ASKS_NOT },
        { "我晚上吃什么好呢？", RECALLED_ASKS_NOT },
        { "我们去哪儿吃？", RECALLED_ASKS_NOT },
        { "你知道吗，我今天升职了！你说我该请谁？", RECALLED_ASKS_NOT },
        { "记得给我带杯咖啡。", RECALLED_ASKS_NOT },
        { "我今天好累。", RECALLED_ASKS_NOT },
        { "你妈妈叫什么？", RECALLED_ASKS_NOT },
        { "你能帮我看看吗？", RECALLED_ASKS_NOT },
        { "what should i wear to my interview?", RECALLED_ASKS_NOT },
        { "Can you help me with my homework?", RECALLED_ASKS_NOT },
        { "What do you think of my plan?", RECALLED_ASKS_NOT },
        { "I remember my first bike.", RECALLED_ASKS_NOT },
        { "What's your mother called?", RECALLED_ASKS_NOT },
        { "Why am I like this?", RECALLED_ASKS_NOT },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (recalled_asking(table[i].message) != table[i].how)
            fail_msg("%s: %d", table[i].message, recalled_asking(table[i].message));
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
        struct arena arena;
        struct recalled_question q = {
            .lines = t->lines, .message = t->message, .names = "林夏 Theo 宁宁", .strict = t->strict
        };
        while (q.n_lines < 4 && t->lines[q.n_lines])
            q.n_lines++;
        arena_init(&arena, 1u << 20);
        const struct recalled_ground *g = recalled_ground_make(&arena, words, &q);
        assert_non_null(g);
        enum recalled_bears bears = recalled_ground_judge(g, t->answer, strlen(t->answer));
        arena_finish(&arena);
        if (bears != t->bears)
            fail_msg("%s → %s: %d, not %d", t->message, t->answer, bears, t->bears);
    }
}

static void resorts_admit(void **state)
{
    (void)state;
    const struct recalled_question q = { .message = "Do you remember my cat?", .names = "" };
    struct arena arena;
    arena_init(&arena, 1u << 20);
    const struct recalled_ground *g = recalled_ground_make(&arena, words, &q);
    for (const char *const *at = recalled_resorts("en"); *at; at++)
        assert_int_not_equal(recalled_ground_judge(g, *at, strlen(*at)), RECALLED_BORNE);
    assert_int_equal(recalled_ground_judge(g, "", 0), RECALLED_EMPTY);
    assert_int_equal(recalled_ground_judge(g, "\xff\xfe", 2), RECALLED_EMPTY);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(asked), cmocka_unit_test(borne_out),
                                        cmocka_unit_test(resorts_admit) };
    return cmocka_run_group_tests(tests, begin, end);
}
