/* verb_characters.c — the characters of a home: list, look through, cards in and out. */
#include "agent/card_folder.h"
#include "agent/character.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/cli.h"

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

/* ---- list ---- */

static int list(struct call *c)
{
    struct cast cast = { 0 };
    anima_error err;
    struct buf out;
    struct jw w;
    int rc = cast_load(&cast, c->own, "", &err);
    if (!rc)
        rc = cast_load(&cast, c->shared, "", &err);
    if (rc) {
        cast_finish(&cast);
        return cli_error(c->cli, &err);
    }
    buf_init(&out, 16u << 20);
    jw_init(&w, &out);
    jw_arr(&w, NULL);
    for (size_t i = 0; i < cast.n; i++) {
        const struct character *who = cast.all[i];
        bool own = is_folder_of(c->own, who->pub.id);
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
        jw_str(&w, "creator", who->creator);
        jw_bool(&w, "own", own);
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    int status = c->cli->json ? cli_print(&out) : CLI_OK;
    buf_finish(&out);
    cast_finish(&cast);
    return status;
}

/* ---- cards ---- */

/* A free folder name: the wanted one, else with a number. */
static char *free_folder(const struct call *c, const char *name, char *id, anima_error *err)
{
    char base[65];
    card_folder_id(name, base);
    for (int i = 1; i < 1000; i++) {
        snprintf(id, 65, i == 1 ? "%.58s" : "%.58s-%d", base, i);
        if (is_folder_of(c->own, id) || is_folder_of(c->shared, id))
            continue;
        char *dir = fs_join(c->own, id, (char *)NULL);
        if (dir && !fs_exists(dir))
            return dir;
        mem_free(dir);
    }
    err_set(err, ANIMA_E_BUSY, "there are a thousand characters called %s already", name);
    return NULL;
}

static int import(struct call *c, const char *file)
{
    char *data = NULL, *dir = NULL, id[80] = "";
    size_t n;
    struct card *card = NULL;
    struct character *made = NULL;
    anima_error err;
    int rc = fs_read(file, CARD_MAX_FILE, &data, &n, &err);
    if (!rc)
        rc = card_read(data, n, &card, &err);
    if (!rc && !(dir = free_folder(c, card_text(card, "name"), id, &err)))
        rc = err.code;
    if (!rc)
        rc = card_folder_write(card, dir, &err);
    if (!rc && character_load(dir, id, "", &made, &err)) { /* half a character is none */
        rc = err.code;
        card_folder_remove(dir);
    }
    if (!rc && c->cli->json)
        printf("{\"id\":\"%s\",\"folder\":\"%s\"}\n", id, dir);
    else if (!rc)
        printf("%s is here: %s\nTalk: anima chat --character %s\n", made->pub.name, dir, id);
    character_free(made);
    card_free(card);
    mem_free(dir);
    mem_free(data);
    return rc ? cli_error(c->cli, &err) : CLI_OK;
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
    char *dir = find(c, id), *picture = NULL;
    if (!dir)
        return CLI_NOT_FOUND;
    enum card_container container = ends_in(file, ".png") ? CARD_PNG : ends_in(file, ".charx") ? CARD_CHARX : CARD_JSON;
    const char *type = "";
    size_t n = 0;
    struct card *card = NULL;
    struct buf out;
    anima_error err;
    buf_init(&out, 2 * CARD_MAX_FILE);
    int rc = card_folder_read(dir, &card, &err);
    if (!rc)
        picture = card_folder_picture(dir, &n, &type);
    if (!rc)
        rc = card_write(card, container, (enum card_version)version, strcmp(type, "png") == 0 ? picture : NULL, n, &out,
                        &err);
    if (!rc)
        rc = fs_write(file, out.data, out.len, 0644, &err);
    if (!rc && !c->cli->json)
        printf("%s is in %s\n", card_text(card, "name"), file);
    buf_finish(&out);
    card_free(card);
    mem_free(picture);
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
    if (rc)
        printf("%s%s%s: %s\n", cli_red(c->cli), id, cli_plain(c->cli), err.message);
    else
        printf("%s%s%s: good (%zu persona%s, %zu facts, %zu pieces of lore)\n", cli_green(c->cli), id,
               cli_plain(c->cli), made->n_personas, made->n_personas == 1 ? "" : "s", made->n_facts,
               made->lore[0]   ? lore_size(made->lore[0])
               : made->lore[1] ? lore_size(made->lore[1])
                               : (size_t)0);
    card_free(card);
    character_free(made);
    return rc ? CLI_FAILED : CLI_OK;
}

static int lint_all(struct call *c, const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    int status = CLI_OK;
    while (d && (e = readdir(d))) {
        char *dir = character_id_ok(e->d_name) ? fs_join(folder, e->d_name, (char *)NULL) : NULL;
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
    char *dir = fs_join(c->own, id, (char *)NULL);
    if (dir)
        card_folder_remove(dir);
    mem_free(dir);
    return is_folder_of(c->own, id) ? CLI_FAILED : CLI_OK;
}

static int dispatch(struct call *c)
{
    const char *const *w = c->cli->words;
    int n = c->cli->n_words;
    if (n == 0 || (n == 1 && strcmp(w[0], "list") == 0))
        return list(c);
    if (n == 2 && strcmp(w[0], "import") == 0)
        return import(c, w[1]);
    if (n == 3 && strcmp(w[0], "export") == 0)
        return export_card(c, w[1], w[2]);
    if (n <= 2 && strcmp(w[0], "lint") == 0)
        return lint(c, n == 2 ? w[1] : NULL);
    if (n == 2 && strcmp(w[0], "remove") == 0)
        return remove_character(c, w[1]);
    return cli_usage(c->cli, "list, import FILE, export ID FILE, lint [ID or FOLDER], or remove ID");
}

static int run(struct cli *cli)
{
    char *home = cli->home ? mem_strdup(cli->home) : fs_home_dir(), *share = fs_share_dir();
    struct call c = { .cli = cli,
                      .own = home ? fs_join(home, "characters", (char *)NULL) : NULL,
                      .shared = share ? fs_join(share, "characters", (char *)NULL) : NULL };
    int status = c.own && c.shared ? dispatch(&c) : CLI_FAILED;
    mem_free(c.own);
    mem_free(c.shared);
    mem_free(home);
    mem_free(share);
    return status;
}

static const struct cli_option options[] = { { "card", "VERSION", "v1, v2 or v3 (as it came; v3 for our own)" },
                                             { NULL, NULL, NULL } };

const struct cli_verb verb_characters = {
    .name = "characters",
    .summary = "list characters, take a card in, give one out, look one through",
    .usage = "[list | import FILE | export ID FILE | lint [ID] | remove ID]",
    .options = options,
    .details =
        "A card is .json, .png or .charx (Character Card V1, V2, V3); the file's ending says what export writes. A\n"
        "character is a folder of text files (docs/characters.md). A running anima sees a new one at its next "
        "start.\n\nExamples:\n"
        "  anima characters import ~/Downloads/aiko.png\n  anima characters export aiko aiko.charx\n"
        "  anima characters lint",
    .run = run,
};
