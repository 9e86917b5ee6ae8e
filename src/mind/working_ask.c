#include "mind/working_ask.h"

#include "base/err.h"
#include "base/json.h"

#include <math.h>

#define ANSWER_MAX (64u << 10)
#define LEAST 0.35    /* of the letters' probability: below that none is clear */
#define INTENSITY 0.6 /* a letter tells no more than that it is there */
#define MAX_KINDS 12

struct kind {
    char letter;
    int what; /* enum mood or enum intent */
    const char *meaning;
};
struct example {
    const char *message, *letter;
};
struct question {
    const char *stream, *task;
    const struct kind *kinds;
    size_t n_kinds;
    const struct example *examples;
    size_t n_examples;
};

static const struct kind moods[] = {
    { 'A', MOOD_NONE, "no feeling: a fact, a question, small talk" },
    { 'B', MOOD_GLAD, "glad, content, relieved" },
    { 'C', MOOD_EXCITED, "excited, looking forward" },
    { 'D', MOOD_SAD, "sad, grieving, disappointed" },
    { 'E', MOOD_WORRIED, "worried, nervous, afraid" },
    { 'F', MOOD_ANGRY, "angry, annoyed, fed up" },
    { 'G', MOOD_HURT, "hurt by somebody" },
    { 'H', MOOD_TIRED, "tired, exhausted" },
    { 'I', MOOD_LONELY, "lonely, left out" },
    { 'J', MOOD_BORED, "bored" },
    { 'K', MOOD_ASHAMED, "ashamed, embarrassed, guilty" },
};
static const struct example mood_examples[] = {
    { "What time does the shop close?", "A" },
    { "我家猫昨天走了，养了十四年。", "D" },
    { "They gave me the job!", "B" },
    { "明天手术，我一晚上没睡着。", "E" },
    { "I had noodles for lunch.", "A" },
    { "老板又当着所有人的面骂我，凭什么！", "F" },
    { "Everyone was invited but me.", "I" },
    { "加班到两点，眼睛都睁不开了。", "H" },
    { "你知道附近哪里有书店吗？", "A" },
    { "Two more days and we fly to Lisbon, I can't wait!", "C" },
    { "She laughed at my drawing in front of them.", "G" },
    { "周末一点事都没有，躺了一天。", "J" },
    { "I forgot her birthday, I could sink into the ground.", "K" },
    { "今天下雨了，地铁有点挤。", "A" },
    { "My grandad isn't going to see the spring, they said.", "D" },
    { "终于考完了，一身轻松。", "B" },
    { "The letter from the bank came and I don't dare open it.", "E" },
    { "My brother moved to Leeds in May.", "A" },
};

static const struct kind wants[] = {
    { 'A', INTENT_CHAT, "just to talk, to tell something" },
    { 'B', INTENT_ASK, "to know something" },
    { 'C', INTENT_COMFORT, "to be comforted, to be listened to" },
    { 'D', INTENT_ADVICE, "advice: what to do" },
    { 'E', INTENT_TASK, "that the friend does something for them" },
    { 'F', INTENT_TEASE, "to joke, to tease" },
    { 'G', INTENT_COMPLAIN, "to complain" },
    { 'H', INTENT_LEAVE, "to end the talk" },
};
static const struct example want_examples[] = {
    { "今天去河边走了走，风很大。", "A" },
    { "Where did you learn to cook?", "B" },
    { "我真的撑不住了……", "C" },
    { "Should I take the job or stay?", "D" },
    { "帮我写一段生日祝福吧。", "E" },
    { "Oh sure, Your Majesty of dusty books.", "F" },
    { "这破地铁又晚点，烦死了！", "G" },
    { "I have to run, talk tomorrow.", "H" },
    { "I bought a red bike yesterday.", "A" },
    { "你觉得我该怎么跟他说？", "D" },
    { "I keep crying and I don't know why.", "C" },
    { "河上那座桥是什么时候修的？", "B" },
    { "Make me a list of films.", "E" },
    { "先不聊了，要睡了。", "H" },
};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
static const struct question questions[WORKING_QUESTIONS] = {
    [WORKING_MOOD] = { "w-mood",
                       "A message to a friend comes in. What does its writer feel now? Answer with one letter.", moods,
                       COUNT(moods), mood_examples, COUNT(mood_examples) },
    [WORKING_INTENT] = { "w-intent",
                         "A message to a friend comes in. What does its writer want? Answer with one letter.", wants,
                         COUNT(wants), want_examples, COUNT(want_examples) },
};

const char *working_stream(enum working_question question) { return questions[question].stream; }

int working_prompt(struct arena *arena, enum working_question question, const char *message,
                   const anima_chat_message **out, size_t *n)
{
    const struct question *q = &questions[question];
    anima_chat_message *m = arena_alloc(arena, (2 + 2 * q->n_examples) * sizeof(*m));
    const char *task = q->task;
    for (size_t i = 0; i < q->n_kinds && task; i++)
        task = arena_printf(arena, "%s\n%c: %s", task, q->kinds[i].letter, q->kinds[i].meaning);
    if (!m || !task)
        return ANIMA_E_NOMEM;
    *n = 0;
    m[(*n)++] = (anima_chat_message){ .role = "system", .text = task };
    for (size_t i = 0; i <= q->n_examples; i++) {
        const char *text = arena_printf(arena, "Message: %s", i < q->n_examples ? q->examples[i].message : message);
        if (!text)
            return ANIMA_E_NOMEM;
        m[(*n)++] = (anima_chat_message){ .role = "user", .text = text };
        if (i < q->n_examples)
            m[(*n)++] = (anima_chat_message){ .role = "assistant", .text = q->examples[i].letter };
    }
    *out = m;
    return ANIMA_OK;
}

/* Which kind a token stands for, spaces around it left aside; n_kinds: none. */
static size_t kind_of(const struct question *q, const char *token)
{
    while (*token == ' ')
        token++;
    size_t i = 0;
    while (i < q->n_kinds && *token != q->kinds[i].letter)
        i++;
    for (token += *token != '\0'; *token == ' ';)
        token++;
    return *token ? q->n_kinds : i;
}

/* The likeliest kind, and its share of what all kinds have. n_kinds: nothing was told. */
static size_t likeliest(const struct question *q, const char *logprobs, size_t n, double *share)
{
    double chance[MAX_KINDS + 1] = { 0 }, sum = 0;
    yyjson_doc *doc;
    size_t i, count, best = 0;
    *share = 0;
    if (json_parse(logprobs, n, ANSWER_MAX, "log probabilities", &doc, NULL))
        return q->n_kinds;
    yyjson_val *top = yyjson_obj_get(yyjson_arr_get(yyjson_doc_get_root(doc), 0), "top_logprobs"), *one;
    yyjson_arr_foreach (top, i, count, one) {
        double p = exp(json_num(one, "logprob", -INFINITY));
        chance[kind_of(q, json_str(one, "token", ""))] += isfinite(p) ? p : 0;
    }
    yyjson_doc_free(doc);
    for (i = 0; i < q->n_kinds; i++) {
        best = chance[i] > chance[best] ? i : best;
        sum += chance[i];
    }
    *share = sum > 0 ? chance[best] / (sum > 1 ? sum : 1) : 0; /* what is no letter is doubt, too */
    return sum > 0 ? best : q->n_kinds;
}

struct working_feeling working_read_mood(const char *logprobs, size_t n)
{
    double share;
    size_t best = likeliest(&questions[WORKING_MOOD], logprobs, n, &share);
    if (best == COUNT(moods) || share < LEAST)
        return (struct working_feeling){ MOOD_NONE, 0, 0 };
    enum mood mood = (enum mood)moods[best].what;
    return (struct working_feeling){ mood, mood == MOOD_NONE ? 0 : INTENSITY, share };
}

enum intent working_read_intent(const char *logprobs, size_t n, double *confidence)
{
    size_t best = likeliest(&questions[WORKING_INTENT], logprobs, n, confidence);
    if (best < COUNT(wants) && *confidence >= LEAST)
        return (enum intent)wants[best].what;
    *confidence = 0;
    return INTENT_NONE;
}
