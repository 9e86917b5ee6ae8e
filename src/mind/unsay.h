/* unsay.h — somebody wants what they said forgotten for good: "forget that", "forget what I said about my sister", 忘了这件事,
 * 忘掉我说过的关于搬家的话. Found by patterns over whole sentences of both languages, and rather missed than found: nothing comes back. "Don't
 * forget that …", "I forgot that", "forget it" and 忘了吧 are none. One thread at a time. */
#ifndef MIND_UNSAY_H
#define MIND_UNSAY_H
#include "anima/anima.h"
#include "base/arena.h"

enum unsay_what {
    UNSAY_NOT,
    UNSAY_LAST, /* what was just said */
    UNSAY_ABOUT /* what was said about something */
};

struct unsay {
    enum unsay_what what;
    bool all;          /* everything of it */
    const char *about; /* the words that name it, in the arena; else "" */
    size_t start, end; /* the bytes of the message that are these words */
};

struct unsays;
int unsays_create(struct unsays **out, anima_error *err);
void unsays_destroy(struct unsays *u); /* NULL is legal */
/* What a message wants forgotten. ANIMA_E_NOMEM: out is UNSAY_NOT. */
int unsay_find(struct unsays *u, struct arena *arena, const char *message, struct unsay *out);
/* What the model is told beside the message, and the first words of its reply. done: it is forgotten; else it is not clear what is meant.
 * Static. */
const char *unsay_note(bool done, const char *language);
const char *unsay_opening(bool done, const char *language);
/* What stands in the place of a message that said again what it wanted forgotten. Static. */
const char *unsay_instead(const char *message);
#endif
