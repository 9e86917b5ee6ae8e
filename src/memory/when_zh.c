/* Chinese time expressions: where they begin, numbers, parts of the day, the clock. */
#include "memory/when_chinese.h"

#include "base/utf8.h"

#include <ctype.h>
#include <string.h>

/* ---- the cursor ---- */

static size_t blanks(const struct chinese *z, size_t at)
{
    size_t n = 0;
    while (n < 2 && z->text[at + n] == ' ')
        n++;
    return n;
}

bool chinese_take(struct chinese *z, const char *word)
{
    size_t at = z->at + blanks(z, z->at), n = strlen(word);
    if (strncmp(z->text + at, word, n) != 0)
        return false;
    z->at = at + n;
    return true;
}

/* The bytes of the first of the words that stands at the beginning of text, its number in *which; 0: none. */
static size_t any_at(const char *text, const char *words, int *which)
{
    *which = 1;
    for (const char *w = words; *w; ++*which) {
        size_t n = strcspn(w, "|");
        if (n && strncmp(text, w, n) == 0)
            return n;
        w += n + (w[n] == '|');
    }
    *which = 0;
    return 0;
}

size_t when_starts(const char *text, const char *words)
{
    int which;
    return any_at(text, words, &which);
}

static bool ends_with(const char *text, size_t end, const char *words)
{
    for (const char *w = words; *w;) {
        size_t n = strcspn(w, "|");
        if (n && n <= end && memcmp(text + end - n, w, n) == 0)
            return true;
        w += n + (w[n] == '|');
    }
    return false;
}

bool when_ends(const char *text, const char *words) { return ends_with(text, strlen(text), words); }

int chinese_pick(struct chinese *z, const char *words)
{
    int which;
    size_t at = z->at + blanks(z, z->at), n = any_at(z->text + at, words, &which);
    z->at = n ? at + n : z->at;
    return which;
}

bool chinese_next_in(const struct chinese *z, const char *words)
{
    int which;
    return any_at(z->text + z->at + blanks(z, z->at), words, &which) > 0;
}

bool chinese_before_in(const struct chinese *z, size_t at, const char *words)
{
    return at ? ends_with(z->text, at, words) : when_ends(z->before, words);
}

enum when_tense chinese_tense(const struct chinese *z, size_t from)
{
    return when_tense_at(z->scan, z->start + from, z->start + z->at);
}

/* ---- numbers ---- */

static const char numerals[] = "〇|一|二|三|四|五|六|七|八|九|零|两|十|百|千";

/* The value of a run of numerals of 0 … 9 and its length. */
static int digit_run(struct chinese *z, int *value)
{
    int n = 0, which;
    for (*value = 0; n < 4; n++) {
        size_t at = z->at, len = any_at(z->text + at, numerals, &which);
        if (!len || which > 12)
            break;
        int digit = which == 11 ? 0 : which == 12 ? 2 : which - 1;
        *value = 10 * *value + digit;
        z->at += len;
    }
    return n;
}

/* 十二, 二十, 三百, 一百零五: behind a first digit, or with none. */
static bool powers(struct chinese *z, int first, bool any, int *value)
{
    static const int power[] = { 0, 10, 100, 1000 };
    int sum = 0, part = any ? first : 1, which;
    bool found = false;
    while ((which = chinese_pick(z, "十|百|千")) > 0) {
        int digit, n;
        found = true;
        sum += part * power[which];
        (void)chinese_take(z, "零");
        n = digit_run(z, &digit);
        part = n == 1 ? digit : 0;
        if (n != 1)
            break;
    }
    *value = sum + part;
    return found;
}

static bool ascii_number(struct chinese *z, struct chinese_number *out)
{
    size_t at = z->at;
    for (; isdigit((unsigned char)z->text[at]) && out->digits < 5; at++, out->digits++)
        out->lo = 10 * out->lo + (z->text[at] - '0');
    bool ok = out->digits > 0 && out->digits < 5 && !isalpha((unsigned char)z->text[at]);
    z->at = ok ? at : z->at;
    out->hi = out->lo;
    out->ascii = true;
    return ok;
}

static bool numeral_number(struct chinese *z, struct chinese_number *out)
{
    int value, n = digit_run(z, &value), all;
    out->spoken = n > 1;
    out->digits = n;
    if (n <= 1 && powers(z, value, n == 1, &all)) {
        out->digits = 0;
        value = all;
    }
    out->lo = out->hi = value;
    /* 两三天, 三五天: one of these; 九五年 is told apart where years are. */
    if (n == 2 && value / 10 < value % 10 && value / 10 > 0 && value % 10 - value / 10 <= 2) {
        out->lo = value / 10;
        out->hi = value % 10;
    }
    return n > 0 || value > 0;
}

bool chinese_number(struct chinese *z, struct chinese_number *out)
{
    size_t at = z->at;
    *out = (struct chinese_number){ 0 };
    z->at += blanks(z, z->at);
    if (chinese_pick(z, "好几|几|若干|数")) {
        bool tens = chinese_take(z, "十"), hundreds = !tens && chinese_take(z, "百");
        out->lo = tens ? 20 : hundreds ? 200 : 2;
        out->hi = tens ? 90 : hundreds ? 900 : 6;
        return true;
    }
    if (chinese_take(z, "半")) {
        out->half = true;
        return true;
    }
    if (!ascii_number(z, out) && !numeral_number(z, out)) {
        z->at = at;
        return false;
    }
    size_t end = z->at;
    struct chinese_number other = { 0 };
    if (chinese_pick(z, "到|至|-|~|—|或")) {
        if ((ascii_number(z, &other) || numeral_number(z, &other)) && other.hi > out->lo)
            out->hi = other.hi;
        else
            z->at = end;
    } else if (chinese_pick(z, "多|几|来")) { /* 十几年, 三十多天 */
        int unit = out->lo >= 100 ? 100 : 10;
        out->hi = out->lo % 10 == 0 && out->lo > 0 ? out->lo + unit - 1 : out->lo;
    }
    return true;
}

bool chinese_value(struct chinese *z, int low, int high, int *out)
{
    size_t at = z->at;
    struct chinese_number n = { 0 };
    z->at += blanks(z, at);
    if ((ascii_number(z, &n) || numeral_number(z, &n)) && n.lo == n.hi && n.lo >= low && n.lo <= high) {
        *out = n.lo;
        return true;
    }
    z->at = at;
    return false;
}

/* ---- parts of the day and the clock ---- */

bool chinese_part(struct chinese *z, enum when_part *out)
{
    static const char words[] =
        "凌晨|清晨|清早|大清早|一大早|一早|早上|早晨|上午|中午|正午|午后|下午|傍晚|黄昏|晚上|晚间|夜里|"
        "夜间|夜晚|半夜|深夜|大半夜|当晚|晚|夜|早|晨";
    static const enum when_part parts[] = { PART_NONE,    PART_DAWN,    PART_MORNING,   PART_MORNING,   PART_MORNING,
                                            PART_MORNING, PART_MORNING, PART_MORNING,   PART_MORNING,   PART_MORNING,
                                            PART_NOON,    PART_NOON,    PART_AFTERNOON, PART_AFTERNOON, PART_DUSK,
                                            PART_DUSK,    PART_NIGHT,   PART_NIGHT,     PART_NIGHT,     PART_NIGHT,
                                            PART_NIGHT,   PART_LATE,    PART_LATE,      PART_LATE,      PART_NIGHT,
                                            PART_NIGHT,   PART_NIGHT,   PART_MORNING,   PART_MORNING };
    size_t at = z->at;
    (void)chinese_pick(z, "的|，|,");
    int which = chinese_pick(z, words);
    bool other = which > 24 && chinese_next_in(z, "饭|餐|会|点|就|已|了|安|年|期|到|退|上");
    if (!which || other) {
        z->at = at;
        return false;
    }
    *out = parts[which];
    return true;
}

/* 半, 一刻, 十五分 behind 点. */
static int chinese_minutes(struct chinese *z)
{
    int minute, quarter = chinese_pick(z, "半|一刻|三刻");
    if (quarter)
        return quarter == 1 ? 30 : quarter == 2 ? 15 : 45;
    size_t at = z->at;
    (void)chinese_take(z, "零");
    if (chinese_value(z, 0, 59, &minute)) {
        (void)chinese_take(z, "分");
        return minute;
    }
    z->at = at;
    (void)chinese_pick(z, "钟|整|多|左右");
    return 0;
}

/* sure: what stands in front is a time already, so 三点 is no list of three points. */
bool chinese_clock(struct chinese *z, enum when_part part, bool sure, int *minutes)
{
    size_t at = z->at;
    int hour, minute = 0;
    if (!chinese_value(z, 0, 24, &hour) || !chinese_pick(z, "点|时|:|：")) {
        z->at = at;
        return false;
    }
    bool colon = z->text[z->at - 1] == ':' || strncmp(z->text + z->at - 3, "：", 3) == 0;
    bool certain = colon || chinese_next_in(z, "钟|半|一刻|三刻|整|左右");
    size_t behind = z->at;
    if (colon ? !chinese_value(z, 0, 59, &minute) || z->at - behind != 2 : (minute = chinese_minutes(z)) < 0) {
        z->at = at;
        return false;
    }
    bool bit = hour == 1 && !part && !certain; /* 一点都不 */
    if (bit || !(sure || (certain && part)) || (!certain && chinese_next_in(z, "建议|意见|要求|想法|原因|体会|理由"))) {
        z->at = at;
        return false;
    }
    if (hour < 12 && part >= PART_AFTERNOON && !(part >= PART_NIGHT && hour < 5))
        hour += 12;
    else if (part >= PART_NIGHT && (hour < 5 || hour == 12))
        hour = hour % 12 + 24;
    else if (part == PART_NOON && hour < 3)
        hour += 12;
    *minutes = 60 * hour + minute;
    return true;
}

static void with_part(struct chinese *z, struct when_span *span)
{
    enum when_part part = PART_NONE;
    int minutes;
    bool guessed = span->guessed, day = span->precision == WHEN_DAY && span->to - span->from == DAY_MS;
    int64_t at = when_day_at(span->from);
    if (!day && span->precision != WHEN_PART)
        return;
    if (day && chinese_part(z, &part))
        *span = when_part(at, part);
    if (!day) { /* 昨晚 */
        int64_t hour = (span->from - at * DAY_MS) / HOUR_MS;
        part = hour >= 18 ? PART_NIGHT : hour >= 12 ? PART_AFTERNOON : PART_MORNING;
    }
    size_t clock = z->at;
    /* 明天三点 may be in the morning or in the afternoon: then it is the day. */
    if (chinese_clock(z, part, true, &minutes) && (part || minutes >= 12 * 60 || z->text[clock] == '0'))
        *span = when_clock(at, minutes);
    span->guessed = guessed;
}

/* 下午三点, 晚上8点半: today, or what the words around say. */
static bool part_alone(struct chinese *z, struct when_span *out)
{
    enum when_part part;
    int minutes;
    size_t at = z->at;
    if (chinese_part(z, &part) && chinese_clock(z, part, true, &minutes)) {
        enum when_tense tense = chinese_tense(z, at);
        *out = when_clock(z->scan->today, minutes);
        if (tense == TENSE_PAST && out->from > z->scan->now)
            *out = when_clock(z->scan->today - 1, minutes);
        else if (tense == TENSE_FUTURE && out->to <= z->scan->now)
            *out = when_clock(z->scan->today + 1, minutes);
        return true;
    }
    z->at = at;
    return false;
}

/* ---- all ---- */

static const char starters[] = "今昨前明后大去这本上下近接再未过最刚不很好多早星礼周双元春除清端中国圣平情万感复母父儿"
                               "劳妇教愚跨五六一二两三四七八九十百零〇半几数若改晚凌傍午深夜黄许年月";

bool when_chinese(const struct when_scan *s, size_t start, struct when_span *out, size_t *end)
{
    struct chinese z = { .scan = s, .start = start };
    char first[8] = "";
    if ((unsigned char)s->text[start] >= 0x80) {
        if (when_window(s->text, s->n, start, first, 4) != 3 || !strstr(starters, first))
            return false;
    }
    z.n = when_window(s->text, s->n, start, z.text, sizeof(z.text));
    size_t from = start > 12 ? start - 12 : 0;
    while (from < start && ((unsigned char)s->text[from] & 0xC0) == 0x80)
        from++;
    when_window(s->text, start, from, z.before, sizeof(z.before));
    if (!chinese_vague(&z, out) && !chinese_counted(&z, out) && !chinese_week(&z, out) && !chinese_day(&z, out) &&
        !chinese_date(&z, out) && !part_alone(&z, out))
        return false;
    with_part(&z, out);
    *end = start + z.at;
    return true;
}
