/* pack.h — examples become batches: several side by side in one batch, as many as fit. */
#ifndef TRAIN_PACK_H
#define TRAIN_PACK_H
#include "train/graph.h"

/* A conversation as tokens. counts[i]: token i is an answer's, and is learnt. Borrowed by whoever takes it. */
struct train_example {
    int32_t *token;
    unsigned char *counts;
    int n;
    uint64_t talk; /* of the conversation that it is a window of, the same in every form of it; 0: it stands alone */
    bool again;    /* not that one's first window */
};

/* Tokens of an example that are learnt. */
int train_answers(const struct train_example *e);
/* An example that no batch has room for. */
bool train_too_long(const struct train_example *e, const struct train_shape *shape);

/* Arrays for one batch of that shape; train_batch_free. */
int train_batch_make(const struct train_shape *shape, struct train_batch *out, anima_error *err);
void train_batch_free(struct train_batch *b);
/* Fills it with the examples order[from], order[from + 1], … of `to`, as long as the next one fits; returns the place behind the last.
 * Those that are too long are passed over. */
int train_batch_fill(struct train_batch *b, const struct train_shape *shape, const struct train_example *examples,
                     const int *order, int from, int to);
/* Puts order[from … to) so that batches filled along it are fuller: behind what a batch has, the first of the next ones that still fits. Which
 * examples there are stays, and examples move little; the same order makes the same one. */
void train_order_fit(const struct train_shape *shape, const struct train_example *examples, int *order, int from,
                     int to);
#endif
