/* workings.h — what is on the characters' minds of the people they talk to (mind/working.h): moods, what they want, promises, open questions, how
 * close they are. Of every turn it is noted once what it showed, when it is over and nobody waits: by patterns, and where these know nothing the
 * conversation's model is asked for one letter. Whoever says something stops that within one token; it goes on later. A turn that has
 * become another meanwhile is looked at again (store_working_put).
 *
 * The state is worked out when somebody looks, of the turns that everybody who is there heard. So it goes with its turns, and what one person
 * told shows nowhere else. What a person set by hand counts as if it had been said for certain then. Loop thread. */
#ifndef AGENT_WORKINGS_H
#define AGENT_WORKINGS_H
#include "agent/state.h"
#include "base/arena.h"
#include "mind/working_words.h"

struct workings;
int workings_create(anima_home *home, struct workings **out, anima_error *err);
void workings_destroy(struct workings *w); /* NULL is legal, here and below */
/* Something was said, or has come in. */
void workings_notice(struct workings *w);
/* Somebody waits for words: what is being asked stops, and goes on when workings_resume finds that nobody does. */
void workings_pause(struct workings *w);
void workings_resume(struct workings *w);
/* Turns of this conversation are others now, or gone. */
void workings_changed(struct workings *w, const char *conversation);
/* What a message says outright, for whoever tells of moods. */
void workings_says(struct workings *w, const char *message, struct working_said *out);

/* ---- looking (workings_read.c) ---- */

#define WORKINGS_LOOKED 64 /* messages of a person, the newest; promises and questions */

struct working_item {
    struct store_working_open open;
    struct store_memory turn;
};

struct working_state {
    struct arena arena;
    struct working_mood theirs, own; /* as they are now; cause: a place in sources, WORKINGS_BY_HAND */
    enum intent intent, own_intent;
    double intent_confidence;
    int64_t intent_ms, topic_ms;
    size_t intent_cause, topic_cause;
    char topic[WORKING_TOPIC];
    struct working_counts counts;
    double closeness, trust;
    bool closeness_by_hand, trust_by_hand;
    int64_t closeness_ms, trust_ms; /* when they were set by hand */
    struct store_memory *sources;   /* without vectors, the oldest first */
    size_t n_sources;
    struct working_item *items; /* as store_working_opens gives them */
    size_t n_items;
    bool failed; /* out of memory while it was read */
};
#define WORKINGS_BY_HAND ((size_t)-1)

/* people NULL: all there is (for the home's owner). Else only what all of these heard. Ended by workings_finish, also without
 * ANIMA_OK. */
int workings_read(anima_home *home, const char *character, int64_t person, const int64_t *people, size_t n_people,
                  int64_t now_ms, struct working_state *out, anima_error *err);
void workings_finish(struct working_state *state);
/* What was counted of a person, without what was set by hand. */
int workings_counts(anima_home *home, const char *character, int64_t person, struct working_counts *out,
                    anima_error *err);
#endif
