/* idle.h — what is done while nobody waits for words: summaries, topics, what is on a character's mind, facts from texts, blind pairs. A new kind
 * of it is named in idle.c, and in home.c where it lives and ends. The home's thread. */
#ifndef AGENT_IDLE_H
#define AGENT_IDLE_H
#include "agent/home.h"

/* Somebody waits for words: what is under way stops as soon as it can, and goes on later. */
void idle_pause(anima_home *home);
/* Nobody does, maybe: each looks for itself whether that is so. */
void idle_resume(anima_home *home);
#endif
