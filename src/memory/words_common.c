/* words_common.c — the words every talk is full of, as words_each gives them (so "veri" for very). Function words, put together by hand;
 * nothing that could be what somebody asks about: "like", "say", "take" were here, and cost recall. Sorted by their bytes. */
#include "memory/words.h"

#include <stdlib.h>
#include <string.h>

static const char *const common[] = {
    "a",        "about",   "all",      "alreadi", "also",     "although", "alway",   "am",      "an",      "and",
    "ani",      "anybodi", "anyon",    "anyth",   "are",      "arent",    "as",      "at",      "be",      "becaus",
    "been",     "both",    "but",      "by",      "can",      "cannot",   "cant",    "could",   "couldnt", "did",
    "didnt",    "do",      "doe",      "doesnt",  "dont",     "down",     "either",  "els",     "everi",   "everybodi",
    "everyon",  "everyth", "for",      "from",    "had",      "hadnt",    "has",     "hasnt",   "have",    "havent",
    "he",       "her",     "here",     "herself", "him",      "himself",  "his",     "how",     "howev",   "i",
    "if",       "im",      "in",       "into",    "is",       "isnt",     "it",      "itself",  "just",    "mayb",
    "me",       "might",   "mine",     "my",      "myself",   "neither",  "no",      "nobodi",  "none",    "nor",
    "not",      "noth",    "of",       "off",     "oh",       "ok",       "okay",    "on",      "onli",    "onto",
    "or",       "our",     "ourselv",  "out",     "over",     "perhap",   "quit",    "realli",  "rememb",  "s",
    "she",      "should",  "shouldnt", "so",      "some",     "somebodi", "someon",  "someth",  "t",       "than",
    "that",     "the",     "their",    "them",    "themselv", "then",     "there",   "these",   "they",    "this",
    "those",    "though",  "through",  "to",      "too",      "under",    "until",   "up",      "upon",    "us",
    "veri",     "was",     "wasnt",    "we",      "were",     "werent",   "what",    "whatev",  "when",    "whenev",
    "where",    "wherev",  "whether",  "whi",     "which",    "while",    "who",     "whoever", "whom",    "whose",
    "will",     "with",    "within",   "without", "wont",     "would",    "wouldnt", "you",     "your",    "yourself",
    "yourselv", "一下",    "一个",     "一些",    "一样",     "一点",     "一直",    "上",      "下",      "不",
    "不会",     "不是",    "不用",     "不能",    "不要",     "不过",     "与",      "且",      "个",      "中",
    "为",       "为何",    "么",       "之",      "也",       "也是",     "了",      "于",      "些",      "什",
    "什么",     "从",      "他",       "他们",    "以",       "们",       "会",      "但",      "但是",    "你",
    "你们",     "你好",    "便",       "儿",      "关于",     "其",       "其实",    "再",      "几",      "几个",
    "出",       "到",      "却",       "去",      "又",       "及",       "只",      "可",      "可以",    "可是",
    "可能",     "同",      "向",       "吗",      "吧",       "呀",       "告诉",    "呢",      "呵",      "和",
    "咱",       "咱们",    "哈",       "哎",      "哟",       "哦",       "哪",      "哪个",    "哪些",    "哪儿",
    "哪里",     "唉",      "啊",       "啥",      "啦",       "喂",       "嗯",      "嘛",      "噢",      "因",
    "因为",     "在",      "地",       "多",      "多少",     "大家",     "太",      "她",      "她们",    "好的",
    "如",       "如何",    "如果",     "它",      "它们",     "对",       "对于",    "少",      "就",      "就是",
    "已经",     "应该",    "往",       "很",      "得",       "怎",       "怎么",    "怎样",    "您",      "想",
    "我",       "我们",    "或",       "或者",    "所",       "所以",     "才",      "把",      "无",      "时候",
    "是",       "是的",    "更",       "最",      "有",       "有些",     "有点",    "来",      "样",      "此",
    "比较",     "没",      "没有",     "点",      "然后",     "现在",     "由",      "的",      "的人",    "的话",
    "真的",     "着",      "知道",     "给",      "而",       "而且",     "能",      "自己",    "若",      "虽然",
    "被",       "要",      "觉得",     "让",      "记得",     "说",       "请问",    "谁",      "谢谢",    "起",
    "跟",       "过",      "还",       "还是",    "还有",     "这",       "这个",    "这么",    "这些",    "这儿",
    "这样",     "这里",    "那",       "那个",    "那么",     "那些",     "那儿",    "那样",    "那里",    "都",
    "都是",     "里",      "非常",
};

struct key {
    const char *bytes;
    size_t n;
};

static int compare(const void *a, const void *b)
{
    const struct key *key = a;
    const char *word = *(const char *const *)b;
    size_t n = strlen(word);
    int order = memcmp(key->bytes, word, key->n < n ? key->n : n);
    return order ? order : (key->n > n) - (key->n < n);
}

bool words_common(const char *token, size_t n)
{
    const struct key key = { token, n };
    return bsearch(&key, common, sizeof(common) / sizeof(*common), sizeof(*common), compare) != NULL;
}
