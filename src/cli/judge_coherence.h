/* judge_coherence.h — does a reply answer the last line? One that does is likelier behind that line than behind another in the same
 * talk: a model is asked how likely it finds the reply there and behind a line that says nothing. How much likelier it has to be
 * is learnt from labels made by hand, and tested on others. Pure. */
#ifndef CLI_JUDGE_COHERENCE_H
#define CLI_JUDGE_COHERENCE_H
#include <stdbool.h>
#include <stddef.h>

/* The line that says nothing. */
const char *judge_neutral(const char *language);
/* How much the reply owes to the line it answers: of its logarithms of probability behind that one and behind the neutral one. Long
 * replies have no advantage, short ones neither. */
double judge_dependence(double behind, double behind_neutral, const char *reply);
/* Whether the reply only says the line again. */
bool judge_echoes(const char *line, const char *reply);

/* What judge_dependence gave, and what a person said. */
struct judge_margin {
    double margin;
    bool good;
};
/* The margin from which on a reply is taken for good, so that of both kinds of labels most are told right. */
double judge_threshold(const struct judge_margin *list, size_t n);
/* The share (0 .. 1) of labels that are told right by a threshold that others set: one half by that of the other, both ways round. Good
 * and bad ones count the same, so that 0.5 is chance; 0 if there are none. */
double judge_agreement(const struct judge_margin *list, size_t n);
#endif
