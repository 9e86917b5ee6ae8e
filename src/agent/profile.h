/* profile.h — what a character knows of one person: the facts that they told it (memory/facts.h), as far as those who are there may hear
 * them, and which of them hold. Made from the store when it is asked for. Loop thread. */
#ifndef AGENT_PROFILE_H
#define AGENT_PROFILE_H
#include "agent/memories.h"
#include "memory/facts.h"

struct recollection_question;

/* Where a fact of the list was told. */
struct profile_source {
    int64_t id, seq, at_ms; /* id: of the fact */
    char conversation[24];
    int class;
    uint32_t audience;
};

struct profile {
    struct fact_said *list; /* merged, the oldest first; place: of its source */
    struct profile_source *sources;
    size_t n, max, max_sources;
};

/* people NULL: whatever was told (for the home's owner; home->memories may be NULL then). Else only what all of these may hear; the
 * character's index was asked for before (memories_index). Ended by profile_finish, also without ANIMA_OK. */
int profile_read(anima_home *home, const char *character, int64_t person, const int64_t *people, size_t n_people,
                 struct profile *out, anima_error *err);
void profile_finish(struct profile *p);
const struct profile_source *profile_source(const struct profile *p, const struct fact_said *said);

/* The k best for somebody who says that, best first, as places of the list: what the message has to do with, or, if it asks nothing of
 * what is known (asked false), what tells most. What is in sight is left out. Returns how many. */
struct profile_wish {
    const struct recollection_question *question; /* with its message */
    int64_t now_ms;
    bool asked;
};
size_t profile_choose(const struct profile *p, const struct profile_wish *wish, size_t *out, size_t k);

/* What a turn states about that (its about, whose, topic); NULL: nothing that is known. */
const struct fact_said *profile_find(const struct profile *p, const char *conversation, int64_t seq,
                                     const struct fact *fact);
/* What came last in its place, or itself. */
const struct fact_said *profile_last(const struct profile *p, const struct fact_said *said);
/* Whether it came in the place of another. */
bool profile_replaces(const struct profile *p, const struct fact_said *said);
#endif
