#include "lora_bench.h"

#include "base/clock.h"
#include "host/lora.h"
#include "host/llama_batch.h"
#include "make_adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_STREAMS 63

static struct llama_batch batch;
static int vocab;

static double now_ms(void) { return (double)clock_mono_us() / 1000; }

static struct llama_context *context_for(const struct lora_bench *b, struct lora *hook, int steps)
{
    struct llama_context_params cp = llama_context_default_params();
    cp.n_ctx = (uint32_t)(b->streams * steps + 256);
    cp.n_batch = cp.n_ubatch = MAX_STREAMS;
    cp.n_seq_max = (uint32_t)b->streams;
    cp.kv_unified = true;
    cp.n_threads = cp.n_threads_batch = b->threads;
    cp.no_perf = true;
    if (hook) {
        cp.cb_eval = lora_callback;
        cp.cb_eval_user_data = hook;
    }
    struct llama_context *made = llama_init_from_model(b->model, cp);
    if (!made)
        exit(1);
    return made;
}

/* One token of streams from .. to-1, in milliseconds. */
static double one_step(struct llama_context *c, struct lora *hook, const struct lora_row *rows, int from, int to, int p)
{
    double began = now_ms();
    batch.n_tokens = 0;
    for (int s = from; s < to; s++)
        batch_put(&batch, (llama_token)(1000 + (s * 37 + p * 11) % (vocab - 2000)), p, s, true);
    if (hook)
        lora_batch(hook, &batch, rows);
    if (llama_decode(c, batch) || (hook && lora_trouble(hook)))
        exit(1);
    llama_synchronize(c);
    return now_ms() - began;
}

static double switching(struct llama_context *c, struct llama_adapter_lora **adapters, int streams, int p)
{
    double took = 0;
    float scale = 1;
    for (int s = 0; s < streams; s++) {
        double began = now_ms();
        llama_set_adapters_lora(c, &adapters[s], 1, &scale);
        took += now_ms() - began;
        took += one_step(c, NULL, NULL, s, s + 1, p);
    }
    return took;
}

/* The same adapters for both. */
static void make_adapters(const struct lora_bench *b, struct lora *hook, struct lora_row *rows,
                          struct llama_adapter_lora **own)
{
    for (int s = 0; s < b->streams; s++) {
        char name[32], path[600];
        const struct make_adapter how = {
            .rank = b->rank, .seed = (unsigned)s + 1, .type = MAKE_F16, .size = 0.02, .alpha = b->rank
        };
        snprintf(name, sizeof(name), "lora%d.gguf", s);
        snprintf(path, sizeof(path), "%s/%s", b->folder, name);
        rows[s].scale = 1;
        if (make_adapter(b->model_path, path, &how) || lora_get(hook, name, &rows[s].adapter, NULL) ||
            !(own[s] = llama_adapter_lora_init(b->model, path)))
            exit(1);
        unlink(path);
    }
}

void lora_bench(const struct lora_bench *b)
{
    struct lora *hook;
    struct lora_row rows[MAX_STREAMS];
    struct llama_adapter_lora *adapters[MAX_STREAMS];
    if (b->streams < 1 || b->streams > MAX_STREAMS ||
        lora_create(b->model_path, b->folder, 0, MAX_STREAMS, &hook, NULL))
        exit(1);
    vocab = llama_vocab_n_tokens(llama_model_get_vocab(b->model));
    batch = llama_batch_init(MAX_STREAMS, 0, 1);
    make_adapters(b, hook, rows, adapters);
    int steps = b->rounds + 2;
    struct llama_context *ours = context_for(b, hook, steps), *own = context_for(b, NULL, steps),
                         *bare = context_for(b, NULL, steps), *idle = context_for(b, hook, steps);
    if (lora_attach(hook, ours, b->threads, NULL))
        exit(1);
    for (int i = 0; i <= b->rounds; i++) {
        double together = one_step(ours, hook, rows, 0, b->streams, i),
               switched = switching(own, adapters, b->streams, i), none = one_step(bare, NULL, NULL, 0, b->streams, i),
               hooked = one_step(idle, hook, NULL, 0, b->streams, i);
        if (i) /* the first warms up */
            printf("%s%.3f %.3f %.3f %.3f", i > 1 ? " " : "", together, switched, none, hooked);
    }
    puts("");
    llama_free(ours);
    llama_free(own);
    llama_free(bare);
    llama_free(idle);
    for (int s = 0; s < b->streams; s++) {
        lora_release(hook, rows[s].adapter);
        llama_adapter_lora_free(adapters[s]);
    }
    llama_batch_free(batch);
    lora_destroy(hook);
}
