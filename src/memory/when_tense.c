/* What the words around an expression tell of the time: "I will see her on Monday", 周一见了她. A few words that carry tense, no grammar:
 * the nearest one before the expression in its clause counts most, then one behind it, then those of the sentence. */
#include "memory/when_private.h"

#include "base/utf8.h"

#include <ctype.h>
#include <string.h>

#define REACH 200 /* bytes that are looked at to each side */

static const char future_words[] =
    " will ll shall won gonna going plan plans planning planned_for want wants hope hopes hoping lets let remind "
    "upcoming coming "
    "until tomorrow schedule scheduled booked should must need needs may might could intend expect expecting due soon ";
static const char past_words[] = " was were did didn had hadn wasn weren been ago yesterday went came saw met got made "
                                 "took told said gave bought found left "
                                 "felt ate began became broke brought built caught chose drove fell fought flew forgot "
                                 "grew heard held kept knew led lost paid "
                                 "ran rode sang sat sent slept sold spent spoke stood swam taught thought threw "
                                 "understood woke won_it wore wrote done gone "
                                 "seen sung drew hid hit_it read_it drank bit blew dealt dug fed froze hung laid lit "
                                 "meant rang rose sank shook shot shut_it "
                                 "slid stole stuck struck swore swung tore ";
/* Ends in "ed" but is no past. */
static const char not_past[] =
    " need feed bed red shed speed seed indeed weed breed bleed greed hundred sacred naked wicked used_to "
    "scheduled booked excited interested supposed ";

bool when_listed(const char *list, const char *word, size_t n)
{
    for (const char *p = list; n && (p = strchr(p, ' ')) && p[1]; p++)
        if (strncmp(p + 1, word, n) == 0 && p[1 + n] == ' ')
            return true;
    return false;
}

/* Of one English word in small letters; before: the word in front of it. */
static enum when_tense of_word(const char *word, size_t n, const char *before, size_t n_before)
{
    if (when_listed(future_words, word, n))
        return TENSE_FUTURE;
    if (when_listed(past_words, word, n))
        return TENSE_PAST;
    bool ed = n >= 4 && memcmp(word + n - 2, "ed", 2) == 0, ing = n >= 5 && memcmp(word + n - 3, "ing", 3) == 0;
    if (ed && !when_listed(not_past, word, n))
        return TENSE_PAST;
    /* "I'm leaving on Monday" */
    if (ing && when_listed(" am is are m s re ", before, n_before))
        return TENSE_FUTURE;
    bool see = n == 3 && memcmp(word, "you", 3) == 0 && n_before == 3 && memcmp(before, "see", 3) == 0;
    return see ? TENSE_FUTURE : TENSE_NONE;
}

/* Chinese words of a tense; not: characters that make another word of it, in front of it or behind. */
static const struct {
    const char *word;
    enum when_tense tense;
    const char *not_before, *not_behind;
} zh_cues[] = {
    { "将", TENSE_FUTURE, "麻", "近军来" },
    { "要", TENSE_FUTURE, "主重需必想不只摘", "是求不么的素点紧" },
    { "会", TENSE_FUTURE, "开聚社机约宴晚年体学误协议不才都总也", "议员长计所场" },
    { "打算", TENSE_FUTURE, "", "" },
    { "准备", TENSE_FUTURE, "", "" },
    { "计划", TENSE_FUTURE, "", "" },
    { "提醒", TENSE_FUTURE, "", "" },
    { "别忘", TENSE_FUTURE, "", "" },
    { "想去", TENSE_FUTURE, "", "" },
    { "一起去吧", TENSE_FUTURE, "", "" },
    { "再说", TENSE_FUTURE, "", "" },
    { "就要", TENSE_FUTURE, "", "" },
    { "见吧", TENSE_FUTURE, "", "" },
    { "约在", TENSE_FUTURE, "", "" },
    { "了", TENSE_PAST, "为极罢好太除", "解不得" },
    { "过", TENSE_PAST, "不通难超经路度", "来去年节几两敏程分于" },
    { "已经", TENSE_PAST, "", "" },
    { "曾", TENSE_PAST, "未", "" },
    { "当时", TENSE_PAST, "", "" },
    { "那时", TENSE_PAST, "", "" },
    { "刚", TENSE_PAST, "", "好" },
    { "还记得", TENSE_PAST, "", "" },
    { "没", TENSE_PAST, "", "有空空时事" },
};

/* Whether the character of list stands at byte i (three bytes). */
static bool among(const char *list, const char *text, size_t i, size_t n)
{
    char one[4] = "";
    if (i + 3 > n)
        return false;
    memcpy(one, text + i, 3);
    return (one[0] & 0x80) && strstr(list, one) != NULL;
}

static enum when_tense of_han(const char *text, size_t i, size_t n)
{
    for (size_t k = 0; k < sizeof(zh_cues) / sizeof(zh_cues[0]); k++) {
        size_t len = strlen(zh_cues[k].word);
        if (i + len > n || memcmp(text + i, zh_cues[k].word, len) != 0)
            continue;
        if ((i >= 3 && among(zh_cues[k].not_before, text, i - 3, n)) || among(zh_cues[k].not_behind, text, i + len, n))
            continue;
        return zh_cues[k].tense;
    }
    return TENSE_NONE;
}

struct part {
    char text[REACH + 1];
    size_t n;
};

/* The tense of the last (or first) word in bytes a … b that has one. */
static enum when_tense of_part(const struct part *p, size_t a, size_t b, bool last)
{
    enum when_tense found = TENSE_NONE;
    size_t before = a, n_before = 0;
    for (size_t i = a, len; i < b && (last || !found); i += len) {
        enum when_tense t = TENSE_NONE;
        len = 1;
        if ((unsigned char)p->text[i] >= 0x80) {
            t = of_han(p->text, i, b);
            utf8_decode(p->text + i, b - i, &len);
        } else if (isalpha((unsigned char)p->text[i])) {
            while (i + len < b && isalpha((unsigned char)p->text[i + len]))
                len++;
            t = of_word(p->text + i, len, p->text + before, n_before);
            before = i;
            n_before = len;
        }
        found = t ? t : found;
    }
    return found;
}

static size_t longest_of(const char *const *marks, const char *text, size_t i, size_t n)
{
    for (; *marks; marks++) {
        size_t len = strlen(*marks);
        if (i + len <= n && memcmp(text + i, *marks, len) == 0)
            return len;
    }
    return 0;
}

static size_t mark_at(const char *text, size_t i, size_t n, bool clause)
{
    static const char *const sentence[] = { ". ", "!", "?", "\n", "。", "！", "？", NULL };
    static const char *const smaller[] = { ",", ";", "，", "；", " but ", " and ", NULL };
    size_t len = longest_of(sentence, text, i, n);
    return len || !clause ? len : longest_of(smaller, text, i, n);
}

/* Cuts the text in front behind its last mark. */
static size_t cut_front(const struct part *p, bool clause)
{
    size_t at = 0;
    for (size_t i = 0; i < p->n; i++)
        at = mark_at(p->text, i, p->n, clause) ? i + mark_at(p->text, i, p->n, clause) : at;
    return at < p->n ? at : p->n;
}

static size_t cut_back(const struct part *p, bool clause)
{
    size_t i = 0;
    while (i < p->n && !mark_at(p->text, i, p->n, clause))
        i++;
    return i;
}

static void fill(struct part *p, const struct when_scan *s, size_t from, size_t to)
{
    p->n = when_window(s->text, to, from, p->text, sizeof(p->text));
    for (size_t i = 0; i < p->n; i++)
        p->text[i] = (char)((unsigned char)p->text[i] < 0x80 ? tolower((unsigned char)p->text[i]) : p->text[i]);
}

static bool question(const struct part *back, size_t end)
{
    return memchr(back->text + end, '?', back->n - end) == back->text + end || strncmp(back->text + end, "？", 3) == 0;
}

enum when_tense when_tense_at(const struct when_scan *s, size_t start, size_t end)
{
    struct part front, back;
    size_t from = start > REACH ? start - REACH : 0;
    while (from < start && ((unsigned char)s->text[from] & 0xC0) == 0x80)
        from++;
    fill(&front, s, from, start);
    fill(&back, s, end, s->n);
    for (int clause = 1; clause >= 0; clause--) {
        size_t a = cut_front(&front, clause), b = cut_back(&back, clause);
        enum when_tense t = of_part(&front, a, front.n, true);
        t = t ? t : of_part(&back, 0, b, false);
        if (t)
            return t;
    }
    size_t b = cut_back(&back, false);
    return b < back.n && question(&back, b) ? TENSE_PAST : TENSE_NONE;
}
