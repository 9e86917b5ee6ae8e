/* support.h — whether an answer says what its source says. A small model that turns a text into answers invents numbers, names and
 * whole facts, gives what one person did to another, and loses a "not": what is not borne out here is not learnt. In both languages.
 * Strict: what is true but told in very other words is dropped, too. Pure functions. */
#ifndef CORPUS_SUPPORT_H
#define CORPUS_SUPPORT_H
#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* Everything is borrowed; "" and n 0 for what is not there. */
struct support_source {
    const char *passage, *heading, *title;
    const char *const *facts; /* of the character */
    size_t n_facts;
    const char *const *self; /* what the character is called */
    size_t n_self;
};

enum support_doubt {
    SUPPORT_OK,
    SUPPORT_NUMBER, /* a number that is not there, or counts something else there */
    SUPPORT_NAME,   /* a name, a place, a title that is not there */
    SUPPORT_WORDS,  /* tells of things that are not there */
    SUPPORT_LITTLE, /* has next to nothing of the source in it */
    SUPPORT_NOT,    /* says yes where the source says no, or the other way round */
    SUPPORT_WHOSE,  /* says of itself what the source says of somebody else */
    SUPPORT_PERSON, /* is not in the first person */
    SUPPORT_DOUBTS
};

/* An answer in the first person to a question about the source. *what: the words at fault, in the arena; "" without any. A question's
 * words count as known: it has been looked at itself. Out of memory is SUPPORT_LITTLE. */
enum support_doubt support_answer(struct arena *arena, const struct support_source *source, const char *question,
                                  const char *answer, const char **what);
/* A question: no number and no name in it that is not in the source. SUPPORT_OK, _NUMBER, _NAME. */
enum support_doubt support_question(struct arena *arena, const struct support_source *source, const char *question,
                                    const char **what);
const char *support_name(enum support_doubt doubt);  /* "number", … */
const char *support_words(enum support_doubt doubt); /* the same, for people */

/* What an answer says that stands in the passage and is not said by the question: of a judge who looks for strings, those to look for.
 * At most max, in the arena, the surest first; 0: there is nothing. */
size_t support_keys(struct arena *arena, const char *passage, const char *question, const char *answer,
                    const char **out, size_t max);
#endif
