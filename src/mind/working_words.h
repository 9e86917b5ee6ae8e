/* working_words.h — what a message says outright, in Chinese and English: how its writer feels ("i'm so tired", 我好难过), thanks, insults, what
 * is promised and for when ("I'll call you on Friday", 我明天给你看), what it asks, and in a few words what it is about. Patterns, no model; rather
 * nothing than something wrong: questions, conditions, other people's moods and moods of the past are none. One thread at a time. */
#ifndef MIND_WORKING_WORDS_H
#define MIND_WORKING_WORDS_H
#include "anima/anima.h"
#include "memory/when.h"
#include "memory/words.h"
#include "mind/working.h"

#define WORKING_TOPIC 96      /* bytes of a topic, with the NUL */
#define WORKING_PROMISE 200   /* bytes of a promise or question that are kept */
#define WORKING_PROMISES 4    /* of one turn */
#define WORKING_TOPIC_WORDS 4 /* of a topic, at most */

struct working_words;
int working_words_create(struct working_words **out, anima_error *err);
void working_words_destroy(struct working_words *w); /* NULL is legal */

struct working_said {
    struct working_feeling feeling; /* MOOD_NONE: nothing is said outright */
    enum intent intent;
    double intent_confidence;
    unsigned events; /* WORKING_THANKS … */
};
void working_says(struct working_words *w, const char *message, struct working_said *out);

/* A part of a text: a promise with its time (to_ms 0: none was named), or a question. */
struct working_piece {
    size_t start, end;
    int64_t from_ms, to_ms;
};
/* What its writer promises the one it is said to; returns how many, at most WORKING_PROMISES. now: when it was said. */
size_t working_promises(struct working_words *w, const char *text, struct when_anchor now,
                        struct working_piece out[WORKING_PROMISES]);
/* The question that a text ends with; false: it ends with none. */
bool working_question(const char *text, struct working_piece *out);
/* Whether all of a text are questions, so that it answers nothing. */
bool working_only_asks(const char *text);
/* Whether an answer is put off ("let me think about it", 我想想再告诉你). */
bool working_puts_off(struct working_words *w, const char *text);

/* The words of a text that say what it is about, in their order, each once, with blanks between; "" if there are none.
 * ANIMA_E_NOMEM. */
int working_topic(struct words *words, const char *text, char out[WORKING_TOPIC]);
/* The share of a's words of content that stand in b, too, 0 … 1; 0 if a has none, or there is no memory. */
double working_shared(struct words *words, const char *a, const char *b);
#endif
