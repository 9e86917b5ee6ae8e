/* How people state facts in English. A line holds one kind of statement, so that a new one is a new line. */
#include "memory/facts_private.h"

#include <stddef.h>

#define NAME "(?-i:[A-Z][a-z]+)(?! (?:and|or) )"
#define KIN                                                                                                            \
    "(?:(?:older|younger|elder|big|little|twin|best|eldest|youngest) )?(?:sister|brother|mum|mom|mother|dad|father|"   \
    "son|daughter|wife|husband|partner|boyfriend|girlfriend|fianc[eé]e?|grandma|grandmother|granny|gran|nan|grandad|" \
    "granddad|grandpa|grandfather|uncle|aunt|auntie|cousin|niece|nephew|boss|flatmate|roommate|housemate|friend|"      \
    "landlord|landlady|neighbou?r|mother-in-law|father-in-law)"
#define MY_KIN "my " KIN "(?:,? " NAME ",?)?"
#define FRONT                                                                                                          \
    "(?:^|[,.;:!(]\\s*|[-–—]\\s+|\\b(?:and|but|so|because|cos|well|actually|anyway|btw|yes|yeah|no|oh|ok|"         \
    "hello|hi|hey|evening|morning|ps)[,.!]?\\s+)"
#define WHO FRONT "(i|we|" MY_KIN "|" NAME ")"
/* "I am", "my sister's", "Frank is" */
#define IS FRONT "(i|" MY_KIN "|" NAME ")(?:['’]?m| am|['’]s| is)"
#define OFTEN                                                                                                          \
    "(?: (?:now|actually|currently|still|also|just|only|always|both|have|has|finally|recently))*(?:['’](?:ve|s))?"   \
    "(?: (?:now|just|finally|recently))*"
#define VALUE "([^,.;:!?()\\n\"“”]{2,60}?)"
#define END                                                                                                                \
    "(?=\\s*(?:$|[,.;:!?()\\n~]|[-–—]\\s|\\b(?:and|but|with|since|now|because|cos|so|where|which|who|until|till|when|" \
    "while|though|although|any ?more|instead|these days|at the moment|again|too|as well|haha|lol|tbh|btw|if|for now|"      \
    "already|anyway|honest|from|last|this|next)\\b))"
#define BEGINS_NAME "((?-i:[A-Z][\\w'’-]+(?: [A-Z][\\w'’-]+)?))(?=\\s*(?:$|[,.;:!?()\\n]|\\band\\b|\\bbut\\b))"
#define BEAST                                                                                                          \
    "dog|puppy|cat|kitten|rabbit|hamster|parrot|budgie|goldfish|tortoise|turtle|horse|pony|guinea "                    \
    "pig|rat|mouse|snake|"                                                                                             \
    "lizard|gecko|hen|goat|ferret|canary|bird|myna|sourdough starter|starter|terrier|spaniel"
#define TRADE                                                                                                          \
    "nurse|teacher|doctor|cook|chef|programmer|developer|engineer|accountant|lawyer|solicitor|student|driver|baker|"   \
    "carpenter|plumber|electrician|writer|journalist|designer|musician|painter|photographer|farmer|gardener|"          \
    "librarian|"                                                                                                       \
    "waiter|waitress|barista|barber|hairdresser|mechanic|vet|dentist|pharmacist|midwife|surgeon|scientist|researcher|" \
    "professor|lecturer|translator|architect|builder|policeman|policewoman|police "                                    \
    "officer|firefighter|paramedic|pilot|"                                                                             \
    "sailor|soldier|cashier|clerk|secretary|manager|tailor|butcher|postman|cleaner|carer|social worker|psychologist|"  \
    "therapist|analyst|bookseller|editor|actor|actress|singer|dancer|potter|welder|joiner|roofer|shop assistant"

static const struct fact_rule rules[] = {
    { FACT_ABOUT_home, WHO OFTEN " (?:lives?|living)(?: (?:here|now|alone|together|back))* (?:in|at|near) " VALUE END,
      0.9F, 0 },
    { FACT_ABOUT_home, IS OFTEN " living(?: (?:here|now|alone|together|back))* (?:in|at|near) " VALUE END, 0.9F, 0 },
    { FACT_ABOUT_home, WHO OFTEN " moved (?:(?:back|over|out|up|down|house|in) )*to " VALUE END, 0.9F, FACT_CHANGES },
    { FACT_ABOUT_home,
      FRONT "(i|we|" MY_KIN ")(?:['’](?:m|re|s)| am| are| is) moving (?:(?:back|over|up|down) )*to " VALUE END, 0.7F,
      FACT_CHANGES },
    { FACT_ABOUT_origin, WHO " (?:grew up|was born|were born) in " VALUE END, 0.9F, 0 },
    { FACT_ABOUT_origin, IS "(?: originally)? from " VALUE END, 0.8F, 0 },
    { FACT_ABOUT_place,
      WHO OFTEN " works?(?: (?:now|part time|full time|part-time|full-time|nights|days))* (?:at|for) " VALUE END, 0.9F,
      0 },
    { FACT_ABOUT_place, IS OFTEN " working (?:at|for) " VALUE END, 0.8F, 0 },
    { FACT_ABOUT_place,
      FRONT "(i|" MY_KIN
            ") (?:(?:just|have|finally) )*(?:got|took|taken) (?:the|a|that) (?:new )?job (?:at|with) " VALUE END,
      0.9F, FACT_CHANGES },
    { FACT_ABOUT_place, FRONT "(i|" MY_KIN ") (?:just )?(?:started|start) (?:work )?at " VALUE END, 0.8F,
      FACT_CHANGES },
    { FACT_ABOUT_place,
      FRONT "(i)(?:['’]ve)?(?: (?:just|got|have|was|been))* (?:laid off|made redundant|fired|sacked|lost my job|"
            "quit my job|left my job)()",
      0.9F, FACT_CHANGES | FACT_ENDS },
    { FACT_ABOUT_work,
      IS " (?:only )?an? ((?:(?!bit|lot|good|great|bad|big|huge|terrible|worse|better)[a-z'’-]+ ){0,2}(?:" TRADE
         ")(?: (?:at|in|on) [^,.;:!?()\\n]{2,40}?)?)" END,
      0.9F, 0 },
    { FACT_ABOUT_work, FRONT "(i|" MY_KIN "|" NAME ")" OFTEN " works? as an? " VALUE END, 0.9F, 0 },
    { FACT_ABOUT_work, FRONT "(i|" MY_KIN ") ([a-z][^,.;:!?()\\n]{2,40}?) for a living\\b", 0.9F, 0 },
    { FACT_ABOUT_work, FRONT "(i) ((?:cook|teach|nurse) (?:at|in|on) [^,.;:!?()\\n]{2,40}?)" END, 0.8F, 0 },
    { FACT_ABOUT_work, IS "(?: now)? (retired)\\b", 0.9F, 0 },
    { FACT_ABOUT_shift,
      "\\b(i)(?:['’]?m|\\b)[^.;:!?\\n]{0,40}?\\bon (?:the |to )?((?:night|day|late|early) ?shifts?|nights|days|lates|"
      "earlies)\\b(?! off)",
      0.9F, 0 },
    { FACT_ABOUT_shift,
      FRONT "(i|" MY_KIN ")" OFTEN
            " (?:works?|working|do) (nights|days|lates|earlies|(?:night|day|late|early) shifts?)\\b",
      0.9F, 0 },
    { FACT_ABOUT_age,
      IS "(?: only| nearly)? ((?:[1-9][0-9]?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|"
         "fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty)(?:[- "
         "][a-z]{3,5})?))"
         "(?: years old| years of age| yrs old)?(?=\\s*(?:$|[,.;!?)]|\\b(?:and|but|now)\\b))",
      0.8F, 0 },
    { FACT_ABOUT_age,
      FRONT "(i|" MY_KIN ")(?:['’]m|['’]s| am| is)? (?:turned|turning|turns?) ([1-9][0-9]|[a-z]+ty(?:[- ][a-z]{3,5})?)"
            "(?: (?:today|yesterday|tomorrow|(?:on|in|last|next|this) [^,.;!?]{3,30}))?(?=\\s*(?:$|[,.;!?]))",
      0.8F, FACT_CHANGES },
    { FACT_ABOUT_birthday,
      FRONT "(my|my " KIN "['’]s) birthday(?:['’]s| is)(?: on)? ([^,.;:!?()\\n]{2,40}?(?:[0-9]|january|february|"
            "march|april|may|june|july|august|september|october|november|december)[^,.;:!?()\\n]{0,14}?)" END,
      0.9F, 0 },
    { FACT_ABOUT_name,
      FRONT "(my|my " KIN "['’]s) (?:full |real |first |english |chinese )?name(?:['’]s| is) " BEGINS_NAME, 0.9F, 0 },
    { FACT_ABOUT_name, FRONT "(i|" MY_KIN ")(?:['’]m|['’]s| am| is| was) called " BEGINS_NAME, 0.9F, 0 },
    { FACT_ABOUT_name, "(?:^|[,.;!] )(?:you can |just )?call (me)()? " BEGINS_NAME, 0.8F, 0 },
    { FACT_ABOUT_name,
      "^(?:hello|hi|hey|good (?:morning|evening)|morning|evening)(?: there)?[,.! ]+(i)['’]?m " BEGINS_NAME, 0.8F, 0 },
    { FACT_ABOUT_pet, "\\b(my|our) (" BEAST ")(?:['’]s| is)(?: name is)?(?: called| named)? " BEGINS_NAME, 0.9F, 0 },
    { FACT_ABOUT_pet, "\\b(my|our) (" BEAST ")['’]s name(?:['’]s| is) " BEGINS_NAME, 0.9F, 0 },
    { FACT_ABOUT_pet,
      FRONT "(i|we)(?:['’]ve| have)?(?: got| have)? an? (?:(?!called)[a-z-]+ ){0,2}?(" BEAST
            ")[,]? (?:called|named) " BEGINS_NAME,
      0.9F, 0 },
    { FACT_ABOUT_pet,
      "\\b(my|our) (?:new |old )?(" BEAST ")(?: [A-Z][a-z]+)? (?:died|has died|passed away|is dead|ran away)()\\b",
      0.8F, FACT_CHANGES | FACT_ENDS },
    { FACT_ABOUT_allergy, IS "(?: [a-z]+ly| very| so| also)? allergic to " VALUE END, 0.95F, 0 },
    { FACT_ABOUT_diet,
      IS
      "(?: now| still)? (?:a |an )?(vegetarian|vegan|pescatarian|coeliac|celiac|diabetic|lactose intolerant|teetotal|"
      "veggie)\\b",
      0.9F, 0 },
    { FACT_ABOUT_status,
      IS "(?: now| still| already| happily)? (married|engaged|divorced|single|widowed|a widower|a "
         "widow)(?=\\s*(?:$|[,.;!?)]|\\b(?:and|"
         "but|now|with|since|to|these)\\b))",
      0.8F, 0 },
    { FACT_ABOUT_family,
      FRONT "(i|we)(?:['’]ve| have)?(?: got| have) ((?:an?|one|two|three|four|five|six|[2-9]|no) (?:(?:little|older|"
            "younger|big|small|grown-up|twin) "
            ")?(?:kids?|child|children|sons?|daughters?|boys?|girls?|sisters?|brothers?))" END,
      0.8F, 0 },
    { FACT_ABOUT_studies,
      FRONT "(i|" MY_KIN ")(?:['’]m|['’]s| am| is)?" OFTEN " (?:study|studies|studying) (?!for\\b|hard\\b|a lot\\b|"
            "all\\b|in\\b|at\\b|with\\b)" VALUE END,
      0.85F, 0 },
    { FACT_ABOUT_household, FRONT "(i)" OFTEN " (?:share a (?:flat|house|room|home) with|live with) " VALUE END, 0.85F,
      0 },
    { FACT_ABOUT_contact,
      "\\b(my) (?:new )?(phone|mobile|number|phone number|email|e-mail|address)(?: address| number)?(?:['’]s| is)(?: "
      "now)? "
      "([+0-9][0-9 ()-]{5,20}|[\\w.+-]+@[\\w.-]+\\w|[0-9]+[a-z]? [^,.;!?\\n]{4,40})",
      0.9F, 0 },
    { FACT_ABOUT_thing, "\\b(my) (favou?rite [a-z]+(?: [a-z]+)?)(?:['’]s| is| are) (?:still |now )?" VALUE END, 0.85F,
      0 },
    { FACT_ABOUT_thing,
      "\\b(my) ((?:new )?(?:bike|car|van|boat|coat|door|flat))(?:['’]s| is) ((?:dark |light |bright "
      ")?(?:green|red|blue|"
      "yellow|black|white|grey|gray|orange|purple|pink|brown|silver))\\b",
      0.8F, 0 },
    { FACT_ABOUT_plays,
      WHO OFTEN " (?:plays?|playing) (?:the )?(piano|guitar|violin|cello|drums|flute|accordion|trumpet|saxophone|bass|"
                "harp|clarinet|ukulele|organ|banjo|tennis|football|badminton|chess|squash|hockey|rugby|basketball|"
                "volleyball|cricket|golf)\\b",
      0.85F, 0 },
    { FACT_ABOUT_likes,
      FRONT "(i|" MY_KIN
            ")(?: (?:really|absolutely|just|still|do|also|always))? (?:loves?|likes?|enjoys?|adores?) " VALUE END,
      0.6F, 0 },
    { FACT_ABOUT_likes,
      FRONT "(i)(?:['’]m| am) (?:really |very )?(?:into|fond of|a (?:big |huge )?fan of|mad about) " VALUE END, 0.7F,
      0 },
    { FACT_ABOUT_likes, FRONT "(i) (?:don['’]?t|do not) (?:like|love|enjoy) ([^,.;:!?()\\n\"“”]{2,60}?) any ?more\\b",
      0.9F, FACT_CHANGES | FACT_ENDS },
    { FACT_ABOUT_dislikes,
      FRONT "(i|" MY_KIN ")(?: (?:really|absolutely|just|still))? (?:hates?|can['’]?t stand|cannot stand|detests?|"
            "don['’]?t like|doesn['’]?t like|do not like) (?![^,.;!?]{0,40} any ?more)" VALUE END,
      0.6F, 0 },
    { FACT_ABOUT_likes, NULL, 0, 0 },
};

static const char *const unsure[] = {
    "\\b(?:if|unless|whether|would|could|might|may|maybe|perhaps|imagine|suppose|supposing|wish|wishing|dreamt?|"
    "dreamed|pretend(?:ing)?|"
    "kidding|joking|jk|hypothetically|as though|as if|nearly|almost|i['’]d|used to|supposed to|should)\\b",
    "\\b(?:says?|said|told|tells|asked|asks|thinks?|thought|reckons?|claims?|claimed|heard|apparently|rumou?rs?|guess|"
    "guessing|believes?|"
    "quote|quoting|lyrics?|wrote|writes)\\b",
    "\\b(?:in (?:the|a|this|that|my) (?:film|book|novel|story|play|game|movie|show|song|dream))\\b|\\bmy character\\b",
    "^(?:what|where|when|who|whose|which|why|how|do|does|did|are|is|was|were|can|have|has|am|will|shall|any|guess)\\b[^"
    ",.!]*$",
    NULL,
};

static const char *const change[] = {
    "\\b(?:now|any ?more|instead|no longer|actually|change of plan|changed|moved|rescheduled|postponed|pushed "
    "back|brought forward|put off|"
    "switched|after all)\\b|\\bnot (?:on |at |in )?(?:the )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?\\b",
    NULL,
};

static const char *const plan[] = {
    "\\b(?:i|we)(?:['’]?(?:m|re|ve|ll)| am| are| have| will)? "
    "(?:off|go|going|fly|flying|leave|leaving|travel|travelling|start|starting|got|have|"
    "take|taking|sit|sitting|move|moving|meet|meeting|see|seeing|finish|hear|do|get|marry|visit|visiting|drive|driving|"
    "booked|turn)\\b",
    "\\b(?:he|she|they|" KIN "|" NAME
    ") (?:gets?|comes?|arrives?|leaves?|goes|starts?|visits?|flies|turns|is coming)\\b",
    "\\b(?:interview|appointment|exam|test|party|wedding|lesson|class|course|operation|surgery|scan|check-?up|meeting|"
    "trip|flight|train|"
    "match|concert|dentist|doctor|deadline|badminton|quiz|game|holiday|move|birthday|rehearsal|date|call)\\b(?:['’]s| "
    "is| are| on| at|[^.;!?]"
    "{0,30}\\bon\\b)",
    NULL,
};

#define OLD "([^,.;:!?()\\n]{2,40}?)"
static const char *const was[] = {
    "\\b(?:is|are|was)(?:n['’]?t| not)(?: (?:on|at|in))? " OLD "(?: any ?more)?(?=\\s*(?:$|[,.;!]|\\bbut\\b))",
    "[,;]? ?\\bnot (?:on |at |in )?" OLD "(?: any ?more)?(?=\\s*(?:$|[,.;!]|\\bbut\\b))",
    "\\bno longer (?:on |at |in )?" OLD "(?=\\s*(?:$|[,.;!]|\\bbut\\b))",
    "\\b(?:instead of|rather than) (?:on |at |in )?" OLD "(?=\\s*(?:$|[,.;!]))",
    "\\bno more " OLD "(?=\\s*(?:$|[,.;!]))",
    "\\b(?:moved|changed|switched|put back|pushed back) from " OLD "(?= to\\b)",
    NULL,
};

static const char *const no_value[] = {
    "^(?:it|its|it['’]s|that|this|these|those|them|him|her|his|you|your|yours|me|us|my|our|their|what|how|when|to|the "
    "way|the idea|the "
    "moment|the past|fear|hope|peace|denial|ones?|the ones?|here|there|a (?:bit|lot|few|go|break|day)|an idea|time|the "
    "future|hell"
    "|not|no|everything|nothing|something|someone|all|both|sure|so|myself|on|at|"
    "in|now)\\b",
    NULL,
};

const struct fact_words fact_words_en = { rules, unsure, change, plan, was, no_value };
