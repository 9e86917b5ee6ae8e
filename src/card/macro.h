/* macro.h — the {{macros}} of character cards: V3's (char, user, random, pick, roll, reverse, comment, hidden_key, "//")
 * and those of SillyTavern that cards use (time, date, weekday, isotime, isodate, newline, trim, noop; "::" as well as ":"
 * before arguments). Names are case-insensitive. A macro that is not known stays as it is. What a macro yields is not
 * looked at again, so that nothing can grow without end; arguments may hold macros, MACRO_MAX_DEPTH deep.
 * Pure functions. */
#ifndef CARD_MACRO_H
#define CARD_MACRO_H
#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define MACRO_MAX_DEPTH 8

struct macro_scene {
    const char *character, *user;
    int64_t now_ms;   /* wall clock */
    int offset_min;   /* of the local time to UTC */
    uint64_t seed;    /* decides pick: the same for a conversation */
    uint64_t *random; /* state of random and roll, changed by each; never 0 */
    bool keys;        /* {{hidden_key:…}} yields its text (for the search through a lorebook) instead of nothing */
};

/* Appends text with its macros replaced. 0, or out->failed. */
int macro_expand(const char *text, const struct macro_scene *scene, struct buf *out);
#endif
