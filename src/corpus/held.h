/* held.h — the conversations that a character's training never saw, and the places in them at which somebody can be asked for a reply:
 * judges and people compare replies there. */
#ifndef CORPUS_HELD_H
#define CORPUS_HELD_H
#include "corpus/corpus.h"
#include "mind/prompt.h"

/* A place in a conversation: the last of the turns is a person's. What it points to is the arena's. */
struct corpus_context {
    const char *language; /* in which the person speaks there */
    const struct prompt_turn *turns;
    size_t n_turns;
    const char *own; /* what is answered there */
};

/* Non-zero stops, and is what the caller gets. */
typedef int corpus_conversation_cb(void *ctx, struct corpus_conversation *conversation, anima_error *err);
typedef int corpus_context_cb(void *ctx, const struct corpus_context *context, anima_error *err);

/* The conversations of n texts in their order, counted over all of them as lessons count a character's own: those that are held
 * back (corpus_held_back), or all. */
int corpus_each(struct arena *arena, const struct corpus_text *texts, size_t n, bool all, corpus_conversation_cb *cb,
                void *ctx, anima_error *err);
/* A context in front of each answer of a conversation. */
int corpus_contexts(struct arena *arena, const struct corpus_conversation *conversation, corpus_context_cb *cb,
                    void *ctx, anima_error *err);
/* A turn of the person who talks with the character there. */
struct prompt_turn corpus_says(const char *text);
#endif
