/* words_split.c — from a run of folded characters to words and numbers: UAX 29's boundaries, then the finer ones of words.h. */
#include "memory/words_private.h"

#include <libstemmer.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#define UNIT_LETTERS 2 /* letters that stay at the digits before them: 10k, 3rd, 5kg */
#define CODE_LETTERS 1 /* letters that stay at the digits behind them: b2b, x86 */

enum sort { OTHER, LETTER, DIGIT };

/* The word that is being put together, in w->word. */
struct piece {
    size_t n;        /* bytes */
    size_t from, to; /* of the text */
    size_t letters;  /* that it ends with */
    enum sort first, last;
    bool ascii, clitic; /* it has an apostrophe */
};

static enum sort sort_of(UChar32 c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? LETTER : c >= '0' && c <= '9' ? DIGIT : OTHER;
    uint32_t mask = U_GET_GC_MASK(c);
    return mask & (U_GC_L_MASK | U_GC_M_MASK | U_GC_NL_MASK) || u_isUAlphabetic(c) ? LETTER
           : mask & U_GC_ND_MASK                                                   ? DIGIT
                                                                                   : OTHER;
}

/* What stands before unit i or at it, inside of b … e. */
static enum sort sort_before(const UChar *run, int32_t b, int32_t i)
{
    UChar32 c = ' ';
    if (i > b)
        U16_PREV(run, b, i, c);
    return sort_of(c);
}

static enum sort sort_at(const UChar *run, int32_t i, int32_t e)
{
    UChar32 c = ' ';
    if (i < e)
        U16_NEXT(run, i, e, c);
    return sort_of(c);
}

/* How many characters of a sort begin at unit i, up to max. */
static int count_at(const UChar *run, int32_t i, int32_t e, enum sort sort, int max)
{
    int n = 0;
    while (n < max && i < e && sort_at(run, i, e) == sort) {
        U16_FWD_1(run, i, e);
        n++;
    }
    return n;
}

/* The dot at unit i stands between letters that stand alone: "u.s.a". */
static bool in_acronym(const UChar *run, int32_t b, int32_t i, int32_t e)
{
    int32_t before = i, behind = i + 1;
    U16_BACK_1(run, b, before);
    U16_FWD_1(run, behind, e);
    return sort_before(run, b, before) != LETTER && sort_at(run, behind, e) != LETTER;
}

/* The comma at unit i stands before three digits and behind one to three: "30,000". */
static bool in_thousands(const UChar *run, int32_t b, int32_t i, int32_t e)
{
    int32_t before = i;
    while (before > b && i - before < 4 && sort_before(run, b, before) == DIGIT)
        U16_BACK_1(run, b, before);
    return i - before <= 3 && !(before > b && run[before - 1] == '.') && count_at(run, i + 1, e, DIGIT, 4) == 3;
}

enum join { CUT, DROP, KEEP };

/* What c, at unit i and neither letter nor digit, does to the word it stands in. */
static enum join join_of(const UChar *run, int32_t b, int32_t i, int32_t e, UChar32 c)
{
    enum sort before = sort_before(run, b, i), behind = sort_at(run, i + 1, e);
    if (c >= 0x10000 || before != behind || before == OTHER)
        return CUT;
    if (before == LETTER)
        return c == '\'' || c == 0x2019 ? KEEP : c == '.' && in_acronym(run, b, i, e) ? DROP : CUT;
    return c == '.' ? KEEP : c == ',' && in_thousands(run, b, i, e) ? DROP : CUT;
}

/* ---- what a piece becomes ---- */

/* Without what English hangs on words, and without apostrophes. */
static void drop_clitic(char *word, struct piece *p)
{
    static const char *const clitics[] = { "s", "ll", "re", "ve", "d", "m" };
    size_t at = p->n, n = 0;
    while (at > 0 && word[at - 1] != '\'')
        at--;
    for (size_t i = 0; i < sizeof(clitics) / sizeof(*clitics) && at > 1; i++)
        if (strlen(clitics[i]) == p->n - at && memcmp(word + at, clitics[i], p->n - at) == 0) {
            p->n = at - 1;
            break;
        }
    for (size_t i = 0; i < p->n; i++)
        if (word[i] != '\'')
            word[n++] = word[i];
    p->n = n;
}

static void emit_word(struct words_scan *s, const struct piece *p)
{
    const char *word = s->w->word;
    if (!p->ascii || p->n <= UNIT_LETTERS || p->n > WORDS_LONG) {
        words_emit(s, WORDS_WORD, word, p->n, p->from, p->to);
        return;
    }
    const sb_symbol *stem = sb_stemmer_stem(s->w->english, (const sb_symbol *)word, (int)p->n);
    if (!stem) {
        s->rc = s->rc ? s->rc : ANIMA_E_NOMEM;
        return;
    }
    size_t n = (size_t)sb_stemmer_length(s->w->english);
    const struct words_token surface = { word, p->n, p->from, p->to, s->position, WORDS_SURFACE };
    bool same = n == p->n && memcmp(stem, word, n) == 0;
    words_emit(s, WORDS_WORD, (const char *)stem, n, p->from, p->to);
    if (s->flags & WORDS_SURFACES && !same)
        words_give(s, &surface);
}

static void end_piece(struct words_scan *s, struct piece *p)
{
    if (p->clitic)
        drop_clitic(s->w->word, p);
    if (p->n && p->first == DIGIT)
        words_emit(s, WORDS_NUMBER, s->w->word, p->n, p->from, p->to);
    else if (p->n)
        emit_word(s, p);
    *p = (struct piece){ .ascii = true };
}

/* ---- splitting ---- */

/* Whether a word ends before a letter or digit at unit i, because digits begin or end there. */
static bool turns(const UChar *run, int32_t i, int32_t e, const struct piece *p, enum sort sort)
{
    if (!p->n || sort == p->last)
        return false;
    return sort == DIGIT ? p->letters > CODE_LETTERS : count_at(run, i, e, LETTER, UNIT_LETTERS + 1) > UNIT_LETTERS;
}

static void add(struct words *w, struct piece *p, UChar32 c, int32_t i, enum sort sort)
{
    if (!p->n) {
        p->from = w->from[i];
        p->first = sort;
    }
    U8_APPEND_UNSAFE(w->word, p->n, c);
    p->to = w->to[i];
    p->letters = sort == LETTER ? p->letters + 1 : 0;
    p->last = sort;
    p->ascii &= c < 0x80;
}

/* The units b … e, between two boundaries of UAX 29. */
static void split(struct words_scan *s, int32_t b, int32_t e)
{
    const UChar *run = s->w->run;
    struct piece p = { .ascii = true };
    for (int32_t i = b, at; i < e && !s->rc;) {
        UChar32 c;
        at = i;
        U16_NEXT(run, i, e, c);
        enum sort sort = sort_of(c);
        enum join join = sort == OTHER ? join_of(run, b, at, e, c) : KEEP;
        if (join == CUT || (sort != OTHER && turns(run, at, e, &p, sort)))
            end_piece(s, &p);
        if (!p.n && U_GET_GC_MASK(c) & U_GC_M_MASK)
            continue; /* a mark on nothing is no word: by itself it would be none either */
        if (sort == OTHER && join == KEEP && c != '.') {
            s->w->word[p.n++] = '\'';
            p.clitic = true;
        } else if (join == KEEP) {
            add(s->w, &p, c, at, sort == OTHER ? DIGIT : sort);
        }
    }
    if (!s->rc)
        end_piece(s, &p);
}

void words_flush(struct words_scan *s)
{
    struct words *w = s->w;
    UErrorCode status = U_ZERO_ERROR;
    if (!w->n)
        return;
    s->gap = true;
    ubrk_setText(w->breaks, w->run, (int32_t)w->n, &status);
    if (U_FAILURE(status))
        s->rc = s->rc ? s->rc : ANIMA_E_NOMEM;
    int32_t b = U_SUCCESS(status) ? ubrk_first(w->breaks) : UBRK_DONE;
    for (int32_t e; !s->rc && b != UBRK_DONE; b = e) {
        e = ubrk_next(w->breaks);
        if (e != UBRK_DONE && ubrk_getRuleStatus(w->breaks) >= UBRK_WORD_NONE_LIMIT)
            split(s, b, e);
    }
    s->gap = true;
    w->n = 0;
}
