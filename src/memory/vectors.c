/* vectors.c — the scan, for three kinds of processors. All give the same numbers: sums of products of small integers. */
#include "memory/vectors.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_X86 1
#endif

/* Rows are read in a row, from memory: each of these loops waits for it, not for its sums. So many bytes ahead of it are asked for. */
#define AHEAD 2048

typedef void scan_fn(const int8_t *rows, size_t n, size_t dim, const int8_t *query, int32_t *out);

static void scan_plain(const int8_t *rows, size_t n, size_t dim, const int8_t *query, int32_t *out)
{
    for (size_t i = 0; i < n; i++) {
        int32_t sum = 0;
        for (size_t j = 0; j < dim; j++)
            sum += rows[i * dim + j] * query[j];
        out[i] = sum;
    }
}

#ifdef HAVE_X86
#define AVX2 __attribute__((target("avx2")))

/* Of 32 numbers each, added up two by two. */
AVX2 static inline __m256i products(const int8_t *row, const int8_t *query)
{
    __m256i r = _mm256_loadu_si256((const __m256i *)row), q = _mm256_loadu_si256((const __m256i *)query);
    return _mm256_maddubs_epi16(_mm256_abs_epi8(q), _mm256_sign_epi8(r, q));
}

AVX2 static int32_t sum_256(__m256i v)
{
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
    return _mm_cvtsi128_si32(s);
}

/* maddubs multiplies unsigned by signed numbers: the query without its signs by rows that have them. Two products of at most 127·127 fit into
 * 16 bits: there is no -128 (vectors_quantise). */
AVX2 static void scan_avx2(const int8_t *rows, size_t n, size_t dim, const int8_t *query, int32_t *out)
{
    const __m256i ones = _mm256_set1_epi16(1);
    for (size_t i = 0; i < n; i++) {
        const int8_t *row = rows + i * dim;
        __m256i a = _mm256_setzero_si256(), b = a;
        for (size_t j = 0; j < dim; j += 64) {
            __builtin_prefetch(row + j + AHEAD);
            a = _mm256_add_epi32(a, _mm256_madd_epi16(products(row + j, query + j), ones));
            b = _mm256_add_epi32(b, _mm256_madd_epi16(products(row + j + 32, query + j + 32), ones));
        }
        out[i] = sum_256(_mm256_add_epi32(a, b));
    }
}

/* dpbusd multiplies unsigned by signed numbers: rows are moved up by 128, and 128 times the query's sum is taken off again. */
__attribute__((target("avx512f,avx512bw,avx512vnni"))) static void scan_vnni(const int8_t *rows, size_t n, size_t dim,
                                                                             const int8_t *query, int32_t *out)
{
    const __m512i up = _mm512_set1_epi8((char)0x80);
    int32_t moved = 0;
    for (size_t j = 0; j < dim; j++)
        moved += 128 * query[j];
    for (size_t i = 0; i < n; i++) {
        const int8_t *row = rows + i * dim;
        __m512i sum = _mm512_setzero_si512();
        for (size_t j = 0; j < dim; j += 64) {
            __builtin_prefetch(row + j + AHEAD);
            sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(_mm512_loadu_si512(row + j), up),
                                      _mm512_loadu_si512(query + j));
        }
        out[i] = _mm512_reduce_add_epi32(sum) - moved;
    }
}
#endif

static scan_fn *const scans[VECTORS_KINDS] = {
    [VECTORS_PLAIN] = scan_plain,
#ifdef HAVE_X86
    [VECTORS_AVX2] = scan_avx2,
    [VECTORS_VNNI] = scan_vnni,
#endif
};

bool vectors_has(enum vectors_kind kind)
{
    if (!scans[kind])
        return false;
#ifdef HAVE_X86
    if (kind == VECTORS_AVX2)
        return __builtin_cpu_supports("avx2");
    if (kind == VECTORS_VNNI)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vnni");
#endif
    return true;
}

void vectors_init(struct vectors *v, size_t dim)
{
    *v = (struct vectors){ .dim = dim, .kind = VECTORS_KINDS - 1 };
    while (!vectors_has(v->kind))
        v->kind--;
}

void vectors_finish(struct vectors *v)
{
    mem_free(v->rows);
    mem_free(v->factors);
    *v = (struct vectors){ .dim = v->dim };
}

float vectors_quantise(const float *vector, size_t dim, int8_t *row)
{
    float most = 0;
    bool finite = true;
    for (size_t i = 0; i < dim; i++) {
        finite = finite && isfinite(vector[i]);
        most = fmaxf(most, fabsf(vector[i]));
    }
    if (!finite || most < 1e-12f) {
        memset(row, 0, dim);
        return 0;
    }
    for (size_t i = 0; i < dim; i++)
        row[i] = (int8_t)lrintf(vector[i] / most * 127);
    return most / 127;
}

int vectors_add(struct vectors *v, const int8_t *row, float factor)
{
    void *rows = mem_grow(v->rows, v->n, &v->max_rows, v->dim);
    if (!rows)
        return -1;
    v->rows = rows;
    void *factors = mem_grow(v->factors, v->n, &v->max_factors, sizeof(*v->factors));
    if (!factors)
        return -1;
    v->factors = factors;
    vectors_set(v, v->n++, row, factor);
    return 0;
}

void vectors_set(struct vectors *v, size_t place, const int8_t *row, float factor)
{
    if (row)
        memcpy(v->rows + place * v->dim, row, v->dim);
    else
        memset(v->rows + place * v->dim, 0, v->dim);
    v->factors[place] = row ? factor : 0;
}

void vectors_scan(const struct vectors *v, const int8_t *query, float factor, float *out)
{
    int32_t sums[256];
    for (size_t i = 0; i < v->n; i += sizeof(sums) / sizeof(*sums)) {
        size_t n = v->n - i < sizeof(sums) / sizeof(*sums) ? v->n - i : sizeof(sums) / sizeof(*sums);
        scans[v->kind](v->rows + i * v->dim, n, v->dim, query, sums);
        for (size_t j = 0; j < n; j++)
            out[i + j] = (float)sums[j] * (v->factors[i + j] * factor);
    }
}
