/* llama_task.h — what llama_task.c (a task's life), llama_admit.c (who is next) and llama_tasks.c (the step) share. */
#ifndef HOST_LLAMA_TASK_H
#define HOST_LLAMA_TASK_H
#include "host/gate.h"
#include "host/llama_sample.h"
#include "host/llama_score.h"
#include "host/llama_tasks.h"
#include "host/lora.h"
#include "host/meter.h"

struct task {
    struct task *next; /* by deadline */
    struct request *request;
    struct kv_stream *stream;
    struct lora_row with;
    int64_t deadline_us, began_us, speaking_us;
    llama_token *want; /* the prompt, and what was said of the answer when it was interrupted: n_want tokens */
    int n_want;
    bool seated;
    int batch_index;  /* where its logits come in this step's batch; -1: nowhere */
    llama_token said; /* speaking: what goes in next */
    struct llama_pick *pick;
    struct llama_score *score; /* of one that scores; in place of pick */
    struct gate gate;
    struct buf logprobs; /* of tokens whose text has not left yet */
    int held_tokens, max_tokens;
    struct host_count count;
};

struct tasks {
    struct tasks_config config;
    struct llama_candidates *candidates;
    struct llama_batch batch;
    struct task *rows[TASKS_BATCH]; /* whose token each row of the batch is */
    struct lora_row with[TASKS_BATCH];
    struct task *list;
    int n_tasks, n_speakers;
    double us_per_token; /* reading prompts, as measured lately; 0: not yet */
    int64_t rested_us;   /* when a task left its seat last */
    struct meter meter;
    int n_said; /* tokens of this step */
};

/* Its prompt has been read. */
static inline bool task_is_read(const struct task *task) { return task->seated && task->stream->n >= task->n_want; }

static inline bool task_speaks(const struct task *task) { return task_is_read(task) && !task->score; }

/* Somebody waits for it, or has waited too long. */
static inline bool task_urgent(const struct task *task, int64_t now)
{
    return task->request->class < REQUEST_BACKGROUND || task->deadline_us <= now;
}

/* llama_task.c */
/* Into the list, by its deadline. */
void task_insert(struct tasks *t, struct task *task);
/* Gives its seat back; the stream keeps it until another needs it. */
void task_rest(struct tasks *t, struct task *task);
/* Lets n bytes of what the gate holds out, with what belongs to them. */
void task_let_out(struct tasks *t, struct task *task, long n);
/* Ends it: the daemon is told, the task is gone. how: "stop", "length", "cancelled". */
void task_finish(struct tasks *t, struct task *task, const char *how);
void task_fail(struct tasks *t, struct task *task, int code, const char *message);
/* Takes it out of the list and frees it; the daemon knows already. */
void task_leave(struct tasks *t, struct task *task);

/* llama_admit.c: seats who is next. */
void tasks_admit(struct tasks *t);
/* Somebody waits for words. */
bool tasks_any_awaited(const struct tasks *t, int64_t now);
#endif
