#include "corpus/files.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct corpus_text *one_more(struct corpus_texts *t)
{
    if (t->n == t->max) {
        size_t max = t->max ? 2 * t->max : 32;
        struct corpus_text *list = arena_alloc(t->arena, max * sizeof(*list));
        if (!list)
            return NULL;
        if (t->n)
            memcpy(list, t->list, t->n * sizeof(*list));
        t->list = list;
        t->max = max;
    }
    return &t->list[t->n];
}

int corpus_add_file(struct corpus_texts *texts, const char *path, const char *name, enum corpus_source source,
                    const char *language, anima_error *err)
{
    enum corpus_form form;
    char *data = NULL;
    size_t n = 0;
    int rc = corpus_form_of(path, &form, err);
    if (!rc && texts->n == CORPUS_MAX_FILES)
        rc = err_set(err, ANIMA_E_LIMIT, "a corpus has at most %d files", CORPUS_MAX_FILES);
    if (!rc)
        rc = fs_read(path, CORPUS_MAX_FILE, &data, &n, err);
    if (rc)
        return rc;
    struct corpus_text *t = one_more(texts);
    char *copy = arena_strndup(texts->arena, data, n), *called = arena_strdup(texts->arena, name ? name : path);
    mem_free(data);
    if (!t || !copy || !called)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for %s", path);
    *t = (struct corpus_text){ called, copy, n, form, source, language };
    texts->n++;
    return ANIMA_OK;
}

/* ---- folders ---- */

static bool wanted(const char *name)
{
    enum corpus_form form;
    return name[0] != '.' && strcmp(name, "README.md") != 0 && corpus_form_of(name, &form, NULL) == ANIMA_OK;
}

static int by_bytes(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

int corpus_names(struct arena *arena, const char *dir, char ***out, size_t *n, anima_error *err)
{
    char **names = arena_alloc(arena, CORPUS_MAX_FILES * sizeof(*names));
    DIR *d = opendir(dir);
    int rc = names ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the files of %s", dir);
    *n = 0;
    if (!d && errno != ENOENT && !rc)
        rc = err_errno(err, errno, "cannot look into %s", dir);
    for (struct dirent *e; !rc && d && (e = readdir(d));) {
        if (!wanted(e->d_name))
            continue;
        if (*n == CORPUS_MAX_FILES)
            rc = err_set(err, ANIMA_E_LIMIT, "%s has more than %d files", dir, CORPUS_MAX_FILES);
        else if (!(names[(*n)++] = arena_strdup(arena, e->d_name)))
            rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the files of %s", dir);
    }
    if (d)
        closedir(d);
    if (!rc)
        qsort(names, *n, sizeof(*names), by_bytes);
    *out = names;
    return rc;
}

/* "talk" of "…/corpus/talk". */
static const char *base_name(const char *dir)
{
    const char *slash = strrchr(dir, '/');
    return slash && slash[1] ? slash + 1 : dir;
}

/* "zh.jsonl" says in which language it is. */
static const char *language_of(const char *name)
{
    return strncmp(name, "zh.", 3) == 0 ? "zh" : strncmp(name, "en.", 3) == 0 ? "en" : NULL;
}

static int add_files(struct corpus_texts *texts, const char *dir, const char *language, enum corpus_source source,
                     anima_error *err)
{
    char **names = NULL;
    size_t n = 0;
    const char *folder = language ? arena_printf(texts->arena, "%s/%s", dir, language) : dir;
    int rc = folder ? corpus_names(texts->arena, folder, &names, &n, err)
                    : err_set(err, ANIMA_E_NOMEM, "out of memory for the files of %s", dir);
    for (size_t i = 0; !rc && i < n; i++) {
        char *path = arena_printf(texts->arena, "%s/%s", folder, names[i]);
        char *name = arena_printf(texts->arena, "%s/%s%s%s", base_name(dir), language ? language : "",
                                  language ? "/" : "", names[i]);
        rc = path && name ? corpus_add_file(texts, path, name, source, language ? language : language_of(names[i]), err)
                          : err_set(err, ANIMA_E_NOMEM, "out of memory for the files of %s", dir);
    }
    return rc;
}

int corpus_add_folder(struct corpus_texts *texts, const char *dir, enum corpus_source source, anima_error *err)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < CORPUS_LANGUAGES && !rc; i++)
        rc = add_files(texts, dir, corpus_language_name(i), source, err);
    return rc ? rc : add_files(texts, dir, NULL, source, err);
}
