/* bench_peer.h — a program of tests/bench that does a round for each line it gets and answers with a line of numbers. */
#ifndef CLI_BENCH_PEER_H
#define CLI_BENCH_PEER_H
#include "anima/anima.h"

#include <stdio.h>
#include <sys/types.h>

struct bench_peer {
    const char *name;
    pid_t pid;
    FILE *in, *out;
};

/* Starts tests/bench/NAME of the build with the arguments (ended by NULL) and waits for its "ready". runtime: the folder with
 * libllama. */
int bench_peer_start(struct bench_peer *peer, const char *name, const char *runtime, const char *const *arguments,
                     anima_error *err);
/* Sends a line; the numbers of its answer, at most max. *n of them were there. */
int bench_peer_ask(struct bench_peer *peer, const char *line, double *numbers, int max, int *n, anima_error *err);
void bench_peer_stop(struct bench_peer *peer);
#endif
