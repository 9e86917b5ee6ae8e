#include "mind/sample.h"

#include "base/utf8.h"

#include <math.h>
#include <string.h>

#define MAX_TERMS 96
#define UNSEEN 0.4  /* what a word counts for that no example has: the rarest, but nothing to go by */
#define CLAUSE 0.9  /* what a clause alone counts for */
#define ENOUGH 0.44 /* of the message's weight and of the example's words, geometric mean */

/* Words of letters, Chinese characters and pairs of them, as hashes. */
struct terms {
    uint32_t all[MAX_TERMS];
    size_t n;
};

static void add(struct terms *t, uint32_t term)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->all[i] == term)
            return;
    if (t->n < MAX_TERMS)
        t->all[t->n++] = term;
}

static void read_terms(struct terms *t, const char *text, size_t n)
{
    uint32_t word = 0, before = 0;
    t->n = 0;
    for (size_t i = 0, len; i <= n; i += len) {
        len = 1;
        uint32_t c = i < n ? utf8_decode(text + i, n - i, &len) : ' ';
        bool letter = (c | 32) - 'a' < 26 || (c >= '0' && c <= '9') || (c >= 0xC0 && c < 0x2000);
        bool han = (c >= 0x3400 && c <= 0x9FFF) || c >= 0x20000;
        if (letter) {
            word = (word ? word : 2166136261u) * 16777619u ^ (c < 0x80 ? c | 32 : c);
        } else if (word && c != '\'') {
            add(t, word);
            word = 0;
        }
        if (han)
            add(t, c);
        if (han && before)
            add(t, before * 65599u + c);
        before = han ? c : 0;
    }
}

static bool has(const struct terms *t, uint32_t term)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->all[i] == term)
            return true;
    return false;
}

static double weight(const struct prompt_persona *p, uint32_t term)
{
    struct terms other;
    double in = 0, all = (double)p->n_samples / 2;
    for (size_t i = 0; i < p->n_samples; i += 2) {
        read_terms(&other, p->samples[i].text, strlen(p->samples[i].text));
        in += has(&other, term);
    }
    return in > 0 ? log(1 + (all - in + 0.5) / (in + 0.5)) : UNSEEN * log(2 + 2 * all);
}

/* How near a question is: 0 to 1. */
static double nearness(const struct terms *mine, const double *weights, double total, const char *question)
{
    struct terms other;
    double shared = 0;
    size_t common = 0;
    read_terms(&other, question, strlen(question));
    for (size_t k = 0; k < mine->n; k++) {
        bool both = has(&other, mine->all[k]);
        shared += both ? weights[k] : 0;
        common += both;
    }
    if (total <= 0 || !other.n || (common < 2 && other.n > 1))
        return 0; /* a single word is no likeness */
    return sqrt(shared / total * (double)common / (double)other.n);
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

/* What is said in n bytes, against every question; it counts for so much. */
static size_t look(const struct prompt_persona *p, const char *text, size_t len, double worth, struct sample_hit *best,
                   size_t n, size_t most)
{
    struct terms mine;
    double weights[MAX_TERMS], total = 0;
    read_terms(&mine, text, len);
    for (size_t i = 0; i < mine.n; i++)
        total += weights[i] = weight(p, mine.all[i]);
    for (size_t i = 0; i + 1 < p->n_samples; i += 2) {
        struct sample_hit one = { i, worth * nearness(&mine, weights, total, p->samples[i].text) };
        if (one.score > ENOUGH)
            n = insert(best, n, most, p, one);
    }
    return n;
}

size_t sample_nearest(const struct prompt_persona *p, const char *message, struct sample_hit *best, size_t most)
{
    size_t n = 0, rest = strlen(message);
    if (p->n_samples)
        n = look(p, message, rest, 1, best, n, most);
    for (size_t len; rest && p->n_samples; message += len, rest -= len) {
        len = clause(message, rest);
        n = look(p, message, len, CLAUSE, best, n, most);
    }
    return n;
}
