/* read_whatsapp.c — what WhatsApp's "Export chat" writes (faq.whatsapp.com/1180414079177245): a message a line, more lines of it below.
 *
 *   Android   12/31/20, 11:59 PM - Anna L.: text        31.12.20, 23:59 - Anna L.: text        2020/12/31 下午11:59 - 安娜: 话
 *   iOS       [31/12/2020, 23:59:59] Anna L.: text      [2020/12/31 下午11:59:59] 安娜: 话
 *
 * The order of day and month is that of the phone's region and stands nowhere; the whole file tells it (struct evidence). Lines without an
 * author are WhatsApp's own; iOS puts a mark of direction (U+200E) in front of words that are. */
#include "base/date.h"
#include "base/utf8.h"
#include "twin/read_private.h"

#include <ctype.h>
#include <string.h>

#define LONGEST_AUTHOR 100 /* bytes */
#define LOOK 30            /* lines: one of the first is a message */

static const char ORDER_MARK[] = "\xE2\x80\x8E";

enum half { NO_HALF, AM, PM, NOON };

/* The head of a line. */
struct head {
    int numbers[3]; /* of the date, as they stand */
    bool year_first, dots;
    int hour, minute, second;
    enum half half;
    const char *rest; /* behind it */
    size_t n;
};

struct cursor {
    const char *s;
    size_t n;
};

static void advance(struct cursor *c, size_t n)
{
    c->s += n;
    c->n -= n;
}

static bool take(struct cursor *c, const char *word)
{
    bool there = twin_begins_caseless(c->s, c->n, word);
    if (there)
        advance(c, strlen(word));
    return there;
}

/* Blanks of all kinds, and marks of direction. */
static void skip_blanks(struct cursor *c)
{
    static const char *const blanks[] = {
        " ", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xAA", "\xE2\x80\xAC", "\xEF\xBB\xBF"
    };
    for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]);)
        i = take(c, blanks[i]) ? 0 : i + 1;
}

/* At most four digits. */
static bool number(struct cursor *c, int *out, size_t *digits)
{
    size_t n = 0;
    for (*out = 0; n < c->n && n < 4 && isdigit((unsigned char)c->s[n]); n++)
        *out = *out * 10 + (c->s[n] - '0');
    advance(c, n);
    *digits = n;
    return n > 0 && !(c->n && isdigit((unsigned char)*c->s));
}

static bool take_date(struct cursor *c, struct head *h)
{
    size_t first, digits;
    if (!number(c, &h->numbers[0], &first))
        return false;
    h->year_first = first == 4;
    h->dots = c->n && *c->s == '.';
    if (!take(c, "/") && !take(c, ".") && !take(c, "-") && !take(c, "年"))
        return false;
    skip_blanks(c);
    if (!number(c, &h->numbers[1], &digits) || digits > 2)
        return false;
    if (!take(c, "/") && !take(c, ".") && !take(c, "-") && !take(c, "月"))
        return false;
    skip_blanks(c);
    if (!number(c, &h->numbers[2], &digits))
        return false;
    if (!take(c, "日"))
        take(c, ".");
    return true;
}

/* What stands between date and time: a comma, "klo", "at", 下午. */
static void take_between(struct cursor *c, struct head *h)
{
    static const struct {
        const char *word;
        enum half half;
    } halves[] = { { "凌晨", AM },   { "清晨", AM }, { "早上", AM }, { "上午", AM },
                   { "中午", NOON }, { "下午", PM }, { "傍晚", PM }, { "晚上", PM } };
    take(c, ",");
    skip_blanks(c);
    for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++)
        if (take(c, halves[i].word))
            h->half = halves[i].half;
    if (!take(c, "klo"))
        take(c, "at ");
    skip_blanks(c);
}

static void take_half(struct cursor *c, struct head *h)
{
    struct cursor k = *c;
    skip_blanks(&k);
    bool am = take(&k, "a"), pm = !am && take(&k, "p");
    take(&k, ".");
    skip_blanks(&k);
    if ((!am && !pm) || !take(&k, "m"))
        return;
    take(&k, ".");
    h->half = am ? AM : PM;
    *c = k;
}

static bool take_time(struct cursor *c, struct head *h)
{
    size_t digits;
    if (!number(c, &h->hour, &digits) || (!take(c, ":") && !take(c, ".")) || !number(c, &h->minute, &digits))
        return false;
    if ((take(c, ":") || take(c, ".")) && !number(c, &h->second, &digits))
        return false;
    take_half(c, h);
    return true;
}

static bool take_head(const char *s, size_t n, struct head *h)
{
    struct cursor c = { s, n };
    *h = (struct head){ 0 };
    skip_blanks(&c);
    bool bracket = take(&c, "[");
    if (!take_date(&c, h))
        return false;
    take_between(&c, h);
    if (!take_time(&c, h))
        return false;
    skip_blanks(&c);
    if (bracket ? !take(&c, "]") : !take(&c, "-") && !take(&c, "–"))
        return false;
    take(&c, " ");
    h->rest = c.s;
    h->n = c.n;
    return true;
}

/* ---- the author ---- */

/* "Anna L.: text"; false: the line is WhatsApp's own. */
static bool take_author(const struct head *h, struct cursor *author, struct cursor *text)
{
    const char *colon = memchr(h->rest, ':', h->n);
    while (colon && colon + 1 < h->rest + h->n && colon[1] != ' ')
        colon = memchr(colon + 1, ':', h->n - (size_t)(colon + 1 - h->rest));
    if (!colon || colon - h->rest > LONGEST_AUTHOR)
        return false;
    *author = (struct cursor){ h->rest, (size_t)(colon - h->rest) };
    *text = (struct cursor){ colon + 1, h->n - author->n - 1 };
    skip_blanks(author);
    if (take(author, "~")) /* a name that is in nobody's address book */
        skip_blanks(author);
    take(text, " ");
    /* A group's subject is told in quotation marks. */
    return author->n && !memchr(author->s, '"', author->n) && !memmem(author->s, author->n, "“", 3);
}

bool twin_is_whatsapp(const char *text, size_t n)
{
    struct twin_lines l = { text, text + n, NULL, 0, 0 };
    struct head h;
    struct cursor author, words;
    for (size_t lines = 0, heads = 0; lines < LOOK && twin_line(&l); lines += l.n > 0) {
        bool head = take_head(l.s, l.n, &h);
        heads += head;
        if (!heads && l.n)
            return false;
        if (head && take_author(&h, &author, &words))
            return true;
    }
    return false;
}

/* ---- day and month ---- */

enum order { DAY_FIRST, MONTH_FIRST };

/* What speaks for an order. */
struct evidence {
    bool over_12[2]; /* the first number, the second */
    size_t back[2];  /* how often the time runs backwards if it is that order */
    int64_t last[2];
    bool halves, dots;
};

static int64_t time_of(const struct head *h, enum order order)
{
    int year = h->numbers[h->year_first ? 0 : 2];
    bool month_second = h->year_first || order == DAY_FIRST;
    int month = h->numbers[month_second ? 1 : 0], day = h->numbers[h->year_first ? 2 : month_second ? 0 : 1];
    int hour = h->hour;
    if (h->half == PM || h->half == AM)
        hour = hour % 12 + (h->half == PM ? 12 : 0);
    else if (h->half == NOON && hour < 3)
        hour += 12;
    struct date d = { year < 100 ? year + 2000 : year, month, day, hour, h->minute, h->second, 0, false, 0 };
    return date_ms(&d);
}

static void weigh(struct evidence *e, const struct head *h)
{
    if (h->year_first)
        return;
    for (int i = 0; i < 2; i++) {
        int64_t at = time_of(h, (enum order)i);
        e->over_12[i] = e->over_12[i] || h->numbers[i] > 12;
        e->back[i] += at < e->last[i];
        e->last[i] = at;
    }
    e->halves = e->halves || h->half != NO_HALF;
    e->dots = e->dots || h->dots;
}

static enum order order_of(const char *text, size_t n)
{
    struct twin_lines l = { text, text + n, NULL, 0, 0 };
    struct evidence e = { 0 };
    struct head h;
    while (twin_line(&l))
        if (take_head(l.s, l.n, &h))
            weigh(&e, &h);
    if (e.over_12[0] != e.over_12[1])
        return e.over_12[0] ? DAY_FIRST : MONTH_FIRST;
    if (e.back[DAY_FIRST] != e.back[MONTH_FIRST])
        return e.back[DAY_FIRST] < e.back[MONTH_FIRST] ? DAY_FIRST : MONTH_FIRST;
    return e.halves && !e.dots ? MONTH_FIRST : DAY_FIRST;
}

/* ---- the file ---- */

/* "WhatsApp Chat with Bob.txt", "WhatsApp Chat - Bob/_chat.txt": Bob. */
static struct twin_talk *talk_of(struct twin_reading *r)
{
    static const char *const before[] = {
        "WhatsApp Chat with ", "WhatsApp Chat - ", "WhatsApp 聊天 - ", "WhatsApp聊天 - ", "与", "與"
    };
    static const char *const behind[] = { "的 WhatsApp 聊天", "的WhatsApp聊天", "的 WhatsApp 對話",
                                          "的 WhatsApp 聊天记录" };
    const char *name = r->file->name, *end = name + strlen(name), *slash = strrchr(name, '/');
    if (slash && strcmp(slash, "/_chat.txt") == 0)
        end = slash;
    else if (end - name > 4 && strcmp(end - 4, ".txt") == 0)
        end -= 4;
    slash = memrchr(name, '/', (size_t)(end - name));
    struct cursor c = { slash ? slash + 1 : name, 0 };
    c.n = (size_t)(end - c.s);
    bool cut = false;
    for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]) && !cut; i++)
        if ((cut = twin_ends(c.s, c.n, behind[i])))
            c.n -= strlen(behind[i]);
    for (size_t i = 0; i < (cut ? 6u : 4u); i++)
        if (take(&c, before[i]))
            break;
    if (c.n == 5 && memcmp(c.s, "_chat", 5) == 0) /* nothing says with whom */
        return twin_talk(r, "", "whatsapp %s", name);
    /* Exports of different days overlap: the same person is the same talk. */
    const char *title = twin_name(r, c.s, c.n);
    return twin_talk(r, title, "whatsapp %s", title);
}

/* iOS: "‎image omitted"; behind words that are somebody's "‎<attached: …>", "‎<This message was edited>". */
static size_t without_marked(const char *s, size_t n)
{
    if (twin_begins(s, n, ORDER_MARK))
        return 0;
    const char *mark = memmem(s, n, "\xE2\x80\x8E<", 4);
    return mark && n && s[n - 1] == '>' ? (size_t)(mark - s) : n;
}

/* Only its owner's export says "You deleted", and nothing else: what somebody writes goes on. */
static bool is_owners(const char *s, size_t n)
{
    static const char *const words[] = { "You deleted this message", "你已删除此消息", "您已删除这条消息",
                                         "您删除了这条消息",         "你已刪除此訊息", "您已刪除此訊息" };
    struct cursor c = { s, n };
    skip_blanks(&c);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (twin_begins(c.s, c.n, words[i])) {
            size_t rest = c.n - strlen(words[i]);
            if (!rest || (rest == 1 && c.s[c.n - 1] == '.') || (rest == 3 && memcmp(c.s + c.n - 3, "。", 3) == 0))
                return true;
        }
    return false;
}

static const char *begin_message(struct twin_reading *r, struct twin_growing *m, const struct head *h, enum order order)
{
    struct cursor author, text;
    if (!take_author(h, &author, &text)) {
        twin_notice(r);
        return NULL;
    }
    m->open = true;
    m->draft.at_ms = time_of(h, order);
    m->draft.author = twin_name(r, author.s, author.n);
    buf_append(&m->text, text.s, without_marked(text.s, text.n));
    return is_owners(text.s, text.n) ? m->draft.author : NULL;
}

void twin_read_whatsapp(struct twin_reading *r, const char *text, size_t n)
{
    struct twin_lines l = { text, text + n, NULL, 0, 0 };
    struct twin_growing m = { .draft = { .kind = TWIN_MESSAGE, .talk = talk_of(r) } };
    enum order order = order_of(text, n);
    const char *owner = NULL;
    bool disputed = false; /* two are said to be the owner: nobody is */
    struct head h;
    buf_init(&m.text, TWIN_MAX_MESSAGE);
    while (!twin_stopped(r) && twin_line(&l)) {
        if (take_head(l.s, l.n, &h)) {
            twin_close(r, &m);
            const char *his = begin_message(r, &m, &h, order);
            m.draft.line = l.line;
            disputed = disputed || (his && owner && his != owner);
            owner = his ? his : owner;
        } else if (m.open) {
            buf_append(&m.text, "\n", 1);
            buf_append(&m.text, l.s, without_marked(l.s, l.n));
        }
    }
    twin_close(r, &m);
    twin_line_trouble(r, &l);
    twin_finish(r, &m.text);
    for (size_t i = r->first; owner && !disputed && i < r->book->n_records; i++)
        r->book->records[i].own = r->book->records[i].author == owner;
}
