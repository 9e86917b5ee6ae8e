/* memories_private.h — what memories.c, memories_read.c and memories_class.c know of what is remembered. Loop thread. */
#ifndef AGENT_MEMORIES_PRIVATE_H
#define AGENT_MEMORIES_PRIVATE_H
#include "agent/memories.h"

#include "base/places.h"
#include "memory/class.h"
#include "memory/facts.h"
#include "memory/visible.h"

#define MARKS_AT_ONCE 80 /* classes that are written together, at most */
#define EMBED_AT_ONCE 8  /* texts: a sentence that somebody waits for comes between */

/* Whom some items may be told: all that decides it is the same. */
struct audience {
    char *key;
    struct visible_item item;
    int64_t *ids; /* those of its sets */
};

/* What one character remembers. While it is behind, nothing of it but that and its name is touched. */
struct mind {
    char *character;
    struct memory_index index;
    int64_t last, gone;         /* the last id that is in it; up to which place what went was looked at */
    struct audience *audiences; /* by their numbers in the index */
    size_t n_audiences, max_audiences;
    struct places known; /* audiences by the hash of their keys */
    bool *told;
    bool behind; /* far: it waits for the other thread, or that thread has it */
    struct mind *next;
};

struct asked;       /* memories_door.c */
struct audit;       /* memories_refused.c */
struct catching_up; /* memories_read.c */

struct rule_list {
    struct store_rule *list;
    size_t n, max;
};

struct memories {
    anima_home *home;
    struct asked *asked;  /* what would come to mind, under way */
    struct audit *audits; /* what was not told, under way */
    struct classifier *classifier;
    struct fact_reader *facts;
    struct words *words;
    struct recall *recall;
    struct mind *minds;
    struct catching_up *away; /* the mind that the other thread has */
    struct memories_waiter *waiters;
    struct loop_timer *timer;
    struct engine_job *job;
    struct store_memory_vector waiting[EMBED_AT_ONCE]; /* whose vectors are under way */
    size_t n_waiting;
    bool held;                     /* they came, and are kept when nothing is being read */
    int64_t marked[MARKS_AT_ONCE]; /* whose classes are under way */
    size_t n_marked;
    bool writing;           /* vectors or classes, to the disk */
    bool told;              /* that the model is missing */
    struct rule_list rules; /* what people set (memories_rules.c), as it is in the store, or on its way there */
};

#define MEMORIES_WITNESSES 64 /* that are named */
/* memories_door.c: an item as people see it. names: room for MEMORIES_WITNESSES. Everything is borrowed: from item, or from the home. */
anima_memory memories_describe(const anima_home *home, const struct store_memory *item, const char **names);
/* memories_door.c: "knowledge", "personal", "secret"; "unread": nobody has looked yet. */
const char *memories_class_name(int class);
/* memories_door.c: whoever still waits is told that the home is being closed. */
void memories_end_asked(struct memories *all);
void memories_end_audits(struct memories *all); /* memories_refused.c */
/* memories.c: what that character remembers; NULL: nobody has asked for it yet. */
struct mind *memories_mind(struct memories *all, const char *character);
/* Nothing is read any more, or something was written: what waited for that goes on. */
void memories_resume(struct memories *all);
/* memories_read.c: minds that wait for the other thread, or are with it. */
size_t memories_behind(const struct memories *all);
void memories_read_on(struct memories *all);
/* The home is being closed, and no thread reads any more: what one still has to report goes nowhere. */
void memories_leave(struct memories *all);
/* memories_class.c */
/* The audience of an item, as a number of this mind; UINT32_MAX: out of memory. */
uint32_t memories_audience_of(struct mind *m, const struct store_memory *item);
void memories_audiences_free(struct mind *m);
/* Why an audience may not be told: of a number of the index. Valid until the next call. */
struct visible_answer memories_refusal(struct memories *all, const char *character, uint32_t audience,
                                       const int64_t *people, size_t n_people);
/* memories_rules.c: the rules that hold for a character. The lists lie in the arena. ANIMA_E_NOMEM. */
int memories_rules(const struct memories *all, const char *character, struct arena *arena, struct visible_rules *out);
int memories_rules_read(struct memories *all, anima_error *err);
/* Looks at what nobody has looked at yet, one conversation at a time. False: there is nothing left, or it has to wait for the store. */
bool memories_classify(struct memories *all);
#endif
