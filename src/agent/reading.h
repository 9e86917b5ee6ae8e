/* reading.h — the streams of a conversation: under which names engines keep what they have read of it, from which turn on it
 * is read, and how it is forgotten. A conversation has a stream for each language that is spoken in it, because the persona
 * is written once a language.
 *
 * The window. A model has room for so many tokens. When the turns have grown to START of what is left beside the persona, a
 * successor is chosen that begins later (KEEP of the room); what is in front of it is summed up (summary.h), and it is read
 * while nobody waits, under a name of its own; when the turns have grown to END, it takes over between two turns. So nobody
 * waits for a long conversation to be read anew, and no turn is dropped from the front one at a time, which would change
 * everything behind it. Where a window begins depends on nothing but where the one before it began and the turns since.
 * Loop thread. */
#ifndef AGENT_READING_H
#define AGENT_READING_H
#include "agent/state.h"

#define READING_NAME 64

/* "c-CONVERSATION-LANGUAGE", and behind it the place (seq) of the turn that the window begins with, if it is not the first. */
void reading_name(char out[READING_NAME], const char *conversation, const char *language, int64_t first);
/* The same of one of several ways to say a reply, counted from 1: "c-CONVERSATION-LANGUAGE-k1". */
void reading_candidate_name(char out[READING_NAME], const char *conversation, const char *language, int way);
struct reading_window {
    size_t first; /* of the turns, the first that is read */
    size_t next;  /* where its successor begins; 0: none is needed yet */
};

/* The window over these turns: what it came to be as they grew, so that it is the same whenever it is asked for. from: where
 * it began, or a later turn with which a window is known to have begun. context: tokens that the model has room for. A window
 * begins with what a person said, and never behind the last such turn. Pure. */
void reading_window(const struct prompt_input *in, size_t from, long context, struct reading_window *out);
/* Tokens that the model of a conversation has room for, as far as is known. */
long reading_context(const anima_conversation *c);
/* What was said has been changed: engines forget what is not said any more. */
void reading_changed(anima_conversation *c);
/* Engines forget the streams on which ways to say a reply came. */
void reading_drop_candidates(anima_conversation *c);
/* Engines forget all streams of a conversation, and their files are removed, of engines that do not run, too. */
void reading_forget(anima_home *home, const char *conversation);
/* The same of all streams whose names begin so. */
void reading_forget_all(anima_home *home, const char *start);
#endif
