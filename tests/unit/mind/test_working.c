/* What is on a character's mind of a person: moods that fade, grow, and are not turned round by one doubtful line; what is counted; what a message says
 * outright, in both languages, and what it does not; promises with their dates; topics; what the model's letters tell. */
#include "mind/working.h"
#include "mind/working_ask.h"
#include "mind/working_plans.h"
#include "mind/working_tell.h"
#include "mind/working_words.h"

#include "base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HOUR (3600LL * 1000)
#define DAY (24 * HOUR)
#define NOW 1790000000000LL /* a Monday in September 2026 */

struct fixture {
    struct working_words *said;
    struct words *words;
    struct arena arena;
};

static void near(double a, double b) { assert_true(fabs(a - b) < 1e-9); }

static int set_up(void **state)
{
    static struct fixture f;
    arena_init(&f.arena, 4u << 20);
    *state = &f;
    return working_words_create(&f.said, NULL) || words_create(&f.words, NULL);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    working_words_destroy(f->said);
    words_free(f->words);
    arena_finish(&f->arena);
    return 0;
}

static struct working_mood begun(enum mood mood, double intensity, double confidence)
{
    struct working_mood m = { .mood = MOOD_NONE };
    working_merge(&m, &(struct working_feeling){ mood, intensity, confidence }, NOW, 1);
    return m;
}

static void names(void **state)
{
    (void)state;
    for (int i = 1; i < MOODS; i++)
        assert_int_equal(mood_named(mood_name((enum mood)i)), i);
    for (int i = 1; i < INTENTS; i++)
        assert_int_equal(intent_named(intent_name((enum intent)i)), i);
    assert_int_equal(mood_named("nonsense"), MOOD_NONE);
    assert_int_equal(mood_named(""), MOOD_NONE);
    assert_int_equal(intent_named(""), INTENT_NONE);
    assert_string_equal(mood_name((enum mood)99), "");
    assert_string_equal(intent_name((enum intent) - 1), "");
}

static void fades(void **state)
{
    (void)state;
    struct working_mood angry = begun(MOOD_ANGRY, 0.8, 0.9), sad = begun(MOOD_SAD, 0.8, 0.9);
    near(working_at(&angry, NOW + 2 * HOUR).intensity, 0.4);
    near(working_at(&angry, NOW + 4 * HOUR).confidence, 0.45);
    assert_int_equal(working_at(&angry, NOW + 8 * HOUR).mood, MOOD_NONE);
    near(working_at(&sad, NOW + DAY).intensity, 0.4);
    assert_int_equal(working_at(&sad, NOW + DAY).since_ms, NOW);
    assert_int_equal(working_at(&sad, NOW + 5 * DAY).mood, MOOD_NONE);
    /* In two steps as in one. */
    struct working_mood half = working_at(&sad, NOW + 7 * HOUR);
    near(working_at(&half, NOW + 19 * HOUR).intensity, working_at(&sad, NOW + 19 * HOUR).intensity);
    /* A clock that goes back stands still. */
    near(working_at(&sad, NOW - DAY).intensity, 0.8);
    assert_int_equal(working_at(&sad, NOW - DAY).at_ms, NOW);
    assert_int_equal(working_at(&sad, INT64_MAX).mood, MOOD_NONE);
    near(working_at(&sad, INT64_MIN).intensity, 0.8);
}

static void merges(void **state)
{
    (void)state;
    struct working_mood m = begun(MOOD_SAD, 0.7, 0.9);
    /* The same again: stronger, since the first time, and the first turn is the cause. */
    working_merge(&m, &(struct working_feeling){ MOOD_SAD, 0.6, 0.8 }, NOW + HOUR, 2);
    assert_int_equal(m.mood, MOOD_SAD);
    assert_int_equal(m.cause, 1);
    assert_int_equal(m.since_ms, NOW);
    assert_true(m.intensity > 0.7 && m.confidence > 0.9);
    /* One doubtful line does not turn it round. */
    working_merge(&m, &(struct working_feeling){ MOOD_GLAD, 0.6, 0.45 }, NOW + 2 * HOUR, 3);
    assert_int_equal(m.mood, MOOD_SAD);
    assert_true(m.intensity < 0.75);
    /* Said outright, it does. */
    working_merge(&m, &(struct working_feeling){ MOOD_GLAD, 0.8, 0.9 }, NOW + 3 * HOUR, 4);
    assert_int_equal(m.mood, MOOD_GLAD);
    assert_int_equal(m.cause, 4);
    assert_int_equal(m.since_ms, NOW + 3 * HOUR);
    /* Of one kind: the clearer one says which. */
    m = begun(MOOD_SAD, 0.5, 0.5);
    working_merge(&m, &(struct working_feeling){ MOOD_LONELY, 0.9, 0.9 }, NOW + HOUR, 2);
    assert_int_equal(m.mood, MOOD_LONELY);
    assert_int_equal(m.cause, 2);
    assert_int_equal(m.since_ms, NOW);
    /* Lines that show nothing take long. */
    m = begun(MOOD_SAD, 0.8, 0.9);
    for (size_t i = 2; i < 6; i++)
        working_merge(&m, &(struct working_feeling){ MOOD_NONE, 0, 0.9 }, NOW, i);
    assert_int_equal(m.mood, MOOD_SAD);
    for (size_t i = 6; i < 40; i++)
        working_merge(&m, &(struct working_feeling){ MOOD_NONE, 0, 0.9 }, NOW, i);
    assert_int_equal(m.mood, MOOD_NONE);
    /* What is doubtful does not count for much, however often: hysteresis from nothing, too. */
    m = begun(MOOD_ANGRY, 0.3, 0.2);
    assert_true(working_weight(&m) < 0.1);
}

/* Whatever comes: numbers in their range, no NaN. */
static void always_in_range(void **state)
{
    (void)state;
    const double odd[] = { NAN, INFINITY, -INFINITY, -1, 0, 0.3, 1, 7 };
    const int64_t times[] = { NOW, NOW - 10 * DAY, INT64_MIN, INT64_MAX, 0, NOW + HOUR };
    struct working_mood m = { .mood = MOOD_NONE };
    for (size_t i = 0; i < 8 * 8 * 6 * (MOODS + 2); i++) {
        const struct working_feeling f = { (enum mood)((int)(i % (MOODS + 2)) - 1), odd[i / 3 % 8], odd[i / 7 % 8] };
        working_merge(&m, &f, times[i / 5 % 6], i);
        assert_true(m.intensity >= 0 && m.intensity <= 1 && m.confidence >= 0 && m.confidence <= 1);
        assert_true((unsigned)m.mood < MOODS);
        const struct working_feeling own = working_feels(&f, (unsigned)i % 128, i % 9);
        assert_true(own.intensity >= 0 && own.intensity <= 1 && own.confidence >= 0 && own.confidence <= 1);
    }
}

static void own(void **state)
{
    (void)state;
    const struct working_feeling none = { MOOD_NONE, 0, 0 }, sad = { MOOD_SAD, 0.9, 0.9 },
                                 glad = { MOOD_GLAD, 0.8, 0.8 };
    assert_int_equal(working_feels(&none, WORKING_INSULT | WORKING_THANKS, 0).mood, MOOD_ANNOYED);
    assert_int_equal(working_feels(&none, WORKING_THANKS, 0).mood, MOOD_GLAD);
    assert_int_equal(working_feels(&none, WORKING_AGAIN, 1).mood, MOOD_NONE);
    assert_int_equal(working_feels(&none, WORKING_AGAIN, 3).mood, MOOD_ANNOYED);
    assert_true(working_feels(&none, WORKING_AGAIN, 4).intensity > working_feels(&none, WORKING_AGAIN, 3).intensity);
    assert_int_equal(working_feels(&sad, 0, 0).mood, MOOD_WORRIED);
    assert_int_equal(working_feels(&glad, 0, 0).mood, MOOD_GLAD);
    assert_int_equal(working_feels(&none, 0, 0).mood, MOOD_NONE);
    /* Said sorry, it is over. */
    struct working_mood m = { .mood = MOOD_NONE };
    struct working_feeling f = working_feels(&none, WORKING_INSULT, 0);
    working_merge(&m, &f, NOW, 1);
    struct working_mood theirs = begun(MOOD_NONE, 0, 0);
    assert_int_equal(working_wants(&m, &theirs, INTENT_ASK), INTENT_DISTANCE);
    f = working_feels(&none, WORKING_SORRY, 0);
    working_merge(&m, &f, NOW + 1000, 2);
    assert_int_equal(m.mood, MOOD_CALM);
    theirs = begun(MOOD_SAD, 0.8, 0.9);
    assert_int_equal(working_wants(&m, &theirs, INTENT_CHAT), INTENT_COMFORT);
    assert_int_equal(working_wants(&m, &theirs, INTENT_ADVICE), INTENT_ADVICE);
}

static void counts(void **state)
{
    (void)state;
    const struct working_counts none = { 0 }, some = { .exchanges = 30, .days = 5 },
                                much = { .exchanges = 900, .days = 200, .thanks = 40, .secrets = 12, .kept = 6 },
                                odd = { -5, -1, INT64_MAX, INT64_MAX, INT64_MIN, INT64_MAX, INT64_MAX };
    struct working_counts bad = some;
    bad.insults = 12;
    bad.broken = 2;
    near(working_closeness(&none), 0);
    near(working_trust(&none), 0.3);
    assert_true(working_closeness(&some) > 0.2 && working_closeness(&some) < 0.5);
    assert_true(working_closeness(&much) > 0.95 && working_trust(&much) > 0.9);
    assert_true(working_closeness(&bad) < working_closeness(&some) && working_trust(&bad) < 0.1);
    assert_true(working_closeness(&odd) >= 0 && working_closeness(&odd) <= 1 && working_trust(&odd) >= 0 &&
                working_trust(&odd) <= 1);
}

static void outright(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *message;
        enum mood mood;
    } lines[] = {
        { "i'm so tired", MOOD_TIRED },
        { "I am really worried about the exam.", MOOD_WORRIED },
        { "Ugh. I'm furious with him!", MOOD_ANGRY },
        { "My cat died. I'm heartbroken.", MOOD_SAD },
        { "i feel lonely here", MOOD_LONELY },
        { "I'm so excited!!", MOOD_EXCITED },
        { "feeling a bit sad today", MOOD_SAD },
        { "I'm bored to death", MOOD_BORED },
        { "I'm so embarrassed", MOOD_ASHAMED },
        { "im happy", MOOD_GLAD },
        { "I'm feeling better now, thanks.", MOOD_CALM },
        { "我好难过", MOOD_SAD },
        { "今天好累啊", MOOD_TIRED },
        { "我真的很担心明天的面试。", MOOD_WORRIED },
        { "气死我了，我真的好生气", MOOD_ANGRY },
        { "心里有点委屈", MOOD_HURT },
        { "我特别开心！", MOOD_GLAD },
        { "一个人在这边，好孤单。", MOOD_LONELY },
        { "我已经不难过了", MOOD_CALM },
        /* None of these says how its writer feels. */
        { "I'm not sad.", MOOD_NONE },
        { "She is so sad.", MOOD_NONE },
        { "Are you tired?", MOOD_NONE },
        { "If I'm tired I sleep.", MOOD_NONE },
        { "I was angry last year.", MOOD_NONE },
        { "老板今天夸我了，好开心", MOOD_GLAD },
        { "朋友请我吃饭，好开心", MOOD_GLAD },
        { "我爷爷昨天去世了，希望他一路走好", MOOD_SAD },
        { "我被公司裁了，同事都很震惊", MOOD_SAD },
        { "Just feeling sad.", MOOD_SAD },
        { "Hey, feeling sad today.", MOOD_SAD },
        { "楼下邻居家的狗死了", MOOD_NONE },
        { "我们公司有个同事查出肿瘤", MOOD_NONE },
        { "我妈跟我爸吵架了，很生气", MOOD_NONE },
        { "I'm down the road.", MOOD_NONE },
        { "My sister is feeling really down.", MOOD_NONE },
        { "I'm not feeling sad anymore.", MOOD_NONE },
        { "I'm afraid I can't come tonight.", MOOD_NONE },
        { "I'm afraid of the exam.", MOOD_WORRIED },
        { "I'm down for pizza.", MOOD_NONE },
        { "I'm low on milk.", MOOD_NONE },
        { "最近真的开心不起来", MOOD_NONE },
        { "她分手了，很难过。", MOOD_NONE },
        { "老公说：我好累。", MOOD_NONE },
        { "还生气吗", MOOD_NONE },
        { "累不累啊", MOOD_NONE },
        { "我今天爽约了", MOOD_NONE },
        { "My grandmother died in 2011.", MOOD_NONE },
        { "My mum died a long time ago.", MOOD_NONE },
        { "我奶奶去世好多年了", MOOD_NONE },
        { "邻居家的狗死了", MOOD_NONE },
        { "等我拿到驾照就带你去兜风", MOOD_NONE },
        { "The happy hour starts at six.", MOOD_NONE },
        { "我不难过。", MOOD_NONE },
        { "你累不累？", MOOD_NONE },
        { "他很生气。", MOOD_NONE },
        { "如果我难过，我就去跑步。", MOOD_NONE },
        { "这本书讲的是积累。", MOOD_NONE },
        { "", MOOD_NONE },
    };
    struct working_said said;
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        working_says(f->said, lines[i].message, &said);
        if (said.feeling.mood != lines[i].mood)
            fail_msg("%s: %s", lines[i].message, mood_name(said.feeling.mood));
    }
    working_says(f->said, "i'm so tired", &said);
    double much = said.feeling.intensity;
    working_says(f->said, "i'm a bit tired", &said);
    assert_true(said.feeling.intensity < much && said.feeling.confidence > 0.8);
}

static void events(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *message;
        unsigned events;
    } lines[] = {
        { "Thank you so much.", WORKING_THANKS },
        { "谢谢你呀", WORKING_THANKS },
        { "You're the best.", WORKING_PRAISE },
        { "有你真好", WORKING_PRAISE },
        { "You are so stupid.", WORKING_INSULT },
        { "shut up", WORKING_INSULT },
        { "你真是个废物", WORKING_INSULT },
        { "闭嘴", WORKING_INSULT },
        { "I'm sorry.", WORKING_SORRY },
        { "对不起，刚才我不该那么说", WORKING_SORRY },
        { "滚", WORKING_INSULT },
        { "你给我闭嘴", WORKING_INSULT },
        { "你真讨厌", WORKING_INSULT },
        { "他妈妈住院了。", 0 },
        { "我想去死。", 0 },
        { "我喜欢听摇滚。", 0 },
        { "小狗在地上打滚，可爱。", 0 },
        { "你没用过微信吧。", 0 },
        { "我妈骂我：你真没用。", 0 },
        { "She told me to shut up.", 0 },
        { "My boss said you're useless.", 0 },
        { "How was it?", WORKING_ASKS },
        { "I'm sorry to hear that.", 0 },
        { "He is stupid.", 0 },
        { "You are not stupid.", 0 },
        { "The road rolls on.", 0 },
        { "我去滚床单厂上班", 0 },
    };
    struct working_said said;
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        working_says(f->said, lines[i].message, &said);
        if (said.events != lines[i].events)
            fail_msg("%s: %u", lines[i].message, said.events);
    }
    static const struct {
        const char *message;
        enum intent intent;
    } wants[] = {
        { "Good night!", INTENT_LEAVE },        { "我先睡了，晚安", INTENT_LEAVE },
        { "What should I do?", INTENT_ADVICE }, { "我该怎么跟他说？", INTENT_ADVICE },
        { "抱抱我", INTENT_COMFORT },           { "Please write a poem.", INTENT_TASK },
        { "帮我想个名字", INTENT_TASK },        { "When was it built?", INTENT_ASK },
        { "烦死了", INTENT_COMPLAIN },          { "I had soup.", INTENT_NONE },
    };
    for (size_t i = 0; i < sizeof(wants) / sizeof(*wants); i++) {
        working_says(f->said, wants[i].message, &said);
        if (said.intent != wants[i].intent)
            fail_msg("%s: %s", wants[i].message, intent_name(said.intent));
    }
}

static void promised(void **state)
{
    struct fixture *f = *state;
    struct working_piece out[WORKING_PROMISES];
    const struct when_anchor now = { NOW, 0 };
    static const struct {
        const char *text;
        size_t n;
        int64_t days; /* ahead; -1: no date */
    } lines[] = {
        { "老板说：“我明天给你涨工资。”", 0, -1 },
        { "My landlord said \"I'll fix your heating on Friday\".", 0, -1 },
        { "我答应妈妈明天回家吃饭", 0, -1 },
        { "I don't think I'll see you on Friday.", 0, -1 },
        { "要不要我明天给你带早饭", 0, -1 },
        { "我周五给你打电话。", 1, 4 },
        { "I'll call you tomorrow.", 1, 1 },
        { "Fine. I will bring you the book on Friday.", 1, 4 },
        { "I promise to go there.", 1, -1 },
        { "我明天给你看", 1, 1 },
        { "我后天一定还你书。", 1, 2 },
        { "我答应你，不告诉别人是谁送的。", 0, 0 }, /* 别: rather none */
        { "我保证下次带伞", 1, -1 },
        { "I'll go to Rome on Friday.", 0, 0 }, /* a plan */
        { "Maybe I'll call you.", 0, 0 },
        { "Will I see you tomorrow?", 0, 0 },
        { "I'll never leave you.", 0, 0 },
        { "如果有空我明天给你看", 0, 0 },
        { "我昨天给你看过了", 0, 0 },
        { "", 0, 0 },
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        size_t n = working_promises(f->said, lines[i].text, now, out);
        if (n != lines[i].n)
            fail_msg("%s: %zu", lines[i].text, n);
        if (!n)
            continue;
        assert_true(out[0].end > out[0].start && out[0].end <= strlen(lines[i].text));
        if (lines[i].days < 0)
            assert_int_equal(out[0].to_ms, 0);
        else if (out[0].from_ms / DAY != NOW / DAY + lines[i].days)
            fail_msg("%s: in %lld days", lines[i].text, (long long)(out[0].from_ms / DAY - NOW / DAY));
    }
    struct working_piece piece;
    const char *text = "The shop was full. How was the interview?";
    assert_true(working_question(text, &piece));
    assert_string_equal(text + piece.start, "How was the interview?");
    assert_false(working_question("How was it? Tell me.", &piece));
    assert_false(working_question("", &piece));
    assert_true(working_only_asks("Why? 真的吗？"));
    assert_false(working_only_asks("Fine. And you?"));
    assert_false(working_only_asks(""));
    assert_true(working_puts_off(f->said, "Let me think about it."));
    assert_true(working_puts_off(f->said, "让我想想再告诉你"));
    assert_false(working_puts_off(f->said, "In 1923."));
}

static void topic(void **state)
{
    struct fixture *f = *state;
    char out[WORKING_TOPIC];
    assert_int_equal(working_topic(f->words, "The interview at the bakery was so long.", out), 0);
    assert_string_equal(out, "interview bakery long");
    assert_int_equal(working_topic(f->words, "I know what you want", out), 0);
    assert_string_equal(out, "");
    assert_int_equal(working_topic(f->words, "我今天去面试了，紧张", out), 0);
    assert_string_equal(out, "面试");
    assert_int_equal(working_topic(f->words, "", out), 0);
    assert_string_equal(out, "");
    assert_true(working_shared(f->words, "I'll ask you about the interview tomorrow", "How did the interview go?") >=
                0.5);
    near(working_shared(f->words, "I'll bring you the book", "It rains."), 0);
    near(working_shared(f->words, "", "It rains."), 0);
}

static void letters(void **state)
{
    struct fixture *f = *state;
    const anima_chat_message *m;
    size_t n;
    for (int q = 0; q < WORKING_QUESTIONS; q++) {
        assert_int_equal(working_prompt(&f->arena, (enum working_question)q, "The rain!", &m, &n), 0);
        assert_true(n > 20 && n % 2 == 0);
        assert_string_equal(m[n - 1].text, "Message: The rain!");
        assert_string_equal(m[0].role, "system");
    }
#define TOP(list) "[{\"token\":\"D\",\"logprob\":-0.3,\"top_logprobs\":[" list "]}]"
    const char sure[] = TOP("{\"token\":\" D\",\"logprob\":-0.2},{\"token\":\"A\",\"logprob\":-2}");
    struct working_feeling one = working_read_mood(sure, strlen(sure));
    assert_int_equal(one.mood, MOOD_SAD);
    assert_true(one.confidence > 0.7 && one.confidence < 1 && one.intensity > 0);
    double confidence;
    assert_int_equal(working_read_intent(sure, strlen(sure), &confidence), INTENT_ADVICE);
    assert_true(confidence > 0.7);
    const char none[] = TOP("{\"token\":\"A\",\"logprob\":-0.2},{\"token\":\"D\",\"logprob\":-2}");
    one = working_read_mood(none, strlen(none));
    assert_true(one.mood == MOOD_NONE && one.intensity == 0 && one.confidence > 0.7);
    const char unclear[] = TOP("{\"token\":\"B\",\"logprob\":-1.6},{\"token\":\"D\",\"logprob\":-1.7}");
    assert_int_equal(working_read_mood(unclear, strlen(unclear)).mood, MOOD_NONE);
    const char *const broken[] = { "",
                                   "[",
                                   "{}",
                                   "[{}]",
                                   TOP(""),
                                   TOP("{\"token\":\"Dear\",\"logprob\":0}"),
                                   TOP("{\"token\":\"D\"}"),
                                   TOP("{\"token\":\"D\",\"logprob\":1e999}") };
    for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        one = working_read_mood(broken[i], strlen(broken[i]));
        assert_true(one.mood == MOOD_NONE && one.confidence >= 0 && one.confidence <= 1);
        assert_int_equal(working_read_intent(broken[i], strlen(broken[i]), &confidence), INTENT_NONE);
    }
}

static const char *text_of(struct fixture *f, struct working_told *told, const char *language)
{
    const char *text = working_text(&f->arena, told, NOW, 0, language);
    assert_non_null(text);
    return text;
}

static void told(void **state)
{
    struct fixture *f = *state;
    struct working_told t = { .person = "Ann", .theirs = begun(MOOD_SAD, 0.8, 0.9), .quote = "My \"cat\"\ndied." };
    assert_string_equal(text_of(f, &t, "en"), "Ann is sad: \"My  cat  died.\".");
    assert_true(t.quoted);
    t.theirs.since_ms -= DAY;
    assert_string_equal(text_of(f, &t, "en"), "Ann has been sad (it began yesterday): \"My  cat  died.\".");
    t.quote = NULL;
    assert_string_equal(text_of(f, &t, "zh"), "Ann从昨天起就很难过。");
    t.own = begun(MOOD_ANNOYED, 0.8, 0.9);
    assert_string_equal(text_of(f, &t, "zh"), "想到Ann，你还有点生气。Ann从昨天起就很难过。");
    /* What is weak, doubtful or calm is not told. */
    t.own = begun(MOOD_CALM, 0.9, 0.9);
    t.theirs = begun(MOOD_SAD, 0.9, 0.4);
    assert_string_equal(text_of(f, &t, "en"), "");
    t.theirs = begun(MOOD_SAD, 0.3, 0.9);
    assert_string_equal(text_of(f, &t, "en"), "");
    /* Promises when their day has come; questions when the talk is over. */
    t.promises[0] = (struct working_due_piece){ true, "I'll call you.", NOW - DAY, NOW - HOUR, NOW + HOUR, false };
    t.promises[1] = (struct working_due_piece){
        false, "我周五还你", NOW - 6 * DAY, NOW - 3 * DAY, NOW - 2 * DAY, false
    };
    t.promises[2] = (struct working_due_piece){ true, "later", NOW - DAY, NOW + 3 * DAY, NOW + 4 * DAY, false };
    t.promises[3] = (struct working_due_piece){ true, "no day", NOW - DAY, 0, 0, false };
    t.n_promises = 4;
    const char *text = text_of(f, &t, "en");
    assert_non_null(strstr(text, "You promised Ann yesterday: \"I'll call you.\" (that is now)."));
    assert_non_null(strstr(text, "Ann promised you "));
    assert_non_null(strstr(text, "(that time is over)."));
    assert_null(strstr(text, "later"));
    assert_null(strstr(text, "no day"));
    assert_true(t.promises[0].told && t.promises[1].told && !t.promises[2].told && !t.promises[3].told && !t.quoted);
    assert_non_null(strstr(text_of(f, &t, "zh"), "你答应过Ann：“I'll call you.”，就是今天。"));
    t.n_promises = 0;
    t.questions[0] = (struct working_due_piece){ true, "Are you well?", NOW - HOUR, 0, 0, false };
    t.questions[1] = (struct working_due_piece){ false, "Who?", NOW - 60000, 0, 0, false };
    t.questions[2] = (struct working_due_piece){ false, "When?", NOW - 9 * DAY, 0, 0, false };
    t.n_questions = 3;
    assert_string_equal(text_of(f, &t, "en"), "You asked Ann \"Are you well?\" and have no answer yet.");
    /* No more than there is room for. */
    for (size_t i = 0; i < WORKING_TELLS; i++)
        t.promises[i] = (struct working_due_piece){
            true,       "I'll call you about the very long story of the bridge, and its end.",
            NOW - DAY,  NOW - HOUR,
            NOW + HOUR, false
        };
    t.n_promises = WORKING_TELLS;
    assert_true(strlen(text_of(f, &t, "en")) < 400);
    struct arena small;
    arena_init(&small, 16);
    assert_null(working_text(&small, &t, NOW, 0, "en"));
    arena_finish(&small);
}

/* Each allocation fails in turn. */
static void without_memory(void **state)
{
    struct fixture *f = *state;
    struct working_words *w = NULL;
    int rc = ANIMA_E_NOMEM;
    for (long n = 1; rc; n++) {
        mem_fail_at(n, 0);
        rc = working_words_create(&w, NULL);
        mem_fail_at(0, 0);
        assert_true(rc ? !w && rc == ANIMA_E_NOMEM : w != NULL);
    }
    working_words_destroy(w);
    struct working_plans *p = NULL;
    rc = ANIMA_E_NOMEM;
    for (long n = 1; rc; n++) {
        mem_fail_at(n, 0);
        rc = working_plans_create(&p, NULL);
        mem_fail_at(0, 0);
        assert_true(rc ? !p && rc == ANIMA_E_NOMEM : p != NULL);
    }
    working_plans_destroy(p);
    rc = ANIMA_E_NOMEM;
    for (long n = 1; rc; n++) {
        const anima_chat_message *m;
        struct arena arena;
        size_t count;
        arena_init(&arena, 1u << 20);
        mem_fail_at(n, 0);
        rc = working_prompt(&arena, WORKING_MOOD, "x", &m, &count);
        mem_fail_at(0, 0);
        assert_true(!rc || rc == ANIMA_E_NOMEM);
        arena_finish(&arena);
    }
    (void)f;
}

static const char *folder = ".";

/* Lines: round, the mood or "-", a sentence. Round 1: the patterns were made on these; round 2: what they did there at first sight stands in docs/memory.md. */
static void what_happened(void **state)
{
    struct fixture *f = *state;
    char path[600], line[1000];
    size_t n = 0, missed = 0, wrong = 0;
    snprintf(path, sizeof(path), "%s/events.tsv", folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        char *rest = line, *round = strsep(&rest, "\t"), *mood = strsep(&rest, "\t"), *text = strsep(&rest, "\n");
        assert_non_null(text);
        struct working_said said;
        working_says(f->said, text, &said);
        enum mood expected = mood_named(mood);
        bool good = said.feeling.mood == expected;
        n++;
        missed += !good && said.feeling.mood == MOOD_NONE;
        wrong += !good && said.feeling.mood != MOOD_NONE;
        if (!good)
            print_message("  round %s, %s for %s: %s\n", round, mood_name(said.feeling.mood), mood, text);
    }
    fclose(file);
    print_message("%zu lines: %zu missed, %zu wrong\n", n, missed, wrong);
    assert_true(n >= 140);
    assert_true(missed <= 6 && wrong <= 0);
}

/* Lines: yes or no, a proposal, the answer to it. */
static void plans(void **state)
{
    char path[600], line[1000];
    size_t n = 0, missed = 0, wrong = 0;
    struct working_plans *p;
    const struct when_anchor now = { NOW, 0 }, later = { NOW + HOUR, 0 };
    struct working_piece piece;
    (void)state;
    assert_int_equal(working_plans_create(&p, NULL), 0);
    snprintf(path, sizeof(path), "%s/plans.tsv", folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        char *rest = line, *label = strsep(&rest, "\t"), *proposal = strsep(&rest, "\t"), *answer = strsep(&rest, "\n");
        assert_non_null(answer);
        bool is = strcmp(label, "yes") == 0, found = working_plan(p, proposal, now, answer, later, &piece);
        n++;
        missed += is && !found;
        wrong += !is && found;
        if (is != found)
            print_message("  %s: %s / %s\n", label, proposal, answer);
        if (found)
            assert_true(piece.end > piece.start && piece.end <= strlen(proposal) && piece.to_ms > NOW);
    }
    fclose(file);
    print_message("%zu pairs: %zu missed, %zu wrong\n", n, missed, wrong);
    assert_true(n >= 55 && missed <= 2 && wrong == 0);
    const char *text = "It was fun. Let's meet on Saturday at the lake. Do come!"; /* NOW is a Monday */
    assert_true(working_plan(p, text, now, "OK, Saturday then.", later, &piece));
    assert_int_equal(piece.start, strlen("It was fun. "));
    assert_int_equal(piece.end, strlen("It was fun. Let's meet on Saturday at the lake."));
    assert_int_equal(piece.from_ms / DAY, NOW / DAY + 5);
    assert_true(working_plan(p, "我们去海边吧。", now, "好，那就周六。", later, &piece)); /* the answer has the day */
    assert_int_equal(piece.from_ms / DAY, NOW / DAY + 5);
    assert_false(working_plan(p, text, now, "OK, Sunday then.", later, &piece));
    assert_false(working_plan(p, text, now, "", later, &piece));
    assert_false(working_plan(p, "", now, "OK.", later, &piece));
    assert_true(working_calls_off(p, "I can't make it on Saturday."));
    assert_true(working_calls_off(p, "周六去不了了，临时有事。"));
    assert_false(working_calls_off(p, "I look forward to Saturday."));
    working_plans_destroy(p);
    working_plans_destroy(NULL);
}

int main(int argc, char **argv)
{
    folder = argc > 1 ? argv[1] : folder;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),           cmocka_unit_test(fades),         cmocka_unit_test(merges),
        cmocka_unit_test(always_in_range), cmocka_unit_test(own),           cmocka_unit_test(counts),
        cmocka_unit_test(outright),        cmocka_unit_test(events),        cmocka_unit_test(promised),
        cmocka_unit_test(topic),           cmocka_unit_test(letters),       cmocka_unit_test(told),
        cmocka_unit_test(without_memory),  cmocka_unit_test(what_happened), cmocka_unit_test(plans),
    };
    return cmocka_run_group_tests_name("working", tests, set_up, tear_down);
}
