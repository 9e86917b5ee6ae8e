/* What is on a day: "the interview is on Thursday, not Wednesday", 下周四我要去厦门. Which one is meant when it is moved, its words tell. */
#include "base/date.h"
#include "memory/facts_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DAY_MS 86400000ll
#define WEEK_MS (7 * DAY_MS)
#define MONTHS 3  /* ahead, that have the day meant */
#define NEAR 10   /* bytes between two names of a day */
#define NEXT_TO 6 /* bytes between "moved to" and where to */

/* ---- the times of a sentence ---- */

static const char commas[] = ",;:", *const wide_commas[] = { "，", "；", "：", "、" };

/* In Chinese a blank is as good as one. */
static size_t comma_at(const struct sentence *s, size_t i)
{
    if (s->text[i] == ' ' && s->language == &fact_words_zh)
        return 1;
    if (strchr(commas, s->text[i]))
        return s->text[i] != '\0';
    for (size_t k = 0; k < sizeof(wide_commas) / sizeof(*wide_commas); k++)
        if (s->n - i >= 3 && memcmp(s->text + i, wide_commas[k], 3) == 0)
            return 3;
    return 0;
}

/* The clause around a place. */
static void clause_of(const struct sentence *s, size_t at, size_t *from, size_t *to)
{
    *from = 0;
    *to = s->n;
    for (size_t i = 0; i < s->n; i++) {
        size_t len = comma_at(s, i);
        if (len && i < at)
            *from = i + len;
        if (len && i > at) {
            *to = i;
            return;
        }
    }
}

/* "Thursdays" are looked at as "Thursday": what is so every week is so on the next one. */
static void singular(const struct sentence *s, char *out)
{
    static const char *const days[] = { "mondays", "tuesdays",  "wednesdays", "thursdays",
                                        "fridays", "saturdays", "sundays" };
    memcpy(out, s->text, s->n + 1);
    for (size_t k = 0; k < sizeof(days) / sizeof(*days); k++)
        for (char *at = out; (at = strcasestr(at, days[k])); at += strlen(days[k]))
            at[strlen(days[k]) - 1] = ' ';
}

/* Bytes of ", the twelfth", "the 12th" at s; 0: none. */
static size_t ordinal_at(const char *s, int *day)
{
    static const char *const names[] = { "first",        "second",        "third",          "fourth",
                                         "fifth",        "sixth",         "seventh",        "eighth",
                                         "ninth",        "tenth",         "eleventh",       "twelfth",
                                         "thirteenth",   "fourteenth",    "fifteenth",      "sixteenth",
                                         "seventeenth",  "eighteenth",    "nineteenth",     "twentieth",
                                         "twenty-first", "twenty-second", "twenty-third",   "twenty-fourth",
                                         "twenty-fifth", "twenty-sixth",  "twenty-seventh", "twenty-eighth",
                                         "twenty-ninth", "thirtieth",     "thirty-first" };
    size_t at = strspn(s, " ,");
    at += strncasecmp(s + at, "the ", 4) == 0 ? 4 : 0;
    size_t digits = strspn(s + at, "0123456789"), len = strcspn(s + at, " ,.;:!?()\n");
    *day = 0;
    if (digits && digits <= 2 && len == digits + 2 && strspn(s + at + digits, "stndrh") == 2)
        *day = atoi(s + at);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !*day; i++)
        if (strlen(names[i]) == len && strncasecmp(names[i], s + at, len) == 0)
            *day = (int)i + 1;
    return *day >= 1 && *day <= 31 ? at + len : 0;
}

/* The next day of a month with that number. */
static int64_t next_day(struct when_anchor said, int day)
{
    int64_t zone = said.offset_min * 60000ll;
    time_t local = (time_t)((said.ms + zone) / 1000);
    struct tm now;
    gmtime_r(&local, &now);
    for (int k = 0; k < MONTHS; k++) {
        int month = now.tm_mon + k;
        const struct date d = {
            .year = now.tm_year + 1900 + month / 12, .month = month % 12 + 1, .day = day, .zoned = true
        };
        int64_t ms = date_ms(&d);
        if (ms >= 0 && (k || day >= now.tm_mday))
            return ms - zone;
    }
    return 0;
}

/* Where it lies as its own clause tells it: "I've bought the tickets, she gets them on Saturday". */
static void look_in_clause(const struct sentence *s, const char *text, struct when_anchor said, struct when *w)
{
    struct when found[FACT_WHENS];
    size_t from, to;
    clause_of(s, w->start, &from, &to);
    size_t n = when_find(text + from, to - from, said, found, FACT_WHENS);
    for (size_t i = 0; i < n; i++)
        if (found[i].start + from == w->start && found[i].end + from == w->end) {
            w->direction = found[i].direction;
            w->from_ms = found[i].from_ms;
            w->to_ms = found[i].to_ms;
            return;
        }
}

static bool has(const struct sentence *s, const struct when *w, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t at = w->start, len = strlen(words[i]); at + len <= w->end; at++)
            if (strncasecmp(s->text + at, words[i], len) == 0)
                return true;
    return false;
}
#define HAS(s, w, words) has(s, w, words, sizeof(words) / sizeof(*(words)))

/* A day of the week and nothing else. */
static bool is_weekday(const struct sentence *s, const struct when *w)
{
    static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", "周", "星期", "礼拜" };
    static const char *const numbers[] = { "号", "月", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" };
    return HAS(s, w, days) && !HAS(s, w, numbers) && !memmem(s->text + w->start, w->end - w->start, "the ", 4);
}

/* A date with its month in the next year; "the 14th" in the next month that has one. */
static int64_t next_date(const struct sentence *s, const struct when *w, struct when_anchor said)
{
    static const char *const months[] = { "月",  "jan", "feb", "mar", "apr", "may", "jun",
                                          "jul", "aug", "sep", "oct", "nov", "dec" };
    int64_t zone = said.offset_min * 60000ll;
    time_t local = (time_t)((w->from_ms + zone) / 1000);
    struct tm t;
    gmtime_r(&local, &t);
    const struct date next = { t.tm_year + 1901, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, 0, 0, true, 0 };
    if (!HAS(s, w, months))
        return next_day(said, t.tm_mday) + (t.tm_hour * 60 + t.tm_min) * 60000ll;
    return date_ms(&next) < 0 ? w->from_ms : date_ms(&next) - zone;
}

/* What may lie ahead as well as behind, and is told as a plan, lies ahead; so does "this Saturday" for those whose week begins on Sunday. */
static void look_ahead(const struct sentence *s, struct when *w, struct when_anchor said)
{
    static const char *const these[] = { "this", "这" };
    int64_t from = w->from_ms, long_ms = w->to_ms - w->from_ms;
    bool weekday = is_weekday(s, w);
    if (w->from_ms > said.ms || w->precision > WHEN_DAY || (w->to_ms > said.ms && !weekday))
        return;
    bool today = w->to_ms > said.ms; /* who means today says so */
    if (w->direction == WHEN_PAST && !(weekday && (today || HAS(s, w, these))))
        return;
    if (weekday && said.ms - from < WEEK_MS + DAY_MS)
        while (w->from_ms <= said.ms)
            w->from_ms += WEEK_MS;
    else
        w->from_ms = next_date(s, w, said);
    w->to_ms = w->from_ms + long_ms;
    w->direction = WHEN_FUTURE;
}

static bool is_was(const struct sentence *s, const struct when *w)
{
    return w->start < s->was_end && w->end > s->was_start;
}

void fact_find_days(struct sentence *s, struct when_anchor said)
{
    char text[FACT_SENTENCE + 1];
    singular(s, text);
    s->n_whens = when_find(text, s->n, said, s->whens, FACT_WHENS);
    for (size_t i = 0; i < s->n_whens; i++) {
        struct when *w = &s->whens[i];
        int day;
        if (w->direction == WHEN_PAST)
            look_in_clause(s, text, said, w);
        if (w->direction == WHEN_PAST && is_was(s, w))
            w->direction = WHEN_EITHER; /* it was to come */
        look_ahead(s, w, said);
        w->end += s->text[w->end] == 's';
        size_t len = w->precision == WHEN_DAY ? ordinal_at(s->text + w->end, &day) : 0;
        int64_t ms = len && w->end + len <= s->n ? next_day(said, day) : 0;
        if (ms) {
            w->end += len;
            w->from_ms = ms;
            w->to_ms = ms + DAY_MS;
            w->direction = WHEN_FUTURE;
        }
    }
}

/* ---- what it is about ---- */

struct topic {
    const struct sentence *s;
    char *out;
    size_t from, to; /* of the sentence: where its words stand */
    size_t len, end; /* end: of the last word, in the sentence */
};

static bool says_when(const struct sentence *s, size_t start, size_t end)
{
    for (size_t i = 0; i < s->n_whens; i++)
        if (start < s->whens[i].end && end > s->whens[i].start)
            return true;
    return start < s->was_end && end > s->was_start;
}

/* Characters that make a pair of them no word of an appointment, and words. */
static bool is_filler(const char *word, size_t n)
{
    static const char characters[] =
        "我你他她它您的了是在不也就还都和跟要去到从把被给让很再又着过吧吗呢啊这那有没改换成将会能可说咱们票好别诉";
    static const char *const words[] = { "change",   "changed", "plan",   "moved",  "any",  "more",  "anymore",
                                         "actually", "instead", "now",    "day",    "off",  "going", "goes",
                                         "get",      "gets",    "booked", "got",    "tell", "told",  "say",
                                         "said",     "know",    "keep",   "secret", "word" };
    if ((unsigned char)*word < 0x80) {
        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
            if (strlen(words[i]) == n && strncasecmp(words[i], word, n) == 0)
                return true;
        return n < 3;
    }
    if (n == 6 && memcmp(word, "主意", 6) == 0) /* 我改主意了 */
        return true;
    for (size_t i = 0; i + 3 <= n; i += 3)
        for (const char *c = characters; *c; c += 3)
            if (memcmp(word + i, c, 3) == 0)
                return true;
    return false;
}

/* Neighbouring pairs of characters become one word. */
static int take_word(void *ctx, const struct words_token *t)
{
    struct topic *topic = ctx;
    const char *word = topic->s->text + t->start;
    size_t n = t->end - t->start;
    if ((t->kind != WORDS_WORD && t->kind != WORDS_PAIR) || t->start < topic->from || t->end > topic->to ||
        words_common(t->bytes, t->n) || is_filler(word, n) || says_when(topic->s, t->start, t->end))
        return 0;
    bool joins = t->kind == WORDS_PAIR && topic->len && t->start < topic->end;
    size_t from = joins ? topic->end : t->start, len = t->end - from;
    if (topic->len + len + 2 > FACT_WORDS)
        return 1;
    if (topic->len && !joins)
        topic->out[topic->len++] = ' ';
    memcpy(topic->out + topic->len, topic->s->text + from, len);
    topic->out[topic->len += len] = '\0';
    topic->end = t->end;
    return 0;
}

/* The words of its clause, or, if it has none, of those behind it, or of all; of a change all. False: it has no words. */
static bool read_topic(struct reading *g, size_t at, char *out)
{
    const struct sentence *s = &g->s;
    size_t from, to;
    clause_of(s, at, &from, &to);
    const size_t ranges[][2] = { { from, to }, { from, s->n }, { 0, s->n } };
    for (size_t i = s->change ? 2 : 0; i < 3 && !*out; i++) {
        struct topic topic = { .s = s, .out = out, .from = ranges[i][0], .to = ranges[i][1] };
        if (words_each(g->words, s->text, s->n, WORDS_PAIRS, take_word, &topic) == ANIMA_E_NOMEM)
            return false;
    }
    return *out;
}

/* ---- the day ---- */

/* "Moved to Thursday": that is the one. n_whens: none. */
static size_t moved_to(const struct sentence *s)
{
    for (size_t at = 0, end; at < s->n && pattern_find(s->patterns->change, s->text, s->n, at, NULL, &end);
         at = end + !end)
        for (size_t i = 0; i < s->n_whens; i++)
            if (s->whens[i].start >= end && s->whens[i].start <= end + NEXT_TO && !is_was(s, &s->whens[i]))
                return i;
    return s->n_whens;
}

/* Of one day, or "next Thursday, the twelfth", whatever the calendar says. */
static bool same_day(const struct when *a, const struct when *b)
{
    if (a->start >= b->end && a->start - b->end <= NEAR)
        return true;
    return a->from_ms - b->from_ms < DAY_MS && b->from_ms - a->from_ms < DAY_MS;
}

/* The times that are not said to be otherwise: one day, in one or several ways ("Thursday, the twelfth"), to come; false: there is none, or
 * there are more. */
static bool one_day(const struct sentence *s, int64_t said_ms, size_t *first, size_t *last)
{
    size_t moved = moved_to(s);
    bool any = false;
    for (size_t i = moved < s->n_whens ? moved : 0; i < s->n_whens; i++) {
        const struct when *w = &s->whens[i];
        if (is_was(s, w) || w->precision > WHEN_DAY)
            continue;
        if (any && !same_day(w, &s->whens[*first])) {
            if (moved < s->n_whens)
                break;
            return false;
        }
        if (w->direction == WHEN_PAST || w->vague || w->from_ms <= said_ms)
            return false;
        *first = any ? *first : i;
        *last = i;
        any = true;
    }
    return any;
}

/* The day that it was on, or 0: what is said not to be, or the only other one in front of "moved to". */
static int64_t was_day(const struct sentence *s, size_t day)
{
    size_t moved = moved_to(s);
    for (size_t i = 0; i < s->n_whens; i++)
        if (is_was(s, &s->whens[i]) || (moved < s->n_whens && !s->was_end && i < moved && i + 1 == day))
            return s->whens[i].from_ms;
    return 0;
}

void fact_read_day(struct reading *g)
{
    const struct sentence *s = &g->s;
    struct fact f = { .about = FACT_ABOUT_day, .confidence = 0.7F, .change = s->change };
    size_t first = 0, last = 0;
    if (!one_day(s, g->said.ms, &first, &last))
        return;
    f.was_ms = was_day(s, first);
    if (!f.was_ms && !pattern_find(s->patterns->plan, s->text, s->n, 0, NULL, NULL))
        return;
    f.change = f.change || f.was_ms;
    f.day_ms = s->whens[is_weekday(s, &s->whens[first]) ? last : first].from_ms;
    if (!read_topic(g, s->whens[first].start, f.topic))
        return;
    for (size_t i = 0; i < g->n; i++) /* a birthday is told as one */
        if (g->out[i].start < s->from + s->whens[first].end && g->out[i].end > s->from + s->whens[first].start)
            return;
    bool near = s->whens[last].start <= s->whens[first].end + NEAR;
    fact_add(g, &f, s->whens[first].start, s->whens[near ? last : first].end);
}
