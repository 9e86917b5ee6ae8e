/* Holidays: fixed dates, weekdays of a month, Easter, and those of the lunar calendar from tables.
 * The tables were checked against ICU's Chinese calendar. It has the spring festival of 2027 and 2030 a day off: those new moons are at
 * 23:56 and 0:07 o'clock of Peking (J. Meeus, "Astronomical Algorithms", chapter 49), closer to midnight than it reckons. */
#include "memory/when_private.h"

#define TABLE_FIRST 2015
#define TABLE_LAST 2035

/* Month and day, as 100 · month + day. */
static const short spring[] = { 219, 208, 128, 216, 205, 125, 212, 201, 122, 210, 129,
                                217, 206, 126, 213, 203, 123, 211, 131, 219, 208 };
static const short dragon_boat[] = { 620, 609, 530, 618, 607, 625, 614, 603, 622, 610, 531,
                                     619, 609, 528, 616, 605, 624, 612, 601, 620, 610 };
static const short mid_autumn[] = { 927, 915, 1004, 924, 913, 1001, 921, 910, 929, 917, 1006,
                                    925, 915, 1003, 922, 912, 1001, 919, 908, 927, 916 };

static const struct {
    enum when_holiday holiday;
    short at; /* 100 · month + day of its first day */
    short days;
    enum when_precision precision;
} fixed[] = {
    { HOLIDAY_NEW_YEAR, 101, 1, WHEN_DAY },       { HOLIDAY_VALENTINE, 214, 1, WHEN_DAY },
    { HOLIDAY_WOMEN, 308, 1, WHEN_DAY },          { HOLIDAY_PATRICK, 317, 1, WHEN_DAY },
    { HOLIDAY_FOOLS, 401, 1, WHEN_DAY },          { HOLIDAY_MAY_DAY, 501, 5, WHEN_WEEK },
    { HOLIDAY_CHILDREN, 601, 1, WHEN_DAY },       { HOLIDAY_INDEPENDENCE, 704, 1, WHEN_DAY },
    { HOLIDAY_TEACHERS, 910, 1, WHEN_DAY },       { HOLIDAY_NATIONAL, 1001, 7, WHEN_WEEK },
    { HOLIDAY_HALLOWEEN, 1031, 1, WHEN_DAY },     { HOLIDAY_DOUBLE_ELEVEN, 1111, 1, WHEN_DAY },
    { HOLIDAY_DOUBLE_TWELVE, 1212, 1, WHEN_DAY }, { HOLIDAY_CHRISTMAS_EVE, 1224, 1, WHEN_DAY },
    { HOLIDAY_CHRISTMAS_DAY, 1225, 1, WHEN_DAY }, { HOLIDAY_CHRISTMAS, 1224, 3, WHEN_DAY },
    { HOLIDAY_BOXING, 1226, 1, WHEN_DAY },        { HOLIDAY_NEW_YEARS_EVE, 1231, 1, WHEN_DAY },
};

/* Those that hang on another day: days from it. Eve and week of the spring festival are the holidays that people have. */
static const struct {
    enum when_holiday holiday, base;
    int offset, days;
    enum when_precision precision;
} derived[] = {
    { HOLIDAY_BLACK_FRIDAY, HOLIDAY_THANKSGIVING, 1, 1, WHEN_DAY },
    { HOLIDAY_GOOD_FRIDAY, HOLIDAY_EASTER, -2, 1, WHEN_DAY },
    { HOLIDAY_EASTER_MONDAY, HOLIDAY_EASTER, 1, 1, WHEN_DAY },
    { HOLIDAY_SPRING_EVE, HOLIDAY_SPRING_DAY, -1, 1, WHEN_DAY },
    { HOLIDAY_SPRING, HOLIDAY_SPRING_DAY, -1, 8, WHEN_WEEK },
    { HOLIDAY_LANTERN, HOLIDAY_SPRING_DAY, 14, 1, WHEN_DAY },
};

/* The n-th (1 …) such weekday of a month. */
static int64_t nth(int64_t year, int month, int weekday, int n)
{
    int64_t first = when_day(year, month, 1);
    return first + (weekday - when_weekday(first) + 7) % 7 + 7 * (n - 1);
}

/* Gregorian Easter: J. Meeus, "Astronomical Algorithms" (1991), chapter 8, after the anonymous one in Nature of 1876. */
static int64_t easter(int64_t y)
{
    int64_t a = y % 19, b = y / 100, c = y % 100, d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
    int64_t h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
    int64_t m = (a + 11 * h + 22 * l) / 451, x = h + l - 7 * m + 114;
    return when_day(y, x / 31, x % 31 + 1);
}

/* The sun's day Qingming, 4 or 5 April: the known formula of a century with D = 0.2422, of the 20th (5.59) and 21st (4.81). */
static int64_t qingming(int64_t year)
{
    int64_t y = year % 100, c = year >= 2000 ? 481 : 559;
    return when_day(year, 4, (y * 2422 + c * 100) / 10000 - y / 4);
}

static int64_t lunar(const short *table, int64_t year)
{
    int at = table[year - TABLE_FIRST];
    return when_day(year, at / 100, at % 100);
}

/* The day of one that is a single day by rule or table. */
static bool single(enum when_holiday holiday, int64_t year, int64_t *day)
{
    bool known = year >= TABLE_FIRST && year <= TABLE_LAST;
    switch (holiday) {
    case HOLIDAY_MOTHER: *day = nth(year, 5, 6, 2); return true;
    case HOLIDAY_FATHER: *day = nth(year, 6, 6, 3); return true;
    case HOLIDAY_THANKSGIVING: *day = nth(year, 11, 3, 4); return true;
    case HOLIDAY_EASTER: *day = easter(year); return year > 1582;
    case HOLIDAY_QINGMING: *day = qingming(year); return year > 1900 && year < 2100;
    case HOLIDAY_SPRING_DAY: *day = known ? lunar(spring, year) : 0; return known;
    case HOLIDAY_DRAGON_BOAT: *day = known ? lunar(dragon_boat, year) : 0; return known;
    case HOLIDAY_MID_AUTUMN: *day = known ? lunar(mid_autumn, year) : 0; return known;
    default: return false;
    }
}

bool when_holiday_of(enum when_holiday holiday, int64_t year, struct when_span *out)
{
    int64_t day;
    if (year < 1 || year > 9999)
        return false;
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        if (fixed[i].holiday == holiday) {
            day = when_day(year, fixed[i].at / 100, fixed[i].at % 100);
            *out = when_days(day, day + fixed[i].days, fixed[i].precision);
            return true;
        }
    for (size_t i = 0; i < sizeof(derived) / sizeof(derived[0]); i++)
        if (derived[i].holiday == holiday) {
            bool known = single(derived[i].base, year, &day);
            day = known ? day + derived[i].offset : 0;
            *out = when_days(day, day + derived[i].days, derived[i].precision);
            return known;
        }
    if (!single(holiday, year, &day))
        return false;
    *out = when_days(day, day + 1, WHEN_DAY);
    return true;
}

bool when_near_holiday(const struct when_scan *s, enum when_holiday holiday, enum when_tense tense,
                       struct when_span *out)
{
    bool future = tense == TENSE_FUTURE;
    for (int k = 0; k <= 2; k++) {
        if (!when_holiday_of(holiday, s->year + (future ? k - 1 : 1 - k), out) ||
            (future ? out->to <= s->today * DAY_MS : out->from > s->now))
            continue;
        out->guessed = tense == TENSE_NONE;
        return true;
    }
    return false;
}

bool when_relative_holiday(const struct when_scan *s, enum when_holiday holiday, int k, struct when_span *out)
{
    if (k == 0)
        return when_holiday_of(holiday, s->year, out);
    for (int i = 0; i <= 2; i++)
        if (when_holiday_of(holiday, s->year + (k < 0 ? 1 - i : i - 1), out) &&
            (k < 0 ? out->to <= s->today * DAY_MS : out->from > s->now))
            return true;
    return false;
}
