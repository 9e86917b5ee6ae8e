/* lora_bench.h — the "lora" command of anima-kv-bench: many adapters in one batch beside libllama's own, which has one at a time. */
#ifndef LORA_BENCH_H
#define LORA_BENCH_H
#include <llama.h>

struct lora_bench {
    struct llama_model *model;
    const char *model_path, *folder;
    int threads, streams, rank, rounds;
};

/* Prints a line: (ours, switching, bare, bare with the hook, in milliseconds) x rounds. Exits when something fails. */
void lora_bench(const struct lora_bench *b);
#endif
