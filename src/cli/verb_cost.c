/* verb_cost.c — what replies have cost. Works beside a running daemon: it opens the home for looking only. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct output {
    const struct cli *cli;
    struct jw w;
    struct buf out;
    anima_cost total;
    const char *currency;
};

static void put_json(struct jw *w, const anima_cost *c)
{
    jw_str(w, "key", c->key);
    jw_str(w, "name", c->name);
    jw_int(w, "turns", c->turns);
    jw_int(w, "prompt_tokens", c->prompt_tokens);
    jw_int(w, "completion_tokens", c->completion_tokens);
    jw_num(w, "seconds", c->seconds);
    jw_num(w, "wh", c->wh);
    jw_num(w, "money", c->money);
}

static void print_row(const struct output *o, const char *name, const anima_cost *c)
{
    printf("%6lld %12lld %12lld %10.1f %10.2f %10.2f%s%s  ", (long long)c->turns, (long long)c->prompt_tokens,
           (long long)c->completion_tokens, c->seconds, c->wh, c->money, *o->currency ? " " : "", o->currency);
    cli_put(name, strlen(name));
    putchar('\n');
}

static int one_row(void *ctx, const anima_cost *row)
{
    struct output *o = ctx;
    o->total.turns += row->turns;
    o->total.prompt_tokens += row->prompt_tokens;
    o->total.completion_tokens += row->completion_tokens;
    o->total.seconds += row->seconds;
    o->total.wh += row->wh;
    o->total.money += row->money;
    if (o->cli->json) {
        jw_obj(&o->w, NULL);
        put_json(&o->w, row);
        jw_end_obj(&o->w);
    } else {
        print_row(o, *row->name ? row->name : *row->key ? row->key : "(programs)", row);
    }
    return 0;
}

static int cost_by(const struct cli *cli, anima_cost_by *by)
{
    static const char *const words[] = { "day", "character", "person", "model" };
    const char *word = cli_value(cli, "by");
    for (int i = 0; i < 4; i++)
        if (strcmp(words[i], word ? word : "day") == 0) {
            *by = (anima_cost_by)i;
            return CLI_OK;
        }
    return cli_usage(cli, "--by is day, character, person or model");
}

static int list(struct output *o, anima_home *home, anima_cost_by by, int days)
{
    anima_error err;
    const char *currency = home ? anima_home_setting(home, "cost.currency") : "";
    o->currency = currency;
    if (!o->cli->json)
        printf("%s%6s %12s %12s %10s %10s %10s%s\n", cli_dim(o->cli), "turns", "read", "said", "seconds", "Wh", "money",
               cli_plain(o->cli));
    jw_obj(&o->w, NULL);
    jw_str(&o->w, "currency", currency);
    jw_int(&o->w, "since_ms", anima_cost_since(days));
    jw_arr(&o->w, "rows");
    if (home && anima_cost_list(home, by, anima_cost_since(days), one_row, o, &err))
        return cli_error(o->cli, &err);
    jw_end_arr(&o->w);
    jw_obj(&o->w, "total");
    put_json(&o->w, &o->total);
    jw_end_obj(&o->w);
    jw_end_obj(&o->w);
    if (!o->cli->json)
        print_row(o, "together", &o->total);
    return o->cli->json ? cli_print(&o->out) : CLI_OK;
}

static int run(struct cli *cli)
{
    const char *given = cli_value(cli, "days");
    int days = given ? atoi(given) : 30;
    anima_cost_by by = ANIMA_COST_DAY;
    if (cli->n_words || days < 1 || days > 3660)
        return cli_usage(cli, cli->n_words ? "cost takes no words" : "--days is 1 to 3660");
    if (cost_by(cli, &by))
        return CLI_USAGE;
    anima_home_options how = { .path = cli->home, .read_only = true, .set = cli->set };
    anima_home *home = NULL;
    anima_error err;
    int rc = anima_home_open(&how, &home, &err);
    if (rc && rc != ANIMA_E_NOT_FOUND) /* in a home that nobody has used yet nothing has cost anything */
        return cli_error(cli, &err);
    struct output o = { .cli = cli, .total = { .key = "", .name = "" } };
    buf_init(&o.out, 16u << 20);
    jw_init(&o.w, &o.out);
    int status = list(&o, home, by, days);
    buf_finish(&o.out);
    anima_home_close(home);
    return status;
}

static const struct cli_option options[] = { { "days", "N", "the last N days, today included (30)" },
                                             { "by", "WHAT", "day, character, person or model (day)" },
                                             { NULL, NULL, NULL } };

const struct cli_verb verb_cost = {
    .name = "cost",
    .summary = "tokens, time, energy and money that replies have used",
    .usage = "[--days N] [--by day|character|person|model]",
    .options = options,
    .details =
        "Energy needs the setting cost.watts, money cost.kwh_price or a model's prices (docs/cost.md). Limits of a\n"
        "day are the settings limit.….\n\nExamples:\n  anima cost\n  anima cost --by person --days 7 --json",
    .run = run,
};
