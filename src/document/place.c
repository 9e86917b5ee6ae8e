#include "document/place.h"

#include "base/utf8.h"

#include <ctype.h>
#include <string.h>

#define MAX_PART 9999

/* ---- numbers ---- */

static bool begins(const char *s, size_t n, const char *with)
{
    size_t len = strlen(with);
    return n >= len && memcmp(s, with, len) == 0;
}

/* A word of letters in any case, at its end. */
static bool begins_word(const char *s, size_t n, const char *word)
{
    size_t len = strlen(word);
    return n >= len && strncasecmp(s, word, len) == 0 && (n == len || !isalpha((unsigned char)s[len]));
}

static size_t blanks(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && (s[i] == ' ' || s[i] == '\t' || begins(s + i, n - i, "\u3000") || begins(s + i, n - i, "\u00A0")))
        i += s[i] == ' ' || s[i] == '\t' ? 1 : begins(s + i, n - i, "\u3000") ? 3 : 2;
    return i;
}

static size_t arabic(const char *s, size_t n, int *out)
{
    size_t i = 0;
    int value = 0;
    for (; i < n; i++) {
        size_t wide = begins(s + i, n - i, "\uFF10") ? 3 : 0;
        int digit = isdigit((unsigned char)s[i]) ? s[i] - '0' : -1;
        if (!wide && i + 3 <= n && (unsigned char)s[i] == 0xEF && (unsigned char)s[i + 1] == 0xBC &&
            (unsigned char)s[i + 2] >= 0x90 && (unsigned char)s[i + 2] <= 0x99)
            wide = 3;
        if (wide)
            digit = (unsigned char)s[i + 2] - 0x90;
        if (digit < 0 || value > MAX_PART / 10)
            break;
        value = value * 10 + digit;
        i += wide ? 2 : 0;
    }
    *out = value;
    return i;
}

/* 一百二十三, 二〇, 两. */
static size_t chinese(const char *s, size_t n, int *out)
{
    static const char *const digits[] = { "〇", "一", "二", "三", "四", "五", "六", "七", "八", "九" };
    static const struct {
        const char *sign;
        int value;
    } tens[] = { { "十", 10 }, { "百", 100 }, { "千", 1000 } };
    size_t i = 0;
    int sum = 0, digit = -1;
    while (i + 3 <= n) {
        int found = begins(s + i, n - i, "零") ? 0 : begins(s + i, n - i, "两") ? 2 : -1, ten = 0;
        for (int k = 0; k < 10 && found < 0; k++)
            found = begins(s + i, n - i, digits[k]) ? k : -1;
        for (size_t k = 0; k < 3 && found < 0 && !ten; k++)
            ten = begins(s + i, n - i, tens[k].sign) ? tens[k].value : 0;
        if (found < 0 && !ten)
            break;
        if (ten) {
            sum += (digit < 0 ? 1 : digit) * ten;
            digit = -1;
        } else
            digit = digit > 0 && digit < MAX_PART / 10 ? digit * 10 + found : found; /* 二〇: one by one */
        i += 3;
        if (sum > MAX_PART)
            return 0;
    }
    *out = sum + (digit < 0 ? 0 : digit);
    return i;
}

static size_t roman(const char *s, size_t n, int *out)
{
    static const char signs[] = "IVXLC";
    static const int values[] = { 1, 5, 10, 50, 100 };
    int sum = 0, last = 0;
    size_t i = 0;
    for (; i < n && i < 9; i++) {
        const char *sign = s[i] ? strchr(signs, toupper((unsigned char)s[i])) : NULL;
        if (!sign)
            break;
        int value = values[sign - signs];
        sum += value > last && last ? value - 2 * last : value;
        last = value;
    }
    if (i < n && isalnum((unsigned char)s[i]))
        return 0; /* a word */
    *out = sum;
    return sum > 0 ? i : 0;
}

static size_t counted(const char *s, size_t n, int *out)
{
    static const char *const words[] = { "one",     "two",       "three",    "four",     "five",
                                         "six",     "seven",     "eight",    "nine",     "ten",
                                         "eleven",  "twelve",    "thirteen", "fourteen", "fifteen",
                                         "sixteen", "seventeen", "eighteen", "nineteen", "twenty" };
    for (int i = 0; i < (int)(sizeof(words) / sizeof(*words)); i++)
        if (begins_word(s, n, words[i])) {
            *out = i + 1;
            return strlen(words[i]);
        }
    return 0;
}

/* 3, 3.2, 3.2.1: how many bytes; the parts are added. */
static size_t dotted(const char *s, size_t n, struct place_number *out)
{
    size_t i = 0;
    out->n = 0;
    while (i < n && out->n < PLACE_PARTS) {
        int part;
        size_t len = arabic(s + i, n - i, &part);
        if (!len)
            break;
        out->parts[out->n++] = part;
        i += len;
        if (i + 1 >= n || s[i] != '.' || !isdigit((unsigned char)s[i + 1]))
            break;
        i++;
    }
    return i;
}

/* The value behind a word: "2", "2.1", "two", "IV", "B" (of an appendix). */
static size_t value_of(const char *s, size_t n, enum place_kind kind, struct place_number *out)
{
    int value = 0;
    size_t len = dotted(s, n, out);
    if (len)
        return len < n && isalnum((unsigned char)s[len]) ? 0 : len;
    len = counted(s, n, &value);
    if (!len && kind == PLACE_APPENDIX && n && isalpha((unsigned char)*s) &&
        (n == 1 || !isalnum((unsigned char)s[1]))) {
        value = toupper((unsigned char)*s) - 'A' + 1;
        len = 1;
    }
    if (!len && n && isupper((unsigned char)*s)) /* "section I of" is no number of a talk in small letters */
        len = roman(s, n, &value);
    out->n = len ? 1 : 0;
    out->parts[0] = value;
    return len;
}

static const struct {
    const char *word;
    enum place_kind kind;
} english[] = { { "chapter", PLACE_CHAPTER },   { "chap.", PLACE_CHAPTER },   { "part", PLACE_PART },
                { "book", PLACE_PART },         { "volume", PLACE_PART },     { "section", PLACE_SECTION },
                { "sect.", PLACE_SECTION },     { "article", PLACE_ARTICLE }, { "clause", PLACE_ARTICLE },
                { "appendix", PLACE_APPENDIX }, { "annex", PLACE_APPENDIX },  { "schedule", PLACE_APPENDIX } };
#define N_ENGLISH (sizeof(english) / sizeof(*english))

static size_t english_number(const char *s, size_t n, struct place_number *out)
{
    for (size_t i = 0; i < N_ENGLISH; i++) {
        size_t len = strlen(english[i].word);
        if (n <= len || strncasecmp(s, english[i].word, len) != 0)
            continue;
        size_t gap = blanks(s + len, n - len);
        size_t value = gap ? value_of(s + len + gap, n - len - gap, english[i].kind, out) : 0;
        if (!value)
            continue;
        out->kind = english[i].kind;
        return len + gap + value;
    }
    if (begins(s, n, "§")) {
        size_t gap = blanks(s + 2, n - 2), value = dotted(s + 2 + gap, n - 2 - gap, out);
        out->kind = PLACE_SECTION;
        return value ? 2 + gap + value : 0;
    }
    return 0;
}

static const struct {
    const char *sign;
    enum place_kind kind;
} signs[] = { { "章", PLACE_CHAPTER }, { "回", PLACE_CHAPTER }, { "讲", PLACE_CHAPTER }, { "课", PLACE_CHAPTER },
              { "节", PLACE_SECTION }, { "節", PLACE_SECTION }, { "条", PLACE_ARTICLE }, { "條", PLACE_ARTICLE },
              { "卷", PLACE_PART },    { "部分", PLACE_PART },  { "部", PLACE_PART },    { "篇", PLACE_PART },
              { "款", PLACE_ARTICLE } };

static enum place_kind sign_of(const char *s, size_t n, size_t *len)
{
    for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
        if (begins(s, n, signs[i].sign)) {
            *len = strlen(signs[i].sign);
            return signs[i].kind;
        }
    return PLACE_NONE;
}

/* 第二章, 第 3 节, 附录一. */
static size_t chinese_number(const char *s, size_t n, struct place_number *out)
{
    bool appendix = begins(s, n, "附录") || begins(s, n, "附件");
    size_t i = appendix ? 6 : begins(s, n, "第") ? 3 : 0, sign = 0;
    if (!i)
        return 0;
    i += blanks(s + i, n - i);
    size_t len = arabic(s + i, n - i, &out->parts[0]);
    len = len ? len : chinese(s + i, n - i, &out->parts[0]);
    if (!len && appendix && i < n && isupper((unsigned char)s[i])) {
        out->parts[0] = s[i] - 'A' + 1;
        len = 1;
    }
    out->n = 1;
    out->kind = PLACE_APPENDIX;
    if (!len || appendix)
        return len ? i + len : 0;
    i += len;
    i += blanks(s + i, n - i);
    out->kind = sign_of(s + i, n - i, &sign);
    return out->kind == PLACE_NONE ? 0 : i + sign;
}

/* "3.2", "3.", "3)", 三、, （三）. */
static size_t bare_number(const char *s, size_t n, struct place_number *out)
{
    size_t open = begins(s, n, "（") ? 3 : begins(s, n, "(") ? 1 : 0;
    size_t len = dotted(s + open, n - open, out), i;
    out->kind = PLACE_BARE;
    if (len) {
        i = open + len;
        size_t close = begins(s + i, n - i, ".") || begins(s + i, n - i, ")")                                   ? 1
                       : begins(s + i, n - i, "、") || begins(s + i, n - i, "）") || begins(s + i, n - i, "．") ? 3
                                                                                                                : 0;
        if ((!close && out->n < 2) || out->parts[0] > 300 || (i + close < n && isdigit((unsigned char)s[i + close])))
            return 0;
        return i + close;
    }
    len = chinese(s + open, n - open, &out->parts[0]);
    i = open + len;
    out->n = 1;
    if (!len || !(begins(s + i, n - i, "、") || (open && (begins(s + i, n - i, "）") || begins(s + i, n - i, ")")))))
        return 0;
    return i + (begins(s + i, n - i, ")") ? 1 : 3);
}

size_t place_number(const char *s, size_t n, struct place_number *out)
{
    *out = (struct place_number){ .kind = PLACE_NONE };
    size_t len = english_number(s, n, out);
    len = len ? len : chinese_number(s, n, out);
    len = len ? len : bare_number(s, n, out);
    if (!len)
        *out = (struct place_number){ .kind = PLACE_NONE };
    return len;
}

int place_level(const struct place_number *number)
{
    switch (number->kind) {
    case PLACE_PART: return 1;
    case PLACE_SECTION: return number->n > 1 ? 2 + number->n : 3;
    case PLACE_ARTICLE: return 4;
    case PLACE_BARE: return 3 + number->n;
    case PLACE_NONE:
    case PLACE_CHAPTER:
    case PLACE_APPENDIX: break;
    }
    return 2;
}

/* ---- names ---- */

static const struct {
    const char *word, *name;
} names[] = { { "introduction", "introduction" },
              { "preface", "introduction" },
              { "foreword", "introduction" },
              { "prologue", "introduction" },
              { "preamble", "introduction" },
              { "前言", "introduction" },
              { "引言", "introduction" },
              { "序言", "introduction" },
              { "导言", "introduction" },
              { "绪论", "introduction" },
              { "序", "introduction" },
              { "引子", "introduction" },
              { "conclusion", "conclusion" },
              { "conclusions", "conclusion" },
              { "epilogue", "conclusion" },
              { "afterword", "conclusion" },
              { "结论", "conclusion" },
              { "结语", "conclusion" },
              { "后记", "conclusion" },
              { "尾声", "conclusion" },
              { "abstract", "abstract" },
              { "summary", "abstract" },
              { "摘要", "abstract" },
              { "提要", "abstract" },
              { "appendix", "appendix" },
              { "附录", "appendix" },
              { "references", "references" },
              { "bibliography", "references" },
              { "参考文献", "references" },
              { "glossary", "glossary" },
              { "术语", "glossary" },
              { "acknowledgements", "thanks" },
              { "acknowledgments", "thanks" },
              { "致谢", "thanks" },
              { "contents", "contents" },
              { "table of contents", "contents" },
              { "目录", "contents" } };
#define N_NAMES (sizeof(names) / sizeof(*names))

const char *place_named(const char *s, size_t n)
{
    while (n && strchr(" \t:.", s[n - 1]))
        n--;
    if (n >= 3 && memcmp(s + n - 3, "：", 3) == 0)
        n -= 3;
    for (size_t i = 0; i < N_NAMES; i++)
        if (strlen(names[i].word) == n && strncasecmp(s, names[i].word, n) == 0)
            return names[i].name;
    return NULL;
}

const char *place_name_at(size_t i, const char **word)
{
    if (i >= N_NAMES)
        return NULL;
    *word = names[i].word;
    return names[i].name;
}
