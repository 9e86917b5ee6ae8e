/* jail.h — what an engine process may still do. A model file is foreign input and ggml is much code, so the engine gives
 * up the right to everything it does not need, for itself and all its threads, for good:
 *
 *   1. jail_enter, before the model is read:  no_new_privs; Landlock: only the planned paths, read only, no TCP unless
 *      planned, no signals to others; seccomp: an allow-list (no socket, no exec, no fork, no ptrace, no file opened
 *      for writing); no core files.
 *   2. jail_seal, after it: Landlock without any path and seccomp without open, so not even the model can be read again.
 *      Not for plans with devices or network, which open files later.
 *
 * Both are called while the process has one thread; threads made later inherit everything. A call that is not on the
 * list fails with EPERM. Sanitizer builds additionally allow what the leak checker needs (fork of a tracer, ptrace of
 * the own process); nothing else differs. */
#ifndef HOST_JAIL_H
#define HOST_JAIL_H
#include "anima/anima.h"
#include "base/json.h"

#define JAIL_MAX_PATHS 64

struct jail_plan {
    char *paths[JAIL_MAX_PATHS];   /* readable files and folders; those that do not exist are left out */
    size_t n_paths;
    bool devices;                  /* GPU device nodes, read and write */
    bool network;                  /* outgoing connections */
    int64_t memory_limit;          /* bytes of address space; 0: no limit */
    bool failed;                   /* memory ran out, or too many paths */
};

struct jail_state {
    int landlock;                  /* its ABI; 0: none */
    bool seccomp, sealed, network;
    int64_t memory_limit;
};

/* Copies path (NULL and "" are left out). */
void jail_allow(struct jail_plan *plan, const char *path);
/* Every part of a list of folders as in LD_LIBRARY_PATH. */
void jail_allow_list(struct jail_plan *plan, const char *list);
void jail_plan_finish(struct jail_plan *plan);

/* ANIMA_E_FORBIDDEN with the cure if the kernel has no Landlock or seccomp, unless optional (then *state tells what
 * there is). */
int jail_enter(const struct jail_plan *plan, bool optional, struct jail_state *state, anima_error *err);
int jail_seal(const struct jail_plan *plan, struct jail_state *state, anima_error *err);
/* Writes member "jail" of the ready frame. */
void jail_describe(const struct jail_state *state, struct jw *w);
/* Tries what must not work and writes a JSON line to fd; true if everything was denied. */
bool jail_test(const struct jail_state *state, int fd);
#endif
