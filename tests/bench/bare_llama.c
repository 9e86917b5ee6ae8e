/* bare_llama.c — the named alternative of `anima bench chat`: a loop over libllama and nothing else.
 * anima-bare MODEL BACKENDS THREADS; for each line "P N" on stdin it reads a prompt of P tokens, makes N new ones with the
 * usual sampler chain, and prints "milliseconds to the first token" and "tokens/s" behind it. */
#include <ggml-backend.h>
#include <llama.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void quiet(enum ggml_log_level level, const char *text, void *ctx)
{
    (void)ctx;
    if (level == GGML_LOG_LEVEL_ERROR)
        fputs(text, stderr);
}

static struct llama_sampler *chain(void)
{
    struct llama_sampler *s = llama_sampler_chain_init(llama_sampler_chain_default_params());
    llama_sampler_chain_add(s, llama_sampler_init_top_k(40));
    llama_sampler_chain_add(s, llama_sampler_init_top_p(0.9f, 1));
    llama_sampler_chain_add(s, llama_sampler_init_min_p(0.05f, 1));
    llama_sampler_chain_add(s, llama_sampler_init_temp(0.7f));
    llama_sampler_chain_add(s, llama_sampler_init_dist(1));
    return s;
}

static int round_of(struct llama_context *ctx, const struct llama_vocab *vocab, int prompt, int n)
{
    llama_token *tokens = calloc((size_t)prompt, sizeof(*tokens));
    struct llama_sampler *s = chain();
    if (!tokens)
        return 1;
    for (int i = 0; i < prompt; i++) /* ordinary tokens; which ones does not matter for the cost */
        tokens[i] = 1000 + (i * 7919) % 20000;
    llama_memory_clear(llama_get_memory(ctx), true);
    double began = now();
    for (int i = 0; i < prompt; i += 512)
        if (llama_decode(ctx, llama_batch_get_one(tokens + i, prompt - i < 512 ? prompt - i : 512)))
            return 1;
    llama_token token = llama_sampler_sample(s, ctx, -1);
    double first = now();
    char piece[256];
    for (int i = 1; i < n; i++) {
        llama_token_to_piece(vocab, token, piece, sizeof(piece), 0, false);
        if (llama_decode(ctx, llama_batch_get_one(&token, 1)))
            return 1;
        token = llama_sampler_sample(s, ctx, -1);
    }
    printf("%.3f %.3f\n", first - began, (n - 1) * 1e3 / (now() - first));
    fflush(stdout);
    llama_sampler_free(s);
    free(tokens);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(argv[2]);
    llama_backend_init();
    struct llama_model *model = llama_model_load_from_file(argv[1], llama_model_default_params());
    struct llama_context_params cp = llama_context_default_params();
    cp.n_ctx = 4096;
    cp.n_batch = cp.n_ubatch = 512;
    cp.n_threads = cp.n_threads_batch = atoi(argv[3]);
    cp.no_perf = true;
    struct llama_context *ctx = model ? llama_init_from_model(model, cp) : NULL;
    if (!ctx)
        return 1;
    puts("ready");
    fflush(stdout);
    int prompt, n, failed = 0;
    while (!failed && scanf("%d %d", &prompt, &n) == 2)
        failed = round_of(ctx, llama_model_get_vocab(model), prompt, n);
    llama_free(ctx);
    llama_model_free(model);
    return failed;
}
