#include "agent/topics_private.h"

#include "agent/complete.h"
#include "agent/ledger.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define FIRST_MS 3000             /* after the home was opened */
#define AGAIN_MS (10 * 60 * 1000) /* after the model failed, or a limit was reached */
/* What was said before is not looked at: nobody says "lately" of it. */
#define OLD_MS (30LL * 24 * 3600 * 1000)
#define ARENA (8u << 20)
#define MAX_ANSWER 4096

void topics_soon(struct topics *t, int64_t ms) { loop_timer_start(t->timer, ms); }

/* ---- the end of a part ---- */

static void rest(struct topics *t)
{
    struct making *m = t->making;
    engine_abandon(t->job);
    t->job = NULL;
    t->n_waiting = 0;
    if (!m)
        return;
    ledger_add_usage(&m->used, &m->usage);
    m->usage = (anima_usage){ 0 };
}

static void finish(struct topics *t)
{
    struct making *m = t->making;
    struct store_cost cost = { .person = m->n_asks ? m->asks[0].speaker : 0 };
    if (m->n_asks)
        rest(t);
    t->making = NULL;
    if (!t->home->closing && m->n_asks) {
        snprintf(cost.conversation, sizeof(cost.conversation), "%s", m->due.conversation);
        snprintf(cost.character, sizeof(cost.character), "%s", m->character);
        snprintf(cost.model, sizeof(cost.model), "%s", m->model);
        completion_book(t->home, &m->used, &cost);
        engine_drop(t->home->engines, m->stream); /* the pieces are not to outlive their turns there */
    }
    buf_finish(&m->answer);
    arena_finish(&m->arena);
    mem_free(m);
}

static void give_up(struct topics *t, int64_t again_ms)
{
    finish(t);
    topics_soon(t, again_ms);
}

void topics_on_written(void *ctx, int rc, const anima_error *err)
{
    struct topics *t = ctx;
    t->writing = false;
    if (rc && rc != ANIMA_E_CONFLICT)
        log_warn("agent", "what was talked about is not kept: %s", err->message);
    topics_soon(t, rc && rc != ANIMA_E_CONFLICT ? TOPICS_LATER_MS : 1);
}

/* rc of queueing something for the disk. */
void topics_written(struct topics *t, int rc, const anima_error *err)
{
    t->writing = !rc;
    if (rc)
        topics_on_written(t, rc, err);
}

static void keep_part(struct topics *t)
{
    struct making *m = t->making;
    anima_error err = { 0 };
    const struct part_turn *last = &m->turns[m->n - 1];
    struct store_topic_part part = { .conversation = m->due.conversation,
                                     .character = m->character,
                                     .first = m->turns[0].seq,
                                     .last = last->seq,
                                     .count = (int64_t)m->n,
                                     .made_ms = clock_wall_ms(),
                                     .sentences = m->lines,
                                     .n = m->n_lines };
    for (size_t i = 0; i < m->n; i++)
        part.newest = m->turns[i].id > part.newest ? m->turns[i].id : part.newest;
    int rc = store_topic_put(t->home->store, &part, topics_on_written, t, &err);
    finish(t);
    topics_written(t, rc, &err);
}

/* ---- asking ---- */

static void go_on(struct topics *t);

static void on_started(void *ctx, const anima_usage *usage)
{
    struct topics *t = ctx;
    t->making->usage = *usage;
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    (void)logprobs;
    (void)logprobs_len;
    struct making *m = ((struct topics *)ctx)->making;
    m->usage.completion_tokens++; /* or a few more, until the end tells */
    buf_append(&m->answer, text, n);
}

static void on_done(void *ctx, int code, const char *finish_reason, const anima_usage *usage, const char *message)
{
    struct topics *t = ctx;
    struct making *m = t->making;
    t->job = NULL;
    if (usage)
        m->usage = *usage;
    rest(t);
    if (code && code != ANIMA_E_LIMIT) {
        log_info("agent", "what was talked about in conversation %s is not looked at: %s", m->due.conversation,
                 message ? message : "");
        give_up(t, AGAIN_MS);
        return;
    }
    topics_part_take_answer(m, t->home->store,
                            !code && strcmp(finish_reason ? finish_reason : "", "stop") == 0 && !m->answer.failed);
    go_on(t);
}

static int ask(struct topics *t, anima_error *err)
{
    static const anima_completion_callbacks ours = { .started = on_started, .words = on_words, .done = on_done };
    struct making *m = t->making;
    const struct part_ask *a = &m->asks[m->at];
    struct engine_request request = { .stream = m->stream, .class = ENGINE_COMPACTION, .logprobs = -1 };
    anima_sampling_default(&request.sampling);
    request.sampling.temperature = 0;
    request.sampling.max_tokens = TOPICS_ANSWER;
    buf_reset(&m->answer);
    if (topics_prompt(&m->arena, a->pieces, a->n, &request.messages, &request.n_messages))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for what was talked about");
    return engine_generate(t->home->engines, m->model, &request, &ours, t, &t->job, err);
}

/* The next set, or the end. */
static void go_on(struct topics *t)
{
    anima_error err;
    const struct making *m = t->making;
    const struct character *who = cast_find(&t->home->cast, m->character);
    if (m->at == m->n_asks)
        keep_part(t);
    else if (!home_is_calm(t->home))
        return; /* topics_resume comes */
    else if (!who || ledger_check(t->home, m->asks[m->at].speaker, &who->pub, m->asks[m->at].language, &err))
        give_up(t, AGAIN_MS);
    else if (ask(t, &err)) {
        log_info("agent", "what was talked about is not looked at: %s", err.message);
        give_up(t, AGAIN_MS);
    }
}

/* ---- a part ---- */

static void take_apart(struct topics *t)
{
    if (topics_part_take_apart(t->making, t->home))
        go_on(t);
    else
        give_up(t, AGAIN_MS);
}

/* The turns that are long past are one part, of which nothing is made. */
static size_t count_old(const struct making *m, int64_t now)
{
    size_t n = 0;
    while (n < m->n && m->turns[n].at_ms < now - OLD_MS)
        n++;
    return n;
}

static void settle(struct topics *t, int64_t at_ms, int64_t turns)
{
    anima_error err = { 0 };
    const struct store_topic_due due = t->making->due;
    finish(t);
    topics_written(t, store_topic_settle(t->home->store, &due, at_ms, turns, topics_on_written, t, &err), &err);
}

/* The first part that is over among the turns that were read. */
static void look_at_turns(struct topics *t)
{
    struct making *m = t->making;
    int64_t times[TOPICS_READ], now = clock_wall_ms();
    for (size_t i = 0; i < m->n; i++)
        times[i] = m->turns[i].at_ms;
    size_t old = count_old(m, now), n = old ? old : topics_cut(times, m->n, now);
    bool unread = false;
    for (size_t i = 0; i < n && !old; i++)
        unread |= m->turns[i].class < 0;
    if (!n) {
        settle(t, m->n ? times[m->n - 1] + TOPICS_PAUSE_MS : 0, (int64_t)m->n);
        return;
    }
    if (unread) { /* memories_classify is at it */
        give_up(t, 3 * TOPICS_SOON_MS);
        return;
    }
    m->n = n;
    if (old)
        keep_part(t);
    else
        take_apart(t);
}

static void begin(struct topics *t, const struct store_topic_due *due)
{
    anima_error err = { 0 };
    anima_conversation_info info = { .character = "" };
    struct making *m = t->making = mem_zero(1, sizeof(*m));
    if (!m) {
        topics_soon(t, TOPICS_LATER_MS);
        return;
    }
    m->due = *due;
    arena_init(&m->arena, ARENA);
    buf_init(&m->answer, MAX_ANSWER);
    int rc = store_conversation_get(t->home->store, due->conversation, &info, &err);
    const struct character *who = rc ? NULL : cast_find(&t->home->cast, info.character);
    snprintf(m->character, sizeof(m->character), "%s", info.character);
    snprintf(m->model, sizeof(m->model), "%s", who ? character_model(t->home, who) : "");
    snprintf(m->stream, sizeof(m->stream), "c-%s-topics", due->conversation);
    if (!rc && (!who || !utterance_applies(t->home, "memory.topics", m->model))) {
        settle(t, 0, 0);
        return;
    }
    if (!rc)
        rc = store_topic_turns(t->home->store, due->conversation, TOPICS_READ, topics_part_take_turn, m, &err);
    if (rc || m->failed)
        give_up(t, TOPICS_LATER_MS);
    else
        look_at_turns(t);
}

/* ---- looking ---- */

static void look(void *ctx)
{
    struct topics *t = ctx;
    struct store_topic_due due;
    int64_t next = 0, now = clock_wall_ms();
    t->begun = true;
    if (t->writing || t->job || !home_is_calm(t->home))
        return; /* topics_on_written, on_done, topics_resume come */
    if (t->making) {
        go_on(t);
        return;
    }
    if (t->home->summing) { /* one after the other */
        topics_soon(t, 3 * TOPICS_SOON_MS);
        return;
    }
    bool off = strcmp(settings_get(t->home->settings, "memory.topics"), "off") == 0;
    int rc = off ? ANIMA_E_UNSUPPORTED : store_topic_due(t->home->store, now, TOPICS_TURNS, &due, &next, NULL);
    if (!rc && *due.conversation) {
        begin(t, &due);
        return;
    }
    int64_t wait = !rc && next > now && next - now < TOPICS_LATER_MS ? next - now + 1 : TOPICS_LATER_MS;
    if (!topics_ask_meanings(t))
        topics_soon(t, wait);
}

void topics_notice(struct topics *t)
{
    if (t && t->begun && !t->making)
        topics_soon(t, TOPICS_SOON_MS);
}

void topics_pause(struct topics *t)
{
    if (t && t->making)
        rest(t);
}

void topics_resume(struct topics *t)
{
    if (t && t->begun && !t->job && !t->writing)
        topics_soon(t, TOPICS_SOON_MS);
}

void topics_changed(struct topics *t, const char *conversation)
{
    if (t && t->making && strcmp(t->making->due.conversation, conversation) == 0)
        finish(t);
    topics_resume(t);
}

/* ---- all of it ---- */

int topics_create(anima_home *home, struct topics **out, anima_error *err)
{
    struct topics *t = *out = mem_zero(1, sizeof(*t));
    if (!t)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for what was talked about");
    t->home = home;
    int rc = loop_timer_create(home->loop, look, t, &t->timer, err);
    if (!rc)
        topics_soon(t, FIRST_MS);
    return rc;
}

void topics_destroy(struct topics *t)
{
    if (!t)
        return;
    engine_abandon(t->job);
    t->job = NULL;
    if (t->making)
        finish(t);
    loop_timer_destroy(t->timer);
    mem_free(t);
}
