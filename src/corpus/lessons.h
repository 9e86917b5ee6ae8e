/* lessons.h — what a training is given, made of texts: one conversation a line, cleaned, and a report of what became of each.
 * Deterministic: the same texts make the same bytes. Pure functions. Docs: docs/internals/training.md. */
#ifndef CORPUS_LESSONS_H
#define CORPUS_LESSONS_H
#include "base/buf.h"
#include "corpus/probes.h"
#include "corpus/report.h"
#include "mind/prompt.h"

#define CORPUS_MAX_LESSONS (256u << 20) /* bytes; the trainer reads no more */

/* Everything is borrowed. */
struct corpus_plan {
    const struct corpus_text *texts; /* in the order in which they are to stand */
    size_t n_texts;
    const char *character;                 /* what {{char}} is */
    const struct prompt_persona *personas; /* of which the first sentence is used (persona_short) */
    size_t n_personas;                     /* 0: no lesson has a system message */
    const char *home;                      /* the language whose persona stands in for one that is missing */
    const char *const *forbidden;          /* what no person in a lesson says: the probes (probes.h) */
    size_t n_forbidden;
    /* How many percent of the conversations of people talking, of those that keep the skills, and of those that ask for the character's
     * life from many angles (corpus_asks_life) are used; 0: all. */
    int talk_percent, skills_percent, asked_percent;
    int life_times; /* how often a conversation that tells the character's life is learnt without its persona; 0: once */
    int forms;      /* of the character's own: 1: by turns with its persona in front and without; else both */
    bool machine;   /* the character is one, by its card: it may say so */
};

/* Appends the lessons to jsonl, {"messages":[{"role","content"}, …]} a line. The report lives in the arena (about ten times the
 * texts' size). ANIMA_E_INVALID and ANIMA_E_LIMIT name file and line of a text that cannot be read; a plan of which nothing is left is
 * no error: report->lessons is 0. */
int corpus_lessons(struct arena *arena, const struct corpus_plan *plan, struct buf *jsonl,
                   struct corpus_report **report, anima_error *err);
/* One message of a lesson, as an object. */
struct jw;
void corpus_put_message(struct jw *w, const char *role, const char *text);
/* SHA-256 of all that the plan says, in hex: lessons made of the same sources by the same rules have the same (report->sources). */
void corpus_sources(const struct corpus_plan *plan, char hex[65]);
#endif
