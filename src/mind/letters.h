/* letters.h — the kind of question that a message asks about the character itself, told by the model where the patterns of
 * act.h find nothing. Every kind has a letter; the model is not let talk: of the token that would come first, only the
 * probabilities of the letters are looked at. The prompt is the same but for its last line, so that an engine reads it
 * once. Pure, but for the patterns: one thread at a time. */
#ifndef MIND_LETTERS_H
#define MIND_LETTERS_H
#include "mind/act.h"

struct letters;
int letters_create(struct letters **out, anima_error *err);
void letters_destroy(struct letters *letters); /* NULL is legal */
/* Whether a message could be such a question at all: most small talk could not, and costs nothing then. */
bool letters_worth(struct letters *letters, const char *message);
/* What the model is asked: *out has *n messages, in the arena. ANIMA_E_NOMEM. */
int letters_prompt(struct arena *arena, const char *message, const anima_chat_message **out, size_t *n);
/* How many of the likeliest tokens the answer needs to tell (engine_request.logprobs). */
#define LETTERS_TOP 20
/* The kind from the log probabilities of the answer's first token, as engines give them; ACT_NONE unless one is clearly
 * likelier than the rest. */
enum act letters_read(const char *logprobs, size_t n);
#endif
