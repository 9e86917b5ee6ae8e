#include "agent/training.h"

#include "agent/state.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/fetch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_DEATHS 3
#define MAX_CURVE (64u << 20)
#define MAX_STATE (64u << 10)

enum phase { IDLE, PREPARING, LOADING, RUNNING, STOPPING, FINISHING, PLACING };

struct training {
    anima_home *home;
    enum phase phase;
    struct training_job job;
    anima_training shown;  /* of the job under way, or the last one */
    char engine[80];       /* its name; "": none was asked for */
    bool gone;             /* that engine is not there (any more) */
    bool prepare, stop;    /* only that; somebody asked to stop while texts were read */
    int deaths, last_step; /* in a row without a step */
    int64_t told_us;
    double per_step; /* seconds */
    /* What waits to be written, and what is being written. */
    struct buf curve;
    bool curve_whole, state_due, saving;
    bool ended; /* that is told when it is written */
};

/* ---- telling ---- */

static void show_state(struct training *t, const char *state)
{
    snprintf(t->shown.state, sizeof(t->shown.state), "%s", state);
}

static void tell(struct training *t)
{
    anima_event event = { .type = ANIMA_EVENT_TRAINING_CHANGED, .training = &t->shown };
    event_emit(t->home, NULL, &event);
}

static void tell_end(struct training *t)
{
    anima_home *home = t->home;
    t->ended = false;
    tell(t);
    const anima_character *who = anima_character_find(home, t->job.character);
    anima_event event = { .type = ANIMA_EVENT_CHARACTER_CHANGED, .character = who };
    if (who && strcmp(t->shown.state, "done") == 0) /* it has another adapter */
        event_emit(home, NULL, &event);
}

/* ---- writing, one piece at a time, in order ---- */

struct save {
    struct training *t;
    struct buf state, curve;
    bool whole;
    char *folder;
    int rc;
    anima_error err;
};

static char *folder_of(const anima_home *home, const char *character)
{
    return fs_join(home->path, "training", character, (char *)NULL);
}

static int append_to(const char *path, const struct buf *data, anima_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ssize_t n = fd < 0 ? -1 : write(fd, data->data, data->len);
    int rc = n == (ssize_t)data->len ? ANIMA_OK
                                     : err_errno(err, fd < 0 || n < 0 ? errno : ENOSPC, "cannot write %s", path);
    if (fd >= 0)
        close(fd);
    return rc;
}

static void save_run(void *ctx)
{
    struct save *s = ctx;
    char *state = fs_join(s->folder, "state.json", (char *)NULL);
    char *curve = fs_join(s->folder, "curve.jsonl", (char *)NULL);
    s->rc = state && curve ? ANIMA_OK : err_set(&s->err, ANIMA_E_NOMEM, "out of memory");
    if (!s->rc && s->whole)
        s->rc = fs_write(curve, buf_str(&s->curve), s->curve.len, 0600, &s->err);
    else if (!s->rc && s->curve.len)
        s->rc = append_to(curve, &s->curve, &s->err);
    if (!s->rc && s->state.len)
        s->rc = fs_write(state, s->state.data, s->state.len, 0600, &s->err);
    mem_free(state);
    mem_free(curve);
}

static void save_free(struct save *s)
{
    buf_finish(&s->state);
    buf_finish(&s->curve);
    mem_free(s->folder);
    mem_free(s);
}

static void save(struct training *t);
static void finish(struct training *t);

static void save_done(void *ctx)
{
    struct save *s = ctx;
    struct training *t = s->t;
    t->saving = false;
    if (s->rc)
        log_warn("train", "%s", s->err.message);
    save_free(s);
    if (t->home->closing)
        return;
    save(t);
    if (t->saving)
        return;
    if (t->phase == FINISHING)
        finish(t);
    if (t->ended)
        tell_end(t);
}

/* Writes what is due, if nothing is being written; else that is done behind it. */
static void save(struct training *t)
{
    if (t->saving || (!t->state_due && !t->curve.len && !t->curve_whole))
        return;
    struct save *s = mem_zero(1, sizeof(*s));
    if (!s)
        return; /* with the next step */
    *s = (struct save){ .t = t, .whole = t->curve_whole, .folder = folder_of(t->home, t->job.character) };
    buf_init(&s->state, MAX_STATE);
    int rc = t->state_due ? training_state_write(&t->job, &t->shown, &s->state) : ANIMA_OK;
    s->curve = t->curve;
    buf_init(&t->curve, MAX_CURVE);
    if (rc || !s->folder || loop_work(t->home->loop, save_run, save_done, s, NULL)) {
        log_warn("train", "out of memory for what a training says of itself");
        save_free(s);
        return;
    }
    t->saving = true;
    t->state_due = t->curve_whole = false;
}

/* ---- how it ends ---- */

static void end(struct training *t, const char *state, int code, const char *message)
{
    t->phase = IDLE;
    show_state(t, state);
    t->shown.code = code;
    snprintf(t->shown.message, sizeof(t->shown.message), "%s", message);
    t->shown.seconds_left = 0;
    if (code)
        log_warn("train", "the training of %s: %s", t->job.character, message);
    t->state_due = *t->job.model != '\0';
    t->ended = true;
    save(t);
    if (!t->saving)
        tell_end(t);
}

static void halt(struct training *t) { t->gone = !engine_halt(t->home->engines, t->engine); }

static void give_up(struct training *t, int code, const char *message)
{
    halt(t);
    end(t, "failed", code, message);
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
        end(t, f->rc ? "failed" : "done", f->rc, f->rc ? f->err.message : "");
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
                                 .folder = folder_of(home, t->job.character),
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
    end(t, "failed", ANIMA_E_NOMEM, err.message);
}

static void begin_finishing(struct training *t)
{
    t->phase = FINISHING;
    show_state(t, "finishing");
    t->shown.seconds_left = 0;
    tell(t);
    save(t);
    if (!t->saving)
        finish(t);
}

/* ---- the engine ---- */

static bool file_in(const struct training *t, const char *name)
{
    char *folder = folder_of(t->home, t->job.character), *file = folder ? fs_join(folder, name, (char *)NULL) : NULL;
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
    char *folder = folder_of(t->home, t->job.character);
    buf_finish(&t->curve);
    buf_init(&t->curve, MAX_CURVE);
    t->shown.seconds = 0;
    if (folder)
        training_curve_read(folder, t->shown.resumed_at, &t->curve, &t->shown);
    mem_free(folder);
    t->curve_whole = t->state_due = true;
    save(t);
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
        halt(t);
        begin_finishing(t);
    } else if (++t->deaths >= MAX_DEATHS) {
        died_too_often(t, "its engine died three times in a row without a step");
    } else {
        t->phase = LOADING;
        show_state(t, "loading");
        t->shown.progress = info->progress;
        tell(t);
    }
}

static void on_state(void *ctx, const anima_engine_info *info)
{
    struct training *t = ctx;
    bool gone = strcmp(info->state, "stopped") == 0, failed = strcmp(info->state, "failed") == 0;
    t->gone = gone || failed;
    if (t->phase == STOPPING && t->gone) {
        end(t, "stopped", ANIMA_OK, "");
    } else if (t->phase != LOADING && t->phase != RUNNING) {
        return;
    } else if (failed && t->deaths) {
        died_too_often(t, info->message);
    } else if (failed) {
        end(t, "failed", ANIMA_E_ENGINE, info->message);
    } else if (strcmp(info->state, "restarting") == 0 && info->pid == 0) {
        take_death(t, info);
    } else if (strcmp(info->state, "ready") == 0) {
        take_ready(t, info->info);
        t->phase = RUNNING;
        t->told_us = clock_mono_us();
        show_state(t, "training");
        tell(t);
    } else {
        t->shown.progress = info->progress;
        tell(t);
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
        halt(t);
        begin_finishing(t);
        return;
    }
    save(t);
    tell(t);
}

static void on_trouble(void *ctx, int code, const char *message)
{
    struct training *t = ctx;
    if (t->phase == RUNNING || t->phase == LOADING)
        give_up(t, code, message);
}

static void run(struct training *t)
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
    show_state(t, "loading");
    snprintf(t->engine, sizeof(t->engine), TRAINING_ENGINE "%s", t->job.character);
    t->gone = false;
    int rc = engine_train(t->home->engines, t->engine, &callbacks, t, &err);
    if (rc) {
        t->gone = true;
        end(t, "failed", rc, err.message);
        return;
    }
    tell(t);
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
    char *folder = folder_of(home, j->character),
         *data = folder ? fs_join(folder, "lessons.jsonl", (char *)NULL) : NULL;
    buf_init(&b, MAX_STATE);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_str(&w, "data", data);
    jw_str(&w, "folder", folder);
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
    jw_int(&w, "patience", j->patience);
    jw_int(&w, "seed", j->seed);
    jw_int(&w, "checkpoint_s", settings_int(home->settings, "train.checkpoint_s"));
    jw_int(&w, "threads", settings_int(home->settings, "train.threads"));
    jw_int(&w, "memory_limit_mb", settings_int(home->settings, "engine.memory_limit_mb"));
    jw_end_obj(&w);
    *spec = (struct engine_spec){ .driver = "train_lora",
                                  .model = mem_strdup(place.file),
                                  .options = folder && data ? buf_take(&b) : NULL,
                                  .runtime = models_runtime_folder(home->models),
                                  .beside = true };
    bool runtime = spec->runtime != NULL, memory = spec->model && spec->options;
    buf_finish(&b);
    mem_free(folder);
    mem_free(data);
    if (runtime && memory)
        return ANIMA_OK;
    engine_spec_finish(spec);
    return memory ? err_set(err, ANIMA_E_NOT_FOUND, "llama.cpp is not here; `tools/setup` fetches it")
                  : err_set(err, ANIMA_E_NOMEM, "out of memory");
}

/* ---- preparing ---- */

struct preparing {
    struct training *t;
    struct training_texts texts;
    char model_sha256[65]; /* "": it is computed */
    char *model_file;
    bool anew; /* a training follows: what is left of another is taken away */
    int lessons, rc;
    anima_error err;
};

static void prepare_free(struct preparing *p)
{
    mem_free(p->texts.folder);
    mem_free(p->texts.own);
    mem_free(p->texts.share);
    mem_free(p->model_file);
    mem_free(p);
}

static void remove_in(const char *folder, const char *name)
{
    char *file = fs_join(folder, name, (char *)NULL);
    if (file)
        unlink(file);
    mem_free(file);
}

static void prepare_run(void *ctx)
{
    struct preparing *p = ctx;
    p->rc = fs_mkdirs(p->texts.folder, &p->err);
    if (!p->rc)
        p->rc = training_prepare(&p->texts, &p->lessons, &p->err);
    if (p->rc || !p->anew)
        return;
    if (!*p->model_sha256)
        p->rc = fetch_sha256(p->model_file, p->model_sha256, NULL, NULL, &p->err);
    static const char *const left[] = { "state.json", "adapter.gguf", "adapter.checkpoint", "curve.jsonl" };
    for (size_t i = 0; !p->rc && i < sizeof(left) / sizeof(left[0]); i++)
        remove_in(p->texts.folder, left[i]);
}

static void prepare_done(void *ctx)
{
    struct preparing *p = ctx;
    struct training *t = p->t;
    if (!t->home->closing) {
        memcpy(t->job.model_sha256, p->model_sha256, sizeof(t->job.model_sha256));
        t->shown.lessons = p->lessons;
        bool only = t->prepare;
        if (p->rc || only || t->stop)
            *t->job.model = '\0'; /* there is no job to be gone on with */
        if (p->rc)
            end(t, "failed", p->rc, p->err.message);
        else if (only)
            end(t, "prepared", ANIMA_OK, "");
        else if (t->stop)
            end(t, "stopped", ANIMA_OK, "");
        else
            run(t);
        t->state_due |= t->phase == LOADING;
        save(t);
    }
    prepare_free(p);
}

static int prepare(struct training *t, const struct character *who, const char *mode, anima_error *err)
{
    anima_home *home = t->home;
    struct act_self self;
    struct model_place place;
    struct preparing *p = mem_zero(1, sizeof(*p));
    if (!p)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    models_place(home->models, t->job.model, &place);
    utterance_self(who, who->pub.language, &self);
    *p = (struct preparing){ .t = t,
                             .texts = { .who = who,
                                        .folder = folder_of(home, who->pub.id),
                                        .own = fs_join(home->path, "characters", who->pub.id, (char *)NULL),
                                        .share = fs_share_dir(),
                                        .machine = act_is_machine(&self) },
                             .model_file = mem_strdup(place.file),
                             .anew = !t->prepare };
    snprintf(p->texts.mode, sizeof(p->texts.mode), "%s", mode);
    snprintf(p->model_sha256, sizeof(p->model_sha256), "%s", strlen(place.sha256) == 64 ? place.sha256 : "");
    int rc = p->texts.folder && p->texts.own && p->model_file ? loop_work(home->loop, prepare_run, prepare_done, p, err)
                                                              : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (rc) {
        prepare_free(p);
        return rc;
    }
    t->phase = PREPARING;
    show_state(t, "preparing");
    tell(t);
    return ANIMA_OK;
}

/* ---- what was asked for ---- */

static const char *const shown_phase[] = {
    [IDLE] = "ending",           [PREPARING] = "being prepared", [LOADING] = "being trained",
    [RUNNING] = "being trained", [STOPPING] = "being stopped",   [FINISHING] = "being finished",
    [PLACING] = "being finished"
};

static int check_free(const struct training *t, anima_error *err)
{
    if (t->home->read_only)
        return err_set(err, ANIMA_E_UNSUPPORTED, "this home was opened for looking only");
    if (t->phase != IDLE || !t->gone || t->ended)
        return err_set(err, ANIMA_E_BUSY, "%.64s is %s; one at a time: `anima train %.64s --stop` ends that",
                       t->job.character, shown_phase[t->phase], t->job.character);
    return ANIMA_OK;
}

static int check_model(const anima_home *home, const char *name, anima_error *err)
{
    struct model_place place;
    const struct model *model = models_find(home->models, name);
    bool local = models_place(home->models, name, &place);
    if (!local || strcmp(place.driver, "llm_llama") != 0)
        return err_set(
            err, ANIMA_E_UNSUPPORTED,
            "%.80s cannot be trained: a model that runs here is needed (a GGUF file; `anima models` lists them)", name);
    if (!fs_exists(place.file))
        return err_set(err, ANIMA_E_NOT_FOUND, "the model %.80s is not here%s%.80s", name,
                       model ? "; `anima models fetch` gets it: " : "", model ? model->name : "");
    return ANIMA_OK;
}

static int check_numbers(const struct training_job *j, anima_error *err)
{
    if (j->rank < 1 || j->rank > 256)
        return err_set(err, ANIMA_E_INVALID, "\"rank\" is 1 to 256");
    if (!(j->epochs > 0 && j->epochs <= 1000) || !(j->rate > 0 && j->rate < 1))
        return err_set(err, ANIMA_E_INVALID, "\"epochs\" is above 0 and at most 1000, \"rate\" above 0 and below 1");
    if (!(j->scale >= 0 && j->scale <= 4) || !(j->alpha > 0 && j->alpha <= 4096) || j->seed < 0)
        return err_set(err, ANIMA_E_INVALID, "\"scale\" is 0 to 4, \"alpha\" above 0, \"seed\" not below 0");
    return adapters_name_ok(j->adapter)
               ? ANIMA_OK
               : err_set(err, ANIMA_E_INVALID, "an adapter's name has letters, digits, '.', '-' and '_', at most 64");
}

/* "/models/tiny-Q4.gguf" → "tiny-Q4"; a name stays what it is. */
static void name_adapter(const char *model, char *out)
{
    const char *slash = strrchr(model, '/');
    snprintf(out, ADAPTER_NAME, "%.64s", slash ? slash + 1 : model);
    size_t n = strlen(out);
    if (n > 5 && strcmp(out + n - 5, ".gguf") == 0)
        out[n - 5] = '\0';
    for (char *p = out; *p; p++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *p) || (p == out && *p == '.'))
            *p = '-';
}

static void plan(const anima_home *home, const struct character *who, const anima_training_options *o,
                 struct training_job *j)
{
    const struct settings *s = home->settings;
    *j = (struct training_job){ .rank = o->rank ? o->rank : 8,
                                .epochs = o->epochs != 0 ? o->epochs : 3,
                                .rate = o->rate != 0 ? o->rate : 3e-4,
                                .scale = o->scale != 0 ? o->scale : 1,
                                .seed = o->seed ? o->seed : 1,
                                .tokens = settings_int(s, "train.tokens"),
                                .answers = settings_int(s, "train.answers"),
                                .gather = settings_int(s, "train.gather"),
                                .held_back = settings_int(s, "train.held_back"),
                                .patience = settings_int(s, "train.patience"),
                                .started_ms = clock_wall_ms() };
    j->alpha = o->alpha != 0 ? o->alpha : 2.0 * j->rank;
    j->answers = j->answers < j->tokens ? j->answers : j->tokens;
    snprintf(j->character, sizeof(j->character), "%s", who->pub.id);
    snprintf(j->model, sizeof(j->model), "%s", o->model && *o->model ? o->model : character_model(home, who));
    snprintf(j->places, sizeof(j->places), "%s", o->places && *o->places ? o->places : "q,k,v,o,gate,up,down");
    snprintf(j->command, sizeof(j->command), "%s", o->command ? o->command : "");
    if (o->name && *o->name)
        snprintf(j->adapter, sizeof(j->adapter), "%s", o->name);
    else
        name_adapter(j->model, j->adapter);
}

static bool nothing_asked(const anima_training_options *o)
{
    return !o->model && !o->name && !o->lessons && !o->places && !o->prepare && !o->rank && o->alpha == 0 &&
           o->epochs == 0 && o->rate == 0 && o->scale == 0 && !o->seed;
}

static void show_job(struct training *t)
{
    t->shown = (anima_training){ .rank = t->job.rank, .started_ms = t->job.started_ms };
    snprintf(t->shown.character, sizeof(t->shown.character), "%s", t->job.character);
    snprintf(t->shown.model, sizeof(t->shown.model), "%s", t->job.model);
    snprintf(t->shown.adapter, sizeof(t->shown.adapter), "%s", t->job.adapter);
    char *folder = folder_of(t->home, t->job.character);
    snprintf(t->shown.folder, sizeof(t->shown.folder), "%s", folder ? folder : "");
    mem_free(folder);
}

/* Goes on with one that was stopped, failed or was killed. */
static void go_on(struct training *t, const struct training_job *job)
{
    struct buf kept;
    t->job = *job;
    show_job(t);
    buf_init(&kept, MAX_CURVE);
    training_curve_read(t->shown.folder, INT32_MAX, &kept, &t->shown);
    buf_finish(&kept);
    run(t);
    t->state_due |= t->phase == LOADING;
    save(t);
}

static bool unfinished(const anima_home *home, const char *character, struct training_job *job, anima_training *shown)
{
    char *folder = folder_of(home, character);
    bool found = folder && !training_state_read(folder, job, shown, NULL) && *job->model &&
                 strcmp(job->character, character) == 0 && strcmp(shown->state, "done") != 0;
    mem_free(folder);
    return found;
}

int anima_training_start(anima_home *home, const char *character, const anima_training_options *options,
                         anima_error *err)
{
    static const anima_training_options none = { 0 };
    const anima_training_options *o = options ? options : &none;
    struct training *t = home->training;
    struct training_job job;
    anima_training shown;
    characters_refresh_one(home, character);
    const struct character *who = cast_find(&home->cast, character);
    const char *mode = o->lessons && *o->lessons ? o->lessons : "auto";
    int rc = who ? check_free(t, err) : err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    if (!rc && strcmp(mode, "auto") != 0 && strcmp(mode, "fresh") != 0 && strcmp(mode, "as_is") != 0)
        rc = err_set(err, ANIMA_E_INVALID, "\"lessons\" is auto, fresh or as_is");
    if (!rc && nothing_asked(o) && unfinished(home, character, &job, &shown)) {
        rc = check_model(home, job.model, err);
        if (!rc)
            go_on(t, &job);
        return rc;
    }
    if (!rc) {
        plan(home, who, o, &job);
        rc = check_numbers(&job, err);
    }
    if (!rc && !o->prepare)
        rc = check_model(home, job.model, err);
    if (rc)
        return rc;
    t->job = job;
    t->prepare = o->prepare;
    t->stop = false;
    show_job(t);
    return prepare(t, who, mode, err);
}

int anima_training_stop(anima_home *home, const char *character, anima_error *err)
{
    struct training *t = home->training;
    if (t->phase == IDLE || strcmp(t->job.character, character) != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "%.64s is not being trained", character);
    if (t->phase == FINISHING || t->phase == PLACING)
        return err_set(err, ANIMA_E_BUSY, "the training of %.64s is over: its adapter is being put into place",
                       character);
    t->stop = true;
    if (t->phase == PREPARING || t->phase == STOPPING)
        return ANIMA_OK;
    t->phase = STOPPING;
    show_state(t, "stopping");
    tell(t);
    halt(t);
    if (t->gone) /* it was between two lives */
        end(t, "stopped", ANIMA_OK, "");
    return ANIMA_OK;
}

int anima_training_look(anima_home *home, const char *character, anima_training *out, anima_error *err)
{
    const struct training *t = home->training;
    struct training_job job;
    if (!cast_find(&home->cast, character))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    if (strcmp(t->shown.character, character) == 0) {
        *out = t->shown;
        return ANIMA_OK;
    }
    char *folder = folder_of(home, character);
    *out = (anima_training){ .state = "none" };
    if (folder && !training_state_read(folder, &job, out, NULL) && strcmp(out->state, "running") == 0)
        snprintf(out->state, sizeof(out->state), "stopped"); /* another one's turn came first */
    snprintf(out->character, sizeof(out->character), "%s", character);
    snprintf(out->folder, sizeof(out->folder), "%s", folder ? folder : "");
    mem_free(folder);
    return ANIMA_OK;
}

/* ---- with the home ---- */

int training_open(anima_home *home, struct training **out, anima_error *err)
{
    struct training *t = *out = mem_zero(1, sizeof(*t));
    if (!t)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for trainings");
    t->home = home;
    t->gone = true;
    buf_init(&t->curve, MAX_CURVE);
    return ANIMA_OK;
}

void training_free(struct training *t)
{
    if (t)
        buf_finish(&t->curve);
    mem_free(t);
}

void training_take_up(anima_home *home)
{
    char *folder = fs_join(home->path, "training", (char *)NULL);
    DIR *d = folder ? opendir(folder) : NULL;
    struct dirent *e;
    while (d && home->training->phase == IDLE && (e = readdir(d))) {
        struct training_job job;
        anima_training shown;
        if (character_id_ok(e->d_name) && cast_find(&home->cast, e->d_name) &&
            unfinished(home, e->d_name, &job, &shown) && strcmp(shown.state, "running") == 0 &&
            !check_model(home, job.model, NULL)) {
            log_info("train", "the training of %s goes on", job.character);
            go_on(home->training, &job);
        }
    }
    if (d)
        closedir(d);
    mem_free(folder);
}
