/* progress.h — one line that shows how far long work is: a bar on a terminal, a plain line every few seconds elsewhere. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H
#include "engine/fetch.h"

struct progress {
    const char *name;
    int64_t told_us, told; /* told: bytes of a fetch_cb */
    bool terminal;
};

void progress_begin(struct progress *p, const char *name);
/* A fetch_cb: stops on Ctrl-C. */
int progress_show(void *progress, const struct fetch_progress *f);
/* A share of the whole, 0..1, and what is to be said of it. */
void progress_line(struct progress *p, double share, const char *text);
/* Ends the line. */
void progress_end(struct progress *p);
/* From now on Ctrl-C only sets a flag; progress_interrupted tells it. */
void progress_catch_interrupt(void);
bool progress_interrupted(void);
void progress_forget_interrupt(void);
#endif
