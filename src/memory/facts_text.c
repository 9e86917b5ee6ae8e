/* Facts in words: whose they are, what they say, what a question has to do with them. */
#include "base/utf8.h"
#include "memory/facts_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    enum fact_kind kind;
    int weight;
    const char *en, *en_end, *zh, *zh_end, *asked;
} attributes[FACT_ATTRIBUTES] = {
#define FACT(name, kind, weight, en, en_end, zh, zh_end, asked)                                                        \
    { #name, FACT_##kind, weight, en, en_end, zh, zh_end, asked },
#include "memory/facts.def"
#undef FACT
};
const char *const fact_names[FACT_ATTRIBUTES] = {
#define FACT(name, kind, weight, en, en_end, zh, zh_end, asked) #name,
#include "memory/facts.def"
#undef FACT
};

/* The English name comes first; the first Chinese one is the one that is written. */
static const struct {
    const char *en, *more_en, *zh, *more_zh;
} relations[] = {
    { "mother", "mum|mom", "妈妈", "妈|母亲" },
    { "father", "dad", "爸爸", "爸|父亲" },
    { "older brother", "elder brother|big brother", "哥哥", "哥" },
    { "older sister", "elder sister|big sister", "姐姐", "姐" },
    { "younger brother", "little brother", "弟弟", "弟" },
    { "younger sister", "little sister", "妹妹", "妹" },
    { "sister", "", "姐妹", "姐姐|妹妹|姐|妹" },
    { "brother", "", "兄弟", "哥哥|弟弟|哥|弟" },
    { "son", "", "儿子", "" },
    { "daughter", "", "女儿", "" },
    { "wife", "", "妻子", "老婆|太太|老伴" },
    { "husband", "", "丈夫", "老公|先生" },
    { "partner", "", "爱人", "对象" },
    { "boyfriend", "", "男朋友", "男友" },
    { "girlfriend", "", "女朋友", "女友" },
    { "grandmother", "grandma|granny|gran|nan", "奶奶", "外婆|姥姥" },
    { "grandfather", "grandad|granddad|grandpa", "爷爷", "外公|姥爷" },
    { "flatmate", "roommate|housemate", "室友", "" },
    { "boss", "", "老板", "" },
    { "landlord", "landlady", "房东", "" },
    { "uncle", "", "叔叔", "舅舅" },
    { "aunt", "auntie", "阿姨", "姑姑" },
    { "friend", "best friend", "朋友", "闺蜜" },
    { "neighbour", "neighbor", "邻居", "" },
};
#define N_RELATIONS (sizeof(relations) / sizeof(*relations))

void fact_copy(char *out, size_t size, const char *s, size_t n)
{
    while (n && *s == ' ') {
        s++;
        n--;
    }
    while (n && s[n - 1] == ' ')
        n--;
    n = n < size ? n : utf8_cut(s, n, size - 1);
    memcpy(out, s, n);
    out[n] = '\0';
}

/* Whether one of the words of "a|b|c" is s. */
static bool is_one_of(const char *list, const char *s, size_t n)
{
    for (size_t len; *list; list += len + (list[len] != '\0')) {
        len = strcspn(list, "|");
        if (len == n && strncasecmp(list, s, n) == 0)
            return true;
    }
    return false;
}

/* The relation at the front of s, the longest: its bytes; 0: none. */
static size_t relation_at(const char *s, size_t n, const char **name)
{
    size_t best = 0;
    for (size_t len = 1; len <= n && len < FACT_WHOSE; len++) {
        unsigned char next = len < n ? (unsigned char)s[len] : ' ';
        bool ends = next >= 0x80 || !((next | 32) >= 'a' && (next | 32) <= 'z');
        for (size_t i = 0; i < N_RELATIONS && ends; i++)
            if (len > best && (is_one_of(relations[i].en, s, len) || is_one_of(relations[i].more_en, s, len) ||
                               is_one_of(relations[i].zh, s, len) || is_one_of(relations[i].more_zh, s, len))) {
                best = len;
                *name = relations[i].en;
            }
    }
    return best;
}

/* What begins with a capital and is nobody. */
static bool is_nobody(const char *s, size_t n)
{
    static const char words[] =
        "He|She|It|They|We|You|This|That|These|Those|There|Here|Who|What|Nobody|Everybody|Everyone|Someone|Somebody|"
        "Anyone|One|Some|All|Both|Then|Now|Today|Tomorrow|Life|God|Lol|Oh|Yes|No|So|And|But|The|My|Our|His|Her|Its|"
        "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|"
        "August|September|October|November|December|Time|Work|Weather|Everything|Nothing|Something|Mine|Yours";
    return is_one_of(words, s, n);
}

static size_t skip(const char *s, size_t n, const char *word)
{
    size_t len = strlen(word);
    return n >= len && strncasecmp(s, word, len) == 0 ? len : 0;
}

bool fact_whose(const char *said, size_t n, char *whose, char *name)
{
    static const char *const self[] = { "", "i", "we", "me", "my", "our", "我", "我们", "我家", "我们家" };
    static const char *const mine[] = { "my ", "our ", "我们家的", "我们家", "我家的", "我家", "我的", "我们", "我" };
    const char *relation = NULL;
    *whose = *name = '\0';
    for (size_t i = 0; i < sizeof(self) / sizeof(*self); i++)
        if (strlen(self[i]) == n && strncasecmp(self[i], said, n) == 0)
            return true;
    size_t at = 0;
    for (size_t i = 0; i < sizeof(mine) / sizeof(*mine) && !at; i++)
        at = skip(said, n, mine[i]);
    if (!at) {
        fact_copy(whose, FACT_WHOSE, said, n);
        return n < FACT_WHOSE && !is_nobody(said, n);
    }
    size_t len = relation_at(said + at, n - at, &relation);
    if (!len) { /* a relation without another name: "cousin", 表哥 */
        len = (unsigned char)said[at] < 0x80 ? strcspn(said + at, " ,'") : n - at;
        len = len < n - at ? len : n - at;
        fact_copy(whose, FACT_WHOSE, said + at, len);
    } else {
        fact_copy(whose, FACT_WHOSE, relation, strlen(relation));
    }
    at += len;
    while (at < n && strchr(" ,", said[at]))
        at++;
    if (at < n && said[at] >= 'A' && said[at] <= 'Z')
        fact_copy(name, FACT_WHOSE, said + at, strcspn(said + at, " ,'") < n - at ? strcspn(said + at, " ,'") : n - at);
    return *whose != '\0';
}

const char *fact_whose_text(const char *whose, bool zh)
{
    for (size_t i = 0; i < N_RELATIONS; i++)
        if (strcmp(relations[i].en, whose) == 0)
            return zh ? relations[i].zh : relations[i].en;
    return whose;
}

size_t fact_text(const struct fact *f, const char *language, char *out, size_t size)
{
    bool zh = strcmp(language, "zh") == 0;
    const char *stop = zh ? "：" : ": ", *whose = fact_whose_text(f->whose, zh);
    bool topic = *f->topic != '\0';
    char text[FACT_WHOSE + FACT_WORDS + FACT_VALUE + 80];
    snprintf(text, sizeof(text), "%s%s%s%s%s%s%s", whose, *whose ? stop : "",
             zh ? attributes[f->about].zh : attributes[f->about].en, f->topic, topic ? stop : "", f->value,
             zh ? attributes[f->about].zh_end : attributes[f->about].en_end);
    fact_copy(out, size, text, strlen(text));
    return strlen(out);
}

/* Whether a word stands in a message; one of Latin letters begins a word there. */
static bool stands_in(const char *message, const char *word, size_t n)
{
    for (const char *at = message; n && *at; at++) {
        bool inside = at > message && ((at[-1] | 32) >= 'a' && (at[-1] | 32) <= 'z');
        if (strncasecmp(at, word, n) == 0 && ((unsigned char)*word >= 0x80 || !inside))
            return true;
    }
    return false;
}

static bool any_stands_in(const char *message, const char *list, const char *between)
{
    for (size_t n; *list; list += n + (list[n] != '\0')) {
        n = strcspn(list, between);
        if (stands_in(message, list, n))
            return true;
    }
    return false;
}

static bool names_whose(const char *message, const char *whose)
{
    const char *last = strrchr(whose, ' '); /* the older sister is meant by "sister", too */
    bool named = stands_in(message, whose, strlen(whose)) || (last && stands_in(message, last + 1, strlen(last + 1)));
    for (size_t i = 0; i < N_RELATIONS && !named; i++)
        if (strcmp(relations[i].en, whose) == 0)
            named = any_stands_in(message, relations[i].more_en, "|") || any_stands_in(message, relations[i].zh, "|") ||
                    any_stands_in(message, relations[i].more_zh, "|");
    return named;
}

/* Of somebody else's only if they are named; of a day only if what is then is. */
int fact_asked(const struct fact *f, const char *message)
{
    bool named = *f->whose && names_whose(message, f->whose);
    bool asked = any_stands_in(message, attributes[f->about].asked, "|");
    bool topic = *f->topic && (any_stands_in(message, f->topic, " ") || fact_shares(f->topic, message));
    if (*f->whose && !named)
        return 0;
    if (attributes[f->about].kind == FACT_DAY)
        return topic ? 2 + asked : 0;
    return named + 2 * asked + 2 * topic;
}

int fact_weight(const struct fact *f) { return attributes[f->about].weight - (*f->whose ? 2 : 0); }

enum fact_attribute fact_attribute(const char *name)
{
    int i = 0;
    while (i < FACT_ATTRIBUTES && strcmp(fact_names[i], name) != 0)
        i++;
    return (enum fact_attribute)i;
}
