/* people.h — who is in a book: whose twin it becomes, who is left out, who else. Pure functions.
 *
 *   A name means every author that bears it (twin_named). Whoever is left out is so under all names and addresses that an author of
 *   theirs has ("Bob <bob@example.org>" is also "Bob" and "bob@example.org"), but never the person whose twin it is. */
#ifndef TWIN_PEOPLE_H
#define TWIN_PEOPLE_H
#include "anima/anima.h"
#include "corpus/table.h"
#include "twin/record.h"

/* What the person says; borrowed. */
struct twin_choice {
    const char *const *me; /* names and addresses that are theirs */
    size_t n_me;
    const char *const *without; /* people, and titles of conversations */
    size_t n_without;
};

struct twin_author {
    const char *name;
    size_t records, talks; /* talks: conversations in which they wrote */
    bool me;
    bool out;
    bool told; /* an export says that these words are its owner's */
};

struct twin_people {
    struct arena *arena;
    struct twin_author *list; /* in the order in which they come */
    size_t n, max;
    struct corpus_table authors; /* mark: place in list, from 1 */
    struct corpus_table talks;   /* mark: 1 it is left out */
    bool asked;                  /* there are words of several people, so that somebody has to say whose twin it is */
    bool me;                     /* that is known */
};

/* Who is in the book, in the arena, which outlives people. ANIMA_E_NOT_FOUND: a name of the choice means nobody; the message has near
 * ones. */
int twin_people_find(struct arena *arena, const struct twin_book *book, const struct twin_choice *choice,
                     struct twin_people *people, anima_error *err);

enum twin_side {
    TWIN_ME,
    TWIN_OTHER,
    TWIN_OUT /* by somebody who is left out, or of a conversation that is */
};
enum twin_side twin_people_side(const struct twin_people *people, const struct twin_record *r);
/* Whether all of the record's conversation is left out. */
bool twin_people_talk_out(const struct twin_people *people, const struct twin_record *r);
/* NULL: the record has no author. */
const struct twin_author *twin_people_author(const struct twin_people *people, const struct twin_record *r);
/* The authors with the most records first; at most max, in out. */
size_t twin_people_top(const struct twin_people *people, const struct twin_author **out, size_t max);
/* The name of an author without its address, n bytes of it. */
size_t twin_people_name(const char *author);
#endif
