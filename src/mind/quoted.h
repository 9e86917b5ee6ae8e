/* quoted.h — passages of documents in words: each with its place, so that it is quoted and not taken for something that somebody said. Pure
 * functions, any thread. */
#ifndef MIND_QUOTED_H
#define MIND_QUOTED_H
#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct quoted_item {
    const char *title;                        /* of the document */
    const char *within_number, *within_title; /* the section around the section; or "" */
    const char *number, *section;             /* or "" */
    int page;                                 /* 0: none */
    const char *text;
    bool told; /* set: it stands in the text */
};

/* "“Lease”, section 3.2 “Deposit”, page 4"; 《租房合同》第二章“押金”，第4页. In the arena; NULL: out of memory. */
const char *quoted_place(struct arena *arena, const struct quoted_item *item, const char *language);
/* For the model, in front of the message: the first of n items that fit into so many tokens. In the arena; NULL: out of memory; "": none fits. */
const char *quoted_text(struct arena *arena, struct quoted_item *items, size_t n, const char *language, int tokens);
/* The best as an answer: "In “Lease”, section 3.2: …". In the arena; NULL: out of memory. */
const char *quoted_answer(struct arena *arena, const struct quoted_item *item, const char *language);
#endif
