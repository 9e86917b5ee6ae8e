/* job.c — a request: copied, written as a "generate" frame, sent again after a death, ended once.
 *
 * The frame is written once, up to the last member of "sampling"; what changes from one sending to the next
 * (max_tokens, prefix, id) is appended behind it. A request that was sent and whose owner left stays as a ghost until
 * the engine's last word about it, so that every id the engine may name is known and any other id is a breach. */
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_private.h"

#include <string.h>

#define MAX_STOPS 16
#define MAX_GRAMMAR (1u << 20)
#define KEEP_OUT (1u << 20) /* a larger write buffer is given back */
#define MAX_READING 8       /* requests that only read, beside the others */
#define MAX_RESTARTS 32     /* a request under which the engine dies more often is given up */

/* ---- lists ---- */

void job_push(struct job_list *list, struct engine_job *job)
{
    job->list = list;
    job->next = NULL;
    job->prev = list->last;
    if (list->last)
        list->last->next = job;
    else
        list->first = job;
    list->last = job;
}

void job_unlink(struct engine_job *job)
{
    struct job_list *list = job->list;
    if (job->prev)
        job->prev->next = job->next;
    else
        list->first = job->next;
    if (job->next)
        job->next->prev = job->prev;
    else
        list->last = job->prev;
    job->list = NULL;
}

static void free_texts(struct engine_job *job)
{
    buf_finish(&job->messages);
    buf_finish(&job->request);
    buf_finish(&job->tail);
    buf_finish(&job->said);
    mem_free(job->marks);
    mem_free(job->stream);
    mem_free(job->prefix);
    mem_free(job->resume);
    mem_free(job->resumed);
    mem_free(job->message);
    job->marks = NULL;
    job->stream = job->prefix = job->resume = job->resumed = job->message = NULL;
}

void job_free(struct engine_job *job)
{
    free_texts(job);
    mem_free(job);
}

/* ---- the end ---- */

static void tell_end(struct engine_job *job, int code, const char *finish, const char *message)
{
    job->ending = true; /* whatever the owner does to it now has no effect */
    if (job->vectors)
        job->vectors(job->ctx, code ? code : ANIMA_E_ENGINE, NULL, 0, 0,
                     message        ? message
                     : job->message ? job->message
                                    : "");
    if (job->scores)
        job->scores(job->ctx, code ? code : ANIMA_E_ENGINE, NULL, 0, &job->usage,
                    message        ? message
                    : job->message ? job->message
                                   : "");
    if (!job->cb.done)
        return;
    if (job->usage.completion_tokens < job->tokens)
        job->usage.completion_tokens = job->tokens;
    job->cb.done(job->ctx, code, finish, &job->usage, message ? message : job->message ? job->message : "");
}

void job_end(struct engine_job *job, int code, const char *finish, const char *message)
{
    job_unlink(job);
    if (!job->ghost)
        tell_end(job, code, finish, message);
    job_free(job);
}

static void make_ghost(struct engine_job *job)
{
    free_texts(job);
    job->cb = (anima_completion_callbacks){ 0 };
    job->vectors = NULL;
    job->scores = NULL;
    job->ghost = true;
    if (!job->cancelled)
        engine_send_simple(job->engine, "cancel", job->id);
    job->cancelled = true;
}

void job_give_up(struct engine_job *job, int code, const char *message)
{
    anima_completion_callbacks cb = job->cb;
    anima_usage usage = job->usage;
    usage.completion_tokens = job->tokens;
    make_ghost(job);
    if (cb.done)
        cb.done(job->ctx, code, "error", &usage, message);
}

/* Its done comes with the next kick. message may be NULL. */
static void end_soon(struct engine_job *job, int code, const char *message)
{
    struct engine_set *set = job->engine->set;
    job_unlink(job);
    job->code = code;
    mem_free(job->message);
    job->message = mem_strdup(message);
    job_push(&set->ending, job);
    engine_kick(set);
}

/* ---- sending ---- */

bool engine_send_simple(struct engine *e, const char *type, int64_t id)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 256);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_str(&w, "type", type);
    jw_int(&w, "id", id);
    jw_end_obj(&w);
    bool sent = e->child && !b.failed && child_send(e->child, b.data, b.len, NULL, 0, NULL) == ANIMA_OK;
    buf_finish(&b);
    return sent;
}

static void send_drop(struct engine *e, const char *beginning)
{
    struct buf b;
    struct jw w;
    buf_init(&b, 256);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_str(&w, "type", "drop");
    jw_int(&w, "id", e->next_id++);
    jw_str(&w, "streams", beginning);
    jw_end_obj(&w);
    if (e->child && !b.failed)
        child_send(e->child, b.data, b.len, NULL, 0, NULL);
    buf_finish(&b);
}

/* The head of a request for vectors, whose texts are always all sent. */
static int write_embed(struct engine_job *job, struct buf *out)
{
    struct jw w = { .out = out, .comma = job->comma };
    buf_append(out, job->request.data, job->request.len);
    jw_int(&w, "id", job->id);
    jw_end_obj(&w);
    return out->failed;
}

/* Writes the whole head into the set's buffer. */
static int write_head(struct engine_job *job, struct buf *out)
{
    if (job->n_texts)
        return write_embed(job, out);
    size_t keep = stream_known(job->engine, job), from = keep ? job->marks[keep - 1].end : 0;
    from += from < job->messages.len && keep; /* the comma */
    struct jw w;
    jw_init(&w, out);
    jw_obj(&w, NULL);
    jw_str(&w, "type", job->read ? "read" : job->n_candidates ? "score" : "generate");
    if (job->stream) {
        jw_str(&w, "stream", job->stream);
        jw_int(&w, "keep", (int64_t)keep);
    }
    jw_str(&w, "class", job->class);
    if (job->open)
        jw_bool(&w, "open", true);
    if (job->think)
        jw_str(&w, "into", "thought");
    jw_arr(&w, "messages");
    buf_append(out, job->messages.data + from, job->messages.len - from);
    jw_end_arr(&w);
    buf_append(out, job->request.data, job->request.len);
    w.comma = job->comma;
    if (job->max_tokens > 0)
        jw_int(&w, "max_tokens", job->max_tokens - job->tokens);
    jw_end_obj(&w);
    jw_int(&w, "id", job->id);
    buf_append(out, job->tail.data, job->tail.len);
    if (job->resume && !job->said.len)
        jw_raw(&w, "resume", job->resume, strlen(job->resume));
    if (job->said.len) {
        struct buf prefix;
        buf_init(&prefix, FRAME_MAX_HEAD);
        buf_puts(&prefix, job->prefix ? job->prefix : "");
        buf_puts(&prefix, job->resumed ? job->resumed : "");
        buf_append(&prefix, job->said.data, job->said.len);
        if (prefix.failed)
            out->failed = prefix.failed;
        else
            jw_strn(&w, "prefix", prefix.data, prefix.len);
        buf_finish(&prefix);
    } else if (job->prefix) {
        jw_str(&w, "prefix", job->prefix);
    }
    jw_end_obj(&w);
    return out->failed;
}

static int send_job(struct engine *e, struct engine_job *job, anima_error *err)
{
    struct buf *out = &e->set->out;
    buf_reset(out);
    job->id = e->next_id++;
    int rc = write_head(job, out);
    if (rc)
        err_set(err, rc, rc == ANIMA_E_NOMEM ? "out of memory for a request" : "the request is larger than %u MiB",
                FRAME_MAX_HEAD >> 20);
    else
        rc = child_send(e->child, out->data, out->len, NULL, 0, err);
    if (out->size > KEEP_OUT || out->failed)
        buf_finish(out);
    if (rc) {
        job->id = 0;
        return rc;
    }
    stream_sent(e, job);
    job->sent_tokens = job->tokens;
    job->prefill_ms = job->usage.prefill_ms;
    job->decode_ms = job->usage.decode_ms;
    return ANIMA_OK;
}

static void begin_watch(struct engine *e)
{
    e->heard = true;
    e->silent_ms = 0;
    if (!e->watching)
        engine_arm(e, e->set->times.ping_ms);
    e->watching = true;
}

void jobs_send(struct engine *e)
{
    struct engine_job *next;
    for (struct engine_job *job = e->jobs.first; job; job = next) {
        if (e->phase != PHASE_READY || e->draining || e->broken || e->in_flight - e->reading >= e->max_in_flight)
            return;
        next = job->next;
        if (job->id)
            continue;
        anima_error err;
        int rc = send_job(e, job, &err);
        if (rc == ANIMA_E_BUSY || rc == ANIMA_E_ENGINE)
            return; /* it does not read now: the watch tries again; it ended: gone comes */
        if (rc) {
            end_soon(job, rc, err.message);
            continue;
        }
        e->reading += job->read;
        if (!e->in_flight++)
            begin_watch(e);
    }
}

void jobs_unsend(struct engine *e)
{
    struct engine_job *next;
    e->in_flight = e->reading = 0;
    streams_forget(e);
    for (struct engine_job *job = e->jobs.first; job; job = next) {
        next = job->next;
        if (job->id)
            job->usage.restarts++;
        job->id = 0;
        job->running = false;
        if (job->ghost) {
            job_unlink(job);
            job_free(job);
        } else if (job->cancelled) {
            end_soon(job, ANIMA_E_CANCELLED, NULL);
        } else if (job->max_tokens > 0 && job->tokens >= job->max_tokens) {
            end_soon(job, ANIMA_OK, NULL); /* all that was missing is the "done" */
        } else if (job->usage.restarts > MAX_RESTARTS) {
            end_soon(job, ANIMA_E_ENGINE, "the engine died too often under this request");
        }
    }
}

/* ---- copying the request ---- */

static int check_text(const char *text, const char *what, anima_error *err)
{
    if (text && !utf8_valid(text, strlen(text)))
        return err_set(err, ANIMA_E_INVALID, "%s is not valid UTF-8", what);
    return ANIMA_OK;
}

static int write_messages(struct engine_job *job, const struct engine_request *r, anima_error *err)
{
    struct jw writer, *w = &writer;
    jw_init(w, &job->messages);
    job->marks = mem_zero(r->n_messages + 1, sizeof(*job->marks));
    if (!job->marks)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a request");
    for (size_t i = 0; i < r->n_messages; i++) {
        const anima_chat_message *m = &r->messages[i];
        if (!m->role || !m->text)
            return err_set(err, ANIMA_E_INVALID, "message %zu has no %s", i, m->role ? "text" : "role");
        if (check_text(m->text, "a message", err) || check_text(m->role, "a role", err) ||
            check_text(m->name, "a name", err))
            return ANIMA_E_INVALID;
        jw_obj(w, NULL);
        jw_str(w, "role", m->role);
        if (m->name)
            jw_str(w, "name", m->name);
        jw_str(w, "content", m->text);
        jw_end_obj(w);
        size_t start = i ? job->marks[i - 1].end + 1 : 0;
        if (!job->messages.failed)
            job->marks[i] = (struct engine_message){ job->messages.len, hash_bytes(job->messages.data + start,
                                                                                   job->messages.len - start) };
    }
    job->n_messages = r->n_messages;
    return ANIMA_OK;
}

/* It goes out as it came, so it must be one JSON object and nothing else. */
static int check_object(const char *json, const char *what, anima_error *err)
{
    yyjson_doc *doc;
    int rc = json_parse(json, strlen(json), MAX_GRAMMAR, what, &doc, err);
    if (rc)
        return rc;
    if (!yyjson_is_obj(yyjson_doc_get_root(doc)))
        rc = err_set(err, ANIMA_E_INVALID, "%s is not an object", what);
    yyjson_doc_free(doc);
    return rc;
}

static int write_schema(struct jw *w, const char *schema, anima_error *err)
{
    int rc = check_object(schema, "the JSON schema", err);
    if (!rc)
        jw_raw(w, "json_schema", schema, strlen(schema));
    return rc;
}

static int copy_resume(struct engine_job *job, const struct engine_request *r, anima_error *err)
{
    int rc = r->resume ? check_object(r->resume, "what is resumed", err) : ANIMA_OK;
    if (!r->resume || rc)
        return rc;
    job->resume = mem_strdup(r->resume);
    job->resumed = mem_strdup(r->resumed ? r->resumed : "");
    return job->resume && job->resumed ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for a request");
}

static int write_limits(struct jw *w, const struct engine_request *r, anima_error *err)
{
    if (r->grammar && strlen(r->grammar) > MAX_GRAMMAR)
        return err_set(err, ANIMA_E_LIMIT, "the grammar is larger than %u bytes", MAX_GRAMMAR);
    if (check_text(r->grammar, "the grammar", err) || check_text(r->adapter, "the adapter's name", err))
        return ANIMA_E_INVALID;
    if (r->grammar)
        jw_str(w, "grammar", r->grammar);
    int rc = r->json_schema ? write_schema(w, r->json_schema, err) : ANIMA_OK;
    if (r->logprobs >= 0)
        jw_int(w, "logprobs", r->logprobs < 20 ? r->logprobs : 20);
    if (r->drop_oldest)
        jw_bool(w, "drop_oldest", true);
    if (r->snapshot)
        jw_bool(w, "snapshot", true);
    if (r->adapter) {
        jw_str(w, "adapter", r->adapter);
        jw_num(w, "adapter_scale", r->adapter_scale);
    }
    return rc;
}

static void write_number(struct jw *w, const char *key, double value)
{
    if (value != ANIMA_UNSET)
        jw_num(w, key, value);
}

/* Opens "sampling" and leaves it open: max_tokens comes with each sending. */
static int write_sampling(struct jw *w, const anima_sampling *s, anima_error *err)
{
    jw_obj(w, "sampling");
    write_number(w, "temperature", s->temperature);
    write_number(w, "top_p", s->top_p);
    write_number(w, "min_p", s->min_p);
    if (s->top_k >= 0)
        jw_int(w, "top_k", s->top_k);
    write_number(w, "repeat_penalty", s->repeat_penalty);
    write_number(w, "frequency_penalty", s->frequency_penalty);
    write_number(w, "presence_penalty", s->presence_penalty);
    write_number(w, "dry_multiplier", s->dry_multiplier);
    if (s->seed >= 0)
        jw_int(w, "seed", s->seed);
    if (!s->stop || !s->stop[0])
        return ANIMA_OK;
    jw_arr(w, "stop");
    for (int i = 0; s->stop[i]; i++) {
        if (i == MAX_STOPS)
            return err_set(err, ANIMA_E_LIMIT, "more than %d stop strings", MAX_STOPS);
        if (check_text(s->stop[i], "a stop string", err))
            return ANIMA_E_INVALID;
        jw_str(w, NULL, s->stop[i]);
    }
    jw_end_arr(w);
    return ANIMA_OK;
}

static int copy_request(struct engine_job *job, const struct engine_request *r, anima_error *err)
{
    static const char *const classes[] = { [ENGINE_VOICE] = "voice",
                                           [ENGINE_CHAT] = "chat",
                                           [ENGINE_GROUP] = "group",
                                           [ENGINE_BACKGROUND] = "background",
                                           [ENGINE_COMPACTION] = "compaction" };
    struct jw w = { .out = &job->request, .comma = true };
    job->class = classes[r->class];
    job->open = r->open;
    job->think = r->into == ENGINE_THOUGHT;
    if (r->stream && !(job->stream = mem_strdup(r->stream)))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a request");
    int rc = write_messages(job, r, err);
    if (!rc)
        rc = write_limits(&w, r, err);
    if (!rc)
        rc = write_sampling(&w, &r->sampling, err);
    if (!rc)
        rc = check_text(r->prefix, "the answer's beginning", err);
    if (!rc)
        rc = check_text(r->resumed, "what was said before", err);
    if (!rc)
        rc = copy_resume(job, r, err);
    if (rc)
        return rc;
    job->comma = w.comma;
    job->max_tokens = r->sampling.max_tokens;
    if (r->prefix && r->prefix[0] && !(job->prefix = mem_strdup(r->prefix)))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a request");
    int failed = job->request.failed ? job->request.failed : job->messages.failed;
    if (failed)
        return err_set(err, failed,
                       failed == ANIMA_E_LIMIT ? "the request is larger than an engine accepts"
                                               : "out of memory for a request");
    return ANIMA_OK;
}

/* ---- the owner's side ---- */

struct engine_job *engine_job_new(const struct engine_request *request, anima_error *err)
{
    struct engine_job *job = mem_zero(1, sizeof(*job));
    if (!job) {
        err_set(err, ANIMA_E_NOMEM, "out of memory for a request");
        return NULL;
    }
    buf_init(&job->messages, FRAME_MAX_HEAD);
    buf_init(&job->request, FRAME_MAX_HEAD);
    buf_init(&job->tail, FRAME_MAX_HEAD);
    buf_init(&job->said, ENGINE_MAX_SAID);
    if (copy_request(job, request, err) == ANIMA_OK)
        return job;
    job_free(job);
    return NULL;
}

int engine_job_start(struct engine_set *set, const char *model, struct engine_job *job, void *ctx, anima_error *err)
{
    int rc = engine_need(set, model, &job->engine, err);
    if (rc)
        return rc;
    set->asked++;
    job->ctx = ctx;
    job_push(&job->engine->jobs, job);
    jobs_send(job->engine);
    return ANIMA_OK;
}

int64_t engine_asked(const struct engine_set *set) { return set->asked; }

int engine_generate(struct engine_set *set, const char *model, const struct engine_request *request,
                    const anima_completion_callbacks *cb, void *ctx, struct engine_job **out, anima_error *err)
{
    *out = NULL;
    anima_error why = { 0 };
    struct engine_job *job = engine_job_new(request, &why);
    if (!job)
        return err_set(err, why.code, "%s", why.message);
    job->cb = *cb;
    int rc = engine_job_start(set, model, job, ctx, err);
    if (rc)
        job_free(job);
    else
        *out = job;
    return rc;
}

int engine_context(const struct engine_set *set, const char *model)
{
    for (size_t i = 0; i < set->n_engines; i++)
        if (strcmp(set->engines[i]->model, model) == 0)
            return set->engines[i]->context;
    return 0;
}

bool engine_runs(struct engine_set *set, const char *model) { return engine_running(set, model) != NULL; }

bool engine_reads(struct engine_set *set, const char *model)
{
    const struct engine *e = engine_running(set, model);
    return e && e->reads && e->reading < MAX_READING && !e->draining;
}

bool engine_read(struct engine_set *set, const char *model, const struct engine_request *request)
{
    struct engine *e = engine_running(set, model);
    struct engine_job *job = engine_reads(set, model) ? engine_job_new(request, NULL) : NULL;
    if (!job)
        return false;
    job->engine = e;
    job->read = job->ghost = true;
    job_push(&e->jobs, job);
    jobs_send(e);
    bool sent = job->id != 0;
    if (!sent) { /* it does not take it now */
        job_unlink(job);
        job_free(job);
    }
    return sent;
}

void engine_drop(struct engine_set *set, const char *beginning)
{
    for (size_t i = 0; i < set->n_engines; i++) {
        struct engine *e = set->engines[i];
        stream_forget(e, beginning);
        if (e->phase == PHASE_READY && !e->spec.beside)
            send_drop(e, beginning);
        else if (e->phase == PHASE_STOPPING && e->child && !e->spec.beside)
            child_kill(e->child, SIGKILL); /* it writes what it has read before it ends, and listens no more */
    }
}

void engine_cancel(struct engine_job *job)
{
    struct engine *e = job->engine;
    if (job->ending || job->cancelled || job->list != &e->jobs)
        return;
    job->cancelled = true;
    if (job->id)
        engine_send_simple(e, "cancel", job->id);
    else
        end_soon(job, ANIMA_E_CANCELLED, NULL);
}

void engine_abandon(struct engine_job *job)
{
    if (!job || job->ending || job->ghost)
        return;
    if (job->id && job->list == &job->engine->jobs) {
        make_ghost(job);
        return;
    }
    struct engine *e = job->engine;
    job_unlink(job);
    job_free(job);
    engine_kick(e->set); /* an engine that others wait for may be idle now */
}
