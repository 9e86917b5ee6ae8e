/* record.h — what somebody once wrote or was written to, out of an export of chats, mails, posts or notes: one record a message.
 * Readers (read.h) make records; people.h, talks.h and known.h make a twin of them. Docs: docs/training.md, "A twin". */
#ifndef TWIN_RECORD_H
#define TWIN_RECORD_H
#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

enum twin_kind {
    TWIN_MESSAGE, /* of a chat */
    TWIN_MAIL,
    TWIN_POST, /* to nobody in particular: a tweet, a toot */
    TWIN_TEXT, /* a note, a blog's page: whole sentences, the author is whoever's folder it is */
};

/* Everything is UTF-8 without control characters but \n, never NULL, and lives in the arena of its book. */
struct twin_record {
    enum twin_kind kind;
    int64_t at_ms; /* since 1970, UTC; 0: unknown */
    const char *
        talk; /* which conversation: the same string for all of its records, unique over all files; "" for posts and texts */
    const char *title;  /* what people call that conversation (a group's name, a mail's subject); "" if it has none */
    const char *author; /* the name or address as the export has it; "" for texts */
    const char *text;   /* without what was quoted */
    const char *file;   /* from the folder on */
    int line;           /* in it, from 1; 0: not known */
    int group;          /* more than two took part: 1, private: 0 (readers count the authors when the file is read) */
    int own;            /* the export itself says that its owner wrote it: 1 */
};

/* What became of a file. */
struct twin_file {
    const char *name;   /* from the folder on */
    const char *format; /* "whatsapp", "telegram", "mbox", …; "" if it was not recognised */
    size_t records;
    size_t notices;      /* system lines, media without words, deleted messages */
    const char *trouble; /* why it was not read, or not to its end; "" */
};

struct twin_book {
    struct arena *arena;         /* borrowed */
    struct twin_record *records; /* in the order of files and lines */
    size_t n_records, max_records;
    struct twin_file *files;
    size_t n_files, max_files;
};
#endif
