/* kv_bench.c — what `anima bench kv` measures, in a process that has libllama: the engine's own kv.c and llama_tasks.c beside
 * bare calls.   anima-kv-bench MODEL BACKENDS FOLDER; a command a line on stdin, an answer a line on stdout:
 *   swap P N        prefill_ms bytes (save_ms restore_ms memcpy_ms) x N     a stream of P tokens, out to RAM and back
 *   disk P N        prefill_ms (restore_ms) x N                             back from a file that is in no cache
 *   delta P T N     whole_bytes (saved_bytes) x N                           saving a turn of T tokens behind P
 *   exact P T       max|dlogit|                                             after a restore, against one that stayed
 *   many S P N MB   seconds moved_s evicted written_bytes saved_bytes       S streams of P tokens take N turns, 16 in, 16 out
 *   overhead S T    ours_ms bare_ms                                         S speakers, T tokens each
 *   partial W N     (without_ms with_ms) x N                                first token, W words typed before the end
 *   lora S R N      (ours_ms switching_ms bare_ms hooked_ms) x N            a token each of S streams with S adapters of rank R:
 *                   in one batch, one by one through llama_set_adapters_lora, and without adapters, with and without the hook
 *   busy T          adaptive_tokens_per_s fixed_tokens_per_s                two processes spin beside */
#include "base/clock.h"
#include "base/mem.h"
#include "host/driver.h"
#include "host/llama_batch.h"
#include "host/kv.h"
#include "host/llama_tasks.h"
#include "host/llama_threads.h"

#include "lora_bench.h"

#include <fcntl.h>
#include <ggml-backend.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_CELLS 9000

static struct llama_model *model;
static struct llama_context *context;
static struct llama_batch batch;
static int vocab, n_threads;
static const char *folder;

/* ---- the engine's way out, which a bench does not need ---- */

static int64_t started_us;
static int n_done, n_said;

void host_loading(struct host *h, double progress)
{
    (void)h;
    (void)progress;
}
void host_started(struct host *h, int64_t id, const struct host_count *count)
{
    (void)h;
    (void)id;
    (void)count;
    started_us = clock_mono_us();
}
void host_words(struct host *h, int64_t id, const char *text, size_t n, int tokens, const struct buf *logprobs)
{
    (void)h;
    (void)id;
    (void)text;
    (void)n;
    (void)logprobs;
    n_said += tokens;
}
void host_done(struct host *h, int64_t id, const char *finish, const struct host_count *count)
{
    (void)h;
    (void)id;
    (void)finish;
    (void)count;
    n_done++;
}
void host_scores(struct host *h, int64_t id, const struct buf *scores, const struct host_count *count)
{
    (void)scores;
    host_done(h, id, "stop", count);
}
void host_snapshot(struct host *h, int64_t id, const struct buf *state)
{
    (void)h;
    (void)id;
    (void)state;
}
void host_fail(struct host *h, int64_t id, int code, const char *message)
{
    (void)h;
    fprintf(stderr, "request %lld failed: %d %s\n", (long long)id, code, message);
    exit(1);
}

/* ---- pieces ---- */

static double now_ms(void) { return (double)clock_mono_us() / 1000; }

static void open_context(int cells, int sequences)
{
    struct llama_context_params cp = llama_context_default_params();
    cp.n_ctx = (uint32_t)cells;
    cp.n_batch = cp.n_ubatch = TASKS_BATCH;
    cp.n_seq_max = (uint32_t)sequences;
    cp.kv_unified = true;
    cp.n_threads = cp.n_threads_batch = n_threads;
    cp.no_perf = true;
    context = llama_init_from_model(model, cp);
    if (!context)
        exit(1);
}

static struct kv *open_kv(const char *where, int cells, size_t ram)
{
    struct kv *kv;
    const struct kv_config config = { where, 7, cells, 16, ram, 64ull << 30 };
    open_context(cells, 17);
    if (kv_create(context, model, &config, &kv, NULL))
        exit(1);
    return kv;
}

static void close_kv(struct kv *kv)
{
    kv_destroy(kv);
    llama_free(context);
}

static void clean(void)
{
    char command[600];
    snprintf(command, sizeof(command), "rm -f '%s'/*.kv", folder);
    if (system(command))
        exit(1);
}

/* Ordinary tokens; which ones does not matter for the cost. */
static llama_token *tokens_of(int n, int who)
{
    llama_token *t = malloc((size_t)n * sizeof(*t));
    for (int i = 0; i < n; i++)
        t[i] = (llama_token)(1000 + ((unsigned)i * 7919u + (unsigned)who * 104729u) % (unsigned)(vocab - 2000));
    return t;
}

/* Reads what s lacks of the wanted tokens; the logits of the last. */
static const float *feed(struct kv *kv, struct kv_stream *s, const llama_token *want, int n)
{
    if (kv_seat(kv, s, 0, want, n, n, NULL))
        exit(1);
    while (s->n < n) {
        int p0 = s->n;
        batch.n_tokens = 0;
        for (int p = p0; p < n && batch.n_tokens < TASKS_BATCH; p++)
            batch_put(&batch, want[p], p, kv_seat_id(s), p + 1 == n);
        if (llama_decode(context, batch))
            exit(1);
        for (int i = 0; i < batch.n_tokens; i++)
            kv_grew(s, want[p0 + i]);
    }
    llama_synchronize(context);
    kv_rest(kv, s);
    return llama_get_logits_ith(context, -1);
}

static llama_token best(const float *logits)
{
    llama_token t = 0;
    for (int i = 1; i < vocab; i++)
        t = logits[i] > logits[t] ? i : t;
    return t;
}

/* ---- commands ---- */

static void swap(int p, int n)
{
    struct kv *kv = open_kv("", MAX_CELLS, 8ull << 30);
    struct kv_stream *s = kv_stream(kv, "swap");
    llama_token *want = tokens_of(p + 1, 1);
    double began = now_ms();
    feed(kv, s, want, p);
    double prefill = now_ms() - began;
    size_t bytes = llama_state_seq_get_size(context, kv_seat_id(s));
    char *a = malloc(bytes), *b = malloc(bytes), *c = malloc(bytes);
    memset(a, 1, bytes);
    memset(b, 1, bytes);
    memset(c, 1, bytes);
    printf("%.3f %zu", prefill, bytes);
    for (int i = 0; i < n; i++) {
        began = now_ms();
        memcpy(b, a, bytes);
        memcpy(c, b, bytes);
        double copied = now_ms() - began;
        /* All of it, as the first save of a stream does; later ones copy what is new. */
        began = now_ms();
        llama_state_seq_get_data(context, (uint8_t *)b, bytes, kv_seat_id(s));
        kv_unseat(kv, s, NULL);
        double saved = now_ms() - began;
        began = now_ms();
        if (kv_seat(kv, s, 0, want, p + 1, p + 1, NULL) || s->n != p)
            exit(1);
        printf(" %.3f %.3f %.3f", saved, now_ms() - began, copied);
        kv_rest(kv, s);
    }
    puts("");
    free(a);
    free(b);
    free(c);
    free(want);
    close_kv(kv);
}

static void forget_pages(void)
{
    char command[700];
    snprintf(command, sizeof(command),
             "for f in '%s'/*.kv; do sync \"$f\"; dd of=\"$f\" oflag=nocache conv=notrunc,fdatasync count=0 "
             "2>/dev/null; done",
             folder);
    if (system(command))
        fputs("the page cache may still hold the files\n", stderr);
}

static void disk(int p, int n)
{
    clean();
    struct kv *kv = open_kv(folder, MAX_CELLS, 0); /* no RAM: every stream that leaves its seat goes to the disk */
    struct kv_stream *s = kv_stream(kv, "disk");
    llama_token *want = tokens_of(p + 1, 1);
    double began = now_ms();
    feed(kv, s, want, p);
    printf("%.3f", now_ms() - began);
    for (int i = 0; i < n; i++) {
        kv_unseat(kv, s, NULL);
        forget_pages();
        began = now_ms();
        if (kv_seat(kv, s, 0, want, p + 1, p + 1, NULL) || s->n != p)
            exit(1);
        printf(" %.3f", now_ms() - began);
        kv_rest(kv, s);
    }
    puts("");
    free(want);
    close_kv(kv);
    clean();
}

static void delta(int p, int turn, int n)
{
    clean();
    struct kv *kv = open_kv(folder, MAX_CELLS, 8ull << 30);
    struct kv_stream *s = kv_stream(kv, "delta");
    struct kv_stats before, after;
    llama_token *want = tokens_of(p + (n + 1) * turn, 1);
    feed(kv, s, want, p);
    printf("%zu", llama_state_seq_get_size(context, kv_seat_id(s)));
    while (kv_idle(kv, 0))
        continue;
    for (int i = 1; i <= n; i++) {
        feed(kv, s, want, p + i * turn);
        kv_statistics(kv, &before);
        while (kv_idle(kv, 0))
            continue;
        kv_statistics(kv, &after);
        printf(" %llu", (unsigned long long)(after.written_bytes - before.written_bytes));
    }
    puts("");
    free(want);
    close_kv(kv);
    clean();
}

static void exact(int p, int turn)
{
    llama_token *want = tokens_of(p + 4 * turn, 1);
    float *logits = malloc(4 * (size_t)vocab * sizeof(float));
    double most = 0;
    for (int leaves = 0; leaves < 2; leaves++) {
        struct kv *kv = open_kv("", MAX_CELLS, 8ull << 30);
        struct kv_stream *s = kv_stream(kv, "exact");
        for (int i = 0; i < 4; i++) {
            const float *l = feed(kv, s, want, p + i * turn);
            for (int k = 0; k < vocab; k++) {
                if (leaves)
                    most = fmax(most, fabs((double)logits[i * vocab + k] - (double)l[k]));
                else
                    logits[i * vocab + k] = l[k];
            }
            if (leaves)
                kv_unseat(kv, s, NULL);
        }
        close_kv(kv);
    }
    printf("%g\n", most);
    free(logits);
    free(want);
}

/* The streams' caches are one computed cache under many names: each is a copy of its own. */
static void make_streams(int streams, int p)
{
    struct kv *kv = open_kv("", MAX_CELLS, 1u << 30);
    struct kv_stream *s = kv_stream(kv, "first");
    llama_token *want = tokens_of(p, 0);
    struct kv_folder out;
    feed(kv, s, want, p);
    size_t bytes = llama_state_seq_get_size(context, kv_seat_id(s));
    uint8_t *data = malloc(bytes);
    llama_state_seq_get_data(context, data, bytes, kv_seat_id(s));
    if (kv_folder_open(folder, 7, &out, NULL))
        exit(1);
    for (int i = 0; i < streams; i++) {
        llama_token *t = tokens_of(p, i + 1);
        struct kv_piece piece = {
            .serial = 1, .p0 = 0, .p1 = p, .before = kv_tokens_hash(t, 0), .tokens = t, .bytes = bytes
        };
        snprintf(piece.stream, sizeof(piece.stream), "many%d", i);
        if (kv_piece_write(&out, &piece, data, NULL))
            exit(1);
        free(t);
    }
    kv_folder_close(&out);
    free(data);
    free(want);
    close_kv(kv);
}

static void many(int streams, int p, int n, int megabytes)
{
    if (streams < 1)
        return;
    clean();
    make_streams(streams, p);
    struct kv *kv = open_kv(folder, 4096, (size_t)megabytes << 20);
    struct kv_stats before, after;
    char name[32];
    unsigned random = 1;
    llama_token **want = calloc((size_t)(unsigned)streams, sizeof(*want));
    int *grown = calloc((size_t)(unsigned)streams, sizeof(*grown));
    for (int i = 0; i < streams; i++) { /* everybody once: RAM is as full as it will be */
        snprintf(name, sizeof(name), "many%d", i);
        want[i] = tokens_of(p + 33 * 64, i + 1);
        feed(kv, kv_stream(kv, name), want[i], p + 1);
        grown[i] = p + 1;
    }
    kv_statistics(kv, &before);
    double began = now_ms();
    for (int turn = 0; turn < n; turn++) {
        random = random * 1664525u + 1013904223u;
        int who = (int)(random >> 8) % streams, k = grown[who] + 16;
        if (k + 16 > p + 33 * 64)
            continue;
        snprintf(name, sizeof(name), "many%d", who);
        struct kv_stream *s = kv_stream(kv, name);
        const float *logits = feed(kv, s, want[who], k);
        for (int i = 0; i < 16; i++) {
            want[who][k] = best(logits);
            logits = feed(kv, s, want[who], ++k);
        }
        grown[who] = k;
        kv_idle(kv, 0);
    }
    double seconds = (now_ms() - began) / 1000;
    kv_statistics(kv, &after);
    printf("%.3f %.3f %llu %llu %llu\n", seconds, (double)(after.moved_us - before.moved_us) / 1e6,
           (unsigned long long)(after.evicted - before.evicted),
           (unsigned long long)(after.written_bytes - before.written_bytes),
           (unsigned long long)(after.saved_bytes - before.saved_bytes));
    for (int i = 0; i < streams; i++)
        free(want[i]);
    free(want);
    free(grown);
    close_kv(kv);
    clean();
}

/* ---- through the scheduler ---- */

static struct request *ask(const char *stream, const char *text, int new, bool read)
{
    struct buf b;
    struct jw w;
    struct request *r;
    static int64_t id;
    buf_init(&b, 1u << 20);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_str(&w, "type", read ? "read" : "generate");
    jw_int(&w, "id", ++id);
    jw_str(&w, "stream", stream);
    jw_bool(&w, "open", read);
    jw_arr(&w, "messages");
    jw_obj(&w, NULL);
    jw_str(&w, "role", "user");
    jw_str(&w, "content", text);
    jw_end_obj(&w);
    jw_end_arr(&w);
    jw_obj(&w, "sampling");
    jw_int(&w, "max_tokens", new);
    jw_int(&w, "seed", 1);
    jw_num(&w, "temperature", 0.7);
    jw_end_obj(&w);
    jw_str(&w, "grammar", read ? "" : "root ::= [^\\x00]*"); /* no end before max_tokens */
    jw_end_obj(&w);
    if (request_parse(b.data, b.len, &r, NULL))
        exit(1);
    buf_finish(&b);
    return r;
}

struct world {
    struct kv *kv;
    struct threads *threads;
    struct tasks *tasks;
};

static void open_world(struct world *w, int speakers, int threads, const char *where)
{
    w->kv = open_kv(where, MAX_CELLS, 1u << 30);
    w->threads = threads_create(threads);
    const struct tasks_config config = { NULL, model, context, w->kv, w->threads, NULL, 2048, speakers };
    if (tasks_create(&config, &w->tasks, NULL))
        exit(1);
}

static void close_world(struct world *w)
{
    tasks_destroy(w->tasks);
    threads_destroy(w->threads);
    close_kv(w->kv);
}

static void run(struct world *w, int done)
{
    n_done = 0;
    while (n_done < done)
        tasks_step(w->tasks);
}

/* The same tokens by a loop that does nothing else: one batch a step, one sampler chain each. */
static double bare(int streams, int turn)
{
    open_context(MAX_CELLS, 17);
    struct llama_sampler *chains[16];
    llama_token next[16];
    for (int s = 0; s < streams; s++) {
        chains[s] = llama_sampler_chain_init(llama_sampler_chain_default_params());
        llama_sampler_chain_add(chains[s], llama_sampler_init_top_k(40));
        llama_sampler_chain_add(chains[s], llama_sampler_init_top_p(0.9f, 1));
        llama_sampler_chain_add(chains[s], llama_sampler_init_min_p(0.05f, 1));
        llama_sampler_chain_add(chains[s], llama_sampler_init_temp(0.7f));
        llama_sampler_chain_add(chains[s], llama_sampler_init_dist(1));
        next[s] = 1000 + s;
    }
    double began = 0;
    for (int t = 0; t <= turn; t++) {
        if (t == 1)
            began = now_ms(); /* as the others: behind the first token */
        batch.n_tokens = 0;
        for (int s = 0; s < streams; s++)
            batch_put(&batch, next[s], t, s, true);
        if (llama_decode(context, batch))
            exit(1);
        for (int s = 0; s < streams; s++)
            next[s] = llama_sampler_sample(chains[s], context, s);
    }
    double took = now_ms() - began;
    for (int s = 0; s < streams; s++)
        llama_sampler_free(chains[s]);
    llama_free(context);
    return took;
}

static void overhead(int streams, int turn)
{
    struct world w;
    char name[32];
    open_world(&w, streams, n_threads, "");
    for (int s = 0; s < streams; s++) {
        snprintf(name, sizeof(name), "o%d", s);
        tasks_add(w.tasks, ask(name, "a", turn + 1, false), NULL);
    }
    started_us = 0;
    n_done = n_said = 0;
    while (!started_us)
        tasks_step(w.tasks);
    double began = now_ms();
    run(&w, streams);
    double ours = now_ms() - began;
    close_world(&w);
    printf("%.3f %.3f\n", ours, bare(streams, turn));
}

static void partial(int words, int n)
{
    struct world w;
    char text[8192] = "";
    for (int i = 0; i < n; i++) {
        double took[2];
        for (int with = 0; with < 2; with++) {
            open_world(&w, 1, n_threads, "");
            text[0] = '\0';
            for (int k = 0; k < words; k++)
                snprintf(text + strlen(text), sizeof(text) - strlen(text), "%sword%d", k ? " " : "", k * 37 % 100);
            run(&w, 0);
            if (with) {
                tasks_add(w.tasks, ask("p", text, 0, true), NULL);
                run(&w, 1);
            }
            strcat(text, " and that?");
            started_us = 0;
            double began = now_ms();
            tasks_add(w.tasks, ask("p", text, 1, false), NULL);
            run(&w, 1);
            took[with] = (double)started_us / 1000 - began;
            close_world(&w);
        }
        printf("%s%.3f %.3f", i ? " " : "", took[0], took[1]);
    }
    puts("");
}

static double speed(int threads, int turn)
{
    struct world w;
    open_world(&w, 1, threads, "");
    tasks_add(w.tasks, ask("b", "a", 8, false), NULL); /* looks at the machine */
    run(&w, 1);
    int64_t until = clock_mono_us() + 1200000;
    while (clock_mono_us() < until)
        usleep(10000);
    double began = now_ms();
    tasks_add(w.tasks, ask("b", "a", turn, false), NULL);
    run(&w, 1);
    double took = now_ms() - began;
    close_world(&w);
    return turn * 1000 / took;
}

static void busy(int turn)
{
    pid_t spinning[2];
    for (int i = 0; i < 2; i++)
        if ((spinning[i] = fork()) == 0)
            for (volatile unsigned long k = 0;; k++)
                continue;
    usleep(300000);
    double adaptive = speed(0, turn), fixed = speed(2, turn);
    for (int i = 0; i < 2; i++) {
        kill(spinning[i], SIGKILL);
        waitpid(spinning[i], NULL, 0);
    }
    printf("%.3f %.3f\n", adaptive, fixed);
}

static void quiet(enum ggml_log_level level, const char *text, void *ctx)
{
    (void)ctx;
    if (level == GGML_LOG_LEVEL_ERROR)
        fputs(text, stderr);
}

int main(int argc, char **argv)
{
    char line[200];
    int a, b, c, d;
    if (argc != 4)
        return 2;
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(argv[2]);
    folder = argv[3];
    cpu_set_t cpus; /* taskset can take some away */
    n_threads = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
    model = llama_model_load_from_file(argv[1], llama_model_default_params());
    if (!model)
        return 1;
    vocab = llama_vocab_n_tokens(llama_model_get_vocab(model));
    batch = llama_batch_init(TASKS_BATCH, 0, 1);
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin)) {
        if (sscanf(line, "swap %d %d", &a, &b) == 2)
            swap(a, b);
        else if (sscanf(line, "disk %d %d", &a, &b) == 2)
            disk(a, b);
        else if (sscanf(line, "delta %d %d %d", &a, &b, &c) == 3)
            delta(a, b, c);
        else if (sscanf(line, "exact %d %d", &a, &b) == 2)
            exact(a, b);
        else if (sscanf(line, "many %d %d %d %d", &a, &b, &c, &d) == 4)
            many(a, b, c, d);
        else if (sscanf(line, "overhead %d %d", &a, &b) == 2)
            overhead(a, b);
        else if (sscanf(line, "partial %d %d", &a, &b) == 2)
            partial(a, b);
        else if (sscanf(line, "busy %d", &a) == 1)
            busy(a);
        else if (sscanf(line, "lora %d %d %d", &a, &b, &c) == 3)
            lora_bench(&(struct lora_bench){ model, argv[1], folder, n_threads, a, b, c });
        else
            return 2;
        fflush(stdout);
    }
    llama_batch_free(batch);
    llama_model_free(model);
    return 0;
}
