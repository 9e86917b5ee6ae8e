/* English expressions that count from the anchor: "yesterday", "last week", "on Monday", "three days ago", "recently". */
#include "memory/when_english.h"

#include <string.h>

/* "morning", "in the evening" behind a day. */
void english_part(struct english *e, struct when_span *span)
{
    size_t at = e->at;
    int part;
    if (!english_take(e, "in the"))
        english_take(e, "at");
    if (english_class(e, WORD_PART, &part)) {
        bool guessed = span->guessed;
        *span = when_part(when_day_at(span->from), (enum when_part)part);
        span->guessed = guessed;
        return;
    }
    e->at = at;
}

bool english_day(struct english *e, struct when_span *out)
{
    int k;
    if (!english_class(e, WORD_DAY, &k))
        return false;
    if (k & WORD_DOUBT && k > 0) {
        *out = when_part(e->scan->today, PART_NIGHT);
        return true;
    }
    *out = when_days(e->scan->today + k, e->scan->today + k + 1, WHEN_DAY);
    return true;
}

/* ---- weekdays ---- */

/* "last week" behind a weekday. */
static bool week_behind(struct english *e, int *k)
{
    size_t at = e->at;
    english_mark(e, ',');
    english_take(e, "of");
    if (english_class(e, WORD_WHICH, k) && english_take(e, "week"))
        return true;
    e->at = at;
    return false;
}

bool english_weekday(struct english *e, struct when_span *out)
{
    int weekday, k;
    size_t at = e->at;
    if (!english_class(e, WORD_WEEKDAY, &weekday))
        return false;
    struct token next = english_peek(e);
    bool is_short = weekday & WORD_SHORT;
    bool named = next.kind == TOKEN_WORD &&
                 when_listed(" school best roast times brunch club ", next.word, strlen(next.word));
    if (named || (is_short && (e->before != BEFORE_ON || weekday == (5 | WORD_SHORT) || weekday == (6 | WORD_SHORT)))) {
        e->at = at;
        return false;
    }
    weekday &= WORD_VALUE;
    if (week_behind(e, &k)) {
        int64_t day = e->scan->today - e->scan->weekday + weekday + 7 * k;
        *out = when_days(day, day + 1, WHEN_DAY);
    } else if (english_take(e, "before last")) {
        *out = when_near_weekday(e->scan, weekday, TENSE_PAST);
        out->from -= 7 * DAY_MS;
        out->to -= 7 * DAY_MS;
    } else {
        *out = when_near_weekday(e->scan, weekday, english_tense(e));
    }
    return true;
}

/* ---- "last", "this", "next" ---- */

/* "last three weeks", "past few days", "next two months" */
static bool stretch(struct english *e, int k, struct when_span *out)
{
    int lo, hi, unit;
    size_t at = e->at;
    bool counted = english_count(e, &lo, &hi);
    if (english_class(e, WORD_UNIT, &unit) && (counted || !(unit & WORD_PLURAL)) && k != 0) {
        *out = when_lately(e->scan, (enum when_unit)(unit & WORD_VALUE), counted ? hi : 1, k);
        out->vague = counted && hi > lo;
        return true;
    }
    e->at = at;
    return false;
}

/* "the coming weeks", "past years" */
static bool some_units(struct english *e, int k, struct when_span *out)
{
    size_t at = e->at;
    int unit;
    if (english_class(e, WORD_UNIT, &unit) && (unit & WORD_PLURAL)) {
        *out = when_lately(e->scan, (enum when_unit)(unit & WORD_VALUE), 6, k);
        out->vague = true;
        return true;
    }
    e->at = at;
    return false;
}

/* "last night", "this morning", "last evening" */
static bool which_part(struct english *e, int k, struct when_span *out)
{
    int part;
    if (!english_class(e, WORD_PART, &part))
        return false;
    *out = when_part(e->scan->today + k, (enum when_part)part);
    return true;
}

/* "last year's summer", "this year's Christmas" */
static bool of_that_year(struct english *e, int k, struct when_span *out)
{
    int64_t year = e->scan->year + k;
    int season, month;
    enum when_holiday holiday;
    size_t at = e->at;
    if (english_class(e, WORD_SEASON, &season))
        *out = when_season(year, (enum when_season)season);
    else if (english_class(e, WORD_MONTH, &month))
        *out = when_month(year, month & WORD_VALUE);
    else if (!english_holiday_name(e, &holiday) || !when_holiday_of(holiday, year, out)) {
        e->at = at;
        *out = when_year(year);
    }
    return true;
}

/* "last week on Tuesday", "next week Friday" */
static void day_of_week(struct english *e, int k, struct when_span *out)
{
    size_t at = e->at;
    int weekday;
    english_mark(e, ',');
    english_take(e, "on");
    if (english_class(e, WORD_WEEKDAY, &weekday) && !(weekday & WORD_SHORT)) {
        int64_t day = e->scan->today - e->scan->weekday + weekday + 7 * k;
        *out = when_days(day, day + 1, WHEN_DAY);
        return;
    }
    e->at = at;
}

static bool which_unit(struct english *e, int k, struct when_span *out)
{
    struct token t = english_peek(e);
    int unit;
    if (!english_class(e, WORD_UNIT, &unit))
        return false;
    unit &= ~WORD_DOUBT;
    bool years = t.apostrophe && unit == (UNIT_YEAR | WORD_PLURAL);
    if (unit == UNIT_MINUTE || unit == UNIT_DAY || (unit & WORD_PLURAL && !t.apostrophe))
        return false;
    if (years)
        return of_that_year(e, k, out);
    unit &= WORD_VALUE;
    *out = unit == UNIT_HOUR ? when_lately(e->scan, UNIT_HOUR, 1, k < 0 ? -1 : 1)
                             : when_whole(e->scan, (enum when_unit)unit, k);
    if (unit == UNIT_WEEK)
        day_of_week(e, k, out);
    return true;
}

/* No word follows the one at the cursor: "this may be" is no month. */
static bool stands_alone(const struct english *e)
{
    struct token t = english_peek(e);
    return !(t.value & WORD_DOUBT) || english_token(e, t.end).kind != TOKEN_WORD;
}

static bool which_name(struct english *e, int k, bool just, struct when_span *out)
{
    int value;
    enum when_holiday holiday;
    size_t at = e->at;
    if (english_class(e, WORD_WEEKEND, &value) && !value) {
        *out = when_weekend(e->scan, just && e->scan->weekday >= 5 ? 0 : k);
    } else if (english_class(e, WORD_WEEKDAY, &value) && (k != 0 || !(value & WORD_SHORT))) { /* "this sun" */
        value &= WORD_VALUE;
        *out = just ? when_near_weekday(e->scan, value, k < 0 ? TENSE_PAST : TENSE_FUTURE)
                    : when_relative_weekday(e->scan, value, k);
    } else if (english_class(e, WORD_SEASON, &value)) {
        *out = when_relative_season(e->scan, (enum when_season)value, k);
    } else if (english_holiday_name(e, &holiday)) {
        return when_relative_holiday(e->scan, holiday, k, out);
    } else if ((k != 0 || english_capital(e) || stands_alone(e)) && english_class(e, WORD_MONTH, &value)) {
        *out = when_relative_month(e->scan, value & WORD_VALUE, k);
    } else {
        e->at = at;
        return false;
    }
    return true;
}

bool english_relative(struct english *e, struct when_span *out)
{
    int k;
    size_t at = e->at;
    bool just = false;
    if (english_class(e, WORD_WHICH, &k)) {
        bool past = k <= 0 && english_take(e, "past"), coming = !past && k >= 0 && english_take(e, "coming");
        just = past || coming;
        k = past ? -1 : coming ? 1 : k;
    } else if (english_take(e, "past")) {
        k = -1;
        just = true;
    } else if (english_take(e, "coming") || english_take(e, "upcoming")) {
        k = 1;
        just = true;
    } else {
        return false;
    }
    if (just && (stretch(e, k, out) || some_units(e, k, out)))
        return true;
    if (which_name(e, k, just, out) || which_part(e, k, out) || which_unit(e, k, out) || stretch(e, k, out))
        return true;
    e->at = at;
    return false;
}

/* ---- counted ---- */

/* Behind "three days": the sign of the time; 0: it is a duration. */
static int ago_word(struct english *e)
{
    if (english_take(e, "ago") || english_take(e, "back") || english_take(e, "earlier"))
        return -1;
    return english_take(e, "from now") || english_take(e, "from today") ? 1 : 0;
}

/* lo … hi units before or after another time that is named. */
static bool around_point(struct english *e, enum when_unit unit, int lo, int hi, struct when_span *out)
{
    struct when_span base;
    size_t at = e->at;
    int sign = english_take(e, "before") ? -1 : english_take(e, "after") ? 1 : 0;
    e->before = BEFORE_IN;
    if (!sign || unit < UNIT_DAY || !english_point(e, &base) || base.precision < WHEN_DAY) {
        e->at = at;
        return false;
    }
    struct when_scan there = *e->scan;
    there.today = sign < 0 ? when_day_at(base.from) : when_day_at(base.to - 1);
    there.now = there.today * DAY_MS;
    when_civil(there.today, &there.year, &there.month, &there.day);
    there.weekday = when_weekday(there.today);
    *out = when_ago(&there, unit, lo, hi, sign);
    out->guessed = base.guessed;
    return true;
}

/* "two weekends ago", "two weekends before 17 July" */
static bool weekends(struct english *e, int lo, int hi, struct when_span *out)
{
    size_t at = e->at;
    int value;
    struct when_span base;
    if (!english_class(e, WORD_WEEKEND, &value)) {
        e->at = at;
        return false;
    }
    struct when_scan there = *e->scan;
    if (!english_take(e, "ago")) {
        e->before = BEFORE_IN;
        if (!english_take(e, "before") || !english_point(e, &base) || base.precision != WHEN_DAY) {
            e->at = at;
            return false;
        }
        there.today = when_day_at(base.from);
        there.weekday = when_weekday(there.today);
    }
    /* Seen from a Sunday the last weekend is not the one that it ends. */
    *out = when_weekend(&there, -hi);
    out->to = when_weekend(&there, -lo).to;
    out->vague = hi > lo;
    return lo > 0;
}

/* "three days ago", "a year and a half ago", "two weeks before Christmas" */
static bool counted(struct english *e, struct when_span *out)
{
    int lo, hi, unit;
    size_t at = e->at;
    bool any = english_count(e, &lo, &hi);
    if (!any && (any = english_take(e, "half an hour ago"))) {
        *out = when_ago(e->scan, UNIT_MINUTE, 30, 30, -1);
        return true;
    }
    if (!any && english_take(e, "half a year ago")) {
        *out = when_ago(e->scan, UNIT_MONTH, 5, 7, -1);
        return true;
    }
    if (any && weekends(e, lo, hi, out))
        return true;
    if (any && english_class(e, WORD_UNIT, &unit)) {
        bool fortnight = unit & WORD_DOUBT;
        unit &= WORD_VALUE;
        bool half = unit == UNIT_YEAR && english_take(e, "and a half");
        lo = half ? 12 * lo + 6 : fortnight ? 2 * lo : lo;
        hi = half ? 12 * hi + 6 : fortnight ? 2 * hi : hi;
        unit = half ? UNIT_MONTH : unit;
        int sign = ago_word(e);
        if (sign) {
            *out = when_ago(e->scan, (enum when_unit)unit, lo, hi, sign);
            if (unit == UNIT_YEAR && lo == hi && english_take(e, "today"))
                *out = when_this_day(e->scan, sign * lo, false);
            return true;
        }
        if (around_point(e, (enum when_unit)unit, lo, hi, out))
            return true;
    }
    e->at = at;
    return false;
}

/* "days ago", "years ago" */
static bool uncounted(struct english *e, struct when_span *out)
{
    static const int most[] = { 50, 12, 10, 8, 11, 15, 5, 5 };
    int unit;
    size_t at = e->at;
    if (english_class(e, WORD_UNIT, &unit) && (unit & WORD_PLURAL) && english_take(e, "ago")) {
        unit &= WORD_VALUE;
        *out = when_ago(e->scan, (enum when_unit)unit, 2, most[unit], -1);
        return true;
    }
    e->at = at;
    return false;
}

/* "in three days", "within a week": with words of the past it is how long something took. */
static bool in_units(struct english *e, struct when_span *out)
{
    int lo, hi, unit;
    size_t at = e->at;
    if (english_take(e, "in") && english_count(e, &lo, &hi) && english_class(e, WORD_UNIT, &unit) && lo > 0) {
        bool idiom = lo == 1 && unit == UNIT_MINUTE;
        struct token next = english_peek(e);
        bool other = next.kind == TOKEN_WORD && when_listed(" ago old row or and total ", next.word, strlen(next.word));
        if (!idiom && !other && english_tense(e) != TENSE_PAST) {
            lo = unit & WORD_DOUBT ? 2 * lo : lo;
            *out = when_ago(e->scan, (enum when_unit)(unit & WORD_VALUE), lo, hi > lo ? hi : lo, 1);
            return true;
        }
    }
    e->at = at;
    return false;
}

/* ---- without a number ---- */

static const struct {
    const char *words;
    enum when_unit unit;
    int lo, hi; /* ago; lo 0: until now */
} vague[] = {
    { "recently", UNIT_DAY, 0, 21 },        { "lately", UNIT_DAY, 0, 21 },
    { "just now", UNIT_HOUR, 0, 1 },        { "these days", UNIT_DAY, 0, 21 },
    { "not long ago", UNIT_DAY, 1, 60 },    { "a long time ago", UNIT_YEAR, 1, 30 },
    { "long ago", UNIT_YEAR, 1, 30 },       { "ages ago", UNIT_YEAR, 1, 20 },
    { "a while ago", UNIT_DAY, 3, 180 },    { "a while back", UNIT_DAY, 3, 180 },
    { "some time ago", UNIT_DAY, 7, 365 },  { "a moment ago", UNIT_HOUR, 0, 1 },
    { "the other day", UNIT_DAY, 2, 14 },   { "the other week", UNIT_DAY, 7, 35 },
    { "the other night", UNIT_DAY, 2, 14 },
};

bool english_vague(struct english *e, struct when_span *out)
{
    for (size_t i = 0; i < sizeof(vague) / sizeof(vague[0]); i++)
        if (english_take(e, vague[i].words)) {
            *out = vague[i].lo ? when_ago(e->scan, vague[i].unit, vague[i].lo, vague[i].hi, -1)
                               : when_lately(e->scan, vague[i].unit, vague[i].hi, -1);
            if (vague[i].unit == UNIT_YEAR)
                out->precision = WHEN_AGE;
            out->vague = true;
            return true;
        }
    if (english_take(e, "this time last year")) {
        *out = when_this_day(e->scan, -1, true);
        return true;
    }
    if (english_take(e, "earlier today")) {
        *out = when_days(e->scan->today, e->scan->today + 1, WHEN_DAY);
        out->to = e->scan->now > out->from ? e->scan->now : out->to;
        return true;
    }
    return counted(e, out) || uncounted(e, out) || in_units(e, out);
}
