/* kv_bench_hour.c — the pieces of which the cost of a character's hour is made: reading its context, coming back with it, reading
 * what is new behind it, speaking behind it alone and in one batch with others. */
#include "host/llama_batch.h"
#include "host/llama_tasks.h"

#include "kv_bench.h"

#include <stdio.h>
#include <stdlib.h>

#define NEW_TOKENS 100 /* what a turn brings */

/* Steps in which each stream gets a token; the milliseconds of one. */
static double speak(struct kv_stream *const *streams, int n, const llama_token *tokens, int steps)
{
    double began = now_ms();
    for (int i = 0; i < steps; i++) {
        bench.batch.n_tokens = 0;
        for (int s = 0; s < n; s++)
            batch_put(&bench.batch, tokens[i], streams[s]->n, kv_seat_id(streams[s]), true);
        if (llama_decode(bench.context, bench.batch))
            exit(1);
        for (int s = 0; s < n; s++)
            kv_grew(streams[s], tokens[i]);
    }
    llama_synchronize(bench.context);
    return (now_ms() - began) / steps;
}

void hour(int prompt, int turn, int speakers)
{
    int room = prompt + NEW_TOKENS + 2 * turn + 8;
    struct kv *kv = open_kv("", (speakers + 1) * room, speakers, 64ull << 30);
    struct kv_stream **streams = calloc((size_t)(unsigned)speakers, sizeof(*streams));
    llama_token *want = tokens_of(room, 1);
    char name[32];
    streams[0] = kv_stream(kv, "hour0");
    double began = now_ms();
    feed(kv, streams[0], want, prompt, room);
    double prefill = now_ms() - began;
    began = now_ms();
    kv_unseat(kv, streams[0], NULL);
    if (kv_seat(kv, streams[0], 0, want, prompt + 1, room, NULL) || streams[0]->n != prompt)
        exit(1);
    double resume = now_ms() - began;
    double alone = speak(streams, 1, want + prompt, turn);
    kv_rest(kv, streams[0]);
    began = now_ms();
    feed(kv, streams[0], want, streams[0]->n + NEW_TOKENS, room);
    double read = now_ms() - began;
    if (kv_seat(kv, streams[0], 0, want, prompt + 1, room, NULL) || streams[0]->n != prompt)
        exit(1);
    for (int s = 1; s < speakers; s++) { /* the others: each with cells of its own */
        snprintf(name, sizeof(name), "hour%d", s);
        streams[s] = kv_stream(kv, name);
        if (kv_seat(kv, streams[s], 0, want, prompt + 1, room, NULL) || streams[s]->n != prompt)
            exit(1);
    }
    double together = speak(streams, speakers, want + prompt, turn);
    printf("%.3f %.3f %.3f %.3f %.3f\n", prefill, resume, read, alone, together);
    free(want);
    free(streams);
    close_kv(kv);
}
