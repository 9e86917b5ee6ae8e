/* lore_entry.h — one entry of a book of lore as the card has it (lore_entry.c), for lore.c. */
#ifndef CARD_LORE_ENTRY_H
#define CARD_LORE_ENTRY_H
#include "base/pattern.h"
#include "card/lore.h"

struct lore_key {
    char *text;
    struct pattern *pattern; /* NULL: plain text */
};

struct lore_keys {
    struct lore_key *all;
    size_t n;
};

struct lore_entry {
    struct lore_keys keys, secondary, excluded;
    char *content; /* decorators taken off */
    bool enabled, constant, selective, case_sensitive, activate, never;
    int priority, order, depth, scan_depth; /* -1: the book's */
    enum lore_place place;
    const char *role;
    int after, every, greeting;  /* replies before it applies; each so many; only with that greeting: -1 */
    bool stays, once;            /* once it has applied: it does from then on; never again */
    bool positioned, expendable; /* its place was named; it goes first when there is no room */
    bool hit;                    /* found in the search under way */
};

/* *room: bytes that expressions may still take; what they take is subtracted. On an error *e is to be freed all the same. */
int lore_entry_read(struct lore_entry *e, yyjson_val *v, size_t *room, anima_error *err);
void lore_entry_free(struct lore_entry *e);
#endif
