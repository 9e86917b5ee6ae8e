/* turn_state.c — what the states of a turn are called, for whoever writes them down: the API, exports, the command line. */
#include "anima/anima.h"

const char *anima_turn_state_name(anima_turn_state state)
{
    static const char *const names[] = {
        [ANIMA_TURN_WAITING] = "waiting", [ANIMA_TURN_STREAMING] = "streaming",
        [ANIMA_TURN_DONE] = "done",       [ANIMA_TURN_CANCELLED] = "cancelled",
        [ANIMA_TURN_FAILED] = "failed",   [ANIMA_TURN_FORGOTTEN] = "forgotten",
    };
    return names[state];
}
