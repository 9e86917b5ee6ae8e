/* make_private.h — the files of a twin before they are written. */
#ifndef TWIN_MAKE_PRIVATE_H
#define TWIN_MAKE_PRIVATE_H
#include "twin/make.h"

struct twin_out {
    const char *name; /* from the character's folder on */
    struct buf data;
    bool same; /* it lies there with these bytes already */
    bool kept; /* a person edited it, and it stays */
    char sha256[65];
};

struct twin_outs {
    struct arena *arena;
    struct twin_out *list;
    size_t n, max;
};

/* All but twin.json. ANIMA_E_NOMEM. */
int twin_outs_fill(struct twin_outs *outs, const struct twin_plan *plan, anima_error *err);
void twin_outs_finish(struct twin_outs *outs);
/* Whether a file stays as a person edited it. */
bool twin_outs_kept(const char *name);
#endif
