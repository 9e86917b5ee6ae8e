/* when_private.h — what the files of when.h share: the calendar in local time, and the scan of a text. Any thread. */
#ifndef MEMORY_WHEN_PRIVATE_H
#define MEMORY_WHEN_PRIVATE_H
#include "memory/when.h"

#define DAY_MS 86400000ll
#define HOUR_MS 3600000ll
#define MINUTE_MS 60000ll

enum when_unit { UNIT_MINUTE, UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR, UNIT_DECADE, UNIT_CENTURY };
enum when_part {
    PART_NONE,
    PART_DAWN,
    PART_MORNING,
    PART_NOON,
    PART_AFTERNOON,
    PART_DUSK,
    PART_EVENING,
    PART_NIGHT,
    PART_LATE
};
enum when_season { SEASON_SPRING, SEASON_SUMMER, SEASON_AUTUMN, SEASON_WINTER };
/* What is meant by a name that comes round: the latest, the next, or the latest for want of a hint. */
enum when_tense { TENSE_NONE, TENSE_PAST, TENSE_FUTURE };
enum when_holiday {
    HOLIDAY_NONE,
    HOLIDAY_NEW_YEAR,
    HOLIDAY_VALENTINE,
    HOLIDAY_WOMEN,
    HOLIDAY_PATRICK,
    HOLIDAY_FOOLS,
    HOLIDAY_QINGMING,
    HOLIDAY_MAY_DAY,
    HOLIDAY_CHILDREN,
    HOLIDAY_INDEPENDENCE,
    HOLIDAY_TEACHERS,
    HOLIDAY_NATIONAL,
    HOLIDAY_HALLOWEEN,
    HOLIDAY_DOUBLE_ELEVEN,
    HOLIDAY_DOUBLE_TWELVE,
    HOLIDAY_CHRISTMAS_EVE,
    HOLIDAY_CHRISTMAS_DAY,
    HOLIDAY_CHRISTMAS,
    HOLIDAY_BOXING,
    HOLIDAY_NEW_YEARS_EVE,
    HOLIDAY_MOTHER,
    HOLIDAY_FATHER,
    HOLIDAY_THANKSGIVING,
    HOLIDAY_BLACK_FRIDAY,
    HOLIDAY_EASTER,
    HOLIDAY_GOOD_FRIDAY,
    HOLIDAY_EASTER_MONDAY,
    HOLIDAY_SPRING_EVE,
    HOLIDAY_SPRING_DAY,
    HOLIDAY_SPRING,
    HOLIDAY_LANTERN,
    HOLIDAY_DRAGON_BOAT,
    HOLIDAY_MID_AUTUMN,
};

/* A text with its anchor. Moments are "local": milliseconds since 1970-01-01T00:00 of the local time; days are numbered from that day. */
struct when_scan {
    const char *text;
    size_t n;
    int64_t now, today;
    int year, month, day; /* 1 … */
    int weekday;          /* 0: Monday */
};

struct when_span {
    int64_t from, to; /* local */
    enum when_precision precision;
    bool vague;
    bool guessed; /* nothing tells which one is meant */
};

/* ---- calendar (when_calendar.c) ---- */

/* The day's number; months beyond 1 … 12 and days beyond the month's count on. */
int64_t when_day(int64_t year, int64_t month, int64_t day);
int64_t when_day_at(int64_t local); /* of a moment */
void when_civil(int64_t day, int *year, int *month, int *mday);
int when_month_days(int64_t year, int month);
int when_weekday(int64_t day); /* 0: Monday */
bool when_is_date(int64_t year, int64_t month, int64_t day);

struct when_span when_days(int64_t from, int64_t to, enum when_precision precision);
/* The unit (day … century) that is k after the one of today: -1 is the last one. */
struct when_span when_whole(const struct when_scan *s, enum when_unit unit, int64_t k);
struct when_span when_month(int64_t year, int64_t month);
struct when_span when_year(int64_t year);
struct when_span when_season(int64_t year, enum when_season season);
struct when_span when_weekend(const struct when_scan *s, int64_t k);
struct when_span when_part(int64_t day, enum when_part part);
struct when_span when_clock(int64_t day, int minutes); /* an hour from there on */
/* lo to hi units before (sign -1) or after (1) now. */
struct when_span when_ago(const struct when_scan *s, enum when_unit unit, int64_t lo, int64_t hi, int sign);
/* From n units ago until now, or (sign 1) from now until then. */
struct when_span when_lately(const struct when_scan *s, enum when_unit unit, int64_t n, int sign);
/* This day in another year; about: the month around it, "this time last year". */
struct when_span when_this_day(const struct when_scan *s, int64_t years_on, bool about);
/* Third 0, 1 or 2 of a span: "early", "mid", "late". */
struct when_span when_third(struct when_span span, int third);

/* The one that is meant by a name alone. */
struct when_span when_near_weekday(const struct when_scan *s, int weekday, enum when_tense tense);
struct when_span when_near_weekend(const struct when_scan *s, enum when_tense tense);
struct when_span when_near_month(const struct when_scan *s, int month, enum when_tense tense);
struct when_span when_near_season(const struct when_scan *s, enum when_season season, enum when_tense tense);
/* false: there is no such date. */
bool when_near_date(const struct when_scan *s, int month, int day, enum when_tense tense, struct when_span *out);
bool when_near_mday(const struct when_scan *s, int day, enum when_tense tense, struct when_span *out);
/* "last", "this", "next" (-1, 0, 1) with such a name. */
struct when_span when_relative_weekday(const struct when_scan *s, int weekday, int k);
struct when_span when_relative_month(const struct when_scan *s, int month, int k);
struct when_span when_relative_season(const struct when_scan *s, enum when_season season, int k);

/* ---- holidays (when_holiday.c) ---- */

/* false: not known for that year. */
bool when_holiday_of(enum when_holiday holiday, int64_t year, struct when_span *out);
bool when_near_holiday(const struct when_scan *s, enum when_holiday holiday, enum when_tense tense,
                       struct when_span *out);
bool when_relative_holiday(const struct when_scan *s, enum when_holiday holiday, int k, struct when_span *out);

/* ---- texts ---- */

/* text is not copied; nothing of it is looked at. */
struct when_scan when_scan_begin(const char *text, size_t n, struct when_anchor anchor);

/* What the words around bytes start … end say of the time: those of the clause first, then those of the sentence. Looks at a bounded
 * number of bytes (when_tense.c). */
enum when_tense when_tense_at(const struct when_scan *s, size_t start, size_t end);
/* Whether a list of words, each between blanks, has the one of n bytes. */
bool when_listed(const char *list, const char *word, size_t n);
/* The expression that begins at byte start, which is the beginning of a word or number: its span, and *end. */
bool when_english(const struct when_scan *s, size_t start, struct when_span *out, size_t *begin, size_t *end);
bool when_chinese(const struct when_scan *s, size_t start, struct when_span *out, size_t *end);
/* The bytes of the first of some words, "|" between them, that text begins with; 0: none. And whether it ends with one. */
size_t when_starts(const char *text, const char *words);
bool when_ends(const char *text, const char *words);
/* The simple form of a traditional character that time expressions are written with, else c. */
uint32_t when_simple(uint32_t c);
/* Copies at most size - 1 bytes (whole characters) from byte start on, in simple characters, byte by byte in the same places;
 * returns how many. */
size_t when_window(const char *text, size_t n, size_t start, char *out, size_t size);
#endif
