#include "agent/summary.h"

#include "agent/ledger.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "mind/summary.h"

#include <stdio.h>
#include <string.h>

#define KEPT 16 /* summaries of a conversation in memory, the newest */
#define ARENA (8u << 20)
#define MAX_ANSWER 4096

/* One in memory; the store has the same. */
struct summary {
    int64_t seq; /* the last turn that it is about */
    char language[16];
    bool late;
    int64_t made_ms;
    char *text;
};

/* One that is being made. */
struct summing {
    anima_home *home;
    anima_conversation *conversation; /* held open */
    struct arena arena;
    char model[96], language[16], stream[READING_NAME];
    int64_t seq, person;
    bool at_once; /* the window behind it is being read already, and takes it nevertheless */
    const char *earlier;
    struct summary_piece *pieces;
    const char **lines; /* of the pieces in front of `at` */
    size_t n, at;
    struct engine_job *job; /* NULL: it rests */
    struct buf answer;
    anima_usage usage, used; /* of the piece under way; of those before */
};

/* ---- memory ---- */

static void drop(anima_conversation *c, size_t i)
{
    mem_free(c->summaries[i].text);
    memmove(c->summaries + i, c->summaries + i + 1, (c->n_summaries - i - 1) * sizeof(*c->summaries));
    c->n_summaries--;
}

void summary_release(anima_conversation *c)
{
    while (c->n_summaries)
        drop(c, c->n_summaries - 1);
    mem_free(c->summaries);
    c->summaries = NULL;
    c->summaries_loaded = false;
}

/* In the order of seq, those about most turns first. */
static int keep(anima_conversation *c, const struct store_summary *s)
{
    for (size_t i = 0; i < c->n_summaries; i++)
        if (c->summaries[i].seq == s->seq && strcmp(c->summaries[i].language, s->language) == 0)
            drop(c, i--);
    if (c->n_summaries == KEPT)
        drop(c, KEPT - 1);
    struct summary *list = mem_realloc(c->summaries, (c->n_summaries + 1) * sizeof(*list));
    if (list)
        c->summaries = list;
    struct summary one = { .seq = s->seq, .late = s->late, .made_ms = s->made_ms, .text = mem_strdup(s->text) };
    snprintf(one.language, sizeof(one.language), "%s", s->language);
    if (!list || !one.text) {
        mem_free(one.text);
        return ANIMA_E_NOMEM;
    }
    size_t at = 0;
    while (at < c->n_summaries && list[at].seq >= s->seq)
        at++;
    memmove(list + at + 1, list + at, (c->n_summaries - at) * sizeof(*list));
    list[at] = one;
    c->n_summaries++;
    return ANIMA_OK;
}

static int load_one(void *ctx, const struct store_summary *s) { return keep(ctx, s); }

static int load(anima_conversation *c, anima_error *err)
{
    if (c->summaries_loaded)
        return ANIMA_OK;
    int rc = store_summary_list(c->home->store, c->info.id, KEPT, load_one, c, err);
    c->summaries_loaded = !rc;
    return rc;
}

/* The newest about turns in front of `before`, in that language (NULL: in any); NULL: there is none. */
static const struct summary *find(anima_conversation *c, const char *language, int64_t before, bool late_too)
{
    load(c, NULL); /* what cannot be read now is tried again at the next look */
    for (size_t i = 0; i < c->n_summaries; i++) {
        const struct summary *s = &c->summaries[i];
        if (s->seq < before && (late_too || !s->late) && (!language || strcmp(s->language, language) == 0))
            return s;
    }
    return NULL;
}

const char *summary_of(anima_conversation *c, const char *language, int64_t first)
{
    const struct summary *s = find(c, language, first, false);
    return s ? s->text : NULL;
}

int64_t summary_anchor(anima_conversation *c, const char *language)
{
    int64_t anchor = 0;
    load(c, NULL);
    for (size_t i = 0; i < c->n_summaries && c->n_said; i++)
        if (c->summaries[i].seq + 1 >= c->said[0].seq && strcmp(c->summaries[i].language, language) == 0)
            anchor = c->summaries[i].seq + 1;
    return anchor;
}

/* ---- the end of one ---- */

static void book(struct summing *s)
{
    struct store_cost cost = { .person = s->person };
    if (s->used.prompt_tokens + s->used.completion_tokens == 0)
        return;
    snprintf(cost.conversation, sizeof(cost.conversation), "%s", s->conversation->info.id);
    snprintf(cost.character, sizeof(cost.character), "%s", s->conversation->info.character);
    snprintf(cost.model, sizeof(cost.model), "%s", s->model);
    ledger_measure(s->home, &s->used, &cost);
    ledger_book(s->home, &cost);
    store_cost_add(s->home->store, &cost, NULL);
}

static void rest(struct summing *s)
{
    engine_abandon(s->job);
    s->job = NULL;
    ledger_add_usage(&s->used, &s->usage);
    s->usage = (anima_usage){ 0 };
}

static void finish(struct summing *s)
{
    anima_home *home = s->home;
    home->summing = NULL;
    rest(s);
    if (!home->closing) {
        book(s);
        engine_drop(home->engines, s->stream); /* the pieces are not to outlive their turns there */
    }
    anima_conversation_close(s->conversation);
    buf_finish(&s->answer);
    arena_finish(&s->arena);
    mem_free(s);
}

/* All pieces have their lines. */
static void store(struct summing *s)
{
    anima_conversation *c = s->conversation;
    const char *text = summary_merge(&s->arena, s->earlier, s->lines, s->n);
    bool being_read = c->window_first == s->seq + 1 && strcmp(c->window_language, s->language) == 0;
    struct store_summary one = { s->seq, s->language, being_read && !s->at_once, text, clock_wall_ms() };
    anima_error err = { 0 };
    int rc = text ? keep(c, &one) : ANIMA_E_NOMEM;
    if (!rc)
        rc = store_summary_put(s->home->store, c->info.id, &one, NULL, NULL, &err);
    if (rc)
        log_warn("agent", "a summary of conversation %s is not kept: %s", c->info.id, err.message);
    c->refs++;
    finish(s);
    if (!rc)
        utterance_settle(c);
    anima_conversation_close(c);
}

/* ---- asking ---- */

static void go_on(struct summing *s);

static void on_started(void *ctx, const anima_usage *usage)
{
    struct summing *s = ctx;
    s->usage = *usage;
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    (void)logprobs;
    (void)logprobs_len;
    struct summing *s = ctx;
    s->usage.completion_tokens++; /* or a few more, until the end tells */
    buf_append(&s->answer, text, n);
}

static void on_done(void *ctx, int code, const char *finish_reason, const anima_usage *usage, const char *message)
{
    struct summing *s = ctx;
    s->job = NULL;
    if (usage)
        s->usage = *usage;
    rest(s);
    if (code) {
        log_info("agent", "conversation %s is not summed up: %s", s->conversation->info.id, message ? message : "");
        s->conversation->not_summed_up = s->seq; /* it would fail again with every reply */
        finish(s);
        return;
    }
    bool whole = strcmp(finish_reason ? finish_reason : "", "stop") == 0 && !s->answer.failed;
    s->lines[s->at] = summary_line(&s->arena, &s->pieces[s->at], whole ? buf_str(&s->answer) : NULL);
    if (!s->lines[s->at++])
        finish(s);
    else
        go_on(s);
}

static int ask(struct summing *s, anima_error *err)
{
    static const anima_completion_callbacks ours = { .started = on_started, .words = on_words, .done = on_done };
    static const char *const line[] = { "\n", NULL };
    struct engine_request request = { .stream = s->stream, .class = ENGINE_COMPACTION, .logprobs = -1 };
    anima_sampling_default(&request.sampling);
    request.sampling.temperature = 0;
    request.sampling.max_tokens = SUMMARY_ANSWER;
    request.sampling.stop = line;
    buf_reset(&s->answer);
    if (summary_prompt(&s->arena, &s->pieces[s->at], &request.messages, &request.n_messages))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the summary");
    return engine_generate(s->home->engines, s->model, &request, &ours, s, &s->job, err);
}

/* The next piece that the model has to be asked about, or the end. */
static void go_on(struct summing *s)
{
    anima_error err;
    while (s->at < s->n && !s->pieces[s->at].asked) {
        s->lines[s->at] = summary_line(&s->arena, &s->pieces[s->at], NULL);
        if (!s->lines[s->at++]) {
            finish(s);
            return;
        }
    }
    if (s->at == s->n) {
        store(s);
    } else if (ask(s, &err)) {
        log_info("agent", "conversation %s is not summed up: %s", s->conversation->info.id, err.message);
        finish(s);
    }
}

void summary_pause(anima_home *home)
{
    if (home->summing)
        rest(home->summing);
}

void summary_resume(anima_home *home)
{
    struct summing *s = home->summing;
    if (s && !s->job && home_is_calm(home))
        go_on(s);
}

/* ---- beginning ---- */

/* What of the turns stands behind the summary before. */
static int take_apart(struct summing *s, const struct prompt_input *in, size_t n)
{
    anima_conversation *c = s->conversation;
    const struct summary *earlier = find(c, s->language, s->seq, true);
    earlier = earlier ? earlier : find(c, NULL, s->seq, true);
    size_t first = 0;
    while (earlier && first < n && c->said[first].seq <= earlier->seq)
        first++;
    s->earlier = earlier ? arena_strdup(&s->arena, earlier->text) : "";
    struct prompt_turn *turns = arena_alloc(&s->arena, (n - first + 1) * sizeof(*turns));
    if (!s->earlier || !turns)
        return ANIMA_E_NOMEM;
    for (size_t i = first; i < n; i++) { /* the caller's are gone when the model has answered */
        const struct prompt_turn *t = &in->turns[i];
        turns[i - first].speaker = t->speaker ? arena_strdup(&s->arena, t->speaker) : NULL;
        turns[i - first].text = t->text;
        if (t->speaker && !turns[i - first].speaker)
            return ANIMA_E_NOMEM;
    }
    int rc = summary_pieces(&s->arena, turns, n - first, &s->pieces, &s->n);
    s->lines = rc ? NULL : arena_alloc(&s->arena, (s->n + 1) * sizeof(*s->lines));
    return s->lines ? ANIMA_OK : ANIMA_E_NOMEM;
}

static void resume(void *home) { summary_resume(home); }

static void begin(anima_conversation *c, const struct prompt_input *in, size_t n, bool at_once, const char *model,
                  int64_t person)
{
    struct summing *s = mem_zero(1, sizeof(*s));
    if (!s)
        return;
    *s = (struct summing){
        .home = c->home, .conversation = c, .seq = c->said[n - 1].seq, .person = person, .at_once = at_once
    };
    c->refs++;
    c->home->summing = s;
    arena_init(&s->arena, ARENA);
    buf_init(&s->answer, MAX_ANSWER);
    snprintf(s->model, sizeof(s->model), "%s", model);
    snprintf(s->language, sizeof(s->language), "%s", in->persona->language);
    snprintf(s->stream, sizeof(s->stream), "c-%s-%.8s-summary", c->info.id, s->language);
    if (take_apart(s, in, n) ||
        loop_post(c->home->loop, resume, c->home)) { /* not in the middle of the caller's work */
        c->not_summed_up = s->seq;
        finish(s);
    }
}

bool summary_prepare(anima_conversation *c, const struct prompt_input *in, const struct reading_window *w,
                     const char *model, int64_t person)
{
    anima_home *home = c->home;
    struct summing *now = home->summing;
    const char *language = in->persona->language;
    size_t n = w->next ? w->next : w->first; /* turns that are not read any more */
    if (!n || !utterance_applies(home, "engine.summary", model))
        return false;
    int64_t seq = c->said[n - 1].seq;
    if (now && now->conversation == c && now->seq == seq && strcmp(now->language, language) == 0)
        return w->next;
    const struct summary *last = find(c, language, seq + 1, true);
    bool needed = w->next ? !last || last->seq < seq : !last;
    const struct character *who = cast_find(&home->cast, c->info.character);
    if (!needed || c->not_summed_up == seq || !home_is_calm(home) || (now && now->conversation != c) || !who ||
        ledger_check(home, person, &who->pub, language, NULL))
        return false;
    if (now)
        finish(now); /* the window has moved past it */
    begin(c, in, n, !w->next, model, person);
    return home->summing && w->next;
}

/* ---- changes ---- */

static bool forget(anima_conversation *c, int64_t seq)
{
    struct summing *s = c->home->summing;
    size_t before = c->n_summaries;
    if (s && s->conversation == c && s->seq >= seq)
        finish(s);
    if (c->not_summed_up >= seq)
        c->not_summed_up = 0;
    for (size_t i = c->n_summaries; i-- > 0;)
        if (c->summaries[i].seq >= seq)
            drop(c, i);
    return c->n_summaries < before;
}

void summary_changed(anima_conversation *c, int64_t seq)
{
    if (forget(c, seq) && !c->gone) /* one may have been written behind the change, made from what was said before it */
        store_summary_remove(c->home->store, c->info.id, seq, NULL, NULL, NULL);
}

void summary_close(anima_home *home)
{
    if (home->summing)
        finish(home->summing);
}

/* ---- the door ---- */

int anima_conversation_summary(anima_conversation *c, anima_summary *out, anima_error *err)
{
    int rc = load(c, err);
    const struct summary *s = rc ? NULL : find(c, NULL, INT64_MAX, true);
    if (!rc && !s)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "nothing of this conversation is summed up yet");
    if (s)
        *out = (anima_summary){ s->seq, s->language, s->text, s->made_ms };
    return rc;
}

static int forgotten(struct op *op, anima_error *err)
{
    (void)err; /* may say that the log is not empty yet: passed on */
    forget(op->conversation, 0);
    reading_changed(op->conversation);
    return ANIMA_OK;
}

int anima_conversation_summary_remove(anima_conversation *c, anima_done *done, void *ctx, anima_error *err)
{
    struct op *op;
    int rc = c->home->read_only ? home_looked_at_only(err)
             : c->gone          ? err_set(err, ANIMA_E_NOT_FOUND, "the conversation was deleted")
                                : op_new(c->home, c, done, ctx, &op, err);
    if (rc)
        return rc;
    op->end = forgotten;
    rc = store_summary_remove(c->home->store, c->info.id, 0, op_written, op, err);
    if (rc)
        op_free(op);
    return rc;
}
