/* judge_skills.h — skills with answers that a program can check: how right a reply is. Pure, but judge_sql runs what it is given in a
 * database of its own, in memory, under limits. */
#ifndef CLI_JUDGE_SKILLS_H
#define CLI_JUDGE_SKILLS_H
#include "base/json.h"

/* The share of want's members that the first JSON object in the reply has, 0 .. 1. Words count without case and outer spaces; a
 * number may stand as a string. */
double judge_json(const char *reply, yyjson_val *want);
/* The wanted number stands in the reply, by itself: "= 1,204." has 1204, "12045" has not. */
bool judge_sum(const char *reply, const char *want);
/* How many options a question has: capital letters that stand by themselves, from A on without a gap; at most most. */
size_t judge_options(const char *text, size_t most);
/* The reply's first statement (in a fence, or behind other words) gives the rows that are wanted: an array of arrays. ordered: in
 * that order. False too for whatever is no query or takes too long. */
bool judge_sql(const char *schema, const char *reply, yyjson_val *want, bool ordered);
#endif
