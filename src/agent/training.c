#include "agent/training_private.h"

#include "agent/state.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define MAX_DEATHS 3
#define MAX_CURVE (64u << 20)
#define MAX_STATE (64u << 10)

/* ---- telling ---- */

void training_show(struct training *t, const char *state)
{
    snprintf(t->shown.state, sizeof(t->shown.state), "%s", state);
}

void training_tell(struct training *t)
{
    anima_event event = { .type = ANIMA_EVENT_TRAINING_CHANGED, .training = &t->shown };
    event_emit(t->home, NULL, &event);
}

static void training_tell_end(struct training *t)
{
    anima_home *home = t->home;
    t->ended = false;
    training_tell(t);
    const anima_character *who = anima_character_find(home, t->job.character);
    anima_event event = { .type = ANIMA_EVENT_CHARACTER_CHANGED, .character = who };
    if (who && strcmp(t->shown.state, "done") == 0) /* it has another adapter */
        event_emit(home, NULL, &event);
}

/* ---- how it ends ---- */

void training_end(struct training *t, const char *state, int code, const char *message)
{
    t->phase = IDLE;
    training_show(t, state);
    t->shown.code = code;
    utf8_clean(message, strlen(message), t->shown.message, sizeof(t->shown.message));
    t->shown.seconds_left = 0;
    if (code)
        log_warn("train", "the training of %s: %s", t->job.character, message);
    t->state_due = *t->job.model != '\0';
    t->ended = true;
    training_save(t);
    if (!t->saving)
        training_tell_end(t);
}

void training_halt(struct training *t) { t->gone = !engine_halt(t->home->engines, t->engine); }

static void give_up(struct training *t, int code, const char *message)
{
    training_halt(t);
    training_end(t, "failed", code, message);
}

struct finishing {
    struct training *t;
    struct training_job job;
    anima_training shown;
    char *folder, *own;
    int rc;
    anima_error err;
};

static void finish_run(void *ctx)
{
    struct finishing *f = ctx;
    f->rc = training_place(&f->job, &f->shown, f->folder, f->own, &f->err);
}

static void finish_done(void *ctx)
{
    struct finishing *f = ctx;
    struct training *t = f->t;
    if (!t->home->closing)
        training_end(t, f->rc ? "failed" : "done", f->rc, f->rc ? f->err.message : "");
    mem_free(f->folder);
    mem_free(f->own);
    mem_free(f);
}

/* All that was told is written: the adapter takes its place. */
static void finish(struct training *t)
{
    anima_home *home = t->home;
    anima_error err = { .message = "out of memory" };
    struct finishing *f = mem_zero(1, sizeof(*f));
    if (f)
        *f = (struct finishing){ .t = t,
                                 .job = t->job,
                                 .shown = t->shown,
                                 .folder = training_folder(home, t->job.character),
                                 .own = fs_join(home->path, "characters", t->job.character, (char *)NULL) };
    if (f && f->folder && f->own && !loop_work(home->loop, finish_run, finish_done, f, &err)) {
        t->phase = PLACING;
        return;
    }
    if (f) {
        mem_free(f->folder);
        mem_free(f->own);
    }
    mem_free(f);
    training_end(t, "failed", ANIMA_E_NOMEM, err.message);
}

static void begin_finishing(struct training *t)
{
    t->phase = FINISHING;
    training_show(t, "finishing");
    t->shown.seconds_left = 0;
    training_tell(t);
    training_save(t);
    if (!t->saving)
        finish(t);
}

void training_saved(struct training *t)
{
    if (t->phase == FINISHING)
        finish(t);
    if (t->ended)
        training_tell_end(t);
}

/* ---- the engine ---- */

static bool file_in(const struct training *t, const char *name)
{
    char *folder = training_folder(t->home, t->job.character),
         *file = folder ? fs_join(folder, name, (char *)NULL) : NULL;
    bool there = file && fs_exists(file);
    mem_free(file);
    mem_free(folder);
    return there;
}

/* From here it goes on: what was told of later steps is forgotten. */
static void take_ready(struct training *t, const char *info)
{
    yyjson_doc *doc;
    if (json_parse(info, strlen(info), MAX_STATE, "ready", &doc, NULL))
        return;
    yyjson_val *root = yyjson_doc_get_root(doc);
    t->shown.steps = (int)json_int(root, "steps", 0);
    t->shown.step = t->shown.resumed_at = (int)json_int(root, "resumed_at", 0);
    t->shown.lessons = (int)json_int(root, "examples", 0);
    t->shown.left_out = (int)json_int(root, "left_out", 0);
    yyjson_doc_free(doc);
    char *folder = training_folder(t->home, t->job.character);
    buf_finish(&t->curve);
    buf_init(&t->curve, MAX_CURVE);
    t->shown.seconds = 0;
    if (folder)
        training_curve_read(folder, t->shown.resumed_at, &t->curve, &t->shown);
    mem_free(folder);
    t->curve_whole = t->state_due = true;
    training_save(t);
}

/* what: of its engine. */
static void died_too_often(struct training *t, const char *what)
{
    char why[500];
    snprintf(why, sizeof(why), "%.300s; is there enough memory? `anima train %.64s` goes on from the last checkpoint",
             what, t->job.character);
    give_up(t, ANIMA_E_ENGINE, why);
}

/* It died. What it had written stays, and what it had kept is gone on from. */
static void take_death(struct training *t, const anima_engine_info *info)
{
    if (file_in(t, "adapter.gguf")) {
        training_halt(t);
        begin_finishing(t);
    } else if (++t->deaths >= MAX_DEATHS) {
        died_too_often(t, "its engine died three times in a row without a step");
    } else {
        t->phase = LOADING;
        training_show(t, "loading");
        t->shown.progress = info->progress;
        training_tell(t);
    }
}

static void on_state(void *ctx, const anima_engine_info *info)
{
    struct training *t = ctx;
    bool gone = strcmp(info->state, "stopped") == 0, failed = strcmp(info->state, "failed") == 0;
    t->gone = gone || failed;
    if (t->phase == STOPPING && t->gone) {
        training_end(t, "stopped", ANIMA_OK, "");
    } else if (t->phase != LOADING && t->phase != RUNNING) {
        return;
    } else if (failed && t->deaths) {
        died_too_often(t, info->message);
    } else if (failed) {
        training_end(t, "failed", ANIMA_E_ENGINE, info->message);
    } else if (strcmp(info->state, "restarting") == 0 && info->pid == 0) {
        take_death(t, info);
    } else if (strcmp(info->state, "ready") == 0) {
        take_ready(t, info->info);
        t->phase = RUNNING;
        t->told_us = clock_mono_us();
        training_show(t, "training");
        training_tell(t);
    } else {
        t->shown.progress = info->progress;
        training_tell(t);
    }
}

static void measure(struct training *t, int steps)
{
    int64_t now = clock_mono_us();
    double seconds = (double)(now - t->told_us) / 1e6;
    t->told_us = now;
    t->shown.seconds += seconds;
    if (steps > 0)
        t->per_step = t->per_step > 0 ? 0.9 * t->per_step + 0.1 * seconds / steps : seconds / steps;
    t->shown.seconds_left = t->per_step * (t->shown.steps - t->shown.step);
}

static void on_trained(void *ctx, const struct engine_trained *told)
{
    struct training *t = ctx;
    anima_training *s = &t->shown;
    if (t->phase != RUNNING)
        return;
    int steps = told->step - s->step;
    s->step = told->step;
    s->steps = told->steps;
    s->epoch = told->epoch;
    s->loss = told->loss;
    s->held_loss = told->held_loss;
    s->best_loss = told->best_loss;
    s->best_step = told->best_step;
    s->rate = told->rate;
    s->tokens_per_s = told->tokens_per_s;
    measure(t, steps);
    if (steps > 0) {
        t->deaths = 0;
        training_curve_line(s, told->gradient, &t->curve);
    }
    if (told->over && told->written) {
        training_halt(t);
        begin_finishing(t);
        return;
    }
    training_save(t);
    training_tell(t);
}

static void on_trouble(void *ctx, int code, const char *message)
{
    struct training *t = ctx;
    if (t->phase == RUNNING || t->phase == LOADING)
        give_up(t, code, message);
}

void training_run(struct training *t)
{
    static const struct engine_training_callbacks callbacks = { on_state, on_trained, on_trouble };
    anima_error err;
    if (file_in(t, "adapter.gguf")) {
        begin_finishing(t);
        return;
    }
    t->phase = LOADING;
    t->deaths = 0;
    t->per_step = 0;
    training_show(t, "loading");
    snprintf(t->engine, sizeof(t->engine), TRAINING_ENGINE "%s", t->job.character);
    t->gone = false;
    int rc = engine_train(t->home->engines, t->engine, &callbacks, t, &err);
    if (rc) {
        t->gone = true;
        training_end(t, "failed", rc, err.message);
        return;
    }
    training_tell(t);
}

int training_resolve(anima_home *home, const char *name, struct engine_spec *spec, anima_error *err)
{
    const struct training *t = home->training;
    const struct training_job *j = &t->job;
    struct model_place place;
    struct buf b;
    struct jw w;
    if (t->phase != LOADING || strcmp(name, t->engine) != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "nothing is being trained under the name %.80s", name);
    if (!models_place(home->models, j->model, &place) || !fs_exists(place.file))
        return err_set(err, ANIMA_E_NOT_FOUND, "the model %.80s is not here; `anima models fetch` gets it", j->model);
    char *folder = training_folder(home, j->character),
         *data = folder ? fs_join(folder, "lessons.jsonl", (char *)NULL) : NULL,
         *from = folder ? fs_join(folder, TRAINING_FROM, (char *)NULL) : NULL;
    buf_init(&b, MAX_STATE);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_str(&w, "data", data);
    jw_str(&w, "folder", folder);
    jw_str(&w, "from", j->more ? from : "");
    jw_str(&w, "name", "adapter");
    jw_int(&w, "rank", j->rank);
    jw_num(&w, "alpha", j->alpha);
    jw_str(&w, "places", j->places);
    jw_num(&w, "rate", j->rate);
    jw_num(&w, "epochs", j->epochs);
    jw_int(&w, "tokens", j->tokens);
    jw_int(&w, "answers", j->answers);
    jw_int(&w, "gather", j->gather);
    jw_int(&w, "held_back", j->held_back);
    jw_int(&w, "dropout", j->dropout);
    jw_int(&w, "patience", j->patience);
    jw_int(&w, "seed", j->seed);
    jw_int(&w, "checkpoint_s", settings_int(home->settings, "train.checkpoint_s"));
    jw_int(&w, "threads", settings_int(home->settings, "train.threads"));
    jw_int(&w, "memory_limit_mb", settings_int(home->settings, "engine.memory_limit_mb"));
    jw_end_obj(&w);
    *spec = (struct engine_spec){ .driver = "train_lora",
                                  .model = mem_strdup(place.file),
                                  .options = folder && data && from ? buf_take(&b) : NULL,
                                  .runtime = models_runtime_folder(home->models),
                                  .beside = true };
    bool runtime = spec->runtime != NULL, memory = spec->model && spec->options;
    buf_finish(&b);
    mem_free(folder);
    mem_free(data);
    mem_free(from);
    if (runtime && memory)
        return ANIMA_OK;
    engine_spec_finish(spec);
    return memory ? err_set(err, ANIMA_E_NOT_FOUND, "llama.cpp is not here; `tools/setup` fetches it")
                  : err_set(err, ANIMA_E_NOMEM, "out of memory");
}
