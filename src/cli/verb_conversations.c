/* verb_conversations.c — looking at what was said. Works beside a running daemon: it opens the home for looking only. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct output {
    const struct cli *cli;
    struct jw w;
    struct buf out;
    int64_t last;
    int n;
};

static const char *when(int64_t ms, char *out, size_t size)
{
    time_t t = (time_t)(ms / 1000);
    struct tm tm;
    localtime_r(&t, &tm);
    strftime(out, size, "%Y-%m-%d %H:%M", &tm);
    return out;
}

static int list_one(void *ctx, const anima_conversation_info *c)
{
    struct output *o = ctx;
    char time_text[32];
    o->n++;
    if (o->cli->json) {
        jw_obj(&o->w, NULL);
        jw_str(&o->w, "id", c->id);
        jw_str(&o->w, "character", c->character);
        jw_str(&o->w, "title", c->title);
        jw_int(&o->w, "turns", c->turns);
        jw_int(&o->w, "created_ms", c->created_ms);
        jw_int(&o->w, "updated_ms", c->updated_ms);
        jw_str(&o->w, "last_text", c->last_text);
        jw_end_obj(&o->w);
    } else {
        printf("%s%s%s  %s  %-10s %4lld  ", cli_bold(o->cli), c->id, cli_plain(o->cli),
               when(c->updated_ms, time_text, sizeof(time_text)), c->character, (long long)c->turns);
        cli_put(c->title, strlen(c->title));
        putchar('\n');
    }
    return 0;
}

static int show_one(void *ctx, const anima_turn *t)
{
    static const char *const states[] = { "waiting", "streaming", "done", "cancelled", "failed" };
    struct output *o = ctx;
    o->last = t->seq;
    o->n++;
    if (o->cli->json) {
        jw_obj(&o->w, NULL);
        jw_int(&o->w, "seq", t->seq);
        jw_str(&o->w, "role", t->role == ANIMA_ROLE_PERSON ? "person" : "character");
        jw_str(&o->w, "person", t->role == ANIMA_ROLE_PERSON ? t->person_name : NULL);
        jw_str(&o->w, "state", states[t->state]);
        jw_str(&o->w, "text", t->text);
        jw_str(&o->w, "model", t->model);
        jw_int(&o->w, "created_ms", t->created_ms);
        jw_end_obj(&o->w);
        return 0;
    }
    bool person = t->role == ANIMA_ROLE_PERSON;
    printf("%s%s%s%s ", cli_bold(o->cli), person ? t->person_name : "»", cli_plain(o->cli), person ? ":" : "");
    cli_put(t->text, strlen(t->text));
    putchar('\n');
    if (t->state != ANIMA_TURN_DONE)
        printf("  %s(%s%s%s)%s\n", cli_dim(o->cli), states[t->state], *t->error ? ": " : "", t->error,
               cli_plain(o->cli));
    return 0;
}

static int show(struct output *o, anima_home *home, const char *id)
{
    anima_conversation *c;
    anima_error err;
    int rc = anima_conversation_open(home, id, &c, &err), before;
    if (rc)
        return cli_error(o->cli, &err);
    do {
        before = o->n;
        rc = anima_conversation_turns(c, o->last, 500, show_one, o, &err);
    } while (!rc && o->n > before);
    anima_conversation_close(c);
    return rc ? cli_error(o->cli, &err) : CLI_OK;
}

static int list(struct output *o, anima_home *home)
{
    const char *limit = cli_value(o->cli, "limit");
    anima_error err;
    int n = limit ? atoi(limit) : 50;
    if (home && anima_conversation_list(home, n, 0, list_one, o, &err))
        return cli_error(o->cli, &err);
    if (!o->n && !o->cli->json)
        puts("Nothing was said yet: `anima chat` begins a conversation.");
    return CLI_OK;
}

static int run(struct cli *cli)
{
    const char *what = cli->n_words ? cli->words[0] : "list";
    bool shows = strcmp(what, "show") == 0;
    if ((!shows && strcmp(what, "list") != 0) || (shows && cli->n_words != 2))
        return cli_usage(cli, "list, or show ID");
    anima_home_options how = { .path = cli->home, .read_only = true, .set = cli->set };
    anima_home *home;
    anima_error err;
    int status = anima_home_open(&how, &home, &err);
    if (status && (shows || status != ANIMA_E_NOT_FOUND)) /* a home that nobody has used yet is an empty list */
        return cli_error(cli, &err);
    struct output o = { .cli = cli };
    buf_init(&o.out, 256u << 20);
    jw_init(&o.w, &o.out);
    jw_arr(&o.w, NULL);
    status = shows ? show(&o, home, cli->words[1]) : list(&o, home);
    jw_end_arr(&o.w);
    if (cli->json && !status)
        status = cli_print(&o.out);
    buf_finish(&o.out);
    anima_home_close(home);
    return status;
}

static const struct cli_option options[] = { { "limit", "N", "list at most N (50)" }, { NULL, NULL, NULL } };

const struct cli_verb verb_conversations = {
    .name = "conversations",
    .summary = "list conversations, show one",
    .usage = "[list | show ID]",
    .options = options,
    .details = "Examples:\n  anima conversations\n  anima conversations show n5w2lfoh3mzk7qtd --json",
    .run = run,
};
