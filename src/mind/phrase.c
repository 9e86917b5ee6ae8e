#include "mind/phrase.h"

#include "base/utf8.h"

#include <string.h>

/* ---- sentences ---- */

static bool is_one_of(const char *set, const char *at, size_t len)
{
    for (size_t n; *set; set += n) {
        utf8_decode(set, strlen(set), &n);
        if (n == len && memcmp(set, at, n) == 0)
            return true;
    }
    return false;
}

/* "3.5", "1. first", "Dr. Smith", "e.g." and the first of "..." */
static bool stop_ends_nothing(const char *text, size_t at, size_t n)
{
    static const char *const titles[] = { "Mr", "Mrs", "Ms", "Dr", "St", "vs", "etc", "e.g", "i.e" };
    if (at + 1 < n && text[at + 1] != ' ' && text[at + 1] != '\n' && !strchr("\"')]*", text[at + 1]) &&
        (unsigned char)text[at + 1] < 0x80)
        return true;
    size_t digits = at;
    while (digits > 0 && text[digits - 1] >= '0' && text[digits - 1] <= '9')
        digits--;
    if (digits < at && (digits == 0 || text[digits - 1] == '\n'))
        return true; /* "1. Sleep" */
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        size_t len = strlen(titles[i]);
        if (at >= len && memcmp(text + at - len, titles[i], len) == 0 &&
            (at == len || text[at - len - 1] == ' ' || text[at - len - 1] == '('))
            return true;
    }
    return false;
}

size_t phrase_sentence(const char *text, size_t n, bool final)
{
    static const char enders[] = "。！？…!?\n.；", closers[] = "”’\"')）】」』]*~～。！？…!?. \n";
    bool ended = false;
    size_t i = 0, len;
    for (; i < n; i += len) {
        utf8_decode(text + i, n - i, &len);
        if (ended && !is_one_of(closers, text + i, len))
            return i;
        if (text[i] == '.' && !ended && stop_ends_nothing(text, i, n))
            continue;
        ended |= is_one_of(enders, text + i, len);
    }
    /* A Chinese full stop at the very end is an end; "3." may go on. */
    bool sure = ended && n >= 3 && (unsigned char)text[n - 1] >= 0x80;
    return n && (final || sure || (ended && strchr("!?\n ", text[n - 1]))) ? n : 0;
}

/* ---- likeness ---- */

/* "催你结婚，你急吗" is "催我结婚，我急吗" said back. */
static unsigned folded(unsigned c)
{
    if (c == 0x4F60 || c == 0x60A8) /* 你, 您 */
        return 0x6211;              /* 我 */
    if (c >= 'A' && c <= 'Z')
        return c + 32;
    if (c >= 0xFF21 && c <= 0xFF3A) /* full width */
        return c - 0xFF21 + 'a';
    return c;
}

static bool counts(unsigned c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 0xC0 && c < 0x2000) ||
           (c >= 0x3040 && c < 0x3100) || (c >= 0x3400 && c < 0xA000) || c >= 0x20000;
}

void phrase_read(struct phrase *p, const char *text, size_t n)
{
    p->n = 0;
    memset(p->pairs, 0, sizeof(p->pairs));
    for (size_t i = 0, len; i < n && p->n < PHRASE_MAX; i += len) {
        unsigned c = folded(utf8_decode(text + i, n - i, &len));
        if (!counts(c))
            continue;
        p->letters[p->n++] = c;
        if (p->n > 1) {
            unsigned bit = (p->letters[p->n - 2] * 31 + c) * 2654435761u >> 24;
            p->pairs[bit / 64] |= 1ull << bit % 64;
        }
    }
}

static int bits(const uint64_t *x, const uint64_t *y)
{
    int n = 0;
    for (int i = 0; i < 4; i++)
        n += __builtin_popcountll(x[i] & y[i]);
    return n;
}

/* How many pairs of a occur in b, each of b's used once. */
static size_t shared(const struct phrase *a, const struct phrase *b)
{
    bool used[PHRASE_MAX] = { false };
    size_t found = 0;
    for (size_t i = 0; i + 1 < a->n; i++)
        for (size_t k = 0; k + 1 < b->n; k++)
            if (!used[k] && a->letters[i] == b->letters[k] && a->letters[i + 1] == b->letters[k + 1]) {
                used[k] = true;
                found++;
                break;
            }
    return found;
}

double phrase_alike(const struct phrase *a, const struct phrase *b)
{
    if (a->n < 2 || b->n < 2)
        return a->n == b->n && phrase_begins(a, b) ? 1 : 0;
    int common = bits(a->pairs, b->pairs), all = bits(a->pairs, a->pairs), others = bits(b->pairs, b->pairs);
    if (2 * common < (all > others ? all : others))
        return 0;
    return 2.0 * (double)shared(a, b) / (double)(a->n + b->n - 2);
}

double phrase_within(const struct phrase *a, const struct phrase *b)
{
    return a->n < 2 || 2 * bits(a->pairs, b->pairs) < bits(a->pairs, a->pairs)
               ? 0
               : (double)shared(a, b) / (double)(a->n - 1);
}

bool phrase_begins(const struct phrase *a, const struct phrase *b)
{
    return a->n <= b->n && memcmp(a->letters, b->letters, a->n * sizeof(a->letters[0])) == 0;
}
