/* bring_plan.h — the records of a book (twin/record.h) as the conversations that an import brings: whose words they are, who heard them,
 * under which ids. Pure functions.
 *
 *   A chat is cut where a month ends (UTC) and behind BRING_PIECE messages. Messages are in the order of their times; one without a
 *   time has that of the one before it. Posts and texts were said to nobody in particular: they are left out.
 *   Who heard it: whose chat it is, a private one's both sides, and who gives it to the character. In a group who had spoken by then; who
 *   wrote before a piece begins and after it ends was there all the time. In doubt not. At most BRING_HEARD are counted.
 *   What a character remembers (anima memory export) keeps its witnesses and classes, and nobody is added.
 *
 * A message's key is a hash of its chat, its time and its words (and of how many equal ones are before it), so that another export of the
 * same chat does not bring it twice; the import's id is one of all keys, so that the same files are the same import. */
#ifndef AGENT_BRING_PLAN_H
#define AGENT_BRING_PLAN_H
#include "anima/anima.h"
#include "twin/record.h"

#define BRING_PIECE 2000
#define BRING_HEARD 64

/* What is asked for; borrowed. */
struct bring_wish {
    const char *character; /* its id */
    const char *giver;     /* the person who gives it */
    const char *me;        /* a name in it that is the giver's; "": only what the export says itself */
};

struct bring_person {
    const char *name; /* as a home takes it: 1..64 bytes */
    size_t messages;
    bool speaks; /* or listens only */
    int64_t id;  /* the caller's */
};

struct bring_set {
    const size_t *people; /* places */
    size_t n;
};

/* What a message tells, as it was known where it comes from. */
struct bring_mark {
    int class; /* -1: nobody had looked yet */
    bool everyone, pinned;
    struct bring_set excluded, allowed, witnesses;
};

struct bring_line {
    const struct twin_record *record;
    int64_t at_ms;
    size_t talk, order, person;    /* person: place in people */
    bool character;                /* the character said it */
    const struct bring_mark *mark; /* or NULL */
    char key[33];
};

struct bring_heard {
    size_t person;
    int64_t since; /* the message of the piece, from 1 */
};

struct bring_piece {
    char id[24], part[48], title[128];
    size_t first, n; /* lines */
    const struct bring_heard *heard;
    size_t n_heard;
};

struct bring_plan {
    char id[24];
    struct bring_person *people; /* the first one is the giver */
    size_t n_people, max_people;
    struct bring_line *lines;
    size_t n_lines;
    struct bring_piece *pieces;
    size_t n_pieces, max_pieces;
    size_t chats;
    size_t of_character; /* messages */
    size_t left_out;     /* posts and texts; what another character remembers */
    int64_t first_ms, last_ms;
};

/* In the arena; texts are the book's. now_ms: for a chat without any time. ANIMA_E_NOT_FOUND: `me` means nobody, or nobody says
 * anything in it. ANIMA_E_NOMEM. */
int bring_plan_make(struct arena *arena, const struct twin_book *book, const struct bring_wish *wish, int64_t now_ms,
                    struct bring_plan *out, anima_error *err);
#endif
