/* The store: documents come whole, are listed with their outlines and passages, get their vectors, are noted at replies, and go without leaving a
 * byte; and a file of a format before them. */
#include "document/document.h"
#include "store_kit.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char text[] =
    "1. Rent\n\nThe rent is 940.\n\n1.1 Late\n\nA fee of marmalade.\n\f2. Deposit\n\nIt is 1200.\n";

static void add(struct fixture *f, const char *id, const char *hash)
{
    const struct store_document about = { .id = id,
                                          .character = "lin",
                                          .title = "Lease",
                                          .name = "lease.txt",
                                          .form = "text",
                                          .hash = hash,
                                          .giver = 1,
                                          .at_ms = 1000,
                                          .allowed = "2,3" };
    struct document *read;
    anima_error err;
    assert_int_equal(document_read("lease.txt", text, strlen(text), &read, &err), 0);
    assert_int_equal(kit_result(f, store_document_add(f->store, &about, read, kit_done, f, NULL)), 0);
}

struct seen {
    int n;
    struct store_document last;
    char title[40], text[400];
    int64_t ids[8];
    int bare;
};

static int see_document(void *ctx, const struct store_document *d)
{
    struct seen *s = ctx;
    s->n++;
    s->last = *d;
    snprintf(s->title, sizeof(s->title), "%s %s %s", d->id, d->title, d->allowed);
    return 0;
}

static int see_section(void *ctx, const struct document_section *section)
{
    struct seen *s = ctx;
    s->n++;
    snprintf(s->text + strlen(s->text), sizeof(s->text) - strlen(s->text), "%d %s %s@%d\n", section->parent,
             section->number, section->title, section->page);
    return 0;
}

static int see_passage(void *ctx, const struct store_passage *p)
{
    struct seen *s = ctx;
    assert_int_equal(p->start, strlen(s->text)); /* side by side they are the text */
    strcat(s->text, p->text);
    s->ids[s->n++] = p->id;
    s->bare += !p->row;
    assert_string_equal(p->character, "lin");
    return 0;
}

static void test_whole(void **state)
{
    struct fixture *f = *state;
    struct seen s = { 0 };
    add(f, "d1", "h1");
    assert_int_equal(store_document_list(f->store, "lin", see_document, &s, NULL), 0);
    assert_int_equal(s.n, 1);
    assert_string_equal(s.title, "d1 Lease 2,3");
    assert_true(s.last.bytes == (int64_t)strlen(text) && s.last.passages == 3 && s.last.without_vector == 3);
    assert_int_equal(s.last.pages, 2);
    s = (struct seen){ 0 };
    assert_int_equal(store_document_list(f->store, "theo", see_document, &s, NULL), 0);
    assert_int_equal(store_document_known(f->store, "lin", 2, "h1", see_document, &s, NULL), 0);
    assert_int_equal(s.n, 0);
    assert_int_equal(store_document_known(f->store, "lin", 1, "h1", see_document, &s, NULL), 0);
    assert_int_equal(s.n, 1);
    s = (struct seen){ 0 };
    assert_int_equal(store_section_list(f->store, "d1", see_section, &s, NULL), 0);
    assert_string_equal(s.text, "-1 1. Rent@1\n0 1.1 Late@1\n-1 2. Deposit@2\n");
    s = (struct seen){ 0 };
    assert_int_equal(store_passage_list(f->store, "d1", -1, see_passage, &s, NULL), 0);
    assert_string_equal(s.text, text);
    assert_int_equal(s.n, 3);
    /* The same id again is refused as a whole. */
    const struct store_document again = { "d1", "lin", "b", "c", "text", "h", 1, 1, false, "", 0, 0, 0, 0 };
    struct document *read;
    anima_error err;
    assert_int_equal(document_read("", "Some words.", 11, &read, &err), 0);
    assert_int_not_equal(kit_result(f, store_document_add(f->store, &again, read, kit_done, f, NULL)), 0);
    s = (struct seen){ 0 };
    assert_int_equal(store_passage_bare(f->store, 8, see_passage, &s, NULL), 0);
    assert_int_equal(s.n, 3);
}

static void test_vectors(void **state)
{
    struct fixture *f = *state;
    struct seen s = { 0 };
    add(f, "d1", "h1");
    assert_int_equal(store_passage_bare(f->store, 1, see_passage, &s, NULL), 0);
    assert_int_equal(s.n, 1);
    struct store_memory_vector v[2] = { { .id = s.ids[0], .factor = 0.5f }, { .id = 999 } };
    v[0].row[0] = 7;
    assert_int_equal(kit_result(f, store_passage_vectors(f->store, v, 2, kit_done, f, NULL)), 0);
    s = (struct seen){ 0 };
    assert_int_equal(store_passage_list(f->store, "d1", -1, see_passage, &s, NULL), 0);
    assert_int_equal(s.bare, 2);
}

/* Whether the word stands in the file or its log. */
static bool somewhere(const struct fixture *f, const char *word)
{
    bool found = false;
    for (int i = 0; i < 2; i++) {
        char path[100], chunk[1u << 16];
        snprintf(path, sizeof(path), "%s%s", f->path, i ? "-wal" : "");
        FILE *file = fopen(path, "rb");
        for (size_t n; file && (n = fread(chunk, 1, sizeof(chunk), file));)
            found = found || memmem(chunk, n, word, strlen(word));
        if (file)
            fclose(file);
    }
    return found;
}

static int count_told(void *ctx, const struct store_passage *p, double score)
{
    struct seen *s = ctx;
    s->ids[s->n++] = p->id;
    assert_true(score > 0);
    return 0;
}

static int recalled(void *ctx, const anima_turn *t)
{
    *(int *)ctx = t->recalled;
    return 0;
}

static void test_told_and_removed(void **state)
{
    struct fixture *f = *state;
    struct seen s = { 0 };
    int n = 0;
    const anima_conversation_info info = { .id = "a", .character = "lin", .created_ms = 1, .updated_ms = 1 };
    const anima_turn t = { .seq = 1, .role = ANIMA_ROLE_CHARACTER, .state = ANIMA_TURN_DONE, .text = "So." };
    assert_int_equal(kit_result(f, store_conversation_add(f->store, &info, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_turn_add(f->store, "a", &t, NULL, kit_done, f, NULL)), 0);
    add(f, "d1", "h1");
    assert_int_equal(store_passage_list(f->store, "d1", -1, see_passage, &s, NULL), 0);
    const struct store_told_passage told[] = { { s.ids[2], 2 }, { s.ids[0], 1 }, { 999, 1 } };
    assert_int_equal(store_told_passages_put(f->store, "a", 1, 0, told, 1, NULL), 0);
    assert_int_equal(store_told_passages_put(f->store, "a", 1, 0, told, 3, NULL), 0); /* in place of that */
    assert_int_equal(kit_result(f, store_conversation_title(f->store, "a", "b", kit_done, f, NULL)), 0);
    struct seen got = { 0 };
    assert_int_equal(store_told_passages_list(f->store, "a", 1, count_told, &got, NULL), 0);
    assert_true(got.n == 2 && got.ids[0] == s.ids[2] && got.ids[1] == s.ids[0]);
    assert_int_equal(store_turn_list(f->store, "a", 0, 1, recalled, &n, NULL), 0);
    assert_int_equal(n, 2);
    assert_true(somewhere(f, "marmalade"));
    assert_int_equal(kit_result(f, store_document_remove(f->store, "d1", kit_done, f, NULL)), 0);
    assert_int_not_equal(kit_result(f, store_document_remove(f->store, "d1", kit_done, f, NULL)), 0);
    got = (struct seen){ 0 };
    assert_int_equal(store_told_passages_list(f->store, "a", 1, count_told, &got, NULL), 0);
    assert_int_equal(got.n, 0);
    assert_false(somewhere(f, "marmalade"));
}

static void test_before(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    kit_close(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "DROP TABLE told_passage; DROP TABLE passage; DROP TABLE document_section; DROP TABLE "
                     "document; PRAGMA user_version=15",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    kit_open(f);
    add(f, "d1", "h1");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_whole, kit_set_up, kit_tear_down),
                                        cmocka_unit_test_setup_teardown(test_vectors, kit_set_up, kit_tear_down),
                                        cmocka_unit_test_setup_teardown(test_told_and_removed, kit_set_up,
                                                                        kit_tear_down),
                                        cmocka_unit_test_setup_teardown(test_before, kit_set_up, kit_tear_down) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
