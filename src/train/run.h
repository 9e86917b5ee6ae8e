/* run.h — a training from its first step to its best one: AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101) with warm-up and cosine, gradients
 * added up over batches and clipped, a part of the examples held back to tell when to stop, and a checkpoint from which it goes on
 * as if it had not been interrupted (bit for bit, with the same threads).
 *
 *   train_run_create → train_run_step … until it says that it is over → train_run_best → adapter.h
 * One thread. */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H
#include "train/pack.h"

struct train_plan {
    struct train_shape shape;
    double rate;         /* the highest learning rate, 3e-4 */
    double least_rate;   /* at the end, as a share of it, 0.05 */
    double weight_decay; /* 0 */
    double clip;         /* longest gradient, 1 */
    int warm_up;         /* steps */
    int gather;          /* batches that become one step */
    double epochs;       /* how often every example is seen, at most */
    double held_back;    /* share of the examples, 0.05; others with the same answers are held back with them */
    int look_every; /* steps between two looks at what is held back, at least; there are 6 looks at most. 0: none */
    int patience;   /* looks without a better one after which it ends; 0: to the end */
};

void train_plan_default(struct train_plan *plan);

struct train_state {
    int step, steps; /* done, planned */
    double epoch;
    double loss;      /* of the last step, nats a token */
    double held_loss; /* of the last look; 0: none yet */
    double best_loss;
    int best_step;
    double rate;
    int64_t tokens, answers; /* read and learnt since the start, of this process */
    double norm;             /* of the last gradient, before it was clipped */
    bool over;
};

struct train_run;

/* Everything is borrowed, and stays as it is while the run lives. ANIMA_E_INVALID: no example fits into a batch. */
int train_run_create(const struct train_model *model, const struct train_plan *plan, enum matmul_kind kind,
                     int max_threads, const struct train_example *examples, int n, struct train_run **out,
                     anima_error *err);
void train_run_destroy(struct train_run *r);
/* The adapter's matrices as they are; borrowed. Before the first step others can be written into them, to go on from those. */
struct train_param *train_run_params(struct train_run *r, int *n);
/* One step: some batches and, every so often, a look at what is held back. False: it was over before. */
bool train_run_step(struct train_run *r, int threads);
/* Ends it here: one last look at what is held back; the next step says that it is over. */
void train_run_end(struct train_run *r, int threads);
void train_run_state(const struct train_run *r, struct train_state *out);
/* The adapter's matrices, as they were at the best look (without looks: as they are); borrowed. */
const struct train_param *train_run_best(struct train_run *r, int *n);
/* Examples that were left out because they are too long. */
int train_run_left_out(const struct train_run *r);

/* The whole state as bytes, and back. data: what a run over the same model, plan and examples has saved: ANIMA_E_CONFLICT if it is another's,
 * ANIMA_E_INVALID if it is damaged. */
struct buf;
int train_run_save(const struct train_run *r, struct buf *out, anima_error *err);
int train_run_restore(struct train_run *r, const void *data, size_t n, anima_error *err);
#endif
