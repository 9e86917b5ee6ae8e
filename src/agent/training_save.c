/* training_save.c — what a training writes while it runs: its state and its curve, on another thread, one piece at a time, in order. */
#include "agent/training_private.h"

#include "agent/state.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

#define MAX_CURVE (64u << 20)
#define MAX_STATE (64u << 10)

struct save {
    struct training *t;
    struct buf state, curve;
    bool whole;
    char *folder;
    int rc;
    anima_error err;
};

char *training_folder(const anima_home *home, const char *character)
{
    return fs_join(home->path, "training", character, (char *)NULL);
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
        s->rc = fs_append(curve, s->curve.data, s->curve.len, 0600, &s->err);
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
    training_save(t);
    if (!t->saving)
        training_saved(t);
}

void training_save(struct training *t)
{
    if (t->saving || (!t->state_due && !t->curve.len && !t->curve_whole))
        return;
    struct save *s = mem_zero(1, sizeof(*s));
    if (!s)
        return; /* with the next step */
    *s = (struct save){ .t = t, .whole = t->curve_whole, .folder = training_folder(t->home, t->job.character) };
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
