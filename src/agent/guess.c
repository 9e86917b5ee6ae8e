#include "agent/guess.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "mind/letters.h"

#define PROMPT_ARENA (1u << 20)
#define PATIENCE_MS 15000 /* then the reply is worth more than knowing what it is about */

struct guess {
    guess_done *done;
    void *ctx;
    struct engine_job *job;
    struct loop_timer *patience;
    enum act act;
    bool answered, stopped;
};

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    (void)text;
    (void)n;
    struct guess *g = ctx;
    if (!g->answered) /* an engine that died and came back may say more */
        g->act = letters_read(logprobs, logprobs_len);
    g->answered = true;
}

static void destroy(struct guess *g)
{
    loop_timer_destroy(g->patience);
    mem_free(g);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    static const anima_usage nothing = { 0 };
    (void)finish;
    struct guess g = *(struct guess *)ctx;
    if (code && code != ANIMA_E_CANCELLED)
        log_info("agent", "nothing is guessed of a message: %s", message ? message : "");
    destroy(ctx);
    g.done(g.ctx, code ? ACT_NONE : g.act, g.stopped, usage ? usage : &nothing);
}

static void on_patience(void *ctx)
{
    struct guess *g = ctx;
    engine_cancel(g->job);
}

static int ask(struct guess *g, struct engine_set *engines, const char *model, const char *message, anima_error *err)
{
    static const anima_completion_callbacks ours = { .words = on_words, .done = on_done };
    struct engine_request request = { .stream = GUESS_STREAM, .logprobs = LETTERS_TOP };
    struct arena arena;
    anima_sampling_default(&request.sampling);
    request.sampling.temperature = 0;
    request.sampling.max_tokens = 1;
    arena_init(&arena, PROMPT_ARENA);
    int rc = letters_prompt(&arena, message, &request.messages, &request.n_messages);
    rc = rc ? err_set(err, rc, "out of memory for the question")
            : engine_generate(engines, model, &request, &ours, g, &g->job, err);
    arena_finish(&arena);
    return rc;
}

bool guess_prepare(struct engine_set *engines, const char *model)
{
    bool taken = false;
    struct engine_request request = { .stream = GUESS_STREAM, .class = ENGINE_BACKGROUND, .logprobs = -1 };
    struct arena arena;
    anima_sampling_default(&request.sampling);
    arena_init(&arena, PROMPT_ARENA);
    if (!letters_prompt(&arena, "", &request.messages, &request.n_messages)) {
        request.n_messages--; /* the message itself comes later */
        taken = engine_read(engines, model, &request);
    }
    arena_finish(&arena);
    return taken;
}

int guess_start(struct engine_set *engines, struct loop *loop, const char *model, const char *message, guess_done *done,
                void *ctx, struct guess **out, anima_error *err)
{
    struct guess *g = *out = mem_zero(1, sizeof(*g));
    if (!g)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the question");
    g->done = done;
    g->ctx = ctx;
    int rc = loop_timer_create(loop, on_patience, g, &g->patience, err);
    if (!rc)
        rc = ask(g, engines, model, message, err);
    if (rc) {
        destroy(g);
        *out = NULL;
        return rc;
    }
    loop_timer_start(g->patience, PATIENCE_MS);
    return ANIMA_OK;
}

void guess_cancel(struct guess *g)
{
    g->stopped = true;
    engine_cancel(g->job);
}

void guess_abandon(struct guess *g)
{
    if (!g)
        return;
    engine_abandon(g->job);
    destroy(g);
}
