/* How long ago a moment is, as people say it. What is said is what when_find reads as a span with that moment in it. */
#include "memory/when_private.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

struct age {
    struct when_scan now, then; /* the same text of nothing, at both moments */
    int64_t days;               /* calendar days between them; less than 0: it is to come */
    int64_t minutes;
    bool zh;
};

static const char *const weekdays_en[] = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
};
static const char *const weekdays_zh[] = { "一", "二", "三", "四", "五", "六", "日" };
static const char *const months_en[] = { "January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December" };
static const char *const months_zh[] = { "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二" };
static const char *const numbers_en[] = { "zero",  "a",     "two",  "three", "four",   "five",   "six",
                                          "seven", "eight", "nine", "ten",   "eleven", "twelve", "thirteen" };
static const char *const numbers_zh[] = { "零", "一", "两", "三", "四",   "五",   "六",
                                          "七", "八", "九", "十", "十一", "十二", "十三" };

static int64_t months_between(const struct age *a)
{
    return 12ll * (a->now.year - a->then.year) + a->now.month - a->then.month;
}

/* Longer ago than one counts in hours. */
static void part_of_today(const struct age *a, char *out, size_t size)
{
    int64_t hour = (a->then.now - a->then.today * DAY_MS) / HOUR_MS;
    const char *en = hour < 5    ? "earlier today"
                     : hour < 12 ? "this morning"
                     : hour < 18 ? "this afternoon"
                                 : "earlier today";
    const char *zh = hour < 5 ? "今天凌晨" : hour < 12 ? "今天早上" : hour < 18 ? "今天下午" : "今天";
    snprintf(out, size, "%s", a->zh ? zh : en);
}

/* Earlier or later on the same day. */
static void same_day(const struct age *a, char *out, size_t size)
{
    int64_t m = a->minutes, hours = (m + 30) / 60;
    if (a->then.now > a->now.now)
        snprintf(out, size, a->zh ? "今天" : "today");
    else if (m < 5)
        snprintf(out, size, a->zh ? "刚才" : "just now");
    else if (m < 55)
        snprintf(out, size, a->zh ? "%d分钟前" : "%d minutes ago", (int)m);
    else if (hours > 5)
        part_of_today(a, out, size);
    else if (a->zh)
        snprintf(out, size, "%s个小时前", numbers_zh[hours]);
    else
        snprintf(out, size, hours == 1 ? "an hour ago" : "%s hours ago", numbers_en[hours]);
}

/* Within the last week, and what is left of the one before. */
static bool days_ago(const struct age *a, char *out, size_t size)
{
    int64_t monday = a->now.today - a->now.weekday;
    int hour = (int)((a->then.now - a->then.today * DAY_MS) / HOUR_MS), wd = a->then.weekday;
    if (a->days == 1)
        snprintf(out, size, "%s", hour >= 18 ? (a->zh ? "昨晚" : "last night") : a->zh ? "昨天" : "yesterday");
    else if (a->days == 2)
        snprintf(out, size, a->zh ? "前天" : "the day before yesterday");
    else if (!a->zh && a->days < 7)
        snprintf(out, size, "last %s", weekdays_en[wd]);
    else if (a->zh && a->then.today >= monday)
        snprintf(out, size, "这周%s", weekdays_zh[wd]);
    else if (a->zh && a->then.today >= monday - 7)
        snprintf(out, size, "上周%s", weekdays_zh[wd]);
    else if (!a->zh && a->then.today >= monday - 7)
        snprintf(out, size, "last week");
    else
        return false;
    return true;
}

static void month_of(const struct age *a, char *out, size_t size)
{
    int64_t years = a->now.year - a->then.year;
    int month = a->then.month - 1;
    static const char *const names[] = { "今年", "去年", "前年" };
    if (a->zh && years >= 0 && years <= 2)
        snprintf(out, size, "%s%s月", names[years], months_zh[month]);
    else if (a->zh)
        snprintf(out, size, "%d年%s月", a->then.year, months_zh[month]);
    else if (years == 0)
        snprintf(out, size, "in %s this year", months_en[month]);
    else if (years == 1)
        snprintf(out, size, "in %s last year", months_en[month]);
    else
        snprintf(out, size, "in %s %d", months_en[month], a->then.year);
}

static void longer_ago(const struct age *a, char *out, size_t size)
{
    int64_t weeks = (a->days + 3) / 7, years = a->now.year - a->then.year;
    if (a->days < 28 && a->zh)
        snprintf(out, size, "%s个星期前", numbers_zh[weeks]);
    else if (a->days < 28)
        snprintf(out, size, weeks == 1 ? "a week ago" : "%s weeks ago", numbers_en[weeks]);
    else if (months_between(a) == 1)
        snprintf(out, size, a->zh ? "上个月" : "last month");
    else if (years > 10)
        snprintf(out, size, a->zh ? "%d年" : "in %d", a->then.year);
    else if (years == 0 && !a->zh)
        snprintf(out, size, "in %s", months_en[a->then.month - 1]);
    else
        month_of(a, out, size);
}

static void to_come(const struct age *a, char *out, size_t size)
{
    int days = (int)-a->days;
    if (days == 1)
        snprintf(out, size, a->zh ? "明天" : "tomorrow");
    else if (days == 2)
        snprintf(out, size, a->zh ? "后天" : "the day after tomorrow");
    else if (days < 14)
        snprintf(out, size, a->zh ? "%s天后" : "in %s days", (a->zh ? numbers_zh : numbers_en)[days]);
    else if (a->zh)
        snprintf(out, size, "%d年%s月", a->then.year, months_zh[a->then.month - 1]);
    else
        snprintf(out, size, "in %s %d", months_en[a->then.month - 1], a->then.year);
}

static size_t put(const char *text, char *out, size_t size)
{
    if (!size)
        return 0;
    size_t n = utf8_cut(text, strlen(text), size - 1);
    memcpy(out, text, n);
    out[n] = '\0';
    return n;
}

size_t when_age_text(int64_t ms, struct when_anchor now, const char *language, char *out, size_t size)
{
    char text[64];
    struct when_anchor then = { ms, now.offset_min };
    struct age a = { .now = when_scan_begin("", 0, now), .then = when_scan_begin("", 0, then) };
    a.zh = language && strncmp(language, "zh", 2) == 0;
    a.days = a.now.today - a.then.today;
    a.minutes = (a.now.now - a.then.now) / MINUTE_MS;
    if (a.days == 0)
        same_day(&a, text, sizeof(text));
    else if (a.days < 0)
        to_come(&a, text, sizeof(text));
    else if (!days_ago(&a, text, sizeof(text)))
        longer_ago(&a, text, sizeof(text));
    return put(text, out, size);
}

size_t when_day_text(int64_t ms, struct when_anchor now, const char *language, char *out, size_t size)
{
    char text[64], year[16] = "";
    const struct when_scan then = when_scan_begin("", 0, (struct when_anchor){ ms, now.offset_min });
    bool zh = language && strncmp(language, "zh", 2) == 0, other = when_scan_begin("", 0, now).year != then.year;
    if (other)
        snprintf(year, sizeof(year), zh ? "%d年" : " %d", then.year);
    if (zh)
        snprintf(text, sizeof(text), "%s%d月%d日星期%s", year, then.month, then.day, weekdays_zh[then.weekday]);
    else
        snprintf(text, sizeof(text), "%s %d %s%s", weekdays_en[then.weekday], then.day, months_en[then.month - 1],
                 year);
    return put(text, out, size);
}
