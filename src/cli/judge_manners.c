#include "cli/judge_manners.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "mind/lapse.h"
#include "mind/phrase.h"
#include "mind/prompt.h"

#include <string.h>

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

/* Words in which somebody shows that this was asked before. */
static const char *const noticing[] = {
    "又|再(问|说|答|来)|还(问|是|在问)|刚(才|刚)?.{0,4}(问|说|答|讲|回)|(问|说|答|讲|回)过|第[二三四五六几]|"
    "[两三四五六几]([遍次回]|句)|老(问|是)|一直(问|在)|同一|一样|重复|上瘾|没完|复读|记性|忘了|这么想知道|换(个|一个)|"
    "不(说|答|回)了|到底",
    "\\b(again|already|still|same|keep|repeat\\w*|broken record|told you|just (said|told|asked|answered)|I said|you "
    "asked|you('ve| have) asked|asking|twice|(second|third|fourth|fifth) time|that's (two|three|four|five)|(two|three|"
    "four|five|how many) times|new question|something else|forg[eo]t\\w*|as before|last time|testing "
    "me|memory|stuck)\\b",
    NULL,
};

/* What a service says to an insult. */
static const char *const meek[] = {
    "对不起|抱歉|请(您|你)?(原谅|见谅|谅解|保持|使用|不要|文明|尊重)|(保持|注意)(礼貌|文明)|文明(用语|交流)|互相尊重|"
    "(给|为)(你|您)(带来|造成)|(感到|觉得)(不快|不适|冒犯)|我会(努力|继续|尽力)|(改进|改善|提升)|有什么(问题|不满)",
    "\\b(I'm|I am|I'm really|we're) (so |very |really |truly |deeply )?sorry|\\bsorry (if|that|about|for|to|you)\\b|"
    "apologi[sz]e|apolog(y|ies)|be (polite|respectful|civil|kind)|respectful(ly)?\\b|inappropriate|offensive language|"
    "(strive|improve|do better|try my best)|your (feedback|concerns?|frustration)",
    NULL,
};

struct judge_manners {
    struct pattern *isms, *noticing, *meek;
    struct lapses *lapses;
};

int judge_manners_create(struct judge_manners **out, anima_error *err)
{
    struct judge_manners *j = *out = mem_zero(1, sizeof(*j));
    int rc = j ? pattern_create_any(assistantisms, PATTERN_CASELESS, &j->isms, err)
               : err_set(err, ANIMA_E_NOMEM, "out of memory for the patterns");
    if (!rc)
        rc = pattern_create_any(noticing, PATTERN_CASELESS, &j->noticing, err);
    if (!rc)
        rc = pattern_create_any(meek, PATTERN_CASELESS, &j->meek, err);
    if (!rc)
        rc = lapses_create(&j->lapses, err);
    if (rc) {
        judge_manners_destroy(j);
        *out = NULL;
    }
    return rc;
}

void judge_manners_destroy(struct judge_manners *j)
{
    if (!j)
        return;
    pattern_destroy(j->isms);
    pattern_destroy(j->noticing);
    pattern_destroy(j->meek);
    lapses_destroy(j->lapses);
    mem_free(j);
}

static bool occurs(struct pattern *p, const char *text) { return pattern_find(p, text, strlen(text), 0, NULL, NULL); }

bool judge_assistantism(const struct judge_manners *j, const char *reply) { return occurs(j->isms, reply); }

bool judge_service(const struct judge_manners *j, const char *reply)
{
    const struct lapse_rules rules = { .plain = true };
    enum lapse why;
    lapse_check(j->lapses, &rules, reply, strlen(reply), 0, true, &why);
    return why != LAPSE_NONE || judge_assistantism(j, reply);
}

const char *judge_again(const struct judge_manners *j, const char *const *replies, size_t n)
{
    struct phrase last, other;
    bool noticed = false;
    if (!n || !*replies[n - 1])
        return "nothing said";
    phrase_read(&last, replies[n - 1], strlen(replies[n - 1]));
    for (size_t i = 0; i + 1 < n; i++) {
        phrase_read(&other, replies[i], strlen(replies[i]));
        if (phrase_alike(&last, &other) >= JUDGE_SAME)
            return "says the same again";
        noticed |= occurs(j->noticing, replies[i + 1]);
    }
    return noticed ? "" : "does not notice";
}

const char *judge_insult(const struct judge_manners *j, const char *reply, const char *language)
{
    if (!*reply)
        return "nothing said";
    if (strcmp(prompt_language(reply), language) != 0)
        return "other language";
    if (judge_service(j, reply))
        return "talks like a service";
    return occurs(j->meek, reply) ? "is meek, or teaches manners" : "";
}
