/* Facts: what statements give (facts.LANGUAGE.tsv in the folder that is the first argument: text, facts as about|whose|topic|value, part), how
 * many facts of a written month are found (the second argument: tests/memory), which of several hold, and for whom.
 *
 * Parts: "dev", on which the patterns were written; "held", written before it was ever run. Of the month the odd days were looked at when the
 * patterns were written, the even ones were not: their line says how it is with texts that nobody wrote for patterns. */
#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include "memory/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1772442300000ll /* Monday, 2 March 2026, 9:05 */
#define DAY 86400000ll
#define MAX_LINE 65536

static const char *folder, *stories;
static struct fact_reader *reader;
static struct words *words;

static size_t read_at(const char *text, int64_t at_ms, struct fact *out)
{
    return facts_read(reader, words, text, strlen(text), (struct when_anchor){ at_ms, 0 }, out);
}

/* ---- statements ---- */

struct counts {
    size_t lines, wanted, found, right;
};

/* "home|sister||York"; "*" as the topic of a day: whatever it is. */
static bool is_wanted(const struct fact *f, const char *wanted)
{
    char line[512];
    snprintf(line, sizeof(line), "%s|%s|%s|%s", fact_names[f->about], f->whose,
             f->about == FACT_ABOUT_day ? "*" : f->topic, f->value);
    for (size_t n; *wanted; wanted += n + strspn(wanted + n, "; ")) {
        n = strcspn(wanted, ";");
        if (strlen(line) == n && memcmp(line, wanted, n) == 0)
            return true;
    }
    return false;
}

static void count_line(char *line, const char *part, struct counts *all)
{
    struct fact found[FACTS_MOST];
    char *rest = line, *text = strsep(&rest, "\t"), *wanted = strsep(&rest, "\t");
    if (!text || !wanted || !rest)
        fail_msg("not three fields: %s", line);
    if (strcmp(rest, part))
        return;
    size_t n = read_at(text, NOW, found), right = 0, want = *wanted != '\0';
    for (const char *at = wanted; (at = strchr(at, ';')); at++)
        want++;
    for (size_t i = 0; i < n; i++) {
        bool is = is_wanted(&found[i], wanted);
        right += is;
        if (!is)
            print_message("  %s|%s|%s|%s is none of: %s (%s)\n", fact_names[found[i].about], found[i].whose,
                          found[i].topic, found[i].value, text, wanted);
    }
    if (right < want)
        print_message("  %zu of %zu: %s (%s)\n", right, want, text, wanted);
    all->lines++;
    all->wanted += want;
    all->found += n;
    all->right += right;
}

static struct counts count_set(const char *language, const char *part)
{
    char path[4096], line[4096];
    struct counts all = { .lines = 0 };
    snprintf(path, sizeof(path), "%s/facts.%s.tsv", folder, language);
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("%s cannot be read", path);
    while (fgets(line, sizeof(line), f)) {
        line[strcspn(line, "\n")] = '\0';
        count_line(line, part, &all);
    }
    fclose(f);
    print_message("%s %s: %zu lines; %zu of %zu facts found, %zu found in all\n", language, part, all.lines, all.right,
                  all.wanted, all.found);
    return all;
}

static void check_set(const char *language)
{
    struct counts dev = count_set(language, "dev"), held = count_set(language, "held");
    assert_true(dev.lines >= 50 && held.lines >= 35);
    assert_true(dev.right * 100 >= dev.wanted * 95 && dev.right * 100 >= dev.found * 97);
    assert_true(held.right * 100 >= held.wanted * 80 && held.right * 100 >= held.found * 90);
}

static void test_english(void **state)
{
    (void)state;
    check_set("en");
}

static void test_chinese(void **state)
{
    (void)state;
    check_set("zh");
}

/* ---- a written month ---- */

struct gold {
    char turn[16], text[512];
};

static size_t read_gold(struct gold *out, size_t max)
{
    char path[4096], *line = mem_alloc(MAX_LINE);
    size_t n = 0;
    snprintf(path, sizeof(path), "%s/thirty-days.facts.jsonl", stories);
    FILE *f = fopen(path, "r");
    if (!f || !line)
        fail_msg("%s cannot be read", path);
    while (n < max && fgets(line, MAX_LINE, f)) {
        yyjson_doc *doc = yyjson_read(line, strlen(line), 0);
        snprintf(out[n].turn, sizeof(out[n].turn), "%s", json_str(yyjson_doc_get_root(doc), "from", ""));
        snprintf(out[n++].text, sizeof(out[0].text), "%s", json_str(yyjson_doc_get_root(doc), "fact", ""));
        yyjson_doc_free(doc);
    }
    fclose(f);
    mem_free(line);
    return n;
}

/* What is found on a turn on which a fact of the list stands counts as that fact: the list is in other words, so this is read by hand, too
 * (docs/memory.md). */
static void count_month(int parity)
{
    static struct gold gold[400];
    char path[4096], *line = mem_alloc(MAX_LINE);
    size_t n_gold = read_gold(gold, 400), turns = 0, found = 0, on_gold = 0, listed = 0, covered = 0;
    snprintf(path, sizeof(path), "%s/thirty-days.jsonl", stories);
    FILE *f = fopen(path, "r");
    if (!f || !line)
        fail_msg("%s cannot be read", path);
    while (fgets(line, MAX_LINE, f)) {
        struct fact facts[FACTS_MOST];
        yyjson_doc *doc = yyjson_read(line, strlen(line), 0);
        yyjson_val *t = yyjson_doc_get_root(doc);
        const char *id = json_str(t, "id", ""), *who = json_str(t, "who", "");
        if (json_int(t, "day", 0) % 2 == parity && strcmp(who, json_str(t, "character", "")) != 0) {
            size_t n = read_at(json_str(t, "text", ""), date_parse(json_str(t, "at", "")), facts), here = 0;
            for (size_t i = 0; i < n_gold; i++)
                here += strcmp(gold[i].turn, id) == 0;
            for (size_t i = 0; i < n; i++)
                print_message("  %s %s|%s|%s|%s%s\n", id, fact_names[facts[i].about], facts[i].whose, facts[i].topic,
                              facts[i].value, here ? "" : "  (not in the list)");
            turns++;
            found += n;
            on_gold += here ? n : 0;
            listed += here;
            covered += n < here ? n : here;
        }
        yyjson_doc_free(doc);
    }
    fclose(f);
    mem_free(line);
    print_message("the month's %s days: %zu turns, %zu facts found, %zu of them on turns with a fact of the list; %zu "
                  "of its %zu\n",
                  parity ? "odd" : "even", turns, found, on_gold, covered, listed);
    assert_true(found && on_gold * 2 >= found);
}

static void test_month(void **state)
{
    (void)state;
    count_month(1);
    count_month(0);
}

/* ---- which one holds ---- */

struct heard {
    const char *text;
    int day; /* said so many days after NOW */
};

#define MAX_HEARD 24

/* All facts of these turns, merged. */
static size_t merge(const struct heard *turns, size_t n, struct fact_said *list)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        struct fact found[FACTS_MOST];
        size_t of = read_at(turns[i].text, NOW + turns[i].day * DAY, found);
        for (size_t j = 0; j < of && k < MAX_HEARD; j++)
            list[k++] = (struct fact_said){ .fact = found[j], .at_ms = NOW + turns[i].day * DAY, .place = i };
    }
    facts_merge(list, k);
    return k;
}

/* What holds so many days after NOW, oldest first, in words. */
static void holding(const struct heard *turns, size_t n, int day, char out[1000])
{
    struct fact_said list[MAX_HEARD];
    size_t k = merge(turns, n, list), len = 0;
    *out = '\0';
    for (size_t i = 0; i < k; i++)
        if (fact_holds(&list[i], NOW + day * DAY)) {
            char text[400];
            fact_text(&list[i].fact, "en", text, sizeof(text));
            len += (size_t)snprintf(out + len, 1000 - len, "%s%s", len ? "; " : "", text);
        }
}

#define HOLDS(day, expected, ...)                                                                                      \
    do {                                                                                                               \
        const struct heard turns_[] = { __VA_ARGS__ };                                                                 \
        char out_[1000];                                                                                               \
        holding(turns_, sizeof(turns_) / sizeof(*turns_), day, out_);                                                  \
        assert_string_equal(out_, expected);                                                                           \
    } while (0)

static void test_the_newer_one(void **state)
{
    (void)state;
    HOLDS(9, "lives in York", { "I live in Leeds", 0 }, { "we moved to York", 5 });
    HOLDS(9, "lives in York", { "I live in Leeds", 0 }, { "I live in York", 5 });
    HOLDS(9, "sister: lives in York; lives in Leeds", { "my sister lives in Bath", 0 },
          { "my sister lives in York now", 1 }, { "I live in Leeds", 2 });
    HOLDS(9, "sister: is called Jo; Jo: lives in York", { "my sister Jo lives in Bath", 0 },
          { "Jo lives in York now", 1 });
}

static void test_what_ends(void **state)
{
    (void)state;
    HOLDS(9, "", { "I work at Fennel Pay", 0 }, { "i've been laid off", 3 });
    HOLDS(9, "works at Northmoor", { "I work at Fennel Pay", 0 }, { "i've been laid off", 3 },
          { "i got the job at Northmoor!", 5 });
    HOLDS(9, "", { "i love coffee", 0 }, { "i don't like coffee any more", 3 });
    HOLDS(9, "likes tea; likes coffee", { "i love tea", 0 }, { "i love coffee", 3 });
    /* The one shift until the other begins. */
    HOLDS(9, "works on night shift", { "i'm on the night shift", 0 }, { "from next month i'm on the day shift", 3 });
    HOLDS(40, "works on day shift", { "i'm on the night shift", 0 }, { "from next month i'm on the day shift", 3 });
}

static void test_days(void **state)
{
    (void)state;
    HOLDS(2, "Skye: Saturday the fourteenth", { "on Thursday the twelfth i'm off to Skye, ferry's booked", 0 },
          { "so it isn't Thursday the twelfth any more, i go to Skye on Saturday the fourteenth", 1 });
    HOLDS(2, "厦门: 十四号，周六", { "下周四，就是十二号，我要去厦门玩，票买好了", 0 },
          { "厦门不是十二号去了，改到十四号，周六", 1 });
    HOLDS(20, "", { "on Thursday the twelfth i'm off to Skye", 0 }); /* it is over */
    /* Another appointment, and the same one without a word of a change, stay. */
    HOLDS(1, "Skye: Thursday the twelfth; dentist: Friday", { "on Thursday the twelfth i'm off to Skye", 0 },
          { "the dentist is on Friday now", 1 });
}

/* Whoever may not hear of the new home knows the old one as it was; that there is another one, nothing shows. */
static void test_what_may_not_be_heard(void **state)
{
    (void)state;
    static const struct heard all[] = { { "I live in Leeds", 0 }, { "we moved to York", 5 } };
    struct fact_said everything[MAX_HEARD], some[MAX_HEARD], alone[MAX_HEARD];
    size_t n = merge(all, 2, everything);
    assert_int_equal(n, 2);
    assert_int_equal(everything[0].by, 1);
    assert_int_equal(everything[0].until_ms, everything[1].from_ms);
    some[0] = everything[0]; /* what the asker may hear, of the same list */
    facts_merge(some, 1);
    assert_int_equal(merge(all, 1, alone), 1);
    assert_true(fact_holds(&some[0], NOW + 9 * DAY));
    assert_memory_equal(&some[0], &alone[0], sizeof(some[0]));
}

static void test_sure_and_less_sure(void **state)
{
    (void)state;
    struct fact_said list[3] = {
        { .fact = { .about = FACT_ABOUT_home, .value = "Leeds", .confidence = 0.9F }, .at_ms = 1 },
        { .fact = { .about = FACT_ABOUT_home, .value = "bed", .confidence = 0.4F }, .at_ms = 2 }
    };
    facts_merge(list, 2);
    assert_true(fact_holds(&list[0], 3) && !fact_holds(&list[1], 3));
    list[1].fact.change = true;
    facts_merge(list, 2);
    assert_true(!fact_holds(&list[0], 3) && fact_holds(&list[1], 3));
    list[2] = list[0]; /* said again */
    list[2].at_ms = 3;
    facts_merge(list, 3);
    assert_true(!fact_holds(&list[1], 4) && fact_holds(&list[2], 4));
}

static void test_asked(void **state)
{
    (void)state;
    struct fact found[FACTS_MOST];
    assert_int_equal(read_at("my sister lives in York", NOW, found), 1);
    assert_true(fact_asked(&found[0], "where does my sister live?") > 0);
    assert_true(fact_asked(&found[0], "我姐妹住在哪儿？") > 0);
    assert_int_equal(fact_asked(&found[0], "where do I live?"), 0);
    assert_int_equal(read_at("我姐姐住在苏州", NOW, found), 1);
    assert_true(fact_asked(&found[0], "我姐住哪儿？") > fact_asked(&found[0], "我姐在吗？"));
    assert_true(fact_asked(&found[0], "where does my sister live?") > 0);
    assert_int_equal(read_at("我家有只猫叫花卷", NOW, found), 1);
    assert_true(fact_asked(&found[0], "我的猫叫什么名字？") > 0);
    assert_int_equal(fact_asked(&found[0], "我几岁？"), 0);
    assert_int_equal(read_at("i go to Skye on Saturday the fourteenth", NOW, found), 1);
    assert_true(fact_asked(&found[0], "on which date do i go to Skye?") > 0);
    assert_int_equal(fact_asked(&found[0], "which day is the party?"), 0);
}

/* Long, broken and hostile texts give something or nothing, in bounds. */
static void test_any_text(void **state)
{
    (void)state;
    struct fact found[FACTS_MOST];
    char *text = mem_alloc(100000);
    static const char *const parts[] = {
        "my sister Jo lives in ", "我家有只猫叫", "\xf0\x9f\x90\xb1", "\"", "on Monday ", "i'm ", "，", "not "
    };
    assert_non_null(text);
    for (unsigned seed = 1; seed < 40; seed++) {
        size_t n = 0;
        for (unsigned i = 0, x = seed; n < 2000; i++) {
            x = x * 1103515245u + 12345u;
            const char *part = parts[(x >> 16) % 8];
            memcpy(text + n, part, strlen(part));
            n += strlen(part);
        }
        size_t k = facts_read(reader, words, text, n, (struct when_anchor){ NOW, 0 }, found);
        for (size_t i = 0; i < k; i++)
            assert_true(found[i].start <= found[i].end && found[i].end <= n && found[i].was_end <= n);
    }
    mem_free(text);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_english),
                                        cmocka_unit_test(test_chinese),
                                        cmocka_unit_test(test_month),
                                        cmocka_unit_test(test_the_newer_one),
                                        cmocka_unit_test(test_what_ends),
                                        cmocka_unit_test(test_days),
                                        cmocka_unit_test(test_what_may_not_be_heard),
                                        cmocka_unit_test(test_sure_and_less_sure),
                                        cmocka_unit_test(test_asked),
                                        cmocka_unit_test(test_any_text) };
    folder = argc > 1 ? argv[1] : ".";
    stories = argc > 2 ? argv[2] : "../../memory";
    if (fact_reader_create(&reader, NULL) || words_create(&words, NULL))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fact_reader_destroy(reader);
    words_free(words);
    return failed;
}
