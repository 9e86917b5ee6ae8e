/* sse.h — reading a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): only the
 * data of each event, which is all that OpenAI's protocol uses. One owner. */
#ifndef HOST_SSE_H
#define HOST_SSE_H
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

#define SSE_MAX_EVENT (1u << 20)

struct sse {
    struct buf line; /* the line that is not whole yet */
    struct buf data; /* the data of the event that is not whole yet */
    bool after_cr;
};

/* Return non-zero to stop. */
typedef int sse_cb(void *ctx, const char *data, size_t n);

void sse_init(struct sse *s);
void sse_finish(struct sse *s);
/* Calls cb for every event that becomes whole. 0, what cb returned, or negative: an event is too large, or no memory. */
int sse_feed(struct sse *s, const char *bytes, size_t n, sse_cb *cb, void *ctx);
#endif
