/* topics.h — what was talked about: a conversation is cut into parts, and of what one person told in a part the model makes a few sentences,
 * each with the messages that it is from. Pure functions, any thread.
 *
 * A small model mixes up who did what, and its numbers are wrong at times. So it gets only the pieces of messages that tell something
 * (mind/summary.h), numbered, of one person and in one language; and a sentence counts only if code finds that the messages it names bear
 * it out: no word, name or number of its own, none of theirs left out, a "not" where they have one (mind/summary_true.h). If others than the
 * named ones do so, these are the right ones; if none do, there is no sentence. */
#ifndef MIND_TOPICS_H
#define MIND_TOPICS_H
#include "mind/summary.h"

#include <stdint.h>

#define TOPICS_PAUSE_MS (6LL * 3600 * 1000) /* as in memory/index.h: what comes later is another part */
#define TOPICS_TURNS 40                     /* of a part, at most */
#define TOPICS_PIECES 8                     /* that the model is shown at once */
#define TOPICS_LINES 4                      /* sentences of them, at most */
#define TOPICS_ANSWER 200                   /* tokens that the model may need */
#define TOPICS_LINE 300                     /* bytes of a sentence */
#define TOPICS_CITES 3                      /* pieces that a sentence is from, at most */

/* How many of n turns, the oldest first, are the first part of what was said; 0: it is not over yet. */
size_t topics_cut(const int64_t *at_ms, size_t n, int64_t now_ms);

/* The pieces worth showing of turns of one person, in one language: at most TOPICS_PIECES, in the arena. ANIMA_E_NOMEM. */
int topics_pieces(struct arena *arena, const struct prompt_turn *turns, size_t n_turns, struct summary_piece **out,
                  size_t *n);
/* What the model is asked: *out has *n messages, all the same but for the last one; in the arena. ANIMA_E_NOMEM. */
int topics_prompt(struct arena *arena, const struct summary_piece *pieces, size_t n_pieces,
                  const anima_chat_message **out, size_t *n);

struct topics_line {
    const char *text;
    size_t from[TOPICS_CITES]; /* pieces, ascending */
    size_t n_from;
};
/* The sentences of an answer that are borne out, at most TOPICS_LINES, those of most worth, no two of them alike; returns how many. Those that are not, and those
 * for which there is no memory, are left out. */
size_t topics_read(struct arena *arena, const struct summary_piece *pieces, size_t n_pieces, const char *answer,
                   struct topics_line out[TOPICS_LINES]);

/* Whether two sentences about a person are about the same thing, so that the later one takes the place of the earlier: they share names or
 * words that are not everybody's, and mean nearly the same. cosine: of their meanings; below -1: not known, then words decide. */
bool topics_same(const char *a, const char *b, const char *person, double cosine);
/* How many words, names and pairs of Chinese characters that are not everybody's, and not of the person's name, a text has, and how many of
 * them another one has, too. */
struct topics_shared {
    size_t has, shared;
};
struct topics_shared topics_shared(const char *text, const char *other, const char *person);
#endif
