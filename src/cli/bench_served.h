/* bench_served.h — a server that a bench talks to: a process with an address of its own. */
#ifndef CLI_BENCH_SERVED_H
#define CLI_BENCH_SERVED_H
#include "anima/anima.h"

#include <sys/types.h>

struct bench_served {
    pid_t pid;
    char url[128];
};

/* Starts a server that prints its address (http://…) and waits for that, a minute at most. What it prints goes into the file
 * log, which is made anew. ANIMA_E_IO: it ended, or prints none; argv[0] is a path. */
int bench_served_start(struct bench_served *s, const char *name, char *const *argv, const char *log, anima_error *err);
/* Asks it to end and waits until it has. */
void bench_served_stop(struct bench_served *s);
#endif
