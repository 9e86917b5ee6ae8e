/* meaning.h — whether a sentence says in other words what was said before: sentences are compared as vectors of the embedding
 * model (setting embed.model). Nothing depends on it: where the model is missing, dead or slow, everything is new. Loop thread. */
#ifndef AGENT_MEANING_H
#define AGENT_MEANING_H
#include "engine/engine.h"

#include <stdbool.h>
#include <stddef.h>

#define MEANING_REPLIES 12 /* so many replies, and messages, back */

/* Of a home: the model, and the vectors of the sentences that were looked at last, so that each is computed once. */
struct meanings;
/* model: copied; "" gives NULL in *out, which is legal everywhere. patience_ms: how long a held sentence waits for its vector. */
int meanings_create(struct loop *loop, struct engine_set *engines, const char *model, int64_t patience_ms,
                    struct meanings **out, anima_error *err);
void meanings_destroy(struct meanings *all); /* after every meaning_end */

/* What a reply is compared with; newest first. */
struct meaning_past {
    const char *const *replies;
    size_t n_replies;
    const char *message; /* the one that is answered. If it was asked before in other words, */
    const char *const
        *messages; /* that is, nearly one of these, the same answer is the right one, and nothing is compared */
    size_t n_messages;
};

/* Of one reply. changed: what meaning_look says may be different now; comes later, never during a call, and may end it. NULL if
 * there is nothing to compare with, or no model. The past is copied. */
struct meaning;
struct meaning *meaning_begin(struct meanings *all, const struct meaning_past *past, void (*changed)(void *ctx),
                              void *ctx);
void meaning_end(struct meaning *m); /* NULL is legal */

enum meaning_verdict {
    MEANING_NEW,
    MEANING_NEAR,   /* of a sentence that has not ended: it could become the same */
    MEANING_SAME,   /* of one that has ended: it says what was said before */
    MEANING_UNKNOWN /* that will be clear in a moment, after patience_ms at most */
};
/* text: n bytes of the sentence that begins at byte `at` of the reply; the first `heard` of them were heard. */
enum meaning_verdict meaning_look(struct meaning *m, size_t at, const char *text, size_t n, size_t heard, bool whole);
/* The reply is said anew: what was found out about its sentences is forgotten. */
void meaning_again(struct meaning *m);
/* changed comes as soon as possible, and nothing is compared any more. */
void meaning_hurry(struct meaning *m);
#endif
