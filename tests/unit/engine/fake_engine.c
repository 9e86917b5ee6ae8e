/* fake_engine — stands where anima-engine stands, for test_engine.c. It answers every request with the words of its
 * --options and misbehaves as they say:
 *   text        what it says, one token a word (default "one two three four five ")
 *   slots, load_ms, word_ms
 *   log         a file: each head it gets is appended as a line, and "start" at each start
 *   trouble     what it does wrong:  die, exit, hang, garbage, huge, utf8, nul, id, done-id, finish, tokens, type,
 *               untyped, logprobs, trained, refuse, no-done     when word number `at` (from 0) is due
 *               stale     it has forgotten every stream
 *               failed, die-load, exit-load, hang-load, protocol, early     while loading
 *   starts      trouble only in its first so many starts (counted in log); 0: always
 *   deaf        true: it answers no ping and no cancel, but goes on
 *   logprobs    true: sends some with every word
 *   linger      true: it does not end when asked to
 *   Scores are -1, -2, … of one token each, or wrong: trouble die-score, scores, score-count, score-done. A request that wants a
 *   snapshot gets {"seed":7,"draws":<tokens>,"tokens":[]}, or what is none: trouble snapshot.
 *   stats       an object: what it tells of itself; trouble stats-id (of another question), stats-late (nothing comes), stats-die,
 *               stats-unasked (as soon as it is ready)
 * A request for vectors is answered with vectors of 4 numbers, (1, 0, 0, 0) and so on in turn, or wrongly: trouble
 * die-embed (before the answer), dim, count, long, nan, embed-done, embed-words, no-vectors (nothing comes). */
#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "loop/frame.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_REQUESTS 64

struct request {
    int64_t id;
    size_t pos; /* where in text it goes on */
    int tokens, max_tokens;
    bool started, snapshot;
};

static yyjson_val *options;
static const char *text, *log_path, *trouble;
static struct request requests[MAX_REQUESTS];
static int n_requests, slots;

static void nap(int64_t ms)
{
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
    nanosleep(&t, NULL);
}

static void put(const void *data, size_t n)
{
    while (n) {
        ssize_t k = write(3, data, n);
        if (k <= 0)
            _exit(0);
        data = (const char *)data + k;
        n -= (size_t)k;
    }
}

static void send_frame(const char *head, size_t n, const void *raw, size_t raw_len)
{
    unsigned char prefix[FRAME_PREFIX];
    frame_prefix(prefix, n, raw_len, NULL);
    put(prefix, sizeof(prefix));
    put(head, n);
    put(raw, raw_len);
}

static void send_head(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void send_head(const char *fmt, ...)
{
    char head[4096];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(head, sizeof(head), fmt, ap);
    va_end(ap);
    send_frame(head, (size_t)n, NULL, 0);
}

static void note(const char *line, size_t n)
{
    FILE *f = log_path ? fopen(log_path, "a") : NULL;
    if (!f)
        return;
    fprintf(f, "%.*s\n", (int)n, line);
    fclose(f);
}

static int64_t starts_so_far(void)
{
    char *data = NULL, *at;
    int64_t n = 0;
    if (log_path && fs_read(log_path, 1 << 24, &data, NULL, NULL) == 0)
        for (at = data; (at = strstr(at, "start\n")); at++)
            n++;
    mem_free(data);
    return n;
}

static void die(void)
{
    fprintf(stderr, "GGML_ASSERT(fake) failed\n");
    raise(SIGKILL);
}

static bool is(const char *name) { return strcmp(trouble, name) == 0; }

static void forget(int i)
{
    requests[i] = requests[--n_requests];
    for (int k = i; k < n_requests - 1; k++) { /* keep their order */
        struct request r = requests[k];
        requests[k] = requests[k + 1];
        requests[k + 1] = r;
    }
}

static void finish(int i, const char *how)
{
    struct request *r = &requests[i];
    if (r->snapshot && is("snapshot"))
        send_head("{\"type\":\"snapshot\",\"id\":%lld,\"state\":[1]}", (long long)r->id);
    else if (r->snapshot)
        send_head("{\"type\":\"snapshot\",\"id\":%lld,\"state\":{\"seed\":7,\"draws\":%d,\"tokens\":[]}}",
                  (long long)r->id, r->tokens);
    send_head("{\"type\":\"done\",\"id\":%lld,\"finish\":\"%s\",\"prompt_tokens\":10,\"completion_tokens\":%d,"
              "\"context_used\":%d,\"prefill_ms\":2.5,\"decode_ms\":10}",
              (long long)r->id, how, r->tokens, 10 + r->tokens);
    forget(i);
}

static int word_number(size_t pos)
{
    int n = 0;
    for (size_t i = 0; i < pos; i++)
        n += text[i] == ' ';
    return n;
}

static void make_trouble(const struct request *r)
{
    long long id = (long long)r->id;
    if (is("die"))
        die();
    if (is("exit"))
        exit(4);
    if (is("hang"))
        nap(60000);
    if (is("garbage"))
        put("\6\0\0\0\0\0\0\0{]{]{]", 14);
    if (is("huge"))
        put("\377\377\377\377\377\377\377\377", 8);
    if (is("utf8"))
        send_head("{\"type\":\"words\",\"id\":%lld,\"text\":\"\xc3(\",\"tokens\":1}", id);
    if (is("nul"))
        send_head("{\"type\":\"words\",\"id\":%lld,\"text\":\"a\\u0000b\",\"tokens\":1}", id);
    if (is("id"))
        send_head("{\"type\":\"words\",\"id\":%lld,\"text\":\"evil\",\"tokens\":1}", id + 1000);
    if (is("done-id"))
        send_head("{\"type\":\"done\",\"id\":%lld,\"finish\":\"stop\"}", id + 1000);
    if (is("finish"))
        send_head("{\"type\":\"done\",\"id\":%lld,\"finish\":\"bored\"}", id);
    if (is("tokens"))
        send_head("{\"type\":\"words\",\"id\":%lld,\"text\":\"evil\",\"tokens\":-5}", id);
    if (is("type"))
        send_head("{\"type\":\"sing\",\"id\":%lld}", id);
    if (is("trained"))
        send_head("{\"type\":\"trained\",\"state\":{\"step\":1}}");
    if (is("untyped"))
        send_head("[[[[]]]]");
    if (is("logprobs"))
        send_head("{\"type\":\"words\",\"id\":%lld,\"text\":\"evil\",\"tokens\":1,\"logprobs\":[{\"token\":1}]}", id);
    nap(5000); /* until it is killed */
}

static void say_word(int i)
{
    struct request *r = &requests[i];
    if (!r->started)
        send_head("{\"type\":\"started\",\"id\":%lld,\"prompt_tokens\":10,\"context_used\":10,\"context_size\":4096,"
                  "\"dropped_messages\":1,\"prefill_ms\":2.5}",
                  (long long)r->id);
    r->started = true;
    if (*trouble && word_number(r->pos) == json_int(options, "at", 0)) {
        if (is("refuse")) {
            send_head("{\"type\":\"error\",\"id\":%lld,\"code\":\"limit\",\"message\":\"too long by half\"}",
                      (long long)r->id);
            forget(i);
            return;
        }
        if (!is("no-done"))
            make_trouble(r);
    }
    if (r->max_tokens && r->tokens >= r->max_tokens) {
        finish(i, "length");
        return;
    }
    size_t n = strcspn(text + r->pos, " ");
    n += text[r->pos + n] == ' ';
    if (!n) {
        finish(i, "stop");
        return;
    }
    const char *extra = json_bool(options, "logprobs", false)
                            ? ",\"logprobs\":[{\"token\":\"w\",\"logprob\":-0.5,\"bytes\":[119],\"evil\":{\"a\":[]},"
                              "\"top_logprobs\":[{\"token\":\"v\",\"logprob\":-1.5,\"bytes\":null}]}]"
                            : "";
    send_head("{\"type\":\"words\",\"id\":%lld,\"text\":\"%.*s\",\"tokens\":1%s}", (long long)r->id, (int)n,
              text + r->pos, extra);
    r->pos += n;
    r->tokens++;
    if (is("no-done") && word_number(r->pos) == json_int(options, "at", 0))
        die();
}

static void embed(long long id, size_t n)
{
    static float v[64 * 4];
    char head[200];
    memset(v, 0, sizeof(v));
    for (size_t i = 0; i < n && i < 64; i++)
        v[i * 4 + i % 4] = is("long") ? 2 : is("nan") ? 0.0f / 0.0f : 1;
    if (is("die-embed"))
        die();
    if (is("embed-words"))
        send_head("{\"type\":\"words\",\"id\":%lld,\"text\":\"evil\",\"tokens\":1}", id);
    if (is("embed-done"))
        send_head("{\"type\":\"done\",\"id\":%lld,\"finish\":\"stop\"}", id);
    if (is("no-vectors"))
        return;
    int len = snprintf(head, sizeof(head), "{\"type\":\"vectors\",\"id\":%lld,\"dim\":%d,\"n\":%zu}", id,
                       is("dim") ? 5 : 4, is("count") ? n + 1 : n);
    send_frame(head, (size_t)len, v, n * 4 * sizeof(*v));
}

static void score(long long id, size_t n)
{
    struct buf b;
    struct jw w;
    buf_init(&b, FRAME_MAX_HEAD);
    if (is("die-score"))
        die();
    if (is("score-done"))
        send_head("{\"type\":\"done\",\"id\":%lld,\"finish\":\"stop\"}", id);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_str(&w, "type", "scores");
    jw_int(&w, "id", id);
    jw_int(&w, "prompt_tokens", 10);
    jw_int(&w, "cached_tokens", 8);
    jw_arr(&w, "scores");
    for (size_t i = 0; i < n + is("score-count"); i++) {
        jw_obj(&w, NULL);
        jw_num(&w, "logprob", is("scores") ? 3 : -1.0 - (double)i);
        jw_int(&w, "tokens", 1);
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    jw_end_obj(&w);
    send_frame(b.data, b.len, NULL, 0);
    buf_finish(&b);
}

static void tell_stats(long long id)
{
    yyjson_val *stats = yyjson_obj_get(options, "stats");
    char *members = stats ? yyjson_val_write(stats, 0, NULL) : NULL;
    if (is("stats-die"))
        die();
    if (!is("stats-late"))
        send_head("{\"type\":\"stats\",\"id\":%lld,%s", is("stats-id") ? id + 1000 : id,
                  members ? members + 1 : "\"kv\":{}}");
    free(members);
}

static void take(const struct frame *f)
{
    note(f->head, f->head_len);
    yyjson_doc *doc = NULL;
    if (json_parse(f->head, f->head_len, FRAME_MAX_HEAD, "a frame", &doc, NULL))
        exit(90);
    yyjson_val *head = yyjson_doc_get_root(doc);
    const char *type = json_str(head, "type", "");
    long long id = (long long)json_int(head, "id", 0);
    bool deaf = json_bool(options, "deaf", false);
    if (!strcmp(type, "generate") && is("stale") && json_int(head, "keep", 0) > 0) {
        send_head("{\"type\":\"error\",\"id\":%lld,\"code\":\"conflict\",\"message\":\"stale\"}", id);
    } else if (!strcmp(type, "read") || !strcmp(type, "drop")) {
        send_head("{\"type\":\"done\",\"id\":%lld,\"finish\":\"stop\"}", id);
    } else if (!strcmp(type, "generate")) {
        if (n_requests == MAX_REQUESTS)
            exit(91);
        const char *prefix = json_str(head, "prefix", "");
        requests[n_requests++] = (struct request){ .id = id,
                                                   .pos = strlen(prefix),
                                                   .snapshot = json_bool(head, "snapshot", false),
                                                   .max_tokens = (int)json_int(yyjson_obj_get(head, "sampling"),
                                                                               "max_tokens", 0) };
    } else if (!strcmp(type, "score")) {
        score(id, yyjson_arr_size(yyjson_obj_get(head, "candidates")));
    } else if (!strcmp(type, "embed")) {
        embed(id, yyjson_arr_size(yyjson_obj_get(head, "texts")));
    } else if (!strcmp(type, "cancel") && is("no-vectors")) {
        send_head("{\"type\":\"done\",\"id\":%lld,\"finish\":\"cancelled\"}", id);
    } else if (!strcmp(type, "cancel") && !deaf) {
        for (int i = 0; i < n_requests; i++)
            if (requests[i].id == id) {
                finish(i, "cancelled");
                break;
            }
    } else if (!strcmp(type, "ping") && !deaf) {
        send_head("{\"type\":\"pong\",\"id\":%lld}", id);
    } else if (!strcmp(type, "stats")) {
        tell_stats(id);
    } else if (!strcmp(type, "stop") && !json_bool(options, "linger", false)) {
        exit(0);
    }
    yyjson_doc_free(doc);
}

static void load(void)
{
    if (is("early"))
        send_head("{\"type\":\"words\",\"id\":1,\"text\":\"evil\",\"tokens\":1}");
    send_head("{\"type\":\"loading\",\"progress\":0.5}");
    nap(json_int(options, "load_ms", 0));
    if (is("die-load"))
        die();
    if (is("exit-load"))
        exit(4);
    if (is("hang-load"))
        nap(60000);
    if (is("failed")) {
        send_head("{\"type\":\"failed\",\"code\":\"model\",\"message\":\"not a GGUF file\"}");
        nap(100);
        exit(1);
    }
    slots = (int)json_int(options, "slots", 2);
    send_head(
        "{\"type\":\"ready\",\"protocol\":%d,\"driver\":\"fake\",\"reads\":true,\"slots\":%d,\"context_size\":4096}",
        is("protocol") ? 2 : 1, slots);
    if (is("stats-unasked"))
        tell_stats(1);
}

static void serve(void)
{
    struct buf in;
    int64_t word_ms = json_int(options, "word_ms", 0), next_us = 0;
    buf_init(&in, FRAME_MAX_HEAD + FRAME_MAX_RAW);
    for (;;) {
        struct pollfd p = { .fd = 3, .events = POLLIN };
        int64_t left_ms = (next_us - clock_mono_us() + 999) / 1000;
        if (poll(&p, 1, !n_requests ? -1 : left_ms > 0 ? (int)left_ms : 0) > 0) {
            char data[65536];
            ssize_t n = read(3, data, sizeof(data));
            if (n <= 0 && json_bool(options, "linger", false))
                nap(60000);
            if (n <= 0)
                break;
            buf_append(&in, data, (size_t)n);
            struct frame f;
            size_t used;
            while (frame_read(buf_str(&in), in.len, &f, &used, NULL) == 1) {
                take(&f);
                buf_consume(&in, used);
            }
        }
        if (clock_mono_us() < next_us)
            continue;
        next_us = clock_mono_us() + word_ms * 1000;
        for (int i = (n_requests < slots ? n_requests : slots) - 1; i >= 0; i--)
            say_word(i);
    }
    buf_finish(&in);
}

int main(int argc, char **argv)
{
    yyjson_doc *doc = NULL;
    for (int i = 1; i + 1 < argc; i += 2)
        if (!strcmp(argv[i], "--options") && json_parse(argv[i + 1], strlen(argv[i + 1]), 65536, "options", &doc, NULL))
            return 99;
    options = yyjson_doc_get_root(doc);
    text = json_str(options, "text", "one two three four five ");
    log_path = json_str(options, "log", NULL);
    trouble = json_str(options, "trouble", "");
    int64_t starts = json_int(options, "starts", 0);
    note("start", 5);
    if (starts && starts_so_far() > starts)
        trouble = "";
    load();
    serve();
    yyjson_doc_free(doc);
    return 0;
}
