/* request.h — a "generate" frame, read and checked once for all drivers. */
#ifndef HOST_REQUEST_H
#define HOST_REQUEST_H
#include "anima/anima.h"
#include "base/json.h"

#define REQUEST_MAX_MESSAGES 4096
#define REQUEST_MAX_STOP 16

struct request {
    int64_t id;
    anima_chat_message *messages; /* into doc */
    size_t n_messages;
    const char *prefix; /* "" if none */
    double temperature, top_p, min_p, repeat_penalty, frequency_penalty, presence_penalty, dry_multiplier;
    int top_k, max_tokens; /* max_tokens 0: up to the context's end */
    int64_t seed;          /* -1: random */
    const char *stop[REQUEST_MAX_STOP];
    size_t n_stop;
    const char *grammar; /* "" if none */
    yyjson_val *schema;  /* NULL if none */
    int logprobs;        /* -1: none */
    bool drop_oldest;
    yyjson_doc *doc;
};

/* Reads the head (n bytes); *out is the caller's. Numbers are brought into their ranges. */
int request_parse(const char *head, size_t n, struct request **out, anima_error *err);
void request_free(struct request *request);
/* The last message of a person, or "". */
const char *request_last_user(const struct request *request);
#endif
