#include "agent/blind_private.h"

#include "agent/complete.h"
#include "agent/ledger.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define ARENA (16u << 20)
#define MAX_ANSWER (256u << 10)
#define MOST_TOKENS 200  /* of a character that does not say how much it says */
#define STREAMS "blind-" /* the engine keeps what it has read of both personas between the pairs */

/* ---- the end ---- */

static void book(struct blinds *b)
{
    struct store_cost cost = { .person = 0 };
    snprintf(cost.character, sizeof(cost.character), "%s", b->round.character);
    snprintf(cost.model, sizeof(cost.model), "%s", b->round.model);
    completion_book(b->home, &b->usage, &cost);
    b->usage = (anima_usage){ 0 };
}

static void over(struct blinds *b)
{
    if (b->job)
        book(b);
    engine_abandon(b->job);
    b->job = NULL;
    b->round = (anima_blind){ .id = "" };
    engine_drop(b->home->engines, STREAMS);
}

/* What is made stays; asked again, it goes on. */
static void fail(struct blinds *b, int code, const char *message)
{
    anima_error err;
    struct op *op;
    anima_blind *r = &b->round;
    log_info("agent", "blind pairs of %s: %s", r->character, message);
    snprintf(r->state, sizeof(r->state), "failed");
    snprintf(r->message, sizeof(r->message), "%s", message);
    r->code = code;
    const struct store_blind_change change = { .what = STORE_BLIND_STATE, .round = r };
    int rc = blind_op(b->home, r->id, NULL, NULL, NULL, &op, &err);
    if (!rc)
        rc = op_queued(op, store_blind_change(b->home->store, &change, op_written, op, &err));
    if (rc)
        log_warn("agent", "that is not kept: %s", err.message);
    over(b);
}

/* ---- a reply ---- */

static void go_on(struct blinds *b);

static int kept(struct op *op, anima_error *err)
{
    (void)err;
    struct blinds *b = op->home->blinds;
    bool whole = !b->left; /* the left one is made first; of half a pair nobody is told */
    b->saving = false;
    if (whole && strcmp(op->id, b->round.id) == 0) /* else it was deleted meanwhile */
        blind_tell(op->home, op->id);
    go_on(b);
    return ANIMA_OK;
}

static void not_kept(struct op *op, int rc, const anima_error *err)
{
    struct blinds *b = op->home->blinds;
    b->saving = false;
    if (strcmp(op->id, b->round.id) == 0)
        fail(b, rc, err->message);
    else
        go_on(b);
}

/* The words without the blanks around them. */
static char *tidy(struct buf *answer)
{
    const char *text = buf_str(answer);
    size_t n = strlen(text), first = strspn(text, " \t\r\n");
    while (n > first && strchr(" \t\r\n", text[n - 1]))
        n--;
    return mem_strndup(text + first, n - first);
}

static void keep(struct blinds *b)
{
    anima_error err = { .code = ANIMA_E_NOMEM, .message = "out of memory for a reply" };
    char *text = b->answer.failed ? NULL : tidy(&b->answer);
    const anima_blind_pair pair = { .n = b->n, .left = b->left ? text : NULL, .right = b->left ? NULL : text };
    const struct store_blind_change change = {
        .what = STORE_BLIND_REPLY, .round = &b->round, .pairs = &pair, .n_pairs = 1
    };
    struct op *op = NULL;
    int rc = text ? blind_op(b->home, b->round.id, kept, NULL, NULL, &op, &err) : err.code;
    if (!rc) {
        op->failed = not_kept;
        rc = op_queued(op, store_blind_change(b->home->store, &change, op_written, op, &err));
    }
    b->saving = !rc;
    mem_free(text);
    if (rc)
        fail(b, rc, err.message);
}

static void on_started(void *ctx, const anima_usage *usage)
{
    struct blinds *b = ctx;
    b->usage = *usage;
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    (void)logprobs;
    (void)logprobs_len;
    struct blinds *b = ctx;
    b->usage.completion_tokens++; /* or a few more, until the end tells */
    buf_append(&b->answer, text, n);
}

static void on_done(void *ctx, int code, const char *finish_reason, const anima_usage *usage, const char *message)
{
    (void)finish_reason;
    struct blinds *b = ctx;
    b->job = NULL;
    if (usage)
        b->usage = *usage;
    book(b);
    if (code)
        fail(b, code, message ? message : "the engine did not answer");
    else
        keep(b);
}

/* ---- what is to be made next ---- */

/* A pair that lacks a reply. */
struct next {
    struct arena *arena;
    int n;
    bool left, trained;
    const char *context; /* NULL: out of memory, or there is none */
};

static int take_next(void *ctx, const anima_blind_pair *pair)
{
    struct next *next = ctx;
    next->n = pair->n;
    next->left = !pair->left;
    next->trained = (strcmp(pair->trained, "left") == 0) == next->left;
    next->context = arena_strdup(next->arena, pair->context);
    return 1;
}

int blind_adapter(anima_home *home, const struct character *who, const char *model, struct adapter_use *out,
                  anima_error *err)
{
    char sha256[65];
    adapters_choose(home, who, model, out);
    if (out->on)
        return ANIMA_OK;
    if (adapters_model_hash(home, model, sha256, err) == ANIMA_E_BUSY)
        return ANIMA_E_BUSY;
    return err_set(err, ANIMA_E_CONFLICT,
                   "%.64s has no adapter that is used%s%.200s: `anima train %.64s` makes one for the model %.90s",
                   who->pub.id, *out->why ? ", because " : "", out->why, who->pub.id, model);
}

/* Who answers, and with which adapter: that of the round. */
static int choose(struct blinds *b, const struct character **who, struct adapter_use *use, anima_error *err)
{
    const anima_blind *r = &b->round;
    *who = cast_find(&b->home->cast, r->character);
    if (!*who)
        return err_set(err, ANIMA_E_NOT_FOUND, "the character %.64s is gone", r->character);
    int rc = blind_adapter(b->home, *who, r->model, use, err);
    if (!rc && strcmp(use->sha256, r->adapter_sha256) != 0)
        rc = err_set(err, ANIMA_E_CONFLICT,
                     "another adapter of %.64s is used now (%.64s) than when this round began (%.64s): begin a new one",
                     r->character, use->name, r->adapter);
    return rc ? rc : ledger_check(b->home, 0, &(*who)->pub, r->language, err);
}

/* Both sides are asked alike: sampled as the character is, by the same seed, up to the same length, nothing checked. */
static void sample(const struct blinds *b, const struct character *who, const struct next *next,
                   anima_sampling *sampling)
{
    static const char *const one_paragraph[] = { "\n", NULL };
    *sampling = who->sampling;
    sampling->seed = (int64_t)(((uint64_t)b->round.seed + (uint64_t)next->n) & INT64_MAX);
    if (sampling->max_tokens <= 0)
        sampling->max_tokens = MOST_TOKENS;
    if (!sampling->stop)
        sampling->stop = one_paragraph;
}

static int ask(struct blinds *b, struct arena *arena, const struct next *next, anima_error *err)
{
    static const anima_completion_callbacks ours = { .started = on_started, .words = on_words, .done = on_done };
    const struct character *who;
    struct adapter_use use;
    anima_chat_message *messages;
    struct engine_request request = { .stream = next->trained ? STREAMS "1" : STREAMS "2",
                                      .class = ENGINE_BACKGROUND,
                                      .logprobs = -1,
                                      .drop_oldest = true };
    int rc = choose(b, &who, &use, err);
    if (!rc)
        use.on = next->trained;
    if (!rc)
        rc = blind_prompt(b->home, arena, who, &b->round, next->context, &use, &messages, &request.n_messages, err);
    if (rc)
        return rc;
    request.messages = messages;
    request.adapter = use.on ? use.file : NULL;
    request.adapter_scale = use.scale;
    sample(b, who, next, &request.sampling);
    b->n = next->n;
    b->left = next->left;
    b->usage = (anima_usage){ 0 };
    buf_reset(&b->answer);
    return engine_generate(b->home->engines, b->round.model, &request, &ours, b, &b->job, err);
}

/* The next reply, unless somebody talks or an adapter's hash is not known yet: then blinds_resume comes. */
static void go_on(struct blinds *b)
{
    struct arena arena;
    struct next next = { .arena = &arena };
    anima_error err;
    if (!*b->round.id || b->job || b->saving || !home_is_calm(b->home))
        return;
    arena_init(&arena, ARENA);
    int rc = store_blind_pairs(b->home->store, b->round.id, true, take_next, &next, &err);
    if (!rc && next.n && !next.context)
        rc = err_set(&err, ANIMA_E_NOMEM, "out of memory for a pair");
    if (!rc && next.n)
        rc = ask(b, &arena, &next, &err);
    arena_finish(&arena);
    if (rc && rc != ANIMA_E_BUSY)
        fail(b, rc, err.message);
    else if (!rc && !next.n)
        over(b);
}

/* ---- for the others ---- */

static void go_on_later(void *ctx)
{
    anima_home *home = ctx;
    if (!home->closing)
        go_on(home->blinds);
}

void blind_make(struct blinds *b, const anima_blind *round)
{
    b->round = *round;
    if (loop_post(b->home->loop, go_on_later, b->home)) /* not in the middle of the caller's work */
        over(b);
}

void blind_forget(struct blinds *b, const char *id)
{
    if (strcmp(b->round.id, id) == 0)
        over(b);
}

void blinds_resume(anima_home *home)
{
    if (home->blinds)
        go_on(home->blinds);
}

static int take_up(void *ctx, const anima_blind *round)
{
    struct blinds *b = ctx;
    log_info("agent", "blind pairs of %s go on", round->character);
    blind_make(b, round);
    return 1;
}

void blinds_take_up(anima_home *home)
{
    store_blind_list(home->store, "", "", "making", 1, take_up, home->blinds, NULL);
}

int blinds_open(anima_home *home, anima_error *err)
{
    struct blinds *b = home->blinds = mem_zero(1, sizeof(*b));
    if (!b)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for blind pairs");
    b->home = home;
    buf_init(&b->answer, MAX_ANSWER);
    return ANIMA_OK;
}

void blinds_close(anima_home *home)
{
    struct blinds *b = home->blinds;
    if (!b)
        return;
    engine_abandon(b->job);
    b->job = NULL;
}

void blinds_free(anima_home *home)
{
    if (home->blinds)
        buf_finish(&home->blinds->answer);
    mem_free(home->blinds);
    home->blinds = NULL;
}
