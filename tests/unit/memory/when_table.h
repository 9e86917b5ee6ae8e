/* when_table.h — time expressions written as lines, so that a table of texts says what is found in each:
 *   "last week|2023-05-08..2023-05-15|week|past", more than one with "; " between, "" for none; "~" at the end: vague.
 * Moments are of the anchor's local time. */
#ifndef TEST_WHEN_TABLE_H
#define TEST_WHEN_TABLE_H
#include "memory/when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Friday, 19 May 2023, 13:15 in Greenwich. */
#define MAY_19 ((struct when_anchor){ 1684502100000, 0 })

struct when_case {
    const char *text, *expected;
};

static inline size_t write_moment(char *out, size_t size, int64_t local_ms)
{
    time_t s = (time_t)(local_ms / 1000 - (local_ms % 1000 < 0));
    struct tm tm;
    gmtime_r(&s, &tm);
    int n = snprintf(out, size, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    if (tm.tm_hour || tm.tm_min)
        n += snprintf(out + n, size - (size_t)n, "T%02d:%02d", tm.tm_hour, tm.tm_min);
    return (size_t)n;
}

static inline void write_found(const char *text, struct when_anchor anchor, char *out, size_t size)
{
    static const char *const precisions[] = { "hour",  "part",   "day",  "weekend", "week",
                                              "month", "season", "year", "decade",  "age" };
    static const char *const directions[] = { "past", "future", "either" };
    struct when found[WHEN_MOST];
    size_t n = when_find(text, strlen(text), anchor, found, WHEN_MOST), len = 0;
    int64_t offset = anchor.offset_min * 60000ll;
    out[0] = '\0';
    for (size_t i = 0; i < n && len + 200 < size; i++) {
        len += (size_t)snprintf(out + len, size - len, "%s%.*s|", i ? "; " : "", (int)(found[i].end - found[i].start),
                                text + found[i].start);
        len += write_moment(out + len, size - len, found[i].from_ms + offset);
        len += (size_t)snprintf(out + len, size - len, "..");
        len += write_moment(out + len, size - len, found[i].to_ms + offset);
        len += (size_t)snprintf(out + len, size - len, "|%s|%s%s", precisions[found[i].precision],
                                directions[found[i].direction], found[i].vague ? "~" : "");
    }
}

static inline void check_cases(const struct when_case *cases, size_t n, struct when_anchor anchor)
{
    size_t wrong = 0;
    char found[4096];
    for (size_t i = 0; i < n; i++) {
        write_found(cases[i].text, anchor, found, sizeof(found));
        if (strcmp(found, cases[i].expected) != 0) {
            print_error("%s\n  finds    %s\n  expected %s\n", cases[i].text, found, cases[i].expected);
            wrong++;
        }
        if (when_mentions(cases[i].text, strlen(cases[i].text)) != (cases[i].expected[0] != '\0')) {
            print_error("%s: when_mentions differs\n", cases[i].text);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

#define CHECK_CASES(table, anchor) check_cases(table, sizeof(table) / sizeof((table)[0]), anchor)
#endif
