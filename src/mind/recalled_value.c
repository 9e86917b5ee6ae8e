#include "mind/recalled_value.h"

#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define SMALL 2 /* "the two of us": tells nothing, unless something is measured */
#define CLOCK 12

void recalled_values_finish(struct recalled_values *v)
{
    mem_free(v->list);
    *v = (struct recalled_values){ .list = NULL };
}

/* ---- days of the week, months ---- */

static const char *const weekdays[] = { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday" };
static const char *const months[] = { "january", "february", "march",     "april",   "may",      "june",
                                      "july",    "august",   "september", "october", "november", "december" };

/* The place of a word in a list, from 1; 0: it is not in it. */
static int among(const char *const *list, int n, const char *word, size_t len)
{
    for (int i = 0; i < n; i++)
        if (strlen(list[i]) == len && strncasecmp(list[i], word, len) == 0)
            return i + 1;
    return 0;
}

static size_t letters(const char *text)
{
    size_t n = 0;
    while (isalpha((unsigned char)text[n]))
        n++;
    return n;
}

/* Whether text begins with a character of list. */
static bool is_among(const char *text, const char *list)
{
    for (; *list; list += 3)
        if (strncmp(list, text, 3) == 0)
            return true;
    return false;
}

/* 周六, 星期天, 礼拜三; bytes, 0: none. */
static size_t chinese_weekday(const char *text, int *day)
{
    static const char *const heads[] = { "星期", "礼拜", "周" };
    static const char often[] = "次趟遍回";
    static const char *const days[] = { "一", "二", "三", "四", "五", "六", "日", "天" };
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
        size_t n = strlen(heads[i]);
        for (int k = 0; strncmp(text, heads[i], n) == 0 && k < 8; k++)
            if (strncmp(text + n, days[k], 3) == 0 && !is_among(text + n + 3, often)) { /* 一周一次 */
                *day = k < 7 ? k + 1 : 7;
                return n + 3;
            }
    }
    return 0;
}

/* "May" and "march" are months only beside a number or behind a word of time. */
static bool is_month(const char *text, size_t at, size_t end, int month)
{
    static const char *const before[] = {
        "in ", "of ", "since ", "until ", "last ", "next ", "this ", "early ", "late "
    };
    if (month != 3 && month != 5)
        return true;
    if (text[end] == ' ' && isdigit((unsigned char)text[end + 1]))
        return true;
    for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
        size_t n = strlen(before[i]);
        if (at >= n && strncasecmp(text + at - n, before[i], n) == 0)
            return true;
    }
    return at >= 2 && text[at - 1] == ' ' && (isdigit((unsigned char)text[at - 2]) || strchr("htd", text[at - 2])) &&
           isupper((unsigned char)text[at]);
}

/* Ones, which are no numbers for base/number.h: 一 and "one" are in every second sentence. */
static size_t one_of(const char *text, struct recalled_value *out)
{
    static const struct {
        const char *word;
        int unit;
    } ones[] = { { "一月", NUMBER_MONTH },
                 { "一号", NUMBER_DATE },
                 { "一日", NUMBER_DATE },
                 { "一岁", NUMBER_YEAR },
                 { "one year", NUMBER_YEAR } };
    for (size_t i = 0; i < sizeof(ones) / sizeof(*ones); i++)
        if (strncasecmp(text, ones[i].word, strlen(ones[i].word)) == 0) {
            *out = (struct recalled_value){ 1, ones[i].unit };
            return strlen(ones[i].word);
        }
    return 0;
}

/* A day or a month that is no number, at text + at; bytes, 0: none. */
static size_t calendar(const char *text, size_t at, struct recalled_value *out)
{
    int day;
    size_t n = chinese_weekday(text + at, &day);
    if (n) {
        *out = (struct recalled_value){ day, RECALLED_WEEKDAY };
        return n;
    }
    n = at && isalpha((unsigned char)text[at - 1]) ? 0 : one_of(text + at, out);
    if (n)
        return n;
    n = at && isalpha((unsigned char)text[at - 1]) ? 0 : letters(text + at);
    size_t one = n > 1 && tolower((unsigned char)text[at + n - 1]) == 's' ? n - 1 : n; /* "on Mondays" */
    if (n && (day = among(weekdays, 7, text + at, one)))
        *out = (struct recalled_value){ day, RECALLED_WEEKDAY };
    else if (n && (day = among(months, 12, text + at, n)) && is_month(text, at, at + n, day))
        *out = (struct recalled_value){ day, NUMBER_MONTH };
    else
        return 0;
    return n;
}

/* ---- numbers ---- */

/* Whether a number tells something: it measures, or is larger than what talk is full of. One numeral of Chinese is also a part of words. */
static bool tells(const char *text, const struct number *n)
{
    static const char counted[] =
        "个只条张位次件枝朵斤块本家间份束双公里颗盒瓶杯座层楼套台辆部封口"; /* what Chinese counts with */
    bool numeral = (unsigned char)text[n->start] >= 0x80, single = n->end - n->start == 3;
    if (n->unit || (n->start >= 3 && strncmp(text + n->start - 3, "第", 3) == 0))
        return true;
    if (numeral && single)
        return n->value > SMALL && is_among(text + n->end, counted);
    return n->value > SMALL;
}

/* Where the next number that tells something begins; false: there is none. */
static bool next_number(const char *text, size_t from, struct number *out)
{
    for (size_t at = from; number_next(text, &at, out);)
        if (tells(text, out))
            return true;
    return false;
}

bool recalled_value_next(const char *text, size_t *at, struct recalled_value *out)
{
    struct number n;
    bool number = next_number(text, *at, &n);
    for (size_t i = *at, len; text[i]; i += len) {
        size_t day = calendar(text, i, out);
        if (day || (number && i >= n.start)) {
            if (!day)
                *out = (struct recalled_value){ n.value, n.unit };
            *at = day ? i + day : n.end;
            return true;
        }
        utf8_decode(text + i, strlen(text + i), &len);
    }
    *at += strlen(text + *at);
    return false;
}

int recalled_values_add(struct recalled_values *v, const char *text, size_t most)
{
    struct recalled_value one;
    for (size_t at = 0; v->n < most && recalled_value_next(text, &at, &one);) {
        struct recalled_value *list = mem_grow(v->list, v->n, &v->max, sizeof(*list));
        if (!list)
            return -1;
        v->list = list;
        list[v->n++] = one;
    }
    return 0;
}

static bool same(const struct recalled_value *a, const struct recalled_value *b)
{
    double apart = fabs(a->value - b->value);
    if (a->unit == RECALLED_WEEKDAY || b->unit == RECALLED_WEEKDAY)
        return a->unit == b->unit && apart < 0.5;
    if (a->unit && b->unit && a->unit != b->unit)
        return false;
    bool clock = (a->unit == NUMBER_CLOCK || b->unit == NUMBER_CLOCK) && fabs(apart - CLOCK) < 1e-9;
    return apart < 1e-9 || clock;
}

bool recalled_values_have(const struct recalled_values *v, const struct recalled_value *value)
{
    for (size_t i = 0; i < v->n; i++)
        if (same(&v->list[i], value))
            return true;
    return false;
}
