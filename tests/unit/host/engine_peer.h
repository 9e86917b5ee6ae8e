/* engine_peer.h — anima's side of the engine protocol for tests: starts a real anima-engine and talks frames to it.
 * Every wait is bounded; a test fails with the reason instead of hanging. */
#ifndef ENGINE_PEER_H
#define ENGINE_PEER_H
#include "base/json.h"

#include <sys/types.h>

struct peer {
    pid_t pid;
    int fd;
    struct buf in;
    size_t at;       /* bytes of in that were taken */
    yyjson_doc *doc; /* of the last frame; valid until the next peer_receive */
    yyjson_val *head;
    const void *raw; /* raw_len bytes behind it; as long as head */
    size_t raw_len;
    bool broken; /* it sent something that is no frame */
};

/* What a request came to. */
struct peer_answer {
    struct buf text;
    char finish[16], code[24], message[512]; /* finish, or code and message of its error */
    int words, tokens, completion_tokens, prompt_tokens, dropped;
    int logprobs;                       /* entries */
    double least_top_sum, most_top_sum; /* of the alternatives' probabilities, per token */
};

/* program: $ANIMA_TEST_ENGINE. argv: further arguments, ended by NULL; may be NULL. */
void peer_start(struct peer *p, const char *driver, const char *model, const char *options, const char *const *argv);
void peer_send(struct peer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The next frame's type, or NULL: the engine closed its socket or sent no frame. */
const char *peer_receive(struct peer *p);
/* Skips to a frame of that type; false if the engine ends before. */
bool peer_until(struct peer *p, const char *type);
/* Collects request id up to its end; frames about others are skipped. False if the engine ends before. */
bool peer_collect(struct peer *p, int64_t id, struct peer_answer *out);
void peer_answer_finish(struct peer_answer *a);
/* Waits for the process: its exit status, or 128 + signal. Closes the socket. */
int peer_end(struct peer *p);
#endif
