/* Who is who in a book: by names, by addresses, by what exports tell; who is left out, and under what names. */
#include "records.h"

static const struct twin_author *author(const struct records *t, const char *name)
{
    for (size_t i = 0; i < t->people.n; i++)
        if (strcmp(t->people.list[i].name, name) == 0)
            return &t->people.list[i];
    fail_msg("%s is not there", name);
    return NULL;
}

static struct records *some(void)
{
    struct records *t = records_new();
    say(t, "Bob", 0, "Bob", "hi");
    say(t, "Bob", 1, "Anna L.", "hello");
    say(t, "王芳", 0, "王芳", "在吗");
    say(t, "王芳", 1, "Anna L.", "在");
    mail(t, "Trip", 1, "Robert <bob@example.org>", "shall we go?");
    mail(t, "Trip", 2, "Anna L. <anna@example.org>", "yes");
    return t;
}

static void test_me(void **state)
{
    (void)state;
    struct records *t = some();
    anima_error err;
    assert_int_equal(choose(t, NULL, NULL, &err), 0);
    assert_false(t->people.me);
    assert_int_equal(choose(t, " anna l. ", NULL, &err), 0);
    assert_true(t->people.me);
    assert_true(author(t, "Anna L.")->me && author(t, "Anna L. <anna@example.org>")->me);
    assert_false(author(t, "Bob")->me);
    assert_int_equal(author(t, "Anna L.")->records, 2);
    assert_int_equal(author(t, "Anna L.")->talks, 2);
    assert_int_equal(choose(t, "ANNA@example.org", NULL, &err), 0);
    assert_true(author(t, "Anna L. <anna@example.org>")->me);
    assert_false(author(t, "Anna L.")->me);
    records_free(t);
}

static void test_owner(void **state)
{
    (void)state;
    struct records *t = records_new();
    anima_error err;
    say(t, "Bob", 0, "Bob", "hi");
    struct twin_record *r = say(t, "Bob", 1, "", "hello");
    r->own = 1;
    add(t, TWIN_TEXT, 2, "", "A note.");
    assert_int_equal(choose(t, NULL, NULL, &err), 0);
    assert_true(t->people.me);
    assert_int_equal(twin_people_side(&t->people, &t->list[0]), TWIN_OTHER);
    assert_int_equal(twin_people_side(&t->people, r), TWIN_ME);
    assert_int_equal(twin_people_side(&t->people, &t->list[2]), TWIN_ME);
    records_free(t);
    t = records_new();
    add(t, TWIN_TEXT, 0, "", "Nothing but notes.");
    assert_int_equal(choose(t, NULL, NULL, &err), 0);
    assert_true(t->people.me);
    records_free(t);
}

static void refuses(struct records *t, const char *me, const char *without, int code, const char *why)
{
    anima_error err = { 0 };
    if (choose(t, me, without, &err) != code || !strstr(err.message, why))
        fail_msg("%d %s, not %d %s", err.code, err.message, code, why);
}

static void test_unknown(void **state)
{
    (void)state;
    struct records *t = some();
    refuses(t, "Ana L", NULL, ANIMA_E_NOT_FOUND,
            "--me \"Ana L\": nobody and no conversation there is called so; near are \"Anna L.\"");
    refuses(t, "Anna L.", "王方", ANIMA_E_NOT_FOUND, "\"王芳\"");
    refuses(t, "Anna L.", "example", ANIMA_E_NOT_FOUND, "bob@example.org");
    refuses(t, "Anna L.", "Qux", ANIMA_E_NOT_FOUND, "called so");
    refuses(t, "Anna L.", "Anna L.", ANIMA_E_INVALID, "the twin is to be of");
    records_free(t);
}

static void test_out(void **state)
{
    (void)state;
    struct records *t = some();
    anima_error err;
    mail(t, "News", 3, "bob@example.org", "news");
    mail(t, "News", 4, "Anna L. <anna@example.org>", "fine");
    mail(t, "Silent", 5, "Anna L.", "did you get this?")->with = "Anna L.\nBOB@example.org";
    mail(t, "Party", 6, "Anna L.", "all of you")->group = 1;
    assert_int_equal(choose(t, "Anna L.", "robert", &err), 0);
    /* by his address he is the one in the other mails, too; somebody called Bob is not */
    assert_true(author(t, "Robert <bob@example.org>")->out && author(t, "bob@example.org")->out);
    assert_false(author(t, "Bob")->out);
    static const int out[] = { 0, 0, 0, 0, 1, 1, 1, 1, 1, 0 };
    for (size_t i = 0; i < t->book.n_records; i++)
        if (twin_people_talk_out(&t->people, &t->list[i]) != (out[i] == 1))
            fail_msg("record %zu", i);
    records_free(t);
}

static void test_title(void **state)
{
    (void)state;
    struct records *t = records_new();
    anima_error err;
    say_group(t, "Work chat", 0, "Carol", "hi all");
    say_group(t, "Work chat", 1, "Anna L.", "hello");
    say(t, "Dave", 1, "Anna L.", "are you there?"); /* he never answered */
    say(t, "Carol", 1, "Carol", "lunch?");
    say(t, "Carol", 1, "Anna L.", "yes");
    assert_int_equal(choose(t, "Anna L.", "work CHAT", &err), 0);
    assert_int_equal(twin_people_side(&t->people, &t->list[1]), TWIN_OUT);
    assert_int_equal(twin_people_side(&t->people, &t->list[3]), TWIN_OTHER);
    assert_int_equal(choose(t, "Anna L.", "Dave", &err), 0);
    assert_int_equal(twin_people_side(&t->people, &t->list[2]), TWIN_OUT);
    assert_int_equal(twin_people_side(&t->people, &t->list[4]), TWIN_ME);
    records_free(t);
}

static void test_top(void **state)
{
    (void)state;
    struct records *t = some();
    const struct twin_author *top[3];
    anima_error err;
    assert_int_equal(choose(t, NULL, NULL, &err), 0);
    assert_int_equal(twin_people_top(&t->people, top, 2), 2);
    assert_string_equal(top[0]->name, "Anna L.");
    assert_int_equal(twin_people_name("Anna L. <a@b.c>"), 7);
    assert_int_equal(twin_people_name("a <b"), 4);
    records_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_me),  cmocka_unit_test(test_owner), cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_out), cmocka_unit_test(test_title), cmocka_unit_test(test_top),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
