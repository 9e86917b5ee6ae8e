/* memories.h — what the characters of a home remember: an index for each (memory/index.h), made from the store when somebody visits
 * them and kept in step with it, and the vectors of what was said, computed while nobody waits. Nothing depends on
 * the embedding model: without it things are found by their words, and when it comes back what is missing is made. Loop thread. */
#ifndef AGENT_MEMORIES_H
#define AGENT_MEMORIES_H
#include "memory/recall.h"
#include "agent/state.h"

struct memories;
int memories_create(anima_home *home, struct memories **out, anima_error *err);
void memories_destroy(struct memories *all); /* NULL is legal */

/* The index of a character, with everything that is written by now. NULL: out of memory; the store cannot be read; ANIMA_E_BUSY: much has
 * to be read, which another thread does now. Valid until control returns to the loop. */
struct memory_index *memories_index(struct memories *all, const char *character, anima_error *err);
/* The same as it was when it was asked for last; NULL: it never was, or is being read. */
struct memory_index *memories_there(struct memories *all, const char *character);
/* Somebody is with this character and may soon say something: what it remembers is read. all NULL is legal. */
void memories_visit(struct memories *all, const char *character);
/* Is told whenever another thread is done with reading, or gave it up; must not begin or end any waiting then. */
struct memories_waiter {
    loop_fn *there;
    void *ctx;
    struct memories_waiter *next;
};
void memories_await(struct memories *all, struct memories_waiter *waiter);
void memories_unawait(struct memories *all, struct memories_waiter *waiter); /* also of one that does not wait */
/* Something was said: what it means is computed soon. */
void memories_notice(struct memories *all);
/* By the numbers of the index: whether what those heard may be told while these people are there. Valid until the next call. */
const bool *memories_audiences(struct memories *all, const char *character, const int64_t *people, size_t n_people,
                               size_t *n);
/* Whether a person set that nothing of what they tell this character is passed on (the rule "never"). */
bool memories_never(const struct memories *all, const char *character, int64_t person);
/* The number of a conversation in an index. */
int64_t memories_conversation(const char *id);
anima_home *memories_home(const struct memories *all);
struct words *memories_words(struct memories *all);
struct recall *memories_recall(struct memories *all);
struct fact_reader *memories_facts(struct memories *all);
#endif
