/* stats.h — the members of a "stats" frame that several drivers have (docs/engine-protocol.md). */
#ifndef HOST_STATS_H
#define HOST_STATS_H
#include "host/meter.h"
#include "host/request.h"

#define STATS_MAX_STREAMS 256

/* A stream, and what is done on it. */
struct stats_stream {
    const char *name;              /* "" if nothing is kept of it */
    const char *place;             /* where its KV cache is: "seated", "ram", "disk"; "" if there is none */
    const char *state;             /* "waiting", "reading", "speaking", "scoring", "rest" */
    const struct request *request; /* the one that is worked on; NULL at rest */
    const char *adapter;           /* of one at rest; else the request's */
    int64_t tokens, bytes;         /* of its KV cache */
    int read, want, said;          /* tokens: of the prompt those that were read, all of it, of the answer */
    int64_t deadline_ms;           /* from now; below 0: it has passed */
    int64_t rest_ms;               /* since it was used */
};

/* One element of "streams", into that open array. */
void stats_stream(struct jw *w, const struct stats_stream *s);
/* "steps", "read_tokens", "said_tokens", "busy", "read_per_s", "said_per_s" */
void stats_meter(struct jw *w, const struct meter *m, int64_t now_us);
#endif
