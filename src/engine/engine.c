/* engine.c — the engines of a home: their processes, states, restarts, and the room they share.
 *
 * The states are drawn in engine_private.h. What may call back (starting, failing, ending) happens in the kick timer or
 * in a callback of the loop, never inside engine_generate, engine_warm, engine_cancel or engine_abandon.
 * Engines that run beside (embedding models) start at once and count for nothing in what follows.
 * Room: at most max_loaded engines have a process or will have one again after a back-off. An engine that finds no room
 * queues; the longest idle one is stopped for it. If all are busy, the one that is ready for longest takes no new
 * requests (draining) until it is idle: fair rather than fast. A place is free when the old process has gone, so that
 * two models never need memory for three. */
#include "engine/engine.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_private.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ENGINES 256

static const struct engine_times default_times = {
    .backoff_ms = 100,
    .backoff_again_ms = 500,
    .window_ms = 60000,
    .ping_ms = 10000,
    .hang_ms = 60000,
    .load_ms = 600000,
    .stop_ms = 2000,
};

static void on_kick(void *ctx);
static void on_timer(void *ctx);

void engine_spec_finish(struct engine_spec *spec)
{
    mem_free(spec->model);
    mem_free(spec->options);
    mem_free(spec->runtime);
    *spec = (struct engine_spec){ 0 };
}

/* ---- the set ---- */

int engine_set_create(struct loop *loop, const char *program, int max_loaded, engine_resolve *resolve,
                      engine_state_cb *on_state, void *ctx, struct engine_set **out, anima_error *err)
{
    *out = NULL;
    struct engine_set *set = mem_zero(1, sizeof(*set));
    if (!set)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the engines");
    *set = (struct engine_set){ .loop = loop,
                                .max_loaded = max_loaded > 0 ? max_loaded : 1,
                                .resolve = resolve,
                                .on_state = on_state,
                                .ctx = ctx,
                                .times = default_times };
    buf_init(&set->out, FRAME_MAX_HEAD);
    set->program = mem_strdup(program);
    int rc = set->program ? loop_timer_create(loop, on_kick, set, &set->kick, err)
                          : err_set(err, ANIMA_E_NOMEM, "out of memory for the engines");
    if (!rc)
        rc = stats_create(set, err);
    if (rc) {
        engine_set_destroy(set);
        return rc;
    }
    *out = set;
    return ANIMA_OK;
}

static void engine_free(struct engine *e)
{
    while (e->jobs.first) {
        struct engine_job *job = e->jobs.first;
        job_unlink(job);
        job_free(job);
    }
    child_release(e->child);
    loop_timer_destroy(e->timer);
    engine_spec_finish(&e->spec);
    streams_forget(e);
    stats_forget(e);
    mem_free(e->info);
    mem_free(e->model);
    mem_free(e);
}

void engine_set_destroy(struct engine_set *set)
{
    if (!set)
        return;
    stats_end(set);
    while (set->ending.first) {
        struct engine_job *job = set->ending.first;
        job_unlink(job);
        job_free(job);
    }
    for (size_t i = 0; i < set->n_engines; i++)
        engine_free(set->engines[i]);
    mem_free(set->engines);
    loop_timer_destroy(set->kick);
    buf_finish(&set->out);
    mem_free(set->program);
    mem_free(set);
}

void engine_set_times(struct engine_set *set, const struct engine_times *times) { set->times = *times; }

const char *engine_set_program(const struct engine_set *set) { return set->program; }

void engine_kick(struct engine_set *set) { loop_timer_start(set->kick, 0); }

/* ---- what others see ---- */

static const char *state_name(const struct engine *e)
{
    switch (e->phase) {
    case PHASE_QUEUED: return "starting";
    case PHASE_STARTING: return e->restarting ? "restarting" : "starting";
    case PHASE_LOADING: return e->restarting ? "restarting" : "loading";
    case PHASE_READY: return "ready";
    case PHASE_BACKOFF: return "restarting";
    case PHASE_FAILED: return "failed";
    case PHASE_STOPPED:
    case PHASE_STOPPING: break;
    }
    return "stopped";
}

void engine_describe(const struct engine *e, anima_engine_info *out)
{
    *out = (anima_engine_info){ .model = e->model,
                                .state = state_name(e),
                                .message = e->message,
                                .progress = e->phase == PHASE_READY ? 1 : e->progress,
                                .pid = e->child ? child_pid(e->child) : 0,
                                .restarts = e->restarts,
                                .info = e->info ? e->info : "" };
    for (const struct engine_job *job = e->jobs.first; job; job = job->next) {
        if (job->running)
            out->running++;
        else if (!job->ghost)
            out->waiting++;
    }
}

void engine_notify(struct engine *e)
{
    anima_engine_info info;
    engine_describe(e, &info);
    if (e->set->on_state && !e->spec.beside)
        e->set->on_state(e->set->ctx, &info);
    if (e->training.state)
        e->training.state(e->training_ctx, &info);
}

bool engine_state_at(struct engine_set *set, size_t i, anima_engine_info *out)
{
    for (size_t k = 0; k < set->n_engines; k++)
        if (!set->engines[k]->spec.beside && i-- == 0) {
            engine_describe(set->engines[k], out);
            return true;
        }
    return false;
}

static void enter(struct engine *e, enum engine_phase phase)
{
    if (!e->spec.beside)
        e->set->n_queued += (phase == PHASE_QUEUED) - (e->phase == PHASE_QUEUED);
    e->phase = phase;
    if (phase == PHASE_QUEUED)
        e->queued_as = e->set->next_place++;
    e->watching = false;
    loop_timer_stop(e->timer);
}

void engine_arm(struct engine *e, int ms) { loop_timer_start(e->timer, ms); }

/* ---- the end of a process ---- */

static void drop_child(struct engine *e)
{
    child_release(e->child);
    e->child = NULL;
    e->broken = e->draining = false;
    e->progress = 0;
    mem_free(e->info);
    e->info = NULL;
    stats_forget(e);
    streams_forget(e); /* that process knew them */
}

void engine_fail(struct engine *e, int code, const char *message)
{
    char text[sizeof(e->message)];
    utf8_clean(message, strlen(message), text, sizeof(text)); /* cut between characters */
    log_warn("engine", "%s failed: %s", e->model, text);
    jobs_unsend(e);
    drop_child(e);
    enter(e, PHASE_FAILED);
    e->restarting = false;
    e->n_deaths = 0;
    memcpy(e->message, text, sizeof(text));
    struct job_list failed = { 0 }; /* taken out first: an owner may ask again in its done */
    while (e->jobs.first) {
        struct engine_job *job = e->jobs.first;
        job_unlink(job);
        job_push(&failed, job);
    }
    engine_notify(e);
    while (failed.first)
        job_end(failed.first, code, "error", text);
    engine_kick(e->set); /* there is room */
}

void engine_kill(struct engine *e, const char *why)
{
    if (e->broken || !e->child)
        return;
    e->broken = true;
    snprintf(e->why, sizeof(e->why), "%s", why);
    child_kill(e->child, SIGKILL);
}

/* Counts a death; true if it was one too many. */
static bool one_too_many(struct engine *e)
{
    int64_t now = clock_mono_us(), oldest = now - (int64_t)e->set->times.window_ms * 1000;
    int kept = 0;
    for (int i = 0; i < e->n_deaths; i++)
        if (e->deaths_us[i] > oldest)
            e->deaths_us[kept++] = e->deaths_us[i];
    e->deaths_us[kept++] = now;
    e->n_deaths = kept;
    return kept == ENGINE_MAX_DEATHS;
}

static void say_death(const struct engine *e, int status, int sig, const char *last_words, char *out, size_t size)
{
    char how[300], text[1400];
    if (e->why[0])
        snprintf(how, sizeof(how), "was stopped: %s", e->why);
    else if (sig)
        snprintf(how, sizeof(how), "was ended by signal %d (%s)", sig, strsignal(sig));
    else
        snprintf(how, sizeof(how), "ended with status %d", status);
    snprintf(text, sizeof(text), "the engine of %.100s %s%s%.800s", e->model, how,
             last_words[0] ? "; its last words: " : "", last_words);
    utf8_clean(text, strlen(text), out, size);
}

static void on_gone(void *ctx, int status, int sig, const char *last_words)
{
    struct engine *e = ctx;
    char text[400];
    say_death(e, status, sig, last_words, text, sizeof(text));
    e->why[0] = '\0';
    bool stopping = e->phase == PHASE_STOPPING;
    drop_child(e);
    if (stopping) {
        enter(e, e->jobs.first ? PHASE_QUEUED : PHASE_STOPPED);
        engine_kick(e->set);
        engine_notify(e);
        return;
    }
    if (one_too_many(e)) {
        char why[480];
        snprintf(why, sizeof(why), "%s (it died %d times in a row)", text, ENGINE_MAX_DEATHS);
        engine_fail(e, ANIMA_E_ENGINE, why);
        return;
    }
    log_warn("engine", "%s; it is started again", text);
    e->restarting = true;
    e->restarts++;
    enter(e, PHASE_BACKOFF);
    engine_arm(e, e->n_deaths > 1 ? e->set->times.backoff_again_ms : e->set->times.backoff_ms);
    jobs_unsend(e);
    engine_notify(e);
}

/* ---- the start of a process ---- */

char *engine_library_path(const char *runtime)
{
    const char *old = getenv("LD_LIBRARY_PATH");
    struct buf b;
    buf_init(&b, 1u << 20);
    buf_printf(&b, "LD_LIBRARY_PATH=%s%s%s", runtime, old && *old ? ":" : "", old ? old : "");
    return buf_take(&b);
}

static void start(struct engine *e)
{
    static const struct child_callbacks callbacks = { answer_frame, on_gone };
    enter(e, PHASE_STARTING);
    e->message[0] = e->why[0] = '\0';
    const struct engine_spec *spec = &e->spec;
    const char *argv[] = { e->set->program,
                           "--driver",
                           spec->driver,
                           "--model",
                           spec->model ? spec->model : "",
                           "--options",
                           spec->options ? spec->options : "{}",
                           NULL };
    char *path = spec->runtime ? engine_library_path(spec->runtime) : NULL;
    const char *env[] = { path, NULL };
    anima_error err = { .code = ANIMA_E_NOMEM, .message = "out of memory for starting an engine" };
    int rc = spec->runtime && !path
                 ? ANIMA_E_NOMEM
                 : child_spawn(e->set->loop, argv, path ? env : NULL, &callbacks, e, &e->child, &err);
    mem_free(path);
    if (rc) {
        engine_fail(e, rc == ANIMA_E_NOMEM ? rc : ANIMA_E_ENGINE, err.message);
        return;
    }
    engine_arm(e, e->set->times.load_ms);
    engine_notify(e);
}

/* ---- room ---- */

static bool holds_room(const struct engine *e) { return !e->spec.beside && (e->child || e->phase == PHASE_BACKOFF); }

/* The one that waits longest, of those that queued before the place `before`, those beside first; or NULL. */
static struct engine *first_queued(struct engine_set *set, uint64_t before)
{
    struct engine *first = NULL;
    for (size_t i = 0; i < set->n_engines; i++) {
        struct engine *e = set->engines[i];
        if (e->phase != PHASE_QUEUED || e->queued_as >= before)
            continue;
        if (e->spec.beside)
            return e;
        if (!first || e->queued_as < first->queued_as)
            first = e;
    }
    return first;
}

static void stop_idle(struct engine *e)
{
    log_info("engine", "%s is stopped to make room for another model", e->model);
    e->draining = false;
    enter(e, PHASE_STOPPING);
    engine_arm(e, e->set->times.stop_ms);
    engine_send_simple(e, "stop", 0);
    engine_notify(e);
}

/* Sees to it that as many places become free as engines wait. */
static void make_room(struct engine_set *set)
{
    int coming = 0;
    for (size_t i = 0; i < set->n_engines; i++)
        coming += set->engines[i]->phase == PHASE_STOPPING || set->engines[i]->draining;
    for (; coming < set->n_queued; coming++) {
        struct engine *idle = NULL, *busy = NULL;
        for (size_t i = 0; i < set->n_engines; i++) {
            struct engine *e = set->engines[i];
            if (e->phase != PHASE_READY || e->draining || e->broken || e->spec.beside)
                continue;
            if (!e->jobs.first && (!idle || e->idle_since_us < idle->idle_since_us))
                idle = e;
            if (e->jobs.first && (!busy || e->ready_since_us < busy->ready_since_us))
                busy = e;
        }
        if (idle)
            stop_idle(idle);
        else if (busy)
            busy->draining = true;
        else
            break; /* all are starting: the next ready or failed one brings us back here */
    }
}

static void stop_drained(struct engine_set *set)
{
    for (size_t i = 0; i < set->n_engines; i++) {
        struct engine *e = set->engines[i];
        if (!e->draining || e->phase != PHASE_READY)
            continue;
        if (!set->n_queued) {
            e->draining = false; /* nobody waits any more */
            jobs_send(e);
        } else if (!e->in_flight && !e->broken) {
            stop_idle(e);
        }
    }
}

static void give_places(struct engine_set *set)
{
    uint64_t before = set->next_place; /* an owner that asks again in its done waits for the next round */
    struct engine *next;
    while ((next = first_queued(set, before))) {
        int held = 0;
        for (size_t i = 0; i < set->n_engines; i++)
            held += holds_room(set->engines[i]);
        if (held >= set->max_loaded && !next->spec.beside) {
            make_room(set);
            break;
        }
        start(next);
    }
    stop_drained(set);
}

/* Does what was put off: tells owners their end, starts and stops engines. */
static void on_kick(void *ctx)
{
    struct engine_set *set = ctx;
    struct job_list due = { 0 };
    while (set->ending.first) {
        struct engine_job *job = set->ending.first;
        job_unlink(job);
        job_push(&due, job);
    }
    while (due.first) {
        struct engine_job *job = due.first;
        const char *finish = job->code == ANIMA_OK ? "length" : job->code == ANIMA_E_CANCELLED ? "cancelled" : "error";
        job_end(job, job->code, finish, NULL);
    }
    give_places(set);
}

void engine_job_left(struct engine *e)
{
    if (!e->jobs.first)
        e->idle_since_us = clock_mono_us();
    if (e->set->n_queued || e->draining)
        engine_kick(e->set);
    jobs_send(e);
}

/* ---- time ---- */

/* A working engine answers pings between two steps, so silence means that it hangs. */
static void watch(struct engine *e)
{
    const struct engine_times *times = &e->set->times;
    e->watching = false;
    if (!e->in_flight)
        return;
    e->silent_ms = e->heard ? 0 : e->silent_ms + times->ping_ms;
    e->heard = false;
    if (e->silent_ms >= times->hang_ms) {
        char why[80];
        snprintf(why, sizeof(why), "it said nothing for %.1f s", e->silent_ms / 1000.0);
        engine_kill(e, why);
        return;
    }
    engine_send_simple(e, "ping", e->next_id++);
    jobs_send(e);
    e->watching = true;
    engine_arm(e, times->ping_ms);
}

static void on_timer(void *ctx)
{
    struct engine *e = ctx;
    switch (e->phase) {
    case PHASE_BACKOFF: start(e); break;
    case PHASE_STARTING:
    case PHASE_LOADING: engine_kill(e, "it made no progress with loading"); break;
    case PHASE_READY: watch(e); break;
    case PHASE_STOPPING: child_kill(e->child, SIGKILL); break;
    case PHASE_STOPPED:
    case PHASE_QUEUED:
    case PHASE_FAILED: break;
    }
}

/* ---- asking for an engine ---- */

static struct engine *find(struct engine_set *set, const char *model)
{
    for (size_t i = 0; i < set->n_engines; i++)
        if (strcmp(set->engines[i]->model, model) == 0)
            return set->engines[i];
    return NULL;
}

static int make_engine(struct engine_set *set, const char *model, struct engine **out, anima_error *err)
{
    if (set->n_engines == MAX_ENGINES)
        return err_set(err, ANIMA_E_LIMIT, "more than %d models were asked for since the start", MAX_ENGINES);
    struct engine **engines = mem_realloc(set->engines, (set->n_engines + 1) * sizeof(struct engine *));
    struct engine *e = engines ? mem_zero(1, sizeof(*e)) : NULL;
    if (engines)
        set->engines = engines;
    if (!e || !(e->model = mem_strdup(model))) {
        mem_free(e);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for an engine");
    }
    int rc = loop_timer_create(set->loop, on_timer, e, &e->timer, err);
    if (rc) {
        mem_free(e->model);
        mem_free(e);
        return rc;
    }
    e->set = set;
    e->next_id = 1;
    set->engines[set->n_engines++] = e;
    *out = e;
    return ANIMA_OK;
}

bool engine_end(struct engine_set *set, const char *model, int ms)
{
    struct engine *e = find(set, model);
    if (!e || !e->child) {
        if (e && e->phase != PHASE_FAILED)
            enter(e, PHASE_STOPPED);
        return false;
    }
    bool ready = e->phase == PHASE_READY;
    if (e->phase == PHASE_STOPPING)
        return true;
    enter(e, PHASE_STOPPING);
    engine_arm(e, ms);
    if (ready)
        engine_send_simple(e, "stop", 0);
    else
        child_kill(e->child, SIGKILL); /* it has nothing to keep yet */
    return true;
}

struct engine *engine_running(struct engine_set *set, const char *model)
{
    struct engine *e = find(set, model);
    return e && e->phase == PHASE_READY ? e : NULL;
}

int engine_need(struct engine_set *set, const char *model, struct engine **out, anima_error *err)
{
    struct engine *e = find(set, model);
    *out = e;
    if (e && e->phase != PHASE_STOPPED && e->phase != PHASE_FAILED)
        return ANIMA_OK;
    struct engine_spec spec = { 0 };
    int rc = set->resolve(set->ctx, model, &spec, err); /* anew at every start: the settings may have changed */
    if (!rc && !e)
        rc = make_engine(set, model, &e, err);
    if (rc) {
        engine_spec_finish(&spec);
        return rc;
    }
    engine_spec_finish(&e->spec);
    e->spec = spec;
    e->restarting = false;
    enter(e, PHASE_QUEUED);
    engine_kick(set);
    *out = e;
    return ANIMA_OK;
}

int engine_warm(struct engine_set *set, const char *model, anima_error *err)
{
    struct engine *e;
    return engine_need(set, model, &e, err);
}
