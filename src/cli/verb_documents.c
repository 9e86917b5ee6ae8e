/* verb_documents.c — files that a character is given to read: given, listed, shown, searched, taken away. The daemon that has the home is asked,
 * else one of our own. */
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/conversations.h"
#include "cli/peer.h"
#include "cli/progress.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE (32u << 20)
#define EVERY_US 200000
#define PATIENCE 25 /* looks at meanings that do not become more */

struct documents {
    struct cli *cli;
    struct peer peer;
};

static void put_encoded(struct buf *out, const char *key, const char *text)
{
    buf_puts(out, key);
    for (const char *p = text; *p; p++)
        buf_printf(out, isalnum((unsigned char)*p) ? "%c" : "%%%02X", (unsigned char)*p);
}

static const char *value_of(const struct cli *cli, const char *name)
{
    return cli_value(cli, name) ? cli_value(cli, name) : "";
}

static const char *who_of(const struct cli *cli)
{
    return cli_value(cli, "character") ? cli_value(cli, "character") : "lin";
}

static void put(const char *text) { cli_put(text, strlen(text)); }

static int put_json(yyjson_doc *doc)
{
    char *text = yyjson_write(doc, 0, NULL);
    int status = text && puts(text) >= 0 ? CLI_OK : CLI_FAILED;
    free(text); /* yyjson's own allocator */
    return status;
}

/* ---- showing ---- */

/* d1 Lease  lease.txt, 12 passages, 4 pages, from Ann, for Ben */
static void print_document(const struct cli *cli, yyjson_val *d)
{
    size_t i, max;
    yyjson_val *name;
    int64_t bare = json_int(d, "without_vector", 0);
    printf("%s%s%s  %s", cli_dim(cli), json_str(d, "id", ""), cli_plain(cli), cli_bold(cli));
    put(json_str(d, "title", ""));
    printf("%s  %s", cli_plain(cli), cli_dim(cli));
    put(json_str(d, "name", ""));
    printf(" (%s), %lld passages", json_str(d, "form", ""), (long long)json_int(d, "passages", 0));
    if (json_int(d, "pages", 0))
        printf(", %lld pages", (long long)json_int(d, "pages", 0));
    printf(", from ");
    put(json_str(d, "giver", ""));
    if (json_bool(d, "everyone", false))
        printf(", for everyone");
    yyjson_arr_foreach (yyjson_obj_get(d, "others"), i, max, name) {
        printf(", for ");
        put(yyjson_get_str(name));
    }
    if (bare)
        printf("; %lld passages are found by their words only, as yet", (long long)bare);
    printf("%s\n", cli_plain(cli));
}

static void print_outline(const struct cli *cli, yyjson_val *answer)
{
    size_t i, max;
    yyjson_val *s, *sections = yyjson_obj_get(answer, "sections");
    print_document(cli, yyjson_obj_get(answer, "document"));
    yyjson_arr_foreach (sections, i, max, s) {
        printf("%*s%s%s%s%s", (int)(2 + 2 * json_int(s, "depth", 0)), "", cli_bold(cli), json_str(s, "number", ""),
               cli_plain(cli), *json_str(s, "number", "") ? " " : "");
        put(json_str(s, "title", ""));
        if (json_int(s, "page", 0))
            printf("  %spage %lld%s", cli_dim(cli), (long long)json_int(s, "page", 0), cli_plain(cli));
        putchar('\n');
    }
    if (!yyjson_arr_size(sections))
        puts("  It has no headings.");
}

static void print_passages(const struct cli *cli, yyjson_val *list)
{
    size_t i, max;
    yyjson_val *p;
    yyjson_arr_foreach (list, i, max, p) {
        printf("%s", cli_bold(cli));
        put(json_str(p, "place", ""));
        printf("%s  %sparagraph %lld%s%s\n  ", cli_plain(cli), cli_dim(cli), (long long)json_int(p, "first", 0),
               yyjson_is_true(yyjson_obj_get(p, "told")) ? "" : " (too far to be told)", cli_plain(cli));
        for (const char *at = json_str(p, "text", ""); *at;) {
            size_t n = strcspn(at, "\r\n\f");
            cli_put(at, n);
            at += n + strspn(at + n, "\r\n\f");
            putchar(*at ? ' ' : '\n');
        }
    }
    if (!yyjson_arr_size(list))
        puts("Nothing was found.");
}

static void print_list(const struct cli *cli, yyjson_val *list)
{
    size_t i, max;
    yyjson_val *d;
    yyjson_arr_foreach (list, i, max, d)
        print_document(cli, d);
    if (!yyjson_arr_size(list))
        printf("%s was given nothing to read.\n", who_of(cli));
}

static void show(const struct cli *cli, yyjson_val *answer)
{
    if (yyjson_obj_get(answer, "documents"))
        print_list(cli, yyjson_obj_get(answer, "documents"));
    else if (yyjson_obj_get(answer, "passages"))
        print_passages(cli, yyjson_obj_get(answer, "passages"));
    else if (yyjson_obj_get(answer, "sections"))
        print_outline(cli, answer);
    else if (yyjson_obj_get(answer, "document"))
        print_document(cli, yyjson_obj_get(answer, "document"));
    else
        puts(yyjson_is_false(yyjson_obj_get(answer, "purged")) ? "Deleted. The last bytes leave the store a little "
                                                                 "later: it is large, or another program is reading it."
                                                               : "Deleted.");
}

static int call(struct documents *d, const char *method, struct buf *path)
{
    anima_error err;
    yyjson_doc *doc = NULL;
    int rc = path->failed ? err_set(&err, ANIMA_E_LIMIT, "that is too long")
                          : client_call(d->peer.client, method, buf_str(path), NULL, &doc, &err);
    int status = rc ? cli_error(d->cli, &err) : d->cli->json ? put_json(doc) : CLI_OK;
    if (!rc && !d->cli->json)
        show(d->cli, yyjson_doc_get_root(doc));
    yyjson_doc_free(doc);
    return status;
}

/* ---- giving ---- */

/* A daemon of our own ends with this call: what it read is to have a meaning by then, if the model for that is there. */
static void wait_for_meanings(struct documents *d, const char *id)
{
    struct progress p;
    struct buf path;
    anima_error err;
    int64_t before = -1;
    buf_init(&path, 1024);
    put_encoded(&path, "/documents/", id);
    progress_begin(&p, "meanings");
    for (int still = 0; still < PATIENCE && !progress_interrupted();) {
        yyjson_doc *doc = NULL;
        int rc = client_call(d->peer.client, "GET", buf_str(&path), NULL, &doc, &err);
        yyjson_val *one = yyjson_obj_get(yyjson_doc_get_root(doc), "document");
        int64_t all = json_int(one, "passages", 0), bare = json_int(one, "without_vector", 0);
        yyjson_doc_free(doc);
        if (rc || !bare)
            break;
        char text[80];
        snprintf(text, sizeof(text), "%lld of %lld passages", (long long)(all - bare), (long long)all);
        progress_line(&p, (double)(all - bare) / (double)(all ? all : 1), text);
        still = bare == before ? still + 1 : 0;
        before = bare;
        usleep(EVERY_US);
    }
    progress_end(&p);
    buf_finish(&path);
}

static int add_one(struct documents *d, const char *file)
{
    struct buf path;
    anima_error err;
    yyjson_doc *doc = NULL;
    char *data = NULL;
    size_t n = 0;
    const char *slash = strrchr(file, '/');
    int rc = fs_read(file, MAX_FILE, &data, &n, &err);
    buf_init(&path, 8192);
    put_encoded(&path, "/characters/", who_of(d->cli));
    put_encoded(&path, "/documents?name=", slash && slash[1] ? slash + 1 : file);
    put_encoded(&path, "&title=", value_of(d->cli, "title"));
    put_encoded(&path, "&giver=", value_of(d->cli, "person"));
    put_encoded(&path, "&for=", value_of(d->cli, "for"));
    rc = rc ? rc : client_send(d->peer.client, buf_str(&path), "application/octet-stream", data, n, &doc, &err);
    mem_free(data);
    buf_finish(&path);
    if (rc) {
        anima_error named;
        err_set(&named, rc, "%s: %s", file, err.message);
        return cli_error(d->cli, &named);
    }
    yyjson_val *one = yyjson_obj_get(yyjson_doc_get_root(doc), "document");
    if (d->peer.own)
        wait_for_meanings(d, json_str(one, "id", ""));
    int status = d->cli->json ? put_json(doc) : CLI_OK;
    if (!d->cli->json)
        print_document(d->cli, one);
    yyjson_doc_free(doc);
    return status;
}

static int add(struct documents *d)
{
    int status = CLI_OK;
    if (cli_value(d->cli, "title") && d->cli->n_words > 2)
        return cli_usage(d->cli, "--title is for one file");
    progress_catch_interrupt();
    for (int i = 1; i < d->cli->n_words; i++) { /* one that is refused does not keep the others */
        int rc = add_one(d, d->cli->words[i]);
        status = status ? status : rc;
    }
    return status;
}

/* ---- the verb ---- */

static int run_with(struct documents *d, const char *what)
{
    struct cli *cli = d->cli;
    struct buf path;
    if (strcmp(what, "add") == 0)
        return add(d);
    buf_init(&path, 16384);
    if (strcmp(what, "list") == 0 || strcmp(what, "search") == 0)
        put_encoded(&path, "/characters/", who_of(cli));
    if (strcmp(what, "list") == 0)
        buf_puts(&path, "/documents");
    else if (strcmp(what, "search") == 0) {
        put_encoded(&path, "/passages?q=", cli->words[1]);
        put_encoded(&path, "&person=", value_of(cli, "person"));
    } else
        put_encoded(&path, "/documents/", cli->words[1]);
    int status = call(d, strcmp(what, "remove") == 0 ? "DELETE" : "GET", &path);
    buf_finish(&path);
    return status;
}

static int run(struct cli *cli)
{
    static const char *const known[] = { "add", "list", "show", "search", "remove", NULL };
    static const char *const takes[] = { "files", "nothing", "a document's id", "a question, in quotes",
                                         "a document's id" };
    static const int least[] = { 2, 1, 2, 2, 2 }, most[] = { CLI_MAX_WORDS, 1, 2, 2, 2 };
    const char *what = cli->n_words ? cli->words[0] : "list";
    int i = 0, words = cli->n_words ? cli->n_words : 1;
    while (known[i] && strcmp(known[i], what) != 0)
        i++;
    if (!known[i])
        return cli_no_word(cli, what, known);
    if (words < least[i] || words > most[i])
        return cli_usage(cli, "`documents %s` takes %s", what, takes[i]);
    struct documents d = { .cli = cli };
    int status = peer_open(cli, &d.peer);
    status = status ? status : run_with(&d, what);
    peer_close(&d.peer);
    return status;
}

static const struct cli_option options[] = {
    { "character", "ID", "whose documents (lin)" },
    { "person", "NAME", "add: who gives it (the home's owner); search: only what that person may be told" },
    { "for", "WHO", "add: who may be told of it beside the giver: everyone, or a person by name" },
    { "title", "TITLE", "add: under which it is quoted (its own, else the file's name)" },
    { NULL, NULL, NULL },
};

const struct cli_verb verb_documents = {
    .name = "documents",
    .summary = "files that a character is given to read, and quotes with their place",
    .usage = "[add FILE… | list | show DOCUMENT | search QUESTION | remove DOCUMENT]",
    .options = options,
    .details =
        "Text, Markdown, web pages (HTML), books (EPUB) and PDF. The character may tell of it whoever gave it, and "
        "whom "
        "--for\n"
        "names. It is searched by words and by meaning, and by its outline: \"what does chapter two say about …\", "
        "\"on\n"
        "page 4\", \"in the lease\". Of a PDF whose pages are pictures, make one with text first: ocrmypdf FILE.pdf "
        "NEW.pdf\n\n"
        "Examples:\n  anima documents add lease.txt --title Lease\n"
        "  anima documents add manual.html --character theo --for everyone\n"
        "  anima documents search \"What does section 3 say about the deposit?\"\n  anima documents show "
        "k3v5tq2mn5w2lfoh3mzk\n",
    .run = run,
};
