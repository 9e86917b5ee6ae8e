/* The window over a conversation (reading.h): when its successor is chosen, where it begins, when it takes over. */
#include "agent/reading.h"

#include "mind/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TURNS 300
#define BESIDE 300
#define CONTEXT 2048

static const struct prompt_persona persona = { .language = "en", .text = "You are Lin." };
static struct prompt_turn turns[TURNS];
static char *texts[TURNS];

/* A turn of so many tokens, the template's among them. */
static void say(size_t i, bool person, int tokens)
{
    free(texts[i]);
    texts[i] = calloc(1, (size_t)tokens * 4 + 1);
    memset(texts[i], 'a', (size_t)(tokens - prompt_message_tokens("")) * 4);
    turns[i] = (struct prompt_turn){ person ? "Tom" : NULL, texts[i] };
    assert_int_equal(prompt_message_tokens(texts[i]), tokens);
}

static int talk(void **state)
{
    (void)state;
    for (size_t i = 0; i < TURNS; i++)
        say(i, i % 2 == 0, 20);
    return 0;
}

static int hush(void **state)
{
    (void)state;
    for (size_t i = 0; i < TURNS; i++) {
        free(texts[i]);
        texts[i] = NULL;
    }
    return 0;
}

static struct reading_window over_from(size_t from, size_t n, long context)
{
    struct reading_window w;
    const struct prompt_input in = { .persona = &persona, .turns = turns, .n_turns = n };
    reading_window(&in, from, context, &w);
    return w;
}

static struct reading_window over(size_t n, long context) { return over_from(0, n, context); }

static int tokens_of(size_t from, size_t n)
{
    int sum = 0;
    for (size_t i = from; i < n; i++)
        sum += prompt_message_tokens(turns[i].text);
    return sum;
}

static double room(long context)
{
    return (double)context * 0.75 - prompt_persona_tokens(&persona) - BESIDE - SUMMARY_TOKENS;
}

/* Nothing is in the way as long as there is room; the successor is chosen at 60 %, and takes over at 80 %. */
static void test_grows(void **state)
{
    (void)state;
    size_t chosen = 0, moved = 0;
    assert_int_equal(over(0, CONTEXT).first, 0);
    for (size_t n = 1; n < TURNS && !moved; n++) {
        struct reading_window w = over(n, CONTEXT);
        chosen = chosen || !w.next ? chosen : n;
        moved = w.first ? n : 0;
        if (!moved && chosen)
            assert_int_equal(w.next, over(chosen, CONTEXT).next); /* it stays the one that is read ahead */
    }
    assert_true(tokens_of(0, chosen) > 0.6 * room(CONTEXT) && tokens_of(0, chosen - 1) <= 0.6 * room(CONTEXT));
    assert_true(tokens_of(0, moved) > 0.8 * room(CONTEXT) && tokens_of(0, moved - 1) <= 0.8 * room(CONTEXT));
    size_t next = over(chosen, CONTEXT).next;
    assert_int_equal(over(moved, CONTEXT).first, next);
    assert_int_equal(over(moved, CONTEXT).next, 0);
    assert_true(tokens_of(next, chosen) <= 0.35 * room(CONTEXT));
    assert_true(tokens_of(next - 2, chosen) > 0.35 * room(CONTEXT)); /* and no more is left out than has to be */
}

/* Over a long talk: it only moves forwards, to a successor that was chosen before, begins with a person's words, and never
 * holds more than there is room for. */
static void test_moves(void **state)
{
    (void)state;
    int moves = 0;
    struct reading_window before = { 0 };
    for (size_t i = 0; i < TURNS; i++)
        say(i, i % 2 == 0, 10 + (int)(i * 37 % 50));
    for (size_t n = 1; n <= TURNS; n++) {
        struct reading_window w = over(n, CONTEXT);
        assert_true(w.first >= before.first);
        if (w.first != before.first) {
            assert_int_equal(w.first, before.next);
            moves++;
        }
        assert_true(turns[w.first].speaker && (!w.next || turns[w.next].speaker));
        assert_true(!w.next || (w.next > w.first && w.next < n));
        assert_true(tokens_of(w.first, n) <= 0.8 * room(CONTEXT));
        before = w;
    }
    assert_true(moves > 5);
}

/* The same whenever it is asked for, and from whichever window it is told to have begun with. */
static void test_same_answer(void **state)
{
    (void)state;
    size_t begun[TURNS], n_begun = 1;
    begun[0] = 0;
    for (size_t i = 0; i < TURNS; i++)
        say(i, i % 2 == 0, 8 + (int)(i * i % 90));
    for (size_t n = 1; n <= TURNS; n++) {
        struct reading_window w = over(n, CONTEXT);
        if (w.first != begun[n_begun - 1])
            begun[n_begun++] = w.first;
        for (size_t k = 0; k < n_begun; k++) {
            struct reading_window other = over_from(begun[k], n, CONTEXT);
            assert_int_equal(other.first, w.first);
            assert_int_equal(other.next, w.next);
        }
    }
    assert_true(n_begun > 4);
}

/* One message larger than the whole room is read as long as it is the last; then the window begins behind it. */
static void test_giant_turn(void **state)
{
    (void)state;
    say(0, true, 4000);
    assert_int_equal(over(1, CONTEXT).first, 0);
    assert_int_equal(over(1, CONTEXT).next, 0);
    assert_int_equal(over(2, CONTEXT).first, 0); /* its reply alone is no conversation */
    assert_int_equal(over(3, CONTEXT).first, 2);
    say(0, true, 20);
    say(10, true, 4000);
    assert_int_equal(over(10, CONTEXT).first, 0);
    assert_int_equal(over(11, CONTEXT).first, 10);
    assert_int_equal(over(12, CONTEXT).first, 10);
    assert_int_equal(over(13, CONTEXT).first, 12);
    for (size_t n = 1; n < TURNS; n++) /* a giant reply, too */
        say(n, n % 2 == 0, n % 2 ? 3000 : 20);
    for (size_t n = 3; n < TURNS; n++)
        assert_true(over(n, CONTEXT).first + 3 >= n && turns[over(n, CONTEXT).first].speaker);
}

/* A context that is full of the persona already leaves a little room for turns. */
static void test_tiny_context(void **state)
{
    (void)state;
    for (long context = 1; context <= 256; context *= 4) {
        struct reading_window before = { 0 };
        for (size_t n = 1; n <= 60; n++) {
            struct reading_window w = over(n, context);
            assert_true(w.first >= before.first && w.first < n);
            assert_true(tokens_of(w.first, n) <= 160);
            before = w;
        }
        assert_true(before.first > 40);
    }
}

/* A model with more or less room has windows of its own. */
static void test_context_changes(void **state)
{
    (void)state;
    assert_int_equal(over(TURNS, 16384).first, 0);
    assert_true(over(TURNS, 4096).first > 0);
    assert_true(over(TURNS, 2048).first > 0);
    assert_true(tokens_of(over(TURNS, 2048).first, TURNS) <= 0.8 * room(2048));
    assert_true(tokens_of(over(TURNS, 4096).first, TURNS) > room(2048));
}

/* Only what the character said so far: there is nothing to begin with. */
static void test_only_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < TURNS; i++)
        say(i, false, 50);
    assert_int_equal(over(TURNS, CONTEXT).first, 0);
    assert_int_equal(over(TURNS, CONTEXT).next, 0);
}

static void test_names(void **state)
{
    (void)state;
    char name[READING_NAME];
    reading_name(name, "abc", "zh", 1);
    assert_string_equal(name, "c-abc-zh");
    reading_name(name, "abc", "zh", 0);
    assert_string_equal(name, "c-abc-zh");
    reading_name(name, "abc", "en", 57);
    assert_string_equal(name, "c-abc-en-57");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_grows, talk, hush),
        cmocka_unit_test_setup_teardown(test_moves, talk, hush),
        cmocka_unit_test_setup_teardown(test_same_answer, talk, hush),
        cmocka_unit_test_setup_teardown(test_giant_turn, talk, hush),
        cmocka_unit_test_setup_teardown(test_tiny_context, talk, hush),
        cmocka_unit_test_setup_teardown(test_context_changes, talk, hush),
        cmocka_unit_test_setup_teardown(test_only_replies, talk, hush),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
