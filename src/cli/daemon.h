/* daemon.h — the home with its server, served by a thread of its own, for verbs that talk to it over HTTP like any other
 * client. If another process has the home, its address is used instead. */
#ifndef CLI_DAEMON_H
#define CLI_DAEMON_H
#include "cli/cli.h"

struct daemon;

/* address: set server.port to this, or -1 for the setting; a taken port falls back to a free one when port is -1.
 * warm: the default model is loaded at once, because somebody is about to talk.
 * On success *out is the daemon (NULL if another process has the home) and url its address. */
int daemon_open(const struct cli *cli, int port, bool warm, struct daemon **out, char *url, size_t url_size,
                anima_error *err);
/* Says on stderr that the settings of this call mean nothing to an anima that runs already, if it has any. */
void daemon_unheard(const struct cli *cli);
/* Starts `anima serve` as a process of its own that outlives this one, with the call's home and settings; its address. What it says
 * goes to training/serve.log of the home. */
int daemon_start(const struct cli *cli, char *url, size_t size, int *pid, anima_error *err);
/* Asks that process to end, and waits for it. */
void daemon_end(int pid);
/* Stops server and home, and waits for it. NULL is legal. */
void daemon_close(struct daemon *daemon);
/* If another process has the home and serves: its address. */
bool daemon_holder(const struct cli *cli, char *url, size_t size);
/* The token it asks for, from the home's own settings; yours to mem_free; NULL: it asks for none. */
char *daemon_token(const struct cli *cli);
#endif
