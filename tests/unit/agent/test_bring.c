/* Exports of chats as the conversations that they become: whose words, who heard them, where they are cut, and that the same ones are the
 * same. */
#include "agent/bring_plan.h"
#include "base/arena.h"
#include "base/buf.h"
#include "twin/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define NOW 1700000000000ll

struct made {
    struct arena arena;
    struct twin_book book;
    struct bring_plan plan;
    anima_error err;
    int rc;
};

static struct made make_as(const char *name, const char *text, const char *me, const char *giver)
{
    struct made m = { .rc = 0 };
    const struct bring_wish wish = { "lin", giver, me };
    arena_init(&m.arena, (size_t)1 << 30);
    m.book.arena = &m.arena;
    struct twin_reading *r = twin_reading_new(&m.book);
    assert_int_equal(twin_reading_add(r, name, text, strlen(text), &m.err), 0);
    assert_int_equal(twin_reading_end(r), 0);
    m.rc = bring_plan_make(&m.arena, &m.book, &wish, NOW, &m.plan, &m.err);
    return m;
}

static struct made make(const char *name, const char *text) { return make_as(name, text, "", "Ann"); }

/* "Title: 0 Ann/2 1 Ben/1" for each piece: who heard it, and from which message on; then its messages: "Ann: text". */
static void expect(struct made *m, const char *wanted)
{
    struct buf b;
    const struct bring_plan *p = &m->plan;
    buf_init(&b, 65536);
    if (m->rc)
        buf_printf(&b, "%s", m->err.message);
    for (size_t i = 0; i < p->n_pieces && !m->rc; i++) {
        const struct bring_piece *piece = &p->pieces[i];
        buf_printf(&b, "%s:", piece->title);
        for (size_t k = 0; k < piece->n_heard; k++)
            buf_printf(&b, " %s/%lld", p->people[piece->heard[k].person].name, (long long)piece->heard[k].since);
        buf_puts(&b, "\n");
        for (size_t k = 0; k < piece->n; k++) {
            const struct bring_line *line = &p->lines[piece->first + k];
            buf_printf(&b, "  %s: %s\n", line->character ? "*" : p->people[line->person].name, line->record->text);
        }
    }
    if (strcmp(buf_str(&b), wanted) != 0)
        fail_msg("\n%s\nis not\n%s", buf_str(&b), wanted);
    buf_finish(&b);
    arena_finish(&m->arena);
}

static const char whatsapp[] = "31/12/2020, 23:58 - Messages are encrypted.\n"
                               "31/12/2020, 23:58 - Anna L.: are you there?\n"
                               "31/12/2020, 23:59 - Ben: 在\n"
                               "2/2/2021, 08:00 - Ben: a new month\n";

static void a_private_chat(void **state)
{
    (void)state;
    struct made m = make_as("WhatsApp Chat with Ben.txt", whatsapp, "Anna L.", "Ann");
    assert_int_equal(m.plan.n_people, 2);
    assert_int_equal(m.plan.people[0].messages, 1);
    assert_int_equal(m.plan.people[1].messages, 2);
    assert_int_equal(m.plan.chats, 1);
    expect(&m, "Ben · 2020-12: Ann/1 Ben/1\n  Ann: are you there?\n  Ben: 在\n"
               "Ben · 2021-02: Ann/1 Ben/1\n  Ben: a new month\n");
}

/* Whoever gives it has read it, also if none of its names is theirs. */
static void nobody_says_who_gives_it(void **state)
{
    (void)state;
    struct made m = make("WhatsApp Chat with Ben.txt", whatsapp);
    expect(&m, "Ben · 2020-12: Ann/1 Ben/1 Anna L./1\n  Anna L.: are you there?\n  Ben: 在\n"
               "Ben · 2021-02: Ann/1 Ben/1 Anna L./1\n  Ben: a new month\n");
    m = make_as("WhatsApp Chat with Ben.txt", whatsapp, "Zoe", "Ann");
    assert_int_equal(m.rc, ANIMA_E_NOT_FOUND);
    arena_finish(&m.arena);
}

/* In a group: from the first word on; all of it who wrote before and after. */
static void a_group(void **state)
{
    (void)state;
    struct made m = make("g.jsonl", "{\"talk\":\"g\",\"title\":\"Sea\",\"group\":true,\"speaker\":\"Ann\",\"own\":true,"
                                    "\"text\":\"1\",\"at\":1610000000000}\n"
                                    "{\"talk\":\"g\",\"speaker\":\"Ben\",\"text\":\"2\",\"at\":1610000001000}\n"
                                    "{\"talk\":\"g\",\"speaker\":\"Cem\",\"text\":\"3\",\"at\":1613000000000}\n"
                                    "{\"talk\":\"g\",\"speaker\":\"Ann\",\"text\":\"4\",\"at\":1613000001000}\n"
                                    "{\"talk\":\"g\",\"speaker\":\"Ben\",\"text\":\"5\",\"at\":1616000000000}\n");
    expect(&m, "Sea · 2021-01: Ann/1 Ben/2\n  Ann: 1\n  Ben: 2\n"
               "Sea · 2021-02: Ann/1 Ben/1 Cem/1\n  Cem: 3\n  Ann: 4\n"
               "Sea · 2021-03: Ann/1 Ben/1\n  Ben: 5\n");
}

/* Whose number is not the owner's is somebody else, whatever they are called. */
static void of_the_same_name(void **state)
{
    (void)state;
#define SAID(id, who, number, text)                                                                                    \
    "{\"id\":" id ",\"type\":\"message\",\"date_unixtime\":\"161000000" id "\",\"from\":\"" who                        \
    "\",\"from_id\":\"user" number "\",\"text\":\"" text "\"}"
    struct made m = make(
        "result.json",
        "{\"personal_information\":{\"user_id\":1,\"first_name\":\"Ann\"},\"chats\":{\"list\":[{\"name\":\"Sea\","
        "\"type\":\"private_group\",\"id\":9,\"messages\":[" SAID("1", "Ann", "77", "a") "," SAID(
            "2", "Ann", "1", "b") "," SAID("3", "Ben", "5", "c") "]}]}}");
    expect(&m, "Sea · 2021-01: Ann/1 Ann <user77>/1 Ben/3\n  Ann <user77>: a\n  Ann: b\n  Ben: c\n");
#undef SAID
}

static void the_character_itself(void **state)
{
    (void)state;
    struct made m = make("c.jsonl",
                         "{\"name\":\"Lin\",\"is_user\":false,\"send_date\":\"March 1, 2024 2:05pm\",\"mes\":\"hi\"}\n"
                         "{\"name\":\"Me\",\"is_user\":true,\"send_date\":\"March 1, 2024 2:06pm\",\"mes\":\"ho\"}\n");
    assert_int_equal(m.plan.of_character, 1);
    assert_int_equal(m.plan.n_people, 1); /* no person is called after the character */
    expect(&m, "c · 2024-03: Ann/1\n  *: hi\n  Ann: ho\n");
}

static void without_times(void **state)
{
    (void)state;
    struct made m = make("t.jsonl", "{\"speaker\":\"A\",\"text\":\"1\"}\n"
                                    "{\"speaker\":\"B\",\"text\":\"2\",\"at\":1610000001000}\n"
                                    "{\"speaker\":\"A\",\"text\":\"3\"}\n"
                                    "{\"speaker\":\"B\",\"text\":\"0\",\"at\":1610000000000}\n");
    assert_int_equal(m.plan.first_ms, 1610000000000);
    assert_int_equal(m.plan.last_ms, 1610000001000);
    expect(&m, "t · 2021-01: Ann/1 B/1 A/1\n  B: 0\n  A: 1\n  B: 2\n  A: 3\n");
    m = make("t.jsonl", "{\"speaker\":\"A\",\"text\":\"1\"}\n");
    assert_int_equal(m.plan.first_ms, NOW);
    expect(&m, "t · 2023-11: Ann/1 A/1\n  A: 1\n");
}

/* The ids follow from what is in it: not from names, nor from when. Equal words at the same time are several messages. */
static void the_same_is_the_same(void **state)
{
    (void)state;
    static const char one[] = "{\"speaker\":\"A\",\"text\":\"ha\",\"at\":1610000000000}\n"
                              "{\"speaker\":\"A\",\"text\":\"ha\",\"at\":1610000000000}\n"
                              "{\"speaker\":\"B\",\"text\":\"ha\",\"at\":1610000000000}\n";
    static const char more[] = "{\"speaker\":\"A\",\"text\":\"ha\",\"at\":1610000000000}\n"
                               "{\"speaker\":\"A\",\"text\":\"ha\",\"at\":1610000000000}\n"
                               "{\"speaker\":\"B\",\"text\":\"ha\",\"at\":1610000000000}\n"
                               "{\"speaker\":\"B\",\"text\":\"later\",\"at\":1610000009000}\n";
    struct made a = make("t.jsonl", one), b = make_as("t.jsonl", one, "A", "Zoe"), c = make("t.jsonl", more);
    assert_string_equal(a.plan.id, b.plan.id);
    assert_string_not_equal(a.plan.id, c.plan.id);
    assert_string_equal(a.plan.pieces[0].id, b.plan.pieces[0].id);
    assert_string_not_equal(a.plan.pieces[0].id, c.plan.pieces[0].id);
    assert_string_equal(a.plan.pieces[0].part, c.plan.pieces[0].part);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(a.plan.lines[i].key, c.plan.lines[i].key);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(a.plan.lines[i].key, a.plan.lines[k].key);
    }
    arena_finish(&a.arena);
    arena_finish(&b.arena);
    arena_finish(&c.arena);
}

/* Times without any: the same whenever it is brought. */
static void undated_is_the_same_later(void **state)
{
    (void)state;
    const struct bring_wish wish = { "lin", "Ann", "" };
    static const char text[] = "{\"speaker\":\"A\",\"text\":\"1\"}\n";
    struct made a = make("t.jsonl", text), b = make("t.jsonl", text);
    assert_int_equal(bring_plan_make(&b.arena, &b.book, &wish, NOW + 90ll * 86400000, &b.plan, &b.err), 0);
    assert_string_equal(a.plan.id, b.plan.id);
    assert_string_equal(a.plan.pieces[0].part, b.plan.pieces[0].part);
    arena_finish(&a.arena);
    arena_finish(&b.arena);
}

static void long_chats_are_cut(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1u << 20);
    for (int i = 0; i < BRING_PIECE + 5; i++)
        buf_printf(&b, "{\"speaker\":\"A\",\"text\":\"%d\",\"at\":%lld}\n", i, 1610000000000ll + i);
    struct made m = make("t.jsonl", buf_str(&b));
    assert_int_equal(m.plan.n_pieces, 2);
    assert_int_equal(m.plan.pieces[0].n, BRING_PIECE);
    assert_int_equal(m.plan.pieces[1].n, 5);
    assert_string_equal(m.plan.pieces[0].part, m.plan.pieces[1].part);
    assert_string_not_equal(m.plan.pieces[0].id, m.plan.pieces[1].id);
    assert_string_equal(m.plan.pieces[1].title, "t · 2021-01 (2)");
    arena_finish(&m.arena);
    buf_finish(&b);
}

/* Of many who read along those who write most are counted, and always who gives it. */
static void many_listeners(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1u << 20);
    for (int i = 0; i < 300; i++)
        buf_printf(&b, "{\"speaker\":\"P%d\",\"text\":\"%d\",\"at\":%lld}\n", i < 200 ? i : 150, i,
                   1610000000000ll + i);
    struct made m = make("t.jsonl", buf_str(&b));
    assert_int_equal(m.plan.pieces[0].n_heard, BRING_HEARD);
    assert_string_equal(m.plan.people[m.plan.pieces[0].heard[0].person].name, "Ann");
    assert_string_equal(m.plan.people[m.plan.pieces[0].heard[1].person].name, "P150");
    arena_finish(&m.arena);
    buf_finish(&b);
}

static void names_fit_a_home(void **state)
{
    (void)state;
    struct made m = make(
        "t.jsonl",
        "{\"speaker\":\"Ben <ben@example.org>\",\"text\":\"1\",\"at\":1610000000000}\n"
        "{\"speaker\":\"\",\"text\":\"2\",\"at\":1610000000001}\n"
        "{\"speaker\":\"很长的名字很长的名字很长的名字很长的名字很长的名字\",\"text\":\"3\",\"at\":1610000000002}\n");
    assert_string_equal(m.plan.people[1].name, "Ben");
    assert_string_equal(m.plan.people[2].name, "t");
    assert_int_equal(strlen(m.plan.people[3].name), 63);
    arena_finish(&m.arena);
}

/* What a character remembers keeps its witnesses and classes; what another one does is left out. */
static void what_was_remembered(void **state)
{
    (void)state;
    struct made m = make(
        "m.jsonl",
        "{\"anima\":1,\"kind\":\"memory\"}\n"
        "{\"talk\":\"a\",\"title\":\"Tea\",\"of\":\"lin\",\"speaker\":\"Ann\",\"text\":\"1\",\"at\":1610000000000,"
        "\"class\":\"secret\",\"excluded\":[\"Ben\"],\"allowed\":[\"Cem\",\"Dora\"],\"witnesses\":[\"Ann\"]}\n"
        "{\"talk\":\"a\",\"of\":\"lin\",\"speaker\":\"lin\",\"character\":true,\"text\":\"2\",\"at\":1610000000001,"
        "\"class\":\"unread\",\"everyone\":true,\"witnesses\":[\"Ann\",\"Eve\"]}\n"
        "{\"talk\":\"b\",\"of\":\"theo\",\"speaker\":\"Ann\",\"text\":\"3\",\"at\":1610000000002,\"class\":"
        "\"personal\"}\n");
    assert_int_equal(m.plan.left_out, 1);
    const struct bring_mark *mark = m.plan.lines[0].mark;
    assert_int_equal(mark->class, 2);
    assert_int_equal(mark->excluded.n, 1);
    assert_int_equal(mark->allowed.n, 2);
    assert_string_equal(m.plan.people[mark->allowed.people[1]].name, "Dora");
    assert_int_equal(m.plan.lines[1].mark->class, -1);
    assert_true(m.plan.lines[1].mark->everyone);
    expect(&m, "Tea · 2021-01: Ann/1 Eve/2\n  Ann: 1\n  *: 2\n");
}

static void nothing_to_bring(void **state)
{
    (void)state;
    struct made m = make("note.txt", "Buy milk.");
    assert_int_equal(m.rc, ANIMA_E_NOT_FOUND);
    arena_finish(&m.arena);
}

static int zone(void **state)
{
    (void)state;
    setenv("TZ", "CST-8", 1);
    tzset();
    return 0;
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        T(a_private_chat),       T(nobody_says_who_gives_it),  T(a_group),
        T(of_the_same_name),     T(the_character_itself),      T(without_times),
        T(the_same_is_the_same), T(undated_is_the_same_later), T(long_chats_are_cut),
        T(many_listeners),       T(names_fit_a_home),          T(what_was_remembered),
        T(nothing_to_bring),
    };
    return cmocka_run_group_tests(tests, zone, NULL);
}
