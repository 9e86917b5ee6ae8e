/* topics_private.h — what topics.c, topics_part.c and topics_meaning.c know of what is being noted. Loop thread. */
#ifndef AGENT_TOPICS_PRIVATE_H
#define AGENT_TOPICS_PRIVATE_H
#include "agent/topics.h"

#include "base/buf.h"
#include "mind/topics.h"

#define TOPICS_SOON_MS 300             /* after something was said */
#define TOPICS_LATER_MS 60000          /* when nothing is due, at most */
#define TOPICS_READ (2 * TOPICS_TURNS) /* turns at once */
#define TOPICS_AT_ONCE 8               /* sentences whose meaning is asked for */

/* A turn of the part. In the arena. */
struct part_turn {
    int64_t id, seq, at_ms, speaker;
    int class;
    const char *text, *language;
    const char *key; /* what decides who may hear it */
    bool grouped;
};

/* What the model is asked about at once. */
struct part_ask {
    struct summary_piece *pieces;
    size_t n;
    const size_t *turns; /* by a piece's turn: its place in the part */
    int64_t speaker;
    const char *language;
};

/* A part that is being looked at. */
struct making {
    struct arena arena;
    struct store_topic_due due;
    char character[65], model[96], stream[80];
    struct part_turn turns[TOPICS_READ];
    size_t n; /* of the part; while they are read, all that came */
    struct part_ask asks[TOPICS_READ];
    size_t n_asks, at;
    struct store_topic_sentence lines[TOPICS_READ * TOPICS_LINES];
    size_t n_lines;
    struct buf answer;
    anima_usage usage, used; /* of the words under way; of those before */
    bool failed;             /* out of memory */
};

struct topics {
    anima_home *home;
    struct loop_timer *timer;
    struct engine_job *job; /* words or vectors, under way */
    struct making *making;  /* NULL: nothing */
    struct store_topic_vector waiting[TOPICS_AT_ONCE];
    size_t n_waiting;
    int64_t without_until; /* ms: until then no meaning is asked for */
    bool writing;
    bool begun; /* the first look was taken */
};

/* topics.c: the next look is taken then. */
void topics_soon(struct topics *t, int64_t ms);
/* topics.c: rc of queueing something for the disk, whose done is topics_on_written with t. */
void topics_written(struct topics *t, int rc, const anima_error *err);
void topics_on_written(void *topics, int rc, const anima_error *err);

/* topics_part.c. One more turn of the part that is being made, a store_memory_cb: not 0 when there is no room or no memory. */
int topics_part_take_turn(void *making, const struct store_memory *item);
/* The turns, taken apart into what the model is asked about. False: out of memory. */
bool topics_part_take_apart(struct making *m, const anima_home *home);
/* What the model answered to m->asks[m->at], which is over with that; whole: to its end. */
void topics_part_take_answer(struct making *m, struct store *store, bool whole);

/* topics_meaning.c. False: there is nothing whose meaning is to be asked for, or no model for it. */
bool topics_ask_meanings(struct topics *t);
#endif
