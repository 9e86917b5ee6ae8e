/* train.h — what the files of `anima train` share. */
#ifndef CLI_TRAIN_H
#define CLI_TRAIN_H
#include "cli/cli.h"
#include "cli/client.h"
#include "corpus/files.h"

#define TRAIN_TEXTS_ARENA (1u << 30)

/* The home's folder for what is trained of a character; yours to mem_free. */
char *train_folder(const struct cli *cli, const char *character);
/* Writes texts into the folder of that name in train_folder, in place of what is there; they are read already, so they may come from it. */
int train_put_texts(const struct cli *cli, const char *character, const char *name, const struct corpus_texts *texts,
                    anima_error *err);
/* Puts files of the person's own beside the lessons: they are read with the character's texts, in place of those given before. */
int train_take_files(const struct cli *cli, const char *character, const char *const *files, int n, anima_error *err);
/* Takes texts about the character (files and folders) in place of those that were taken before. */
int train_take_texts(const struct cli *cli, const char *character, const char *const *paths, int n, anima_error *err);
/* Shows how they are asked until that is over, or somebody presses Ctrl-C (ANIMA_E_CANCELLED). path: of the API. *last: the last answer;
 * yours to yyjson_doc_free; or NULL. */
int train_watch_texts(struct client *client, const char *path, const char *character, yyjson_doc **last,
                      anima_error *err);
/* What came of it, and what to do next. */
void train_print_texts(yyjson_val *facts);
/* Takes a file of lessons in place of those that are there. */
int train_take_lessons(const struct cli *cli, const char *character, const char *file, anima_error *err);
/* Copies the adapter's files of a character into dir/adapters. */
int train_copy_adapter(const struct cli *cli, const char *character, const char *adapter, const char *dir,
                       anima_error *err);
/* The start of the report that people read, up to its list of what was left out. */
void train_print_report(const struct cli *cli, const char *character);

/* How a training came out. */
struct train_end {
    char state[24], message[600], adapter[80];
    int code;
    yyjson_doc *last; /* the last answer; yours to yyjson_doc_free; or NULL */
};
/* Whether a training in this state (of the API) is one that nobody computes. */
bool train_is_over(const char *state);
/* Shows how it goes until it is over (ANIMA_OK), or somebody presses Ctrl-C (ANIMA_E_CANCELLED). report: prints its start when the
 * lessons are made. */
int train_watch(const struct cli *cli, struct client *client, const char *character, bool report, struct train_end *out,
                anima_error *err);
/* One line: how it stands. */
void train_print_state(const struct cli *cli, yyjson_val *training);
#endif
