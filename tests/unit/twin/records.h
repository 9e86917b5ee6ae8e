/* records.h — books made by hand: a record a call, times in minutes. */
#ifndef TEST_TWIN_RECORDS_H
#define TEST_TWIN_RECORDS_H
#include "base/buf.h"
#include "twin/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RECORDS 4096
#define NOON INT64_C(1700000000000) /* minute 0 */

struct records {
    struct arena arena;
    struct twin_book book;
    struct twin_record list[RECORDS];
    struct twin_file files[1];
    struct twin_people people;
    struct twin_talks talks;
    struct twin_known known;
};

static inline struct records *records_new(void)
{
    struct records *t = calloc(1, sizeof(*t));
    assert_non_null(t);
    arena_init(&t->arena, 256u << 20);
    t->files[0] = (struct twin_file){ .name = "a.txt", .format = "test", .trouble = "" };
    t->book = (struct twin_book){ .arena = &t->arena, .records = t->list, .files = t->files, .n_files = 1 };
    return t;
}

static inline void records_free(struct records *t)
{
    arena_finish(&t->arena);
    free(t);
}

static inline struct twin_record *add(struct records *t, enum twin_kind kind, int minute, const char *author,
                                      const char *text)
{
    assert_true(t->book.n_records < RECORDS);
    struct twin_record *r = &t->list[t->book.n_records++];
    *r = (struct twin_record){ .kind = kind,
                               .at_ms = minute < 0 ? 0 : NOON + (int64_t)minute * 60000,
                               .talk = "",
                               .title = "",
                               .author = author,
                               .with = "",
                               .text = text,
                               .file = "a.txt" };
    t->files[0].records++;
    return r;
}

/* A message of a private talk, which is called as its key. */
static inline struct twin_record *say(struct records *t, const char *talk, int minute, const char *author,
                                      const char *text)
{
    struct twin_record *r = add(t, TWIN_MESSAGE, minute, author, text);
    r->talk = r->title = talk;
    return r;
}

static inline void say_group(struct records *t, const char *talk, int minute, const char *author, const char *text)
{
    say(t, talk, minute, author, text)->group = 1;
}

static inline struct twin_record *mail(struct records *t, const char *subject, int day, const char *author,
                                       const char *text)
{
    struct twin_record *r = say(t, subject, day * 24 * 60, author, text);
    r->kind = TWIN_MAIL;
    return r;
}

/* me, without: at most one name each, or NULL. */
static inline int choose(struct records *t, const char *me, const char *without, anima_error *err)
{
    const char *const mes[] = { me }, *const outs[] = { without };
    const struct twin_choice choice = { mes, me != NULL, outs, without != NULL };
    return twin_people_find(&t->arena, &t->book, &choice, &t->people, err);
}

static inline void make_talks(struct records *t, const char *me, const char *without)
{
    anima_error err = { 0 };
    if (choose(t, me, without, &err) || twin_talks_make(&t->arena, &t->book, &t->people, &t->talks, &err))
        fail_msg("%s", err.message);
}

static inline void flat(struct buf *b, const char *text)
{
    for (; *text; text++)
        if (*text == '\n')
            buf_puts(b, "/");
        else
            buf_append(b, text, 1);
    buf_puts(b, "\n");
}

/* "## zh Bob" a conversation (of a group: "## en group Bob"), "> what others say", "answer"; "= zh own line"; "* en title: text"; "- what was
 * left out 3". Lines of a message are parted by "/". */
static inline void talks_are(struct records *t, const char *wanted)
{
    struct buf b;
    buf_init(&b, 64u << 20);
    for (size_t i = 0; i < t->talks.n; i++) {
        const struct twin_conversation *c = &t->talks.list[i];
        buf_printf(&b, "## %s%s %s\n", corpus_language_name(c->language), c->group ? " group" : "",
                   c->other ? c->other->name : "-");
        for (size_t k = 0; k < c->n; k++) {
            buf_puts(&b, k % 2 ? "" : "> ");
            flat(&b, c->messages[k]);
        }
    }
    for (size_t i = 0; i < t->talks.lines.n; i++)
        buf_printf(&b, "= %s %s\n", corpus_language_name(t->talks.lines.list[i].language), t->talks.lines.list[i].text);
    for (size_t i = 0; i < t->talks.texts.n; i++) {
        const struct twin_words *w = &t->talks.texts.list[i];
        buf_printf(&b, "* %s %s: ", corpus_language_name(w->language), w->title);
        flat(&b, w->text);
    }
    for (size_t i = 0; i < TWIN_LEFT; i++)
        if (t->talks.left[i])
            buf_printf(&b, "- %s %zu\n", twin_left_name((enum twin_left)i), t->talks.left[i]);
    if (strcmp(buf_str(&b), wanted) != 0)
        fail_msg("\n%s\nis not\n%s", buf_str(&b), wanted);
    buf_finish(&b);
}
#endif
