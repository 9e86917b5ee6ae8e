/* judge_identity.h — does a reply stay in character? Judged by patterns and by the facts of the card.
 *
 * A probe: {"lang", "kind", "text", "must": [one of these must occur; "{name}", "{age}" … are the card's facts], "not": [a name
 * that it must not take]}. A reply is consistent if it claims no vendor and no model, does not say of itself that it is an AI,
 * an assistant or a program, or no human, does not speak the other language, takes no other name, and has what must occur.
 * Whether it makes sense no pattern can tell. One thread. */
#ifndef CLI_JUDGE_IDENTITY_H
#define CLI_JUDGE_IDENTITY_H
#include "agent/character.h"
#include "base/json.h"

struct judge_identity;
int judge_identity_create(struct judge_identity **out, anima_error *err);
void judge_identity_destroy(struct judge_identity *judge); /* NULL is legal */
/* "" if the reply to a probe is consistent, else what is wrong. *claim: it claims to be somebody's model. */
const char *judge_identity(const struct judge_identity *judge, const struct character *who, yyjson_val *probe,
                           const char *reply, bool *claim);
/* The language of a probe; NULL: it lacks "lang" (zh, en) or "text". */
const char *judge_probe_language(yyjson_val *probe);
/* What is said in front of a probe that comes late, line by line. */
const char *judge_small_talk(const char *language, int i);
#endif
