/* bring.h — chats of other programs on their way into a home (anima.h), inside libanima. Loop thread. */
#ifndef AGENT_BRING_H
#define AGENT_BRING_H
#include "agent/state.h"

/* How far the last import of this run is; false: there was none. Everything is borrowed. */
struct bring_state {
    const char *id;
    bool running;
    int64_t done, known, conversations; /* messages, twice; conversations that were written */
    double seconds_left;
    const anima_error *err; /* NULL, or why it ended */
};
bool bring_state_of(const anima_home *home, struct bring_state *out);
/* When the home is closed, behind its store. */
void bring_close(anima_home *home);
/* bring_door.c: whoever waits for an undoing is told. */
void bring_undo_close(anima_home *home);
#endif
