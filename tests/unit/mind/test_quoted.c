/* Passages in words: their places in both languages, what has room, what an answer made of one looks like. */
#include "base/mem.h"
#include "mind/prompt.h"
#include "mind/quoted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void place(struct quoted_item item, const char *en, const char *zh)
{
    struct arena a;
    arena_init(&a, 1u << 16);
    assert_string_equal(quoted_place(&a, &item, "en"), en);
    assert_string_equal(quoted_place(&a, &item, "zh"), zh);
    arena_finish(&a);
}

static void places(void **state)
{
    (void)state;
    place((struct quoted_item){ "Lease", "", "", "3.2.", "Deposit", 4, "", false },
          "“Lease”, section 3.2 “Deposit”, page 4", "《Lease》，第3.2节“Deposit”，第4页");
    place((struct quoted_item){ "合同", "第二章", "押金", "第四条", "", 0, "", false }, "“合同”, 第二章 “押金”, 第四条",
          "《合同》，第二章“押金”，第四条");
    place((struct quoted_item){ "Bees", "", "", "", "Bees", 0, "", false }, "“Bees”", "《Bees》");
    place((struct quoted_item){ "a\nb", "", "", "", "", 2, "", false }, "“a b”, page 2", "《a b》，第2页");
}

static void texts(void **state)
{
    (void)state;
    struct arena a;
    char longer[2000];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    struct quoted_item items[] = { { "A", "", "", "", "", 1, "one\n\ntwo", false },
                                   { "B", "", "", "", "", 0, longer, false },
                                   { "C", "", "", "", "", 0, "three", false } };
    arena_init(&a, 1u << 16);
    const char *text = quoted_text(&a, items, 3, "en", 120);
    assert_non_null(strstr(text, "\n- from “A”, page 1: \"one  two\"\n- from “C”: \"three\""));
    assert_true(items[0].told && !items[1].told && items[2].told); /* what is too long leaves room for what is not */
    const char *lines = strchr(text, '\n');
    assert_true(prompt_tokens(lines, strlen(lines)) <= 120);
    items[0].told = false;
    assert_string_equal(quoted_text(&a, items, 1, "en", 3), "");
    assert_false(items[0].told);
    assert_non_null(strstr(quoted_text(&a, items, 1, "zh", 100), "出自《A》，第1页：“one  two”"));
    assert_string_equal(quoted_answer(&a, &items[2], "en"), "In “C” it says: \"three\"");
    assert_string_equal(quoted_answer(&a, &items[2], "zh"), "《C》里写着：“three”");
    arena_finish(&a);
    for (size_t cap = 0; cap < 2000; cap += 100) { /* with little memory: nothing, and no harm */
        arena_init(&a, cap);
        text = quoted_text(&a, items, 3, "en", 120);
        assert_true(!text || strstr(text, "three"));
        arena_finish(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(places), cmocka_unit_test(texts) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
