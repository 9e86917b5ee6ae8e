/* driver_llama.c — GGUF models through libllama: loading, and what a model is. Its streams' tokens and KV caches are kv.c's,
 * the order of work llama_tasks.c's.
 *
 * One context whose cells all streams share (kv_unified): `slots` times `context` of them, unless `cells` says otherwise. */
#include "host/driver.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "host/gguf_check.h"
#include "host/kv.h"
#include "host/llama_runtime.h"
#include "host/llama_stats.h"
#include "host/llama_tasks.h"
#include "host/llama_threads.h"
#include "host/lora.h"
#include "host/train_room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <ggml-backend.h>
#include <llama.h>

#define MAX_SLOTS 64
#define COMPUTE_BYTES (400ull << 20) /* buffers of graphs, vocabulary, threads */

struct llama_state {
    struct host *host;
    struct llama_model *model;
    struct llama_context *context;
    struct threads *threads;
    struct kv *kv;
    struct tasks *tasks;
    struct lora *lora;                    /* NULL: no adapters */
    int n_slots, n_ctx, n_cells, n_seats; /* seats: streams in the cells at once; one more sequence is kv.c's */
    struct gguf_facts facts;
    char path[512], backend[128];
    uint64_t file_size, identity;
};

static const struct host_option options[] = {
    { "context", "4096", "tokens of context of one request" },
    { "slots", "4", "requests answered at once" },
    { "cells", "0", "tokens of KV cache in the context, for all streams; 0: slots times context" },
    { "seats", "63", "streams whose KV cache is in the context at once; at most 255" },
    { "kv_folder", "", "folder for KV caches; empty: none are kept on the disk" },
    { "kv_ram_mb", "1024", "memory for KV caches of streams that rest, in MiB" },
    { "kv_disk_mb", "4096", "disk for them, in MiB" },
    { "adapters", "",
      "folder of LoRA adapters (GGUF files), which may come and go while the engine runs; empty: none" },
    { "adapters_mb", "512", "memory for adapters that nobody uses at the moment, in MiB" },
    { "threads", "0", "threads; 0 follows the machine and its load" },
    { "gpu_layers", "0", "layers on the GPU" },
    { "memory_limit_mb", "0", "address space it may take, in MiB; 0: no limit" },
    { NULL, NULL, NULL },
};

/* ---- opening ---- */

static size_t llama_reads(const struct host_config *config, char paths[][512], size_t max)
{
    if (max < 5)
        return 0;
    llama_runtime_folder(paths[0], 512);
    snprintf(paths[1], 512, "%s", config->model);
    snprintf(paths[2], 512, "/sys/devices/system/cpu");
    snprintf(paths[3], 512, "/proc/stat");
    snprintf(paths[4], 512, "/proc/meminfo");
    return 5;
}

/* Whose KV caches are whose: the head with all metadata, the end, and samples between, since reading a whole model takes
 * seconds; and the release of llama.cpp. */
static uint64_t fingerprint(const unsigned char *data, size_t size)
{
    const size_t head = 4u << 20, sample = 4096, samples = 256;
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, &size, sizeof(size));
    XXH3_64bits_update(&state, "llama.cpp v0.5.0, f16", 21);
    XXH3_64bits_update(&state, data, size < head ? size : head);
    for (size_t i = 0; i < samples && size > head; i++)
        XXH3_64bits_update(&state, data + (size - sample) / samples * (i + 1), sample);
    return XXH3_64bits_digest(&state);
}

/* Looks at the file before libllama does. */
static int check_file(struct llama_state *s, anima_error *err)
{
    int fd = open(s->path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return err_set(err, errno == ENOENT ? ANIMA_E_NOT_FOUND : ANIMA_E_MODEL, "cannot open the model %s: %s",
                       s->path, strerror(errno));
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size == 0) {
        close(fd);
        return err_set(err, ANIMA_E_MODEL, "the model %s is no file, or an empty one", s->path);
    }
    s->file_size = (uint64_t)st.st_size;
    void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (data == MAP_FAILED)
        return err_errno(err, errno, "cannot map the model %s", s->path);
    int rc = gguf_check(data, (size_t)st.st_size, s->file_size, s->path, &s->facts, err);
    s->identity = fingerprint(data, (size_t)st.st_size);
    munmap(data, (size_t)st.st_size);
    return rc;
}

/* limit: bytes this process may take, 0: no limit. */
static int check_memory(const struct llama_state *s, bool on_gpu, long long limit, anima_error *err)
{
    long long available = memory_available();
    if (limit > 0 && (available < 0 || limit < available))
        available = limit;
    uint64_t cache = gguf_kv_bytes_per_token(&s->facts) * (uint64_t)s->n_cells;
    uint64_t need = s->file_size + cache + COMPUTE_BYTES;
    if (on_gpu || available < 0 || need <= (uint64_t)available)
        return ANIMA_OK;
    return err_set(err, ANIMA_E_MODEL,
                   "the model needs about %llu MiB (%llu for %d tokens of context), but only %lld MiB are free; close "
                   "something, lower engine.context or engine.slots, or choose a smaller model",
                   (unsigned long long)(need >> 20), (unsigned long long)(cache >> 20), s->n_cells, available >> 20);
}

static bool on_progress(float progress, void *host)
{
    host_loading(host, progress);
    return true;
}

static int load(struct llama_state *s, int gpu_layers, anima_error *err)
{
    char folder[512];
    llama_runtime_load();
    llama_runtime_folder(folder, sizeof(folder));
    ggml_backend_dev_t device = ggml_backend_dev_by_type(gpu_layers > 0 ? GGML_BACKEND_DEVICE_TYPE_GPU
                                                                        : GGML_BACKEND_DEVICE_TYPE_CPU);
    if (!device)
        return err_set(err, ANIMA_E_UNSUPPORTED,
                       "%s has no %s backend of llama.cpp; set engine.runtime to one that fits this "
                       "machine, and `make` fetches it",
                       folder, gpu_layers > 0 ? "GPU" : "CPU");
    snprintf(s->backend, sizeof(s->backend), "%s (%s)", ggml_backend_dev_name(device),
             ggml_backend_dev_description(device));
    struct llama_model_params mp = llama_model_default_params();
    mp.n_gpu_layers = gpu_layers;
    mp.progress_callback = on_progress;
    mp.progress_callback_user_data = s->host;
    s->model = llama_model_load_from_file(s->path, mp);
    if (!s->model)
        return err_set(err, ANIMA_E_MODEL, "llama.cpp cannot load the model %s (architecture %s)", s->path,
                       s->facts.architecture);
    struct llama_context_params cp = llama_context_default_params();
    cp.n_ctx = (uint32_t)s->n_cells;
    cp.n_batch = cp.n_ubatch = TASKS_BATCH;
    cp.n_seq_max = (uint32_t)s->n_seats + 1;
    cp.kv_unified = true;
    cp.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_AUTO;
    cp.n_threads = cp.n_threads_batch = threads_now(s->threads);
    cp.no_perf = true;
    if (s->lora) {
        cp.cb_eval = lora_callback;
        cp.cb_eval_user_data = s->lora;
    }
    s->context = llama_init_from_model(s->model, cp);
    if (!s->context)
        return err_set(err, ANIMA_E_MODEL,
                       "out of memory for %d tokens of context; lower engine.context or engine.slots", s->n_cells);
    return s->lora ? lora_attach(s->lora, s->context, threads_most(s->threads), err) : ANIMA_OK;
}

static int make_streams(struct llama_state *s, const struct host_config *config, anima_error *err)
{
    extern const struct host_driver driver_llama;
    const struct kv_config kc = {
        .folder = host_option_str(&driver_llama, config, "kv_folder"),
        .identity = s->identity,
        .cells = s->n_cells,
        .seats = s->n_seats,
        .ram_bytes = (size_t)host_option_int(&driver_llama, config, "kv_ram_mb") << 20,
        .disk_bytes = (uint64_t)host_option_int(&driver_llama, config, "kv_disk_mb") << 20,
    };
    int rc = kv_create(s->context, s->model, &kc, &s->kv, err);
    if (rc)
        return rc;
    const struct tasks_config tc = { s->host, s->model, s->context, s->kv, s->threads, s->lora, s->n_ctx, s->n_slots };
    return tasks_create(&tc, &s->tasks, err);
}

static const char *llama_adapters(const struct host_config *config)
{
    extern const struct host_driver driver_llama;
    return host_option_str(&driver_llama, config, "adapters");
}

static int make_lora(struct llama_state *s, const struct host_config *config, bool on_gpu, anima_error *err)
{
    extern const struct host_driver driver_llama;
    const char *folder = llama_adapters(config);
    long megabytes = host_option_int(&driver_llama, config, "adapters_mb");
    if (!*folder || on_gpu)
        return ANIMA_OK;
    return lora_create(s->path, folder, megabytes > 0 ? (size_t)megabytes << 20 : 0, TASKS_BATCH, &s->lora, err);
}

/* An option between 1 and what there is at most; the log says if it was more. */
static int at_most(const struct host_config *config, const char *key, int most)
{
    extern const struct host_driver driver_llama;
    long wanted = host_option_int(&driver_llama, config, key);
    if (wanted > most)
        log_warn("engine", "%s = %ld is more than this engine has: %d are used", key, wanted, most);
    return wanted < 1 ? 1 : wanted > most ? most : (int)wanted;
}

static int llama_open(struct host *host, const struct host_config *config, void **out, anima_error *err)
{
    extern const struct host_driver driver_llama;
    struct llama_state *s = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    *out = s;
    long context = host_option_int(&driver_llama, config, "context");
    int gpu_layers = (int)host_option_int(&driver_llama, config, "gpu_layers");
    s->host = host;
    s->n_slots = at_most(config, "slots", MAX_SLOTS);
    s->n_seats = at_most(config, "seats", (int)llama_max_parallel_sequences() - 1);
    s->n_ctx = context < 256 ? 256 : context > 1048576 ? 1048576 : (int)context;
    snprintf(s->path, sizeof(s->path), "%s", config->model);
    s->threads = threads_create((int)host_option_int(&driver_llama, config, "threads"));
    if (!s->threads)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    int rc = check_file(s, err);
    if (rc)
        return rc;
    if (s->facts.context_train && (uint64_t)s->n_ctx > s->facts.context_train)
        s->n_ctx = (int)s->facts.context_train;
    long cells = host_option_int(&driver_llama, config, "cells");
    s->n_cells = cells >= s->n_ctx && cells <= 16777216 ? (int)cells : s->n_ctx * s->n_slots;
    rc = check_memory(s, gpu_layers > 0, (long long)host_option_int(&driver_llama, config, "memory_limit_mb") << 20,
                      err);
    if (!rc)
        rc = make_lora(s, config, gpu_layers > 0, err);
    if (!rc)
        rc = load(s, gpu_layers, err);
    return rc ? rc : make_streams(s, config, err);
}

static void llama_describe(void *state, struct jw *w)
{
    const struct llama_state *s = state;
    const char *name = strrchr(s->path, '/');
    jw_obj(w, "model");
    jw_str(w, "name", *s->facts.name ? s->facts.name : name ? name + 1 : s->path);
    jw_str(w, "path", s->path);
    jw_int(w, "size_bytes", (int64_t)s->file_size);
    jw_int(w, "parameters", (int64_t)llama_model_n_params(s->model));
    jw_str(w, "architecture", s->facts.architecture);
    jw_int(w, "context_train", (int64_t)s->facts.context_train);
    jw_bool(w, "template", llama_model_chat_template(s->model, NULL) != NULL);
    jw_end_obj(w);
    jw_int(w, "context_size", s->n_ctx);
    jw_int(w, "slots", s->n_slots);
    jw_str(w, "backend", s->backend);
    jw_int(w, "threads", threads_most(s->threads));
}

/* ---- the driver ---- */

static int llama_add(void *state, struct request *request, anima_error *err)
{
    return tasks_add(((struct llama_state *)state)->tasks, request, err);
}

static void llama_cancel(void *state, int64_t id) { tasks_cancel(((struct llama_state *)state)->tasks, id); }

static void llama_drop(void *state, const char *beginning)
{
    struct llama_state *s = state;
    tasks_leave(s->tasks, beginning);
    kv_drop_all(s->kv, beginning);
}

static int llama_tokens(void *state, const char *text, size_t n)
{
    struct llama_state *s = state;
    int count = llama_tokenize(llama_model_get_vocab(s->model), text, (int32_t)n, NULL, 0, false, false);
    return count < 0 ? -count : count;
}

static void llama_tell(void *state, struct jw *w)
{
    const struct llama_state *s = state;
    jw_int(w, "threads", threads_used(s->threads));
    llama_stats(s->tasks, s->kv, gguf_kv_bytes_per_token(&s->facts), w);
}

static int llama_step(void *state) { return tasks_step(((struct llama_state *)state)->tasks); }

static const char *llama_writes(const struct host_config *config)
{
    extern const struct host_driver driver_llama;
    return host_option_str(&driver_llama, config, "kv_folder");
}

static void llama_end(void *state)
{
    struct llama_state *s = state;
    tasks_destroy(s->tasks);
    kv_destroy(s->kv);
    if (s->context)
        llama_free(s->context);
    if (s->model)
        llama_model_free(s->model);
    lora_destroy(s->lora);
    threads_destroy(s->threads);
    mem_free(s);
}

const struct host_driver driver_llama = {
    .name = "llm_llama",
    .summary = "a GGUF model through llama.cpp; the model is a file",
    .options = options,
    .reads = llama_reads,
    .writes = llama_writes,
    .adapters = llama_adapters,
    .open = llama_open,
    .describe = llama_describe,
    .generate = llama_add,
    .read = llama_add,
    .score = llama_add,
    .drop = llama_drop,
    .cancel = llama_cancel,
    .tokenize = llama_tokens,
    .stats = llama_tell,
    .step = llama_step,
    .close = llama_end,
};
