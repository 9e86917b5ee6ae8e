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
#define KNOWN_TOKENS 120  /* of what is known of a person */
#define LATELY_TOKENS 100 /* of what they talked about lately */

static const char *cut(struct arena *a, const char *text, size_t most)
{
    size_t n = strlen(text), kept = utf8_cut(text, n, most);
    const char *one = kept < n ? arena_printf(a, "%.*s…", (int)kept, text) : arena_strdup(a, text);
    for (char *p = (char *)(uintptr_t)one; p && *p; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    return one;
}

/* "three weeks ago", or "three weeks ago (Monday 9 March)". NULL: out of memory. */
static const char *age_of(struct arena *a, int64_t at_ms, struct when_anchor now, bool zh, bool dated)
{
    char age[64], day[64];
    when_age_text(at_ms, now, zh ? "zh" : "en", age, sizeof(age));
    if (!dated)
        return arena_strdup(a, age);
    when_day_text(at_ms, now, zh ? "zh" : "en", day, sizeof(day));
    return arena_printf(a, zh ? "%s（%s）" : "%s (%s)", age, day);
}

static const char *line_of(struct arena *a, const struct recalled_item *item, struct when_anchor now, bool zh,
                           bool dated)
{
    const char *age = age_of(a, item->at_ms, now, zh, dated);
    const char *text = cut(a, item->text, TEXT_BYTES);
    const char *before = item->before ? cut(a, item->before, BEFORE_BYTES) : "";
    if (!age || !text || !before)
        return NULL;
    const char *who = item->who ? item->who : zh ? "你" : "you", *other = "";
    if (item->now)
        other = zh ? arena_printf(a, item->to_come ? "（以后是：%s）" : "（现在是：%s）", item->now)
                   : arena_printf(a, item->to_come ? " (later: %s)" : " (by now: %s)", item->now);
    if (!other)
        return NULL;
    if (*before)
        return zh ? arena_printf(a, "- %s，问到“%s”，%s说：“%s”%s", age, before, who, text, other)
                  : arena_printf(a, "- %s, asked \"%s\", %s said: \"%s\"%s", age, before, who, text, other);
    return zh ? arena_printf(a, "- %s，%s说：“%s”%s", age, who, text, other)
              : arena_printf(a, "- %s %s said: \"%s\"%s", age, who, text, other);
}

bool recalled_is_own(const char *line)
{
    static const char *const said[] = { " you said: \"", "，你说：“" };
    for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
        const char *at = strstr(line, said[i]), *other = strstr(line, i ? "说：“" : " said: \"");
        if (at && other >= at && other <= at + strlen(said[i])) /* the first to say something in it */
            return true;
    }
    return false;
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

/* "- of Anna: lives in Leeds; has a pet dog: Pickle"; "": there is nothing, or it has no room. NULL: out of memory. */
static const char *known_line(struct arena *a, struct recalled_told *told, bool zh, int tokens)
{
    const char *line = zh ? arena_printf(a, "- 关于%s，现在的情况：", told->known_of)
                          : arena_printf(a, "- of %s, as it is now: ", told->known_of);
    tokens = tokens < KNOWN_TOKENS ? tokens : KNOWN_TOKENS;
    told->n_known_told = 0;
    for (size_t i = 0; i < told->n_known && line; i++) {
        const char *longer = arena_printf(a, "%s%s%s", line,
                                          !told->n_known_told ? ""
                                          : zh                ? "；"
                                                              : "; ",
                                          told->known[i]);
        if (longer && prompt_tokens(longer, strlen(longer)) > tokens)
            break;
        line = longer;
        told->n_known_told++;
    }
    return line && !told->n_known_told ? "" : line;
}

/* "- lately, three days ago: Ann's cat Momo is ill.", the oldest first; "": there is nothing. NULL: out of memory. */
static const char *lately_lines(struct arena *a, struct recalled_told *told, struct when_anchor now, bool zh)
{
    const char *all = "";
    int tokens = LATELY_TOKENS;
    told->n_lately_told = 0;
    for (size_t i = 0; i < told->n_lately && all; i++) {
        char age[64];
        when_age_text(told->lately[i].at_ms, now, zh ? "zh" : "en", age, sizeof(age));
        const char *line = zh ? arena_printf(a, "\n- 最近聊到的，%s：%s", age, told->lately[i].text)
                              : arena_printf(a, "\n- lately you talked about this, %s: %s", age, told->lately[i].text);
        if (line && (tokens -= prompt_tokens(line, strlen(line))) < 0)
            break;
        all = line ? arena_printf(a, "%s%s", line, all) : NULL;
        told->n_lately_told++;
    }
    return all;
}

static const char *head_of(bool zh, bool asked)
{
    static const char *const heads[2][2] = {
        { "You remember this; use it only where it helps:", "You are asked what you remember. All of it is this; where "
                                                            "two differ, the later one counts. What is not in it "
                                                            "you do not remember, and you say so:" },
        { "你记得这些，用得上才提：", "朋友在问你记不记得。你记得的都在下面，前后不一样的以后说的为准；下面没有的，就说"
                                      "不记得、没听说过，别编：" }
    };
    return heads[zh][asked];
}

const char *recalled_text(struct arena *a, struct recalled_told *told, int64_t now_ms, int offset_min,
                          const char *language, int tokens, bool asked)
{
    bool zh = strcmp(language, "zh") == 0;
    struct chosen chosen[MOST];
    size_t used = 0;
    const char *known = known_line(a, told, zh, tokens);
    if (!known)
        return NULL;
    tokens -= prompt_tokens(known, strlen(known));
    for (size_t i = 0; i < told->n && used < MOST; i++) {
        const char *line = line_of(a, &told->items[i], (struct when_anchor){ now_ms, offset_min }, zh, told->dated);
        if (!line)
            return NULL;
        int cost = prompt_tokens(line, strlen(line));
        if (cost > tokens)
            continue;
        tokens -= cost;
        told->items[i].told = true;
        chosen[used++] = (struct chosen){ line, told->items[i].at_ms };
    }
    const char *lately = lately_lines(a, told, (struct when_anchor){ now_ms, offset_min }, zh);
    if (!lately)
        return NULL;
    if (!used && !*known && !*lately)
        return "";
    qsort(chosen, used, sizeof(*chosen), by_time);
    const char *all = arena_printf(a, "%s%s", head_of(zh, asked), lately);
    for (size_t i = 0; i < used && all; i++)
        all = arena_printf(a, "%s\n%s", all, chosen[i].line);
    return all && *known ? arena_printf(a, "%s\n%s", all, known) : all;
}

const char *recalled_quote(struct arena *a, const char *text, const char *who, bool again, const char *language)
{
    bool zh = strcmp(language, "zh") == 0;
    const char *one = cut(a, text, QUOTE_BYTES), *how = zh ? again ? "还是那句，" : "" : again ? "As I said, " : "";
    if (!one)
        return NULL;
    if (zh)
        return arena_printf(a, "%s%s跟我说过：“%s”", how, who ? who : "你", one);
    return arena_printf(a, "%s%s told me: \"%s\"", how, who ? who : again ? "you" : "You", one);
}

const char *recalled_nothing(const char *language)
{
    return strcmp(language, "zh") == 0 ? "这件事你不记得，也没人跟你说过。直说不记得，别编。"
                                       : "You remember nothing of this, nobody told you. Say so, and invent nothing.";
}
