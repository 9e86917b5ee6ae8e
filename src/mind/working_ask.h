/* working_ask.h — the mood of a message, and what its writer wants, told by the model where no pattern knows. Like letters.h: every kind has a letter,
 * the model is not let talk, and of the token that would come first only the probabilities of the letters are looked at: they are how sure
 * it is. The prompts are the same but for their last line, so that an engine reads them once. Pure, any thread. */
#ifndef MIND_WORKING_ASK_H
#define MIND_WORKING_ASK_H
#include "anima/anima.h"
#include "base/arena.h"
#include "mind/working.h"

enum working_question { WORKING_MOOD, WORKING_INTENT, WORKING_QUESTIONS };
#define WORKING_TOP 20 /* of the likeliest tokens, as many as an answer needs to tell */

#define WORKING_STREAMS "w-" /* how their names begin */
/* Under this name an engine keeps what it has read of a question. Static. */
const char *working_stream(enum working_question question);
/* *out has *n messages, in the arena. ANIMA_E_NOMEM. */
int working_prompt(struct arena *arena, enum working_question question, const char *message,
                   const anima_chat_message **out, size_t *n);
/* The likeliest kind, from the log probabilities of the first token as engines give them, with how likely it is. MOOD_NONE with how sure that is: it
 * shows none; INTENT_NONE: none is clear. */
struct working_feeling working_read_mood(const char *logprobs, size_t n);
enum intent working_read_intent(const char *logprobs, size_t n, double *confidence);
#endif
