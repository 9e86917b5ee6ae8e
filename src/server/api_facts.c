/* api_facts.c — texts about a character becoming questions and answers: begin, look, stop. */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"

#define ANSWER_MAX 65536

static void look(const struct call *call, int rc, int status, anima_error *err)
{
    anima_facts facts;
    struct object_reply answer;
    if (!rc)
        rc = anima_facts_look(call->server->home, call->id, &facts, err);
    if (rc) {
        reply_code(call, err);
        return;
    }
    object_begin(&answer, ANSWER_MAX);
    view_facts(&answer.w, "facts", &facts);
    object_end(call, &answer, status);
}

void api_facts(const struct call *call)
{
    anima_error err;
    look(call, ANIMA_OK, 200, &err);
}

void api_facts_start(const struct call *call)
{
    anima_error err;
    const anima_facts_options options = { .model = json_str(call->body, "model", NULL),
                                          .questions = small_int(call->body, "questions", 0) };
    int rc = anima_facts_start(call->server->home, call->id, &options, &err);
    look(call, rc, 202, &err);
}

void api_facts_stop(const struct call *call)
{
    anima_error err;
    int rc = anima_facts_stop(call->server->home, call->id, &err);
    look(call, rc, 200, &err);
}
