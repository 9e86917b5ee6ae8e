/* when_english.h — what the files of English expressions share: words and a cursor over them. Any thread. */
#ifndef MEMORY_WHEN_ENGLISH_H
#define MEMORY_WHEN_ENGLISH_H
#include "memory/when_private.h"

enum word_class {
    WORD_OTHER,
    WORD_MONTH,   /* 1 … 12 */
    WORD_WEEKDAY, /* 0: Monday */
    WORD_UNIT,    /* enum when_unit */
    WORD_NUMBER,
    WORD_ORDINAL, /* "first" … "thirtieth" */
    WORD_SEASON,
    WORD_PART,   /* enum when_part */
    WORD_DAY,    /* days after today */
    WORD_WHICH,  /* "last", "this", "next": -1, 0, 1 */
    WORD_BEFORE, /* a preposition with which "May" is a month and "2022" a year */
    WORD_EDGE,   /* "early", "mid", "late": a third */
    WORD_WEEKEND,
    WORD_FEW,     /* the number that "several" begins with */
    WORD_HOLIDAY, /* begins the name of one */
    WORD_START,   /* begins other expressions */
};

/* Beside a value: a short form ("mon", "jan"), a name that means something else too ("may"), a plural. */
#define WORD_SHORT 0x100
#define WORD_DOUBT 0x200
#define WORD_PLURAL 0x400
#define WORD_VALUE 0xFF

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_NUMBER, TOKEN_MARK };

struct token {
    enum token_kind kind;
    size_t start, end;
    char word[16]; /* small letters, without apostrophes; the letters behind the digits of a number; a mark */
    bool apostrophe;
    enum word_class class;
    int value;  /* of the class, with its flags; of a number, at most 9 digits */
    int digits; /* of a number */
};

struct english {
    const struct when_scan *scan;
    size_t at, start; /* of the cursor, of the expression */
    int before;       /* a preposition stands in front: its kind, below */
    int depth;        /* of times named by other times */
};
enum { BEFORE_NONE, BEFORE_IN, BEFORE_ON, BEFORE_OF };

/* Behind "Monday night" "at 10" is enough; behind a day it could be in the morning or in the evening. */
enum clock_place { CLOCK_ALONE, CLOCK_BEHIND_DAY, CLOCK_BEHIND_PART };

struct token english_token(const struct english *e, size_t at);
struct token english_peek(const struct english *e);
/* Takes what is next if it is that word, words (between blanks), that mark, a word of the class. Else nothing. */
bool english_take(struct english *e, const char *words);
bool english_mark(struct english *e, char mark);
bool english_class(struct english *e, enum word_class class, int *value);
/* "three", "twenty-one", "a", "12", "two or three", "a few": how many; *hi is more than *lo if that is not said. */
bool english_count(struct english *e, int *lo, int *hi);
/* "7th", "21st", "twenty-first": 1 … 31. */
bool english_ordinal(struct english *e, int *out);

/* Each takes an expression of its kind from the cursor on, or leaves the cursor where it was and returns false. */
bool english_date(struct english *e, struct when_span *out);                 /* when_en_date.c */
bool english_year(struct english *e, struct when_span *out);                 /* "2022" */
bool english_decade(struct english *e, struct when_span *out);               /* "90s", "nineties", behind "the" */
bool english_clock(struct english *e, enum clock_place place, int *minutes); /* "5 pm", "10:30" */
bool english_month_name(struct english *e, struct when_span *out);           /* "May", "May last year" */
bool english_which_year(struct english *e, int64_t *year);                   /* "last year", "of 2022" */
bool english_season(struct english *e, struct when_span *out);  /* "summer of 2019", behind "the" or a preposition */
bool english_holiday(struct english *e, struct when_span *out); /* "Christmas last year" */
bool english_holiday_name(struct english *e, enum when_holiday *out);
bool english_relative(struct english *e, struct when_span *out); /* when_en_relative.c: "last week", "three days ago" */
bool english_weekday(struct english *e, struct when_span *out);
bool english_day(struct english *e, struct when_span *out); /* "yesterday" */
/* "morning", "in the evening" behind a single day: *span becomes that part of it. */
void english_part(struct english *e, struct when_span *span);
bool english_vague(struct english *e, struct when_span *out);
bool english_the(struct english *e, struct when_span *out);  /* behind "the" */
bool english_edge(struct english *e, struct when_span *out); /* "early May", "the end of last year" */
/* Whether the word at the cursor begins with a capital. */
bool english_capital(const struct english *e);
/* No further digits, letters or parts stand behind a number that ends at byte at. */
bool when_number_ends(const struct when_scan *s, size_t at);
/* Anything a day or a longer time that has a name (when_en.c). */
bool english_point(struct english *e, struct when_span *out);
enum when_tense english_tense(const struct english *e);
#endif
