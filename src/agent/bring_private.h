/* bring_private.h — what bring_plan.c, bring_people.c and bring_pieces.c know of a plan in the making. */
#ifndef AGENT_BRING_PRIVATE_H
#define AGENT_BRING_PRIVATE_H
#include "agent/bring_plan.h"
#include "base/json.h"
#include "corpus/table.h"

/* When somebody speaks in a chat. */
struct bring_span {
    size_t person, messages;
    int64_t first_ms, last_ms;
    struct bring_span *next;
};

struct bring_talk {
    const char *key, *title;
    bool group, remembered;   /* remembered: of anima memory export */
    int64_t last_ms;          /* of what was looked at */
    struct bring_span *spans; /* also of those who only listen: 0 messages */
    size_t n_spans;
};

struct bring_author {
    const char *name; /* as the export has it */
    bool own, named;  /* named: person is known */
    size_t person;
};

struct bring_making {
    struct arena *arena;
    const struct bring_wish *wish;
    struct bring_plan *plan;
    struct corpus_table talks, authors, names; /* mark: place from 1 */
    struct bring_talk *list;
    size_t n_talks, max_talks;
    struct bring_author *writers;
    size_t n_writers, max_writers;
    int64_t now_ms;
};

/* Room for one more element behind n of a list in the arena; NULL: memory ran out. */
void *bring_grow(struct arena *arena, void *list, size_t n, size_t *max, size_t size);
/* bring_people.c; false: memory ran out. */
/* The place of the person of that name, n bytes as an export has them. */
bool bring_person_of(struct bring_making *m, const char *name, size_t n, size_t *place);
/* Who the authors are, whose words each line has, and what is known of it. ANIMA_E_NOT_FOUND, ANIMA_E_NOMEM. */
int bring_find_people(struct bring_making *m, anima_error *err);
/* bring_pieces.c: lines are in their order. False: memory ran out. */
bool bring_cut(struct bring_making *m);
/* The hash of several texts, ended by NULL, as n characters of an alphabet of 32 (n at most 32), with a NUL. */
void bring_hash(char *out, size_t n, const char *const *texts);
#endif
