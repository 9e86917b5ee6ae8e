/* memory.h — the parts of `anima memory`. Each gives the exit status. */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H
#include "cli/cli.h"

#include "base/json.h"

int memory_import(struct cli *cli);  /* memory_import.c: import CHARACTER FILE…, import --undo ID */
int memory_imports(struct cli *cli); /* the list of them */
int memory_export(struct cli *cli);  /* memory_export.c */
/* memory_forget.c: forget CONVERSATION TURN, forget --search WORDS; pin and unpin CONVERSATION TURN; rules; rule never, allow NAME, delete
 * RULE; audit CONVERSATION TURN --refused */
int memory_forget_said(struct cli *cli);
int memory_pin(struct cli *cli);
int memory_rules(struct cli *cli);
int memory_rule(struct cli *cli);
int memory_refused(struct cli *cli);
int memory_topics(struct cli *cli); /* memory_topics.c: topics PERSON */
int memory_now(struct cli *cli);    /* memory_now.c: now CHARACTER [PERSON] */
/* memory_topics.c: what a home that is opened for looking only has, as a list of the API's JSON: `what` puts its members, with --json they are shown as
 * they are, else each by print, or `nothing` if there are none. Works beside a running daemon. */
struct memory_list {
    const char *name, *nothing;
    size_t most; /* bytes of it */
    int (*what)(anima_home *home, const struct cli *cli, struct jw *w, anima_error *err);
    void (*print)(const struct cli *cli, yyjson_val *one);
};
int memory_list(struct cli *cli, const struct memory_list *list);
/* verb_memory.c: a memory of the API's JSON, in two lines. */
void memory_print(const struct cli *cli, yyjson_val *memory);

/* memory_chats.c: the exports at these paths as one file in the form that the API takes (twin/read_jsonl.c), with the names as the call
 * says they are meant; *files: how many were read; what was not is told on stderr. The text is yours to mem_free. ANIMA_E_NOT_FOUND: a
 * name means nobody, or there is nothing in it. */
int memory_chats(const struct cli *cli, const char *character, const char *const *paths, int n_paths, char **out,
                 size_t *n, anima_error *err);
#endif
