#include "cli/bench_talks.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SERVER "packages/llama-server-3.22.1/llama-server"
#define PATIENCE 1200 /* tenths of a second until a model is loaded */
#define BODY_MAX (4u << 20)
#define TEMPERATURE "0.7"
#define TOP_P "0.9"
#define MIN_P "0.05"
#define PERSONA                                                                                                        \
    "You are Robin. You are 34 and keep a small lighthouse museum on the coast, with a cat called Biscuit. You talk "  \
    "like a friend: one or two short sentences in English."

/* ---- starting ---- */

char *bench_llama_server(void)
{
    char *cache = fs_cache_dir(), *path = cache ? fs_join(cache, SERVER, (char *)NULL) : NULL;
    mem_free(cache);
    if (path && access(path, X_OK) == 0)
        return path;
    mem_free(path);
    return NULL;
}

/* As many as there are processors for us; taskset can take some away. */
static long n_threads(void)
{
    cpu_set_t cpus;
    return sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
}

/* Threads are fixed for both: following the load is not what is compared here. */
static int start_anima(struct bench_side *s, const struct bench_talks *t, anima_error *err)
{
    char self[500], home[300], log[300], model[150], context[40], threads[40], ram[40];
    const char *argv[32] = { self, "serve", "--home", home };
    const char *const sets[] = { "server.port=0",
                                 model,
                                 context,
                                 threads,
                                 "engine.slots=1",

                                 "embed.model=",
                                 "engine.kv_disk_mb=32768",
                                 "speech.without=notes,checks,opening,letters,examples" };
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[n > 0 ? n : 0] = '\0';
    snprintf(home, sizeof(home), "%s/home", t->dir);
    snprintf(log, sizeof(log), "%s/anima.log", t->dir);
    snprintf(model, sizeof(model), "model.default=%s", t->model);
    snprintf(context, sizeof(context), "engine.context=%d", t->context);
    snprintf(threads, sizeof(threads), "engine.threads=%ld", n_threads());
    snprintf(ram, sizeof(ram), "engine.kv_ram_mb=%d", t->ram_mb);
    size_t k = 4;
    for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
        argv[k++] = "--set";
        argv[k++] = sets[i];
    }
    if (t->ram_mb) {
        argv[k++] = "--set";
        argv[k++] = ram;
    }
    return bench_served_start(&s->served, "anima", (char *const *)(uintptr_t)argv, log, err);
}

static int start_llama(struct bench_side *s, const struct bench_talks *t, anima_error *err)
{
    char log[300], context[20], threads[20], ram[20], *server = bench_llama_server();
    const char *argv[20] = { server,       "-m", t->model_file, "--host", "127.0.0.1", "--port", "0",
                             "--parallel", "1",  "--ctx-size",  context,  "--threads", threads,  "--slot-save-path",
                             t->dir };
    if (!server)
        return err_set(err, ANIMA_E_NOT_FOUND, "llama.cpp's server is not built; `tools/setup --peer` builds it");
    snprintf(log, sizeof(log), "%s/llama.log", t->dir);
    snprintf(context, sizeof(context), "%d", t->context);
    snprintf(threads, sizeof(threads), "%ld", n_threads());
    snprintf(ram, sizeof(ram), "%d", t->ram_mb);
    if (t->ram_mb) {
        argv[15] = "--cache-ram";
        argv[16] = ram;
    }
    int rc = bench_served_start(&s->served, "llama.cpp's server", (char *const *)(uintptr_t)argv, log, err);
    mem_free(server);
    return rc;
}

static bool is_ready(const struct bench_side *s, yyjson_val *status)
{
    yyjson_val *engine = yyjson_arr_get_first(yyjson_obj_get(status, "engines"));
    return s->llama || strcmp(json_str(engine, "state", ""), "ready") == 0;
}

int bench_side_start(struct bench_side *s, const struct bench_talks *t, anima_error *err)
{
    bool ready = false;
    int rc = s->llama ? start_llama(s, t, err) : start_anima(s, t, err);
    if (!rc)
        rc = client_create_for(s->served.url, &s->client, err);
    for (int i = 0; !rc && !ready && i < PATIENCE; i++) {
        yyjson_doc *doc;
        if (client_call(s->client, "GET", s->llama ? "/health" : "/api/v1/status", NULL, &doc, err) == ANIMA_OK) {
            ready = is_ready(s, yyjson_doc_get_root(doc));
            yyjson_doc_free(doc);
        }
        if (!ready)
            usleep(100000);
    }
    return rc || ready ? rc
                       : err_set(err, ANIMA_E_TIMEOUT, "%s loads no model", s->llama ? "llama.cpp's server" : "anima");
}

void bench_side_stop(struct bench_side *s)
{
    client_destroy(s->client);
    s->client = NULL;
    bench_served_stop(&s->served);
}

/* ---- talking ---- */

static void put_message(struct buf *history, const char *role, const char *text)
{
    struct jw w;
    if (history->len)
        buf_puts(history, ",");
    jw_init(&w, history);
    jw_obj(&w, NULL);
    jw_str(&w, "role", role);
    jw_str(&w, "content", text);
    jw_end_obj(&w);
}

int bench_talk_begin(const struct bench_side *s, struct bench_talk *talk, anima_error *err)
{
    yyjson_doc *doc;
    *talk = (struct bench_talk){ .id = "" };
    buf_init(&talk->history, BODY_MAX);
    if (s->llama) {
        put_message(&talk->history, "system", PERSONA);
        return ANIMA_OK;
    }
    int rc = client_call(s->client, "POST", "/v1/streams",
                         "{\"segments\":[{\"kind\":\"persona\",\"text\":\"" PERSONA "\"}]}", &doc, err);
    if (rc)
        return rc;
    snprintf(talk->id, sizeof(talk->id), "%s", json_str(yyjson_obj_get(yyjson_doc_get_root(doc), "stream"), "id", ""));
    yyjson_doc_free(doc);
    return ANIMA_OK;
}

void bench_talk_end(struct bench_talk *talk) { buf_finish(&talk->history); }

/* A message under way. */
struct saying {
    struct bench_turn *turn;
    int64_t began_us;
    struct buf said;
    int rc;
    anima_error *err;
};

static void heard(struct saying *y)
{
    if (y->turn->first_ms == 0)
        y->turn->first_ms = (double)(clock_mono_us() - y->began_us) / 1000;
}

static int on_anima(void *ctx, yyjson_val *event)
{
    struct saying *y = ctx;
    yyjson_val *usage = yyjson_obj_get(event, "usage"), *error = yyjson_obj_get(event, "error");
    if (yyjson_is_obj(error))
        y->rc = err_set(y->err, ANIMA_E_ENGINE, "a reply failed: %s", json_str(error, "message", ""));
    if (*json_str(event, "text", ""))
        heard(y);
    if (!yyjson_obj_get(event, "finish"))
        return y->rc;
    heard(y); /* a reply without a word is its end */
    y->turn->prompt_tokens = (int)json_int(usage, "prompt_tokens", 0);
    y->turn->read_tokens = y->turn->prompt_tokens - (int)json_int(usage, "cached_tokens", 0);
    return 1;
}

static int on_llama(void *ctx, yyjson_val *event)
{
    struct saying *y = ctx;
    yyjson_val *choice = yyjson_arr_get_first(yyjson_obj_get(event, "choices"));
    const char *words = json_str(yyjson_obj_get(choice, "delta"), "content", "");
    if (*words)
        heard(y);
    buf_puts(&y->said, words);
    if (!yyjson_is_str(yyjson_obj_get(choice, "finish_reason")))
        return 0;
    heard(y);
    yyjson_val *timings = yyjson_obj_get(event, "timings");
    y->turn->read_tokens = (int)json_int(timings, "prompt_n", 0);
    y->turn->prompt_tokens = y->turn->read_tokens + (int)json_int(timings, "cache_n", 0);
    return 1;
}

static void put_sampling(struct buf *body, int reply_tokens)
{
    buf_printf(body,
               ",\"stream\":true,\"max_tokens\":%d,\"temperature\":" TEMPERATURE ",\"top_p\":" TOP_P ",\"min_p\":" MIN_P
               ",\"seed\":1}",
               reply_tokens);
}

static int say_to_anima(const struct bench_side *s, struct saying *y, const struct bench_talk *talk, const char *text,
                        int reply_tokens)
{
    char path[100];
    struct buf body;
    struct jw w;
    buf_init(&body, BODY_MAX);
    buf_puts(&body, "{\"append\":[");
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    jw_str(&w, "kind", "heard");
    jw_str(&w, "text", text);
    jw_end_obj(&w);
    buf_puts(&body, "]");
    put_sampling(&body, reply_tokens);
    snprintf(path, sizeof(path), "/v1/streams/%s/generate", talk->id);
    y->began_us = clock_mono_us();
    int rc = client_post_events(s->client, path, buf_str(&body), on_anima, y, y->err);
    buf_finish(&body);
    return y->rc ? y->rc : rc;
}

static int say_to_llama(const struct bench_side *s, struct saying *y, struct bench_talk *talk, const char *text,
                        int reply_tokens)
{
    struct buf body;
    buf_init(&body, BODY_MAX);
    buf_init(&y->said, BODY_MAX);
    put_message(&talk->history, "user", text);
    buf_printf(&body, "{\"messages\":[%s]", buf_str(&talk->history));
    put_sampling(&body, reply_tokens);
    y->began_us = clock_mono_us();
    int rc = client_post_events(s->client, "/v1/chat/completions", buf_str(&body), on_llama, y, y->err);
    put_message(&talk->history, "assistant", buf_str(&y->said));
    buf_finish(&y->said);
    buf_finish(&body);
    return rc;
}

int bench_talk_say(const struct bench_side *s, const struct bench_talks *t, struct bench_talk *talk, const char *text,
                   struct bench_turn *out, anima_error *err)
{
    struct saying y = { .turn = out, .err = err };
    *out = (struct bench_turn){ .first_ms = 0 };
    return s->llama ? say_to_llama(s, &y, talk, text, t->reply_tokens)
                    : say_to_anima(s, &y, talk, text, t->reply_tokens);
}

int bench_slot_save(const struct bench_side *s, double *bytes, anima_error *err)
{
    yyjson_doc *doc;
    int rc = client_call(s->client, "POST", "/slots/0?action=save", "{\"filename\":\"slot.bin\"}", &doc, err);
    if (rc)
        return rc;
    *bytes = (double)json_int(yyjson_doc_get_root(doc), "n_written", 0);
    yyjson_doc_free(doc);
    return *bytes > 0 ? ANIMA_OK : err_set(err, ANIMA_E_IO, "llama.cpp's server saved nothing");
}
