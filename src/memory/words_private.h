/* words_private.h — what words.c (characters) and words_split.c (words) share. */
#ifndef MEMORY_WORDS_PRIVATE_H
#define MEMORY_WORDS_PRIVATE_H
#include "memory/words.h"

#include <stdint.h>
#include <unicode/ubrk.h>
#include <unicode/unorm2.h>

struct sb_stemmer;

struct words {
    UBreakIterator *breaks;
    const UNormalizer2 *folded, *apart; /* NFKC_Casefold, NFD; ICU's own */
    struct sb_stemmer *english;
    UChar run[WORDS_RUN];                  /* folded text without Chinese characters and emoji */
    size_t from[WORDS_RUN], to[WORDS_RUN]; /* the bytes of the text each unit comes from */
    size_t n;                              /* units of run */
    char word[3 * WORDS_RUN + WORDS_LONG]; /* of the run, as UTF-8: a unit has at most three bytes */
};

/* One walk. */
struct words_scan {
    struct words *w;
    const char *text;
    int32_t n, at;
    unsigned flags;
    words_cb *cb;
    void *ctx;
    size_t position; /* of the next token */
    char last[8];    /* the character that was the last token, */
    size_t n_last;   /* in bytes; 0: the last token was none */
    size_t start_last, end_last;
    bool gap; /* something stood behind the last token */
    int rc;
};

/* words.c: gives out a token at the next position, which moves on; a long one as its hash. */
void words_emit(struct words_scan *s, enum words_kind kind, const char *bytes, size_t n, size_t start, size_t end);
/* words.c: calls back; nothing moves. */
void words_give(struct words_scan *s, const struct words_token *token);
/* words_split.c: gives out the words of w->run and empties it. */
void words_flush(struct words_scan *s);
#endif
