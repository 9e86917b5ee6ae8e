#include "mind/sample.h"

#include "base/utf8.h"

#include <math.h>
#include <string.h>

#define MAX_TERMS 48
#define ENOUGH 0.55 /* of the message's weight and of the example's words, geometric mean */

/* Words of letters and pairs of Chinese characters, as hashes. */
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

static void read_terms(struct terms *t, const char *text)
{
    size_t n = strlen(text);
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
        read_terms(&other, p->samples[i].text);
        in += has(&other, term);
    }
    return log(1 + (all - in + 0.5) / (in + 0.5));
}

size_t sample_nearest(const struct prompt_persona *p, const char *message)
{
    struct terms mine, other;
    double weights[MAX_TERMS], total = 0, best = ENOUGH;
    size_t found = p->n_samples;
    if (p->n_samples < 2)
        return found;
    read_terms(&mine, message);
    for (size_t i = 0; i < mine.n; i++)
        total += weights[i] = weight(p, mine.all[i]);
    for (size_t i = 0; i + 1 < p->n_samples; i += 2) {
        double shared = 0;
        read_terms(&other, p->samples[i].text);
        for (size_t k = 0; k < mine.n; k++)
            shared += has(&other, mine.all[k]) ? weights[k] : 0;
        size_t common = 0;
        for (size_t k = 0; k < mine.n; k++)
            common += has(&other, mine.all[k]);
        double score = total > 0 && other.n ? sqrt(shared / total * (double)common / (double)other.n) : 0;
        if (score > best) {
            best = score;
            found = i;
        }
    }
    return found;
}
