/* child.h — a child process that talks frames over a socket pair (its descriptor 3). Loop thread.
 * The child's stderr goes line by line into the log, its stdin and stdout are /dev/null, and it inherits no other
 * descriptor: every one of ours above 2 is marked close-on-exec before the start. It has a session of its own, so that
 * Ctrl-C in the terminal reaches us and not the child. A child that breaks the frame format is killed; one that closes
 * its socket without ending is killed after 2 s. */
#ifndef LOOP_CHILD_H
#define LOOP_CHILD_H
#include "loop/frame.h"
#include "loop/loop.h"

struct child;
struct child_callbacks {
    void (*frame)(void *ctx, const struct frame *f); /* a whole frame came */
    /* The child is gone (always the last call, after its last frame): exit status or signal, and its last line on
     * stderr (or "", or how it broke the frame format). child_release is still due. */
    void (*gone)(void *ctx, int status, int signal, const char *last_words);
};

/* argv ends with NULL; env: NULL, or "K=V" strings that are set beside the inherited ones. */
int child_spawn(struct loop *loop, const char *const *argv, const char *const *env, const struct child_callbacks *cb,
                void *ctx, struct child **out, anima_error *err);
/* Queues a frame. ANIMA_E_BUSY when more than 32 MiB wait: the child does not read. */
int child_send(struct child *child, const char *head, size_t head_len, const void *raw, size_t raw_len,
               anima_error *err);
int child_pid(const struct child *child);
void child_kill(struct child *child, int signal);
/* Gives the child back; once, at any time, also inside its callbacks. NULL is legal.
 * Lets go: no callback comes any more; the child is asked to end (its socket closes) and killed 2 s later. */
void child_release(struct child *child);
#endif
