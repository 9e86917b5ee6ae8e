#include "base/date.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define LATEST_MS 7258118400000ll /* the year 2200 */

int64_t date_ms(const struct date *d)
{
    if (d->year < 1970 || d->year > 2199 || d->month < 1 || d->month > 12 || d->day < 1 || d->day > 31 || d->hour < 0 ||
        d->hour > 23 || d->minute < 0 || d->minute > 59 || d->second < 0 || d->second > 60 || d->ms < 0 || d->ms > 999)
        return -1;
    struct tm tm = { .tm_year = d->year - 1900,
                     .tm_mon = d->month - 1,
                     .tm_mday = d->day,
                     .tm_hour = d->hour,
                     .tm_min = d->minute,
                     .tm_sec = d->second,
                     .tm_isdst = -1 };
    int64_t s = d->zoned ? (int64_t)timegm(&tm) - d->offset_min * 60ll : (int64_t)mktime(&tm);
    return s < 0 ? -1 : s * 1000 + d->ms;
}

/* ".123456", "Z", "+08:00", "-0530" behind the seconds. */
static bool take_rest(const char *s, struct date *d)
{
    if (*s == '.' || *s == ',') {
        int scale = 100;
        for (s++; isdigit((unsigned char)*s); s++, scale /= 10)
            d->ms += (*s - '0') * scale;
    }
    while (*s == ' ')
        s++;
    if (!*s)
        return true;
    d->zoned = true;
    if (*s == 'Z' || *s == 'z')
        return !s[1];
    int hours, minutes = 0;
    if ((*s != '+' && *s != '-') || sscanf(s + 1, "%2d:%2d", &hours, &minutes) < 1)
        return false;
    if (strlen(s) == 5 && sscanf(s + 1, "%2d%2d", &hours, &minutes) != 2)
        return false;
    d->offset_min = (*s == '-' ? -1 : 1) * (hours * 60 + minutes);
    return abs(d->offset_min) <= 14 * 60;
}

/* 2024-03-01T14:05:09.123Z */
static bool take_iso(const char *s, struct date *d)
{
    int n = 0;
    if (sscanf(s, "%4d-%2d-%2d%*1[Tt ]%2d:%2d%n", &d->year, &d->month, &d->day, &d->hour, &d->minute, &n) != 5 || !n)
        return false;
    int more = 0;
    if (s[n] == ':' && sscanf(s + n, ":%2d%n", &d->second, &more) != 1)
        return false;
    return take_rest(s + n + more, d);
}

/* 2024-3-1@14h05m09s123ms, with blanks between its parts or without; the milliseconds may be missing. */
static bool take_humanized(const char *s, struct date *d)
{
    return sscanf(s, "%4d-%2d-%2d @%2dh %2dm %2ds %3dms", &d->year, &d->month, &d->day, &d->hour, &d->minute,
                  &d->second, &d->ms) >= 6;
}

/* 1 for "Jan", "January"; 0: none. */
static int month_of(const char *word)
{
    static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun",
                                          "jul", "aug", "sep", "oct", "nov", "dec" };
    for (int i = 0; i < 12; i++)
        if (strncasecmp(word, months[i], 3) == 0)
            return i + 1;
    return 0;
}

/* Wed Oct 10 20:19:24 +0000 2018 */
static bool take_zoned_words(const char *s, struct date *d)
{
    char month[4], zone[6];
    if (sscanf(s, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %5[+0-9-] %4d", month, &d->day, &d->hour, &d->minute,
               &d->second, zone, &d->year) != 7)
        return false;
    d->month = month_of(month);
    return take_rest(zone, d);
}

/* March 1, 2024 2:05pm */
static bool take_words(const char *s, struct date *d)
{
    char month[12];
    int n = 0, more = 0;
    if (sscanf(s, "%11[A-Za-z] %2d, %4d %2d:%2d%n", month, &d->day, &d->year, &d->hour, &d->minute, &n) != 5 || !n)
        return false;
    d->month = month_of(month);
    if (s[n] == ':' && sscanf(s + n, ":%2d%n", &d->second, &more) != 1)
        return false;
    s += n + more;
    while (*s == ' ')
        s++;
    bool am = strncasecmp(s, "am", 2) == 0, pm = strncasecmp(s, "pm", 2) == 0;
    if ((am || pm) && (d->hour < 1 || d->hour > 12))
        return false;
    if (am || pm)
        d->hour = d->hour % 12 + (pm ? 12 : 0);
    return d->month > 0;
}

static int64_t number_ms(const char *s)
{
    if (strspn(s, "0123456789") != strlen(s) || strlen(s) > 15)
        return -1;
    int64_t n = strtoll(s, NULL, 10);
    if (n < 100000000000ll)
        n *= 1000; /* seconds */
    return n < LATEST_MS ? n : -1;
}

int64_t date_parse(const char *s)
{
    while (*s == ' ')
        s++;
    if (!*s || strlen(s) > 80)
        return -1;
    bool (*const forms[])(const char *, struct date *) = { take_iso, take_humanized, take_words, take_zoned_words };
    int64_t ms = number_ms(s);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && ms < 0; i++) {
        struct date d = { 0 };
        if (forms[i](s, &d))
            ms = date_ms(&d);
    }
    return ms;
}
