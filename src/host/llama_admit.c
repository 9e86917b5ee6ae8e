/* llama_admit.c — which tasks get seats, and who gives one away (llama_tasks.h has the rules). */
#include "host/llama_task.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <string.h>

#define WORTH_WAITING 8 /* tokens that need not be read twice */

/* Takes it from its seat. What it has said becomes part of what it wants read, so that it goes on behind that. */
static bool interrupt(struct tasks *t, struct task *task)
{
    int n = task->stream->n;
    if (task_speaks(task)) {
        llama_token *want = mem_realloc(task->want, (size_t)(n + 1) * sizeof(*want));
        if (!want)
            return false;
        memcpy(want, task->stream->tokens, (size_t)n * sizeof(*want));
        want[n] = task->said;
        task->want = want;
        task->n_want = n + 1;
    }
    task_rest(t, task);
    return true;
}

/* One for which nobody waits, or which only reads, with a later deadline, gives its cells away, and its place if it speaks. */
static bool preempt(struct tasks *t, const struct task *task, bool speaker)
{
    int64_t now = clock_mono_us();
    for (struct task *other = t->list; other; other = other->next) {
        bool reads = other->request->read_only, scores = other->score && task_is_read(other); /* which is over soon */
        if (other->seated && !scores && other->deadline_us > task->deadline_us &&
            (reads ? !speaker : !task_urgent(other, now)))
            return interrupt(t, other);
    }
    return false;
}

/* How many cells it may come to need. */
static int room_for(const struct task *task)
{
    return task->n_want + (task->request->read_only ? 0 : task->max_tokens - task->count.completion_tokens);
}

static bool seat(struct tasks *t, struct task *task)
{
    anima_error err;
    int rc, room = room_for(task);
    while ((rc = kv_seat(t->config.kv, task->stream, lora_identity(&task->with), task->want, task->n_want, room,
                         &err)) == KV_WAIT)
        if (!preempt(t, task, false))
            return false;
    if (rc) {
        task_fail(t, task, rc, err.message);
        return true;
    }
    task->seated = true;
    if (!task->speaking_us)
        task->count.cached_tokens = task->stream->n;
    t->n_speakers += !task->request->read_only;
    return true;
}

/* Whether a task in front of this one is just reading what both begin with: then it is read once, and shared. */
static bool another_reads_it(const struct tasks *t, const struct task *task, int64_t now)
{
    const struct kv_stream *s = task->stream;
    for (const struct task *other = t->list; other != task; other = other->next) {
        if (!other->seated || task_is_read(other) || !task_urgent(other, now) ||
            lora_identity(&other->with) != lora_identity(&task->with))
            continue;
        int both = kv_in_common(other->want, other->n_want, task->want, task->n_want);
        if (both - other->stream->n >= WORTH_WAITING &&
            both - kv_in_common(s->tokens, s->n, task->want, task->n_want) >= WORTH_WAITING)
            return kv_shares(t->config.kv);
    }
    return false;
}

/* Somebody waits for its words. */
static bool awaited(const struct task *task, int64_t now)
{
    return task->seated && !task->request->read_only && task_urgent(task, now);
}

bool tasks_any_awaited(const struct tasks *t, int64_t now)
{
    const struct task *task = t->list;
    while (task && !awaited(task, now))
        task = task->next;
    return task != NULL;
}

/* There is a place among those who speak. For voice there always is one. */
static bool has_place(struct tasks *t, const struct task *task)
{
    return task->request->read_only || task->request->class == REQUEST_VOICE || t->n_speakers < t->config.speakers ||
           preempt(t, task, true);
}

/* Seats who is next. Nobody overtakes a task that waits for cells: so it gets them. */
void tasks_admit(struct tasks *t)
{
    int64_t now = clock_mono_us();
    bool waiting = tasks_any_awaited(t, now);
    for (struct task *task = t->list, *next; task; task = next) {
        next = task->next;
        bool later = !task_urgent(task, now) && waiting;
        if (task->seated || task->stream->busy || later || another_reads_it(t, task, now) || !has_place(t, task))
            continue;
        if (!seat(t, task))
            return;
        waiting |= awaited(task, now);
    }
}
