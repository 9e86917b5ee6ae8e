/* What the model gets to read, and how a persona is written down. */
#include "card/lore_text.h"
#include "mind/persona.h"
#include "mind/prompt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct prompt_turn examples[] = { { "", "tired" }, { NULL, "long day?" } };
static const struct prompt_persona personas[] = {
    { .language = "zh", .text = "你是林。" },
    { .language = "en", .text = "You are Lin.", .examples = examples, .n_examples = 2 },
};

static anima_chat_message *build(struct arena *a, const struct prompt_persona *persona, const struct prompt_turn *turns,
                                 size_t n_turns, size_t *n)
{
    struct prompt_input in = { .persona = persona, .turns = turns, .n_turns = n_turns };
    anima_chat_message *messages = NULL;
    assert_int_equal(prompt_build(a, &in, &messages, n, NULL), 0);
    return messages;
}

static void test_language(void **state)
{
    (void)state;
    static const struct {
        const char *text, *language;
    } cases[] = {
        { "", "en" },          { "hello", "en" },       { "你好", "zh" },
        { "I like 茶", "en" }, { "我用 Python", "zh" }, { "OK 👍", "en" },
        { "¿qué tal?", "en" }, { "123 …", "en" },       { "帮我 review 一下这个 PR", "zh" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(prompt_language(cases[i].text), cases[i].language);
    assert_ptr_equal(prompt_choose(personas, 2, "en", "zh"), &personas[1]);
    assert_ptr_equal(prompt_choose(personas, 2, "fr", "en"), &personas[1]);
    assert_ptr_equal(prompt_choose(personas, 1, "en", "fr"), &personas[0]);
}

/* Exchanges like the message stand right in front of it, unless an unanswered message does. */
static void test_near(void **state)
{
    (void)state;
    struct arena a;
    size_t n;
    arena_init(&a, 100000);
    static const struct prompt_turn near[] = { { "", "I can't sleep" }, { NULL, "Count sheep, {{user}}." } };
    static const struct prompt_turn turns[] = {
        { "Ann", "hey" }, { NULL, "hi" }, { "Ann", "no sleep" }, { "Ann", "none" }
    };
    const char *const notes[] = { "be short" };
    struct prompt_input in = {
        .persona = &personas[1], .turns = turns, .n_turns = 3, .near = near, .n_near = 2, .notes = notes, .n_notes = 1
    };
    anima_chat_message *m;
    assert_int_equal(prompt_build(&a, &in, &m, &n, NULL), 0);
    assert_int_equal(n, 8);
    assert_string_equal(m[5].text, "I can't sleep");
    assert_string_equal(m[6].role, "assistant");
    assert_string_equal(m[6].text, "Count sheep, Ann.");
    assert_string_equal(m[7].text, "(be short)\nno sleep");
    in.n_turns = 4;
    assert_int_equal(prompt_build(&a, &in, &m, &n, NULL), 0);
    assert_int_equal(n, 6);
    arena_finish(&a);
}

static void test_one_person(void **state)
{
    (void)state;
    struct arena a;
    size_t n;
    arena_init(&a, 100000);
    const struct prompt_turn turns[] = { { NULL, "hi" }, { "Ann", "hey" }, { NULL, "" }, { "Ann", "are you there?" } };
    anima_chat_message *m = build(&a, &personas[1], turns, 4, &n);
    static const char *const roles[] = { "system", "user", "assistant", "user", "assistant", "user" };
    assert_int_equal(n, 6);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(m[i].role, roles[i]);
    assert_non_null(strstr(m[0].text, "You are Lin."));
    assert_non_null(strstr(m[0].text, "called Ann."));
    assert_string_equal(m[2].text, "long day?");
    assert_string_equal(m[3].text, "Hello."); /* between the examples and the greeting */
    assert_string_equal(m[4].text, "hi");
    assert_string_equal(m[5].text, "hey\n\nare you there?"); /* the empty reply is left out, the two messages are one */
    arena_finish(&a);
}

static void test_greeting_in_the_other_language(void **state)
{
    (void)state;
    struct arena a;
    size_t n;
    arena_init(&a, 100000);
    const struct prompt_turn turns[] = { { NULL, "Hi, I'm Lin." }, { "安", "你好" }, { NULL, "hello" } };
    anima_chat_message *m = build(&a, &personas[0], turns, 3, &n);
    assert_int_equal(n, 3); /* the greeting is left out; what was answered later stays, whatever its language */
    assert_string_equal(m[1].text, "你好");
    assert_string_equal(m[2].text, "hello");
    assert_non_null(strstr(m[0].text, "朋友叫安。"));
    arena_finish(&a);
}

static void test_language_of_a_conversation(void **state)
{
    (void)state;
    const struct prompt_turn turns[] = {
        { "Ann", "你好" }, { NULL, "Hi there, Ann" }, { "Ann", "OK" }, { "Ann", "😀" }
    };
    assert_string_equal(prompt_spoken(turns, 4), "zh");
    assert_string_equal(prompt_spoken(turns + 1, 3), "en");
    assert_string_equal(prompt_spoken(NULL, 0), "en");
    const struct prompt_turn other[] = { { "Ann", "你好" }, { NULL, "你好！" }, { "Ann", "How is your shop doing?" } };
    assert_string_equal(prompt_spoken(other, 3), "en");
    struct arena a;
    size_t n;
    arena_init(&a, 100000);
    anima_chat_message *m = build(&a, &personas[1], other, 3, &n);
    assert_string_equal(m[n - 1].text, "How is your shop doing?\n(Answer me in English.)");
    m = build(&a, &personas[0], other, 2, &n);
    assert_string_equal(m[n - 1].text, "你好！");
    m = build(&a, &personas[0], other, 1, &n);
    assert_string_equal(m[n - 1].text, "你好"); /* nothing else was spoken yet */
    arena_finish(&a);
}

static void test_macros_and_lore(void **state)
{
    (void)state;
    static const char lore_md[] =
        "# Lore\n\n## The cat\nkeys: cat, 猫\n店里的猫叫{{user}}二号。\nEN: The cat is called {{user}} the second.\n"
        "\n## Deep\nkeys: cat\ndepth: 3\nEN: a note\n";
    const struct prompt_turn spoken[] = { { "", "hi" }, { NULL, "I am {{char}}." } };
    const struct prompt_persona persona = {
        .language = "en", .text = "{{char}} knows {{user}}.", .examples = spoken, .n_examples = 2
    };
    const struct prompt_turn turns[] = { { "Ann", "one" }, { NULL, "two" }, { "Ann", "my cat" } };
    struct prompt_input in = {
        .persona = &persona, .turns = turns, .n_turns = 3, .character = "Lin", .now_ms = 5, .seed = 6
    };
    struct lore *lore = NULL;
    struct arena a;
    anima_chat_message *m;
    anima_error err = { 0 };
    size_t n;
    arena_init(&a, 100000);
    assert_int_equal(lore_text_parse(NULL, lore_md, "en", &lore, &err), 0);
    assert_int_equal(prompt_lore(&a, lore, &in, NULL), 0);
    assert_int_equal(in.n_lore, 2);
    assert_int_equal(prompt_build(&a, &in, &m, &n, NULL), 0);
    assert_string_equal(m[0].text,
                        "Lin knows Ann.\nThe friend who is talking with you is called Ann."); /* it stays as it is */
    assert_string_equal(m[2].text, "I am Lin.");
    assert_string_equal(m[3].text, "(a note)\none");
    assert_string_equal(m[5].text, "(The cat is called Ann the second.)\nmy cat");
    lore_free(lore);
    assert_int_equal(lore_text_parse(NULL, lore_md, "zh", &lore, &err), 0);
    assert_int_equal(prompt_lore(&a, lore, &in, NULL), 0);
    assert_string_equal(in.lore[0].content, "店里的猫叫{{user}}二号。");
    lore_free(lore);
    assert_int_equal(lore_text_parse(NULL, "no heading\n", "zh", &lore, &err), ANIMA_E_INVALID);
    assert_non_null(strstr(err.message, "line 1"));
    arena_finish(&a);
}

static void test_several_people(void **state)
{
    (void)state;
    struct arena a;
    size_t n;
    arena_init(&a, 100000);
    const struct prompt_turn turns[] = { { "Ann", "I like tea" }, { NULL, "nice" }, { "Bob", "who am I?" } };
    anima_chat_message *m = build(&a, &personas[1], turns, 3, &n);
    assert_int_equal(n, 6);
    assert_string_equal(m[3].text, "Ann: I like tea");
    assert_string_equal(m[5].text, "Bob: who am I?");
    assert_non_null(strstr(m[0].text, "Ann, Bob"));
    assert_non_null(strstr(m[0].text, "Answer the one who spoke last"));
    arena_finish(&a);
}

/* What is left of turns that are not read any more stands at the end of the system part, in the persona's language. */
static void test_summary(void **state)
{
    (void)state;
    static const struct prompt_turn turns[] = { { "Tom", "My dog is called Rex." },
                                                { NULL, "Ah." },
                                                { "Tom", "And?" } };
    struct prompt_input in = { .persona = &personas[1], .turns = turns, .n_turns = 3, .first = 2, .rules = "Be kind." };
    struct arena a;
    anima_chat_message *m, *without;
    size_t n, k;
    arena_init(&a, 100000);
    assert_int_equal(prompt_build(&a, &in, &without, &k, NULL), 0);
    in.summary = "Tom's dog is called Rex.\nTom is 30.";
    assert_int_equal(prompt_build(&a, &in, &m, &n, NULL), 0);
    assert_int_equal(n, k);
    assert_string_equal(m[0].text, "You are Lin.\nBe kind.\nThe friend who is talking with you is called Tom.\n"
                                   "What was said before, in short:\n- Tom's dog is called Rex.\n- Tom is 30.");
    assert_string_equal(m[n - 1].text, "And?");
    in.summary = ""; /* nothing was worth a line */
    assert_int_equal(prompt_build(&a, &in, &m, &n, NULL), 0);
    assert_string_equal(m[0].text, without[0].text);
    in.persona = &personas[0];
    in.summary = "小雨有猫。";
    assert_int_equal(prompt_build(&a, &in, &m, &n, NULL), 0);
    assert_non_null(strstr(m[0].text, "之前聊到过的，简单说：\n- 小雨有猫。"));
    arena_finish(&a);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct arena a;
    size_t n;
    anima_error err;
    anima_chat_message *m;
    const struct prompt_turn turns[] = { { "Ann", "one" }, { NULL, "two" }, { "Bob", "three" } };
    struct prompt_input in = { .persona = &personas[1], .turns = turns, .n_turns = 3, .summary = "a\nb" };
    for (size_t cap = 0; cap < 5000; cap += 16) {
        arena_init(&a, cap);
        int rc = prompt_build(&a, &in, &m, &n, &err);
        assert_true(rc == ANIMA_OK || rc == ANIMA_E_NOMEM);
        arena_finish(&a);
    }
}

static int parse(struct arena *a, const char *text, struct prompt_persona *out, anima_error *err)
{
    return persona_parse(a, text, strlen(text), "en", "persona.en.md", out, err);
}

static void test_persona(void **state)
{
    (void)state;
    struct arena a;
    struct prompt_persona p;
    anima_error err;
    arena_init(&a, 1 << 20);
    assert_int_equal(
        parse(&a, "\nYou are Lin.\r\nShort.\n\n## Examples\n\n> hi\nhello\nthere\n\n> 你好\n你好呀\n", &p, &err), 0);
    assert_string_equal(p.text, "You are Lin.\r\nShort.");
    assert_int_equal(p.n_examples, 4);
    assert_non_null(p.examples[0].speaker);
    assert_string_equal(p.examples[0].text, "hi");
    assert_null(p.examples[1].speaker);
    assert_string_equal(p.examples[1].text, "hello\nthere");
    assert_string_equal(p.examples[3].text, "你好呀");
    assert_int_equal(parse(&a, "just text", &p, &err), 0);
    assert_int_equal(p.n_examples, 0);
    static const char *const bad[] = { "", "## Examples\n> a\nb", "x\n## Examples\nno mark",
                                       "x\n## 例子\n> nobody answers\n", "\xFF" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(parse(&a, bad[i], &p, &err), ANIMA_E_INVALID);
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_language),
        cmocka_unit_test(test_one_person),
        cmocka_unit_test(test_near),
        cmocka_unit_test(test_greeting_in_the_other_language),
        cmocka_unit_test(test_language_of_a_conversation),
        cmocka_unit_test(test_macros_and_lore),
        cmocka_unit_test(test_several_people),
        cmocka_unit_test(test_summary),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_persona),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
