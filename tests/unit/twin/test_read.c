/* Reading a folder of exports: which reader a file finds, encodings, limits, notes, whom a name means. */
#include "base/fs.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "reading.h"

#include <sys/stat.h>
#include <unistd.h>

/* ---- notes ---- */

static void test_notes(void **state)
{
    (void)state;
    reads("diary/2023-05-04 rain.md", "# Rain\r\n\r\nIt rained all day.  \r\n\tI stayed in.\x01\n\n",
          "text 2023-05-04 04:00:00 {2023-05-04 rain} : # Rain\\n\\nIt rained all day.\\n I stayed in.\n"
          "# diary/2023-05-04 rain.md text 1 records, 0 notices\n");
    reads("我的家.txt", "　　我家在海边。\n　　院子里有一棵枇杷树。\n",
          "text - {我的家} : 我家在海边。\\n　　院子里有一棵枇杷树。\n# 我的家.txt text 1 records, 0 notices\n");
    reads("a.txt", " \n\n", "# a.txt text 0 records, 1 notices\n");
    reads("a.log", "something\n", "# a.log - 0 records, 0 notices: its form is not known here\n");
    reads("2023-13-45.md", "x", "text - {2023-13-45} : x\n# 2023-13-45.md text 1 records, 0 notices\n");
}

static void test_unknown_chat(void **state)
{
    (void)state;
    reads("a.txt",
          "2020-01-01 10:00 <anna> hi\n2020-01-01 10:01 <bob> hello\n2020-01-01 10:02 <anna> so\n"
          "2020-01-01 10:03 <bob> yes\n",
          "# a.txt text 0 records, 0 notices: it looks like a chat, in a form that is not known here\n");
    reads("b.txt",
          "2020-01-01 10:00 I got up.\nThen I had tea and looked at the sea.\nIt was still there.\nSo was I.\n",
          "text - {b} : 2020-01-01 10:00 I got up.\\nThen I had tea and looked at the sea.\\nIt was still there.\\nSo "
          "was "
          "I.\n# b.txt text 1 records, 0 notices\n");
}

/* ---- encodings ---- */

static void reads_bytes(const char *data, size_t n, const char *wanted)
{
    struct reading t;
    reading_begin(&t);
    reading_add(&t, "a.txt", data, n);
    reading_is(&t, wanted);
}

static void test_encodings(void **state)
{
    (void)state;
    static const char good[] = "text - {a} : 下雨了é\n# a.txt text 1 records, 0 notices\n";
    static const char bad[] = "# a.txt - 0 records, 0 notices: it is no text in UTF-8, UTF-16 or GB18030\n";
    reads_bytes("下雨了é", strlen("下雨了é"), good);
    reads_bytes("\xEF\xBB\xBF下雨了é", strlen("\xEF\xBB\xBF下雨了é"), good);
    reads_bytes("\xFF\xFE\x0B\x4E\xE8\x96\x86\x4E\xE9\x00", 10, good);
    reads_bytes("\xFE\xFF\x4E\x0B\x96\xE8\x4E\x86\x00\xE9", 10, good);
    reads_bytes("\xCF\xC2\xD3\xEA\xC1\xCB\xA8\xA6", 8, good); /* GB18030 */
    reads_bytes("\xFF\xFE\x0B\x4E\xE8", 5, bad);              /* half a character */
    reads_bytes("\xFF\xFE\x00\x00", 4, bad);
    reads_bytes("\xFF\xFE\x00\xD8", 4, bad); /* half of a pair */
    reads_bytes("\xEF\xBB\xBF\xFF", 4, bad);
    reads_bytes("caf\xE9 au lait", 12, bad);
    reads_bytes("a\0b", 3, bad);
    reads_bytes("\xFF\xFE", 2, "# a.txt text 0 records, 1 notices\n");
    reads_bytes("", 0, "# a.txt text 0 records, 1 notices\n");
}

static void test_clean(void **state)
{
    (void)state;
    /* Marks of direction, zero width blanks, soft hyphens, C1; an emoji keeps what joins it. */
    reads("a.md",
          "\xE2\x80\x8E"
          "a\xE2\x80\xAF"
          "b\xC2\xA0"
          "c\xC2\xAD"
          "d\xE2\x80\x8B"
          "e\xC2\x80"
          "f 👩‍👧\x7F",
          "text - {a} : a b cdef 👩‍👧\n# a.md text 1 records, 0 notices\n");
    reads("a.md",
          "one\rtwo\xE2\x80\xA8three \xC2\x85"
          "four\f",
          "text - {a} : one\\ntwo\\nthree\\nfour\n# a.md text 1 records, 0 notices\n");
}

/* ---- folders ---- */

static char dir[64];

static void write_file(const char *name, const char *data, size_t n)
{
    char *path = fs_join(dir, name, NULL), *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(fs_mkdirs(path, NULL), 0);
    *slash = '/';
    assert_int_equal(fs_write(path, data, n, 0600, NULL), 0);
    mem_free(path);
}

static int make_dir(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/anima-twin-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    fs_remove_tree(dir);
    return 0;
}

static void put(const char *name, const char *text) { write_file(name, text, strlen(text)); }

static void test_folder(void **state)
{
    (void)state;
    struct reading t;
    anima_error err;
    char path[200];
    put("b/Notes.md", "Second.");
    put("z.md", "First.");
    put("b/copy.md", "First.");
    put("b/.hidden.md", "hidden");
    put("b/empty.txt", "");
    put("b/README.txt", "This is an archive.");
    put("b/all.zip", "PK");
    write_file("b/photo.jpg", "\xFF\xD8\xFF\xE0\0\x10JFIF", 10);
    put("1/2/3/4/5/6/7/8/in.md", "Deep.");
    put("1/2/3/4/5/6/7/8/9/out.md", "Too deep.");
    put("odd\xFF.md", "Odd.");
    snprintf(path, sizeof(path), "%s/b/link.md", dir);
    assert_int_equal(symlink("Notes.md", path), 0);
    snprintf(path, sizeof(path), "%s/loop", dir);
    assert_int_equal(symlink("..", path), 0);
    snprintf(path, sizeof(path), "%s/b/pipe", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    reading_begin(&t);
    if (twin_reading_folder(t.r, dir, &err))
        fail_msg("%s", err.message);
    reading_is(&t, "text - {odd\xEF\xBF\xBD} : Odd.\n"
                   "text - {z} : First.\n"
                   "text - {in} : Deep.\n"
                   "text - {Notes} : Second.\n"
                   "# loop - 0 records, 0 notices: a link: links are not followed\n"
                   "# odd\xEF\xBF\xBD.md text 1 records, 0 notices\n"
                   "# z.md text 1 records, 0 notices\n"
                   "# 1/2/3/4/5/6/7/8/in.md text 1 records, 0 notices\n"
                   "# 1/2/3/4/5/6/7/8/9 - 0 records, 0 notices: its folders are too deep\n"
                   "# b/Notes.md text 1 records, 0 notices\n"
                   "# b/README.txt - 0 records, 0 notices: about the files beside it, not their owner's words\n"
                   "# b/all.zip - 0 records, 0 notices: an archive: unpack it into the folder\n"
                   "# b/copy.md - 0 records, 0 notices: it is the same as z.md\n"
                   "# b/empty.txt - 0 records, 0 notices: it is empty\n"
                   "# b/link.md - 0 records, 0 notices: a link: links are not followed\n"
                   "# b/photo.jpg - 0 records, 0 notices: it is no text\n"
                   "# b/pipe - 0 records, 0 notices: it is not a file\n");
}

static void test_folder_is_a_file(void **state)
{
    (void)state;
    struct reading t;
    anima_error err = { 0 };
    char path[200];
    put("in/Notes.md", "Mine.");
    snprintf(path, sizeof(path), "%s/in/Notes.md", dir);
    reading_begin(&t);
    assert_int_equal(twin_reading_folder(t.r, path, &err), 0);
    snprintf(path, sizeof(path), "%s/missing", dir);
    assert_int_equal(twin_reading_folder(t.r, path, &err), ANIMA_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "missing"));
    reading_is(&t, "text - {Notes} : Mine.\n# Notes.md text 1 records, 0 notices\n");
}

/* Years of mails are larger than other files may be; what is attached is not looked at. */
static void test_large_mbox(void **state)
{
    (void)state;
    struct reading t;
    anima_error err = { 0 };
    char path[200];
    static const char head[] = "From 1 Wed Jan  1 10:00:00 2020\nFrom: a@example.org\n\n";
    static const char second[] = "\n\nFrom 2 Wed Jan  1 10:00:00 2020\nFrom: a@example.org\n\nStill here.\n";
    char first[5000]; /* more than is looked at to know what it is */
    memset(first, 'x', sizeof(first));
    memcpy(first, head, strlen(head));
    write_file("All.mbox", first, sizeof(first));
    put("All.txt", "1");
    snprintf(path, sizeof(path), "%s/All.mbox", dir);
    assert_int_equal(truncate(path, TWIN_MAX_FILE), 0); /* a hole, which costs no disk */
    assert_int_equal(fs_append(path, second, strlen(second), 0600, NULL), 0);
    snprintf(path, sizeof(path), "%s/All.txt", dir);
    assert_int_equal(truncate(path, TWIN_MAX_FILE + 1), 0);
    reading_begin(&t);
    if (twin_reading_folder(t.r, dir, &err))
        fail_msg("%s", err.message);
    reading_is(&t, "mail - {} with a@example.org a@example.org: Still here.\n"
                   "# All.mbox mail 1 records, 1 notices\n"
                   "# All.txt - 0 records, 0 notices: it is no text\n");
}

/* ---- limits ---- */

static void test_limits(void **state)
{
    (void)state;
    struct reading t;
    size_t n = TWIN_MAX_TEXT + 1;
    char *big = malloc(n);
    assert_non_null(big);
    memset(big, 'a', n);
    reading_begin(&t);
    reading_add(&t, "a.md", big, n);
    char head[] = "1/2/20, 10:00 - Anna: so\n1/2/20, 10:01 - Anna: ";
    size_t at = strlen(head) + TWIN_MAX_MESSAGE + 1;
    memcpy(big, head, strlen(head)); /* then a line of 16 MiB */
    reading_add(&t, "b.txt", big, n);
    big[at] = '\n';
    memcpy(big + at + 1, "1/2/20, 10:02 - Anna: no", 24);
    reading_add(&t, "c.txt", big, at + 1 + 24);
    reading_is(&t, "message 2020-02-01 02:00:00 {b} Anna: so\n"
                   "message 2020-02-01 02:00:00 {c} Anna: so\n"
                   "message 2020-02-01 02:02:00 {c} Anna: no\n"
                   "# a.md text 0 records, 0 notices: 16777217 bytes are too many for one text (16777216)\n"
                   "# b.txt whatsapp 1 records, 0 notices: line 2 has 16777192 bytes; at most 1048576 are read\n"
                   "# c.txt whatsapp 2 records, 1 notices\n");
    free(big);
}

/* ---- memory ---- */

/* A file of every form. */
static const struct {
    const char *name, *data;
} samples[] = {
    { "a.txt", "1/2/20, 10:00 - Anna: so\n1/2/20, 10:01 - Bob: yes\nand more\n" },
    { "b/a.txt", "1/2/20, 10:00 - Anna: so\n1/2/20, 10:03 - Bob: no\n" },
    { "b.md", "words" },
    { "qq.txt", "消息对象:海\n\n2020-01-01 10:00:00 安娜(10001)\n好\n" },
    { "w.csv", "IsSender,StrContent\n1,\"a\nb\"\n0,c\n" },
    { "t.json", "{\"type\":\"personal_chat\",\"id\":7,\"name\":\"Bob\",\"messages\":[{\"type\":\"message\",\"from\":"
                "\"Bob\",\"from_id\":"
                "\"user7\",\"text\":[\"a\",{\"text\":\"b\"}]}]}" },
    { "d.json", "{\"guild\":{\"name\":\"g\"},\"channel\":{\"id\":\"1\",\"type\":\"x\"},\"messages\":[{\"content\":"
                "\"a\",\"author\":"
                "{\"name\":\"n\",\"nickname\":\"k\"}}]}" },
    { "m.json", "{\"participants\":[{\"name\":\"A\"},{\"name\":\"B\"}],\"title\":\"B\",\"messages\":[{\"sender_name\":"
                "\"A\",\"content\":"
                "\"x\"}]}" },
    { "s/dms.json", "[{\"id\":\"D1\",\"members\":[\"U1\",\"U2\"]}]" },
    { "s/users.json", "[{\"id\":\"U1\",\"profile\":{\"real_name\":\"Anna\"}}]" },
    { "s/D1/1.json", "[{\"type\":\"message\",\"ts\":\"1\",\"user\":\"U1\",\"text\":\"<@U2> &amp;\"}]" },
    { "o.json", "{\"type\":\"OrderedCollection\",\"orderedItems\":[{\"type\":\"Create\",\"to\":[\"#Public\"],"
                "\"object\":{\"type\":"
                "\"Note\",\"content\":\"<p>a</p>\"}}]}" },
    { "tweets.js", "window.YTD.tweets.part0 = [{\"tweet\":{\"full_text\":\"a\"}}]" },
    { "l.jsonl", "{\"anima\":1,\"kind\":\"memory\"}\n{\"talk\":\"a\",\"with\":[\"B\"],\"speaker\":\"A\",\"text\":\"x\","
                 "\"class\":\"secret\",\"witnesses\":[\"A\"]}\n" },
    { "m.eml", "From: A <a@example.org>\nTo: b@example.org\nMessage-ID: <1>\n\nyes\n" },
};

/* Every allocation fails once: then it is said, and nothing is lost that should have been given back. */
static void test_out_of_memory(void **state)
{
    (void)state;
    int failed = 0;
    for (long at = 1, whole = 0; !whole; at++) {
        struct arena arena;
        struct twin_book book = { .arena = &arena };
        anima_error err = { 0 };
        arena_init(&arena, READING_ARENA);
        mem_fail_at(at, 0);
        struct twin_reading *r = twin_reading_new(&book);
        int rc = r ? ANIMA_OK : ANIMA_E_NOMEM;
        for (size_t i = 0; !rc && i < sizeof(samples) / sizeof(samples[0]); i++) {
            rc = twin_reading_add(r, samples[i].name, samples[i].data, strlen(samples[i].data), &err);
            assert_true(!rc || *err.message);
        }
        int end = twin_reading_end(r);
        whole = mem_count() < at;
        mem_fail_at(0, 0);
        if (whole)
            assert_int_equal(book.n_records, 15);
        if (whole ? rc || end : rc != ANIMA_E_NOMEM && end != ANIMA_E_NOMEM)
            fail_msg("allocation %ld: %d, %d", at, rc, end);
        arena_finish(&arena);
        failed++;
    }
    assert_true(failed > 60);
}

static void test_full_arena(void **state)
{
    (void)state;
    struct arena arena;
    struct twin_book book = { .arena = &arena };
    anima_error err = { 0 };
    char text[4000];
    memset(text, 'a', sizeof(text));
    arena_init(&arena, 8000);
    struct twin_reading *r = twin_reading_new(&book);
    assert_int_equal(twin_reading_add(r, "a.md", text, sizeof(text), &err), ANIMA_E_NOMEM);
    assert_non_null(strstr(err.message, "a.md"));
    assert_int_equal(twin_reading_add(r, "b.md", "b", 1, &err), ANIMA_E_NOMEM);
    twin_reading_end(r);
    arena_finish(&arena);
}

/* ---- names ---- */

static void test_named(void **state)
{
    (void)state;
    static const struct {
        const char *author, *name;
        bool same;
    } cases[] = {
        { "Anna L.", "anna l.", true },
        { "Anna L.", " ANNA L.\t", true },
        { "Anna L.", "Anna", false },
        { "Anna L. <anna@example.org>", "Anna@Example.org", true },
        { "Anna L. <anna@example.org>", "anna l.", true },
        { "Anna L. <anna@example.org>", "anna l. <anna@example.org>", true },
        { "Anna L. <anna@example.org>", "Anna L. ", true },
        { "Anna L. <anna@example.org>", "example.org", false },
        { "Анна Ёж", "анна ёж", true },
        { "ΆΝΝΑ Ω", "ΆΝΝΑ ω", true },
        { "ÉCOLE Żuraw", "école żuraw", true },
        { "安娜 <10001>", "安娜", true },
        { "安娜 <10001>", "10001", true },
        { "安娜", "安", false },
        { "Ａｎｎ", "ａｎｎ", true },
        { "×", "÷", false },
        { "<>", "", false },
        { "<a>", "a", false },
        { "", "", false },
        { "", "a", false },
        { "Anna", "  ", false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (twin_named(cases[i].author, cases[i].name) != cases[i].same)
            fail_msg("\"%s\", \"%s\"", cases[i].author, cases[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_unknown_chat),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_clean),
        cmocka_unit_test_setup_teardown(test_folder, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(test_folder_is_a_file, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(test_large_mbox, make_dir, remove_dir),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_full_arena),
        cmocka_unit_test(test_named),
    };
    return cmocka_run_group_tests(tests, reading_zone, NULL);
}
