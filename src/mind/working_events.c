#include "mind/working_events.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"

#include <string.h>

#define SURE 0.85

/* ---- English ---- */

#define ADJ                                                                                                            \
    "(?:(?:dear|old|little|big|best|poor|beloved|sweet|younger|older|elder|twin|baby|great|only|lovely|oldest|"        \
    "youngest|first|closest) )*"
#define KIN                                                                                                            \
    "(?:mum|mom|mam|mother|dad|father|nan|nana|gran|granny|grandma|grandmother|grandpa|granddad|grandad|grandfather|"  \
    "sister|brother|son|daughter|wife|husband|uncle|aunt|auntie|cousin|niece|nephew|friend|partner|boyfriend|"         \
    "girlfriend|fianc[eé]e?|baby|kid|boy|girl|child|in-law|mother-in-law|father-in-law|mate|step(?:mum|dad))"
#define PET                                                                                                            \
    "(?:dog|cat|puppy|pup|kitten|kitty|rabbit|bunny|hamster|guinea pig|horse|pony|parrot|budgie|canary|tortoise)"
#define MY "(?<![a-z'’])(?:my|our) " ADJ
#define LATELY "(?:(?:just|sadly|suddenly|has|have|had|already|finally|also|actually|now|only) )*"
#define EN_STOP                                                                                                        \
    "(?= *[.!,]|$| (?:last|this|on|in "                                                                                \
    "(?:his|her|march|april|may|june|july|august|september|october|november|december|january|february)|yesterday|"     \
    "today)\\b)"
#define SICK                                                                                                           \
    "(?:(?:lung|breast|bowel|skin|brain|liver) )?(?:cancer|leuk(?:a)?emia|diabetes|parkinson'?s|alzheimer'?s|"         \
    "dementia|ms|epilepsy|a (?:brain )?tumou?r)"

/* ---- Chinese ---- */

#define TIMES                                                                                                                                                       \
    "(?:今天|昨天|前天|今早|今晚|昨晚|昨夜|凌晨|早上|今天早上|昨天晚上|晚上|夜里|刚刚?|刚才|上周[一二三四五六日天末]?" \
    "|"                                                                                                                                                             \
    "这周[一二三四五六日天末]?|上个?月|这个?月|去年|前几天|周[一二三四五六日末]|星期[一二三四五六日天]|突然|终于|"     \
    "还是|"                                                                                                                                                       \
    "也|又|真的|已经|到底|最后|在[^，。！]{1,6}里?)*"
#define ELDERS "(?:外公|外婆|姥姥|姥爷|爷爷|奶奶|太爷爷|太奶奶|老爷子|老太太)"
#define NEAR                                                                                                                                                   \
    "(?:" ELDERS                                                                                                                                               \
    "|爸爸?|妈妈?|老爸|老妈|父亲|母亲|老公|老婆|丈夫|妻子|哥哥?|姐姐?|弟弟?|妹妹?|儿子|女儿|孩子|舅舅|舅妈|"             \
    "姑姑|姑妈|姨妈|阿姨|叔叔|伯伯|大伯|闺蜜|发小|好朋友|好友|好兄弟|男朋友|女朋友|男友|女友|对象|岳父|岳母|公公|" \
    "婆婆)"
#define PETS "(?:狗狗?|狗子|小狗|猫咪?|小猫|金毛|柯基|泰迪|拉布拉多|仓鼠|兔子|鹦鹉|毛孩子|乌龟)"
#define TESTS "(?:面试|考试|驾照|科目[一二三四]|答辩|[四六]级)"
#define BEGIN "(?:^|[，。！…,;；\\s]|我家?的?|我们家?的?|咱们?家?的?)"
#define STOP "(?=$|[，。！…～~,!.\\s])"

static const struct event {
    enum mood mood;
    double intensity;
    const char *const expressions[10];
} events[] = {
    { MOOD_SAD,
      0.9,
      { MY "(?:" KIN "|" PET ") " LATELY "(?:died|passed(?: away)?" EN_STOP
           "|passed away|is dead|killed (?:him|her)self|(?:didn't|didn’t) make it" EN_STOP ")",
        MY "(?:nan|nana|gran|granny|grandma|grandmother|grandpa|granddad|grandad|grandfather|" PET
           ")(?: is|'s|’s) gone" EN_STOP,
        "\\b(?:i|we) " LATELY "(?:buried|cremated) " MY "(?:" KIN "|" PET ")|\\b(?:i|we) " LATELY
        "(?:have |had )?to put " MY PET " (?:to sleep|down)",
        "\\b(?:i|we)(?:'ve|’ve)? " LATELY "lost (?:" MY "(?:" KIN "|" PET ")|the baby)(?! (?:in|at) the (?:crowd|shop|"
        "market|mall|park|station))",
        "\\b(?:the|her|his|" MY KIN
        "(?:'s|’s)) funeral (?:was|is) (?:today|yesterday|this|on|last)|\\b(?:back|home) from "
        "(?:the|his|her|" MY KIN "(?:'s|’s)) funeral",
        BEGIN NEAR TIMES "(?:去世|过世|离世|病逝|走了" STOP "(?<!爸走了)(?<!妈走了)|不在了|自杀了?)",
        "(?:" PETS "|我家[^，。！]{0,4}" PETS ")" TIMES "(?:没了|走了" STOP
        "|死了|去世|离开(?:我|我们|了我)|没熬过|没挺过)",
        "送(?:了)?(?:走了?)?" NEAR "(?:最后一程|下葬|火化)|" NEAR "的?(?:葬礼|追悼会|头七)|(?:孩子|宝宝)" TIMES
        "没保住",
        NULL } },
    { MOOD_SAD,
      0.8,
      { "\\b(?:we|(?:me|i) and [a-z]+|[a-z]+ and (?:i|me))(?:'ve|’ve| have)? " LATELY
        "(?:(?:broke|broken|split) up\\b|are (?:over|through|finished)" EN_STOP ")",
        "\\b(?:he|she|they|" MY KIN ") " LATELY
        "(?:(?:broke|has broken|split) up with me|dumped me|left me(?= *[.!,]|$| for )|(?:wants|wanted|asked for|filed "
        "for) a divorce|ended (?:things|it)(?= *[.!,]|$| with me| by ))",
        "\\b(?:they|work|" MY "(?:boss|company|manager)|the (?:boss|company|firm)) " LATELY
        "(?:let me go(?= *[.!,]|$| (?:on|last|this|today|yesterday|after))|fired me|sacked me|laid me off|made me "
        "redundant)",
        "\\bi(?:'ve|’ve)? " LATELY "(?:got|was|have been|been) " LATELY
        "(?:laid off|fired(?! up)|sacked|made redundant|let go(?= *[.!,]|$))|\\bi(?:'ve|’ve)? " LATELY "lost my job\\b",
        "(?:^|[，。！…,\\s])我?(?:们公司|们)?" TIMES
        "被(?:公司|老板|单位)?(?:裁|辞退|开除|炒)(?:了|掉|员)|(?:公司|老板|单位)" TIMES
        "把我(?:裁|辞退|开除|炒|开)(?:了|掉)|我" TIMES "失业了",
        "(?:^|[，。！…,\\s])我?们(?:俩|两个?)?" TIMES "(?:分手|离婚|分)了|我?(?:和|跟)(?:他|她|" NEAR ")" TIMES
        "(?:分手|离婚)了",
        "(?:他|她|" NEAR ")" TIMES "(?:把我甩了|甩了我|不要我了)|(?:跟|和)我(?:提(?:了|出)?|说了?)?(?:分手|离婚)" STOP,
        NULL } },
    { MOOD_SAD,
      0.6,
      { "\\bi(?:'ve|’ve)? " LATELY
        "(?:failed|flunked) (?:my|the|another|that) (?:[a-z]+ ){0,2}(?:exam|test|finals|course|"
        "interview|class|year)",
        "\\bi (?:didn't|didn’t) get into (?:[a-z]+ "
        "){0,3}(?:college|uni|university|school|course|programme|program|team)\\b",
        "(?:^|[，。！…,\\s])我?" TIMES "没(?:考上|考过|录上)|(?:^|[，。！…,\\s])我(?:的)?" TESTS TIMES
        "(?:没过|挂了|没通过)",
        NULL } },
    { MOOD_WORRIED,
      0.8,
      { MY KIN "(?: is|'s|’s) (?:back |still |now )*(?:in|at) (?:the )?(?:hospital|intensive care|icu|a&e|hospice)",
        MY KIN
        " (?:was|had to be|has been|got) (?:just |suddenly )?(?:taken|rushed|brought|flown) (?:back )?(?:to|into) "
        "(?:the )?(?:hospital|intensive care|icu|a&e)",
        MY KIN " " LATELY "(?:has|had|suffered|is running) a (?:[a-z]+ )?(?:stroke|heart attack|seizure|fever)|" MY KIN
               " (?:has|was diagnosed with|got diagnosed with) " SICK,
        "\\b(?:they|the doctors?) " LATELY
        "found (?:a|another) (?:[a-z]+ )?(?:lump|tumou?r|shadow|mass|growth)\\b|\\bi " LATELY
        "(?:was|have been|got|been) " LATELY "diagnosed with",
        BEGIN NEAR TIMES
        "(?:住院了?|中风了?|脑梗|心梗|晕倒|进了?(?:ICU|icu|抢救室|重症)|被?送(?:了|去|进)?(?:急诊|医院|抢救)|"
        "确诊|得了[^，。！]{0,4}(?:癌|瘤|病)|(?:发)?高烧|烧到)",
        "查出(?:来|了)?(?:一个|有|个|长了)*[^，。！]{0,4}(?:结节|肿瘤|阴影|肿块|癌)",
        "我" TIMES "(?:得了|确诊了?)[^，。！]{0,4}(?:癌|瘤|病)", NULL } },
    { MOOD_GLAD,
      0.8,
      { "\\bi(?:'ve|’ve)? " LATELY "(?:got|landed) (?:the|that|this|a new|my dream) (?:[a-z]+ )?job(?! (?:done|of))|"
        "\\bthey (?:just )?offered me (?:the|a) (?:[a-z]+ )?(?:job|position)",
        "\\bi(?:'ve|’ve)? " LATELY
        "passed (?:my|the|all my) (?:[a-z]+ ){0,2}(?:exams?|tests?|finals|driving)|\\bi(?:'ve|’ve)? " LATELY
        "(?:got|was|been|have been) (?:promoted|accepted|admitted)\\b",
        "\\b(?:we're|we’re|we are|i'm|i’m|i am) (?:having a baby|expecting a baby|pregnant|engaged|getting "
        "married)(?! (?:in|with) )|\\bwe " LATELY "got (?:engaged|married)(?! in a)",
        "(?:^|[，。！…,\\s])我?" TIMES "(?:考上|上岸|升职|转正|加薪)(?:了|啦)|(?:^|[，。！…,\\s])我(?:的)?" TESTS TIMES
        "(?:考?过了|通过了)" STOP,
        "我" TIMES
        "(?:拿到(?:了)?[^，。！]{0,6}(?:offer|录取|通知书|驾照|证书)|被[^，。！]{0,8}录取了?|找到工作)(?:了|啦)?",
        "(?:他|她|" NEAR ")" TIMES "(?:跟|向)我求婚了", NULL } },
};
#define N_EVENTS (sizeof(events) / sizeof(*events))

/* Then it is none. */
static const char *const not_so[] = {
    "\\b(?:if|imagine|suppose|would|could(?:'ve| have)|might|maybe|perhaps|almost|nearly|never|as if|unless|until|when "
    "i "
    "was|before i was|years ago|long ago|in the (?:nineties|eighties|seventies|sixties)|in (?:1[0-9]{3}|20[0-9]{2})|a "
    "long time ago)\\b",
    "\\b(?:films?|movies?|novels?|books?|stor(?:y|ies)|series|shows?|episode|games?|level|character|song|lyrics|play|"
    "dream(?:t|ed)?|news|they say|i heard|apparently|says?|said|told me|joking|kidding)\\b",
    "如果|要是|假如|假设|万一|的话|会不会|是不是|差点|听说|据说|听人|新闻|明星|电影|电视|剧|小说|书里|这本书|那本书|"
    "游戏|歌|"
    "梦见|梦到|笑死|没有|不会|不想|开玩笑|小时候|[几两三四五六七八九十]年前|(?:去世|过世|离世|病逝|不在)了?(?:["
    "一二三四五六七八九十两几好多0-9]+年|得早|的早|那年)|^[^，。！,]{0,4}(?:等我|希望|但愿)|^[^我，。！,]{0,8}(?:我们?("
    "?:公司|单位|班|家)?的?有?一?个?)?(?:邻居|隔壁|路边|流浪|别人|人家|同事|同学|[他她]家)|年轻时|[吗呢吧么]\\s*[。！.!"
    "]?\\s*$",
    NULL,
};

struct working_events {
    struct pattern *events[N_EVENTS], *not_so;
};

int working_events_create(struct working_events **out, anima_error *err)
{
    struct working_events *e = *out = mem_zero(1, sizeof(*e));
    int rc = e ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    for (size_t i = 0; i < N_EVENTS && !rc; i++)
        rc = pattern_create_any(events[i].expressions, PATTERN_CASELESS, &e->events[i], err);
    if (!rc)
        rc = pattern_create_any(not_so, PATTERN_CASELESS, &e->not_so, err);
    if (rc) {
        working_events_destroy(e);
        *out = NULL;
    }
    return rc;
}

void working_events_destroy(struct working_events *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < N_EVENTS; i++)
        pattern_destroy(e->events[i]);
    pattern_destroy(e->not_so);
    mem_free(e);
}

struct working_feeling working_event(struct working_events *e, const char *sentence, size_t n)
{
    if (!pattern_find(e->not_so, sentence, n, 0, NULL, NULL))
        for (size_t i = 0; i < N_EVENTS; i++)
            if (pattern_find(e->events[i], sentence, n, 0, NULL, NULL))
                return (struct working_feeling){ events[i].mood, events[i].intensity, SURE };
    return (struct working_feeling){ .mood = MOOD_NONE };
}
