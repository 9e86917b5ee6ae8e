/* topics_same.c — whether two sentences about a person are about the same thing. The limits of the cosine are multilingual-e5's, measured on pairs
 * of such sentences (docs/memory.md); it says of anything that it is near, so that words have to be shared, too. */
#include "mind/topics.h"

#include "base/utf8.h"
#include "memory/words.h"
#include "mind/summary_true.h"

#include <ctype.h>
#include <string.h>

#define NEAR_EN 0.905
#define NEAR_ZH 0.945
#define BY_WORDS 0.6 /* share of the words of the shorter one, without meanings */
#define LONGEST 32
#define ENDING 2 /* letters behind a word that leave it what it is: "likes", "wanted" */

/* In sentences about people these are everybody's. */
static const char *const usual[] = {
    "like",     "love",   "want",      "going",   "goes",     "went",     "plan",      "plans",   "hope",
    "with",     "that",   "this",      "have",    "from",     "they",     "them",      "their",   "does",
    "will",     "would",  "because",   "when",    "while",    "about",    "into",      "also",    "been",
    "then",     "than",   "very",      "really",  "today",    "tomorrow", "yesterday", "week",    "month",
    "year",     "next",   "last",      "called",  "named",    "said",     "told",      "took",    "made",
    "days",     "bought", "found",     "happy",   "january",  "february", "march",     "april",   "june",
    "july",     "august", "september", "october", "november", "december", "monday",    "tuesday", "wednesday",
    "thursday", "friday", "saturday",  "sunday"
};
static const char *const usual_zh[] = {
    "喜欢", "觉得", "打算", "想要", "今天", "明天", "昨天", "上周", "下周", "这个",
    "那个", "因为", "所以", "时候", "已经", "现在", "以后", "以前", "一个", "没有",
    "周一", "周二", "周三", "周四", "周五", "周六", "周日", "星期", "名字", "叫做"
};
static const char few[] =
    "的了是在和与跟他她它们我你想要会去叫有说把被给让也都就还很个这那到地得着过对为而且不没上下来又年月日号点";

static bool is_usual(const char *word, size_t n)
{
    char lower[LONGEST + 1];
    if (n > LONGEST)
        return false;
    for (size_t i = 0; i < n; i++)
        lower[i] = (char)tolower((unsigned char)word[i]);
    for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
        if (n >= strlen(usual[i]) && n <= strlen(usual[i]) + ENDING && memcmp(usual[i], lower, strlen(usual[i])) == 0)
            return true;
    return words_common(lower, n);
}

/* Words of four letters and more, and names of two. */
static void count_words(const char *text, const char *other, const char *person, struct topics_shared *out)
{
    for (size_t at = 0, n; (n = true_word(text, &at)) > 0; at += n) {
        bool number = isdigit((unsigned char)text[at]);
        if (number || (n < 4 && !true_name_at(text, at, n)) || is_usual(text + at, n) ||
            true_stem_occurs(person, text + at, n))
            continue;
        out->has++;
        out->shared += true_stem_occurs(other, text + at, n);
    }
}

static bool is_chinese(const char *text, size_t n, size_t *len)
{
    uint32_t c = utf8_decode(text, n, len);
    return c >= 0x3400 && c <= 0x9FFF;
}

static bool occurs(const char *where, const char *at, size_t n)
{
    char word[9] = "";
    memcpy(word, at, n < sizeof(word) ? n : sizeof(word) - 1);
    return strstr(where, word) != NULL;
}

static bool is_usual_pair(const char *pair, size_t n)
{
    for (size_t i = 0; i < sizeof(usual_zh) / sizeof(*usual_zh); i++)
        if (strlen(usual_zh[i]) == n && memcmp(usual_zh[i], pair, n) == 0)
            return true;
    return words_common(pair, n);
}

static void count_pairs(const char *text, const char *other, const char *person, struct topics_shared *out)
{
    size_t n = strlen(text);
    for (size_t i = 0, len, next; i < n; i += len) {
        if (!is_chinese(text + i, n - i, &len) || i + len >= n || !is_chinese(text + i + len, n - i - len, &next) ||
            occurs(few, text + i, len) || occurs(few, text + i + len, next) || occurs(person, text + i, len) ||
            occurs(person, text + i + len, next) || is_usual_pair(text + i, len + next))
            continue;
        out->has++;
        out->shared += occurs(other, text + i, len + next);
    }
}

struct topics_shared topics_shared(const char *text, const char *other, const char *person)
{
    struct topics_shared out = { 0, 0 };
    count_words(text, other, person, &out);
    count_pairs(text, other, person, &out);
    return out;
}

bool topics_same(const char *a, const char *b, const char *person, double cosine)
{
    struct topics_shared ab = topics_shared(a, b, person), ba = topics_shared(b, a, person);
    size_t least = ab.has < ba.has ? ab.has : ba.has, shared = ab.shared < ba.shared ? ab.shared : ba.shared;
    if (!shared)
        return false;
    bool zh = strcmp(prompt_language(a), "zh") == 0;
    if (cosine >= -1)
        return cosine >= (zh ? NEAR_ZH : NEAR_EN);
    return (double)shared >= BY_WORDS * (double)least;
}
