/* memories_private.h — what memories.c and memories_class.c know of what is remembered. Loop thread. */
#ifndef AGENT_MEMORIES_PRIVATE_H
#define AGENT_MEMORIES_PRIVATE_H
#include "agent/memories.h"

#include "memory/class.h"
#include "memory/visible.h"

#define EMBED_AT_ONCE 8 /* texts: a sentence that somebody waits for comes between */

/* Whom some items may be told: all that decides it is the same. */
struct audience {
    char *key;
    struct visible_item item;
    int64_t *ids; /* those of its sets */
};

/* What one character remembers. */
struct mind {
    char *character;
    struct memory_index index;
    int64_t last, gone;         /* the last id that is in it; up to which place what went was looked at */
    struct audience *audiences; /* by their numbers in the index */
    size_t n_audiences, max_audiences;
    bool *told;
    bool failed; /* out of memory while it was read */
    struct mind *next;
};

struct asked; /* memories_door.c */

struct memories {
    anima_home *home;
    struct asked *asked; /* what would come to mind, under way */
    struct classifier *classifier;
    struct words *words;
    struct recall *recall;
    struct mind *minds;
    struct loop_timer *timer;
    struct engine_job *job;
    struct store_memory_vector waiting[EMBED_AT_ONCE]; /* whose vectors are under way */
    size_t n_waiting;
    bool told; /* that the model is missing */
};

/* memories_door.c: whoever still waits is told that the home is being closed. */
void memories_end_asked(struct memories *all);
/* memories.c: what that character remembers; NULL: nobody has asked for it yet. */
struct mind *memories_mind(struct memories *all, const char *character);
/* memories_class.c */
/* The audience of an item, as a number of this mind; UINT32_MAX: out of memory. */
uint32_t memories_audience_of(struct mind *m, const struct store_memory *item);
void memories_audiences_free(struct mind *m);
/* Looks at what nobody has looked at yet, one conversation at a time. False: there is nothing left, or it has to wait for the store. */
bool memories_classify(struct memories *all);
#endif
