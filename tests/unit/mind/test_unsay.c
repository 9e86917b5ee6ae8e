/* What people want forgotten for good, and what only sounds like it: there a mistake would delete something. */
#include "mind/unsay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct unsays *unsays;
static struct arena arena;

static int begin(void **state)
{
    anima_error err;
    (void)state;
    arena_init(&arena, 1 << 20);
    return unsays_create(&unsays, &err);
}

static int end(void **state)
{
    (void)state;
    unsays_destroy(unsays);
    arena_finish(&arena);
    return 0;
}

static void what_was_just_said(void **state)
{
    static const char *const cases[] = {
        "Forget that.",
        "Please forget that",
        "forget this",
        "Forget what I said.",
        "Forget what I just told you!",
        "Actually, forget what I said just now.",
        "Could you forget that?",
        "I want you to forget that, please.",
        "Delete that.",
        "Ok, forget I said that.",
        "Forget that I mentioned it.",
        "Well, forget the last thing I said.",
        "Forget about that.",
        "Nice weather today. Please forget that.",
        "忘了这件事",
        "忘掉它",
        "请忘掉刚才说的",
        "忘掉我刚才说的话吧",
        "把这件事忘了吧。",
        "把我刚才说的话忘掉",
        "忘了那句话",
        "麻烦你删掉这句话",
        "那就忘掉吧，算了。忘了这件事吧",
        "别记这个",
        "请你忘记我刚刚告诉你的事。",
        "能不能把那件事忘掉？",
        "请忘记刚才提到的事",
        "忘了之前聊到的那件事",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct unsay u;
        assert_int_equal(unsay_find(unsays, &arena, cases[i], &u), 0);
        if (u.what != UNSAY_LAST)
            fail_msg("%d: %s", u.what, cases[i]);
    }
}

static void what_it_is_about(void **state)
{
    static const struct {
        const char *message, *about;
        bool all;
    } cases[] = {
        { "Forget what I said about my sister.", "my sister", false },
        { "Please forget everything I told you about the locker.", "the locker", true },
        { "Forget that I told you about the party", "the party", false },
        { "Could you forget what I said about Zebulon, please?", "Zebulon", false },
        { "Delete everything about my divorce.", "my divorce", true },
        { "forget that I said I'm moving", "I'm moving", false },
        { "忘掉我说过的关于搬家的话", "搬家", false },
        { "请忘掉所有关于密码的事", "密码", true },
        { "把我说过的辞职的事忘了吧。", "辞职", false },
        { "把关于我姐姐的事都忘掉。", "我姐姐", true },
        { "忘掉我跟你说的体检的事", "体检", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct unsay u;
        assert_int_equal(unsay_find(unsays, &arena, cases[i].message, &u), 0);
        if (u.what != UNSAY_ABOUT || strcmp(u.about, cases[i].about) != 0 || u.all != cases[i].all)
            fail_msg("%d %s %d: %s", u.what, u.about, u.all, cases[i].message);
        assert_memory_equal(cases[i].message + u.start, u.about, u.end - u.start);
    }
}

static void what_only_sounds_like_it(void **state)
{
    static const char *const cases[] = {
        "Don't forget that I'm allergic to nuts.",
        "忘了告诉你！我升职了！",
        "对了，忘了跟你说。",
        "哎，忘了说了。",
        "对了，忘了跟你说我妹妹的事了。",
        "Don't forget what I said!",
        "I forgot that.",
        "I'll never forget that.",
        "Forget it!",
        "Forget it, you don't understand.",
        "Did you forget that?",
        "You always forget what I told you.",
        "I can't forget what I said about her.",
        "Forget that?",
        "Forget what I said about Zebulon?",
        "忘掉我说过的关于搬家的话？",
        "He told me to forget that.",
        "Never forget that.",
        "I want to forget that day.",
        "Forget about the weather, how are you?",
        "Sorry, I forgot what I said about it.",
        "What did you forget?",
        "Will you forget me?",
        "\"Forget that,\" she said to her boss in the film last night.",
        "别忘了这件事",
        "不要忘了我说过的话",
        "我忘了这件事",
        "你忘了这件事？",
        "他忘了我说的话",
        "我忘掉了密码怎么办",
        "我永远不会忘记这件事",
        "差点忘了这件事",
        "忘了吧",
        "你怎么把这件事忘了",
        "我把密码忘了",
        "忘记一个人要多久？",
        "千万别忘掉我说的",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct unsay u;
        assert_int_equal(unsay_find(unsays, &arena, cases[i], &u), 0);
        if (u.what != UNSAY_NOT)
            fail_msg("%d (%s): %s", u.what, u.about, cases[i]);
    }
}

static void what_is_said_of_it(void **state)
{
    (void)state;
    for (int done = 0; done < 2; done++) {
        assert_string_not_equal(unsay_note(done, "zh"), unsay_note(done, "en"));
        assert_string_not_equal(unsay_opening(done, "zh"), unsay_opening(done, "en"));
        assert_string_not_equal(unsay_opening(done, "en"), unsay_opening(!done, "en"));
    }
    assert_string_not_equal(unsay_instead("忘掉我说过的关于搬家的话"),
                            unsay_instead("Forget what I said about moving."));
    /* A message of a megabyte is looked at, and says nothing. */
    static char large[1 << 20];
    struct unsay u;
    memset(large, 'a', sizeof(large) - 1);
    assert_int_equal(unsay_find(unsays, &arena, large, &u), 0);
    assert_int_equal(u.what, UNSAY_NOT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_just_said),
        cmocka_unit_test(what_it_is_about),
        cmocka_unit_test(what_only_sounds_like_it),
        cmocka_unit_test(what_is_said_of_it),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
