/* words.c — from bytes to folded characters: what is a token by itself is given out here, the rest goes to the run (words_split.c). */
#include "memory/words_private.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

#include <inttypes.h>
#include <libstemmer.h>
#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

/* Characters that are folded together: a letter and its marks. More marks than UAX 15 allows in streams (30) are an attack. */
#define SEGMENT 32
#define TRADE_MARK 0x2122        /* NFKC would make "tm" of it, and a part of the word */
#define EXPANSION 18             /* units that one character becomes at most (U+FDFA) */
#define RUN_SOFT (WORDS_RUN / 2) /* units from which on the next blank ends the run */

int words_create(struct words **out, anima_error *err)
{
    UErrorCode status = U_ZERO_ERROR;
    struct words *w = *out = mem_zero(1, sizeof(*w));
    if (!w)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    w->folded = unorm2_getNFKCCasefoldInstance(&status);
    w->apart = unorm2_getNFDInstance(&status);
    w->breaks = ubrk_open(UBRK_WORD, "", NULL, 0, &status);
    w->english = sb_stemmer_new("english", "UTF_8");
    if (U_SUCCESS(status) && w->english)
        return ANIMA_OK;
    words_free(w);
    *out = NULL;
    return err_set(err, ANIMA_E_UNSUPPORTED, "words cannot be told apart: %s",
                   U_FAILURE(status) ? u_errorName(status) : "there is no English stemmer");
}

void words_free(struct words *w)
{
    if (!w)
        return;
    if (w->breaks)
        ubrk_close(w->breaks);
    sb_stemmer_delete(w->english);
    mem_free(w);
}

/* ---- giving out ---- */

void words_give(struct words_scan *s, const struct words_token *token)
{
    if (!s->rc)
        s->rc = s->cb(s->ctx, token);
}

void words_emit(struct words_scan *s, enum words_kind kind, const char *bytes, size_t n, size_t start, size_t end)
{
    char hash[2 + 16];
    if (n > WORDS_LONG) {
        snprintf(hash, sizeof(hash), "#%016" PRIx64, hash_bytes(bytes, n));
        bytes = hash;
        n = sizeof(hash) - 1;
    }
    const struct words_token token = { bytes, n, start, end, s->position, kind };
    words_give(s, &token);
    s->position++;
    s->n_last = 0;
    s->gap = false;
}

static void emit_pair(struct words_scan *s, const char *bytes, size_t n, size_t end)
{
    char both[sizeof(s->last) * 2];
    memcpy(both, s->last, s->n_last);
    memcpy(both + s->n_last, bytes, n);
    const struct words_token pair = { both, s->n_last + n, s->start_last, end, s->position - 2, WORDS_PAIR };
    words_give(s, &pair);
}

static void emit_character(struct words_scan *s, UChar32 c, size_t start, size_t end)
{
    char bytes[U8_MAX_LENGTH];
    size_t n = 0;
    U8_APPEND_UNSAFE(bytes, n, c);
    size_t before = s->gap ? 0 : s->n_last;
    if (s->n_last && s->gap) {
        size_t at = s->end_last < start ? s->end_last : start;
        const struct words_token stop = { ".", 1, at, start, s->position, WORDS_BREAK };
        if (s->flags & WORDS_BREAKS)
            words_give(s, &stop);
        s->position++;
    }
    words_emit(s, WORDS_CHARACTER, bytes, n, start, end);
    s->n_last = before;
    if (before && s->flags & WORDS_PAIRS)
        emit_pair(s, bytes, n, end);
    memcpy(s->last, bytes, n);
    s->n_last = n;
    s->start_last = start;
    s->end_last = end;
}

/* ---- emoji ---- */

static bool is_regional(UChar32 c) { return c >= 0x1F1E6 && c <= 0x1F1FF; }

/* Not ©, ® and ™, which stand at words as their signs. */
static bool is_emoji(UChar32 c)
{
    return c >= 0x203C && c != TRADE_MARK && (c < 0x3400 || c >= 0x1F000) &&
           (is_regional(c) || u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC));
}

/* Presentation, skin tones: looks, not meanings. */
static bool is_look(UChar32 c) { return c == 0xFE0E || c == 0xFE0F || c == 0x20E3 || (c >= 0x1F3FB && c <= 0x1F3FF); }

static bool is_tag(UChar32 c) { return c >= 0xE0020 && c <= 0xE007F; } /* the flags of England, Scotland, Wales */

static UChar32 peek(const struct words_scan *s, int32_t *next)
{
    UChar32 c = -1;
    *next = s->at;
    if (s->at < s->n)
        U8_NEXT(s->text, *next, s->n, c);
    return c;
}

/* The emoji sequence that begins with c, which is read already (UTS 51, ED-17). */
static void put_emoji(struct words_scan *s, UChar32 c, size_t start)
{
    char bytes[WORDS_LONG];
    size_t n = 0;
    int32_t next, behind;
    bool flag = is_regional(c);
    words_flush(s);
    U8_APPEND_UNSAFE(bytes, n, c);
    for (c = peek(s, &next); c >= 0 && n + 2 * U8_MAX_LENGTH <= sizeof(bytes); c = peek(s, &next)) {
        UChar32 joined = -1;
        behind = next;
        if (c == 0x200D && behind < s->n)
            U8_NEXT(s->text, behind, s->n, joined);
        bool more = is_tag(c) || (flag && is_regional(c)), join = joined >= 0 && is_emoji(joined);
        if (!more && !join && !is_look(c))
            break;
        if (!is_look(c))
            U8_APPEND_UNSAFE(bytes, n, c);
        if (join)
            U8_APPEND_UNSAFE(bytes, n, joined);
        flag = false;
        s->at = join ? behind : next;
    }
    words_emit(s, WORDS_EMOJI, bytes, n, start, (size_t)s->at);
}

/* ---- folding ---- */

static bool is_character(UChar32 c)
{
    if (c < 0x1100)
        return false;
    if (c >= 0x4E00 && c <= 0x9FFF)
        return true;
    if (c == 0x30FC) /* the long vowel of both kana */
        return true;
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript(c, &status);
    return (script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
            script == USCRIPT_HANGUL || script == USCRIPT_BOPOMOFO || script == USCRIPT_YI) &&
           u_isUAlphabetic(c);
}

/* A Latin letter without its accents. */
static UChar32 plain(const struct words *w, UChar32 c)
{
    UChar apart[8];
    UErrorCode status = U_ZERO_ERROR;
    if (c < 0xC0 || (c > 0x24F && c < 0x1E00) || c > 0x1EFF)
        return c;
    int32_t n = unorm2_getDecomposition(w->apart, c, apart, 8, &status);
    return n > 0 && U_SUCCESS(status) ? apart[0] : c;
}

static void put_unit(struct words *w, UChar unit, size_t start, size_t end)
{
    w->run[w->n] = unit;
    w->from[w->n] = start;
    w->to[w->n++] = end;
}

/* A folded character. */
static void put(struct words_scan *s, UChar32 c, size_t start, size_t end)
{
    struct words *w = s->w;
    if (is_character(c)) {
        words_flush(s);
        emit_character(s, c, start, end);
        return;
    }
    if ((c >= 0x300 && c < 0x370) || c == 0x20E3) /* accents that are no part of a letter; the frame of keycaps */
        return;
    c = c == '_' ? ' ' : plain(w, c); /* a word for UAX 29, but emphasis or a blank for people */
    if (w->n + 2 > WORDS_RUN || (c == ' ' && w->n >= RUN_SOFT))
        words_flush(s);
    if (c < 0x10000) {
        put_unit(w, (UChar)c, start, end);
    } else {
        put_unit(w, U16_LEAD(c), start, end);
        put_unit(w, U16_TRAIL(c), start, end);
    }
}

/* A vowel or a final of Hangul behind what it cannot be a syllable with: normalisation would not part them. */
static bool is_loose(UChar32 before, UChar32 c)
{
    return c >= 0x1160 && c <= 0x11FF &&
           !((before >= 0x1100 && before <= 0x11FF) || (before >= 0xAC00 && before <= 0xD7A3));
}

/* c and what may combine with it. */
static void put_segment(struct words_scan *s, UChar32 c, size_t start)
{
    UChar in[SEGMENT * 2], out[SEGMENT * EXPANSION];
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = 0, next, taken = 0;
    UChar32 before;
    do {
        U16_APPEND_UNSAFE(in, n, c);
        if (taken++)
            s->at = next;
        before = c;
        c = peek(s, &next);
    } while (c >= 0 && taken < SEGMENT && !unorm2_hasBoundaryBefore(s->w->folded, c) && !is_loose(before, c));
    n = unorm2_normalize(s->w->folded, in, n, out, SEGMENT * EXPANSION, &status);
    size_t end = (size_t)s->at;
    if (U_FAILURE(status))
        put(s, ' ', start, end);
    for (int32_t i = 0; U_SUCCESS(status) && i < n;) {
        U16_NEXT(out, i, n, c);
        put(s, c, start, end);
    }
}

static void step(struct words_scan *s)
{
    size_t start = (size_t)s->at;
    UChar32 c;
    U8_NEXT(s->text, s->at, s->n, c);
    bool alone = s->at == s->n ||
                 !((unsigned char)s->text[s->at] & 0x80); /* nothing combines with ASCII's neighbours */
    if (c <= ' ' || c == TRADE_MARK)
        put(s, ' ', start, (size_t)s->at); /* also what is no UTF-8 */
    else if (c < 0x80 && alone)
        put(s, c >= 'A' && c <= 'Z' ? c + 32 : c, start, (size_t)s->at);
    else if (c >= 0x4E00 && c <= 0x9FFF)
        put(s, c, start, (size_t)s->at);
    else if (is_emoji(c))
        put_emoji(s, c, start);
    else
        put_segment(s, c, start);
}

int words_each(struct words *w, const char *text, size_t n, unsigned flags, words_cb *cb, void *ctx)
{
    if (n > INT32_MAX)
        return ANIMA_E_LIMIT;
    struct words_scan s = { .w = w, .text = text, .n = (int32_t)n, .flags = flags, .cb = cb, .ctx = ctx };
    w->n = 0;
    while (!s.rc && s.at < s.n)
        step(&s);
    words_flush(&s);
    return s.rc;
}
