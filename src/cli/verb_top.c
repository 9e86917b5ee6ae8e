/* verb_top.c — what the engines of a running anima are doing, once or live. The picture is top_view.c's. */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/daemon.h"
#include "cli/screen.h"
#include "cli/terminal.h"
#include "cli/top_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVERY_MS 1000
#define WIDE 132 /* columns where there is no terminal */

static int ask(struct client *client, yyjson_doc **out, anima_error *err)
{
    return client_call(client, "GET", "/engines/stats", NULL, out, err);
}

static int print_json(struct client *client, struct cli *cli)
{
    yyjson_doc *doc;
    anima_error err;
    if (ask(client, &doc, &err))
        return cli_error(cli, &err);
    char *json = yyjson_write(doc, 0, NULL);
    if (json)
        puts(json);
    free(json); /* yyjson's own allocator */
    yyjson_doc_free(doc);
    return json ? CLI_OK : CLI_FAILED;
}

static int print_once(struct client *client, struct cli *cli, struct top_view *view)
{
    yyjson_doc *doc;
    anima_error err;
    struct buf out;
    size_t rows;
    if (ask(client, &doc, &err))
        return cli_error(cli, &err);
    view->columns = WIDE;
    if (isatty(STDOUT_FILENO))
        terminal_size(&view->columns, &rows);
    buf_init(&out, 16u << 20);
    top_render(yyjson_doc_get_root(doc), view, &out);
    yyjson_doc_free(doc);
    fputs(buf_str(&out), stdout);
    buf_finish(&out);
    return CLI_OK;
}

/* False: the person leaves. */
static bool take_key(int key, struct top_view *view)
{
    size_t page = view->page > 1 ? view->page - 1 : 1;
    switch (key) {
    case SCREEN_LEAVE: return false;
    case SCREEN_UP: view->first -= view->first > 0; break;
    case SCREEN_DOWN: view->first++; break;
    case SCREEN_PAGE_UP: view->first -= view->first < page ? view->first : page; break;
    case SCREEN_PAGE_DOWN: view->first += page; break;
    case SCREEN_HOME: view->first = 0; break;
    case SCREEN_END: view->first = view->streams; break;
    case 's':
        view->order = (view->order + 1) % TOP_ORDERS;
        view->first = 0;
        break;
    }
    return true;
}

static void draw(yyjson_val *answer, struct top_view *view)
{
    struct buf out;
    terminal_size(&view->columns, &view->rows);
    buf_init(&out, 16u << 20);
    top_render(answer, view, &out);
    screen_show(buf_str(&out), out.len);
    buf_finish(&out);
}

static int watch(struct client *client, struct cli *cli, struct top_view *view)
{
    anima_error err;
    yyjson_doc *doc = NULL;
    int rc = screen_open(&err);
    bool stays = true;
    view->keys = true;
    while (!rc && stays) {
        yyjson_doc_free(doc);
        rc = ask(client, &doc, &err);
        int64_t until = clock_mono_us() + EVERY_MS * 1000, left;
        while (!rc && stays && (left = until - clock_mono_us()) > 0) {
            draw(yyjson_doc_get_root(doc), view);
            stays = take_key(screen_key((int)(left / 1000) + 1), view);
        }
    }
    screen_close();
    yyjson_doc_free(doc);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

static int choose_order(const struct cli *cli, enum top_order *order)
{
    const char *word = cli_value(cli, "order"), *name;
    *order = TOP_ACTIVITY;
    for (size_t i = 0; word && (name = top_order_name(i)); i++)
        if (strcmp(name, word) == 0) {
            *order = (enum top_order)i;
            return CLI_OK;
        }
    return word ? cli_usage(cli, "--order is activity, tokens, bytes, use or name") : CLI_OK;
}

static int run(struct cli *cli)
{
    char url[256];
    anima_error err;
    struct client *client;
    struct top_view view = { .color = cli->color };
    bool live = !cli_value(cli, "once") && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (cli->n_words)
        return cli_usage(cli, "top takes no words");
    if (choose_order(cli, &view.order))
        return CLI_USAGE;
    if (!daemon_holder(cli, url, sizeof(url))) {
        err_set(&err, ANIMA_E_NOT_FOUND, "nothing runs in this home: `anima serve` or `anima chat` starts it");
        return cli_error(cli, &err);
    }
    char *token = daemon_token(cli);
    int rc = client_create(url, token, &client, &err), status;
    mem_free(token);
    if (rc)
        status = cli_error(cli, &err);
    else
        status = cli->json ? print_json(client, cli)
                 : live    ? watch(client, cli, &view)
                           : print_once(client, cli, &view);
    client_destroy(client);
    return status;
}

static const struct cli_option options[] = { { "once", NULL, "one picture, as plain text" },
                                             { "order", "WHAT", "activity, tokens, bytes, use or name (activity)" },
                                             { NULL, NULL, NULL } };

const struct cli_verb verb_top = {
    .name = "top",
    .summary = "what the engines are doing now, and where their streams are",
    .usage = "[--once] [--order activity|tokens|bytes|use|name]",
    .options = options,
    .details = "A live picture of the anima that runs in this home, drawn anew every second. Keys: q leaves, arrows "
               "and pages\n"
               "move, s sorts by something else. A stream is what an engine has read of a conversation: seated in the "
               "model's\n"
               "context, in RAM, or on the disk (docs/internals/stream.md).\n\n"
               "Examples:\n  anima top\n  anima top --once --order bytes\n  anima top --json",
    .run = run,
};
