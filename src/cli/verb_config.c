/* verb_config.c — the settings: the table, what they are now, and changing one in config.ini without touching the rest of
 * the file. */
#include "agent/settings.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#define MAX_CONFIG (1u << 20)

static char *config_path(const struct cli *cli)
{
    char *dir = cli->home ? mem_strdup(cli->home) : fs_home_dir();
    char *path = dir ? fs_join(dir, "config.ini", (char *)NULL) : NULL;
    mem_free(dir);
    return path;
}

static void list_one(const struct cli *cli, const struct setting *def, const char *value)
{
    bool changed = strcmp(value, def->otherwise) != 0;
    printf("%s%-24s%s %s", cli_bold(cli), def->key, cli_plain(cli), *value ? value : "(empty)");
    if (changed)
        printf("  %s(default: %s)%s", cli_yellow(cli), *def->otherwise ? def->otherwise : "empty", cli_plain(cli));
    printf("\n    %s%s%s%s%s\n", cli_dim(cli), def->meaning, *def->choices ? "; one of " : "", def->choices,
           cli_plain(cli));
}

/* All settings, or only one. */
static int list(const struct cli *cli, const struct settings *s, const char *only)
{
    struct buf out;
    struct jw w;
    buf_init(&out, 1u << 20);
    jw_init(&w, &out);
    jw_obj(&w, NULL);
    for (size_t i = 0; settings_at(i); i++) {
        const struct setting *def = settings_at(i);
        const char *value = settings_get(s, def->key);
        if (only && strcmp(only, def->key) != 0)
            continue;
        if (cli->json)
            jw_str(&w, def->key, value);
        else if (only)
            puts(value);
        else
            list_one(cli, def, value);
    }
    jw_end_obj(&w);
    if (cli->json)
        return cli_print(&out);
    buf_finish(&out);
    return CLI_OK;
}

/* The file's text with key set in its section: the line replaced, or added at the section's end, or section and line at the
 * end of the file. */
static char *with_setting(const char *text, const char *key, const char *value)
{
    const char *dot = strchr(key, '.');
    size_t section_len = (size_t)(dot - key);
    char section[64];
    struct buf out;
    buf_init(&out, MAX_CONFIG);
    snprintf(section, sizeof(section), "%.*s", (int)section_len, key);
    bool inside = false, done = false;
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n");
        const char *s = p + strspn(p, " \t");
        size_t name = strcspn(s, " \t=\n");
        bool heading = *s == '[';
        if (heading && inside && !done) {
            buf_printf(&out, "%s = %s\n", dot + 1, value);
            done = true;
        }
        if (heading)
            inside = strncmp(s + 1, section, section_len) == 0 && s[1 + section_len] == ']';
        if (inside && !heading && !done && name == strlen(dot + 1) && memcmp(s, dot + 1, name) == 0) {
            buf_printf(&out, "%s = %s\n", dot + 1, value);
            done = true;
        } else {
            buf_append(&out, p, n);
            buf_puts(&out, "\n");
        }
        p += n + (p[n] == '\n');
    }
    if (!done && !inside)
        buf_printf(&out, "%s[%s]\n", out.len ? "\n" : "", section);
    if (!done)
        buf_printf(&out, "%s = %s\n", dot + 1, value);
    return buf_take(&out);
}

static int set(const struct cli *cli, const char *path, const char *key, const char *value)
{
    anima_error err;
    if (settings_check(key, value, &err))
        return cli_error(cli, &err);
    if (strpbrk(value, "\n\r"))
        return cli_usage(cli, "a value is one line");
    char *text = NULL;
    int rc = fs_read(path, MAX_CONFIG, &text, NULL, &err);
    if (rc && rc != ANIMA_E_NOT_FOUND)
        return cli_error(cli, &err);
    char *folder = mem_strndup(path, (size_t)(strrchr(path, '/') - path));
    char *changed = with_setting(text ? text : "", key, value);
    rc = folder && changed ? fs_mkdirs(folder, &err) : err_set(&err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = fs_write(path, changed, strlen(changed), 0600, &err);
    mem_free(changed);
    mem_free(folder);
    mem_free(text);
    if (rc)
        return cli_error(cli, &err);
    if (!cli->json)
        printf("%s = %s (in %s; a running anima takes it up at its next start)\n", key, value, path);
    return CLI_OK;
}

static int run(struct cli *cli)
{
    const char *what = cli->n_words ? cli->words[0] : "list";
    char *path = config_path(cli);
    anima_error err;
    struct settings *s = NULL;
    int status = CLI_OK;
    if (!path)
        return CLI_FAILED;
    if (strcmp(what, "path") == 0) {
        puts(path);
    } else if (strcmp(what, "set") == 0 && cli->n_words == 3) {
        status = set(cli, path, cli->words[1], cli->words[2]);
    } else if (settings_load(path, cli->set, &s, &err)) {
        status = cli_error(cli, &err);
    } else if (strcmp(what, "get") == 0 && cli->n_words == 2) {
        err.code = ANIMA_E_NOT_FOUND;
        if (!settings_find(cli->words[1])) {
            settings_check(cli->words[1], "", &err);
            status = cli_error(cli, &err);
        } else {
            status = list(cli, s, cli->words[1]);
        }
    } else if (strcmp(what, "list") == 0) {
        status = list(cli, s, NULL);
    } else {
        status = cli_usage(cli, "list, get KEY, set KEY VALUE, or path");
    }
    settings_free(s);
    mem_free(path);
    return status;
}

const struct cli_verb verb_config = {
    .name = "config",
    .summary = "look at the settings and change them",
    .usage = "[list | get KEY | set KEY VALUE | path]",
    .details = "Examples:\n  anima config\n  anima config set person.name 小雨\n  anima config set model.default "
               "~/models/mine.gguf\n"
               "Models of your own stand in config.ini as sections:\n  [model big]\n  driver = openai\n  base_url = "
               "http://127.0.0.1:8000/v1\n"
               "  model = Qwen2.5-7B-Instruct\n  key_file = /home/me/.keys/vllm",
    .run = run,
};
