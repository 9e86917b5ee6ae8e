/* loop_private.h — what lives in a loop and must end before it: timers and child processes. For src/loop only. */
#ifndef LOOP_LOOP_PRIVATE_H
#define LOOP_LOOP_PRIVATE_H
#include "loop/loop.h"

struct loop_guest {
    struct loop_guest *prev, *next;
    /* The loop is being destroyed. now false: begin to end; now true: close every handle at once. Whoever is done calls
     * loop_guest_remove, and frees its memory when its handles are closed. Loop thread. */
    void (*end)(struct loop_guest *guest, bool now);
};

void loop_guest_add(struct loop *loop, struct loop_guest *guest);
/* Removing twice is legal. */
void loop_guest_remove(struct loop *loop, struct loop_guest *guest);
#endif
