/* mail_text.c — of a mail's text what its author wrote in it: no quotations, no signature, nothing forwarded, no lines broken by a program
 * (RFC 3676, and the habits of Gmail, Outlook, Apple Mail, Foxmail, QQ and 163). */
#include "base/utf8.h"
#include "twin/mail_text.h"

#include <ctype.h>
#include <string.h>

#define LONGEST_HEAD 300 /* bytes of "On … wrote:" */
#define WIDTH 66         /* columns that a broken line, with the next word, does not fit in */

struct line {
    const char *s;
    size_t n;  /* without blanks at its end */
    bool soft; /* it ended with a blank: flowed text goes on in the next one */
};

static struct line line_of(const struct twin_lines *l)
{
    size_t escaped = twin_begins(l->s, l->n, ">From ") ? 1 : 0; /* by an mbox */
    struct line line = { l->s + escaped, l->n - escaped, l->n > 0 && l->s[l->n - 1] == ' ' };
    while (line.n && (line.s[line.n - 1] == ' ' || line.s[line.n - 1] == '\t'))
        line.n--;
    return line;
}

static bool begins_any(const struct line *l, const char *const *words)
{
    for (; *words; words++)
        if (twin_begins_caseless(l->s, l->n, *words))
            return true;
    return false;
}

static bool ends_any(const struct line *l, const char *const *words)
{
    for (; *words; words++)
        if (twin_ends(l->s, l->n, *words))
            return true;
    return false;
}

/* ---- what is cut ---- */

/* The rest is somebody else's, or the same in every mail. */
static bool ends_text(const struct line *l, const struct line *next)
{
    static const char *const heads[] = { "-----Original Message",
                                         "----- Original Message",
                                         "-----原始邮件",
                                         "----- 原始邮件",
                                         "------------------ 原始邮件",
                                         "------------------&nbsp;原始邮件",
                                         "-----邮件原件",
                                         "---------- Forwarded message",
                                         "---------- 转发",
                                         "-------- 转发",
                                         "------ 转发",
                                         "Begin forwarded message:",
                                         "开始转发的邮件：",
                                         "-------- Forwarded Message",
                                         "-------- Original Message",
                                         "-----Ursprüngliche Nachricht",
                                         NULL };
    static const char *const from[] = { "From:",    "*From:*", "Von:",     "De :", "发件人:",
                                        "发件人：", "寄件者:", "寄件者：", NULL };
    static const char *const sent[] = { "Sent:",    "*Sent:*", "Date:",  "*Date:*",  "To:",      "Gesendet:", "Envoyé",
                                        "发送时间", "日期",    "收件人", "寄件日期", "傳送時間", NULL };
    bool signature = (l->n == 2 && memcmp(l->s, "--", 2) == 0) || (l->n == 3 && memcmp(l->s, "-- ", 3) == 0);
    return signature || begins_any(l, heads) || (begins_any(l, from) && next->s && begins_any(next, sent));
}

static bool is_by_the_way(const struct line *l)
{
    static const char *const words[] = { "Sent from my ",
                                         "Sent from Mail",
                                         "Get Outlook for ",
                                         "发自我的",
                                         "來自我的",
                                         "从我的",
                                         "發自我的",
                                         "来自我的",
                                         "从 Windows",
                                         "发自 ",
                                         "Von meinem ",
                                         "Envoyé de mon ",
                                         NULL };
    return l->n < 80 && begins_any(l, words);
}

/* "On Mon, 1 Jan 2020, Bob wrote:", "在 2020年1月1日，Bob 写道：": with a date or an address in it. */
static bool is_attribution(const struct line *l)
{
    static const char *const ends[] = { "写道：",   "写道:",     "寫道：",   "寫道:", "a écrit :",
                                        "a écrit:", "escribió:", "schrieb:", NULL };
    static const char *const wrote[] = { "wrote:", "wrote :", NULL };
    size_t i = 0;
    while (i < l->n && !isdigit((unsigned char)l->s[i]) && l->s[i] != '@')
        i++;
    if (i == l->n || l->n > LONGEST_HEAD)
        return false;
    if (ends_any(l, ends) || (twin_begins(l->s, l->n, "On ") && ends_any(l, wrote)))
        return true;
    return twin_begins(l->s, l->n, "Am ") && l->s[l->n - 1] == ':' && memmem(l->s, l->n, " schrieb ", 9);
}

/* ---- lines that a program broke ---- */

/* Bytes up to the first blank. */
static size_t first_word(const struct line *l)
{
    size_t n = 0;
    while (n < l->n && l->s[n] != ' ')
        n++;
    return n;
}

static bool is_plain(const struct line *l)
{
    return l->n && l->s[0] != ' ' && l->s[0] != '\t' && !strchr("-*+#|>", l->s[0]);
}

/* The line goes on in the next one: it says so, or the next one's first word had no room in it. */
static bool is_broken(const struct line *l, const struct line *next, bool flowed)
{
    if (!l->n || !next->n)
        return false;
    if (flowed)
        return l->soft;
    return is_plain(l) && is_plain(next) && memchr(l->s, ' ', l->n) && l->n <= 80 &&
           utf8_width(l->s, l->n) + 1 + utf8_width(next->s, first_word(next)) > WIDTH;
}

/* ---- the text ---- */

static void next_line(struct twin_lines *l, struct line *out)
{
    *out = twin_line(l) ? line_of(l) : (struct line){ NULL, 0, false };
}

/* The next line that is not blank, without taking it. */
static struct line peek(struct twin_lines l)
{
    struct line line;
    do
        next_line(&l, &line);
    while (line.s && !line.n);
    return line;
}

/* Where an attribution ends: 1 or 2 lines; 0: there is none. */
static int attribution(const struct line *l, const struct line *next)
{
    char both[LONGEST_HEAD + 2];
    if (is_attribution(l))
        return 1;
    if (!next->s || !next->n || l->n + next->n + 1 > LONGEST_HEAD)
        return 0;
    memcpy(both, l->s, l->n);
    both[l->n] = ' ';
    memcpy(both + l->n + 1, next->s, next->n);
    struct line joined = { both, l->n + next->n + 1, false };
    return twin_begins(l->s, l->n, "On ") && is_attribution(&joined) ? 2 : 0;
}

void mail_text(const char *s, size_t n, bool flowed, struct buf *out)
{
    struct twin_lines l = { s, s + n, NULL, 0, 0 };
    struct line line, next;
    next_line(&l, &line);
    while (line.s) {
        next_line(&l, &next);
        if (ends_text(&line, &next))
            return;
        int lines = attribution(&line, &next);
        if (lines == 2)
            next_line(&l, &next);
        if (lines) {
            struct line below = next.s && !next.n ? peek(l) : next;
            if (!below.n || *below.s != '>')
                return; /* what was answered, without marks */
        } else if (!(line.n && *line.s == '>') && !is_by_the_way(&line)) {
            bool broken = is_broken(&line, &next, flowed);
            buf_append(out, line.s, line.n);
            buf_append(out, broken ? " " : "\n", 1);
        }
        line = next;
    }
}

/* "Re: AW: 回复：Rain": Rain. */
const char *mail_subject(const char *subject)
{
    static const char *const marks[] = { "Re:",   "Re：",   "Fwd:",  "Fw:",    "AW:",   "WG:",
                                         "回复:", "回复：", "答复:", "答复：", "转发:", "转发：",
                                         "回覆:", "回覆：", "轉寄:", "轉寄：", NULL };
    for (size_t i = 0; marks[i];) {
        while (*subject == ' ')
            subject++;
        bool there = twin_begins_caseless(subject, strlen(subject), marks[i]);
        subject += there ? strlen(marks[i]) : 0;
        i = there ? 0 : i + 1;
    }
    while (*subject == ' ')
        subject++;
    return subject;
}
