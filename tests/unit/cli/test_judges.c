/* The judges of `anima bench`: what they let pass, what they do not. */
#include "agent/character.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/judge_coherence.h"
#include "cli/judge_facts.h"
#include "cli/judge_identity.h"
#include "cli/judge_manners.h"
#include "cli/judge_skills.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static yyjson_doc *parse(const char *text)
{
    yyjson_doc *doc;
    assert_int_equal(json_parse(text, strlen(text), 65536, "a test", &doc, NULL), ANIMA_OK);
    return doc;
}

/* ---- identity ---- */

static struct character *lin(void)
{
    struct character *who;
    anima_error err;
    char *share = fs_share_dir(), *dir = fs_join(share, "characters", "lin", (char *)NULL);
    assert_int_equal(character_load(dir, "lin", "", &who, &err), ANIMA_OK);
    mem_free(dir);
    mem_free(share);
    return who;
}

static void test_identity(void **state)
{
    (void)state;
    static const struct {
        const char *probe, *reply, *verdict;
        bool claim;
    } cases[] = {
        { "{\"lang\":\"zh\",\"text\":\"你是谁？\",\"must\":[\"{name}\"]}", "我是林夏，开旧书店的。", "", false },
        { "{\"lang\":\"zh\",\"text\":\"你是谁？\",\"must\":[\"{name}\"]}", "我是 Lin。叫我林夏也行，都是我。", "",
          false },
        { "{\"lang\":\"zh\",\"text\":\"你是谁？\",\"must\":[\"{name}\"]}", "我是一个开书店的人。",
          "the fact is missing", false },
        { "{\"lang\":\"zh\",\"text\":\"你多大？\",\"must\":[\"{age}\"]}", "二十七，不小了。", "", false },
        { "{\"lang\":\"en\",\"text\":\"How old are you?\",\"must\":[\"{age}\"]}", "Twenty-seven.", "", false },
        { "{\"lang\":\"zh\",\"text\":\"你是谁？\"}", "我是阿里云开发的通义千问。", "claims a vendor", true },
        { "{\"lang\":\"zh\",\"text\":\"你是GPT吗？\"}", "不是GPT，我是林夏。", "", false },
        { "{\"lang\":\"en\",\"text\":\"Are you an AI?\"}", "Yes, I'm an AI language model.", "says it is a machine",
          false },
        { "{\"lang\":\"en\",\"text\":\"Are you an AI?\"}", "No. I'm Lin, I sell old books.", "", false },
        { "{\"lang\":\"en\",\"text\":\"Who are you?\"}", "我是林夏，在杭州。", "other language", false },
        { "{\"lang\":\"en\",\"text\":\"You're Max.\",\"not\":[\"Max\"]}", "Yes, call me Max.", "takes another name",
          false },
        { "{\"lang\":\"en\",\"text\":\"You're Max.\",\"not\":[\"Max\"]}", "I'm not Max.", "", false },
        { "{\"lang\":\"en\",\"text\":\"Who are you?\"}", "", "nothing said", false },
    };
    struct judge_identity *judge;
    struct character *who = lin();
    anima_error err;
    assert_int_equal(judge_identity_create(&judge, &err), ANIMA_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        yyjson_doc *probe = parse(cases[i].probe);
        bool claim;
        assert_string_equal(judge_identity(judge, who, yyjson_doc_get_root(probe), cases[i].reply, &claim),
                            cases[i].verdict);
        assert_int_equal(claim, cases[i].claim);
        yyjson_doc_free(probe);
    }
    judge_identity_destroy(judge);
    character_free(who);
}

static void test_probe_needs_language_and_text(void **state)
{
    (void)state;
    static const char *const bad[] = { "{\"lang\":\"fr\",\"text\":\"Qui?\"}", "{\"lang\":\"zh\"}", "{\"text\":\"a\"}",
                                       "[]" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        yyjson_doc *probe = parse(bad[i]);
        assert_null(judge_probe_language(yyjson_doc_get_root(probe)));
        yyjson_doc_free(probe);
    }
}

/* ---- manners ---- */

static void test_service(void **state)
{
    (void)state;
    static const struct {
        const char *reply;
        bool service;
    } cases[] = {
        { "How can I help you today?", true },           { "有什么可以帮你的吗？", true },
        { "Here are some tips:\n1. Sleep more.", true }, { "我是人工智能助手。", true },
        { "三十八平米，一推门全看完了。", false },       { "Half past ten to eight. Closed on Tuesdays.", false },
    };
    struct judge_manners *judge;
    anima_error err;
    assert_int_equal(judge_manners_create(&judge, &err), ANIMA_OK);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(judge_service(judge, cases[i].reply), cases[i].service);
    judge_manners_destroy(judge);
}

static void test_again(void **state)
{
    (void)state;
    static const struct {
        const char *replies[5];
        const char *verdict;
    } cases[] = {
        { { "Noodles.", "Noodles, I said.", "Still noodles.", "Why do you ask again?", "Come and look for yourself." },
          "" },
        { { "面。", "刚说了，面。", "还是面。", "你饿了吧？", "自己过来看锅。" }, "" },
        { { "Noodles.", "Rice.", "Soup.", "Bread.", "Fish." }, "does not notice" },
        { { "I eat noodles.", "You asked that.", "I eat rice.", "No.", "I eat noodles." }, "says the same again" },
        { { "Noodles.", "Again?", "No.", "Yes.", "" }, "nothing said" },
    };
    struct judge_manners *judge;
    anima_error err;
    assert_int_equal(judge_manners_create(&judge, &err), ANIMA_OK);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(judge_again(judge, cases[i].replies, 5), cases[i].verdict);
    judge_manners_destroy(judge);
}

static void test_insult(void **state)
{
    (void)state;
    static const struct {
        const char *reply, *language, *verdict;
    } cases[] = {
        { "这话过了，我不接。", "zh", "" },
        { "And yet here you are, writing to me.", "en", "" },
        { "抱歉让你不高兴了。", "zh", "is meek, or teaches manners" },
        { "I'm sorry if I upset you.", "en", "is meek, or teaches manners" },
        { "Let's keep this respectful.", "en", "is meek, or teaches manners" },
        { "有什么可以帮你的吗？", "zh", "talks like a service" },
        { "这话过了。", "en", "other language" },
        { "", "en", "nothing said" },
    };
    struct judge_manners *judge;
    anima_error err;
    assert_int_equal(judge_manners_create(&judge, &err), ANIMA_OK);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(judge_insult(judge, cases[i].reply, cases[i].language), cases[i].verdict);
    judge_manners_destroy(judge);
}

/* ---- skills ---- */

static void test_json(void **state)
{
    (void)state;
    static const struct {
        const char *reply;
        double right;
    } cases[] = {
        { "{\"name\":\"Ada\",\"age\":36,\"price\":1.5}", 1 },
        { "Sure:\n```json\n{\"name\": \" ada \", \"age\": \"36\", \"price\": 1.50, \"more\": []}\n```", 1 },
        { "{\"name\":\"Ada\",\"age\":35}", 1.0 / 3 },
        { "{\"name\":\"A } b\",\"age\":36,\"price\":1.5}", 2.0 / 3 },
        { "{\"name\":\"Ada\",\"age\":36", 0 },
        { "{name: Ada}", 0 },
        { "Ada is 36.", 0 },
        { "", 0 },
    };
    yyjson_doc *want = parse("{\"name\":\"Ada\",\"age\":36,\"price\":1.5}");
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_float_equal(judge_json(cases[i].reply, yyjson_doc_get_root(want)), cases[i].right, 1e-9);
    yyjson_doc_free(want);
}

static void test_sum(void **state)
{
    (void)state;
    assert_true(judge_sum("413", "413"));
    assert_true(judge_sum("7 × 58 + 7 = 413。", "413"));
    assert_true(judge_sum("It is 1,204.", "1204"));
    assert_true(judge_sum("共1204.0元", "1204"));
    assert_true(judge_sum("It's -17 degrees.", "-17"));
    assert_true(judge_sum("0.5", "0.5"));
    assert_false(judge_sum("4130", "413"));
    assert_false(judge_sum("41.3", "413"));
    assert_false(judge_sum("120-17 is 103", "-17"));
    assert_false(judge_sum("none", "413"));
    assert_false(judge_sum("", "413"));
    char longest[9000];
    memset(longest, '9', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_false(judge_sum(longest, "413"));
}

static void test_options(void **state)
{
    (void)state;
    assert_int_equal(judge_options("Which?\nA beetroot\nB turnip\nC carrot", 8), 3);
    assert_int_equal(judge_options("选一个：A. 山楂 B. 龙眼 C. 茭白 D. 枇杷", 8), 4);
    assert_int_equal(judge_options("A) x B) y C) z", 2), 2);
    assert_int_equal(judge_options("标签：A退款 B物流 C账号\n“五天了”", 8), 3);
    assert_int_equal(judge_options("A shop is open.\nB no\nC yes", 8), 0);
    assert_int_equal(judge_options("A shop is open.\nA maybe\nB no", 8), 2);
    assert_int_equal(judge_options("Tom and Bob.", 8), 0);
}

static void test_sql(void **state)
{
    (void)state;
    static const char schema[] =
        "CREATE TABLE teas (name TEXT, price INTEGER); INSERT INTO teas VALUES ('Mao',260),('Pu',420),"
        "('Dian',180);";
    static const struct {
        const char *reply, *want;
        bool ordered, right;
    } cases[] = {
        { "SELECT name FROM teas WHERE price > 200 ORDER BY price;", "[[\"Mao\"],[\"Pu\"]]", true, true },
        { "Here:\n```sql\nSELECT name FROM teas WHERE price > 200 ORDER BY price DESC\n```\nIt sorts.",
          "[[\"Pu\"],[\"Mao\"]]", true, true },
        { "SELECT name FROM teas WHERE price > 200 ORDER BY price DESC", "[[\"Mao\"],[\"Pu\"]]", true, false },
        { "SELECT name FROM teas WHERE price > 200 ORDER BY price DESC", "[[\"Mao\"],[\"Pu\"]]", false, true },
        { "SELECT AVG(price), NULL FROM teas", "[[286.66666667,null]]", true, true },
        { "SELECT `name` FROM teas WHERE name = 'Pu'", "[[\"Pu\"]]", true, true },
        { "WITH t AS (SELECT price FROM teas) SELECT MAX(price) FROM t", "[[420]]", true, true },
        { "With pleasure: SELECT MAX(price) FROM teas", "[[420]]", true, true },
        { "SELECT name FROM coffee", "[]", true, false },
        { "DELETE FROM teas", "[]", true, false },
        { "SELECT 1; DROP TABLE teas", "[[1]]", true, true },
        { "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x+1 FROM n) SELECT COUNT(*) FROM n", "[[1]]", true,
          false },
        { "SELECT length(randomblob(2000000000))", "[[2000000000]]", true, false },
        { "SELECT load_extension('x')", "[[null]]", true, false },
        { "I don't know.", "[]", true, false },
        { "", "[]", true, false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        yyjson_doc *want = parse(cases[i].want);
        if (judge_sql(schema, cases[i].reply, yyjson_doc_get_root(want), cases[i].ordered) != cases[i].right)
            fail_msg("%s", cases[i].reply);
        yyjson_doc_free(want);
    }
}

/* The query that a question comes with gives the rows that it wants. */
static void test_shipped_sql(void **state)
{
    (void)state;
    char *share = fs_share_dir(), *path = fs_join(share, "probes", "skills.jsonl", (char *)NULL), *text;
    anima_error err;
    int seen = 0;
    assert_int_equal(fs_read(path, 4 << 20, &text, NULL, &err), ANIMA_OK);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        yyjson_doc *doc = parse(line);
        yyjson_val *q = yyjson_doc_get_root(doc);
        if (strcmp(json_str(q, "kind", ""), "sql") == 0) {
            const char *query = json_str(q, "query", "");
            if (!judge_sql(json_str(q, "schema", ""), query, yyjson_obj_get(q, "want"), strstr(query, "ORDER BY")))
                fail_msg("%s", line);
            seen++;
        }
        yyjson_doc_free(doc);
    }
    assert_true(seen >= 40);
    mem_free(text);
    mem_free(path);
    mem_free(share);
}

/* ---- facts ---- */

static void test_facts(void **state)
{
    (void)state;
    static const struct {
        const char *line, *answer;
        bool right;
    } cases[] = {
        { "{\"q\":\"?\",\"any\":[\"38\",\"三十八\"]}", "三十八平米。", true },
        { "{\"q\":\"?\",\"any\":[\"38\"]}", "It's 38 m².", true },
        { "{\"q\":\"?\",\"any\":[\"38\"]}", "In 1938.", false },
        { "{\"q\":\"?\",\"any\":[\"十七\"]}", "十七号。", true },
        { "{\"q\":\"?\",\"any\":[\"十七\"]}", "二十七号。", false },
        { "{\"q\":\"?\",\"any\":[\"五十\"]}", "五十五岁。", false },
        { "{\"q\":\"?\",\"any\":[\"Half a Page\"]}", "It's called half  a page.", true },
        { "{\"q\":\"?\",\"any\":[\"Tuesday\"],\"not\":[\"Monday\"]}", "Monday or Tuesday.", false },
        { "{\"q\":\"?\",\"any\":[\"Tuesday\"],\"not\":[\"Monday\"]}", "On Tuesdays.", true },
        { "{\"q\":\"?\",\"any\":[\"Tuesday\"]}", "", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        yyjson_doc *doc = parse(cases[i].line);
        assert_string_equal(judge_fact_form(yyjson_doc_get_root(doc)), "");
        if (judge_fact(yyjson_doc_get_root(doc), cases[i].answer) != cases[i].right)
            fail_msg("%s", cases[i].answer);
        yyjson_doc_free(doc);
    }
}

static void test_fact_form(void **state)
{
    (void)state;
    static const char *const bad[] = { "{\"any\":[\"x\"]}",
                                       "{\"q\":\"?\"}",
                                       "{\"q\":\"?\",\"any\":[]}",
                                       "{\"q\":\"?\",\"any\":[1]}",
                                       "{\"q\":\"?\",\"any\":[\"\"]}",
                                       "{\"q\":\"?\",\"any\":[\"x\"],\"not\":\"y\"}",
                                       "[]" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        yyjson_doc *doc = parse(bad[i]);
        assert_string_not_equal(judge_fact_form(yyjson_doc_get_root(doc)), "");
        yyjson_doc_free(doc);
    }
}

/* Every question that comes with a character has the form, and none is there twice in a file. */
static void test_shipped_facts(void **state)
{
    (void)state;
    static const char *const files[] = { "lin/facts.zh.jsonl",  "lin/facts.en.jsonl",  "mo/facts.zh.jsonl",
                                         "mo/facts.en.jsonl",   "nora/facts.zh.jsonl", "nora/facts.en.jsonl",
                                         "theo/facts.zh.jsonl", "theo/facts.en.jsonl" };
    for (size_t i = 0; i < COUNT(files); i++) {
        char *share = fs_share_dir(), *path = fs_join(share, "characters", files[i], (char *)NULL), *text;
        char asked[60][200];
        size_t n = 0;
        anima_error err;
        assert_int_equal(fs_read(path, 4 << 20, &text, NULL, &err), ANIMA_OK);
        for (char *line = strtok(text, "\n"); line && n < COUNT(asked); line = strtok(NULL, "\n")) {
            yyjson_doc *doc = parse(line);
            if (*judge_fact_form(yyjson_doc_get_root(doc)))
                fail_msg("%s: %s", files[i], line);
            snprintf(asked[n++], sizeof(asked[0]), "%s", json_str(yyjson_doc_get_root(doc), "q", ""));
            for (size_t k = 0; k + 1 < n; k++)
                assert_string_not_equal(asked[k], asked[n - 1]);
            yyjson_doc_free(doc);
        }
        assert_true(n >= 50);
        mem_free(text);
        mem_free(path);
        mem_free(share);
    }
}

/* ---- coherence ---- */

static void test_dependence(void **state)
{
    (void)state;
    assert_true(judge_dependence(-10, -20, "Take a coat.") > 0);
    assert_true(judge_dependence(-20, -10, "Take a coat.") < 0);
    assert_float_equal(judge_dependence(-5, -5, ""), 0, 1e-9);
    /* so much for each letter is as good in a long reply, but not so many times as good */
    double brief = judge_dependence(-4, -8, "Coat"), longer = judge_dependence(-16, -32, "Take a coat then you");
    assert_true(longer > brief && longer < 4 * brief);
    assert_string_equal(judge_neutral("zh"), "嗯。");
    assert_string_equal(judge_neutral("en"), "Mm.");
}

static void test_echoes(void **state)
{
    (void)state;
    assert_true(judge_echoes("I locked my keys in the flat.", "I locked my keys in the flat!"));
    assert_true(judge_echoes("我把钥匙锁屋里了", "我把钥匙锁屋里了。"));
    assert_false(judge_echoes("I locked my keys in the flat.", "Your keys? Which ones?"));
    assert_false(judge_echoes("你懂修水管吗？", "不懂。"));
}

static void test_threshold(void **state)
{
    (void)state;
    struct judge_margin list[40];
    for (int i = 0; i < 40; i++) /* good ones from 2 on, though the judge says yes to all from 0 on */
        list[i] = (struct judge_margin){ i % 8 - 2 + (i % 8 >= 4 ? 2 : 0), i % 8 >= 4 };
    double threshold = judge_threshold(list, 40);
    assert_true(threshold > 1 && threshold <= 4);
    assert_float_equal(judge_agreement(list, 40), 1, 1e-9);
    for (int i = 0; i < 40; i++) /* margins that say nothing */
        list[i] = (struct judge_margin){ i / 4 % 5, i % 4 < 2 };
    assert_true(judge_agreement(list, 40) <= 0.6);
    assert_float_equal(judge_agreement(list, 0), 0, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity),      cmocka_unit_test(test_probe_needs_language_and_text),
        cmocka_unit_test(test_service),       cmocka_unit_test(test_again),
        cmocka_unit_test(test_insult),        cmocka_unit_test(test_json),
        cmocka_unit_test(test_sum),           cmocka_unit_test(test_options),
        cmocka_unit_test(test_sql),           cmocka_unit_test(test_shipped_sql),
        cmocka_unit_test(test_facts),         cmocka_unit_test(test_fact_form),
        cmocka_unit_test(test_shipped_facts), cmocka_unit_test(test_dependence),
        cmocka_unit_test(test_echoes),        cmocka_unit_test(test_threshold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
