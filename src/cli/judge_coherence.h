/* judge_coherence.h — does a reply answer the last line? Asked of a model that is shown worked examples and is not let talk: it finds
 * one of two letters likelier. How far likelier it has to be is learnt from labels made by hand, and tested on others. Pure. */
#ifndef CLI_JUDGE_COHERENCE_H
#define CLI_JUDGE_COHERENCE_H
#include "base/arena.h"
#include "mind/prompt.h"

#define JUDGE_YES "A"
#define JUDGE_NO "B"

/* What the model is asked: *out has *n messages, in the arena. Of the turns the last is a person's. ANIMA_E_NOMEM. */
int judge_coherence_prompt(struct arena *arena, const struct prompt_turn *turns, size_t n_turns, const char *reply,
                           const anima_chat_message **out, size_t *n);

/* How much likelier the model finds YES than NO (natural logarithm), and what a person said. */
struct judge_margin {
    double margin;
    bool good;
};
/* The margin from which on a reply is taken for good, so that of both kinds of labels most are told right. */
double judge_threshold(const struct judge_margin *list, size_t n);
/* The share (0 .. 1) of labels that are told right by the threshold of others: those at even places by that of the odd ones, and the
 * other way round. */
double judge_agreement(const struct judge_margin *list, size_t n);
#endif
