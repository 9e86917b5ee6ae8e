/* bench_ask.h — a bench asks the model itself: messages in, words or probabilities out. Nothing checks or repairs what it says, nothing
 * is told beside the messages. */
#ifndef CLI_BENCH_ASK_H
#define CLI_BENCH_ASK_H
#include "base/arena.h"
#include "cli/bench_room.h"

#define BENCH_CANDIDATES 8

/* One question. What goes in is borrowed. */
struct bench_ask {
    const anima_chat_message *messages;
    size_t n_messages;
    const char *stream;  /* NULL, or as in engine_request: what the engine has read of it is not read again */
    const char *adapter; /* NULL: the model as it is; else as in engine_request */
    double adapter_scale;
    const anima_sampling *sampling;
    const char *candidates[BENCH_CANDIDATES]; /* with them nothing is said: how likely each is as the answer */
    size_t n_candidates;
    const char *reply;                /* out, the arena's: never NULL */
    int prompt_tokens;                /* out, of what is said: all that was in front of it */
    double logprob[BENCH_CANDIDATES]; /* out: natural logarithms */
    size_t best;                      /* out: the likeliest candidate */
};

/* Asks all n, several at a time, and waits. what: shown on a terminal beside how many are done. Stops at the first that fails, and
 * when the person interrupts (ANIMA_E_CANCELLED). */
int bench_ask_all(struct bench_room *room, struct arena *arena, const char *what, struct bench_ask *asks, size_t n,
                  anima_error *err);
#endif
