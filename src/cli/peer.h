/* peer.h — who is asked over the API: the daemon that has the home, or one of our own for as long as this takes. One thread. */
#ifndef CLI_PEER_H
#define CLI_PEER_H
#include "cli/client.h"
#include "cli/cli.h"

struct daemon;
struct peer {
    struct daemon *own; /* NULL: another process has the home */
    struct client *client;
};

/* CLI_OK, or the exit status; the error is printed. Close it in any case. */
int peer_open(struct cli *cli, struct peer *peer);
void peer_close(struct peer *peer);
#endif
