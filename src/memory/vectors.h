/* vectors.h — exact search by meaning: every vector is compared with the one asked for. 100,000 of 384 numbers take about two
 * milliseconds on one thread, so there is no approximate index, which would have to be kept in step with what is forgotten.
 *
 * A vector has length 1 and is kept as 8-bit numbers with one factor: v[i] ≈ row[i] · factor, row[i] in -127..127. That
 * costs a quarter of the memory and, on dialogues, no recall. Any thread, one at a time for each struct. */
#ifndef MEMORY_VECTORS_H
#define MEMORY_VECTORS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vectors_kind { VECTORS_PLAIN, VECTORS_AVX2, VECTORS_VNNI, VECTORS_KINDS };

struct vectors {
    size_t dim; /* a multiple of 64 */
    size_t n, max_rows, max_factors;
    int8_t *rows; /* n of dim; one of zeros is a place without a vector */
    float *factors;
    enum vectors_kind kind;
};

void vectors_init(struct vectors *v, size_t dim);
void vectors_finish(struct vectors *v);
/* Whether this processor has it. */
bool vectors_has(enum vectors_kind kind);

/* Of dim numbers: the row, and the factor, which is returned; 0 for one that is all zeros or not finite. */
float vectors_quantise(const float *vector, size_t dim, int8_t *row);
/* At place n. row NULL: a place without a vector. ANIMA_E_NOMEM as -1, and nothing has changed. */
int vectors_add(struct vectors *v, const int8_t *row, float factor);
/* Another one at this place; row NULL: none any more. */
void vectors_set(struct vectors *v, size_t place, const int8_t *row, float factor);
/* out[i] = the cosine of query (a row and its factor) and the vector at place i, for all n; 0 where there is none. */
void vectors_scan(const struct vectors *v, const int8_t *query, float factor, float *out);
#endif
