/* client.h — a small client of anima's own API (docs/api.md), over HTTP. Blocks. One thread. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H
#include "anima/anima.h"
#include "base/json.h"

struct client;

/* token may be NULL. */
int client_create(const char *url, const char *token, struct client **out, anima_error *err);
/* Of another server: paths stand right behind the url. */
int client_create_for(const char *url, struct client **out, anima_error *err);
void client_destroy(struct client *client);
/* One call; path behind /api/v1. body: JSON text or NULL. *out (NULL: not wanted) is the answer, to be freed with
 * yyjson_doc_free. An error of the server comes back as its code and message. */
int client_call(struct client *client, const char *method, const char *path, const char *body, yyjson_doc **out,
                anima_error *err);
/* A POST of something else than JSON, of a type ("application/octet-stream"). */
int client_send(struct client *client, const char *path, const char *type, const void *data, size_t n, yyjson_doc **out,
                anima_error *err);
/* Events of a stream (path), one JSON object each, until cb returns non-zero (then ANIMA_OK) or the stream breaks.
 * idle is called about once a second while nothing comes; non-zero ends with ANIMA_E_CANCELLED. */
typedef int client_event_cb(void *ctx, yyjson_val *event);
typedef int client_idle_cb(void *ctx);
int client_events(struct client *client, const char *path, client_event_cb *cb, client_idle_cb *idle, void *ctx,
                  anima_error *err);
/* The events that a POST of the body (JSON) is answered with, likewise; what is no JSON ("[DONE]") is passed over. */
int client_post_events(struct client *client, const char *path, const char *body, client_event_cb *cb, void *ctx,
                       anima_error *err);
#endif
