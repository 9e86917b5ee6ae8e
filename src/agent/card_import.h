/* card_import.h — a card becomes a character in two steps: everything that takes long and can fail happens in a hidden folder
 * beside the others, on any thread; then one rename makes it a character. So nobody ever sees half of one. */
#ifndef AGENT_CARD_IMPORT_H
#define AGENT_CARD_IMPORT_H
#include "agent/cast.h"
#include "base/buf.h"
#include "card/card.h"

struct card_import;

/* Reads a card (any container) and makes a character of it in a hidden folder of dir (characters/ of a home; made if it is not
 * there). Any thread. */
int card_import_read(const void *data, size_t n, const char *dir, const char *language, struct card_import **out,
                     anima_error *err);
/* Gives it its name and its place. ANIMA_E_EXISTS if cast or disk have one of that name, unless replace: then it takes its
 * place. *out is yours. Whoever holds the cast calls this. */
int card_import_place(struct card_import *import, const struct cast *cast, bool replace, struct character **out,
                      anima_error *err);
/* What was not placed is gone. NULL is legal. */
void card_import_free(struct card_import *import);
/* Takes away what an import that was killed has left in dir. */
void card_import_sweep(const char *dir);
#endif
