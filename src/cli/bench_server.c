/* bench_server.c — what anima itself costs: the same scenario against a FastAPI + uvicorn twin (tests/bench/twin.py).
 *
 * Both store every message and reply in SQLite (WAL, synchronous=FULL), answer with the same written reply of about forty
 * words, the first after 20 ms and one every 2 ms (so that each is an event of its own, as with a fast model), over
 * server-sent events, and are driven by the same client over HTTP. CPU is user + system time of the server and all its
 * child processes (anima's engine process counts), from /proc. */
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench.h"
#include "cli/client.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define IDLE 1000

struct side {
    const char *name;
    pid_t pid;
    char url[128];
    struct client *client;
    double ready_ms, cpu_ms, own_ms, seconds; /* own: without child processes */
    int events;
    double *first_byte;
    int n;
};

/* ---- processes ---- */

static double own_cpu_ms(pid_t pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
    if (f)
        fclose(f);
    text[n] = '\0';
    const char *p = strrchr(text, ')'); /* a name may hold spaces */
    long long user = 0, system = 0;
    if (!p || sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld", &user, &system) != 2)
        return 0;
    return (double)(user + system) * 1000 / (double)sysconf(_SC_CLK_TCK);
}

static pid_t parent_of(pid_t pid)
{
    char path[64], line[256];
    int parent = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof(line), f))
        if (sscanf(line, "PPid: %d", &parent) == 1)
            break;
    if (f)
        fclose(f);
    return parent;
}

/* A process and its children. */
static double cpu_ms(pid_t pid)
{
    double sum = own_cpu_ms(pid);
    DIR *d = opendir("/proc");
    struct dirent *e;
    while (d && (e = readdir(d))) {
        pid_t other = (pid_t)atoi(e->d_name);
        if (other > 0 && parent_of(other) == pid)
            sum += own_cpu_ms(other);
    }
    if (d)
        closedir(d);
    return sum;
}

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

/* Starts a server that prints its address, and waits until it answers. */
static int start(struct side *s, char *const *argv, anima_error *err)
{
    int out[2];
    if (pipe(out))
        return err_set(err, ANIMA_E_IO, "no pipe");
    int64_t began = clock_mono_us();
    s->pid = fork();
    if (s->pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        execv(argv[0], argv);
        _exit(127);
    }
    close(out[1]);
    FILE *f = fdopen(out[0], "r");
    char line[300];
    while (!*s->url && f && fgets(line, sizeof(line), f)) {
        const char *url = strstr(line, "http://");
        if (url)
            snprintf(s->url, sizeof(s->url), "%.*s", (int)strcspn(url, " \r\n"), url);
    }
    if (f)
        fclose(f);
    if (!*s->url)
        return err_set(err, ANIMA_E_IO, "%s did not start (%s)", s->name, argv[0]);
    int rc = client_create(s->url, NULL, &s->client, err);
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
    if (s->pid > 0) {
        kill(s->pid, SIGTERM);
        waitpid(s->pid, NULL, 0);
    }
}

/* ---- the scenario ---- */

struct turn {
    int64_t reply, began_us;
    double first_ms;
    int events;
};

static int on_event(void *ctx, yyjson_val *event)
{
    struct turn *t = ctx;
    const char *type = json_str(event, "type", "");
    t->events++;
    if (t->first_ms == 0 && (strcmp(type, "turn.delta") == 0 || strcmp(type, "turn.done") == 0))
        t->first_ms = (double)(clock_mono_us() - t->began_us) / 1000;
    if (strcmp(type, "sync") == 0) { /* the reply may be over before we listen */
        yyjson_val *turn = yyjson_arr_get_last(yyjson_obj_get(event, "turns"));
        bool over = json_int(turn, "seq", 0) == t->reply && strcmp(json_str(turn, "state", ""), "done") == 0;
        if (over && t->first_ms == 0)
            t->first_ms = (double)(clock_mono_us() - t->began_us) / 1000;
        return over;
    }
    return strcmp(type, "turn.done") == 0 && json_int(yyjson_obj_get(event, "turn"), "seq", 0) == t->reply;
}

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

static int one_turn(struct side *s, const char *conversation, struct turn *t, anima_error *err)
{
    char path[200];
    yyjson_doc *doc;
    *t = (struct turn){ .began_us = clock_mono_us() };
    snprintf(path, sizeof(path), "/conversations/%s/messages", conversation);
    int rc = client_call(s->client, "POST", path, "{\"text\":\"Tell me about your day.\"}", &doc, err);
    if (rc)
        return rc;
    t->reply = json_int(yyjson_doc_get_root(doc), "reply", 0);
    yyjson_doc_free(doc);
    snprintf(path, sizeof(path), "/conversations/%s/events?after=%lld", conversation, (long long)t->reply - 1);
    return client_events(s->client, path, on_event, NULL, t, err);
}

/* n turns, twenty a conversation. */
static int talk(struct side *s, int n, anima_error *err)
{
    char id[40] = "";
    struct turn t;
    s->first_byte = mem_zero((size_t)n + 1, sizeof(*s->first_byte));
    int rc = s->first_byte ? begin_conversation(s, id, sizeof(id), err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = one_turn(s, id, &t, err); /* starts the engine, warms the caches; not counted */
    double before = cpu_ms(s->pid), own_before = own_cpu_ms(s->pid);
    int64_t began = clock_mono_us();
    for (int i = 0; i < n && !rc; i++) {
        if (i % 20 == 0)
            rc = begin_conversation(s, id, sizeof(id), err);
        if (!rc)
            rc = one_turn(s, id, &t, err);
        s->first_byte[s->n++] = t.first_ms;
        s->events += t.events;
    }
    s->seconds = (double)(clock_mono_us() - began) / 1e6;
    s->cpu_ms = cpu_ms(s->pid) - before;
    s->own_ms = own_cpu_ms(s->pid) - own_before;
    return rc;
}

/* A thousand conversations, each with a page that listens: what memory they take. */
static int idle_conversations(struct side *s, double *mb, anima_error *err)
{
    static int sockets[IDLE];
    int opened = 0, rc = ANIMA_OK;
    double before = rss_mb(s->pid);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    to.sin_port = htons((uint16_t)atoi(strrchr(s->url, ':') + 1));
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
    *mb = rss_mb(s->pid) - before;
    while (opened > 0)
        close(sockets[--opened]);
    return rc;
}

/* ---- the bench ---- */

static const char script[] =
    "first_ms: 20\ndelay_ms: 2\nsay: Well, the morning was quiet, so I walked once around the lake before I opened the "
    "shop. Then a man brought "
    "three "
    "boxes of old detective novels, and I have been reading instead of sorting them ever since. How was yours?\n";

static int make_home(char *dir, char *script_path, size_t size, anima_error *err)
{
    if (!mkdtemp(dir))
        return err_set(err, ANIMA_E_IO, "no temporary folder");
    snprintf(script_path, size, "%s/script.txt", dir);
    return fs_write(script_path, script, strlen(script), 0600, err);
}

static int start_both(struct side *ours, struct side *twin, const char *dir, const char *script_path, anima_error *err)
{
    char self[500], model[300], *cache = fs_cache_dir(), *share = fs_share_dir();
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[n > 0 ? n : 0] = '\0';
    snprintf(model, sizeof(model), "model.default=script:%s", script_path);
    char *python = cache ? fs_join(cache, "testenv/py/bin/python", (char *)NULL) : NULL;
    char *program = share ? fs_join(share, "../tests/bench/twin.py", (char *)NULL) : NULL;
    char *db = fs_join(dir, "twin.db", (char *)NULL);
    int rc = python && program && db ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc && (!fs_exists(python) || !fs_exists(program)))
        rc = err_set(err, ANIMA_E_NOT_FOUND,
                     "the twin needs a checkout and its Python packages: `make testenv` brings them");
    char *const serve[] = { self,    "serve",         "--lazy", "--home", (char *)(uintptr_t)dir,
                            "--set", "server.port=0", "--set",  model,    NULL };
    char *const serve_twin[] = { python, program, db, (char *)(uintptr_t)script_path, NULL };
    if (!rc)
        rc = start(ours, serve, err);
    if (!rc)
        rc = start(twin, serve_twin, err);
    mem_free(python);
    mem_free(program);
    mem_free(db);
    mem_free(cache);
    mem_free(share);
    return rc;
}

static void add_results(struct bench_report *r, struct side *ours, struct side *twin, double idle_mb,
                        double thousand_mb)
{
    double min, p95, twin_min, twin_p95;
    char *const against = "FastAPI + uvicorn twin";
    double first = bench_median(ours->first_byte, ours->n, &min, &p95);
    double ours_cpu = ours->cpu_ms / ours->n, twin_cpu = twin->cpu_ms / twin->n;
    bench_add(r, (struct bench_result){ "cpu_per_turn_ratio", "times less", against,
                                        twin_cpu / (ours_cpu > 0 ? ours_cpu : 0.001), 20, true, 0, 0 });
    bench_add(r,
              (struct bench_result){ "cpu_per_turn_ms", "ms", "daemon and engine process", ours_cpu, 0, false, 0, 0 });
    bench_add(r, (struct bench_result){ "daemon_cpu_per_turn_ms", "ms", "daemon alone", ours->own_ms / ours->n, 0,
                                        false, 0, 0 });
    bench_add(r, (struct bench_result){ "twin_cpu_per_turn_ms", "ms", against, twin_cpu, 0, false, 0, 0 });
    bench_add(r, (struct bench_result){ "idle_rss_mb", "MiB", "after the turns, engine not counted", idle_mb, 25, false,
                                        0, 0 });
    bench_add(r, (struct bench_result){ "ready_ms", "ms", "from exec to the first answer", ours->ready_ms, 100, false,
                                        0, 0 });
    bench_add(r, (struct bench_result){ "twin_ready_ms", "ms", against, twin->ready_ms, 0, false, 0, 0 });
    bench_add(r, (struct bench_result){ "first_byte_ms_p50", "ms", "message sent to first words", first, 0, false, min,
                                        p95 });
    bench_add(r,
              (struct bench_result){ "twin_first_byte_ms_p50", "ms", against,
                                     bench_median(twin->first_byte, twin->n, &twin_min, &twin_p95), 0, false, 0, 0 });
    bench_add(r, (struct bench_result){ "events_per_s", "1/s", "one client, one turn after the other",
                                        ours->events / ours->seconds, 0, true, 0, 0 });
    bench_add(
        r, (struct bench_result){ "twin_events_per_s", "1/s", against, twin->events / twin->seconds, 0, true, 0, 0 });
    bench_add(r, (struct bench_result){ "idle_1000_conversations_mb", "MiB",
                                        "1,000 conversations, each with a listener", thousand_mb, 0, false, 0, 0 });
}

static int run(struct cli *cli, struct bench_report *r)
{
    const char *given = cli_value(cli, "n");
    int n = given ? atoi(given) : 100;
    char dir[] = "/tmp/anima-bench-XXXXXX", script_path[100], command[150];
    struct side ours = { .name = "anima" }, twin = { .name = "the twin" };
    anima_error err;
    double thousand_mb = 0, idle_mb = 0;
    if (n < 1 || n > BENCH_SAMPLES)
        return cli_usage(cli, "--n is 1 to %d", BENCH_SAMPLES);
    r->command = "anima bench server";
    r->n = n;
    snprintf(r->model, sizeof(r->model), "script (written replies of about 40 words)");
    int rc = make_home(dir, script_path, sizeof(script_path), &err);
    if (!rc)
        rc = start_both(&ours, &twin, dir, script_path, &err);
    if (!rc)
        rc = talk(&ours, n, &err);
    if (!rc)
        rc = talk(&twin, n, &err);
    if (!rc) {
        idle_mb = rss_mb(ours.pid);
        rc = idle_conversations(&ours, &thousand_mb, &err);
    }
    if (!rc)
        add_results(r, &ours, &twin, idle_mb, thousand_mb);
    stop(&ours);
    stop(&twin);
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    if (system(command))
        fprintf(stderr, "anima: %s is left behind\n", dir);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_server = { "server", "own CPU, memory and speed, against a FastAPI + uvicorn twin", run };
