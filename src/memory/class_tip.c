/* Tips: what anybody can do, get or find somewhere, and how a thing is done about the house. "You need not queue at the tax office on a
 * Wednesday", 不锈钢的水垢拿白醋一抹就掉. Of many forms, so it takes two things that are found one by one: an anchor, which is a place open
 * to all or a thing that every house has, and a form in which one advises. Whoever reads is meant by "you" there, and nobody in particular.
 * Nothing that is in somebody's life or house in particular is one (the list "own", for every other knowledge, too): what happened
 * yesterday, where the key lies, what goes on at work. */
#include "memory/class_private.h"

/* ---- English ---- */

const char *const class_en_anchor[] = {
    /* where anybody may go */
    "\\b(?:museum|gallery|librar(?:y|ies)|cinema|theatre|theater|shops?|stores?|supermarket|markets?|baker(?:y|ies)|"
    "bakers?'?s?|butcher'?s?|greengrocer'?s?|stationer'?s?|cobbler'?s?|chemist'?s?|caf[eé]s?|restaurants?|pubs?|"
    "canteen|diner|takeaway|food court|bookshop|bookstore|pharmacy|post office|town hall|city "
    "hall|council|(?:passport|tax|ticket|tourist|registry|lost property|job|housing|customs|immigration) "
    "(?:office|desk|counter)|counter|branch|cash ?point|cash machine|ticket machine|vending "
    "machine|photocopier|wi-?fi|museum card)\\b",
    "\\b(?:station|stop|platform|bus|buses|trams?|trains?|metro|subway|underground|ferr(?:y|ies)|boat trip|line "
    "\\d+|number \\d+|car park|park and ride|cycle path|bike lane|underpass|footbridge|toll|motorway|ring "
    "road|airport|harbou?r|pier|quay|marina|tickets?|day pass|railcard|timetable)\\b",
    "\\b(?:park|gardens|botanic(?:al)? "
    "garden|zoo|aquarium|river|lake|canal|beach|island|forest|wood|woods|trail|footpath|path|ridge|walk|hill|mountain|"
    "waterfall|viewpoint|castle|cathedral|church|tower|palace|monument|fountain|fairground|flea market|swap "
    "shop|charity shop|food bank|recycling (?:yard|centre|center|point)|tip|stadium|(?:swimming |outdoor |open[- ]air "
    ")?pool|lido|sauna|gym|climbing wall|ice rink|community "
    "cent(?:re|er)|(?:evening|dance|pottery|language|night|yoga) (?:course|class|classes|school)|concert "
    "hall|observatory|optician|arcade|parking|library of things|repair caf[eé]|waiting list|allotments?|camp "
    "?site|hostel|stalls?|trader|allotment|old town|city cent(?:re|er)|town)\\b",
    /* what every house has, eats and grows */
    "\\b(?:pans?|pots?|kettles?|saucepan|skillet|wok|knife|knives|chopping boards?|cutting "
    "boards?|spoons?|forks?|cups?|mugs?|glass(?:es)?|jars?|bottles?|bowls?|plates?|thermos|flask|lids?|corks?|sink|"
    "drains?|taps?|toilet|shower|bath(?:tub)?|tiles?|grout|windows?|mirrors?|carpets?|rugs?|curtains?|tablecloths?|tea "
    "towels?|towels?|sponges?|mops?|brooms?|buckets?|hinges?|screws?|nails|zips?|zippers?|buttons|locks|wood|wooden|"
    "furniture|floorboards?|varnish|paint|putty|glue|wax|candles?|lamps?|light "
    "bulbs?|batter(?:y|ies)|fuses?|radiators?|fridge|freezer|oven|microwave|dishwasher|washing machine|tumble "
    "dryer|iron|lathe|drills?|saws?|sandpaper|chains?|tyres?|tires?|inner "
    "tubes?|bicycles?|bikes|windscreens?|headlights|screens?|keyboards?|printers?|printer "
    "ink|cartridges?|routers?|toner)\\b",
    "\\b(?:clothes|shirts?|collars?|jumpers?|sweaters?|jackets?|coats|trousers|jeans|socks|shoes|boots|trainers|suede|"
    "leather|wool(?:lens?)?|silk|linen|cotton|denim|down|laundry|ironing|stains?|grease|limescale|rust|mould|mold|"
    "mildew|scratch(?:es)?|scorch marks?|chewing gum|smells?|dust|soot|vinegar|baking "
    "soda|bicarbonate|soda|lemons?|lemon juice|salt|sugar|soap|washing[- ]up liquid|detergent|fabric "
    "softener|bleach|ammonia|toothpaste|toothbrush|graphite|pencil|chalk|newspapers?|brown paper|foil|cling "
    "?film|rice|pasta|noodles|flour|dough|yeast|sourdough|bread|toast|cakes?|biscuits|pastry|batter|eggs?|egg "
    "whites?|yolks?|milk|cream|butter|cheese|yogh?urt|oil|olive oil|honey|jam|sauces?|stock|soups?|stews?)\\b",
    "\\b(?:onions?|garlic|ginger|potato(?:es)?|tomato(?:es)?|carrots?|cabbage|lettuce|spinach|beans?|lentils|chickpeas|"
    "peas|peppers?|chillies|aubergines?|courgettes?|pumpkins?|mushrooms?|herbs?|basil|mint|parsley|coriander|thyme|"
    "rosemary|avocados?|bananas?|apples?|pears?|oranges|strawberries|berries|grapes|melons?|rhubarb|nuts|walnuts?|"
    "almonds|raisins|meat|beef|pork|lamb|chicken|bacon|sausages?|fish|salmon|prawns|mussels|tofu|coffee|coffee "
    "grounds|tea|tea ?bags?|scissors|ferns|flowers|bread tin|biscuit "
    "tin|wine|beer|cider|compost|manure|mulch|soil|stalks?|stems?|roots?|leaves|peel|pips?|kernels?|seeds?|seedlings|"
    "bulbs?|roses|tulips|orchids?|cact(?:i|us)|hedges?|lawns?|weeds|slugs|snails|aphids|greenfly|ants|moths|mice|wasps|"
    "limes?)\\b",
    NULL,
};

#define NOT_SELF "(?!\\b(?:i|me|my|we|us|our|he|him|his|she|her)\\b)"
#define PUBLIC_EN                                                                                                      \
    "(?:the|an?|this|that|these|those|most|all|every|any|some|no|both|there(?:'s| is| are)|they(?:'ve|'re| have| "     \
    "are| do| will|'ll)?|it(?:'s| is)|number|\\d+)"
#define DO_EN                                                                                                          \
    "(?:skip|avoid|take|go|try|use|get (?!some)|buy "                                                                  \
    "(?!some)|run|fold|sharpen|renew|borrow|rent|return|swap|call|apply|climb|swim|head|ask|book|order|pay|park|"      \
    "change|walk|cycle|start|stand|sit|look|check|"                                                                    \
    "choose|pick|plant|sow|prune|feed|cut|trim|peel|chop|grate|slice|boil|simmer|fry|bake|roast|steam|soak|rinse|"     \
    "wash|dry|iron|scrub|wipe|rub|dab|brush|polish|oil|grease|sand|glue|fill|drain|chill|freeze|thaw|defrost|store|"   \
    "keep|wrap|cover|put|place|press|shake|stir|add|mix|sprinkle|scatter|spread|pour|dip|warm|heat|prick|salt|"        \
    "season|knead|descale|unplug|restart|charge|clean|tighten|loosen|bother|queue|come early|get off|let|leave|hang|"  \
    "turn|mulch|stake|repot|whisk|sieve|line|score)"

const char *const class_en_tip[] = {
    /* told to do, or not to */
    "^(?:(?:please|just|always|never|only|better|best|simply|first|then|rather|make sure to|make sure you|remember "
    "to|try to|try not to|don't|do not|don't ever|don't even|and|or|to) )*" DO_EN
    "\\b(?! (?:him|her|them to|me|us)\\b)",
    ", (?:and |so |then |just |but )*(?:always |never |just |better |don't |rather )*" DO_EN
    " (?:it|them|the|an?|some|early|before|after|by|to|at|on|in|off|over|from|one|two|half|round)\\b",
    "^[^.!?;]{0,50}\\bit(?:'s| is) (?:worth|better|best|cheaper|easier|quicker) "
    "(?:getting|taking|buying|going|booking|to|than)\\b",
    "^(?:better|best|easier|cheaper|quicker|safer|no need|not worth|worth) (?:to )?[a-z]+(?:ing)?\\b",
    /* what one can, gets, needs */
    "^" NOT_SELF "(?:[^.!?;]{0,70}, "
    ")?(?:you|one|anyone|anybody|cyclists|visitors|residents|passengers|members|beginners|pensioners|"
    "students)(?:'ll| will| can| could| may| get| gets| pay| pays| need| needs| have to| has to| don't| "
    "do not| doesn't| won't| should| must| might| want)\\b",
    ", (?:so )?(?:you|one) (?:(?:can|need|have|get|pay|don't|won't|should|must|only)\\b|'ll\\b)",
    /* of a thing: what it does, wants, is good for. Who does it stands in front, and is no name there */
    "^(?-i:[A-Z]?[a-z'-]+|[A-Z][\\w-]*)(?: (?-i:[a-z][a-z'-]*)){1,9}? (?:comes? (?:off|out|clean|away|loose)|goes "
    "(?:away|off)|gets? rid|removes?|hides?|hates?|leaves? you alone|stays? away|can't "
    "stand|softens?|loosens?|dissolves?|prevents?|works? "
    "(?:better|best|well|wonders|just|like|on|for|too|every)|helps? (?:against|with)|(?:stops?|keeps?) "
    "(?:it|them|the|an?|off|out|away|longer|fresh|well|best|for|from)\\b|(?:keeps?|makes?|leaves?|turns?) [\\w "
    "]{1,20}(?:soft|fresh|crisp|crunchy|clean|white|warm|cool|dry|moist|sharp|shiny|tender|quicker|away|out|off|from)"
    "\\b|(?:better|faster|slower|longer|quicker|easier|sooner|easily|fresher) "
    "(?:if|when|with|than|in|by|on|next|after|before)\\b|lasts? (?:longer|for|about)|tastes? "
    "(?:better|best)|(?:is|are) (?:really |very |much |also "
    ")?(?:great|good|perfect|ideal|best|better|enough|useful|cheaper) "
    "(?:for|to|against|than|with|at|in|from|when|if|after|before)\\b)",
    "^(?-i:[A-Z]?[a-z'-]+|[A-Z][\\w-]*)(?: (?-i:[a-z][a-z'-]*)){0,6}? (?:should|must|needs? to|has to|have to|ought "
    "to|wants? to|can|can't|cannot) (?:not |never |always |only |just |first "
    ")*(?:be|go|rest|rise|stand|soak|dry|cool|simmer|drain|sit|boil)\\b",
    "^(?-i:[A-Z]?[a-z'-]+|[A-Z][\\w-]*)(?: (?-i:[a-z][a-z'-]*)){1,5}? (?:needs?|wants?|takes?) (?:about |only |just "
    "|at least |a lot of |plenty of |no |little |less |more |around "
    ")*(?:an?|one|two|three|four|five|six|half|twenty|thirty|\\d+|water|sun|light|shade|compost|time|heat|salt|air|"
    "space)\\b",
    "^(?-i:[A-Z]?[a-z'-]+s|(?:[A-Z][a-z]*|[a-z]+)(?: [a-z][a-z'-]*){1,5}) (?:are|is) (?:much |far |best |always |often "
    ")?(?:easier|better|best|quicker|safer|cheaper|nicer|fresher) "
    "(?:to|if|when|in|with|on|from|after|before|than|hot|cold|raw|fresh)\\b",
    "^(?-i:[A-Z]?[a-z-]+ing) "
    "(?:an?|the|some|it|them|over|in|with|(?-i:[a-z]+s?))\\b[^.!?;]*?\\b(?:hides?|removes?|helps?|keeps?|stops?|makes? "
    "(?:it|them|the)|gets? (?:rid|it|the)|brings?|saves?|costs?|works?|is (?:cheaper|better|quicker|enough|easier))\\b",
    "^(?:an? (?:bit|drop|dash|pinch|splash|spoonful|slice|piece|little) of )?(?-i:[A-Z]?[a-z]+)(?: (?-i:[a-z]+))? "
    "(?:on|in|under|over|against|around|round|between) (?:the|an?|some)?\\b[^.!?;]*?, (?:at "
    "once|overnight|then|and|for|works)\\b",
    /* of a place: what it costs, when it is open, what is best there */
    "^" PUBLIC_EN "\\b[^.!?;]*?\\b(?:half (?:the )?price|(?:per ?cent|percent|%) (?:off|cheaper)|for free|free (?:of "
    "charge|on|after|for|to|before|entry|in)|costs?\\b|cheap(?:er|est)?|discount|reduced|open(?:s|ed)? "
    "|closed? |closes|shuts?|free(?=$|[.,!])|queues?|busy|quiet(?:er|est)?|crowded|empty|has|have "
    "places|still (?:has|have)|sells?|serves?|lets? "
    "(?:you|people|visitors)|lends?|rents?|stocks?|accepts?|takes?|cuts?|makes?|gives?|fix(?:es)?|mends?|"
    "repairs?|frames?|sharpens?|collects?|meets? (?:every|each|on)|has |have "
    "|does(?:n't)?|don't|answers?|stops?|runs?|leaves?|floods?|starts?|begins?|leads?|gets? "
    "(?:muddy|slippery|busy|icy)|(?:is|are) (?:muddy|slippery|icy|steep|shallow|worth|best|the "
    "best|good|better|great|lovely|on (?:the|monday|tuesday|wednesday|thursday|friday|saturday|sunday)))",
    "^(?:the )?(?:free |public "
    ")?(?:parking|entry|entrance|admission|swimming|skating|delivery|refills?|wi-?fi|breakfast|printing|copies) "
    "(?:is|are|costs?|reaches)\\b",
    "^(?:the )?(?:best|nicest|cheapest|freshest|quickest|easiest|closest|nearest|quietest|prettiest|tastiest|finest) "
    "(?!man|woman|friend|thing|day|part|news|night|years?|time in|kiss)[\\w -]{2,40}? "
    "(?:in|at|on|for|is|are|near|by|from|to)\\b",
    NULL,
};

/* Whom a tip means by it is whoever reads it. */
const char *const class_en_generic[] = {
    "\\b(?:you|one)(?:'ll|'d)?(?= (?:can|could|may|might|will|should|would|must|need|needn't|have to|don't|do "
    "not|won't|can't|cannot|get|pay|show|want|use|go|iron|put|let|buy|take|add|boil|bake|cut|cook|wash|dry|clean|leave|"
    "keep|turn|walk|wait|ask|book|order|come "
    "early|look|find|save|see|change|park|cycle|just|only|always|never|really|better|first|in "
    "(?:for|free)|really|simply|cry|like|find|prefer|drive|fancy|know how|pass|hear|touch|peel|slice|freeze|store)\\b)",
    "\\b(?:if|when|once|while|unless|where) you(?: "
    "(?!(?:i|me|my|we|us|our|he|him|his|she|her|had|were|are|told|said|was|did|ever|see)\\b)[\\w'-]+){1,10}",
    "\\byou'll (?=find|get|see|need|pay|have|never|be able|save|want)",
    "\\b(?:lets?|letting|allows?|cost|costs|saves?|gives?|makes?|making|make|charges?|shows?|tells?|helps?|leaves?) "
    "you\\b|\\bfamily(?= (?:ticket|card|pass|room|menu|entry))",
    "\\byou(?= got (?:it|them)\\b)|\\bif you're\\b|\\bwhile you\\b|\\bwhere you\\b|\\bwhen you(?:'re)?\\b",
    "\\byour(?= (?:own "
    ")?(?:ticket|tickets|card|passport|id|bike|bicycle|shoes|boots|hands|receipt|bags?|coat|swimming|towel|bread|dough|"
    "plants?|coffee|tea|clothes|laundry|knives|pan|pans|tomatoes|own cup))",
    "\\b(?:students?|anyone|anybody|pensioners|children|kids)(?= (?:under|over|pay|pays|get|gets|can|may|go|with a|are "
    "free|free)\\b)",
    NULL,
};

const char *const class_en_own[] = {
    "\\b(?:loses?|losing|earns?|owes?|owed|takings|turnover|profits?|in the red)\\b",
    /* when, of what happened once */
    "\\b(?:yesterday(?!'s)|today(?!'s)|(?<!the )last "
    "(?:night|week|weekend|month|year|winter|spring|summer|autumn|monday|tuesday|wednesday|thursday|friday|saturday|"
    "sunday|time|days)|this (?:week|month|time|once|year's)|just now|these "
    "days|(?:days?|weeks?|months?|years?|hours?|minutes?) ago|since (?!19|20|the "
    "(?:war|middle|nineteen|eighteen))|(?:next|on|coming|before|until) (?:week|weekend|month)|next "
    "(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)|at (?:half past|quarter)|any more|no longer|come "
    "round|comes round|came round|pick(?:ing)? up (?:the|at)|meet(?:ing)?|met|waiting|arriv\\w+ (?:on|at))\\b",
    /* what is in a house, and nobody else's business */
    "\\b(?:spare|front[- ]door|house|car|flat|office|safe|cellar) keys?\\b|\\bkeys? "
    "(?:is|are|under|in|behind|to|for)\\b|\\b(?:alarm|door|entry|access) code\\b|\\b(?:under|behind) the "
    "(?:mat|doormat|flowerpot|stone|third|loose)\\b|\\b(?:safe|drawer|drawers|attic|loft|cellar|wardrobe|desk|"
    "nightstand|bedside|mattress|piano "
    "stool|wallet|purse|diary|envelope|letters?|folder|cheques?|certificates?|documents?|will "
    "is|deeds?|jewellery|necklace|rings?|watch is|doorbell|back door|side door|front door|door "
    "is|upstairs|downstairs|spare room|bedroom|landing|hallway|driveway)\\b",
    "\\b(?:is|are|there's|was|were) (?!(?:not |never |best |always )?(?:kept|stored|left|better)\\b)(?:[\\w'-]+ "
    "){0,4}(?:in|on|under|behind) the (?:fridge|freezer|tin|box|kitchen|cupboard|bathroom|shed|balcony|car|bag|living "
    "room|drive|shelf|table|oven|first|second|third|left|right|top|bottom)\\b|^(?:the|this|that) [\\w -]{1,24} "
    "(?:in|on|from) the "
    "(?:fridge|freezer|tin|box|kitchen|cupboard|balcony|table|shelf|shed|oven)\\b|\\b(?:shower|bath|toilet|sink|tap|"
    "towel|bed|chair) (?:on|in) the\\b|\\blook (?:in|under|behind|inside) the\\b|\\bin the drive\\b|\\buntil "
    "(?:i|we|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\\b|\\bon the way "
    "(?:back|home|to)\\b|^(?:please )?(?:get|buy|bring|grab|fetch|pick up) (?:some|me|us|more|another|back)\\b",
    /* what happened; the history of a place is told otherwise */
    "\\b(?:was|were) (?!(?:first |originally |only |once |also |not |never |probably |already "
    ")*(?:built|founded|released|written|invented|discovered|named|made|opened|painted|completed|designed|used|known|"
    "brewed|grown|carved|dug|brought|called|filmed|composed|published|created|planted|sacred|worshipped|moved|restored|"
    "banned|home|an?|the (?:first|last|only|largest|oldest|capital|centre|seat) (?!thing|time|day)))|(?<!it "
    ")\\btook\\b|, it took\\b|\\b(?:began|became|turned "
    "(?:down|me|us|out)|fired|sacked|hired|paid|refused|rejected|broke|went|came|gave|got "
    "(?!to\\b)|started|stopped|quit|reminds?|felt|feels like|smells like|is broken|are broken|didn't|did(?! you "
    "(?:ever )?(?:know|hear))|hasn't|haven't|enough to (?:pay|live)|(?:is|was|are) (?:up )?for sale|buyers?|pay the "
    "(?:rent|bills?|electricity)|together|they (?:all )?know|results (?:came|are|were|is)|the "
    "(?:parcel|package|money|results|deal|news|wedding|ring))\\b",
    /* work, plans, feasts, papers */
    "\\b(?:interviews?|meetings?|appointments?|contracts?|negotiat\\w+|merger|takeover|bid|budget|deadline|project|"
    "promotion|part(?:y|ies)|surprise|presents?|gifts?|invit\\w+|anniversary|birthday|reunion|proposal|propos(?:e|ed|"
    "ing)|scholarship|grant|exams?|grades?|thesis|audition|rehearsal|guests?|visitors "
    "(?:come|came|arrive)|rent|tenanc\\w+|mortgage|moving|move "
    "out|moved|boiler|accident|argument|quarrel|fight|rumou?rs?|gossip|tablets|medication|dose|inhaler|ointment|the "
    "dog|the cat|the flat|the car|the house|next door|choir|orchestra|the club)\\b",
    "\\b(?:going|about|plans?|planning|wants?|decided|hopes?) to "
    "(?:sell|close|open|leave|quit|buy|move|sue|fire|hire)\\b|\\b(?:said|told|thought)\\b|\\blet [\\w ]{1,24} "
    "go\\b|\\bbelongs? to\\b",
    NULL,
};

/* ---- Chinese ---- */

#define CLEAN "[^,.;!?我您她咱俺]"
const char *const class_zh_anchor[] = {
    /* where anybody may go */
    "馆(?!长)|店(?!长|员)|铺子?|餐厅|食堂|饭庄|面包房|茶室|书屋|裁缝铺|老字号|大排档|超市|市场|夜市|集市|菜场|商场|"
    "影院|剧院|剧场|音乐厅|公园|植物园|动物园|车站|站台|地铁|公交|电车|轮渡|渡轮|游船|高铁|动车|火车|大巴|班车|航班|"
    "机场|码头|停车|收费站|高速|路口|号线|\\d+路|步道|小路|山路|山脊|山顶|湖边|河边|海边|江边|沙滩|瀑布|古镇|老城|古城|"
    "教堂|寺|塔(?!罗)|钟楼|城楼|城墙|广场|桥头|码头|景区|景点|观景台|售票|门票|车票|票根|联票|年卡|月票|大厅|政务|窗口|"
    "柜台|税务局|社保|公积金|车管所|出入境|派出所|街道办|居委会|办证|护照|居住证|身份证|驾照|取号|社区|活动中心|体育场|"
    "体育馆|泳池|游泳|健身房|回收站|邮局|快递站|驿站|自习室|无线网|工具间|青年旅舍|观景|[Ww]i-?[Ff]i|自动贩卖机|自助机|"
    "打印店|共享单车|充电桩",
    /* what every house has, eats and grows */
    "锅|壶|保温杯|杯子|玻璃杯|碗|盘子|菜刀|刀|菜板|案板|砧板|砂锅|蒸笼|瓶盖|瓶子|罐头|水槽|下水道|水龙头|马桶|浴室|"
    "瓷砖|地板|地毯|窗户|玻璃|镜子|窗帘|桌布|毛巾|抹布|海绵|被子|床单|枕头|凉席|羽绒|毛衣|毛呢|衬衫|衬衣|衣服|裤子|"
    "牛仔|领口|领子|袖口|袜子|鞋|皮具|真丝|丝绸|羊毛|棉|拉链|扣子|合页|门轴|螺丝|钉子|链条|轮胎|车把|导轨|机床|车床|"
    "木头|木器|家具|油漆|不锈钢|铁器|铝|铜器|电池|电瓶|灯泡|插座|路由器|打印机|墨盒|键盘|屏幕|冰箱|冷冻|洗衣机|烤箱|"
    "微波炉|空调|风扇|烙铁|熨斗",
    "污渍|油渍|油烟|茶渍|咖啡渍|墨水|水垢|铁锈|锈|霉|异味|口香糖|蜡|胶印|划痕|发黄|白醋|小苏打|牙膏|柠檬|食盐|盐|白糖|"
    "冰糖|糖色|肥皂|洗洁精|洗衣液|柔顺剂|酒精|花露水|牙签|铅笔|报纸|吸水纸|湿布|热水|冷水|温水|开水|淘米水|茶叶|绿茶|"
    "红茶|咖啡|牛奶|鸡蛋|炒蛋|米饭|大米|面条|面团|面粉|馒头|饺子|包子|饼|肉|排骨|鱼|虾|蟹|豆(?!瓣酱)|土豆|番茄|西红柿|"
    "茄子|黄瓜|南瓜|白菜|菠菜|萝卜|菇|菌|木耳|洋葱|大蒜|姜|葱|香菜|辣椒|花椒|香蕉|苹果|牛油果|西瓜|哈密瓜|草莓|葡萄|"
    "橙子|橘子|柚子|桃|核桃|花生|红枣|蜂蜜|酱油|料酒|火锅|汤|粥|酵母|薄荷|绿萝|多肉|月季|兰花|鲜花|浇花|种花|养花|玫瑰|"
    "蕨|仙人掌|花盆|盆栽|菜地|花肥|化肥|种子|蜗牛|蚂蚁|蟑螂|蚊子|飞蛾|老鼠|咖啡渣",
    NULL,
};

const char *const class_zh_tip[] = {
    /* what one does, and what comes of it */
    "(?:拿|用|放|垫|抹|撒|泡|涂|喷|倒|加|滴|刷|擦|蹭|烫|冻|煮|晒|敷|塞|套|包|裹|揉|搓|吹|挂|晾|贴|浸|腌|焯|炒|炖|蒸|烤|"
    "腌|醒|兑|盖|插|浇|剪|磨)" CLEAN "{0,14}?,?" CLEAN
    "{0,8}?(?:就(?!是|说|走|来|回|去|睡|哭)|才(?!知|发|来|走|回)|能(?!不能)|可以|(?<!不)会(?!儿)|更|最好|特别|容易|"
    "管用|正好|再(?!也|说|见))",
    "一(?:抹|擦|刷|掰|泡|蹭|冲|煮|晒|冻|撕|吹|捏|按|拧|搓|烫|拍|洗)就",
    "(?:先|要先|得先|必须先|最好先)(?:焯|炒|泡|煮|腌|洗|擦|晒|冻|烫|拌|煎|炸|蒸|过|取号|预约|排队|买票|网上|到|"
    "去)" CLEAN "{0,12}",
    "(?<!还)(?:要|得|需要|必须|应该|最好|务必|尽量|千万|建议)(?:先|提前|把|在|从|用|拿|放|泡|煮|醒|焯|洗|擦|晒|看|挑|"
    "选|带|备|坐|走|换|下|骑|避开|绕|多|少|早|趁|单独|每天|每周|每年|充|浇|剪|上油|停|剪)" CLEAN "{0,16}",
    "(?:^|[,;])" CLEAN "{0,10}?(?<!特)(?<!告)别(?!的|人|处|墅|提|告|让|跟|说|担心|忘|怕|急|哭|走|来|生气|想|管)(?:去|"
    "坐|用|放|买|走|点|吃|洗|煮|蒸|泡|炒|拿|把|直接|一次|在|往|开|晒|浇|等)" CLEAN "{1,16}",
    "不(?:用|需要|必|能|要)(?:去|跑|排队|预约|买|带|洗|放|泡|煮|加|用|换|等|花|再|直接|提前|微波|混|机洗|暴晒|晒)" CLEAN
    "{0,12}|不然|否则|免得|以免|省得",
    /* what can be had where, when and for how much */
    "可以(?:在|用|从|免费|直接|提前|还|借|坐|换|停|带|网上|手机|提|办|租|退|改|预约|现|当场|拿|到)|网上(?:办|约|订|买)|"
    "手机上(?:办|约|订|买|提)|就[不没]" CLEAN
    "{0,6}了(?=[,.;!?]|$)|能(?:多|在|用|从|免费|直接|还|借|坐|换|停|带|连|打" CLEAN
    "{0,3}折|办|租|退|改|免|省|看到|配|修)|都能|也能|在哪" CLEAN "{0,6}都|只能|只要" CLEAN "{0,8}(?:块|元|钱|分之)",
    "半价|减半|免费|打" CLEAN
    "{0,3}折|优惠|不要钱|不收|便宜|划算|实惠|立等可取|名额|限流|停航|停运|不停|直达|末班|首班|发车|开放|开门|关门|营业|"
    "闭馆|人(?:最|比较|特别|也)?(?:少|多)|排队|最好(?:打|停|买|逛|坐|去|看|吃|喝)|(?:最|很|特别|挺|真|比较)(?:亮|甜|"
    "干净|管用|好用|好吃|好喝|新鲜|正宗|安静|难停|难|快|慢|方便|便宜|香|嫩|脆|软|多|少|合适|清净)|(?:做得|味道|口味)(?:"
    "很|特别|真|挺)?(?:不错|好|正)|管用|好使|合适",
    "比" CLEAN "{1,10}?(?:更|还|都)?(?:管用|好用|好吃|便宜|快|慢|方便|划算|省|干净|新鲜|亮|耐|香|甜|软|结实|强|好)",
    "(?:^|[,;])(?:挑|选|买|种|养|切|煮|炖|蒸|炒|洗|晒|腌|泡|坐|走|去|停|换乘|办|寄|退|改签)" CLEAN
    "{1,12}?(?:要|得|看|认准|最|别|可以|更|先|才|趁|下午|上午|中午|早上|周|月)",
    "(?:会|容易|爱|怕)(?:淹|滑|堵|结冰|涨|发芽|烂|缩水|褪色|生锈|发霉|开裂|串味|变形|掉色|起球|招虫|发绿|变黑|变硬|"
    "变味)",
    NULL,
};

const char *const class_zh_generic[] = {
    "你(?=可以|要|得|最好|应该|能|会|想|先|去的?话|用|只要|要是|如果|就|在|买|拿|到|把|试)|您(?=可以|要|得|最好)|大家|("
    "?:学生|老人|孩子|小孩|儿童)(?=免|半|凭|票|价|也?可以|能)",
    NULL,
};

const char *const class_zh_own[] = {
    "让人|想起|顺路|顺便(?:把|带|买|去|捎)|路上(?!有|车|的车)|回家|到家|带(?:点|些|上)|捎|待在|住在|公寓(?!楼下)|(?:要|"
    "得|想|准备|打算)去" CLEAN "{0,10}(?:买|接|取|见|找|玩|交|跑|看)|(?:冰箱|冰柜|柜子?|箱子?|罐子?|盒子?|包|厨房|桌子?"
    "|阳台|院子|棚子|屋|房间|公寓|车)(?:里|上)(?:的|还?有)|在" CLEAN
    "{0,10}(?:罐子|箱子?|冰箱|柜子?|盒子?|包|袋子|厨房|浴室|棚子)里(?=[,.;!?]|$)|(?:^|[,;])(?:(?![就才会没不能])[^,.;!?"
    "])*了[.;!?~ ]*$|(?:得|该|要)" CLEAN "{1,8}了[.;!?~ "
    "]*$|挣|赚|转让|买家(?![庭用电具里])|卖家|没救|(?:冰柜|冰箱|柜子|抽屉)[^.;!?]{0,6}(?:后面|底下)|昨天|今天|今晚|"
    "前天|刚才|刚刚|上周|上个月|上次|下周|下个月|去年|今年|这周|这个月|这两天|这几天|最近|那天|当时|本来|一直|从来|"
    "已经|习惯了|多半|又(?!香|甜|快|便宜|好|软|脆|嫩|鲜)|(?:要|快|马上|准备|打算)" CLEAN
    "{0,6}(?:开张|关门|倒闭|转让|搬|拆|卖|开业)(?:了|啊|吧)?(?:$|[,.;!?])|自从|以前|小时候",
    "钥匙(?!扣|店)(?:在|放|藏|压|搁|给|就|是|交)|备用钥匙|门禁|抽屉|保险柜|保险箱|存折|房产证|证书|合同|协议|枕头底下|"
    "床底|柜子里|阁楼|地下室|书桌|信封|日记|戒指|项链|手镯|首饰|现金(?!窗口)|(?<!以)后门(?!那边|口|的?巷|的?街|对面)|"
    "侧门|门从来|门没锁|楼上|楼下(?!新?开|有|那家)|面试|例会|开会|报价|标书|签约|工作室|客人|惊喜|礼物|生日|聚会|聚餐|"
    "派对|请帖|求婚|奖学金|成绩|考试|录取|房租|租约|搬家|装修|锅炉|车祸|吵|闹翻|传闻|议论|排练|合唱团|乐团|俱乐部|上班|"
    "加班|隔壁(?!那家|的?店|摊)",
    "(?:锁|停|放|藏|搁|落|忘|丢|寄存|挂|埋)在(?!一起)(?:(?![再就更得会能]|可以|最好)" CLEAN
    "){1,10}(?:呢)?(?:$|[.;!])|(?:盘|租|买)下?(?:了|的)(?=$|[,.;!?])|都是" CLEAN
    "{1,10}?(?:的|买的)(?=[,.;!?]|$)|裁了|辞了|走了(?=$|[,.;!?])",
    NULL,
};
