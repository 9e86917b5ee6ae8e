#include "host/lora_math.h"

#include <stdint.h>

#define LANES 8
#define ROWS 4     /* at once: a number of A or B is read once for so many */
#define AHEAD 1024 /* bytes that are fetched before they are needed: a processor by itself stops at the end of a page */
#define BLOCK (LORA_LANES / LANES)
_Static_assert(LORA_LANES % LANES == 0, "a block is whole vectors");

/* So many floats at any address, one register of AVX2. The compiler makes of it what the function's target has. */
typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));
typedef uint32_t bits __attribute__((vector_size(LANES * sizeof(uint32_t))));
typedef uint16_t halves __attribute__((vector_size(LANES * sizeof(uint16_t)), aligned(2), may_alias));
#define INLINE static inline __attribute__((always_inline))

INLINE const lanes *at(const float *p) { return (const lanes *)(const void *)p; }
INLINE lanes *to(float *p) { return (lanes *)(void *)p; }

/* Numbers j.. of an adapter. f16 to f32 by moving the bits: exact, subnormal ones included; infinity does not occur. */
INLINE void numbers(const void *p, size_t j, bool half, lanes *out)
{
    if (!half) {
        *out = *at((const float *)p + j);
        return;
    }
    bits h = __builtin_convertvector(*(const halves *)(const void *)((const uint16_t *)p + j), bits);
    lanes magnitude = (lanes)((h & 0x7fff) << 13) * 0x1p112f;
    *out = (lanes)((bits)magnitude | (h & 0x8000) << 16);
}

INLINE float number(const void *p, size_t j, bool half)
{
    uint16_t alone[LANES] = { 0 };
    lanes as_float;
    if (!half)
        return ((const float *)p)[j];
    alone[0] = ((const uint16_t *)p)[j];
    numbers(alone, 0, true, &as_float);
    return as_float[0];
}

INLINE float sum(const lanes *v)
{
    float s = 0;
    for (int k = 0; k < LANES; k++)
        s += (*v)[k];
    return s;
}

/* h[k * ROWS + i] = factor · (row k of A) · x[i], for `rows` rows of x. Two sums a row, so that one need not wait for
 * the other. */
INLINE void down(const struct lora_part *p, bool half, float factor, int in, const float *const *x, int rows, float *h)
{
    for (int k = 0; k < p->rank; k++) {
        size_t row = (size_t)k * (size_t)in;
        lanes s[ROWS] = { { 0 } }, t[ROWS] = { { 0 } }, w, v;
        int j = 0;
        for (; j + 2 * LANES <= in; j += 2 * LANES) {
            __builtin_prefetch((const char *)p->a + (row + (size_t)j) * (half ? 2 : 4) + AHEAD);
            numbers(p->a, row + (size_t)j, half, &w);
            numbers(p->a, row + (size_t)j + LANES, half, &v);
            for (int i = 0; i < rows; i++) {
                s[i] += w * *at(x[i] + j);
                t[i] += v * *at(x[i] + j + LANES);
            }
        }
        for (int i = 0; i < rows; i++) {
            s[i] += t[i];
            float all = sum(&s[i]);
            for (int last = j; last < in; last++)
                all += number(p->a, row + (size_t)last, half) * x[i][last];
            h[k * ROWS + i] = factor * all;
        }
    }
}

INLINE void up(const struct lora_part *p, bool half, int out, const float *h, float *const *y, int rows)
{
    size_t b = 0;
    for (int j = 0; j < out; j += LORA_LANES) {
        lanes s[ROWS][BLOCK] = { { { 0 } } };
        for (int k = 0; k < p->rank; k++)
            for (int part = 0; part < BLOCK; part++, b += LANES) {
                lanes w;
                __builtin_prefetch((const char *)p->b + b * (half ? 2 : 4) + AHEAD);
                numbers(p->b, b, half, &w);
                for (int i = 0; i < rows; i++)
                    s[i][part] += w * h[k * ROWS + i];
            }
        for (int i = 0; i < rows; i++)
            for (int part = 0; part < BLOCK; part++) {
                int from = j + part * LANES;
                if (from + LANES <= out)
                    *to(y[i] + from) += s[i][part];
                else
                    for (int lane = 0; from + lane < out; lane++)
                        y[i][from + lane] += s[i][part][lane];
            }
    }
}

struct job {
    const struct lora_part *part;
    float factor;
    int in, out;
    const float *const *x;
    float *const *y;
    int n;
};

INLINE void add(const struct job *job, bool half)
{
    float h[LORA_MAX_RANK * ROWS];
    int i = 0;
    for (; i + ROWS <= job->n; i += ROWS) {
        down(job->part, half, job->factor, job->in, job->x + i, ROWS, h);
        up(job->part, half, job->out, h, job->y + i, ROWS);
    }
    for (; i < job->n; i++) {
        down(job->part, half, job->factor, job->in, job->x + i, 1, h);
        up(job->part, half, job->out, h, job->y + i, 1);
    }
}

static void add_plain(const struct job *job)
{
    if (job->part->half)
        add(job, true);
    else
        add(job, false);
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void add_avx2(const struct job *job)
{
    if (job->part->half)
        add(job, true);
    else
        add(job, false);
}
#endif

void lora_math_add(const struct lora_part *p, float scale, int in, int out, const float *const *x, float *const *y,
                   int n)
{
    const struct job job = { p, scale * p->factor, in, out, x, y, n };
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        add_avx2(&job);
        return;
    }
#endif
    add_plain(&job);
}
