/* The store: chats of other programs come whole, once, with who heard them and what they tell; a file of the format before them. */
#include "store_kit.h"

#include "base/mem.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void release(void *owner)
{
    struct store_piece *p = owner;
    mem_free(p->log.turns);
    mem_free(p->heard);
    mem_free(p->marks);
    mem_free(p);
}

/* Words with their keys, one after the other: "k1 words" — k1 is the key. The people 1 and 2 take turns. */
static struct store_piece *piece(const char *import, const char *id, const char *part, const char *const *lines,
                                 size_t n)
{
    struct store_piece *p = mem_zero(1, sizeof(*p));
    p->log.owner = p;
    p->log.release = release;
    snprintf(p->log.info.id, sizeof(p->log.info.id), "%s", id);
    snprintf(p->log.info.character, sizeof(p->log.info.character), "lin");
    snprintf(p->log.info.title, sizeof(p->log.info.title), "Ben");
    snprintf(p->import, sizeof(p->import), "%s", import);
    snprintf(p->part, sizeof(p->part), "%s", part);
    p->log.turns = mem_zero(n, sizeof(*p->log.turns));
    p->log.n_turns = n;
    for (size_t i = 0; i < n; i++) {
        static const char *const keys[] = { "k1", "k2", "k3", "k4" };
        const char *key = keys[lines[i][1] - '1'];
        p->log.turns[i] = (anima_turn){ .seq = (int64_t)i + 1,
                                        .role = ANIMA_ROLE_PERSON,
                                        .person = 1 + (int64_t)(i % 2),
                                        .state = ANIMA_TURN_DONE,
                                        .text = lines[i] + 3,
                                        .client_id = key,
                                        .person_name = "",
                                        .model = "",
                                        .finish = "",
                                        .error = "",
                                        .created_ms = 1000 + (int64_t)i };
    }
    return p;
}

/* 1 heard all of it, 3 from the turn `since` on. */
static void heard(struct store_piece *p, int64_t since)
{
    p->heard = mem_zero(2, sizeof(*p->heard));
    p->heard[0] = (struct store_heard){ 1, 1 };
    p->heard[1] = (struct store_heard){ 3, since };
    p->n_heard = 2;
}

struct one {
    char text[400];
};

static int put_memory(void *ctx, const struct store_memory *m)
{
    struct one *o = ctx;
    size_t n = strlen(o->text);
    snprintf(o->text + n, sizeof(o->text) - n, "%lld:%s[%s]%d%s%s|", (long long)m->seq, m->text, m->witnesses, m->class,
             *m->allowed ? "+" : "", m->allowed);
    return 0;
}

static void expect_remembered(struct fixture *f, const char *wanted)
{
    struct one o = { "" };
    assert_int_equal(store_memory_list(f->store, "lin", 0, 100, put_memory, &o, NULL), 0);
    assert_string_equal(o.text, wanted);
}

static int put_import(void *ctx, const struct store_import *i)
{
    struct one *o = ctx;
    size_t n = strlen(o->text);
    snprintf(o->text + n, sizeof(o->text) - n, "%s %s %s %lld/%lld in %lld%s|", i->id, i->character, i->name,
             (long long)i->brought, (long long)i->turns, (long long)i->conversations, i->done_ms ? " done" : "");
    return 0;
}

static void expect_imports(struct fixture *f, const char *wanted)
{
    struct one o = { "" };
    assert_int_equal(store_import_list(f->store, put_import, &o, NULL), 0);
    assert_string_equal(o.text, wanted);
}

static int begin(struct fixture *f, const char *id, int64_t turns)
{
    const struct store_import import = { .id = id, .character = "lin", .name = "chat.txt", .at_ms = 5, .turns = turns };
    return kit_result(f, store_import_begin(f->store, &import, kit_done, f, NULL));
}

static int bring(struct fixture *f, struct store_piece *p)
{
    return kit_result(f, store_import_piece(f->store, p, kit_done, f, NULL));
}

static const char *const words[] = { "k1 rhododendron", "k2 marmalade", "k3 阳台", "k4 balcony" };

static void comes_whole(void **state)
{
    struct fixture *f = *state;
    anima_conversation_info info;
    assert_int_equal(begin(f, "i", 3), 0);
    expect_imports(f, "i lin chat.txt 0/3 in 0|");
    struct store_piece *p = piece("i", "a", "p", words, 3);
    heard(p, 2);
    assert_int_equal(bring(f, p), 0);
    assert_int_equal(kit_result(f, store_import_end(f->store, "i", 9, kit_done, f, NULL)), 0);
    expect_imports(f, "i lin chat.txt 3/3 in 1 done|");
    /* 2 speaks, and is not counted: only who is said to have heard it */
    expect_remembered(f, "1:rhododendron[1]-1|2:marmalade[1,3]-1|3:阳台[1,3]-1|");
    assert_int_equal(store_conversation_get(f->store, "a", &info, NULL), 0);
    assert_int_equal(info.turns, 3);
    assert_int_equal(info.created_ms, 1000);
    assert_int_equal(info.updated_ms, 1002);
    assert_string_equal(info.last_text, "阳台");
    assert_int_equal(kit_result(f, store_import_end(f->store, "j", 9, kit_done, f, NULL)), ANIMA_E_NOT_FOUND);
}

static void who_speaks_later_hears_from_there_on(void **state)
{
    struct fixture *f = *state;
    struct store_piece *p = piece("i", "a", "p", words, 2);
    heard(p, 1);
    assert_int_equal(begin(f, "i", 2), 0);
    assert_int_equal(bring(f, p), 0);
    const anima_turn t = { .seq = 3, .person = 7, .state = ANIMA_TURN_DONE, .text = "and then", .created_ms = 9000 };
    assert_int_equal(kit_result(f, store_turn_add(f->store, "a", &t, NULL, kit_done, f, NULL)), 0);
    expect_remembered(f, "1:rhododendron[1,3]-1|2:marmalade[1,3]-1|3:and then[1,3,7]-1|");
}

static void comes_once(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(begin(f, "i", 2), 0);
    assert_int_equal(bring(f, piece("i", "a", "p", words, 2)), 0);
    /* the same again */
    assert_int_equal(bring(f, piece("i", "a", "p", words, 2)), 0);
    expect_imports(f, "i lin chat.txt 2/2 in 1|");
    /* a later export: its first turns are there, whom they were heard by moves along */
    assert_int_equal(begin(f, "j", 4), 0);
    struct store_piece *p = piece("j", "b", "p", words, 4);
    heard(p, 4);
    assert_int_equal(bring(f, p), 0);
    expect_imports(f, "i lin chat.txt 2/2 in 1|j lin chat.txt 2/4 in 1|");
    expect_remembered(f, "1:rhododendron[]-1|2:marmalade[]-1|1:阳台[1]-1|2:balcony[1,3]-1|");
    /* nothing of it is new: no conversation comes */
    anima_conversation_info info;
    assert_int_equal(bring(f, piece("j", "c", "p", words, 4)), 0);
    assert_int_equal(store_conversation_get(f->store, "c", &info, NULL), ANIMA_E_NOT_FOUND);
    /* the same words elsewhere are others */
    assert_int_equal(bring(f, piece("j", "d", "q", words, 1)), 0);
    assert_int_equal(store_conversation_get(f->store, "d", &info, NULL), 0);
}

static void keeps_what_was_known_of_it(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(begin(f, "i", 2), 0);
    struct store_piece *p = piece("i", "a", "p", words, 3);
    p->marks = mem_zero(3, sizeof(*p->marks));
    p->marks[0] = (struct store_memory_mark){ .class = 2, .allowed = "4,5" };
    p->marks[1] = (struct store_memory_mark){ .class = -1 };
    p->marks[2] = (struct store_memory_mark){ .class = 0 };
    assert_int_equal(bring(f, p), 0);
    expect_remembered(f, "1:rhododendron[]2+4,5|2:marmalade[]-1|3:阳台[]0|");
    /* also when all is made anew */
    assert_int_equal(kit_result(f, store_memory_anew(f->store, kit_done, f, NULL)), 0);
    expect_remembered(f, "1:rhododendron[]2+4,5|2:marmalade[]-1|3:阳台[]0|");
    /* but not if it becomes something else */
    assert_int_equal(kit_result(f, store_turn_edit(f->store, "a", 3, "another", -1, kit_done, f, NULL)), 0);
    expect_remembered(f, "1:rhododendron[]2+4,5|2:marmalade[]-1|3:another[]-1|");
}

struct ids {
    char text[80];
};

static int put_id(void *ctx, const char *id)
{
    struct ids *ids = ctx;
    size_t n = strlen(ids->text);
    snprintf(ids->text + n, sizeof(ids->text) - n, "%s ", id);
    return 0;
}

static void undone(void **state)
{
    struct fixture *f = *state;
    struct ids ids = { "" };
    char command[120];
    assert_int_equal(begin(f, "i", 3), 0);
    assert_int_equal(bring(f, piece("i", "a", "p", words, 2)), 0);
    assert_int_equal(bring(f, piece("i", "b", "q", words, 1)), 0);
    assert_int_equal(store_import_conversations(f->store, "i", put_id, &ids, NULL), 0);
    assert_string_equal(ids.text, "a b ");
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "a", false, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "b", false, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_import_forget(f->store, "i", kit_done, f, NULL)), 0);
    expect_imports(f, "");
    expect_remembered(f, "");
    snprintf(command, sizeof(command), "grep -rqa -e rhododendron -e marmalade %s", f->dir);
    assert_int_not_equal(system(command), 0);
    assert_int_equal(kit_result(f, store_import_forget(f->store, "i", kit_done, f, NULL)), ANIMA_E_NOT_FOUND);
}

/* A deletion of more turns than are worked off at once leaves no word, either. */
static void many_turns_go_at_once(void **state)
{
    struct fixture *f = *state;
    enum { MANY = 1200 };
    char(*keys)[16] = mem_zero(MANY, sizeof(*keys)), command[120];
    struct store_piece *p = piece("i", "a", "p", words, 4);
    anima_turn *turns = mem_zero(MANY, sizeof(*turns));
    for (size_t i = 0; i < MANY; i++) {
        turns[i] = p->log.turns[0];
        turns[i].seq = (int64_t)i + 1;
        snprintf(keys[i], sizeof(keys[i]), "n%zu", i);
        turns[i].client_id = keys[i];
    }
    mem_free(p->log.turns);
    p->log.turns = turns;
    p->log.n_turns = MANY;
    assert_int_equal(begin(f, "i", MANY), 0);
    assert_int_equal(bring(f, p), 0);
    assert_int_equal(kit_result(f, store_conversation_delete(f->store, "a", false, kit_done, f, NULL)), 0);
    assert_int_equal(f->err.code, 0);
    snprintf(command, sizeof(command), "grep -rqa rhododendron %s", f->dir);
    assert_int_not_equal(system(command), 0);
    mem_free(keys);
}

/* The format before had no such tables; what it had stays, and is remembered as it was. */
static void a_file_of_the_format_before(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    anima_conversation_info info = { .id = "talk", .character = "lin", .title = "old" };
    const anima_turn t = { .seq = 1, .person = 1, .state = ANIMA_TURN_DONE, .text = "tea", .created_ms = 10 };
    assert_int_equal(kit_result(f, store_conversation_add(f->store, &info, kit_done, f, NULL)), 0);
    assert_int_equal(kit_result(f, store_turn_add(f->store, "talk", &t, NULL, kit_done, f, NULL)), 0);
    kit_close(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(
            db,
            "DROP TABLE told_passage; DROP TABLE passage; DROP TABLE document_section; DROP TABLE document;"
            "DROP TRIGGER working_of_new; DROP TRIGGER classed_of_another; DROP TABLE classed; DROP TABLE heard;"
            "DROP TABLE imported; DROP TABLE import; DROP TRIGGER fact_hand_of_another;"
            "DROP TABLE pin; DROP TABLE rule; ALTER TABLE turn DROP COLUMN forgot;"
            "DROP TABLE fact_hand; DROP TABLE fact; PRAGMA user_version=11",
            NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    kit_open(f);
    expect_imports(f, "");
    expect_remembered(f, "1:tea[1]-1|");
    assert_int_equal(begin(f, "i", 1), 0);
    assert_int_equal(bring(f, piece("i", "a", "p", words, 1)), 0);
    expect_imports(f, "i lin chat.txt 1/1 in 1|");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, kit_set_up, kit_tear_down)
    const struct CMUnitTest tests[] = {
        T(comes_whole),
        T(who_speaks_later_hears_from_there_on),
        T(comes_once),
        T(keeps_what_was_known_of_it),
        T(undone),
        T(many_turns_go_at_once),
        T(a_file_of_the_format_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
