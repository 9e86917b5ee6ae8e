/* driver_llama.c — GGUF models through libllama.
 *
 * One context with `slots` sequences of `context` tokens each. A request waits in the order it came until a slot is free,
 * then goes   PROMPT (its tokens are read, in chunks) → DECODE (one token per step) → free.
 * A step is one llama_decode over one batch: one token for every slot that decodes, and what room is left for chunks of
 * prompts, in turn. A chunk is as long as can be read in CHUNK_US on this machine now (measured), and shorter while
 * somebody decodes, so that a cancel is obeyed soon and nobody's words stutter because another's prompt is long.
 * Cancelling frees the slot between two steps.
 * A slot is one sequence. Its tokens stay when the request is done: the next one goes to the slot whose tokens its prompt
 * has in common longest, and only the rest is read. */
#include "host/driver.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "host/gate.h"
#include "host/gguf_check.h"
#include "host/llama_prompt.h"
#include "host/llama_sample.h"
#include "host/llama_threads.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ggml-backend.h>
#include <llama.h>

#define BATCH 512
#define CHUNK_BESIDE_DECODING 64
#define FIRST_CHUNK 128 /* of a prompt, until it is known how fast they are read */
#define LEAST_CHUNK 32
/* How long reading one chunk may take, since a cancel or a ping waits that long. Measured on the 1.5B: chunks of 1.5 s
 * read as fast as those of 512 tokens (95 tokens per CPU second), 0.7 s gives 76, 0.25 s only 62. */
#define CHUNK_US 1500000
#define MAX_SLOTS 64
#define COMPUTE_BYTES (400ull << 20) /* buffers of graphs, vocabulary, threads */

struct slot {
    struct request *request; /* NULL: free */
    llama_token *cached;     /* n_past tokens that are in the cache; owned, as long as the context */
    int64_t used_us;         /* when it was free last */
    llama_token *prompt;
    int n_prompt, n_read; /* tokens of the prompt; how many are in the cache */
    int n_past;           /* tokens in the cache */
    int batch_index;      /* where its logits come in this step's batch; -1: nowhere */
    llama_token next;     /* decoding: what goes in next */
    struct llama_pick *pick;
    struct gate gate;
    struct buf logprobs; /* of tokens whose text has not left yet */
    int held_tokens;
    struct host_count count;
    int max_tokens;
    int64_t began_us, decoding_us;
};

struct waiting {
    struct request *request;
    struct waiting *next;
};

struct llama_state {
    struct host *host;
    struct llama_model *model;
    struct llama_context *context;
    struct llama_candidates *candidates;
    struct llama_batch batch;
    struct threads *threads;
    int n_slots, n_ctx, turn; /* turn: whose prompt comes first in the next chunk */
    double us_per_token;      /* reading prompts, as measured lately; 0: not yet */
    struct slot slots[MAX_SLOTS];
    struct waiting *waiting;
    struct gguf_facts facts;
    char path[512], backend[128];
    uint64_t file_size;
};

static const struct host_option options[] = {
    { "context", "4096", "tokens of context of one request" },
    { "slots", "4", "requests answered at once" },
    { "threads", "0", "threads; 0 follows the machine and its load" },
    { "gpu_layers", "0", "layers on the GPU" },
    { "memory_limit_mb", "0", "address space it may take, in MiB; 0: no limit" },
    { NULL, NULL, NULL },
};

/* ---- opening ---- */

static void runtime_folder(char *out, size_t size)
{
    Dl_info info;
    char path[512] = "";
    if (dladdr((void *)(uintptr_t)llama_backend_init, &info) && info.dli_fname)
        snprintf(path, sizeof(path), "%s", info.dli_fname);
    snprintf(out, size, "%s", dirname(path));
}

static size_t llama_reads(const struct host_config *config, char paths[][512], size_t max)
{
    if (max < 5)
        return 0;
    runtime_folder(paths[0], 512);
    snprintf(paths[1], 512, "%s", config->model);
    snprintf(paths[2], 512, "/sys/devices/system/cpu");
    snprintf(paths[3], 512, "/proc/stat");
    snprintf(paths[4], 512, "/proc/meminfo");
    return 5;
}

/* Bytes that can be had without swapping; -1 unknown. */
static long long available_memory(void)
{
    FILE *f = fopen("/proc/meminfo", "r");
    char line[256];
    long long kb = -1;
    while (f && fgets(line, sizeof(line), f))
        if (sscanf(line, "MemAvailable: %lld kB", &kb) == 1)
            break;
    if (f)
        fclose(f);
    return kb < 0 ? -1 : kb << 10;
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
    munmap(data, (size_t)st.st_size);
    return rc;
}

/* limit: bytes this process may take, 0: no limit. */
static int check_memory(const struct llama_state *s, bool on_gpu, long long limit, anima_error *err)
{
    long long available = available_memory();
    if (limit > 0 && (available < 0 || limit < available))
        available = limit;
    uint64_t cache = gguf_kv_bytes_per_token(&s->facts) * (uint64_t)s->n_ctx * (uint64_t)s->n_slots;
    uint64_t need = s->file_size + cache + COMPUTE_BYTES;
    if (on_gpu || available < 0 || need <= (uint64_t)available)
        return ANIMA_OK;
    return err_set(
        err, ANIMA_E_MODEL,
        "the model needs about %llu MiB (%llu for %d x %d tokens of context), but only %lld MiB are free; close "
        "something, lower engine.context or engine.slots, or choose a smaller model",
        (unsigned long long)(need >> 20), (unsigned long long)(cache >> 20), s->n_slots, s->n_ctx, available >> 20);
}

static bool on_progress(float progress, void *host)
{
    host_loading(host, progress);
    return true;
}

static void on_log(enum ggml_log_level level, const char *text, void *ctx)
{
    (void)ctx;
    if (level == GGML_LOG_LEVEL_ERROR)
        log_error("llama", "%s", text);
    else if (level == GGML_LOG_LEVEL_WARN)
        log_info("llama", "%s", text);
}

static int load(struct llama_state *s, int gpu_layers, anima_error *err)
{
    char folder[512];
    runtime_folder(folder, sizeof(folder));
    llama_log_set(on_log, NULL);
    ggml_backend_load_all_from_path(folder);
    llama_backend_init();
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
    cp.n_ctx = (uint32_t)(s->n_ctx * s->n_slots);
    cp.n_batch = cp.n_ubatch = BATCH;
    cp.n_seq_max = (uint32_t)s->n_slots;
    cp.kv_unified = false;
    cp.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_AUTO;
    cp.n_threads = cp.n_threads_batch = threads_now(s->threads);
    cp.no_perf = true;
    s->context = llama_init_from_model(s->model, cp);
    if (!s->context)
        return err_set(err, ANIMA_E_MODEL,
                       "out of memory for %d x %d tokens of context; lower engine.context or engine.slots", s->n_slots,
                       s->n_ctx);
    s->batch = llama_batch_init(BATCH, 0, 1);
    for (int i = 0; i < s->n_slots; i++) {
        s->slots[i].cached = mem_zero((size_t)s->n_ctx, sizeof(llama_token));
        if (!s->slots[i].cached)
            return err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    return llama_candidates_create(s->model, &s->candidates, err);
}

static int llama_open(struct host *host, const struct host_config *config, void **out, anima_error *err)
{
    extern const struct host_driver driver_llama;
    struct llama_state *s = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    *out = s;
    for (int i = 0; i < MAX_SLOTS; i++)
        s->slots[i].batch_index = -1;
    long slots = host_option_int(&driver_llama, config, "slots"),
         context = host_option_int(&driver_llama, config, "context");
    int gpu_layers = (int)host_option_int(&driver_llama, config, "gpu_layers");
    s->host = host;
    s->n_slots = slots < 1 ? 1 : slots > MAX_SLOTS ? MAX_SLOTS : (int)slots;
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
    rc = check_memory(s, gpu_layers > 0, (long long)host_option_int(&driver_llama, config, "memory_limit_mb") << 20,
                      err);
    return rc ? rc : load(s, gpu_layers, err);
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

/* ---- requests ---- */

/* Its tokens stay. */
static void free_slot(struct slot *slot)
{
    request_free(slot->request);
    mem_free(slot->prompt);
    llama_pick_destroy(slot->pick);
    gate_finish(&slot->gate);
    buf_finish(&slot->logprobs);
    *slot = (struct slot){
        .batch_index = -1, .cached = slot->cached, .n_past = slot->n_past, .used_us = clock_mono_us()
    };
}

static void fail_slot(struct llama_state *s, struct slot *slot, int code, const char *message)
{
    host_fail(s->host, slot->request->id, code, message);
    if (code == ANIMA_E_ENGINE) { /* who knows what is in the cache now */
        llama_memory_seq_rm(llama_get_memory(s->context), (llama_seq_id)(slot - s->slots), -1, -1);
        slot->n_past = 0;
    }
    free_slot(slot);
}

static int llama_generate(void *state, struct request *request, anima_error *err)
{
    struct llama_state *s = state;
    struct waiting *w = mem_alloc(sizeof(*w));
    if (!w) {
        request_free(request);
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    *w = (struct waiting){ request, NULL };
    struct waiting **end = &s->waiting;
    while (*end)
        end = &(*end)->next;
    *end = w;
    return ANIMA_OK;
}

static void let_out(struct llama_state *s, struct slot *slot, long n)
{
    if (n <= 0)
        return;
    host_words(s->host, slot->request->id, slot->gate.held.data, (size_t)n, slot->held_tokens, &slot->logprobs);
    gate_take(&slot->gate, (size_t)n);
    slot->held_tokens = 0;
    buf_reset(&slot->logprobs);
}

static void finish(struct llama_state *s, struct slot *slot, const char *how)
{
    let_out(s, slot, slot->gate.stopped ? (long)slot->gate.held.len : gate_end(&slot->gate));
    slot->count.context_used = slot->n_past;
    if (slot->decoding_us)
        slot->count.decode_ms = (double)(clock_mono_us() - slot->decoding_us) / 1000;
    host_done(s->host, slot->request->id, how, &slot->count);
    free_slot(slot);
}

static void llama_cancel(void *state, int64_t id)
{
    struct llama_state *s = state;
    for (int i = 0; i < s->n_slots; i++)
        if (s->slots[i].request && s->slots[i].request->id == id) {
            finish(s, &s->slots[i], "cancelled");
            return;
        }
    for (struct waiting **p = &s->waiting; *p; p = &(*p)->next)
        if ((*p)->request->id == id) {
            struct waiting *w = *p;
            *p = w->next;
            struct host_count none = { 0 };
            host_done(s->host, id, "cancelled", &none);
            request_free(w->request);
            mem_free(w);
            return;
        }
}

static int llama_tokens(void *state, const char *text, size_t n)
{
    struct llama_state *s = state;
    int count = llama_tokenize(llama_model_get_vocab(s->model), text, (int32_t)n, NULL, 0, false, false);
    return count < 0 ? -count : count;
}

static int in_common(const struct slot *slot, const struct llama_prompt *prompt)
{
    int n = 0;
    while (n < slot->n_past && n < prompt->n && slot->cached[n] == prompt->tokens[n])
        n++;
    return n;
}

/* The free slot that has most of the prompt; of equal ones the one that was used longest ago. NULL: none is free. */
static struct slot *best_slot(struct llama_state *s, const struct llama_prompt *prompt)
{
    struct slot *best = NULL;
    int most = -1;
    for (int i = 0; i < s->n_slots; i++) {
        struct slot *slot = &s->slots[i];
        int n = slot->request ? -1 : in_common(slot, prompt);
        if (n > most || (n == most && best && slot->used_us < best->used_us)) {
            best = slot;
            most = n;
        }
    }
    return best;
}

/* What is in the cache of the prompt stays, the rest goes; the last token is always read, since its result is wanted. */
static void keep_common(struct llama_state *s, struct slot *slot, const struct llama_prompt *prompt)
{
    int n = in_common(slot, prompt);
    n = n < prompt->n ? n : prompt->n - 1;
    llama_memory_t memory = llama_get_memory(s->context);
    llama_seq_id id = (llama_seq_id)(slot - s->slots);
    if (!llama_memory_seq_rm(memory, id, n, -1)) { /* a recurrent model cannot go back */
        llama_memory_seq_rm(memory, id, -1, -1);
        n = 0;
    }
    slot->n_read = slot->n_past = n;
}

/* Gives a free slot to the one that waits longest. */
static void admit(struct llama_state *s)
{
    struct waiting *w = s->waiting;
    struct request *r = w->request;
    s->waiting = w->next;
    mem_free(w);
    anima_error err = { 0 };
    struct llama_prompt prompt;
    /* Room for the answer: what was asked for, but no more than a quarter of the context has to stay free for it. */
    int answer = r->max_tokens > 0 && r->max_tokens < s->n_ctx / 4 ? r->max_tokens : s->n_ctx / 4;
    int rc = llama_prompt_build(s->model, r, s->n_ctx - answer, &prompt, &err);
    if (rc) {
        host_fail(s->host, r->id, rc, err.message);
        request_free(r);
        return;
    }
    struct slot *slot = best_slot(s, &prompt);
    *slot = (struct slot){
        .request = r, .cached = slot->cached, .n_past = slot->n_past, .batch_index = -1, .began_us = clock_mono_us()
    };
    gate_init(&slot->gate, r->stop, r->n_stop);
    buf_init(&slot->logprobs, 1u << 20);
    slot->prompt = prompt.tokens;
    slot->n_prompt = prompt.n;
    keep_common(s, slot, &prompt);
    slot->count = (struct host_count){ .prompt_tokens = prompt.n,
                                       .context_size = s->n_ctx,
                                       .dropped_messages = prompt.dropped };
    int room = s->n_ctx - prompt.n;
    slot->max_tokens = r->max_tokens > 0 && r->max_tokens < room ? r->max_tokens : room;
    rc = llama_pick_create(s->model, r, prompt.tokens, prompt.n, &slot->pick, &err);
    if (rc)
        fail_slot(s, slot, rc, err.message);
}

/* ---- a step ---- */

static void put(struct llama_state *s, int slot, llama_token token, int position, bool logits)
{
    struct llama_batch *b = &s->batch;
    b->token[b->n_tokens] = token;
    b->pos[b->n_tokens] = position;
    b->n_seq_id[b->n_tokens] = 1;
    b->seq_id[b->n_tokens][0] = slot;
    b->logits[b->n_tokens] = logits;
    if (logits)
        s->slots[slot].batch_index = b->n_tokens;
    b->n_tokens++;
}

static bool decoding(const struct slot *slot) { return slot->request && slot->n_read == slot->n_prompt; }

static void put_decoding(struct llama_state *s)
{
    for (int i = 0; i < s->n_slots; i++)
        if (decoding(&s->slots[i]))
            put(s, i, s->slots[i].next, s->slots[i].n_past, true);
}

static int chunk(const struct llama_state *s, bool beside)
{
    double n = s->us_per_token > 0 ? CHUNK_US / s->us_per_token : FIRST_CHUNK;
    int most = beside ? CHUNK_BESIDE_DECODING : BATCH;
    return n < LEAST_CHUNK ? LEAST_CHUNK : n > most ? most : (int)n;
}

/* Half of what was known, half of what was seen: follows a machine whose load changes. */
static void learn_speed(struct llama_state *s, int64_t us)
{
    if (s->batch.n_tokens < LEAST_CHUNK)
        return; /* a decode, or a prompt's last few tokens: tells little about reading */
    double seen = (double)us / s->batch.n_tokens;
    s->us_per_token = s->us_per_token > 0 ? (s->us_per_token + seen) / 2 : seen;
}

static void put_prompts(struct llama_state *s)
{
    int room = chunk(s, s->batch.n_tokens > 0);
    if (room > BATCH - s->batch.n_tokens)
        room = BATCH - s->batch.n_tokens;
    for (int k = 0; k < s->n_slots && room > 0; k++) {
        int i = (s->turn + k) % s->n_slots;
        struct slot *slot = &s->slots[i];
        if (!slot->request || decoding(slot))
            continue;
        int left = slot->n_prompt - slot->n_read, n = left < room ? left : room;
        for (int t = 0; t < n; t++)
            put(s, i, slot->prompt[slot->n_read + t], slot->n_read + t, t + 1 == left);
        room -= n;
    }
    s->turn = (s->turn + 1) % s->n_slots;
}

/* After a decode: what went in is in the cache. */
static void advance(struct llama_state *s)
{
    for (int k = 0; k < s->batch.n_tokens; k++) {
        struct slot *slot = &s->slots[s->batch.seq_id[k][0]];
        if (slot->n_read < slot->n_prompt)
            slot->n_read++;
        slot->cached[slot->n_past++] = s->batch.token[k];
    }
}

static void begin_decoding(struct llama_state *s, struct slot *slot)
{
    slot->decoding_us = clock_mono_us();
    slot->count.prefill_ms = (double)(slot->decoding_us - slot->began_us) / 1000;
    slot->count.context_used = slot->n_past;
    host_started(s->host, slot->request->id, &slot->count);
}

static void sample(struct llama_state *s, struct slot *slot)
{
    const float *logits = llama_get_logits_ith(s->context, slot->batch_index);
    slot->batch_index = -1;
    if (!slot->decoding_us)
        begin_decoding(s, slot);
    llama_token token = logits ? llama_pick_next(slot->pick, s->candidates, logits) : -1;
    if (token < 0) {
        fail_slot(s, slot, ANIMA_E_INVALID, logits ? "the grammar allows no token here" : "the model gave no result");
        return;
    }
    if (llama_vocab_is_eog(llama_model_get_vocab(s->model), token)) {
        finish(s, slot, "stop");
        return;
    }
    char piece[256];
    int n = llama_piece(s->model, token, piece, sizeof(piece));
    slot->count.completion_tokens++;
    slot->held_tokens++;
    slot->next = token;
    if (slot->request->logprobs >= 0) {
        /* One array for all tokens whose text leaves together. */
        if (slot->logprobs.len) {
            slot->logprobs.len--;
            buf_puts(&slot->logprobs, ",");
        }
        size_t at = slot->logprobs.len;
        llama_logprobs(s->candidates, logits, token, slot->request->logprobs, &slot->logprobs);
        if (at)
            memmove(slot->logprobs.data + at, slot->logprobs.data + at + 1, slot->logprobs.len-- - at);
    }
    let_out(s, slot, gate_add(&slot->gate, piece, (size_t)n));
    if (slot->gate.stopped)
        finish(s, slot, "stop");
    else if (slot->count.completion_tokens >= slot->max_tokens)
        finish(s, slot, "length");
}

static int llama_step(void *state)
{
    struct llama_state *s = state;
    for (int i = 0; i < s->n_slots && s->waiting; i++)
        if (!s->slots[i].request)
            admit(s);
    s->batch.n_tokens = 0;
    put_decoding(s);
    put_prompts(s);
    if (s->batch.n_tokens == 0)
        return s->waiting ? 0 : -1;
    int threads = threads_now(s->threads);
    llama_set_n_threads(s->context, threads, threads);
    int64_t began = clock_mono_us();
    int rc = llama_decode(s->context, s->batch);
    if (rc) {
        for (int i = 0; i < s->n_slots; i++)
            if (s->slots[i].request)
                fail_slot(s, &s->slots[i], ANIMA_E_ENGINE,
                          rc == 1 ? "the context is full" : "llama.cpp could not compute this step");
        return 0;
    }
    advance(s);
    learn_speed(s, clock_mono_us() - began);
    for (int i = 0; i < s->n_slots; i++)
        if (s->slots[i].batch_index >= 0)
            sample(s, &s->slots[i]);
    return 0;
}

static void llama_end(void *state)
{
    struct llama_state *s = state;
    for (int i = 0; i < s->n_slots; i++) {
        if (s->slots[i].request)
            free_slot(&s->slots[i]);
        mem_free(s->slots[i].cached);
    }
    while (s->waiting) {
        struct waiting *w = s->waiting;
        s->waiting = w->next;
        request_free(w->request);
        mem_free(w);
    }
    if (s->context) {
        llama_batch_free(s->batch);
        llama_free(s->context);
    }
    llama_candidates_destroy(s->candidates);
    if (s->model)
        llama_model_free(s->model);
    threads_destroy(s->threads);
    mem_free(s);
}

const struct host_driver driver_llama = {
    .name = "llm_llama",
    .summary = "a GGUF model through llama.cpp; the model is a file",
    .options = options,
    .reads = llama_reads,
    .open = llama_open,
    .describe = llama_describe,
    .generate = llama_generate,
    .cancel = llama_cancel,
    .tokenize = llama_tokens,
    .step = llama_step,
    .close = llama_end,
};
