/* matmul.h — products with the frozen weights of a model that is trained on: y = W·x for the way forward, x' = Wᵀ·y' for the way
 * back. ggml has both, but the second, an outer product with a weight, is slow in it, and neither knows that the weights never change.
 *
 * A weight is packed once, in BF16, for each way: panels of 16 outputs, in each of them pairs of inputs,
 *     panel p:  k = 0, 2, 4, …:  w[k][16p] w[k+1][16p] w[k][16p+1] w[k+1][16p+1] …  (32 numbers, 64 bytes)
 * That is the layout of an AMX tile (16 rows are 32 inputs), and a 32-bit lane of it is two F32 numbers: the upper half with
 * zeros behind it is w[k+1], the lower half shifted up is w[k]. So one layout serves AMX-BF16, AVX-512, AVX2 and plain C.
 *
 * Activations stay F32; with AMX they are rounded to BF16 first. Sums are F32. Sizes are multiples of MATMUL_UNIT. */
#ifndef TRAIN_MATMUL_H
#define TRAIN_MATMUL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MATMUL_UNIT 32     /* inputs, outputs and rows come in so many */
#define MATMUL_MAX_RANK 64 /* of matmul_expand */

enum matmul_kind { MATMUL_PLAIN, MATMUL_AVX2, MATMUL_AVX512, MATMUL_AMX, MATMUL_KINDS };

/* The fastest that this processor has. Asks the kernel for AMX, so it is called once, before a jail closes. */
enum matmul_kind matmul_best(void);
bool matmul_has(enum matmul_kind kind);
const char *matmul_name(enum matmul_kind kind);

/* Bytes of a packed weight of one way. */
size_t matmul_bytes(int in, int out);
/* Packs w (out rows of in numbers) for products over its inputs, or, across, over its outputs. packed: matmul_bytes, aligned to 64. */
void matmul_pack(const float *w, int in, int out, bool across, uint16_t *packed);
/* Bytes of scratch that matmul_run needs for so many rows, aligned to 64. */
size_t matmul_scratch(int rows);
/* y[r][0..n) = Σ_k w[k][·] x[r][k] for `rows` rows; strides in floats. Part `part` of `parts` of the outputs, each on a thread of its
 * own with its own scratch. */
void matmul_run(enum matmul_kind kind, const uint16_t *packed, int k, int n, const float *x, size_t x_stride, float *y,
                size_t y_stride, int rows, int part, int parts, void *scratch);
/* out[i1][i0] = Σ_k a[k][i0] · b[k][i1], for i1 of this part; n0, n1 sizes, strides in floats, b's for both of its places. */
void matmul_outer(enum matmul_kind kind, const float *a, size_t a_stride, const float *b, size_t b_stride,
                  size_t b_step, int k, float *out, size_t out_stride, int n0, int n1, int part, int parts);
/* y[r][i] = Σ_q b[i][q] · u[r][q] for `rows` rows: from an adapter's rank, MATMUL_MAX_RANK at most, to n outputs, those of this part.
 * b is n rows of rank numbers, without gaps. */
void matmul_expand(enum matmul_kind kind, const float *b, int rank, const float *u, size_t u_stride, float *y,
                   size_t y_stride, int n, int rows, int part, int parts);
#endif
