/* memory_now.c — `anima memory now CHARACTER [PERSON]`: what is on a character's mind of a person, each part with its age and the turn that shows
 * it. Opens the home for looking only, beside a running daemon. */
#include "cli/conversations.h"
#include "cli/memory.h"
#include "server/view.h"

#include <stdio.h>
#include <string.h>

static int put_part(void *ctx, const anima_working *part)
{
    view_working(ctx, NULL, part);
    return 0;
}

/* mood: sad (80 %)  2026-01-31 14:02, and the turn that shows it. */
static void print_part(const struct cli *cli, yyjson_val *part)
{
    char when[32];
    const char *name = json_str(part, "part", ""), *value = json_str(part, "value", "");
    const char *state = json_str(part, "state", "");
    bool own = yyjson_is_true(yyjson_obj_get(part, "own")), share = !*value;
    double amount = json_num(part, "amount", 0);
    printf("%s%s%s%s: ", cli_bold(cli), own && strcmp(name, "plan") != 0 ? "its " : "", name, cli_plain(cli));
    cli_put(value, strlen(value));
    if (share || amount > 0)
        printf("%s%.0f %%%s", share ? "" : " (", amount * 100, share ? "" : ")");
    if (*state)
        printf("  %s", state);
    printf("  %s", cli_dim(cli));
    if (json_int(part, "since_ms", 0))
        printf("%s", conversations_when(json_int(part, "since_ms", 0), when, sizeof(when)));
    if (json_int(part, "to_ms", 0))
        printf(", due %s", conversations_when(json_int(part, "from_ms", 0), when, sizeof(when)));
    printf("%s%s\n", yyjson_is_true(yyjson_obj_get(part, "by_hand")) ? ", by hand" : "", cli_plain(cli));
    yyjson_val *cause = yyjson_obj_get(part, "cause");
    if (yyjson_is_obj(cause))
        memory_print(cli, cause);
}

static int list_parts(anima_home *home, const struct cli *cli, struct jw *w, anima_error *err)
{
    return anima_working_list(home, cli->words[1], cli->n_words > 2 ? cli->words[2] : NULL, put_part, w, err);
}

int memory_now(struct cli *cli)
{
    static const struct memory_list now = { "working", "Nothing is on its mind of this person now.", 2u << 20,
                                            list_parts, print_part };
    return cli->n_words < 2
               ? cli_usage(cli, "`memory now` takes a character and, but for the home's owner, a person's name")
               : memory_list(cli, &now);
}
