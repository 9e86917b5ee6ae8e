/* Dates as the files of other programs have them. */
#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static void test_dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        { "2024-03-01T14:05:09.123Z", 1709301909123 },
        { "2024-03-01T14:05:09Z", 1709301909000 },
        { "2024-03-01T22:05:09.1234567+08:00", 1709301909123 },
        { "2024-03-01 09:05:09-0500", 1709301909000 },
        { "2024-03-01T14:05Z", 1709301900000 },
        { "2024-3-1@14h05m09s123ms", 1709301909123 },
        { "2024-3-1 @14h 5m 9s 123ms", 1709301909123 },
        { "2024-03-01@14h05m09s", 1709301909000 },
        { "March 1, 2024 2:05pm", 1709301900000 },
        { "Mar 1, 2024 02:05:09 PM", 1709301909000 },
        { "March 1, 2024 14:05", 1709301900000 },
        { "March 1, 2024 12:05am", 1709251500000 },
        { "March 1, 2024 12:05pm", 1709294700000 },
        { "Fri Mar 01 14:05:09 +0000 2024", 1709301909000 },
        { "Fri Mar 01 22:05:09 +0800 2024", 1709301909000 },
        { "Fri Mrz 01 14:05:09 +0000 2024", -1 },
        { "1709301909123", 1709301909123 },
        { "1709301909", 1709301909000 },
        { "", -1 },
        { "yesterday", -1 },
        { "2024-13-01T14:05:09Z", -1 },
        { "2024-03-01", -1 },
        { "2024-03-01T14:05:09+99:00", -1 },
        { "2024-03-01T25:05:09Z", -1 },
        { "Marble 1, 2024 13:05pm", -1 },
        { "Foo 1, 2024 1:05pm", -1 },
        { "99999999999999999999", -1 },
        { "-5", -1 },
        { "1960-01-01T00:00:00Z", -1 },
        { "1899-3-1@14h05m09s123ms", -1 },
    };
    setenv("TZ", "UTC0", 1);
    tzset();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (date_parse(cases[i].text) != cases[i].ms)
            fail_msg("%s gives %lld", cases[i].text, (long long)date_parse(cases[i].text));
    setenv("TZ", "CST-8", 1); /* what has no zone is local time */
    tzset();
    assert_true(date_parse("2024-3-1@22h05m09s123ms") == 1709301909123);
    assert_true(date_parse("2024-03-01T14:05:09.123Z") == 1709301909123);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_dates) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
