/* memory_now.c — `anima memory now CHARACTER [PERSON]`: what is on a character's mind of a person, each part with its age and the turn that shows
 * it. Opens the home for looking only, beside a running daemon. */
#include "base/err.h"
#include "cli/conversations.h"
#include "cli/memory.h"
#include "server/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (2u << 20)

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
    printf("%s%s%s%s: ", cli_bold(cli), own ? "its " : "", name, cli_plain(cli));
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

static int show(const struct cli *cli, const char *json, size_t n)
{
    size_t i, max;
    yyjson_val *part;
    if (cli->json)
        return puts(json) >= 0 ? CLI_OK : CLI_FAILED;
    yyjson_doc *doc = yyjson_read(json, n, 0);
    yyjson_val *list = yyjson_obj_get(yyjson_doc_get_root(doc), "working");
    yyjson_arr_foreach (list, i, max, part)
        print_part(cli, part);
    if (!yyjson_arr_size(list))
        puts("Nothing is on its mind of this person now.");
    yyjson_doc_free(doc);
    return list ? CLI_OK : CLI_FAILED;
}

int memory_now(struct cli *cli)
{
    const anima_home_options how = { .path = cli->home, .read_only = true, .set = cli->set };
    anima_home *home = NULL;
    anima_error err;
    struct buf out;
    struct jw w;
    if (cli->n_words < 2)
        return cli_usage(cli, "`memory now` takes a character and, but for the home's owner, a person's name");
    buf_init(&out, ANSWER_MAX);
    jw_init(&w, &out);
    jw_obj(&w, NULL);
    jw_arr(&w, "working");
    int rc = anima_home_open(&how, &home, &err);
    bool unused = rc == ANIMA_E_NOT_FOUND; /* a home that nobody has used yet */
    if (!rc)
        rc = anima_working_list(home, cli->words[1], cli->n_words > 2 ? cli->words[2] : NULL, put_part, &w, &err);
    jw_end_arr(&w);
    jw_end_obj(&w);
    anima_home_close(home);
    int status = rc && !unused ? cli_error(cli, &err) : show(cli, buf_str(&out), out.len);
    buf_finish(&out);
    return status;
}
