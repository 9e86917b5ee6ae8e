/* facts.c — the facts of character.ini as lore: when somebody asks for one, it is put right in front of the question. A small
 * model invents a family otherwise; with the answer beside the question it only has to say it. */
#include "agent/character.h"

#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#define LONGEST_QUESTION 60 /* bytes: longer ones ask for more than a fact */

static const struct {
    const char *fact;
    const char *keys;    /* of lore.md */
    const char *zh, *en; /* what stands before the value */
} asked[] = {
    { "full_name", "/(full|last|sur)\\s*-?name/i, 全名, 姓什么, 贵姓", "你的全名", "your full name" },
    { "age", "/how old (are|r) (you|u)/i, /your age/i, /(你|您)(今年)?(多大|几岁|贵庚)/, 多大了, 几岁了, 你的年龄",
      "你的年龄", "your age" },
    { "birthday", "/your birthday/i, /when (were|was) you born/i, /你.{0,4}生日/, /你.{0,4}出生/", "你的生日",
      "your birthday" },
    { "work",
      "/what do you do\\b(?! (when|if|with|about))/i, /your (job|work|trade)/i, /do for a living/i, "
      "/你.{0,4}(工作|职业|上班|做什么的)/",
      "你的工作", "your work" },
    { "home",
      "/where do you live/i, /where are you\\b(?! from)/i, /你(?!.{0,3}(老家|家乡)).{0,3}(住哪|住在哪|在哪里?|在哪儿)/",
      "你住在", "you live in" },
    { "from", "/where (are|do) you (come )?from/i, /where did you grow up/i, /你.{0,3}(哪里人|哪儿人|老家|家乡)/",
      "你来自", "you come from" },
    { "family",
      "/(have|got|your).{0,12}\\b(family|wife|husband|partner|kids?|children|son|daughter|brothers?|sisters?|siblings|"
      "parents)\\b/i, "
      "/are you (married|single)/i, /你.{0,4}(家里|家人|结婚|对象|老公|老婆|丈夫|妻子|孩子|儿子|女儿|兄弟|姐妹|父母)/",
      "你的家人", "your family" },
};

/* "02-17" → "17 February", "2月17日"; anything else stays. */
static const char *day_in_words(const char *value, bool zh, char *out, size_t size)
{
    static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December" };
    int month, day, end = 0;
    if (sscanf(value, "%2d-%2d%n", &month, &day, &end) != 2 || value[end] || month < 1 || month > 12 || day < 1 ||
        day > 31)
        return value;
    if (zh)
        snprintf(out, size, "%d月%d日", month, day);
    else
        snprintf(out, size, "%d %s", day, months[month - 1]);
    return out;
}

void facts_as_lore(const struct character *c, const char *language, struct buf *out)
{
    bool zh = strcmp(language, "zh") == 0;
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        const char *value = character_fact(c, asked[i].fact, language);
        char words[40];
        if (value && strcmp(asked[i].fact, "birthday") == 0)
            value = day_in_words(value, zh, words, sizeof(words));
        if (value)
            buf_printf(out, "\n## %s\nkeys: %s\n@@scan_depth 1\n@@depth 1\n%s%s%s\n", asked[i].fact, asked[i].keys,
                       zh ? asked[i].zh : asked[i].en, zh ? "：" : ": ", value);
    }
}

/* Whether this piece of lore is the i-th fact. */
static bool is_fact(const struct lore_hit *lore, size_t i, bool zh)
{
    const char *label = zh ? asked[i].zh : asked[i].en;
    size_t len = strlen(label);
    return strncmp(lore->content, label, len) == 0 && strncmp(lore->content + len, zh ? "：" : ": ", 2) == 0;
}

/* Which facts are among these pieces of lore: how many, and the last. */
static size_t facts_among(const struct lore_hit *lore, size_t n, bool zh, const char **fact)
{
    size_t found = 0;
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
        for (size_t k = 0; k < n; k++)
            if (is_fact(&lore[k], i, zh)) {
                *fact = asked[i].fact;
                found++;
            }
    return found;
}

bool facts_asked(const struct lore_hit *lore, size_t n, const char *language)
{
    const char *fact;
    return facts_among(lore, n, strcmp(language, "zh") == 0, &fact) > 0;
}

const char *facts_opening(struct arena *arena, const struct character *c, const char *language,
                          const struct lore_hit *lore, size_t n, const char *message)
{
    static const struct {
        const char *fact, *zh, *zh_end, *en, *en_end;
    } openings[] = {
        { "age", "我", "岁", "I'm ", " years old" },
        { "home", "我住在", "", "I live in ", "" },
        { "from", "我是", "人", "I'm from ", "" },
    };
    bool zh = strcmp(language, "zh") == 0;
    const char *fact = NULL;
    if (strlen(message) > LONGEST_QUESTION || facts_among(lore, n, zh, &fact) != 1 ||
        (strcmp(fact, "home") == 0 && !strcasestr(message, " live") && !strstr(message, "住")))
        return NULL; /* "where are you" may mean now */
    for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
        if (strcmp(openings[i].fact, fact) != 0)
            continue;
        const char *value = character_fact(c, fact, language), *end = strstr(value, zh ? "，" : ",");
        int len = (int)(end ? (size_t)(end - value) : strlen(value));
        return zh ? arena_printf(arena, "%s%.*s%s", openings[i].zh, len, value, openings[i].zh_end)
                  : arena_printf(arena, "%s%.*s%s", openings[i].en, len, value, openings[i].en_end);
    }
    return NULL;
}
