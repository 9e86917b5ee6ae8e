/* FTS5 with our words: what a person types finds what was said, nothing of FTS5's language gets through, and what is forgotten is gone. */
#include "memory/fts.h"

#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct words *words;
static sqlite3 *db;
static bool with_turns; /* the texts lie in the table turn */

static void run(const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why))
        fail_msg("%s: %s", sql, why);
}

static void insert(const char *sql, int id, const char *text)
{
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
    sqlite3_bind_int(q, 1, id);
    sqlite3_bind_text(q, 2, text, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(q), SQLITE_DONE);
    sqlite3_finalize(q);
}

static void add(int id, const char *text)
{
    if (with_turns)
        insert("INSERT INTO turn(id, text) VALUES(?1, ?2)", id, text);
    insert("INSERT INTO said(rowid, text) VALUES(?1, ?2)", id, text);
}

static void open_table(const char *path)
{
    anima_error err = { 0 };
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (fts_register(db, &err))
        fail_msg("%s", err.message);
    run("PRAGMA trusted_schema=OFF; CREATE VIRTUAL TABLE said USING fts5(text, tokenize = 'anima')");
}

static int setup(void **state)
{
    (void)state;
    return words_create(&words, NULL);
}

static int teardown(void **state)
{
    (void)state;
    words_free(words);
    return 0;
}

/* The ids of what is found, as "1 2"; best first for recall. */
static void find(const char *typed, size_t n, enum fts_want want, char out[200])
{
    struct buf match;
    size_t phrases, len = 0;
    sqlite3_stmt *q;
    anima_error err = { 0 };
    int rc;
    buf_init(&match, 1u << 20);
    assert_int_equal(fts_match(words, typed, n, want, &match, &phrases, &err), 0);
    assert_int_equal(phrases > 0, match.len > 0);
    out[0] = '\0';
    assert_int_equal(sqlite3_prepare_v2(db,
                                        want == FTS_ANY
                                            ? "SELECT rowid FROM said WHERE said MATCH ?1 ORDER BY bm25(said)"
                                            : "SELECT rowid FROM said WHERE said MATCH ?1 ORDER BY rowid",
                                        -1, &q, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(q, 1, buf_str(&match), -1, SQLITE_STATIC);
    while (phrases && (rc = sqlite3_step(q)) != SQLITE_DONE) {
        if (rc != SQLITE_ROW)
            fail_msg("\"%s\" as %s: %s", typed, buf_str(&match), sqlite3_errmsg(db));
        len += (size_t)snprintf(out + len, 200 - len, "%s%d", len ? " " : "", sqlite3_column_int(q, 0));
        assert_true(len < 190);
    }
    sqlite3_finalize(q);
    buf_finish(&match);
}

static const char *const said[] = {
    "",
    "我们去北京的时候下雨了",                         /* 1 */
    "他喜欢北。京都很美",                             /* 2 */
    "昨天买了iPhone15，花了8,999元🎉",                 /* 3 */
    "She was running two shops in Kyoto, happily",    /* 4 */
    "I run every day; Ann's dog runs too",            /* 5 */
    "don't tell AND OR NOT NEAR anybody",             /* 6 */
    "我的猫叫年糕",                                   /* 7 */
    "the café on 5th street, e-mail a.b@example.com", /* 8 */
    "南京东路的雨伞店",                               /* 9 */
};

static void fill(void)
{
    open_table(":memory:");
    for (int i = 1; i < (int)(sizeof(said) / sizeof(*said)); i++)
        add(i, said[i]);
}

static void test_search(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *want;
    } cases[] = {
        /* Chinese words inside of longer runs, not across punctuation */
        { "北京", "1" },
        { "京都", "2" },
        { "京的", "1" },
        { "欢北", "2" },
        { "雨伞", "9" },
        { "京 雨", "1 9" },
        { "猫", "7" },
        { "我的猫", "7" },
        { "年糕叫", "" },
        /* mixed */
        { "iphone", "3" },
        { "iPhone 15", "3" },
        { "买了iPhone15", "3" },
        { "买了 IPHONE15", "3" },
        { "ｉｐｈｏｎｅ", "3" },
        { "了iphone", "3" },
        { "8999", "3" },
        { "8,999元", "3" },
        { "🎉", "3" },
        { "🎂", "" },
        /* English */
        { "run", "4 5" },
        { "RUNNING", "4 5" },
        { "shop", "4" },
        { "happy", "" }, /* Porter: happi, happili */
        { "Ann", "5" },
        { "ann’s dogs", "5" },
        { "cafe", "8" },
        { "dont", "6" },
        { "a.b@example.com", "8" },
        { "example", "8" },
        /* several, quotes, exclusions */
        { "kyoto run", "4" },
        { "run -kyoto", "5" },
        { "run -\"every day\"", "4" },
        { "run －kyoto", "5" },
        { "run - kyoto", "4" },
        { "-kyoto", "" },
        { "\"run two\"", "4" },
        { "\"two run\"", "" },
        { "\"two shops in kyoto\"", "4" },
        { "\"running two\"", "4" },
        { "“two shops” run", "4" },
        { "「去北京」", "1" },
        { "\"kyoto happily", "4" },
        { "\"two shops\"-kyoto", "" },
        { "e-mail", "8" },
        /* words of every talk count only by themselves, or in quotes */
        { "the kyoto", "4" },
        { "the", "8" },
        { "\"the cafe\"", "8" },
        { "\"the\" run", "" },
        { "什么北京", "" },
        { "什么 北京", "1" },
        /* FTS5's language is text */
        { "AND", "6" },
        { "near", "6" },
        { "NOT near", "6" },
        { "near OR kyoto", "" },
        { "text:kyoto", "" },
        { "kyo*", "" },
        { "^she", "4" },
        { "NEAR(she kyoto, 2)", "" },
        { "{text} : kyoto", "" },
        { "kyoto)", "4" },
        { "((kyoto", "4" },
        { "kyoto\" OR \"run", "" },
        { "kyoto; DROP TABLE said", "" },
        { "' OR 1=1 --", "" },
        { "", "" },
        { " \n\"\"\"-\"。！", "" },
    };
    char got[200];
    fill();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        find(cases[i].typed, strlen(cases[i].typed), FTS_ALL, got);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("\"%s\" finds \"%s\", not \"%s\"", cases[i].typed, got, cases[i].want);
    }
    sqlite3_close(db);
}

static void test_recall(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *want;
    } cases[] = {
        { "你还记得我们去北京那次吗", "1 2" },
        { "我的猫叫什么名字？", "7" },
        { "Do you remember who ran the shops?", "4" },
        { "what did I say about running -kyoto", "4 5" },
        { "那台iphone花了多少", "3" },
        { "你是谁", "" },
        { "who are you", "" },
        { "\"every day\"", "5" },
    };
    char got[200];
    fill();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        find(cases[i].typed, strlen(cases[i].typed), FTS_ANY, got);
        /* how bm25 orders what follows the best is not ours */
        if (strncmp(got, cases[i].want, 1) != 0 || !*got != !*cases[i].want)
            fail_msg("\"%s\" finds \"%s\", not \"%s\"", cases[i].typed, got, cases[i].want);
    }
    sqlite3_close(db);
}

static void check_match(const char *typed, enum fts_want want, const char *expected)
{
    struct buf match;
    size_t phrases;
    buf_init(&match, 1u << 20);
    assert_int_equal(fts_match(words, typed, strlen(typed), want, &match, &phrases, NULL), 0);
    assert_string_equal(buf_str(&match), expected);
    buf_finish(&match);
}

static void test_expression(void **state)
{
    (void)state;
    check_match("Kyoto run kyoto run", FTS_ALL, "(\"Kyoto\" AND \"run\" AND \"kyoto\")");
    check_match("a dog -cat -\"big bird\"", FTS_ALL, "(\"dog\") NOT (\"cat\" OR \"big bird\")");
    check_match("我的猫叫什么", FTS_ANY, "(\"的猫\" OR \"猫叫\" OR \"叫什\" OR \"猫\")");
    check_match("北京,iPhone15 the well-known", FTS_ANY,
                "(\"北京\" OR \"iPhone15\" OR \"well-known\" OR \"北\" OR \"京\")");
    check_match("北京南京东京西京燕京", FTS_ANY,
                "(\"北京\" OR \"京南\" OR \"南京\" OR \"京东\" OR \"东京\" OR \"京西\" OR \"西京\" OR "
                "\"京燕\" OR \"燕京\")");
    check_match("猫 狗", FTS_ANY, "(\"猫\" OR \"狗\")");
    check_match("\"a\tb\"", FTS_ALL, "(\"a b\")");
}

static void test_hostile(void **state)
{
    (void)state;
    static const char *const pieces[] = { "\"", "(", "汉", "\" AND ", "-\"", "q", "\xE4" };
    static const char broken[] = "kyoto\0 shop\xFF\"\xE4\xB8 run";
    char got[200];
    struct buf many;
    fill();
    find(broken, sizeof(broken) - 1, FTS_ALL, got);
    assert_string_equal(got, "4");
    find("\0\0", 2, FTS_ALL, got);
    assert_string_equal(got, "");
    buf_init(&many, 2u << 20);
    while (many.len < 1u << 20)
        buf_printf(&many, "-w%zu ", many.len);
    find(many.data, many.len, FTS_ALL, got);
    assert_string_equal(got, "");
    find(many.data, many.len, FTS_ANY, got);
    assert_string_equal(got, "");
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        buf_reset(&many);
        while (many.len < 1u << 20)
            buf_puts(&many, pieces[i]);
        find(many.data, many.len, FTS_ALL, got);
        find(many.data, many.len, FTS_ANY, got);
    }
    buf_finish(&many);
    sqlite3_close(db);
}

static void test_register(void **state)
{
    (void)state;
    char got[200];
    fill();
    assert_int_equal(fts_register(db, NULL), 0); /* again: no harm */
    find("北京", 6, FTS_ALL, got);
    assert_string_equal(got, "1");
    assert_int_not_equal(
        sqlite3_exec(db, "CREATE VIRTUAL TABLE x USING fts5(t, tokenize = 'anima odd')", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* ---- forgetting ---- */

static size_t occurrences(const char *path, const char *word)
{
    FILE *f = fopen(path, "rb");
    size_t n = 0, found = 0, len = strlen(word);
    char *data = mem_alloc(8u << 20);
    assert_non_null(data);
    if (f) {
        n = fread(data, 1, 8u << 20, f);
        fclose(f);
    }
    assert_true(n < 8u << 20);
    for (const char *at = data; (at = memmem(at, n - (size_t)(at - data), word, len)) != NULL; at++)
        found++;
    mem_free(data);
    return found;
}

static size_t occurrences_in_all(const char *path, const char *word)
{
    char log[200];
    snprintf(log, sizeof(log), "%s-wal", path);
    return occurrences(path, word) + occurrences(log, word);
}

static void add_many(int from, int n)
{
    char text[200];
    run("BEGIN");
    for (int i = from; i < from + n; i++) {
        snprintf(text, sizeof(text), "turn %d: they talked of tea and word%d；第%d次说起天气", i, i * 7919 % 10007, i);
        add(i, text);
    }
    run("COMMIT");
}

static const char *const secrets[] = { "quetzalcoatl", "饕", "Quetzalcoatl", "饕餮" };

static void check_forgotten(const char *path)
{
    char got[200];
    for (size_t i = 0; i < 4; i++)
        if (occurrences_in_all(path, secrets[i]))
            fail_msg("\"%s\" is still in the file", secrets[i]);
    find("quetzalcoatl", 12, FTS_ALL, got);
    assert_string_equal(got, "");
    find("word7919", 8, FTS_ALL, got);
    assert_string_equal(got, "1");
    run("INSERT INTO said(said) VALUES('integrity-check')");
}

/* A store as store.c opens it, with two turns to be forgotten among many others. */
static void open_file(char *path)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    open_table(path);
    run("PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY");
}

static void fill_file(const char *path)
{
    add_many(1, 600);
    add(1000, "Quetzalcoatl画的是饕餮");
    add(1001, "again Quetzalcoatl, who eats 饕餮");
    add_many(2000, 600);
    for (size_t i = 0; i < 4; i++)
        assert_true(occurrences_in_all(path, secrets[i]) > 0);
}

static void remove_file(const char *path)
{
    static const char *const endings[] = { "", "-wal", "-shm" };
    char name[200];
    sqlite3_close(db);
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof(name), "%s%s", path, endings[i]);
        unlink(name);
    }
}

static void test_forget(void **state)
{
    (void)state;
    char path[] = "/tmp/anima-fts-XXXXXX";
    open_file(path);
    fill_file(path);
    run("DELETE FROM said WHERE rowid IN (1000, 1001)");
    run("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    assert_true(occurrences_in_all(path, secrets[0]) > 0); /* to delete is not to forget */
    run("INSERT INTO said(said) VALUES('optimize')");
    run("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    check_forgotten(path);
    remove_file(path);
}

/* The same where the text lies in a table of its own, and the index is told of it. */
static void test_forget_content(void **state)
{
    (void)state;
    char path[] = "/tmp/anima-fts-XXXXXX";
    open_file(path);
    run("DROP TABLE said; CREATE TABLE turn(id INTEGER PRIMARY KEY, text TEXT);"
        "CREATE VIRTUAL TABLE said USING fts5(text, content = 'turn', content_rowid = 'id', tokenize = 'anima')");
    with_turns = true;
    fill_file(path);
    run("INSERT INTO said(said, rowid, text) SELECT 'delete', id, text FROM turn WHERE id IN (1000, 1001);"
        "DELETE FROM turn WHERE id IN (1000, 1001)");
    run("INSERT INTO said(said) VALUES('optimize')");
    run("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    check_forgotten(path);
    with_turns = false;
    remove_file(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search),         cmocka_unit_test(test_recall),   cmocka_unit_test(test_expression),
        cmocka_unit_test(test_hostile),        cmocka_unit_test(test_register), cmocka_unit_test(test_forget),
        cmocka_unit_test(test_forget_content),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
