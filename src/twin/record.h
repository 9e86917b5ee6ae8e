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
    /* Which conversation: the same string for all of its records, unique over all files; "" for posts and texts. */
    const char *talk;
    const char *title; /* what people call it (a group's name, a mail's subject, a text's file); "" if it has none */
    /* As the export has it: a name, an address, or both, "Name <address>" (twin_named); "" for texts, and where an export does not
     * name its owner, whose records are own. */
    const char *author;
    /* Who takes part by what the export says, also without a word: who gets a mail, members of a chat. In the forms of author, one a
     * line; "" if it does not say. */
    const char *with;
    const char *text; /* without what was quoted */
    const char *file; /* from the folder on */
    int line;         /* in it, from 1; 0: not known */
    int group;        /* more than two take part: 1, private: 0; known when the reading has ended */
    int own;          /* the export itself says that its owner wrote it: 1 */
    int character;    /* the export itself says that a character said it: 1 */
    /* Of what a character remembers (anima memory export): a JSON object {of, class, everyone, pinned, excluded, allowed, witnesses}; "" */
    const char *memory;
};

/* What became of a file. */
struct twin_file {
    const char *name;   /* from the folder on */
    const char *format; /* "whatsapp", "telegram", "mail", …; "" if it was not recognised */
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
