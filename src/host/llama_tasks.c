#include "host/llama_task.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "host/llama_batch.h"
#include "host/llama_threads.h"

#include <string.h>

#define CHUNK_BESIDE_SPEAKING 64
#define FIRST_CHUNK 128 /* of a prompt, until it is known how fast they are read */
#define LEAST_CHUNK 32
/* How long reading one chunk may take, since a cancel or a ping waits that long. Measured on the 1.5B: chunks of 1.5 s
 * read as fast as those of 512 tokens (95 tokens per CPU second), 0.7 s gives 76, 0.25 s only 62. */
#define CHUNK_US 1500000
#define REST_US 1500000 /* a stream at rest for so long is written to the disk */

int tasks_create(const struct tasks_config *config, struct tasks **out, anima_error *err)
{
    struct tasks *t = *out = mem_zero(1, sizeof(*t));
    if (!t)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    t->config = *config;
    t->batch = llama_batch_init(TASKS_BATCH, 0, 1);
    return llama_candidates_create(config->model, &t->candidates, err);
}

void tasks_destroy(struct tasks *t)
{
    if (!t)
        return;
    while (t->list)
        task_leave(t, t->list);
    if (t->batch.token)
        llama_batch_free(t->batch);
    llama_candidates_destroy(t->candidates);
    mem_free(t);
}

/* ---- a step ---- */

static void put(struct tasks *t, struct task *task, llama_token token, int position, bool logits)
{
    int i = batch_put(&t->batch, token, position, kv_seat_id(task->stream), logits);
    t->rows[i] = task;
    t->with[i] = task->with;
    if (logits)
        task->batch_index = i;
}

static void put_speaking(struct tasks *t)
{
    for (struct task *task = t->list; task && t->batch.n_tokens < TASKS_BATCH; task = task->next)
        if (task_speaks(task))
            put(t, task, task->said, task->stream->n, true);
}

static int chunk(const struct tasks *t, bool beside)
{
    double n = t->us_per_token > 0 ? CHUNK_US / t->us_per_token : FIRST_CHUNK;
    int most = beside ? CHUNK_BESIDE_SPEAKING : TASKS_BATCH;
    return n < LEAST_CHUNK ? LEAST_CHUNK : n > most ? most : (int)n;
}

static void put_prompts(struct tasks *t)
{
    int64_t now = clock_mono_us();
    bool waiting = tasks_any_awaited(t, now);
    int room = chunk(t, t->batch.n_tokens > 0);
    if (room > TASKS_BATCH - t->batch.n_tokens)
        room = TASKS_BATCH - t->batch.n_tokens;
    for (struct task *task = t->list; task && room > 0; task = task->next) {
        if (!task->seated || task_is_read(task) || (waiting && !task_urgent(task, now)))
            continue;
        int n_read = task->stream->n, left = task->n_want - n_read, n = left < room ? left : room;
        for (int i = 0; i < n; i++)
            put(t, task, task->want[n_read + i], n_read + i, i + 1 == left && !task->request->read_only);
        room -= n;
    }
}

/* Half of what was known, half of what was seen: follows a machine whose load changes. */
static void learn_speed(struct tasks *t, int64_t us)
{
    if (t->batch.n_tokens < LEAST_CHUNK)
        return; /* words, or a prompt's last few tokens: tells little about reading */
    double seen = (double)us / t->batch.n_tokens;
    t->us_per_token = t->us_per_token > 0 ? (t->us_per_token + seen) / 2 : seen;
}

static void begin_speaking(struct tasks *t, struct task *task)
{
    task->speaking_us = clock_mono_us();
    task->count.prefill_ms = (double)(task->speaking_us - task->began_us) / 1000;
    task->count.context_used = task->stream->n;
    host_started(t->config.host, task->request->id, &task->count);
}

static void keep_logprobs(struct tasks *t, struct task *task, const float *logits, llama_token token)
{
    /* One array for all tokens whose text leaves together. */
    if (task->logprobs.len) {
        task->logprobs.len--;
        buf_puts(&task->logprobs, ",");
    }
    size_t at = task->logprobs.len;
    llama_logprobs(t->candidates, logits, token, task->request->logprobs, &task->logprobs);
    if (at)
        memmove(task->logprobs.data + at, task->logprobs.data + at + 1, task->logprobs.len-- - at);
}

static void finish_scoring(struct tasks *t, struct task *task)
{
    struct buf scores;
    struct jw w;
    buf_init(&scores, 1u << 20);
    jw_init(&w, &scores);
    llama_score_put(task->score, &w);
    if (scores.failed)
        task_fail(t, task, ANIMA_E_NOMEM, "out of memory for the scores");
    else {
        host_scores(t->config.host, task->request->id, &scores, &task->count);
        task_leave(t, task);
    }
    buf_finish(&scores);
}

static void begin_scoring(struct tasks *t, struct task *task, const float *logits)
{
    if (!logits) {
        task_fail(t, task, ANIMA_E_ENGINE, "the model gave no result");
        return;
    }
    llama_score_first(task->score, logits);
    if (llama_score_whole(task->score))
        finish_scoring(t, task);
}

static void use_threads(struct tasks *t)
{
    int threads = threads_now(t->config.threads);
    llama_set_n_threads(t->config.context, threads, threads);
}

/* One candidate of the most urgent task that has any. between: others speak, or are read; a candidate is computed in one
 * piece, so one that can wait does not come between the words of a reply. */
static bool score(struct tasks *t, bool between)
{
    struct task *task = t->list;
    int64_t asked = clock_mono_us();
    bool awaited = between && tasks_any_awaited(t, asked);
    while (task && !(task->score && task_is_read(task) && (!awaited || task_urgent(task, asked))))
        task = task->next;
    if (!task)
        return false;
    use_threads(t);
    int64_t began = clock_mono_us();
    int rc = llama_score_next(task->score, t->config.context, t->config.kv, task->stream, t->config.lora, &task->with,
                              &t->batch, t->with);
    int64_t now = clock_mono_us();
    meter_add(&t->meter, now, now - began, 0, 0);
    if (rc)
        task_fail(t, task, rc, "a candidate could not be scored");
    else if (llama_score_whole(task->score))
        finish_scoring(t, task);
    return true;
}

static void sample(struct tasks *t, struct task *task)
{
    const float *logits = llama_get_logits_ith(t->config.context, task->batch_index);
    task->batch_index = -1;
    if (task->score) {
        begin_scoring(t, task, logits);
        return;
    }
    if (!task->speaking_us)
        begin_speaking(t, task);
    llama_token token = logits ? llama_pick_next(task->pick, t->candidates, logits) : -1;
    if (token < 0) {
        task_fail(t, task, ANIMA_E_INVALID, logits ? "the grammar allows no token here" : "the model gave no result");
        return;
    }
    if (llama_vocab_is_eog(llama_model_get_vocab(t->config.model), token)) {
        task_finish(t, task, "stop");
        return;
    }
    char piece[256];
    int n = llama_piece(t->config.model, token, piece, sizeof(piece));
    task->count.completion_tokens++;
    task->held_tokens++;
    t->n_said++;
    task->said = token;
    if (task->request->logprobs >= 0)
        keep_logprobs(t, task, logits, token);
    task_let_out(t, task, gate_add(&task->gate, piece, (size_t)n));
    if (task->gate.stopped)
        task_finish(t, task, "stop");
    else if (task->count.completion_tokens >= task->max_tokens)
        task_finish(t, task, "length");
}

/* After a decode: what went in is in the cells. */
static void advance(struct tasks *t)
{
    for (int i = 0; i < t->batch.n_tokens; i++)
        if (t->rows[i] && kv_grew(t->rows[i]->stream, t->batch.token[i]))
            t->rows[i]->batch_index = -2; /* cannot be told what it holds */
    for (struct task *task = t->list, *next; task; task = next) {
        next = task->next;
        if (task->batch_index == -2)
            task_fail(t, task, ANIMA_E_ENGINE, "out of memory for a stream");
        else if (task->batch_index >= 0)
            sample(t, task);
        else if (task->request->read_only && task_is_read(task))
            task_finish(t, task, "stop");
    }
}

static bool in_batch(const struct tasks *t, const struct task *task)
{
    for (int i = 0; i < t->batch.n_tokens; i++)
        if (t->rows[i] == task)
            return true;
    return false;
}

/* Those of the batch, or of them only those with an adapter. */
static void fail_batch(struct tasks *t, bool adapted, const char *why)
{
    for (struct task *task = t->list, *next; task; task = next) {
        next = task->next;
        if (!in_batch(t, task) || (adapted && !lora_identity(&task->with)))
            continue;
        for (int i = 0; i < t->batch.n_tokens; i++)
            t->rows[i] = t->rows[i] == task ? NULL : t->rows[i];
        task_fail(t, task, ANIMA_E_ENGINE, why);
    }
}

int tasks_step(struct tasks *t)
{
    tasks_admit(t);
    t->batch.n_tokens = 0;
    put_speaking(t);
    int spoken = t->batch.n_tokens;
    put_prompts(t);
    if (t->batch.n_tokens == 0) {
        if (score(t, false))
            return 0;
        if (kv_idle(t->config.kv, REST_US))
            return 0;
        if (t->list)
            return 10;
        int64_t left = t->rested_us + REST_US - clock_mono_us(); /* then the last stream is written */
        return t->rested_us && left > 0 ? (int)(left / 1000) + 1 : -1;
    }
    use_threads(t);
    if (t->config.lora)
        lora_batch(t->config.lora, &t->batch, t->with);
    int64_t began = clock_mono_us();
    int rc = llama_decode(t->config.context, t->batch);
    if (rc) {
        fail_batch(t, false, rc == 1 ? "the context is full" : "llama.cpp could not compute this step");
        return 0;
    }
    const char *trouble = t->config.lora ? lora_trouble(t->config.lora) : NULL;
    if (trouble)
        fail_batch(t, true, trouble);
    int64_t now = clock_mono_us();
    learn_speed(t, now - began);
    int read = t->batch.n_tokens - spoken; /* score fills the batch anew */
    t->n_said = 0;
    advance(t);
    meter_add(&t->meter, now, now - began, read, t->n_said);
    score(t, true);
    return 0;
}

/* ---- for people who look ---- */

const struct meter *tasks_meter(const struct tasks *t) { return &t->meter; }

double tasks_speed(const struct tasks *t) { return t->us_per_token > 0 ? 1e6 / t->us_per_token : 0; }

size_t tasks_views(const struct tasks *t, struct task_view *out, size_t max)
{
    size_t n = 0;
    for (const struct task *task = t->list; task && n < max; task = task->next)
        out[n++] = (struct task_view){ .stream = task->stream,
                                       .request = task->request,
                                       .state = !task->seated         ? "waiting"
                                                : !task_is_read(task) ? "reading"
                                                : task->score         ? "scoring"
                                                                      : "speaking",
                                       .want = task->n_want,
                                       .said = task->count.completion_tokens,
                                       .deadline_us = task->deadline_us };
    return n;
}
