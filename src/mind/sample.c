#include "mind/sample.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

#define MAX_TERMS 96
#define SHOWN 2
#define UNSEEN 0.4  /* what a word counts for that no example has: the rarest, but nothing to go by */
#define LAST 0.97   /* the last one: mostly what is meant */
#define OTHER 0.85  /* a question beside something told, or the other way round */
#define CLAUSE 0.9  /* what a clause alone counts for */
#define ENOUGH 0.44 /* of the message's weight and of the example's words, geometric mean */

/* Words that say little about what a sentence is about; Chinese ones by their characters. */
#define LITTLE 0.25 /* what they count for */
static const char little_zh[] =
    "的了是我你他她它们您这那不没有在也都就还很太吗呢吧啊呀么什怎知道该要会能想说一个把给对着过到去来好";
static const char little_en[] =
    " i im ive id ill you youre your my me it its is are was be been a an the to do dont did "
    "does what that this and or of in on at for so just not have has had will can cant know "
    "think want say get got with about he she they we as if but ";

/* Words of letters, Chinese characters and pairs of them, as hashes, and what each counts for. */
struct terms {
    uint32_t all[MAX_TERMS];
    double worth[MAX_TERMS];
    size_t n;
};

static void add(struct terms *t, uint32_t term, bool little)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->all[i] == term)
            return;
    if (t->n == MAX_TERMS)
        return;
    t->worth[t->n] = little ? LITTLE : 1;
    t->all[t->n++] = term;
}

struct word {
    char letters[12]; /* its beginning, between spaces */
    size_t n;
    uint32_t hash; /* 0: there is none */
};

static void add_word(struct terms *t, struct word *w)
{
    w->letters[w->n] = ' ';
    w->letters[w->n + 1] = '\0';
    if (w->hash)
        add(t, w->hash, w->n + 2 < sizeof(w->letters) && strstr(little_en, w->letters));
    *w = (struct word){ .letters = " ", .n = 1 };
}

static void add_letter(struct word *w, uint32_t c)
{
    c = c < 0x80 ? c | 32 : c;
    w->hash = (w->hash ? w->hash : 2166136261u) * 16777619u ^ c;
    if (w->n + 2 < sizeof(w->letters))
        w->letters[w->n++] = c < 0x80 ? (char)c : '?';
}

static bool is_little(const char *text, size_t len)
{
    for (const char *p = little_zh; *p; p += 3)
        if (len == 3 && memcmp(p, text, 3) == 0)
            return true;
    return false;
}

static void read_terms(struct terms *t, const char *text, size_t n)
{
    struct word word = { .letters = " ", .n = 1 };
    uint32_t before = 0;
    bool little_before = false;
    t->n = 0;
    for (size_t i = 0, len; i <= n; i += len) {
        len = 1;
        uint32_t c = i < n ? utf8_decode(text + i, n - i, &len) : ' ';
        bool letter = (c | 32) - 'a' < 26 || (c >= '0' && c <= '9') || (c >= 0xC0 && c < 0x2000);
        bool han = utf8_is_han(c), little = han && is_little(text + i, len);
        if (letter)
            add_letter(&word, c);
        else if (c != '\'')
            add_word(t, &word);
        if (han)
            add(t, c, little);
        if (han && before)
            add(t, before * 65599u + c, little && little_before);
        before = han ? c : 0;
        little_before = little;
    }
}

static bool has(const struct terms *t, uint32_t term)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->all[i] == term)
            return true;
    return false;
}

/* The questions of a persona's samples, taken apart once for all that is compared with them. */
struct questions {
    const struct prompt_persona *p;
    struct terms *all; /* p->n_samples / 2, rounded up */
    size_t n;
};

static double weight(const struct questions *q, uint32_t term)
{
    double in = 0, all = (double)q->p->n_samples / 2;
    for (size_t i = 0; i < q->n; i++)
        in += has(&q->all[i], term);
    return in > 0 ? log(1 + (all - in + 0.5) / (in + 0.5)) : UNSEEN * log(2 + 2 * all);
}

/* How near a question is: 0 to 1. */
static double nearness(const struct terms *mine, const double *weights, double total, const struct terms *other)
{
    double shared = 0, common = 0, all = 0;
    size_t n = 0;
    for (size_t k = 0; k < other->n; k++)
        all += other->worth[k];
    for (size_t k = 0; k < mine->n; k++)
        if (has(other, mine->all[k])) {
            shared += weights[k];
            common += mine->worth[k];
            n++;
        }
    if (total <= 0 || all <= 0 || (n < 2 && other->n > 1))
        return 0; /* a single word is no likeness */
    return sqrt(shared / total * common / all);
}

/* Puts one among the best so far, which stay in order and have one answer each. */
static size_t insert(struct sample_hit *best, size_t n, size_t most, const struct prompt_persona *p,
                     struct sample_hit one)
{
    for (size_t i = 0; i < n; i++) {
        if (p->samples[best[i].place + 1].text != p->samples[one.place + 1].text)
            continue;
        if (best[i].score >= one.score)
            return n;
        memmove(&best[i], &best[i + 1], (--n - i) * sizeof(*best));
        break;
    }
    size_t at = n;
    while (at > 0 && best[at - 1].score < one.score)
        at--;
    if (at >= most)
        return n;
    n += n < most;
    memmove(&best[at + 1], &best[at], (n - 1 - at) * sizeof(*best));
    best[at] = one;
    return n;
}

/* The clause at the beginning of text, with what ends it. */
static size_t clause(const char *text, size_t n)
{
    static const char *const ends[] = { "，", "。", "！", "？", "；", "…", ",", ".", "!", "?", ";", "\n" };
    for (size_t at = 0; at < n; at++)
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
            if (strlen(ends[i]) <= n - at && memcmp(text + at, ends[i], strlen(ends[i])) == 0)
                return at + strlen(ends[i]);
    return n;
}

static bool asks(const char *text, size_t n) { return memchr(text, '?', n) || memmem(text, n, "？", strlen("？")); }

/* What is said in n bytes, against every question; it counts for so much. */
static size_t look(const struct questions *q, const char *text, size_t len, double worth, struct sample_hit *best,
                   size_t n, size_t most)
{
    const struct prompt_persona *p = q->p;
    struct terms mine;
    double weights[MAX_TERMS], total = 0;
    read_terms(&mine, text, len);
    for (size_t i = 0; i < mine.n; i++)
        total += weights[i] = mine.worth[i] * weight(q, mine.all[i]);
    for (size_t i = 0; i + 1 < p->n_samples; i += 2) {
        const char *question = p->samples[i].text;
        double kind = asks(text, len) == asks(question, strlen(question)) ? 1 : OTHER;
        struct sample_hit one = { i, worth * kind * nearness(&mine, weights, total, &q->all[i / 2]) };
        if (one.score > ENOUGH)
            n = insert(best, n, most, p, one);
    }
    return n;
}

size_t sample_nearest(const struct prompt_persona *p, const char *message, struct sample_hit *best, size_t most)
{
    struct questions q = { p, NULL, (p->n_samples + 1) / 2 };
    size_t n = 0, rest = strlen(message);
    q.all = q.n ? mem_alloc(q.n * sizeof(*q.all)) : NULL;
    if (!q.all)
        return 0;
    for (size_t i = 0; i < q.n; i++)
        read_terms(&q.all[i], p->samples[2 * i].text, strlen(p->samples[2 * i].text));
    n = look(&q, message, rest, 1, best, n, most);
    for (size_t len; rest; message += len, rest -= len) {
        len = clause(message, rest);
        n = look(&q, message, len, len == rest ? LAST : CLAUSE, best, n, most);
    }
    mem_free(q.all);
    return n;
}

int sample_show(struct arena *arena, const struct prompt_persona *p, const char *message, struct prompt_input *in)
{
    struct sample_hit hits[SHOWN];
    struct prompt_turn *near = arena_alloc(arena, 2 * SHOWN * sizeof(*near));
    in->near = near;
    in->n_near = 0;
    for (size_t i = near ? sample_nearest(p, message, hits, SHOWN) : 0; i-- > 0;) {
        near[in->n_near++] = p->samples[hits[i].place];
        near[in->n_near++] = p->samples[hits[i].place + 1];
    }
    return near ? ANIMA_OK : ANIMA_E_NOMEM;
}
