#include "agent/workings_private.h"

#include "agent/complete.h"
#include "agent/ledger.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define FIRST_MS 2000      /* after the home was opened */
#define SOON_MS 300        /* after something was said */
#define LATER_MS 60000     /* when there is nothing to do */
#define AGAIN_MS 5000      /* what is needed is not there yet */
#define FRESH_MS 600000    /* for a turn as new as that an engine is started */
#define OLD_MS 172800000LL /* two days: what somebody felt then is no more */
#define ARENA (1u << 20)
#define DAY_MS 86400000LL

static void soon(struct workings *w, int64_t ms) { loop_timer_start(w->timer, ms); }

/* ---- the end of a turn ---- */

static void rest(struct workings *w)
{
    engine_abandon(w->job);
    w->job = NULL;
    if (!w->now)
        return;
    ledger_add_usage(&w->now->used, &w->now->usage);
    w->now->usage = (anima_usage){ 0 };
}

static void finish(struct workings *w)
{
    struct looking *l = w->now;
    rest(w);
    w->now = NULL;
    if (!w->home->closing && l->used.prompt_tokens) {
        struct store_cost cost = { .person = l->person };
        snprintf(cost.conversation, sizeof(cost.conversation), "%s", l->due.conversation);
        snprintf(cost.character, sizeof(cost.character), "%s", l->due.character);
        snprintf(cost.model, sizeof(cost.model), "%s", l->model);
        completion_book(w->home, &l->used, &cost);
    }
    arena_finish(&l->arena);
    mem_free(l);
}

static void on_written(void *ctx, int rc, const anima_error *err)
{
    struct workings *w = ctx;
    w->writing = false;
    if (rc)
        log_warn("agent", "what a turn showed is not kept: %s", err->message);
    soon(w, rc ? LATER_MS : 1);
}

/* What it showed. plain: only that there was a turn. */
static void keep(struct workings *w, bool plain)
{
    struct looking *l = w->now;
    anima_error err = { 0 };
    const struct working_said *said = &l->said;
    struct working_feeling own = working_feels(&said->feeling, said->events, l->times);
    int64_t local_ms = l->due.at_ms + clock_offset_min(l->due.at_ms) * 60000LL;
    struct store_working_turn turn = {
        .memory = l->due.memory, .person = l->person, .day = local_ms / DAY_MS, .mood = "", .intent = "", .own_mood = ""
    };
    if (!plain) {
        turn.mood = mood_name(said->feeling.mood);
        turn.intensity = said->feeling.intensity;
        turn.confidence = said->feeling.confidence;
        turn.intent = intent_name(said->intent);
        turn.intent_confidence = said->intent_confidence;
        turn.own_mood = l->due.speaker ? mood_name(own.mood) : "";
        turn.own_intensity = own.intensity;
        turn.own_confidence = own.confidence;
        turn.events = said->events;
        turn.topic = l->topic;
        turn.opens = l->opens;
        turn.n_opens = l->person ? l->n_opens : 0;
        turn.closes = l->closes;
        turn.n_closes = l->n_closes;
    }
    int rc = store_working_put(w->home->store, &turn, on_written, w, &err);
    finish(w);
    w->writing = !rc;
    if (rc)
        on_written(w, rc, &err);
}

/* ---- asking ---- */

static void go_on(struct workings *w);

static enum working_question question(const struct looking *l)
{
    return l->ask[WORKING_MOOD] ? WORKING_MOOD : WORKING_INTENT;
}

static void on_started(void *ctx, const anima_usage *usage)
{
    struct workings *w = ctx;
    w->now->usage = *usage;
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    (void)text;
    (void)n;
    struct workings *w = ctx;
    struct working_said *said = &w->now->said;
    if (w->answered) /* an engine that died and came back may say more */
        return;
    w->answered = true;
    if (question(w->now) == WORKING_MOOD)
        said->feeling = working_read_mood(logprobs, logprobs_len);
    else
        said->intent = working_read_intent(logprobs, logprobs_len, &said->intent_confidence);
}

static void on_done(void *ctx, int code, const char *finish_reason, const anima_usage *usage, const char *message)
{
    struct workings *w = ctx;
    struct looking *l = w->now;
    (void)finish_reason;
    w->job = NULL;
    if (usage)
        l->usage = *usage;
    rest(w);
    if (code) {
        log_info("agent", "no model tells what a message showed: %s", message ? message : "");
        l->ask[WORKING_MOOD] = l->ask[WORKING_INTENT] = false;
    }
    l->ask[question(l)] = false;
    go_on(w);
}

static int ask(struct workings *w, anima_error *err)
{
    static const anima_completion_callbacks ours = { .started = on_started, .words = on_words, .done = on_done };
    struct looking *l = w->now;
    struct engine_request request = { .stream = working_stream(question(l)),
                                      .class = ENGINE_COMPACTION,
                                      .logprobs = WORKING_TOP };
    anima_sampling_default(&request.sampling);
    request.sampling.temperature = 0;
    request.sampling.max_tokens = 1;
    w->answered = false;
    if (working_prompt(&l->arena, question(l), l->turns[l->at].text, &request.messages, &request.n_messages))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for what a message showed");
    return engine_generate(w->home->engines, l->model, &request, &ours, w, &w->job, err);
}

/* The next question, or the end. */
static void go_on(struct workings *w)
{
    anima_error err;
    const struct looking *l = w->now;
    const struct character *who = cast_find(&w->home->cast, l->due.character);
    if (!l->ask[WORKING_MOOD] && !l->ask[WORKING_INTENT]) {
        keep(w, false);
    } else if (!home_is_calm(w->home)) {
        return; /* workings_resume comes */
    } else if (!who || ledger_check(w->home, l->person, &who->pub, prompt_language(l->turns[l->at].text), &err) ||
               ask(w, &err)) {
        log_info("agent", "what a message showed is not asked for: %s", who ? err.message : "");
        keep(w, false);
    }
}

/* ---- a turn ---- */

/* Nobody is to wait for a model that has to be loaded for what is long over. */
static bool may_ask(const struct workings *w, const struct looking *l)
{
    int64_t age = clock_wall_ms() - l->due.at_ms;
    return age < OLD_MS && (age < FRESH_MS || engine_runs(w->home->engines, l->model));
}

static void begin(struct workings *w, const struct store_working_due *due)
{
    struct looking *l = w->now = mem_zero(1, sizeof(*l));
    if (!l) {
        soon(w, LATER_MS);
        return;
    }
    l->due = *due;
    l->person = due->speaker;
    arena_init(&l->arena, ARENA);
    const struct character *who = cast_find(&w->home->cast, due->character);
    snprintf(l->model, sizeof(l->model), "%s", who ? character_model(w->home, who) : "");
    if (!who || !utterance_applies(w->home, "memory.working", l->model)) {
        keep(w, true);
    } else if (!workings_look(w, l)) {
        finish(w);
        soon(w, LATER_MS);
    } else {
        if (!may_ask(w, l))
            l->ask[WORKING_MOOD] = l->ask[WORKING_INTENT] = false;
        go_on(w);
    }
}

static void look(void *ctx)
{
    struct workings *w = ctx;
    struct store_working_due due;
    w->begun = true;
    if (w->writing || w->job || !home_is_calm(w->home))
        return; /* on_written, on_done, workings_resume come */
    if (w->now) {
        go_on(w);
        return;
    }
    bool off = strcmp(settings_get(w->home->settings, "memory.working"), "off") == 0;
    if (off || store_working_due(w->home->store, &due, NULL) || !due.memory)
        soon(w, LATER_MS);
    else if (due.class < 0) /* memories_classify is at it */
        soon(w, due.at_ms < clock_wall_ms() - LATER_MS ? AGAIN_MS : SOON_MS);
    else
        begin(w, &due);
}

void workings_notice(struct workings *w)
{
    if (w && w->begun && !w->now && !w->writing)
        soon(w, SOON_MS);
}

void workings_pause(struct workings *w)
{
    if (w && w->now)
        rest(w);
}

void workings_resume(struct workings *w)
{
    if (w && w->begun && !w->job && !w->writing)
        soon(w, SOON_MS);
}

void workings_changed(struct workings *w, const char *conversation)
{
    if (w && w->now && strcmp(w->now->due.conversation, conversation) == 0)
        finish(w);
    workings_resume(w);
}

void workings_says(struct workings *w, const char *message, struct working_said *out)
{
    *out = (struct working_said){ .intent = INTENT_NONE };
    if (w)
        working_says(w->said, message, out);
}

/* ---- all of it ---- */

int workings_create(anima_home *home, struct workings **out, anima_error *err)
{
    struct workings *w = *out = mem_zero(1, sizeof(*w));
    if (!w)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for what is on characters' minds");
    w->home = home;
    int rc = working_words_create(&w->said, err);
    if (!rc)
        rc = working_plans_create(&w->plans, err);
    if (!rc)
        rc = loop_timer_create(home->loop, look, w, &w->timer, err);
    if (!rc)
        soon(w, FIRST_MS);
    return rc;
}

void workings_destroy(struct workings *w)
{
    if (!w)
        return;
    if (w->now)
        finish(w);
    loop_timer_destroy(w->timer);
    working_words_destroy(w->said);
    working_plans_destroy(w->plans);
    mem_free(w);
}
