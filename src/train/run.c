#include "train/run.h"

#include "base/buf.h"
#include "base/draw.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/places.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define BETA1 0.9
#define BETA2 0.99
#define EPSILON 1e-8
#define MOST_LOOKS 6 /* in a training: a look costs as much as thirty steps */
#define MOST_FORMS 2 /* with the persona in front, and without */
#define MAGIC "ANIMATR2"

/* What is saved, but for the numbers. */
struct progress {
    char magic[8];
    uint64_t identity; /* of model, plan and examples */
    uint64_t random;
    int64_t n_numbers;
    int32_t step, at, epoch, looks_without, best_step; /* at: place in the order; epoch: how often it was shuffled */
    double loss, held_loss, best_loss;
};

struct train_run {
    const struct train_model *model;
    struct train_plan plan;
    const struct train_example *examples;
    struct train_graph *graph;
    struct train_batch batch;
    struct train_param *params, *best;
    int n_params;
    float *numbers; /* best, first and second moment, gathered gradient: n_numbers each */
    int *order;     /* examples to learn, then those held back */
    int n_learn, n_all, left_out, steps, look_every;
    struct progress now;
    double rate, norm;
    int64_t tokens, answers;
    bool over;
};

void train_plan_default(struct train_plan *p)
{
    *p = (struct train_plan){ .shape = { .rank = 8,
                                         .alpha = 16,
                                         .places = (1u << TRAIN_PLACES) - 1,
                                         .tokens = 256,
                                         .answers = 128,
                                         .seed = 1 },
                              .rate = 3e-4,
                              .least_rate = 0.05,
                              .clip = 1,
                              .warm_up = 10,
                              .gather = 1,
                              .epochs = 3,
                              .held_back = 0.05,
                              .look_every = 25,
                              .patience = 4 };
}

/* ---- making it ---- */

static void shuffle(struct train_run *r, int n)
{
    for (int i = n - 1; i > 0; i--) {
        int j = (int)(draw_u64(&r->now.random) % ((uint64_t)i + 1)), other = r->order[i];
        r->order[i] = r->order[j];
        r->order[j] = other;
    }
}

static uint64_t identity_of(const struct train_run *r, int n)
{
    XXH3_state_t *state = XXH3_createState();
    if (!state)
        return 0;
    const struct train_model *m = r->model;
    struct train_plan plan;
    memset(&plan, 0, sizeof(plan)); /* its gaps, too */
    plan = r->plan;
    XXH3_64bits_reset(state);
    XXH3_64bits_update(state, &plan, sizeof(plan));
    XXH3_64bits_update(state, &m->file_size, sizeof(m->file_size));
    XXH3_64bits_update(state, m->embedding, m->embedding_row * (size_t)m->vocab);
    for (int i = 0; i < n; i++) {
        XXH3_64bits_update(state, r->examples[i].token, (size_t)r->examples[i].n * sizeof(int32_t));
        XXH3_64bits_update(state, r->examples[i].counts, (size_t)r->examples[i].n);
        XXH3_64bits_update(state, &r->examples[i].talk, sizeof(r->examples[i].talk));
    }
    uint64_t hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}

/* Of what is learnt: the same conversation with another beginning has the same. */
static uint64_t answers_of(const struct train_example *e)
{
    uint64_t hash = 0;
    if (e->talk)
        return e->talk;
    for (int i = 0; i < e->n; i++)
        if (e->counts[i])
            hash = XXH3_64bits_withSeed(&e->token[i], sizeof(e->token[i]), hash);
    return hash;
}

/* The first ones of the order that are learnt, then those that are held back. */
static int put_behind(struct train_run *r, const uint64_t *answers, const struct places *held, int *order)
{
    int at = 0, n = 0;
    for (int behind = 0; behind < 2; behind++)
        for (int i = 0; i < r->n_all; i++)
            if ((places_find(held, answers[i]) != PLACES_NONE) == (behind == 1)) {
                order[at++] = r->order[i];
                n += behind;
            }
    memcpy(r->order, order, (size_t)r->n_all * sizeof(*order));
    return n;
}

/* Of a conversation that was cut all windows go with one: so many lessons in each form. */
static int windows_of(const uint64_t *answers, int n, uint64_t talk, uint32_t forms)
{
    int all = 0;
    for (int i = 0; i < n; i++)
        all += answers[i] == talk;
    return forms > 1 ? all / (int)forms : all;
}

/* What is held back is not learnt in another form: what has the same answers goes with it. What is there more often than in two forms is
 * meant to be learnt well, and none of it is held back. The last ones of the order are; how many, or -1: no memory. */
static int hold_back(struct train_run *r, int wanted)
{
    uint64_t *answers = mem_alloc(((size_t)r->n_all + 1) * sizeof(*answers));
    int *order = mem_alloc(((size_t)r->n_all + 1) * sizeof(*order));
    struct places forms = { 0 }, held = { 0 }; /* forms: how many there are */
    bool whole = answers && order;
    for (int i = 0; whole && i < r->n_all; i++) {
        answers[i] = answers_of(&r->examples[r->order[i]]);
        uint32_t n = places_find(&forms, answers[i]);
        n = n == PLACES_NONE ? 0 : n;
        whole = places_put(&forms, answers[i], n + !r->examples[r->order[i]].again) == 0;
    }
    for (int i = r->n_all; whole && i-- > 0 && wanted > 0;) {
        uint32_t n = places_find(&forms, answers[i]); /* 0: its first windows did not fit */
        if (n && n <= MOST_FORMS && places_find(&held, answers[i]) == PLACES_NONE) {
            whole = places_put(&held, answers[i], 0) == 0;
            wanted -= windows_of(answers, r->n_all, answers[i], n);
        }
    }
    int n = whole ? put_behind(r, answers, &held, order) : -1;
    places_finish(&forms);
    places_finish(&held);
    mem_free(answers);
    mem_free(order);
    return n;
}

/* The examples that fit, in an order that the seed decides; the last ones are held back. */
static int divide(struct train_run *r, int n, anima_error *err)
{
    r->order = mem_alloc(((size_t)n + 1) * sizeof(*r->order));
    if (!r->order)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for training");
    for (int i = 0; i < n; i++)
        if (train_too_long(&r->examples[i], &r->plan.shape) || !train_answers(&r->examples[i]))
            r->left_out++;
        else
            r->order[r->n_all++] = i;
    shuffle(r, r->n_all);
    int held = hold_back(r, (int)lround(r->plan.held_back * r->n_all));
    if (held < 0)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for training");
    r->n_learn = r->n_all - held;
    train_order_fit(&r->plan.shape, r->examples, r->order, 0, r->n_learn);
    train_order_fit(&r->plan.shape, r->examples, r->order, r->n_learn, r->n_all);
    if (!r->n_all)
        return err_set(err, ANIMA_E_INVALID, "there is no example that fits into a batch");
    return r->n_learn ? ANIMA_OK
                      : err_set(err, ANIMA_E_INVALID,
                                "nothing is left to learn beside what is held back: %d of %d "
                                "examples",
                                held, r->n_all);
}

/* Steps of one epoch, as the batches fall in this order. */
static int count_steps(struct train_run *r)
{
    int batches = 0;
    for (int at = 0; at < r->n_learn; batches++)
        at = train_batch_fill(&r->batch, &r->plan.shape, r->examples, r->order, at, r->n_learn);
    double steps = (double)batches / r->plan.gather * r->plan.epochs;
    return steps < 1 ? 1 : (int)ceil(steps);
}

static int make_numbers(struct train_run *r, anima_error *err)
{
    r->params = train_graph_params(r->graph, &r->n_params);
    for (int i = 0; i < r->n_params; i++)
        r->now.n_numbers += (int64_t)r->params[i].columns * r->params[i].rows;
    r->numbers = mem_zero((size_t)r->now.n_numbers * 4, sizeof(*r->numbers));
    r->best = mem_zero((size_t)r->n_params, sizeof(*r->best));
    if (!r->numbers || !r->best)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for training");
    float *at = r->numbers;
    for (int i = 0; i < r->n_params; i++) {
        r->best[i] = r->params[i];
        r->best[i].value = at;
        at += (size_t)r->params[i].columns * (size_t)r->params[i].rows;
    }
    return ANIMA_OK;
}

/* A file can have more tokens than rows for them. */
static int check_tokens(const struct train_model *m, const struct train_example *examples, int n, anima_error *err)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < examples[i].n; k++)
            if (examples[i].token[k] < 0 || examples[i].token[k] >= m->vocab)
                return err_set(err, ANIMA_E_MODEL, "the model has %d embeddings, and its vocabulary more tokens",
                               (int)m->vocab);
    return ANIMA_OK;
}

int train_run_create(const struct train_model *model, const struct train_plan *plan, enum matmul_kind kind,
                     int max_threads, const struct train_example *examples, int n, struct train_run **out,
                     anima_error *err)
{
    struct train_run *r = *out = mem_zero(1, sizeof(*r));
    if (!r)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for training");
    r->model = model;
    r->plan = *plan;
    r->examples = examples;
    memcpy(r->now.magic, MAGIC, sizeof(r->now.magic));
    r->now.random = plan->shape.seed;
    r->now.identity = identity_of(r, n);
    int rc = check_tokens(model, examples, n, err);
    if (!rc)
        rc = divide(r, n, err);
    if (!rc)
        rc = train_batch_make(&plan->shape, &r->batch, err);
    if (!rc)
        rc = train_graph_create(model, &plan->shape, kind, max_threads, &r->graph, err);
    if (!rc)
        rc = make_numbers(r, err);
    if (rc)
        return rc;
    r->steps = count_steps(r);
    int least = r->steps / MOST_LOOKS;
    r->look_every = plan->look_every > 0 && plan->look_every < least ? least : plan->look_every;
    return ANIMA_OK;
}

void train_run_destroy(struct train_run *r)
{
    if (!r)
        return;
    train_graph_destroy(r->graph);
    train_batch_free(&r->batch);
    mem_free(r->numbers);
    mem_free(r->best);
    mem_free(r->order);
    mem_free(r);
}

struct train_param *train_run_params(struct train_run *r, int *n)
{
    *n = r->n_params;
    return r->params;
}

/* ---- a step ---- */

static float *moments(struct train_run *r, int which) { return r->numbers + (size_t)which * (size_t)r->now.n_numbers; }

/* Adds the gradients of the batch's mean to the gathered ones, each batch by its number of answers. */
static void gather(struct train_run *r, double weight)
{
    float *sum = moments(r, 3);
    for (int i = 0; i < r->n_params; i++) {
        size_t n = (size_t)r->params[i].columns * (size_t)r->params[i].rows;
        for (size_t k = 0; k < n; k++)
            sum[k] += (float)weight * r->params[i].gradient[k];
        sum += n;
    }
}

static double rate_at(const struct train_run *r)
{
    const struct train_plan *p = &r->plan;
    double part = (double)r->now.step / r->steps, warm = p->warm_up > 0 ? (r->now.step + 1.0) / p->warm_up : 1;
    double cosine = p->least_rate + (1 - p->least_rate) * 0.5 * (1 + cos(M_PI * (part > 1 ? 1 : part)));
    return p->rate * (warm < 1 ? warm : 1) * cosine;
}

static void adamw(struct train_run *r, double answers)
{
    float *first = moments(r, 1), *second = moments(r, 2), *sum = moments(r, 3);
    double squares = 0;
    for (int64_t k = 0; k < r->now.n_numbers; k++)
        squares += (double)sum[k] * sum[k];
    r->norm = sqrt(squares) / answers;
    double scale = (r->plan.clip > 0 && r->norm > r->plan.clip ? r->plan.clip / r->norm : 1) / answers;
    double t = r->now.step + 1.0, fix1 = 1 / (1 - pow(BETA1, t)), fix2 = 1 / (1 - pow(BETA2, t));
    r->rate = rate_at(r);
    for (int i = 0; i < r->n_params; i++) {
        size_t n = (size_t)r->params[i].columns * (size_t)r->params[i].rows;
        for (size_t k = 0; k < n; k++, first++, second++, sum++) {
            double g = *sum * scale;
            *first = (float)(BETA1 * *first + (1 - BETA1) * g);
            *second = (float)(BETA2 * *second + (1 - BETA2) * g * g);
            double step = *first * fix1 / (sqrt(*second * fix2) + EPSILON);
            float *value = &r->params[i].value[k];
            *value = (float)(*value - r->rate * (step + r->plan.weight_decay * *value));
        }
    }
}

static void remember_best(struct train_run *r)
{
    for (int i = 0; i < r->n_params; i++)
        memcpy(r->best[i].value, r->params[i].value,
               (size_t)r->params[i].columns * (size_t)r->params[i].rows * sizeof(float));
    r->now.best_step = r->now.step;
}

/* The loss over what is held back. */
static void look(struct train_run *r, int threads)
{
    double sum = 0;
    int n = 0;
    r->batch.seed = 0;
    for (int at = r->n_learn; at < r->n_all;) {
        at = train_batch_fill(&r->batch, &r->plan.shape, r->examples, r->order, at, r->n_all);
        sum += train_graph_run(r->graph, &r->batch, false, threads, NULL) * r->batch.n_answers;
        n += r->batch.n_answers;
    }
    r->now.held_loss = n ? sum / n : 0;
    if (n && (r->now.best_step == 0 || r->now.held_loss < r->now.best_loss)) {
        r->now.best_loss = r->now.held_loss;
        r->now.looks_without = 0;
        remember_best(r);
    } else if (n) {
        r->now.looks_without++;
    }
}

/* One batch more; a new order when all examples have been seen. */
static void next_batch(struct train_run *r)
{
    if (r->now.at >= r->n_learn) {
        shuffle(r, r->n_learn);
        train_order_fit(&r->plan.shape, r->examples, r->order, 0, r->n_learn);
        r->now.at = 0;
        r->now.epoch++;
    }
    r->now.at = train_batch_fill(&r->batch, &r->plan.shape, r->examples, r->order, r->now.at, r->n_learn);
    r->batch.seed = r->plan.shape.dropout > 0 ? draw_u64(&r->now.random) : 0;
}

static void learn(struct train_run *r, int threads)
{
    double loss = 0, answers = 0;
    memset(moments(r, 3), 0, (size_t)r->now.n_numbers * sizeof(float));
    for (int i = 0; i < r->plan.gather; i++) {
        next_batch(r);
        double mean = train_graph_run(r->graph, &r->batch, true, threads, NULL);
        gather(r, r->batch.n_answers);
        loss += mean * r->batch.n_answers;
        answers += r->batch.n_answers;
        r->tokens += r->batch.n;
    }
    r->now.loss = loss / answers;
    r->answers += (int64_t)answers;
    adamw(r, answers);
    r->now.step++;
}

bool train_run_step(struct train_run *r, int threads)
{
    if (r->over)
        return false;
    learn(r, threads);
    bool last = r->now.step >= r->steps;
    if (r->look_every > 0 && (r->now.step % r->look_every == 0 || last))
        look(r, threads);
    bool hopeless = r->plan.patience > 0 && r->now.looks_without >= r->plan.patience;
    r->over = last || hopeless;
    return true;
}

void train_run_end(struct train_run *r, int threads)
{
    if (!r->over && r->look_every > 0 && r->now.step > 0)
        look(r, threads);
    r->over = true;
}

void train_run_state(const struct train_run *r, struct train_state *out)
{
    double part = r->n_learn ? (double)r->now.at / r->n_learn : 0;
    *out = (struct train_state){ .step = r->now.step,
                                 .steps = r->steps,
                                 .epoch = r->now.epoch + part,
                                 .loss = r->now.loss,
                                 .held_loss = r->now.held_loss,
                                 .best_loss = r->now.best_loss,
                                 .best_step = r->now.best_step,
                                 .rate = r->rate,
                                 .tokens = r->tokens,
                                 .answers = r->answers,
                                 .norm = r->norm,
                                 .over = r->over };
}

const struct train_param *train_run_best(struct train_run *r, int *n)
{
    *n = r->n_params;
    return r->now.best_step ? r->best : r->params;
}

int train_run_left_out(const struct train_run *r) { return r->left_out; }

/* ---- checkpoints ---- */

/* MAGIC … | order | values | best, moments | hash of all in front of it */
int train_run_save(const struct train_run *r, struct buf *out, anima_error *err)
{
    size_t from = out->len;
    buf_append(out, &r->now, sizeof(r->now));
    buf_append(out, r->order, (size_t)r->n_all * sizeof(*r->order));
    for (int i = 0; i < r->n_params; i++)
        buf_append(out, r->params[i].value, (size_t)r->params[i].columns * (size_t)r->params[i].rows * sizeof(float));
    buf_append(out, r->numbers, (size_t)r->now.n_numbers * 3 * sizeof(float));
    uint64_t hash = out->failed ? 0 : XXH3_64bits(out->data + from, out->len - from);
    buf_append(out, &hash, sizeof(hash));
    return out->failed ? err_set(err, out->failed, "out of memory for a checkpoint") : ANIMA_OK;
}

static const char *take(const char *from, void *to, size_t n)
{
    memcpy(to, from, n);
    return from + n;
}

int train_run_restore(struct train_run *r, const void *data, size_t n, anima_error *err)
{
    struct progress now;
    uint64_t hash;
    size_t numbers = (size_t)r->now.n_numbers * sizeof(float), order = (size_t)r->n_all * sizeof(*r->order);
    if (n < sizeof(now) || memcmp(data, MAGIC, 8) != 0)
        return err_set(err, ANIMA_E_INVALID, "this is no checkpoint of a training");
    const char *at = take(data, &now, sizeof(now));
    if (now.identity != r->now.identity || now.n_numbers != r->now.n_numbers)
        return err_set(err, ANIMA_E_CONFLICT,
                       "the checkpoint belongs to another training: model, examples or settings are others");
    if (n != sizeof(now) + order + 4 * numbers + sizeof(hash))
        return err_set(err, ANIMA_E_INVALID, "the checkpoint is not whole");
    memcpy(&hash, (const char *)data + n - sizeof(hash), sizeof(hash));
    if (hash != XXH3_64bits(data, n - sizeof(hash)))
        return err_set(err, ANIMA_E_INVALID, "the checkpoint is damaged");
    r->now = now;
    at = take(at, r->order, order);
    for (int i = 0; i < r->n_params; i++)
        at = take(at, r->params[i].value, (size_t)r->params[i].columns * (size_t)r->params[i].rows * sizeof(float));
    take(at, r->numbers, 3 * numbers);
    r->over = now.step >= r->steps || (r->plan.patience > 0 && now.looks_without >= r->plan.patience);
    return ANIMA_OK;
}
