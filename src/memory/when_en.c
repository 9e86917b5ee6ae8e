/* English time expressions: where they begin, and those that are made of others. */
#include "memory/when_english.h"

#include <ctype.h>
#include <string.h>

#define DEPTH_MOST 3 /* "the week before the Monday before Christmas" */

bool english_capital(const struct english *e)
{
    struct token t = english_peek(e);
    return t.kind == TOKEN_WORD && isupper((unsigned char)e->scan->text[t.start]);
}

enum when_tense english_tense(const struct english *e) { return when_tense_at(e->scan, e->start, e->at); }

/* ---- times named by other times ---- */

/* "the Sunday before 25 May": the weekday, weekend, week … next to a span. */
static bool beside(const struct when_scan *s, const struct token *what, const struct when_span *base, int sign,
                   struct when_span *out)
{
    int64_t day = sign < 0 ? when_day_at(base->from) : when_day_at(base->to - 1);
    struct when_scan there = *s;
    there.today = day;
    there.now = sign < 0 ? base->from : base->to;
    when_civil(day, &there.year, &there.month, &there.day);
    there.weekday = when_weekday(day);
    if (what->class == WORD_WEEKDAY) {
        *out = when_near_weekday(&there, what->value & WORD_VALUE, sign < 0 ? TENSE_PAST : TENSE_FUTURE);
    } else if (what->class == WORD_WEEKEND) {
        *out = when_near_weekday(&there, sign < 0 ? 6 : 5, sign < 0 ? TENSE_PAST : TENSE_FUTURE);
        int64_t first = when_day_at(out->from) - (sign < 0);
        *out = when_days(first, first + 2, WHEN_WEEKEND);
    } else if (what->class == WORD_PART) {
        *out = when_part(day + sign, (enum when_part)what->value);
    } else if (what->value == UNIT_WEEK) {
        *out = sign < 0 ? when_days(day - 7, day, WHEN_WEEK) : when_days(day + 1, day + 8, WHEN_WEEK);
    } else {
        *out = when_whole(&there, (enum when_unit)what->value, sign);
    }
    out->guessed = base->guessed;
    return true;
}

/* "the week of 3 July", "the morning of 7 May" */
static bool inside(const struct when_scan *s, const struct token *what, const struct when_span *base,
                   struct when_span *out)
{
    struct when_scan there = *s;
    there.today = when_day_at(base->from);
    there.weekday = when_weekday(there.today);
    if (base->precision != WHEN_DAY)
        return false;
    if (what->class == WORD_PART)
        *out = when_part(there.today, (enum when_part)what->value);
    else if (what->class == WORD_UNIT && what->value == UNIT_WEEK)
        *out = when_whole(&there, UNIT_WEEK, 0);
    else if (what->class == WORD_WEEKEND)
        *out = when_weekend(&there, 0);
    else
        return false;
    out->guessed = base->guessed;
    return true;
}

/* "before last" behind "the week", "the night". */
static bool before_last(const struct when_scan *s, const struct token *what, struct when_span *out)
{
    switch (what->class) {
    case WORD_PART: *out = when_part(s->today - 2, (enum when_part)what->value); return true;
    case WORD_WEEKEND: *out = when_weekend(s, -2); return true;
    case WORD_UNIT: *out = when_whole(s, (enum when_unit)what->value, -2); return what->value >= UNIT_WEEK;
    case WORD_SEASON:
        *out = when_relative_season(s, (enum when_season)what->value, -1);
        *out = when_season(s->year - 1 - (out->from < when_day(s->year, 1, 1) * DAY_MS), (enum when_season)what->value);
        return true;
    default: return false;
    }
}

/* A weekday, weekend, unit or part of a day with "before", "after" or "of" behind it. */
static bool hung_on(struct english *e, struct when_span *out)
{
    size_t at = e->at;
    struct token what = english_peek(e);
    struct when_span base;
    bool fits = what.class == WORD_WEEKDAY || what.class == WORD_WEEKEND || what.class == WORD_PART ||
                what.class == WORD_SEASON ||
                (what.class == WORD_UNIT && what.value >= UNIT_DAY && !(what.value & WORD_PLURAL));
    if (what.kind != TOKEN_WORD || !fits || (what.value & WORD_SHORT))
        return false;
    e->at = what.end;
    if (english_take(e, "before last") && before_last(e->scan, &what, out))
        return true;
    int before = e->before, sign = english_take(e, "before") ? -1 : english_take(e, "after") ? 1 : 0;
    bool of = !sign && (english_take(e, "of") || english_take(e, "on"));
    if ((sign || of) && e->depth < DEPTH_MOST) {
        e->depth++;
        e->before = BEFORE_IN;
        bool based = english_point(e, &base);
        e->before = before;
        e->depth--;
        if (based && (sign ? what.class != WORD_SEASON && beside(e->scan, &what, &base, sign, out)
                           : inside(e->scan, &what, &base, out)))
            return true;
    }
    e->at = at;
    return false;
}

/* "the first week of May", "the 20th century" */
static bool nth(struct english *e, struct when_span *out)
{
    size_t at = e->at;
    int n, unit;
    struct when_span base;
    if (english_ordinal(e, &n) && english_class(e, WORD_UNIT, &unit)) {
        if (unit == UNIT_CENTURY && n <= 99) {
            int64_t first = 100 * (n - 1) + 1;
            *out = when_days(when_day(first, 1, 1), when_day(first + 100, 1, 1), WHEN_AGE);
            return true;
        }
        e->before = BEFORE_IN;
        if (unit == UNIT_WEEK && n <= 4 && (english_take(e, "of") || english_take(e, "in")) &&
            english_month_name(e, &base)) {
            int64_t first = when_day_at(base.from) + 7 * (n - 1);
            *out = when_days(first, first + 7, WHEN_WEEK);
            out->guessed = base.guessed;
            return true;
        }
    }
    e->at = at;
    return false;
}

/* "on the 7th", but not "on the 7th floor". */
static bool day_of_month(struct english *e, struct when_span *out)
{
    static const char behind[] = " i we he she they it you and or but at in of with when because for to was is my our ";
    size_t at = e->at;
    int day;
    struct token t = english_peek(e);
    if (e->before == BEFORE_ON && t.kind == TOKEN_NUMBER && english_ordinal(e, &day)) {
        struct token next = english_peek(e);
        bool free = next.kind == TOKEN_END || next.kind == TOKEN_MARK ||
                    (next.kind == TOKEN_WORD && when_listed(behind, next.word, strlen(next.word)));
        if (free && when_near_mday(e->scan, day, english_tense(e), out)) {
            english_take(e, "of this month");
            return true;
        }
    }
    e->at = at;
    return false;
}

bool english_edge(struct english *e, struct when_span *out)
{
    size_t at = e->at;
    int third, before = e->before;
    struct when_span base;
    if (e->depth < DEPTH_MOST && english_class(e, WORD_EDGE, &third)) {
        bool of = english_take(e, "of");
        if (!of && third == 1)
            english_mark(e, '-');
        struct token t = english_peek(e);
        e->depth++;
        e->before = BEFORE_IN;
        bool based = english_decade(e, &base) || english_point(e, &base);
        e->before = before;
        e->depth--;
        bool day = based && (base.precision == WHEN_DAY || base.precision == WHEN_PART || base.precision == WHEN_HOUR);
        /* "early this morning", "late on Monday" keep their day; "late May" is a part of the month. */
        if (based && (of || t.class != WORD_OTHER || t.kind == TOKEN_NUMBER || t.kind == TOKEN_MARK)) {
            *out = day ? base : when_third(base, third);
            return true;
        }
    }
    e->at = at;
    return false;
}

/* "the last three weeks", "the past year": until now; else as without "the". */
static bool the_last(struct english *e, struct when_span *out)
{
    size_t at = e->at;
    int k, unit;
    bool which = english_class(e, WORD_WHICH, &k) && k != 0;
    if (which && english_class(e, WORD_UNIT, &unit) && !(unit & WORD_PLURAL) && unit != UNIT_MINUTE &&
        unit != UNIT_DAY && unit != UNIT_CENTURY) {
        *out = when_lately(e->scan, (enum when_unit)(unit & WORD_VALUE), unit & WORD_DOUBT ? 2 : 1, k);
        return true;
    }
    e->at = at;
    return english_relative(e, out);
}

static bool two_days(struct english *e, struct when_span *out)
{
    bool past = english_take(e, "day before yesterday");
    if (!past && !english_take(e, "day after tomorrow"))
        return false;
    int64_t day = e->scan->today + (past ? -2 : 2);
    *out = when_days(day, day + 1, WHEN_DAY);
    return true;
}

bool english_the(struct english *e, struct when_span *out)
{
    size_t at = e->at;
    int value;
    if (two_days(e, out) || english_holiday(e, out) || hung_on(e, out) || nth(e, out) || english_decade(e, out) ||
        english_date(e, out) || day_of_month(e, out) || english_edge(e, out) || the_last(e, out) ||
        english_season(e, out) || english_weekday(e, out))
        return true;
    if (english_class(e, WORD_WEEKEND, &value) && !value) {
        *out = when_near_weekend(e->scan, english_tense(e));
        return true;
    }
    if (english_take(e, "year")) {
        int before = e->before;
        e->before = BEFORE_IN;
        bool year = english_year(e, out);
        e->before = before;
        if (year)
            return true;
    }
    e->at = at;
    return false;
}

/* ---- all ---- */

bool english_point(struct english *e, struct when_span *out)
{
    size_t at = e->at;
    bool found = english_take(e, "the")
                     ? english_the(e, out)
                     : english_date(e, out) || english_day(e, out) || two_days(e, out) || english_holiday(e, out) ||
                           english_edge(e, out) || english_relative(e, out) || english_weekday(e, out) ||
                           english_month_name(e, out) || english_season(e, out) || english_year(e, out);
    if (!found) {
        e->at = at;
        return false;
    }
    if (out->precision == WHEN_DAY && out->to - out->from == DAY_MS)
        english_part(e, out);
    return true;
}

/* Minutes of an hour without am or pm, by the part of the day in front: "Monday night at 10". */
static int in_part(const struct when_span *span, int minutes)
{
    int64_t from = (span->from - when_day_at(span->from) * DAY_MS) / HOUR_MS;
    if (span->precision != WHEN_PART || from < 12 || minutes >= 13 * 60)
        return minutes;
    if (from >= 17 && (minutes < 5 * 60 || minutes >= 12 * 60)) /* behind midnight */
        return minutes % (12 * 60) + 24 * 60;
    return minutes % (12 * 60) + 12 * 60;
}

/* The hour behind a day: "yesterday at 5 pm", "Monday night, around 10". */
static void with_clock(struct english *e, struct when_span *span)
{
    int minutes, before = e->before;
    if (span->precision > WHEN_DAY || span->precision == WHEN_HOUR || span->to - span->from > DAY_MS)
        return;
    e->before = BEFORE_NONE;
    if (english_clock(e, span->precision == WHEN_PART ? CLOCK_BEHIND_PART : CLOCK_BEHIND_DAY, &minutes)) {
        bool guessed = span->guessed;
        *span = when_clock(when_day_at(span->from), in_part(span, minutes));
        span->guessed = guessed;
    }
    e->before = before;
}

/* "5 pm", "at 10:30 on Monday", "8 o'clock yesterday". */
static bool clock_first(struct english *e, struct when_span *out)
{
    int minutes;
    struct when_span day;
    if (!english_clock(e, CLOCK_ALONE, &minutes))
        return false;
    size_t at = e->at;
    e->before = english_take(e, "on") ? BEFORE_ON : BEFORE_NONE;
    if (english_point(e, &day) && (day.precision == WHEN_DAY || day.precision == WHEN_PART)) {
        *out = when_clock(when_day_at(day.from), in_part(&day, minutes));
        out->guessed = day.guessed;
        return true;
    }
    e->at = at;
    enum when_tense tense = english_tense(e);
    *out = when_clock(e->scan->today, minutes);
    int step = tense == TENSE_PAST && out->from > e->scan->now    ? -1
               : tense == TENSE_FUTURE && out->to <= e->scan->now ? 1
                                                                  : 0;
    *out = when_clock(e->scan->today + step, minutes);
    return true;
}

/* The word in front of byte at is one of a list. */
static bool behind_word(const struct when_scan *s, size_t at, const char *list)
{
    char word[12];
    size_t n = 0, end = at;
    while (end > 0 && at - end < 2 && s->text[end - 1] == ' ')
        end--;
    while (n < end && n < sizeof(word) && isalpha((unsigned char)s->text[end - n - 1]))
        n++;
    if (!n || n >= sizeof(word))
        return false;
    for (size_t i = 0; i < n; i++)
        word[i] = (char)tolower((unsigned char)s->text[end - n + i]);
    return when_listed(list, word, n);
}

static bool is_name(const struct token *t)
{
    return t->class == WORD_WEEKDAY || t->class == WORD_MONTH || t->class == WORD_SEASON || t->class == WORD_HOLIDAY ||
           t->class == WORD_WEEKEND;
}

static bool refused(const struct english *e, const struct token *first)
{
    if (first->kind == TOKEN_NUMBER)
        return behind_word(e->scan, first->start, " version chapter page room number no v id model issue vol part ");
    return is_name(first) && behind_word(e->scan, first->start, " every each any per another a an most alternate ");
}

static bool ends_well(const struct when_scan *s, size_t end)
{
    if (end >= s->n)
        return true;
    char c = s->text[end], next = end + 1 < s->n ? s->text[end + 1] : ' ';
    return c != '@' && c != '_' && !(c == '.' && isalpha((unsigned char)next) && islower((unsigned char)next));
}

bool when_english(const struct when_scan *s, size_t start, struct when_span *out, size_t *begin, size_t *end)
{
    struct english e = { .scan = s, .at = start, .start = start };
    struct token first = english_peek(&e);
    int before;
    bool found = false;
    *begin = start;
    if ((first.kind == TOKEN_WORD && first.class == WORD_OTHER) || refused(&e, &first))
        return false;
    if (first.kind == TOKEN_MARK) {
        found = english_decade(&e, out);
    } else {
        found = english_vague(&e, out);
        if (!found && english_class(&e, WORD_BEFORE, &before)) {
            e.before = before;
            *begin = e.start = english_peek(&e).start;
            struct token next = english_peek(&e);
            if (refused(&e, &next))
                return false;
            found = english_vague(&e, out);
        }
        found = found || english_point(&e, out) || clock_first(&e, out);
    }
    if (!found || !ends_well(s, e.at))
        return false;
    with_clock(&e, out);
    *end = e.at;
    return true;
}
