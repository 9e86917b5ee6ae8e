/* meaning.c — see meaning.h; why these numbers: docs/mind.md.
 *
 * Words are not kept waiting for their meaning. While a sentence comes, its beginning is looked at every few letters, one
 * look at a time; only if it is near something said before, the rest is held until the sentence has ended and can be judged.
 * Words of which so many come at once that they are half a sentence wait for their look.
 * Vectors of the past are computed while the engine reads the prompt, a few at a time, newest first. */
#include "agent/meaning.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "loop/frame.h"
#include "mind/phrase.h"

#include <string.h>

#define KEPT 1024         /* vectors of a home: 1.5 MB */
#define SENTENCES 48      /* of the past of one reply */
#define AT_ONCE 8         /* sentences of the past in one request */
#define PAUSE_US 60000000 /* after the model failed */
#define PAST_ARENA (1u << 20)

/* Cosines that mean the same, that could come to mean the same, and of two messages that ask the same; sentences with fewer
 * letters ("Me too.") may come again. step: letters after which a sentence is looked at again. */
struct limits {
    double same, near, asked;
    size_t letters, step;
};
static const struct limits english = { 0.920, 0.88, 0.90, 18, 10 }, chinese = { 0.935, 0.91, 0.92, 9, 4 };

struct kept {
    uint64_t hash; /* of the text; 0: free */
    uint64_t used; /* the oldest makes room */
    float *vector;
};

struct meanings {
    struct loop *loop;
    struct engine_set *engines;
    char *model;
    int64_t patience_ms;
    size_t dim;
    struct kept kept[KEPT];
    uint64_t uses;
    int64_t not_before_us; /* it failed: no use to ask before */
    bool told;             /* that it is missing */
};

/* A sentence, or a message, of the past. */
struct past {
    const char *text;
    uint64_t hash;
    float *vector; /* NULL: not known yet */
};

/* What is known of a sentence of this reply. */
struct look {
    uint64_t hash;      /* of the text that was looked at; 0: none yet */
    size_t at, letters; /* where it begins; how many letters of it were looked at */
    size_t judged;      /* … and of how many the likeness is known */
    bool known;
    double likeness; /* the largest cosine with a sentence of the past */
};

struct meaning {
    struct meanings *all;
    struct arena arena;
    struct past said[SENTENCES], asked[MEANING_REPLIES], question;
    size_t n_said, n_asked;
    struct past *reading[AT_ONCE]; /* whose vectors are under way */
    size_t n_reading;
    struct engine_job *past_job, *look_job;
    struct look begun, ended; /* of the sentence under way; of one that has ended */
    struct look *looking;     /* which of them look_job is about */
    struct loop_timer *timer;
    bool waiting; /* somebody waits for a look; the timer runs */
    bool off;     /* too slow, out of order, or asked before: everything is new */
    void (*changed)(void *ctx);
    void *ctx;
};

/* ---- vectors ---- */

static uint64_t hash_of(const char *text, size_t n)
{
    uint64_t h = hash_bytes(text, n);
    return h ? h : 1;
}

static struct kept *find_kept(struct meanings *all, uint64_t hash)
{
    for (size_t i = 0; i < KEPT; i++)
        if (all->kept[i].hash == hash) {
            all->kept[i].used = ++all->uses;
            return &all->kept[i];
        }
    return NULL;
}

static void keep(struct meanings *all, uint64_t hash, const float *vector)
{
    struct kept *oldest = &all->kept[0];
    if (find_kept(all, hash))
        return;
    for (size_t i = 1; i < KEPT; i++)
        if (all->kept[i].used < oldest->used)
            oldest = &all->kept[i];
    if (!oldest->vector)
        oldest->vector = mem_alloc(all->dim * sizeof(*vector));
    if (!oldest->vector)
        return;
    memcpy(oldest->vector, vector, all->dim * sizeof(*vector));
    oldest->hash = hash;
    oldest->used = ++all->uses;
}

/* All vectors of a home have the same dimension; an engine that gives others is broken. */
static bool same_dim(struct meanings *all, size_t dim)
{
    if (!all->dim)
        all->dim = dim;
    return all->dim == dim;
}

static double cosine(const float *a, const float *b, size_t dim)
{
    float sum = 0;
    for (size_t i = 0; i < dim; i++)
        sum += a[i] * b[i];
    return (double)sum;
}

static void remember(struct meaning *m, struct past *p, const float *vector)
{
    if (!p->vector)
        p->vector = arena_alloc(&m->arena, m->all->dim * sizeof(*vector));
    if (p->vector)
        memcpy(p->vector, vector, m->all->dim * sizeof(*vector));
}

/* ---- the home's ---- */

int meanings_create(struct loop *loop, struct engine_set *engines, const char *model, int64_t patience_ms,
                    struct meanings **out, anima_error *err)
{
    *out = NULL;
    if (!*model)
        return ANIMA_OK;
    struct meanings *all = mem_zero(1, sizeof(*all));
    if (!all || !(all->model = mem_strdup(model))) {
        mem_free(all);
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    all->loop = loop;
    all->engines = engines;
    all->patience_ms = patience_ms;
    *out = all;
    return ANIMA_OK;
}

void meanings_destroy(struct meanings *all)
{
    if (!all)
        return;
    for (size_t i = 0; i < KEPT; i++)
        mem_free(all->kept[i].vector);
    mem_free(all->model);
    mem_free(all);
}

/* ---- asking ---- */

static void give_up(struct meaning *m, int code, const char *why)
{
    struct meanings *all = m->all;
    m->off = true;
    if (code)
        all->not_before_us = clock_mono_us() + PAUSE_US;
    if (!all->told || !code)
        log_debug("agent", "what this reply means is not looked at: %s", why);
    all->told |= code != ANIMA_OK;
}

static int ask(struct meaning *m, const char *const *texts, size_t n, engine_vectors_cb *cb, struct engine_job **out)
{
    anima_error err;
    int rc = engine_embed(m->all->engines, m->all->model, true, texts, n, cb, m, out, &err);
    if (rc)
        give_up(m, rc, err.message);
    return rc;
}

static const struct limits *limits_of(const struct phrase *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->letters[i] >= 0x3400 && p->letters[i] <= 0x9FFF)
            return &chinese;
    return &english;
}

/* ---- the past ---- */

static void read_past(struct meaning *m);

/* Whether this was asked before in other words; then nobody minds the same answer. */
static bool was_asked(const struct meaning *m)
{
    struct phrase p;
    phrase_read(&p, m->question.text, strlen(m->question.text));
    for (size_t i = 0; i < m->n_asked && m->question.vector; i++)
        if (m->asked[i].vector && cosine(m->question.vector, m->asked[i].vector, m->all->dim) >= limits_of(&p)->asked)
            return true;
    return false;
}

static void take_past(struct meaning *m, const float *vectors, size_t n, size_t dim)
{
    for (size_t i = 0; i < n && i < m->n_reading; i++) {
        keep(m->all, m->reading[i]->hash, vectors + i * dim);
        remember(m, m->reading[i], vectors + i * dim);
    }
    if (was_asked(m))
        give_up(m, ANIMA_OK, "it was asked before");
    read_past(m);
}

static void on_past(void *ctx, int code, const float *vectors, size_t n, size_t dim, const char *message)
{
    struct meaning *m = ctx;
    m->past_job = NULL;
    if (!code && !same_dim(m->all, dim))
        code = ANIMA_E_ENGINE;
    if (code)
        give_up(m, code, message);
    else
        take_past(m, vectors, n, dim);
    if (m->waiting && !m->past_job && !m->look_job)
        m->changed(m->ctx); /* may end m */
}

static void want(struct meaning *m, struct past *p)
{
    const struct kept *kept = p->vector || !p->text ? NULL : find_kept(m->all, p->hash);
    if (kept)
        remember(m, p, kept->vector);
    if (p->text && !p->vector && m->n_reading < AT_ONCE)
        m->reading[m->n_reading++] = p;
}

/* Asks for the next vectors that are missing: first of what was asked, because that decides about the rest. */
static void read_past(struct meaning *m)
{
    const char *texts[AT_ONCE];
    m->n_reading = 0;
    want(m, &m->question);
    for (size_t i = 0; i < m->n_asked; i++)
        want(m, &m->asked[i]);
    for (size_t i = 0; i < m->n_said; i++)
        want(m, &m->said[i]);
    for (size_t i = 0; i < m->n_reading; i++)
        texts[i] = m->reading[i]->text;
    if (m->n_reading && !m->off)
        ask(m, texts, m->n_reading, on_past, &m->past_job);
}

static void add_past(struct meaning *m, struct past *list, size_t *n, size_t max, const char *text, size_t len)
{
    const char *copy = len && *n < max ? arena_strndup(&m->arena, text, len) : NULL;
    if (copy)
        list[(*n)++] = (struct past){ copy, hash_of(text, len), NULL };
}

/* A sentence without the blanks behind it. */
static size_t trimmed(const char *text, size_t n)
{
    while (n && strchr(" \n\r\t", text[n - 1]))
        n--;
    return n;
}

static void add_reply(struct meaning *m, const char *text)
{
    size_t n = strlen(text);
    for (size_t at = 0, len; at < n && (len = phrase_sentence(text + at, n - at, true)); at += len) {
        struct phrase p;
        size_t bytes = trimmed(text + at, len);
        phrase_read(&p, text + at, bytes);
        if (p.n >= limits_of(&p)->letters)
            add_past(m, m->said, &m->n_said, SENTENCES, text + at, bytes);
    }
}

/* ---- a sentence of this reply ---- */

static void on_timer(void *ctx)
{
    struct meaning *m = ctx;
    m->waiting = false;
    engine_abandon(m->look_job);
    m->look_job = NULL;
    give_up(m, ANIMA_OK, "its vector is not there in time");
    m->changed(m->ctx); /* may end m */
}

static void stop_waiting(struct meaning *m)
{
    m->waiting = false;
    loop_timer_stop(m->timer);
}

static enum meaning_verdict wait_for_look(struct meaning *m)
{
    if (!m->waiting)
        loop_timer_start(m->timer, m->all->patience_ms);
    m->waiting = true;
    return MEANING_UNKNOWN;
}

static void compare(const struct meaning *m, struct look *look, const float *vector)
{
    look->known = true;
    look->judged = look->letters;
    look->likeness = 0;
    for (size_t i = 0; i < m->n_said; i++) {
        double c = m->said[i].vector ? cosine(vector, m->said[i].vector, m->all->dim) : 0;
        look->likeness = c > look->likeness ? c : look->likeness;
    }
}

static void on_look(void *ctx, int code, const float *vectors, size_t n, size_t dim, const char *message)
{
    struct meaning *m = ctx;
    m->look_job = NULL;
    stop_waiting(m);
    if (code || n != 1 || !same_dim(m->all, dim)) {
        give_up(m, code ? code : ANIMA_E_ENGINE, message);
    } else {
        if (m->looking == &m->ended)
            keep(m->all, m->ended.hash, vectors);
        compare(m, m->looking, vectors);
    }
    m->changed(m->ctx); /* may end m */
}

static bool look_at(struct meaning *m, struct look *look, const char *text, size_t n)
{
    char copy[FRAME_MAX_TEXT + 1];
    const char *texts[] = { copy };
    if (n > FRAME_MAX_TEXT)
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    engine_abandon(m->look_job);
    m->look_job = NULL;
    m->looking = look;
    return !ask(m, texts, 1, on_look, &m->look_job);
}

static enum meaning_verdict judge_ended(struct meaning *m, const struct limits *limits, const char *text, size_t n)
{
    uint64_t hash = hash_of(text, n);
    if (m->past_job)
        return wait_for_look(m); /* there is nothing to compare with yet */
    if (m->ended.hash != hash) {
        const struct kept *kept = find_kept(m->all, hash);
        m->ended = (struct look){ .hash = hash };
        if (kept)
            compare(m, &m->ended, kept->vector);
        else if (!look_at(m, &m->ended, text, n))
            return MEANING_NEW;
    }
    if (!m->ended.known)
        return wait_for_look(m);
    return m->ended.likeness >= limits->same ? MEANING_SAME : MEANING_NEW;
}

/* unheard: letters. */
static enum meaning_verdict judge_begun(struct meaning *m, const struct limits *limits, const char *text, size_t n,
                                        size_t letters, size_t unheard)
{
    if (!m->past_job && !m->look_job && letters >= m->begun.letters + limits->step) {
        m->begun.letters = letters;
        if (!look_at(m, &m->begun, text, n))
            return MEANING_NEW;
    }
    if (m->begun.known && m->begun.likeness >= limits->near)
        return MEANING_NEAR;
    return unheard >= limits->letters && letters >= m->begun.judged + limits->letters ? wait_for_look(m) : MEANING_NEW;
}

static enum meaning_verdict judge(struct meaning *m, size_t at, const char *text, size_t n, size_t heard, bool whole)
{
    struct phrase p, rest;
    n = trimmed(text, n);
    phrase_read(&p, text, n);
    const struct limits *limits = limits_of(&p);
    if (whole)
        return p.n >= limits->letters ? judge_ended(m, limits, text, n) : MEANING_NEW;
    if (p.n == PHRASE_MAX)
        return MEANING_NEW;
    if (m->begun.at != at || !m->begun.hash)
        m->begun = (struct look){ .hash = 1, .at = at };
    heard = heard < n ? heard : n;
    phrase_read(&rest, text + heard, n - heard);
    return judge_begun(m, limits, text, n, p.n, rest.n);
}

enum meaning_verdict meaning_look(struct meaning *m, size_t at, const char *text, size_t n, size_t heard, bool whole)
{
    if (!m || m->off)
        return MEANING_NEW;
    enum meaning_verdict verdict = judge(m, at, text, n, heard, whole);
    if (verdict != MEANING_UNKNOWN)
        stop_waiting(m);
    return verdict;
}

void meaning_again(struct meaning *m)
{
    if (!m)
        return;
    engine_abandon(m->look_job);
    m->look_job = NULL;
    stop_waiting(m);
    m->begun = m->ended = (struct look){ 0 };
}

void meaning_hurry(struct meaning *m)
{
    m->off = true;
    loop_timer_start(m->timer, 0);
}

/* ---- a reply ---- */

struct meaning *meaning_begin(struct meanings *all, const struct meaning_past *past, void (*changed)(void *ctx),
                              void *ctx)
{
    if (!all || !past->n_replies || clock_mono_us() < all->not_before_us)
        return NULL;
    struct meaning *m = mem_zero(1, sizeof(*m));
    if (!m || loop_timer_create(all->loop, on_timer, m, &m->timer, NULL)) {
        mem_free(m);
        return NULL;
    }
    arena_init(&m->arena, PAST_ARENA);
    m->all = all;
    m->changed = changed;
    m->ctx = ctx;
    for (size_t i = 0; i < past->n_replies && i < MEANING_REPLIES; i++)
        add_reply(m, past->replies[i]);
    for (size_t i = 0; i < past->n_messages; i++)
        add_past(m, m->asked, &m->n_asked, MEANING_REPLIES, past->messages[i], strlen(past->messages[i]));
    size_t none = 0;
    add_past(m, &m->question, &none, 1, past->message, strlen(past->message));
    if (m->n_said && m->question.text)
        read_past(m);
    else
        m->off = true;
    if (was_asked(m))
        m->off = true;
    if (!m->off)
        return m;
    meaning_end(m);
    return NULL;
}

void meaning_end(struct meaning *m)
{
    if (!m)
        return;
    engine_abandon(m->past_job);
    engine_abandon(m->look_job);
    loop_timer_destroy(m->timer);
    arena_finish(&m->arena);
    mem_free(m);
}
