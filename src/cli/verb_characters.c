/* verb_characters.c — the characters of a home: list, look through, cards in and out. */
#include "agent/card_folder.h"
#include "agent/card_import.h"
#include "agent/cast.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/daemon.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct call {
    const struct cli *cli;
    char *own, *shared; /* characters/ of the home, and of share */
};

static bool is_folder_of(const char *dir, const char *id)
{
    char *file = fs_join(dir, id, "character.ini", (char *)NULL);
    bool there = file && fs_exists(file);
    mem_free(file);
    return there;
}

/* The folder of a character, yours to mem_free; NULL: there is none (said). */
static char *find(const struct call *c, const char *id)
{
    const char *dir = is_folder_of(c->own, id) ? c->own : is_folder_of(c->shared, id) ? c->shared : NULL;
    if (character_id_ok(id) && dir)
        return fs_join(dir, id, (char *)NULL);
    fprintf(stderr, "anima: there is no character \"%.64s\"; `anima characters` lists them\n", id);
    return NULL;
}

static int load_all(const struct call *c, struct cast *cast, anima_error *err)
{
    int rc = cast_load(cast, c->own, true, "", err);
    return rc ? rc : cast_load(cast, c->shared, false, "", err);
}

/* ---- list, show ---- */

static int list(struct call *c)
{
    struct cast cast = { 0 };
    anima_error err;
    struct buf out;
    struct jw w;
    if (load_all(c, &cast, &err)) {
        cast_finish(&cast);
        return cli_error(c->cli, &err);
    }
    buf_init(&out, 16u << 20);
    jw_init(&w, &out);
    jw_arr(&w, NULL);
    for (size_t i = 0; i < cast.n; i++) {
        const struct character *who = cast.all[i];
        bool own = who->pub.own;
        if (!c->cli->json)
            printf("%s%-16s%s %-12s %s%s%s\n", cli_bold(c->cli), who->pub.id, cli_plain(c->cli), who->pub.name,
                   who->pub.tagline, own ? cli_dim(c->cli) : "", own ? "  (yours)" : "");
        if (!c->cli->json && own)
            printf("%s", cli_plain(c->cli));
        jw_obj(&w, NULL);
        jw_str(&w, "id", who->pub.id);
        jw_str(&w, "name", who->pub.name);
        jw_str(&w, "tagline", who->pub.tagline);
        jw_str(&w, "language", who->pub.language);
        jw_str(&w, "creator", who->pub.creator);
        jw_bool(&w, "own", own);
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    int status = c->cli->json ? cli_print(&out) : CLI_OK;
    buf_finish(&out);
    cast_finish(&cast);
    return status;
}

static void line(const struct cli *cli, const char *name, const char *text)
{
    if (!*text)
        return;
    printf("%s%-10s%s ", cli_dim(cli), name, cli_plain(cli));
    cli_put(text, strlen(text));
    putchar('\n');
}

static void print_one(const struct cli *cli, const struct character *who)
{
    printf("%s", cli_bold(cli));
    cli_put(who->pub.name, strlen(who->pub.name));
    printf("%s (%s)%s\n", cli_plain(cli), who->pub.id, who->pub.own ? ", yours" : "");
    line(cli, "about", who->pub.tagline);
    line(cli, "lives in", who->dir);
    line(cli, "language", who->pub.language);
    line(cli, "model", who->pub.model);
    line(cli, "creator", who->pub.creator);
    line(cli, "version", who->pub.version);
    line(cli, "tags", who->tags);
    for (size_t i = 0; i < who->n_facts; i++)
        line(cli, who->facts[i].key, who->facts[i].value);
    for (size_t i = 0; i < who->pub.n_greetings; i++) {
        char name[24];
        snprintf(name, sizeof(name), "greeting %zu", i);
        line(cli, name, who->pub.greetings[i]);
    }
}

static void write_one(struct jw *w, const struct character *who)
{
    jw_obj(w, NULL);
    jw_str(w, "id", who->pub.id);
    jw_str(w, "name", who->pub.name);
    jw_str(w, "tagline", who->pub.tagline);
    jw_str(w, "folder", who->dir);
    jw_bool(w, "own", who->pub.own);
    jw_str(w, "language", who->pub.language);
    jw_str(w, "model", who->pub.model);
    jw_str(w, "creator", who->pub.creator);
    jw_str(w, "version", who->pub.version);
    jw_arr(w, "tags");
    for (size_t i = 0; i < who->pub.n_tags; i++)
        jw_str(w, NULL, who->pub.tags[i]);
    jw_end_arr(w);
    jw_obj(w, "facts");
    for (size_t i = 0; i < who->n_facts; i++)
        jw_str(w, who->facts[i].key, who->facts[i].value);
    jw_end_obj(w);
    jw_arr(w, "greetings");
    for (size_t i = 0; i < who->pub.n_greetings; i++)
        jw_str(w, NULL, who->pub.greetings[i]);
    jw_end_arr(w);
    jw_end_obj(w);
}

static int show(struct call *c, const char *id)
{
    struct character *who = NULL;
    struct buf out;
    struct jw w;
    anima_error err;
    char *dir = find(c, id);
    if (!dir)
        return CLI_NOT_FOUND;
    int status = character_load(dir, id, "", &who, &err) ? cli_error(c->cli, &err) : CLI_OK;
    mem_free(dir);
    if (status)
        return status;
    who->pub.own = is_folder_of(c->own, id);
    if (c->cli->json) {
        buf_init(&out, 16u << 20);
        jw_init(&w, &out);
        write_one(&w, who);
        status = cli_print(&out);
    } else {
        print_one(c->cli, who);
    }
    character_free(who);
    return status;
}

/* ---- a daemon that runs is asked, so that it knows at once ---- */

static int reach(const struct call *c, struct client **client, bool *runs, anima_error *err)
{
    char url[256];
    *client = NULL;
    *runs = daemon_holder(c->cli, url, sizeof(url));
    if (!*runs)
        return ANIMA_OK;
    char *token = daemon_token(c->cli);
    int rc = client_create(url, token, client, err);
    mem_free(token);
    return rc;
}

/* ---- cards ---- */

struct imported {
    char id[80], name[256];
};

static int import_here(const struct call *c, const char *data, size_t n, struct imported *out, anima_error *err)
{
    struct cast cast = { 0 };
    struct card_import *import = NULL;
    struct character *made = NULL;
    int rc = load_all(c, &cast, err);
    if (!rc)
        rc = card_import_read(data, n, c->own, "", &import, err);
    if (!rc)
        rc = card_import_place(import, &cast, cli_value(c->cli, "replace") != NULL, &made, err);
    if (!rc) {
        snprintf(out->id, sizeof(out->id), "%s", made->pub.id);
        snprintf(out->name, sizeof(out->name), "%s", made->pub.name);
        if (*character_complaints(made))
            fprintf(stderr, "%s\n", character_complaints(made));
    }
    character_free(made);
    card_import_free(import);
    cast_finish(&cast);
    return rc;
}

static int import_there(const struct call *c, struct client *client, const char *data, size_t n, struct imported *out,
                        anima_error *err)
{
    yyjson_doc *doc = NULL;
    const char *path = cli_value(c->cli, "replace") ? "/characters?replace=1" : "/characters";
    int rc = client_send(client, path, "application/octet-stream", data, n, &doc, err);
    yyjson_val *made = yyjson_obj_get(yyjson_doc_get_root(doc), "character");
    snprintf(out->id, sizeof(out->id), "%s", json_str(made, "id", ""));
    snprintf(out->name, sizeof(out->name), "%s", json_str(made, "name", ""));
    yyjson_doc_free(doc);
    return rc;
}

static void print_made(const struct call *c, const char *id)
{
    struct buf out, folder;
    struct jw w;
    buf_init(&folder, 8192);
    buf_printf(&folder, "%s/%s", c->own, id);
    buf_init(&out, 65536);
    jw_init(&w, &out);
    jw_obj(&w, NULL);
    jw_str(&w, "id", id);
    jw_str(&w, "folder", buf_str(&folder));
    jw_end_obj(&w);
    buf_finish(&folder);
    cli_print(&out);
}

static int import(struct call *c, const char *file)
{
    char *data = NULL;
    size_t n = 0;
    bool runs = false;
    struct client *client = NULL;
    struct imported made = { .id = "" };
    anima_error err;
    int rc = fs_read(file, CARD_MAX_FILE, &data, &n, &err);
    if (!rc)
        rc = reach(c, &client, &runs, &err);
    if (!rc)
        rc = runs ? import_there(c, client, data, n, &made, &err) : import_here(c, data, n, &made, &err);
    if (!rc && c->cli->json) {
        print_made(c, made.id);
    } else if (!rc) {
        cli_put(made.name, strlen(made.name));
        printf(" is here: %s/%s\nTalk: anima chat --character %s\n", c->own, made.id, made.id);
    }
    client_destroy(client);
    mem_free(data);
    int status = rc ? cli_error(c->cli, &err) : CLI_OK;
    if (rc == ANIMA_E_EXISTS)
        fputs("anima: with --replace the card takes its place\n", stderr);
    return status;
}

static bool ends_in(const char *text, const char *ending)
{
    size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcasecmp(text + n - m, ending) == 0;
}

static int export_card(struct call *c, const char *id, const char *file)
{
    static const char *const versions[] = { "", "v1", "v2", "v3" };
    const char *given = cli_value(c->cli, "card");
    int version = 0;
    while (given && version < 4 && strcmp(versions[version], given) != 0)
        version++;
    if (version == 4)
        return cli_usage(c->cli, "--card is v1, v2 or v3");
    char *dir = find(c, id);
    if (!dir)
        return CLI_NOT_FOUND;
    enum card_container container = ends_in(file, ".png") ? CARD_PNG : ends_in(file, ".charx") ? CARD_CHARX : CARD_JSON;
    struct buf out;
    anima_error err;
    buf_init(&out, 2 * CARD_MAX_FILE);
    int rc = card_folder_export(dir, container, (enum card_version)version, &out, &err);
    if (!rc)
        rc = fs_write(file, out.data, out.len, 0644, &err);
    if (!rc && !c->cli->json)
        printf("%s is in %s\n", id, file);
    buf_finish(&out);
    mem_free(dir);
    return rc ? cli_error(c->cli, &err) : CLI_OK;
}

/* ---- lint ---- */

static int lint_one(struct call *c, const char *dir, const char *id)
{
    struct character *made = NULL;
    struct card *card = NULL;
    anima_error err;
    int rc = character_load(dir, id, "", &made, &err);
    if (!rc)
        rc = card_folder_read(dir, &card, &err);
    bool left_out = !rc && *character_complaints(made);
    if (rc)
        printf("%s%s%s: %s\n", cli_red(c->cli), id, cli_plain(c->cli), err.message);
    else if (left_out)
        printf("%s%s%s: left out of its lore: %s\n", cli_yellow(c->cli), id, cli_plain(c->cli),
               character_complaints(made));
    else
        printf("%s%s%s: good (%zu persona%s, %zu facts, %zu pieces of lore)\n", cli_green(c->cli), id,
               cli_plain(c->cli), made->n_personas, made->n_personas == 1 ? "" : "s", made->n_facts,
               made->lore[0]   ? lore_size(made->lore[0])
               : made->lore[1] ? lore_size(made->lore[1])
                               : (size_t)0);
    card_free(card);
    character_free(made);
    return rc || left_out ? CLI_FAILED : CLI_OK;
}

/* A folder with nothing but training texts and adapters of one that comes with anima. */
static bool only_training(const char *folder, const char *id)
{
    char *corpus = fs_join(folder, id, "corpus", (char *)NULL),
         *adapters = fs_join(folder, id, "adapters", (char *)NULL);
    bool some = (corpus && fs_exists(corpus)) || (adapters && fs_exists(adapters));
    mem_free(corpus);
    mem_free(adapters);
    return some && !is_folder_of(folder, id);
}

static int lint_all(struct call *c, const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    int status = CLI_OK;
    while (d && (e = readdir(d))) {
        bool looked_at = character_id_ok(e->d_name) && !only_training(folder, e->d_name);
        char *dir = looked_at ? fs_join(folder, e->d_name, (char *)NULL) : NULL;
        if (dir && lint_one(c, dir, e->d_name))
            status = CLI_FAILED;
        mem_free(dir);
    }
    if (d)
        closedir(d);
    return status;
}

static int lint(struct call *c, const char *what)
{
    if (!what) {
        int own = lint_all(c, c->own), shared = lint_all(c, c->shared);
        return own ? own : shared;
    }
    if (strchr(what, '/') || !character_id_ok(what)) {
        const char *name = strrchr(what, '/');
        return lint_one(c, what, name && name[1] ? name + 1 : "character");
    }
    char *dir = find(c, what);
    int status = dir ? lint_one(c, dir, what) : CLI_NOT_FOUND;
    mem_free(dir);
    return status;
}

static int remove_character(struct call *c, const char *id)
{
    if (!character_id_ok(id) || !is_folder_of(c->own, id)) {
        fprintf(stderr, "anima: %.64s is not one of yours; only those can be removed\n", id);
        return CLI_NOT_FOUND;
    }
    bool runs;
    char path[100];
    struct client *client;
    anima_error err;
    int rc = reach(c, &client, &runs, &err);
    snprintf(path, sizeof(path), "/characters/%s", id);
    if (!rc && runs)
        rc = client_call(client, "DELETE", path, NULL, NULL, &err);
    client_destroy(client);
    if (rc)
        return cli_error(c->cli, &err);
    char *dir = runs ? NULL : fs_join(c->own, id, (char *)NULL);
    if (dir)
        fs_remove_tree(dir);
    mem_free(dir);
    return is_folder_of(c->own, id) ? CLI_FAILED : CLI_OK;
}

static int dispatch(struct call *c)
{
    const char *const *w = c->cli->words;
    int n = c->cli->n_words;
    if (n == 0 || (n == 1 && strcmp(w[0], "list") == 0))
        return list(c);
    if (n == 2 && strcmp(w[0], "show") == 0)
        return show(c, w[1]);
    if (n == 2 && strcmp(w[0], "import") == 0)
        return import(c, w[1]);
    if (n == 3 && strcmp(w[0], "export") == 0)
        return export_card(c, w[1], w[2]);
    if (n <= 2 && strcmp(w[0], "lint") == 0)
        return lint(c, n == 2 ? w[1] : NULL);
    if (n == 2 && strcmp(w[0], "remove") == 0)
        return remove_character(c, w[1]);
    return cli_usage(c->cli, "list, show ID, import FILE, export ID FILE, lint [ID or FOLDER], or remove ID");
}

static int dispatch_lint(struct call *c)
{
    return c->cli->n_words > 1 ? cli_usage(c->cli, "one character, or none for all")
                               : lint(c, c->cli->n_words ? c->cli->words[0] : NULL);
}

static int with_folders(struct cli *cli, int (*what)(struct call *c))
{
    char *home = cli->home ? mem_strdup(cli->home) : fs_home_dir(), *share = fs_share_dir();
    struct call c = { .cli = cli,
                      .own = home ? fs_join(home, "characters", (char *)NULL) : NULL,
                      .shared = share ? fs_join(share, "characters", (char *)NULL) : NULL };
    int status = c.own && c.shared ? what(&c) : CLI_FAILED;
    mem_free(c.own);
    mem_free(c.shared);
    mem_free(home);
    mem_free(share);
    return status;
}

static int run(struct cli *cli) { return with_folders(cli, dispatch); }

static int run_lint(struct cli *cli) { return with_folders(cli, dispatch_lint); }

static const struct cli_option no_options[] = { { NULL, NULL, NULL } };

const struct cli_verb verb_lint = {
    .name = "lint",
    .summary = "look characters through: what is wrong in which file and line",
    .usage = "[ID | FOLDER]",
    .options = no_options,
    .details = "The same as `anima characters lint`. Without a name: all of them.\n\nExamples:\n  anima lint\n"
               "  anima lint lin\n  anima lint ./my-character",
    .run = run_lint,
};

static const struct cli_option options[] = { { "card", "VERSION", "v1, v2 or v3 (as it came; v3 for our own)" },
                                             { "replace", NULL, "import: in place of one that has the name" },
                                             { NULL, NULL, NULL } };

const struct cli_verb verb_characters = {
    .name = "characters",
    .summary = "list characters, show one, take a card in, give one out, look one through",
    .usage = "[list | show ID | import FILE | export ID FILE | lint [ID] | remove ID]",
    .options = options,
    .details =
        "A card is .json, .png or .charx (Character Card V1, V2, V3); the file's ending says what export writes. A\n"
        "character is a folder of text files (docs/characters.md). A running anima is told of what "
        "changes.\n\nExamples:\n"
        "  anima characters show lin\n"
        "  anima characters import ~/Downloads/aiko.png\n  anima characters export aiko aiko.charx\n"
        "  anima characters lint",
    .run = run,
};
