/* What people are called: forms of their names, and which of these mean somebody. */
#include "memory/called.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>

enum { MELANIE = 1, CAROLINE, GU, YI, OTHER };

static int begin(void **state)
{
    struct called *c = malloc(sizeof(*c));
    called_init(c);
    *state = c;
    return 0;
}

static int end(void **state)
{
    called_finish(*state);
    free(*state);
    return 0;
}

static void add(struct called *c, const char *name, int64_t person)
{
    assert_int_equal(called_add(c, name, person), 0);
}

/* Who is meant by a word; 0: nobody, -1: several. */
static int64_t meant(const struct called *c, const char *word)
{
    int64_t person = 0;
    for (size_t i = 0; i < c->n; i++)
        if (strcasecmp(c->texts[i], word) == 0)
            person = person ? -1 : c->people[i];
    return person;
}

static void english_names_have_short_forms(void **state)
{
    struct called *c = *state;
    add(c, "Melanie", MELANIE);
    add(c, "Caroline Ashworth", CAROLINE);
    add(c, "bob", OTHER);
    assert_int_equal(called_settle(c), 0);
    assert_int_equal(meant(c, "melanie"), MELANIE);
    assert_int_equal(meant(c, "Mel"), MELANIE);
    assert_int_equal(meant(c, "Melissa"), 0);
    assert_int_equal(meant(c, "Caroline"), CAROLINE);
    assert_int_equal(meant(c, "Caroline Ashworth"), CAROLINE);
    assert_int_equal(meant(c, "Ashworth"), 0);
    assert_int_equal(meant(c, "Robert"), OTHER);
    assert_int_equal(meant(c, "Rob"), 0); /* a word of its own */
}

/* A first word that is a word of its own, or a title, would be somebody wherever it stands. */
static void words_are_nobody(void **state)
{
    struct called *c = *state;
    add(c, "Can Yilmaz", MELANIE);
    add(c, "Dr. Lee", CAROLINE);
    add(c, "The Doctor", YI);
    add(c, "José García", OTHER);
    assert_int_equal(called_settle(c), 0);
    assert_int_equal(meant(c, "can"), 0);
    assert_int_equal(meant(c, "Dr."), 0);
    assert_int_equal(meant(c, "the"), 0);
    assert_int_equal(meant(c, "Can Yilmaz"), MELANIE);
    assert_int_equal(meant(c, "José"), OTHER);
}

static void a_form_of_two_people_means_nobody(void **state)
{
    struct called *c = *state;
    add(c, "Melanie", MELANIE);
    add(c, "Melissa", CAROLINE);
    add(c, "Theodore", OTHER);
    add(c, "Theo", GU);
    assert_int_equal(called_settle(c), 0);
    assert_int_equal(meant(c, "Mel"), 0);
    assert_int_equal(meant(c, "Theo"), GU); /* who bears it */
    assert_int_equal(meant(c, "Ted"), 0);
    assert_int_equal(meant(c, "Theodore"), OTHER);
}

static void two_may_have_the_same_name(void **state)
{
    struct called *c = *state;
    add(c, "Anna", MELANIE);
    add(c, "anna", CAROLINE);
    add(c, "Anna", CAROLINE);
    add(c, "", OTHER);
    assert_int_equal(called_settle(c), 0);
    assert_int_equal(c->n, 2);
    assert_int_equal(meant(c, "Anna"), -1);
}

static void chinese_make_them_of_a_surname(void **state)
{
    struct called *c = *state;
    add(c, "顾明远", GU);
    add(c, "方姐", YI);
    add(c, "小满", OTHER); /* no surname */
    assert_int_equal(called_settle(c), 0);
    assert_int_equal(meant(c, "明远"), GU);
    assert_int_equal(meant(c, "老顾"), GU);
    assert_int_equal(meant(c, "顾老师"), GU);
    assert_int_equal(meant(c, "小方"), YI);
    assert_int_equal(meant(c, "方阿姨"), YI);
    assert_int_equal(meant(c, "小满"), OTHER);
    assert_int_equal(meant(c, "老满"), 0);
}

static void words_for_somebody_have_no_forms(void **state)
{
    struct called *c = *state;
    assert_int_equal(called_add_plain(c, "i", MELANIE), 0);
    assert_int_equal(called_add_plain(c, "我", MELANIE), 0);
    add(c, "\xff\xfe", OTHER);
    add(c, "😀😀", OTHER);
    assert_int_equal(called_settle(c), 0);
    assert_int_equal(c->n, 4);
    assert_int_equal(meant(c, "I"), MELANIE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(english_names_have_short_forms, begin, end),
        cmocka_unit_test_setup_teardown(words_are_nobody, begin, end),
        cmocka_unit_test_setup_teardown(a_form_of_two_people_means_nobody, begin, end),
        cmocka_unit_test_setup_teardown(two_may_have_the_same_name, begin, end),
        cmocka_unit_test_setup_teardown(chinese_make_them_of_a_surname, begin, end),
        cmocka_unit_test_setup_teardown(words_for_somebody_have_no_forms, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
