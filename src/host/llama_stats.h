/* llama_stats.h — what a GGUF engine tells of itself when somebody looks. One thread. */
#ifndef HOST_LLAMA_STATS_H
#define HOST_LLAMA_STATS_H
#include "host/kv.h"
#include "host/llama_tasks.h"

/* Members of the "stats" head: speed, "kv", and "streams": those that are worked on, the earliest deadline first, then those at
 * rest, the last used first. bytes_per_token: of the KV cache. */
void llama_stats(const struct tasks *tasks, const struct kv *kv, uint64_t bytes_per_token, struct jw *w);
#endif
