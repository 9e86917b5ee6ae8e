/* bench_talk.c — does a character talk like a person? Holds the dialogues of share/probes/talk.jsonl (or --probes FILE of the
 * same shape) with it and measures without a judge.
 *
 * A line of the file is a dialogue: {"lang", "name", "lines": [what the person says, one after the other]}. Every dialogue is
 * a conversation of its own. A line that comes again in its dialogue is the same question asked again. */
#include "base/err.h"
#include "base/pattern.h"
#include "base/utf8.h"
#include "cli/bench_room.h"
#include "mind/phrase.h"
#include "mind/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_LINES 60
#define MAX_PAIRS 65536
#define NEAR 0.8 /* Dice's coefficient of two whole replies that count as the same */

/* What a reader would call a service's words: offers, advice by the yard, comfort out of a leaflet, talk to keep a talk going, and
 * lists. A measure of its own, not the patterns that replies are checked by while they are made (mind/lapse.c). */
static const char *const assistantisms[] = {
    /* what it calls itself, what it offers */
    "作为一?(个|名|位|款)?(AI|人工智能|语言模型|.{0,4}助手)|as an? (AI|language model|assistant)",
    "(有什么|还有什么|需要).{0,6}(帮|协助)|为您|很高兴(为|认识|能|听到)|随时(都)?(可以)?(告诉|联系|问|找|跟|来找)我|"
    "我(会|可以|能|来)?(帮助|协助)你|如果你?(还)?有.{0,8}(问题|需要|想法)|请(告诉|随时|放心)",
    "(how|what) (can|may|could) I (help|assist|do for)|let me know|feel free|here (to|for) "
    "(help|listen|you|support|chat|talk)|"
    "I'm (always )?here (to|for|if|whenever)|(happy|glad|pleased) to (help|assist|hear|meet)|don't hesitate|reach out|"
    "is there anything else|anything else (I|you|that I)|anything else\\?|(assist|support) you|would you like (me "
    ")?to|do you (need|want) (any|some) "
    "(help|advice)",
    /* thanks, wishes, excuses */
    "谢谢(你的|您|夸奖|你?(告诉|分享|关心|信任|理解|支持))|感谢(你|您|分享)|祝(你|您)|希望.{0,10}(帮助|有用|帮到|顺利|"
    "一切|早日)|"
    "抱歉.{0,6}(无法|不能|听到)|很(遗憾|抱歉)|"
    "thank you for (sharing|asking|your|telling|reaching|the)|thanks for (sharing|asking|reaching|letting)|"
    "hope (this|that|you|it|everything)|have a (great|nice|wonderful|lovely|good) (day|time|evening|weekend|trip)|"
    "sorry to hear|sorry for (the|any)|I'm sorry,? but I (can't|cannot)|enjoy your",
    /* advice */
    "建议(你|您)?|(你|您)(可以|应该|需要|不妨)(先|多|去)?(试试|尝试|考虑|学会|学习|找|跟|和|与|保持|放松|调整|向)|"
    "(试着|尝试(着)?|不妨|学会)|多(一?点|一些)(耐心|宽容|理解|沟通|时间|休息)|(好好|多)(沟通|交流|休息)|寻求|应对|克服",
    "(you|we) (should|could|might|may|can) (always |also )?(try|consider|want to|take|talk|focus|start by|think about|"
    "make sure)|have you (tried|considered|thought)|try to (stay|focus|talk|relax|take|be|get|find)|consider "
    "(talking|taking|asking|trying)|make sure (to|you)|take (care of|your time|a deep breath|a break|some time|it "
    "easy)",
    "记住[，,：]|别忘了|重要的是|关键(是|在于)|(注意|照顾好)(自己|安全|身体|休息)|保持(积极|乐观|冷静|联系|微笑|好心情|"
    "健康)|"
    "remember(,| to| that)|important (to|that|thing)|(it's|it is) (always |also |really |never |perfectly |completely "
    ")*(important|essential|crucial|normal|natural|okay|ok|fine|understandable|great|good|wonderful|helpful|best) "
    "(to|that|for)",
    /* comfort out of a leaflet */
    "我(能|可以|完全|很)?(理解|明白)(你|您)|(每个人|我们|大家)都(有|会|是|可能|需要)|一切都会|(相信|要相信)(你|自己)|"
    "不要(气馁|灰心|放弃|"
    "担心)|是(一)?(件|个|种)?(很|非常|挺)?(正常|美好|重要|好)的(事|事情|做法|方式|选择|习惯|感觉|经历)",
    "I (can )?(completely |totally |fully )?understand (that|how|what|your|you)|I can imagine|(sounds|must be|must "
    "have "
    "been|must feel|can be) (like a |like an |a |an )?(really |very |quite |so |pretty |bit "
    ")*(tough|challenging|difficult|frustrating|hard|stressful|exciting|great|wonderful|lovely|fun|interesting)|"
    "everything "
    "will be|will (all )?be (okay|fine|alright)|stay (positive|strong|safe|calm)|you('ve| have)? got this|believe in "
    "yourself|step at a time|you're not alone|(that's|that is) "
    "(great|wonderful|understandable|perfectly|completely|totally|"
    "good) (to|news|idea)?",
    /* talk to keep a talk going */
    "(最近|平时|今天)(还)?有(没有?)?(什么|啥|没啥|哪些).{0,8}(吗|呢|事|发现|爱好|计划|安排|打算)|(新的?|好的?)(爱好|"
    "习惯|发现|鲜事)|"
    "(any|some) (other |new )?(hobbies|plans|interests|exciting)|how about you\\?|what about yourself|great question|"
    "^(certainly|absolutely|of course|definitely)[!,.]",
    /* lists */
    "以下(是|几)|首先.{0,40}其次|总之|此外|(^|\\n)\\s*([-*•#]|\\d+[.)、])\\s?\\S|in (summary|conclusion)|here are "
    "(some|a few)|"
    "additionally|firstly|overall,",
    NULL,
};

struct talk {
    struct bench_room room;
    const struct character *who;
    struct pattern *isms;
    bool show;
    int most;         /* lines of each dialogue */
    const char *only; /* the dialogues of this language or name; NULL: all */
    /* of all dialogues */
    int replies, empty, isms_found, repeats, matched, again, again_new;
    size_t tokens, letters, example_letters, examples;
    unsigned long long *pairs; /* hashes */
    size_t n_pairs;
};

static int by_value(const void *a, const void *b)
{
    unsigned long long x = *(const unsigned long long *)a, y = *(const unsigned long long *)b;
    return x < y ? -1 : x > y;
}

/* Pairs of neighbouring words (Chinese: characters). */
static void add_pairs(struct talk *t, const char *text)
{
    unsigned long long before = 0, word = 0;
    size_t n = strlen(text);
    for (size_t i = 0, len; i <= n; i += len) {
        len = 1;
        unsigned c = i < n ? utf8_decode(text + i, n - i, &len) : ' ';
        bool letter = (c | 32) - 'a' < 26 || (c >= '0' && c <= '9') || c == '\'' || (c >= 0xC0 && c < 0x2000);
        bool han = c >= 0x3400 && c <= 0x9FFF;
        if (letter)
            word = (word ? word : 1469598103934665603ull) * 1099511628211ull ^ (c < 0x80 ? c | 32 : c);
        unsigned long long ended[2] = { letter ? 0 : word, han ? c + 1 : 0 };
        for (int k = 0; k < 2; k++) {
            if (ended[k] && before && t->n_pairs < MAX_PAIRS)
                t->pairs[t->n_pairs++] = before * 1099511628211ull + ended[k];
            before = ended[k] ? ended[k] : before;
        }
        word = letter ? word : 0;
    }
}

static double distinct(struct talk *t)
{
    size_t found = t->n_pairs > 0;
    qsort(t->pairs, t->n_pairs, sizeof(*t->pairs), by_value);
    for (size_t i = 1; i < t->n_pairs; i++)
        found += t->pairs[i] != t->pairs[i - 1];
    return t->n_pairs ? (double)found / (double)t->n_pairs : 0;
}

/* What is said of the i-th reply of a dialogue whose earlier ones are in said. */
static const char *score(struct talk *t, const struct phrase *said, int i, const char *language, bool same_question)
{
    const char *reply = t->room.reply, *what = "";
    double most = 0;
    for (int k = 0; k < i; k++) {
        double alike = phrase_alike(&said[k], &said[i]);
        most = alike > most ? alike : most;
    }
    bool repeats = most >= NEAR, ism = pattern_find(t->isms, reply, strlen(reply), 0, NULL, NULL);
    bool match = strcmp(prompt_language(reply), language) == 0;
    t->replies++;
    t->empty += !*reply;
    t->isms_found += ism;
    t->repeats += repeats;
    t->matched += match;
    t->again += same_question;
    t->again_new += same_question && !repeats && said[i].n <= said[i - 1].n;
    t->tokens += (size_t)prompt_tokens(reply, strlen(reply));
    t->letters += said[i].n;
    add_pairs(t, reply);
    what = !match ? "language" : what;
    what = repeats ? "repeats" : what;
    return ism ? "assistant" : what;
}

static int on_dialogue(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    static struct phrase said[MAX_LINES];
    struct talk *t = ctx;
    anima_conversation *c;
    anima_subscription *events;
    yyjson_val *lines = yyjson_obj_get(line, "lines"), *v;
    const char *language = json_str(line, "lang", ""), *before = "";
    size_t i, n;
    if (!yyjson_arr_size(lines) || yyjson_arr_size(lines) > MAX_LINES)
        return err_set(err, ANIMA_E_INVALID, "line %d: a dialogue needs 1 to %d \"lines\"", number, MAX_LINES);
    if (t->only && strcmp(t->only, language) != 0 && strcmp(t->only, json_str(line, "name", "")) != 0)
        return ANIMA_OK;
    int rc = bench_room_begin(&t->room, t->who, &c, &events, err);
    if (rc)
        return rc;
    yyjson_arr_foreach (lines, i, n, v) {
        const char *text = yyjson_get_str(v);
        if (rc || !text || (int)i >= t->most)
            break;
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r\033[K%s, %zu of %zu\r", json_str(line, "name", ""), i + 1, n);
        rc = bench_room_say(&t->room, c, text, err);
        if (rc)
            break;
        phrase_read(&said[i], t->room.reply, strlen(t->room.reply));
        const char *what = score(t, said, (int)i, language, strcmp(text, before) == 0);
        if (*what || t->show)
            fprintf(stderr, "%-10s %s: %s → %s\n", *what ? what : "good", t->who->pub.id, text, t->room.reply);
        before = text;
    }
    bench_room_end(c, events);
    return rc;
}

/* How long the character's own lines are. */
static void read_examples(struct talk *t)
{
    struct phrase p;
    for (size_t l = 0; l < t->who->n_personas; l++) {
        const struct prompt_persona *own = &t->who->personas[l];
        for (size_t i = 1; i < own->n_samples; i += 2) {
            if (i > 1 && own->samples[i].text == own->samples[i - 2].text)
                continue; /* one answer to several ways to say a thing */
            phrase_read(&p, own->samples[i].text, strlen(own->samples[i].text));
            t->example_letters += p.n;
            t->examples++;
        }
    }
}

static void add(struct bench_report *r, const char *key, const char *unit, const char *against, double value,
                double goal, bool at_least)
{
    bench_add(r, (struct bench_result){ key, unit, against, value, goal, at_least, 0, 0 });
}

static void report_all(struct talk *t, struct bench_report *r)
{
    double n = t->replies ? t->replies : 1;
    r->n = t->replies;
    add(r, "assistantisms_per_100", "replies", "phrases and lists of an assistant", 100 * t->isms_found / n, 1, false);
    add(r, "repeats_in_40", "replies", "exact or nearly what was said before, per 40 turns", 20 * t->repeats / n,
        BENCH_NONE, false);
    add(r, "language_match", "%", "the person's language", 100 * t->matched / n, 99, true);
    add(r, "distinct_2", "", "different pairs of words among all", distinct(t), 0, true);
    add(r, "mean_reply_tokens", "tokens", "estimated", (double)t->tokens / n, 0, false);
    if (t->examples && t->letters)
        add(r, "length_of_examples", "x", "mean reply against the character's own example lines",
            (double)t->letters / n / ((double)t->example_letters / (double)t->examples), 0, false);
    if (t->again)
        add(r, "again_shorter", "%", "asked the same again: another answer, no longer than the last",
            100.0 * t->again_new / t->again, 0, true);
    add(r, "empty", "replies", "nothing was said", t->empty, BENCH_NONE, false);
}

static int run(struct cli *cli, struct bench_report *report)
{
    static unsigned long long pairs[MAX_PAIRS];
    const char *limit = cli_value(cli, "n");
    struct talk t = { .pairs = pairs,
                      .show = cli_value(cli, "show"),
                      .only = cli_value(cli, "only"),
                      .most = limit && atoi(limit) > 0 ? atoi(limit) : MAX_LINES };
    anima_error err;
    int status = bench_room_open(cli, &t.room, report);
    if (status)
        return status;
    int rc = pattern_create_any(assistantisms, PATTERN_CASELESS, &t.isms, &err);
    if (!rc)
        rc = bench_room_character(cli, &t.room, "lin", report, &t.who, &err);
    if (!rc) {
        read_examples(&t);
        rc = bench_lines(cli_value(cli, "probes"), "talk.jsonl", on_dialogue, &t, &err);
    }
    report->command = "anima bench talk";
    report_all(&t, report);
    pattern_destroy(t.isms);
    bench_room_close(&t.room);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_talk = { "talk", "does a character talk like a person? (share/probes/talk.jsonl)", run };
