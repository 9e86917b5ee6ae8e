/* probes.h — the questions with which a trained character is measured: what nobody says in a lesson. Any thread. */
#ifndef CORPUS_PROBES_H
#define CORPUS_PROBES_H
#include "anima/anima.h"
#include "base/arena.h"

/* Grows in an arena. Start with { 0 }. */
struct corpus_words {
    const char **list;
    size_t n, max;
};

/* Adds what is asked in a file of share/probes, or in a character's facts.LANG.jsonl: the "text", "q" and "lines" of each line. The labels
 * of a judge ("context") ask nothing; any other line is an error, which names file and line. */
int corpus_probes(struct arena *arena, const char *jsonl, size_t n, const char *name, struct corpus_words *out,
                  anima_error *err);
/* The same of all files PREFIX….jsonl of a folder ("" for share/probes, "facts." for a character's); one that is not there has none. */
int corpus_add_probes(struct arena *arena, const char *dir, const char *prefix, struct corpus_words *out,
                      anima_error *err);
#endif
