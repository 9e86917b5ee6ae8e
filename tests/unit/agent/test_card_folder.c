/* Cards become folders and cards again; what nobody edited is the same bytes, what somebody edited is changed alone. */
#include "agent/card_folder.h"
#include "agent/character.h"
#include "base/fs.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const cards[] = {
    "{\"spec\":\"chara_card_v2\",\"spec_version\":\"2.0\",\"data\":{\"name\":\"Bram the Baker\",\"description\":\" "
    "{{char}} bakes. \\n\",\"personality\":\"calm\","
    "\"scenario\":\"a shop\",\"first_mes\":\"Morning, {{user}}!\\nBread?\",\"mes_example\":\"<START>\\n{{user}}: "
    "Bread?\\n{{char}}: Rye.\\n\","
    "\"creator_notes\":\"n\",\"system_prompt\":\"s\",\"post_history_instructions\":\"p\",\"alternate_greetings\":["
    "\"Evening!\",\"Night.\"],"
    "\"tags\":[\"bread\",\"shop\"],\"creator\":\"me\",\"character_version\":\"1\",\"extensions\":{\"x\":1.00},"
    "\"character_book\":{\"extensions\":{},\"entries\":[{\"keys\":[\"rye\"],\"content\":\"{{char}} loves "
    "rye.\",\"extensions\":{},\"enabled\":true,\"insertion_order\":1}]}}}",
    "{\"name\":\"小月\",\"description\":\"在江南卖灯。\",\"personality\":\"\",\"scenario\":\"\",\"first_mes\":"
    "\"你好呀。\",\"mes_example\":\"free text, no lines\",\"more\":[1e5]}",
    "{\"spec\":\"chara_card_v3\",\"data\":{\"name\":\"Eve\",\"nickname\":\"E\",\"group_only_greetings\":[\"All!\"],"
    "\"unheard\":{\"a\":[]}}}",
};
#define N_CARDS (sizeof(cards) / sizeof(cards[0]))

static char root[] = "/tmp/anima-cards-XXXXXX";

static char *folder(size_t i)
{
    char name[20];
    snprintf(name, sizeof(name), "card%zu", i);
    return fs_join(root, name, (char *)NULL);
}

static struct card *read_card(const char *json)
{
    struct card *c = NULL;
    anima_error err = { 0 };
    if (card_read(json, strlen(json), &c, &err))
        fail_msg("%s", err.message);
    return c;
}

static struct card *read_folder(const char *dir)
{
    struct card *c = NULL;
    anima_error err = { 0 };
    if (card_folder_read(dir, &c, &err))
        fail_msg("%s", err.message);
    return c;
}

static void edit(const char *dir, const char *name, const char *from, const char *to)
{
    char *path = fs_join(dir, name, (char *)NULL), *text = NULL;
    assert_int_equal(fs_read(path, 100000, &text, NULL, NULL), 0);
    char *at = strstr(text, from);
    assert_non_null(at);
    struct buf out;
    buf_init(&out, 200000);
    buf_append(&out, text, (size_t)(at - text));
    buf_puts(&out, to);
    buf_puts(&out, at + strlen(from));
    assert_int_equal(fs_write(path, out.data, out.len, 0600, NULL), 0);
    buf_finish(&out);
    mem_free(text);
    mem_free(path);
}

static void test_unedited(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_CARDS; i++) {
        char *dir = folder(i);
        struct card *c = read_card(cards[i]);
        anima_error err = { 0 };
        assert_int_equal(card_folder_write(c, dir, &err), 0);
        assert_int_equal(card_folder_write(c, dir, &err), ANIMA_E_BUSY);
        card_free(c);
        c = read_folder(dir);
        struct buf json;
        buf_init(&json, 1u << 20);
        assert_int_equal(card_write(c, CARD_JSON, 0, NULL, 0, &json, NULL), 0);
        assert_string_equal(json.data, cards[i]);
        buf_finish(&json);
        card_free(c);
        mem_free(dir);
    }
}

static void test_as_character(void **state)
{
    (void)state;
    struct character *who = NULL;
    anima_error err = { 0 };
    char *dir = folder(0);
    if (character_load(dir, "bram", "", &who, &err))
        fail_msg("%s", err.message);
    assert_string_equal(who->pub.name, "Bram the Baker");
    assert_string_equal(who->pub.language, "en");
    assert_string_equal(who->pub.greeting, "Morning, {{user}}!\nBread?");
    assert_int_equal(who->personas[0].n_examples, 2);
    assert_string_equal(who->personas[0].examples[1].text, "Rye.");
    assert_non_null(strstr(who->personas[0].text, "## Scenario\na shop"));
    assert_int_equal(lore_size(character_lore(who, "en")), 1);
    character_free(who);
    mem_free(dir);
    dir = folder(1);
    assert_int_equal(character_load(dir, "moon", "", &who, &err), 0);
    assert_string_equal(who->pub.language, "zh");
    assert_non_null(strstr(who->personas[0].text, "free text, no lines"));
    character_free(who);
    mem_free(dir);
}

static void test_edited(void **state)
{
    (void)state;
    char *dir = folder(0);
    edit(dir, "persona.en.md", "a shop", "a mill");
    edit(dir, "greetings.en.md", "Evening!", "Good evening!");
    edit(dir, "character.ini", "creator = me", "creator = us");
    struct card *c = read_folder(dir);
    assert_string_equal(card_text(c, "scenario"), "a mill");
    assert_string_equal(card_text(c, "personality"), "calm");
    assert_string_equal(card_text(c, "description"), "{{char}} bakes.");
    assert_string_equal(card_text(c, "creator"), "us");
    assert_string_equal(card_text(c, "first_mes"), "Morning, {{user}}!\nBread?");
    assert_non_null(strstr(card_text(c, "mes_example"), "{{char}}: Rye."));
    struct buf json;
    buf_init(&json, 1u << 20);
    assert_int_equal(card_write(c, CARD_JSON, CARD_V3, NULL, 0, &json, NULL), 0);
    assert_non_null(strstr(json.data, "[\"Good evening!\",\"Night.\"]"));
    assert_non_null(strstr(json.data, "\"extensions\":{\"x\":1.00}"));
    buf_finish(&json);
    card_free(c);
    mem_free(dir);
}

static int no_tokens(const char *text, size_t n, void *ctx)
{
    (void)text;
    (void)n;
    (void)ctx;
    return 1;
}

/* The facts that a question calls for, joined by "|". */
static void answers(const struct character *who, const char *language, const char *question, const char *wanted)
{
    const struct lore_message said[] = { { question, false } };
    const struct lore_scene scene = { said, 1, -1, no_tokens, NULL };
    struct lore_hit hits[10];
    size_t n;
    char all[400] = "";
    assert_int_equal(lore_find(character_lore(who, language), &scene, hits, 10, &n, NULL), 0);
    for (size_t i = 0; i < n; i++)
        snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? "|" : "", hits[i].content);
    assert_string_equal(all, wanted);
}

/* How the answer to it begins; NULL: as the model likes. */
static void begins(const struct character *who, const char *language, const char *question, const char *wanted)
{
    const struct lore_message said[] = { { question, false } };
    const struct lore_scene scene = { said, 1, -1, no_tokens, NULL };
    struct lore_hit hits[10];
    struct arena arena;
    size_t n;
    arena_init(&arena, 1 << 16);
    assert_int_equal(lore_find(character_lore(who, language), &scene, hits, 10, &n, NULL), 0);
    const char *opening = facts_opening(&arena, who, language, hits, n, question);
    if (wanted && opening)
        assert_string_equal(opening, wanted);
    assert_int_equal(!wanted, !opening);
    arena_finish(&arena);
}

/* What comes with anima can be read, and its facts are found when somebody asks for them. */
static void test_facts(void **state)
{
    (void)state;
    struct character *who = NULL;
    anima_error err = { 0 };
    char *dir = fs_join(getenv("ANIMA_SHARE"), "characters", "lin", (char *)NULL);
    if (character_load(dir, "lin", "", &who, &err))
        fail_msg("%s", err.message);
    assert_string_equal(character_fact(who, "age", "zh"), "27");
    assert_string_equal(character_fact(who, "from", "en"), "Shaoxing");
    assert_null(character_fact(who, "shoe_size", "en"));
    answers(who, "zh", "你生日是哪天？", "你的生日：11月3日");
    answers(who, "en", "When is your birthday?", "your birthday: 3 November");
    answers(who, "zh", "你今年多大了？", "你的年龄：27");
    answers(who, "en", "How old are you?", "your age: 27");
    answers(who, "en", "Where are you from?", "you come from: Shaoxing");
    answers(who, "zh", "你老家在哪里？", "你来自：绍兴");
    begins(who, "zh", "你今年多大了？", "我27岁");
    begins(who, "en", "How old are you?", "I'm 27 years old");
    begins(who, "zh", "你住哪儿？", "我住在杭州");
    begins(who, "en", "Where do you live?", "I live in Hangzhou");
    begins(who, "en", "Where are you from?", "I'm from Shaoxing");
    begins(who, "en", "Where are you?", NULL); /* at the moment, perhaps */
    begins(who, "en", "How old are you and where do you live?", NULL);
    begins(who, "en", "How old are you? I'm asking because my brother has just turned thirty.", NULL);
    begins(who, "zh", "今天有点累。", NULL);
    answers(who, "zh", "今天有点累。", "");
    answers(who, "en", "My sister has a birthday today.", "");
    character_free(who);
    mem_free(dir);
}

static void test_ids(void **state)
{
    (void)state;
    char id[65];
    card_folder_id("Bram the Baker!", id);
    assert_string_equal(id, "bram-the-baker");
    card_folder_id("小月", id);
    assert_int_equal(strncmp(id, "character-", 10), 0);
    card_folder_id("../../etc/passwd", id);
    assert_string_equal(id, "etcpasswd");
    assert_true(character_id_ok(id));
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_CARDS; i++) {
        char *dir = folder(i);
        fs_remove_tree(dir);
        mem_free(dir);
    }
    return rmdir(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_unedited), cmocka_unit_test(test_as_character),
                                        cmocka_unit_test(test_edited), cmocka_unit_test(test_facts),
                                        cmocka_unit_test(test_ids) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
