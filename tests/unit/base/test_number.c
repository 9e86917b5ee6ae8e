/* Numbers of a text by their value, in both languages, and which of them may stand for each other. */
#include "base/number.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static double only(const char *text)
{
    struct number n;
    size_t at = 0;
    if (!number_next(text, &at, &n))
        return NAN;
    struct number more;
    if (number_next(text, &at, &more))
        fail_msg("%s has a second number", text);
    return n.value;
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } all[] = {
        { "27", 27 },
        { "二十七岁", 27 },
        { "twenty-seven years", 27 },
        { "30,000 yuan", 30000 },
        { "三万块", 30000 },
        { "3万", 30000 },
        { "三万五", 35000 },
        { "thirty thousand", 30000 },
        { "三百零五本", 305 },
        { "一千零五十", 1050 },
        { "十本", 10 },
        { "四千来本书", 4000 },
        { "一九九九年", 1999 },
        { "half past ten", 10.5 },
        { "十点半", 10.5 },
        { "10:30", 10.5 },
        { "about two hundred and five", 205 },
        { "the third year", 3 },
        { "the seventeenth", 17 },
        { "the twenty-second of May", 22 },
        { "on the thirty-first", 31 },
        { "在1.62米", 1.62 },
        { "ninety-odd manuscripts", 90 },
        { "十分钟", 10 },
        { "十五万", 150000 },
        { "五千五", 5500 },
        { "I paid 5 pounds.", 5 },
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (fabs(only(all[i].text) - all[i].value) > 1e-9)
            fail_msg("%s is %g", all[i].text, only(all[i].text));
    static const char *const none[] = { "一个人",   "one of them",    "十分好",
                                        "万一下雨", "the first time", "someone often",
                                        "",         "weight",         "second-hand" };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (!isnan(only(none[i])))
            fail_msg("%s is %g", none[i], only(none[i]));
}

static bool alike(const char *a, const char *b)
{
    struct number x, y;
    size_t i = 0, k = 0;
    assert_true(number_next(a, &i, &x) && number_next(b, &k, &y));
    return number_same(&x, &y);
}

static void test_measures(void **state)
{
    (void)state;
    assert_true(alike("11月3日", "十一月三日"));
    assert_true(alike("3号", "三日"));
    assert_true(alike("27 years", "二十七岁"));
    assert_true(alike("五千块", "5,000 yuan"));
    assert_true(alike("四千多本", "四千本"));
    assert_true(alike("三个", "三本")); /* counts anything */
    assert_true(alike("half past seven", "7:30"));
    assert_false(alike("八点", "八岁"));
    assert_false(alike("two weeks", "two years"));
    assert_false(alike("四千块", "四千本"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_numbers), cmocka_unit_test(test_measures) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
