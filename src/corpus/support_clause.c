/* support_clause.c — clause by clause: is it denied where the source denies it, and said of whom the source says it. */
#include "corpus/support_private.h"

#include "base/utf8.h"
#include "mind/phrase.h"
#include "mind/summary_true.h"

#include <ctype.h>
#include <string.h>

#define ALIKE 0.6  /* of an answer's words that stand in a clause of the source: it says the same thing */
#define LEAST 2    /* such words */
#define HEAD_ZH 15 /* bytes at the beginning of a sentence in which its subject stands */
#define HEAD_EN 26

static const char *const kin[] = {
    "mother",      "mum",      "mom",      "father",   "dad",        "parents",   "sister",    "brother",
    "wife",        "husband",  "son",      "daughter", "girlfriend", "boyfriend", "ex",        "grandmother",
    "grandfather", "grandma",  "grandpa",  "gran",     "aunt",       "uncle",     "cousin",    "boss",
    "friend",      "landlord", "landlady", "teacher",  "neighbour",  "neighbor",  "room-mate", "roommate",
    "colleague",   "customer", "child",    "children", "kids",       "dog",       "cat",       "妈",
    "爸",          "父亲",     "母亲",     "爹",       "娘",         "姐",        "妹",        "哥",
    "弟",          "老婆",     "老公",     "妻子",     "丈夫",       "女儿",      "儿子",      "孩子",
    "奶奶",        "爷爷",     "外婆",     "外公",     "姥姥",       "姑",        "舅",        "阿姨",
    "叔",          "伯",       "老板",     "房东",     "朋友",       "同学",      "室友",      "同事",
    "老师",        "师傅",     "邻居",     "男友",     "女友",       "对象",      "狗",        "猫",
    "客人",        "学生",
};

bool support_other(const char *text) { return HAS(text, kin); }

const char *support_stranger(const char *text, const char *source)
{
    static const char *const mothers[] = { "mother", "mum", "mom", "妈", "母亲", "parents", "父母" };
    static const char *const fathers[] = { "father", "dad", "爸", "父亲", "parents", "父母" };
    for (size_t i = 0; i < sizeof(kin) / sizeof(kin[0]); i++) {
        if (!true_has(text, &kin[i], 1) || true_has(source, &kin[i], 1))
            continue;
        bool mother = HAS(kin[i], mothers) && HAS(source, mothers),
             father = HAS(kin[i], fathers) && HAS(source, fathers);
        if (!mother && !father)
            return kin[i];
    }
    return NULL;
}

/* ---- clauses ---- */

static size_t mark_at(const char *at, bool sentence)
{
    static const char *const ends[] = { "。", "！", "？", "…", "!", "?", "\n" };
    static const char *const more[] = { "，", "；", "：", "——", ",", ";", ":", "—", " and ", " but ", " because " };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strncmp(at, ends[i], strlen(ends[i])) == 0)
            return strlen(ends[i]);
    for (size_t i = 0; !sentence && i < sizeof(more) / sizeof(more[0]); i++)
        if (strncmp(at, more[i], strlen(more[i])) == 0 && !isdigit((unsigned char)at[strlen(more[i])]))
            return strlen(more[i]);
    return at[0] == '.' && (at[1] == ' ' || !at[1]) ? 1 : 0;
}

size_t clause_next(const char *text, size_t *at, bool sentence)
{
    size_t i = *at, n = 0, mark = 0;
    for (size_t m; (m = mark_at(text + i, sentence)) > 0 || text[i] == ' '; i += m ? m : 1)
        ;
    *at = i;
    while (text[i + n] && !(mark = mark_at(text + i + n, sentence)))
        n++;
    return n + (n ? mark : 0);
}

/* ---- yes and no ---- */

static bool denies(const char *text)
{
    static const char *const nots[] = { "不", "没", "别", "未", "无" };
    static const char *const sounds[] = { "不过", "不错", "差不多", "不好意思", "不管", "不同", "不仅", "不但",
                                          "不止", "不光", "没事",   "没关系",   "特别", "别人", "别的", "区别",
                                          "分别", "不久", "不得不", "要不",     "无论", "对不", "没谁", "别处" };
    static const char *const english[] = { "not",     "never",  "no",     "nobody", "nothing", "none",
                                           "without", "cannot", "seldom", "hardly", "neither", "nor" };
    for (size_t i = 0; i < sizeof(nots) / sizeof(nots[0]); i++)
        for (const char *at = text; (at = strstr(at, nots[i])); at += strlen(nots[i])) {
            bool only = false;
            for (size_t k = 0; k < sizeof(sounds) / sizeof(sounds[0]); k++)
                for (size_t back = 0; back < strlen(sounds[k]) && at >= text + back; back += 3)
                    only |= strncmp(at - back, sounds[k], strlen(sounds[k])) == 0;
            if (!only)
                return true;
        }
    return HAS(text, english) || strstr(text, "n't") || strstr(text, "n’t");
}

/* ---- whose ---- */

/* Somebody else is what the sentence begins with. */
static bool of_other(struct arena *arena, const struct support_source *s, const char *sentence)
{
    size_t n = strlen(sentence), at = 0;
    char *head = arena_strndup(arena, sentence,
                               utf8_cut(sentence, n, (unsigned char)sentence[0] < 0x80 ? HEAD_EN : HEAD_ZH));
    if (!head || support_other(head)) /* first: a father has the same family name */
        return head != NULL;
    if (true_has(head, s->self, s->n_self))
        return false;
    size_t one = true_word(head, &at), next = at + one;
    bool name = one && at == 0 && isupper((unsigned char)head[0]);
    return name && true_word(head, &next) && true_name_at(head, next, 2) && head[next - 1] == ' ';
}

static bool of_self(const char *text)
{
    static const char *const self[] = { "I", "I'm", "I've", "I'd", "I'll", "me", "my", "我" };
    return HAS(text, self);
}

/* ---- one clause ---- */

struct likeness {
    double share; /* of the answer's words */
    bool denied;
    bool own; /* it speaks of the character itself ("her", "she") */
    const char *sentence;
};

static size_t count(const char *clause, const char *in, size_t *all)
{
    size_t found = 0;
    struct atom a;
    *all = 0;
    for (size_t at = 0; atom_next(clause, &at, &a);)
        if (!a.common) {
            ++*all;
            found += atom_in(&a, in);
        }
    return found;
}

/* The clause of the passage that is most like it; among equals, one that agrees with it. */
static bool best(struct arena *arena, const struct support_source *s, const char *clause, struct likeness *out)
{
    static const char *const she[] = { "she", "her", "he", "him", "his", "她", "他" };
    bool denied = denies(clause);
    *out = (struct likeness){ .share = 0 };
    for (size_t i = 0, n; (n = clause_next(s->passage, &i, true)) > 0; i += n) {
        const char *sentence = arena_strndup(arena, s->passage + i, n);
        for (size_t k = 0, m; sentence && (m = clause_next(sentence, &k, false)) > 0; k += m) {
            size_t all, found;
            const char *part = arena_strndup(arena, sentence + k, m);
            if (!part)
                return false;
            found = count(clause, part, &all);
            double share = all >= LEAST ? (double)found / (double)all : 0;
            bool no = denies(part);
            if (share > out->share || (share > 0 && share >= out->share && no == denied && out->denied != denied))
                *out = (struct likeness){ share, no, k > 0 && HAS(part, she), sentence };
        }
        if (!sentence)
            return false;
    }
    return out->share >= ALIKE;
}

/* "My father lent her money" is not "I lent him money". */
static bool turned_round(const char *clause)
{
    static const char *const to[] = { "给他", "给她", "帮他", "帮她", "教他", "教她", " him", " her" };
    const char *self = (unsigned char)clause[0] < 0x80 ? (strncmp(clause, "I", 1) == 0 ? clause : NULL)
                                                       : strstr(clause, "我");
    for (size_t i = 0; self && i < sizeof(to) / sizeof(to[0]); i++) {
        const char *other = strstr(self, to[i]);
        if (other && (i < 6 || !isalpha((unsigned char)other[strlen(to[i])])))
            return true;
    }
    return false;
}

enum support_doubt support_clauses(struct arena *arena, const struct support_source *source, const char *answer,
                                   const char **what)
{
    for (size_t i = 0, n; (n = clause_next(answer, &i, false)) > 0; i += n) {
        const char *clause = arena_strndup(arena, answer + i, n);
        struct likeness like;
        if (!clause)
            return SUPPORT_LITTLE;
        *what = clause;
        if (!best(arena, source, clause, &like))
            continue;
        if (denies(clause) != like.denied)
            return SUPPORT_NOT;
        static const char *const third[] = { "he", "she", "they", "him", "her", "他", "她" };
        bool alone = of_self(clause) && !support_other(clause) && !HAS(clause, third) && !like.own;
        if ((alone || (like.own && turned_round(clause))) && of_other(arena, source, like.sentence))
            return SUPPORT_WHOSE;
    }
    *what = "";
    return SUPPORT_OK;
}
