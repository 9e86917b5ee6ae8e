/* api_training.c — a character's texts becoming weights: begin, look, stop. */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"

#define ANSWER_MAX 65536

static void look(const struct call *call, int rc, int status, anima_error *err)
{
    anima_training training;
    struct object_reply answer;
    if (!rc)
        rc = anima_training_look(call->server->home, call->id, &training, err);
    if (rc) {
        reply_code(call, err);
        return;
    }
    object_begin(&answer, ANSWER_MAX);
    view_training(&answer.w, "training", &training);
    object_end(call, &answer, status);
}

void api_training(const struct call *call)
{
    anima_error err;
    look(call, ANIMA_OK, 200, &err);
}

void api_training_start(const struct call *call)
{
    anima_error err;
    yyjson_val *b = call->body;
    const anima_training_options options = { .model = json_str(b, "model", NULL),
                                             .name = json_str(b, "name", NULL),
                                             .lessons = json_str(b, "lessons", NULL),
                                             .prepare = json_bool(b, "prepare", false),
                                             .more = json_bool(b, "more", false),
                                             .rank = small_int(b, "rank", 0),
                                             .alpha = json_num(b, "alpha", 0),
                                             .places = json_str(b, "places", NULL),
                                             .epochs = json_num(b, "epochs", 0),
                                             .rate = json_num(b, "rate", 0),
                                             .scale = json_num(b, "scale", 0),
                                             .seed = json_int(b, "seed", 0),
                                             .command = json_str(b, "command", NULL) };
    int rc = anima_training_start(call->server->home, call->id, &options, &err);
    look(call, rc, 202, &err);
}

void api_training_stop(const struct call *call)
{
    anima_error err;
    int rc = anima_training_stop(call->server->home, call->id, &err);
    look(call, rc, 200, &err);
}

void api_training_finish(const struct call *call)
{
    anima_error err;
    int rc = anima_training_finish(call->server->home, call->id, &err);
    look(call, rc, 202, &err);
}
