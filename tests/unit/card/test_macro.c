/* Macros of cards. */
#include "anima/anima.h"
#include "card/macro.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t random_state = 7;
static struct macro_scene scene = { "林夏", "小雨", 1764000000000, 480, 42, &random_state, false };

static void expands(const char *text, const char *wanted)
{
    struct buf out;
    buf_init(&out, 1u << 20);
    assert_int_equal(macro_expand(text, &scene, &out), 0);
    assert_string_equal(buf_str(&out), wanted);
    buf_finish(&out);
}

static void test_simple(void **state)
{
    (void)state;
    expands("", "");
    expands("{{char}} and {{User}}: {{CHAR}}", "林夏 and 小雨: 林夏");
    expands("{{ char }}", "林夏");
    expands("a{{// a comment with {{user}} }}b{{comment: x}}c{{noop}}", "abc");
    expands("{{date}} {{time}} {{weekday}}", "2025-11-25 00:00 Tuesday");
    expands("a{{newline}}b", "a\nb");
    expands("{{reverse:abc林}}", "林cba");
    expands("{{reverse:{{char}}}}", "夏林");
    expands("{{hidden_key:secret}}", "");
    scene.keys = true;
    expands("{{hidden_key:secret}}", "secret");
    scene.keys = false;
}

static void test_unknown_stays(void **state)
{
    (void)state;
    expands("{{nothing_we_know}} {{original}}", "{{nothing_we_know}} {{original}}");
    expands("{{ and {{char}} and }}", "{{ and 林夏 and }}");
    expands("{{char", "{{char");
    expands("}}{{}}{", "}}{{}}{");
    expands("{{get {{user}}}}", "{{get 小雨}}");
}

static void test_choices(void **state)
{
    (void)state;
    expands("{{random:a}}", "a");
    expands("{{random:a\\,b}}", "a,b");
    expands("{{random::x,y::x,y}}", "x,y");
    expands("{{random::{{char}}}}", "林夏");
    expands("{{roll:d1}} {{roll:3d1+2}} {{roll:1}} {{roll 1}}", "1 5 1 1");
    expands("{{roll:0}}{{roll:d}}{{roll:99999d9}}{{roll:nonsense}}", "");
    struct buf one, two;
    bool seen[6] = { false };
    for (int i = 0; i < 200; i++) {
        buf_init(&one, 100);
        macro_expand("{{roll:d6}}{{random:a,b,c}}", &scene, &one);
        int x = one.data[0] - '0';
        assert_true(x >= 1 && x <= 6 && strchr("abc", one.data[1]));
        seen[x - 1] = true;
        buf_finish(&one);
    }
    for (int i = 0; i < 6; i++)
        assert_true(seen[i]);
    buf_init(&one, 1000);
    buf_init(&two, 1000);
    static const char text[] = "{{pick:a,b,c,d,e,f}}{{pick:a,b,c,d,e,f}}{{pick:a,b,c,d,e,f}}{{pick:a,b,c,d,e,f}}";
    macro_expand(text, &scene, &one);
    macro_expand(text, &scene, &two);
    assert_string_equal(one.data, two.data); /* the same for a conversation … */
    assert_false(one.data[0] == one.data[1] && one.data[1] == one.data[2] &&
                 one.data[2] == one.data[3]); /* … not for each place */
    buf_finish(&one);
    buf_finish(&two);
}

/* Nested deeper than allowed, and larger than allowed: text, or an error; never an end of the stack. */
static void test_bombs(void **state)
{
    (void)state;
    char deep[40001] = "";
    for (int i = 0; i < 2000; i++)
        memcpy(deep + 17 * (size_t)i, "{{random::a{{user", 17);
    for (int i = 0; i < 2000; i++)
        memcpy(deep + 34000 + 2 * (size_t)i, "}}", 2);
    struct buf out;
    buf_init(&out, 1u << 20);
    macro_expand(deep, &scene, &out);
    buf_finish(&out);
    buf_init(&out, 10);
    assert_int_equal(macro_expand("{{char}}{{char}}{{char}}", &scene, &out), ANIMA_E_LIMIT);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_simple), cmocka_unit_test(test_unknown_stays),
                                        cmocka_unit_test(test_choices), cmocka_unit_test(test_bombs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
