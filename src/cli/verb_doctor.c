/* verb_doctor.c — walks every stage that a conversation needs, in order, and names the first that fails and its cure. */
#include "agent/home.h"
#include "agent/settings.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/daemon.h"
#include "cli/progress.h"
#include "engine/fetch.h"
#include "engine/models.h"
#include "server/server.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_TOKEN_S 180
#define LOW_DISK (500LL << 20)

enum verdict { GOOD, WARN, BAD };

struct visit {
    struct cli *cli;
    anima_home *home;
    char holder[256];      /* the address of the anima that has the home, or "" */
    struct client *client; /* to it */
    const struct model *model;
    struct jw w;
    struct buf out;
    char detail[600], cure[400];
    enum verdict worst;
};

static enum verdict say(struct visit *v, enum verdict verdict, const char *detail, const char *cure)
{
    snprintf(v->detail, sizeof(v->detail), "%s", detail);
    snprintf(v->cure, sizeof(v->cure), "%s", cure);
    return verdict;
}

/* ---- the stages ---- */

static enum verdict packages(struct visit *v)
{
    char *share = fs_share_dir(), *runtime = models_runtime_folder(home_models(v->home)), text[300];
    snprintf(text, sizeof(text), "llama.cpp in %.200s", runtime ? runtime : "(nowhere)");
    enum verdict verdict = share && runtime
                               ? say(v, GOOD, text, "")
                               : say(v, BAD,
                                     runtime ? "the folder share/ is missing" : "llama.cpp's libraries are missing",
                                     "run `make build` in anima's folder, or reinstall it");
    mem_free(share);
    mem_free(runtime);
    return verdict;
}

static enum verdict model(struct visit *v)
{
    const char *name = anima_home_setting(v->home, "model.default");
    struct engine_spec spec;
    anima_error err;
    char text[300], size[24];
    v->model = models_find(home_models(v->home), name);
    int rc = models_resolve(home_models(v->home), name, &spec, &err);
    if (rc)
        return say(v, BAD, err.message, "anima models fetch");
    engine_spec_finish(&spec);
    if (!v->model || !*v->model->sha256) {
        snprintf(text, sizeof(text), "%.200s (no hash to compare with)", name);
        return say(v, GOOD, text, "");
    }
    if (!cli_value(v->cli, "quick") && fetch_verify(v->model->file, v->model->sha256, NULL, NULL, &err))
        return say(v, BAD, err.message, "anima models remove, then anima models fetch");
    snprintf(text, sizeof(text), "%s, %s, sha256 %s", name, cli_size(v->model->bytes, size, sizeof(size)),
             cli_value(v->cli, "quick") ? "not computed (--quick)" : "right");
    return say(v, GOOD, text, "");
}

static enum verdict jail(struct visit *v)
{
    const char *set = anima_home_setting(v->home, "engine.program");
    char *exe = fs_exe_dir(), command[1200], line[600] = "";
    static const char *const places[] = { "anima-engine", "../libexec/anima/anima-engine", "../host/anima-engine" };
    char program[500] = "anima-engine";
    for (size_t i = 0; exe && i < 3; i++) {
        snprintf(program, sizeof(program), "%s/%s", exe, places[i]);
        if (access(program, X_OK) == 0)
            break;
    }
    char *runtime = models_runtime_folder(home_models(v->home));
    snprintf(command, sizeof(command), "LD_LIBRARY_PATH='%s' '%s' --jail-test 2>&1", runtime ? runtime : "",
             *set ? set : program);
    mem_free(runtime);
    mem_free(exe);
    FILE *p = popen(command, "re");
    if (p && !fgets(line, sizeof(line), p))
        line[0] = '\0';
    int status = p ? pclose(p) : -1;
    line[strcspn(line, "\n")] = '\0';
    if (status == 0 && strstr(line, "\"exec\"")) /* had it become another program it would say nothing */
        return say(v, GOOD, line, "");
    return say(v, BAD, *line ? line : "anima-engine does not start",
               "a model may only run jailed: use Linux 5.13 or newer with Landlock (lsm=landlock,…) and seccomp");
}

/* ---- the same, where a running anima has the home: it is asked ---- */

static enum verdict remote_engine(struct visit *v)
{
    yyjson_doc *doc;
    anima_error err;
    char text[600];
    if (client_call(v->client, "GET", "/status", NULL, &doc, &err))
        return say(v, BAD, err.message, "stop the running anima and start it anew");
    yyjson_val *first = yyjson_arr_get_first(yyjson_obj_get(yyjson_doc_get_root(doc), "engines"));
    const char *state = json_str(first, "state", "not started yet");
    const char *message = json_str(first, "message", "");
    bool failed = strcmp(state, "failed") == 0;
    snprintf(text, sizeof(text), "%s in the running anima%s%.400s", state, *message ? ": " : "", message);
    yyjson_doc_free(doc);
    return failed ? say(v, BAD, text, "another model (`anima config set model.default …`), or less engine.context")
                  : say(v, GOOD, text, "");
}

static enum verdict remote_store(struct visit *v)
{
    anima_error err;
    if (client_call(v->client, "GET", "/conversations?limit=1", NULL, NULL, &err))
        return say(v, BAD, err.message, "see the message");
    return say(v, GOOD, "the running anima reads it", "");
}

static size_t count_bytes(char *data, size_t one, size_t n, void *ctx)
{
    (void)data;
    *(size_t *)ctx += one * n;
    return one * n;
}

static enum verdict remote_page(struct visit *v)
{
    CURL *c = curl_easy_init();
    size_t bytes = 0;
    long status = 0;
    char text[400];
    if (!c)
        return say(v, BAD, "out of memory", "");
    curl_easy_setopt(c, CURLOPT_URL, v->holder);
    curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(c, CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, count_bytes);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &bytes);
    curl_easy_perform(c);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(c);
    snprintf(text, sizeof(text), "%s, ours, answers %ld, %zu bytes", v->holder, status, bytes);
    return status == 200 && bytes ? say(v, GOOD, text, "")
                                  : say(v, BAD, text, "stop the running anima and start it anew");
}

/* ---- and otherwise ---- */

struct first {
    bool done;
    int code;
    double ms, tokens_per_s;
    int64_t began_us;
    char message[300];
};

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    struct first *f = ctx;
    (void)text;
    (void)n;
    (void)logprobs;
    (void)logprobs_len;
    if (f->ms == 0)
        f->ms = (double)(clock_mono_us() - f->began_us) / 1000;
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    struct first *f = ctx;
    (void)finish;
    f->done = true;
    f->code = code;
    f->tokens_per_s = usage && usage->decode_ms > 0 ? usage->completion_tokens * 1000.0 / usage->decode_ms : 0;
    snprintf(f->message, sizeof(f->message), "%s", message ? message : "");
}

static enum verdict engine(struct visit *v)
{
    anima_error err;
    anima_engine_info info = { .state = "" };
    if (*v->holder)
        return remote_engine(v);
    if (anima_engine_warm(v->home, NULL, &err))
        return say(v, BAD, err.message, "anima models");
    int64_t end = clock_mono_us() + FIRST_TOKEN_S * 1000000LL;
    while (clock_mono_us() < end && !progress_interrupted()) {
        anima_home_step(v->home, 100);
        if (!anima_engine_at(v->home, 0, &info))
            break;
        if (strcmp(info.state, "ready") == 0)
            return say(v, GOOD, info.info, "");
        if (strcmp(info.state, "failed") == 0)
            break;
    }
    return say(v, BAD, info.message && *info.message ? info.message : "the engine does not become ready",
               "another model (`anima config set model.default …`), or less engine.context");
}

static enum verdict first_token(struct visit *v)
{
    static const anima_completion_callbacks callbacks = { .words = on_words, .done = on_done };
    const anima_chat_message message = { .role = "user", .text = "Hello!" };
    const anima_character *who = anima_character_at(v->home, 0);
    struct first f = { .began_us = clock_mono_us() };
    anima_completion *completion;
    anima_completion_request request = {
        .character = who ? who->id : "", .messages = &message, .n_messages = 1, .logprobs = -1
    };
    anima_error err;
    char text[200];
    if (cli_value(v->cli, "quick") || *v->holder)
        return say(v, GOOD, *v->holder ? "not asked: a running anima has the engine" : "not asked (--quick)", "");
    anima_sampling_default(&request.sampling);
    request.sampling.max_tokens = 12;
    if (anima_complete(v->home, &request, &callbacks, &f, &completion, &err))
        return say(v, BAD, err.message, "see the stages above");
    int64_t end = f.began_us + FIRST_TOKEN_S * 1000000LL;
    while (!f.done && clock_mono_us() < end && !progress_interrupted())
        anima_home_step(v->home, 100);
    if (!f.done)
        anima_completion_abandon(completion);
    if (!f.done || f.code)
        return say(v, BAD, f.done ? f.message : "no word came within three minutes",
                   "a smaller model, or a quieter machine");
    snprintf(text, sizeof(text), "after %.0f ms, then %.1f tokens/s", f.ms, f.tokens_per_s);
    return say(v, f.ms < 15000 ? GOOD : WARN, text,
               f.ms < 15000 ? "" : "slow: close other programs, or take a smaller model");
}

struct vector {
    bool done;
    int code;
    char message[300];
};

static void on_vectors(void *ctx, int code, const float *vectors, size_t n, size_t dim, const char *message)
{
    struct vector *got = ctx;
    (void)vectors;
    (void)n;
    (void)dim;
    got->done = true;
    got->code = code;
    snprintf(got->message, sizeof(got->message), "%s", message);
}

/* Characters talk without it, too, so that nothing of this is worse than a warning. */
static enum verdict meaning(struct visit *v)
{
    static const char *const text[] = { "Hello!" };
    const char *name = anima_home_setting(v->home, "embed.model");
    struct vector got = { 0 };
    struct engine_job *job;
    anima_error err;
    char detail[200];
    const char *cure = "anima models fetch e5-small; without it only the same letters count as a repetition";
    if (!*name)
        return say(v, GOOD, "switched off (embed.model)", "");
    if (*v->holder)
        return say(v, GOOD, "not asked: a running anima has the engine", "");
    int64_t began = clock_mono_us(), end = began + FIRST_TOKEN_S * 1000000LL;
    if (engine_embed(home_engines(v->home), name, true, text, 1, on_vectors, &got, &job, &err))
        return say(v, WARN, err.message, cure);
    while (!got.done && clock_mono_us() < end && !progress_interrupted())
        anima_home_step(v->home, 100);
    if (!got.done)
        engine_abandon(job);
    if (!got.done || got.code)
        return say(v, WARN, got.done ? got.message : "no vector came within three minutes", cure);
    snprintf(detail, sizeof(detail), "%.100s, loaded and asked in %.0f ms", name,
             (double)(clock_mono_us() - began) / 1000);
    return say(v, GOOD, detail, "");
}

/* Everything but PDFs is read without a library of its own. */
static enum verdict documents(struct visit *v)
{
    char *reader = models_pdf_reader(home_models(v->home)), text[300];
    snprintf(text, sizeof(text), "PDFium is %.250s",
             reader ? reader : "missing: PDFs are refused, other files are read");
    enum verdict verdict = say(v, reader ? GOOD : WARN, text, reader ? "" : "run `make build` in anima's folder");
    mem_free(reader);
    return verdict;
}

static enum verdict store(struct visit *v)
{
    anima_error err;
    char text[300];
    if (*v->holder)
        return remote_store(v);
    if (home_check_store(v->home, &err))
        return say(v, BAD, err.message, "see the message");
    snprintf(text, sizeof(text), "%.250s/anima.db is whole and can be written", anima_home_path(v->home));
    return say(v, GOOD, text, "");
}

static enum verdict disk(struct visit *v)
{
    int64_t room = fs_free_bytes(anima_home_path(v->home));
    char text[100], size[24];
    snprintf(text, sizeof(text), "%s free for the home", cli_size(room, size, sizeof(size)));
    return room < 0 || room > LOW_DISK ? say(v, GOOD, text, "") : say(v, WARN, text, "free some space");
}

/* Serves from the loop while a second handle asks: one thread is enough with curl's multi interface. */
static enum verdict page(struct visit *v)
{
    struct server *server;
    anima_error err;
    char text[300];
    if (*v->holder)
        return remote_page(v);
    if (server_start(v->home, NULL, &server, &err))
        return say(v, BAD, err.message, "anima config set server.port 0, or stop the other program");
    snprintf(text, sizeof(text), "%s", server_url(server));
    CURL *c = curl_easy_init();
    CURLM *m = curl_multi_init();
    size_t bytes = 0;
    long status = 0;
    int running = 1;
    curl_easy_setopt(c, CURLOPT_URL, text);
    curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, count_bytes);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &bytes);
    curl_multi_add_handle(m, c);
    int64_t end = clock_mono_us() + 10000000;
    while (running && clock_mono_us() < end) {
        curl_multi_perform(m, &running);
        anima_home_step(v->home, 10);
    }
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(m, c);
    curl_easy_cleanup(c);
    curl_multi_cleanup(m);
    server_stop(server);
    size_t n = strlen(text);
    snprintf(text + n, sizeof(text) - n, " answers %ld, %zu bytes", status, bytes);
    return status == 200 && bytes ? say(v, GOOD, text, "")
                                  : say(v, BAD, text, "report this with `ANIMA_LOG=debug anima serve`");
}

static const struct {
    const char *name;
    enum verdict (*visit)(struct visit *v);
} stages[] = {
    { "packages", packages },
    { "model", model },
    { "jail", jail },
    { "engine", engine },
    { "first token", first_token },
    { "meaning", meaning },
    { "documents", documents },
    { "store", store },
    { "disk", disk },
    { "port and page", page },
};

static void report(struct visit *v, const char *name, enum verdict verdict)
{
    static const char *const words[] = { "ok", "warn", "FAIL" };
    const char *color = verdict == GOOD ? cli_green(v->cli) : verdict == WARN ? cli_yellow(v->cli) : cli_red(v->cli);
    v->worst = verdict > v->worst ? verdict : v->worst;
    if (v->cli->json) {
        jw_obj(&v->w, NULL);
        jw_str(&v->w, "stage", name);
        jw_str(&v->w, "verdict", words[verdict]);
        jw_str(&v->w, "detail", v->detail);
        jw_str(&v->w, "cure", v->cure);
        jw_end_obj(&v->w);
        return;
    }
    printf("%s%-4s%s  %-14s %.300s\n", color, words[verdict], cli_plain(v->cli), name, v->detail);
    if (*v->cure)
        printf("                     %s→ %s%s\n", cli_bold(v->cli), v->cure, cli_plain(v->cli));
    fflush(stdout);
}

/* For itself; or, where a running anima has it, for looking only and with a way to ask that one. */
static int open_home(struct visit *v, anima_error *err)
{
    bool held = daemon_holder(v->cli, v->holder, sizeof(v->holder));
    anima_home_options options = { .path = v->cli->home, .set = v->cli->set, .read_only = held };
    char *token = held ? daemon_token(v->cli) : NULL;
    int rc = held ? client_create(v->holder, token, &v->client, err) : ANIMA_OK;
    mem_free(token);
    return rc ? rc : anima_home_open(&options, &v->home, err);
}

static int run(struct cli *cli)
{
    struct visit v = { .cli = cli };
    anima_error err;
    buf_init(&v.out, 1u << 20);
    jw_init(&v.w, &v.out);
    jw_arr(&v.w, NULL);
    progress_catch_interrupt();
    int rc = open_home(&v, &err);
    if (rc)
        report(&v, "home", say(&v, BAD, err.message, "see the message; --home chooses another one"));
    for (size_t i = 0; !rc && i < sizeof(stages) / sizeof(stages[0]) && !progress_interrupted(); i++)
        report(&v, stages[i].name, stages[i].visit(&v));
    client_destroy(v.client);
    anima_home_close(v.home);
    jw_end_arr(&v.w);
    if (cli->json)
        cli_print(&v.out);
    buf_finish(&v.out);
    if (progress_interrupted())
        return CLI_STOPPED;
    if (!cli->json)
        puts(v.worst == BAD ? "Something is wrong; begin with the first FAIL."
                            : "Everything a conversation needs is there.");
    return v.worst == BAD ? CLI_FAILED : CLI_OK;
}

static const struct cli_option options[] = {
    { "quick", NULL, "neither hash the model nor ask it for a word" },
    { NULL, NULL, NULL },
};

const struct cli_verb verb_doctor = {
    .name = "doctor",
    .summary = "find what is wrong, and its cure",
    .usage = "[--quick]",
    .options = options,
    .details = "Walks packages, model, jail, engine, first token, meaning, documents, store, disk, port and page. "
               "Beside a running "
               "anima it asks\n"
               "that one.\n\nExamples:\n  anima doctor\n  anima doctor --json | jq '.[] | select(.verdict "
               "== \"FAIL\")'",
    .run = run,
};
