#include "agent/learn_private.h"

#include "agent/adapters.h"
#include "agent/complete.h"
#include "agent/ledger.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define TEXTS_ARENA (512u << 20)
#define PASSAGE_ARENA (8u << 20)
#define MAX_ANSWER (16u << 10)
#define QUESTIONS 4
#define MAX_PATHS 1000
#define BOLDER 0.7 /* temperature of a second try: the first would only be said again */

/* ---- telling, and the end ---- */

static void tell(struct learning *l)
{
    l->shown.seconds = (double)(clock_mono_us() - l->begun_us) / 1e6;
    anima_event event = { .type = ANIMA_EVENT_FACTS_CHANGED, .facts = &l->shown };
    event_emit(l->home, NULL, &event);
}

static void end(struct learning *l, const char *state, int code, const char *message)
{
    engine_abandon(l->job);
    l->job = NULL;
    l->phase = IDLE;
    arena_finish(&l->arena);
    snprintf(l->shown.state, sizeof(l->shown.state), "%s", state);
    snprintf(l->shown.message, sizeof(l->shown.message), "%s", message);
    l->shown.code = code;
    engine_drop(l->home->engines, "facts-");
    tell(l);
}

static void fail(struct learning *l, int code, const char *message)
{
    log_info("agent", "facts of %s: %s", l->shown.character, message);
    end(l, "failed", code, message);
}

static void no_memory(struct learning *l) { fail(l, ANIMA_E_NOMEM, "out of memory for facts from texts"); }

/* ---- work on other threads ---- */

static void go_on(struct learning *l);

static void work_reading(void *ctx)
{
    struct learning *l = ctx;
    l->rc = learn_read_texts(&l->texts, (const char *const *)l->paths, &l->passages, &l->found.files, &l->err);
    l->past = (struct learn_past){ .arena = &l->texts, .shown = &l->found };
    if (!l->rc)
        l->rc = learn_past_read(&l->past, &l->files, &l->err);
}

static void work_saving(void *ctx)
{
    struct learning *l = ctx;
    l->rc = learn_write(&l->files, learn_passage(l), l->list, l->n, &l->err);
}

static void work_reporting(void *ctx)
{
    struct learning *l = ctx;
    l->rc = learn_report(&l->files, l->shown.character, &l->passages, &l->err);
}

static void next_passage(struct learning *l);

static void count(struct learning *l)
{
    l->shown.asked++;
    for (size_t i = 0; i < l->n; i++) {
        l->shown.questions++;
        l->shown.again += l->list[i].again;
        l->shown.kept += l->list[i].state == LEARNT_KEPT;
        l->shown.held_back += l->list[i].state == LEARNT_HELD;
        l->shown.dropped += l->list[i].state == LEARNT_DROPPED;
    }
}

static void take_found(struct learning *l)
{
    l->shown.files = l->found.files;
    l->shown.passages = (int)l->passages.n;
    l->shown.questions = l->found.questions;
    l->shown.kept = l->found.kept;
    l->shown.held_back = l->found.held_back;
    l->shown.dropped = l->found.dropped;
    l->shown.again = l->found.again;
}

static void work_done(void *ctx)
{
    struct learning *l = ctx;
    l->working = false;
    if (l->home->closing)
        return;
    if (l->rc) {
        fail(l, l->rc, l->err.message);
        return;
    }
    if (l->phase == SAVING) {
        count(l);
        l->at++;
    }
    if (l->phase == READING)
        take_found(l);
    if (l->stop)
        end(l, "stopped", ANIMA_OK, "");
    else if (l->phase == REPORTING)
        end(l, "done", ANIMA_OK, "");
    else
        next_passage(l);
}

static void work(struct learning *l, enum phase phase, loop_fn *fn)
{
    l->phase = phase;
    l->working = !loop_work(l->home->loop, fn, work_done, l, NULL);
    if (!l->working)
        no_memory(l);
}

/* ---- asking ---- */

static const char *called(const struct learning *l)
{
    const char *name = character_fact(l->who, "name", learn_passage(l)->language);
    return name ? name : character_called(l->who);
}

static void on_started(void *ctx, const anima_usage *usage)
{
    struct learning *l = ctx;
    l->usage = *usage;
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    (void)logprobs;
    (void)logprobs_len;
    struct learning *l = ctx;
    l->usage.completion_tokens++; /* or a few more, until the end tells */
    buf_append(&l->answer, text, n);
}

static void book(struct learning *l)
{
    struct store_cost cost = { .person = 0 };
    l->shown.prompt_tokens += l->usage.prompt_tokens;
    l->shown.completion_tokens += l->usage.completion_tokens;
    snprintf(cost.character, sizeof(cost.character), "%s", l->shown.character);
    snprintf(cost.model, sizeof(cost.model), "%s", l->shown.model);
    completion_book(l->home, &l->usage, &cost);
    l->usage = (anima_usage){ 0 };
}

/* The questions have come, or did not come as they should. */
static void questions_came(struct learning *l, bool whole)
{
    if (whole && learn_take_questions(l, buf_str(&l->answer))) {
        no_memory(l);
        return;
    }
    l->second = !l->n && !l->second; /* another time, bolder */
    if (!l->second)
        l->phase = ANSWERING;
    go_on(l);
}

static void answer_came(struct learning *l, bool whole)
{
    struct learnt_question *q = &l->list[l->now];
    const char *tidy = asking_tidy(&l->arena, buf_str(&l->answer));
    if (!tidy) {
        no_memory(l);
        return;
    }
    l->doubt = whole ? learn_judge(l, q->q, tidy, &q->why, &q->what) : SUPPORT_LITTLE;
    if (!whole)
        q->why = "unfinished";
    q->a = tidy;
    q->state = l->doubt ? LEARNT_DROPPED : LEARNT_KEPT;
    q->again = l->second;
    bool again = l->doubt && !l->second;
    l->second = again;
    l->now += !again;
    go_on(l);
}

static void on_done(void *ctx, int code, const char *finish_reason, const anima_usage *usage, const char *message)
{
    struct learning *l = ctx;
    l->job = NULL;
    if (usage)
        l->usage = *usage;
    book(l);
    if (code) {
        fail(l, code, message ? message : "the engine did not answer");
        return;
    }
    bool whole = strcmp(finish_reason ? finish_reason : "", "stop") == 0 && !l->answer.failed;
    if (l->phase == QUESTIONING)
        questions_came(l, whole);
    else
        answer_came(l, whole);
}

static int messages(struct learning *l, struct engine_request *request)
{
    const struct corpus_passage *p = learn_passage(l);
    const struct prompt_persona *persona = prompt_choose(l->who->personas, l->who->n_personas, p->language,
                                                         l->who->pub.language);
    const struct asking asking = { .called = called(l), .persona = persona, .questions = l->wanted };
    struct asking_exchange earlier[ASKING_MOST];
    size_t n = 0;
    if (l->phase == QUESTIONING) {
        request->json_schema = asking_schema(&l->arena, l->wanted);
        return request->json_schema ? asking_questions(&l->arena, &asking, p, &request->messages, &request->n_messages)
                                    : ANIMA_E_NOMEM;
    }
    for (size_t i = 0; i < l->now; i++)
        if (l->list[i].state == LEARNT_KEPT)
            earlier[n++] = (struct asking_exchange){ l->list[i].q, l->list[i].a };
    return asking_answer(&l->arena, &asking, p, earlier, n, l->list[l->now].q, l->second ? l->doubt : SUPPORT_OK,
                         &request->messages, &request->n_messages);
}

static void ask(struct learning *l)
{
    static const anima_completion_callbacks ours = { .started = on_started, .words = on_words, .done = on_done };
    static const char *const line[] = { "\n", NULL };
    bool questions = l->phase == QUESTIONING;
    anima_error err = { 0 };
    struct adapter_use use;
    struct engine_request request = { .stream = questions ? "facts-q" : "facts-a",
                                      .class = ENGINE_COMPACTION,
                                      .logprobs = -1 };
    anima_sampling_default(&request.sampling);
    request.sampling.temperature = l->second ? BOLDER : 0;
    request.sampling.seed = 1;
    request.sampling.max_tokens = questions ? ASKING_TOKENS : ASKING_ANSWER;
    if (!questions) {
        request.sampling.stop = line;
        adapters_choose(l->home, l->who, l->shown.model, &use); /* the manner of step one */
        request.adapter = use.on ? use.file : NULL;
        request.adapter_scale = use.scale;
    }
    buf_reset(&l->answer);
    int rc = messages(l, &request);
    if (rc)
        no_memory(l);
    else if ((rc = engine_generate(l->home->engines, l->shown.model, &request, &ours, l, &l->job, &err)))
        fail(l, rc, err.message);
}

/* The next thing to be asked of this passage, or its end. Somebody talks: nothing, until learning_resume. */
static void go_on(struct learning *l)
{
    while (l->phase == ANSWERING && l->now < l->n && l->list[l->now].state == LEARNT_DROPPED && !l->second)
        l->now++;
    if (l->phase == ANSWERING && l->now == l->n) {
        learn_hold_back(l);
        work(l, SAVING, work_saving);
    } else if (home_is_calm(l->home)) {
        ask(l);
    }
}

static void next_passage(struct learning *l)
{
    anima_error err = { 0 };
    while (l->at < l->passages.n &&
           corpus_table_find(&l->past.done, learn_passage(l)->key, strlen(learn_passage(l)->key))) {
        l->at++;
        l->shown.asked++;
    }
    snprintf(l->shown.state, sizeof(l->shown.state), "asking");
    tell(l);
    if (l->at == l->passages.n) {
        work(l, REPORTING, work_reporting);
        return;
    }
    arena_finish(&l->arena);
    arena_init(&l->arena, PASSAGE_ARENA);
    l->n = l->now = 0;
    l->second = false;
    l->phase = QUESTIONING;
    l->who = cast_find(&l->home->cast, l->shown.character);
    int rc = l->who ? ledger_check(l->home, 0, &l->who->pub, l->who->pub.language, &err)
                    : err_set(&err, ANIMA_E_NOT_FOUND, "the character is gone");
    if (rc)
        fail(l, rc, err.message);
    else
        go_on(l);
}

/* ---- others ---- */

void learning_pause(anima_home *home)
{
    struct learning *l = home->learning;
    if (!l || !l->job)
        return;
    engine_abandon(l->job);
    l->job = NULL;
    book(l);
}

void learning_resume(anima_home *home)
{
    struct learning *l = home->learning;
    if (l && !l->job && !l->working && l->phase != IDLE && home_is_calm(home))
        go_on(l);
}

void learning_close(anima_home *home)
{
    struct learning *l = home->learning;
    if (!l)
        return;
    engine_abandon(l->job);
    l->job = NULL;
}

static void destroy(struct learning *l)
{
    for (size_t i = 0; l->paths && l->paths[i]; i++)
        mem_free(l->paths[i]);
    mem_free(l->paths);
    learn_files_free(&l->files);
    corpus_judge_destroy(l->judge);
    buf_finish(&l->answer);
    arena_finish(&l->arena);
    arena_finish(&l->texts);
    mem_free(l);
}

void learning_free(anima_home *home)
{
    if (home->learning)
        destroy(home->learning);
    home->learning = NULL;
}

/* ---- beginning ---- */

static int copy_paths(struct learning *l, const char *const *texts, anima_error *err)
{
    const char *const usual[] = { l->files.texts, NULL };
    size_t n = 0;
    texts = texts ? texts : usual;
    while (texts[n])
        n++;
    if (!n || n > MAX_PATHS)
        return err_set(err, ANIMA_E_INVALID, "which texts? 1 to %d files or folders with .md and .txt", MAX_PATHS);
    l->paths = mem_zero(n + 1, sizeof(*l->paths));
    for (size_t i = 0; l->paths && i < n; i++)
        if (!(l->paths[i] = mem_strdup(texts[i])))
            return err_set(err, ANIMA_E_NOMEM, "out of memory");
    return l->paths ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
}

static int fill(struct learning *l, const struct character *who, const anima_facts_options *o, anima_error *err)
{
    anima_home *home = l->home;
    const char *model = o->model ? o->model : character_model(home, who);
    if (o->questions < 0 || o->questions > ASKING_MOST)
        return err_set(err, ANIMA_E_INVALID, "a passage has 1 to %d questions", ASKING_MOST);
    l->wanted = o->questions ? (size_t)o->questions : QUESTIONS;
    snprintf(l->shown.character, sizeof(l->shown.character), "%s", who->pub.id);
    snprintf(l->shown.model, sizeof(l->shown.model), "%s", model);
    snprintf(l->shown.state, sizeof(l->shown.state), "reading");
    int rc = learn_files_name(&l->files, home->path, who->pub.id, err);
    if (!rc)
        rc = copy_paths(l, o->texts, err);
    if (!rc)
        snprintf(l->shown.folder, sizeof(l->shown.folder), "%s", l->files.folder);
    return rc ? rc : corpus_judge_create(&l->judge, err);
}

int anima_facts_start(anima_home *home, const char *character, const anima_facts_options *options, anima_error *err)
{
    const struct character *who = cast_find(&home->cast, character);
    if (!who)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    if (!home->engines)
        return home_looked_at_only(err);
    if (home->learning && (home->learning->phase != IDLE || home->learning->working))
        return err_set(err, ANIMA_E_BUSY, "facts of %s are being made; one at a time", home->learning->shown.character);
    struct learning *l = mem_zero(1, sizeof(*l));
    if (!l)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    l->home = home;
    l->begun_us = clock_mono_us();
    arena_init(&l->texts, TEXTS_ARENA);
    arena_init(&l->arena, PASSAGE_ARENA);
    buf_init(&l->answer, MAX_ANSWER);
    int rc = fill(l, who, options, err);
    if (rc) {
        destroy(l);
        return rc;
    }
    learning_free(home);
    home->learning = l;
    work(l, READING, work_reading);
    return ANIMA_OK;
}

int anima_facts_look(anima_home *home, const char *character, anima_facts *out, anima_error *err)
{
    const struct character *who = cast_find(&home->cast, character);
    if (!who)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    *out = (anima_facts){ .state = "none" };
    snprintf(out->character, sizeof(out->character), "%s", who->pub.id);
    if (home->learning && strcmp(home->learning->shown.character, who->pub.id) == 0)
        *out = home->learning->shown;
    return ANIMA_OK;
}

int anima_facts_stop(anima_home *home, const char *character, anima_error *err)
{
    struct learning *l = home->learning;
    if (!l || l->phase == IDLE || strcmp(l->shown.character, character) != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "no facts of %.64s are being made", character);
    l->stop = true;
    if (!l->working)
        end(l, "stopped", ANIMA_OK, "");
    return ANIMA_OK;
}
