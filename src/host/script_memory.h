/* script_memory.h — what the script engine has read of streams: their messages and its own replies, by name. It needs none of
 * it to answer; it counts, as a model's engine would, how much of a prompt it had read before, and can tell what it was given
 * to read. One thread. */
#ifndef HOST_SCRIPT_MEMORY_H
#define HOST_SCRIPT_MEMORY_H
#include "base/buf.h"
#include "host/request.h"

#define SCRIPT_MEMORY_MAX 256 /* streams; the one that was read longest ago is forgotten */

struct script_memory;

struct script_memory *script_memory_create(void); /* NULL: out of memory */
void script_memory_destroy(struct script_memory *m);
/* How many tokens of the request's prompt it has read before, under the name of its stream. */
int script_memory_cached(const struct script_memory *m, const struct request *request);
/* It has read the request's messages, and said what stands behind them (NULL: nothing). Without a stream: nothing. */
void script_memory_keep(struct script_memory *m, const struct request *request, const char *said);
/* Those whose names begin so. */
void script_memory_drop(struct script_memory *m, const char *beginning);
/* "NAME N: LAST MESSAGE" of each stream, in the order in which they were read first, one a line. */
void script_memory_list(const struct script_memory *m, struct buf *out);
/* Tokens of a message's text, and of what a template would put around it. */
int script_message_tokens(const char *text);
#endif
