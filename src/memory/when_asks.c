/* Whether a text asks for a time. */
#include "memory/when_english.h"

#include "base/utf8.h"

#include <ctype.h>
#include <string.h>

/* Words that stand side by side. "*" is any word. */
static const char *const english[] = {
    "how long ago",
    "how long has it been",
    "how long since",
    "how long is it since",
    "what day",
    "what date",
    "what time",
    "what year",
    "what month",
    "what week",
    "which day",
    "which date",
    "which year",
    "which month",
    "which week",
    "what was the date",
    "what is the date",
    "whats the date",
    "what was the day",
    "since when",
    "until when",
    "by when",
    "till when",
    "from when",
    "how many days ago",
    "how many weeks ago",
    "how many months ago",
    "how many years ago",
    "what season",
    "how recently",
    "which weekend",
    "what weekend",
    "at what point",
    "in what year",
    "how soon",
    "which season",
    "which holiday",
    "remember when",
    "know when",
    "tell me when",
    "when exactly",
    "what decade",
    "when again",
};
static const char auxiliaries[] =
    " did do does was were is are am will would had has have should shall can could might didnt wasnt isnt "
    "the_heck exactly on in ";

/* Words of the text from byte i on, small and without apostrophes; false: there are none. */
static bool words_at(const struct english *e, const char *words)
{
    struct english copy = *e;
    return english_take(&copy, words);
}

/* "When did …", "When?", "and when was …": not "when I was young". */
static bool when_asked(const struct english *e)
{
    struct english copy = *e;
    if (!english_take(&copy, "when"))
        return false;
    struct token next = english_peek(&copy);
    if (next.kind == TOKEN_MARK)
        return next.word[0] == '?';
    return next.kind == TOKEN_WORD && when_listed(auxiliaries, next.word, strlen(next.word));
}

static bool asks_english(const struct when_scan *s, size_t at)
{
    struct english e = { .scan = s, .at = at, .start = at };
    struct token first = english_peek(&e);
    if (!when_listed(" how what which since until till by from at in when whats remember know tell ", first.word,
                     strlen(first.word)))
        return false;
    if (strcmp(first.word, "when") == 0 && when_asked(&e))
        return true;
    for (size_t i = 0; i < sizeof(english) / sizeof(english[0]); i++)
        if (words_at(&e, english[i]))
            return true;
    return false;
}

static const struct {
    const char *words, *not_before, *not_behind;
} chinese[] = {
    { "什么时候|啥时候|什么时间|啥时间|何时|几时|什么时辰|哪会儿", "无论|不管|随|任|管", "都|也|就|才是个头" },
    { "哪一天|哪天|哪一年|哪年|哪个月|哪一月|哪一周|哪周|哪个星期|哪个周末|哪个季节", "无论|不管|随",
      "都|也|有空|再|一起|咱|我们" },
    { "几月几号|几月几日|几月份|几月|几年级", "好|这|那|十|个|过|有", "级|前|后|来|内|没" },
    { "几号", "好|这|那|十|十来", "楼|线|房|间|门|桌|店|厅|车|床|球|衣|技|码|病|机|的房|桥|窗|柜|台|出口" },
    { "星期几|周几|礼拜几", "每|无论|不管", "" },
    { "几点", "这|那|有|以下|如下|好|下面|前|后|第|讲|说|的|哪", "建议|意见|要求|想法|原因|体会|理由|问题|好处" },
    { "多久以前|多久之前|多久前|多长时间以前|多长时间之前|多长时间前", "没", "" },
    { "多少天前|多少年前|多少天以前|多少年以前|多少个月前|多少小时前", "", "" },
    { "什么日子|什么季节|什么年代|哪年哪月|什么年份", "", "" },
};

static bool asks_chinese(const struct when_scan *s, size_t at)
{
    struct chinese_window {
        char text[64], before[16];
    } w;
    size_t from = at > 9 ? at - 9 : 0;
    while (from < at && ((unsigned char)s->text[from] & 0xC0) == 0x80)
        from++;
    when_window(s->text, s->n, at, w.text, sizeof(w.text));
    if (!strchr("\xE4\xE5\xE6\xE7", w.text[0]) ||
        !strstr("什啥何几哪星周礼多", (char[4]){ w.text[0], w.text[1], w.text[2] }))
        return false;
    when_window(s->text, at, from, w.before, sizeof(w.before));
    for (size_t i = 0; i < sizeof(chinese) / sizeof(chinese[0]); i++) {
        size_t n = when_starts(w.text, chinese[i].words);
        if (n && !when_starts(w.text + n, chinese[i].not_behind) && !when_ends(w.before, chinese[i].not_before))
            return true;
    }
    return false;
}

/* The byte where a time is asked for; s->n: none is. */
static size_t find_asking(const struct when_scan *s)
{
    const char *text = s->text;
    for (size_t i = 0, len; i < s->n; i += len) {
        len = 1;
        unsigned char c = (unsigned char)text[i];
        if (isalpha(c)) {
            while (i + len < s->n && isalnum((unsigned char)text[i + len]))
                len++;
            if (asks_english(s, i))
                return i;
        } else if (c >= 0x80) {
            utf8_decode(text + i, s->n - i, &len);
            if (len == 3 && asks_chinese(s, i))
                return i;
        } else if (isdigit(c)) {
            while (i + len < s->n && isalnum((unsigned char)text[i + len]))
                len++;
        }
    }
    return s->n;
}

bool when_asks(const char *text, size_t n)
{
    const struct when_scan s = when_scan_begin(text, n, (struct when_anchor){ 0 });
    return find_asking(&s) < s.n;
}

/* Whether a sign or a word that asks ends before byte n. */
static bool is_end(const char *text, size_t n)
{
    char one[4] = "";
    if (n < 3)
        return false;
    memcpy(one, text + n - 3, 3);
    return (one[0] & 0x80) && strstr("？！。～吗呢呀啊", one);
}

/* A question's mark would be taken for a past. */
bool when_asks_back(const char *text, size_t n)
{
    while (n && (strchr(" ?!.~", text[n - 1]) || is_end(text, n)))
        n -= (unsigned char)text[n - 1] < 0x80 ? 1 : 3;
    const struct when_scan s = when_scan_begin(text, n, (struct when_anchor){ 0 });
    size_t at = find_asking(&s);
    bool de = n >= 3 && memcmp(text + n - 3, "的", 3) == 0; /* 是哪天修好的 */
    return at < s.n && (de || when_tense_at(&s, at, at + 1) == TENSE_PAST);
}
