#include "train/matmul.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define PANEL 16
#define K_BLOCK 1024 /* AMX: inputs whose rows are rounded at a time */
#define ARCH_REQ_XCOMP_PERM 0x1023
#define XFEATURE_XTILEDATA 18

/* ---- which ---- */

static bool has_amx;

static bool ask_for_amx(void)
{
#if defined(__x86_64__)
    unsigned a = 7, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    bool bf16 = d >> 22 & 1, tile = d >> 24 & 1;
    return bf16 && tile && __builtin_cpu_supports("avx512bf16") &&
           syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
#else
    return false;
#endif
}

bool matmul_has(enum matmul_kind kind)
{
#if defined(__x86_64__)
    if (kind == MATMUL_AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (kind == MATMUL_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
    if (kind == MATMUL_AMX)
        return has_amx || (has_amx = ask_for_amx());
#endif
    return kind == MATMUL_PLAIN;
}

enum matmul_kind matmul_best(void)
{
    for (int kind = MATMUL_AMX; kind > MATMUL_PLAIN; kind--)
        if (matmul_has((enum matmul_kind)kind))
            return (enum matmul_kind)kind;
    return MATMUL_PLAIN;
}

const char *matmul_name(enum matmul_kind kind)
{
    static const char *const names[MATMUL_KINDS] = { "plain", "AVX2", "AVX-512", "AMX-BF16" };
    return names[kind];
}

/* ---- packing ---- */

size_t matmul_bytes(int in, int out) { return (size_t)in * (size_t)out * sizeof(uint16_t); }

static uint16_t to_bf16(float f)
{
    uint32_t u;
    memcpy(&u, &f, sizeof(u));
    return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

void matmul_pack(const float *w, int in, int out, bool across, uint16_t *packed)
{
    int k = across ? out : in, n = across ? in : out;
    for (int p = 0; p < n; p += PANEL)
        for (int i = 0; i < k; i += 2)
            for (int j = 0; j < PANEL; j++)
                for (int h = 0; h < 2; h++) {
                    size_t row = (size_t)(across ? i + h : p + j), column = (size_t)(across ? p + j : i + h);
                    *packed++ = to_bf16(w[row * (size_t)in + column]);
                }
}

/* ---- plain ---- */

static float from_bf16(uint16_t h)
{
    uint32_t u = (uint32_t)h << 16;
    float f;
    memcpy(&f, &u, sizeof(f));
    return f;
}

static void panel_plain(const uint16_t *w, int k, const float *x, size_t x_stride, float *y, size_t y_stride, int rows)
{
    for (int r = 0; r < rows; r++) {
        float sum[PANEL] = { 0 };
        for (int i = 0; i < k; i++)
            for (int j = 0; j < PANEL; j++)
                sum[j] += from_bf16(w[(i / 2 * PANEL + j) * 2 + i % 2]) * x[(size_t)r * x_stride + (size_t)i];
        memcpy(y + (size_t)r * y_stride, sum, sizeof(sum));
    }
}

#if defined(__x86_64__)
/* ---- AVX2: four rows, one panel ---- */

__attribute__((target("avx2,fma"))) static void panel_avx2(const uint16_t *w, int k, const float *x, size_t x_stride,
                                                           float *y, size_t y_stride, int rows)
{
    const __m256i upper = _mm256_set1_epi32((int)0xffff0000);
    for (int r = 0; r < rows; r += 4) {
        __m256 sum[4][2];
        for (int q = 0; q < 4; q++)
            sum[q][0] = sum[q][1] = _mm256_setzero_ps();
        for (int i = 0; i < k; i += 2) {
            __m256i a = _mm256_loadu_si256((const void *)(w + i * PANEL));
            __m256i b = _mm256_loadu_si256((const void *)(w + i * PANEL + PANEL));
            __m256 a0 = _mm256_castsi256_ps(_mm256_slli_epi32(a, 16)),
                   a1 = _mm256_castsi256_ps(_mm256_and_si256(a, upper)),
                   b0 = _mm256_castsi256_ps(_mm256_slli_epi32(b, 16)),
                   b1 = _mm256_castsi256_ps(_mm256_and_si256(b, upper));
            for (int q = 0; q < 4; q++) {
                const float *at = x + (size_t)(r + q) * x_stride + i;
                __m256 x0 = _mm256_broadcast_ss(at), x1 = _mm256_broadcast_ss(at + 1);
                sum[q][0] = _mm256_fmadd_ps(x1, a1, _mm256_fmadd_ps(x0, a0, sum[q][0]));
                sum[q][1] = _mm256_fmadd_ps(x1, b1, _mm256_fmadd_ps(x0, b0, sum[q][1]));
            }
        }
        for (int q = 0; q < 4; q++)
            for (int h = 0; h < 2; h++)
                _mm256_storeu_ps(y + (size_t)(r + q) * y_stride + 8 * h, sum[q][h]);
    }
}

/* ---- AVX-512: eight rows, two panels ---- */

__attribute__((target("avx512f"))) static void panels_avx512(const uint16_t *w, int k, const float *x, size_t x_stride,
                                                             float *y, size_t y_stride, int rows)
{
    const __m512i upper = _mm512_set1_epi32((int)0xffff0000);
    const uint16_t *second = w + (size_t)k * PANEL;
    for (int r = 0; r < rows; r += 8) {
        __m512 sum[8][2];
        for (int q = 0; q < 8; q++)
            sum[q][0] = sum[q][1] = _mm512_setzero_ps();
        for (int i = 0; i < k; i += 2) {
            __m512i a = _mm512_loadu_si512(w + i * PANEL), b = _mm512_loadu_si512(second + i * PANEL);
            __m512 a0 = _mm512_castsi512_ps(_mm512_slli_epi32(a, 16)),
                   a1 = _mm512_castsi512_ps(_mm512_and_si512(a, upper)),
                   b0 = _mm512_castsi512_ps(_mm512_slli_epi32(b, 16)),
                   b1 = _mm512_castsi512_ps(_mm512_and_si512(b, upper));
            for (int q = 0; q < 8; q++) {
                const float *at = x + (size_t)(r + q) * x_stride + i;
                __m512 x0 = _mm512_set1_ps(at[0]), x1 = _mm512_set1_ps(at[1]);
                sum[q][0] = _mm512_fmadd_ps(x1, a1, _mm512_fmadd_ps(x0, a0, sum[q][0]));
                sum[q][1] = _mm512_fmadd_ps(x1, b1, _mm512_fmadd_ps(x0, b0, sum[q][1]));
            }
        }
        for (int q = 0; q < 8; q++)
            for (int h = 0; h < 2; h++)
                _mm512_storeu_ps(y + (size_t)(r + q) * y_stride + PANEL * h, sum[q][h]);
    }
}

/* ---- AMX: 32 rows, two panels, in four tiles of 16 x 16 sums ---- */

#define AMX __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512bf16")))

struct tiles {
    uint8_t palette, start, zero[14];
    uint16_t bytes[16];
    uint8_t rows[16];
} __attribute__((aligned(64)));

/* before: how they were. ggml sets them up once a thread, and takes them for set up ever after. */
AMX static void tiles_on(struct tiles *before)
{
    static const struct tiles all = {
        1, 0, { 0 }, { 64, 64, 64, 64, 64, 64, 64, 64 }, { 16, 16, 16, 16, 16, 16, 16, 16 }
    };
    _tile_storeconfig(before);
    _tile_loadconfig(&all);
}

AMX static void tiles_off(const struct tiles *before)
{
    if (before->palette)
        _tile_loadconfig(before);
    else
        _tile_release();
}

/* Rows of x, kn inputs from x on, rounded to BF16: for every 16 rows, for every 32 inputs, a tile. */
AMX static void round_rows(const float *x, size_t x_stride, int kn, int rows, uint16_t *out)
{
    for (int t = 0; t < rows / 16; t++)
        for (int r = 0; r < 16; r++) {
            const float *row = x + (size_t)(t * 16 + r) * x_stride;
            for (int b = 0; b < kn / 32; b++) {
                __m512bh v = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(row + b * 32 + 16), _mm512_loadu_ps(row + b * 32));
                _mm512_store_si512((void *)(out + ((size_t)(t * (kn / 32) + b) * 16 + (size_t)r) * 32), (__m512i)v);
            }
        }
}

/* 32 rows: y[32][32] of two panels += over kn inputs. */
AMX static void tiles_32(const uint16_t *a0, const uint16_t *a1, const uint16_t *b0, const uint16_t *b1, int blocks,
                         bool first, float *y, size_t y_stride)
{
    size_t bytes = y_stride * sizeof(float);
    float *lower = y + 16 * y_stride;
    if (first) {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    } else {
        _tile_loadd(0, y, bytes);
        _tile_loadd(1, y + PANEL, bytes);
        _tile_loadd(2, lower, bytes);
        _tile_loadd(3, lower + PANEL, bytes);
    }
    for (int k = 0; k < blocks; k++) {
        _tile_loadd(4, a0 + k * 512, 64);
        _tile_loadd(6, b0 + k * 512, 64);
        _tile_loadd(7, b1 + k * 512, 64);
        _tile_loadd(5, a1 + k * 512, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, y, bytes);
    _tile_stored(1, y + PANEL, bytes);
    _tile_stored(2, lower, bytes);
    _tile_stored(3, lower + PANEL, bytes);
}

AMX static void run_amx(const uint16_t *w, int k, const float *x, size_t x_stride, float *y, size_t y_stride, int rows,
                        int from, int to, uint16_t *scratch)
{
    struct tiles before;
    tiles_on(&before);
    for (int k0 = 0; k0 < k; k0 += K_BLOCK) {
        int kn = k - k0 < K_BLOCK ? k - k0 : K_BLOCK, blocks = kn / 32;
        round_rows(x + k0, x_stride, kn, rows, scratch);
        for (int p = from; p < to; p++) {
            const uint16_t *b0 = w + ((size_t)p * 2 * (size_t)k + (size_t)k0) * PANEL, *b1 = b0 + (size_t)k * PANEL;
            for (int r = 0; r < rows; r += 32) {
                const uint16_t *a0 = scratch + (size_t)(r / 16 * blocks) * 512;
                tiles_32(a0, a0 + (size_t)blocks * 512, b0, b1, blocks, k0 == 0,
                         y + (size_t)r * y_stride + (size_t)p * 32, y_stride);
            }
        }
    }
    tiles_off(&before);
}
#endif

size_t matmul_scratch(int rows) { return (size_t)rows * K_BLOCK * sizeof(uint16_t); }

void matmul_run(enum matmul_kind kind, const uint16_t *packed, int k, int n, const float *x, size_t x_stride, float *y,
                size_t y_stride, int rows, int part, int parts, void *scratch)
{
    int doubles = n / (2 * PANEL), from = (int)((long)part * doubles / parts),
        to = (int)((long)(part + 1) * doubles / parts);
    (void)scratch;
#if defined(__x86_64__)
    if (kind == MATMUL_AMX) {
        run_amx(packed, k, x, x_stride, y, y_stride, rows, from, to, scratch);
        return;
    }
#endif
    for (int p = from; p < to; p++) {
        const uint16_t *w = packed + (size_t)p * 2 * PANEL * (size_t)k, *second = w + (size_t)k * PANEL;
        float *out = y + (size_t)p * 2 * PANEL;
#if defined(__x86_64__)
        if (kind == MATMUL_AVX512) {
            panels_avx512(w, k, x, x_stride, out, y_stride, rows);
            continue;
        }
        if (kind == MATMUL_AVX2) {
            panel_avx2(w, k, x, x_stride, out, y_stride, rows);
            panel_avx2(second, k, x, x_stride, out + PANEL, y_stride, rows);
            continue;
        }
#endif
        panel_plain(w, k, x, x_stride, out, y_stride, rows);
        panel_plain(second, k, x, x_stride, out + PANEL, y_stride, rows);
    }
}

/* ---- outer products ---- */

#define WIDE 64

/* `rows` rows of out, n numbers of each; with both constant, the sums stay in registers. */
static inline __attribute__((always_inline)) void outer_block(const float *a, size_t a_stride, const float *b,
                                                              size_t b_stride, size_t b_step, int k, float *out,
                                                              size_t out_stride, int n, int rows)
{
    float sum[4][WIDE] = { { 0 } };
    for (int t = 0; t < k; t++)
        for (int q = 0; q < rows; q++) {
            float s = b[(size_t)t * b_stride + (size_t)q * b_step];
            for (int j = 0; j < n; j++)
                sum[q][j] += s * a[(size_t)t * a_stride + (size_t)j];
        }
    for (int q = 0; q < rows; q++)
        memcpy(out + (size_t)q * out_stride, sum[q], (size_t)n * sizeof(float));
}

static inline __attribute__((always_inline)) void outer_rows(const float *a, size_t a_stride, const float *b,
                                                             size_t b_stride, size_t b_step, int k, float *out,
                                                             size_t out_stride, int n0, int rows)
{
    for (int i = 0; i < n0; i += WIDE) {
        int n = n0 - i < WIDE ? n0 - i : WIDE;
        if (n == WIDE && rows == 4)
            outer_block(a + i, a_stride, b, b_stride, b_step, k, out + i, out_stride, WIDE, 4);
        else
            outer_block(a + i, a_stride, b, b_stride, b_step, k, out + i, out_stride, n, rows);
    }
}

typedef void outer_fn(const float *a, size_t a_stride, const float *b, size_t b_stride, size_t b_step, int k,
                      float *out, size_t out_stride, int n0, int rows);

#define OUTER(name, target)                                                                                            \
    target static void name(const float *a, size_t a_stride, const float *b, size_t b_stride, size_t b_step, int k,    \
                            float *out, size_t out_stride, int n0, int rows)                                           \
    {                                                                                                                  \
        outer_rows(a, a_stride, b, b_stride, b_step, k, out, out_stride, n0, rows);                                    \
    }
OUTER(outer_plain, )
#if defined(__x86_64__)
OUTER(outer_avx2, __attribute__((target("avx2,fma"))))
OUTER(outer_avx512, __attribute__((target("avx512f,avx512bw,avx2,fma"))))
static outer_fn *const outer_of[MATMUL_KINDS] = { outer_plain, outer_avx2, outer_avx512, outer_avx512 };
#else
static outer_fn *const outer_of[MATMUL_KINDS] = { outer_plain, outer_plain, outer_plain, outer_plain };
#endif

/* Few columns (an adapter's rank), many rows: the rows are what a register holds, and the result is turned. */
static void outer_tall(enum matmul_kind kind, const float *a, size_t a_stride, const float *b, size_t b_stride, int k,
                       float *out, size_t out_stride, int n0, int from, int to)
{
    float sum[4 * WIDE];
    for (int i1 = from; i1 < to; i1 += WIDE)
        for (int i0 = 0; i0 < n0; i0 += 4) {
            int n = to - i1 < WIDE ? to - i1 : WIDE, rows = n0 - i0 < 4 ? n0 - i0 : 4;
            outer_of[kind](b + i1, b_stride, a + i0, a_stride, 1, k, sum, WIDE, n, rows);
            for (int j = 0; j < n; j++)
                for (int q = 0; q < rows; q++)
                    out[(size_t)(i1 + j) * out_stride + (size_t)(i0 + q)] = sum[q * WIDE + j];
        }
}

/* Where a part of n begins, in steps. */
static int part_at(int n, int step, int part, int parts)
{
    int at = (int)((long)part * ((n + step - 1) / step) / parts) * step;
    return at < n ? at : n;
}

void matmul_outer(enum matmul_kind kind, const float *a, size_t a_stride, const float *b, size_t b_stride,
                  size_t b_step, int k, float *out, size_t out_stride, int n0, int n1, int part, int parts)
{
    if (n0 < WIDE && b_step == 1) {
        outer_tall(kind, a, a_stride, b, b_stride, k, out, out_stride, n0, part_at(n1, WIDE, part, parts),
                   part_at(n1, WIDE, part + 1, parts));
        return;
    }
    int to = part_at(n1, 4, part + 1, parts);
    for (int i1 = part_at(n1, 4, part, parts); i1 < to; i1 += 4)
        outer_of[kind](a, a_stride, b + (size_t)i1 * b_step, b_stride, b_step, k, out + (size_t)i1 * out_stride,
                       out_stride, n0, to - i1 < 4 ? to - i1 : 4);
}

void matmul_expand(enum matmul_kind kind, const float *b, int rank, const float *u, size_t u_stride, float *y,
                   size_t y_stride, int n, int rows, int part, int parts)
{
    float turned[MATMUL_MAX_RANK * WIDE];
    int to = part_at(n, WIDE, part + 1, parts);
    for (int i = part_at(n, WIDE, part, parts); i < to; i += WIDE) {
        int width = to - i < WIDE ? to - i : WIDE;
        for (int j = 0; j < width; j++)
            for (int q = 0; q < rank; q++)
                turned[q * WIDE + j] = b[(size_t)(i + j) * (size_t)rank + (size_t)q];
        for (int r = 0; r < rows; r += 4)
            outer_of[kind](turned, WIDE, u + (size_t)r * u_stride, 1, u_stride, rank, y + (size_t)r * y_stride + i,
                           y_stride, width, rows - r < 4 ? rows - r : 4);
    }
}
