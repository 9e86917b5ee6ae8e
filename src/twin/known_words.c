/* known_words.c — what people write about, by words that occur in it, and questions about it. Small lists on purpose: they tell whether
 * there is anything, not how much exactly. Of English whole words count, of Chinese any place. */
#include "twin/known.h"

const struct twin_topic twin_topics[TWIN_TOPICS] = {
    /* ---- feelings that people rarely write down ---- */
    { TWIN_FEELING,
      "sad",
      { "难过", "sad" },
      "难过|伤心|想哭|哭了|心碎|失落|沮丧|难受|悲伤|心酸|低落|\\b(?:sad|sadder|crying|cried|heartbroken|miserable|"
      "depressed|"
      "unhappy|grief|grieving|feeling down|in tears)\\b",
      { { "上一次真的很难过是什么时候？后来怎么过去的？", "难过的时候你会找谁，或者不找谁？", NULL },
        { "When were you last really sad, and how did it pass?", "Whom do you go to when you are sad, or don't you?",
          NULL } } },
    { TWIN_FEELING,
      "angry",
      { "生气", "angry" },
      "生气|气死|气人|烦死|火大|发火|恼火|愤怒|讨厌|受不了|过分|\\b(?:angry|furious|pissed|mad at|annoyed|annoying|fed "
      "up|"
      "hate|outrageous|sick of)\\b",
      { { "什么事会让你真的发火？", "你生气的时候会怎么说话？照着说一句。", NULL },
        { "What makes you really angry?", "What do you say when you are angry? Say it as you would.", NULL } } },
    { TWIN_FEELING,
      "afraid",
      { "害怕", "afraid" },
      "害怕|好怕|怕死|吓死|吓到|吓人|担心|焦虑|紧张|慌|恐惧|不敢|\\b(?:afraid|scared|scary|worried|worry|anxious|"
      "anxiety|"
      "nervous|terrified|panic|panicking|dread)\\b",
      { { "现在最让你担心的是什么？", "你小时候怕什么，现在还怕吗？", NULL },
        { "What worries you most at the moment?", "What were you afraid of as a child, and are you still?", NULL } } },
    { TWIN_FEELING,
      "lonely",
      { "孤单", "lonely" },
      "孤单|孤独|寂寞|没人陪|没人懂|一个人过|想家|\\b(?:lonely|loneliness|alone again|homesick|miss you|miss him|miss "
      "her|"
      "left out|nobody to)\\b",
      { { "什么时候会觉得孤单？", "一个人的周末你怎么过？", NULL },
        { "When do you feel lonely?", "What do you do with a weekend on your own?", NULL } } },
    { TWIN_FEELING,
      "ashamed",
      { "羞愧", "ashamed" },
      "丢脸|丢人|尴尬|惭愧|羞愧|内疚|愧疚|对不起你|后悔|自责|没脸|\\b(?:ashamed|embarrassed|embarrassing|guilty|guilt|"
      "regret|"
      "regretted|my fault|humiliated|awkward)\\b",
      { { "有什么事让你后悔到现在？", "最近一次觉得尴尬是怎么回事？", NULL },
        { "What do you still regret?", "When were you last embarrassed, and what happened?", NULL } } },
    { TWIN_FEELING,
      "tired",
      { "累", "tired" },
      "好累|太累|累死|很累|累了|疲惫|疲倦|没力气|撑不住|熬不|心累|困死|\\b(?:tired|exhausted|worn out|knackered|burned "
      "out|"
      "burnt out|burnout|drained|no energy)\\b",
      { { "累的时候你会怎么跟朋友说？", "什么事最耗你的力气？", NULL },
        { "How do you tell a friend that you are tired?", "What takes the most out of you?", NULL } } },
    /* ---- what a day is made of ---- */
    { TWIN_EVERYDAY,
      "food",
      { "吃", "food" },
      "吃|喝|早饭|午饭|晚饭|做饭|外卖|咖啡|奶茶|火锅|好饿|\\b(?:eat|eats|eating|ate|food|breakfast|lunch|dinner|supper|"
      "cook|"
      "cooked|cooking|coffee|tea|hungry|pizza|bread|restaurant)\\b",
      { { "平常一天你都吃些什么？", "你最拿手的一道菜是什么，怎么做？", "什么东西你绝对不吃？" },
        { "What do you eat on an ordinary day?", "What do you cook best, and how?", "What do you never eat?" } } },
    { TWIN_EVERYDAY,
      "sleep",
      { "睡觉", "sleep" },
      "睡|失眠|起床|熬夜|做梦|晚安|困了|好困|\\b(?:sleep|sleeping|slept|asleep|bed|nap|insomnia|woke|wake "
      "up|dream|dreamt|"
      "dreamed|sleepy)\\b",
      { { "你一般几点睡、几点起？", "睡不着的时候你会做什么？", NULL },
        { "When do you go to bed, and when do you get up?", "What do you do when you cannot sleep?", NULL } } },
    { TWIN_EVERYDAY,
      "work",
      { "工作学习", "work" },
      "上班|下班|加班|工作|开会|老板|同事|项目|面试|辞职|上课|作业|考试|论文|\\b(?:work|working|worked|job|boss|office|"
      "meeting|colleague|colleagues|deadline|project|shift|class|homework|exam|exams|essay|interview)\\b",
      { { "你的一天工作（或学习）是怎么过的？", "工作里最烦的是什么，最喜欢的又是什么？", NULL },
        { "How does a day at work, or of study, go?", "What of your work do you like least, and most?", NULL } } },
    { TWIN_EVERYDAY,
      "home",
      { "家里", "home" },
      "回家|在家|到家|房子|房间|租房|搬家|打扫|洗衣|家里|邻居|\\b(?:home|house|flat|apartment|room|kitchen|rent|moving "
      "in|"
      "moved out|laundry|cleaning|neighbour|neighbor|neighbours|neighbors|garden|landlord)\\b",
      { { "你住的地方是什么样的？", "家里什么东西你最舍不得扔？", NULL },
        { "What is the place like where you live?", "What at home would you never throw away?", NULL } } },
    { TWIN_EVERYDAY,
      "money",
      { "钱", "money" },
      "钱|工资|房租|好贵|太贵|便宜|省着|存款|房贷|打折|报销|\\b(?:money|salary|pay|paid|rent|expensive|cheap|broke|"
      "cost|costs|"
      "afford|savings|debt|mortgage|budget)\\b",
      { { "你花钱是手松还是手紧？", "最近买过最值的东西是什么？", NULL },
        { "Do you spend easily, or not?", "What was the best thing you bought lately?", NULL } } },
    { TWIN_EVERYDAY,
      "body",
      { "身体", "body" },
      "感冒|发烧|头疼|头痛|肚子疼|牙疼|医院|生病|吃药|减肥|健身|跑步|胃|腰|\\b(?:sick|ill|flu|fever|headache|cough|"
      "doctor|"
      "hospital|dentist|pain|hurts|medicine|gym|running|workout|diet)\\b",
      { { "你身体怎么样，有什么老毛病？", "你运动吗？做什么？", NULL },
        { "How is your health; is there anything that keeps coming back?", "Do you do any sport?", NULL } } },
    { TWIN_EVERYDAY,
      "weather",
      { "天气", "weather" },
      "天气|下雨|下雪|好热|好冷|太热|太冷|降温|台风|太阳|刮风|\\b(?:weather|rain|raining|rained|rainy|snow|snowing|"
      "sunny|cold|"
      "hot|windy|storm|freezing|fog)\\b",
      { { "你喜欢哪个季节，为什么？", "下雨天你会做什么？", NULL },
        { "Which season do you like, and why?", "What do you do on a rainy day?", NULL } } },
    { TWIN_EVERYDAY,
      "family",
      { "家人", "family" },
      "爸|妈|爷爷|奶奶|外公|外婆|姥|哥|姐|弟|妹|儿子|女儿|孩子|老公|老婆|亲戚|\\b(?:mum|mom|mother|dad|father|parents|"
      "brother|"
      "sister|son|daughter|kids|husband|wife|grandma|grandpa|grandmother|grandfather|aunt|uncle|cousin|family)\\b",
      { { "你和爸妈多久联系一次，都说些什么？", "家里谁和你最像？", NULL },
        { "How often do you talk to your parents, and about what?", "Who in your family is most like you?", NULL } } },
    /* ---- facts about oneself ---- */
    { TWIN_ABOUT,
      "age",
      { "年龄", "age" },
      "我(?:今年|都|才|快)*[0-9一二三四五六七八九十]{1,3}岁|我是?(?:19|20)?[0-9]{2}年(?:的|生|出生)|我的?生日|我属["
      "鼠牛虎兔龙蛇马羊猴鸡狗"
      "猪]|\\bI(?:'m| am) [1-9][0-9]\\b(?! ?(?:min|hour|sec|day|week|month|km|mile|percent|%|page|step))|\\bI was "
      "born\\b|"
      "\\bmy birthday\\b|\\bI(?:'m| am) turning\\b",
      { { "你今年多大？", "你的生日是哪天？", NULL }, { "How old are you?", "When is your birthday?", NULL } } },
    { TWIN_ABOUT,
      "job",
      { "职业", "occupation" },
      "我在[^，。！？\\s]{1,12}(?:上班|工作|实习|读书|上学|念书)|我是(?:一?[个名位])?[^，。！？\\s]{0,6}(?:老师|医生|"
      "护士|工程师|程序员|学生|"
      "会计|律师|设计师|司机|厨师|编辑|记者|经理|店员|公务员)|我(?:是)?(?:做|学)[^，。！？\\s]{1,8}的|\\bI work "
      "(?:at|for|in|as)\\b|\\bI(?:'m|"
      " am) an? (?:\\w+ ){0,2}(?:teacher|doctor|nurse|engineer|programmer|developer|student|accountant|lawyer|designer|"
      "driver|cook|chef|editor|journalist|manager|writer|translator|musician)\\b|\\bI study\\b|\\bmy job\\b",
      { { "你是做什么的？", "你是怎么开始做这一行的？", NULL },
        { "What do you do?", "How did you come to do that?", NULL } } },
    { TWIN_ABOUT,
      "place",
      { "住处和家乡", "where from" },
      "我住|我家(?:在|住)|我老家|老家(?:在|是)|我(?:出生|长大|从小)在?|我是(?!.{0,4}(?:好|坏|男|女|别|大|老|工|病|个)"
      "人)\\p{Han}{2,6}人|\\bI "
      "live\\b|\\bI(?:'m| am) from\\b|\\bI grew up\\b|\\bmy home ?town\\b|\\bI(?:'ve| have) moved to\\b",
      { { "你住在哪儿？", "你是哪里人，在哪儿长大的？", NULL },
        { "Where do you live?", "Where are you from, and where did you grow up?", NULL } } },
    { TWIN_ABOUT,
      "kin",
      { "自己的家人", "own family" },
      "我(?:的|家)?(?:爸|妈|父亲|母亲|老公|老婆|丈夫|妻子|女儿|儿子|孩子|哥|姐|弟|妹|爷爷|奶奶|外公|外婆|姥姥|姥爷|"
      "男朋友|女朋友|对象)|我(?:单身|结婚|"
      "离婚)|\\bmy (?:mum|mom|mother|dad|father|parents|brother|sister|son|daughter|kids|husband|wife|boyfriend|"
      "girlfriend|partner|grandma|grandpa)\\b|\\bI(?:'m| am) (?:single|married|divorced)\\b",
      { { "你家里都有谁？", "你结婚了吗，有对象吗？", NULL },
        { "Who is in your family?", "Are you married, or with somebody?", NULL } } },
};

const struct twin_gap_words twin_gaps[TWIN_GAPS] = {
    { "feelings",
      1.0,
      { "不好的情绪", "negative feelings" },
      { "人很少把不好的情绪写下来：自己的话里说到它们的不到 1%，分身会比本人开朗",
        "people rarely write these down: under 1 % of the own lines do, and the twin will be more cheerful than the "
        "person" },
      { { NULL }, { NULL } } },
    { "partner",
      60,
      { "只有一个聊天对象", "only one partner" },
      { "超过 60% 的一问一答是和同一个人：它对谁说话都会像对这个人",
        "over 60 % of the exchanges are with one person: it will talk to everybody as to them" },
      { { "你会怎么跟一个刚认识的人打招呼？", "跟长辈或者领导说话，你会怎么说？", "陌生人向你问路，你怎么回？" },
        { "How do you greet somebody whom you have just met?", "How do you talk to somebody older, or to a boss?",
          "A stranger asks you for directions: what do you say?" } } },
    { "language",
      5,
      { "只有一种语言", "only one language" },
      { "另一种语言的话不到 5%：用那种语言，它说话不像本人",
        "less than 5 % is in the other language: in that one it will not sound like the person" },
      { { "你好，最近怎么样？", "你是谁？介绍一下自己。", "你平时用中文聊天吗？" },
        { "Hi, how are you?", "Who are you? Tell me about yourself.", "Do you talk in English at all?" } } },
    { "old",
      2,
      { "都是旧的", "all of it is old" },
      { "最后一条也是两年以前的：它不知道后来的事，说的是当时的话",
        "the last of it is more than two years ago: it knows nothing since, and talks as then" },
      { { "这两年你的生活有什么变化？", "现在你最常和谁来往？", NULL },
        { "What has changed in your life in the last two years?", "Whom do you see most these days?", NULL } } },
    { "terse",
      40,
      { "话太短", "lines are very short" },
      { "超过 40% 的话只有一个词：它会像这样只回一个词",
        "over 40 % of the lines are a single word: so will its answers be" },
      { { "最近有什么事让你高兴？从头说说。", "说说你最好的一个朋友。", "如果明天放一天假，你会怎么过？" },
        { "What made you happy lately? Tell it from the start.", "Tell me about your best friend.",
          "If you had tomorrow off, how would you spend it?" } } },
    { "texts",
      1,
      { "没有长文", "no longer texts" },
      { "没有日记、笔记或长信：第二步（事实）没有可问的",
        "there are no notes, diaries or long letters: the second step (facts) has nothing to ask about" },
      { { "用几句话说说你这一年。", "说说你从小到大住过的地方。", NULL },
        { "Tell me of the past year in a few sentences.", "Tell me of the places where you have lived.", NULL } } },
};
