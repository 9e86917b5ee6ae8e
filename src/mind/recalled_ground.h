/* recalled_ground.h — whether an answer to a question about the past is borne out by what is remembered. A small model that is asked for
 * what nobody told it names something all the same; so what it says is compared with what stands before it, and what is made up is
 * taken back before anybody hears it (mind/lapse.h). By words only, in both languages. */
#ifndef MIND_RECALLED_GROUND_H
#define MIND_RECALLED_GROUND_H
#include "memory/words.h"

#include <stdbool.h>
#include <stddef.h>

/* Everything is borrowed. */
struct recalled_question {
    const char *const *lines; /* whatever it can know: what it is told, what was said, who it is */
    size_t n_lines;
    const char *message;
    const char *names; /* of all who talk: no answer to anything */
    bool strict;       /* nothing shows that the lines are about it: one counts only if it has a word of the message */
};

struct recalled_ground;
/* Yours to free. words is used for as long as answers are judged. NULL: out of memory. The thread that has words. */
struct recalled_ground *recalled_ground_create(struct words *words, const struct recalled_question *question);
void recalled_ground_free(struct recalled_ground *ground); /* NULL is legal */

/* Whether there is anything in the lines that could answer: else nobody can know, and only "I don't" is right. Any thread. */
bool recalled_ground_any(const struct recalled_ground *ground);

enum recalled_bears {
    RECALLED_ADMITS, /* says that it does not know, and names nothing all the same */
    RECALLED_BORNE,  /* has something that stands in a line and not in the question */
    RECALLED_EMPTY,  /* answers with nothing: "Yes, I remember." */
    RECALLED_INVENTED
};
/* n bytes of an answer from its beginning. The thread that has words. */
enum recalled_bears recalled_ground_judge(const struct recalled_ground *ground, const char *text, size_t n);

/* The i-th way (0 …) in which an answer can begin where nobody told it; the model says the rest. NULL: no more. */
const char *recalled_opening(const char *language, size_t i);
/* What is said when nothing better comes, ended by NULL. */
const char *const *recalled_resorts(const char *language);
#endif
