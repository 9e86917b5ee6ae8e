/* speech.h — a reply on its way from the engine to whoever listens: words that may break the character are held back
 * (mind/lapse.h); if they do, the engine stops, and is asked again from the words that were heard, with a hint and more
 * chance, a few times; then the last resort is said, or the reply ends with what is good. Looks like the engine's job to its owner. Loop
 * thread. */
#ifndef AGENT_SPEECH_H
#define AGENT_SPEECH_H
#include "agent/meaning.h"
#include "base/arena.h"
#include "engine/engine.h"
#include "mind/lapse.h"

struct speech;

struct speech_plan {
    struct lapses *lapses;    /* NULL: nothing is checked */
    struct lapse_rules rules; /* said is made from the list below */
    const char *const *said;  /* its last replies */
    size_t n_said;
    struct recalled_question past_asked; /* its message NULL: it is not asked for what was */
    struct words *words;                 /* … and what takes that apart */
    const char *opening;                 /* how the reply begins: the engine says the rest; NULL: it begins itself */
    const char *identity; /* said in front of the message when it claimed to be something else; NULL: nothing */
    const char *const *last_resort; /* what is said when nothing else will do, ended by NULL */
    bool no_exclamation;            /* "!" becomes "." */
    const char *required;           /* a word that is said at the end if it was not said; NULL: none */
    bool insist;                    /* rather the last resort than something that was said before */
    int sentences;                  /* the reply ends after so many; 0: when it ends */
    struct meanings *meanings;      /* NULL: it is not compared by meaning */
    struct meaning_past past;       /* … with this */
    size_t letters;                 /* … and has to be shorter than so many; 0: any length */
    bool unchecked;                 /* rules are not looked at: everything else holds */
    anima_usage used;               /* before this: counts with it */
};

/* Copies what it needs of the request and the plan. Callbacks as with engine_generate; usage counts what was taken back, too. */
int speech_start(struct engine_set *engines, const char *model, const struct engine_request *request,
                 const struct speech_plan *plan, const anima_completion_callbacks *cb, void *ctx, struct speech **out,
                 anima_error *err);
/* Somebody else has said this (n bytes) meanwhile: it is not said here as well, as far as it was not heard yet. */
void speech_heed(struct speech *s, const char *text, size_t n);
void speech_cancel(struct speech *s);  /* done comes with ANIMA_E_CANCELLED */
void speech_abandon(struct speech *s); /* no callback comes any more; NULL is legal */
#endif
