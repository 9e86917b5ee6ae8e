/* main.c — anima's command line: the table of verbs, and taking a call apart. */
#include "base/err.h"
#include "cli/cli.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

extern const struct cli_verb verb_chat, verb_serve, verb_models, verb_doctor, verb_bench, verb_config, verb_characters,
    verb_lint, verb_conversations, verb_fork, verb_cost, verb_notes, verb_memory, verb_documents, verb_top, verb_train,
    verb_twin, verb_completion, verb_help, verb_version;

const struct cli_verb *const cli_verbs[] = {
    &verb_chat,   &verb_serve,         &verb_models, &verb_notes,      &verb_memory, &verb_documents, &verb_characters,
    &verb_lint,   &verb_conversations, &verb_fork,   &verb_cost,       &verb_top,    &verb_train,     &verb_twin,
    &verb_config, &verb_doctor,        &verb_bench,  &verb_completion, &verb_help,   &verb_version,   NULL
};

const struct cli_option cli_global_options[] = {
    { "home", "PATH",
      "the folder with characters, conversations and settings (else $ANIMA_HOME, ~/.local/share/anima)" },
    { "set", "KEY=VALUE", "a setting for this call only (see `anima config`); may be repeated" },
    { "json", NULL, "print data as JSON" },
    { "no-color", NULL, "no colours (also with $NO_COLOR, and where stdout is not a terminal)" },
    { "help", NULL, "what this verb does" },
    { NULL, NULL, NULL },
};

/* ---- homes ---- */

anima_home *cli_open_home(const struct cli *cli, bool read_only, int *status)
{
    anima_home_options options = { .path = cli->home, .read_only = read_only, .set = cli->set };
    anima_home *home = NULL;
    anima_error err;
    *status = anima_home_open(&options, &home, &err) ? cli_error(cli, &err) : CLI_OK;
    return home;
}

/* ---- taking a call apart ---- */

static int option_at(const struct cli_option *options, const char *name, size_t n)
{
    for (int i = 0; options && options[i].name; i++)
        if (strlen(options[i].name) == n && memcmp(options[i].name, name, n) == 0)
            return i;
    return -1;
}

const char *cli_value(const struct cli *cli, const char *name)
{
    int i = option_at(cli->verb->options, name, strlen(name));
    return i < 0 ? NULL : cli->values[i];
}

size_t cli_values(const struct cli *cli, const char *name, const char **out)
{
    int which = option_at(cli->verb->options, name, strlen(name));
    size_t n = 0;
    for (int i = 0; i < cli->n_given; i++)
        if (cli->given[i].option == which)
            out[n++] = cli->given[i].value;
    return n;
}

static int unknown_option(const struct cli *cli, const char *name, size_t n)
{
    const char *names[CLI_MAX_OPTIONS + 8];
    char word[64];
    size_t k = 0;
    for (int i = 0; cli->verb && cli->verb->options && cli->verb->options[i].name; i++)
        names[k++] = cli->verb->options[i].name;
    for (int i = 0; cli_global_options[i].name; i++)
        names[k++] = cli_global_options[i].name;
    names[k] = NULL;
    snprintf(word, sizeof(word), "%.*s", (int)(n < 60 ? n : 60), name);
    const char *near = help_nearest(word, names);
    return cli_usage(cli, "there is no option --%s%s%s%s", word, near ? " (did you mean --" : "", near ? near : "",
                     near ? "?)" : "");
}

static int set_global(struct cli *cli, int which, const char *value, bool *help)
{
    static int n_set;
    switch (which) {
    case 0: cli->home = value; break;
    case 1:
        if (n_set == CLI_MAX_SET)
            return cli_usage(cli, "more than %d --set", CLI_MAX_SET);
        cli->set[n_set++] = value;
        break;
    case 2: cli->json = true; break;
    case 3: cli->color = false; break;
    default: *help = true;
    }
    return CLI_OK;
}

/* One "--name", "--name=value" or "--name value"; *i moves on. */
static int take_option(struct cli *cli, int argc, char **argv, int *i, bool *help)
{
    const char *name = argv[*i] + 2;
    size_t n = strcspn(name, "=");
    const char *value = name[n] ? name + n + 1 : NULL;
    int own = cli->verb ? option_at(cli->verb->options, name, n) : -1;
    int global = own < 0 ? option_at(cli_global_options, name, n) : -1;
    if (own < 0 && global < 0)
        return unknown_option(cli, name, n);
    bool wants = (own >= 0 ? cli->verb->options[own].value : cli_global_options[global].value) != NULL;
    if (wants && !value && ++*i < argc)
        value = argv[*i];
    if (wants && !value)
        return cli_usage(cli, "--%.*s needs a value", (int)n, name);
    if (!wants && name[n])
        return cli_usage(cli, "--%.*s takes no value", (int)n, name);
    if (global >= 0)
        return set_global(cli, global, value, help);
    if (cli->n_given == CLI_MAX_GIVEN)
        return cli_usage(cli, "more than %d options", CLI_MAX_GIVEN);
    cli->given[cli->n_given].option = own;
    cli->values[own] = cli->given[cli->n_given++].value = value ? value : "";
    return CLI_OK;
}

static int take_word(struct cli *cli, const char *word)
{
    if (cli->verb) {
        if (cli->n_words == CLI_MAX_WORDS)
            return cli_usage(cli, "too many words");
        cli->words[cli->n_words++] = word;
        return CLI_OK;
    }
    const char *names[32];
    size_t n = 0;
    for (; cli_verbs[n]; n++) {
        names[n] = cli_verbs[n]->name;
        if (strcmp(word, names[n]) == 0)
            cli->verb = cli_verbs[n];
    }
    names[n] = NULL;
    const char *near = cli->verb ? NULL : help_nearest(word, names);
    return cli->verb ? CLI_OK
                     : cli_usage(cli, "there is no verb \"%s\"%s%s%s", word, near ? " (did you mean " : "",
                                 near ? near : "", near ? "?)" : "");
}

int main(int argc, char **argv)
{
    struct cli cli = { .color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR") };
    bool help = false, only_words = false;
    int status = CLI_OK;
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    for (int i = 1; i < argc && !status; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (!only_words && strncmp(argv[i], "--", 2) == 0)
            status = take_option(&cli, argc, argv, &i, &help);
        else if (!only_words && strcmp(argv[i], "-h") == 0)
            help = true;
        else
            status = take_word(&cli, argv[i]);
    }
    if (status)
        return status;
    if (help && cli.verb)
        help_verb(&cli, cli.verb);
    else if (help || !cli.verb)
        help_overview(&cli);
    else
        status = cli.verb->run(&cli);
    if (status || (!fflush(stdout) && !ferror(stdout)))
        return status;
    if (errno != EPIPE)
        fprintf(stderr, "anima: it could not be written: %s\n", strerror(errno));
    return CLI_FAILED;
}
