/* blind.h — blind pairs: is the trained character better? A person reads two replies to the same words, one of the character's adapter, one
 * of the same model that is told who it is, and chooses without knowing which is which (docs/training.md).
 *
 *   start ─▶ contexts are read and drawn ─▶ MAKING: one reply after the other, each on the disk before the next ─▶ ASKING ─▶ DONE
 *            (another thread)                 │ ▲                                                                  a choice for every pair
 *                                             ▼ │ asked again
 *                                            FAILED
 *
 * One round is made at a time in a home; a new reply is begun only while nobody talks. All of it is in the store (store/blind.c), so a
 * home that opens goes on with what is being made. Which of a pair is the trained one is drawn by the round's seed when it begins, and
 * leaves this folder only when the last pair has been chosen. Loop thread. */
#ifndef AGENT_BLIND_H
#define AGENT_BLIND_H
#include "agent/state.h"

/* Of the home (state.h: home->blinds; NULL: it was opened for looking only). */
struct blinds;
int blinds_open(anima_home *home, anima_error *err);
/* What was being made when the home was closed, or killed, goes on. */
void blinds_take_up(anima_home *home);
/* Nobody talks any more, maybe; or what it waited for is known. */
void blinds_resume(anima_home *home);
void blinds_close(anima_home *home); /* the home is closing: the engine is left alone */
void blinds_free(anima_home *home);
#endif
