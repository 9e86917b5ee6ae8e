/* kv_bench_tasks.c — the commands of anima-kv-bench that go through the engine's scheduler. */
#include "base/clock.h"
#include "host/driver.h"
#include "host/llama_batch.h"
#include "host/llama_tasks.h"
#include "host/llama_threads.h"

#include "kv_bench.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_SPEAKERS 16
#define MAX_STEPS 200
#define STORY "Tell me a long story about a lighthouse and the people who lived in it." /* goes on for long */

/* ---- the engine's way out, which a bench does not need ---- */

static int64_t started_us; /* the last of them */
static int n_started, n_done, prompt_tokens, said;

void host_loading(struct host *h, double progress)
{
    (void)h;
    (void)progress;
}
void host_started(struct host *h, int64_t id, const struct host_count *count)
{
    (void)h;
    (void)id;
    prompt_tokens = count->prompt_tokens;
    started_us = clock_mono_us();
    n_started++;
}
void host_words(struct host *h, int64_t id, const char *text, size_t n, int tokens, const struct buf *logprobs)
{
    (void)h;
    (void)id;
    (void)text;
    (void)n;
    (void)tokens;
    (void)logprobs;
}
void host_done(struct host *h, int64_t id, const char *finish, const struct host_count *count)
{
    (void)h;
    (void)id;
    (void)finish;
    said = count->completion_tokens;
    n_done++;
}
void host_scores(struct host *h, int64_t id, const struct buf *scores, const struct host_count *count)
{
    (void)scores;
    host_done(h, id, "stop", count);
}
void host_snapshot(struct host *h, int64_t id, const struct buf *state)
{
    (void)h;
    (void)id;
    (void)state;
}
void host_fail(struct host *h, int64_t id, int code, const char *message)
{
    (void)h;
    fprintf(stderr, "request %lld failed: %d %s\n", (long long)id, code, message);
    exit(1);
}

/* ---- through the scheduler ---- */

/* A request of one message on a stream. */
static struct request *ask(const char *stream, const char *text, int new, bool read)
{
    struct buf b;
    struct jw w;
    struct request *r;
    static int64_t id;
    buf_init(&b, 1u << 20);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_str(&w, "type", read ? "read" : "generate");
    jw_int(&w, "id", ++id);
    jw_str(&w, "stream", stream);
    jw_bool(&w, "open", read);
    jw_arr(&w, "messages");
    jw_obj(&w, NULL);
    jw_str(&w, "role", "user");
    jw_str(&w, "content", text);
    jw_end_obj(&w);
    jw_end_arr(&w);
    jw_obj(&w, "sampling");
    jw_int(&w, "max_tokens", new);
    jw_int(&w, "seed", id); /* everybody says something else, the same in every run */
    jw_num(&w, "temperature", 0.7);
    jw_end_obj(&w);
    jw_end_obj(&w);
    if (request_parse(b.data, b.len, &r, NULL))
        exit(1);
    buf_finish(&b);
    return r;
}

struct world {
    struct kv *kv;
    struct threads *threads;
    struct tasks *tasks;
};

static void open_world(struct world *w, int speakers, int threads, const char *where)
{
    w->kv = open_kv(where, MAX_CELLS, MAX_SPEAKERS, 1u << 30);
    w->threads = threads_create(threads);
    const struct tasks_config config = { NULL, bench.model, bench.context, w->kv, w->threads, NULL, 2048, speakers };
    if (tasks_create(&config, &w->tasks, NULL))
        exit(1);
}

static void close_world(struct world *w)
{
    tasks_destroy(w->tasks);
    threads_destroy(w->threads);
    close_kv(w->kv);
}

static void run(struct world *w, int done)
{
    n_done = 0;
    while (n_done < done)
        tasks_step(w->tasks);
}

/* What one speaker of the bare loop has. */
struct bare {
    struct llama_sampler *chain;
    llama_token next;
    int position;
};

static struct llama_sampler *new_chain(void)
{
    struct llama_sampler_chain_params params = llama_sampler_chain_default_params();
    params.no_perf = true;
    struct llama_sampler *chain = llama_sampler_chain_init(params);
    llama_sampler_chain_add(chain, llama_sampler_init_top_k(40));
    llama_sampler_chain_add(chain, llama_sampler_init_top_p(0.9f, 1));
    llama_sampler_chain_add(chain, llama_sampler_init_min_p(0.05f, 1));
    llama_sampler_chain_add(chain, llama_sampler_init_temp(0.7f));
    llama_sampler_chain_add(chain, llama_sampler_init_dist(1));
    return chain;
}

static void bare_prompt(struct bare *b, int who, int n)
{
    llama_token *prompt = tokens_of(n, who);
    bench.batch.n_tokens = 0;
    for (int i = 0; i < n; i++)
        batch_put(&bench.batch, prompt[i], i, who, i + 1 == n);
    if (llama_decode(bench.context, bench.batch))
        exit(1);
    *b = (struct bare){ new_chain(), 0, n };
    b->next = llama_sampler_sample(b->chain, bench.context, -1);
    free(prompt);
}

static void bare_step(struct bare *b, int speakers)
{
    bench.batch.n_tokens = 0;
    for (int s = 0; s < speakers; s++)
        batch_put(&bench.batch, b[s].next, b[s].position++, s, true);
    if (llama_decode(bench.context, bench.batch))
        exit(1);
    for (int s = 0; s < speakers; s++)
        b[s].next = llama_sampler_sample(b[s].chain, bench.context, s);
}

/* A loop that does nothing else: a batch a step, a sampler chain each. It has read prompts as long as ours, and made as many
 * steps. */
static void open_bare(struct bare *list, int speakers, int steps)
{
    open_context(MAX_CELLS, MAX_SPEAKERS + 1);
    for (int s = 0; s < speakers; s++)
        bare_prompt(&list[s], s, prompt_tokens);
    for (int i = 0; i < steps; i++)
        bare_step(list, speakers);
}

static void close_bare(struct bare *list, int speakers)
{
    for (int s = 0; s < speakers; s++)
        llama_sampler_free(list[s].chain);
    llama_free(bench.context);
}

/* Everybody has begun to speak; how many steps that took. */
static int all_begin(struct world *w, int speakers)
{
    char name[32];
    int steps = 0;
    n_started = n_done = 0;
    for (int s = 0; s < speakers; s++) {
        snprintf(name, sizeof(name), "o%d", s);
        tasks_add(w->tasks, ask(name, STORY, 400, false), NULL);
    }
    for (; n_started < speakers; steps++)
        tasks_step(w->tasks);
    return steps;
}

/* A step of ours and one of the bare loop in turn, so that whatever else goes on here slows both. Both have the same samplers,
 * threads, cells and depth; ours has the scheduler, the streams and the text beside. False: somebody had nothing more to say. */
static bool take_turns(int speakers, int turn, double *ours, double *theirs)
{
    struct world w;
    struct bare list[MAX_SPEAKERS];
    open_world(&w, speakers, bench.n_threads, "");
    struct llama_context *own = bench.context;
    int before = all_begin(&w, speakers);
    open_bare(list, speakers, before / 2);
    for (int i = 0; i < turn; i++) {
        double began = now_ms();
        tasks_step(w.tasks);
        double between = now_ms();
        bare_step(list, speakers);
        ours[i] = between - began;
        theirs[i] = now_ms() - between;
    }
    close_bare(list, speakers);
    bench.context = own;
    close_world(&w);
    return n_done == 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof(*values), by_value);
    return values[n / 2];
}

void overhead(int speakers, int turn)
{
    double ours[MAX_STEPS], theirs[MAX_STEPS];
    bool whole = false;
    if (speakers < 1 || speakers > MAX_SPEAKERS || turn < 1 || turn > MAX_STEPS)
        exit(1);
    for (int tries = 0; !whole && tries < 20; tries++)
        whole = take_turns(speakers, turn, ours, theirs);
    if (!whole)
        exit(1);
    printf("%.3f %.3f\n", median(ours, turn), median(theirs, turn));
}

void partial(int words, int n)
{
    struct world w;
    char text[8192] = "";
    for (int i = 0; i < n; i++) {
        double took[2];
        for (int with = 0; with < 2; with++) {
            open_world(&w, 1, bench.n_threads, "");
            text[0] = '\0';
            for (int k = 0; k < words; k++)
                snprintf(text + strlen(text), sizeof(text) - strlen(text), "%sword%d", k ? " " : "", k * 37 % 100);
            run(&w, 0);
            if (with) {
                tasks_add(w.tasks, ask("p", text, 0, true), NULL);
                run(&w, 1);
            }
            strcat(text, " and that?");
            started_us = 0;
            double began = now_ms();
            tasks_add(w.tasks, ask("p", text, 1, false), NULL);
            run(&w, 1);
            took[with] = (double)started_us / 1000 - began;
            close_world(&w);
        }
        printf("%s%.3f %.3f", i ? " " : "", took[0], took[1]);
    }
    puts("");
}

static double speed(int threads, int turn)
{
    struct world w;
    open_world(&w, 1, threads, "");
    tasks_add(w.tasks, ask("b", "Go on.", turn / 3 + 1, false), NULL); /* looks at the machine */
    run(&w, 1);
    int64_t until = clock_mono_us() + 1200000;
    while (clock_mono_us() < until)
        usleep(10000);
    double began = now_ms();
    tasks_add(w.tasks, ask("b", STORY, turn, false), NULL);
    run(&w, 1);
    double took = now_ms() - began;
    close_world(&w);
    return said * 1000 / took;
}

void busy(int turn)
{
    pid_t spinning[2];
    for (int i = 0; i < 2; i++)
        if ((spinning[i] = fork()) == 0)
            for (volatile unsigned long k = 0;; k++)
                continue;
    usleep(300000);
    double adaptive = speed(0, turn), fixed = speed(2, turn);
    for (int i = 0; i < 2; i++) {
        kill(spinning[i], SIGKILL);
        waitpid(spinning[i], NULL, 0);
    }
    printf("%.3f %.3f\n", adaptive, fixed);
}
