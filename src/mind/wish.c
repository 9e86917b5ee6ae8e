#include "mind/wish.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "mind/phrase.h"

#include <string.h>

#define MAX_WISH 400 /* bytes kept of one */
#define MAX_WORD 60  /* bytes */

/* Who says so to the character, and not what somebody else does: 老板叫我加班. */
#define ZH_ASKED_SO                                                                                                                              \
    "(?:^|[，,。；;！!：:\\s]|以后|从现在起|从今往后|请你?|你?可以|(?:^|[，,。；;！!：:\\s]|以后)你?能(?:不能)?|" \
    "那(?=就)|不如|你们?|大家|都)(?:就|还是|都|直接)*"
#define ZH_NO_NAME "(?!去|来|回|起|吃|帮|做|给|别|不|干|买|把|怎么|什么|加|多(?!多)|出|上|下|写|看|一起)"
/* 我叫了外卖 tells no name. */
#define ZH_NOT_CALLED "(?!你|他|她|它|什么|谁|车|外卖|醒|了|个|上|不|人|过)"
#define EN_ASKED_SO                                                                                                    \
    "(?:^ ?|[,.;:!] ?|\\b(?:please|just|can|may|could|so|but|and|then|you to|you should|you must|now on|friends|"      \
    "people) |(?:^|[,.;:!] ?|\\b(?:please|so|but|and|then) )(?:can|could) you )"
#define EN_NO_NAME                                                                                                     \
    "(?!(?:later|back|when|if|tomorrow|tonight|today|now|at|on|in|crazy|soon|again|any ?more|every|an?|names|this|"    \
    "next)\\b)"

/* Silence towards others is no manner of talking: what the memory tells whom goes by it (memory/class.h), and beside every message it would
 * only bring the secret back, with what is otherwise by now. Nor is what is put off. */
static const char *const others[] = {
    "(别|不要|不许|不准|不能|千万别)(再|往外|到处|乱|随便)*(告诉|说给|讲给)(?!我)",
    "(别|不要|不许|不准|不能)(再|往外|到处)*(跟|和|对|向|同)(?!我|你)[^，。！？,.!?]{1,12}?(说|讲|提|透露)",
    "(别|不要|不许|不准|不能)(再|往外|到处|乱)*(说|讲|传|捅)(出去|漏)|说漏嘴|保密|瞒着",
    "(以后|下次|回头|改天|改日|晚点|明天)(有空|有机会)?(再|慢慢)(说|聊|讲|谈|告诉)(你)?(吧|啦|了|哈|咯|呗)?[。！!~～]*"
    "$",
    "\\b(?:don't|do not|dont|never|not|mustn't|must not|can't) (?:ever |you dare |you ever )?(?:tell|telling) "
    "(?!me\\b|us\\b|jokes?\\b|lies\\b|"
    "a joke\\b|stor(?:y|ies)\\b|a story\\b)",
    "\\b(?:don't|do not|dont|never|not|mustn't) (?:ever )?(?:say|mention|repeat|breathe|talk about)\\b[^.!?]{0,40}? "
    "(?:to|with|in front of|around) "
    "(?!me\\b|us\\b)",
    "\\b(?:keep|keeping) (?:it|this|that)(?: all)? (?:quiet|secret|to yourself|between us)\\b|\\bnot a word to\\b",
    NULL,
};

/* Asking about it is no wish. */
static const char *const asking[] = {
    "记得吗|记住了吗|还记得|记不记得|你记(得|住)(我|了|不)",
    "(do|did|can|will|would|don't) you (still |even )?remember",
    "remember (me|when|how we|that time)\\b.*\\?|你(会|能)(永远|一直)?记(住|得).*[？?]",
    "(以后|从今往后).{0,12}(吗|呢|怎么办)[？?]|I (don't|can't|never|always|still) remember",
    "(why|when|how) .{0,20}\\?",
    NULL,
};

#define EN_UNDO                                                                                                        \
    "(?:forget|ignore|drop|undo|scratch|cancel) (?:(?:that|it)(?=\\s*(?:[,.;!?]|please\\b|again\\b|now\\b|$))|what I " \
    "(?:just "                                                                                                         \
    ")?(?:said|asked|told you)|my last (?:request|wish))"

static const char *const forget[] = {
    "(?:^|[，,。；;！!\\s]|请你?|麻烦你?|算了|还是|那就)(?:忘掉|忘了|不用记|别记|取消|收回|撤销)(?:它|[这那](?:个|条|"
    "句|件)?"
    "(?:事|话|要求)?|刚才(?:说|要求)?的?(?:话|要求)?|我(?:刚才|刚刚)?说的话?|之前的?要求)(?=吧|了|啊|好|行|可以|"
    "[，,。！!～~\\s]|$)",
    "(?:^|[,.;!?] ?|\\b(?:and|so|but|please|now|no) )I(?:'d like| would like| want| need) you to (?:please |just "
    ")*" EN_UNDO,
    "当我没说(过)?",
    "\\b(?<!n't |not |ever |to |I )" EN_UNDO,
    "never ?mind that|you can (call me|say) .{1,20} again",
    NULL,
};

static const char *const language[] = {
    "我们(?:都|就|还是|改|以后|能不能|可以)*(?:用|说|讲|换成)(?:英文|英语|中文|汉语|普通话)(?:来)?(?:说|讲|聊|交流|"
    "回答)?"
    "(?:吧|好吗|好不好|行吗|可以吗|怎么样)",
    "(?:^|[，,。；;！!\\s]|以后|从现在起|从今往后|今后|之后|从此|请你?|麻烦你?|接下来|你|咱们?|能不能|可以)(?:"
    "都|一直|就|还是|能不能|能|可以|"
    "改)*(?:用|说|讲|换成)(英文|英语|中文|汉语|普通话)(回(答|复)?|跟我|和我|说|讲|聊|交流|吧|就行|好了)",
    "(以后|从现在起|今后|请).{0,6}(说|讲|用)(英文|英语|中文|汉语)",
    "(?:^|[,.;:!] ?|\\b(?:please|just|only|always|you|you to|let's|(?:can|could|shall|should) we|now on) )"
    "(?:speak|answer|reply|respond|talk|write|chat|stick)\\b.{0,16}\\b(in|to)? ?(english|chinese|mandarin)\\b",
    NULL,
};

static const char *const naming[] = {
    "(别|不要|不许|不准|请勿|甭)(再|老)?(叫|喊|称呼)我" ZH_NO_NAME,
    ZH_ASKED_SO "(?:叫|喊|称呼)我(?:为|作)?" ZH_NO_NAME "[^，。！？,.!?]{1,12}",
    "我(的名字)?(叫|是叫)" ZH_NOT_CALLED "[^，。！？,.!?]{1,12}",
    "\\b(don't|do not|stop|never|please don't) (ever )?call(ing)? me\\b",
    EN_ASKED_SO "call me " EN_NO_NAME,
    "\\bmy name is\\b|\\bI go by\\b",
    NULL,
};

static const char *const remember[] = {
    "(请|你|一定|帮我|替我|要|得)?(记住|记着|记下来?|记好|牢记|别忘(了|记)?|不要忘(了|记)?)",
    "^(你)?(要)?记得|\\b(please |try to |you should |you must |always )*remember\\b",
    "\\bdon't (you )?forget\\b|\\b(keep|bear) in mind\\b|\\b(make|take) a note\\b|\\bnote that\\b",
    "\\bfor future reference\\b",
    NULL,
};

static const char *const rule[] = {
    "(?:^|[,.;:!] ?|\\b(?:please|and|but) )(?:can|could|would|will) you (?:please )?(?:always|never) "
    "(?:answer|reply|respond|"
    "speak|talk|write|use|say|call|keep|end|start|begin|add|ask|mention|bring)\\b",
    "(以后|从现在起|从现在开始|从今往后|从今天起|今后|往后|从此|下次|每次|每回|以后每|接下来都|永远|一直都?要?)(?!.{0,"
    "8}(想|会不会|打算|怎么)).{0,24}(别|不要|不许|要|都|请|用|说|叫|回|先|记得|得|再|少|多)",
    "(?<!特|个|区|分)(别|不要|不许|不准|请勿|甭)再?(老)?(跟我|对我|给我|在我面前|和我)?(说|提|问|用|讲|发|加|带|聊|劝|"
    "安慰|催|夸|骂|喊|写|回)(?!了(?:$|[，,。！!]))",
    "(说话|回(答|复|我)|聊天|跟我说话).{0,8}(要|请|不要|别|都|尽量|短|长|简短|幽默|温柔|直接)(一?点|些)?",
    "(请|麻烦)(你)?(总是|始终|一直|每次)|\\bfrom now on\\b|\\b(in the|in) future\\b|\\bnext time\\b",
    "(?:^|[,.;:!] ?|\\b(?:please|you to|you should|you must) )(always|never) "
    "(?!(mind|thought|knew|heard|been|had|was|seen)\\b)(\\w+)",
    "\\b(please )?(don't|do not|stop) (ever "
    ")?(say|use|using|saying|ask|asking|mention|mentioning|bring|bringing|tell|telling|talk|talking|give|giving|send|"
    "sending|add|adding|end|start|apolog|call|repeat|write|make|making|swear|joke)",
    "\\b(keep|make) (your|the) (answers|replies|messages|sentences)\\b",
    "\\bevery time\\b.{0,30}\\b(say|add|ask|end|start|tell|answer)\\b",
    "\\b(end|start|begin) (each|every|all|your)\\b|\\b(each|every) (reply|answer|message)\\b",
    "\\bI('d| would) (like|prefer|want) you to\\b|\\bI want you to\\b",
    NULL,
};

/* Tried in this order on every sentence. */
static const struct {
    enum wish_kind kind;
    const char *const *expressions;
} table[] = {
    { WISH_NONE, asking }, { WISH_NONE, others },       { WISH_FORGET, forget }, { WISH_LANGUAGE, language },
    { WISH_NAME, naming }, { WISH_REMEMBER, remember }, { WISH_RULE, rule },
};
#define N_TABLE (sizeof(table) / sizeof(table[0]))

static const char *const forbids[] = {
    "(?:别|不要|不许|不准|请勿|甭)(?:再|老)?(?:叫|喊|称呼)我(?:为|作)?" ZH_NO_NAME
    "[“\"'「『]?([^，。！？,.!?”\"'」』\\s了啦吧]{1,"
    "12})",
    "(?:别|不要|不许|不准)再?(?:跟我|对我)?(?:说|提)[“\"'「『]([^”\"'」』]{1,12})[”\"'」』]",
    "\\b(?:don't|do not|stop|never)(?: ever)? call(?:ing)? me (?:an? )?[\"'“]?([A-Za-z' -]{2,20}?)[\"'”]?(?:[.,!?]|$| "
    "(?:any ?more|again|please|ever|and|but|or)\\b)",
    "\\b(?:don't|do not|stop|never)(?: ever)? (?:say|use|saying|using)(?: the words?)? [\"'“]([^\"'”]{2,20})[\"'”]",
    NULL,
};
static const char *const needs[] = {
    "(?:最后|结尾|末尾|句尾|后面|每句话?|每次).{0,10}?(?:加上?|带上?|附上?|说)(?:一)?(?:个|句|声)?[“\"'「『]([^”\"'"
    "」』]{1,8})[”\"'」』]",
    "(?:用|以)[“\"'「『]([^”\"'」』]{1,8})[”\"'」』](?:结尾|结束|收尾)",
    "\\b(?:end|finish|close|sign off)\\b.{0,40}?\\b(?:with|by saying)\\b (?:the (?:words?|phrase|emoji) "
    ")?[\"'“]?(?!an? |the )([^\"'”.,!?]{1,20})[\"'”]?",
    NULL,
};
static const char *const name[] = {
    ZH_ASKED_SO "(?:叫|喊|称呼)我(?:为|作)?[“\"'「『]?" ZH_NO_NAME
                "([^，。！？,.!?”\"'」』\\s]{1,10}?)[”\"'」』]?(?:就行|就好|就可以|好了|好吗|好不好|行吗|可以吗|吧|呀|"
                "啊|吗|[，。！？,.!?\\s]|$)",
    "我(?:的名字)?(?:是)?叫" ZH_NOT_CALLED "([^，。！？,.!?\\s]{1,8}?)(?:[，。！？,."
    "!?\\s]|$)",
    EN_ASKED_SO "call me " EN_NO_NAME "[\"'“]?([A-Za-z\\x{C0}-\\x{24F}' -]{1,24}?)[\"'”]?(?:[.,!?;]|$| (?:from "
                "now|please|instead|and|not|now)\\b)",
    "\\b(?:my name is|I go by) ([A-Za-z\\x{C0}-\\x{24F}'-]{1,24})",
    NULL,
};
static const char exclamation[] =
    "(别|不要|不许|少)(再)?(用|加|打)感叹号|(no|without|don't use|stop using|never use) (any )?exclamation";
static const char asks[] = "(叫|喊|称呼)我|\\bcall(ing)? me\\b";
static const char english[] = "英文|英语|english", chinese[] = "中文|汉语|普通话|chinese|mandarin";

struct wishes {
    struct pattern *patterns[N_TABLE];
    struct pattern *forbids, *needs, *name, *exclamation, *asks, *english, *chinese;
};

int wishes_create(struct wishes **out, anima_error *err)
{
    struct wishes *w = *out = mem_zero(1, sizeof(*w));
    int rc = w ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    for (size_t i = 0; i < N_TABLE && !rc; i++)
        rc = pattern_create_any(table[i].expressions, PATTERN_CASELESS, &w->patterns[i], err);
    if (!rc)
        rc = pattern_create_any(forbids, PATTERN_CASELESS, &w->forbids, err);
    if (!rc)
        rc = pattern_create_any(needs, PATTERN_CASELESS, &w->needs, err);
    if (!rc)
        rc = pattern_create_any(name, PATTERN_CASELESS, &w->name, err);
    if (!rc)
        rc = pattern_create(exclamation, PATTERN_CASELESS, &w->exclamation, err);
    if (!rc)
        rc = pattern_create(asks, PATTERN_CASELESS, &w->asks, err);
    if (!rc)
        rc = pattern_create(english, PATTERN_CASELESS, &w->english, err);
    if (!rc)
        rc = pattern_create(chinese, PATTERN_CASELESS, &w->chinese, err);
    if (rc) {
        wishes_destroy(w);
        *out = NULL;
    }
    return rc;
}

void wishes_destroy(struct wishes *w)
{
    for (size_t i = 0; w && i < N_TABLE; i++)
        pattern_destroy(w->patterns[i]);
    if (w) {
        pattern_destroy(w->forbids);
        pattern_destroy(w->needs);
        pattern_destroy(w->name);
        pattern_destroy(w->exclamation);
        pattern_destroy(w->asks);
        pattern_destroy(w->english);
        pattern_destroy(w->chinese);
    }
    mem_free(w);
}

static enum wish_kind kind_of(struct wishes *w, const char *sentence, size_t n)
{
    for (size_t i = 0; i < N_TABLE; i++)
        if (pattern_find(w->patterns[i], sentence, n, 0, NULL, NULL))
            return table[i].kind;
    return WISH_NONE;
}

enum wish_kind wish_find(struct wishes *w, struct arena *arena, const char *message, const char **text)
{
    enum wish_kind found = WISH_NONE;
    const char *kept = "";
    size_t rest = strlen(message), len;
    for (; rest && kept && (len = phrase_sentence(message, rest, true)); message += len, rest -= len) {
        enum wish_kind kind = kind_of(w, message, len);
        size_t n = len;
        while (n && strchr(" \n\t\r", message[n - 1]))
            n--;
        if (kind == WISH_NONE || n + strlen(kept) > MAX_WISH)
            continue;
        found = found == WISH_NONE ? kind : found;
        kept = arena_printf(arena, "%s%s%.*s", kept, *kept ? " " : "", (int)n, message);
    }
    *text = kept ? kept : "";
    return kept ? found : WISH_NONE;
}

/* The first group of p that matched in text. */
static const char *group_of(struct pattern *p, struct arena *arena, const char *text)
{
    size_t n = strlen(text), start, end;
    if (!pattern_find(p, text, n, 0, NULL, NULL))
        return NULL;
    for (size_t i = 1; i <= 4; i++)
        if (pattern_group(p, i, &start, &end) && end > start && end - start <= MAX_WORD)
            return arena_strndup(arena, text + start, end - start);
    return NULL;
}

const char *wish_forbids(struct wishes *w, struct arena *arena, const char *text)
{
    if (pattern_find(w->exclamation, text, strlen(text), 0, NULL, NULL))
        return WISH_EXCLAMATION;
    return group_of(w->forbids, arena, text);
}

const char *wish_requires(struct wishes *w, struct arena *arena, const char *text)
{
    return wish_forbids(w, arena, text) ? NULL : group_of(w->needs, arena, text);
}

/* "别叫我先生，叫我小王": the part behind the "don't". */
const char *wish_name(struct wishes *w, struct arena *arena, const char *text)
{
    size_t n = strlen(text), end = 0;
    if (pattern_find(w->forbids, text, n, 0, NULL, &end))
        text += end;
    return group_of(w->name, arena, text);
}

bool wish_introduces(struct wishes *w, const char *text)
{
    return !pattern_find(w->asks, text, strlen(text), 0, NULL, NULL);
}

const char *wish_language(struct wishes *w, const char *text)
{
    size_t n = strlen(text);
    bool en = pattern_find(w->english, text, n, 0, NULL, NULL), zh = pattern_find(w->chinese, text, n, 0, NULL, NULL);
    return en && !zh ? "en" : zh && !en ? "zh" : NULL;
}
