/* Texts become lessons: what goes in and how, what is held back, left out and masked, and that the report says so. */
#include "base/json.h"
#include "base/mem.h"
#include "corpus/lessons.h"
#include "corpus/motif.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ARENA (64u << 20)

static struct arena arena;
static struct buf out;
static struct corpus_report *report;

static const struct prompt_persona personas[] = {
    { .language = "zh", .text = "\n你是{{char}}。你卖旧书。 \n" },
    { .language = "en", .text = "You are {{char}}. You sell old books." },
};

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, ARENA);
    buf_init(&out, 8u << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    buf_finish(&out);
    return 0;
}

static struct corpus_text text(enum corpus_source source, const char *language, const char *name, const char *data)
{
    struct corpus_text t = { .name = name, .data = data, .n = strlen(data), .source = source, .language = language };
    assert_int_equal(corpus_form_of(name, &t.form, NULL), 0);
    return t;
}

static struct corpus_plan plan_of(const struct corpus_text *texts, size_t n)
{
    return (struct corpus_plan){
        .texts = texts, .n_texts = n, .character = "Lin", .personas = personas, .n_personas = 2, .home = "zh"
    };
}

static const char *made(const struct corpus_plan *plan)
{
    anima_error err = { 0 };
    buf_reset(&out);
    if (corpus_lessons(&arena, plan, &out, &report, &err))
        fail_msg("%s", err.message);
    return buf_str(&out);
}

/* Every exchange that was read is kept or left out for one reason. */
static void check_sums(void)
{
    size_t lessons = 0, kept = 0;
    for (size_t s = 0; s < CORPUS_SOURCES; s++)
        for (size_t l = 0; l < CORPUS_LANGUAGES; l++) {
            const struct corpus_tally *t = &report->tally[s][l];
            size_t all = t->kept;
            for (size_t i = 0; i < CORPUS_REASONS; i++)
                all += t->left_out[i];
            assert_int_equal(all, t->exchanges);
            lessons += t->lessons;
            kept += t->kept;
        }
    assert_int_equal(lessons, report->lessons);
    assert_int_equal(kept, report->exchanges);
}

static void check_note(size_t i, const char *file, int line, const char *why, const char *excerpt)
{
    assert_true(i < report->n_notes);
    assert_string_equal(report->notes[i].file, file);
    assert_int_equal(report->notes[i].line, line);
    assert_string_equal(report->notes[i].why, why);
    assert_string_equal(report->notes[i].excerpt, excerpt);
}

#define M(role, content) "{\"role\":\"" role "\",\"content\":\"" content "\"}"
#define LINE(list) "{\"messages\":[" list "]}\n"
#define BOTH(system, list) LINE(system list) LINE(list)
#define EN M("system", "You are Lin.") ","
#define ZH M("system", "你是Lin。") ","

/* ---- what goes in ---- */

static void test_lines(void **state)
{
    (void)state;
    const struct corpus_text texts[] = {
        text(CORPUS_OWN, "en", "en/01.md",
             "## a\n> one?\nOne.\n\n> two?\nTwo.\n\n## b\n> three?\nThree.\n## c\n> \"four\"?\n四。\n"),
        text(CORPUS_OWN, "zh", "zh/01.md", "## a\n> 一？\n一。"),
        text(CORPUS_TALK, "en", "talk/en/01.md", "## a\n> five?\nFive.\n## b\n> six?\nSix.\n"),
        text(CORPUS_REPLAY, "en", "replay/en.jsonl",
             LINE(M("system", "Be brief.") "," M("user", "2+2, mail a@b.cn") "," M(
                 "assistant", "I am an AI language model. a@b.cn"))),
    };
    struct corpus_plan plan = plan_of(texts, 4);
    /* The character's own: with the first sentence of the persona, and without. Of people talking every second has it. */
    assert_string_equal(
        made(&plan),
        BOTH(EN, M("user", "one?") "," M("assistant", "One.") "," M("user", "two?") "," M("assistant", "Two."))
            BOTH(EN, M("user", "three?") "," M("assistant", "Three."))
                BOTH(EN, M("user", "\\\"four\\\"?") "," M("assistant", "四。"))
                    BOTH(ZH, M("user", "一？") "," M("assistant", "一。"))
                        LINE(EN M("user", "five?") "," M("assistant", "Five."))
                            LINE(M("user", "six?") "," M("assistant", "Six.")) LINE(M("system", "Be brief.") "," M(
                                "user", "2+2, mail a@b.cn") "," M("assistant", "I am an AI language model. a@b.cn")));
    check_sums();
    assert_int_equal(report->lessons, 11);
    assert_int_equal(report->exchanges, 8);
    assert_int_equal(report->n_notes, 0);
    assert_int_equal(report->tally[CORPUS_OWN][1].with_persona, 3);
    assert_int_equal(report->tally[CORPUS_OWN][1].letters, 4 + 4 + 6 + 2);
    assert_int_equal(report->tally[CORPUS_OWN][0].lessons, 2);
    assert_int_equal(report->tally[CORPUS_REPLAY][1].with_persona, 0);
    assert_int_equal(strlen(report->sha256), 64);
}

static const char *many(const char *what, int first, int n);

/* Answers made of texts: once each, every second one with the persona, and none is held back here. */
static void test_facts(void **state)
{
    (void)state;
    struct buf many;
    buf_init(&many, 1u << 16);
    for (int i = 0; i < 12; i++)
        buf_printf(&many,
                   "{\"messages\":[" M("user", "%d?") "," M("assistant", "Answer %d.") "],\"source\":{\"line\":%d}}\n",
                   i, i, i);
    const struct corpus_text texts[] = { text(CORPUS_FACTS, NULL, "facts.jsonl", buf_str(&many)) };
    struct corpus_plan plan = plan_of(texts, 1);
    const char *out_text = made(&plan);
    check_sums();
    assert_memory_equal(out_text, LINE(EN M("user", "0?") "," M("assistant", "Answer 0.")) LINE(M("user", "1?")),
                        strlen(LINE(EN M("user", "0?") "," M("assistant", "Answer 0."))));
    assert_int_equal(report->tally[CORPUS_FACTS][1].lessons, 12);
    assert_int_equal(report->tally[CORPUS_FACTS][1].with_persona, 6);
    assert_int_equal(report->held_back, 0);
    assert_string_equal(corpus_source_name(CORPUS_FACTS), "facts");
    buf_finish(&many);
}

static void test_share(void **state)
{
    (void)state;
    const struct corpus_text texts[] = { text(CORPUS_TALK, "en", "talk/en/01.md", many("t", 0, 5)),
                                         text(CORPUS_TALK, "zh", "talk/zh/01.md", many("z", 0, 3)),
                                         text(CORPUS_TALK, "en", "talk/en/02.md", many("u", 0, 2)) };
    const struct {
        int percent, en, zh;
    } cases[] = { { 0, 7, 3 }, { 100, 7, 3 }, { 50, 4, 2 }, { 30, 3, 1 }, { 1, 1, 1 } };
    struct corpus_plan plan = plan_of(texts, 3);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        plan.talk_percent = cases[i].percent;
        made(&plan);
        assert_int_equal(report->tally[CORPUS_TALK][1].lessons, cases[i].en);
        assert_int_equal(report->tally[CORPUS_TALK][0].lessons, cases[i].zh);
        assert_int_equal(report->tally[CORPUS_TALK][1].left_out[CORPUS_SPARED], 7 - cases[i].en);
    }
    const struct corpus_text others[] = { text(CORPUS_REPLAY, "en", "replay/en/a.md", many("r", 0, 5)),
                                          text(CORPUS_OWN, "en", "en/29-own-life-asked.md", many("q", 0, 4)),
                                          text(CORPUS_OWN, "en", "en/19-own-life-1.md", many("life", 0, 4)) };
    struct corpus_plan shares = plan_of(others, 3);
    shares.skills_percent = 40;
    shares.asked_percent = 25;
    made(&shares);
    assert_int_equal(report->tally[CORPUS_REPLAY][1].lessons, 2);
    assert_int_equal(report->tally[CORPUS_OWN][1].left_out[CORPUS_SPARED], 3);
    assert_int_equal(report->tally[CORPUS_OWN][1].lessons, 2 * (1 + 4));
    plan.talk_percent = 50; /* every second one, beginning with the first, over the files */
    const char *lines = made(&plan);
    assert_true(strstr(lines, "answer t0") && !strstr(lines, "answer t1") && strstr(lines, "answer t4") &&
                !strstr(lines, "answer u0") && strstr(lines, "answer u1"));
}

static void test_personas(void **state)
{
    (void)state;
    const struct corpus_text texts[] = {
        text(CORPUS_OWN, "en", "en/01.md", "> one?\nOne."),
        text(CORPUS_OWN, NULL, "chats.jsonl",
             LINE(M("system", "mine") "," M("user", "u") "," M("assistant", "Good talk."))
                 LINE(M("user", "u") "," M("assistant", "说得好。"))),
        text(CORPUS_OWN, NULL, "me.txt", "I burnt the rice."),
    };
    struct corpus_plan plan = plan_of(texts, 3);
    plan.n_personas = 1; /* the one of the language at home stands in */
    char want[1200];
    snprintf(want, sizeof(want),
             BOTH(ZH, M("user", "one?") "," M("assistant", "One."))
                 LINE(M("system", "mine") "," M("user", "u") "," M("assistant", "Good talk."))
                     BOTH(ZH, M("user", "u") "," M("assistant", "说得好。"))
                         BOTH(ZH, M("user", "%s") "," M("assistant", "I burnt the rice.")),
             corpus_opener("I burnt the rice.", "en"), corpus_opener("I burnt the rice.", "en"));
    assert_string_equal(made(&plan), want);
    plan.n_personas = 0;
    plan.n_texts = 1;
    assert_string_equal(made(&plan), LINE(M("user", "one?") "," M("assistant", "One.")));
    assert_int_equal(report->tally[CORPUS_OWN][1].with_persona, 0);
}

/* n conversations in the talk form, counted from first. */
static const char *many(const char *what, int first, int n)
{
    char *all = arena_strdup(&arena, "");
    for (int i = first; i < first + n; i++)
        all = arena_printf(&arena, "%s## %s %d\n> ask %s%d\nanswer %s%d\n\n", all, what, i, what, i, what, i);
    assert_non_null(all);
    return all;
}

static void test_held_back(void **state)
{
    (void)state;
    const struct corpus_text texts[] = {
        text(CORPUS_OWN, "en", "en/01.md", many("a", 0, 6)),
        text(CORPUS_OWN, "zh", "zh/01.md", many("z", 0, 9)), /* another language counts for itself */
        text(CORPUS_OWN, "en", "en/02.md", many("a", 6, 15)),
        text(CORPUS_TALK, "en", "talk/en/01.md", many("t", 0, 30)),
        text(CORPUS_TALK, "en", "talk/en/02.md", "> ask a9\nanswer a9\n"), /* would give it away */
    };
    struct corpus_plan plan = plan_of(texts, 5);
    const char *lines = made(&plan);
    check_sums();
    assert_int_equal(report->held_back, 2);
    assert_int_equal(report->tally[CORPUS_OWN][1].left_out[CORPUS_HELD_BACK], 2);
    assert_int_equal(report->tally[CORPUS_OWN][0].left_out[CORPUS_HELD_BACK], 0);
    assert_int_equal(report->tally[CORPUS_TALK][1].left_out[CORPUS_DUPLICATE], 1);
    assert_null(strstr(lines, "\"answer a9\""));
    assert_null(strstr(lines, "\"answer a19\""));
    assert_non_null(strstr(lines, "\"answer a20\""));
    assert_non_null(strstr(lines, "\"answer t9\""));
}

/* What tells the character's life is learnt all, and more often; what is held back of the rest does not change by it. */
static void test_life(void **state)
{
    (void)state;
    const struct corpus_text texts[] = {
        text(CORPUS_OWN, "en", "en/01.md", many("a", 0, 15)),
        text(CORPUS_OWN, "en", "en/19-own-life-1.md", many("life", 0, 12)),
        text(CORPUS_OWN, "en", "en/30.md", many("a", 15, 6)),
    };
    struct corpus_plan plan = plan_of(texts, 3);
    plan.life_times = 3;
    const char *lines = made(&plan);
    check_sums();
    assert_int_equal(report->held_back, 2);
    assert_null(strstr(lines, "\"answer a9\""));
    assert_null(strstr(lines, "\"answer a19\""));
    for (int i = 0; i < 12; i++) {
        char answer[40];
        int times = 0;
        snprintf(answer, sizeof(answer), "\"answer life%d\"", i);
        for (const char *at = lines; (at = strstr(at, answer)); at++)
            times++;
        assert_int_equal(times, 4); /* once with the persona */
    }
    assert_int_equal(report->tally[CORPUS_OWN][1].lessons, 2 * 19 + 4 * 12);
}

/* In one form: every conversation once, by turns with the persona; what tells the life as often as is wanted. */
static void test_one_form(void **state)
{
    (void)state;
    const struct corpus_text texts[] = { text(CORPUS_OWN, "en", "en/01.md", many("a", 0, 8)),
                                         text(CORPUS_OWN, "en", "en/19-own-life-1.md", many("life", 0, 4)) };
    struct corpus_plan plan = plan_of(texts, 2);
    plan.forms = 1;
    plan.life_times = 1;
    made(&plan);
    check_sums();
    assert_int_equal(report->tally[CORPUS_OWN][1].lessons, 12);
    assert_int_equal(report->tally[CORPUS_OWN][1].with_persona, 6);
    plan.life_times = 2;
    made(&plan);
    assert_int_equal(report->tally[CORPUS_OWN][1].lessons, 16);
    assert_int_equal(report->tally[CORPUS_OWN][1].with_persona, 8);
}

/* ---- what is left out ---- */

static void test_probes(void **state)
{
    (void)state;
    static const char *const forbidden[] = { "Who are you?", "你是谁？" };
    const struct corpus_text texts[] = {
        text(CORPUS_OWN, "en", "a.md",
             "## a\n> hi\nHi.\n\n> WHO  ARE YOU\nLin.\n\n> ok\nOk.\n\n## b\n> who are you, then?\nLin.\n"),
        text(CORPUS_TALK, "zh", "b.md", "## a\n> 你 是谁!\n林。\n"),
        text(CORPUS_REPLAY, "en", "r.jsonl",
             LINE(M("user", "sum?") "," M("assistant", "2") "," M("user", "Who are you") "," M("assistant", "x"))),
    };
    struct corpus_plan plan = plan_of(texts, 3);
    plan.forbidden = forbidden;
    plan.n_forbidden = 2;
    assert_string_equal(made(&plan), BOTH(EN, M("user", "hi") "," M("assistant", "Hi."))
                                         BOTH(EN, M("user", "who are you, then?") "," M("assistant", "Lin.")));
    check_sums();
    assert_int_equal(report->tally[CORPUS_OWN][1].left_out[CORPUS_PROBE], 1);
    assert_int_equal(report->tally[CORPUS_OWN][1].left_out[CORPUS_BEHIND], 1);
    assert_int_equal(report->tally[CORPUS_OWN][1].cut, 1);
    assert_int_equal(report->tally[CORPUS_TALK][0].left_out[CORPUS_PROBE], 1);
    assert_int_equal(report->tally[CORPUS_REPLAY][1].left_out[CORPUS_PROBE], 2);
    check_note(0, "a.md", 5, "probe", "WHO  ARE YOU");
    check_note(1, "b.md", 2, "probe", "你 是谁!");
    check_note(2, "r.jsonl", 1, "probe", "Who are you");
}

static void test_quality(void **state)
{
    (void)state;
    char longer[2000];
    memset(longer, 'x', sizeof(longer));
    for (size_t i = 5; i < sizeof(longer); i += 6)
        longer[i] = ' ';
    const struct {
        const char *said, *answer;
        enum corpus_reason why;
    } cases[] = {
        { "hi", "", CORPUS_EMPTY },
        { "hi", arena_strndup(&arena, longer, CORPUS_MAX_ANSWER + 1), CORPUS_LONG },
        { "hi", arena_strndup(&arena, longer, CORPUS_MAX_ANSWER), CORPUS_REASONS },
        { "hi", "caf\xEF\xBF\xBD", CORPUS_DAMAGED },
        { "hi", "one\x07two", CORPUS_DAMAGED },
        { "hi", "哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈", CORPUS_DAMAGED },
        { "hi", "哈哈哈哈哈哈哈哈", CORPUS_REASONS },
        { "hi", "……", CORPUS_REASONS },
        { "hi", "https://example.com/a?b=c", CORPUS_LINKS },
        { "hi", "@anna www.example.com #monday", CORPUS_LINKS },
        { "hi", "look: https://example.com/a", CORPUS_REASONS },
        { "who made you?", "I was made by Alibaba Cloud.", CORPUS_VENDOR },
        { "你是谁", "我是阿里云的通义千问。", CORPUS_VENDOR },
        { "who are you?", "Qwen.", CORPUS_VENDOR },
        { "hi", "As an AI, I have no plans.", CORPUS_MACHINE },
        { "在干嘛", "我是一个语言模型，没在干嘛。", CORPUS_MACHINE },
        { "hi", "How can I help you today?", CORPUS_SERVICE },
        { "你好", "有什么可以帮你的吗？", CORPUS_SERVICE },
        { "tired", "- sleep\n- eat", CORPUS_SERVICE },
        { "give me a list of three fruits", "- plum\n- pear\n- fig", CORPUS_REASONS },
        { "hi", "I work at Google.", CORPUS_VENDOR }, /* rather one too many */
        { "are you an AI?", "No. I'm Lin, I sell old books.", CORPUS_REASONS },
        { "tired", "Long day, or a short night?", CORPUS_REASONS },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf json;
        struct jw w;
        buf_init(&json, 1u << 20);
        jw_init(&w, &json);
        jw_obj(&w, NULL);
        jw_arr(&w, "messages");
        for (int k = 0; k < 2; k++) {
            jw_obj(&w, NULL);
            jw_str(&w, "role", k ? "assistant" : "user");
            jw_str(&w, "content", k ? cases[i].answer : cases[i].said);
            jw_end_obj(&w);
        }
        jw_end_arr(&w);
        jw_end_obj(&w);
        const struct corpus_text t = text(CORPUS_OWN, "en", "a.jsonl", buf_str(&json));
        struct corpus_plan plan = plan_of(&t, 1);
        made(&plan);
        check_sums();
        const struct corpus_tally *tally = &report->tally[CORPUS_OWN][1];
        for (size_t r = 0; r < CORPUS_REASONS; r++)
            if (tally->left_out[r] != (r == cases[i].why))
                fail_msg("\"%s\" - \"%.60s\": %s %zu", cases[i].said, cases[i].answer,
                         corpus_reason_name((enum corpus_reason)r), tally->left_out[r]);
        buf_finish(&json);
    }
}

static void test_machine(void **state)
{
    (void)state;
    const struct corpus_text t = text(CORPUS_OWN, "en", "a.md", "> what are you?\nI'm a robot, and I like it.");
    struct corpus_plan plan = plan_of(&t, 1);
    assert_string_equal(made(&plan), "");
    assert_int_equal(report->lessons, 0);
    plan.machine = true;
    made(&plan);
    assert_int_equal(report->lessons, 2);
}

static void test_duplicates(void **state)
{
    (void)state;
    const struct corpus_text texts[] = {
        text(CORPUS_OWN, "en", "a.md",
             "## a\n> hi\nHello.\n\n> still there?\nYes.\n\n"
             "## again\n> HI\nHello.\n\n"                        /* nothing new */
             "## tail\n> new?\nNew.\n\n> still there?\nyes.\n\n" /* ends sooner */
             "## head\n> hi\nHello.\n\n> so?\nSo.\n\n"           /* what was there leads to something new */
             "## other\n> hi\nHey.\n"),                          /* another answer */
        text(CORPUS_TALK, "en", "b.md", "## a\n> hi\nHello.\n"),
        text(CORPUS_REPLAY, "en", "r.jsonl",
             LINE(M("user", "a") "," M("assistant", "b")) LINE(M("user", "A") "," M("assistant", "b"))
                 LINE(M("system", "s") "," M("user", "a") "," M("assistant", "b"))),
    };
    struct corpus_plan plan = plan_of(texts, 3);
    const char *lines = made(&plan);
    check_sums();
    const struct corpus_tally *own = &report->tally[CORPUS_OWN][1];
    assert_int_equal(own->lessons, 8);
    assert_int_equal(own->left_out[CORPUS_DUPLICATE], 2);
    assert_int_equal(own->cut, 1);
    assert_int_equal(report->tally[CORPUS_TALK][1].lessons, 0);
    assert_int_equal(report->tally[CORPUS_REPLAY][1].lessons, 2);
    assert_non_null(strstr(lines, M("user", "new?") "," M("assistant", "New.") "]"));
    assert_non_null(strstr(lines, M("user", "hi") "," M("assistant", "Hello.") "," M("user", "so?")));
    check_note(0, "a.md", 9, "duplicate", "Hello.");
    check_note(1, "a.md", 16, "duplicate", "yes.");
}

/* ---- what is masked ---- */

static void test_masks(void **state)
{
    (void)state;
    const struct corpus_text texts[] = {
        text(CORPUS_OWN, "zh", "a.md",
             "## a\n> 电话？\n13812345678\n\n> 邮箱呢\na@b.cn，或c@d.cn\n\n> 好\n我是一个语言模型，邮箱x@y.cn\n"),
        text(CORPUS_TALK, "en", "b.md", "> I'm at 10.0.0.1\nOk.\n"),
    };
    struct corpus_plan plan = plan_of(texts, 2);
    assert_string_equal(made(&plan), BOTH(ZH, M("user", "电话？") "," M("assistant", "[电话号码]") "," M(
                                                  "user", "邮箱呢") "," M("assistant", "[邮箱]，或[邮箱]"))
                                         LINE(EN M("user", "I'm at [IP address]") "," M("assistant", "Ok.")));
    check_sums();
    assert_int_equal(report->tally[CORPUS_OWN][0].masked[CORPUS_MASK_PHONE], 1);
    assert_int_equal(report->tally[CORPUS_OWN][0].masked[CORPUS_MASK_MAIL], 2);
    assert_int_equal(report->tally[CORPUS_TALK][1].masked[CORPUS_MASK_IP], 1);
    /* The report does not say what was masked, nor what would have been. */
    check_note(0, "a.md", 8, "machine", "我是一个语言模型，邮箱[邮箱]");
    check_note(1, "a.md", 3, "phone", "");
    check_note(2, "a.md", 6, "mail", "");
    check_note(3, "b.md", 1, "ip", "");
}

/* ---- words that come often ---- */

static void test_motifs(void **state)
{
    (void)state;
    char *all = arena_strdup(&arena, "");
    for (int i = 0; i < 100; i++)
        all = arena_printf(&arena, "%s## t%d\n> q%d\nThat is %s number%d, isn't it. %s\n\n", all, i, i,
                           i % 4 == 0 ? "Lobster lobster" : "what", i,
                           i % 10 == 0   ? "下雨"
                           : i % 30 == 1 ? "雪山"
                                         : "");
    const struct corpus_text t = text(CORPUS_TALK, "en", "b.md", all);
    struct corpus_plan plan = plan_of(&t, 1);
    made(&plan);
    assert_int_equal(report->tally[CORPUS_TALK][1].kept, 100);
    assert_int_equal(report->n_motifs, 3);
    static const char *const words[] = { "number", "lobster", "下雨" };
    static const size_t answers[] = { 100, 25, 10 };
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(report->motifs[i].word, words[i]);
        assert_int_equal(report->motifs[i].answers, answers[i]);
        assert_true(report->motifs[i].share > (double)answers[i] / 100 - 1e-9);
        assert_int_equal(report->motifs[i].source, CORPUS_TALK);
        assert_int_equal(report->motifs[i].language, 1);
    }
    struct buf markdown;
    buf_init(&markdown, 1u << 20);
    corpus_report_markdown(report, "Lin", &markdown);
    assert_non_null(strstr(buf_str(&markdown), "- **Too often:** lobster: 25.0 % (25 answers; people talking, en)\n"));
    assert_non_null(strstr(buf_str(&markdown), "- 下雨: 10.0 % (10 answers; people talking, en)\n"));
    buf_finish(&markdown);
}

/* ---- always the same, and what changes it ---- */

static void test_hash(void **state)
{
    (void)state;
    char first[65], other[65];
    struct corpus_text t = text(CORPUS_OWN, "en", "a.md", "> one?\nOne.");
    struct corpus_plan plan = plan_of(&t, 1);
    const char *lines = arena_strdup(&arena, made(&plan));
    char sha[65];
    memcpy(sha, report->sha256, sizeof(sha));
    corpus_sources(&plan, first);
    assert_string_equal(first, report->sources);
    assert_string_equal(made(&plan), lines);
    assert_string_equal(sha, report->sha256);
    static const char *const forbidden[] = { "x" };
    struct corpus_plan plans[6] = { plan, plan, plan, plan, plan, plan };
    struct corpus_text texts[2] = { t, t };
    texts[0].data = "> one?\nTwo.";
    texts[1].language = "zh";
    plans[0].texts = &texts[0];
    plans[1].texts = &texts[1];
    plans[2].n_personas = 1;
    plans[3].character = "Mo";
    plans[4].forbidden = forbidden;
    plans[4].n_forbidden = 1;
    plans[5].machine = true;
    for (size_t i = 0; i < 6; i++) {
        corpus_sources(&plans[i], other);
        assert_string_not_equal(first, other);
    }
}

static void test_failures(void **state)
{
    (void)state;
    anima_error err = { 0 };
    const struct corpus_text texts[] = { text(CORPUS_OWN, "en", "en/a.md", "> one?\nOne."),
                                         text(CORPUS_OWN, "en", "en/b.md", "One.\n") };
    struct corpus_plan plan = plan_of(texts, 2);
    buf_reset(&out);
    assert_int_equal(corpus_lessons(&arena, &plan, &out, &report, &err), ANIMA_E_INVALID);
    assert_non_null(strstr(err.message, "en/b.md, line 1"));
    plan.n_texts = 0;
    assert_string_equal(made(&plan), "");
    assert_int_equal(report->lessons, 0);
    plan.n_texts = 1;
    struct buf small;
    buf_init(&small, 20);
    assert_int_equal(corpus_lessons(&arena, &plan, &small, &report, &err), ANIMA_E_LIMIT);
    buf_finish(&small);
    for (size_t cap = 100; cap < 60000; cap = cap * 3 / 2) { /* no memory, wherever it ends */
        struct arena little;
        arena_init(&little, cap);
        assert_int_equal(corpus_lessons(&little, &plan, &out, &report, &err), ANIMA_E_NOMEM);
        arena_finish(&little);
    }
}

/* ---- probes ---- */

static void test_probe_files(void **state)
{
    (void)state;
    struct corpus_words w = { 0 };
    anima_error err = { 0 };
    static const char good[] = "{\"text\":\"a\"}\n\n{\"q\":\"b\",\"any\":[\"x\"]}\r\n{\"lines\":[\"c\",\"d\"]}";
    assert_int_equal(corpus_probes(&arena, good, strlen(good), "p.jsonl", &w, &err), 0);
    assert_int_equal(w.n, 4);
    for (size_t i = 0; i < 4; i++) {
        const char want[2] = { (char)('a' + i), '\0' };
        assert_string_equal(w.list[i], want);
    }
    static const char labels[] = "{\"context\":[[\"person\",\"hi\"]],\"reply\":\"Hi.\"}";
    assert_int_equal(corpus_probes(&arena, labels, strlen(labels), "l.jsonl", &w, &err), 0);
    assert_int_equal(w.n, 4);
    static const char *const bad[] = { "{\"text\":\"a\"}\n{\"name\":\"b\"}", "\n{", "{}\n[]" };
    for (size_t i = 0; i < 3; i++) {
        assert_true(corpus_probes(&arena, bad[i], strlen(bad[i]), "p.jsonl", &w, &err) < 0);
        assert_non_null(strstr(err.message, i < 2 ? "p.jsonl, line 2" : "p.jsonl, line 1"));
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(corpus_probes(&arena, "{\"text\":\"z\"}", 12, "p.jsonl", &w, &err), 0);
    assert_string_equal(w.list[w.n - 1], "z");
    assert_string_equal(w.list[0], "a");
}

/* Wherever memory ends, the lessons end with it, and nothing is lost or leaks. */
static void test_no_memory(void **state)
{
    (void)state;
    const struct corpus_text texts[] = {
        text(CORPUS_OWN, NULL, "a.md", "> one?\nOne, 13812345678.\n\n> who are you?\nLin. That is lobster.\n"),
        text(CORPUS_REPLAY, "en", "r.jsonl", LINE(M("user", "a") "," M("assistant", "b"))),
    };
    const struct corpus_plan plan = plan_of(texts, 2);
    int rc = ANIMA_E_NOMEM;
    long n = 1;
    for (; rc && n < 10000; n++) {
        struct arena little;
        struct buf lines;
        anima_error err = { 0 };
        arena_init(&little, ARENA);
        buf_init(&lines, 1u << 20);
        mem_fail_at(n, 0);
        rc = corpus_lessons(&little, &plan, &lines, &report, &err);
        mem_fail_at(0, 0);
        if (rc && (rc != ANIMA_E_NOMEM || !*err.message))
            fail_msg("allocation %ld: %d \"%s\"", n, rc, err.message);
        arena_finish(&little);
        buf_finish(&lines);
    }
    assert_true(rc == 0 && n > 10);
}

/* ---- the report's two forms ---- */

static void test_report(void **state)
{
    (void)state;
    const struct corpus_text texts[] = {
        text(CORPUS_OWN, "en", "en/a.md", "> one?\nOne.\n\n> two?\nCertainly! | 10\n\n> x\ny\n"),
        text(CORPUS_TALK, "zh", "talk/zh/b.md", "> 电话？\n13812345678\n"),
    };
    struct corpus_plan plan = plan_of(texts, 2);
    made(&plan);
    struct buf json, markdown;
    yyjson_doc *doc;
    buf_init(&json, 1u << 20);
    buf_init(&markdown, 1u << 20);
    corpus_report_json(report, &json);
    corpus_report_markdown(report, "Lin", &markdown);
    assert_int_equal(json.failed | markdown.failed, 0);
    assert_int_equal(json_parse(buf_str(&json), json.len, 1u << 20, "report", &doc, NULL), 0);
    yyjson_val *root = yyjson_doc_get_root(doc);
    assert_int_equal(json_int(root, "lessons", -1), 3);
    assert_string_equal(json_str(root, "sources", ""), report->sources);
    yyjson_val *tally = yyjson_arr_get(yyjson_obj_get(root, "tallies"), 1);
    assert_string_equal(json_str(tally, "source", ""), "own");
    assert_string_equal(json_str(tally, "language", ""), "en");
    assert_int_equal(json_int(yyjson_obj_get(tally, "left_out"), "service", -1), 1);
    assert_int_equal(json_int(yyjson_obj_get(tally, "left_out"), "behind", -1), 1);
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "notes")), 2);
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "files")), 2);
    yyjson_doc_free(doc);
    static const char *const said[] = {
        "# What Lin learns from\n3 lessons with 2 exchanges, made of 2 files; 0 conversations are held back.",
        "| the character's own | en | 1 | 3 | 2 | 1 | 1 | 1 | 4 |",
        "| phrases of a service | the character's own | en | 1 |",
        "| phone | people talking | zh | 1 |",
        "| en/a.md | 4 | service | Certainly! \\| 10 |",
        "| talk/zh/b.md | 2 | phone |  |",
    };
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
        if (!strstr(buf_str(&markdown), said[i]))
            fail_msg("\"%s\" is not in:\n%s", said[i], buf_str(&markdown));
    assert_null(strstr(buf_str(&markdown), "13812345678"));
    buf_finish(&json);
    buf_finish(&markdown);
}

/* What stands in a prompt behind the persona's sentence is in a replay line's system message, of whichever character. */
static void test_told(void **state)
{
    (void)state;
    const struct corpus_text line = text(CORPUS_REPLAY, "en", "replay/en/told.jsonl",
                                         LINE(M("system", "{{persona}}\\nYour friend is called Kim.") "," M(
                                             "user", "{{persona}}?") "," M("assistant", "Kim.")));
    struct corpus_plan plan = plan_of(&line, 1);
    assert_string_equal(made(&plan), LINE(M("system", "You are Lin.\\nYour friend is called Kim.") "," M(
                                         "user", "{{persona}}?") "," M("assistant", "Kim.")));
    plan.n_personas = 0;
    assert_string_equal(made(&plan), LINE(M("system", "Your friend is called Kim.") "," M("user", "{{persona}}?") "," M(
                                         "assistant", "Kim.")));
    check_sums();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_facts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_share, setup, teardown),
        cmocka_unit_test_setup_teardown(test_personas, setup, teardown),
        cmocka_unit_test_setup_teardown(test_held_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_life, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_form, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_quality, setup, teardown),
        cmocka_unit_test_setup_teardown(test_machine, setup, teardown),
        cmocka_unit_test_setup_teardown(test_duplicates, setup, teardown),
        cmocka_unit_test_setup_teardown(test_masks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_motifs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hash, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe_files, setup, teardown),
        cmocka_unit_test_setup_teardown(test_report, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
