#include "mind/topics.h"

#include "base/utf8.h"
#include "mind/phrase.h"
#include "mind/summary_true.h"

#include <stdlib.h>
#include <string.h>

#define ALIKE 0.8 /* two sentences that say the same */
#define LEAST 2   /* of the worth of a piece */

/* ---- parts ---- */

size_t topics_cut(const int64_t *at_ms, size_t n, int64_t now_ms)
{
    for (size_t i = 1; i < n; i++)
        if (i == TOPICS_TURNS || at_ms[i] - at_ms[i - 1] >= TOPICS_PAUSE_MS)
            return i;
    bool over = n && (n >= TOPICS_TURNS || now_ms - at_ms[n - 1] >= TOPICS_PAUSE_MS);
    return over ? n : 0;
}

/* ---- the question ---- */

int topics_pieces(struct arena *arena, const struct prompt_turn *turns, size_t n_turns, struct summary_piece **out,
                  size_t *n)
{
    struct summary_piece *list;
    size_t kept = 0;
    int rc = summary_pieces(arena, turns, n_turns, &list, n);
    if (rc)
        return rc;
    for (size_t i = 0; i < *n; i++) /* what is said to the character cannot be told of the person */
        if (list[i].asked && list[i].worth >= LEAST)
            list[kept++] = list[i];
    while (kept > TOPICS_PIECES) {
        size_t least = 0;
        for (size_t i = 1; i < kept; i++)
            least = list[i].worth < list[least].worth ? i : least;
        memmove(list + least, list + least + 1, (kept - least - 1) * sizeof(*list));
        kept--;
    }
    *out = list;
    *n = kept;
    return ANIMA_OK;
}

static const struct {
    const char *task;
    const char *examples[6]; /* what was said, and what is noted */
} questions[] = {
    { "You get numbered messages of one person. Note down what that person told: one short plain sentence for each "
      "thing, in the "
      "third person, with the person's name, at most four. In front of each sentence stands, in brackets, the number "
      "of the "
      "message it is from, or the numbers. Keep names, places, dates and numbers as they are. Write nothing that is "
      "not in the "
      "messages.",
      { "1. Eva: I'm off to Paris on Friday with my brother Max, I really need a break.\n"
        "2. Eva: My cat Momo is 7 and stays with the neighbour while I'm away.",
        "[1] Eva goes to Paris on Friday with her brother Max.\n"
        "[2] Eva's cat Momo is 7 and stays with the neighbour while Eva is away.",
        "1. Bob: I started my new job at the bakery last Monday.\n"
        "2. Bob: I don't like getting up at four, but the bread smells wonderful.\n"
        "3. Bob: My mother's birthday is on the 3rd, I want to cook for her.",
        "[1] Bob started his new job at the bakery last Monday.\n"
        "[2] Bob does not like getting up at four.\n"
        "[3] Bob wants to cook for his mother's birthday on the 3rd.",
        "1. Ida: I want to learn the cello this year.", "[1] Ida wants to learn the cello this year." } },
    { "下面是一个人说的话，每条有编号。记下这个人讲了什么：每件事写一句简短的大白话，第三人称，带上这个人的名字，最多四"
      "句。"
      "每句前面用方括号写上它出自第几条，可以不止一条。名字、地点、日期、数字照原样保留，话里没有的不写。",
      { "1. 阿明：我周五和弟弟小刚去北京，真想歇一歇。\n2. 阿明：我的猫毛毛七岁了，我不在的时候放在邻居家。",
        "[1] 阿明周五和弟弟小刚去北京。\n[2] 阿明的猫毛毛七岁了，阿明不在的时候放在邻居家。",
        "1. 小丽：我上周一开始在面包店上班了。\n2. 小丽：我不喜欢四点起床，不过面包真香。\n3. "
        "小丽：三号是我妈妈的生日，我想给她做饭。",
        "[1] 小丽上周一开始在面包店上班了。\n[2] 小丽不喜欢四点起床。\n[3] 小丽的妈妈三号生日，小丽想给她做饭。",
        "1. 阿宝：我今年想学大提琴。", "[1] 阿宝今年想学大提琴。" } },
};
#define N_EXAMPLES (sizeof(questions[0].examples) / sizeof(questions[0].examples[0]))

static bool is_zh(const char *text) { return strcmp(prompt_language(text), "zh") == 0; }

int topics_prompt(struct arena *arena, const struct summary_piece *pieces, size_t n_pieces,
                  const anima_chat_message **out, size_t *n)
{
    bool zh = n_pieces && is_zh(pieces[0].text);
    anima_chat_message *m = arena_alloc(arena, (2 + N_EXAMPLES) * sizeof(*m));
    const char *last = "";
    for (size_t i = 0; i < n_pieces && last; i++)
        last = arena_printf(arena, zh ? "%s%s%zu. %s：%s" : "%s%s%zu. %s: %s", last, i ? "\n" : "", i + 1,
                            pieces[i].speaker, pieces[i].text);
    if (!m || !last)
        return ANIMA_E_NOMEM;
    *n = 0;
    m[(*n)++] = (anima_chat_message){ .role = "system", .text = questions[zh].task };
    for (size_t i = 0; i < N_EXAMPLES; i++)
        m[(*n)++] = (anima_chat_message){ .role = i % 2 ? "assistant" : "user", .text = questions[zh].examples[i] };
    m[(*n)++] = (anima_chat_message){ .role = "user", .text = last };
    *out = m;
    return ANIMA_OK;
}

/* ---- the answer ---- */

static void add_piece(struct topics_line *line, size_t piece)
{
    size_t at = line->n_from;
    for (size_t i = 0; i < line->n_from; i++)
        if (line->from[i] == piece)
            return;
    if (line->n_from == TOPICS_CITES)
        return;
    for (; at > 0 && line->from[at - 1] > piece; at--)
        line->from[at] = line->from[at - 1];
    line->from[at] = piece;
    line->n_from++;
}

/* The numbers in front of a sentence, "[1, 3] ", "2. "; what is not the number of a piece is none. Returns where the sentence begins. */
static const char *read_numbers(const char *text, size_t n_pieces, struct topics_line *line)
{
    const char *at = text + strspn(text, " -*[(");
    const char *from = at;
    while (*at >= '0' && *at <= '9') {
        char *end;
        unsigned long number = strtoul(at, &end, 10);
        if (number >= 1 && number <= n_pieces)
            add_piece(line, number - 1);
        at = end + strspn(end, " ,");
        if (strncmp(at, "、", strlen("、")) == 0)
            at += strlen("、");
    }
    if (at == from)
        return from;
    return at + strspn(at, " ])].:");
}

static const char *joined(struct arena *arena, const struct summary_piece *pieces, const struct topics_line *line)
{
    const char *text = "";
    for (size_t i = 0; i < line->n_from && text; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? " " : "", pieces[line->from[i]].text);
    return text;
}

static bool is_true(struct arena *arena, const struct summary_piece *pieces, const struct topics_line *line)
{
    const char *text = line->n_from ? joined(arena, pieces, line) : NULL;
    return text && true_to(line->text, text, pieces[0].speaker);
}

/* The two pieces that have most in common with it; pieces when there are fewer. */
static void nearest(const struct summary_piece *pieces, size_t n_pieces, const char *text, size_t best[2])
{
    size_t most[2] = { 0, 0 };
    best[0] = best[1] = n_pieces;
    for (size_t i = 0; i < n_pieces; i++) {
        size_t shared = topics_shared(text, pieces[i].text, pieces[i].speaker).shared;
        if (shared > most[0]) {
            most[1] = most[0];
            best[1] = best[0];
            most[0] = shared;
            best[0] = i;
        } else if (shared > most[1]) {
            most[1] = shared;
            best[1] = i;
        }
    }
}

/* The pieces that bear it out: those that it names; else the one that it has most in common with, the second, both, or that one with the named
 * ones. */
static bool bear_out(struct arena *arena, const struct summary_piece *pieces, size_t n_pieces, struct topics_line *line)
{
    size_t best[2];
    const struct topics_line named = *line;
    if (is_true(arena, pieces, line))
        return true;
    nearest(pieces, n_pieces, line->text, best);
    for (int attempt = 0; attempt < 4; attempt++) {
        *line = attempt == 3 ? named : (struct topics_line){ .text = line->text };
        if (best[0] < n_pieces && attempt != 1)
            add_piece(line, best[0]);
        if (best[1] < n_pieces && (attempt == 1 || attempt == 2))
            add_piece(line, best[1]);
        if (is_true(arena, pieces, line))
            return true;
    }
    return false;
}

static bool says_again(const struct topics_line *list, size_t n, const char *text)
{
    struct phrase mine, other;
    phrase_read(&mine, text, strlen(text));
    for (size_t i = 0; i < n; i++) {
        phrase_read(&other, list[i].text, strlen(list[i].text));
        if (phrase_alike(&mine, &other) >= ALIKE)
            return true;
    }
    return false;
}

static int worth_of(const struct summary_piece *pieces, const struct topics_line *line)
{
    int worth = 0;
    for (size_t i = 0; i < line->n_from; i++)
        worth = pieces[line->from[i]].worth > worth ? pieces[line->from[i]].worth : worth;
    return worth;
}

/* One more; when there are too many, one of the least worth leaves. Returns how many there are. */
static size_t add_line(const struct summary_piece *pieces, struct topics_line *list, size_t n,
                       const struct topics_line *line)
{
    size_t least = 0;
    list[n++] = *line;
    if (n <= TOPICS_LINES)
        return n;
    for (size_t i = 1; i < n; i++)
        least = worth_of(pieces, &list[i]) < worth_of(pieces, &list[least]) ? i : least;
    memmove(list + least, list + least + 1, (n - least - 1) * sizeof(*list));
    return n - 1;
}

size_t topics_read(struct arena *arena, const struct summary_piece *pieces, size_t n_pieces, const char *answer,
                   struct topics_line out[TOPICS_LINES])
{
    struct topics_line list[TOPICS_LINES + 1];
    size_t found = 0, looked = 0;
    for (size_t len; *answer && looked < 2 * TOPICS_PIECES; answer += len + (answer[len] != '\0')) {
        len = strcspn(answer, "\r\n");
        char *copy = len && len <= TOPICS_LINE ? arena_strndup(arena, answer, len) : NULL;
        struct topics_line line = { .text = NULL };
        if (!copy)
            continue;
        looked++;
        line.text = read_numbers(copy, n_pieces, &line);
        for (size_t n = strlen(line.text); n && strchr(" *", line.text[n - 1]); n--)
            copy[(size_t)(line.text - copy) + n - 1] = '\0';
        bool asks = strchr(line.text, '?') || strstr(line.text, "？");
        if (*line.text && !asks && utf8_valid(line.text, strlen(line.text)) &&
            bear_out(arena, pieces, n_pieces, &line) && !says_again(list, found, line.text))
            found = add_line(pieces, list, found, &line);
    }
    memcpy(out, list, found * sizeof(*out));
    return found;
}
