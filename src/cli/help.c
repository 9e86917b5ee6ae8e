/* help.c — help, man page and completion, all from the tables of verbs and options. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

void help_overview(const struct cli *cli)
{
    printf("%sanima%s — characters that live on your machine\n\nUsage: anima VERB [words] [options]\n\n", cli_bold(cli),
           cli_plain(cli));
    for (int i = 0; cli_verbs[i]; i++)
        printf("  %s%-14s%s %s\n", cli_bold(cli), cli_verbs[i]->name, cli_plain(cli), cli_verbs[i]->summary);
    puts("\nOptions of every verb:");
    for (int i = 0; cli_global_options[i].name; i++) {
        char left[40];
        snprintf(left, sizeof(left), "--%s%s%s", cli_global_options[i].name, cli_global_options[i].value ? " " : "",
                 cli_global_options[i].value ? cli_global_options[i].value : "");
        printf("  %-16s %s\n", left, cli_global_options[i].meaning);
    }
    puts("\nBegin with `anima chat`. `anima VERB --help` tells more of a verb; `anima doctor` finds what is wrong.\n"
         "Exit status: 0 done, 1 failed, 2 wrong call, 3 not found, 130 stopped.");
}

void help_verb(const struct cli *cli, const struct cli_verb *v)
{
    printf("%sanima %s%s — %s\n\nUsage: anima %s %s\n", cli_bold(cli), v->name, cli_plain(cli), v->summary, v->name,
           v->usage);
    if (v->options) {
        puts("\nOptions:");
        for (int i = 0; v->options[i].name; i++) {
            char left[48];
            snprintf(left, sizeof(left), "--%s%s%s", v->options[i].name, v->options[i].value ? " " : "",
                     v->options[i].value ? v->options[i].value : "");
            printf("  %-20s %s\n", left, v->options[i].meaning);
        }
    }
    if (v->details)
        printf("\n%s\n", v->details);
}

/* ---- the nearest word (Damerau-Levenshtein, restricted) ---- */

static int distance(const char *a, const char *b)
{
    int rows[3][64];
    int n = (int)strlen(a), m = (int)strlen(b);
    if (n > 60 || m > 60)
        return 100;
    for (int j = 0; j <= m; j++)
        rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = rows[i % 3], *before = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            int best = before[j - 1] + (a[i - 1] != b[j - 1]);
            best = before[j] + 1 < best ? before[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && two[j - 2] + 1 < best)
                best = two[j - 2] + 1;
            now[j] = best;
        }
    }
    return rows[n % 3][m];
}

const char *help_nearest(const char *word, const char *const *list)
{
    const char *best = NULL;
    int least = (int)strlen(word) / 3 + 1;
    for (; *list; list++) {
        int d = distance(word, *list);
        if (d <= least) {
            least = d - 1;
            best = *list;
        }
    }
    return best;
}

/* ---- the man page ---- */

static void man_text(const char *s)
{
    for (bool start = true; *s; s++) {
        if (start && (*s == '.' || *s == '\''))
            fputs("\\&", stdout);
        if (*s == '\\' || *s == '-')
            putchar('\\');
        putchar(*s);
        start = *s == '\n';
    }
}

static void man_options(const struct cli_option *options)
{
    for (; options && options->name; options++) {
        printf(".TP\n.B \\-\\-%s", options->name);
        if (options->value)
            printf(" \\fI%s\\fR", options->value);
        putchar('\n');
        man_text(options->meaning);
        putchar('\n');
    }
}

void help_man(void)
{
    puts(".TH ANIMA 1 \"\" \"anima " ANIMA_VERSION
         "\" \"User Commands\"\n.SH NAME\nanima \\- characters that live on your machine\n"
         ".SH SYNOPSIS\n.B anima\n\\fIverb\\fR [\\fIwords\\fR] [\\fIoptions\\fR]\n.SH DESCRIPTION\n"
         "anima lets you talk to characters that live on your own machine, in the terminal and in the browser.\n.SH "
         "VERBS");
    for (int i = 0; cli_verbs[i]; i++) {
        const struct cli_verb *v = cli_verbs[i];
        printf(".SS \"anima %s %s\"\n", v->name, v->usage);
        man_text(v->summary);
        puts(".");
        man_options(v->options);
        if (v->details) {
            puts(".PP\n.nf");
            man_text(v->details);
            puts("\n.fi");
        }
    }
    puts(".SH OPTIONS OF EVERY VERB");
    man_options(cli_global_options);
    puts(".SH EXIT STATUS\n0 done, 1 failed, 2 wrong call, 3 not found, 130 stopped.\n.SH ENVIRONMENT\n.TP\n.B "
         "ANIMA_HOME\n"
         "the home, if \\-\\-home is not given\n.TP\n.B ANIMA_CACHE\nwhere models and packages lie "
         "(~/.cache/anima)\n.TP\n.B ANIMA_LOG\n"
         "error, warn, info or debug\n.TP\n.B NO_COLOR\nno colours\n.SH FILES\n.TP\n.I ~/.local/share/anima\nthe home: "
         "anima.db, "
         "config.ini, characters/");
}

/* ---- completion ---- */

static void bash_completion(void)
{
    puts("_anima() {\n    local cur=${COMP_WORDS[COMP_CWORD]} verb= i words=\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n        case ${COMP_WORDS[i]} in\n"
         "            --home|--set) ((i++)) ;;\n            -*) ;;\n            *) verb=${COMP_WORDS[i]}; break ;;\n"
         "        esac\n    done\n    case $verb in");
    for (int i = 0; cli_verbs[i]; i++) {
        printf("        %s) words=\"", cli_verbs[i]->name);
        for (const struct cli_option *o = cli_verbs[i]->options; o && o->name; o++)
            printf("--%s ", o->name);
        if (strcmp(cli_verbs[i]->name, "models") == 0)
            fputs("list show fetch verify add remove ", stdout);
        if (strcmp(cli_verbs[i]->name, "config") == 0)
            fputs("list get set path ", stdout);
        if (strcmp(cli_verbs[i]->name, "conversations") == 0)
            fputs("list show tree search rename export import fork delete ", stdout);
        if (strcmp(cli_verbs[i]->name, "completion") == 0)
            fputs("bash zsh ", stdout);
        puts("\" ;;");
    }
    fputs("        '') words=\"", stdout);
    for (int i = 0; cli_verbs[i]; i++)
        printf("%s ", cli_verbs[i]->name);
    puts("\" ;;\n    esac");
    fputs("    words+=\" ", stdout);
    for (int i = 0; cli_global_options[i].name; i++)
        printf("--%s ", cli_global_options[i].name);
    puts("\"\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -o default -F _anima anima");
}

int help_completion(const char *shell)
{
    if (strcmp(shell, "zsh") == 0)
        puts("#compdef anima\nautoload -U +X bashcompinit && bashcompinit");
    else if (strcmp(shell, "bash") != 0)
        return CLI_USAGE;
    bash_completion();
    return CLI_OK;
}

int cli_no_word(const struct cli *cli, const char *word, const char *const *list)
{
    const char *near = help_nearest(word, list), *verb = cli->verb->name;
    return near ? cli_usage(cli, "there is no `%s %s`; did you mean `%s %s`?", verb, word, verb, near)
                : cli_usage(cli, "there is no `%s %s`", verb, word);
}
