/* judge_manners.h — how a reply behaves, judged by patterns in both languages: like a service, asked the same again, insulted.
 * One thread. */
#ifndef CLI_JUDGE_MANNERS_H
#define CLI_JUDGE_MANNERS_H
#include "anima/anima.h"

#define JUDGE_SAME 0.8 /* Dice's coefficient of two whole replies that count as the same */

struct judge_manners;
int judge_manners_create(struct judge_manners **out, anima_error *err);
void judge_manners_destroy(struct judge_manners *judge); /* NULL is legal */
/* Whether a reader would call it an assistant's words. */
bool judge_assistantism(const struct judge_manners *judge, const char *reply);
/* The same, or one of the phrases and claims that are taken back while a character speaks (mind/lapse.h). */
bool judge_service(const struct judge_manners *judge, const char *reply);
/* Asked the same n times: the last reply is another than those before, and some reply but the first shows that it was noticed. ""
 * or what is wrong. */
const char *judge_again(const struct judge_manners *judge, const char *const *replies, size_t n);
/* Insulted: it says something, in that language, that is no service's phrase, apology or lesson in manners. "" or what is wrong. */
const char *judge_insult(const struct judge_manners *judge, const char *reply, const char *language);
#endif
