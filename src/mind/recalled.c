#include "mind/recalled.h"

#include "base/utf8.h"
#include "memory/when.h"
#include "mind/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 16
#define TEXT_BYTES 240 /* of one thing that was said */
#define BEFORE_BYTES 90
#define QUOTE_BYTES 160

static const char *cut(struct arena *a, const char *text, size_t most)
{
    size_t n = strlen(text), kept = utf8_cut(text, n, most);
    const char *one = kept < n ? arena_printf(a, "%.*s…", (int)kept, text) : arena_strdup(a, text);
    for (char *p = (char *)(uintptr_t)one; p && *p; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    return one;
}

static const char *line_of(struct arena *a, const struct recalled_item *item, struct when_anchor now, bool zh)
{
    char age[64];
    when_age_text(item->at_ms, now, zh ? "zh" : "en", age, sizeof(age));
    const char *text = cut(a, item->text, TEXT_BYTES);
    const char *before = item->before ? cut(a, item->before, BEFORE_BYTES) : "";
    if (!text || !before)
        return NULL;
    const char *who = item->who ? item->who : zh ? "你" : "you";
    if (*before)
        return zh ? arena_printf(a, "- %s，问到“%s”，%s说：“%s”", age, before, who, text)
                  : arena_printf(a, "- %s, asked \"%s\", %s said: \"%s\"", age, before, who, text);
    return zh ? arena_printf(a, "- %s，%s说：“%s”", age, who, text)
              : arena_printf(a, "- %s %s said: \"%s\"", age, who, text);
}

struct chosen {
    const char *line;
    int64_t at_ms;
};

static int by_time(const void *a, const void *b)
{
    const struct chosen *x = a, *y = b;
    return x->at_ms < y->at_ms ? -1 : x->at_ms > y->at_ms;
}

const char *recalled_text(struct arena *a, struct recalled_item *items, size_t n, int64_t now_ms, int offset_min,
                          const char *language, int tokens, bool asked, size_t *used)
{
    bool zh = strcmp(language, "zh") == 0;
    struct chosen chosen[MOST];
    *used = 0;
    for (size_t i = 0; i < n && *used < MOST; i++) {
        const char *line = line_of(a, &items[i], (struct when_anchor){ now_ms, offset_min }, zh);
        if (!line)
            return NULL;
        int cost = prompt_tokens(line, strlen(line));
        if (cost > tokens)
            continue;
        tokens -= cost;
        items[i].told = true;
        chosen[(*used)++] = (struct chosen){ line, items[i].at_ms };
    }
    if (!*used)
        return "";
    qsort(chosen, *used, sizeof(*chosen), by_time);
    static const char *const heads[2][2] = {
        { "You remember this; use it only where it helps:", "You are asked what you remember. All of it is this; where "
                                                            "two differ, the later one counts. What is not in it "
                                                            "you do not remember, and you say so:" },
        { "你记得这些，用得上才提：", "朋友在问你记不记得。你记得的都在下面，前后不一样的以后说的为准；下面没有的，就说"
                                      "不记得、没听说过，别编：" }
    };
    const char *all = heads[zh][asked];
    for (size_t i = 0; i < *used && all; i++)
        all = arena_printf(a, "%s\n%s", all, chosen[i].line);
    return all;
}

const char *recalled_quote(struct arena *a, const char *text, const char *who, const char *language)
{
    bool zh = strcmp(language, "zh") == 0;
    const char *one = cut(a, text, QUOTE_BYTES);
    if (!one)
        return NULL;
    if (who)
        return zh ? arena_printf(a, "%s跟我说过：“%s”", who, one) : arena_printf(a, "%s told me: \"%s\"", who, one);
    return zh ? arena_printf(a, "你跟我说过：“%s”", one) : arena_printf(a, "You told me: \"%s\"", one);
}

const char *recalled_nothing(const char *language)
{
    return strcmp(language, "zh") == 0 ? "这件事你不记得，也没人跟你说过。直说不记得，别编。"
                                       : "You remember nothing of this, nobody told you. Say so, and invent nothing.";
}

bool recalled_asked(const char *message)
{
    static const char *const english[] = { "remember",     "did i tell",    "did i say",   "i told you",
                                           "when did i",   "where did i",   "what did i",  "who did i",
                                           "what's my",    "what is my",    "where's my",  "last time",
                                           "how old am i", "how old is my", "what was my", "do you know my",
                                           "where do i",   "what do i",     "did i ever",  "forgot what" };
    static const char *const chinese[] = { "记得",       "我上次", "我上回",   "我跟你说过", "我说过", "我告诉过",
                                           "我什么时候", "我在哪", "我叫什么", "我家",       "我的",   "我妈",
                                           "我爸",       "上次",   "我哪天",   "我几" };
    bool asks = strchr(message, '?') || strstr(message, "？") || strstr(message, "吗") || strstr(message, "什么");
    for (size_t i = 0; i < sizeof(english) / sizeof(*english) && asks; i++)
        if (strcasestr(message, english[i]))
            return true;
    for (size_t i = 0; i < sizeof(chinese) / sizeof(*chinese) && asks; i++)
        if (strstr(message, chinese[i]))
            return true;
    return false;
}

bool recalled_own(const char *message)
{
    static const char *const asking[] = { "?", "？", "吗", "什么", "哪", "几", "谁", "怎么", "多少", "呢", "来着" };
    static const char *const first[] = { "my", "i", "me", "mine", "we", "our", "i'm", "i've" };
    bool asks = recalled_asked(message), own = strstr(message, "我") || strstr(message, "咱");
    for (size_t i = 0; i < sizeof(asking) / sizeof(*asking) && !asks; i++)
        asks = strstr(message, asking[i]) != NULL;
    for (const char *at = message; *at && !own;) {
        size_t n = strcspn(at, " ,.?!;\n");
        for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++)
            own = own || (strlen(first[i]) == n && strncasecmp(at, first[i], n) == 0);
        at += n + (at[n] != '\0');
    }
    return asks && own;
}
