/* working_tell.h — what is on a character's mind of the one it talks to, in a sentence or two that stand beside the message. Only what is strong and sure
 * enough is told; what was promised for now comes first. Pure, any thread. */
#ifndef MIND_WORKING_TELL_H
#define MIND_WORKING_TELL_H
#include "base/arena.h"
#include "mind/working.h"

#define WORKING_TOKENS 60 /* of all of it, about */
#define WORKING_TELLS 4   /* promises, plans and questions of each that are looked at */

#define WORKING_NEAR_MS (3 * 86400000LL) /* what is due further away, or was longer ago, is not told */

struct working_due_piece {
    bool own; /* the character's; of a plan it is no matter */
    const char *text;
    int64_t at_ms, from_ms, to_ms; /* when it was said; when it is due (to_ms 0: no day was named) */
    bool told;                     /* out: it is */
};

struct working_told {
    const char *person; /* how they are called */
    struct working_mood theirs, own;
    const char *quote; /* the words that show their mood; NULL: they stand in sight, or a person set the mood */
    bool quoted;       /* out: they are told */
    struct working_due_piece promises[WORKING_TELLS], plans[WORKING_TELLS], questions[WORKING_TELLS];
    size_t n_promises, n_plans, n_questions;
};

/* "" when there is nothing to tell; NULL: out of memory. offset_min: of the local time now. */
const char *working_text(struct arena *arena, struct working_told *told, int64_t now_ms, int offset_min,
                         const char *language);
#endif
