/* complete.c — bare completions: the caller keeps the conversation, the character, if there is one, lends its persona, model
 * and way of speaking. Nothing is stored but what it has cost. */
#include "agent/complete.h"

#include "agent/adapters.h"
#include "agent/idle.h"
#include "agent/ledger.h"
#include "agent/speech.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "mind/persona.h"

#include <stdio.h>
#include <string.h>

#define PROMPT_ARENA (16u << 20)

struct anima_completion {
    anima_home *home;
    struct speech *speech;
    const anima_completion_callbacks *callbacks;
    void *ctx;
    struct anima_completion *next;
    struct store_cost cost;
    anima_usage usage;  /* as far as it is known */
    int64_t started_us; /* when the first words were coming; 0 before */
};

void anima_sampling_default(anima_sampling *s)
{
    *s = (anima_sampling){ .temperature = ANIMA_UNSET,
                           .top_p = ANIMA_UNSET,
                           .min_p = ANIMA_UNSET,
                           .top_k = -1,
                           .repeat_penalty = ANIMA_UNSET,
                           .frequency_penalty = ANIMA_UNSET,
                           .presence_penalty = ANIMA_UNSET,
                           .dry_multiplier = ANIMA_UNSET,
                           .seed = -1,
                           .max_tokens = -1 };
}

static void merge(double *into, double other)
{
    if (*into == ANIMA_UNSET)
        *into = other;
}

void sampling_merge(anima_sampling *into, const anima_sampling *character)
{
    merge(&into->temperature, character->temperature);
    merge(&into->top_p, character->top_p);
    merge(&into->min_p, character->min_p);
    merge(&into->repeat_penalty, character->repeat_penalty);
    merge(&into->frequency_penalty, character->frequency_penalty);
    merge(&into->presence_penalty, character->presence_penalty);
    merge(&into->dry_multiplier, character->dry_multiplier);
    if (into->top_k < 0)
        into->top_k = character->top_k;
    if (into->seed < 0)
        into->seed = character->seed;
    if (!into->stop)
        into->stop = character->stop;
    /* max_tokens stays the caller's: a character keeps its turns short, a program may want a page. */
}

const char *character_model(const anima_home *home, const struct character *c)
{
    return *c->pub.model ? c->pub.model : settings_get(home->settings, "model.default");
}

static void forget(anima_completion *done)
{
    for (anima_completion **p = &done->home->completions; *p; p = &(*p)->next)
        if (*p == done) {
            *p = done->next;
            break;
        }
    idle_resume(done->home);
    mem_free(done);
}

void completion_book(anima_home *home, const anima_usage *usage, struct store_cost *cost)
{
    if (usage->prompt_tokens + usage->completion_tokens == 0)
        return;
    ledger_measure(home, usage, cost);
    ledger_book(home, cost);
    store_cost_add(home->store, cost, NULL);
}

static void book(anima_completion *c) { completion_book(c->home, &c->usage, &c->cost); }

static void on_started(void *ctx, const anima_usage *usage)
{
    anima_completion *c = ctx;
    c->usage = *usage;
    c->started_us = clock_mono_us();
    if (c->callbacks->started)
        c->callbacks->started(c->ctx, usage);
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    anima_completion *c = ctx;
    c->usage.completion_tokens++; /* or a few more: who leaves before the end is not told the number */
    c->callbacks->words(c->ctx, text, n, logprobs, logprobs_len);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    anima_completion *c = ctx;
    const anima_completion_callbacks *callbacks = c->callbacks;
    void *user = c->ctx;
    c->speech = NULL;
    if (usage)
        c->usage = *usage;
    book(c);
    forget(c);
    callbacks->done(user, code, finish, usage, message);
}

static void on_snapshot(void *ctx, const char *state, size_t n)
{
    anima_completion *c = ctx;
    if (c->callbacks->snapshot)
        c->callbacks->snapshot(c->ctx, state, n);
}

/* The persona first; a system message of the caller's joins it, because most templates know only one. */
static const anima_chat_message *with_persona(struct arena *arena, const struct character *who, bool brief,
                                              const anima_chat_message *messages, size_t *n)
{
    bool own = *n && strcmp(messages[0].role, "system") == 0;
    size_t rest = *n - (own ? 1 : 0);
    const char *asked = *n ? messages[*n - 1].text : "";
    const struct prompt_persona *persona = prompt_choose(who->personas, who->n_personas, prompt_language(asked),
                                                         who->pub.language);
    anima_chat_message *all = arena_alloc(arena, (rest + 1) * sizeof(*all));
    const struct prompt_input input = { .character = character_called(who), .now_ms = clock_wall_ms(), .seed = 1 };
    const char *sentence = brief ? persona_short(arena, persona->text) : NULL;
    const char *system = prompt_expand(arena, &input, NULL, sentence ? sentence : persona->text);
    if (own && system)
        system = arena_printf(arena, "%s\n%s", system, messages[0].text);
    if (!all || !system)
        return NULL;
    all[0] = (anima_chat_message){ .role = "system", .text = system };
    if (rest)
        memcpy(all + 1, messages + (own ? 1 : 0), rest * sizeof(*all));
    *n = rest + 1;
    return all;
}

int completion_messages(struct arena *arena, const struct character *who, bool brief, struct engine_request *request,
                        anima_error *err)
{
    if (who)
        request->messages = with_persona(arena, who, brief, request->messages, &request->n_messages);
    return request->messages ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the request");
}

/* Asked who it is, the character is told so, as in a conversation; what it says of itself is checked (speech.h). Its manners are
 * the program's business. A program that wants a grammar or probabilities gets what the model says. */
static int identify(struct arena *arena, anima_home *home, const struct completion_ask *ask,
                    struct engine_request *asked, struct speech_plan *plan)
{
    static const char *const nobody[] = { NULL };
    anima_chat_message *last = (anima_chat_message *)&asked->messages[asked->n_messages - 1];
    const struct character *who = ask->who;
    struct act_self self;
    bool heard = strcmp(last->role, "user") == 0 || strcmp(last->role, "heard") == 0;
    if (asked->grammar || asked->json_schema || asked->logprobs >= 0 || !heard || asked->into == ENGINE_THOUGHT ||
        !utterance_is_checked(home, ask->model))
        return ANIMA_OK;
    const char *language = prompt_language(last->text), **resorts = arena_alloc(arena, 2 * sizeof(*resorts));
    enum act act = act_of(home->acts, last->text);
    utterance_self(who, language, &self);
    const char *told = act_note(arena, act == ACT_NONE ? ACT_MACHINE : act, &self, language);
    if (!resorts || !told || !(resorts[0] = act_last_resort(arena, 0, &self, language)))
        return ANIMA_E_NOMEM;
    *plan = (struct speech_plan){
        .lapses = home->lapses,
        .rules = { .language = NULL, .machine = act_is_machine(&self), .careful = act != ACT_NONE, .banned = nobody },
        .opening = act_opening(arena, act, 0, &self, language),
        .identity = told,
        .last_resort = resorts
    };
    if (act != ACT_NONE)
        last->text = arena_printf(arena, "(%s)\n%s", told, last->text);
    return last->text ? ANIMA_OK : ANIMA_E_NOMEM;
}

static int begin(anima_completion *c, const struct completion_ask *ask, anima_error *err)
{
    static const anima_completion_callbacks ours = {
        .started = on_started, .words = on_words, .done = on_done, .snapshot = on_snapshot
    };
    struct arena arena;
    struct speech_plan plan = { .lapses = NULL };
    struct engine_request asked = ask->request;
    arena_init(&arena, PROMPT_ARENA);
    int rc = completion_messages(&arena, ask->who, ask->brief, &asked, err);
    if (ask->who)
        sampling_merge(&asked.sampling, &ask->who->sampling);
    if (!rc && ask->who && identify(&arena, c->home, ask, &asked, &plan))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the request");
    if (plan.lapses && asked.resume) { /* what is checked goes on from its words */
        asked.prefix = asked.resumed;
        asked.resume = asked.resumed = NULL;
    }
    asked.snapshot = asked.snapshot && !plan.lapses;
    if (!rc)
        rc = speech_start(c->home->engines, c->cost.model, &asked, &plan, &ours, c, &c->speech, err);
    arena_finish(&arena);
    return rc;
}

int completion_start(anima_home *home, const struct completion_ask *ask, const anima_completion_callbacks *callbacks,
                     void *ctx, anima_completion **out, anima_error *err)
{
    *out = NULL;
    const struct engine_request *request = &ask->request;
    if (!home->engines)
        return home_looked_at_only(err);
    const char *asked_for = request->n_messages ? request->messages[request->n_messages - 1].text : "";
    int rc = ask->who ? ledger_check(home, 0, &ask->who->pub, prompt_language(asked_for), err) : ANIMA_OK;
    if (rc)
        return rc;
    anima_completion *c = mem_zero(1, sizeof(*c));
    if (!c)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the request");
    *c = (anima_completion){ .home = home, .callbacks = callbacks, .ctx = ctx };
    snprintf(c->cost.conversation, sizeof(c->cost.conversation), "%s", ask->stream);
    snprintf(c->cost.character, sizeof(c->cost.character), "%s", ask->who ? ask->who->pub.id : "");
    snprintf(c->cost.model, sizeof(c->cost.model), "%s", ask->model);
    rc = begin(c, ask, err);
    if (rc) {
        mem_free(c);
        return rc;
    }
    idle_pause(home);
    c->next = home->completions;
    home->completions = c;
    *out = c;
    return ANIMA_OK;
}

int anima_complete(anima_home *home, const anima_completion_request *request,
                   const anima_completion_callbacks *callbacks, void *ctx, anima_completion **out, anima_error *err)
{
    *out = NULL;
    const struct character *who = cast_find(&home->cast, request->character);
    if (!who)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", request->character);
    struct adapter_use adapter = { .on = false };
    if (!request->grammar && !request->json_schema && request->logprobs < 0)
        adapters_choose(home, who, character_model(home, who), &adapter);
    const struct completion_ask ask = { .who = who,
                                        .model = character_model(home, who),
                                        .stream = "",
                                        .brief = adapters_brief(home, &adapter),
                                        .request = { .messages = request->messages,
                                                     .n_messages = request->n_messages,
                                                     .sampling = request->sampling,
                                                     .adapter = adapter.on ? adapter.file : NULL,
                                                     .adapter_scale = adapter.scale,
                                                     .grammar = request->grammar,
                                                     .json_schema = request->json_schema,
                                                     .logprobs = request->logprobs } };
    return completion_start(home, &ask, callbacks, ctx, out, err);
}

void completion_cancel(anima_completion *c) { speech_cancel(c->speech); }

void anima_completion_abandon(anima_completion *c)
{
    if (!c)
        return;
    speech_abandon(c->speech);
    if (c->started_us) {
        c->usage.decode_ms = (double)(clock_mono_us() - c->started_us) / 1000;
        book(c);
    }
    forget(c);
}

void completion_free_all(anima_home *home)
{
    while (home->completions)
        anima_completion_abandon(home->completions);
}
