/* The daemon's half of the engine protocol (engine/answer.c) against an engine that says anything. There is no process:
 * this file stands in for loop/child.c. Each line of the input is the head of one frame, or a command:
 *
 *   +  another request      -  cancel the oldest      ~  abandon the oldest      !  the engine dies      .  time passes
 *   *  another request for two vectors       ?  somebody looks at what engines do
 *
 * A head behind a digit comes with that many units of length 1 in four numbers each, then something shorter.
 *
 * A request is told "started" at most once and "done" exactly once, in this order with its words between; the words are
 * UTF-8 text; nothing comes after done or after it was abandoned. */
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_private.h"
#include "fuzz.h"

#include <string.h>

#define MAX_REQUESTS 8

struct child {
    struct child_callbacks cb;
    void *ctx;
    bool killed;
};

static struct child *child;

int child_spawn(struct loop *loop, const char *const *argv, const char *const *env, const struct child_callbacks *cb,
                void *ctx, struct child **out, anima_error *err)
{
    (void)loop;
    (void)env;
    (void)err;
    CHECK(argv[0] && !child);
    child = calloc(1, sizeof(*child));
    CHECK(child);
    *child = (struct child){ *cb, ctx, false };
    *out = child;
    return ANIMA_OK;
}

int child_send(struct child *c, const char *head, size_t head_len, const void *raw, size_t raw_len, anima_error *err)
{
    (void)raw;
    (void)err;
    yyjson_doc *doc = yyjson_read(head, head_len, 0);
    CHECK(c == child && doc && raw_len == 0 && yyjson_obj_get(yyjson_doc_get_root(doc), "type"));
    yyjson_doc_free(doc);
    return ANIMA_OK;
}

int child_pid(const struct child *c)
{
    (void)c;
    return 1;
}

void child_kill(struct child *c, int signal)
{
    (void)signal;
    c->killed = true;
}

void child_release(struct child *c)
{
    CHECK(!c || c == child);
    if (c)
        child = NULL;
    free(c);
}

static void die(int status, int signal)
{
    struct child *c = child;
    if (c)
        c->cb.gone(c->ctx, status, signal, "last words");
}

/* ---- the owners of requests ---- */

struct owner {
    struct engine_job *job;
    bool asked, started, words, over, embeds;
};

static struct owner owners[MAX_REQUESTS];

static void on_started(void *ctx, const anima_usage *usage)
{
    struct owner *o = ctx;
    CHECK(usage && usage->prompt_tokens >= 0 && !o->started && !o->words && !o->over && !o->embeds);
    o->started = true;
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    struct owner *o = ctx;
    CHECK(n > 0 && utf8_valid(text, n) && !memchr(text, '\0', n) && o->started && !o->over);
    if (logprobs_len) {
        yyjson_doc *doc = yyjson_read(logprobs, logprobs_len, 0);
        CHECK(doc && yyjson_is_arr(yyjson_doc_get_root(doc)));
        yyjson_doc_free(doc);
    }
    o->words = true;
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    struct owner *o = ctx;
    CHECK(!o->over && usage && usage->completion_tokens >= 0 && finish && message);
    CHECK(code != ANIMA_OK || strcmp(finish, "stop") == 0 || strcmp(finish, "length") == 0);
    CHECK(utf8_valid(message, strlen(message)));
    o->over = true;
    o->job = NULL;
}

static void on_vectors(void *ctx, int code, const float *vectors, size_t n, size_t dim, const char *message)
{
    struct owner *o = ctx;
    CHECK(!o->over && o->embeds && message && (code != ANIMA_OK) == !vectors);
    for (size_t i = 0; vectors && i < n * dim; i++)
        CHECK(vectors[i] >= -1.01f && vectors[i] <= 1.01f);
    CHECK(code != ANIMA_OK || n == 2);
    o->over = true;
    o->job = NULL;
}

static int resolve(void *ctx, const char *model, struct engine_spec *spec, anima_error *err)
{
    (void)ctx;
    (void)err;
    *spec = (struct engine_spec){ .driver = "script", .model = mem_strdup(model), .options = mem_strdup("{}") };
    return ANIMA_OK;
}

static void on_state(void *ctx, const anima_engine_info *info)
{
    (void)ctx;
    CHECK(info->state && info->running >= 0 && info->waiting >= 0 && info->progress >= 0 && info->progress <= 1);
    CHECK(utf8_valid(info->message, strlen(info->message)) && utf8_valid(info->info, strlen(info->info)));
}

static void ask_vectors(struct engine_set *set)
{
    static const char *const texts[] = { "one", "二" };
    for (size_t i = 0; i < MAX_REQUESTS; i++)
        if (!owners[i].asked) {
            owners[i].asked = owners[i].embeds = true;
            CHECK(engine_embed(set, "m", true, texts, 2, on_vectors, &owners[i], &owners[i].job, NULL) == 0);
            return;
        }
}

static int n_looking;

static void on_stats(void *ctx, int code, const anima_engine_stats *list, size_t n)
{
    (void)ctx;
    n_looking--;
    CHECK((code == ANIMA_OK) == (list != NULL) && n <= 1);
    for (size_t i = 0; i < n; i++) {
        const anima_engine_stats *s = &list[i];
        CHECK(s->busy >= 0 && s->busy <= 1 && s->steps >= 0 && s->cells >= 0 && s->moved_s >= 0 && s->n_streams <= 256);
        for (size_t k = 0; k < s->n_streams; k++) {
            const anima_engine_stream *stream = &s->streams[k];
            CHECK(strlen(stream->name) < 64 && stream->place && stream->state && stream->priority);
            CHECK(utf8_valid(stream->adapter, strlen(stream->adapter)) && stream->tokens >= 0 && stream->said >= 0);
        }
    }
}

static void look(struct engine_set *set)
{
    if (n_looking < MAX_REQUESTS && engine_stats_ask(set, on_stats, NULL, NULL) == ANIMA_OK)
        n_looking++;
}

static void ask(struct engine_set *set)
{
    static const anima_completion_callbacks callbacks = { .started = on_started, .words = on_words, .done = on_done };
    static const anima_chat_message message = { "user", NULL, "hello" };
    struct engine_request request = { .messages = &message, .n_messages = 1, .logprobs = 2 };
    anima_sampling_default(&request.sampling);
    request.sampling.max_tokens = 6;
    for (size_t i = 0; i < MAX_REQUESTS; i++)
        if (!owners[i].asked) {
            owners[i].asked = true;
            CHECK(engine_generate(set, "m", &request, &callbacks, &owners[i], &owners[i].job, NULL) == 0);
            return;
        }
}

static void leave(void (*how)(struct engine_job *job), bool abandoned)
{
    for (size_t i = 0; i < MAX_REQUESTS; i++)
        if (owners[i].job) {
            struct engine_job *job = owners[i].job;
            if (abandoned) {
                owners[i].job = NULL;
                owners[i].over = true;
            }
            how(job);
            return;
        }
}

static void play_frame(const char *line, size_t n)
{
    static const float vectors[10 * 4] = { [0] = 1, [5] = -1, [10] = 1, [14] = 0.5f };
    size_t units = line[0] >= '0' && line[0] <= '9' ? (size_t)(line[0] - '0') : 0, skip = units || line[0] == '0';
    if (!child || child->killed || n <= skip)
        return;
    char *head = fuzz_copy(line + skip, n - skip), *raw = fuzz_copy((const char *)vectors, units * 16);
    const struct frame f = { .head = head, .head_len = n - skip, .raw = units ? raw : NULL, .raw_len = units * 16 };
    child->cb.frame(child->ctx, &f);
    free(raw);
    free(head);
}

static void play_line(struct engine_set *set, struct loop *loop, const char *line, size_t n)
{
    switch (n == 1 ? line[0] : '\0') {
    case '+': ask(set); return;
    case '*': ask_vectors(set); return;
    case '?': look(set); return;
    case '-': leave(engine_cancel, false); return;
    case '~': leave(engine_abandon, true); return;
    case '!': die(1, 0); return;
    case '.': loop_step(loop, 0); break;
    default: play_frame(line, n);
    }
    if (child && child->killed)
        die(0, 9);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct engine_times times = { .backoff_ms = 0,
                                               .backoff_again_ms = 0,
                                               .window_ms = 60000,
                                               .ping_ms = 10000,
                                               .hang_ms = 60000,
                                               .load_ms = 60000,
                                               .stop_ms = 60000 };
    struct loop *loop;
    struct engine_set *set;
    memset(owners, 0, sizeof(owners));
    CHECK(loop_create(&loop, NULL) == 0);
    CHECK(engine_set_create(loop, "anima-engine", 1, resolve, on_state, NULL, &set, NULL) == 0);
    engine_set_times(set, &times);
    ask(set);
    loop_step(loop, 0);
    for (size_t at = 0; at < size;) {
        const uint8_t *eol = memchr(data + at, '\n', size - at);
        size_t n = eol ? (size_t)(eol - data) - at : size - at;
        play_line(set, loop, (const char *)data + at, n);
        at += n + (eol != NULL);
    }
    loop_step(loop, 0);
    engine_set_destroy(set);
    CHECK(!child && !n_looking); /* whoever looked was told */
    loop_destroy(loop);
    return 0;
}
