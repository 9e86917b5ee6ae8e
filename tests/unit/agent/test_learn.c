/* Facts from texts, with the real engine process and written answers: what is kept, asked again, dropped and held back; that nothing is
 * asked twice, whatever breaks in between; that it waits while somebody talks.
 * ANIMA_TEST_ENGINE is the path of anima-engine (the build sets it). */
#include "anima/anima.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "corpus/corpus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

/* The last message is the passage, or ends with the question. Entries are tried in order. */
#define SHOP "Lin opened the shop in April 2023 with a loan of 30,000 yuan from her father."
#define CAT "Lin thinks that no bookshop should keep a cat, because people only look at the cat."
static const char text[] = "# Lin\n\n## Work\n" SHOP "\n\n## Views\n" CAT "\n";
static const char script[] =
    "match: In which month\nsay: I opened it in April 2023.\n\n"
    "match: to borrow? (Give numbers\nsay: My father lent me 30,000 yuan.\n\n"
    "match: How much was it\nsay: My father lent me 50,000 yuan.\n\n"
    "match: Who helped you\nsay: My uncle Ben did.\n\n"
    "match: Do you keep a cat\nsay: No bookshop should keep a cat, I think, people only look at the cat.\n\n"
    "match: [Work]\nsay: {\"questions\":[\"In which month did you open?\",\"How much was it you had to borrow?\",\"Who "
    "helped you then?\","
    "\"Are the six tables yours?\",\"What a shop!\"]}\n\n"
    "match: [Views]\nsay: {\"questions\":[\"Do you keep a cat?\",\"Do you keep a cat ?\",\"In which month did you "
    "open?\"]}\n\n"
    "match: hello\nsay: Hi.\n\n"
    "say: nobody should ask this\n";

struct fixture {
    struct scratch at;
    anima_facts facts;
    int over, told, replies;
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    f->replies += e->type == ANIMA_EVENT_TURN_DONE && e->turn->role == ANIMA_ROLE_CHARACTER;
    if (e->type != ANIMA_EVENT_FACTS_CHANGED)
        return;
    f->facts = *e->facts;
    f->told++;
    f->over += strcmp(f->facts.state, "asking") != 0 && strcmp(f->facts.state, "reading") != 0;
}

static int set_up(void **state)
{
    *state = mem_zero(1, sizeof(struct fixture));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    int rc = scratch_remove(&f->at);
    mem_free(f);
    return rc;
}

static void write_text(struct fixture *f, const char *words)
{
    char *dir = fs_join(f->at.dir, "training", "lin", "texts", (char *)NULL);
    assert_int_equal(fs_mkdirs(dir, NULL), 0);
    scratch_write(&f->at, "training/lin/texts/life.md", words);
    mem_free(dir);
}

static void open_with(struct fixture *f, const char *replies, const char *words)
{
    scratch_make(&f->at, replies);
    write_text(f, words);
    scratch_open(&f->at, NULL, on_event, f);
}

static void start(struct fixture *f)
{
    const anima_facts_options options = { .questions = 5 };
    anima_error err;
    if (anima_facts_start(f->at.home, "lin", &options, &err))
        fail_msg("%s", err.message);
}

static void run(struct fixture *f)
{
    int before = f->over;
    start(f);
    scratch_until(&f->at, &f->over, before + 1);
    if (strcmp(f->facts.state, "done") != 0)
        fail_msg("%s: %s", f->facts.state, f->facts.message);
}

/* Yours to mem_free. */
static char *file(const struct fixture *f, const char *name)
{
    char *path = fs_join(f->at.dir, "training", "lin", name, (char *)NULL), *data = NULL;
    if (fs_read(path, 1u << 20, &data, NULL, NULL))
        data = mem_strdup("");
    mem_free(path);
    return data;
}

static size_t lines(const char *data)
{
    size_t n = 0;
    for (; *data; data++)
        n += *data == '\n';
    return n;
}

static void has(const struct fixture *f, const char *name, const char *words, bool wanted)
{
    char *data = file(f, name);
    if ((strstr(data, words) != NULL) != wanted)
        fail_msg("%s %s \"%s\":\n%s", name, wanted ? "lacks" : "has", words, data);
    mem_free(data);
}

static void test_whole(void **state)
{
    struct fixture *f = *state;
    open_with(f, script, text);
    run(f);
    assert_int_equal(f->facts.files, 1);
    assert_int_equal(f->facts.passages, 2);
    assert_int_equal(f->facts.asked, 2);
    has(f, "facts.jsonl", "\"I opened it in April 2023.\"", true);
    has(f, "facts.jsonl", "\"My father lent me 30,000 yuan.\"", true); /* the second time */
    has(f, "facts.jsonl", "50,000", false);
    has(f, "facts.jsonl", "uncle", false);
    has(f, "facts.jsonl", "\"passage\":\"" SHOP "\"", true);
    has(f, "facts.jsonl", "\"line\":4,\"heading\":\"Work\"", true);
    has(f, "facts-asked.jsonl", "\"why\":\"name\",\"what\":\"Ben\"", true);
    has(f, "facts-asked.jsonl", "\"why\":\"number\",\"what\":\"six\"", true);
    has(f, "facts-asked.jsonl", "What a shop", false); /* asks nobody */
    has(f, "facts-report.md", "a name that is not there | 1 | 0", true);
    has(f, "facts-report.md", "a number that is not there | 0 | 1", true);
    has(f, "facts-held.jsonl", "?", false);
    assert_int_equal(f->facts.kept, 3);
    assert_int_equal(f->facts.dropped, 3);
    assert_int_equal(f->facts.again, 2);
    assert_int_equal(f->facts.questions, 6);
    assert_true(f->facts.prompt_tokens > 0 && f->facts.completion_tokens > 0);
}

/* What it makes is a text that lessons can be made of. */
static void test_lessons_read_it(void **state)
{
    struct fixture *f = *state;
    struct arena arena;
    struct corpus_conversation *c;
    anima_error err = { 0 };
    open_with(f, script, text);
    run(f);
    char *data = file(f, "facts.jsonl");
    arena_init(&arena, 1u << 20);
    const struct corpus_text t = { "facts.jsonl", data, strlen(data), CORPUS_FORM_JSONL, CORPUS_FACTS, NULL };
    if (corpus_read(&arena, &t, &c, &err))
        fail_msg("%s", err.message);
    assert_string_equal(c->messages[0].text, "In which month did you open?");
    assert_string_equal(c->next->next->language, "en");
    arena_finish(&arena);
    mem_free(data);
}

/* Asked again, nothing is: what a person deleted stays deleted, and only what is new is asked. */
static void test_again(void **state)
{
    struct fixture *f = *state;
    open_with(f, script, text);
    run(f);
    scratch_write(&f->at, "training/lin/facts.jsonl",
                  "{\"messages\":[{\"role\":\"user\",\"content\":\"a?\"},{\"role\":\"assistant\",\"content\":\"b\"}]}");
    run(f);
    assert_int_equal(f->facts.prompt_tokens, 0);
    assert_int_equal(f->facts.asked, 2);
    assert_int_equal(f->facts.kept, 3);
    char *data = file(f, "facts.jsonl");
    assert_int_equal(lines(data), 0);
    mem_free(data);
    scratch_write(&f->at, "script.txt", "");
    scratch_write(&f->at, "training/lin/texts/more.txt", "Lin has put off one wisdom tooth for two whole years now.");
    run(f);
    assert_int_equal(f->facts.passages, 3);
    assert_int_equal(f->facts.asked, 3);
}

/* Killed at any byte of the journal: the same lines come of it, each once. */
static void test_killed(void **state)
{
    struct fixture *f = *state;
    open_with(f, script, text);
    run(f);
    char *journal = file(f, "facts-asked.jsonl"), *facts = file(f, "facts.jsonl");
    size_t n = strlen(journal), step = 1 + n / 20;
    char *second = strchr(strchr(facts, '\n') + 1, '\n') + 1; /* the first passage has two lines */
    for (size_t cut = 0; cut < n; cut += step) {
        char *part = mem_strndup(journal, cut), *placed = mem_strndup(facts, (size_t)(second - facts));
        scratch_write(&f->at, "training/lin/facts-asked.jsonl", part);
        scratch_write(&f->at, "training/lin/facts.jsonl", lines(part) ? placed : "");
        run(f);
        mem_free(part);
        mem_free(placed);
        char *now = file(f, "facts.jsonl"), *whole = file(f, "facts-asked.jsonl");
        assert_string_equal(now, facts);
        assert_string_equal(whole, journal);
        mem_free(now);
        mem_free(whole);
    }
    mem_free(journal);
    mem_free(facts);
}

/* Between the journal and the lines. */
static void test_not_placed(void **state)
{
    struct fixture *f = *state;
    open_with(f, script, text);
    run(f);
    char *journal = file(f, "facts-asked.jsonl"), *facts = file(f, "facts.jsonl");
    char *mark = strstr(strstr(journal, "{\"placed\"") + 1, "{\"placed\"");
    *mark = '\0'; /* the second passage is in the journal, its mark is not */
    scratch_write(&f->at, "training/lin/facts-asked.jsonl", journal);
    for (int i = 0; i < 3; i++) {
        size_t n = strlen(facts);
        char *last = memrchr(facts, '\n', n - 1);
        char *some = i == 0   ? mem_strdup(facts)                                    /* its line was written */
                     : i == 1 ? mem_strndup(facts, (size_t)(last - facts) + 1)       /* it was not */
                              : mem_strndup(facts, (size_t)(last - facts) + 1 + 20); /* a part of it was */
        scratch_write(&f->at, "training/lin/facts.jsonl", some);
        scratch_write(&f->at, "training/lin/facts-asked.jsonl", journal);
        run(f);
        char *now = file(f, "facts.jsonl");
        assert_string_equal(now, facts);
        assert_int_equal(f->facts.prompt_tokens, 0);
        mem_free(now);
        mem_free(some);
    }
    mem_free(journal);
    mem_free(facts);
}

/* Of every tenth passage every second question is kept out, with the strings that tell a right answer. */
static void test_held_back(void **state)
{
    struct fixture *f = *state;
    struct buf many, replies;
    buf_init(&many, 1u << 16);
    buf_init(&replies, 1u << 16);
    static const char *const towns[] = { "Leeds", "York",  "Bath",  "Derby",  "Ely",
                                         "Wells", "Truro", "Ripon", "Exeter", "Lincoln" };
    for (int i = 0; i < 10; i++) {
        buf_printf(&many, "## %s\nIn %d Lin went to %s for the summer and carried home %d old books.\n\n", towns[i],
                   2001 + i, towns[i], 30 + i);
        buf_printf(&replies,
                   "match: When were you in %s\nsay: I went there in %d.\n\nmatch: books from %s\nsay: I carried home "
                   "%d old books.\n\n",
                   towns[i], 2001 + i, towns[i], 30 + i);
        buf_printf(&replies,
                   "match: [%s]\nsay: {\"questions\":[\"When were you in %s?\",\"How many books from %s did you "
                   "bring?\"]}\n\n",
                   towns[i], towns[i], towns[i]);
    }
    open_with(f, buf_str(&replies), buf_str(&many));
    buf_finish(&many);
    buf_finish(&replies);
    run(f);
    assert_int_equal(f->facts.passages, 10);
    assert_int_equal(f->facts.held_back, 1);
    assert_int_equal(f->facts.kept, 19);
    has(f, "facts-held.jsonl", "{\"q\":\"How many books from Lincoln did you bring?\",\"any\":[\"39\"],\"not\":[]}\n",
        true);
    has(f, "facts.jsonl", "books from Lincoln", false);
    has(f, "facts.jsonl", "When were you in Lincoln?", true);
}

static void test_waits(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c;
    anima_conversation_info info;
    anima_subscription *s;
    int64_t seq;
    open_with(f,
              "match: In which month\nfirst_ms: 300\nsay: I opened it in April 2023.\n\n"
              "match: hello\ndelay_ms: 300\nsay: Hi there you.\n\n"
              "match: [Work]\nsay: {\"questions\":[\"In which month did you open?\"]}\n\n"
              "match: [Views]\nsay: {\"questions\":[]}\n\n",
              text);
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &c, NULL), 0);
    anima_conversation_describe(c, &info);
    assert_int_equal(anima_subscribe(f->at.home, info.id, on_event, f, &s, NULL), 0);
    start(f);
    scratch_until(&f->at, &f->told, 1);
    const anima_message m = { .text = "hello" };
    assert_int_equal(anima_send(c, &m, &seq, NULL), 0);
    while (!f->replies) {
        anima_home_step(f->at.home, 20);
        assert_int_equal(f->facts.kept, 0); /* nothing comes of it meanwhile */
    }
    scratch_until(&f->at, &f->over, 1);
    assert_string_equal(f->facts.state, "done");
    assert_int_equal(f->facts.kept, 1);
    anima_conversation_close(c);
}

static void test_stop_and_trouble(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    anima_facts now;
    open_with(f, "match: [Work]\nfirst_ms: 3600000\nsay: x\n\nmatch: [Bad]\nerror: ANIMA_E_LIMIT too much\n\nsay: x\n",
              text);
    const anima_facts_options bad = { .questions = 99 };
    assert_int_equal(anima_facts_start(f->at.home, "nobody", &bad, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_facts_start(f->at.home, "lin", &bad, &err), ANIMA_E_INVALID);
    assert_int_equal(anima_facts_stop(f->at.home, "lin", &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_facts_look(f->at.home, "lin", &now, &err), 0);
    assert_string_equal(now.state, "none");
    start(f);
    const anima_facts_options usual = { .questions = 0 };
    assert_int_equal(anima_facts_start(f->at.home, "mo", &usual, &err), ANIMA_E_BUSY);
    scratch_until(&f->at, &f->told, 1);
    assert_int_equal(anima_facts_stop(f->at.home, "lin", &err), 0);
    assert_string_equal(f->facts.state, "stopped");
    write_text(f, "## Bad\nLin has a shop that sells old books to people.\n");
    start(f);
    scratch_until(&f->at, &f->over, 2);
    assert_string_equal(f->facts.state, "failed");
    assert_non_null(strstr(f->facts.message, "too much"));
    write_text(f, "\n");
    start(f);
    scratch_until(&f->at, &f->over, 3);
    assert_int_equal(f->facts.code, ANIMA_E_NOT_FOUND);
    start(f); /* and the home is closed while it reads */
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_whole),      T(test_lessons_read_it), T(test_again), T(test_killed),
        T(test_not_placed), T(test_held_back),       T(test_waits), T(test_stop_and_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
