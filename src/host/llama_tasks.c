#include "host/llama_tasks.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "host/gate.h"
#include "host/llama_batch.h"
#include "host/llama_prompt.h"
#include "host/llama_sample.h"
#include "host/llama_score.h"
#include "host/llama_threads.h"
#include "host/lora.h"

#include <string.h>

#define CHUNK_BESIDE_SPEAKING 64
#define FIRST_CHUNK 128 /* of a prompt, until it is known how fast they are read */
#define LEAST_CHUNK 32
/* How long reading one chunk may take, since a cancel or a ping waits that long. Measured on the 1.5B: chunks of 1.5 s
 * read as fast as those of 512 tokens (95 tokens per CPU second), 0.7 s gives 76, 0.25 s only 62. */
#define CHUNK_US 1500000
#define REST_US 1500000 /* a stream at rest for so long is written to the disk */
#define WORTH_WAITING 8 /* tokens that need not be read twice */
#define MAX_TASKS 4096

/* What each class may wait. */
static const int64_t may_wait_us[REQUEST_CLASSES] = { 200000, 1000000, 3000000, 60000000, 300000000 };

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

int tasks_create(const struct tasks_config *config, struct tasks **out, anima_error *err)
{
    struct tasks *t = *out = mem_zero(1, sizeof(*t));
    if (!t)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    t->config = *config;
    t->batch = llama_batch_init(TASKS_BATCH, 0, 1);
    return llama_candidates_create(config->model, &t->candidates, err);
}

/* ---- the list ---- */

static void insert(struct tasks *t, struct task *task)
{
    struct task **p = &t->list;
    while (*p && (*p)->deadline_us <= task->deadline_us)
        p = &(*p)->next;
    task->next = *p;
    *p = task;
    t->n_tasks++;
}

static void free_task(struct tasks *t, struct task *task)
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

static void rest(struct tasks *t, struct task *task)
{
    if (!task->seated)
        return;
    task->seated = false;
    t->n_speakers -= !task->request->read_only;
    kv_rest(t->config.kv, task->stream);
    t->rested_us = clock_mono_us();
}

static void leave(struct tasks *t, struct task *task)
{
    struct task **p = &t->list;
    while (*p != task)
        p = &(*p)->next;
    *p = task->next;
    t->n_tasks--;
    rest(t, task);
    task->stream->users--;
    if (!*task->stream->name && !task->stream->n)
        kv_drop(t->config.kv, task->stream);
    free_task(t, task);
}

void tasks_destroy(struct tasks *t)
{
    if (!t)
        return;
    while (t->list)
        leave(t, t->list);
    if (t->batch.token)
        llama_batch_free(t->batch);
    llama_candidates_destroy(t->candidates);
    mem_free(t);
}

/* ---- the end of a task ---- */

static void let_out(struct tasks *t, struct task *task, long n)
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

static void finish(struct tasks *t, struct task *task, const char *how)
{
    bool goes_on = task->request->snapshot && task->pick && strcmp(how, "stop") != 0;
    if (!goes_on)
        let_out(t, task, task->gate.stopped ? (long)task->gate.held.len : gate_end(&task->gate));
    if (task->request->snapshot && task->pick)
        tell_snapshot(t, task);
    task->count.context_used = task->stream->n;
    if (task->speaking_us)
        task->count.decode_ms = (double)(clock_mono_us() - task->speaking_us) / 1000;
    host_done(t->config.host, task->request->id, how, &task->count);
    leave(t, task);
}

static void fail(struct tasks *t, struct task *task, int code, const char *message)
{
    if (code == ANIMA_E_ENGINE && task->seated)
        kv_distrust(t->config.kv, task->stream);
    host_fail(t->config.host, task->request->id, code, message);
    leave(t, task);
}

void tasks_cancel(struct tasks *t, int64_t id)
{
    for (struct task *task = t->list; task; task = task->next)
        if (task->request->id == id) {
            finish(t, task, "cancelled");
            return;
        }
}

void tasks_leave(struct tasks *t, const char *beginning)
{
    for (struct task *task = t->list, *next; task; task = next) {
        next = task->next;
        if (strncmp(task->request->stream, beginning, strlen(beginning)) == 0)
            finish(t, task, "cancelled");
    }
}

/* ---- the beginning ---- */

/* Reading ahead on the same stream is over: this one reads further. */
static void replace_reading(struct tasks *t, const struct task *task)
{
    for (struct task *other = t->list, *next; other && *task->request->stream; other = next) {
        next = other->next;
        if (other != task && other->request->read_only && other->stream == task->stream)
            finish(t, other, "cancelled");
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
        free_task(t, task);
        return rc;
    }
    task->stream->users++;
    insert(t, task);
    replace_reading(t, task);
    return ANIMA_OK;
}

/* Its prompt has been read. */
static bool is_read(const struct task *task) { return task->seated && task->stream->n >= task->n_want; }

static bool speaking(const struct task *task) { return is_read(task) && !task->score; }

/* Somebody waits for it, or has waited too long. */
static bool urgent(const struct task *task, int64_t now)
{
    return task->request->class < REQUEST_BACKGROUND || task->deadline_us <= now;
}

/* Takes it from its seat. What it has said becomes part of what it wants read, so that it goes on behind that. */
static bool interrupt(struct tasks *t, struct task *task)
{
    int n = task->stream->n;
    if (speaking(task)) {
        llama_token *want = mem_realloc(task->want, (size_t)(n + 1) * sizeof(*want));
        if (!want)
            return false;
        memcpy(want, task->stream->tokens, (size_t)n * sizeof(*want));
        want[n] = task->said;
        task->want = want;
        task->n_want = n + 1;
    }
    rest(t, task);
    return true;
}

/* One for which nobody waits, or which only reads, with a later deadline, gives its cells away, and its place if it speaks. */
static bool preempt(struct tasks *t, const struct task *task, bool speaker)
{
    int64_t now = clock_mono_us();
    for (struct task *other = t->list; other; other = other->next) {
        bool reads = other->request->read_only, scores = other->score && is_read(other); /* which is over soon */
        if (other->seated && !scores && other->deadline_us > task->deadline_us &&
            (reads ? !speaker : !urgent(other, now)))
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
        fail(t, task, rc, err.message);
        return true;
    }
    task->seated = true;
    if (!task->speaking_us)
        task->count.cached_tokens = task->stream->n;
    t->n_speakers += !task->request->read_only;
    return true;
}

static int in_common(const llama_token *a, int n_a, const llama_token *b, int n_b)
{
    int n = 0;
    while (n < n_a && n < n_b && a[n] == b[n])
        n++;
    return n;
}

/* Whether a task in front of this one is just reading what both begin with: then it is read once, and shared. */
static bool another_reads_it(const struct tasks *t, const struct task *task, int64_t now)
{
    const struct kv_stream *s = task->stream;
    for (const struct task *other = t->list; other != task; other = other->next) {
        if (!other->seated || is_read(other) || !urgent(other, now) ||
            lora_identity(&other->with) != lora_identity(&task->with))
            continue;
        int both = in_common(other->want, other->n_want, task->want, task->n_want);
        if (both - other->stream->n >= WORTH_WAITING &&
            both - in_common(s->tokens, s->n, task->want, task->n_want) >= WORTH_WAITING)
            return kv_shares(t->config.kv);
    }
    return false;
}

/* Somebody waits for its words. */
static bool awaited(const struct task *task, int64_t now)
{
    return task->seated && !task->request->read_only && urgent(task, now);
}

static bool anybody_awaited(const struct tasks *t, int64_t now)
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
static void admit(struct tasks *t)
{
    int64_t now = clock_mono_us();
    bool waiting = anybody_awaited(t, now);
    for (struct task *task = t->list, *next; task; task = next) {
        next = task->next;
        bool later = !urgent(task, now) && waiting;
        if (task->seated || task->stream->busy || later || another_reads_it(t, task, now) || !has_place(t, task))
            continue;
        if (!seat(t, task))
            return;
        waiting |= awaited(task, now);
    }
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
        if (speaking(task))
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
    bool waiting = anybody_awaited(t, now);
    int room = chunk(t, t->batch.n_tokens > 0);
    if (room > TASKS_BATCH - t->batch.n_tokens)
        room = TASKS_BATCH - t->batch.n_tokens;
    for (struct task *task = t->list; task && room > 0; task = task->next) {
        if (!task->seated || is_read(task) || (waiting && !urgent(task, now)))
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
        fail(t, task, ANIMA_E_NOMEM, "out of memory for the scores");
    else {
        host_scores(t->config.host, task->request->id, &scores, &task->count);
        leave(t, task);
    }
    buf_finish(&scores);
}

static void begin_scoring(struct tasks *t, struct task *task, const float *logits)
{
    if (!logits) {
        fail(t, task, ANIMA_E_ENGINE, "the model gave no result");
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

/* One candidate of the most urgent task that has any. */
static bool score(struct tasks *t)
{
    struct task *task = t->list;
    while (task && !(task->score && is_read(task)))
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
        fail(t, task, rc, "a candidate could not be scored");
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
        fail(t, task, ANIMA_E_INVALID, logits ? "the grammar allows no token here" : "the model gave no result");
        return;
    }
    if (llama_vocab_is_eog(llama_model_get_vocab(t->config.model), token)) {
        finish(t, task, "stop");
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
    let_out(t, task, gate_add(&task->gate, piece, (size_t)n));
    if (task->gate.stopped)
        finish(t, task, "stop");
    else if (task->count.completion_tokens >= task->max_tokens)
        finish(t, task, "length");
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
            fail(t, task, ANIMA_E_ENGINE, "out of memory for a stream");
        else if (task->batch_index >= 0)
            sample(t, task);
        else if (task->request->read_only && is_read(task))
            finish(t, task, "stop");
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
        fail(t, task, ANIMA_E_ENGINE, why);
    }
}

int tasks_step(struct tasks *t)
{
    admit(t);
    t->batch.n_tokens = 0;
    put_speaking(t);
    int spoken = t->batch.n_tokens;
    put_prompts(t);
    if (t->batch.n_tokens == 0) {
        if (score(t))
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
    t->n_said = 0;
    advance(t);
    score(t);
    meter_add(&t->meter, now, now - began, t->batch.n_tokens - spoken, t->n_said);
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
                                       .state = !task->seated    ? "waiting"
                                                : !is_read(task) ? "reading"
                                                : task->score    ? "scoring"
                                                                 : "speaking",
                                       .want = task->n_want,
                                       .said = task->count.completion_tokens,
                                       .deadline_us = task->deadline_us };
    return n;
}
