/* kv_bench.h — what the parts of anima-kv-bench share. One thread. */
#ifndef BENCH_KV_BENCH_H
#define BENCH_KV_BENCH_H
#include "host/kv.h"

#define MAX_CELLS 9000

struct kv_bench {
    struct llama_model *model;
    struct llama_context *context; /* the one that is open, if any */
    struct llama_batch batch;      /* of TASKS_BATCH tokens */
    int vocab, n_threads;
    const char *folder; /* for KV files */
};

extern struct kv_bench bench;

/* Each ends the process if it fails: there is nothing to measure then. */
double now_ms(void);
void open_context(int cells, int sequences);
/* A context of so many cells with the streams of a folder ("": none). */
struct kv *open_kv(const char *where, int cells, int seats, size_t ram);
void close_kv(struct kv *kv);
/* n ordinary tokens, yours to free; which ones does not matter for the cost. */
llama_token *tokens_of(int n, int who);
/* Reads what s lacks of the wanted tokens, in a room of `room`; the logits of the last. It is at rest afterwards. */
const float *feed(struct kv *kv, struct kv_stream *s, const llama_token *want, int n, int room);

/* Commands, as kv_bench.c lists them. */
void overhead(int speakers, int turn);
void partial(int words, int n);
void busy(int turn);
void hour(int prompt, int turn, int speakers);
#endif
