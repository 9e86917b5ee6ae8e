#include "cli/conversations.h"

#include "base/fs.h"
#include "base/mem.h"
#include "cli/peer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (32u << 20)

static bool is_id(const char *id)
{
    size_t n = strlen(id);
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)id[i]))
            return false;
    return n > 0 && n < 24;
}

/* One call; prints the conversation of the answer, or the answer itself as JSON. */
static int ask(struct cli *cli, const char *method, const char *path, const char *body, const char *said)
{
    struct peer p;
    yyjson_doc *doc = NULL;
    anima_error err;
    int status = peer_open(cli, &p);
    if (!status && client_call(p.client, method, path, body, &doc, &err))
        status = cli_error(cli, &err);
    yyjson_val *answer = yyjson_doc_get_root(doc), *c = yyjson_obj_get(answer, "conversation");
    if (!status && cli->json) {
        size_t n;
        char *text = yyjson_val_write(answer, 0, &n);
        status = text && puts(text) >= 0 ? CLI_OK : CLI_FAILED;
        free(text);
    } else if (!status) {
        const char *title = json_str(c, "title", "");
        printf("%s%s%s%s", said, cli_bold(cli), json_str(c, "id", ""), cli_plain(cli));
        printf("%s", *title ? "  " : "");
        cli_put(title, strlen(title));
        puts(yyjson_is_false(yyjson_obj_get(answer, "purged"))
                 ? "The last bytes leave the store a little later: it is large, or another program is reading it."
                 : "");
    }
    yyjson_doc_free(doc);
    peer_close(&p);
    return status;
}

/* A JSON object with a text, if there is one, and a number, if it is not negative. */
static char *object(const char *key, const char *text, const char *number_key, long long number)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 1u << 20);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    if (text)
        jw_str(&w, key, text);
    if (number >= 0)
        jw_int(&w, number_key, number);
    jw_end_obj(&w);
    return buf_take(&b);
}

static int change(struct cli *cli, const char *id, const char *method, const char *end, char *body, const char *said)
{
    char path[80];
    anima_error err = { .code = ANIMA_E_NOT_FOUND };
    snprintf(err.message, sizeof(err.message), "there is no conversation \"%.64s\"", id);
    snprintf(path, sizeof(path), "/conversations/%.24s%s", id, end);
    int status = is_id(id) ? ask(cli, method, path, body, said) : cli_error(cli, &err);
    mem_free(body);
    return status;
}

int conversations_rename(struct cli *cli)
{
    return change(cli, cli->words[1], "PATCH", "", object("title", cli->words[2], NULL, -1), "Renamed: ");
}

int conversations_fork(struct cli *cli) { return conversations_fork_at(cli, cli->words[1], cli->words[2]); }

int conversations_fork_at(struct cli *cli, const char *id, const char *turn)
{
    char *end;
    long long seq = turn ? strtoll(turn, &end, 10) : -1;
    if (turn && (*end || seq < 1))
        return cli_usage(cli, "a turn is a number, as `anima conversations show ID --json` gives it");
    return change(cli, id, "POST", "/fork", object("title", cli_value(cli, "title"), "seq", seq), "Forked: ");
}

/* A character's id needs no encoding in a query; anything else is none. */
static bool plain(const char *id)
{
    for (; *id; id++)
        if (!isalnum((unsigned char)*id) && *id != '-' && *id != '_')
            return false;
    return true;
}

int conversations_import(struct cli *cli)
{
    char path[160], *text;
    size_t n;
    anima_error err;
    const char *character = cli_value(cli, "character");
    if (character && !plain(character))
        return cli_usage(cli, "--character is an id, as `anima characters` lists them");
    if (fs_read(cli->words[1], FILE_MAX, &text, &n, &err))
        return cli_error(cli, &err);
    snprintf(path, sizeof(path), "/conversations/import?character=%.64s", character ? character : "");
    int status;
    if (strlen(text) == n && n) {
        status = ask(cli, "POST", path, text, "Imported: ");
    } else {
        err = (anima_error){ .code = ANIMA_E_INVALID };
        snprintf(err.message, sizeof(err.message), "%.300s is not a chat", cli->words[1]);
        status = cli_error(cli, &err);
    }
    mem_free(text);
    return status;
}

/* Only a clear yes is one. */
static bool agreed(const struct cli *cli)
{
    char line[16] = "";
    fprintf(stderr, "Delete %s for good%s? [y/N] ", cli->words[1],
            cli_value(cli, "keep-notes") ? ", and keep what was noted in it" : ", with what was noted in it");
    return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

int conversations_delete(struct cli *cli)
{
    if (!cli_value(cli, "yes")) {
        if (!isatty(STDIN_FILENO))
            return cli_usage(cli, "delete asks first; where nobody can answer it needs --yes");
        if (!agreed(cli))
            return CLI_STOPPED;
    }
    return change(cli, cli->words[1], "DELETE", cli_value(cli, "keep-notes") ? "?keep_notes=1" : "", NULL, "Deleted. ");
}
