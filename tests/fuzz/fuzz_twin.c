/* Exports of other programs (src/twin/read.h): the first byte chooses what the file is called; behind 0x1E another file begins, so that
 * two have the same talk. Whatever comes in, records are what record.h says. */
#include "base/json.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "twin/read.h"

#define ARENA (64u << 20)

static void check_text(const char *s, int lines)
{
    CHECK(s && utf8_valid(s, strlen(s)));
    for (; *s; s++)
        CHECK((unsigned char)*s >= 0x20 ? *s != 0x7F : *s == '\n' && lines);
}

/* An object, or nothing. */
static void check_memory(const char *json)
{
    yyjson_doc *doc = *json ? yyjson_read(json, strlen(json), 0) : NULL;
    CHECK(!*json || yyjson_is_obj(yyjson_doc_get_root(doc)));
    yyjson_doc_free(doc);
}

static void check_record(const struct twin_record *m)
{
    CHECK(m->kind <= TWIN_TEXT && m->at_ms >= 0 && m->line >= 0 && (m->group == 0 || m->group == 1));
    check_text(m->title, 0);
    check_text(m->author, 0);
    check_text(m->with, 1);
    check_text(m->text, 1);
    check_memory(m->memory);
    check_text(m->file, 0);
    CHECK(*m->text && m->text[0] != ' ' && m->text[0] != '\n');
    CHECK(strlen(m->text) <= (m->kind == TWIN_TEXT ? TWIN_MAX_TEXT : 3 * TWIN_MAX_MESSAGE));
    CHECK(m->talk && (*m->talk != '\0') == (m->kind == TWIN_MESSAGE || m->kind == TWIN_MAIL));
    CHECK(!twin_named(m->author, "") && (!*m->author || twin_named(m->author, m->author)));
}

static void check_book(const struct twin_book *b)
{
    size_t records = 0;
    for (size_t i = 0; i < b->n_records; i++)
        check_record(&b->records[i]);
    for (size_t i = 0; i < b->n_files; i++) {
        const struct twin_file *f = &b->files[i];
        CHECK(f->name && f->format && f->trouble && utf8_valid(f->trouble, strlen(f->trouble)));
        records += f->records;
    }
    CHECK(records == b->n_records);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "a.txt", "a.json", "a/b.json", "a.csv",          "a.js",
                                         "a.eml", "Sent",   "a.md",     "2020-01-02.txt", "a.jsonl" };
    struct arena arena;
    struct twin_book book = { .arena = &arena };
    anima_error err = { 0 };
    arena_init(&arena, ARENA);
    struct twin_reading *r = twin_reading_new(&book);
    CHECK(r);
    for (size_t at = 0; at < size && book.n_files < 4;) {
        const uint8_t *end = memchr(data + at, 0x1E, size - at);
        size_t n = end ? (size_t)(end - data) - at : size - at;
        char *copy = fuzz_copy(data + at + (n ? 1 : 0), n ? n - 1 : 0);
        const char *name = names[n ? data[at] % (sizeof(names) / sizeof(names[0])) : 0];
        int rc = twin_reading_add(r, name, copy, n ? n - 1 : 0, &err);
        CHECK(rc == 0 || (rc == ANIMA_E_NOMEM && *err.message));
        free(copy);
        at += n + 1;
    }
    twin_reading_end(r);
    check_book(&book);
    arena_finish(&arena);
    return 0;
}
