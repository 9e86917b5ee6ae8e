/* train.c — an engine of the driver train_lora: it is asked nothing, and tells of every step. It runs beside those that talk, comes
 * back when it dies (from its checkpoint), and gets time to keep one when it is to end. */
#include "base/err.h"
#include "base/utf8.h"
#include "engine/engine_private.h"

#include <math.h>
#include <signal.h>

#define HALT_MS 300000 /* it ends behind the step under way; one of a large model takes minutes on a busy machine */
#define MAX_STEPS 1000000000

int engine_train(struct engine_set *set, const char *name, const struct engine_training_callbacks *cb, void *ctx,
                 anima_error *err)
{
    struct engine *e;
    int rc = engine_need(set, name, &e, err);
    if (rc)
        return rc;
    e->training = *cb;
    e->training_ctx = ctx;
    return ANIMA_OK;
}

bool engine_halt(struct engine_set *set, const char *name) { return engine_end(set, name, HALT_MS); }

static double number(yyjson_val *state, const char *key)
{
    double x = json_num(state, key, 0);
    return isfinite(x) && x > -1e15 && x < 1e15 ? x : 0;
}

static int count(yyjson_val *state, const char *key)
{
    double x = number(state, key);
    return x < 0 ? 0 : x > MAX_STEPS ? MAX_STEPS : (int)x;
}

const char *train_answer(struct engine *e, yyjson_val *head, const struct frame *f)
{
    (void)f;
    yyjson_val *s = yyjson_obj_get(head, "state");
    if (!yyjson_is_obj(s) || !e->training.trained)
        return "it tells of a training that it was not asked for, or that is none";
    const struct engine_trained told = { .step = count(s, "step"),
                                         .steps = count(s, "steps"),
                                         .best_step = count(s, "best_step"),
                                         .epoch = number(s, "epoch"),
                                         .loss = number(s, "loss"),
                                         .held_loss = number(s, "held_loss"),
                                         .best_loss = number(s, "best_loss"),
                                         .rate = number(s, "rate"),
                                         .gradient = number(s, "gradient"),
                                         .tokens_per_s = number(s, "tokens_per_s"),
                                         .tokens = (int64_t)number(s, "tokens"),
                                         .over = json_bool(s, "over", false),
                                         .written = *json_str(s, "adapter", "") != '\0' };
    e->training.trained(e->training_ctx, &told);
    return NULL;
}

bool train_trouble(struct engine *e, int code, const char *message)
{
    if (!e->training.trouble)
        return false;
    e->training.trouble(e->training_ctx, code, message);
    return true;
}
