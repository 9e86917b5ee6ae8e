/* training_begin.c — what somebody asks of a training: begin, look, stop; and what a home does that opens. */
#include "agent/training_private.h"

#include "agent/state.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/fetch.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_CURVE (64u << 20)
#define MAX_RANK 64 /* the trainer's */

/* ---- preparing ---- */

struct preparing {
    struct training *t;
    struct training_texts texts;
    char model_sha256[65];   /* "": it is computed */
    char *model_file, *from; /* from: the adapter to go on from, or NULL */
    bool anew;               /* a training follows: what is left of another is taken away */
    int lessons, rc;
    anima_error err;
};

static void prepare_free(struct preparing *p)
{
    mem_free(p->texts.folder);
    mem_free(p->texts.own);
    mem_free(p->texts.share);
    mem_free(p->model_file);
    mem_free(p->from);
    mem_free(p);
}

static void remove_in(const char *folder, const char *name)
{
    char *file = fs_join(folder, name, (char *)NULL);
    if (file)
        unlink(file);
    mem_free(file);
}

static int keep_from(struct preparing *p)
{
    char *to = fs_join(p->texts.folder, TRAINING_FROM, (char *)NULL);
    int rc = to ? fs_place(p->from, to, &p->err) : err_set(&p->err, ANIMA_E_NOMEM, "out of memory");
    mem_free(to);
    return rc;
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
    static const char *const left[] = { "state.json",  "adapter.gguf", "adapter.checkpoint",
                                        "curve.jsonl", TRAINING_FROM,  TRAINING_ENOUGH };
    for (size_t i = 0; !p->rc && i < sizeof(left) / sizeof(left[0]); i++)
        remove_in(p->texts.folder, left[i]);
    if (!p->rc && p->from)
        p->rc = keep_from(p);
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
            training_end(t, "failed", p->rc, p->err.message);
        else if (only)
            training_end(t, "prepared", ANIMA_OK, "");
        else if (t->stop)
            training_end(t, "stopped", ANIMA_OK, "");
        else
            training_run(t);
        t->state_due |= t->phase == LOADING;
        training_save(t);
    }
    prepare_free(p);
}

/* from: the adapter to go on from, or NULL; ours now. */
static int prepare(struct training *t, const struct character *who, const char *mode, char *from, anima_error *err)
{
    anima_home *home = t->home;
    struct act_self self;
    struct model_place place;
    struct preparing *p = mem_zero(1, sizeof(*p));
    if (!p) {
        mem_free(from);
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    models_place(home->models, t->job.model, &place);
    utterance_self(who, who->pub.language, &self);
    *p = (struct preparing){ .t = t,
                             .texts = { .who = who,
                                        .folder = training_folder(home, who->pub.id),
                                        .own = fs_join(home->path, "characters", who->pub.id, (char *)NULL),
                                        .share = fs_share_dir(),
                                        .talk_percent = (int)t->job.talk_percent,
                                        .skills_percent = (int)t->job.skills_percent,
                                        .asked_percent = (int)t->job.asked_percent,
                                        .life_times = (int)t->job.life_times,
                                        .forms = (int)t->job.forms,
                                        .machine = act_is_machine(&self) },
                             .model_file = mem_strdup(place.file),
                             .from = from,
                             .anew = !t->prepare };
    snprintf(p->texts.mode, sizeof(p->texts.mode), "%s", mode);
    snprintf(p->model_sha256, sizeof(p->model_sha256), "%s", strlen(place.sha256) == 64 ? place.sha256 : "");
    int rc = p->texts.folder && p->texts.own && p->model_file ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = loop_work(home->loop, prepare_run, prepare_done, p, err);
    if (rc) {
        prepare_free(p);
        return rc;
    }
    t->phase = PREPARING;
    training_show(t, "preparing");
    training_tell(t);
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
        return home_looked_at_only(err);
    if (t->phase != IDLE || !t->gone || t->ended)
        return err_set(err, ANIMA_E_BUSY, "%.64s is %s; one at a time: `anima train %.64s --stop` ends that",
                       t->job.character, shown_phase[t->phase], t->job.character);
    return ANIMA_OK;
}

static int check_model(const anima_home *home, const char *name, anima_error *err)
{
    struct model_place place;
    if (strlen(name) >= sizeof(((struct training_job *)0)->model))
        return err_set(err, ANIMA_E_LIMIT,
                       "the model's name or path is too long; `anima models add` gives it a short one");
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
    if (j->rank < 1 || j->rank > MAX_RANK)
        return err_set(err, ANIMA_E_INVALID, "\"rank\" is 1 to %d", MAX_RANK);
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

static const char *model_of(const anima_home *home, const struct character *who, const anima_training_options *o)
{
    return o->model && *o->model ? o->model : character_model(home, who);
}

static void plan(const anima_home *home, const struct character *who, const anima_training_options *o,
                 struct training_job *j)
{
    const struct settings *s = home->settings;
    *j = (struct training_job){ .rank = o->rank ? o->rank : 5,
                                .epochs = o->epochs != 0 ? o->epochs : 1,
                                .rate = o->rate != 0 ? o->rate : 4e-4,
                                .scale = o->scale != 0 ? o->scale : 1,
                                .seed = o->seed ? o->seed : 1,
                                .more = o->more && !o->prepare,
                                .tokens = settings_int(s, "train.tokens"),
                                .answers = settings_int(s, "train.answers"),
                                .gather = settings_int(s, "train.gather"),
                                .held_back = settings_int(s, "train.held_back"),
                                .dropout = settings_int(s, "train.dropout"),
                                .patience = settings_int(s, "train.patience"),
                                .talk_percent = settings_int(s, "train.talk_percent"),
                                .skills_percent = settings_int(s, "train.skills_percent"),
                                .asked_percent = settings_int(s, "train.asked_percent"),
                                .life_times = settings_int(s, "train.life_times"),
                                .forms = settings_int(s, "train.forms"),
                                .started_ms = clock_wall_ms() };
    j->alpha = o->alpha != 0 ? o->alpha : 2.0 * j->rank;
    j->answers = j->answers < j->tokens ? j->answers : j->tokens;
    snprintf(j->character, sizeof(j->character), "%s", who->pub.id);
    snprintf(j->model, sizeof(j->model), "%s", model_of(home, who, o));
    snprintf(j->places, sizeof(j->places), "%s", o->places && *o->places ? o->places : "q,k,v,o,gate,up,down");
    if (o->command)
        utf8_clean(o->command, strlen(o->command), j->command, sizeof(j->command));
    if (o->name && *o->name)
        snprintf(j->adapter, sizeof(j->adapter), "%s", o->name);
    else
        name_adapter(j->model, j->adapter);
}

static bool nothing_asked(const anima_training_options *o)
{
    return !o->model && !o->name && !o->lessons && !o->places && !o->prepare && !o->more && !o->rank && o->alpha == 0 &&
           o->epochs == 0 && o->rate == 0 && o->scale == 0 && !o->seed;
}

static void show_job(struct training *t)
{
    t->shown = (anima_training){ .rank = t->job.rank, .started_ms = t->job.started_ms };
    snprintf(t->shown.character, sizeof(t->shown.character), "%s", t->job.character);
    snprintf(t->shown.model, sizeof(t->shown.model), "%s", t->job.model);
    snprintf(t->shown.adapter, sizeof(t->shown.adapter), "%s", t->job.adapter);
    char *folder = training_folder(t->home, t->job.character);
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
    training_run(t);
    t->state_due |= t->phase == LOADING;
    training_save(t);
}

static bool unfinished(const anima_home *home, const char *character, struct training_job *job, anima_training *shown)
{
    char *folder = training_folder(home, character);
    bool found = folder && !training_state_read(folder, job, shown, NULL) && *job->model &&
                 strcmp(job->character, character) == 0 && strcmp(shown->state, "done") != 0;
    mem_free(folder);
    return found;
}

/* The adapter in use, as it lies in the engines' folder. */
static int find_from(anima_home *home, const struct character *who, const char *model, char **out, anima_error *err)
{
    struct adapter_use use;
    adapters_choose(home, who, model, &use);
    if (!use.on)
        return err_set(err, ANIMA_E_NOT_FOUND, "%.64s has no adapter to go on from for %.80s%s%.200s", who->pub.id,
                       model, use.any ? ": " : "", use.any ? use.why : "");
    *out = fs_join(home->path, "adapters", use.file, (char *)NULL);
    return *out ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
}

static int start_anew(struct training *t, const struct character *who, const anima_training_options *o,
                      anima_error *err)
{
    struct training_job job;
    char *from = NULL;
    const char *mode = o->lessons && *o->lessons ? o->lessons : "auto";
    if (strcmp(mode, "auto") != 0 && strcmp(mode, "fresh") != 0 && strcmp(mode, "as_is") != 0)
        return err_set(err, ANIMA_E_INVALID, "\"lessons\" is auto, fresh or as_is");
    int rc = o->prepare ? ANIMA_OK : check_model(t->home, model_of(t->home, who, o), err);
    plan(t->home, who, o, &job);
    if (!rc)
        rc = check_numbers(&job, err);
    if (!rc && job.more)
        rc = find_from(t->home, who, job.model, &from, err);
    if (rc)
        return rc;
    t->job = job;
    t->prepare = o->prepare;
    t->stop = false;
    show_job(t);
    return prepare(t, who, mode, from, err);
}

/* It is under way: a home that was opened again has taken it up by itself. */
static bool goes_on(const struct training *t, const char *character)
{
    return (t->phase == LOADING || t->phase == RUNNING) && strcmp(t->job.character, character) == 0;
}

int anima_training_start(anima_home *home, const char *character, const anima_training_options *options,
                         anima_error *err)
{
    static const anima_training_options none = { 0 };
    const anima_training_options *o = options ? options : &none;
    struct training *t = home->training;
    struct training_job job;
    anima_training shown;
    if (nothing_asked(o) && goes_on(t, character))
        return ANIMA_OK;
    characters_refresh_one(home, character);
    const struct character *who = cast_find(&home->cast, character);
    int rc = who ? check_free(t, err) : err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    if (rc || !nothing_asked(o) || !unfinished(home, character, &job, &shown))
        return rc ? rc : start_anew(t, who, o, err);
    rc = check_model(home, job.model, err);
    if (!rc)
        go_on(t, &job);
    return rc;
}

int anima_training_finish(anima_home *home, const char *character, anima_error *err)
{
    struct training *t = home->training;
    struct training_job job;
    anima_training shown;
    if (home->read_only)
        return check_free(t, err);
    bool under_way = goes_on(t, character);
    if (!under_way && !(t->phase == IDLE && unfinished(home, character, &job, &shown)))
        return err_set(err, ANIMA_E_NOT_FOUND, "%.64s is not being trained, and no training of it was stopped",
                       character);
    if (!(under_way ? t->shown.step : shown.step))
        return err_set(err, ANIMA_E_NOT_FOUND, "%.64s has learnt nothing yet that could be used", character);
    char *folder = training_folder(home, character),
         *enough = folder ? fs_join(folder, TRAINING_ENOUGH, (char *)NULL) : NULL;
    int rc = enough ? fs_write(enough, "", 0, 0600, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    mem_free(folder);
    mem_free(enough);
    return rc || under_way ? rc : anima_training_start(home, character, NULL, err);
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
    training_show(t, "stopping");
    training_tell(t);
    training_halt(t);
    if (t->gone) /* it was between two lives */
        training_end(t, "stopped", ANIMA_OK, "");
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
    char *folder = training_folder(home, character);
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
