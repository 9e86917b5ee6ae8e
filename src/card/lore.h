/* lore.h — the book of lore of a card (character_book): pieces of knowledge that are put beside the conversation when a key
 * occurs in its last messages. Fields of V2, decorators of V3 ("@@depth 4" at the head of an entry's content), regular
 * expressions (PCRE2; "/pattern/flags" as a key, or use_regex) under limits of time and memory.
 * Foreign input: counts and sizes are limited; an expression that needs too long does not match, and says so once.
 * Pure but for the compiled expressions, which the lore owns. One thread at a time. */
#ifndef CARD_LORE_H
#define CARD_LORE_H
#include "anima/anima.h"
#include "base/json.h"

#define LORE_MAX_ENTRIES 5000
#define LORE_MAX_KEYS 200       /* of an entry */
#define LORE_MAX_RECURSION 8    /* rounds in which what was found is searched, too */
#define LORE_DEFAULT_SCAN 4     /* messages */
#define LORE_DEFAULT_BUDGET 400 /* tokens */

struct lore;

/* An entry that is wrong (its expression, its keys) is left out, and lore_complaints says so; the others stay. */
int lore_parse(yyjson_val *book, struct lore **out, anima_error *err);
/* What was left out and why, a line each (the first few); "" if nothing was. Borrowed. */
const char *lore_complaints(const struct lore *lore);
void lore_free(struct lore *lore);
size_t lore_size(const struct lore *lore);

struct lore_message {
    const char *text;
    bool character; /* said by the character */
};

struct lore_scene {
    const struct lore_message *messages; /* oldest first */
    size_t n;
    int greeting; /* number of the greeting in use, -1: none or unknown */
    int (*count_tokens)(const char *text, size_t n, void *ctx);
    void *ctx;
};

enum lore_place { LORE_BEFORE, LORE_AFTER, LORE_AT_DEPTH }; /* of the persona; so many messages from the end */

struct lore_hit {
    const char *content; /* without decorators; borrowed from the lore */
    enum lore_place place;
    bool always; /* whatever is said: it may stand where it does not move */
    int depth;
    const char *role; /* "system", "user" or "assistant" */
    int order;
};

/* The entries that apply now, within the token budget (those of the highest priority, then of the lowest order, first),
 * sorted by order. At most max. */
int lore_find(struct lore *lore, const struct lore_scene *scene, struct lore_hit *hits, size_t max, size_t *n,
              anima_error *err);
#endif
