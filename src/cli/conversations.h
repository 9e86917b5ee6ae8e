/* conversations.h — the parts of `anima conversations`. Those that change something (conversations_change.c) talk to the
 * daemon that has the home, or serve it themselves meanwhile. Each gives the exit status. */
#ifndef CLI_CONVERSATIONS_H
#define CLI_CONVERSATIONS_H
#include "cli/cli.h"

int conversations_rename(struct cli *cli);
int conversations_import(struct cli *cli);
int conversations_fork(struct cli *cli);
int conversations_delete(struct cli *cli);
/* Forks that conversation at a turn (its number; NULL: the last one), with the option title. */
int conversations_fork_at(struct cli *cli, const char *id, const char *turn);

/* ---- looking: verb_conversations.c, conversations_tree.c ---- */
/* "2026-01-31 14:02", local time. */
const char *conversations_when(int64_t ms, char *out, size_t size);
/* The members that every list of conversations has as JSON, into the object that is open. */
void conversations_members(struct jw *w, const anima_conversation_info *info);
/* The tree of words[1], or all trees with branches: prints them, or writes their branches into the open array. */
int conversations_tree(const struct cli *cli, anima_home *home, struct jw *w);
#endif
