#include "mind/recalled_ground.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/places.h"
#include "base/utf8.h"
#include "mind/recalled_value.h"

#include <ctype.h>
#include <string.h>

#define MAX_TOKENS 8192 /* of all lines; what is behind them bears nothing out */
#define MAX_QUESTION 512
#define MAX_VALUES 1024
#define ANSWER_BYTES 600 /* of an answer, for values and what admits: as far as anybody waits for it */

/* ---- words that tell something ---- */

struct recalled_ground {
    struct words *words;
    struct places known;    /* words of the lines that count */
    struct places question; /* of the message */
    struct places names;    /* of all who talk: no answer either, but no line is about the message for their sake */
    struct recalled_values known_values, question_values;
    bool any; /* the lines have something to answer with */
};

static bool in(const struct places *words, const struct words_token *t)
{
    return places_find(words, hash_bytes(t->bytes, t->n)) != PLACES_NONE;
}

/* A word of the message, or a name, answers nothing. */
static bool asked(const struct recalled_ground *g, const struct words_token *t)
{
    return in(&g->question, t) || in(&g->names, t);
}

/* Words of talk that no answer consists of, beside words_common: stems, and pairs of characters. */
static bool tells_nothing(const char *bytes, size_t n)
{
    static const char *const empty[] = {
        "think", "know",  "tell",   "told",   "say",   "said",    "mean", "guess",    "sure",      "yes",   "yeah",
        "well",  "sorri", "cours",  "rememb", "recal", "mention", "ask",  "question", "answer",    "thing", "friend",
        "right", "let",   "forget", "forgot", "last",  "time",    "day",  "today",    "yesterday", "ago",   "昨天",
        "今天",  "明天",  "前天",   "刚才",   "上次",  "时候",    "朋友", "记住",     "忘记",      "忘了",  "说过",
        "当然",  "好像",  "可能",   "应该",   "一定",  "问题",    "回答", "名字"
    };
    for (size_t i = 0; i < sizeof(empty) / sizeof(*empty); i++)
        if (strlen(empty[i]) == n && memcmp(empty[i], bytes, n) == 0)
            return true;
    return words_common(bytes, n);
}

/* Of Chinese pairs, if neither of the two is a word of grammar: "的花" tells nothing. */
static bool tells(const struct words_token *t)
{
    if (tells_nothing(t->bytes, t->n))
        return false;
    return t->kind != WORDS_PAIR || (t->n == 6 && !words_common(t->bytes, 3) && !words_common(t->bytes + 3, 3));
}

static bool counts(const struct words_token *t)
{
    return t->kind == WORDS_WORD || t->kind == WORDS_NUMBER || t->kind == WORDS_PAIR || t->kind == WORDS_CHARACTER;
}

struct keeping {
    struct places *words;
    size_t most;
    const struct recalled_ground *ground; /* of a line; else NULL */
    bool any;                             /* it has something to answer with */
};

static int keep(void *ctx, const struct words_token *t)
{
    struct keeping *k = ctx;
    k->any |= k->ground && counts(t) && tells(t) && !asked(k->ground, t);
    return counts(t) && k->words->n < k->most ? places_put(k->words, hash_bytes(t->bytes, t->n), 0) : 0;
}

static int keep_words(struct words *words, const char *text, struct places *into, size_t most)
{
    struct keeping k = { .words = into, .most = most };
    return words_each(words, text, strlen(text), WORDS_PAIRS, keep, &k);
}

/* Whether a line has a number, date or day that the message has not. */
static bool has_value(const struct recalled_ground *g, const char *line)
{
    struct recalled_value value;
    for (size_t at = 0; recalled_value_next(line, &at, &value);)
        if (!recalled_values_have(&g->question_values, &value))
            return true;
    return false;
}

static int keep_line(struct recalled_ground *g, const char *line)
{
    struct keeping k = { .words = &g->known, .most = MAX_TOKENS, .ground = g };
    int rc = words_each(g->words, line, strlen(line), WORDS_PAIRS, keep, &k);
    g->any = g->any || k.any || has_value(g, line);
    return rc ? rc : recalled_values_add(&g->known_values, line, MAX_VALUES);
}

/* Whether a line has a word of the message; single characters count where a message has no more: 我妈姓什么 is about 妈 and 姓. */
struct covering {
    const struct places *question;
    bool characters, found;
};

static int cover(void *ctx, const struct words_token *t)
{
    struct covering *c = ctx;
    bool fits = counts(t) && (t->kind == WORDS_CHARACTER) == c->characters;
    c->found = c->found || (fits && tells(t) && in(c->question, t));
    return c->found;
}

static bool covers(struct words *words, const char *line, const struct places *question, bool characters)
{
    struct covering c = { question, characters, false };
    words_each(words, line, strlen(line), WORDS_PAIRS, cover, &c);
    return c.found;
}

struct recalled_ground *recalled_ground_create(struct words *words, const struct recalled_question *q)
{
    struct recalled_ground *g = mem_zero(1, sizeof(*g));
    if (!g)
        return NULL;
    g->words = words;
    int rc = keep_words(words, q->message, &g->question, MAX_QUESTION);
    bool characters = !covers(words, q->message, &g->question, false);
    rc = rc ? rc : keep_words(words, q->names, &g->names, MAX_QUESTION);
    rc = rc ? rc : recalled_values_add(&g->question_values, q->message, MAX_VALUES);
    for (size_t i = 0; i < q->n_lines && !rc; i++)
        if (!q->strict || covers(words, q->lines[i], &g->question, characters))
            rc = keep_line(g, q->lines[i]);
    if (!rc)
        return g;
    recalled_ground_free(g);
    return NULL;
}

void recalled_ground_free(struct recalled_ground *g)
{
    if (!g)
        return;
    places_finish(&g->known);
    places_finish(&g->question);
    places_finish(&g->names);
    recalled_values_finish(&g->known_values);
    recalled_values_finish(&g->question_values);
    mem_free(g);
}

bool recalled_ground_any(const struct recalled_ground *g) { return g->any; }

/* ---- the answer ---- */

struct answer {
    const struct recalled_ground *ground;
    const char *text;
    size_t fresh, borne;         /* what it tells beside the question; what of it is known */
    size_t characters, of_known; /* single ones, where there are no more */
    bool foreign;                /* a name or a value that nobody said */
};

/* A capital that no sentence begins with. */
static bool is_name(const char *text, size_t at)
{
    size_t before = at;
    while (before && text[before - 1] == ' ')
        before--;
    return isupper((unsigned char)text[at]) && before && !strchr(".!?:;\"\n", text[before - 1]) &&
           (unsigned char)text[before - 1] < 0x80;
}

/* "Sunday", "March": compared as what they mean, not as a name. */
static bool is_calendar(const struct answer *a, const struct words_token *t)
{
    char word[16];
    size_t n = t->end - t->start, at = 0;
    struct recalled_value value;
    if (n >= sizeof(word))
        return false;
    memcpy(word, a->text + t->start, n);
    word[n] = '\0';
    return recalled_value_next(word, &at, &value);
}

static int weigh(void *ctx, const struct words_token *t)
{
    struct answer *a = ctx;
    if (!counts(t) || !tells(t) || asked(a->ground, t))
        return 0;
    bool known = in(&a->ground->known, t);
    if (t->kind == WORDS_CHARACTER) {
        a->characters++;
        a->of_known += known;
        return 0;
    }
    a->fresh++;
    a->borne += known;
    a->foreign |= !known && t->kind == WORDS_WORD && is_name(a->text, t->start) && !is_calendar(a, t);
    return 0;
}

/* "The fourteenth" is in "on 14 March"; a date that stands nowhere is made up, whatever else the answer has. */
static void weigh_values(struct answer *a, const char *text)
{
    struct recalled_value value;
    for (size_t at = 0; recalled_value_next(text, &at, &value);) {
        if (recalled_values_have(&a->ground->question_values, &value))
            continue;
        bool known = recalled_values_have(&a->ground->known_values, &value);
        a->fresh++;
        a->borne += known;
        a->foreign |= !known;
    }
}

static bool admits(const char *copy)
{
    static const char *const words[] = {
        "don't remember", "do not remember", "can't remember",  "cannot remember", "don't recall", "can't recall",
        "don't know",     "do not know",     "no idea",         "not sure",        "never told",   "didn't tell",
        "haven't told",   "don't think you", "never mentioned", "never said",      "didn't say",   "haven't said",
        "i forgot",       "i've forgotten",  "slipped my mind", "不记得",          "记不",         "不知道",
        "没说过",         "没跟我",          "没和我",          "没告诉",          "想不起",       "我忘了",
        "没听",           "不清楚",          "没印象",          "没提过",          "没讲过",       "没说"
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strcasestr(copy, words[i]))
            return true;
    return false;
}

enum recalled_bears recalled_ground_judge(const struct recalled_ground *ground, const char *text, size_t n)
{
    struct answer a = { .ground = ground, .text = text };
    char copy[ANSWER_BYTES];
    size_t len = utf8_cut(text, n, sizeof(copy) - 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    for (char *p = copy; (p = strstr(p, "’"));) /* the printer's apostrophe */
        memmove(p + 1, p + 3, strlen(p + 3) + 1), *p++ = '\'';
    words_each(ground->words, text, n, WORDS_PAIRS, weigh, &a);
    weigh_values(&a, copy);
    if (admits(copy)) /* "You never told me, twelve years ago" admits nothing */
        return a.foreign ? RECALLED_INVENTED : RECALLED_ADMITS;
    if (!a.fresh && !a.characters)
        return RECALLED_EMPTY;
    if (a.foreign || (a.fresh ? !a.borne : !a.of_known))
        return RECALLED_INVENTED;
    return RECALLED_BORNE;
}

const char *recalled_opening(const char *language, size_t i)
{
    static const char *const zh[] = { "这个你没跟我说过，", "这我不记得，", "没听你说过，" };
    static const char *const en[] = { "I don't know, you never told me, ", "I don't remember that, ",
                                      "You haven't told me that, " };
    return i >= sizeof(zh) / sizeof(*zh) ? NULL : strcmp(language, "zh") == 0 ? zh[i] : en[i];
}

const char *const *recalled_resorts(const char *language)
{
    static const char *const zh[] = { "这个我不记得，你好像没跟我说过。", "不记得了，你再跟我说一次？",
                                      "没印象，你说说看。", NULL };
    static const char *const en[] = { "I don't remember that. I don't think you told me.",
                                      "No, I don't remember. Tell me again?", "It's gone, or I never knew. Tell me.",
                                      NULL };
    return strcmp(language, "zh") == 0 ? zh : en;
}
