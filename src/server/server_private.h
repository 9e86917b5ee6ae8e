/* server_private.h — the insides of a server, shared by the files of this folder and its tests. */
#ifndef SERVER_SERVER_PRIVATE_H
#define SERVER_SERVER_PRIVATE_H
#include "server/guard.h"
#include "server/router.h"
#include "server/server.h"

struct feed;

struct server {
    anima_home *home;
    struct http *http; /* NULL in tests */
    struct guard guard;
    struct feed *feeds; /* event streams, one feed per conversation that somebody listens to */
    int64_t started_us; /* monotonic */
    int64_t started_s;  /* since 1970 */
    char url[128];
};

/* For server_start and for tests without a transport. */
int server_init(struct server *server, anima_home *home, const char *bind, anima_error *err);
void server_finish(struct server *server);

/* Handlers, by file; routes.c lists them. */
route_fn api_status, api_characters, api_portrait, api_people, api_login; /* api_home.c */
route_fn api_conversations, api_conversation_new, api_conversation, api_conversation_cancel,
    api_conversation_retry;                               /* api_conversations.c */
route_fn api_message;                                     /* api_message.c */
route_fn events_conversation, events_home, events_socket; /* events.c */
route_fn openai_models, openai_model, openai_chat;        /* openai_*.c */

const char *member_type_name(enum member_type type);
#endif
