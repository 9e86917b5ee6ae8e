/* again.h — the same question again: how often it was asked, how long the answer may be, and the words in which this
 * character shows that it noticed. Pure.
 *
 * Its manner is a line of character.ini ([manner], again.zh, again.en): phrases separated by "|", from the long to the short.
 * One that ends with a comma is gone on with by the model; any other is a whole answer, for when little is left to say. */
#ifndef MIND_AGAIN_H
#define MIND_AGAIN_H
#include "mind/prompt.h"

struct again {
    size_t times;        /* it was asked before */
    const char *said;    /* the last answer, borrowed from the turns; "" if there was none */
    size_t letters;      /* the answer may have so many */
    const char *opening; /* how it begins, the arena's; NULL: it begins itself */
    bool whole;          /* the opening is all there is to say */
};

/* The last of the n turns is the message. */
void again_read(const struct prompt_turn *turns, size_t n, const char *message, struct again *out);
/* Chooses out->opening among manner's phrases: the first that leaves room for an answer, and that none of the n_said replies began
 * with; NULL if there is none. */
int again_open(struct arena *arena, const char *manner, const char *language, const char *const *said, size_t n_said,
               struct again *out);
/* Manner's whole answers that are short enough, then one that always is; ended by NULL. NULL: out of memory. */
const char *const *again_last_resorts(struct arena *arena, const char *manner, const struct again *again);
/* What the model is told. NULL: out of memory. */
const char *again_note(struct arena *arena, const struct again *again, const char *language);
#endif
