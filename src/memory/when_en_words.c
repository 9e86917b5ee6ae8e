/* The words of English time expressions, and a cursor over words, numbers and marks. */
#include "memory/when_english.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS 4 /* between two words of an expression, at most */

/* In the order of strcmp. */
static const struct word {
    const char *word;
    enum word_class class;
    int value;
} vocabulary[] = {
    { "a", WORD_NUMBER, 1 | WORD_DOUBT },
    { "about", WORD_BEFORE, BEFORE_OF },
    { "after", WORD_BEFORE, BEFORE_IN },
    { "afternoon", WORD_PART, PART_AFTERNOON },
    { "ages", WORD_START, 0 },
    { "an", WORD_NUMBER, 1 | WORD_DOUBT },
    { "apr", WORD_MONTH, 4 | WORD_SHORT },
    { "april", WORD_MONTH, 4 | WORD_DOUBT },
    { "around", WORD_BEFORE, BEFORE_IN },
    { "at", WORD_BEFORE, BEFORE_OF },
    { "aug", WORD_MONTH, 8 | WORD_SHORT },
    { "august", WORD_MONTH, 8 | WORD_DOUBT },
    { "autumn", WORD_SEASON, SEASON_AUTUMN },
    { "back", WORD_BEFORE, BEFORE_OF },
    { "before", WORD_BEFORE, BEFORE_IN },
    { "beginning", WORD_EDGE, 0 },
    { "between", WORD_BEFORE, BEFORE_OF },
    { "black", WORD_HOLIDAY, 0 },
    { "boxing", WORD_HOLIDAY, 0 },
    { "by", WORD_BEFORE, BEFORE_IN },
    { "centuries", WORD_UNIT, UNIT_CENTURY | WORD_PLURAL },
    { "century", WORD_UNIT, UNIT_CENTURY },
    { "chinese", WORD_HOLIDAY, 0 },
    { "christmas", WORD_HOLIDAY, 0 },
    { "circa", WORD_BEFORE, BEFORE_IN },
    { "coming", WORD_START, 0 },
    { "couple", WORD_FEW, 1 },
    { "dawn", WORD_PART, PART_DAWN },
    { "day", WORD_UNIT, UNIT_DAY },
    { "days", WORD_UNIT, UNIT_DAY | WORD_PLURAL },
    { "dec", WORD_MONTH, 12 | WORD_SHORT },
    { "decade", WORD_UNIT, UNIT_DECADE },
    { "decades", WORD_UNIT, UNIT_DECADE | WORD_PLURAL },
    { "december", WORD_MONTH, 12 },
    { "dragon", WORD_HOLIDAY, 0 },
    { "during", WORD_BEFORE, BEFORE_IN },
    { "earlier", WORD_START, 0 },
    { "early", WORD_EDGE, 0 },
    { "easter", WORD_HOLIDAY, 0 },
    { "eight", WORD_NUMBER, 8 },
    { "eighteen", WORD_NUMBER, 18 },
    { "eighteenth", WORD_ORDINAL, 18 },
    { "eighth", WORD_ORDINAL, 8 },
    { "eighty", WORD_NUMBER, 80 },
    { "eleven", WORD_NUMBER, 11 },
    { "eleventh", WORD_ORDINAL, 11 },
    { "end", WORD_EDGE, 2 },
    { "evening", WORD_PART, PART_EVENING },
    { "fall", WORD_SEASON, SEASON_AUTUMN },
    { "father", WORD_HOLIDAY, 0 },
    { "fathers", WORD_HOLIDAY, 0 },
    { "feb", WORD_MONTH, 2 | WORD_SHORT },
    { "february", WORD_MONTH, 2 },
    { "few", WORD_FEW, 2 },
    { "fifteen", WORD_NUMBER, 15 },
    { "fifteenth", WORD_ORDINAL, 15 },
    { "fifth", WORD_ORDINAL, 5 },
    { "fifty", WORD_NUMBER, 50 },
    { "first", WORD_ORDINAL, 1 },
    { "five", WORD_NUMBER, 5 },
    { "fools", WORD_HOLIDAY, 0 },
    { "fortnight", WORD_UNIT, UNIT_WEEK | WORD_DOUBT },
    { "forty", WORD_NUMBER, 40 },
    { "four", WORD_NUMBER, 4 },
    { "fourteen", WORD_NUMBER, 14 },
    { "fourteenth", WORD_ORDINAL, 14 },
    { "fourth", WORD_ORDINAL, 4 },
    { "fri", WORD_WEEKDAY, 4 | WORD_SHORT },
    { "friday", WORD_WEEKDAY, 4 },
    { "from", WORD_BEFORE, BEFORE_IN },
    { "good", WORD_HOLIDAY, 0 },
    { "half", WORD_START, 0 },
    { "halloween", WORD_HOLIDAY, 0 },
    { "hour", WORD_UNIT, UNIT_HOUR },
    { "hours", WORD_UNIT, UNIT_HOUR | WORD_PLURAL },
    { "hr", WORD_UNIT, UNIT_HOUR },
    { "hrs", WORD_UNIT, UNIT_HOUR | WORD_PLURAL },
    { "in", WORD_BEFORE, BEFORE_IN },
    { "independence", WORD_HOLIDAY, 0 },
    { "jan", WORD_MONTH, 1 | WORD_SHORT },
    { "january", WORD_MONTH, 1 },
    { "jul", WORD_MONTH, 7 | WORD_SHORT },
    { "july", WORD_MONTH, 7 },
    { "jun", WORD_MONTH, 6 | WORD_SHORT },
    { "june", WORD_MONTH, 6 | WORD_DOUBT },
    { "just", WORD_START, 0 },
    { "last", WORD_WHICH, -1 },
    { "late", WORD_EDGE, 2 },
    { "lately", WORD_START, 0 },
    { "later", WORD_START, 0 },
    { "long", WORD_START, 0 },
    { "lunar", WORD_HOLIDAY, 0 },
    { "lunchtime", WORD_PART, PART_NOON },
    { "mar", WORD_MONTH, 3 | WORD_SHORT },
    { "march", WORD_MONTH, 3 | WORD_DOUBT },
    { "may", WORD_MONTH, 5 | WORD_DOUBT },
    { "mid", WORD_EDGE, 1 },
    { "middle", WORD_EDGE, 1 },
    { "midnight", WORD_PART, PART_LATE },
    { "min", WORD_UNIT, UNIT_MINUTE },
    { "mins", WORD_UNIT, UNIT_MINUTE | WORD_PLURAL },
    { "minute", WORD_UNIT, UNIT_MINUTE },
    { "minutes", WORD_UNIT, UNIT_MINUTE | WORD_PLURAL },
    { "mon", WORD_WEEKDAY, 0 | WORD_SHORT },
    { "monday", WORD_WEEKDAY, 0 },
    { "month", WORD_UNIT, UNIT_MONTH },
    { "months", WORD_UNIT, UNIT_MONTH | WORD_PLURAL },
    { "morning", WORD_PART, PART_MORNING },
    { "mother", WORD_HOLIDAY, 0 },
    { "mothers", WORD_HOLIDAY, 0 },
    { "new", WORD_HOLIDAY, 0 },
    { "next", WORD_WHICH, 1 },
    { "night", WORD_PART, PART_NIGHT },
    { "nine", WORD_NUMBER, 9 },
    { "nineteen", WORD_NUMBER, 19 },
    { "nineteenth", WORD_ORDINAL, 19 },
    { "ninety", WORD_NUMBER, 90 },
    { "ninth", WORD_ORDINAL, 9 },
    { "noon", WORD_PART, PART_NOON },
    { "not", WORD_START, 0 },
    { "nov", WORD_MONTH, 11 | WORD_SHORT },
    { "november", WORD_MONTH, 11 },
    { "oct", WORD_MONTH, 10 | WORD_SHORT },
    { "october", WORD_MONTH, 10 },
    { "of", WORD_BEFORE, BEFORE_OF },
    { "on", WORD_BEFORE, BEFORE_ON },
    { "one", WORD_NUMBER, 1 },
    { "over", WORD_BEFORE, BEFORE_IN },
    { "past", WORD_START, 0 },
    { "previous", WORD_WHICH, -1 },
    { "recently", WORD_START, 0 },
    { "saint", WORD_HOLIDAY, 0 },
    { "sat", WORD_WEEKDAY, 5 | WORD_SHORT },
    { "saturday", WORD_WEEKDAY, 5 },
    { "second", WORD_ORDINAL, 2 },
    { "sep", WORD_MONTH, 9 | WORD_SHORT },
    { "sept", WORD_MONTH, 9 | WORD_SHORT },
    { "september", WORD_MONTH, 9 },
    { "seven", WORD_NUMBER, 7 },
    { "seventeen", WORD_NUMBER, 17 },
    { "seventeenth", WORD_ORDINAL, 17 },
    { "seventh", WORD_ORDINAL, 7 },
    { "seventy", WORD_NUMBER, 70 },
    { "several", WORD_FEW, 3 },
    { "since", WORD_BEFORE, BEFORE_IN },
    { "six", WORD_NUMBER, 6 },
    { "sixteen", WORD_NUMBER, 16 },
    { "sixteenth", WORD_ORDINAL, 16 },
    { "sixth", WORD_ORDINAL, 6 },
    { "sixty", WORD_NUMBER, 60 },
    { "some", WORD_FEW, 2 | WORD_DOUBT },
    { "spring", WORD_SEASON, SEASON_SPRING },
    { "st", WORD_HOLIDAY, 0 },
    { "start", WORD_EDGE, 0 },
    { "summer", WORD_SEASON, SEASON_SUMMER },
    { "summertime", WORD_SEASON, SEASON_SUMMER },
    { "sun", WORD_WEEKDAY, 6 | WORD_SHORT },
    { "sunday", WORD_WEEKDAY, 6 },
    { "ten", WORD_NUMBER, 10 },
    { "tenth", WORD_ORDINAL, 10 },
    { "thanksgiving", WORD_HOLIDAY, 0 },
    { "the", WORD_START, 0 },
    { "these", WORD_START, 0 },
    { "third", WORD_ORDINAL, 3 },
    { "thirteen", WORD_NUMBER, 13 },
    { "thirteenth", WORD_ORDINAL, 13 },
    { "thirtieth", WORD_ORDINAL, 30 },
    { "thirty", WORD_NUMBER, 30 },
    { "this", WORD_WHICH, 0 },
    { "three", WORD_NUMBER, 3 },
    { "through", WORD_BEFORE, BEFORE_OF },
    { "throughout", WORD_BEFORE, BEFORE_IN },
    { "thu", WORD_WEEKDAY, 3 | WORD_SHORT },
    { "thur", WORD_WEEKDAY, 3 | WORD_SHORT },
    { "thurs", WORD_WEEKDAY, 3 | WORD_SHORT },
    { "thursday", WORD_WEEKDAY, 3 },
    { "till", WORD_BEFORE, BEFORE_IN },
    { "tmrw", WORD_DAY, 1 },
    { "to", WORD_BEFORE, BEFORE_OF },
    { "today", WORD_DAY, 0 },
    { "tomorrow", WORD_DAY, 1 },
    { "tonight", WORD_DAY, 0 | WORD_DOUBT },
    { "tue", WORD_WEEKDAY, 1 | WORD_SHORT },
    { "tues", WORD_WEEKDAY, 1 | WORD_SHORT },
    { "tuesday", WORD_WEEKDAY, 1 },
    { "twelfth", WORD_ORDINAL, 12 },
    { "twelve", WORD_NUMBER, 12 },
    { "twentieth", WORD_ORDINAL, 20 },
    { "twenty", WORD_NUMBER, 20 },
    { "two", WORD_NUMBER, 2 },
    { "until", WORD_BEFORE, BEFORE_IN },
    { "upcoming", WORD_START, 0 },
    { "valentine", WORD_HOLIDAY, 0 },
    { "valentines", WORD_HOLIDAY, 0 },
    { "wed", WORD_WEEKDAY, 2 | WORD_SHORT },
    { "wednesday", WORD_WEEKDAY, 2 },
    { "week", WORD_UNIT, UNIT_WEEK },
    { "weekend", WORD_WEEKEND, 0 },
    { "weekends", WORD_WEEKEND, WORD_PLURAL },
    { "weeks", WORD_UNIT, UNIT_WEEK | WORD_PLURAL },
    { "winter", WORD_SEASON, SEASON_WINTER },
    { "xmas", WORD_HOLIDAY, 0 },
    { "year", WORD_UNIT, UNIT_YEAR },
    { "years", WORD_UNIT, UNIT_YEAR | WORD_PLURAL },
    { "yesterday", WORD_DAY, -1 },
    { "yr", WORD_UNIT, UNIT_YEAR },
    { "yrs", WORD_UNIT, UNIT_YEAR | WORD_PLURAL },
};

static int by_word(const void *key, const void *entry) { return strcmp(key, ((const struct word *)entry)->word); }

static bool is_apostrophe(const struct when_scan *s, size_t i, size_t *len)
{
    *len = s->text[i] == '\'' ? 1 : 3;
    return s->text[i] == '\'' || (i + 3 <= s->n && memcmp(s->text + i, "’", 3) == 0);
}

/* Letters from byte at on, small; what is longer than any word we know is cut. Returns where they end. */
static size_t letters(const struct when_scan *s, size_t at, struct token *t)
{
    size_t n = 0, len;
    for (; at < s->n; at++) {
        if (isalpha((unsigned char)s->text[at])) {
            if (n + 1 < sizeof(t->word))
                t->word[n++] = (char)tolower((unsigned char)s->text[at]);
        } else if (n && is_apostrophe(s, at, &len) && at + len < s->n && isalpha((unsigned char)s->text[at + len])) {
            t->apostrophe = true;
            at += len - 1;
        } else {
            break;
        }
    }
    t->word[n] = '\0';
    return at;
}

static void number(const struct when_scan *s, size_t at, struct token *t)
{
    t->kind = TOKEN_NUMBER;
    for (; at < s->n && isdigit((unsigned char)s->text[at]); at++, t->digits++)
        t->value = t->digits < 9 ? 10 * t->value + (s->text[at] - '0') : t->value;
    t->end = letters(s, at, t);
    if (t->end < s->n && (isdigit((unsigned char)s->text[t->end]) || s->text[t->end] == '_'))
        t->kind = TOKEN_MARK; /* "3d7": a name of something */
}

/* Of "Monday's" it is the Monday; "year's" stays the plural that it looks like. */
static void classify(struct token *t)
{
    size_t n = strlen(t->word);
    const size_t all = sizeof(vocabulary) / sizeof(vocabulary[0]);
    const struct word *w = bsearch(t->word, vocabulary, all, sizeof(vocabulary[0]), by_word);
    if (!w && t->apostrophe && t->word[n - 1] == 's') {
        t->word[n - 1] = '\0';
        w = bsearch(t->word, vocabulary, all, sizeof(vocabulary[0]), by_word);
        t->word[n - 1] = w ? '\0' : 's';
    }
    t->class = w ? w->class : WORD_OTHER;
    t->value = w ? w->value : 0;
}

struct token english_token(const struct english *e, size_t at)
{
    const struct when_scan *s = e->scan;
    struct token t = { .kind = TOKEN_END };
    size_t from = at;
    while (at < s->n && at - from < BLANKS && (s->text[at] == ' ' || s->text[at] == '\t' || s->text[at] == '\n'))
        at++;
    t.start = t.end = at;
    if (at >= s->n)
        return t;
    if (isdigit((unsigned char)s->text[at])) {
        number(s, at, &t);
    } else if (isalpha((unsigned char)s->text[at])) {
        t.kind = TOKEN_WORD;
        t.end = letters(s, at, &t);
        classify(&t);
    } else {
        t.kind = TOKEN_MARK;
        t.word[0] = s->text[at];
        t.end = at + 1;
    }
    return t;
}

struct token english_peek(const struct english *e) { return english_token(e, e->at); }

/* Whether the next word can be one that begins with that letter: most are told apart by it. */
static bool begins_with(const struct english *e, char letter)
{
    const struct when_scan *s = e->scan;
    size_t at = e->at;
    while (at < s->n && at - e->at < BLANKS && (s->text[at] == ' ' || s->text[at] == '\t' || s->text[at] == '\n'))
        at++;
    return at < s->n && tolower((unsigned char)s->text[at]) == letter;
}

bool english_take(struct english *e, const char *words)
{
    size_t at = e->at;
    if (!begins_with(e, words[0]))
        return false;
    while (*words) {
        size_t n = strcspn(words, " ");
        struct token t = english_token(e, at);
        if (t.kind != TOKEN_WORD || strlen(t.word) != n || memcmp(t.word, words, n) != 0)
            return false;
        at = t.end;
        words += n + (words[n] == ' ');
    }
    e->at = at;
    return true;
}

bool english_mark(struct english *e, char mark)
{
    struct token t = english_peek(e);
    if (t.kind != TOKEN_MARK || t.word[0] != mark)
        return false;
    e->at = t.end;
    return true;
}

bool english_class(struct english *e, enum word_class class, int *value)
{
    struct token t = english_peek(e);
    if (t.kind != TOKEN_WORD || t.class != class)
        return false;
    *value = t.value;
    e->at = t.end;
    return true;
}

/* ---- numbers ---- */

/* "twenty one", "twenty-one", "12", "a", "a hundred". */
static bool one_number(struct english *e, int *out)
{
    struct token t = english_peek(e);
    int unit;
    if (t.kind == TOKEN_NUMBER && !t.word[0] && t.digits <= 6) {
        e->at = t.end;
        *out = t.value;
        return true;
    }
    if (!english_class(e, WORD_NUMBER, out))
        return false;
    bool article = *out & WORD_DOUBT;
    *out &= WORD_VALUE;
    size_t at = e->at;
    if (*out >= 20 && *out % 10 == 0) {
        english_mark(e, '-');
        if (english_class(e, WORD_NUMBER, &unit) && unit < 10)
            *out += unit;
        else
            e->at = at;
    }
    if (english_take(e, "hundred"))
        *out *= 100;
    else if (english_take(e, "thousand"))
        *out *= 1000;
    else if (article && english_take(e, "dozen"))
        *out = 12;
    return true;
}

static bool few(struct english *e, int *lo, int *hi)
{
    size_t at = e->at;
    int article;
    bool a = english_class(e, WORD_NUMBER, &article) && (article & WORD_DOUBT);
    if (!a)
        e->at = at;
    if (a) /* "a good few" */
        english_take(e, "good");
    if (!english_class(e, WORD_FEW, lo)) {
        e->at = at;
        return false;
    }
    bool couple = *lo == 1;
    *lo = (*lo & WORD_VALUE) < 2 ? 2 : *lo & WORD_VALUE;
    *hi = couple ? 3 : *lo == 3 ? 8 : 6;
    english_take(e, couple ? "of" : "more");
    return true;
}

bool english_count(struct english *e, int *lo, int *hi)
{
    if (few(e, lo, hi))
        return true;
    if (!one_number(e, lo))
        return false;
    size_t at = e->at;
    *hi = *lo;
    bool range = english_take(e, "or") || english_take(e, "to") || english_mark(e, '-');
    if (!range || !one_number(e, hi) || *hi <= *lo) {
        *hi = *lo;
        e->at = at;
    }
    return true;
}

bool english_ordinal(struct english *e, int *out)
{
    struct token t = english_peek(e);
    size_t at = e->at;
    if (t.kind == TOKEN_NUMBER && t.value >= 1 && t.value <= 31 && t.digits <= 2 && strlen(t.word) == 2 &&
        when_listed(" st nd rd th ", t.word, 2)) {
        e->at = t.end;
        *out = t.value;
        return true;
    }
    int tens = 0;
    if (english_class(e, WORD_NUMBER, &tens) && (tens == 20 || tens == 30))
        english_mark(e, '-');
    else
        e->at = at;
    tens = e->at == at ? 0 : tens;
    if (english_class(e, WORD_ORDINAL, out) && (!tens || *out < 10) && *out + tens <= 31) {
        *out += tens;
        return true;
    }
    e->at = at;
    return false;
}
