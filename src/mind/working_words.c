#include "mind/working_words.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "base/utf8.h"
#include "mind/phrase.h"
#include "mind/working_events.h"

#include <stdio.h>
#include <string.h>

#define LONGEST 1000 /* bytes of a message that are looked at */
#define SENTENCE 300 /* of one sentence: a longer one is told, not said outright */

/* "i'm so …": nothing but degrees between, so that "i'm not …" and "i was …" are none. */
#define EN_DEGREES                                                                                                     \
    "(?:(?:so|so+|really|very|pretty|just|a bit|a little|quite|feeling|all|totally|still|too|super|kind of|kinda|"     \
    "absolutely|completely|that|rather|extremely|incredibly|actually|honestly|getting|a little bit) )*"
#define EN_AM                                                                                                          \
    "(?:^|[.!?,;:\\x{2026} ])(?<!if )(?<!when )(?<!whenever )(?<!unless )(?:i'm|i’m|i am|im|i "                      \
    "feel|(?:(?<![^.!?,;\\x{2026}] )|(?<=just )|(?<=been ))feeling|i've been "                                         \
    "feeling|i get)"                                                                                                   \
    " " EN_DEGREES
#define EN_END "(?![a-z'’]| (?:of (?:that|it) not|if))"
#define ZH_DEGREES                                                                                                                                               \
    "(?:真的|真是|实在|好|很|太|有点儿?|有些|特别|非常|挺|超级?|都|快|今天|今晚|现在|最近|这几天|觉得|感觉|心里|心情|" \
    "是|又|还是?|一直|可|越来越|已经|整个人|确实|老)*"
#define ZH_AM "(?:(?<!如果)(?<!要是)(?<!让)(?<!骂)(?<![说：“「『\"])(?<!说，)我|^|[，。！？,.!? …～~])" ZH_DEGREES

static const struct {
    enum mood mood;
    double intensity;
    const char *en, *zh;
} feelings[] = {
    { MOOD_SAD, 0.8,
      "sad|down(?! "
      "(?:for|to|with|the|at|in)\\b)|heartbroken|miserable|depressed|devastated|gutted|disappointed|unhappy|in "
      "tears|crying|blue|low(?! on\\b)",
      "难过|伤心|难受|沮丧|失落|心碎|想哭|哭了|郁闷|失望|不开心|不高兴|低落|悲伤|崩溃" },
    { MOOD_WORRIED, 0.7,
      "worried|nervous|anxious|scared|afraid(?! (?:so|not|i|that|we|it|you|there|the|she|he|they)\\b)|stressed(?: "
      "out)?|terrified|panicking|frightened|on edge|worried sick",
      "担心|紧张|焦虑|害怕|不安|慌|好怕|怕死了|压力(?:好|很|太|真|特别)?大|心慌|发愁" },
    { MOOD_ANGRY, 0.8,
      "angry|furious|mad(?! (?:about|for)\\b)|pissed(?: off)?|livid|fed up|outraged|fuming|sick (?:and tired )?of "
      "(?:this|it|him|her|them)",
      "生气|气死了?|气炸了?|愤怒|火大|恼火|来气|气得" },
    { MOOD_HURT, 0.8, "hurt|offended|betrayed", "委屈|受伤了|心寒|被伤到" },
    { MOOD_TIRED, 0.7,
      "tired|exhausted|knackered|worn out|drained|burn(?:t|ed) out|shattered|dead on my feet|sleepy|wiped out",
      "累(?!积|计)|困(?!难|惑|扰|在)|疲惫|疲倦|筋疲力尽|精疲力尽|没力气" },
    { MOOD_LONELY, 0.8, "lonely|alone|left out|homesick", "孤单|孤独|寂寞|想家" },
    { MOOD_BORED, 0.6, "bored(?: to death| stiff)?", "无聊" },
    { MOOD_ASHAMED, 0.7, "ashamed|embarrassed|mortified|guilty", "丢脸|羞愧|惭愧|尴尬|内疚|愧疚|丢人|自责" },
    { MOOD_EXCITED, 0.8, "excited|thrilled|over the moon|buzzing|pumped|stoked|ecstatic",
      "激动|兴奋|期待|迫不及待|等不及" },
    { MOOD_GLAD, 0.7,
      "happy|glad|pleased|relieved|delighted|proud|in a good mood|feeling great|on top of the world|content",
      "开心|高兴|快乐|幸福|欣慰|松了一?口气|自豪|满足|爽(?!约|快|口|朗)" },
    { MOOD_CALM, 0.6, "calm|fine now|okay now|ok now|better now|feeling better|over it|alright now",
      "好多了|没事了|平静|缓过来了?|不(?:难过|生气|伤心|担心|紧张)了" },
};
#define N_FEELINGS (sizeof(feelings) / sizeof(*feelings))

static const char *const strong[] = {
    "\\b(?:so+|really|very|extremely|totally|absolutely|completely|incredibly)\\b|!!|好|太|特别|非常|死了|超|真的|！！|"
    "实在",
    NULL,
};
static const char *const weak[] = { "\\b(?:a bit|a little|kind of|kinda|slightly)\\b|有点|有些", NULL };

static const char *const thanks[] = {
    "\\b(?:thanks|thank (?:you|u)|thx|cheers|much appreciated|i appreciate (?:it|that|you|this))\\b(?! god| goodness)"
    "|谢谢|多谢|感谢你|谢了|感恩",
    NULL,
};
static const char *const praise[] = {
    "\\b(?:you're|you’re|you are|ur) (?:so |really |very |just |always )*(?:(?:the "
    ")?best|great|wonderful|kind|sweet|lovely|amazing|"
    "awesome|a (?:good|great|true) friend|brilliant|a star)\\b|\\bi (?:really )?(?:like|love) (?:talking|chatting) "
    "(?:to|with) you|\\bi love you\\b",
    "你(?:真|太|最|好|可|人)*(?:好了|好呀|棒|贴心|温柔|善良|可爱|厉害|懂我|了解我)|(?:喜欢|爱)(?:和|跟)你(?:聊天|说话)|"
    "有你真好|我爱你",
    NULL,
};
static const char *const insult[] = {
    "\\b(?:you(?:'re|’re| are)?|ur|u r) (?:such |just |so |really |a |an |the |all |fucking |bloody |total |complete )*"
    "(?:stupid|idiots?|dumb|useless|worthless|pathetic|moron|ugly|disgusting|garbage|trash|awful|terrible at "
    "this|annoying|boring|rubbish|a joke|the worst|suck|loser|liar)\\b|\\b(?:shut up|fuck (?:you|off)|screw you|go to "
    "hell|piss off|i hate you|you suck)\\b",
    "你(?:真|太|好|就是|这个|个|是|可|也|怎么|怎么这么|这么|那么|真是|简直|简直是|一个|还真)*(?:蠢|笨死|傻逼|傻子|白痴|"
    "弱智|废物|没用(?!过|心|到|上)|垃圾|恶心|讨厌(?=$|[啊呀死，。！!,])|烦人|智障|脑残|无聊透顶|骗子)"
    "|(?:^|你|快|给我|[，,。！! "
    "])(?:闭嘴|滚(?:开|蛋|吧|$|[！!。，,])|去死(?!了))|我(?:真|好)?(?:恨|讨厌)你(?![妈爸])|你他妈(?!妈)",
    NULL,
};
/* Somebody else's words. */
static const char *const reported[] = {
    "\\b(?:said|says|told me|tells me|called me|calls me|texted|wrote|yelled|shouted|screamed)\\b",
    "[他她妈爸哥姐弟妹板师友事人]们?(?:就|又|还|总|老|都)?(?:跟我|对我|冲我)?(?:骂|说|吼|喊)|(?:骂|吼|喊|让|叫)我|["
    "“”\"「『]",
    NULL,
};
#define ZH_PEOPLE                                                                                                                                             \
    "爸|妈|哥|姐|弟|妹|爷|奶|外公|外婆|老公|老婆|儿子|女儿|孩子|朋友|闺蜜|室友|同事|同学|老师|老板|邻居|男友|女友|" \
    "对象"
/* Whose feeling it may be where nobody is named beside it: 她分手了，很难过. */
static const char *const others[] = { "[他她]|" ZH_PEOPLE, NULL };
/* Unless the writer stands there, too, and not only as whose sister it is. */
static const char *const oneself[] = { "我(?!们?的?(?:[他她家]|" ZH_PEOPLE "))", NULL };
static const char *const sorry[] = {
    "\\b(?:i'm|i’m|i am|im) (?:so |really |very |truly )*sorry(?! (?:to hear|about your|for your|that "
    "you|he|she|they|but))|"
    "\\bi apologi[sz]e\\b|\\bmy (?:bad|fault|apologies)\\b|\\bsorry (?:for|about) (?:what "
    "i|that|earlier|shouting|yelling|"
    "being)|^sorry\\b[.!]*$",
    "对不起|抱歉|我(?:错了|不该|不应该)|是我不好|向你道歉|跟你道歉",
    NULL,
};
static const char *const puts_off[] = {
    "\\b(?:let me (?:think|check|look)|i(?:'ll|’ll| will) (?:think about|tell you|let you know|get back|look "
    "into|answer)"
    "|ask me (?:later|again|tomorrow))\\b",
    "(?:让我|容我|我(?:得|要|先)?)(?:想想|想一想|考虑|查查|看看)(?:再|吧|一下)|(?:回头|以后|改天|晚点|下次|等会儿?|"
    "明天)(?:再)?(?:告诉|跟你说|回答|说)",
    NULL,
};

/* What a writer wants, from the clear to the vague. */
static const struct {
    enum intent intent;
    double confidence;
    const char *expression;
} wants[] = {
    { INTENT_LEAVE, 0.9,
      "\\b(?:good ?night|good ?bye|bye(?: bye)?|see (?:you|ya)|talk (?:to you )?(?:later|tomorrow|soon)|i(?:'ve| "
      "have)? (?:got to|have to|gotta|must|"
      "need to) (?:go|run|sleep|leave)|gotta go|ttyl|i'm "
      "off)\\b|晚安|再见|拜拜|先走了|不聊了|下次聊|回头聊|我(?:先|要|得)(?:睡|走|下线|忙)" },
    { INTENT_ADVICE, 0.85,
      "\\b(?:what (?:should|would|do you think i should|shall) (?:i|you) do\\b|should i\\b|any advice|what do you "
      "(?:advise|"
      "suggest|recommend)|how (?:should|do) i (?:deal|handle|tell|get "
      "over|cope))|我(?:该|应该|要不要|是不是该)(?:怎么|如何|不该|去|跟|和|答应|接受|辞)|怎么办|给(?:我)?(?:点|个)?(?:"
      "建议|意见)|你(?:建议|说我该)" },
    { INTENT_COMFORT, 0.8,
      "\\b(?:comfort me|cheer me up|i need a hug|hug me|hold me|i can't (?:take|do) (?:it|this) any ?more|stay with me|"
      "just listen)\\b|安慰(?:一下|安慰)?我|抱抱|撑不住了|撑不下去|陪(?:陪|着)?我|听我说说" },
    { INTENT_TASK, 0.75,
      "^(?:please |pls |hey,? )*(?:write|make|list|translate|give me|help me (?:write|with|to)|summari[sz]e|remind "
      "me|find me|draw"
      ")\\b|\\b(?:can|could|would) you (?:please )?(?:write|make|list|translate|help me|give "
      "me|summari[sz]e|remind)\\b|"
      "^(?:请|麻烦你?)?(?:帮我|给我(?!妈|爸|弟|姐|妹|哥)|替我|写一|列一|翻译|提醒我)" },
    { INTENT_COMPLAIN, 0.65,
      "\\b(?:i can't stand|i hate (?:this|it|my|when|how)|so unfair|what a (?:joke|mess|waste)|sick of|fed up|drives "
      "me "
      "(?:mad|crazy))\\b|烦死|气死|受不了|什么破|凭什么|真倒霉|太过分|无语" },
    { INTENT_ASK, 0.6, "[?？]\\s*$" },
};
#define N_WANTS (sizeof(wants) / sizeof(*wants))

/* To the one it is said to ("you", 你), or called a promise. */
static const char *const promises[] = {
    "\\bi(?:'ll|’ll| will| shall|'m going to|’m going to| am going to|'m gonna| gonna)\\b(?! not\\b| "
    "never\\b)(?=[^.!?]*\\b(?:you|your|u)\\b)",
    "\\b(?:i promise|i swear|i give you my word)\\b",
    "我(?:们)?(?:一定|肯定|保证|会|就|再|明天|明早|明晚|后天|今晚|今天|晚上|下午|待会儿?|等会儿?|一会儿?|回头|改天|周["
    "一二三四五六日天]|下周[一二三四五六日天]?|这周[一二三四五六日天]?|星期[一二三四五六日天]|下个?星期["
    "一二三四五六日天]?|下个?月|周末|到时候?|回来|下次|以后|马上|[0-9一二三四五六七八九十]+[点号日]|[ ，,])*"
    "(?:给|告诉|跟|和|陪|帮|还|叫|找|发|带|请|教|接|送|问|等)(?:给)?你",
    "我(?:保证|答应你|答应(?=[，。！,!]|$)|发誓|向你保证|承诺)",
    NULL,
};
/* Without a day only what is called a promise is one. */
static const char *const called[] = { "\\bi (?:promise|swear|give you my word)\\b|保证|答应|发誓|承诺", NULL };
/* Then it is none. */
static const char *const unsure[] = {
    "\\b(?:don't think|don’t think|doubt|can't promise|can’t promise|if|maybe|perhaps|might|would|could|i think|not "
    "sure|probably|possibly|never|won't|won’t|i'll be honest|i’ll "
    "be honest|i'll tell you "
    "(?:what|this)|promised)\\b|要不要|是不是|好不好|行不行|如果|要是|可能|也许|说不定|大概|不会|没法|不能|不想|别|["
    "吗嘛么呢]\\s*$|[?？]\\s*$|了$|"
    "我(?:也|就)?(?:跟|和|给|告诉|问|请|陪|帮|带|送|教|接|叫|找|等)(?:给)?你(?:说|讲|提|们|看|发|问|带|送)?(?:过|了)",
    NULL,
};

struct working_words {
    struct pattern *feelings[N_FEELINGS], *wants[N_WANTS];
    struct pattern *strong, *weak, *thanks, *praise, *insult, *sorry, *puts_off, *promises, *called, *unsure, *reported,
        *others, *oneself;
    struct working_events *events;
};

static int make_feelings(struct working_words *w, anima_error *err)
{
    char *expression = mem_alloc(8192);
    int rc = expression ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    for (size_t i = 0; i < N_FEELINGS && !rc; i++) {
        static const char form[] = EN_AM "(?:%s)" EN_END "|" ZH_AM "(?:%s)(?!的(?:人|时候|话)|不|吧)";
        const char *at = form, *parts[] = { feelings[i].en, feelings[i].zh };
        size_t n = 0, k = 0;
        for (const char *hole; (hole = strstr(at, "%s")); at = hole + 2, k++) {
            memcpy(expression + n, at, (size_t)(hole - at));
            n += (size_t)(hole - at);
            memcpy(expression + n, parts[k], strlen(parts[k]));
            n += strlen(parts[k]);
        }
        memcpy(expression + n, at, strlen(at) + 1);
        rc = pattern_create(expression, PATTERN_CASELESS, &w->feelings[i], err);
    }
    mem_free(expression);
    return rc;
}

int working_words_create(struct working_words **out, anima_error *err)
{
    struct working_words *w = *out = mem_zero(1, sizeof(*w));
    int rc = w ? make_feelings(w, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    for (size_t i = 0; i < N_WANTS && !rc; i++)
        rc = pattern_create(wants[i].expression, PATTERN_CASELESS, &w->wants[i], err);
    const struct {
        struct pattern **pattern;
        const char *const *list;
    } more[] = { { w ? &w->strong : NULL, strong },     { w ? &w->weak : NULL, weak },
                 { w ? &w->thanks : NULL, thanks },     { w ? &w->praise : NULL, praise },
                 { w ? &w->insult : NULL, insult },     { w ? &w->sorry : NULL, sorry },
                 { w ? &w->puts_off : NULL, puts_off }, { w ? &w->promises : NULL, promises },
                 { w ? &w->called : NULL, called },     { w ? &w->unsure : NULL, unsure },
                 { w ? &w->reported : NULL, reported }, { w ? &w->others : NULL, others },
                 { w ? &w->oneself : NULL, oneself } };
    for (size_t i = 0; i < sizeof(more) / sizeof(*more) && !rc; i++)
        rc = pattern_create_any(more[i].list, PATTERN_CASELESS, more[i].pattern, err);
    if (!rc)
        rc = working_events_create(&w->events, err);
    if (rc) {
        working_words_destroy(w);
        *out = NULL;
    }
    return rc;
}

void working_words_destroy(struct working_words *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < N_FEELINGS; i++)
        pattern_destroy(w->feelings[i]);
    for (size_t i = 0; i < N_WANTS; i++)
        pattern_destroy(w->wants[i]);
    struct pattern *const more[] = { w->strong,   w->weak,   w->thanks, w->praise,   w->insult, w->sorry,  w->puts_off,
                                     w->promises, w->called, w->unsure, w->reported, w->others, w->oneself };
    for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
        pattern_destroy(more[i]);
    working_events_destroy(w->events);
    mem_free(w);
}

/* ---- sentences ---- */

static bool has(struct pattern *p, const char *text, size_t n) { return pattern_find(p, text, n, 0, NULL, NULL); }

static bool asks(const char *sentence, size_t n)
{
    while (n && strchr(" \n\t\r\"'", sentence[n - 1]))
        n--;
    return (n && sentence[n - 1] == '?') ||
           (n >= 3 && (memcmp(sentence + n - 3, "？", 3) == 0 || memcmp(sentence + n - 3, "吗", 3) == 0));
}

/* The sentence at *at (moved behind it), without blanks around: *start, its bytes; 0 at the end. */
static size_t next_sentence(const char *text, size_t n, size_t *at, size_t *start)
{
    while (*at < n && strchr(" \n\t\r", text[*at]))
        ++*at;
    size_t size = *at < n ? phrase_sentence(text + *at, n - *at, true) : 0, line = size;
    for (size_t i = 0; i < size && line == size; i++)
        line = text[*at + i] == '\n' ? i : size;
    *start = *at;
    *at += line;
    while (line && strchr(" \n\t\r", text[*start + line - 1]))
        line--;
    return line;
}

static void feel(struct working_words *w, const char *sentence, size_t n, struct working_said *out)
{
    for (size_t i = 0; i < N_FEELINGS; i++) {
        size_t start, end;
        if (!pattern_find(w->feelings[i], sentence, n, 0, &start, &end))
            continue;
        bool bare = (unsigned char)sentence[end - 1] >= 0x80 && !memmem(sentence + start, end - start, "我", 3);
        if (bare && has(w->others, sentence, start) && !has(w->oneself, sentence, start))
            continue;
        double by = has(w->weak, sentence + start, end - start)   ? -0.25
                    : has(w->strong, sentence + start, n - start) ? 0.2
                                                                  : 0;
        double intensity = feelings[i].intensity + by < 1 ? feelings[i].intensity + by : 1;
        if (out->feeling.mood == MOOD_NONE || intensity > out->feeling.intensity + 0.15)
            out->feeling = (struct working_feeling){ feelings[i].mood, intensity, 0.9 };
        return;
    }
}

void working_says(struct working_words *w, const char *message, struct working_said *out)
{
    size_t n = utf8_cut(message, strlen(message), LONGEST), at = 0, start, size;
    struct working_feeling happened = { .mood = MOOD_NONE };
    *out = (struct working_said){ .feeling = { MOOD_NONE, 0, 0 } };
    while ((size = next_sentence(message, n, &at, &start))) {
        const char *sentence = message + start;
        if (size > SENTENCE || asks(sentence, size)) {
            out->events |= asks(sentence, size) ? WORKING_ASKS : 0u;
            continue;
        }
        feel(w, sentence, size, out);
        happened = happened.mood == MOOD_NONE ? working_event(w->events, sentence, size) : happened;
        out->events |= has(w->thanks, sentence, size) ? WORKING_THANKS : 0u;
        out->events |= has(w->praise, sentence, size) ? WORKING_PRAISE : 0u;
        out->events |= has(w->insult, sentence, size) && !has(w->reported, sentence, size) ? WORKING_INSULT : 0u;
        out->events |= has(w->sorry, sentence, size) ? WORKING_SORRY : 0u;
    }
    if (out->feeling.mood == MOOD_NONE) /* what somebody says of themselves comes first */
        out->feeling = happened;
    for (size_t i = 0; i < N_WANTS && out->intent == INTENT_NONE; i++)
        if (has(w->wants[i], message, n)) {
            out->intent = wants[i].intent;
            out->intent_confidence = wants[i].confidence;
        }
}

/* ---- promises and questions ---- */

/* The first time that lies ahead, or goes on. True: nothing tells of one which way it lies. */
static bool ahead(const char *sentence, size_t n, struct when_anchor now, struct working_piece *out)
{
    struct when found[WHEN_MOST];
    size_t times = when_find(sentence, n, now, found, WHEN_MOST);
    bool either = false;
    for (size_t i = 0; i < times && !out->to_ms; i++) {
        either |= found[i].direction == WHEN_EITHER;
        if (found[i].direction != WHEN_PAST && found[i].to_ms > now.ms) {
            out->from_ms = found[i].from_ms;
            out->to_ms = found[i].to_ms;
        }
    }
    return either;
}

/* What is promised lies ahead, also where no word says so: 我周五给你打电话. */
static void date(const char *sentence, size_t n, struct when_anchor now, struct working_piece *out)
{
    char will[WORKING_PROMISE + 8];
    if (!ahead(sentence, n, now, out) || out->to_ms)
        return;
    int len = snprintf(will, sizeof(will), "我要%.*s", (int)n, sentence);
    if (len > 0 && (size_t)len < sizeof(will))
        ahead(will, (size_t)len, now, out);
}

size_t working_promises(struct working_words *w, const char *text, struct when_anchor now,
                        struct working_piece out[WORKING_PROMISES])
{
    size_t n = utf8_cut(text, strlen(text), LONGEST), at = 0, start, size, found = 0;
    while (found < WORKING_PROMISES && (size = next_sentence(text, n, &at, &start))) {
        const char *sentence = text + start;
        if (size > WORKING_PROMISE || asks(sentence, size) || !has(w->promises, sentence, size) ||
            has(w->unsure, sentence, size) || has(w->reported, sentence, size))
            continue;
        struct working_piece *piece = &out[found];
        *piece = (struct working_piece){ .start = start, .end = start + size };
        date(sentence, size, now, piece);
        found += piece->to_ms || has(w->called, sentence, size);
    }
    return found;
}

bool working_question(const char *text, struct working_piece *out)
{
    size_t n = strlen(text), at = 0, start, size;
    *out = (struct working_piece){ .start = 0 };
    bool last = false;
    while ((size = next_sentence(text, n, &at, &start))) {
        last = asks(text + start, size) && size <= WORKING_PROMISE;
        *out = (struct working_piece){ .start = start, .end = start + size };
    }
    return last;
}

bool working_only_asks(const char *text)
{
    size_t n = strlen(text), at = 0, start, size;
    bool any = false;
    while ((size = next_sentence(text, n, &at, &start))) {
        any = true;
        if (!asks(text + start, size))
            return false;
    }
    return any;
}

bool working_puts_off(struct working_words *w, const char *text)
{
    return has(w->puts_off, text, utf8_cut(text, strlen(text), LONGEST));
}
