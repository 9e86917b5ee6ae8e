/* recalled.h — what somebody remembers, in words: each thing with its age and who said it, so that what was once is not taken for
 * what is. Pure functions, any thread. */
#ifndef MIND_RECALLED_H
#define MIND_RECALLED_H
#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recalled_item {
    const char *who; /* a person's name; NULL: the character said it */
    const char *text;
    const char *before; /* what it answers, or NULL */
    const char *now;    /* what something it says is by now, or, to_come, will be; or NULL */
    bool to_come;
    int64_t at_ms;
    bool told; /* set: it stands in the text */
};

/* A sentence about what was told then. */
struct recalled_lately {
    const char *text;
    int64_t at_ms;
};

/* What there is to tell. */
struct recalled_told {
    struct recalled_item *items; /* the best first */
    size_t n;
    const char *const *known; /* facts that hold of a person, in words, the best first */
    size_t n_known;
    const char *known_of;                 /* the name of that person */
    size_t n_known_told;                  /* set: so many of them stand in the text */
    const struct recalled_lately *lately; /* what that person talked about lately, the newest first */
    size_t n_lately;
    size_t n_lately_told; /* set: so many of them, the first ones, stand in the text; they have room of their own */
    bool dated;           /* the message asks when something was: each thing is told with its day, too */
};

/* For the model, in front of the message: what was talked about lately; the first items that fit into so many tokens, in the order of time; and
 * behind them what is known.
 * In the arena; NULL: out of memory; "": none fits. asked: the message asks for what was (mind/past.h). */
const char *recalled_text(struct arena *arena, struct recalled_told *told, int64_t now_ms, int offset_min,
                          const char *language, int tokens, bool asked);
/* Whether a line of recalled_text tells what the character said itself: of the life of whoever asks that is no evidence. */
bool recalled_is_own(const char *line);
/* What somebody said, to be said as an answer: "You told me: …"; who NULL: the one who asks; again: it was answered so before. In the arena;
 * NULL: out of memory. */
const char *recalled_quote(struct arena *arena, const char *text, const char *who, bool again, const char *language);
/* For a question about the past of which nothing is known. */
const char *recalled_nothing(const char *language);
#endif
