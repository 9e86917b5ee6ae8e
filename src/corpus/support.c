#include "corpus/support_private.h"

#include "base/utf8.h"
#include "base/number.h"
#include "corpus/table.h"
#include "mind/prompt.h"
#include "mind/summary_true.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NOVEL_RUN 2      /* Chinese characters in a row that the source does not have: a word of its own */
#define NOVEL_CLAUSE 0.6 /* of a clause's */
#define NOVEL_SHARE 0.2  /* of an answer's words */
#define ROOM 4           /* words of an answer in which one may be new */
#define SHORT_WORD 3     /* letters; shorter words are what sentences are made of */
#define LEAST_ZH 2       /* characters of the passage in an answer */

/* ---- words ---- */

/* Characters of which every Chinese talk is made. */
static const char common_zh[] = "的一是了我你您他她它们咱俺在有个这那不没也都就还很和与跟同而且但或者因为所以如果要么的"
                                "地得着过吧吗呢啊呀哦嗯嘛哎唉哈嘿啦喽呗哟"
                                "什么怎样哪谁几多少些点儿里外上下中前后左右边面来去到从向往给把被让叫做会能可该应想要愿"
                                "觉知道看见听说讲话问答自己人家事情东西"
                                "时候天今明昨早晚现再又才只最太更挺真好坏大小对错当然其实反正算虽过总常老每次回第两三起"
                                "出进开始完成用以之于及等其此并则吃喝住走"
                                "坐站拿放找帮喜欢爱怕烦懒记忘笑像样子种件位头心里面实际特别非常直经已曾将正刚别啥咋俩";
/* English words of three letters and more that say nothing by themselves. */
static const char *const common_en[] = {
    "the",      "and",     "but",       "for",      "not",       "nor",      "you",     "she",   "her",    "hers",
    "him",      "his",     "its",       "our",      "who",       "how",      "why",     "was",   "are",    "did",
    "has",      "let",     "may",       "might",    "must",      "get",      "gets",    "got",   "too",    "any",
    "all",      "out",     "off",       "one",      "ones",      "own",      "now",     "yet",   "say",    "see",
    "way",      "lot",     "bit",       "put",      "sure",      "i'm",      "i'd",     "it'll", "he's",   "she's",
    "we're",    "once",    "both",      "him",      "nah",       "ago",      "that",    "this",  "with",   "from",
    "have",     "been",    "were",      "will",     "would",     "could",    "should",  "what",  "when",   "where",
    "which",    "there",   "their",     "they",     "them",      "then",     "than",    "your",  "yours",  "mine",
    "about",    "after",   "before",    "because",  "just",      "only",     "really",  "quite", "very",   "much",
    "many",     "some",    "more",      "most",     "such",      "also",     "even",    "still", "always", "never",
    "often",    "usually", "sometimes", "well",     "yeah",      "yes",      "okay",    "sure",  "maybe",  "honestly",
    "actually", "like",    "likes",     "liked",    "love",      "know",     "think",   "guess", "mean",   "tell",
    "said",     "says",    "goes",      "going",    "come",      "comes",    "came",    "went",  "make",   "made",
    "makes",    "take",    "takes",     "took",     "give",      "gave",     "gives",   "keep",  "keeps",  "kept",
    "thing",    "things",  "someone",   "somebody", "people",    "myself",   "here",    "into",  "over",   "back",
    "does",     "doesn't", "didn't",    "don't",    "isn't",     "wasn't",   "can't",   "won't", "it's",   "that's",
    "there's",  "i've",    "i'll",      "being",    "had",       "ever",     "every",   "each",  "until",  "since",
    "though",   "while",   "without",   "around",   "something", "anything", "nothing", "want",  "wants",  "wanted",
    "need",     "have",    "called",    "name",     "named",     "course",   "little",  "long",  "time",   "pretty",
    "truth",    "haven't", "who's",     "what's",   "can",       "used",
};

bool atom_next(const char *text, size_t *at, struct atom *out)
{
    char one[8] = "";
    for (size_t i = *at, len; text[i]; i += len) {
        uint32_t c = utf8_decode(text + i, strlen(text + i), &len);
        if (utf8_is_han(c)) {
            memcpy(one, text + i, len);
            *out = (struct atom){ text + i, len, true, strstr(common_zh, one) != NULL };
        } else if (c < 0x80 && isalnum((int)c)) {
            size_t word = i;
            len = true_word(text, &word);
            *out = (struct atom){ text + i, len, false,
                                  len < SHORT_WORD && !true_name_at(text, i, len) && !isdigit((unsigned char)text[i]) };
            for (size_t k = 0; k < sizeof(common_en) / sizeof(common_en[0]) && !out->common; k++)
                out->common = strlen(common_en[k]) == len && strncasecmp(common_en[k], text + i, len) == 0;
        } else {
            continue;
        }
        *at = i + len;
        return true;
    }
    return false;
}

bool atom_in(const struct atom *a, const char *text)
{
    char one[8];
    if (!a->chinese)
        return true_stem_occurs(text, a->at, a->n);
    memcpy(one, a->at, a->n);
    one[a->n] = '\0';
    return strstr(text, one) != NULL;
}

/* ---- what is known ---- */

static const char *asked_under(struct arena *arena, const struct support_source *s, const char *question)
{
    return arena_printf(arena, "%s\n%s\n%s", s->heading, s->title, question ? question : "");
}

/* All that is known but for the passage, in one text; question NULL: without one. */
static const char *beside(struct arena *arena, const struct support_source *s, const char *question)
{
    const char *all = asked_under(arena, s, question);
    for (size_t i = 0; i < s->n_facts && all; i++)
        all = arena_printf(arena, "%s\n%s", all, s->facts[i]);
    for (size_t i = 0; i < s->n_self && all; i++)
        all = arena_printf(arena, "%s\n%s", all, s->self[i]);
    return all;
}

static const char *known(struct arena *arena, const struct support_source *s, const char *question)
{
    const char *other = beside(arena, s, question);
    return other ? arena_printf(arena, "%s\n%s", s->passage, other) : NULL;
}

static const char *copy_of(struct arena *arena, const char *text, size_t n)
{
    const char *copy = arena_strndup(arena, text, n);
    return copy ? copy : "";
}

/* ---- numbers ---- */

static bool stands_in(const struct number *n, const char *text)
{
    struct number there;
    for (size_t k = 0; number_next(text, &k, &there);)
        if (number_same(n, &there))
            return true;
    return false;
}

static const char *numbers(struct arena *arena, const char *text, const char *source)
{
    struct number n;
    for (size_t at = 0; number_next(text, &at, &n);)
        if (!stands_in(&n, source))
            return copy_of(arena, text + n.start, n.end - n.start);
    return NULL;
}

/* Whether a sentence says something of what text says, numbers and measures aside. */
static bool has_to_do(const char *text, const char *sentence)
{
    struct number n;
    struct atom a;
    size_t at = 0, next = 0;
    bool more = number_next(text, &next, &n);
    while (atom_next(text, &at, &a)) {
        size_t where = (size_t)(a.at - text);
        while (more && where > n.end) /* the character behind a number is its measure */
            more = number_next(text, &next, &n);
        bool counts = more && where >= n.start && where <= n.end;
        if ((!a.common || (!a.chinese && a.n > SHORT_WORD)) && !counts && atom_in(&a, sentence))
            return true;
    }
    return false;
}

/* A fact is bare ("27", "11-03"): it tells an age, a year, a date, not how many roads there are. */
static bool is_fact(const struct number *n, const struct support_source *s)
{
    bool found = false;
    for (size_t i = 0; i < s->n_facts && !found; i++)
        found = stands_in(n, s->facts[i]);
    return found && (n->unit == NUMBER_YEAR || n->unit == NUMBER_MONTH || n->unit == NUMBER_DATE || n->value > 12);
}

/* A number of the answer is that of a sentence which has to do with question or answer: "I am eight" is not in "At eight she fell off
 * her bicycle". What else is known (facts, heading, question) needs no sentence. */
static const char *numbers_in_place(struct arena *arena, const struct support_source *s, const char *question,
                                    const char *answer)
{
    const char *elsewhere = asked_under(arena, s, question);
    struct number n;
    for (size_t at = 0; elsewhere && number_next(answer, &at, &n);) {
        bool found = stands_in(&n, elsewhere) || is_fact(&n, s);
        for (size_t i = 0, len; !found && (len = clause_next(s->passage, &i, true)) > 0; i += len) {
            const char *sentence = copy_of(arena, s->passage + i, len);
            found = stands_in(&n, sentence) && (has_to_do(answer, sentence) || has_to_do(question, sentence));
        }
        if (!found)
            return copy_of(arena, answer + n.start, n.end - n.start);
    }
    return elsewhere ? NULL : "";
}

/* ---- names ---- */

static const char *const places[] = {
    "北京", "上海", "天津",   "重庆", "广州",   "深圳",     "杭州",   "南京",     "苏州", "成都",   "武汉", "西安",
    "长沙", "郑州", "青岛",   "济南", "大连",   "沈阳",     "哈尔滨", "长春",     "厦门", "福州",   "泉州", "宁波",
    "温州", "绍兴", "嘉兴",   "无锡", "合肥",   "南昌",     "昆明",   "大理",     "丽江", "贵阳",   "南宁", "桂林",
    "海口", "三亚", "兰州",   "西宁", "银川",   "乌鲁木齐", "拉萨",   "呼和浩特", "太原", "石家庄", "香港", "澳门",
    "台北", "高雄", "珠海",   "东莞", "佛山",   "广东",     "浙江",   "江苏",     "四川", "湖南",   "湖北", "山东",
    "河南", "河北", "福建",   "江西", "安徽",   "云南",     "贵州",   "广西",     "陕西", "山西",   "甘肃", "青海",
    "新疆", "西藏", "海南",   "东北", "内蒙古", "黑龙江",   "吉林",   "辽宁",     "中国", "美国",   "英国", "法国",
    "德国", "日本", "东京",   "大阪", "京都",   "韩国",     "首尔",   "伦敦",     "巴黎", "纽约",   "柏林", "加拿大",
    "澳洲", "悉尼", "新加坡", "西湖", "长江",   "黄河",     "太湖",
};
/* Family names that hardly any other word begins with. */
static const char *const surnames[] = { "王", "李", "刘", "陈", "杨", "赵", "吴", "徐", "孙", "朱", "胡", "郭",
                                        "林", "罗", "郑", "梁", "宋", "唐", "邓", "冯", "韩", "曹", "曾", "彭",
                                        "萧", "蔡", "潘", "袁", "董", "杜", "丁", "蒋", "沈", "魏", "薛", "阎",
                                        "傅", "卢", "汪", "崔", "廖", "姚", "邱", "侯", "邹", "孟", "秦", "尹",
                                        "郝", "龚", "邵", "贺", "黎", "周", "何", "张", "苏" };
static const char *const no_names[] = { "周末", "周日", "周一", "周二", "周三", "周四", "周五", "周六", "周围", "周年",
                                        "周边", "何必", "何况", "张罗", "张开", "张嘴", "曾经", "林子", "孙子", "孙女",
                                        "胡说", "胡子", "胡同", "徐徐", "陈旧", "陈年", "朱红", "唐诗", "郑重", "苏打",
                                        "苏醒", "沈默", "张口", "黎明", "丁点", "梁上", "宋词", "秦腔", "胡椒", "胡乱",
                                        "曾祖", "何时", "何处", "何人", "贺卡", "王子", "王国" };

static bool begins_with(const char *text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strncmp(text, list[i], strlen(list[i])) == 0)
            return true;
    return false;
}
#define BEGINS(text, list) begins_with(text, list, sizeof(list) / sizeof((list)[0]))

/* Behind a mark, or behind a word that somebody's name may follow. */
static bool may_begin_name(const char *text, size_t at)
{
    static const char *const before[] = { "和", "跟", "叫", "是", "找", "给", "对", "问", "让", "请", "向", "被", "把",
                                          "与", "同", "见", "陪", "帮", "姓", "的", "友", "弟", "爸", "妈", "东" };
    if (at < 3 || (unsigned char)text[at - 1] < 0x80)
        return true;
    uint32_t c;
    size_t len;
    c = utf8_decode(text + at - 3, 3, &len);
    return !utf8_is_han(c) || BEGINS(text + at - 3, before);
}

static bool chinese_names(struct arena *arena, const char *text, const char *source, const char **what)
{
    static const char *const titles[] = { "老师", "先生", "女士", "医生", "大夫", "师傅", "叔",
                                          "伯",   "姨",   "奶奶", "爷爷", "经理", "老板" };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (strstr(text, places[i]) && !strstr(source, places[i])) {
            *what = places[i];
            return false;
        }
    for (size_t i = 0, len; text[i]; i += len) {
        utf8_decode(text + i, strlen(text + i), &len);
        if (len != 3 || !text[i + 3] || (unsigned char)text[i + 3] < 0x80 || !BEGINS(text + i, surnames))
            continue;
        const char *pair = copy_of(arena, text + i, 6);
        bool titled = BEGINS(text + i + 3, titles);
        size_t next;
        if ((titled || may_begin_name(text, i)) && utf8_is_han(utf8_decode(text + i + 3, 3, &next)) &&
            !BEGINS(pair, no_names) && !strstr(source, pair)) {
            *what = pair;
            return false;
        }
    }
    return true;
}

/* Quoted words and titles of books stand there as they are. */
static bool quotes(struct arena *arena, const char *text, const char *source, const char **what)
{
    static const char *const marks[][2] = { { "《", "》" }, { "“", "”" }, { "「", "」" }, { "‘", "’" } };
    const char *folded = corpus_fold(arena, source);
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        for (const char *at = text, *end; (at = strstr(at, marks[i][0])); at = end) {
            at += strlen(marks[i][0]);
            end = strstr(at, marks[i][1]);
            if (!end)
                break;
            const char *quoted = copy_of(arena, at, (size_t)(end - at)), *small = corpus_fold_question(arena, quoted);
            if (!folded || !small || !strstr(folded, small)) {
                *what = quoted;
                return false;
            }
        }
    return true;
}

static bool word_occurs(const char *source, const char *word, size_t n)
{
    for (size_t at = 0, m; (m = true_word(source, &at)) > 0; at += m)
        if (m == n && strncasecmp(source + at, word, n) == 0)
            return true;
    return false;
}

static bool names(struct arena *arena, const char *text, const char *source, const char **what)
{
    bool chinese = strcmp(prompt_language(text), "zh") == 0;
    for (size_t at = 0, n; (n = true_word(text, &at)) > 0; at += n) {
        bool name = true_name_at(text, at, n) || (chinese && isalpha((unsigned char)text[at]));
        struct number number;
        size_t k = at;
        bool counts = number_next(text, &k, &number) && number.start == at;
        if (name && !counts && !word_occurs(source, text + at, n)) {
            *what = copy_of(arena, text + at, n);
            return false;
        }
    }
    const char *stranger = support_stranger(text, source);
    if (stranger)
        *what = stranger;
    return !stranger && chinese_names(arena, text, source, what) && quotes(arena, text, source, what);
}

/* ---- words that are not there ---- */

/* Numbers have been looked at. */
static bool is_numeral(const struct atom *a)
{
    struct number n;
    size_t at = 0;
    char one[32];
    snprintf(one, sizeof(one), "%.*s", (int)(a->n < sizeof(one) ? a->n : sizeof(one) - 1), a->at);
    return number_next(one, &at, &n);
}

static bool words_of(struct arena *arena, const char *text, const char *source, double share, const char **what)
{
    size_t all = 0, novel = 0, run = 0;
    const char *begin = text;
    struct atom a;
    *what = "";
    for (size_t at = 0; atom_next(text, &at, &a);) {
        bool is_new = !a.common && !is_numeral(&a) && !atom_in(&a, source);
        all += !a.common;
        novel += is_new;
        if (!is_new || (run && begin + 3 * run != a.at))
            run = 0;
        if (is_new && !run)
            begin = a.at;
        run += is_new && a.chinese;
        if (is_new && (!**what || run == NOVEL_RUN))
            *what = copy_of(arena, begin, a.chinese ? 3 * run : a.n);
        if (run == NOVEL_RUN)
            return false;
    }
    return novel == 0 || (novel == 1 && all >= ROOM) ||
           (double)novel <= share * (double)all; /* one is a way to put it */
}

/* All together, and each clause: a long answer has room for one that is made up. */
static bool words(struct arena *arena, const char *text, const char *source, const char **what)
{
    bool good = words_of(arena, text, source, NOVEL_SHARE, what);
    for (size_t i = 0, n; good && (n = clause_next(text, &i, false)) > 0; i += n)
        good = words_of(arena, copy_of(arena, text + i, n), source, NOVEL_CLAUSE, what);
    return good;
}

/* Enough of the passage, or of a fact, in the answer that the question does not say already. */
static bool enough(const char *text, const char *source)
{
    size_t found = 0, latin = 0;
    struct atom a;
    struct number n;
    size_t at = 0;
    while (atom_next(text, &at, &a))
        if (!a.common && atom_in(&a, source)) {
            found++;
            latin += !a.chinese;
        }
    at = 0;
    return found >= LEAST_ZH || latin || number_next(text, &at, &n);
}

/* ---- the first person ---- */

static bool first_person(const struct support_source *s, const char *question, const char *answer)
{
    static const char *const self[] = { "I",    "I'm", "I've", "I'd", "I'll", "me", "my",
                                        "mine", "we",  "our",  "us",  "我",   "咱" };
    static const char *const third[] = { "she", "he", "her", "his", "him", "she's", "he's", "她", "他" };
    static const char *const you[] = { "你", "您", "You ", "Your ", "She ", "He ", "Her ", "His ", "她", "他" };
    static const char *const asked[] = { "he", "she", "him", "her", "his", "they", "who", "他", "她", "谁" };
    answer += strspn(answer, " \"");
    bool other = HAS(question, asked) || support_other(question);
    if (BEGINS(answer, you) && !other)
        return false;
    if (HAS(answer, self))
        return true;
    for (size_t i = 0; i < s->n_self; i++) /* "Lin has a shop"; but "Lin." answers who one is */
        if (true_has(answer, &s->self[i], 1) && strlen(answer) > 2 * strlen(s->self[i]) + 4)
            return false;
    return !HAS(answer, third) || other || support_other(answer); /* of whom, else? */
}

/* ---- doors ---- */

enum support_doubt support_question(struct arena *arena, const struct support_source *source, const char *question,
                                    const char **what)
{
    const char *all = known(arena, source, NULL), *number = all ? numbers(arena, question, all) : "";
    *what = number ? number : "";
    if (number)
        return SUPPORT_NUMBER;
    return names(arena, question, all, what) ? SUPPORT_OK : SUPPORT_NAME;
}

enum support_doubt support_answer(struct arena *arena, const struct support_source *source, const char *question,
                                  const char *answer, const char **what)
{
    const char *all = known(arena, source, question), *told = known(arena, source, NULL);
    *what = "";
    if (!all || !told)
        return SUPPORT_LITTLE;
    if (!first_person(source, question, answer))
        return SUPPORT_PERSON;
    const char *number = numbers_in_place(arena, source, question, answer);
    if (number) {
        *what = number;
        return SUPPORT_NUMBER;
    }
    if (!names(arena, answer, all, what))
        return SUPPORT_NAME;
    if (!words(arena, answer, all, what))
        return SUPPORT_WORDS;
    if (!enough(answer, told))
        return SUPPORT_LITTLE;
    return support_clauses(arena, source, answer, what);
}

static const struct {
    const char *name, *words;
} doubts[SUPPORT_DOUBTS] = {
    [SUPPORT_OK] = { "ok", "borne out" },
    [SUPPORT_NUMBER] = { "number", "a number that is not there" },
    [SUPPORT_NAME] = { "name", "a name that is not there" },
    [SUPPORT_WORDS] = { "words", "things that are not there" },
    [SUPPORT_LITTLE] = { "little", "next to nothing of the text" },
    [SUPPORT_NOT] = { "not", "yes for no, or no for yes" },
    [SUPPORT_WHOSE] = { "whose", "what is somebody else's" },
    [SUPPORT_PERSON] = { "person", "not in the first person" },
};

const char *support_name(enum support_doubt doubt) { return doubts[doubt].name; }
const char *support_words(enum support_doubt doubt) { return doubts[doubt].words; }
