/* sample.h — which of a character's own example exchanges is most like a message: put in front of the question, it shows
 * a small model how this character answers such a thing. Pure. */
#ifndef MIND_SAMPLE_H
#define MIND_SAMPLE_H
#include "mind/prompt.h"

/* The place of the exchange in persona->samples whose question shares most with the message, rare words counting more (inverse
 * document frequency over the samples); n_samples if none shares enough. */
size_t sample_nearest(const struct prompt_persona *persona, const char *message);
#endif
