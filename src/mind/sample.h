/* sample.h — which of a character's own example exchanges is most like a message: put in front of the question, it shows
 * a small model how this character answers such a thing. Pure. */
#ifndef MIND_SAMPLE_H
#define MIND_SAMPLE_H
#include "mind/prompt.h"

struct sample_hit {
    size_t place; /* in persona->samples */
    double score; /* 0 to 1 */
};

/* best: up to most exchanges whose questions share most with the message, rare words counting
 * more (inverse document frequency over the samples), the nearest first, no two with one answer. Those that share too little
 * are left out. Returns how many; none if memory ran out. */
size_t sample_nearest(const struct prompt_persona *persona, const char *message, struct sample_hit *best, size_t most);
/* Shows the two nearest in front of the last message: in->near, in the arena. ANIMA_E_NOMEM. */
int sample_show(struct arena *arena, const struct prompt_persona *persona, const char *message,
                struct prompt_input *in);
#endif
