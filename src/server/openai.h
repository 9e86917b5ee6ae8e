/* openai.h — OpenAI's chat protocol over anima_complete: each character is a model.
 *
 * Members we do not know are ignored, as OpenAI's server does; known ones of the wrong type or value are a 400 that
 * names them in "param". Accepted beyond OpenAI's: min_p, top_k, repeat_penalty, dry_multiplier. Refused: tools,
 * functions, several choices, pictures and sound. */
#ifndef SERVER_OPENAI_H
#define SERVER_OPENAI_H
#include "base/arena.h"
#include "base/json.h"

#define OPENAI_STOPS_MAX 4
#define OPENAI_FINGERPRINT "anima-" ANIMA_VERSION

struct openai_request {
    struct arena arena;
    const char *model;
    anima_completion_request completion; /* points into the arena and into the body */
    const char *stops[OPENAI_STOPS_MAX + 1];
    bool stream, include_usage;
};

struct openai_failure {
    int status;
    const char *param, *code; /* constants, or NULL */
    char message[512];
};

/* Reads the body of POST /v1/chat/completions. 0, or the HTTP status in failure. Finish the request in both cases. */
int openai_request_read(struct openai_request *request, yyjson_val *body, struct openai_failure *failure);
void openai_request_finish(struct openai_request *request);

/* {"error":{message,type,param,code}}; param NULL: null; code NULL: the one that belongs to the status, if any. */
void openai_error(struct jw *w, int status, const char *message, const char *param, const char *code);
#endif
