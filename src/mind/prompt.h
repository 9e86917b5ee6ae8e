/* prompt.h — what the model gets to read: persona, who is here, how the character talks (examples), then the turns.
 * Pure functions.
 *
 * Language: a persona is written once per language. What was said last decides which one is used (prompt_spoken), because a small model
 * that reads two languages answers in two (measured on the default model, 20 turns in each language: replies that mix
 * languages or repeat themselves in translation 15 of 20 with a bilingual persona, 0 of 40 with one persona a language
 * and four example exchanges). Where the character spoke the other language in one of its last replies, the last message
 * also asks for this one, behind the person's words (measured in conversations that change language all the time: 1 reply
 * of 60 in the wrong language).
 * Macros (card/macro.h) are replaced in persona, examples and lore. Lore that always applies stands before or behind the
 * persona; what the last messages call for stands in front of the last one, so that all before it stays as it is and need
 * not be read anew; what belongs to a place in the conversation goes in front of the person's words there, because many
 * templates know only one system message.
 * One person: their words go in as they are. Several: each message begins with its speaker's name, and the system part
 * says so. Turns of the same side that follow each other (an unanswered message, an empty reply left out) become one
 * message, because many chat templates insist on alternation. */
#ifndef MIND_PROMPT_H
#define MIND_PROMPT_H
#include "anima/anima.h"
#include "base/arena.h"
#include "card/lore.h"

struct prompt_turn {
    const char *speaker; /* a person's name; NULL: the character */
    const char *text;
};

struct prompt_persona {
    const char *language; /* "zh", "en" */
    const char *text;
    const struct prompt_turn *examples; /* how it talks; speaker is any non-NULL string for the other side */
    size_t n_examples;
    const struct prompt_turn *samples; /* more of them: the one most like a message stands in front of it */
    size_t n_samples;
};

struct prompt_input {
    const struct prompt_persona *persona;
    bool foreign; /* the persona is not in the language that is spoken: nobody is asked for the persona's */
    const struct prompt_turn *turns;
    size_t n_turns;
    size_t first;                /* those in front of it are not read any more; 0: all are */
    const char *character;       /* for {{char}}; {{user}} is the one who spoke first */
    const struct lore_hit *lore; /* what applies now (prompt_lore) */
    size_t n_lore;
    const struct prompt_turn *near; /* exchanges like this one, shown right in front of the last message */
    size_t n_near;
    const char *const *notes; /* what the model is told in front of the last message */
    size_t n_notes;
    const char *recalled;  /* what came to mind (recalled.h), in front of these; NULL: nothing */
    const char *documents; /* passages of documents (quoted.h), in front of that; NULL: none */
    bool open;             /* the last message still grows: nothing stands behind it */
    const char *rules;     /* what the one who spoke last asked for, at the end of the system part; NULL: nothing */
    const char *reminder;  /* of it, behind the last message; NULL: nothing */
    const char *summary;   /* of the turns that are not read any more (summary.h), in the system part; NULL: nothing */
    int64_t now_ms;
    uint64_t seed; /* of the conversation, for {{pick}} */
};

/* "zh" if text has more Chinese characters than words in letters, else "en". */
const char *prompt_language(const char *text);
/* The language in which the people of these turns speak now: that of their last message which tells one ("OK" does not). */
const char *prompt_spoken(const struct prompt_turn *turns, size_t n);
/* The persona for a language among n: that one, else the one of the language at home, else the first. n ≥ 1. */
const struct prompt_persona *prompt_choose(const struct prompt_persona *personas, size_t n, const char *language,
                                           const char *at_home);
/* text with its macros replaced, in the arena (or text itself); user NULL: nobody. NULL: out of memory, or it grew too
 * large. Of in, character, now_ms and seed are used. */
const char *prompt_expand(struct arena *arena, const struct prompt_input *in, const char *user, const char *text);
/* About how many tokens a text has. */
int prompt_tokens(const char *text, size_t n);
/* The same as a message, with what the template puts around it. */
int prompt_message_tokens(const char *text);
/* About how many tokens a persona takes, with the exchanges that are always shown. */
int prompt_persona_tokens(const struct prompt_persona *persona);
/* The pieces of lore that these turns call for: in->lore and in->n_lore, in the arena. */
int prompt_lore(struct arena *arena, struct lore *lore, struct prompt_input *in, anima_error *err);
/* *out has *n messages, all in the arena. ANIMA_E_NOMEM if the arena's cap or memory ran out. */
int prompt_build(struct arena *arena, const struct prompt_input *input, anima_chat_message **out, size_t *n,
                 anima_error *err);
#endif
