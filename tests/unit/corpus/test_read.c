/* Reading conversations: the three forms, what is refused and where it says so, folders. */
#include "base/buf.h"
#include "base/fs.h"
#include "corpus/files.h"
#include "corpus/held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ARENA (64u << 20)

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, ARENA);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static struct corpus_text text_of(const char *name, const char *data, const char *language)
{
    struct corpus_text t = {
        .name = name, .data = data, .n = strlen(data), .source = CORPUS_OWN, .language = language
    };
    assert_int_equal(corpus_form_of(name, &t.form, NULL), 0);
    return t;
}

static struct corpus_conversation *read_good(const char *name, const char *data, const char *language)
{
    struct corpus_conversation *list;
    anima_error err = { 0 };
    struct corpus_text t = text_of(name, data, language);
    if (corpus_read(&arena, &t, &list, &err))
        fail_msg("\"%s\": %s", data, err.message);
    return list;
}

static void refused(const char *name, const char *data, int code, const char *why)
{
    struct corpus_conversation *list;
    anima_error err = { 0 };
    struct corpus_text t = text_of(name, data, NULL);
    if (corpus_read(&arena, &t, &list, &err) != code || !strstr(err.message, why))
        fail_msg("\"%.60s\" gives %d \"%s\", not %d \"%s\"", data, err.code, err.message, code, why);
    assert_null(list);
}

static void check_message(const struct corpus_conversation *c, size_t i, const char *role, const char *text, int line)
{
    assert_true(i < c->n);
    assert_string_equal(c->messages[i].role, role);
    assert_string_equal(c->messages[i].text, text);
    assert_int_equal(c->messages[i].line, line);
}

/* ---- the talk form ---- */

static void test_talk(void **state)
{
    (void)state;
    struct corpus_conversation *c = read_good("a.md",
                                              "\xEF\xBB\xBF# Small talk\r\n\r\n## rain \r\n\r\n> hi\r\nHello.\r\n\r\n"
                                              ">  it rains \r\nIt does.\r\nAgain.\r\n\r\n## 雨\n> 下雨了\n嗯。",
                                              "en");
    assert_string_equal(c->title, "rain");
    assert_string_equal(c->file, "a.md");
    assert_string_equal(c->language, "en");
    assert_int_equal(c->line, 3);
    assert_int_equal(c->n, 4);
    check_message(c, 0, "user", "hi", 5);
    check_message(c, 1, "assistant", "Hello.", 6);
    check_message(c, 2, "user", "it rains", 8);
    check_message(c, 3, "assistant", "It does.\nAgain.", 9);
    c = c->next;
    assert_string_equal(c->title, "雨");
    assert_string_equal(c->language, "en"); /* its folder's */
    check_message(c, 1, "assistant", "嗯。", 14);
    assert_null(c->next);
}

static void test_talk_lines_of_a_side(void **state)
{
    (void)state;
    struct corpus_conversation *c = read_good(
        "a.md", "> so\n> you came\nYes.\n\n> why?\n\n> say something\nNo.\n\nReally no.\n\n> ok\n", NULL);
    assert_string_equal(c->title, "");
    assert_int_equal(c->n, 8);
    check_message(c, 0, "user", "so\nyou came", 1);
    check_message(c, 2, "user", "why?", 5);
    check_message(c, 3, "assistant", "", 7); /* nobody answered */
    check_message(c, 4, "user", "say something", 7);
    check_message(c, 5, "assistant", "No.\nReally no.", 8);
    check_message(c, 6, "user", "ok", 12);
    check_message(c, 7, "assistant", "", 12);
    assert_null(c->next);
}

static void test_talk_refused(void **state)
{
    (void)state;
    refused("a.md", "## one\n\n## two\n> a\nb\n", ANIMA_E_INVALID, "a.md, line 3: the conversation \"one\" of line 1");
    refused("a.md", "## one\n> a\nb\n\n## two", ANIMA_E_INVALID, "a.md, line 5: the conversation \"two\" of line 5");
    refused("a.md", "\nhello\n", ANIMA_E_INVALID, "a.md, line 2: nobody has said anything yet");
    refused("a.md", "## one\nhello\n", ANIMA_E_INVALID, "a.md, line 2: nobody has said anything yet");
    refused("a.md", "## one\n> a\nb\n\n>\nc\n", ANIMA_E_INVALID, "a.md, line 5: the person says nothing");
    refused("a.md", "## one\n> a\nb\xFF\n", ANIMA_E_INVALID, "a.md is not UTF-8");
}

static void test_nothing(void **state)
{
    (void)state;
    assert_null(read_good("a.md", "", NULL));
    assert_null(read_good("a.md", "\n \n# only a heading\n", NULL));
    assert_null(read_good("a.jsonl", "\n\n", NULL));
    assert_null(read_good("a.txt", " \n\t\n", NULL));
    struct corpus_conversation *list;
    struct corpus_text nul = { .name = "a.txt", .data = "a\0b", .n = 3, .form = CORPUS_FORM_LINES };
    assert_int_equal(corpus_read(&arena, &nul, &list, NULL), ANIMA_E_INVALID);
}

/* ---- limits ---- */

static char *repeated(const char *piece, size_t times, const char *head)
{
    size_t n = strlen(piece), h = strlen(head);
    char *all = malloc(h + n * times + 1);
    assert_non_null(all);
    memcpy(all, head, h);
    for (size_t i = 0; i < times; i++)
        memcpy(all + h + i * n, piece, n);
    all[h + n * times] = '\0';
    return all;
}

static void test_limits(void **state)
{
    (void)state;
    char *text = repeated("> a\nb\n\n", CORPUS_MAX_MESSAGES / 2, "");
    assert_int_equal(read_good("a.md", text, NULL)->n, CORPUS_MAX_MESSAGES);
    free(text);
    text = repeated("> a\nb\n\n", CORPUS_MAX_MESSAGES / 2 + 1, "");
    refused("a.md", text, ANIMA_E_LIMIT, "a.md, line 97: a conversation has at most 64 messages");
    free(text);
    text = repeated("x", CORPUS_MAX_LINE, "");
    assert_int_equal(strlen(read_good("a.txt", text, NULL)->messages[1].text), CORPUS_MAX_LINE);
    free(text);
    text = repeated("x", CORPUS_MAX_LINE + 1, "");
    refused("a.txt", text, ANIMA_E_LIMIT, "a.txt, line 1: a line has at most 16384 bytes");
    refused("a.jsonl", text, ANIMA_E_LIMIT, "a.jsonl, line 1: a line has at most");
    free(text);
    text = repeated("0123456789\n", 2000, "> a\n");
    refused("a.md", text, ANIMA_E_LIMIT, "a message has at most 16384 bytes");
    free(text);
    text = repeated("[", 1000, "");
    refused("a.jsonl", text, ANIMA_E_LIMIT, "a.jsonl, line 1: this is no JSON object");
    free(text);
    text = repeated("\n", CORPUS_MAX_FILE + 1, "");
    refused("a.md", text, ANIMA_E_LIMIT, "a.md has more than 16 MiB");
    free(text);
}

/* ---- JSON lines ---- */

#define U "{\"role\":\"user\",\"content\":\"q\"}"
#define A "{\"role\":\"assistant\",\"content\":\"a\\nb\"}"
#define S "{\"role\":\"system\",\"content\":\"s\"}"
#define LINE(list) "{\"messages\":[" list "]}"

static void test_jsonl(void **state)
{
    (void)state;
    struct corpus_conversation *c = read_good("a.jsonl", LINE(U "," A) "\r\n\n" LINE(S "," U "," A "," U "," A), "zh");
    assert_int_equal(c->n, 2);
    check_message(c, 0, "user", "q", 1);
    check_message(c, 1, "assistant", "a\nb", 1);
    c = c->next;
    assert_int_equal(c->n, 5);
    assert_int_equal(c->line, 3);
    check_message(c, 0, "system", "s", 3);
    assert_string_equal(c->language, "zh");
    assert_null(c->next);
}

static void test_jsonl_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        { LINE(U "," A) "\n{\"messages\":", "a.jsonl, line 2: this is no JSON object" },
        { "[]", "there is no \"messages\"" },
        { "{\"messages\":[]}", "there is no \"messages\"" },
        { "{\"messages\":{}}", "there is no \"messages\"" },
        { LINE(U), "the last message must be the assistant's" },
        { LINE(S), "the last message must be the assistant's" },
        { LINE(A), "\"assistant\" cannot stand there" },
        { LINE(U "," U "," A), "\"user\" cannot stand there" },
        { LINE(U "," A "," A), "\"assistant\" cannot stand there" },
        { LINE(U "," S "," A), "\"system\" cannot stand there" },
        { LINE("{\"role\":\"tool\",\"content\":\"x\"}"), "\"tool\" cannot stand there" },
        { LINE("{\"role\":\"user\",\"content\":[\"x\"]}"), "a message is {" },
        { LINE("{\"role\":\"user\",\"content\":\"a\\u0000b\"}"), "a message is {" },
        { LINE("\"x\""), "a message is {" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        refused("a.jsonl", cases[i].text, ANIMA_E_INVALID, cases[i].why);
}

/* ---- own lines ---- */

static void test_lines(void **state)
{
    (void)state;
    struct corpus_conversation *c = read_good("me.txt", "I burnt the rice again.\r\n\n  今天又下雨，不想出门。\n",
                                              NULL);
    assert_int_equal(c->n, 2);
    assert_string_equal(c->language, "en");
    assert_string_equal(c->messages[0].text, corpus_opener("I burnt the rice again.", "en"));
    check_message(c, 1, "assistant", "I burnt the rice again.", 1);
    c = c->next;
    assert_string_equal(c->language, "zh");
    assert_string_equal(c->messages[0].text, corpus_opener("今天又下雨，不想出门。", "zh"));
    check_message(c, 1, "assistant", "今天又下雨，不想出门。", 3);
    assert_null(c->next);
}

/* Lines that differ are answers to several openers, else the model learns one question. */
static void test_openers(void **state)
{
    (void)state;
    for (size_t l = 0; l < CORPUS_LANGUAGES; l++) {
        const char *seen[100];
        size_t n = 0;
        for (int i = 0; i < 100; i++) {
            char line[20];
            snprintf(line, sizeof(line), "line %d", i);
            const char *opener = corpus_opener(line, corpus_language_name(l));
            size_t k = 0;
            while (k < n && strcmp(seen[k], opener) != 0)
                k++;
            if (k == n)
                seen[n++] = opener;
        }
        assert_true(n >= 6);
    }
}

/* ---- names, folders ---- */

static void test_names(void **state)
{
    (void)state;
    enum corpus_form form;
    anima_error err = { 0 };
    assert_int_equal(corpus_form_of("x/a.md", &form, NULL), 0);
    assert_int_equal(form, CORPUS_FORM_TALK);
    assert_int_equal(corpus_form_of("a.jsonl", &form, NULL), 0);
    assert_int_equal(form, CORPUS_FORM_JSONL);
    assert_int_equal(corpus_form_of("a.txt", &form, NULL), 0);
    assert_int_equal(form, CORPUS_FORM_LINES);
    static const char *const others[] = { "a.json", "md", ".md", "", "a.md~", "a.pdf" };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_int_equal(corpus_form_of(others[i], &form, &err), ANIMA_E_INVALID);
    assert_non_null(strstr(err.message, "a.pdf is no text"));
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(corpus_held_back(i), i == 9 || i == 19 || i == 29 || i == 39);
    assert_int_equal(corpus_language("zh"), 0);
    assert_int_equal(corpus_language("en"), 1);
    assert_int_equal(corpus_language(NULL), 1);
}

struct contexts {
    struct arena arena;
    struct buf seen;
};

static int see_context(void *ctx, const struct corpus_context *c, anima_error *err)
{
    (void)err;
    struct contexts *all = ctx;
    buf_printf(&all->seen, "%s %zu %s: %s → %s|", c->language, c->n_turns, c->turns[c->n_turns - 1].speaker,
               c->turns[c->n_turns - 1].text, c->own);
    return 0;
}

static int see_conversation(void *ctx, struct corpus_conversation *c, anima_error *err)
{
    struct contexts *all = ctx;
    return corpus_contexts(&all->arena, c, see_context, all, err);
}

static int stop_there(void *ctx, struct corpus_conversation *c, anima_error *err)
{
    (void)c;
    (void)err;
    ++*(int *)ctx;
    return ANIMA_E_CANCELLED;
}

/* Of ten conversations, counted over two texts, the tenth; a place in front of each of its answers. */
static void test_held(void **state)
{
    (void)state;
    static const char nine[] =
        "> 1\na\n\n## 2\n> 2\na\n\n## 3\n> 3\na\n\n## 4\n> 4\na\n\n## 5\n> 5\na\n\n## 6\n> 6\na\n\n"
        "## 7\n> 7\na\n\n## 8\n> 8\na\n\n## 9\n> 9\na\n";
    static const char more[] = "> Is it far?\nNo.\n\n> 那走吧。\n好。\n\n## 11\n> 11\na\n";
    const struct corpus_text texts[] = {
        { "a.md", nine, sizeof(nine) - 1, CORPUS_FORM_TALK, CORPUS_OWN, "en" },
        { "b.md", more, sizeof(more) - 1, CORPUS_FORM_TALK, CORPUS_OWN, "en" },
    };
    struct contexts all;
    int n = 0;
    arena_init(&all.arena, 1u << 20);
    buf_init(&all.seen, 10000);
    assert_int_equal(corpus_each(&all.arena, texts, 2, false, see_conversation, &all, NULL), 0);
    assert_string_equal(buf_str(&all.seen), "en 1 Sam: Is it far? → No.|zh 3 阿宁: 那走吧。 → 好。|");
    buf_reset(&all.seen);
    assert_int_equal(corpus_each(&all.arena, texts, 2, true, see_conversation, &all, NULL), 0);
    assert_non_null(strstr(buf_str(&all.seen), ": 11 → a|"));
    assert_int_equal(corpus_each(&all.arena, texts, 2, true, stop_there, &n, NULL), ANIMA_E_CANCELLED);
    assert_int_equal(n, 1);
    buf_finish(&all.seen);
    arena_finish(&all.arena);
}

static void put_file(const char *dir, const char *name, const char *text)
{
    char path[300];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(fs_write(path, text, strlen(text), 0600, NULL), 0);
}

static void test_folder(void **state)
{
    (void)state;
    char dir[] = "/tmp/anima-corpus-XXXXXX", sub[64];
    assert_non_null(mkdtemp(dir));
    snprintf(sub, sizeof(sub), "%s/zh", dir);
    assert_int_equal(fs_mkdirs(sub, NULL), 0);
    put_file(sub, "02.md", "> 二\n好");
    put_file(sub, "01.md", "> 一\n好");
    put_file(dir, "mine.txt", "hello there, all of you");
    put_file(dir, "en.jsonl", LINE(U "," A));
    put_file(dir, "README.md", "not a conversation");
    put_file(dir, ".hidden.md", "nor this");
    put_file(dir, "picture.png", "nor this");
    struct corpus_texts texts = { .arena = &arena };
    assert_int_equal(corpus_add_folder(&texts, dir, CORPUS_TALK, NULL), 0);
    assert_int_equal(texts.n, 4);
    char want[4][64];
    static const char *const names[] = { "zh/01.md", "zh/02.md", "en.jsonl", "mine.txt" };
    static const char *const languages[] = { "zh", "zh", "en", NULL };
    for (size_t i = 0; i < 4; i++) {
        snprintf(want[i], sizeof(want[i]), "%s/%s", dir + strlen("/tmp/"), names[i]);
        assert_string_equal(texts.list[i].name, want[i]);
        assert_int_equal(texts.list[i].source, CORPUS_TALK);
        assert_true(languages[i] ? texts.list[i].language && strcmp(texts.list[i].language, languages[i]) == 0
                                 : !texts.list[i].language);
    }
    assert_int_equal(corpus_add_folder(&texts, "/tmp/anima-no-such-folder", CORPUS_OWN, NULL), 0);
    assert_int_equal(texts.n, 4);
    anima_error err = { 0 };
    assert_int_equal(corpus_add_file(&texts, "/tmp/anima-no-such.md", NULL, CORPUS_OWN, NULL, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(corpus_add_file(&texts, "/tmp/x.pdf", NULL, CORPUS_OWN, NULL, &err), ANIMA_E_INVALID);
    fs_remove_tree(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_talk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_talk_lines_of_a_side, setup, teardown),
        cmocka_unit_test_setup_teardown(test_talk_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_jsonl, setup, teardown),
        cmocka_unit_test_setup_teardown(test_jsonl_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
        cmocka_unit_test(test_openers),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_held),
        cmocka_unit_test_setup_teardown(test_folder, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
