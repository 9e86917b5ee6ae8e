#include "cli/train.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define MAX_LESSONS (256u << 20)
#define MAX_REPORT (4u << 20)

char *train_folder(const struct cli *cli, const char *character)
{
    char *home = cli->home ? mem_strdup(cli->home) : fs_home_dir();
    char *folder = home ? fs_join(home, "training", character, (char *)NULL) : NULL;
    mem_free(home);
    return folder;
}

static int copy(const char *from, const char *to, anima_error *err)
{
    char *data;
    size_t n;
    int rc = fs_read(from, MAX_LESSONS, &data, &n, err);
    if (rc)
        return rc;
    rc = fs_write(to, data, n, 0600, err);
    mem_free(data);
    return rc;
}

/* In the order in which they were given; the language that a folder told stays in the name. */
static int put_one(const char *folder, const struct corpus_text *t, size_t i, anima_error *err)
{
    char name[300];
    const char *slash = strrchr(t->name, '/');
    snprintf(name, sizeof(name), "%03zu-%.200s", i + 1, slash ? slash + 1 : t->name);
    char *dir = t->language ? fs_join(folder, t->language, (char *)NULL) : mem_strdup(folder);
    char *to = dir ? fs_join(dir, name, (char *)NULL) : NULL;
    int rc = to ? fs_mkdirs(dir, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = fs_write(to, t->data, t->n, 0600, err);
    mem_free(to);
    mem_free(dir);
    return rc;
}

int train_put_texts(const struct cli *cli, const char *character, const char *name, const struct corpus_texts *texts,
                    anima_error *err)
{
    char *home = train_folder(cli, character), *folder = home ? fs_join(home, name, (char *)NULL) : NULL;
    int rc = folder ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc) {
        fs_remove_tree(folder);
        rc = fs_mkdirs(folder, err);
    }
    for (size_t i = 0; i < texts->n && !rc; i++)
        rc = put_one(folder, &texts->list[i], i, err);
    mem_free(folder);
    mem_free(home);
    return rc;
}

int train_take_files(const struct cli *cli, const char *character, const char *const *files, int n, anima_error *err)
{
    struct arena arena;
    struct corpus_texts texts = { .arena = &arena };
    int rc = ANIMA_OK;
    arena_init(&arena, TRAIN_TEXTS_ARENA);
    for (int i = 0; i < n && !rc; i++)
        rc = corpus_add_file(&texts, files[i], NULL, CORPUS_OWN, NULL, err);
    if (!rc)
        rc = train_put_texts(cli, character, "material", &texts, err);
    arena_finish(&arena);
    return rc;
}

int train_take_lessons(const struct cli *cli, const char *character, const char *file, anima_error *err)
{
    char *folder = train_folder(cli, character), *to = folder ? fs_join(folder, "lessons.jsonl", (char *)NULL) : NULL;
    int rc = to ? fs_mkdirs(folder, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc && strcmp(file, to) != 0)
        rc = copy(file, to, err);
    mem_free(to);
    mem_free(folder);
    return rc;
}

int train_copy_adapter(const struct cli *cli, const char *character, const char *adapter, const char *dir,
                       anima_error *err)
{
    static const char *const endings[] = { ".gguf", ".curve.jsonl", ".json" };
    char *home = cli->home ? mem_strdup(cli->home) : fs_home_dir(), *into = fs_join(dir, "adapters", (char *)NULL);
    int rc = home && into ? fs_mkdirs(into, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    for (size_t i = 0; !rc && i < sizeof(endings) / sizeof(endings[0]); i++) {
        char name[120];
        snprintf(name, sizeof(name), "%.80s%s", adapter, endings[i]);
        char *from = fs_join(home, "characters", character, "adapters", name, (char *)NULL);
        char *to = fs_join(into, name, (char *)NULL);
        rc = from && to ? copy(from, to, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
        mem_free(from);
        mem_free(to);
    }
    mem_free(into);
    mem_free(home);
    return rc;
}

void train_print_report(const struct cli *cli, const char *character)
{
    char *folder = train_folder(cli, character), *file = folder ? fs_join(folder, "report.md", (char *)NULL) : NULL,
         *text;
    if (file && !fs_read(file, MAX_REPORT, &text, NULL, NULL)) {
        const char *notes = strstr(text, "\n## "); /* what was left out, one by one */
        const char *second = notes ? strstr(notes + 1, "\n## ") : NULL;
        const char *end = second ? second : notes;
        cli_put(text, end ? (size_t)(end - text) + 1 : strlen(text));
        printf("%sAll of it: %s%s\n", cli_dim(cli), file, cli_plain(cli));
        mem_free(text);
    }
    mem_free(file);
    mem_free(folder);
}
