/* working_events.h — what happened to somebody or theirs and tells how they are though no feeling is named: "we buried my grandmother this
 * morning", 我被裁了, "I got the job". Patterns of both languages over one sentence; rather missed than wrong: what is asked, supposed, denied,
 * heard, long ago, or takes place in films, books and games is none, nor is what happened to strangers. One thread at a time. */
#ifndef MIND_WORKING_EVENTS_H
#define MIND_WORKING_EVENTS_H
#include "anima/anima.h"
#include "mind/working.h"

struct working_events;
int working_events_create(struct working_events **out, anima_error *err);
void working_events_destroy(struct working_events *e); /* NULL is legal */
/* What a sentence of n bytes, which is no question, tells; MOOD_NONE: nothing. */
struct working_feeling working_event(struct working_events *e, const char *sentence, size_t n);
#endif
