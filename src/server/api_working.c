/* api_working.c — what is on a character's mind of somebody: look, set a part, correct a promise or question. */
#include "server/server_private.h"
#include "server/view.h"

#include <math.h>

#define ANSWER_MAX (2u << 20)

static int put_part(void *ctx, const anima_working *part)
{
    view_working(ctx, NULL, part);
    return 0;
}

void api_working(const struct call *call)
{
    anima_error err;
    struct list_reply answer;
    list_begin(&answer, ANSWER_MAX, "working");
    int rc = anima_working_list(call->server->home, call->id, call->words[0], put_part, &answer.w, &err);
    list_end(call, &answer, rc, &err);
}

static void set(const struct call *call, const char *person, const char *part, const char *value, double amount)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_changed;
    pending_keep(p, anima_working_set(call->server->home, call->id, person, part, value, amount, pending_done, p, &err),
                 &err);
}

void api_working_set(const struct call *call)
{
    set(call, json_str(call->body, "person", NULL), json_str(call->body, "part", ""), json_str(call->body, "value", ""),
        json_num(call->body, "amount", NAN));
}

void api_working_unset(const struct call *call) { set(call, call->words[0], call->words[1], NULL, 0); }

/* The number in the path; what is none finds no promise. Both NULL: it is deleted. */
static void change(const struct call *call, const char *text, const char *state)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->answer = answer_changed;
    pending_keep(p, anima_working_change(call->server->home, call_number(call), text, state, pending_done, p, &err),
                 &err);
}

void api_working_change(const struct call *call)
{
    const char *text = json_str(call->body, "text", NULL), *state = json_str(call->body, "state", NULL);
    change(call, text, text || state ? state : ""); /* nothing to change is no deletion */
}

void api_working_remove(const struct call *call) { change(call, NULL, NULL); }
