/* repeats.h — whether a text says again what others said: so that what is forgotten is forgotten where it was repeated, too.
 *
 * A text repeats another if it has
 *   a run of its words      three words side by side of which two say something (not "it is the"), or five Chinese characters of which
 *                           three do,
 *   what it was about       the value of one of its facts (facts.h), a name in its middle, a number of three digits and more,
 *   or most of its words    two fifths of those that say something, two at least; of Chinese three fifths of the characters, four at least.
 * Names that everybody has in their mouth here (those of people and characters) are none of it. Pure; one thread at a time. */
#ifndef MEMORY_REPEATS_H
#define MEMORY_REPEATS_H
#include "base/places.h"
#include "memory/facts.h"

#define REPEATS_VALUE 8 /* tokens of a value */

/* Starts as { 0 }. */
struct repeats {
    struct places runs;                      /* hashes of runs */
    struct places values[REPEATS_VALUE + 1]; /* by how many tokens they have */
    struct repeats_text *texts;              /* what each of them says, for "most of its words" */
    size_t n, max;
};

void repeats_finish(struct repeats *r);
/* One more text (UTF-8). names: they do not count; facts: NULL, or their reader. ANIMA_E_NOMEM. */
int repeats_add(struct repeats *r, struct words *words, struct fact_reader *facts, const char *text,
                struct when_anchor said, const char *const *names, size_t n_names);
/* What somebody put in the place of a fact's value. */
int repeats_add_value(struct repeats *r, struct words *words, const char *value);
/* Whether a text repeats any of them; without memory to look, it does. */
bool repeats_in(const struct repeats *r, struct words *words, const char *text);
#endif
