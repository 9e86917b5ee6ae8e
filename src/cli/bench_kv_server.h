/* bench_kv_server.h — the part of `anima bench kv` against llama.cpp's own server. */
#ifndef CLI_BENCH_KV_SERVER_H
#define CLI_BENCH_KV_SERVER_H
#include "cli/bench.h"

struct bench_kv_server {
    const char *dir; /* a folder of the bench's own */
    const char *model, *model_file;
    bool turns, writes, crowd; /* which rows: a and b; bytes written; c */
    int talks;                 /* conversations that take turns, at most 8 */
    int rounds;                /* turns of each conversation that are measured */
    int first;                 /* which turn of a conversation is the first of them */
    int hundreds;              /* conversations that do not fit into RAM */
    int talk_tokens;           /* of each, about */
    int budget_mb;             /* the RAM they have, on either side */
    int crowd_turns;           /* measured of these */
    int saved;                 /* tokens of the conversation whose saving is measured */
};

int bench_kv_server(const struct bench_kv_server *config, struct bench_report *report, anima_error *err);
#endif
