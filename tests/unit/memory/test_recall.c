/* What is found, and what may not be told having no part in it. */
#include "memory/recall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define DIM 64
#define FACTOR (1.0f / 600) /* of rows that mean() makes */
#define DAY_MS 86400000ll
#define NOON 1772366400000ll /* 2026-03-01 12:00 UTC */

enum { ANNA = 1, BEN, SHUT = 7 };

struct kit {
    struct memory_index index;
    struct words *words;
    struct recall *recall;
    struct recall_hit hits[8];
    size_t n;
};

static int begin(void **state)
{
    anima_error err;
    struct kit *k = calloc(1, sizeof(*k));
    index_init(&k->index, DIM);
    assert_int_equal(words_create(&k->words, &err), 0);
    assert_int_equal(recall_create(&k->recall, &err), 0);
    *state = k;
    return 0;
}

static int end(void **state)
{
    struct kit *k = *state;
    index_finish(&k->index);
    recall_free(k->recall);
    words_free(k->words);
    free(k);
    return 0;
}

static int64_t say(struct kit *k, int conversation, int64_t who, int64_t at_ms, uint32_t audience, const char *text)
{
    anima_error err;
    int64_t id = (int64_t)k->index.n + 1;
    const struct index_turn turn = { .id = id,
                                     .conversation = conversation,
                                     .speaker = who,
                                     .at_ms = at_ms,
                                     .audience = audience,
                                     .text = text,
                                     .n = strlen(text) };
    assert_int_equal(index_add(&k->index, k->words, &turn, &err), 0);
    return id;
}

static const char *const names[] = { "Anna", "Ben" };
static const int64_t people[] = { ANNA, BEN };
static const bool audiences[] = { [0] = true, [SHUT] = false };

static void ask_meaning(struct kit *k, const char *text, const int8_t *row)
{
    anima_error err;
    const struct recall_query q = { .text = text,
                                    .n = strlen(text),
                                    .vector = row,
                                    .factor = FACTOR,
                                    .now = { NOON, 0 },
                                    .names = names,
                                    .people = people,
                                    .n_names = 2,
                                    .asker = -1,
                                    .audiences = audiences,
                                    .n_audiences = SHUT + 1 };
    assert_int_equal(recall_measure(k->recall, k->words, &k->index, &q, &err), 0);
    k->n = recall_best(k->recall, 8, k->hits);
}

static void ask(struct kit *k, const char *text) { ask_meaning(k, text, NULL); }

/* What it means: the same for the same seed, nearly nothing in common for others. */
static void mean(int8_t row[DIM], uint32_t seed)
{
    for (int i = 0; i < DIM; i++) {
        seed = seed * 1664525u + 1013904223u;
        row[i] = (int8_t)((int)(seed >> 24) - 128 ? (int)(seed >> 24) - 128 : 1);
    }
}

static void gives_meaning(struct kit *k, int64_t id, uint32_t seed)
{
    int8_t row[DIM];
    mean(row, seed);
    index_vector(&k->index, id, row, FACTOR);
}

/* Talk in which nothing is, so that words have a weight. */
static void small_talk(struct kit *k, int conversation)
{
    static const char *const lines[] = { "Good morning!",       "How are you today?", "Fine, a bit tired.",
                                         "The coffee is cold.", "What a grey sky.",   "早上好！",
                                         "今天有点累。",        "外面下雨了。",       "我在喝咖啡。",
                                         "It rains on and on.", "I slept well.",      "晚安，明天见。" };
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        say(k, conversation, i % 2 ? 0 : ANNA, NOON - 20 * DAY_MS + (int64_t)i * 60000, 0, lines[i]);
}

static void found_by_words_of_both_languages(void **state)
{
    struct kit *k = *state;
    small_talk(k, 1);
    int64_t dog = say(k, 2, ANNA, NOON - 5 * DAY_MS, 0, "We got a dog, a small brown one, Pepper.");
    int64_t tea = say(k, 3, ANNA, NOON - 4 * DAY_MS, 0, "我妈妈最爱喝的是龙井茶。");
    small_talk(k, 4);
    ask(k, "What do the dogs look like?");
    assert_int_equal(k->hits[0].id, dog);
    ask(k, "龙井是谁爱喝的？");
    assert_int_equal(k->hits[0].id, tea);
    assert_true(k->hits[0].features[RECALL_alone_words] == 1); /* a session of its own */
}

static void an_answer_is_found_by_its_question(void **state)
{
    struct kit *k = *state;
    small_talk(k, 1);
    say(k, 2, 0, NOON - 5 * DAY_MS, 0, "What's the name of your landlord, by the way?");
    int64_t answer = say(k, 2, ANNA, NOON - 5 * DAY_MS + 60000, 0, "Kowalczyk.");
    say(k, 2, 0, NOON - 5 * DAY_MS + 120000, 0, "Sounds Polish.");
    small_talk(k, 3);
    ask(k, "What is the landlord called?");
    assert_true(k->hits[0].id == answer || k->hits[1].id == answer);
}

static void who_is_named_said_it(void **state)
{
    struct kit *k = *state;
    small_talk(k, 1);
    int64_t annas = say(k, 2, ANNA, NOON - 9 * DAY_MS, 0, "My car broke down on the bridge.");
    int64_t bens = say(k, 3, BEN, NOON - 8 * DAY_MS, 0, "My car broke down on the bridge.");
    ask(k, "What happened to Ben's car?");
    assert_int_equal(k->hits[0].id, bens);
    ask(k, "What happened to Anna's car?");
    assert_int_equal(k->hits[0].id, annas);
}

static void the_date_asked_about_counts(void **state)
{
    struct kit *k = *state;
    small_talk(k, 1);
    int64_t january = say(k, 2, ANNA, NOON - 45 * DAY_MS, 0, "I went swimming in the lake.");
    int64_t february = say(k, 3, ANNA, NOON - 10 * DAY_MS, 0, "I went swimming in the lake.");
    ask(k, "Where did you go swimming in January?");
    assert_int_equal(k->hits[0].id, january);
    ask(k, "Where did you go swimming in February?");
    assert_int_equal(k->hits[0].id, february);
}

static void what_is_forgotten_is_not_found(void **state)
{
    struct kit *k = *state;
    small_talk(k, 1);
    int64_t secret = say(k, 2, ANNA, NOON - 5 * DAY_MS, 0, "The parrot's name is Caruso.");
    ask(k, "What is the parrot called?");
    assert_int_equal(k->hits[0].id, secret);
    index_forget(&k->index, secret);
    ask(k, "What is the parrot called?");
    for (size_t i = 0; i < k->n; i++)
        assert_int_not_equal(k->hits[i].id, secret);
    assert_false(recall_open(k->recall, index_find(&k->index, secret)));
}

/* What is asked about was named before it. */
static void a_trail_leads_on(void **state)
{
    struct kit *k = *state;
    small_talk(k, 1);
    int64_t first = say(k, 2, 0, NOON - 5 * DAY_MS, 0, "Did you see the landlord about the boiler?");
    say(k, 2, ANNA, NOON - 5 * DAY_MS + 60000, 0, "Yes, on Monday.");
    say(k, 2, 0, NOON - 5 * DAY_MS + 120000, 0, "Good.");
    say(k, 2, ANNA, NOON - 5 * DAY_MS + 180000, 0, "Finally.");
    ask(k, "landlord boiler");
    const float left[] = { 1, 0.9f, 0.81f, 0 };
    for (int i = 0; i < 4; i++) {
        float features[RECALL_FEATURES];
        recall_features(k->recall, index_find(&k->index, first + i), features);
        assert_float_equal(features[RECALL_trail], left[i], 1e-4);
    }
}

static void numbers_and_what_is_told_of_oneself_count(void **state)
{
    struct kit *k = *state;
    static const struct {
        const char *said;
        float own, counts;
    } lines[] = { { "We adopted three dogs.", 1, 1 },
                  { "The dogs are asleep.", 0, 0 },
                  { "Dogs came at 7.", 0, 1 },
                  { "我家养了两只狗。", 1, 1 },
                  { "狗在一起睡。", 0, 0 } };
    small_talk(k, 1);
    for (int asked = 0; asked < 3; asked++) {
        size_t from = k->index.n;
        for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
            say(k, 2 + asked, ANNA, NOON - 5 * DAY_MS + (int64_t)i * 60000, 0, lines[i].said);
        ask(k, (const char *const[]){ "How many dogs?", "养了几只狗？", "Which dogs?" }[asked]);
        for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
            float features[RECALL_FEATURES];
            recall_features(k->recall, (uint32_t)(from + i), features);
            assert_true(features[RECALL_own] == lines[i].own);
            assert_true(features[RECALL_counts] == (asked < 2 ? lines[i].counts : 0));
        }
    }
}

static void are_the_same(struct kit *const kits[2])
{
    assert_int_equal(kits[0]->n, kits[1]->n);
    for (size_t h = 0; h < kits[0]->n; h++) {
        assert_int_equal(kits[0]->hits[h].id, kits[1]->hits[h].id);
        assert_true(kits[0]->hits[h].score == kits[1]->hits[h].score);
        assert_memory_equal(kits[0]->hits[h].features, kits[1]->hits[h].features, sizeof(kits[0]->hits[h].features));
        assert_int_not_equal(kits[0]->index.links[kits[0]->hits[h].place].audience, SHUT);
    }
    const struct recall_about a = recall_about(kits[0]->recall), b = recall_about(kits[1]->recall);
    assert_memory_equal(a.is, b.is, sizeof(a.is));
    assert_int_equal(a.n_open, b.n_open);
}

/* The same index twice, but for what nobody here may be told: nothing that comes out is different, not by a bit. By words; and by what they
 * mean, where in one of them what may not be told is what is asked about, to the letter, and in the other is its opposite. */
static void what_may_not_be_told_has_no_part(void **state)
{
    static const char *const shut[2][3] = {
        { "Anna is going to leave Ben in March.", "Really? When?", "离婚的事别告诉本。" },
        { "x", "Nothing nothing nothing nothing at all, on and on, and then again nothing.", "咖啡" },
    };
    struct kit *other = NULL, *kits[2] = { *state };
    begin((void **)&other);
    kits[1] = other;
    for (int i = 0; i < 2; i++) {
        struct kit *k = kits[i];
        small_talk(k, 1);
        say(k, 2, BEN, NOON - 6 * DAY_MS, 0, "Ben and Anna are having coffee at the bridge.");
        say(k, 2, ANNA, NOON - 6 * DAY_MS + 60000, SHUT, shut[i][0]);
        say(k, 2, 0, NOON - 6 * DAY_MS + 120000, SHUT, shut[i][1]);
        say(k, 2, BEN, NOON - 6 * DAY_MS + 180000, 0, "I bought her flowers for March.");
        say(k, 2, ANNA, NOON - 6 * DAY_MS + 240000, SHUT, shut[i][2]);
        small_talk(k, 3);
    }
    for (int by_meaning = 0; by_meaning < 2; by_meaning++) {
        for (int i = 0; i < 2; i++) {
            struct kit *k = kits[i];
            int8_t asked[DIM];
            mean(asked, 5);
            for (uint32_t t = 0; by_meaning && t < k->index.n; t++)
                if (k->index.links[t].audience != SHUT)
                    gives_meaning(k, t + 1, t % 9);
                else if (i)
                    gives_meaning(k, t + 1, 1000 + t);
                else
                    index_vector(&k->index, t + 1, asked, FACTOR);
            ask_meaning(k, "Is Anna leaving Ben in March?", by_meaning ? asked : NULL);
        }
        are_the_same(kits);
    }
    end((void **)&other);
}

static void nothing_is_about_it(void **state)
{
    struct kit *k = *state;
    small_talk(k, 1);
    ask(k, "Which university did Ben's violin teacher visit?");
    struct recall_about about = recall_about(k->recall);
    assert_false(recall_is_about(&about));
    say(k, 7, ANNA, NOON, 0, "My violin teacher visited the university.");
    ask(k, "Which university did Ben's violin teacher visit?");
    about = recall_about(k->recall);
    assert_true(!about.whole && recall_is_about(&about)); /* words are enough where nothing says what they mean */
    ask(k, "What is it then?");
    about = recall_about(k->recall);
    assert_true(about.common);
}

/* What is said behind a question is found by the question's words: nothing of the question stays where it will stand. */
static void what_comes_later_is_found(void **state)
{
    struct kit *k = *state;
    float features[RECALL_FEATURES];
    small_talk(k, 1);
    say(k, 2, BEN, NOON - DAY_MS, 0, "We saw a zeppelin.");
    for (int i = 0; i < 20; i++) {
        ask(k, "Where is the zeppelin?");
        int64_t id = say(k, 3, ANNA, NOON + i, 0, "The zeppelin is in the shed.");
        ask(k, "Where is the zeppelin?");
        recall_features(k->recall, (uint32_t)id - 1, features);
        assert_true(features[RECALL_words] + features[RECALL_alone_words] > 0);
        assert_true(features[RECALL_covered] + features[RECALL_alone_covered] > 0);
    }
}

/* What stood behind a question that is forgotten answers nothing that was said before it. */
static void what_answers_a_forgotten_question(void **state)
{
    struct kit *k = *state;
    say(k, 1, ANNA, NOON, 0, "My sister is pregnant.");
    int64_t asked = say(k, 1, 0, NOON + 1000, 0, "Which flat did you take?");
    int64_t answer = say(k, 1, ANNA, NOON + 2000, 0, "The red one.");
    assert_true(k->index.links[answer - 1].flags & ITEM_AFTER);
    index_forget(&k->index, asked);
    assert_int_equal(k->index.links[answer - 1].before, 0);
    assert_false(k->index.links[answer - 1].flags & ITEM_AFTER);
}

/* The question itself, and what else is in sight. */
static void what_is_shown_does_not_come(void **state)
{
    struct kit *k = *state;
    anima_error err;
    struct recall_hit hit;
    small_talk(k, 1);
    int64_t shed = say(k, 2, ANNA, NOON - DAY_MS, 0, "The zeppelin is in the shed.");
    int64_t asked = say(k, 3, ANNA, NOON, 0, "Where is the zeppelin?");
    struct recall_query q = { .text = "Where is the zeppelin?", .n = 22, .now = { NOON, 0 }, .asker = ANNA };
    assert_int_equal(recall_measure(k->recall, k->words, &k->index, &q, &err), 0);
    assert_int_equal(recall_about(k->recall).n_open, k->index.n);
    q.shown_conversation = 3;
    q.shown_from = asked;
    assert_int_equal(recall_measure(k->recall, k->words, &k->index, &q, &err), 0);
    assert_int_equal(recall_best(k->recall, 1, &hit), 1);
    assert_int_equal(hit.id, shed);
    assert_int_equal(recall_about(k->recall).n_open, k->index.n - 1);
    q.shown_conversation = 2; /* of a conversation from this one on: that one is before it */
    assert_int_equal(recall_measure(k->recall, k->words, &k->index, &q, &err), 0);
    assert_int_equal(recall_about(k->recall).n_open, k->index.n);
}

/* Many sessions, a pause within a conversation, an empty index: nothing breaks. */
static void sessions_begin_after_a_pause(void **state)
{
    struct kit *k = *state;
    ask(k, "Anything?");
    assert_int_equal(k->n, 0);
    for (int i = 0; i < 300; i++) {
        char text[60];
        snprintf(text, sizeof(text), "Line number %d of many.", i);
        say(k, i % 90, ANNA, NOON - 90 * DAY_MS + i * DAY_MS / 4, 0, text);
    }
    assert_int_equal(k->index.n_sessions, 300); /* 90 conversations, each line 22 days after the one before */
    say(k, 5, ANNA, k->index.items[k->index.n - 1].at_ms + 60000, 0, "Another one.");
    assert_int_equal(k->index.n_sessions, 301);
    say(k, 5, 0, k->index.items[k->index.n - 1].at_ms + 60000, 0, "And its answer.");
    assert_int_equal(k->index.n_sessions, 301);
    assert_int_equal(k->index.links[k->index.n - 1].before, k->index.n - 2);
    ask(k, "line number 217");
    assert_int_equal(k->hits[0].id, 218);
}

static void ask_fading(struct kit *k, const char *text, bool fades)
{
    anima_error err;
    const struct recall_query q = { .text = text, .n = strlen(text), .now = { NOON, 0 }, .asker = -1, .fades = fades };
    assert_int_equal(recall_measure(k->recall, k->words, &k->index, &q, &err), 0);
    k->n = recall_best(k->recall, 8, k->hits);
}

/* exp(-t/(5·S)): of what was recalled often, or is pinned, more is left; where nothing fades nothing changes. */
static void what_is_not_recalled_fades(void **state)
{
    struct kit *k = *state;
    small_talk(k, 1);
    int64_t old = say(k, 2, ANNA, NOON - 60 * DAY_MS, 0, "The spare key hangs in the greenhouse.");
    int64_t late = say(k, 3, ANNA, NOON - DAY_MS, 0, "The spare key hangs in the greenhouse.");
    ask_fading(k, "Where is the spare key?", false);
    float before[2] = { k->hits[0].score, k->hits[1].score };
    assert_true(before[0] == before[1] && k->hits[0].faded == 0);
    index_strength(&k->index, late, true, 0, 0);
    ask_fading(k, "Where is the spare key?", false);
    assert_true(k->hits[0].score == before[0] && k->hits[1].score == before[1]); /* a pin only decides between equals */
    assert_int_equal(k->hits[0].id, late);
    index_strength(&k->index, late, false, 0, 0);
    ask_fading(k, "Where is the spare key?", true);
    assert_int_equal(k->hits[0].id, late);
    uint32_t place = index_find(&k->index, old);
    float after_60 = recall_fade(&k->index, place, NOON);
    assert_true(after_60 > 0 && after_60 < 1e-5f); /* exp(-12) */
    index_recalled(&k->index, old, NOON - 2 * DAY_MS);
    index_recalled(&k->index, old, NOON - DAY_MS);
    assert_true(recall_fade(&k->index, place, NOON) > 0.93f &&
                recall_fade(&k->index, place, NOON) < 0.94f); /* exp(-1/15) */
    index_strength(&k->index, old, true, 0, 0);
    assert_true(recall_fade(&k->index, place, NOON) == 1);
    ask_fading(k, "Where is the spare key?", true);
    assert_int_equal(k->hits[0].id, old);
    assert_true(k->hits[0].score == before[0] && k->hits[1].faded > 0 && k->hits[1].score < before[1]);
    assert_true(recall_fade(&k->index, place, NOON - 90 * DAY_MS) == 1); /* a clock that jumped back */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(found_by_words_of_both_languages, begin, end),
        cmocka_unit_test_setup_teardown(what_comes_later_is_found, begin, end),
        cmocka_unit_test_setup_teardown(what_answers_a_forgotten_question, begin, end),
        cmocka_unit_test_setup_teardown(an_answer_is_found_by_its_question, begin, end),
        cmocka_unit_test_setup_teardown(who_is_named_said_it, begin, end),
        cmocka_unit_test_setup_teardown(the_date_asked_about_counts, begin, end),
        cmocka_unit_test_setup_teardown(what_is_forgotten_is_not_found, begin, end),
        cmocka_unit_test_setup_teardown(a_trail_leads_on, begin, end),
        cmocka_unit_test_setup_teardown(numbers_and_what_is_told_of_oneself_count, begin, end),
        cmocka_unit_test_setup_teardown(what_may_not_be_told_has_no_part, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_about_it, begin, end),
        cmocka_unit_test_setup_teardown(what_is_shown_does_not_come, begin, end),
        cmocka_unit_test_setup_teardown(sessions_begin_after_a_pause, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_recalled_fades, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
