/* judge_facts.h — questions about a character's life: {"q", "any": [one of these must stand in the answer], "not": [none of these]}.
 * Case and spaces do not count; digits as a number of their own. Pure. */
#ifndef CLI_JUDGE_FACTS_H
#define CLI_JUDGE_FACTS_H
#include "base/json.h"

/* "" if a line is such a question, else what is wrong with it. */
const char *judge_fact_form(yyjson_val *line);
/* Whether the answer is right. */
bool judge_fact(yyjson_val *line, const char *answer);
#endif
