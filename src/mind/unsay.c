#include "mind/unsay.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "mind/phrase.h"
#include "mind/prompt.h"

#include <string.h>

#define LONGEST 400 /* bytes of a sentence that is looked at */

/* In front of the order: "Please, …", "Could you …". */
#define EN_SOFT                                                                                                        \
    "(?:(?:please|just|ok(?:ay)?|no|wait|actually|sorry|hey|well|so|and|then|now|oh|hmm+|on second thoughts?)[,.!]? "  \
    ")*"
#define EN_ASKS                                                                                                        \
    "(?:(?:can|could|would|will) you (?:please |just )?|I(?:'d| would)? (?:want|like|need) you to |you "               \
    "(?:should|must|can|may) )?"
#define EN_ORDER "^" EN_SOFT EN_ASKS "(?:please |just )?(?:forget|erase|delete|unlearn) "
#define EN_SAID "(?:said|told you|mentioned|wrote|shared|was saying|was telling you)"
#define EN_TAIL "(?:,? (?:please|again|for good|forever|now|okay|ok|will you|right away))*[.!]*\\s*$"
#define EN_EVER "(?: have|'ve)?(?: just| ever| already)?"
/* 请你把…, 麻烦…; 我忘了 is a memory that failed, and 你忘了 may be a reproach. */
#define ZH_SOFT                                                                                                                                          \
    "^(?:(?:请你?|麻烦你?|拜托你?|算了|哎|那|好|嗯|不|等等|对了|其实|就|快|赶紧|帮我|你?能不能|你?可以|要不|还是|" \
    "我想让你|我要你)[，,、 ]*)*"
#define ZH_FORGET "(?:忘掉|忘了|忘记|删掉|删了|删除|抹掉|别记|别记着|不要记|不用记)"
#define ZH_TAIL "(?:吧|啊|呀|哦|哈|好吗|行吗|可以吗|好不好|谢谢|拜托|了)*[。！!.，,～~]*\\s*$"
#define ZH_WHEN "(?:刚才|刚刚|刚|之前|以前|上次|前面|上面|跟你|和你|对你)*"
#define ZH_SAID "(?:说|讲|提|聊|告诉你?)(?:过|到|起|的)*"
/* 忘了告诉你！ is "I forgot to tell you": of these two words only 说过, 说的 … are what was said. */
#define ZH_ORDER "(?!(?:忘了|忘记)" ZH_WHEN "(?:说|讲|提|聊|告诉)(?![到起]*[过的]|你的|你过))" ZH_FORGET

/* In each alternative that names something the first group of the match is that. */
static const char *const last[] = {
    EN_ORDER "(?:(?:about )?(?:that|this)|what I" EN_EVER " " EN_SAID "(?: just now| before| a moment ago| earlier)?|"
             "the last thing I " EN_SAID "|my last message|(?:that )?I" EN_EVER " (?:said|told you|mentioned) "
             "(?:that|this|it|anything))" EN_TAIL,
    ZH_SOFT ZH_ORDER
    "(?:它|[这那](?:个|条|句|件|些)?(?:事情?|话)?|我?" ZH_WHEN ZH_SAID
    "(?:那些|那句|那件|这句|这件|最后)?(?:话|事情?|内容|东西)?|我的?(?:上一|刚才那|最后)(?:一)?句话?)" ZH_TAIL,
    ZH_SOFT "把(?:它|[这那](?:个|条|句|件|些)?(?:事情?|话)?|我?" ZH_WHEN ZH_SAID
            "(?:那些|那句|那件|这句|这件)?(?:话|事情?|内容|东西)?)(?:都|全)?(?:给)?" ZH_FORGET ZH_TAIL,
    NULL,
};

static const char *const about[] = {
    EN_ORDER
    "(?:(?:everything|anything|all|whatever|what|that|the things?|the bit|the part) )?(?:that |of what )?I" EN_EVER
    " " EN_SAID "(?: to you)? (?:about|regarding|concerning|on) ([^?？]+?)" EN_TAIL,
    EN_ORDER "(?:that )?I" EN_EVER " (?:told you|said|mentioned) (?:about |that )?([^?？]+?)" EN_TAIL,
    EN_ORDER "(?:everything|anything|all) (?:you know )?about ([^?？]+?)" EN_TAIL,
    ZH_SOFT ZH_ORDER "(?:所有|一切|全部)?(?:的)?我?" ZH_WHEN "(?:" ZH_SAID
                     "(?:的)?)?(?:所有|一切|全部)?(?:的)?(?:关于|有关)([^?？]+?)"
                     "的?(?:所有|一切|全部)?(?:的)?(?:话|事情?|内容|东西|一切|所有)?" ZH_TAIL,
    ZH_SOFT ZH_ORDER "我?" ZH_WHEN ZH_SAID "的?([^?？]+?)的(?:所有|一切|全部)?(?:话|事情?|内容|东西)" ZH_TAIL,
    ZH_SOFT
    "把我?" ZH_WHEN ZH_SAID
    "(?:的)?(?:关于|有关)?([^?？]+?)的(?:所有|一切|全部)?(?:话|事情?|内容|东西)(?:都|全)?(?:给)?" ZH_FORGET ZH_TAIL,
    ZH_SOFT
    "把(?:关于|有关)([^?？]+?)的?(?:所有|一切|全部)?(?:的)?(?:话|事情?|内容|东西)?(?:都|全)?(?:给)?" ZH_FORGET ZH_TAIL,
    NULL,
};

static const char all_of_it[] = "\\b(?:everything|anything|all|whatever)\\b|所有|一切|全部|[都全](?:给)?(?:忘|删|抹)";

struct unsays {
    struct pattern *last, *about, *all;
};

int unsays_create(struct unsays **out, anima_error *err)
{
    struct unsays *u = *out = mem_zero(1, sizeof(*u));
    int rc = u ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = pattern_create_any(last, PATTERN_CASELESS, &u->last, err);
    if (!rc)
        rc = pattern_create_any(about, PATTERN_CASELESS, &u->about, err);
    if (!rc)
        rc = pattern_create(all_of_it, PATTERN_CASELESS, &u->all, err);
    if (rc) {
        unsays_destroy(u);
        *out = NULL;
    }
    return rc;
}

void unsays_destroy(struct unsays *u)
{
    if (!u)
        return;
    pattern_destroy(u->last);
    pattern_destroy(u->about);
    pattern_destroy(u->all);
    mem_free(u);
}

static bool find_about(struct unsays *u, const char *sentence, size_t n, size_t *start, size_t *end)
{
    if (!pattern_find(u->about, sentence, n, 0, NULL, NULL))
        return false;
    for (size_t i = 1; i <= 16; i++)
        if (pattern_group(u->about, i, start, end) && *end > *start)
            return true;
    return false;
}

/* A question with no "could you" is one ("Forget that?"); the patterns end before a question mark. */
static size_t without_mark(const char *sentence, size_t n)
{
    static const char *const polite[] = { "can you", "could you", "would you", "will you", "能不能",
                                          "可以",    "好吗",      "行吗",      "好不好" };
    size_t end = n;
    while (end && (strchr(" \n\t\r", sentence[end - 1])))
        end--;
    size_t mark = end && sentence[end - 1] == '?' ? 1 : end >= 3 && memcmp(sentence + end - 3, "？", 3) == 0 ? 3 : 0;
    for (size_t i = 0; mark && i < sizeof(polite) / sizeof(*polite); i++)
        for (size_t at = 0; at + strlen(polite[i]) <= end; at++)
            if (strncasecmp(sentence + at, polite[i], strlen(polite[i])) == 0)
                return end - mark;
    return n;
}

int unsay_find(struct unsays *u, struct arena *arena, const char *message, struct unsay *out)
{
    size_t rest = strlen(message), len, start, end;
    *out = (struct unsay){ .what = UNSAY_NOT, .about = "" };
    for (const char *at = message; rest && (len = phrase_sentence(at, rest, true)); at += len, rest -= len) {
        size_t n = without_mark(at, len);
        if (n > LONGEST)
            continue;
        if (pattern_find(u->last, at, n, 0, NULL, NULL)) {
            out->what = UNSAY_LAST;
            return ANIMA_OK;
        }
        if (!find_about(u, at, n, &start, &end))
            continue;
        const char *words = arena_strndup(arena, at + start, end - start);
        if (!words)
            return ANIMA_E_NOMEM;
        *out = (struct unsay){ UNSAY_ABOUT, pattern_find(u->all, at, n, 0, NULL, NULL), words,
                               (size_t)(at - message) + start, (size_t)(at - message) + end };
        return ANIMA_OK;
    }
    return ANIMA_OK;
}

static bool is_zh(const char *language) { return language && strcmp(language, "zh") == 0; }

const char *unsay_note(bool done, const char *language)
{
    if (done)
        return is_zh(language) ? "朋友要你忘掉的话已经永远删掉了，你不再知道是什么。只说你忘掉了，别猜那是什么。"
                               : "What your friend wanted forgotten is deleted for good; you do not know any more what "
                                 "it was. Just say that it is forgotten, and do not guess what it was.";
    return is_zh(language)
               ? "朋友要你忘掉一件事，但不清楚是哪一件，什么都还没有删。问一句：你说的是哪一件？"
               : "Your friend wants something forgotten, but it is not clear which, and nothing was deleted. "
                 "Ask in one short question which one they mean.";
}

const char *unsay_opening(bool done, const char *language)
{
    if (done)
        return is_zh(language) ? "好，我忘掉了。" : "All right, that's forgotten.";
    return is_zh(language) ? "你说的是哪一件？" : "Which of it do you mean?";
}

const char *unsay_instead(const char *message)
{
    return is_zh(prompt_language(message)) ? "请忘掉我说过的那件事。" : "Please forget what I told you.";
}
