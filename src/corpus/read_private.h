/* read_private.h — what the three readers share: lines with their numbers, and conversations in the making. */
#ifndef CORPUS_READ_PRIVATE_H
#define CORPUS_READ_PRIVATE_H
#include "base/buf.h"
#include "corpus/corpus.h"

struct corpus_reader {
    struct arena *arena;
    const struct corpus_text *text;
    anima_error *err;
    int line;  /* the one being read */
    int blank; /* the last one that was */
    struct corpus_conversation *now;
    struct corpus_conversation **list, **end; /* the first one, and where the next one goes */
    struct corpus_message messages[CORPUS_MAX_MESSAGES];
    size_t n;
    struct buf open; /* the message that may still grow */
};

/* Takes blanks off both ends. */
void corpus_trim(const char **s, size_t *n);
/* Sets the error "FILE, line N: …"; returns its code. */
int corpus_fault(struct corpus_reader *r, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A message of role (a literal) that begins on the line being read; text is copied. */
int corpus_put(struct corpus_reader *r, const char *role, const char *text, size_t n);
/* One more line of the last message. */
int corpus_join(struct corpus_reader *r, const char *text, size_t n);
/* The role of the last message; "" in front of the first. */
const char *corpus_last(const struct corpus_reader *r);
/* Begins a conversation on the line being read; end_… puts it into the list. */
int corpus_begin(struct corpus_reader *r, const char *title, size_t n);
int corpus_end(struct corpus_reader *r);

/* One line each, without its end; corpus_read calls them. */
int corpus_talk_line(struct corpus_reader *r, const char *line, size_t n);
int corpus_jsonl_line(struct corpus_reader *r, const char *line, size_t n);
int corpus_own_line(struct corpus_reader *r, const char *line, size_t n);
#endif
