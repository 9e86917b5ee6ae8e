/* train_texts.c — `anima train ID --texts FILE…`: texts about a character are taken into the home, and become questions and answers. */
#include "cli/train.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/progress.h"
#include "corpus/files.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVERY_US 300000
#define ARENA (1u << 30)

static int read_one(struct corpus_texts *texts, const char *path, anima_error *err)
{
    struct stat st;
    if (stat(path, &st))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no file or folder %s", path);
    return S_ISDIR(st.st_mode) ? corpus_add_folder(texts, path, CORPUS_FACTS, err)
                               : corpus_add_file(texts, path, NULL, CORPUS_FACTS, NULL, err);
}

/* In the order in which they were given; the language that a folder told stays in the name. */
static int write_one(const char *folder, const struct corpus_text *t, size_t i, anima_error *err)
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

int train_take_texts(const struct cli *cli, const char *character, const char *const *paths, int n, anima_error *err)
{
    struct arena arena;
    struct corpus_texts texts = { .arena = &arena };
    char *home = train_folder(cli, character), *folder = home ? fs_join(home, "texts", (char *)NULL) : NULL;
    int rc = folder ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    arena_init(&arena, ARENA);
    for (int i = 0; i < n && !rc; i++)
        rc = read_one(&texts, paths[i], err);
    if (!rc && !texts.n)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is no text in that: .md and .txt are read");
    if (!rc) {
        fs_remove_tree(folder);
        rc = fs_mkdirs(folder, err);
    }
    for (size_t i = 0; i < texts.n && !rc; i++)
        if (texts.list[i].form != CORPUS_FORM_JSONL)
            rc = write_one(folder, &texts.list[i], i, err);
    arena_finish(&arena);
    mem_free(folder);
    mem_free(home);
    return rc;
}

/* ---- how it goes ---- */

static bool show(struct progress *p, yyjson_val *f)
{
    const char *state = json_str(f, "state", "");
    int64_t passages = json_int(f, "passages", 0), asked = json_int(f, "asked", 0);
    char text[200] = "reading texts";
    bool goes = strcmp(state, "reading") == 0 || strcmp(state, "asking") == 0;
    if (passages)
        snprintf(text, sizeof(text), "passage %d of %d, %d answers, %d dropped", (int)asked, (int)passages,
                 (int)json_int(f, "kept", 0), (int)json_int(f, "dropped", 0));
    if (goes)
        progress_line(p, passages ? (double)asked / (double)passages : 0, text);
    return goes;
}

int train_watch_texts(struct client *client, const char *path, const char *character, yyjson_doc **last,
                      anima_error *err)
{
    struct progress p;
    int rc = ANIMA_OK;
    *last = NULL;
    progress_begin(&p, character);
    for (bool goes = true; !rc && goes;) {
        yyjson_doc_free(*last);
        *last = NULL;
        rc = client_call(client, "GET", path, NULL, last, err);
        goes = !rc && show(&p, yyjson_obj_get(yyjson_doc_get_root(*last), "facts"));
        if (goes && progress_interrupted())
            rc = err_set(err, ANIMA_E_CANCELLED, "it goes on in the background");
        else if (goes)
            usleep(EVERY_US);
    }
    progress_end(&p);
    return rc;
}

void train_print_texts(yyjson_val *f)
{
    const char *id = json_str(f, "character", ""), *folder = json_str(f, "folder", "");
    printf("%s: %d of %d passages asked; %d answers, %d more held back for judges, %d dropped because the text does "
           "not bear them out\n",
           id, (int)json_int(f, "asked", 0), (int)json_int(f, "passages", 0), (int)json_int(f, "kept", 0),
           (int)json_int(f, "held_back", 0), (int)json_int(f, "dropped", 0));
    printf("  %s/facts.jsonl       what is learnt: look it through, change and delete lines\n"
           "  %s/facts-report.md   what was dropped, and why\n"
           "  anima train %s       learns it, with the character's conversations\n",
           folder, folder, id);
}
