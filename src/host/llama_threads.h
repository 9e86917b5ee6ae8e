/* llama_threads.h — how many threads an engine should use now. ggml spins at barriers, so on a busy machine fewer threads
 * can be much faster (measured on the default model: two threads 0.8 tokens/s where one made 5). */
#ifndef HOST_LLAMA_THREADS_H
#define HOST_LLAMA_THREADS_H

struct threads;

/* fixed > 0: always so many. Opens /proc/stat, so it is called before the jail closes. NULL: no memory. */
struct threads *threads_create(int fixed);
void threads_destroy(struct threads *t);
/* Processors this process may run on. */
int threads_most(const struct threads *t);
/* The number in use; looks at nothing. */
int threads_used(const struct threads *t);
/* The number to use from now on; looks at the machine at most once a second. */
int threads_now(struct threads *t);
#endif
