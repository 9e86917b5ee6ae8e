/* reading.h — files as strings are read, and what comes of them is a string: a line for each record, then what became of each file.
 *
 *   message 2020-12-31 23:59:58 {Bob} Anna L.: a line\nanother    " own", " group", " with A, B" behind the talk's title where that is so
 *   # a.txt whatsapp 3 records, 1 notices: trouble */
#ifndef TEST_TWIN_READING_H
#define TEST_TWIN_READING_H
#include "base/buf.h"
#include "twin/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define READING_ARENA (256u << 20)

struct reading {
    struct arena arena;
    struct twin_book book;
    struct twin_reading *r;
};

static inline void reading_begin(struct reading *t)
{
    *t = (struct reading){ 0 };
    arena_init(&t->arena, READING_ARENA);
    t->book.arena = &t->arena;
    t->r = twin_reading_new(&t->book);
    assert_non_null(t->r);
}

static inline void reading_add(struct reading *t, const char *name, const char *data, size_t n)
{
    anima_error err = { 0 };
    char *copy = malloc(n ? n : 1); /* of exactly that size, so that a read behind it is seen */
    assert_non_null(copy);
    memcpy(copy, data, n);
    if (twin_reading_add(t->r, name, copy, n, &err))
        fail_msg("%s: %s", name, err.message);
    free(copy);
}

static inline void reading_text(struct buf *b, const char *text)
{
    for (; *text; text++)
        if (*text == '\n')
            buf_puts(b, "\\n");
        else
            buf_append(b, text, 1);
}

static inline void reading_record(struct buf *b, const struct twin_record *m)
{
    static const char *const kinds[] = { "message", "mail", "post", "text" };
    char when[40] = "-";
    time_t s = (time_t)(m->at_ms / 1000);
    struct tm tm;
    if (m->at_ms)
        strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", gmtime_r(&s, &tm));
    buf_printf(b, "%s %s {%s}%s%s", kinds[m->kind], when, m->title, m->own ? " own" : "", m->group ? " group" : "");
    if (*m->with) {
        buf_puts(b, " with ");
        for (const char *s2 = m->with; *s2; s2++)
            buf_puts(b, *s2 == '\n' ? ", " : (char[]){ *s2, '\0' });
    }
    buf_printf(b, " %s: ", m->author);
    reading_text(b, m->text);
    buf_puts(b, "\n");
}

/* Ends the reading; what is read stays in t until reading_finish. Yours to free. */
static inline char *reading_end(struct reading *t)
{
    struct buf b;
    twin_reading_end(t->r);
    t->r = NULL;
    buf_init(&b, READING_ARENA);
    for (size_t i = 0; i < t->book.n_records; i++)
        reading_record(&b, &t->book.records[i]);
    for (size_t i = 0; i < t->book.n_files; i++) {
        const struct twin_file *f = &t->book.files[i];
        buf_printf(&b, "# %s %s %zu records, %zu notices%s%s\n", f->name, *f->format ? f->format : "-", f->records,
                   f->notices, *f->trouble ? ": " : "", f->trouble);
    }
    char *all = strdup(buf_str(&b));
    buf_finish(&b);
    return all;
}

static inline void reading_finish(struct reading *t)
{
    twin_reading_end(t->r);
    arena_finish(&t->arena);
}

static inline void reading_is(struct reading *t, const char *wanted)
{
    char *all = reading_end(t);
    if (strcmp(all, wanted) != 0)
        fail_msg("\n%s\nis not\n%s", all, wanted);
    free(all);
    reading_finish(t);
}

/* A single file and all that comes of it. */
static inline void reads(const char *name, const char *data, const char *wanted)
{
    struct reading t;
    reading_begin(&t);
    reading_add(&t, name, data, strlen(data));
    reading_is(&t, wanted);
}

/* Local time of the tests is that of China. */
static inline int reading_zone(void **state)
{
    (void)state;
    setenv("TZ", "CST-8", 1);
    tzset();
    return 0;
}
#endif
