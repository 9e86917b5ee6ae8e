#include "base/number.h"

#include "base/utf8.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 48 /* bytes of one in digits */

/* ---- measures ---- */

/* Measures of the same number are one. Chinese ones stand right behind the number, maybe behind "多", "来"; English ones are the next
 * word. What is not here counts anything. */
static const struct {
    const char *word;
    int unit;
} units[] = {
    { "岁", NUMBER_YEAR }, { "year", 1 },     { "years", 1 },   { "年", 1 },       { "月", 2 },
    { "month", 2 },        { "months", 2 },   { "日", 3 },      { "号", 3 },       { "day", 4 },
    { "days", 4 },         { "天", 4 },       { "点", 5 },      { "o'clock", 5 },  { "am", 5 },
    { "pm", 5 },           { "分", 6 },       { "minute", 6 },  { "minutes", 6 },  { "周", 7 },
    { "week", 7 },         { "weeks", 7 },    { "块", 8 },      { "元", 8 },       { "yuan", 8 },
    { "本", 9 },           { "book", 9 },     { "books", 9 },   { "平", 10 },      { "square", 10 },
    { "米", 11 },          { "metre", 11 },   { "metres", 11 }, { "meters", 11 },  { "公", 12 },
    { "kilometres", 12 },  { "顿", 13 },      { "封", 14 },     { "letters", 14 }, { "盘", 15 },
    { "games", 15 },       { "度", 16 },      { "小", 17 },     { "hour", 17 },    { "hours", 17 },
    { "pounds", 18 },      { "dollars", 19 }, { "euros", 20 },
};

static int unit_of(const char *word, size_t n)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strlen(units[i].word) == n && strncasecmp(units[i].word, word, n) == 0)
            return units[i].unit;
    return 0;
}

static bool skip(const char *text, size_t *at, const char *const *list)
{
    for (; *list; list++)
        if (strncmp(text + *at, *list, strlen(*list)) == 0) {
            *at += strlen(*list);
            return true;
        }
    return false;
}

static int unit_behind(const char *text, size_t at)
{
    static const char *const about[] = { "多", "来", "几", "余", " ", "-", NULL };
    while (skip(text, &at, about))
        ;
    size_t n = 0;
    if ((unsigned char)text[at] >= 0x80) {
        utf8_decode(text + at, strlen(text + at), &n);
        return unit_of(text + at, n);
    }
    while (isalpha((unsigned char)text[at + n]) || text[at + n] == '\'')
        n++;
    return n ? unit_of(text + at, n) : 0;
}

/* ---- Chinese ---- */

/* Of one numeral: 0…9, or a power of ten. -1: it is none. */
static double numeral(const char *c)
{
    static const struct {
        const char *c;
        double value;
    } all[] = { { "零", 0 },  { "〇", 0 },   { "一", 1 },    { "二", 2 },   { "两", 2 },  { "三", 3 },
                { "四", 4 },  { "五", 5 },   { "六", 6 },    { "七", 7 },   { "八", 8 },  { "九", 9 },
                { "十", 10 }, { "百", 100 }, { "千", 1000 }, { "万", 1e4 }, { "亿", 1e8 } };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strncmp(c, all[i].c, 3) == 0)
            return all[i].value;
    return -1;
}

/* Words that begin as numbers do: "by any chance", "very". */
/* Bytes; 0: it is none. */
static size_t only_sounds(const char *text)
{
    static const char *const words[] = { "万一", "千万别", "千万不", "十分", "三三两两" };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strncmp(text, words[i], strlen(words[i])) == 0)
            return strncmp(text, "十分钟", 9) ? strlen(words[i]) : 0;
    return 0;
}

/* "二十七", "三万五", "一九九九"; bytes, 0: none. */
static size_t chinese(const char *text, double *value)
{
    double sum = 0, part = 0, digits = 0, last = 1;
    size_t n = 0, run = 0;
    for (double d; (d = numeral(text + n)) >= 0; n += 3) {
        if (d < 10) {
            digits = run++ ? 10 * digits + d : d;
            continue;
        }
        digits = run || n ? digits : 1; /* "十" begins with a ten */
        if (d < 1e4) {
            part += (run || !n ? digits : 0) * d;
        } else {
            /* 三千万亿 is of all before it, 一亿三千万 of what came since the 亿 */
            sum = d > 1e4 || part + digits == 0 ? (sum + part + digits) * d : sum + (part + digits) * d;
            part = 0;
        }
        last = d;
        digits = 0;
        run = 0;
    }
    /* "三万五" is 35000, "三百零五" is not 350. */
    bool short_form = run == 1 && last >= 100 && n >= 9 && strncmp(text + n - 6, "零", 3) != 0;
    *value = sum + part + (short_form ? digits * last / 10 : digits);
    return (n == 3 && strncmp(text, "一", 3) == 0) || only_sounds(text) ? 0 : n;
}

/* ---- digits ---- */

/* "1,450", "3.5", "10:30", and "3万"; bytes, 0: none. */
static size_t arabic(const char *text, double *value)
{
    char plain[LONGEST];
    size_t n = 0, k = 0;
    double minutes = 0;
    bool clock = false;
    if (!isdigit((unsigned char)text[0]))
        return 0;
    for (;
         isdigit((unsigned char)text[n]) || (strchr(",.:", text[n]) && text[n] && isdigit((unsigned char)text[n + 1]));
         n++) {
        if (text[n] == ':' && !clock) {
            clock = true;
            minutes = strtod(text + n + 1, NULL);
        }
        if (text[n] != ',' && !clock && k + 1 < sizeof(plain))
            plain[k++] = text[n];
    }
    plain[k] = '\0';
    *value = strtod(plain, NULL) + (clock ? minutes / 60 : 0);
    for (double d; (d = numeral(text + n)) >= 100; n += 3)
        *value *= d;
    return n;
}

/* ---- English ---- */

static double english_word(const char *word, size_t n)
{
    static const struct {
        const char *word;
        double value;
    } all[] = {
        { "zero", 0 },       { "one", 1 },        { "two", 2 },          { "three", 3 },       { "four", 4 },
        { "five", 5 },       { "six", 6 },        { "seven", 7 },        { "eight", 8 },       { "nine", 9 },
        { "ten", 10 },       { "eleven", 11 },    { "twelve", 12 },      { "thirteen", 13 },   { "fourteen", 14 },
        { "fifteen", 15 },   { "sixteen", 16 },   { "seventeen", 17 },   { "eighteen", 18 },   { "nineteen", 19 },
        { "twenty", 20 },    { "thirty", 30 },    { "forty", 40 },       { "fifty", 50 },      { "sixty", 60 },
        { "seventy", 70 },   { "eighty", 80 },    { "ninety", 90 },      { "hundred", 100 },   { "thousand", 1000 },
        { "million", 1e6 },  { "third", 3 },      { "fourth", 4 },       { "fifth", 5 },       { "sixth", 6 },
        { "seventh", 7 },    { "eighth", 8 },     { "ninth", 9 },        { "tenth", 10 },      { "eleventh", 11 },
        { "twelfth", 12 },   { "twentieth", 20 }, { "thirtieth", 30 },   { "thirteenth", 13 }, { "fourteenth", 14 },
        { "fifteenth", 15 }, { "sixteenth", 16 }, { "seventeenth", 17 }, { "eighteenth", 18 }, { "nineteenth", 19 },
        { "dozen", 12 },     { "twice", 2 },
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strlen(all[i].word) == n && strncasecmp(all[i].word, word, n) == 0)
            return all[i].value;
    return -1;
}

static size_t letters(const char *text)
{
    size_t n = 0;
    while (isalpha((unsigned char)text[n]))
        n++;
    return n;
}

/* "twenty-seven", "two hundred and five"; bytes, 0: none. text is at the beginning of a word. */
static size_t english(const char *text, double *value)
{
    double sum = 0, part = 0;
    size_t end = 0, words = 0;
    for (size_t at = 0, n; (n = letters(text + at)) > 0;) {
        double d = english_word(text + at, n);
        if (d < 0 && part >= 20 && fmod(part, 10) == 0) /* "the twenty-second"; by itself that is no number */
            d = n == 5 && strncasecmp(text + at, "first", 5) == 0    ? 1
                : n == 6 && strncasecmp(text + at, "second", 6) == 0 ? 2
                                                                     : -1;
        bool and = words && n == 3 && strncasecmp(text + at, "and", 3) == 0;
        if (d < 0 && !and)
            break;
        if (!and) {
            bool tens = part >= 20 && fmod(part, 100) >= 20 && fmod(part, 10) == 0 && d < 10;
            bool low = fmod(part, 100) == 0 && d < 100;
            if (words && d < 100 && !tens && !low)
                break; /* "two, three" are two numbers */
            if (d >= 1000) {
                sum += (part > 0 ? part : 1) * d;
                part = 0;
            } else {
                part = d == 100 ? (part > 0 ? part : 1) * d : part + d;
            }
            words++;
            end = at + n;
        }
        at += n;
        if (text[at] != ' ' && text[at] != '-')
            break;
        at++;
    }
    *value = sum + part;
    return words == 1 && sum + part == 1 ? 0 : end;
}

/* ---- all ---- */

static bool half_past(const char *text, size_t start)
{
    static const char half[] = "half past ";
    size_t n = sizeof(half) - 1;
    return start >= n && strncasecmp(text + start - n, half, n) == 0;
}

bool number_next(const char *text, size_t *at, struct number *out)
{
    for (size_t i = *at, len; text[i]; i += len) {
        bool begins = i == 0 || !isalnum((unsigned char)text[i - 1]);
        size_t n = arabic(text + i, &out->value);
        n = n ? n : chinese(text + i, &out->value);
        n = n || !begins ? n : english(text + i, &out->value);
        if (n) {
            out->start = i;
            out->end = *at = i + n;
            bool half = half_past(text, i);
            out->unit = half || memchr(text + i, ':', n) ? NUMBER_CLOCK : unit_behind(text, i + n);
            if (half || strncmp(text + i + n, "点半", 6) == 0)
                out->value += 0.5;
            return true;
        }
        utf8_decode(text + i, strlen(text + i), &len);
        if (begins && isalpha((unsigned char)text[i]))
            len = letters(text + i);
        else if ((n = only_sounds(text + i)))
            len = n;
    }
    return false;
}

bool number_same(const struct number *a, const struct number *b)
{
    return fabs(a->value - b->value) < 1e-9 && (!a->unit || !b->unit || a->unit == b->unit);
}
