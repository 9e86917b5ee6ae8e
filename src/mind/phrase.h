/* phrase.h — sentences, and how much two of them are alike. Both languages. Pure functions. */
#ifndef MIND_PHRASE_H
#define MIND_PHRASE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the first sentence of text with the quotes, brackets and spaces behind it; 0 if it has not ended yet. final: nothing
 * more will come, so that the rest is a sentence, too. A full stop inside a number or behind "Dr." ends nothing. */
size_t phrase_sentence(const char *text, size_t n, bool final);

#define PHRASE_MAX 256 /* letters and characters that are compared; what comes behind them is not */

/* Letters and characters without case, spaces and punctuation. */
struct phrase {
    unsigned letters[PHRASE_MAX];
    size_t n;
    uint64_t pairs[4]; /* a bit for each of its pairs (Bloom filter): most comparisons end there */
};
void phrase_read(struct phrase *p, const char *text, size_t n);
/* Dice's coefficient of their pairs of neighbours: 1 alike, 0 little in common (less than about a half). */
double phrase_alike(const struct phrase *a, const struct phrase *b);
/* The share of a's pairs that occur in b; 0 if it is less than about a half. */
double phrase_within(const struct phrase *a, const struct phrase *b);
/* Whether b begins with all of a. */
bool phrase_begins(const struct phrase *a, const struct phrase *b);
#endif
