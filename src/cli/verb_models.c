/* verb_models.c — the models: which there are, getting one, checking one, adding one's own. */
#include "agent/settings.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "engine/fetch.h"
#include "engine/models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct call {
    struct cli *cli;
    struct settings *settings;
    struct models *models;
    char *config;
};

static int add_own(void *ctx, const char *model, const char *key, const char *value, anima_error *err)
{
    return models_add_own(ctx, model, key, value, err);
}

/* Catalogue and config.ini, without opening the home: this works beside a running daemon. */
static int load(struct call *c, anima_error *err)
{
    char *home = c->cli->home ? mem_strdup(c->cli->home) : fs_home_dir();
    char *share = fs_share_dir(), *cache = fs_cache_dir();
    c->config = home ? fs_join(home, "config.ini", (char *)NULL) : NULL;
    int rc = c->config && cache ? settings_load(c->config, c->cli->set, &c->settings, err)
                                : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc && !share)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "the folder share/ of anima is not found; set ANIMA_SHARE");
    if (!rc)
        rc = models_open(share, cache, NULL, &c->models, err);
    if (!rc)
        rc = settings_models(c->settings, add_own, c->models, err);
    mem_free(home);
    mem_free(share);
    mem_free(cache);
    return rc;
}

static void put_json(struct jw *w, const struct call *c, const struct model *m)
{
    jw_obj(w, NULL);
    jw_str(w, "name", m->name);
    jw_str(w, "title", m->title);
    jw_str(w, "driver", m->driver);
    jw_str(w, "file", m->file);
    jw_int(w, "bytes", m->bytes);
    jw_str(w, "sha256", m->sha256);
    jw_str(w, "licence", m->licence);
    jw_str(w, "languages", m->languages);
    jw_str(w, "about", m->about);
    jw_bool(w, "own", m->own);
    jw_bool(w, "present", model_present(m));
    jw_bool(w, "default", strcmp(settings_get(c->settings, "model.default"), m->name) == 0);
    jw_end_obj(w);
}

static int list(struct call *c)
{
    struct buf out;
    struct jw w;
    char size[24];
    buf_init(&out, 16u << 20);
    jw_init(&w, &out);
    jw_arr(&w, NULL);
    for (size_t i = 0; models_at(c->models, i); i++) {
        const struct model *m = models_at(c->models, i);
        bool is_default = strcmp(settings_get(c->settings, "model.default"), m->name) == 0;
        put_json(&w, c, m);
        if (!c->cli->json)
            printf("%s%-20s%s %8s  %-14s %s%s%s%s\n    %s%s%s%s%s\n", cli_bold(c->cli), m->name, cli_plain(c->cli),
                   m->bytes ? cli_size(m->bytes, size, sizeof(size)) : "", *m->licence ? m->licence : "your own",
                   model_present(m) ? cli_green(c->cli) : cli_dim(c->cli), model_present(m) ? "here" : "not fetched",
                   cli_plain(c->cli), is_default ? ", the default" : "", cli_dim(c->cli), m->about,
                   *m->languages ? "; " : "", m->languages, cli_plain(c->cli));
    }
    jw_end_arr(&w);
    if (c->cli->json)
        return cli_print(&out);
    buf_finish(&out);
    return CLI_OK;
}

static int show(struct call *c, const struct model *m)
{
    struct buf out;
    struct jw w;
    char size[24];
    buf_init(&out, 1u << 20);
    jw_init(&w, &out);
    put_json(&w, c, m);
    if (c->cli->json)
        return cli_print(&out);
    buf_finish(&out);
    printf("name       %s\ntitle      %s\ndriver     %s\nfile       %s%s\nsize       %s\nsha256     %s\nlicence    "
           "%s\nlanguages  %s\n",
           m->name, m->title, m->driver, m->file, model_present(m) ? "" : " (not here)",
           cli_size(m->bytes, size, sizeof(size)), m->sha256, m->licence, m->languages);
    return CLI_OK;
}

static int fetch(struct call *c, const struct model *m)
{
    struct progress p;
    anima_error err;
    char size[24];
    if (model_present(m)) {
        if (!c->cli->json)
            printf("%s is here already: %s\n", m->name, m->file);
        return CLI_OK;
    }
    fprintf(stderr, "%s: %s, licence %s, to %s\n", m->name, cli_size(m->bytes, size, sizeof(size)), m->licence,
            m->file);
    progress_catch_interrupt();
    progress_begin(&p, m->name);
    int rc = fetch_model(m, progress_show, &p, &err);
    progress_end(&p);
    if (rc)
        return cli_error(c->cli, &err);
    if (!c->cli->json)
        printf("%s is here: %s\n", m->name, m->file);
    return CLI_OK;
}

/* Without a name: what characters speak with, and what compares their sentences. */
static int fetch_usual(struct call *c, const struct model *m)
{
    int status = m ? fetch(c, m) : CLI_OK; /* not of the catalogue: a file of one's own, a script, a server */
    const struct model *embed = models_find(c->models, settings_get(c->settings, "embed.model"));
    return status || !embed ? status : fetch(c, embed);
}

static int verify(struct call *c, const struct model *m)
{
    struct progress p;
    anima_error err;
    progress_catch_interrupt();
    progress_begin(&p, m->name);
    int rc = *m->sha256 ? fetch_verify(m->file, m->sha256, progress_show, &p, &err)
                        : err_set(&err, ANIMA_E_UNSUPPORTED, "%s is your own model: there is no hash to compare with",
                                  m->name);
    progress_end(&p);
    if (rc)
        return cli_error(c->cli, &err);
    if (c->cli->json)
        printf("{\"name\":\"%s\",\"whole\":true,\"sha256\":\"%s\"}\n", m->name, m->sha256);
    else
        printf("%s is whole: its sha256 is %s\n", m->name, m->sha256);
    return CLI_OK;
}

/* For scripts: where the file is, and whether it is there. */
static int path(struct call *c, const struct model *m)
{
    if (!c->cli->json)
        puts(m->file);
    return c->cli->json ? show(c, m) : model_present(m) ? CLI_OK : CLI_NOT_FOUND;
}

static int remove_model(struct call *c, const struct model *m)
{
    anima_error err;
    if (m->own)
        return cli_usage(c->cli, "%s is your own: take its section out of config.ini; the file stays yours", m->name);
    if (unlink(m->file)) {
        err_set(&err, ANIMA_E_NOT_FOUND, "%s is not here", m->name);
        return cli_error(c->cli, &err);
    }
    printf("%s is removed; `anima models fetch %s` brings it back\n", m->name, m->name);
    return CLI_OK;
}

static bool name_ok(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return n > 0 && n <= 64 && !name[n];
}

/* Adds a section to the end of config.ini. */
static int add(struct call *c, const char *name, const char *path)
{
    anima_error err;
    char *full = realpath(path, NULL), *text = NULL;
    if (!full || !name_ok(name) || models_find(c->models, name)) {
        err_set(&err, full ? ANIMA_E_INVALID : ANIMA_E_NOT_FOUND,
                !full           ? "there is no file %s%s"
                : name_ok(name) ? "%s%s: there is a model of that name already"
                                : "%s%s: a name has letters, digits, '.', '_' and '-'",
                full ? name : path, "");
        free(full);
        return cli_error(c->cli, &err);
    }
    struct buf out;
    buf_init(&out, 2u << 20);
    int rc = fs_read(c->config, 1u << 20, &text, NULL, &err);
    if (rc == ANIMA_E_NOT_FOUND)
        rc = ANIMA_OK;
    buf_printf(&out, "%s%s[model %s]\npath = %s\n", text ? text : "", text && *text ? "\n" : "", name, full);
    char *folder = mem_strndup(c->config, (size_t)(strrchr(c->config, '/') - c->config));
    if (!rc)
        rc = folder && !out.failed ? fs_mkdirs(folder, &err) : err_set(&err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = fs_write(c->config, out.data, out.len, 0600, &err);
    if (!rc)
        printf("%s is %s; `anima config set model.default %s` makes it the default\n", name, full, name);
    buf_finish(&out);
    mem_free(folder);
    mem_free(text);
    free(full);
    return rc ? cli_error(c->cli, &err) : CLI_OK;
}

static int dispatch(struct call *c)
{
    static const struct {
        const char *name;
        int (*run)(struct call *c, const struct model *m);
    } actions[] = {
        { "show", show }, { "path", path }, { "fetch", fetch }, { "verify", verify }, { "remove", remove_model }
    };
    const char *what = c->cli->n_words ? c->cli->words[0] : "list";
    const char *name = c->cli->n_words > 1 ? c->cli->words[1] : settings_get(c->settings, "model.default");
    anima_error err;
    if (strcmp(what, "list") == 0)
        return list(c);
    if (strcmp(what, "add") == 0)
        return c->cli->n_words == 3 ? add(c, c->cli->words[1], c->cli->words[2]) : cli_usage(c->cli, "add NAME PATH");
    if (strcmp(what, "remove") == 0 && c->cli->n_words != 2)
        return cli_usage(c->cli, "remove NAME");
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(what, actions[i].name) != 0)
            continue;
        const struct model *m = models_find(c->models, name);
        struct model_place place;
        if (c->cli->n_words == 1 && actions[i].run == fetch && (m || models_place(c->models, name, &place)))
            return fetch_usual(c, m);
        if (m)
            return actions[i].run(c, m);
        err_set(&err, ANIMA_E_NOT_FOUND, "there is no model \"%.80s\" in the catalogue; `anima models` lists it", name);
        return cli_error(c->cli, &err);
    }
    return cli_usage(c->cli, "list, show, path, fetch, verify, add or remove, not \"%s\"", what);
}

static int run(struct cli *cli)
{
    struct call c = { .cli = cli };
    anima_error err;
    int status = load(&c, &err) ? cli_error(cli, &err) : dispatch(&c);
    models_close(c.models);
    settings_free(c.settings);
    mem_free(c.config);
    return status;
}

const struct cli_verb verb_models = {
    .name = "models",
    .summary = "list models, fetch one, check one, add your own",
    .usage = "[list | show [NAME] | path [NAME] | fetch [NAME] | verify [NAME] | add NAME PATH | remove NAME]",
    .details = "Where NAME may be left out the default model is meant; fetch then gets embed.model, too. A fetch that "
               "was stopped goes on where it was.\n\nExamples:\n"
               "  anima models\n  anima models fetch smollm2-135m\n  anima models add mine ~/models/mine-q4.gguf",
    .run = run,
};
