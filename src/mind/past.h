/* past.h — whether a message asks for what was: for something of its writer's own life that was told once. By patterns of both
 * languages; advice ("what should I wear?"), proposals, questions about the character and tellings ("I remember …") are none.
 * The one place where this is decided: what is told of what is remembered (agent/utterance_told.c, agent/recollection.c) and what an
 * answer is held against (agent/utterance_plan.c) go by it. One thread at a time. */
#ifndef MIND_PAST_H
#define MIND_PAST_H
#include "anima/anima.h"

struct past;                                          /* the patterns */
int past_create(struct past **out, anima_error *err); /* ANIMA_E_NOMEM */
void past_destroy(struct past *p);                    /* NULL is legal */

enum past_asked {
    PAST_NOT,
    PAST_OWN,    /* some question of the one who asks: "what should I wear?"; what is known of them may help */
    PAST_OTHER,  /* "do you remember Anna's dog?": it asks for what was, but of nothing of the asker's own */
    PAST_VALUE,  /* "where does my sister live?", 我家的狗几岁: an answer may be known */
    PAST_PLAINLY /* "do you remember …", 我跟你说过…吗: then "I don't" is an answer, too */
};
enum past_asked past_asked(struct past *p, const char *message);
#endif
