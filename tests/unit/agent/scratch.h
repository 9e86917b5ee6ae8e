/* scratch.h — a home for a test: a folder that goes away with it, the real engine process, written replies.
 * ANIMA_TEST_ENGINE is the path of anima-engine (the build sets it). */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H
#include "anima/anima.h"

struct scratch {
    char dir[64];
    anima_home *home; /* NULL: closed */
};

/* A folder with the replies in script.txt. */
void scratch_make(struct scratch *s, const char *script);
void scratch_write(const struct scratch *s, const char *name, const char *text);
/* The same in a folder of it, which is made. */
void scratch_write_in(const struct scratch *s, const char *folder, const char *name, const char *text);
/* Opens the home: the person is Ann, the model is the script unless `more` ("key=value", ended by NULL; NULL: none) says
 * another. cb hears every event. */
void scratch_open(struct scratch *s, const char *const *more, anima_event_cb *cb, void *ctx);
/* Serves events until *count is at least n; after 30 s the test fails. */
void scratch_until(const struct scratch *s, const int *count, int n);
/* Serves events for so long, by the clock: a step is over with the first thing that happens. */
void scratch_rest(anima_home *home, int ms);
/* Closes the home, removes the folder. 0 or what rm says. */
int scratch_remove(struct scratch *s);
#endif
