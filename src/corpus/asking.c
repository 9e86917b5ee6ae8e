#include "corpus/asking.h"

#include "base/json.h"
#include "base/utf8.h"
#include "corpus/read_private.h"
#include "corpus/table.h"
#include "mind/persona.h"
#include "mind/phrase.h"
#include "mind/summary_true.h"

#include <stdio.h>
#include <string.h>

#define LONGEST_QUESTION 240 /* bytes */
#define MAX_MESSAGES (1 + 2 * ASKING_EXAMPLES + 2 + 2 * ASKING_MOST + 1)

static bool is_zh(const char *language) { return strcmp(language, "zh") == 0; }

struct list {
    struct arena *arena;
    anima_chat_message *m;
    size_t n;
    bool failed;
};

static void put(struct list *l, const char *role, const char *text)
{
    l->failed |= !text || l->n == MAX_MESSAGES;
    if (!l->failed)
        l->m[l->n++] = (anima_chat_message){ .role = role, .text = text };
}

static int end(struct list *l, const anima_chat_message **out, size_t *n)
{
    *out = l->m;
    *n = l->n;
    return l->failed ? ANIMA_E_NOMEM : ANIMA_OK;
}

static struct list begin(struct arena *arena)
{
    struct list l = { .arena = arena, .m = arena_alloc(arena, MAX_MESSAGES * sizeof(anima_chat_message)) };
    l.failed = !l.m;
    return l;
}

/* ---- questions ---- */

/* Written by hand; a text, and four questions about it from different angles, the last one roundabout. */
static const struct {
    const char *text, *questions[4];
} shown[2][2] = {
    { { "[Shop] In 2015 Ben opened a noodle shop in Leeds with only six tables. His daughter chose the name.",
        { "When did you open your noodle shop?", "Who came up with the name of your place?",
          "Which town would I have to visit to eat your noodles?",
          "If I came with a big crowd, is there room at your place?" } },
      { "[Family] His mother grows flowers, over thirty pots on the balcony. Ben is afraid of dogs: as a child he was "
        "bitten in the leg.",
        { "What does your mum like to do?", "How many pots are there on the balcony?", "Why are you so scared of dogs?",
          "Shall I bring my puppy when I come round?" } } },
    { { "【店】阿明2015年在成都开了一家面馆，只有六张桌子。店名是他女儿取的。",
        { "你的面馆是哪一年开的？", "店名是谁给你取的？", "想吃你做的面，我得去哪座城市？",
          "要是我带一大帮人来，你店里坐得下吗？" } },
      { "【家人】他妈妈爱种花，阳台上有三十多盆。阿明怕狗，小时候被邻居家的狗咬过腿。",
        { "你妈妈平时喜欢做什么？", "阳台上种了多少盆花？", "你为什么那么怕狗？", "我带小狗来你家玩，你看行吗？" } } },
};

static const char *task_of(struct arena *arena, const struct asking *a, bool zh)
{
    return zh ? arena_printf(arena,
                             "你替%s的朋友想问题。给你一小段写%s的文字，你写出%"
                             "zu个朋友当面问的问题。问题是对着本人说的，用“你”，口语，"
                             "简短。每个问题只问一件事，答案要写在这段文字里。角度各不相同：问谁、问什么时候、问哪里、"
                             "问多少、问为什么，最后"
                             "一个拐着弯问。",
                             a->called, a->called, a->questions)
              : arena_printf(arena,
                             "You think of questions for a friend of %s. You get a short text about %s and write %zu "
                             "questions that the "
                             "friend asks %s in person: say \"you\", keep it short, as people talk. Each question asks "
                             "one thing, and its "
                             "answer stands in the text. Take different angles: who, when, where, how many, why; the "
                             "last one asks in a "
                             "roundabout way.",
                             a->called, a->called, a->questions, a->called);
}

/* English text with "she" in it makes the default model ask about her; reminded, it asks her. */
static const char *reminded(struct arena *arena, const char *text, const char *called, bool zh)
{
    return zh || !text ? text : arena_printf(arena, "%s\n(Say \"you\" to %s.)", text, called);
}

static const char *told(struct arena *arena, const struct corpus_passage *p, bool zh)
{
    const char *heading = *p->heading ? p->heading : p->title;
    return *heading ? arena_printf(arena, zh ? "【%s】%s" : "[%s] %s", heading, p->text) : p->text;
}

/* As many of the shown questions as are wanted, the roundabout one last. */
static const char *shown_json(struct arena *arena, size_t which, size_t example, size_t wanted)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 4096);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_arr(&w, "questions");
    for (size_t i = 0; i < 4; i++)
        if (i == 3 || i + 1 < wanted)
            jw_str(&w, NULL, shown[which][example].questions[i]);
    jw_end_arr(&w);
    jw_end_obj(&w);
    const char *copy = b.failed ? NULL : arena_strdup(arena, buf_str(&b));
    buf_finish(&b);
    return copy;
}

int asking_questions(struct arena *arena, const struct asking *a, const struct corpus_passage *p,
                     const anima_chat_message **out, size_t *n)
{
    struct list l = begin(arena);
    bool zh = is_zh(p->language);
    put(&l, "system", task_of(arena, a, zh));
    for (size_t i = 0; i < 2; i++) {
        put(&l, "user", reminded(arena, shown[zh][i].text, "Ben", zh));
        put(&l, "assistant", shown_json(arena, zh, i, a->questions));
    }
    put(&l, "user", reminded(arena, told(arena, p, zh), a->called, zh));
    return end(&l, out, n);
}

const char *asking_schema(struct arena *arena, size_t questions)
{
    return arena_printf(
        arena,
        "{\"type\":\"object\",\"properties\":{\"questions\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
        "\"minLength\":4,\"maxLength\":100},\"minItems\":%zu,\"maxItems\":%zu}},\"required\":[\"questions\"],"
        "\"additionalProperties\":false}",
        questions, questions);
}

/* Asks somebody something: "you" in it, a question mark behind it. */
static bool is_question(const char *q, const char *language)
{
    static const char *const you[] = { "you", "your", "yours", "you're", "you've", "you'd", "you'll", "你", "您" };
    static const char *const marks[] = { "?", "？" };
    size_t n = strlen(q);
    bool asks = false;
    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(marks[i]);
        asks |= n > len && strcmp(q + n - len, marks[i]) == 0;
    }
    return asks && n <= LONGEST_QUESTION && !strchr(q, '\n') && true_has(q, you, sizeof(you) / sizeof(you[0])) &&
           strcmp(prompt_language(q), language) == 0;
}

static bool is_there(const char *const *list, size_t n, const char *q)
{
    struct phrase a, b;
    phrase_read(&a, q, strlen(q));
    for (size_t i = 0; i < n; i++) {
        phrase_read(&b, list[i], strlen(list[i]));
        if (phrase_alike(&a, &b) >= 0.9)
            return true;
    }
    return false;
}

size_t asking_read(struct arena *arena, const char *json, const char *language, const char **out, size_t max)
{
    yyjson_doc *doc;
    size_t i, all, n = 0;
    yyjson_val *v;
    if (json_parse(json, strlen(json), CORPUS_MAX_LINE, "the questions", &doc, NULL))
        return 0;
    yyjson_val *list = yyjson_obj_get(yyjson_doc_get_root(doc), "questions");
    yyjson_arr_foreach (list, i, all, v) {
        const char *text = yyjson_get_str(v);
        size_t len = text ? strlen(text) : 0;
        if (!len || n == max)
            continue;
        corpus_trim(&text, &len);
        char *copy = arena_strndup(arena, text, len);
        if (copy && is_question(copy, language) && !is_there(out, n, copy))
            out[n++] = copy;
    }
    yyjson_doc_free(doc);
    return n;
}

/* ---- answers ---- */

/* The rest of the persona is manner, which the exchanges show. */
static const char *who(struct arena *arena, const struct asking *a)
{
    const struct prompt_input input = { .character = a->called };
    const char *text = prompt_expand(arena, &input, NULL, a->persona->text);
    return text ? persona_short(arena, text) : NULL;
}

static const char *beside(struct arena *arena, bool zh, const char *called, const char *text, const char *question)
{
    return arena_printf(arena, zh ? "（写%s的：%s）\n%s" : "(About %s: %s)\n%s", called, text, question);
}

static const char *hint(enum support_doubt again, bool zh)
{
    switch (again) {
    case SUPPORT_NUMBER: return zh ? "数字照文字里的说。" : "Give numbers as the text has them.";
    case SUPPORT_NAME: return zh ? "人名、地名照文字里的说。" : "Use only names that stand in the text.";
    case SUPPORT_PERSON: return zh ? "说的是你自己，用“我”。" : "It is about you: say \"I\".";
    case SUPPORT_WHOSE: return zh ? "分清是谁的事。" : "Mind who did what.";
    case SUPPORT_OK: return "";
    default: return zh ? "只用文字里的话。" : "Use the words of the text, nothing else.";
    }
}

int asking_answer(struct arena *arena, const struct asking *a, const struct corpus_passage *p,
                  const struct asking_exchange *earlier, size_t n_earlier, const char *question,
                  enum support_doubt again, const anima_chat_message **out, size_t *n)
{
    struct list l = begin(arena);
    bool zh = is_zh(p->language);
    const char *self = who(arena, a), *more = hint(again, zh);
    put(&l, "system",
        self ? arena_printf(arena,
                            zh ? "%s朋友问你自己的事，旁边有一段写你的文字。用“我”来回答，像聊天一样，一两句短话；文字"
                                 "里写你的“她”“他”，也说成“我”。只说"
                                 "文字里有的，不添别的；"
                                 "人名、地名、数字照文字里的说。"
                               : "%s A friend asks about your life, and a text about you stands beside the question. "
                                 "Answer with \"I\", also where the text calls you "
                                 "\"she\" or \"he\", as in a chat, in one or two short sentences. Say only what the "
                                 "text says; names, places "
                                 "and numbers as they stand "
                                 "there.",
                            self)
             : NULL);
    for (size_t i = 0; i + 1 < a->persona->n_examples && i < 2 * ASKING_EXAMPLES; i += 2) {
        put(&l, "user", a->persona->examples[i].text);
        put(&l, "assistant", a->persona->examples[i + 1].text);
    }
    put(&l, "user",
        zh ? beside(arena, zh, a->called, "怕打雷，打雷的时候把收音机开得很响，爸爸笑了好几年。",
                    "打雷的时候你怎么办？")
           : beside(arena, zh, a->called,
                    "Is afraid of thunder and turns the radio up loud; father still laughs about it.",
                    "What do you do in a thunderstorm?"));
    put(&l, "assistant",
        zh ? "我怕打雷，一打雷就把收音机开得很响。" : "I'm afraid of thunder, so I turn the radio up loud.");
    if (*more)
        question = arena_printf(arena, "%s%s%s", question, zh ? "" : " ",
                                zh ? arena_printf(arena, "（%s）", more) : arena_printf(arena, "(%s)", more));
    for (size_t i = 0; i < n_earlier; i++) {
        put(&l, "user", i ? earlier[i].q : beside(arena, zh, a->called, p->text, earlier[i].q));
        put(&l, "assistant", earlier[i].a);
    }
    put(&l, "user", n_earlier || !question ? question : beside(arena, zh, a->called, p->text, question));
    return end(&l, out, n);
}

const char *asking_tidy(struct arena *arena, const char *answer)
{
    answer += strspn(answer, " \t\r\n*-");
    size_t n = strcspn(answer, "\n");
    corpus_trim(&answer, &n);
    while (n && answer[n - 1] == '*')
        n--;
    if (n > 2 && answer[0] == '"' && answer[n - 1] == '"')
        answer++, n -= 2;
    return arena_strndup(arena, answer, n);
}

bool asking_leaks(const char *text, const char *passage)
{
    static const char *const theirs[] = { "noodle",       "noodles", "balcony", "puppy", "thunder",
                                          "thunderstorm", "radio",   "Leeds",   "面馆",  "阳台",
                                          "小狗",         "打雷",    "收音机",  "阿明",  "笑了好几年" };
    for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++)
        if (true_has(text, &theirs[i], 1) && !true_has(passage, &theirs[i], 1))
            return true;
    return false;
}
