/* driver_train.c — an engine that answers nothing: it trains a LoRA adapter (src/train) in the same jail in which models speak. It
 * reads the model and the examples when it opens, then computes on a thread of its own, tells of every step ("trained"), keeps a checkpoint, from which it goes on when it is started
 * again, and at last writes the adapter: also before its last step, if a file NAME.enough is put into its folder. Closing its socket stops it behind the step under way, with a checkpoint.
 * Threads follow the load of the machine, so that a conversation beside it goes first. */
#include "host/driver.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "host/gguf_check.h"
#include "host/llama_runtime.h"
#include "host/llama_threads.h"
#include "host/train_data.h"
#include "host/train_from.h"
#include "host/train_room.h"
#include "train/adapter.h"
#include "train/run.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <llama.h>

#define LOOK_MS 200
#define MAX_THREADS 64
#define MAX_CHECKPOINT (2u << 30)

struct training {
    struct host *host;
    struct train_model model;
    struct train_plan plan;
    struct train_example *examples;
    int n_examples, windows, resumed_at;
    enum matmul_kind kind;
    struct train_run *run;
    struct threads *threads;
    char adapter[512], checkpoint[512], enough[512];
    enum adapter_type type;
    int64_t checkpoint_every_us;
    pthread_t thread;
    bool running;
    /* Between both threads, under the lock. */
    pthread_mutex_t lock;
    struct train_state state;
    double seconds;
    bool fresh, ended, stop;
    anima_error trouble; /* code 0: none */
};

static const struct host_option options[] = {
    { "data", "", "examples: a JSON object a line, {\"messages\": [{\"role\", \"content\"}, …]}" },
    { "folder", "", "where the adapter and its checkpoint are written" },
    { "from", "", "an adapter of the same rank, alpha and places to go on from; empty: none" },
    { "name", "adapter", "of the adapter's file, without .gguf" },
    { "type", "q8_0", "of its numbers: q8_0 or f16" },
    { "rank", "8", "columns of its matrices" },
    { "alpha", "16", "strength: W·x becomes W·x + alpha / rank · B·(A·x)" },
    { "places", "q,k,v,o,gate,up,down", "which products have one" },
    { "dropout", "0", "percent of its inputs that are left out in a step" },
    { "rate", "0.0003", "the highest learning rate" },
    { "epochs", "3", "how often every example is seen, at most" },
    { "tokens", "256", "of a batch" },
    { "answers", "128", "tokens of a batch that can be learnt" },
    { "gather", "1", "batches that become one step" },
    { "held_back", "5", "percent of the examples that tell when to stop" },
    { "look_every", "25", "steps between two looks at these" },
    { "patience", "4", "looks without a better one after which it ends; 0: to the end" },
    { "seed", "1", "of the first numbers and of the order of the examples" },
    { "checkpoint_s", "60", "seconds between two checkpoints" },
    { "threads", "0", "threads; 0 follows the machine and its load" },
    { "memory_limit_mb", "0", "address space it may take, in MiB; 0: no limit" },
    { NULL, NULL, NULL },
};

extern const struct host_driver driver_train;

static const char *option(const struct host_config *config, const char *key)
{
    return host_option_str(&driver_train, config, key);
}

static double number(const struct host_config *config, const char *key)
{
    return host_option_num(&driver_train, config, key);
}

static size_t train_reads(const struct host_config *config, char paths[][512], size_t max)
{
    const char *from = option(config, "from");
    if (max < 7)
        return 0;
    llama_runtime_folder(paths[0], 512);
    snprintf(paths[1], 512, "%s", config->model);
    snprintf(paths[2], 512, "%s", option(config, "data"));
    snprintf(paths[3], 512, "/sys/devices/system/cpu");
    snprintf(paths[4], 512, "/proc/stat");
    snprintf(paths[5], 512, "/proc/meminfo");
    snprintf(paths[6], 512, "%s", from);
    return *from ? 7 : 6;
}

static const char *train_writes(const struct host_config *config) { return option(config, "folder"); }

/* ---- opening ---- */

static int read_places(const char *list, unsigned *out, anima_error *err)
{
    static const char *const names[TRAIN_PLACES] = { "q", "k", "v", "o", "gate", "up", "down" };
    *out = 0;
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, ","), p = 0;
        while (p < TRAIN_PLACES && (strlen(names[p]) != n || strncmp(names[p], at, n) != 0))
            p++;
        if (p == TRAIN_PLACES)
            return err_set(err, ANIMA_E_INVALID,
                           "\"%.*s\" is no place of an adapter; there are q, k, v, o, gate, up, down", (int)n, at);
        *out |= 1u << p;
        at += n + (at[n] == ',');
    }
    return *out ? ANIMA_OK : err_set(err, ANIMA_E_INVALID, "an adapter needs at least one place");
}

static int read_plan(struct training *s, const struct host_config *config, anima_error *err)
{
    struct train_plan *p = &s->plan;
    train_plan_default(p);
    p->shape.rank = (int)number(config, "rank");
    p->shape.alpha = (float)number(config, "alpha");
    p->shape.dropout = (float)(number(config, "dropout") / 100);
    p->shape.tokens = (int)number(config, "tokens");
    p->shape.answers = (int)number(config, "answers");
    p->shape.seed = (uint64_t)number(config, "seed");
    p->rate = number(config, "rate");
    p->epochs = number(config, "epochs");
    p->gather = (int)number(config, "gather");
    p->held_back = number(config, "held_back") / 100;
    p->look_every = (int)number(config, "look_every");
    p->patience = (int)number(config, "patience");
    s->checkpoint_every_us = (int64_t)number(config, "checkpoint_s") * 1000000;
    s->type = strcmp(option(config, "type"), "f16") == 0 ? ADAPTER_F16 : ADAPTER_Q8_0;
    if (p->shape.rank < 1 || p->shape.rank > TRAIN_MAX_RANK || p->shape.tokens < MATMUL_UNIT ||
        p->shape.tokens > 4096 || p->shape.tokens % MATMUL_UNIT || p->shape.answers < MATMUL_UNIT ||
        p->shape.answers > p->shape.tokens || p->shape.answers % MATMUL_UNIT || !(p->rate > 0 && p->rate < 1) ||
        !(p->epochs > 0 && p->epochs <= 1000) || p->gather < 1 || p->gather > 1024 ||
        !(p->held_back >= 0 && p->held_back < 0.9) || !(p->shape.dropout >= 0 && p->shape.dropout < 0.9f))
        return err_set(
            err, ANIMA_E_INVALID,
            "a setting of the training is out of its range: rank 1 to %d, tokens and answers multiples of %d",
            TRAIN_MAX_RANK, MATMUL_UNIT);
    return read_places(option(config, "places"), &p->shape.places, err);
}

/* A foreign file: looked at before ggml reads it. Then, whether there is room for what comes. */
static int check_model(const struct training *s, const struct host_config *config, anima_error *err)
{
    struct gguf_facts facts;
    struct train_room room;
    const unsigned char *data;
    size_t n;
    int rc = fs_map(config->model, "the model", &data, &n, err);
    if (rc)
        return rc;
    rc = gguf_check(data, n, n, config->model, &facts, err);
    if (!rc)
        rc = train_room_of(data, n, config->model, &s->plan.shape, &room, err);
    fs_unmap(data, n);
    return rc ? rc
              : train_room_check(&room, (long long)number(config, "memory_limit_mb") << 20, option(config, "folder"),
                                 err);
}

/* The vocabulary is needed once, for the examples. */
static int read_examples(struct training *s, const struct host_config *config, anima_error *err)
{
    struct llama_model_params params = llama_model_default_params();
    params.vocab_only = true;
    struct llama_model *vocabulary = llama_model_load_from_file(config->model, params);
    if (!vocabulary)
        return err_set(err, ANIMA_E_MODEL, "llama.cpp cannot load the vocabulary of %s", config->model);
    int rc = train_data_read(option(config, "data"), vocabulary, &s->plan.shape, &s->examples, &s->n_examples,
                             &s->windows, err);
    llama_model_free(vocabulary);
    return rc;
}

static void on_progress(void *host, double done) { host_loading(host, done); }

/* The matrices of the adapter to go on from, if one was named. */
static int take_from(struct training *s, const struct host_config *config, anima_error *err)
{
    int n;
    struct train_param *params = train_run_params(s->run, &n);
    const char *from = option(config, "from");
    return *from ? train_from_read(from, &s->plan.shape, params, n, err) : ANIMA_OK;
}

/* Goes on from the checkpoint, if there is one. One of another training is not written over: it may be a night's work. */
static int take_up(struct training *s, anima_error *err)
{
    char *data;
    size_t n;
    anima_error why;
    struct train_state state;
    if (!fs_exists(s->checkpoint))
        return ANIMA_OK;
    int rc = fs_read(s->checkpoint, MAX_CHECKPOINT, &data, &n, err);
    if (rc)
        return rc;
    rc = train_run_restore(s->run, data, n, &why);
    mem_free(data);
    if (rc == ANIMA_E_CONFLICT)
        return err_set(err, rc,
                       "%s is of other lessons, settings or another model file: put those back, or begin anew "
                       "(--as-is with the lessons that are there, --fresh with new ones)",
                       s->checkpoint);
    if (rc)
        log_warn("train", "%s: %s; it begins anew", s->checkpoint, why.message);
    train_run_state(s->run, &state);
    s->resumed_at = rc ? 0 : state.step;
    return ANIMA_OK;
}

static int train_open(struct host *host, const struct host_config *config, void **out, anima_error *err)
{
    struct training *s = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    *out = s;
    s->host = host;
    pthread_mutex_init(&s->lock, NULL);
    s->threads = threads_create((int)number(config, "threads"));
    s->kind = matmul_best();
    if (s->threads)
        threads_now(s->threads); /* from now on it knows what others do */
    snprintf(s->adapter, sizeof(s->adapter), "%s/%s.gguf", option(config, "folder"), option(config, "name"));
    snprintf(s->enough, sizeof(s->enough), "%s/%s.enough", option(config, "folder"), option(config, "name"));
    snprintf(s->checkpoint, sizeof(s->checkpoint), "%s/%s.checkpoint", option(config, "folder"),
             option(config, "name"));
    llama_runtime_load();
    int rc = s->threads ? read_plan(s, config, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = check_model(s, config, err);
    if (!rc)
        rc = read_examples(s, config, err);
    if (!rc)
        rc = train_model_load(config->model, on_progress, host, &s->model, err);
    if (!rc)
        rc = train_run_create(&s->model, &s->plan, s->kind, MAX_THREADS, s->examples, s->n_examples, &s->run, err);
    if (!rc)
        rc = take_from(s, config, err);
    return rc ? rc : take_up(s, err);
}

static void train_describe(void *state, struct jw *w)
{
    const struct training *s = state;
    struct train_state now;
    train_run_state(s->run, &now);
    jw_obj(w, "model");
    jw_str(w, "architecture", s->model.architecture);
    jw_int(w, "layers", s->model.layers);
    jw_end_obj(w);
    jw_int(w, "slots", 1);
    jw_str(w, "backend", matmul_name(s->kind));
    jw_int(w, "threads", threads_most(s->threads));
    jw_int(w, "examples", s->n_examples);
    jw_int(w, "cut", s->windows);
    jw_int(w, "left_out", train_run_left_out(s->run));
    jw_int(w, "steps", now.steps);
    jw_int(w, "resumed_at", s->resumed_at);
}

/* ---- computing, on a thread of its own ---- */

static int keep_checkpoint(struct training *s, anima_error *err)
{
    struct buf data;
    buf_init(&data, MAX_CHECKPOINT);
    int rc = train_run_save(s->run, &data, err);
    if (!rc)
        rc = fs_write(s->checkpoint, data.data, data.len, 0600, err);
    buf_finish(&data);
    return rc;
}

static int write_adapter(struct training *s, anima_error *err)
{
    int n;
    char seed[32], epochs[32];
    struct train_state state;
    train_run_state(s->run, &state);
    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)s->plan.shape.seed);
    snprintf(epochs, sizeof(epochs), "%.2f", state.epoch);
    const struct adapter_note notes[] = { { "seed", seed }, { "epochs", epochs }, { NULL, NULL } };
    const struct train_param *params = train_run_best(s->run, &n);
    int rc = adapter_write(s->adapter, &s->model, &s->plan.shape, params, n, s->type, notes, err);
    if (!rc) {
        unlink(s->checkpoint);
        unlink(s->enough);
    }
    return rc;
}

static void tell(struct training *s, double seconds, bool ended, const anima_error *trouble)
{
    pthread_mutex_lock(&s->lock);
    train_run_state(s->run, &s->state);
    s->seconds += seconds;
    s->fresh = true;
    s->ended = ended;
    if (trouble)
        s->trouble = *trouble;
    pthread_mutex_unlock(&s->lock);
}

static bool wanted(struct training *s)
{
    pthread_mutex_lock(&s->lock);
    bool go_on = !s->stop;
    pthread_mutex_unlock(&s->lock);
    return go_on;
}

static void *work(void *ctx)
{
    struct training *s = ctx;
    int64_t kept = clock_mono_us();
    anima_error err = { 0 };
    int rc = ANIMA_OK;
    bool more = true;
    while (!rc && more && wanted(s)) {
        int64_t began = clock_mono_us();
        if (fs_exists(s->enough))
            train_run_end(s->run, threads_now(s->threads));
        more = train_run_step(s->run, threads_now(s->threads));
        int64_t now = clock_mono_us();
        if (more && now - kept >= s->checkpoint_every_us) {
            rc = keep_checkpoint(s, &err);
            kept = now;
        }
        if (more)
            tell(s, (double)(now - began) / 1e6, false, NULL);
    }
    if (!rc)
        rc = more ? keep_checkpoint(s, &err) : write_adapter(s, &err);
    tell(s, 0, true, rc ? &err : NULL);
    return NULL;
}

/* ---- telling of it ---- */

static void put_state(struct jw *w, const struct training *s)
{
    const struct train_state *t = &s->state;
    jw_obj(w, NULL);
    jw_int(w, "step", t->step);
    jw_int(w, "steps", t->steps);
    jw_num(w, "epoch", t->epoch);
    jw_num(w, "loss", t->loss);
    jw_num(w, "held_loss", t->held_loss);
    jw_num(w, "best_loss", t->best_loss);
    jw_int(w, "best_step", t->best_step);
    jw_num(w, "rate", t->rate);
    jw_num(w, "gradient", t->norm);
    jw_int(w, "tokens", t->tokens);
    jw_num(w, "tokens_per_s", s->seconds > 0 ? (double)t->tokens / s->seconds : 0);
    jw_bool(w, "over", s->ended);
    jw_str(w, "adapter", s->ended && !s->trouble.code && !s->stop ? s->adapter : "");
    jw_end_obj(w);
}

static int train_step(void *state)
{
    struct training *s = state;
    struct buf json;
    struct jw w;
    if (!s->running) {
        s->running = pthread_create(&s->thread, NULL, work, s) == 0;
        if (!s->running) {
            host_fail(s->host, 0, ANIMA_E_NOMEM, "no thread can be started for the training");
            return -1;
        }
    }
    buf_init(&json, 4096);
    jw_init(&w, &json);
    pthread_mutex_lock(&s->lock);
    bool fresh = s->fresh, ended = s->ended;
    anima_error trouble = s->trouble;
    s->fresh = false;
    if (fresh)
        put_state(&w, s);
    pthread_mutex_unlock(&s->lock);
    if (fresh && trouble.code)
        host_fail(s->host, 0, trouble.code, trouble.message);
    if (fresh && !json.failed)
        host_trained(s->host, &json);
    buf_finish(&json);
    return ended ? -1 : LOOK_MS;
}

static void train_cancel(void *state, int64_t id)
{
    (void)state;
    (void)id;
}

static void train_close(void *state)
{
    struct training *s = state;
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_mutex_unlock(&s->lock);
    if (s->running)
        pthread_join(s->thread, NULL);
    pthread_mutex_destroy(&s->lock);
    train_run_destroy(s->run);
    train_model_free(&s->model);
    train_data_free(s->examples, s->n_examples);
    threads_destroy(s->threads);
    mem_free(s);
}

const struct host_driver driver_train = {
    .name = "train_lora",
    .summary = "trains a LoRA adapter for a GGUF model from examples; answers nothing",
    .options = options,
    .reads = train_reads,
    .writes = train_writes,
    .truncates = true, /* ggml's writer of GGUF files */
    .open = train_open,
    .describe = train_describe,
    .cancel = train_cancel,
    .step = train_step,
    .close = train_close,
};
