/* llama_task.c — the life of a task: how it comes to be, waits in the list, and ends. */
#include "host/llama_task.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "host/llama_prompt.h"

#include <string.h>

#define MAX_TASKS 4096

/* What each class may wait. */
static const int64_t may_wait_us[REQUEST_CLASSES] = { 200000, 1000000, 3000000, 60000000, 300000000 };

/* ---- the list ---- */

void task_insert(struct tasks *t, struct task *task)
{
    struct task **p = &t->list;
    while (*p && (*p)->deadline_us <= task->deadline_us)
        p = &(*p)->next;
    task->next = *p;
    *p = task;
    t->n_tasks++;
}

static void task_free(struct tasks *t, struct task *task)
{
    lora_release(t->config.lora, task->with.adapter);
    request_free(task->request);
    mem_free(task->want);
    llama_pick_destroy(task->pick);
    llama_score_destroy(task->score);
    gate_finish(&task->gate);
    buf_finish(&task->logprobs);
    mem_free(task);
}

void task_rest(struct tasks *t, struct task *task)
{
    if (!task->seated)
        return;
    task->seated = false;
    t->n_speakers -= !task->request->read_only;
    kv_rest(t->config.kv, task->stream);
    t->rested_us = clock_mono_us();
}

void task_leave(struct tasks *t, struct task *task)
{
    struct task **p = &t->list;
    while (*p != task)
        p = &(*p)->next;
    *p = task->next;
    t->n_tasks--;
    task_rest(t, task);
    task->stream->users--;
    if (!*task->stream->name && !task->stream->n)
        kv_drop(t->config.kv, task->stream);
    task_free(t, task);
}

/* ---- the end of a task ---- */

void task_let_out(struct tasks *t, struct task *task, long n)
{
    if (n <= 0)
        return;
    host_words(t->config.host, task->request->id, task->gate.held.data, (size_t)n, task->held_tokens, &task->logprobs);
    gate_take(&task->gate, (size_t)n);
    task->held_tokens = 0;
    buf_reset(&task->logprobs);
}

/* What might still become a stop string stays in the snapshot: it leaves when that is resumed. */
static void tell_snapshot(struct tasks *t, struct task *task)
{
    struct buf state;
    buf_init(&state, 4u << 20);
    llama_pick_state(task->pick, &state);
    if (!state.failed)
        host_snapshot(t->config.host, task->request->id, &state);
    buf_finish(&state);
}

void task_finish(struct tasks *t, struct task *task, const char *how)
{
    bool goes_on = task->request->snapshot && task->pick && strcmp(how, "stop") != 0;
    if (!goes_on)
        task_let_out(t, task, task->gate.stopped ? (long)task->gate.held.len : gate_end(&task->gate));
    if (task->request->snapshot && task->pick)
        tell_snapshot(t, task);
    task->count.context_used = task->stream->n;
    if (task->speaking_us)
        task->count.decode_ms = (double)(clock_mono_us() - task->speaking_us) / 1000;
    host_done(t->config.host, task->request->id, how, &task->count);
    task_leave(t, task);
}

void task_fail(struct tasks *t, struct task *task, int code, const char *message)
{
    if (code == ANIMA_E_ENGINE && task->seated)
        kv_distrust(t->config.kv, task->stream);
    host_fail(t->config.host, task->request->id, code, message);
    task_leave(t, task);
}

void tasks_cancel(struct tasks *t, int64_t id)
{
    for (struct task *task = t->list; task; task = task->next)
        if (task->request->id == id) {
            task_finish(t, task, "cancelled");
            return;
        }
}

void tasks_leave(struct tasks *t, const char *beginning)
{
    for (struct task *task = t->list, *next; task; task = next) {
        next = task->next;
        if (strncmp(task->request->stream, beginning, strlen(beginning)) == 0)
            task_finish(t, task, "cancelled");
    }
}

/* ---- the beginning ---- */

/* Reading ahead on the same stream is over: this one reads further. */
static void replace_reading(struct tasks *t, const struct task *task)
{
    for (struct task *other = t->list, *next; other && *task->request->stream; other = next) {
        next = other->next;
        if (other != task && other->request->read_only && other->stream == task->stream)
            task_finish(t, other, "cancelled");
    }
}

static int get_adapter(struct tasks *t, struct task *task, anima_error *err)
{
    const struct request *r = task->request;
    task->with.scale = (float)r->adapter_scale;
    if (!*r->adapter)
        return ANIMA_OK;
    return t->config.lora ? lora_get(t->config.lora, r->adapter, &task->with.adapter, err)
                          : err_set(err, ANIMA_E_NOT_FOUND,
                                    "this engine has no adapters: its option `adapters` names "
                                    "no folder, or it runs on a GPU");
}

/* What was said before the snapshot has left already, but for the end of it that could not yet. */
static int resume_gate(struct tasks *t, struct task *task, const llama_token *tokens, int n, anima_error *err)
{
    char piece[256];
    long ready = 0;
    for (int i = 0; i < n && ready >= 0 && !task->gate.stopped; i++) {
        ready = gate_add(&task->gate, piece, (size_t)llama_piece(t->config.model, tokens[i], piece, sizeof(piece)));
        if (ready > 0)
            gate_take(&task->gate, (size_t)ready);
    }
    return ready < 0 || task->gate.stopped
               ? err_set(err, ANIMA_E_INVALID, "what is resumed had come to its end already")
               : ANIMA_OK;
}

/* The prompt, and behind it the tokens of a snapshot, n_resumed of them. */
static int read_prompt(struct tasks *t, struct task *task, int room, int *n_resumed, anima_error *err)
{
    struct request *r = task->request;
    struct buf resumed;
    struct llama_prompt prompt = { 0 };
    buf_init(&resumed, (REQUEST_MAX_RESUMED + 1) * sizeof(llama_token));
    int rc = r->resume ? llama_resumed(t->config.model, r, &resumed, err) : ANIMA_OK;
    int n = *n_resumed = (int)(resumed.len / sizeof(llama_token));
    if (!rc)
        rc = llama_prompt_build(t->config.model, r, room - n, &prompt, err);
    task->want = prompt.tokens;
    task->n_want = prompt.n;
    task->count.dropped_messages = prompt.dropped;
    if (prompt.until && r->n_stop < REQUEST_MAX_STOP)
        r->stop[r->n_stop++] = prompt.until;
    gate_init(&task->gate, r->stop, r->n_stop);
    if (!rc && n) {
        llama_token *all = mem_realloc(task->want, (size_t)(prompt.n + n) * sizeof(*all));
        if (all) {
            memcpy(all + prompt.n, resumed.data, resumed.len);
            task->want = all;
            task->n_want += n;
            rc = resume_gate(t, task, all + prompt.n, n, err);
        } else {
            rc = err_set(err, ANIMA_E_NOMEM, "out of memory for what is resumed");
        }
    }
    buf_finish(&resumed);
    return rc;
}

/* How it will speak, or what it will score. */
static int prepare_voice(struct tasks *t, struct task *task, int n_resumed, anima_error *err)
{
    const struct request *r = task->request;
    if (r->read_only)
        return ANIMA_OK;
    if (!r->candidates)
        return llama_pick_create(t->config.model, r, task->want, task->n_want, n_resumed, &task->pick, err);
    int rc = llama_score_create(t->config.model, r, &task->score, err);
    if (rc)
        return rc;
    int longest = llama_score_longest(task->score);
    if (longest > task->max_tokens)
        return err_set(err, ANIMA_E_LIMIT, "a candidate of %d tokens does not fit behind the prompt", longest);
    task->max_tokens = longest;
    return ANIMA_OK;
}

int tasks_add(struct tasks *t, struct request *r, anima_error *err)
{
    struct task *task = t->n_tasks < MAX_TASKS ? mem_zero(1, sizeof(*task)) : NULL;
    if (!task) {
        request_free(r);
        return err_set(err, ANIMA_E_BUSY, "too many requests wait for this engine");
    }
    task->request = r;
    task->batch_index = -1;
    task->began_us = clock_mono_us();
    task->deadline_us = task->began_us + may_wait_us[r->class];
    buf_init(&task->logprobs, 1u << 20);
    /* Room for the answer: what was asked for, but no more than a quarter of the context has to stay free for it. */
    int size = t->config.context_size, quarter = size / 4;
    int answer = r->max_tokens > 0 && r->max_tokens < quarter ? r->max_tokens : quarter;
    int n_resumed = 0, rc = get_adapter(t, task, err);
    if (!rc)
        rc = read_prompt(t, task, size - answer, &n_resumed, err);
    if (!rc && !(task->stream = kv_stream(t->config.kv, r->stream)))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for a stream");
    task->count.prompt_tokens = task->n_want;
    task->count.context_size = size;
    int room = size - task->n_want;
    task->max_tokens = r->max_tokens > 0 && r->max_tokens < room ? r->max_tokens : room;
    if (!rc)
        rc = prepare_voice(t, task, n_resumed, err);
    if (rc) {
        if (task->stream && !*task->stream->name)
            kv_drop(t->config.kv, task->stream); /* it was made for this one */
        task_free(t, task);
        return rc;
    }
    task->stream->users++;
    task_insert(t, task);
    replace_reading(t, task);
    return ANIMA_OK;
}
