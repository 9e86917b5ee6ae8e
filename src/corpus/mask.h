/* mask.h — what of a text would give somebody away: mail addresses, telephone numbers, numbers of identity cards and of bank cards, IP
 * addresses, URLs with a password or a token in them, long numbers. Each is replaced by what it is, in the text's language. Numbers that
 * stand in talk (years, prices, house numbers, times) stay. One thread at a time. */
#ifndef CORPUS_MASK_H
#define CORPUS_MASK_H
#include "anima/anima.h"
#include "base/arena.h"

enum corpus_mask {
    CORPUS_MASK_URL,
    CORPUS_MASK_MAIL,
    CORPUS_MASK_IP,
    CORPUS_MASK_ID,
    CORPUS_MASK_CARD,
    CORPUS_MASK_PHONE,
    CORPUS_MASK_NUMBER,
    CORPUS_MASKS
};

struct masks; /* the patterns */
int masks_create(struct masks **out, anima_error *err);
void masks_destroy(struct masks *m);
/* *out is text itself where nothing had to go, else a copy in the arena; counts[] grows by what was masked. ANIMA_E_NOMEM;
 * ANIMA_E_LIMIT: the text could not be searched. */
int masks_apply(struct masks *m, struct arena *arena, const char *text, const char *language,
                size_t counts[CORPUS_MASKS], const char **out, anima_error *err);
const char *corpus_mask_name(enum corpus_mask mask); /* "url", "mail", … */
#endif
