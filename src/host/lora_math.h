/* lora_math.h — adding B·(A·x) to rows of activations, in f32, with what vector units the processor has. Any thread. */
#ifndef HOST_LORA_MATH_H
#define HOST_LORA_MATH_H
#include "host/lora_file.h"

/* For n rows: y[i] (out floats) += scale · factor · B·(A·x[i]), x[i] of in floats. */
void lora_math_add(const struct lora_part *part, float scale, int in, int out, const float *const *x, float *const *y,
                   int n);
#endif
