/* Places that headings number and people ask for, in both languages. */
#include "document/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void number(const char *s, size_t len, enum place_kind kind, int n, int first, int second)
{
    struct place_number got;
    size_t took = place_number(s, strlen(s), &got);
    if (took != len || got.kind != kind ||
        (len && (got.n != n || got.parts[0] != first || (n > 1 && got.parts[1] != second))))
        fail_msg("%s: %zu bytes, kind %d, %d parts, %d %d", s, took, (int)got.kind, got.n, got.parts[0], got.parts[1]);
}

static void test_numbers(void **state)
{
    (void)state;
    number("Chapter 2: Rent", 9, PLACE_CHAPTER, 1, 2, 0);
    number("chapter twelve", 14, PLACE_CHAPTER, 1, 12, 0);
    number("CHAPTER XIV", 11, PLACE_CHAPTER, 1, 14, 0);
    number("Chapter Ivory", 0, PLACE_NONE, 0, 0, 0);
    number("Section 3.2 Deposit", 11, PLACE_SECTION, 2, 3, 2);
    number("§ 7", 4, PLACE_SECTION, 1, 7, 0);
    number("Appendix B", 10, PLACE_APPENDIX, 1, 2, 0);
    number("Article 4.", 9, PLACE_ARTICLE, 1, 4, 0);
    number("3.2 Deposit", 3, PLACE_BARE, 2, 3, 2);
    number("3. Deposit", 2, PLACE_BARE, 1, 3, 0);
    number("3 geese", 0, PLACE_NONE, 0, 0, 0);
    number("1990. A year", 0, PLACE_NONE, 0, 0, 0);
    number("第二章 租金", 9, PLACE_CHAPTER, 1, 2, 0);
    number("第一百二十三回", 21, PLACE_CHAPTER, 1, 123, 0);
    number("第 3 节", 9, PLACE_SECTION, 1, 3, 0);
    number("第十条", 9, PLACE_ARTICLE, 1, 10, 0);
    number("第二天", 0, PLACE_NONE, 0, 0, 0);
    number("三、其他", 6, PLACE_BARE, 1, 3, 0);
    number("（四）宠物", 9, PLACE_BARE, 1, 4, 0);
    number("一天早上", 0, PLACE_NONE, 0, 0, 0);
    number("附录一", 9, PLACE_APPENDIX, 1, 1, 0);
}

static struct document_section sections[] = {
    { .level = 1, .parent = -1, .number = "", .title = "Introduction" },
    { .level = 2, .parent = -1, .number = "Chapter 1", .title = "Rent" },
    { .level = 3, .parent = 1, .number = "1.1", .title = "Amount" },
    { .level = 2, .parent = -1, .number = "Chapter 2", .title = "Deposit" },
    { .level = 3, .parent = 3, .number = "2.1", .title = "Amount" },
    { .level = 3, .parent = 3, .number = "2.2", .title = "Return" },
    { .level = 2, .parent = -1, .number = "第三章", .title = "宠物" },
};

/* "3,4,5": the places of sections that are asked for; "-": no place is. */
static void asks(const char *message, const char *expected, int page, int last)
{
    struct place_asked asked;
    bool fits[7];
    char got[64] = "";
    bool any = place_asked(message, &asked);
    if (!any)
        strcpy(got, "-");
    else
        place_fits(&asked, sections, 7, false, fits);
    for (int i = 0; any && i < 7; i++)
        if (fits[i])
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%d", *got ? "," : "", i);
    if (strcmp(got, expected) != 0 || asked.page != page || asked.last_page != last)
        fail_msg("%s: sections %s, pages %d to %d", message, got, asked.page, asked.last_page);
}

static void test_asked(void **state)
{
    (void)state;
    asks("What does chapter two say against it?", "3,4,5", 0, 0);
    asks("第二章怎么说押金？", "3,4,5", 0, 0);
    asks("what's in the third chapter", "6", 0, 0);
    asks("And in the last chapter?", "6", 0, 0);
    asks("最后一章讲什么？", "6", 0, 0);
    asks("what does section 2.2 say", "5", 0, 0);
    asks("section 2.1 of chapter 1", "", 0, 0);
    asks("section 2.1 of chapter 2", "4", 0, 0);
    asks("is it in the introduction?", "0", 0, 0);
    asks("前言里写了什么", "0", 0, 0);
    asks("What stands on page 12?", "", 12, 12);
    asks("summarise pages 3 to 5", "", 3, 5);
    asks("第十二页写了什么", "", 12, 12);
    asks("chapter 9?", "", 0, 0);
    asks("compare chapter 1 and chapter 2", "1,2,3,4,5", 0, 0);
    asks("that's the part I like best", "-", 0, 0);
    asks("could you book two seats for me", "-", 0, 0);
    asks("I have to schedule a meeting", "-", 0, 0);
    asks("我第二天就走了", "-", 0, 0);
    asks("let me introduce you", "-", 0, 0);
}

static void test_counted(void **state)
{
    (void)state;
    const struct document_section plain[] = { { .level = 1, .parent = -1, .number = "", .title = "The book" },
                                              { .level = 2, .parent = 0, .number = "", .title = "Rain" },
                                              { .level = 2, .parent = 0, .number = "", .title = "Sun" } };
    struct place_asked asked;
    bool fits[3];
    assert_true(place_asked("what happens in chapter 2?", &asked));
    assert_int_equal(place_fits(&asked, plain, 3, false, fits), 1);
    assert_true(fits[2]);
    assert_int_equal(place_fits(&asked, plain, 3, true, fits), 0);
    assert_true(place_asked("what happens in chapter 3?", &asked));
    assert_int_equal(place_fits(&asked, plain, 3, false, fits), 0);
    assert_int_equal(place_fits(&asked, NULL, 0, false, fits), 0);
}

static void test_titled(void **state)
{
    (void)state;
    assert_true(place_titled("What's the deposit in the lease?", "Lease") > 0);
    assert_true(place_titled("what does my lease say about pets?", "Rental lease 2024") > 0);
    assert_true(place_titled("what does the rental lease say?", "Rental lease 2024") > 0);
    assert_true(place_titled("who is the whale in Moby Dick", "Moby Dick") > 0);
    assert_true(place_titled("租房合同里怎么说押金？", "租房合同") > 0);
    assert_true(place_titled("合同里写押金多少？", "租房合同") > 0);
    assert_true(place_titled("我昨天签了租房合同", "租房合同") == 0);
    assert_true(place_titled("please release me", "Lease") == 0);
    assert_true(place_titled("I want to lease a car", "Lease") == 0);
    assert_true(place_titled("", "Lease") == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_numbers), cmocka_unit_test(test_asked),
                                        cmocka_unit_test(test_counted), cmocka_unit_test(test_titled) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
