#include "mind/summary_true.h"

#include "base/utf8.h"

#include <ctype.h>
#include <string.h>

#define STEM 4            /* letters that two forms of a word share: "moved", "moves" */
#define LONGEST_TEXT 2048 /* bytes of a text whose clauses are looked at; pieces are shorter */

/* ---- words ---- */

static bool is_letter(char c) { return isalnum((unsigned char)c) || c == '\''; }

size_t true_word(const char *text, size_t *at)
{
    size_t i = *at, n = 0;
    while (text[i] && !isalnum((unsigned char)text[i]))
        i++;
    *at = i;
    while (text[i + n] &&
           (is_letter(text[i + n]) || (strchr(",.:", text[i + n]) && n && isdigit((unsigned char)text[i + n - 1]) &&
                                       isdigit((unsigned char)text[i + n + 1]))))
        n++;
    if (n > 2 && text[i + n - 2] == '\'' && text[i + n - 1] == 's')
        n -= 2;
    return n;
}

static bool same(const char *a, const char *b, size_t n) { return strncasecmp(a, b, n) == 0; }

static bool is_one_of(const char *word, size_t n, const char *const *list, size_t n_list)
{
    for (size_t i = 0; i < n_list; i++)
        if (strlen(list[i]) == n && same(list[i], word, n))
            return true;
    return false;
}
#define ONE_OF(word, n, list) is_one_of(word, n, list, sizeof(list) / sizeof((list)[0]))

/* Where a Latin word or phrase occurs as such. */
static bool occurs(const char *text, const char *wanted)
{
    size_t n = strlen(wanted);
    for (const char *at = text; (at = strcasestr(at, wanted)); at++) {
        const char *end = at + n + (n > 2 && at[n] == 's');
        if ((at == text || !isalnum((unsigned char)at[-1])) &&
            (!isalnum((unsigned char)*end) || !isalnum((unsigned char)at[n])))
            return true;
    }
    return false;
}

bool true_has(const char *text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i][0] & 0x80 ? strstr(text, list[i]) != NULL : occurs(text, list[i]))
            return true;
    return false;
}
#define HAS(text, list) true_has(text, list, sizeof(list) / sizeof((list)[0]))

/* ---- names and numbers ---- */

static bool begins_sentence(const char *text, size_t at)
{
    while (at && text[at - 1] == ' ')
        at--;
    return at == 0 || strchr(".!?:;\"'-(", text[at - 1]) || (unsigned char)text[at - 1] >= 0x80;
}

bool true_name_at(const char *text, size_t at, size_t n)
{
    static const char *const none[] = { "I", "I'm", "I've", "I'd", "I'll", "OK", "Ok" };
    return isupper((unsigned char)text[at]) && n > 1 && !ONE_OF(text + at, n, none) && !begins_sentence(text, at);
}

static bool is_numeral(const char *c, size_t len)
{
    static const char numerals[] = "零〇一二三四五六七八九十百千万亿两";
    for (const char *p = numerals; len == 3 && *p; p += 3)
        if (memcmp(p, c, 3) == 0)
            return true;
    return false;
}

/* The next number from *at on; its bytes, 0 at the end. */
static size_t next_number(const char *text, size_t *at)
{
    for (size_t i = *at, len; text[i]; i += len) {
        size_t n = 0;
        utf8_decode(text + i, strlen(text + i), &len);
        if (isdigit((unsigned char)text[i])) {
            *at = i;
            return true_word(text, at);
        }
        while (text[i + n] && is_numeral(text + i + n, strnlen(text + i + n, 3)))
            n += 3;
        *at = i;
        if (n > 3 || (n == 3 && memcmp(text + i, "一", 3) != 0))
            return n;
        len = n ? n : len;
    }
    return 0;
}

size_t true_names(const char *text)
{
    size_t found = 0;
    for (size_t at = 0, n; (n = true_word(text, &at)) > 0; at += n)
        found += true_name_at(text, at, n);
    return found;
}

size_t true_numbers(const char *text)
{
    size_t found = 0;
    for (size_t at = 0, n; (n = next_number(text, &at)) > 0; at += n)
        found++;
    return found;
}

/* ---- what can be told ---- */

bool true_can_be_told(const char *text)
{
    static const char *const you[] = {
        "you", "your", "yours", "you'll", "you're", "let's", "please", "你", "您", "答应"
    };
    static const char *const others[] = { "he",   "she",   "they",    "him",  "them", "his", "their", "it",
                                          "he's", "she's", "they're", "it's", "他",   "她",  "它" };
    static const char *const named[] = { "mother",  "father", "mum",      "mom", "dad",  "sister", "brother", "wife",
                                         "husband", "son",    "daughter", "dog", "cat",  "boss",   "friend",  "baby",
                                         "爸",      "妈",     "姐",       "妹",  "哥",   "弟",     "老婆",    "老公",
                                         "女儿",    "儿子",   "狗",       "猫",  "老板", "朋友" };
    return !HAS(text, you) && (!HAS(text, others) || HAS(text, named) || true_names(text));
}

/* ---- true to it ---- */

/* Words that the third person needs and that add nothing. */
static const char *const small[] = {
    "that",   "this",  "with",    "from",    "have",    "has",   "had",  "does",  "will",   "would",
    "should", "wants", "want",    "wanted",  "goes",    "going", "gets", "named", "called", "their",
    "them",   "they",  "because", "when",    "while",   "about", "into", "also",  "were",   "been",
    "being",  "then",  "than",    "herself", "himself", "says",  "said", "feels", "feel",   "calls",
};

bool true_stem_occurs(const char *text, const char *word, size_t n)
{
    size_t stem = n < STEM ? n : STEM;
    for (size_t at = 0, m; (m = true_word(text, &at)) > 0; at += m)
        if (n < STEM ? m == n && same(text + at, word, n) : m >= stem && same(text + at, word, stem))
            return true;
    return false;
}

/* The word that stands right in front of a name, if it says where to or from; its bytes. */
static size_t place_before(const char *text, size_t at, const char **word)
{
    static const char *const places[] = { "from", "to", "in", "at", "near", "of", "for", "by" };
    size_t end = at, n = 0;
    while (end && text[end - 1] == ' ')
        end--;
    while (end > n && isalpha((unsigned char)text[end - n - 1]))
        n++;
    *word = text + end - n;
    return ONE_OF(*word, n, places) ? n : 0;
}

static bool place_agrees(const char *line, size_t at, size_t n, const char *text)
{
    const char *place, *other;
    size_t len = place_before(line, at, &place), m;
    for (size_t k = 0; len && (m = true_word(text, &k)) > 0; k += m)
        if (m == n && same(text + k, line + at, n)) {
            size_t other_len = place_before(text, k, &other);
            return !other_len || (other_len == len && same(other, place, len));
        }
    return true;
}

static bool words_are_of(const char *line, const char *text, const char *speaker)
{
    for (size_t at = 0, n; (n = true_word(line, &at)) > 0; at += n) {
        bool capital = isupper((unsigned char)line[at]) && at > 0;
        if (true_stem_occurs(speaker, line + at, n))
            continue;
        if ((n >= STEM || capital || isdigit((unsigned char)line[at])) && !ONE_OF(line + at, n, small) &&
            !true_stem_occurs(text, line + at, n))
            return false;
        if (capital && !place_agrees(line, at, n, text))
            return false;
    }
    return true;
}

static bool characters_are_of(const char *line, const char *text, const char *speaker)
{
    static const char few[] =
        "的了是在和与跟他她它们想要会去叫有说把被给让也都就还很个这那到地得着过对为而且因所以时候";
    char one[5] = "";
    for (size_t i = 0, len, n = strlen(line); i < n; i += len) {
        uint32_t c = utf8_decode(line + i, n - i, &len);
        if (c < 0x3400 || c > 0x9FFF)
            continue;
        memcpy(one, line + i, len);
        one[len] = '\0';
        if (!strstr(text, one) && !strstr(speaker, one) && !strstr(few, one))
            return false;
    }
    return true;
}

/* Whether every word of a list that is in text is in line, too. */
static bool keeps(const char *line, const char *text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (true_has(text, &list[i], 1) && !true_has(line, &list[i], 1))
            return false;
    return true;
}

static bool keeps_numbers(const char *line, const char *text)
{
    char number[64];
    for (size_t at = 0, n; (n = next_number(text, &at)) > 0; at += n) {
        if (n >= sizeof(number))
            return false;
        memcpy(number, text + at, n);
        number[n] = '\0';
        if (!strstr(line, number))
            return false;
    }
    return true;
}

static bool keeps_names(const char *line, const char *text)
{
    for (size_t at = 0, n; (n = true_word(text, &at)) > 0; at += n)
        if (true_name_at(text, at, n) && !true_stem_occurs(line, text + at, n))
            return false;
    return true;
}

static bool has_not(const char *text)
{
    static const char *const nots[] = { "not", "never", "no", "nobody", "nothing", "without",
                                        "不",  "没",    "别", "未",     "无" };
    return HAS(text, nots) || strstr(text, "n't");
}

/* What is wanted or may be is no fact: the words of a line that says so of nothing are of the other clauses. */
static bool is_firm(const char *line, const char *text, const char *speaker)
{
    static const char *const unsure[] = { "want",  "wants", "wanted", "hope",   "hopes", "hoping", "maybe",
                                          "might", "if",    "wish",   "wishes", "would", "想",     "打算",
                                          "希望",  "可能",  "也许",   "如果",   "要是" };
    static const char *const ends[] = { ",", ";", ".", "!", "，", "；", "。", "！" };
    char firm[LONGEST_TEXT] = "", clause[LONGEST_TEXT];
    if (!HAS(text, unsure) || HAS(line, unsure) || strlen(text) >= sizeof(firm))
        return true;
    for (size_t n; *text; text += n) {
        size_t end = strlen(text);
        for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
            const char *at = strstr(text, ends[i]);
            end = at && (size_t)(at - text) + strlen(ends[i]) < end ? (size_t)(at - text) + strlen(ends[i]) : end;
        }
        n = end;
        memcpy(clause, text, n);
        clause[n] = '\0';
        if (!HAS(clause, unsure))
            strcat(firm, clause); /* no longer than text */
    }
    return words_are_of(line, firm, speaker) && characters_are_of(line, firm, speaker);
}

bool true_to(const char *line, const char *text, const char *speaker)
{
    /* Beside has_not: 特别 has one that says nothing. */
    static const char *const nots[] = { "不", "没", "别", "未", "无" };
    static const char *const first[] = { "I",   "I'm", "I've", "I'd", "I'll", "me", "my", "mine", "we",
                                         "our", "us",  "我",   "咱",  "俺",   "你", "您", "you",  "your" };
    static const char *const kin[] = { "mother",  "father", "mum",      "mom", "dad",  "sister", "brother", "wife",
                                       "husband", "son",    "daughter", "dog", "cat",  "boss",   "friend",  "baby",
                                       "妈",      "爸",     "姐",       "妹",  "哥",   "弟",     "老婆",    "老公",
                                       "女儿",    "儿子",   "狗",       "猫",  "老板", "朋友",   "同事" };
    return strstr(line, speaker) && !HAS(line, first) && has_not(line) == has_not(text) &&
           is_firm(line, text, speaker) && keeps(line, text, nots, sizeof(nots) / sizeof(nots[0])) &&
           keeps(text, line, nots, sizeof(nots) / sizeof(nots[0])) && words_are_of(line, text, speaker) &&
           characters_are_of(line, text, speaker) && keeps(line, text, kin, sizeof(kin) / sizeof(kin[0])) &&
           keeps_numbers(line, text) && keeps_names(line, text);
}
