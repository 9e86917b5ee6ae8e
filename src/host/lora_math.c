#include "host/lora_math.h"

#define LANES LORA_LANES
#define ROWS 4 /* at once: a number of A or B is read once for so many */

/* So many floats at any address. The compiler makes of it what the function's target has. */
typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));
#define INLINE static inline __attribute__((always_inline))

INLINE const lanes *at(const float *p) { return (const lanes *)(const void *)p; }

INLINE lanes *to(float *p) { return (lanes *)(void *)p; }

INLINE float sum(lanes v)
{
    float s = 0;
    for (int k = 0; k < LANES; k++)
        s += v[k];
    return s;
}

/* h[k * ROWS + i] = factor · (row k of A) · x[i], for `rows` rows of x. */
INLINE void down(const struct lora_part *p, float factor, int in, const float *const *x, int rows, float *h)
{
    for (int k = 0; k < p->rank; k++) {
        const float *a = p->a + (size_t)k * (size_t)in;
        lanes s[ROWS] = { { 0 } };
        float rest[ROWS] = { 0 };
        int j = 0;
        for (; j + LANES <= in; j += LANES) {
            lanes w = *at(a + j);
            for (int i = 0; i < rows; i++)
                s[i] += w * *at(x[i] + j);
        }
        for (; j < in; j++)
            for (int i = 0; i < rows; i++)
                rest[i] += a[j] * x[i][j];
        for (int i = 0; i < rows; i++)
            h[k * ROWS + i] = factor * (sum(s[i]) + rest[i]);
    }
}

INLINE void up(const struct lora_part *p, int out, const float *h, float *const *y, int rows)
{
    const float *b = p->b;
    for (int j = 0; j < out; j += LANES) {
        lanes s[ROWS] = { { 0 } };
        for (int k = 0; k < p->rank; k++, b += LANES) {
            lanes w = *at(b);
            for (int i = 0; i < rows; i++)
                s[i] += w * h[k * ROWS + i];
        }
        if (j + LANES <= out) {
            for (int i = 0; i < rows; i++)
                *to(y[i] + j) += s[i];
        } else {
            for (int i = 0; i < rows; i++)
                for (int lane = 0; j + lane < out; lane++)
                    y[i][j + lane] += s[i][lane];
        }
    }
}

INLINE void add(const struct lora_part *p, float factor, int in, int out, const float *const *x, float *const *y, int n)
{
    float h[LORA_MAX_RANK * ROWS];
    int i = 0;
    for (; i + ROWS <= n; i += ROWS) {
        down(p, factor, in, x + i, ROWS, h);
        up(p, out, h, y + i, ROWS);
    }
    for (; i < n; i++) {
        down(p, factor, in, x + i, 1, h);
        up(p, out, h, y + i, 1);
    }
}

static void add_plain(const struct lora_part *p, float factor, int in, int out, const float *const *x, float *const *y,
                      int n)
{
    add(p, factor, in, out, x, y, n);
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void add_avx2(const struct lora_part *p, float factor, int in, int out,
                                                         const float *const *x, float *const *y, int n)
{
    add(p, factor, in, out, x, y, n);
}

void lora_math_add(const struct lora_part *p, float scale, int in, int out, const float *const *x, float *const *y,
                   int n)
{
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        add_avx2(p, scale * p->factor, in, out, x, y, n);
    else
        add_plain(p, scale * p->factor, in, out, x, y, n);
}
#else
void lora_math_add(const struct lora_part *p, float scale, int in, int out, const float *const *x, float *const *y,
                   int n)
{
    add_plain(p, scale * p->factor, in, out, x, y, n);
}
#endif
