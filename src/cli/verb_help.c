/* verb_help.c — help, version, completion. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static int run_help(struct cli *cli)
{
    if (cli_value(cli, "man")) {
        help_man();
        return CLI_OK;
    }
    if (!cli->n_words) {
        help_overview(cli);
        return CLI_OK;
    }
    for (int i = 0; cli_verbs[i]; i++)
        if (strcmp(cli_verbs[i]->name, cli->words[0]) == 0) {
            help_verb(cli, cli_verbs[i]);
            return CLI_OK;
        }
    return cli_usage(cli, "there is no verb \"%s\"", cli->words[0]);
}

static const struct cli_option help_options[] = { { "man", NULL, "print the man page (troff)" }, { NULL, NULL, NULL } };

const struct cli_verb verb_help = {
    .name = "help",
    .summary = "explain a verb",
    .usage = "[VERB] [--man]",
    .options = help_options,
    .details = "Examples:\n  anima help models\n  anima help --man | man -l -",
    .run = run_help,
};

static int run_version(struct cli *cli)
{
    if (cli->json)
        puts("{\"version\":\"" ANIMA_VERSION "\"}");
    else
        puts("anima " ANIMA_VERSION);
    return CLI_OK;
}

const struct cli_verb verb_version = {
    .name = "version",
    .summary = "print the version",
    .usage = "",
    .run = run_version,
};

static int run_completion(struct cli *cli)
{
    if (cli->n_words != 1 || help_completion(cli->words[0]) != CLI_OK)
        return cli_usage(cli, "which shell: bash or zsh?");
    return CLI_OK;
}

const struct cli_verb verb_completion = {
    .name = "completion",
    .summary = "print the completion script of a shell",
    .usage = "bash|zsh",
    .details = "Examples:\n  source <(anima completion bash)\n  anima completion zsh > ~/.zfunc/_anima",
    .run = run_completion,
};
