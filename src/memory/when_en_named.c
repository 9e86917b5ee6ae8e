/* English names of years, decades, seasons and holidays. */
#include "memory/when_english.h"

#include "base/utf8.h"

#include <string.h>

/* ---- years and decades ---- */

/* What may stand behind a bare year; a noun says that it was a count of something. */
static const char after_year[] =
    " was is were will had has and or but when i we he she they it you that the a my our his her "
    "to for as at in on by with because so then if from until since before after not too also ";
static const char counted[] =
    " people dollars euros yuan pounds words pages miles km kg votes users points steps calories "
    "items files lines meters metres feet books cars soldiers students times years days hours units ";

bool english_year(struct english *e, struct when_span *out)
{
    struct token t = english_peek(e), next;
    if (t.kind != TOKEN_NUMBER || t.word[0] || t.digits != 4 || !when_number_ends(e->scan, t.end))
        return false;
    bool sure = e->before == BEFORE_IN;
    if (t.value < (sure ? 1200 : 1900) || t.value > (sure ? 2199 : 2099))
        return false;
    next = english_token(e, t.end);
    bool free = next.kind == TOKEN_END || (next.kind == TOKEN_MARK && !strchr("-/+*=%$&#", next.word[0]));
    bool word = next.kind == TOKEN_WORD;
    size_t len;
    if (next.kind == TOKEN_MARK && utf8_is_han(utf8_decode(e->scan->text + next.start, e->scan->n - next.start, &len)))
        return false;
    if (!free && !(word && (when_listed(after_year, next.word, strlen(next.word)) ||
                            (sure && !when_listed(counted, next.word, strlen(next.word))))))
        return false;
    if (e->before == BEFORE_ON) /* "on 2023" is no date */
        return false;
    *out = when_year(t.value);
    e->at = t.end;
    return true;
}

static bool decade_span(int64_t from, struct when_span *out)
{
    *out = when_days(when_day(from, 1, 1), when_day(from + 10, 1, 1), WHEN_DECADE);
    return true;
}

/* The latest that has begun. */
static int64_t decade_begin(const struct when_scan *s, int tens)
{
    int64_t from = s->year - s->year % 100 + tens;
    return from > s->year ? from - 100 : from;
}

bool english_decade(struct english *e, struct when_span *out)
{
    static const char *const names[] = { "twenties", "thirties",  "forties",  "fifties",
                                         "sixties",  "seventies", "eighties", "nineties" };
    size_t at = e->at;
    struct token t;
    if (!english_mark(e, '\'') && english_peek(e).word[0] == (char)0xE2)
        e->at += strlen("’");
    t = english_peek(e);
    if (t.kind == TOKEN_NUMBER && strcmp(t.word, "s") == 0 && t.value % 10 == 0 && (t.digits == 2 || t.digits == 4) &&
        (t.digits == 2 || (t.value >= 1200 && t.value < 2200))) {
        e->at = t.end;
        return decade_span(t.digits == 4 ? t.value : decade_begin(e->scan, t.value), out);
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (english_take(e, names[i]))
            return decade_span(decade_begin(e->scan, 20 + 10 * (int)i), out);
    e->at = at;
    return false;
}

/* ---- seasons and holidays ---- */

bool english_season(struct english *e, struct when_span *out)
{
    int season;
    int64_t year;
    size_t at = e->at;
    if (!english_class(e, WORD_SEASON, &season))
        return false;
    bool dated = english_which_year(e, &year);
    if (!dated && e->before != BEFORE_IN) {
        e->at = at;
        return false;
    }
    *out = dated ? when_season(year, (enum when_season)season)
                 : when_near_season(e->scan, (enum when_season)season, english_tense(e));
    return true;
}

static const struct {
    const char *name;
    enum when_holiday holiday;
} holidays[] = {
    { "new years eve", HOLIDAY_NEW_YEARS_EVE },
    { "new year eve", HOLIDAY_NEW_YEARS_EVE },
    { "new years day", HOLIDAY_NEW_YEAR },
    { "new years", HOLIDAY_NEW_YEAR },
    { "christmas eve", HOLIDAY_CHRISTMAS_EVE },
    { "xmas eve", HOLIDAY_CHRISTMAS_EVE },
    { "christmas day", HOLIDAY_CHRISTMAS_DAY },
    { "christmas", HOLIDAY_CHRISTMAS },
    { "xmas", HOLIDAY_CHRISTMAS },
    { "boxing day", HOLIDAY_BOXING },
    { "halloween", HOLIDAY_HALLOWEEN },
    { "thanksgiving", HOLIDAY_THANKSGIVING },
    { "black friday", HOLIDAY_BLACK_FRIDAY },
    { "good friday", HOLIDAY_GOOD_FRIDAY },
    { "easter monday", HOLIDAY_EASTER_MONDAY },
    { "easter", HOLIDAY_EASTER },
    { "valentines day", HOLIDAY_VALENTINE },
    { "valentines", HOLIDAY_VALENTINE },
    { "valentine day", HOLIDAY_VALENTINE },
    { "st patricks day", HOLIDAY_PATRICK },
    { "saint patricks day", HOLIDAY_PATRICK },
    { "april fools day", HOLIDAY_FOOLS },
    { "april fools", HOLIDAY_FOOLS },
    { "mothers day", HOLIDAY_MOTHER },
    { "mother day", HOLIDAY_MOTHER },
    { "fathers day", HOLIDAY_FATHER },
    { "independence day", HOLIDAY_INDEPENDENCE },
    { "chinese new year", HOLIDAY_SPRING },
    { "lunar new year", HOLIDAY_SPRING },
    { "spring festival", HOLIDAY_SPRING },
    { "mid autumn festival", HOLIDAY_MID_AUTUMN },
    { "dragon boat festival", HOLIDAY_DRAGON_BOAT },
};
/* "a Christmas tree", "Easter eggs": things, at any time of the year. */
static const char things[] =
    " tree trees card cards gift gifts present presents carol carols song songs movie movies egg eggs bunny "
    "costume costumes lights decorations sweater island pudding cookies ";

bool english_holiday_name(struct english *e, enum when_holiday *out)
{
    size_t at = e->at;
    for (size_t i = 0; i < sizeof(holidays) / sizeof(holidays[0]); i++) {
        if (!english_take(e, holidays[i].name))
            continue;
        struct token next = english_peek(e);
        if (next.kind == TOKEN_WORD && when_listed(things, next.word, strlen(next.word)))
            break;
        *out = holidays[i].holiday;
        return true;
    }
    e->at = at;
    if (english_take(e, "mid") && english_mark(e, '-') && english_take(e, "autumn festival")) {
        *out = HOLIDAY_MID_AUTUMN;
        return true;
    }
    e->at = at;
    if (english_take(e, "st") && english_mark(e, '.') && english_take(e, "patricks day")) {
        *out = HOLIDAY_PATRICK;
        return true;
    }
    e->at = at;
    return false;
}

bool english_holiday(struct english *e, struct when_span *out)
{
    enum when_holiday holiday;
    int64_t year;
    size_t at = e->at;
    if (!english_holiday_name(e, &holiday))
        return false;
    bool known = english_which_year(e, &year) ? when_holiday_of(holiday, year, out)
                                              : when_near_holiday(e->scan, holiday, english_tense(e), out);
    e->at = known ? e->at : at;
    return known;
}
