/* Time expressions where the calendar and the clock have their edges; questions for a time; ages as people say them. */
#include "when_table.h"

#define MINUTE 60000ll
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* 2024-01-01T00:30 in Greenwich: in New York it is still the old year. */
#define NEW_YEAR_MS 1704069000000ll
/* 2024-02-29T12:00 */
#define LEAP_DAY_MS 1709208000000ll
/* 0001-01-01 and 9999-12-31T23:00 */
#define FIRST_MS (-62135596800000ll)
#define LAST_MS 253402297200000ll

static void test_zones(void **state)
{
    (void)state;
    static const struct when_case greenwich[] = {
        { "yesterday", "yesterday|2023-12-31..2024-01-01|day|past" },
        { "last year", "last year|2023-01-01..2024-01-01|year|past" },
        { "上个月", "上个月|2023-12-01..2024-01-01|month|past" },
        { "this week", "this week|2024-01-01..2024-01-08|week|either" },
    };
    static const struct when_case new_york[] = {
        { "yesterday", "yesterday|2023-12-30..2023-12-31|day|past" },
        { "last year", "last year|2022-01-01..2023-01-01|year|past" },
        { "上个月", "上个月|2023-11-01..2023-12-01|month|past" },
        { "this week", "this week|2023-12-25..2024-01-01|week|either" },
        { "tomorrow", "tomorrow|2024-01-01..2024-01-02|day|future" },
    };
    static const struct when_case shanghai[] = {
        { "今天", "今天|2024-01-01..2024-01-02|day|either" },
        { "昨晚", "昨晚|2023-12-31T18:00..2024-01-01T06:00|part|past" },
    };
    CHECK_CASES(greenwich, ((struct when_anchor){ NEW_YEAR_MS, 0 }));
    CHECK_CASES(new_york, ((struct when_anchor){ NEW_YEAR_MS, -300 }));
    CHECK_CASES(shanghai, ((struct when_anchor){ NEW_YEAR_MS, 480 }));
    /* What is given back is UTC: midnight in Shanghai, in Nepal. */
    struct when w;
    assert_int_equal(when_find("今天", 6, (struct when_anchor){ NEW_YEAR_MS, 480 }, &w, 1), 1);
    assert_true(w.from_ms == NEW_YEAR_MS - 30 * MINUTE - 8 * HOUR && w.to_ms == w.from_ms + DAY);
    assert_int_equal(when_find("today", 5, (struct when_anchor){ NEW_YEAR_MS, 345 }, &w, 1), 1);
    assert_true(w.from_ms == NEW_YEAR_MS - 30 * MINUTE - 345 * MINUTE);
    /* An offset that no zone has is the nearest one allowed. */
    struct when far;
    assert_int_equal(when_find("today", 5, (struct when_anchor){ NEW_YEAR_MS, 1080 }, &w, 1), 1);
    assert_int_equal(when_find("today", 5, (struct when_anchor){ NEW_YEAR_MS, 2000000000 }, &far, 1), 1);
    assert_true(w.from_ms == far.from_ms);
}

static void test_leap_days_and_year_ends(void **state)
{
    (void)state;
    static const struct when_case leap[] = {
        { "yesterday", "yesterday|2024-02-28..2024-02-29|day|past" },
        { "tomorrow", "tomorrow|2024-03-01..2024-03-02|day|future" },
        { "February 29", "February 29|2024-02-29..2024-03-01|day|either" },
        { "a month ago", "a month ago|2024-01-14..2024-02-14|month|past" },
        { "一年前", "一年前|2023-01-01..2024-01-01|year|past" },
        { "this February", "this February|2024-02-01..2024-03-01|month|either" },
        { "this winter", "this winter|2023-12-01..2024-03-01|season|either" },
        { "last winter", "last winter|2022-12-01..2023-03-01|season|past" },
        { "in the past year", "the past year|2023-02-28..2024-02-29T12:00|year|past" },
        { "下个月", "下个月|2024-03-01..2024-04-01|month|future" },
        { "on the 31st", "the 31st|2024-01-31..2024-02-01|day|either" },
    };
    static const struct when_case end[] = {
        { "in December", "December|2023-12-01..2024-01-01|month|either" },
        { "last month", "last month|2023-12-01..2024-01-01|month|past" },
        { "next month", "next month|2024-02-01..2024-03-01|month|future" },
        { "上周日", "上周日|2023-12-31..2024-01-01|day|past" },
        { "last Monday", "last Monday|2023-12-25..2023-12-26|day|past" },
        { "on New Year's Eve", "New Year's Eve|2023-12-31..2024-01-01|day|either" },
        { "元旦", "元旦|2024-01-01..2024-01-02|day|either" },
        { "3 hours ago", "3 hours ago|2023-12-31T21:00..2023-12-31T22:00|hour|past" },
        { "去年十二月", "去年十二月|2023-12-01..2024-01-01|month|past" },
        { "20 Dec", "20 Dec|2023-12-20..2023-12-21|day|either" },
    };
    CHECK_CASES(leap, ((struct when_anchor){ LEAP_DAY_MS, 0 }));
    CHECK_CASES(end, ((struct when_anchor){ NEW_YEAR_MS, 0 }));
}

static void test_far_clocks(void **state)
{
    (void)state;
    struct when w[WHEN_MOST];
    struct when_anchor first = { FIRST_MS, 0 }, last = { LAST_MS, 0 };
    /* What would lie outside the years 1 … 9999 is no expression. */
    assert_int_equal(when_find("yesterday", 9, first, w, WHEN_MOST), 0);
    assert_int_equal(when_find("last year", 9, first, w, WHEN_MOST), 0);
    assert_int_equal(when_find("a thousand years ago", 20, MAY_19, w, WHEN_MOST), 1);
    assert_int_equal(when_find("三千年前", 12, MAY_19, w, WHEN_MOST), 0);
    assert_int_equal(when_find("today", 5, first, w, WHEN_MOST), 1);
    assert_true(w[0].from_ms == FIRST_MS && w[0].to_ms == FIRST_MS + DAY);
    assert_int_equal(when_find("tomorrow", 8, last, w, WHEN_MOST), 0);
    assert_int_equal(when_find("明年", 6, last, w, WHEN_MOST), 0);
    assert_int_equal(when_find("today", 5, last, w, WHEN_MOST), 1);
    assert_true(w[0].to_ms == LAST_MS + HOUR);
    /* Clocks beyond these count as their nearest moment. */
    static const int64_t beyond[] = { INT64_MIN, INT64_MAX, INT64_MIN + 1, 1ll << 60, -(1ll << 60) };
    static const int offsets[] = { 0, 1080, -1080, INT32_MAX, INT32_MIN };
    static const char text[] =
        "yesterday, last week, three months ago, Christmas, 去年三月, 上周五, 明天, in 5000 years, 二十年前";
    for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++)
        for (size_t k = 0; k < sizeof(offsets) / sizeof(offsets[0]); k++) {
            size_t n = when_find(text, strlen(text), (struct when_anchor){ beyond[i], offsets[k] }, w, WHEN_MOST);
            for (size_t j = 0; j < n; j++)
                assert_true(w[j].from_ms < w[j].to_ms && w[j].from_ms >= FIRST_MS && w[j].to_ms <= LAST_MS + HOUR);
        }
}

static const char *const asking[] = {
    "When did she go?",
    "when was the party",
    "When?",
    "What day did we meet?",
    "what time is it",
    "what year was that",
    "Which day suits you?",
    "how long ago was it",
    "Since when do you smoke?",
    "Do you remember when we met?",
    "how many days ago did I tell you",
    "In what year were you born?",
    "which month was it",
    "What's the date?",
    "你什么时候去的？",
    "啥时候来",
    "何时",
    "哪天见的面？",
    "哪一年",
    "几号",
    "今天几月几号",
    "现在几点",
    "星期几",
    "周几",
    "多久以前的事",
    "多长时间以前",
    "什麼時候",
    "幾號走",
    "那是哪年",
    "多少年前",
    "什么日子",
};
static const char *const others[] = {
    "when I was young",
    "Tell me what you did",
    "I'll go when it rains",
    "what a day",
    "how long is the river",
    "How long did it take?",
    "whenever you like",
    "the day we met",
    "yesterday",
    "which one?",
    "what timeless art",
    "无论什么时候都行",
    "不管哪天都可以",
    "几号线",
    "7号楼",
    "这几点建议",
    "有几点意见",
    "几个人",
    "多久了",
    "什么事",
    "昨天",
    "坐几号线去",
    "",
    "?",
};

static void test_asks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(asking) / sizeof(asking[0]); i++)
        if (!when_asks(asking[i], strlen(asking[i])))
            fail_msg("%s asks for no time", asking[i]);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (when_asks(others[i], strlen(others[i])))
            fail_msg("%s asks for a time", others[i]);
}

static void test_asks_back(void **state)
{
    static const char *const back[] = { "When was my boiler mended?", "on which date did they find my bike",
                                        "when did i call you",        "我家洗衣机是哪天修好的？",
                                        "我是哪天知道转专业过了的",   "你几号搬的家，几号走了？" };
    static const char *const ahead[] = { "When am I going to Krakow now?",
                                         "on which date do I go to Skye?",
                                         "我几号去杭州？",
                                         "大勇现在说几号回来？",
                                         "哪天要开会？",
                                         "I mended it yesterday." };
    (void)state;
    for (size_t i = 0; i < sizeof(back) / sizeof(*back); i++)
        if (!when_asks_back(back[i], strlen(back[i])))
            fail_msg("%s asks for no time that was", back[i]);
    for (size_t i = 0; i < sizeof(ahead) / sizeof(*ahead); i++)
        if (when_asks_back(ahead[i], strlen(ahead[i])))
            fail_msg("%s asks for a time that was", ahead[i]);
    assert_false(when_asks_back("", 0));
    assert_false(when_asks_back("的", 3));
}

static void test_overlap(void **state)
{
    (void)state;
    const struct when week = { .from_ms = 0, .to_ms = 7 * DAY }, day = { .from_ms = 6 * DAY, .to_ms = 7 * DAY };
    const struct when later = { .from_ms = 7 * DAY, .to_ms = 8 * DAY }, none = { .from_ms = DAY, .to_ms = DAY };
    assert_true(when_overlap(&day, &week) == 1);
    assert_true(when_overlap(&week, &week) == 1);
    assert_true(when_overlap(&week, &day) > 0.142 && when_overlap(&week, &day) < 0.143);
    assert_true(when_overlap(&week, &later) == 0 && when_overlap(&later, &week) == 0);
    assert_true(when_overlap(&none, &week) == 0 && when_overlap(&week, &none) == 0);
}

static const struct {
    int64_t ago;
    const char *en, *zh;
} ages[] = {
    { 0, "just now", "刚才" },
    { 20 * MINUTE, "20 minutes ago", "20分钟前" },
    { HOUR, "an hour ago", "一个小时前" },
    { 2 * HOUR, "two hours ago", "两个小时前" },
    { 7 * HOUR, "this morning", "今天早上" },
    { 10 * HOUR, "earlier today", "今天凌晨" },
    { 16 * HOUR, "last night", "昨晚" },
    { 26 * HOUR, "yesterday", "昨天" },
    { 2 * DAY, "the day before yesterday", "前天" },
    { 3 * DAY, "last Tuesday", "这周二" },
    { 6 * DAY, "last Saturday", "上周六" },
    { 7 * DAY, "last week", "上周五" },
    { 13 * DAY, "two weeks ago", "两个星期前" },
    { 21 * DAY, "three weeks ago", "三个星期前" },
    { 35 * DAY, "last month", "上个月" },
    { 100 * DAY, "in February", "今年二月" },
    { 365 * DAY, "in May last year", "去年五月" },
    { 800 * DAY, "in March 2021", "前年三月" },
    { 2000 * DAY, "in November 2017", "2017年十一月" },
    { 5000 * DAY, "in 2009", "2009年" },
    { -HOUR, "today", "今天" },
    { -DAY, "tomorrow", "明天" },
    { -2 * DAY, "the day after tomorrow", "后天" },
    { -10 * DAY, "in ten days", "十天后" },
    { -60 * DAY, "in July 2023", "2023年七月" },
};

static void test_day_texts(void **state)
{
    char out[64];
    (void)state;
    when_day_text(MAY_19.ms - 2 * DAY, MAY_19, "en", out, sizeof(out));
    assert_string_equal(out, "Wednesday 17 May");
    when_day_text(MAY_19.ms - 400 * DAY, MAY_19, "en", out, sizeof(out));
    assert_string_equal(out, "Thursday 14 April 2022");
    when_day_text(MAY_19.ms - 2 * DAY, MAY_19, "zh", out, sizeof(out));
    assert_string_equal(out, "5月17日星期三");
    size_t n = when_day_text(MAY_19.ms - 400 * DAY, MAY_19, "zh", out, sizeof(out));
    assert_string_equal(out, "2022年4月14日星期四");
    assert_int_equal(n, strlen(out));
    assert_int_equal(when_day_text(MAY_19.ms, MAY_19, "zh", out, 1), 0);
}

static void test_age_texts(void **state)
{
    (void)state;
    char out[64];
    for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
        assert_int_equal(when_age_text(MAY_19.ms - ages[i].ago, MAY_19, "en", out, sizeof(out)), strlen(ages[i].en));
        assert_string_equal(out, ages[i].en);
        assert_int_equal(when_age_text(MAY_19.ms - ages[i].ago, MAY_19, "zh", out, sizeof(out)), strlen(ages[i].zh));
        assert_string_equal(out, ages[i].zh);
    }
    /* Small buffers hold whole characters; the text of none is English. */
    assert_int_equal(when_age_text(MAY_19.ms - 2 * DAY, MAY_19, "zh", out, 6), 3);
    assert_string_equal(out, "前");
    assert_int_equal(when_age_text(MAY_19.ms, MAY_19, "zh", out, 1), 0);
    assert_int_equal(when_age_text(MAY_19.ms, MAY_19, "zh", NULL, 0), 0);
    when_age_text(MAY_19.ms - DAY, MAY_19, NULL, out, sizeof(out));
    assert_string_equal(out, "yesterday");
}

/* What is said of a moment is read as a span that has it, from hours to decades, at any hour of any zone. */
static void test_ages_are_read_again(void **state)
{
    (void)state;
    static const int64_t reach[] = { HOUR, 2 * DAY, 40 * DAY, 800 * DAY, 9000 * DAY };
    uint64_t r = 88172645463325252ull;
    for (size_t i = 0; i < 4000; i++) {
        r = r * 6364136223846793005ull + 1442695040888963407ull;
        struct when_anchor now = { (int64_t)((r >> 20) % (200ull * 366 * DAY)), (int)((r >> 8) % 1680) - 840 };
        r = r * 6364136223846793005ull + 1442695040888963407ull;
        int64_t back = (int64_t)((r >> 16) % (uint64_t)reach[i % 5]) + 1, ms = now.ms - (i % 37 ? back : -back);
        for (int zh = 0; zh < 2; zh++) {
            char out[64];
            struct when w[2];
            size_t n = when_age_text(ms, now, zh ? "zh" : "en", out, sizeof(out));
            if (when_find(out, n, now, w, 2) != 1 || ms < w[0].from_ms || ms >= w[0].to_ms)
                fail_msg("%s at %lld (%d min) is not %lld", out, (long long)now.ms, now.offset_min, (long long)ms);
        }
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct when w[2 * WHEN_MOST];
    size_t size = 3u << 20;
    char *text = malloc(size);
    assert_non_null(text);
    /* No more than were asked for, than there may be. */
    for (size_t i = 0; i + 6 <= size; i += 6)
        memcpy(text + i, "today ", 6);
    assert_int_equal(when_find(text, size, MAY_19, w, 2 * WHEN_MOST), WHEN_MOST);
    assert_int_equal(when_find(text, size, MAY_19, w, 3), 3);
    assert_int_equal(when_find(text, size, MAY_19, NULL, 0), 0);
    /* What stands behind the last byte that is looked at is not found. */
    memset(text, '.', size);
    memcpy(text + WHEN_TEXT_MAX - 9, " tomorrow", 9);
    memcpy(text + WHEN_TEXT_MAX, " yesterday", 10);
    assert_int_equal(when_find(text, size, MAY_19, w, 2), 1);
    assert_int_equal(w[0].start, WHEN_TEXT_MAX - 8);
    assert_false(when_asks(text, size));
    /* Texts that begin an expression again and again, and never are one. */
    static const char *const beginnings[] = { "the ",   "in ",   "a few ",           "一", "上", "1",    "在前",
                                              "twenty", "last ", "the week before ", " ",  "\n", "\xE4", "二零" };
    size = 100000;
    for (size_t k = 0; k < sizeof(beginnings) / sizeof(beginnings[0]); k++) {
        size_t n = strlen(beginnings[k]);
        for (size_t i = 0; i + n <= size; i += n)
            memcpy(text + i, beginnings[k], n);
        assert_int_equal(when_find(text, size, MAY_19, w, WHEN_MOST), 0);
        assert_false(when_mentions(text, size));
    }
    free(text);
    assert_false(when_mentions("\xFF\xFE\x80 \xE4\xBB", 6));
    assert_true(when_mentions("\xFF yesterday", 11));
    assert_int_equal(when_find("a\0 yesterday\0", 13, MAY_19, w, 2), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zones),      cmocka_unit_test(test_leap_days_and_year_ends),
        cmocka_unit_test(test_far_clocks), cmocka_unit_test(test_asks),
        cmocka_unit_test(test_overlap),    cmocka_unit_test(test_age_texts),
        cmocka_unit_test(test_day_texts),  cmocka_unit_test(test_asks_back),
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_ages_are_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
