/* memory_import.c — chats of other programs come into a character's memory: what is in them is told first, then they come, with a bar. */
#include "cli/memory.h"

#include "base/err.h"
#include "base/mem.h"
#include "cli/conversations.h"
#include "cli/peer.h"
#include "cli/progress.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define EVERY_US 200000
#define PATIENCE 150 /* looks at something that does not change */
#define SHOWN 15     /* people */

struct importing {
    struct cli *cli;
    const char *character;
    char *text;
    size_t n;
    struct peer peer;
    char id[24];
};

static void put_encoded(struct buf *out, const char *key, const char *text)
{
    buf_puts(out, key);
    for (const char *p = text; *p; p++)
        buf_printf(out, isalnum((unsigned char)*p) ? "%c" : "%%%02X", (unsigned char)*p);
}

/* ---- what is in it ---- */

static void print_person(const struct cli *cli, yyjson_val *p, const char *giver)
{
    printf("  %7lld  ", (long long)json_int(p, "messages", 0));
    cli_put(json_str(p, "name", ""), strlen(json_str(p, "name", "")));
    printf("%s%s%s\n", cli_dim(cli), json_bool(p, "giver", false) ? giver : "", cli_plain(cli));
}

static void print_found(const struct importing *m, yyjson_val *found)
{
    size_t i, max;
    yyjson_val *p, *people = yyjson_obj_get(found, "people");
    char from[32], to[32];
    printf("%lld messages of %lld chats, %s to %s; they become %lld conversations that %s remembers.\n",
           (long long)json_int(found, "messages", 0), (long long)json_int(found, "chats", 0),
           conversations_when(json_int(found, "from_ms", 0), from, sizeof(from)),
           conversations_when(json_int(found, "to_ms", 0), to, sizeof(to)),
           (long long)json_int(found, "conversations", 0), m->character);
    puts("Who speaks in them:");
    if (json_int(found, "of_character", 0))
        printf("  %7lld  %s%s\n", (long long)json_int(found, "of_character", 0), m->character,
               " (the character itself)");
    yyjson_arr_foreach (people, i, max, p)
        if (i < SHOWN)
            print_person(m->cli, p, "  (who gives it: you)");
    if (max > SHOWN)
        printf("  and %zu more\n", max - SHOWN);
    if (!yyjson_is_true(yyjson_obj_get(yyjson_arr_get_first(people), "giver")))
        puts("None of these is you: say --me NAME if one is.");
    if (json_int(found, "left_out", 0))
        printf("Left out: %lld posts, notes and texts, which were said to nobody in particular.\n",
               (long long)json_int(found, "left_out", 0));
}

/* look: only asks what is in it. The answer is yours to free. */
static int send_chats(struct importing *m, bool look, yyjson_doc **doc, anima_error *err)
{
    struct buf path;
    const char *file = m->cli->words[2], *slash = strrchr(file, '/');
    const char *giver = cli_value(m->cli, "as");
    buf_init(&path, 8192);
    put_encoded(&path, "/memory/import?character=", m->character);
    put_encoded(&path, "&name=", slash && slash[1] ? slash + 1 : file);
    /* More of them; and what is sent is no mail any more. */
    size_t len = strlen(file);
    bool mail = len > 4 && strcasecmp(file + len - 4, ".eml") == 0;
    buf_puts(&path, m->cli->n_words > 3 || mail ? "%20%E2%80%A6" : "");
    put_encoded(&path, "&giver=", giver ? giver : "");
    buf_puts(&path, look ? "&look=1" : "");
    int rc = path.failed ? err_set(err, ANIMA_E_LIMIT, "the name of the file is too long")
                         : client_send(m->peer.client, buf_str(&path), "application/x-ndjson", m->text, m->n, doc, err);
    buf_finish(&path);
    return rc;
}

/* Only a clear yes is one. */
static bool agreed(void)
{
    char line[16] = "";
    fputs("Shall they come in? [y/N] ", stderr);
    return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

static int put_json(yyjson_doc *doc)
{
    char *text = yyjson_write(doc, 0, NULL);
    int status = text && puts(text) >= 0 ? CLI_OK : CLI_FAILED;
    free(text); /* yyjson's own allocator */
    return status;
}

/* CLI_OK: they shall come. */
static int look(struct importing *m, bool *come)
{
    yyjson_doc *doc = NULL;
    anima_error err;
    const struct cli *cli = m->cli;
    bool dry = cli_value(cli, "dry-run"), yes = cli_value(cli, "yes");
    *come = false;
    if (send_chats(m, true, &doc, &err))
        return cli_error(cli, &err);
    yyjson_val *found = yyjson_obj_get(yyjson_doc_get_root(doc), "found");
    snprintf(m->id, sizeof(m->id), "%s", json_str(found, "id", ""));
    int status = CLI_OK;
    if (cli->json && dry)
        status = put_json(doc);
    else if (!cli->json)
        print_found(m, found);
    fflush(stdout);
    yyjson_doc_free(doc);
    if (status || dry)
        return status;
    if (!yes && !isatty(STDIN_FILENO))
        return cli_usage(cli, "import asks first; where nobody can answer it needs --yes");
    *come = yes || agreed();
    return *come ? CLI_OK : CLI_STOPPED;
}

/* ---- it comes ---- */

static yyjson_val *the_import(yyjson_doc *doc, const char *id)
{
    size_t i, max;
    yyjson_val *one;
    yyjson_arr_foreach (yyjson_obj_get(yyjson_doc_get_root(doc), "imports"), i, max, one)
        if (strcmp(json_str(one, "id", ""), id) == 0)
            return one;
    return NULL;
}

static void show(struct progress *p, yyjson_val *one)
{
    char text[120], left[40] = "";
    int64_t done = json_int(one, "done", 0), all = json_int(one, "messages", 0);
    double seconds = json_num(one, "seconds_left", 0);
    if (seconds >= 100)
        snprintf(left, sizeof(left), ", %.0f min left", seconds / 60);
    else if (seconds > 0)
        snprintf(left, sizeof(left), ", %.0f s left", seconds);
    snprintf(text, sizeof(text), "%lld of %lld messages%s", (long long)done, (long long)all, left);
    progress_line(p, all > 0 ? (double)done / (double)all : 0, text);
}

static int tell_end(const struct importing *m, yyjson_doc *doc, yyjson_val *one)
{
    yyjson_val *error = yyjson_obj_get(one, "error");
    anima_error err;
    if (strcmp(json_str(one, "state", ""), "done") != 0) {
        err_set(&err, yyjson_is_null(error) ? ANIMA_E_IO : err_code(json_str(error, "code", "io")),
                "not all of it came: %s; the same command goes on", json_str(error, "message", ""));
        return cli_error(m->cli, &err);
    }
    if (m->cli->json)
        return put_json(doc);
    int64_t all = json_int(one, "messages", 0), known = json_int(one, "known", 0);
    printf("%lld messages came in", (long long)(all - known));
    if (known)
        printf("; %lld were here already", (long long)known);
    printf(
        ". Their words are found now; what they tell and mean is looked at while anima runs (`anima memory status`).\n"
        "To undo it: anima memory import --undo %s\n",
        m->id);
    return CLI_OK;
}

/* Until their words are found: that is done while nothing else is written, and only while the home is open. What does not go on (a full
 * disk) is not waited for. */
static int wait_for_words(struct importing *m)
{
    struct progress p;
    anima_error err;
    char text[80];
    int64_t due = 1, before = 0;
    int rc = ANIMA_OK;
    progress_begin(&p, m->character);
    for (int still = 0; !rc && due && still < PATIENCE && !progress_interrupted(); before = due) {
        yyjson_doc *doc = NULL;
        rc = client_call(m->peer.client, "GET", "/memory/status", NULL, &doc, &err);
        yyjson_val *status = yyjson_doc_get_root(doc);
        int64_t turns = json_int(status, "turns", 0);
        due = json_int(status, "due", 0);
        still = due == before ? still + 1 : 0;
        snprintf(text, sizeof(text), "%lld messages wait to be made ready to be found", (long long)due);
        if (due)
            progress_line(&p, (double)turns / (double)(turns + due), text);
        yyjson_doc_free(doc);
        if (!rc && due)
            usleep(EVERY_US);
    }
    progress_end(&p);
    return rc ? cli_error(m->cli, &err) : CLI_OK;
}

/* Until it is over. */
static int watch(struct importing *m)
{
    struct progress p;
    anima_error err;
    yyjson_doc *doc = NULL;
    yyjson_val *one = NULL;
    progress_begin(&p, m->character);
    int rc = ANIMA_OK;
    for (bool running = true; running && !rc;) {
        yyjson_doc_free(doc);
        rc = client_call(m->peer.client, "GET", "/memory/imports", NULL, &doc, &err);
        one = rc ? NULL : the_import(doc, m->id);
        running = !rc && (!one || strcmp(json_str(one, "state", ""), "running") == 0);
        if (running && one)
            show(&p, one);
        if (running && progress_interrupted())
            rc = err_set(&err, ANIMA_E_CANCELLED,
                         m->peer.own ? "stopped; the same command goes on"
                                     : "it goes on in the daemon that has the home");
        if (running)
            usleep(EVERY_US);
    }
    progress_end(&p);
    bool all = !rc && strcmp(json_str(one, "state", ""), "done") == 0;
    int status = rc ? cli_error(m->cli, &err) : all ? wait_for_words(m) : CLI_OK;
    status = status ? status : tell_end(m, doc, one);
    yyjson_doc_free(doc);
    return status;
}

static int come(struct importing *m)
{
    yyjson_doc *doc = NULL;
    anima_error err;
    progress_catch_interrupt();
    if (send_chats(m, false, &doc, &err))
        return cli_error(m->cli, &err);
    yyjson_doc_free(doc);
    return watch(m);
}

/* ---- the calls ---- */

static int undo(struct cli *cli, const char *id)
{
    struct peer peer;
    struct buf path;
    anima_error err;
    yyjson_doc *doc = NULL;
    int status = peer_open(cli, &peer);
    buf_init(&path, 4096);
    put_encoded(&path, "/memory/imports/", id);
    if (!status && client_call(peer.client, "DELETE", buf_str(&path), NULL, &doc, &err))
        status = cli_error(cli, &err);
    else if (!status && cli->json)
        status = put_json(doc);
    else if (!status)
        puts(yyjson_is_false(yyjson_obj_get(yyjson_doc_get_root(doc), "purged"))
                 ? "Undone. The last bytes leave the store a little later: it is large, or another program is reading "
                   "it."
                 : "Undone.");
    yyjson_doc_free(doc);
    buf_finish(&path);
    peer_close(&peer);
    return status;
}

int memory_import(struct cli *cli)
{
    anima_error err;
    bool yes = false;
    const char *id = cli_value(cli, "undo");
    if (id)
        return cli->n_words > 1 ? cli_usage(cli, "--undo takes an import's id alone") : undo(cli, id);
    if (cli->n_words < 3)
        return cli_usage(cli, "`memory import` takes a character, and files or folders");
    struct importing m = { .cli = cli, .character = cli->words[1] };
    int status = CLI_OK;
    if (memory_chats(cli, m.character, cli->words + 2, cli->n_words - 2, &m.text, &m.n, &err))
        status = cli_error(cli, &err);
    if (!status) {
        status = peer_open(cli, &m.peer);
        if (!status)
            status = look(&m, &yes);
        if (!status && yes)
            status = come(&m);
        peer_close(&m.peer);
    }
    mem_free(m.text);
    return status;
}

static void print_import(const struct cli *cli, yyjson_val *one)
{
    char when[32];
    const char *name = json_str(one, "name", "");
    printf("%s%s%s  %s%s%s  %s  ", cli_bold(cli), json_str(one, "id", ""), cli_plain(cli), cli_dim(cli),
           conversations_when(json_int(one, "at_ms", 0), when, sizeof(when)), cli_plain(cli),
           json_str(one, "character", ""));
    cli_put(name, strlen(name));
    printf("\n  %s: %lld of %lld messages, %lld conversations by it\n", json_str(one, "state", ""),
           (long long)json_int(one, "done", 0), (long long)json_int(one, "messages", 0),
           (long long)json_int(one, "conversations", 0));
}

int memory_imports(struct cli *cli)
{
    struct peer peer;
    anima_error err;
    yyjson_doc *doc = NULL;
    size_t i, max;
    yyjson_val *one;
    int status = peer_open(cli, &peer);
    if (!status && client_call(peer.client, "GET", "/memory/imports", NULL, &doc, &err))
        status = cli_error(cli, &err);
    peer_close(&peer);
    yyjson_val *list = yyjson_obj_get(yyjson_doc_get_root(doc), "imports");
    if (!status && cli->json)
        status = put_json(doc);
    else if (!status && !yyjson_arr_size(list))
        puts("No chats were brought in.");
    else if (!status)
        yyjson_arr_foreach (list, i, max, one)
            print_import(cli, one);
    yyjson_doc_free(doc);
    return status;
}
