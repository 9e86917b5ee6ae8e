/* working_topic.c — the words of a text that say what it is about: those that not every talk is full of. Of Chinese, which has no blanks, the runs
 * between its common characters and words. */
#include "mind/working_words.h"

#include <string.h>

#define LOOKED 1000   /* bytes of a text */
#define RUN 24        /* bytes of a run of Chinese: longer ones are cut */
#define MAX_WORDS 32  /* of a text that is compared */
#define WORD_BYTES 33 /* of one, with the NUL */

/* Beside words_common, which is for what people search: what says nothing of the matter. As words_each gives them. */
static const char *const plain[] = {
    "again",   "angri",     "bring",    "come",     "give",     "look",   "show", "see",   "take",  "monday",
    "tuesday", "wednesday", "thursday", "friday",   "saturday", "sunday", "bore", "day",   "even",  "ever",
    "excit",   "feel",      "get",      "glad",     "go",       "good",   "got",  "happi", "hello", "hey",
    "know",    "let",       "like",     "lone",     "lot",      "make",   "much", "now",   "pleas", "right",
    "sad",     "said",      "say",      "since",    "sinc",     "still",  "sure", "tell",  "thank", "thing",
    "think",   "tire",      "today",    "tomorrow", "tonight",  "want",   "went", "worri", "yes",   "yesterday",
    "今",      "明",        "昨",       "天",       "说",       "觉",     "好",   "真",    "这",    "那",
    "早",      "晚",        "谢",       "请",       "帮",       "让",     "跟",   "们",    "要",    "难过",
    "伤心",    "开心",      "高兴",     "生气",     "担心",     "紧张",   "害怕", "无聊",  "孤单",  "委屈",
    "郁闷",
};

static bool is_plain(const char *token, size_t n)
{
    for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
        if (strlen(plain[i]) == n && memcmp(plain[i], token, n) == 0)
            return true;
    return words_common(token, n);
}

struct content {
    struct words *words;
    const char *text;
    char list[MAX_WORDS][WORD_BYTES];
    size_t n, most;
    size_t start, end, position; /* of the run of Chinese that is growing; end 0: none is */
    size_t next;                 /* the byte behind the last common word of two characters */
};

static void add(struct content *c, size_t start, size_t end)
{
    char word[WORD_BYTES];
    size_t n = end - start;
    if (n >= WORD_BYTES || c->n == c->most)
        return;
    memcpy(word, c->text + start, n);
    word[n] = '\0';
    for (size_t i = 0; i < c->n; i++)
        if (strcasecmp(c->list[i], word) == 0)
            return;
    memcpy(c->list[c->n++], word, n + 1);
}

/* A single character says little. */
static void end_run(struct content *c)
{
    if (c->end > c->start + 3)
        add(c, c->start, c->end);
    c->start = c->end = 0;
}

static void take_character(struct content *c, const struct words_token *t)
{
    bool common = is_plain(t->bytes, t->n);
    /* With the next one it may be a common word: 今天, 什么. */
    size_t left = strnlen(c->text + t->start, 6);
    bool begins = left == 6 && is_plain(c->text + t->start, 6);
    if (begins)
        c->next = t->start + 6;
    if (common || begins || t->start < c->next) {
        end_run(c);
        return;
    }
    if (c->end && (t->position != c->position + 1 || t->end - c->start > RUN))
        end_run(c);
    c->start = c->end ? c->start : t->start;
    c->end = t->end;
    c->position = t->position;
}

static int take(void *ctx, const struct words_token *t)
{
    struct content *c = ctx;
    if (t->kind == WORDS_CHARACTER) {
        take_character(c, t);
        return c->n == c->most;
    }
    end_run(c);
    if (t->kind == WORDS_WORD && t->n > 2 && !is_plain(t->bytes, t->n))
        add(c, t->start, t->end);
    return c->n == c->most;
}

/* False: out of memory. */
static bool read(struct content *c, struct words *words, const char *text, size_t most)
{
    *c = (struct content){ .words = words, .text = text, .most = most };
    int rc = words_each(words, text, strnlen(text, LOOKED), 0, take, c);
    if (rc >= 0)
        end_run(c);
    return rc >= 0;
}

int working_topic(struct words *words, const char *text, char out[WORKING_TOPIC])
{
    struct content c;
    size_t used = 0;
    *out = '\0';
    if (!read(&c, words, text, WORKING_TOPIC_WORDS))
        return ANIMA_E_NOMEM;
    for (size_t i = 0; i < c.n; i++) {
        size_t n = strlen(c.list[i]);
        if (used + n + 2 > WORKING_TOPIC)
            break;
        if (used)
            out[used++] = ' ';
        memcpy(out + used, c.list[i], n + 1);
        used += n;
    }
    return ANIMA_OK;
}

double working_shared(struct words *words, const char *a, const char *b)
{
    struct content mine, other;
    size_t shared = 0;
    if (!read(&mine, words, a, MAX_WORDS) || !mine.n || !read(&other, words, b, MAX_WORDS))
        return 0;
    for (size_t i = 0; i < mine.n; i++) {
        bool found = strstr(b, mine.list[i]) != NULL;
        for (size_t k = 0; k < other.n && !found; k++)
            found = strcasecmp(mine.list[i], other.list[k]) == 0;
        shared += found;
    }
    return (double)shared / (double)mine.n;
}
