/* working_plans.h — what two people decide together: one proposes something for a day ("let's meet on Saturday at the lake", 那就周六去湖边吧), the other's
 * next words agree to it. Patterns of both languages; rather missed than wrong: an answer with a "but", a "maybe" or a "not" agrees to nothing, what has
 * no day that lies ahead is no plan, nor is one with two different days. One thread at a time. */
#ifndef MIND_WORKING_PLANS_H
#define MIND_WORKING_PLANS_H
#include "mind/working_words.h"

struct working_plans;
int working_plans_create(struct working_plans **out, anima_error *err);
void working_plans_destroy(struct working_plans *p); /* NULL is legal */
/* Whether the answer agrees to what the proposal wants to do together: *out is the sentence of the proposal that says so, with its day, which either
 * of them may name. proposed, answered: when each was said. */
bool working_plan(struct working_plans *p, const char *proposal, struct when_anchor proposed, const char *answer,
                  struct when_anchor answered, struct working_piece *out);
/* Whether a text calls something off ("I can't make it on Saturday", 周六去不了了); and whether it names a day that falls on a plan's. */
bool working_calls_off(struct working_plans *p, const char *text);
/* Whether a text says that something was not done ("I forgot to send you the photos", 没去成). */
bool working_undone(struct working_plans *p, const char *text);
bool working_names_day(const char *text, struct when_anchor now, const struct working_piece *plan);
#endif
