/* gate.h — what of a model's output may leave already: whole characters, and nothing that could still become a stop
 * string. One owner. */
#ifndef HOST_GATE_H
#define HOST_GATE_H
#include "base/buf.h"

#include <stdbool.h>

#define GATE_MAX_STOP 4096 /* bytes of one stop string */

struct gate {
    const char *const *stop;
    size_t n_stop;
    struct buf held; /* not let out yet */
    bool stopped;    /* a stop string came: nothing leaves any more */
};

/* The strings are borrowed. */
void gate_init(struct gate *g, const char *const *stop, size_t n_stop);
void gate_finish(struct gate *g);
/* Adds bytes; returns how many bytes at the start of held may leave now (gate_take drops them), negative: no memory.
 * Invalid bytes (once it is certain that they are) and NUL, which no text may hold, are replaced by U+FFFD. */
long gate_add(struct gate *g, const char *bytes, size_t n);
/* The output is over: what is held leaves too (but for an unfinished character). */
long gate_end(struct gate *g);
void gate_take(struct gate *g, size_t n);
#endif
