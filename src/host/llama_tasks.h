/* llama_tasks.h — what a GGUF engine works on, and in which order.
 *
 * A task is a request on a stream:   WAITING → (seated) READING → SPEAKING → gone      one that only reads ends after READING,
 *                                                               → SCORING → gone       one that scores candidates speaks not
 * Its class gives it a deadline (arrival + what that class may wait); tasks are seated, and prompts read, the earliest
 * deadline first. So a voice turn overtakes everything, and nothing waits for ever, because every deadline comes.
 *   - A step is one llama_decode: one token for everybody who speaks, and as much of the prompts as can be read in
 *     CHUNK_US on this machine now (measured), less while somebody speaks, so that a cancel is obeyed soon and nobody's
 *     words stutter because another's prompt is long.
 *   - Candidates are scored one a step (llama_score.h).
 *   - Class background and later is begun and read only while nobody waits for the words of another, until its deadline has come.
 *   - Such a task, and any that only reads, gives its cells, and its place among those who speak, to one with an earlier
 *     deadline. What it has read and said is kept, and it goes on behind that. Voice always has a place.
 *   - What several tasks begin with is read once: the others wait for the first to have read it, and begin with its KV cache.
 *   - Two tasks of one stream run one after the other, but a request takes the place of reading ahead.
 * One thread. */
#ifndef HOST_LLAMA_TASKS_H
#define HOST_LLAMA_TASKS_H
#include "host/driver.h"
#include "host/kv.h"
#include "host/meter.h"

#define TASKS_BATCH 512 /* tokens of one llama_decode */

struct lora;
struct tasks;
struct threads;

struct tasks_config {
    struct host *host;
    const struct llama_model *model;
    struct llama_context *context;
    struct kv *kv;           /* borrowed */
    struct threads *threads; /* borrowed */
    struct lora *lora;       /* borrowed; NULL: no adapters. Its callback is the context's */
    int context_size;        /* tokens a stream may have */
    int speakers;            /* how many may speak at once, voice not counted */
};

int tasks_create(const struct tasks_config *config, struct tasks **out, anima_error *err);
void tasks_destroy(struct tasks *t);
/* Takes the request. */
int tasks_add(struct tasks *t, struct request *request, anima_error *err);
void tasks_cancel(struct tasks *t, int64_t id);
/* Ends what runs on the streams whose names begin so (told as cancelled), so that they can be dropped. */
void tasks_leave(struct tasks *t, const char *beginning);
/* What was done since the start, and a while ago. Borrowed. */
const struct meter *tasks_meter(const struct tasks *t);
/* Tokens of prompts that can be read in a second, as measured lately; 0: not yet. */
double tasks_speed(const struct tasks *t);
/* A task, as people may see it. */
struct task_view {
    const struct kv_stream *stream;
    const struct request *request;
    const char *state; /* "waiting", "reading", "speaking", "scoring" */
    int want, said;    /* tokens of its prompt, of its answer so far */
    int64_t deadline_us;
};
/* At most max of them, the earliest deadline first; returns how many. Borrowed until the next step. */
size_t tasks_views(const struct tasks *t, struct task_view *out, size_t max);
/* As host_driver.step. */
int tasks_step(struct tasks *t);
#endif
