/* complete.h — answers to messages that are put together elsewhere: with or without a character, from a program's own
 * messages (anima_complete) or from a stream (stream_generate.c). What they cost is booked. Loop thread. */
#ifndef AGENT_COMPLETE_H
#define AGENT_COMPLETE_H
#include "agent/state.h"
#include "base/arena.h"

struct completion_ask {
    const struct character *who;   /* NULL: the bare model */
    const char *model;             /* who's, if who is there */
    const char *stream;            /* id of the stream it is for, "" if none: for the ledger */
    bool brief;                    /* of the persona its first sentence only (adapters_brief) */
    struct engine_request request; /* without the persona */
};

/* As anima_complete. Copies the ask. */
int completion_start(anima_home *home, const struct completion_ask *ask, const anima_completion_callbacks *callbacks,
                     void *ctx, anima_completion **out, anima_error *err);
/* Stops within one token; done comes with ANIMA_E_CANCELLED. */
void completion_cancel(anima_completion *completion);
/* Into the ledger goes what that has cost; cost says who, and is filled in. */
void completion_book(anima_home *home, const anima_usage *usage, struct store_cost *cost);
/* A persona, or its first sentence, put in front of the messages of *request, if there is a character. In the arena. */
int completion_messages(struct arena *arena, const struct character *who, bool brief, struct engine_request *request,
                        anima_error *err);
#endif
