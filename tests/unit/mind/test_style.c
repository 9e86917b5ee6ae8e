/* The judge of style: it learns a difference that is there, finds none where there is none, and is the same every time. */
#include "mind/style.h"

#include "base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EACH 60

static const char *const things[] = { "the kettle", "my bicycle", "that letter", "the roof",    "a cheap coat",
                                      "the train",  "his garden", "an old map",  "this street", "her violin" };
static const char *const deeds[] = {
    "broke", "was late", "smelled of rain", "cost too much", "made me laugh", "is gone"
};

/* One talks curtly, with questions; the other in long polite sentences. What they talk about is the same. */
static size_t make_lines(struct style_line *out, char (*texts)[200], bool alike)
{
    for (int i = 0; i < 2 * EACH; i++) {
        const char *thing = things[i / 2 % 10], *deed = deeds[i / 2 % 6];
        if (i % 2 == 0 || alike)
            snprintf(texts[i], sizeof(texts[i]), "Hm. So %s %s? Fine by me.", thing, deed);
        else
            snprintf(texts[i], sizeof(texts[i]), "I would say, to be honest with you, that %s %s, which is a pity!",
                     thing, deed);
        out[i] = (struct style_line){ texts[i], (unsigned)i / 2, i % 2 };
    }
    return 2 * EACH;
}

static void test_tells_apart(void **state)
{
    (void)state;
    struct style_line lines[2 * EACH];
    static char texts[2 * EACH][200];
    struct style_trial trial;
    struct style *style;
    anima_error err;
    size_t n = make_lines(lines, texts, false);
    assert_int_equal(style_learn(lines, n, &style, &trial, &err), ANIMA_OK);
    assert_true(trial.passed[STYLE_OWN] >= 0.85 && trial.passed[1] <= 0.05);
    assert_true(style_passes(style, "Hm. So the kettle is gone? Fine by me."));
    assert_false(style_passes(style, "I would say, to be honest with you, that the cat ran off, which is a pity!"));
    style_destroy(style);
}

static void test_finds_nothing_where_nothing_is(void **state)
{
    (void)state;
    struct style_line lines[2 * EACH];
    static char texts[2 * EACH][200];
    struct style_trial trial;
    struct style *style;
    anima_error err;
    size_t n = make_lines(lines, texts, true);
    assert_int_equal(style_learn(lines, n, &style, &trial, &err), ANIMA_OK);
    assert_true(trial.passed[1] >= 0.7); /* what passes of the own passes of the others, too */
    style_destroy(style);
}

/* A kind of few lines weighs as much as one of many. */
static void test_kinds_weigh_the_same(void **state)
{
    (void)state;
    struct style_line lines[2 * EACH + 10];
    static char texts[2 * EACH + 10][200];
    struct style_trial trial;
    struct style *style;
    anima_error err;
    size_t n = make_lines(lines, texts, false);
    for (size_t i = 0; i < 10; i++) {
        snprintf(texts[n + i], sizeof(texts[0]), "Hm. WONDERFUL news about %s, my dear!!!", things[i]);
        lines[n + i] = (struct style_line){ texts[n + i], (unsigned)i, 3 };
    }
    assert_int_equal(style_learn(lines, n + 10, &style, &trial, &err), ANIMA_OK);
    assert_true(trial.passed[3] <= 0.2);
    assert_float_equal(trial.passed[2], 0, 1e-9); /* there is none of it */
    style_destroy(style);
}

static void test_chinese(void **state)
{
    (void)state;
    static const char *const own[] = { "嗯，随你。", "嗯，行吧。", "嗯，也好。", "嗯，算了。", "嗯，不去。" };
    static const char *const others[] = { "我觉得这样非常好，希望你能够喜欢！", "我认为你可以试一试，一定会有收获！",
                                          "我建议你多休息，保持良好的心情！", "我相信你能够做到，请不要放弃自己！",
                                          "我很高兴听到这个消息，祝你一切顺利！" };
    struct style_line lines[10];
    struct style *style;
    anima_error err;
    for (unsigned i = 0; i < 10; i++)
        lines[i] = (struct style_line){ i % 2 ? others[i / 2] : own[i / 2], i / 2, i % 2 };
    assert_int_equal(style_learn(lines, 10, &style, NULL, &err), ANIMA_OK);
    assert_true(style_passes(style, "嗯，随你吧。"));
    assert_false(style_passes(style, "我希望你能够好好休息，一定会好起来的！"));
    style_destroy(style);
}

static void test_same_every_time(void **state)
{
    (void)state;
    struct style_line lines[2 * EACH];
    static char texts[2 * EACH][200];
    struct style *a, *b;
    struct style_trial first, second;
    anima_error err;
    size_t n = make_lines(lines, texts, false);
    assert_int_equal(style_learn(lines, n, &a, &first, &err), ANIMA_OK);
    assert_int_equal(style_learn(lines, n, &b, &second, &err), ANIMA_OK);
    assert_memory_equal(&first, &second, sizeof(first));
    for (size_t i = 0; i < n; i++)
        assert_int_equal(style_passes(a, texts[i]), style_passes(b, texts[i]));
    style_destroy(a);
    style_destroy(b);
}

static void test_needs_both_kinds(void **state)
{
    (void)state;
    const struct style_line lines[] = { { "a", 0, STYLE_OWN }, { "b", 1, STYLE_OWN } };
    struct style *style;
    anima_error err;
    assert_int_equal(style_learn(lines, 2, &style, NULL, &err), ANIMA_E_INVALID);
    assert_null(style);
    assert_int_equal(style_learn(lines, 0, &style, NULL, &err), ANIMA_E_INVALID);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct style_line lines[2 * EACH];
    static char texts[2 * EACH][200];
    struct style *style;
    anima_error err;
    size_t n = make_lines(lines, texts, false);
    for (long at = 1; at < 400; at += 7) {
        mem_fail_at(at, 0);
        assert_int_equal(style_learn(lines, n, &style, NULL, &err), ANIMA_E_NOMEM);
        assert_null(style);
    }
    mem_fail_at(0, 0);
}

static void test_odd_texts(void **state)
{
    (void)state;
    const struct style_line lines[] = { { "", 0, 0 }, { "\n\n", 1, 1 }, { "？！……", 2, 0 }, { "1 2 3", 3, 9 } };
    struct style *style;
    struct style_trial trial;
    anima_error err;
    char *longest = malloc(200001);
    assert_non_null(longest);
    memset(longest, 'x', 200000);
    longest[200000] = '\0';
    assert_int_equal(style_learn(lines, 4, &style, &trial, &err), ANIMA_OK);
    for (size_t k = 0; k < STYLE_KINDS; k++)
        assert_true(isfinite(trial.passed[k]));
    style_passes(style, longest);
    style_passes(style, "");
    style_destroy(style);
    free(longest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tells_apart),
        cmocka_unit_test(test_finds_nothing_where_nothing_is),
        cmocka_unit_test(test_kinds_weigh_the_same),
        cmocka_unit_test(test_chinese),
        cmocka_unit_test(test_same_every_time),
        cmocka_unit_test(test_needs_both_kinds),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_odd_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
