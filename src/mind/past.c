#include "mind/past.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"

#include <string.h>

#define YOU "(?:you|u|ya)"
#define ASKED "(?:what'?s?|who'?s?|where'?s?|when'?s?|which|how|if|whether)"

/* The one who asks: without, it is about somebody else. */
static const char *const first[] = { "我|咱|\\b(?:i|i'?m|i'?ve|i'?d|my|me|mine|we|our|us)\\b", NULL };

/* What makes a sentence a question, where nobody types the mark. */
static const char *const question[] = {
    "[?？]|吗|么|没(?:有)?$|不$|吧|什么|啥|哪|几|谁|多少|多大|多高|是不是|有没有|来着|没忘|再说|提醒我",
    "\\b(?:what|what'?s|who|who'?s|where|where'?s|when|when'?s|which|how)\\b|\\b(?:do|did|have|haven'?t|can) " YOU
    "\\b|\\b(?:did|have) i\\b|\\bdidn'?t i\\b|\\bhaven'?t i\\b|\\bright$|^(?:\\w+ )?(?:" YOU " )?remember\\b",
    NULL,
};

static const char *const plainly[] = {
    "\\b(?:do|did|can|don'?t) " YOU "(?: \\w+){0,3}? (?:remember|recall)\\b(?! to\\b)",
    "(?:^|[,.!?;] ?|^(?:hey|so|ok|and|oh|wait|lol),? )(?:" YOU " )?(?:still )?remember (?!to\\b)(?:" ASKED
    "|my|me|that|the)\\b",
    "\\b" YOU " (?:still |do |dont |don'?t )?(?:remember|recall) (?:" ASKED "|my|me|the)\\b|\\bdo " YOU " rem\\w*\\b",
    "\\b(?:i told " YOU "|i said|i'?ve told " YOU "|i gave " YOU ")\\b.*[?]|\\b" ASKED "\\b.*\\bi (?:said|told " YOU
    ")\\b|\\bwas it\\b.*\\bi said\\b",
    "\\b(?:did|have|had) i (?:not )?(?:ever |already |even |just |really |once "
    ")*(?:tell|told|say|said|mention|mentioned)\\b",
    "\\b(?:i did|i'?ve|i have|i must have|i definitely|i already)(?: \\w+)? (?:tell|told|mention|mentioned|said)\\b",
    "\\b" ASKED "\\b.*\\bdid i (?:say|tell|mention)\\b|\\b" ASKED "\\b.*\\bi (?:told " YOU "|mentioned)\\b",
    "\\b(?:what|who|where|when|which|how)(?:'?s| is| was| were| are| do| did| old| "
    "many)?\\b.*\\b(?:my|i|our)\\b.*\\bagain\\b",
    ASKED "\\b.*\\b(?:tell|say|remind)(?: it| that)?(?: to)? me,?(?: that| it)? again\\b",
    "\\b(?:haven'?t|have|did|didn'?t) " YOU " (?:already )?(?:forgotten|forget|forgot)\\b|\\b" YOU
    " haven'?t forgotten\\b|\\bmemory of (?:me|my)\\b",
    "\\bremind me,? (?:again,? )?(?:" ASKED ")\\b|\\b" YOU
    " (?:still )?(?:know|remember) (?:my|which \\w+ i|the address|what my|where i|when my|who my|how old my)\\b",
    "\\bdo " YOU " (?:still |happen to )?know\\b.*\\bmy\\b|\\bmy\\b.*\\bdo " YOU " (?:still )?know\\b|\\bonce more\\b",
    "我有?跟你(?:说|讲).*(?:吗|没)[?？。]?$|我(?:上次|上回|之前)?(?:说|讲|提)的那|记住(?:了)?(?:没|吗)|你还?记的",
    "(?:^|[^我])(?:记不记得|记得不|记得)(?!.{0,8}(?:带|打电话|买|叫我|提醒))|还记着",
    "(?:跟|和|同)你(?:说|讲|提|聊)(?:没说|没讲|没提|起)?过|告诉(?:没告诉)?(?:过)?你|我(?:是不是|有没有|以前|之前|上次|"
    "上回)*(?:说|讲|提)"
    "(?:没说|没讲|没提)?过",
    "有(?:没有)?印象|来着|你(?:是不是|不会|该不会)?忘(?:了|记)?(?:没|吗|了吧|了吗)|没忘(?:吧|吗)|我(?:上次|上回|之前)(?"
    ":说|讲|提)的",
    "(?:知道|清楚)(?:吗|吧|不)[?？。]?$|你知不知道|(?:再|你)说一遍|再(?:帮我想想|说一遍|提醒我一下|告诉我一遍)|"
    "还知道我",
    NULL,
};

static const char *const value[] = {
    "\\b(?:what|where|who|when|which|how (?:old|many|much|long|tall|far))(?:'?s| is| are| was| were| does| do| did| "
    "has| "
    "have| time| day| colou?r)?\\b[^?.!]*?\\bmy\\b",
    "\\b(?:what|where|who|when|which|how (?:old|many|much|long|often))\\b[^?.!,]{0,40}\\b(?:do|did|am|was|have|had) "
    "i\\b",
    "我(?!们去|们一起)[^，。,!！?？]{0,16}?(?:什么|啥|哪|几(?!乎)|谁|多少|多大|多高|多久|多重|多长)",
    NULL,
};

/* Advice, guesses, proposals, complaints. */
static const char *const advice[] = {
    "\\b(?:should|shall|could|can|may|might|would|will|gonna|supposed|better)\\b|\\bhow "
    "(?:do|can|to|was|is|did|come)\\b|\\bwhy\\b",
    "\\b" YOU " (?:think|reckon|say|guess|suggest|feel)\\b|\\bwhat do i do\\b|\\bwhat am i "
    "(?:doing|going|even)\\b|\\bguess what\\b",
    "\\b" YOU " know what\\b|\\bhappen(?:s|ed)? to (?:me|my)\\b|\\bwhat if\\b|\\bwas i thinking\\b|\\bi ever "
    "do\\b|\\bdo i get\\b|\\bam i anymore\\b|\\bwrong with\\b|\\bmatter with\\b|\\bdid " YOU " "
    "(?:get|see|read|hear)\\b|\\bsound(?:s)? like\\b",
    "(?:什么|哪[^，。]{0,4}|多少)(?:比较|更|最)?好(?:[?？呢啊]|$)|该|好呢|好看|好看不|怎么|为什么|为啥|凭什么|干嘛|"
    "干吗|能不能|可不可以|可以|要不要|你觉得|你说|你猜|一起|行吗|好吗|"
    "帮我|给我|"
    "教我|有什么|没什么|什么都|谁都|哪都|不知道|想不|废什么|图啥|聊点|招谁|算什么|怕什么|急什么|哪有|哪敢|还是留|"
    "会不会|是不是太|才能|一起看",
    NULL,
};

/* What is asked for is in the memory, whosever it is. */
static const char *const remembering[] = {
    "\\b(?:do|did|can|don'?t) " YOU
    "(?: \\w+){0,3}? (?:remember|recall)\\b(?! to\\b)|\\bremind me,? (?:again,? )?(?:" ASKED ")\\b|\\blast "
    "time\\b.*[?]",
    "记不记得|记得(?!带|打电话|买|叫我|提醒).*(?:吗|么|吧|没|[?？])|有(?:没有)?印象|来着|上次.*[?？吗]",
    NULL,
};

/* "You know what …", "I remember …": the telling of something. */
static const char *const telling[] = {
    "不记得(?!我|吗|了吗|了吧)|^(?:我(?:还|一直|也|就)?记得|你知道吗(?!$|[?？]$)|我跟你(?:说|讲)(?!过|没|.*来着)|记得(?"
    "!我|咱)|别忘)",
    "^i (?:still |always |will |'ll )?remember\\b|\\bremember to\\b|^" YOU
    " know what\\b|^guess what\\b|\\btell you or what\\b|^remember that\\b.*\\bok\\b|\\bremind me "
    "(?:to|at|in|on|tomorrow)\\b",
    NULL,
};

struct past {
    struct pattern *first, *question, *plainly, *value, *advice, *remembering, *telling;
};

int past_create(struct past **out, anima_error *err)
{
    struct past *p = *out = mem_zero(1, sizeof(*p));
    if (!p)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    const struct {
        struct pattern **pattern;
        const char *const *list;
    } all[] = { { &p->first, first },    { &p->question, question }, { &p->plainly, plainly },
                { &p->value, value },    { &p->advice, advice },     { &p->remembering, remembering },
                { &p->telling, telling } };
    int rc = ANIMA_OK;
    for (size_t i = 0; i < sizeof(all) / sizeof(*all) && !rc; i++)
        rc = pattern_create_any(all[i].list, PATTERN_CASELESS, all[i].pattern, err);
    if (rc) {
        past_destroy(p);
        *out = NULL;
    }
    return rc;
}

void past_destroy(struct past *p)
{
    if (!p)
        return;
    struct pattern *all[] = { p->first, p->question, p->plainly, p->value, p->advice, p->remembering, p->telling };
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        pattern_destroy(all[i]);
    mem_free(p);
}

static bool has(struct pattern *pattern, const char *text)
{
    return pattern_find(pattern, text, strlen(text), 0, NULL, NULL);
}

enum past_asked past_asked(struct past *p, const char *message)
{
    if (!has(p->question, message) || has(p->telling, message))
        return PAST_NOT;
    if (!has(p->first, message))
        return has(p->remembering, message) ? PAST_OTHER : PAST_NOT;
    if (has(p->plainly, message))
        return PAST_PLAINLY;
    return has(p->value, message) && !has(p->advice, message) ? PAST_VALUE : PAST_OWN;
}
