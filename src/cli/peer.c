#include "cli/peer.h"

#include "base/mem.h"
#include "cli/daemon.h"

int peer_open(struct cli *cli, struct peer *p)
{
    char url[256];
    anima_error err;
    *p = (struct peer){ 0 };
    int rc = daemon_open(cli, 0, false, &p->own, url, sizeof(url), &err);
    char *token = rc ? NULL : daemon_token(cli);
    if (!rc)
        rc = client_create(url, token, &p->client, &err);
    mem_free(token);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

void peer_close(struct peer *p)
{
    client_destroy(p->client);
    daemon_close(p->own);
}
