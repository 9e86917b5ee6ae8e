/* stream.h — what the streams of an engine say, as text: the messages of each, by name. A frame about a stream carries only
 * what is new; here it becomes the whole again, for drivers of every kind. A driver that can keeps the tokens and their KV
 * cache beside it (kv.h); one that cannot gets all messages with every request, as from a stateless client.
 * At most STREAMS_MAX streams are remembered; of one that was forgotten the daemon hears that it is stale, and sends all
 * of it again. One thread. */
#ifndef HOST_STREAM_H
#define HOST_STREAM_H
#include "host/request.h"

#define STREAMS_MAX 1024

struct streams;

struct streams *streams_create(void); /* NULL: out of memory */
void streams_destroy(struct streams *all);
/* Keeps the first request->keep messages of its stream, puts the request's own behind them, and makes the request's
 * messages all of these. Without a stream: nothing. ANIMA_E_CONFLICT ("stale"): the stream has fewer. */
int streams_join(struct streams *all, struct request *request, anima_error *err);
/* Those whose names begin so. */
void streams_drop(struct streams *all, const char *beginning);
#endif
