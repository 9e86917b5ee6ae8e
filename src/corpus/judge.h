/* judge.h — whether an answer is one to learn from. One thread at a time. */
#ifndef CORPUS_JUDGE_H
#define CORPUS_JUDGE_H
#include "corpus/report.h"

struct corpus_judge; /* the patterns */
int corpus_judge_create(struct corpus_judge **out, anima_error *err);
void corpus_judge_destroy(struct corpus_judge *j);
/* Why the answer to what the person said is not one to learn from; CORPUS_REASONS: it is. machine: whose answer it is may say that it
 * is a machine. Knows CORPUS_EMPTY, _LONG, _DAMAGED, _LINKS, _VENDOR, _MACHINE, _SERVICE. */
enum corpus_reason corpus_judge_answer(struct corpus_judge *j, const char *said, const char *answer, bool machine);
#endif
