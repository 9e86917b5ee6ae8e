/* What English has for speaking about the world, for what is never only about the world, and for going on with a subject or
 * leaving it. A form of knowledge stands here only if it is hard to say of a person. */
#include "memory/class_private.h"

#define NOBODY_NEAR "(?!\\b(?:i|me|my|we|us|our|he|him|his|she|her|your)\\b)"

#define DET                                                                                                            \
    "(?:the|a|an|this|that|every|each|all|all the|most|many|some|any|no|one of "                                       \
    "the|both|these|those|another|there's|there is|there are|there's a|there is a|there are a few|there's an|there "   \
    "are two|there are some|there are no|that new|the new)"

#define MOD                                                                                                            \
    "(?:(?!(?:at|in|on|of|to|for|with|from|near|by|the|a|an|is|was|are|were|and|or|that|who|about|has|had|thing|time|" \
    "day|way)\\b)[\\w'-]+ ){0,3}"

#define PLACE                                                                                                          \
    "(?:museum|gallery|library|cinema|theatre|theater|shop|store|supermarket|market|bakery|caf[eé]|restaurant|pub|"   \
    "bookshop|bookstore|teahouse|diner|pharmacy|post "                                                                 \
    "office|station|train|bus|tram|metro|subway|ferry|flight|airport|bridge|road|street|path|trail|tunnel|"            \
    "motorway|park|botanic "                                                                                           \
    "garden|zoo|aquarium|river|lake|sea|ocean|mountain|hill|beach|island|forest|desert|volcano|waterfall|cave|city|"   \
    "town|village|country|capital|continent|castle|temple|mosque|cathedral|tower|palace|pyramid|monument|stadium|"     \
    "swimming pool|hotel|hostel|observatory|"                                                                          \
    "harbou?r|fountain|bike lane|car park|ticket office|fish market|flea market|night market|ice cream place|noodle "  \
    "place|place on|place by|place behind|food stall|swimming hall|climbing wall|planetarium|laundromat|bike shop)"

#define MATTER                                                                                                         \
    "(?:sun|moon|earth|planet|planets|star|stars|galaxy|universe|atmosphere|ozone layer|equator|climate|human "        \
    "(?:\\w+)|brain|language|alphabet|word|verb|law|constitution|parliament|euro|dollar|yen|novel|album|painting|"     \
    "symphony|opera|film|movie|recipe|dish|soup|sauce|bread|"                                                          \
    "cheese|noodles|dumplings|tea|coffee|wine|beer|fruit|vegetable|vegetables|spice|plant|plants|tree|trees|flower|"   \
    "flowers|mushroom|mushrooms|bird|birds|fish|whale|whales|dolphin|shark|octopus|bee|bees|ant|ants|spider|spiders|"  \
    "snake|snakes|elephant|elephants|horse|cow|penguin|penguins|battery|batteries|"                                    \
    "engine|compiler|browser|software|app|operating "                                                                  \
    "system|keyboard|printer|router|camera|lens|phone|microwave|oven|fridge|dishwasher|washing "                       \
    "machine|temperature|speed|number "                                                                                \
    "of|population|distance|average|tide|tides|season|seasons|year|century|war|empire|dynasty|treaty|exhibition|"      \
    "ticket|tickets|festival|concert hall|championship|world "                                                         \
    "cup|olympics|colou?r|metal|gas|acid|molecule|atom|virus|gene|cell|muscle|bone|skin|tooth|nerve|rainbow|"          \
    "lightning|thunder|snow|rain|ice|wind|fog|wifi|menu|tap "                                                          \
    "water|stain|stains|rust|limescale|mould|mold|glue|paint|wood|glass|paper|cotton|wool|leather|silk)"

const char *const class_en_delicate[] = {
    "\\b(?:ill|illness|sick|sickness|disease|diagnos\\w+|cancer|tumou?r|chemo\\w*|surgery|operation|operated|hospital|"
    "clinic|hiv|aids|diabet\\w+|epilep\\w+|asthma|stroke|heart "
    "attack|insulin|medication|medicine|prescription|pills?|antidepressants?|antibiotics?|ibuprofen|aspirin|"
    "paracetamol|vaccin\\w+|infection|std|sti|herpes|disab\\w+|dementia|alzheimer\\w*|blood "
    "(?:test|pressure)|biopsy|symptoms?|fever|migraines?|allerg\\w+|doctor|doctors|therap\\w+|psychiatr\\w+|"
    "psycholog\\w+|rehab|addict\\w*|alcoholi\\w+|drunk|drugs?|cocaine|heroin|weed|overdos\\w+|detox)\\b",
    "\\b(?:pregnan\\w+|miscarr\\w+|abortions?|ivf|fertility|infertil\\w+|contracepti\\w+|menopause|periods?|gave "
    "birth|expecting|due date|ultrasound)\\b",
    "\\b(?:salary|salaries|wages?|income|debts?|loans?|mortgage|bankrupt\\w*|broke|overdraft|savings|inherit\\w*|"
    "inheritance|bonus|severance|unemploy\\w+|laid "
    "off|layoffs?|fired|redundan\\w+|gambl\\w+|payday|evict\\w+|foreclos\\w+|repossess\\w*|benefits|tax evasion|bank "
    "account|pins?|pass(?:words?|codes?|phrases?)|(?:wi-?fi|gate|unlock|login|security|lock) "
    "(?:code|key)|combination|iban|(?:account|card) number|fractur\\w+)\\b",
    "\\b(?:affairs?|cheat\\w*|mistress|lover|adulter\\w+|divorc\\w+|separat(?:ed|ing|ion)|break ?up|broke up|split "
    "up|custody|wedding|engaged|one[- ]night|dating|crush|jealous)\\b",
    "\\b(?:crimes?|criminal|prison|jail|arrest\\w*|police|stole|stolen|steal\\w*|theft|shoplift\\w*|murder\\w*|"
    "assault\\w*|rap(?:e|ed|ist)|abus\\w+|fraud|blackmail\\w*|probation|parole|convict\\w*|lawsuit|sued|sue|illegal|"
    "smuggl\\w+|hit-and-run|forg(?:ed|ery)|embezzl\\w+|plagiaris\\w+|lied|lying)\\b",
    "\\b(?:sex|sexual\\w*|gay|lesbian|bisexual|queer|trans|transgender|transition\\w*|asexual|virgin\\w*|porn\\w*|"
    "closeted|came out|coming out|erecti\\w+|naked|nude|nudes|sexuality)\\b",
    "\\b(?:suicid\\w+|self[- ]harm\\w*|depress\\w+|anxiety|panic "
    "attacks?|bipolar|schizo\\w+|psychosis|psychotic|ptsd|trauma\\w*|eating disorder|anorexi\\w+|bulimi\\w+|nervous "
    "breakdown|burn(?:ed|t)? ?out|cutting (?:him|her|my)self|kill "
    "(?:my|him|her)self|grief|grieving|funeral|died|dying|dead|death)\\b",
    "\\b(?:religio\\w+|vot(?:e|ed|ing)|refugee|asylum|visa|undocumented|immigra\\w+)\\b",
    NULL,
};

const char *const class_en_frame[] = {
    "^(?:oh|ah|well|so|and|but|also|hey|hi|okay|ok|yes|yeah|no|right|hm+|actually|apparently|by the way|btw|fun "
    "fact|little tip|a tip|tip|pro tip|note|note that|fyi|for the record|in fact|in "
    "general|generally|usually|basically|supposedly|interestingly|strangely enough|believe it or not|as far as i "
    "know|afaik|it turns out(?: that)?|turns out(?: that)?|you see|the trick is|the thing is|remember|as a rule|in "
    "case you need it|word of advice)[,:]? ",
    "^(?:did you know|do you know|you know)(?: that)?[,]? ",
    "^i(?:'ve| have)? (?:just |once |recently |also |always |only |finally )?(?:read|heard|learned|learnt|found "
    "out|found|discovered|noticed|looked up|think|believe)(?: (?:somewhere|online|today|yesterday|recently|last "
    "week|at school|in school|on the (?:news|radio|internet)|in (?:a|the|an) (?:\\w+ "
    ")?(?:paper|book|article|magazine|newspaper)))*,?(?: that)? (?=[a-z0-9])",
    "^(?:scientists|researchers|experts|historians|biologists|astronomers|people|they|studies|the papers?|the news) "
    "(?:say|says|said|found|have found|show|think|believe)(?: that)? ",
    "^according to (?:the |a |an )?(?:" NOBODY_NEAR "[\\w-]+ ?){1,3}, ",
    "^you (?:really |definitely |absolutely )?(?:should|could|can|might want to|ought to|have to|need to|must|'ve got "
    "to)(?: definitely| really| always| just| also| totally| easily| simply| still| even| never| only)* "
    "(?=(?:try|use|add|buy|find|visit|boil|soak|rinse|wash|clean|remove|plug|press|install|take|get "
    "(?:there|to|the|a|tickets?|fresh)|go to|book|order|reach|park|mix|store|freeze|cook|check out|see "
    "(?:the|a)|watch|read the|bake|grow|recycle|rent|borrow)\\b)",
    "^i(?:'d| would| can)? (?:really |highly |strongly |warmly |only )*recommend (?=(?:the|a|an|that|this)\\b)",
    "^(?:for|against|instead of|with|without) (?:" NOBODY_NEAR "[^,.!?;]){2,40}, (?=[a-z])",
    "^(?:if|when|whenever|once|before|after) (?:you(?:'re| are)?|something|it|the|a|an|water|one) (?:" NOBODY_NEAR
    "[^,.!?;]){1,60}, ",
    "^to (?:" NOBODY_NEAR "[^,.!?;]){4,60}, (?=[a-z])",
    "^(?:in|on|at|near|around|during|every|after|before) (?:" NOBODY_NEAR "[^,.!?;]){2,40}, (?=[a-z])",
    NULL,
};

const char *const class_en_person[] = {
    "\\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|we|we're|we've|we'll|we'd|us|our|ours|ourselves|you|you're|you've|you'"
    "ll|you'd|your|yours|yourself|u|ur|he|he's|he'd|he'll|him|his|himself|she|she's|she'd|she'll|her|hers|herself|"
    "someone|somebody|everyone|everybody)\\b",
    "\\b(?:mother|mum|mummy|mom|mommy|mama|father|dad|daddy|papa|parents?|brothers?|sisters?|siblings?|twins?|sons?|"
    "daughters?|wife|husband|girlfriend|boyfriend|partner|spouse|fianc\\w+|uncle|aunt|auntie|cousins?|niece|nephew|"
    "grand(?:ma|pa|mother|father|parents?|son|daughter)|granny|in-laws?|stepm\\w+|stepf\\w+|ex|boss|managers?|"
    "colleagues?|co-?workers?|employees?|employer|interns?|clients?|neighbou?rs?|friends?|bestie|buddy|mate|roommates?|"
    "flatmates?|housemates?|landlord|landlady|tenants?|classmates?|teachers?|tutors?|coach|pupils?|students?|guys?|"
    "woman|women|man|men|girls?|boys?|kids?|child|children|baby|babies|toddler|teenager|lady|ladies|gentleman|couple|"
    "bride|groom|widow|family|team|crew|nurse|priest|owner|mayor|chef|waiter|waitress|barista|staff)\\b",
    "\\b(?:tonight|this (?:morning|evening|afternoon|weekend)|tomorrow|the other day)\\b",
    "\\b(?:at work|at home|at the office|the office|our place|my place)\\b",
    NULL,
};

const char *const class_en_world[] = {
    "^" DET " " MOD PLACE "s?\\b",
    "^" DET " " MOD MATTER "\\b",
    "^(?:bus|line|tram|platform|highway|route|exit|train|flight|chapter|section|tram line|bus line) (?:number )?\\d+",
    "^(?:hot |cold |warm |boiling |fresh |dried |dry |raw |brown |white |green |black |olive |baking |sea |lemon |salt "
    "|old |stale |distilled |liquid |frozen |cooked |soy |rice |coconut |sesame |dark |too much |a little |a bit of |a "
    "pinch of |pure |wet "
    ")?(?:water|vinegar|salt|sugar|milk|coffee|tea|rice|bread|flour|honey|butter|cheese|oil|soda|juice|garlic|ginger|"
    "pasta|tofu|chocolate|yeast|sourdough|light|sound|gold|silver|iron|copper|aluminium|steel|oxygen|nitrogen|carbon|"
    "hydrogen|helium|mercury|glass|paper|wood|bamboo|cotton|wool|silk|leather|sand|clay|concrete|plastic|ice|snow|rain|"
    "lightning|gravity|electricity|heat|air|steam|rust|mould|mold|python|linux|java|sqlite|git|english|chinese|latin|"
    "mandarin|cantonese|spanish|french|german|japanese|soap|bleach|ammonia|wax|beeswax|moss|grass|basil|mint|parsley|"
    "saffron|cinnamon|pepper|sunlight|moonlight|seawater|limescale|chalk|starch|caffeine|alcohol|sodium|calcium|"
    "antarctica|everest|mars|venus|jupiter|saturn|pluto)\\b(?: and \\w+)? "
    "(?!with\\b|that\\b|that's\\b|at\\b|for\\b|on\\b)[a-z]",
    "^(?!things|bills|nights|mornings|evenings|days|weeks|months|exams|results|numbers|sales|rumou?rs|talks|papers|"
    "contracts|feelings|nerves|hands|legs|eyes|feet|tears|nightmares|dreams|memories|plans|holidays|finances|grades|"
    "relations|arguments|fights|meetings|mistakes|secrets|relationships|lies|promises|others|people "
    "like|his|this|is|was|yes|always|sometimes|perhaps|parties|pictures|photos|messages|texts|letters|emails|calls)(?:("
    "?!at\\b|in\\b|on\\b|and\\b|with\\b|never\\b|always\\b|often\\b)[\\w-]+ "
    "){0,2}?(?:[a-z]{2,}[^s\\W]s|people|mice|geese|sheep|fish|cattle|dragonflies|octopi|glasses|octopuses|viruses|"
    "foxes|walruses|grasses|mosses|buses|cacti) (?:usually |often |always |never |only |also |mostly |actually |all "
    "|rarely |mainly |in \\w+ )?(?:are|have|live|sleep|eat|need|grow|contain|come "
    "from|turn|lose|taste|use|see|hear|hunt|lay|migrate|hibernate|communicate|breathe|produce|cost|last|belong|travel|"
    "weigh|ripen|bloom|absorb|attract|carry|originate|consist|keep|open|close|do "
    "not|don't|were|run|fly|swim|make|drink|recognise|recognize|navigate|give off|stay|dislike|prefer|sell "
    "out|drive|speak|greet|queue|take off|run on|store|charge)\\b",
    "^(?:always |never |just |only |please |try to |don't |do not |make sure to |remember to |first |simply "
    ")*(?:use|add|boil|soak|rinse|mix|store|freeze|cook|bake|fry|heat|stir|sprinkle|wipe|rub|peel|steam|whisk|knead|"
    "prune|restart|defrost|roast|marinate|descale|season|dissolve|blanch|scrub|toast|dust) (?!it off|up with|out "
    "with)(?:\\w)",
    "^(?:always |never |just |only |try to |don't |make sure to |remember to "
    ")*(?:put|pour|plant|press|keep|let|take|store|cut|dry|wash|water|clean|cover|leave|hold|turn|set|place|switch) "
    "(?:the |a |an |some |half a |two |three |raw |fresh |cut |cooked |old |new |wet |dry |ripe |unripe )?(?:\\w+ "
    ")?(?:rice|pasta|noodles|eggs?|onions?|garlic|potatoes|tomatoes|bananas|avocados?|bread|dough|meat|chicken|fish|"
    "steak|herbs|basil|flowers|roses|tulips|bulbs|seeds|lettuce|spinach|mushrooms|butter|salt|vinegar|soda|lemon|flour|"
    "yeast|cheese|leather|wool|silk|shoes|windows|knives|pan|pans|kettle|oven|router|battery|batteries|screen|key|"
    "button|lid|plants?|orchids?|cactus|cacti|bike chain|bus|tram|train|metro|ferry|line|exit|cable|filter)\\b",
    "^(?:try|visit|check out|go to|avoid|take|see|book|get|buy|find|reach|watch|rent|order|park at|park "
    "near|recommend) (?:the|a|an|that|this|tickets|fresh|line|bus|tickets?)(?: " MOD "(?:" PLACE "|" MATTER
    ")s?\\b| \\d+\\b| (?:for|at|online|from) (?:the|a) )",
    "^" DET " (?:" MOD
    ")(?:soup|noodles|dumplings|bread|cake|view|coffee|food|pizza|curry) (?:at|in|from) (?:the|that|this) ",
    "^it(?:'s| is) (?:\\w+ "
    ")?(?:better|best|cheaper|safer|faster|possible|forbidden|customary|polite|rude|easier|free|impolite|common|"
    "traditional) to (?!tell|leave|be|have|go|let|talk|love)",
    "^it (?:takes|took) (?:about |around |only |roughly |light "
    ")?(?:\\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|ninety|\\w+ (?:about )?(?:\\w+ "
    ")?)(?: \\w+)? ?(?:minutes?|hours?|days?|weeks?|months?|years?|seconds?)\\b",
    "^(?-i:[A-Z][\\w'-]*)(?: (?-i:[A-Z][\\w'-]*)| of| the| de| and| \\d+){0,4} (?:is|was|are|were|lies|became|remains) "
    "(?:also |still |once |actually )?(?:the|a|an|one of the|home to) (?:(?!\\w+ing\\b)[\\w',-]+ "
    "){0,5}?(?:capital|city|town|country|river|mountain|lake|island|planet|language|alphabet|metal|gas|element|plant|"
    "tree|fruit|vegetable|bird|fish|mammal|insect|novel|film|movie|opera|symphony|dynasty|empire|religion|continent|"
    "volcano|desert|ocean|state|province|mineral|spice|berry|berries|dish|band|programming|database|compiler|editor|"
    "species|moon|galaxy|currency|dialect)\\b(?!')",
    "^(?-i:[A-Z][\\w'-]*)(?: (?-i:[A-Z][\\w'-]*)| of| the| de){0,4} (?:is|lies|are|sits) (?:located |situated |\\d+ "
    "(?:km|kilometres|kilometers|miles|metres|meters) )?(?:in the "
    "(?:north|south|east|west|centre|center|middle|alps|mountains)\\w*|on the "
    "(?:coast|river|border|rhine|danube|thames|yangtze)|north of|south of|east of|west of|above sea)",
    "^(?-i:[A-Z][\\w'-]*)(?: (?-i:[A-Z][\\w'-]*)| of| the| de){0,4} (?:was|were) (?:first |originally |only "
    ")?(?:founded|built|invented|written|published|discovered|painted|composed|released|completed|filmed|opened) "
    "(?:in|by|around|between|on)\\b",
    "^(?-i:[A-Z][\\w'-]*)(?: (?-i:[A-Z][\\w'-]*)| of| the| de){0,4} (?:has|have) (?:a population|more than \\d|over "
    "\\d|about \\d|around \\d|\\d+ (?:moons|states|islands|inhabitants|million|rings|letters|provinces|time "
    "zones|official))",
    "^(?:the|in) "
    "(?:best|biggest|largest|tallest|highest|longest|oldest|fastest|smallest|deepest|hottest|coldest|nearest|cheapest) "
    "(?!thing|time|day|part|night|date|kiss|year|week|moment|memory|mistake|fear|friend|news|feeling|gift)(?:\\w)",
    "^(?:they|it) (?:only |also |usually |always "
    ")?(?:sells?|serves?|opens?|closes?|offers?|stocks?|delivers?|accepts?|charges?|costs?|runs every|leaves every|is "
    "open|are open|is closed|are closed|takes? cards)\\b",
    "^(?:one|a|an) (?:\\w+ ){1,3}(?:is|has|equals|contains|weighs|covers|holds|lasts) (?:about |around |exactly "
    "|roughly |nearly |almost )?\\d",
    "^(?:a|an|no) (?:\\w+ "
    ")?(?:cat|dog|horse|cow|hen|bee|ant|bird|whale|snail|goldfish|spider|camel|giraffe|egg|year|litre|liter|kilo|mile|"
    "byte|onion|banana|apple|lemon|cup|pinch|spoonful|drop|splash) (?:of \\w+ )?(?:\\w+s|can|has|is)\\b",
    "^(?:two|three|four|five|half|\\d[\\d.,]*) (?:\\w+ "
    ")?(?:cups?|spoons?|litres?|liters?|grams?|minutes?|degrees|percent|per cent|kilometres|miles|euros|dollars) "
    "(?:of|is|are|in|for|makes?|per)\\b",
    "^(?-i:[a-z][a-z]+[^s\\W]s) (?:can|don\'t|do not|cannot|can\'t) (?!\\w+ (?:me|us|you)\\b)",
    "^(?:put|store|keep|place|dip|freeze|leave) (?:it|them) (?:in|into|under|on|next to) (?:a |an |the )?(?:\\w+ "
    ")?(?:glass|jar|fridge|freezer|water|bag|box|vinegar|oven|bowl|salt|rice|oil|sun|shade|foil|cupboard|paper|towel)"
    "\\b",
    "^(?:nobody|no one) (?:really |exactly )?knows (?:exactly )?(?:how|why|what|when|where|whether) "
    "(?:the|these|any|this|most) ",
    "^the "
    "(?:yolk|dough|crust|yeast|pan|stem|stems|leaves|roots|pedal|chain|fuse|lid|core|peel|kernel|filter|cable|museum|"
    "entrance|queue|line|view|best (?:noodles|coffee|bread|view))s? (?!is at my|of my)",
    NULL,
};

const char *const class_en_aside[] = {
    "^(?:fun fact|tip|a tip|little tip|by the way|you know what|guess what|believe it or not|did you know|good to "
    "know|interesting|listen|oh|hey|hi|hello|anyway|worth it|really worth it|highly "
    "recommended|good|great|thanks|thank you|right|sure|exactly|nice|lovely|fine|ok|okay|yes|no|not at all|never "
    "mind|works every time|works "
    "like a charm|it works|simple as that|delicious)[ .,:!?]*$",
    NULL,
};

const char *const class_en_travel[] = { "\\b(?:trains?|bus|buses|trams?|metro|subway|ferry|ferries|flights?|line|lines|"
                                        "road|path|trail|motorway|drive|bike|route|coach|platform)\\b",
                                        NULL };

const char *const class_en_change[] = {
    "^(?:anyway|anyhow|anyways|by the way|btw|on another note|on a different note|changing the subject|to change the "
    "subject|speaking of something else|something else|new topic|different topic|moving on|enough of that|enough "
    "about|let's talk about something|let's change|other than that|apart from that|so what's for|what's for|oh,? "
    "and|unrelated|completely different|now for something)\\b",
    "^[^.!?;]{4,80}, by the way\\b",
    NULL,
};

const char *const class_en_pointing[] = {
    "\\b(?:he|she|him|her|his|hers|they|them|their|it|that|this|those|these|he's|she's|it's|they're|they've|that's|"
    "there)\\b",
    NULL,
};
