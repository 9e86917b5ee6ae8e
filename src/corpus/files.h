/* files.h — the files of a corpus on the disk, read in a fixed order. Any thread. */
#ifndef CORPUS_FILES_H
#define CORPUS_FILES_H
#include "corpus/corpus.h"

#define CORPUS_MAX_FILES 1000

/* A list that grows in an arena. Start with { .arena = … }. */
struct corpus_texts {
    struct arena *arena;
    struct corpus_text *list;
    size_t n, max;
};

/* Adds one file (.md, .jsonl, .txt). language NULL: each conversation's own. Messages and reports call it name, or NULL: its path. */
int corpus_add_file(struct corpus_texts *texts, const char *path, const char *name, enum corpus_source source,
                    const char *language, anima_error *err);
/* Adds the files of dir/zh, of dir/en, and those that lie in dir itself, in the order of their names' bytes; of the last "zh.…" and
 * "en.…" are of that language. Hidden files, README.md and files of other kinds are left out; a folder that is not there has none.
 * They are named from dir's last part on: "talk/zh/01-small-talk.md". */
int corpus_add_folder(struct corpus_texts *texts, const char *dir, enum corpus_source source, anima_error *err);
/* The names of those files that lie in dir itself, sorted, in the arena; *n is 0 for a folder that is not there. */
int corpus_names(struct arena *arena, const char *dir, char ***out, size_t *n, anima_error *err);
#endif
