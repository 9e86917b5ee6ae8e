/* lapse.h — what would break a character, found while it speaks and before anybody hears it: the claim to be somebody's
 * model, or a machine; the phrases and lists of a service; what it has said before; the other language; words it was asked not
 * to use; a memory that it does not have. The words that may still become a lapse are held back, all others pass at once, so that a reply streams as ever.
 * One thread at a time. */
#ifndef MIND_LAPSE_H
#define MIND_LAPSE_H
#include "anima/anima.h"
#include "base/arena.h"
#include "mind/phrase.h"
#include "mind/recalled_ground.h"

enum lapse {
    LAPSE_NONE,
    LAPSE_VENDOR,
    LAPSE_MACHINE,
    LAPSE_SERVICE,
    LAPSE_REPEAT,
    LAPSE_LANGUAGE,
    LAPSE_BANNED,   /* a word the person asked not to use */
    LAPSE_INVENTED, /* asked for the past it answers with what nobody said, or with nothing */
    LAPSES
};

struct lapses; /* the patterns */
int lapses_create(struct lapses **out, anima_error *err);
void lapses_destroy(struct lapses *l);

/* Texts taken apart once, because every few words are compared with all of them: its last replies, say. The arena's. more: NULL,
 * or what was remembered before, which counts, too. NULL: out of memory. */
struct lapse_said;
const struct lapse_said *lapse_remember(struct arena *arena, const char *const *texts, size_t n,
                                        const struct lapse_said *more);

/* For one reply. Everything is borrowed. */
struct lapse_rules {
    const char *language; /* "zh", "en"; NULL: any will do */
    bool machine;         /* the character is one, by its card */
    bool plain;           /* small talk: no lists, no headings */
    bool careful;         /* asked who it is: no sentence is heard before it has ended */
    bool unlike;          /* others say it, too: its first sentence is heard once it has ended, and is not theirs */
    const struct lapse_said *said; /* what it must not say again; NULL: nothing */
    const char *asked;             /* what it answers, which it must not say back; NULL: nothing */
    const char *const *banned;     /* words */
    size_t n_banned;
    const struct recalled_ground
        *ground; /* asked for the past: nothing is heard before it is known to stand there; NULL: not asked */
    bool known;  /* something there is about it: "I don't remember" is no answer */
};

/* text: the reply so far, n bytes, of which the first from have been heard. Returns how many bytes may be heard now, ≥ from.
 * *why: LAPSE_NONE, or what is wrong with the words behind them. final: nothing more will come. */
size_t lapse_check(struct lapses *l, const struct lapse_rules *rules, const char *text, size_t n, size_t from,
                   bool final, enum lapse *why);
/* Whether a message asks for a longer, ordered answer, where a list is no lapse. */
bool lapse_wants_list(struct lapses *l, const char *message);
/* What is added to the message when it is asked again, taken_back being what was wrong; "" if there is nothing to say; NULL: out
 * of memory. */
const char *lapse_hint(struct arena *arena, enum lapse why, const char *language, const char *taken_back);
/* Whether it claims to be something else than the character. */
bool lapse_is_claim(enum lapse why);
const char *lapse_name(enum lapse why);
#endif
