/* server.h — the home's web server: the page, the own API with its events, and OpenAI's protocol. Loop thread. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H
#include "anima/anima.h"

struct server;
struct server_options {
    const char *bind; /* numeric address; NULL: setting server.bind */
    int port;         /* 0 picks a free one; -1: setting server.port */
};

/* Serves the home from its loop from now on. ANIMA_E_BUSY: the port is taken; ANIMA_E_FORBIDDEN: not loopback and no
 * server.token_file. options may be NULL. The address is written into the home's lock file (home_publish_url). */
int server_start(anima_home *home, const struct server_options *options, struct server **out, anima_error *err);
/* "http://127.0.0.1:26462"; borrowed. */
const char *server_url(const struct server *server);
/* Ends every stream and connection; before the home is closed. NULL is legal. */
void server_stop(struct server *server);
#endif
