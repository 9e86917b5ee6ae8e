#include "mind/summary.h"

#include "base/utf8.h"
#include "mind/phrase.h"
#include "mind/summary_true.h"

#include <string.h>

#define PIECE_TOKENS 50 /* sentences are joined up to so many */
#define PIECE_BYTES 360 /* a longer sentence is cut */
#define WORTH_ASKING 2  /* "I like hiking" */
#define WORTH_QUOTING 3 /* what is kept though the model could not put it into other words */
#define MAX_FOUND 512   /* pieces looked at */
#define ALIKE 0.9       /* two lines that say the same */
#define MAX_CANDIDATES (2 * SUMMARY_LINES + SUMMARY_PIECES)

static bool is_zh(const char *text) { return strcmp(prompt_language(text), "zh") == 0; }

/* ---- worth ---- */

static const char *const self[] = {
    "I", "I'm", "I've", "I'd", "I'll", "me", "my", "we", "our", "us", "我", "咱", "俺"
};
static const char *const naming[] = { "called", "name", "named", "我叫", "名叫", "叫做",
                                      "，叫",   "他叫", "她叫",  "它叫", "名字", "姓" };
static const char *const kin[] = {
    "mother", "mum",      "mom",        "father",    "dad",         "sister",      "brother", "wife",  "husband",
    "son",    "daughter", "girlfriend", "boyfriend", "grandmother", "grandfather", "aunt",    "uncle", "cousin",
    "baby",   "boss",     "friend",     "dog",       "cat",         "妈",          "爸",      "父亲",  "母亲",
    "姐",     "妹",       "哥",         "弟",        "老婆",        "老公",        "妻子",    "丈夫",  "女儿",
    "儿子",   "女朋友",   "男朋友",     "奶奶",      "爷爷",        "外婆",        "外公",    "姑",    "舅",
    "阿姨",   "叔",       "老板",       "朋友",      "同事",        "狗",          "猫",      "孩子",
};
static const char *const lasting[] = {
    "allergic", "allergy",  "work",  "job",    "live",       "moved",   "moving",    "born",     "birthday",
    "married",  "divorced", "study", "school", "university", "exam",    "interview", "hospital", "doctor",
    "like",     "love",     "hate",  "afraid", "scared",     "nervous", "want",      "plan",     "hope",
    "used to",  "过敏",     "上班",  "工作",   "住",         "搬",      "生日",      "结婚",     "离婚",
    "学校",     "大学",     "专业",  "考试",   "面试",       "医院",    "手术",      "喜欢",     "讨厌",
    "害怕",     "怕",       "打算",  "计划",   "希望",       "想",      "以前",      "辞职",
};
static const char *const promising[] = {
    "promise", "remind", "don't tell", "secret", "remember to", "答应", "提醒",
    "别跟",    "别告诉", "不要告诉",   "保密",   "约好",        "说好", "记得",
};
static const char *const when[] = {
    "tomorrow", "tonight", "weekend", "next week", "next month", "next year", "明天", "后天", "周末", "下周",
    "下个月",   "明年",    "星期",    "周一",      "周二",       "周三",      "周四", "周五", "周六", "周日",
};
/* Words with which a character promises something. */
static const char *const promised[] = { "I promise", "I'll remind", "I will remind", "I won't tell", "我答应",
                                        "我提醒",    "我会提醒",    "我不告诉",      "我不会告诉",   "我不会说" };
#define HAS(text, list) true_has(text, list, sizeof(list) / sizeof((list)[0]))

static bool is_question(const char *text)
{
    size_t n = strlen(text);
    while (n && strchr(" \n\"')", text[n - 1]))
        n--;
    static const char *const ends[] = { "?", "？", "吗", "呢", "吗。", "呢。" };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t len = strlen(ends[i]);
        if (n >= len && memcmp(text + n - len, ends[i], len) == 0)
            return true;
    }
    return false;
}

static int worth(const char *text)
{
    if (is_question(text))
        return HAS(text, promising) ? 3 : 0;
    int names = (int)true_names(text), numbers = (int)true_numbers(text);
    int about = (names > 2 ? 2 : names) * 2 + (numbers > 2 ? 2 : numbers) * 2 + 3 * HAS(text, naming) +
                2 * HAS(text, kin) + HAS(text, lasting) + 2 * HAS(text, promising) + HAS(text, when);
    return about ? about + HAS(text, self) : 0;
}

/* ---- pieces ---- */

struct pieces {
    struct arena *arena;
    struct summary_piece *list;
    size_t n, turn;
    bool failed;
};

static void add(struct pieces *p, const char *speaker, const char *text, size_t n, int value)
{
    while (n && strchr(" \n", text[n - 1]))
        n--;
    if (!n || p->n == MAX_FOUND)
        return;
    n = utf8_cut(text, n, PIECE_BYTES);
    char *copy = arena_strndup(p->arena, text, n);
    p->failed |= !copy;
    for (char *c = copy; c && *c; c++)
        *c = *c == '\n' || *c == '\r' ? ' ' : *c;
    if (copy)
        p->list[p->n++] = (struct summary_piece){ speaker, copy, value, HAS(copy, self) && true_can_be_told(copy),
                                                  p->turn };
}

/* What a person said: sentences that are worth something, neighbours joined. */
static void add_person(struct pieces *p, const struct prompt_turn *t)
{
    const char *begin = t->text, *end = t->text;
    int value = 0;
    for (size_t n; !p->failed && (n = phrase_sentence(end, strlen(end), true)) > 0; end += n) {
        char *one = arena_strndup(p->arena, end, n);
        if (!one) {
            p->failed = true;
            return;
        }
        int more = worth(one);
        if (value && (!more || prompt_tokens(begin, (size_t)(end - begin) + n) > PIECE_TOKENS)) {
            add(p, t->speaker, begin, (size_t)(end - begin), value);
            value = 0;
        }
        if (!value)
            begin = end;
        value += more;
    }
    if (value)
        add(p, t->speaker, begin, (size_t)(end - begin), value);
}

static void add_character(struct pieces *p, const char *text)
{
    for (size_t n; !p->failed && (n = phrase_sentence(text, strlen(text), true)) > 0; text += n) {
        char *one = arena_strndup(p->arena, text, n);
        size_t before = p->n;
        p->failed |= !one;
        if (one && HAS(one, promised))
            add(p, NULL, text, n, 3);
        if (p->n > before)
            p->list[before].asked = false;
    }
}

/* Only the worthiest stay; of the same worth, the last ones. */
static size_t choose(struct summary_piece *list, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (list[i].worth >= (list[i].asked ? WORTH_ASKING : WORTH_QUOTING))
            list[kept++] = list[i];
    while (kept > SUMMARY_PIECES) {
        size_t least = 0;
        for (size_t i = 1; i < kept; i++)
            least = list[i].worth < list[least].worth ? i : least;
        memmove(list + least, list + least + 1, (kept - least - 1) * sizeof(*list));
        kept--;
    }
    return kept;
}

int summary_pieces(struct arena *arena, const struct prompt_turn *turns, size_t n_turns, struct summary_piece **out,
                   size_t *n)
{
    struct pieces p = { .arena = arena, .list = arena_alloc(arena, MAX_FOUND * sizeof(*p.list)) };
    if (!p.list)
        return ANIMA_E_NOMEM;
    for (size_t i = 0; i < n_turns && !p.failed; i++) {
        p.turn = i;
        if (turns[i].speaker)
            add_person(&p, &turns[i]);
        else
            add_character(&p, turns[i].text);
    }
    *out = p.list;
    *n = choose(p.list, p.n);
    return p.failed ? ANIMA_E_NOMEM : ANIMA_OK;
}

/* ---- the question ---- */

static const struct {
    const char *task;
    const char *examples[10]; /* what is said, and the note of it */
} questions[] = {
    { "You note down what people say of themselves. For each message write one short plain sentence in the third "
      "person, "
      "beginning with the speaker's name, with the names, places, dates and numbers of the message, and nothing that "
      "is "
      "not in it. If the message says nothing about the speaker's life, write only a dash.",
      { "Eva: I'm off to Paris on Friday with my brother Max, I really need a break.",
        "Eva goes to Paris on Friday with her brother Max.", "Eva: It rains.", "-",
        "Eva: Guess what, my cat Momo is 7 today! She stays with the neighbour while I'm away.",
        "Eva's cat Momo is 7 and stays with the neighbour while Eva is away.",
        "Bob: It's my mother's birthday on the 3rd, I want to cook for her.",
        "Bob wants to cook for his mother's birthday on the 3rd.", "Bob: Thanks, good night!", "-" } },
    { "你记下人们讲的自己的事。每条话写一句简短的大白话，第三人称，以说话人的名字开头，保留话里的名字、地点、日期和数字"
      "，"
      "不写话里没有的。话里没有讲自己的事，就只写“-”。",
      { "阿明：我周五和弟弟小刚去北京，真想歇一歇。", "阿明周五和弟弟小刚去北京。", "阿明：下雨了。", "-",
        "阿明：跟你说，我的猫毛毛今天七岁了！我不在的时候放在邻居家。",
        "阿明的猫毛毛七岁了，阿明不在的时候放在邻居家。", "小丽：三号是我妈妈的生日，我想给她做饭。",
        "小丽的妈妈三号生日，小丽想给她做饭。", "小丽：谢谢，晚安！", "-" } },
};
#define N_EXAMPLES (sizeof(questions[0].examples) / sizeof(questions[0].examples[0]))

int summary_prompt(struct arena *arena, const struct summary_piece *piece, const anima_chat_message **out, size_t *n)
{
    bool zh = is_zh(piece->text);
    anima_chat_message *m = arena_alloc(arena, (2 + N_EXAMPLES) * sizeof(*m));
    const char *last = arena_printf(arena, zh ? "%s：%s" : "%s: %s", piece->speaker, piece->text);
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

/* ---- lines ---- */

static const char *quote(struct arena *a, const struct summary_piece *p)
{
    bool zh = is_zh(p->text);
    if (p->worth < WORTH_QUOTING)
        return "";
    if (!p->speaker)
        return arena_printf(a, zh ? "你说过：“%s”" : "You said: \"%s\"", p->text);
    return arena_printf(a, zh ? "%s说：“%s”" : "%s said: \"%s\"", p->speaker, p->text);
}

/* The answer's first line without the marks that models like to put around it. */
static char *tidy(struct arena *a, const char *answer)
{
    answer += strspn(answer, " -*\n");
    size_t n = strcspn(answer, "\n");
    while (n && strchr(" *", answer[n - 1]))
        n--;
    return arena_strndup(a, answer, n);
}

const char *summary_line(struct arena *arena, const struct summary_piece *piece, const char *answer)
{
    if (!piece->asked || !answer)
        return quote(arena, piece);
    const char *line = tidy(arena, answer);
    if (!line)
        return NULL;
    bool whole = strlen(line) <= 2 * PIECE_BYTES && !is_question(line);
    return whole && true_to(line, piece->text, piece->speaker) ? line : quote(arena, piece);
}

struct candidate {
    const char *text;
    size_t len;
    int worth;
};

static size_t split(struct arena *a, const char *text, struct candidate *out, size_t most)
{
    size_t n = 0;
    for (size_t len; *text && n < most; text += len + (text[len] != '\0')) {
        len = strcspn(text, "\n");
        char *line = len ? arena_strndup(a, text, len) : NULL;
        if (line)
            out[n++] = (struct candidate){ line, len, worth(line) };
    }
    return n;
}

static bool alike(const struct candidate *x, const struct candidate *y)
{
    struct phrase a, b;
    phrase_read(&a, x->text, x->len);
    phrase_read(&b, y->text, y->len);
    return phrase_alike(&a, &b) >= ALIKE;
}

static void drop(struct candidate *list, size_t *n, size_t i)
{
    memmove(list + i, list + i + 1, (*n - i - 1) * sizeof(*list));
    --*n;
}

static bool fits(const struct candidate *list, size_t n)
{
    int tokens = 0;
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) {
        tokens += prompt_tokens(list[i].text, list[i].len) + 2;
        bytes += list[i].len + 1;
    }
    return n <= SUMMARY_LINES && tokens <= SUMMARY_TOKENS && bytes <= SUMMARY_MAX_TEXT;
}

const char *summary_merge(struct arena *arena, const char *earlier, const char *const *lines, size_t n)
{
    struct candidate *all = arena_alloc(arena, MAX_CANDIDATES * sizeof(*all));
    if (!all)
        return NULL;
    size_t count = split(arena, earlier ? earlier : "", all, 2 * SUMMARY_LINES);
    for (size_t i = 0; i < n && count < MAX_CANDIDATES; i++)
        if (*lines[i])
            all[count++] = (struct candidate){ lines[i], strlen(lines[i]), worth(lines[i]) };
    for (size_t i = count; i-- > 0;)
        for (size_t k = i; k-- > 0;)
            if (alike(&all[k], &all[i])) {
                drop(all, &count, k);
                i--;
            }
    while (count && !fits(all, count)) {
        size_t least = 0;
        for (size_t i = 1; i < count; i++)
            least = all[i].worth < all[least].worth ? i : least;
        drop(all, &count, least);
    }
    const char *text = "";
    for (size_t i = 0; i < count && text; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? "\n" : "", all[i].text);
    return text;
}

const char *summary_told(struct arena *arena, const char *text, const char *language)
{
    const char *told = strcmp(language, "zh") == 0 ? "之前聊到过的，简单说：" : "What was said before, in short:";
    for (size_t len; *text && told; text += len + (text[len] != '\0')) {
        len = strcspn(text, "\n");
        told = arena_printf(arena, "%s\n- %.*s", told, (int)len, text);
    }
    return told;
}
