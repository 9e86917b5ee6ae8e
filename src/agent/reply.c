/* reply.c — a reply in memory: its words as they come, how it ended, what it took and cost, and what it looks like from outside.
 * What is done with it, and when, is the state machine of turn.c; of several ways to say it, candidates.c. */
#include "agent/forget.h"
#include "agent/ledger.h"
#include "agent/recollection.h"
#include "agent/speech.h"
#include "agent/state.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

struct reply *reply_new(anima_conversation *c, int64_t seq)
{
    struct reply *r = mem_zero(1, sizeof(*r));
    if (!r)
        return NULL;
    r->conversation = c;
    r->seq = seq;
    r->variants = 1;
    r->accepted_us = clock_mono_us();
    buf_init(&r->text, MAX_REPLY);
    return r;
}

void reply_free(struct reply *r)
{
    forget_abandon(r->forgetting);
    guess_abandon(r->guess);
    recollection_abandon(r->recollecting);
    recollection_free(r->recollection);
    mem_free(r->told_of);
    speech_abandon(r->speech);
    loop_timer_destroy(r->again);
    mem_free(r->message.text);
    mem_free(r->message.client_id);
    buf_finish(&r->text);
    mem_free(r);
}

/* ---- what a reply and its message look like from outside ---- */

void reply_describe(const struct reply *r, anima_turn *out)
{
    static const anima_turn_state seen[REPLY_STATES] = { ANIMA_TURN_WAITING, ANIMA_TURN_WAITING, ANIMA_TURN_WAITING,
                                                         ANIMA_TURN_STREAMING, ANIMA_TURN_DONE };
    *out = (anima_turn){
        .seq = r->seq,
        .role = ANIMA_ROLE_CHARACTER,
        .state = r->state == REPLY_CLOSING ? r->outcome : seen[r->state],
        .text = buf_str(&r->text),
        .person_name = "",
        .client_id = "",
        .model = r->model,
        .finish = r->finish ? r->finish : "",
        .error_code = r->error.code,
        .error = r->error.message,
        .prompt_tokens = r->usage.prompt_tokens,
        .completion_tokens = r->usage.completion_tokens,
        .ttft_ms = r->ttft_ms,
        .tokens_per_s = r->tokens_per_s,
        .created_ms = r->created_ms,
        .revision = r->revision,
        .variant = r->variant,
        .variants = r->variants,
        .seconds = r->seconds,
        .wh = r->wh,
        .money = r->money,
        .recalled = r->recalled,
    };
    if (r->state != REPLY_CLOSING && r->text.len)
        out->state = ANIMA_TURN_STREAMING; /* taken up again: it has words already */
}

void reply_show(const struct reply *r, anima_turn *out)
{
    reply_describe(r, out);
    if (r->state != REPLY_CLOSING)
        return;
    if (r->unstored.code) {
        out->state = ANIMA_TURN_FAILED;
        out->finish = "error";
        out->error_code = r->unstored.code;
        out->error = r->unstored.message;
    } else {
        out->state = ANIMA_TURN_STREAMING; /* a change would still be refused: it is told as over when it is stored */
    }
}

void reply_message_describe(const struct reply *r, anima_turn *out)
{
    *out = (anima_turn){
        .seq = r->message.seq,
        .role = ANIMA_ROLE_PERSON,
        .state = ANIMA_TURN_DONE,
        .text = r->message.text,
        .person = r->message.person,
        .person_name = home_person_name(r->conversation->home, r->message.person),
        .client_id = r->message.client_id,
        .model = "",
        .finish = "",
        .error = "",
        .created_ms = r->message.created_ms,
        .variants = 1,
    };
}

/* ---- what the engine says ---- */

void reply_end_with(struct reply *r, int code, const char *message)
{
    r->outcome = code == ANIMA_OK            ? ANIMA_TURN_DONE
                 : code == ANIMA_E_CANCELLED ? ANIMA_TURN_CANCELLED
                                             : ANIMA_TURN_FAILED;
    if (code == ANIMA_E_CANCELLED)
        r->finish = "cancelled";
    else if (code)
        r->finish = "error";
    if (r->outcome == ANIMA_TURN_FAILED)
        err_set(&r->error, code, "%s", message);
}

int reply_hear(struct reply *r, const char *text, size_t n)
{
    if (!r->first_us) {
        r->first_us = r->kept_us = clock_mono_us();
        r->ttft_ms = (double)(r->first_us - r->accepted_us) / 1000;
    }
    int rc = buf_append(&r->text, text, n);
    if (!rc)
        return ANIMA_OK;
    speech_abandon(r->speech);
    r->speech = NULL;
    reply_end_with(r, rc, rc == ANIMA_E_LIMIT ? "the reply grew too long" : "out of memory");
    r->text.failed = 0;
    return rc;
}

void reply_heard_all(struct reply *r, int code, const char *finish, const anima_usage *usage, const char *message)
{
    r->speech = NULL;
    if (usage)
        r->usage = *usage;
    r->finish = strcmp(finish ? finish : "", "length") == 0 ? "length" : "stop";
    if (r->usage.decode_ms > 0)
        r->tokens_per_s = r->usage.completion_tokens * 1000.0 / r->usage.decode_ms;
    reply_end_with(r, code, message ? message : "");
}

void reply_book(struct reply *r)
{
    anima_home *home = r->conversation->home;
    if (r->booked || !*r->model || !(r->usage.prompt_tokens + r->usage.completion_tokens))
        return;
    r->booked = true;
    r->cost.person = r->person;
    snprintf(r->cost.conversation, sizeof(r->cost.conversation), "%s", r->conversation->info.id);
    snprintf(r->cost.character, sizeof(r->cost.character), "%s", r->conversation->info.character);
    snprintf(r->cost.model, sizeof(r->cost.model), "%s", r->model);
    ledger_measure(home, &r->usage, &r->cost);
    ledger_book(home, &r->cost);
    r->seconds += r->cost.seconds;
    r->wh += r->cost.wh;
    r->money += r->cost.money;
}
