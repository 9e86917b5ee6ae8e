/* ledger.h — what replies cost, and the limits of a day. Each attempt at a reply is one row of the store's ledger; the sums of
 * today stay in memory, so that asking for a reply needs no look into the store. Loop thread. */
#ifndef AGENT_LEDGER_H
#define AGENT_LEDGER_H
#include "store/store.h"

struct ledger;

/* Reads the rates, the limits, and the sums of today. The home's settings and store are open. */
int ledger_open(anima_home *home, struct ledger **out, anima_error *err);
void ledger_free(struct ledger *ledger); /* NULL is legal */
/* Tokens and times of one more use. */
void ledger_add_usage(anima_usage *sum, const anima_usage *one);
/* What a use of a model has cost. cost->model names it; the rest but conversation, character and person is filled in. */
void ledger_measure(const anima_home *home, const anima_usage *usage, struct store_cost *cost);
/* Adds it to the sums of today. */
void ledger_book(anima_home *home, const struct store_cost *cost);
/* ANIMA_E_LIMIT_REACHED if today's limit of the person (0: a program, which has none) or of the character is used up; the
 * message is for the person, in language ("zh" or "en"). */
int ledger_check(anima_home *home, int64_t person, const anima_character *character, const char *language,
                 anima_error *err);
#endif
