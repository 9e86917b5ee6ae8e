/* read_wechat_csv.c — CSV (RFC 4180) of tools that export WeChat's messages. The columns are found by the names in the first line:
 *
 *   localId, TalkerId, Type, SubType, IsSender, CreateTime, Status, StrContent, StrTime, Remark, NickName, Sender
 *
 * Type is 1 for words; IsSender is 1 for the owner's, so nobody has to be asked who that is. Rows of private talks may end behind StrTime:
 * then the talk is with whom the file is called after ("小李_utf8.csv"). */
#include "base/date.h"
#include "twin/read_private.h"

#include <stdlib.h>
#include <string.h>

enum column { TALKER, TYPE, IS_SENDER, CREATE_TIME, CONTENT, STR_TIME, REMARK, NICK_NAME, SENDER, COLUMNS };

static const char *const names[COLUMNS] = { "TalkerId", "Type",   "IsSender", "CreateTime", "StrContent",
                                            "StrTime",  "Remark", "NickName", "Sender" };

/* A row at a time; fields one behind the other in text, each with a NUL. */
struct csv {
    const char *at, *end;
    int line; /* of the row, from 1 */
    int next; /* line behind it */
    int open; /* line in which a quotation begins that nothing ends; 0: none */
    struct buf text;
    size_t starts[64];
    size_t n;
};

static void begin_field(struct csv *c)
{
    if (c->n < sizeof(c->starts) / sizeof(c->starts[0]))
        c->starts[c->n] = c->text.len;
    c->n++;
}

/* "…" with "" for a quotation mark; behind it. */
static void take_quoted(struct csv *c)
{
    int line = c->next;
    for (c->at++; c->at < c->end; c->at++) {
        if (*c->at == '"' && !(c->at + 1 < c->end && c->at[1] == '"'))
            break;
        c->at += *c->at == '"';
        c->next += *c->at == '\n';
        buf_append(&c->text, c->at, 1);
    }
    c->open = c->at == c->end && !c->open ? line : c->open;
    c->at += c->at < c->end;
}

/* false: there is none any more. */
static bool take_row(struct csv *c)
{
    if (c->at >= c->end || c->text.failed == ANIMA_E_NOMEM)
        return false;
    buf_reset(&c->text);
    c->n = 0;
    c->line = c->next;
    for (bool more = true; more;) {
        begin_field(c);
        if (c->at < c->end && *c->at == '"')
            take_quoted(c);
        size_t n = 0; /* what stands behind a closing mark belongs to the field, too */
        while (c->at + n < c->end && c->at[n] != ',' && c->at[n] != '\n')
            n++;
        size_t cut = n && c->at[n - 1] == '\r' && (c->at + n == c->end || c->at[n] == '\n') ? 1 : 0;
        buf_append(&c->text, c->at, n - cut);
        buf_append(&c->text, "", 1);
        c->at += n;
        more = c->at < c->end && *c->at == ',';
        c->next += c->at < c->end && *c->at == '\n';
        c->at += c->at < c->end;
    }
    return c->text.failed != ANIMA_E_NOMEM;
}

static const char *field(const struct csv *c, size_t i)
{
    size_t most = sizeof(c->starts) / sizeof(c->starts[0]);
    return !c->text.failed && i < c->n && i < most ? c->text.data + c->starts[i] : "";
}

static void csv_init(struct csv *c, const char *text, size_t n)
{
    *c = (struct csv){ .at = text, .end = text + n, .next = 1 };
    buf_init(&c->text, TWIN_MAX_LINE);
}

/* ---- columns ---- */

#define MISSING 1000u /* beyond every row */

/* Which field is which; false: it is none of these files. */
static bool take_head(struct csv *c, size_t *columns)
{
    if (!take_row(c))
        return false;
    for (size_t k = 0; k < COLUMNS; k++) {
        columns[k] = MISSING;
        for (size_t i = 0; i < c->n; i++)
            if (strcmp(field(c, i), names[k]) == 0)
                columns[k] = i;
    }
    return columns[IS_SENDER] != MISSING && columns[CONTENT] != MISSING;
}

bool twin_is_wechat_csv(const char *text, size_t n)
{
    size_t line = strcspn(text, "\n");
    n = line < n ? line : n;
    return memmem(text, n, names[IS_SENDER], strlen(names[IS_SENDER])) && memchr(text, ',', n) &&
           memmem(text, n, names[CONTENT], strlen(names[CONTENT]));
}

/* ---- rows ---- */

static const char *author_of(struct twin_reading *r, const struct csv *c, const size_t *columns, const char *title)
{
    const char *remark = field(c, columns[REMARK]), *nick = field(c, columns[NICK_NAME]);
    const char *name = *remark ? remark : nick, *id = field(c, columns[SENDER]);
    return *name || *id ? twin_person(r, name, id) : title;
}

/* Its talk; NULL: it is none of a talk. */
static struct twin_talk *read_row(struct twin_reading *r, const struct csv *c, const size_t *columns, const char *title)
{
    const char *type = field(c, columns[TYPE]), *time = field(c, columns[STR_TIME]);
    struct twin_draft d = { .kind = TWIN_MESSAGE, .text = field(c, columns[CONTENT]), .line = c->line };
    if ((*type && strcmp(type, "1") != 0) || c->n <= columns[CONTENT] || c->n <= columns[IS_SENDER]) {
        twin_notice(r);
        return NULL;
    }
    d.n = strlen(d.text);
    d.own = strcmp(field(c, columns[IS_SENDER]), "1") == 0;
    d.at_ms = date_parse(time);
    if (d.at_ms <= 0)
        d.at_ms = date_parse(field(c, columns[CREATE_TIME]));
    d.author = d.own ? "" : author_of(r, c, columns, title);
    d.talk = twin_talk(r, title, "wechat %s %s", title, field(c, columns[TALKER]));
    twin_put(r, &d);
    return d.talk;
}

void twin_read_wechat_csv(struct twin_reading *r, const char *text, size_t n)
{
    struct csv c;
    size_t columns[COLUMNS];
    const char *base = twin_file_title(r);
    size_t len = strlen(base), tail = twin_ends(base, len, "_utf8") ? 5 : 0;
    const char *title = twin_name(r, base, len - tail);
    struct twin_talk *only = NULL;
    bool several = false;
    csv_init(&c, text, n);
    if (!take_head(&c, columns))
        twin_trouble(r, "its first line does not name its columns");
    else
        while (!twin_stopped(r) && take_row(&c)) {
            struct twin_talk *t = c.text.failed || c.n > 1 || *field(&c, 0) ? read_row(r, &c, columns, title) : NULL;
            several = several || (only && t && t != only);
            only = t ? t : only;
        }
    if (c.open)
        twin_trouble(r, "the quotation mark in line %d is never closed: what follows it is one message", c.open);
    if (only && !several && !only->group)
        only->with = title;
    twin_finish(r, &c.text);
}
