/* Characters that come, change and go while a home is open: as cards, and as folders that somebody edits by hand. Pointers to
 * those that were replaced stay good. */
#include "anima/anima.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define CARD(name, more)                                                                                               \
    "{\"spec\":\"chara_card_v2\",\"spec_version\":\"2.0\",\"data\":{\"name\":\"" name "\",\"description\":\"bakes\","  \
    "\"first_mes\":\"Morning, {{user}}!\",\"alternate_greetings\":[\"Evening!\",\"Night.\"],"                          \
    "\"tags\":[\"bread\",\"shop\"],\"creator\":\"me\",\"character_version\":\"1.2\"" more "}}"

struct fixture {
    char dir[64];
    anima_home *home;
    struct buf log;
    bool done;
    int code;
    anima_error err;
    char id[80];
    struct buf file;
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    if (e->type == ANIMA_EVENT_CHARACTER_CHANGED)
        buf_printf(&f->log, "+%s ", e->character->id);
    if (e->type == ANIMA_EVENT_CHARACTER_REMOVED)
        buf_printf(&f->log, "-%s ", e->id);
}

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    static const char *const set[] = { "person.name=Ann", "ui.language=en", NULL };
    anima_subscription *s;
    snprintf(f->dir, sizeof(f->dir), "/tmp/anima-cast-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    anima_home_options options = { .path = f->dir, .set = set };
    if (anima_home_open(&options, &f->home, &f->err))
        fail_msg("open: %s", f->err.message);
    assert_int_equal(anima_subscribe(f->home, NULL, on_event, f, &s, NULL), 0);
    buf_init(&f->log, 10000);
    buf_init(&f->file, 1 << 20);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char command[100];
    anima_home_close(f->home);
    buf_finish(&f->log);
    buf_finish(&f->file);
    snprintf(command, sizeof(command), "rm -rf %s", f->dir);
    int rc = system(command);
    mem_free(f);
    return rc;
}

static void on_imported(void *ctx, int code, const anima_error *err, const anima_character *c)
{
    struct fixture *f = ctx;
    f->done = true;
    f->code = code;
    f->err = *err;
    snprintf(f->id, sizeof(f->id), "%s", c ? c->id : "");
}

static void wait_done(struct fixture *f)
{
    time_t end = time(NULL) + 30;
    while (!f->done && time(NULL) < end)
        anima_home_step(f->home, 100);
    assert_true(f->done);
    f->done = false;
}

static int take(struct fixture *f, const char *card, bool replace)
{
    char *copy = mem_strdup(card);
    assert_int_equal(anima_character_import(f->home, copy, strlen(copy), replace, on_imported, f, NULL), 0);
    mem_free(copy); /* it has its own */
    wait_done(f);
    return f->code;
}

/* How many folders lie in characters/, hidden ones, too. */
static int folders(const struct fixture *f)
{
    char *dir = fs_join(f->dir, "characters", (char *)NULL);
    DIR *d = opendir(dir);
    int n = 0;
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    mem_free(dir);
    return n > 2 ? n - 2 : 0;
}

static void write_file(const struct fixture *f, const char *id, const char *name, const char *text)
{
    char *dir = fs_join(f->dir, "characters", id, (char *)NULL), *file = fs_join(dir, name, (char *)NULL);
    assert_int_equal(fs_mkdirs(dir, NULL), 0);
    assert_int_equal(fs_write(file, text, strlen(text), 0600, NULL), 0);
    mem_free(file);
    mem_free(dir);
}

static void events(struct fixture *f, const char *wanted)
{
    assert_string_equal(buf_str(&f->log), wanted);
    buf_reset(&f->log);
}

static void test_cards(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(take(f, CARD("Bram", ""), false), ANIMA_OK);
    const anima_character *bram = anima_character_find(f->home, f->id);
    assert_string_equal(bram->id, "bram");
    assert_true(bram->own);
    assert_string_equal(bram->creator, "me");
    assert_string_equal(bram->version, "1.2");
    assert_int_equal(bram->n_tags, 2);
    assert_string_equal(bram->tags[1], "shop");
    assert_int_equal(bram->n_greetings, 3);
    assert_string_equal(bram->greetings[0], bram->greeting);
    assert_string_equal(bram->greetings[2], "Night.");
    anima_characters_refresh(f->home); /* it has not changed since */
    events(f, "+bram ");
    assert_int_equal(take(f, CARD("Bram", ",\"creator_notes\":\"new\""), false), ANIMA_E_EXISTS);
    assert_non_null(strstr(f->err.message, "Bram"));
    assert_int_equal(take(f, CARD("BRAM!", ""), false), ANIMA_E_EXISTS); /* its folder would be the same */
    assert_int_equal(folders(f), 1);
    events(f, "");
    write_file(f, "bram/adapters", "m.gguf", "weights");
    assert_int_equal(take(f, CARD("Bram", ",\"personality\":\"calm\""), true), ANIMA_OK);
    events(f, "+bram ");
    char *trained = fs_join(f->dir, "characters/bram/adapters/m.gguf", (char *)NULL);
    assert_true(fs_exists(trained)); /* a night's work stays */
    mem_free(trained);
    assert_string_equal(bram->name, "Bram"); /* the old one is still there for whoever holds it */
    assert_ptr_not_equal(bram, anima_character_find(f->home, "bram"));
    assert_int_equal(folders(f), 1);
    assert_int_equal(anima_character_remove(f->home, "bram", NULL), 0);
    assert_null(anima_character_find(f->home, "bram"));
    assert_string_equal(bram->name, "Bram");
    events(f, "-bram ");
    assert_int_equal(folders(f), 0);
    assert_int_equal(anima_character_remove(f->home, "bram", NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_character_remove(f->home, "lin", NULL), ANIMA_E_FORBIDDEN);
}

/* What was trained for one that comes with anima lies in a folder that is no character. */
static void test_only_adapters(void **state)
{
    struct fixture *f = *state;
    write_file(f, "lin/adapters", "m.gguf", "weights");
    anima_characters_refresh(f->home);
    events(f, "");
    assert_false(anima_character_find(f->home, "lin")->own);
    assert_int_equal(anima_character_remove(f->home, "lin", NULL), ANIMA_E_FORBIDDEN);
}

static void test_names_without_letters(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(take(f, CARD("小月", ""), false), ANIMA_OK);
    char id[80];
    snprintf(id, sizeof(id), "%s", f->id);
    assert_int_equal(take(f, CARD("小月", ""), false), ANIMA_E_EXISTS); /* found by its name */
    assert_int_equal(take(f, CARD("小月", ""), true), ANIMA_OK);
    assert_string_equal(f->id, id);
}

/* One that comes with anima can be replaced, and is back when the own one is removed. */
static void test_in_place_of_one_that_comes_along(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(take(f, CARD("Lin", ""), false), ANIMA_E_EXISTS);
    assert_int_equal(take(f, CARD("Lin", ""), true), ANIMA_OK);
    assert_string_equal(f->id, "lin");
    assert_true(anima_character_find(f->home, "lin")->own);
    assert_int_equal(anima_character_remove(f->home, "lin", NULL), 0);
    assert_false(anima_character_find(f->home, "lin")->own);
    events(f, "+lin +lin ");
}

static void test_bad_cards_leave_nothing(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = { "", "x", "{}", "[]", "{\"name\":7}", "\x89PNG\r\n\x1a\n", "PK\x03\x04" };
    for (size_t i = 1; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_true(take(f, bad[i], false) != ANIMA_OK);
        assert_true(*f->err.message);
        assert_int_equal(folders(f), 0);
    }
    char *deep = mem_zero(1, 20001);
    memset(deep, '[', 10000);
    memset(deep + 10000, ']', 10000);
    assert_int_equal(take(f, deep, false), ANIMA_E_LIMIT);
    mem_free(deep);
    events(f, "");
}

/* Wrong expressions cost their entry; one that would take forever does not. */
static void test_expressions(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(take(f,
                          CARD("Rex", ",\"character_book\":{\"entries\":[{\"keys\":[\"/(/\"],\"content\":\"a\"},"
                                      "{\"keys\":[\"/(a+)+$/\"],\"content\":\"b\"}]}"),
                          false),
                     ANIMA_OK);
    anima_conversation *c;
    assert_int_equal(anima_conversation_create(f->home, "rex", NULL, &c, NULL), 0);
    anima_conversation_close(c);
}

static void test_closing_while_a_card_comes(void **state)
{
    struct fixture *f = *state;
    const char *card = CARD("Bram", "");
    assert_int_equal(anima_character_import(f->home, card, strlen(card), false, on_imported, f, NULL), 0);
    anima_home_close(f->home);
    assert_true(f->done);
    assert_int_equal(f->code, ANIMA_E_CANCELLED);
    assert_int_equal(folders(f), 0);
    f->home = NULL;
}

static void on_file(void *ctx, int code, const anima_error *err, const void *data, size_t n)
{
    struct fixture *f = ctx;
    f->done = true;
    f->code = code;
    buf_reset(&f->file);
    if (!code)
        buf_append(&f->file, data, n);
    else
        f->err = *err;
}

static void test_cards_out(void **state)
{
    struct fixture *f = *state;
    const char *card = CARD("Bram", "");
    assert_int_equal(take(f, card, false), ANIMA_OK);
    assert_int_equal(anima_character_export(f->home, "bram", "json", on_file, f, NULL), 0);
    wait_done(f);
    assert_string_equal(buf_str(&f->file), card);
    assert_int_equal(anima_character_export(f->home, "bram", "png", on_file, f, NULL), 0);
    wait_done(f);
    assert_memory_equal(f->file.data, "\x89PNG", 4);
    assert_int_equal(anima_character_export(f->home, "lin", "charx", on_file, f, NULL), 0);
    wait_done(f);
    assert_memory_equal(f->file.data, "PK\x03\x04", 4);
    assert_int_equal(anima_character_export(f->home, "bram", "gif", on_file, f, NULL), ANIMA_E_INVALID);
    assert_int_equal(anima_character_export(f->home, "nobody", "png", on_file, f, NULL), ANIMA_E_NOT_FOUND);
}

static void test_folders_edited_by_hand(void **state)
{
    struct fixture *f = *state;
    write_file(f, "eve", "character.ini", "[character]\nname = Eve\n");
    write_file(f, "eve", "persona.en.md", "You are Eve.\n");
    anima_characters_refresh(f->home);
    anima_characters_refresh(f->home);
    events(f, "+eve ");
    const anima_character *eve = anima_character_find(f->home, "eve");
    assert_true(eve->own);
    assert_int_equal(eve->n_greetings, 0);
    write_file(f, "eve", "greetings.en.md", "Hi.\n---\n  Good day.  \n\n--- group\nAll of you!\n");
    anima_conversation *c;
    assert_int_equal(anima_conversation_create_with(f->home, "eve", NULL, 1, &c, &f->err), 0); /* looks for itself */
    events(f, "+eve ");
    anima_conversation_info info;
    anima_conversation_describe(c, &info);
    anima_conversation_close(c);
    assert_string_equal(info.last_text, "  Good day.");
    assert_int_equal(anima_conversation_create_with(f->home, "eve", NULL, 2, &c, &f->err), ANIMA_E_INVALID);
    write_file(f, "eve", "character.ini", "[character]\nname = Eva\nnonsense\n");
    anima_characters_refresh(f->home);
    anima_characters_refresh(f->home);
    events(f, ""); /* stays as it was */
    assert_string_equal(anima_character_find(f->home, "eve")->name, "Eve");
    write_file(f, "eve", "character.ini", "[character]\nname = Eva\n");
    anima_characters_refresh(f->home);
    events(f, "+eve ");
    assert_string_equal(anima_character_find(f->home, "eve")->name, "Eva");
    assert_string_equal(eve->name, "Eve");
    char *file = fs_join(f->dir, "characters/eve/character.ini", (char *)NULL);
    assert_int_equal(unlink(file), 0);
    mem_free(file);
    anima_characters_refresh(f->home);
    events(f, "-eve ");
    assert_int_equal(anima_conversation_create(f->home, "eve", NULL, &c, &f->err), ANIMA_E_NOT_FOUND);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_cards),
        T(test_only_adapters),
        T(test_names_without_letters),
        T(test_in_place_of_one_that_comes_along),
        T(test_bad_cards_leave_nothing),
        T(test_expressions),
        T(test_closing_while_a_card_comes),
        T(test_cards_out),
        T(test_folders_edited_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
