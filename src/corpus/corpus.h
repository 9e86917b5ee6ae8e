/* corpus.h — conversations as text: what a person says and what a character answers, read from files of three forms. Pure
 * functions of the bytes.
 *
 *   .md     the talk form (share/corpus/README.md): "## title"; "> what the person says", below it the answer; a blank line in front
 *           of the next "> ". Lines that follow each other on one side are one message of several lines. A line "# …" in front of
 *           the first conversation is the file's heading.
 *   .jsonl  a JSON object a line: {"messages": [{"role", "content"}, …]}: maybe a system message, then user and assistant by turns.
 *   .txt    somebody's own words: every line that is not blank stands alone, and answers an opener of a written list (corpus_opener). */
#ifndef CORPUS_CORPUS_H
#define CORPUS_CORPUS_H
#include "anima/anima.h"
#include "base/arena.h"

#define CORPUS_MAX_FILE (16u << 20) /* bytes of a file */
#define CORPUS_MAX_LINE (16u << 10) /* bytes of a line, and of a message */
#define CORPUS_MAX_MESSAGES 64      /* of one conversation */
#define CORPUS_LANGUAGES 2

enum corpus_form { CORPUS_FORM_TALK, CORPUS_FORM_JSONL, CORPUS_FORM_LINES, CORPUS_FORMS };

/* What the words are for: the character's own, the base of people talking, what keeps the skills, the character's answers made of texts
 * about it (agent/learn.h). */
enum corpus_source { CORPUS_OWN, CORPUS_TALK, CORPUS_REPLAY, CORPUS_FACTS, CORPUS_SOURCES };

/* A file. Everything is borrowed. */
struct corpus_text {
    const char *name; /* for messages and reports: "talk/zh/01-small-talk.md" */
    const char *data;
    size_t n;
    enum corpus_form form;
    enum corpus_source source;
    const char *language; /* "zh", "en"; NULL: each conversation's own */
};

struct corpus_message {
    const char *role; /* "system", "user", "assistant" */
    const char *text; /* "" for an answer that nobody gave */
    int line;         /* of the file, from 1 */
};

/* Maybe a system message, then user and assistant by turns; the last is an assistant's. n ≥ 2. */
struct corpus_conversation {
    const char *title;    /* "" without one */
    const char *file;     /* the text's name, borrowed */
    int line;             /* where it begins */
    const char *language; /* the text's, or that of its answers */
    struct corpus_message *messages;
    size_t n;
    struct corpus_conversation *next;
};

/* By the end of a file's name. ANIMA_E_INVALID for another one. */
int corpus_form_of(const char *name, enum corpus_form *out, anima_error *err);
/* The conversations of a text in their order, in the arena; *out is NULL for a text without one. ANIMA_E_INVALID and ANIMA_E_LIMIT
 * name file and line. */
int corpus_read(struct arena *arena, const struct corpus_text *text, struct corpus_conversation **out,
                anima_error *err);
/* Of a character's own conversations in one language, counted from 0 in the order of the files: those that never get into training,
 * so that judges can measure against them. */
bool corpus_held_back(size_t index);
/* Whether a file of a character's own tells its life, fact by fact, from many sides (NN-own-life-N.md), or who it is and is not
 * (NN-own-name.md): such ones are all learnt, several times, and none is held back, since what is asked about them is written elsewhere. */
bool corpus_tells_life(const char *name);
/* Whether it asks for that life in many other words (NN-own-life-asked.md), which is long, and learnt last. */
bool corpus_asks_life(const char *name);
/* 0 for "zh", 1 for everything else: an index for CORPUS_LANGUAGES. */
size_t corpus_language(const char *language);
const char *corpus_language_name(size_t i);                /* "zh", "en" */
const char *corpus_source_name(enum corpus_source source); /* "own", "talk", "replay", "facts" */
/* What the person says in front of a line that stands alone: always the same for the same line. */
const char *corpus_opener(const char *line, const char *language);
#endif
