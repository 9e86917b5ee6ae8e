/* quant_bench.c — would a quantised place between RAM and disk pay (docs/internals/stream.md)? The cells of streams of P tokens
 * are kept in q8_0 (blocks of 32 numbers: a scale and 32 bytes), brought back, and asked for what comes next.
 *   anima-quant-bench MODEL BACKENDS FOLDER P STREAMS CONTINUATIONS FILE...     FILE: text to read, one after the other
 * A line each; times are the least of ROUNDS and their median, in milliseconds:
 *   bytes EXACT QUANTISED
 *   out exact, quantised; back exact, quantised, from a file in the page cache, from one on the disk
 *   error over N tokens: max|dlogit|, KL (mean, largest), top-1 agreement: of the exact cells once more; of cells whose numbers
 *   lost their last bit, the least change there is; of cells that were quantised
 * "back" ends where the stream is seated. The error is that of the logits of text that goes on behind the stream: each
 * continuation is decoded once behind the exact cells, once behind those that were quantised. */
#include "base/clock.h"
#include "base/mem.h"
#include "host/kv_file.h"
#include "host/llama_batch.h"

#include <ggml-backend.h>
#include <llama.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define BLOCK 32
#define TAIL 8 /* tokens of a continuation */
#define MAX_PARTS 512
#define ROUNDS 15

/* Where the numbers lie in what llama_state_seq_get_data gives (kv_slice.h has the layout). */
struct part {
    size_t at, n; /* byte, F16 numbers */
};

struct block {
    float scale;
    int8_t q[BLOCK];
};

static struct llama_model *model;
static struct llama_context *context;
static struct llama_batch batch;
static int vocab;
static struct part parts[MAX_PARTS];
static size_t n_parts;

static double now_ms(void) { return (double)clock_mono_us() / 1000; }

static void die(const char *why)
{
    fprintf(stderr, "anima-quant-bench: %s\n", why);
    exit(1);
}

/* ---- q8_0 ---- */

#if defined(__x86_64__)
__attribute__((target("avx2,fma,f16c"))) static void quantise(const uint16_t *from, struct block *to, size_t n)
{
    for (size_t b = 0; b < n / BLOCK; b++, from += BLOCK) {
        __m256 v[4], most = _mm256_setzero_ps(), sign = _mm256_set1_ps(-0.0f);
        for (int i = 0; i < 4; i++) {
            v[i] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(from + 8 * i)));
            most = _mm256_max_ps(most, _mm256_andnot_ps(sign, v[i]));
        }
        float lanes[8], largest = 0;
        _mm256_storeu_ps(lanes, most);
        for (int i = 0; i < 8; i++)
            largest = lanes[i] > largest ? lanes[i] : largest;
        to[b].scale = largest / 127;
        __m256 by = _mm256_set1_ps(largest > 0 ? 127 / largest : 0);
        for (int i = 0; i < 4; i++) {
            __m256i x = _mm256_cvtps_epi32(_mm256_mul_ps(v[i], by));
            __m128i y = _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
            _mm_storel_epi64((__m128i *)(void *)(to[b].q + 8 * i), _mm_packs_epi16(y, y));
        }
    }
}

__attribute__((target("avx2,fma,f16c"))) static void restore(const struct block *from, uint16_t *to, size_t n)
{
    for (size_t b = 0; b < n / BLOCK; b++, to += BLOCK) {
        __m256 scale = _mm256_set1_ps(from[b].scale);
        for (int i = 0; i < 4; i++) {
            __m128i q = _mm_loadl_epi64((const __m128i *)(const void *)(from[b].q + 8 * i));
            __m256 v = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(q)), scale);
            _mm_storeu_si128((__m128i *)(void *)(to + 8 * i), _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
        }
    }
}
#else
static void quantise(const uint16_t *from, struct block *to, size_t n)
{
    for (size_t b = 0; b < n / BLOCK; b++, from += BLOCK) {
        float largest = 0;
        for (int i = 0; i < BLOCK; i++)
            largest = fmaxf(largest, fabsf(ggml_fp16_to_fp32(from[i])));
        to[b].scale = largest / 127;
        for (int i = 0; i < BLOCK; i++)
            to[b].q[i] = (int8_t)(largest > 0 ? lrintf(ggml_fp16_to_fp32(from[i]) * 127 / largest) : 0);
    }
}

static void restore(const struct block *from, uint16_t *to, size_t n)
{
    for (size_t b = 0; b < n / BLOCK; b++, to += BLOCK)
        for (int i = 0; i < BLOCK; i++)
            to[i] = ggml_fp32_to_fp16(from[b].scale * from[b].q[i]);
}
#endif

/* ---- the state's bytes ---- */

static void add_part(const unsigned char *data, size_t bytes, size_t *at, uint32_t cells)
{
    int32_t type;
    uint64_t row;
    memcpy(&type, data + *at, sizeof(type));
    memcpy(&row, data + *at + 4, sizeof(row));
    if (type != GGML_TYPE_F16 || row % (2 * BLOCK) || n_parts == MAX_PARTS || *at + 12 + row * cells > bytes)
        die("the state has another layout than kv_slice.h says");
    parts[n_parts++] = (struct part){ *at + 12, row / 2 * cells };
    *at += 12 + row * cells;
}

static void find_parts(const unsigned char *data, size_t bytes)
{
    uint32_t cells, layers;
    memcpy(&cells, data + 12, sizeof(cells));
    size_t at = 16 + (size_t)cells * 12 + 4;
    memcpy(&layers, data + at, sizeof(layers));
    at += 4;
    n_parts = 0;
    for (uint32_t i = 0; i < 2 * layers; i++)
        add_part(data, bytes, &at, cells);
    if (at != bytes)
        die("the state has another layout than kv_slice.h says");
}

static size_t quantised_bytes(size_t bytes)
{
    for (size_t i = 0; i < n_parts; i++)
        bytes -= parts[i].n * 2 - parts[i].n / BLOCK * sizeof(struct block);
    return bytes;
}

static void to_blocks(const unsigned char *data, struct block *q)
{
    for (size_t i = 0; i < n_parts; i++) {
        quantise((const uint16_t *)(const void *)(data + parts[i].at), q, parts[i].n);
        q += parts[i].n / BLOCK;
    }
}

/* The least that cells can be changed by: every number loses its last bit. */
static void drop_last_bit(unsigned char *data)
{
    for (size_t i = 0; i < n_parts; i++)
        for (size_t k = 0; k < parts[i].n; k++)
            data[parts[i].at + 2 * k] &= 0xFE;
}

static void from_blocks(const struct block *q, unsigned char *data)
{
    for (size_t i = 0; i < n_parts; i++) {
        restore(q, (uint16_t *)(void *)(data + parts[i].at), parts[i].n);
        q += parts[i].n / BLOCK;
    }
}

/* ---- the model ---- */

static void decode(const llama_token *tokens, int p0, int n, llama_seq_id id, bool all)
{
    for (int from = 0; from < n; from += 512) {
        batch.n_tokens = 0;
        for (int i = from; i < n && i < from + 512; i++)
            batch_put(&batch, tokens[i], p0 + i, id, all || i + 1 == n);
        if (llama_decode(context, batch))
            die("llama_decode failed");
    }
    llama_synchronize(context);
}

static void seat(const unsigned char *data, size_t bytes)
{
    llama_memory_seq_rm(llama_get_memory(context), 1, -1, -1);
    if (llama_state_seq_set_data(context, data, bytes, 1) == 0)
        die("the state is not taken back");
}

/* Logits of a continuation behind what is seated; then it is taken back. */
static void ask(const llama_token *tail, int p0, float *logits)
{
    decode(tail, p0, TAIL, 1, true);
    for (int i = 0; i < TAIL; i++)
        memcpy(logits + (size_t)i * (size_t)vocab, llama_get_logits_ith(context, i), (size_t)vocab * sizeof(float));
    llama_memory_seq_rm(llama_get_memory(context), 1, p0, -1);
}

/* ---- the error ---- */

struct error {
    double largest, kl, kl_largest;
    long same, n;
};

static int best_of(const float *l)
{
    int best = 0;
    for (int i = 1; i < vocab; i++)
        best = l[i] > l[best] ? i : best;
    return best;
}

static double log_sum(const float *l)
{
    double most = l[best_of(l)], sum = 0;
    for (int i = 0; i < vocab; i++)
        sum += exp(l[i] - most);
    return most + log(sum);
}

static void compare(const float *exact, const float *other, struct error *e)
{
    for (int t = 0; t < TAIL; t++, exact += vocab, other += vocab) {
        double a = log_sum(exact), b = log_sum(other), kl = 0;
        for (int i = 0; i < vocab; i++) {
            e->largest = fmax(e->largest, fabs((double)exact[i] - other[i]));
            kl += exp(exact[i] - a) * ((exact[i] - a) - (other[i] - b));
        }
        e->kl += kl;
        e->kl_largest = fmax(e->kl_largest, kl);
        e->same += best_of(exact) == best_of(other);
        e->n++;
    }
}

static void say_error(const char *what, const struct error *e)
{
    printf("%-10s max|dlogit| %.4f   KL %.2e (largest %.2e)   top-1 %.2f %% of %ld\n", what, e->largest,
           e->kl / (double)e->n, e->kl_largest, 100.0 * (double)e->same / (double)e->n, e->n);
}

/* ---- time ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void say_times(const char *what, double *ms)
{
    qsort(ms, ROUNDS, sizeof(*ms), by_size);
    printf("%-25s %.2f (%.2f) ms\n", what, ms[0], ms[ROUNDS / 2]);
}

static void forget_pages(const char *folder)
{
    char command[700];
    snprintf(command, sizeof(command),
             "for f in '%s'/*.kv; do dd of=\"$f\" oflag=nocache conv=notrunc,fdatasync count=0 2>/dev/null; done",
             folder);
    if (system(command))
        die("the page cache cannot be emptied");
}

static double from_disk(const struct kv_folder *f, const struct kv_piece *piece)
{
    void *block;
    size_t bytes;
    double began = now_ms();
    if (kv_piece_read(f, piece, 0, &block, &bytes, NULL))
        die("the file cannot be read");
    seat(block, bytes);
    began = now_ms() - began;
    mem_free(block);
    return began;
}

static void times(const unsigned char *data, size_t bytes, llama_token *tokens, int p, const char *folder)
{
    double out[ROUNDS], out_q[ROUNDS], back[ROUNDS], back_q[ROUNDS], warm[ROUNDS], cold[ROUNDS];
    struct kv_folder f;
    struct kv_piece piece = { .stream = "quant",
                              .serial = 1,
                              .p0 = 0,
                              .p1 = p,
                              .before = kv_tokens_hash(tokens, 0),
                              .tokens = tokens,
                              .bytes = bytes };
    if (kv_folder_open(folder, 9, &f, NULL) || kv_piece_write(&f, &piece, data, NULL))
        die("the folder cannot be written");
    unsigned char *copy = malloc(bytes);
    struct block *q = malloc(bytes);
    memset(copy, 1, bytes);
    memset(q, 1, bytes);
    for (int i = 0; i < ROUNDS; i++) {
        double t = now_ms();
        llama_state_seq_get_data(context, copy, bytes, 0);
        out[i] = now_ms() - t;
        t = now_ms();
        to_blocks(copy, q);
        out_q[i] = out[i] + now_ms() - t;
        t = now_ms();
        seat(data, bytes);
        back[i] = now_ms() - t;
        t = now_ms();
        from_blocks(q, copy);
        seat(copy, bytes);
        back_q[i] = now_ms() - t;
        from_disk(&f, &piece);
        warm[i] = from_disk(&f, &piece);
        forget_pages(folder);
        cold[i] = from_disk(&f, &piece);
    }
    say_times("out exact", out);
    say_times("out quantised", out_q);
    say_times("back exact", back);
    say_times("back quantised", back_q);
    say_times("back from the page cache", warm);
    say_times("back from the disk", cold);
    kv_piece_remove(&f, "quant", 1);
    kv_folder_close(&f);
    free(copy);
    free(q);
}

/* ---- the whole ---- */

static llama_token *read_text(char **files, int n_files, int *n)
{
    size_t size = 0;
    char *text = NULL;
    for (int i = 0; i < n_files; i++) {
        FILE *f = fopen(files[i], "r");
        if (!f || !(text = realloc(text, size + (1u << 20))))
            die("a text cannot be read");
        size += fread(text + size, 1, (1u << 20) - 1, f);
        fclose(f);
    }
    llama_token *tokens = malloc((size + 16) * sizeof(*tokens));
    *n = llama_tokenize(llama_model_get_vocab(model), text, (int32_t)size, tokens, (int32_t)size + 16, false, false);
    free(text);
    return tokens;
}

static void open_model(const char *path, const char *backends, int cells)
{
    ggml_backend_load_all_from_path(backends);
    model = llama_model_load_from_file(path, llama_model_default_params());
    struct llama_context_params cp = llama_context_default_params();
    cp.n_ctx = (uint32_t)cells;
    cp.n_batch = cp.n_ubatch = 512;
    cp.n_seq_max = 2;
    cp.kv_unified = true;
    cp.n_threads = cp.n_threads_batch = 1; /* the same on a busy machine */
    cp.no_perf = true;
    context = model ? llama_init_from_model(model, cp) : NULL;
    if (!context)
        die("the model cannot be loaded");
    vocab = llama_vocab_n_tokens(llama_model_get_vocab(model));
    batch = llama_batch_init(512, 0, 1);
}

struct result {
    struct error again, last_bit, quantised;
};

static void one_stream(const llama_token *text, int n_text, int p, int tails, struct result *r, float *exact,
                       float *other)
{
    size_t bytes = llama_state_seq_get_size(context, 0);
    unsigned char *data = malloc(bytes), *copy = malloc(bytes), *last = malloc(bytes);
    struct block *q = malloc(bytes);
    llama_state_seq_get_data(context, data, bytes, 0);
    find_parts(data, bytes);
    to_blocks(data, q);
    memcpy(copy, data, bytes);
    from_blocks(q, copy);
    memcpy(last, data, bytes);
    drop_last_bit(last);
    for (int i = 0; i < tails; i++) {
        /* What comes behind it, and text from elsewhere. */
        const llama_token *tail = text + (i ? (long)(i * 7919L) % (n_text - TAIL) : p);
        seat(data, bytes);
        ask(tail, p, exact);
        ask(tail, p, other);
        compare(exact, other, &r->again);
        seat(last, bytes);
        ask(tail, p, other);
        compare(exact, other, &r->last_bit);
        seat(copy, bytes);
        ask(tail, p, other);
        compare(exact, other, &r->quantised);
    }
    free(data);
    free(copy);
    free(last);
    free(q);
}

static void quiet(enum ggml_log_level level, const char *text, void *ctx)
{
    (void)ctx;
    if (level == GGML_LOG_LEVEL_ERROR)
        fputs(text, stderr);
}

int main(int argc, char **argv)
{
    int p = argc > 7 ? atoi(argv[4]) : 0, streams = argc > 7 ? atoi(argv[5]) : 0, tails = argc > 7 ? atoi(argv[6]) : 0,
        n;
    if (p < 64 || streams < 1 || tails < 1)
        die("MODEL BACKENDS FOLDER P STREAMS CONTINUATIONS FILE...");
    llama_log_set(quiet, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    open_model(argv[1], argv[2], 2 * p + 2 * TAIL);
    llama_token *text = read_text(argv + 7, argc - 7, &n);
    if (n < streams * p + p + TAIL)
        die("the texts are too short");
    size_t row = TAIL * (size_t)vocab;
    float *exact = malloc(row * sizeof(*exact)), *other = malloc(row * sizeof(*other));
    struct result r = { 0 };
    for (int i = 0; i < streams; i++) {
        llama_memory_clear(llama_get_memory(context), false);
        decode(text + (size_t)i * (size_t)p, 0, p, 0, false);
        one_stream(text + (size_t)i * (size_t)p, n - i * p, p, tails, &r, exact, other);
        if (i)
            continue;
        size_t bytes = llama_state_seq_get_size(context, 0);
        unsigned char *data = malloc(bytes);
        llama_state_seq_get_data(context, data, bytes, 0);
        printf("bytes      exact %zu, quantised %zu\n", bytes, quantised_bytes(bytes));
        times(data, bytes, text, p, argv[3]);
        free(data);
    }
    say_error("again", &r.again);
    say_error("last bit", &r.last_bit);
    say_error("quantised", &r.quantised);
    free(exact);
    free(other);
    free(text);
    llama_batch_free(batch);
    llama_free(context);
    llama_model_free(model);
    return 0;
}
