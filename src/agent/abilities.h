/* abilities.h — what can be done here and now, so that a character promises nothing else. Loop thread. */
#ifndef AGENT_ABILITIES_H
#define AGENT_ABILITIES_H
#include "anima/anima.h"
#include "base/arena.h"

struct abilities; /* the patterns of questions about them */
int abilities_create(struct abilities **out, anima_error *err);
void abilities_destroy(struct abilities *a);
/* "Can you call me?": what the model is told of it, in front of the question; "" if the message asks for none; NULL: out of
 * memory. */
const char *abilities_note(const anima_home *home, struct arena *arena, const char *message, const char *language);
#endif
