/* What is known of a person and what is missing: counts, verdicts, gaps, questions that can be answered. */
#include "records.h"

#include "base/json.h"

static void know(struct records *t, const char *me)
{
    anima_error err = { 0 };
    make_talks(t, me, NULL);
    if (twin_known_count(&t->arena, &t->book, &t->people, &t->talks, NOON + INT64_C(1000000000), &t->known, &err))
        fail_msg("%s", err.message);
}

static size_t topic(const char *id)
{
    for (size_t i = 0; i < TWIN_TOPICS; i++)
        if (strcmp(twin_topics[i].id, id) == 0)
            return i;
    fail_msg("no topic %s", id);
    return 0;
}

/* A line counts for one topic of a kind, or for none (NULL). */
static void is_about(const char *line, enum twin_topic_kind kind, const char *id)
{
    struct records *t = records_new();
    say(t, "Bob", 0, "Anna", line);
    know(t, "Anna");
    for (size_t i = 0; i < TWIN_TOPICS; i++)
        if (twin_topics[i].kind == kind && (t->known.topics[i] == 1) != (id && strcmp(twin_topics[i].id, id) == 0))
            fail_msg("\"%s\": %s %zu", line, twin_topics[i].id, t->known.topics[i]);
    records_free(t);
}

static void test_topics(void **state)
{
    (void)state;
    is_about("昨天真的很难过", TWIN_FEELING, "sad");
    is_about("I cried all night", TWIN_FEELING, "sad");
    is_about("气死我了", TWIN_FEELING, "angry");
    is_about("I HATE this", TWIN_FEELING, "angry");
    is_about("有点担心", TWIN_FEELING, "afraid");
    is_about("一个人好孤单", TWIN_FEELING, "lonely");
    is_about("so embarrassing", TWIN_FEELING, "ashamed");
    is_about("今天好累", TWIN_FEELING, "tired");
    is_about("a saddle and a hateful word", TWIN_FEELING, NULL);
    is_about("天气不错", TWIN_FEELING, NULL);
    is_about("天气不错", TWIN_EVERYDAY, "weather");
    is_about("what is for dinner", TWIN_EVERYDAY, "food");
    is_about("昨晚失眠了", TWIN_EVERYDAY, "sleep");
    is_about("这个月工资还没发", TWIN_EVERYDAY, "money");
    is_about("stalking steamed teapots", TWIN_EVERYDAY, NULL);
    is_about("我今年三十四岁", TWIN_ABOUT, "age");
    is_about("I'm 34 and counting", TWIN_ABOUT, "age");
    is_about("I'm 20 minutes late", TWIN_ABOUT, NULL);
    is_about("我在邮局上班", TWIN_ABOUT, "job");
    is_about("I'm a primary school teacher", TWIN_ABOUT, "job");
    is_about("我是绍兴人", TWIN_ABOUT, "place");
    is_about("我是个好人", TWIN_ABOUT, NULL);
    is_about("I live in Leeds", TWIN_ABOUT, "place");
    is_about("我妈昨天来了", TWIN_ABOUT, "kin");
    is_about("my sister called", TWIN_ABOUT, "kin");
}

static void test_counts(void **state)
{
    (void)state;
    struct records *t = records_new();
    say(t, "Bob", 0, "Bob", "sad sad sad");
    say(t, "Bob", 1, "Anna", "ok");
    say(t, "Bob", 2, "Bob", "and?");
    say(t, "Bob", 3, "Anna", "so tired, are you?\n好累啊你呢？");
    say(t, "Carol", 100000, "Carol", "hi");
    say(t, "Carol", 100001, "Anna", "hello there");
    add(t, TWIN_TEXT, -1, "", "A note\n\nof two lines.");
    know(t, "Anna");
    const struct twin_known *k = &t->known;
    assert_int_equal(k->records[TWIN_MESSAGE], 6);
    assert_int_equal(k->own[TWIN_MESSAGE], 3);
    assert_int_equal(k->own[TWIN_TEXT], 1);
    assert_int_equal(k->lines, 6);
    assert_int_equal(k->said, 4);
    assert_int_equal(k->terse, 1);
    assert_int_equal(k->asking, 2);
    assert_int_equal(k->in_language[0], 1);
    assert_int_equal(k->in_language[1], 5);
    assert_int_equal(k->language, 1);
    assert_int_equal(k->topics[topic("sad")], 0);
    assert_int_equal(k->topics[topic("tired")], 2);
    assert_int_equal(k->feelings, 2);
    assert_int_equal(k->n_years, 2);
    assert_int_equal(k->years[0].records + k->years[1].records, 6);
    assert_int_equal(k->undated, 1);
    assert_int_equal(k->n_partners, 2);
    assert_string_equal(k->partners[0].name, "Bob");
    assert_int_equal(k->partners[0].exchanges, 2);
    assert_true(k->first_ms == NOON + 60000 && k->last_ms == NOON + INT64_C(6000060000));
    records_free(t);
}

/* n exchanges with each of so many partners; every line the same. */
static struct records *many(size_t n, size_t partners, const char *answer)
{
    static const char *const names[] = { "Bob", "Carol", "Dave", "Eve" };
    struct records *t = records_new();
    for (size_t p = 0; p < partners; p++)
        for (size_t i = 0; i < n; i++) {
            say(t, names[p], (int)(2 * i), names[p], "tell me");
            say(t, names[p], (int)(2 * i + 1), "Anna", answer);
        }
    return t;
}

static void verdict_is(size_t n, size_t partners, const char *id)
{
    struct records *t = many(n, partners, "as you like it");
    know(t, "Anna");
    assert_string_equal(t->known.verdict->id, id);
    records_free(t);
}

static void test_verdicts(void **state)
{
    (void)state;
    verdict_is(29, 1, "hardly");
    verdict_is(30, 1, "rough");
    verdict_is(199, 1, "rough");
    verdict_is(200, 1, "outline");
    verdict_is(250, 2, "manner");
    verdict_is(375, 4, "person");
}

static void test_gaps(void **state)
{
    (void)state;
    struct records *t = many(10, 1, "ok");
    know(t, "Anna");
    static const bool all[TWIN_GAPS] = { true, true, true, false, true, true };
    for (size_t g = 0; g < TWIN_GAPS; g++)
        assert_int_equal(t->known.gap[g], all[g]);
    records_free(t);
    t = many(10, 3, "I am so sad 我好累 today");
    add(t, TWIN_TEXT, 0, "", "昨天很累\n一天都在下雨\n明天再说吧");
    know(t, "Anna");
    for (size_t g = 0; g < TWIN_GAPS; g++)
        assert_false(t->known.gap[g]);
    assert_false(t->known.topic_missing[topic("sad")]);
    assert_true(t->known.topic_missing[topic("angry")]);
    /* two years later it is old */
    anima_error err;
    assert_int_equal(twin_known_count(&t->arena, &t->book, &t->people, &t->talks,
                                      NOON + INT64_C(731) * 24 * 3600 * 1000, &t->known, &err),
                     0);
    assert_true(t->known.gap[TWIN_GAP_OLD]);
    records_free(t);
}

static struct twin_report report_of(struct records *t)
{
    return (struct twin_report){ "Anna L.", &t->book, &t->people, &t->talks, &t->known };
}

static struct corpus_conversation *read_questions(struct records *t, const char *text, size_t n)
{
    struct corpus_conversation *list;
    anima_error err = { 0 };
    const struct corpus_text c = {
        .name = "questions.md", .data = text, .n = n, .form = CORPUS_FORM_TALK, .source = CORPUS_OWN
    };
    if (corpus_read(&t->arena, &c, &list, &err))
        fail_msg("%s", err.message);
    return list;
}

/* They are in the talk form: unanswered ones have an empty answer, an answer below one is its answer and no other's. */
static void test_questions(void **state)
{
    (void)state;
    for (size_t language = 0; language < TWIN_LANGUAGES; language++) {
        struct records *t = many(10, 1, language == 0 ? "好" : "ok");
        struct buf b, answered;
        size_t n = 0, of[TWIN_LANGUAGES];
        know(t, "Anna");
        const struct twin_report r = report_of(t);
        for (size_t l = 0; l < TWIN_LANGUAGES; l++) {
            buf_init(&b, 1u << 20);
            assert_true(twin_questions(&r, l, &b));
            of[l] = 0;
            for (struct corpus_conversation *c = read_questions(t, buf_str(&b), b.len); c; c = c->next, of[l]++) {
                assert_int_equal(c->n, 2);
                assert_string_equal(c->messages[1].text, "");
            }
            buf_finish(&b);
        }
        assert_true(of[language] > 2 * TWIN_TOPICS && of[1 - language] == TWIN_QUESTIONS);
        buf_init(&b, 1u << 20);
        buf_init(&answered, 1u << 20);
        twin_questions(&r, language, &b);
        const char *end = strchr(strstr(buf_str(&b), "> "), '\n');
        buf_append(&answered, b.data, (size_t)(end + 1 - b.data));
        buf_puts(&answered, "last winter");
        buf_puts(&answered, end);
        for (struct corpus_conversation *c = read_questions(t, buf_str(&answered), answered.len); c; c = c->next, n++)
            assert_string_equal(c->messages[1].text, n ? "" : "last winter");
        assert_int_equal(n, of[language]);
        buf_finish(&b);
        buf_finish(&answered);
        records_free(t);
    }
}

static void has(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("\"%s\" is not in\n%s", words, text);
}

static void test_report(void **state)
{
    (void)state;
    struct buf b;
    struct jw w;
    yyjson_doc *doc;
    anima_error err;
    struct records *t = many(40, 1, "ok");
    t->files[0].trouble = "cut off";
    know(t, "Anna");
    const struct twin_report r = report_of(t);
    buf_init(&b, 1u << 20);
    twin_report_markdown(&r, &b);
    has(buf_str(&b), "# The twin of Anna L.");
    has(buf_str(&b), "**Manner only, and roughly.** Under 200 exchanges");
    has(buf_str(&b), "more cheerful than the person");
    has(buf_str(&b), "talk to everybody as to them");
    has(buf_str(&b), "- Bob: 40 exchanges");
    has(buf_str(&b), "Sources: test 80\n");
    has(buf_str(&b), "a.txt (test): 80 records, 0 system lines or media without words; trouble: cut off");
    buf_reset(&b);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    twin_report_json(&r, &w);
    jw_end_obj(&w);
    assert_int_equal(json_parse(buf_str(&b), b.len, 1u << 20, "it", &doc, &err), 0);
    assert_string_equal(json_str(yyjson_doc_get_root(doc), "verdict", ""), "rough");
    assert_int_equal(json_int(yyjson_doc_get_root(doc), "exchanges", 0), 40);
    yyjson_doc_free(doc);
    buf_finish(&b);
    records_free(t);
    t = many(40, 1, "好的好的");
    know(t, "Anna");
    const struct twin_report zh = report_of(t);
    buf_init(&b, 1u << 20);
    twin_report_markdown(&zh, &b);
    has(buf_str(&b), "# 分身：Anna L.");
    has(buf_str(&b), "只有口气，而且粗略");
    has(buf_str(&b), "分身会比本人开朗");
    buf_finish(&b);
    records_free(t);
}

int main(void)
{
    setenv("TZ", "CST-8", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_topics), cmocka_unit_test(test_counts),    cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_gaps),   cmocka_unit_test(test_questions), cmocka_unit_test(test_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
