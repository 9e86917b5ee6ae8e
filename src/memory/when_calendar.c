/* The calendar in local time: days, weeks, months, seasons and years around an anchor. */
#include "memory/when_private.h"

#define YEAR_MAX 20000 /* years are held in ± this, so that no sum of days leaves 64 bits */

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static int64_t floor_mod(int64_t a, int64_t b) { return a - floor_div(a, b) * b; }

static int64_t clamp(int64_t x, int64_t low, int64_t high) { return x < low ? low : x > high ? high : x; }

/* Eras of 400 years that begin on 1 March: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013), days_from_civil. */
int64_t when_day(int64_t year, int64_t month, int64_t day)
{
    year = clamp(year + floor_div(month - 1, 12), -YEAR_MAX, YEAR_MAX);
    month = floor_mod(month - 1, 12) + 1;
    int64_t y = month <= 2 ? year - 1 : year, era = floor_div(y, 400), of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t when_day_at(int64_t local) { return floor_div(local, DAY_MS); }

/* The reverse, civil_from_days there. */
void when_civil(int64_t day, int *year, int *month, int *mday)
{
    int64_t z = day + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *mday = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

int when_month_days(int64_t year, int month) { return (int)(when_day(year, month + 1, 1) - when_day(year, month, 1)); }

int when_weekday(int64_t day) { return (int)floor_mod(day + 3, 7); }

bool when_is_date(int64_t year, int64_t month, int64_t day)
{
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           day <= when_month_days(year, (int)month);
}

struct when_span when_days(int64_t from, int64_t to, enum when_precision precision)
{
    return (struct when_span){ from * DAY_MS, to * DAY_MS, precision, false, false };
}

struct when_span when_month(int64_t year, int64_t month)
{
    return when_days(when_day(year, month, 1), when_day(year, month + 1, 1), WHEN_MONTH);
}

static struct when_span years(int64_t from, int64_t to, enum when_precision precision)
{
    return when_days(when_day(from, 1, 1), when_day(to, 1, 1), precision);
}

struct when_span when_year(int64_t year) { return years(year, year + 1, WHEN_YEAR); }

struct when_span when_season(int64_t year, enum when_season season)
{
    int month = 3 + 3 * (int)season;
    return when_days(when_day(year, month, 1), when_day(year, month + 3, 1), WHEN_SEASON);
}

struct when_span when_whole(const struct when_scan *s, enum when_unit unit, int64_t k)
{
    int64_t monday = s->today - s->weekday + 7 * k, decade = s->year - s->year % 10 + 10 * k;
    int64_t century = (s->year - 1) / 100 * 100 + 1 + 100 * k;
    switch (unit) {
    case UNIT_WEEK: return when_days(monday, monday + 7, WHEN_WEEK);
    case UNIT_MONTH: return when_month(s->year, s->month + k);
    case UNIT_YEAR: return when_year(s->year + k);
    case UNIT_DECADE: return years(decade, decade + 10, WHEN_DECADE);
    case UNIT_CENTURY: return years(century, century + 100, WHEN_AGE);
    default: return when_days(s->today + k, s->today + k + 1, WHEN_DAY);
    }
}

struct when_span when_weekend(const struct when_scan *s, int64_t k)
{
    int64_t saturday = s->today - s->weekday + 7 * k + 5;
    return when_days(saturday, saturday + 2, WHEN_WEEKEND);
}

struct when_span when_part(int64_t day, enum when_part part)
{
    static const struct {
        int from, to; /* hours */
    } parts[] = {
        { 0, 24 }, { 0, 6 }, { 5, 12 }, { 11, 14 }, { 12, 18 }, { 16, 20 }, { 17, 24 }, { 18, 30 }, { 22, 30 }
    };
    int64_t at = day * DAY_MS;
    return (struct when_span){ at + parts[part].from * HOUR_MS, at + parts[part].to * HOUR_MS,
                               part == PART_NONE ? WHEN_DAY : WHEN_PART, false, false };
}

struct when_span when_clock(int64_t day, int minutes)
{
    int64_t at = day * DAY_MS + minutes * MINUTE_MS;
    return (struct when_span){ at, at + HOUR_MS, WHEN_HOUR, false, false };
}

/* ---- how long ago ---- */

/* The same day k months later, or the last one of that month. */
static int64_t add_months(const struct when_scan *s, int64_t k)
{
    int64_t first = when_day(s->year, s->month + k, 1);
    int y, m, d;
    when_civil(first, &y, &m, &d);
    return first + clamp(s->day, 1, when_month_days(y, m)) - 1;
}

/* From a to b units after now, a <= b. */
static struct when_span between(const struct when_scan *s, enum when_unit unit, int64_t a, int64_t b)
{
    int64_t most = a < 0 ? -a : b, wide = most / 10;
    switch (unit) {
    case UNIT_MINUTE:
        return (struct when_span){ s->now + (a - 5) * MINUTE_MS, s->now + (b + 5) * MINUTE_MS, WHEN_HOUR, false,
                                   false };
    case UNIT_HOUR:
        return (struct when_span){ s->now + a * HOUR_MS - HOUR_MS / 2, s->now + b * HOUR_MS + HOUR_MS / 2, WHEN_HOUR,
                                   false, false };
    case UNIT_WEEK: return when_days(s->today + 7 * a - 3, s->today + 7 * b + 4, WHEN_WEEK);
    case UNIT_MONTH: return when_days(add_months(s, a) - 15, add_months(s, b) + 16, WHEN_MONTH);
    case UNIT_YEAR: return years(s->year + a - wide, s->year + b + 1 + wide, WHEN_YEAR);
    case UNIT_DECADE: return years(s->year + 10 * a - 3, s->year + 10 * b + 4, WHEN_DECADE);
    case UNIT_CENTURY: return years(s->year + 100 * a - 20, s->year + 100 * b + 21, WHEN_AGE);
    default: return when_days(s->today + a, s->today + b + 1, WHEN_DAY);
    }
}

struct when_span when_ago(const struct when_scan *s, enum when_unit unit, int64_t lo, int64_t hi, int sign)
{
    lo = clamp(lo, 0, 100000);
    hi = clamp(hi, lo, 100000);
    struct when_span span = sign < 0 ? between(s, unit, -hi, -lo) : between(s, unit, lo, hi);
    /* Of what is close both ends would reach over now. */
    if (sign < 0 && span.to > s->now && span.from < s->now)
        span.to = s->now;
    if (sign > 0 && span.from < s->now && span.to > s->now)
        span.from = s->now;
    span.vague = hi > lo || (unit == UNIT_YEAR && hi >= 10) || unit >= UNIT_DECADE;
    return span;
}

struct when_span when_this_day(const struct when_scan *s, int64_t years_on, bool about)
{
    int64_t day = add_months(s, 12 * clamp(years_on, -YEAR_MAX, YEAR_MAX));
    struct when_span span = about ? when_days(day - 15, day + 16, WHEN_MONTH) : when_days(day, day + 1, WHEN_DAY);
    span.vague = about;
    return span;
}

struct when_span when_lately(const struct when_scan *s, enum when_unit unit, int64_t n, int sign)
{
    n = clamp(n, 1, 100000);
    int64_t k = sign * n;
    struct when_span span = between(s, unit, sign < 0 ? k : 0, sign < 0 ? 0 : k);
    int64_t edge = unit == UNIT_MINUTE   ? s->now + k * MINUTE_MS
                   : unit == UNIT_HOUR   ? s->now + k * HOUR_MS
                   : unit == UNIT_DAY    ? (s->today + k + (sign > 0)) * DAY_MS
                   : unit == UNIT_WEEK   ? (s->today + 7 * k + (sign > 0)) * DAY_MS
                   : unit == UNIT_MONTH  ? add_months(s, k) * DAY_MS
                   : unit == UNIT_YEAR   ? add_months(s, 12 * k) * DAY_MS
                   : unit == UNIT_DECADE ? add_months(s, 120 * k) * DAY_MS
                                         : add_months(s, 1200 * k) * DAY_MS;
    span.from = sign < 0 ? edge : s->now;
    span.to = sign < 0 ? s->now : edge;
    return span;
}

struct when_span when_third(struct when_span span, int third)
{
    static const enum when_precision finer[] = { WHEN_HOUR, WHEN_PART, WHEN_PART,   WHEN_DAY,  WHEN_DAY,
                                                 WHEN_WEEK, WHEN_WEEK, WHEN_SEASON, WHEN_YEAR, WHEN_DECADE };
    int64_t from = floor_div(span.from, DAY_MS), days = floor_div(span.to, DAY_MS) - from;
    if (days < 3)
        return span;
    /* The edges of a year are its first and last three months. */
    bool year = span.precision == WHEN_YEAR;
    int64_t a = year ? days - 275 : days / 3, b = year ? days - 92 : days * 2 / 3;
    span.from = (from + (third == 0 ? 0 : third == 1 ? a : b)) * DAY_MS;
    span.to = (from + (third == 0 ? a : third == 1 ? b : days)) * DAY_MS;
    span.precision = finer[span.precision];
    span.vague = true;
    return span;
}

/* ---- names that come round ---- */

struct when_span when_near_weekday(const struct when_scan *s, int weekday, enum when_tense tense)
{
    int64_t step = tense == TENSE_FUTURE ? floor_mod(weekday - s->weekday, 7) : -floor_mod(s->weekday - weekday, 7);
    if (step == 0) /* nobody calls today by its name */
        step = tense == TENSE_FUTURE ? 7 : -7;
    struct when_span span = when_days(s->today + step, s->today + step + 1, WHEN_DAY);
    span.guessed = tense == TENSE_NONE;
    return span;
}

struct when_span when_near_weekend(const struct when_scan *s, enum when_tense tense)
{
    struct when_span span = when_weekend(s, tense == TENSE_FUTURE || s->weekday >= 5 ? 0 : -1);
    span.guessed = tense == TENSE_NONE;
    return span;
}

struct when_span when_near_month(const struct when_scan *s, int month, enum when_tense tense)
{
    struct when_span span = when_month(
        tense == TENSE_FUTURE ? s->year + (month < s->month) : s->year - (month > s->month), month);
    span.guessed = tense == TENSE_NONE;
    return span;
}

struct when_span when_near_season(const struct when_scan *s, enum when_season season, enum when_tense tense)
{
    struct when_span span = { 0 };
    for (int k = tense == TENSE_FUTURE ? -1 : 1; k >= -2 && k <= 2; k += tense == TENSE_FUTURE ? 1 : -1) {
        span = when_season(s->year + k, season);
        if (tense == TENSE_FUTURE ? span.to > s->now : span.from <= s->now)
            break;
    }
    span.guessed = tense == TENSE_NONE;
    return span;
}

bool when_near_date(const struct when_scan *s, int month, int day, enum when_tense tense, struct when_span *out)
{
    int step = tense == TENSE_FUTURE ? 1 : -1;
    for (int k = 0; k <= 8; k++) { /* a leap day comes after eight years at the latest */
        int64_t year = s->year + step * k, at = when_day(year, month, day);
        if (!when_is_date(year, month, day) || (step > 0 ? at < s->today : at > s->today))
            continue;
        *out = when_days(at, at + 1, WHEN_DAY);
        out->guessed = tense == TENSE_NONE;
        return true;
    }
    return false;
}

bool when_near_mday(const struct when_scan *s, int day, enum when_tense tense, struct when_span *out)
{
    int step = tense == TENSE_FUTURE ? 1 : -1;
    for (int k = 0; k <= 2; k++) {
        int64_t first = when_day(s->year, s->month + step * k, 1), at = first + day - 1;
        bool in = day >= 1 && at < when_day(s->year, s->month + step * k + 1, 1);
        if (!in || (step > 0 ? at < s->today : at > s->today))
            continue;
        *out = when_days(at, at + 1, WHEN_DAY);
        out->guessed = tense == TENSE_NONE;
        return true;
    }
    return false;
}

struct when_span when_relative_weekday(const struct when_scan *s, int weekday, int k)
{
    if (k < 0)
        return when_near_weekday(s, weekday, TENSE_PAST);
    int64_t day = s->today - s->weekday + weekday + 7 * k;
    return when_days(day, day + 1, WHEN_DAY);
}

struct when_span when_relative_month(const struct when_scan *s, int month, int k)
{
    int64_t year = k < 0 ? s->year - (month >= s->month) : k > 0 ? s->year + (month <= s->month) : s->year;
    return when_month(year, month);
}

struct when_span when_relative_season(const struct when_scan *s, enum when_season season, int k)
{
    if (k == 0)
        return when_season(s->year - (season == SEASON_WINTER && s->month <= 2), season);
    for (int i = 0; i < 3; i++) {
        struct when_span span = when_season(s->year + (k < 0 ? -i : i - 1), season);
        if (k < 0 ? span.to <= s->now : span.from > s->now)
            return span;
    }
    return when_season(s->year + k, season);
}
