#include "agent/speech.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <string.h>

#define MAX_REPLY (256u << 10)
#define MAX_REQUEST (16u << 20)
#define TRIES 5
#define MORE_CHANCE 0.12 /* temperature added with every try */
#define REMEMBERS 2      /* tries to answer with what is remembered: then it says that it is not */

struct speech {
    struct engine_set *engines;
    const anima_completion_callbacks *cb;
    void *ctx;
    struct arena arena; /* holds the request and the plan */
    const char *model;
    struct engine_request request;
    anima_chat_message *messages;
    const char *taken_back; /* the words that were wrong */
    const char *asked;      /* the last message as it was */
    struct speech_plan plan;
    struct engine_job *job;
    struct recalled_ground *ground; /* or NULL */
    struct buf text;                /* the whole reply, with what was there before */
    size_t heard;                   /* bytes of it that were passed on */
    size_t start;                   /* bytes that were there before */
    int tries;
    enum lapse lapse; /* why it is asked again once the engine has stopped */
    bool enough;      /* the plan's sentences are said */
    bool cancelled, started;
    struct meaning *meaning; /* or NULL */
    bool waiting;            /* a sentence is held until its meaning is known */
    const char *ended;       /* how the engine ended while a sentence was held; NULL: it goes on */
    bool calling, gone;      /* words are passed on; the owner let go of it meanwhile */
    anima_usage usage;       /* of the tries that ended */
};

static void on_started(void *ctx, const anima_usage *usage);
static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len);
static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message);
static void on_snapshot(void *ctx, const char *state, size_t n);
static void on_meaning(void *ctx);
static const anima_completion_callbacks ours = {
    .started = on_started, .words = on_words, .done = on_done, .snapshot = on_snapshot
};

/* ---- copying ---- */

static const char *keep(struct speech *s, const char *text, bool *failed)
{
    const char *copy = text ? arena_strdup(&s->arena, text) : NULL;
    *failed |= text && !copy;
    return copy;
}

static const char *const *keep_list(struct speech *s, const char *const *list, size_t n, bool *failed)
{
    const char **copy = arena_alloc(&s->arena, (n + 1) * sizeof(*copy));
    for (size_t i = 0; copy && i < n; i++)
        copy[i] = keep(s, list[i], failed);
    *failed |= !copy;
    return copy;
}

static int copy_all(struct speech *s, const char *model, const struct engine_request *request,
                    const struct speech_plan *plan)
{
    bool failed = false;
    size_t n = request->n_messages, resorts = 0;
    s->model = keep(s, model, &failed);
    s->request.messages = s->messages = arena_alloc(&s->arena, (n + 1) * sizeof(*s->messages));
    for (size_t i = 0; s->messages && i < n; i++)
        s->messages[i] = (anima_chat_message){ keep(s, request->messages[i].role, &failed),
                                               keep(s, request->messages[i].name, &failed),
                                               keep(s, request->messages[i].text, &failed) };
    s->asked = n && s->messages ? s->messages[n - 1].text : "";
    size_t stops = 0;
    while (request->sampling.stop && request->sampling.stop[stops])
        stops++;
    s->request.sampling.stop = stops ? keep_list(s, request->sampling.stop, stops, &failed) : NULL;
    s->request.grammar = keep(s, request->grammar, &failed);
    s->request.stream = keep(s, request->stream, &failed);
    s->request.json_schema = keep(s, request->json_schema, &failed);
    s->request.adapter = keep(s, request->adapter, &failed);
    while (plan->last_resort && plan->last_resort[resorts])
        resorts++;
    s->plan.rules.language = keep(s, plan->rules.language, &failed);
    s->plan.rules.asked = keep(s, plan->rules.asked, &failed);
    s->plan.rules.said = lapse_remember(&s->arena, plan->said, plan->n_said, NULL);
    failed |= !s->plan.rules.said;
    s->plan.rules.banned = keep_list(s, plan->rules.banned, plan->rules.n_banned, &failed);
    if (plan->past_asked.message)
        failed |= !(s->plan.rules.ground = s->ground = recalled_ground_create(plan->words, &plan->past_asked));
    s->plan.required = keep(s, plan->required, &failed);
    s->plan.opening = keep(s, plan->opening, &failed);
    s->plan.identity = keep(s, plan->identity, &failed);
    s->plan.last_resort = keep_list(s, plan->last_resort, resorts, &failed);
    return failed || !s->messages ? ANIMA_E_NOMEM : ANIMA_OK;
}

static void destroy(struct speech *s)
{
    meaning_end(s->meaning);
    recalled_ground_free(s->ground);
    buf_finish(&s->text);
    arena_finish(&s->arena);
    mem_free(s);
}

/* ---- asking ---- */

/* The last message with what the model is told after a lapse. */
static const char *with_hint(struct speech *s)
{
    const char *hint = lapse_hint(&s->arena, s->lapse, s->plan.rules.language, s->taken_back);
    if (lapse_is_claim(s->lapse) && s->plan.identity)
        return arena_printf(&s->arena, "(%s)\n%s", s->plan.identity, s->asked);
    if (!hint || !*hint)
        return hint ? s->asked : NULL;
    return arena_printf(&s->arena, "%s\n%s", s->asked, hint);
}

static int ask(struct speech *s, anima_error *err)
{
    struct engine_request *r = &s->request;
    if (s->tries && r->n_messages) {
        const char *text = with_hint(s);
        if (!text)
            return err_set(err, ANIMA_E_NOMEM, "out of memory for the request");
        s->messages[r->n_messages - 1].text = text;
        double base = r->sampling.temperature == ANIMA_UNSET ? 0.7 : r->sampling.temperature;
        r->sampling.temperature = base + MORE_CHANCE > 1.2 ? 1.2 : base + MORE_CHANCE;
        if (r->sampling.seed >= 0)
            r->sampling.seed = (r->sampling.seed & 0x7FFFFFFF) + 1;
    }
    if (!s->text.len && s->plan.opening && buf_puts(&s->text, s->plan.opening))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the reply");
    r->prefix = s->text.len ? buf_str(&s->text) : NULL;
    s->lapse = LAPSE_NONE;
    s->ended = NULL;
    s->waiting = false;
    meaning_again(s->meaning);
    return engine_generate(s->engines, s->model, r, &ours, s, &s->job, err);
}

int speech_start(struct engine_set *engines, const char *model, const struct engine_request *request,
                 const struct speech_plan *plan, const anima_completion_callbacks *cb, void *ctx, struct speech **out,
                 anima_error *err)
{
    struct speech *s = *out = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the reply");
    s->engines = engines;
    s->cb = cb;
    s->ctx = ctx;
    arena_init(&s->arena, MAX_REQUEST);
    buf_init(&s->text, MAX_REPLY);
    s->model = model;
    s->request = *request;
    s->plan = *plan;
    s->usage = plan->used;
    /* What is not checked is asked for once, and the engine keeps its own copy. */
    int rc = plan->lapses ? copy_all(s, model, request, plan) : ANIMA_OK;
    if (!rc && buf_puts(&s->text, request->prefix ? request->prefix : ""))
        rc = ANIMA_E_NOMEM;
    if (rc)
        err_set(err, rc, "out of memory for the reply");
    s->heard = s->start = s->text.len;
    rc = rc ? rc : ask(s, err);
    if (rc) {
        destroy(s);
        *out = NULL;
        return rc;
    }
    if (plan->meanings) /* behind the request, so that the engine that talks is asked first */
        s->meaning = meaning_begin(plan->meanings, &plan->past, on_meaning, s);
    return rc;
}

void speech_heed(struct speech *s, const char *text, size_t n)
{
    const char *said = s->plan.rules.said ? arena_strndup(&s->arena, text, n) : NULL;
    const struct lapse_said *all = said ? lapse_remember(&s->arena, &said, 1, s->plan.rules.said) : NULL;
    if (all)
        s->plan.rules.said = all;
}

void speech_cancel(struct speech *s)
{
    s->cancelled = true;
    if (s->job)
        engine_cancel(s->job);
    else if (s->meaning)
        meaning_hurry(s->meaning); /* only the last sentence is still held */
}

void speech_abandon(struct speech *s)
{
    if (!s)
        return;
    engine_abandon(s->job);
    s->job = NULL;
    s->gone = true;
    if (!s->calling)
        destroy(s);
}

/* ---- hearing ---- */

static void on_started(void *ctx, const anima_usage *usage)
{
    struct speech *s = ctx;
    if (!s->started && s->cb->started)
        s->cb->started(s->ctx, usage);
    s->started = true;
}

/* What is checked may be taken back: its sampler's state is not the reply's. */
static void on_snapshot(void *ctx, const char *state, size_t n)
{
    struct speech *s = ctx;
    if (!s->plan.lapses && s->cb->snapshot)
        s->cb->snapshot(s->ctx, state, n);
}

/* Where the plan's sentences end in the first n bytes; n if there are not so many. */
static size_t first_sentences(const struct speech *s, size_t n, bool *enough)
{
    size_t at = 0, len = 0;
    int count = 0;
    for (; s->plan.sentences && count < s->plan.sentences; at += len, count++)
        if (!(len = phrase_sentence(s->text.data + at, n - at, false)))
            break;
    *enough = s->plan.sentences && count == s->plan.sentences;
    return *enough ? at : n;
}

/* A reply that must be short is heard when it is known to be. */
static bool too_long(const struct speech *s, size_t n)
{
    struct phrase p;
    if (!s->plan.letters)
        return false;
    phrase_read(&p, s->text.data, n);
    return p.n >= s->plan.letters;
}

/* Ends a reply that is too long behind its last clause that is short enough. False: there is none. */
static bool shorten(struct speech *s)
{
    const char *opening = s->plan.opening ? s->plan.opening : "";
    size_t from = strncmp(s->text.data, opening, strlen(opening)) == 0 ? strlen(opening) : 0, end = 0;
    for (size_t at = from; at < s->text.len && !too_long(s, at); at++)
        if (s->text.data[at] == ',' || strncmp(s->text.data + at, "，", 3) == 0)
            end = at > from ? at : end;
    if (!end)
        return false;
    bool zh = s->text.data[end] != ',';
    s->text.len = end;
    s->text.data[end] = '\0';
    return !buf_puts(&s->text, zh ? "。" : ".");
}

/* Gives words to the owner, who may let go of it then: false, and s is gone. */
static bool say(struct speech *s, const char *text, size_t n)
{
    s->calling = true;
    s->cb->words(s->ctx, text, n, NULL, 0);
    s->calling = false;
    if (!s->gone)
        return true;
    destroy(s);
    return false;
}

/* How many of the first upto bytes may be heard as far as their meaning goes. A sentence of which most was heard cannot be taken
 * back any more, so it passes. */
static size_t check_meaning(struct speech *s, size_t from, size_t upto, bool final)
{
    size_t n = s->text.len;
    s->waiting = false;
    for (size_t at = 0, len; s->meaning && at < upto; at += len) {
        len = phrase_sentence(s->text.data + at, n - at, final);
        bool whole = len > 0;
        len = whole ? len : n - at;
        size_t heard = from > at ? from - at : 0;
        if (heard >= len || (whole && heard * 3 > len * 2))
            continue;
        enum meaning_verdict verdict = meaning_look(s->meaning, at, s->text.data + at, len, heard, whole);
        if (verdict == MEANING_NEW)
            continue;
        s->waiting = verdict == MEANING_UNKNOWN;
        if (s->waiting) /* a lapse behind it is found again then */
            s->lapse = LAPSE_NONE;
        else if (verdict == MEANING_SAME)
            s->lapse = LAPSE_REPEAT;
        return at > from ? at : from;
    }
    return upto;
}

/* Passes on what may be heard; finds out whether the rest has to be said otherwise, or is not needed any more. False: s is gone. */
static bool pass_on(struct speech *s, bool final)
{
    size_t from = s->heard, upto = s->text.len;
    if (!upto)
        return true;
    if (!s->plan.unchecked)
        upto = lapse_check(s->plan.lapses, &s->plan.rules, s->text.data, upto, from, final, &s->lapse);
    upto = check_meaning(s, from, upto, final);
    size_t wanted = first_sentences(s, upto, &s->enough);
    upto = wanted < from ? from : wanted;
    s->lapse = s->enough ? LAPSE_NONE : s->lapse;
    s->waiting = s->waiting && !s->enough; /* what is held stands behind all that is said */
    if (!s->lapse && too_long(s, s->enough ? upto : s->text.len)) {
        s->enough = shorten(s);
        s->lapse = s->enough ? LAPSE_NONE : LAPSE_REPEAT;
        upto = s->text.len;
    }
    if (s->plan.letters && !(s->enough || final))
        upto = from;
    if (s->lapse && s->plan.letters)
        upto = from;
    while (upto > from && s->text.data[upto - 1] == ' ')
        upto--; /* a space is heard with the word behind it, if one comes */
    s->heard = upto;
    return upto == from || say(s, s->text.data + from, upto - from);
}

/* "!" and "！" in the new words, from byte at on. */
static void calm_down(struct speech *s, size_t at)
{
    for (char *p = s->text.data + at; *p; p++)
        if (*p == '!')
            *p = '.';
        else if (strncmp(p, "！", 3) == 0)
            memcpy(p, "。", 3);
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    struct speech *s = ctx;
    if (!s->plan.lapses) {
        s->cb->words(s->ctx, text, n, logprobs, logprobs_len);
        return;
    }
    if (s->cancelled || s->lapse || s->enough)
        return; /* the engine is stopping */
    bool full = buf_append(&s->text, text, n);
    if (!full && s->plan.no_exclamation)
        calm_down(s, s->text.len - n);
    if (full || (pass_on(s, false) && (s->lapse || s->enough)))
        engine_cancel(s->job);
}

/* ---- ending ---- */

/* again: the same was asked before. */
static void add_usage(anima_usage *sum, const anima_usage *one, bool again)
{
    if (!one)
        return;
    anima_usage before = *sum;
    *sum = *one;
    sum->prompt_tokens = before.prompt_tokens + one->prompt_tokens - (again ? one->cached_tokens : 0);
    sum->cached_tokens = before.cached_tokens + (again ? 0 : one->cached_tokens);
    sum->completion_tokens += before.completion_tokens;
    sum->prefill_ms += before.prefill_ms;
    sum->decode_ms += before.decode_ms;
    sum->restarts += before.restarts;
}

static void end(struct speech *s, int code, const char *finish, const char *message)
{
    const anima_completion_callbacks *cb = s->cb;
    void *user = s->ctx;
    anima_usage usage = s->usage;
    destroy(s);
    cb->done(user, code, finish, &usage, message);
}

/* The last word is the one that was asked for. */
static void end_well(struct speech *s, const char *finish)
{
    const char *word = s->plan.required;
    if (s->text.len) /* what was not heard is not said */
        s->text.data[s->text.len = s->heard] = '\0';
    if (!word || !s->text.len || strcasestr(s->text.data, word) || (say(s, " ", 1) && say(s, word, strlen(word))))
        end(s, ANIMA_OK, finish, NULL);
}

/* Whether what was heard can stand alone, because it ends with a sentence: then a lapse behind it just ends the reply. */
static bool said_something(const struct speech *s)
{
    static const char *const ends[] = { ".", "!", "?", "。", "！", "？", "…", "”", "」", "~", "～" };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t n = strlen(ends[i]);
        if (s->heard >= s->start + n && memcmp(s->text.data + s->heard - n, ends[i], n) == 0)
            return true;
    }
    return false;
}

/* Whatever was not heard is not said; a reply with nothing in it gets the first last resort that was not said before. */
static void give_up(struct speech *s)
{
    const char *const *resort = s->plan.last_resort;
    enum lapse why;
    log_info("agent", "a reply is cut short: %s", lapse_name(s->lapse));
    if (s->heard > s->start || !resort[0]) {
        if (said_something(s) || say(s, "…", strlen("…")))
            end_well(s, "stop");
        return;
    }
    while (resort[1] && lapse_check(s->plan.lapses, &s->plan.rules, *resort, strlen(*resort), 0, true, &why) == 0)
        resort++;
    if (say(s, *resort, strlen(*resort)))
        end(s, ANIMA_OK, "stop", NULL);
}

static void say_again(struct speech *s)
{
    anima_error err;
    if (s->cancelled) { /* by whoever heard the words before it */
        end(s, ANIMA_E_CANCELLED, "cancelled", NULL);
        return;
    }
    log_debug("agent", "taken back (%s): %s", lapse_name(s->lapse), s->text.data + s->heard);
    if (said_something(s) || ++s->tries == TRIES || (s->lapse == LAPSE_INVENTED && s->tries == REMEMBERS)) {
        give_up(s);
        return;
    }
    bool nothing = s->heard == s->start;
    if (s->tries == TRIES - 1 && nothing &&
        !s->plan.insist) { /* better a clumsy word than none, but never a false one */
        s->plan.rules.plain = false;
        s->plan.rules.said = NULL;
        s->plan.rules.asked = NULL;
        meaning_end(s->meaning);
        s->meaning = NULL;
    }
    const char *wrong = arena_strdup(&s->arena, s->text.data + s->heard);
    s->taken_back = wrong ? wrong : "";
    s->text.len = s->heard;
    s->text.data[s->heard] = '\0';
    if (ask(s, &err))
        end(s, err.code, "error", err.message);
}

static void conclude(struct speech *s, const char *finish)
{
    if (s->lapse)
        say_again(s);
    else
        end_well(s, finish);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    struct speech *s = ctx;
    s->job = NULL;
    add_usage(&s->usage, usage, s->tries > 0);
    bool by_us = (s->lapse || s->enough) && code == ANIMA_E_CANCELLED;
    bool length = !by_us && strcmp(finish ? finish : "", "length") == 0;
    if (s->text.failed) {
        end(s, s->text.failed, "error", "the reply grew too long");
    } else if (s->cancelled || (code && !by_us)) {
        end(s, s->cancelled ? ANIMA_E_CANCELLED : code, finish, message);
    } else {
        if (s->plan.lapses && !s->lapse && !s->enough && !pass_on(s, true))
            return;
        if (s->waiting)
            s->ended = length ? "length" : "stop";
        else
            conclude(s, length ? "length" : "stop");
    }
}

/* What a held sentence means is known, or will not be. */
static void on_meaning(void *ctx)
{
    struct speech *s = ctx;
    if (s->cancelled && s->ended) {
        end(s, ANIMA_E_CANCELLED, "cancelled", NULL);
        return;
    }
    if (s->cancelled || s->lapse || s->enough)
        return; /* the engine is stopping */
    if (!pass_on(s, s->ended != NULL))
        return;
    if (s->ended && !s->waiting)
        conclude(s, s->ended);
    else if (!s->ended && (s->lapse || s->enough))
        engine_cancel(s->job);
}
