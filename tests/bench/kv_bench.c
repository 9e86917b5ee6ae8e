/* kv_bench.c — what `anima bench kv` measures, in a process that has libllama: the engine's own kv.c and llama_tasks.c beside
 * bare calls.   anima-kv-bench MODEL BACKENDS FOLDER; a command a line on stdin, an answer a line on stdout:
 *   swap P N        prefill_ms bytes (save_ms restore_ms memcpy_ms) x N     a stream of P tokens, out to RAM and back
 *   disk P N        prefill_ms (restore_ms read_ms) x N                     back from a file that is in no cache; reading it alone
 *   delta P T N     whole_bytes (saved_bytes) x N                           saving a turn of T tokens behind P
 *   exact P T       max|dlogit|                                             after a restore, against one that stayed
 *   many S P N MB   seconds moved_s evicted written_bytes saved_bytes       S streams of P tokens take N turns, 16 in, 16 out
 *   overhead S T    ours_ms bare_ms                                         a step of S speakers, the median of T; in turn
 *   partial W N     (without_ms with_ms) x N                                first token, W words typed before the end
 *   lora S R N      (ours_ms switching_ms bare_ms hooked_ms) x N            a token each of S streams with S adapters of rank R:
 *                   in one batch, one by one through llama_set_adapters_lora, and without adapters, with and without the hook
 *   hour P T S      prefill_ms resume_ms read_ms alone_ms together_ms       a stream of P tokens: read, out and back, 100 more read;
 *                   a token of it, and of S such streams in one batch
 *   busy T          adaptive_tokens_per_s fixed_tokens_per_s                two processes spin beside */
#include "base/clock.h"
#include "host/llama_batch.h"
#include "host/kv.h"
#include "host/llama_tasks.h"

#include "kv_bench.h"
#include "lora_bench.h"

#include <fcntl.h>
#include <ggml-backend.h>
#include <glob.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEATS 16

struct kv_bench bench;

/* ---- pieces ---- */

double now_ms(void) { return (double)clock_mono_us() / 1000; }

void open_context(int cells, int sequences)
{
    struct llama_context_params cp = llama_context_default_params();
    cp.n_ctx = (uint32_t)cells;
    cp.n_batch = cp.n_ubatch = TASKS_BATCH;
    cp.n_seq_max = (uint32_t)sequences;
    cp.kv_unified = true;
    cp.n_threads = cp.n_threads_batch = bench.n_threads;
    cp.no_perf = true;
    bench.context = llama_init_from_model(bench.model, cp);
    if (!bench.context)
        exit(1);
}

struct kv *open_kv(const char *where, int cells, int seats, size_t ram)
{
    struct kv *kv;
    const struct kv_config config = { where, 7, cells, seats, ram, 64ull << 30 };
    open_context(cells, seats + 1);
    if (kv_create(bench.context, bench.model, &config, &kv, NULL))
        exit(1);
    return kv;
}

void close_kv(struct kv *kv)
{
    kv_destroy(kv);
    llama_free(bench.context);
}

static void clean(void)
{
    char command[600];
    snprintf(command, sizeof(command), "rm -f '%s'/*.kv", bench.folder);
    if (system(command))
        exit(1);
}

/* Ordinary tokens; which ones does not matter for the cost. */
llama_token *tokens_of(int n, int who)
{
    llama_token *t = malloc((size_t)n * sizeof(*t));
    for (int i = 0; i < n; i++)
        t[i] = (llama_token)(1000 + ((unsigned)i * 7919u + (unsigned)who * 104729u) % (unsigned)(bench.vocab - 2000));
    return t;
}

/* Reads what s lacks of the wanted tokens; the logits of the last. */
const float *feed(struct kv *kv, struct kv_stream *s, const llama_token *want, int n, int room)
{
    if (kv_seat(kv, s, 0, want, n, room, NULL))
        exit(1);
    while (s->n < n) {
        int p0 = s->n;
        bench.batch.n_tokens = 0;
        for (int p = p0; p < n && bench.batch.n_tokens < TASKS_BATCH; p++)
            batch_put(&bench.batch, want[p], p, kv_seat_id(s), p + 1 == n);
        if (llama_decode(bench.context, bench.batch))
            exit(1);
        for (int i = 0; i < bench.batch.n_tokens; i++)
            kv_grew(s, want[p0 + i]);
    }
    llama_synchronize(bench.context);
    kv_rest(kv, s);
    return llama_get_logits_ith(bench.context, -1);
}

static llama_token best(const float *logits)
{
    llama_token t = 0;
    for (int i = 1; i < bench.vocab; i++)
        t = logits[i] > logits[t] ? i : t;
    return t;
}

/* ---- commands ---- */

static void swap(int p, int n)
{
    struct kv *kv = open_kv("", MAX_CELLS, SEATS, 8ull << 30);
    struct kv_stream *s = kv_stream(kv, "swap");
    llama_token *want = tokens_of(p + 1, 1);
    double began = now_ms();
    feed(kv, s, want, p, p);
    double prefill = now_ms() - began;
    size_t bytes = llama_state_seq_get_size(bench.context, kv_seat_id(s));
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
        llama_state_seq_get_data(bench.context, (uint8_t *)b, bytes, kv_seat_id(s));
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
             bench.folder);
    if (system(command))
        fputs("the page cache may still hold the files\n", stderr);
}

/* What reading the file takes that holds the stream, and nothing else; the milliseconds. */
static double plain_read(char *into, size_t size)
{
    glob_t found;
    char pattern[600];
    snprintf(pattern, sizeof(pattern), "%s/*.kv", bench.folder);
    if (glob(pattern, 0, NULL, &found) || found.gl_pathc != 1)
        exit(1);
    forget_pages();
    double began = now_ms();
    int fd = open(found.gl_pathv[0], O_RDONLY | O_CLOEXEC);
    posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED);
    for (ssize_t got, at = 0; (got = read(fd, into + at, size - (size_t)at)) > 0; at += got)
        continue;
    double took = now_ms() - began;
    close(fd);
    globfree(&found);
    return took;
}

static void disk(int p, int n)
{
    clean();
    struct kv *kv = open_kv(bench.folder, MAX_CELLS, SEATS,
                            0); /* no RAM: every stream that leaves its seat goes to the disk */
    struct kv_stream *s = kv_stream(kv, "disk");
    llama_token *want = tokens_of(p + 1, 1);
    double began = now_ms();
    feed(kv, s, want, p, p);
    printf("%.3f", now_ms() - began);
    size_t size = llama_state_seq_get_size(bench.context, kv_seat_id(s)) + (1u << 20); /* head and tokens */
    char *into = malloc(size);
    memset(into, 1, size);
    for (int i = 0; i < n; i++) {
        kv_unseat(kv, s, NULL);
        double plain = plain_read(into, size);
        forget_pages();
        began = now_ms();
        if (kv_seat(kv, s, 0, want, p + 1, p + 1, NULL) || s->n != p)
            exit(1);
        printf(" %.3f %.3f", now_ms() - began, plain);
        kv_rest(kv, s);
    }
    puts("");
    free(into);
    free(want);
    close_kv(kv);
    clean();
}

static void delta(int p, int turn, int n)
{
    clean();
    struct kv *kv = open_kv(bench.folder, MAX_CELLS, SEATS, 8ull << 30);
    struct kv_stream *s = kv_stream(kv, "delta");
    struct kv_stats before, after;
    llama_token *want = tokens_of(p + (n + 1) * turn, 1);
    feed(kv, s, want, p, p);
    printf("%zu", llama_state_seq_get_size(bench.context, kv_seat_id(s)));
    while (kv_idle(kv, 0))
        continue;
    for (int i = 1; i <= n; i++) {
        feed(kv, s, want, p + i * turn, p + i * turn);
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
    float *logits = malloc(4 * (size_t)bench.vocab * sizeof(float));
    double most = 0;
    for (int leaves = 0; leaves < 2; leaves++) {
        struct kv *kv = open_kv("", MAX_CELLS, SEATS, 8ull << 30);
        struct kv_stream *s = kv_stream(kv, "exact");
        for (int i = 0; i < 4; i++) {
            const float *l = feed(kv, s, want, p + i * turn, p + i * turn);
            for (int k = 0; k < bench.vocab; k++) {
                if (leaves)
                    most = fmax(most, fabs((double)logits[i * bench.vocab + k] - (double)l[k]));
                else
                    logits[i * bench.vocab + k] = l[k];
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
    struct kv *kv = open_kv("", MAX_CELLS, SEATS, 1u << 30);
    struct kv_stream *s = kv_stream(kv, "first");
    llama_token *want = tokens_of(p, 0);
    struct kv_folder out;
    feed(kv, s, want, p, p);
    size_t bytes = llama_state_seq_get_size(bench.context, kv_seat_id(s));
    uint8_t *data = malloc(bytes);
    llama_state_seq_get_data(bench.context, data, bytes, kv_seat_id(s));
    if (kv_folder_open(bench.folder, 7, &out, NULL))
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
    struct kv *kv = open_kv(bench.folder, 4096, SEATS, (size_t)megabytes << 20);
    struct kv_stats before, after;
    char name[32];
    unsigned random = 1;
    llama_token **want = calloc((size_t)(unsigned)streams, sizeof(*want));
    int *grown = calloc((size_t)(unsigned)streams, sizeof(*grown));
    for (int i = 0; i < streams; i++) { /* everybody once: RAM is as full as it will be */
        snprintf(name, sizeof(name), "many%d", i);
        want[i] = tokens_of(p + 33 * 64, i + 1);
        feed(kv, kv_stream(kv, name), want[i], p + 1, p + 1);
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
        const float *logits = feed(kv, s, want[who], k, k);
        for (int i = 0; i < 16; i++) {
            want[who][k] = best(logits);
            k++;
            logits = feed(kv, s, want[who], k, k);
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
    bench.folder = argv[3];
    cpu_set_t cpus; /* taskset can take some away */
    bench.n_threads = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
    bench.model = llama_model_load_from_file(argv[1], llama_model_default_params());
    if (!bench.model)
        return 1;
    bench.vocab = llama_vocab_n_tokens(llama_model_get_vocab(bench.model));
    bench.batch = llama_batch_init(TASKS_BATCH, 0, 1);
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
        else if (sscanf(line, "hour %d %d %d", &a, &b, &c) == 3)
            hour(a, b, c);
        else if (sscanf(line, "busy %d", &a) == 1)
            busy(a);
        else if (sscanf(line, "lora %d %d %d", &a, &b, &c) == 3)
            lora_bench(&(struct lora_bench){ bench.model, argv[1], bench.folder, bench.n_threads, a, b, c });
        else
            return 2;
        fflush(stdout);
    }
    llama_batch_free(bench.batch);
    llama_model_free(bench.model);
    return 0;
}
