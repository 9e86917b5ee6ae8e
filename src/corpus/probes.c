#include "corpus/probes.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "corpus/files.h"

#include <string.h>

static int add_word(struct arena *arena, struct corpus_words *w, const char *text, anima_error *err)
{
    if (w->n == w->max) {
        size_t max = w->max ? 2 * w->max : 128;
        const char **list = arena_alloc(arena, max * sizeof(*list));
        if (list && w->n)
            memcpy(list, w->list, w->n * sizeof(*list));
        w->list = list ? list : w->list;
        w->max = list ? max : w->max;
    }
    const char *copy = w->n < w->max ? arena_strdup(arena, text) : NULL;
    if (!copy)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the probes");
    w->list[w->n++] = copy;
    return ANIMA_OK;
}

/* *n is 0 afterwards if that is no probe. */
static int add_probe(struct arena *arena, struct corpus_words *w, yyjson_val *probe, size_t *n, anima_error *err)
{
    static const char *const keys[] = { "text", "q" };
    yyjson_val *line;
    size_t i, max;
    int rc = ANIMA_OK;
    for (i = 0; i < 2 && !rc; i++) {
        const char *text = json_str(probe, keys[i], NULL);
        if (text && ++*n)
            rc = add_word(arena, w, text, err);
    }
    *n += yyjson_obj_get(probe, "context") != NULL; /* what a judge is checked with: nobody is asked that */
    yyjson_val *lines = yyjson_obj_get(probe, "lines");
    yyjson_arr_foreach (lines, i, max, line) {
        const char *text = yyjson_get_str(line);
        if (text && !rc && ++*n)
            rc = add_word(arena, w, text, err);
    }
    return rc;
}

int corpus_probes(struct arena *arena, const char *jsonl, size_t n, const char *name, struct corpus_words *out,
                  anima_error *err)
{
    int line = 0;
    for (size_t at = 0, len; at < n; at += len + 1) {
        const char *eol = memchr(jsonl + at, '\n', n - at);
        len = eol ? (size_t)(eol - jsonl) - at : n - at;
        line++;
        size_t blank = 0, texts = 0;
        while (blank < len && strchr(" \t\r", jsonl[at + blank]))
            blank++;
        if (blank == len)
            continue;
        yyjson_doc *doc;
        anima_error why;
        if (json_parse(jsonl + at, len, CORPUS_MAX_LINE, "it", &doc, &why))
            return err_set(err, why.code, "%s, line %d: this is no JSON object: %.200s", name, line, why.message);
        int rc = add_probe(arena, out, yyjson_doc_get_root(doc), &texts, err);
        yyjson_doc_free(doc);
        if (!rc && !texts)
            rc = err_set(err, ANIMA_E_INVALID, "%s, line %d: nothing is asked; that is in \"text\", \"q\" or \"lines\"",
                         name, line);
        if (rc)
            return rc;
    }
    return ANIMA_OK;
}

int corpus_add_probes(struct arena *arena, const char *dir, const char *prefix, struct corpus_words *out,
                      anima_error *err)
{
    char **names = NULL;
    size_t count = 0;
    int rc = corpus_names(arena, dir, &names, &count, err);
    for (size_t i = 0; i < count && !rc; i++) {
        enum corpus_form form;
        char *data = NULL, *path = arena_printf(arena, "%s/%s", dir, names[i]);
        size_t n = 0;
        if (strncmp(names[i], prefix, strlen(prefix)) != 0 || corpus_form_of(names[i], &form, NULL) ||
            form != CORPUS_FORM_JSONL)
            continue;
        rc = path ? fs_read(path, CORPUS_MAX_FILE, &data, &n, err)
                  : err_set(err, ANIMA_E_NOMEM, "out of memory for the probes");
        if (!rc)
            rc = corpus_probes(arena, data, n, names[i], out, err);
        mem_free(data);
    }
    return rc;
}
