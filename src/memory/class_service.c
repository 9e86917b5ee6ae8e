/* Who does what for anybody, and where: "there's an old man in Mill Road who sharpens knives", 桥头有个修鞋的老师傅. The one tip in
 * which somebody is meant and nobody's life is told: a trade, in a place that is open to all. Whoever it is then counts for nothing
 * (the list of tradesmen is taken out), and what is left must be free of persons as every other knowledge. */
#include "memory/class_private.h"

#define WHERE_ZH                                                                                                                                       \
    "[^,.;!?我你您他她咱俺]{0,10}?(?:街口?|路口?|巷口?|巷子|弄堂|胡同口?|市场|菜场|商场|广场|门口|桥头|桥下|车站|" \
    "地铁站|对面|隔壁|旁边|附近|后面|后门|拐角|转角)(?:那边|那儿|那里|里头?|上|边|口)?"
#define TRADE_ZH                                                                                                                                    \
    "(?:修(?!养|炼|行)|补(?!课)|配(?!合)|改(?!行)|裁(?!员)|磨|刻|剃|剪|理发|擦|弹|换|做|卖|烤|炸|摊|擀|熬|糊|织|洗|" \
    "收)"                                                                                                                                          \
    "[^,.;!?我你您他她咱俺的]{0,6}"

const char *const class_zh_service[] = {
    "^" WHERE_ZH ",?(?:就|还|新|一直|老)?(?:有|开了|来了)?(?:一)?(?:个|家|位|对)?(?:[^,.;!?我你您他她的]{0,3})" TRADE_ZH
    "的",
    "^" TRADE_ZH "(?:的话)?,?(?:就|可以|最好|一定|都)?(?:去|找|到)" WHERE_ZH,
    NULL,
};

const char *const class_zh_tradesman[] = {
    "(?<=的|找|是|叫|有|个|位|家)(?:(?:老|小|阿)[\\x{4e00}-\\x{9fff}](?:师傅|头|板)?|[\\x{4e00}-\\x{9fff}](?:师傅|老板|"
    "大爷|大叔|大姐|大妈|阿姨|叔|婶|伯|姨))(?=[,.;!?]|$|家|那|手艺|收|做|修|人)",
    "(?:老|女)?师傅|老板娘?|老?大爷|老太太|老奶奶|老头儿?|老人家?|阿姨|大叔|大姐|大妈|小哥|小伙子?|小姑娘|夫妻俩?|"
    "两口子",
    "[他她](?=家|那|手艺|只|收|修|做|补|配|改|磨|开门|关门|要价|换)",
    NULL,
};

#define WORKS_EN                                                                                                       \
    "(?:mend|repair|fix|sharpen|(?:re-?)?sole|heel|alter|tailor|tune|clean|frame|restring|service|sell|bake|roast|"    \
    "cut|grind|engrave|upholster|bind|dye|do|make|stock)(?:s|es|ing)?"
#define SOMEBODY_EN "(?:mr|mrs|ms)\\.? (?-i:[A-Z][\\w'-]+)(?: (?-i:[A-Z][\\w'-]+))?"
#define TRADER_EN                                                                                                      \
    "(?:man|woman|guy|chap|bloke|lady|fellow|couple|cobbler|tailor|locksmith|watchmaker|mechanic|barber|hairdresser|"  \
    "seamstress|butcher|baker|florist|plumber|electrician|joiner|carpenter|shoemaker|piano tuner|bookbinder)"
#define NEAR_EN "(?:in|at|on|by|near|behind|under|opposite|off|across from|next to|round|around|inside|outside)"

const char *const class_en_service[] = {
    "^there(?:'s| is|'re| are) (?:(?!my\\b|our\\b|his\\b|her\\b|your\\b)[\\w-]+ ){0,4}?(?:" SOMEBODY_EN "|" TRADER_EN
    ")\\b[^.!?]{0,40}?\\b" NEAR_EN " [^.!?]*?(?:\\b" WORKS_EN "\\b|\\bfor (?:about |around |only |just )?\\S+ "
    "(?:pounds?|quid|euros?|dollars?|pence|kroner|francs)\\b|,[^.!?]*\\b(?:cheap|good|quick|best|excellent)\\b)",
    "^(?:(?:the|an?|that|this|old) ){0,2}(?:[\\w-]+ )?(?:" SOMEBODY_EN "|" TRADER_EN ") " NEAR_EN
    " [^.!?]{2,40}?\\b(?:can |also |only |still )?" WORKS_EN "\\b",
    NULL,
};

const char *const class_en_tradesman[] = {
    "\\b(?:(?:the|an?|this|that|one) )?(?:[\\w-]+ )?(?:" SOMEBODY_EN "|" TRADER_EN
    ")\\b(?: (?:called|named) (?-i:[A-Z][\\w'-]+))?",
    "\\b(?:he|she|they)(?='s (?:cheap|good|quick|open)| (?:only |also |just )?(?:" WORKS_EN
    "|charges?|opens?|closes?|takes?|does)\\b)",
    NULL,
};
