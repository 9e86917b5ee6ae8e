/* openai.h — OpenAI's chat protocol over anima_complete, and its responses over streams: each character is a model.
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

/* ---- shared by the readers of requests (openai_read.c) ---- */

/* Fills the failure; 400. */
int openai_refuse(struct openai_failure *f, const char *param, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
int openai_no_memory(struct openai_failure *f); /* 503 */
/* A string without NUL characters, or NULL. */
const char *openai_text(yyjson_val *v);
/* The member, or NULL if it is absent or null. */
yyjson_val *openai_member(yyjson_val *obj, const char *name);
/* 0, or the status in f; as the next ones. */
int openai_bool(yyjson_val *body, const char *name, bool otherwise, bool *out, struct openai_failure *f);
/* All numbers of sampling; max_tokens: a further name of that one. */
int openai_numbers(anima_sampling *sampling, yyjson_val *body, const char *max_tokens, struct openai_failure *f);
int openai_schema(struct arena *arena, yyjson_val *schema, const char *param, const char **out,
                  struct openai_failure *f);
/* The texts of content parts, one a line. types: those that are taken, ended by NULL. */
int openai_parts(struct arena *arena, yyjson_val *parts, const char *param, const char *const *types, const char **out,
                 struct openai_failure *f);
/* Refuses members that are there and not off; ended by NULL. */
int openai_unsupported(yyjson_val *body, const char *const *members, struct openai_failure *f);

/* {"error":{message,type,param,code}}; param NULL: null; code NULL: the one that belongs to the status, if any. */
void openai_error(struct jw *w, int status, const char *message, const char *param, const char *code);
/* What a failure of libanima is for a client of OpenAI's; param: what is too long if something is. */
void openai_failed(struct openai_failure *f, int code, const char *message, const char *param);
struct call;
void openai_reply_failure(const struct call *call, const struct openai_failure *f);

/* ---- responses ---- */

struct openai_response_request {
    struct arena arena;
    const char *model, *previous; /* previous: NULL, or the response it goes on from */
    anima_segment *input;         /* n_input, in the arena */
    size_t n_input;
    anima_generation generation; /* instructions, sampling, json_schema, drop_oldest; into the arena and the body */
    bool store, stream;
    yyjson_val *format, *metadata; /* or NULL */
};

/* Reads the body of POST /v1/responses, as openai_request_read. */
int openai_response_read(struct openai_response_request *request, yyjson_val *body, struct openai_failure *failure);
void openai_response_request_finish(struct openai_response_request *request);

/* What a response says of its request, as a JSON object: stored with it. */
int openai_response_meta(struct buf *out, const struct openai_response_request *request, int64_t created_s);
struct openai_response_view {
    const char *id, *meta;
    const char *status; /* "in_progress", "completed", "incomplete", "failed" */
    const char *text;   /* NULL: no output yet */
    size_t len;
    const anima_usage *usage; /* or NULL */
    const char *error;        /* or NULL */
};
void openai_response_put(struct jw *w, const char *key, const struct openai_response_view *view);
/* The message of a response, and its only part. */
void openai_response_put_item(struct jw *w, const char *key, const char *id, const char *status, const char *text,
                              size_t len);
void openai_response_put_part(struct jw *w, const char *key, const char *text, size_t len);
/* "msg_…" of "resp_…". */
void openai_response_item_id(char out[48], const char *id);
#endif
