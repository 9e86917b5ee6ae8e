#include "twin/talks.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "corpus/report.h"
#include "mind/prompt.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE ((int64_t)60000)
#define MAX_WORDS (CORPUS_MAX_LINE - 1024) /* of a conversation as a line of JSON */
#define LINE_UNITS 3                       /* words, or Chinese characters, of a line that can stand alone */
#define MAX_OPEN (256u << 10) /* bytes of what others say in one go; the own words begin a new message there */

const char *twin_left_name(enum twin_left why)
{
    static const char *const names[TWIN_LEFT] = { "person", "behind", "unanswered", "short", "others", "huge" };
    return names[why];
}

/* ---- the records of conversations in their order ---- */

struct place {
    size_t talk, i;
    int64_t at; /* of a record without a time: that of the one in front of it */
};

static int by_place(const void *x, const void *y)
{
    const struct place *a = x, *b = y;
    if (a->talk != b->talk)
        return a->talk < b->talk ? -1 : 1;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->i < b->i ? -1 : 1;
}

/* mem_free'd by the caller; NULL: out of memory. */
static struct place *in_order(struct arena *arena, const struct twin_book *book, size_t *n)
{
    struct corpus_table talks = { .arena = arena };
    struct place *list = mem_zero(book->n_records + 1, sizeof(*list));
    int64_t *last = mem_zero(book->n_records + 1, sizeof(*last));
    *n = 0;
    for (size_t i = 0; list && last && i < book->n_records; i++) {
        const struct twin_record *r = &book->records[i];
        if ((r->kind != TWIN_MESSAGE && r->kind != TWIN_MAIL) || !*r->talk)
            continue;
        struct corpus_entry *e = corpus_table_put(&talks, r->talk, strlen(r->talk));
        if (!e) {
            mem_free(list);
            list = NULL;
            break;
        }
        e->mark = e->mark ? e->mark : talks.n;
        last[e->mark] = r->at_ms ? r->at_ms : last[e->mark];
        list[(*n)++] = (struct place){ e->mark, i, last[e->mark] };
    }
    if (list && last)
        qsort(list, *n, sizeof(*list), by_place);
    else
        mem_free(list);
    bool whole = last != NULL;
    mem_free(last);
    return whole ? list : NULL;
}

/* ---- lists ---- */

static void *one_more(struct arena *arena, void *list, size_t n, size_t *max, size_t size)
{
    if (n < *max)
        return list;
    size_t room = *max ? 2 * *max : 64;
    void *more = arena_alloc(arena, room * size);
    if (more && n)
        memcpy(more, list, n * size);
    *max = more ? room : *max;
    return more;
}

static int add_words(struct arena *arena, struct twin_word_list *l, const struct twin_words *words)
{
    void *list = one_more(arena, l->list, l->n, &l->max, sizeof(*l->list));
    if (!list || !words->text)
        return ANIMA_E_NOMEM;
    l->list = list;
    l->list[l->n++] = *words;
    return ANIMA_OK;
}

/* ---- words ---- */

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static size_t language_of(const char *text) { return corpus_language(prompt_language(text)); }

void twin_units(const char *text, size_t *han, size_t *words)
{
    bool word = false;
    *han = *words = 0;
    for (size_t i = 0, size = strlen(text), len; i < size; i += len) {
        uint32_t c = utf8_decode(text + i, size - i, &len);
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c < 0x2000) || c == '\'';
        *han += utf8_is_han(c);
        *words += letter && !word;
        word = letter;
    }
}

static bool says_little(const char *text)
{
    size_t han, words;
    twin_units(text, &han, &words);
    return han + words < LINE_UNITS;
}

static char *in_one_line(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *s = copy; s && *s; s++)
        if (*s == '\n')
            *s = ' ';
    return copy;
}

/* What a message costs as JSON. */
static size_t cost(const char *text)
{
    size_t n = 48;
    for (; *text; text++)
        n += *text == '\n' || *text == '"' || *text == '\\' ? 2 : 1;
    return n;
}

/* ---- a conversation in the making ---- */

struct walk {
    struct arena *arena;
    const struct twin_book *book;
    const struct twin_people *people;
    struct twin_talks *out;
    struct twin_conversation now;
    const char *messages[CORPUS_MAX_MESSAGES];
    size_t words; /* of now, as JSON */
    /* what others said, since the last own words */
    const struct twin_record *said[TWIN_GROUP_LINES];
    size_t n_said;     /* lines in it, or of a private talk in open_said */
    struct buf theirs; /* of a private talk */
    const struct twin_author *other;
    size_t since_out; /* lines of others since one of somebody who is left out */
    /* own words that may still grow */
    struct buf own;
    const struct twin_record *first; /* of them; NULL: none */
    size_t n_own;                    /* records */
    bool alone;                      /* they answer nobody */
    bool behind;                     /* they are left out */
    bool spoke;                      /* in this talk */
    int64_t at, said_at, own_at;     /* of the last record; of the last of others; of the last own */
    struct buf all;                  /* answers of a conversation */
    const struct twin_record *last;
};

static void drop_said(struct walk *w)
{
    w->out->left[TWIN_LEFT_UNANSWERED] += w->n_said;
    w->n_said = 0;
    buf_reset(&w->theirs);
}

static int end_conversation(struct walk *w)
{
    struct twin_talks *t = w->out;
    struct twin_conversation c = w->now;
    w->now = (struct twin_conversation){ 0 };
    w->words = 0;
    if (!c.n)
        return ANIMA_OK;
    void *list = one_more(w->arena, t->list, t->n, &t->max, sizeof(*t->list));
    c.messages = arena_alloc(w->arena, c.n * sizeof(*c.messages));
    if (!list || !c.messages)
        return ANIMA_E_NOMEM;
    memcpy(c.messages, w->messages, c.n * sizeof(*c.messages));
    buf_reset(&w->all);
    for (size_t i = 1; i < c.n; i += 2)
        buf_printf(&w->all, "%s\n", c.messages[i]);
    if (w->all.failed)
        return ANIMA_E_NOMEM;
    c.language = language_of(buf_str(&w->all));
    t->list = list;
    t->list[t->n++] = c;
    t->exchanges += c.n / 2;
    return ANIMA_OK;
}

/* A text, or nothing if it is too long for one. */
static int put_text(struct walk *w, const struct twin_record *r, const char *text)
{
    if (strlen(text) > TWIN_MAX_PROSE) {
        w->out->left[TWIN_LEFT_HUGE]++;
        return ANIMA_OK;
    }
    /* a chat's title is a name: nobody's facts */
    const struct twin_words words = { r->at_ms, r->kind, language_of(text), r->kind == TWIN_MESSAGE ? "" : r->title,
                                      text };
    return add_words(w->arena, &w->out->texts, &words);
}

static int put_alone(struct walk *w, const struct twin_record *r, size_t records, const char *text)
{
    if (characters(text) > CORPUS_MAX_ANSWER)
        return put_text(w, r, text);
    if (says_little(text)) {
        w->out->left[TWIN_LEFT_SHORT] += records;
        return ANIMA_OK;
    }
    const struct twin_words words = { r->at_ms, r->kind, language_of(text), "", in_one_line(w->arena, text) };
    return add_words(w->arena, &w->out->lines, &words);
}

/* What the others said, as one message; NULL: out of memory. */
static const char *said_text(struct walk *w)
{
    struct buf b;
    if (w->theirs.len || w->theirs.failed)
        return w->theirs.failed ? NULL : arena_strndup(w->arena, w->theirs.data, w->theirs.len);
    buf_init(&b, 1u << 20);
    for (size_t i = 0; i < w->n_said; i++)
        buf_printf(&b, "%s%s", i ? "\n" : "", w->said[i]->text);
    const char *text = b.failed ? NULL : arena_strndup(w->arena, buf_str(&b), b.len);
    buf_finish(&b);
    return text;
}

/* Its first TWIN_SAID characters. */
static const char *shortened(struct walk *w, const char *text)
{
    size_t i = 0, n = 0;
    for (; text[i] && n <= TWIN_SAID; i++)
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    return n <= TWIN_SAID ? text : arena_printf(w->arena, "%.*s…", (int)(i - 1), text);
}

static int put_exchange(struct walk *w, const struct twin_record *r, const char *answer)
{
    const char *said = said_text(w), *copy = arena_strdup(w->arena, answer);
    said = said ? shortened(w, said) : NULL;
    if (!said || !copy)
        return ANIMA_E_NOMEM;
    size_t more = cost(said) + cost(copy);
    int rc = w->now.n + 2 > CORPUS_MAX_MESSAGES || w->words + more > MAX_WORDS ? end_conversation(w) : ANIMA_OK;
    if (rc)
        return rc;
    if (!w->now.n)
        w->now = (struct twin_conversation){ .at_ms = r->at_ms, .kind = r->kind, .group = r->group, .other = w->other };
    w->messages[w->now.n++] = said;
    w->messages[w->now.n++] = copy;
    w->words += more;
    w->n_said = 0;
    buf_reset(&w->theirs);
    return ANIMA_OK;
}

/* The own words grow no more: they become what they are. */
static int close_own(struct walk *w)
{
    const struct twin_record *r = w->first;
    int rc = ANIMA_OK;
    w->first = NULL;
    if (!r || w->own.failed)
        return r ? ANIMA_E_NOMEM : ANIMA_OK;
    const char *text = buf_str(&w->own);
    if (w->behind) {
        w->out->left[TWIN_LEFT_BEHIND] += w->n_own;
        drop_said(w);
        rc = end_conversation(w);
    } else if (w->alone || characters(text) > CORPUS_MAX_ANSWER) {
        drop_said(w);
        rc = end_conversation(w); /* what comes behind leans on this */
        const char *copy = rc ? NULL : arena_strdup(w->arena, text);
        rc = rc ? rc : copy ? put_alone(w, r, w->n_own, copy) : ANIMA_E_NOMEM;
    } else {
        rc = put_exchange(w, r, text);
    }
    buf_reset(&w->own);
    return rc;
}

/* ---- record by record ---- */

static bool is_close(int64_t before, int64_t now) { return now - before <= TWIN_CLOSE_MIN * MINUTE; }

static int on_other(struct walk *w, const struct twin_record *r, int64_t at)
{
    int rc = close_own(w);
    if (r->kind == TWIN_MAIL || !is_close(w->said_at, at)) { /* of mails the last one is answered */
        drop_said(w);
        w->since_out = TWIN_GROUP_LINES;
    }
    if (!w->n_said)
        w->other = twin_people_author(w->people, r);
    if (!r->group) {
        if (buf_printf(&w->theirs, "%s%s", w->theirs.len ? "\n" : "", r->text) == ANIMA_E_LIMIT)
            w->theirs.failed = ANIMA_OK; /* as much as a message takes is there */
        w->n_said++;
    } else if (w->n_said < TWIN_GROUP_LINES) {
        w->said[w->n_said++] = r;
    } else {
        memmove(w->said, w->said + 1, (TWIN_GROUP_LINES - 1) * sizeof(w->said[0]));
        w->said[TWIN_GROUP_LINES - 1] = r;
        w->out->left[TWIN_LEFT_UNANSWERED]++;
    }
    w->since_out++;
    w->said_at = at;
    return rc;
}

static int on_out(struct walk *w, int64_t at)
{
    int rc = close_own(w);
    w->out->left[TWIN_LEFT_PERSON]++;
    w->since_out = 0;
    w->said_at = at;
    return rc;
}

static int on_own(struct walk *w, const struct twin_record *r, int64_t at)
{
    int rc = ANIMA_OK;
    w->spoke = true;
    if (w->first && (!is_close(w->own_at, at) || w->own.len > MAX_OPEN))
        rc = close_own(w);
    if (w->first) {
        buf_printf(&w->own, "\n%s", r->text);
        w->n_own++;
    } else {
        bool soon = r->kind == TWIN_MAIL || is_close(w->said_at, at);
        w->behind = w->since_out < TWIN_GROUP_LINES && soon;
        w->alone = !w->n_said || (r->group && !soon);
        w->first = r;
        w->n_own = 1;
        buf_puts(&w->own, r->text);
    }
    w->own_at = at;
    return rc;
}

/* A silence, or the talk's end. */
static int pause_talk(struct walk *w)
{
    int rc = close_own(w);
    drop_said(w);
    w->since_out = TWIN_GROUP_LINES;
    return rc ? rc : end_conversation(w);
}

static int on_record(struct walk *w, const struct twin_record *r, int64_t at)
{
    int64_t gap = r->kind == TWIN_MAIL ? (int64_t)TWIN_THREAD_DAYS * 24 * 60 * MINUTE : TWIN_GAP_MIN * MINUTE;
    enum twin_side side = twin_people_side(w->people, r);
    int rc = w->last && at - w->at > gap ? pause_talk(w) : ANIMA_OK;
    w->last = r;
    w->at = at;
    if (rc)
        return rc;
    switch (side) {
    case TWIN_ME: return on_own(w, r, at);
    case TWIN_OUT: return on_out(w, at);
    default: return on_other(w, r, at);
    }
}

static int walk_talk(struct walk *w, const struct place *places, size_t n)
{
    const struct twin_record *records = w->book->records;
    if (twin_people_talk_out(w->people, &records[places->i])) {
        w->out->left[TWIN_LEFT_PERSON] += n;
        return ANIMA_OK;
    }
    int rc = ANIMA_OK;
    w->spoke = false;
    w->last = NULL;
    w->since_out = TWIN_GROUP_LINES;
    for (size_t i = 0; i < n && !rc; i++)
        rc = on_record(w, &records[places[i].i], places[i].at);
    if (!rc)
        rc = pause_talk(w);
    w->out->silent += !w->spoke;
    return rc;
}

static int walk_all(struct walk *w)
{
    size_t n, end;
    struct place *places = in_order(w->arena, w->book, &n);
    int rc = places ? ANIMA_OK : ANIMA_E_NOMEM;
    for (size_t i = 0; i < n && !rc; i = end) {
        for (end = i; end < n && places[end].talk == places[i].talk;)
            end++;
        rc = walk_talk(w, places + i, end - i);
    }
    mem_free(places);
    return rc;
}

/* Posts, texts, and messages that belong to no conversation. */
static int take_singles(struct walk *w)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < w->book->n_records && !rc; i++) {
        const struct twin_record *r = &w->book->records[i];
        if ((r->kind == TWIN_MESSAGE || r->kind == TWIN_MAIL) && *r->talk)
            continue;
        enum twin_side side = twin_people_side(w->people, r);
        if (side != TWIN_ME)
            w->out->left[side == TWIN_OUT ? TWIN_LEFT_PERSON : TWIN_LEFT_OTHERS]++;
        else
            rc = r->kind == TWIN_TEXT ? put_text(w, r, r->text) : put_alone(w, r, 1, r->text);
    }
    return rc;
}

int twin_talks_make(struct arena *arena, const struct twin_book *book, const struct twin_people *people,
                    struct twin_talks *out, anima_error *err)
{
    struct walk *w = mem_zero(1, sizeof(*w));
    *out = (struct twin_talks){ 0 };
    if (!w)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the conversations");
    *w = (struct walk){ .arena = arena, .book = book, .people = people, .out = out };
    buf_init(&w->own, TWIN_MAX_PROSE);
    buf_init(&w->theirs, MAX_OPEN);
    buf_init(&w->all, MAX_WORDS);
    int rc = walk_all(w);
    if (!rc)
        rc = take_singles(w);
    buf_finish(&w->own);
    buf_finish(&w->theirs);
    buf_finish(&w->all);
    mem_free(w);
    return rc ? err_set(err, rc, "out of memory for the conversations") : ANIMA_OK;
}
