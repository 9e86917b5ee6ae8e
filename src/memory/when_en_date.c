/* English dates: in digits, with names of months, years, decades, seasons, holidays, times of the clock. */
#include "memory/when_english.h"

#include <ctype.h>
#include <string.h>

/* ---- in digits ---- */

/* Up to most digits at byte *at; their number, 0: none, or more. */
static int digits(const struct when_scan *s, size_t *at, int most, int *value)
{
    int n = 0;
    for (*value = 0; *at < s->n && isdigit((unsigned char)s->text[*at]) && n <= most; ++*at, n++)
        *value = 10 * *value + (s->text[*at] - '0');
    return n <= most ? n : 0;
}

static bool byte_is(const struct when_scan *s, size_t at, char c) { return at < s->n && s->text[at] == c; }

/* No digit, letter or further part stands behind it. */
bool when_number_ends(const struct when_scan *s, size_t at)
{
    if (at >= s->n)
        return true;
    char c = s->text[at], next = at + 1 < s->n ? s->text[at + 1] : ' ';
    if (isalnum((unsigned char)c) || c == '_' || c == '@' || c == '%')
        return false;
    return !((c == '.' || c == '-' || c == '/' || c == ',' || c == ':') && isdigit((unsigned char)next));
}

static bool day_span(int64_t y, int64_t m, int64_t d, struct when_span *out)
{
    if (!when_is_date(y, m, d))
        return false;
    *out = when_days(when_day(y, m, d), when_day(y, m, d) + 1, WHEN_DAY);
    return true;
}

/* "T14:05:09.123Z" behind a date: the hour; the zone is not looked at. */
static void iso_clock(struct english *e, struct when_span *out)
{
    const struct when_scan *s = e->scan;
    size_t at = e->at + 1;
    int hour, minute;
    if (!byte_is(s, e->at, 'T') || digits(s, &at, 2, &hour) != 2 || hour > 23 || !byte_is(s, at++, ':') ||
        digits(s, &at, 2, &minute) != 2 || minute > 59)
        return;
    while (at < s->n && at - e->at < 30 && (isdigit((unsigned char)s->text[at]) || strchr(":.Z+-", s->text[at])) &&
           s->text[at])
        at++;
    e->at = at;
    *out = when_clock(when_day_at(out->from), 60 * hour + minute);
}

/* 2023-05-07, 2023/5/7, 2023.5.7, 2023-05 */
static bool year_first(struct english *e, size_t at, int year, struct when_span *out)
{
    const struct when_scan *s = e->scan;
    char sign = s->text[at++];
    int month, day, n = digits(s, &at, 2, &month);
    if (!n || month < 1 || month > 12 || year < 1)
        return false;
    if (byte_is(s, at, sign) && at + 1 < s->n && isdigit((unsigned char)s->text[at + 1])) {
        at++;
        if (!digits(s, &at, 2, &day) || !day_span(year, month, day, out) ||
            (!when_number_ends(s, at) && !byte_is(s, at, 'T')))
            return false;
        e->at = at;
        iso_clock(e, out);
        return true;
    }
    if (n != 2 || sign == '.' || !when_number_ends(s, at) || year < 1200)
        return false;
    *out = when_month(year, month);
    e->at = at;
    return true;
}

/* Years in two digits: the latest such year that is not more than ten years ahead. */
static int64_t short_year(const struct when_scan *s, int64_t yy)
{
    int64_t year = s->year - s->year % 100 + yy;
    return year > s->year + 10 ? year - 100 : year <= s->year - 90 ? year + 100 : year;
}

/* 5/7/2023, 7.5.2023, 5/7/23, "on 5/7" */
static bool year_last(struct english *e, size_t at, int first, struct when_span *out)
{
    const struct when_scan *s = e->scan;
    char sign = s->text[at++];
    int second, year = 0;
    if (!digits(s, &at, 2, &second))
        return false;
    bool month_first = sign == '/' ? first <= 12 : second > 12;
    int month = month_first ? first : second, day = month_first ? second : first;
    if (!byte_is(s, at, sign)) {
        bool named = sign == '/' && e->before == BEFORE_ON && when_number_ends(s, at) &&
                     when_near_date(s, month, day, english_tense(e), out);
        e->at = named ? at : e->at;
        return named;
    }
    at++;
    int n = digits(s, &at, 4, &year);
    if ((n != 4 && !(n == 2 && sign == '/')) || !when_number_ends(s, at))
        return false;
    if (!day_span(n == 2 ? short_year(s, year) : year, month, day, out))
        return false;
    e->at = at;
    return true;
}

static bool in_digits(struct english *e, struct when_span *out)
{
    struct token t = english_peek(e);
    if (t.kind != TOKEN_NUMBER || t.word[0] || t.digits > 4 || t.end >= e->scan->n ||
        !strchr("-/.", e->scan->text[t.end]) || !e->scan->text[t.end])
        return false;
    if (t.digits == 4)
        return year_first(e, t.end, t.value, out);
    return t.digits <= 2 && year_last(e, t.end, t.value, out);
}

/* ---- with the name of a month ---- */

bool english_which_year(struct english *e, int64_t *year)
{
    size_t at = e->at;
    int k;
    english_mark(e, ',');
    if (!english_take(e, "of"))
        english_take(e, "in");
    if (english_class(e, WORD_WHICH, &k) && english_take(e, "year")) {
        *year = e->scan->year + k;
        return true;
    }
    if (english_take(e, "the year before last")) {
        *year = e->scan->year - 2;
        return true;
    }
    struct token t = english_peek(e);
    if (t.kind == TOKEN_NUMBER && t.digits == 4 && !t.word[0] && t.value >= 1000 && t.value < 3000 &&
        when_number_ends(e->scan, t.end)) {
        *year = t.value;
        e->at = t.end;
        return true;
    }
    e->at = at;
    return false;
}

/* A month's name; short and doubtful ones by the flags. */
static bool month_name(struct english *e, int *month)
{
    if (!english_class(e, WORD_MONTH, month))
        return false;
    if (*month & WORD_SHORT)
        english_mark(e, '.');
    return true;
}

static bool finish_date(struct english *e, int month, int day, struct when_span *out)
{
    int64_t year;
    if (english_which_year(e, &year))
        return day_span(year, month, day, out);
    return when_near_date(e->scan, month, day, english_tense(e), out);
}

/* "7", "7th", "the seventh"; a number that is no day of a month, and "7 people", are not taken. */
static bool day_number(struct english *e, bool ordinal, int *day)
{
    if (english_ordinal(e, day))
        return true;
    struct token t = english_peek(e);
    if (ordinal || t.kind != TOKEN_NUMBER || t.word[0] || t.digits > 2 || t.value < 1 || t.value > 31)
        return false;
    struct token next = english_token(e, t.end);
    bool count = next.kind == TOKEN_WORD &&
                 when_listed(" people of times days weeks more percent miles km ", next.word, strlen(next.word));
    *day = t.value;
    e->at = t.end;
    return !count && (when_number_ends(e->scan, t.end) || byte_is(e->scan, t.end, ','));
}

/* "two of the 7 may have been there" */
static bool verb_follows(const struct english *e)
{
    static const char verbs[] =
        " be have not also seem need take come go get make well still only on through to into look cause help ";
    struct token t = english_peek(e);
    return t.kind == TOKEN_WORD && when_listed(verbs, t.word, strlen(t.word));
}

/* "7 May 2023", "the 7th of May", "seventh of May" */
static bool day_first(struct english *e, struct when_span *out)
{
    int day, month;
    size_t at = e->at;
    bool taken = day_number(e, false, &day);
    bool of = taken && english_take(e, "of"), capital = english_capital(e);
    if (taken && month_name(e, &month) && (of || capital || !(month & WORD_DOUBT) || !verb_follows(e)) &&
        finish_date(e, month & WORD_VALUE, day, out))
        return true;
    e->at = at;
    return false;
}

/* "May 7th, 2023", "May the 7th", "Sept. 3" */
static bool month_first(struct english *e, struct when_span *out)
{
    int day, month;
    size_t at = e->at;
    bool taken = month_name(e, &month);
    bool the = taken && english_take(e, "the");
    /* "May one ask", "March two miles" are no dates: the day is in digits or an ordinal. */
    if (taken && day_number(e, the, &day) && finish_date(e, month & WORD_VALUE, day, out))
        return true;
    e->at = at;
    return false;
}

bool english_month_name(struct english *e, struct when_span *out)
{
    size_t at = e->at;
    int month;
    int64_t year;
    bool capital = english_capital(e);
    if (!month_name(e, &month))
        return false;
    bool dated = english_which_year(e, &year);
    bool sure = dated || e->before == BEFORE_IN || !(month & (WORD_DOUBT | WORD_SHORT));
    /* "of May" — but June is a name too, and "to march" is a verb. */
    sure = sure || (capital && e->before == BEFORE_OF && (month & WORD_VALUE) == 5);
    if (!sure) {
        e->at = at;
        return false;
    }
    *out = dated ? when_month(year, month & WORD_VALUE)
                 : when_near_month(e->scan, month & WORD_VALUE, english_tense(e));
    return true;
}

bool english_date(struct english *e, struct when_span *out)
{
    return in_digits(e, out) || day_first(e, out) || month_first(e, out);
}

/* ---- the clock ---- */

/* "pm", "p.m." behind an hour: 12, "am": 0; -1: neither. */
static int half_of_day(struct english *e, const struct token *number)
{
    size_t at = e->at;
    if (number->word[0]) {
        bool a = strcmp(number->word, "am") == 0 || strcmp(number->word, "a") == 0;
        bool dotted = number->word[1] == '\0',
             p = number->word[0] == 'p' && (dotted || strcmp(number->word, "pm") == 0);
        if ((!a && !p) || (dotted && !(english_mark(e, '.') && english_take(e, "m"))))
            return -1;
        if (dotted)
            english_mark(e, '.');
        return p ? 12 : 0;
    }
    if (english_take(e, "am") || english_take(e, "pm"))
        return e->scan->text[e->at - 2] == 'p' || e->scan->text[e->at - 2] == 'P' ? 12 : 0;
    int half = english_take(e, "p") ? 12 : english_take(e, "a") ? 0 : -1;
    if (half >= 0 && english_mark(e, '.') && english_take(e, "m")) {
        english_mark(e, '.');
        return half;
    }
    e->at = at;
    return -1;
}

/* ":30", ":30:15" right behind an hour in digits. */
static bool clock_minutes(struct english *e, int *minute)
{
    const struct when_scan *s = e->scan;
    size_t at = e->at + 1;
    if (!byte_is(s, e->at, ':') || digits(s, &at, 2, minute) != 2 || *minute > 59)
        return false;
    int second;
    size_t more = at + 1;
    if (byte_is(s, at, ':') && digits(s, &more, 2, &second) == 2)
        at = more;
    if (byte_is(s, at, ':') || (at < s->n && isdigit((unsigned char)s->text[at])))
        return false;
    e->at = at;
    return true;
}

/* "at", "around", "at about" in front of an hour. */
static bool clock_word(struct english *e, bool after_day)
{
    if (after_day)
        english_mark(e, ',');
    bool word = english_take(e, "at") || (after_day && (english_take(e, "around") || english_take(e, "by")));
    if (after_day && word && !english_take(e, "about"))
        english_take(e, "around");
    return word || e->before;
}

/* The hour and its minutes. */
static bool clock_number(struct english *e, struct token *number, bool *colon, int *minute)
{
    struct token t = english_peek(e);
    bool named = t.kind == TOKEN_WORD && t.class == WORD_NUMBER && !(t.value & WORD_DOUBT) && t.value <= 12;
    if (!named && (t.kind != TOKEN_NUMBER || t.digits > 2 || t.value > 24))
        return false;
    e->at = t.end;
    *colon = !named && !t.word[0] && clock_minutes(e, minute);
    *number = t;
    if (named)
        number->word[0] = '\0';
    return true;
}

bool english_clock(struct english *e, enum clock_place place, int *minutes)
{
    bool after_day = place != CLOCK_ALONE;
    size_t at = e->at;
    int minute = 0;
    bool colon = false, word = clock_word(e, after_day);
    struct token number;
    if (!clock_number(e, &number, &colon, &minute)) {
        e->at = at;
        return false;
    }
    int half = half_of_day(e, &number);
    bool plain = half < 0 && !number.word[0];
    bool bare = plain && word && when_number_ends(e->scan, e->at) &&
                (place == CLOCK_BEHIND_PART || (after_day && number.value > 12));
    bool enough = (plain && english_take(e, "oclock")) || (colon && (word || after_day)) || bare;
    if (half >= 0 ? number.value < 1 || number.value > 12 : !enough) {
        e->at = at;
        return false;
    }
    *minutes = 60 * (half >= 0 ? number.value % 12 + half : number.value) + minute;
    return true;
}
