/* api_streams.h — what the files of /v1/streams share. */
#ifndef SERVER_API_STREAMS_H
#define SERVER_API_STREAMS_H
#include "server/server_private.h"

/* The stream {id}, held open; NULL: answered with an error. */
anima_stream *call_stream(const struct call *call);
/* A list of {kind, text, name?} as segments, yours to mem_free; their texts are the body's. NULL list: none. */
int read_segments(yyjson_val *list, const char *member, anima_segment **out, size_t *n, anima_error *err);
#endif
