/* recalled_value.h — the values of a text that are no names: numbers, dates, times, days of the week, months. "On the fourteenth", 十四号 and
 * "the 14th" are one, and so are 周日, 星期天 and "Sunday". What a model makes up where it was asked for a date is one of them. */
#ifndef MIND_RECALLED_VALUE_H
#define MIND_RECALLED_VALUE_H
#include <stdbool.h>
#include <stddef.h>

struct recalled_value {
    double value;
    int unit; /* as base/number.h has it; RECALLED_WEEKDAY: 1 Monday … 7 Sunday */
};

enum { RECALLED_WEEKDAY = -1 };

/* Starts as { 0 }. One thread at a time. */
struct recalled_values {
    struct recalled_value *list;
    size_t n, max;
};

void recalled_values_finish(struct recalled_values *values);
/* The next value of text from byte *at on; *at goes behind it. A small number that counts nothing ("the two of us", 三心二意) is none. */
bool recalled_value_next(const char *text, size_t *at, struct recalled_value *out);
/* Those of text, at most so many in all. -1: out of memory. */
int recalled_values_add(struct recalled_values *values, const char *text, size_t most);
/* Whether it is among them: the same number, and not of two different measures; three o'clock may be fifteen. */
bool recalled_values_have(const struct recalled_values *values, const struct recalled_value *value);
#endif
