/* asking.h — what a model is asked so that a passage becomes questions and answers, and what of its words is used. Pure functions.
 *
 *   First the questions that a friend could ask, several angles at once, as JSON under a schema; then each answer by itself, in a talk:
 *   the character's persona and its own exchanges in front, the passage beside the question. So its manner, and its adapter if it has
 *   one, are at work. Questions about one passage are one talk. */
#ifndef CORPUS_ASKING_H
#define CORPUS_ASKING_H
#include "corpus/passage.h"
#include "corpus/support.h"
#include "mind/prompt.h"

#define ASKING_LEAST 1
#define ASKING_MOST 8     /* questions of a passage */
#define ASKING_TOKENS 400 /* that the questions may take */
#define ASKING_ANSWER 64  /* that an answer may */
#define ASKING_EXAMPLES 3 /* exchanges of the character's */

struct asking {
    const char *called;                   /* the character, in the passage's language */
    const struct prompt_persona *persona; /* in that language; its first sentence is used */
    size_t questions;                     /* ASKING_LEAST … ASKING_MOST */
};

/* In the arena. ANIMA_E_NOMEM. */
int asking_questions(struct arena *arena, const struct asking *a, const struct corpus_passage *p,
                     const anima_chat_message **out, size_t *n);
/* The schema of the answer to that, as JSON text; NULL: out of memory. */
const char *asking_schema(struct arena *arena, size_t questions);
/* The questions in that answer, at most max; those that are none, that ask nobody and those that are there already are left out. */
size_t asking_read(struct arena *arena, const char *json, const char *language, const char **out, size_t max);

struct asking_exchange {
    const char *q, *a;
};
/* earlier: n_earlier exchanges about the same passage, which stand in front, so that only the question has to be read. again: why the
 * answer before was not used; SUPPORT_OK: it is the first time. */
int asking_answer(struct arena *arena, const struct asking *a, const struct corpus_passage *p,
                  const struct asking_exchange *earlier, size_t n_earlier, const char *question,
                  enum support_doubt again, const anima_chat_message **out, size_t *n);
/* Whether a text has words of the examples that the model was shown, which the passage does not have. */
bool asking_leaks(const char *text, const char *passage);
/* The answer on one line, without the marks that models like to put around it; NULL: out of memory. */
const char *asking_tidy(struct arena *arena, const char *answer);
#endif
