/* bench_server.c — what anima itself costs: the same scenario against a FastAPI + uvicorn twin (tests/bench/twin.py).
 *
 * Both store every message and reply in SQLite (WAL, synchronous=FULL), have the model in a process of its own that says the
 * same written reply of about forty words, the first after 20 ms and one every 2 ms (a fast model), stream it over
 * server-sent events, and are driven by the same client over HTTP, which listens once per conversation, as a page does. CPU is user + system time of the server and all its
 * child processes. The servers take turns, conversation by conversation; a figure is the median of conversations. A second twin has its words in the server's own process: the least that Python can do, and
 * less than anima does. */
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench.h"
#include "cli/bench_cpu.h"
#include "cli/bench_served.h"
#include "cli/client.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDLE 1000
#define A_TALK 20 /* turns of a conversation */
#define PACED "Tell me about your day."
#define UNPACED "Tell me quickly."
#define REPLY                                                                                                          \
    "say: Well, the morning was quiet, so I walked once around the lake before I opened the shop. Then a man brought " \
    "three boxes of old detective novels, and I have been reading instead of sorting them ever since. How was "        \
    "yours?\n"

struct side {
    const char *name;
    struct bench_served served;
    struct client *client;
    double ready_ms, words_per_s;
    double *cpu, *own; /* ms per turn, of each conversation; own: without child processes */
    int n_cpu;
    double *first_byte;
    int n;
};

/* ---- processes ---- */

static double rss_mb(pid_t pid)
{
    char path[64], line[256];
    long kb = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof(line), f))
        if (sscanf(line, "VmRSS: %ld kB", &kb) == 1)
            break;
    if (f)
        fclose(f);
    return (double)kb / 1024;
}

/* Starts it and waits until it answers. */
static int start(struct side *s, const char *dir, char *const *argv, anima_error *err)
{
    char log[100];
    snprintf(log, sizeof(log), "%s/served.log", dir);
    int64_t began = clock_mono_us();
    int rc = bench_served_start(&s->served, s->name, argv, log, err);
    if (!rc)
        rc = client_create(s->served.url, NULL, &s->client, err);
    for (int i = 0; !rc && i < 5000; i++) {
        rc = client_call(s->client, "GET", "/status", NULL, NULL, err);
        if (!rc || rc != ANIMA_E_IO)
            break;
        rc = ANIMA_OK;
        usleep(1000);
    }
    s->ready_ms = (double)(clock_mono_us() - began) / 1000;
    return rc;
}

static void stop(struct side *s)
{
    client_destroy(s->client);
    mem_free(s->first_byte);
    mem_free(s->cpu);
    mem_free(s->own);
    bench_served_stop(&s->served);
}

/* ---- the scenario ---- */

static int begin_conversation(struct side *s, char *id, size_t size, anima_error *err)
{
    yyjson_doc *doc;
    int rc = client_call(s->client, "POST", "/conversations", "{\"character\":\"lin\"}", &doc, err);
    if (rc)
        return rc;
    snprintf(id, size, "%s", json_str(yyjson_obj_get(yyjson_doc_get_root(doc), "conversation"), "id", ""));
    yyjson_doc_free(doc);
    return ANIMA_OK;
}

/* One conversation as a page has it: a stream of events that stays open, and a message whenever a reply is over. */
struct talk {
    struct side *side;
    const char *conversation, *message;
    int left; /* messages to be sent */
    int64_t reply, began_us;
    double first_ms;
    int words;
    int rc;
    anima_error *err;
};

static int say(struct talk *t)
{
    char path[200], body[200];
    yyjson_doc *doc;
    t->left--;
    t->began_us = clock_mono_us();
    t->first_ms = 0;
    snprintf(path, sizeof(path), "/conversations/%s/messages", t->conversation);
    snprintf(body, sizeof(body), "{\"text\":\"%s\"}", t->message);
    t->rc = client_call(t->side->client, "POST", path, body, &doc, t->err);
    if (!t->rc) {
        t->reply = json_int(yyjson_doc_get_root(doc), "reply", 0);
        yyjson_doc_free(doc);
    }
    return t->rc;
}

static int count_words(const char *text)
{
    int n = *text != 0;
    for (; *text; text++)
        n += *text == ' ';
    return n;
}

/* The events of a message that is being answered come while its POST is still under way, at the earliest: they wait in
 * the stream until say returns. */
static int on_event(void *ctx, yyjson_val *event)
{
    struct talk *t = ctx;
    const char *type = json_str(event, "type", "");
    yyjson_val *turn = yyjson_obj_get(event, "turn");
    if (strcmp(type, "sync") == 0)
        return say(t);
    if (t->first_ms == 0 && (strcmp(type, "turn.delta") == 0 || strcmp(type, "turn.done") == 0))
        t->first_ms = (double)(clock_mono_us() - t->began_us) / 1000;
    if (strcmp(type, "turn.done") != 0 || json_int(turn, "seq", 0) != t->reply)
        return 0;
    t->words += count_words(json_str(turn, "text", ""));
    t->side->first_byte[t->side->n++] = t->first_ms;
    return t->left > 0 ? say(t) : 1;
}

/* A conversation of n turns. *words (NULL: not wanted) is how many came. */
static int converse(struct side *s, const char *message, int n, int *words, anima_error *err)
{
    char id[40] = "", path[200];
    struct talk t = { .side = s, .conversation = id, .message = message, .left = n, .err = err };
    int rc = begin_conversation(s, id, sizeof(id), err);
    snprintf(path, sizeof(path), "/conversations/%s/events", id);
    if (!rc)
        rc = client_events(s->client, path, on_event, NULL, &t, err);
    if (words)
        *words = t.words;
    return rc ? rc : t.rc;
}

/* The first turns start the engine and warm the caches; then how fast words go when nothing holds them. */
static int warm_up(struct side *s, int n, anima_error *err)
{
    int words = 0;
    s->first_byte = mem_zero((size_t)n + 2 * A_TALK, sizeof(*s->first_byte));
    s->cpu = mem_zero((size_t)n, sizeof(*s->cpu));
    s->own = mem_zero((size_t)n, sizeof(*s->own));
    if (!s->first_byte || !s->cpu || !s->own)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    int rc = converse(s, PACED, 5, NULL, err);
    int64_t began = clock_mono_us();
    if (!rc)
        rc = converse(s, UNPACED, A_TALK, &words, err);
    s->words_per_s = words / ((double)(clock_mono_us() - began) / 1e6);
    s->n = 0;
    return rc;
}

static int measure(struct side *s, int n, anima_error *err)
{
    double before = bench_cpu_ms(s->served.pid), own_before = bench_cpu_own_ms(s->served.pid);
    int rc = converse(s, PACED, n, NULL, err);
    s->cpu[s->n_cpu] = (bench_cpu_ms(s->served.pid) - before) / n;
    s->own[s->n_cpu++] = (bench_cpu_own_ms(s->served.pid) - own_before) / n;
    return rc;
}

static int measure_all(struct side *sides[], int n_sides, int n, anima_error *err)
{
    int rc = ANIMA_OK;
    for (int i = 0; i < n_sides && !rc; i++)
        rc = warm_up(sides[i], n, err);
    for (; n > 0 && !rc; n -= A_TALK)
        for (int i = 0; i < n_sides && !rc; i++)
            rc = measure(sides[i], n < A_TALK ? n : A_TALK, err);
    return rc;
}

/* A thousand conversations, each with a page that listens: what memory they take. */
static int idle_conversations(struct side *s, double *mb, anima_error *err)
{
    static int sockets[IDLE];
    int opened = 0, rc = ANIMA_OK;
    double before = rss_mb(s->served.pid);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    to.sin_port = htons((uint16_t)atoi(strrchr(s->served.url, ':') + 1));
    for (; opened < IDLE && !rc; opened++) {
        char id[40], request[300];
        rc = begin_conversation(s, id, sizeof(id), err);
        sockets[opened] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int n = snprintf(request, sizeof(request),
                         "GET /api/v1/conversations/%s/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", id);
        if (!rc && (connect(sockets[opened], (struct sockaddr *)&to, sizeof(to)) ||
                    send(sockets[opened], request, (size_t)n, 0) != n))
            rc = err_set(err, ANIMA_E_IO, "connection %d is refused", opened);
    }
    sleep(1);
    *mb = rss_mb(s->served.pid) - before;
    while (opened > 0)
        close(sockets[--opened]);
    return rc;
}

/* ---- the bench ---- */

static const char script[] = "match: quickly\n" REPLY "\nfirst_ms: 20\ndelay_ms: 2\n" REPLY;

static int make_home(char *dir, char *script_path, size_t size, anima_error *err)
{
    int rc = bench_folder(dir, err);
    if (rc)
        return rc;
    snprintf(script_path, size, "%s/script.txt", dir);
    return fs_write(script_path, script, strlen(script), 0600, err);
}

static int start_all(struct side *ours, struct side *twin, struct side *lean, const char *dir, const char *script_path,
                     anima_error *err)
{
    char self[500], model[300], *cache = fs_cache_dir(), *share = fs_share_dir();
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[n > 0 ? n : 0] = '\0';
    snprintf(model, sizeof(model), "model.default=script:%s", script_path);
    char *python = cache ? fs_join(cache, "testenv/py/bin/python", (char *)NULL) : NULL;
    char *program = share ? fs_join(share, "../tests/bench/twin.py", (char *)NULL) : NULL;
    char *db = fs_join(dir, "twin.db", (char *)NULL), *lean_db = fs_join(dir, "lean.db", (char *)NULL);
    int rc = python && program && db && lean_db ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc && (!fs_exists(python) || !fs_exists(program)))
        rc = err_set(err, ANIMA_E_NOT_FOUND,
                     "the twin needs a checkout and its Python packages: `make testenv` brings them");
    char *const serve[] = { self,    "serve",         "--lazy", "--home", (char *)(uintptr_t)dir,
                            "--set", "server.port=0", "--set",  model,    NULL };
    char *const serve_twin[] = { python, program, db, (char *)(uintptr_t)script_path, NULL };
    char *const serve_lean[] = { python, program, lean_db, (char *)(uintptr_t)script_path, "--in-process", NULL };
    if (!rc)
        rc = start(ours, dir, serve, err);
    if (!rc)
        rc = start(twin, dir, serve_twin, err);
    if (!rc)
        rc = start(lean, dir, serve_lean, err);
    mem_free(lean_db);
    mem_free(python);
    mem_free(program);
    mem_free(db);
    mem_free(cache);
    mem_free(share);
    return rc;
}

static void add_results(struct bench_report *r, struct side *ours, struct side *twin, struct side *lean, double idle_mb,
                        double thousand_mb)
{
    double min, p95, first_min, first_p95, cpu = bench_median(ours->cpu, ours->n_cpu, &min, &p95);
    double twin_min, twin_p95, twin_cpu = bench_median(twin->cpu, twin->n_cpu, &twin_min, &twin_p95);
    double lean_min, lean_p95, lean_cpu = bench_median(lean->cpu, lean->n_cpu, &lean_min, &lean_p95);
    double own_min, own_p95, own = bench_median(ours->own, ours->n_cpu, &own_min, &own_p95);
    double first = bench_median(ours->first_byte, ours->n, &first_min, &first_p95);
    char *const against = "FastAPI + uvicorn twin", *const least = "the twin without a process for the model";
    bench_add(r, (struct bench_result){ "cpu_per_turn_ratio", "times less", against, twin_cpu / cpu, 20, true, 0, 0 });
    bench_add(r, (struct bench_result){ "cpu_per_turn_ratio_in_process", "times less", least, lean_cpu / cpu, 0, true,
                                        0, 0 });
    bench_add(r,
              (struct bench_result){ "cpu_per_turn_ms", "ms", "daemon and engine process", cpu, 0, false, min, p95 });
    bench_add(r,
              (struct bench_result){ "daemon_cpu_per_turn_ms", "ms", "daemon alone", own, 0, false, own_min, own_p95 });
    bench_add(r,
              (struct bench_result){ "twin_cpu_per_turn_ms", "ms", against, twin_cpu, 0, false, twin_min, twin_p95 });
    bench_add(r, (struct bench_result){ "in_process_twin_cpu_per_turn_ms", "ms", least, lean_cpu, 0, false, lean_min,
                                        lean_p95 });
    bench_add(r, (struct bench_result){ "idle_rss_mb", "MiB", "after the turns, engine not counted", idle_mb, 25, false,
                                        0, 0 });
    bench_add(r, (struct bench_result){ "ready_ms", "ms", "from exec to the first answer", ours->ready_ms, 100, false,
                                        0, 0 });
    bench_add(r, (struct bench_result){ "twin_ready_ms", "ms", against, twin->ready_ms, 0, false, 0, 0 });
    bench_add(r, (struct bench_result){ "first_byte_ms_p50", "ms", "message sent to first words", first, 0, false,
                                        first_min, first_p95 });
    bench_add(r,
              (struct bench_result){ "twin_first_byte_ms_p50", "ms", against,
                                     bench_median(twin->first_byte, twin->n, &twin_min, &twin_p95), 0, false, 0, 0 });
    bench_add(r, (struct bench_result){ "events_per_s", "1/s", "words that arrive, unpaced, one turn after the other",
                                        ours->words_per_s, 0, true, 0, 0 });
    bench_add(r, (struct bench_result){ "twin_events_per_s", "1/s", against, twin->words_per_s, 0, true, 0, 0 });
    bench_add(r, (struct bench_result){ "idle_1000_conversations_mb", "MiB",
                                        "1,000 conversations, each with a listener", thousand_mb, 0, false, 0, 0 });
}

static int run(struct cli *cli, struct bench_report *r)
{
    const char *given = cli_value(cli, "n");
    int n = given ? atoi(given) : 200;
    char dir[sizeof(BENCH_FOLDER)], script_path[100];
    struct side ours = { .name = "anima" }, twin = { .name = "the twin" }, lean = { .name = "the lean twin" };
    anima_error err;
    double thousand_mb = 0, idle_mb = 0;
    if (n < 1 || n > BENCH_SAMPLES)
        return cli_usage(cli, "--n is 1 to %d", BENCH_SAMPLES);
    r->command = "anima bench server";
    r->n = n;
    snprintf(r->model, sizeof(r->model), "script (written replies of about 40 words)");
    int rc = make_home(dir, script_path, sizeof(script_path), &err);
    if (!rc)
        rc = start_all(&ours, &twin, &lean, dir, script_path, &err);
    if (!rc)
        rc = measure_all((struct side *[]){ &ours, &twin, &lean }, 3, n, &err);
    if (!rc) {
        idle_mb = rss_mb(ours.served.pid);
        rc = idle_conversations(&ours, &thousand_mb, &err);
    }
    if (!rc)
        add_results(r, &ours, &twin, &lean, idle_mb, thousand_mb);
    stop(&ours);
    stop(&twin);
    stop(&lean);
    bench_remove(dir);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_server = { "server", "own CPU, memory and speed, against a FastAPI + uvicorn twin", run };
