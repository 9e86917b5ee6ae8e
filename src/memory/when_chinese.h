/* when_chinese.h — what the files of Chinese expressions share: a window of the text in simple characters and a cursor over it. The
 * window's bytes are those of the text, so places in it are places there. Any thread. */
#ifndef MEMORY_WHEN_CHINESE_H
#define MEMORY_WHEN_CHINESE_H
#include "memory/when_private.h"

#define CHINESE_WINDOW 128 /* bytes: longer is no expression */

struct chinese {
    const struct when_scan *scan;
    size_t start;              /* of the window in the text */
    char text[CHINESE_WINDOW]; /* ends with a NUL */
    size_t n, at;
    char before[16]; /* the characters in front of it, as many as are whole */
};

struct chinese_number {
    int lo, hi;  /* 三五 is 3 … 5, 几 is 2 … 6 */
    bool half;   /* 个半, 半 behind it: half a unit more */
    int digits;  /* that it was written with, 0: in characters with 十 or 百 or as 半 */
    bool spoken; /* digit by digit: 二零二三 */
    bool ascii;
};

/* Takes what is next, blanks in front of it too; chinese_pick: the number of the first of the words between "|" that is there, from 1. */
bool chinese_take(struct chinese *z, const char *word);
int chinese_pick(struct chinese *z, const char *words);
/* Looks without taking. before: the character right in front of byte at of the window. */
bool chinese_next_in(const struct chinese *z, const char *words);
bool chinese_before_in(const struct chinese *z, size_t at, const char *words);
bool chinese_number(struct chinese *z, struct chinese_number *out);
/* A number that is one value of low … high. */
bool chinese_value(struct chinese *z, int low, int high, int *out);
enum when_tense chinese_tense(const struct chinese *z, size_t from);
bool chinese_holiday(struct chinese *z, enum when_holiday *out);

/* Each takes an expression of its kind from the cursor on, or leaves the cursor where it was and returns false. */
bool chinese_vague(struct chinese *z, struct when_span *out);   /* 前几天, 最近 (when_zh_relative.c) */
bool chinese_counted(struct chinese *z, struct when_span *out); /* 三天前, 过去两周 */
bool chinese_week(struct chinese *z, struct when_span *out);    /* 上周五, 周末 */
bool chinese_day(struct chinese *z, struct when_span *out);     /* 昨天, 昨晚 */
bool chinese_date(struct chinese *z, struct when_span *out);    /* 2023年5月7日, 去年春天 (when_zh_date.c) */
/* 早上, 晚上 and 三点 behind a day; 下午三点 alone is today's. */
bool chinese_part(struct chinese *z, enum when_part *out);
bool chinese_clock(struct chinese *z, enum when_part part, bool sure, int *minutes);
#endif
