/* documents.h — what the characters of a home were given to read: for each of them a shelf, made from the store when somebody visits it and made
 * anew when something came or went, and the vectors of passages, computed while nobody waits. Without the embedding model passages are found by
 * their words. Much is read by another thread. Loop thread.
 *
 * Who may be told of a document is decided before anything is searched, by who gave it, for whom (memory/visible.h), and who is there; nothing
 * that stands in one has any part in that. */
#ifndef AGENT_DOCUMENTS_H
#define AGENT_DOCUMENTS_H
#include "agent/state.h"
#include "document/place.h"
#include "memory/recall.h"

struct documents;
/* Behind memories_create: what it searches with is theirs. */
int documents_create(anima_home *home, struct documents **out, anima_error *err);
void documents_destroy(struct documents *all); /* NULL is legal */
/* Somebody is with this character: what it was given is read. all NULL is legal. */
void documents_visit(struct documents *all, const char *character);
/* Whether it was given anything, as far as that is known; what is not read yet may be something. */
bool documents_any(struct documents *all, const char *character);
/* Something came or went: shelves are read anew when they are needed next, and what passages mean is computed soon. */
void documents_notice(struct documents *all);
/* The shelf of a character can be asked; else it is being read. ANIMA_E_BUSY is not an error then: ask again. */
int documents_ready(struct documents *all, const char *character, anima_error *err);

/* Is told whenever a shelf was read, or that was given up; must not begin or end any waiting then. */
struct documents_waiter {
    loop_fn *there;
    void *ctx;
    struct documents_waiter *next;
};
void documents_await(struct documents *all, struct documents_waiter *waiter);
void documents_unawait(struct documents *all, struct documents_waiter *waiter); /* also of one that does not wait */

#define DOCUMENTS_MOST 8 /* passages that are found */
#define DOCUMENTS_TOLD 3 /* of them, at most */

struct documents_hit {
    int64_t passage;
    float score;
    bool told;              /* near enough, or asked for by its place, to be told in a prompt */
    char *text;             /* without its heading */
    char *document, *title; /* which one */
    char *within_number, *within_title, *number, *section; /* where in it; each may be "" */
    int page, first, last;
    int64_t start, end;
};
struct documents_found {
    struct documents_hit hits[DOCUMENTS_MOST]; /* the best first; of a place without more, in the order of the text */
    size_t n;
    bool pointed; /* the message names a document or a place in one */
};
void documents_found_finish(struct documents_found *found);

struct documents_question {
    const char *character, *message;
    const int8_t *row; /* what the message means; NULL: nobody knows */
    float factor;
    const int64_t *people; /* who is there; none: the home's owner looks, who may see everything */
    size_t n_people;
};
/* Looks in what is read by now; a shelf that is not read finds nothing. recall, words: borrowed. */
int documents_find(struct documents *all, const struct documents_question *question, struct documents_found *out,
                   anima_error *err);
/* The place of a passage of the store in words, for hits and for what was told. Fills all but score and told; false: out of memory, or its document
 * is gone. */
bool documents_describe(struct store *store, const struct store_passage *passage, struct documents_hit *out);
void documents_hit_finish(struct documents_hit *hit);
#endif
