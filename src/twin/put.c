/* put.c — records, talks and names of a book. */
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "twin/read_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_NAME 200 /* bytes */

bool twin_stopped(const struct twin_reading *r) { return r->rc || r->full; }

static void *failed(struct twin_reading *r)
{
    r->rc = ANIMA_E_NOMEM;
    return NULL;
}

void twin_finish(struct twin_reading *r, struct buf *b)
{
    if (b->failed == ANIMA_E_NOMEM)
        failed(r);
    buf_finish(b);
}

/* ---- names and talks ---- */

/* In one line. */
static void flatten(struct buf *b)
{
    for (size_t i = 0; i < b->len; i++)
        if (b->data[i] == '\n')
            b->data[i] = ' ';
}

const char *twin_name(struct twin_reading *r, const char *s, size_t n)
{
    struct buf b;
    buf_init(&b, TWIN_MAX_LINE);
    twin_clean(s, n < TWIN_MAX_LINE / 2 ? n : 0, &b);
    flatten(&b);
    if (b.len > LONGEST_NAME)
        b.data[b.len = utf8_cut(b.data, b.len, LONGEST_NAME)] = '\0';
    twin_trim(&b);
    struct corpus_entry *entry = b.failed ? NULL : corpus_table_put(&r->names, buf_str(&b), b.len);
    buf_finish(&b);
    return entry ? entry->key : (failed(r), "");
}

const char *twin_person(struct twin_reading *r, const char *name, const char *address)
{
    struct buf b;
    bool named = name && *name, known = address && *address;
    if (!named || !known || strcmp(name, address) == 0) {
        const char *one = named ? name : known ? address : "";
        return twin_name(r, one, strlen(one));
    }
    buf_init(&b, TWIN_MAX_LINE);
    buf_printf(&b, "%.*s <%.*s>", (int)utf8_cut(name, strlen(name), LONGEST_NAME / 2), name,
               (int)utf8_cut(address, strlen(address), LONGEST_NAME / 2 - 3), address);
    const char *both = twin_name(r, buf_str(&b), b.len);
    if (b.failed)
        failed(r);
    buf_finish(&b);
    return both;
}

static struct twin_talk *new_talk(struct twin_reading *r, struct corpus_entry *entry)
{
    struct twin_talk *t = arena_alloc(r->book->arena, sizeof(*t));
    if (!t)
        return failed(r);
    *t = (struct twin_talk){ .key = entry->key, .title = "", .with = "", .file = r->file->name, .next = r->first_talk };
    r->first_talk = t;
    entry->about = t;
    return t;
}

struct twin_talk *twin_talk(struct twin_reading *r, const char *title, const char *key, ...)
{
    char text[1200];
    va_list ap;
    va_start(ap, key);
    int n = vsnprintf(text, sizeof(text), key, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
    struct corpus_entry *entry = corpus_table_put(&r->talks, text, utf8_whole(text, len));
    if (!entry)
        return failed(r);
    struct twin_talk *t = entry->about ? entry->about : new_talk(r, entry);
    if (t && title && !*t->title)
        t->title = twin_name(r, title, strlen(title));
    return t;
}

/* ---- records ---- */

void twin_notice(struct twin_reading *r) { r->file->notices++; }

void twin_trouble(struct twin_reading *r, const char *fmt, ...)
{
    char why[400], clean[3 * sizeof(why)]; /* paths are bytes */
    va_list ap;
    if (*r->file->trouble)
        return;
    va_start(ap, fmt);
    vsnprintf(why, sizeof(why), fmt, ap);
    va_end(ap);
    utf8_clean(why, utf8_whole(why, strlen(why)), clean, sizeof(clean));
    r->file->trouble = arena_strdup(r->book->arena, clean);
    if (!r->file->trouble) {
        r->file->trouble = "";
        failed(r);
    }
}

static struct twin_record *one_more(struct twin_reading *r)
{
    struct twin_book *b = r->book;
    if (b->n_records == TWIN_MAX_RECORDS) {
        r->full = true;
        twin_trouble(r, "more than %d messages: what comes behind is not read", TWIN_MAX_RECORDS);
        return NULL;
    }
    if (b->n_records == b->max_records) {
        size_t max = b->max_records ? 2 * b->max_records : 1024;
        struct twin_record *more = arena_alloc(b->arena, max * sizeof(*more));
        if (!more)
            return failed(r);
        if (b->n_records)
            memcpy(more, b->records, b->n_records * sizeof(*more));
        b->records = more;
        b->max_records = max;
    }
    return &b->records[b->n_records];
}

static const char owner[] = "the owner, without a name";

static void count_author(struct twin_talk *t, const char *author)
{
    if (t->settled || !*author || author == t->first || author == t->second)
        return;
    if (!t->first)
        t->first = author;
    else if (!t->second)
        t->second = author;
    else
        t->group = 1;
}

/* The words of a draft, clean, in r->words. */
static bool make_words(struct twin_reading *r, const struct twin_draft *d)
{
    struct buf *b = &r->words;
    buf_reset(b);
    if (d->kind != TWIN_TEXT && d->n > TWIN_MAX_MESSAGE)
        return false;
    twin_clean(d->text, d->n, b);
    if (d->kind == TWIN_MESSAGE)
        twin_cut_marks(b);
    twin_trim(b);
    if (b->failed == ANIMA_E_NOMEM)
        failed(r);
    return !b->failed && b->len && (d->kind != TWIN_MESSAGE || !twin_is_notice(buf_str(b)));
}

void twin_put(struct twin_reading *r, const struct twin_draft *d)
{
    if (twin_stopped(r))
        return;
    if (!make_words(r, d)) {
        twin_notice(r);
        return;
    }
    struct twin_record *record = one_more(r);
    char *text = record ? arena_strndup(r->book->arena, buf_str(&r->words), r->words.len) : NULL;
    const char *memory = text && d->memory ? arena_strdup(r->book->arena, d->memory) : "";
    if (!record || !text || !memory) {
        if (record)
            failed(r);
        return;
    }
    const struct twin_talk *t = d->talk;
    *record = (struct twin_record){ .kind = d->kind,
                                    .at_ms = d->at_ms > 0 ? d->at_ms : 0,
                                    .talk = t ? t->key : "",
                                    .title = t          ? t->title
                                             : d->title ? d->title
                                                        : "",
                                    .author = d->author,
                                    .with = t ? t->with : "",
                                    .text = text,
                                    .file = r->file->name,
                                    .line = d->line,
                                    .own = d->own,
                                    .character = d->character,
                                    .memory = memory };
    if (d->talk)
        count_author(d->talk, d->own && !*d->author ? owner : d->author);
    if (d->talk && d->talk->file != r->file->name)
        d->talk->shared = true;
    r->book->n_records++;
    r->file->records++;
}

void twin_put_lines(struct twin_reading *r, struct twin_draft *draft, struct buf *lines)
{
    draft->text = buf_str(lines);
    draft->n = lines->failed ? (size_t)TWIN_MAX_MESSAGE + 1 : lines->len;
    if (lines->failed == ANIMA_E_NOMEM)
        failed(r);
    twin_put(r, draft);
    buf_reset(lines);
}

void twin_close(struct twin_reading *r, struct twin_growing *m)
{
    if (m->open)
        twin_put_lines(r, &m->draft, &m->text);
    m->open = false;
}

const char *twin_file_key(struct twin_reading *r)
{
    const char *name = r->file->name, *slash = strrchr(name, '/');
    const char *key = arena_printf(r->book->arena, "%.*s%s", slash ? (int)(slash + 1 - name) : 0, name,
                                   twin_file_title(r));
    return key ? key : (failed(r), "");
}

const char *twin_file_title(struct twin_reading *r)
{
    const char *slash = strrchr(r->file->name, '/'), *base = slash ? slash + 1 : r->file->name;
    const char *dot = strrchr(base, '.');
    return twin_name(r, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}
