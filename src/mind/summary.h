/* summary.h — what is left of turns that are not read any more: a few plain lines about the people who talked. Pure.
 *
 * A small model that is given a whole conversation to sum up mixes up who did what ("Tom moved to Bristol", who only wants
 * to go there); given one thing that somebody said, it puts that into the third person well. So what people said is taken
 * apart into pieces of a sentence or two; only those that tell something of their lives are kept (names, numbers, family,
 * plans, promises: the worth of a piece); the model puts one piece at a time into other words; and what it says counts only
 * if it says nothing that is not in the piece, and leaves no name, number or relative out. Else the piece itself stands
 * there in quotation marks, which is never wrong. What is addressed to the character ("remind me", "don't tell her"),
 * what does not speak of an "I", and what the character promised is quoted at once. */
#ifndef MIND_SUMMARY_H
#define MIND_SUMMARY_H
#include "mind/prompt.h"

#define SUMMARY_PIECES 14     /* at most, of the turns that leave together */
#define SUMMARY_LINES 12      /* of a summary */
#define SUMMARY_TOKENS 240    /* of a summary, about */
#define SUMMARY_ANSWER 80     /* tokens that the model may need for a piece */
#define SUMMARY_MAX_TEXT 4096 /* bytes of a summary, more than the tokens allow */

struct summary_piece {
    const char *speaker; /* a person's name; NULL: the character */
    const char *text;
    int worth;
    bool asked;  /* the model is asked for other words; else it is quoted */
    size_t turn; /* of those that it was taken from: its place */
};

/* The pieces of turns that are worth keeping, in their order, at most SUMMARY_PIECES: *out has *n, in the arena.
 * ANIMA_E_NOMEM. */
int summary_pieces(struct arena *arena, const struct prompt_turn *turns, size_t n_turns, struct summary_piece **out,
                   size_t *n);
/* What the model is asked about a piece: *out has *n messages, all the same but for the last one; in the arena.
 * ANIMA_E_NOMEM. */
int summary_prompt(struct arena *arena, const struct summary_piece *piece, const anima_chat_message **out, size_t *n);
/* The line for a piece: what the model answered (NULL: it was not asked) if it is true to the piece, else the piece quoted;
 * "" if there is nothing to keep. In the arena; NULL: out of memory. */
const char *summary_line(struct arena *arena, const struct summary_piece *piece, const char *answer);
/* The lines of an earlier summary ("" or NULL: there is none) with new ones, a line each, as many as fit: those of little
 * worth leave first, then the oldest; what is nearly the same is kept once, as it was said last. In the arena; NULL: out of
 * memory. */
const char *summary_merge(struct arena *arena, const char *earlier, const char *const *lines, size_t n);
/* How a summary is told to the model, in the language; in the arena; NULL: out of memory. */
const char *summary_told(struct arena *arena, const char *text, const char *language);
#endif
