/* training_files.c — what a training writes: its state, its curve, and the adapter with what is to be known of it. */
#include "agent/training_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "engine/fetch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_STATE (64u << 10)
#define MAX_CURVE (64u << 20)

static void put_job(struct jw *w, const struct training_job *j)
{
    jw_str(w, "character", j->character);
    jw_str(w, "model", j->model);
    jw_str(w, "model_sha256", j->model_sha256);
    jw_str(w, "adapter", j->adapter);
    jw_int(w, "rank", j->rank);
    jw_num(w, "alpha", j->alpha);
    jw_str(w, "places", j->places);
    jw_num(w, "rate", j->rate);
    jw_num(w, "epochs", j->epochs);
    jw_int(w, "seed", j->seed);
    jw_int(w, "tokens", j->tokens);
    jw_int(w, "answers", j->answers);
    jw_int(w, "gather", j->gather);
    jw_int(w, "held_back", j->held_back);
    jw_int(w, "dropout", j->dropout);
    jw_int(w, "patience", j->patience);
    jw_int(w, "talk_percent", j->talk_percent);
    jw_int(w, "skills_percent", j->skills_percent);
    jw_int(w, "asked_percent", j->asked_percent);
    jw_int(w, "life_times", j->life_times);
    jw_int(w, "forms", j->forms);
    jw_num(w, "scale", j->scale);
    jw_bool(w, "more", j->more);
    jw_str(w, "command", j->command);
    jw_int(w, "started_ms", j->started_ms);
}

/* How far it came. */
static void put_figures(struct jw *w, const anima_training *s)
{
    jw_int(w, "step", s->step);
    jw_int(w, "steps", s->steps);
    jw_num(w, "epoch", s->epoch);
    jw_num(w, "loss", s->loss);
    jw_num(w, "held_loss", s->held_loss);
    jw_num(w, "best_loss", s->best_loss);
    jw_int(w, "best_step", s->best_step);
    jw_num(w, "tokens_per_s", s->tokens_per_s);
    jw_num(w, "seconds", s->seconds);
}

static void take_figures(yyjson_val *o, anima_training *s)
{
    s->step = (int)json_int(o, "step", 0);
    s->steps = (int)json_int(o, "steps", s->steps);
    s->epoch = json_num(o, "epoch", 0);
    s->loss = json_num(o, "loss", 0);
    s->held_loss = json_num(o, "held_loss", 0);
    s->best_loss = json_num(o, "best_loss", 0);
    s->best_step = (int)json_int(o, "best_step", 0);
    s->tokens_per_s = json_num(o, "tokens_per_s", 0);
    s->seconds = json_num(o, "seconds", 0);
}

/* What is under way is "running": a home that opens goes on with it. */
static const char *kept_state(const char *shown)
{
    static const char *const over[] = { "done", "failed", "stopped" };
    for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++)
        if (strcmp(over[i], shown) == 0)
            return shown;
    return strcmp(shown, "stopping") == 0 ? "stopped" : "running";
}

int training_state_write(const struct training_job *job, const anima_training *shown, struct buf *out)
{
    struct jw w;
    jw_init(&w, out);
    jw_obj(&w, NULL);
    jw_str(&w, "state", kept_state(shown->state));
    put_job(&w, job);
    jw_int(&w, "lessons", shown->lessons);
    put_figures(&w, shown);
    jw_str(&w, "code", shown->code ? anima_error_name(shown->code) : "");
    jw_str(&w, "message", shown->message);
    jw_end_obj(&w);
    buf_puts(out, "\n");
    return out->failed;
}

static void take_text(yyjson_val *o, const char *key, char *out, size_t size)
{
    snprintf(out, size, "%s", json_str(o, key, ""));
}

static void take_job(yyjson_val *o, struct training_job *j)
{
    *j = (struct training_job){ .rank = (int)json_int(o, "rank", 0),
                                .alpha = json_num(o, "alpha", 0),
                                .rate = json_num(o, "rate", 0),
                                .epochs = json_num(o, "epochs", 0),
                                .seed = json_int(o, "seed", 0),
                                .tokens = json_int(o, "tokens", 0),
                                .answers = json_int(o, "answers", 0),
                                .gather = json_int(o, "gather", 0),
                                .held_back = json_int(o, "held_back", 0),
                                .dropout = json_int(o, "dropout", 0),
                                .patience = json_int(o, "patience", 0),
                                .talk_percent = json_int(o, "talk_percent", 0),
                                .skills_percent = json_int(o, "skills_percent", 0),
                                .asked_percent = json_int(o, "asked_percent", 0),
                                .life_times = json_int(o, "life_times", 0),
                                .forms = json_int(o, "forms", 0),
                                .scale = json_num(o, "scale", 1),
                                .more = json_bool(o, "more", false),
                                .started_ms = json_int(o, "started_ms", 0) };
    take_text(o, "character", j->character, sizeof(j->character));
    take_text(o, "model", j->model, sizeof(j->model));
    take_text(o, "model_sha256", j->model_sha256, sizeof(j->model_sha256));
    take_text(o, "adapter", j->adapter, sizeof(j->adapter));
    take_text(o, "places", j->places, sizeof(j->places));
    take_text(o, "command", j->command, sizeof(j->command));
}

int training_state_read(const char *folder, struct training_job *job, anima_training *shown, anima_error *err)
{
    char *file = fs_join(folder, "state.json", (char *)NULL), *json = NULL;
    size_t n = 0;
    yyjson_doc *doc = NULL;
    int rc = file ? fs_read(file, MAX_STATE, &json, &n, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = json_parse(json, n, MAX_STATE, file, &doc, err);
    yyjson_val *o = yyjson_doc_get_root(doc);
    if (!rc) {
        take_job(o, job);
        *shown = (anima_training){ .rank = job->rank,
                                   .started_ms = job->started_ms,
                                   .lessons = (int)json_int(o, "lessons", 0) };
        take_figures(o, shown);
        take_text(o, "state", shown->state, sizeof(shown->state));
        take_text(o, "model", shown->model, sizeof(shown->model));
        take_text(o, "adapter", shown->adapter, sizeof(shown->adapter));
        take_text(o, "message", shown->message, sizeof(shown->message));
        const char *code = json_str(o, "code", "");
        shown->code = *code ? err_code(code) : ANIMA_OK;
    }
    if (!rc && !adapters_name_ok(job->adapter))
        rc = err_set(err, ANIMA_E_INVALID, "%s names no adapter", file);
    yyjson_doc_free(doc);
    mem_free(json);
    mem_free(file);
    return rc;
}

/* ---- the curve ---- */

void training_curve_line(const anima_training *shown, double gradient, struct buf *out)
{
    struct jw w;
    jw_init(&w, out);
    jw_obj(&w, NULL);
    put_figures(&w, shown);
    jw_num(&w, "rate", shown->rate);
    jw_num(&w, "gradient", gradient);
    jw_int(&w, "at_ms", clock_wall_ms());
    jw_end_obj(&w);
    buf_puts(out, "\n");
}

void training_curve_read(const char *folder, int up_to, struct buf *kept, anima_training *shown)
{
    char *file = fs_join(folder, "curve.jsonl", (char *)NULL), *text = NULL;
    size_t n = 0;
    if (!file || fs_read(file, MAX_CURVE, &text, &n, NULL))
        text = NULL;
    for (const char *at = text; at && *at;) {
        size_t line = strcspn(at, "\n");
        yyjson_doc *doc;
        if (!at[line] || json_parse(at, line, MAX_STATE, "a line of the curve", &doc, NULL))
            break; /* cut off when it was killed */
        bool goes = json_int(yyjson_doc_get_root(doc), "step", INT32_MAX) <= up_to;
        if (goes)
            take_figures(yyjson_doc_get_root(doc), shown);
        yyjson_doc_free(doc);
        if (!goes)
            break;
        buf_append(kept, at, line + 1);
        at += line + 1;
    }
    mem_free(text);
    mem_free(file);
}

/* ---- the adapter ---- */

struct place {
    char *from, *dir, *gguf, *json, *curve, *old_curve, *lessons;
};

static void place_free(struct place *p)
{
    char *all[] = { p->from, p->dir, p->gguf, p->json, p->curve, p->old_curve, p->lessons };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        mem_free(all[i]);
}

static int place_names(const struct training_job *job, const char *folder, const char *own, struct place *p,
                       anima_error *err)
{
    char gguf[ADAPTER_NAME + 16], json[ADAPTER_NAME + 16], curve[ADAPTER_NAME + 16];
    snprintf(gguf, sizeof(gguf), "%s.gguf", job->adapter);
    snprintf(json, sizeof(json), "%s.json", job->adapter);
    snprintf(curve, sizeof(curve), "%s.curve.jsonl", job->adapter);
    *p = (struct place){ .from = fs_join(folder, "adapter.gguf", (char *)NULL),
                         .dir = fs_join(own, "adapters", (char *)NULL),
                         .gguf = fs_join(own, "adapters", gguf, (char *)NULL),
                         .json = fs_join(own, "adapters", json, (char *)NULL),
                         .curve = fs_join(own, "adapters", curve, (char *)NULL),
                         .old_curve = fs_join(folder, "curve.jsonl", (char *)NULL),
                         .lessons = fs_join(folder, "lessons.jsonl", (char *)NULL) };
    return p->from && p->dir && p->gguf && p->json && p->curve && p->old_curve && p->lessons
               ? ANIMA_OK
               : err_set(err, ANIMA_E_NOMEM, "out of memory");
}

static int write_about(const struct training_job *job, const anima_training *shown, const struct place *p,
                       anima_error *err)
{
    char sha256[65], lessons[65];
    struct stat st;
    struct buf b;
    struct jw w;
    int rc = fetch_sha256(p->from, sha256, NULL, NULL, err);
    if (!rc)
        rc = fetch_sha256(p->lessons, lessons, NULL, NULL, err);
    if (rc || stat(p->from, &st))
        return rc ? rc : err_set(err, ANIMA_E_NOT_FOUND, "%s is not there any more", p->from);
    buf_init(&b, MAX_STATE);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    put_job(&w, job);
    jw_str(&w, "sha256", sha256);
    jw_int(&w, "bytes", st.st_size);
    jw_str(&w, "lessons_sha256", lessons);
    jw_int(&w, "lessons", shown->lessons);
    put_figures(&w, shown);
    jw_str(&w, "anima", ANIMA_VERSION);
    jw_int(&w, "made_ms", clock_wall_ms());
    jw_end_obj(&w);
    buf_puts(&b, "\n");
    rc = b.failed ? err_set(err, b.failed, "out of memory") : fs_write(p->json, b.data, b.len, 0600, err);
    buf_finish(&b);
    return rc;
}

int training_place(const struct training_job *job, const anima_training *shown, const char *folder, const char *own,
                   anima_error *err)
{
    struct place p;
    int rc = place_names(job, folder, own, &p, err);
    if (!rc)
        rc = fs_mkdirs(p.dir, err);
    if (!rc)
        rc = fs_place(p.from, p.gguf, err);
    if (!rc)
        rc = write_about(job, shown, &p, err);
    if (!rc && fs_exists(p.old_curve))
        rc = fs_place(p.old_curve, p.curve, err);
    place_free(&p);
    return rc;
}
