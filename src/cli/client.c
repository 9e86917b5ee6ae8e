#include "cli/client.h"

#include "base/err.h"
#include "base/mem.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#define MAX_ANSWER (64u << 20)
#define MAX_EVENT (8u << 20)

struct client {
    char *base;
    struct curl_slist *headers;
    CURL *calls; /* keeps its connection from call to call */
};

static int create(const char *url, const char *prefix, const char *token, struct client **out, anima_error *err)
{
    struct client *c = mem_zero(1, sizeof(*c));
    struct buf b;
    *out = c;
    if (!c)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    buf_init(&b, 8192);
    buf_printf(&b, "%s%s", url, prefix);
    c->base = buf_take(&b);
    c->headers = curl_slist_append(NULL, "Content-Type: application/json");
    c->headers = curl_slist_append(c->headers, "Expect:"); /* a large body goes at once */
    if (token && *token) {
        buf_init(&b, 8192);
        buf_printf(&b, "Authorization: Bearer %s", token);
        c->headers = curl_slist_append(c->headers, buf_str(&b));
        buf_finish(&b);
    }
    c->calls = curl_easy_init();
    return c->base && c->headers && c->calls ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
}

int client_create(const char *url, const char *token, struct client **out, anima_error *err)
{
    return create(url, "/api/v1", token, out, err);
}

int client_create_for(const char *url, struct client **out, anima_error *err)
{
    return create(url, "", NULL, out, err);
}

void client_destroy(struct client *c)
{
    if (!c)
        return;
    curl_easy_cleanup(c->calls);
    curl_slist_free_all(c->headers);
    mem_free(c->base);
    mem_free(c);
}

static int prepare(struct client *c, CURL *curl, const char *method, const char *path, const char *body,
                   anima_error *err)
{
    struct buf url;
    buf_init(&url, 8192);
    buf_printf(&url, "%s%s", c->base, path);
    if (url.failed) {
        buf_finish(&url);
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    curl_easy_setopt(curl, CURLOPT_URL, url.data);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (body || strcmp(method, "POST") == 0)
        curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, body ? body : "{}");
    buf_finish(&url);
    return ANIMA_OK;
}

static size_t to_buf(char *data, size_t one, size_t n, void *buf)
{
    return buf_append(buf, data, one * n) ? 0 : one * n;
}

static int error_of(const struct client *c, CURLcode failed, long status, yyjson_val *answer, anima_error *err)
{
    if (failed)
        return err_set(err, ANIMA_E_IO, "%s does not answer: %s", c->base, curl_easy_strerror(failed));
    if (status < 400)
        return ANIMA_OK;
    yyjson_val *error = yyjson_obj_get(answer, "error");
    const char *code = json_str(error, "code", "");
    return err_set(err, *code ? err_code(code) : ANIMA_E_IO, "%s", json_str(error, "message", "the server refused"));
}

/* What was prepared is sent, and its answer read. */
static int perform(struct client *c, yyjson_doc **out, anima_error *err)
{
    struct buf answer;
    yyjson_doc *doc = NULL;
    long status = 0;
    CURL *curl = c->calls;
    buf_init(&answer, MAX_ANSWER);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, to_buf);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    CURLcode failed = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    int rc = failed ? ANIMA_OK : json_parse(buf_str(&answer), answer.len, MAX_ANSWER, "the server's answer", &doc, err);
    if (!rc)
        rc = error_of(c, failed, status, yyjson_doc_get_root(doc), err);
    buf_finish(&answer);
    if (!rc && out)
        *out = doc;
    else
        yyjson_doc_free(doc);
    return rc;
}

int client_call(struct client *c, const char *method, const char *path, const char *body, yyjson_doc **out,
                anima_error *err)
{
    if (out)
        *out = NULL;
    curl_easy_reset(c->calls);
    int rc = prepare(c, c->calls, method, path, body, err);
    return rc ? rc : perform(c, out, err);
}

int client_send(struct client *c, const char *path, const char *type, const void *data, size_t n, yyjson_doc **out,
                anima_error *err)
{
    char header[100];
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:"); /* or it waits a second for leave to send */
    bool failed = false;
    *out = NULL;
    curl_easy_reset(c->calls);
    int rc = prepare(c, c->calls, "POST", path, "", err);
    snprintf(header, sizeof(header), "Content-Type: %.60s", type);
    for (const struct curl_slist *h = c->headers; h && !failed; h = h->next) {
        struct curl_slist *more = curl_slist_append(headers, strncmp(h->data, "Content-Type:", 13) ? h->data : header);
        failed = !more;
        headers = more ? more : headers;
    }
    curl_easy_setopt(c->calls, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c->calls, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
    curl_easy_setopt(c->calls, CURLOPT_POSTFIELDS, data);
    if (!rc)
        rc = failed ? err_set(err, ANIMA_E_NOMEM, "out of memory") : perform(c, out, err);
    curl_slist_free_all(headers);
    return rc;
}

/* ---- event streams ---- */

struct stream {
    struct buf text; /* what is not a whole event yet */
    client_event_cb *cb;
    client_idle_cb *idle;
    void *ctx;
    bool ended, stopped;
};

/* The data of one event block. */
static int one_event(struct stream *s, const char *block, size_t n)
{
    const char *data = NULL;
    size_t len = 0;
    for (const char *p = block, *end = block + n; p < end;) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));
        size_t line = (size_t)((eol ? eol : end) - p);
        if (line > 6 && memcmp(p, "data: ", 6) == 0) {
            data = p + 6;
            len = line - 6;
        }
        p += line + 1;
    }
    yyjson_doc *doc;
    if (!data || json_parse(data, len, MAX_EVENT, "an event", &doc, NULL))
        return 0;
    int rc = s->cb(s->ctx, yyjson_doc_get_root(doc));
    yyjson_doc_free(doc);
    return rc;
}

static size_t on_bytes(char *bytes, size_t one, size_t n, void *ctx)
{
    struct stream *s = ctx;
    if (buf_append(&s->text, bytes, one * n))
        return 0;
    size_t at = 0;
    const char *end;
    while (!s->ended && (end = memmem(s->text.data + at, s->text.len - at, "\n\n", 2))) {
        size_t len = (size_t)(end - (s->text.data + at));
        s->ended = one_event(s, s->text.data + at, len) != 0;
        at += len + 2;
    }
    buf_consume(&s->text, at);
    return s->ended ? 0 : one * n;
}

static int on_idle(void *ctx, curl_off_t a, curl_off_t b, curl_off_t x, curl_off_t y)
{
    struct stream *s = ctx;
    (void)a;
    (void)b;
    (void)x;
    (void)y;
    s->stopped = s->idle && s->idle(s->ctx) != 0;
    return s->stopped;
}

static int events(struct client *c, const char *method, const char *path, const char *body, struct stream *s,
                  anima_error *err)
{
    CURL *curl = curl_easy_init();
    int rc = curl ? prepare(c, curl, method, path, body, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (rc) {
        curl_easy_cleanup(curl);
        return rc;
    }
    buf_init(&s->text, MAX_EVENT);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, s);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_idle);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, s);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    CURLcode failed = curl_easy_perform(curl);
    long status = 0;
    yyjson_doc *answer = NULL;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (!failed && status >= 400) { /* no events, but why there are none */
        json_parse(buf_str(&s->text), s->text.len, MAX_EVENT, "the server's answer", &answer, NULL);
        rc = error_of(c, failed, status, yyjson_doc_get_root(answer), err);
        yyjson_doc_free(answer);
    }
    curl_easy_cleanup(curl);
    buf_finish(&s->text);
    if (rc)
        return rc;
    if (s->ended)
        return ANIMA_OK;
    if (s->stopped)
        return err_set(err, ANIMA_E_CANCELLED, "stopped");
    return err_set(err, ANIMA_E_IO, "the stream of events broke off: %s",
                   failed ? curl_easy_strerror(failed) : "it ended");
}

int client_events(struct client *c, const char *path, client_event_cb *cb, client_idle_cb *idle, void *ctx,
                  anima_error *err)
{
    struct stream s = { .cb = cb, .idle = idle, .ctx = ctx };
    return events(c, "GET", path, NULL, &s, err);
}

int client_post_events(struct client *c, const char *path, const char *body, client_event_cb *cb, void *ctx,
                       anima_error *err)
{
    struct stream s = { .cb = cb, .ctx = ctx };
    return events(c, "POST", path, body, &s, err);
}
