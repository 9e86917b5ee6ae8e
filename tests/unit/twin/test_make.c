/* A twin's folder: that lessons can read it, what a person edited, other characters, runs that are killed or out of memory. */
#include "records.h"

#include "base/fs.h"
#include "base/mem.h"
#include "corpus/files.h"
#include "mind/persona.h"
#include "twin/make.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char base[64], dir[100];

static int setup(void **state)
{
    (void)state;
    snprintf(base, sizeof(base), "/tmp/anima-twin-XXXXXX");
    assert_non_null(mkdtemp(base));
    snprintf(dir, sizeof(dir), "%s/characters/anna", base);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fs_remove_tree(base);
    return 0;
}

static struct records *some(void)
{
    struct records *t = records_new();
    for (int i = 0; i < 30; i++) {
        say(t, "Bob", 2 * i, "Bob", "words of Bob: \"how\"\\?");
        say(t, "Bob", 2 * i + 1, "Anna", "as ever\nand a day");
        say(t, "李雷", 2 * i, "李雷", "吃了吗？");
        say(t, "李雷", 2 * i + 1, "Anna", "吃了，你呢？");
    }
    say(t, "Bob", 500000, "Anna", "a new year has begun");
    add(t, TWIN_TEXT, 0, "", "# The garden\n\nTomatoes grow there.")->title = "garden";
    return t;
}

static int make(struct records *t, const char *without, bool fresh, struct twin_made *made, anima_error *err)
{
    const char *const me[] = { "Anna" }, *const outs[] = { without };
    const struct twin_choice choice = { me, 1, outs, without != NULL };
    const struct twin_report report = { "Anna", &t->book, &t->people, &t->talks, &t->known };
    const struct twin_plan plan = { .dir = dir,
                                    .folder = "export",
                                    .report = &report,
                                    .choice = &choice,
                                    .consent = { "note", "--consent", "me", 1 },
                                    .about = { NULL, "Born in Leeds." },
                                    .fresh = fresh };
    int rc = twin_people_find(&t->arena, &t->book, &choice, &t->people, err);
    if (!rc)
        rc = twin_talks_make(&t->arena, &t->book, &t->people, &t->talks, err);
    if (!rc)
        rc = twin_known_count(&t->arena, &t->book, &t->people, &t->talks, NOON, &t->known, err);
    return rc ? rc : twin_make(&t->arena, &plan, made, err);
}

static void good(struct records *t, const char *without, bool fresh, const char *kept)
{
    struct twin_made made;
    anima_error err = { 0 };
    if (make(t, without, fresh, &made, &err))
        fail_msg("%s", err.message);
    assert_string_equal(made.kept, kept);
}

static char *path(const char *name)
{
    static char p[300];
    snprintf(p, sizeof(p), "%s/%s", dir, name);
    return p;
}

static char *text_of(const char *name)
{
    char *text;
    anima_error err = { 0 };
    if (fs_read(path(name), 1u << 20, &text, NULL, &err))
        fail_msg("%s", err.message);
    return text;
}

static void write_text(const char *name, const char *text)
{
    assert_int_equal(fs_write(path(name), text, strlen(text), 0600, NULL), 0);
}

static void file_is(const char *name, const char *wanted)
{
    char *text = text_of(name);
    assert_string_equal(text, wanted);
    mem_free(text);
}

/* Whether words stand in any file of the folder. */
static bool anywhere(const char *words)
{
    char command[400];
    snprintf(command, sizeof(command), "grep -rqF -- '%s' %s", words, dir);
    return system(command) == 0;
}

static void test_folder(void **state)
{
    (void)state;
    struct records *t = some();
    anima_error err = { 0 };
    good(t, NULL, false, "");
    file_is("persona.en.md", "You are Anna.\nBorn in Leeds.\n");
    file_is("persona.zh.md", "你是Anna。\n");
    file_is("corpus/en/own-2024.txt", "a new year has begun\n");
    file_is("texts/en/notes-2023.md", "# Anna\n\n## garden\n\n# The garden\n\nTomatoes grow there.\n");
    struct corpus_texts texts = { .arena = &t->arena };
    struct corpus_conversation *list;
    size_t answers = 0;
    if (corpus_add_folder(&texts, path("corpus"), CORPUS_OWN, &err))
        fail_msg("%s", err.message);
    for (size_t i = 0; i < texts.n; i++) {
        if (corpus_read(&t->arena, &texts.list[i], &list, &err))
            fail_msg("%s", err.message);
        for (; list; list = list->next)
            for (size_t k = 1; k < list->n; k += 2)
                answers += *list->messages[k].text != '\0';
    }
    assert_int_equal(answers, 61);
    records_free(t);
}

static void test_edited(void **state)
{
    (void)state;
    struct records *t = some();
    struct twin_made made;
    anima_error err = { 0 };
    good(t, NULL, false, "");
    good(t, NULL, false, "");
    write_text("persona.en.md", "You are Anna, a baker.\n");
    write_text("corpus/questions.en.md", "## x\n> how old are you?\nforty\n");
    write_text("corpus/mine.md", "## x\n> hi\nhello\n");
    good(t, NULL, true, "persona.en.md, corpus/questions.en.md");
    file_is("persona.en.md", "You are Anna, a baker.\n");
    file_is("corpus/mine.md", "## x\n> hi\nhello\n");
    char *before = text_of("corpus/zh/chats-2023.jsonl");
    write_text("corpus/zh/chats-2023.jsonl", "{}\n");
    assert_int_equal(make(t, "Bob", false, &made, &err), ANIMA_E_CONFLICT);
    assert_non_null(strstr(err.message, "(corpus/zh/chats-2023.jsonl); --fresh overwrites it"));
    assert_true(fs_exists(path("corpus/en/chats-2023.jsonl"))); /* nothing was changed */
    good(t, NULL, true, "persona.en.md, corpus/questions.en.md");
    file_is("corpus/zh/chats-2023.jsonl", before);
    mem_free(before);
    records_free(t);
}

/* What is not made any more is taken away; an edited one only if that is wanted. */
static void test_without(void **state)
{
    (void)state;
    struct records *t = some();
    struct twin_made made;
    anima_error err = { 0 };
    good(t, NULL, false, "");
    assert_true(anywhere("words of Bob"));
    write_text("corpus/en/chats-2023.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":\"words of "
                                             "Bob\"},{\"role\":\"assistant\",\"content\":\"hm\"}]}\n");
    assert_int_equal(make(t, "Bob", false, &made, &err), ANIMA_E_CONFLICT);
    good(t, "Bob", true, "");
    assert_false(anywhere("words of Bob"));
    assert_false(fs_exists(path("corpus/en/chats-2023.jsonl")));
    records_free(t);
}

static void test_stranger(void **state)
{
    (void)state;
    struct records *t = some();
    struct twin_made made;
    anima_error err = { 0 };
    assert_int_equal(fs_mkdirs(dir, NULL), 0);
    write_text("character.ini", "[character]\nname = Zed\n");
    assert_int_equal(make(t, NULL, true, &made, &err), ANIMA_E_CONFLICT);
    assert_non_null(strstr(err.message, "a character that is no twin"));
    file_is("character.ini", "[character]\nname = Zed\n");
    assert_false(fs_exists(path("twin.json")));
    records_free(t);
}

/* Killed anywhere: the next run takes nothing for edited, and leaves nothing of what is not made any more. */
static void test_killed(void **state)
{
    (void)state;
    struct records *t = some();
    for (int round = 0; round < 40; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (!child) {
            struct twin_made made;
            for (int i = 0;; i++)
                make(t, i % 2 ? NULL : "李雷", false, &made, NULL);
        }
        usleep((useconds_t)(500 * round + 300));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        good(t, "Bob", false, "");
        assert_false(anywhere("words of Bob"));
    }
    records_free(t);
}

/* Any allocation may fail: an error that says so, or it was not needed; then all is as it should be. */
static void test_memory(void **state)
{
    (void)state;
    for (long n = 1, done = 0; !done && n < 20000; n += n < 200 ? 1 : 97) {
        struct records *t = some();
        struct twin_made made;
        anima_error err = { 0 };
        mem_fail_at(n, 0);
        int rc = make(t, NULL, false, &made, &err);
        done = mem_count() < n;
        mem_fail_at(0, 0);
        if (rc && rc != ANIMA_E_NOMEM)
            fail_msg("allocation %ld: %d %s", n, rc, err.message);
        good(t, NULL, false, "");
        records_free(t);
    }
}

static void sentence_is(const char *name, size_t language, const char *wanted)
{
    struct arena arena;
    arena_init(&arena, 1u << 20);
    const char *s = twin_sentence(&arena, name, language);
    assert_string_equal(s, wanted);
    assert_string_equal(persona_short(&arena, s), wanted);
    arena_finish(&arena);
}

static void test_sentence(void **state)
{
    (void)state;
    sentence_is("Anna L.", 1, "You are Anna L.");
    sentence_is("王芳", 0, "你是王芳。");
    sentence_is("What? Ever! Dr. J. Smith", 1, "You are What  Ever  Dr  J  Smith.");
}

int main(void)
{
    setenv("TZ", "CST-8", 1);
#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_folder), IN_FOLDER(test_edited), IN_FOLDER(test_without),         IN_FOLDER(test_stranger),
        IN_FOLDER(test_killed), IN_FOLDER(test_memory), cmocka_unit_test(test_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
