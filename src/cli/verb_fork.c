/* verb_fork.c — another branch from a turn of a conversation. */
#include "cli/conversations.h"

static int run(struct cli *cli)
{
    if (cli->n_words < 1 || cli->n_words > 2)
        return cli_usage(cli, "anima fork CONVERSATION [TURN]");
    return conversations_fork_at(cli, cli->words[0], cli->n_words > 1 ? cli->words[1] : NULL);
}

static const struct cli_option options[] = { { "title", "TEXT", "its title; else the old one, counted up" },
                                             { NULL, NULL, NULL } };

const struct cli_verb verb_fork = {
    .name = "fork",
    .summary = "live another branch: a new conversation from a turn of one that there is",
    .usage = "CONVERSATION [TURN]",
    .options = options,
    .details =
        "The new conversation begins as the old one did, up to that turn (else its last one); the old one stays as\n"
        "it is. What the engine has read of it serves both.\n\n"
        "Examples:\n"
        "  anima fork n5w2lfoh3mzk7qtd\n"
        "  anima fork n5w2lfoh3mzk7qtd 5 --title 'What if'\n"
        "  anima conversations tree n5w2lfoh3mzk7qtd",
    .run = run,
};
