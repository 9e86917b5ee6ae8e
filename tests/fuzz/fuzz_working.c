/* What people say, and what a model answers when it is asked for a letter (mind/working*.h): whatever either is, pieces lie in their text, moods and shares are in
 * their range, and a topic is whole characters. The first line is the answer, the rest is said, its last line by the other one, who may agree to it. */
#include "base/arena.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "mind/working_ask.h"
#include "mind/working_plans.h"
#include "mind/working_tell.h"
#include "mind/working_words.h"

#define NOW 1790000000000LL

static void check_feeling(const struct working_feeling *f)
{
    CHECK((unsigned)f->mood < MOODS && f->intensity >= 0 && f->intensity <= 1 && f->confidence >= 0 &&
          f->confidence <= 1);
}

static void check_answer(const char *answer, size_t n)
{
    double confidence;
    struct working_feeling f = working_read_mood(answer, n);
    check_feeling(&f);
    CHECK((unsigned)working_read_intent(answer, n, &confidence) < INTENTS && confidence >= 0 && confidence <= 1);
}

static void check_said(struct working_words *said, struct words *words, const char *text)
{
    struct working_said s;
    struct working_piece pieces[WORKING_PROMISES];
    char topic[WORKING_TOPIC];
    size_t n = strlen(text), found = working_promises(said, text, (struct when_anchor){ NOW, 60 }, pieces);
    working_says(said, text, &s);
    check_feeling(&s.feeling);
    CHECK((unsigned)s.intent < INTENTS && found <= WORKING_PROMISES);
    for (size_t i = 0; i < found; i++)
        CHECK(pieces[i].start < pieces[i].end && pieces[i].end <= n &&
              pieces[i].end - pieces[i].start <= WORKING_PROMISE && pieces[i].from_ms <= pieces[i].to_ms &&
              utf8_valid(text + pieces[i].start, pieces[i].end - pieces[i].start));
    if (working_question(text, pieces))
        CHECK(pieces[0].start < pieces[0].end && pieces[0].end <= n);
    working_only_asks(text);
    working_puts_off(said, text);
    CHECK(working_topic(words, text, topic) == 0 && strlen(topic) < WORKING_TOPIC && utf8_valid(topic, strlen(topic)));
    double shared = working_shared(words, text, topic);
    CHECK(shared >= 0 && shared <= 1);
}

static void check_plan(struct working_plans *plans, char *text)
{
    const struct when_anchor now = { NOW, 60 };
    struct working_piece plan;
    char *answer = strrchr(text, '\n');
    if (!answer)
        return;
    *answer++ = '\0';
    if (working_plan(plans, text, now, answer, now, &plan))
        CHECK(plan.start < plan.end && plan.end <= strlen(text) && plan.end - plan.start <= WORKING_PROMISE &&
              plan.from_ms < plan.to_ms && plan.to_ms > NOW && utf8_valid(text + plan.start, plan.end - plan.start));
    else
        working_names_day(answer, now, &(struct working_piece){ .from_ms = NOW, .to_ms = NOW + 1 });
    working_calls_off(plans, text);
}

static void check_told(const char *text)
{
    struct arena arena;
    arena_init(&arena, 1u << 20);
    struct working_told told = { .person = "Ann",
                                 .theirs = { MOOD_SAD, 0.9, 0.9, NOW, NOW - 86400000, 0 },
                                 .quote = text,
                                 .promises = { { true, text, NOW - 86400000, NOW - 1, NOW + 1, false } },
                                 .n_promises = 1 };
    const char *out = working_text(&arena, &told, NOW, 0, "zh");
    CHECK(out && utf8_valid(out, strlen(out)) && strlen(out) < 1000);
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct working_words *said;
    static struct working_plans *plans;
    static struct words *words;
    char *text = fuzz_copy(data, size), *rest;
    if (!said)
        CHECK(working_words_create(&said, NULL) == 0 && words_create(&words, NULL) == 0 &&
              working_plans_create(&plans, NULL) == 0);
    rest = memchr(text, '\n', size);
    check_answer(text, rest ? (size_t)(rest - text) : size);
    rest = rest ? rest + 1 : text;
    size_t n = size - (size_t)(rest - text);
    char *whole = utf8_valid(rest, n) && !memchr(rest, 0, n) ? strndup(rest, n) : NULL;
    if (whole) {
        check_said(said, words, whole);
        check_told(whole);
        check_plan(plans, whole);
    }
    free(whole);
    free(text);
    return 0;
}
