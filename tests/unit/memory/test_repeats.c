/* Which replies say again what somebody said, and which only talk about something near. */
#include "base/mem.h"
#include "memory/repeats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct words *words;
static struct fact_reader *facts;
static const struct when_anchor now = { 1772366400000ll, 0 };
static const char *const names[] = { "Ann", "Lin" };

static int begin(void **state)
{
    anima_error err;
    (void)state;
    return words_create(&words, &err) || fact_reader_create(&facts, &err);
}

static int end(void **state)
{
    (void)state;
    words_free(words);
    fact_reader_destroy(facts);
    return 0;
}

static bool repeats(const char *said, const char *reply)
{
    struct repeats r = { .n = 0 };
    assert_int_equal(repeats_add(&r, words, facts, said, now, names, 2), 0);
    bool found = repeats_in(&r, words, reply);
    repeats_finish(&r);
    return found;
}

static void said_again(void **state)
{
    static const char *const cases[][2] = {
        { "I put the kettle and the tea on the lowest shelf of the pantry.",
          "It is on the lowest shelf of the pantry." },
        { "I put the kettle and the tea on the lowest shelf of the pantry.", "The pantry shelf, with the kettle?" },
        { "The code of my locker is 7741-B.", "7741, I will keep that." },
        { "My son is called Zebulon.", "What a name, zebulon!" },
        { "I'm allergic to walnuts.", "No walnuts for you, then." },
        { "I'm pregnant.", "Pregnant? Congratulations!" },
        { "My sister Jo moved to Aberdeen.", "Aberdeen is cold." },
        { "我对花生过敏。", "那花生酱也不行吧。" },
        { "保险柜的密码是芝麻开门一二三。", "芝麻开门一二三，好的。" },
        { "我下个月要从公司辞职。", "辞职？从公司辞职下个月？" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (!repeats(cases[i][0], cases[i][1]))
            fail_msg("not found: %s", cases[i][1]);
}

static void not_said_again(void **state)
{
    static const char *const cases[][2] = {
        { "I put the kettle and the tea on the lowest shelf of the pantry.", "I would like some tea now." },
        { "The code of my locker is 7741-B.", "I see. I was in the shop all day." },
        { "Hello Lin, it is what it is.", "Ann, it is what it is, says Lin." },
        { "I'll see the dentist on Thursday.", "Thursday is the day for the market here." },
        { "My sister Jo moved to Aberdeen.", "Families are like that." },
        { "我对花生过敏。", "我也有不能吃的东西。" },
        { "我想找个有阳台的房子。", "今天店里没什么人。" },
        { "", "Anything at all." },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (repeats(cases[i][0], cases[i][1]))
            fail_msg("taken along: %s", cases[i][1]);
}

static void values_and_several_texts(void **state)
{
    struct repeats r = { .n = 0 };
    (void)state;
    assert_false(repeats_in(&r, words, "Nothing was said."));
    assert_int_equal(repeats_add(&r, words, NULL, "The rhododendron stands beside the cellar.", now, NULL, 0), 0);
    assert_int_equal(repeats_add_value(&r, words, "Saturday evening"), 0);
    assert_int_equal(repeats_add_value(&r, words, "the"), 0);
    assert_true(repeats_in(&r, words, "So it is saturday evening."));
    assert_true(repeats_in(&r, words, "The cellar, and the rhododendron."));
    assert_false(repeats_in(&r, words, "The evening of a Saturday."));
    repeats_finish(&r);
}

/* Without memory nothing is kept by mistake: it counts as said again. */
static void without_memory(void **state)
{
    (void)state;
    for (long n = 1; n < 40; n++) {
        struct repeats r = { .n = 0 };
        mem_fail_at(n, 0);
        int rc = repeats_add(&r, words, NULL, "The rhododendron stands beside the marmalade cellar.", now, names, 2);
        mem_fail_at(0, 0);
        assert_true(rc == 0 || rc == ANIMA_E_NOMEM);
        mem_fail_at(1, 1);
        bool found = repeats_in(&r, words, "Nothing of it.");
        mem_fail_at(0, 0);
        assert_true(found);
        repeats_finish(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(said_again),
        cmocka_unit_test(not_said_again),
        cmocka_unit_test(values_and_several_texts),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
