/* driver_script.c — a model that says what was written for it: for tests, demonstrations and measuring anima itself.
 *
 * The script is a text file of entries, separated by blank lines. "#" begins a comment line.
 *
 *   match: WORD         the entry answers a last message that contains WORD; without a match it answers any message.
 *                       The first entry that fits is used.
 *   stream: END         … and only a request of a stream whose name ends so
 *   say: TEXT           what it says; several say lines are joined by a line break. {last} is the last message without
 *                       the lines in brackets in front of it, {told} with them, {system} the system message,
 *                       {n} the number of messages, {prompt} that of the prompt's tokens, {cached} how many of them it had
 *                       read before, {streams} what it has read (script_memory.h), {adapter} the adapter that was asked for,
 *                       and its scale. "\n" stands for a line break.
 *   first_ms: N         wait before the first token (as a long prompt would)
 *   delay_ms: N         wait before each further token
 *   die: N              the process ends after N tokens, every time
 *   die_once: N         the same, but only while the request has no prefix: when it is asked to go on, it goes on
 *   garbage: N          sends a broken frame after N tokens (only while the request has no prefix)
 *   hang: N             after N tokens the process stops listening (only while the request has no prefix)
 *   error: CODE TEXT    refuses with that error name and message
 *   logprob: X          log probability of each token, for requests that ask (-0.1)
 *   means: WORD         the entry is no reply: texts with its match have the vector of WORD; first_ms, die: 0, hang: 0
 *                       and error work there, too. A text without such an entry has a vector of its own.
 *
 * Lines before the first entry: "slots: N" (4), "context: N" (8192 tokens, as it says; nothing is ever too long for it), "loading_ms: N", "fail_load: CODE TEXT".
 * Without a file it answers "You said: {last}". A token is a word with the space before it, or one Chinese character. */
#include "host/driver.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "host/gate.h"

#include "host/script.h"
#include "host/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SLOTS 64
#define WAKE_EVERY_US 30000 /* tokens closer together are said several at a time, at the pace that was asked for */
#define DIM 384

struct run {
    struct request *request;
    const struct script_entry *entry;
    char *text; /* what it will say, prefix taken off */
    size_t at;  /* bytes of text said */
    int tokens, max_tokens, prompt_tokens, cached_tokens, context_size;
    bool started;
    int64_t due_us, began_us, said_us;
    struct gate gate;
    struct run *next;
};

struct script_state {
    struct host *host;
    struct script *script;
    struct script_memory *memory;
    struct run *runs; /* in the order they came; the first `slots` are running */
    struct embed_request *embeds;
    int64_t embed_due_us; /* when the first of them is answered; 0: not looked at yet */
    struct meter meter;
};

static int script_tokenize(void *state, const char *text, size_t n)
{
    (void)state;
    (void)n;
    return script_tokens(text);
}

/* ---- opening ---- */

static const struct host_option options[] = {
    { "memory_limit_mb", "0", "address space it may take, in MiB; 0: no limit" },
    { NULL, NULL, NULL },
};

/* Requests may name adapters: written words stay as they are, {adapter} shows it. */
static const char *script_adapters(const struct host_config *config)
{
    (void)config;
    return "";
}

static size_t script_reads(const struct host_config *config, char paths[][512], size_t max)
{
    if (!*config->model || max < 1)
        return 0;
    snprintf(paths[0], 512, "%s", config->model);
    return 1;
}

static int script_open(struct host *host, const struct host_config *config, void **out, anima_error *err)
{
    struct script_state *s = mem_zero(1, sizeof(*s));
    char *text = NULL;
    size_t n = 0;
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    *out = s;
    s->host = host;
    s->memory = script_memory_create();
    if (!s->memory)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    int rc = *config->model ? fs_read(config->model, SCRIPT_MAX, &text, &n, err) : ANIMA_OK;
    if (!rc)
        rc = script_parse(text ? text : "say: You said: {last}\n", text ? n : 22, &s->script, err);
    mem_free(text);
    if (rc)
        return rc;
    for (int ms = 0; ms < s->script->loading_ms; ms += 50) {
        host_loading(host, (double)ms / s->script->loading_ms);
        usleep(50000);
    }
    if (s->script->fail_code)
        return err_set(err, s->script->fail_code, "%s", s->script->fail_message);
    return ANIMA_OK;
}

static void script_describe(void *state, struct jw *w)
{
    const struct script_state *s = state;
    jw_obj(w, "model");
    jw_str(w, "name", "script");
    jw_bool(w, "template", false);
    jw_end_obj(w);
    jw_int(w, "context_size", s->script->context);
    jw_int(w, "slots", s->script->slots);
    jw_str(w, "backend", "written replies");
    jw_int(w, "threads", 1);
}

/* ---- requests ---- */

static void free_run(struct run *r)
{
    request_free(r->request);
    mem_free(r->text);
    gate_finish(&r->gate);
    mem_free(r);
}

static void leave(struct script_state *s, struct run *r)
{
    for (struct run **p = &s->runs; *p; p = &(*p)->next)
        if (*p == r) {
            *p = r->next;
            break;
        }
    free_run(r);
}

static struct host_count count_of(const struct run *r)
{
    return (struct host_count){ .prompt_tokens = r->prompt_tokens,
                                .cached_tokens = r->cached_tokens,
                                .completion_tokens = r->tokens,
                                .context_used = r->prompt_tokens + r->tokens,
                                .context_size = r->context_size,
                                .decode_ms = (double)(clock_mono_us() - r->began_us) / 1000 };
}

static int prompt_of(const struct request *request)
{
    int tokens = 0;
    for (size_t i = 0; i < request->n_messages; i++)
        tokens += script_message_tokens(request->messages[i].text);
    return tokens;
}

static int script_read(void *state, struct request *request, anima_error *err)
{
    (void)err;
    struct script_state *s = state;
    const struct host_count count = { .prompt_tokens = prompt_of(request),
                                      .cached_tokens = script_memory_cached(s->memory, request),
                                      .context_size = s->script->context };
    script_memory_keep(s->memory, request, NULL);
    host_done(s->host, request->id, "stop", &count);
    request_free(request);
    return ANIMA_OK;
}

static void script_drop(void *state, const char *beginning)
{
    const struct script_state *s = state;
    script_memory_drop(s->memory, beginning);
}

static int script_generate(void *state, struct request *request, anima_error *err)
{
    struct script_state *s = state;
    const struct script_entry *entry = script_find(s->script, request_last_user(request), request->stream);
    struct run *r = mem_zero(1, sizeof(*r));
    int prompt_tokens = prompt_of(request);
    char *text = r && entry && !entry->error_code ? script_say(entry, request, prompt_tokens, s->memory) : NULL;
    if (!r || (entry && !entry->error_code && !text)) {
        mem_free(r);
        request_free(request);
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    if (!entry || entry->error_code) {
        int code = entry ? entry->error_code : ANIMA_E_NOT_FOUND;
        err_set(err, code, "%s", entry ? entry->error : "the script has no entry for this message");
        mem_free(r);
        request_free(request);
        return code;
    }
    size_t known = strlen(request->prefix);
    *r = (struct run){ .request = request,
                       .entry = entry,
                       .text = text,
                       .max_tokens = request->max_tokens,
                       .prompt_tokens = prompt_tokens,
                       .cached_tokens = script_memory_cached(s->memory, request),
                       .context_size = s->script->context };
    if (strncmp(text, request->prefix, known) == 0)
        r->at = known;
    script_memory_keep(s->memory, request, NULL);
    gate_init(&r->gate, request->stop, request->n_stop);
    struct run **end = &s->runs;
    while (*end)
        end = &(*end)->next;
    *end = r;
    return ANIMA_OK;
}

static int script_embed(void *state, struct embed_request *request, anima_error *err)
{
    struct script_state *s = state;
    int rc = embed_request_room(request, DIM, err);
    if (rc)
        embed_request_free(request);
    else
        embed_request_push(&s->embeds, request);
    return rc;
}

static void leave_embed(struct script_state *s, int64_t id)
{
    if (s->embeds && s->embeds->id == id)
        s->embed_due_us = 0;
    embed_request_free(embed_request_take(&s->embeds, id));
}

static bool cancel_embed(struct script_state *s, int64_t id)
{
    const struct embed_request *r = s->embeds;
    while (r && r->id != id)
        r = r->next;
    if (!r)
        return false;
    const struct host_count count = { 0 };
    host_done(s->host, id, "cancelled", &count);
    leave_embed(s, id);
    return true;
}

static void script_cancel(void *state, int64_t id)
{
    struct script_state *s = state;
    if (cancel_embed(s, id))
        return;
    for (struct run *r = s->runs; r; r = r->next)
        if (r->request->id == id) {
            struct host_count count = count_of(r);
            host_done(s->host, id, "cancelled", &count);
            leave(s, r);
            return;
        }
}

/* ---- talking ---- */

static void misbehave(struct script_state *s, const struct run *r)
{
    const struct script_entry *e = r->entry;
    bool fresh = !*r->request->prefix, dies = e->die == r->tokens || (fresh && e->die_once == r->tokens);
    if (dies || (fresh && e->hang == r->tokens))
        host_tell(s->host);
    if (dies)
        _exit(3);
    if (fresh && e->garbage == r->tokens)
        host_garbage(s->host, "\xff\xff\xff\xff\xff\xff\xff\xff not a frame", 21);
    while (fresh && e->hang == r->tokens)
        sleep(3600);
}

static void put_logprob(struct buf *out, const struct run *r, const char *token, size_t n)
{
    struct jw w;
    jw_init(&w, out);
    jw_arr(&w, NULL);
    jw_obj(&w, NULL);
    jw_strn(&w, "token", token, n);
    jw_num(&w, "logprob", r->entry->logprob);
    jw_arr(&w, "bytes");
    for (size_t i = 0; i < n; i++)
        jw_int(&w, NULL, (unsigned char)token[i]);
    jw_end_arr(&w);
    jw_arr(&w, "top_logprobs");
    if (r->request->logprobs > 0) {
        jw_obj(&w, NULL);
        jw_strn(&w, "token", token, n);
        jw_num(&w, "logprob", r->entry->logprob);
        jw_null(&w, "bytes");
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    jw_end_obj(&w);
    jw_end_arr(&w);
}

static void let_out(struct script_state *s, struct run *r, long n, int tokens, const struct buf *logprobs)
{
    if (n > 0) {
        host_words(s->host, r->request->id, r->gate.held.data, (size_t)n, tokens, logprobs);
        gate_take(&r->gate, (size_t)n);
    }
}

static void finish(struct script_state *s, struct run *r, const char *how)
{
    let_out(s, r, r->gate.stopped ? (long)r->gate.held.len : gate_end(&r->gate), 0, NULL);
    script_memory_keep(s->memory, r->request, r->text);
    struct host_count count = count_of(r);
    host_done(s->host, r->request->id, how, &count);
    leave(s, r);
}

/* Says one token of a run that is due. False if the run is over (and gone). */
static bool say_token(struct script_state *s, struct run *r)
{
    misbehave(s, r);
    if (!r->started) {
        struct host_count count = count_of(r);
        host_started(s->host, r->request->id, &count);
        r->started = true;
        r->began_us = clock_mono_us();
        meter_add(&s->meter, r->began_us, 0, r->prompt_tokens, 0);
    }
    if (!r->text[r->at]) {
        finish(s, r, "stop");
        return false;
    }
    if (r->max_tokens && r->tokens == r->max_tokens) {
        finish(s, r, "length");
        return false;
    }
    const char *token = r->text + r->at;
    size_t n = script_token(token);
    struct buf logprobs;
    buf_init(&logprobs, 1u << 20);
    if (r->request->logprobs >= 0)
        put_logprob(&logprobs, r, token, n);
    r->at += n;
    r->tokens++;
    let_out(s, r, gate_add(&r->gate, token, n), 1, &logprobs);
    buf_finish(&logprobs);
    if (r->gate.stopped) {
        finish(s, r, "stop");
        return false;
    }
    r->said_us = clock_mono_us();
    meter_add(&s->meter, r->said_us, 0, 0, 1);
    r->due_us += (int64_t)r->entry->delay_ms * 1000;
    return true;
}

/* ---- vectors ---- */

/* DIM numbers of the same size, whose signs come from a hash: two words have next to nothing in common. */
static void vector_of(const char *word, float *out)
{
    uint64_t h = hash_bytes(word, strlen(word));
    for (int i = 0; i < DIM; i++) {
        h = h * 6364136223846793005u + 1442695040888963407u;
        out[i] = h >> 63 ? 0.0510310363f : -0.0510310363f; /* 1/√384 */
    }
}

/* Milliseconds until the first text can be answered; what goes wrong by the script goes wrong here. */
static int64_t wait_for_embed(struct script_state *s, const struct script_entry **refused)
{
    int64_t now = clock_mono_us(), ms = 0;
    for (size_t i = 0; i < s->embeds->n; i++) {
        const struct script_entry *e = script_meaning(s->script, s->embeds->texts[i]);
        if (e && e->die == 0)
            _exit(3);
        while (e && e->hang == 0)
            sleep(3600);
        ms = e && e->first_ms > ms ? e->first_ms : ms;
        if (e && e->error_code)
            *refused = e;
    }
    if (!s->embed_due_us)
        s->embed_due_us = now + ms * 1000;
    return (s->embed_due_us - now + 999) / 1000;
}

/* Answers the first request for vectors; -1: there is none, else as step. */
static int step_embed(struct script_state *s)
{
    struct embed_request *r = s->embeds;
    const struct script_entry *refused = NULL;
    if (!r)
        return -1;
    int64_t ms = wait_for_embed(s, &refused);
    if (ms > 0)
        return (int)ms;
    for (size_t i = 0; i < r->n; i++) {
        const struct script_entry *e = script_meaning(s->script, r->texts[i]);
        vector_of(e ? e->means : r->texts[i], r->vectors + i * DIM);
    }
    if (refused)
        host_fail(s->host, r->id, refused->error_code, refused->error);
    else
        host_vectors(s->host, r->id, r->vectors, (int)r->n, DIM);
    leave_embed(s, r->id);
    return 0;
}

/* ---- for people who look ---- */

static void script_stats(void *state, struct jw *w)
{
    const struct script_state *s = state;
    int running = 0;
    jw_int(w, "threads", 1);
    stats_meter(w, &s->meter, clock_mono_us());
    jw_arr(w, "streams");
    for (const struct run *r = s->runs; r && running < STATS_MAX_STREAMS; r = r->next) {
        bool waits = running++ >= s->script->slots || !r->due_us;
        const struct stats_stream row = { .name = r->request->stream,
                                          .place = "",
                                          .state = waits        ? "waiting"
                                                   : r->started ? "speaking"
                                                                : "reading",
                                          .request = r->request,
                                          .tokens = r->started ? r->prompt_tokens + r->tokens : 0,
                                          .read = r->started ? r->prompt_tokens : 0,
                                          .want = r->prompt_tokens,
                                          .said = r->tokens };
        stats_stream(w, &row);
    }
    jw_end_arr(w);
}

static int step_runs(struct script_state *s)
{
    int64_t now = clock_mono_us(), soonest = INT64_MAX;
    int running = 0;
    struct run *next;
    for (struct run *r = s->runs; r && running < s->script->slots; r = next) {
        next = r->next;
        running++;
        if (!r->due_us)
            r->due_us = now + (int64_t)r->entry->first_ms * 1000;
        do {
            if (r->due_us <= now && !say_token(s, r))
                return 0;
        } while (r->due_us <= now && r->entry->delay_ms);
        int64_t wake = r->due_us;
        if (wake > now && r->tokens && wake < r->said_us + WAKE_EVERY_US)
            wake = r->said_us + WAKE_EVERY_US;
        soonest = wake < soonest ? wake : soonest;
    }
    if (soonest == INT64_MAX)
        return -1;
    if (soonest <= now)
        return 0;
    return (int)((soonest - now + 999) / 1000);
}

static int script_step(void *state)
{
    struct script_state *s = state;
    int embed = step_embed(s), next = embed ? step_runs(s) : 0;
    return embed >= 0 && (next < 0 || embed < next) ? embed : next;
}

static void script_close(void *state)
{
    struct script_state *s = state;
    while (s->embeds)
        leave_embed(s, s->embeds->id);
    while (s->runs)
        leave(s, s->runs);
    script_memory_destroy(s->memory);
    script_free(s->script);
    mem_free(s);
}

const struct host_driver driver_script = {
    .name = "script",
    .summary = "written replies, for tests and demonstrations; the model is a text file (src/host/driver_script.c)",
    .options = options,
    .reads = script_reads,
    .adapters = script_adapters,
    .open = script_open,
    .describe = script_describe,
    .generate = script_generate,
    .read = script_read,
    .drop = script_drop,
    .embed = script_embed,
    .cancel = script_cancel,
    .tokenize = script_tokenize,
    .stats = script_stats,
    .step = script_step,
    .close = script_close,
};
