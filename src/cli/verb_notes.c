/* verb_notes.c — what people asked of a character. A daemon that runs is asked over its API; else the home is opened here. */
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct output {
    const struct cli *cli;
    struct jw w;
    struct buf out;
    int n;
};

static int one_note(void *ctx, const anima_note *n)
{
    struct output *o = ctx;
    o->n++;
    if (o->cli->json) {
        jw_obj(&o->w, NULL);
        jw_int(&o->w, "id", n->id);
        jw_str(&o->w, "character", n->character);
        jw_str(&o->w, "person", n->person_name);
        jw_str(&o->w, "text", n->text);
        jw_str(&o->w, "said", n->said);
        jw_int(&o->w, "created_ms", n->created_ms);
        jw_bool(&o->w, "active", n->active);
        jw_end_obj(&o->w);
        return 0;
    }
    printf("%4lld %s %-8s %s ", (long long)n->id, n->active ? "on " : "off", n->character, cli_dim(o->cli));
    cli_put(n->person_name, strlen(n->person_name));
    printf("%s ", cli_plain(o->cli));
    cli_put(n->text, strlen(n->text));
    putchar('\n');
    return 0;
}

static int list(struct cli *cli)
{
    const anima_home_options how = { .path = cli->home, .read_only = true, .set = cli->set };
    anima_home *home = NULL;
    anima_error err;
    int rc = anima_home_open(&how, &home, &err);
    if (rc && rc != ANIMA_E_NOT_FOUND)
        return cli_error(cli, &err);
    struct output o = { .cli = cli };
    buf_init(&o.out, 16u << 20);
    jw_init(&o.w, &o.out);
    jw_obj(&o.w, NULL);
    jw_arr(&o.w, "notes");
    if (home)
        anima_note_list(home, cli_value(cli, "character"), one_note, &o);
    jw_end_arr(&o.w);
    jw_end_obj(&o.w);
    anima_home_close(home);
    if (cli->json)
        return cli_print(&o.out);
    if (!o.n)
        printf("nobody has asked for anything yet\n");
    buf_finish(&o.out);
    return CLI_OK;
}

/* ---- changing ---- */

struct change {
    const char *what; /* "add", "edit", "on", "off", "remove" */
    const char *id, *text, *character;
};

static int change_there(const struct change *c, struct client *client, anima_error *err)
{
    struct buf body;
    struct jw w;
    char path[120];
    bool add = strcmp(c->what, "add") == 0, remove = strcmp(c->what, "remove") == 0;
    snprintf(path, sizeof(path), add ? "/characters/%.64s/notes" : "/notes/%.20s", add ? c->character : c->id);
    buf_init(&body, 65536);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    if (c->text)
        jw_str(&w, "text", c->text);
    else
        jw_bool(&w, "active", strcmp(c->what, "on") == 0);
    jw_end_obj(&w);
    int rc = client_call(client,
                         add      ? "POST"
                         : remove ? "DELETE"
                                  : "PATCH",
                         path, remove ? NULL : buf_str(&body), NULL, err);
    buf_finish(&body);
    return rc;
}

static int change_here(const struct change *c, anima_home *home, anima_error *err)
{
    anima_note note;
    int64_t id = c->id ? strtoll(c->id, NULL, 10) : 0;
    if (strcmp(c->what, "add") == 0)
        return anima_note_add(home, c->character, NULL, c->text, &note, err);
    if (strcmp(c->what, "remove") == 0)
        return anima_note_remove(home, id, err);
    return anima_note_change(home, id, c->text, c->text ? -1 : strcmp(c->what, "on") == 0, &note, err);
}

static int change(struct cli *cli, const struct change *c)
{
    char url[256];
    anima_error err;
    int rc, status;
    if (daemon_holder(cli, url, sizeof(url))) {
        struct client *client;
        char *token = daemon_token(cli);
        rc = client_create(url, token, &client, &err);
        if (!rc)
            rc = change_there(c, client, &err);
        client_destroy(client);
        mem_free(token);
        return rc ? cli_error(cli, &err) : CLI_OK;
    }
    anima_home *home = cli_open_home(cli, false, &status);
    if (!home)
        return status;
    rc = change_here(c, home, &err);
    anima_home_close(home);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

static int run(struct cli *cli)
{
    const char *what = cli->n_words ? cli->words[0] : "list", *character = cli_value(cli, "character");
    static const char *const known[] = { "list", "add", "edit", "on", "off", "remove", NULL };
    int words[] = { 1, 2, 3, 2, 2, 2 }, i = 0;
    while (known[i] && strcmp(known[i], what) != 0)
        i++;
    if (!known[i])
        return cli_no_word(cli, what, known);
    if (cli->n_words > words[i] || (i > 0 && cli->n_words < words[i]))
        return cli_usage(cli, "`notes %s` takes %d word%s", what, words[i] - 1, words[i] == 2 ? "" : "s; quote a text");
    if (i == 0)
        return list(cli);
    const struct change c = { .what = what,
                              .id = i > 1 ? cli->words[1] : NULL,
                              .text = i == 1   ? cli->words[1]
                                      : i == 2 ? cli->words[2]
                                               : NULL,
                              .character = character ? character : "lin" };
    return change(cli, &c);
}

static const struct cli_option options[] = { { "character", "ID", "list: only its notes; add: whose (lin)" },
                                             { NULL, NULL, NULL } };

const struct cli_verb verb_notes = {
    .name = "notes",
    .summary = "what people asked of a character for good: look, add, change, undo",
    .usage = "[list | add TEXT | edit N TEXT | on N | off N | remove N]",
    .options = options,
    .details = "Characters note wishes by themselves (\"don't call me sir\", \"from now on …\", \"remember that …\") "
               "and keep to\n"
               "them in later conversations.\n\n"
               "Examples:\n  anima notes\n  anima notes add \"Call me Ann.\" --character theo\n  anima notes off 3",
    .run = run,
};
