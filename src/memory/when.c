#include "memory/when_private.h"

#include "base/utf8.h"

#include <ctype.h>
#include <string.h>

#define OFFSET_MOST (18 * 60)

/* ---- the anchor ---- */

static int64_t first_ms(void) { return when_day(1, 1, 1) * DAY_MS; }
static int64_t last_ms(void) { return when_day(10000, 1, 1) * DAY_MS; }

static int64_t offset_ms(struct when_anchor a)
{
    int offset = a.offset_min < -OFFSET_MOST ? -OFFSET_MOST : a.offset_min > OFFSET_MOST ? OFFSET_MOST : a.offset_min;
    return offset * MINUTE_MS;
}

static int64_t local_ms(int64_t ms, struct when_anchor a)
{
    ms = ms < first_ms() ? first_ms() : ms >= last_ms() ? last_ms() - 1 : ms;
    ms += offset_ms(a);
    return ms < first_ms() ? first_ms() : ms >= last_ms() ? last_ms() - 1 : ms;
}

struct when_scan when_scan_begin(const char *text, size_t n, struct when_anchor anchor)
{
    struct when_scan s = { .text = text,
                           .n = n < WHEN_TEXT_MAX ? n : WHEN_TEXT_MAX,
                           .now = local_ms(anchor.ms, anchor) };
    s.today = s.now / DAY_MS - (s.now % DAY_MS < 0);
    when_civil(s.today, &s.year, &s.month, &s.day);
    s.weekday = when_weekday(s.today);
    return s;
}

/* ---- the scan ---- */

static bool is_alnum(char c) { return isalnum((unsigned char)c) != 0; }

/* Whether a word or number may begin at byte i: not inside of one, of an address, a version, a price. */
static bool begins(const struct when_scan *s, size_t i)
{
    if (i == 0)
        return true;
    char before = s->text[i - 1];
    bool digit = isdigit((unsigned char)s->text[i]) != 0;
    if (is_alnum(before) || (before && strchr("_@\\&=%", before)))
        return false;
    if (before && strchr("./:", before) && (i > 1 && is_alnum(s->text[i - 2])))
        return before == ':' && !digit;
    if (digit && before && strchr("$#+-.,~^*", before))
        return false;
    static const char *const money[] = { "£", "€", "¥", "￥", "№", "《", "\"" };
    for (size_t k = 0; digit && k < sizeof(money) / sizeof(money[0]); k++) {
        size_t n = strlen(money[k]);
        if (i >= n && memcmp(s->text + i - n, money[k], n) == 0)
            return false;
    }
    return true;
}

/* Bytes of the run of letters and digits at i. */
static size_t run_at(const struct when_scan *s, size_t i)
{
    size_t n = 0;
    while (i + n < s->n && is_alnum(s->text[i + n]))
        n++;
    return n;
}

/* Whether a number, or a range of two, has something behind it that is not ASCII: a Chinese unit may be there. */
static bool han_follows(const struct when_scan *s, size_t i)
{
    size_t end = i + 16 < s->n ? i + 16 : s->n;
    while (i < end &&
           (isdigit((unsigned char)s->text[i]) || s->text[i] == ' ' || s->text[i] == '-' || s->text[i] == '~'))
        i++;
    return i < end && (unsigned char)s->text[i] >= 0x80;
}

/* The expression at byte i, if any; *step: bytes to the next place where one may begin. */
static bool expression_at(const struct when_scan *s, size_t i, struct when_span *span, size_t *begin, size_t *end,
                          size_t *step)
{
    unsigned char c = (unsigned char)s->text[i];
    *begin = i;
    *step = 1;
    if (c >= 0x80) {
        utf8_decode(s->text + i, s->n - i, step);
        return *step == 3 && when_chinese(s, i, span, end);
    }
    bool apostrophe = c == '\'' && i + 1 < s->n && isdigit((unsigned char)s->text[i + 1]);
    if (!isalnum(c) && !apostrophe)
        return false;
    *step = apostrophe ? 1 : run_at(s, i);
    if (!begins(s, i))
        return false;
    if (isdigit(c) && han_follows(s, i) && when_chinese(s, i, span, end))
        return true;
    return when_english(s, i, span, begin, end);
}

static bool finish(const struct when_scan *s, struct when_anchor anchor, const struct when_span *span, struct when *out)
{
    int64_t from = span->from - offset_ms(anchor), to = span->to - offset_ms(anchor);
    if (span->to <= span->from || from >= last_ms() || to <= first_ms())
        return false;
    out->from_ms = from < first_ms() ? first_ms() : from;
    out->to_ms = to > last_ms() ? last_ms() : to;
    out->precision = span->precision;
    out->vague = span->vague;
    out->direction = span->guessed          ? WHEN_EITHER
                     : span->to <= s->now   ? WHEN_PAST
                     : span->from >= s->now ? WHEN_FUTURE
                                            : WHEN_EITHER;
    return true;
}

size_t when_find(const char *text, size_t n, struct when_anchor anchor, struct when *out, size_t max)
{
    struct when_scan s = when_scan_begin(text, n, anchor);
    size_t found = 0;
    max = max < WHEN_MOST ? max : WHEN_MOST;
    for (size_t i = 0, step; i < s.n && found < max; i += step) {
        struct when_span span = { 0 };
        size_t begin, end = 0;
        if (!expression_at(&s, i, &span, &begin, &end, &step) || end <= i)
            continue;
        step = end - i;
        struct when *w = &out[found];
        if (!finish(&s, anchor, &span, w))
            continue;
        w->start = begin;
        w->end = end;
        found++;
    }
    return found;
}

bool when_mentions(const char *text, size_t n)
{
    /* Any moment does: whether something is an expression hangs on it only where the calendar ends. */
    struct when one;
    return when_find(text, n, (struct when_anchor){ .ms = 1700000000000 }, &one, 1) > 0;
}

double when_overlap(const struct when *asked, const struct when *other)
{
    int64_t from = asked->from_ms > other->from_ms ? asked->from_ms : other->from_ms;
    int64_t to = asked->to_ms < other->to_ms ? asked->to_ms : other->to_ms;
    if (to <= from || asked->to_ms <= asked->from_ms)
        return 0;
    return (double)(to - from) / (double)(asked->to_ms - asked->from_ms);
}
