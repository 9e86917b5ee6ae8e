/* cast.h — all characters of a home: those in its own folder, and those that come with anima. An own one wins over one of the
 * same name that comes along. The cast changes while the home is open: what is replaced or removed is not found any more, but
 * lives until cast_finish, because pointers to it are out. One thread. */
#ifndef AGENT_CAST_H
#define AGENT_CAST_H
#include "agent/character.h"

/* A folder that could not be read, as it was then: said once, and tried again when it has changed. */
struct cast_bad {
    char id[65];
    uint64_t stamp;
};

struct cast {
    struct character **all; /* ordered by id */
    size_t n;
    struct character **gone;
    size_t n_gone;
    struct cast_bad *bad;
    size_t n_bad;
};

/* Reads every folder of dir (one that does not exist has none). A folder that cannot be read is logged and left out, so that
 * one mistake does not take the others along. */
int cast_load(struct cast *cast, const char *dir, bool own, const char *language, anima_error *err);
/* Reads a folder of dir, if it is new or has changed. 1: there is another character now; 0: nothing has changed, or it cannot
 * be read (logged) and stays as it was. ANIMA_E_NOMEM. */
int cast_look(struct cast *cast, const char *dir, const char *id, bool own, const char *language);
/* Takes c in, in place of one with its id. */
int cast_put(struct cast *cast, struct character *c, anima_error *err);
/* Takes one out; false: memory ran out, and it stays. */
bool cast_take(struct cast *cast, const char *id);
const struct character *cast_find(const struct cast *cast, const char *id);
/* One that is called so; NULL: nobody. */
const struct character *cast_named(const struct cast *cast, const char *name);
void cast_finish(struct cast *cast);
#endif
