/* request.h — a "generate", "read" or "score" frame, read and checked once for all drivers. */
#ifndef HOST_REQUEST_H
#define HOST_REQUEST_H
#include "anima/anima.h"
#include "base/json.h"

#define REQUEST_MAX_MESSAGES 4096
#define REQUEST_MAX_STOP 16
#define REQUEST_MAX_CANDIDATES 64
#define REQUEST_MAX_RESUMED 65536 /* tokens of a snapshot */
#define REQUEST_STREAM_MAX 64     /* bytes of a stream's name, with the NUL */

/* The role of a thought: what is thought and not said. It has marks of its own (llama_prompt.h). */
#define REQUEST_THOUGHT "thought"

/* How soon somebody needs it, the soonest first. */
enum request_class {
    REQUEST_VOICE,
    REQUEST_CHAT,
    REQUEST_GROUP,
    REQUEST_BACKGROUND,
    REQUEST_COMPACTION,
    REQUEST_CLASSES
};

struct request {
    int64_t id;
    char stream[REQUEST_STREAM_MAX]; /* "" if none */
    size_t keep;                     /* messages of the stream that stay; ours come behind them */
    enum request_class class;
    bool read_only;               /* nothing is said: the messages are read, so that a later request finds them read */
    bool open;                    /* the last message still grows */
    bool think;                   /* what is generated is a thought */
    anima_chat_message *messages; /* into doc, or into texts; roles system, user, assistant, tool, thought, or others */
    size_t n_messages;
    char *texts;         /* of all messages of the stream, or NULL */
    const char *prefix;  /* "" if none */
    const char *adapter; /* file name of a LoRA adapter; "" if none */
    double adapter_scale;
    double temperature, top_p, min_p, repeat_penalty, frequency_penalty, presence_penalty, dry_multiplier;
    int top_k, max_tokens; /* max_tokens 0: up to the context's end */
    int64_t seed;          /* -1: random */
    const char *stop[REQUEST_MAX_STOP];
    size_t n_stop;
    const char *grammar; /* "" if none */
    yyjson_val *schema;  /* NULL if none */
    int logprobs;        /* -1: none */
    bool drop_oldest;
    bool snapshot;          /* at its end the state of its sampler is told (llama_sample.h) */
    yyjson_val *resume;     /* NULL, or such a state, from which it goes on */
    yyjson_val *candidates; /* "score": the array of texts, else NULL */
    yyjson_doc *doc;
};

/* Letters, digits, - and _; not empty, not too long. */
bool request_stream_valid(const char *name);
/* "voice" … "compaction"; chat for any other word. */
enum request_class request_class_of(const char *name);
const char *request_class_name(enum request_class class);
/* Reads the head (n bytes); *out is the caller's. Numbers are brought into their ranges. */
int request_parse(const char *head, size_t n, struct request **out, anima_error *err);
void request_free(struct request *request);
/* The last message of a person, or "". */
const char *request_last_user(const struct request *request);
#endif
