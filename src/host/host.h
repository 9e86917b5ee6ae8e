/* host.h — what a driver asks of its host: frames out to anima, and how the loading goes. One thread.
 *
 * Frames are collected and written when the socket takes them. While more than HOST_OUT_HIGH bytes wait, the host does
 * not call step: a daemon that does not read stalls its engine and costs no memory. */
#ifndef HOST_HOST_H
#define HOST_HOST_H
#include "base/json.h"

#define HOST_OUT_HIGH (256u << 10)

struct host;

/* Begins a frame {"type": type, "id": id …; id < 0: without one. Write its members, then host_end. */
struct jw *host_begin(struct host *host, const char *type, int64_t id);
void host_end(struct host *host);
/* The frame "error": ends request id (0: about none). */
void host_error(struct host *host, int64_t id, int code, const char *message);
/* Bytes that are no frame (the script driver imitates a broken engine). */
void host_put_raw(struct host *host, const void *data, size_t n);
/* The frame "loading", at most ten a second. False: nobody waits for this engine any more, give up loading. */
bool host_loading(struct host *host, double progress);
#endif
