#include "cli/train.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define MAX_MATERIAL (16u << 20)
#define MAX_LESSONS (256u << 20)
#define MAX_REPORT (4u << 20)

char *train_folder(const struct cli *cli, const char *character)
{
    char *home = cli->home ? mem_strdup(cli->home) : fs_home_dir();
    char *folder = home ? fs_join(home, "training", character, (char *)NULL) : NULL;
    mem_free(home);
    return folder;
}

static int copy(const char *from, const char *to, size_t max, anima_error *err)
{
    char *data;
    size_t n;
    int rc = fs_read(from, max, &data, &n, err);
    if (rc)
        return rc;
    rc = fs_write(to, data, n, 0600, err);
    mem_free(data);
    return rc;
}

static bool ends_in(const char *text, const char *ending)
{
    size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcmp(text + n - m, ending) == 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int train_take_files(const struct cli *cli, const char *character, const char *const *files, int n, anima_error *err)
{
    char *folder = train_folder(cli, character), *material = folder ? fs_join(folder, "material", (char *)NULL) : NULL;
    int rc = material ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    for (int i = 0; !rc && i < n; i++)
        if (!ends_in(files[i], ".md") && !ends_in(files[i], ".jsonl") && !ends_in(files[i], ".txt"))
            rc = err_set(
                err, ANIMA_E_INVALID,
                "%s: what is learnt from is .md (conversations), .jsonl (messages) or .txt (lines of one's own); see "
                "docs/training.md",
                files[i]);
        else if (!fs_exists(files[i]))
            rc = err_set(err, ANIMA_E_NOT_FOUND, "there is no file %s", files[i]);
    if (!rc) {
        fs_remove_tree(material);
        rc = fs_mkdirs(material, err);
    }
    for (int i = 0; !rc && i < n; i++) {
        char name[300]; /* in the order in which they were given */
        snprintf(name, sizeof(name), "%02d-%.200s", i + 1, base_name(files[i]));
        char *to = fs_join(material, name, (char *)NULL);
        rc = to ? copy(files[i], to, MAX_MATERIAL, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
        mem_free(to);
    }
    mem_free(material);
    mem_free(folder);
    return rc;
}

int train_take_lessons(const struct cli *cli, const char *character, const char *file, anima_error *err)
{
    char *folder = train_folder(cli, character), *to = folder ? fs_join(folder, "lessons.jsonl", (char *)NULL) : NULL;
    int rc = to ? fs_mkdirs(folder, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc && strcmp(file, to) != 0)
        rc = copy(file, to, MAX_LESSONS, err);
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
        rc = from && to ? copy(from, to, MAX_LESSONS, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
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
