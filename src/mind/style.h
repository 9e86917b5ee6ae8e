/* style.h — whose words are these? A judge that learns from lines of several kinds, one character's and others': logistic
 * regression on hashed n-grams of characters, function words, and how long sentences are and how they end. One language
 * at a time. Nothing in it is random: the same lines give the same judge. Pure functions, any thread.
 *
 * A judge has to be judged first, on lines that it has not learned from: five times it learns from four fifths and looks at the
 * fifth. Its threshold is set there, too, where nine of ten of the character's own lines pass; how many of the others' pass then
 * says what it is worth. */
#ifndef MIND_STYLE_H
#define MIND_STYLE_H
#include "anima/anima.h"

#define STYLE_KINDS 4
#define STYLE_OWN 0 /* the kind of the character's lines */

struct style_line {
    const char *text; /* UTF-8; what comes behind 600 characters is not looked at */
    unsigned group;   /* of one conversation: lines of a group are learned together or not at all */
    unsigned kind;    /* below STYLE_KINDS. All others together weigh as much as the own, each kind of them the same */
};

/* The share of each kind that passes for the character's, of lines that had not been learned. */
struct style_trial {
    double passed[STYLE_KINDS];
};

struct style;
/* ANIMA_E_INVALID: there are no own lines, or no others. trial may be NULL. */
int style_learn(const struct style_line *lines, size_t n, struct style **out, struct style_trial *trial,
                anima_error *err);
void style_destroy(struct style *style); /* NULL is legal */
/* Whether a text passes for the character's. */
bool style_passes(const struct style *style, const char *text);
#endif
