/* cli.h — what a verb of the command line is: one file each, in the table of main.c, from which help, completion and the
 * man page come. Copy verb_conversations.c to add one. */
#ifndef CLI_CLI_H
#define CLI_CLI_H
#include "anima/anima.h"
#include "base/json.h"

/* Exit statuses. */
enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_NOT_FOUND = 3, CLI_STOPPED = 130 };

#define CLI_MAX_SET 64
#define CLI_MAX_WORDS 32
#define CLI_MAX_OPTIONS 20
#define CLI_MAX_GIVEN 64

struct cli_option {
    const char *name;  /* without the dashes */
    const char *value; /* what it takes, in capitals; NULL: nothing */
    const char *meaning;
};

/* A call, taken apart. Everything is borrowed from argv. */
struct cli {
    const char *home;                 /* --home, or NULL */
    const char *set[CLI_MAX_SET + 1]; /* --set, ended by NULL */
    bool json, color;
    const struct cli_verb *verb;
    const char *words[CLI_MAX_WORDS]; /* what is not an option, behind the verb */
    int n_words;
    const char *values[CLI_MAX_OPTIONS]; /* by place in the verb's table; "" for one without a value; NULL: not given */
    struct {
        int option; /* its place */
        const char *value;
    } given[CLI_MAX_GIVEN]; /* one by one, for those that may be repeated */
    int n_given;
};

struct cli_verb {
    const char *name, *summary;
    const char *usage;                /* behind "anima NAME " */
    const struct cli_option *options; /* ended by a NULL name; may be NULL */
    const char *details;              /* paragraphs and examples */
    int (*run)(struct cli *cli);
};

extern const struct cli_verb *const cli_verbs[]; /* ended by NULL */
extern const struct cli_option cli_global_options[];

/* An option of the verb, or NULL. */
const char *cli_value(const struct cli *cli, const char *name);
/* All values of an option that may be repeated, in their order, into out, which has room for CLI_MAX_GIVEN; how many. */
size_t cli_values(const struct cli *cli, const char *name, const char **out);
/* Opens the home as the call says. Prints the error. NULL: failed. */
anima_home *cli_open_home(const struct cli *cli, bool read_only, int *status);
/* "anima: message" on stderr; the exit status of code. */
int cli_error(const struct cli *cli, const anima_error *err);
int cli_usage(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Colours for a terminal, "" otherwise. */
const char *cli_bold(const struct cli *cli);
const char *cli_dim(const struct cli *cli);
const char *cli_green(const struct cli *cli);
const char *cli_red(const struct cli *cli);
const char *cli_yellow(const struct cli *cli);
const char *cli_plain(const struct cli *cli);
/* Writes what is in out, and a line break, to stdout; frees it. CLI_FAILED if it did not fit into memory. */
int cli_print(struct buf *out);
/* Somebody's words to stdout. What a terminal would take for a command to itself is left out. */
void cli_put(const char *text, size_t n);
/* "1.1 GB" */
const char *cli_size(int64_t bytes, char *out, size_t size);

/* help.c */
void help_overview(const struct cli *cli);
void help_verb(const struct cli *cli, const struct cli_verb *verb);
void help_man(void);
int help_completion(const char *shell);
/* The word of a list that is nearest to a mistyped one, or NULL. */
const char *help_nearest(const char *word, const char *const *list);
/* Says that the verb has no such word, and which of the list (NULL at its end) may be meant. CLI_USAGE. */
int cli_no_word(const struct cli *cli, const char *word, const char *const *list);
#endif
