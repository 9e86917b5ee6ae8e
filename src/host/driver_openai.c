/* driver_openai.c — a remote server that speaks OpenAI's chat completions (vLLM, llama-server, a cloud).
 *
 * Each request is one streamed POST. Before the first words it is tried again, at most RETRIES times, after a connection
 * error, 429 or 5xx, with growing pauses or after the Retry-After the server asks for, if that is under a minute; not when
 * the server took it and stays silent: it would be computed, and paid for, again. Afterwards an error ends it.
 * The key is read from its file before the jail closes; it appears in no frame, message or log. */
#include "host/driver.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "host/sse.h"
#include "host/stats.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RETRIES 3
#define MAX_KEY 4096
#define BEARER "Authorization: Bearer "
#define MAX_ERROR_BODY 65536
#define MAX_BODY (32u << 20)

struct openai_state;

struct call {
    struct openai_state *s;
    struct request *request;
    CURL *curl;
    struct curl_slist *headers;
    char *body;
    struct sse sse;
    struct buf error_body;
    struct host_count count;
    char finish[16];
    bool started, finished, broken; /* finished: a finish_reason or [DONE] came */
    int tries;
    int64_t retry_us; /* > 0: waits until then */
    int64_t began_us, words_us;
    struct call *next;
};

struct openai_state {
    struct host *host;
    CURLM *multi;
    char *url, *model, *authorization;
    long connect_s, idle_s;
    struct call *calls;
};

static const struct host_option options[] = {
    { "base_url", "", "where the API lies, up to /v1" },
    { "key_file", "", "file with the API key (mode 0600)" },
    { "connect_timeout_s", "10", "seconds for connecting" },
    { "idle_timeout_s", "60", "seconds without a byte after which a request has failed" },
    { "memory_limit_mb", "0", "address space it may take, in MiB; 0: no limit" },
    { NULL, NULL, NULL },
};

extern const struct host_driver driver_openai;

/* ---- opening ---- */

static size_t openai_reads(const struct host_config *config, char paths[][512], size_t max)
{
    static const char *const system[] = {
        "/etc/resolv.conf", "/etc/hosts",          "/etc/nsswitch.conf",         "/etc/gai.conf", "/etc/host.conf",
        "/etc/ssl",         "/etc/ld.so.cache",    "/usr/share/ca-certificates", "/usr/lib",      "/lib",
        "/lib64",           "/run/systemd/resolve"
    };
    const char *key = host_option_str(&driver_openai, config, "key_file");
    size_t n = 0;
    for (size_t i = 0; i < sizeof(system) / sizeof(system[0]) && n + 3 < max; i++)
        snprintf(paths[n++], 512, "%s", system[i]);
    if (*key)
        snprintf(paths[n++], 512, "%s", key);
    const char *ca = getenv("CURL_CA_BUNDLE");
    if (ca && *ca)
        snprintf(paths[n++], 512, "%s", ca);
    return n;
}

static int read_key(struct openai_state *s, const char *file, anima_error *err)
{
    char *key;
    struct stat st;
    int rc = fs_read(file, MAX_KEY, &key, NULL, err);
    if (rc)
        return rc;
    if (stat(file, &st) == 0 && (st.st_mode & 077))
        log_warn("openai", "the key file %s can be read by others: chmod 600 it", file);
    size_t n = strcspn(key, "\r\n");
    struct buf b;
    buf_init(&b, MAX_KEY + 64);
    buf_puts(&b, BEARER);
    buf_append(&b, key, n);
    s->authorization = buf_take(&b);
    memset(key, 0, strlen(key));
    mem_free(key);
    return s->authorization ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
}

static int openai_open(struct host *host, const struct host_config *config, void **out, anima_error *err)
{
    struct openai_state *s = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    *out = s;
    s->host = host;
    const char *base = host_option_str(&driver_openai, config, "base_url");
    const char *key = host_option_str(&driver_openai, config, "key_file");
    if (strncmp(base, "http://", 7) != 0 && strncmp(base, "https://", 8) != 0)
        return err_set(err, ANIMA_E_INVALID,
                       "the remote model %s needs base_url = http(s)://…/v1 in its [model …] section", config->model);
    const char *server = strstr(base, "://") + 3;
    if (memchr(server, '@', strcspn(server, "/?#")))
        return err_set(
            err, ANIMA_E_INVALID,
            "base_url of %s holds a name and password, which would show in messages: put the key into key_file",
            config->model);
    s->url = fs_join(base, "chat/completions", (char *)NULL);
    s->model = mem_strdup(config->model);
    s->connect_s = host_option_int(&driver_openai, config, "connect_timeout_s");
    s->idle_s = host_option_int(&driver_openai, config, "idle_timeout_s");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    s->multi = curl_multi_init();
    if (!s->url || !s->model || !s->multi)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    return *key ? read_key(s, key, err) : ANIMA_OK;
}

static void openai_describe(void *state, struct jw *w)
{
    const struct openai_state *s = state;
    jw_obj(w, "model");
    jw_str(w, "name", s->model);
    jw_str(w, "path", s->url);
    jw_end_obj(w);
    jw_int(w, "context_size", 0);
    jw_int(w, "slots", 16);
    jw_str(w, "backend", "remote, OpenAI's protocol");
    jw_int(w, "threads", 0);
}

/* ---- the request as OpenAI wants it ---- */

static void put_schema(struct jw *w, const struct request *r)
{
    size_t n;
    if (!r->schema)
        return;
    jw_obj(w, "response_format");
    if (yyjson_obj_size(r->schema) == 0) {
        jw_str(w, "type", "json_object");
    } else {
        char *schema = yyjson_val_write(r->schema, 0, &n);
        jw_str(w, "type", "json_schema");
        jw_obj(w, "json_schema");
        jw_str(w, "name", "answer");
        jw_bool(w, "strict", true);
        if (schema)
            jw_raw(w, "schema", schema, n);
        free(schema); /* yyjson's own allocator */
        jw_end_obj(w);
    }
    jw_end_obj(w);
}

/* A server knows three roles; what was thought is the assistant's own. */
static const char *role_of(const char *role)
{
    return strcmp(role, REQUEST_THOUGHT) == 0 ? "assistant" : strcmp(role, "tool") == 0 ? "user" : role;
}

static void put_messages(struct jw *w, const struct request *r)
{
    jw_arr(w, "messages");
    for (size_t i = 0; i < r->n_messages; i++) {
        jw_obj(w, NULL);
        jw_str(w, "role", role_of(r->messages[i].role));
        jw_str(w, "content", r->messages[i].text);
        jw_end_obj(w);
    }
    if (*r->prefix) { /* servers that know it go on from there */
        jw_obj(w, NULL);
        jw_str(w, "role", "assistant");
        jw_str(w, "content", r->prefix);
        jw_bool(w, "prefix", true);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static char *write_body(const struct openai_state *s, const struct request *r)
{
    struct buf b;
    struct jw w;
    buf_init(&b, MAX_BODY);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_str(&w, "model", s->model);
    put_messages(&w, r);
    jw_bool(&w, "stream", true);
    jw_obj(&w, "stream_options");
    jw_bool(&w, "include_usage", true);
    jw_end_obj(&w);
    jw_num(&w, "temperature", r->temperature);
    jw_num(&w, "top_p", r->top_p);
    if (r->frequency_penalty != 0)
        jw_num(&w, "frequency_penalty", r->frequency_penalty);
    if (r->presence_penalty != 0)
        jw_num(&w, "presence_penalty", r->presence_penalty);
    if (r->max_tokens > 0)
        jw_int(&w, "max_tokens", r->max_tokens);
    if (r->seed >= 0)
        jw_int(&w, "seed", r->seed);
    if (r->n_stop) {
        jw_arr(&w, "stop");
        for (size_t i = 0; i < r->n_stop; i++) /* OpenAI itself takes four, and says so */
            jw_str(&w, NULL, r->stop[i]);
        jw_end_arr(&w);
    }
    if (r->logprobs >= 0) {
        jw_bool(&w, "logprobs", true);
        jw_int(&w, "top_logprobs", r->logprobs);
    }
    put_schema(&w, r);
    jw_end_obj(&w);
    return buf_take(&b);
}

/* ---- the answer ---- */

static void put_words(struct call *c, const char *text, size_t n, yyjson_val *logprobs)
{
    struct buf raw;
    size_t len;
    buf_init(&raw, 1u << 20);
    char *json = logprobs && c->request->logprobs >= 0 ? yyjson_val_write(logprobs, 0, &len) : NULL;
    if (json)
        buf_append(&raw, json, len);
    free(json); /* yyjson's own allocator */
    c->count.completion_tokens++;
    for (size_t at = 0, part; at < n; at += part + 1) { /* a NUL, which no text may hold, is left out */
        part = strnlen(text + at, n - at);
        if (part)
            host_words(c->s->host, c->request->id, text + at, part, at == 0, at == 0 ? &raw : NULL);
    }
    buf_finish(&raw);
}

static void begin(struct call *c)
{
    if (c->started)
        return;
    c->started = true;
    c->words_us = clock_mono_us();
    c->count.prefill_ms = (double)(c->words_us - c->began_us) / 1000;
    host_started(c->s->host, c->request->id, &c->count);
}

static int on_event(void *ctx, const char *data, size_t n)
{
    struct call *c = ctx;
    yyjson_doc *doc;
    if (n == 6 && memcmp(data, "[DONE]", 6) == 0) {
        c->finished = true;
        return 0;
    }
    if (json_parse(data, n, SSE_MAX_EVENT, "the server's answer", &doc, NULL)) {
        c->broken = true;
        return -1;
    }
    yyjson_val *root = yyjson_doc_get_root(doc), *error = yyjson_obj_get(root, "error");
    if (error && !yyjson_is_null(error)) { /* it gives up, and may say [DONE] all the same */
        buf_reset(&c->error_body);
        buf_append(&c->error_body, data, n < MAX_ERROR_BODY ? n : 0);
        yyjson_doc_free(doc);
        c->broken = true;
        return -1;
    }
    yyjson_val *choice = yyjson_arr_get_first(yyjson_obj_get(root, "choices"));
    yyjson_val *text = yyjson_obj_get(yyjson_obj_get(choice, "delta"), "content");
    const char *finish = json_str(choice, "finish_reason", NULL);
    yyjson_val *usage = yyjson_obj_get(root, "usage");
    c->finished |= finish != NULL; /* some servers close without [DONE] */
    if (finish)
        snprintf(c->finish, sizeof(c->finish), "%s", strcmp(finish, "length") == 0 ? "length" : "stop");
    if (usage) {
        c->count.prompt_tokens = (int)json_int(usage, "prompt_tokens", 0);
        c->count.completion_tokens = (int)json_int(usage, "completion_tokens", c->count.completion_tokens);
    }
    if (yyjson_get_len(text)) {
        begin(c);
        put_words(c, yyjson_get_str(text), yyjson_get_len(text),
                  yyjson_obj_get(yyjson_obj_get(choice, "logprobs"), "content"));
    }
    yyjson_doc_free(doc);
    return 0;
}

static size_t on_bytes(char *bytes, size_t one, size_t n, void *ctx)
{
    struct call *c = ctx;
    long status = 0;
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        if (c->error_body.len < MAX_ERROR_BODY)
            buf_append(&c->error_body, bytes, one * n);
        return one * n;
    }
    if (sse_feed(&c->sse, bytes, one * n, on_event, c)) {
        c->broken = true;
        return 0;
    }
    return one * n;
}

/* ---- a call ---- */

static void free_curl(struct call *c)
{
    if (c->curl) {
        curl_multi_remove_handle(c->s->multi, c->curl);
        curl_easy_cleanup(c->curl);
    }
    c->curl = NULL;
    sse_finish(&c->sse);
    buf_finish(&c->error_body);
}

static void leave(struct call *c)
{
    for (struct call **p = &c->s->calls; *p; p = &(*p)->next)
        if (*p == c) {
            *p = c->next;
            break;
        }
    free_curl(c);
    curl_slist_free_all(c->headers);
    request_free(c->request);
    mem_free(c->body);
    mem_free(c);
}

static int start(struct call *c)
{
    struct openai_state *s = c->s;
    sse_init(&c->sse);
    buf_init(&c->error_body, MAX_ERROR_BODY * 2);
    c->retry_us = 0;
    c->curl = curl_easy_init();
    if (!c->curl)
        return ANIMA_E_NOMEM;
    curl_easy_setopt(c->curl, CURLOPT_URL, s->url);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, c->body);
    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(c->body));
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(c->curl, CURLOPT_PRIVATE, c);
    curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, s->connect_s);
    curl_easy_setopt(c->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c->curl, CURLOPT_LOW_SPEED_TIME, s->idle_s);
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    const char *ca = getenv("CURL_CA_BUNDLE"); /* libcurl itself does not look at it */
    if (ca && *ca)
        curl_easy_setopt(c->curl, CURLOPT_CAINFO, ca);
    return curl_multi_add_handle(s->multi, c->curl) == CURLM_OK ? ANIMA_OK : ANIMA_E_NOMEM;
}

static int openai_generate(void *state, struct request *request, anima_error *err)
{
    struct openai_state *s = state;
    if (request->think) {
        request_free(request);
        return err_set(err, ANIMA_E_UNSUPPORTED, "a remote model cannot be asked for a thought");
    }
    if (*request->grammar) {
        request_free(request);
        return err_set(err, ANIMA_E_UNSUPPORTED, "a remote model takes a JSON schema, and no grammar");
    }
    struct call *c = mem_zero(1, sizeof(*c));
    if (!c) {
        request_free(request);
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    *c = (struct call){ .s = s, .request = request, .began_us = clock_mono_us(), .next = s->calls };
    s->calls = c;
    snprintf(c->finish, sizeof(c->finish), "stop");
    c->body = write_body(s, request);
    c->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (c->headers && s->authorization)
        curl_slist_append(c->headers, s->authorization);
    if (!c->body || !c->headers || start(c)) {
        leave(c);
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    return ANIMA_OK;
}

static void openai_cancel(void *state, int64_t id)
{
    struct openai_state *s = state;
    for (struct call *c = s->calls; c; c = c->next)
        if (c->request->id == id) {
            host_done(s->host, id, "cancelled", &c->count);
            leave(c);
            return;
        }
}

static int code_of_status(long status)
{
    switch (status) {
    case 400:
    case 404:
    case 413:
    case 422: return ANIMA_E_INVALID;
    case 401:
    case 403: return ANIMA_E_FORBIDDEN;
    case 429: return ANIMA_E_BUSY;
    default: return ANIMA_E_ENGINE;
    }
}

/* Some servers quote the key that they refuse. */
static void hide_key(const struct openai_state *s, char *text)
{
    const char *key = s->authorization ? s->authorization + strlen(BEARER) : "";
    for (char *at = text; *key && (at = strstr(at, key)); at += strlen(key))
        memset(at, '*', strlen(key));
}

/* The server's own words, if it sent OpenAI's form of an error. */
static void describe_error(const struct call *c, long status, CURLcode failed, char *out, size_t size)
{
    char said[300] = "";
    yyjson_doc *doc;
    if (c->error_body.len &&
        json_parse(c->error_body.data, c->error_body.len, MAX_ERROR_BODY * 2, "the error", &doc, NULL) == ANIMA_OK) {
        yyjson_val *error = yyjson_obj_get(yyjson_doc_get_root(doc), "error");
        char *text = mem_strdup(json_str(error, "message", yyjson_is_str(error) ? yyjson_get_str(error) : ""));
        if (text) {
            hide_key(c->s, text);
            utf8_clean(text, strlen(text), said, sizeof(said));
        }
        mem_free(text);
        yyjson_doc_free(doc);
    }
    if (failed != CURLE_OK)
        snprintf(out, size, "%.120s does not answer: %s", c->s->url, curl_easy_strerror(failed));
    else if (c->broken || status == 200)
        snprintf(out, size, "%.120s broke off its answer%s%s", c->s->url,
                 *said ? ": " : " or sent something else than events", said);
    else
        snprintf(out, size, "%.120s answered %ld%s%s", c->s->url, status, *said ? ": " : "", said);
}

static bool worth_another_try(const struct call *c, long status, CURLcode failed)
{
    return !c->started && c->tries < RETRIES && (failed != CURLE_OK || status == 429 || status >= 500);
}

static void ended(struct call *c, CURLcode result)
{
    long status = 0;
    curl_off_t after = 0;
    char message[480];
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c->curl, CURLINFO_RETRY_AFTER, &after);
    if (c->words_us)
        c->count.decode_ms = (double)(clock_mono_us() - c->words_us) / 1000;
    if (status == 200 && c->finished && !c->broken) { /* however the connection ended then */
        begin(c);
        host_done(c->s->host, c->request->id, c->finish, &c->count);
        leave(c);
        return;
    }
    long sent = 0; /* bytes of the request */
    curl_easy_getinfo(c->curl, CURLINFO_REQUEST_SIZE, &sent);
    bool silent = result == CURLE_OPERATION_TIMEDOUT && sent > 0;
    if (!silent && after < 60 && worth_another_try(c, status, c->broken ? CURLE_OK : result)) {
        int64_t pause_ms = after > 0 ? after * 1000 : 500LL << c->tries;
        c->tries++;
        free_curl(c);
        c->broken = c->finished = false;
        c->retry_us = clock_mono_us() + pause_ms * 1000;
        return;
    }
    describe_error(c, status, c->broken ? CURLE_OK : result, message, sizeof(message));
    host_fail(c->s->host, c->request->id, result == CURLE_OPERATION_TIMEDOUT ? ANIMA_E_TIMEOUT : code_of_status(status),
              message);
    leave(c);
}

static void openai_stats(void *state, struct jw *w)
{
    const struct openai_state *s = state;
    int n = 0;
    jw_arr(w, "streams");
    for (const struct call *c = s->calls; c && n < STATS_MAX_STREAMS; c = c->next, n++) {
        const struct stats_stream row = { .name = c->request->stream,
                                          .place = "",
                                          .state = c->started    ? "speaking"
                                                   : c->retry_us ? "waiting"
                                                                 : "reading",
                                          .request = c->request,
                                          .said = c->count.completion_tokens };
        stats_stream(w, &row);
    }
    jw_end_arr(w);
}

static int openai_step(void *state)
{
    struct openai_state *s = state;
    int running, left;
    CURLMsg *m;
    int64_t now = clock_mono_us(), soonest = INT64_MAX;
    struct call *next;
    for (struct call *c = s->calls; c; c = next) {
        next = c->next;
        if (c->retry_us && c->retry_us <= now && start(c)) {
            host_fail(s->host, c->request->id, ANIMA_E_NOMEM, "out of memory");
            leave(c);
        } else if (c->retry_us) {
            soonest = c->retry_us < soonest ? c->retry_us : soonest;
        }
    }
    curl_multi_perform(s->multi, &running);
    while ((m = curl_multi_info_read(s->multi, &left))) {
        struct call *c = NULL;
        CURLcode result = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)(void *)&c);
        ended(c, result);
    }
    if (!s->calls)
        return -1;
    return soonest == INT64_MAX ? 1000 : soonest <= now ? 0 : (int)((soonest - now) / 1000) + 1;
}

static void openai_wait(void *state, int fd, int timeout_ms)
{
    struct openai_state *s = state;
    struct curl_waitfd control = { .fd = fd, .events = CURL_WAIT_POLLIN };
    struct pollfd p = { .fd = fd, .events = POLLIN };
    if (s->calls)
        curl_multi_poll(s->multi, &control, 1, timeout_ms < 0 ? 60000 : timeout_ms, NULL);
    else
        poll(&p, 1, timeout_ms);
}

static void openai_close(void *state)
{
    struct openai_state *s = state;
    while (s->calls)
        leave(s->calls);
    curl_multi_cleanup(s->multi);
    mem_free(s->url);
    mem_free(s->model);
    if (s->authorization)
        memset(s->authorization, 0, strlen(s->authorization));
    mem_free(s->authorization);
    mem_free(s);
}

const struct host_driver driver_openai = {
    .name = "openai",
    .summary = "a remote server that speaks OpenAI's chat completions; the model is its name there",
    .options = options,
    .network = true,
    .reads = openai_reads,
    .open = openai_open,
    .describe = openai_describe,
    .generate = openai_generate,
    .cancel = openai_cancel,
    .stats = openai_stats,
    .step = openai_step,
    .wait = openai_wait,
    .close = openai_close,
};
