/* conversations.h — the parts of `anima conversations` that change something (conversations_change.c). They talk to the
 * daemon that has the home, or serve it themselves meanwhile. Each gives the exit status. */
#ifndef CLI_CONVERSATIONS_H
#define CLI_CONVERSATIONS_H
#include "cli/cli.h"

int conversations_rename(struct cli *cli);
int conversations_import(struct cli *cli);
int conversations_fork(struct cli *cli);
int conversations_delete(struct cli *cli);
#endif
