/* candidates.c — the last reply in several ways at the same time: each is asked for as the reply was (utterance.c), on a stream
 * of its own, so that one batch of the engine says them all, and what they begin with is read once. The turn goes on showing what
 * it shows; once all have ended, those with words become alternatives of it, in one transaction. So a killed process leaves
 * everything as it was.
 *
 *   state      event       next       what happens
 *   ASKING     ready       SPEAKING   all are announced and asked for  (before that, what comes to mind is looked for, once for all of them,
 *                                     and the model may be asked what the message is about)
 *   ASKING     stop        WRITING    all end as cancelled, when that has come
 *   SPEAKING   words       SPEAKING   announced; the others hear of every whole sentence, and do not say it, too
 *   SPEAKING   one ended   SPEAKING   announced
 *   SPEAKING   stop        SPEAKING   the engine is told, of all; "one ended" follows for each
 *   SPEAKING   all ended   WRITING    what was said is written
 *   WRITING    written     (gone)     announced: the turn has more alternatives
 *   (not written, the disk being full: tried again until it is)
 *
 * Meanwhile nothing else of the conversation is changed; a message that is sent stops them. Loop thread. */
#include "agent/idle.h"
#include "agent/reading.h"
#include "agent/recollection.h"
#include "agent/speech.h"
#include "agent/state.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "mind/phrase.h"

#include <string.h>

#define WRITE_AGAIN_MS 1500

struct candidates {
    anima_conversation *conversation; /* held open */
    int64_t seq;
    int first; /* the number of the next alternative */
    int n, left;
    bool stop;
    struct reply *ways[ANIMA_MAX_CANDIDATES];
    struct recollection *recollection; /* what came to mind, for all of them; NULL: nothing was looked for */
    int numbers[ANIMA_MAX_CANDIDATES]; /* which alternative each became; -1: none */
    struct loop_timer *again;
};

/* ---- telling ---- */

static void announce(struct reply *r, anima_event *event)
{
    anima_turn turn;
    reply_describe(r, &turn);
    event->turn = &turn;
    event->candidate = r->way;
    event->candidates = r->candidates->n;
    event_emit(r->conversation->home, r->conversation, event);
}

static void announce_changed(struct reply *r)
{
    anima_event event = { .type = ANIMA_EVENT_CANDIDATE_CHANGED };
    announce(r, &event);
}

static int announce_turn(void *ctx, const anima_turn *turn)
{
    const struct candidates *k = ctx;
    anima_event changed = { .type = ANIMA_EVENT_TURN_CHANGED, .turn = turn };
    anima_event done = { .type = ANIMA_EVENT_CANDIDATES_DONE, .turn = turn, .candidates = k->n, .numbers = k->numbers };
    event_emit(k->conversation->home, k->conversation, &changed);
    event_emit(k->conversation->home, k->conversation, &done);
    return 1;
}

/* ---- writing ---- */

static void finish(struct candidates *k)
{
    anima_conversation *c = k->conversation;
    c->candidates = NULL; /* a listener may change the turn at once */
    c->home->n_replies--;
    reading_drop_candidates(c);
    anima_conversation_turns(c, k->seq - 1, 1, announce_turn, k, NULL);
    candidates_free(k);
    idle_resume(c->home);
    anima_conversation_close(c);
}

static void act_write(struct candidates *k);

static void write_again(void *ctx) { act_write(ctx); }

/* What each was told of what is remembered, now that it has a number. */
static void keep_told(const struct candidates *k)
{
    anima_error err;
    for (int i = 0; i < k->n; i++) {
        const struct reply *r = k->ways[i];
        const char *conversation = k->conversation->info.id;
        struct store *store = k->conversation->home->store;
        if (k->numbers[i] >= 0 && r->recalled &&
            (store_told_put(store, conversation, k->seq, k->numbers[i], r->told_of,
                            (size_t)r->recalled - r->n_passages_of, &err) ||
             store_told_passages_put(store, conversation, k->seq, k->numbers[i], r->passages_of, r->n_passages_of,
                                     &err)))
            log_warn("agent", "what a candidate was told is not kept: %s", err.message);
    }
}

static void on_written(void *ctx, int rc, const anima_error *err)
{
    struct candidates *k = ctx;
    bool never = rc == ANIMA_E_NOT_FOUND ||
                 (rc && !k->again && loop_timer_create(k->conversation->home->loop, write_again, k, &k->again, NULL));
    if (rc)
        log_warn("agent", "candidates are not stored%s: %s", never ? "" : " yet", err->message);
    for (int i = 0; never && i < k->n; i++)
        k->numbers[i] = -1;
    if (!rc)
        keep_told(k);
    if (rc && !never)
        loop_timer_start(k->again, WRITE_AGAIN_MS);
    else
        finish(k);
}

/* Those with words, one behind the other. */
static void act_write(struct candidates *k)
{
    anima_turn kept[ANIMA_MAX_CANDIDATES];
    anima_error err = { 0 };
    int n = 0;
    for (int i = 0; i < k->n; i++) {
        k->numbers[i] = k->ways[i]->text.len ? k->first + n : -1;
        if (k->ways[i]->text.len)
            reply_describe(k->ways[i], &kept[n++]);
    }
    int rc = n ? store_turn_add_variants(k->conversation->home->store, k->conversation->info.id, k->seq, kept, n,
                                         on_written, k, &err)
               : ANIMA_OK;
    if (rc || !n)
        on_written(k, rc, &err);
}

/* ---- the engine's side ---- */

/* Whole sentences that are new: the others say something else. */
static void tell_others(struct reply *r, bool final)
{
    const struct candidates *k = r->candidates;
    const char *text = buf_str(&r->text);
    for (size_t len; r->told < r->text.len && (len = phrase_sentence(text + r->told, r->text.len - r->told, final));
         r->told += len)
        for (int i = 0; i < k->n; i++)
            if (k->ways[i] != r && k->ways[i]->speech)
                speech_heed(k->ways[i]->speech, text + r->told, len);
}

/* k is gone when that was the last one. */
static void ended(struct reply *r)
{
    struct candidates *k = r->candidates;
    if (r->state == REPLY_CLOSING)
        return;
    r->state = REPLY_CLOSING;
    reply_book(r);
    if (r->booked)
        store_cost_add(r->conversation->home->store, &r->cost, NULL);
    announce_changed(r);
    if (--k->left == 0)
        act_write(k);
}

static void on_started(void *ctx, const anima_usage *usage)
{
    struct reply *r = ctx;
    log_debug("agent", "candidate %d to %d tokens, of which %d were read before", r->way, usage->prompt_tokens,
              usage->cached_tokens);
    r->usage = *usage;
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    struct reply *r = ctx;
    int64_t offset = (int64_t)r->text.len;
    (void)logprobs;
    (void)logprobs_len;
    if (reply_hear(r, text, n)) {
        ended(r);
        return;
    }
    r->state = REPLY_SPEAKING;
    tell_others(r, false);
    anima_event event = { .type = ANIMA_EVENT_CANDIDATE_DELTA, .delta = r->text.data + offset, .offset = offset };
    announce(r, &event);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    struct reply *r = ctx;
    reply_heard_all(r, code, finish, usage, message);
    tell_others(r, true);
    ended(r);
}

/* ---- asking ---- */

static void cancel_all(struct candidates *k)
{
    for (int i = 0, n = k->n; i < n; i++) { /* k is gone behind the last */
        reply_end_with(k->ways[i], ANIMA_E_CANCELLED, "");
        ended(k->ways[i]);
    }
}

static void speak(struct candidates *k)
{
    static const anima_completion_callbacks heard = { .started = on_started, .words = on_words, .done = on_done };
    for (int i = 0, n = k->n; i < n; i++) {
        struct reply *r = k->ways[i];
        anima_error err = { 0 };
        int rc = utterance_begin(r, &heard, &err);
        if (rc) {
            reply_end_with(r, rc, err.message);
            ended(r);
        }
    }
}

static void on_guessed(void *ctx, enum act act, bool stopped, const anima_usage *usage)
{
    struct reply *first = ctx;
    struct candidates *k = first->candidates;
    first->guess = NULL;
    first->guessed = first->usage = *usage;
    for (int i = 0; i < k->n; i++)
        k->ways[i]->act = act;
    if (stopped || k->stop)
        cancel_all(k);
    else
        speak(k);
}

static void think(struct candidates *k)
{
    if (k->stop)
        cancel_all(k);
    else if (!utterance_guess(k->ways[0], on_guessed))
        speak(k);
}

static void on_recollected(void *ctx, struct recollection *found)
{
    struct reply *first = ctx;
    struct candidates *k = first->candidates;
    first->recollecting = NULL;
    k->recollection = found;
    for (int i = 0; i < k->n; i++)
        k->ways[i]->recollection = found;
    think(k);
}

static void ask(struct candidates *k)
{
    for (int i = 0; i < k->n; i++)
        announce_changed(k->ways[i]);
    idle_pause(k->conversation->home);
    if (k->stop || !utterance_recollect(k->ways[0], on_recollected))
        think(k);
}

/* Not during the call of whoever wanted them. */
static void start(void *conversation)
{
    anima_conversation *c = conversation;
    if (c->candidates && !c->home->closing)
        ask(c->candidates);
    anima_conversation_close(c);
}

/* ---- the door ---- */

void candidates_free(struct candidates *k)
{
    for (int i = 0; k && i < k->n; i++)
        if (k->ways[i]) {
            k->ways[i]->recollection = NULL; /* it is theirs in common */
            reply_free(k->ways[i]);
        }
    if (k) {
        recollection_free(k->recollection);
        loop_timer_destroy(k->again);
    }
    mem_free(k);
}

static struct reply *make_way(struct candidates *k, const anima_turn *turn, int way)
{
    struct reply *r = reply_new(k->conversation, turn->seq);
    if (!r)
        return NULL;
    r->candidates = k;
    r->way = way;
    r->state = REPLY_READING;
    r->created_ms = clock_wall_ms();
    r->revision = turn->revision;
    r->variant = -1; /* not known until it is written */
    r->variants = turn->variants;
    return r;
}

int candidates_begin(anima_conversation *c, const anima_turn *turn, int n, anima_error *err)
{
    struct candidates *k = mem_zero(1, sizeof(*k));
    bool failed = !k;
    if (k)
        *k = (struct candidates){ .conversation = c, .seq = turn->seq, .first = turn->variants, .n = n, .left = n };
    for (int i = 0; i < n && !failed; i++)
        failed = !(k->ways[i] = make_way(k, turn, i + 1));
    int rc = failed ? err_set(err, ANIMA_E_NOMEM, "out of memory for the candidates") : ANIMA_OK;
    if (!rc)
        rc = loop_post(c->home->loop, start, c);
    if (rc) {
        candidates_free(k);
        return rc;
    }
    c->candidates = k;
    c->home->n_replies++;
    c->refs += 2; /* until start, and until finish */
    return ANIMA_OK;
}

bool candidates_stop(anima_conversation *c)
{
    struct candidates *k = c->candidates;
    if (!k || !k->left)
        return false;
    k->stop = true;
    for (int i = 0; i < k->n; i++)
        if (k->ways[i]->guess)
            guess_cancel(k->ways[i]->guess);
        else if (k->ways[i]->speech)
            speech_cancel(k->ways[i]->speech);
    return true;
}

void anima_candidates(const anima_conversation *c, anima_candidate_cb *cb, void *ctx)
{
    anima_turn turn;
    const struct candidates *k = c->candidates;
    for (int i = 0; k && i < k->n; i++) {
        reply_describe(k->ways[i], &turn);
        if (cb(ctx, k->ways[i]->way, k->n, &turn))
            break;
    }
}
