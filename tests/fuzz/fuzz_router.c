/* HTTP requests behind the parser: "METHOD PATH?QUERY\nBODY" against a home in memory; WebSocket messages are the body of
 * a "GET /api/v1/ws". */
#include "fake_home.h"

#include "base/mem.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct server server;
    struct fake_peer peer;
    char *text = mem_strndup((const char *)data, n);
    if (memchr(data, 0, n) || server_init(&server, fake_home_new(), "127.0.0.1", NULL)) {
        mem_free(text);
        return 0;
    }
    char *body = strchr(text, '\n'), *path = strchr(text, ' ');
    if (body)
        *body++ = '\0';
    if (path && (!body || path < body)) {
        *path++ = '\0';
        fake_peer_init(&peer);
        fake_ask(&server, &peer, text, path, body);
        fake_home_step();
        fake_peer_finish(&peer);
    }
    fake_home_free();
    server_finish(&server);
    mem_free(text);
    return 0;
}
