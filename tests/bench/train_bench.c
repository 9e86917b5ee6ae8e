/* train_bench.c — what `anima bench train` measures: our trainer, and libllama's own training of the same adapter, side by side.
 *   anima-train-bench MODEL BACKENDS FOLDER; a command a line on stdin, an answer a line on stdout:
 *   ours KIND T A N   kind (tokens_per_s) x N   batches of T tokens, of which A are learnt, one thread. KIND: as matmul_name says, or
 *                     "best"; answered by its number; nothing, if this processor has none of it
 *   libllama T N      (tokens_per_s) x N        llama_opt_epoch on the same tokens, all learnt, same adapter and thread
 * libllama gives some places (attn_k, attn_v) no gradient, so it does a little less. */
#include "base/clock.h"
#include "make_adapter.h"
#include "train/run.h"

#include <ggml-backend.h>
#include <ggml-opt.h>
#include <llama.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANK 8
#define ALPHA 16
#define RATE 3e-4f
#define MAX_PARAMS 4096
#define COPIES 8 /* libllama gives a graph more room for every adapter that is loaded; the way back does not fit else */
#define MAX_ROUNDS 100

struct bench {
    const char *model, *folder;
    int vocab;
};

static void fail(const char *what)
{
    fprintf(stderr, "anima-train-bench: %s\n", what);
    exit(1);
}

static void tell(double seconds, int tokens) { printf("%g ", tokens / seconds); }

/* Ordinary tokens; which ones does not matter for the cost. */
static int token(const struct bench *b, int i, int who)
{
    return 1000 + (int)(((unsigned)i * 7919u + (unsigned)who * 104729u) % (unsigned)(b->vocab - 2000));
}

/* ---- ours ---- */

static enum matmul_kind kind_of(const char *name)
{
    for (int k = 0; k < MATMUL_KINDS; k++)
        if (strcmp(matmul_name((enum matmul_kind)k), name) == 0 && matmul_has((enum matmul_kind)k))
            return (enum matmul_kind)k;
    return strcmp(name, "best") == 0 ? matmul_best() : MATMUL_KINDS;
}

static void ours(const struct bench *b, const char *name, int t, int answers, int n)
{
    struct train_model model;
    struct train_run *run;
    struct train_plan plan;
    anima_error err;
    struct train_example *examples = calloc((size_t)n, sizeof(*examples));
    enum matmul_kind kind = kind_of(name);
    if (kind == MATMUL_KINDS) { /* this processor has none of it */
        puts("");
        return;
    }
    printf("%d ", (int)kind);
    for (int i = 0; i < n; i++) {
        examples[i] = (struct train_example){ .token = calloc((size_t)t, sizeof(int32_t)),
                                              .counts = calloc((size_t)t, 1),
                                              .n = t };
        for (int j = 0; j < t; j++)
            examples[i].token[j] = token(b, j, i);
        memset(examples[i].counts + (t - answers), 1, (size_t)answers);
    }
    train_plan_default(&plan);
    plan.shape.rank = RANK;
    plan.shape.alpha = ALPHA;
    plan.shape.tokens = t;
    plan.shape.answers = answers;
    plan.gather = 1;
    plan.epochs = 1;
    plan.held_back = plan.look_every = plan.patience = 0;
    if (train_model_load(b->model, NULL, NULL, &model, &err) ||
        train_run_create(&model, &plan, kind, 1, examples, n, &run, &err))
        fail(err.message);
    for (int i = 0; i < n; i++) {
        int64_t began = clock_mono_us();
        train_run_step(run, 1);
        tell((double)(clock_mono_us() - began) / 1e6, t);
    }
    puts("");
    train_run_destroy(run);
    train_model_free(&model);
    for (int i = 0; i < n; i++) {
        free(examples[i].token);
        free(examples[i].counts);
    }
    free(examples);
}

/* ---- libllama's ---- */

/* The adapter's tensors are seen while a token is computed with it: libllama gives no list of them. */
struct params {
    struct ggml_tensor *list[MAX_PARAMS];
    int n;
    bool looking;
};

static bool see(struct ggml_tensor *t, bool ask, void *ctx)
{
    struct params *p = ctx;
    struct ggml_tensor *w = t->op == GGML_OP_MUL_MAT ? t->src[0] : NULL;
    if (!ask || !p->looking || !w || !strstr(w->name, ".lora_") || p->n == MAX_PARAMS)
        return false;
    for (int i = 0; i < p->n; i++)
        if (p->list[i] == w)
            return false;
    p->list[p->n++] = w;
    return false;
}

static bool no_weight(const struct ggml_tensor *t, void *ctx)
{
    (void)t;
    (void)ctx;
    return false;
}

static struct ggml_opt_optimizer_params adamw(void *ctx)
{
    struct ggml_opt_optimizer_params p = ggml_opt_get_default_optimizer_params(NULL);
    (void)ctx;
    p.adamw.alpha = RATE;
    p.adamw.wd = 0;
    return p;
}

static struct llama_context *context_with_adapter(const struct bench *b, struct llama_model *model, int t,
                                                  struct params *params)
{
    char path[600];
    float scale = 1;
    const struct make_adapter how = { .rank = RANK, .seed = 1, .size = 0.01, .alpha = ALPHA, .type = MAKE_F32 };
    snprintf(path, sizeof(path), "%s/train-bench.gguf", b->folder);
    if (make_adapter(b->model, path, &how))
        fail("no adapter can be written");
    struct llama_adapter_lora *adapter = NULL;
    for (int i = 0; i < COPIES; i++)
        adapter = llama_adapter_lora_init(model, path);
    struct llama_context_params cp = llama_context_default_params();
    cp.n_ctx = cp.n_batch = cp.n_ubatch = (uint32_t)t;
    cp.n_seq_max = 1;
    cp.n_threads = cp.n_threads_batch = 1;
    cp.type_k = cp.type_v = GGML_TYPE_F32;
    cp.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    cp.cb_eval = see;
    cp.cb_eval_user_data = params;
    struct llama_context *c = adapter ? llama_init_from_model(model, cp) : NULL;
    if (!c || llama_set_adapters_lora(c, &adapter, 1, &scale))
        fail("libllama takes no adapter");
    llama_token first = token(b, 0, 0);
    params->looking = true;
    if (llama_decode(c, llama_batch_get_one(&first, 1)) || !params->n)
        fail("libllama computes nothing with the adapter");
    llama_synchronize(c);
    params->looking = false;
    return c;
}

static void libllama(const struct bench *b, int t, int n)
{
    static struct params params;
    struct llama_model_params mp = llama_model_default_params();
    mp.load_mode = LLAMA_LOAD_MODE_NONE;
    mp.use_extra_bufts = false; /* repacked weights have no way back */
    struct llama_model *model = llama_model_load_from_file(b->model, mp);
    if (!model)
        fail("libllama cannot load the model");
    params.n = 0;
    struct llama_context *c = context_with_adapter(b, model, t, &params);
    for (int i = 0; i < params.n; i++)
        ggml_set_param(params.list[i]);
    const struct llama_opt_params options = { .n_ctx_train = (uint32_t)t,
                                              .param_filter = no_weight,
                                              .get_opt_pars = adamw,
                                              .optimizer_type = GGML_OPT_OPTIMIZER_TYPE_ADAMW };
    llama_opt_init(c, model, options);
    ggml_opt_dataset_t data = ggml_opt_dataset_init(GGML_TYPE_I32, GGML_TYPE_I32, t, t, 1, 1);
    for (int i = 0; i < n; i++) {
        int32_t *in = ggml_opt_dataset_data(data)->data, *out = ggml_opt_dataset_labels(data)->data;
        for (int j = 0; j < t; j++) {
            in[j] = token(b, j, i);
            out[j] = token(b, j + 1, i);
        }
        ggml_opt_result_t result = ggml_opt_result_init();
        int64_t began = clock_mono_us();
        llama_opt_epoch(c, data, result, NULL, 1, NULL, NULL);
        tell((double)(clock_mono_us() - began) / 1e6, t);
        ggml_opt_result_free(result);
    }
    puts("");
    ggml_opt_dataset_free(data);
    llama_free(c);
    llama_model_free(model);
}

/* ---- */

static void quiet(enum ggml_log_level level, const char *text, void *ctx)
{
    (void)ctx;
    if (level == GGML_LOG_LEVEL_ERROR)
        fputs(text, stderr);
}

static int vocabulary(const char *path)
{
    struct llama_model_params mp = llama_model_default_params();
    mp.vocab_only = true;
    struct llama_model *m = llama_model_load_from_file(path, mp);
    int n = m ? llama_vocab_n_tokens(llama_model_get_vocab(m)) : 0;
    llama_model_free(m);
    return n;
}

int main(int argc, char **argv)
{
    char line[200], kind[32];
    int t, a, n;
    if (argc != 4)
        return 2;
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(argv[2]);
    const struct bench b = { argv[1], argv[3], vocabulary(argv[1]) };
    if (b.vocab < 4000)
        return 1;
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin)) {
        bool mine = sscanf(line, "ours %31s %d %d %d", kind, &t, &a, &n) == 4;
        if ((!mine && sscanf(line, "libllama %d %d", &t, &n) != 2) || t < 32 || t > 4096 || n < 1 || n > MAX_ROUNDS ||
            (mine && (a < 32 || a > t)))
            return 2;
        if (mine)
            ours(&b, kind, t, a, n);
        else
            libllama(&b, t, n);
        fflush(stdout);
    }
    return 0;
}
