/* passage.h — a long text cut into passages, of which questions can be asked. Pure functions.
 *
 *   A passage is one to three whole sentences of one paragraph, under one heading. A paragraph is a line, an item of a list, or lines
 *   that were broken at the margin. Sections of references and links, tables, code and what stands above a blog's text ("---") are no
 *   prose. */
#ifndef CORPUS_PASSAGE_H
#define CORPUS_PASSAGE_H
#include "corpus/corpus.h"
#include "corpus/mask.h"
#include "corpus/table.h"

#define PASSAGE_SENTENCES 3
#define PASSAGE_TOKENS 90  /* about; a sentence that alone has more is a passage */
#define PASSAGE_BYTES 1200 /* a longer sentence is no sentence */
#define PASSAGES_MAX 20000

struct corpus_passage {
    const char *file;
    int line;             /* where it begins */
    const char *title;    /* of the text: its heading of the first level; "" without one */
    const char *heading;  /* under which it stands; "" without one */
    const char *text;     /* on one line, without marks; masked */
    const char *language; /* "zh", "en" */
    char key[33];         /* a hash of heading and text, in hex */
};

enum passage_left { PASSAGE_SHORT, PASSAGE_LONG, PASSAGE_DUPLICATE, PASSAGE_LEFT };

/* Start with { .arena = … }. */
struct corpus_passages {
    struct arena *arena;
    struct corpus_passage *list;
    size_t n, max;
    size_t left_out[PASSAGE_LEFT], masked[CORPUS_MASKS];
    struct corpus_table seen;
};

/* Adds those of a text: n bytes called file, for messages. language: "zh", "en", or NULL: each passage's own. ANIMA_E_INVALID: it is not
 * UTF-8. ANIMA_E_LIMIT. Without any passage it is no error. */
int corpus_passages_add(struct corpus_passages *passages, const char *file, const char *text, size_t n,
                        const char *language, anima_error *err);
const char *passage_left_name(enum passage_left why); /* "short", "long", "duplicate" */
#endif
