/* e5_matmul.c — eight rows of W are unpacked once and stay in the cache while all rows of X pass; with AVX2 their eight sums stay in registers.
 * The 8 that Q4_0 takes from each of its numbers is taken from the sum: Σ (w - 8)·x = Σ w·x - 8·Σ x. Compiled once for each kind of
 * processor (meson.build). */
#include "host/e5_matmul.h"

#include <stddef.h>
#ifdef __AVX2__
#include <immintrin.h>
#else
#include <math.h>
#endif

#define QK E5_BLOCK
#define ROWS 8
#define MOST_BLOCKS (E5_MOST / QK)

struct rows {
    float scale[MOST_BLOCKS][ROWS];
    uint8_t number[MOST_BLOCKS][ROWS][QK]; /* 0 … 15 */
} __attribute__((aligned(32)));

#ifdef __AVX2__
static inline void unpack_block(const struct e5_block *from, float *scale, uint8_t *to)
{
    __m128i low = _mm_set1_epi8(15), qs = _mm_loadu_si128((const __m128i *)from->qs);
    _mm_store_si128((__m128i *)to, _mm_and_si128(qs, low));
    _mm_store_si128((__m128i *)(to + QK / 2), _mm_and_si128(_mm_srli_epi16(qs, 4), low));
    *scale = _cvtsh_ss(from->d);
}
#else
static float half(uint16_t h)
{
    int exponent = h >> 10 & 31, fraction = h & 1023;
    float value = exponent ? ldexpf((float)(fraction | 1024), exponent - 25) : ldexpf((float)fraction, -24);
    return h & 0x8000 ? -value : value;
}

static inline void unpack_block(const struct e5_block *from, float *scale, uint8_t *to)
{
    for (int j = 0; j < QK / 2; j++) {
        to[j] = from->qs[j] & 15;
        to[j + QK / 2] = from->qs[j] >> 4;
    }
    *scale = half(from->d);
}
#endif

static void unpack(const struct e5_block *w, int blocks, struct rows *rows)
{
    for (int r = 0; r < ROWS; r++)
        for (int b = 0; b < blocks; b++)
            unpack_block(w + (size_t)r * (size_t)blocks + b, &rows->scale[b][r], rows->number[b][r]);
}

#ifdef __AVX2__
/* The sums of eight vectors, as one. */
static inline __m256 sums(const __m256 v[ROWS])
{
    __m256 a = _mm256_hadd_ps(_mm256_hadd_ps(v[0], v[1]), _mm256_hadd_ps(v[2], v[3]));
    __m256 b = _mm256_hadd_ps(_mm256_hadd_ps(v[4], v[5]), _mm256_hadd_ps(v[6], v[7]));
    return _mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31));
}

/* One row of X with eight of W. */
static inline void multiply(const struct rows *rows, int blocks, const int8_t *x, const float *scale,
                            const int32_t *sum, float out[ROWS])
{
    const __m256i ones = _mm256_set1_epi16(1);
    __m256 acc[ROWS], less = _mm256_setzero_ps();
    float both[ROWS] __attribute__((aligned(32)));
    for (int r = 0; r < ROWS; r++)
        acc[r] = _mm256_setzero_ps();
    for (int b = 0; b < blocks; b++) {
        __m256i numbers = _mm256_loadu_si256((const __m256i *)(x + (size_t)b * QK));
        __m256 scales = _mm256_mul_ps(_mm256_load_ps(rows->scale[b]), _mm256_set1_ps(scale[b]));
        less = _mm256_fmadd_ps(scales, _mm256_set1_ps((float)sum[b]), less);
        _mm256_store_ps(both, scales);
#pragma GCC unroll 8
        for (int r = 0; r < ROWS; r++) {
            __m256i w = _mm256_load_si256((const __m256i *)rows->number[b][r]);
            __m256i products = _mm256_madd_epi16(_mm256_maddubs_epi16(w, numbers), ones);
            acc[r] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(products), _mm256_broadcast_ss(both + r), acc[r]);
        }
    }
    _mm256_storeu_ps(out, _mm256_fnmadd_ps(less, _mm256_set1_ps(8), sums(acc)));
}
#else
static inline void multiply(const struct rows *rows, int blocks, const int8_t *x, const float *scale,
                            const int32_t *sum, float out[ROWS])
{
    for (int r = 0; r < ROWS; r++) {
        float acc = 0;
        for (int b = 0; b < blocks; b++) {
            int products = 0;
            for (int j = 0; j < QK; j++)
                products += rows->number[b][r][j] * x[b * QK + j];
            acc += rows->scale[b][r] * scale[b] * (float)(products - 8 * sum[b]);
        }
        out[r] = acc;
    }
}
#endif

void e5_matmul(const struct e5_block *w, const float *bias, const int8_t *x, const float *scale, const int32_t *sum,
               float *y, int L, int nout, int nin)
{
    int blocks = nin / QK;
    struct rows rows;
    for (int o = 0; o < nout; o += ROWS) {
        unpack(w + (size_t)o * (size_t)blocks, blocks, &rows);
        for (int t = 0; t < L; t++) {
            float *out = y + (size_t)t * (size_t)nout + o;
            multiply(&rows, blocks, x + (size_t)t * (size_t)nin, scale + (size_t)t * (size_t)blocks,
                     sum + (size_t)t * (size_t)blocks, out);
            for (int r = 0; r < ROWS && bias; r++)
                out[r] += bias[o + r];
        }
    }
}
