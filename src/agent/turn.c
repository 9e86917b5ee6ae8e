/* turn.c — one message and its reply, from "accepted" to "written": a state machine.
 *
 *   state      event         next       what happens
 *   STORING    stored        QUEUED     both turns are announced
 *   STORING    not stored    (gone)     the message is announced as failed; nothing was kept
 *   STORING    stop          STORING    remembered
 *   QUEUED     its turn      READING    the engine is asked   (remembered stop: CLOSING)
 *   QUEUED     stop          CLOSING    written as cancelled
 *   READING    started       READING    announced  (before that, something may be forgotten, or come to mind, and the model may be asked
 *                                       what the message is about)
 *   READING    words         SPEAKING   announced
 *   READING    ended         CLOSING    written as done, cancelled or failed
 *   READING    stop          READING    the engine is told; "ended" follows
 *   SPEAKING   words         SPEAKING   announced; written when a sentence has ended
 *   SPEAKING   ended         CLOSING    written as done, cancelled or failed
 *   SPEAKING   stop          SPEAKING   the engine is told; "ended" follows
 *   CLOSING    written       (gone)     announced; the next reply of the conversation gets its turn
 *   (not written, the disk being full: said once, and tried again until it is)
 *   Every other pair is ignored: it is a late event of something already over.
 *
 * Within a conversation replies run one after the other, in the order of their seq; conversations run side by side.
 * A reply that an earlier run left behind enters at QUEUED with the words it had; so does one that is retried. */
#include "agent/forget.h"
#include "agent/idle.h"
#include "agent/notes.h"
#include "agent/recollection.h"
#include "agent/speech.h"
#include "agent/state.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define WRITE_AGAIN_MS 1500
#define KEEP_EVERY_US 100000

enum reply_event { EV_STORED, EV_NOT_STORED, EV_NEXT, EV_STARTED, EV_WORDS, EV_ENDED, EV_STOP, EV_WRITTEN, EVENTS };

static void on_event(struct reply *r, enum reply_event event);

static void announce(struct reply *r, anima_event_type type, const anima_turn *turn)
{
    anima_event event = { .type = type,
                          .turn = turn,
                          .context_used = r->usage.context_used,
                          .context_size = r->usage.context_size,
                          .dropped_turns = r->usage.dropped_messages };
    event_emit(r->conversation->home, r->conversation, &event);
}

/* Takes a reply out of its conversation and lets the next one run. */
static void retire(struct reply *r)
{
    anima_conversation *c = r->conversation;
    for (struct reply **p = &c->replies; *p; p = &(*p)->next)
        if (*p == r) {
            *p = r->next;
            break;
        }
    c->n_replies--;
    c->home->n_replies--;
    reply_free(r);
    if (c->replies)
        on_event(c->replies, EV_NEXT);
    else
        conversation_release(c);
}

static void append_to(anima_conversation *c, struct reply *r)
{
    struct reply **end = &c->replies;
    while (*end)
        end = &(*end)->next;
    *end = r;
    c->n_replies++;
    c->home->n_replies++;
}

/* ---- the engine's side ---- */

static void on_started(void *ctx, const anima_usage *usage)
{
    struct reply *r = ctx;
    log_debug("agent", "a reply to %d tokens, of which %d were read before", usage->prompt_tokens,
              usage->cached_tokens);
    r->usage = *usage;
    on_event(r, EV_STARTED);
}

/* A full stop in either language in these new words: time to write down what was said so far. */
static bool ends_sentence(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strchr(".!?\n", text[i]) && text[i])
            return true;
        if (i + 2 < n && (memcmp(text + i, "。", 3) == 0 || memcmp(text + i, "！", 3) == 0 ||
                          memcmp(text + i, "？", 3) == 0 || memcmp(text + i, "…", 3) == 0))
            return true;
    }
    return false;
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    (void)logprobs;
    (void)logprobs_len;
    struct reply *r = ctx;
    int64_t offset = (int64_t)r->text.len;
    if (reply_hear(r, text, n)) {
        on_event(r, EV_ENDED);
        return;
    }
    on_event(r, EV_WORDS);
    anima_turn turn;
    reply_describe(r, &turn);
    char *delta = r->text.data + offset;
    anima_event event = { .type = ANIMA_EVENT_TURN_DELTA, .turn = &turn, .delta = delta, .offset = offset };
    event_emit(r->conversation->home, r->conversation, &event);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    reply_heard_all(ctx, code, finish, usage, message);
    on_event(ctx, EV_ENDED);
}

static const anima_completion_callbacks heard = { .started = on_started, .words = on_words, .done = on_done };

/* ---- the store's side ---- */

static void act_write(struct reply *r);

static void write_again(void *ctx) { act_write(ctx); }

/* The words are in memory, but not on the disk: that is said once, and writing is tried until it succeeds. */
static void wait_for_disk(struct reply *r, int rc, const anima_error *err)
{
    anima_turn turn;
    if (!r->again && loop_timer_create(r->conversation->home->loop, write_again, r, &r->again, NULL)) {
        on_event(r, EV_WRITTEN); /* not even memory for that: the store keeps what it has, a restart takes it up */
        return;
    }
    err_set(&r->unstored, rc, "the reply is not stored yet: %s", err->message);
    reply_show(r, &turn);
    announce(r, ANIMA_EVENT_TURN_DONE, &turn);
    loop_timer_start(r->again, WRITE_AGAIN_MS);
}

static void on_written(void *ctx, int rc, const anima_error *err)
{
    if (rc)
        wait_for_disk(ctx, rc, err);
    else
        on_event(ctx, EV_WRITTEN);
}

static void on_stored(void *ctx, int rc, const anima_error *err)
{
    struct reply *r = ctx;
    if (rc)
        r->error = *err;
    on_event(r, rc ? EV_NOT_STORED : EV_STORED);
}

/* ---- the actions of the table ---- */

/* A reply that is renewed, or added: its message was announced long ago. */
static void announce_renewed(struct reply *r)
{
    anima_turn turn;
    anima_conversation *c = r->conversation;
    reply_describe(r, &turn);
    announce(r, ANIMA_EVENT_TURN_CREATED, &turn);
    if (r->added)
        event_conversation(c);
    if (c->replies == r)
        on_event(r, EV_NEXT);
}

static void act_announce(struct reply *r)
{
    anima_conversation *c = r->conversation;
    anima_turn turn;
    int64_t now = clock_wall_ms();
    if (!r->message.seq) {
        announce_renewed(r);
        return;
    }
    if (conversation_remember(c, r->message.seq, r->message.person, r->message.text))
        c->said_loaded = false; /* out of memory: read it again when it is needed */
    conversation_touch(c, c->info.turns + 2, r->message.text, now);
    if (!*c->info.title) {
        size_t line = strcspn(r->message.text, "\n");
        size_t n = utf8_cut(r->message.text, line, 72);
        memcpy(c->info.title, r->message.text, n);
        c->info.title[n] = '\0';
        store_conversation_title(c->home->store, c->info.id, c->info.title, NULL, NULL, NULL);
    }
    notes_notice(c->home, c->info.character, c->info.id, r->message.seq, r->message.person, r->message.text);
    reply_message_describe(r, &turn);
    announce(r, ANIMA_EVENT_TURN_CREATED, &turn);
    reply_describe(r, &turn);
    announce(r, ANIMA_EVENT_TURN_CREATED, &turn);
    event_conversation(c);
    if (c->replies == r) /* a listener may have stopped it, and it may be gone */
        on_event(r, EV_NEXT);
}

/* That turn, the reply or its message, is not kept; the reply is over. */
static void fail_turn(struct reply *r, anima_turn *turn)
{
    turn->state = ANIMA_TURN_FAILED;
    turn->finish = "error";
    turn->error_code = r->error.code;
    turn->error = r->error.message;
    announce(r, ANIMA_EVENT_TURN_DONE, turn);
    retire(r);
}

/* There is no place for the reply: the conversation is as long as before. */
static void refuse_added(struct reply *r)
{
    anima_turn turn;
    anima_conversation *c = r->conversation; /* held by on_event */
    reply_describe(r, &turn);
    fail_turn(r, &turn);
    conversation_refresh(c);
}

static void act_refuse(struct reply *r)
{
    anima_turn turn;
    anima_conversation_info there;
    anima_conversation *c = r->conversation;
    if (r->added) {
        refuse_added(r);
        return;
    }
    if (!r->message.seq) { /* whoever asked is told by conversation_edit.c */
        retire(r);
        return;
    }
    c->unstored = store_conversation_get(c->home->store, c->info.id, &there, NULL) == ANIMA_E_NOT_FOUND;
    reply_message_describe(r, &turn);
    fail_turn(r, &turn);
    if (!c->replies) /* the places kept for both are free again */
        conversation_refresh(c);
}

static void act_remember_stop(struct reply *r) { r->stop = true; }

static bool reverts(const struct reply *r) { return r->former && !r->text.len; }

static void act_write(struct reply *r)
{
    anima_turn turn;
    anima_error err = { 0 };
    anima_conversation *c = r->conversation;
    reply_book(r);
    reply_describe(r, &turn);
    if (r->text.len && conversation_remember(c, r->seq, 0, buf_str(&r->text)))
        c->said_loaded = false;
    conversation_touch(c, c->info.turns, r->text.len ? buf_str(&r->text) : c->info.last_text, clock_wall_ms());
    int rc = store_turn_finish(c->home->store, c->info.id, &turn, reverts(r), r->booked ? &r->cost : NULL, on_written,
                               r, &err);
    if (rc)
        on_written(r, rc, &err);
}

static void act_cancelled(struct reply *r)
{
    reply_end_with(r, ANIMA_E_CANCELLED, "");
    act_write(r);
}

static void speak(struct reply *r)
{
    anima_error err = { 0 };
    int rc = utterance_begin(r, &heard, &err);
    if (rc) {
        reply_end_with(r, rc, err.message);
        on_event(r, EV_ENDED);
    }
}

static void on_guessed(void *ctx, enum act act, bool stopped, const anima_usage *usage)
{
    struct reply *r = ctx;
    r->guess = NULL;
    r->act = act;
    r->guessed = r->usage = *usage;
    if (stopped) {
        reply_end_with(r, ANIMA_E_CANCELLED, "");
        on_event(r, EV_ENDED);
    } else {
        speak(r);
    }
}

static void think(struct reply *r)
{
    if (!utterance_guess(r, on_guessed))
        speak(r);
}

static void on_recollected(void *ctx, struct recollection *found)
{
    struct reply *r = ctx;
    r->recollecting = NULL;
    r->recollection = found;
    think(r);
}

/* What comes to mind is no part of an answer about what is to be forgotten. */
static void on_forgot(void *ctx) { think(ctx); }

static void act_ask(struct reply *r)
{
    if (r->stop) {
        r->state = REPLY_CLOSING;
        act_cancelled(r);
        return;
    }
    idle_pause(r->conversation->home);
    if (forget_wished(r, on_forgot))
        return;
    if (r->forgot || !utterance_recollect(r, on_recollected))
        think(r);
}

static void act_started(struct reply *r)
{
    anima_turn turn;
    reply_describe(r, &turn);
    announce(r, ANIMA_EVENT_TURN_STARTED, &turn);
}

/* A killed process loses at most the sentence under way; of a very fast reply, the last KEEP_EVERY_US. */
static void act_keep(struct reply *r)
{
    size_t from = r->looked;
    int64_t now = clock_mono_us();
    r->looked = r->text.len;
    r->unkept |= ends_sentence(r->text.data + from, r->text.len - from);
    if (!r->unkept || now - r->kept_us < KEEP_EVERY_US)
        return;
    r->unkept = false;
    r->kept_us = now;
    anima_turn turn;
    reply_describe(r, &turn);
    store_turn_update(r->conversation->home->store, r->conversation->info.id, &turn, NULL, NULL, NULL);
}

static void act_stop(struct reply *r)
{
    if (r->recollecting || r->forgetting) { /* what is being forgotten is forgotten all the same */
        recollection_abandon(r->recollecting);
        forget_abandon(r->forgetting);
        r->recollecting = NULL;
        r->forgetting = NULL;
        reply_end_with(r, ANIMA_E_CANCELLED, "");
        on_event(r, EV_ENDED);
    } else if (r->guess)
        guess_cancel(r->guess);
    else if (r->speech)
        speech_cancel(r->speech);
}

static int announce_changed(void *ctx, const anima_turn *turn)
{
    anima_conversation *c = ctx;
    anima_event event = { .type = ANIMA_EVENT_TURN_CHANGED, .turn = turn };
    event_emit(c->home, c, &event);
    return 1;
}

static void act_finish(struct reply *r)
{
    anima_turn turn;
    anima_conversation *c = r->conversation; /* held by on_event */
    int64_t seq = r->seq;
    bool reverted = reverts(r);
    reply_describe(r, &turn);
    announce(r, ANIMA_EVENT_TURN_DONE, &turn);
    event_conversation(c);
    memories_notice(c->home->memories);
    retire(r);
    if (reverted)
        anima_conversation_turns(c, seq - 1, 1, announce_changed, c, NULL);
    if (!c->replies)
        utterance_settle(c);
    idle_resume(c->home);
}

static const struct transition {
    bool known;
    enum reply_state next;
    void (*act)(struct reply *r);
} transitions[REPLY_STATES][EVENTS] = {
    [REPLY_STORING][EV_STORED] = { true, REPLY_QUEUED, act_announce },
    [REPLY_STORING][EV_NOT_STORED] = { true, REPLY_STORING, act_refuse },
    [REPLY_STORING][EV_STOP] = { true, REPLY_STORING, act_remember_stop },
    [REPLY_QUEUED][EV_NEXT] = { true, REPLY_READING, act_ask },
    [REPLY_QUEUED][EV_STOP] = { true, REPLY_CLOSING, act_cancelled },
    [REPLY_READING][EV_STARTED] = { true, REPLY_READING, act_started },
    [REPLY_READING][EV_WORDS] = { true, REPLY_SPEAKING, act_keep },
    [REPLY_READING][EV_ENDED] = { true, REPLY_CLOSING, act_write },
    [REPLY_READING][EV_STOP] = { true, REPLY_READING, act_stop },
    [REPLY_SPEAKING][EV_WORDS] = { true, REPLY_SPEAKING, act_keep },
    [REPLY_SPEAKING][EV_ENDED] = { true, REPLY_CLOSING, act_write },
    [REPLY_SPEAKING][EV_STOP] = { true, REPLY_SPEAKING, act_stop },
    [REPLY_CLOSING][EV_WRITTEN] = { true, REPLY_CLOSING, act_finish },
};

static void on_event(struct reply *r, enum reply_event event)
{
    const struct transition *t = &transitions[r->state][event];
    anima_conversation *c = r->conversation;
    if (!t->known)
        return;
    c->refs++; /* r may be gone after the action, c must not */
    r->state = t->next;
    t->act(r);
    anima_conversation_close(c);
}

/* ---- the door ---- */

static int check_message(const anima_conversation *c, const anima_message *m, anima_error *err)
{
    size_t n = m->text ? strlen(m->text) : 0;
    if (c->home->read_only)
        return home_looked_at_only(err);
    if (n == 0)
        return err_set(err, ANIMA_E_INVALID, "a message needs text");
    if (n > MAX_MESSAGE)
        return err_set(err, ANIMA_E_LIMIT, "a message has at most %d bytes; this one has %zu", MAX_MESSAGE, n);
    if (!utf8_valid(m->text, n))
        return err_set(err, ANIMA_E_INVALID, "the message is not valid UTF-8");
    if (m->client_id && (strlen(m->client_id) > 64 || !utf8_valid(m->client_id, strlen(m->client_id))))
        return err_set(err, ANIMA_E_INVALID, "client_id has at most 64 bytes of UTF-8");
    return ANIMA_OK;
}

/* A message that came before is not a second one: its turn is announced again, for the sender who missed it. */
struct again {
    anima_conversation *conversation;
    int64_t seq;
};

static int announce_again(void *ctx, const anima_turn *turn)
{
    const struct again *a = ctx;
    anima_event event = { .type = ANIMA_EVENT_TURN_CREATED, .turn = turn };
    if (turn->seq == a->seq)
        event_emit(a->conversation->home, a->conversation, &event);
    return 1;
}

static void say_again(void *ctx)
{
    struct again *a = ctx;
    if (!a->conversation->home->closing)
        anima_conversation_turns(a->conversation, a->seq - 1, 1, announce_again, a, NULL);
    anima_conversation_close(a->conversation);
    mem_free(a);
}

static bool came_before(anima_conversation *c, const char *client_id, int64_t *seq)
{
    for (const struct reply *r = c->replies; r; r = r->next)
        if (r->message.client_id && strcmp(r->message.client_id, client_id) == 0) {
            *seq = r->message.seq;
            return true;
        }
    return store_turn_by_client(c->home->store, c->info.id, client_id, seq, NULL) == ANIMA_OK;
}

static int store_conversation_again(anima_conversation *c, anima_error *err)
{
    anima_conversation_info row = c->info;
    row.turns = 0;
    int rc = c->unstored ? store_conversation_add(c->home->store, &row, NULL, NULL, err) : ANIMA_OK;
    if (!rc)
        c->unstored = false;
    return rc;
}

int anima_send(anima_conversation *c, const anima_message *m, int64_t *seq, anima_error *err)
{
    const anima_person *person;
    int rc = check_message(c, m, err);
    if (!rc)
        rc = anima_person_get(c->home, m->person, &person, err);
    if (rc)
        return rc;
    const char *client_id = m->client_id ? m->client_id : "";
    if (*client_id && came_before(c, client_id, seq)) {
        struct again *a = mem_alloc(sizeof(*a));
        if (!a)
            return err_set(err, ANIMA_E_NOMEM, "out of memory");
        *a = (struct again){ c, *seq };
        c->refs++;
        return loop_post(c->home->loop, say_again, a);
    }
    if (c->gone)
        return err_set(err, ANIMA_E_NOT_FOUND, "the conversation was deleted");
    if (c->removing)
        return err_set(err, ANIMA_E_BUSY, "turns are being taken back; send it again in a moment");
    if (c->n_replies > MAX_WAITING)
        return err_set(err, ANIMA_E_BUSY, "%d messages wait already; let the character catch up", MAX_WAITING);
    rc = store_conversation_again(c, err);
    if (rc)
        return rc;
    struct reply *r = reply_new(c, c->next_seq + 1);
    if (!r)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the message");
    r->message.seq = c->next_seq;
    r->message.person = person->id;
    r->message.created_ms = r->created_ms = clock_wall_ms();
    r->message.text = mem_strdup(m->text);
    r->message.client_id = mem_strdup(client_id);
    if (!r->message.text || !r->message.client_id) {
        reply_free(r);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the message");
    }
    anima_turn message, reply;
    reply_message_describe(r, &message);
    reply_describe(r, &reply);
    rc = store_turn_add(c->home->store, c->info.id, &message, &reply, on_stored, r, err);
    if (rc) {
        reply_free(r);
        return rc;
    }
    candidates_stop(c);
    append_to(c, r);
    c->next_seq += 2;
    *seq = message.seq;
    return ANIMA_OK;
}

int anima_cancel(anima_conversation *c, anima_error *err)
{
    struct reply *r = c->replies;
    bool stopped = candidates_stop(c);
    if (!r || r->state == REPLY_CLOSING)
        return stopped ? ANIMA_OK : err_set(err, ANIMA_E_NOT_FOUND, "no reply is under way");
    on_event(r, EV_STOP);
    return ANIMA_OK;
}

struct last_turn {
    anima_conversation *conversation;
    bool unanswered; /* it is a message */
    int rc;
    anima_error *err;
};

int reply_take_up(anima_conversation *c, const anima_turn *turn, anima_error *err)
{
    struct reply *r = reply_new(c, turn->seq);
    if (!r || buf_puts(&r->text, turn->text)) {
        if (r)
            reply_free(r);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the reply");
    }
    r->created_ms = turn->created_ms;
    r->revision = turn->revision;
    r->variant = turn->variant;
    r->variants = turn->variants;
    r->former = turn->variants > 1 && !*turn->text;
    r->seconds = turn->seconds;
    r->wh = turn->wh;
    r->money = turn->money;
    r->recalled = turn->recalled;
    r->looked = r->text.len;
    r->state = REPLY_QUEUED;
    append_to(c, r);
    return ANIMA_OK;
}

int reply_renew(anima_conversation *c, const anima_turn *turn, struct reply **out, anima_error *err)
{
    struct reply *r = *out = reply_new(c, turn->seq);
    if (!r)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the reply");
    r->created_ms = clock_wall_ms();
    r->revision = turn->revision + 1;
    r->former = *turn->text;
    r->variant = *turn->text ? turn->variants : turn->variant;
    r->variants = turn->variants + (*turn->text != '\0');
    append_to(c, r);
    return ANIMA_OK;
}

void reply_renewed(struct reply *r, bool stored) { on_event(r, stored ? EV_STORED : EV_NOT_STORED); }

static int retry_last(void *ctx, const anima_turn *turn)
{
    struct last_turn *last = ctx;
    last->unanswered = turn->role == ANIMA_ROLE_PERSON;
    if (last->unanswered)
        last->rc = ANIMA_OK;
    else if (turn->state == ANIMA_TURN_DONE)
        last->rc = err_set(last->err, ANIMA_E_INVALID, "the last reply is complete; there is nothing to try again");
    else
        last->rc = reply_take_up(last->conversation, turn, last->err);
    return 1;
}

/* Runs a reply that was taken up. The conversation is held open until then, and let go here. */
void reply_run_first(void *conversation)
{
    anima_conversation *c = conversation;
    if (c->replies && !c->home->closing) {
        anima_turn turn;
        reply_describe(c->replies, &turn);
        announce(c->replies, ANIMA_EVENT_TURN_CREATED, &turn);
        on_event(c->replies, EV_NEXT);
    }
    anima_conversation_close(c);
}

/* The last turn is a message that nobody answers: it gets a reply. */
static int answer_last(anima_conversation *c, anima_error *err)
{
    anima_turn reply;
    struct reply *r = reply_new(c, c->next_seq);
    if (!r)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the reply");
    r->added = true;
    r->created_ms = clock_wall_ms();
    reply_describe(r, &reply);
    int rc = store_turn_add(c->home->store, c->info.id, NULL, &reply, on_stored, r, err);
    if (rc) {
        reply_free(r);
        return rc;
    }
    append_to(c, r);
    c->next_seq++;
    c->info.turns++;
    return ANIMA_OK;
}

int anima_retry(anima_conversation *c, anima_error *err)
{
    if (c->home->read_only)
        return home_looked_at_only(err);
    if (c->gone)
        return err_set(err, ANIMA_E_NOT_FOUND, "the conversation was deleted");
    if (c->replies || c->candidates || c->removing)
        return err_set(err, ANIMA_E_BUSY, "a reply is under way already");
    struct last_turn last = { c, false, ANIMA_E_NOT_FOUND, err };
    err_set(err, ANIMA_E_NOT_FOUND, "nothing was said yet");
    int rc = store_turn_last(c->home->store, c->info.id, 1, retry_last, &last, err);
    if (!rc)
        rc = last.rc;
    if (rc || last.unanswered)
        return rc ? rc : answer_last(c, err);
    c->refs++;
    return loop_post(c->home->loop, reply_run_first, c);
}
