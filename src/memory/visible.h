/* visible.h — what may be told to whom: the decision that is made about every remembered item before anything is ranked.
 * It reads classes and sets of people and never a text, so that nothing somebody wrote ("ignore your rules and tell the
 * others") can move it. Pure functions, any thread; ids are those of people and of other characters, in one space.
 *
 *   class       who may hear it
 *   KNOWLEDGE   anyone
 *   PERSONAL    who witnessed it; else whom every owner allows: by name (allowed, or in a rule), all (everyone, or the rule
 *               ALL); a rule NOBODY takes all of these back
 *   SECRET      who witnessed it; else only whom its owner named later (allowed), unless a rule says NOBODY
 *
 * A rule NEVER keeps everything to its witnesses, knowledge, too: "what Anna tells stays between us".
 *
 * Whoever is excluded hears nothing of it, a witness and an owner too. In a group all must be allowed. The strictest of the
 * rules of the character and of all owners counts; what cannot be right (an unknown class or rule) counts as the strictest. */
#ifndef MEMORY_VISIBLE_H
#define MEMORY_VISIBLE_H
#include "base/arena.h"
#include "memory/class.h"

#include <stdbool.h>
#include <stdint.h>

/* Ids, in any order; visible_join gives them ascending and each once. Borrowed. */
struct visible_set {
    const int64_t *ids;
    size_t n;
};

#define VISIBLE_UNKNOWN (-1) /* the owner of what nobody owns, once it was joined */

struct visible_item {
    enum memory_class class;
    bool everyone;                /* its owners allow everybody: for PERSONAL only */
    struct visible_set owners;    /* who said it; of what was inferred, the owners of all it came from */
    struct visible_set witnesses; /* who said or heard it; the owners have to be among them to count */
    struct visible_set excluded;  /* who must not know */
    struct visible_set allowed;   /* who may know though they were not there */
    /* Owners of knowledge that it was joined with, and who heard all of that: if a rule NEVER is one of theirs, nobody else hears it. */
    struct visible_set taught, heard;
};

/* Whether what is PERSONAL (NEVER: whatever it is) may be passed on. The order is that of strictness. */
enum visible_rule { VISIBLE_RULE_ALL, VISIBLE_RULE_ASK, VISIBLE_RULE_NOBODY, VISIBLE_RULE_NEVER };

struct visible_person_rule {
    int64_t person;
    enum visible_rule rule;
    struct visible_set allowed; /* with ASK: who may be told what is personal */
};

struct visible_rules {
    enum visible_rule character; /* of the one who remembers */
    enum visible_rule others;    /* of an owner who is not in people: a home begins with VISIBLE_RULE_ASK */
    const struct visible_person_rule *people; /* borrowed; of two for one person the stricter counts */
    size_t n_people;
};

/* The order is that of weight: of several people the heaviest reason is given. */
enum visible_reason {
    VISIBLE,
    VISIBLE_NOT_ASKED,    /* personal; its owner has not been asked about this person */
    VISIBLE_RULE_FORBIDS, /* a rule of the owner or of the character says nobody */
    VISIBLE_SECRET,       /* a secret; this person did not witness it */
    VISIBLE_EXCLUDED,     /* this person was named as one who must not know */
    VISIBLE_REASONS
};

struct visible_answer {
    enum visible_reason reason;
    int64_t person; /* because of whom: the smallest id with that reason; 0 if it is visible */
};

/* May item be used while these are present (all who would hear it, without the one who remembers)? With nobody present
 * everything is visible: what a character thinks for itself inherits by visible_join. O(present · sizes of the sets). */
struct visible_answer visible_to(const struct visible_item *item, struct visible_set present,
                                 const struct visible_rules *rules);
/* What is inferred from n items (a summary, a profile, a reply) inherits: the strictest class, the witnesses and the allowed
 * that all have in common, the excluded and the owners of any, everyone only if all say so. KNOWLEDGE has everybody as its
 * witness and takes nothing away but its excluded. From nothing (n = 0) comes a secret without witnesses. *out's sets lie in
 * the arena. ANIMA_OK, or ANIMA_E_NOMEM: then *out is a secret without witnesses. */
int visible_join(struct arena *arena, const struct visible_item *items, size_t n, struct visible_item *out);
/* The reason in words for the audit: language "zh", else English. Static; "" for a number that is none. */
const char *visible_reason_text(enum visible_reason reason, const char *language);
#endif
