#include "mind/style.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 600 /* characters of a line */
#define GRAMS 4     /* the longest n-gram */
#define BINS 65536  /* of hashed n-grams */
#define FOLDS 5
#define OWN_PASS 0.9 /* of the character's own lines: the threshold */
#define PASSES 15
#define RATE 1.0
#define SLOWER 0.1  /* rate of pass i: RATE / (1 + SLOWER * i) */
#define DECAY 0.002 /* of all weights in a pass */
#define WORDS_WEIGHT 2.0
#define PROFILE_WEIGHT 0.5

/* Small words that say little and that everybody uses in a measure of their own. */
static const char *const words[] = {
    "i",    "you",  "the",   "a",     "and",   "but",  "so",   "not",    "no",     "yes",   "that",   "it",
    "is",   "was",  "do",    "don't", "just",  "well", "then", "what",   "why",    "how",   "of",     "to",
    "in",   "on",   "for",   "with",  "my",    "your", "me",   "he",     "she",    "they",  "we",     "if",
    "or",   "as",   "at",    "be",    "have",  "can",  "will", "would",  "that's", "i'm",   "it's",   "there",
    "this", "like", "now",   "too",   "still", "only", "more", "really", "very",   "never", "always", "maybe",
    "oh",   "did",  "about", "one",   "的",    "了",   "是",   "不",     "我",     "你",    "他",     "她",
    "吗",   "呢",   "吧",    "啊",    "呀",    "嘛",   "哦",   "嗯",     "哈",     "就",    "都",     "也",
    "还",   "又",   "再",    "才",    "很",    "太",   "真",   "没",     "有",     "在",    "会",     "要",
    "想",   "能",   "什么",  "怎么",  "那",    "这",   "把",   "给",     "跟",     "和",    "别",     "先",
    "说",   "看",   "去",    "来",    "过",    "着",   "得",   "一个",   "可以",   "自己",  "我们",   "他们",
};
#define WORDS (sizeof(words) / sizeof(words[0]))

/* What stands behind the bins and the words: shares of marks, lengths, how it begins and ends. */
enum {
    LENGTH,
    SENTENCES,
    SENTENCE_LENGTH,
    MARKS,
    ENDS = MARKS + 10,
    LENGTHS = ENDS + 6,
    HAN = LENGTHS + 7,
    DIGITS,
    ONE,
    PROFILE
};

#define FEATURES (BINS + WORDS + PROFILE)

struct feature {
    unsigned at;
    float value;
};

struct features {
    struct feature *list;
    size_t n;
};

struct style {
    float weight[FEATURES];
    float rare[BINS]; /* how much an n-gram counts: the rarer, the more (inverse document frequency) */
    double bias, threshold;
};

/* A line as characters: small letters, any digit as 0, any space as one; 1 in front and 2 behind. */
struct line {
    uint32_t at[LONGEST + 2];
    size_t n;
};

static void read_line(struct line *l, const char *text)
{
    size_t bytes = strlen(text);
    l->n = 0;
    l->at[l->n++] = 1;
    for (size_t i = 0, len; i < bytes && l->n <= LONGEST; i += len) {
        uint32_t c = utf8_decode(text + i, bytes - i, &len);
        c = c - 'A' < 26 ? c | 32 : c;
        c = c - '0' < 10 ? '0' : c;
        c = c == 0x2019 ? '\'' : c;
        c = c == '\t' || c == '\r' ? ' ' : c;
        if (c != ' ' || l->at[l->n - 1] != ' ')
            l->at[l->n++] = c;
    }
    l->at[l->n++] = 2;
}

static int by_place(const void *a, const void *b)
{
    unsigned x = ((const struct feature *)a)->at, y = ((const struct feature *)b)->at;
    return x < y ? -1 : x > y;
}

/* One feature for each bin, with the number of its n-grams. */
static void add_grams(const struct line *l, struct features *f)
{
    size_t from = f->n, kept = from;
    for (size_t i = 0; i < l->n; i++) {
        uint32_t hash = 2166136261u;
        for (size_t k = 0; k < GRAMS && i + k < l->n; k++) {
            hash = (hash ^ l->at[i + k]) * 16777619u;
            f->list[f->n++] = (struct feature){ (hash ^ hash >> 15) % BINS, 1 };
        }
    }
    qsort(f->list + from, f->n - from, sizeof(*f->list), by_place);
    for (size_t i = from; i < f->n; i++)
        if (kept > from && f->list[kept - 1].at == f->list[i].at)
            f->list[kept - 1].value += 1;
        else
            f->list[kept++] = f->list[i];
    f->n = kept;
}

static bool is_letter(uint32_t c) { return c - 'a' < 26 || c == '\'' || (c >= 0xC0 && c < 0x2000); }

/* How often a word occurs: one in letters as a whole word. */
static int occurs(const struct line *l, const char *word)
{
    uint32_t wanted[16];
    size_t n = 0, bytes = strlen(word);
    int found = 0;
    for (size_t i = 0, len; i < bytes; i += len)
        wanted[n++] = utf8_decode(word + i, bytes - i, &len);
    for (size_t i = 1; i + n < l->n; i++) {
        bool inside = is_letter(wanted[0]) && (is_letter(l->at[i - 1]) || is_letter(l->at[i + n]));
        found += !inside && memcmp(l->at + i, wanted, n * sizeof(*wanted)) == 0;
    }
    return found;
}

static void add(struct features *f, unsigned at, double value)
{
    if (value != 0)
        f->list[f->n++] = (struct feature){ at, (float)value };
}

static void add_words(const struct line *l, struct features *f)
{
    for (unsigned i = 0; i < WORDS; i++)
        add(f, BINS + i, WORDS_WEIGHT * occurs(l, words[i]) / (double)l->n);
}

/* Which kind of mark a character is; 10: none. */
static unsigned mark_of(uint32_t c)
{
    static const uint32_t marks[10][6] = {
        { '?', 0xFF1F },                         /* question */
        { '!', 0xFF01 },                         /* exclamation */
        { '.', 0x3002 },                         /* full stop */
        { ',', 0xFF0C, 0x3001 },                 /* comma */
        { 0x2026 },                              /* ellipsis */
        { '-', 0x2014, 0x2013 },                 /* dash */
        { '"', 0x201C, 0x201D, 0x300A, 0x300C }, /* quotes */
        { ':', ';', 0xFF1A, 0xFF1B },            /* colon */
        { '(', ')', 0xFF08, 0xFF09, '*', '#' },  /* brackets, signs of a list */
        { '\n' },
    };
    for (unsigned m = 0; m < 10; m++)
        for (size_t k = 0; k < 6 && marks[m][k]; k++)
            if (marks[m][k] == c)
                return m;
    return 10;
}

static void add_profile(const struct line *l, struct features *f)
{
    static const size_t most[] = { 4, 8, 16, 32, 64, 128 };
    unsigned at = BINS + WORDS, ends = 5, bin = 0;
    double marks[11] = { 0 }, letters = 0, han = 0, digits = 0, sentences = 0;
    for (size_t i = 1; i + 1 < l->n; i++) {
        unsigned m = mark_of(l->at[i]);
        bool last = mark_of(l->at[i + 1]) > 2;
        marks[m]++;
        sentences += m <= 2 && last;
        letters += m == 10 && l->at[i] != ' ';
        han += utf8_is_han(l->at[i]);
        digits += l->at[i] == '0';
    }
    sentences = sentences < 1 ? 1 : sentences;
    add(f, at + LENGTH, PROFILE_WEIGHT * log1p(letters) / 3);
    add(f, at + SENTENCES, PROFILE_WEIGHT * log1p(sentences));
    add(f, at + SENTENCE_LENGTH, PROFILE_WEIGHT * log1p(letters / sentences) / 3);
    for (unsigned m = 0; m < 10; m++)
        add(f, at + MARKS + m, PROFILE_WEIGHT * fmin(marks[m] / sentences, 3));
    if (l->n > 2 && mark_of(l->at[l->n - 2]) < 5)
        ends = mark_of(l->at[l->n - 2]);
    add(f, at + ENDS + ends, PROFILE_WEIGHT);
    while (bin < 6 && letters > (double)most[bin])
        bin++;
    add(f, at + LENGTHS + bin, PROFILE_WEIGHT);
    add(f, at + HAN, letters > 0 ? PROFILE_WEIGHT * han / letters : 0);
    add(f, at + DIGITS, PROFILE_WEIGHT * (digits > 0));
    add(f, at + ONE, PROFILE_WEIGHT * (sentences == 1));
}

/* Features of a text, n-grams counted but not weighed. The list is yours to mem_free. */
static int read_text(const char *text, struct features *f)
{
    struct line l;
    read_line(&l, text);
    f->n = 0;
    f->list = mem_alloc((GRAMS * l.n + WORDS + PROFILE) * sizeof(*f->list));
    if (!f->list)
        return ANIMA_E_NOMEM;
    add_grams(&l, f);
    add_words(&l, f);
    add_profile(&l, f);
    return ANIMA_OK;
}

/* N-grams get the weights of the lines that were learned from, and the length 1. */
static void weigh(const struct style *s, struct features *f)
{
    double square = 0;
    for (size_t i = 0; i < f->n && f->list[i].at < BINS; i++) {
        f->list[i].value = (1 + logf(f->list[i].value)) * s->rare[f->list[i].at];
        square += (double)f->list[i].value * f->list[i].value;
    }
    double length = square > 0 ? sqrt(square) : 1;
    for (size_t i = 0; i < f->n && f->list[i].at < BINS; i++)
        f->list[i].value = (float)(f->list[i].value / length);
}

/* How much speaks for the character: the logarithm of the odds. */
static double odds(const struct style *s, const struct features *f)
{
    double sum = s->bias;
    for (size_t i = 0; i < f->n; i++)
        sum += (double)s->weight[f->list[i].at] * f->list[i].value;
    return sum;
}

/* ---- learning ---- */

struct lesson {
    struct features f;
    unsigned group, kind;
};

static void forget(struct lesson *lessons, size_t n)
{
    for (size_t i = 0; lessons && i < n; i++)
        mem_free(lessons[i].f.list);
    mem_free(lessons);
}

static struct lesson *read_lines(const struct style_line *lines, size_t n)
{
    struct lesson *all = mem_zero(n, sizeof(*all));
    for (size_t i = 0; all && i < n; i++) {
        all[i] = (struct lesson){ .group = lines[i].group, .kind = lines[i].kind % STYLE_KINDS };
        if (read_text(lines[i].text, &all[i].f)) {
            forget(all, n);
            return NULL;
        }
    }
    return all;
}

static int copy_weighed(const struct style *s, const struct features *counted, struct features *out)
{
    *out = (struct features){ mem_alloc(counted->n * sizeof(*out->list) + 1), counted->n };
    if (!out->list)
        return ANIMA_E_NOMEM;
    memcpy(out->list, counted->list, counted->n * sizeof(*out->list));
    weigh(s, out);
    return ANIMA_OK;
}

static bool left_out(const struct lesson *l, unsigned fold) { return l->group % FOLDS == fold; }

/* In how many lines each n-gram occurs, and from that how much it counts. */
static void find_rare(struct style *s, const struct lesson *lessons, size_t n, unsigned fold)
{
    size_t lines = 0;
    for (size_t i = 0; i < n; i++) {
        const struct features *f = &lessons[i].f;
        if (left_out(&lessons[i], fold))
            continue;
        lines++;
        for (size_t k = 0; k < f->n && f->list[k].at < BINS; k++)
            s->rare[f->list[k].at]++;
    }
    for (size_t k = 0; k < BINS; k++)
        s->rare[k] = logf((1 + (float)lines) / (1 + s->rare[k])) + 1;
}

/* One step along the gradient of the logarithmic loss. */
static void step(struct style *s, const struct features *f, bool own, double rate)
{
    double slope = rate * ((own ? 1 : 0) - 1 / (1 + exp(-odds(s, f))));
    for (size_t i = 0; i < f->n; i++)
        s->weight[f->list[i].at] += (float)(slope * f->list[i].value);
    s->bias += 0.1 * slope;
}

static size_t common_divisor(size_t a, size_t b) { return b ? common_divisor(b, a % b) : a; }

/* A step through n places that meets each of them, neighbours far apart. */
static size_t stride(size_t n)
{
    size_t wide = n * 5 / 8 + 1;
    while (common_divisor(wide, n) != 1)
        wide++;
    return wide;
}

/* What a line of each kind weighs: on the average 1, and the own together as much as all others. */
static void weigh_kinds(const struct lesson *lessons, size_t n, unsigned fold, double *out)
{
    double count[STYLE_KINDS] = { 0 }, all = 0, others = 0;
    for (size_t i = 0; i < n; i++)
        count[lessons[i].kind] += !left_out(&lessons[i], fold);
    for (unsigned k = 0; k < STYLE_KINDS; k++) {
        all += count[k];
        others += k != STYLE_OWN && count[k] > 0;
    }
    for (unsigned k = 0; k < STYLE_KINDS; k++)
        out[k] = count[k] > 0 ? all / (count[k] * 2 * (k == STYLE_OWN ? 1 : others)) : 0;
}

static void descend(struct style *s, const struct lesson *lessons, const struct features *weighed, size_t n,
                    unsigned fold)
{
    double weights[STYLE_KINDS];
    size_t wide = stride(n);
    weigh_kinds(lessons, n, fold, weights);
    for (int pass = 0; pass < PASSES; pass++) {
        double rate = RATE / (1 + SLOWER * pass);
        for (size_t i = 0, at = 0; i < n; i++, at = (at + wide) % n)
            if (!left_out(&lessons[at], fold))
                step(s, &weighed[at], lessons[at].kind == STYLE_OWN, rate * weights[lessons[at].kind]);
        for (size_t k = 0; k < FEATURES; k++)
            s->weight[k] *= (float)(1 - DECAY * rate);
    }
}

/* fold FOLDS: from all of them. */
static int learn(const struct lesson *lessons, size_t n, unsigned fold, struct style *s)
{
    struct features *weighed = mem_zero(n, sizeof(*weighed));
    int rc = weighed ? ANIMA_OK : ANIMA_E_NOMEM;
    memset(s, 0, sizeof(*s));
    find_rare(s, lessons, n, fold);
    for (size_t i = 0; i < n && !rc; i++)
        rc = copy_weighed(s, &lessons[i].f, &weighed[i]);
    if (!rc)
        descend(s, lessons, weighed, n, fold);
    for (size_t i = 0; weighed && i < n; i++)
        mem_free(weighed[i].list);
    mem_free(weighed);
    return rc;
}

static int text_odds(const struct style *s, const char *text, double *out)
{
    struct features f;
    if (read_text(text, &f))
        return ANIMA_E_NOMEM;
    weigh(s, &f);
    *out = odds(s, &f);
    mem_free(f.list);
    return ANIMA_OK;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* What speaks for each line in a judge that has not learned it. */
static int try_all(const struct lesson *lessons, const struct style_line *lines, size_t n, struct style *s, double *out)
{
    int rc = ANIMA_OK;
    for (unsigned fold = 0; fold < FOLDS && !rc; fold++) {
        rc = learn(lessons, n, fold, s);
        for (size_t i = 0; i < n && !rc; i++)
            if (left_out(&lessons[i], fold))
                rc = text_odds(s, lines[i].text, &out[i]);
    }
    return rc;
}

/* The threshold that the wanted share of the own lines reach, and who reaches it. sorted has room for n. */
static double find_threshold(const struct lesson *lessons, const double *found, size_t n, double *sorted,
                             struct style_trial *trial)
{
    size_t own = 0, count[STYLE_KINDS] = { 0 }, passed[STYLE_KINDS] = { 0 };
    for (size_t i = 0; i < n; i++)
        if (lessons[i].kind == STYLE_OWN)
            sorted[own++] = found[i];
    qsort(sorted, own, sizeof(*sorted), by_size);
    double threshold = sorted[(size_t)((double)own * (1 - OWN_PASS))];
    for (size_t i = 0; i < n; i++) {
        count[lessons[i].kind]++;
        passed[lessons[i].kind] += found[i] >= threshold;
    }
    for (unsigned k = 0; k < STYLE_KINDS; k++)
        trial->passed[k] = count[k] ? (double)passed[k] / (double)count[k] : 0;
    return threshold;
}

static int learn_and_try(const struct lesson *lessons, const struct style_line *lines, size_t n, struct style *s,
                         struct style_trial *trial)
{
    double *found = mem_zero(2 * n, sizeof(*found));
    int rc = found ? try_all(lessons, lines, n, s, found) : ANIMA_E_NOMEM;
    double threshold = rc ? 0 : find_threshold(lessons, found, n, found + n, trial);
    mem_free(found);
    if (!rc)
        rc = learn(lessons, n, FOLDS, s);
    s->threshold = threshold;
    return rc;
}

int style_learn(const struct style_line *lines, size_t n, struct style **out, struct style_trial *trial,
                anima_error *err)
{
    struct style_trial unwanted;
    size_t own = 0;
    *out = NULL;
    for (size_t i = 0; i < n; i++)
        own += lines[i].kind == STYLE_OWN;
    if (!own || own == n)
        return err_set(err, ANIMA_E_INVALID, "a judge of style needs lines of the character and of others");
    struct lesson *lessons = read_lines(lines, n);
    struct style *s = lessons ? mem_zero(1, sizeof(*s)) : NULL;
    int rc = s ? learn_and_try(lessons, lines, n, s, trial ? trial : &unwanted) : ANIMA_E_NOMEM;
    forget(lessons, n);
    if (rc) {
        style_destroy(s);
        return err_set(err, rc, "out of memory for the judge of style");
    }
    *out = s;
    return ANIMA_OK;
}

void style_destroy(struct style *style) { mem_free(style); }

bool style_passes(const struct style *s, const char *text)
{
    double found;
    return !text_odds(s, text, &found) && found >= s->threshold;
}
