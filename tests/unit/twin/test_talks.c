/* Records become conversations, own lines and texts: what is one message, what answers what, where a conversation ends. */
#include "records.h"

#include "corpus/report.h"

static void test_private(void **state)
{
    (void)state;
    struct records *t = records_new();
    say(t, "Bob", 0, "Bob", "hi");
    say(t, "Bob", 2, "Bob", "are you there?");
    say(t, "Bob", 3, "Anna", "yes");
    say(t, "Bob", 4, "Anna", "just back");
    say(t, "Bob", 200, "Bob", "ok");
    say(t, "Bob", 210, "Anna", "see you tomorrow then");
    say(t, "Bob", 211, "Bob", "bye");
    make_talks(t, "Anna", NULL);
    talks_are(t, "## en Bob\n> hi/are you there?\nyes/just back\n> ok\nsee you tomorrow then\n- unanswered 1\n");
    assert_int_equal(t->talks.exchanges, 2);
    records_free(t);
}

static void test_silence(void **state)
{
    (void)state;
    struct records *t = records_new();
    say(t, "李雷", 0, "李雷", "吃了吗");
    say(t, "李雷", 1, "安娜", "吃了");
    say(t, "李雷", 1 + TWIN_GAP_MIN, "李雷", "还在吗");
    say(t, "李雷", 2 + TWIN_GAP_MIN, "安娜", "在的");
    say(t, "李雷", 3 + 2 * TWIN_GAP_MIN, "李雷", "早");
    say(t, "李雷", 4 + 2 * TWIN_GAP_MIN, "安娜", "早啊");
    make_talks(t, "安娜", NULL);
    talks_are(t, "## zh 李雷\n> 吃了吗\n吃了\n> 还在吗\n在的\n## zh 李雷\n> 早\n早啊\n");
    records_free(t);
}

/* What nobody asked for stands alone; the conversation begins behind it. */
static void test_alone(void **state)
{
    (void)state;
    struct records *t = records_new();
    say(t, "Bob", 0, "Anna", "the train\nis late again");
    say(t, "Bob", 5, "Bob", "oh no");
    say(t, "Bob", 6, "Anna", "oh yes");
    say(t, "Bob", 6 + TWIN_CLOSE_MIN + 1, "Anna", "now I am on it");
    say(t, "Bob", 50, "Bob", "good");
    say(t, "Bob", 51, "Anna", "quite");
    say(t, "Bob", 1000, "Anna", "ok?");
    make_talks(t, "Anna", NULL);
    talks_are(t, "## en Bob\n> oh no\noh yes\n## en Bob\n> good\nquite\n= en the train is late again\n= en now I am on "
                 "it\n- short 1\n");
    records_free(t);
}

/* An older line is not what is answered. */
static void test_stale(void **state)
{
    (void)state;
    struct records *t = records_new();
    say(t, "Bob", 0, "Bob", "lunch?");
    say(t, "Bob", 100, "Bob", "dinner?");
    say(t, "Bob", 300, "Anna", "dinner, yes");
    make_talks(t, "Anna", NULL);
    talks_are(t, "## en Bob\n> dinner?\ndinner, yes\n- unanswered 1\n");
    records_free(t);
}

static void test_group(void **state)
{
    (void)state;
    struct records *t = records_new();
    for (int i = 0; i < 5; i++)
        say_group(t, "Hikers", i, i % 2 ? "Bob" : "Carol",
                  (const char *[]){ "one", "two", "three", "four", "five" }[i]);
    say_group(t, "Hikers", 6, "Anna", "six of us then");
    say_group(t, "Hikers", 7, "Dave", "seven");
    say_group(t, "Hikers", 7 + TWIN_CLOSE_MIN + 1, "Anna", "good night to all");
    make_talks(t, "Anna", NULL);
    /* no names; what comes late answers nobody */
    talks_are(t, "## en group Carol\n> three/four/five\nsix of us then\n= en good night to all\n- unanswered 3\n");
    records_free(t);
}

static void test_out(void **state)
{
    (void)state;
    struct records *t = records_new();
    say_group(t, "Hikers", 0, "Carol", "who comes?");
    say_group(t, "Hikers", 1, "Anna", "I do");
    say_group(t, "Hikers", 2, "Bob", "secret of Bob");
    say_group(t, "Hikers", 3, "Anna", "really, Bob?");
    say_group(t, "Hikers", 4, "Anna", "I cannot believe it");
    say_group(t, "Hikers", 60, "Carol", "rain tomorrow");
    say_group(t, "Hikers", 61, "Anna", "bring coats");
    say_group(t, "Hikers", 120, "Bob", "another secret");
    say_group(t, "Hikers", 121, "Carol", "hm");
    say_group(t, "Hikers", 122, "Anna", "what do you mean, Bob");
    say(t, "Bob", 0, "Bob", "private");
    say(t, "Bob", 1, "Anna", "also private");
    make_talks(t, "Anna", "bob");
    talks_are(t, "## en group Carol\n> who comes?\nI do\n## en group Carol\n> rain tomorrow\nbring coats\n"
                 "- person 4\n- behind 3\n- unanswered 1\n");
    assert_int_equal(t->talks.silent, 0);
    records_free(t);
}

static char *long_text(char c, size_t n)
{
    char *s = malloc(n + 1);
    memset(s, c, n);
    s[n] = '\0';
    return s;
}

static void test_long(void **state)
{
    (void)state;
    struct records *t = records_new();
    char *answer = long_text('a', CORPUS_MAX_ANSWER + 1), *said = long_text('b', 5000),
         wanted[2 * CORPUS_MAX_ANSWER + 500];
    say(t, "Bob", 0, "Bob", "tell me all");
    say(t, "Bob", 1, "Anna", answer);
    say(t, "Bob", 2, "Bob", said);
    say(t, "Bob", 3, "Anna", "so it is");
    make_talks(t, "Anna", NULL);
    snprintf(wanted, sizeof(wanted), "## en Bob\n> %.*s…\nso it is\n* en : %s\n- unanswered 1\n", TWIN_SAID, said,
             answer);
    talks_are(t, wanted);
    free(answer);
    free(said);
    records_free(t);
}

static void test_mail(void **state)
{
    (void)state;
    struct records *t = records_new();
    mail(t, "Trip", 0, "Bob <bob@example.org>", "Shall we go?");
    mail(t, "Trip", 9, "Bob <bob@example.org>", "Well?\nI have to book.");
    mail(t, "Trip", 12, "Anna <anna@example.org>", "Yes, book it.");
    mail(t, "Trip", 13, "Anna <anna@example.org>", "And a room, please.");
    mail(t, "Trip", 13 + TWIN_THREAD_DAYS + 1, "Bob <bob@example.org>", "Was it nice?");
    mail(t, "Trip", 14 + TWIN_THREAD_DAYS + 1, "Anna <anna@example.org>", "Very.");
    make_talks(t, "anna@example.org", NULL);
    talks_are(t, "## en Bob <bob@example.org>\n> Well?/I have to book.\nYes, book it.\n## en Bob <bob@example.org>\n> "
                 "Was it nice?\nVery.\n"
                 "= en And a room, please.\n- unanswered 1\n");
    records_free(t);
}

static void test_singles(void **state)
{
    (void)state;
    struct records *t = records_new();
    add(t, TWIN_POST, 0, "anna", "今天的云真好看")->own = 1;
    add(t, TWIN_POST, 1, "carol", "somebody else's toot");
    add(t, TWIN_TEXT, 2, "", "A note.\nOf two lines.")->title = "Rain";
    add(t, TWIN_TEXT, 3, "carol", "A guest's page.");
    say(t, "Quiet", 0, "Dave", "anybody?");
    make_talks(t, NULL, NULL);
    talks_are(t, "= zh 今天的云真好看\n* en Rain: A note./Of two lines.\n- unanswered 1\n- others 2\n");
    assert_int_equal(t->talks.silent, 1);
    records_free(t);
}

/* By time, whatever the order of files; what has no time comes behind what stood in front of it. */
static void test_order(void **state)
{
    (void)state;
    struct records *t = records_new();
    say(t, "Bob", 10, "Bob", "second?");
    say(t, "Carol", 0, "Carol", "另一个");
    say(t, "Bob", 11, "Anna", "second");
    say(t, "Bob", -1, "Bob", "and?");
    say(t, "Bob", 12, "Anna", "nothing more");
    say(t, "Bob", 0, "Bob", "first?");
    say(t, "Carol", 1, "Anna", "好的");
    say(t, "Bob", 1, "Anna", "first");
    make_talks(t, "Anna", NULL);
    talks_are(t, "## en Bob\n> first?\nfirst\n> second?\nsecond\n> and?\nnothing more\n## zh Carol\n> 另一个\n好的\n");
    records_free(t);
}

/* At most 64 messages, and no more than a line of a corpus may have. */
static void test_limits(void **state)
{
    (void)state;
    struct records *t = records_new();
    char *wide = long_text('"', 500);
    for (int i = 0; i < 40; i++) {
        say(t, "Bob", 2 * i, "Bob", "and?");
        say(t, "Bob", 2 * i + 1, "Anna", "more of it");
        say(t, "Carol", 2 * i, "Carol", wide);
        say(t, "Carol", 2 * i + 1, "Anna", wide);
    }
    make_talks(t, "Anna", NULL);
    assert_int_equal(t->talks.exchanges, 80);
    assert_int_equal(t->talks.list[0].n, CORPUS_MAX_MESSAGES);
    assert_int_equal(t->talks.list[1].n, 16);
    for (size_t i = 2; i < t->talks.n; i++)
        assert_true(t->talks.list[i].n * 1050 < CORPUS_MAX_LINE && t->talks.list[i].n >= 2);
    assert_true(t->talks.n > 6);
    free(wide);
    records_free(t);
}

static void test_units(void **state)
{
    (void)state;
    size_t han, words;
    twin_units("我爱 don't panic, 42 ！", &han, &words);
    assert_int_equal(han, 2);
    assert_int_equal(words, 2);
    twin_units("", &han, &words);
    assert_int_equal(han + words, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_private), cmocka_unit_test(test_silence), cmocka_unit_test(test_alone),
        cmocka_unit_test(test_stale),   cmocka_unit_test(test_group),   cmocka_unit_test(test_out),
        cmocka_unit_test(test_long),    cmocka_unit_test(test_mail),    cmocka_unit_test(test_singles),
        cmocka_unit_test(test_order),   cmocka_unit_test(test_limits),  cmocka_unit_test(test_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
