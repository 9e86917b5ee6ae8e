/* train_texts.c — `anima train ID --texts FILE…`: texts about a character are taken into the home, and become questions and answers. */
#include "cli/train.h"

#include "base/err.h"
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVERY_US 300000

static int read_one(struct corpus_texts *texts, const char *path, anima_error *err)
{
    struct stat st;
    if (stat(path, &st))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no file or folder %s", path);
    return S_ISDIR(st.st_mode) ? corpus_add_folder(texts, path, CORPUS_FACTS, err)
                               : corpus_add_file(texts, path, NULL, CORPUS_FACTS, NULL, err);
}

/* Messages tell nothing about a character: a folder may have them, too. */
static void leave_messages(struct corpus_texts *texts)
{
    size_t n = 0;
    for (size_t i = 0; i < texts->n; i++)
        if (texts->list[i].form != CORPUS_FORM_JSONL)
            texts->list[n++] = texts->list[i];
    texts->n = n;
}

int train_take_texts(const struct cli *cli, const char *character, const char *const *paths, int n, anima_error *err)
{
    struct arena arena;
    struct corpus_texts texts = { .arena = &arena };
    int rc = ANIMA_OK;
    arena_init(&arena, TRAIN_TEXTS_ARENA);
    for (int i = 0; i < n && !rc; i++)
        rc = read_one(&texts, paths[i], err);
    leave_messages(&texts);
    if (!rc && !texts.n)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is no text in that: .md and .txt are read");
    if (!rc)
        rc = train_put_texts(cli, character, "texts", &texts, err);
    arena_finish(&arena);
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
