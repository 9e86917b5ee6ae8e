/* embed_request.h — an "embed" frame, read and checked once for all drivers. */
#ifndef HOST_EMBED_REQUEST_H
#define HOST_EMBED_REQUEST_H
#include "anima/anima.h"
#include "loop/frame.h"

struct embed_request {
    int64_t id;
    bool query;     /* else a passage: models that tell the two apart read them differently */
    char **texts;   /* at most FRAME_MAX_TEXT bytes each, cut between characters */
    size_t n, made; /* 1..FRAME_MAX_TEXTS; made: so many are vectors already */
    float *vectors; /* n of them, made by embed_request_room; or NULL */
    struct embed_request *next;
};

/* Reads the head (n bytes); *out is the caller's. */
int embed_request_parse(const char *head, size_t n, struct embed_request **out, anima_error *err);
void embed_request_free(struct embed_request *request);
/* Room for the vectors of all texts. ANIMA_E_NOMEM only. */
int embed_request_room(struct embed_request *request, int dim, anima_error *err);

/* Requests in the order they came. */
void embed_request_push(struct embed_request **list, struct embed_request *request);
/* Takes the one of that id out of the list, for the caller; NULL: there is none. */
struct embed_request *embed_request_take(struct embed_request **list, int64_t id);
#endif
