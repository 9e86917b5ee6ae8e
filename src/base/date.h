/* date.h — dates as the files of other programs have them. Any thread. */
#ifndef BASE_DATE_H
#define BASE_DATE_H
#include <stdbool.h>
#include <stdint.h>

struct date {
    int year, month, day, hour, minute, second, ms;
    bool zoned;     /* without: local time */
    int offset_min; /* east of Greenwich */
};

/* In ms since 1970; -1: there is no such date in the years 1970 to 2199. */
int64_t date_ms(const struct date *d);
/* "2024-03-01T14:05:09.123Z" (also with a blank, without seconds, with an offset), "2024-3-1@14h05m09s123ms", "March 1, 2024 2:05pm",
 * "Wed Oct 10 20:19:24 +0000 2018", or a number of seconds or milliseconds since 1970. In ms since 1970; -1: none of these. */
int64_t date_parse(const char *text);
#endif
