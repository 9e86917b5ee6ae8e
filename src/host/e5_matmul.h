/* e5_matmul.h — the product that multilingual-e5 spends nine tenths of its time in, in place of e5.c's own: 2.4 times as fast with AVX2
 * (tools/e5-source puts it there, for e5.c as for driver_e5.c there is one of each kind of processor). Pure; any thread. */
#ifndef HOST_E5_MATMUL_H
#define HOST_E5_MATMUL_H
#include <stdint.h>

#define E5_BLOCK 32  /* numbers that share a scale */
#define E5_MOST 2048 /* numbers of a row */

struct __attribute__((packed)) e5_block { /* Q4_0 of ggml */
    uint16_t d;                           /* the scale, IEEE half; finite */
    uint8_t qs[E5_BLOCK / 2];             /* numbers + 8: the low halves are the first 16 */
};

/* y[L][nout] = x · wᵀ + bias. w: nout rows of nin / 32 blocks; bias: nout, or NULL; x[L][nin], each 32 of them with a scale[L][nin / 32] and
 * their sum[L][nin / 32] (Q8_0). nout is a multiple of 8, nin one of 32 and at most E5_MOST. */
void e5_matmul(const struct e5_block *w, const float *bias, const int8_t *x, const float *scale, const int32_t *sum,
               float *y, int L, int nout, int nin);
#endif
