/* number.h — the numbers of a text by their value: "27", "30,000", "3万", "二十七", "twenty-seven", "half past ten". Pure functions. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H
#include <stdbool.h>
#include <stddef.h>

/* Some of the measures: years and ages, months, days of a month, hours of the day. */
enum { NUMBER_YEAR = 1, NUMBER_MONTH, NUMBER_DATE, NUMBER_CLOCK = 5 };

struct number {
    size_t start, end; /* bytes of the text */
    double value;      /* times of the day in hours: "10:30" is 10.5 */
    int unit;          /* what is counted, as far as that is a measure ("岁" and "years" are one); 0: anything */
};

/* The next number from byte *at on; *at goes behind it. "一", "one", "first" and "second" by themselves are no numbers. */
bool number_next(const char *text, size_t *at, struct number *out);
/* Whether b may stand for a: the same value, and not two different measures. */
bool number_same(const struct number *a, const struct number *b);
#endif
