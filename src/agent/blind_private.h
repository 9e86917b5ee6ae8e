/* blind_private.h — what the files blind*.c share: blind.c has the engine, blind_begin.c what somebody asks for and what is drawn,
 * blind_prompt.c what the model reads, blind_door.c what people see and choose, blind_result.c what came of it. */
#ifndef AGENT_BLIND_PRIVATE_H
#define AGENT_BLIND_PRIVATE_H
#include "agent/adapters.h"
#include "agent/blind.h"
#include "base/arena.h"

#define BLIND_KEPT 500 /* rounds of a home */

struct blinds {
    anima_home *home;
    bool begins;       /* a round is on its way to the store */
    anima_blind round; /* the one that is made; id "": none */
    /* The reply under way. */
    struct engine_job *job;
    int n;
    bool left, saving; /* saving: it is on its way to the store */
    struct buf answer;
    anima_usage usage;
};

/* Makes the replies that a round lacks. */
void blind_make(struct blinds *b, const anima_blind *round);
/* It is deleted, perhaps while it is made. */
void blind_forget(struct blinds *b, const char *id);
/* The listeners hear of it as it is in the store. */
void blind_tell(anima_home *home, const char *id);
/* The adapter of a character that replies of this model are computed with. ANIMA_E_CONFLICT: none, and why; ANIMA_E_BUSY: that is not
 * known yet. */
int blind_adapter(anima_home *home, const struct character *who, const char *model, struct adapter_use *out,
                  anima_error *err);
/* A change of a round on its way to the store; end NULL: it is told as it is then (blind_tell). */
int blind_op(anima_home *home, const char *id, int (*end)(struct op *op, anima_error *err), anima_done *done, void *ctx,
             struct op **out, anima_error *err);
/* The round, with nothing hidden. ANIMA_E_NOT_FOUND. */
int blind_read(anima_home *home, const char *id, anima_blind *out, anima_error *err);

/* ---- blind_prompt.c ---- */
/* Turns as the JSON of a pair, in the arena. NULL: out of memory. */
struct prompt_turn;
const char *blind_context_write(struct arena *arena, const struct prompt_turn *turns, size_t n);
/* What the model reads for one side of a pair, in the arena. use: the adapter of the trained one; the other has none that is on. */
int blind_prompt(const anima_home *home, struct arena *arena, const struct character *who, const anima_blind *round,
                 const char *context, const struct adapter_use *use, anima_chat_message **out, size_t *n,
                 anima_error *err);

/* ---- blind_result.c ---- */
/* Two-sided sign test: how likely so uneven a result, or a more uneven one, is if neither is better. */
double blind_sign_test(int a, int b);
/* Of a round that is done: p, and the result in words. */
void blind_result(anima_blind *round);
#endif
