/* when.h — time expressions of Chinese and English texts as spans of time. Pure functions of their arguments: no clock, no locale, no
 * memory of their own. Any thread; nothing is allocated, nothing fails.
 *
 * A span is half-open, [from_ms, to_ms), in milliseconds since 1970 UTC. Days are those of the anchor's zone, a fixed offset. Dates are
 * Gregorian also before 1582 (ISO 8601's proleptic calendar), in the years 1 to 9999; what would leave these is no expression.
 *
 * What is agreed on where people are not:
 *   weeks           begin on Monday (ISO 8601). "last week", 上周: the one before this one.
 *   "last Friday"   the latest one before today; "next Friday", 下周五: that of next week; 上周五: that of last week; "this Friday", 这周五:
 *                   that of this week.
 *   "Monday", "May", "7 May", "Christmas" alone: the next one if the clause speaks of the future ("will", 要), else the latest one. What no
 *                   word of the clause or sentence and no question mark tells has the direction EITHER.
 *   5/7/2023        month first; 7.5.2023 and 7-5-2023 day first; if only one of the readings is a date, that one.
 *   "two weeks ago" the seven days around that day; "two months ago" a month around it; "two years ago", 两年前 the calendar year; of ten years
 *                   and more a tenth to both sides.
 *   parts of a day  dawn 0–6, morning 5–12, noon 11–14, afternoon 12–18, dusk 16–20, evening 17–24, night 18–6, late at night 22–6 o'clock.
 *   seasons         whole months, of the northern half: spring is March to May; winter has the year it begins in.
 *   "last summer"   the latest one that is over; 去年夏天 is exact.
 *   "the 90s"       the latest such decade that has begun.
 * Not covered, by choice: dates of the lunar calendar (农历, 初三, 八月十五) but for its great festivals of 2015 to 2035; what recurs ("every
 * Monday", 每天); durations ("for three days"); what hangs on another event ("the day before my birthday", 第二天, 上次过年); a part of the
 * day alone (早上, "in the morning"), an hour that could be of the morning or the evening ("yesterday at 5": the day is found); ages of people
 * ("when I was five", 小时候); figures of full width. */
#ifndef MEMORY_WHEN_H
#define MEMORY_WHEN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WHEN_TEXT_MAX (1u << 20) /* bytes of a text that are looked at */
#define WHEN_MOST 32             /* expressions of a text that are found */

/* AGE: a century, or "ages ago". */
enum when_precision {
    WHEN_HOUR,
    WHEN_PART,
    WHEN_DAY,
    WHEN_WEEKEND,
    WHEN_WEEK,
    WHEN_MONTH,
    WHEN_SEASON,
    WHEN_YEAR,
    WHEN_DECADE,
    WHEN_AGE
};
/* Where the span lies as seen from the anchor. EITHER: around it, or nothing in the text tells which one is meant. */
enum when_direction { WHEN_PAST, WHEN_FUTURE, WHEN_EITHER };

/* The moment that a text was said at. */
struct when_anchor {
    int64_t ms;     /* since 1970 UTC; beyond the years 1 … 9999 the nearest moment in them */
    int offset_min; /* of the local time, east of Greenwich; beyond ±1080 the nearest of these */
};

struct when {
    int64_t from_ms, to_ms; /* from_ms < to_ms */
    size_t start, end;      /* bytes of the text; without the preposition, but "in three days" */
    enum when_precision precision;
    enum when_direction direction;
    bool vague; /* "a few days ago": the span is a wide guess */
};

/* The time expressions of text (n bytes; any bytes), in their order, without overlap: at most max and WHEN_MOST are written to out.
 * Returns how many. In time linear in n. */
size_t when_find(const char *text, size_t n, struct when_anchor anchor, struct when *out, size_t max);
/* Whether text asks for a time: "when did", "what day", "how long ago", 什么时候, 哪天, 几号. */
bool when_asks(const char *text, size_t n);
/* And of something that was: "when did we meet?", 是哪天修好的? */
bool when_asks_back(const char *text, size_t n);
/* Whether when_find finds anything: it stops at the first one. */
bool when_mentions(const char *text, size_t n);
/* The share of the asked span that the other one covers, 0 … 1. */
double when_overlap(const struct when *asked, const struct when *other);
/* How long ago a moment (ms since 1970 UTC) is, as people say it: "last Tuesday", "three weeks ago", "in May last year"; 上周二, 三个星期前,
 * 去年五月. language: "zh", else English. What when_find makes of it at the same anchor contains the moment, in the years 1200 to 2199.
 * Writes at most size bytes with the NUL, whole characters; returns the length written. */
size_t when_age_text(int64_t ms, struct when_anchor now, const char *language, char *out, size_t size);
/* The day of a moment, "Monday 9 March", 3月9日星期一; of another year with that. As when_age_text. */
size_t when_day_text(int64_t ms, struct when_anchor now, const char *language, char *out, size_t size);
#endif
