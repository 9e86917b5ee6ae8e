/* make_adapter.h — LoRA adapters of small random numbers, with a model's shapes, for tests and benches. */
#ifndef MAKE_ADAPTER_H
#define MAKE_ADAPTER_H
#include <stdbool.h>

struct make_adapter {
    int rank;
    unsigned seed;
    double size;                                      /* of its numbers: ± this */
    double alpha;                                     /* 0: none is written */
    enum { MAKE_F32, MAKE_F16, MAKE_QUANTISED } type; /* quantised: A in Q8_0, B in F16 */
    bool misshapen;                                   /* made for a weight of another width */
    const char *architecture;                         /* NULL: the model's */
};

/* Writes an adapter for all of the model's q, k, v, output, gate, up and down matrices. 0, or -1. */
int make_adapter(const char *model, const char *path, const struct make_adapter *how);
#endif
