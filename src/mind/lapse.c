#include "mind/lapse.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "base/utf8.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* A sentence that has this much in common with one said before is the same one. */
#define ALIKE 0.72
#define BRIEF 20   /* letters of a reply that is compared as a whole */
#define SHORTEST 5 /* letters: "嗯，好。" may come again */
#define COULD_BE_ALIKE 0.85
#define HINT_QUOTE 60 /* bytes */

/* The lists are searched as one expression each; a line holds some alternatives. */
static const char *const vendor[] = {
    "(made|created|developed|trained|built|powered|run) by [^.!?\\n]{0,12}(qwen|alibaba|open "
    "?ai(?![a-z])|anthropic|google|meta|deepseek|mistral)",
    "(我(们)?|本(人|模型|助手|AI)|\\b(I|I'm|I've|me|my|we)\\b)[^。！？!?\\n]{0,60}?(阿里|通义|千问|qwen|alibaba|open "
    "?ai(?![a-z])|chat ?gpt|(?<![a-z])gpt|anthropic|claude|gemini|google|谷歌|deepseek|深度求索|llama|meta "
    "ai|microsoft|微软|百度|文心|豆包|字节跳动|腾讯|混元|智谱|mistral|copilot)",
    "(阿里云|通义|千问|qwen|alibaba|open "
    "?ai(?![a-z])|anthropic|deepseek|百度|腾讯|谷歌|微软)[^。！？!?\\n]{0,16}(开发|研发|训练|创造|推出|创建|developed|"
    "created|"
    "made|trained|built)",
    NULL,
};

static const char *const machine[] = {
    "我(只|就|其实|也|确实|的确|当然)?(只|就)?是(一(个|名|款|种|台|位))?[^。！？!?，,\\n不]{0,12}(人工智能|\\bAI|"
    "语言模型|大模型|模型|机器人|虚拟|助手|助理|程序|软件)",
    "我(就|只|真|也|本来)?(是|叫)[^。！？!?\\n]{0,40}?((AI|人工智能|智能|虚拟|聊天)(助手|模型|程序|机器人)|语言模型|"
    "的AI\\b)",
    "(作为|身为|以)(一(个|名|款|种|位))?[^。！？!?，,\\n]{0,6}((?<![a-z])AI(?![a-z])|人工智能|语言模型|大模型|机器人|"
    "虚拟|智能助手|聊天助手|程序)",
    "我(是)?(被|由|经过)[^。！？\\n]{0,16}(开发|训练|设计|创造|研发|编程|创建)",
    "\\b(I am|I'm)( just| only| actually| really| still| simply| merely)?( an?| your| the)? (?!old |not |(?:just "
    "|still )?(?!something |anything )\\w+ing |(?:at|in|on|with|by|for|from|behind) "
    "(?!(?:fact|truth|reality|essence|nature|design|heart|all honesty)\\b))[^.,!?\\n]{0,24}\\b(AI|artificial|language "
    "model|assistant|chat "
    "?bot|bot|robot|computer|program|virtual|machine|software|digital)\\b",
    "\\b(I am|I'm) [^.,!?\\n]{1,16}, (an?|the|your|just an?) [^.,!?\\n]{0,16}\\b(AI|language model|chat "
    "?bot|bot|robot|virtual|artificial)\\b",
    "\\bas an? (AI|artificial|language|machine|computer|virtual|digital|text|chat)",
    "I (was|am|have been) (created|developed|designed|trained|programmed|built|made) (by|to|as|with|for|on)",
    "my (training|programming|developers|creators)\\b",
    NULL,
};

static const char *const service[] = {
    "(有什么|有啥|还有什么|什么|怎么|如何)[^。！？\\n]{0,8}(可以|能|需要|想要?)[^。！？\\n]{0,4}(帮|为)[^。！？\\n]{0,"
    "2}(助|到|忙|您|你|我)",
    "需要(我的?)?(帮助|帮忙|协助)|(随时|尽管)[^。！？\\n]{0,6}(告诉我|问我|提问|联系|找我|说)",
    "很高兴(能)?(为|帮|认识|见到|与|和)",
    "(乐意|愿意|很高兴)[^。！？\\n]{0,4}(帮助|协助|解答|为[你您])",
    "如果(你|您)[^。！？\\n]{0,14}(问题|疑问|帮助|需要)[^。！？\\n]{0,12}(告诉|问|联系|随时|请)",
    "(我会|我将|我可以)(尽力|尽我所能|尽量|努力)?[^。！？\\n]{0,4}(帮助|协助|解答|为[你您]提供|提供)",
    "希望[^。！？\\n]{0,10}(帮助|有用|有所帮助)|您|祝(你|您)(学习|工作|生活|一切)",
    "感谢(你|您)的(提问|理解|支持|反馈|信任)|(以下|下面)是|以下几|首先[，,]|为您服务",
    "请问(你|您)?(有|需要)|抱歉[，,]?(但)?我(无法|不能)|对不起[，,]?(但)?我(无法|不能)",
    "我理解(你|您)的",
    "(how|what) (can|may|could|else can) I (help|assist|do for|be of)",
    "what (would you like me|do you need me) to",
    "(anything|something) (else |specific |in particular )?(I can|you('d| would) like (me )?(to|help)|you need|on your "
    "mind you)",
    "let me know (if|how|what) (you|I)|feel free to",
    "(I'm|I am) (always |just |only )*(here|available|ready|happy|glad|able) (to|for) "
    "(help|assist|listen|support|answer|chat|you|talk)",
    "here to help|happy to (help|assist|chat)|glad (I could|to (help|hear from))",
    "(provide|give) (me |us )?(with )?(some |a bit )?more (context|details|information)|not sure what (you're|you are) "
    "asking",
    "(提供|给出?)(一些|我|更)*(多|具体|详细)的?(信息|细节|背景|上下文)",
    "\\bcan help (you )?with|提示词如下|(prompt|instructions?) (is|are|as follows)\\b|don't hesitate",
    "hope (this|that) helps",
    "(I'm|I am) sorry,? (but )?I (can't|cannot|can not|don't have|am not able|am unable)",
    "(I can't|I cannot) (assist|help) (you )?with|here are (some|a few|the)",
    "(I'd|I would|I'll) be (happy|glad) to|you might want to consider",
    "thank you for (your|asking|sharing|reaching)|how may I|in (summary|conclusion)",
    "of course! (here|i)|certainly!|^\\s*[（(\\[]",
    "(你|您)?(还)?有(没有?)?(什么|啥|哪些)(特别|具体|其他|别的)?的?(想|要|打算|计划|想法|建议|看法|安排|问题)[^。！？]{"
    "0,8}(吗|呢|么)?[？?]",
    "每个人都(有|会|是)|(很|非常)(遗憾|抱歉)|我很高兴(你|能|听|认)",
    "谢谢你(告诉|分享|的(分享|信任))|是(件|个)(大|好|很好的)?(事|事情)[，。]",
    "(要|请|别忘了?)注意(安全|身体|休息)|保持(积极|乐观|冷静|联系|好心情)|我(能|可以)理解",
    "(可以|试着|尝试|建议)[^。！？]{0,6}(沟通|交流|放松|调整|寻求)|相信(你|自己)|一切都会",
    "(it's|it is) (always )?(important|essential|crucial|great|good|okay|normal|natural|understandable|a "
    "(good|great|common))\\b",
    "that's (great|good|wonderful|understandable|a (great|good|pity|common))\\b",
    "I'm (so |really |very )?sorry to hear|it (really )?depends on",
    "(have you|you (could|might|should)|maybe you should) (try|consider|tried|considered|talk|reach|take|focus)",
    "try to (stay|focus|talk|relax|take)|good luck (with|on)|is there anything (else|I can|you need)",
    "\\bremember,? (that )?(you|it's)\\b|take care of yourself|you are not alone|you're not alone",
    "(最近|平时|今天|生活)(还)?有(没有?)?(什么|啥|没啥|哪些)[^。！？\\n]{0,8}(吗|呢|事|发现|爱好|计划|安排|打算)|"
    "(新|好)的?(爱好|习惯|发现|鲜事)|多(一?点|一些)(耐心|宽容|理解|沟通|时间)|谢谢(你的|夸奖|关心)",
    "重要的是|关键(是|在于)|应对|寻求|克服|不要(气馁|灰心|放弃|担心)|(我们|大家)都(有|会|是人)|记住[，：]|会好起来|多("
    "听|交流|沟通|休息|喝水)|要改正",
    "(你|您)(可以|应该|需要|不妨)(先|多|去)?(试试|尝试|考虑|学会|学习|保持|放松|调整)|希望(你|一切)|请(告诉|放心)",
    "you (should|could|might|may|can) (always |also )?(try|consider|want to|take|talk to|focus|start by|think "
    "about|make sure)|make sure (to|you)|take (your time|a deep breath|a break|some time|it easy)",
    "(sounds|must be|must have been|must feel|can be) (like a |like an |a |an )?(really |very |quite |so |pretty "
    ")*(tough|challenging|difficult|frustrating|hard|stressful|exciting|great|wonderful|lovely|fun|interesting)",
    "I (can )?(completely |totally |fully )?understand (that|how|what|your|you)|I can imagine|everything will be|will "
    "(all )?be (okay|fine|alright)|stay (positive|strong|safe|calm)|believe in yourself|step at a time",
    "have a (great|nice|wonderful|lovely|good) (day|time|evening|weekend|trip)|hope (you|it|everything)|thanks for "
    "(sharing|asking|reaching|letting)|(any|some) (other |new )?(hobbies|plans|interests|exciting)",
    "\\bremember to\\b|(it's|it is) (always |usually )?(best|better) to|important (to|that|thing)|what about "
    "yourself|^(certainly|absolutely|definitely)\\b",
    NULL,
};

/* Claims that need no name: here the "not" is what is wrong. */
static const char *const denial[] = {
    "我(没有|不具备|不拥有|并没有|并不具备)[^。！？!?\\n]{0,8}(身体|实体|肉体|物理|意识(?!到)|情感|感情|个人身份|人类|"
    "真实|"
    "生命)",
    "我(并|又|其实|确实)?不是(真实?的?|活)?人(类)?([。，！,.!]|$)|没有(身体|实体|肉体|血有|血肉)",
    "我(是|就|一般|平时)?(运行|部署)(在|于)",
    "I (don't|do not) have (a (physical |real )?body|feelings(?! for)|emotions|consciousness|a physical|personal "
    "(experience|feeling|opinion|preference))",
    "(I'm|I am) not (really |actually )?(a |an )?((actual|real|living|breathing|human),? ){0,2}(person|human)\\b(?! "
    "(who|to|that|of))",
    "\\b(I|I'm|I am) run(s|ning)? on (a |an |the )?(linux|windows|server|computer|cloud|laptop|machine|GPU|CPU|python)",
    NULL,
};

/* Asked who it is, a name alone is a claim: "Model: …", "I'm Lin, a bot". */
static const char *const brands[] = {
    "阿里|通义|千问|qwen|alibaba|open ?ai(?![a-z])|chat "
    "?gpt|(?<![a-z])gpt|anthropic|claude|gemini|google|谷歌|deepseek|深度求索",
    "llama|meta ai|microsoft|微软|百度|文心|豆包|字节跳动|腾讯|混元|智谱|mistral|copilot",
    NULL,
};
static const char *const kinds[] = {
    "人工智能|(?<![a-z])AI(?![a-z])|语言模型|大模型|机器人|虚拟|助手|助理|聊天程序|language "
    "model|artificial|\\bassistant|"
    "chat ?bot|\\b(ro)?bot\\b|virtual",
    NULL,
};
static const char *const inhuman[] = {
    "不是(真实?的?|活)?人(类)?([。，！,.!]|$)|\\bnot (a |an )?(real |living )?(person|human)\\b|回答(你的|您的)?问题",
    NULL,
};

/* The words that make the first two a lapse. */
static const char *const names[] = {
    "阿里|通义|千问|qwen|alibaba|open ?ai(?![a-z])|chat "
    "?gpt|gpt|anthropic|claude|gemini|google|谷歌|deepseek|深度|llama",
    "meta ai|microsoft|微软|百度|文心|豆包|字节|腾讯|混元|智谱|mistral|copilot|人工智能|AI|语言模型",
    "大模型|模型|机器人|虚拟|助手|助理|程序|软件|artificial|language model|assistant|chat ?bot|bot|robot",
    "computer|program|virtual|machine|software|digital",
    NULL,
};

static const char *const negation[] = {
    "不是|并非|不叫|没有什么|哪(有|是)|谁说|又不|才不|没(听|用|见)|不(认识|知道|懂|会|归|属)",
    "跟.{0,6}没关系|\\bnot\\b|n't\\b|\\bno\\b|never|neither|nor\\b|nothing",
    NULL,
};

static const char *const list[] = {
    "(^|\\n)\\s*([-*•#]|\\d{1,2}[.)、](?!\\d)|[（(]\\d)\\s?\\S|\\*\\*", /* 37.5 and 2009 are no list */
    NULL,
};

static const char *const wants[] = {
    "列(出|一|个|举)|清单|步骤|几(条|点|个(方法|建议|例子))|怎么(做|写|弄|修|设置|安装)|菜谱",
    "食谱|代码|计划|大纲|总结|翻译|对比|区别|表格|写(一|首|个|篇|段|封)|\\blists?\\b|steps?|recipe",
    "how (do|to|can) |code|outline|plan\\b|summar|translate|compare|table|write (me )?(a|an|some)",
    "explain|examples?",
    NULL,
};

static const struct {
    enum lapse lapse;
    const char *const *expressions;
    bool deniable; /* a "not" before it makes it right */
    bool asked;    /* only in an answer to who it is */
} table[] = {
    { LAPSE_VENDOR, vendor, true, false },    { LAPSE_MACHINE, machine, true, false },
    { LAPSE_MACHINE, denial, false, false },  { LAPSE_VENDOR, brands, true, true },
    { LAPSE_MACHINE, kinds, true, true },     { LAPSE_MACHINE, inhuman, false, true },
    { LAPSE_SERVICE, service, false, false },
};
#define N_TABLE (sizeof(table) / sizeof(table[0]))

struct lapses {
    struct pattern *patterns[N_TABLE];
    struct pattern *names, *negation, *list, *wants;
};

int lapses_create(struct lapses **out, anima_error *err)
{
    struct lapses *l = *out = mem_zero(1, sizeof(*l));
    int rc = l ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    for (size_t i = 0; i < N_TABLE && !rc; i++)
        rc = pattern_create_any(table[i].expressions, PATTERN_CASELESS, &l->patterns[i], err);
    if (!rc)
        rc = pattern_create_any(names, PATTERN_CASELESS, &l->names, err);
    if (!rc)
        rc = pattern_create_any(negation, PATTERN_CASELESS, &l->negation, err);
    if (!rc)
        rc = pattern_create_any(list, PATTERN_CASELESS, &l->list, err);
    if (!rc)
        rc = pattern_create_any(wants, PATTERN_CASELESS, &l->wants, err);
    if (rc) {
        lapses_destroy(l);
        *out = NULL;
    }
    return rc;
}

void lapses_destroy(struct lapses *l)
{
    for (size_t i = 0; l && i < N_TABLE; i++)
        pattern_destroy(l->patterns[i]);
    if (l) {
        pattern_destroy(l->names);
        pattern_destroy(l->negation);
        pattern_destroy(l->list);
        pattern_destroy(l->wants);
    }
    mem_free(l);
}

bool lapse_is_claim(enum lapse why) { return why == LAPSE_VENDOR || why == LAPSE_MACHINE; }

/* ---- what was said ---- */

struct lapse_said {
    struct phrase *sentences, *texts;
    size_t n_sentences, n_texts;
    const struct lapse_said *more; /* or NULL */
};

static size_t count_sentences(const char *text)
{
    size_t n = 0, len;
    for (size_t rest = strlen(text); rest && (len = phrase_sentence(text, rest, true)); text += len, rest -= len)
        n++;
    return n;
}

const struct lapse_said *lapse_remember(struct arena *arena, const char *const *texts, size_t n,
                                        const struct lapse_said *more)
{
    size_t sentences = 0, len;
    for (size_t i = 0; i < n; i++)
        sentences += count_sentences(texts[i]);
    struct lapse_said *said = arena_alloc(arena, sizeof(*said));
    struct phrase *all = arena_alloc(arena, (sentences + n + 1) * sizeof(*all));
    if (!said || !all)
        return NULL;
    *said = (struct lapse_said){ .sentences = all, .texts = all + sentences, .n_texts = n, .more = more };
    for (size_t i = 0; i < n; i++) {
        const char *text = texts[i];
        phrase_read(&said->texts[i], text, strlen(text));
        for (size_t rest = strlen(text); rest && (len = phrase_sentence(text, rest, true)); text += len, rest -= len)
            phrase_read(&said->sentences[said->n_sentences++], text, len);
    }
    return said;
}

/* ---- one sentence ---- */

struct place {
    const char *text; /* of the sentence */
    size_t n;
    bool whole; /* it has ended */
};

enum finding { FINE, COULD_BE, IS };

/* What the checks of one sentence came to. */
struct verdict {
    enum finding found;
    enum lapse why; /* once IS */
    size_t hold;    /* COULD_BE: from here on, in bytes of the sentence */
};

/* Whether the clause in which text ends says "not". */
static bool negated(struct lapses *l, const char *text, size_t n)
{
    static const char *const commas[] = { "，", ",", "；", ";", "、", "而是", "but " };
    size_t from = 0;
    for (size_t at = 0; at < n; at++)
        for (size_t i = 0; i < sizeof(commas) / sizeof(commas[0]); i++)
            if (n - at > strlen(commas[i]) && strncmp(text + at, commas[i], strlen(commas[i])) == 0)
                from = at + strlen(commas[i]);
    return pattern_find(l->negation, text + from, n - from, 0, NULL, NULL);
}

/* Claims: a vendor's name, or a machine's, said of oneself without a "not". */
static enum finding find_phrase(struct lapses *l, size_t i, const struct place *s, size_t *hold)
{
    size_t start, end;
    bool claim = table[i].deniable;
    for (size_t from = 0; from<s->n; from = end> from ? end : from + 1) {
        if (!pattern_find(l->patterns[i], s->text, s->n, from, &start, &end))
            break;
        if (!claim || !negated(l, s->text, end))
            return IS;
    }
    /* Of a claim only the name is held back: what stands before it can be gone on with otherwise. */
    if (s->whole || !pattern_begins(claim ? l->names : l->patterns[i], s->text, s->n, 0, &start, &end))
        return FINE;
    *hold = start;
    return end == s->n && start < end ? COULD_BE : FINE;
}

static enum finding find_list(struct lapses *l, const struct place *s, size_t *hold)
{
    size_t start, end;
    if (!pattern_begins(l->list, s->text, s->n, 0, &start, &end) || start == end)
        return FINE;
    *hold = start;
    return pattern_find(l->list, s->text, s->n, 0, NULL, NULL) ? IS : s->whole ? FINE : COULD_BE;
}

static enum finding compare(const struct phrase *mine, const struct phrase *other, bool whole)
{
    if (other->n < SHORTEST)
        return FINE;
    if (whole)
        return mine->n >= SHORTEST && phrase_alike(mine, other) >= ALIKE ? IS : FINE;
    bool could = mine->n < SHORTEST ? phrase_begins(mine, other) : phrase_within(mine, other) >= COULD_BE_ALIKE;
    return could ? COULD_BE : FINE;
}

/* "I got laid off." - "Laid off? …": a small model that does it once does it every time. */
static bool echoes(const struct phrase *mine, const char *asked, const struct place *s)
{
    struct phrase theirs;
    bool question = s->whole && (memchr(s->text, '?', s->n) || memmem(s->text, s->n, "？", 3));
    if (!question || mine->n < 3 || mine->n > BRIEF)
        return false;
    phrase_read(&theirs, asked, strlen(asked));
    return mine->n < theirs.n && phrase_within(mine, &theirs) >= COULD_BE_ALIKE;
}

static enum finding find_repeat(const struct lapse_rules *r, const struct place *s)
{
    struct phrase mine, asked;
    enum finding worst = FINE;
    phrase_read(&mine, s->text, s->n);
    if (r->asked && echoes(&mine, r->asked, s))
        return IS;
    if (!mine.n || (s->whole && mine.n < SHORTEST))
        return FINE;
    for (const struct lapse_said *said = r->said; said; said = said->more)
        for (size_t i = 0; i < said->n_sentences && worst != IS; i++) {
            enum finding one = compare(&mine, &said->sentences[i], s->whole);
            worst = one > worst ? one : worst;
        }
    if (r->asked && worst != IS && mine.n > SHORTEST + 2) {
        phrase_read(&asked, r->asked, strlen(r->asked));
        enum finding one = compare(&mine, &asked, s->whole);
        worst = one > worst ? one : worst;
    }
    return worst;
}

static enum finding find_language(const struct lapse_rules *r, const struct place *s)
{
    size_t han = 0, words = 0;
    bool in_word = false;
    for (size_t i = 0, len; i < s->n; i += len) {
        uint32_t c = utf8_decode(s->text + i, s->n - i, &len);
        bool letter = (c | 32) - 'a' < 26;
        han += c >= 0x3400 && c <= 0x9FFF;
        words += letter && !in_word;
        in_word = letter || (in_word && c == '\'');
    }
    if (!r->language)
        return FINE;
    bool zh = strcmp(r->language, "zh") == 0;
    if (zh ? words >= 4 && words > han : han >= 4 && han > words)
        return IS;
    return !s->whole && (zh ? words && !han : han && !words) ? COULD_BE : FINE;
}

static bool is_of_word(char c) { return isalnum((unsigned char)c); }

/* "Ed" is not in "worked". */
static enum finding find_banned(const struct lapse_rules *r, const struct place *s)
{
    for (size_t i = 0; i < r->n_banned; i++) {
        const char *word = r->banned[i];
        size_t len = strlen(word);
        for (size_t at = 0; len && at < s->n; at++) {
            size_t n = s->n - at < len ? s->n - at : len;
            bool inside = at && is_of_word(word[0]) && is_of_word(s->text[at - 1]);
            if (inside || strncasecmp(s->text + at, word, n) != 0)
                continue;
            bool end = at + n == s->n,
                 open = n < len || (end && is_of_word(word[len - 1])); /* another word may come of it */
            if (open && !s->whole)
                return COULD_BE;
            if (n == len && (end || !is_of_word(word[len - 1]) || !is_of_word(s->text[at + n])))
                return IS;
        }
    }
    return FINE;
}

static void add(struct verdict *v, enum finding found, enum lapse why, const size_t *hold)
{
    if (found == IS && v->found != IS)
        v->why = why;
    if (found == COULD_BE && (v->found != COULD_BE || *hold < v->hold))
        v->hold = *hold;
    v->found = found > v->found ? found : v->found;
}

static struct verdict judge(struct lapses *l, const struct lapse_rules *r, const struct place *s)
{
    struct verdict v = { .found = FINE };
    size_t hold = 0;
    const size_t none = 0;
    for (size_t i = 0; i < N_TABLE; i++) {
        bool claim = lapse_is_claim(table[i].lapse);
        if (!(claim && r->machine) && (claim || r->plain) && (r->careful || !table[i].asked))
            add(&v, find_phrase(l, i, s, &hold), table[i].lapse, &hold);
    }
    if (r->plain)
        add(&v, find_list(l, s, &hold), LAPSE_SERVICE, &hold);
    add(&v, find_banned(r, s), LAPSE_BANNED, &none);
    add(&v, find_language(r, s), LAPSE_LANGUAGE, &none);
    add(&v, find_repeat(r, s), LAPSE_REPEAT, &none);
    return v;
}

/* ---- a reply ---- */

/* "嗯，好。" may come again, but not as a whole reply, nor nearly. */
static enum finding compare_whole(const struct phrase *mine, const struct phrase *other, bool final)
{
    bool begins = phrase_begins(mine, other);
    bool brief = mine->n <= BRIEF && other->n <= BRIEF;
    if (final)
        return (begins && mine->n == other->n) || (brief && phrase_alike(mine, other) >= ALIKE) ? IS : FINE;
    return begins || (brief && phrase_within(mine, other) >= COULD_BE_ALIKE) ? COULD_BE : FINE;
}

static enum finding find_whole(const struct lapse_rules *r, const char *text, size_t n, bool final)
{
    struct phrase mine;
    enum finding found = FINE;
    phrase_read(&mine, text, n);
    for (const struct lapse_said *said = r->said; said && mine.n; said = said->more)
        for (size_t i = 0; i < said->n_texts && found != IS; i++) {
            enum finding one = compare_whole(&mine, &said->texts[i], final);
            found = one > found ? one : found;
        }
    return found;
}

/* Two sentences have to be enough to answer with what is remembered, or, if nothing is about it, to say that it is not. Who has said that it
 * is not must not name something behind it: *good is how far that was looked at. */
static enum finding find_invented(const struct lapse_rules *r, const char *text, size_t n, size_t from, bool final,
                                  size_t *good)
{
    size_t upto = 0, len;
    int sentences = 0;
    if (from && recalled_ground_judge(r->ground, text, from) != RECALLED_ADMITS)
        return FINE;
    for (; upto < n && (len = phrase_sentence(text + upto, n - upto, final)); sentences++)
        upto += len;
    enum recalled_bears bears = upto ? recalled_ground_judge(r->ground, text, upto) : RECALLED_EMPTY;
    bool admits = bears == RECALLED_ADMITS && !r->known;
    if (admits)
        *good = upto;
    if (admits || bears == RECALLED_BORNE)
        return FINE;
    return final || from || (sentences > 1 && bears != RECALLED_EMPTY) ? IS : COULD_BE;
}

size_t lapse_check(struct lapses *l, const struct lapse_rules *r, const char *text, size_t n, size_t from, bool final,
                   enum lapse *why)
{
    *why = LAPSE_NONE;
    enum finding all = find_whole(r, text, n, final);
    if (all != FINE) {
        *why = all == IS ? LAPSE_REPEAT : LAPSE_NONE;
        return from;
    }
    all = r->ground ? find_invented(r, text, n, from, final, &n) : FINE;
    if (all != FINE || n < from) {
        *why = all == IS ? LAPSE_INVENTED : LAPSE_NONE;
        return from;
    }
    for (size_t at = 0, len; at < n; at += len) {
        len = phrase_sentence(text + at, n - at, final);
        struct place s = { text + at, len ? len : n - at, len > 0 };
        len = s.n;
        if (at + len <= from)
            continue; /* heard already */
        struct verdict v = judge(l, r, &s);
        bool as_a_whole = r->careful || (r->unlike && at == 0);
        if (as_a_whole && !s.whole && v.found == FINE)
            v = (struct verdict){ .found = COULD_BE };
        v.hold = as_a_whole ? 0 : v.hold;
        if (v.found == FINE)
            continue;
        *why = v.found == IS ? v.why : LAPSE_NONE;
        at += v.found == IS ? 0 : v.hold;
        return at > from ? at : from;
    }
    return n;
}

bool lapse_wants_list(struct lapses *l, const char *message)
{
    return pattern_find(l->wants, message, strlen(message), 0, NULL, NULL);
}

const char *lapse_hint(struct arena *a, enum lapse why, const char *language, const char *taken_back)
{
    static const char *const zh[LAPSES] = { [LAPSE_SERVICE] = "（随口接一句就好，像跟老朋友说话。）",
                                            [LAPSE_LANGUAGE] = "（用中文回答我。）",
                                            [LAPSE_INVENTED] = "（记得就照着记得的说，不记得就说不记得。）" };
    static const char *const en[LAPSES] = { [LAPSE_SERVICE] = "(One short sentence, the way an old friend talks.)",
                                            [LAPSE_LANGUAGE] = "(Answer me in English.)",
                                            [LAPSE_INVENTED] = "(Say what you remember of it; if you do not "
                                                               "remember, say that.)" };
    bool chinese = language && strcmp(language, "zh") == 0;
    int n = (int)utf8_cut(taken_back, strlen(taken_back), HINT_QUOTE);
    if (why == LAPSE_REPEAT)
        return chinese ? arena_printf(a, "（不要再说“%.*s”，说点别的。）", n, taken_back)
                       : arena_printf(a, "(Not \"%.*s\" again: say something else.)", n, taken_back);
    if (why == LAPSE_BANNED)
        return chinese ? arena_printf(a, "（不要说“%.*s”。）", n, taken_back)
                       : arena_printf(a, "(Do not say \"%.*s\".)", n, taken_back);
    const char *hint = chinese ? zh[why] : en[why];
    return hint ? hint : "";
}

const char *lapse_name(enum lapse why)
{
    static const char *const words[LAPSES] = { "none",   "vendor",   "machine", "service",
                                               "repeat", "language", "banned",  "invented" };
    return words[why];
}
