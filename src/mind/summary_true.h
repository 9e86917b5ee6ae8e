/* summary_true.h — whether other words say what somebody said: the tests of summary.h. In both languages; pure. They are
 * strict: what fails is quoted, which costs a few tokens and is never wrong. */
#ifndef MIND_SUMMARY_TRUE_H
#define MIND_SUMMARY_TRUE_H
#include <stdbool.h>
#include <stddef.h>

/* Whether one of n words occurs: Latin ones as whole words in either case, a plural s aside; Chinese ones anywhere. */
bool true_has(const char *text, const char *const *list, size_t n);
/* The next word in Latin letters or digits from *at on; its bytes, 0 at the end. "1,450" is one. */
size_t true_word(const char *text, size_t *at);
/* Whether the word of n bytes at `at` is a name in Latin letters: it has a capital that no sentence begins with, but for "I". */
bool true_name_at(const char *text, size_t at, size_t n);
/* Whether a word occurs in text, maybe in another form: its first four letters do. */
bool true_stem_occurs(const char *text, const char *word, size_t n);
/* Names in Latin letters: words with a capital that no sentence begins with, but for "I". */
size_t true_names(const char *text);
/* Numbers: digits, or Chinese numerals ("一" by itself is none). */
size_t true_numbers(const char *text);
/* Whether it can be told of the speaker at all: it asks nothing of the listener, and does not speak of a "he" or "it" that
 * was named elsewhere. */
bool true_can_be_told(const char *text);
/* Whether a line about the speaker says what text says, and no more: all its words are those of text (but for the small ones
 * that the third person needs), no name, number or relative of text is left out, and none is somewhere else ("to Leeds" is
 * not "from Leeds"). */
bool true_to(const char *line, const char *text, const char *speaker);
#endif
