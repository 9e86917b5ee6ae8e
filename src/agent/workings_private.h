/* workings_private.h — what workings.c and workings_turn.c know of the turn that is looked at. Loop thread. */
#ifndef AGENT_WORKINGS_PRIVATE_H
#define AGENT_WORKINGS_PRIVATE_H
#include "agent/workings.h"

#include "mind/working_ask.h"
#include "mind/working_plans.h"

#define WORKINGS_BEFORE 40 /* turns in front of it that are read, too */

/* A turn of the conversation. In the arena. */
struct looked_turn {
    int64_t seq, person, at_ms; /* person: who said it; 0: the character */
    bool over, failed;          /* its words are all there; it never got any */
    const char *text;
};

/* The turn that is being looked at. */
struct looking {
    struct arena arena;
    struct store_working_due due;
    char model[96];
    struct looked_turn turns[WORKINGS_BEFORE + 2]; /* before it, it, and the one behind it, if there is one */
    size_t n, at;                                  /* at: its own place */
    int64_t person;                                /* with whom the character talks there; 0: nobody */
    struct working_said said;
    size_t times; /* the same was asked before */
    char topic[WORKING_TOPIC];
    struct store_working_open opens[STORE_WORKING_OPENS];
    struct store_working_close closes[STORE_WORKING_OPENS];
    size_t n_opens, n_closes;
    bool ask[WORKING_QUESTIONS]; /* the model is to be asked that */
    anima_usage usage, used;     /* of the question under way; of those before */
    bool failed;                 /* out of memory */
};

struct workings {
    anima_home *home;
    struct loop_timer *timer;
    struct working_words *said;
    struct working_plans *plans;
    struct engine_job *job;
    struct looking *now; /* NULL: nothing */
    bool answered;       /* the letter came */
    bool writing;
    bool begun; /* the first look was taken */
};

/* workings_turn.c: everything that needs no model; and which questions are left for it. False: out of memory, or the turn is not there any
 * more. */
bool workings_look(struct workings *w, struct looking *l);
#endif
