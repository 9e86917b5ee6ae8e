#include "mind/working_tell.h"

#include "base/utf8.h"
#include "memory/when.h"
#include "mind/prompt.h"

#include <string.h>

#define HOUR_MS (3600LL * 1000)
#define DAY_MS (24 * HOUR_MS)
#define WEIGHT 0.3         /* intensity times confidence of a mood that is told, */
#define SURE 0.45          /* and how sure it has to be */
#define LONG (6 * HOUR_MS) /* since then it is worth telling since when */
#define QUOTE 72           /* bytes of words that are quoted */
#define BEFORE (12 * HOUR_MS)
#define AHEAD (36 * HOUR_MS) /* so long before its day a plan is told, */
#define PAST DAY_MS          /* and so long after it */
#define LATE (3 * DAY_MS)    /* so long after its day a promise is told, */
#define OWED (3 * DAY_MS)    /* and a question after it was asked, */
_Static_assert(BEFORE <= WORKING_NEAR_MS && AHEAD <= WORKING_NEAR_MS && PAST <= WORKING_NEAR_MS &&
                   LATE <= WORKING_NEAR_MS,
               "nothing that could be told is left out by its day");
#define REST (HOUR_MS / 2) /* when the talk it was part of is over */

static const struct {
    const char *en, *zh, *own_en, *own_zh;
} moods[MOODS] = {
    [MOOD_GLAD] = { "in a good mood", "心情不错", "pleased with", "心里挺高兴" },
    [MOOD_EXCITED] = { "excited", "很激动", "excited for", "有点激动" },
    [MOOD_SAD] = { "sad", "很难过", "sad about", "有点难过" },
    [MOOD_WORRIED] = { "worried", "很担心", "worried about", "有点担心" },
    [MOOD_ANGRY] = { "angry", "很生气", "angry with", "还在生气" },
    [MOOD_HURT] = { "hurt", "觉得委屈", "hurt by", "还有点难受" },
    [MOOD_TIRED] = { "tired", "很累", NULL, NULL },
    [MOOD_LONELY] = { "lonely", "觉得孤单", NULL, NULL },
    [MOOD_BORED] = { "bored", "觉得无聊", NULL, NULL },
    [MOOD_ASHAMED] = { "ashamed", "很不好意思", NULL, NULL },
    [MOOD_ANNOYED] = { "annoyed", "有点烦", "still annoyed with", "还有点生气" },
};

struct telling {
    struct arena *arena;
    struct working_told *told;
    struct when_anchor now;
    bool zh, failed;
    int tokens;
    const char *text;
};

/* One more sentence, if there is room for it. False: it is not told. */
static bool add(struct telling *t, const char *sentence)
{
    if (!sentence) {
        t->failed = true;
        return false;
    }
    int tokens = prompt_tokens(sentence, strlen(sentence));
    if (t->failed || t->tokens + tokens > WORKING_TOKENS)
        return false;
    t->tokens += tokens;
    t->text = *t->text ? arena_printf(t->arena, "%s%s%s", t->text, t->zh ? "" : " ", sentence) : sentence;
    t->failed = !t->text;
    return !t->failed;
}

/* On one line, and not too long. NULL: out of memory. */
static const char *quote(struct telling *t, const char *text)
{
    size_t n = strlen(text), cut = utf8_cut(text, n, QUOTE);
    char *out = arena_printf(t->arena, "%.*s%s", (int)cut, text, cut < n ? "…" : "");
    for (char *p = out; p && *p; p++)
        *p = *p == '\n' || *p == '\r' || *p == '"' ? ' ' : *p;
    return out;
}

static const char *age(const struct telling *t, int64_t ms, char out[64])
{
    when_age_text(ms, t->now, t->zh ? "zh" : "en", out, 64);
    return out;
}

static bool is_clear(const struct working_mood *m)
{
    return m->mood > MOOD_CALM && (unsigned)m->mood < MOODS && m->confidence >= SURE && working_weight(m) >= WEIGHT;
}

/* "Ann has been sad since yesterday: "my cat died"." */
static void tell_theirs(struct telling *t)
{
    struct working_told *told = t->told;
    const struct working_mood *m = &told->theirs;
    char since[64];
    if (!is_clear(m))
        return;
    bool old = t->now.ms - m->since_ms >= LONG;
    const char *words = told->quote ? quote(t, told->quote) : "";
    if (!words) {
        t->failed = true;
        return;
    }
    if (t->zh)
        told->quoted = add(t, arena_printf(t->arena, "%s%s%s%s%s%s%s%s。", told->person, old ? "从" : "",
                                           old ? age(t, m->since_ms, since) : "", old ? "起就" : "现在",
                                           moods[m->mood].zh, *words ? "：“" : "", words, *words ? "”" : ""));
    else
        told->quoted = add(t, arena_printf(t->arena, "%s %s %s%s%s%s%s%s%s", told->person, old ? "has been" : "is",
                                           moods[m->mood].en, old ? " (it began " : "",
                                           old ? age(t, m->since_ms, since) : "", old ? ")" : "", *words ? ": \"" : "",
                                           words, *words ? "\"." : "."));
    told->quoted = told->quoted && *words;
}

static void tell_own(struct telling *t)
{
    const struct working_mood *m = &t->told->own;
    if (!is_clear(m) || !moods[m->mood].own_en)
        return;
    if (t->zh)
        add(t, arena_printf(t->arena, "想到%s，你%s。", t->told->person, moods[m->mood].own_zh));
    else
        add(t, arena_printf(t->arena, "You are %s %s.", moods[m->mood].own_en, t->told->person));
}

/* It is due now: its day has come, and is not long past. */
static bool is_due(const struct telling *t, const struct working_due_piece *p)
{
    return p->to_ms && t->now.ms >= p->from_ms - BEFORE && t->now.ms < p->to_ms + LATE && t->now.ms - p->at_ms > REST;
}

static void tell_promise(struct telling *t, struct working_due_piece *p)
{
    const char *words = quote(t, p->text), *person = t->told->person;
    char when[64];
    if (!words) {
        t->failed = true;
        return;
    }
    bool over = t->now.ms >= p->to_ms, now = !over && t->now.ms >= p->from_ms;
    age(t, p->at_ms, when);
    if (t->zh)
        p->told = add(t, arena_printf(t->arena, "%s%s答应过%s：“%s”，%s。", when, p->own ? "你" : person,
                                      p->own ? person : "你", words,
                                      over  ? "时候已经过了"
                                      : now ? p->to_ms - p->from_ms > DAY_MS ? "就是这段时间" : "就是今天"
                                            : "快到时候了"));
    else
        p->told = add(t, arena_printf(t->arena, "%s promised %s %s: \"%s\" (%s).", p->own ? "You" : person,
                                      p->own ? person : "you", when, words,
                                      over  ? "that time is over"
                                      : now ? "that is now"
                                            : "that is soon"));
}

/* "tomorrow" by the local day. */
static bool is_tomorrow(const struct telling *t, int64_t ms)
{
    int64_t offset = t->now.offset_min * 60000LL;
    return (ms + offset) / DAY_MS == (t->now.ms + offset) / DAY_MS + 1;
}

/* What both decided, near its time, when the talk it was part of is over. */
static void tell_plan(struct telling *t, struct working_due_piece *p)
{
    char when[64];
    if (!p->to_ms || t->now.ms < p->from_ms - AHEAD || t->now.ms >= p->to_ms + PAST || t->now.ms - p->at_ms <= REST)
        return;
    const char *words = quote(t, p->text), *person = t->told->person;
    bool over = t->now.ms >= p->to_ms, now = !over && t->now.ms >= p->from_ms,
         next = is_tomorrow(t, p->from_ms) && p->to_ms - p->from_ms <= DAY_MS;
    age(t, p->at_ms, when);
    if (!words)
        t->failed = true;
    else if (t->zh)
        p->told = add(t, arena_printf(t->arena, "%s你和%s说好了：“%s”，%s。", when, person, words,
                                      over   ? "时候已经过了"
                                      : now  ? p->to_ms - p->from_ms > DAY_MS ? "就是这段时间" : "就是今天"
                                      : next ? "就是明天"
                                             : "快到时候了"));
    else
        p->told = add(t, arena_printf(t->arena, "You and %s agreed %s: \"%s\" (%s).", person, when, words,
                                      over   ? "that time is over"
                                      : now  ? "that is now"
                                      : next ? "that is tomorrow"
                                             : "that is soon"));
}

static void tell_question(struct telling *t, struct working_due_piece *p)
{
    const char *words = quote(t, p->text), *person = t->told->person;
    if (!words) {
        t->failed = true;
        return;
    }
    if (t->zh)
        p->told = add(t, p->own ? arena_printf(t->arena, "你问过%s：“%s”，还没听到回答。", person, words)
                                : arena_printf(t->arena, "%s问过：“%s”，你还没回答。", person, words));
    else
        p->told = add(t, p->own ? arena_printf(t->arena, "You asked %s \"%s\" and have no answer yet.", person, words)
                                : arena_printf(t->arena, "%s asked \"%s\" and got no answer yet.", person, words));
}

const char *working_text(struct arena *arena, struct working_told *told, int64_t now_ms, int offset_min,
                         const char *language)
{
    struct telling t = {
        .arena = arena, .told = told, .now = { now_ms, offset_min }, .zh = strcmp(language, "zh") == 0, .text = ""
    };
    told->quoted = false;
    for (size_t i = 0; i < WORKING_TELLS; i++)
        told->promises[i].told = told->plans[i].told = told->questions[i].told = false;
    for (size_t i = 0; i < told->n_promises; i++)
        if (is_due(&t, &told->promises[i]))
            tell_promise(&t, &told->promises[i]);
    for (size_t i = 0; i < told->n_plans; i++)
        tell_plan(&t, &told->plans[i]);
    tell_own(&t);
    tell_theirs(&t);
    for (size_t i = 0; i < told->n_questions; i++) {
        int64_t ago = now_ms - told->questions[i].at_ms;
        if (ago > REST && ago < OWED)
            tell_question(&t, &told->questions[i]);
    }
    return t.failed ? NULL : t.text;
}
