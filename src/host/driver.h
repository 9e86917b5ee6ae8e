/* driver.h — what an engine driver is. A driver turns one model into answers; the host (host.c) owns the socket, the jail
 * and the main loop, so that a driver is only its model. Copy driver_script.c to add one.
 *
 * The host is one thread. It calls step while there is work and looks at the socket between two steps, so a step must be
 * short: one token for every running request, or one chunk of a prompt. */
#ifndef HOST_DRIVER_H
#define HOST_DRIVER_H
#include "anima/anima.h"
#include "base/json.h"
#include "host/embed_request.h"
#include "host/request.h"

struct host;

struct host_option {
    const char *key, *otherwise, *meaning;
};

struct host_config {
    const char *model;   /* --model */
    yyjson_val *options; /* --options: an object; numbers and strings, see host_option_int */
};

struct host_driver {
    const char *name;
    const char *summary;
    const struct host_option *options; /* ended by a NULL key */
    bool network;                      /* may open sockets (remote engines only) */
    bool truncates;                    /* writes with O_TRUNC, which an old Landlock cannot keep to its folder */
    /* NULL, or: writes the folders and files that open needs to read, at most max; returns how many. */
    size_t (*reads)(const struct host_config *config, char paths[][512], size_t max);
    /* NULL, or: the one folder it may write in; "" if none. */
    const char *(*writes)(const struct host_config *config);
    /* NULL: it has no adapters (a request for one is refused); or: the one folder of them, which it reads from while it
     * runs, too; "" if none. */
    const char *(*adapters)(const struct host_config *config);
    /* Opens files, loads; what it may read is in reads, writes and adapters. On failure sets err. */
    int (*open)(struct host *host, const struct host_config *config, void **state, anima_error *err);
    /* Writes its members of the "ready" head (model, context_size, slots, backend, threads). */
    void (*describe)(void *state, struct jw *ready);
    /* NULL, or: takes the request. It may wait; what it will never do is an error. request->stream is a name under which the driver
     * may keep what it has computed; the messages are whole all the same. */
    int (*generate)(void *state, struct request *request, anima_error *err);
    /* NULL, or: takes a request that only reads (read_only), to be ended like any other. */
    int (*read)(void *state, struct request *request, anima_error *err);
    /* NULL, or: takes a request with candidates, answered by host_scores. */
    int (*score)(void *state, struct request *request, anima_error *err);
    /* NULL, or: forgets the streams whose names begin so, on the disk, too. */
    void (*drop)(void *state, const char *beginning);
    /* NULL, or: takes texts to be made vectors of, answered by host_vectors. */
    int (*embed)(void *state, struct embed_request *request, anima_error *err);
    /* NULL, or: takes a file of n bytes (copies them) to be read, answered by host_lines and host_done. */
    int (*document)(void *state, int64_t id, const void *data, size_t n, anima_error *err);
    /* Ends the request of that id before its next token, with host_done(… "cancelled" …). Unknown: nothing. */
    void (*cancel)(void *state, int64_t id);
    /* NULL, or: how many tokens text has. */
    int (*tokenize)(void *state, const char *text, size_t n);
    /* NULL, or: writes its members of the "stats" head: what it is doing now. Somebody looks, about once a second. */
    void (*stats)(void *state, struct jw *stats);
    /* One unit of work. Milliseconds until it wants to be called again without a frame: 0 at once, -1 never. */
    int (*step)(void *state);
    /* NULL, or: waits for readable fd or for own sockets, at most timeout_ms (-1: no limit). */
    void (*wait)(void *state, int fd, int timeout_ms);
    void (*close)(void *state);
};

extern const struct host_driver *const host_drivers[]; /* ended by NULL; the table is in drivers.c */
const struct host_driver *host_driver_find(const char *name);
/* An option as given, else as the driver's table has it. */
long host_option_int(const struct host_driver *driver, const struct host_config *config, const char *key);
double host_option_num(const struct host_driver *driver, const struct host_config *config, const char *key);
const char *host_option_str(const struct host_driver *driver, const struct host_config *config, const char *key);

/* ---- the way out: what a driver has to say about a request ---- */

struct host_count {
    int prompt_tokens, cached_tokens, completion_tokens, context_used, context_size, dropped_messages;
    double prefill_ms, decode_ms;
};

void host_loading(struct host *host, double progress);
void host_started(struct host *host, int64_t id, const struct host_count *count);
/* text: whole characters. logprobs: NULL, or a JSON array. */
void host_words(struct host *host, int64_t id, const char *text, size_t n, int tokens, const struct buf *logprobs);
/* n vectors of dim numbers each, one after the other. */
void host_vectors(struct host *host, int64_t id, const float *vectors, int n, int dim);
/* How likely each candidate is: a JSON array of {"logprob", "tokens"}. Ends the request. */
void host_scores(struct host *host, int64_t id, const struct buf *scores, const struct host_count *count);
/* What pages of a document say, up to the one of that number (host/pdf_lines.h). */
void host_lines(struct host *host, int64_t id, int page, int pages, const struct buf *lines);
/* How a training goes, a JSON object. */
void host_trained(struct host *host, const struct buf *state);
/* The state of a sampler, a JSON object, in front of host_done. */
void host_snapshot(struct host *host, int64_t id, const struct buf *state);
/* finish: "stop", "length", "cancelled" */
void host_done(struct host *host, int64_t id, const char *finish, const struct host_count *count);
void host_fail(struct host *host, int64_t id, int code, const char *message);
/* Sends words that are still held back (host.c) and waits until the socket took them: for the script driver, before it dies. */
void host_tell(struct host *host);
/* Bytes as they are, not a frame: for the script driver, which can play a broken engine. */
void host_garbage(struct host *host, const void *bytes, size_t n);
#endif
