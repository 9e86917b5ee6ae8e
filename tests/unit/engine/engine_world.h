/* engine_world.h — what tests of the engine client share: a loop and a set of engines, whose program is the fake engine. A model's
 * name is the fake engine's options (fake_engine.c), without braces and without the log. */
#ifndef ENGINE_WORLD_H
#define ENGINE_WORLD_H
#include "engine/engine_private.h"

#define PATIENCE 20000000000u /* nanoseconds */

struct world {
    struct loop *loop;
    struct engine_set *set;
    char log[256];
    char states[1024]; /* every state that was told, joined */
    int calls_inside;  /* callbacks must not come during a call */
    bool inside;
    bool beside; /* models run beside, but those whose names begin with a blank */
};

/* $FAKE_ENGINE, at most two loaded at once. */
void make_world(struct world *w);
void make_world_of(struct world *w, const char *program, int max_loaded);
void end_world(struct world *w);
/* Long where a busy test machine must not be taken for a hanging engine, short where a test waits for it. */
void set_patience(struct world *w, int hang_ms, int load_ms);
/* Runs the loop until *flag is not 0; fails after PATIENCE. */
void wait_flag(struct world *w, const int *flag);
void wait_states(struct world *w, const char *states);
void steps(struct world *w, int ms);
/* How often the log of what the engine got has it. */
int logged(struct world *w, const char *what);

/* Every member unset. */
extern const anima_sampling unset;
#endif
