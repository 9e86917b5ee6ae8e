/* Whether an answer says what its source says: numbers, names, things, yes and no, whose it is; in both languages. */
#include "corpus/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 16u << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

/* ---- answers ---- */

static const char shop[] = "“半页”在中河边一条小巷里，三十八平方，四千来本书，上午十点半开门，晚上八点关，周二休息。";
static const char father[] =
    "爸爸林永康开五金店，话少，借给她三万块开店，从来不提。弟弟林秋二十一岁，在上海念土木，大三，跟她最亲。";
static const char views[] = "书不必读完，读不下去就放下，不欠谁的。旧书店不该养猫，人会只看猫。她走西湖不走断桥。";
static const char english[] =
    "Her father Lin Yongkang has a hardware shop; he lent her 30,000 yuan and never mentions it. In 2017 she came to "
    "Hangzhou "
    "to study Chinese literature. A bookshop should have no cat. Old Jiang, the landlord, hears badly.";

static enum support_doubt judge(const char *passage, const char *q, const char *a)
{
    static const char *const facts[] = { "在杭州开一家小旧书店，叫\"半页\"", "27", "11-03", "绍兴", "Shaoxing" };
    static const char *const self[] = { "林夏", "Lin", "Lin Xia" };
    const struct support_source source = { passage, "人", "林夏", facts, 5, self, 3 };
    const char *what;
    return support_answer(&arena, &source, q, a, &what);
}

struct example {
    const char *passage, *q, *a;
    enum support_doubt doubt;
};

static void check(const struct example *all, size_t n)
{
    int wrong = 0;
    for (size_t i = 0; i < n; i++) {
        enum support_doubt doubt = judge(all[i].passage, all[i].q, all[i].a);
        if (doubt != all[i].doubt) {
            print_message("%s / %s: %s, not %s\n", all[i].q, all[i].a, support_name(doubt), support_name(all[i].doubt));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void test_chinese(void **state)
{
    (void)state;
    static const struct example all[] = {
        { shop, "你几点开门？", "我上午十点半开门，晚上八点关。", SUPPORT_OK },
        { shop, "你几点开门？", "十点半。", SUPPORT_OK },
        { shop, "你店里有多少书？", "我这儿有4000来本书呢。", SUPPORT_OK },
        { shop, "周二能来吗？", "周二我休息呀。", SUPPORT_OK },
        { shop, "你几点开门？", "我十点开门。", SUPPORT_NUMBER },
        { shop, "店多大？", "我的店有三十平方。", SUPPORT_NUMBER },
        { shop, "书多少钱？", "四千块。", SUPPORT_NUMBER },
        { shop, "店在哪里？", "我的店在上海的一条小巷里。", SUPPORT_NAME },
        { shop, "店在哪里？", "在中河边一条小巷里，旁边有家咖啡馆。", SUPPORT_WORDS },
        { shop, "店叫什么？", "店名叫“整页”，在中河边。", SUPPORT_NAME },
        { shop, "你在干嘛？", "我挺好的呀。", SUPPORT_LITTLE },
        { father, "谁借你钱开的店？", "我爸借给我三万块开店，他从来不提。", SUPPORT_OK },
        { father, "你弟弟在哪儿？", "林秋在上海念土木，跟我最亲。", SUPPORT_OK },
        { father, "你多大？", "我二十一岁。", SUPPORT_NUMBER },
        { father, "你念什么？", "我在上海念土木。", SUPPORT_WHOSE },
        { father, "你话多吗？", "我开五金店，话少。", SUPPORT_WHOSE },
        { father, "谁帮了你？", "王老师借给我三万块。", SUPPORT_NAME },
        { father, "爸爸做什么？", "林夏的爸爸开五金店，话少得很，从来不提。", SUPPORT_PERSON },
        { father, "你怎么开的店？", "她借了三万块开店。", SUPPORT_PERSON },
        { "下巴有一道小疤，八岁骑车摔进河埠头留下的。", "你多大了？", "我八岁。", SUPPORT_NUMBER },
        { "下巴有一道小疤，八岁骑车摔进河埠头留下的。", "疤哪来的？", "我八岁骑车摔的。", SUPPORT_OK },
        { "下巴有一道小疤，八岁骑车摔进河埠头留下的。", "你多大了？", "我二十七岁。", SUPPORT_OK }, /* a fact */
        { "最后半页被人撕了，她到今天不知道凶手是谁。", "店名怎么来的？", "最后半页被人撕了，她到今天不知道凶手是谁。",
          SUPPORT_PERSON },
        { shop, "门口有几条路？", "店的门口有三条路。", SUPPORT_NUMBER }, /* a birthday in the facts is no three */
        { father, "他值得吗？", "爸爸林永康开五金店，借给我三万块开店，从来不提。他赚了钱。", SUPPORT_WORDS },
        { father, "谁借的钱？", "他开五金店，我借给他三万块开店。", SUPPORT_WHOSE }, /* the other way round */
        { father, "弟弟念什么？", "他在上海念土木。", SUPPORT_OK },
        { views, "书要读完吗？", "书不必读完，读不下去就放下。", SUPPORT_OK },
        { views, "书要读完吗？", "书必读完。", SUPPORT_NOT },
        { views, "养猫吗？", "旧书店该养猫。", SUPPORT_NOT },
        { views, "去断桥吗？", "我走断桥。", SUPPORT_NOT },
        { views, "去断桥吗？", "我走西湖不走断桥。", SUPPORT_OK },
    };
    check(all, sizeof(all) / sizeof(all[0]));
}

static void test_english(void **state)
{
    (void)state;
    static const struct example all[] = {
        { english, "Who lent you money?", "My father lent me 30,000 yuan and never mentions it.", SUPPORT_OK },
        { english, "Who lent you money?", "My father lent me thirty thousand yuan.", SUPPORT_OK },
        { english, "Who lent you money?", "My father lent me 30,000 yuan.", SUPPORT_OK },
        { english, "When did you come here?", "I came to Hangzhou in 2017.", SUPPORT_OK },
        { english, "When did you come here?", "I came to Hangzhou in 2018.", SUPPORT_NUMBER },
        { english, "Where do you live?", "I came to Shanghai in 2017 to study.", SUPPORT_NAME },
        { english, "Where do you live?", "I came to Shaolin in 2017.", SUPPORT_NAME }, /* looks like Shaoxing */
        { english, "Any cats?", "A bookshop should have a cat.", SUPPORT_NOT },
        { english, "When did you come here?", "My brother came to Hangzhou in 2017.", SUPPORT_NAME },
        { english, "Who lent you money?", "My dad lent me 30,000 yuan.", SUPPORT_OK },
        { english, "Any cats?", "No, a bookshop should have no cat.", SUPPORT_OK },
        { english, "What do you do?", "I have a hardware shop.", SUPPORT_WHOSE },
        { english, "Who lent you money?", "I lent him 30,000 yuan.", SUPPORT_WHOSE },
        { english, "Are you deaf?", "I hear badly.", SUPPORT_WHOSE },
        { english, "What did you study?", "I studied Chinese literature and married a famous violinist there.",
          SUPPORT_WORDS },
        { english, "What did you study?", "She studied Chinese literature.", SUPPORT_PERSON },
        { english, "How are you?", "I know, it's like that.", SUPPORT_LITTLE },
        { english, "And you?", "You came to Hangzhou in 2017.", SUPPORT_PERSON },
    };
    check(all, sizeof(all) / sizeof(all[0]));
}

static void test_questions(void **state)
{
    (void)state;
    const struct support_source source = { .passage = shop, .heading = "", .title = "" };
    const char *what;
    assert_int_equal(support_question(&arena, &source, "你周二休息吗？", &what), SUPPORT_OK);
    assert_int_equal(support_question(&arena, &source, "你店里六张桌子够坐吗？", &what), SUPPORT_NUMBER);
    assert_string_equal(what, "六");
    assert_int_equal(support_question(&arena, &source, "你在成都开店多久了？", &what), SUPPORT_NAME);
    assert_string_equal(what, "成都");
}

static void test_hostile(void **state)
{
    (void)state;
    static const char *const odd[] = { "",
                                       " ",
                                       "。",
                                       "，，，",
                                       "\"",
                                       "“",
                                       "《",
                                       "我",
                                       "I",
                                       "1",
                                       "99999999999999999999999999999999999999",
                                       "零零零零零零",
                                       "万万万万万万",
                                       "1,1,1,1",
                                       "1.2.3",
                                       "12:99:99",
                                       "hundred hundred hundred",
                                       "and",
                                       "twenty-",
                                       "🙂🙂",
                                       "a’s",
                                       "'" };
    const char *keys[3];
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        for (size_t k = 0; k < sizeof(odd) / sizeof(odd[0]); k++) {
            judge(odd[i], odd[k], odd[k]);
            judge(shop, odd[i], odd[k]);
            judge(odd[i], odd[k], shop);
            support_keys(&arena, odd[i], odd[k], odd[k], keys, 3);
        }
}

static void keys_are(const char *passage, const char *q, const char *a, const char *first, size_t n)
{
    const char *keys[4];
    size_t found = support_keys(&arena, passage, q, a, keys, 4);
    if (found != n || (n && strcmp(keys[0], first) != 0))
        fail_msg("%s: %zu, %s", a, found, found ? keys[0] : "-");
}

static void test_keys(void **state)
{
    (void)state;
    keys_are(father, "谁借你钱？", "爸爸借给我三万块。", "三万", 2); /* and "30000" */
    keys_are(shop, "周几休息？", "周二我休息。", "周二", 1);
    keys_are(father, "弟弟在哪儿？", "在上海念土木呢。", "在上海念土木", 1);
    keys_are(english, "Which town?", "I came to Hangzhou to study.", "Hangzhou", 1);
    keys_are(english, "Does a bookshop have a cat?", "A bookshop should have no cat.", "", 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_chinese), T(test_english), T(test_questions), T(test_hostile), T(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
