/* support_private.h — what the tests of support.h share: the words of a text that say something, and its clauses. */
#ifndef CORPUS_SUPPORT_PRIVATE_H
#define CORPUS_SUPPORT_PRIVATE_H
#include "corpus/support.h"

#define HAS(text, list) true_has(text, list, sizeof(list) / sizeof((list)[0]))

/* A Chinese character, or a word in Latin letters or digits. */
struct atom {
    const char *at;
    size_t n;
    bool chinese, common; /* common: every talk is made of it */
};

/* The next one from byte *at on; false at the end. */
bool atom_next(const char *text, size_t *at, struct atom *out);
/* Whether it occurs in a text; a word maybe in another form. */
bool atom_in(const struct atom *a, const char *text);

/* The next clause of text: its bytes, 0 at the end. sentence: a whole sentence instead. */
size_t clause_next(const char *text, size_t *at, bool sentence);

/* Says a relative, a friend, a landlord …: somebody else. */
bool support_other(const char *text);
/* One that is in text and not in source; NULL: none. */
const char *support_stranger(const char *text, const char *source);
/* SUPPORT_OK, _NOT or _WHOSE: the answer clause by clause against the one of the passage that it is most like. */
enum support_doubt support_clauses(struct arena *arena, const struct support_source *source, const char *answer,
                                   const char **what);
#endif
