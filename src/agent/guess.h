/* guess.h — asks the model of which kind a message is (mind/letters.h), before the reply to it is asked for. Costs one
 * short reading and no writing; an engine that is slow, or not there, only means that nothing is guessed. Loop thread. */
#ifndef AGENT_GUESS_H
#define AGENT_GUESS_H
#include "engine/engine.h"
#include "loop/loop.h"
#include "mind/act.h"

#define GUESS_STREAM "letters" /* the engine keeps what it has read of the question; a message stands at its end */

struct guess;
/* Never during guess_start. stopped: guess_cancel was called. */
typedef void guess_done(void *ctx, enum act act, bool stopped, const anima_usage *usage);

int guess_start(struct engine_set *engines, struct loop *loop, const char *model, const char *message, guess_done *done,
                void *ctx, struct guess **out, anima_error *err);
/* Has the engine read, while it is idle, what is the same of every question. False: it does not run yet. */
bool guess_prepare(struct engine_set *engines, const char *model);
void guess_cancel(struct guess *guess);  /* done comes soon */
void guess_abandon(struct guess *guess); /* done does not come any more; NULL is legal */
#endif
