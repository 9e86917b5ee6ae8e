/* sampling.h — the numbers of how to sample under their names in JSON: as the API takes them and snapshots keep them. Pure. */
#ifndef AGENT_SAMPLING_H
#define AGENT_SAMPLING_H
#include "base/json.h"

/* Reads the numbers that obj has into *into; what is absent or null stays as it is. Other members are not looked at. One of the
 * wrong type or out of its range: ANIMA_E_INVALID, and *member names it. */
int sampling_read(anima_sampling *into, yyjson_val *obj, const char **member, anima_error *err);
/* The same of one of them, found under another name in obj. */
int sampling_read_as(anima_sampling *into, const char *member, yyjson_val *obj, const char *name, anima_error *err);
/* The members that are set, into an open object; stop, too. */
void sampling_write(struct jw *w, const anima_sampling *s);
#endif
