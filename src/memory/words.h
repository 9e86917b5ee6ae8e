/* words.h — text becomes tokens, in one way for what is remembered and for what is asked. The pure part of the memory's search by words.
 *
 *   letters     Unicode NFKC with case folding (UAX 15, NFKC_Casefold): full width is half width, "ﬁ" is "fi". Traditional and simplified
 *               Chinese stay apart. Accents of Latin letters go: "café" is "cafe", "nǐ hǎo" is "ni hao".
 *   words       between the word boundaries of UAX 29 (ICU; by dictionary in Thai, Lao, Khmer, Burmese), and cut further at whatever is
 *               neither a letter nor a digit: "end.Next", "snake_case". "U.S.A." is "usa", "don't" is "dont" as hasty people type it;
 *               's 'll 're 've 'd 'm go. "iPhone15" and "iPhone 15" are both iphone 15 (two letters and more before a digit, three and
 *               more behind one are words of their own); "10k", "3rd", "b2b" are one. Words of ASCII letters are stemmed (Snowball's
 *               English, Porter 2).
 *   numbers     stay as they are, 2023, 3.5, but for separators of thousands: "30,000" is 30000.
 *   characters  of Chinese, kana and hangul are one token each, at consecutive positions: a word of two is found as a phrase. Where
 *               anything but letters stands between two of them, a position stays free, so that no phrase reaches across "。".
 *   emoji       one token for what is seen as one (UTS 51: families, flags), without skin tone and presentation.
 *   long ones   a token of more than WORDS_LONG bytes is '#' and the 16 hex digits of its hash: an index is no place for blobs, and yet
 *               the same key or address is found again, whole.
 *   the rest    separates: punctuation, symbols, blanks, bytes that are no UTF-8. A run of more than WORDS_RUN characters without a blank
 *               is cut there.
 *
 * Time is linear in the text, memory constant. */
#ifndef MEMORY_WORDS_H
#define MEMORY_WORDS_H
#include "anima/anima.h"
#include <stdbool.h>
#include <stddef.h>

#define WORDS_LONG 64  /* bytes of a token */
#define WORDS_RUN 4096 /* UTF-16 units that are looked at together */

enum words_kind {
    WORDS_WORD,      /* letters; stemmed if it is English */
    WORDS_NUMBER,    /* begins with a digit */
    WORDS_CHARACTER, /* one of Chinese, kana, hangul */
    WORDS_EMOJI,
    WORDS_SURFACE, /* the word before, not stemmed, at its position; only with WORDS_SURFACES and where it differs */
    WORDS_PAIR, /* two neighbouring characters; comes behind the second, with the position of the first; only with WORDS_PAIRS */
    WORDS_BREAK /* ".", at the position that is left free; only with WORDS_BREAKS */
};
enum { WORDS_SURFACES = 1, WORDS_PAIRS = 2, WORDS_BREAKS = 4 };

struct words_token {
    const char *bytes; /* UTF-8 of n bytes, without a NUL; until the callback returns */
    size_t n;          /* 1 … WORDS_LONG */
    size_t start,
        end; /* the bytes of the text it stands for; a character that means several ("½") lends its range to each */
    size_t position; /* of words, from 0 */
    enum words_kind kind;
};

/* Not 0 ends the walk, which returns it. */
typedef int words_cb(void *ctx, const struct words_token *token);

struct
    words; /* ICU's iterator, the stemmer and a buffer, 100 KB in all: one thread at a time; each thread may have its own */

/* *out is the caller's to words_free. ANIMA_E_NOMEM; ANIMA_E_UNSUPPORTED: ICU's data or the stemmer is not there. Any thread. */
int words_create(struct words **out, anima_error *err);
void words_free(struct words *w); /* NULL is legal */
/* Calls cb with the tokens of text (n bytes, any; borrowed) in their order; flags: WORDS_SURFACES | …. 0, what cb returned, ANIMA_E_NOMEM,
 * or ANIMA_E_LIMIT: more than 2 GB. cb must not walk with the same w. The thread that has w. */
int words_each(struct words *w, const char *text, size_t n, unsigned flags, words_cb *cb, void *ctx);
/* Whether a token (n bytes, as words_each gives it; of Chinese also two characters together) is a word that every talk is full of, in
 * Chinese or English: for questions only, what is remembered keeps all its words. Any thread. */
bool words_common(const char *token, size_t n);
#endif
