/* read_qq.c — the text that QQ's and TIM's message manager exports; tools for WeChat write messages in the same form:
 *
 *   消息分组:我的好友
 *   消息对象:小李
 *
 *   2017-02-25 10:40:20 【管理员】安娜(10001)      in groups with the number or <mail>, in private talks without; TIM: "上午 8:00:00"
 *   words, in one or more lines, up to a blank line and the next head */
#include "base/date.h"
#include "base/utf8.h"
#include "twin/read_private.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LOOK 60            /* lines in which a message begins */
#define LONGEST_AUTHOR 160 /* bytes */
#define SYSTEM "10000"     /* the number of 系统消息 */

/* The head of a message. */
struct head {
    int64_t at_ms;
    const char *name;
    size_t n;
};

/* "2017-02-25 上午 8:40:20 "; bytes of it, 0: it is none. */
static size_t take_time(const char *s, size_t n, int64_t *at_ms)
{
    struct date d = { 0 };
    char text[48], half[7] = "";
    int used = 0;
    size_t len = n < sizeof(text) - 1 ? n : sizeof(text) - 1;
    if (!len || !isdigit((unsigned char)*s))
        return 0;
    memcpy(text, s, len);
    text[len] = '\0';
    bool found = sscanf(text, "%4d-%2d-%2d %2d:%2d:%2d%n", &d.year, &d.month, &d.day, &d.hour, &d.minute, &d.second,
                        &used) == 6;
    if (!found)
        found = sscanf(text, "%4d-%2d-%2d %6[^ 0-9] %2d:%2d:%2d%n", &d.year, &d.month, &d.day, half, &d.hour, &d.minute,
                       &d.second, &used) == 7;
    bool pm = strcmp(half, "下午") == 0, am = strcmp(half, "上午") == 0;
    if (!found || (*half && !am && !pm))
        return 0;
    if (am || pm)
        d.hour = d.hour % 12 + (pm ? 12 : 0);
    *at_ms = date_ms(&d);
    return (size_t)used;
}

static bool take_head(const char *s, size_t n, struct head *h)
{
    size_t k = take_time(s, n, &h->at_ms);
    if (!k || k >= n || s[k] != ' ')
        return false;
    while (k < n && s[k] == ' ')
        k++;
    h->name = s + k;
    h->n = n - k;
    return h->n > 0 && h->n <= LONGEST_AUTHOR;
}

/* Lines in front of the first message. */
static bool is_preamble(const struct twin_lines *l)
{
    return !l->n || twin_begins(l->s, l->n, "消息") || twin_begins(l->s, l->n, "===") ||
           twin_begins(l->s, l->n, "日期");
}

bool twin_is_qq(const char *text, size_t n)
{
    struct twin_lines l = { text, text + n, NULL, 0, 0 };
    struct head h;
    while (l.line < LOOK && twin_line(&l)) {
        if (take_head(l.s, l.n, &h))
            return twin_line(&l) && l.n && !take_head(l.s, l.n, &h); /* words below it */
        if (!is_preamble(&l))
            return false;
    }
    return false;
}

/* ---- who ---- */

/* "安娜(10001)", "安娜<a@b.c>": the number, and the name's bytes in *n. */
static size_t number_of(const char *s, size_t *n, const char **number)
{
    char close = *n ? s[*n - 1] : '\0';
    const char *open = close == ')' ? memrchr(s, '(', *n) : close == '>' ? memrchr(s, '<', *n) : NULL;
    size_t len = open ? (size_t)(s + *n - open) - 2 : 0;
    *number = open ? open + 1 : "";
    for (size_t i = 0; i < len && close == ')'; i++)
        if (!isdigit((unsigned char)open[1 + i]))
            return 0;
    if (len)
        *n = (size_t)(open - s);
    return len;
}

/* Always the same for a number: names change. NULL: nobody. */
static const char *author_of(struct twin_reading *r, const struct head *h)
{
    const char *s = h->name, *number;
    size_t n = h->n;
    const char *badge = twin_begins(s, n, "【") ? memmem(s, n, "】", 3) : NULL;
    if (badge) {
        n -= (size_t)(badge + 3 - s);
        s = badge + 3;
    }
    size_t len = number_of(s, &n, &number);
    if ((len == strlen(SYSTEM) && memcmp(number, SYSTEM, len) == 0) || (n == 12 && memcmp(s, "系统消息", 12) == 0))
        return NULL;
    const char *name = twin_name(r, s, n);
    if (!len)
        return name;
    char key[LONGEST_AUTHOR + 8];
    int k = snprintf(key, sizeof(key), "qq %.*s", (int)len, number);
    struct corpus_entry *entry = corpus_table_put(&r->people, key, (size_t)k);
    if (!entry) {
        r->rc = ANIMA_E_NOMEM;
        return NULL;
    }
    if (!entry->about)
        entry->about = (void *)(uintptr_t)twin_person(r, name, twin_name(r, number, len));
    return entry->about;
}

/* ---- the file ---- */

/* "消息对象:小李" */
static const char *partner_in(struct twin_reading *r, const struct twin_lines *l)
{
    static const char *const words[] = { "消息对象:", "消息对象：" };
    for (size_t i = 0; i < 2; i++)
        if (twin_begins(l->s, l->n, words[i]))
            return twin_name(r, l->s + strlen(words[i]), l->n - strlen(words[i]));
    return NULL;
}

static void begin_message(struct twin_reading *r, struct twin_growing *m, const struct head *h, int line)
{
    twin_close(r, m);
    const char *author = author_of(r, h);
    if (!author) {
        twin_notice(r);
        return;
    }
    m->open = true;
    m->draft.at_ms = h->at_ms;
    m->draft.author = author;
    m->draft.line = line;
}

void twin_read_qq(struct twin_reading *r, const char *text, size_t n)
{
    struct twin_lines l = { text, text + n, NULL, 0, 0 };
    struct twin_growing m = { .draft = { .kind = TWIN_MESSAGE } };
    struct head h;
    const char *title = twin_file_title(r), *partner;
    m.draft.talk = twin_talk(r, title, "qq %s", twin_file_key(r));
    buf_init(&m.text, TWIN_MAX_MESSAGE);
    while (!twin_stopped(r) && twin_line(&l)) {
        if (take_head(l.s, l.n, &h)) {
            begin_message(r, &m, &h, l.line);
        } else if ((partner = partner_in(r, &l))) {
            twin_close(r, &m);
            m.draft.talk = twin_talk(r, partner, "qq %s", partner);
        } else if (m.open && !twin_begins(l.s, l.n, "================") && !twin_begins(l.s, l.n, "消息分组:")) {
            buf_append(&m.text, l.s, l.n);
            buf_append(&m.text, "\n", 1);
        }
    }
    twin_close(r, &m);
    twin_line_trouble(r, &l);
    twin_finish(r, &m.text);
}
